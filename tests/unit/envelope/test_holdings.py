"""Content at rest opens with the storage key of its own item, and with nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.envelope import (
    Holding,
    OpenError,
    SegmentError,
    begin_holding,
    finish_holding,
    hold_received,
    open_envelope,
    open_holding,
    open_segment,
    seal_segment,
)
from gsomia.ids import ItemId, sha256_hex
from strategies.envelope import ITEM, OTHER_ITEM, entropy, list_of, proven, seal
from strategies.labels import modest
from strategies.parties import TOKYO, flip

KEY, OTHER_KEY = entropy(32), entropy(32)


def hold(content: bytes, *, item: ItemId = ITEM, key: bytes = KEY) -> tuple[Holding, list[bytes]]:
    sealing = begin_holding(item, content_bytes=len(content), entropy=entropy)
    segments = [seal_segment(sealing.keys, content, index=0, last=True)]
    return finish_holding(sealing, segment_list=list_of(segments), storage_key=key, entropy=entropy), segments


HOLDING, SEGMENTS = hold(b"our own item")


@pytest.mark.source("DESIGN-4")
@given(st.binary(max_size=100))
@modest
def test_an_own_item_opens_with_its_storage_key(content: bytes) -> None:
    holding, segments = hold(content)
    keys = open_holding(holding, storage_key=KEY)
    assert open_segment(keys, segments[0], index=0, last=True) == content
    assert (holding.segments, holding.segment_list) == (1, sha256_hex(list_of(segments)))


@pytest.mark.source("DESIGN-4")
def test_a_received_item_stays_sealed_as_it_came_and_opens_with_our_storage_key() -> None:
    parcel = seal(b"from Seoul")
    unwrapped = open_envelope(proven(parcel.offer), opener=TOKYO.opener)
    holding = hold_received(unwrapped, storage_key=KEY, entropy=entropy)
    keys = open_holding(holding, storage_key=KEY)
    assert open_segment(keys, parcel.segments[0], index=0, last=True) == b"from Seoul"
    assert holding.segment_list == parcel.sealed.statement.value.segment_list
    assert keys.commitment == unwrapped.keys.commitment


def test_the_content_key_does_not_stand_in_the_holding() -> None:
    sealing = begin_holding(ITEM, content_bytes=0, entropy=entropy)
    holding = finish_holding(sealing, segment_list=bytes(32), storage_key=KEY, entropy=entropy)
    assert sealing.content_key not in holding.wrapped
    assert sealing.content_key.hex() not in repr(sealing)
    assert repr(sealing) == "OwnSealing(...)"


def test_another_storage_key_does_not_open() -> None:
    for key in (OTHER_KEY, bytes(32), flip(KEY, 3)):
        with pytest.raises(OpenError):
            open_holding(HOLDING, storage_key=key)


def test_another_items_wrapped_key_does_not_open_under_one_storage_key() -> None:
    other, _ = hold(b"our own item", item=OTHER_ITEM)
    with pytest.raises(OpenError):
        open_holding(replace(HOLDING, wrapped=other.wrapped), storage_key=KEY)
    with pytest.raises(OpenError):
        open_holding(replace(HOLDING, item=OTHER_ITEM), storage_key=KEY)
    with pytest.raises(OpenError):
        open_holding(replace(HOLDING, header=sha256_hex(b"")), storage_key=KEY)


def test_a_flipped_bit_in_the_wrapped_key_does_not_open() -> None:
    for position in range(len(HOLDING.wrapped)):
        with pytest.raises(OpenError):
            open_holding(replace(HOLDING, wrapped=flip(HOLDING.wrapped, position)), storage_key=KEY)


def test_segments_of_another_holding_do_not_open() -> None:
    _, theirs = hold(b"our own item", item=OTHER_ITEM)
    with pytest.raises(SegmentError):
        open_segment(open_holding(HOLDING, storage_key=KEY), theirs[0], index=0, last=True)


def test_one_item_held_twice_is_sealed_under_two_keys() -> None:
    again, segments = hold(b"our own item")
    assert (again.wrapped, segments) != (HOLDING.wrapped, SEGMENTS)
    with pytest.raises(SegmentError):
        open_segment(open_holding(HOLDING, storage_key=KEY), segments[0], index=0, last=True)


def test_a_holding_reads_back_and_has_one_length_of_wrapped_key() -> None:
    assert canon.decode(canon.encode(HOLDING), Holding) == HOLDING
    for wrapped in (HOLDING.wrapped[:-1], HOLDING.wrapped + b"\0"):
        with pytest.raises(canon.CanonError):
            canon.decode(canon.encode(replace(HOLDING, wrapped=wrapped)), Holding)
