"""Ninety full days back from the last day, on the receiver's clock; three countings, one of which decides."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import Counting, Timeliness, deadline, hour_in, term_of, term_running
from gsomia.instants import SEOUL_AND_TOKYO, read_instant, start_of_day
from strategies import agreements
from strategies.knowledge import FACTS, IN_FORCE, days, end_of, fact, history
from strategies.labels import modest, party

THIRD_TERM = term_of(read_instant("2016-11-23T12:00"), 3, years=1)
OF_2019 = deadline(THIRD_TERM, days=90, receiver=agreements.JP)
WASHINGTON = ZoneInfo("America/New_York")
NOTICE = fact(4, "give_notice", "2019-08-23", at="15:30")


@pytest.mark.source("A-01", "LIFECYCLE-3.5")
def test_the_three_days_of_2019_and_the_one_that_decides() -> None:
    counted = {one.counting: (str(one.last_day), one.decides) for one in OF_2019.counts}
    assert counted == {
        Counting.ONE_EARLIER: ("2019-08-23", False),
        Counting.FULL_DAYS: ("2019-08-24", True),
        Counting.FROM_EXPIRY: ("2019-08-25", False),
    }
    assert (str(OF_2019.warn_from), str(OF_2019.safe_until)) == ("2019-08-01", "2019-08-24T15:00:00Z")


@pytest.mark.source("A-01", "G21-4")
@pytest.mark.parametrize(
    ("received", "worth"),
    [
        ("2019-08-23T15:30", Timeliness.IN_TIME),
        ("2019-08-24T23:59:59", Timeliness.IN_TIME),
        ("2019-08-25T00:00", Timeliness.CONTESTED),
        ("2019-08-25T23:59:59", Timeliness.CONTESTED),
        ("2019-08-26T00:00", Timeliness.LATE),
    ],
)
def test_a_notice_is_worth_what_the_receivers_day_says(received: str, worth: Timeliness) -> None:
    assert OF_2019.judge(read_instant(received)) is worth


@pytest.mark.source("A-01", "A-29")
def test_the_last_hour_stands_on_every_capitals_own_clock() -> None:
    found = deadline(THIRD_TERM, days=90, receiver=party("USA"))
    hours = [
        hour_in(found.safe_until, party=party, city=city, zone=zone)
        for party, city, zone in (("JPN", "Tokyo", SEOUL_AND_TOKYO), ("USA", "Washington", WASHINGTON))
    ]
    assert [(str(one.day), one.hour) for one in hours] == [("2019-08-25", "13:00"), ("2019-08-24", "24:00")]


@pytest.mark.source("A-01")
@modest
@given(first=days, notice=st.integers(1, 400))
def test_between_the_safe_day_and_the_end_lie_the_full_days(first: date, notice: int) -> None:
    term = term_of(start_of_day(first), 1, years=2)
    last = term.last_day
    found = deadline(term, days=notice, receiver=agreements.KR)
    full = [found.safe_day + timedelta(days=n) for n in range(1, (last - found.safe_day).days + 1)]
    assert len(full) == notice
    assert full[-1] == last
    assert found.warn_from <= found.safe_day < found.contested_day


@pytest.mark.source("A-24", "G21-3")
@modest
@given(first=days, years=st.integers(1, 5), later=st.integers(0, 4000))
def test_terms_follow_one_another_without_gap_or_overlap(first: date, years: int, later: int) -> None:
    force = start_of_day(first)
    at = force.plus(days=later)
    last = term_running(force, years=years, at=at).last_day
    following = term_running(force, years=years, at=start_of_day(last + timedelta(days=1))).last_day
    assert at < start_of_day(last + timedelta(days=1))
    assert last < following
    assert abs((following - last).days - 365.25 * years) < 2


@pytest.mark.source("T20")
@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        ([NOTICE], "2019-11-23"),
        ([fact(4, "give_notice", "2019-08-25")], None),
        ([NOTICE, fact(5, "suspend_notice", "2019-11-22", at="18:00")], None),
        ([NOTICE, fact(5, "suspend_notice", "2019-11-24")], "2019-11-23"),
        ([NOTICE, fact(5, "withdraw_notice", "2019-10-01")], None),
        ([NOTICE, fact(5, "suspend_notice", "2019-11-22", actor="JP")], "2019-11-23"),
    ],
)
def test_the_notes_and_the_calendar_say_when_it_ended(lines: list[bytes], ends: str | None) -> None:
    found = end_of(history(*IN_FORCE, *lines))
    assert found == (read_instant(ends) if ends else None)


@pytest.mark.source("T18", "A-02")
def test_a_revived_notice_ends_it_by_the_later_of_the_two_readings() -> None:
    lines = [NOTICE, fact(5, "suspend_notice", "2019-11-22", at="18:00"), fact(6, "revive_notice", "2020-10-01")]
    assert end_of(history(*IN_FORCE, *lines)) == read_instant("2021-11-23")
    early = [*lines[:2], fact(6, "revive_notice", "2020-08-01")]
    assert end_of(history(*IN_FORCE, *early)) == read_instant("2020-11-23")


def test_what_never_came_into_force_never_ends() -> None:
    assert end_of(history(IN_FORCE[0], NOTICE)) is None


@pytest.mark.source("T17", "T19")
def test_the_real_history_ends_nowhere_and_without_the_suspension_on_2019_11_23() -> None:
    assert end_of(FACTS) is None
    without = [one for one in FACTS if one.event != "suspend_notice"]
    assert end_of(without) == read_instant("2019-11-23")
