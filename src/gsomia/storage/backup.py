"""A backup: one file, sealed piece by piece under a passphrase, so that a node of any size needs little memory.

Inside is a tar stream: a snapshot of the record, sealed payloads, the identity file, personal key files, the settings.
The storage keys are not in it: a backup alone opens no content, and a destroyed item does not come back with it.
Each piece is bound to the header, its number and whether it is the last, so that nothing can be cut, moved or swapped.

Source: A-18, design 4 (storage keys lie outside the database and its backups); RFC 9106; STREAM (piece counter and last
    flag in the nonce).
"""

import hashlib
import io
import os
import re
import struct
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gsomia.envelope import TAG_BYTES
from gsomia.errors import IntegrityError, LocalError
from gsomia.ids import Entropy, HexDigest, hex_digest
from gsomia.storage.durable import DIRECTORY_OWNER_ONLY, OWNER_ONLY, disk_error, sync_directory
from gsomia.storage.keyring_file import DEFAULT_COST, SALT_BYTES, PassphraseCost, derive_key

PIECE_BYTES = 1 << 20
MAX_PIECES = 1 << 32

_MAGIC = b"gsomia backup 1\n"
_PREFIX_BYTES = 7
_HEADER = struct.Struct(f">{len(_MAGIC)}sIII{SALT_BYTES}s{_PREFIX_BYTES}s")
_NAMES = re.compile(
    r"node\.toml|party\.json|node\.db|keys/identity\.keys|keys/persons/[a-z][a-z0-9-]{1,30}\.keys"
    r"|payloads/([0-9a-f]{2})/\1[0-9a-f]{62}"
)
"""What a backup may bring into a node's directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """A backup that is durably written."""

    digest: HexDigest
    size: int
    files: int


def write_backup(
    out: Path,
    files: Iterable[tuple[str, Path]],
    *,
    passphrase: bytes,
    entropy: Entropy,
    cost: PassphraseCost = DEFAULT_COST,
) -> BackupFile:
    """Seal files under their names into a new file; durable on return. Files that vanish meanwhile are left out.

    Raises:
        LocalError: the file is there already, or an empty passphrase.
        UnavailableError: the disk is full or fails; nothing is left.
    """
    if not passphrase:
        raise LocalError("storage/empty-passphrase", "the passphrase is empty", remedy="choose one and repeat")
    working, count = out.with_name(f".{out.name}.new"), 0
    if out.exists():
        raise LocalError("storage/file-exists", f"`{out.name}` is there already", remedy="choose a new name")
    try:
        working.unlink(missing_ok=True)
        with os.fdopen(os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            sealing = _Sealing(file, passphrase=passphrase, entropy=entropy, cost=cost)
            with tarfile.open(fileobj=sealing, mode="w|", bufsize=PIECE_BYTES, format=tarfile.PAX_FORMAT) as tar:
                for name, path in files:
                    count += _add(tar, name, path)
            size, digest = sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        # CRASH: the working file may be left; it is no backup, and the next attempt removes it.
        working.rename(out)
        sync_directory(out.parent)
    except OSError as cause:
        working.unlink(missing_ok=True)
        raise disk_error(cause, out) from cause
    return BackupFile(digest=digest, size=size, files=count)


def read_backup(source: Path, into: Path, *, passphrase: bytes) -> int:
    """Open a backup into a directory, every file synced; how many files came.

    1. The header is of this format and asks for a cost we pay.
    2. Every piece opens, in order, up to the one marked last.
    3. Only files that belong to a node are written, and only new ones.

    Raises:
        LocalError: no such file, or the passphrase does not open it.
        IntegrityError: it was cut, changed, or is no backup.
        UnavailableError: the disk is full or fails.
    """
    count = 0
    try:
        with source.open("rb") as file:
            opening = _Opening(file, source.name, passphrase=passphrase)
            try:
                with tarfile.open(fileobj=opening, mode="r|", bufsize=PIECE_BYTES) as tar:
                    for entry in tar:
                        _write_entry(tar, entry, into)
                        count += 1
            except tarfile.TarError as cause:
                raise _damaged(source.name) from cause
            opening.drain()
    except FileNotFoundError as cause:
        raise LocalError("storage/no-backup", f"there is no file `{source.name}`", remedy="check the name") from cause
    except OSError as cause:
        raise disk_error(cause, into) from cause
    return count


def _add(tar: tarfile.TarFile, name: str, path: Path) -> int:
    try:
        with path.open("rb") as content:
            entry = tarfile.TarInfo(name)
            entry.size = os.fstat(content.fileno()).st_size
            entry.mode = OWNER_ONLY
            tar.addfile(entry, content)
    except FileNotFoundError:  # destroyed since the snapshot
        return 0
    return 1


def _write_entry(tar: tarfile.TarFile, entry: tarfile.TarInfo, into: Path) -> None:
    content = tar.extractfile(entry) if entry.isreg() else None
    if content is None or not _NAMES.fullmatch(entry.name):
        raise _damaged(entry.name[:80])
    path = into / entry.name
    path.parent.mkdir(mode=DIRECTORY_OWNER_ONLY, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
        while piece := content.read(PIECE_BYTES):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(path.parent)


class _Sealing(io.RawIOBase):
    """Takes a stream and writes it sealed."""

    def __init__(self, file: BinaryIO, *, passphrase: bytes, entropy: Entropy, cost: PassphraseCost) -> None:
        salt, self._prefix = entropy(SALT_BYTES), entropy(_PREFIX_BYTES)
        self._header = _HEADER.pack(_MAGIC, cost.memory_kib, cost.iterations, cost.lanes, salt, self._prefix)
        self._key = AESGCM(derive_key(passphrase, salt, cost))
        self._file, self._held, self._index = file, bytearray(), 0
        self._hash, self._size = hashlib.sha256(), 0
        self._put(self._header)

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Hold back until a piece is full: the last one is sealed as such."""
        self._held += data
        while len(self._held) > PIECE_BYTES:
            self._seal(bytes(self._held[:PIECE_BYTES]), last=False)
            del self._held[:PIECE_BYTES]
        return len(data)

    def finish(self) -> tuple[int, HexDigest]:
        """Seal the last piece; size and digest of the file."""
        self._seal(bytes(self._held), last=True)
        return self._size, hex_digest(self._hash.digest())

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._put(self._key.encrypt(_nonce(self._prefix, self._index, last=last), piece, self._header))
        self._index += 1

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)


class _Opening(io.RawIOBase):
    """Reads a sealed stream; what it returns is proven piece by piece."""

    def __init__(self, file: BinaryIO, name: str, *, passphrase: bytes) -> None:
        self._file, self._name = file, name
        self._header = file.read(_HEADER.size)
        # (1) of this format
        if len(self._header) != _HEADER.size:
            raise _damaged(name)
        magic, memory_kib, iterations, lanes, salt, self._prefix = _HEADER.unpack(self._header)
        try:
            cost = PassphraseCost(memory_kib=memory_kib, iterations=iterations, lanes=lanes)
        except ValueError as cause:
            raise _damaged(name) from cause
        if magic != _MAGIC:
            raise _damaged(name)
        self._key = AESGCM(derive_key(passphrase, salt, cost))
        self._index, self._held, self._ended = 0, b"", False

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes; fewer than asked for only at the end."""
        parts, left = [], size
        while left and (self._held or not self._ended):
            if not self._held:
                self._held = self._next()
            part = self._held[:left] if left > 0 else self._held
            self._held = self._held[len(part) :]
            parts.append(part)
            left -= len(part) if left > 0 else 0
        return b"".join(parts)

    def drain(self) -> None:
        """Prove that the stream ends where it was ended."""
        while not self._ended:
            self._next()
        if self._file.read(1):
            raise _damaged(self._name)

    def _next(self) -> bytes:
        # (2) opened in order, up to the last
        sealed = self._file.read(PIECE_BYTES + TAG_BYTES)
        last = len(sealed) < PIECE_BYTES + TAG_BYTES or not self._more()
        try:
            piece = self._key.decrypt(_nonce(self._prefix, self._index, last=last), sealed, self._header)
        except (InvalidTag, ValueError) as cause:
            if self._index == 0:
                raise LocalError(
                    "storage/wrong-passphrase",
                    f"`{self._name}` does not open: another passphrase, or the file was changed",
                    remedy="give the passphrase of the backup again; if it is right, take another copy of the file",
                ) from cause
            raise _damaged(self._name) from cause
        self._index += 1
        self._ended = last
        return piece

    def _more(self) -> bool:
        following = self._file.read(1)
        if following:
            self._file.seek(-1, os.SEEK_CUR)
        return bool(following)


def _nonce(prefix: bytes, index: int, *, last: bool) -> bytes:
    if index >= MAX_PIECES:
        msg = "a backup of more pieces than a nonce can count"
        raise ValueError(msg)
    return prefix + struct.pack(">IB", index, last)


def _damaged(name: str) -> IntegrityError:
    return IntegrityError(
        "storage/backup-damaged", f"`{name}` is no whole backup", remedy="take another copy; nothing of it is used"
    )
