"""A refusal has two faces: inside everything is recorded, across the border go a code and a correlation id."""

from gsomia.audit import Event
from gsomia.errors import NodeError
from gsomia.exchange import Refusal
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import OwnRefusal, RefusalRecord
from gsomia.ids import PartyCode, PersonId, new_id

REPEATED_S = 60
"""What a partner meets again and again while it asks for too much is written down once in so long."""


def record_refusal(desk: Desk, sender: PartyCode, error: NodeError, *, subject: str) -> Refusal:
    """Record that something a pinned partner sent was refused, and say what the partner may be told.

    Source: design 6 ("Across the border go codes and correlation ids"); style 3.6.
    """
    correlation = new_id("cor", desk.entropy)
    desk.store.run(lambda tx: _record(tx, desk, sender, error, subject=subject, correlation=correlation))
    return Refusal(code=error.code, correlation_id=correlation, recorded=True)


def record_own(desk: Desk, person: PersonId, error: NodeError, *, command: str) -> str:
    """Record that a rule refused what a person of ours asked for; the correlation id under which it stands.

    Source: design 5; G7-1.
    """
    record = OwnRefusal(
        correlation_id=new_id("cor", desk.entropy),
        command=command,
        person=person,
        code=error.code,
        clauses=error.clauses,
        at=desk.clock(),
    )

    def unit(tx: Tx) -> None:
        enter(tx, desk, record, event=Event.ACT_REFUSED, subject=record.correlation_id, code=error.code)

    desk.store.run(unit)
    return record.correlation_id


def record_repeated(desk: Desk, sender: PartyCode, error: NodeError, *, subject: str) -> bool:
    """Record what a partner can bring about as often as it likes: once in `REPEATED_S` for a code. Whether it was.

    The record says that it happened and never grows as fast as a hostile partner can knock.

    Source: design 6 ("capped per partner"); design 2 (law 2).
    """
    correlation = new_id("cor", desk.entropy)

    def unit(tx: Tx) -> bool:
        last = tx.latest(RefusalRecord, party=sender, code=error.code)
        if last is not None and desk.clock() < last.at.plus(seconds=REPEATED_S):
            return False
        _record(tx, desk, sender, error, subject=subject, correlation=correlation)
        return True

    return desk.store.run(unit)


def _record(tx: Tx, desk: Desk, sender: PartyCode, error: NodeError, *, subject: str, correlation: str) -> None:
    record = RefusalRecord(
        party=sender,
        code=error.code,
        correlation_id=correlation,
        subject=subject,
        message=error.message,
        at=desk.clock(),
    )
    enter(tx, desk, record, event=Event.INTAKE_REFUSED, subject=subject, sender=sender)
    share(tx, desk, sender, event=Event.INTAKE_REFUSED, subject=subject, code=error.code, correlation=correlation)
