"""Holds stored records against themselves: bytes against digest, key columns against bytes, no number missing.

What the logs say of the records, and the logs against their checkpoints, is proven by `audit` and `flows`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol, TypeVar, cast

import apsw

from gsomia import canon
from gsomia.flows.ports import Row, Tx
from gsomia.ids import HexDigest, ItemId, sha256_hex
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    HandOverLine,
    HandOverOffer,
    ItemLine,
    ItemRecord,
    ItemReturn,
    RegisterError,
    Regraded,
    Remarked,
    ReturnAnswer,
    WaitingLine,
)
from gsomia.storage.kinds import KINDS, key_values, read_stored
from gsomia.storage.lines import LINES, derive, derive_waiting, key_of
from gsomia.storage.migrate import known_migrations, migrate_up, read_schema

R = TypeVar("R")
T = TypeVar("T")

MAX_COPIES = 1 << 20

BATCH = 500
"""Records read in one unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record as it lies in its table."""

    seq: int
    digest: HexDigest
    doc: bytes
    keys: tuple[str | None, ...]


class StoredRecords(Protocol):
    """A record that can be gone through whole."""

    def iterate_records(self, kind: type[object]) -> Iterator[StoredRecord]:
        """Every stored record of a kind, oldest first."""
        ...

    def iterate_lines(self, kind: type[R]) -> Iterator[R]:
        """Every line of a kind."""
        ...

    def run(self, unit: Callable[[Tx], T]) -> T:
        """Run a unit of work."""
        ...


def read_batch(database: apsw.Connection, kind: type[object], *, after: int) -> list[StoredRecord]:
    """The next records of a kind after number `after`."""
    table = KINDS[kind]
    names = "".join(f', "{column}"' for column in table.columns)
    query = f"SELECT seq, doc_digest, doc{names} FROM {table.name} WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608  from KINDS
    rows: list[Any] = database.execute(query, (after, BATCH)).fetchall()
    return [StoredRecord(seq=seq, digest=digest, doc=doc, keys=tuple(keys)) for seq, digest, doc, *keys in rows]


def check_kind(kind: type[object], records: Iterable[StoredRecord]) -> Iterator[str]:
    """What does not hold among the records of a kind, as `table number: what`."""
    table = KINDS[kind].name
    expected = 1
    for record in records:
        if record.seq != expected:
            yield f"{table} {expected}: missing"
        expected = record.seq + 1
        if sha256_hex(record.doc) != record.digest:
            yield f"{table} {record.seq}: the bytes do not hash to their digest"
            continue
        try:
            keys = key_values(canon.decode(record.doc, kind))
        except canon.CanonError as cause:
            yield f"{table} {record.seq}: {cause.message}"
            continue
        if keys != record.keys:
            yield f"{table} {record.seq}: the key columns are not those of the record"


def check_lines(record: StoredRecords) -> Iterator[str]:
    """Which items have lines that are not what the records come to, as `lines item: what`.

    The record is gone through in pieces while units go on; whatever does not match is looked at again in one unit.
    """
    try:
        suspects = _suspects(record)
    except RegisterError as cause:  # an event that cannot follow
        yield f"custody: {cause}"
        return
    for item in sorted(suspects):
        if not record.run(partial(_item_holds, item=item)):
            yield f"lines {item}: not what the records come to"


def _suspects(record: StoredRecords) -> set[ItemId]:
    """Items whose lines did not match while the record was gone through, or that have events and no record."""
    moved: set[ItemId] = set()

    def read(kind: type[R]) -> Iterator[R]:
        return (read_stored(stored.doc, kind, digest=stored.digest) for stored in record.iterate_records(kind))

    def events() -> Iterator[CustodyEvent]:
        for event in read(CustodyEvent):
            moved.add(event.item)
            yield event

    due: dict[tuple[type, Row], object] = {
        (type(line), key_of(line)): line for line in derive(events(), read(ItemRecord), read(Booking), read(Regraded))
    }
    waiting = derive_waiting(
        read(HandOverOffer), read(HandOverLine), read(Regraded), read(Remarked), read(ItemReturn), read(ReturnAnswer)
    )
    due |= {(type(line), key_of(line)): line for line in waiting}
    suspects = moved - {_item_of(key) for kind, key in due if kind is ItemLine}
    for kind in LINES:
        for line in record.iterate_lines(cast("type[object]", kind)):
            if due.pop((kind, key_of(line)), None) != line:
                suspects.add(_item_of(key_of(line)))
    return suspects | {_item_of(key) for _, key in due}


def _item_of(key: Row) -> ItemId:
    return cast("ItemId", key[0])


def _item_holds(tx: Tx, *, item: ItemId) -> bool:
    records = tx.every(ItemRecord, id=item)
    try:
        due = [
            *derive(
                tx.every(CustodyEvent, item=item), records, tx.every(Booking, item=item), tx.every(Regraded, item=item)
            ),
            *derive_waiting(
                tx.every(HandOverOffer, item=item),
                tx.every(HandOverLine, item=item),
                tx.every(Regraded, item=item),
                tx.every(Remarked, item=item),
                tx.every(ItemReturn, item=item),
                tx.every(ReturnAnswer, item=item),
            ),
        ]
    except RegisterError:
        return False
    shown = tx.line(ItemLine, item=item)
    stored = [
        *([] if shown is None else [shown]),
        *tx.lines(CopyLine, limit=MAX_COPIES, item=item),
        *tx.lines(WaitingLine, limit=MAX_COPIES, item=item),
    ]
    return bool(records) and {(type(line), key_of(line)): line for line in due} == {
        (type(line), key_of(line)): line for line in stored
    }


def check_schema(database: apsw.Connection) -> Iterator[str]:
    """Which tables, indexes and triggers are not as the migrations made them."""
    due, found = _made_schema(), read_schema(database)
    yield from (
        f"schema {name}: not as it was made" for name in sorted(due.keys() | found) if due.get(name) != found.get(name)
    )


@cache
def _made_schema() -> dict[str, str]:
    """What the migrations of this program make."""
    fresh = apsw.Connection(":memory:")
    migrate_up(fresh, known=known_migrations())
    made = read_schema(fresh)
    fresh.close()
    return made


def check_pages(database: apsw.Connection) -> Iterator[str]:
    """What SQLite itself finds: pages, rows and indexes that do not belong together."""
    for (finding,) in database.execute("PRAGMA integrity_check(20)").fetchall():
        if finding != "ok":
            yield f"database: {str(finding).splitlines()[0]}"
