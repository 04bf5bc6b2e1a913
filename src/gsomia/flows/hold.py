"""Put on hold what a partner dispatched after the end: it lies sealed, and its sender is told with a code.

Intake asks here before it stores anything and again in the unit that enters it; `flows.dispose` destroys it.

Source: A-03, G21-5.
"""

from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.desk import Desk
from gsomia.flows.facts import is_gone
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import ConsignmentId, HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.registry import ItemRecord, OnHold, has_room

HELD_AFTER_END = "policy/held-after-end"
"""The code by which a sender knows that a copy lies on hold."""
_CLAUSES = ("A-03", "G21-5")


def manifest_on_hold(tx: Tx, sender: PartyCode, consignment: ConsignmentId) -> HexDigest | None:
    """The manifest of a consignment that lies, or lay, on hold."""
    known = tx.latest(OnHold, consignment=consignment, sender=sender)
    return None if known is None else known.origin.manifest


def lying_on_hold(tx: Tx, desk: Desk, **keys: str) -> list[OnHold]:
    """What lies on hold and is not destroyed, or about to be."""
    return [one for one in tx.every(OnHold, **keys) if not is_gone(tx, desk.party, one.id)]


def check_hold(
    tx: Tx,
    desk: Desk,
    sender: PartyCode,
    *,
    instrument: InstrumentId,
    item: ItemId,
    content_bytes: int,
    coming_bytes: int,
) -> None:
    """Hold that an item dispatched after the end of its instrument may be put on hold.

    Raises:
        RefusedError: the sender's share of the hold is full, or the item came here before; nothing is stored.
    """
    known = tx.latest(ItemRecord, id=item) is not None or tx.latest(OnHold, id=item) is not None
    known |= is_gone(tx, desk.party, item)  # destroyed here, though an older record has lost the item itself
    if not known and has_room(
        lying_on_hold(tx, desk, sender=sender), content_bytes=content_bytes, coming_bytes=coming_bytes
    ):
        return
    raise RefusedError(
        "policy/dispatched-after-end",
        f"`{instrument}` ended before the item was dispatched",
        remedy="nothing was stored, and the sender is told: it keeps the item",
        clauses=_CLAUSES,
    )


def put_on_hold(tx: Tx, desk: Desk, item: OnHold) -> None:
    """Enter an item whose sealed content and key are durable."""
    enter(tx, desk, item, event=Event.INTAKE_HELD, subject=item.id, sender=item.sender, consignment=item.consignment)


def say_on_hold(instrument: InstrumentId) -> RefusedError:
    """What the sender is told, as often as it offers the consignment: a refusal, because it was not received."""
    return RefusedError(
        "policy/held-after-end",
        f"`{instrument}` ended before the item was dispatched: it lies sealed, and two persons will destroy it",
        remedy="see `item hold`; two officers type `item destroy`, and the sender gets the certificate",
        clauses=_CLAUSES,
    )


def check_not_on_hold(tx: Tx, item: ItemId) -> None:
    """Hold that an item is not taken into the register that lies, or lay, on hold.

    Raises:
        RefusedError: it does; its only key is the one that goes.
    """
    if tx.latest(OnHold, id=item) is not None:
        raise RefusedError(
            "policy/item-on-hold",
            f"`{item}` came before, after the end of its instrument, and is destroyed for good",
            remedy="the sender registers it anew if it is to be released under another instrument",
            clauses=("A-03",),
        )
