"""The dates of a note for people: as a document, and as entries of a calendar.

Source: A-01.
"""

from collections.abc import Sequence
from itertools import chain

from gsomia.admin.calendar_file import CalendarDay, CalendarMoment
from gsomia.admin.capitals import capital_of
from gsomia.admin.command import Document
from gsomia.agreements import Deadline, hour_in
from gsomia.instants import Instant


def deadline_document(dates: Deadline, *, parties: Sequence[str], to: str, at: Instant) -> Document:
    """The deadline as the command prints it: every counting, and the last hour in each capital.

    Source: A-01.
    """
    left = (dates.safe_day - at.local_date()).days
    return {
        "last_day_in_force": str(dates.last_day_in_force),
        "counts": [
            {"counting": one.counting, "last_day": str(one.last_day), "decides": one.decides} for one in dates.counts
        ],
        "safe_until": str(dates.safe_until),
        "contested_day": str(dates.contested_day),
        "warn_from": str(dates.warn_from),
        "warning": _warning(dates, left, at),
        "received_in": capital_of(to)[0],
        "capitals": [
            {"party": hour.party, "city": hour.city, "day": str(hour.day), "hour": hour.hour}
            for hour in (
                hour_in(dates.safe_until, party=party, city=capital_of(party)[0], zone=capital_of(party)[1])
                for party in parties
            )
        ],
    }


def _warning(dates: Deadline, left: int, at: Instant) -> str | None:
    if at.local_date() < dates.warn_from:
        return None
    return f"days left for a notice: {left}" if left >= 0 else "the last safe day for a notice has passed"


def calendar_entries(instrument: str, dates: Deadline) -> list[CalendarDay | CalendarMoment]:
    """The days and the hour that belong into a calendar.

    Source: A-01, G21-3, G21-4.
    """
    name = instrument
    counted = (
        CalendarDay(
            key=one.counting,
            day=one.last_day,
            summary=f"{name}: last day for notice, {one.counting.replace('-', ' ')}",
            description="this counting decides (A-01)" if one.decides else "another counting; not relied on (A-01)",
        )
        for one in dates.counts
    )
    fixed: list[CalendarDay | CalendarMoment] = [
        CalendarDay(
            key="warn", day=dates.warn_from, summary=f"{name}: the days for a notice run out", description="A-01"
        ),
        CalendarMoment(
            key="safe-until",
            at=dates.safe_until,
            summary=f"{name}: a notice must have been received",
            description="24:00 of the last safe day where it is received (A-01)",
        ),
        CalendarDay(
            key="last-day",
            day=dates.last_day_in_force,
            summary=f"{name}: last day of the term",
            description="extended by itself unless a notice was received in time (G21-3, G21-4)",
        ),
    ]
    return list(chain(fixed, counted))
