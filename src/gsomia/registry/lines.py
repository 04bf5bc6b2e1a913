"""Where everything stands now: one line an item, one line a copy; derived from the records, never believed over them.

The ledger itself is the append-only chain of `CustodyEvent`. Lines are what it comes to, kept beside it so that a
search costs as much as its answer; fsck derives them again and compares.
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.ids import (
    ConsignmentId,
    CopyId,
    Count,
    FacilityId,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    RegisterCode,
    Topic,
)
from gsomia.instants import Instant
from gsomia.registry.custody import CustodyKind
from gsomia.registry.item import Booking, ItemRecord
from gsomia.registry.matter import Form
from gsomia.registry.regrade import DECLASSIFIED, Regraded

FIRST_COPY: CopyId = "1"
"""The number of the copy that an item comes as."""


class Place(StrEnum):
    """Where a copy is, as this register knows it; exactly one place at any instant. An incident is a flag, not a place.

    Source: LEDGER-1, LEDGER-2, A-04.
    """

    ARRIVED = "arrived"
    """Here, but the sender's until our registrar has signed."""
    HELD = "held"
    IN_TRANSIT = "in-transit"
    HANDED_ON = "handed-on"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """A copy and where it stands.

    Args:
        item: of the register.
        copy: which copy of it.
        originator: whose item it is.
        instrument: under which it came or goes; None for a copy of our own that stays.
        counterpart: the party it came from or goes to; None likewise.
        made: how it came to be: registered, received, copied, released or carried over.
        place: where it is.
        custodian: the party that has custody.
        facility: ours, where it is or last was.
        holder: the person who has it in hand.
        container: where it is locked away; with a container, no holder.
        consignment: as which it came or went electronically.
        package: as which it came or went in covers.
        since: when it came to be.
        at: when it last moved.

    Source: F-01, F-05, LEDGER-2.
    """

    item: ItemId
    copy: CopyId
    originator: PartyCode
    instrument: InstrumentId | None
    counterpart: PartyCode | None
    made: CustodyKind
    place: Place
    custodian: PartyCode
    facility: FacilityId | None
    holder: PersonId | None
    container: RegisterCode | None
    consignment: ConsignmentId | None
    package: RegisterCode | None
    since: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """An item as the control register shows it; `control_no`, `own_mark` and `facility` are None until it is booked.

    Source: F-01.
    """

    item: ItemId
    control_no: str | None
    originator: PartyCode
    sender: PartyCode | None
    instrument: InstrumentId | None
    mark: str
    own_mark: str | None
    rank: Count | None
    form: Form
    topic: Topic
    purpose: str
    facility: FacilityId | None
    at: Instant


class Waiting(StrEnum):
    """What may wait for a person for as long as it takes."""

    HAND_OVER = "hand-over"
    REMARKING = "re-marking"
    RETURN = "return"


class WaitState(StrEnum):
    """Whether it still does."""

    WAITS = "waits"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """Something that waits for a person, so that a worklist costs as much as it shows.

    A line that waits says where to look; whether it is still open is for the rule to say that enforces it (an offer
    lapses when its copy moves, and no line is touched then).

    Args:
        item: of the register.
        what: what waits.
        part: the copy handed over, the notice to be carried out, the return to be answered.
        state: whether it waits.
        since: from when.

    Source: F-05, F-10, G6-9, registry 7.2.
    """

    item: ItemId
    what: Waiting
    part: str
    state: WaitState
    since: Instant


def item_line(record: ItemRecord, booking: Booking | None, regraded: Regraded | None = None) -> ItemLine:
    """What the register shows of an item: its level as it is now, after the last notice that changed it."""
    mark, own_mark, rank = record.label.classification, None, None
    if booking is not None:
        own_mark, rank = booking.own_mark, booking.rank
    if regraded is not None:
        mark, own_mark, rank = regraded.new or DECLASSIFIED, regraded.own_mark, regraded.rank
    return ItemLine(
        item=record.id,
        control_no=booking.control_no if booking else None,
        originator=record.originator,
        sender=record.origin.sender if record.origin else None,
        instrument=record.origin.instrument if record.origin else None,
        mark=mark,
        own_mark=own_mark,
        rank=rank,
        form=record.form,
        topic=record.topic,
        purpose=record.purpose,
        facility=booking.facility if booking else record.facility,
        at=record.at,
    )
