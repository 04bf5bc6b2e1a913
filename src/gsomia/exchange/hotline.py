"""Hotline messages between named desks: what is said, at which precedence, at which level, and in which languages.

The head of a message is clear and holds desks, codes and numbers; its words are sealed for both sides. The level stands
in the head because it is stated before anything else. Words are kept exactly as they were entered, side by side in the
languages their writer wrote; nothing here translates.

    >>> Precedence.FLASH.rank > Precedence.IMMEDIATE.rank > Precedence.PRIORITY.rank > Precedence.ROUTINE.rank > 0
    True

Source: relay 5.4, A-32, A-11, A-28; the words of precedence are those of ACP 121.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from gsomia import canon
from gsomia.envelope import ShortSealed
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act

HOTLINE_DESK = "hotline-desk"
HOTLINE_MESSAGE = "hotline-message"
HOTLINE_ACKNOWLEDGEMENT = "hotline-acknowledgement"

UNCLASSIFIED = "UNCLASSIFIED"
"""The level that is stated when a message holds no classified information."""
MAX_TEXT = 4000
"""Characters of a message in one language."""
SALT_BYTES = 16
DIGEST_WORDS = 6
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

DeskName = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,30}\\Z")]
"""A desk is known to both sides by a short name, for example `mnd-ops`."""
CallNumber = Annotated[str, Meta(pattern="^[0-9+*#][0-9 +*#()-]{1,39}\\Z")]
"""A telephone or circuit number as it is dialled."""
Level = Annotated[str, Meta(max_length=40)]
"""`UNCLASSIFIED`, or a level of the sender's own; empty is no level, and is refused with that reason."""

SPELLING = (
    "ALFA",
    "BRAVO",
    "CHARLIE",
    "DELTA",
    "ECHO",
    "FOXTROT",
    "GOLF",
    "HOTEL",
    "INDIA",
    "JULIETT",
    "KILO",
    "LIMA",
    "MIKE",
    "NOVEMBER",
    "OSCAR",
    "PAPA",
    "QUEBEC",
    "ROMEO",
    "SIERRA",
    "TANGO",
    "UNIFORM",
    "VICTOR",
    "WHISKEY",
    "XRAY",
    "YANKEE",
    "ZULU",
)
"""The spelling alphabet, read aloud in every language alike.

Source: ACP 125.
"""


class Precedence(StrEnum):
    """How urgently a message is handled.

    Source: ACP 121.
    """

    ROUTINE = "ROUTINE"
    PRIORITY = "PRIORITY"
    IMMEDIATE = "IMMEDIATE"
    FLASH = "FLASH"

    @property
    def rank(self) -> int:
        """Higher goes first; what has no precedence has 0."""
        return list(Precedence).index(self) + 1


class Matter(StrEnum):
    """What a message is about. The last is listed in order to be refused by name.

    Source: relay 5.4 (topic: coordination), A-11 and A-28 (a note is a signed writing with a number).
    """

    COORDINATION = "coordination"
    TEST = "test"
    DIPLOMATIC_NOTE = "diplomatic-note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One text in the languages it was entered in, at least one; `salt` keeps short texts from being guessed."""

    ko: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)] | None
    ja: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)] | None
    en: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)] | None
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]

    def __post_init__(self) -> None:
        """Refuse what a reader could not see or would see as something else.

        Raises:
            ValueError: no text, nothing but spaces, or characters that print nothing.
        """
        entered = self.entered
        if not entered:
            msg = "a message has words in at least one language"
            raise ValueError(msg)
        for text in entered.values():
            if not text.strip() or not _is_seen(text):
                msg = "a text that shows nothing, or holds characters that cannot be seen"
                raise ValueError(msg)

    @property
    def entered(self) -> dict[str, str]:
        """The texts by language, Korean, Japanese, English."""
        return {name: text for name, text in (("ko", self.ko), ("ja", self.ja), ("en", self.en)) if text is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNotice:
    """A party names a desk of its own to another: where it is reached, and in whose words.

    Source: relay 5.4.
    """

    party: PartyCode
    to: PartyCode
    desk: DeskName
    title_ko: Annotated[str, Meta(max_length=80)]
    title_ja: Annotated[str, Meta(max_length=80)]
    title_en: Annotated[str, Meta(max_length=80)]
    numbers: Annotated[tuple[CallNumber, ...], Meta(max_length=8)]
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHead:
    """What is clear of a message: fixed before its words are sealed, and their sealing is bound to it.

    Args:
        sender: the party whose desk speaks.
        to: the party whose desk is spoken to.
        number: counts from 1 within what `sender` says to `to`, without gaps.
        level: stated first; `UNCLASSIFIED` or a level of the sender's own.
        instrument: the agreement under which classified words are said; None if there are none.
        plan: the plan that a test call belongs to, by its digest.
    """

    sender: PartyCode
    to: PartyCode
    number: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    level: Level
    precedence: Precedence
    matter: Matter
    from_desk: DeskName
    to_desk: DeskName
    instrument: InstrumentId | None
    plan: HexDigest | None
    at: Instant

    @property
    def classified(self) -> bool:
        """Whether the words hold classified information, as stated."""
        return self.level != UNCLASSIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineMessage:
    """A message: head and sealed words."""

    head: MessageHead
    words: ShortSealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What the receiving desk repeated, by a digest that only who has the text can compare."""

    form: Literal["text", "words"]
    repeated: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineAcknowledgement:
    """The receiving desk has a message; with `read_back`, it also repeated it.

    Source: ACP 125 (READ BACK, I READ BACK).
    """

    message: HexDigest
    party: PartyCode
    to: PartyCode
    desk: DeskName
    read_back: ReadBack | None
    at: Instant


HotlineDeskAct = Act[DeskNotice]
HotlineMessageAct = Act[HotlineMessage]
HotlineAcknowledgementAct = Act[HotlineAcknowledgement]


def digest_words(texts: Texts) -> tuple[str, ...]:
    """Six words of the spelling alphabet that stand for a text: short enough to be said, bound to every character."""
    drawn = int.from_bytes(hashlib.sha256(b"gsomia/hotline-words\x00" + canon.encode(texts)).digest(), "big")
    words = []
    for _ in range(DIGEST_WORDS):
        drawn, index = divmod(drawn, len(SPELLING))
        words.append(SPELLING[index])
    return tuple(words)


def repeat_text(repeated: str, *, salt: bytes) -> ReadBack:
    """A read-back of the text itself; runs of spaces and line ends count as one space."""
    return ReadBack(form="text", repeated=_repeated("text", " ".join(repeated.split()), salt))


def repeat_words(words: str, *, salt: bytes) -> ReadBack:
    """A read-back of the digest words, in any case."""
    return ReadBack(form="words", repeated=_repeated("words", " ".join(words.upper().split()), salt))


def is_read_back(read_back: ReadBack, texts: Texts) -> bool:
    """Whether what was repeated is the text, in any language it was entered in, or its digest words.

    Invariant (one rule book): both sides hold text and read-back, and judge alike.
    """
    if read_back.form == "words":
        return read_back == repeat_words(" ".join(digest_words(texts)), salt=texts.salt)
    return any(read_back == repeat_text(text, salt=texts.salt) for text in texts.entered.values())


def _is_seen(text: str) -> bool:
    plain = text.replace("\n", " ").replace("\u3000", " ")  # the space of Japanese texts
    return plain.isprintable() or all(unicodedata.category(one) not in _UNSEEN for one in plain)


def _repeated(form: str, text: str, salt: bytes) -> HexDigest:
    return canon.digest({"form": form, "text": text, "salt": salt.hex()})
