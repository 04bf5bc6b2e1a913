"""Acknowledge what was said over the hotline and read it back; hear that, and compare.

What the receiving desk repeats is judged on both sides by the same rule, over the same text. What differs is entered
and alarmed, never refused: the record has to show it on both sides.

Source: relay 5.4; ACP 125 (READ BACK).
"""

from typing import Literal

from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import (
    HOTLINE_ACKNOWLEDGEMENT,
    AcknowledgementEntry,
    Alarm,
    AlarmCode,
    ExchangeError,
    HotlineAcknowledgement,
    HotlineMessage,
    MessageEntry,
    Texts,
    is_read_back,
    repeat_text,
    repeat_words,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hotline import enter_message
from gsomia.flows.hotline_alarms import enter_alarm
from gsomia.flows.hotline_desks import require_watch
from gsomia.flows.hotline_facts import open_words, stored_message
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office_at
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.ids import HexDigest, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act


def acknowledge_message(
    desk: Desk, actor: Actor, message: HexDigest, *, form: Literal["text", "words"] | None, repeated: str = ""
) -> AcknowledgementEntry:
    """Acknowledge a message that was heard; with a `form`, read it back, and be told whether that is the text.

    Raises:
        LocalError: no such message was heard.
        RefusedError: not a duty officer, or without the watch at the desk it was for.

    Source: relay 5.4 (read-back).
    """
    now = desk.clock()

    def read(tx: Tx) -> tuple[MessageEntry, HotlineMessage]:
        require_office_at(tx, actor, Office.DUTY_OFFICER, clause="A-32")
        entry = tx.latest(MessageEntry, message=message, direction="heard")
        if entry is None:
            raise LocalError("flows/unknown-message", "no such hotline message was heard", remedy="see `hotline log`")
        require_watch(tx, actor, name=entry.head.to_desk, now=now)
        return entry, stored_message(tx, entry)

    entry, stored = desk.store.run(read)
    texts = open_words(desk, stored)
    repeat = repeat_text if form == "text" else repeat_words
    body = HotlineAcknowledgement(
        message=message,
        party=desk.party,
        to=entry.party,
        desk=entry.head.to_desk,
        read_back=repeat(repeated, salt=texts.salt) if form else None,
        at=now,
    )
    statement = say_act(body, kind=HOTLINE_ACKNOWLEDGEMENT, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> AcknowledgementEntry:
        entered = _enter_acknowledgement(tx, desk, entry, statement, texts, direction="own", by=actor.person, now=now)
        say(
            tx,
            desk,
            statement,
            kind=HOTLINE_ACKNOWLEDGEMENT,
            to=entry.party,
            subject=statement.digest,
            urgency=entry.head.precedence.rank,
        )
        return entered

    entered = desk.store.run(unit)
    desk.said(entry.party)
    desk.settled(statement.digest)
    return entered


def hear_acknowledgement(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[HotlineAcknowledgement]], now: Instant
) -> None:
    """The receiving desk has a message of ours; what it read back is compared with the text.

    A read-back that differs is entered and alarmed, never refused: the record has to show it on both sides.

    Raises:
        ExchangeError: no such message went to the sender, or to another desk of it.
    """
    body = statement.value.body
    entry = tx.latest(MessageEntry, message=body.message, party=sender, direction="own")
    addressed = (body.party, body.to) == (sender, desk.party)
    if entry is None or not addressed or body.desk != entry.head.to_desk:
        raise ExchangeError("exchange/unknown-message", "no message of ours went to that desk of the sender")
    texts = open_words(desk, stored_message(tx, entry))
    _enter_acknowledgement(tx, desk, entry, statement, texts, direction="heard", by=None, now=now)


def enter_own_message(tx: Tx, desk: Desk, statement: Statement[Act[HotlineMessage]], now: Instant) -> None:
    """Enter again a message of ours that a node which was set back had lost."""
    if tx.latest(MessageEntry, message=statement.digest, direction="own") is None:
        enter_message(tx, desk, statement, direction="own", by=None, now=now)


def enter_own_acknowledgement(
    tx: Tx, desk: Desk, statement: Statement[Act[HotlineAcknowledgement]], now: Instant
) -> None:
    """Enter again an acknowledgement of ours that a node which was set back had lost."""
    entry = tx.latest(MessageEntry, message=statement.value.body.message, direction="heard")
    if entry is not None and tx.latest(AcknowledgementEntry, statement=statement.digest) is None:
        texts = open_words(desk, stored_message(tx, entry))
        _enter_acknowledgement(tx, desk, entry, statement, texts, direction="own", by=None, now=now)


def _enter_acknowledgement(
    tx: Tx,
    desk: Desk,
    entry: MessageEntry,
    statement: Statement[Act[HotlineAcknowledgement]],
    texts: Texts,
    *,
    direction: Literal["own", "heard"],
    by: PersonId | None,
    now: Instant,
) -> AcknowledgementEntry:
    body = statement.value.body
    right = is_read_back(body.read_back, texts) if body.read_back is not None else None
    entered = AcknowledgementEntry(
        message=entry.message,
        statement=statement.digest,
        party=entry.party,
        direction=direction,
        acknowledgement=body,
        right=right,
        by=by,
        at=now,
    )
    event = {
        None: Event.HOTLINE_ACKNOWLEDGED,
        True: Event.HOTLINE_READ_BACK_RIGHT,
        False: Event.HOTLINE_READ_BACK_DIFFERS,
    }[right]
    enter(tx, desk, entered, event=event, subject=entry.message, party=entry.party)
    if right is False:
        alarm = Alarm(reference=entry.message, code=AlarmCode.READ_BACK_DIFFERS, party=entry.party, since=now)
        enter_alarm(tx, desk, alarm)
    return entered
