"""Until when a note of termination counts: ninety full days before the last day in force, on the receiver's clock.

The texts have no counting rule and the press has three days for 2019; all three are computed, one decides.

    >>> found = deadline(date(2019, 11, 22), notice_days=90, receiver=SEOUL_AND_TOKYO)
    >>> found.safe_day, found.warn_from, found.contested_day
    (datetime.date(2019, 8, 24), datetime.date(2019, 8, 1), datetime.date(2019, 8, 25))

Source: A-01, G21-4, lifecycle 3.5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from gsomia.agreements.facts import Fact, force_begins
from gsomia.instants import SEOUL_AND_TOKYO, Instant, start_of_day

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


class NoticeWorth(StrEnum):
    """What a notice received at some instant is worth for the term that runs."""

    IN_TIME = "in-time"
    CONTESTED = "contested"
    LATE = "late"


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
    safe_day: date
    safe_until: Instant
    """24:00 of the safe day where the receiver is."""
    contested_day: date
    warn_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalHour:
    """The last safe hour on the clock of one capital; the hour 24:00 belongs to the day it ends."""

    party: str
    city: str
    day: date
    hour: str


def deadline(last_day: date, *, notice_days: int, receiver: tzinfo) -> Deadline:
    """Until when notice must be received so that an instrument ends with `last_day`.

    Args:
        last_day: the last day of the term.
        notice_days: how many full days ahead the instrument asks for.
        receiver: the zone of the government that receives the note.

    Source: A-01, G21-4.
    """
    safe = last_day - timedelta(days=notice_days)
    counts = (
        CountedDay(counting=Counting.ONE_EARLIER, last_day=safe - _A_DAY, decides=False),
        CountedDay(counting=Counting.FULL_DAYS, last_day=safe, decides=True),
        CountedDay(counting=Counting.FROM_EXPIRY, last_day=safe + _A_DAY, decides=False),
    )
    return Deadline(
        last_day_in_force=last_day,
        counts=counts,
        safe_day=safe,
        safe_until=_end_of(safe, receiver),
        contested_day=safe + _A_DAY,
        warn_from=safe.replace(day=1),
    )


def judge_receipt(received: Instant, *, against: Deadline, receiver: tzinfo) -> NoticeWorth:
    """Whether a note received at that instant is in time; the day after the safe one is contested, never valid.

    24:00 of the safe day is 00:00 of the contested one.

    Source: A-01.
    """
    if received < against.safe_until:
        return NoticeWorth.IN_TIME
    contested = received < _end_of(against.contested_day, receiver)
    return NoticeWorth.CONTESTED if contested else NoticeWorth.LATE


def hour_in(instant: Instant, *, party: str, city: str, zone: tzinfo) -> CapitalHour:
    """An instant on the clock of a capital."""
    local = datetime.fromtimestamp(instant.epoch_s, zone)
    hour = f"{local:%H:%M}"
    if hour == _MIDNIGHT:
        return CapitalHour(party=party, city=city, day=local.date() - _A_DAY, hour="24:00")
    return CapitalHour(party=party, city=city, day=local.date(), hour=hour)


def last_day_of_term(force: Instant, *, term_years: int, at: Instant) -> date:
    """The last day of the term that runs at `at`; terms are whole local days from the day force began.

    Source: A-24, G21-3.
    """
    first, years = force.local_date(), term_years
    while start_of_day(_after_years(first, years)) <= at:
        years += term_years
    return _after_years(first, years) - _A_DAY


def ended_by_notes(
    facts: Sequence[Fact], instrument: str, *, parties: Iterable[str], term_years: int, notice_days: int
) -> Instant | None:
    """When an instrument ended, by the notes and the calendar alone; None while nothing ended it.

    A notice that came late, or that was suspended or withdrawn before the term was over, ends nothing. A notice
    that was revived ends the first term that it precedes by the full days again: the later of the two readings.

    Source: T16 to T20, A-01, A-02, G21-4.
    """
    parties = tuple(parties)
    force = force_begins(facts, instrument, parties=parties)
    if force is None:
        return None
    ends: dict[str, Instant] = {}
    for fact in sorted((one for one in facts if one.instr == instrument), key=lambda one: (one.eff, one.n)):
        if ends and min(ends.values()) <= fact.eff:
            break
        last = last_day_of_term(force, term_years=term_years, at=fact.eff)
        in_time = fact.eff < deadline(last, notice_days=notice_days, receiver=SEOUL_AND_TOKYO).safe_until
        match fact.event:
            case "give_notice" if in_time:
                ends[fact.actor] = start_of_day(last + _A_DAY)
            case "suspend_notice" | "withdraw_notice":
                ends.pop(fact.actor, None)
            case "revive_notice":
                following = last if in_time else _after_years(last + _A_DAY, term_years) - _A_DAY
                ends[fact.actor] = start_of_day(following + _A_DAY)
    return min(ends.values(), default=None)


def _end_of(day: date, zone: tzinfo) -> Instant:
    following = day + _A_DAY
    return Instant(int(datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()))


def _after_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February: the term has run out when that day would have begun
        return date(day.year + years, 3, 1)
