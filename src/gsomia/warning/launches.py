"""Launches that happened, as a file of JSON lines has them: what `gsomia warn replay` plays.

`missile-tests.jsonl` beside this module holds 339 launches from 1984 to April 2026: the CNS North Korea Missile Test
Database, with bearings added by the public project nagix/nk-missile-tests (Apache-2.0); facts only, copied unchanged.
Dates and times are UTC: what Seoul saw on the morning of 16 March 2023 stands under 15 March.

Source: relay 5.4 (the warning data mechanism carries launches of the North).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from gsomia.instants import Instant
from gsomia.warning.errors import WarningUseError

MAX_FILE_BYTES: Final = 8 << 20
MAX_LAUNCHES: Final = 10_000
_Km = Annotated[float, Meta(ge=0, le=20_000)]


class _Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}(-[0-9]{2})?\\Z")]
    time_utc: Annotated[str, Meta(pattern="^[0-9]{2}:[0-9]{2}\\Z")] | None
    salvo: Annotated[int, Meta(ge=1, le=1000)] | None
    missile: Annotated[str, Meta(max_length=200)]
    type: Annotated[str, Meta(max_length=40)]
    site: Annotated[str, Meta(max_length=200)]
    launch_lat: Annotated[float, Meta(ge=-90, le=90)]
    launch_lon: Annotated[float, Meta(ge=-180, le=180)]
    bearing_deg: Annotated[float, Meta(ge=0, lt=360)]
    distance_km: _Km | None
    apogee_km: _Km | None
    landing: Literal["sea-of-japan", "yellow-sea", "pacific-ocean", "north-korea", "na", "unknown"]
    outcome: Literal["success", "failure", "unknown"]


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One launch of one missile.

    Args:
        at: when; the start of its day (or month) in UTC if the hour is not known.
        hour_known: whether it is.
        day: the calendar day in Seoul and Tokyo; of a launch without an hour, the day as recorded; None if only the
            month is.
        latitude_deg: of the launch point.
        longitude_deg: of the launch point.
        bearing_deg: clockwise from north.
        distance_km: how far it came down, if known.
        apogee_km: how high it rose, if known.
        landing: where it came down, as the database says.
        outcome: whether it worked, as the database says.
    """

    at: Instant
    hour_known: bool
    day: date | None
    latitude_deg: float
    longitude_deg: float
    bearing_deg: float
    distance_km: float | None
    apogee_km: float | None
    landing: str
    outcome: str


def parse_launches(untrusted: bytes) -> tuple[Launch, ...]:
    """The launches of a file of JSON lines, in order of time; those of one instant in the order of the file.

    Raises:
        WarningUseError: too large, or a line that is no launch.
    """
    if len(untrusted) > MAX_FILE_BYTES:
        raise WarningUseError("warning/launches-too-large", f"a file of launches has at most `{MAX_FILE_BYTES}` bytes")
    launches = []
    for number, line in enumerate(untrusted.splitlines(), 1):
        if not line.strip():
            continue
        try:
            launches.append(_launch(_DECODER.decode(line)))
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as cause:
            raise WarningUseError(
                "warning/launches-malformed",
                f"line `{number}` is no launch: {str(cause).splitlines()[0][:120]}",
                remedy="one JSON object a line, with the members of `missile-tests.jsonl`",
            ) from cause
        if len(launches) > MAX_LAUNCHES:
            raise WarningUseError("warning/launches-too-large", f"more than `{MAX_LAUNCHES}` launches")
    return tuple(sorted(launches, key=lambda launch: launch.at.epoch_s))


def launches_on(launches: tuple[Launch, ...], *, day: date) -> tuple[Launch, ...]:
    """Those of one calendar day in Seoul and Tokyo.

    Raises:
        WarningUseError: there are none.
    """
    found = tuple(launch for launch in launches if launch.day == day)
    if not found:
        raise WarningUseError(
            "warning/no-launch-that-day",
            f"the file has no launch on `{day.isoformat()}`",
            remedy="a day is one in Seoul and Tokyo: what stands under 15 March 22:09 UTC is of 16 March",
        )
    return found


def _launch(line: _Line) -> Launch:
    whole_day = len(line.date) == len("2026-03-14")
    day = date.fromisoformat(line.date if whole_day else line.date + "-01")
    hour, minute = (int(part) for part in (line.time_utc or "00:00").split(":"))
    at = Instant(int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).timestamp()))
    hour_known = line.time_utc is not None and whole_day
    return Launch(
        at=at,
        hour_known=hour_known,
        day=at.local_date() if hour_known else (day if whole_day else None),
        latitude_deg=line.launch_lat,
        longitude_deg=line.launch_lon,
        bearing_deg=line.bearing_deg,
        distance_km=line.distance_km,
        apogee_km=line.apogee_km,
        landing=line.landing,
        outcome=line.outcome,
    )
