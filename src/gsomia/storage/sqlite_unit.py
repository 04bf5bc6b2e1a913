"""What every aggregate of a unit of work over SQLite shares: the connection, and whether the unit still runs."""

from collections.abc import Callable
from typing import Any

import apsw

from gsomia.flows.ports import Answered, Noted
from gsomia.storage.sqlite_buffer import RowBuffer


class SqliteUnit:
    """Runs statements for one unit of work, on the keeper's thread; ends with its unit."""

    def __init__(self, database: apsw.Connection, buffer: RowBuffer, *, begin: Callable[[], None]) -> None:
        self._database = database
        self._buffer = buffer
        self._mark = buffer.mark()
        self._begin = begin
        self.saved = False
        self._live = True
        self._asked: list[Answered] | None = None
        self._beyond = False
        self.wrote = False

    def end(self) -> None:
        """Refuse every further call."""
        self._live = False

    def note(self) -> None:
        """From here on note what is read, until `noted`."""
        self._asked, self._beyond = [], False

    def noted(self) -> Noted | None:
        """What was read since `note`; None if it was more than can be asked again."""
        asked, self._asked = self._asked, None
        return None if asked is None or self._beyond else tuple(asked)

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        self._check()
        self._beyond = True
        if self._buffer.touches(query):
            if self._buffer.mark() != self._mark:
                self._save()  # rows of this unit go in where they can be taken back
            self._buffer.flush()
            self._mark = {}
        return self._database.execute(query, values).fetchall()

    def _read_stored(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        """Read what is in the tables; the caller looks among the rows held back itself."""
        self._check()
        return self._database.execute(query, values).fetchall()

    def _write(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        self._check()
        self._save()
        if self._buffer.touches(query):
            self._buffer.flush()
        return self._database.execute(query, values).fetchall()

    def _insert(self, into: str, values: tuple[Any, ...]) -> None:
        """Insert a row that nobody needs an answer for; it may be held back until its table is read."""
        self._check()
        self._begin_once()
        self._buffer.add(into, values)

    def _settle(self, row: int) -> None:
        """Delete a row of the outbox; it may be held back like an insertion."""
        self._check()
        self._begin_once()
        self._buffer.settle(row)

    def take_back(self) -> None:
        """Undo what this unit wrote."""
        self._buffer.cut(self._mark)
        if self.saved:
            self._database.execute("ROLLBACK TO unit").fetchall()

    def _begin_once(self) -> None:
        if not self.wrote:
            self._begin()  # a unit that only reads pays for no transaction
            self.wrote = True

    def _save(self) -> None:
        # Before this unit's first statement reaches the database; earlier units' rows go in outside its savepoint.
        self._begin_once()
        if not self.saved:
            self._buffer.flush(upto=self._mark)
            self._mark = {}
            self._database.execute("SAVEPOINT unit").fetchall()
            self.saved = True

    def _check(self) -> None:
        if not self._live:
            msg = "a unit of work has ended; its `Tx` ends with it"
            raise RuntimeError(msg)
