"""Proofs that an entry is in a tree, and that a later tree only appends to an earlier one.

Building reads stored nodes and believes them; verifying believes nothing but the roots it is given. Lengths and
counts are fixed by the sizes, so there is exactly one proof for each question.

    >>> from gsomia.audit.merkle import leaf_hash
    >>> node = {(0, 0): leaf_hash(b"one"), (0, 1): leaf_hash(b"two"), (0, 2): leaf_hash(b"three")}
    >>> node[1, 0] = node_hash(node[0, 0], node[0, 1])
    >>> proof = build_inclusion(2, 3, lambda level, index: node[level, index])
    >>> root = node_hash(node[1, 0], node[0, 2])
    >>> verify_inclusion(node[0, 2], index=2, size=3, proof=proof, root=root)
"""

from collections.abc import Sequence

from gsomia.audit.checkpoint import Checkpoint
from gsomia.audit.errors import AuditError, InclusionError, InconsistentLogError
from gsomia.audit.merkle import EMPTY_ROOT, HASH_BYTES, NodeReader, fold, node_hash, subtrees

MAX_PROOF_HASHES = 64
"""A consistency proof between trees of fewer than 2^63 leaves is never longer."""


def build_inclusion(index: int, size: int, node: NodeReader) -> tuple[bytes, ...]:
    """The siblings on the way from leaf `index` to the root of the first `size` leaves, lowest first.

    Raises:
        ValueError: there is no such leaf.

    Source: RFC 9162 section 2.1.3.1.
    """
    if not 0 <= index < size:
        msg = f"a tree of {size} leaves has no leaf {index}"
        raise ValueError(msg)
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_hash_of(middle, end, node))
            end = middle
        else:
            proof.append(_hash_of(start, middle, node))
            start = middle
    return tuple(reversed(proof))


def build_consistency(old: int, new: int, node: NodeReader) -> tuple[bytes, ...]:
    """What shows that the first `new` leaves begin with the first `old` leaves; empty if `old` is zero or `new`.

    Raises:
        ValueError: `old` is larger than `new`.

    Source: RFC 9162 section 2.1.4.1; C2SP tlog-witness (zero is consistent with everything).
    """
    if not 0 <= old <= new:
        msg = f"a tree of {new} leaves does not contain one of {old}"
        raise ValueError(msg)
    if old in {0, new}:
        return ()
    proof, start, end = [], 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_hash_of(middle, end, node))
            end = middle
        else:
            proof.append(_hash_of(start, middle, node))
            start = middle
    if start:
        proof.append(_hash_of(start, end, node))
    return tuple(reversed(proof))


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Prove that the entry whose hash is `leaf` stands at `index` in the tree of `size` leaves with this `root`.

    Args:
        leaf: computed by the caller from the entry, see `leaf_hash`.
        index: where the entry is said to stand.
        size: from a checkpoint whose signatures verified.
        proof: at most `MAX_PROOF_HASHES` hashes, lowest first.
        root: from the same checkpoint.

    Raises:
        AuditError: the proof is no list of hashes.
        InclusionError: it does not lead from the leaf to the root.

    Trust: `index` and `proof` are untrusted.
    Source: RFC 9162 section 2.1.3.2.
    """
    _check_hashes(proof)
    current, position, last = leaf, index, size - 1
    holds = 0 <= index < size
    for sibling in proof if holds else ():
        if last == 0:
            holds = False
            break
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        position, last = position >> 1, last >> 1
    if not holds or last != 0 or current != root:
        raise InclusionError(
            "audit/not-included",
            f"the proof does not show that entry `{index}` is among the first `{size}`",
            evidence={"leaf_hash": leaf, "index": index, "size": size, "proof": tuple(proof), "root": root},
        )


def verify_consistency(*, old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Prove that `new` only appends to the log that `old` committed to.

    1. Both speak of the same log, and `new` is not the smaller one.
    2. An empty log has the root of the empty tree, and needs no proof.
    3. Logs of the same size have the same root, and need no proof.
    4. Otherwise the proof leads from both roots to the same subtrees.

    Args:
        old: a checkpoint already believed.
        new: a checkpoint just received, signatures already verified.
        proof: at most `MAX_PROOF_HASHES` hashes, lowest first.

    Raises:
        AuditError: step 1, or the proof is no list of hashes.
        InconsistentLogError: step 2, 3 or 4; carries both checkpoints and the proof as evidence.

    Trust: `proof` is untrusted. On return, every entry below `old.size` is the same in both logs.
    Source: RFC 9162 section 2.1.4.2; C2SP tlog-witness.
    """
    # (1) the same log, going forward
    _check_comparable(old, new)
    _check_hashes(proof)
    # (2) the empty tree
    empty_as_due = all(head.root == EMPTY_ROOT for head in (old, new) if head.size == 0)
    if old.size == 0:
        holds = not proof
    # (3) the same tree
    elif old.size == new.size:
        holds = not proof and old.root == new.root
    # (4) both roots from the same subtrees
    else:
        holds = _roots(old.size, new.size, old.root, proof) == (old.root, new.root)
    if not (holds and empty_as_due):
        two_roots = old.size == new.size and old.root != new.root
        raise InconsistentLogError(
            "audit/two-roots" if two_roots else "audit/inconsistent",
            f"the log of `{new.size}` entries is not shown to continue the one of `{old.size}`",
            remedy="keep both signed checkpoints: together they convict the log"
            if two_roots
            else "ask for the proof again",
            evidence={"old": old, "new": new, "proof": tuple(proof)},
        )


def contradicts(*, old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether no log can have both heads, as far as `proof` shows it.

    Of one size they have two roots; or the proof leads to the root of the later one from a beginning that is not the
    earlier one. An honest log cannot be brought into this by anybody's proof: what leads to a root is what the tree
    under it consists of, unless SHA-256 is broken.

    A proof from a head whose size is a power of two starts from that head itself, and shows nothing of another
    beginning: then the two heads are not shown to go together, and not shown to contradict each other.

    Args:
        old: a checkpoint whose signatures verified.
        new: another one of the same log, not smaller.
        proof: as for `verify_consistency`.

    Raises:
        AuditError: the heads are of different logs or in the wrong order, or the proof is no list of hashes.

    Trust: `proof` is untrusted.
    Source: RFC 9162 section 2.1.4.2; design 5 (two contradictory signed heads convict a log).
    """
    _check_comparable(old, new)
    _check_hashes(proof)
    if old.size == new.size:
        return old.root != new.root
    roots = _roots(old.size, new.size, old.root, proof) if old.size else None
    return roots is not None and roots[1] == new.root and roots[0] != old.root


def _roots(old: int, new: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the proof has them, or None if it has the wrong length."""
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    if not path:
        return None
    early = late = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            early, late = node_hash(sibling, early), node_hash(sibling, late)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            late = node_hash(late, sibling)
        position, last = position >> 1, last >> 1
    return (early, late) if last == 0 else None


def _check_comparable(old: Checkpoint, new: Checkpoint) -> None:
    if old.origin != new.origin or old.size > new.size:
        raise AuditError("audit/not-comparable", "the checkpoints are of different logs, or in the wrong order")


def _check_hashes(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_PROOF_HASHES or any(len(sibling) != HASH_BYTES for sibling in proof):
        raise AuditError("audit/proof-malformed", f"a proof is at most `{MAX_PROOF_HASHES}` hashes of 32 bytes")


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _hash_of(start: int, end: int, node: NodeReader) -> bytes:
    return fold([node(level, index) for level, index in subtrees(start, end)])
