"""The write-ahead log of the record: laid out beforehand, folded back before it outgrows that, and never misread."""

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from contracts.samples import LOG, leaf, outgoing, stage
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


def write_one(tx: Tx, number: int) -> None:
    tx.add(stage(number))
    tx.append(LOG, leaf(number), subject="s")


def test_a_long_write_ahead_log_is_folded_back_before_it_outgrows_what_was_laid_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsomia.storage.sqlite.MAX_WAL_PAGES", 50)
    monkeypatch.setattr("gsomia.storage.sqlite_open.WAL_BYTES", 4 << 20)
    store = SqliteStore(path)
    wal = path.with_name("node.db-wal")
    for number in range(400):
        store.run(partial(write_one, number=number))
    assert wal.stat().st_size == 4 << 20  # 400 commits of three pages and more
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


def test_folding_for_good_leaves_nothing_of_what_was_written_and_lays_it_out_again(path: Path) -> None:
    store = SqliteStore(path)
    store.run(write_everything)
    store.fold()
    store.run(lambda tx: tx.enqueue(outgoing("a")))
    laid = path.with_name("node.db-wal").read_bytes()
    assert len(laid) == WAL_BYTES
    assert not any(laid[100_000:])
    store.close()


def test_a_disk_without_room_for_it_leaves_the_log_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(path)
    store.fold()
    wal = path.with_name("node.db-wal")
    os.truncate(wal, 4096)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("gsomia.storage.sqlite_open.os.fsync", full)
    lay_out_wal(path)
    assert wal.stat().st_size == 4096
    store.close()
