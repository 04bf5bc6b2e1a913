"""What is short is sealed once: at hand until its first attempt, and the same bytes as if it were sealed again."""

import pytest

from gsomia.envelope import MAX_RIDING_BYTES, SEGMENT_BYTES, Holding
from gsomia.errors import IntegrityError
from gsomia.flows import consign
from gsomia.flows.at_hand import MAX_AT_HAND, take_at_hand
from gsomia.flows.content import content_of
from gsomia.flows.facts import get_item
from gsomia.flows.release import Released
from simulation.sim_node import flip
from simulation.world import JPN, KOR, World, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


def release(world: World, content: bytes = b"short") -> Released:
    return world[KOR].release(world[KOR].register(content).id, JPN)


def holding_of(world: World, released: Released) -> Holding:
    return world[KOR].desk.store.run(lambda tx: content_of(get_item(tx, released.item)))


def begin(world: World, released: Released) -> consign.ConsignmentToSend:
    return consign.begin_consignment(world[KOR].desk, released.delivery.consignment)


@pytest.mark.source("DESIGN-4", "DESIGN-6")
@pytest.mark.parametrize("content", [b"", b"short", bytes(100_000)])
def test_the_second_attempt_reads_the_record_and_sends_the_same_bytes(world: World, content: bytes) -> None:
    released = release(world, content)
    first, second = begin(world, released), begin(world, released)
    assert (first.header, first.offer, first.inline) == (second.header, second.offer, second.inline)
    assert first.segment(0) == second.segment(0) == first.inline


def test_only_the_first_attempt_does_not_read_what_is_stored(world: World) -> None:
    kept, read = release(world), release(world)
    take_at_hand(world[KOR].desk, read.delivery.consignment)  # as after a restart
    for one in (kept, read):
        flip(world[KOR].payloads, holding_of(world, one).segment_list, 0)
    assert begin(world, kept).inline
    for one in (kept, read):
        with pytest.raises(IntegrityError):
            begin(world, one)


def test_what_was_destroyed_meanwhile_does_not_go(world: World) -> None:
    released = release(world)
    world[KOR].desk.unlocked.storage_keys.destroy(released.item)
    with pytest.raises(IntegrityError):
        begin(world, released)


@pytest.mark.parametrize("size", [MAX_RIDING_BYTES, SEGMENT_BYTES + 1])
def test_what_is_long_is_not_kept(world: World, size: int) -> None:
    released = release(world, bytes(size))
    assert take_at_hand(world[KOR].desk, released.delivery.consignment) is None
    assert begin(world, released).segment(0)


def test_so_many_are_kept_and_the_oldest_goes_first(world: World) -> None:
    released = [release(world) for _ in range(MAX_AT_HAND + 1)]
    kept = [take_at_hand(world[KOR].desk, one.delivery.consignment) is not None for one in released]
    assert kept == [False] + [True] * MAX_AT_HAND
