"""Partners cosign each other's logs, and will not cosign one that was rewritten."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from gsomia.audit import AddCheckpoint, CosignStatus, Event, print_add_checkpoint
from gsomia.errors import PartnerError
from gsomia.flows import cosign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import AnchorRecord, RefusalRecord
from gsomia.transport import PartnerRefusedError, Worker
from gsomia.transport.https import SeenOtherError
from simulation.world import JPN, KOR, Fault, SimNode, World, world_in_force

LOG = shared_log(KOR, JPN)


@pytest.fixture
def world() -> World:
    return world_in_force()


def cosigned(node: SimNode) -> int:
    last = node.memory.run(lambda tx: tx.last_cosignature(LOG))
    return last[0] if last else 0


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness")
def test_a_log_is_cosigned_as_it_grows(world: World) -> None:
    for _ in range(3):
        world.send(b"image")
        assert world.cosign(KOR, JPN)
        assert cosigned(world[KOR]) == world[KOR].sizes()[LOG]
    assert {report.origin: report.cosigned for report in world[KOR].check()}[LOG] == world[KOR].sizes()[LOG]
    assert world[KOR].problems() == []


@pytest.mark.source("DESIGN-5")
def test_a_head_that_is_cosigned_is_not_asked_about_again(world: World) -> None:
    world.cosign(KOR, JPN)
    assert cosign.request_cosignature(world[KOR].desk, JPN) is None


@pytest.mark.source("DESIGN-5")
def test_the_shared_log_takes_a_commitment_to_the_private_head_first(world: World) -> None:
    world.cosign(KOR, JPN)
    anchor = world[KOR].every(AnchorRecord)[-1]
    leaf = world[KOR].leaves(LOG)[-1]
    assert (leaf.event, leaf.digest) == (Event.LOG_ANCHORED, anchor.commitment)


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness")
@pytest.mark.parametrize("more", [False, True], ids=["same-head", "grown-since"])
def test_a_lost_answer_is_recovered_from_the_size_the_witness_names(world: World, more: bool) -> None:  # noqa: FBT001
    world.cosign(KOR, JPN)
    world.send(b"image")
    assert not world.cosign(KOR, JPN, Fault.REPLY_LOST)
    if more:
        world.send(b"another")
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    status, told = world.links[KOR, JPN].add_checkpoint(request.request)
    assert status is CosignStatus.OTHER_SIZE
    assert int(told) > cosigned(world[KOR])
    assert world.cosign(KOR, JPN)
    assert cosigned(world[KOR]) == world[KOR].sizes()[LOG]


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness")
def test_a_rewritten_log_is_not_cosigned_and_the_attempt_is_recorded(world: World) -> None:
    world.send(b"image")
    world.cosign(KOR, JPN)
    before = world[JPN].memory.run(lambda tx: tx.witnessed(LOG))
    other = world_in_force()  # the same node, with another history
    other.send(b"image")
    other.wait(5)
    for content in (b"one", b"two"):
        other.send(content)
    rewritten = cosign.request_cosignature(other[KOR].desk, JPN, seen=before[0] if before else 0)
    assert rewritten is not None
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[KOR, JPN].add_checkpoint(rewritten.request)
    assert raised.value.code in {"audit/inconsistent", "audit/two-roots"}
    assert world[JPN].memory.run(lambda tx: tx.witnessed(LOG)) == before
    assert world[JPN].count(RefusalRecord, code=raised.value.code) == 1


@pytest.mark.source("C2SP tlog-witness")
def test_two_roots_of_one_size_convict_the_log(world: World) -> None:
    world.cosign(KOR, JPN)
    size = world[KOR].sizes()[LOG]
    other = World(KOR, JPN)
    other.wait(3600)
    other.bring_into_force()
    while other[KOR].sizes()[LOG] < size:
        other.send(b"x")
    body = other[KOR].desk.unlocked.checkpoints.cover(LOG, size=size)
    request = AddCheckpoint(old=size, proof=(), checkpoint=body)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[KOR, JPN].add_checkpoint(print_add_checkpoint(request))
    assert raised.value.code == "audit/two-roots"
    assert other[KOR].sizes()[LOG] == size


@pytest.mark.source("C2SP tlog-witness")
def test_another_partys_log_is_not_cosigned(world: World) -> None:
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    with pytest.raises(PartnerError):
        world.links[JPN, KOR].add_checkpoint(request.request)


@pytest.mark.source("C2SP tlog-cosignature")
def test_a_cosignature_over_another_checkpoint_is_not_kept(world: World) -> None:
    first = cosign.request_cosignature(world[KOR].desk, JPN)
    assert first is not None
    _, lines = world.links[KOR, JPN].add_checkpoint(first.request)
    world.send(b"image")
    second = cosign.request_cosignature(world[KOR].desk, JPN)
    assert second is not None
    with pytest.raises(PartnerError):
        cosign.take_cosignature(world[KOR].desk, JPN, second, lines)
    assert cosigned(world[KOR]) == 0


class Boasting:
    """A partner that claims to have seen more of our log than there is."""

    async def add_checkpoint(self, _request: bytes) -> bytes:
        raise SeenOtherError(b"999999999999\n")


@pytest.mark.source("DESIGN-6", "C2SP tlog-witness")
def test_a_witness_that_claims_to_have_seen_too_much_does_not_stop_the_worker(world: World) -> None:
    async def ask() -> None:
        with ThreadPoolExecutor(1) as executor:
            worker = Worker(world[KOR].desk, JPN, link=Boasting(), executor=executor)  # type: ignore[arg-type]
            worker._linked = True  # to a partner that boasts later
            try:
                await worker._ask_cosignature(seen=None)
            except SeenOtherError as other:
                await worker._ask_cosignature(seen=other.size)

    with pytest.raises(PartnerError):
        asyncio.run(ask())


@pytest.mark.source("DESIGN-5", "DESIGN-6")
def test_a_witness_that_never_answers_does_not_make_the_logs_grow(world: World) -> None:
    world.send(b"image")
    cosign.request_cosignature(world[KOR].desk, JPN)
    sizes = world[KOR].sizes()
    for _ in range(5):
        world.wait(1)
        assert cosign.request_cosignature(world[KOR].desk, JPN) is not None
    assert world[KOR].sizes() == sizes
    world.send(b"another")
    assert world.cosign(KOR, JPN)
    assert cosigned(world[KOR]) == world[KOR].sizes()[LOG]
