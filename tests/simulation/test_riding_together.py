"""Short consignments that ride in one request: taken in one unit, and each answered as if it had come alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from gsomia.agreements import NoteSubject
from gsomia.envelope import parse_offer, parse_together, print_together
from gsomia.errors import NodeError, PartnerError, UnavailableError, UnreachableError
from gsomia.exchange import Arrival, Reply, Stage
from gsomia.flows import consign
from gsomia.flows.ports import PayloadWriter
from gsomia.flows.records import RefusalRecord
from gsomia.flows.release import Released
from gsomia.registry import ItemRecord, OnHold, hold
from gsomia.transport import PartnerRefusedError, Worker
from gsomia.transport import worker as worker_module
from simulation.diplomacy import ENDS, note
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, World, identity, world_in_force

SHORT = b"%d words"
LONG = bytes(200_000)


@pytest.fixture
def world() -> World:
    return world_in_force()


def queue(world: World, count: int, *, content: bytes = SHORT) -> list[Released]:
    contents = [content % number if content is SHORT else content for number in range(count)]
    return [world[KOR].release(world[KOR].register(one).id, JPN) for one in contents]


def bodies(world: World, count: int) -> list[bytes]:
    """Offers of new items with their content."""
    sendings = [consign.begin_consignment(world[KOR].desk, one.delivery.consignment) for one in queue(world, count)]
    return [one.offer + one.inline for one in sendings]


def offer(world: World, offers: Sequence[bytes]) -> list[Reply | NodeError]:
    return world[JPN].intake.offer_together(KOR, parse_together(print_together(offers)))


def told(answers: Sequence[Reply | NodeError]) -> list[str]:
    """What each is answered: `taken`, or a code."""
    return [one.code if isinstance(one, NodeError) else "taken" if one.accepted else "go on" for one in answers]


def received(world: World) -> tuple[int, int]:
    return world[JPN].count(ItemRecord), world[JPN].count(Arrival)


@pytest.mark.source("DESIGN-5", "DESIGN-6")
def test_all_are_taken_in_one_unit_and_each_has_the_receipt_it_would_have_alone(world: World) -> None:
    offers = bodies(world, 5)
    world[JPN].fragile.fail(0)
    answers = offer(world, offers)
    assert told(answers) == ["taken"] * 5
    assert world[JPN].fragile.runs == 3  # what is known, what comes, and the one checkpoint that proves it
    for body, answer in zip(offers, answers, strict=True):
        alone = world[JPN].intake.offer(KOR, body).accepted
        assert isinstance(answer, Reply)
        assert answer.accepted is not None
        assert alone is not None
        assert (answer.accepted.receipt.leaf, answer.accepted.receipt.index) == (
            alone.receipt.leaf,
            alone.receipt.index,
        )
    assert received(world) == (5, 5)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-6")
def test_a_ride_that_is_known_whole_is_only_looked_up_and_proven(world: World) -> None:
    offers = bodies(world, 3)
    offer(world, offers)
    world[JPN].fragile.fail(0)
    assert told(offer(world, offers)) == ["taken"] * 3
    assert world[JPN].fragile.runs == 1  # the last checkpoint proves them still
    assert received(world) == (3, 3)


@pytest.mark.source("DESIGN-6", "LAW-10")
def test_one_that_is_refused_is_refused_alone(world: World) -> None:
    first, second, third = bodies(world, 3)
    broken = second[:-1] + bytes([second[-1] ^ 1])
    assert told(offer(world, [first, broken, b"no offer", third])) == [
        "taken",
        "envelope/segment-differs",
        "envelope/not-an-offer",
        "taken",
    ]
    assert received(world) == (2, 2)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-6", "G12-5")
def test_what_was_received_before_or_rides_twice_arrives_once(world: World) -> None:
    first, second, third = bodies(world, 3)
    offer(world, [first])
    assert told(offer(world, [first, second])) == ["taken"] * 2
    world[JPN].fragile.fail(0)
    assert told(offer(world, [second, first])) == ["taken"] * 2  # as after an answer that got lost
    assert world[JPN].fragile.runs <= 4
    assert told(offer(world, [third, third])) == ["taken"] * 2
    assert received(world) == (3, 3)


@pytest.mark.source("DESIGN-6")
def test_two_consignments_that_claim_one_item_are_not_both_taken(world: World) -> None:
    agreement = agreement_digest(world[KOR])
    one = forge_offer(world[KOR], identity(JPN), agreement=agreement, seed="one")
    offer(world, [one])
    item = world[JPN].every(ItemRecord)[0].id
    others = [
        forge_offer(world[KOR], identity(JPN), agreement=agreement, item=item, content=content, seed=content.decode())
        for content in (b"made outside", b"something else")
    ]
    assert told(offer(world, others)) == ["taken", "exchange/item-conflict"]
    assert received(world) == (1, 2)


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
@pytest.mark.parametrize("unit", [1, 2])
def test_a_full_disk_takes_none_of_them_and_they_are_taken_when_they_come_again(world: World, unit: int) -> None:
    offers = bodies(world, 3)
    store = world[JPN].fragile

    def full(at: int) -> list[Reply | NodeError]:
        store.fail(at)
        return offer(world, offers)

    assert told(full(unit)) == ["taken"] * 3  # the disk failed once: then each was taken alone
    assert received(world) == (3, 3)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_without_room_for_their_keys_none_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_items: object) -> list[bytes]:
        raise UnavailableError("storage/disk-full", "the disk is full", remedy="")

    offers = bodies(world, 3)
    with monkeypatch.context() as patched:
        patched.setattr(world[JPN].storage_keys, "create_all", fails)
        assert told(offer(world, offers)) == ["storage/disk-full"] * 3
    assert received(world) == (0, 0)
    assert told(offer(world, offers)) == ["taken"] * 3


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_a_fault_with_one_keeps_no_neighbour_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = bodies(world, 3)
    begin, spoilt = world[JPN].payloads.begin, parse_offer(offers[1])[0].header.consignment

    def fails(name: str, *, segments: int) -> PayloadWriter:
        if spoilt in name:
            raise OSError(5, "input/output error")
        return begin(name, segments=segments)

    with monkeypatch.context() as patched:
        patched.setattr(world[JPN].payloads, "begin", fails)
        assert told(offer(world, offers)) == ["taken", "flows/offer-failed", "taken"]
    assert told(offer(world, offers)) == ["taken"] * 3
    assert received(world) == (3, 3)


@pytest.mark.source("A-03")
def test_what_was_dispatched_after_the_end_goes_on_hold_and_no_more_of_it_than_may(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "MAX_ON_HOLD", 2)
    in_time = bodies(world, 1)
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=10)
    agreement = agreement_digest(world[KOR])
    late = [forge_offer(world[KOR], identity(JPN), agreement=agreement, seed=f"late {n}") for n in range(3)]
    assert told(offer(world, [*in_time, *late])) == [
        "taken",
        "policy/held-after-end",
        "policy/held-after-end",
        "policy/dispatched-after-end",
    ]
    assert (received(world), world[JPN].count(OnHold)) == ((1, 1), 2)
    assert len(world[JPN].payloads._stored) == 3
    assert world[JPN].problems() == []


# --- the worker ----------------------------------------------------------------------------------------------------


class Line:
    """A partner's door, as a worker calls it, and how often it was asked."""

    def __init__(self, world: World, *, together: Callable[[], None] = lambda: None) -> None:
        self._world = world
        self.together = together
        self.alone: list[bytes] = []
        self.rides: list[int] = []
        self.asked: list[str] = []
        self.worker: Worker | None = None

    async def offer(self, body: bytes) -> Reply:
        self.alone.append(body)
        self.asked.append("offer")
        return self._world.links[KOR, JPN].offer(body)

    async def offer_together(self, offers: Sequence[bytes]) -> list[Reply | NodeError]:
        self.rides.append(len(offers))
        self.asked.append("offer")
        self.together()
        return offer(self._world, offers)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        act = getattr(self._world.links[KOR, JPN], name)

        async def call(*args: Any) -> Any:
            self.asked.append(name)
            return act(*args)

        return call


def carry(world: World, line: Line, *, until: Callable[[], bool], linked: bool = True) -> None:
    """Let the worker carry until something holds and nothing is on its way."""

    async def run() -> None:
        with ThreadPoolExecutor(2) as executor:
            worker = Worker(world[KOR].desk, JPN, link=cast("Any", line), executor=executor)
            worker._linked, line.worker = linked, worker
            async with asyncio.timeout(30), asyncio.TaskGroup() as group:
                carrying = group.create_task(worker._carry(group))
                while worker._busy or not until():  # noqa: ASYNC110  another thread brings it about
                    await asyncio.sleep(0)
                carrying.cancel()

    asyncio.run(run())


def stages(world: World, released: Sequence[Released]) -> list[Stage]:
    return [world[KOR].stages(one.delivery.consignment)[-1] for one in released]


@pytest.mark.source("DESIGN-6")
def test_short_consignments_that_wait_ride_together_and_long_ones_alone(world: World) -> None:
    released = [*queue(world, 9), *queue(world, 2, content=LONG)]
    line = Line(world)
    carry(world, line, until=lambda: world[KOR].queued(JPN) == 0)
    assert stages(world, released) == [Stage.RECEIVED] * 11
    assert sum(line.rides) + len(line.alone) == 11
    assert max(line.rides) > 1
    assert sorted(len(body) > len(LONG) for body in line.alone)[-2:] == [True, True]
    assert world[KOR].problems() == world[JPN].problems() == []


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    "wrong",
    [
        PartnerError("transport/answers-missing", "not each was answered"),
        PartnerRefusedError(cast("Any", RefusalRecord)),
    ],
    ids=["misunderstood", "refused-as-a-whole"],
)
def test_a_partner_that_takes_no_rides_is_offered_each_alone(world: World, wrong: NodeError) -> None:
    def fail() -> None:
        raise wrong

    released = queue(world, 6)
    line = Line(world, together=fail)
    carry(world, line, until=lambda: world[KOR].queued(JPN) == 0)
    assert stages(world, released) == [Stage.RECEIVED] * 6
    assert len(line.alone) == 6


def test_never_more_than_half_of_what_may_be_in_flight_rides_at_once(world: World) -> None:
    queue(world, 3 * worker_module.IN_FLIGHT)
    line = Line(world)
    carry(world, line, until=lambda: world[KOR].queued(JPN) == 0)
    assert max(line.rides) == worker_module.IN_FLIGHT // 2


@pytest.mark.source("DESIGN-6")
def test_a_request_that_gets_lost_is_not_repeated_at_once_and_each_waits_for_itself(world: World) -> None:
    def lost() -> None:
        raise UnreachableError("transport/not-reached", "lost on the way", remedy="")

    released = queue(world, 4)
    line = Line(world, together=lost)
    carry(world, line, until=lambda: len(world.due(KOR, JPN)) == 0)
    riding = sum(line.rides)
    assert riding + len(line.alone) == 4
    assert stages(world, released).count(Stage.SENDING) == riding
    assert world[KOR].queued(JPN) == riding
    world.settle()
    assert stages(world, released) == [Stage.RECEIVED] * 4


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_a_refusal_within_a_ride_stops_that_one_and_what_cannot_be_taken_now_waits(world: World) -> None:
    released = queue(world, 6)
    line = Line(world)
    answered = line.offer_together

    async def spoil(offers: Sequence[bytes]) -> list[Reply | NodeError]:
        told = await answered(offers)
        told[0] = UnreachableError("transport/not-now", "not now", remedy="")
        return told

    line.offer_together = spoil  # type: ignore[method-assign]
    carry(world, line, until=lambda: len(world.due(KOR, JPN)) == 0)
    waiting = len(line.rides)
    assert stages(world, released).count(Stage.SENDING) == waiting
    world.settle()
    assert stages(world, released) == [Stage.RECEIVED] * 6
    assert received(world) == (6, 6)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("again", [False, True], ids=["lost", "linked-up-again"])
def test_what_waited_for_a_ride_while_the_link_was_lost_begins_anew_after_a_new_link_up(
    world: World, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    def lose() -> None:
        assert line.worker is not None
        line.worker._linked = again  # as after something else did not get through, and perhaps was said again
        line.worker._link_ups += again

    monkeypatch.setattr(worker_module, "REQUESTS", 1)
    monkeypatch.setattr(worker_module, "RIDING", 2)
    released = queue(world, 5)
    line = Line(world, together=lose)
    carry(world, line, until=lambda: len(world.due(KOR, JPN)) == 0)
    assert (line.asked, line.rides) == (["offer"], [2])
    assert stages(world, released) == [Stage.RECEIVED] * 2 + [Stage.SENDING] * 3
    line.together = lambda: None
    world.wait(61)
    carry(world, line, until=lambda: world[KOR].queued(JPN) == 0, linked=False)
    assert line.asked[1] == "question"
    assert stages(world, released) == [Stage.RECEIVED] * 5
