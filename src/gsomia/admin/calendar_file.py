"""The days of a note as an iCalendar file, for the calendars of those who must not miss them.

Source: RFC 5545, A-01.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from gsomia.instants import Instant

PRODUCT = "-//gsomia//note drafter//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day worth an entry; `key` makes its identity, so that a file read twice gives one entry."""

    key: str
    day: date
    summary: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMoment:
    """An instant worth an entry."""

    key: str
    at: Instant
    summary: str
    description: str


def calendar_file(instrument: str, entries: list[CalendarDay | CalendarMoment], *, now: Instant) -> bytes:
    """The bytes of an iCalendar file with these entries.

    Args:
        instrument: what they belong to; part of each entry's identity.
        entries: days and instants.
        now: when the file was made.

    Source: RFC 5545.
    """
    import icalendar  # noqa: PLC0415  every command would pay a tenth of its start for it

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for entry in entries:
        event = icalendar.Event()
        event.add("dtstamp", _utc(now))
        event.add("summary", entry.summary)
        event.add("description", entry.description)
        event.add("transp", "TRANSPARENT")
        match entry:
            case CalendarDay():
                event.add("uid", f"{instrument}-{entry.key}-{entry.day:%Y%m%d}@gsomia".lower())
                event.add("dtstart", entry.day)
                event.add("dtend", entry.day + timedelta(days=1))
            case CalendarMoment():
                event.add("uid", f"{instrument}-{entry.key}-{entry.at.epoch_s}@gsomia".lower())
                event.add("dtstart", _utc(entry.at))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _utc(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant.epoch_s, UTC)
