"""What a partner sends and we do not take: refused with a code, recorded, and nothing else changed."""

from collections.abc import Callable

import pytest

from gsomia import canon
from gsomia.agreements import NoteSubject
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import RefusedError
from gsomia.exchange import Refusal, Stage, Transfer
from gsomia.flows import consign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import DecisionRecord, RefusalRecord
from gsomia.ids import ConsignmentId, InstrumentId, ItemId
from gsomia.parties import Office
from gsomia.registry import CustodyEvent, ItemRecord
from gsomia.storage import KINDS
from gsomia.transport import PartnerRefusedError
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, USA, Fault, World, identity, world_in_force

Make = Callable[[World], bytes]


def records(world: World) -> dict[str, int]:
    return {kind.__name__: world[JPN].count(kind) for kind in KINDS if kind is not RefusalRecord}


def refused(world: World, body: bytes, *, sender: str = "KOR") -> Refusal:
    """The refusal of an offer that must change nothing."""
    before = records(world)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[next(pair for pair in world.links if pair == (sender, JPN))].offer(body)
    assert records(world) == before
    told = raised.value.refusal
    kept = world[JPN].every(RefusalRecord, code=told.code)[-1]
    assert (kept.party, kept.correlation_id) == (sender, told.correlation_id)
    return told


CASES: dict[str, tuple[Make, str]] = {
    "for-another-recipient": (
        lambda w: forge_offer(w[KOR], identity(USA), agreement=agreement_digest(w[KOR])),
        "envelope/not-for-us",
    ),
    "under-an-unknown-text": (
        lambda w: forge_offer(w[KOR], identity(JPN), agreement=canon.digest("another text")),
        "agreements/unknown-text",
    ),
    "under-an-unknown-instrument": (
        lambda w: forge_offer(
            w[KOR], identity(JPN), agreement=agreement_digest(w[KOR]), instrument=canon.check("OTHER-1", InstrumentId)
        ),
        "agreements/unknown-text",
    ),
    "above-the-table": (
        lambda w: forge_offer(w[KOR], identity(JPN), agreement=agreement_digest(w[KOR]), level="KOR-1"),
        "policy/level-not-in-table",
    ),
    "decided-by-nobody-appointed": (
        lambda w: forge_offer(w[KOR], identity(JPN), agreement=agreement_digest(w[KOR]), office=Office.READER),
        "envelope/decider-without-office",
    ),
    "signed-by-another-party": (
        lambda w: forge_offer(w[JPN], identity(JPN), agreement=agreement_digest(w[KOR])),
        "envelope/sender-mismatch",
    ),
    "cut-short": (
        lambda w: forge_offer(w[KOR], identity(JPN), agreement=agreement_digest(w[KOR]))[:-20],
        "exchange/segment-size",
    ),
    "not-an-offer": (lambda _: b"GET / HTTP/1.1", "envelope/not-an-offer"),
}


@pytest.mark.source("G1-1", "G4-4", "G21-1", "STYLE-3.6", "DESIGN-6")
@pytest.mark.parametrize(("make", "code"), CASES.values(), ids=CASES.keys())
def test_an_offer_is_refused_recorded_and_changes_nothing(make: Make, code: str) -> None:
    world = world_in_force()
    told = refused(world, make(world))
    assert told.code == code
    leaf = world[JPN].leaves(shared_log(JPN, KOR))[-1]
    assert (leaf.event, leaf.code, leaf.ids["correlation"]) == (Event.INTAKE_REFUSED, code, told.correlation_id)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-6")
def test_a_forged_offer_that_breaks_no_rule_is_taken() -> None:
    world = world_in_force()
    reply = world.links[KOR, JPN].offer(forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR])))
    assert reply.accepted is not None


@pytest.mark.source("DESIGN-6")
def test_a_consignment_id_used_again_with_another_manifest_is_refused() -> None:
    world = world_in_force()
    first = world.send(b"image")
    again = forge_offer(
        world[KOR],
        identity(JPN),
        agreement=agreement_digest(world[KOR]),
        consignment=canon.check(first.delivery.consignment, ConsignmentId),
        content=b"something else",
    )
    assert refused(world, again).code == "exchange/id-reused"


@pytest.mark.source("DESIGN-6")
def test_it_is_refused_while_the_first_is_still_on_its_way() -> None:
    world = world_in_force()
    first = world[KOR].release(world[KOR].register(bytes(SEGMENT_BYTES + 1)).id, JPN)
    world.deliver(KOR, JPN, Fault.NONE, Fault.LOST)
    assert world[JPN].count(Transfer) == 1
    again = forge_offer(
        world[KOR],
        identity(JPN),
        agreement=agreement_digest(world[KOR]),
        consignment=canon.check(first.delivery.consignment, ConsignmentId),
    )
    assert refused(world, again).code == "exchange/id-reused"
    world.settle()
    assert world[KOR].stages(first.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("G6-7")
def test_another_item_under_a_known_id_is_refused() -> None:
    world = world_in_force()
    first = world.send(b"image")
    other = forge_offer(
        world[KOR],
        identity(JPN),
        agreement=agreement_digest(world[KOR]),
        item=canon.check(first.item, ItemId),
        content=b"not the image",
    )
    stored = dict(world[JPN].payloads._stored)
    assert refused(world, other).code == "exchange/item-conflict"
    assert world[JPN].payloads._stored == stored, "what is refused takes no room"


@pytest.mark.source("G6-1", "EQ-7")
def test_our_own_item_does_not_come_back_as_a_partners() -> None:
    world = world_in_force()
    ours = world[JPN].register(b"image")
    back = forge_offer(
        world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]), item=ours.id, content=b"image"
    )
    assert refused(world, back).code == "exchange/item-conflict"
    assert [record.origin for record in world[JPN].every(ItemRecord, id=ours.id)] == [None]


@pytest.mark.source("G6-1", "A-08")
def test_a_partner_outside_the_agreement_delivers_nothing_under_it() -> None:
    world = world_in_force(USA)
    body = forge_offer(world[USA], identity(JPN), agreement=agreement_digest(world[KOR]))
    assert refused(world, body, sender="USA").code == "agreements/unknown-text"


@pytest.mark.source("G21-1", "T14")
@pytest.mark.parametrize("notes", [(), (KOR,), (JPN,)], ids=["signed", "korea-completed", "japan-completed"])
def test_nothing_is_received_before_force(notes: tuple[str, ...]) -> None:
    world = World(KOR, JPN)
    world.sign()
    for party in notes:
        world[KOR if party == KOR else JPN].note(NoteSubject.COMPLETION)
    world.settle()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))
    assert refused(world, body).code == "policy/instrument-state"


@pytest.mark.source("G21-1", "F-14")
def test_nothing_is_released_before_force_and_the_denial_is_on_record() -> None:
    world = World(KOR, JPN)
    world.sign()
    item = world[KOR].register(b"image").id
    with pytest.raises(RefusedError) as raised:
        world[KOR].release(item, JPN)
    assert "G21-1" in raised.value.clauses
    assert [d.decision.verdict for d in world[KOR].every(DecisionRecord, question="release")] == ["deny"]
    assert (world[KOR].queued(JPN), world[KOR].every(CustodyEvent, item=item)[-1].kind) == (0, "registered")


@pytest.mark.source("DESIGN-6", "F-15")
def test_a_refused_delivery_shows_the_code_and_is_not_repeated() -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    other = forge_offer(
        world[KOR],
        identity(JPN),
        agreement=agreement_digest(world[KOR]),
        consignment=released.delivery.consignment,
        content=b"first here",
    )
    world.links[KOR, JPN].offer(other)
    world.settle()
    assert sending.delivery == released.delivery
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.REFUSED
    assert world[KOR].queued(JPN) == 0
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6")
def test_a_segment_other_than_the_listed_one_is_refused_and_the_true_one_taken() -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(bytes(SEGMENT_BYTES + 9)).id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    link = world.links[KOR, JPN]
    link.offer(sending.offer)
    true = consign.read_segment(sending, 0)
    with pytest.raises(PartnerRefusedError) as raised:
        link.segment(released.delivery.consignment, 0, bytes([true[0] ^ 1]) + true[1:])
    assert raised.value.code == "envelope/segment-differs"
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-6")
def test_segments_out_of_order_are_answered_with_the_next_one() -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(bytes(2 * SEGMENT_BYTES + 9)).id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    link = world.links[KOR, JPN]
    link.offer(sending.offer)
    reply = link.segment(released.delivery.consignment, 2, consign.read_segment(sending, 2))
    assert reply.progress is not None
    assert reply.progress.next_segment == 0


@pytest.mark.source("STYLE-3.6")
def test_a_refusal_tells_code_and_correlation_only() -> None:
    world = world_in_force()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]), level="KOR-1")
    told = canon.encode(refused(world, body))
    assert set(canon.plain(canon.decode(told, Refusal))) == {"code", "correlation_id", "recorded"}
