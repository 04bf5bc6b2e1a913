"""Statements that are not what they should be: of another kind, by another party, by no person, about nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    CONSENT,
    NOTE,
    SIGNATURE,
    Acknowledgement,
    AgreementSignature,
    Assurance,
    Consent,
    Note,
    NoteSubject,
)
from gsomia.exchange import DeliveryStage, Stage
from gsomia.flows import dispatch
from gsomia.flows.acts import previous_act
from gsomia.flows.consents import grant_consent
from gsomia.flows.decide import ask_onward, verify_consent
from gsomia.flows.desk import shared_log
from gsomia.flows.hear import HEARD
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import ConsentRecord, RefusalRecord
from gsomia.flows.standing import get_agreement
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Validity
from gsomia.parties import DESCRIPTOR, Office, SignatureError, say_act, sign_act, sign_statement
from gsomia.policy import Verdict
from gsomia.registry import RECEIPT, CustodyEvent, ItemRecord, RegistrarReceipt
from gsomia.storage import KINDS
from gsomia.transport import PartnerRefusedError
from simulation.forge import agreement_digest
from simulation.world import JPN, KOR, KR_JP, PURPOSE, UNTIL, USA, SimNode, World, hand, world_in_force

Make = Callable[[World], bytes]


def said(world: World, by: PartyCode, body: Any, kind: str, *, office: Office | None = None) -> bytes:
    """A statement with both valid signatures, by an office for its kind unless another is named."""
    signer = world[by].identity.keys.statement
    acting = office or (min(HEARD[kind][2]) if kind in HEARD else Office.LIAISON_OFFICER)
    return say_act(body, kind=kind, hand=hand(by, "somebody", acting), signer=signer).envelope


def records(world: World, at: PartyCode) -> dict[str, int]:
    return {kind.__name__: world[at].count(kind) for kind in KINDS if kind is not RefusalRecord}


def refused(world: World, sender: PartyCode, to: PartyCode, body: bytes) -> str:
    """The code of a refusal that must be recorded and change nothing."""
    before = records(world, to)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[sender, to].statement(body)
    assert records(world, to) == before
    assert world[to].every(RefusalRecord)[-1].code == raised.value.code
    assert world[to].problems() == []
    return raised.value.code


def last_act(node: SimNode, to: PartyCode) -> HexDigest | None:
    """The digest that a node's next act names."""

    def read(tx: Tx) -> HexDigest | None:
        return previous_act(tx, node.desk, get_agreement(tx, KR_JP, digest=None), to)

    return node.memory.run(read)


def a_note(world: World, **changes: Any) -> Note:
    note = Note(
        number="JP-NV-2026-0001",
        instrument=KR_JP,
        agreement=agreement_digest(world[KOR]),
        party=JPN,
        to=KOR,
        subject=NoteSubject.COMPLETION,
        authority=None,
        names=(),
        words=None,
        position=None,
        levels=False,
        previous=last_act(world[JPN], KOR),
        sent=world[JPN].clock(),
    )
    return replace(note, **changes)


def an_assurance(world: World, **changes: Any) -> Assurance:
    assurance = Assurance(
        instrument=KR_JP,
        agreement=agreement_digest(world[KOR]),
        party=JPN,
        to=KOR,
        authority="jpn-mod",
        persons=3,
        level="JPN-2-TOKUTEI",
        purpose=PURPOSE,
        official_purpose=True,
        equivalent_protection=True,
        valid=Validity(start=world[JPN].clock(), until=UNTIL),
    )
    return replace(assurance, **changes)


def a_receipt(world: World, **changes: Any) -> RegistrarReceipt:
    released = world.send(b"image")
    receipt = RegistrarReceipt(
        item=released.item,
        instrument=KR_JP,
        consignment=released.delivery.consignment,
        manifest=released.delivery.manifest,
        party=JPN,
        to=KOR,
        seals_intact=True,
        at=world[JPN].clock(),
    )
    return replace(receipt, **changes)


def unsigned_by_a_person(world: World) -> bytes:
    act = sign_act(a_note(world), kind=NOTE, hand=hand(JPN, "somebody", Office.LIAISON_OFFICER))
    false = replace(act, by=replace(act.by, signature=bytes(64)))
    return sign_statement(false, kind=NOTE, signer=world[JPN].identity.keys.statement).envelope


def signed_for_another_kind(world: World) -> bytes:
    act = sign_act(a_note(world), kind=SIGNATURE, hand=hand(JPN, "somebody", Office.LIAISON_OFFICER))
    return sign_statement(act, kind=NOTE, signer=world[JPN].identity.keys.statement).envelope


def with_one_signature(world: World) -> bytes:
    envelope = canon.decode_any(said(world, JPN, a_note(world), NOTE))
    return canon.encode({**envelope, "signatures": envelope["signatures"][:1]})


def a_signature(world: World, party: PartyCode) -> AgreementSignature:
    return AgreementSignature(
        instrument=KR_JP, agreement=agreement_digest(world[KOR]), party=party, at=world[JPN].clock()
    )


def an_acknowledgement(world: World) -> Acknowledgement:
    return Acknowledgement(assurance=canon.digest("none"), instrument=KR_JP, party=JPN, to=KOR, at=world[JPN].clock())


CASES: dict[str, tuple[Make, str]] = {
    "a-descriptor": (
        lambda w: (
            sign_statement(w[JPN].identity.descriptor, kind=DESCRIPTOR, signer=w[JPN].identity.keys.statement).envelope
        ),
        "parties/type-not-taken",
    ),
    "no-persons-signature": (unsigned_by_a_person, "parties/person-signature-false"),
    "a-persons-signature-of-another-kind": (signed_for_another_kind, "parties/person-signature-false"),
    "by-the-recipient-itself": (lambda w: said(w, KOR, a_note(w), NOTE), "parties/signatures-not-as-required"),
    "by-a-third-party": (lambda w: said(w, USA, a_note(w), NOTE), "parties/signatures-not-as-required"),
    "a-note-in-anothers-name": (
        lambda w: said(w, JPN, a_note(w, party=USA), NOTE),
        "agreements/not-addressed",
    ),
    "a-note-to-another": (lambda w: said(w, JPN, a_note(w, to=USA), NOTE), "agreements/not-addressed"),
    "a-note-about-an-unknown-text": (
        lambda w: said(w, JPN, a_note(w, agreement=canon.digest("x")), NOTE),
        "agreements/unknown-text",
    ),
    "a-naming-note-of-another-number": (
        lambda w: said(w, JPN, a_note(w, subject=NoteSubject.AUTHORITY_NAMED, authority="jpn-mod"), NOTE),
        "agreements/note-does-not-name",
    ),
    "a-signature-for-us": (lambda w: said(w, JPN, a_signature(w, KOR), SIGNATURE), "agreements/not-a-party"),
    "an-assurance-by-an-unnamed-body": (
        lambda w: said(w, JPN, an_assurance(w, authority="jpn-meti"), ASSURANCE),
        "agreements/authority-not-named",
    ),
    "an-assurance-by-an-authority-of-ours": (
        lambda w: said(w, JPN, an_assurance(w, authority="kor-mnd"), ASSURANCE),
        "agreements/authority-not-named",
    ),
    "an-assurance-to-another": (
        lambda w: said(w, JPN, an_assurance(w, to=USA), ASSURANCE),
        "agreements/not-addressed",
    ),
    "an-acknowledgement-of-nothing": (
        lambda w: said(w, JPN, an_acknowledgement(w), ACKNOWLEDGEMENT),
        "agreements/unknown-assurance",
    ),
    "a-receipt-for-another-item": (
        lambda w: said(w, JPN, a_receipt(w, item=w[KOR].register(b"x").id), RECEIPT),
        "exchange/receipt-of-another",
    ),
    "a-receipt-for-no-delivery": (
        lambda w: said(w, JPN, a_receipt(w, consignment="csg_" + "a" * 26), RECEIPT),
        "exchange/receipt-of-another",
    ),
    "one-signature-only": (with_one_signature, "parties/signatures-not-as-required"),
    "no-statement": (lambda _: b"{}", "canon/not-canonical"),
}


@pytest.mark.source("DESIGN-4", "G2-5", "G7-5", "F-25", "T12", "G12-5", "STYLE-3.6")
@pytest.mark.parametrize(("make", "code"), CASES.values(), ids=CASES.keys())
def test_a_statement_is_refused_recorded_and_changes_nothing(make: Make, code: str) -> None:
    world = world_in_force(USA)
    body = make(world)
    assert refused(world, JPN, KOR, body).partition("/")[0] == code.partition("/")[0]


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("position", range(0, 3000, 211))
def test_a_statement_with_one_bit_turned_is_refused(position: int) -> None:
    world = world_in_force()
    body = said(world, JPN, a_note(world), NOTE)
    flipped = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
    refused(world, JPN, KOR, flipped)


@pytest.mark.source("G6-1", "G12-5", "A-08")
def test_a_third_partys_receipt_moves_no_delivery() -> None:
    world = world_in_force(USA)
    receipt = a_receipt(world, party=USA)
    assert refused(world, USA, KOR, said(world, USA, receipt, RECEIPT)) == "exchange/receipt-of-another"
    assert world[KOR].every(CustodyEvent, item=receipt.item)[-1].custodian == KOR


@pytest.mark.source("DESIGN-6")
def test_a_stage_proven_from_another_log_or_about_another_event_is_refused() -> None:
    world = world_in_force()
    released = world.send(b"image")
    for origin, index in (
        (shared_log(JPN, KOR), 0),
        (shared_log(JPN, KOR), world[JPN].sizes()[shared_log(JPN, KOR)] - 1),
    ):
        proof = canon.encode(prove_entry(world[JPN].desk, origin, index))
        with pytest.raises(PartnerRefusedError):
            world.links[JPN, KOR].stage(proof)
    own = canon.encode(prove_entry(world[KOR].desk, shared_log(KOR, JPN), 0))
    with pytest.raises(PartnerRefusedError):
        world.links[JPN, KOR].stage(own)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-6")
def test_a_true_stage_cannot_be_said_by_a_third_party() -> None:
    world = world_in_force(USA)
    released = world.send(b"image")
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    list(world[JPN].read(released.item).content)
    row = next(outgoing for _, outgoing in world.due(JPN, KOR) if outgoing.kind == "stage")
    proof = dispatch.stage_to_send(world[JPN].desk, KOR, row.reference)
    with pytest.raises(PartnerRefusedError):
        world.links[USA, KOR].stage(proof)
    assert Stage.OPENED not in world[KOR].stages(released.delivery.consignment)


# consent ------------------------------------------------------------------------------------------------------


def consented(world: World, **changes: Any) -> tuple[ItemRecord, bytes]:
    released = world.send(b"image")
    statement = grant_consent(
        world[KOR].desk,
        world[KOR].actor("releaser"),
        item=changes.get("item", released.item),
        holder=JPN,
        recipient=USA,
        manifest=released.delivery.manifest,
        instrument=KR_JP,
        purpose=PURPOSE,
        until=UNTIL,
    )
    world.settle()
    return world[JPN].every(ItemRecord, id=released.item)[0], statement.envelope


def onward(world: World, item: ItemRecord, consent: Consent | None, *, to: PartyCode = USA) -> set[str]:
    """Codes of what speaks against passing an item on."""
    answer = world[JPN].memory.run(lambda tx: ask_onward(tx, world[JPN].desk, item.id, to=to, consent=consent))
    return {r.code for r in answer.decision.reasons} if answer.decision.verdict is Verdict.DENY else set()


@pytest.mark.source("G6-1", "F-18", "TR-5")
def test_consent_of_the_originator_reaches_the_holder_and_covers_its_item() -> None:
    world = world_in_force(USA)
    item, envelope = consented(world)
    heard = world[JPN].every(ConsentRecord, item=item.id)
    assert len(heard) == 1
    consent = verify_consent(world[JPN].desk, envelope, originator=KOR)
    assert heard[0].consent == consent
    assert "no-consent" in onward(world, item, None)
    assert {"no-consent"} & onward(world, item, consent) == set()


@pytest.mark.source("G6-1", "TR-5")
def test_consent_for_one_item_does_not_cover_another() -> None:
    world = world_in_force(USA)
    other = world[KOR].register(b"another")
    item, envelope = consented(world, item=other.id)
    consent = verify_consent(world[JPN].desk, envelope, originator=KOR)
    assert "consent-does-not-cover" in onward(world, item, consent)


@pytest.mark.source("G6-1", "TR-4")
def test_only_the_originator_consents() -> None:
    world = world_in_force(USA)
    item, envelope = consented(world)
    with pytest.raises(SignatureError):
        verify_consent(world[JPN].desk, envelope, originator=USA)
    consent = verify_consent(world[JPN].desk, envelope, originator=KOR)
    assert refused(world, USA, JPN, said(world, USA, consent, CONSENT)) == "agreements/consent-not-originators"
    assert item.originator == KOR


@pytest.mark.source("A-04", "G9-2")
@pytest.mark.parametrize("changes", [{"party": "USA"}, {"to": "USA"}, {"instrument": "GSOMIA-JP-US"}], ids=str)
def test_a_receipt_in_anothers_name_is_refused(changes: dict[str, str]) -> None:
    world = world_in_force()
    with pytest.raises(PartnerRefusedError):
        world.links[JPN, KOR].statement(said(world, JPN, a_receipt(world, **changes), RECEIPT))


@pytest.mark.source("DESIGN-4", "G12-5", "REGISTRY-7.1")
@pytest.mark.parametrize("kind", [RECEIPT, NOTE, ASSURANCE])
def test_an_act_heard_from_a_person_without_its_office_is_refused(kind: str) -> None:
    world = world_in_force()
    body: Any = {RECEIPT: a_receipt, NOTE: a_note, ASSURANCE: an_assurance}[kind](world)
    with pytest.raises(PartnerRefusedError):
        world.links[JPN, KOR].statement(said(world, JPN, body, kind, office=Office.READER))


@pytest.mark.source("A-04")
def test_a_receipt_dated_before_the_release_is_refused() -> None:
    world = world_in_force()
    receipt = a_receipt(world, at=world[KOR].clock().plus(days=-365))
    with pytest.raises(PartnerRefusedError):
        world.links[JPN, KOR].statement(said(world, JPN, receipt, RECEIPT))


@pytest.mark.source("G6-7", "A-04")
def test_a_second_arrival_of_a_booked_item_leaves_custody_with_us() -> None:
    world = world_in_force()
    first = world.send(b"image")
    world[JPN].book(first.item)
    world[KOR].release(first.item, JPN)
    world.settle()
    assert world[JPN].every(CustodyEvent, item=first.item)[-1].custodian == JPN


@pytest.mark.source("DESIGN-6")
def test_stages_never_go_back() -> None:
    world = world_in_force()
    released = world.send(b"image")
    world[JPN].book(released.item)
    world.settle()
    order = list(Stage)
    reached = [order.index(one.stage) for one in world[KOR].every(DeliveryStage, item=released.item)]
    assert reached == sorted(reached)
