"""Say what was written: attempts recorded before the socket, evidence after it; repeated until acknowledged."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from gsomia import canon
from gsomia.audit import Event, InclusionReceipt, epoch_origin, parse_leaf
from gsomia.envelope import Header, ReceivedEnvelope, ReceivedRelay, print_offer, print_relay
from gsomia.errors import RefusedError
from gsomia.exchange import (
    Delivery,
    DeliveryStage,
    ExchangeError,
    Outgoing,
    Refusal,
    Relayed,
    Stage,
    advance,
    check_receipt,
    receipt_digest,
)
from gsomia.flows.agree import note_received
from gsomia.flows.chain import enter_report, sign_report
from gsomia.flows.content import Lying, Stored, consignment_keys
from gsomia.flows.custody import move_copy, pass_custody
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.disclose import hear_spoken_receipt
from gsomia.flows.epoch import enter_anew
from gsomia.flows.facts import get_item
from gsomia.flows.hold import HELD_AFTER_END
from gsomia.flows.ledger import enter
from gsomia.flows.logs import partner_log_of
from gsomia.flows.parties import key_sets
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import ReceiptRecord, RefusalRecord, StatementRecord
from gsomia.flows.relay import why_closed
from gsomia.flows.release import why_unassured
from gsomia.flows.rotate import acknowledged
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.registry import CustodyEvent, CustodyKind, Disclosure, ItemRecord, RegistrarReceipt

FIRST_RETRY_S = 1
LONGEST_RETRY_S = 60
MANY = 1 << 16
"""More rows than ever wait for one partner."""
MAX_SKEW_S = 300
"""How far two nodes' clocks may lie apart."""


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


def due(desk: Desk, to: PartyCode, *, limit: int) -> list[tuple[int, Outgoing]]:
    """What may be said to a partner now, oldest first."""
    return desk.store.run(lambda tx: tx.due(to, now=desk.clock(), limit=limit))


def begin_consignment(desk: Desk, consignment: str) -> ConsignmentToSend:
    """Record the attempt and return what goes over the wire.

    Raises:
        RefusedError: a relay whose consent or leg is gone, or an item whose assurance was withdrawn before it first
            went; it is stopped, and the originator is told.

    # CRASH: dying after this leaves the delivery SENDING; the row is still queued and the attempt is repeated.
    """

    def unit(tx: Tx) -> tuple[Delivery, RefusedError | tuple[ItemRecord, bytes | None]]:
        delivery = _delivery(tx, consignment)
        wrong = why_closed(tx, desk, delivery) or why_unassured(tx, desk, delivery)
        if wrong is not None:
            return delivery, wrong
        stage = advance(_stage(tx, consignment), Stage.SENDING, at=desk.clock())
        if stage is not None:
            enter(tx, desk, stage, event=Event.DELIVERY_ATTEMPT, subject=delivery.item, consignment=consignment)
        return delivery, (get_item(tx, delivery.item), tx.segment_list(delivery.holding.segment_list))

    delivery, begun = desk.store.run(unit)
    if isinstance(begun, RefusedError):
        _stop(desk, delivery, begun)
        raise begun
    item, segment_list = begun
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
        segment = Lying(desk, item).segment
    else:
        offer = print_offer(envelope)
        segment = partial(Stored(desk, item).seal_again, consignment_keys(desk, delivery.holding))
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
    leaf, _ = check_receipt(
        receipt,
        origin=partner_log_of(desk, delivery.to, receipt.checkpoint),
        keys=key_sets(desk, delivery.to).log_keys,
        events=frozenset({Event.DELIVERY_RECEIVED}),
        ids={"consignment": delivery.consignment, "item": delivery.item},
        digest=delivery.manifest,
    )
    report = sign_report(desk, delivery, Stage.RECEIVED, reached=leaf.at)

    def unit(tx: Tx) -> None:
        if tx.latest(ReceiptRecord, reference=delivery.consignment, party=delivery.to) is None:
            record = ReceiptRecord(reference=delivery.consignment, party=delivery.to, receipt=receipt, at=desk.clock())
            enter(tx, desk, record, event=Event.RECEIPT_RECEIVED, subject=delivery.item, to=delivery.to)
            stage = advance(
                _stage(tx, delivery.consignment), Stage.RECEIVED, at=desk.clock(), evidence=receipt_digest(receipt)
            )
            if stage is not None:
                enter(
                    tx,
                    desk,
                    stage,
                    event=Event.DELIVERY_RECEIVED,
                    subject=delivery.item,
                    consignment=delivery.consignment,
                )
            enter_report(tx, desk, report)
        tx.settle(row)

    desk.store.run(unit)
    _tell_originator(desk, delivery)
    desk.settled(delivery.consignment)


def settle_refused(desk: Desk, row: int, delivery: Delivery, refusal: Refusal) -> None:
    """The recipient refused for good: record its code, stop repeating."""
    report = sign_report(desk, delivery, Stage.REFUSED, reached=desk.clock(), code=refusal.code)

    def unit(tx: Tx) -> None:
        current = _stage(tx, delivery.consignment)
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
    _tell_originator(desk, delivery)
    desk.settled(delivery.consignment)


def statement_to_send(desk: Desk, digest: str) -> bytes:
    """The envelope of a statement of ours."""
    record = desk.store.run(lambda tx: tx.latest(StatementRecord, digest=digest, direction="own"))
    if record is None:
        msg = "a queued statement is in the record"
        raise RuntimeError(msg)
    return record.envelope


def settle_statement(desk: Desk, row: int, to: PartyCode, digest: str, receipt: InclusionReceipt) -> None:
    """Believe a partner's receipt for a statement, and record when it counts from.

    Raises:
        AuditError, VerificationError, ExchangeError: the receipt proves nothing of the kind; the row stays queued.

    Source: A-24, design 5.
    """
    leaf, _ = check_receipt(
        receipt,
        origin=partner_log_of(desk, to, receipt.checkpoint),
        keys=key_sets(desk, to).log_keys,
        events=frozenset({Event.STATEMENT_RECEIVED}),
        ids={},
        digest=digest,
    )

    def unit(tx: Tx) -> None:
        if tx.latest(ReceiptRecord, reference=digest, party=to) is None:
            record = ReceiptRecord(reference=digest, party=to, receipt=receipt, at=desk.clock())
            enter(tx, desk, record, event=Event.RECEIPT_RECEIVED, subject=digest, to=to)
            note_received(tx, desk, digest, received=leaf.at)
        tx.settle(row)

    desk.store.run(unit)
    acknowledged(desk, to, digest)
    desk.settled(digest)


def settle_statement_refused(desk: Desk, row: int, to: PartyCode, outgoing: Outgoing, refusal: Refusal) -> None:
    """A partner refused what we said: record its code, stop repeating."""

    def unit(tx: Tx) -> None:
        record = RefusalRecord(
            party=to,
            code=refusal.code,
            correlation_id=refusal.correlation_id,
            subject=outgoing.reference,
            message=f"{to} refused a {outgoing.kind} of ours",
            at=desk.clock(),
        )
        enter(tx, desk, record, event=Event.STATEMENT_REFUSED, subject=outgoing.reference, to=to)
        tx.settle(row)

    desk.store.run(unit)


def settle(desk: Desk, row: int) -> None:
    """Nothing more to say about this row."""
    desk.store.run(lambda tx: tx.settle(row))


def stage_to_send(desk: Desk, to: PartyCode, reference: str) -> bytes:
    """The proof that an item was opened, as the partner will check it."""
    number, _, index = reference.rpartition("/")  # of the first epoch if none is named
    origin = epoch_origin(shared_log(desk.party, to), int(number or 1))
    place = desk.store.run(lambda tx: enter_anew(tx, desk, to, origin, int(index)))
    return canon.encode(prove_entry(desk, *place))


def postpone(desk: Desk, row: int, outgoing: Outgoing) -> None:
    """The partner was not reached: wait longer each time, up to a minute."""
    wait = min(LONGEST_RETRY_S, FIRST_RETRY_S << min(outgoing.attempts, 6))
    desk.store.run(lambda tx: tx.postpone(row, not_before=desk.clock().plus(seconds=wait)))


def hear_registrar(tx: Tx, desk: Desk, sender: PartyCode, receipt: RegistrarReceipt, *, statement: HexDigest) -> None:
    """The recipient's registrar signed for an item: custody passed at the time the receipt names.

    Raises:
        LocalError: we have no such delivery.

    Source: A-04, G9-2, G12-5.
    """
    spoken = tx.latest(Disclosure, number=receipt.consignment)
    if spoken is not None:
        hear_spoken_receipt(tx, desk, sender, spoken, receipt)
        return
    delivery = _delivery(tx, receipt.consignment)
    ours = (delivery.to, desk.party, delivery.item, delivery.manifest, delivery.instrument)
    if ours != (receipt.party, receipt.to, receipt.item, receipt.manifest, receipt.instrument) or sender != delivery.to:
        _refuse_receipt()
    if not delivery.at.plus(seconds=-MAX_SKEW_S) <= receipt.at <= desk.clock().plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/receipt-time", "custody cannot pass before the release or in the future")
    stage = advance(_stage(tx, receipt.consignment), Stage.RECEIPTED, at=desk.clock(), evidence=statement)
    if stage is not None:
        enter(tx, desk, stage, event=Event.DELIVERY_RECEIPTED, subject=receipt.item, consignment=receipt.consignment)
    pass_custody(tx, desk, receipt.item, number=receipt.consignment, to=sender, at=receipt.at)


def hear_stage(desk: Desk, sender: PartyCode, untrusted: bytes) -> None:
    """A partner proves from its log that a person opened an item of ours.

    Raises:
        CanonError, AuditError, VerificationError, ExchangeError: it proves nothing of the kind.
    """
    receipt = canon.decode(untrusted, InclusionReceipt)
    origin, keys = partner_log_of(desk, sender, receipt.checkpoint), key_sets(desk, sender).log_keys
    leaf = parse_leaf(receipt.leaf)
    consignment = leaf.ids.get("consignment", "")

    def read(tx: Tx) -> Delivery:
        return _delivery(tx, consignment)

    delivery = desk.store.run(read)
    report = sign_report(desk, delivery, Stage.OPENED, reached=leaf.at)
    check_receipt(
        receipt,
        origin=origin,
        keys=keys,
        events=frozenset({Event.DELIVERY_OPENED}),
        ids={"consignment": delivery.consignment, "item": delivery.item},
        digest=delivery.manifest,
    )

    def unit(tx: Tx) -> None:
        stage = advance(_stage(tx, consignment), Stage.OPENED, at=desk.clock(), evidence=receipt_digest(receipt))
        if stage is not None:
            enter(tx, desk, stage, event=Event.DELIVERY_OPENED, subject=delivery.item, consignment=consignment)
            enter_report(tx, desk, report)

    desk.store.run(unit)
    _tell_originator(desk, delivery)


def _stop(desk: Desk, delivery: Delivery, why: RefusedError) -> None:
    """Send a consignment no more, and let its originator know."""
    now = desk.clock()
    report = sign_report(desk, delivery, Stage.STOPPED, reached=now, code=why.code)

    def unit(tx: Tx) -> None:
        current = _stage(tx, delivery.consignment)
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
    _tell_originator(desk, delivery)
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


def _tell_originator(desk: Desk, delivery: Delivery) -> None:
    if isinstance(delivery.relayed, Relayed):
        desk.said(delivery.relayed.originator)


def _delivery(tx: Tx, consignment: str) -> Delivery:
    delivery = tx.latest(Delivery, consignment=consignment)
    if delivery is None:
        _refuse_receipt()
    return delivery


def _stage(tx: Tx, consignment: str) -> DeliveryStage:
    stage = tx.latest(DeliveryStage, consignment=consignment)
    if stage is None:
        msg = "every delivery begins with a queued stage"
        raise RuntimeError(msg)
    return stage


def _refuse_receipt() -> NoReturn:
    raise ExchangeError("exchange/receipt-of-another", "it is about no delivery of ours to the sender")
