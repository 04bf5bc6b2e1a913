"""Ask a partner for information, answer, decline, take back: without a clock, and without a reason.

Each step is a signed statement that the other side hears through the ordinary exchange; both registers hold the same
statements in the end and derive the same state from them (`agreements/requests`). Declining writes nothing but that it
was declined: no deadline, no duty, no count, at either side.

Source: G1-2, G1-3.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gsomia.agreements import (
    REQUEST,
    REQUEST_ANSWER,
    REQUEST_WITHDRAWAL,
    ActError,
    InformationAnswer,
    InformationAnswered,
    InformationAsked,
    InformationRequest,
    InformationWithdrawn,
    Outcome,
    RequestState,
    RequestWithdrawal,
    state_of,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import Delivery
from gsomia.flows.agree import current_agreement, get_agreement, our_own_act, standing, wait_for_receipts
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.parties import is_disowned, partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.flows.say import say
from gsomia.ids import ConsignmentId, HexDigest, InstrumentId, PartyCode, RequestId, new_request_id
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act

ASKING = (Office.LIAISON_OFFICER, Office.RELEASING_AUTHORITY)
"""Who may ask a partner, and take it back."""
ANSWERING = Office.RELEASING_AUTHORITY
"""Who answers or declines: who decides on releases decides on this."""


Check = Callable[[Tx, InformationAsked], None]
"""What has to hold, in the unit, for a request to be closed in a way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNow:
    """A request with what became of it, as one side's register has it.

    Args:
        asked: the request.
        state: from the statements about it.
        answer: how it was closed, if it was.
        refused: the code with which the partner's node did not take the request, if it did not.
    """

    asked: InformationAsked
    state: RequestState
    answer: InformationAnswer | None
    refused: str | None


def make_request(
    desk: Desk,
    actor: Actor,
    *,
    to: PartyCode,
    instrument: InstrumentId,
    subject: str,
    purpose: str,
    needed_by: Instant | None,
) -> InformationRequest:
    """Ask a partner for information on a subject, under an instrument in force.

    Raises:
        RefusedError: the actor does not hold an office for it, or the instrument is not in force between the two.
        LocalError: unknown partner or instrument.

    Source: G1-2, G1-3.
    """
    require_office(desk, actor, *ASKING, clause="G1-3")
    partner(desk, to)
    now = desk.clock()

    def read(tx: Tx) -> HexDigest:
        agreement = current_agreement(tx, instrument, at=now)
        _check_between(tx, desk, agreement.digest, instrument, party=desk.party, to=to, now=now)
        return agreement.digest

    with our_own_act():
        agreement = desk.store.run(read)
    request = InformationRequest(
        id=new_request_id(desk.entropy),
        instrument=instrument,
        agreement=agreement,
        party=desk.party,
        to=to,
        subject=subject,
        purpose=purpose,
        needed_by=needed_by,
        at=now,
    )
    statement = say_act(request, kind=REQUEST, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_request(tx, desk, statement, now)
        say(tx, desk, statement, kind=REQUEST, to=to, subject=request.id)

    desk.store.run(unit)
    desk.said(to)
    return request


def answer_request(desk: Desk, actor: Actor, request: RequestId, *, consignment: ConsignmentId) -> InformationAnswer:
    """Answer a partner's request with a release to it: a decision of its own that was taken before.

    Raises:
        LocalError: no partner made that request, or there is no such delivery.
        RefusedError: it is closed, or the delivery went elsewhere or serves another purpose.

    Source: G1-2, G1-3, G6-4.
    """
    require_office(desk, actor, ANSWERING, clause="G1-2")

    def check(tx: Tx, asked: InformationAsked) -> None:
        delivery = tx.latest(Delivery, consignment=consignment)
        if delivery is None:
            raise LocalError(
                "flows/unknown-delivery", f"there is no delivery `{consignment}`", remedy="see `gsomia item show ITEM`"
            )
        purpose = get_item(tx, delivery.item).purpose
        if (delivery.to, purpose) != (asked.party, asked.request.purpose):
            raise RefusedError(
                "flows/not-an-answer",
                f"the delivery `{consignment}` went to `{delivery.to}` for `{purpose}`: it answers another question",
                remedy="release an item for the purpose that was asked for, and name that delivery",
                clauses=("G1-2", "G6-4"),
            )
        if is_disowned(tx, delivery.manifest):
            raise RefusedError(
                "flows/not-an-answer",
                f"the delivery `{consignment}` was signed by a key that counts no longer",
                remedy="release the item again, and name that delivery",
                clauses=("DESIGN-4",),
            )

    return _close(desk, actor, request, outcome=Outcome.ANSWERED, consignment=consignment, check=check)


def decline_request(desk: Desk, actor: Actor, request: RequestId) -> InformationAnswer:
    """Decline a partner's request. There is nowhere to put a reason, and nothing follows.

    Raises:
        LocalError: no partner made that request.
        RefusedError: it is closed.

    Source: G1-3.
    """
    require_office(desk, actor, ANSWERING, clause="G1-2")
    return _close(desk, actor, request, outcome=Outcome.DECLINED, consignment=None, check=lambda _tx, _asked: None)


def withdraw_request(desk: Desk, actor: Actor, request: RequestId) -> RequestWithdrawal:
    """Take a request of ours back.

    Raises:
        LocalError: we made no such request.
        RefusedError: it is closed.

    Source: G1-3.
    """
    require_office(desk, actor, *ASKING, clause="G1-3")
    now = desk.clock()
    asked = desk.store.run(lambda tx: _asked_by_us(tx, desk.party, request))
    body = RequestWithdrawal(request=request, party=desk.party, to=asked.request.to, at=now)
    statement = say_act(body, kind=REQUEST_WITHDRAWAL, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        _asked_by_us(tx, desk.party, request)
        enter_withdrawal(tx, desk, statement, now)
        say(tx, desk, statement, kind=REQUEST_WITHDRAWAL, to=body.to, subject=request)

    desk.store.run(unit)
    desk.said(body.to)
    return body


def list_requests(tx: Tx) -> list[RequestNow]:
    """Every request, made or heard, with what became of it."""
    return [_now(tx, asked) for asked in tx.every(InformationAsked)]


def hear_request(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[InformationRequest]], now: Instant
) -> None:
    """A partner asks for information.

    Raises:
        ActError: it is not the sender's or not to us, its id came before, or no instrument is in force between us.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/not-addressed", "the request is not to us, or not by its sender", clauses=("G1-3",))
    if tx.latest(InformationAsked, id=body.id, party=sender) is not None:
        raise ActError("agreements/request-id-reused", "another request of the sender has that id", clauses=("G1-3",))
    try:
        _check_between(tx, desk, body.agreement, body.instrument, party=sender, to=desk.party, now=now)
    except ActError:
        wait_for_receipts(tx, desk, get_agreement(tx, body.instrument, digest=body.agreement))
        raise
    enter_request(tx, desk, statement, now)


def hear_answer(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[InformationAnswer]], now: Instant
) -> None:
    """A partner answered or declined a request of ours. If we had taken it back meanwhile, the answer stands.

    Raises:
        ActError: we asked the sender no such thing, or it was closed before.
    """
    body = statement.value.body
    asked = tx.latest(InformationAsked, id=body.request, party=desk.party)
    if asked is None or (body.party, body.to, asked.request.to) != (sender, desk.party, sender):
        raise ActError("agreements/unknown-request", "the sender was asked no such thing", clauses=("G1-3",))
    if _answer(tx, asked) is not None:
        raise ActError("agreements/request-closed", "the request was closed before", clauses=("G1-3",))
    enter_answer(tx, desk, statement, now)


def hear_withdrawal(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[RequestWithdrawal]], now: Instant
) -> None:
    """A partner took its request back. If we had closed it meanwhile, that stands.

    Raises:
        ActError: the sender made us no such request.
    """
    body = statement.value.body
    asked = tx.latest(InformationAsked, id=body.request, party=sender)
    if asked is None or (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/unknown-request", "the sender made no such request", clauses=("G1-3",))
    enter_withdrawal(tx, desk, statement, now)


def enter_request(tx: Tx, desk: Desk, statement: Statement[Act[InformationRequest]], now: Instant) -> None:
    """Enter a request, ours or a partner's."""
    body = statement.value.body
    record = InformationAsked(id=body.id, party=body.party, statement=statement.digest, request=body, at=now)
    enter(tx, desk, record, event=Event.REQUEST_MADE, subject=body.id, party=body.party)


def enter_answer(tx: Tx, desk: Desk, statement: Statement[Act[InformationAnswer]], now: Instant) -> None:
    """Enter how a request was closed, by us or by a partner."""
    body = statement.value.body
    record = InformationAnswered(request=body.request, party=body.to, statement=statement.digest, answer=body, at=now)
    event = Event.REQUEST_ANSWERED if body.outcome is Outcome.ANSWERED else Event.REQUEST_DECLINED
    enter(tx, desk, record, event=event, subject=body.request, party=body.to)


def enter_withdrawal(tx: Tx, desk: Desk, statement: Statement[Act[RequestWithdrawal]], now: Instant) -> None:
    """Enter that a request was taken back, by us or by a partner."""
    body = statement.value.body
    record = InformationWithdrawn(request=body.request, party=body.party, statement=statement.digest, at=now)
    enter(tx, desk, record, event=Event.REQUEST_WITHDRAWN, subject=body.request, party=body.party)


def _close(
    desk: Desk,
    actor: Actor,
    request: RequestId,
    *,
    outcome: Outcome,
    consignment: ConsignmentId | None,
    check: Check,
) -> InformationAnswer:
    now = desk.clock()

    def read(tx: Tx) -> InformationAsked:
        asked = _asked_of_us(tx, desk.party, request)
        check(tx, asked)
        return asked

    asked = desk.store.run(read)
    body = InformationAnswer(
        request=request, party=desk.party, to=asked.party, outcome=outcome, consignment=consignment, at=now
    )
    statement = say_act(body, kind=REQUEST_ANSWER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        read(tx)
        enter_answer(tx, desk, statement, now)
        say(tx, desk, statement, kind=REQUEST_ANSWER, to=asked.party, subject=request)

    desk.store.run(unit)
    desk.said(asked.party)
    return body


def _check_between(
    tx: Tx,
    desk: Desk,
    agreement: HexDigest,
    instrument: InstrumentId,
    *,
    party: PartyCode,
    to: PartyCode,
    now: Instant,
) -> None:
    text = get_agreement(tx, instrument, digest=agreement)
    if not text.has_party(party) or not text.has_party(to):
        raise ActError("agreements/not-a-party", f"`{instrument}` does not bind both sides", clauses=("G1-1",))
    if not standing(tx, text, at=now, desk=desk).allowed.release:
        raise ActError("agreements/not-in-force", f"`{instrument}` is not in force", clauses=("G21-1",))


def _asked_by_us(tx: Tx, us: PartyCode, request: RequestId) -> InformationAsked:
    asked = tx.latest(InformationAsked, id=request, party=us)
    if asked is None:
        raise _unknown(request)
    return _require_open(tx, asked)


def _asked_of_us(tx: Tx, us: PartyCode, request: RequestId) -> InformationAsked:
    asked = next((one for one in tx.every(InformationAsked, id=request) if one.party != us), None)
    if asked is None:
        raise _unknown(request)
    return _require_open(tx, asked)


def _require_open(tx: Tx, asked: InformationAsked) -> InformationAsked:
    state = state_of(answer=_answer(tx, asked), withdrawn=_is_withdrawn(tx, asked))
    if state is not RequestState.OPEN:
        raise RefusedError(
            "flows/request-closed",
            f"the request `{asked.id}` is {state}: it is closed",
            remedy="a new question is a new request",
            clauses=("G1-3",),
        )
    return asked


def _unknown(request: RequestId) -> LocalError:
    return LocalError(
        "flows/unknown-request",
        f"there is no such request `{request}`",
        remedy="see `gsomia request list`; who asked withdraws, who was asked answers or declines",
    )


def _now(tx: Tx, asked: InformationAsked) -> RequestNow:
    answer = _answer(tx, asked)
    refusal = tx.latest(RefusalRecord, subject=asked.statement)
    return RequestNow(
        asked=asked,
        state=state_of(answer=answer, withdrawn=_is_withdrawn(tx, asked)),
        answer=answer,
        refused=refusal.code if refusal else None,
    )


def _answer(tx: Tx, asked: InformationAsked) -> InformationAnswer | None:
    # What a revoked key signed and nobody witnessed in time is no answer (design 4).
    known = tx.every(InformationAnswered, request=asked.id, party=asked.party)
    return next((one.answer for one in reversed(known) if not is_disowned(tx, one.statement)), None)


def _is_withdrawn(tx: Tx, asked: InformationAsked) -> bool:
    known = tx.every(InformationWithdrawn, request=asked.id, party=asked.party)
    return any(not is_disowned(tx, one.statement) for one in known)
