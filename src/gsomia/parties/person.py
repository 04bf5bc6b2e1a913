"""Persons who act at a node, the facilities they act in, and who answers for each facility.

Rank and post are kept for the record and give nothing (G7-1). Levels are not here: clearances live in `labels`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import FacilityId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.parties.party import Name


class Office(StrEnum):
    """What a person is appointed to do at the node. None of them is a right to read.

    Source: registry 7.1.
    """

    CONTROL_OFFICER = "control-officer"
    RELEASING_AUTHORITY = "releasing-authority"
    LIAISON_OFFICER = "liaison-officer"
    SECURITY_OFFICER = "security-officer"
    DESIGNATED_REPRESENTATIVE = "designated-representative"
    """Packages of a partner are handed over to nobody else (G9-3)."""
    DUTY_OFFICER = "duty-officer"
    READER = "reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone with a personal key at this node.

    Args:
        id: short name inside this node.
        name: full name; never crosses the border.
        rank: rank or post; gives nothing.
        official: whether they are a government official.
        nationalities: every nationality they hold.
        employer: who employs them.
        employer_country: the country of that employer; None says that nobody recorded it, which is as good as a third.
        offices: what they are appointed to do at the node.
        key: the public half of their key.
        at: when they were entered.

    Source: G7-2 (official), G6-2 and A-09 (nationality and employer).
    """

    id: PersonId
    name: Name
    rank: str
    official: bool
    nationalities: Annotated[tuple[PartyCode, ...], Meta(min_length=1, max_length=8)]
    employer: Name
    employer_country: PartyCode | None = None
    offices: tuple[Office, ...]
    key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A place where classified military information is handled.

    Source: G10-1.
    """

    id: FacilityId
    name: Name
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """The named official who answers for a facility, or the deputy who stands in for them.

    Source: G10-2, registry 7.1 (principal and deputy).
    """

    facility: FacilityId
    person: PersonId
    office: Office
    valid: Validity
    by: PersonId
    at: Instant
    deputy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A person has left: their key acts no longer, and what they held has ended.

    Source: F-06, G7-6.
    """

    person: PersonId
    by: PersonId
    at: Instant
