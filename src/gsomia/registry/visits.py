"""What the host keeps of a visit: advice, acknowledgement, opening, what was disclosed, the end; and follow-up.

Source: G8-3, G8-5, G18-1, G18-2, F-12, F-13.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Words
from gsomia.ids import ConsignmentId, Count, FacilityId, ItemId, PartyCode, PersonId, RegisterCode, VisitId
from gsomia.instants import Instant
from gsomia.registry.roster import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAdvice:
    """The host tells a facility of a visit: subject, scope, highest level, visitors by number, contact.

    Source: F-12, G8-3.
    """

    visit: VisitId
    facility: FacilityId
    subject: Reference
    scope: Words
    level: Reference
    visitors: tuple[Count, ...]
    contact: PersonId
    by: PersonId
    at: Instant


class VisitStage(StrEnum):
    """What a facility did about a visit it was advised of."""

    ACKNOWLEDGED = "acknowledged"
    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStep:
    """The control officer of the facility acknowledged the advice, opened the visit, or closed it.

    Source: G8-3.
    """

    visit: VisitId
    facility: FacilityId
    stage: VisitStage
    by: PersonId
    at: Instant


class Shown(StrEnum):
    """How something was disclosed.

    Source: F-13.
    """

    ORAL = "oral"
    VISUAL = "visual"
    COPY = "copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDisclosure:
    """What was disclosed to whom during a visit, at which level, how, and whether they took notes.

    `record` names the signed disclosure that the hearing side has too, if one was made.

    Source: F-13, G8-5.
    """

    visit: VisitId
    facility: FacilityId
    item: ItemId
    level: Reference
    visitors: tuple[Count, ...]
    how: Shown
    notes: bool
    record: ConsignmentId | None
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting or talk with a partner: agenda and outcome. What was undertaken are follow-ups under its number.

    Source: G18-1, G18-2.
    """

    number: RegisterCode
    partner: PartyCode
    agenda: Words
    outcome: Words
    held: Instant
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A finding of a security visit or a commitment of a meeting: what, who sees to it, by when.

    `about` is the visit or the number of the meeting; follow-ups count from one under it.

    Source: G18-1, G18-2.
    """

    about: Annotated[str, Meta(min_length=1, max_length=64)]
    text: Words
    owner: Reference
    due: Instant
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDone:
    """A follow-up was carried out; `number` counts from one under what it is about.

    Source: G18-2.
    """

    about: Annotated[str, Meta(min_length=1, max_length=64)]
    number: Count
    reference: Reference
    by: PersonId
    at: Instant
