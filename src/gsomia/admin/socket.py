"""The admin socket of a served node: mode 0600, the caller's uid checked, one command a connection.

The answer is one frame with the outcome; before it, if the caller asked to see it, frames that tell how far it is.
"""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from gsomia.admin.command import Bench, Call, Command, Pending, begin_command, run_command
from gsomia.admin.line import LENGTH, Ask, Frame, Progress, short_path
from gsomia.admin.waits import Waits
from gsomia.errors import LocalError

MAX_MESSAGE_BYTES = 16 << 20
LAST_ANSWERS_S = 5
"""So long a door that closes goes on answering the commands it took."""
_CREDENTIALS = struct.Struct("3i")

T = TypeVar("T")


class AdminDoor:
    """Listens on `DIR/run/admin.sock`."""

    def __init__(self, bench: Bench, *, commands: dict[str, Command], executor: Executor) -> None:
        self._bench = bench
        self._commands = commands
        self._executor = executor
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[Any]] = set()
        self._waits = Waits(bench, run=self._in_thread)

    async def open(self, path: Path) -> None:
        """Start listening; a stale socket of a process that died is replaced (the node's lock is ours)."""
        await asyncio.to_thread(path.unlink, missing_ok=True)
        mask = os.umask(0o177)
        try:
            with short_path(path) as short:
                self._server = await asyncio.start_unix_server(self._serve, short)
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Stop listening; a command that waits is answered as it stands."""
        if self._server is not None:
            self._server.close()
        self._waits.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=LAST_ANSWERS_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            peer = writer.get_extra_info("socket")
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            if _CREDENTIALS.unpack(credentials)[1] == os.getuid():
                length = LENGTH.unpack(await reader.readexactly(LENGTH.size))[0]
                if length <= MAX_MESSAGE_BYTES:
                    untrusted = await reader.readexactly(length)
                    with self._noted():
                        answer = await self._answer(untrusted, reader, writer)
                        if not writer.transport.is_closing():
                            writer.write(answer)
                            await writer.drain()
        writer.close()

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        """Note that the task at work has an answer to give: a door that closes lets it."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._answering.add(task)
        try:
            yield
        finally:
            self._answering.discard(task)

    async def _answer(self, untrusted: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        try:
            ask = msgspec.json.decode(untrusted, type=Ask)
            command = self._commands[ask.command]
        except (msgspec.MsgspecError, KeyError):
            error = LocalError("admin/unknown-command", "this node knows no such command", remedy="update `gsomia`")
            unknown = Command(name="unknown", help="", run=_raising(error))
            return Frame(outcome=run_command(unknown, Call(bench=self._bench, args={}))).packed()
        call = Call(bench=self._bench, args=ask.args, person=ask.person, person_passphrase=ask.person_passphrase)
        if ask.progress:
            call = replace(call, progress=_told_over(writer, asyncio.get_running_loop()))
        begun = await self._in_thread(partial(begin_command, command, call))
        if isinstance(begun, Pending):
            return await self._waits.answer(begun, reader, writer)
        return Frame(outcome=begun).packed()

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, act)


def _told_over(writer: asyncio.StreamWriter, loop: asyncio.AbstractEventLoop) -> Progress:
    # Called in the thread of the command; so few frames that nobody who reads slowly is waited for.
    last = -1

    def tell(done: int, total: int) -> None:
        nonlocal last
        hundredth = done * 100 // total if total else 100
        if hundredth != last:
            last = hundredth
            loop.call_soon_threadsafe(writer.write, Frame(far=(done, total)).packed())

    return tell


def _raising(error: LocalError) -> Callable[[Call], dict[str, Any]]:
    def run(_call: Call) -> dict[str, Any]:
        raise error

    return run
