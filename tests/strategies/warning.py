"""Warnings: messages of every kind, launches, and what a desk hears."""

from typing import Any

from hypothesis import strategies as st

from gsomia.ids import new_id
from gsomia.warning import (
    TOPIC,
    Arc,
    Basis,
    Cancellation,
    CancelReason,
    Character,
    End,
    Heard,
    ImpactArea,
    Kind,
    LaunchReport,
    Mark,
    Message,
    Outcome,
    Sensor,
    TrackUpdate,
)

NOW_US = 1_773_460_800_000_000
"""2026-03-14T04:00:00Z."""
LATITUDES = st.integers(-90_000, 90_000).map(lambda steps: steps * 1_000)
LONGITUDES = st.integers(-180_000, 180_000).map(lambda steps: steps * 1_000)
HEIGHTS = st.integers(0, 70_000).map(lambda steps: steps * 100)
RADII = st.integers(50, 20_000).map(lambda steps: steps * 100)
BEARINGS = st.integers(0, 35_999)
PERCENT = st.integers(0, 100)
MICROS = st.integers(NOW_US, NOW_US + 3_600_000_000)

BODIES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.LAUNCH: st.builds(
        LaunchReport,
        latitude_udeg=LATITUDES,
        longitude_udeg=LONGITUDES,
        launched_at_us=MICROS,
        bearing_cdeg=st.none() | BEARINGS,
        confidence_pct=PERCENT,
        sensor=st.sampled_from(Sensor),
        basis=st.sampled_from(Basis),
    ),
    Kind.TRACK: st.builds(
        TrackUpdate,
        latitude_udeg=LATITUDES,
        longitude_udeg=LONGITUDES,
        height_m=HEIGHTS,
        bearing_cdeg=st.none() | BEARINGS,
        seen_at_us=MICROS,
        confidence_pct=PERCENT,
        basis=st.sampled_from(Basis),
    ),
    Kind.IMPACT_AREA: st.tuples(MICROS, st.integers(0, 600_000_000)).flatmap(
        lambda window: st.builds(
            ImpactArea,
            latitude_udeg=LATITUDES,
            longitude_udeg=LONGITUDES,
            along_m=RADII,
            across_m=RADII,
            bearing_cdeg=BEARINGS,
            from_us=st.just(window[0]),
            until_us=st.just(window[0] + window[1]),
            confidence_pct=PERCENT,
            basis=st.sampled_from(Basis),
        )
    ),
    Kind.END: st.builds(End, outcome=st.sampled_from(Outcome), seen_at_us=MICROS),
    Kind.CANCELLATION: st.builds(Cancellation, reason=st.sampled_from(CancelReason)),
}


def identifier(prefix: str, number: int) -> str:
    return new_id(prefix, lambda count: (number << 6).to_bytes(count, "big"))  # an id has 130 of the 136 bits


@st.composite
def messages(draw: st.DrawFn, *, kinds: tuple[Kind, ...] = tuple(Kind), events: int = 3) -> Message:
    """A message of one of a few events; its id follows from what it says, so that two that differ never share one."""
    originator, character = draw(
        st.sampled_from(
            (
                ("KOR", Character.REAL),
                ("JPN", Character.REAL),
                ("KOR", Character.TEST),
                ("XKOR", Character.EXERCISE),
                ("XKOR", Character.TEST),
            )
        )
    )
    return Message(
        message=identifier("wmg", draw(st.integers(0, 2**100))),  # type: ignore[arg-type]
        event=identifier("evt", draw(st.integers(1, events))),  # type: ignore[arg-type]
        sequence=draw(st.integers(1, 40)),
        at_us=draw(MICROS),
        originator=originator,  # type: ignore[arg-type]
        level=f"{originator}-2",
        topic=TOPIC,
        character=character,
        body=draw(st.sampled_from(kinds).flatmap(lambda kind: BODIES[kind])),
    )


@st.composite
def heard(draw: st.DrawFn) -> list[Heard]:
    """What a desk hears: messages with different ids, some more than once, each with marks beside it."""
    said = draw(st.lists(messages(), max_size=12, unique_by=lambda message: message.message))
    again = draw(st.lists(st.sampled_from(said), max_size=6)) if said else []
    return [Heard(message=one, marks=draw(st.frozensets(st.sampled_from(Mark)))) for one in [*said, *again]]


ARCS = st.builds(
    Arc,
    latitude_deg=st.floats(33, 43),
    longitude_deg=st.floats(124, 131),
    bearing_deg=st.floats(0, 359.99),
    distance_km=st.floats(10, 9_000),
    apogee_km=st.floats(5, 8_000),
)
