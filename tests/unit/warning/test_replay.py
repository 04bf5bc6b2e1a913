from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.warning import (
    Arc,
    Basis,
    Character,
    End,
    Kind,
    LaunchReport,
    Message,
    Replay,
    TrackUpdate,
    WarningMessageError,
    WarningUseError,
    check_rate,
    fractions,
    ground_distance_km,
    launches_on,
    parse_launches,
    parse_message,
    plan_replay,
    print_message,
)
from strategies.warning import ARCS, NOW_US

SHIPPED = files("gsomia.warning").joinpath("missile-tests.jsonl").read_bytes()
LAUNCHES = parse_launches(SHIPPED)
SPEEDS = st.integers(1, 1_000)


def replay(speed: int = 1, originator: str = "KOR", run: bytes = bytes(16)) -> Replay:
    return Replay(run=run, start_us=NOW_US, speed=speed, originator=originator, level=f"{originator}-2")  # type: ignore[arg-type]


@given(ARCS)
def test_an_arc_starts_at_the_launch_point_on_the_ground(arc: Arc) -> None:
    start = arc.at(0)
    assert (start.latitude_deg, start.longitude_deg, start.height_m) == (arc.latitude_deg, arc.longitude_deg, 0)


@given(ARCS)
def test_an_arc_ends_on_the_ground_at_its_distance(arc: Arc) -> None:
    assert arc.at(1).height_m == 0
    assert ground_distance_km(arc.at(0), arc.at(1)) == pytest.approx(arc.distance_km, rel=1e-6)


@given(ARCS, st.floats(0, 1))
def test_an_arc_reaches_its_apogee_and_never_more(arc: Arc, fraction: float) -> None:
    assert arc.at(0.5).height_m == pytest.approx(arc.apogee_km * 1000)
    assert 0 <= arc.at(fraction).height_m <= arc.apogee_km * 1000 * (1 + 1e-9)


@given(ARCS, st.floats(0, 1), st.floats(0, 1))
def test_an_arc_goes_only_forward(arc: Arc, one: float, other: float) -> None:
    near, far = sorted((one, other))
    start = arc.at(0)
    assert ground_distance_km(start, arc.at(near)) <= ground_distance_km(start, arc.at(far)) + 1e-3


@given(ARCS)
def test_a_higher_apogee_means_a_longer_flight(arc: Arc) -> None:
    assert replace(arc, apogee_km=arc.apogee_km * 1.1).flight_s > arc.flight_s > 0


def test_the_flight_of_the_highest_launch_takes_over_an_hour_as_reported() -> None:
    arc = Arc(latitude_deg=39.2, longitude_deg=125.67, bearing_deg=65, distance_km=1000, apogee_km=6000)
    assert 60 < arc.flight_s / 60 < 72


@given(st.floats(1, 10_000), SPEEDS)
def test_the_apogee_is_among_the_points_and_points_rise(flight_s: float, speed: int) -> None:
    points = fractions(flight_s, speed=speed)
    assert 0.5 in points
    assert all(earlier < later for earlier, later in pairwise(points))


def test_the_shipped_file_has_every_launch() -> None:
    assert len(LAUNCHES) == 339
    assert LAUNCHES[0].at.epoch_s < LAUNCHES[-1].at.epoch_s


def test_a_day_is_one_in_seoul() -> None:
    assert [str(launch.at) for launch in launches_on(LAUNCHES, day=date(2023, 3, 16))] == ["2023-03-15T22:09:00Z"]
    with pytest.raises(WarningUseError) as refused:
        launches_on(LAUNCHES, day=date(2023, 3, 15))
    assert refused.value.code == "warning/no-launch-that-day"


@pytest.mark.parametrize(
    "line",
    [b"{}", b"[]", b"\xff", b'{"date": "2026-13-01"}', SHIPPED.splitlines()[0].replace(b'"salvo": 1', b'"salvo": 0')],
)
def test_a_line_that_is_no_launch_is_named(line: bytes) -> None:
    with pytest.raises(WarningUseError) as refused:
        parse_launches(SHIPPED.splitlines()[0] + b"\n" + line)
    assert refused.value.code == "warning/launches-malformed"
    assert "line `2`" in refused.value.message


@settings(deadline=None)
@given(SPEEDS)
def test_a_salvo_of_twelve_is_twelve_events_launched_in_one_instant(speed: int) -> None:
    said = plan_replay(launches_on(LAUNCHES, day=date(2026, 3, 14)), replay=replay(speed))
    launched = [message for message in said if isinstance(message.body, LaunchReport)]
    assert len({message.event for message in launched}) == 12
    assert {message.at_us for message in launched} == {NOW_US}
    assert said[:12] == tuple(launched)


def by_event(said: tuple[Message, ...]) -> list[list[Message]]:
    ordered = sorted(said, key=lambda message: (message.event, message.sequence))
    return [list(group) for _, group in groupby(ordered, key=lambda message: message.event)]


@pytest.mark.source("DESIGN-1")
@pytest.mark.parametrize("speed", [1, 60, 1000])
def test_every_replayed_message_is_a_warning_and_no_more(speed: int) -> None:
    said = plan_replay(LAUNCHES, replay=replay(speed))
    assert [parse_message(print_message(message)) for message in said] == list(said)
    for event in by_event(said):
        tracks = [message for message in event if message.kind is Kind.TRACK]
        for last, message in pairwise(tracks):
            check_rate(message, last=last)


@pytest.mark.parametrize("speed", [1, 60, 1000])
def test_each_event_counts_from_one_in_the_order_of_time_and_ends(speed: int) -> None:
    events = by_event(plan_replay(LAUNCHES, replay=replay(speed)))
    assert len(events) == 339
    for event in events:
        assert [message.sequence for message in event] == list(range(1, len(event) + 1))
        assert all(earlier.at_us <= later.at_us for earlier, later in pairwise(event))
        assert event[0].kind is Kind.LAUNCH
        assert isinstance(event[-1].body, End)


def test_what_was_computed_says_that_it_is_derived() -> None:
    said = plan_replay(LAUNCHES, replay=replay())
    tracks = [message.body for message in said if isinstance(message.body, TrackUpdate)]
    assert {track.basis for track in tracks} == {Basis.DERIVED}


@pytest.mark.parametrize(("originator", "character"), [("KOR", Character.TEST), ("XKOR", Character.EXERCISE)])
def test_a_replay_never_passes_for_real(originator: str, character: Character) -> None:
    assert {message.character for message in plan_replay(LAUNCHES, replay=replay(60, originator))} == {character}


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16), SPEEDS)
def test_the_same_replay_is_the_same_twice_and_another_run_shares_no_id(run: bytes, speed: int) -> None:
    salvo = launches_on(LAUNCHES, day=date(2026, 3, 14))
    said = plan_replay(salvo, replay=replay(speed, run=run))
    assert plan_replay(salvo, replay=replay(speed, run=run)) == said
    other = plan_replay(salvo, replay=replay(speed, run=bytes(byte ^ 1 for byte in run)))
    ids = {message.message for message in said}
    assert len(ids) == len(said)
    assert not ids & {message.message for message in other}


def test_a_replay_says_no_message_twice() -> None:
    said = plan_replay(LAUNCHES, replay=replay(60))
    assert len({message.message for message in said}) == len(said)


@pytest.mark.parametrize("speed", [0, -1, 1001])
def test_a_speed_that_nobody_follows_is_refused(speed: int) -> None:
    with pytest.raises(WarningUseError):
        replay(speed)


def test_a_track_twice_as_dense_would_be_refused() -> None:
    tracks = [message for message in plan_replay(LAUNCHES[-1:], replay=replay()) if message.kind is Kind.TRACK]
    with pytest.raises(WarningMessageError):
        check_rate(tracks[0], last=tracks[0])
