"""Files that survive a power cut: written whole beside their place, synced, put in place, and the directory synced.

Whoever returns from here may say that the bytes are there. A full disk and a failing disk have their own codes; nothing
half-written is left under a name that is read.
"""

import errno
import os
from pathlib import Path

from gsomia.errors import LocalError, UnavailableError

OWNER_ONLY = 0o600
DIRECTORY_OWNER_ONLY = 0o700

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def write_new(path: Path, data: bytes) -> None:
    """Put `data` under a name that is not taken yet; durable on return, readable by the owner only.

    Raises:
        LocalError: the name is taken. Key files are never overwritten.
        UnavailableError: the disk is full or fails; nothing is there.
    """
    working = path.with_name(f".{path.name}.new")
    try:
        make_directory(path.parent)
        working.unlink(missing_ok=True)
        descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
        try:
            write_all(descriptor, data, offset=0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # CRASH: the working file may be left; the next attempt removes it, and nobody reads it.
        os.link(working, path)
        # CRASH: the whole file may or may not be there; the caller has not said so yet.
        working.unlink()
        sync_directory(path.parent)
    except FileExistsError as cause:
        working.unlink(missing_ok=True)
        raise LocalError(
            "storage/file-exists",
            f"`{path.name}` is there already",
            remedy="move it away first; it is never overwritten",
        ) from cause
    except OSError as cause:
        working.unlink(missing_ok=True)
        raise disk_error(cause, path) from cause


def write_over(path: Path, data: bytes) -> None:
    """Put `data` in the place of what `path` holds, whole or not at all; durable on return.

    Raises:
        UnavailableError: the disk is full or fails; what was there is there still.
    """
    working = path.with_name(f".{path.name}.new")
    try:
        working.unlink(missing_ok=True)
        descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
        try:
            write_all(descriptor, data, offset=0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # CRASH: the old file is untouched; the working file is removed by the next attempt.
        working.rename(path)
        # CRASH: old or new, never a part of each: a rename is whole.
        sync_directory(path.parent)
    except OSError as cause:
        working.unlink(missing_ok=True)
        raise disk_error(cause, path) from cause


def write_all(descriptor: int, data: bytes, *, offset: int) -> None:
    """Write every byte at `offset`, however few a call takes."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def make_directory(path: Path) -> None:
    """Make a directory that lasts, readable by the owner only; nothing happens if it is there."""
    if not path.is_dir():
        path.mkdir(mode=DIRECTORY_OWNER_ONLY, parents=True, exist_ok=True)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable; syncing a file does not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(cause: OSError, path: Path) -> UnavailableError:
    """What a failed write is to the caller: no room, or a disk that fails."""
    if cause.errno in _NO_ROOM:
        return UnavailableError(
            "storage/disk-full",
            f"there is no room for `{path.name}`",
            remedy="free room on the disk that holds the node, then repeat the command",
        )
    return UnavailableError(
        "storage/disk-fails",
        f"`{path.name}` cannot be written: {(cause.strerror or 'unknown').lower()}",
        remedy="look at the disk and at the rights on the node's directory, then repeat the command",
    )
