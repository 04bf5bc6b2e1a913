"""Lines in SQLite: replaced in place, held back like other rows, found by their indexed columns."""

from functools import cache
from typing import Any, TypeVar

from gsomia.flows.ports import Row
from gsomia.storage.lines import LINES, LineTable, key_of, line_of, row_of, to_column, wanted
from gsomia.storage.sqlite_unit import SqliteUnit

L = TypeVar("L")


class SqliteLines(SqliteUnit):
    """The part of a unit that keeps and finds lines."""

    def put_line(self, line: object) -> None:
        """Keep a line in place of the one of the same key."""
        wanted(type(line), {})
        self._insert(_into(LINES[type(line)]), row_of(line))

    def line(self, kind: type[L], **key: str) -> L | None:
        """The line of a key, or None."""
        self._check()
        self._beyond = True
        names = LINES[kind].key
        values = tuple(to_column(key[name]) for name in names)
        for row in reversed(self._buffer.held(_into(LINES[kind]))):
            held = line_of(kind, row)
            if key_of(held) == values:
                return held
        query = f"{_select(LINES[kind])} WHERE {' AND '.join(_quoted(names, then=' = ?'))}"
        found = self._read_stored(query, values)
        return line_of(kind, found[0]) if found else None

    def lines(self, kind: type[L], *, limit: int, after: L | None = None, **equals: object) -> list[L]:
        """Lines whose columns equal `equals`, by key, from the one after `after` on."""
        where, values = _where(kind, equals)
        keys = ", ".join(_quoted(LINES[kind].key))
        if after is not None:
            key = key_of(after)
            where, values = f"{where} AND ({keys}) > ({', '.join('?' * len(key))})", values + key
        query = f"{_select(LINES[kind])} WHERE {where} ORDER BY {keys} LIMIT ?"
        return [line_of(kind, row) for row in self._read(query, (*values, max(limit, 0)))]

    def tally(self, kind: type[object], *, by: tuple[str, ...], **equals: object) -> dict[Row, int]:
        """How many lines there are for each combination of the columns `by`."""
        where, values = _where(kind, equals)
        wanted(kind, {})
        names = ", ".join(_quoted(by))
        query = f"SELECT {names}, count(*) FROM {LINES[kind].name} WHERE {where} GROUP BY {names}"  # noqa: S608  from LINES
        return {tuple(row): count for *row, count in self._read(query, values)}


@cache
def _into(table: LineTable) -> str:
    return f"{table.name} ({', '.join(_quoted(table.columns))})"


@cache
def _select(table: LineTable) -> str:
    return f"SELECT {', '.join(_quoted(table.columns))} FROM {table.name}"  # noqa: S608  from LINES


def _quoted(names: tuple[str, ...], *, then: str = "") -> list[str]:
    return [f'"{name}"{then}' for name in names]


def _where(kind: type[object], equals: dict[str, Any]) -> tuple[str, Row]:
    given = wanted(kind, equals)
    # `+` keeps SQLite from searching by any but the most telling column.
    terms = [f'{"+" if place else ""}"{name}" {"IS" if place else "="} ?' for place, name in enumerate(given)]
    return " AND ".join(terms) or "1", tuple(given.values())
