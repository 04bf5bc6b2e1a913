"""Inclusion receipts: an entry, its place, and the way to a root the log signed. Whoever holds one needs nobody else.

A partner answers with a receipt instead of a signature of its own for each message: one checkpoint signature covers a
batch. On disk a receipt is a C2SP `.tlog-proof` that other tools read, with the entry in its `extra` line.

Source: C2SP tlog-proof.md; design 5.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.audit.checkpoint import SignedCheckpoint, verify_checkpoint
from gsomia.audit.entry import MAX_LEAF_BYTES, Leaf, parse_leaf
from gsomia.audit.errors import AuditError
from gsomia.audit.merkle import HASH_BYTES, leaf_hash
from gsomia.audit.note import MAX_NOTE_BYTES, from_base64, parse_decimal, to_base64
from gsomia.audit.proofs import MAX_PROOF_HASHES, verify_inclusion
from gsomia.canon import MAX_INTEGER
from gsomia.parties import HybridKey

MAX_TLOG_PROOF_BYTES = MAX_NOTE_BYTES + (MAX_PROOF_HASHES + 3) * 45 + MAX_LEAF_BYTES * 4 // 3

_VERSION = "c2sp.org/tlog-proof@v1"
_FIXED_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionReceipt:
    """A receipt as received or as handed out: nothing proven until `verify_receipt`."""

    leaf: Annotated[bytes, Meta(max_length=MAX_LEAF_BYTES)]
    index: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
    proof: Annotated[
        tuple[Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)], ...],
        Meta(max_length=MAX_PROOF_HASHES),
    ]
    checkpoint: Annotated[bytes, Meta(max_length=MAX_NOTE_BYTES)]


def verify_receipt(receipt: InclusionReceipt, *, origin: str, key: HybridKey) -> tuple[Leaf, SignedCheckpoint]:
    """Prove that the log `origin` holds the entry of `receipt`.

    1. The checkpoint is the log's, signed as required.
    2. The proof leads from the entry to the checkpoint's root.
    3. The entry is a leaf.

    Raises:
        AuditError: malformed.
        CheckpointError: step 1.
        InclusionError: step 2.

    Trust: `receipt` is hostile; on return the log's key stands behind the leaf. What the leaf says is the caller's to
        compare.
    Source: design 5 (A delivery receipt is a log entry).
    """
    # (1) a signed root
    signed = verify_checkpoint(receipt.checkpoint, origin=origin, key=key)
    # (2) reached from the bytes of the entry
    verify_inclusion(
        leaf_hash(receipt.leaf),
        index=receipt.index,
        size=signed.checkpoint.size,
        proof=receipt.proof,
        root=signed.checkpoint.root,
    )
    # (3) which say something
    return parse_leaf(receipt.leaf), signed


def print_tlog_proof(receipt: InclusionReceipt) -> bytes:
    """The receipt as a `.tlog-proof` file."""
    head = [_VERSION, f"extra {to_base64(receipt.leaf)}", f"index {receipt.index}", *map(to_base64, receipt.proof)]
    return "\n".join([*head, "", ""]).encode() + receipt.checkpoint


def parse_tlog_proof(untrusted: bytes) -> InclusionReceipt:
    """The receipt whose one spelling as a `.tlog-proof` is `untrusted`.

    Raises:
        AuditError: malformed, or without the entry in its `extra` line, which the format leaves optional and we need.
    """
    if len(untrusted) > MAX_TLOG_PROOF_BYTES:
        raise _malformed(f"more than the `{MAX_TLOG_PROOF_BYTES}` bytes that are read")
    head, blank, checkpoint = untrusted.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as cause:
        raise _malformed("not ASCII before the checkpoint") from cause
    named = [line.partition(" ")[0] for line in lines[:_FIXED_LINES]]
    if not blank or named != [_VERSION, "extra", "index"] or lines[0] != _VERSION:
        raise _malformed("a proof is its version, the entry, the index, hashes, an empty line, a checkpoint")
    leaf = from_base64(lines[1].removeprefix("extra "))
    index = parse_decimal(lines[2].removeprefix("index "))
    proof = tuple(from_base64(line) for line in lines[_FIXED_LINES:])
    whole = len(leaf) <= MAX_LEAF_BYTES and len(checkpoint) <= MAX_NOTE_BYTES and index <= MAX_INTEGER
    if not whole or len(proof) > MAX_PROOF_HASHES or any(len(sibling) != HASH_BYTES for sibling in proof):
        raise _malformed("an entry, index, proof or checkpoint beyond its bounds")
    return InclusionReceipt(leaf=leaf, index=index, proof=proof, checkpoint=checkpoint)


def _malformed(what: str) -> AuditError:
    return AuditError("audit/receipt-malformed", what)
