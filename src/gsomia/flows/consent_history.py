"""The history of a consent, the same on both sides: asked, answered, used at which hop, withdrawn, ended.

Every line stands on a statement that one side said and the other heard, so both have it, dated as it was said; the
entry named with it is that of the side that heard it, which the other side holds a proof of. What only one side knows,
its own decisions above all, is no part of it.

Source: G6-1, F-18, TR-5, TR-10.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gsomia import canon
from gsomia.agreements import Consent, ConsentRequest, StandingScope
from gsomia.audit import claimed_checkpoint
from gsomia.errors import LocalError
from gsomia.exchange import RelayReport
from gsomia.flows.desk import Desk
from gsomia.flows.logs import locate_shared
from gsomia.flows.ports import Tx
from gsomia.flows.records import ConsentRecord, ReceiptRecord, StatementRecord
from gsomia.flows.relay_records import ConsentAsked, ConsentDenied, ConsentWithdrawn, RelayReportRecord
from gsomia.ids import ConsignmentId, HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import claimed_payload
from gsomia.registry import ItemRecord


class Happened(StrEnum):
    """What a line of the history tells."""

    ASKED = "asked"
    DENIED = "denied"
    GRANTED = "granted"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a consent is about: one item, or a topic at a level, from whom, held by whom, to whom."""

    originator: PartyCode
    holder: PartyCode
    recipient: PartyCode
    item: ItemId | None
    topic: str | None
    level: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where the side that heard a statement entered it."""

    origin: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that happened.

    Args:
        what: happened.
        at: when, as the statement says.
        party: whose statement it is; of an end by the clock nobody's.
        office: in which office its person signed; None if a node says it by itself.
        statement: its digest.
        reference: the request or consent it is about.
        log: the entry of the side that heard it; None until that is proven.
        code: of a denial, or of a refusal at the hop.
        consignment: as which the item went on.
        stage: how far it came there.
    """

    what: Happened
    at: Instant
    party: PartyCode | None
    office: str | None = None
    statement: HexDigest | None = None
    reference: HexDigest | None = None
    log: Entry | None = None
    code: str | None = None
    consignment: ConsignmentId | None = None
    stage: str | None = None


def consent_history(tx: Tx, desk: Desk, reference: HexDigest) -> tuple[Subject, tuple[HistoryLine, ...]]:
    """Everything both sides know about a consent, or a request for one, in the order in which it was said.

    Raises:
        LocalError: no such consent or request was given or heard here.

    Source: G6-1, F-18.
    """
    subject = _subject(tx, reference)
    lines = [*_asked(tx, desk, subject), *_granted(tx, desk, subject), *_used(tx, desk, subject)]
    return subject, tuple(sorted(lines, key=lambda line: (line.at, line.what, line.statement or "")))


def _subject(tx: Tx, reference: HexDigest) -> Subject:
    granted = tx.latest(ConsentRecord, digest=reference)
    if granted is not None:
        return _about(granted.consent)
    asked = tx.latest(ConsentAsked, request=reference)
    if asked is None:
        raise LocalError(
            "flows/unknown-consent",
            f"no consent or request `{reference}` was given or heard here",
            remedy="see `gsomia consent list`",
        )
    return _about(asked.asked)


def _about(said: Consent | ConsentRequest) -> Subject:
    standing = said.standing if isinstance(said, Consent) else None
    scope = standing if isinstance(standing, StandingScope) else None
    return Subject(
        originator=said.originator,
        holder=said.holder,
        recipient=said.recipient,
        item=said.item,
        topic=scope.topic if scope else None,
        level=scope.level if scope else None,
    )


def _asked(tx: Tx, desk: Desk, subject: Subject) -> Iterator[HistoryLine]:
    for asked in tx.every(ConsentAsked, item=subject.item) if subject.item else ():
        if _about(asked.asked) != subject:
            continue
        yield _line(tx, desk, subject, Happened.ASKED, asked.asked.at, by=subject.holder, said=asked.request)
        for denied in tx.every(ConsentDenied, request=asked.request):
            yield _line(
                tx,
                desk,
                subject,
                Happened.DENIED,
                denied.at,
                by=subject.originator,
                said=denied.statement or None,
                reference=asked.request,
                code=denied.code or None,
            )


def _granted(tx: Tx, desk: Desk, subject: Subject) -> Iterator[HistoryLine]:
    known = (
        tx.every(ConsentRecord, item=subject.item)
        if subject.item
        else tx.every(ConsentRecord, standing_by=subject.originator)
    )
    now = desk.clock()
    for granted in known:
        consent, until = granted.consent, granted.consent.valid.until
        if _about(consent) != subject:
            continue
        start = consent.valid.start
        yield _line(tx, desk, subject, Happened.GRANTED, start, by=subject.originator, said=granted.digest)
        for taken in tx.every(ConsentWithdrawn, consent=granted.digest):
            yield _line(
                tx,
                desk,
                subject,
                Happened.WITHDRAWN,
                taken.at,
                by=subject.originator,
                said=taken.statement or None,
                reference=granted.digest,
            )
        if until is not None and until <= now:
            yield HistoryLine(what=Happened.EXPIRED, at=until, party=None, reference=granted.digest)


def _used(tx: Tx, desk: Desk, subject: Subject) -> Iterator[HistoryLine]:
    """What the holder reported as hub: the consignments that went on, and how far each came (TR-10)."""
    for record in tx.every(RelayReportRecord, item=subject.item) if subject.item else tx.every(RelayReportRecord):
        report = record.report
        ends = (report.originator, report.hub, report.recipient)
        if ends == (subject.originator, subject.holder, subject.recipient) and _is_covered(tx, subject, report):
            yield _line(
                tx,
                desk,
                subject,
                Happened.USED,
                report.reached,
                by=report.hub,
                said=canon.digest(report),
                code=report.code,
                consignment=report.consignment,
                stage=report.stage,
            )


def _is_covered(tx: Tx, subject: Subject, report: RelayReport) -> bool:
    if subject.item is not None:
        return True
    record = tx.latest(ItemRecord, id=report.item)
    return record is not None and (record.topic, record.label.classification) == (subject.topic, subject.level)


def _line(
    tx: Tx,
    desk: Desk,
    subject: Subject,
    what: Happened,
    at: Instant,
    *,
    by: PartyCode,
    said: HexDigest | None,
    reference: HexDigest | None = None,
    code: str | None = None,
    consignment: ConsignmentId | None = None,
    stage: str | None = None,
) -> HistoryLine:
    other = subject.holder if subject.originator == desk.party else subject.originator
    office, signed_at = _signed(tx, said, other) if what is not Happened.USED else (None, None)
    return HistoryLine(
        what=what,
        at=signed_at or at,  # when it was said, not when it was heard: that is the same on both sides
        party=by,
        office=office,
        statement=said,
        reference=reference or (said if what is not Happened.USED else None),
        log=_entry(tx, desk, said, other, ours=by == desk.party),
        code=code,
        consignment=consignment,
        stage=stage,
    )


def _entry(tx: Tx, desk: Desk, said: HexDigest | None, other: PartyCode, *, ours: bool) -> Entry | None:
    """Where who heard it entered it: we in our own log, the other side where its receipt says."""
    if said is None:
        return None
    if not ours:
        place = locate_shared(tx, desk, other, subject=said)
        return Entry(origin=place[0], index=place[1]) if place else None
    known = tx.latest(ReceiptRecord, reference=said, party=other)
    if known is None:
        return None
    origin = claimed_checkpoint(known.receipt.checkpoint).origin
    return Entry(origin=origin, index=known.receipt.index)


def _signed(tx: Tx, said: HexDigest | None, other: PartyCode) -> tuple[str | None, Instant | None]:
    """In which office a person signed a statement, and when, as the statement itself says."""
    record = tx.latest(StatementRecord, digest=said, party=other) if said else None
    if record is None:
        return None, None
    act = canon.decode_any(claimed_payload(record.envelope))
    at = act["body"].get("at")
    return act["by"]["office"], Instant.parse(at) if at else None
