"""People and places at this node: who may act, who is cleared, whose duty needs what, what is accredited.

What of it ends, and how a person leaves, is in `flows/leaving`; what holds at an instant, in `flows/tenure`.
"""

from collections.abc import Iterable

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.tenure import has_left, person_left
from gsomia.ids import FacilityId, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance
from gsomia.parties import Facility, Office, Person
from gsomia.registry import (
    ChannelAccreditation,
    ClearanceGrant,
    DutyGrant,
    Reference,
    RosterLine,
)


def add_person(desk: Desk, person: Person) -> Person:
    """Enter a person with the public half of their key.

    Raises:
        LocalError: the short name is taken.

    Source: design 4 (Persons).
    """

    def unit(tx: Tx) -> Person:
        if tx.latest(Person, id=person.id) is not None:
            raise LocalError(
                "flows/person-exists", f"there is already a person `{person.id}`", remedy="choose another short name"
            )
        enter(tx, desk, person, event=Event.PERSON_ADDED, subject=person.id)
        return person

    return desk.store.run(unit)


def get_person(desk: Desk, person: PersonId) -> Person:
    """A person of this node.

    Raises:
        LocalError: unknown.
    """
    return desk.store.run(lambda tx: person_at(tx, person))


def person_at(tx: Tx, person: PersonId) -> Person:
    """A person of this node, inside a unit.

    Raises:
        LocalError: unknown.
    """
    found = tx.latest(Person, id=person)
    if found is None:
        raise LocalError(
            "flows/unknown-person", f"there is no person `{person}` at this node", remedy="see `gsomia person list`"
        )
    return found


def require_own_key(desk: Desk, actor: Actor) -> Person:
    """The person who acts, with the very key that stands in the register.

    Raises:
        LocalError: unknown.
        RefusedError: another key: the key file was replaced; or they left.

    Source: design 4 (Persons), G7-6.
    """
    return desk.store.run(lambda tx: require_own_key_in(tx, actor))


def require_own_key_in(tx: Tx, actor: Actor) -> Person:
    """The same inside a unit.

    Raises:
        LocalError, RefusedError: as there.
    """
    return _own_key(known_person(tx, actor.person), actor)


def _own_key(person: Person, actor: Actor) -> Person:
    if actor.hand.signer.public != person.key:
        raise RefusedError(
            "flows/not-their-key",
            f"the key that acts for `{actor.person}` is not the one in the register",
            remedy="somebody replaced the key file: treat it as an incident and restore the file from a backup",
        )
    return person


def require_office(desk: Desk, actor: Actor, *offices: Office, clause: str) -> None:
    """Refuse an act by somebody who does not hold one of the offices for it.

    Raises:
        RefusedError: they do not.
    """
    desk.store.run(lambda tx: require_office_at(tx, actor, *offices, clause=clause))


def require_office_at(tx: Tx, actor: Actor, *offices: Office, clause: str) -> None:
    """As `require_office`, inside a unit.

    Raises:
        LocalError: unknown.
        RefusedError: another key, or not one of the offices.
    """
    person = _own_key(known_person(tx, actor.person), actor)
    if not person.official or not set(offices) & set(person.offices):
        wanted = " or ".join(offices)
        raise RefusedError(
            "flows/office-required",
            f"`{actor.person}` does not hold the office for this act",
            remedy=f"let a {wanted} do it",
            clauses=(clause,),
        )


def add_facility(desk: Desk, facility: Facility) -> Facility:
    """Enter a place where items are handled (G10-1)."""

    def unit(tx: Tx) -> Facility:
        if tx.latest(Facility, id=facility.id) is not None:
            raise LocalError("flows/facility-exists", f"there is already a facility `{facility.id}`", remedy="")
        enter(tx, desk, facility, event=Event.FACILITY_ADDED, subject=facility.id)
        return facility

    return desk.store.run(unit)


def accredit_channel(
    desk: Desk, actor: Actor, *, channel: PartyCode, number: str, level: str, until: Instant | None
) -> ChannelAccreditation:
    """Accredit the channel to a partner up to a level of our own.

    Source: G12-10, G12-11.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G12-11")
    now = desk.clock()
    accreditation = ChannelAccreditation(
        channel=channel,
        number=number,
        level=desk.policy.classification(level).id,
        valid=period(now, start=None, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> ChannelAccreditation:
        enter(tx, desk, accreditation, event=Event.FACILITY_ACCREDITED, subject=channel)
        return accreditation

    return desk.store.run(unit)


def clear_person(
    desk: Desk, actor: Actor, *, person: PersonId, clearance: Clearance, authority: str | None = None
) -> ClearanceGrant:
    """Record the clearance that our own procedure gave a person; its basis by reference, never the file.

    Args:
        desk: ours.
        actor: a security officer; another than the person.
        person: who is cleared.
        clearance: levels, validity, basis, review.
        authority: the body that decided; our own government if None.

    Source: G2-6, G7-3, G7-4.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-3")
    refuse_own(actor, person, clause="G7-3")
    now = desk.clock()
    period(now, start=None, until=clearance.valid.until)
    grant = ClearanceGrant(
        person=person,
        clearance=clearance,
        by=actor.person,
        at=now,
        authority=reference(authority or desk.party, what="authority"),
    )

    def unit(tx: Tx) -> ClearanceGrant:
        known_person(tx, person)
        enter(tx, desk, grant, event=Event.PERSON_CLEARED, subject=person)
        return grant

    return desk.store.run(unit)


def grant_duty(
    desk: Desk,
    actor: Actor,
    *,
    person: PersonId,
    item: ItemId | None,
    purpose: str | None,
    until: Instant | None,
    start: Instant | None = None,
) -> DutyGrant:
    """Record that a person's duty needs an item, or every item of a purpose.

    Source: G7-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER, clause="G7-2")
    item_or_purpose(item, purpose)
    now = desk.clock()
    grant = DutyGrant(
        person=person,
        item=item,
        purpose=purpose,
        valid=period(now, start=start, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> DutyGrant:
        known_person(tx, person)
        enter(tx, desk, grant, event=Event.PERSON_DUTY, subject=person)
        return grant

    return desk.store.run(unit)


def put_on_roster(
    desk: Desk,
    actor: Actor,
    *,
    facility: FacilityId,
    person: PersonId,
    instrument: InstrumentId,
    level: str,
    until: Instant | None,
    start: Instant | None = None,
) -> RosterLine:
    """Enter a person on a facility's registry of persons.

    Source: G6-6, F-06.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER, clause="G6-6")
    now = desk.clock()
    line = RosterLine(
        facility=facility,
        person=person,
        instrument=instrument,
        level=desk.policy.classification(level).id,
        valid=period(now, start=start, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> RosterLine:
        known_facility(tx, facility)
        known_person(tx, person)
        enter(tx, desk, line, event=Event.PERSON_ROSTERED, subject=person, facility=facility)
        return line

    return desk.store.run(unit)


def require_known(tx: Tx, *, facility: FacilityId, persons: Iterable[PersonId]) -> None:
    """Refuse a place or people that are not in the register, or have left.

    Raises:
        LocalError: unknown.
        RefusedError: they left.
    """
    known_facility(tx, facility)
    for person in persons:
        known_person(tx, person)


def period(now: Instant, *, start: Instant | None, until: Instant | None) -> Validity:
    """From when until when an entry made now holds.

    Raises:
        LocalError: it would begin in the past, or end before it begins.
    """
    start = start or now
    if start < now:
        raise LocalError("flows/back-dated", "an entry does not begin before it is made", remedy="give a later day")
    if until is not None and until <= start:
        raise LocalError("flows/ends-before-it-begins", "it would end before it begins", remedy="give a later day")
    return Validity(start=start, until=until)


def reference(text: str, *, what: str) -> str:
    """The number of a document as the register keeps it; never what stands in it.

    Raises:
        LocalError: nothing, or more than a line.

    Source: G7-3 (basis by reference).
    """
    try:
        return canon.check(text.strip(), Reference)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-a-reference",
            f"that is no {what}: one line of 1 to 200 characters",
            remedy="give the number of the document, never what stands in it",
        ) from cause


def refuse_own(actor: Actor, person: PersonId, *, clause: str) -> None:
    """Refuse that an officer decides about themselves.

    Raises:
        RefusedError: they would.
    """
    if actor.person == person:
        raise RefusedError(
            "flows/about-oneself",
            f"`{person}` does not decide this about themselves",
            remedy="let another security officer do it",
            clauses=(clause,),
        )


def item_or_purpose(item: ItemId | None, purpose: str | None) -> None:
    """Hold that something is for an item or for a purpose, not for both and not for nothing.

    Raises:
        LocalError: it is not.
    """
    if (item is None) == (purpose is None):
        raise LocalError(
            "flows/duty-for-what", "a duty needs an item or a purpose", remedy="pass `--item ID` or `--purpose CODE`"
        )


def known_person(tx: Tx, person: PersonId) -> Person:
    """A person of this node who has not left.

    Raises:
        LocalError: unknown.
        RefusedError: they left.
    """
    found = person_at(tx, person)
    if has_left(tx, person):
        raise person_left(person)
    return found


def known_facility(tx: Tx, facility: FacilityId) -> None:
    """Hold that a facility is entered.

    Raises:
        LocalError: it is not.
    """
    if tx.latest(Facility, id=facility) is None:
        raise _unknown("facility", facility)


def _unknown(what: str, name: str) -> NodeError:
    return LocalError(
        f"flows/unknown-{what}", f"there is no {what} `{name}` at this node", remedy=f"see `gsomia {what} list`"
    )
