"""Along the chain of a relay: the hub reports to the originator, and carries notices between the two ends.

The hub signs what it says and carries what others signed untouched. What is said again is the same statement, so a
repeated receipt or notice changes nothing. Nothing here waits, counts or warns: the hub owes no haste, and neither end
owes the other an item (TR-3).
"""

from typing import Any

from gsomia import canon
from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.exchange import (
    CHAIN_FORWARD,
    CHAIN_NOTICE,
    RELAY_REPORT,
    ChainForward,
    ChainIncident,
    ChainNotice,
    ChainNoticeAct,
    Delivery,
    NoticeKind,
    Relayed,
    RelayReport,
    Stage,
)
from gsomia.flows.custody import begin_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.introduce import originators_keys
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.flows.relay_records import ChainNoticeRecord, RelayArrival, RelayReportRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import (
    Act,
    HybridKey,
    Office,
    SignatureError,
    Statement,
    choose_statement_key,
    claimed_payload,
    say_act,
    sign_statement,
    verify_act,
    verify_statement,
)
from gsomia.registry import RECEIPT, CustodyEvent, CustodyKind, RegistrarReceipt, RegistrarReceiptAct

CHAIN_OFFICES = (Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)


def sign_report(
    desk: Desk,
    delivery: Delivery,
    stage: Stage,
    *,
    reached: Instant,
    code: str | None = None,
    proof: bytes | None = None,
) -> Statement[RelayReport] | None:
    """What the originator is to hear of a delivery of ours, signed; None if it is no relay's.

    Args:
        desk: the hub's.
        delivery: the second leg.
        stage: which the recipient proved to us.
        reached: as its proof dates it.
        code: of its refusal.
        proof: its own signed receipt.

    Source: relay 5.2 step 8.
    """
    relayed = delivery.relayed
    if not isinstance(relayed, Relayed) or stage in {Stage.QUEUED, Stage.SENDING}:
        return None
    report = RelayReport(
        item=delivery.item,
        manifest=relayed.manifest,
        relay=delivery.manifest,
        consignment=delivery.consignment,
        originator=relayed.originator,
        hub=desk.party,
        recipient=delivery.to,
        stage=stage,
        code=code,
        proof=proof,
        received=relayed.received,
        forwarded=delivery.at,
        reached=reached,
    )
    return sign_statement(report, kind=RELAY_REPORT, signer=desk.unlocked.keys.statement)


def enter_report(tx: Tx, desk: Desk, statement: Statement[RelayReport] | None) -> None:
    """Say a report, in the unit that records what it is about; once."""
    if statement is None:
        return
    report = statement.value
    if _is_said(tx, statement.digest, report.originator):
        return
    record = RelayReportRecord(
        item=report.item,
        recipient=report.recipient,
        direction="own",
        report=report,
        proven=report.proof is not None,
        at=desk.clock(),
    )
    enter(tx, desk, record, event=Event.RELAY_REPORTED, subject=report.item, stage=report.stage)
    say(tx, desk, statement, kind=RELAY_REPORT, to=report.originator, subject=report.item)


def report_receipt(desk: Desk, sender: PartyCode, statement: Statement[Act[RegistrarReceipt]]) -> None:
    """Pass on to the originator that the recipient's registrar signed, with that very signature.

    # CRASH: the recipient is answered after this, so dying before it makes the recipient say its receipt again.
    """
    receipt = statement.value.body
    delivery = desk.store.run(lambda tx: tx.latest(Delivery, consignment=receipt.consignment, to=sender))
    if delivery is None:
        return
    report = sign_report(desk, delivery, Stage.RECEIPTED, reached=receipt.at, proof=statement.envelope)
    desk.store.run(lambda tx: enter_report(tx, desk, report))
    if report is not None:
        desk.said(report.value.originator)


def hear_report(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[RelayReport], now: Instant) -> None:
    """The hub reports on an item of ours; what its recipient signed is checked under the recipient's own keys.

    Raises:
        ActError: it is about no item that we gave the hub, or the recipient's receipt in it proves nothing of the kind.

    Source: relay 5.2 step 8, law 3.
    """
    report = statement.value
    released = [one for one in tx.every(Delivery, item=report.item, to=sender) if one.manifest == report.manifest]
    if (report.hub, report.originator) != (sender, desk.party) or not released:
        raise ActError("exchange/no-such-chain", "it is about no item that we gave the sender", clauses=("TR-4",))
    proven = _is_proven(tx, desk, report)
    record = RelayReportRecord(
        item=report.item, recipient=report.recipient, direction="heard", report=report, proven=proven, at=now
    )
    before = [one for one in tx.every(RelayReportRecord, item=report.item, direction="heard") if _same(one, report)]
    enter(tx, desk, record, event=Event.RELAY_REPORTED, subject=report.item, stage=report.stage)
    if report.stage is Stage.RECEIPTED and not before:
        custody = CustodyEvent(
            item=report.item,
            copy=report.consignment,
            kind=CustodyKind.FORWARDED,
            custodian=report.recipient,
            instrument=released[-1].instrument,
            counterpart=report.recipient,
            consignment=report.consignment,
            at=report.reached,
        )
        begin_copy(tx, desk, custody, originator=desk.party)


def say_notice(desk: Desk, actor: Actor, item: ItemId, *, to: PartyCode, kind: NoticeKind, body: bytes) -> HexDigest:
    """Tell the party at the other end of an item's relay something about it, through the hub.

    Args:
        desk: an end's.
        actor: an officer.
        item: which came to us by a relay, or went over one.
        to: the party at the other end.
        kind: what it is about.
        body: as the rules of that kind spell it.

    Raises:
        LocalError: no relay joins us and that party over this item, or it spells a report of an incident.

    Source: relay 5.2 step 8, TR-12, TR-13.
    """
    require_office(desk, actor, *CHAIN_OFFICES, clause="TR-13")
    if kind is NoticeKind.INCIDENT and read_incident(body) is not None:
        raise LocalError(
            "flows/report-as-notice",
            "the words spell a report of an incident or its acknowledgement",
            remedy="say it as one: `gsomia incident report`, `gsomia incident acknowledge`",
        )
    hub = desk.store.run(lambda tx: hub_of(tx, item, to=to))
    if hub is None:
        raise LocalError(
            "flows/no-chain", f"`{item}` joins us and `{to}` over no hub", remedy="see `gsomia relay show ITEM`"
        )
    notice = ChainNotice(item=item, author=desk.party, hub=hub, to=to, kind=kind, body=body, at=desk.clock())
    statement = say_act(notice, kind=CHAIN_NOTICE, hand=actor.hand, signer=desk.unlocked.keys.statement)
    desk.store.run(lambda tx: enter_notice(tx, desk, statement))
    desk.said(hub)
    return statement.digest


def read_incident(body: bytes) -> ChainIncident | None:
    """The report or acknowledgement that a notice about an incident spells; words of another kind stay a notice."""
    try:
        told = canon.decode(body, ChainIncident)
    except canon.CanonError:
        return None
    return told if told.report or told.acknowledgement else None


def enter_notice(tx: Tx, desk: Desk, statement: Statement[Act[ChainNotice]]) -> None:
    """Enter a notice of ours and queue it for the hub, in the caller's unit."""
    notice = statement.value.body
    _enter_notice(tx, desk, statement, notice.at)
    say(tx, desk, statement, kind=CHAIN_NOTICE, to=notice.hub, subject=notice.item)


def hear_notice(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[ChainNotice]], now: Instant) -> None:
    """As hub, take a notice of one end to be carried to the other.

    Raises:
        ActError: we are not the hub between the two over that item.
    """
    notice = statement.value.body
    ends = {sender, notice.to}
    carried = any(
        isinstance(one.relayed, Relayed) and {one.relayed.originator, one.to} == ends
        for one in tx.every(Delivery, item=notice.item)
    )
    if (notice.author, notice.hub) != (sender, desk.party) or not carried:
        raise ActError("exchange/no-such-chain", "we carried no such item between the two", clauses=("TR-13",))
    _enter_notice(tx, desk, statement, now)


def forward_notice(desk: Desk, _sender: PartyCode, statement: Statement[Act[ChainNotice]]) -> None:
    """As hub, carry a notice on as it came.

    # CRASH: the author is answered after this, so dying before it makes the author say its notice again.
    """
    notice = statement.value.body
    forward = ChainForward(hub=desk.party, to=notice.to, notice=statement.envelope, at=notice.at)
    said = sign_statement(forward, kind=CHAIN_FORWARD, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        if not _is_said(tx, said.digest, notice.to):
            say(tx, desk, said, kind=CHAIN_FORWARD, to=notice.to, subject=notice.item)

    desk.store.run(unit)
    desk.said(notice.to)


def hear_forward(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[ChainForward], now: Instant
) -> Statement[Act[ChainNotice]]:
    """A notice of the other end came through the hub: its author's own signature counts; what the author signed.

    Raises:
        ActError: it is not to us, or no relay joins us and its author over that item.
        SignatureError: the author did not sign it.
        RefusedError: the author's keys are not confirmed here.
    """
    forward = statement.value
    claimed = _author(forward.notice)
    keys = _keys_of(tx, desk, claimed, hub=sender)
    if keys is None:
        originators_keys(tx, desk, claimed, hub=sender)  # says why
        raise SignatureError("parties/signature-false", "the author of the notice is unknown here")
    key = choose_statement_key(forward.notice, keys=keys)
    inner: Statement[Act[ChainNotice]] = verify_statement(
        forward.notice, accepts={CHAIN_NOTICE: ChainNoticeAct}, key=key
    )
    notice = verify_act(inner.value, kind=CHAIN_NOTICE)
    if inner.value.by.office not in CHAIN_OFFICES:
        raise SignatureError("parties/office-not-for-this", "a notice is not an act of that office")
    addressed = (forward.hub, forward.to, notice.hub, notice.to) == (sender, desk.party, sender, desk.party)
    if not addressed or hub_of(tx, notice.item, to=notice.author, hub=sender) != sender:
        raise ActError("exchange/no-such-chain", "no relay joins us and the author over that item", clauses=("TR-13",))
    _enter_notice(tx, desk, inner, now)
    return inner


def _author(envelope: bytes) -> PartyCode:
    return canon.decode(claimed_payload(envelope), ChainNoticeAct).body.author


def _is_proven(tx: Tx, desk: Desk, report: RelayReport) -> bool:
    """Whether the recipient's own signature says what the hub says."""
    keys = _keys_of(tx, desk, report.recipient, hub=report.hub)
    if report.stage is not Stage.RECEIPTED or keys is None:
        return False
    try:
        if report.proof is None:
            raise SignatureError("parties/signature-missing", "a receipt is proven by who signed it")
        key = choose_statement_key(report.proof, keys=keys)
        accepts: dict[str, Any] = {RECEIPT: RegistrarReceiptAct}
        receipt: RegistrarReceipt = verify_act(
            verify_statement(report.proof, accepts=accepts, key=key).value, kind=RECEIPT
        )
    except NodeError as cause:
        raise _not_proven() from cause
    said = (receipt.item, receipt.party, receipt.to, receipt.manifest, receipt.at)
    if said != (report.item, report.recipient, report.hub, report.relay, report.reached):
        raise _not_proven()
    return True


def _not_proven() -> ActError:
    return ActError(
        "exchange/report-not-proven",
        "the hub reports a receipt that the recipient did not sign",
        remedy="ask the recipient over another channel",
        clauses=("TR-10",),
    )


def _keys_of(tx: Tx, desk: Desk, party: PartyCode, *, hub: PartyCode) -> tuple[HybridKey, ...] | None:
    """The statement keys of a party at the other end, introduced and confirmed; None if we know none."""
    try:
        return tuple(one.statement for one in originators_keys(tx, desk, party, hub=hub))
    except RefusedError:
        return None


def hub_of(tx: Tx, item: ItemId, *, to: PartyCode, hub: PartyCode | None = None) -> PartyCode | None:
    """The hub over which an item joins us and `to`; where several do, the one asked about."""
    came = [one.hub for one in tx.every(RelayArrival, item=item) if one.originator == to]
    went = [one.report.hub for one in tx.every(RelayReportRecord, item=item, direction="heard") if one.recipient == to]
    hubs = [*came, *went]
    return hub if hub in hubs else hubs[-1] if hubs else None


def _is_said(tx: Tx, digest: HexDigest, to: PartyCode) -> bool:
    return tx.latest(StatementRecord, digest=digest, party=to, direction="own") is not None


def _same(one: RelayReportRecord, report: RelayReport) -> bool:
    return (one.report.stage, one.report.relay) == (report.stage, report.relay)


def _enter_notice(tx: Tx, desk: Desk, statement: Statement[Act[ChainNotice]], now: Instant) -> None:
    notice = statement.value.body
    record = ChainNoticeRecord(
        notice_digest=statement.digest,
        item=notice.item,
        author=notice.author,
        to=notice.to,
        notice=notice,
        envelope=statement.envelope,
        at=now,
    )
    enter(tx, desk, record, event=Event.RELAY_NOTICE, subject=notice.item, kind=notice.kind)
