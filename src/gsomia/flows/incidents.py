"""Marks of a possible incident, set the moment something is seen; nothing waits for them and nothing takes them away.

Source: F-17, LEDGER-1.
"""

from gsomia.audit import Event
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import PartyCode, PersonId
from gsomia.registry import IncidentMark, Suspicion


def mark_incident(
    tx: Tx, desk: Desk, subject: str, *, what: Suspicion, by: PersonId | None, party: PartyCode | None = None
) -> IncidentMark:
    """Set a mark, once for each thing that is seen on a subject."""
    for known in tx.every(IncidentMark, subject=subject):
        if known.what is what:
            return known
    mark = IncidentMark(subject=subject, what=what, by=by, party=party, at=desk.clock())
    enter(tx, desk, mark, event=Event.INCIDENT_MARKED, subject=subject, what=what)
    return mark
