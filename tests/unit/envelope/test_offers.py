"""An offer's frame: what was printed parses, and any other bytes are refused by the partner's error."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.envelope import (
    MAX_INLINE_BYTES,
    MAX_OFFER_BYTES,
    MAX_RIDING_BYTES,
    MAX_TOGETHER,
    MAX_TOGETHER_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    Header,
    WireError,
    parse_offer,
    parse_together,
    print_offer,
    print_together,
    sealed_content_bytes,
    sealed_segment_bytes,
    segment_count,
)
from strategies.envelope import header_of, seal
from strategies.labels import modest
from strategies.parties import flip

PARCEL = seal(b"missile")
PRINTED = print_offer(PARCEL.offer)
MAGIC = PRINTED[:8]


def frame(*parts: bytes) -> bytes:
    return MAGIC + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def refused(untrusted: bytes) -> str:
    with pytest.raises((WireError, CanonError)) as caught:
        parse_offer(untrusted)
    return caught.value.code


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("inline", [b"", b"x", PARCEL.segments[0], bytes(MAX_INLINE_BYTES)])
def test_a_printed_offer_parses_to_itself_with_what_rides_along(inline: bytes) -> None:
    assert parse_offer(PRINTED + inline) == (PARCEL.offer, inline)


@given(st.binary(max_size=90), st.binary(max_size=90), st.binary(max_size=40))
@modest
def test_parsing_a_printed_offer_gives_the_offer_whatever_its_parts_hold(a: bytes, b: bytes, c: bytes) -> None:
    offer = replace(PARCEL.offer, statement=a, sealed_part=b)
    assert parse_offer(print_offer(offer) + c) == (offer, c)


@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda tail: MAGIC + tail)
    | st.lists(st.binary(max_size=50), max_size=6).map(lambda parts: frame(*parts))
    | st.integers(0, 1200).map(lambda at: flip(PRINTED, at))
    | st.integers(0, len(PRINTED)).map(lambda at: PRINTED[:at])
)
@modest
def test_any_bytes_are_refused_or_printed_as_they_were(untrusted: bytes) -> None:
    try:
        envelope, inline = parse_offer(untrusted)
    except (WireError, CanonError):
        return
    assert print_offer(envelope) + inline == untrusted


def test_an_offer_cut_short_anywhere_is_refused() -> None:
    for length in range(0, len(PRINTED), 61):
        refused(PRINTED[:length])


@pytest.mark.parametrize(("part", "cap"), [(0, 4 << 10), (1, 64 << 10), (2, 64 << 10)])
def test_a_part_beyond_its_cap_is_refused(part: int, cap: int) -> None:
    parts = [PARCEL.offer.header_bytes, b"", b"", PARCEL.offer.segment_list]
    parts[part] = bytes(cap + 1)
    assert refused(frame(*parts)) == "envelope/frame-broken"


def test_a_length_that_promises_gigabytes_is_refused_without_reading_them() -> None:
    assert refused(MAGIC + b"\xff\xff\xff\xff" + b"x" * 10) == "envelope/frame-broken"


@pytest.mark.parametrize("extra", [-32, -1, 1, 32])
def test_a_segment_list_that_does_not_fit_the_header_is_refused(extra: int) -> None:
    listed = (PARCEL.offer.segment_list + bytes(64))[: 32 + extra]
    assert refused(print_offer(replace(PARCEL.offer, segment_list=listed))) == "envelope/list-does-not-fit"


def test_more_than_one_segment_riding_along_is_refused() -> None:
    assert refused(PRINTED + bytes(MAX_INLINE_BYTES + 1)) == "envelope/too-much-inline"


def test_an_offer_of_more_segments_than_we_list_is_refused() -> None:
    many = (1 << 17) + 1
    header = replace(PARCEL.offer.header, content_bytes=many * SEGMENT_BYTES, segments=many)
    offer = replace(PARCEL.offer, header=header, header_bytes=canon.encode(header), segment_list=b"")
    assert refused(print_offer(offer)) == "envelope/list-does-not-fit"


def test_the_largest_offer_fits_the_cap_the_door_reads() -> None:
    assert len(frame(bytes(4 << 10), bytes(64 << 10), bytes(64 << 10), bytes(32 << 17))) == MAX_OFFER_BYTES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"suite":"gsomia-1"', b'"suite":"gsomia-2"'),
        (b'"content_bytes":7', b'"content_bytes":-1'),
        (b'"content_bytes":7', b'"content_bytes":7.0'),
        (b'"content_bytes":7', b'"content_bytes":1048577'),
        (b'"content_bytes":7', b'"content_bytes":17592186044417'),
        (b'"segments":1', b'"segments":0'),
        (b'"segments":1', b'"segments":2'),
        (b'"segments":1', b'"segments":true'),
        (b'"segments":1', b'"segments":1,"title":"x"'),
        (b'"party":"KOR"', b'"party":"kor"'),
    ],
)
def test_a_header_of_another_suite_or_with_sizes_that_disagree_is_refused(old: bytes, new: bytes) -> None:
    header = PARCEL.offer.header_bytes.replace(old, new)
    assert header != PARCEL.offer.header_bytes
    refused(frame(header, PARCEL.offer.statement, PARCEL.offer.sealed_part, PARCEL.offer.segment_list))


@pytest.mark.source("DESIGN-4")
def test_nothing_stands_in_clear_but_ids_commitments_digests_and_sizes() -> None:
    clear = PRINTED + PARCEL.sealed.statement.envelope
    for word in (PARCEL.part.label.mark, "KOR-2", "missile", "DPRK-MISSILE-ANALYSIS", "kor-mnd", "SECRET"):
        assert word.encode() not in clear
    assert PARCEL.part.content_digest.encode() not in canon.encode(PARCEL.sealed.statement.value)


@given(st.integers(0, 1 << 37))
@modest
def test_sizes_add_up(content_bytes: int) -> None:
    segments = segment_count(content_bytes)
    header: Header = replace(header_of(b""), content_bytes=content_bytes, segments=segments)
    whole = SEGMENT_BYTES + TAG_BYTES
    last = sealed_segment_bytes(header, segments - 1)
    assert TAG_BYTES <= last <= whole
    assert (segments - 1) * whole + last == sealed_content_bytes(header)
    assert segments == 1 or sealed_segment_bytes(header, 0) == whole


@pytest.mark.parametrize(
    ("content_bytes", "segments"),
    [(0, 1), (1, 1), (SEGMENT_BYTES - 1, 1), (SEGMENT_BYTES, 1), (SEGMENT_BYTES + 1, 2), (3 * SEGMENT_BYTES, 3)],
)
def test_even_nothing_is_one_segment(content_bytes: int, segments: int) -> None:
    assert segment_count(content_bytes) == segments


# --- several that ride together ----------------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=MAX_TOGETHER))
@modest
def test_offers_that_ride_together_come_out_as_they_went_in(offers: list[bytes]) -> None:
    assert parse_together(print_together(offers)) == offers


@pytest.mark.source("DESIGN-6", "LAW-10")
@pytest.mark.parametrize(
    ("untrusted", "code"),
    [
        (b"", "envelope/not-offers"),
        (PRINTED, "envelope/not-offers"),
        (print_together([]), "envelope/frame-broken"),
        (print_together([b"x"])[:-1], "envelope/frame-broken"),
        (print_together([b"x"]) + b"\0\0\0", "envelope/frame-broken"),
        (print_together([b"x"] * (MAX_TOGETHER + 1)), "envelope/frame-broken"),
        (print_together([b"x", b""]), "envelope/frame-broken"),
        (print_together([bytes(MAX_RIDING_BYTES + 1)]), "envelope/frame-broken"),
    ],
    ids=["empty", "one-offer", "none", "cut", "half-a-length", "too-many", "an-empty-one", "a-long-one"],
)
def test_what_is_no_frame_of_offers_is_refused_as_a_whole(untrusted: bytes, code: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_together(untrusted)
    assert caught.value.code == code


def test_the_largest_ride_fits_what_the_door_reads() -> None:
    ride = print_together([bytes(MAX_RIDING_BYTES)] * MAX_TOGETHER)
    assert (len(ride), len(parse_together(ride))) == (MAX_TOGETHER_BYTES, MAX_TOGETHER)


@given(st.binary(max_size=200).map(lambda tail: print_together([]) + tail))
@modest
def test_any_bytes_are_offers_or_no_frame_of_any(untrusted: bytes) -> None:
    try:
        offers = parse_together(untrusted)
    except WireError:
        return
    assert print_together(offers) == untrusted
