"""`person`: who may act, who is cleared, whose duty needs what, and how each of it ends."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.flows import leaving, people, vouch
from gsomia.flows.ports import Tx
from gsomia.flows.tenure import L, clearance_of, entries_of, has_left
from gsomia.ids import PersonId
from gsomia.instants import Instant, Validity, read_instant
from gsomia.labels import ClearanceStatus, clearance_upto
from gsomia.parties import Office, Person
from gsomia.registry import ClearanceGrant, DutyGrant, NationalityConsent, RosterLine

PERSON = Param(name="person", help="short name of the person", positional=True, required=True)
UNTIL = Param(name="until", help="date or time from which it no longer holds")
FROM = Param(name="from", help="date or time from which it holds; now if left out")
END = Param(name="end", kind="flag", help="end what holds of it, now")
BASIS = Param(name="basis", help="reference to the decision, never the file", required=True)


def until(call: Call) -> Instant | None:
    """The `--until` of a command."""
    text = call.maybe("until")
    return read_instant(text) if text else None


def start(call: Call) -> Instant | None:
    """The `--from` of a command."""
    text = call.maybe("from")
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
        "employer_country": call.maybe("employer_country") or call.desk.party,
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
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        person=call.text("person"),
        clearance=clearance,
        authority=call.maybe("authority"),
    )
    return {"person": grant.person, "level": call.text("level"), "until": str(end), "authority": grant.authority}


def _suspend(call: Call) -> Document:
    return _change(call, ClearanceStatus.SUSPENDED)


def _withdraw(call: Call) -> Document:
    return _change(call, ClearanceStatus.WITHDRAWN)


def _restore(call: Call) -> Document:
    return _change(call, ClearanceStatus.ACTIVE)


def _change(call: Call, status: ClearanceStatus) -> Document:
    change = leaving.change_clearance(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        person=call.text("person"),
        status=status,
        basis=call.text("basis"),
    )
    return {"person": change.person, "clearance": _clearance(call, change.person)}


def _agree(call: Call) -> Document:
    agreed = vouch.agree_to_person(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        person=call.text("person"),
        originator=call.text("originator"),
        item=call.maybe("item"),
        purpose=call.maybe("purpose"),
        number=call.text("document"),
        until=until(call),
    )
    return {"person": agreed.person, "originator": agreed.originator, "item": agreed.item, "purpose": agreed.purpose}


def _duty(call: Call) -> Document:
    actor = call.actor(Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)
    person, item, purpose = call.text("person"), call.maybe("item"), call.maybe("purpose")
    if call.maybe("end"):
        leaving.end_duty(call.desk, actor, person=person, item=item, purpose=purpose)
        return {"person": person, "item": item, "purpose": purpose, "ended": True}
    grant = people.grant_duty(
        call.desk, actor, person=person, item=item, purpose=purpose, until=until(call), start=start(call)
    )
    return {"person": grant.person, "item": grant.item, "purpose": grant.purpose}


def _roster(call: Call) -> Document:
    actor = call.actor(Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)
    facility, person, instrument = call.text("facility"), call.text("person"), call.text("instrument")
    if call.maybe("end"):
        leaving.end_roster_line(call.desk, actor, facility=facility, person=person, instrument=instrument)
        return {"facility": facility, "person": person, "instrument": instrument, "ended": True}
    if call.maybe("level") is None:
        raise LocalError("admin/no-level", "a roster line has a highest level", remedy="pass `--level LEVEL`")
    line = people.put_on_roster(
        call.desk,
        actor,
        facility=facility,
        person=person,
        instrument=instrument,
        level=call.text("level"),
        until=until(call),
        start=start(call),
    )
    return {"facility": line.facility, "person": line.person, "instrument": line.instrument, "level": line.level}


def _leave(call: Call) -> Document:
    departure = leaving.leave(call.desk, call.actor(Office.SECURITY_OFFICER), person=call.text("person"))
    return {"person": departure.person, "left": str(departure.at)}


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
                    "employer": {
                        "name": person.employer,
                        "country": person.employer_country,
                        "agreed_to": [canon.plain(one) for one in tx.every(NationalityConsent, person=person.id)],
                    },
                    "standing": _standing(tx, person.id, now=call.desk.clock()),
                    "clearance": clearance_now(tx, person.id, now=call.desk.clock()),
                    "duties": entries(tx, DutyGrant, person.id, now=call.desk.clock()),
                    "roster": entries(tx, RosterLine, person.id, now=call.desk.clock()),
                }
                for person in {one.id: one for one in tx.every(Person)}.values()
            ]
        }

    return call.desk.store.run(read)


def _standing(tx: Tx, person: PersonId, *, now: Instant) -> str:
    clearance = clearance_of(tx, person)
    return "left" if has_left(tx, person) else clearance.standing(now) if clearance else "none"


def _clearance(call: Call, person: PersonId) -> Document | None:
    return call.desk.store.run(lambda tx: clearance_now(tx, person, now=call.desk.clock()))


def clearance_now(tx: Tx, person: PersonId, *, now: Instant) -> Document | None:
    """A person's clearance with its standing today."""
    clearance, grant = clearance_of(tx, person), tx.latest(ClearanceGrant, person=person)
    if clearance is None or grant is None:
        return None
    return {**canon.plain(clearance), "authority": grant.authority, "standing": clearance.standing(now)}


def entries(tx: Tx, kind: type[L], person: PersonId, *, now: Instant) -> list[Document]:
    """A person's entries of a kind, with any end counted, and whether each holds today."""
    return [
        {**canon.plain(held.line), "valid": canon.plain(held.valid), "holds": held.valid.covers(now)}
        for held in entries_of(tx, kind, person)
    ]


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
            Param(name="employer_country", help="country of the employer; ours if left out"),
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
            BASIS,
            UNTIL,
            Param(name="review", help="date of the next review; the end if left out"),
            Param(name="authority", help="the body that decided; our own government if left out"),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="person suspend",
        help="suspend a clearance; what its holder has open stops at once",
        run=_suspend,
        params=(PERSON, BASIS),
        acts=True,
        keys=False,
    ),
    Command(
        name="person withdraw",
        help="withdraw a clearance for good; what its holder has open stops at once",
        run=_withdraw,
        params=(PERSON, BASIS),
        acts=True,
        keys=False,
    ),
    Command(
        name="person restore",
        help="restore a clearance that was suspended",
        run=_restore,
        params=(PERSON, BASIS),
        acts=True,
        keys=False,
    ),
    Command(
        name="person agree",
        help="record an originator's written agreement to a person of a third nationality or employer",
        run=_agree,
        params=(
            PERSON,
            Param(name="originator", help="whose items", required=True),
            Param(name="document", help="number of its signed document", required=True),
            Param(name="item", help="item id"),
            Param(name="purpose", help="purpose code"),
            UNTIL,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="person duty",
        help="record that a person's duty needs an item, or every item of a purpose",
        run=_duty,
        params=(
            PERSON,
            Param(name="item", help="item id"),
            Param(name="purpose", help="purpose code"),
            FROM,
            UNTIL,
            END,
        ),
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
            Param(name="level", help="highest level, id or mark"),
            FROM,
            UNTIL,
            END,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="person leave",
        help="record that a person left, once nothing is in their charge; ends all they held, their key included",
        run=_leave,
        params=(PERSON,),
        acts=True,
        keys=False,
    ),
    Command(name="person list", help="the people of this node, and how they stand today", run=_people, keys=False),
)
