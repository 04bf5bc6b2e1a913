"""Packages: what goes to the other side in covers or as freight, its list, its receipts, and who carries it.

Source: F-03, F-04, F-22, G9-1 to G9-4, G12-1 to G12-7, G12-9, G12-12.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.envelope import BorderDecision
from gsomia.ids import (
    ConsignmentId,
    CopyId,
    Count,
    DecisionId,
    HexDigest,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    RegisterCode,
    Topic,
)
from gsomia.instants import Instant, Validity
from gsomia.labels import Label
from gsomia.parties import Act
from gsomia.registry.container import Seals
from gsomia.registry.matter import Form, Matter, Words

TRANSMITTAL = "transmittal-list"
PACKAGE_RECEIPT = "package-receipt"
REPRESENTATIVE = "designated-representative"
COURIER = "courier-certificate"
DECLARATION = "courier-declaration"
CHANGE_OF_HANDS = "change-of-hands"
MOST_PACKED = 200
"""So many copies go in one package."""

PersonalKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
Stops = Annotated[tuple[Words, ...], Meta(min_length=1, max_length=32)]


class Route(StrEnum):
    """The ways between governments that a package may take; there is no other.

    Source: G9-1, G12-4.
    """

    POUCH = "diplomatic-pouch"
    SERVICE = "government-courier"
    HAND = "hand-carriage"
    FREIGHT = "government-freight"


class Leg(StrEnum):
    """How far a package is, as one side knows it."""

    MADE = "made"
    SENT = "sent"
    TOLD = "told"
    """The list is here; the package is not."""
    ARRIVED = "arrived"
    """It is here, its outer seals are compared, and nobody has opened it."""
    OPENED = "opened"
    RECEIPTED = "receipted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverApproval:
    """A releasing authority decided that an item may go to a party in covers: the decision in hand when it is packed.

    Source: F-14.
    """

    item: ItemId
    to: PartyCode
    decision: Act[BorderDecision]
    id: DecisionId
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCopy:
    """A line of the transmittal list: copy `copy` of `of`; its count is pages, or pieces of equipment."""

    item: ItemId
    copy: CopyId
    of: Count
    form: Form
    matter: Matter
    label: Label
    topic: Topic
    purpose: Purpose
    decision: Act[BorderDecision]

    @property
    def count(self) -> int:
        """What is counted when the package is opened."""
        return self.matter.pages or len(self.matter.serials) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmittal:
    """The transmittal list, as the sending side signs it when the package leaves.

    Source: F-03.
    """

    number: RegisterCode
    consignment: ConsignmentId
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    sender: Words
    addressee: Words
    route: Route
    outer_seals: Seals
    inner_seals: Seals
    packed: Annotated[tuple[PackedCopy, ...], Meta(min_length=1, max_length=MOST_PACKED)]
    at: Instant

    @property
    def has_equipment(self) -> bool:
        """Whether equipment is in it, which moves under watch (G12-7)."""
        return any(one.form is Form.EQUIPMENT for one in self.packed)


TransmittalAct = Act[Transmittal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReceipt:
    """The final recipient's receipt: seals whole, everything there. No classified words stand in it, nor a title.

    Source: F-04, G12-5, G12-6, G9-3, A-04.
    """

    number: RegisterCode
    transmittal: HexDigest
    party: PartyCode
    to: PartyCode
    copies: Count
    seals_intact: Literal[True]
    at: Instant


PackageReceiptAct = Act[PackageReceipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """A party names the key of a government representative to whom packages may be handed over: the signature sample.

    Source: G9-3.
    """

    party: PartyCode
    to: PartyCode
    key: PersonalKey
    valid: Validity


RepresentativeAct = Act[Representative]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeRecord:
    """A designated representative, ours with the person's name or a partner's by key alone."""

    party: PartyCode
    to: PartyCode
    person: PersonId | None
    key: PersonalKey
    valid: Validity
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package as the register keeps it: our own, or a partner's by its list.

    Numbers count within the party that gives them.
    """

    number: RegisterCode
    party: PartyCode
    to: PartyCode
    list: Transmittal
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEvent:
    """One step of a package.

    Args:
        number: of the package.
        leg: which step.
        by: whose act it was; None if a partner's.
        evidence: the statement behind it, by digest.
        intact: whether seals or contents were as listed; None where nothing is compared.
        at: when.
    """

    number: RegisterCode
    leg: Leg
    by: PersonId | None
    evidence: HexDigest | None
    intact: bool | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierTask:
    """What a courier's certificate says: one package, one journey, why no other way would do.

    Source: F-22, G9-4.
    """

    number: RegisterCode
    package: RegisterCode
    courier: PersonId
    passport: RegisterCode
    ceiling: str
    urgency: Words
    stops: Stops
    carriers: Stops
    customs: Words
    seals: Seals
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierCertificate:
    """A courier's certificate, signed by the security officer who gave it."""

    number: RegisterCode
    package: RegisterCode
    courier: PersonId
    act: Act[CourierTask]
    at: Instant


class JourneyMoment(StrEnum):
    """When a courier declares."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a courier signs before the journey (the duties are known) and after it (nothing happened, seals whole)."""

    number: RegisterCode
    moment: JourneyMoment
    seals: Seals
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierDeclaration:
    """A declaration as the register keeps it."""

    number: RegisterCode
    moment: JourneyMoment
    act: Act[Declared]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlan:
    """How equipment travels: covered and sealed, under whose watch, by which way, announced under which notice.

    Source: G12-7, G12-12.
    """

    package: RegisterCode
    vehicle: RegisterCode
    seals: Seals
    escorts: Annotated[tuple[PersonId, ...], Meta(min_length=1, max_length=32)]
    stops: Stops
    notice: RegisterCode
    customs: Words
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsChanged:
    """What is signed each time equipment changes hands.

    Source: G12-9.
    """

    package: RegisterCode
    giver: RegisterCode
    taker: RegisterCode
    place: Words
    seals: Seals
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOfHands:
    """A receipt of the chain, in the order in which they were taken."""

    package: RegisterCode
    taker: RegisterCode
    act: Act[HandsChanged]
    at: Instant


def follows(chain: "tuple[ChangeOfHands, ...]", changed: HandsChanged, *, sender: PartyCode) -> bool:
    """Whether a change of hands follows the last one: its giver is who took it over, or the sender at the start.

    Source: G12-9 (a gap in the chain is reported as a loss).
    """
    return changed.giver == (chain[-1].taker if chain else sender)
