"""Commands that wait for what a partner does: no thread waits with them, and nobody else waits for them."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest
import uvloop

from gsomia.admin import AdminDoor, Ask, Bench, Call, Command, Outcome, call_served, run_command
from gsomia.admin.awaited import LONGEST_WAIT_S, Awaited
from gsomia.admin.line import LENGTH, Frame, short_path
from gsomia.errors import LocalError, UnavailableError

pytestmark = pytest.mark.source("DESIGN-10")

T = TypeVar("T")

MANY = 20
LONG = 60
"""Longer than a test may take: whoever waits so long was not told."""


def play(played: Coroutine[Any, Any, T]) -> T:
    """On the event loop of a served node."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(played)


class Table:
    """A node at which one thing is waited for."""

    def __init__(self) -> None:
        self.came = 0
        self.error: Exception | None = None
        self.more: dict[str, Any] = {}
        self.waiting = 0
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._looks: list[Callable[[], None]] = []

    @contextmanager
    def watched(self, look: Callable[[], None]) -> Iterator[None]:
        self._looks.append(look)
        self._changed.set()
        try:
            yield
        finally:
            self._looks.remove(look)
            self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONG / 2):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def settle(self) -> None:
        for look in list(self._looks):
            look()

    @property
    def watching(self) -> int:
        return len(self._looks)

    def commands(self) -> dict[str, Command]:
        def look() -> tuple[bool, dict[str, Any]]:
            self.waiting += 1
            self._loop.call_soon_threadsafe(self._changed.set)
            if self.error is not None:
                raise self.error
            return self.came > 0, {"came": self.came, **self.more}

        def wait(call: Call) -> Awaited:
            return Awaited(look=look, timeout_s=call.args.get("wait", LONG))

        return {
            "wait": Command(name="wait", help="", run=wait),
            "briefly": Command(name="briefly", help="", run=lambda _call: Awaited(look=look, timeout_s=0)),
            "doctor": Command(name="doctor", help="", run=lambda _call: {"well": True}),
        }


@contextlib.asynccontextmanager
async def opened(path: Path, table: Table) -> AsyncIterator[tuple[AdminDoor, Callable[[str], asyncio.Task[Outcome]]]]:
    """A door with one thread for commands, and a way to ask it."""
    (path / "run").mkdir()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(MANY + 2) as askers:
        door = AdminDoor(cast("Bench", table), commands=table.commands(), executor=one)
        await door.open(path / "run" / "admin.sock")

        def ask(name: str) -> asyncio.Task[Outcome]:
            asked = Ask(command=name, args={}, person=None, person_passphrase=None)

            async def answered() -> Outcome:
                outcome = await asyncio.get_running_loop().run_in_executor(askers, call_served, path, asked)
                return cast("Outcome", outcome)

            return asyncio.create_task(answered())

        try:
            yield door, ask
        finally:
            await door.close()


async def connected(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over which `wait` was asked."""
    body = msgspec.json.encode(Ask(command="wait", args={}, person=None, person_passphrase=None))
    with short_path(path / "run" / "admin.sock") as short:
        reader, writer = await asyncio.open_unix_connection(short)
    writer.write(LENGTH.pack(len(body)) + body)
    return reader, writer


def test_those_who_wait_keep_no_thread_from_others(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            waiting = [ask("wait") for _ in range(MANY)]
            await table.until(lambda: table.waiting == MANY)
            assert await ask("doctor") == Outcome(exit=0, document={"well": True})
            table.came = 1
            table.settle()
            assert await asyncio.gather(*waiting) == [Outcome(exit=0, document={"came": 1})] * MANY
            assert table.watching == 0

    play(played())


def test_an_answer_longer_than_the_socket_holds_comes_whole(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            waiting = ask("wait")
            await table.until(lambda: table.waiting == 1)
            table.came, table.more = 1, {"long": "x" * (4 << 20)}
            table.settle()
            assert (await waiting).document["long"] == table.more["long"]

    play(played())


def test_however_many_settle_at_once_there_is_one_answer(tmp_path: Path) -> None:
    async def played() -> bytes:
        table = Table()
        async with opened(tmp_path, table):
            reader, writer = await connected(tmp_path)
            await table.until(lambda: table.waiting == 1)
            table.came = 1
            together = threading.Barrier(8)

            def settle() -> None:
                together.wait()
                table.settle()

            with ThreadPoolExecutor(8) as threads:
                for _ in range(8):
                    threads.submit(settle)
            came = await reader.read()
            writer.close()
            return came

    frame = Frame(outcome=Outcome(exit=0, document={"came": 1})).packed()
    assert play(played()) == frame


def test_what_was_settled_and_is_not_it_ends_no_wait(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            waiting = ask("wait")
            await table.until(lambda: table.waiting == 1)
            table.settle()
            assert table.watching == 1
            table.came = 2
            table.settle()
            assert (await waiting).document == {"came": 2}

    play(played())


def test_what_came_before_is_answered_at_once(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        table.came = 1
        async with opened(tmp_path, table) as (_, ask):
            assert (await ask("wait")).document == {"came": 1}

    play(played())


def test_when_the_time_is_over_it_is_answered_as_it_stands(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            assert await ask("briefly") == Outcome(exit=0, document={"came": 0})
            assert table.watching == 0

    play(played())


def test_what_cannot_be_looked_at_is_an_error_with_its_code(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            waiting = ask("wait")
            await table.until(lambda: table.waiting == 1)
            table.error = LocalError("storage/none", "there is none", remedy="look")
            table.settle()
            outcome = await waiting
            assert outcome.exit == LocalError.exit_code
            assert outcome.document["error"]["code"] == "storage/none"

    play(played())


def test_a_fault_in_looking_is_not_that_of_whoever_settled(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (_, ask):
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the stream reports it
            waiting = ask("wait")
            await table.until(lambda: table.waiting == 1)
            table.error = RuntimeError("a fault of ours")
            table.settle()
            with pytest.raises(UnavailableError):
                await waiting
            assert table.watching == 0

    play(played())


def test_a_door_that_closes_answers_those_who_wait(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table) as (door, ask):
            waiting = ask("wait")
            await table.until(lambda: table.waiting == 1)
            await door.close()
            assert await waiting == Outcome(exit=0, document={"came": 0})

    play(played())


def test_nobody_is_watched_for_who_hung_up(tmp_path: Path) -> None:
    async def played() -> None:
        table = Table()
        async with opened(tmp_path, table):
            _, writer = await connected(tmp_path)
            await table.until(lambda: table.watching == 1)
            writer.close()
            await table.until(lambda: table.watching == 0)

    play(played())


def test_where_no_worker_runs_it_is_looked_at_once() -> None:
    async def played() -> None:
        table = Table()
        outcome = run_command(table.commands()["wait"], Call(bench=cast("Bench", table), args={}))
        assert outcome == Outcome(exit=0, document={"came": 0})
        assert table.waiting == 1

    play(played())


@pytest.mark.parametrize(("asked", "waited"), [(-1, 0), (5, 5), (1 << 80, LONGEST_WAIT_S)])
def test_no_wait_is_longer_than_whoever_asked_stays(asked: int, waited: int) -> None:
    assert Awaited(look=lambda: (False, {}), timeout_s=asked).timeout_s == waited
