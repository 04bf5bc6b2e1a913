"""The exception from the second law: an act that may not wait is kept in the spare journal, and entered when it can be.

Of the three acts that have the exception two are kept here: destruction in an emergency, and the first notice of an
incident; warnings have a journal beside their lanes (`flows.lane`). Entries are statements of this node, signed, and
marked UNRECORDED wherever they are shown. A first notice goes out from here, and again from the record later.

Source: design 2, G13-4, G17-1.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from gsomia.audit import Event
from gsomia.errors import NodeError, UnavailableError
from gsomia.exchange import CaseEntry, IncidentCase
from gsomia.flows.desk import Desk
from gsomia.flows.incident_cases import enter_case
from gsomia.flows.incident_reports import SignedReport, enter_late_report, read_signed
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import choose_statement_key, claimed_digest, sign_statement, verify_statement
from gsomia.registry import UNRECORDED, DestructionAct, DestructionConfirmed, IncidentMark, UnrecordedDestruction

UNRECORDED_NOTICE = "unrecorded-incident-notice"
_WAITS = "spare journal"
_SAID = "said from the spare journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report as it was signed."""

    kind: str
    queue: PartyCode
    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedNotice:
    """A first notice that the log could not take, as the spare journal keeps it: UNRECORDED until it does."""

    case: IncidentCase
    mark: IncidentMark | None
    opened: CaseEntry | None
    reports: Annotated[tuple[KeptReport, ...], Meta(max_length=64)]
    by: PersonId
    at: Instant


Unrecorded = UnrecordedDestruction | UnrecordedNotice


def keep_unrecorded(desk: Desk, by: PersonId, act: DestructionAct) -> None:
    """Keep an emergency destruction that the log cannot take.

    Raises:
        UnavailableError: the spare journal cannot take it either; the act fails.
    """
    _keep(desk, UnrecordedDestruction(by=by, act=act, at=desk.clock()), kind=UNRECORDED)


def keep_notice(
    desk: Desk,
    by: PersonId,
    case: IncidentCase,
    *,
    mark: IncidentMark | None,
    opened: CaseEntry | None,
    reports: tuple[SignedReport, ...],
) -> None:
    """Keep a first notice that the log cannot take, so that it goes out all the same.

    Raises:
        UnavailableError: the spare journal cannot take it either; the act fails.

    Source: design 2 (law 2), G17-1.
    """
    kept = tuple(KeptReport(kind=one.kind, queue=one.queue, envelope=one.statement.envelope) for one in reports)
    notice = UnrecordedNotice(case=case, mark=mark, opened=opened, reports=kept, by=by, at=desk.clock())
    _keep(desk, notice, kind=UNRECORDED_NOTICE)


def unrecorded(desk: Desk) -> list[Unrecorded]:
    """What was done and stands in no log yet.

    Raises:
        PartnerError: an entry is not one that this node signed.
    """
    return [_read(desk, envelope) for envelope in desk.unlocked.spare.entries()]


def waits(desk: Desk) -> bool:
    """Whether something is kept that the log has to take; asked often, so remembered."""
    known = desk.memo.get(_WAITS)
    if not isinstance(known, bool):
        desk.memo[_WAITS] = False  # before the journal is read: what is kept after that says so itself
        try:
            known = bool(desk.custody is not None and desk.unlocked.spare.entries())
        except NodeError:
            desk.memo.pop(_WAITS, None)
            raise
        if known:
            desk.memo[_WAITS] = True
    return known


def notices_to_say(desk: Desk, to: PartyCode) -> list[tuple[HexDigest, bytes]]:
    """First notices for a partner that stand in no log, each until it was said once by this process.

    An entry that does not read holds up no notice; entering what waits says so.
    """
    if not waits(desk):
        return []
    kept: list[tuple[HexDigest, bytes]] = []
    for envelope in desk.unlocked.spare.entries():
        with suppress(NodeError):
            late = _read(desk, envelope)
            reports = late.reports if isinstance(late, UnrecordedNotice) else ()
            kept += [(claimed_digest(one.envelope), one.envelope) for one in reports if one.queue == to]
    return [(digest, envelope) for digest, envelope in kept if digest not in _said(desk)]


def settle_unrecorded(desk: Desk, digest: HexDigest) -> None:
    """A notice reached its addressee. The proof of that is recorded when it is said again, from the record."""
    _said(desk).add(digest)


def enter_unrecorded(desk: Desk) -> int:
    """Enter what was done without a record, each act in a unit of its own; how many acts there were.

    One that cannot be entered holds up no other; while there is one, all are kept.

    # CRASH: entered and not cleared: the next start finds the entries in the record and only clears the journal.

    Raises:
        UnavailableError: the log still takes nothing.
        NodeError: an entry is not one that this node signed, or a rule forbids it; the others were entered.
    """
    kept = desk.unlocked.spare.entries()
    failed: NodeError | None = None
    for envelope in kept:
        try:
            _enter_one(desk, _read(desk, envelope))
        except UnavailableError:
            raise
        except NodeError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    if kept:
        desk.unlocked.spare.clear(kept)
    desk.memo.pop(_WAITS, None)
    return len(kept)


def try_to_enter(desk: Desk) -> None:
    """Enter what waits if the log takes it again; else it waits on."""
    try:
        if waits(desk):
            enter_unrecorded(desk)
    except NodeError:  # `doctor` shows what waits
        return


def _enter_one(desk: Desk, late: Unrecorded) -> None:
    if isinstance(late, UnrecordedNotice):
        desk.store.run(lambda tx: _enter_notice(tx, desk, late))
        for report in late.reports:
            desk.said(report.queue)
        return

    def unit(tx: Tx) -> None:
        item = late.act.body.item
        if tx.latest(DestructionConfirmed, item=item) is None:
            record = DestructionConfirmed(item=item, by=late.by, act=late.act, at=late.at)
            enter(tx, desk, record, event=Event.ITEM_DESTRUCTION_ENTERED_LATE, subject=item)

    desk.store.run(unit)


def _enter_notice(tx: Tx, desk: Desk, notice: UnrecordedNotice) -> None:
    enter_case(tx, desk, notice.case, mark=notice.mark, opened=notice.opened, late=True)
    for kept in notice.reports:
        enter_late_report(tx, desk, read_signed(desk, kept.kind, kept.envelope))


def _keep(desk: Desk, entry: Unrecorded, *, kind: str) -> None:
    statement = sign_statement(entry, kind=kind, signer=desk.unlocked.keys.statement)
    _read(desk, statement.envelope)  # what could not be read back would be lost
    desk.unlocked.spare.append(statement.envelope)
    desk.memo[_WAITS] = True


def _read(desk: Desk, envelope: bytes) -> Unrecorded:
    accepts: dict[str, Any] = {UNRECORDED: UnrecordedDestruction, UNRECORDED_NOTICE: UnrecordedNotice}
    key = choose_statement_key(envelope, keys=desk.unlocked.statement_keys)
    entry: Unrecorded = verify_statement(envelope, accepts=accepts, key=key).value
    return entry


def _said(desk: Desk) -> set[HexDigest]:
    known = desk.memo.setdefault(_SAID, set())
    if not isinstance(known, set):
        msg = "what was said from the spare journal is a set"
        raise TypeError(msg)
    return known
