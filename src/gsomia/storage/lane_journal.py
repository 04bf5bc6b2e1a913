"""The lanes' record: one append-only file, sealed under a storage key of its own, synced once for a whole loop turn.

The database takes a quarter of a millisecond longer for a commit and gives nothing that a lane needs: a lane never
looks a record up, it only replays them after a restart. A batch is a frame of length and number, then the records of
one loop turn sealed together by AES-256-GCM; the number is the nonce and only ever counts up. A batch that a crash cut
does not open, and ends the file. After a failed write the file is never written again: a new one begins with everything
that counts.

The key of each file lies in `storage.keys` under an item id of its own, which the file's name carries: whoever destroys
that key destroys the file's content.

Source: design 2 (law 1), design 6 (the record is durable before the frame leaves, by group commit per loop turn).
"""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gsomia.errors import IntegrityError
from gsomia.flows.ports import StorageKeys
from gsomia.ids import Entropy, ItemId, new_item_id
from gsomia.storage.durable import OWNER_ONLY, disk_error, make_directory, sync_directory, write_all

MAX_BATCH_BYTES: Final = 256 << 20
_HEAD: Final = struct.Struct(">IQ")
_NAME: Final = re.compile(r"([0-9]{8})\.(itm_[a-z2-7]{26})\.journal")
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[bytes])


class FileLaneJournal:
    """The journal in a directory.

    Args:
        directory: `DIR/lane`.
        keys: where each file's key is kept.
        entropy: names the files' keys.
    """

    def __init__(self, directory: Path, *, keys: StorageKeys, entropy: Entropy) -> None:
        self._directory = directory
        self._keys = keys
        self._entropy = entropy
        self._file: int | None = None
        self._path = directory
        self._aead = AESGCM(bytes(32))
        self._number = 0
        self._offset = 0
        self._waiting: list[bytes] = []

    @property
    def waiting(self) -> bool:
        """Whether something was appended and is not durable yet."""
        return bool(self._waiting)

    @property
    def size(self) -> int:
        """Bytes of the file in use."""
        return self._offset

    def last(self) -> Iterator[bytes]:
        """Every record of the last file that has a head, oldest first.

        Raises:
            IntegrityError: the file was changed before its end, or its key is gone.
            UnavailableError: the directory cannot be read.
        """
        for path in reversed(self._files()):
            # CRASH: a file whose head was cut was never acknowledged for anything; the one before it counts.
            records = list(self._read(path))
            if records:
                yield from records
                return

    def begin(self, head: bytes) -> None:
        """Go on in a new file that begins with `head`; durable on return.

        Raises:
            UnavailableError: the disk is full or fails; nothing is appended until a later `begin` succeeds.
        """
        self.close()
        files = self._files()
        number = int(cast("re.Match[str]", _NAME.fullmatch(files[-1].name))[1]) + 1 if files else 1
        item = new_item_id(self._entropy)
        path = self._directory / f"{number:08d}.{item}.journal"
        try:
            make_directory(self._directory)
            self._aead = AESGCM(self._keys.create(item))
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
            self._path, self._number, self._offset = path, 0, 0
            self._write([head])
            sync_directory(self._directory)
        except OSError as cause:
            self.close()
            raise disk_error(cause, path) from cause

    def append(self, record: bytes) -> None:
        """Let a record be part of the next commit."""
        self._waiting.append(record)

    def commit(self) -> None:
        """Make everything that was appended durable.

        Raises:
            UnavailableError: the disk is full or fails, or the journal is closed; none of it is on record.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._write(waiting)
        except OSError as cause:
            # A sync that failed once may have lost what it was asked to keep: this file is never written again.
            self.close()
            raise disk_error(cause, self._path) from cause

    def close(self) -> None:
        """Write no more; what was appended and not committed is not on record."""
        self._waiting.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, records: list[bytes]) -> None:
        if self._file is None:
            raise OSError(None, "the journal is closed")
        self._number += 1
        sealed = self._aead.encrypt(self._number.to_bytes(12, "big"), _ENCODER.encode(records), None)
        # CRASH: a cut batch does not open; nothing of it was sent, shown or acknowledged.
        write_all(self._file, _HEAD.pack(len(sealed), self._number) + sealed, offset=self._offset)
        os.fdatasync(self._file)
        self._offset += _HEAD.size + len(sealed)

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._directory.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []
        except OSError as cause:
            raise disk_error(cause, self._directory) from cause

    def _read(self, path: Path) -> Iterator[bytes]:
        match = cast("re.Match[str]", _NAME.fullmatch(path.name))
        aead = AESGCM(self._keys.get(cast("ItemId", match[2])))
        data, at, last = path.read_bytes(), 0, 0
        while at + _HEAD.size <= len(data):
            size, number = _HEAD.unpack_from(data, at)
            end = at + _HEAD.size + size
            if size > MAX_BATCH_BYTES or end > len(data) or number <= last:
                break
            try:
                records = _DECODER.decode(aead.decrypt(number.to_bytes(12, "big"), data[at + _HEAD.size : end], None))
            except InvalidTag as cause:
                if end < len(data):
                    raise IntegrityError(
                        "storage/lane-journal-damaged",
                        f"`{path.name}` is not what was written, from byte `{at}` on",
                        remedy="stop the node, keep its directory as it is, and restore from a backup",
                    ) from cause
                break
            yield from records
            at, last = end, number


class MemoryLaneJournal:
    """The journal in a list; what tests fail it with is `broken`."""

    def __init__(self) -> None:
        self.durable: list[bytes] = []
        self._waiting: list[bytes] = []
        self.broken: Exception | None = None

    @property
    def waiting(self) -> bool:
        """Whether something was appended and is not durable yet."""
        return bool(self._waiting)

    @property
    def size(self) -> int:
        """Bytes since the last head."""
        return sum(len(record) for record in self.durable)

    def last(self) -> Iterator[bytes]:
        """Every record since the last head."""
        yield from self.durable

    def begin(self, head: bytes) -> None:
        """Go on after a new head."""
        if self.broken is not None:
            raise self.broken
        self.durable = [head]

    def append(self, record: bytes) -> None:
        """Let a record be part of the next commit."""
        self._waiting.append(record)

    def commit(self) -> None:
        """Make everything that was appended durable."""
        waiting, self._waiting = self._waiting, []
        if self.broken is not None:
            raise self.broken
        self.durable += waiting

    def close(self) -> None:
        """Write no more."""
        self._waiting.clear()
