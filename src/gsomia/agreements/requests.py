"""Requests for information: one side asks, the other answers with a release or declines, or who asked takes it back.

Nobody may demand information, and nobody must give any. A request has no deadline that counts for anything: `needed_by`
is what the asker would like, no rule reads it, and no age of a request is shown anywhere. A declined request carries no
reason, so that none can be weighed.

Where a withdrawal crosses an answer on its way, the answer stands: it was given before the withdrawal was heard. Both
sides hold the same statements in the end, and derive the same state.

Source: G1-2, G1-3.
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.agreements.acts import Purpose
from gsomia.ids import ConsignmentId, HexDigest, InstrumentId, PartyCode, RequestId, Topic
from gsomia.instants import Instant
from gsomia.parties import Act

REQUEST = "information-request"
REQUEST_ANSWER = "information-answer"
REQUEST_WITHDRAWAL = "information-withdrawal"


class RequestState(StrEnum):
    """What became of a request. All but the first are final.

    Source: G1-3.
    """

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """How a request was closed by the side that was asked."""

    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A partner asks for information on a subject, for a purpose.

    Args:
        id: chosen by the asker.
        instrument: under which it asks.
        agreement: the text of it.
        party: who asks.
        to: who is asked.
        subject: a topic code both sides know; a code cannot carry anything classified.
        purpose: what it would be used for.
        needed_by: when the asker would like to have it; nothing follows from it.
        at: when it was asked.

    Source: G1-2 (need), G1-3.
    """

    id: RequestId
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    subject: Topic
    purpose: Purpose
    needed_by: Instant | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationAnswer:
    """The side that was asked closes a request: with the delivery that answers it, or without one and without a word.

    Invariant (no reason): an answer names a consignment, a refusal names nothing.
    Source: G1-3.
    """

    request: RequestId
    party: PartyCode
    to: PartyCode
    outcome: Outcome
    consignment: ConsignmentId | None
    at: Instant

    def __post_init__(self) -> None:
        """Refuse an answer without delivery, or a refusal with one.

        Raises:
            ValueError: the invariant does not hold.
        """
        if (self.outcome is Outcome.ANSWERED) is not (self.consignment is not None):
            raise ValueError("an answer names its delivery, and a request is declined without one")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithdrawal:
    """Who asked no longer does.

    Source: G1-3.
    """

    request: RequestId
    party: PartyCode
    to: PartyCode
    at: Instant


RequestAct = Act[InformationRequest]
AnswerAct = Act[InformationAnswer]
WithdrawalAct = Act[RequestWithdrawal]


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationAsked:
    """A request made or heard; `party` is who asked."""

    id: RequestId
    party: PartyCode
    statement: HexDigest
    request: InformationRequest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationAnswered:
    """A request was answered or declined; `party` is who had asked."""

    request: RequestId
    party: PartyCode
    statement: HexDigest
    answer: InformationAnswer
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationWithdrawn:
    """A request was withdrawn; `party` is who had asked."""

    request: RequestId
    party: PartyCode
    statement: HexDigest
    at: Instant


def state_of(*, answer: InformationAnswer | None, withdrawn: bool) -> RequestState:
    """What became of a request, from the statements about it, in whatever order they came."""
    if answer is not None:
        return RequestState(answer.outcome.value)
    return RequestState.WITHDRAWN if withdrawn else RequestState.OPEN
