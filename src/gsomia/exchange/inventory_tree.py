"""A roster as a tree of digests: two of them are compared from the root down, and only what differs is opened.

    >>> Tree([]).root == Tree([]).root
    True

Source: A-34, LEDGER-8.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, cast

from msgspec import Meta

from gsomia.ids import Count, HexDigest, ItemId, PartyCode, sha256_hex

BUCKET_LEVEL = 4
"""Characters of a path: two for a branch, four for a bucket."""
STEP = 2
FAN_OUT = 256
ROWS_EACH = 500

Path = Annotated[str, Meta(pattern="^([0-9a-f]{2}){0,2}\\Z")]
Word = Annotated[str, Meta(pattern="^[!-~]{1,128}\\Z")]


class Stands(StrEnum):
    """How an item stands between sender and recipient, in words both can know: those of `registry.Between`."""

    UNDER_WAY = "under-way"
    HELD = "held"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item that went between two parties, as either's register should have it.

    Args:
        sender: whose transmittal it was.
        item: which.
        number: under which it went: consignment, disclosure or package.
        stands: how it stands.
        manifest: what covered it, if it went sealed.
        mark: the originator's classification in effect.
        copies: how many went under that number.

    Source: A-34.
    """

    sender: PartyCode
    item: ItemId
    number: Word
    stands: Stands
    manifest: HexDigest | None
    mark: Word
    copies: Count

    @property
    def line(self) -> str:
        """What is hashed of it: its members have no spaces."""
        return (
            f"{self.sender} {self.item} {self.number} {self.stands.value} {self.manifest or '-'} {self.mark}"
            f" {self.copies}"
        )

    @property
    def path(self) -> str:
        """In which bucket it lies."""
        return _path_of(f"{self.sender} {self.item}")


def read_row(line: str) -> Row:
    """The row that a line of ours says."""
    sender, item, number, stands, manifest, mark, copies = line.split(" ")
    return Row(
        sender=cast("PartyCode", sender),
        item=cast("ItemId", item),
        number=number,
        stands=Stands(stands),
        manifest=None if manifest == "-" else cast("HexDigest", manifest),
        mark=mark,
        copies=int(copies),
    )


def _path_of(key: str) -> str:
    return sha256(key.encode()).digest()[: BUCKET_LEVEL // 2].hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRow:
    """A row, and where the log of whoever says it, shared with the other, has its last entry about the item."""

    row: Row
    log: str | None
    index: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A branch or bucket that is not empty, by path and digest."""

    path: Path
    digest: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The root or a branch, opened."""

    path: Path
    children: Annotated[tuple[Child, ...], Meta(max_length=FAN_OUT)]

    @property
    def digest(self) -> HexDigest:
        """What its parent, or the roster, committed to."""
        return _node_digest((one.path, one.digest) for one in self.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket, opened: the rows themselves."""

    path: Path
    rows: Annotated[tuple[LoggedRow, ...], Meta(max_length=ROWS_EACH)]

    @property
    def digest(self) -> HexDigest:
        """What its parent committed to; where logs have the rows is beside it."""
        return _bucket_digest("\n".join(sorted(one.row.line for one in self.rows)))


def _node_digest(children: Iterable[tuple[str, HexDigest]]) -> HexDigest:
    return sha256_hex("\n".join(("node", *(f"{path} {digest}" for path, digest in children))).encode())


def _bucket_digest(lines: str) -> HexDigest:
    return sha256_hex(f"bucket\n{lines}".encode())


class Tree:
    """A roster as a tree of digests, kept by whoever drew it.

    It holds the lines of its rows and no values: a register of a hundred thousand is drawn and kept for one difference.

    Args:
        lines: of each row, as `Row.line` has it.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        placed: dict[str, list[str]] = {}
        self.entries = 0
        for line in lines:
            placed.setdefault(_path_of(line[: line.index(" ", line.index(" ") + 1)]), []).append(line)
            self.entries += 1
        self.buckets = {path: "\n".join(sorted(placed[path])) for path in sorted(placed)}
        """The lines of each bucket, by path."""
        self._below: dict[str, dict[str, HexDigest]] = {}
        for path, joined in self.buckets.items():
            self._below.setdefault(path[:STEP], {})[path] = _bucket_digest(joined)
        self._below[""] = {path: _node_digest(below.items()) for path, below in self._below.items()}
        self.root = _node_digest(self._below[""].items())
        """What the roster commits to."""

    def node(self, path: str) -> Node | None:
        """The root or a branch; None if nothing lies below it."""
        below = self._below.get(path)
        if below is None:
            return None
        return Node(path=path, children=tuple(Child(path=one, digest=digest) for one, digest in below.items()))

    def rows(self, path: str) -> list[Row]:
        """The rows of a bucket, sorted by line."""
        return [read_row(line) for line in self.buckets[path].split("\n")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """All that one side opened of a roster: nodes and buckets by path, each held against its roster."""

    root: HexDigest
    nodes: Mapping[str, Node]
    buckets: Mapping[str, Bucket]

    def committed(self, path: str) -> HexDigest | None:
        """The digest that the roster, or an opened node, commits to for a path."""
        if not path:
            return self.root
        parent = self.nodes.get(path[:-STEP])
        return next((one.digest for one in parent.children if one.path == path), None) if parent else None


def open_further(known: Opened, nodes: Iterable[Node], buckets: Iterable[Bucket]) -> Opened | None:
    """What is open after one more opening; None if it does not hash to what the roster committed to.

    Trust: `nodes` and `buckets` are untrusted; on return all of it hangs under the root that a person signed.
    Source: A-34.
    """
    opened, rows = dict(known.nodes), dict(known.buckets)
    step = Opened(root=known.root, nodes=opened, buckets=rows)  # grows with what is proven
    for node in nodes:
        below = [one.path for one in node.children]
        ordered = below == sorted(set(below)) and all(
            len(path) == len(node.path) + STEP and path.startswith(node.path) for path in below
        )
        if len(node.path) == BUCKET_LEVEL or not ordered or step.committed(node.path) != node.digest:
            return None
        opened[node.path] = node
    for bucket in buckets:
        placed = all(one.row.path == bucket.path for one in bucket.rows)
        once = len({(one.row.sender, one.row.item) for one in bucket.rows}) == len(bucket.rows)
        if not placed or not once or len(bucket.path) != BUCKET_LEVEL or step.committed(bucket.path) != bucket.digest:
            return None
        rows[bucket.path] = bucket
    return step


def differing(ours: Node | None, theirs: Node | None) -> list[str]:
    """Paths below which two nodes differ."""
    left = {one.path: one.digest for one in ours.children} if ours else {}
    right = {one.path: one.digest for one in theirs.children} if theirs else {}
    return sorted(path for path in left.keys() | right.keys() if left.get(path) != right.get(path))


def to_open(tree: Tree, theirs: Opened) -> Iterator[str]:
    """What we open next, from the root on: whatever differs from what the other side has opened so far."""
    if tree.root == theirs.root:
        return
    yield ""
    if "" not in theirs.nodes:
        return
    for branch in differing(tree.node(""), theirs.nodes[""]):
        mine, other = tree.node(branch), theirs.nodes.get(branch)
        if mine is None:
            continue
        yield branch
        if other is not None or theirs.committed(branch) is None:
            yield from (path for path in differing(mine, other) if path in tree.buckets)
