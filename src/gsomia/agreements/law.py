"""The law that protects what partners send: a home register of it, and what one government asks another of it.

The register holds texts of law with their dates. An entry may take the place of an earlier one: that is a change of
law, and it is flagged if it affects protection, or touches levels. A flagged change stays open until every partner has
been sent a note about it. One that touches levels opens a review of the table of every instrument that binds, and
names the version of the table that held when it was entered.

    >>> from gsomia.instants import Instant, Validity
    >>> text = LawText(title="Secrets Act", reference="Act No. 108", valid=Validity(start=Instant(0)))
    >>> days_open(since=Instant(0), at=Instant(3 * 86_400))
    3
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.agreements.agreement import NoteNumber
from gsomia.agreements.course import Course
from gsomia.agreements.domestic import Words
from gsomia.agreements.follow import History
from gsomia.agreements.lifecycle import IN_FORCE, Event, State
from gsomia.agreements.notes import NoteSubject
from gsomia.agreements.standing import ActRecord
from gsomia.ids import HexDigest, InstrumentId, LawId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.parties import Act

LAW_REQUEST = "law-request"
LAW_ANSWER = "law-answer"
MAX_TEXTS = 64
"""Texts of law in one answer."""
LAW_CHANGE_DAYS = 30
"""So long after a change of law every partner was sent a note about it (house rule A-12)."""
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class LawText:
    """A text of law: its name, where it is found, and its dates.

    Source: G3-1 (dates, text references).
    """

    title: Words
    reference: Words
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class LawEntry:
    """A line of the home register.

    Attributes:
        replaces: the entry it changes; None for a law that is new here.
        affects_protection: whether the change affects the protection of what partners sent.
        levels: whether it touches levels; that always affects protection.

    Source: G3-2, G3-3.
    """

    id: LawId
    text: LawText
    replaces: LawId | None
    affects_protection: bool
    levels: bool
    by: PersonId
    at: Instant

    def __post_init__(self) -> None:
        """A change of levels is one of protection.

        Raises:
            ValueError: it is not flagged.
        """
        if self.levels and not self.affects_protection:
            msg = "a change that touches levels affects protection"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVersion:
    """The table of levels of one text of an instrument, and from when it holds.

    Source: EQ-1, G3-3.
    """

    agreement: HexDigest
    table: HexDigest
    start: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsReview:
    """The review of an instrument's table after a change of law; the last line about a law and an instrument counts.

    Attributes:
        before: the table that held when the law was entered.
        after: the table that came of it, by an amendment.
        reason: why the table stays as it is.

    Source: G3-3.
    """

    law: LawId
    instrument: InstrumentId
    before: TableVersion
    after: TableVersion | None
    reason: Words | None
    by: PersonId
    at: Instant

    @property
    def is_open(self) -> bool:
        """Whether nobody has said what came of it."""
        return self.after is None and self.reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """The note that told an instrument's other parties."""

    instrument: InstrumentId
    note: NoteNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class LawClosed:
    """Nothing is left to do about an entry: every partner that had to be told was sent a note."""

    law: LawId
    notified: Annotated[tuple[Notified, ...], Meta(max_length=64)]
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRequest:
    """One government asks another for its law in force on protection.

    Source: G3-1.
    """

    instrument: InstrumentId
    party: PartyCode
    to: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LawAnswer:
    """The law in force, told on request; an obligation, unlike a request for information (G1-3).

    Source: G3-1.
    """

    request: HexDigest
    instrument: InstrumentId
    party: PartyCode
    to: PartyCode
    texts: Annotated[tuple[LawText, ...], Meta(min_length=1, max_length=MAX_TEXTS)]
    at: Instant


LawRequestAct = Act[LawRequest]
LawAnswerAct = Act[LawAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRequestRecord:
    """A request as one node knows it; `at` is when it was sent if it is ours, and when it came if it is not."""

    request: HexDigest
    instrument: InstrumentId
    party: PartyCode
    to: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LawAnswerRecord:
    """The answer to a request."""

    request: HexDigest
    answer: LawAnswer
    at: Instant


def law_in_force(entries: Iterable[LawEntry], *, at: Instant) -> tuple[LawText, ...]:
    """The texts that hold at an instant: those that have begun, and that no other that has begun takes the place of.

    Source: G3-1.
    """
    begun = [entry for entry in entries if entry.text.valid.covers(at)]
    replaced = {entry.replaces for entry in begun}
    return tuple(entry.text for entry in begun if entry.id not in replaced)


def binds(course: Course) -> bool:
    """Whether an instrument obliges to tell of a change of law: while it is in force, and over what outlives it.

    Source: G3-2, G21-5.
    """
    return course.state in IN_FORCE or course.state is State.TERMINATED


def table_start(history: History, course: Course, text: HexDigest) -> Instant | None:
    """From when the table of a text holds: since force, or since the amendment that brought the text.

    Source: G3-3, T14, T21.
    """
    if text not in course.texts:
        return None
    place = course.texts.index(text)
    if not place:
        return course.in_force_from
    amendments = [change.at for change in history.changes if change.event is Event.AMEND]
    return amendments[place - len(course.texts)]


def told_by_note(
    acts: Iterable[ActRecord], *, by: PartyCode, others: Iterable[PartyCode], number: str, levels: bool
) -> bool:
    """Whether a note about a change of law was sent to every other party of an instrument.

    Args:
        acts: under the instrument, those that were refused left out.
        by: the party whose law changed.
        others: whom it had to be sent to.
        number: of the note.
        levels: whether the note has to say that levels change.

    Source: G3-2, F-25.
    """
    sent_to = {
        act.note.to
        for act in acts
        if act.note is not None
        and act.party == by
        and act.note.subject is NoteSubject.LAW_CHANGE
        and act.note.number == number
        and (act.note.levels or not levels)
    }
    return sent_to >= set(others)


def law_change_due(entry: LawEntry) -> Instant | None:
    """By when every partner was sent a note about a change of law; None if the change affects no protection.

    Source: G3-2, A-12.
    """
    return entry.at.plus(days=LAW_CHANGE_DAYS) if entry.affects_protection else None


def days_open(*, since: Instant, at: Instant) -> int:
    """How many whole days a request has waited, or waited.

    Source: G3-1 (ageing counter).
    """
    return max(0, (at.epoch_s - since.epoch_s) // _DAY_S)
