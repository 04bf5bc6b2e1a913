"""Content that is gone and comes again: after a restore the register knows items whose key or payload it lost.

The partner that released such an item delivers the same consignment again, and intake keeps it under a new storage key.
An item that was destroyed stays destroyed.
"""

from dataclasses import replace

from gsomia.audit import Event
from gsomia.envelope import Holding, OpenError, open_holding
from gsomia.flows.desk import Desk
from gsomia.flows.facts import is_held
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import ItemId
from gsomia.registry import ItemRecord


def content_is_gone(tx: Tx, desk: Desk, item: ItemId) -> bool:
    """Whether a registered item can no longer be opened here, and nobody destroyed it.

    Source: design 4 (storage keys lie outside the database and its backups).
    """
    record = tx.latest(ItemRecord, id=item)
    if record is None or record.holding is None or not is_held(tx, desk.party, record):
        return False
    whole = desk.unlocked.storage_keys.has(item) and desk.payloads.has(record.holding.segment_list, tx=tx)
    return not whole


def fetch_again(tx: Tx, desk: Desk, holding: Holding) -> None:
    """Enter that the content of a registered item is held anew, if its old holding does not open any more.

    The register line stays what it was, but for where the content lies.
    """
    record = tx.latest(ItemRecord, id=holding.item)
    if record is None or record.holding is None:
        return
    try:
        open_holding(record.holding, storage_key=desk.unlocked.storage_keys.get(holding.item))
    except OpenError:
        enter(tx, desk, replace(record, holding=holding), event=Event.ITEM_FETCHED_AGAIN, subject=record.id)
