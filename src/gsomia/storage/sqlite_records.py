"""Records in SQLite: appended as canonical bytes, found by key columns, read back decoded.

Records come back held against their digest, and are remembered: a digest names one value for ever.
"""

from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from gsomia import canon
from gsomia.flows.ports import Answered, Noted, What
from gsomia.ids import HexDigest, hex_digest
from gsomia.storage.kinds import KINDS, RecordTable, check_keys, key_values, most_telling, read_part, read_stored
from gsomia.storage.sqlite_remembered import MAX_PRESENT, MAX_REMEMBERED, Found, Remembered, Values
from gsomia.storage.sqlite_unit import SqliteUnit

R = TypeVar("R")

_SHORT_BYTES = 2047
"""What `hashlib` hashes without giving the interpreter away."""


class SqliteRecords(SqliteUnit):
    """The part of a unit that reads and appends records."""

    _remembered: Remembered

    def add(self, record: object) -> HexDigest:
        """Append a record that is known to read back; its digest is that of its canonical bytes."""
        kind = type(record)
        check_keys(kind, ())
        doc, back = canon.spell(record)
        digest = _digest(doc)
        values = key_values(record)
        self._remembered.put(kind, digest, back)
        self._insert(_into(KINDS[kind]), (digest, doc, *values))
        self._remembered.added(kind, KINDS[kind].columns, values, digest)
        return digest

    def latest(self, kind: type[R], **keys: str | None) -> R | None:
        """The last record of `kind` whose key columns equal `keys`, or None."""
        found = self._select(kind, tuple(keys), _values(keys), "latest")
        return self._record(kind, *found[0]) if found else None

    def every(self, kind: type[R], **keys: str | None) -> list[R]:
        """All records of `kind` whose key columns equal `keys`, oldest first."""
        names, values = tuple(keys), _values(keys)
        if not self._remembered.is_answered(kind, "every", names, values) and self._are_many(kind, names, values):
            return self._every_stored(kind, names, values)
        found = self._select(kind, names, values, "every")
        if len(found) > MAX_REMEMBERED:
            return self._every_stored(kind, names, values)
        records = []
        for _, digest in found:
            record = self._remembered.get(kind, digest)
            if record is None:
                return self._read_every(kind, found)
            records.append(record)
        return records

    def newest(self, kind: type[R], *, limit: int, **keys: str | None) -> list[R]:
        """The last `limit` of the same records, newest first."""
        check_keys(kind, keys)
        docs = self._read(_query(KINDS[kind], tuple(keys), "newest"), (*_values(keys), max(limit, 0)))
        return [read_stored(doc, kind, digest=digest) for digest, doc in docs]

    def parts(self, kind: type[object], part: type[R], **keys: str | None) -> list[R]:
        """Of the same records those members that `part` names."""
        check_keys(kind, keys)
        docs = self._read(_query(KINDS[kind], tuple(keys), "docs"), _values(keys))
        return [read_part(doc, kind, part, digest=digest) for digest, doc in docs]

    def count(self, kind: type[object], **keys: str | None) -> int:
        """How many there are."""
        return int(self._select(kind, tuple(keys), _values(keys), "count")[0])

    def still(self, noted: Noted | None) -> bool:
        """Whether every question of an earlier unit has the same answer now."""
        if noted is None:
            return False
        for kind, what, keys, values, found in noted:
            if _told(what, self._find(kind, what, keys, values)) != found:
                return False
        return True

    def number(self, name: str) -> int:
        """The next running number of the counter `name`."""
        query = """
            INSERT INTO counter (name, value) VALUES (?, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """
        return int(self._write(query, (name,))[0][0])

    def _select(self, kind: type[object], names: tuple[str, ...], values: Values, what: What) -> list[Any]:
        self._check()
        found = self._find(kind, what, names, values)
        if self._asked is not None:
            self._asked.append(Answered(kind, what, names, values, _told(what, found)))
        return found

    def _find(self, kind: type[object], what: What, keys: tuple[str, ...], values: Values) -> list[Any]:
        answers = self._remembered.answers(kind, what, keys)
        found = answers.get(values) if answers else None
        if found is None or (what != "count" and not self._at_hand(kind, found)):
            check_keys(kind, keys)
            found = self._search(kind, keys, values, what) if self._is_present(kind, keys, values) else _nothing(what)
            self._remembered.put_answer(kind, what, keys, values, found)
        return found

    def _are_many(self, kind: type[object], keys: tuple[str, ...], values: Values) -> bool:
        """Whether there are more than are kept at hand, if how many was asked lately."""
        answers = self._remembered.answers(kind, "count", keys)
        counted = answers.get(values) if answers else None
        return counted is not None and int(counted[0]) > MAX_REMEMBERED

    def _every_stored(self, kind: type[R], keys: tuple[str, ...], values: Values) -> list[R]:
        # More than are kept at hand: one search brings them all.
        check_keys(kind, keys)
        docs = self._read(_query(KINDS[kind], keys, "docs"), values)
        return [read_stored(doc, kind, digest=digest) for digest, doc in docs]

    def _read_every(self, kind: type[R], found: list[Found]) -> list[R]:
        # Those without a row number are at hand or held back now; reading the others may push them out.
        new = {digest: self._record(kind, None, digest) for seq, digest in found if seq is None}
        return [new[digest] if seq is None else self._record(kind, seq, digest) for seq, digest in found]

    def _is_present(self, kind: type[object], keys: tuple[str, ...], values: Values) -> bool:
        """Whether a record may hold what is asked for: mostly it is asked whether something rare ever happened."""
        if not keys:
            return True
        table = KINDS[kind]
        first = most_telling(table, keys)
        try:
            known = self._remembered.present(kind, first)
        except KeyError:
            stored = self._read_stored(f'SELECT DISTINCT "{first}" FROM {table.name} LIMIT ?', (MAX_PRESENT + 1,))  # noqa: S608  from KINDS
            held = [row[table.columns.index(first)] for _, _, *row in self._held(kind)]
            known = self._remembered.put_present(kind, first, {*(value for (value,) in stored), *held})
        return known is None or values[keys.index(first)] in known

    def _search(
        self, kind: type[object], keys: tuple[str, ...], values: tuple[str | None, ...], what: What
    ) -> list[Any]:
        rows = self._read_stored(_query(KINDS[kind], keys, what), values)
        held = [digest for digest, _, *row in self._held(kind) if _matches(kind, row, keys, values)]
        match what:
            case "count":
                return [rows[0][0] + len(held)]
            case "latest" if held:
                return [(None, held[-1])]
            case _:
                return [*rows, *((None, digest) for digest in held)]

    def _record(self, kind: type[R], seq: int | None, digest: str) -> R:
        record = self._remembered.get(kind, digest)
        if record is None:
            record = read_stored(self._doc(kind, seq, digest), kind, digest=digest)
            self._remembered.put(kind, digest, record)
        return record

    def _at_hand(self, kind: type[object], found: list[Any]) -> bool:
        # A record added since the search has no row number here; once it left memory it is searched for again.
        for seq, digest in found:  # noqa: SIM110  asked hundreds of times a second, and a generator costs as much again
            if seq is None and self._remembered.get(kind, digest) is None:
                return False
        return True

    def _doc(self, kind: type[object], seq: int | None, digest: str) -> bytes:
        if seq is None:
            return bytes(next(doc for held, doc, *_ in self._held(kind) if held == digest))
        return bytes(self._read_stored(_query(KINDS[kind], (), "doc"), (seq,))[0][0])

    def _held(self, kind: type[object]) -> list[tuple[Any, ...]]:
        return self._buffer.held(_into(KINDS[kind]))


def _digest(doc: bytes) -> HexDigest:
    # The library gives the interpreter away for longer pieces, and getting it back takes longer than hashing them.
    hashed = sha256()
    for start in range(0, len(doc), _SHORT_BYTES):
        hashed.update(doc[start : start + _SHORT_BYTES])
    return hex_digest(hashed.digest())


def _values(keys: dict[str, str | None]) -> Values:
    return tuple(keys.values())


def _told(what: What, found: list[Any]) -> tuple[str, ...] | int:
    return int(found[0]) if what == "count" else tuple([digest for _, digest in found])


def _matches(kind: type[object], row: list[Any], keys: tuple[str, ...], values: tuple[str | None, ...]) -> bool:
    columns = KINDS[kind].columns
    return all(row[columns.index(key)] == value for key, value in zip(keys, values, strict=True))


def _nothing(what: What) -> list[Any]:
    return [0] if what == "count" else []


@cache
def _into(table: RecordTable) -> str:
    names = "".join(f', "{column}"' for column in table.columns)
    return f"{table.name} (doc_digest, doc{names})"


@cache
def _query(table: RecordTable, keys: tuple[str, ...], what: str) -> str:
    # `+` keeps the others from being searched by.
    first = most_telling(table, keys) if keys else ""
    where = " AND ".join(f'{"" if key == first else "+"}"{key}" IS ?' for key in keys) or "1"
    match what:
        case "doc":
            return f"SELECT doc FROM {table.name} WHERE seq = ?"  # noqa: S608  from KINDS
        case "docs":
            return f"SELECT doc_digest, doc FROM {table.name} WHERE {where} ORDER BY seq"  # noqa: S608  from KINDS
        case "newest":
            return f"SELECT doc_digest, doc FROM {table.name} WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608  from KINDS
        case "count":
            return f"SELECT count(*) FROM {table.name} WHERE {where}"  # noqa: S608  from KINDS
        case "latest":
            return f"SELECT seq, doc_digest FROM {table.name} WHERE {where} ORDER BY seq DESC LIMIT 1"  # noqa: S608  from KINDS
        case _:
            return f"SELECT seq, doc_digest FROM {table.name} WHERE {where} ORDER BY seq"  # noqa: S608  from KINDS
