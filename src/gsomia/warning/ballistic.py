"""A ballistic arc, computed from where it began, which way, how far and how high: for replays, never for aiming.

The ground track is a great circle on a sphere, run at an even pace; height is a parabola over time that has the apogee
in the middle; the time of flight is twice that of a fall from the apogee in the earth's field. What an arc gives is
always marked as derived.

    >>> arc = Arc(latitude_deg=39.2, longitude_deg=125.7, bearing_deg=62, distance_km=340, apogee_km=80)
    >>> arc.at(0), round(arc.at(0.5).height_m), round(arc.flight_s)
    (Position(latitude_deg=39.2, longitude_deg=125.7, height_m=0.0), 80000, 258)
"""

import math
from dataclasses import dataclass
from typing import Final

EARTH_RADIUS_M: Final = 6_371_000
EARTH_MU_M3_S2: Final = 3.986_004_418e14
"""The gravitational parameter of the earth."""
LEAST_ENERGY: Final = 0.25
"""Apogee over distance of the arc that needs least energy, on a flat earth: assumed where the apogee is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point over the earth."""

    latitude_deg: float
    longitude_deg: float
    height_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """From launch to impact."""

    latitude_deg: float
    longitude_deg: float
    bearing_deg: float
    distance_km: float
    apogee_km: float

    @property
    def flight_s(self) -> float:
        """How long it flies: up to the apogee and down again."""
        top = EARTH_RADIUS_M + self.apogee_km * 1000
        part = EARTH_RADIUS_M / top
        fall_s = math.sqrt(top**3 / (2 * EARTH_MU_M3_S2)) * (math.acos(math.sqrt(part)) + math.sqrt(part * (1 - part)))
        return 2 * fall_s

    def at(self, fraction: float) -> Position:
        """Where it is when that fraction of its flight is over: 0 at the launch point, 1 where it comes down."""
        if fraction == 0:
            return Position(latitude_deg=self.latitude_deg, longitude_deg=self.longitude_deg, height_m=0.0)
        angle = fraction * self.distance_km * 1000 / EARTH_RADIUS_M
        latitude, bearing = math.radians(self.latitude_deg), math.radians(self.bearing_deg)
        sine = math.sin(latitude) * math.cos(angle) + math.cos(latitude) * math.sin(angle) * math.cos(bearing)
        there = math.asin(max(-1.0, min(1.0, sine)))
        along = math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(latitude),
            math.cos(angle) - math.sin(latitude) * math.sin(there),
        )
        longitude = (self.longitude_deg + math.degrees(along) + 180) % 360 - 180
        height_m = 4 * self.apogee_km * 1000 * fraction * (1 - fraction)
        return Position(latitude_deg=math.degrees(there), longitude_deg=longitude, height_m=height_m)


def ground_distance_km(one: Position, other: Position) -> float:
    """The great circle between the points under two positions."""
    first, second = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    apart = math.radians(other.longitude_deg - one.longitude_deg)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(apart / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))) / 1000
