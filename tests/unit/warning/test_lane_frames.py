"""The frames of a lane: cut from any stream of bytes, one bad one never takes the others with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.warning import FrameReader, LaneClosedError, LaneError, print_frame
from gsomia.warning.lane_frames import (
    MAX_FRAME_BYTES,
    MAX_SKIPPED_BYTES,
    Ack,
    Beat,
    Closing,
    Data,
    Echo,
    Frame,
    Hello,
    Refusal,
)

FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Beat, said_us=st.integers(0, 2**53)),
    st.builds(Echo, beat_us=st.integers(0, 2**53), heard_us=st.integers(0, 2**53), said_us=st.integers(0, 2**53)),
    st.builds(Data, epoch=st.integers(1, 99), sequence=st.integers(1, 1 << 20), sealed=st.binary(max_size=300)),
    st.builds(Ack, epoch=st.integers(1, 99), sequence=st.integers(1, 1 << 20), sealed=st.binary(max_size=60)),
    st.builds(Hello, statement=st.binary(max_size=500)),
    st.builds(Refusal, epoch=st.integers(0, 9), sequence=st.integers(0, 9), code=st.text(max_size=40)),
    st.builds(Closing, code=st.text(max_size=40)),
)


@given(frames=st.lists(FRAMES, max_size=8), cuts=st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(frames: list[Frame], cuts: list[int]) -> None:
    stream, reader = b"".join(map(print_frame, frames)), FrameReader()
    found: list[Frame | LaneError] = []
    at = 0
    while at < len(stream):
        size = cuts[len(found) % len(cuts)]
        found += list(reader.feed(stream[at : at + size]))
        at += size
    assert found == frames


@given(size=st.integers(MAX_FRAME_BYTES + 1, MAX_FRAME_BYTES + 5_000), cut=st.integers(1, 9_000))
def test_an_oversized_frame_is_refused_and_the_stream_stays_up(size: int, cut: int) -> None:
    stream = size.to_bytes(4, "big") + bytes(size) + print_frame(Beat(said_us=7))
    reader, found = FrameReader(), []
    for at in range(0, len(stream), cut):
        found += list(reader.feed(stream[at : at + cut]))
    assert [type(one) for one in found] == [LaneError, Beat]
    assert isinstance(found[0], LaneError)
    assert found[0].code == "warning/frame-too-large"


def test_a_length_that_no_frame_has_ends_the_connection() -> None:
    with pytest.raises(LaneClosedError):
        list(FrameReader().feed((MAX_SKIPPED_BYTES + 1).to_bytes(4, "big")))


@given(st.binary(max_size=200))
def test_any_body_is_a_frame_or_refused_alone(body: bytes) -> None:
    stream = len(body).to_bytes(4, "big") + body + print_frame(Beat(said_us=1))
    found = list(FrameReader().feed(stream))
    assert found[-1] == Beat(said_us=1)
    assert len(found) == 2
