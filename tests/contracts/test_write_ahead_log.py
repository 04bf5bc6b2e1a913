"""The write-ahead log of the record: laid out beforehand, folded back before it outgrows that, and never misread."""

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from contracts.store_contract import snapshot, write_everything
from gsomia.flows.ports import Tx
from gsomia.storage import SqliteStore
from gsomia.storage.sqlite_open import WAL_BYTES, lay_out_wal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


def test_what_callers_write_themselves_is_folded_back_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folded = SqliteStore(path), threading.Event()
    fold = store._fold_wal

    def note() -> None:
        fold()
        folded.set()

    monkeypatch.setattr(store, "_fold_wal", note)
    with ThreadPoolExecutor(1) as pool:
        for number in range(40):
            pool.submit(store.run, lambda tx, n=number: tx.put_segment_list(bytes([n]) * 40_000))
    assert folded.wait(30)
    assert store._wal_pages == 0
    store.close()


def keep(tx: Tx, number: int) -> None:
    """Write six pages and more."""
    tx.put_segment_list(number.to_bytes(4, "big") * 5000)


@pytest.mark.parametrize("threads", [0, 1], ids=["through-the-keeper", "in-the-caller's-thread"])
def test_a_long_write_ahead_log_is_folded_back_before_it_outgrows_what_was_laid_out(path: Path, threads: int) -> None:
    store = SqliteStore(path)

    def fill() -> None:
        for number in range(1000):
            store.run(partial(keep, number=number))

    if threads:
        with ThreadPoolExecutor(threads) as pool:
            pool.submit(fill).result()
    else:
        fill()
    assert path.with_name("node.db-wal").stat().st_size == WAL_BYTES
    store.close()


def test_after_a_unit_that_made_it_longer_it_has_its_usual_size_again(path: Path) -> None:
    store = SqliteStore(path)
    wal = path.with_name("node.db-wal")
    store.run(lambda tx: tx.put_segment_list(bytes(WAL_BYTES + 1)))
    assert wal.stat().st_size > WAL_BYTES
    store.run(partial(keep, number=1))  # after the fold
    assert wal.stat().st_size == WAL_BYTES
    store.close()


def test_what_was_laid_out_and_not_written_is_no_part_of_the_record(path: Path, tmp_path: Path) -> None:
    store = SqliteStore(path)
    store.run(write_everything)
    before = store.run(snapshot)
    wal = path.with_name("node.db-wal")
    assert wal.stat().st_size == WAL_BYTES
    crashed = tmp_path / "crashed" / "node.db"
    crashed.parent.mkdir()
    for file in (path, wal):  # as it lies there after a crash
        (crashed.parent / file.name).write_bytes(file.read_bytes())
    store.close()
    found = SqliteStore(crashed)
    assert found.run(snapshot) == before
    found.close()


def test_folding_for_good_leaves_nothing_and_once_all_is_quiet_it_is_laid_out_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = threading.Event()

    def note(name: Path) -> None:
        lay_out_wal(name)
        again.set()

    monkeypatch.setattr("gsomia.storage.sqlite.IDLE_S", 0.05)
    store = SqliteStore(path)
    monkeypatch.setattr("gsomia.storage.sqlite.lay_out_wal", note)
    store.run(write_everything)
    wal = path.with_name("node.db-wal")
    with ThreadPoolExecutor(1) as pool:  # in a caller's thread, while the keeper sleeps
        pool.submit(store.fold).result()
    assert again.wait(30)
    assert wal.stat().st_size == WAL_BYTES
    assert not any(wal.read_bytes())
    store.close()


def test_a_disk_without_room_for_it_leaves_the_log_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(path)
    wal = path.with_name("node.db-wal")
    os.truncate(wal, 4096)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("gsomia.storage.sqlite_open.os.fsync", full)
    lay_out_wal(path)
    assert wal.stat().st_size == 4096
    store.close()
