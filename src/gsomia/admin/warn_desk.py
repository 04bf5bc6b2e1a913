"""The blocking client of a served node's `DIR/run/warn.sock`: what `warn watch` and `warn replay` stand on.

The words are those of `gsomia.warning.desk`. One client is one connection, used by one thread; a source that sends
faster than it reads the answers lets them wait in the socket.

    with WarnDesk(directory / "run" / "warn.sock") as desk:
        desk.say(Submit(message=print_message(message)))
        answer = desk.next(timeout_s=5)
"""

import socket
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

from gsomia.admin.line import short_path
from gsomia.errors import LocalError, UnavailableError
from gsomia.warning import TOLD, Asked, DeskReader, Told, print_desk

_READ_BYTES = 1 << 16


class WarnDesk:
    """A connection to the warning floor of the node that serves a directory.

    Args:
        path: of the socket.

    Raises:
        LocalError: no node serves there.
    """

    def __init__(self, path: Path) -> None:
        self._reader: DeskReader[Told] = DeskReader(TOLD)
        self._waiting: deque[Told] = deque()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with short_path(path) as short:
                self._socket.connect(short)
        except OSError as cause:
            self._socket.close()
            raise LocalError(
                "admin/not-served",
                "the warning floor is open while a node is served, and nobody serves this one",
                remedy="start it: `gsomia serve DIR`",
            ) from cause

    def say(self, word: Asked) -> None:
        """Send a word.

        Raises:
            UnavailableError: the node is gone.
        """
        try:
            self._socket.settimeout(None)
            self._socket.sendall(print_desk(word))
        except OSError as cause:
            raise _gone() from cause

    def next(self, *, timeout_s: float | None = None) -> Told | None:
        """The next word of the node; None if none came in time.

        Raises:
            UnavailableError: the node is gone, or cut us off because we did not read.
        """
        while not self._waiting:
            self._socket.settimeout(timeout_s)
            try:
                data = self._socket.recv(_READ_BYTES)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as cause:
                raise _gone() from cause
            if not data:
                raise _gone()
            self._waiting.extend(self._reader.feed(data))
        return self._waiting.popleft()

    def fileno(self) -> int:
        """For those who wait on several things; look at `next(timeout_s=0.0)` until it is None first."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _gone() -> UnavailableError:
    return UnavailableError(
        "admin/desk-cut", "the node hung up at the desk", remedy="see whether it is served, then watch again"
    )
