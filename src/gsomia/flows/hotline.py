"""Say something over the hotline, and hear it.

1. The desk that speaks is manned by the person who acts, and the desk spoken to is named.
2. The level is stated before anything else; classified words go only where the line may carry them.
3. The words are sealed for both sides, the head is signed around them; number and signature come before the unit.
4. One unit asks the rules, writes watch log, statement and queue row; then the worker speaks, the more urgent first.
5. The receiving side opens the words in memory before it accepts, and enters the message once, however often it comes.

Nothing that is said here moves an agreement: no act under one is read from a hotline message (A-28).

Source: relay 5.4, A-32, A-11, A-28.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from gsomia import canon
from gsomia.audit import Event
from gsomia.envelope import seal_short
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import (
    HOTLINE_MESSAGE,
    SALT_BYTES,
    DeskName,
    ExchangeError,
    HotlineMessage,
    Matter,
    MessageEntry,
    MessageHead,
    Precedence,
    Texts,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hotline_desks import find_desk, require_desk, require_watch
from gsomia.flows.hotline_facts import keep_words, open_words
from gsomia.flows.hotline_lines import line_level, open_disclosure, require_line
from gsomia.flows.ledger import enter
from gsomia.flows.parties import partner
from gsomia.flows.people import require_office_at
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act

TRIES = 8
"""How often a number is drawn again because another desk of ours was quicker."""
MAX_AHEAD = 1000
"""How far a partner's numbers may run ahead of what was heard of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSay:
    """What a duty officer wants said. `level` is empty if it was not stated; then nothing is said."""

    to: PartyCode
    from_desk: DeskName
    to_desk: DeskName
    precedence: Precedence
    level: str
    matter: Matter
    ko: str | None
    ja: str | None
    en: str | None
    instrument: InstrumentId | None = None
    plan: HexDigest | None = None


def send_message(desk: Desk, actor: Actor, say_this: ToSay) -> Statement[Act[HotlineMessage]]:
    """Say a message to a desk of a partner; durable before it leaves.

    Raises:
        LocalError: a desk that is not named, or words that are none.
        RefusedError: no level stated, a diplomatic note, not on watch, or a line that may not carry the level.
        UnavailableError: other desks of ours speak all the time: repeat it.

    Source: relay 5.4, A-32, A-11, A-28, design 2 (law 1).
    """
    _refuse_unsayable(say_this)
    texts = _texts(desk, say_this)
    readers = (partner(desk, say_this.to).descriptor.sealing, desk.unlocked.keys.opener.public)
    for _ in range(TRIES):
        now = desk.clock()
        number = desk.store.run(partial(_may_say, desk=desk, actor=actor, say_this=say_this, now=now))
        head = _head(desk, say_this, number=number, now=now)
        words = seal_short(canon.encode(texts), head=canon.digest(head), readers=readers, entropy=desk.entropy)
        statement = say_act(
            HotlineMessage(head=head, words=words),
            kind=HOTLINE_MESSAGE,
            hand=actor.hand,
            signer=desk.unlocked.keys.statement,
        )
        if desk.store.run(partial(_enter_and_say, desk=desk, actor=actor, say_this=say_this, statement=statement)):
            desk.said(say_this.to)
            desk.settled(statement.digest)
            return statement
    raise UnavailableError("flows/number-taken", "other desks of ours speak at the same time", remedy="repeat it")


def hear_message(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[HotlineMessage]], now: Instant
) -> None:
    """A partner's desk says something to a desk of ours.

    1. It is from the sender to us, and something that may be said over a hotline, with its level stated.
    2. Both desks are named between us.
    3. Its number was not used for another message.
    4. The words open in memory and are texts.
    5. It is entered once; classified words make the form due, and on a line that may not carry them an incident.

    Raises:
        ExchangeError: step 1 to 3.
        OpenError, CanonError: step 4.

    Source: relay 5.4, A-32.
    """
    head = statement.value.body.head
    # (1) and (2): of both of us, with its level, between named desks
    if (head.sender, head.to) != (sender, desk.party):
        raise ExchangeError("exchange/not-between-us", "it is not about the sender and us")
    if head.matter is Matter.DIPLOMATIC_NOTE:
        raise ExchangeError("exchange/note-not-by-hotline", "a note is no hotline message", clauses=("A-11", "A-28"))
    if not head.level:
        raise ExchangeError("exchange/level-not-stated", "the level is stated first", clauses=("A-32",))
    ours = find_desk(tx, name=head.to_desk, owner=desk.party, peer=sender, now=now)
    theirs = find_desk(tx, name=head.from_desk, owner=sender, peer=sender, now=now)
    if ours is None or theirs is None:
        raise ExchangeError("exchange/unknown-desk", "a desk that is not named between us")
    # (3) numbers count within one sender
    if tx.latest(MessageEntry, party=sender, direction="heard", number=str(head.number)) is not None:
        raise ExchangeError("exchange/number-used", "another message came under that number")
    if head.number > tx.count(MessageEntry, party=sender, direction="heard") + MAX_AHEAD:
        raise ExchangeError("exchange/number-too-far", "the number runs too far ahead")
    # (4) opening is not reading
    texts = open_words(desk, statement.value.body)
    # (5) once
    enter_message(tx, desk, statement, direction="heard", by=None, now=now)
    if not head.classified:
        keep_words(desk, statement.digest, texts)


def enter_message(
    tx: Tx,
    desk: Desk,
    statement: Statement[Act[HotlineMessage]],
    *,
    direction: Literal["own", "heard"],
    by: PersonId | None,
    now: Instant,
) -> None:
    """Enter a message in the watch log, and what classified words make due."""
    head = statement.value.body.head
    other = head.to if direction == "own" else head.sender
    entry = MessageEntry(
        message=statement.digest,
        party=other,
        direction=direction,
        number=head.number,
        head=head,
        by=by,
        at=now,
    )
    enter(tx, desk, entry, event=Event.HOTLINE_MESSAGE_ENTERED, subject=statement.digest, party=other)
    if head.classified:
        found = line_level(tx, desk, partner=other, party=head.sender, level=head.level, instrument=head.instrument)
        open_disclosure(
            tx,
            desk,
            reference=statement.digest,
            party=other,
            level=head.level,
            accredited=found.accredited,
            now=now,
        )


def _refuse_unsayable(say_this: ToSay) -> None:
    if say_this.matter is Matter.DIPLOMATIC_NOTE:
        raise RefusedError(
            "flows/note-not-by-hotline",
            "a note is a signed writing with a number, and no hotline message",
            remedy="give it through the diplomatic channel: `agreement note`",
            clauses=("A-11", "A-28"),
        )
    if not say_this.level:
        raise RefusedError(
            "flows/level-not-stated",
            "the level is stated before anything else",
            remedy="`--level UNCLASSIFIED`, or a level of ours",
            clauses=("A-32",),
        )


def _texts(desk: Desk, say_this: ToSay) -> Texts:
    entered = {"ko": say_this.ko, "ja": say_this.ja, "en": say_this.en, "salt": desk.entropy(SALT_BYTES)}
    try:
        return canon.check(entered, Texts)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/no-words",
            "these are no words for a message",
            remedy="one language at least, up to 4000 characters each, nothing that cannot be seen",
        ) from cause


def _may_say(tx: Tx, desk: Desk, actor: Actor, say_this: ToSay, *, now: Instant) -> int:
    """The number it would have, if it may be said now."""
    require_office_at(tx, actor, Office.DUTY_OFFICER, clause="A-32")
    require_watch(tx, actor, name=say_this.from_desk, now=now)
    require_desk(tx, name=say_this.from_desk, owner=desk.party, peer=say_this.to, now=now)
    require_desk(tx, name=say_this.to_desk, owner=say_this.to, peer=say_this.to, now=now)
    head = _head(desk, say_this, number=1, now=now)
    if head.classified:
        require_line(tx, desk, to=say_this.to, level=say_this.level, instrument=say_this.instrument, now=now)
    return _next_number(tx, say_this.to)


def _next_number(tx: Tx, to: PartyCode) -> int:
    last = tx.latest(MessageEntry, party=to, direction="own")
    return last.number + 1 if last is not None else 1


def _head(desk: Desk, say_this: ToSay, *, number: int, now: Instant) -> MessageHead:
    return MessageHead(
        sender=desk.party,
        to=say_this.to,
        number=number,
        level=say_this.level,
        precedence=say_this.precedence,
        matter=say_this.matter,
        from_desk=say_this.from_desk,
        to_desk=say_this.to_desk,
        instrument=say_this.instrument,
        plan=say_this.plan,
        at=now,
    )


def _enter_and_say(
    tx: Tx, desk: Desk, actor: Actor, say_this: ToSay, statement: Statement[Act[HotlineMessage]]
) -> bool:
    """Whether its number was still free; else, and where it may not be said, nothing is written."""
    head = statement.value.body.head
    if _may_say(tx, desk, actor, say_this, now=desk.clock()) != head.number:
        return False
    enter_message(tx, desk, statement, direction="own", by=actor.person, now=head.at)
    urgency = head.precedence.rank
    say(tx, desk, statement, kind=HOTLINE_MESSAGE, to=head.to, subject=statement.digest, urgency=urgency)
    return True
