"""Ask a partner for its law in force on protection, and tell ours when asked; an open request grows older in sight.

It is an obligation: there is no way to decline. One request of a partner is open at a time under an instrument.

Source: G3-1.
"""

from dataclasses import dataclass

from gsomia.agreements import (
    LAW_ANSWER,
    LAW_REQUEST,
    MAX_TEXTS,
    ActError,
    LawAnswer,
    LawAnswerRecord,
    LawEntry,
    LawRequest,
    LawRequestRecord,
    binds,
    days_open,
    law_in_force,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.flows.say import say
from gsomia.flows.standing import current_agreement, instrument_of, our_own_act, wait_for_receipts
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request with what became of it.

    Attributes:
        days: it has waited, or waited.
        code: with which the partner's node refused it.
    """

    request: LawRequestRecord
    answer: LawAnswerRecord | None
    days: int
    code: str | None


def request_law(desk: Desk, actor: Actor, *, instrument: InstrumentId, to: PartyCode) -> HexDigest:
    """Ask a partner for its law in force on the protection of what we sent.

    Raises:
        RefusedError: the instrument does not bind, or a request of ours is open.
        UnavailableError: the same request was answered within the second.

    Source: G3-1.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="G3-1")
    body = LawRequest(instrument=instrument, party=desk.party, to=to, at=desk.clock())
    with our_own_act():
        desk.store.run(lambda tx: _check_request(tx, desk, body, body.at))
    statement = say_act(body, kind=LAW_REQUEST, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        _check_request(tx, desk, body, body.at)
        if tx.latest(LawRequestRecord, request=statement.digest) is not None:
            raise UnavailableError(
                "flows/same-second",
                "that request was made, and answered, in this second",
                remedy="give the command again",
            )
        enter_law_request(tx, desk, statement, body.at)
        say(tx, desk, statement, kind=LAW_REQUEST, to=to, subject=statement.digest)

    with our_own_act():
        desk.store.run(unit)
    desk.said(to)
    return statement.digest


def answer_law(desk: Desk, actor: Actor, request: HexDigest) -> LawAnswer:
    """Tell a partner our law in force, as the home register has it today.

    Raises:
        LocalError: no such request waits for us, or the register has no text that is in force.

    Source: G3-1.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="G3-1")
    now = desk.clock()

    def read(tx: Tx) -> LawAnswer:
        known = _waiting(tx, desk, request)
        texts = law_in_force(tx.every(LawEntry), at=now)
        if not texts or len(texts) > MAX_TEXTS:
            raise LocalError(
                "flows/no-law-to-tell",
                f"the register has `{len(texts)}` texts of law in force, and an answer has one to `{MAX_TEXTS}`",
                remedy="enter what is in force: `gsomia law add`",
                clauses=("G3-1",),
            )
        return LawAnswer(
            request=request, instrument=known.instrument, party=desk.party, to=known.party, texts=texts, at=now
        )

    body = desk.store.run(read)
    statement = say_act(body, kind=LAW_ANSWER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        _waiting(tx, desk, request)
        enter_law_answer(tx, desk, statement, now)
        say(tx, desk, statement, kind=LAW_ANSWER, to=body.to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(body.to)
    return body


def asked(tx: Tx, *, at: Instant) -> list[Asked]:
    """Every request, ours and partners', oldest first, with its age."""
    found = []
    for request in tx.every(LawRequestRecord):
        answer = tx.latest(LawAnswerRecord, request=request.request)
        refusal = tx.latest(RefusalRecord, subject=request.request)
        until = answer.at if answer else refusal.at if refusal else at
        found.append(
            Asked(
                request=request,
                answer=answer,
                days=days_open(since=request.at, at=until),
                code=refusal.code if refusal else None,
            )
        )
    return found


def hear_law_request(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[LawRequest]], now: Instant
) -> None:
    """A partner asks for our law; the days are counted from now."""
    body = statement.value.body
    if body.party != sender or body.to != desk.party:
        raise ActError("agreements/not-addressed", "the request is not to us, or not by its sender", clauses=("G3-1",))
    if body.at > now.plus(seconds=MAX_SKEW_S):
        raise ActError("agreements/dated-ahead", "the request is dated in the future", clauses=("A-24",))
    try:
        _check_request(tx, desk, body, now)
    except ActError:
        wait_for_receipts(tx, desk, current_agreement(tx, body.instrument, at=now, desk=desk))
        raise
    enter_law_request(tx, desk, statement, now)


def hear_law_answer(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[LawAnswer]], now: Instant) -> None:
    """A partner told its law, on a request of ours that was open."""
    body = statement.value.body
    asked_for = tx.latest(LawRequestRecord, request=body.request)
    ours = None if asked_for is None else (asked_for.party, asked_for.to, asked_for.instrument)
    if ours != (desk.party, sender, body.instrument) or (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/no-such-request", "it answers no request of ours to the sender", clauses=("G3-1",))
    if tx.latest(LawAnswerRecord, request=body.request) is not None:
        raise ActError("agreements/answered-before", "the request is answered already", clauses=("G3-1",))
    enter_law_answer(tx, desk, statement, now)


def enter_law_request(tx: Tx, desk: Desk, statement: Statement[Act[LawRequest]], at: Instant) -> None:
    """Enter a request, ours or a partner's."""
    body = statement.value.body
    record = LawRequestRecord(request=statement.digest, instrument=body.instrument, party=body.party, to=body.to, at=at)
    enter(tx, desk, record, event=Event.LAW_ASKED, subject=statement.digest, instrument=body.instrument)


def enter_law_answer(tx: Tx, desk: Desk, statement: Statement[Act[LawAnswer]], at: Instant) -> None:
    """Enter an answer, ours or a partner's."""
    body = statement.value.body
    record = LawAnswerRecord(request=body.request, answer=body, at=at)
    enter(tx, desk, record, event=Event.LAW_TOLD, subject=body.request, instrument=body.instrument)


def _check_request(tx: Tx, desk: Desk, body: LawRequest, now: Instant) -> None:
    agreement = current_agreement(tx, body.instrument, at=now, desk=desk)
    if not (agreement.has_party(body.party) and agreement.has_party(body.to)) or body.party == body.to:
        raise ActError("agreements/not-a-party", "both sides of a request are parties", clauses=("G3-1",))
    course, _ = instrument_of(tx, agreement.id, desk=desk).reached(agreement.digest, at=now)
    if not binds(course):
        raise ActError(
            "agreements/does-not-bind",
            f"`{agreement.id}` is {course.state}: it obliges nobody to tell its law",
            remedy=f"see `gsomia agreement status --instrument {agreement.id}`",
            clauses=("G3-1",),
        )
    for one in tx.every(LawRequestRecord, instrument=body.instrument, party=body.party):
        if one.to == body.to and not _is_done(tx, one):
            raise ActError(
                "agreements/request-open",
                "a request of that party for the same law is open",
                remedy="see `gsomia law list`",
                clauses=("G3-1",),
            )


def _is_done(tx: Tx, request: LawRequestRecord) -> bool:
    answered = tx.latest(LawAnswerRecord, request=request.request) is not None
    return answered or tx.latest(RefusalRecord, subject=request.request) is not None


def _waiting(tx: Tx, desk: Desk, request: HexDigest) -> LawRequestRecord:
    known = tx.latest(LawRequestRecord, request=request)
    if known is None or known.to != desk.party:
        raise LocalError(
            "flows/unknown-request",
            f"no partner asked us `{request}`",
            remedy="see `gsomia law list`",
            clauses=("G3-1",),
        )
    if tx.latest(LawAnswerRecord, request=request) is not None:
        raise RefusedError(
            "flows/answered-before",
            "that request is answered already",
            remedy="see `gsomia law list`",
            clauses=("G3-1",),
        )
    return known
