"""What items are used for: a code, its text, when it ends, and the originator's word on any other use.

Source: G6-4, G6-9, A-16, A-17.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.ids import HexDigest, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.parties import Act

PURPOSE_REQUEST = "purpose-request"
PURPOSE_ANSWER = "purpose-answer"
RENEWAL_DAYS = 366
"""The furthest review day of a blanket purpose: it is renewed every year (A-16)."""
PurposeText = Annotated[str, Meta(min_length=1, max_length=400)]


class PurposeDeed(StrEnum):
    """What was done with a purpose."""

    OPENED = "opened"
    RENEWED = "renewed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeLine:
    """A purpose as it stands after a deed; the last line of a code counts.

    Args:
        code: as items and readings name it.
        deed: what was done.
        text: what it means here.
        ends: under which condition it ends.
        blanket: whether it is so wide that each originator has to agree (A-16).
        review_at: when it ends unless it is renewed.
        by: whose act it was.
        at: when.

    Source: G6-4, G6-9, A-16.
    """

    code: Purpose
    deed: PurposeDeed
    text: PurposeText
    ends: PurposeText
    blanket: bool
    review_at: Instant
    by: PersonId
    at: Instant

    def ended_at(self, now: Instant) -> Instant | None:
        """Since when the purpose is over, if it is.

        Source: G6-9.
        """
        if self.deed is PurposeDeed.CLOSED:
            return self.at
        return self.review_at if self.review_at <= now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRequest:
    """A holder asks the originator to use one item for another purpose, until a day.

    Source: G6-4, A-16.
    """

    item: ItemId
    originator: PartyCode
    holder: PartyCode
    purpose: Purpose
    text: PurposeText
    until: Instant
    at: Instant


PurposeRequestAct = Act[PurposeRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeAnswer:
    """The originator's word: granted for so long, or refused (`valid` is None). Reasons do not cross the border.

    Source: G6-4, A-11.
    """

    request: HexDigest
    item: ItemId
    originator: PartyCode
    holder: PartyCode
    purpose: Purpose
    valid: Validity | None
    at: Instant


PurposeAnswerAct = Act[PurposeAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeAsked:
    """A request as the register keeps it, ours or heard."""

    request: HexDigest
    item: ItemId
    body: PurposeRequest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeAnswered:
    """An answer as the register keeps it, ours or heard."""

    request: HexDigest
    item: ItemId
    statement: HexDigest
    body: PurposeAnswer
    at: Instant
