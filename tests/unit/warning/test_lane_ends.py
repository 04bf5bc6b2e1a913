"""The rules at each end of a lane: back-pressure, tallies, receipts, and what the record brings back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import HexDigest
from gsomia.warning import (
    EpochStart,
    LaneError,
    LaneIn,
    LaneOut,
    LaneState,
    LaneTally,
    OpenedFrame,
    Sameness,
    print_entry,
    read_entry,
)
from gsomia.warning.lane_in import UNCONFIRMED_US
from gsomia.warning.lane_out import BACK_PRESSURE, EPOCH_US, TALLY_US
from gsomia.warning.lane_state import Acked, Came, EpochIn, EpochOut, GaveWay, In, LaneEntry, NotTaken, Out
from strategies.lanes import INSTRUMENT, NOW_US, lane_in, lane_out, shake_hands, track, warned
from strategies.parties import SEOUL, TOKYO, flip

DIGEST: HexDigest = "00" * 32  # type: ignore[assignment]
LANE = (TOKYO.code, INSTRUMENT)


def running() -> tuple[LaneOut, LaneIn]:
    out, into = lane_out(), lane_in()
    ours, theirs = shake_hands(1)
    out.start_epoch(ours, now_us=NOW_US)
    into.start_epoch(theirs)
    return out, into


def bring(out: LaneOut, into: LaneIn, *numbers: int) -> list[OpenedFrame]:
    for number in numbers:
        out.put(warned(number))
    opened = []
    for frame in out.frames(room=100):
        one = into.open(frame, now_us=NOW_US)
        into.shown(one, ("KOR", str(frame.sequence)))
        opened.append(one)
    return opened


def due(out: LaneOut) -> LaneTally:
    tally = out.tally(now_us=NOW_US + TALLY_US)
    assert tally is not None
    return tally


@pytest.mark.source("DESIGN-6")
def test_under_back_pressure_only_an_older_point_of_the_same_track_gives_way() -> None:
    out = lane_out()
    for number in range(BACK_PRESSURE):
        assert out.put(warned(number, event=number)) is None
    gone = out.put(warned(900, event=5, sequence=2))
    assert gone is not None
    assert gone.message == track(5, event=5)
    assert out.put(warned(901, event=9_999)) is None
    assert out.waiting == BACK_PRESSURE + 1


def test_an_older_point_that_comes_late_takes_nobodys_place() -> None:
    out = lane_out()
    for number in range(BACK_PRESSURE + 1):
        out.put(warned(number, event=number, sequence=7))
    assert out.put(warned(900, event=5, sequence=3)) is None


@pytest.mark.source("DESIGN-6")
def test_a_tally_confirms_every_frame_it_covers_and_is_receipted() -> None:
    out, into = running()
    bring(out, into, 1, 2, 3)
    tally = due(out)
    confirmed, receipt = into.confirm(tally, digest=DIGEST)
    assert [key for _, key in confirmed] == ["1", "2", "3"]
    assert (receipt.last, receipt.running) == (3, tally.running)
    assert into.unconfirmed(now_us=NOW_US + UNCONFIRMED_US) == []


def test_frames_in_another_order_come_to_the_same_tally() -> None:
    out, into = running()
    for number in (1, 2, 3):
        out.put(warned(number))
    first, second, third = out.frames(room=10)
    orders = [into.open(frame, now_us=NOW_US).out_of_order for frame in (third, first, second)]
    assert orders == [True, True, True]
    into.confirm(due(out), digest=DIGEST)


def test_a_tally_of_frames_that_did_not_come_confirms_nothing() -> None:
    out, into = running()
    for number in (1, 2, 3):
        out.put(warned(number))
    frames = list(out.frames(room=10))
    for frame in frames[:2]:
        into.open(frame, now_us=NOW_US)
    with pytest.raises(LaneError) as caught:
        into.confirm(due(out), digest=DIGEST)
    assert caught.value.code == "warning/tally-differs"


def test_a_tally_of_another_lane_or_another_digest_is_refused() -> None:
    out, into = running()
    bring(out, into, 1)
    tally = due(out)
    for wrong in (replace(tally, sender=TOKYO.code), replace(tally, running=DIGEST), replace(tally, epoch=9)):
        with pytest.raises(LaneError):
            into.confirm(wrong, digest=DIGEST)
    into.confirm(tally, digest=DIGEST)


@pytest.mark.source("DESIGN-6")
def test_what_no_tally_covers_in_two_seconds_is_told_once() -> None:
    out, into = running()
    bring(out, into, 1, 2)
    assert into.unconfirmed(now_us=NOW_US + UNCONFIRMED_US - 1) == []
    assert len(into.unconfirmed(now_us=NOW_US + UNCONFIRMED_US)) == 2
    assert into.unconfirmed(now_us=NOW_US + 2 * UNCONFIRMED_US) == []


def test_the_last_tally_of_an_epoch_that_was_cut_is_taken_on_the_next_connection() -> None:
    out, into = running()
    bring(out, into, 1, 2)
    into.end_epoch()
    tally = out.end_epoch()
    assert tally is not None
    ours, theirs = shake_hands(2)
    out.start_epoch(ours, now_us=NOW_US)
    into.start_epoch(theirs)
    confirmed, _ = into.confirm(tally, digest=DIGEST)
    assert len(confirmed) == 2


@pytest.mark.source("DESIGN-6")
def test_an_epoch_is_renewed_after_a_minute() -> None:
    out, _ = running()
    assert not out.must_renew(now_us=NOW_US + EPOCH_US - 1)
    assert out.must_renew(now_us=NOW_US + EPOCH_US)


def test_a_forged_frame_changes_nothing_and_the_true_one_still_opens() -> None:
    out, into = running()
    out.put(warned(1))
    (frame,) = out.frames(room=1)
    forged = type(frame)(epoch=frame.epoch, sequence=frame.sequence, sealed=bytes(len(frame.sealed)))
    with pytest.raises(LaneError) as caught:
        into.open(forged, now_us=NOW_US)
    assert caught.value.code == "warning/forged"
    assert into.open(frame, now_us=NOW_US).raw == warned(1).raw


def test_an_acknowledgement_that_the_partner_did_not_seal_is_refused() -> None:
    out, into = running()
    for opened in bring(out, into, 1):
        into.durable(opened)
    waiting = into.must_ack
    ack = into.ack()
    assert ack is not None
    assert (waiting, into.must_ack) == (True, False)
    with pytest.raises(LaneError):
        out.acknowledge(type(ack)(epoch=ack.epoch, sequence=ack.sequence, sealed=flip(ack.sealed, 0)))
    assert len(out.acknowledge(ack)) == 1


def other_epoch() -> EpochStart:
    return shake_hands(3, seed="other")[0]


def test_a_frame_of_another_epoch_does_not_open() -> None:
    out, into = running()
    out.start_epoch(other_epoch(), now_us=NOW_US)
    out.put(warned(1))
    with pytest.raises(LaneError) as caught:
        into.open(next(iter(out.frames(room=1))), now_us=NOW_US)
    assert caught.value.code == "warning/epoch-not-in-use"


KEYS = st.tuples(st.sampled_from(["KOR", "JPN"]), st.integers(0, 9).map(lambda n: f"m{n}"))
ENTRIES: st.SearchStrategy[LaneEntry] = st.one_of(
    st.builds(
        lambda key, serial: Out(originator=key[0], message=key[1], serial=serial, owed=[(LANE, key[1].encode())]),
        KEYS, st.integers(1, 99),
    ),
    st.builds(
        lambda key, serial: In(
            lane=LANE, originator=key[0], message=key[1], serial=serial, raw=b"r", at_us=1, owed=[LANE]
        ),
        KEYS, st.integers(1, 99),
    ),
    st.builds(Acked, lane=st.just(LANE), keys=st.lists(KEYS, max_size=3)),
    st.builds(GaveWay, lane=st.just(LANE), key=KEYS),
    st.builds(Came, lane=st.just(LANE), key=KEYS),
    st.builds(NotTaken, lane=st.just(LANE), code=st.just("x"), digest=st.just(b""), at_us=st.just(1)),
    st.builds(EpochOut, lane=st.just(LANE), number=st.integers(1, 9)),
    st.builds(EpochIn, lane=st.just(LANE), number=st.integers(1, 9)),
)  # fmt: skip


@given(before=st.lists(ENTRIES, max_size=30), after=st.lists(ENTRIES, max_size=30))
def test_the_head_of_a_file_stands_for_every_record_before_it(before: list[LaneEntry], after: list[LaneEntry]) -> None:
    whole, resumed = LaneState(), LaneState()
    for entry in before:
        whole.apply(entry)
    resumed.apply(read_entry(print_entry(whole.kept())))
    for entry in after:
        whole.apply(entry)
        resumed.apply(read_entry(print_entry(entry)))
    assert resumed.kept() == whole.kept()


@given(st.lists(ENTRIES, max_size=40))
def test_what_is_owed_stays_owed_until_it_is_acknowledged_or_gives_way(entries: list[LaneEntry]) -> None:
    state, owed = LaneState(), set()
    for entry in entries:
        state.apply(entry)
        match entry:
            case Out() | In():
                owed.add((entry.originator, entry.message))
            case Acked():
                owed -= set(entry.keys)
            case GaveWay():
                owed.discard(entry.key)
    assert set(state.owed.get(LANE, {})) == owed


@given(before=st.lists(ENTRIES, max_size=30), meanwhile=st.lists(ENTRIES, max_size=10))
def test_what_came_while_the_journal_could_not_be_read_is_taken_into_account(
    before: list[LaneEntry], meanwhile: list[LaneEntry]
) -> None:
    earlier, later = LaneState(), LaneState()
    for entry in before:
        earlier.apply(entry)
    for entry in meanwhile:
        later.apply(entry)
    known = set(earlier.epochs_in.values()) | set(later.epochs_in.values())
    earlier.merge(later)
    assert earlier.epochs_in.get(LANE, 0) == max(known, default=0)
    for entry in (*before, *meanwhile):
        if isinstance(entry, In):
            assert earlier.seen.judge(entry.originator, entry.message, 10**9) is Sameness.SAME


@given(now=st.integers(0, 2**40), serial=st.integers(0, 2**50))
def test_serials_and_epochs_count_up_even_if_the_clock_goes_back(now: int, serial: int) -> None:
    state = LaneState()
    state.apply(Out(originator=SEOUL.code, message="m", serial=serial, owed=[]))
    state.apply(EpochOut(lane=LANE, number=serial))
    assert state.next_serial(now_us=now) > serial
    assert state.next_epoch(LANE, now_us=now) > serial
