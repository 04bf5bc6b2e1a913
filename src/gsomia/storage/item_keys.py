"""Per-item storage keys in a file outside the database and its backups: destroy the key, and the content is gone.

The file only grows: a header, then records of one size, each sealed under the node's master key and bound to its item.
Whoever asks for keys at the same time shares one write and one fsync (a *batch*); each record says where its batch
begins. So a crash can only leave damage from the last batch on, which nobody was told of: it is cut at the next open.
Damage before that is damage.

Source: design 4, Intake (append-only, fsynced once per batch before the unit; orphan keys are harmless).
"""

import os
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gsomia.envelope import KEY_BYTES, TAG_BYTES
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.ids import Entropy, ItemId
from gsomia.storage.durable import destroy_file, disk_error, put_in_place, write_all, write_new

NONCE_BYTES = 12
RESERVE_BYTES = 1 << 20
"""Room kept beside the key file for a destruction on a full disk, besides twice the file itself."""
ITEM_BYTES = 30

_MAGIC = b"gsomia storage keys 1\n"
_HEADER = struct.Struct(f">{len(_MAGIC)}s{NONCE_BYTES}s{TAG_BYTES}s")
"""Magic, nonce, and the tag over the magic: another master key is seen at once."""
_RECORD = struct.Struct(f">{ITEM_BYTES}sQ{NONCE_BYTES}s{KEY_BYTES + TAG_BYTES}s")
"""Item id, offset of the first record of the batch, nonce, sealed key."""


def create_storage_keys(path: Path, *, master_key: bytes, entropy: Entropy) -> None:
    """Make the empty key file of a new node. An existing node whose file is gone must not quietly get a new one.

    Raises:
        LocalError: the file is there already.
        UnavailableError: the disk is full or fails.
    """
    write_new(path, _header(master_key, entropy))


@dataclass(eq=False, slots=True)
class _Batch:
    """Keys that become durable together."""

    keys: dict[ItemId, bytes] = field(default_factory=dict, repr=False)
    done: bool = False
    error: OSError | UnavailableError | None = None


class FileStorageKeys:
    """The storage keys of a node, in memory and in their file.

    Args:
        path: `DIR/keys/storage.keys`, made by `create_storage_keys`.
        master_key: 32 bytes from the node's identity file.
        entropy: draws keys and nonces.
        reseal: puts a new master key into the identity file, durably, and destroys the old one.

    Raises:
        IntegrityError: the file is gone, is sealed under another master key, or is damaged before its last batch.
        UnavailableError: the file cannot be read.
    """

    def __init__(
        self, path: Path, *, master_key: bytes, entropy: Entropy, reseal: Callable[[bytes], None] | None = None
    ) -> None:
        self._path = path
        self._master = AESGCM(master_key)
        self._entropy = entropy
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._gathering = _Batch()
        self._in_flight = _Batch()
        self._cut_failed = False
        self._reseal = reseal
        self._pending: tuple[bytes, dict[ItemId, bytes], int] | None = None
        self._unfinished = False
        self._recover()
        self._keys, self._end = self._load()
        if reseal is not None:
            self._keep_reserve()

    def create(self, item: ItemId) -> bytes:
        """A key for an item, durable on return; an item that has one already (an orphan) keeps it.

        Raises:
            UnavailableError: the disk is full or fails; there is no key.
        """
        return self.create_all([item])[0]

    def create_all(self, items: Sequence[ItemId]) -> list[bytes]:
        """As `create`, of several that are written together.

        Raises:
            UnavailableError: as `create`; some may have their key.
        """
        keys, batches = [], []
        with self._guard:
            for item in items:
                check_item(item)
                if item in self._keys:
                    keys.append(self._keys[item])
                    continue
                batch = self._in_flight if item in self._in_flight.keys else self._gathering
                keys.append(batch.keys.setdefault(item, self._entropy(KEY_BYTES)))
                batches.append(batch)
        for batch in dict.fromkeys(batches):
            with self._writing:
                if not batch.done:
                    self._write(batch)
            if isinstance(batch.error, UnavailableError):
                raise batch.error
            if batch.error is not None:
                raise disk_error(batch.error, self._path) from batch.error
        return keys

    def has(self, item: ItemId) -> bool:
        """Whether an item has a key."""
        with self._guard:
            return item in self._keys

    def get(self, item: ItemId) -> bytes:
        """The key of an item.

        Raises:
            IntegrityError: there is none: the content is gone for good.
        """
        with self._guard:
            key = self._keys.get(item)
        if key is None:
            raise no_storage_key(item)
        return key

    def destroy(self, item: ItemId) -> None:
        """Destroy the key of an item: every other key moves to a new file under a new master key.

        1. The new file is written beside the old one.
        2. The identity file takes the new master key; the old identity file is overwritten. This is the moment.
        3. The new file takes its place; the old one is overwritten.

        # CRASH: before step 2 the next open drops the new file, and every key is still there; after it the next open
        # finishes step 3, and the key is gone for good.

        Raises:
            UnavailableError: the disk is full or fails; the key is there, or gone for good.
            RuntimeError: this keeper was opened without the means to change the master key.

        Source: design 4 (Destruction).
        """
        with self._writing:
            self._complete()
            with self._guard:
                if item not in self._keys:
                    return
                left = {known: key for known, key in self._keys.items() if known != item}
            if self._reseal is None:
                msg = "opened without the means to change the master key"
                raise RuntimeError(msg)
            master = self._entropy(KEY_BYTES)
            data = _header(master, self._entropy) + _sealed(left, AESGCM(master), self._entropy, end=_HEADER.size)
            destroy_file(self._next)
            self._reserve.unlink(missing_ok=True)  # a full disk must not keep an item from being destroyed
            write_new(self._next, data)
            self._pending = master, left, len(data)
            self._complete()
            self._keep_reserve()

    def __repr__(self) -> str:
        return "FileStorageKeys(...)"

    @property
    def _next(self) -> Path:
        return self._path.with_name(f"{self._path.name}.next")

    @property
    def _reserve(self) -> Path:
        return self._path.with_name(f"{self._path.name}.reserve")

    def _keep_reserve(self) -> None:
        """Hold room for both files that a destruction writes; without it one still works while the disk has room."""
        with suppress(UnavailableError):
            if not self._reserve.exists():
                write_new(self._reserve, bytes(RESERVE_BYTES + 2 * self._end))

    def _complete(self) -> None:
        """Finish a destruction that the disk interrupted; nothing is written before."""
        if self._pending is not None and self._reseal is not None:
            # Whether the identity file took the new master key is not known after a failure: it is given it again.
            master, left, end = self._pending
            self._reseal(master)
            with self._guard:
                self._keys, self._master, self._end = left, AESGCM(master), end
            self._pending, self._unfinished = None, True
        if self._unfinished:
            self._finish_switch()

    def _finish_switch(self) -> None:
        if self._next.exists():
            put_in_place(self._next, self._path)
        destroy_file(self._path.with_name(f"{self._path.name}.old"))
        self._unfinished = False

    def _recover(self) -> None:
        """Finish or drop a destruction that a crash cut."""
        if self._next.exists():
            data = self._next.read_bytes()
            if len(data) >= _HEADER.size and _opens(data, self._master):
                self._finish_switch()
            else:
                destroy_file(self._next)
        destroy_file(self._path.with_name(f"{self._path.name}.old"))

    def _write(self, batch: _Batch) -> None:
        with self._guard:
            self._in_flight = batch
            if batch is self._gathering:
                self._gathering = _Batch()
        try:
            self._complete()
            records = _sealed(batch.keys, self._master, self._entropy, end=self._end)
            self._append(records)
        except (OSError, UnavailableError) as cause:
            batch.error = cause
        with self._guard:
            if batch.error is None:
                self._keys.update(batch.keys)
                self._end += len(records)
            self._in_flight = _Batch()
        batch.done = True

    def _append(self, records: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if self._cut_failed:
                self._cut(descriptor)
            write_all(descriptor, records, offset=self._end)
            # CRASH: part of this batch may be there; the next open cuts it off, and nobody was told of its keys.
            os.fsync(descriptor)
            # INVARIANT (written before said): only now do the callers of this batch learn their keys.
        except OSError:
            self._cut_failed = True
            self._cut(descriptor)
            raise
        finally:
            os.close(descriptor)

    def _cut(self, descriptor: int) -> None:
        # What a failed batch left must not stand before the next one.
        os.ftruncate(descriptor, self._end)
        os.fsync(descriptor)
        self._cut_failed = False

    def _load(self) -> tuple[dict[ItemId, bytes], int]:
        data = self._read()
        if not _opens(data, self._master):
            raise self._damaged(0)
        keys: dict[ItemId, bytes] = {}
        end, first_bad, last_batch = _HEADER.size, None, _HEADER.size
        for offset in range(_HEADER.size, len(data) - _RECORD.size + 1, _RECORD.size):
            opened = self._open(data, offset)
            if opened is None:
                first_bad = offset if first_bad is None else first_bad
                continue
            item, key, last_batch = opened
            if first_bad is None:
                keys[item], end = key, offset + _RECORD.size
        if first_bad is not None and first_bad < last_batch:
            raise self._damaged(first_bad)
        if end < len(data):
            self._cut_tail(end)
        return keys, end

    def _open(self, data: bytes, offset: int) -> tuple[ItemId, bytes, int] | None:
        item, batch, nonce, sealed = _RECORD.unpack_from(data, offset)
        try:
            key = self._master.decrypt(nonce, sealed, _bound(item, batch))
        except InvalidTag:
            return None
        text: ItemId = item.decode()
        return text, key, batch

    def _read(self) -> bytes:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError as cause:
            raise IntegrityError(
                "storage/storage-keys-missing",
                f"the storage keys `{self._path.name}` are gone",
                remedy="put the file back; without it no stored content opens",
            ) from cause
        except OSError as cause:
            raise UnavailableError(
                "storage/key-file-unreadable",
                f"the key file `{self._path.name}` cannot be read: {(cause.strerror or 'unknown').lower()}",
                remedy="look at the rights on the file and at the disk",
            ) from cause
        if len(data) < _HEADER.size:
            raise self._damaged(0)
        return data

    def _cut_tail(self, end: int) -> None:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            try:
                os.ftruncate(descriptor, end)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as cause:
            raise disk_error(cause, self._path) from cause

    def _damaged(self, offset: int) -> IntegrityError:
        return IntegrityError(
            "storage/storage-keys-damaged",
            f"the storage keys `{self._path.name}` do not hold at byte `{offset}`",
            remedy="check that identity file and storage keys belong together; else put the file back as it was",
            evidence={"offset": offset},
        )


def _header(master_key: bytes, entropy: Entropy) -> bytes:
    nonce = entropy(NONCE_BYTES)
    return _MAGIC + nonce + AESGCM(master_key).encrypt(nonce, b"", _MAGIC)


def _opens(data: bytes, master: AESGCM) -> bool:
    magic, nonce, tag = _HEADER.unpack_from(data)
    try:
        master.decrypt(nonce, tag, magic)
    except InvalidTag:
        return False
    return True


def _sealed(keys: Mapping[ItemId, bytes], master: AESGCM, entropy: Entropy, *, end: int) -> bytes:
    """The records of one batch that begins at `end`."""
    records = bytearray()
    for item, key in keys.items():
        nonce = entropy(NONCE_BYTES)
        sealed = master.encrypt(nonce, key, _bound(item.encode(), end))
        records += _RECORD.pack(item.encode(), end, nonce, sealed)
    return bytes(records)


def check_item(item: ItemId) -> None:
    """Hold that an id has the length records are made for."""
    if len(item.encode()) != ITEM_BYTES:
        msg = "not an item id"
        raise ValueError(msg)


def no_storage_key(item: ItemId) -> IntegrityError:
    """The key of an item is not there."""
    return IntegrityError(
        "storage/no-storage-key",
        f"there is no storage key for `{item}`",
        remedy="its content cannot be opened any more; ask the originator for it again",
    )


def _bound(item: bytes, batch: int) -> bytes:
    return item + b"\x00" + batch.to_bytes(8, "big")
