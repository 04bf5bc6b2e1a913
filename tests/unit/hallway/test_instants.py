"""One instant, one spelling; days are those of Seoul and Tokyo."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.errors import LocalError
from gsomia.instants import Instant, Validity, read_instant, start_of_day
from strategies.labels import modest
from strategies.parties import instants


@given(st.integers(-62_135_596_800, 253_402_300_799))
@modest
@example(-62_135_596_800)
@example(0)
def test_an_instant_reads_back_from_its_one_spelling(epoch_s: int) -> None:
    spelled = str(Instant(epoch_s))
    assert len(spelled) == len("2016-11-23T00:00:00Z")
    assert Instant.parse(spelled) == Instant(epoch_s)


@pytest.mark.parametrize(
    "text",
    [
        "2016-11-23",
        "2016-11-23T03:00:00",
        "2016-11-23T03:00:00+00:00",
        "2016-11-23T12:00:00+09:00",
        "2016-11-23t03:00:00Z",
        "2016-11-23T03:00:00z",
        "2016-11-23 03:00:00Z",
        "2016-11-23T03:00Z",
        "2016-11-23T03:00:00.0Z",
        "2016-11-23T03:00:00Z\n",
        " 2016-11-23T03:00:00Z",
        "20161123T030000Z",
        "+2016-11-23T03:00:00Z",
        "2016-11-31T03:00:00Z",
        "2015-02-29T00:00:00Z",
        "2016-11-23T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "\uff12\uff10\uff11\uff16-11-23T03:00:00Z",
        "",
    ],
)
def test_a_second_spelling_of_an_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Instant.parse(text)
    with pytest.raises(CanonError):
        canon.decode(canon.encode(text), Instant)


@given(instants, instants)
@modest
def test_instants_are_ordered_as_their_spellings_are(left: Instant, right: Instant) -> None:
    assert (left < right) == (str(left) < str(right))
    assert (left == right) == (str(left) == str(right))
    assert len({left, right}) == (1 if left == right else 2)


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2016-11-23", "2016-11-22T15:00:00Z"),
        ("2016-11-23T10:00", "2016-11-23T01:00:00Z"),
        ("2016-11-23T10:00:00+09:00", "2016-11-23T01:00:00Z"),
        ("2016-11-23T10:00:00Z", "2016-11-23T10:00:00Z"),
        ("2016-11-23T10:00:00-05:00", "2016-11-23T15:00:00Z"),
    ],
)
def test_what_a_person_types_is_read_at_plus_nine(typed: str, meant: str) -> None:
    assert str(read_instant(typed)) == meant


@pytest.mark.parametrize("typed", ["", "tomorrow", "2016-11-31", "23.11.2016", "2016-11-23T25:00", "\ud800"])
def test_what_is_no_time_is_the_operators_mistake_and_says_what_to_write(typed: str) -> None:
    with pytest.raises(LocalError) as caught:
        read_instant(typed)
    assert caught.value.code == "instants/not-a-time"
    assert "2016" in caught.value.remedy or "2026" in caught.value.remedy


@pytest.mark.source("DESIGN-10", "RFC 3339")
@pytest.mark.parametrize(
    "typed",
    [
        "0001-01-01",
        "0001-01-01T08:59:59",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_a_time_that_has_no_spelling_on_the_wire_is_the_operators_mistake(typed: str) -> None:
    with pytest.raises(LocalError) as caught:
        read_instant(typed)
    assert caught.value.code == "instants/not-a-time"


@pytest.mark.source("DESIGN-10", "RFC 3339")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0001-01-01T09:00:00", "0001-01-01T00:00:00Z"),
        ("0001-01-02", "0001-01-01T15:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31", "9999-12-30T15:00:00Z"),
    ],
)
def test_the_first_and_the_last_instants_are_read(typed: str, meant: str) -> None:
    assert str(read_instant(typed)) == meant


@given(st.text(max_size=30) | st.dates().map(str) | st.datetimes(timezones=st.timezones()).map(str))
@modest
@example("0001-01-01")
def test_any_text_is_an_instant_that_can_be_sent_or_a_local_error(text: str) -> None:
    try:
        instant = read_instant(text)
    except LocalError:
        return
    assert canon.decode(canon.encode(instant), Instant) == instant


@pytest.mark.source("A-24")
@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2016-11-22T14:59:59Z", date(2016, 11, 22)),
        ("2016-11-22T15:00:00Z", date(2016, 11, 23)),
        ("2016-11-23T14:59:59Z", date(2016, 11, 23)),
    ],
)
def test_the_day_turns_at_midnight_in_both_capitals(instant: str, day: date) -> None:
    assert Instant.parse(instant).local_date() == day


@given(st.dates(min_value=date(1, 1, 2), max_value=date(9999, 12, 30)))
@modest
def test_a_day_starts_on_itself_and_a_second_earlier_is_the_day_before(day: date) -> None:
    start = start_of_day(day)
    assert start.local_date() == day
    assert start.plus(seconds=-1).local_date().toordinal() == day.toordinal() - 1


@given(instants, st.integers(-1000, 1000), st.integers(-1000, 1000))
@modest
def test_later_is_counted_in_seconds_and_days_of_their_length(start: Instant, seconds: int, days: int) -> None:
    assert start.plus(seconds=seconds, days=days).epoch_s - start.epoch_s == seconds + 86_400 * days


@given(instants, st.none() | instants, instants)
@modest
def test_validity_takes_its_start_and_leaves_its_end(start: Instant, until: Instant | None, at: Instant) -> None:
    valid = Validity(start=start, until=until)
    assert valid.covers(at) == (start <= at and (until is None or at < until))
    assert until is None or not valid.covers(until)
