"""What one node answers another. Codes and ids only: never a reason, a title or a name."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.audit import InclusionReceipt
from gsomia.envelope import MAX_TOGETHER
from gsomia.ids import ConsignmentId, Count

Code = Annotated[str, Meta(pattern="^[a-z]+/[a-z0-9-]+\\Z", max_length=80)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A consignment is open; send from segment `next_segment` on."""

    consignment: ConsignmentId
    next_segment: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Durably here: the receipt is an inclusion proof in the log shared with the sender."""

    receipt: InclusionReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the partner's door."""

    progress: Progress | None
    accepted: Accepted | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal across the border.

    Source: style 3.6 (two faces).
    """

    code: Code
    correlation_id: str
    recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one of several offers; neither, if it cannot be taken now."""

    reply: Reply | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What became of offers that rode together, in their order."""

    answers: Annotated[tuple[Answer, ...], Meta(max_length=MAX_TOGETHER)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a node says of itself when a link is tested."""

    party: str
    protocol: Literal[1]
    descriptor: Count
