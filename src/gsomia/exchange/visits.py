"""Visits to a facility: one side's authority asks with thirteen elements, only the host government decides.

Both sides hold the same statements in the end and derive the same state from them, in whatever order they came. What a
visitor's form asks about a person crosses, and nothing else: no ground for a clearance, no result of a check.

Source: G8-1 to G8-7, G18-1, F-11, A-23, A-35.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.agreements import Purpose, Words
from gsomia.ids import Count, FacilityId, HexDigest, InstrumentId, PartyCode, Topic, VisitId
from gsomia.instants import Instant, Validity
from gsomia.parties import Act

VISIT_REQUEST = "visit-request"
VISIT_ANSWER = "visit-answer"
VISIT_NOTICE = "visit-notice"
LEAD_DAYS = 28
"""So early a visit is asked for, unless both authorities waive it (G8-7: four weeks)."""
ONE_TIME_DAYS = 30
RECURRING_DAYS = 366
"""No request covers more: a recurring visit is looked at anew every year."""
RETENTION_DAYS = 5 * 365
"""So long after a visit its visitors are still shown by name (A-35)."""
MAX_VISITORS = 32
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern="\\A\\S")]
"""One entry of the form; never blank."""


class VisitKind(StrEnum):
    """What kind of visit is asked for. A security visit is its own kind: no other approval makes one.

    Source: G8-6 (element 5), G18-1.
    """

    ONE_TIME = "one-time"
    RECURRING = "recurring"
    EMERGENCY = "emergency"
    AMENDMENT = "amendment"
    SECURITY = "security"


class VisitState(StrEnum):
    """What became of a request, on both sides alike.

    Source: G8-2.
    """

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Element 9: what the form asks about a visitor, and no more. `level` is of the visitor's own government.

    Source: G8-6 (element 9), A-35.
    """

    name: Line
    born: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}\\Z")]
    birthplace: Line
    level: Line
    document: Line
    nationality: PartyCode
    position: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRequest:
    """A request for a visit, with its thirteen elements; numbers in brackets are the form's.

    Args:
        id: chosen by the asker (1).
        number: of the form (1).
        instrument: under which (1).
        agreement: the text of it.
        party: the visitors' government.
        to: the host government.
        authority: the competent authority that asks, as its note named it (2).
        facilities: where, by the short names the host gave (3).
        valid: from when until when (4).
        kind: (5).
        subject: a topic code both sides know (6).
        purpose: the official purpose (6).
        justification: why it has to be a visit (6).
        level: the highest anticipated, of the visitors' government (7).
        programme: contract or programme (8).
        visitors: who comes (9).
        security_officer: who answers for security at the asker (10).
        certified: that all visitors are cleared, come officially, and protect equivalently (11; G7-5).
        approval: number of the requesting authority's own approval (12).
        remarks: None if there are none (13).
        waived: whether the asker's authority waives the lead time.
        amends: the visit that an amendment changes.
        consultation: reference to the prior consultation on a security visit.
        agenda: of a security visit.
        at: when it was asked.

    Source: F-11, G8-1, G8-6, G8-7, G18-1.
    """

    id: VisitId
    number: Line
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    authority: Line
    facilities: Annotated[tuple[FacilityId, ...], Meta(min_length=1, max_length=8)]
    valid: Validity
    kind: VisitKind
    subject: Topic
    purpose: Purpose
    justification: Words
    level: Line
    programme: Line
    visitors: Annotated[tuple[Visitor, ...], Meta(min_length=1, max_length=MAX_VISITORS)]
    security_officer: Line
    certified: Literal[True]
    approval: Line
    remarks: Words | None
    waived: bool
    amends: VisitId | None
    consultation: Line | None
    agenda: Words | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnswer:
    """The host government decides. A refusal names nothing; an approval names the ceiling.

    Args:
        visit: which.
        party: the host.
        to: who asked.
        authority: the host's competent authority.
        ceiling: the highest level that may be disclosed, of the host; None if the visit is declined.
        declined: visitors who are not received, by their number in the request.
        waived: whether the host's authority waives the lead time too.
        at: when.

    Source: G8-2, G8-5, G8-7, A-22.
    """

    visit: VisitId
    party: PartyCode
    to: PartyCode
    authority: Line
    ceiling: Line | None
    declined: Annotated[tuple[Count, ...], Meta(max_length=MAX_VISITORS)]
    waived: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNotice:
    """The visitors' side: a visitor is cleared no longer, or, if none is named, nobody comes. No ground is given.

    Source: G7-6, A-35.
    """

    visit: VisitId
    party: PartyCode
    to: PartyCode
    visitor: Count | None
    at: Instant


VisitRequestAct = Act[VisitRequest]
VisitAnswerAct = Act[VisitAnswer]
VisitNoticeAct = Act[VisitNotice]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAsked:
    """A request made or heard; `party` is who asked, `received` when it counted."""

    id: VisitId
    party: PartyCode
    amends: VisitId | None
    statement: HexDigest
    request: VisitRequest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnswered:
    """A visit was approved or declined; `party` is who had asked."""

    visit: VisitId
    party: PartyCode
    statement: HexDigest
    answer: VisitAnswer
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNoticed:
    """A visitor was withdrawn, or the visit called off; `party` is who had asked."""

    visit: VisitId
    party: PartyCode
    statement: HexDigest
    notice: VisitNotice
    at: Instant


def visit_state(*, answer: VisitAnswer | None, cancelled: bool, amended: bool) -> VisitState:
    """What became of a request, from the statements about it, in whatever order they came."""
    if cancelled:
        return VisitState.CANCELLED
    if answer is None:
        return VisitState.REQUESTED
    if answer.ceiling is None:
        return VisitState.DECLINED
    return VisitState.AMENDED if amended else VisitState.APPROVED


def is_late(request: VisitRequest, *, received: Instant, lead_days: int = LEAD_DAYS) -> bool:
    """Whether a visit was asked for later than the lead time allows.

    Source: G8-7.
    """
    return request.valid.start < received.plus(days=lead_days)


def visit_obstacles(request: VisitRequest) -> Iterator[tuple[str, str]]:
    """What in a complete request does not hold together: clause, and one line.

    Source: G8-6 (element 5), G18-1.
    """
    until, start = request.valid.until, request.valid.start
    if until is None:
        yield "G8-6", "a visit has a last day"
    elif request.kind is VisitKind.ONE_TIME and until > start.plus(days=ONE_TIME_DAYS):
        yield "G8-6", f"a one-time visit lasts at most {ONE_TIME_DAYS} days"
    elif until > start.plus(days=RECURRING_DAYS):
        yield "G8-6", "no visit is approved for more than a year: it is reviewed every year"
    if (request.kind is VisitKind.AMENDMENT) is not (request.amends is not None):
        yield "G8-6", "an amendment names the visit it changes, and nothing else does"
    security = request.kind is VisitKind.SECURITY
    if security and (request.consultation is None or request.agenda is None):
        yield "G18-1", "a security visit rests on a prior consultation and has an agenda"
    if not security and (request.consultation is not None or request.agenda is not None):
        yield "G18-1", "consultation and agenda belong to a security visit, which is asked for as such"


def present(request: VisitRequest, answer: VisitAnswer, withdrawn: frozenset[int]) -> tuple[int, ...]:
    """Who may be received, by number: neither declined by the host nor withdrawn by their own side.

    Source: G7-6, G8-5, A-22.
    """
    away = set(answer.declined) | withdrawn
    return tuple(number for number, _ in enumerate(request.visitors, start=1) if number not in away)
