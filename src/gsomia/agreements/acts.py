"""Acts under an agreement, as statements carry them. What needs both sides takes effect when both signed one digest."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gsomia.agreements.agreement import Agreement, AuthorityId
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act

PROPOSAL = "agreement-proposal"
SIGNATURE = "agreement-signature"
NOTE = "note"
DEED = "deed"
ASSURANCE = "assurance"
ACKNOWLEDGEMENT = "assurance-acknowledgement"

Purpose = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9-]{2,63}\\Z")]
"""A purpose code both sides know, for example `DPRK-MISSILE-ANALYSIS`; carried in sealed parts and statements only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One government puts a text to another.

    Source: T01.
    """

    agreement: Agreement
    to: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSignature:
    """A government signs one exact text.

    Source: T12.
    """

    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """The three-part assurance that precedes any provision: cleared persons, official purpose, equivalent protection.

    Args:
        replaces: the assurance of the same side that this one renews; that one ends when this one is acknowledged.

    Source: G7-5, F-24; number and level, no names (A-35).
    """

    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    to: PartyCode
    authority: AuthorityId
    persons: Annotated[int, Meta(ge=1, le=10_000)]
    level: str
    purpose: Purpose
    official_purpose: bool
    equivalent_protection: bool
    valid: Validity
    replaces: HexDigest | UnsetType = UNSET

    def __post_init__(self) -> None:
        """All three parts are affirmed, or there is no assurance.

        Raises:
            ValueError: a part is missing.
        """
        if not (self.official_purpose and self.equivalent_protection):
            msg = "an assurance affirms official purpose and equivalent protection"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The originating side takes note of an assurance; before that nothing is provided on it.

    Source: G7-5.
    """

    assurance: HexDigest
    instrument: InstrumentId
    party: PartyCode
    to: PartyCode
    at: Instant


ProposalAct = Act[Proposal]
SignatureAct = Act[AgreementSignature]
AssuranceAct = Act[Assurance]
AcknowledgementAct = Act[Acknowledgement]
