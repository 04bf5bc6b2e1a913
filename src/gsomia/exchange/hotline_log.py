"""The watch log of the hotline: what a node keeps of desks, watches, messages, calls, tests and disclosures.

Words are not here: they stand sealed in the statements that these records name by digest.

Source: relay 5.4 (call log), G2-4, A-32, F-13.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.exchange.hotline import DeskName, DeskNotice, HotlineAcknowledgement, Level, MessageHead, Precedence
from gsomia.ids import Count, HexDigest, PartyCode, PersonId
from gsomia.instants import Instant, Validity

CallId = Annotated[str, Meta(pattern="^[A-Z]{3,4}-HC-[0-9]{6,12}\\Z")]
"""A voice call in our own log, for example `KOR-HC-000007`."""
Line = Annotated[str, Meta(min_length=1, max_length=200)]
"""One line that a duty officer writes: a name, an office, a subject heading; never content."""
Code = Annotated[str, Meta(pattern="^[a-z]+/[a-z0-9-]+\\Z", max_length=80)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineDesk:
    """A named desk, ours or a partner's; `peer` is the other party it was named to, or by."""

    desk: DeskName
    owner: PartyCode
    peer: PartyCode
    notice: DeskNotice
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTurn:
    """A person has the watch at a desk of ours. A later turn that covers the same time takes its place.

    Args:
        relieves: who had the watch before; None if it was nobody, or the turn was only planned.
        open: messages that were handed over: not acknowledged, or not read back rightly.
    """

    desk: DeskName
    person: PersonId
    valid: Validity
    relieves: PersonId | None
    open: Annotated[tuple[HexDigest, ...], Meta(max_length=1000)]
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEntry:
    """A message in the watch log: ours, or heard; once each. `by` is our own person, and nobody's name of theirs."""

    message: HexDigest
    party: PartyCode
    direction: Literal["own", "heard"]
    number: Count
    head: MessageHead
    by: PersonId | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementEntry:
    """A message was acknowledged; `right` is None without a read-back, else whether it repeats the text."""

    message: HexDigest
    statement: HexDigest
    party: PartyCode
    direction: Literal["own", "heard"]
    acknowledgement: HotlineAcknowledgement
    right: bool | None
    by: PersonId | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsShown:
    """Classified words of a message were shown to a person; written before they are.

    Source: F-07.
    """

    message: HexDigest
    reader: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """A voice call as its duty officer logged it: carried elsewhere, written here.

    Source: relay 5.4 (time, callers, subject, CMI yes or no).
    """

    call: CallId
    party: PartyCode
    our_desk: DeskName
    their_desk: DeskName
    callers: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=16)]
    subject: Line
    level: Level
    classified: bool
    began: Instant
    ended: Instant
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """Test calls between two desks, again and again; `within_s` is how long each may be late."""

    plan: HexDigest
    party: PartyCode
    direction: Literal["own", "heard"]
    our_desk: DeskName
    their_desk: DeskName
    precedence: Precedence
    first: Instant
    every_s: Annotated[int, Meta(ge=60, le=31_622_400)]
    within_s: Annotated[int, Meta(ge=60, le=86_400)]
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureOpened:
    """Classified information was said over the hotline: the form is due.

    Args:
        reference: the message or the call.
        level: as stated, or as found out afterwards.
        accredited: whether the line was accredited for the level at that time.

    Source: A-32, G2-4.
    """

    reference: str
    party: PartyCode
    level: Level
    accredited: bool
    due: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureForm:
    """The form as filled in; the last one counts. Without who heard it, it stays incomplete.

    Source: G2-4, F-13.
    """

    reference: str
    spoke: Annotated[tuple[Line, ...], Meta(max_length=64)]
    heard: Annotated[tuple[Line, ...], Meta(max_length=64)]
    level: Level
    line: Line
    content: Annotated[str, Meta(max_length=200)]
    note_taken: bool
    by: PersonId
    at: Instant

    @property
    def complete(self) -> bool:
        """Whether it says who spoke, who heard and what it was about, by reference."""
        return bool(self.spoke and self.heard and self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineAlarm:
    """An alarm of the hotline as it came to the record, once for each reference and code."""

    reference: str
    code: Code
    party: PartyCode
    since: Instant
    at: Instant
