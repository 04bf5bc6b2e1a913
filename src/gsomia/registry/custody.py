"""The chain of custody of an item, and who read it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gsomia.agreements import Purpose
from gsomia.ids import ConsignmentId, DecisionId, FacilityId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act

SLIP = "reading-slip"
RECEIPT = "registrar-receipt"


class CustodyKind(StrEnum):
    """What moved an item, or did not.

    Source: G6-7, G9-2.
    """

    REGISTERED = "registered"
    RECEIVED = "received"
    BOOKED = "booked"
    RELEASED = "released"
    FORWARDED = "forwarded"
    RECEIPTED = "receipted"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """One line of an item's chain of custody at this node.

    Source: G6-7, G9-2, A-04 (across the border custody passes at the time in the recipient's signed receipt).
    """

    item: ItemId
    kind: CustodyKind
    custodian: PartyCode
    facility: FacilityId | None
    by: PersonId | None
    consignment: ConsignmentId | None
    at: Instant


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
    """Who read what, for which purpose, under which decision; written and signed before the bytes are shown.

    Source: F-07, G13-5, A-19.
    """

    item: ItemId
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
