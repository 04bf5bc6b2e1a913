r"""Checkpoints: what a log commits to, signed twice.

The text is C2SP tlog-checkpoint: origin, size, root. C2SP lets a reader accept one known signature; we require both
the Ed25519 and the ML-DSA-44 line of the log's key name, which is its origin (design 5). Lines that cosigners append
later do not disturb it. Extension lines are refused: the ML-DSA signature would not cover them.

    >>> from gsomia.audit.merkle import EMPTY_ROOT
    >>> Checkpoint(origin="gsomia/kor/private", size=0, root=EMPTY_ROOT).text
    'gsomia/kor/private\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'

Source: C2SP tlog-checkpoint.md, tlog-cosignature.md.
"""

import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from gsomia.audit.errors import AuditError, CheckpointError
from gsomia.audit.merkle import HASH_BYTES, MAX_TREE_SIZE
from gsomia.audit.note import (
    Algorithm,
    Note,
    NoteKey,
    NoteLine,
    from_base64,
    parse_decimal,
    parse_note,
    print_note,
    to_base64,
)
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from gsomia.parties import HybridKey, HybridSignature, SignatureError, Signer

ED25519_SIGNATURE_BYTES = 64
MLDSA44_SIGNATURE_BYTES = 2420
TIMESTAMP_BYTES = 8
MAX_TIMESTAMP_S = 253_402_300_799
"""The end of the year 9999, the last an `Instant` can write; C2SP would allow 2^63 - 1."""
MAX_NAME_BYTES = 255
MAX_VERIFIED = 64
"""Checkpoints whose proof is remembered: one covers a whole batch of receipts."""

_ORIGIN_SIZE_ROOT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The first `size` entries of the log named `origin`, by their root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what no text could say.

        Raises:
            ValueError: an origin that is not one line, a size beyond 2^63 or a root that is no hash.
        """
        one_line = bool(self.origin) and len(self.origin.encode()) <= MAX_NAME_BYTES and "\n" not in self.origin
        if not one_line or not 0 <= self.size <= MAX_TREE_SIZE or len(self.root) != HASH_BYTES:
            msg = "a checkpoint that cannot be written"
            raise ValueError(msg)

    @property
    def text(self) -> str:
        """What Ed25519 signatures are over."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint whose two log signatures verified; `body` holds the received bytes, cosignatures included."""

    checkpoint: Checkpoint
    at: Instant
    body: bytes


def parse_checkpoint(untrusted: str) -> Checkpoint:
    """The checkpoint whose text is exactly `untrusted`; who signed it is not looked at.

    Raises:
        AuditError: not origin, size and root, one line each.
    """
    *lines, rest = untrusted.split("\n")
    if rest or len(lines) != _ORIGIN_SIZE_ROOT:
        raise AuditError("audit/checkpoint-malformed", "a checkpoint is origin, size and root, one line each")
    try:
        return Checkpoint(origin=lines[0], size=parse_decimal(lines[1]), root=from_base64(lines[2]))
    except ValueError as cause:
        raise AuditError("audit/checkpoint-malformed", str(cause)) from cause


def sign_checkpoint(checkpoint: Checkpoint, *, signer: Signer, at: Instant) -> bytes:
    """Sign `checkpoint` with both halves of the log's key; the entries must be committed before.

    Raises:
        ValueError: the origin cannot be a key name, or the key is not of log strength.

    Source: C2SP signed-note.md type 0x01, tlog-cosignature.md type 0x06; design 2 (law 1).
    """
    # ML-DSA signs the same text differently each time, so the bytes that are kept first are the ones that are shown.
    # CRASH: before the store keeps these bytes nobody has seen them; the next batch signs a larger tree.
    keys = log_keys(checkpoint.origin, signer.public)
    signature = signer.sign_each(
        ed25519=checkpoint.text.encode(), mldsa=subtree_message(checkpoint, name=checkpoint.origin, at=at)
    )
    lines = (
        NoteLine(name=checkpoint.origin, key_id=keys[0].key_id, signature=signature.ed25519),
        NoteLine(name=checkpoint.origin, key_id=keys[1].key_id, signature=timestamp(at) + signature.mldsa),
    )
    return print_note(Note(text=checkpoint.text, lines=lines))


def verify_checkpoint(untrusted: bytes, *, origin: str, key: HybridKey) -> SignedCheckpoint:
    """Prove that the log `origin` committed to the tree in `untrusted`.

    1. It is a canonical note whose text is a checkpoint.
    2. The origin is the expected one.
    3. There is exactly one line of each of the log's two keys; lines of other keys mean nothing here.
    4. Both signatures verify.

    Args:
        untrusted: the note, with or without cosignatures.
        origin: the log's name, which is also its key name.
        key: pinned, of log strength.

    Raises:
        AuditError: step 1.
        CheckpointError: step 2, 3 or 4; carries the received bytes.

    Trust: `untrusted` is hostile; on return the log's key stands behind origin, size and root, not behind cosignatures.
    Source: C2SP tlog-checkpoint.md; design 4, "A missing, failing or doubled required signature is refused".
    """
    return _verified(untrusted, origin, key)


@lru_cache(maxsize=MAX_VERIFIED)
def _verified(untrusted: bytes, origin: str, key: HybridKey) -> SignedCheckpoint:
    evidence = {"checkpoint": untrusted}
    # (1) a canonical note with a checkpoint in it
    note = parse_note(untrusted)
    checkpoint = parse_checkpoint(note.text)
    # (2) of the log we mean
    if checkpoint.origin != origin:
        raise CheckpointError("audit/checkpoint-of-another", "the checkpoint is of another log", evidence=evidence)
    # (3) exactly one line of each key
    ed25519, mldsa = required_signatures(note.lines, keys=log_keys(origin, key), evidence=evidence)
    signature = HybridSignature(
        ed25519=cut(ed25519, ED25519_SIGNATURE_BYTES, evidence=evidence),
        mldsa=cut(mldsa[TIMESTAMP_BYTES:], MLDSA44_SIGNATURE_BYTES, evidence=evidence),
    )
    at = read_timestamp(mldsa, evidence=evidence)
    # (4) that both verify
    verify_both(
        key,
        ed25519=checkpoint.text.encode(),
        mldsa=subtree_message(checkpoint, name=origin, at=at),
        signature=signature,
        evidence=evidence,
    )
    return SignedCheckpoint(checkpoint=checkpoint, at=at, body=untrusted)


def claimed_checkpoint(untrusted: bytes) -> Checkpoint:
    """What a signed note says of its log; nothing is proven.

    Raises:
        AuditError: it is no checkpoint.
    """
    return parse_checkpoint(parse_note(untrusted).text)


def choose_key(untrusted: bytes, *, origin: str, keys: Sequence[HybridKey]) -> HybridKey:
    """Which of the keys a log had signed this checkpoint; the first if none did, or it is unreadable.

    Lines say whose they are and prove nothing: where there are those of several keys, the key whose lines verify is
    taken. Only chooses what `verify_checkpoint` is to prove with. `keys` is not empty.
    """
    if len(keys) == 1:
        return keys[0]
    try:
        lines = parse_note(untrusted).lines
    except AuditError:
        return keys[0]
    named = [key for key in keys if all(any(line.is_of(one) for line in lines) for one in log_keys(origin, key))]
    for key in named[:-1]:
        with suppress(PartnerError):
            verify_checkpoint(untrusted, origin=origin, key=key)
            return key
    return named[-1] if named else keys[0]


def log_keys(origin: str, key: HybridKey) -> tuple[NoteKey, NoteKey]:
    """The two keys whose lines a checkpoint of `origin` must carry, to be handed on by `print_vkey`."""
    return (
        NoteKey(name=origin, algorithm=Algorithm.ED25519, public=key.ed25519),
        NoteKey(name=origin, algorithm=Algorithm.MLDSA44_SUBTREE, public=key.mldsa),
    )


def subtree_message(checkpoint: Checkpoint, *, name: str, at: Instant) -> bytes:
    """What the ML-DSA-44 signature of `name` over `checkpoint` is made on.

    Source: C2SP tlog-cosignature.md, cosigned_message.
    """
    signer, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            struct.pack(">B", len(signer)) + signer,
            timestamp(at),
            struct.pack(">B", len(origin)) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def timestamp(at: Instant) -> bytes:
    """An instant as signature lines carry it."""
    return struct.pack(">Q", at.epoch_s)


def read_timestamp(untrusted: bytes, *, evidence: Mapping[str, object]) -> Instant:
    """The instant at the start of a timestamped signature.

    Raises:
        CheckpointError: a time that cannot be written.
    """
    (epoch_s,) = struct.unpack(">Q", untrusted[:TIMESTAMP_BYTES])
    if epoch_s > MAX_TIMESTAMP_S:
        raise CheckpointError("audit/signature-malformed", "a signature from after the year 9999", evidence=evidence)
    return Instant(epoch_s)


def required_signatures(
    lines: Sequence[NoteLine], *, keys: Sequence[NoteKey], evidence: Mapping[str, object]
) -> tuple[bytes, ...]:
    """The signature of each key, in order, each present exactly once.

    Raises:
        CheckpointError: one is missing or doubled.
    """
    found = [[line.signature for line in lines if line.is_of(key)] for key in keys]
    if any(len(signatures) != 1 for signatures in found):
        raise CheckpointError(
            "audit/signatures-not-as-required",
            "exactly one Ed25519 and one ML-DSA-44 line of the pinned key are required",
            evidence=evidence,
        )
    return tuple(signatures[0] for signatures in found)


def cut(untrusted: bytes, length: int, *, evidence: Mapping[str, object]) -> bytes:
    """The signature, if it is `length` bytes long.

    Raises:
        CheckpointError: it is not.
    """
    if len(untrusted) != length:
        raise CheckpointError(
            "audit/signature-malformed", "a required signature of the wrong length", evidence=evidence
        )
    return untrusted


def verify_both(
    key: HybridKey, *, ed25519: bytes, mldsa: bytes, signature: HybridSignature, evidence: Mapping[str, object]
) -> None:
    """Prove both halves, and say what failed in this room's words.

    Raises:
        CheckpointError: either half is false.
    """
    try:
        key.verify_each(ed25519=ed25519, mldsa=mldsa, signature=signature)
    except SignatureError as cause:
        raise CheckpointError("audit/signature-false", cause.message, evidence=evidence) from cause
