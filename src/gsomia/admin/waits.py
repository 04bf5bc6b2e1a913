"""Callers at the admin socket who wait for what a worker or a partner does; no thread waits with them.

The thread that settles what somebody waits for also writes the answer: handing it to the event loop first would cost a
fifth of a millisecond more, and it may be a FLASH message.
"""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from gsomia.admin.command import Bench, Pending
from gsomia.admin.line import Frame

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
_Told = asyncio.Future[bytes]
"""What is left to be written of an answer that was given."""


class Waits:
    """Everybody who waits at one door.

    Args:
        bench: tells when something was settled.
        run: looks in a thread for commands.
    """

    def __init__(self, bench: Bench, *, run: Run) -> None:
        self._bench = bench
        self._run = run
        self._over = asyncio.Event()

    def close(self) -> None:
        """Let everybody be answered as it stands."""
        self._over.set()

    async def answer(self, pending: Pending, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Answer once it came; else as it stands when the time is over, the door closes or the caller is gone.

        Returns:
            What is left for the caller of this to write.
        """
        loop = asyncio.get_running_loop()
        told: _Told = loop.create_future()
        turn = threading.Lock()
        """Taken by whoever gives the answer, and kept."""

        def look() -> None:  # in the thread of whoever settled something, who is not to suffer from what is found
            try:
                came, outcome = pending.look()
                # INVARIANT (one answer): whoever finds the turn taken gives none.
                if came and turn.acquire(blocking=False):
                    loop.call_soon_threadsafe(_tell, told, send(Frame(outcome=outcome).packed()))
            except Exception as cause:  # noqa: BLE001  whatever it raises is the caller's
                loop.call_soon_threadsafe(_fail, told, cause)

        with _direct_way(writer) as send:
            with self._bench.watched(look):
                await self._run(look)  # what came before it was watched
                await self._told_or_over(told, reader, timeout_s=pending.awaited.timeout_s)
            if told.done() or not turn.acquire(blocking=False):
                return await told
        return Frame(outcome=(await self._run(pending.look))[1]).packed()

    async def _told_or_over(self, told: _Told, reader: asyncio.StreamReader, *, timeout_s: float) -> None:
        ends: list[asyncio.Future[Any]] = [asyncio.create_task(self._over.wait()), asyncio.create_task(_gone(reader))]
        try:
            await asyncio.wait([told, *ends], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()


@contextlib.contextmanager
def _direct_way(writer: asyncio.StreamWriter) -> Iterator[Callable[[bytes], bytes]]:
    """A way past the event loop to whoever is at the other end; it returns what it could not send at once.

    It has a descriptor of its own, so that it never writes to another connection than this. What waits in `writer`
    goes first, and then nothing is sent this way.
    """
    if writer.transport.is_closing() or writer.transport.get_write_buffer_size():
        yield lambda frame: frame
        return
    with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as line:

        def send(frame: bytes) -> bytes:
            try:
                return frame[line.send(frame, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                return frame
            except OSError:  # the caller is gone
                return b""

        yield send


async def _gone(reader: asyncio.StreamReader) -> None:
    """Until the caller hung up: one command a connection, and nothing comes after it."""
    with contextlib.suppress(ConnectionError):
        await reader.read(1)


def _tell(told: _Told, rest: bytes) -> None:
    if not told.done():
        told.set_result(rest)


def _fail(told: _Told, cause: Exception) -> None:
    if not told.done():
        told.set_exception(cause)
