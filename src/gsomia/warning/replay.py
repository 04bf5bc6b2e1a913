"""A replay: launches of the past as messages of now, each with the moment at which it is to be said.

A plan is a pure function of the launches, the start, the speed and the run's id: the same twice. It says REAL never:
a real party replays as TEST, an exercise party as EXERCISE. Everything but the launch itself is derived, and says so.
Where the distance is not known there is no track; where only the apogee is not, it is that of least energy.

Quiet between launches is cut to a minute, and a faster replay has fewer track points: two of one event are never
closer than the lane allows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gsomia.ids import PartyCode
from gsomia.labels import ClassificationId
from gsomia.parties import is_exercise
from gsomia.warning.ballistic import LEAST_ENERGY, Arc
from gsomia.warning.errors import WarningUseError
from gsomia.warning.launches import Launch
from gsomia.warning.messages import (
    AREA_STEP_M,
    FULL_CIRCLE_CDEG,
    GRID_UDEG,
    HEIGHT_STEP_M,
    MIN_AREA_RADIUS_M,
    MIN_TRACK_INTERVAL_US,
    TOPIC,
    Basis,
    Body,
    Character,
    End,
    EventId,
    ImpactArea,
    LaunchReport,
    Message,
    Outcome,
    Sensor,
    TrackUpdate,
    new_event_id,
    new_message_id,
    on_grid,
)

MAX_SPEED: Final = 1_000
MAX_QUIET_S: Final = 60
"""A longer pause between two launches is cut to this, before the speed."""
TRACK_EVERY_S: Final = 10
"""Of flight, unless the speed makes it longer."""
AREA_AFTER: Final = 0.4
"""An impact area is told with the last track point of this fraction of the flight."""
REPLAYED_CONFIDENCE_PCT: Final = 80
"""The database has none; this is the replay's own."""
_SEA: Final = frozenset({"sea-of-japan", "yellow-sea", "pacific-ocean"})
_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How launches are to be played.

    Args:
        run: 16 bytes that tell this replay's ids from any other's.
        start_us: when the first launch is said.
        speed: how many times faster than it happened.
        originator: who says it.
        level: the originator's.
    """

    run: bytes
    start_us: int
    speed: int
    originator: PartyCode
    level: ClassificationId

    def __post_init__(self) -> None:
        """Refuse a speed that nobody can follow.

        Raises:
            WarningUseError: it is none, or too high.
        """
        if not 1 <= self.speed <= MAX_SPEED:
            raise WarningUseError("warning/replay-speed", f"a replay runs at 1 to `{MAX_SPEED}` times its speed")

    @property
    def character(self) -> Character:
        """What its messages say of themselves: never REAL."""
        return Character.EXERCISE if is_exercise(self.originator) else Character.TEST


def plan_replay(launches: Sequence[Launch], *, replay: Replay) -> tuple[Message, ...]:
    """Every message, in the order in which it is to be said; `at_us` is when.

    Launches of one instant are launched in one instant.
    """
    messages: list[Message] = []
    offset_s = 0
    for index, launch in enumerate(launches):
        if index:
            offset_s += min(MAX_QUIET_S, launch.at.epoch_s - launches[index - 1].at.epoch_s)
        messages.extend(_event(launch, index=index, offset_s=offset_s, replay=replay))
    return tuple(sorted(messages, key=lambda message: (message.at_us, message.sequence > 1)))


def arc_of(launch: Launch) -> Arc | None:
    """The arc of a launch; None if it is not known how far it went."""
    if not launch.distance_km:
        return None
    return Arc(
        latitude_deg=launch.latitude_deg,
        longitude_deg=launch.longitude_deg,
        bearing_deg=launch.bearing_deg,
        distance_km=launch.distance_km,
        apogee_km=launch.apogee_km or launch.distance_km * LEAST_ENERGY,
    )


def fractions(flight_s: float, *, speed: int) -> tuple[float, ...]:
    """At which fractions of a flight its track is told: the apogee always among them, and no two too close in time."""
    spacing_s = max(TRACK_EVERY_S, -(-speed * MIN_TRACK_INTERVAL_US // _SECOND_US))
    halves = int(flight_s / 2 // spacing_s)
    if not halves:
        return (0.5,)
    return tuple(point / (2 * halves) for point in range(2 * halves + 1))


def _event(launch: Launch, *, index: int, offset_s: int, replay: Replay) -> Iterator[Message]:
    event = new_event_id(lambda count: _drawn(replay.run, f"event {index}", count))
    said = [(0.0, _report(launch, _us(offset_s, replay))), *_flight(launch, offset_s=offset_s, replay=replay)]
    for sequence, (after_s, body) in enumerate(said, 1):
        yield _message(body, event=event, sequence=sequence, at_us=_us(offset_s + after_s, replay), replay=replay)


def _flight(launch: Launch, *, offset_s: int, replay: Replay) -> list[tuple[float, Body]]:
    arc = arc_of(launch)
    if arc is None:
        at_us = _us(offset_s, replay)
        return [(0.0, End(outcome=Outcome.UNKNOWN, seen_at_us=at_us))]
    flight_s = arc.flight_s
    said: list[tuple[float, Body]] = []
    points = [*fractions(flight_s, speed=replay.speed), 2.0]
    for fraction, following in pairwise(points):
        after_s = fraction * flight_s
        said.append((after_s, _track(arc, fraction, _us(offset_s + after_s, replay))))
        if fraction <= AREA_AFTER < following or len(points) == 2:  # noqa: PLR2004  only the apogee is told
            said.append((after_s, _area(arc, offset_s=offset_s, replay=replay)))
    over_us = _us(offset_s + flight_s, replay)
    return [*said, (flight_s, End(outcome=_outcome(launch), seen_at_us=over_us))]


def _message(body: Body, *, event: EventId, sequence: int, at_us: int, replay: Replay) -> Message:
    return Message(
        message=new_message_id(lambda count: _drawn(replay.run, f"{event} {sequence}", count)),
        event=event,
        sequence=sequence,
        at_us=at_us,
        originator=replay.originator,
        level=replay.level,
        topic=TOPIC,
        character=replay.character,
        body=body,
    )


def _report(launch: Launch, at_us: int) -> LaunchReport:
    return LaunchReport(
        latitude_udeg=_udeg(launch.latitude_deg),
        longitude_udeg=_udeg(launch.longitude_deg),
        launched_at_us=at_us,
        bearing_cdeg=_cdeg(launch.bearing_deg),
        confidence_pct=REPLAYED_CONFIDENCE_PCT,
        sensor=Sensor.OTHER,
        basis=Basis.OBSERVED,
    )


def _track(arc: Arc, fraction: float, at_us: int) -> TrackUpdate:
    position = arc.at(fraction)
    return TrackUpdate(
        latitude_udeg=_udeg(position.latitude_deg),
        longitude_udeg=_udeg(position.longitude_deg),
        height_m=on_grid(position.height_m, step=HEIGHT_STEP_M),
        bearing_cdeg=_cdeg(arc.bearing_deg),
        seen_at_us=at_us,
        confidence_pct=REPLAYED_CONFIDENCE_PCT,
        basis=Basis.DERIVED,
    )


def _area(arc: Arc, *, offset_s: int, replay: Replay) -> ImpactArea:
    centre, over_s = arc.at(1.0), offset_s + arc.flight_s
    return ImpactArea(
        latitude_udeg=_udeg(centre.latitude_deg),
        longitude_udeg=_udeg(centre.longitude_deg),
        along_m=max(2 * MIN_AREA_RADIUS_M, on_grid(arc.distance_km * 100, step=AREA_STEP_M)),
        across_m=max(MIN_AREA_RADIUS_M, on_grid(arc.distance_km * 50, step=AREA_STEP_M)),
        bearing_cdeg=_cdeg(arc.bearing_deg),
        from_us=_us(over_s - arc.flight_s / 10, replay),
        until_us=_us(over_s + arc.flight_s / 10, replay),
        confidence_pct=REPLAYED_CONFIDENCE_PCT,
        basis=Basis.DERIVED,
    )


def _outcome(launch: Launch) -> Outcome:
    if launch.landing in _SEA:
        return Outcome.IMPACT_SEA
    if launch.landing == "north-korea":
        return Outcome.IMPACT_LAND
    return Outcome.ORBIT if launch.landing == "na" and launch.outcome == "success" else Outcome.UNKNOWN


def _us(after_s: float, replay: Replay) -> int:
    return replay.start_us + int(after_s * _SECOND_US / replay.speed)


def _udeg(degrees: float) -> int:
    return on_grid(degrees * 1_000_000, step=GRID_UDEG)


def _cdeg(degrees: float) -> int:
    return round(degrees * 100) % FULL_CIRCLE_CDEG


def _drawn(run: bytes, what: str, count: int) -> bytes:
    return hashlib.sha256(b"gsomia replay\0" + run + what.encode()).digest()[:count]
