"""Purposes: opened with a text and an end, renewed or closed; and the originator asked for any other use.

What was given for a purpose that has ended is read no more until the purpose is renewed, and waits for its disposition.

Source: G6-4, G6-9, A-11, A-16, A-17.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gsomia import canon
from gsomia.agreements import ActError, Purpose
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_held
from gsomia.flows.ledger import enter
from gsomia.flows.levels import MAX_COPIES
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.remark import holders_of
from gsomia.flows.say import say
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.policy import disposition_due
from gsomia.registry import (
    PURPOSE_ANSWER,
    PURPOSE_REQUEST,
    RENEWAL_DAYS,
    ItemLine,
    PurposeAnswer,
    PurposeAnswered,
    PurposeAsked,
    PurposeDeed,
    PurposeLine,
    PurposeRequest,
    RegisterError,
)

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeStanding:
    """A purpose as it stands, and what waits for its disposition because it ended.

    Args:
        line: the last deed.
        ended: since when it is over; None while it is open.
        due: by when what it was given for is returned, destroyed, or the purpose renewed.
        items: what is held for it.
    """

    line: PurposeLine
    ended: Instant | None
    due: Instant | None
    items: tuple[ItemId, ...]


def open_purpose(
    desk: Desk, actor: Actor, *, code: str, text: str, ends: str, blanket: bool, review: Instant
) -> PurposeLine:
    """Enter a purpose with what it means and when it ends.

    Raises:
        RegisterError: it is open already, or its review lies too far or in the past.

    Source: A-16.
    """

    def made(before: PurposeLine | None, now: Instant) -> PurposeLine:
        if before is not None and before.ended_at(now) is None:
            raise RegisterError("registry/purpose-open", f"`{code}` is open", remedy="renew or close it")
        return PurposeLine(
            code=code,
            deed=PurposeDeed.OPENED,
            text=text,
            ends=ends,
            blanket=blanket,
            review_at=review,
            by=actor.person,
            at=now,
        )

    return _enter(desk, actor, code, made)


def renew_purpose(desk: Desk, actor: Actor, *, code: str, review: Instant) -> PurposeLine:
    """Say that a purpose still holds, until another review; what it was given for may be read again.

    Raises:
        RegisterError: nobody opened it, or its review lies too far or in the past.

    Source: G6-9, A-16.
    """

    def made(before: PurposeLine | None, now: Instant) -> PurposeLine:
        known = _opened(before, code)
        return _again(known, PurposeDeed.RENEWED, review=review, actor=actor, now=now)

    return _enter(desk, actor, code, made)


def close_purpose(desk: Desk, actor: Actor, *, code: str) -> PurposeLine:
    """Say that a purpose is over: what it was given for is read no more, and waits for its disposition.

    Raises:
        RegisterError: nobody opened it, or it is closed.

    Source: G6-9, A-17.
    """

    def made(before: PurposeLine | None, now: Instant) -> PurposeLine:
        known = _opened(before, code)
        if known.deed is PurposeDeed.CLOSED:
            raise RegisterError("registry/purpose-closed", f"`{code}` is closed", remedy="see `gsomia purpose list`")
        return _again(known, PurposeDeed.CLOSED, review=known.review_at, actor=actor, now=now)

    return _enter(desk, actor, code, made)


def list_purposes(tx: Tx, desk: Desk, *, now: Instant) -> list[PurposeStanding]:
    """Every purpose with what is held for it; the disposition tasks are those of the ones that ended.

    Source: G6-9, A-17.
    """
    found = []
    for line in {line.code: line for line in tx.every(PurposeLine)}.values():
        ended = line.ended_at(now)
        held = tx.lines(ItemLine, limit=MAX_COPIES, purpose=line.code)
        items = tuple(
            one.item for one in held if one.originator != desk.party and is_held(tx, desk.party, get_item(tx, one.item))
        )
        due = disposition_due(ended) if ended and items else None
        found.append(PurposeStanding(line=line, ended=ended, due=due, items=items))
    return found


def has_held(tx: Tx, desk: Desk, purpose: str) -> bool:
    """Whether anything that was given for a purpose is still held.

    Source: G6-9.
    """
    after = None
    while page := tx.lines(ItemLine, limit=PAGE, after=after, purpose=purpose):
        for one in page:
            if one.originator != desk.party and is_held(tx, desk.party, get_item(tx, one.item)):
                return True
        after = page[-1]
    return False


def ask_purpose(desk: Desk, actor: Actor, item: ItemId, *, purpose: str, text: str, until: Instant) -> HexDigest:
    """Ask the originator to use an item for another purpose, until a day.

    Raises:
        RegisterError: the item is our own, or was derived here: ask for what it was made from.

    Source: G6-4, A-16.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G6-4")
    record, now = desk.store.run(lambda tx: get_item(tx, item)), desk.clock()
    if record.origin is None or record.origin.sender != record.originator:
        raise RegisterError(
            "registry/not-received",
            f"`{item}` did not come from its originator",
            remedy="ask for the item it was made from",
            clauses=("G6-4",),
        )
    request = PurposeRequest(
        item=item,
        originator=record.originator,
        holder=desk.party,
        purpose=canon.check(purpose, Purpose),
        text=text,
        until=until,
        at=now,
    )
    statement = say_act(request, kind=PURPOSE_REQUEST, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_request(tx, desk, statement, at=now)
        say(tx, desk, statement, kind=PURPOSE_REQUEST, to=record.originator, subject=item)

    desk.store.run(unit)
    desk.said(record.originator)
    return statement.digest


def answer_purpose(desk: Desk, actor: Actor, request: HexDigest, *, granted: bool) -> PurposeAnswer:
    """Say, as originator, whether an item may be used for another purpose.

    Raises:
        LocalError: nobody asked that.
        RegisterError: it was answered.

    Source: G6-4, A-11.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-4")
    now = desk.clock()

    def read(tx: Tx) -> PurposeRequest:
        asked = tx.latest(PurposeAsked, request=request)
        if asked is None or asked.body.originator != desk.party:
            raise LocalError(
                "flows/unknown-request", f"nobody asked us `{request}`", remedy="see `gsomia purpose list`"
            )
        if tx.latest(PurposeAnswered, request=request) is not None:
            raise RegisterError("registry/answered", f"`{request}` was answered", remedy="see `gsomia purpose list`")
        return asked.body

    body = desk.store.run(read)
    if granted and body.until <= now:
        raise RegisterError("registry/request-over", "the day it was asked for is past", remedy="refuse it")
    answer = PurposeAnswer(
        request=request,
        item=body.item,
        originator=desk.party,
        holder=body.holder,
        purpose=body.purpose,
        valid=Validity(start=now, until=body.until) if granted else None,
        at=now,
    )
    statement = say_act(answer, kind=PURPOSE_ANSWER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        read(tx)
        enter_answer(tx, desk, statement, at=now)
        say(tx, desk, statement, kind=PURPOSE_ANSWER, to=body.holder, subject=body.item)

    desk.store.run(unit)
    desk.said(body.holder)
    return answer


def hear_purpose_request(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PurposeRequest]], now: Instant
) -> None:
    """A holder asks us for another purpose.

    Raises:
        ActError: it holds no such item of ours.

    Source: G6-4.
    """
    body = statement.value.body
    if (body.holder, body.originator) != (sender, desk.party) or sender not in holders_of(tx, body.item):
        raise ActError("registry/not-a-holder", "the sender holds no such item of ours", clauses=("G6-4",))
    enter_request(tx, desk, statement, at=now)


def hear_purpose_answer(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PurposeAnswer]], now: Instant
) -> None:
    """The originator answers what we asked, word for word.

    Raises:
        ActError: we did not ask that of the sender.

    Source: G6-4.
    """
    body = statement.value.body
    asked = tx.latest(PurposeAsked, request=body.request)
    wanted = asked.body if asked else None
    about = (wanted.item, wanted.originator, wanted.holder, wanted.purpose) if wanted else None
    if about != (body.item, sender, desk.party, body.purpose) or body.originator != sender:
        raise ActError("registry/not-asked", "that was not asked of the sender", clauses=("G6-4",))
    enter_answer(tx, desk, statement, at=now)


def enter_request(tx: Tx, desk: Desk, statement: Statement[Act[PurposeRequest]], *, at: Instant) -> None:
    """Keep a request, ours or heard."""
    body = statement.value.body
    record = PurposeAsked(request=statement.digest, item=body.item, body=body, at=at)
    enter(tx, desk, record, event=Event.PURPOSE_ASKED, subject=body.item, request=statement.digest)


def enter_answer(tx: Tx, desk: Desk, statement: Statement[Act[PurposeAnswer]], *, at: Instant) -> None:
    """Keep an answer, ours or heard."""
    body = statement.value.body
    record = PurposeAnswered(request=body.request, item=body.item, statement=statement.digest, body=body, at=at)
    enter(tx, desk, record, event=Event.PURPOSE_ANSWERED, subject=body.item, request=body.request)


def list_requests(tx: Tx) -> list[tuple[PurposeAsked, PurposeAnswered | None]]:
    """Every request, ours and heard, with its answer."""
    return [(asked, tx.latest(PurposeAnswered, request=asked.request)) for asked in tx.every(PurposeAsked)]


def _lines_of(tx: Tx, purpose: str) -> list[ItemLine]:
    return tx.lines(ItemLine, limit=MAX_COPIES, purpose=purpose)


def _enter(
    desk: Desk, actor: Actor, code: str, made: Callable[[PurposeLine | None, Instant], PurposeLine]
) -> PurposeLine:
    require_office(desk, actor, Office.CONTROL_OFFICER, Office.SECURITY_OFFICER, clause="G6-9")
    now = desk.clock()

    def unit(tx: Tx) -> PurposeLine:
        line = made(tx.latest(PurposeLine, code=code), now)
        if line.deed is not PurposeDeed.CLOSED and not now < line.review_at <= _furthest(line, now):
            raise RegisterError(
                "registry/review-day",
                f"`{code}` cannot be reviewed on {line.review_at}",
                remedy="name a later day; a blanket purpose is renewed every year",
                clauses=("G6-9", "A-16"),
            )
        enter(tx, desk, line, event=Event.PURPOSE_CHANGED, subject=code, deed=line.deed)
        return line

    return desk.store.run(unit)


def _furthest(line: PurposeLine, now: Instant) -> Instant:
    return now.plus(days=RENEWAL_DAYS) if line.blanket else line.review_at


def _opened(before: PurposeLine | None, code: str) -> PurposeLine:
    if before is None:
        raise RegisterError("registry/unknown-purpose", f"nobody opened `{code}`", remedy="open it first")
    return before


def _again(before: PurposeLine, deed: PurposeDeed, *, review: Instant, actor: Actor, now: Instant) -> PurposeLine:
    return replace(before, deed=deed, review_at=review, by=actor.person, at=now)
