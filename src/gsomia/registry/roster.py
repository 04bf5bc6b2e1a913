"""Who is cleared, whose duty needs what, who stands on which facility's registry, which channel is accredited."""

from dataclasses import dataclass

from gsomia.agreements import Purpose
from gsomia.ids import FacilityId, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceGrant:
    """A personnel security clearance as granted under our own law. The latest grant for a person counts.

    Source: G2-6, G7-3, G7-4.
    """

    person: PersonId
    clearance: Clearance
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyGrant:
    """A need-to-know: for one item, or for every item of a purpose.

    Source: G7-2.
    """

    person: PersonId
    item: ItemId | None
    purpose: Purpose | None
    valid: Validity
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """A line of a facility's registry of persons.

    Source: G6-6, F-06.
    """

    facility: FacilityId
    person: PersonId
    instrument: InstrumentId
    level: str
    valid: Validity
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccreditation:
    """The channel to a partner may carry items up to a level, until a day.

    Source: G12-10, G12-11.
    """

    channel: PartyCode
    number: str
    level: str
    valid: Validity
    by: PersonId
    at: Instant
