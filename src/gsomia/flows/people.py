"""People and places at this node: who may act, who is cleared, whose duty needs what, which channel may carry what."""

from collections.abc import Iterable

from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import FacilityId, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance
from gsomia.parties import Appointment, Facility, Office, Person
from gsomia.registry import ChannelAccreditation, ClearanceGrant, DutyGrant, RosterLine


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
        RefusedError: another key: the key file was replaced.

    Source: design 4 (Persons).
    """
    return _own_key(get_person(desk, actor.person), actor)


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
    person = _own_key(person_at(tx, actor.person), actor)
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


def appoint(
    desk: Desk, actor: Actor, *, facility: FacilityId, person: PersonId, office: Office, until: Instant | None
) -> Appointment:
    """Name the official who answers for a facility.

    Source: G10-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G10-2")
    now = desk.clock()
    appointment = Appointment(
        facility=facility,
        person=person,
        office=office,
        valid=Validity(start=now, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> Appointment:
        _known_facility(tx, facility)
        appointed = require_known_person(tx, person)
        if office not in appointed.offices:
            raise LocalError(
                "flows/office-not-held",
                f"`{person}` was not entered with the office `{office}`",
                remedy="enter people with their offices: `gsomia person add --office …`",
            )
        enter(tx, desk, appointment, event=Event.FACILITY_APPOINTED, subject=facility, person=person, office=office)
        return appointment

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
        valid=Validity(start=now, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> ChannelAccreditation:
        enter(tx, desk, accreditation, event=Event.FACILITY_ACCREDITED, subject=channel)
        return accreditation

    return desk.store.run(unit)


def clear_person(desk: Desk, actor: Actor, *, person: PersonId, clearance: Clearance) -> ClearanceGrant:
    """Record the clearance that our own procedure gave a person; its basis by reference, never the file.

    Source: G2-6, G7-3, G7-4.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-3")
    grant = ClearanceGrant(person=person, clearance=clearance, by=actor.person, at=desk.clock())

    def unit(tx: Tx) -> ClearanceGrant:
        require_known_person(tx, person)
        enter(tx, desk, grant, event=Event.PERSON_CLEARED, subject=person)
        return grant

    return desk.store.run(unit)


def grant_duty(
    desk: Desk, actor: Actor, *, person: PersonId, item: ItemId | None, purpose: str | None, until: Instant | None
) -> DutyGrant:
    """Record that a person's duty needs an item, or every item of a purpose.

    Source: G7-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER, clause="G7-2")
    if (item is None) == (purpose is None):
        raise LocalError(
            "flows/duty-for-what", "a duty needs an item or a purpose", remedy="pass `--item ID` or `--purpose CODE`"
        )
    now = desk.clock()
    grant = DutyGrant(
        person=person,
        item=item,
        purpose=purpose,
        valid=Validity(start=now, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> DutyGrant:
        require_known_person(tx, person)
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
        valid=Validity(start=now, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> RosterLine:
        _known_facility(tx, facility)
        require_known_person(tx, person)
        enter(tx, desk, line, event=Event.PERSON_ROSTERED, subject=person, facility=facility)
        return line

    return desk.store.run(unit)


def require_known(tx: Tx, *, facility: FacilityId, persons: Iterable[PersonId]) -> None:
    """Refuse a place or people that are not in the register.

    Raises:
        LocalError: unknown.
    """
    _known_facility(tx, facility)
    for person in persons:
        require_known_person(tx, person)


def require_known_person(tx: Tx, person: PersonId) -> Person:
    """A person of the register.

    Raises:
        LocalError: unknown.
    """
    found = tx.latest(Person, id=person)
    if found is None:
        raise _unknown("person", person)
    return found


def _known_facility(tx: Tx, facility: FacilityId) -> None:
    if tx.latest(Facility, id=facility) is None:
        raise _unknown("facility", facility)


def _unknown(what: str, name: str) -> NodeError:
    return LocalError(
        f"flows/unknown-{what}", f"there is no {what} `{name}` at this node", remedy=f"see `gsomia {what} list`"
    )
