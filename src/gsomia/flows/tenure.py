"""Who stands where at an instant: duties, roster lines, appointments, clearances, places; all that ended is counted.

Everything else asks here. A flow that lets a person act on an item outside a reading (a courier, a translator, a
visitor's host) calls `require_standing` in the unit in which the person acts, and again whenever the act goes on.

Source: G2-6, G6-6, G7-2, G7-4, G7-6, G10-1, G10-2.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic, TypeVar

from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.ids import Count, FacilityId, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance, ClearanceStanding
from gsomia.parties import Appointment, Departure, Office, Person
from gsomia.policy import SiteFacts
from gsomia.registry import (
    ClearanceChange,
    ClearanceGrant,
    DutyGrant,
    EntryEnded,
    EntryKind,
    FacilityAccreditation,
    RosterLine,
)

L = TypeVar("L", DutyGrant, RosterLine, Appointment)

KINDS: Mapping[type, EntryKind] = MappingProxyType(
    {DutyGrant: EntryKind.DUTY, RosterLine: EntryKind.ROSTER, Appointment: EntryKind.APPOINTMENT}
)
_CLAUSES: Mapping[ClearanceStanding, str] = MappingProxyType(
    {
        ClearanceStanding.VALID: "G7-2",  # valid, and for a lower level
        ClearanceStanding.WITHDRAWN: "G7-6",
        ClearanceStanding.SUSPENDED: "G7-6",
        ClearanceStanding.REVIEW_DUE: "G7-4",
        ClearanceStanding.EXPIRED: "G2-6",
        ClearanceStanding.NOT_YET: "G2-6",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[L]):
    """An entry about a person as it holds: its running number among the person's, and its time with any end counted."""

    number: Count
    line: L
    valid: Validity


def entries_of(tx: Tx, kind: type[L], person: PersonId) -> list[Held[L]]:
    """Every duty, roster line or appointment a person has or had, oldest first.

    Source: G7-2, G6-6, G10-2.
    """
    ended = {one.number: one.at for one in tx.every(EntryEnded, person=person, entry=KINDS[kind])}
    return [
        Held(number=number, line=line, valid=_cut(line.valid, ended.get(number)))
        for number, line in enumerate(tx.every(kind, person=person), start=1)
    ]


def clearance_of(tx: Tx, person: PersonId) -> Clearance | None:
    """A person's clearance, under the status that its authority last gave it.

    Source: G2-6, G7-6.
    """
    grant = tx.latest(ClearanceGrant, person=person)
    if grant is None:
        return None
    return _as_changed(grant, tx.latest(ClearanceChange, person=person), tx.count(ClearanceGrant, person=person))


def every_clearance(tx: Tx) -> dict[PersonId, Clearance]:
    """The clearance of everybody who was granted one and has not left, as `clearance_of` gives it.

    Source: G2-6, G7-6.
    """
    grants = tx.every(ClearanceGrant)
    counts = Counter(grant.person for grant in grants)
    changes = {change.person: change for change in tx.every(ClearanceChange)}
    left = {one.person for one in tx.every(Departure)}
    return {
        grant.person: _as_changed(grant, changes.get(grant.person), counts[grant.person])
        for grant in grants  # the last grant of a person takes the place of those before
        if grant.person not in left
    }


def every_entry(tx: Tx, kind: type[L]) -> list[Held[L]]:
    """The duties, roster lines or appointments of everybody, as `entries_of` gives them for one person.

    Source: G7-2, G6-6, G10-2.
    """
    ended = {(one.person, one.number): one.at for one in tx.every(EntryEnded) if one.entry is KINDS[kind]}
    numbers: Counter[PersonId] = Counter()
    found = []
    for line in tx.every(kind):
        numbers[line.person] += 1
        number = numbers[line.person]
        found.append(Held(number=number, line=line, valid=_cut(line.valid, ended.get((line.person, number)))))
    return found


def has_left(tx: Tx, person: PersonId) -> bool:
    """Whether a person left: their key acts no longer."""
    return tx.latest(Departure, person=person) is not None


def principals_of(tx: Tx, facility: FacilityId, *, now: Instant) -> tuple[PersonId, ...]:
    """The control officers of a facility who are in post; deputies stand in for them and do not count.

    Source: G10-2.
    """
    known = tx.every(Appointment, facility=facility, office=Office.CONTROL_OFFICER)
    return tuple(
        person
        for person in dict.fromkeys(one.person for one in known)
        if any(
            held.line.facility == facility and not held.line.deputy and held.valid.covers(now)
            for held in control_appointments(tx, person)
        )
    )


def control_appointments(tx: Tx, person: PersonId) -> list[Held[Appointment]]:
    """A person's appointments as control officer or deputy."""
    return [held for held in entries_of(tx, Appointment, person) if held.line.office is Office.CONTROL_OFFICER]


def site_of(tx: Tx, desk: Desk, facility: FacilityId) -> SiteFacts | None:
    """Up to which rank a facility is accredited, and until which review.

    Source: G10-1.
    """
    known = tx.latest(FacilityAccreditation, facility=facility)
    if known is None:
        return None
    ceiling = desk.policy.classification(known.level).rank
    return SiteFacts(facility=facility, ceiling=ceiling, review_at=known.review_at)


def require_site(tx: Tx, desk: Desk, facility: FacilityId, *, rank: int, now: Instant) -> None:
    """Refuse to bring an item of a rank into a facility that may not handle it.

    Raises:
        RefusedError: it is not accredited, not so high, or its review is due.

    Source: G10-1.
    """
    site = site_of(tx, desk, facility)
    if site is not None and site.ceiling >= rank and now < site.review_at:
        return
    why = "is not accredited" if site is None else "is not accredited so high"
    if site is not None and site.review_at <= now:
        why = "is past the review of its accreditation"
    raise RefusedError(
        "flows/facility-not-accredited",
        f"`{facility}` {why}: the item cannot be handled there",
        remedy="accredit it up to the level, with the next review: `gsomia facility accredit`",
        clauses=("G10-1",),
    )


def require_standing(tx: Tx, desk: Desk, *, person: PersonId, level: str, at: Instant) -> Person:
    """The person, if they may act on items of a level at this minute: an official, still here, cleared for it.

    Need-to-know, roster, nationality and purpose belong to an item and are asked by `policy.decide_access`; this is
    what holds for the person whatever the item is.

    Args:
        tx: the unit in which the person acts.
        desk: ours.
        person: who acts.
        level: our own level of what they act on, id or mark.
        at: the instant of the act.

    Raises:
        LocalError: there is no such person.
        RefusedError: they left, are no official, or hold no clearance that counts; the clause says which.

    Source: G7-2, G7-4, G7-6, G2-6.
    """
    known = tx.latest(Person, id=person)
    if known is None:
        raise LocalError(
            "flows/unknown-person", f"there is no person `{person}` at this node", remedy="see `gsomia person list`"
        )
    if has_left(tx, person):
        raise person_left(person)
    clearance, wanted = clearance_of(tx, person), desk.policy.classification(level).id
    reaches = clearance is not None and wanted in clearance.classifications and clearance.is_effective(at)
    if known.official and reaches:
        return known
    standing = clearance.standing(at) if clearance is not None else None
    raise RefusedError(
        "flows/no-standing",
        f"`{person}` may not act on `{wanted}` now: "
        + ("no government official" if not known.official else f"clearance {standing or 'none'}"),
        remedy="see `gsomia person list`; let another person act",
        clauses=("G7-2",) if standing is None or not known.official else (_CLAUSES[standing],),
    )


def person_left(person: PersonId) -> RefusedError:
    """What somebody who left is told."""
    return RefusedError(
        "flows/person-left",
        f"`{person}` left: their key acts no longer",
        remedy="let a person who is in post do it",
        clauses=("G7-6",),
    )


def _as_changed(grant: ClearanceGrant, change: ClearanceChange | None, grants: int) -> Clearance:
    if change is None or change.grant != grants:
        return grant.clearance
    return replace(grant.clearance, status=change.status)


def _cut(valid: Validity, end: Instant | None) -> Validity:
    if end is None or (valid.until is not None and valid.until <= end):
        return valid
    return Validity(start=valid.start, until=end)
