"""Cosigning: a partner that has seen a log only grow says so, twice signed and dated.

A witness proves consistency with the last checkpoint it cosigned, keeps the new one durably, and only then signs.
Deciding is here; keeping is the store's. C2SP lets either signature type stand alone; we require both.

Source: C2SP tlog-witness.md, tlog-cosignature.md; design 5.
"""

from dataclasses import dataclass
from enum import IntEnum

from gsomia.audit.checkpoint import (
    ED25519_SIGNATURE_BYTES,
    MLDSA44_SIGNATURE_BYTES,
    TIMESTAMP_BYTES,
    Checkpoint,
    SignedCheckpoint,
    claimed_checkpoint,
    cut,
    read_timestamp,
    required_signatures,
    subtree_message,
    timestamp,
    verify_both,
    verify_checkpoint,
)
from gsomia.audit.contradiction import Contradiction
from gsomia.audit.errors import AuditError, CheckpointError, InconsistentLogError
from gsomia.audit.merkle import EMPTY_ROOT, HASH_BYTES
from gsomia.audit.note import (
    MAX_NOTE_BYTES,
    Algorithm,
    NoteKey,
    NoteLine,
    from_base64,
    parse_decimal,
    parse_lines,
    print_lines,
    to_base64,
)
from gsomia.audit.proofs import verify_consistency
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from gsomia.parties import HybridKey, HybridSignature, Signer

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + (MAX_PROOF_LINES + 1) * 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """Who cosigns: the name its lines carry and its key."""

    name: str
    key: HybridKey

    @property
    def note_keys(self) -> tuple[NoteKey, NoteKey]:
        """The two keys whose lines a cosignature consists of, to be handed on by `print_vkey`."""
        return (
            NoteKey(name=self.name, algorithm=Algorithm.ED25519_COSIGNATURE, public=self.key.ed25519),
            NoteKey(name=self.name, algorithm=Algorithm.MLDSA44_SUBTREE, public=self.key.mldsa),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A cosignature that verified; appending `lines` to the checkpoint's bytes keeps it a valid note."""

    at: Instant
    lines: bytes


class CosignStatus(IntEnum):
    """The answers of the witness interface."""

    COSIGN = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    OTHER_SIZE = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign `checkpoint`, which is said to continue the log of `old` entries; nothing proven."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignDecision:
    """Whether to cosign, and what to answer if not.

    `signed` is set for `COSIGN`: keep it durably, then `cosign` it. `last_size` is the body of an `OTHER_SIZE` answer.
    `error` is what was wrong, with its evidence, for our own record. `contradiction` is set if the log signed a head
    that is not shown to continue what it signed before, whatever the answer: to be kept, see `verify_contradiction`.
    """

    status: CosignStatus
    signed: SignedCheckpoint | None = None
    last_size: int | None = None
    error: PartnerError | None = None
    contradiction: Contradiction | None = None


def cosign(signed: SignedCheckpoint, *, name: str, signer: Signer, at: Instant) -> bytes:
    """Both cosignature lines of `name` over `signed`; the caller has kept `signed` durably.

    Raises:
        ValueError: the name cannot stand in a line, or the key is not of log strength.

    Source: C2SP tlog-cosignature.md types 0x04 and 0x06.
    """
    keys = Cosigner(name=name, key=signer.public).note_keys
    signature = signer.sign_each(
        ed25519=_cosigned_text(signed.checkpoint, at), mldsa=subtree_message(signed.checkpoint, name=name, at=at)
    )
    return print_lines(
        (
            NoteLine(name=name, key_id=keys[0].key_id, signature=timestamp(at) + signature.ed25519),
            NoteLine(name=name, key_id=keys[1].key_id, signature=timestamp(at) + signature.mldsa),
        )
    )


def verify_cosignature(untrusted: bytes, *, signed: SignedCheckpoint, name: str, key: HybridKey) -> Cosignature:
    """Prove that the holder of `key` cosigned `signed`.

    1. The bytes are signature lines.
    2. There is exactly one line of each of the cosigner's two keys; lines of other keys are dropped.
    3. Both carry the same time, which is not zero.
    4. Both signatures verify.

    Raises:
        AuditError: step 1.
        CheckpointError: step 2, 3 or 4; carries the received bytes.

    Trust: `untrusted` is hostile; on return the two lines kept are the cosigner's.
    Source: C2SP tlog-cosignature.md; design 4.
    """
    evidence = {"cosignature": untrusted, "checkpoint": signed.body}
    # (1) signature lines
    lines = parse_lines(untrusted)
    # (2) exactly one of each key
    keys = Cosigner(name=name, key=key).note_keys
    ed25519, mldsa = required_signatures(lines, keys=keys, evidence=evidence)
    signature = HybridSignature(
        ed25519=cut(ed25519[TIMESTAMP_BYTES:], ED25519_SIGNATURE_BYTES, evidence=evidence),
        mldsa=cut(mldsa[TIMESTAMP_BYTES:], MLDSA44_SIGNATURE_BYTES, evidence=evidence),
    )
    # (3) of one time
    at = read_timestamp(ed25519, evidence=evidence)
    if at != read_timestamp(mldsa, evidence=evidence) or at == Instant(0):
        raise CheckpointError("audit/cosignature-time", "both lines must carry one time that is set", evidence=evidence)
    # (4) that both verify
    verify_both(
        key,
        ed25519=_cosigned_text(signed.checkpoint, at),
        mldsa=subtree_message(signed.checkpoint, name=name, at=at),
        signature=signature,
        evidence=evidence,
    )
    return Cosignature(at=at, lines=print_lines(line for line in lines if any(line.is_of(key) for key in keys)))


def print_add_checkpoint(request: AddCheckpoint) -> bytes:
    """The body of an `add-checkpoint` request."""
    proof = "".join(to_base64(sibling) + "\n" for sibling in request.proof)
    return f"old {request.old}\n{proof}\n".encode() + request.checkpoint


def parse_add_checkpoint(untrusted: bytes) -> AddCheckpoint:
    """The request whose one spelling is `untrusted`; its checkpoint is not looked at.

    Raises:
        AuditError: malformed, or more than 63 proof lines; answer 400.
    """
    if len(untrusted) > MAX_REQUEST_BYTES:
        raise AuditError("audit/request-malformed", f"more than the `{MAX_REQUEST_BYTES}` bytes that are read")
    head, blank, checkpoint = untrusted.partition(b"\n\n")
    try:
        first, *proof = head.decode("ascii").split("\n")
    except UnicodeDecodeError as cause:
        raise AuditError("audit/request-malformed", "not ASCII before the checkpoint") from cause
    if not blank or not first.startswith("old ") or len(proof) > MAX_PROOF_LINES:
        raise AuditError("audit/request-malformed", "a request is the old size, a proof, an empty line, a checkpoint")
    old, hashes = parse_decimal(first.removeprefix("old ")), tuple(from_base64(line) for line in proof)
    if any(len(sibling) != HASH_BYTES for sibling in hashes):
        raise AuditError("audit/request-malformed", "a proof line that is no hash")
    return AddCheckpoint(old=old, proof=hashes, checkpoint=checkpoint)


def decide_cosign(  # noqa: PLR0911  one return for each answer of the interface
    request: AddCheckpoint, *, last_seen: SignedCheckpoint | None, origin: str, key: HybridKey
) -> CosignDecision:
    """Whether to cosign what `request` brings; never raises for "no".

    1. 400: the checkpoint is no note.
    2. 404: it is of another log than `origin`.
    3. 403: it is not signed as required by `key`.
    4. 400: the old size is larger than the new one.
    5. 409: the old size is not that of `last_seen`; the answer names the right one. A head of the size of `last_seen`
       with another root convicts the log here, too, whatever it says it continues.
    6. 422: it does not continue `last_seen`. With the same size and another root this convicts the log.
    7. 200: keep the checkpoint, then cosign it.

    Args:
        request: as received.
        last_seen: the last checkpoint cosigned of this log, or None.
        origin: the one log the caller is asked about.
        key: its pinned key.

    Invariant (witness): deciding on `last_seen` and keeping its successor happen in one unit of work, before signing.
    Source: C2SP tlog-witness.md, add-checkpoint.
    """
    try:
        # (1) a checkpoint at all
        claimed = claimed_checkpoint(request.checkpoint)
    except AuditError as error:
        return CosignDecision(status=CosignStatus.MALFORMED, error=error)
    # (2) of the log we know
    if claimed.origin != origin:
        return CosignDecision(status=CosignStatus.UNKNOWN_LOG)
    # (3) signed by it
    try:
        signed = verify_checkpoint(request.checkpoint, origin=origin, key=key)
    except CheckpointError as error:
        return CosignDecision(status=CosignStatus.NOT_SIGNED, error=error)
    # (4) going forward
    if request.old > claimed.size:
        return CosignDecision(status=CosignStatus.MALFORMED)
    # (5) from where we stand
    last = last_seen.checkpoint if last_seen else Checkpoint(origin=origin, size=0, root=EMPTY_ROOT)
    if request.old != last.size:
        two = last_seen is not None and claimed.size == last.size and claimed.root != last.root
        against = _against(last_seen, request.checkpoint, ()) if two else None
        return CosignDecision(status=CosignStatus.OTHER_SIZE, last_size=last.size, contradiction=against)
    # (6) and only appending
    try:
        verify_consistency(old=last, new=claimed, proof=request.proof)
    except InconsistentLogError as error:
        against = _against(last_seen, request.checkpoint, request.proof) if claimed != last else None
        return CosignDecision(status=CosignStatus.INCONSISTENT, error=error, contradiction=against)
    except AuditError as error:
        return CosignDecision(status=CosignStatus.INCONSISTENT, error=error)
    # (7) then it may be cosigned
    return CosignDecision(status=CosignStatus.COSIGN, signed=signed)


def _cosigned_text(checkpoint: Checkpoint, at: Instant) -> bytes:
    return f"cosignature/v1\ntime {at.epoch_s}\n{checkpoint.text}".encode()


def _against(seen: SignedCheckpoint | None, body: bytes, proof: tuple[bytes, ...]) -> Contradiction | None:
    """Both signed heads and the proof: what an outsider needs to judge. Of a log we never saw there is only one."""
    return Contradiction(older=seen.body, newer=body, proof=proof) if seen is not None else None
