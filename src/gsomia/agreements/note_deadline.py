"""Until when a note of termination counts: ninety full days before the last day in force, on the receiver's clock.

The texts have no counting rule and the press has three days for 2019; all three are computed, one decides.

    >>> from gsomia.agreements.dates import term_of
    >>> from gsomia.instants import read_instant
    >>> third = term_of(read_instant("2016-11-23T12:00"), 3, years=1)
    >>> found = deadline(third, days=90, receiver="JPN")
    >>> found.safe_day, found.warn_from, found.contested_day
    (datetime.date(2019, 8, 24), datetime.date(2019, 8, 1), datetime.date(2019, 8, 25))

Source: A-01, G21-4, lifecycle 3.5.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from gsomia.agreements.dates import NoticeDays, Term, Timeliness, end_of_day, local_day, notice_days
from gsomia.ids import PartyCode
from gsomia.instants import Instant

_A_DAY = timedelta(days=1)
_MIDNIGHT = "00:00"


class Counting(StrEnum):
    """How the days are counted.

    Source: A-01.
    """

    FULL_DAYS = "full-days-before-the-last-day"
    """Back from the last day in force: this one decides."""
    FROM_EXPIRY = "back-from-the-day-after-the-last-day"
    """A day later, and contested: a notice received then is not relied on."""
    ONE_EARLIER = "a-day-earlier"
    """What one newspaper printed: a notice received by then is in time under every reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDay:
    """The last day for notice under one counting."""

    counting: Counting
    last_day: date
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The days and hours that a note of termination must keep."""

    last_day_in_force: date
    counts: tuple[CountedDay, ...]
    days: NoticeDays
    receiver: PartyCode
    safe_until: Instant
    """24:00 of the safe day where the receiver is."""
    warn_from: date

    @property
    def safe_day(self) -> date:
        """The last day under the counting that decides."""
        return self.days.last

    @property
    def contested_day(self) -> date:
        """The day after it, which is not relied on."""
        return self.days.contested

    def judge(self, received: Instant) -> Timeliness:
        """What a note received at that instant is; 24:00 of the safe day is 00:00 of the contested one.

        Source: A-01.
        """
        return self.days.judge(local_day(received, self.receiver))


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalHour:
    """The last safe hour on the clock of one capital; the hour 24:00 belongs to the day it ends."""

    party: str
    city: str
    day: date
    hour: str


def deadline(term: Term, *, days: int, receiver: PartyCode) -> Deadline:
    """Until when notice must be received so that an instrument ends with `term`.

    Args:
        term: the one that is to be the last.
        days: how many full days ahead of its last day the instrument asks for.
        receiver: the party that receives the note, whose capital's clock counts.

    Source: A-01, G21-4.
    """
    found = notice_days(term, days=days)
    return Deadline(
        last_day_in_force=term.last_day,
        counts=(
            CountedDay(counting=Counting.ONE_EARLIER, last_day=found.clear, decides=False),
            CountedDay(counting=Counting.FULL_DAYS, last_day=found.last, decides=True),
            CountedDay(counting=Counting.FROM_EXPIRY, last_day=found.contested, decides=False),
        ),
        days=found,
        receiver=receiver,
        safe_until=end_of_day(found.last, receiver),
        warn_from=found.last.replace(day=1),
    )


def hour_in(instant: Instant, *, party: str, city: str, zone: tzinfo) -> CapitalHour:
    """An instant on the clock of a capital."""
    local = datetime.fromtimestamp(instant.epoch_s, zone)
    hour = f"{local:%H:%M}"
    if hour == _MIDNIGHT:
        return CapitalHour(party=party, city=city, day=local.date() - _A_DAY, hour="24:00")
    return CapitalHour(party=party, city=city, day=local.date(), hour=hour)
