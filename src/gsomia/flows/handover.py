"""Hand a copy over: the giver signs, the taker signs, and only then is the copy the taker's.

1. The giver has the copy in hand, and the taker may know the item; a denial is recorded and ends here.
2. The giver's signature is on record; the copy stays the giver's.
3. The taker signs the same line; whether they may know it is decided again, on the facts of that moment.

Source: F-05, G7-2, G9-2, LEDGER-2.
"""

from collections.abc import Callable

from gsomia.audit import Event
from gsomia.errors import WaitingError
from gsomia.flows.custody import copy_line, let_wait, move_copy, wait_no_more
from gsomia.flows.decide import Answer, ask_access, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.release import refuse_unless_permitted
from gsomia.flows.second import same_person
from gsomia.ids import CopyId, ItemId, PersonId, new_decision_id
from gsomia.parties import Act, sign_act
from gsomia.policy import Decision, Verdict
from gsomia.registry import (
    GIVEN,
    TAKEN,
    CustodyEvent,
    CustodyKind,
    HandOver,
    HandOverLine,
    HandOverOffer,
    Place,
    RegisterError,
    Waiting,
    follow,
)


def hand_over(desk: Desk, actor: Actor, item: ItemId, *, copy: CopyId, to: PersonId) -> HandOverLine:
    """Hand a copy over to another person, or take over what was handed to you.

    Args:
        desk: ours, unlocked.
        actor: who has the copy, or `to`, who takes it.
        item: of the register.
        copy: which copy.
        to: who takes it over.

    Raises:
        WaitingError: the giver has signed; the taker has to.
        RegisterError: the actor has not got the copy, hands it to themselves, or nothing was handed to them.
        RefusedError: the taker may not know the item; the denial is recorded.
    """
    require_own_key(desk, actor)
    line = desk.store.run(lambda tx: copy_line(tx, item, copy))
    if actor.person == to and line.holder != to:
        return _take(desk, actor, item, copy=copy)
    body = HandOver(item=item, copy=copy, giver=actor.person, taker=to, at=desk.clock())
    follow(line, _event(desk, body))  # what cannot follow is refused before anybody is asked about
    _decide(desk, actor, item, reader=to, also=lambda tx: _give(tx, desk, actor, body))
    raise WaitingError(
        "flows/taker-signs",
        f"copy {copy} of `{item}` is handed over and stays with `{actor.person}` until `{to}` has signed",
        remedy=f"`{to}` types the same command",
        clauses=("F-05",),
    )


def _give(tx: Tx, desk: Desk, actor: Actor, body: HandOver) -> HandOverOffer:
    follow(copy_line(tx, body.item, body.copy), _event(desk, body))
    offer = HandOverOffer(
        item=body.item,
        copy=body.copy,
        taker=body.taker,
        given=sign_act(body, kind=GIVEN, hand=actor.hand),
        at=body.at,
    )
    enter(tx, desk, offer, event=Event.HAND_OVER_GIVEN, subject=body.item, copy=body.copy)
    let_wait(tx, body.item, Waiting.HAND_OVER, body.copy, since=offer.at)
    return offer


def _take(desk: Desk, actor: Actor, item: ItemId, *, copy: CopyId) -> HandOverLine:
    offer = desk.store.run(lambda tx: open_offer(tx, item, copy=copy, taker=actor.person))
    taken = sign_act(offer.given.body, kind=TAKEN, hand=actor.hand)
    lines: list[HandOverLine] = []

    def unit(tx: Tx) -> None:
        lines.append(_enter_taken(tx, desk, open_offer(tx, item, copy=copy, taker=actor.person), taken))

    _decide(desk, actor, item, reader=actor.person, also=unit)
    return lines[-1]


def _enter_taken(tx: Tx, desk: Desk, offer: HandOverOffer, taken: Act[HandOver]) -> HandOverLine:
    body = offer.given.body
    if taken.body != body or taken.by.key == offer.given.by.key:
        raise same_person("a hand-over is signed by two persons, over one line", clause="F-05")
    done = HandOverLine(
        item=body.item, copy=body.copy, taker=body.taker, given=offer.given, taken=taken, at=desk.clock()
    )
    enter(tx, desk, done, event=Event.HAND_OVER_TAKEN, subject=body.item, copy=body.copy)
    move_copy(tx, desk, _event(desk, body))
    wait_no_more(tx, body.item, Waiting.HAND_OVER, body.copy)
    return done


def open_offer(tx: Tx, item: ItemId, *, copy: CopyId, taker: PersonId) -> HandOverOffer:
    """The offer of a copy that its taker may sign now.

    Raises:
        RegisterError: there is none: it was taken over, or lapsed because the copy moved.

    Source: F-05, LEDGER-2.
    """
    line = copy_line(tx, item, copy)
    offers = [one for one in tx.every(HandOverOffer, item=item) if one.copy == copy]
    last = offers[-1] if offers else None
    stands = (
        last is not None
        and last.taker == taker
        and line.place is Place.HELD
        and line.holder == last.given.body.giver
        and line.at <= last.at
        and not any(one.given == last.given for one in tx.every(HandOverLine, item=item))
    )
    if last is None or not stands:
        raise RegisterError(
            "registry/nothing-handed-over",
            f"nobody who has copy {copy} of `{item}` has handed it over to `{taker}`",
            remedy="the giver signs first: `item hand-over`",
            clauses=("F-05", "G9-2"),
        )
    return last


def _decide(desk: Desk, actor: Actor, item: ItemId, *, reader: PersonId, also: Callable[[Tx], object]) -> None:
    """Only somebody who may know an item takes it over; the decision and what follows from it are one unit."""
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> Decision:
        answer: Answer = ask_access(tx, desk, item, reader=reader, purpose=get_item(tx, item).purpose)
        if answer.decision.verdict is Verdict.PERMIT:
            also(tx)
        record_decision(tx, desk, answer, decision_id=decision_id, question="access", item=item, by=actor.person)
        return answer.decision

    refuse_unless_permitted(desk.store.run(unit), decision_id=decision_id)


def _event(desk: Desk, body: HandOver) -> CustodyEvent:
    return CustodyEvent(
        item=body.item,
        copy=body.copy,
        kind=CustodyKind.HANDED_OVER,
        custodian=desk.party,
        by=body.giver,
        to=body.taker,
        at=desk.clock(),
    )
