"""The record in memory, for tests, rehearsals and the simulated world. It passes the contract of the database.

Records are kept as their canonical bytes and decoded on reading, so that whatever does not survive a database does not
survive here either. A unit that fails is undone step by step, newest first.

    >>> store = MemoryStore()
    >>> store.run(lambda tx: [tx.number("control"), tx.number("control")])
    [1, 2]
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gsomia import canon
from gsomia.audit import Leaf, encode_leaf, leaf_hash
from gsomia.exchange import Outgoing, in_order
from gsomia.flows.ports import Answered, LoggedEntry, LogHead, Noted, Row, SmallPayload, Tx, What
from gsomia.ids import HexDigest, PartyCode, sha256_hex
from gsomia.instants import Instant
from gsomia.storage.fsck import StoredRecord, check_kind, check_lines
from gsomia.storage.kinds import KINDS, check_keys, key_values, read_back, read_part, read_stored
from gsomia.storage.lines import LINES, key_of, line_of, row_of, to_column, wanted
from gsomia.storage.log_head import EMPTY, check_time

T = TypeVar("T")
R = TypeVar("R")


@dataclass(eq=False, slots=True)
class _Log:
    head: LogHead = EMPTY
    entries: list[LoggedEntry] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    cosignatures: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _State:
    records: defaultdict[type, list[StoredRecord]] = field(default_factory=lambda: defaultdict(list))
    logs: dict[str, _Log] = field(default_factory=dict)
    witnessed: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    outbox: dict[int, Outgoing] = field(default_factory=dict)
    last_row: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    small: dict[str, SmallPayload] = field(default_factory=dict)
    lists: dict[HexDigest, bytes] = field(default_factory=dict)
    lines: defaultdict[type, dict[Row, Row]] = field(default_factory=lambda: defaultdict(dict))


class MemoryStore:
    """A node's record in dicts and lists; gone when the process ends."""

    def __init__(self) -> None:
        self._state = _State()
        self._turn = threading.Lock()
        self._running: int | None = None
        self._closed = False

    def run(self, unit: Callable[[Tx], T], *, reads: bool = False) -> T:  # noqa: ARG002  nobody waits for a commit here
        """Run `unit` and return its result. Callable from any thread.

        Raises:
            RuntimeError: called inside a unit, or after `close`.
            Exception: whatever `unit` raised; nothing was written.
        """
        if self._running == threading.get_ident():
            msg = "a unit of work cannot run another: it would wait for itself"
            raise RuntimeError(msg)
        with self._turn:
            if self._closed:
                msg = "the store is closed"
                raise RuntimeError(msg)
            self._running = threading.get_ident()
            tx = MemoryTx(self._state)
            try:
                return unit(tx)
            except BaseException:
                tx.undo()
                raise
            finally:
                tx.end()
                self._running = None

    def leaf_at_hand(self, origin: str, index: int) -> bytes:
        """The bytes of an entry.

        Raises:
            KeyError: there is none.
        """
        return self.run(lambda tx: tx.leaf(origin, index))

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """The hash of a complete subtree.

        Raises:
            KeyError: it is not complete.
        """
        return self.run(lambda tx: tx.node(origin, level, index))

    def durable_head(self, origin: str) -> LogHead:
        """Where a log stands."""
        return self.run(lambda tx: tx.head(origin))

    def fold(self) -> None:
        """Nothing lies beside what is here."""

    def close(self) -> None:
        """Finish what runs and close; a second call does nothing."""
        with self._turn:
            self._closed = True

    def iterate_records(self, kind: type[object]) -> Iterator[StoredRecord]:
        """Every stored record of a kind, oldest first, for fsck."""
        check_keys(kind, ())
        yield from self.run(lambda _tx: list(self._state.records[kind]))

    def iterate_lines(self, kind: type[R]) -> Iterator[R]:
        """Every line of a kind, for fsck."""
        yield from self.run(lambda tx: tx.lines(kind, limit=len(self._state.lines[kind])))

    def check_records(self) -> list[str]:
        """What does not hold in the records, as `table number: what`; empty if all does."""
        problems = [problem for kind in KINDS for problem in check_kind(kind, self.iterate_records(kind))]
        return problems or list(check_lines(self))


class MemoryTx:
    """A `Tx` over dicts and lists. It ends with its unit and cannot be used afterwards."""

    def __init__(self, state: _State) -> None:
        self._held: _State | None = state
        self._undo: list[Callable[[], object]] = []
        self._asked: list[Answered] | None = None
        self._beyond = False

    def undo(self) -> None:
        """Take back what this unit did, newest first."""
        while self._undo:
            self._undo.pop()()

    def end(self) -> None:
        """Refuse every further call."""
        self._held = None

    @property
    def _state(self) -> _State:
        if self._held is None:
            msg = "a unit of work has ended; its `Tx` ends with it"
            raise RuntimeError(msg)
        self._beyond = True
        return self._held

    def add(self, record: object) -> HexDigest:
        """Append a record that is known to read back; its digest is that of its canonical bytes."""
        kind = type(record)
        check_keys(kind, ())
        doc = canon.encode(record)
        read_back(doc, kind)
        stored = self._state.records[kind]
        line = StoredRecord(seq=len(stored) + 1, digest=sha256_hex(doc), doc=doc, keys=key_values(record))
        self._push(stored, line)
        return line.digest

    def latest(self, kind: type[R], **keys: str | None) -> R | None:
        """The last record of `kind` whose key columns equal `keys`, or None."""
        found = self._ask(kind, keys, "latest")
        return read_stored(found[-1].doc, kind, digest=found[-1].digest) if found else None

    def every(self, kind: type[R], **keys: str | None) -> list[R]:
        """All records of `kind` whose key columns equal `keys`, oldest first."""
        return [read_stored(line.doc, kind, digest=line.digest) for line in self._ask(kind, keys, "every")]

    def newest(self, kind: type[R], *, limit: int, **keys: str | None) -> list[R]:
        """The last `limit` of the same records, newest first."""
        self._beyond = True
        found = self._found(kind, keys)[::-1][: max(limit, 0)]
        return [read_stored(line.doc, kind, digest=line.digest) for line in found]

    def parts(self, kind: type[object], part: type[R], **keys: str | None) -> list[R]:
        """Of the same records those members that `part` names."""
        self._beyond = True
        return [read_part(line.doc, kind, part, digest=line.digest) for line in self._found(kind, keys)]

    def count(self, kind: type[object], **keys: str | None) -> int:
        """How many there are."""
        return len(self._ask(kind, keys, "count"))

    def note(self) -> None:
        """From here on note what is read, until `noted`."""
        self._asked, self._beyond = [], False

    def noted(self) -> Noted | None:
        """What was read since `note`; None if it was more than can be asked again."""
        asked, self._asked = self._asked, None
        return None if asked is None or self._beyond else tuple(asked)

    def still(self, noted: Noted | None) -> bool:
        """Whether every question of an earlier unit has the same answer now."""
        return noted is not None and all(
            _told(one.what, self._found(one.kind, dict(zip(one.keys, one.values, strict=True)))) == one.found
            for one in noted
        )

    def number(self, name: str) -> int:
        """The next running number of the counter `name`."""
        following = self._state.counters.get(name, 0) + 1
        self._set(self._state.counters, name, following)
        return following

    def put_line(self, line: object) -> None:
        """Keep a line in place of the one of the same key."""
        wanted(type(line), {})
        self._set(self._state.lines[type(line)], key_of(line), row_of(line))

    def line(self, kind: type[R], **key: str) -> R | None:
        """The line of a key, or None."""
        row = self._state.lines[kind].get(tuple(to_column(key[name]) for name in LINES[kind].key))
        return line_of(kind, row) if row else None

    def lines(self, kind: type[R], *, limit: int, after: R | None = None, **equals: object) -> list[R]:
        """Lines whose columns equal `equals`, by key, from the one after `after` on."""
        found = self._lines(kind, equals)
        start = 0 if after is None else sum(key <= key_of(after) for key, _ in found)
        return [line_of(kind, row) for _, row in found[start : start + max(limit, 0)]]

    def tally(self, kind: type[object], *, by: tuple[str, ...], **equals: object) -> dict[Row, int]:
        """How many lines there are for each combination of the columns `by`."""
        places = [LINES[kind].columns.index(name) for name in by]
        return dict(Counter(tuple(row[place] for place in places) for _, row in self._lines(kind, equals)))

    def origins(self) -> list[str]:
        """Names of all logs of this node, sorted."""
        return sorted(self._state.logs)

    def head(self, origin: str) -> LogHead:
        """Where the log stands inside this unit; an unknown log is empty."""
        return self._state.logs.get(origin, _Log()).head

    def append(self, origin: str, leaf: Leaf, *, subject: str) -> int:
        """Append a leaf to a log and return its index.

        Raises:
            ValueError: the leaf is older than the last entry, or cannot be written.
        """
        data = encode_leaf(leaf)
        log = self._log(origin)
        before = log.head
        check_time(leaf, before)
        frontier, nodes = before.frontier.append(leaf_hash(data))
        for node in nodes:
            self._set(log.nodes, (node.level, node.index), node.hash)
        self._push(log.entries, LoggedEntry(index=before.frontier.size, leaf=data, leaf_hash=nodes[0].hash))
        self._push(log.subjects, subject)
        self._undo.append(lambda: setattr(log, "head", before))
        log.head = LogHead(frontier=frontier, last_at=leaf.at)
        return before.frontier.size

    def entries(self, origin: str, *, start: int, limit: int) -> list[LoggedEntry]:
        """Stored entries from index `start` on."""
        return self._state.logs.get(origin, _Log()).entries[start : start + max(limit, 0)]

    def leaf(self, origin: str, index: int) -> bytes:
        """The bytes of one entry.

        Raises:
            KeyError: there is none.
        """
        found = self.entries(origin, start=index, limit=1)
        if not found:
            raise KeyError((origin, index))
        return found[0].leaf

    def node(self, origin: str, level: int, index: int) -> bytes:
        """The stored hash of a complete subtree.

        Raises:
            KeyError: it is not stored (not complete yet).
        """
        return self._state.logs.get(origin, _Log()).nodes[level, index]

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """As `node`.

        Raises:
            KeyError: as `node`.
        """
        return self.node(origin, level, index)

    def find(self, origin: str, *, subject: str) -> int | None:
        """The index of the last entry about `subject`."""
        subjects = self._state.logs.get(origin, _Log()).subjects
        return next((index for index in range(len(subjects) - 1, -1, -1) if subjects[index] == subject), None)

    def put_checkpoint(self, origin: str, *, size: int, body: bytes) -> None:
        """Keep a signed checkpoint of one of our logs; the first of a size stays."""
        kept = self._log(origin).checkpoints
        if size not in kept:
            self._set(kept, size, body)

    def checkpoints(self, origin: str) -> list[bytes]:
        """All kept checkpoints, smallest first."""
        return [body for _, body in sorted(self._state.logs.get(origin, _Log()).checkpoints.items())]

    def last_checkpoint(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of the largest kept checkpoint."""
        return max(self._state.logs.get(origin, _Log()).checkpoints.items(), default=None)

    def put_cosignature(self, origin: str, *, size: int, lines: bytes) -> None:
        """Keep the partner's verified cosignature over one of our checkpoints."""
        self._push(self._log(origin).cosignatures, (size, lines))

    def last_cosignature(self, origin: str) -> tuple[int, bytes] | None:
        """Size and lines of the last kept cosignature."""
        kept = self._state.logs.get(origin, _Log()).cosignatures
        return kept[-1] if kept else None

    def put_witnessed(self, origin: str, *, size: int, body: bytes) -> None:
        """Remember the last checkpoint of a partner's log that we saw and cosigned (replaces the one before)."""
        self._set(self._state.witnessed, origin, (size, body))

    def witnessed(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of that checkpoint."""
        return self._state.witnessed.get(origin)

    def enqueue(self, outgoing: Outgoing) -> int:
        """Put something to say into the outbox queue and return its row id, which is never used again."""
        self._state.last_row += 1  # not undone: an id is never used twice
        self._set(self._state.outbox, self._state.last_row, outgoing)
        return self._state.last_row

    def due(self, partner: PartyCode, *, now: Instant, limit: int) -> list[tuple[int, Outgoing]]:
        """Rows for a partner that may be said now, in the order in which they are to be said."""
        rows = ((row, outgoing) for row, outgoing in self._state.outbox.items() if outgoing.partner == partner)
        return in_order(rows, now=now, limit=limit)

    def queued(self, partner: PartyCode) -> int:
        """How many rows wait for a partner."""
        return sum(outgoing.partner == partner for outgoing in self._state.outbox.values())

    def settle(self, row: int) -> None:
        """Remove a row; one that is gone already stays gone."""
        outbox = self._state.outbox
        if row in outbox:
            outgoing = outbox.pop(row)
            self._undo.append(lambda: outbox.__setitem__(row, outgoing))

    def postpone(self, row: int, *, not_before: Instant) -> None:
        """Count an attempt and wait; a row that is gone stays gone."""
        outgoing = self._state.outbox.get(row)
        if outgoing is not None:
            later = replace(outgoing, attempts=outgoing.attempts + 1, not_before=not_before)
            self._set(self._state.outbox, row, later)

    def put_segment_list(self, segment_list: bytes) -> HexDigest:
        """Keep the segment list of a consignment of ours, and return its address, the SHA-256 of it."""
        address = sha256_hex(segment_list)
        self._set(self._state.lists, address, segment_list)
        return address

    def segment_list(self, address: HexDigest) -> bytes | None:
        """The list kept at an address."""
        return self._state.lists.get(address)

    def put_small(self, address: HexDigest, small: SmallPayload) -> None:
        """Keep short sealed content under its address; the same content may be there already."""
        self._set(self._state.small, address, small)

    def small(self, address: HexDigest) -> SmallPayload | None:
        """The short content at an address, if it is kept here."""
        return self._state.small.get(address)

    def drop_small(self, address: HexDigest) -> bool:
        """Take short content away; whether there was any."""
        held = self._state.small.pop(address, None)
        if held is not None:
            self._undo.append(lambda: self._state.small.__setitem__(address, held))
        return held is not None

    def _log(self, origin: str) -> _Log:
        if origin not in self._state.logs:
            self._set(self._state.logs, origin, _Log())
        return self._state.logs[origin]

    def _ask(self, kind: type[object], keys: dict[str, str | None], what: What) -> list[StoredRecord]:
        found = self._found(kind, keys)
        if self._asked is not None:
            values = tuple(None if value is None else str(value) for value in keys.values())
            self._asked.append(Answered(kind, what, tuple(keys), values, _told(what, found)))
        return found

    def _found(self, kind: type[object], keys: dict[str, str | None]) -> list[StoredRecord]:
        beyond = self._beyond
        check_keys(kind, keys)
        columns = KINDS[kind].columns
        wanted = [(columns.index(name), None if value is None else str(value)) for name, value in keys.items()]
        lines = self._state.records[kind]
        self._beyond = beyond
        return [line for line in lines if all(line.keys[column] == value for column, value in wanted)]

    def _lines(self, kind: type[object], equals: dict[str, object]) -> list[tuple[Row, Row]]:
        given = wanted(kind, equals)
        places = [(LINES[kind].columns.index(name), value) for name, value in given.items()]
        rows = sorted(self._state.lines[kind].items())
        return [(key, row) for key, row in rows if all(row[place] == value for place, value in places)]

    def _push(self, kept: list[T], value: T) -> None:
        kept.append(value)
        self._undo.append(kept.pop)

    def _set(self, kept: dict[R, T], key: R, value: T) -> None:
        if key in kept:
            before = kept[key]
            self._undo.append(lambda: kept.__setitem__(key, before))
        else:
            self._undo.append(lambda: kept.pop(key))
        kept[key] = value


def _told(what: What, found: list[StoredRecord]) -> tuple[str, ...] | int:
    match what:
        case "latest":
            return tuple(line.digest for line in found[-1:])
        case "every":
            return tuple(line.digest for line in found)
        case "count":
            return len(found)
