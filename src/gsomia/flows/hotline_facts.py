"""What the record says of hotline messages: how far each came, and their words for who may see them."""

from collections import OrderedDict
from typing import cast

from gsomia import canon
from gsomia.envelope import OpenError, open_short
from gsomia.exchange import (
    AcknowledgementEntry,
    HotlineMessage,
    HotlineMessageAct,
    MessageEntry,
    MessageFacts,
    Texts,
)
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.flows.records import ReceiptRecord, RefusalRecord, StatementRecord
from gsomia.ids import HexDigest
from gsomia.parties import read_own

MAX_WORDS = 64
"""Messages whose words are at hand."""
_MEMO = "hotline words"


def message_facts(tx: Tx, entry: MessageEntry) -> MessageFacts:
    """One message of the watch log and what came of it."""
    own = entry.direction == "own"
    refusal = tx.latest(RefusalRecord, subject=entry.message, party=entry.party) if own else None
    return MessageFacts(
        entry=entry,
        acknowledgements=tuple(tx.every(AcknowledgementEntry, message=entry.message)),
        delivered=not own or tx.latest(ReceiptRecord, reference=entry.message, party=entry.party) is not None,
        refused=refusal.code if refusal is not None else None,
    )


def stored_message(tx: Tx, entry: MessageEntry) -> HotlineMessage:
    """The message itself, as the statement that carried it."""
    record = tx.latest(StatementRecord, digest=entry.message, direction=entry.direction, party=entry.party)
    if record is None:
        msg = "an entered message has its statement in the record"
        raise RuntimeError(msg)
    return read_own(record.envelope, HotlineMessageAct).body


def keep_words(desk: Desk, message: HexDigest, texts: Texts) -> None:
    """Keep words that hold nothing classified at hand: the desk that waits for them is shown them at once."""
    words = _words_at_hand(desk)
    words[message] = texts
    if len(words) > MAX_WORDS:
        words.popitem(last=False)


def entered_words(tx: Tx, desk: Desk, entry: MessageEntry) -> Texts:
    """The words of an entered message that holds nothing classified.

    Raises:
        OpenError: they open with none of our keys.
    """
    return _words_at_hand(desk).get(entry.message) or open_words(desk, stored_message(tx, entry))


def _words_at_hand(desk: Desk) -> OrderedDict[HexDigest, Texts]:
    return cast("OrderedDict[HexDigest, Texts]", desk.memo.setdefault(_MEMO, OrderedDict()))


def open_words(desk: Desk, message: HotlineMessage) -> Texts:
    """The words of a message, with whichever of our keys they were sealed for.

    Raises:
        OpenError: they open with none of them, or under this head.
        CanonError: they are no texts.

    Trust: the statement around the message must have verified.
    """
    keyring = desk.unlocked.keyring
    for wrapped in message.words.wrapped:
        opener = keyring.opener(wrapped.key)
        if opener is not None:
            return canon.decode(open_short(message.words, head=canon.digest(message.head), opener=opener), Texts)
    raise OpenError("envelope/does-not-open", "the envelope does not open")
