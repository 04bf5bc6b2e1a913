"""The admin socket of a served node: mode 0600, the caller's uid checked, one command a connection.

The answer is one frame with the outcome; before it, if the caller asked to see it, frames that tell how far it is.
"""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from gsomia.admin.command import Bench, Call, Command, Outcome, Progress, run_command
from gsomia.errors import LocalError, UnavailableError

MAX_MESSAGE_BYTES = 16 << 20
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")
ANSWER_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A command as it crosses the socket."""

    command: str
    args: dict[str, Any]
    person: str | None
    person_passphrase: bytes | None = field(repr=False)
    progress: bool = False
    """Whether to tell how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What comes back: how far it is, so many bytes of so many, or in the end the outcome."""

    outcome: Outcome | None = None
    far: tuple[int, int] | None = None

    def packed(self) -> bytes:
        """As it crosses the socket."""
        body = msgspec.json.encode(self)
        return _LENGTH.pack(len(body)) + body


class AdminDoor:
    """Listens on `DIR/run/admin.sock`."""

    def __init__(self, bench: Bench, *, commands: dict[str, Command], executor: Executor) -> None:
        self._bench = bench
        self._commands = commands
        self._executor = executor
        self._server: asyncio.Server | None = None

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
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            peer = writer.get_extra_info("socket")
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            if _CREDENTIALS.unpack(credentials)[1] == os.getuid():
                length = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0]
                if length <= MAX_MESSAGE_BYTES:
                    outcome = await self._answer(await reader.readexactly(length), writer)
                    writer.write(_Frame(outcome=outcome).packed())
                    await writer.drain()
        writer.close()

    async def _answer(self, untrusted: bytes, writer: asyncio.StreamWriter) -> Outcome:
        try:
            ask = msgspec.json.decode(untrusted, type=Ask)
            command = self._commands[ask.command]
        except (msgspec.MsgspecError, KeyError):
            error = LocalError("admin/unknown-command", "this node knows no such command", remedy="update `gsomia`")
            return run_command(Command(name="unknown", help="", run=_raising(error)), Call(bench=self._bench, args={}))
        call = Call(bench=self._bench, args=ask.args, person=ask.person, person_passphrase=ask.person_passphrase)
        if ask.progress:
            call = replace(call, progress=_told_over(writer, asyncio.get_running_loop()))
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(run_command, command, call))


def call_served(path: Path, ask: Ask, *, progress: Progress | None = None) -> Outcome | None:
    """Send a command to the node that serves this directory; None if nobody listens there.

    Args:
        path: of the socket.
        ask: the command.
        progress: told how far it is, if the command asks for that.

    Raises:
        UnavailableError: it was sent and not answered: whether it was done, the record says.
    """
    body = msgspec.json.encode(ask)
    try:
        with short_path(path) as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            try:
                connection.connect(short)
            except OSError:
                return None
            connection.sendall(_LENGTH.pack(len(body)) + body)
            while (frame := _next_frame(connection)).outcome is None:
                if progress is not None and frame.far is not None:
                    progress(*frame.far)
    except (OSError, EOFError) as cause:
        raise UnavailableError(
            "admin/no-answer",
            "the node took the command and ended before it answered",
            remedy="look at the record before repeating it: `gsomia item list`, `gsomia audit verify`",
        ) from cause
    return frame.outcome


def _told_over(writer: asyncio.StreamWriter, loop: asyncio.AbstractEventLoop) -> Progress:
    # Called in the thread of the command; so few frames that nobody who reads slowly is waited for.
    last = -1

    def tell(done: int, total: int) -> None:
        nonlocal last
        hundredth = done * 100 // total if total else 100
        if hundredth != last:
            last = hundredth
            loop.call_soon_threadsafe(writer.write, _Frame(far=(done, total)).packed())

    return tell


def _next_frame(connection: socket.socket) -> _Frame:
    length = _LENGTH.unpack(_read(connection, _LENGTH.size))[0]
    return msgspec.json.decode(_read(connection, length), type=_Frame)


def _read(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(1 << 16, length - len(parts)))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


@contextlib.contextmanager
def short_path(path: Path) -> Any:  # noqa: ANN401  a generator of one short path
    """The path of a socket, short enough for the system."""
    # A socket's path may have 107 bytes; through the directory's descriptor it is always short.
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _raising(error: LocalError) -> Callable[[Call], dict[str, Any]]:
    def run(_call: Call) -> dict[str, Any]:
        raise error

    return run
