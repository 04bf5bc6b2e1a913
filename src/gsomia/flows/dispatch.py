"""Say what was written: attempts recorded before the socket, evidence after it; repeated until acknowledged."""

from typing import NoReturn

from gsomia import canon
from gsomia.audit import Event, InclusionReceipt, epoch_origin, parse_leaf
from gsomia.exchange import (
    Delivery,
    ExchangeError,
    MessageKind,
    Outgoing,
    Refusal,
    Stage,
    advance,
    check_receipt,
    receipt_digest,
)
from gsomia.flows.agree import note_received
from gsomia.flows.chain import enter_report, sign_report
from gsomia.flows.consign import delivery_of, tell_originator
from gsomia.flows.custody import pass_custody
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.disclose import hear_spoken_receipt
from gsomia.flows.epoch import enter_anew
from gsomia.flows.ledger import enter
from gsomia.flows.logs import partner_log_of
from gsomia.flows.parties import key_sets
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import ReceiptRecord, RefusalRecord, StatementRecord
from gsomia.flows.rotate import acknowledged
from gsomia.flows.stages import stage_of
from gsomia.ids import HexDigest, PartyCode
from gsomia.registry import Disclosure, RegistrarReceipt

FIRST_RETRY_S = 1
LONGEST_RETRY_S = 60
MANY_AT_ONCE = 512
"""Rows that are looked at for what may go now."""
MANY = 1 << 16
"""More rows than ever wait for one partner."""
MAX_SKEW_S = 300
"""How far two nodes' clocks may lie apart."""


def due(desk: Desk, to: PartyCode, *, limit: int) -> list[tuple[int, Outgoing]]:
    """What may be said to a partner now, oldest first."""
    return desk.store.run(lambda tx: tx.due(to, now=desk.clock(), limit=limit))


def due_to_say(desk: Desk, to: PartyCode, *, limit: int) -> list[tuple[int, Outgoing, bytes | None]]:
    """What may be said to a partner now but for consignments, the more urgent first; the first statement as it goes."""

    def unit(tx: Tx) -> list[tuple[int, Outgoing, bytes | None]]:
        rows = tx.due(to, now=desk.clock(), limit=limit)
        said = [(row, one) for row, one in rows if one.kind is not MessageKind.CONSIGNMENT]
        first = [(row, one, _envelope(tx, one.reference)) for row, one in said[:1] if one.kind is MessageKind.STATEMENT]
        return [*first, *((row, one, None) for row, one in said[len(first) :])]

    return desk.store.run(unit, reads=True)


def statement_to_send(desk: Desk, digest: str) -> bytes:
    """The envelope of a statement of ours."""
    envelope = desk.store.run(lambda tx: _envelope(tx, digest))
    if envelope is None:
        msg = "a queued statement is in the record"
        raise RuntimeError(msg)
    return envelope


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
    delivery = delivery_of(tx, receipt.consignment)
    ours = (delivery.to, desk.party, delivery.item, delivery.manifest, delivery.instrument)
    if ours != (receipt.party, receipt.to, receipt.item, receipt.manifest, receipt.instrument) or sender != delivery.to:
        _refuse_receipt()
    if not delivery.at.plus(seconds=-MAX_SKEW_S) <= receipt.at <= desk.clock().plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/receipt-time", "custody cannot pass before the release or in the future")
    stage = advance(stage_of(tx, delivery), Stage.RECEIPTED, at=desk.clock(), evidence=statement)
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
        return delivery_of(tx, consignment)

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
        stage = advance(stage_of(tx, delivery), Stage.OPENED, at=desk.clock(), evidence=receipt_digest(receipt))
        if stage is not None:
            enter(tx, desk, stage, event=Event.DELIVERY_OPENED, subject=delivery.item, consignment=consignment)
            enter_report(tx, desk, report)

    desk.store.run(unit)
    tell_originator(desk, delivery)


def _envelope(tx: Tx, digest: str) -> bytes | None:
    record = tx.latest(StatementRecord, digest=digest, direction="own")
    return record.envelope if record else None


def _refuse_receipt() -> NoReturn:
    raise ExchangeError("exchange/receipt-of-another", "it is about no delivery of ours to the sender")
