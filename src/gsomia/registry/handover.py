"""The hand-over ledger: a copy changes hands when two persons have signed, and not before.

The giver signs first; the copy stays theirs until the taker has signed the very same line.

Source: F-05, G9-2, LEDGER-2.
"""

from dataclasses import dataclass

from gsomia.ids import CopyId, ItemId, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act

GIVEN = "hand-over"
TAKEN = "hand-over-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One line of the hand-over ledger, as both persons sign it."""

    item: ItemId
    copy: CopyId
    giver: PersonId
    taker: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverOffer:
    """The giver has signed; it waits for the taker and lapses as soon as the copy moves in any other way."""

    item: ItemId
    copy: CopyId
    taker: PersonId
    given: Act[HandOver]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverLine:
    """Both have signed: the copy is the taker's from `at` on."""

    item: ItemId
    copy: CopyId
    taker: PersonId
    given: Act[HandOver]
    taken: Act[HandOver]
    at: Instant
