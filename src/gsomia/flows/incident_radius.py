"""How far it reached at the other side: an originator asks, the holder's node answers from its register.

Only about the asker's own items, in numbers and in ids of what is the asker's: no reader, hand or container is named.
An item that the holder does not have, or that is another's, is answered alike: not known. Nobody learns from many
questions when each reading was: an incident has one time, of a day at least, and an item few questions.

Source: F-17, G17-1, A-35.
"""

from collections import Counter

from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import (
    LEAST_ASKED_S,
    MAX_ASKED,
    MAX_QUESTIONS,
    RADIUS_ANSWER,
    RADIUS_QUESTION,
    IncidentCase,
    RadiusAnswer,
    RadiusAnswered,
    RadiusAsked,
    RadiusQuestion,
)
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.case_file import heard_reports, unknown_incident
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.incident_reports import OFFICES
from gsomia.flows.ledger import enter
from gsomia.flows.parties import partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Window, extent_of
from gsomia.flows.say import say
from gsomia.ids import IncidentId, ItemId, PartyCode, new_request_id
from gsomia.instants import Instant
from gsomia.parties import Act, Statement, say_act, sign_statement
from gsomia.registry import ItemRecord


def ask_radius(desk: Desk, actor: Actor, incident: IncidentId, *, to: PartyCode) -> RadiusQuestion:
    """Ask a partner how far the items of ours that an incident concerns reached there, over a day at least.

    Raises:
        LocalError: no such incident, no pinned partner, or no item of ours is concerned.
        RefusedError: not the act of a control or security officer.
    """
    require_office(desk, actor, *OFFICES, clause="G17-1")
    partner(desk, to)
    items, window = desk.store.run(lambda tx: _ours(tx, desk, incident))
    body = RadiusQuestion(
        id=new_request_id(desk.entropy),
        incident=incident,
        party=desk.party,
        to=to,
        items=items,
        intact=min(window.intact, window.discovered.plus(seconds=-LEAST_ASKED_S)),
        discovered=window.discovered,
        at=desk.clock(),
    )
    statement = say_act(body, kind=RADIUS_QUESTION, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        _enter_question(tx, desk, body, body.at)
        say(tx, desk, statement, kind=RADIUS_QUESTION, to=to, subject=incident)

    desk.store.run(unit)
    desk.said(to)
    return body


def hear_radius_question(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[RadiusQuestion]], now: Instant
) -> None:
    """A partner asks about items of its own; the answer is said by the node.

    Raises:
        ActError: it is not the sender's or not to us, its id came before, its times are out of order, or it would tell
            more than how far an item reached.

    Source: F-17, A-35.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party) or body.discovered < body.intact:
        raise ActError("exchange/not-addressed", "the question is not to us, or of no time", clauses=("F-17",))
    if tx.latest(RadiusAsked, id=body.id) is not None:
        raise ActError("exchange/question-id-reused", "another question has that id", clauses=("F-17",))
    _check_asked(tx, sender, body, now)
    _enter_question(tx, desk, body, now)


def enter_own_question_again(tx: Tx, desk: Desk, statement: Statement[Act[RadiusQuestion]], at: Instant) -> None:
    """A question of ours that our record lost."""
    if tx.latest(RadiusAsked, id=statement.value.body.id, party=desk.party) is None:
        _enter_question(tx, desk, statement.value.body, at)


def answer_question(desk: Desk, sender: PartyCode, statement: Statement[Act[RadiusQuestion]]) -> None:
    """Answer from the register, once.

    # CRASH: the asker is answered after this, so dying before it makes the asker say its question again.
    """
    body = statement.value.body
    window = Window(intact=body.intact, discovered=body.discovered)

    def read(tx: Tx) -> RadiusAnswer | None:
        if tx.latest(RadiusAnswered, question=body.id, party=desk.party) is not None:
            return None
        return RadiusAnswer(
            question=body.id,
            incident=body.incident,
            party=desk.party,
            to=sender,
            found=tuple(
                extent_of(tx, item, window, known=_is_askers(tx, item, sender)) for item in dict.fromkeys(body.items)
            ),
            at=body.at,
        )

    answer = desk.store.run(read)
    if answer is None:
        return
    said = sign_statement(answer, kind=RADIUS_ANSWER, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        if tx.latest(RadiusAnswered, question=body.id, party=desk.party) is None:
            _enter_answer(tx, desk, answer, desk.clock())
            say(tx, desk, said, kind=RADIUS_ANSWER, to=sender, subject=body.incident)

    desk.store.run(unit)
    desk.said(sender)


def hear_radius_answer(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[RadiusAnswer], now: Instant) -> None:
    """The holder's answer to a question of ours.

    Raises:
        ActError: we asked the sender nothing of the kind, or it answered before, or about other items.
    """
    answer = statement.value
    asked = tx.latest(RadiusAsked, id=answer.question, party=desk.party)
    meant = asked is not None and (asked.to, asked.incident) == (sender, answer.incident)
    if asked is None or not meant or (answer.party, answer.to) != (sender, desk.party):
        raise ActError("exchange/unknown-question", "we asked the sender nothing of the kind", clauses=("F-17",))
    if [one.item for one in answer.found] != list(dict.fromkeys(asked.question.items)):
        raise ActError("exchange/unknown-question", "the answer is about other items than asked", clauses=("F-17",))
    if tx.latest(RadiusAnswered, question=answer.question, party=sender) is not None:
        raise ActError("exchange/question-answered", "the question was answered before", clauses=("F-17",))
    _enter_answer(tx, desk, answer, now)


def _check_asked(tx: Tx, sender: PartyCode, body: RadiusQuestion, now: Instant) -> None:
    before = [one.question for one in tx.every(RadiusAsked, party=sender)]
    times = {(one.intact, one.discovered) for one in before if one.incident == body.incident}
    asked = Counter(item for one in before for item in set(one.items))
    if (
        body.discovered > now.plus(seconds=MAX_SKEW_S)
        or body.discovered < body.intact.plus(seconds=LEAST_ASKED_S)
        or times - {(body.intact, body.discovered)}
        or any(asked[item] >= MAX_QUESTIONS for item in body.items)
    ):
        raise ActError(
            "exchange/asked-too-often",
            "a time to come, less than a day, another time for the same incident, or too often about one item",
            clauses=("F-17", "A-35"),
        )


def _ours(tx: Tx, desk: Desk, incident: IncidentId) -> tuple[tuple[ItemId, ...], Window]:
    case, heard = tx.latest(IncidentCase, id=incident), heard_reports(tx, incident)
    if case is not None:
        items, window = list(case.items), Window(intact=case.intact, discovered=case.discovered)
    elif heard:
        last = heard[-1].report
        items = [item for one in last.items for item in (*one.parents, one.item)]
        window = Window(intact=last.intact, discovered=last.discovered)
    else:
        raise unknown_incident(incident)
    ours = [item for item in dict.fromkeys(items) if _is_askers(tx, item, desk.party)]
    if not ours:
        raise LocalError(
            "flows/nothing-of-ours",
            f"`{incident}` concerns no item of ours",
            remedy="only an originator asks about its items",
        )
    return tuple(ours[:MAX_ASKED]), window


def _is_askers(tx: Tx, item: ItemId, party: PartyCode) -> bool:
    record = tx.latest(ItemRecord, id=item)
    return record is not None and record.originator == party


def _enter_question(tx: Tx, desk: Desk, body: RadiusQuestion, now: Instant) -> None:
    record = RadiusAsked(id=body.id, incident=body.incident, party=body.party, to=body.to, question=body, at=now)
    enter(tx, desk, record, event=Event.INCIDENT_ASKED, subject=body.incident, party=body.party)


def _enter_answer(tx: Tx, desk: Desk, answer: RadiusAnswer, now: Instant) -> None:
    record = RadiusAnswered(
        question=answer.question, incident=answer.incident, party=answer.party, answer=answer, at=now
    )
    enter(tx, desk, record, event=Event.INCIDENT_ANSWERED, subject=answer.incident, party=answer.party)
