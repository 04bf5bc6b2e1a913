"""Acts that move an instrument, as statements carry them: diplomatic notes, and the deeds of named bodies.

From signature on only notes and the calendar move the state (A-28); before it, deeds do. Each names the act of the same
party before it, so that none is lost, doubled or put in another order unseen. An act that needs every party takes
effect when all have signed the same matter. Sent, received and effective time are three things: an act counts from
when the other side recorded it, whatever its own date says.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.agreements.agreement import Agreement, AuthorityId, NoteNumber
from gsomia.agreements.domestic import StepReport, Words
from gsomia.agreements.guards import Body
from gsomia.agreements.lifecycle import Event
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act


class NoteSubject(StrEnum):
    """Subject codes of the diplomatic note register that this software acts on.

    Source: F-25.
    """

    AUTHORITY_NAMED = "ca-named"
    COMPLETION = "completion"
    TERMINATION = "termination"
    SUSPENSION = "suspension"
    POSITION = "position"
    REVIVAL = "revival"
    WITHDRAWAL = "withdrawal"
    LAW_CHANGE = "law-change"
    DISPUTE_OPENED = "dispute-opened"
    DISPUTE_CLOSED = "dispute-closed"


NOTE_EVENTS: MappingProxyType[NoteSubject, Event] = MappingProxyType(
    {
        NoteSubject.COMPLETION: Event.NOTIFY_COMPLETED,
        NoteSubject.TERMINATION: Event.GIVE_NOTICE,
        NoteSubject.SUSPENSION: Event.SUSPEND_NOTICE,
        NoteSubject.POSITION: Event.TAKE_POSITION,
        NoteSubject.REVIVAL: Event.REVIVE_NOTICE,
        NoteSubject.WITHDRAWAL: Event.WITHDRAW_NOTICE,
        NoteSubject.LAW_CHANGE: Event.LAW_CHANGE,
        NoteSubject.DISPUTE_OPENED: Event.DISPUTE_OPEN,
        NoteSubject.DISPUTE_CLOSED: Event.DISPUTE_CLOSE,
    }
)
"""What a note does; one that names an authority moves no state."""


class Position(StrEnum):
    """What the other side says to a suspension, on which the treaty is silent.

    Source: T17.
    """

    ACCEPTS = "accepts"
    UNDERSTANDS = "understands"
    CONTESTS = "contests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A diplomatic note: written, numbered, by the diplomatic channel. It counts from when it is received.

    Attributes:
        names: numbers of the earlier notes it is about; a withdrawal names each.
        words: the condition of a suspension, the subject of a difference or of a change of law.
        levels: whether a change of law renames levels.
        previous: the sayer's act before this one, to the same addressee.

    Source: F-25, G2-5, G21-1, G21-4, T13, T16 to T19, A-11.
    """

    number: NoteNumber
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    subject: NoteSubject
    authority: AuthorityId | None
    names: Annotated[tuple[NoteNumber, ...], Meta(max_length=16)]
    words: Words | None
    position: Position | None
    levels: bool
    previous: HexDigest | None
    sent: Instant

    def __post_init__(self) -> None:
        """A note says what its subject asks for, and nothing else.

        Raises:
            ValueError: it does not.
        """
        if (self.subject is NoteSubject.AUTHORITY_NAMED) != (self.authority is not None):
            msg = "a note names an authority exactly when its subject is `ca-named`"
            raise ValueError(msg)
        if (self.subject is NoteSubject.POSITION) != (self.position is not None):
            msg = "a note takes a position exactly when its subject is `position`"
            raise ValueError(msg)
        if self.levels and self.subject is not NoteSubject.LAW_CHANGE:
            msg = "only a change of law renames levels"
            raise ValueError(msg)


class DeedKind(StrEnum):
    """What a named body can do before signature, and what all parties agree on afterwards.

    Source: lifecycle 3.3, A-28.
    """

    DECLINE = "decline"
    AGREE_TO_EXPLORE = "agree_to_explore"
    OPEN_TALKS = "open_talks"
    AGREE_TEXT = "agree_text"
    INITIAL = "initial"
    REOPEN_TEXT = "reopen_text"
    DOMESTIC_START = "domestic_start"
    DOMESTIC_STEP = "domestic_step"
    DOMESTIC_REFUSED = "domestic_refused"
    POSTPONE = "postpone"
    RESCHEDULE = "reschedule"
    SHELVE = "shelve"
    RESUME_TALKS = "resume_talks"
    AMEND = "amend"
    ARRANGE = "arrange"


class Rule(StrEnum):
    """Parameters an arrangement may set, all of them clocks or ceilings: less is tighter.

    Source: G5-2, G5-3.
    """

    CEILING = "ceiling"
    RECEIPT_DAYS = "receipt_days"
    TRACER_DAYS = "tracer_days"
    LEVEL_CHANGE_DAYS = "level_change_days"
    INCIDENT_NOTICE_HOURS = "incident_notice_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One parameter as an arrangement sets it."""

    rule: Rule
    value: Annotated[int, Meta(ge=1, le=3660)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a named body of one party did about an instrument.

    Attributes:
        text: the digest it is about: the text agreed, initialled or amended to.
        body: the body that acted for the party.
        steps: of a domestic procedure.
        rules: of a supplementary arrangement.
        open_points: how many points of the text are open.
        words: the reason, or the scope of an arrangement.
        previous: the sayer's act before this one.

    Source: lifecycle 3.3 (Record), A-28, G5-1.
    """

    kind: DeedKind
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    body: Body
    text: HexDigest
    steps: Annotated[tuple[StepReport, ...], Meta(max_length=8)]
    rules: Annotated[tuple[Override, ...], Meta(max_length=8)]
    open_points: Annotated[int, Meta(ge=0, le=10_000)]
    words: Words | None
    previous: HexDigest | None
    at: Instant

    @property
    def matter(self) -> HexDigest:
        """What every party must have signed alike for it to take effect."""
        return canon.digest(
            {
                "agreement": self.agreement,
                "instrument": self.instrument,
                "kind": self.kind,
                "rules": sorted((rule.rule, rule.value) for rule in self.rules),
                "text": self.text,
                "words": self.words if self.kind is DeedKind.ARRANGE else None,
            }
        )


NoteAct = Act[Note]
DeedAct = Act[Deed]


def loosened(agreement: Agreement, rules: tuple[Override, ...]) -> tuple[Rule, ...]:
    """The parameters that `rules` would set looser than the text has them; an arrangement may have none.

    Source: G5-2.
    """
    return tuple(override.rule for override in rules if override.value > base_value(agreement, override.rule))


def base_value(agreement: Agreement, rule: Rule) -> int:
    """A parameter as the text has it."""
    if rule is Rule.CEILING:
        return agreement.terms.ceiling
    value: int = getattr(agreement.house_rules, rule)
    return value
