"""A year, a month, a weekday: kept as told, read as days; when it was printed is another matter."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import (
    Days,
    FromWeekday,
    Precision,
    Side,
    Stamp,
    ToldDate,
    Weekday,
    Zone,
    days_of,
    resolve_weekday,
)
from strategies.knowledge import days
from strategies.labels import modest

weekdays = st.sampled_from(list(Weekday))


@pytest.mark.source("SYSTEM-1.6")
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2019-11-22", date(2019, 11, 22), date(2019, 11, 22)),
    ],
)
def test_a_told_date_is_the_days_it_may_mean(text: str, first: date, last: date) -> None:
    assert days_of(text) == Days(first=first, last=last)


@pytest.mark.parametrize("text", ["2019-13", "2019-02-30", "19", "2019-1-1", "0000"])
def test_a_date_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day|year|isoformat|literal"):
        days_of(text)


@pytest.mark.source("SYSTEM-1.6")
@modest
@given(weekday=weekdays, anchor=days, side=st.sampled_from(list(Side)))
def test_a_weekday_is_the_nearest_on_its_side(weekday: Weekday, anchor: date, side: Side) -> None:
    found = resolve_weekday(weekday, anchor=anchor, side=side)
    gap = (found - anchor).days if side in {Side.SINCE, Side.AFTER} else (anchor - found).days
    nearest = 0 if side in {Side.SINCE, Side.UPTO} else 1
    assert list(Weekday)[found.weekday()] is weekday
    assert nearest <= gap <= nearest + 6


@pytest.mark.source("SYSTEM-1.6")
@modest
@given(anchor=days, off=st.integers(-40, 40))
def test_a_weekday_that_gives_another_day_is_no_date(anchor: date, off: int) -> None:
    found = resolve_weekday(Weekday.TUE, anchor=anchor, side=Side.BEFORE)
    how = FromWeekday(weekday=Weekday.TUE, anchor=anchor.isoformat(), side=Side.BEFORE)
    said = (found + timedelta(days=off)).isoformat()
    if off == 0:
        assert ToldDate(text=said, precision=Precision.INFERRED, weekday=how).days.first == found
    else:
        with pytest.raises(ValueError, match="that weekday is"):
            ToldDate(text=said, precision=Precision.INFERRED, weekday=how)


def test_a_date_from_a_weekday_is_never_passed_off_as_told() -> None:
    how = FromWeekday(weekday=Weekday.TUE, anchor="2012-06-29", side=Side.BEFORE)
    with pytest.raises(ValueError, match="inferred"):
        ToldDate(text="2012-06-26", precision=Precision.AS_TOLD, weekday=how)


@pytest.mark.source("SYSTEM-1.6")
@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2023-03-19T08:42", Zone.INDIA, "2023-03-19T03:12:00Z"),
        ("2016-06-04T18:55", Zone.KST, "2016-06-04T09:55:00Z"),
        ("2016-06-04T18:55", Zone.SINGAPORE, "2016-06-04T10:55:00Z"),
        ("2017-11-19", Zone.BEIJING, "2017-11-18T16:00:00Z"),
    ],
)
def test_a_stamp_is_one_moment_and_keeps_its_zone(local: str, zone: Zone, utc: str) -> None:
    stamp = Stamp(local=local, zone=zone)
    assert (str(stamp.instant), stamp.local, stamp.zone) == (utc, local, zone)


def test_a_day_begins_where_the_text_counts_it() -> None:
    there = ToldDate(text="2016-06-04", precision=Precision.AS_TOLD, zone=Zone.SINGAPORE)
    here = ToldDate(text="2016-06-04", precision=Precision.AS_TOLD)
    assert (str(there.begins), str(here.begins)) == ("2016-06-03T16:00:00Z", "2016-06-03T15:00:00Z")
