"""`person` and `facility`: who may act, who is cleared, where."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.flows import people
from gsomia.flows.ports import Tx
from gsomia.instants import Instant, Validity, read_instant
from gsomia.labels import clearance_upto
from gsomia.parties import Appointment, Facility, Office, Person
from gsomia.registry import ChannelAccreditation, ClearanceGrant, DutyGrant, RosterLine

PERSON = Param(name="person", help="short name of the person", positional=True, required=True)
UNTIL = Param(name="until", help="date or time from which it no longer holds")


def until(call: Call) -> Instant | None:
    """The `--until` of a command."""
    text = call.maybe("until")
    return read_instant(text) if text else None


def offices(names: tuple[str, ...]) -> tuple[Office, ...]:
    """Offices by name.

    Raises:
        LocalError: unknown.
    """
    known = {office.value: office for office in Office}
    for name in names:
        if name not in known:
            raise LocalError(
                "admin/unknown-office", f"there is no office `{name}`", remedy="one of: " + ", ".join(known)
            )
    return tuple(known[name] for name in names)


def _add(call: Call) -> Document:
    if call.person_passphrase is None:
        raise LocalError(
            "admin/no-person-passphrase",
            "a new person chooses a passphrase",
            remedy="pass it with `--person-passphrase-fd N`",
        )
    name = call.text("person")
    listed = tuple(call.many("nationality")) or (call.desk.party,)
    facts: dict[str, object] = {
        "id": name,
        "name": call.maybe("name") or name,
        "rank": call.maybe("rank") or "",
        "official": not call.args.get("not_official", False),
        "nationalities": list(listed),
        "employer": call.maybe("employer") or call.desk.party,
        "offices": [office.value for office in offices(call.many("office"))],
        "key": bytes(32),
        "at": call.desk.clock(),
    }
    _person(facts)  # before a key file is made for a name that cannot be
    if call.desk.store.run(lambda tx: tx.latest(Person, id=name)) is not None:
        raise LocalError(
            "flows/person-exists", f"there is already a person `{name}`", remedy="choose another short name"
        )
    facts["key"] = call.bench.create_person(name, call.person_passphrase)
    person = people.add_person(call.desk, _person(facts))
    return {"person": person.id, "offices": list(person.offices), "official": person.official}


def _person(facts: dict[str, object]) -> Person:
    try:
        return canon.check(facts, Person)
    except canon.CanonError as cause:
        raise LocalError("admin/not-a-person", f"that is no person: {cause.message}", remedy="see `--help`") from cause


def _clear(call: Call) -> Document:
    review = call.maybe("review")
    end = until(call)
    if end is None:
        raise LocalError("admin/no-expiry", "a clearance has an end", remedy="pass `--until DATE`")
    clearance = clearance_upto(
        call.desk.policy,
        call.text("level"),
        valid=Validity(start=call.desk.clock(), until=end),
        basis=call.text("basis"),
        review_at=read_instant(review) if review else end,
    )
    grant = people.clear_person(
        call.desk, call.actor(Office.SECURITY_OFFICER), person=call.text("person"), clearance=clearance
    )
    return {"person": grant.person, "level": call.text("level"), "until": str(end)}


def _duty(call: Call) -> Document:
    grant = people.grant_duty(
        call.desk,
        call.actor(Office.SECURITY_OFFICER, Office.CONTROL_OFFICER),
        person=call.text("person"),
        item=call.maybe("item"),
        purpose=call.maybe("purpose"),
        until=until(call),
    )
    return {"person": grant.person, "item": grant.item, "purpose": grant.purpose}


def _roster(call: Call) -> Document:
    line = people.put_on_roster(
        call.desk,
        call.actor(Office.SECURITY_OFFICER, Office.CONTROL_OFFICER),
        facility=call.text("facility"),
        person=call.text("person"),
        instrument=call.text("instrument"),
        level=call.text("level"),
        until=until(call),
    )
    return {"facility": line.facility, "person": line.person, "instrument": line.instrument, "level": line.level}


def _people(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "people": [
                {
                    "person": person.id,
                    "name": person.name,
                    "rank": person.rank,
                    "official": person.official,
                    "offices": list(person.offices),
                    "nationalities": list(person.nationalities),
                    "clearance": canon.plain(grant.clearance)
                    if (grant := tx.latest(ClearanceGrant, person=person.id))
                    else None,
                    "duties": [canon.plain(duty) for duty in tx.every(DutyGrant, person=person.id)],
                    "roster": [canon.plain(line) for line in tx.every(RosterLine, person=person.id)],
                }
                for person in tx.every(Person)
            ]
        }

    return call.desk.store.run(read)


def _facility_add(call: Call) -> Document:
    facts: dict[str, object] = {
        "id": call.text("facility"),
        "name": call.maybe("name") or call.text("facility"),
        "at": call.desk.clock(),
    }
    try:
        facility = canon.check(facts, Facility)
    except canon.CanonError as cause:
        raise LocalError("admin/not-a-facility", "that is no facility id", remedy="like `registry-seoul`") from cause
    people.add_facility(call.desk, facility)
    return {"facility": facility.id, "name": facility.name}


def _appoint(call: Call) -> Document:
    appointment = people.appoint(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        facility=call.text("facility"),
        person=call.text("person"),
        office=offices((call.maybe("office") or Office.CONTROL_OFFICER.value,))[0],
        until=until(call),
    )
    return {"facility": appointment.facility, "person": appointment.person, "office": appointment.office}


def _accredit(call: Call) -> Document:
    accreditation = people.accredit_channel(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        channel=call.text("channel"),
        number=call.text("number"),
        level=call.text("level"),
        until=until(call),
    )
    return {"channel": accreditation.channel, "number": accreditation.number, "level": accreditation.level}


def _facilities(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "facilities": [
                {
                    "facility": facility.id,
                    "name": facility.name,
                    "appointments": [canon.plain(a) for a in tx.every(Appointment, facility=facility.id)],
                }
                for facility in tx.every(Facility)
            ],
            "channels": [canon.plain(channel) for channel in tx.every(ChannelAccreditation)],
        }

    return call.desk.store.run(read)


COMMANDS = (
    Command(
        name="person add",
        help="enter a person; their passphrase comes by --person-passphrase-fd",
        run=_add,
        params=(
            PERSON,
            Param(name="name", help="full name; stays inside this node"),
            Param(name="rank", help="rank or post; gives nothing"),
            Param(name="office", help="office held at the node; repeatable", many=True),
            Param(name="nationality", help="nationality; repeatable; ours if left out", many=True),
            Param(name="employer", help="who employs the person"),
            Param(name="not_official", kind="flag", help="the person is no government official"),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="person clear",
        help="record a clearance",
        run=_clear,
        params=(
            PERSON,
            Param(name="level", help="highest level, id or mark", required=True),
            Param(name="basis", help="reference to the decision, never the file", required=True),
            UNTIL,
            Param(name="review", help="date of the next review; the end if left out"),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="person duty",
        help="record that a person's duty needs an item, or every item of a purpose",
        run=_duty,
        params=(PERSON, Param(name="item", help="item id"), Param(name="purpose", help="purpose code"), UNTIL),
        acts=True,
        keys=False,
    ),
    Command(
        name="person roster",
        help="enter a person on a facility's registry of persons",
        run=_roster,
        params=(
            PERSON,
            Param(name="facility", help="facility id", required=True),
            Param(name="instrument", help="instrument id", required=True),
            Param(name="level", help="highest level, id or mark", required=True),
            UNTIL,
        ),
        acts=True,
        keys=False,
    ),
    Command(name="person list", help="the people of this node", run=_people, keys=False),
    Command(
        name="facility add",
        help="enter a place where items are handled",
        run=_facility_add,
        params=(
            Param(name="facility", help="short name", positional=True, required=True),
            Param(name="name", help="full name"),
        ),
        keys=False,
    ),
    Command(
        name="facility appoint",
        help="name the official who answers for a facility",
        run=_appoint,
        params=(
            Param(name="facility", help="facility id", positional=True, required=True),
            Param(name="person", help="who", required=True),
            Param(name="office", help="control-officer if left out"),
            UNTIL,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="facility accredit",
        help="accredit the channel to a partner up to a level",
        run=_accredit,
        params=(
            Param(name="channel", help="the partner's code", positional=True, required=True),
            Param(name="number", help="accreditation number", required=True),
            Param(name="level", help="highest level, id or mark", required=True),
            UNTIL,
        ),
        acts=True,
        keys=False,
    ),
    Command(name="facility list", help="facilities, appointments, channels", run=_facilities, keys=False),
)
