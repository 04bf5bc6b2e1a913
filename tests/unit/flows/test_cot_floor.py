from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from contracts.samples import KOR, seeded
from gsomia.flows.cot import CotFloor
from gsomia.warning import (
    Character,
    CotSource,
    Kind,
    Message,
    Sensor,
    WarningMessageError,
    parse_message,
    print_message,
)
from strategies.warning import messages
from unit.warning.test_cot import event

RADAR = CotSource(
    name="radar-1", character=Character.REAL, level="KOR-2", sensor=Sensor.GROUND_RADAR, confidence_pct=90
)
START_US = 1_790_000_000_000_000


class Floor:
    """A floor with a clock that is set."""

    def __init__(self, now_us: int = START_US) -> None:
        self.now_us = now_us
        self.floor = CotFloor(party=KOR, clock_us=lambda: self.now_us, entropy=seeded(str(now_us)))

    def say(self, source: CotSource = RADAR, **changed: Any) -> Message:
        return self.floor.admit(source, event(**changed))


@given(st.lists(st.sampled_from(["a-h-A-W-M", "b-a-o-c", "b-a-o-can"]), min_size=2, max_size=6))
def test_what_one_object_is_said_of_is_one_event_with_rising_numbers(types: list[str]) -> None:
    floor = Floor()
    said = []
    for second, cot in enumerate(types):
        floor.now_us += 400_000
        said.append(floor.say(type=cot, start=f"2026-03-14T04:24:{second:02}Z"))
    assert len({message.event for message in said}) == 1
    numbers = [message.sequence for message in said]
    assert all(earlier < later for earlier, later in pairwise(numbers))
    assert [parse_message(print_message(message)) for message in said] == said


def test_numbers_rise_over_a_restart_too() -> None:
    before = Floor().say(type="b-a-o-c")
    after = Floor(START_US + 2_000_000).say(type="b-a-o-can")
    assert after.event == before.event
    assert after.sequence > before.sequence


@pytest.mark.source("DESIGN-1")
def test_a_second_point_within_a_second_is_refused_and_leaves_the_last_one_standing() -> None:
    floor = Floor()
    floor.say()
    for _ in range(2):
        with pytest.raises(WarningMessageError) as refused:
            floor.say(start="2026-03-14T04:24:05.9Z")
        assert refused.value.code == "warning/too-fast"
    assert floor.say(start="2026-03-14T04:24:06Z").kind is Kind.TRACK


def test_a_source_under_another_partys_level_says_nothing() -> None:
    stranger = CotSource(
        name="radar-2", character=Character.REAL, level="JPN-3", sensor=Sensor.OTHER, confidence_pct=50
    )
    with pytest.raises(WarningMessageError) as refused:
        Floor().say(source=stranger)
    assert refused.value.code == "warning/level-of-another"


def point_of(floor: CotFloor, message: Message) -> dict[str, str]:
    point = etree.fromstring(floor.show(message)).find("point")
    assert point is not None
    return {str(name): str(value) for name, value in point.attrib.items()}


@given(messages(kinds=(Kind.LAUNCH,)), messages(kinds=(Kind.END, Kind.CANCELLATION)))
def test_an_alert_is_taken_back_where_it_was_given_and_only_in_its_own_world(launch: Message, over: Message) -> None:
    floor = Floor().floor
    given_at = point_of(floor, launch)
    same = replace(launch, body=over.body)
    assert point_of(floor, same) == given_at
    elsewhere = replace(same, character=next(one for one in Character if one is not launch.character))
    assert (point_of(floor, elsewhere)["lat"], point_of(floor, elsewhere)["lon"]) == ("0.000", "0.000")
