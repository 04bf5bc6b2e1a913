"""Duplicates, lost messages and lost replies are normal: one item, one receipt, nothing lost."""

import itertools

import pytest

from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.exchange import Arrival, MessageKind, Stage
from gsomia.flows import consign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import ReceiptRecord, StatementRecord
from gsomia.registry import CustodyEvent, CustodyKind, ItemRecord, ReadingSlip
from simulation.world import JPN, KOR, Fault, World, world_in_force

PAIRS = list(itertools.product(Fault, repeat=2))
HITS = list(itertools.product(range(4), Fault))


@pytest.fixture
def world() -> World:
    return world_in_force()


def counted(world: World, item: str) -> tuple[int, int, int]:
    arrivals = world[JPN].count(Arrival, item=item)
    leaves = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.ids.get("item") == item]
    received = sum(leaf.event is Event.DELIVERY_RECEIVED for leaf in leaves)
    return world[JPN].count(ItemRecord, id=item), arrivals, received


@pytest.mark.source("DESIGN-6", "G12-5")
@pytest.mark.parametrize(
    "faults", list(itertools.product(Fault, repeat=2)), ids=lambda f: "+".join(one.name for one in f)
)
def test_an_item_arrives_once_whatever_happens_on_the_way(world: World, faults: tuple[Fault, ...]) -> None:
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    for fault in faults:
        world.deliver(KOR, JPN, fault)
        world.wait(61)
    world.settle()
    assert counted(world, released.item) == (1, 1, 1)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(("at", "fault"), HITS)
def test_a_large_item_arrives_once_whichever_message_is_hit(world: World, at: int, fault: Fault) -> None:
    content = bytes(2 * SEGMENT_BYTES + 3)
    released = world[KOR].release(world[KOR].register(content).id, JPN)
    world.deliver(KOR, JPN, *[Fault.NONE] * at, fault)
    world.settle()
    assert counted(world, released.item) == (1, 1, 1)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6")
def test_the_same_offer_gets_the_same_receipt(world: World) -> None:
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    body = sending.offer + sending.inline
    link = world.links[KOR, JPN]
    first = link.offer(body).accepted
    world.send(b"another in between")
    world.cosign(JPN, KOR)
    again = link.offer(body).accepted
    assert first is not None
    assert again is not None
    assert (again.receipt.leaf, again.receipt.index) == (first.receipt.leaf, first.receipt.index)


@pytest.mark.source("DESIGN-6")
def test_the_same_statement_gets_the_same_receipt(world: World) -> None:
    said = world[KOR].every(StatementRecord, direction="own")[0]
    sizes = world[JPN].sizes()
    link = world.links[KOR, JPN]
    answers = [link.statement(said.envelope).accepted for _ in range(3)]
    kept = world[KOR].every(ReceiptRecord, reference=said.digest)[0].receipt
    assert {(a.receipt.leaf, a.receipt.index) for a in answers if a} == {(kept.leaf, kept.index)}
    assert world[JPN].sizes() == sizes


@pytest.mark.source("DESIGN-6", "A-04")
def test_a_registrars_receipt_overtakes_the_reply_that_was_lost(world: World) -> None:
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    world.deliver(KOR, JPN, Fault.REPLY_LOST)
    world[JPN].book(released.item)
    world.deliver(JPN, KOR)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIPTED
    world.settle()
    assert world[KOR].stages(released.delivery.consignment) == [Stage.QUEUED, Stage.SENDING, Stage.RECEIPTED]
    assert world[KOR].count(ReceiptRecord, reference=released.delivery.consignment) == 1
    assert counted(world, released.item) == (1, 1, 1)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("fault", Fault)
def test_receipt_and_stage_arrive_later_if_they_were_lost(world: World, fault: Fault) -> None:
    released = world.send(b"image")
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    list(world[JPN].read(released.item).content)
    for row, outgoing in world.due(JPN, KOR):
        world.carry(JPN, KOR, row, outgoing, fault)
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-2:] == [Stage.RECEIPTED, Stage.OPENED]
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6")
def test_a_second_reading_says_a_second_stage_and_moves_nothing(world: World) -> None:
    released = world.send(b"image")
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    for _ in range(2):
        list(world[JPN].read(released.item).content)
    world.settle()
    assert world[KOR].stages(released.delivery.consignment).count(Stage.OPENED) == 1
    assert world[JPN].count(ReadingSlip, item=released.item) == 2


@pytest.mark.source("DESIGN-6")
def test_an_unreached_partner_is_tried_again_after_ever_longer_pauses(world: World) -> None:
    world[KOR].release(world[KOR].register(b"image").id, JPN)
    pauses = []
    for _ in range(8):
        world.deliver(KOR, JPN, Fault.LOST)
        waited = 0
        while not world.due(KOR, JPN):
            world.wait(1)
            waited += 1
        pauses.append(waited)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.source("DESIGN-6")
def test_the_attempt_is_on_record_before_anything_leaves(world: World) -> None:
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    world.deliver(KOR, JPN, Fault.LOST)
    assert world[KOR].stages(released.delivery.consignment) == [Stage.QUEUED, Stage.SENDING]
    world.wait(61)
    world.deliver(KOR, JPN, Fault.LOST)
    assert world[KOR].stages(released.delivery.consignment) == [Stage.QUEUED, Stage.SENDING]


@pytest.mark.source("DESIGN-6")
def test_a_recipient_that_restarts_between_two_attempts_goes_on(world: World) -> None:
    content = bytes(3 * SEGMENT_BYTES + 3)
    released = world[KOR].release(world[KOR].register(content).id, JPN)
    world.deliver(KOR, JPN, Fault.NONE, Fault.NONE, Fault.LOST)
    world[JPN].restart()
    world.settle()
    assert counted(world, released.item) == (1, 1, 1)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_consignments_may_overtake_one_another(world: World, order: tuple[int, ...]) -> None:
    items = [world[KOR].release(world[KOR].register(b"%d" % n).id, JPN).item for n in range(3)]
    rows = [row for row in world.due(KOR, JPN) if row[1].kind is MessageKind.CONSIGNMENT]
    for number in order:
        assert world.carry(KOR, JPN, *rows[number])
    assert [counted(world, item) for item in items] == [(1, 1, 1)] * 3
    assert world[KOR].queued(JPN) == 0


@pytest.mark.source("DESIGN-6", "G6-7")
def test_a_second_release_of_an_item_is_one_item_and_two_deliveries(world: World) -> None:
    first = world.send(b"image")
    second = world[KOR].release(first.item, JPN)
    world.settle()
    assert world[JPN].count(ItemRecord, id=first.item) == 1
    assert world[JPN].count(Arrival, item=first.item) == 2
    kinds = [event.kind for event in world[JPN].every(CustodyEvent, item=first.item)]
    assert kinds == [CustodyKind.RECEIVED, CustodyKind.RECEIVED]
    assert world[KOR].stages(second.delivery.consignment)[-1] is Stage.RECEIVED
