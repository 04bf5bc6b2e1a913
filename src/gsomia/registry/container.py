"""Containers: where copies are locked away, who may open them, and the log of their openings.

Source: F-20, G11-1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import FacilityId, PersonId, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Act

CONTAINER = "container-entry"
OPENING_WAIT_S = 600
"""So long the first of two persons waits at the door for the second."""

Remark = Annotated[str, Meta(max_length=200)]
MOST_SEALS = 16
Seals = Annotated[tuple[RegisterCode, ...], Meta(max_length=MOST_SEALS)]
"""Seal numbers, as they stand on the seals."""


class Turn(StrEnum):
    """What was done at a container."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container as it stands; the latest record about an id counts.

    Args:
        id: the registry's name of it.
        facility: where it stands.
        ceiling: the highest of our own levels that may lie in it.
        openers: who has the combination.
        by: the security officer who said so.
        at: when.
    """

    id: RegisterCode
    facility: FacilityId
    ceiling: str
    openers: Annotated[tuple[PersonId, ...], Meta(min_length=1, max_length=64)]
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEntry:
    """What a person signs at a container: the seals as found on opening, or as set on closing."""

    container: RegisterCode
    turn: Turn
    seals: Seals
    remarks: Remark
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerWait:
    """The first of two persons has signed to open a container of the top level."""

    container: RegisterCode
    by: PersonId
    entry: Act[ContainerEntry]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLine:
    """A line of the opening log.

    Args:
        container: which.
        turn: opened or closed.
        by: who signed.
        second: the other person; None below the top level and on closing.
        entries: what they signed, first person first.
        intact: the seals found are those that were set; None on closing and at the first opening.
        at: when.
    """

    container: RegisterCode
    turn: Turn
    by: PersonId
    second: PersonId | None
    entries: Annotated[tuple[Act[ContainerEntry], ...], Meta(min_length=1, max_length=2)]
    intact: bool | None
    at: Instant


def seals_intact(*, found: Iterable[RegisterCode], set_before: Iterable[RegisterCode]) -> bool:
    """Whether the seals found are exactly those that were set, in any order.

    Source: F-20 (seals are compared before anything is opened).
    """
    return sorted(found) == sorted(set_before)
