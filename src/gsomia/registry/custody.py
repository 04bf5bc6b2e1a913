"""The chain of custody of an item, and who read it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gsomia.agreements import Purpose
from gsomia.ids import (
    ConsignmentId,
    CopyId,
    DecisionId,
    FacilityId,
    HexDigest,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    RegisterCode,
)
from gsomia.instants import Instant
from gsomia.parties import Act

SLIP = "reading-slip"
RECEIPT = "registrar-receipt"


class CustodyKind(StrEnum):
    """What moved a copy of an item, or changed whose it is; `registry.ledger` says which may follow which.

    Source: G6-7, G9-2, LEDGER-1 to LEDGER-3.
    """

    REGISTERED = "registered"
    RECEIVED = "received"
    BOOKED = "booked"
    COPIED = "copied"
    HANDED_OVER = "handed-over"
    STORED = "stored"
    TAKEN_OUT = "taken-out"
    RELEASED = "released"
    DISPATCHED = "dispatched"
    FORWARDED = "forwarded"
    RECEIPTED = "receipted"
    RETURNED = "returned"
    REFUSED = "refused"
    CAME_BACK = "came-back"
    LOST = "lost"
    FOUND = "found"
    DESTROYED = "destroyed"
    CARRIED_OVER = "carried-over"
    """From a paper register, on day zero: in a hand or a container at once."""


_IN_HAND = frozenset(
    {
        CustodyKind.REGISTERED,
        CustodyKind.BOOKED,
        CustodyKind.COPIED,
        CustodyKind.HANDED_OVER,
        CustodyKind.TAKEN_OUT,
        CustodyKind.CAME_BACK,
        CustodyKind.FOUND,
        CustodyKind.CARRIED_OVER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """One line of an item's chain of custody at this node.

    Args:
        item: of the register.
        copy: which copy of it.
        kind: what happened.
        custodian: the party that has custody from here on.
        facility: where it is from here on; None if it does not change.
        by: the person whose act it is; None if a partner's.
        to: the person who takes it over.
        container: where it is locked away.
        instrument: under which the copy comes or goes.
        counterpart: the party it came from or goes to.
        consignment: as which it came or went electronically.
        package: the transmittal number as which it came or went in covers.
        at: when.

    Source: G6-7, G9-2, A-04 (across the border custody passes at the time in the recipient's signed receipt).
    """

    item: ItemId
    copy: CopyId
    kind: CustodyKind
    custodian: PartyCode
    facility: FacilityId | None = None
    by: PersonId | None = None
    to: PersonId | None = None
    container: RegisterCode | None = None
    instrument: InstrumentId | None = None
    counterpart: PartyCode | None = None
    consignment: ConsignmentId | None = None
    package: RegisterCode | None = None
    at: Instant

    @property
    def hand(self) -> PersonId | None:
        """Our person in whose hand the copy is by this event; None if it is in nobody's or does not change hands."""
        if self.kind not in _IN_HAND or (self.kind is CustodyKind.CARRIED_OVER and self.container is not None):
            return None
        return self.to or self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrarReceipt:
    """The receiving registrar's signed receipt: custody has passed at `at`. No classified words stand in it.

    Source: F-04, G12-5, G12-6, A-04.
    """

    item: ItemId
    instrument: InstrumentId
    consignment: ConsignmentId
    manifest: HexDigest
    party: PartyCode
    to: PartyCode
    seals_intact: Literal[True]
    at: Instant


RegistrarReceiptAct = Act[RegistrarReceipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Who read what, for which purpose, under which decision; written and signed before anything is shown.

    Source: F-07, G13-5, A-19.
    """

    item: ItemId
    copy: CopyId
    reader: PersonId
    purpose: Purpose
    decision: DecisionId
    content_digest: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSlip:
    """A slip as the register keeps it."""

    item: ItemId
    reader: PersonId
    slip: Act[Slip]
    at: Instant
