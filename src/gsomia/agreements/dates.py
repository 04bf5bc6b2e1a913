"""The dates of an instrument: terms in whole local days, the last day for a notice under each way of counting.

The treaty has no counting rule, so all three days that were printed are computed and shown. One of them decides: the
notice must be received by the end of the day that lies `notice_days` before the last day in force, in the receiver's
zone. The day after it is contested and is not taken as valid (A-01).

    >>> from gsomia.instants import read_instant
    >>> term = term_of(read_instant("2016-11-23T12:00+09:00"), 3, years=1)
    >>> days = notice_days(term, days=90)
    >>> str(term.last_day), str(days.last), str(days.contested), str(days.clear)
    ('2019-11-22', '2019-08-24', '2019-08-25', '2019-08-23')
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

from gsomia.ids import PartyCode
from gsomia.instants import SEOUL_AND_TOKYO, Instant, start_of_day
from gsomia.parties import played_code

_SUNDAY = 6
_MARCH_RULE_FROM = 2007
"""Since then summer time in Washington runs from the second Sunday of March to the first of November."""


class Timeliness(StrEnum):
    """What a day of receipt makes of a notice.

    Source: A-01.
    """

    IN_TIME = "in-time"
    CONTESTED = "contested"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Term `number`, from 00:00 of its first day until 00:00 of the day after its last, in Seoul and Tokyo."""

    number: int
    first_day: date
    last_day: date

    @property
    def ends(self) -> Instant:
        """The first instant after the term."""
        return start_of_day(self.last_day + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDays:
    """The last day for a notice, as each way of counting has it.

    Source: A-01, lifecycle 3.5.
    """

    last: date
    """Counted back from the last day in force: the one that decides."""
    contested: date
    """Counted back from the day after."""
    clear: date
    """With clear days at both ends, as one paper had it."""

    def judge(self, received: date) -> Timeliness:
        """What a notice received on that local day is."""
        if received <= self.last:
            return Timeliness.IN_TIME
        return Timeliness.CONTESTED if received == self.contested else Timeliness.LATE


def anniversary(first: date, years: int) -> date:
    """The day on which `years` whole years from `first` have run out."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:  # 29 February: the term has run out when that day would have begun
        return date(first.year + years, 3, 1)


@lru_cache(maxsize=256)
def term_of(force: Instant, number: int, *, years: int) -> Term:
    """Term `number` of an instrument in force since `force`.

    Source: T15, A-24, G21-3.
    """
    first = force.local_date()
    after = anniversary(first, number * years)
    return Term(number=number, first_day=anniversary(first, (number - 1) * years), last_day=after - timedelta(days=1))


def term_running(force: Instant, *, years: int, at: Instant) -> Term:
    """The term that runs at an instant, of an instrument in force since `force`; before that, the first.

    Source: T15, A-24, G21-3.
    """
    number = max(1, (at.local_date().year - force.local_date().year) // years)
    while (term := term_of(force, number, years=years)).ends <= at:
        number += 1
    return term


@lru_cache(maxsize=256)
def notice_days(term: Term, *, days: int) -> NoticeDays:
    """The last days for a notice that ends the instrument with `term`.

    Source: A-01, G21-4.
    """
    last = term.last_day - timedelta(days=days)
    return NoticeDays(last=last, contested=last + timedelta(days=1), clear=last - timedelta(days=1))


def local_day(at: Instant, party: PartyCode) -> date:
    """The calendar day in a party's capital.

    Source: A-29, A-01 (the receiver's zone).
    """
    return datetime.fromtimestamp(at.epoch_s, _zone(at, party)).date()


def end_of_day(day: date, party: PartyCode) -> Instant:
    """24:00 of a calendar day in a party's capital."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    guess = Instant(int(midnight.timestamp()))
    zone = _zone(guess, party)
    return Instant(int(midnight.replace(tzinfo=zone).timestamp()))


def _zone(at: Instant, party: PartyCode) -> timezone:
    return _washington(at) if played_code(party) == "USA" else SEOUL_AND_TOKYO


def _washington(at: Instant) -> timezone:
    # Uniform Time Act as amended in 1986 and 2005; no zone file is read in the core.
    year = datetime.fromtimestamp(at.epoch_s, UTC).year
    if year >= _MARCH_RULE_FROM:
        begins, ends = _sunday(date(year, 3, 8)), _sunday(date(year, 11, 1))
    else:
        begins, ends = _sunday(date(year, 4, 1)), _sunday(date(year, 10, 25))
    summer = _at_two(begins, hours=-5) <= at < _at_two(ends, hours=-4)
    return timezone(timedelta(hours=-4 if summer else -5))


def _sunday(day: date) -> date:
    return day + timedelta(days=(_SUNDAY - day.weekday()) % 7)


def _at_two(day: date, *, hours: int) -> Instant:
    zone = timezone(timedelta(hours=hours))
    return Instant(int(datetime(day.year, day.month, day.day, 2, tzinfo=zone).timestamp()))
