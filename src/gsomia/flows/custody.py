"""The only way a copy moves: a custody event in the ledger, its log entry, and the line of where the copy stands.

Source: LEDGER-1 to LEDGER-3, G6-7, G9-2.
"""

from dataclasses import replace

from gsomia.audit import Event
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import ConsignmentId, CopyId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    RegisterError,
    Regraded,
    Waiting,
    WaitingLine,
    WaitState,
    begin,
    follow,
    item_line,
)


def begin_copy(tx: Tx, desk: Desk, event: CustodyEvent, *, originator: PartyCode) -> CopyLine:
    """Enter a copy that is known to be new: its id was just made, or no copy of the item is in the register.

    Raises:
        RegisterError: the event begins no copy.
    """
    return _enter(tx, desk, event, begin(event, originator=originator))


def move_copy(tx: Tx, desk: Desk, event: CustodyEvent) -> CopyLine:
    """Enter what happened to a copy, and return where it stands.

    Raises:
        RegisterError: there is no such copy, or it cannot have happened from where it stands; nothing is written.
    """
    return _enter(tx, desk, event, follow(copy_line(tx, event.item, event.copy), event))


def copy_line(tx: Tx, item: ItemId, copy: CopyId) -> CopyLine:
    """Where a copy stands.

    Raises:
        RegisterError: there is no such copy.
    """
    line = tx.line(CopyLine, item=item, copy=copy)
    if line is None:
        raise RegisterError(
            "registry/unknown-copy",
            f"there is no copy {copy} of `{item}` in the register",
            remedy="see `item show`",
            clauses=("G6-7",),
        )
    return line


def pass_custody(tx: Tx, desk: Desk, item: ItemId, *, number: ConsignmentId, to: PartyCode, at: Instant) -> None:
    """Let custody of what went under `number` pass at the time of the recipient's signed receipt, once.

    Source: A-04, LEDGER-2.
    """
    if any(event.kind is CustodyKind.RECEIPTED for event in tx.every(CustodyEvent, consignment=number)):
        return
    passed = CustodyEvent(item=item, copy=number, kind=CustodyKind.RECEIPTED, custodian=to, consignment=number, at=at)
    move_copy(tx, desk, passed)


def show_item(tx: Tx, record: ItemRecord, booking: Booking | None) -> None:
    """Bring the line of an item up to its records."""
    tx.put_line(item_line(record, booking, tx.latest(Regraded, item=record.id)))


def let_wait(tx: Tx, item: ItemId, what: Waiting, part: str, *, since: Instant) -> None:
    """Let something about an item wait for a person; what waits already goes on as it began.

    Source: registry 7.2.
    """
    known = tx.line(WaitingLine, item=item, what=what, part=part)
    if known is None or known.state is WaitState.DONE or what is Waiting.HAND_OVER:  # another offer begins anew
        tx.put_line(WaitingLine(item=item, what=what, part=part, state=WaitState.WAITS, since=since))


def wait_no_more(tx: Tx, item: ItemId, what: Waiting, part: str) -> None:
    """Somebody did what waited for them."""
    known = tx.line(WaitingLine, item=item, what=what, part=part)
    if known is not None:
        tx.put_line(replace(known, state=WaitState.DONE))


def _enter(tx: Tx, desk: Desk, event: CustodyEvent, line: CopyLine) -> CopyLine:
    enter(tx, desk, event, event=Event.CUSTODY_MOVED, subject=event.item, kind=event.kind, copy=event.copy)
    tx.put_line(line)
    return line
