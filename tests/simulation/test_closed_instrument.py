"""An instrument that has ended is closed when nothing is left of it; its duties over what was given never end."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gsomia.admin import COMMANDS, Call
from gsomia.admin.command import Bench, run_command
from gsomia.agreements import NoteSubject
from gsomia.errors import WaitingError
from gsomia.flows.dispose import destroy_item
from gsomia.ids import ItemId
from gsomia.registry import ItemRecord
from gsomia.transport import PartnerRefusedError
from simulation.diplomacy import ENDS, note
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, KR_JP, Fault, SimNode, World, identity, world_in_force


def bench(node: SimNode) -> Bench:
    """Of a command that reads: the desk alone is asked for."""
    return cast("Bench", SimpleNamespace(desk=node.desk))


def status(node: SimNode) -> dict[str, Any]:
    call = Call(bench=bench(node), args={"instrument": KR_JP})
    outcome = run_command(COMMANDS["agreement status"], call)
    assert outcome.exit == 0
    return outcome.document


def destroy(world: World, node: SimNode, item: ItemId) -> None:
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    destroy_item(node.desk, node.actor("security"), item)
    world.settle()


def end(world: World) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=10)


def left(node: SimNode) -> tuple[int, int, int, int, bool]:
    told = status(node)
    remaining = told["remaining"]
    items = remaining["held_of"]
    return items[KOR], items[JPN], remaining["on_the_way"], remaining["on_hold"], told["closed"]


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.mark.source("A-36", "G21-5")
def test_it_is_closed_on_both_sides_when_the_last_item_is_destroyed(world: World) -> None:
    theirs = world.send(b"from Seoul").item
    ours = world.send(b"from Tokyo", sender=JPN, to=KOR).item
    world[JPN].book(theirs)
    world[KOR].book(ours)
    world.settle()
    assert "closed" not in status(world[KOR])
    end(world)
    for party in (KOR, JPN):
        assert left(world[party]) == (1, 1, 0, 0, False)
    destroy(world, world[JPN], theirs)
    for party in (KOR, JPN):
        assert left(world[party]) == (0, 1, 0, 0, False)
    destroy(world, world[KOR], ours)
    for party in (KOR, JPN):
        assert left(world[party]) == (0, 0, 0, 0, True)
        assert status(world[party])["state"] == "TERMINATED"


@pytest.mark.source("A-36")
def test_an_own_original_does_not_keep_it_open(world: World) -> None:
    world[KOR].register(b"never sent")
    end(world)
    assert left(world[KOR]) == (0, 0, 0, 0, True)


@pytest.mark.source("A-36", "A-03")
def test_what_is_on_the_way_keeps_it_open_until_it_is_received_or_refused(world: World) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=-30)
    world[KOR].release(world[KOR].register(b"image").id, JPN)
    world.deliver(KOR, JPN, Fault.LOST)
    world.wait(7200)
    assert left(world[KOR]) == (0, 0, 1, 0, False)
    world.settle()
    arrived = world[JPN].every(ItemRecord)[-1].id
    assert left(world[KOR]) == (0, 0, 1, 0, False)  # until the registrar's receipt it is on its way
    assert left(world[JPN]) == (1, 0, 0, 0, False)
    world[JPN].book(arrived)
    world.settle()
    assert left(world[KOR]) == left(world[JPN]) == (1, 0, 0, 0, False)


@pytest.mark.source("A-36", "A-03")
def test_what_lies_on_hold_keeps_it_open_where_it_lies(world: World) -> None:
    end(world)
    offer = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))
    with pytest.raises(PartnerRefusedError):
        world.links[KOR, JPN].offer(offer)
    assert left(world[JPN]) == (0, 0, 0, 1, False)
    (late,) = [one["item"] for one in listed(world[JPN])]
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), late)
    destroy_item(world[JPN].desk, world[JPN].actor("security"), late)
    assert left(world[JPN]) == (0, 0, 0, 0, True)
    assert [one["state"] for one in listed(world[JPN])] == ["destroyed"]


def listed(node: SimNode) -> list[dict[str, Any]]:
    call = Call(bench=bench(node), args={})
    items: list[dict[str, Any]] = run_command(COMMANDS["item hold"], call).document["items"]
    return items
