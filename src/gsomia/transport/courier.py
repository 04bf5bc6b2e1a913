"""Media as a carrier: a bundle written to a file that a courier takes, and read twice at the other end.

A file is written beside its place, synced, and named when it is whole. It is read in constant memory: once to prove
the seal, once more to be gone through. A medium that says something else the second time gains nothing, because every
piece is proven again by itself.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gsomia.errors import LocalError, UnavailableError
from gsomia.exchange import (
    BUNDLE_HEAD_BYTES,
    BUNDLE_MAGIC,
    ExchangeError,
    Frame,
    FrameKind,
    Tally,
    parse_head,
    parse_magic,
    print_frame,
)

MAX_CHANGES = 64
"""So many changes of keys are looked at before a bundle's seal is proven."""
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstReading:
    """A bundle read once: its tally, its seal, and the statements in it that may introduce the key of the seal."""

    tally: Tally
    seal: bytes
    changes: tuple[bytes, ...]


def write_bundle(path: Path, frames: Iterable[Frame], *, seal: Callable[[Tally], bytes]) -> Tally:
    """Write a bundle to a new file; durable and whole on return, or not there.

    Args:
        path: a name that is not taken.
        frames: everything before the seal, read as it is written.
        seal: makes the seal over what was written.

    Raises:
        LocalError: the name is taken.
        UnavailableError: the medium is full or fails.
    """
    working = path.with_name(f".{path.name}.part")
    try:
        working.unlink(missing_ok=True)
        descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            tally = _write_frames(file, frames, seal)
        os.link(working, path)
        _sync_directory(path.parent)
    except FileExistsError as cause:
        raise LocalError(
            "transport/file-exists", f"`{path.name}` is there already", remedy="name a new file"
        ) from cause
    except OSError as cause:
        raise UnavailableError(
            "transport/medium-fails",
            f"`{path.name}` cannot be written: {(cause.strerror or 'unknown').lower()}",
            remedy="look at the medium and its free space, then export again",
        ) from cause
    finally:
        working.unlink(missing_ok=True)
    return tally


@contextmanager
def open_bundle(path: Path) -> Iterator[BinaryIO]:
    """A bundle's file, for both readings.

    Raises:
        LocalError: no such file, or not a plain one.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as cause:
        raise LocalError(
            "transport/no-bundle", f"`{path.name}` cannot be read: {(cause.strerror or '').lower()}", remedy=""
        ) from cause
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LocalError("transport/no-bundle", f"`{path.name}` is not a plain file", remedy="name the file itself")
        yield file


def read_first(file: BinaryIO, *, is_change: Callable[[bytes], bool]) -> FirstReading:
    """Read a bundle whole, without acting on any of it.

    Raises:
        PartnerError: it is not a whole bundle.
        UnavailableError: the medium cannot be read.
    """
    tally = Tally()
    changes: list[bytes] = []
    seal = b""
    for frame in read_frames(file):
        if frame.kind is FrameKind.SEAL:
            seal = frame.body
            break
        tally.take(frame)
        if frame.kind is FrameKind.STATEMENT and len(changes) < MAX_CHANGES and is_change(frame.body):
            changes.append(frame.body)
    return FirstReading(tally=tally, seal=seal, changes=tuple(changes))


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """Every frame of a bundle from its beginning, the seal last and nothing behind it; one in memory at a time.

    Raises:
        ExchangeError: malformed.
        UnavailableError: the medium cannot be read.
    """
    _seek(file)
    parse_magic(_read(file, len(BUNDLE_MAGIC)))
    while True:
        kind, length = parse_head(_read(file, BUNDLE_HEAD_BYTES))
        body = _read(file, length)
        if len(body) != length or (kind is FrameKind.SEAL and _read(file, 1)):
            raise ExchangeError(
                "exchange/bundle-broken", "cut short, or bytes behind the seal", remedy="ask the partner for it again"
            )
        yield Frame(kind, body)
        if kind is FrameKind.SEAL:
            return


def _write_frames(file: BinaryIO, frames: Iterable[Frame], seal: Callable[[Tally], bytes]) -> Tally:
    tally = Tally()
    file.write(BUNDLE_MAGIC)
    for frame in frames:
        tally.take(frame)
        file.write(print_frame(frame))
    file.flush()
    os.fsync(file.fileno())
    file.write(print_frame(Frame(FrameKind.SEAL, seal(tally))))
    file.flush()
    os.fsync(file.fileno())
    return tally


def _seek(file: BinaryIO) -> None:
    try:
        file.seek(0)
    except OSError as cause:
        raise _unreadable(cause) from cause


def _read(file: BinaryIO, count: int) -> bytes:
    try:
        return file.read(count)
    except OSError as cause:
        raise _unreadable(cause) from cause


def _unreadable(cause: OSError) -> UnavailableError:
    return UnavailableError(
        "transport/medium-unreadable",
        f"the medium cannot be read: {(cause.strerror or 'unknown').lower()}",
        remedy="copy the file to a disk that works and import it again",
    )


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
