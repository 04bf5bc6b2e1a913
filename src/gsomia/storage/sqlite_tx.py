"""One unit of work over SQLite: records, logs and outbox in the writer's transaction, on the keeper's thread."""

from collections.abc import Callable, Iterator

import apsw

from gsomia.storage.sqlite_buffer import RowBuffer
from gsomia.storage.sqlite_content import SqliteContent
from gsomia.storage.sqlite_lines import SqliteLines
from gsomia.storage.sqlite_logs import OwnLog, SqliteLogs
from gsomia.storage.sqlite_outbox import SqliteOutbox
from gsomia.storage.sqlite_records import SqliteRecords
from gsomia.storage.sqlite_remembered import Remembered


class SqliteTx(SqliteLogs, SqliteRecords, SqliteLines, SqliteOutbox, SqliteContent):
    """A `Tx` over SQLite. It ends with its unit and cannot be used afterwards.

    Args:
        database: the keeper's connection, inside a transaction once the unit writes.
        buffer: rows held back until their table is read or the group commits.
        logs: where every log stands; written to, and put back by the keeper if the unit fails.
        remembered: decoded records.
        numbers: row ids of the outbox not used before.
    """

    def __init__(
        self,
        database: apsw.Connection,
        buffer: RowBuffer,
        logs: dict[str, OwnLog],
        remembered: Remembered,
        numbers: Iterator[int],
        *,
        begin: Callable[[], None],
    ) -> None:
        super().__init__(database, buffer, logs, remembered, begin=begin)
        self._numbers = numbers
