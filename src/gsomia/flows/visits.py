"""Ask for a visit, decide on one, take back a visitor or the visit: signed statements between two authorities.

What the host does on the day is in `flows/visit_days`. Only the host decides: the side that asked has no act that
approves, and its approval is not heard either.

Source: G8-1, G8-2, G8-4, G8-6, G8-7, G7-6, G18-1, A-22, A-23.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gsomia import canon
from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    VISIT_ANSWER,
    VISIT_NOTICE,
    VISIT_REQUEST,
    VisitAnswer,
    VisitAnswered,
    VisitAsked,
    VisitKind,
    VisitNotice,
    VisitNoticed,
    VisitRequest,
    VisitState,
    is_late,
    visit_obstacles,
    visit_state,
)
from gsomia.flows.agree import current_agreement, get_agreement, our_own_act, wait_for_receipts
from gsomia.flows.assure import check_authority
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.parties import is_disowned, partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, PartyCode, VisitId, new_visit_id
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act

OFFICE = Office.SECURITY_OFFICER
"""Who asks and who decides: the competent authority's officer."""
ELEMENTS: Mapping[str, int] = {
    "number": 1,
    "instrument": 1,
    "authority": 2,
    "facilities": 3,
    "valid": 4,
    "kind": 5,
    "subject": 6,
    "purpose": 6,
    "justification": 6,
    "level": 7,
    "programme": 8,
    "visitors": 9,
    "security_officer": 10,
    "certified": 11,
    "approval": 12,
}
"""Which element of the form a field answers; remarks (13) may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNow:
    """A visit as one side's register has it.

    Args:
        asked: the request.
        state: from the statements about it.
        answer: the host's decision, if there is one.
        withdrawn: visitors whose own side took them back, by number.
        refused: the code with which the other node did not take the request, if it did not.
    """

    asked: VisitAsked
    state: VisitState
    answer: VisitAnswer | None
    withdrawn: frozenset[int]
    refused: str | None


def request_visit(desk: Desk, actor: Actor, *, to: PartyCode, form: Mapping[str, Any]) -> VisitRequest:
    """Ask the host's authority for a visit.

    Args:
        desk: ours.
        actor: an officer of our authority.
        to: the host.
        form: the fields of `VisitRequest` that the form gives.

    Raises:
        RefusedError: an element is missing or does not hold together, the request is late and not waived, our
            authority is not named by a note, or the instrument is not in force.

    Source: F-11, G8-1, G8-4, G8-6, G8-7.
    """
    require_office(desk, actor, OFFICE, clause="G8-4")
    partner(desk, to)
    now = desk.clock()
    _require_elements(form)

    def read(tx: Tx) -> HexDigest:
        agreement = current_agreement(tx, form["instrument"], at=now)
        check_authority(tx, agreement, authority=form["authority"], party=desk.party, now=now)
        return agreement.digest

    with our_own_act():
        agreement = desk.store.run(read)
    facts = {
        "remarks": None,
        "waived": False,
        "amends": None,
        "consultation": None,
        "agenda": None,
        **form,
        "id": new_visit_id(desk.entropy),
        "agreement": agreement,
        "party": desk.party,
        "to": to,
        "at": now,
    }
    try:
        request = canon.check(facts, VisitRequest)
    except canon.CanonError as cause:
        raise _incomplete(cause.message) from cause
    for one in request.visitors:
        desk.policy.classification(one.level)
    desk.policy.classification(request.level)
    with our_own_act():
        desk.store.run(lambda tx: _check(tx, request, received=now))
    statement = say_act(request, kind=VISIT_REQUEST, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_visit_request(tx, desk, statement, now)
        say(tx, desk, statement, kind=VISIT_REQUEST, to=to, subject=request.id)

    desk.store.run(unit)
    desk.said(to)
    return request


def approve_visit(
    desk: Desk,
    actor: Actor,
    visit: VisitId,
    *,
    authority: str,
    ceiling: str,
    declined: tuple[int, ...],
    waived: bool,
) -> VisitAnswer:
    """Permit a visit on our territory, up to a level of ours; single visitors may be declined.

    Raises:
        RefusedError: the visit is ours (only the host decides), closed, late without our waiver, or our authority is
            not named by a note.

    Source: G8-2, G8-5, G8-7, A-22.
    """
    level = desk.policy.classification(ceiling).id
    return _answer(desk, actor, visit, authority=authority, ceiling=level, declined=declined, waived=waived)


def decline_visit(desk: Desk, actor: Actor, visit: VisitId, *, authority: str) -> VisitAnswer:
    """Decline to host a visit. It is on record, and shown on both sides; no reason crosses.

    Source: G8-2, A-23.
    """
    return _answer(desk, actor, visit, authority=authority, ceiling=None, declined=(), waived=False)


def notify_visit(desk: Desk, actor: Actor, visit: VisitId, *, visitor: int | None) -> VisitNotice:
    """Tell the host that a visitor of ours is cleared no longer, or that nobody comes.

    Raises:
        LocalError: we asked for no such visit, or it has no such visitor.

    Source: G7-6.
    """
    require_office(desk, actor, OFFICE, clause="G7-6")
    now = desk.clock()
    asked = desk.store.run(lambda tx: tx.latest(VisitAsked, id=visit, party=desk.party))
    if asked is None:
        raise _unknown(visit)
    if visitor is not None and not 1 <= visitor <= len(asked.request.visitors):
        raise LocalError("flows/unknown-visitor", f"the visit has no visitor {visitor}", remedy="see `visit list`")
    body = VisitNotice(visit=visit, party=desk.party, to=asked.request.to, visitor=visitor, at=now)
    statement = say_act(body, kind=VISIT_NOTICE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_visit_notice(tx, desk, statement, now)
        say(tx, desk, statement, kind=VISIT_NOTICE, to=body.to, subject=visit)

    desk.store.run(unit)
    desk.said(body.to)
    return body


def list_visits(tx: Tx) -> list[VisitNow]:
    """Every visit, asked for or heard of, with what became of it."""
    return [visit_now(tx, asked) for asked in tx.every(VisitAsked)]


def hear_visit_request(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[VisitRequest]], now: Instant
) -> None:
    """A partner's authority asks for a visit here; a body without a note cannot.

    Raises:
        ActError: it is not the sender's or not to us, its id came before, or it does not hold together.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/not-addressed", "the request is not to us, or not by its sender", clauses=("G8-4",))
    if tx.latest(VisitAsked, id=body.id, party=sender) is not None:
        raise ActError("agreements/visit-id-reused", "another visit of the sender has that id", clauses=("G8-6",))
    _check_named(tx, body.instrument, body.agreement, authority=body.authority, party=sender, now=now, desk=desk)
    _check(tx, body, received=now)
    enter_visit_request(tx, desk, statement, now)


def hear_visit_answer(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[VisitAnswer]], now: Instant
) -> None:
    """The host decided on a visit of ours.

    Raises:
        ActError: we asked the sender for no such visit, or it decided before; whoever is not the host decides nothing.
    """
    body = statement.value.body
    asked = tx.latest(VisitAsked, id=body.visit, party=desk.party)
    if asked is None or (body.party, body.to, asked.request.to) != (sender, desk.party, sender):
        raise ActError("agreements/unknown-visit", "the sender hosts no such visit of ours", clauses=("G8-2",))
    if visit_now(tx, asked).answer is not None:
        raise ActError("agreements/visit-decided", "the visit was decided before", clauses=("G8-2",))
    request = asked.request
    if body.ceiling is not None and is_late(request, received=asked.at) and not body.waived:
        raise ActError("agreements/visit-late", "both authorities have to waive the lead time", clauses=("G8-7",))
    _check_named(tx, request.instrument, request.agreement, authority=body.authority, party=sender, now=now, desk=desk)
    enter_visit_answer(tx, desk, statement, now)


def hear_visit_notice(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[VisitNotice]], now: Instant
) -> None:
    """A partner took back a visitor, or its visit.

    Raises:
        ActError: the sender asked us for no such visit, or it has no such visitor.
    """
    body = statement.value.body
    asked = tx.latest(VisitAsked, id=body.visit, party=sender)
    count = len(asked.request.visitors) if asked else 0
    named = body.visitor is None or 1 <= body.visitor <= count
    if asked is None or (body.party, body.to) != (sender, desk.party) or not named:
        raise ActError("agreements/unknown-visit", "the sender asked us for no such visit", clauses=("G7-6",))
    enter_visit_notice(tx, desk, statement, now)


def enter_visit_request(tx: Tx, desk: Desk, statement: Statement[Act[VisitRequest]], now: Instant) -> None:
    """Enter a request, ours or a partner's."""
    body = statement.value.body
    record = VisitAsked(
        id=body.id, party=body.party, amends=body.amends, statement=statement.digest, request=body, at=now
    )
    enter(tx, desk, record, event=Event.VISIT_REQUESTED, subject=body.id, party=body.party)


def enter_visit_answer(tx: Tx, desk: Desk, statement: Statement[Act[VisitAnswer]], now: Instant) -> None:
    """Enter the host's decision, ours or a partner's."""
    body = statement.value.body
    record = VisitAnswered(visit=body.visit, party=body.to, statement=statement.digest, answer=body, at=now)
    event = Event.VISIT_DECLINED if body.ceiling is None else Event.VISIT_APPROVED
    enter(tx, desk, record, event=event, subject=body.visit, party=body.to)


def enter_visit_notice(tx: Tx, desk: Desk, statement: Statement[Act[VisitNotice]], now: Instant) -> None:
    """Enter that a visitor or a visit was taken back, by us or by a partner."""
    body = statement.value.body
    record = VisitNoticed(visit=body.visit, party=body.party, statement=statement.digest, notice=body, at=now)
    enter(tx, desk, record, event=Event.VISIT_NOTICED, subject=body.visit, party=body.party)


def visit_now(tx: Tx, asked: VisitAsked) -> VisitNow:
    """A visit with what became of it; what a revoked key signed and nobody witnessed in time does not count."""
    answer = _decision(tx, asked)
    notices = [
        one.notice
        for one in tx.every(VisitNoticed, visit=asked.id, party=asked.party)
        if not is_disowned(tx, one.statement)
    ]
    later = [_decision(tx, one) for one in tx.every(VisitAsked, amends=asked.id, party=asked.party)]
    refusal = tx.latest(RefusalRecord, subject=asked.statement)
    return VisitNow(
        asked=asked,
        state=visit_state(
            answer=answer,
            cancelled=any(one.visitor is None for one in notices),
            amended=any(one is not None and one.ceiling is not None for one in later),
        ),
        answer=answer,
        withdrawn=frozenset(one.visitor for one in notices if one.visitor is not None),
        refused=refusal.code if refusal else None,
    )


def hosted(tx: Tx, us: PartyCode, visit: VisitId) -> VisitNow:
    """A visit on our territory.

    Raises:
        LocalError: nobody asked us for it.
        RefusedError: we asked for it ourselves: only the host acts.

    Source: G8-2.
    """
    asked = next((one for one in tx.every(VisitAsked, id=visit) if one.party != us), None)
    if asked is not None:
        return visit_now(tx, asked)
    if tx.latest(VisitAsked, id=visit, party=us) is not None:
        raise RefusedError(
            "flows/not-the-host",
            f"the visit `{visit}` is of our own people: only the government on whose territory it is decides",
            remedy="wait for the host's decision",
            clauses=("G8-2",),
        )
    raise _unknown(visit)


def _answer(
    desk: Desk,
    actor: Actor,
    visit: VisitId,
    *,
    authority: str,
    ceiling: str | None,
    declined: tuple[int, ...],
    waived: bool,
) -> VisitAnswer:
    require_office(desk, actor, OFFICE, clause="G8-2")
    now = desk.clock()

    def read(tx: Tx) -> VisitAsked:
        known = hosted(tx, desk.party, visit)
        request = known.asked.request
        if known.state is not VisitState.REQUESTED:
            raise RefusedError(
                "flows/visit-decided",
                f"the visit `{visit}` is {known.state}",
                remedy="a change is asked for as an amendment",
                clauses=("G8-2",),
            )
        if ceiling is not None and is_late(request, received=known.asked.at) and not waived:
            raise RefusedError(
                "flows/visit-late",
                "the visit was asked for later than the lead time allows",
                remedy="waive it with `--waive`, or decline: `gsomia visit decline`",
                clauses=("G8-7",),
            )
        _check_named(
            tx, request.instrument, request.agreement, authority=authority, party=desk.party, now=now, desk=desk
        )
        return known.asked

    with our_own_act():
        asked = desk.store.run(read)
    body = VisitAnswer(
        visit=visit,
        party=desk.party,
        to=asked.party,
        authority=authority,
        ceiling=ceiling,
        declined=tuple(sorted(set(declined))),
        waived=waived,
        at=now,
    )
    statement = say_act(body, kind=VISIT_ANSWER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        read(tx)
        enter_visit_answer(tx, desk, statement, now)
        say(tx, desk, statement, kind=VISIT_ANSWER, to=asked.party, subject=visit)

    desk.store.run(unit)
    desk.said(asked.party)
    return body


def _check(tx: Tx, request: VisitRequest, *, received: Instant) -> None:
    for clause, text in visit_obstacles(request):
        raise ActError("agreements/visit-does-not-hold", text, clauses=(clause,))
    if is_late(request, received=received) and not request.waived:
        raise ActError(
            "agreements/visit-late",
            "the visit is asked for later than the lead time allows, and not waived",
            remedy="ask earlier, or have the authority waive it: `--waive`; the host has to waive it too",
            clauses=("G8-7",),
        )
    if request.kind is VisitKind.AMENDMENT and request.amends is not None:
        known = tx.latest(VisitAsked, id=request.amends, party=request.party)
        if known is None or known.request.kind is VisitKind.SECURITY:
            raise ActError("agreements/nothing-to-amend", "there is no such visit to amend", clauses=("G8-6",))


def _check_named(
    tx: Tx,
    instrument: InstrumentId,
    agreement: HexDigest,
    *,
    authority: str,
    party: PartyCode,
    now: Instant,
    desk: Desk,
) -> None:
    text = get_agreement(tx, instrument, digest=agreement)
    try:
        check_authority(tx, text, authority=authority, party=party, now=now)
    except ActError:
        if party != desk.party:
            wait_for_receipts(tx, desk, text)
        raise


def _require_elements(form: Mapping[str, Any]) -> None:
    missing = sorted({number for name, number in ELEMENTS.items() if not form.get(name)})
    if missing:
        raise _incomplete("missing " + ", ".join(map(str, missing)))


def _incomplete(why: str) -> RefusedError:
    return RefusedError(
        "flows/visit-incomplete",
        f"the request for a visit is not complete: {why}",
        remedy="give every element of the form: see `gsomia visit request --help`",
        clauses=("G8-6",),
    )


def _decision(tx: Tx, asked: VisitAsked) -> VisitAnswer | None:
    known = tx.every(VisitAnswered, visit=asked.id, party=asked.party)
    return next((one.answer for one in reversed(known) if not is_disowned(tx, one.statement)), None)


def _unknown(visit: VisitId) -> LocalError:
    return LocalError("flows/unknown-visit", f"there is no such visit `{visit}`", remedy="see `gsomia visit list`")
