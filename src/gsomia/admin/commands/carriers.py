"""`package courier`, `declare`, `plan`, `hands`: who carries a package, and under which watch."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.packages import NUMBER, SEALS
from gsomia.errors import LocalError
from gsomia.flows import couriers
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.registry import MOST_SEALS, JourneyMoment

STOP = Param(name="stop", help="a stop of the journey; repeatable", many=True, required=True)
CUSTOMS = Param(name="customs", help="the note for the customs of each border", required=True)
CARRIERS = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER, Office.READER)


def _courier(call: Call) -> Document:
    done = couriers.certify_courier(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        call.text("package"),
        courier=call.text("person"),
        passport=call.text("passport"),
        ceiling=call.text("level"),
        urgency=call.text("urgency"),
        stops=call.few("stop", most=32),
        carriers=call.few("carrier", most=32),
        customs=call.text("customs"),
        until=read_instant(call.text("until")),
    )
    return {"certificate": done.number, "package": done.package, "courier": done.courier}


def _declare(call: Call) -> Document:
    before, after = bool(call.maybe("before")), bool(call.maybe("after"))
    if before == after:
        raise LocalError(
            "admin/before-or-after", "a courier declares before or after", remedy="pass `--before` or `--after`"
        )
    done = couriers.declare(
        call.desk,
        call.actor(*CARRIERS),
        call.text("package"),
        moment=JourneyMoment.BEFORE if before else JourneyMoment.AFTER,
        seals=call.few("seal", most=MOST_SEALS),
    )
    return {"certificate": done.number, "moment": done.moment, "at": str(done.at)}


def _plan(call: Call) -> Document:
    plan = couriers.plan_shipment(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        call.text("package"),
        vehicle=call.text("vehicle"),
        seals=call.few("seal", most=MOST_SEALS),
        escorts=call.few("escort", most=32),
        stops=call.few("stop", most=32),
        notice=call.text("notice"),
        customs=call.text("customs"),
    )
    document: Document = canon.plain(plan)
    return document


def _hands(call: Call) -> Document:
    done = couriers.change_hands(
        call.desk,
        call.actor(*CARRIERS),
        call.text("package"),
        giver=call.text("giver"),
        taker=call.text("taker"),
        place=call.text("where"),
        seals=call.few("seal", most=MOST_SEALS),
    )
    chain = call.desk.store.run(lambda tx: couriers.changes_of_hands(tx, call.text("package")))
    return {
        "package": done.package,
        "receipt": canon.digest(done),
        "chain": [{"from": one.act.body.giver, "to": one.taker, "place": one.act.body.place} for one in chain],
    }


COMMANDS = (
    Command(
        name="package courier",
        help="certify a courier for one package and one journey; never for the top level",
        run=_courier,
        params=(
            NUMBER,
            Param(name="person", help="the courier", required=True),
            Param(name="passport", help="number of the passport", required=True),
            Param(name="level", help="the highest level the courier may carry", required=True),
            Param(name="urgency", help="why no other way would do", required=True),
            STOP,
            Param(name="carrier", help="flight, train or vehicle; repeatable", many=True, required=True),
            CUSTOMS,
            Param(name="until", help="until when", required=True),
        ),
        acts=True,
    ),
    Command(
        name="package declare",
        help="the courier's declaration, before the journey and after it",
        run=_declare,
        params=(
            NUMBER,
            Param(name="before", kind="flag", help="the duties are known"),
            Param(name="after", kind="flag", help="nothing happened on the way"),
            SEALS,
        ),
        acts=True,
    ),
    Command(
        name="package plan",
        help="enter how equipment travels: vehicle, seals, escorts, stops, notice of consignment",
        run=_plan,
        params=(
            NUMBER,
            Param(name="vehicle", help="its number", required=True),
            SEALS,
            Param(name="escort", help="who watches it; repeatable", many=True, required=True),
            STOP,
            Param(name="notice", help="number of the notice of consignment", required=True),
            CUSTOMS,
        ),
        acts=True,
    ),
    Command(
        name="package hands",
        help="the receipt each time equipment changes hands; a gap marks an incident",
        run=_hands,
        params=(
            NUMBER,
            Param(name="giver", help="who gives it: our code at the start", required=True),
            Param(name="taker", help="who takes it: the recipient's code at the end", required=True),
            Param(name="where", help="at which place", required=True),
            SEALS,
        ),
        acts=True,
    ),
)
