"""Records in SQLite: appended as canonical bytes, found by key columns, read back decoded.

Records come back held against their digest, and are remembered: a digest names one value for ever.
"""

from collections import OrderedDict
from functools import cache
from typing import Any, TypeVar

from gsomia import canon
from gsomia.ids import HexDigest, sha256_hex
from gsomia.storage.kinds import KINDS, check_keys, key_values, read_stored
from gsomia.storage.sqlite_unit import SqliteUnit

MAX_ANSWERS = 512
"""Searches of one kind whose rows are kept until a record of that kind is added."""
MAX_REMEMBERED = 4096
"""Decoded records kept at hand."""

R = TypeVar("R")
Question = tuple[str, tuple[str, ...], tuple[str | None, ...]]


class Remembered:
    """Decoded records by digest; the least recently used goes first."""

    def __init__(self) -> None:
        self._records: OrderedDict[tuple[type, str], Any] = OrderedDict()
        self._answers: dict[type[object], dict[Question, list[Any]]] = {}

    def get(self, kind: type[R], digest: str) -> R | None:
        """The record, if it is at hand."""
        found: R | None = self._records.get((kind, digest))
        if found is not None:
            self._records.move_to_end((kind, digest))
        return found

    def put(self, kind: type[R], digest: str, record: R) -> None:
        """Keep a record at hand."""
        self._records[kind, digest] = record
        if len(self._records) > MAX_REMEMBERED:
            self._records.popitem(last=False)

    def answer(self, kind: type[object], question: "Question") -> list[Any] | None:
        """What a search found, if no record of its kind was added since."""
        return self._answers.get(kind, {}).get(question)

    def put_answer(self, kind: type[object], question: "Question", rows: list[Any]) -> None:
        """Keep what a search found."""
        answers = self._answers.setdefault(kind, {})
        if len(answers) >= MAX_ANSWERS:
            answers.clear()
        answers[question] = rows

    def forget_answers(self, kind: type[object] | None = None) -> None:
        """A record of `kind` was added; or, without one, a unit was taken back."""
        if kind is None:
            self._answers.clear()
        else:
            self._answers.pop(kind, None)


class SqliteRecords(SqliteUnit):
    """The part of a unit that reads and appends records."""

    _remembered: Remembered

    def add(self, record: object) -> HexDigest:
        """Append a record that is known to read back; its digest is that of its canonical bytes."""
        kind = type(record)
        check_keys(kind, ())
        doc, back = canon.spell(record)
        digest = sha256_hex(doc)
        self._remembered.put(kind, digest, back)
        self._remembered.forget_answers(kind)
        self._insert(_into(*KINDS[kind]), (digest, doc, *key_values(record)))
        return digest

    def latest(self, kind: type[R], **keys: str | None) -> R | None:
        """The last record of `kind` whose key columns equal `keys`, or None."""
        rows = self._select(kind, keys, "latest")
        return self._record(kind, *rows[0]) if rows else None

    def every(self, kind: type[R], **keys: str | None) -> list[R]:
        """All records of `kind` whose key columns equal `keys`, oldest first."""
        rows = self._select(kind, keys, "every")
        if len(rows) > MAX_REMEMBERED:  # more than are kept at hand: one search brings them all
            values = tuple(None if value is None else str(value) for value in keys.values())
            docs = self._read(_query(*KINDS[kind], tuple(keys), "docs"), values)
            return [read_stored(doc, kind, digest=digest) for digest, doc in docs]
        return [self._record(kind, seq, digest) for seq, digest in rows]

    def count(self, kind: type[object], **keys: str | None) -> int:
        """How many there are."""
        return int(self._select(kind, keys, "count")[0][0])

    def number(self, name: str) -> int:
        """The next running number of the counter `name`."""
        query = """
            INSERT INTO counter (name, value) VALUES (?, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """
        return int(self._write(query, (name,))[0][0])

    def _select(self, kind: type[object], keys: dict[str, str | None], what: str) -> list[Any]:
        check_keys(kind, keys)
        self._check()
        values = tuple(None if value is None else str(value) for value in keys.values())
        question = (what, tuple(keys), values)
        rows = self._remembered.answer(kind, question)
        if rows is None:
            rows = self._read(_query(*KINDS[kind], tuple(keys), what), values)
            self._remembered.put_answer(kind, question, rows)
        return rows

    def _record(self, kind: type[R], seq: int, digest: str) -> R:
        record = self._remembered.get(kind, digest)
        if record is None:
            (doc,) = self._read(_query(*KINDS[kind], (), "doc"), (seq,))[0]
            record = read_stored(doc, kind, digest=digest)
            self._remembered.put(kind, digest, record)
        return record


@cache
def _into(table: str, columns: tuple[str, ...]) -> str:
    names = "".join(f', "{column}"' for column in columns)
    return f"{table} (doc_digest, doc{names})"


@cache
def _query(table: str, columns: tuple[str, ...], keys: tuple[str, ...], what: str) -> str:
    # Columns stand most telling first; `+` keeps the others from being searched by.
    first = min(keys, key=columns.index, default="")
    where = " AND ".join(f'{"" if key == first else "+"}"{key}" IS ?' for key in keys) or "1"
    match what:
        case "doc":
            return f"SELECT doc FROM {table} WHERE seq = ?"  # noqa: S608  from KINDS
        case "docs":
            return f"SELECT doc_digest, doc FROM {table} WHERE {where} ORDER BY seq"  # noqa: S608  from KINDS
        case "count":
            return f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608  from KINDS
        case "latest":
            return f"SELECT seq, doc_digest FROM {table} WHERE {where} ORDER BY seq DESC LIMIT 1"  # noqa: S608  from KINDS
        case _:
            return f"SELECT seq, doc_digest FROM {table} WHERE {where} ORDER BY seq"  # noqa: S608  from KINDS
