"""Statements between nodes: written with the change they belong to, queued in the same unit, said afterwards."""

from typing import TypeVar

from gsomia.audit import Event
from gsomia.exchange import MessageKind, Outgoing
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.ids import PartyCode
from gsomia.parties import Statement

T = TypeVar("T")


def say(tx: Tx, desk: Desk, statement: Statement[T], *, kind: str, to: PartyCode, subject: str) -> None:
    """Record a statement of ours and queue it for a partner, in the caller's unit.

    Source: design 2 (law 1).
    """
    now = desk.clock()
    record = StatementRecord(
        digest=statement.digest, kind=kind, party=to, direction="own", envelope=statement.envelope, at=now
    )
    enter(tx, desk, record, event=Event.STATEMENT_ISSUED, subject=subject, kind=kind, to=to)
    share(tx, desk, to, event=Event.STATEMENT_ISSUED, subject=subject, digest=statement.digest, kind=kind)
    tx.enqueue(Outgoing(partner=to, kind=MessageKind.STATEMENT, reference=statement.digest, attempts=0, not_before=now))
