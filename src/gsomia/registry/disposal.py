"""How an item ends: destroyed by two persons, with a certificate that says what it could not reach.

An electronic copy is destroyed with its storage key. What lies outside this node's reach is named, never passed over.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.ids import ConsignmentId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act

DESTRUCTION = "destruction"
ORDER = "destruction-order"
UNRECORDED = "unrecorded-destruction"
PROPOSAL_DAYS = 7
"""So long a first person's proposal waits for a second one."""
NO_DESTROY = "NO-DESTROY"
"""The originator's caveat that forbids destruction (G13-3)."""


class Unreached(StrEnum):
    """What a destruction at this node cannot reach."""

    SENDERS_COPY = "senders-copy"
    RECIPIENTS_COPIES = "recipients-copies"
    BACKUP = "backup"
    READ_COPIES = "read-copies"
    MEDIA = "media"
    SNAPSHOTS = "snapshots"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """One thing out of reach, and until when, if a day is known on which it ends."""

    what: Unreached
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionOrder:
    """What the first person signs: this very content is to be destroyed."""

    item: ItemId
    content_digest: HexDigest
    party: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """The certificate, signed by the second person around the first one's order.

    Args:
        item: what was destroyed.
        instrument: under which it came; None for an item of our own.
        consignment: as which it came; None likewise.
        manifest: of that consignment.
        party: who destroyed it.
        to: whom the certificate is said to.
        method: the storage key of the copy was destroyed, with the master key above it.
        emergency: one person alone, because there was no time (G13-4).
        order: the first person's; None in an emergency.
        beyond: what it could not reach.
        at: when it was ordered.

    Source: F-16, G13-1, G13-4, design 4 (Destruction).
    """

    item: ItemId
    instrument: InstrumentId | None
    consignment: ConsignmentId | None
    manifest: HexDigest | None
    party: PartyCode
    to: PartyCode | None
    method: Literal["storage-key"]
    emergency: bool
    order: Act[DestructionOrder] | None
    beyond: Annotated[tuple[Beyond, ...], Meta(max_length=256)]
    at: Instant


DestructionAct = Act[Destruction]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionProposal:
    """A first person proposed it; it waits for a second one."""

    item: ItemId
    by: PersonId
    order: Act[DestructionOrder]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionConfirmed:
    """It is decided: from here on the item is neither read nor released, and what a crash cut is finished."""

    item: ItemId
    by: PersonId
    act: DestructionAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedDestruction:
    """An emergency destruction that the log could not take, as the spare journal keeps it: UNRECORDED until it does."""

    by: PersonId
    act: DestructionAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDestroyed:
    """A copy is gone, here or at a partner, with its certificate. The register line and its slips stay (G13-5)."""

    item: ItemId
    party: PartyCode
    act: DestructionAct
    at: Instant
