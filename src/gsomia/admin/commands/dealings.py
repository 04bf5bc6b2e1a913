"""`assurance`: what one side assures the other before anything is provided, and what becomes of it."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.exchange import RETENTION_DAYS, AssurancePerson
from gsomia.flows import assure, assured_persons
from gsomia.flows.facts import answer_about
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AssuranceRecord, RefusalRecord
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office
from gsomia.policy import AssuranceStanding

UNTIL = Param(name="until", help="date or time from which it no longer holds", required=True)


def _number(call: Call, name: str, default: int) -> int:
    value = call.args.get(name)
    return default if value is None else int(value)


def until(call: Call) -> Instant:
    """The end that `--until` gives; it lies ahead.

    Raises:
        LocalError: it does not.
    """
    end = read_instant(call.text("until"))
    if end <= call.desk.clock():
        raise LocalError("admin/ends-before-it-begins", "`--until` lies in the past", remedy="give a later day")
    return end


def _give(call: Call) -> Document:
    digest = assure.give_assurance(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        to=call.text("to"),
        instrument=call.text("instrument"),
        authority=call.text("authority"),
        persons=_number(call, "persons", 1),
        level=call.text("level"),
        purpose=call.text("purpose"),
        until=until(call),
        replaces=call.maybe("renews"),
    )
    return {"assurance": digest, "to": call.text("to"), "level": call.text("level"), "purpose": call.text("purpose")}


def _acknowledge(call: Call) -> Document:
    digest = call.text("assurance")
    assure.acknowledge(call.desk, call.actor(Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER), digest)
    return {"assurance": digest, "acknowledged": True}


def _withdraw(call: Call) -> Document:
    digest = call.text("assurance")
    assure.withdraw_assurance(call.desk, call.actor(Office.SECURITY_OFFICER), digest)
    return {"assurance": digest, "withdrawn": True}


def _name(call: Call) -> Document:
    made = assured_persons.name_person(
        call.desk, call.actor(Office.SECURITY_OFFICER), call.text("assurance"), call.text("person")
    )
    return {"assurance": made.assurance, "person_number": made.number, "name": made.name}


def _decline(call: Call) -> Document:
    return _answer(call, declined=True)


def _accept(call: Call) -> Document:
    return _answer(call, declined=False)


def _answer(call: Call, *, declined: bool) -> Document:
    made = assured_persons.answer_person(
        call.desk,
        call.actor(*assured_persons.ANSWERING),
        call.text("assurance"),
        _number(call, "person_number", 0),
        declined=declined,
    )
    return {"assurance": made.assurance, "person_number": made.number, "declined": made.declined}


def _assurances(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        return {"assurances": [_line(tx, record, now) for record in tx.every(AssuranceRecord)]}

    return call.desk.store.run(read)


def _line(tx: Tx, record: AssuranceRecord, now: Instant) -> Document:
    stands, answers = assure.standing_of(tx, record, now=now), assured_persons.persons_named(tx, record)
    refusal = tx.latest(RefusalRecord, subject=record.digest)
    return {
        "assurance": record.digest,
        "party": record.party,
        "to": record.assurance.to,
        "instrument": record.instrument,
        "level": record.assurance.level,
        "purpose": record.assurance.purpose,
        "persons": record.assurance.persons,
        "until": str(record.assurance.valid.until),
        "renews": record.assurance.replaces or None,
        "acknowledged": tx.latest(AcknowledgementRecord, assurance=record.digest) is not None,
        "state": stands,
        "refused": refusal.code if refusal else None,
        "remedy": _remedy(record, stands),
        "declined": [one.named.number for one in answers if _is_declined(tx, one)],
    }


def _remedy(record: AssuranceRecord, stands: AssuranceStanding) -> str | None:
    if stands is AssuranceStanding.GIVEN:
        return f"{record.assurance.to} acknowledges it: `gsomia assurance acknowledge {record.digest}`"
    if stands in {AssuranceStanding.EXPIRED, AssuranceStanding.WITHDRAWN}:
        return f"{record.assurance.to} asks {record.party} for a new one: {assure.ASK_AGAIN}"
    return None


def _is_declined(tx: Tx, named: AssurancePerson) -> bool:
    answer = answer_about(tx, named)
    return answer is not None and answer.declined


def _show(call: Call) -> Document:
    digest, now = call.text("assurance"), call.desk.clock()

    def read(tx: Tx) -> Document:
        record = assured_persons.get_assurance(tx, digest)
        until = record.assurance.valid.until
        past = until is not None and until.plus(days=RETENTION_DAYS) <= now
        return {
            **_line(tx, record, now),
            "named": [
                {
                    "person_number": one.named.number,
                    "name": None if past else one.named.name,
                    "declined": _is_declined(tx, one),
                }
                for one in assured_persons.persons_named(tx, record)
            ],
        }

    return call.desk.store.run(read)


ASSURANCE = Param(name="assurance", help="its digest", positional=True, required=True)
NUMBER = Param(name="person_number", kind="number", help="the number they were put forward under", required=True)
COMMANDS = (
    Command(
        name="assurance give",
        help="assure a partner: cleared persons, official purpose, equivalent protection",
        run=_give,
        params=(
            Param(name="to", help="the partner's code", required=True),
            Param(name="instrument", help="instrument id", required=True),
            Param(name="authority", help="the competent authority that assures", required=True),
            Param(name="level", help="up to which of our levels", required=True),
            Param(name="purpose", help="purpose code", required=True),
            Param(name="persons", kind="number", help="how many persons; 1 if left out"),
            Param(name="renews", help="digest of the one that ends when this one is acknowledged"),
            UNTIL,
        ),
        acts=True,
    ),
    Command(
        name="assurance acknowledge",
        help="acknowledge a partner's assurance",
        run=_acknowledge,
        params=(ASSURANCE,),
        acts=True,
    ),
    Command(
        name="assurance withdraw",
        help="take an assurance of ours back: nothing more is provided on it",
        run=_withdraw,
        params=(ASSURANCE,),
        acts=True,
    ),
    Command(
        name="assurance name",
        help="put one person forward by name under an assurance of ours, where a form needs the name",
        run=_name,
        params=(ASSURANCE, Param(name="person", help="short name of the person", required=True)),
        acts=True,
    ),
    Command(
        name="assurance decline",
        help="decline, as originator, a person put forward to us; no reason crosses",
        run=_decline,
        params=(ASSURANCE, NUMBER),
        acts=True,
    ),
    Command(
        name="assurance accept",
        help="decline a person no longer",
        run=_accept,
        params=(ASSURANCE, NUMBER),
        acts=True,
    ),
    Command(
        name="assurance list",
        help="assurances given and received, how each stands, and what to do about it",
        run=_assurances,
        keys=False,
    ),
    Command(
        name="assurance show",
        help="one assurance, with the persons put forward by name",
        run=_show,
        params=(ASSURANCE,),
        keys=False,
    ),
)
