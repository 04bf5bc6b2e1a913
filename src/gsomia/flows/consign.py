"""Carry consignments to a partner: attempts recorded before the socket, the recipient's proof after it.

Those that may go together begin in one unit, and those whose proofs came together are settled in one.

Source: design 5, design 6.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial

from gsomia import canon
from gsomia.audit import Event, InclusionReceipt
from gsomia.envelope import Header, ReceivedEnvelope, ReceivedRelay, print_offer, print_relay
from gsomia.errors import NodeError, RefusedError
from gsomia.exchange import (
    Delivery,
    DeliveryStage,
    ExchangeError,
    MessageKind,
    Outgoing,
    Refusal,
    Relayed,
    RelayReport,
    Stage,
    advance,
    check_receipt,
    receipt_digest,
)
from gsomia.flows.at_hand import AtHand, take_at_hand
from gsomia.flows.chain import enter_report, sign_report
from gsomia.flows.content import Lying, Stored, consignment_keys
from gsomia.flows.contradictions import why_convicted
from gsomia.flows.custody import move_copy
from gsomia.flows.desk import Desk
from gsomia.flows.facts import get_item
from gsomia.flows.hold import HELD_AFTER_END
from gsomia.flows.ledger import enter
from gsomia.flows.logs import partner_log_of
from gsomia.flows.parties import key_sets
from gsomia.flows.ports import Tx
from gsomia.flows.records import ReceiptRecord
from gsomia.flows.relay import why_closed
from gsomia.flows.release import why_unassured
from gsomia.flows.stages import stage_of
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import Statement
from gsomia.registry import CustodyEvent, CustodyKind, ItemRecord

MANY_AT_ONCE = 512
"""Rows that are looked at for what may go now."""
MANY = 1 << 16
"""More rows than ever wait for one partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentToSend:
    """A delivery whose attempt is recorded.

    Args:
        delivery: on record.
        header: of its envelope.
        offer: the frame without segments.
        inline: its only segment, which rides with the offer; of longer content none does.
        segment: gives sealed segments: sealed from the item as they go, or of a relay as they lie.
    """

    delivery: Delivery
    header: Header
    offer: bytes
    inline: bytes
    segment: Callable[[int], bytes]


def begin_consignment(desk: Desk, consignment: str) -> ConsignmentToSend:
    """Record the attempt and return what goes over the wire.

    Raises:
        RefusedError: a relay whose consent or leg is gone, or an item whose assurance was withdrawn before it first
            went; it is stopped, and the originator is told.

    # CRASH: dying after this leaves the delivery SENDING; the row is still queued and the attempt is repeated.
    """
    ready = desk.store.run(lambda tx: _begin(tx, desk, consignment))
    if ready.wrong is not None:
        _stop(desk, ready.delivery, ready.wrong)
        raise ready.wrong
    return _to_send(desk, ready)


def begin_due(
    desk: Desk, to: PartyCode, *, busy: Container[int], room: int
) -> list[tuple[int, Outgoing, ConsignmentToSend | None]]:
    """Begin together the consignments that may go to a partner now.

    Args:
        desk: ours.
        to: the partner.
        busy: rows that are on their way already.
        room: how many more may be.

    Returns:
        Row, what is queued, and what goes over the wire; None of one that is to be begun on its own, since it is to be
        stopped or does not read.

    Raises:
        NodeError: the record does not say of one of them what it must; nothing is recorded of any.
    """

    def unit(tx: Tx) -> list[tuple[int, Outgoing, _Ready]]:
        rows = tx.due(to, now=desk.clock(), limit=MANY_AT_ONCE)
        fresh = [(row, one) for row, one in rows if one.kind is MessageKind.CONSIGNMENT and row not in busy][:room]
        return [(row, one, _begin(tx, desk, one.reference)) for row, one in fresh]

    begun = desk.store.run(unit)
    return [(row, one, _to_send_or_none(desk, ready)) for row, one, ready in begun]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A queued delivery, why it may not go, and what of it goes over the wire; of one at hand no list is read."""

    delivery: Delivery
    wrong: RefusedError | None
    item: ItemRecord
    segment_list: bytes | None
    at_hand: AtHand | None


def _begin(tx: Tx, desk: Desk, consignment: str) -> _Ready:
    delivery = delivery_of(tx, consignment)
    wrong = why_convicted(tx, desk, delivery.to) or why_closed(tx, desk, delivery) or why_unassured(tx, desk, delivery)
    if wrong is None:
        stage = advance(stage_of(tx, delivery), Stage.SENDING, at=desk.clock())
        if stage is not None:
            enter(tx, desk, stage, event=Event.DELIVERY_ATTEMPT, subject=delivery.item, consignment=consignment)
    at_hand = take_at_hand(desk, consignment)
    return _Ready(
        delivery=delivery,
        wrong=wrong,
        item=get_item(tx, delivery.item),
        segment_list=None if at_hand is not None else tx.segment_list(delivery.holding.segment_list),
        at_hand=at_hand,
    )


def _to_send_or_none(desk: Desk, ready: _Ready) -> ConsignmentToSend | None:
    try:
        return None if ready.wrong else _to_send(desk, ready)
    except NodeError:  # met again, and told, when it is begun on its own
        return None


def _to_send(desk: Desk, ready: _Ready) -> ConsignmentToSend:
    delivery, segment_list, at_hand = ready.delivery, ready.segment_list, ready.at_hand
    if at_hand is not None:
        desk.unlocked.storage_keys.get(delivery.item)  # destroyed meanwhile: it goes no more
        return ConsignmentToSend(
            delivery=delivery,
            header=at_hand.header,
            offer=at_hand.offer,
            inline=at_hand.content,
            segment=lambda _: at_hand.content,
        )
    if segment_list is None:
        msg = "a queued delivery has its segment list beside it"
        raise RuntimeError(msg)
    header = canon.decode(delivery.header, Header)
    envelope = ReceivedEnvelope(
        header=header,
        header_bytes=delivery.header,
        statement=delivery.statement,
        sealed_part=delivery.sealed_part,
        segment_list=segment_list,
    )
    relayed = delivery.relayed
    if isinstance(relayed, Relayed):
        offer = print_relay(ReceivedRelay(statement=relayed.statement, part=relayed.part, offer=envelope))
        segment = Lying(desk, ready.item).segment
    else:
        offer = print_offer(envelope)
        segment = partial(Stored(desk, ready.item).seal_again, consignment_keys(desk, delivery.holding))
    return ConsignmentToSend(
        delivery=delivery,
        header=header,
        offer=offer,
        inline=segment(0) if header.segments == 1 else b"",
        segment=segment,
    )


def read_segment(sending: ConsignmentToSend, index: int) -> bytes:
    """Sealed segment `index` of a delivery.

    Raises:
        IntegrityError: what is stored is not what was registered.
    """
    return sending.segment(index)


def settle_consignment(desk: Desk, row: int, delivery: Delivery, receipt: InclusionReceipt) -> None:
    """Believe the recipient's proof that the item is durably there, and record it.

    Raises:
        AuditError, VerificationError, ExchangeError: the receipt proves nothing of the kind; the row stays queued.

    Source: design 5 (The sender recomputes the leaf and keeps the whole proof).
    """
    settle_consignments(desk, [(row, delivery, receipt)])


def settle_consignments(desk: Desk, arrived: Sequence[tuple[int, Delivery, InclusionReceipt]]) -> None:
    """As `settle_consignment`, of several in one unit; if one is not proven, none is recorded."""
    proven = [(row, _prove_arrival(desk, delivery, receipt)) for row, delivery, receipt in arrived]

    def unit(tx: Tx) -> None:
        for row, one in proven:
            _enter_arrival(tx, desk, one)
            tx.settle(row)

    desk.store.run(unit)
    for _, one in proven:
        tell_originator(desk, one.delivery)
        desk.settled(one.delivery.consignment)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrived:
    """A delivery whose arrival is proven, and what its originator hears of it."""

    delivery: Delivery
    receipt: InclusionReceipt
    report: Statement[RelayReport] | None


def _prove_arrival(desk: Desk, delivery: Delivery, receipt: InclusionReceipt) -> _Arrived:
    leaf, _ = check_receipt(
        receipt,
        origin=partner_log_of(desk, delivery.to, receipt.checkpoint),
        keys=key_sets(desk, delivery.to).log_keys,
        events=frozenset({Event.DELIVERY_RECEIVED}),
        ids={"consignment": delivery.consignment, "item": delivery.item},
        digest=delivery.manifest,
    )
    report = sign_report(desk, delivery, Stage.RECEIVED, reached=leaf.at)
    return _Arrived(delivery=delivery, receipt=receipt, report=report)


def _enter_arrival(tx: Tx, desk: Desk, arrived: _Arrived) -> None:
    delivery, receipt = arrived.delivery, arrived.receipt
    current = stage_of(tx, delivery)
    first = current.stage in {Stage.QUEUED, Stage.SENDING}  # then no receipt is here, and none need be looked for
    if not first and tx.latest(ReceiptRecord, reference=delivery.consignment, party=delivery.to) is not None:
        return
    record = ReceiptRecord(reference=delivery.consignment, party=delivery.to, receipt=receipt, at=desk.clock())
    enter(tx, desk, record, event=Event.RECEIPT_RECEIVED, subject=delivery.item, to=delivery.to)
    stage = advance(current, Stage.RECEIVED, at=desk.clock(), evidence=receipt_digest(receipt))
    if stage is not None:
        consignment = delivery.consignment
        enter(tx, desk, stage, event=Event.DELIVERY_RECEIVED, subject=delivery.item, consignment=consignment)
    enter_report(tx, desk, arrived.report)


def settle_refused(desk: Desk, row: int, delivery: Delivery, refusal: Refusal) -> None:
    """The recipient refused for good: record its code, stop repeating."""
    report = sign_report(desk, delivery, Stage.REFUSED, reached=desk.clock(), code=refusal.code)

    def unit(tx: Tx) -> None:
        current = stage_of(tx, delivery)
        if current.stage in {Stage.QUEUED, Stage.SENDING}:  # what was received before stays received
            stage = DeliveryStage(
                consignment=delivery.consignment,
                item=delivery.item,
                stage=Stage.REFUSED,
                code=refusal.code,
                evidence=None,
                at=desk.clock(),
            )
            enter(
                tx, desk, stage, event=Event.DELIVERY_REFUSED, subject=delivery.item, consignment=delivery.consignment
            )
            if refusal.code != HELD_AFTER_END:  # what lies on hold there is gone once its certificate comes
                move_copy(tx, desk, _undone(desk, delivery, at=desk.clock()))
            enter_report(tx, desk, report)
        tx.settle(row)

    desk.store.run(unit)
    tell_originator(desk, delivery)
    desk.settled(delivery.consignment)


def _stop(desk: Desk, delivery: Delivery, why: RefusedError) -> None:
    """Send a consignment no more, and let its originator know."""
    now = desk.clock()
    report = sign_report(desk, delivery, Stage.STOPPED, reached=now, code=why.code)

    def unit(tx: Tx) -> None:
        current = stage_of(tx, delivery)
        stage = advance(current, Stage.STOPPED, at=now, code=why.code)
        if stage is not None:
            enter(
                tx, desk, stage, event=Event.DELIVERY_REFUSED, subject=delivery.item, consignment=delivery.consignment
            )
            enter_report(tx, desk, report)
            if current.stage is Stage.QUEUED:  # what was on its way may have arrived: its copy stays in transit
                move_copy(tx, desk, _undone(desk, delivery, at=now))
        for row, outgoing in tx.due(delivery.to, now=now, limit=MANY):
            if outgoing.reference == delivery.consignment:
                tx.settle(row)

    desk.store.run(unit)
    tell_originator(desk, delivery)
    desk.settled(delivery.consignment)


def _undone(desk: Desk, delivery: Delivery, *, at: Instant) -> CustodyEvent:
    """A consignment that nobody keeps."""
    return CustodyEvent(
        item=delivery.item,
        copy=delivery.consignment,
        kind=CustodyKind.REFUSED,
        custodian=desk.party,
        consignment=delivery.consignment,
        at=at,
    )


def delivery_of(tx: Tx, consignment: str) -> Delivery:
    """A delivery of ours.

    Raises:
        ExchangeError: there is none.
    """
    delivery = tx.latest(Delivery, consignment=consignment)
    if delivery is None:
        raise ExchangeError("exchange/receipt-of-another", "it is about no delivery of ours to the sender")
    return delivery


def tell_originator(desk: Desk, delivery: Delivery) -> None:
    """Wake who speaks to the originator of what we passed on: a report about it was written."""
    if isinstance(delivery.relayed, Relayed):
        desk.said(delivery.relayed.originator)
