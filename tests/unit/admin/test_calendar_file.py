"""The days of a note as iCalendar: read back, they are the days that went in."""

from datetime import UTC, date, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.admin.calendar_file import CalendarDay, CalendarMoment, calendar_file
from gsomia.instants import Instant
from strategies.knowledge import days
from strategies.labels import modest

NOW = Instant.parse("2019-08-01T00:00:00Z")
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=80)


def read_back(data: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(data)
    assert isinstance(calendar, icalendar.Calendar)
    return list(calendar.events)


@pytest.mark.source("RFC 5545", "A-01")
@modest
@given(day=days, summary=words, description=words)
def test_a_day_comes_back_as_that_day_and_its_words(day: date, summary: str, description: str) -> None:
    entry = CalendarDay(key="safe", day=day, summary=summary, description=description)
    (event,) = read_back(calendar_file("GSOMIA-KR-JP", [entry], now=NOW))
    assert (event.start, str(event["summary"]), str(event["description"])) == (day, summary, description)


@pytest.mark.source("RFC 5545", "A-01")
def test_an_instant_is_written_in_utc() -> None:
    entry = CalendarMoment(key="end", at=Instant.parse("2019-08-24T15:00:00Z"), summary="s", description="d")
    (event,) = read_back(calendar_file("GSOMIA-KR-JP", [entry], now=NOW))
    assert event.start == datetime(2019, 8, 24, 15, tzinfo=UTC)


@pytest.mark.source("RFC 5545")
def test_a_file_made_twice_gives_the_same_identities_and_lines_end_as_the_standard_asks() -> None:
    entries: list[CalendarDay | CalendarMoment] = [
        CalendarDay(key=key, day=date(2019, 8, 24), summary=key, description="") for key in ("safe", "warn")
    ]
    first, again = (calendar_file("GSOMIA-KR-JP", entries, now=NOW.plus(days=n)) for n in (0, 7))
    identities = [str(event["uid"]) for event in read_back(first)]
    assert identities == [str(event["uid"]) for event in read_back(again)]
    assert len(set(identities)) == 2
    assert all(line.endswith(b"\r\n") for line in first.splitlines(keepends=True))
