"""A security agreement as a value: parties, authorities, levels, terms. What is signed is the digest of this value."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gsomia import canon
from gsomia.agreements.relay import Introduced, RelayTerms
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.labels import ClassificationId, EquivalenceTable
from gsomia.parties import Name

AuthorityId = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,40}\\Z")]
NoteNumber = Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9/-]{1,40}\\Z")]
"""The number a foreign ministry gives to a diplomatic note."""


class ThirdPartyRule(StrEnum):
    """Who may allow a third party.

    Source: G6-1.
    """

    ORIGINATOR_CONSENT = "originator-consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementParty:
    """A party, and the fingerprint of the identities that speak for it under this agreement."""

    code: PartyCode
    name: Name
    fingerprint: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A competent authority; effective only once the note that names it has been received.

    Source: G2-5, A-21.
    """

    id: AuthorityId
    party: PartyCode
    name: Name
    lead: bool
    named_by: NoteNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The parameters of an instrument.

    Source: obligations 2.23, G21-1 to G21-4.
    """

    binding: bool
    term_years: Annotated[int, Meta(ge=0, le=50)]
    """0: no terms, in force until somebody ends it."""
    renewal: Literal["automatic", "none"]
    notice_days: Annotated[int, Meta(ge=0, le=3660)]
    third_party: ThirdPartyRule
    ceiling: Annotated[int, Meta(ge=1, le=4)]
    language: Annotated[str, Meta(pattern="^[a-z]{2}\\Z")]
    opened: Annotated[tuple[ClassificationId, ...], Meta(max_length=8)] | UnsetType = UNSET
    """Levels above SECRET that their party's own rule opens for this instrument; none if left out (TR-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRules:
    """Clocks the treaty leaves open, in days; printed as house rules, never as treaty.

    Source: A-12.
    """

    receipt_days: Annotated[int, Meta(ge=1, le=3660)]
    tracer_days: Annotated[int, Meta(ge=1, le=3660)]
    level_change_days: Annotated[int, Meta(ge=1, le=3660)]
    incident_notice_hours: Annotated[int, Meta(ge=1, le=720)]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One version of one instrument between named parties. Without slots, so that its digest is computed once.

    Attributes:
        relay: only in an arrangement that relays.
        introduced: only in a feeder of one: whose keys the hub introduces under it.
    """

    id: InstrumentId
    version: Annotated[int, Meta(ge=1)]
    title: Name
    parties: Annotated[tuple[AgreementParty, ...], Meta(min_length=2, max_length=8)]
    authorities: Annotated[tuple[Authority, ...], Meta(max_length=32)]
    table: EquivalenceTable
    terms: Terms
    house_rules: HouseRules
    relay: RelayTerms | UnsetType = UNSET
    introduced: Annotated[tuple[Introduced, ...], Meta(min_length=1, max_length=8)] | UnsetType = UNSET

    @cached_property
    def digest(self) -> HexDigest:
        """What both governments sign."""
        return canon.digest(self)

    def has_party(self, code: PartyCode) -> bool:
        """Whether `code` is bound by this instrument."""
        return any(party.code == code for party in self.parties)

    def authorities_of(self, code: PartyCode) -> tuple[Authority, ...]:
        """The authorities a party names."""
        return tuple(authority for authority in self.authorities if authority.party == code)

    @property
    def relays(self) -> RelayTerms | None:
        """The relay of an arrangement that has one."""
        return self.relay if isinstance(self.relay, RelayTerms) else None

    def opens(self, level: ClassificationId) -> bool:
        """Whether a level above SECRET is opened for this instrument.

        Source: TR-6.
        """
        return isinstance(self.terms.opened, tuple) and level in self.terms.opened

    def introduces(self, originator: PartyCode, *, hub: PartyCode) -> bool:
        """Whether the hub introduces the keys of `originator` under this feeder."""
        named = self.introduced if isinstance(self.introduced, tuple) else ()
        return Introduced(hub=hub, originator=originator) in named
