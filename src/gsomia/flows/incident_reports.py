"""Reports of an incident: drafted from the register, said to each originator about its own items, acknowledged.

1. What the register knows is filled in: items, levels, copies, how far each reached. A person writes the account.
2. Each addressee hears of its own items. What came by a relay is told to the hub, and through it to the originator.
3. A final report opens the findings and measures to which earlier lines committed; without them it is refused, here
   when it is said and there when it is heard.
4. The addressee acknowledges each report; the acknowledgement is kept.

Source: F-17, G17-1, G17-3, G17-4, A-35, TR-12.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from gsomia import canon
from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    CHAIN_NOTICE,
    INCIDENT_ACKNOWLEDGEMENT,
    INCIDENT_REPORT,
    MAX_NAMED,
    Account,
    CaseEntry,
    ChainForward,
    ChainIncident,
    ChainNotice,
    ChainNoticeAct,
    IncidentAcknowledged,
    IncidentAcknowledgement,
    IncidentCase,
    IncidentReport,
    IncidentReportAct,
    IncidentReported,
    NoticeKind,
    ReportedItem,
    ReportStage,
    ToldLine,
    are_changed,
    report_obstacles,
)
from gsomia.flows.case_file import (
    acknowledged,
    as_told,
    heard_reports,
    lines_so_far,
    own_reports,
    results,
    told_lines,
    told_reports,
    unknown_incident,
)
from gsomia.flows.chain import enter_notice, hear_forward, read_incident
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.incident_addressees import Addressee, known_as
from gsomia.flows.ledger import enter, share
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Window, extent_of, lines_of
from gsomia.flows.relay_records import ChainNoticeRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, IncidentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import (
    Act,
    Office,
    SignatureError,
    Statement,
    claimed_digest,
    read_own,
    say_act,
    sign_statement,
    signed_by,
)
from gsomia.registry import CopyLine, ItemRecord, Place

OFFICES = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
"""Who runs a case, and who acknowledges a report: whoever answers for the register or for security."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReport:
    """A report as a person signed it: to its addressee, or in a notice that the hub carries."""

    report: IncidentReport
    kind: str
    queue: PartyCode
    statement: Statement[Act[IncidentReport]] | Statement[Act[ChainNotice]]


def draft_report(
    tx: Tx,
    desk: Desk,
    case: IncidentCase,
    addressee: Addressee,
    *,
    stage: ReportStage,
    account: Account,
    now: Instant,
    also: CaseEntry | None = None,
) -> IncidentReport:
    """A report with everything that the register and the case know; nothing is written.

    Args:
        tx: the unit.
        desk: ours.
        case: what it is of.
        addressee: to whom.
        stage: which report.
        account: what a person writes.
        now: when it is said.
        also: an entry that is entered with it.

    Raises:
        RefusedError: it lacks what a report of this stage must have.

    Source: F-17, G17-4.
    """
    lines = lines_so_far(tx, case.id)
    report = IncidentReport(
        incident=case.id,
        serial=len(own_reports(tx, case.id, to=addressee.party)) + 1,
        stage=stage,
        party=desk.party,
        to=addressee.party,
        what=case.what,
        intact=case.intact,
        discovered=case.discovered,
        items=tuple(_reported(tx, case, item, to=addressee.party) for item in addressee.items),
        account=account,
        lines=(*lines, as_told(also)) if also else lines,
        opened=results(tx, case.id) if stage is ReportStage.FINAL else (),
        at=now,
    )
    lacking = list(report_obstacles(report))
    if lacking:
        raise _incomplete(case.id, lacking)
    return report


def sign_report(desk: Desk, actor: Actor, report: IncidentReport, addressee: Addressee) -> SignedReport:
    """Sign it, to be said straight to the addressee or through the hub."""
    signer = desk.unlocked.keys.statement
    if addressee.hub is None or addressee.over is None:
        direct = say_act(report, kind=INCIDENT_REPORT, hand=actor.hand, signer=signer)
        return SignedReport(report=report, kind=INCIDENT_REPORT, queue=report.to, statement=direct)
    notice = _notice(desk, ChainIncident(report=report), over=addressee.over, hub=addressee.hub, to=report.to)
    carried = say_act(notice, kind=CHAIN_NOTICE, hand=actor.hand, signer=signer)
    return SignedReport(report=report, kind=CHAIN_NOTICE, queue=addressee.hub, statement=carried)


def enter_report(tx: Tx, desk: Desk, signed: SignedReport) -> None:
    """Enter a report of ours and queue it, with what the shared log says of its lines, in the caller's unit.

    Raises:
        LocalError: another one was said meanwhile.
    """
    report, to = signed.report, signed.report.to
    if len(own_reports(tx, report.incident, to=to)) + 1 != report.serial:
        raise LocalError("flows/case-changed", "another report was said meanwhile", remedy="repeat it")
    told = told_lines(tx, desk.party, report.incident, to=to)
    _enter_own(tx, desk, report, signed.statement.digest)
    if signed.kind == CHAIN_NOTICE:
        enter_notice(tx, desk, cast("Statement[Act[ChainNotice]]", signed.statement))
    else:
        direct = cast("Statement[Act[IncidentReport]]", signed.statement)
        say(tx, desk, direct, kind=INCIDENT_REPORT, to=to, subject=report.incident)
        share_lines(tx, desk, report.incident, set(report.lines) - set(told), to=to)


def enter_late_report(tx: Tx, desk: Desk, signed: SignedReport) -> None:
    """Enter a first notice that went out without a record, once, and say it again from the record.

    If another one was entered meanwhile, this one is kept beside it and not said again: the addressee took one of them.
    One that was refused was not taken.
    """
    report = signed.report
    known = own_reports(tx, report.incident, to=report.to)
    if any(one.statement == signed.statement.digest for one in known):
        return
    if len(known) + 1 == report.serial and not told_reports(tx, report.incident, to=report.to):
        enter_report(tx, desk, signed)
    else:
        _enter_own(tx, desk, signed.report, signed.statement.digest)


def share_lines(tx: Tx, desk: Desk, incident: IncidentId, lines: Iterable[ToldLine], *, to: PartyCode) -> None:
    """What the log shared with a partner says of a case: codes, and salted commitments to the words.

    Source: design 5.
    """
    for line in sorted(lines, key=lambda line: line.number):
        share(
            tx,
            desk,
            to,
            event=Event.INCIDENT_TOLD,
            subject=f"{incident}-{line.number}",
            digest=line.commitment,
            code=line.what,
            incident=incident,
        )


def enter_own_report_again(tx: Tx, desk: Desk, statement: Statement[Act[IncidentReport]], _at: Instant) -> None:
    """A report of ours that our record lost: what was told stands again, the words of the case do not."""
    report = statement.value.body
    if all(one.statement != statement.digest for one in own_reports(tx, report.incident, to=report.to)):
        _enter_own(tx, desk, report, statement.digest)


def enter_own_acknowledgement_again(
    tx: Tx, desk: Desk, statement: Statement[Act[IncidentAcknowledgement]], at: Instant
) -> None:
    """An acknowledgement of ours that our record lost."""
    body = statement.value.body
    known = tx.every(IncidentAcknowledged, incident=body.incident, party=desk.party)
    if all(one.statement != statement.digest for one in known):
        _enter_acknowledgement(tx, desk, body, statement.digest, at)


def acknowledge_report(desk: Desk, actor: Actor, incident: IncidentId) -> IncidentAcknowledgement:
    """Acknowledge the oldest report on an incident at a partner that nobody has acknowledged yet.

    Raises:
        LocalError: no report of it waits.
        RefusedError: not the act of a control or security officer.

    Source: G17-3, F-17.
    """
    require_office(desk, actor, *OFFICES, clause="G17-3")
    now = desk.clock()

    def read(tx: Tx) -> tuple[IncidentReported, tuple[PartyCode, ItemId] | None, tuple[ToldLine, ...]]:
        heard = heard_reports(tx, incident)
        waiting = next((one for one in heard if acknowledged(tx, one) is None), None)
        if waiting is None:
            raise unknown_incident(incident) if not heard else _nothing_waits(incident)
        carried = tx.latest(ChainNoticeRecord, notice_digest=waiting.statement)
        way = (carried.notice.hub, carried.item) if carried else None
        return waiting, way, lines_so_far(tx, incident)

    waiting, way, lines = desk.store.run(read)
    body = IncidentAcknowledgement(
        incident=incident,
        serial=waiting.report.serial,
        report=waiting.statement,
        party=desk.party,
        to=waiting.party,
        lines=lines,
        at=now,
    )
    signer = desk.unlocked.keys.statement
    if way is None:
        direct = say_act(body, kind=INCIDENT_ACKNOWLEDGEMENT, hand=actor.hand, signer=signer)
    else:
        notice = _notice(desk, ChainIncident(acknowledgement=body), over=way[1], hub=way[0], to=body.to)
        carried = say_act(notice, kind=CHAIN_NOTICE, hand=actor.hand, signer=signer)

    def unit(tx: Tx) -> None:
        if acknowledged(tx, waiting) is not None:
            raise _nothing_waits(incident)
        told = told_lines(tx, desk.party, incident, to=body.to)
        _enter_acknowledgement(tx, desk, body, carried.digest if way else direct.digest, now)
        if way is not None:
            enter_notice(tx, desk, carried)
        else:
            say(tx, desk, direct, kind=INCIDENT_ACKNOWLEDGEMENT, to=body.to, subject=incident)
            share_lines(tx, desk, incident, set(lines) - set(told), to=body.to)

    desk.store.run(unit)
    desk.said(way[0] if way else body.to)
    return body


def hear_report(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[IncidentReport]], now: Instant) -> None:
    """A partner reports an incident with items of ours, or with items that we carried to it.

    Raises:
        ActError: it is not the sender's or not to us, it lacks what it must have, it is about others' items,
            or its lines differ from those that were told before.
    """
    _take_report(tx, desk, sender, statement.value.body, statement.digest, now)


def hear_acknowledgement(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[IncidentAcknowledgement]], now: Instant
) -> None:
    """The addressee of a report of ours acknowledged it.

    Raises:
        ActError: we said no such report to the sender, or its lines differ from those that were told before.
    """
    _take_acknowledgement(tx, desk, sender, statement.value.body, statement.digest, now)


def hear_carried(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[ChainForward], now: Instant) -> None:
    """A notice of the other end of a relay; one about an incident that spells a report is taken as one.

    Raises:
        ActError, SignatureError, RefusedError: as `hear_forward` and `hear_report`; or it is a report, and
            not an act of an office that runs a case.

    Source: TR-12.
    """
    inner = hear_forward(tx, desk, sender, statement, now)
    notice = inner.value.body
    told = read_incident(notice.body) if notice.kind is NoticeKind.INCIDENT else None
    if told is None:
        return
    if inner.value.by.office not in OFFICES:
        raise SignatureError("parties/office-not-for-this", "a report of an incident is not an act of that office")
    if told.report is not None:
        _take_report(tx, desk, notice.author, told.report, inner.digest, now)
    if told.acknowledgement is not None:
        _take_acknowledgement(tx, desk, notice.author, told.acknowledgement, inner.digest, now)


def read_signed(desk: Desk, kind: str, envelope: bytes) -> SignedReport:
    """A report of ours that was kept, under the keys that are in use now: what is signed is the same."""
    shape: Any = ChainNoticeAct if kind == CHAIN_NOTICE else IncidentReportAct
    act, keys = read_own(envelope, shape), desk.unlocked.keys.statement
    statement = Statement(payload_type=kind, value=act, digest=claimed_digest(envelope), envelope=envelope)
    if signed_by(envelope) != keys.public.key_ids:
        statement = sign_statement(act, kind=kind, signer=keys)
    if isinstance(act.body, IncidentReport):
        return SignedReport(report=act.body, kind=kind, queue=act.body.to, statement=statement)
    told = canon.decode(act.body.body, ChainIncident)
    if told.report is None:
        msg = "what is kept of a first notice is a report"
        raise RuntimeError(msg)
    return SignedReport(report=told.report, kind=kind, queue=act.body.hub, statement=statement)


def _enter_own(tx: Tx, desk: Desk, report: IncidentReport, statement: HexDigest) -> None:
    record = IncidentReported(
        incident=report.incident,
        party=report.party,
        to=report.to,
        direction="own",
        statement=statement,
        report=report,
        at=report.at,
    )
    enter(tx, desk, record, event=Event.INCIDENT_REPORTED, subject=report.incident, stage=report.stage, to=report.to)


def _take_report(
    tx: Tx, desk: Desk, author: PartyCode, report: IncidentReport, statement: HexDigest, now: Instant
) -> None:
    if (report.party, report.to) != (author, desk.party):
        raise ActError("exchange/not-addressed", "the report is not to us, or not by its sender", clauses=("G17-1",))
    known = heard_reports(tx, report.incident)
    others = any(one.party != author for one in known) or tx.latest(IncidentCase, id=report.incident) is not None
    if others or any(one.report.serial == report.serial for one in known):
        raise ActError("exchange/report-number-reused", "another report has that number", clauses=("F-17",))
    for clause, lacking in report_obstacles(report):
        raise ActError("exchange/report-incomplete", f"the report lacks {lacking}", clauses=(clause,))
    _check_lines(tx, desk, author, report)
    for one in report.items:
        if not any(_concerns_us(tx, desk, author, item) for item in (one.item, *one.parents)):
            raise ActError("exchange/not-its-items", "an item is neither ours nor was given by us", clauses=("G17-1",))
    record = IncidentReported(
        incident=report.incident,
        party=author,
        to=desk.party,
        direction="heard",
        statement=statement,
        report=report,
        at=now,
    )
    enter(tx, desk, record, event=Event.INCIDENT_REPORTED, subject=report.incident, stage=report.stage, sender=author)


def _take_acknowledgement(
    tx: Tx, desk: Desk, author: PartyCode, body: IncidentAcknowledgement, statement: HexDigest, now: Instant
) -> None:
    said = own_reports(tx, body.incident, to=author)
    meant = next((one for one in said if (one.statement, one.report.serial) == (body.report, body.serial)), None)
    if (body.party, body.to) != (author, desk.party) or meant is None:
        raise ActError("exchange/unknown-report", "we said no such report to the sender", clauses=("G17-3",))
    if acknowledged(tx, meant) is not None:
        raise ActError("exchange/report-acknowledged", "the report was acknowledged before", clauses=("G17-3",))
    _check_lines(tx, desk, author, body)
    _enter_acknowledgement(tx, desk, body, statement, now)


def _check_lines(tx: Tx, desk: Desk, author: PartyCode, said: IncidentReport | IncidentAcknowledgement) -> None:
    if are_changed(said.lines, told=told_lines(tx, author, said.incident, to=desk.party)):
        raise ActError(
            "exchange/lines-changed",
            "an entry differs from what was told of it before, or two have one number",
            clauses=("F-17", "G17-3"),
        )


def _enter_acknowledgement(
    tx: Tx, desk: Desk, body: IncidentAcknowledgement, statement: HexDigest, now: Instant
) -> None:
    record = IncidentAcknowledged(
        incident=body.incident, party=body.party, to=body.to, statement=statement, acknowledgement=body, at=now
    )
    enter(tx, desk, record, event=Event.INCIDENT_ACKNOWLEDGED, subject=body.incident, party=body.party)


def _concerns_us(tx: Tx, desk: Desk, sender: PartyCode, item: ItemId) -> bool:
    record = tx.latest(ItemRecord, id=item)
    if record is None:
        return False
    return record.originator == desk.party or bool(tx.lines(CopyLine, limit=1, item=item, counterpart=sender))


def _reported(tx: Tx, case: IncidentCase, item: ItemId, *, to: PartyCode) -> ReportedItem:
    record, lines = get_item(tx, item), lines_of(tx, item=item)
    copies = [case.subject.copy] if case.subject.copy else [line.copy for line in lines]
    meant = next((line for line in lines if line.copy == copies[0]), None) if copies else None
    return ReportedItem(
        item=item,
        parents=known_as(tx, item, to=to),
        originator=record.originator,
        mark=record.label.classification,
        subject=record.topic,
        dated=record.at,
        copies=tuple(copies[:MAX_NAMED]),
        place=Place.LOST if case.lost else meant.place if meant else "unknown",
        extent=extent_of(tx, item, Window(intact=case.intact, discovered=case.discovered)),
    )


def _notice(desk: Desk, body: ChainIncident, *, over: ItemId, hub: PartyCode, to: PartyCode) -> ChainNotice:
    return ChainNotice(
        item=over,
        author=desk.party,
        hub=hub,
        to=to,
        kind=NoticeKind.INCIDENT,
        body=canon.encode(body),
        at=desk.clock(),
    )


def _incomplete(incident: IncidentId, lacking: list[tuple[str, str]]) -> RefusedError:
    clauses = tuple(dict.fromkeys(clause for clause, _ in lacking))
    words = ", ".join(what for _, what in lacking)
    if any(clause in {"G17-2", "G17-3"} for clause in clauses):
        return RefusedError(
            "flows/not-investigated",
            f"the incident `{incident}` cannot be reported as ended: it lacks {words}",
            remedy="enter them: `gsomia incident investigate`, `incident finding`, `incident measure`",
            clauses=clauses,
        )
    return RefusedError(
        "flows/report-incomplete",
        f"the report on `{incident}` lacks {words}",
        remedy="give every part of the form: see `gsomia incident report --help`",
        clauses=clauses,
    )


def _nothing_waits(incident: IncidentId) -> LocalError:
    return LocalError(
        "flows/nothing-to-acknowledge",
        f"every report on `{incident}` is acknowledged",
        remedy="see `gsomia incident show`",
    )
