"""Name who answers for a facility; who comes counts first, with who answered before: a full muster that both signed.

1. The first control officer of a facility is appointed freely, and so is one where the ledger has nothing on a shelf.
2. Every other one needs a full muster, closed and so without an unexplained copy, signed by the coming officer and by
   one who answers for the facility, or did last; begun after the change before, and not older than the house rule.
3. In an emergency, when none of those is cleared to sign any more, the change is entered without it: on record with
   its reason, shown at the facility, and the muster is due at once. Until it is held the next change is blocked too.

Source: F-21, G10-2.
"""

from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.muster import closed_full_musters, has_shelves
from gsomia.flows.people import known_facility, known_person, period, reference, require_office
from gsomia.flows.ports import Tx
from gsomia.flows.tenure import clearance_of, control_appointments, has_left, principals_of
from gsomia.ids import FacilityId, PersonId
from gsomia.instants import Instant
from gsomia.parties import Appointment, Office

CHANGE_MUSTER_DAYS = 30
"""House rule (A-12): an older muster says nothing of what an officer hands over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedChange:
    """A control officer came to answer for a facility without having counted with the one before.

    Args:
        facility: which.
        person: who came.
        reason: the number of the order, or unclassified words; never what stands in a file.
        by: the security officer who entered it.
        at: when; from then on a full muster is due.

    Source: F-21, G10-2.
    """

    facility: FacilityId
    person: PersonId
    reason: str
    by: PersonId
    at: Instant


def appoint(
    desk: Desk,
    actor: Actor,
    *,
    facility: FacilityId,
    person: PersonId,
    office: Office,
    until: Instant | None,
    start: Instant | None = None,
    emergency: str | None = None,
) -> Appointment:
    """Name the official who answers for a facility.

    Args:
        desk: ours.
        actor: a security officer.
        facility: which.
        person: who.
        office: in which office.
        until: until when.
        start: from when; now if None.
        emergency: why a control officer comes without having counted with the one before; None in good order.

    Raises:
        RefusedError: a control officer has to count first; see `check_change`.

    Source: G10-2, F-21.
    """
    now = desk.clock()
    appointment = Appointment(
        facility=facility,
        person=person,
        office=office,
        valid=period(now, start=start, until=until),
        by=actor.person,
        at=now,
    )
    if emergency is not None:
        emergency = reference(emergency, what="reason")
    return _appoint(desk, actor, appointment, emergency=emergency)


def appoint_deputy(
    desk: Desk,
    actor: Actor,
    *,
    facility: FacilityId,
    person: PersonId,
    until: Instant | None,
    start: Instant | None = None,
) -> Appointment:
    """Name who stands in for the control officer of a facility; only while one is in post.

    Source: G10-2, registry 7.1.
    """
    now = desk.clock()
    appointment = Appointment(
        facility=facility,
        person=person,
        office=Office.CONTROL_OFFICER,
        valid=period(now, start=start, until=until),
        by=actor.person,
        at=now,
        deputy=True,
    )
    return _appoint(desk, actor, appointment)


def check_change(tx: Tx, desk: Desk, appointment: Appointment, *, emergency: str | None) -> None:
    """Hold that a control officer may come to answer for a facility now; enter it if it is an emergency.

    Raises:
        RefusedError: the muster is missing; or it is no emergency, because somebody can still count and sign.

    Source: F-21, G10-2.
    """
    facility, coming = appointment.facility, appointment.person
    before = _before(tx, facility, now=appointment.at)
    if appointment.office is not Office.CONTROL_OFFICER or appointment.deputy or not before or coming in before:
        return
    if not has_shelves(tx, facility) or _counted(tx, facility, before, coming=coming, now=appointment.at):
        return
    named = ", ".join(f"`{one}`" for one in sorted(before))
    if emergency is None:
        raise RefusedError(
            "flows/muster-before-change",
            f"`{coming}` cannot answer for `{facility}` before a full muster that they and {named} signed",
            remedy="`muster start`, see or explain every copy, and both type `muster close`",
            clauses=("F-21", "G10-2"),
        )
    able = sorted(one for one in before if _can_sign(tx, one, now=appointment.at))
    if able:
        raise RefusedError(
            "flows/no-emergency",
            f"`{able[0]}` is still in office and cleared: they count with who comes after them",
            remedy="hold the muster; or suspend the clearance of an officer who can sign nothing any more",
            clauses=("F-21", "G10-2"),
        )
    forced = ForcedChange(facility=facility, person=coming, reason=emergency, by=appointment.by, at=appointment.at)
    enter(tx, desk, forced, event=Event.FACILITY_CHANGE_FORCED, subject=facility, person=coming)


def muster_due(tx: Tx, facility: FacilityId) -> ForcedChange | None:
    """The change of officer for which a full muster is due still; None if none is.

    A later one that others signed does not make it due again.

    Source: F-21.
    """
    forced = tx.latest(ForcedChange, facility=facility)
    if forced is None:
        return None
    done = any(muster.at >= forced.at and forced.person in by for muster, by in closed_full_musters(tx, facility))
    return None if done else forced


def _appoint(desk: Desk, actor: Actor, appointment: Appointment, *, emergency: str | None = None) -> Appointment:
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G10-2")
    facility, person, office = appointment.facility, appointment.person, appointment.office

    def unit(tx: Tx) -> Appointment:
        known_facility(tx, facility)
        appointed = known_person(tx, person)
        if any(
            held.line.facility == facility
            and held.line.deputy is not appointment.deputy
            and held.valid.covers(appointment.valid.start)
            for held in (control_appointments(tx, person) if office is Office.CONTROL_OFFICER else [])
        ):
            raise RefusedError(
                "flows/principal-and-deputy",
                f"`{person}` cannot stand in for themselves at `{facility}`",
                remedy="name another person, or end the other appointment: `gsomia facility appoint … --end`",
                clauses=("G10-2",),
            )
        if office not in appointed.offices:
            raise LocalError(
                "flows/office-not-held",
                f"`{person}` was not entered with the office `{office}`",
                remedy="enter people with their offices: `gsomia person add --office …`",
            )
        check_change(tx, desk, appointment, emergency=emergency)
        enter(tx, desk, appointment, event=Event.FACILITY_APPOINTED, subject=facility, person=person, office=office)
        return appointment

    return desk.store.run(unit)


def _before(tx: Tx, facility: FacilityId, *, now: Instant) -> frozenset[PersonId]:
    """Who answers for a facility; if nobody does, who did last."""
    known = [one for one in tx.every(Appointment, facility=facility, office=Office.CONTROL_OFFICER) if not one.deputy]
    return frozenset(principals_of(tx, facility, now=now) or [one.person for one in known[-1:]])


def _counted(tx: Tx, facility: FacilityId, before: frozenset[PersonId], *, coming: PersonId, now: Instant) -> bool:
    came = [
        one.at
        for one in tx.every(Appointment, facility=facility, office=Office.CONTROL_OFFICER)
        if one.person in before and not one.deputy
    ]
    return any(
        now < muster.at.plus(days=CHANGE_MUSTER_DAYS)
        and all(muster.at >= at for at in came)
        and coming in signed
        and bool(signed & before)
        for muster, signed in closed_full_musters(tx, facility)
    )


def _can_sign(tx: Tx, person: PersonId, *, now: Instant) -> bool:
    clearance = clearance_of(tx, person)
    return not has_left(tx, person) and (clearance is None or clearance.is_effective(now))
