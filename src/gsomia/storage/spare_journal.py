"""A few acts may not wait for the log. What the log cannot take is kept here, on disk space that is reserved for it.

The file has its full size from the start, and entries are written inside it: a full disk does not stop them. Each entry
is a frame of length, digest and bytes; a frame that a crash cut does not hash, and ends the journal.

Source: design 2 (Disk is reserved for them).
"""

import hashlib
import os
import struct
import threading
from collections.abc import Sequence
from pathlib import Path

from gsomia.errors import UnavailableError
from gsomia.storage.durable import disk_error, write_all, write_new

RESERVED_BYTES = 1 << 20

_FRAME = struct.Struct(">I32s")


class FileSpareJournal:
    """The spare journal of a node: one file.

    Args:
        path: `DIR/spare.journal`; made if it is not there.

    Raises:
        UnavailableError: the disk is full or fails, and the file is not there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        if not path.exists():
            write_new(path, bytes(RESERVED_BYTES))

    def append(self, entry: bytes) -> None:
        """Keep an entry; durable on return, and without more room on the disk.

        Raises:
            UnavailableError: the reserved room is used up, or the disk fails.
        """
        with self._guard:
            kept = self._read()
            end = sum(_FRAME.size + len(one) for one in kept)
            frame = _FRAME.pack(len(entry), hashlib.sha256(entry).digest()) + entry
            if end + len(frame) + _FRAME.size > RESERVED_BYTES:
                raise UnavailableError(
                    "storage/spare-journal-full",
                    f"the spare journal has no room for `{len(entry)}` bytes more",
                    remedy="make the log take entries again: free the disk, or let the node link up",
                )
            self._write(frame, offset=end)

    def entries(self) -> list[bytes]:
        """Every entry that is kept, oldest first.

        Raises:
            UnavailableError: the disk fails.
        """
        with self._guard:
            return self._read()

    def clear(self, entered: Sequence[bytes]) -> None:
        """Forget what is kept if it is what stands in the log now. The room stays reserved.

        If something came to it since it was read, all stays: what is entered twice is entered once.

        Raises:
            UnavailableError: the disk fails.
        """
        with self._guard:
            kept = self._read()
            if kept != list(entered):
                return
            # CRASH: the first frame goes last, so that what is left is a whole journal or none.
            used = sum(_FRAME.size + len(one) for one in kept)
            if used > _FRAME.size:
                self._write(bytes(used - _FRAME.size), offset=_FRAME.size)
            self._write(bytes(_FRAME.size), offset=0)

    def _read(self) -> list[bytes]:
        try:
            data = self._path.read_bytes()
        except OSError as cause:
            raise disk_error(cause, self._path) from cause
        found, at = [], 0
        while at + _FRAME.size <= len(data):
            length, digest = _FRAME.unpack_from(data, at)
            entry = data[at + _FRAME.size : at + _FRAME.size + length]
            if length == 0 or hashlib.sha256(entry).digest() != digest:
                break
            found.append(entry)
            at += _FRAME.size + length
        return found

    def _write(self, data: bytes, *, offset: int) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                write_all(descriptor, data, offset=offset)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as cause:
            raise disk_error(cause, self._path) from cause


class MemorySpareJournal:
    """The spare journal in a list."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def append(self, entry: bytes) -> None:
        """Keep an entry."""
        self._kept.append(entry)

    def entries(self) -> list[bytes]:
        """Every entry that is kept, oldest first."""
        return list(self._kept)

    def clear(self, entered: Sequence[bytes]) -> None:
        """Forget what is kept if it is what was entered."""
        if self._kept == list(entered):
            self._kept.clear()
