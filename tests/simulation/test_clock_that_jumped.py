"""A clock that jumped holds what depends on the date, and nothing else."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from gsomia.agreements import NoteSubject
from gsomia.errors import UnavailableError
from gsomia.exchange import Stage
from gsomia.flows.clock import MAX_STEP_S, clock_step_s, require_clock
from gsomia.flows.desk import private_log
from gsomia.registry import ItemRecord
from simulation.world import JPN, KOR, SimNode, world_in_force

HOUR = 3600


def backward(node: SimNode) -> None:
    node.clock.offset_s = -HOUR


def forward(node: SimNode) -> None:
    """Only a clock that counts on can tell; the record cannot."""
    node.clock.offset_s = HOUR
    node.desk = replace(node.desk, clock_step=lambda: HOUR)


@pytest.mark.source("DESIGN-2", "DESIGN-5")
@pytest.mark.parametrize("jump", [backward, forward])
def test_release_reading_and_notes_wait_and_receiving_goes_on(jump: Callable[[SimNode], None]) -> None:
    world = world_in_force()
    node = world[JPN]
    node.bring_reader()
    held = world.send(b"an image").item
    node.book(held)
    world.settle()
    world.wait(2 * HOUR)
    own = node.register(b"ours").id
    jump(node)
    for act in (
        lambda: node.release(own, KOR),
        lambda: node.read(held),
        lambda: node.note(NoteSubject.AUTHORITY_NAMED),
    ):
        with pytest.raises(UnavailableError) as raised:
            act()
        assert raised.value.code == "flows/clock-stepped"
    arrived = world.send(b"another image")
    assert node.count(ItemRecord, id=arrived.item) == 1
    assert world[KOR].stages(arrived.delivery.consignment)[-1] is Stage.RECEIVED
    assert node.register(b"ours too") is not None
    assert node.problems() == []


@pytest.mark.source("DESIGN-5")
def test_once_the_clock_is_right_again_everything_goes_on() -> None:
    world = world_in_force()
    node = world[KOR]
    own = node.register(b"ours").id
    node.clock.offset_s = -HOUR
    with pytest.raises(UnavailableError):
        node.release(own, JPN)
    node.clock.offset_s = 0
    assert node.release(own, JPN).stage is Stage.QUEUED


@pytest.mark.source("DESIGN-6")
def test_drift_is_no_step() -> None:
    node = world_in_force()[KOR]
    last = node.memory.run(lambda tx: tx.head(private_log(KOR)).last_at)
    assert last is not None
    for off, held in ((MAX_STEP_S, False), (MAX_STEP_S + 1, True)):
        node.clock.offset_s = last.epoch_s - off - node.clock.now.epoch_s
        assert node.memory.run(lambda tx: clock_step_s(tx, node.desk)) == off
        with pytest.raises(UnavailableError) if held else nullcontext():
            node.memory.run(lambda tx: require_clock(tx, node.desk))
