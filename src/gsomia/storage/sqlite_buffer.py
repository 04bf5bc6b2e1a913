"""Rows that the units of one group will write, held back so that one statement writes many.

Each statement costs a hand-over of the interpreter; a group of units writes the same few tables. Rows go in before
anything reads their table (records are found among the held rows instead), and before the group commits.
"""

from functools import cache
from typing import Any

import apsw

from gsomia.storage.lines import LINES

MAX_ROWS = 16
"""Rows in one statement; the statement cache holds one of each length for every table that is written often."""

_SETTLED = "outbox -"
"""Where rows to be deleted from the outbox stand; its first word is the table, as in every other key."""

_REPLACED = frozenset(table.name for table in LINES.values())
"""Tables whose rows take the place of the row of the same key."""
_KEPT = frozenset({"log_checkpoint", "segment_list", "small_payload"})
"""Tables whose row of a key stays if there is one: what is named by its digest, and the first checkpoint of a size."""

Mark = dict[str, int]


class RowBuffer:
    """Rows by table, in the order they were added; rows of the outbox to be deleted, after those to be inserted.

    Invariant (order): rows of one table are inserted in the order of the units that added them.
    """

    def __init__(self, database: apsw.Connection) -> None:
        self._database = database
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    def add(self, into: str, values: tuple[Any, ...]) -> None:
        """Hold back one row for `into`, a table with its columns."""
        rows = self._rows.get(into)
        if rows is None:
            rows = self._rows[into] = []
        rows.append(values)

    def settle(self, row: int) -> None:
        """Delete a row of the outbox, whether it is inserted already or held back."""
        self.add(_SETTLED, (row,))

    def held(self, into: str) -> list[tuple[Any, ...]]:
        """The rows held back for `into`."""
        return self._rows.get(into, [])

    def mark(self) -> Mark:
        """Where every table stands, to come back to."""
        return {into: len(rows) for into, rows in self._rows.items() if rows}

    def cut(self, mark: Mark) -> None:
        """Forget what was added since `mark`."""
        for into, rows in self._rows.items():
            del rows[mark.get(into, 0) :]

    def touches(self, query: str) -> bool:
        """Whether `query` names a table that rows are held back for."""
        return any(rows and into.split(" ", 1)[0] in query for into, rows in self._rows.items())

    def flush(self, *, upto: Mark | None = None) -> None:
        """Write every row, or those that stood at the mark `upto`."""
        for into in sorted(self._rows, key=_SETTLED.__eq__):
            rows = self._rows[into]
            count = len(rows) if upto is None else min(upto.get(into, 0), len(rows))
            at = 0
            while at < count:
                taken = rows[at : min(at + MAX_ROWS, count)]
                values = tuple(value for row in taken for value in row)
                self._database.execute(_statement(into, len(taken), len(taken[0])), values).fetchall()
                at += len(taken)
            del rows[:count]

    def clear(self) -> None:
        """Forget everything: the group is given up."""
        self._rows.clear()


@cache
def _statement(into: str, rows: int, columns: int) -> str:
    if into == _SETTLED:
        return f"DELETE FROM outbox WHERE id IN ({', '.join('?' * rows)})"  # noqa: S608  only question marks
    row = f"({', '.join('?' * columns)})"
    table = into.split(" ", 1)[0]
    verb = "REPLACE" if table in _REPLACED else "INSERT"
    kept = " ON CONFLICT DO NOTHING" if table in _KEPT else ""
    return f"{verb} INTO {into} VALUES {', '.join([row] * rows)}{kept}"
