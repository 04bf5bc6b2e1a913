"""What every store owes the flows, whichever way it keeps the record. `test_store.py` runs it for each."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar, cast

import msgspec
import pytest

from contracts.samples import (
    JPN,
    KIM,
    KOR,
    LOG,
    NOW,
    SHARED,
    USA,
    consignment,
    copy_line,
    item,
    leaf,
    outgoing,
    refusal,
    stage,
)
from gsomia import canon
from gsomia.audit import (
    Checkpoint,
    Frontier,
    build_consistency,
    build_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gsomia.exchange import BARRIER, DeliveryStage, MessageKind, Stage
from gsomia.flows.ports import SmallPayload, Store, Tx
from gsomia.flows.records import RefusalRecord
from gsomia.ids import ItemId, PartyCode, sha256_hex
from gsomia.instants import Instant
from gsomia.registry import CopyLine, CustodyKind, Place
from gsomia.storage import StoredRecord

T = TypeVar("T")


class FsckStore(Store, Protocol):
    def iterate_records(self, kind: type[object]) -> Iterator[StoredRecord]: ...

    def check_records(self) -> list[str]: ...


class ItemPart(msgspec.Struct, frozen=True):
    item: str


class ChangeOfMindError(Exception):
    """A unit that fails on purpose."""


def fail(store: Store, unit: Callable[[Tx], object]) -> None:
    def then_fail(tx: Tx) -> None:
        unit(tx)
        raise ChangeOfMindError

    with pytest.raises(ChangeOfMindError):
        store.run(then_fail)


def write_everything(tx: Tx) -> None:
    tx.add(stage(1))
    tx.number("control")
    tx.append(LOG, leaf(1), subject="one")
    tx.append("gsomia/kor/shared/usa", leaf(2), subject="two")
    tx.put_checkpoint(LOG, size=9, body=b"checkpoint")
    tx.put_segment_list(b"list")
    tx.put_small(sha256_hex(b"digest"), SmallPayload(digest=b"digest", sealed=b"sealed"))
    tx.put_cosignature(LOG, size=9, lines=b"lines")
    tx.put_witnessed("gsomia/jpn/shared/kor", size=9, body=b"witnessed")
    tx.put_line(copy_line(1, copy="9"))
    tx.put_line(copy_line(1, copy="1"))
    tx.enqueue(outgoing("queued in vain"))
    for row, _ in tx.due(JPN, now=NOW, limit=9):
        tx.postpone(row, not_before=NOW.plus(days=1))
        tx.settle(row)


def put_and_see(tx: Tx, *, line: CopyLine) -> CopyLine | None:
    tx.put_line(line)
    return tx.line(CopyLine, item=line.item, copy=line.copy)  # seen in its own unit


def snapshot(tx: Tx) -> tuple[object, ...]:
    return (
        tx.lines(CopyLine, limit=99, place=Place.HELD),
        tx.every(DeliveryStage),
        tx.origins(),
        [(tx.head(origin), tx.entries(origin, start=0, limit=99)) for origin in tx.origins()],
        [(tx.checkpoints(origin), tx.last_cosignature(origin)) for origin in tx.origins()],
        tx.witnessed("gsomia/jpn/shared/kor"),
        (tx.segment_list(sha256_hex(b"list")), tx.small(sha256_hex(b"digest"))),
        tx.due(JPN, now=NOW, limit=99),
    )


class StoreContract:
    """Inherited by each store's tests, which give the fixture `store`."""

    # Lines: what the records come to.

    @pytest.mark.source("G6-7")
    def test_a_line_takes_the_place_of_the_one_before_in_any_unit(self, store: FsckStore) -> None:
        kept = {}
        for number, copy, place in [*itertools.product((1, 2), "12", Place), (1, "2", Place.HELD)]:
            line = replace(copy_line(number, copy=copy), place=place)
            kept[line.item, line.copy] = line
            assert store.run(partial(put_and_see, line=line)) == line
        assert store.run(lambda tx: [tx.line(CopyLine, item=of, copy=copy) for of, copy in kept]) == [*kept.values()]

    def test_lines_are_found_by_any_column_page_by_page(self, store: FsckStore) -> None:
        lines = [copy_line(number, copy=copy) for number in (1, 2) for copy in ("1", "2")]
        lines[0] = replace(lines[0], place=Place.LOST, holder=None)

        def unit(tx: Tx) -> None:
            for line in lines:
                tx.put_line(line)

        store.run(unit)
        due = sorted(lines[1:], key=lambda line: (line.item, line.copy))
        found = store.run(lambda tx: tx.lines(CopyLine, limit=9, holder=KIM, place=Place.HELD))
        assert found == due
        assert store.run(lambda tx: tx.lines(CopyLine, limit=9, after=due[0], holder=KIM)) == due[1:]
        assert store.run(lambda tx: tx.lines(CopyLine, limit=1, holder=KIM)) == due[:1]
        assert store.run(lambda tx: tx.lines(CopyLine, limit=9, place=Place.LOST, holder=None)) == lines[:1]
        assert store.run(lambda tx: tx.lines(CopyLine, limit=9, container="SAFE-1")) == []
        assert store.run(lambda tx: tx.tally(CopyLine, by=("place", "custodian"), originator=KOR)) == {
            ("held", "KOR"): 3,
            ("lost", "KOR"): 1,
        }

    def test_a_search_that_would_read_the_whole_register_is_refused(self, store: FsckStore) -> None:
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.lines(CopyLine, limit=1, made=CustodyKind.COPIED))
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.lines(CopyLine, limit=1, holder=None))
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.lines(CopyLine, limit=1, colour="red"))

    @pytest.mark.source("LEDGER-3")
    def test_fsck_derives_every_line_again(self, store: FsckStore) -> None:
        store.run(lambda tx: tx.put_line(copy_line(1)))
        assert store.check_records() == [f"lines {item(1)}: not what the records come to"]

    @pytest.mark.source("G6-7")
    def test_the_newest_records_come_first_and_no_more_than_asked_for(self, store: FsckStore) -> None:
        stages = [stage(number, of=number % 2) for number in range(5)]
        store.run(lambda tx: [tx.add(one) for one in stages[:4]])

        def unit(tx: Tx) -> tuple[list[DeliveryStage], list[DeliveryStage]]:
            tx.add(stages[4])  # seen in its own unit
            return tx.newest(DeliveryStage, limit=2), tx.newest(DeliveryStage, limit=9, consignment=consignment(1))

        assert store.run(unit) == ([stages[4], stages[3]], [stages[3], stages[1]])
        assert store.run(lambda tx: tx.newest(DeliveryStage, limit=0)) == []

    # All or nothing.

    def test_a_unit_returns_its_result(self, store: FsckStore) -> None:
        assert store.run(lambda _tx: 17) == 17

    def test_a_failed_unit_raises_its_own_error_and_leaves_nothing(self, store: FsckStore) -> None:
        store.run(write_everything)
        store.run(lambda tx: tx.enqueue(outgoing("stays")))
        before = store.run(snapshot)
        fail(store, write_everything)
        assert store.run(snapshot) == before

    def test_a_failed_first_unit_leaves_an_empty_record(self, store: FsckStore) -> None:
        before = store.run(snapshot)
        fail(store, write_everything)
        assert store.run(snapshot) == before

    def test_after_a_failed_unit_the_log_goes_on_where_it_was(self, store: FsckStore) -> None:
        store.run(lambda tx: tx.append(LOG, leaf(0), subject="zero"))
        fail(store, lambda tx: [tx.append(LOG, leaf(n), subject="gone") for n in range(1, 6)])
        assert store.run(lambda tx: tx.append(LOG, leaf(1), subject="one")) == 1
        assert store.run(lambda tx: tx.head(LOG).frontier.root()) == frontier_of(store, LOG).root()

    def test_a_unit_sees_what_it_wrote(self, store: FsckStore) -> None:
        def unit(tx: Tx) -> None:
            tx.add(stage(1))
            assert tx.latest(DeliveryStage) == stage(1)
            assert tx.append(LOG, leaf(0), subject="zero") == 0
            assert tx.head(LOG).frontier.size == 1
            assert tx.find(LOG, subject="zero") == 0

        store.run(unit)

    def test_a_unit_inside_a_unit_is_refused_rather_than_waiting_for_ever(self, store: FsckStore) -> None:
        with pytest.raises(RuntimeError, match="wait for itself"):
            store.run(lambda _tx: store.run(lambda _inner: None))
        assert store.run(lambda _tx: "goes on") == "goes on"

    def test_a_tx_ends_with_its_unit(self, store: FsckStore) -> None:
        leaked = store.run(lambda tx: tx)
        with pytest.raises(RuntimeError, match="ends with it"):
            leaked.add(stage(1))
        with pytest.raises(RuntimeError, match="ends with it"):
            leaked.head(LOG)

    def test_a_closed_store_runs_nothing_and_closes_twice(self, store: FsckStore) -> None:
        store.close()
        store.close()
        with pytest.raises(RuntimeError, match="closed"):
            store.run(lambda _tx: None)

    # Records.

    def test_a_record_is_named_by_the_digest_of_its_canonical_bytes(self, store: FsckStore) -> None:
        assert store.run(lambda tx: tx.add(stage(1))) == canon.digest(stage(1))

    def test_latest_is_the_last_one_that_fits(self, store: FsckStore) -> None:
        store.run(lambda tx: [tx.add(stage(1)), tx.add(stage(1, reached=Stage.RECEIVED)), tx.add(stage(2, of=2))])
        assert store.run(lambda tx: tx.latest(DeliveryStage, consignment=consignment(0))) == stage(
            1, reached=Stage.RECEIVED
        )
        assert store.run(lambda tx: tx.latest(DeliveryStage)) == stage(2, of=2)
        assert store.run(lambda tx: tx.latest(DeliveryStage, consignment=consignment(9))) is None
        assert store.run(lambda tx: tx.latest(RefusalRecord)) is None

    def test_every_is_oldest_first_and_must_fit_all_keys(self, store: FsckStore) -> None:
        store.run(lambda tx: [tx.add(stage(n, of=n % 2)) for n in range(6)])
        odd = store.run(lambda tx: tx.every(DeliveryStage, consignment=consignment(1)))
        assert odd == [stage(n, of=1) for n in (1, 3, 5)]
        both = store.run(lambda tx: tx.every(DeliveryStage, item=item(3), consignment=consignment(1)))
        assert both == [stage(3, of=1)]
        assert store.run(lambda tx: tx.every(DeliveryStage, item=item(3), consignment=consignment(0))) == []
        assert store.run(lambda tx: tx.every(DeliveryStage)) == [stage(n, of=n % 2) for n in range(6)]

    def test_parts_are_of_the_records_that_every_finds_in_its_order(self, store: FsckStore) -> None:
        def unit(tx: Tx) -> None:
            for n in range(6):
                tx.add(stage(n, of=n % 2))
            for keys in ({}, {"consignment": consignment(1)}, {"item": item(3), "consignment": consignment(0)}):
                records = tx.every(DeliveryStage, **keys)
                assert tx.parts(DeliveryStage, ItemPart, **keys) == [ItemPart(item=one.item) for one in records]

        store.run(unit)
        store.run(lambda tx: tx.add(stage(9, of=1)))
        assert store.run(lambda tx: tx.parts(DeliveryStage, ItemPart, consignment=consignment(1)))[-1].item == item(9)
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.parts(DeliveryStage, ItemPart, colour="red"))

    def test_count_counts_what_every_returns(self, store: FsckStore) -> None:
        store.run(lambda tx: [tx.add(stage(n, of=n % 2)) for n in range(5)])
        assert store.run(lambda tx: tx.count(DeliveryStage)) == 5
        assert store.run(lambda tx: tx.count(DeliveryStage, consignment=consignment(1))) == 2
        assert store.run(lambda tx: tx.count(DeliveryStage, consignment=consignment(7))) == 0

    def test_the_same_record_may_be_added_twice(self, store: FsckStore) -> None:
        store.run(lambda tx: [tx.add(stage(1)), tx.add(stage(1))])
        assert store.run(lambda tx: tx.every(DeliveryStage)) == [stage(1), stage(1)]

    def test_a_key_that_is_no_column_or_a_value_that_is_no_record_is_a_mistake(self, store: FsckStore) -> None:
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.latest(DeliveryStage, colour="red"))
        with pytest.raises(TypeError):
            store.run(lambda tx: tx.add(object()))

    def test_what_would_not_read_back_is_not_written(self, store: FsckStore) -> None:
        broken = replace(stage(1), item=cast("ItemId", "no item id"))
        with pytest.raises(ValueError, match="read back"):
            store.run(lambda tx: tx.add(broken))
        assert store.run(lambda tx: tx.count(DeliveryStage)) == 0

    def test_records_are_found_by_key_and_held_against_their_bytes(self, store: FsckStore) -> None:
        store.run(lambda tx: [tx.add(refusal(n, party=USA if n % 2 else JPN)) for n in range(600)])
        stored = list(store.iterate_records(RefusalRecord))
        assert [line.seq for line in stored] == list(range(1, 601))
        assert all(
            line.digest == canon.digest(refusal(n, party=USA if n % 2 else JPN)) for n, line in enumerate(stored)
        )
        assert store.check_records() == []

    @pytest.mark.source("G6-7")
    def test_running_numbers_have_no_gaps_among_committed_units(self, store: FsckStore) -> None:
        first = store.run(lambda tx: [tx.number("control"), tx.number("control"), tx.number("other")])
        fail(store, lambda tx: tx.number("control"))
        assert [*first, store.run(lambda tx: tx.number("control"))] == [1, 2, 1, 3]

    # Logs.

    def test_an_unknown_log_is_empty(self, store: FsckStore) -> None:
        head, last = store.run(lambda tx: (tx.head("gsomia/kor/other"), tx.last_checkpoint("gsomia/kor/other")))
        assert (head.frontier, head.last_at, last) == (Frontier(), None, None)
        assert store.run(lambda tx: tx.entries("gsomia/kor/other", start=0, limit=9)) == []
        assert store.run(lambda tx: tx.find("gsomia/kor/other", subject="x")) is None
        assert store.run(lambda tx: tx.checkpoints("gsomia/kor/other")) == []
        assert store.run(lambda tx: tx.last_cosignature("gsomia/kor/other")) is None
        assert store.run(lambda tx: tx.origins()) == []

    def test_logs_are_apart_and_listed_sorted(self, store: FsckStore) -> None:
        indices = store.run(lambda tx: [tx.append(origin, leaf(1), subject="s") for origin in (SHARED, LOG, SHARED)])
        assert indices == [0, 0, 1]
        assert store.run(lambda tx: tx.origins()) == [LOG, SHARED]

    def test_entries_come_in_order_from_where_asked(self, store: FsckStore) -> None:
        fill(store, LOG, 7)
        found = store.run(lambda tx: tx.entries(LOG, start=3, limit=2))
        assert [entry.index for entry in found] == [3, 4]
        assert len(store.run(lambda tx: tx.entries(LOG, start=5, limit=99))) == 2
        assert store.run(lambda tx: tx.entries(LOG, start=7, limit=1)) == []

    def test_find_names_the_last_entry_about_a_subject(self, store: FsckStore) -> None:
        fill(store, LOG, 7)
        assert store.run(lambda tx: tx.find(LOG, subject="subject 1")) == 4
        assert store.run(lambda tx: tx.find(SHARED, subject="subject 1")) is None

    @pytest.mark.source("DESIGN-5")
    def test_entry_time_never_runs_backwards(self, store: FsckStore) -> None:
        store.run(lambda tx: tx.append(LOG, leaf(0, at=NOW), subject="now"))
        with pytest.raises(ValueError, match="older"):
            store.run(lambda tx: tx.append(LOG, leaf(1, at=NOW.plus(seconds=-1)), subject="before"))
        store.run(lambda tx: tx.append(LOG, leaf(2, at=NOW), subject="the same second"))
        assert store.run(lambda tx: tx.head(LOG).last_at) == NOW

    @pytest.mark.source("DESIGN-5")
    @pytest.mark.parametrize("size", [1, 2, 3, 8, 13])
    def test_every_proof_built_from_stored_nodes_verifies(self, store: FsckStore, size: int) -> None:
        fill(store, LOG, size)
        root = store.run(lambda tx: tx.head(LOG).frontier.root())
        for entry in store.run(lambda tx: tx.entries(LOG, start=0, limit=99)):
            proof = with_nodes(store, partial(build_inclusion, entry.index, size))
            verify_inclusion(entry.leaf_hash, index=entry.index, size=size, proof=proof, root=root)
        for old in range(1, size):
            older = Checkpoint(origin=LOG, size=old, root=frontier_of(store, LOG, size=old).root())
            newer = Checkpoint(origin=LOG, size=size, root=root)
            proof = with_nodes(store, partial(build_consistency, old, size))
            verify_consistency(old=older, new=newer, proof=proof)

    def test_a_subtree_that_is_not_complete_is_not_stored(self, store: FsckStore) -> None:
        fill(store, LOG, 3)
        for level, index in ((0, 3), (1, 1), (2, 0)):
            with pytest.raises(KeyError):
                read_node(store, level, index)

    def test_checkpoints_are_kept_smallest_first_and_the_first_of_a_size_stays(self, store: FsckStore) -> None:
        def unit(tx: Tx) -> None:
            for size, body in ((4, b"four"), (2, b"two"), (4, b"another four")):
                tx.put_checkpoint(LOG, size=size, body=body)

        store.run(unit)
        assert store.run(lambda tx: tx.checkpoints(LOG)) == [b"two", b"four"]
        assert store.run(lambda tx: tx.last_checkpoint(LOG)) == (4, b"four")

    def test_the_last_cosignature_is_the_one_kept_last(self, store: FsckStore) -> None:
        def unit(tx: Tx) -> None:
            for size in (1, 5, 3):
                tx.put_cosignature(LOG, size=size, lines=b"%d" % size)

        store.run(unit)
        assert store.run(lambda tx: tx.last_cosignature(LOG)) == (3, b"3")

    def test_a_witnessed_checkpoint_replaces_the_one_before(self, store: FsckStore) -> None:
        origin = "gsomia/jpn/shared/kor"
        assert store.run(lambda tx: tx.witnessed(origin)) is None
        store.run(lambda tx: tx.put_witnessed(origin, size=1, body=b"1"))
        store.run(lambda tx: tx.put_witnessed(origin, size=2, body=b"2"))
        assert store.run(lambda tx: tx.witnessed(origin)) == (2, b"2")
        assert store.run(lambda tx: tx.origins()) == []

    # What is still to be said.

    def test_due_rows_come_oldest_first_for_their_partner_alone(self, store: FsckStore) -> None:
        rows = store.run(lambda tx: [tx.enqueue(outgoing(name)) for name in "abc"])
        store.run(lambda tx: tx.enqueue(outgoing("d", partner=USA)))
        due = store.run(lambda tx: tx.due(JPN, now=NOW, limit=2))
        assert [(row, said.reference) for row, said in due] == [(rows[0], "a"), (rows[1], "b")]
        assert due[0][1] == outgoing("a")
        assert store.run(lambda tx: [tx.queued(JPN), tx.queued(USA)]) == [3, 1]

    def test_a_postponed_row_waits_and_counts_the_attempt(self, store: FsckStore) -> None:
        row = store.run(lambda tx: tx.enqueue(outgoing("a")))
        later = NOW.plus(seconds=30)
        store.run(lambda tx: tx.postpone(row, not_before=later))
        assert store.run(lambda tx: tx.due(JPN, now=NOW, limit=9)) == []
        ((found, said),) = store.run(lambda tx: tx.due(JPN, now=later, limit=9))
        assert (found, said.attempts, said.not_before, said.kind) == (row, 1, later, MessageKind.STATEMENT)
        assert store.run(lambda tx: tx.queued(JPN)) == 1

    @pytest.mark.source("DESIGN-6")
    def test_what_is_said_waits_behind_what_was_postponed_and_what_is_carried_does_not(self, store: FsckStore) -> None:
        carried = replace(outgoing("csg"), kind=MessageKind.CONSIGNMENT)
        first, second, before, waits, after, parcel, _ = store.run(
            lambda tx: [
                tx.enqueue(one)
                for one in (
                    outgoing("a"),
                    carried,
                    outgoing("b"),
                    outgoing("c"),
                    replace(outgoing("d"), kind=MessageKind.STAGE),
                    carried,
                    outgoing("to another", partner=USA),
                )
            ]
        )
        later = NOW.plus(seconds=30)
        store.run(lambda tx: tx.postpone(second, not_before=later))
        store.run(lambda tx: tx.postpone(waits, not_before=later))

        def due(partner: PartyCode, now: Instant) -> list[int]:
            return [row for row, _ in store.run(lambda tx: tx.due(partner, now=now, limit=9))]

        assert due(JPN, NOW) == [first, before, parcel]
        assert len(due(USA, NOW)) == 1
        assert due(JPN, later) == [first, second, before, waits, after, parcel]

    def test_the_more_urgent_is_due_first_and_a_change_of_keys_keeps_its_place(self, store: FsckStore) -> None:
        queue = [("old", 0), ("flash", 4), ("change", BARRIER), ("new", 0), ("urgent", 4), ("routine", 1), ("more", 4)]

        def enqueue(tx: Tx) -> None:
            for reference, urgency in queue:
                tx.enqueue(replace(outgoing(reference), urgency=urgency))
            tx.enqueue(replace(outgoing("elsewhere", partner=USA), urgency=4))

        store.run(enqueue)
        due = store.run(lambda tx: tx.due(JPN, now=NOW, limit=9))
        expected = ["flash", "old", "change", "urgent", "more", "routine", "new"]
        assert [one.reference for _, one in due] == expected
        assert {(one.reference, one.urgency) for _, one in due} == set(queue)
        assert [one.reference for _, one in store.run(lambda tx: tx.due(JPN, now=NOW, limit=2))] == expected[:2]

    def test_the_urgent_is_due_however_much_waits_before_it(self, store: FsckStore) -> None:
        def enqueue(tx: Tx) -> None:
            for number in range(40):
                tx.enqueue(replace(outgoing(f"c{number}"), kind=MessageKind.CONSIGNMENT))
            tx.enqueue(replace(outgoing("flash"), urgency=4))

        store.run(enqueue)
        assert store.run(lambda tx: tx.due(JPN, now=NOW, limit=1))[0][1].reference == "flash"

    def test_a_row_leaves_only_when_settled_and_its_id_is_never_used_again(self, store: FsckStore) -> None:
        row = store.run(lambda tx: tx.enqueue(outgoing("a")))
        store.run(lambda tx: tx.settle(row))
        store.run(lambda tx: tx.settle(row))
        store.run(lambda tx: tx.postpone(row, not_before=NOW))
        assert store.run(lambda tx: tx.queued(JPN)) == 0
        assert store.run(lambda tx: tx.enqueue(outgoing("b"))) != row

    # Many at once.

    def test_units_from_many_threads_all_arrive_and_none_twice(self, store: FsckStore) -> None:
        start = threading.Barrier(8)

        def work(worker: int) -> list[int]:
            start.wait()
            indices = []
            for turn in range(25):
                number = worker * 100 + turn

                def unit(tx: Tx, number: int = number) -> int:
                    tx.add(stage(number))
                    tx.number("units")
                    return tx.append(LOG, leaf(number), subject=str(number))

                if turn % 5 == 4:
                    fail(store, unit)
                else:
                    indices.append(store.run(unit))
            return indices

        with ThreadPoolExecutor(8) as pool:
            indices = [index for found in pool.map(work, range(8)) for index in found]
        assert sorted(indices) == list(range(160))
        assert store.run(lambda tx: tx.count(DeliveryStage)) == 160
        assert store.run(lambda tx: tx.number("units")) == 161
        assert store.run(lambda tx: tx.head(LOG).frontier) == frontier_of(store, LOG)


def fill(store: Store, origin: str, size: int) -> None:
    store.run(lambda tx: [tx.append(origin, leaf(n), subject=f"subject {n % 3}") for n in range(size)])


def with_nodes(store: Store, build: Callable[[Callable[[int, int], bytes]], T]) -> T:
    return store.run(lambda tx: build(lambda level, index: tx.node(LOG, level, index)))


def read_node(store: Store, level: int, index: int) -> bytes:
    return store.run(lambda tx: tx.node(LOG, level, index))


def frontier_of(store: Store, origin: str, *, size: int = 9999) -> Frontier:
    frontier = Frontier()
    for entry in store.run(lambda tx: tx.entries(origin, start=0, limit=size)):
        frontier, _ = frontier.append(entry.leaf_hash)
    return frontier
