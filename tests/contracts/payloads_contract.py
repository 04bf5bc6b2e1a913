"""What every payload store owes the flows. `test_payloads.py` runs it for each."""

import hashlib
from typing import cast

import pytest

from contracts.samples import seeded
from gsomia.envelope import SEGMENT_BYTES, TAG_BYTES
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.flows.ports import Payloads, Store
from gsomia.ids import HexDigest, sha256_hex

FULL = SEGMENT_BYTES + TAG_BYTES
SHORT = 1000
SEGMENTS = [seeded("segments")(FULL), seeded("second")(FULL), seeded("third")(SHORT)]
LIST = b"".join(hashlib.sha256(segment).digest() for segment in SEGMENTS)
ADDRESS = sha256_hex(LIST)
NOWHERE = cast("HexDigest", "0" * 64)


def store_all(payloads: Payloads, name: str = "csg_a") -> HexDigest:
    writer = payloads.begin(name, segments=3)
    for index, segment in enumerate(SEGMENTS):
        writer.write(index, segment)
    return writer.finish(LIST)


class PayloadsContract:
    """Inherited by each payload store's tests, which give the fixture `payloads`."""

    def test_content_is_found_under_the_digest_of_its_list(self, payloads: Payloads) -> None:
        assert not payloads.has(ADDRESS)
        assert store_all(payloads) == ADDRESS
        assert payloads.has(ADDRESS)
        assert payloads.segment_list(ADDRESS, segments=3) == LIST
        assert [payloads.segment(ADDRESS, index, segments=3) for index in range(3)] == SEGMENTS

    @pytest.mark.parametrize("size", [SHORT, FULL])
    def test_what_a_unit_finishes_is_there_after_it(self, payloads: Payloads, store: Store, size: int) -> None:
        sealed = seeded("alone")(size)
        listed = hashlib.sha256(sealed).digest()
        writer = payloads.begin("csg_a", segments=1)
        writer.write(0, sealed)
        store.run(writer.finish_with(listed))
        assert payloads.segment(sha256_hex(listed), 0, segments=1) == sealed
        assert payloads.segment_list(sha256_hex(listed), segments=1) == listed

    def test_an_empty_item_is_one_segment_that_holds_only_its_tag(self, payloads: Payloads) -> None:
        writer = payloads.begin("empty", segments=1)
        writer.write(0, bytes(TAG_BYTES))
        address = writer.finish(hashlib.sha256(bytes(TAG_BYTES)).digest())
        assert payloads.segment(address, 0, segments=1) == bytes(TAG_BYTES)

    def test_content_that_was_discarded_is_gone_and_may_come_again(self, payloads: Payloads) -> None:
        store_all(payloads)
        payloads.discard(ADDRESS)
        payloads.discard(ADDRESS)
        assert not payloads.has(ADDRESS)
        with pytest.raises(IntegrityError):
            payloads.segment(ADDRESS, 0, segments=3)
        assert store_all(payloads) == ADDRESS
        assert payloads.has(ADDRESS)

    def test_the_same_content_may_come_twice(self, payloads: Payloads) -> None:
        assert store_all(payloads) == store_all(payloads, "csg_b") == ADDRESS
        assert payloads.segment(ADDRESS, 1, segments=3) == SEGMENTS[1]

    def test_an_unfinished_transfer_goes_on_after_its_last_whole_segment(self, payloads: Payloads) -> None:
        payloads.begin("csg_a", segments=3).write(0, SEGMENTS[0])
        writer, held = payloads.resume("csg_a", segments=3)
        assert held == 1
        assert payloads.partial_segment("csg_a", 0) == SEGMENTS[0]
        writer.write(1, SEGMENTS[1])
        writer.write(2, SEGMENTS[2])
        assert writer.finish(LIST) == ADDRESS
        assert payloads.segment(ADDRESS, 0, segments=3) == SEGMENTS[0]

    def test_a_short_last_segment_is_sent_again(self, payloads: Payloads) -> None:
        writer = payloads.begin("csg_a", segments=3)
        for index, segment in enumerate(SEGMENTS):
            writer.write(index, segment)
        assert payloads.resume("csg_a", segments=3)[1] == 2

    def test_nothing_is_held_of_a_transfer_of_another_size_or_of_none(self, payloads: Payloads) -> None:
        assert payloads.resume("csg_new", segments=3)[1] == 0
        payloads.begin("csg_a", segments=3).write(0, SEGMENTS[0])
        assert payloads.resume("csg_a", segments=4)[1] == 0
        with pytest.raises(IntegrityError):
            payloads.partial_segment("csg_a", 0)

    def test_beginning_anew_forgets_what_was_there(self, payloads: Payloads) -> None:
        payloads.begin("csg_a", segments=3).write(0, SEGMENTS[0])
        payloads.begin("csg_a", segments=3)
        assert payloads.resume("csg_a", segments=3)[1] == 0

    def test_what_was_abandoned_or_finished_is_no_transfer_any_more(self, payloads: Payloads) -> None:
        writer = payloads.begin("csg_a", segments=3)
        writer.write(0, SEGMENTS[0])
        writer.abandon()
        writer.abandon()
        with pytest.raises(IntegrityError):
            payloads.partial_segment("csg_a", 0)
        store_all(payloads)
        assert payloads.resume("csg_a", segments=3)[1] == 0

    def test_the_last_attempt_at_a_transfer_is_its_only_writer(self, payloads: Payloads) -> None:
        stalled = payloads.begin("csg_a", segments=3)
        stalled.write(0, SEGMENTS[0])
        current, _ = payloads.resume("csg_a", segments=3)
        with pytest.raises(UnavailableError) as caught:
            stalled.write(1, SEGMENTS[2] + bytes(FULL - SHORT))
        assert caught.value.code == "storage/writer-superseded"
        stalled.abandon()
        current.write(1, SEGMENTS[1])
        current.write(2, SEGMENTS[2])
        assert current.finish(LIST) == ADDRESS

    def test_a_writer_goes_back_to_the_segments_it_is_told_to_keep(self, payloads: Payloads) -> None:
        damaged = payloads.begin("csg_a", segments=3)
        damaged.write(0, SEGMENTS[0])
        damaged.write(1, bytes(FULL))
        writer, held = payloads.resume("csg_a", segments=3)
        assert held == 2
        writer.keep(1)
        with pytest.raises(IntegrityError):
            payloads.partial_segment("csg_a", 1)
        assert payloads.partial_segment("csg_a", 0) == SEGMENTS[0]
        with pytest.raises(ValueError, match="segment"):
            writer.write(2, SEGMENTS[2])
        writer.write(1, SEGMENTS[1])
        writer.write(2, SEGMENTS[2])
        assert writer.finish(LIST) == ADDRESS
        assert [payloads.segment(ADDRESS, index, segments=3) for index in range(3)] == SEGMENTS

    def test_what_a_writer_went_back_over_is_gone_for_the_next_one(self, payloads: Payloads) -> None:
        writer = payloads.begin("csg_a", segments=3)
        writer.write(0, SEGMENTS[0])
        writer.write(1, SEGMENTS[1])
        writer.keep(1)
        assert payloads.resume("csg_a", segments=3)[1] == 1

    @pytest.mark.parametrize("count", [2, 3])
    def test_keeping_all_or_more_than_there_is_changes_nothing(self, payloads: Payloads, count: int) -> None:
        writer = payloads.begin("csg_a", segments=3)
        writer.write(0, SEGMENTS[0])
        writer.write(1, SEGMENTS[1])
        writer.keep(count)
        writer.write(2, SEGMENTS[2])
        assert writer.finish(LIST) == ADDRESS

    def test_keeping_none_begins_anew(self, payloads: Payloads) -> None:
        writer = payloads.begin("csg_a", segments=3)
        writer.write(0, SEGMENTS[1])
        writer.keep(0)
        assert payloads.resume("csg_a", segments=3)[1] == 0

    def test_a_writer_that_was_taken_over_cannot_cut_the_others_segments(self, payloads: Payloads) -> None:
        stalled = payloads.begin("csg_a", segments=3)
        stalled.write(0, SEGMENTS[0])
        current, _ = payloads.resume("csg_a", segments=3)
        current.write(1, SEGMENTS[1])
        with pytest.raises(UnavailableError) as caught:
            stalled.keep(0)
        assert caught.value.code == "storage/writer-superseded"
        current.write(2, SEGMENTS[2])
        assert current.finish(LIST) == ADDRESS

    def test_segments_come_in_order_and_of_the_size_they_can_have(self, payloads: Payloads) -> None:
        writer = payloads.begin("csg_a", segments=3)
        for index, segment in ((1, SEGMENTS[1]), (0, SEGMENTS[2]), (0, SEGMENTS[0] + b"x"), (3, SEGMENTS[0])):
            with pytest.raises(ValueError, match="segment"):
                writer.write(index, segment)
        with pytest.raises(ValueError, match="missing"):
            writer.finish(LIST)
        last = payloads.begin("csg_b", segments=1)
        with pytest.raises(ValueError, match="segment"):
            last.write(0, bytes(TAG_BYTES - 1))

    def test_one_short_segment_is_stored_like_any_other(self, payloads: Payloads) -> None:
        sealed = SEGMENTS[2]
        writer, held = payloads.resume("csg_a", segments=1)
        writer.write(0, sealed)
        writer.keep(0)
        writer.write(0, sealed)
        with pytest.raises(ValueError, match="missing"):
            writer.finish(LIST)
        address = writer.finish(hashlib.sha256(sealed).digest())
        assert (held, payloads.has(address)) == (0, True)
        assert payloads.segment_list(address, segments=1) == hashlib.sha256(sealed).digest()
        assert payloads.segment(address, 0, segments=1) == sealed
        store_all(payloads)
        assert payloads.segment(address, 0, segments=1) == sealed

    def test_content_that_is_not_there_is_gone_not_empty(self, payloads: Payloads) -> None:
        assert not payloads.has(NOWHERE)
        with pytest.raises(IntegrityError):
            payloads.segment(NOWHERE, 0, segments=1)
        with pytest.raises(IntegrityError):
            payloads.segment_list(NOWHERE, segments=1)
        store_all(payloads)
        with pytest.raises(IntegrityError):
            payloads.segment_list(ADDRESS, segments=2)
        with pytest.raises(ValueError, match="no such segment"):
            payloads.segment(ADDRESS, 3, segments=3)

    @pytest.mark.parametrize("name", ["../escape", "a/b", "", ".hidden", "a.b", "x" * 200])
    def test_a_name_that_could_leave_the_directory_is_a_mistake(self, payloads: Payloads, name: str) -> None:
        with pytest.raises(ValueError, match="name"):
            payloads.begin(name, segments=1)
        with pytest.raises(ValueError, match="name"):
            payloads.resume(name, segments=1)
        with pytest.raises(ValueError, match="name"):
            payloads.partial_segment(name, 0)

    def test_an_address_that_is_no_digest_is_a_mistake(self, payloads: Payloads) -> None:
        for address in ("../../etc/passwd", "A" * 64, "0" * 63):
            with pytest.raises(ValueError, match="address"):
                payloads.has(cast("HexDigest", address))

    def test_there_is_room(self, payloads: Payloads) -> None:
        assert payloads.free_bytes() > 0
