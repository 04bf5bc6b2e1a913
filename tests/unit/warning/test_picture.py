from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.warning import (
    EMPTY,
    Character,
    EventKey,
    EventState,
    Heard,
    Kind,
    Mark,
    Marked,
    Message,
    Picture,
    add,
    characters,
    fold,
    mark,
    rows,
)
from strategies.warning import NOW_US, heard, messages

LATER_US = NOW_US + 7_200_000_000


def key(message: Message) -> EventKey:
    return EventKey(originator=message.originator, event=message.event, character=message.character)


def state(picture: Picture, message: Message, now_us: int = LATER_US) -> EventState:
    return next(row for row in rows(picture, now_us=now_us) if row.key == key(message)).state


@given(heard(), st.randoms(use_true_random=False))
def test_the_picture_does_not_depend_on_the_order(arrivals: list[Heard], random: object) -> None:
    shuffled = list(arrivals)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(arrivals)


@given(heard())
def test_hearing_everything_twice_changes_nothing(arrivals: list[Heard]) -> None:
    assert fold([*arrivals, *arrivals]) == fold(arrivals)


@given(heard())
def test_every_event_heard_of_is_a_line_and_no_other_is(arrivals: list[Heard]) -> None:
    shown = [row.key for row in rows(fold(arrivals), now_us=LATER_US)]
    assert len(shown) == len(set(shown))
    assert set(shown) == {key(one.message) for one in arrivals}


@given(heard())
def test_what_was_cancelled_is_shown_as_cancelled_whatever_else_was_said(arrivals: list[Heard]) -> None:
    cancelled = {key(one.message) for one in arrivals if one.message.kind is Kind.CANCELLATION}
    for row in rows(fold(arrivals), now_us=LATER_US):
        assert (row.state is EventState.CANCELLED) is (row.key in cancelled)
        assert (row.cancelled is not None) is (row.key in cancelled)


@given(heard(), messages(kinds=(Kind.CANCELLATION,)))
def test_a_cancellation_takes_effect_at_once_and_for_good(arrivals: list[Heard], cancellation: Message) -> None:
    picture = add(fold(arrivals), Heard(message=cancellation, marks=frozenset()))
    assert state(picture, cancellation) is EventState.CANCELLED
    for one in arrivals:
        picture = add(picture, one)
        assert state(picture, cancellation) is EventState.CANCELLED


@pytest.mark.source("DESIGN-2")
@given(heard())
def test_a_line_shows_a_mark_as_long_as_one_message_of_it_has_it(arrivals: list[Heard]) -> None:
    for row in rows(fold(arrivals), now_us=LATER_US):
        said = [one for one in arrivals if key(one.message) == row.key]
        ids = {one.message.message for one in said}
        standing = {
            beside
            for beside in Mark
            for message in ids
            if all(beside in one.marks for one in said if one.message.message == message)
        }
        assert set(row.marks) == standing
        assert row.heard == len(ids)


@pytest.mark.source("DESIGN-2")
@given(messages(), st.sampled_from(Mark))
def test_a_mark_that_comes_is_shown_and_one_that_goes_is_not(message: Message, beside: Mark) -> None:
    picture = fold([Heard(message=message, marks=frozenset())])
    on = Marked(message=message.message, originator=message.originator, mark=beside, on=True)
    marked = mark(picture, on)
    assert rows(marked, now_us=LATER_US)[0].marks == (beside,)
    assert mark(marked, Marked(message=on.message, originator=on.originator, mark=beside, on=False)) == picture
    stranger = Marked(message=on.message, originator="USA", mark=beside, on=True)
    assert mark(picture, stranger) == picture


@given(heard())
def test_the_last_point_shown_is_the_newest_by_sequence_and_older_ones_are_counted(arrivals: list[Heard]) -> None:
    for row in rows(fold(arrivals), now_us=LATER_US):
        tracks = {
            one.message.message: one.message
            for one in arrivals
            if key(one.message) == row.key and one.message.kind is Kind.TRACK
        }
        assert row.superseded == max(0, len(tracks) - 1)
        if not tracks:
            assert row.track is None
            continue
        newest = max(tracks.values(), key=lambda message: (message.sequence, message.message))
        assert row.track == newest.body


@given(messages(), messages())
def test_real_exercise_and_test_never_share_a_line(one: Message, other: Message) -> None:
    worlds = {one.character, other.character}
    picture = fold(Heard(message=message, marks=frozenset()) for message in (one, other))
    assert {row.key.character for row in rows(picture, now_us=LATER_US)} == worlds
    assert set(characters(picture)) == worlds


@given(messages(kinds=(Kind.LAUNCH,)))
def test_an_event_of_which_nothing_is_heard_becomes_stale(message: Message) -> None:
    picture = fold([Heard(message=message, marks=frozenset())])
    assert state(picture, message, message.at_us + 119_999_999) is EventState.FLYING
    assert state(picture, message, message.at_us + 120_000_000) is EventState.STALE


@given(messages(kinds=(Kind.TRACK, Kind.END, Kind.IMPACT_AREA)), messages(kinds=(Kind.LAUNCH,)))
def test_a_track_without_its_launch_report_says_so(message: Message, launch: Message) -> None:
    picture = fold([Heard(message=message, marks=frozenset())])
    assert rows(picture, now_us=LATER_US)[0].complete is False
    report = replace(message, body=launch.body, message=launch.message)
    whole = add(picture, Heard(message=report, marks=frozenset()))
    assert rows(whole, now_us=LATER_US)[0].complete is True


@given(heard())
def test_real_events_stand_before_all_others(arrivals: list[Heard]) -> None:
    shown = [row.key.character is Character.REAL for row in rows(fold(arrivals), now_us=LATER_US)]
    assert shown == sorted(shown, reverse=True)


def test_nothing_heard_is_an_empty_picture() -> None:
    assert rows(EMPTY, now_us=LATER_US) == ()
