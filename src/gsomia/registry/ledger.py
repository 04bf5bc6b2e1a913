"""The ledger of copies as a table: which event may follow where a copy stands, and where it stands then.

1. Every copy is in exactly one place and has exactly one custodian; it comes to be once.
2. Only who has a copy in hand hands it over, locks it away or sends it; nobody hands over to themselves.
3. What is destroyed stays so; a correction is a new line.

So `received + made = held + in transit + returned + handed on + destroyed + lost` holds after every event.

Source: LEDGER-1 to LEDGER-3, G6-7, G9-2, F-05, A-04.
"""

from dataclasses import replace
from types import MappingProxyType

from gsomia.ids import PartyCode, PersonId
from gsomia.registry.custody import CustodyEvent, CustodyKind
from gsomia.registry.errors import RegisterError
from gsomia.registry.lines import CopyLine, Place

_TABLE: dict[CustodyKind, dict[Place | None, Place]] = {
    CustodyKind.REGISTERED: {None: Place.HELD},
    CustodyKind.CARRIED_OVER: {None: Place.HELD},
    # What came before comes again: a second arrival changes nothing.
    CustodyKind.RECEIVED: {None: Place.ARRIVED, **{place: place for place in Place}},
    CustodyKind.BOOKED: {Place.ARRIVED: Place.HELD},
    CustodyKind.COPIED: {None: Place.HELD},
    CustodyKind.HANDED_OVER: {Place.HELD: Place.HELD},
    CustodyKind.STORED: {Place.HELD: Place.HELD},
    CustodyKind.TAKEN_OUT: {Place.HELD: Place.HELD},
    CustodyKind.RELEASED: {None: Place.IN_TRANSIT},
    # A copy that a hub made of ours for the other end of a relay, which its registrar has signed for.
    CustodyKind.FORWARDED: {None: Place.HANDED_ON},
    CustodyKind.DISPATCHED: {Place.HELD: Place.IN_TRANSIT},
    CustodyKind.RECEIPTED: {Place.IN_TRANSIT: Place.HANDED_ON},
    # What a partner gives back is no copy of its own any more, at either side.
    CustodyKind.RETURNED: {Place.IN_TRANSIT: Place.RETURNED, Place.HANDED_ON: Place.RETURNED},
    # A consignment that is refused is kept by nobody: the recipient stores nothing of it.
    CustodyKind.REFUSED: {Place.IN_TRANSIT: Place.DESTROYED},
    CustodyKind.CAME_BACK: {Place.IN_TRANSIT: Place.HELD, Place.HANDED_ON: Place.HELD},
    CustodyKind.LOST: {Place.HELD: Place.LOST, Place.IN_TRANSIT: Place.LOST},
    CustodyKind.FOUND: {Place.LOST: Place.HELD},
    CustodyKind.DESTROYED: dict.fromkeys(set(Place) - {Place.RETURNED, Place.DESTROYED}, Place.DESTROYED),
}
MOVES = MappingProxyType({kind: MappingProxyType(moves) for kind, moves in _TABLE.items()})
"""For each event, the places it may find a copy in (None: it does not exist yet), and the place it leaves it in."""

_BY_HOLDER = frozenset({CustodyKind.HANDED_OVER, CustodyKind.STORED, CustodyKind.DISPATCHED})


def begin(event: CustodyEvent, *, originator: PartyCode) -> CopyLine:
    """Where a copy stands that comes to be by `event`.

    Args:
        event: the first one of the copy.
        originator: whose item it is.

    Raises:
        RegisterError: the event begins no copy.
    """
    place = _place(None, event)
    return CopyLine(
        item=event.item,
        copy=event.copy,
        originator=originator,
        instrument=event.instrument,
        counterpart=event.counterpart,
        made=event.kind,
        place=place,
        custodian=event.custodian,
        facility=event.facility,
        holder=_holder(event, place),
        container=event.container if event.kind is CustodyKind.CARRIED_OVER else None,
        consignment=event.consignment,
        package=event.package,
        since=event.at,
        at=event.at,
    )


def follow(line: CopyLine, event: CustodyEvent) -> CopyLine:
    """Where a copy stands after an event.

    Raises:
        RegisterError: the event cannot follow; nothing changes.

    Source: LEDGER-1 to LEDGER-3, F-05, G9-2.
    """
    place = _place(line.place, event)
    if event.kind is CustodyKind.RECEIVED:
        return line
    _check_hands(line, event)
    return replace(
        line,
        place=place,
        custodian=event.custodian,
        facility=event.facility or line.facility,
        holder=_holder(event, place),
        container=event.container if event.kind is CustodyKind.STORED else None,
        instrument=event.instrument or line.instrument,
        counterpart=event.counterpart or line.counterpart,
        consignment=event.consignment or line.consignment,
        package=event.package or line.package,
        at=event.at,
    )


def _place(before: Place | None, event: CustodyEvent) -> Place:
    moves = MOVES[event.kind]
    if before not in moves:
        raise RegisterError(
            "registry/copy-is-elsewhere",
            f"copy {event.copy} of `{event.item}` is {before or 'not in the register'} and cannot be {event.kind}",
            remedy="see `item show`: a copy is in one place and has one custodian",
            clauses=("G6-7", "G9-2"),
        )
    return moves[before]


def _holder(event: CustodyEvent, place: Place) -> PersonId | None:
    # INVARIANT (one custodian): what is locked away is in nobody's hand, what is not held is in none of ours.
    locked = event.kind is CustodyKind.CARRIED_OVER and event.container is not None
    if place is not Place.HELD or event.kind is CustodyKind.STORED or locked:
        return None
    return event.to or event.by


def _check_hands(line: CopyLine, event: CustodyEvent) -> None:
    if event.kind in _BY_HOLDER and line.holder != event.by:
        where = f"`{line.holder}` has it" if line.holder else f"it is in container `{line.container}`"
        raise RegisterError(
            "registry/second-custodian",
            f"copy {event.copy} of `{event.item}` is not in the hand of `{event.by}`: {where}",
            remedy="who holds a copy hands it over; take it out of its container first",
            clauses=("G9-2", "F-05"),
        )
    if event.kind is CustodyKind.HANDED_OVER and event.to in {None, event.by}:
        raise RegisterError(
            "registry/handed-to-oneself",
            f"`{event.by}` cannot hand a copy over to themselves",
            remedy="name the person who takes it over",
            clauses=("F-05",),
        )
    if event.kind is CustodyKind.TAKEN_OUT and line.container != event.container:
        raise RegisterError(
            "registry/not-in-container",
            f"copy {event.copy} of `{event.item}` is not in container `{event.container}`",
            remedy="see `item show`",
            clauses=("G11-1", "F-20"),
        )
    if event.kind is CustodyKind.STORED and event.container is None:
        raise RegisterError(
            "registry/no-container", "a copy is locked away in a named container", remedy="name it", clauses=("G11-1",)
        )
