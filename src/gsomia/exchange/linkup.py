"""Link-up: before anything else is said, both sides show what they saw last of each other.

What a side claims to have seen counts only as far as it carries the other's own signature: a checkpoint of its log, the
statement that opened an epoch, the last statement heard. So nobody can stop a node by boasting.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.audit import MAX_NOTE_BYTES, InclusionReceipt
from gsomia.ids import ConsignmentId, Count, HexDigest, ItemId, PartyCode

MAX_LISTED = 32
"""Entries in one page of what two nodes have dealt with: each carries a proof under a checkpoint."""
MAX_ENVELOPE_BYTES = 1 << 20

Note = Annotated[bytes, Meta(max_length=MAX_NOTE_BYTES)]
Envelope = Annotated[bytes, Meta(max_length=MAX_ENVELOPE_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    """What the sender last saw of the node it speaks to, and whether it is ready itself.

    Args:
        party: who speaks.
        protocol: the version of this conversation.
        ready: whether the sender's own log shared with the receiver takes entries.
        epoch: the epoch of the receiver's log that the sender knows.
        opened: the statement that opened it; None for the first.
        cosigned: the last checkpoint of it that the sender cosigned.
        seen: the checkpoint of the last receipt the sender keeps.
        act: the last statement of the receiver that the sender heard.

    Source: design 5 (at every link-up both sides first exchange the last checkpoint and act seen).
    """

    party: PartyCode
    protocol: Literal[1]
    ready: bool
    epoch: Count
    opened: Envelope | None
    cosigned: Note | None
    seen: Note | None
    act: Envelope | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a node that was set back asks for: a page of what it should have, or a delivery once more."""

    what: Literal["statements", "deliveries", "arrivals"]
    after: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """One statement, delivery or arrival between two nodes, as the node that was not set back has it.

    Args:
        reference: a statement's digest or a consignment's id.
        item: of a consignment.
        manifest: of a consignment.
        own: whether the node that was set back said it.
        receipt: the proof that it was received: in the lost log of the one, or the log of the other.
    """

    reference: Annotated[str, Meta(max_length=64)]
    item: ItemId | None
    manifest: HexDigest | None
    own: bool
    receipt: InclusionReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealings:
    """A page; `following` is what to ask for next, or None at the end."""

    found: tuple[Dealing, ...]
    following: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Which consignments are to be delivered again."""

    consignments: Annotated[tuple[ConsignmentId, ...], Meta(max_length=MAX_LISTED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Which of them will come; the content of the others is no longer there."""

    consignments: tuple[ConsignmentId, ...]
