"""Dates as texts give them: a year, a month, a day, a weekday; kept as told, and read as the days they may mean.

When a text was published is one thing, when what it tells of happened is another; they are never mixed.

    >>> days_of("2019-02").last
    datetime.date(2019, 2, 28)
    >>> resolve_weekday(Weekday.TUE, anchor=date(2012, 6, 29), side=Side.BEFORE)
    datetime.date(2012, 6, 26)

Source: system 1.6.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gsomia.instants import Instant

_YEAR, _MONTH, _DAY = 4, 7, 10
"""How long the text of a year, a month and a day is."""

ToldText = Annotated[str, Meta(pattern="^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?\\Z")]
"""A year, a month or a day."""


class Zone(StrEnum):
    """Zones that stamps carry; each is one offset, none has summer time."""

    KST = "KST"
    JST = "JST"
    SINGAPORE = "SGT"
    BEIJING = "BEIJING"
    INDIA = "IST"
    UTC = "UTC"


OFFSETS = MappingProxyType(
    {
        Zone.KST: timedelta(hours=9),
        Zone.JST: timedelta(hours=9),
        Zone.SINGAPORE: timedelta(hours=8),
        Zone.BEIJING: timedelta(hours=8),
        Zone.INDIA: timedelta(hours=5, minutes=30),
        Zone.UTC: timedelta(0),
    }
)


class Weekday(StrEnum):
    """Days of the week, Monday first."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


class Side(StrEnum):
    """On which side of its anchor a weekday lies; the anchor itself counts for `upto` and `since`."""

    BEFORE = "before"
    UPTO = "upto"
    SINCE = "since"
    AFTER = "after"


class Precision(StrEnum):
    """How exactly a date is known: as printed, or inferred from a weekday or a context."""

    AS_TOLD = "as-told"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From one day to another, both included."""

    first: date
    last: date

    def meets(self, other: "Days") -> bool:
        """Whether the two share a day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class FromWeekday:
    """How a weekday became a date: the weekday, the day it was counted from, and on which side."""

    weekday: Weekday
    anchor: ToldText
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDate:
    """When something happened, as a text tells it.

    Invariant (an inference is shown): a date read off a weekday says from which day, and the counting gives that date.
    """

    text: ToldText
    precision: Precision
    weekday: FromWeekday | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    """From where the text counts its days, if it says so."""

    def __post_init__(self) -> None:
        """Refuse a date that does not exist, or that its own weekday does not give.

        Raises:
            ValueError: it does not.
        """
        days = days_of(self.text)
        if isinstance(self.weekday, FromWeekday):
            anchor = days_of(self.weekday.anchor)
            if anchor.first != anchor.last or self.precision is not Precision.INFERRED:
                raise ValueError("a weekday is counted from a day, and what it gives is inferred")
            counted = resolve_weekday(self.weekday.weekday, anchor=anchor.first, side=self.weekday.side)
            if days != Days(first=counted, last=counted):
                raise ValueError(f"that weekday is {counted}")

    @property
    def days(self) -> Days:
        """The days it may mean."""
        return days_of(self.text)

    @property
    def begins(self) -> Instant:
        """00:00 of the first of its days in the text's own zone; in Seoul and Tokyo if it names none."""
        first = self.days.first
        zone = self.zone if isinstance(self.zone, Zone) else Zone.KST
        return Instant(int(datetime(first.year, first.month, first.day, tzinfo=timezone(OFFSETS[zone])).timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When a text was published: the local date or time as printed, and the zone it was printed in."""

    local: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?\\Z")]
    zone: Zone

    def __post_init__(self) -> None:
        """Refuse a moment that does not exist.

        Raises:
            ValueError: it does not.
        """
        datetime.fromisoformat(self.local)

    @property
    def instant(self) -> Instant:
        """The moment in UTC; a date alone is 00:00 of its zone."""
        moment = datetime.fromisoformat(self.local).replace(tzinfo=timezone(OFFSETS[self.zone]))
        return Instant(int(moment.timestamp()))

    @property
    def day(self) -> date:
        """The day printed."""
        return datetime.fromisoformat(self.local).date()


def days_of(text: str) -> Days:
    """The days that a year, a month or a day may mean.

    Raises:
        ValueError: no such date.
    """
    match len(text):
        case n if n == _YEAR:
            return Days(first=date(int(text), 1, 1), last=date(int(text), 12, 31))
        case n if n == _MONTH:
            year, month = int(text[:4]), int(text[5:])
            first = date(year, month, 1)
            return Days(first=first, last=first.replace(day=monthrange(year, month)[1]))
        case n if n == _DAY:
            day = date.fromisoformat(text)
            return Days(first=day, last=day)
    raise ValueError("a date is a year, a month or a day")


def resolve_weekday(weekday: Weekday, *, anchor: date, side: Side) -> date:
    """The nearest such weekday on that side of the anchor."""
    wanted = list(Weekday).index(weekday)
    match side:
        case Side.BEFORE | Side.UPTO:
            back = (anchor.weekday() - wanted) % 7
            return anchor - timedelta(days=back or (7 if side is Side.BEFORE else 0))
        case Side.SINCE | Side.AFTER:
            ahead = (wanted - anchor.weekday()) % 7
            return anchor + timedelta(days=ahead or (7 if side is Side.AFTER else 0))
