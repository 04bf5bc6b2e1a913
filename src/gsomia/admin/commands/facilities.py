"""`facility`: where items are handled, who answers for it, and up to which level it and the channels are accredited."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.admin.commands.people import END, FROM, UNTIL, clearance_now, entries, offices, start, until
from gsomia.errors import LocalError
from gsomia.flows import leaving, officers, people, vouch
from gsomia.flows.ports import Tx
from gsomia.flows.tenure import L, principals_of, site_of
from gsomia.ids import FacilityId, PersonId
from gsomia.instants import Instant, read_instant
from gsomia.parties import Appointment, Facility, Office
from gsomia.registry import ChannelAccreditation, FacilityAccreditation, RosterLine


def _add(call: Call) -> Document:
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
    actor = call.actor(Office.SECURITY_OFFICER)
    facility, person = call.text("facility"), call.text("person")
    office = offices((call.maybe("office") or Office.CONTROL_OFFICER.value,))[0]
    if call.maybe("end"):
        leaving.end_appointment(call.desk, actor, facility=facility, person=person, office=office)
        return {"facility": facility, "person": person, "office": office, "ended": True}
    if call.maybe("deputy"):
        made = officers.appoint_deputy(
            call.desk, actor, facility=facility, person=person, until=until(call), start=start(call)
        )
    else:
        made = officers.appoint(
            call.desk,
            actor,
            facility=facility,
            person=person,
            office=office,
            until=until(call),
            start=start(call),
            emergency=call.maybe("emergency"),
        )
    return {"facility": made.facility, "person": made.person, "office": made.office, "deputy": made.deputy}


def _accredit(call: Call) -> Document:
    where = call.text("where")
    return _accredit_channel(call) if where.isupper() else _accredit_facility(call)


def _accredit_channel(call: Call) -> Document:
    accreditation = people.accredit_channel(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        channel=check_word("channel", call.text("where")),
        number=call.text("number"),
        level=call.text("level"),
        until=until(call),
    )
    return {"channel": accreditation.channel, "number": accreditation.number, "level": accreditation.level}


def _accredit_facility(call: Call) -> Document:
    facility = check_word("facility", call.text("where"))
    review = call.maybe("review")
    if review is None:
        raise LocalError(
            "admin/no-review", "a facility's accreditation has a next review", remedy="pass `--review DATE`"
        )
    accreditation = vouch.accredit_facility(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        facility=facility,
        number=call.text("number"),
        level=call.text("level"),
        review_at=read_instant(review),
    )
    return {
        "facility": accreditation.facility,
        "number": accreditation.number,
        "level": accreditation.level,
        "review": str(accreditation.review_at),
    }


def _facilities(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        return {
            "facilities": [
                {
                    "facility": facility.id,
                    "name": facility.name,
                    "accreditation": _accreditation(tx, call, facility.id, now),
                    "control_officers": list(principals_of(tx, facility.id, now=now)),
                    "muster_due": _due(officers.muster_due(tx, facility.id)),
                    "appointments": _lines(
                        tx,
                        Appointment,
                        [a.person for a in tx.every(Appointment, facility=facility.id)],
                        facility.id,
                        now,
                    ),
                    "roster": _roster(tx, facility.id, now),
                }
                for facility in tx.every(Facility)
            ],
            "channels": [
                {**canon.plain(channel), "holds": channel.valid.covers(now)}
                for channel in tx.every(ChannelAccreditation)
            ],
        }

    return call.desk.store.run(read)


def _due(forced: officers.ForcedChange | None) -> Document | None:
    """That a full muster is due at once: who came without one, when and why."""
    if forced is None:
        return None
    return {"person": forced.person, "reason": forced.reason, "since": str(forced.at)}


def _accreditation(tx: Tx, call: Call, facility: FacilityId, now: Instant) -> Document | None:
    known, site = tx.latest(FacilityAccreditation, facility=facility), site_of(tx, call.desk, facility)
    if known is None or site is None:
        return None
    return {**canon.plain(known), "standing": "valid" if now < site.review_at else "review-due"}


def _roster(tx: Tx, facility: FacilityId, now: Instant) -> list[Document]:
    """The registry of persons of a facility, with how each one's clearance stands (F-06)."""
    persons = [line.person for line in tx.every(RosterLine, facility=facility)]
    lines = _lines(tx, RosterLine, persons, facility, now)
    return [{**line, "clearance": _cleared(tx, line["person"], now)} for line in lines]


def _cleared(tx: Tx, person: PersonId, now: Instant) -> Document | None:
    clearance = clearance_now(tx, person, now=now)
    return clearance and {name: clearance[name] for name in ("classifications", "valid", "standing")}


def _lines(tx: Tx, kind: type[L], persons: list[PersonId], facility: FacilityId, now: Instant) -> list[Document]:
    found = [line for person in dict.fromkeys(persons) for line in entries(tx, kind, person, now=now)]
    return [line for line in found if line["facility"] == facility]


COMMANDS = (
    Command(
        name="facility add",
        help="enter a place where items are handled",
        run=_add,
        params=(
            Param(name="facility", help="short name", positional=True, required=True),
            Param(name="name", help="full name"),
        ),
        keys=False,
    ),
    Command(
        name="facility appoint",
        help="name the official who answers for a facility, or who stands in for them",
        run=_appoint,
        params=(
            Param(name="facility", help="facility id", positional=True, required=True),
            Param(name="person", help="who", required=True),
            Param(name="office", help="control-officer if left out"),
            Param(name="emergency", help="why a control officer comes without a muster; one is due at once then"),
            Param(name="deputy", kind="flag", help="as deputy of the control officer"),
            FROM,
            UNTIL,
            END,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="facility accredit",
        help="accredit a facility, by its short name, or the channel to a partner, by its code, up to a level",
        run=_accredit,
        params=(
            Param(name="where", help="facility id, or the partner's code", positional=True, required=True),
            Param(name="number", help="accreditation number", required=True),
            Param(name="level", help="highest level, id or mark", required=True),
            Param(name="review", help="of a facility: date of the next review, past which it stops"),
            UNTIL,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="facility list",
        help="facilities with officers, rosters and accreditation as they stand today; channels",
        run=_facilities,
        keys=False,
    ),
)
