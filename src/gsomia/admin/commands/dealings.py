"""`assurance` and `consent`: what one side assures, what an originator allows."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.agreements import write_new
from gsomia.errors import LocalError
from gsomia.flows import assure
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AssuranceRecord, ConsentRecord
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office

UNTIL = Param(name="until", help="date or time from which it no longer holds", required=True)


def _number(call: Call, name: str, default: int) -> int:
    value = call.args.get(name)
    return default if value is None else int(value)


def _until(call: Call) -> Instant:
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
        until=_until(call),
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


def _grant(call: Call) -> Document:
    statement = assure.grant_consent(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        item=call.text("item"),
        holder=call.text("holder"),
        recipient=call.text("to"),
        manifest=call.text("manifest"),
        instrument=call.text("instrument"),
        purpose=call.text("purpose"),
        until=_until(call),
    )
    out = call.maybe("out")
    if out:
        write_new(out, statement.envelope)
    return {"consent": statement.digest, "serial": statement.value.body.serial, "file": out}


def _consents(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "consents": [
                {"consent": record.digest, **canon.plain(record.consent)} for record in tx.every(ConsentRecord)
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
    Command(
        name="consent grant",
        help="consent, as originator, that a partner passes an item on to a third party",
        run=_grant,
        params=(
            Param(name="item", help="item id", positional=True, required=True),
            Param(name="holder", help="who holds it", required=True),
            Param(name="to", help="the third party", required=True),
            Param(name="manifest", help="digest of the manifest it was released under", required=True),
            Param(name="instrument", help="instrument between holder and third party", required=True),
            Param(name="purpose", help="purpose code", required=True),
            UNTIL,
            Param(name="out", kind="path", help="file to write the signed consent to"),
        ),
        acts=True,
    ),
    Command(name="consent list", help="consents given and received", run=_consents, keys=False),
)
