"""Statements between nodes: written with the change they belong to, queued in the same unit, said afterwards."""

from typing import TypeVar

from gsomia.audit import Event
from gsomia.errors import UnavailableError
from gsomia.exchange import BARRIER, ORDINARY, MessageKind, Outgoing
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.ids import PartyCode
from gsomia.parties import KEY_CHANGE, Statement, signed_by

T = TypeVar("T")


def say(
    tx: Tx,
    desk: Desk,
    statement: Statement[T],
    *,
    kind: str,
    to: PartyCode,
    subject: str,
    urgency: int = ORDINARY,
) -> None:
    """Record a statement of ours and queue it for a partner, in the caller's unit; what is urgent goes first.

    Raises:
        UnavailableError: our keys changed since it was signed; it is to be said again under the new ones.

    Source: design 2 (law 1).
    """
    now = desk.clock()
    if kind != KEY_CHANGE and signed_by(statement.envelope) != desk.unlocked.keys.statement.public.key_ids:
        raise UnavailableError("flows/keys-changed", "our keys changed since it was signed", remedy="repeat it")
    record = StatementRecord(
        digest=statement.digest, kind=kind, party=to, direction="own", envelope=statement.envelope, at=now
    )
    enter(tx, desk, record, event=Event.STATEMENT_ISSUED, subject=subject, kind=kind, to=to)
    share(tx, desk, to, event=Event.STATEMENT_ISSUED, subject=subject, digest=statement.digest, kind=kind)
    tx.enqueue(
        Outgoing(
            partner=to,
            kind=MessageKind.STATEMENT,
            reference=statement.digest,
            attempts=0,
            not_before=now,
            urgency=BARRIER if kind == KEY_CHANGE else urgency,
        )
    )
