"""One item, from release to record, between two nodes that share nothing but an agreement."""

import pytest

from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.exchange import Stage
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.records import DecisionRecord, ReceiptRecord
from gsomia.registry import Booking, CustodyEvent, CustodyKind, ItemRecord, ReadingSlip
from simulation.world import JPN, KOR, PURPOSE, TOPIC, USA, World, world_in_force

SIZES = {"empty": 0, "small": 700, "one-segment": SEGMENT_BYTES, "several": 2 * SEGMENT_BYTES + 17}


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.mark.source("G1-2", "G4-2", "G6-7", "G7-2", "F-07", "F-14", "G12-5", "A-04", "DESIGN-6")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_an_item_is_released_received_booked_and_read_as_it_was(world: World, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    released = world.send(content[:size])
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    reading = world[JPN].read(released.item)
    assert b"".join(reading.content) == content[:size]
    world.settle()
    assert world[KOR].stages(released.delivery.consignment) == [
        Stage.QUEUED,
        Stage.SENDING,
        Stage.RECEIVED,
        Stage.RECEIPTED,
        Stage.OPENED,
    ]
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("EQ-4", "A-06", "A-07")
def test_both_marks_stand_side_by_side(world: World) -> None:
    item = world.send(b"image").item
    record = world[JPN].every(ItemRecord, id=item)[0]
    assert (record.label.mark, world[JPN].every(Booking, item=item)) == ("군사Ⅱ급비밀", [])
    booking = world[JPN].book(item, mark="特定秘密")
    assert (booking.own_mark, record.label.classification) == ("JPN-2-TOKUTEI", "KOR-2")


@pytest.mark.source("G9-2", "A-04")
def test_custody_passes_with_the_registrars_receipt(world: World) -> None:
    released = world.send(b"image")
    before = [event.custodian for event in world[KOR].every(CustodyEvent, item=released.item)]
    assert set(before) == {KOR}
    world.wait(90)
    booking = world[JPN].book(released.item)
    world.wait(3600)
    world.settle()
    passed = world[KOR].every(CustodyEvent, item=released.item)[-1]
    assert (passed.kind, passed.custodian, passed.at) == (CustodyKind.RECEIPTED, JPN, booking.at)
    assert world[JPN].every(CustodyEvent, item=released.item)[-1].custodian == JPN


@pytest.mark.source("DESIGN-5")
def test_the_sender_keeps_a_proof_from_the_recipients_log(world: World) -> None:
    released = world.send(b"image")
    kept = world[KOR].every(ReceiptRecord, reference=released.delivery.consignment)
    origin = shared_log(JPN, KOR)
    assert world[JPN].leaves(origin)[kept[0].receipt.index].event is Event.DELIVERY_RECEIVED
    assert len(kept) == 1


@pytest.mark.source("F-14", "DESIGN-5")
def test_the_slip_is_on_record_before_a_byte_is_shown(world: World) -> None:
    item = world.send(b"image").item
    world[JPN].bring_reader()
    world[JPN].book(item)
    reading = world[JPN].read(item)
    slips = world[JPN].every(ReadingSlip, item=item)
    assert [slip.reader for slip in slips] == ["analyst"]
    decision = world[JPN].every(DecisionRecord, id=slips[0].slip.body.decision)[0]
    assert (decision.question, decision.decision.verdict) == ("access", "permit")
    assert next(reading.content) == b"image"


@pytest.mark.source("G6-7", "DESIGN-5")
def test_both_shared_logs_tell_the_same_delivery(world: World) -> None:
    released = world.send(b"image")
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    list(world[JPN].read(released.item).content)
    world.settle()
    about = [
        {(leaf.event, leaf.digest) for leaf in node.leaves(origin) if leaf.ids.get("item") == released.item}
        for node, origin in ((world[KOR], shared_log(KOR, JPN)), (world[JPN], shared_log(JPN, KOR)))
    ]
    manifest = released.delivery.manifest
    assert about[0] == {(Event.DELIVERY_QUEUED, manifest)}
    assert about[1] == {
        (Event.DELIVERY_RECEIVED, manifest),
        (Event.DELIVERY_RECEIPTED, manifest),
        (Event.DELIVERY_OPENED, manifest),
    }


@pytest.mark.source("DESIGN-5")
def test_every_statement_said_stands_in_both_shared_logs_by_its_digest(world: World) -> None:
    world.send(b"image")
    for said, heard in ((KOR, JPN), (JPN, KOR)):
        issued = [
            leaf.digest for leaf in world[said].leaves(shared_log(said, heard)) if leaf.event == "statement:issued"
        ]
        received = [
            leaf.digest for leaf in world[heard].leaves(shared_log(heard, said)) if leaf.event == "statement:received"
        ]
        assert issued == received


@pytest.mark.source("DESIGN-5")
def test_no_leaf_holds_content_topic_purpose_mark_or_a_persons_name(world: World) -> None:
    item = world.send(b"the plainest of texts").item
    world[JPN].bring_reader()
    world[JPN].book(item)
    list(world[JPN].read(item).content)
    world.settle()
    told = ("plainest", TOPIC, PURPOSE, "군사", "特定秘密", "KOR-2", "JPN-2", "analyst", "releaser")
    for node, partner in ((world[KOR], JPN), (world[JPN], KOR)):
        shown = node.text(shared_log(node.party, partner)).decode()
        assert [word for word in told if word in shown] == []


@pytest.mark.source("G6-7")
def test_every_record_has_its_entry_in_the_private_log(world: World) -> None:
    world.send(b"image")
    for party in (KOR, JPN):
        named = {leaf.digest for leaf in world[party].leaves(private_log(party))}
        stored = {
            line.digest
            for kind in (ItemRecord, Booking, CustodyEvent, DecisionRecord, ReceiptRecord)
            for line in world[party].memory.iterate_records(kind)
        }
        assert stored - named == set()


@pytest.mark.source("A-34")
def test_items_cross_both_ways_and_between_three_nodes_nothing_is_told_to_the_third(world: World) -> None:
    three = world_in_force(USA)
    before = three[USA].sizes()
    there, back = three.send(b"to tokyo"), three.send(b"to seoul", sender=JPN, to=KOR)
    assert three[JPN].count(ItemRecord, id=there.item) == three[KOR].count(ItemRecord, id=back.item) == 1
    assert three[USA].sizes() == before
    assert world[KOR].problems() == []
