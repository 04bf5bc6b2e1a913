"""A contractor's file: contract, facility clearance, persons, briefings, inspections, officers, measures, releases.

Append-only. Of a clearance, a person or a measure the latest line counts; a person goes off the list by a line that
says so. Subcontractors are contractors: a contract names the one above it, and none is above one that we let ourselves.

Source: G16-1 to G16-9, G16-10 to G16-16, F-19, A-33, A-35.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.ids import ContractorId, Count, DecisionId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance, ClearanceStatus
from gsomia.parties import Name
from gsomia.policy import Measure
from gsomia.registry.roster import Reference

MAX_DEPTH = 16
"""No chain of subcontracts is longer."""
FindingText = Annotated[str, Meta(min_length=1, max_length=400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractor:
    """A contract with a firm, at one facility.

    Args:
        contractor: the short name of it here.
        name: the firm.
        country: where the firm is at home.
        contract: the number of the contract.
        above: whose subcontractor it is; None if the contract is ours.
        by: who entered it.
        at: when.

    Source: G16-16, G6-2.
    """

    contractor: ContractorId
    name: Name
    country: PartyCode
    contract: Reference
    above: ContractorId | None
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorClearance:
    """A facility security clearance. One of another government is entered and does not count (A-33).

    Source: G16-2, A-33.
    """

    contractor: ContractorId
    authority: PartyCode
    number: Reference
    level: str
    valid: Validity
    status: ClearanceStatus
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorPerson:
    """A person on the contractor's list: clearance by reference, duties by purpose, and nothing else about them.

    Source: G16-3, G16-4, G16-5, G16-8, A-35.
    """

    contractor: ContractorId
    person: PersonId
    nationality: PartyCode
    authority: PartyCode
    clearance: Clearance
    duties: Annotated[tuple[Purpose, ...], Meta(max_length=32)]
    valid: Validity
    listed: bool
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorBriefing:
    """A person signed what access means; `number` is of the signed sheet.

    Source: G16-6.
    """

    contractor: ContractorId
    person: PersonId
    number: Reference
    by: PersonId
    at: Instant


class InspectionKind(StrEnum):
    """Why an inspection was made.

    Source: F-19, G16-7.
    """

    INITIAL = "initial"
    PERIODIC = "periodic"
    CAUSE = "cause"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFinding:
    """What an inspection found, who puts it right, by when.

    Source: F-19.
    """

    text: FindingText
    owner: PersonId
    due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorInspection:
    """A security inspection at a contractor's facility, and by when the next one has to be.

    Source: G16-7, F-19.
    """

    contractor: ContractorId
    kind: InspectionKind
    number: Reference
    findings: Annotated[tuple[InspectionFinding, ...], Meta(max_length=64)]
    next_due: Instant
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorFindingClosed:
    """A finding was put right; `inspection` and `finding` count from one among the contractor's.

    Source: F-19.
    """

    contractor: ContractorId
    inspection: Count
    finding: Count
    number: Reference
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorAppointment:
    """A qualified person at the contractor who is responsible and has the authority for it.

    Source: G16-10.
    """

    contractor: ContractorId
    person: PersonId
    number: Reference
    valid: Validity
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorMeasure:
    """What is in order at the contractor's facility, up to a level, until a review.

    Source: G16-9, G16-11 to G16-15.
    """

    contractor: ContractorId
    measure: Measure
    number: Reference
    level: str
    review_at: Instant
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorReleased:
    """An item was opened to a contractor's list, by a decision that is on record.

    Source: G16-1 to G16-9, G16-10 to G16-16, F-14.
    """

    contractor: ContractorId
    item: ItemId
    purpose: Purpose
    decision: DecisionId
    persons: tuple[PersonId, ...]
    by: PersonId
    at: Instant
