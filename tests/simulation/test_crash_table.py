"""The disk is full before, or the power cut after, the k-th unit of work, for every k: repeat, and nothing is lost."""

from collections.abc import Callable

import pytest

from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import UnavailableError
from gsomia.exchange import Arrival, Delivery, Stage
from gsomia.flows.desk import shared_log
from gsomia.ids import PartyCode
from gsomia.registry import Booking, CustodyEvent, CustodyKind, ItemRecord, ReadingSlip
from gsomia.storage.memory_files import MemoryPayloadWriter
from simulation.world import JPN, KOR, Fault, PowerCut, World, world_in_force

MOST = 40
SMALL, LARGE = b"image", bytes(SEGMENT_BYTES + 1)


def until_it_does_not_fail(play: Callable[[World, int], bool]) -> int:
    """Play with a failure at unit 1, 2, 3 … until one is never reached; how many were."""
    for at in range(1, MOST):
        if not play(world_in_force(), at):
            return at - 1
    msg = "a flow of so many units was not meant"
    raise AssertionError(msg)


def holds(world: World) -> bool:
    return [*world[KOR].problems(), *world[JPN].problems()] == []


def arrived_once(world: World, item: str) -> bool:
    leaves = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.ids.get("item") == item]
    return (
        world[JPN].count(ItemRecord, id=item),
        world[JPN].count(Arrival, item=item),
        sum(leaf.event is Event.DELIVERY_RECEIVED for leaf in leaves),
    ) == (1, 1, 1)


@pytest.mark.source("DESIGN-2", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_registering_leaves_one_item_or_none(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        world[KOR].fragile.fail(at, cut_after=power)
        try:
            world[KOR].register(SMALL)
        except (UnavailableError, PowerCut):
            world[KOR].restart()
            done = world[KOR].count(ItemRecord)
            assert done == world[KOR].count(Booking) == world[KOR].count(CustodyEvent)
            world[KOR].register(SMALL)
            assert world[KOR].count(ItemRecord) == done + 1
            assert holds(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-2", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_releasing_queues_whole_deliveries_or_none(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        item = world[KOR].register(SMALL).id
        world[KOR].fragile.fail(at, cut_after=power)
        try:
            world[KOR].release(item, JPN)
        except (UnavailableError, PowerCut):
            world[KOR].restart()
            queued = world[KOR].queued(JPN)
            released = [e for e in world[KOR].every(CustodyEvent, item=item) if e.kind is CustodyKind.RELEASED]
            assert queued == world[KOR].count(Delivery) == len(released)
            if not queued:
                world[KOR].release(item, JPN)
            world.settle()
            assert arrived_once(world, item)
            assert holds(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-2", "DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize(
    ("where", "power", "content"),
    [
        pytest.param(KOR, False, SMALL, id="sender-disk-full-one-segment"),
        pytest.param(KOR, False, LARGE, id="sender-disk-full-two-segments"),
        pytest.param(KOR, True, SMALL, id="sender-power-cut-one-segment"),
        pytest.param(KOR, True, LARGE, id="sender-power-cut-two-segments"),
        pytest.param(JPN, False, SMALL, id="recipient-disk-full-one-segment"),
        pytest.param(JPN, False, LARGE, id="recipient-disk-full-two-segments"),
        pytest.param(JPN, True, SMALL, id="recipient-power-cut-one-segment"),
        pytest.param(JPN, True, LARGE, id="recipient-power-cut-two-segments"),
    ],
)
def test_an_item_arrives_once_wherever_its_delivery_is_cut(where: PartyCode, power: bool, content: bytes) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        node = world[where]
        released = world[KOR].release(world[KOR].register(content).id, JPN)
        node.fragile.fail(at, cut_after=power)
        try:
            world.deliver(KOR, JPN)
        except PowerCut:
            node.restart()
        except UnavailableError:  # at the sender: its worker goes on
            pass
        reached = node.fragile.runs >= at or node.fragile.at == 0
        node.fragile.fail(0)
        world.wait(61)
        world.settle()
        assert arrived_once(world, released.item)
        assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
        assert holds(world)
        return reached

    assert until_it_does_not_fail(play) >= 3


@pytest.mark.source("DESIGN-2", "DESIGN-7", "G4-2")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_booking_is_done_once_and_its_receipt_is_said(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        released = world.send(SMALL)
        world[JPN].fragile.fail(at, cut_after=power)
        try:
            world[JPN].book(released.item)
        except (UnavailableError, PowerCut):
            world[JPN].restart()
            if not world[JPN].count(Booking, item=released.item):
                world[JPN].book(released.item)
            world.settle()
            assert world[JPN].count(Booking, item=released.item) == 1
            assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIPTED
            assert holds(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-2", "G7-2", "F-07")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_no_content_is_shown_without_its_slip(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        released = world.send(SMALL)
        world[JPN].bring_reader()
        world[JPN].book(released.item)
        world[JPN].fragile.fail(at, cut_after=power)
        shown = b""
        try:
            shown = b"".join(world[JPN].read(released.item).content)
        except (UnavailableError, PowerCut):
            world[JPN].restart()
            assert shown == b""
            slips = world[JPN].count(ReadingSlip, item=released.item)
            assert b"".join(world[JPN].read(released.item).content) == SMALL
            assert world[JPN].count(ReadingSlip, item=released.item) == slips + 1
            world.settle()
            assert holds(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-6", "A-24")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_a_statement_is_heard_once_wherever_it_is_cut(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        released = world.send(SMALL)
        world[JPN].book(released.item)
        world[KOR].fragile.fail(at, cut_after=power)
        try:
            world.deliver(JPN, KOR)
        except PowerCut:
            world[KOR].restart()
        reached = world[KOR].fragile.runs >= at or world[KOR].fragile.runs == 0
        world[KOR].fragile.fail(0)
        world.settle()
        receipted = [e for e in world[KOR].every(CustodyEvent, item=released.item) if e.kind is CustodyKind.RECEIPTED]
        assert len(receipted) == 1
        assert holds(world)
        return reached

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(
            0,
            id="full-last-segment",
        ),
        pytest.param(5, id="short-last-segment"),
    ],
)
def test_a_power_cut_before_the_content_is_durable_costs_no_item(tail: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(bytes(2 * SEGMENT_BYTES + tail)).id, JPN)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryPayloadWriter, "finish", cut)
        with pytest.raises(PowerCut):
            world.deliver(KOR, JPN)
    world[JPN].restart()
    world.wait(61)
    world.settle()
    assert arrived_once(world, released.item)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-6")
def test_a_kept_segment_that_was_damaged_is_sent_again() -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(bytes(3 * SEGMENT_BYTES + 1)).id, JPN)
    world.deliver(KOR, JPN, Fault.NONE, Fault.NONE, Fault.NONE, Fault.LOST)
    unfinished = world[JPN].payloads._unfinished[f"{KOR}-{released.delivery.consignment}"]
    unfinished.held[1] = bytes(len(unfinished.held[1]))
    world[JPN].restart()
    world.settle()
    assert arrived_once(world, released.item)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


def cut(*_: object) -> None:
    raise PowerCut
