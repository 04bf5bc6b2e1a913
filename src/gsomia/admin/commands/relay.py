"""`relay` and `route`: whom we believe through a hub, what the hub passes on, what came of it, and which way to go."""

from gsomia import canon
from gsomia.admin.awaited import Awaited
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.agreements import read_small
from gsomia.admin.commands.decisions import ITEM
from gsomia.admin.commands.deliveries import WAIT, await_proof
from gsomia.errors import LocalError
from gsomia.exchange import NoticeKind
from gsomia.flows.chain import CHAIN_OFFICES, say_notice
from gsomia.flows.introduce import confirm_originator, introduce
from gsomia.flows.ports import Tx
from gsomia.flows.relay import relay_item
from gsomia.flows.relay_chain import chain_of
from gsomia.flows.relay_facts import route_facts
from gsomia.flows.relay_records import IntroductionRecord, OriginatorConfirmed
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.policy import decide_route


def _introduce(call: Call) -> Document:
    digest = introduce(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        read_small(call.text("file")),
        to=call.text("to"),
        feeder=call.text("feeder"),
    )
    return {"introduction": digest, "to": call.text("to")}


def _confirm(call: Call) -> Document:
    confirmed = confirm_originator(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        call.text("originator"),
        fingerprint=call.text("fingerprint"),
    )
    return {"originator": confirmed.originator, "fingerprint": confirmed.fingerprint, "confirmed": True}


def _originators(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        found = []
        for one in tx.every(IntroductionRecord):
            confirmed = tx.latest(OriginatorConfirmed, originator=one.originator)
            found.append(
                {
                    "originator": one.originator,
                    "hub": one.hub,
                    "direction": one.direction,
                    "fingerprint": one.fingerprint,
                    "descriptor": one.number,
                    "at": str(one.at),
                    "confirmed": confirmed is not None and confirmed.fingerprint == one.fingerprint,
                }
            )
        return {"originators": found}

    return call.desk.store.run(read)


def _forward(call: Call) -> Awaited:
    relayed = relay_item(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        call.text("item"),
        to=call.text("to"),
        authority=call.maybe("authority"),
    )
    return await_proof(call, relayed)


def _show(call: Call) -> Document:
    item = call.text("item")

    def read(tx: Tx) -> Document:
        chain = chain_of(tx, call.desk, item)
        return {
            "item": item,
            "legs": [canon.plain(leg) for leg in chain.legs],
            "arrivals": [
                {"from": one.sender, "delivery": one.consignment, "at": str(one.at), "index": one.log_index}
                for one in chain.arrivals
            ],
            "notices": [
                {
                    "notice": one.notice_digest,
                    "author": one.author,
                    "to": one.to,
                    "kind": one.notice.kind,
                    "at": str(one.at),
                }
                for one in chain.notices
            ],
        }

    return call.desk.store.run(read)


def _notice(call: Call) -> Document:
    try:
        kind = NoticeKind(call.text("kind"))
    except ValueError as cause:
        raise LocalError(
            "admin/unknown-notice",
            f"`{call.text('kind')[:40]}` is no kind of notice",
            remedy="one of " + ", ".join(NoticeKind),
        ) from cause
    digest = say_notice(
        call.desk,
        call.actor(*CHAIN_OFFICES),
        call.text("item"),
        to=call.text("to"),
        kind=kind,
        body=read_small(call.text("file")),
    )
    return {"notice": digest, "item": call.text("item"), "to": call.text("to"), "kind": kind}


def _route(call: Call) -> Document:
    item, asked = call.text("item"), call.maybe("at")

    def read(tx: Tx) -> Document:
        at = read_instant(asked) if asked else call.desk.clock()
        facts = route_facts(tx, call.desk, item, to=call.text("to"), at=at)
        routes = decide_route(facts)
        return {
            "item": item,
            "to": call.text("to"),
            "at": str(at),
            "recommended": routes.recommended,
            "routes": [canon.plain(answer) for answer in routes.answers],
            "rules_version": routes.rules_version,
            "facts": canon.plain(facts),
        }

    return call.desk.store.run(read)


TO = Param(name="to", help="the party at the other end", required=True)
COMMANDS = (
    Command(
        name="relay introduce",
        help="as hub, introduce an originator's keys to the party at the other end",
        run=_introduce,
        params=(
            Param(name="file", kind="path", help="the originator's pin file", positional=True, required=True),
            TO,
            Param(name="feeder", help="our agreement with that party", required=True),
        ),
        acts=True,
    ),
    Command(
        name="relay confirm",
        help="believe an introduced originator, whose fingerprint was compared over another channel than the hub's",
        run=_confirm,
        params=(
            Param(name="originator", help="its code", positional=True, required=True),
            Param(name="fingerprint", help="as the originator says it", required=True),
        ),
        acts=True,
    ),
    Command(name="relay originators", help="originators introduced and confirmed", run=_originators, keys=False),
    Command(
        name="relay forward",
        help="as hub, pass an item on: its content key is wrapped again, nothing is opened",
        run=_forward,
        params=(
            ITEM,
            TO,
            Param(name="authority", help="on behalf of which competent authority; the lead one if left out"),
            WAIT,
        ),
        acts=True,
    ),
    Command(
        name="relay show",
        help="an item's way over a hub: custody of three, delay, and how long it lay there",
        run=_show,
        params=(ITEM,),
        keys=False,
    ),
    Command(
        name="relay notice",
        help="tell the party at the other end something about a relayed item, through the hub",
        run=_notice,
        params=(
            ITEM,
            TO,
            Param(name="kind", help="one of " + ", ".join(NoticeKind), required=True),
            Param(name="file", kind="path", help="what it says, as its own rules spell it", required=True),
        ),
        acts=True,
    ),
    Command(
        name="route",
        help="the lawful ways of an item to a party on a day, with reasons, and the one to take by default",
        run=_route,
        params=(ITEM, TO, Param(name="at", help="that date or time; now if left out")),
        keys=False,
    ),
)
