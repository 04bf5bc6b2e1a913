"""The yearly report: what the registry held, received, sent, made, gave back, destroyed and lost; from the ledger.

1. The year is that of Seoul and Tokyo, from 00:00 on 1 January to 00:00 on the next.
2. Every figure is counted from custody events, by originator and level, and by partner and level. A copy's event counts
   at its instant, or at that of the event before it if a partner's clock says it was earlier.
3. What is given back to its originator is not sent but returned, and what was stopped before it first went was
   neither sent nor refused, if both fall in the year.
4. INVARIANT (flows balance): held at the start + what came, less what went, = held at the end, for each line.

The same ledger gives the same report for any past year; a signature of a partner's that comes late changes the year it
was given in, and the report is issued anew beside the earlier one.

Source: F-23 (figures from the ledger only), LEDGER-1, LEDGER-3, A-04.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from msgspec import Meta

from gsomia.ids import CopyId, Count, ItemId, PartyCode
from gsomia.instants import Instant, start_of_day
from gsomia.parties import Act
from gsomia.registry.custody import CustodyKind
from gsomia.registry.ledger import MOVES
from gsomia.registry.lines import Place

YEARLY_REPORT = "yearly-report"
FIRST_YEAR, LAST_YEAR = 1948, 9998
CAME: Mapping[CustodyKind, str] = {
    CustodyKind.REGISTERED: "registered",
    CustodyKind.CARRIED_OVER: "carried_over",
    CustodyKind.BOOKED: "received",
    CustodyKind.COPIED: "copied",
    CustodyKind.CAME_BACK: "came_back",
    CustodyKind.FOUND: "found",
}
"""By which events a copy comes to be held."""
WENT: Mapping[CustodyKind, str] = {
    CustodyKind.DISPATCHED: "dispatched",
    CustodyKind.DESTROYED: "destroyed",
    CustodyKind.LOST: "lost",
}
"""By which events a copy that was held is held no more."""
BETWEEN: Mapping[CustodyKind, str] = {
    CustodyKind.BOOKED: "received",
    CustodyKind.RELEASED: "sent",
    CustodyKind.DISPATCHED: "sent",
    CustodyKind.FORWARDED: "forwarded",
    CustodyKind.RECEIPTED: "signed_for",
    CustodyKind.REFUSED: "refused",
    CustodyKind.RETURNED: "returned",
    CustodyKind.CAME_BACK: "came_back",
}
"""What is counted for each partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEvent:
    """What the report reads of a custody event."""

    item: ItemId
    copy: CopyId
    kind: CustodyKind
    counterpart: PartyCode | None = None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """What was held of an originator's at a level, and how it came and went.

    Source: F-23.
    """

    originator: PartyCode
    level: str
    held_before: Count
    registered: Count
    carried_over: Count
    received: Count
    copied: Count
    came_back: Count
    found: Count
    dispatched: Count
    destroyed: Count
    lost: Count
    held_after: Count
    translated: Count
    extracted: Count

    @property
    def balances(self) -> bool:
        """Whether what came and what went explains what is held."""
        came = sum(int(getattr(self, name)) for name in CAME.values())
        went = sum(int(getattr(self, name)) for name in WENT.values())
        return self.held_before + came - went == self.held_after


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """What crossed the border with a partner at a level, and what became of it.

    Source: F-23, A-04.
    """

    partner: PartyCode
    level: str
    received: Count
    sent: Count
    forwarded: Count
    signed_for: Count
    refused: Count
    returned: Count
    came_back: Count
    destroyed_there: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyReport:
    """The figures of a year at one node; no title, no person, no content.

    Args:
        party: whose registry.
        year: of Seoul and Tokyo.
        since: its first instant.
        until: its end, or the instant of the report if the year is not over.
        over: whether the year is over.
        events: how many custody events it rests on.
        held: by originator and level.
        partners: by partner and level.
        disclosed: what we showed or said to the other side, each time once.
        incidents: marks of a possible incident, and cases that were opened without one.
        musters: full inventories that two persons closed; spot checks are none.

    Source: F-23.
    """

    party: PartyCode
    year: Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
    since: Instant
    until: Instant
    over: bool
    events: Count
    held: tuple[HeldLine, ...]
    partners: tuple[PartnerLine, ...]
    disclosed: Count
    incidents: Count
    musters: Count


YearlyReportAct = Act[YearlyReport]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyReportIssued:
    """A report as an officer signed and issued it; `digest` is that of the report."""

    year: str
    digest: str
    act: YearlyReportAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The figures of copies."""

    events: int
    held: tuple[HeldLine, ...]
    partners: tuple[PartnerLine, ...]


class _Crossings:
    """What crossed the border in a year, by partner and level."""

    def __init__(self, stopped: Container[CopyId]) -> None:
        self.counts: Counter[tuple[PartyCode, str, str]] = Counter()
        self._stopped = stopped
        self._queued: set[tuple[ItemId, CopyId]] = set()

    def enter(
        self, event: YearEvent, partner: PartyCode, group: tuple[PartyCode, str], *, before: Place | None
    ) -> None:
        """Count an event of the year that found its copy in the place `before`."""
        (originator, level), key = group, (event.item, event.copy)
        if event.kind is CustodyKind.DISPATCHED and partner == originator:
            return
        if event.kind is CustodyKind.REFUSED and key in self._queued:
            self._queued.remove(key)
            self.counts[partner, level, "sent"] -= 1
        elif event.kind in BETWEEN:
            self.counts[partner, level, BETWEEN[event.kind]] += 1
            if event.kind is CustodyKind.RELEASED and event.copy in self._stopped:
                self._queued.add(key)
        elif event.kind is CustodyKind.DESTROYED and before is Place.HANDED_ON:
            self.counts[partner, level, "destroyed_there"] += 1


def year_bounds(year: int) -> tuple[Instant, Instant]:
    """The first instant of a year in Seoul and Tokyo, and that of the next.

    >>> [str(at) for at in year_bounds(2026)]
    ['2025-12-31T15:00:00Z', '2026-12-31T15:00:00Z']

    Source: F-23, A-24.
    """
    return start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))


def draw_year(
    events: Iterable[YearEvent],
    *,
    of: Mapping[ItemId, tuple[PartyCode, str]],
    derived: Iterable[tuple[ItemId, str]] = (),
    stopped: Container[CopyId] = (),
    since: Instant,
    until: Instant,
) -> Drawn:
    """Count a year.

    Args:
        events: the ledger from its beginning, in its order; those of items that `of` does not know are left out.
        of: originator and level of each item.
        derived: items made from others in the year, and how: `translation` or `extract`.
        stopped: copies of consignments that were stopped before they first went.
        since: the first instant of the year.
        until: its end, excluded.

    Source: F-23, LEDGER-1.
    """
    places: dict[tuple[ItemId, CopyId], tuple[Place, PartyCode | None, Instant]] = {}
    before: Counter[tuple[PartyCode, str]] = Counter()
    after: Counter[tuple[PartyCode, str]] = Counter()
    moved: Counter[tuple[PartyCode, str, str]] = Counter()
    crossed = _Crossings(stopped)
    count = 0
    for event in events:
        if event.item not in of:
            continue
        key = (event.item, event.copy)
        known = places.get(key)
        at = event.at if known is None or event.at > known[2] else known[2]
        if at >= until:
            # What follows of this copy comes no earlier; it need not be known that it did.
            places[key] = (known[0] if known else Place.RETURNED, known[1] if known else None, at)
            continue
        count += 1
        place = MOVES[event.kind][known[0] if known else None]
        partner = event.counterpart or (known[1] if known else None)
        places[key] = (place, partner, at)
        group = of[event.item]
        change = (place is Place.HELD) - (known is not None and known[0] is Place.HELD)
        after[group] += change
        if at < since:
            before[group] += change
            continue
        if change:
            moved[(*group, (CAME if change > 0 else WENT)[event.kind])] += 1
        if partner is not None:
            crossed.enter(event, partner, group, before=known[0] if known else None)
    made = Counter((*of[item], kind) for item, kind in derived if item in of)
    return Drawn(events=count, held=_held(before, after, moved, made), partners=_partners(+crossed.counts))


def _held(
    before: Mapping[tuple[PartyCode, str], int],
    after: Mapping[tuple[PartyCode, str], int],
    moved: Mapping[tuple[PartyCode, str, str], int],
    made: Mapping[tuple[PartyCode, str, str], int],
) -> tuple[HeldLine, ...]:
    names = (*CAME.values(), *WENT.values())
    groups = sorted({*before, *after, *((party, level) for party, level, _ in (*moved, *made))})
    lines = (
        HeldLine(
            originator=party,
            level=level,
            held_before=before.get((party, level), 0),
            held_after=after.get((party, level), 0),
            translated=made.get((party, level, "translation"), 0),
            extracted=made.get((party, level, "extract"), 0),
            **{name: moved.get((party, level, name), 0) for name in names},
        )
        for party, level in groups
    )
    figures = (*names, "held_before", "held_after", "translated", "extracted")
    return tuple(line for line in lines if any(getattr(line, name) for name in figures))


def _partners(crossed: Mapping[tuple[PartyCode, str, str], int]) -> tuple[PartnerLine, ...]:
    names = (*dict.fromkeys(BETWEEN.values()), "destroyed_there")
    return tuple(
        PartnerLine(partner=partner, level=level, **{name: crossed.get((partner, level, name), 0) for name in names})
        for partner, level in sorted({(partner, level) for partner, level, _ in crossed})
    )
