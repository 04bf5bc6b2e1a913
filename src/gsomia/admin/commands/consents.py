"""`consent`: asked by a holder; granted, denied and withdrawn by the originator."""

from typing import Any

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.agreements import write_new
from gsomia.admin.commands.dealings import UNTIL, until
from gsomia.agreements import DenialCode
from gsomia.errors import LocalError
from gsomia.flows import consents
from gsomia.flows.consent_history import consent_history
from gsomia.flows.facts import is_withdrawn
from gsomia.flows.ports import Tx
from gsomia.flows.records import ConsentRecord
from gsomia.flows.relay_records import ConsentAsked, ConsentDenied
from gsomia.parties import Office

TO = Param(name="to", help="the third party", required=True)
INSTRUMENT = Param(name="instrument", help="what it would go on under: with the third party, or a relay", required=True)


def _grant(call: Call) -> Document:
    actor = call.actor(Office.RELEASING_AUTHORITY)
    item, topic = call.maybe("item"), call.maybe("topic")
    if (item is None) == (topic is None):
        raise LocalError(
            "admin/item-or-topic", "a consent is for one item, or standing for a topic", remedy="give one of both"
        )
    if item is not None:
        statement = consents.grant_consent(
            call.desk,
            actor,
            item=item,
            holder=call.text("holder"),
            recipient=call.text("to"),
            manifest=_given(call, "manifest"),
            instrument=call.text("instrument"),
            purpose=call.text("purpose"),
            until=until(call),
        )
    else:
        statement = consents.grant_standing(
            call.desk,
            actor,
            topic=_given(call, "topic"),
            level=_given(call, "level"),
            holder=call.text("holder"),
            recipient=call.text("to"),
            instrument=call.text("instrument"),
            purpose=call.text("purpose"),
            until=until(call),
        )
    out = call.maybe("out")
    if out:
        write_new(out, statement.envelope)
    return {"consent": statement.digest, "serial": statement.value.body.serial, "file": out}


def _given(call: Call, name: str) -> Any:  # noqa: ANN401  `check_args` proved its type
    value = call.maybe(name)
    if value is None:
        raise LocalError("admin/wrong-use", f"`{name}` is missing", remedy="see `gsomia consent grant --help`")
    return value


def _withdraw(call: Call) -> Document:
    digest = call.text("consent_digest")
    consent = consents.withdraw_consent(call.desk, call.actor(Office.RELEASING_AUTHORITY), digest)
    return {"consent": digest, "serial": consent.serial, "withdrawn": True}


def _request(call: Call) -> Document:
    digest = consents.request_consent(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        item=call.text("item"),
        recipient=call.text("to"),
        instrument=call.text("instrument"),
    )
    return {"request": digest, "item": call.text("item"), "to": call.text("to")}


def _deny(call: Call) -> Document:
    named = call.maybe("code")
    if named is not None and named not in set(DenialCode):
        raise LocalError(
            "admin/unknown-denial-code", "there is no such code", remedy="one of: " + ", ".join(DenialCode)
        )
    code = DenialCode(named) if named is not None else None
    actor = call.actor(Office.RELEASING_AUTHORITY)
    asked = consents.deny_consent(call.desk, actor, call.text("request"), code=code)
    return {"request": call.text("request"), "item": asked.item, "denied": True, "code": code}


def _show(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        subject, lines = consent_history(tx, call.desk, call.text("consent_digest"))
        return {**canon.plain(subject), "history": [canon.plain(line) for line in lines]}

    return call.desk.store.run(read)


def _list(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "consents": [
                {
                    "consent": record.digest,
                    **canon.plain(record.consent),
                    "withdrawn": is_withdrawn(tx, record.consent),
                }
                for record in tx.every(ConsentRecord)
            ],
            "requests": [
                {
                    "request": record.request,
                    **canon.plain(record.asked),
                    "denied": (denied := tx.latest(ConsentDenied, request=record.request)) is not None,
                    "code": denied.code if denied else None,
                }
                for record in tx.every(ConsentAsked)
            ],
        }

    return call.desk.store.run(read)


COMMANDS = (
    Command(
        name="consent request",
        help="ask the originator of an item we hold; silence is no",
        run=_request,
        params=(Param(name="item", help="item id", positional=True, required=True), TO, INSTRUMENT),
        acts=True,
    ),
    Command(
        name="consent grant",
        help="consent, as originator, that a partner passes on an item, or every item of a topic at a level",
        run=_grant,
        params=(
            Param(name="item", help="item id; or `--topic` and `--level`", positional=True),
            Param(name="holder", help="who holds it", required=True),
            TO,
            Param(name="manifest", help="digest of the manifest the item was released under"),
            Param(name="topic", help="topic of a standing consent"),
            Param(name="level", help="our level of a standing consent"),
            INSTRUMENT,
            Param(name="purpose", help="purpose code", required=True),
            UNTIL,
            Param(name="out", kind="path", help="file to write the signed consent to"),
        ),
        acts=True,
    ),
    Command(
        name="consent deny",
        help="say no, as originator, to a request",
        run=_deny,
        params=(
            Param(name="request", help="its digest", positional=True, required=True),
            Param(name="code", help="the term that is not agreed to: one of " + ", ".join(DenialCode)),
        ),
        acts=True,
    ),
    Command(
        name="consent withdraw",
        help="take a consent back: nothing more goes on under it",
        run=_withdraw,
        params=(Param(name="consent_digest", help="its digest", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="consent show",
        help="the history of a consent or request as both sides have it: asked, answered, used, withdrawn, ended",
        run=_show,
        params=(Param(name="consent_digest", help="its digest, or the request's", positional=True, required=True),),
        keys=False,
    ),
    Command(name="consent list", help="consents and requests, given and received", run=_list, keys=False),
)
