"""The yearly report: what came and what went explains what is held, for every year and any ledger."""

from collections import Counter
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.registry import MOVES, CustodyKind, Place, yearly

KOR, JPN = cast("PartyCode", "KOR"), cast("PartyCode", "JPN")
ITEMS = tuple(cast("ItemId", f"itm_{number}") for number in range(4))
OF = {item: ((KOR, JPN)[number % 2], f"L-{number // 2}") for number, item in enumerate(ITEMS)}
START, DAY = yearly.year_bounds(2024)[0], 86_400
YEARS = (2023, 2024, 2025, 2026)


@st.composite
def ledgers(draw: st.DrawFn) -> list[yearly.YearEvent]:
    """Any events that may follow one another, over three years; a partner's clock may be behind."""
    places: dict[tuple[ItemId, str], Place] = {}
    at, events = START, []
    for _ in range(draw(st.integers(0, 30))):
        item, copy = draw(st.sampled_from(ITEMS)), draw(st.sampled_from("12"))
        before = places.get((item, copy))
        kind = draw(st.sampled_from([kind for kind, moves in MOVES.items() if before in moves]))
        places[item, copy] = MOVES[kind][before]
        at = at.plus(seconds=draw(st.integers(0, 80 * DAY)))
        told = at.plus(seconds=-draw(st.sampled_from((0, 0, 5, 40 * DAY))))
        events.append(
            yearly.YearEvent(item=item, copy=copy, kind=kind, counterpart=draw(st.sampled_from((None, JPN))), at=told)
        )
    return events


def held_at(events: list[yearly.YearEvent], until: Instant) -> Counter[tuple[PartyCode, str]]:
    """What is held at an instant, copy by copy: an event comes no earlier than the one before it."""
    held: Counter[tuple[PartyCode, str]] = Counter()
    for key in {(event.item, event.copy) for event in events}:
        place, at = None, Instant(0)
        for event in (one for one in events if (one.item, one.copy) == key):
            at = max(at, event.at)
            if at < until:
                place = MOVES[event.kind][place]
        if place is Place.HELD:
            held[OF[key[0]]] += 1
    return held


@pytest.mark.source("F-23", "LEDGER-1")
@given(ledgers())
def test_held_at_the_start_and_what_came_less_what_went_is_held_at_the_end(events: list[yearly.YearEvent]) -> None:
    for year in YEARS:
        since, until = yearly.year_bounds(year)
        drawn = yearly.draw_year(events, of=OF, since=since, until=until)
        assert all(line.balances for line in drawn.held)
        after = {(line.originator, line.level): line.held_after for line in drawn.held if line.held_after}
        before = {(line.originator, line.level): line.held_before for line in drawn.held if line.held_before}
        assert (before, after) == (dict(held_at(events, since)), dict(held_at(events, until)))


@pytest.mark.source("F-23", "LEDGER-3")
@given(ledgers(), ledgers())
def test_a_past_year_is_the_same_whatever_came_after_it(
    events: list[yearly.YearEvent], later: list[yearly.YearEvent]
) -> None:
    since, until = yearly.year_bounds(2024)
    known = {(one.item, one.copy) for one in events}
    after = [
        yearly.YearEvent(item=one.item, copy=f"9{one.copy}", kind=one.kind, counterpart=one.counterpart, at=until)
        for one in later
    ]
    assert known.isdisjoint({(one.item, one.copy) for one in after})
    first = yearly.draw_year(events, of=OF, since=since, until=until)
    assert yearly.draw_year([*events, *after], of=OF, since=since, until=until) == first


@pytest.mark.source("F-23")
def test_what_comes_and_goes_is_named_for_every_event_that_changes_what_is_held() -> None:
    came = {
        kind
        for kind, moves in MOVES.items()
        if any(after is Place.HELD is not before for before, after in moves.items())
    }
    went = {kind for kind, moves in MOVES.items() if moves.get(Place.HELD, Place.HELD) is not Place.HELD}
    assert (set(yearly.CAME), set(yearly.WENT)) == (came, went)


@pytest.mark.source("F-23", "A-24")
def test_a_year_begins_where_the_one_before_ends_at_midnight_in_seoul_and_tokyo() -> None:
    for first, second in pairwise(YEARS):
        assert yearly.year_bounds(first)[1] == yearly.year_bounds(second)[0]
    assert str(yearly.year_bounds(2026)[0]) == "2025-12-31T15:00:00Z"


@pytest.mark.source("F-23", "A-04")
def test_what_crossed_the_border_is_counted_for_each_partner_and_level() -> None:
    def event(item: ItemId, copy: str, kind: CustodyKind, partner: PartyCode | None = None) -> yearly.YearEvent:
        return yearly.YearEvent(item=item, copy=copy, kind=kind, counterpart=partner, at=START)

    events = [
        event(ITEMS[0], "1", CustodyKind.REGISTERED),
        event(ITEMS[0], "csg_1", CustodyKind.RELEASED, JPN),
        event(ITEMS[0], "csg_1", CustodyKind.RECEIPTED),  # by its line, with whom
        event(ITEMS[1], "1", CustodyKind.RECEIVED, JPN),
        event(ITEMS[1], "1", CustodyKind.BOOKED),
        event(ITEMS[0], "csg_1", CustodyKind.DESTROYED),
    ]
    since, until = yearly.year_bounds(2024)
    drawn = yearly.draw_year(events, of=OF, derived=[(ITEMS[0], "translation")], since=since, until=until)
    (line,) = drawn.partners
    assert (line.partner, line.level) == (JPN, "L-0")
    assert (line.sent, line.signed_for, line.received, line.destroyed_there) == (1, 1, 1, 1)
    assert [(one.originator, one.held_after, one.translated) for one in drawn.held] == [(JPN, 1, 0), (KOR, 1, 1)]


@pytest.mark.source("F-23", "A-04", "G7-5")
def test_what_never_went_is_neither_sent_nor_refused_and_what_is_given_back_is_returned() -> None:
    since, until = yearly.year_bounds(2024)

    def event(item: ItemId, copy: str, kind: CustodyKind, at: Instant = since) -> yearly.YearEvent:
        return yearly.YearEvent(item=item, copy=copy, kind=kind, counterpart=JPN, at=at)

    events = [
        event(ITEMS[1], "1", CustodyKind.RECEIVED),
        event(ITEMS[1], "1", CustodyKind.BOOKED),
        event(ITEMS[1], "1", CustodyKind.DISPATCHED),
        event(ITEMS[1], "1", CustodyKind.RETURNED),
        event(ITEMS[0], "1", CustodyKind.REGISTERED),
        event(ITEMS[0], "1", CustodyKind.DISPATCHED),
        *(event(ITEMS[0], copy, CustodyKind.RELEASED) for copy in ("csg_stopped", "csg_later", "csg_refused")),
        event(ITEMS[0], "csg_stopped", CustodyKind.REFUSED),
        event(ITEMS[0], "csg_refused", CustodyKind.REFUSED),
        event(ITEMS[0], "csg_later", CustodyKind.REFUSED, until),
    ]

    def line(year: int) -> tuple[int, int, int]:
        first, end = yearly.year_bounds(year)
        drawn = yearly.draw_year(events, of=OF, stopped={"csg_stopped", "csg_later"}, since=first, until=end)
        assert all(one.balances for one in drawn.held)
        (found,) = drawn.partners
        return found.sent, found.refused, found.returned

    # What was queued in one year and stopped in the next was sent as far as the first year knows.
    assert (line(2024), line(2025)) == ((3, 1, 1), (0, 1, 0))
