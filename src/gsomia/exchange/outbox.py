"""What this node has to say, and how far it has come. Written before said; repeated until acknowledged.

The stages of a delivery are a table; each stage is an append-only record with its evidence. The outbox takes a
`Permit`: a release without a decision cannot be written down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from types import MappingProxyType

from msgspec import UNSET, UnsetType

from gsomia.envelope import Holding
from gsomia.exchange.errors import DeliveryError
from gsomia.ids import ConsignmentId, Count, DecisionId, HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.policy import Permit


class Stage(StrEnum):
    """How far a delivery has come, as the sender can prove it.

    Source: design 6, G12-5.
    """

    QUEUED = "queued"
    SENDING = "sending"
    RECEIVED = "received-by-node"
    RECEIPTED = "receipted-by-registrar"
    OPENED = "opened-by-person"
    REFUSED = "refused"
    STOPPED = "stopped-before-sent"


TRANSITIONS = MappingProxyType(
    {
        # A relay whose consent or leg is gone is stopped; what was on its way already may still prove that it arrived.
        Stage.QUEUED: frozenset({Stage.SENDING, Stage.STOPPED}),
        # A reply may be lost and the registrar's receipt overtake it: a later stage proves the earlier ones.
        Stage.SENDING: frozenset({Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED, Stage.REFUSED, Stage.STOPPED}),
        Stage.RECEIVED: frozenset({Stage.RECEIPTED, Stage.OPENED}),
        Stage.RECEIPTED: frozenset({Stage.OPENED}),
        Stage.OPENED: frozenset[Stage](),
        Stage.REFUSED: frozenset[Stage](),
        Stage.STOPPED: frozenset({Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """What makes a delivery the second leg of a relay: all but this is the originator's, and segments go as they lie.

    Attributes:
        statement: the hub's manifest.
        part: the hub's sealed part.
        originator: whose item it is.
        manifest: the originator's, by digest.
        received: when the item arrived here.
        consent: what it goes on by.
    """

    statement: bytes
    part: bytes
    originator: PartyCode
    manifest: HexDigest
    received: Instant
    consent: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One item on its way to one partner; `holding` is what its segments are sealed with, from the item, as they go.

    `manifest` is what the recipient's receipt names: of a relayed item, the hub's.
    """

    consignment: ConsignmentId
    item: ItemId
    to: PartyCode
    instrument: InstrumentId
    agreement: HexDigest
    decision: DecisionId
    manifest: HexDigest
    header: bytes
    statement: bytes
    sealed_part: bytes
    holding: Holding
    at: Instant
    relayed: Relayed | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStage:
    """A delivery reached a stage; `evidence` is the digest of what proves it."""

    consignment: ConsignmentId
    item: ItemId
    stage: Stage
    code: str | None
    evidence: HexDigest | None
    at: Instant


def queued(delivery: Delivery) -> DeliveryStage:
    """The first stage of a delivery, which its own record is: what it rests on is the decision it names."""
    return DeliveryStage(
        consignment=delivery.consignment,
        item=delivery.item,
        stage=Stage.QUEUED,
        code=None,
        evidence=None,
        at=delivery.at,
    )


def advance(
    current: DeliveryStage, to: Stage, *, at: Instant, evidence: HexDigest | None = None, code: str | None = None
) -> DeliveryStage | None:
    """The next stage, or None if the delivery is there or further already (duplicates and late messages are normal).

    Raises:
        DeliveryError: a stage the table does not allow from here.
    """
    if to is current.stage or to in _passed(current.stage):
        return None
    if to not in TRANSITIONS[current.stage]:
        raise DeliveryError("exchange/stage-not-possible", f"a delivery that is `{current.stage}` cannot become `{to}`")
    return DeliveryStage(
        consignment=current.consignment, item=current.item, stage=to, code=code, evidence=evidence, at=at
    )


def _passed(stage: Stage) -> frozenset[Stage]:
    order = (Stage.QUEUED, Stage.SENDING, Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED)
    return frozenset(order[: order.index(stage)]) if stage in order else frozenset({Stage.QUEUED, Stage.SENDING})


class MessageKind(StrEnum):
    """What stands in the outbox queue."""

    CONSIGNMENT = "consignment"
    STATEMENT = "statement"
    STAGE = "stage"


BARRIER = -1
"""The urgency of a change of keys: nothing said before it comes after it, nothing said after it before."""
ORDINARY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A queue row: something to be said to a partner until it is acknowledged; the more urgent goes first."""

    partner: PartyCode
    kind: MessageKind
    reference: str
    attempts: Count
    not_before: Instant
    urgency: int = ORDINARY


def queue(delivery: Delivery, *, permit: Permit) -> Outgoing:  # noqa: ARG001  that there is one is what counts
    """What to say of a new delivery. Taking the permit is the point: there is no other way in."""
    return Outgoing(
        partner=delivery.to,
        kind=MessageKind.CONSIGNMENT,
        reference=delivery.consignment,
        attempts=0,
        not_before=delivery.at,
    )


def in_order(rows: Iterable[tuple[int, Outgoing]], *, now: Instant, limit: int) -> list[tuple[int, Outgoing]]:
    """Rows of one partner that may be said at `now`, in the order in which they are to be said.

    Between two barriers the more urgent goes first and ties go by row id, so ordinary statements keep their order among
    themselves. No statement or proof is due while one that goes before it waits; consignments wait on their own.

    Invariant (barrier): whatever its urgency, nothing overtakes a change of keys, and a change overtakes nothing.
    Source: design 6; ACP 121 (precedence).
    """
    ready: list[tuple[int, Outgoing]] = []
    waits = False
    for row, outgoing in _by_urgency(rows):
        carried, early = outgoing.kind is MessageKind.CONSIGNMENT, outgoing.not_before > now
        if not early and (carried or not waits):
            ready.append((row, outgoing))
        waits |= early and not carried
    return ready[: max(limit, 0)]


def _by_urgency(rows: Iterable[tuple[int, Outgoing]]) -> list[tuple[int, Outgoing]]:
    segment, keyed = 0, []
    for row, outgoing in sorted(rows, key=itemgetter(0)):
        segment += outgoing.urgency == BARRIER
        keyed.append(((segment, outgoing.urgency != BARRIER, -outgoing.urgency, row), (row, outgoing)))
    return [pair for _, pair in sorted(keyed, key=itemgetter(0))]
