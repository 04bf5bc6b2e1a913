"""What every aggregate of a unit of work over SQLite shares: the connection, and whether the unit still runs."""

from collections.abc import Callable
from typing import Any

import apsw


class SqliteUnit:
    """Runs statements for one unit of work, on the keeper's thread; ends with its unit."""

    def __init__(self, database: apsw.Connection, *, begin: Callable[[], None]) -> None:
        self._database = database
        self._begin = begin
        self._live = True
        self.wrote = False

    def end(self) -> None:
        """Refuse every further call."""
        self._live = False

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        self._check()
        return self._database.execute(query, values).fetchall()

    def _write(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        self._check()
        if not self.wrote:
            self._begin()  # a unit that only reads pays for no transaction
            self.wrote = True
        return self._database.execute(query, values).fetchall()

    def _check(self) -> None:
        if not self._live:
            msg = "a unit of work has ended; its `Tx` ends with it"
            raise RuntimeError(msg)
