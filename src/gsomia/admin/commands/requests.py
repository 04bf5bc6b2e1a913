"""`request`: ask a partner for information; answer it with a release, decline it, take it back."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.exchange import Arrival
from gsomia.flows import requests
from gsomia.flows.ports import Tx
from gsomia.instants import read_instant

REQUEST = Param(name="request_id", help="request id", positional=True, required=True)


def _make(call: Call) -> Document:
    needed = call.maybe("needed_by")
    request = requests.make_request(
        call.desk,
        call.actor(*requests.ASKING),
        to=call.text("to"),
        instrument=call.text("instrument"),
        subject=call.text("topic"),
        purpose=call.text("purpose"),
        needed_by=read_instant(needed) if needed else None,
    )
    return {"request": request.id, "to": request.to, "subject": request.subject, "purpose": request.purpose}


def _answer(call: Call) -> Document:
    answer = requests.answer_request(
        call.desk, call.actor(requests.ANSWERING), call.text("request_id"), consignment=call.text("delivery")
    )
    return {"request": answer.request, "state": answer.outcome, "delivery": answer.consignment}


def _decline(call: Call) -> Document:
    answer = requests.decline_request(call.desk, call.actor(requests.ANSWERING), call.text("request_id"))
    return {"request": answer.request, "state": answer.outcome}


def _withdraw(call: Call) -> Document:
    withdrawal = requests.withdraw_request(call.desk, call.actor(*requests.ASKING), call.text("request_id"))
    return {"request": withdrawal.request, "state": "withdrawn"}


def _list(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {"requests": [_line(tx, one) for one in requests.list_requests(tx)]}

    return call.desk.store.run(read)


def _line(tx: Tx, one: requests.RequestNow) -> Document:
    asked, delivery = one.asked.request, one.answer.consignment if one.answer else None
    arrival = tx.latest(Arrival, consignment=delivery) if delivery else None
    return {
        "request": asked.id,
        "from": asked.party,
        "to": asked.to,
        "instrument": asked.instrument,
        "subject": asked.subject,
        "purpose": asked.purpose,
        "needed_by": str(asked.needed_by) if asked.needed_by else None,
        "state": one.state,
        "delivery": delivery,
        "item": arrival.item if arrival else None,
        "refused": one.refused,
    }


COMMANDS = (
    Command(
        name="request make",
        help="ask a partner for information on a topic; nobody has to give it",
        run=_make,
        params=(
            Param(name="to", help="the partner's code", required=True),
            Param(name="instrument", help="instrument id", required=True),
            Param(name="topic", help="topic code both sides know; never a title", required=True),
            Param(name="purpose", help="purpose code", required=True),
            Param(name="needed_by", help="when it would be welcome; nothing follows from it"),
        ),
        acts=True,
    ),
    Command(
        name="request answer",
        help="answer a partner's request with a release made to it",
        run=_answer,
        params=(REQUEST, Param(name="delivery", help="the delivery that answers it", required=True)),
        acts=True,
    ),
    Command(
        name="request decline",
        help="decline a partner's request; no reason is given or kept",
        run=_decline,
        params=(REQUEST,),
        acts=True,
    ),
    Command(
        name="request withdraw",
        help="take a request of ours back",
        run=_withdraw,
        params=(REQUEST,),
        acts=True,
    ),
    Command(name="request list", help="requests made and received, and what became of them", run=_list, keys=False),
)
