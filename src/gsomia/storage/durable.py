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

_ZEROES = 1 << 20
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


def replace_destroying(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file, and destroy what stood there; durable on return.

    The old content goes by the name `PATH.old` until it is overwritten; whoever opens the file next destroys what a
    crash left under that name.

    Raises:
        UnavailableError: the disk is full or fails; the old or the new file stands whole.
    """
    working = path.with_name(f"{path.name}.next")
    destroy_file(working)
    write_new(working, data)
    put_in_place(working, path)


def put_in_place(working: Path, path: Path) -> None:
    """Let a synced file take the place of another one, and destroy the other.

    Raises:
        UnavailableError: the disk fails; the old or the new file stands whole.
    """
    old = path.with_name(f"{path.name}.old")
    try:
        destroy_file(old)
        os.link(path, old)
        # CRASH: two names for the old content; the next open destroys the second one.
        working.replace(path)
        sync_directory(path.parent)
    except OSError as cause:
        raise disk_error(cause, path) from cause
    # CRASH: the new file stands; the old content still lies under its second name, and the next open destroys it.
    destroy_file(old)


def destroy_leftovers(path: Path) -> None:
    """Destroy what a crash in `replace_destroying` left beside a file.

    Raises:
        UnavailableError: the disk fails.
    """
    destroy_file(path.with_name(f"{path.name}.old"))
    destroy_file(path.with_name(f"{path.name}.next"))


def destroy_file(path: Path) -> None:
    """Overwrite a file, sync, and take its name away; nothing happens if there is none.

    What the medium keeps elsewhere (old blocks of a flash disk, a snapshot) cannot be reached from here.

    Raises:
        UnavailableError: the disk fails; the file may still be there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as cause:
        raise disk_error(cause, path) from cause
    try:
        size = os.fstat(descriptor).st_size
        for offset in range(0, size, _ZEROES):
            write_all(descriptor, bytes(min(_ZEROES, size - offset)), offset=offset)
        os.fsync(descriptor)
        path.unlink()
        sync_directory(path.parent)
    except OSError as cause:
        raise disk_error(cause, path) from cause
    finally:
        os.close(descriptor)


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
