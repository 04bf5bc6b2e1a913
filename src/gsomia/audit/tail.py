"""Checking the end of a log: what came after a head that somebody else has seen, from its bytes.

What lies below that head is proven by whoever witnessed it, and by the check of the whole log.
"""

from collections.abc import Iterable

from gsomia.audit.entry import parse_leaf
from gsomia.audit.errors import AuditError
from gsomia.audit.merkle import Frontier, leaf_hash


def check_tail(
    start: Frontier, entries: Iterable[tuple[bytes, bytes]], *, root: bytes, witnessed: bytes | None
) -> int | None:
    """The first entry from `start` on that can be blamed, or None if the tail holds.

    1. The stored nodes below `start` make the root that was witnessed there.
    2. Every entry hashes to its stored leaf hash, and is a leaf.
    3. All of it makes the root that the log claims now.

    Args:
        start: the tree at the witnessed head, from stored nodes.
        entries: leaf bytes and stored leaf hash from there on, in order.
        root: what the log says its root is.
        witnessed: the root at `start` as it was witnessed; None if nobody did.

    Source: design 2 (start-up checks the tail since the last cosigned checkpoint).
    """
    # (1) from where somebody else has seen it
    if witnessed is not None and start.root() != witnessed:
        return max(start.size - 1, 0)
    frontier = start
    for leaf, stored in entries:
        # (2) each entry is what was entered
        hashed = leaf_hash(leaf)
        if hashed != stored or not _is_leaf(leaf):
            return frontier.size
        frontier, _ = frontier.append(hashed)
    # (3) up to what is claimed
    return None if frontier.root() == root else start.size


def _is_leaf(leaf: bytes) -> bool:
    try:
        parse_leaf(leaf)
    except AuditError:
        return False
    return True
