"""What ends: a clearance is suspended or withdrawn, a duty, roster line or appointment ends, a person leaves.

Nothing is changed or deleted: each end is a record of its own. It counts from the second it is written, for a reading
that is open as well (`flows/read`).

A person leaves once nothing is in their charge any more. What may be in somebody's charge is asked of `CHARGES`, one
small function for each kind; a register that gives people something new to hold adds its function there.

Source: G7-6, G6-6, G10-2, F-05.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import reference, refuse_own, require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import EpochProposal, EpochRecord
from gsomia.flows.tenure import (
    KINDS,
    Held,
    clearance_of,
    control_appointments,
    entries_of,
    has_left,
    person_left,
    principals_of,
)
from gsomia.ids import FacilityId, InstrumentId, ItemId, PersonId
from gsomia.instants import Instant
from gsomia.labels import ClearanceStatus
from gsomia.parties import Appointment, Departure, Office, Person
from gsomia.policy import proposal_ends
from gsomia.registry import (
    ClearanceChange,
    ClearanceGrant,
    CopyLine,
    DestructionConfirmed,
    DestructionProposal,
    DutyGrant,
    EntryEnded,
    Place,
    RosterLine,
)

MOST_NAMED = 20
"""Copies that are named one by one when somebody may not leave with them."""

AnyHeld = Held[DutyGrant] | Held[RosterLine] | Held[Appointment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Something that is in a person's charge, by its kind and its id."""

    what: str
    id: str


def change_clearance(
    desk: Desk, actor: Actor, *, person: PersonId, status: ClearanceStatus, basis: str
) -> ClearanceChange:
    """Suspend, withdraw or restore the clearance a person was last granted.

    A clearance that was withdrawn comes back by a new grant only, and one past its review by a new review: a new grant
    too (G7-3, G7-4).

    Raises:
        LocalError: there is none, or it stands so already.
        RefusedError: it was withdrawn, or it is the officer's own.

    Source: G2-6, G7-3, G7-6.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-3")
    refuse_own(actor, person, clause="G7-3")
    basis = reference(basis, what="basis")

    def unit(tx: Tx) -> ClearanceChange:
        held = clearance_of(tx, person)
        if held is None or held.status is status:
            raise LocalError(
                "flows/clearance-stands-so",
                f"`{person}` has no clearance" if held is None else f"the clearance of `{person}` is {status} already",
                remedy="see `gsomia person list`",
            )
        if held.status is ClearanceStatus.WITHDRAWN:
            raise RefusedError(
                "flows/clearance-withdrawn",
                f"the clearance of `{person}` was withdrawn: it does not come back",
                remedy="a new decision grants a new one: `gsomia person clear`",
                clauses=("G7-3", "G7-6"),
            )
        return _change(tx, desk, actor, person, status=status, basis=basis)

    return desk.store.run(unit)


def end_duty(
    desk: Desk, actor: Actor, *, person: PersonId, item: ItemId | None, purpose: str | None
) -> tuple[EntryEnded, ...]:
    """End a person's need-to-know of an item or a purpose.

    Raises:
        LocalError: there is none that holds.

    Source: G7-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER, clause="G7-2")

    def unit(tx: Tx) -> tuple[EntryEnded, ...]:
        held = entries_of(tx, DutyGrant, person)
        return _end(
            tx, desk, actor, [one for one in held if (one.line.item, one.line.purpose) == (item, purpose)], what="duty"
        )

    return desk.store.run(unit)


def end_roster_line(
    desk: Desk, actor: Actor, *, facility: FacilityId, person: PersonId, instrument: InstrumentId
) -> tuple[EntryEnded, ...]:
    """Take a person off a facility's registry of persons, for an instrument.

    Raises:
        LocalError: they do not stand there.

    Source: G6-6.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER, clause="G6-6")

    def unit(tx: Tx) -> tuple[EntryEnded, ...]:
        held = entries_of(tx, RosterLine, person)
        meant = [one for one in held if (one.line.facility, one.line.instrument) == (facility, instrument)]
        return _end(tx, desk, actor, meant, what="roster line")

    return desk.store.run(unit)


def end_appointment(
    desk: Desk, actor: Actor, *, facility: FacilityId, person: PersonId, office: Office
) -> tuple[EntryEnded, ...]:
    """End an appointment at a facility; without a control officer in post the facility handles nothing (G10-2).

    Raises:
        LocalError: there is none that holds.

    Source: G10-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G10-2")

    def unit(tx: Tx) -> tuple[EntryEnded, ...]:
        held = entries_of(tx, Appointment, person)
        meant = [one for one in held if (one.line.facility, one.line.office) == (facility, office)]
        return _end(tx, desk, actor, meant, what="appointment")

    return desk.store.run(unit)


def leave(desk: Desk, actor: Actor, *, person: PersonId) -> Departure:
    """Record that a person left: their duties, roster lines, appointments and clearance end, their key acts no longer.

    Raises:
        LocalError: there is no such person.
        RefusedError: something is in their charge still; or they left before, or would record it themselves.

    Source: G7-6, F-05, F-06.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G6-6")
    refuse_own(actor, person, clause="F-05")
    now = desk.clock()

    def unit(tx: Tx) -> Departure:
        if tx.latest(Person, id=person) is None:
            raise LocalError(
                "flows/unknown-person", f"there is no person `{person}` at this node", remedy="see `gsomia person list`"
            )
        if has_left(tx, person):
            raise person_left(person)
        charges = charges_of(tx, desk, person, now=now)
        if charges:
            raise RefusedError(
                "flows/charges-held",
                f"`{person}` has in charge still: " + ", ".join(f"{one.what} `{one.id}`" for one in charges),
                remedy="hand it over first: appoint who takes over, let proposals be confirmed or lapse",
                clauses=("F-05", "G6-7"),
            )
        everything: list[AnyHeld] = [
            *entries_of(tx, DutyGrant, person),
            *entries_of(tx, RosterLine, person),
            *entries_of(tx, Appointment, person),
        ]
        for held in everything:
            if held.valid.until is None or now < held.valid.until:
                _end_one(tx, desk, actor, held)
        clearance = clearance_of(tx, person)
        if clearance is not None and clearance.status is not ClearanceStatus.WITHDRAWN:
            _change(tx, desk, actor, person, status=ClearanceStatus.WITHDRAWN, basis="left")
        departure = Departure(person=person, by=actor.person, at=now)
        enter(tx, desk, departure, event=Event.PERSON_LEFT, subject=person)
        return departure

    return desk.store.run(unit)


def charges_of(tx: Tx, desk: Desk, person: PersonId, *, now: Instant) -> tuple[Charge, ...]:
    """Everything that is in a person's charge."""
    return tuple(charge for asked in CHARGES for charge in asked(tx, desk, person, now))


def _facilities(tx: Tx, _desk: Desk, person: PersonId, now: Instant) -> Iterator[Charge]:
    # Who alone answers for a facility has everything in charge that lies there.
    for held in control_appointments(tx, person):
        facility = held.line.facility
        if held.valid.covers(now) and principals_of(tx, facility, now=now) == (person,):
            yield Charge(what="facility", id=facility)


def _destructions(tx: Tx, _desk: Desk, person: PersonId, now: Instant) -> Iterator[Charge]:
    for item in dict.fromkeys(one.item for one in tx.every(DestructionProposal) if one.by == person):
        last = tx.latest(DestructionProposal, item=item)
        waits = last is not None and last.by == person and now < proposal_ends(last.at)
        if waits and tx.latest(DestructionConfirmed, item=item) is None:
            yield Charge(what="proposed destruction of", id=item)


def _log_epochs(tx: Tx, _desk: Desk, person: PersonId, now: Instant) -> Iterator[Charge]:
    for log in dict.fromkeys(one.log for one in tx.every(EpochProposal) if one.by == person):
        last, opened = tx.latest(EpochProposal, log=log), tx.latest(EpochRecord, log=log)
        waits = last is not None and last.by == person and now < proposal_ends(last.at)
        if waits and (opened is None or last is None or opened.at < last.at):
            yield Charge(what="proposed log epoch of", id=log)


def _copies(tx: Tx, _desk: Desk, person: PersonId, _now: Instant) -> Iterator[Charge]:
    for line in tx.lines(CopyLine, limit=MOST_NAMED, holder=person, place=Place.HELD):
        yield Charge(what="copy", id=f"{line.item}/{line.copy}")


CHARGES: tuple[Callable[[Tx, Desk, PersonId, Instant], Iterator[Charge]], ...] = (
    _facilities,
    _copies,
    _destructions,
    _log_epochs,
)
"""What a person may have in charge: one function for each kind of thing."""


def _change(
    tx: Tx, desk: Desk, actor: Actor, person: PersonId, *, status: ClearanceStatus, basis: str
) -> ClearanceChange:
    change = ClearanceChange(
        person=person,
        grant=tx.count(ClearanceGrant, person=person),
        status=status,
        basis=basis,
        by=actor.person,
        at=desk.clock(),
    )
    enter(tx, desk, change, event=Event.PERSON_CLEARANCE_CHANGED, subject=person, status=status)
    return change


def _end(
    tx: Tx,
    desk: Desk,
    actor: Actor,
    meant: Sequence[AnyHeld],
    *,
    what: str,
) -> tuple[EntryEnded, ...]:
    now = desk.clock()
    holding = [held for held in meant if held.valid.until is None or now < held.valid.until]
    if not holding:
        raise LocalError(
            "flows/nothing-to-end", f"there is no such {what} that holds", remedy="see `gsomia person list`"
        )
    return tuple(_end_one(tx, desk, actor, held) for held in holding)


def _end_one(tx: Tx, desk: Desk, actor: Actor, held: AnyHeld) -> EntryEnded:
    ended = EntryEnded(
        person=held.line.person,
        entry=KINDS[type(held.line)],
        number=held.number,
        by=actor.person,
        at=desk.clock(),
    )
    enter(tx, desk, ended, event=Event.PERSON_ENTRY_ENDED, subject=ended.person, entry=ended.entry)
    return ended
