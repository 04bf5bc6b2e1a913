"""Who is cleared, whose duty needs what, who stands on which facility's registry, what is accredited.

Append-only: a clearance is suspended or withdrawn, a duty, roster line or appointment ended, by a later line that names
the earlier one by its running number among the person's.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.ids import Count, FacilityId, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance, ClearanceStatus
from gsomia.parties import Name

Reference = Annotated[str, Meta(min_length=1, max_length=200)]
"""The number of a document that lies elsewhere; never what stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceGrant:
    """A personnel security clearance as granted under our own law. The latest grant for a person counts.

    Args:
        person: who.
        clearance: levels, validity, basis and review.
        by: the officer who entered it.
        at: when it was entered.
        authority: the body that decided; None in lines from before it was kept.

    Source: G2-6, G7-3, G7-4.
    """

    person: PersonId
    clearance: Clearance
    by: PersonId
    at: Instant
    authority: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceChange:
    """A clearance that was granted is suspended, withdrawn or restored, by a decision with a basis of its own.

    `grant` is the running number of the grant among the person's: a later grant is not touched.

    Source: G2-6 (status), G7-3 (basis), G7-6.
    """

    person: PersonId
    grant: Count
    status: ClearanceStatus
    basis: Reference
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalityConsent:
    """An originator agreed in writing that a person of a third nationality or employer may know an item or a purpose's.

    `number` is of the originator's signed document: a word on the telephone is none (A-10, A-11).

    Source: A-09, X-8, G6-2.
    """

    person: PersonId
    originator: PartyCode
    item: ItemId | None
    purpose: Purpose | None
    number: Reference
    valid: Validity
    by: PersonId
    at: Instant


class EntryKind(StrEnum):
    """What of a person's can end before its day."""

    DUTY = "duty"
    ROSTER = "roster"
    APPOINTMENT = "appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryEnded:
    """A duty, a roster line or an appointment ended; `number` is its running number among the person's.

    Source: G7-2, G6-6 and G10-2 (from and to).
    """

    person: PersonId
    entry: EntryKind
    number: Count
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityAccreditation:
    """A facility may handle items up to a level, until its next review. The latest one for a facility counts.

    Source: G10-1.
    """

    facility: FacilityId
    number: Reference
    level: str
    review_at: Instant
    by: PersonId
    at: Instant
