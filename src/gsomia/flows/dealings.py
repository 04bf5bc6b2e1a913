"""Help a partner that was set back: list what both dealt with, hand out its statements, deliver its items again.

Only to the pinned partner, and only what it said or received itself. Each entry carries a proof of when it counted.
"""

from typing import cast

from gsomia import canon
from gsomia.exchange import (
    MAX_LISTED,
    Again,
    Arrival,
    Ask,
    Coming,
    Dealing,
    Dealings,
    Delivery,
    ExchangeError,
    MessageKind,
    Outgoing,
)
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.logs import is_provable, locate_entry, locate_shared
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import ReceiptRecord, StatementRecord
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.parties import DESCRIPTOR
from gsomia.registry import ItemRecord

Line = tuple[str, ItemId | None, HexDigest | None, bool, tuple[str, int] | None]
"""Reference, item, manifest, whether the partner said it, and where our log names it; the receipt is looked up."""


def list_dealings(desk: Desk, sender: PartyCode, untrusted: bytes) -> bytes:
    """A page of what the partner should have.

    Raises:
        CanonError: malformed.
    """
    ask = canon.decode(untrusted, Ask)
    memo = f"dealings/{sender}/{ask.what}"
    if ask.after == 0 or memo not in desk.memo:  # one walk through the record for all pages
        gather = {"statements": _statements, "deliveries": _deliveries, "arrivals": _arrivals}[ask.what]
        desk.memo[memo] = desk.store.run(lambda tx: gather(tx, desk, sender))
    lines = cast("list[Line]", desk.memo[memo])
    page = lines[ask.after : ask.after + MAX_LISTED]
    end = ask.after + len(page)
    found = tuple(_dealing(desk, sender, line) for line in page)
    return canon.encode(Dealings(found=found, following=end if end < len(lines) else None))


def give_statement(desk: Desk, sender: PartyCode, untrusted: bytes) -> bytes:
    """The envelope of a statement that we said to the partner or heard from it.

    Raises:
        CanonError, ExchangeError: there is none.
    """
    digest = canon.decode(untrusted, HexDigest)
    record = desk.store.run(lambda tx: tx.latest(StatementRecord, digest=digest, party=sender))
    if record is None:
        raise ExchangeError("exchange/no-such-statement", "no statement of that digest was exchanged")
    return record.envelope


def deliver_again(desk: Desk, sender: PartyCode, untrusted: bytes) -> bytes:
    """Queue consignments once more whose content the partner lost; those that are still here.

    Raises:
        CanonError: malformed.
    """
    asked = canon.decode(untrusted, Again)

    def unit(tx: Tx) -> Coming:
        coming = []
        for consignment in asked.consignments:
            delivery = tx.latest(Delivery, consignment=consignment, to=sender)
            if delivery is not None and _is_here(tx, desk, delivery.item):
                coming.append(consignment)
                tx.enqueue(
                    Outgoing(
                        partner=sender,
                        kind=MessageKind.CONSIGNMENT,
                        reference=consignment,
                        attempts=0,
                        not_before=desk.clock(),
                    )
                )
        return Coming(consignments=tuple(coming))

    coming = desk.store.run(unit)
    desk.consigned(sender)
    return canon.encode(coming)


def _is_here(tx: Tx, desk: Desk, item: ItemId) -> bool:
    record = tx.latest(ItemRecord, id=item)
    if record is None or record.holding is None:
        return record is not None
    return desk.payloads.has(record.holding.segment_list, tx=tx) and desk.unlocked.storage_keys.has(item)


def _statements(tx: Tx, desk: Desk, sender: PartyCode) -> list[Line]:
    lines: list[Line] = []
    for record in tx.every(StatementRecord, party=sender):
        if record.kind == DESCRIPTOR:
            continue
        if record.direction == "heard":
            place = locate_shared(tx, desk, sender, subject=record.digest)
            if place is not None:
                lines.append((record.digest, None, None, True, place))
        elif tx.latest(ReceiptRecord, reference=record.digest, party=sender) is not None:
            lines.append((record.digest, None, None, False, None))
    return lines


def _deliveries(tx: Tx, _desk: Desk, sender: PartyCode) -> list[Line]:
    return [
        (delivery.consignment, delivery.item, delivery.manifest, False, None)
        for delivery in tx.every(Delivery, to=sender)
        if tx.latest(ReceiptRecord, reference=delivery.consignment, party=sender) is not None
    ]


def _arrivals(tx: Tx, desk: Desk, sender: PartyCode) -> list[Line]:
    lines: list[Line] = []
    log = shared_log(desk.party, sender)
    for arrival in {arrival.consignment: arrival for arrival in tx.every(Arrival, sender=sender)}.values():
        origin = locate_entry(tx, desk, sender, arrival.log_index, consignment=arrival.consignment)
        if is_provable(tx, desk, log, origin, arrival.log_index):
            lines.append((arrival.consignment, arrival.item, arrival.manifest, True, (origin, arrival.log_index)))
    return lines


def _dealing(desk: Desk, sender: PartyCode, line: Line) -> Dealing:
    reference, item, manifest, own, place = line
    if place is not None:
        receipt = prove_entry(desk, *place)
    else:
        record = desk.store.run(lambda tx: tx.latest(ReceiptRecord, reference=reference, party=sender))
        if record is None:
            msg = "a line is listed with its receipt"
            raise RuntimeError(msg)
        receipt = record.receipt
    return Dealing(reference=reference, item=item, manifest=manifest, own=own, receipt=receipt)
