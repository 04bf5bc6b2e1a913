"""Logs in SQLite: leaves, the hashes of complete subtrees, and the checkpoints and cosignatures over them.

A log's head is a value in a dict that the keeper puts back if the unit fails; at start it is read from stored nodes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import apsw

from gsomia.audit import Leaf, encode_leaf, leaf_hash, parse_leaf, restore_frontier
from gsomia.errors import IntegrityError, NodeError
from gsomia.flows.ports import LoggedEntry, LogHead
from gsomia.storage.log_head import EMPTY, check_time
from gsomia.storage.sqlite_buffer import RowBuffer
from gsomia.storage.sqlite_remembered import Remembered
from gsomia.storage.sqlite_unit import SqliteUnit


@dataclass(frozen=True, slots=True)
class OwnLog:
    """A log of this node: its number in the tables, and where it stands."""

    number: int
    head: LogHead


class SqliteLogs(SqliteUnit):
    """The part of a unit that reads and appends to logs."""

    def __init__(
        self,
        database: apsw.Connection,
        buffer: RowBuffer,
        logs: dict[str, OwnLog],
        remembered: Remembered,
        *,
        begin: Callable[[], None],
    ) -> None:
        super().__init__(database, buffer, begin=begin)
        self._logs = logs
        self._remembered = remembered

    def stored_origins(self) -> list[tuple[int, str]]:
        """Number and name of every log in the table."""
        return [(number, origin) for number, origin in self._read("SELECT number, origin FROM log", ())]

    def read_head(self, origin: str, number: int) -> LogHead:
        """Where a log stands by its stored nodes.

        Raises:
            IntegrityError: the end of the log cannot be read.
        """
        rows = self._read("SELECT idx, leaf FROM log_entry WHERE log = ? ORDER BY idx DESC LIMIT 1", (number,))
        if not rows:
            return EMPTY
        index, leaf = rows[0]
        try:
            frontier = restore_frontier(index + 1, partial(self._node, number))
            return LogHead(frontier=frontier, last_at=parse_leaf(leaf).at)
        except (KeyError, NodeError) as cause:
            raise IntegrityError(
                "storage/log-damaged",
                f"the end of the log `{origin}` cannot be read",
                remedy="stop the node, keep its directory as it is, and restore from a backup",
            ) from cause

    def origins(self) -> list[str]:
        """Names of all logs of this node, sorted."""
        self._check()
        self._beyond = True
        return sorted(self._logs)

    def head(self, origin: str) -> LogHead:
        """Where the log stands inside this unit; an unknown log is empty."""
        self._check()
        self._beyond = True
        log = self._logs.get(origin)
        return log.head if log is not None else EMPTY

    def append(self, origin: str, leaf: Leaf, *, subject: str) -> int:
        """Append a leaf to a log and return its index.

        Raises:
            ValueError: the leaf is older than the last entry, or cannot be written.

        Source: design 5, "entry time never runs backwards".
        """
        data = encode_leaf(leaf)
        log = self._log(origin)
        check_time(leaf, log.head)
        index = log.head.frontier.size
        hashed = leaf_hash(data)
        frontier, nodes = log.head.frontier.append(hashed)
        self._insert("log_entry", (log.number, index, data, hashed, subject))
        self._remembered.put_leaf((log.number, index), data)
        for node in nodes:
            self._remembered.put_node((log.number, node.level, node.index), node.hash)
            if node.level:
                self._insert("log_node", (log.number, node.level, node.index, node.hash))
        self._logs[origin] = OwnLog(log.number, LogHead(frontier=frontier, last_at=leaf.at))
        return index

    def entries(self, origin: str, *, start: int, limit: int) -> list[LoggedEntry]:
        """Stored entries from index `start` on."""
        query = "SELECT idx, leaf, leaf_hash FROM log_entry WHERE log = ? AND idx >= ? ORDER BY idx LIMIT ?"
        rows = self._read(query, (self._number(origin), start, max(limit, 0)))
        return [LoggedEntry(index=index, leaf=leaf, leaf_hash=hashed) for index, leaf, hashed in rows]

    def leaf(self, origin: str, index: int) -> bytes:
        """The bytes of one entry, from memory if it is at hand.

        Raises:
            KeyError: there is none.
        """
        number = self._number(origin)
        self._check()
        self._beyond = True
        leaf = self._remembered.leaves.get((number, index))
        if leaf is None:
            rows = self._read("SELECT leaf FROM log_entry WHERE log = ? AND idx = ?", (number, index))
            if not rows:
                raise KeyError((origin, index))
            leaf = bytes(rows[0][0])
        return leaf

    def node(self, origin: str, level: int, index: int) -> bytes:
        """The stored hash of a complete subtree.

        Raises:
            KeyError: it is not stored (not complete yet).
        """
        return self._node(self._number(origin), level, index)

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """As `node`, from memory if it is at hand: to build a proof, never to check what is stored.

        Raises:
            KeyError: as `node`.
        """
        self._check()
        self._beyond = True
        place = (self._number(origin), level, index)
        known = self._remembered.nodes.get(place)
        if known is None:
            known = self._node(*place)
        self._remembered.put_node(place, known)
        return known

    def _node(self, number: int, level: int, index: int) -> bytes:
        if level == 0:
            rows = self._read("SELECT leaf_hash FROM log_entry WHERE log = ? AND idx = ?", (number, index))
        else:
            query = "SELECT hash FROM log_node WHERE log = ? AND level = ? AND idx = ?"
            rows = self._read(query, (number, level, index))
        if not rows:
            raise KeyError((number, level, index))
        return bytes(rows[0][0])

    def find(self, origin: str, *, subject: str) -> int | None:
        """The index of the last entry about `subject`."""
        query = "SELECT idx FROM log_entry WHERE log = ? AND subject = ? ORDER BY idx DESC LIMIT 1"
        rows = self._read(query, (self._number(origin), subject))
        return int(rows[0][0]) if rows else None

    def put_checkpoint(self, origin: str, *, size: int, body: bytes) -> None:
        """Keep a signed checkpoint of one of our logs; the first of a size stays."""
        self._insert("log_checkpoint", (self._log(origin).number, size, body))

    def checkpoints(self, origin: str) -> list[bytes]:
        """All kept checkpoints, smallest first."""
        query = "SELECT body FROM log_checkpoint WHERE log = ? ORDER BY size"
        return [body for (body,) in self._read(query, (self._number(origin),))]

    def last_checkpoint(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of the largest kept checkpoint."""
        query = "SELECT size, body FROM log_checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1"
        return _pair(self._read(query, (self._number(origin),)))

    def put_cosignature(self, origin: str, *, size: int, lines: bytes) -> None:
        """Keep the partner's verified cosignature over one of our checkpoints."""
        query = "INSERT INTO log_cosignature (log, size, lines) VALUES (?, ?, ?)"
        self._write(query, (self._log(origin).number, size, lines))

    def last_cosignature(self, origin: str) -> tuple[int, bytes] | None:
        """Size and lines of the last kept cosignature."""
        query = "SELECT size, lines FROM log_cosignature WHERE log = ? ORDER BY seq DESC LIMIT 1"
        return _pair(self._read(query, (self._number(origin),)))

    def put_witnessed(self, origin: str, *, size: int, body: bytes) -> None:
        """Remember the last checkpoint of a partner's log that we saw and cosigned (replaces the one before)."""
        query = """
            INSERT INTO witness (origin, size, body) VALUES (?, ?, ?)
            ON CONFLICT (origin) DO UPDATE SET size = excluded.size, body = excluded.body
        """
        self._write(query, (origin, size, body))

    def witnessed(self, origin: str) -> tuple[int, bytes] | None:
        """Size and body of that checkpoint."""
        return _pair(self._read("SELECT size, body FROM witness WHERE origin = ?", (origin,)))

    def _log(self, origin: str) -> OwnLog:
        log = self._logs.get(origin)
        if log is None:
            rows = self._write("INSERT INTO log (origin) VALUES (?) RETURNING number", (origin,))
            log = self._logs[origin] = OwnLog(int(rows[0][0]), EMPTY)
        return log

    def _number(self, origin: str) -> int:
        log = self._logs.get(origin)
        return log.number if log is not None else 0


def read_logs(database: apsw.Connection) -> dict[str, OwnLog]:
    """Where every log stands.

    Raises:
        IntegrityError: the end of a log cannot be read.
    """
    unit = SqliteLogs(database, RowBuffer(database), {}, Remembered(), begin=_only_reads)
    return {origin: OwnLog(number, unit.read_head(origin, number)) for number, origin in unit.stored_origins()}


def _only_reads() -> None:
    msg = "opening a record only reads it"
    raise RuntimeError(msg)


def _pair(rows: list[Any]) -> tuple[int, bytes] | None:
    return (int(rows[0][0]), bytes(rows[0][1])) if rows else None
