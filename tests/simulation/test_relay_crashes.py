"""The hub's disk is full before, or its power cut after, its k-th unit of work, for every k: nothing is lost."""

from collections.abc import Callable

import pytest

from gsomia.errors import UnavailableError
from gsomia.exchange import Arrival, Delivery, Stage
from gsomia.flows.relay_records import KeptEnvelope, RelayReportRecord
from gsomia.registry import Booking, CustodyEvent, CustodyKind, ItemRecord
from simulation.relay_world import consent_to, forward, relay_world, to_hub
from simulation.world import JPN, KOR, USA, PowerCut, World

MOST = 40


def until_it_does_not_fail(play: Callable[[World, int], bool]) -> int:
    for at in range(1, MOST):
        if not play(relay_world(), at):
            return at - 1
    msg = "a flow of so many units was not meant"
    raise AssertionError(msg)


def sound(world: World) -> bool:
    return [problem for party in (KOR, JPN, USA) for problem in world[party].problems()] == []


def arrived_once(world: World, item: str) -> bool:
    return (world[JPN].count(ItemRecord, id=item), world[JPN].count(Arrival, item=item)) == (1, 1)


@pytest.mark.source("DESIGN-2", "DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_the_hub_takes_an_item_with_its_envelope_or_not_at_all(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        node, released = world[USA], to_release(world)
        node.fragile.fail(at, cut_after=power)
        try:
            world.deliver(KOR, USA)
        except PowerCut:
            node.restart()
        reached = node.fragile.runs >= at or node.fragile.at == 0
        node.fragile.fail(0)
        world.wait(61)
        world.settle()
        assert node.count(ItemRecord, id=released) == node.count(KeptEnvelope, item=released) == 1
        assert sound(world)
        return reached

    assert until_it_does_not_fail(play) >= 3


@pytest.mark.source("DESIGN-2", "DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_passing_on_queues_whole_deliveries_or_none(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        node, first = world[USA], to_hub(world)
        consent_to(world, first)
        node.fragile.fail(at, cut_after=power)
        try:
            forward(world, first.item)
        except (UnavailableError, PowerCut):
            node.restart()
            moved = [one for one in node.every(CustodyEvent, item=first.item) if one.kind is CustodyKind.RELEASED]
            assert node.queued(JPN) == node.count(Delivery) == len(moved)
            if not moved:
                forward(world, first.item)
            world.settle()
            assert arrived_once(world, first.item)
            assert sound(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2


@pytest.mark.source("DESIGN-2", "DESIGN-6", "TR-10")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_wherever_the_hub_is_cut_the_item_and_every_report_arrive_once(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        node, first = world[USA], to_hub(world)
        consent_to(world, first)
        second = forward(world, first.item)
        node.fragile.fail(at, cut_after=power)
        reached = False
        acts: tuple[Callable[[], None], ...] = (
            lambda: world.deliver(USA, JPN),
            lambda: booked(world, first.item),
            lambda: world.deliver(JPN, USA),
        )
        for act in acts:
            try:
                act()
            except PowerCut:
                node.restart()
                reached = True
            except UnavailableError:  # at the sender: its worker goes on
                pass
        reached = reached or node.fragile.runs >= at
        node.fragile.fail(0)
        world.wait(61)
        world.settle()
        booked(world, first.item)
        world.settle()
        assert arrived_once(world, first.item)
        assert node.stages(second.delivery.consignment)[-1] is Stage.RECEIPTED
        stages = [one.report.stage for one in world[KOR].every(RelayReportRecord)]
        assert sorted(stages) == sorted([Stage.RECEIVED, Stage.RECEIPTED]), (
            "one may overtake the other, none is doubled"
        )
        assert sound(world)
        return reached

    assert until_it_does_not_fail(play) >= 6


def booked(world: World, item: str) -> None:
    if world[JPN].count(ItemRecord, id=item) and not world[JPN].count(Booking, item=item):
        world[JPN].book(world[JPN].every(ItemRecord, id=item)[0].id)


def to_release(world: World) -> str:
    return world[KOR].release(world[KOR].register(b"image").id, USA).item
