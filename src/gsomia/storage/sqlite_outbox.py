"""What is still to be said, in SQLite: the one queue of a node."""

from collections.abc import Iterator

import apsw

from gsomia.exchange import MessageKind, Outgoing, in_order
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.storage.sqlite_unit import SqliteUnit

_INTO = "outbox (id, partner, kind, reference, attempts, not_before, urgency)"

_FROM = "SELECT id, partner, kind, reference, attempts, not_before, urgency FROM outbox WHERE partner = ?"


class SqliteOutbox(SqliteUnit):
    """The part of a unit that queues what is to be said."""

    _numbers: Iterator[int]
    """Row ids not used before; a unit that fails leaves gaps."""

    def enqueue(self, outgoing: Outgoing) -> int:
        """Put something to say into the outbox queue and return its row id, which is never used again."""
        row = next(self._numbers)
        values = (outgoing.partner, outgoing.kind.value, outgoing.reference, outgoing.attempts)
        self._insert(_INTO, (row, *values, outgoing.not_before.epoch_s, outgoing.urgency))
        return row

    def due(self, partner: PartyCode, *, now: Instant, limit: int) -> list[tuple[int, Outgoing]]:
        """Rows for a partner that may be said now, in the order in which they are to be said.

        Few rows are urgent or barriers, and an index names them: they are read whole, ordinary ones up to the limit.
        """
        urgent = self._rows(f"{_FROM} AND (urgency < 0 OR urgency > 0)", (partner,))
        query = f"{_FROM} AND urgency = 0 AND (kind <> 'consignment' OR not_before <= ?) ORDER BY id LIMIT ?"
        ordinary = self._rows(query, (partner, now.epoch_s, max(limit, 0)))
        return in_order((*urgent, *ordinary), now=now, limit=limit)

    def _rows(self, query: str, values: tuple[str | int, ...]) -> list[tuple[int, Outgoing]]:
        return [
            (
                row,
                Outgoing(
                    partner=partner,
                    kind=MessageKind(kind),
                    reference=reference,
                    attempts=attempts,
                    not_before=Instant(not_before),
                    urgency=urgency,
                ),
            )
            for row, partner, kind, reference, attempts, not_before, urgency in self._read(query, values)
        ]

    def queued(self, partner: PartyCode) -> int:
        """How many rows wait for a partner."""
        return int(self._read("SELECT count(*) FROM outbox WHERE partner = ?", (partner,))[0][0])

    def settle(self, row: int) -> None:
        """Remove a row; one that is gone already stays gone."""
        self._settle(row)

    def postpone(self, row: int, *, not_before: Instant) -> None:
        """Count an attempt and wait; a row that is gone stays gone."""
        query = "UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE id = ?"
        self._write(query, (not_before.epoch_s, row))


def last_row(database: apsw.Connection) -> int:
    """The largest row id that the queue ever used."""
    query = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'"
    ((row,),) = database.execute(query).fetchall()
    return int(str(row))
