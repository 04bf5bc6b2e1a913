from dataclasses import replace

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gsomia import canon
from gsomia.warning import (
    MAX_MESSAGE_BYTES,
    SUPERSEDED_BY,
    Character,
    Kind,
    Message,
    TrackUpdate,
    WarningMessageError,
    check_rate,
    is_superseded,
    parse_message,
    print_message,
)
from strategies.warning import messages


def code_of(untrusted: bytes) -> str:
    with pytest.raises(WarningMessageError) as refused:
        parse_message(untrusted)
    return refused.value.code


def changed(message: Message, **words: object) -> bytes:
    """The message's bytes with members of its body added or replaced, spelled canonically."""
    document = msgspec.json.decode(canon.encode(message))
    document["body"] = {**document["body"], **words}
    return msgspec.json.encode(document, order="sorted")


@given(messages())
def test_a_message_reads_back_as_it_was_printed(message: Message) -> None:
    printed = print_message(message)
    assert parse_message(printed) == message
    assert len(printed) <= MAX_MESSAGE_BYTES


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused_as_one(untrusted: bytes) -> None:
    try:
        message = parse_message(untrusted)
    except WarningMessageError:
        return
    assert print_message(message) == untrusted


@given(messages(), st.data())
def test_a_changed_byte_is_refused_or_says_something_else(message: Message, data: st.DataObject) -> None:
    printed = print_message(message)
    at = data.draw(st.integers(0, len(printed) - 1))
    damaged = printed[:at] + data.draw(st.binary(min_size=1, max_size=1)) + printed[at + 1 :]
    assume(damaged != printed)
    try:
        read = parse_message(damaged)
    except WarningMessageError:
        return
    assert read != message


@pytest.mark.source("DESIGN-1")
@pytest.mark.parametrize(
    "word", ["covariance", "velocity_mps", "interceptor", "target", "tasking", "aimpoint", "strike_authority", "weapon"]
)
@settings(deadline=None)
@given(messages())
def test_fire_control_tasking_and_targets_are_refused_by_name(word: str, message: Message) -> None:
    assert code_of(changed(message, **{word: 1})) == "warning/out-of-scope"


@pytest.mark.source("DESIGN-1")
@pytest.mark.parametrize("kind", ["TARGET_NOMINATION", "STRIKE_TASKING", "ENGAGEMENT"])
@settings(deadline=None)
@given(messages())
def test_a_kind_of_message_that_aims_is_refused_by_name(kind: str, message: Message) -> None:
    assert code_of(changed(message, kind=kind)) == "warning/out-of-scope"


@pytest.mark.source("DESIGN-1")
@given(messages(kinds=(Kind.LAUNCH, Kind.TRACK, Kind.IMPACT_AREA)), st.integers(1, 999))
def test_a_position_off_the_grid_is_too_precise(message: Message, off: int) -> None:
    assert not isinstance(message.body, TrackUpdate) or message.body.height_m % 100 == 0
    assert code_of(changed(message, latitude_udeg=12_000_000 + off)) == "warning/too-precise"


@pytest.mark.source("DESIGN-1")
@given(messages(kinds=(Kind.IMPACT_AREA,)), st.integers(0, 49))
def test_an_impact_area_is_never_small_enough_to_aim_at(message: Message, steps: int) -> None:
    assert code_of(changed(message, along_m=steps * 100)) == "warning/malformed"


@pytest.mark.source("DESIGN-1")
@given(messages(kinds=(Kind.TRACK,)), st.integers(-2_000_000, 2_000_000))
def test_two_track_points_of_one_event_are_at_least_a_second_apart(last: Message, apart_us: int) -> None:
    assert isinstance(last.body, TrackUpdate)
    body = msgspec.structs.replace(last.body, seen_at_us=last.body.seen_at_us + apart_us)
    message = replace(last, body=body)
    if abs(apart_us) < 1_000_000:
        with pytest.raises(WarningMessageError) as refused:
            check_rate(message, last=last)
        assert refused.value.code == "warning/too-fast"
    else:
        check_rate(message, last=last)


@pytest.mark.source("RELAY-5.4")
@given(messages())
def test_another_topic_is_refused(message: Message) -> None:
    assert code_of(canon.encode(replace(message, topic="DPRK-NUCLEAR"))) == "warning/topic-out-of-scope"


@given(messages(), st.sampled_from(Character))
def test_a_party_speaks_only_of_its_own_world(message: Message, character: Character) -> None:
    other = replace(message, character=character)
    allowed = {"KOR": {"REAL", "TEST"}, "JPN": {"REAL", "TEST"}, "XKOR": {"EXERCISE", "TEST"}}
    if character.value in allowed[message.originator]:
        assert parse_message(print_message(other)) == other
    else:
        assert code_of(canon.encode(other)) == "warning/worlds-mixed"


@given(messages())
def test_the_character_cannot_be_left_out(message: Message) -> None:
    document = msgspec.json.decode(canon.encode(message))
    del document["character"]
    assert code_of(msgspec.json.encode(document, order="sorted")) == "warning/malformed"


@given(messages())
def test_the_level_is_the_originators(message: Message) -> None:
    assert code_of(canon.encode(replace(message, level="USA-S"))) == "warning/level-of-another"


@given(messages())
def test_more_bytes_than_a_warning_has_are_not_read(message: Message) -> None:
    assert code_of(canon.encode(message) + b" " * MAX_MESSAGE_BYTES) == "warning/too-large"


@given(messages(events=1), messages(events=1))
def test_only_an_older_track_point_gives_way_and_only_to_a_newer_of_its_event(old: Message, new: Message) -> None:
    gives_way = is_superseded(old, by=new)
    same = (old.originator, old.event, old.character) == (new.originator, new.event, new.character)
    assert gives_way is (same and old.kind is new.kind is Kind.TRACK and old.sequence < new.sequence)
    assert not (gives_way and is_superseded(new, by=old))


def test_every_kind_has_its_rule_of_giving_way() -> None:
    assert set(SUPERSEDED_BY) == set(Kind)
