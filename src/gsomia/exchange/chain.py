"""What travels along the chain of a relay after the item: reports back to the originator, notices both ways.

The two ends have no line to each other, so the hub carries what they say: signed by whoever says it, untouched.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.exchange.messages import Code
from gsomia.exchange.outbox import Stage
from gsomia.ids import ConsignmentId, HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act

RELAY_REPORT = "relay-report"
CHAIN_NOTICE = "chain-notice"
CHAIN_FORWARD = "chain-forward"

MAX_NOTICE_BYTES = 32 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport:
    """The hub tells the originator how far its item has come at the other end. A node's statement, no person's act.

    Attributes:
        manifest: the originator's.
        relay: the hub's, by digest: what the recipient's receipt names.
        consignment: as which the hub passed it on.
        stage: as the hub can prove it.
        code: of a refusal.
        proof: the recipient's own signed receipt, byte for byte, where there is one; else it is the hub's word.
        received: when the item arrived at the hub.
        forwarded: when the hub passed it on.
        reached: when it reached the stage, as the recipient's proof dates it.

    Source: relay 5.2 step 8, TR-10.
    """

    item: ItemId
    manifest: HexDigest
    relay: HexDigest
    consignment: ConsignmentId
    originator: PartyCode
    hub: PartyCode
    recipient: PartyCode
    stage: Stage
    code: Code | None
    proof: Annotated[bytes, Meta(max_length=MAX_NOTICE_BYTES)] | None
    received: Instant
    forwarded: Instant
    reached: Instant

    def __post_init__(self) -> None:
        """Refuse a stage that only the hub knows of.

        Raises:
            ValueError: it is one.
        """
        if self.stage in {Stage.QUEUED, Stage.SENDING}:
            raise ValueError("a report is of what the recipient answered, or of a stop")


class NoticeKind(StrEnum):
    """What a notice along the chain is about.

    Source: relay 5.2 step 8, TR-12, TR-13.
    """

    LEVEL_CHANGE = "level-change"
    RECALL = "recall"
    INCIDENT = "incident"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNotice:
    """One party of a relayed item tells the party at the other end something about it, through the hub.

    Attributes:
        author: who says it.
        to: the party at the other end.
        body: the statement or report that belongs to the kind, as its own rules spell it.
    """

    item: ItemId
    author: PartyCode
    hub: PartyCode
    to: PartyCode
    kind: NoticeKind
    body: Annotated[bytes, Meta(max_length=MAX_NOTICE_BYTES)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainForward:
    """The hub passes a notice on, byte for byte. A node's statement, no person's act."""

    hub: PartyCode
    to: PartyCode
    notice: Annotated[bytes, Meta(max_length=MAX_NOTICE_BYTES + (32 << 10))]
    at: Instant


ChainNoticeAct = Act[ChainNotice]
