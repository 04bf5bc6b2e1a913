"""`assurance`: what one side assures the other before anything is provided."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.flows import assure
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AssuranceRecord
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office

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
    )
    return {"assurance": digest, "to": call.text("to"), "level": call.text("level"), "purpose": call.text("purpose")}


def _acknowledge(call: Call) -> Document:
    digest = call.text("assurance")
    assure.acknowledge(call.desk, call.actor(Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER), digest)
    return {"assurance": digest, "acknowledged": True}


def _assurances(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "assurances": [
                {
                    "assurance": record.digest,
                    "party": record.party,
                    "to": record.assurance.to,
                    "instrument": record.instrument,
                    "level": record.assurance.level,
                    "purpose": record.assurance.purpose,
                    "persons": record.assurance.persons,
                    "until": str(record.assurance.valid.until),
                    "acknowledged": tx.latest(AcknowledgementRecord, assurance=record.digest) is not None,
                }
                for record in tx.every(AssuranceRecord)
            ]
        }

    return call.desk.store.run(read)


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
            UNTIL,
        ),
        acts=True,
    ),
    Command(
        name="assurance acknowledge",
        help="acknowledge a partner's assurance",
        run=_acknowledge,
        params=(Param(name="assurance", help="its digest", positional=True, required=True),),
        acts=True,
    ),
    Command(name="assurance list", help="assurances given and received", run=_assurances, keys=False),
)
