"""The yearly report: drawn from the ledger whenever it is asked for, and issued under an officer's signature.

Source: F-23, A-24.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import DeliveryStage, IncidentCase, Stage
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.muster import closing_of
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.ids import ConsignmentId, HexDigest, ItemId, PartyCode
from gsomia.instants import SEOUL_AND_TOKYO, Instant
from gsomia.parties import Office, sign_act
from gsomia.registry import (
    CustodyEvent,
    Derivation,
    DerivedKind,
    Disclosure,
    Extent,
    IncidentMark,
    ItemRecord,
    Muster,
    VisitDisclosure,
)
from gsomia.registry import yearly as figures

OFFICES = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
_TRANSLATED = frozenset({DerivedKind.TRANSLATION, DerivedKind.MACHINE_TRANSLATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    classification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """What the report reads of an item: whose it is, and the level it came at."""

    id: ItemId
    originator: PartyCode
    label: _Marked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    item: ItemId
    kind: DerivedKind
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said(_At):
    number: ConsignmentId
    party: PartyCode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown(_At):
    record: ConsignmentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case(_At):
    mark: HexDigest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    consignment: ConsignmentId
    stage: Stage


def draw_report(desk: Desk, *, year: int) -> figures.YearlyReport:
    """The report of a year: all of it if it is over, else until now. The same record gives the same report.

    Raises:
        LocalError: the year has not begun, or is none.

    Source: F-23.
    """
    now = desk.clock()
    return desk.store.run(lambda tx: _draw(tx, desk, year, now=now))


def issue_report(desk: Desk, actor: Actor, *, year: int) -> figures.YearlyReportIssued:
    """Sign the report of a year as it is drawn now, and enter it.

    Raises:
        LocalError: the year has not begun, or is none.
        RefusedError: no control or security officer.

    Source: F-23.
    """
    require_office(desk, actor, *OFFICES, clause="F-23")
    now = desk.clock()

    def unit(tx: Tx) -> figures.YearlyReportIssued:
        report = _draw(tx, desk, year, now=now)
        act = sign_act(report, kind=figures.YEARLY_REPORT, hand=actor.hand)
        issued = figures.YearlyReportIssued(year=str(year), digest=canon.digest(report), act=act, at=now)
        enter(tx, desk, issued, event=Event.REPORT_ISSUED, subject=f"report-{year}", report=issued.digest)
        return issued

    return desk.store.run(unit)


def issued_reports(desk: Desk, *, year: int) -> list[figures.YearlyReportIssued]:
    """The reports of a year that were issued, oldest first."""
    return desk.store.run(lambda tx: tx.every(figures.YearlyReportIssued, year=str(year)))


def _draw(tx: Tx, desk: Desk, year: int, *, now: Instant) -> figures.YearlyReport:
    this = datetime.fromtimestamp(now.epoch_s, SEOUL_AND_TOKYO).year
    if not figures.FIRST_YEAR <= year <= min(this, figures.LAST_YEAR):
        raise LocalError("flows/year-not-begun", f"there is no report of `{year}`", remedy=f"name a year up to {this}")
    since, end = figures.year_bounds(year)
    until = min(end, now.plus(seconds=1))
    drawn = figures.draw_year(
        tx.parts(CustodyEvent, figures.YearEvent),
        of={one.id: (one.originator, one.label.classification) for one in tx.parts(ItemRecord, _Item)},
        derived=_derived(tx, since=since, until=until),
        stopped=_stopped(tx),
        since=since,
        until=until,
    )

    def in_year(one: _At) -> bool:
        return since <= one.at < until

    musters = (muster for muster in tx.every(Muster) if muster.act.body.extent is Extent.FULL)
    closed = [closing_of(tx, muster.id) for muster in musters]
    return figures.YearlyReport(
        party=desk.party,
        year=year,
        since=since,
        until=until,
        over=end <= now,
        events=drawn.events,
        held=drawn.held,
        partners=drawn.partners,
        disclosed=_disclosed(tx, desk, in_year),
        incidents=sum(map(in_year, _incidents(tx))),
        musters=sum(one is not None and since <= one.at < until for one in closed),
    )


def _disclosed(tx: Tx, desk: Desk, counts: Callable[[_At], bool]) -> int:
    """What we said or showed: each disclosure of ours once, and what was shown to visitors without a signed one.

    Source: F-13, F-23, G8-5.
    """
    said = {one.number for one in tx.parts(Disclosure, _Said) if one.party == desk.party and counts(one)}
    return len(said) + sum(one.record is None and counts(one) for one in tx.parts(VisitDisclosure, _Shown))


def _incidents(tx: Tx) -> Iterator[_At]:
    yield from tx.parts(IncidentMark, _At)
    yield from (one for one in tx.parts(IncidentCase, _Case) if one.mark is None)


def _stopped(tx: Tx) -> set[ConsignmentId]:
    """What was stopped and never tried: it went nowhere."""
    stages: defaultdict[ConsignmentId, set[Stage]] = defaultdict(set)
    for one in tx.parts(DeliveryStage, _Stage):
        stages[one.consignment].add(one.stage)
    return {consignment for consignment, reached in stages.items() if reached - {Stage.QUEUED} == {Stage.STOPPED}}


def _derived(tx: Tx, *, since: Instant, until: Instant) -> Iterator[tuple[ItemId, str]]:
    for one in tx.parts(Derivation, _Derived):
        # Our own portions of a mixed work hold nothing of what they were taken from.
        if one.kind is not DerivedKind.OWN_PORTIONS and since <= one.at < until:
            yield one.item, "translation" if one.kind in _TRANSLATED else "extract"
