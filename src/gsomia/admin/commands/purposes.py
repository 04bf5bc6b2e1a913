"""`purpose`: what items may be used for, until when, and the originator's word on any other use."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.flows import purposes
from gsomia.flows.ports import Tx
from gsomia.flows.purposes import PurposeStanding
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.registry import PurposeAnswered, PurposeAsked, PurposeLine

CODE = Param(name="purpose", help="purpose code", positional=True, required=True)
REVIEW = Param(name="review", help="day on which it ends unless renewed", required=True)
REQUEST = Param(name="digest", help="the request", positional=True, required=True)
OFFICERS = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)


def _open(call: Call) -> Document:
    line = purposes.open_purpose(
        call.desk,
        call.actor(*OFFICERS),
        code=call.text("purpose"),
        text=call.text("text"),
        ends=call.text("ends"),
        blanket=bool(call.maybe("blanket")),
        review=read_instant(call.text("review")),
    )
    return _line(line)


def _renew(call: Call) -> Document:
    review = read_instant(call.text("review"))
    return _line(purposes.renew_purpose(call.desk, call.actor(*OFFICERS), code=call.text("purpose"), review=review))


def _close(call: Call) -> Document:
    return _line(purposes.close_purpose(call.desk, call.actor(*OFFICERS), code=call.text("purpose")))


def _list(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        standing = purposes.list_purposes(tx, call.desk, now=call.desk.clock())
        return {
            "purposes": [_standing(one) for one in standing],
            "dispositions": [
                {"item": item, "purpose": one.line.code, "due": str(one.due)}
                for one in standing
                if one.due is not None
                for item in one.items
            ],
            "requests": [_request(asked, answer) for asked, answer in purposes.list_requests(tx)],
        }

    return call.desk.store.run(read)


def _ask(call: Call) -> Document:
    digest = purposes.ask_purpose(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        call.text("item"),
        purpose=call.text("purpose"),
        text=call.text("text"),
        until=read_instant(call.text("until")),
    )
    return {"request": digest, "item": call.text("item"), "purpose": call.text("purpose")}


def _grant(call: Call) -> Document:
    return _answer(call, granted=True)


def _refuse(call: Call) -> Document:
    return _answer(call, granted=False)


def _answer(call: Call, *, granted: bool) -> Document:
    actor = call.actor(Office.RELEASING_AUTHORITY)
    answer = purposes.answer_purpose(call.desk, actor, call.text("digest"), granted=granted)
    return {
        "request": answer.request,
        "item": answer.item,
        "purpose": answer.purpose,
        "granted": granted,
        "until": str(answer.valid.until) if answer.valid else None,
    }


def _line(line: PurposeLine) -> Document:
    return {
        "purpose": line.code,
        "state": line.deed,
        "text": line.text,
        "ends": line.ends,
        "blanket": line.blanket,
        "review": str(line.review_at),
    }


def _standing(one: PurposeStanding) -> Document:
    return {
        **_line(one.line),
        "ended": str(one.ended) if one.ended else None,
        "held": len(one.items),
        "due": str(one.due) if one.due else None,
    }


def _request(asked: PurposeAsked, answer: PurposeAnswered | None) -> Document:
    body = canon.plain(asked.body)
    granted = answer.body.valid is not None if answer else None
    return {"request": asked.request, **body, "answered": answer is not None, "granted": granted}


COMMANDS = (
    Command(
        name="purpose open",
        help="enter a purpose with what it means and when it ends",
        run=_open,
        params=(
            CODE,
            Param(name="text", help="what it means", required=True),
            Param(name="ends", help="the condition under which it ends", required=True),
            REVIEW,
            Param(name="blanket", kind="flag", help="so wide that each originator has to agree; renewed every year"),
        ),
        acts=True,
    ),
    Command(
        name="purpose renew",
        help="say that a purpose still holds, until another review",
        run=_renew,
        params=(CODE, REVIEW),
        acts=True,
    ),
    Command(
        name="purpose close",
        help="say that a purpose is over: what it was given for waits for its disposition",
        run=_close,
        params=(CODE,),
        acts=True,
    ),
    Command(name="purpose list", help="purposes, dispositions that are due, requests", run=_list, keys=False),
    Command(
        name="purpose ask",
        help="ask the originator to use an item for another purpose",
        run=_ask,
        params=(
            Param(name="item", help="the item", positional=True, required=True),
            Param(name="purpose", help="the other purpose", required=True),
            Param(name="text", help="what for", required=True),
            Param(name="until", help="until which day", required=True),
        ),
        acts=True,
    ),
    Command(
        name="purpose grant", help="grant, as originator, another purpose", run=_grant, params=(REQUEST,), acts=True
    ),
    Command(name="purpose refuse", help="refuse it; no reason is said", run=_refuse, params=(REQUEST,), acts=True),
)
