"""Points in time as statements carry them: UTC, whole seconds, RFC 3339 text.

Statements are read by two governments and compared byte for byte, so an instant has exactly one spelling:
`2026-11-23T10:00:00Z`. What people type is read more kindly by `read_instant`: a date alone is 00:00 at +09:00,
a time without a zone is +09:00 (both capitals share that zone).

    >>> Instant.parse("2016-11-23T03:00:00Z") < Instant.parse("2016-11-23T03:00:01Z")
    True
    >>> str(read_instant("2016-11-23"))
    '2016-11-22T15:00:00Z'
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from gsomia.errors import LocalError

SEOUL_AND_TOKYO = timezone(timedelta(hours=9))
"""KST and JST: no summer time, one offset."""

_WIRE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Instant:
    """A moment, in whole seconds since 1970-01-01T00:00:00Z; not a dataclass, so that canon spells it as text."""

    __slots__ = ("_epoch_s",)

    def __init__(self, epoch_s: int) -> None:
        self._epoch_s = epoch_s

    @property
    def epoch_s(self) -> int:
        """Seconds since the epoch."""
        return self._epoch_s

    @staticmethod
    def parse(text: str) -> "Instant":
        """Read the one wire spelling.

        Raises:
            ValueError: any other spelling, or a date that does not exist.

        Source: RFC 3339 section 5.6, narrowed to UTC without fractions.
        """
        return _read(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instant) and self._epoch_s == other._epoch_s

    def __lt__(self, other: "Instant") -> bool:
        return self._epoch_s < other._epoch_s

    def __le__(self, other: "Instant") -> bool:
        return self._epoch_s <= other._epoch_s

    def __gt__(self, other: "Instant") -> bool:
        return self._epoch_s > other._epoch_s

    def __ge__(self, other: "Instant") -> bool:
        return self._epoch_s >= other._epoch_s

    def __hash__(self) -> int:
        return hash(self._epoch_s)

    def __repr__(self) -> str:
        return f"Instant({self})"

    def __str__(self) -> str:
        return _spell(self._epoch_s)

    def plus(self, *, seconds: int = 0, days: int = 0) -> "Instant":
        """The instant so much later (earlier, if negative)."""
        return Instant(self.epoch_s + seconds + days * 86_400)

    def local_date(self) -> date:
        """The calendar day in Seoul and Tokyo."""
        return datetime.fromtimestamp(self.epoch_s, SEOUL_AND_TOKYO).date()


@lru_cache(maxsize=4096)
def _spell(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat()[:19] + "Z"


@lru_cache(maxsize=4096)
def _read(text: str) -> Instant:
    if not _WIRE.fullmatch(text):
        msg = "an instant is written YYYY-MM-DDThh:mm:ssZ"
        raise ValueError(msg)
    return Instant(int(datetime.fromisoformat(text).timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """From (included) until (excluded); `until` None means no end is set."""

    start: Instant
    until: Instant | None = None

    def covers(self, at: Instant) -> bool:
        """Whether `at` lies inside."""
        return self.start <= at and (self.until is None or at < self.until)


def start_of_day(day: date) -> Instant:
    """00:00 of `day` in Seoul and Tokyo."""
    return Instant(int(datetime(day.year, day.month, day.day, tzinfo=SEOUL_AND_TOKYO).timestamp()))


def read_instant(text: str) -> Instant:
    """Read what a person typed: a date, a time, with or without a zone.

    Raises:
        LocalError: not a date or time.

    Source: design 10, "A date without time means 00:00 at +09:00".
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SEOUL_AND_TOKYO)
        return Instant.parse(str(Instant(int(moment.timestamp()))))
    except (ValueError, OverflowError) as cause:
        raise LocalError(
            "instants/not-a-time",
            f"`{text[:40]}` is not a date or time",
            remedy="write 2026-11-23, 2026-11-23T10:00 or 2026-11-23T10:00:00+09:00",
        ) from cause
