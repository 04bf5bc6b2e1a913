"""What crosses the admin socket, and the way to it. Nothing here needs the command table: asking costs little."""

import contextlib
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from gsomia.errors import NodeError, UnavailableError

Document = dict[str, Any]
Progress = Callable[[int, int], None]
"""Told how many bytes of how many a command has worked on."""
LENGTH = struct.Struct(">I")
ANSWER_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter of a command."""

    name: str
    help: str
    kind: Literal["text", "number", "path", "flag", "secret"] = "text"
    positional: bool = False
    required: bool = False
    many: bool = False
    free: bool = False
    """Whether its name means something else in this command than in the others (`WORDS`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command came to: the exit code and the one document it prints."""

    exit: int
    document: Document


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
class Frame:
    """What comes back: how far it is, so many bytes of so many, or in the end the outcome."""

    outcome: Outcome | None = None
    far: tuple[int, int] | None = None

    def packed(self) -> bytes:
        """As it crosses the socket."""
        body = msgspec.json.encode(self)
        return LENGTH.pack(len(body)) + body


def error_document(error: NodeError) -> Document:
    """An error as people's programs read it.

    Source: design 10.
    """
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "remedy": error.remedy,
            "clauses": list(error.clauses),
            "correlation_id": error.evidence.get("correlation_id"),
        }
    }


def is_served(directory: Path) -> bool:
    """Whether a process serves the node in a directory: it answers, and no socket of one that died lies there."""
    try:
        with short_path(_socket(directory)) as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(short)
    except OSError:
        return False
    return True


def call_served(directory: Path, ask: Ask, *, progress: Progress | None = None) -> Outcome | None:
    """Send a command to the node that serves a directory; None if nobody listens there.

    Args:
        directory: the node's.
        ask: the command.
        progress: told how far it is, if the command asks for that.

    Raises:
        UnavailableError: it was sent and not answered: whether it was done, the record says.
    """
    body = msgspec.json.encode(ask)
    path = _socket(directory)
    if not path.exists():
        return None
    try:
        with short_path(path) as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            try:
                connection.connect(short)
            except OSError:
                return None
            connection.sendall(LENGTH.pack(len(body)) + body)
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


def _socket(directory: Path) -> Path:
    return directory / "run" / "admin.sock"


@contextlib.contextmanager
def short_path(path: Path) -> Any:  # noqa: ANN401  a generator of one short path
    """The path of a socket, short enough for the system."""
    # A socket's path may have 107 bytes; through the directory's descriptor it is always short.
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _next_frame(connection: socket.socket) -> Frame:
    length = LENGTH.unpack(_read(connection, LENGTH.size))[0]
    return msgspec.json.decode(_read(connection, length), type=Frame)


def _read(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(1 << 16, length - len(parts)))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
