"""Secrets at rest in a file: Argon2id turns a passphrase into the key, AES-256-GCM seals what is inside.

The header (format, cost, salt, nonce) is authenticated with the content, so no byte of the file can be changed unseen.
The cost of deriving stands in the file and is capped on reading. A file is written whole. Only a node's own
sets of keys are ever replaced, under the same salt and a fresh nonce, by whoever opened them.

Source: RFC 9106 section 4 (second recommended option: 64 MiB, 3 passes, 4 lanes); design 4, Identities.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from gsomia.envelope import KEY_BYTES
from gsomia.errors import IntegrityError, LocalError, UnavailableError
from gsomia.ids import Entropy
from gsomia.storage.durable import replace_destroying, write_new

SALT_BYTES = 16
NONCE_BYTES = 12
MAX_FILE_BYTES = 1 << 16
MAX_MEMORY_KIB = 1 << 18
"""256 MiB: what a file may ask for, four times what we write."""
MAX_ITERATIONS = 16
MAX_LANES = 16

_MAGIC = b"gsomia sealed keys 1\n"
_HEADER = struct.Struct(f">{len(_MAGIC)}sIII{SALT_BYTES}s{NONCE_BYTES}s")
_KIB_PER_LANE = 8
"""Argon2 needs eight blocks of 1 KiB a lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseCost:
    """What trying one passphrase costs.

    Raises:
        ValueError: outside what a file may ask for.
    """

    memory_kib: int
    iterations: int
    lanes: int

    def __post_init__(self) -> None:
        """Keep the cost between what Argon2 needs and what a file may ask for."""
        lanes_fit = 1 <= self.lanes <= MAX_LANES and self.memory_kib >= _KIB_PER_LANE * self.lanes
        if not (lanes_fit and self.memory_kib <= MAX_MEMORY_KIB and 1 <= self.iterations <= MAX_ITERATIONS):
            msg = "a cost outside what is read"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """What a passphrase came to for one file; kept by a served node beside the keys that the file holds."""

    salt: bytes
    cost: PassphraseCost
    key: bytes

    def __repr__(self) -> str:
        return "FileKey(...)"


DEFAULT_COST = PassphraseCost(memory_kib=1 << 16, iterations=3, lanes=4)


def write_sealed(
    path: Path, plaintext: bytes, *, passphrase: bytes, entropy: Entropy, cost: PassphraseCost = DEFAULT_COST
) -> None:
    """Seal `plaintext` under a passphrase into a new file; durable on return.

    Raises:
        LocalError: an empty passphrase, or the file is there already.
        UnavailableError: the disk is full or fails.
    """
    if not passphrase:
        raise LocalError("storage/empty-passphrase", "the passphrase is empty", remedy="choose one and repeat")
    salt = entropy(SALT_BYTES)
    file_key = FileKey(salt=salt, cost=cost, key=derive_key(passphrase, salt, cost))
    write_new(path, _seal(plaintext, file_key, entropy))


def rewrite_sealed(path: Path, plaintext: bytes, *, file_key: FileKey, entropy: Entropy) -> None:
    """Seal other `plaintext` in the place of what `file_key` opened; old or new after a crash, never half.

    The old file is overwritten and removed.

    Raises:
        UnavailableError: the disk is full or fails; the old file is there still.
    """
    replace_destroying(path, _seal(plaintext, file_key, entropy))


def read_sealed(path: Path, *, passphrase: bytes) -> bytes:
    """What `write_sealed` sealed.

    Raises:
        LocalError, IntegrityError, UnavailableError: as `open_sealed`.
    """
    return open_sealed(path, passphrase=passphrase)[0]


def open_sealed(path: Path, *, passphrase: bytes) -> tuple[bytes, FileKey]:
    """What was sealed, and the key under which it may be rewritten.

    1. The file is there, and no larger than a key file is.
    2. Its header is of this format and asks for a cost we pay.
    3. The passphrase opens it; header and content are as written.

    Raises:
        LocalError: no such file, or the passphrase does not open it.
        IntegrityError: not a key file.
        UnavailableError: the file cannot be read.
    """
    # (1) there, and of a size we read
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as cause:
        raise LocalError(
            "storage/no-key-file", f"there is no key file `{path.name}`", remedy="check the directory and the name"
        ) from cause
    except OSError as cause:
        raise UnavailableError(
            "storage/key-file-unreadable",
            f"the key file `{path.name}` cannot be read: {(cause.strerror or 'unknown').lower()}",
            remedy="look at the rights on the file and at the disk",
        ) from cause
    if not _HEADER.size <= len(data) <= MAX_FILE_BYTES:
        raise _malformed(path)
    # (2) of this format
    header, sealed = data[: _HEADER.size], data[_HEADER.size :]
    magic, memory_kib, iterations, lanes, salt, nonce = _HEADER.unpack(header)
    try:
        cost = PassphraseCost(memory_kib=memory_kib, iterations=iterations, lanes=lanes)
    except ValueError as cause:
        raise _malformed(path) from cause
    if magic != _MAGIC:
        raise _malformed(path)
    # (3) opened by this passphrase
    file_key = FileKey(salt=salt, cost=cost, key=derive_key(passphrase, salt, cost))
    try:
        return AESGCM(file_key.key).decrypt(nonce, sealed, header), file_key
    except InvalidTag as cause:
        raise LocalError(
            "storage/wrong-passphrase",
            f"`{path.name}` does not open: another passphrase, or the file was changed",
            remedy="give the passphrase again; if it is right, take the file from a backup",
        ) from cause


def _seal(plaintext: bytes, file_key: FileKey, entropy: Entropy) -> bytes:
    nonce, cost = entropy(NONCE_BYTES), file_key.cost
    header = _HEADER.pack(_MAGIC, cost.memory_kib, cost.iterations, cost.lanes, file_key.salt, nonce)
    return header + AESGCM(file_key.key).encrypt(nonce, plaintext, header)


def derive_key(passphrase: bytes, salt: bytes, cost: PassphraseCost) -> bytes:
    """The key that a passphrase makes."""
    return Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
    ).derive(passphrase)


def _malformed(path: Path) -> IntegrityError:
    return IntegrityError(
        "storage/key-file-malformed", f"`{path.name}` is not a key file", remedy="take the file from a backup"
    )
