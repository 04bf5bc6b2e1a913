"""Sealed content in files, addressed by the SHA-256 of its segment list.

One file holds one content: the list, 32 bytes a segment, then the sealed segments, all of full size but the last. While
it comes in it stands in `incoming/` under a working name; it moves to its address whole, synced, in one rename. Nothing
here can open what it stores.

    payloads/incoming/csg_….17     17 segments announced, not all here yet
    payloads/3f/3f9c…              whole
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gsomia.envelope import DIGEST_BYTES, SEGMENT_BYTES, TAG_BYTES
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, sha256_hex
from gsomia.storage.durable import OWNER_ONLY, disk_error, make_directory, sync_directory, write_all

FULL_BYTES = SEGMENT_BYTES + TAG_BYTES
"""A sealed segment of full size."""

SYNC_BEHIND = 64
"""Segments after which the disk is put to work while more come in, so that the last sync has little left to do."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_ADDRESS = re.compile(r"[0-9a-f]{64}")


class FilePayloads:
    """The payload store of a node: one directory.

    Args:
        directory: `DIR/payloads`; made if it is not there.

    Source: design 7, "Every payload is fsynced, file and directory, before the unit that names it".
    """

    def __init__(self, directory: Path) -> None:
        self._root = directory
        self._incoming = directory / "incoming"
        self._writers: dict[str, FilePayloadWriter] = {}
        self._guard = threading.Lock()
        make_directory(self._root)
        make_directory(self._incoming)

    def begin(self, name: str, *, segments: int) -> "FilePayloadWriter":
        """Start anew under a working `name`; what it had is forgotten.

        Raises:
            ValueError: not a safe name, or no segment.
        """
        check_name(name, segments=segments)
        with self._guard:
            self._clear(name)
            return self._writer(name, segments, held=0)

    def resume(self, name: str, *, segments: int) -> tuple["FilePayloadWriter", int]:
        """Go on under `name`: the writer, and how many whole segments of full size it already has (0 if none).

        Trust: after a power cut what is there may be anything; read it with `partial_segment` and verify it again.
        """
        check_name(name, segments=segments)
        path = self._working(name, segments)
        with self._guard:
            self._clear(name, but=path)
            size = path.stat().st_size if path.exists() else 0
            held = max(0, min(segments, (size - segments * DIGEST_BYTES) // FULL_BYTES))
            if size:
                os.truncate(path, segments * DIGEST_BYTES + held * FULL_BYTES)
            return self._writer(name, segments, held=held), held

    def partial_segment(self, name: str, index: int) -> bytes:
        """A segment that an unfinished `name` already has, to be verified again after a restart.

        Raises:
            IntegrityError: it has no such segment.
        """
        check_name(name, segments=index + 1)
        for path in self._incoming.glob(f"{name}.*"):
            return _read_segment(path, index, segments=int(path.suffix[1:]))
        raise missing(name, index)

    def has(self, address: HexDigest, *, tx: Tx | None = None) -> bool:  # noqa: ARG002  no unit is needed
        """Whether content is stored there."""
        return self._stored(address).is_file()

    def segment_list(self, address: HexDigest, *, segments: int) -> bytes:
        """The list stored with the content: 32 bytes a segment.

        Raises:
            IntegrityError: it is gone or does not hash to its address.
        """
        return check_list(_read(self._stored(address), offset=0, length=segments * DIGEST_BYTES), address)

    def segment(self, address: HexDigest, index: int, *, segments: int) -> bytes:
        """Sealed segment `index`.

        Raises:
            IntegrityError: it is gone.
        """
        return _read_segment(self._stored(address), index, segments=segments)

    def discard(self, address: HexDigest) -> None:
        """Take content away; durable on return, and nothing happens if there is none.

        Raises:
            UnavailableError: the disk fails.
        """
        stored = self._stored(address)
        try:
            stored.unlink(missing_ok=True)
            if stored.parent.is_dir():
                sync_directory(stored.parent)
        except OSError as cause:
            raise disk_error(cause, stored) from cause

    def free_bytes(self) -> int:
        """How much room the disk has."""
        disk = os.statvfs(self._root)
        return disk.f_bavail * disk.f_frsize

    def _writer(self, name: str, segments: int, *, held: int) -> "FilePayloadWriter":
        writer = FilePayloadWriter(self, name, self._working(name, segments), segments=segments, held=held)
        self._writers[name] = writer
        return writer

    def _clear(self, name: str, *, but: Path | None = None) -> None:
        for left in os.scandir(self._incoming):
            if left.name.startswith(f"{name}.") and (but is None or left.name != but.name):
                Path(left.path).unlink()

    def _working(self, name: str, segments: int) -> Path:
        return self._incoming / f"{name}.{segments}"

    def _stored(self, address: HexDigest) -> Path:
        check_address(address)
        return self._root / address[:2] / address

    def check_current(self, name: str, writer: "FilePayloadWriter") -> None:
        """Hold that `writer` is the last one that began or resumed `name`.

        Raises:
            UnavailableError: another took over, or this one has ended.
        """
        with self._guard:
            if self._writers.get(name) is not writer:
                raise superseded(name)

    def forget(self, name: str, path: Path) -> None:
        """Drop a working file and its writer."""
        with self._guard:
            self._writers.pop(name, None)
            path.unlink(missing_ok=True)

    def keep(self, name: str, path: Path, address: HexDigest) -> None:
        """Move a synced working file to its address. The same content may be there: the same bytes take its place."""
        stored = self._stored(address)
        make_directory(stored.parent)
        path.replace(stored)
        # CRASH: the content may stand under either name; the unit that would name its address has not run yet.
        sync_directory(stored.parent)
        sync_directory(self._incoming)
        with self._guard:
            self._writers.pop(name, None)


class FilePayloadWriter:
    """Sealed content on its way into the store. It holds no open file, so a writer may simply be dropped."""

    def __init__(self, store: FilePayloads, name: str, path: Path, *, segments: int, held: int) -> None:
        self._store = store
        self._name = name
        self._path = path
        self._segments = segments
        self._next = held
        self._behind = held
        self._syncing: threading.Thread | None = None

    def write(self, index: int, sealed: bytes) -> None:
        """Keep sealed segment `index`; segments come in order, all of full size but the last.

        Raises:
            ValueError: out of order, or of a size that segment cannot have.
            UnavailableError: the disk is full (what came so far is removed), or another writer took over.
        """
        check_segment(index, sealed, following=self._next, segments=self._segments)
        self._store.check_current(self._name, self)
        self._put(sealed, offset=self._segments * DIGEST_BYTES + index * FULL_BYTES, durable=False)
        self._next = index + 1
        if self._next - self._behind >= SYNC_BEHIND and (self._syncing is None or not self._syncing.is_alive()):
            self._behind = self._next
            self._syncing = threading.Thread(target=_sync_behind, args=(self._path,), daemon=True)
            self._syncing.start()

    def keep(self, count: int) -> None:
        """Go back to the first `count` segments of those it has.

        Raises:
            UnavailableError: the file cannot be cut, or another writer took over.
        """
        if count < self._next:
            self._store.check_current(self._name, self)
            try:
                os.truncate(self._path, self._segments * DIGEST_BYTES + count * FULL_BYTES)
            except OSError as cause:
                raise disk_error(cause, self._path) from cause
            self._next = count

    def finish(self, segment_list: bytes) -> HexDigest:
        """Make the content durable (file and directory) under the digest of its list, and return that address.

        Raises:
            ValueError: segments are missing, or the list is of another length.
            UnavailableError: the disk is full (what came is removed), or another writer took over.
        """
        check_whole(segment_list, held=self._next, segments=self._segments)
        self._store.check_current(self._name, self)
        address = sha256_hex(segment_list)
        self._put(segment_list, offset=0, durable=True)
        try:
            self._store.keep(self._name, self._path, address)
        except OSError as cause:
            self.abandon()
            raise disk_error(cause, self._path) from cause
        return address

    def finish_with(self, segment_list: bytes) -> Callable[[Tx], None]:
        """The same; a file leaves nothing to the unit."""
        self.finish(segment_list)
        return lambda _tx: None

    def abandon(self) -> None:
        """Forget what was written."""
        try:
            self._store.check_current(self._name, self)
        except UnavailableError:
            return
        self._store.forget(self._name, self._path)

    def _put(self, data: bytes, *, offset: int, durable: bool) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
            try:
                write_all(descriptor, data, offset=offset)
                if durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as cause:
            self.abandon()
            raise disk_error(cause, self._path) from cause


def check_name(name: str, *, segments: int) -> None:
    """Hold that a working name can stand in a path, and that there is at least one segment."""
    if not _NAME.fullmatch(name) or segments < 1:
        msg = "not a working name, or no segment"
        raise ValueError(msg)


def check_address(address: str) -> None:
    """Hold that an address is a digest before it stands in a path."""
    if not _ADDRESS.fullmatch(address):
        msg = "not an address"
        raise ValueError(msg)


def check_segment(index: int, sealed: bytes, *, following: int, segments: int) -> None:
    """Hold that a segment comes in its turn and has a size it can have."""
    last = index == segments - 1
    fits = TAG_BYTES <= len(sealed) <= FULL_BYTES if last else len(sealed) == FULL_BYTES
    if index != following or index >= segments or not fits:
        msg = "a segment out of its turn, or of a size it cannot have"
        raise ValueError(msg)


def check_whole(segment_list: bytes, *, held: int, segments: int) -> None:
    """Hold that every segment came and the list names as many."""
    if held != segments or len(segment_list) != segments * DIGEST_BYTES:
        msg = "segments are missing, or the list is of another length"
        raise ValueError(msg)


def check_list(segment_list: bytes, address: HexDigest) -> bytes:
    """Prove that a stored list is the one its address names.

    Raises:
        IntegrityError: it is not.
    """
    if hashlib.sha256(segment_list).hexdigest() != address:
        raise IntegrityError(
            "storage/payload-damaged",
            f"the content at `{address}` does not begin with the list its address names",
            remedy="ask the originator for the item again",
        )
    return segment_list


def missing(name: str, index: int) -> IntegrityError:
    """Content that should be here is not."""
    return IntegrityError(
        "storage/payload-missing",
        f"segment `{index}` of `{name}` is gone",
        remedy="ask the originator for the item again",
    )


def superseded(name: str) -> UnavailableError:
    """A writer was overtaken by a newer one of the same name."""
    return UnavailableError(
        "storage/writer-superseded",
        f"`{name}` is being written by a later attempt",
        remedy="let that one finish, or resume from what is stored",
    )


def _sync_behind(path: Path) -> None:
    # Nothing rests on it: the sync that counts is the one in `finish`, and an error shows there.
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)


def _read_segment(path: Path, index: int, *, segments: int) -> bytes:
    if not 0 <= index < segments:
        msg = "no such segment"
        raise ValueError(msg)
    sealed = _read(path, offset=segments * DIGEST_BYTES + index * FULL_BYTES, length=FULL_BYTES)
    if len(sealed) < TAG_BYTES or (index < segments - 1 and len(sealed) < FULL_BYTES):
        raise missing(path.name, index)
    return sealed


def _read(path: Path, *, offset: int, length: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise IntegrityError(
            "storage/payload-missing",
            f"the content at `{path.name}` cannot be read: {(cause.strerror or 'unknown').lower()}",
            remedy="look at the disk; if the file is gone, ask the originator for the item again",
        ) from cause
