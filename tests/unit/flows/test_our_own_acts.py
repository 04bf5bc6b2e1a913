"""What our own people try against the rules is refused at our desk: no partner broke anything, and nothing is said."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import msgspec
import pytest

from contracts.samples import seeded
from gsomia.agreements import (
    PROPOSAL,
    SIGNATURE,
    ActError,
    Agreement,
    AgreementSignature,
    NoteSubject,
    Proposal,
    parse_document,
)
from gsomia.audit import Event, parse_leaf
from gsomia.errors import PartnerError, RefusedError
from gsomia.flows.agree import give_note, hear_proposal, hear_signature, our_own_act, propose, sign
from gsomia.flows.assure import give_assurance
from gsomia.flows.desk import Actor, Custody, Desk, private_log
from gsomia.flows.parties import pin_partner
from gsomia.flows.people import add_person
from gsomia.flows.ports import Checkpoints, NodeKeys
from gsomia.ids import HexDigest, PersonId, sha256_hex
from gsomia.parties import Hand, Office, Person, PersonSigner, say_act
from gsomia.storage.key_sets import MemoryKeyring
from gsomia.storage.memory import MemoryStore
from gsomia.storage.memory_files import MemoryPayloads, MemoryStorageKeys
from gsomia.storage.spare_journal import MemorySpareJournal
from strategies.agreements import INSTRUMENT, JP, KR, SAMPLE
from strategies.labels import NOW, POLICIES
from strategies.parties import SEOUL, TOKYO, House

KIM = msgspec.convert("kim", PersonId)
KEY = PersonSigner.from_seed(bytes([42]) * 32)
OFFICES = (Office.LIAISON_OFFICER, Office.SECURITY_OFFICER)
ACTOR = Actor(person=KIM, hand=Hand(Office.LIAISON_OFFICER, KEY))
TEXT = (
    SAMPLE.replace(sha256_hex(b"KOR"), SEOUL.record.fingerprint).replace(sha256_hex(b"JPN"), TOKYO.record.fingerprint)
)  # fmt: skip


def agreement(old: str = "", new: str = "") -> Agreement:
    assert old in TEXT
    return parse_document(TEXT.replace(old, new, 1).encode())


GOOD = agreement()
LOWERING = agreement('JPN = ["JPN-2-GOKUHI", "JPN-2-TOKUTEI"]', 'JPN = ["JPN-2-GOKUHI", "JPN-3"]')
"""Well formed, but what Seoul calls secret would be confidential in Tokyo."""
UNKNOWN = agreement('KOR = ["KOR-3"]', 'KOR = ["KOR-9"]')


class Ring(MemoryKeyring):
    """One set of keys that was not drawn."""

    def __init__(self, keys: NodeKeys) -> None:
        self._keys = {1: keys}
        self._current = 1
        self._held: dict[str, int] = {}
        self.turn = threading.RLock()


@pytest.fixture
def desk() -> Desk:
    """Seoul's desk, in memory: Tokyo is pinned, and Kim is liaison and security officer."""
    return open_desk(SEOUL, partner=TOKYO)


def open_desk(house: House, *, partner: House) -> Desk:
    entropy = seeded(f"desk of {house.code}")
    keys = NodeKeys(
        number=1,
        working=house.working,
        statement=house.statement,
        log=house.log,
        cosigner=house.cosigner,
        lane=house.lane,
        opener=house.opener,
        tls_seed=bytes(32),
    )
    made = Desk(
        party=house.code,
        store=MemoryStore(),
        payloads=MemoryPayloads(),
        policies=POLICIES,
        clock=lambda: NOW,
        entropy=entropy,
        custody=Custody(
            keyring=Ring(keys),
            storage_keys=MemoryStorageKeys(entropy),
            checkpoints=cast("Checkpoints", None),
            spare=MemorySpareJournal(),
        ),
    )  # fmt: skip
    pin_partner(made, partner.pin_file(partner.descriptor), fingerprint=partner.record.fingerprint, by="kim")
    person = Person(
        id=KIM, name="Kim", rank="", official=True, nationalities=(house.code,), employer="Ministry",
        offices=OFFICES, key=KEY.public, at=NOW,
    )  # fmt: skip
    add_person(made, person)
    return made


def put_forward(desk: Desk, text: Agreement) -> None:
    propose(desk, ACTOR, text, our_fingerprint=SEOUL.record.fingerprint)


def hear_tokyo_propose(desk: Desk, text: Agreement) -> None:
    body = Proposal(agreement=text, to=KR, at=NOW)
    said = say_act(body, kind=PROPOSAL, hand=ACTOR.hand, signer=TOKYO.statement)
    desk.store.run(lambda tx: hear_proposal(tx, desk, JP, said, NOW))


def note(desk: Desk, number: str, subject: NoteSubject, authority: str | None) -> None:
    give_note(desk, ACTOR, instrument=INSTRUMENT, number=number, subject=subject, authority=authority)


def assure(desk: Desk) -> HexDigest:
    return give_assurance(
        desk, ACTOR, to=JP, instrument=INSTRUMENT, authority="kor-mnd", persons=3, level="KOR-2",
        purpose="DPRK-MISSILE-ANALYSIS", until=NOW.plus(days=30),
    )  # fmt: skip


def events(desk: Desk) -> list[Event]:
    entries = desk.store.run(lambda tx: tx.entries(private_log(desk.party), start=0, limit=1000))
    return [parse_leaf(entry.leaf).event for entry in entries]


def refused(desk: Desk, act: Callable[[], object]) -> RefusedError:
    """The act is refused by ourselves; neither the record nor what waits for Tokyo has changed."""
    before = events(desk), desk.store.run(lambda tx: tx.queued(JP))
    with pytest.raises(RefusedError) as caught:
        act()
    assert (events(desk), desk.store.run(lambda tx: tx.queued(JP))) == before
    assert not isinstance(caught.value, PartnerError)
    assert caught.value.exit_code == 3
    return caught.value


# --- refused, and not a partner's breach -----------------------------------------------------


def test_a_refusal_of_our_own_act_says_all_that_the_rule_said() -> None:
    broken = ActError("agreements/x", "no", remedy="ask", clauses=("T12",), evidence={"digest": "00"})
    with pytest.raises(RefusedError) as caught, our_own_act():
        raise broken
    told = caught.value
    assert (told.code, told.message, told.remedy) == ("agreements/x", "no", "ask")
    assert (told.clauses, told.evidence) == (("T12",), {"digest": "00"})
    assert told.__cause__ is broken


@pytest.mark.source("T12")
def test_signing_twice_is_refused(desk: Desk) -> None:
    hear_tokyo_propose(desk, GOOD)
    sign(desk, ACTOR, INSTRUMENT, digest=None, our_fingerprint=SEOUL.record.fingerprint)
    told = refused(desk, lambda: sign(desk, ACTOR, INSTRUMENT, digest=None, our_fingerprint=SEOUL.record.fingerprint))
    assert (told.code, told.clauses) == ("agreements/signed-before", ("T12",))


@pytest.mark.source("T13", "G2-5")
@pytest.mark.parametrize(
    ("number", "subject", "authority", "code"),
    [
        ("KR-2016-99", NoteSubject.COMPLETION, None, "agreements/not-signed"),
        ("KR-2016-42", NoteSubject.AUTHORITY_NAMED, "kor-mnd", "agreements/note-does-not-name"),
        ("JP-2016-107", NoteSubject.AUTHORITY_NAMED, "jpn-mod", "agreements/note-does-not-name"),
    ],
)
def test_a_note_that_cannot_be_sent_is_refused(
    desk: Desk, number: str, subject: NoteSubject, authority: str | None, code: str
) -> None:
    put_forward(desk, GOOD)
    assert refused(desk, lambda: note(desk, number, subject, authority)).code == code


@pytest.mark.source("G2-5", "G7-5")
def test_an_assurance_by_an_authority_that_no_note_named_is_refused(desk: Desk) -> None:
    put_forward(desk, GOOD)
    assert refused(desk, lambda: assure(desk)).code == "agreements/authority-not-named"


@pytest.mark.source("T01")
def test_a_text_that_names_another_identity_of_the_partner_is_refused(desk: Desk) -> None:
    other = agreement(TOKYO.record.fingerprint, "0" * 64)
    assert refused(desk, lambda: put_forward(desk, other)).code == "agreements/identity-differs"


@pytest.mark.source("T12")
def test_the_same_breach_by_a_partner_stays_the_partners(desk: Desk) -> None:
    body = AgreementSignature(instrument=INSTRUMENT, agreement=GOOD.digest, party=JP, at=NOW)
    said = say_act(body, kind=SIGNATURE, hand=ACTOR.hand, signer=TOKYO.statement)
    with pytest.raises(ActError) as caught:
        desk.store.run(lambda tx: hear_signature(tx, desk, JP, said, NOW))
    assert caught.value.code == "agreements/unknown-text"


# --- the table of levels is asked before anyone signs ---------------------------------------


@pytest.mark.source("EQ-3", "EQ-5", "LAW-7")
@pytest.mark.parametrize(("text", "clause"), [(LOWERING, "EQ-3"), (UNKNOWN, "EQ-5")])
def test_we_neither_propose_nor_sign_a_table_that_does_not_hold(desk: Desk, text: Agreement, clause: str) -> None:
    told = refused(desk, lambda: put_forward(desk, text))
    assert (told.code, told.clauses) == ("agreements/table-does-not-hold", (clause,))
    hear_tokyo_propose(desk, text)  # proposing binds nobody
    told = refused(
        desk, lambda: sign(desk, ACTOR, INSTRUMENT, digest=text.digest, our_fingerprint=SEOUL.record.fingerprint)
    )
    assert (told.code, told.clauses) == ("agreements/table-does-not-hold", (clause,))


@pytest.mark.source("EQ-3", "EQ-5")
def test_a_table_for_a_party_whose_policy_is_not_at_hand_is_not_signed(desk: Desk) -> None:
    alone = replace(desk, policies={KR: POLICIES[KR]})
    told = refused(alone, lambda: put_forward(alone, GOOD))
    assert (told.code, told.clauses) == ("agreements/table-does-not-hold", ("EQ-5",))


# --- what the record calls an act -----------------------------------------------------------


@pytest.mark.source("DESIGN-5", "T01", "T12")
def test_the_record_names_each_act_by_what_it_is(desk: Desk) -> None:
    start = len(events(desk))
    put_forward(desk, GOOD)
    sign(desk, ACTOR, INSTRUMENT, digest=None, our_fingerprint=SEOUL.record.fingerprint)
    note(desk, "KR-2016-41", NoteSubject.AUTHORITY_NAMED, "kor-mnd")
    acts = [event for event in events(desk)[start:] if event is not Event.STATEMENT_ISSUED]
    proposed = [Event.AGREEMENT_PROPOSED, Event.AGREEMENT_PROPOSED]  # the text, and the act
    assert acts == [*proposed, Event.AGREEMENT_SIGNED, Event.AGREEMENT_NOTED]
