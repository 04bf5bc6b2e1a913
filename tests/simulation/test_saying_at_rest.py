"""What is said while the lane to a partner rests goes out at once, once, and in the order in which it is due."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, cast

import pytest

from gsomia.exchange import Precedence, Reply
from gsomia.ids import HexDigest
from gsomia.parties import claimed_digest
from gsomia.transport import Worker
from simulation.hotline import manned_world, say
from simulation.world import JPN, KOR, World

pytestmark = pytest.mark.source("DESIGN-6")

LONGEST_S = 30
"""A hang is a failure."""


class Line:
    """The line to Tokyo, which notes what goes over it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.said: list[HexDigest] = []
        self.heard = asyncio.Event()

    async def statement(self, envelope: bytes) -> Reply:
        self.said.append(claimed_digest(envelope))
        self.heard.set()
        return self._world.links[KOR, JPN].statement(envelope)


@pytest.fixture
def world() -> World:
    return manned_world()


def at_rest(world: World, act: Callable[[Worker, Line, Executor], Any]) -> Line:
    """Run `act` beside a lane of statements that rests, and let the lane finish."""

    async def played() -> Line:
        line = Line(world)
        with ThreadPoolExecutor(1) as executor:
            worker = Worker(world[KOR].desk, JPN, link=cast("Any", line), executor=executor)
            worker._linked = True  # the pair is linked up; the line here answers statements only
            async with asyncio.timeout(LONGEST_S):
                speaking = asyncio.create_task(worker._speak())
                await rests(worker)
                await act(worker, line, executor)
                while world[KOR].queued(JPN):  # noqa: ASYNC110  another thread brings it about
                    await asyncio.sleep(0)
                await rests(worker)
                speaking.cancel()
        return line

    return asyncio.run(played())


async def rests(worker: Worker, *, after: int = 0) -> None:
    while worker._rest <= after:  # noqa: ASYNC110  the lane brings it about
        await asyncio.sleep(0)


def test_it_leaves_without_waiting_for_a_thread(world: World) -> None:
    async def act(worker: Worker, line: Line, executor: Executor) -> None:
        go = threading.Event()
        try:
            executor.submit(go.wait)  # every thread is taken
            say(world)
            worker.wake_speak()
            await line.heard.wait()
        finally:
            go.set()

    assert len(at_rest(world, act).said) == 1


def test_the_more_urgent_of_what_was_said_together_goes_first_and_each_goes_once(world: World) -> None:
    said: list[HexDigest] = []

    async def act(worker: Worker, _line: Line, _executor: Executor) -> None:
        for precedence in (Precedence.ROUTINE, Precedence.FLASH, Precedence.IMMEDIATE):
            said.append(say(world, precedence=precedence).digest)
            worker.wake_speak()

    routine, flash, immediate = 0, 1, 2
    assert at_rest(world, act).said == [said[flash], said[immediate], said[routine]]


def test_what_was_found_before_the_lane_looked_itself_is_not_said_again(world: World) -> None:
    async def act(worker: Worker, _line: Line, _executor: Executor) -> None:
        say(world)
        first, found = worker._rest, worker._look_meanwhile()
        assert found
        worker._wake_speak.set()  # the lane looks by itself before whoever said it hands over what they found
        await rests(worker, after=first)
        second = worker._rest
        worker._take_up(first, found)
        await rests(worker, after=second)

    assert len(at_rest(world, act).said) == 1


def test_one_who_says_something_is_not_told_that_the_record_cannot_be_read(world: World) -> None:
    async def act(worker: Worker, _line: Line, _executor: Executor) -> None:
        say(world)
        world[KOR].fragile.fail(1)
        worker.wake_speak()

    assert len(at_rest(world, act).said) == 1
