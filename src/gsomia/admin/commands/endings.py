"""How items end: `item destroy`, `item return`, `item take-back`; and `registry balance` with a partner."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.decisions import ITEM
from gsomia.errors import LocalError
from gsomia.flows.balance import InstrumentBalance, balance_with, sign_balance
from gsomia.flows.dispose import destroy_item
from gsomia.flows.give_back import return_item, take_back
from gsomia.flows.search import OF_COPY, OF_ITEM, search_register
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.registry import ItemDestroyed, Method

LIMIT = 100
METHODS = tuple(method for method in Method if method is not Method.STORAGE_KEY)


def _destroy(call: Call) -> Document:
    actor = call.actor(Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
    done = destroy_item(
        call.desk,
        actor,
        call.text("item"),
        copies=call.many("copy"),
        method=_method(call),
        place=call.maybe("place"),
        serials=call.many("serial"),
        emergency=bool(call.maybe("emergency")),
    )
    late = call.desk.store.run(
        lambda tx: not any(one.act == done.act for one in tx.every(ItemDestroyed, item=done.item))
    )
    return {"item": done.item, "state": "destroyed, UNRECORDED" if late else "destroyed", **certificate(done)}


def certificate(done: ItemDestroyed) -> Document:
    """A certificate of destruction, as people read it."""
    body = done.act.body
    return {
        "certificate": canon.digest(done.act),
        "party": done.party,
        "at": str(done.at),
        "copies": [canon.plain(end) for end in body.copies],
        "whole": body.is_whole,
        "place": body.place,
        "emergency": body.emergency,
        "persons": 1 if body.order is None else 2,
        "beyond": [canon.plain(one) for one in body.beyond],
    }


def _method(call: Call) -> Method | None:
    given = call.maybe("method")
    if given is None:
        return None
    if given not in METHODS:
        raise LocalError("admin/unknown-method", f"`{given}` is no method", remedy=f"one of {', '.join(METHODS)}")
    return Method(given)


def _return(call: Call) -> Document:
    done = return_item(call.desk, call.actor(Office.CONTROL_OFFICER, Office.SECURITY_OFFICER), call.text("item"))
    return {"item": done.item, "to": done.act.body.to, "return": done.digest, "state": "on its way back"}


def _take_back(call: Call) -> Document:
    taken = not call.maybe("decline")
    answer = take_back(
        call.desk, call.actor(Office.CONTROL_OFFICER), call.text("item"), of=call.text("party"), taken=taken
    )
    return {"item": answer.item, "return": answer.returned, "state": "taken back" if taken else "declined"}


def _balance(call: Call) -> Document:
    partner, wanted, at = call.text("partner"), call.maybe("instrument"), call.maybe("at")
    found = balance_with(call.desk, partner, at=read_instant(at) if at else None)
    return {"partner": partner, "instruments": [_shown(one) for one in found if wanted in {None, one.instrument}]}


def _sign(call: Call) -> Document:
    partner, instrument = call.text("partner"), call.text("instrument")
    actor = call.actor(Office.CONTROL_OFFICER)
    record = sign_balance(call.desk, actor, partner=partner, instrument=instrument)
    found = [one for one in balance_with(call.desk, partner) if one.instrument == instrument]
    return {"partner": partner, "balance": record.digest, "instruments": [_shown(one) for one in found]}


def _shown(balance: InstrumentBalance) -> Document:
    return {
        "instrument": balance.instrument,
        "state": balance.state,
        "duties": [
            {
                "party": duty.party,
                "of": duty.sender,
                "state": duty.state,
                "clause": duty.clause,
                "transmittals": duty.transmittals,
                "unproven": duty.unproven,
                "overdue": duty.overdue,
            }
            for duty in balance.duties
        ],
        "overdue": list(balance.overdue),
        "signed": list(balance.signed),
        "closed": balance.closed,
    }


def _search(call: Call) -> Document:
    wanted = {name: call.text(name) for name in (*OF_ITEM, *OF_COPY) if call.maybe(name) is not None}
    answer = search_register(call.desk, wanted, limit=call.maybe("limit") or LIMIT)
    return {
        "items": [
            {**canon.plain(one.item), "copies": [canon.plain(copy) for copy in one.copies]} for one in answer.found
        ],
        "count": len(answer.found),
        "more": answer.more,
    }


_FIELDS = {
    "control_no": "control number",
    "originator": "whose item",
    "sender": "who sent it",
    "instrument": "under which instrument it came",
    "mark": "the originator's level, by id",
    "own_mark": "our level, by id",
    "form": "one of the seven forms",
    "topic": "topic code",
    "purpose": "purpose code",
    "copy": "number of the copy",
    "place": "held, in-transit, handed-on, returned, destroyed, lost, arrived",
    "custodian": "the party that has custody",
    "facility": "our facility",
    "holder": "the person who has it in hand",
    "container": "where it is locked away",
    "package": "transmittal number",
    "counterpart": "the party it came from or goes to",
}

COMMANDS = (
    Command(
        name="registry search",
        help="items and copies by any field of the ledger",
        run=_search,
        params=(
            # a place of the ledger is none of a carrier's list
            *(Param(name=name, help=what, free=name == "place") for name, what in _FIELDS.items()),
            Param(name="limit", kind="number", help=f"so many items at most; {LIMIT} if left out"),
        ),
        keys=False,
    ),
    Command(
        name="item destroy",
        help="propose the destruction of our copies, or confirm what another person proposed; for good",
        run=_destroy,
        params=(
            ITEM,
            Param(name="copy", help="a copy's number; every copy held if left out; repeatable", many=True),
            Param(name="method", help=f"how copies without a storage key end: {', '.join(METHODS)}"),
            Param(name="place", help="where, as a code of the register"),
            Param(name="serial", help="serial number of equipment; repeatable", many=True),
            Param(name="emergency", kind="flag", help="at once, by one person alone, where protection is impossible"),
        ),
        acts=True,
    ),
    Command(
        name="item return",
        help="propose to give an item back to whom it came from, or confirm what another person proposed",
        run=_return,
        params=(ITEM,),
        acts=True,
    ),
    Command(
        name="item take-back",
        help="sign for an item of ours that a partner gives back, or decline it",
        run=_take_back,
        params=(
            ITEM,
            Param(name="party", help="who gives it back", required=True),
            Param(name="decline", kind="flag", help="custody does not pass; the partner looks after it again"),
        ),
        acts=True,
    ),
    Command(
        name="registry balance",
        help="what each side holds of the other's, which duty binds it, and what is overdue",
        run=_balance,
        params=(
            Param(name="partner", help="the partner's code", positional=True, required=True),
            Param(name="instrument", help="one instrument only"),
            Param(name="at", help="as if it were this instant; now if left out"),
        ),
        keys=False,
    ),
    Command(
        name="registry sign-balance",
        help="sign the balance as our register has it; with both signatures it is closed",
        run=_sign,
        params=(
            Param(name="partner", help="the partner's code", positional=True, required=True),
            Param(name="instrument", help="under which instrument", required=True),
        ),
        acts=True,
    ),
)
