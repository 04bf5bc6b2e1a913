"""What was said or shown to the other side: booked by both, from one signed notice.

The speaking side decides first, says the notice, and enters who spoke. The hearing side enters the item of the
speaker's party and who of its own people heard it, and answers with their number; no name crosses the border.
Until the attendance is known the disclosure is incomplete, and listed so.

Source: G2-4, F-13, A-32, A-35.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.envelope import BorderDecision
from gsomia.ids import ConsignmentId, Count, HexDigest, InstrumentId, ItemId, PartyCode, PersonId, Topic
from gsomia.instants import Instant
from gsomia.labels import Label
from gsomia.parties import Act
from gsomia.registry.matter import Form, Matter, Words

DISCLOSURE = "disclosure"
ATTENDANCE = "attendance"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureNotice:
    """What the speaking side says of a disclosure, so that both registers agree.

    Args:
        number: of the disclosure, as a consignment has one.
        instrument: under which.
        agreement: its text, by digest.
        party: who spoke.
        to: who heard.
        item: of the speaker's register.
        form: oral or visual.
        label: as it was announced.
        topic: a code both sides know.
        purpose: for which it may be used.
        matter: the reference of the note of its content.
        place: where, or over which line.
        decision: the release decision that came first.
        at: when.
    """

    number: ConsignmentId
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    item: ItemId
    form: Form
    label: Label
    topic: Topic
    purpose: Purpose
    matter: Matter
    place: Words
    decision: Act[BorderDecision]
    at: Instant


DisclosureAct = Act[DisclosureNotice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """How many of the hearing side's people heard it; it keeps their names.

    Source: G2-4, A-35.
    """

    number: ConsignmentId
    item: ItemId
    party: PartyCode
    to: PartyCode
    heard: Annotated[int, Meta(ge=1, le=1000)]
    note_taken: bool
    at: Instant


AttendanceAct = Act[Attendance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """The record of a disclosure at one side; the latest about a number counts.

    Args:
        number: of the notice.
        item: what was disclosed.
        party: who spoke.
        to: who heard.
        notice: the signed notice, by digest.
        speaker: our person who spoke; None if a partner's did.
        heard: our people who heard it; none if a partner's did.
        hearers: how many heard it, as far as it is known.
        announced: the level as it was announced.
        form: oral or visual.
        place: where, or over which line.
        note_taken: whether a note was taken; None until the attendance is known.
        at: when it took place.
    """

    number: ConsignmentId
    item: ItemId
    party: PartyCode
    to: PartyCode
    notice: HexDigest
    speaker: PersonId | None
    heard: Annotated[tuple[PersonId, ...], Meta(max_length=1000)]
    hearers: Count
    announced: str
    form: Form
    place: Words
    note_taken: bool | None
    at: Instant

    @property
    def is_complete(self) -> bool:
        """Whether it is known who heard it.

        Source: G2-4 (without an attendance list it stays incomplete).
        """
        return self.hearers > 0
