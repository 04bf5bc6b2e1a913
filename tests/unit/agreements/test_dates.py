"""Terms and last days are dates of a calendar: whole local days, leap years, and the zone of whoever receives."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import (
    PAST,
    Event,
    Moment,
    State,
    Timeliness,
    end_of_day,
    follow,
    local_day,
    notice_days,
    profile_of,
    simulate_act,
    term_of,
)
from gsomia.instants import Instant, read_instant, start_of_day
from strategies.agreements import AGREEMENT, JP, KR, SIDES
from strategies.labels import modest, party

USA = party("USA")
days_of_force = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31)) | st.sampled_from(
    [date(2016, 2, 29), date(2020, 2, 29), date(2000, 2, 28), date(2019, 3, 1), date(1999, 12, 31)]
)


@pytest.mark.source("A-01", "LIFECYCLE-3.5")
@pytest.mark.parametrize("year", range(2017, 2028))
def test_every_way_of_counting_has_its_day_each_year(year: int) -> None:
    term = term_of(read_instant("2016-11-23T12:00"), year - 2016, years=1)
    days = notice_days(term, days=90)
    assert term.last_day == date(year, 11, 22)
    assert (days.clear, days.last, days.contested) == (date(year, 8, 23), date(year, 8, 24), date(year, 8, 25))


@pytest.mark.source("A-01")
def test_the_notice_of_2019_was_in_time_however_one_counts() -> None:
    term = term_of(read_instant("2016-11-23T12:00"), 3, years=1)
    received = date(2019, 8, 23)
    assert (term.last_day - received).days == 91
    days = notice_days(term, days=90)
    assert received <= min(days.clear, days.last, days.contested)


@pytest.mark.source("LIFECYCLE-3.5")
def test_the_suspension_lasted_1215_days() -> None:
    assert (date(2023, 3, 21) - date(2019, 11, 22)).days == 1215


@pytest.mark.source("T15", "A-24", "G21-3")
@given(days_of_force, st.integers(0, 86_399), st.integers(1, 60), st.integers(1, 9))
@modest
def test_terms_follow_one_another_day_by_day(first: date, second: int, number: int, years: int) -> None:
    force = start_of_day(first).plus(seconds=second)
    term, following = (term_of(force, n, years=years) for n in (number, number + 1))
    assert following.first_day == term.last_day + timedelta(days=1)
    assert term.ends == start_of_day(following.first_day)
    assert (term.first_day == first) == (number == 1)
    assert 365 * years <= (term.last_day - term.first_day).days + 1 <= 366 * years + 1
    if (first.month, first.day) != (2, 29):
        assert (following.first_day.month, following.first_day.day) == (first.month, first.day)


@pytest.mark.source("A-01", "G21-4")
@given(days_of_force, st.integers(1, 30), st.integers(0, 200))
@modest
def test_a_notice_is_in_time_up_to_one_day_and_contested_on_the_next(first: date, number: int, days: int) -> None:
    term = term_of(start_of_day(first), number, years=1)
    counted = notice_days(term, days=days)
    assert (term.last_day - counted.last).days == days
    assert counted.judge(counted.last) is Timeliness.IN_TIME
    assert counted.judge(counted.last - timedelta(days=300)) is Timeliness.IN_TIME
    assert counted.judge(counted.last + timedelta(days=1)) is Timeliness.CONTESTED
    assert counted.judge(counted.last + timedelta(days=2)) is Timeliness.LATE


@pytest.mark.source("A-01")
@given(days_of_force, st.integers(0, 3), st.integers(-3, 4), st.integers(0, 86_399), st.sampled_from(SIDES))
@modest
def test_the_machine_takes_a_notice_exactly_while_it_is_in_time(
    first: date, terms: int, offset: int, second: int, notifier: str
) -> None:
    force = start_of_day(first).plus(seconds=3600)
    counted = notice_days(term_of(force, terms + 1, years=1), days=90)
    received = start_of_day(counted.last + timedelta(days=offset)).plus(seconds=second)
    acts = [*in_force(force), Moment(id="n", event=Event.GIVE_NOTICE, parties=(notifier,), at=received, number="N")]  # type: ignore[arg-type]
    history = follow(profile_of(AGREEMENT), acts)
    codes = [one.refusal.code for one in history.refused]
    expected = [] if offset <= 0 else ["notice-day-contested"] if offset == 1 else ["notice-late"]
    assert codes == expected
    ended = history.reached(term_of(force, terms + 1, years=1).ends)[0]
    assert (ended.state is State.TERMINATED) == (offset <= 0)
    assert ended.state is State.TERMINATED or ended.term == terms + 2


def in_force(force: Instant) -> list[Moment]:
    """Acts that bring the text into force at an instant."""
    digest = AGREEMENT.digest
    return [
        Moment(id="p", event=Event.PROPOSE, parties=(KR,), at=force.plus(days=-9), text=digest, whole=True),
        Moment(id="s", event=Event.SIGN, parties=SIDES, at=force.plus(days=-8), text=digest),
        Moment(id="k", event=Event.NOTIFY_COMPLETED, parties=(KR,), at=force.plus(days=-1), number="K1"),
        Moment(id="j", event=Event.NOTIFY_COMPLETED, parties=(JP,), at=force, number="J1"),
    ]


# --- zones ------------------------------------------------------------------------------------------------------------


@pytest.mark.source("A-29")
def test_the_trilateral_act_has_a_day_in_each_capital() -> None:
    signed = read_instant("2014-12-29T09:00+09:00")
    assert [str(local_day(signed, one)) for one in PAST["TISA"].parties] == ["2014-12-29", "2014-12-29", "2014-12-28"]


@pytest.mark.source("A-29")
@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-08T06:59:59Z", "2026-03-08"),
        ("2026-03-09T03:59:59Z", "2026-03-08"),
        ("2026-03-09T04:00:00Z", "2026-03-09"),
        ("2026-11-01T03:59:59Z", "2026-10-31"),
        ("2026-11-02T04:59:59Z", "2026-11-01"),
        ("2026-11-02T05:00:00Z", "2026-11-02"),
        ("2004-10-31T03:59:59Z", "2004-10-30"),
        ("2004-11-01T04:59:59Z", "2004-10-31"),
        ("2004-04-05T03:59:59Z", "2004-04-04"),
        ("2004-07-04T04:00:00Z", "2004-07-04"),
    ],
)
def test_days_in_washington_follow_summer_time(at: str, day: str) -> None:
    assert str(local_day(read_instant(at), USA)) == day


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)), st.sampled_from([KR, JP, USA]))
@modest
def test_a_day_ends_where_the_next_begins(day: date, where: str) -> None:
    end = end_of_day(day, where)  # type: ignore[arg-type]
    assert local_day(end.plus(seconds=-1), where) == day  # type: ignore[arg-type]
    assert local_day(end, where) == day + timedelta(days=1)  # type: ignore[arg-type]


# --- simulated and real -----------------------------------------------------------------------------------------------

later_acts = st.lists(
    st.tuples(
        st.sampled_from([Event.GIVE_NOTICE, Event.SUSPEND_NOTICE, Event.REVIVE_NOTICE, Event.WITHDRAW_NOTICE]),
        st.sampled_from(SIDES),
        st.integers(1, 1200),
    ),
    max_size=6,
)


@pytest.mark.source("T16", "T17", "T18", "T19", "T20")
@given(later_acts, later_acts, st.integers(0, 2500))
@modest
def test_what_is_simulated_is_what_the_real_act_does(
    before: list[tuple[Event, str, int]], acts: list[tuple[Event, str, int]], probe: int
) -> None:
    force = read_instant("2016-11-23T12:00")
    profile = profile_of(AGREEMENT)
    every = [made(force, index, one) for index, one in enumerate([*before, *acts])]
    if not every:
        return
    act = max(every, key=lambda one: (one.at, one.order))
    known = [*in_force(force), *(one for one in every if one is not act)]
    history = follow(profile, known)
    simulated = simulate_act(history, act)
    real = follow(profile, [*known, act])
    assert history == follow(profile, known)  # nothing was touched
    at = act.at.plus(days=probe % 1800)
    assert [c for c in simulated.changes if c.at <= at] == [c for c in real.changes_until(at) if c.at >= act.at]
    assert simulated.after.course == real.reached(act.at)[0]
    assert (simulated.refused is None) == (act.id not in {one.moment.id for one in real.refused})
    for effect in simulated.effects:
        if effect.stops is not None:
            stands = real.reached(effect.stops)[0]
            assert stands.state is State.TERMINATED


def made(force: Instant, index: int, drawn: tuple[Event, str, int]) -> Moment:
    event, who, days = drawn
    names = tuple(f"N{number}" for number in range(20))
    return Moment(
        id=f"m{index}",
        event=event,
        parties=(who,),  # type: ignore[arg-type]
        at=force.plus(days=days),
        order=index,
        number=f"N{index}",
        names=names,
    )
