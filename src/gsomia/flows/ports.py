"""What flows need of the world. Adapters in `storage` and `transport` provide it; `node` chooses which.

A *unit of work* is a synchronous function of a `Tx`: it reads, decides and writes, all or nothing. Units never wait for
anything; sealing, signing, hashing and files come before them, and facts they relied on are checked again inside.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeVar

from gsomia.audit import Frontier, Leaf
from gsomia.exchange import Outgoing
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import HybridSigner, Opener

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")

What = Literal["latest", "every", "count"]
"""The last record that answers a question, all of them, or how many."""
Row = tuple[str | int | None, ...]
"""Columns of a line, as a database keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """Where a log stands: its tree, and the time of its last entry."""

    frontier: Frontier
    last_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """A leaf as stored."""

    index: int
    leaf: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPayload:
    """Sealed content of one short segment: the segment, and its digest, which is the whole segment list."""

    digest: bytes
    sealed: bytes


class Answered(NamedTuple):
    """A question that a unit asked of its records, and the records that answered it.

    Attributes:
        kind: of the records.
        what: the last, all of them, or how many.
        keys: the key columns asked by.
        values: what they must be.
        found: digests of the records found, oldest first; or how many there are.
    """

    kind: type[object]
    what: What
    keys: tuple[str, ...]
    values: tuple[str | None, ...]
    found: tuple[str, ...] | int


Noted = tuple[Answered, ...]
"""What a unit read, to be asked again in a later one."""


class Tx(Protocol):
    """One unit of work over the node's record. Records are append-only: there is no update and no delete.

    Record kinds are the dataclasses of `storage.kinds.KINDS`; `keys` are the key columns named there,
    at least one of which a search may go by; else it is a `TypeError`.
    """

    def add(self, record: object) -> HexDigest:
        """Append a record; its digest is that of its canonical bytes."""
        ...

    def latest(self, kind: type[R], **keys: str | None) -> R | None:
        """The last record of `kind` whose key columns equal `keys`, or None."""
        ...

    def every(self, kind: type[R], **keys: str | None) -> list[R]:
        """All records of `kind` whose key columns equal `keys`, oldest first."""
        ...

    def newest(self, kind: type[R], *, limit: int, **keys: str | None) -> list[R]:
        """The last `limit` of the same records, newest first."""
        ...

    def parts(self, kind: type[object], part: type[R], **keys: str | None) -> list[R]:
        """Of the same records those members that `part` names, for who reads thousands and needs little of each."""
        ...

    def count(self, kind: type[object], **keys: str | None) -> int:
        """How many there are."""
        ...

    def note(self) -> None:
        """From here on note what is read, until `noted`."""
        ...

    def noted(self) -> Noted | None:
        """What was read since `note`; None if it was more than `latest`, `every` and `count` can tell again."""
        ...

    def still(self, noted: Noted | None) -> bool:
        """Whether every question of an earlier unit has the same answer now: then it would come to the same."""
        ...

    def number(self, name: str) -> int:
        """The next running number of the counter `name`: 1, 2, 3 …, without gaps among committed units."""
        ...

    def put_line(self, line: object) -> None:
        """Keep a line in place of the one of the same key. Lines are derived: kinds are those of `storage.lines`."""
        ...

    def line(self, kind: type[R], **key: str) -> R | None:
        """The line of a key, or None."""
        ...

    def lines(self, kind: type[R], *, limit: int, after: R | None = None, **equals: object) -> list[R]:
        """Lines whose columns equal `equals`, by key, from the one after `after` on.

        Raises:
            TypeError: no column of `equals` is one to search by.
        """
        ...

    def tally(self, kind: type[object], *, by: tuple[str, ...], **equals: object) -> dict[Row, int]:
        """How many lines whose columns equal `equals` there are for each combination of the columns `by`."""
        ...

    def origins(self) -> list[str]:
        """Names of all logs of this node, sorted."""
        ...

    def head(self, origin: str) -> LogHead:
        """Where the log stands inside this unit; an unknown log is empty."""
        ...

    def append(self, origin: str, leaf: Leaf, *, subject: str) -> int:
        """Append a leaf to a log and return its index; `subject` makes it findable by `find`."""
        ...

    def entries(self, origin: str, *, start: int, limit: int) -> list[LoggedEntry]:
        """Stored entries from index `start` on."""
        ...

    def leaf(self, origin: str, index: int) -> bytes:
        """The bytes of one entry, from memory if it is at hand.

        Raises:
            KeyError: there is none.
        """
        ...

    def node(self, origin: str, level: int, index: int) -> bytes:
        """The stored hash of a complete subtree.

        Raises:
            KeyError: it is not stored (not complete yet).
        """
        ...

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """As `node`, from memory if it is at hand: to build a proof, never to check what is stored.

        Raises:
            KeyError: as `node`.
        """
        ...

    def find(self, origin: str, *, subject: str) -> int | None:
        """The index of the last entry about `subject`."""
        ...

    def put_checkpoint(self, origin: str, *, size: int, body: bytes) -> None:
        """Keep a signed checkpoint of one of our logs."""
        ...

    def checkpoints(self, origin: str) -> list[bytes]:
        """All kept checkpoints, smallest first."""
        ...

    def last_checkpoint(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of the largest kept checkpoint."""
        ...

    def put_cosignature(self, origin: str, *, size: int, lines: bytes) -> None:
        """Keep the partner's verified cosignature over one of our checkpoints."""
        ...

    def last_cosignature(self, origin: str) -> tuple[int, bytes] | None:
        """Size and lines of the last kept cosignature."""
        ...

    def put_witnessed(self, origin: str, *, size: int, body: bytes) -> None:
        """Remember the last checkpoint of a partner's log that we saw and cosigned (replaces the one before)."""
        ...

    def witnessed(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of that checkpoint."""
        ...

    def enqueue(self, outgoing: Outgoing) -> int:
        """Put something to say into the outbox queue and return its row id. Rows leave only by `settle`."""
        ...

    def due(self, partner: PartyCode, *, now: Instant, limit: int) -> list[tuple[int, Outgoing]]:
        """Rows for a partner whose `not_before` has come: the urgent first, ties oldest first, barriers in their place.

        Statements and proofs keep that order: none is due while one that goes before it waits.
        """
        ...

    def queued(self, partner: PartyCode) -> int:
        """How many rows wait for a partner."""
        ...

    def settle(self, row: int) -> None:
        """Remove a row: it was acknowledged, or refused for good."""
        ...

    def postpone(self, row: int, *, not_before: Instant) -> None:
        """Count an attempt and wait."""
        ...

    def put_segment_list(self, segment_list: bytes) -> HexDigest:
        """Keep the segment list of a consignment of ours, and return its address, the SHA-256 of it."""
        ...

    def segment_list(self, address: HexDigest) -> bytes | None:
        """The list kept at an address."""
        ...

    def put_small(self, address: HexDigest, small: SmallPayload) -> None:
        """Keep short sealed content under its address; the same content may be there already."""
        ...

    def small(self, address: HexDigest) -> SmallPayload | None:
        """The short content at an address, if it is kept in the record."""
        ...

    def drop_small(self, address: HexDigest) -> bool:
        """Take short content away; whether there was any."""
        ...


class Store(Protocol):
    """Runs units one after another and commits them in groups; a failed unit leaves nothing behind."""

    def run(self, unit: Callable[[Tx], T], *, reads: bool = False) -> T:
        """Run `unit`, and return its result once it is durable. Callable from any thread.

        Args:
            unit: what is read and written together.
            reads: it hardly ever writes: it goes before those that do, and waits for no commit of theirs.

        Raises:
            UnavailableError: the disk is full or the database locked; nothing was written.
            IntegrityError: the database does not hold.
            Exception: whatever `unit` raised; nothing was written.
        """
        ...

    def leaf_at_hand(self, origin: str, index: int) -> bytes:
        """The bytes of a durable entry, without a turn among the units.

        Raises:
            KeyError: it is not at hand; a unit finds it.
        """
        ...

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """The hash of a complete subtree of durable entries, without a turn among the units.

        Raises:
            KeyError: as `leaf_at_hand`.
        """
        ...

    def durable_head(self, origin: str) -> LogHead:
        """Where a log stands by what is durable, without a turn among the units; an unknown log is empty."""
        ...

    def fold(self) -> None:
        """Leave nothing that was deleted in any file beside the record.

        Raises:
            UnavailableError: the disk is full or fails.
        """
        ...

    def close(self) -> None:
        """Finish what is queued and close."""
        ...


class PayloadWriter(Protocol):
    """Sealed content on its way into the store."""

    def write(self, index: int, sealed: bytes) -> None:
        """Keep sealed segment `index`; segments come in order."""
        ...

    def keep(self, count: int) -> None:
        """Go back to the first `count` segments of those it has; what follows is written again."""
        ...

    def finish(self, segment_list: bytes) -> HexDigest:
        """Make the content durable (file and directory) under the digest of its list, and return that address."""
        ...

    def finish_with(self, segment_list: bytes) -> Callable[[Tx], None]:
        """As `finish`, but for what the unit that names the content has to write: it calls what is returned."""
        ...

    def abandon(self) -> None:
        """Forget what was written."""
        ...


class Payloads(Protocol):
    """Sealed content, addressed by the SHA-256 of its segment list. Same address, same bytes."""

    def begin(self, name: str, *, segments: int) -> PayloadWriter:
        """Start anew under a working `name`."""
        ...

    def resume(self, name: str, *, segments: int) -> tuple[PayloadWriter, int]:
        """Go on under `name`: the writer, and how many whole segments of full size it already has (0 if none)."""
        ...

    def partial_segment(self, name: str, index: int) -> bytes:
        """A segment that an unfinished `name` already has, to be verified again after a restart."""
        ...

    def has(self, address: HexDigest, *, tx: Tx | None = None) -> bool:
        """Whether content is stored there; inside a unit, the unit's `tx` is handed in."""
        ...

    def segment_list(self, address: HexDigest, *, segments: int) -> bytes:
        """The list stored with the content: 32 bytes a segment.

        Raises:
            IntegrityError: it is gone or does not hash to its address.
        """
        ...

    def segment(self, address: HexDigest, index: int, *, segments: int) -> bytes:
        """Sealed segment `index`.

        Raises:
            IntegrityError: it is gone.
        """
        ...

    def discard(self, address: HexDigest) -> None:
        """Take content away; durable on return, and nothing happens if there is none."""
        ...

    def free_bytes(self) -> int:
        """How much room the disk has."""
        ...


class StorageKeys(Protocol):
    """Per-item storage keys in a file outside the database and its backups."""

    def create(self, item: ItemId) -> bytes:
        """A fresh key for an item, durable on return. An orphan (the unit after it failed) is harmless."""
        ...

    def create_all(self, items: Sequence[ItemId]) -> list[bytes]:
        """As `create`, of several items."""
        ...

    def has(self, item: ItemId) -> bool:
        """Whether an item has a key."""
        ...

    def get(self, item: ItemId) -> bytes:
        """The key of an item.

        Raises:
            IntegrityError: there is none: the content is gone for good.
        """
        ...

    def destroy(self, item: ItemId) -> None:
        """Destroy the key of an item; on return it is gone for good, and every other key is still there.

        Raises:
            UnavailableError: the disk is full or fails; the key is there, or gone for good.
        """
        ...


class Ordered(Protocol):
    """Work on many segments, side by side where that is faster; results come in the order of the inputs."""

    def __call__(self, act: Callable[[A], R], inputs: Iterable[A], /) -> Iterator[R]:
        """As `map`, with only a few inputs and results in memory at once."""
        ...


class Checkpoints(Protocol):
    """Signs checkpoints over committed entries, stores them, then lets them be sent; one signature for a batch."""

    def cover(self, origin: str, *, size: int) -> bytes:
        """A stored checkpoint of one of our logs with at least `size` entries."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """One numbered set of the node's private keys, unlocked."""

    number: int
    working: HybridSigner
    statement: HybridSigner
    log: HybridSigner
    cosigner: HybridSigner
    lane: HybridSigner
    opener: Opener
    tls_seed: bytes

    def __repr__(self) -> str:
        return "NodeKeys(...)"


class Keyring(Protocol):
    """The node's sets of keys. One is in use; earlier ones still open, and still answer who has not heard of it yet."""

    @property
    def turn(self) -> AbstractContextManager[object]:
        """Held while keys change: one change at a time."""
        ...

    @property
    def current(self) -> NodeKeys:
        """The set in use."""
        ...

    def every(self) -> tuple[NodeKeys, ...]:
        """All sets that are or were in use, oldest first."""
        ...

    def draw(self, number: int) -> NodeKeys:
        """Draw a set under the same working identity, durable on return and not in use yet.

        A set of that number that never came into use is replaced.

        Raises:
            UnavailableError: the disk is full or fails; nothing changed.
        """
        ...

    def draw_identity(self, number: int) -> NodeKeys:
        """As `draw`, with a new working identity."""
        ...

    def use(self, number: int) -> None:
        """Work with the set `number` from now on.

        Raises:
            IntegrityError: the key file holds no such set.
        """
        ...

    def opener(self, key_id: str) -> Opener | None:
        """The private key for something sealed to any set that is or was in use."""
        ...

    def hold_log(self, origin: str, number: int) -> None:
        """Sign checkpoints of `origin` with the log key of set `number` until its reader heard of a newer one."""
        ...

    def release_log(self, origin: str) -> None:
        """Sign checkpoints of `origin` with the log key in use."""
        ...

    def log_signer(self, origin: str) -> HybridSigner:
        """Who signs checkpoints of `origin` now."""
        ...
