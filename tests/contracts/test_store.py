"""The store contract for each way of keeping the record, and what only a database owes."""

import itertools
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from contracts.at_hand_contract import AtHandContract
from contracts.noted_contract import NotedContract
from contracts.samples import JPN, LOG, NOW, leaf, outgoing, stage
from contracts.store_contract import (
    FsckStore,
    ItemPart,
    StoreContract,
    fail,
    fill,
    frontier_of,
    snapshot,
    write_everything,
)
from gsomia.errors import IntegrityError, LocalError, UnavailableError
from gsomia.exchange import DeliveryStage
from gsomia.flows.ports import Tx
from gsomia.storage import MemoryStore, SqliteStore
from gsomia.storage.sqlite import _Job
from gsomia.storage.sqlite_open import check_library


class TestMemoryStore(StoreContract, NotedContract, AtHandContract):
    @pytest.fixture
    def store(self) -> Iterator[FsckStore]:
        store = MemoryStore()
        yield store
        store.close()


class TestSqliteStore(StoreContract, NotedContract, AtHandContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[FsckStore]:
        store = SqliteStore(tmp_path / "node.db")
        yield store
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


def test_reopening_gives_the_same_state_and_goes_on(path: Path) -> None:
    store = SqliteStore(path)
    store.run(write_everything)
    fill(store, LOG, 11)
    before = store.run(snapshot)
    store.close()
    store = SqliteStore(path)
    assert store.run(snapshot) == before
    assert store.run(lambda tx: tx.append(LOG, leaf(99), subject="next")) == 12
    assert store.run(lambda tx: tx.number("control")) == 2
    assert store.run(lambda tx: tx.head(LOG).frontier) == frontier_of(store, LOG)
    store.close()


def write_one(store: SqliteStore, number: int) -> None:
    store.run(lambda tx: (tx.add(stage(number)), tx.append(LOG, leaf(number), subject="s")))


def die_inside(tx: Tx) -> None:
    write_everything(tx)
    os._exit(9)


@pytest.mark.source("DESIGN-2", "DESIGN-7")
def test_what_was_told_survives_a_process_that_dies_between_units(path: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover  the child is not measured
        store = SqliteStore(path)
        for number in range(20):
            write_one(store, number)
            os.write(writer, bytes([number]))
        os._exit(9)
    os.close(writer)
    os.waitpid(child, 0)
    told = os.read(reader, 99)
    os.close(reader)
    store = SqliteStore(path)
    assert store.run(lambda tx: tx.every(DeliveryStage)) == [stage(number) for number in told]
    assert store.run(lambda tx: tx.head(LOG).frontier) == frontier_of(store, LOG)
    assert store.run(lambda tx: tx.head(LOG).frontier.size) == len(told) == 20
    assert store.check_records() == []
    store.close()


@pytest.mark.source("DESIGN-2")
def test_a_process_that_dies_inside_a_unit_leaves_nothing_of_it(path: Path) -> None:
    child = os.fork()
    if child == 0:  # pragma: no cover  the child is not measured
        store = SqliteStore(path)
        store.run(lambda tx: tx.append(LOG, leaf(0), subject="told"))
        store.run(die_inside)
    os.waitpid(child, 0)
    store = SqliteStore(path)
    assert store.run(lambda tx: tx.head(LOG).frontier.size) == 1
    assert store.run(lambda tx: tx.count(DeliveryStage)) == 0
    assert store.check_records() == []
    store.close()


@pytest.mark.source("DESIGN-5", "A-18")
@pytest.mark.parametrize(
    "table", ["delivery_stage", "log_entry", "log_node", "log_checkpoint", "log_cosignature", "item", "statement"]
)
def test_records_and_logs_can_neither_be_changed_nor_deleted(path: Path, table: str) -> None:
    store = SqliteStore(path)
    store.run(write_everything)
    fill(store, LOG, 4)
    store.close()
    database = apsw.Connection(str(path))
    column = database.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()[0][0]
    if not database.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]:
        database.execute(f"INSERT INTO {table} (doc_digest, doc) VALUES ('', x'')")
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            database.execute(statement).fetchall()
    database.close()


def test_a_unit_runs_in_its_callers_thread_unless_another_has_the_turn(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(path)
    with ThreadPoolExecutor(1) as pool:
        ran, asked = pool.submit(lambda: (store.run(lambda _tx: threading.get_ident()), threading.get_ident())).result()
    assert ran == asked
    assert store.run(lambda _tx: threading.get_ident()) == store._keeper.ident  # a signal cuts no unit in two
    held, waits, go = threading.Event(), threading.Event(), threading.Event()
    wait = _Job.wait

    def note(job: _Job) -> object:
        waits.set()
        return wait(job)

    def hold(_tx: Tx) -> None:
        held.set()
        go.wait()

    monkeypatch.setattr(_Job, "wait", note)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.run, hold)
        held.wait()
        second = pool.submit(store.run, lambda _tx: threading.get_ident())
        waits.wait()
        go.set()
        assert second.result() == store._keeper.ident
        first.result()
    store.close()


def test_what_only_reads_goes_first_of_its_group(path: Path) -> None:
    store, order = SqliteStore(path), list[str]()
    held, go = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        held.set()
        go.wait()

    def write(tx: Tx) -> None:
        order.append("writes")
        tx.append(LOG, leaf(0), subject="s")

    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(store.run, hold)]
        held.wait()
        waiting.append(pool.submit(store.run, write))
        while store._waiting < 1:
            pass
        waiting.append(pool.submit(store.run, lambda _tx: order.append("reads"), reads=True))
        while store._waiting < 2:
            pass
        go.set()
        for one in waiting:
            one.result()
    assert order == ["reads", "writes"]
    store.close()


def test_nobody_goes_before_those_who_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, stop = SqliteStore(path), threading.Event()
    turns, queued_at = itertools.count(), list[int]()
    wait = _Job.wait

    def note(job: _Job) -> object:
        if threading.current_thread().name == "patient" and not job.settled:
            queued_at.append(next(turns))
        return wait(job)

    def loop() -> None:
        while not stop.is_set():
            store.run(lambda _tx: next(turns))

    monkeypatch.setattr(_Job, "wait", note)
    with ThreadPoolExecutor(1) as pool:
        looping = pool.submit(loop)
        served_at: list[int] = []
        for _ in range(200):
            patient = threading.Thread(
                target=lambda: served_at.append(store.run(lambda _tx: next(turns))), name="patient"
            )
            before = len(queued_at)
            patient.start()
            patient.join()
            if len(queued_at) == before:
                served_at.pop()  # it found the turn free
        stop.set()
        looping.result()
    # The unit that runs, and one more that saw nobody wait yet, may come first.
    assert all(served - queued <= 3 for served, queued in zip(served_at, queued_at, strict=True))
    store.close()


def test_what_is_committed_stays_so_whatever_happens_right_after(path: Path) -> None:
    store = SqliteStore(path)
    durable = store._sql

    def interrupt(statement: str) -> None:
        durable(statement)
        if statement == "COMMIT":
            monkey.undo()
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(store, "_sql", interrupt)
        with pytest.raises(RuntimeError):
            store.run(lambda tx: tx.append(LOG, leaf(0), subject="s"))
    assert store.run(lambda tx: tx.append(LOG, leaf(1), subject="s")) == 1
    assert len(store.run(lambda tx: tx.entries(LOG, start=0, limit=9))) == 2
    store.close()


def test_units_that_are_queued_together_are_committed_together(path: Path) -> None:
    store = SqliteStore(path)
    held, go = threading.Event(), threading.Event()
    commits: list[str] = []

    def note_commit() -> bool:
        commits.append("commit")
        return False

    store._database.set_commit_hook(note_commit)

    def hold(_tx: Tx) -> None:
        held.set()
        go.wait()

    first = threading.Thread(target=store.run, args=(hold,))
    first.start()
    held.wait()
    others = [
        threading.Thread(target=store.run, args=(lambda tx, n=n: tx.append(LOG, leaf(n), subject="s"),))
        for n in range(8)
    ]
    for thread in others:
        thread.start()
    while store._queue.qsize() < 7:  # the keeper has one in hand and waits for the turn
        pass
    commits.clear()
    go.set()
    for thread in (first, *others):
        thread.join()
    assert len(commits) == 1  # all that waited at once; the one that held wrote nothing and commits nothing
    assert store.run(lambda tx: tx.head(LOG).frontier.size) == 8
    store.close()


def test_a_unit_that_only_reads_costs_no_commit_to_disk(path: Path) -> None:
    store = SqliteStore(path)
    fill(store, LOG, 3)
    wal = path.with_name("node.db-wal")
    before = wal.stat().st_size, wal.stat().st_mtime_ns
    for _ in range(5):
        store.run(lambda tx: (tx.head(LOG), tx.every(DeliveryStage), tx.due(JPN, now=NOW, limit=1)))
    assert (wal.stat().st_size, wal.stat().st_mtime_ns) == before
    store.close()


@pytest.mark.source("DESIGN-2")
def test_a_full_disk_is_said_with_a_remedy_and_nothing_is_written(path: Path) -> None:
    store = SqliteStore(path)
    fill(store, LOG, 3)
    before = store.run(snapshot)
    (pages,) = store.run(lambda _tx: store._database.execute("PRAGMA page_count").fetchall()[0])
    assert isinstance(pages, int)
    store.run(lambda _tx: store._database.execute(f"PRAGMA max_page_count = {pages + 1}").fetchall())
    with pytest.raises(UnavailableError) as caught:
        store.run(lambda tx: [tx.append(LOG, leaf(n), subject="x" * 999) for n in range(999)])
    assert caught.value.code == "storage/disk-full"
    assert "free room" in caught.value.remedy
    assert store.run(snapshot) == before
    store.run(lambda _tx: store._database.execute("PRAGMA max_page_count = 99999").fetchall())
    assert store.run(lambda tx: tx.append(LOG, leaf(3), subject="goes on")) == 3
    store.close()


class FailingFile(apsw.VFSFile):
    """The write-ahead log of a disk that stops syncing when told to."""

    def xSync(self, flags: int) -> None:  # noqa: N802  apsw's name
        if FailingDisk.failing:
            raise apsw.FullError
        super().xSync(flags)


class FailingDisk(apsw.VFS):
    """A disk that works until told otherwise."""

    failing = False

    def __init__(self) -> None:
        super().__init__("failing", "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  apsw's name
        return FailingFile("", name, flags)


@pytest.fixture
def failing_disk() -> Iterator[type[FailingDisk]]:
    disk = FailingDisk()
    FailingDisk.failing = False
    yield FailingDisk
    FailingDisk.failing = False
    disk.unregister()


@pytest.mark.source("DESIGN-2")
def test_a_commit_that_does_not_reach_the_disk_is_told_to_nobody(path: Path, failing_disk: type[FailingDisk]) -> None:
    store = SqliteStore(path, vfs="failing")
    fill(store, LOG, 3)
    before = store.run(snapshot)
    failing_disk.failing = True
    with pytest.raises(UnavailableError) as caught:
        store.run(write_everything)
    assert caught.value.code == "storage/disk-full"
    assert store.run(snapshot) == before
    failing_disk.failing = False
    assert store.run(lambda tx: tx.append(LOG, leaf(3), subject="goes on")) == 3
    assert store.run(lambda tx: tx.head(LOG).frontier) == frontier_of(store, LOG)
    store.close()
    reopened = SqliteStore(path)
    assert reopened.run(lambda tx: tx.head(LOG).frontier.size) == 4
    assert reopened.check_records() == []
    reopened.close()


def test_a_database_that_another_process_writes_to_is_said_to_be_locked(path: Path) -> None:
    store = SqliteStore(path)
    store._database.set_busy_timeout(0)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE").fetchall()
    with pytest.raises(UnavailableError) as caught:
        store.run(lambda tx: tx.append(LOG, leaf(0), subject="s"))
    assert caught.value.code == "storage/database-locked"
    other.execute("ROLLBACK").fetchall()
    other.close()
    assert store.run(lambda tx: tx.head(LOG).frontier.size) == 0
    store.close()


def test_a_file_that_is_no_database_is_damage(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 400)
    with pytest.raises(IntegrityError) as caught:
        SqliteStore(path)
    assert caught.value.code == "storage/database-damaged"


@pytest.mark.source("DESIGN-7")
def test_a_sqlite_that_can_corrupt_the_record_is_refused() -> None:
    check_library("3.51.3")
    with pytest.raises(LocalError) as caught:
        check_library("3.51.2")
    assert caught.value.code == "storage/sqlite-too-old"


def plant(path: Path, *statements: str) -> None:
    database = apsw.Connection(str(path))
    for trigger in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {trigger[0]}").fetchall()
    for statement in statements:
        database.execute(statement).fetchall()
    database.close()


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE delivery_stage SET doc = CAST(replace(doc, 'sending', 'refused') AS BLOB) WHERE seq = 2",
            "delivery_stage 2: the bytes",
        ),
        ("UPDATE delivery_stage SET item = 'itm_other' WHERE seq = 3", "delivery_stage 3: the key columns"),
        ("DELETE FROM delivery_stage WHERE seq = 1", "delivery_stage 1: missing"),
        ("SELECT 1", "schema delivery_stage_is_not_changed: not as it was made"),
    ],
)
def test_fsck_names_table_and_number_of_what_was_changed_behind_the_door(
    path: Path, statement: str, finding: str
) -> None:
    store = SqliteStore(path)
    store.run(lambda tx: [tx.add(stage(n)) for n in range(4)])
    store.close()
    plant(path, statement)
    store = SqliteStore(path)
    assert any(problem.startswith(finding) for problem in store.check_records())
    store.close()


def test_a_record_changed_behind_the_door_is_not_read_as_if_nothing_was(path: Path) -> None:
    store = SqliteStore(path)
    store.run(lambda tx: tx.add(stage(1)))
    store.close()
    plant(path, "UPDATE delivery_stage SET doc = CAST(replace(doc, 'sending', 'refused') AS BLOB)")
    store = SqliteStore(path)
    for ask in (lambda tx: tx.latest(DeliveryStage), lambda tx: tx.parts(DeliveryStage, ItemPart)):
        with pytest.raises(IntegrityError) as caught:
            store.run(ask)
        assert caught.value.code == "storage/record-damaged"
    store.close()


def test_a_log_whose_end_was_taken_away_does_not_open(path: Path) -> None:
    store = SqliteStore(path)
    fill(store, LOG, 4)
    store.close()
    plant(path, "DELETE FROM log_node WHERE level = 2")
    with pytest.raises(IntegrityError) as caught:
        SqliteStore(path)
    assert caught.value.code == "storage/log-damaged"


def test_only_the_owner_reads_the_database_and_closing_leaves_one_file(path: Path) -> None:
    store = SqliteStore(path)
    store.run(lambda tx: tx.enqueue(outgoing("a")))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("node.db-wal").stat().st_mode & 0o777 == 0o600
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["node.db"]


def test_units_that_fail_in_a_group_do_not_touch_their_neighbours(path: Path) -> None:
    store = SqliteStore(path)
    fill(store, LOG, 2)
    fail(store, lambda tx: tx.append(LOG, leaf(7), subject="gone"))
    assert store.run(lambda tx: tx.find(LOG, subject="gone")) is None
    store.close()
