"""`inventory`: both registers of what went between two parties, compared by proof; minutes that both sign."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.exchange import Minuted
from gsomia.flows import inventory, minutes
from gsomia.flows.inventory import OFFICE
from gsomia.flows.minutes import InventoryNow
from gsomia.ids import HexDigest

NUMBER = Param(name="inventory", help="its number, as `inventory open` printed it", positional=True, required=True)


def _open(call: Call) -> Document:
    made = inventory.open_inventory(call.desk, call.actor(OFFICE), to=call.text("partner"))
    return {**_now(call, made.inventory), "roster": made.digest}


def _draw(call: Call) -> Document:
    made = inventory.draw_roster(call.desk, call.actor(OFFICE), call.text("inventory"))
    return {**_now(call, made.inventory), "roster": made.digest}


def _show(call: Call) -> Document:
    return _now(call, call.text("inventory"))


def _explain(call: Call) -> Document:
    number = call.text("inventory")
    minutes.explain_difference(call.desk, call.actor(OFFICE), number, item=call.text("item"), words=call.text("words"))
    return _now(call, number)


def _sign(call: Call) -> Document:
    rosters: tuple[HexDigest, ...] = tuple(call.word("roster", one) for one in call.many("roster"))
    signed = minutes.sign_minutes(call.desk, call.actor(OFFICE), call.text("inventory"), rosters=rosters)
    return {**_now(call, signed.inventory), "signed_minutes": signed.digest}


def _list(call: Call) -> Document:
    def read_all() -> list[InventoryNow]:
        return call.desk.store.run(lambda tx: list(minutes.list_inventories(tx, call.desk)))

    return {"inventories": [_told(state) for state in read_all()]}


def _now(call: Call, number: str) -> Document:
    return _told(call.desk.store.run(lambda tx: minutes.inventory_now(tx, call.desk, number)))


def _told(state: InventoryNow) -> Document:
    drawn = [one for one in (state.ours, state.theirs) if one is not None]
    return {
        "inventory": state.inventory,
        "partner": state.partner,
        "rosters": {
            one.party: {
                "roster": one.digest,
                "number": one.roster.number,
                "entries": one.roster.entries,
                "root": one.roster.root,
                "log": one.roster.log.origin,
                "log_size": one.roster.log.size,
                "at": str(one.roster.at),
            }
            for one in sorted(drawn, key=lambda one: one.party)
        },
        "comparison": state.comparison,
        "differences": [_line(one) for one in state.minutes.differences] if state.minutes else [],
        "unexplained": len(state.unexplained),
        "minutes": minutes.digest_of_minutes(state),
        "signed": list(state.signed),
        "closed": state.closed,
    }


def _line(one: Minuted) -> Document:
    return {
        "item": one.difference.item,
        "sender": one.difference.sender,
        "kind": one.difference.kind,
        "sides": {
            side.party: {"says": side.says, "number": side.number, "log": side.log, "index": side.index}
            for side in one.difference.sides
        },
        "explained": {said.party: said.words for said in one.explained},
    }


COMMANDS = (
    Command(
        name="inventory open",
        help="begin a joint inventory with a partner: our roster is drawn, signed and said",
        run=_open,
        params=(Param(name="partner", help="with whom", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="inventory draw",
        help="draw our roster of a joint inventory; a later one takes the place of an earlier",
        run=_draw,
        params=(NUMBER,),
        acts=True,
    ),
    Command(
        name="inventory show",
        help="where the two registers differ, with the log entry of either side that shows it",
        run=_show,
        params=(NUMBER,),
        keys=False,
    ),
    Command(
        name="inventory explain",
        help="say why the registers differ over an item; the minutes of both sides have it",
        run=_explain,
        params=(
            NUMBER,
            Param(name="item", help="over which", required=True),
            Param(name="words", help="unclassified; at most 200 characters", required=True),
        ),
        acts=True,
    ),
    Command(
        name="inventory sign",
        help="sign the minutes over the two rosters that lie before you; signed by both sides, they close it",
        run=_sign,
        params=(
            NUMBER,
            Param(name="roster", help="the digest of a roster, as `inventory show` prints it; both", many=True),
        ),
        acts=True,
    ),
    Command(name="inventory list", help="every joint inventory and how it stands", run=_list, keys=False),
)
