"""Two floors in one process, and Tokyo's own door between them, under mutual TLS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from api.door import Opened, opened, tls
from gsomia.storage import MemoryLaneJournal, MemorySpareJournal
from gsomia.transport import Endpoint, Floor, Lanes, lane_context
from gsomia.warning import (
    TOLD,
    Alarm,
    Denied,
    DeskReader,
    Marked,
    Message,
    Shown,
    Taken,
    parse_message,
    print_message,
)
from simulation.warn_world import warned_world
from simulation.world import JPN, KOR, World, identity
from strategies.lanes import NOW_US, track


@dataclass(eq=False)
class Watcher:
    """A desk in this process."""

    shown: list[Shown] = field(default_factory=list)
    marked: list[Marked] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def show(self, frame: bytes) -> None:
        for word in DeskReader(TOLD).feed(frame):
            match word:
                case Shown():
                    self.shown.append(word)
                case Marked():
                    self.marked.append(word)
                case Alarm():
                    self.alarms.append(word)
                case _:
                    pass

    @property
    def messages(self) -> list[Message]:
        return [parse_message(one.message) for one in self.shown]

    @property
    def codes(self) -> set[str]:
        return {one.code for one in self.alarms}


class Clock:
    """Microseconds that begin when the warnings of `strategies.lanes` are said, and go on with the loop's."""

    def __init__(self) -> None:
        self.ahead_us = 0
        self._began = asyncio.get_running_loop().time()

    def __call__(self) -> int:
        return NOW_US + int((asyncio.get_running_loop().time() - self._began) * 1e6) + self.ahead_us


class Side:
    """One node's floor."""

    def __init__(self, world: World, party: Any, executor: ThreadPoolExecutor) -> None:
        self.node = world[party]
        self.journal = MemoryLaneJournal()
        self.spare = MemorySpareJournal()
        self.clock = Clock()
        self.watcher = Watcher()
        self.address = ("127.0.0.1", 0)
        self.executor = executor
        self.lanes: Lanes
        self.floor: Floor
        self.open()

    def open(self) -> None:
        loop = asyncio.get_running_loop()
        self.floor = Floor(
            self.node.desk,
            journal=self.journal,
            spare=self.spare,
            clock_us=self.clock,
            background=lambda act: loop.run_in_executor(self.executor, act),
        )
        self.floor.picture.lines.add(self.watcher)
        self.lanes = Lanes(self.floor, endpoint=self._endpoint)
        self.lanes.open()

    async def _endpoint(self, code: Any) -> Endpoint:
        context = lane_context(tls(self.node.party), pinned=identity(code).descriptor.tls_certificate)
        return Endpoint(host=self.address[0], port=self.address[1], context=context, server_name="x")

    def say(self, message: Message) -> "asyncio.Future[Taken | Denied]":
        answered: asyncio.Future[Taken | Denied] = asyncio.get_running_loop().create_future()
        self.floor.submit(print_message(message), answered.set_result)
        return answered

    def lane(self) -> dict[str, Any]:
        return next(iter(self.floor.stats()["lanes"]))


@dataclass
class Pair:
    world: World
    kor: Side
    jpn: Side
    door: Opened

    async def up(self) -> None:
        await until(lambda: bool(self.jpn.floor.stats()["lanes"]) and self.jpn.lane()["up"] and self.kor.lane()["up"])


async def until(holds: Callable[[], bool], *, seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def pair(world: World) -> AsyncIterator[Pair]:
    with ThreadPoolExecutor(1) as executor:
        jpn = Side(world, JPN, executor)
        async with opened(world[JPN], lane=jpn.lanes.take) as door:
            kor = Side(world, KOR, executor)
            kor.address = ("127.0.0.1", door.port)
            try:
                yield Pair(world, kor, jpn, door)
            finally:
                await kor.lanes.close()
                await jpn.lanes.close()
                await asyncio.sleep(0.05)


def between(act: Callable[[Pair], Awaitable[None]], *, world: World | None = None) -> None:
    async def run() -> None:
        async with pair(world or warned_world()) as made:
            await made.up()
            await act(made)

    asyncio.run(run())


def points(count: int) -> list[Message]:
    return [track(number, event=number) for number in range(count)]
