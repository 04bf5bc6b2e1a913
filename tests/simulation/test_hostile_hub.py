"""A hub with real keys and other software: what it changes, invents, delays or doubles is refused and recorded."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.agreements import CONSENT, Consent, ConsentAct
from gsomia.envelope import RELAY_DECISION, SEGMENT_BYTES, derive_keys, print_relay, seal_segment
from gsomia.exchange import (
    CHAIN_FORWARD,
    CHAIN_NOTICE,
    RELAY_REPORT,
    Arrival,
    ChainForward,
    ChainNotice,
    NoticeKind,
    RelayReport,
    Stage,
)
from gsomia.flows.desk import shared_log
from gsomia.flows.records import RefusalRecord
from gsomia.flows.relay_records import ChainNoticeRecord, RelayArrival, RelayReportRecord
from gsomia.ids import ItemId, PartyCode
from gsomia.parties import Office, claimed_payload, say_act, sign_act, sign_statement
from gsomia.registry import CustodyEvent, ItemRecord
from gsomia.transport import PartnerRefusedError
from simulation.relay_world import HostileHub, consent_to, forward, hostile_hub, relay_world, relayed, taken_out, to_hub
from simulation.world import JPN, KOR, USA, Fault, World, hand
from strategies.parties import flip

Make = Callable[[HostileHub], bytes]
KINDS = (Arrival, ItemRecord, CustodyEvent, RelayArrival)


def refused(world: World, body: bytes, *, to: PartyCode = JPN) -> str:
    """The code of a refusal that is on record at the recipient and in the log it shares with the hub."""
    before = {kind: world[to].count(kind) for kind in KINDS}
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[USA, to].offer(body)
    assert {kind: world[to].count(kind) for kind in KINDS} == before
    kept = world[to].every(RefusalRecord)[-1]
    assert (kept.party, kept.code) == (USA, caught.value.code)
    assert world[to].leaves(shared_log(to, USA))[-1].code == caught.value.code
    assert world[to].problems() == []
    return caught.value.code


def consent_of(hub: HostileHub) -> Consent:
    return canon.decode(claimed_payload(hub.part.consent), ConsentAct).body


def made_up(hub: HostileHub, **changes: Any) -> bytes:
    """A consent that the hub's own people sign."""
    body = replace(consent_of(hub), **changes)
    by = hand(USA, "releaser", Office.RELEASING_AUTHORITY)
    return say_act(body, kind=CONSENT, hand=by, signer=hub.world[USA].identity.keys.statement).envelope


def with_consent(hub: HostileHub, envelope: bytes) -> bytes:
    return hub.again(part=lambda part: replace(part, consent=envelope))


def swapped_segment(hub: HostileHub) -> bytes:
    """Other content, sealed under the true key."""
    digest = hashlib.sha256(canon.encode(hub.relay.offer.header)).digest()
    keys = derive_keys(hub.content_key, digest)
    return hub.again(inline=seal_segment(keys, b"other", index=0, last=True))


def swapped_list(hub: HostileHub) -> bytes:
    """Other content, and the list of digests that fits it."""
    keys = derive_keys(hub.content_key, hashlib.sha256(canon.encode(hub.relay.offer.header)).digest())
    segment = seal_segment(keys, b"other", index=0, last=True)
    fitting = hashlib.sha256(segment).digest()
    return hub.again(inline=segment, offer=lambda offer: replace(offer, segment_list=fitting))


def another_release(hub: HostileHub) -> bytes:
    """A true envelope of the originator, under a relay made for another."""
    other = to_hub(hub.world, b"another")
    consent_to(hub.world, other)
    second = taken_out(hub.world, forward(hub.world, other.item))
    return print_relay(replace(hub.relay, offer=second.relay.offer)) + second.inline


def invented(hub: HostileHub) -> bytes:
    """An item the hub makes and gives out as the originator's."""
    own = hub.world[USA].identity.keys.statement
    return hub.again(
        offer=lambda offer: replace(offer, statement=sign_statement(hub.manifest, kind="release", signer=own).envelope)
    )


def decided_by(hub: HostileHub, office: Office) -> bytes:
    body = hub.part.decision.body
    return hub.again(
        part=lambda part: replace(
            part, decision=sign_act(body, kind=RELAY_DECISION, hand=hand(USA, "releaser", office))
        )
    )


CASES: dict[str, tuple[Make, str]] = {
    "forged-consent": (lambda hub: with_consent(hub, made_up(hub)), "policy/consent-not-originators"),
    "stretched-consent": (
        lambda hub: with_consent(hub, made_up(hub, purpose="ANOTHER-PURPOSE")),
        "policy/consent-not-originators",
    ),
    "no-consent": (lambda hub: with_consent(hub, b""), "policy/consent-not-originators"),
    "content-swapped": (swapped_segment, "envelope/segment-differs"),
    "content-and-list-swapped": (swapped_list, "envelope/segment-list-differs"),
    "another-key": (lambda hub: hub.again(content_key=bytes(32)), "envelope/key-not-committed"),
    "another-release": (another_release, "envelope/relay-of-another"),
    "invented": (invented, "parties/signatures-not-as-required"),
    "another-manifest": (
        lambda hub: hub.again(header=lambda header: replace(header, manifest="0" * 64)),
        "envelope/relay-of-another",
    ),
    "another-originator": (
        lambda hub: hub.again(header=lambda header: replace(header, originator=JPN)),
        "flows/originator-not-confirmed",
    ),
    "topics-of-another-version": (
        lambda hub: hub.again(header=lambda header: replace(header, topics=2)),
        "policy/topics-of-another-version",
    ),
    "an-unknown-text": (
        lambda hub: hub.again(header=lambda header: replace(header, agreement="0" * 64)),
        "agreements/unknown-text",
    ),
    "another-feeder": (
        lambda hub: hub.again(header=lambda header: replace(header, feeder="GSOMIA-KR-US")),
        "envelope/decision-of-another",
    ),
    "decided-by-a-reader": (lambda hub: decided_by(hub, Office.READER), "envelope/decider-without-office"),
    "relay-part-exchanged": (
        lambda hub: print_relay(replace(hub.relay, part=flip(hub.relay.part, len(hub.relay.part) - 1))) + hub.inline,
        "envelope/relay-part-differs",
    ),
    "sealed-part-exchanged": (
        lambda hub: hub.again(
            offer=lambda offer: replace(offer, sealed_part=flip(offer.sealed_part, len(offer.sealed_part) - 1))
        ),
        "envelope/sealed-part-differs",
    ),
    "cut-short": (lambda hub: print_relay(hub.relay)[:200], "envelope/frame-broken"),
}


@pytest.mark.source("DESIGN-6", "TR-2", "TR-4", "TR-5", "G6-1")
@pytest.mark.parametrize(("make", "code"), CASES.values(), ids=CASES.keys())
def test_what_a_hub_changes_or_invents_is_refused_and_recorded(make: Make, code: str) -> None:
    world = relay_world()
    hub = hostile_hub(world)
    assert refused(world, make(hub)) == code
    world.settle()
    assert world[JPN].count(ItemRecord) == world[JPN].count(RelayArrival) >= 1  # the control: what was true is taken


@pytest.mark.source("TR-5", "DESIGN-6")
def test_what_a_hub_holds_back_past_the_consents_end_is_refused() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first, until=world[KOR].clock().plus(days=1))
    hub = taken_out(world, forward(world, first.item))
    world.wait(2 * 86400)
    assert refused(world, hub.again()) == "policy/consent-does-not-cover"


@pytest.mark.source("TR-11", "DESIGN-6")
def test_what_a_hub_doubles_is_one_item() -> None:
    world = relay_world()
    hub = hostile_hub(world)
    world.links[USA, JPN].offer(hub.again())
    world.links[USA, JPN].offer(hub.again())
    assert (world[JPN].count(ItemRecord), world[JPN].count(Arrival)) == (1, 2)
    assert world[JPN].problems() == []


@pytest.mark.source("TR-4", "TR-10")
def test_a_receipt_that_the_hub_invents_is_refused_by_the_originator() -> None:
    world = relay_world()
    first, second = relayed(world)
    signer = world[USA].identity.keys.statement
    report = RelayReport(
        item=first.item,
        manifest=first.delivery.manifest,
        relay=second.delivery.manifest,
        consignment=second.delivery.consignment,
        originator=KOR,
        hub=USA,
        recipient=JPN,
        stage=Stage.RECEIPTED,
        code=None,
        proof=None,
        received=world[USA].clock(),
        forwarded=world[USA].clock(),
        reached=world[USA].clock(),
    )
    for proof in (None, b"no receipt"):
        said = sign_statement(replace(report, proof=proof), kind=RELAY_REPORT, signer=signer).envelope
        with pytest.raises(PartnerRefusedError) as caught:
            world.links[USA, KOR].statement(said)
        assert caught.value.code == "exchange/report-not-proven"
    other = sign_statement(replace(report, item=new_item(world)), kind=RELAY_REPORT, signer=signer).envelope
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[USA, KOR].statement(other)
    assert caught.value.code == "exchange/no-such-chain"
    assert {one.report.stage for one in world[KOR].every(RelayReportRecord)} == {Stage.RECEIVED}


@pytest.mark.source("TR-12", "TR-13")
def test_a_notice_that_the_hub_writes_itself_is_refused() -> None:
    world = relay_world()
    first, _ = relayed(world)
    signer, now = world[USA].identity.keys.statement, world[USA].clock()
    notice = ChainNotice(item=first.item, author=KOR, hub=USA, to=JPN, kind=NoticeKind.RECALL, body=b"", at=now)
    by = hand(USA, "security", Office.SECURITY_OFFICER)
    inner = say_act(notice, kind=CHAIN_NOTICE, hand=by, signer=signer).envelope
    said = sign_statement(ChainForward(hub=USA, to=JPN, notice=inner, at=now), kind=CHAIN_FORWARD, signer=signer)
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[USA, JPN].statement(said.envelope)
    assert caught.value.code == "parties/signatures-not-as-required"
    assert world[JPN].count(ChainNoticeRecord) == 0


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("content", [b"short", bytes(2 * SEGMENT_BYTES + 1)], ids=["short", "long"])
def test_whatever_is_lost_or_doubled_between_three_nodes_an_item_arrives_once(fault: Fault, content: bytes) -> None:
    world = relay_world()
    first = to_hub(world, content)
    consent_to(world, first)
    second = forward(world, first.item)
    world.deliver(USA, JPN, fault, fault)
    world.settle()
    world[JPN].book(first.item)
    world.deliver(JPN, USA, fault)
    world.deliver(USA, KOR, fault)
    world.settle()
    assert (world[JPN].count(ItemRecord), world[JPN].count(Arrival), world[JPN].count(RelayArrival)) == (1, 1, 1)
    assert world[USA].stages(second.delivery.consignment)[-1] is Stage.RECEIPTED
    stages = [one.report.stage for one in world[KOR].every(RelayReportRecord)]
    assert stages == [Stage.RECEIVED, Stage.RECEIPTED]
    for party in (KOR, JPN, USA):
        assert world[party].problems() == []


def new_item(world: World) -> ItemId:
    return world[KOR].register(b"never given").id
