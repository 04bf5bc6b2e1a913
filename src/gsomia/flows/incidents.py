"""Marks of a possible incident, set the moment something is seen; nothing waits for them and nothing takes them away.

A dispatch whose receipt never came marks itself: nobody has to see it. What no case has taken up is due to be opened.

Source: F-15, F-17, A-12, LEDGER-1.
"""

from collections.abc import Iterator

from gsomia.agreements import Rule
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import CaseEntry, CaseMoment, IncidentCase
from gsomia.flows.desk import Desk
from gsomia.flows.house_clocks import HouseClocks
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.radius import lines_of
from gsomia.ids import HexDigest, IncidentId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.policy import INCIDENT_DAYS, incident_due
from gsomia.registry import IncidentMark, Place, Suspicion


def mark_incident(
    tx: Tx, desk: Desk, subject: str, *, what: Suspicion, by: PersonId | None, party: PartyCode | None = None
) -> IncidentMark:
    """Set a mark, once for each thing that is seen on a subject; once more if the case on it was closed since."""
    for known in tx.every(IncidentMark, subject=subject):
        case = tx.latest(IncidentCase, mark=known.digest)
        if known.what is what and (case is None or not is_closed(tx, case.id)):
            return known
    mark = IncidentMark(subject=subject, what=what, by=by, party=party, at=desk.clock())
    enter(tx, desk, mark, event=Event.INCIDENT_MARKED, subject=subject, what=what)
    return mark


def is_closed(tx: Tx, incident: IncidentId) -> bool:
    """Whether a case of ours was closed."""
    return any(one.what is CaseMoment.CLOSED for one in tx.every(CaseEntry, incident=incident))


def marks_due(tx: Tx, desk: Desk, now: Instant) -> list[IncidentMark]:
    """Every mark that no case has taken up, oldest first, late dispatches among them.

    Source: F-15, F-17, A-12.
    """
    found = {mark.digest: mark for mark in (*tx.every(IncidentMark), *_overdue(tx, desk, now))}
    open_marks = (mark for mark in found.values() if not is_taken_up(tx, mark))
    return sorted(open_marks, key=lambda mark: (mark.at.epoch_s, mark.subject))


def find_mark(tx: Tx, desk: Desk, digest: HexDigest, now: Instant) -> IncidentMark:
    """A mark that is due to be opened.

    Raises:
        LocalError: there is none of that digest, or a case has taken it up.
    """
    mark = next((one for one in marks_due(tx, desk, now) if one.digest == digest), None)
    if mark is None:
        raise LocalError(
            "flows/unknown-mark", f"no mark `{digest}` waits to be opened", remedy="see `gsomia incident marks`"
        )
    return mark


def overdue_mark(desk: Desk, number: str, *, sent: Instant, days: int) -> IncidentMark:
    """The mark that a dispatch of ours sets itself, once nobody has signed for it for so many days.

    Source: F-15, A-12.
    """
    return IncidentMark(
        subject=number, what=Suspicion.RECEIPT_OVERDUE, by=None, party=desk.party, at=incident_due(sent, days=days)
    )


def is_taken_up(tx: Tx, mark: IncidentMark) -> bool:
    """Whether a case was opened about it."""
    return tx.latest(IncidentCase, mark=mark.digest) is not None


def is_overdue_taken_up(tx: Tx, desk: Desk, number: str, *, sent: Instant, days: int) -> bool:
    """Whether a case was opened about a late dispatch, be it by the length of the house, as all were once."""
    return any(is_taken_up(tx, overdue_mark(desk, number, sent=sent, days=one)) for one in {days, INCIDENT_DAYS})


def _overdue(tx: Tx, desk: Desk, now: Instant) -> Iterator[IncidentMark]:
    """Dispatches whose receipt is so late that an incident is due: seen on the day they became so."""
    numbers, clocks = set(), HouseClocks(tx, desk)
    for line in lines_of(tx, place=Place.IN_TRANSIT):
        number = line.package or line.consignment
        days = clocks.days(line, Rule.TRACER_DAYS)
        late = now >= incident_due(line.at, days=days)
        if late and number not in numbers and number is not None and line.custodian == desk.party:
            if is_overdue_taken_up(tx, desk, number, sent=line.at, days=days):
                continue
            numbers.add(number)
            yield overdue_mark(desk, number, sent=line.at, days=days)
