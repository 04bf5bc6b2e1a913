"""The Merkle tree over a log's leaves, kept as its frontier: the roots of its complete subtrees.

Appending costs two hashes on average and reports every subtree it completes, so that a store can keep each node once
and any proof can be built later. Nothing here is ever rewritten: a frontier is a value, and a unit of work that fails
simply keeps the one it had.

    >>> frontier, nodes = Frontier().append(leaf_hash(b"one"))
    >>> frontier, nodes = frontier.append(leaf_hash(b"two"))
    >>> [(node.level, node.index) for node in nodes]
    [(0, 1), (1, 0)]
    >>> frontier.root() == nodes[1].hash == node_hash(leaf_hash(b"one"), leaf_hash(b"two"))
    True
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
MAX_TREE_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()
"""The root of a log without entries (RFC 9162 section 2.1.1)."""

NodeReader = Callable[[int, int], bytes]
"""Reads the stored hash of the complete subtree at `(level, index)`."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree: `2**level` leaves from leaf `index * 2**level` on."""

    level: int
    index: int
    hash: bytes


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of an entry.

    Source: RFC 9162 section 2.1.1.
    """
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side.

    Source: RFC 9162 section 2.1.1.
    """
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves, as the roots of its complete subtrees from the largest to the smallest.

    Invariant (frontier): there is one hash for each bit set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that is none.

        Raises:
            ValueError: the hashes do not fit the size.
        """
        if self.size.bit_count() != len(self.hashes) or not 0 <= self.size <= MAX_TREE_SIZE:
            msg = f"a tree of {self.size} leaves has another frontier"
            raise ValueError(msg)

    def append(self, leaf: bytes) -> "tuple[Frontier, tuple[Node, ...]]":
        """The tree with one leaf more, and the subtrees this completes, smallest (the leaf itself) first.

        Args:
            leaf: the hash of the entry, see `leaf_hash`.

        Source: RFC 9162 section 2.1.2.
        """
        hashes, index, level = list(self.hashes), self.size, 0
        nodes = [Node(0, index, leaf)]
        while index & 1:
            leaf = node_hash(hashes.pop(), leaf)
            index >>= 1
            level += 1
            nodes.append(Node(level, index, leaf))
        return Frontier(self.size + 1, (*hashes, leaf)), tuple(nodes)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves.

        Source: RFC 9162 section 2.1.1.
        """
        return fold(self.hashes) if self.hashes else EMPTY_ROOT


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring complete subtrees, given from the largest to the smallest; at least one."""
    root = hashes[-1]
    for left in hashes[-2::-1]:
        root = node_hash(left, root)
    return root


def subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Level and index of the complete subtrees that make up leaves `start` to `end`, from the largest on.

    Args:
        start: the first leaf; a multiple of the largest power of two within `end - start`.
        end: the leaf after the last.
    """
    found = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def restore_frontier(size: int, node: NodeReader) -> Frontier:
    """The frontier of the first `size` leaves, read from stored nodes."""
    return Frontier(size, tuple(node(level, index) for level, index in subtrees(0, size)))
