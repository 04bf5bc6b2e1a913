"""A refusal has two faces: inside everything is recorded, across the border go a code and a correlation id."""

from gsomia.audit import Event
from gsomia.errors import NodeError
from gsomia.exchange import Refusal
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.ids import PartyCode, new_id


def record_refusal(desk: Desk, sender: PartyCode, error: NodeError, *, subject: str) -> Refusal:
    """Record that something a pinned partner sent was refused, and say what the partner may be told.

    Source: design 6 ("Across the border go codes and correlation ids"); style 3.6.
    """
    correlation = new_id("cor", desk.entropy)

    def unit(tx: Tx) -> None:
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

    desk.store.run(unit)
    return Refusal(code=error.code, correlation_id=correlation, recorded=True)
