"""The record in SQLite: one connection, on which units run one after another and are committed in groups.

`run` takes the turn if it is free and nobody waits for it, and runs its unit at once, without a change of threads. Else
it queues the unit, and the keeper thread takes whatever is queued: each unit in a savepoint of its own inside one
`BEGIN IMMEDIATE`; it commits, and only then tells the callers. Write-ahead log, `synchronous=FULL`: what was told
survives a power cut. Checkpoints of the write-ahead log run on the same connection, by the keeper when all is quiet.

Source: design 7; stack C (single-row commits, the cost of checkpoints in the commit path, the WAL-reset bug).
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gsomia.errors import IntegrityError
from gsomia.flows.ports import LogHead, Tx
from gsomia.storage.fsck import BATCH, StoredRecord, check_kind, check_lines, check_pages, check_schema, read_batch
from gsomia.storage.kinds import KINDS
from gsomia.storage.log_head import EMPTY
from gsomia.storage.migrate import known_migrations, migrate_up
from gsomia.storage.sqlite_buffer import RowBuffer
from gsomia.storage.sqlite_logs import read_logs
from gsomia.storage.sqlite_open import check_library, fault, lay_out_wal, open_database
from gsomia.storage.sqlite_outbox import last_row
from gsomia.storage.sqlite_remembered import Remembered
from gsomia.storage.sqlite_tx import SqliteTx

MAX_GROUP = 512
"""Units in one commit."""
IDLE_S = 0.5
"""So long nothing must be queued before the write-ahead log is folded back."""
IDLE_WAL_PAGES = 256
"""A shorter write-ahead log (1 MiB) is left alone."""
MAX_WAL_PAGES = 1_920
"""A longer one is folded back between two groups, busy or not, before it outgrows what was laid out for it."""
COPY_PAGES = 1_024
"""Pages (4 MiB) copied at a time, so that units run between."""

_MAIN = threading.main_thread().ident
"""The thread that a signal interrupts: no unit runs there, so that none is cut in two."""

T = TypeVar("T")
R = TypeVar("R")

_LOST = (
    apsw.FullError,
    apsw.IOError,
    apsw.NoMemError,
    apsw.BusyError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.ReadOnlyError,
)
"""After these the whole group is given up, not the one unit that met it."""


class _Job:
    """A unit that waits for its turn; a bare lock tells its caller, which costs a third of a `Future`."""

    __slots__ = ("_told", "cause", "reads", "result", "settled", "unit")

    def __init__(self, unit: Callable[[Tx], Any], *, reads: bool = False) -> None:
        self.unit = unit
        self.reads = reads
        self.result: Any = None
        self.cause: BaseException | None = None
        self.settled = False
        self._told = threading.Lock()
        self._told.acquire()

    def wait(self) -> Any:  # noqa: ANN401  whatever the unit returns
        """What the unit came to, once the keeper says so; raises what it raised."""
        self._told.acquire()
        if self.cause is not None:
            try:
                raise self.cause
            finally:
                self.cause = None  # its traceback holds this frame
        return self.result

    def settle(self) -> None:
        """Tell the caller."""
        self.settled = True
        self._told.release()

    def fail(self, cause: BaseException) -> None:
        """Tell the caller that it failed."""
        self.cause = cause
        self.settle()


class SqliteStore:
    """A node's record in one SQLite database.

    Args:
        path: `DIR/node.db`; made if it is not there.
        vfs: the name of an apsw VFS, for tests that make the disk fail.

    Raises:
        LocalError: the SQLite library is too old, or the database newer than this program.
        IntegrityError: not a database, or one made by other scripts.
        UnavailableError: the file cannot be opened, or is locked.
    """

    def __init__(self, path: Path, *, vfs: str | None = None) -> None:
        check_library(apsw.sqlite_lib_version())
        self._path = path
        self._is_plain_file = vfs is None
        self._remembered = Remembered()
        self._folds: list[Future[None]] = []
        self._wal_pages = 0
        self._laid_out = False
        """Whether the write-ahead log has its usual size."""
        self._commits = 0
        try:
            self._database = open_database(path, vfs=vfs)
            self._database.set_wal_hook(self._note_wal)
            migrate_up(self._database, known=known_migrations())
            self._lay_out_wal()
            self._logs = read_logs(self._database)
            self._numbers = count(last_row(self._database) + 1)
        except apsw.Error as cause:
            raise fault(cause, path) from cause
        self._durable = dict(self._logs)
        self._buffer = RowBuffer(self._database)
        self._gate = threading.Lock()
        self._turn = threading.Lock()
        self._running = 0
        """Whose thread has the turn."""
        self._waiting = 0
        """Who waits for the turn; changed with the gate closed."""
        self._told = False
        """Whether the keeper knows that there is something to do once all is quiet."""
        self._last_group_s = 0.0
        self._closed = False
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._between: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {path.name}", daemon=True)
        self._keeper.start()

    def run(self, unit: Callable[[Tx], T], *, reads: bool = False) -> T:
        """Run `unit`, and return its result once it is durable. Callable from any thread.

        Args:
            unit: what is read and written together.
            reads: it hardly ever writes: of its group it goes first, and is told before the others commit.

        Raises:
            UnavailableError: the disk is full or the database locked; nothing was written.
            IntegrityError: the database does not hold.
            RuntimeError: called inside a unit, or after `close`.
            Exception: whatever `unit` raised; nothing was written.
        """
        if self._running == threading.get_ident():
            msg = "a unit of work cannot run another: it would wait for itself"
            raise RuntimeError(msg)
        job = _Job(unit, reads=reads)
        with self._gate:
            if self._closed:
                msg = "the store is closed"
                raise RuntimeError(msg)
            # INVARIANT (no unit waits for nobody): whoever finds the turn taken is queued, and the keeper looks there.
            # INVARIANT (no unit waits for ever): nobody goes before those who wait.
            at_once = self._waiting == 0 and threading.get_ident() != _MAIN and self._turn.acquire(blocking=False)
            if not at_once:
                self._enqueue(job)
        if at_once:
            self._run_in_turn([job])
        result: T = job.wait()
        return result

    def leaf_at_hand(self, origin: str, index: int) -> bytes:
        """The bytes of a durable entry, without a turn among the units.

        Raises:
            KeyError: it is not at hand; a unit finds it.
        """
        log = self._durable[origin]
        if index >= log.head.frontier.size:
            raise KeyError((origin, index))
        return self._remembered.leaves[log.number, index]

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """The hash of a complete subtree of durable entries, without a turn among the units.

        Raises:
            KeyError: as `leaf_at_hand`.
        """
        log = self._durable[origin]
        if (index + 1) << level > log.head.frontier.size:
            raise KeyError((origin, level, index))
        # What is durable is never appended again, so no other hash was or will be kept at this place.
        return self._remembered.nodes[log.number, level, index]

    def durable_head(self, origin: str) -> LogHead:
        """Where a log stands by the last commit, without a turn among the units; an unknown log is empty."""
        log = self._durable.get(origin)
        return log.head if log is not None else EMPTY

    def close(self) -> None:
        """Finish what is queued, fold the write-ahead log back and close; a second call does nothing."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._keeper.join()
        try:
            with self._turn:
                self._database.close()
        except apsw.Error as cause:
            raise fault(cause, self._path) from cause

    def copy_to(self, path: Path) -> None:
        """Copy the record as it stands at the end of the copying into a new file, while units go on.

        Raises:
            UnavailableError: the disk is full or fails; what was written is no record.

        Source: design 7 (nobody else opens the database: the copy is made on the keeper's connection).
        """
        copy = apsw.Connection(str(path))
        try:
            self._between_groups(lambda: copy.pragma("synchronous", "FULL"))
            backup = self._between_groups(lambda: copy.backup("main", self._database, "main"))
            try:
                while not backup.done:
                    self._between_groups(lambda: backup.step(COPY_PAGES))
            finally:
                self._between_groups(backup.finish)
        except apsw.Error as cause:
            raise fault(cause, path) from cause
        finally:
            copy.close()

    def _between_groups(self, act: Callable[[], T]) -> T:
        """Run `act` on the keeper's thread while no transaction is open."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(act())
            except BaseException as cause:  # noqa: BLE001  whatever it raises is its caller's
                future.set_exception(cause)

        with self._gate:
            if self._closed:
                msg = "the store is closed"
                raise RuntimeError(msg)
            self._between.put(run)
            self._enqueue(_Job(_nothing))  # wakes the keeper
        return future.result()

    def fold(self) -> None:
        """Write everything into the database file and empty the write-ahead log: what was deleted lies nowhere beside.

        Raises:
            UnavailableError: the disk is full or fails; what was deleted may lie in the write-ahead log still.
        """
        folded: Future[None] = Future()
        self.run(lambda _tx: self._folds.append(folded))
        folded.result()

    def iterate_records(self, kind: type[object]) -> Iterator[StoredRecord]:
        """Every stored record of a kind as it lies in its table, oldest first, for fsck; read in pieces."""
        after = 0
        while batch := self._batch(kind, after):
            yield from batch
            after = batch[-1].seq

    def iterate_lines(self, kind: type[R]) -> Iterator[R]:
        """Every line of a kind, for fsck; read in pieces."""
        last: R | None = None
        while batch := self.run(partial(_next_lines, kind=kind, last=last)):
            yield from batch
            last = batch[-1]

    def check_records(self) -> list[str]:
        """What does not hold in the database and its records, as `table number: what`; empty if all does."""
        try:
            problems = self.run(lambda _tx: [*check_schema(self._database), *check_pages(self._database)])
            for kind in KINDS:
                problems += check_kind(kind, self.iterate_records(kind))
            problems += [] if problems else check_lines(self)
        except IntegrityError as cause:
            return [f"database: {cause.message}"]
        return problems

    def _batch(self, kind: type[object], after: int) -> list[StoredRecord]:
        return self.run(lambda _tx: self._flushed(lambda: read_batch(self._database, kind, after=after)))

    def _enqueue(self, job: _Job) -> None:
        self._waiting += 1
        self._queue.put(job)

    # In whoever's thread has the turn, from here on.

    def _flushed(self, read: Callable[[], T]) -> T:
        self._buffer.flush()
        return read()

    def _keep(self) -> None:
        while True:
            jobs, last = self._take()
            self._run_in_turn(jobs, then=partial(self._look_after, idle=not jobs))
            if last:
                return

    def _run_in_turn(self, jobs: list[_Job], *, then: Callable[[], None] | None = None) -> None:
        """Run a group in the turn that was taken, and give the turn back."""
        self._running = threading.get_ident()
        try:
            if jobs:
                self._run_group(jobs)
                self._fold_for_good()
                self._last_group_s = time.monotonic()
            if then is not None:
                then()
            elif self._wal_pages > MAX_WAL_PAGES or (self._awaits_idle() and not self._told):
                self._told = True
                with self._gate:
                    self._enqueue(_Job(_nothing))  # the keeper waits for ever while there is little to look after
        finally:
            self._running = 0
            self._turn.release()

    def _look_after(self, *, idle: bool) -> None:
        while not self._between.empty():
            self._between.get_nowait()()
        idle = idle and time.monotonic() - self._last_group_s >= IDLE_S
        if self._wal_pages > MAX_WAL_PAGES or (idle and self._wal_pages > IDLE_WAL_PAGES):
            self._fold_wal()
        if idle:
            self._told = False
            if not self._laid_out:
                self._lay_out_wal()

    def _awaits_idle(self) -> bool:
        """Whether there is something to do once all is quiet."""
        return self._wal_pages > IDLE_WAL_PAGES or not self._laid_out

    def _take(self) -> tuple[list[_Job], bool]:
        """With the turn: what is queued, and whether the store closes after it; nothing after `IDLE_S` of silence."""
        try:
            job = self._queue.get(timeout=IDLE_S if self._awaits_idle() else None)
        except queue.Empty:
            with self._gate:
                self._waiting += 1
            self._turn.acquire()
            self._served(1)
            return [], False
        self._turn.acquire()  # what is queued while another has it joins the group
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MAX_GROUP or self._queue.empty():
                break
            job = self._queue.get_nowait()
        self._served(len(jobs))
        jobs.sort(key=_writes)
        return jobs, job is None

    def _served(self, count: int) -> None:
        with self._gate:
            self._waiting -= count

    def _run_group(self, jobs: list[_Job]) -> None:
        before = dict(self._logs)
        commits = self._commits
        waiting: list[_Job] = []
        try:
            wrote = False
            for job in jobs:
                wrote |= self._run_unit(job)
                if wrote:
                    waiting.append(job)
                else:
                    job.settle()  # all it saw was committed before
            # CRASH: before COMMIT returns, the next open finds none of this group or, if its frames got there, all.
            if self._database.in_transaction:
                self._buffer.flush()
                self._sql("COMMIT")
        except BaseException as cause:  # noqa: BLE001  a caller whose future is never resolved would wait for ever
            # INVARIANT (all or nothing): the heads in memory are those of the committed record.
            # CRASH: frames of a commit that failed may lie in the write-ahead log until the next group overwrites them;
            # a power cut in between may bring them back whole, and whoever repeats the flow finds them.
            if self._commits == commits:
                self._logs = before
            self._buffer.clear()
            self._remembered.forget_answers()
            self._give_up(cause, [job for job in jobs if not job.settled])
            return
        self._durable = dict(self._logs)
        # INVARIANT (written before said): no caller learns an outcome before the group is durable.
        # CRASH: committed and not told; whoever repeats the flow finds its records and does nothing twice.
        for job in waiting:
            job.settle()

    def _run_unit(self, job: _Job) -> bool:
        before = dict(self._logs)
        tx = SqliteTx(
            self._database, self._buffer, self._logs, self._remembered, self._numbers, begin=self._begin_group
        )
        try:
            job.result = job.unit(tx)
        except BaseException as cause:  # whatever a unit raises is its caller's
            if isinstance(cause, _LOST) or (tx.wrote and not self._database.in_transaction):
                raise
            # INVARIANT (all or nothing): tables and heads are as before this unit.
            if tx.wrote:
                tx.take_back()
                self._remembered.forget_answers()
            self._logs = before
            job.cause = cause
        finally:
            tx.end()
        if tx.saved:
            self._sql("RELEASE unit")
        return tx.wrote

    def _begin_group(self) -> None:
        if not self._database.in_transaction:
            self._sql("BEGIN IMMEDIATE")

    def _give_up(self, cause: BaseException, jobs: list[_Job]) -> None:
        try:
            if self._database.in_transaction:
                self._sql("ROLLBACK")
        except apsw.Error as worse:
            cause = worse
        for job in jobs:
            error = fault(cause, self._path) if isinstance(cause, apsw.Error) else RuntimeError("the keeper failed")
            error.__cause__ = cause
            job.fail(error)

    def _fold_wal(self) -> None:
        # On the writing connection: no second connection ever checkpoints (stack C, the WAL-reset bug).
        # CRASH: the write-ahead log is still whole; the next open plays it again.
        # If it fails nothing is lost: it is tried again, and a disk that fails shows at the next commit.
        with suppress(apsw.Error):
            self._database.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        self._wal_pages = 0
        self._told = False

    def _fold_for_good(self) -> None:
        if not self._folds:
            return
        folds, self._folds = self._folds, []
        try:
            self._database.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as cause:
            for folded in folds:
                folded.set_exception(fault(cause, self._path))
        else:
            self._wal_pages = 0
            self._laid_out = False  # again once all is quiet: many items destroyed one after another do not wait for it
            for folded in folds:
                folded.set_result(None)

    def _lay_out_wal(self) -> None:
        self._laid_out = True
        if self._is_plain_file:
            lay_out_wal(self._path)

    def _note_wal(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        self._commits += 1
        return apsw.SQLITE_OK

    def _sql(self, statement: str) -> None:
        self._database.execute(statement).fetchall()


def _writes(job: _Job) -> bool:
    return not job.reads


def _nothing(_tx: Tx) -> None:
    """A unit that only wakes the keeper."""


def _next_lines(tx: Tx, *, kind: type[R], last: R | None) -> list[R]:
    return tx.lines(kind, limit=BATCH, after=last)
