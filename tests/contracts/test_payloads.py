"""The payload contract for each way of keeping sealed content, and what only files owe."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.payloads_contract import ADDRESS, FULL, LIST, SEGMENTS, PayloadsContract, store_all
from gsomia.envelope import TAG_BYTES
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.flows.ports import Payloads, Store, Tx
from gsomia.ids import sha256_hex
from gsomia.storage import FilePayloads, MemoryPayloads, MemoryStore, RowPayloads, SqliteStore
from gsomia.storage.small_payloads import MAX_SMALL_BYTES


class TestMemoryPayloads(PayloadsContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

    @pytest.fixture
    def payloads(self) -> Payloads:
        return MemoryPayloads()


class TestFilePayloads(PayloadsContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

    @pytest.fixture
    def payloads(self, tmp_path: Path) -> Payloads:
        return FilePayloads(tmp_path / "payloads")


class TestRowPayloads(PayloadsContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "node.db")
        yield store
        store.close()

    @pytest.fixture
    def payloads(self, tmp_path: Path, store: Store) -> Payloads:
        return RowPayloads(store, FilePayloads(tmp_path / "payloads"))

    def test_a_unit_that_fails_leaves_no_row(self, payloads: Payloads, store: Store) -> None:
        writer = payloads.begin("csg_a", segments=1)
        writer.write(0, bytes(TAG_BYTES))
        listed = hashlib.sha256(bytes(TAG_BYTES)).digest()
        finish = writer.finish_with(listed)

        def unit(tx: Tx) -> None:
            finish(tx)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.run(unit)
        assert not payloads.has(sha256_hex(listed))


@pytest.mark.parametrize(
    ("sealed_bytes", "files"), [(TAG_BYTES, 0), (MAX_SMALL_BYTES + TAG_BYTES, 0), (MAX_SMALL_BYTES + TAG_BYTES + 1, 1)]
)
def test_short_content_is_a_row_and_longer_content_a_file(tmp_path: Path, sealed_bytes: int, files: int) -> None:
    store, directory = SqliteStore(tmp_path / "node.db"), tmp_path / "payloads"
    sealed = bytes(sealed_bytes)
    writer = RowPayloads(store, FilePayloads(directory)).begin("csg_a", segments=1)
    writer.write(0, sealed)
    address = writer.finish(hashlib.sha256(sealed).digest())
    store.close()
    store = SqliteStore(tmp_path / "node.db")
    payloads = RowPayloads(store, FilePayloads(directory))
    assert payloads.segment(address, 0, segments=1) == sealed
    assert sum(file.is_file() for file in directory.rglob("*")) == files
    store.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "payloads"


def test_one_file_holds_the_list_and_then_the_segments(directory: Path) -> None:
    store_all(FilePayloads(directory))
    stored = directory / ADDRESS[:2] / ADDRESS
    assert stored.read_bytes() == LIST + b"".join(SEGMENTS)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert list((directory / "incoming").iterdir()) == []


def test_a_transfer_goes_on_after_the_process_was_started_again(directory: Path) -> None:
    FilePayloads(directory).begin("csg_a", segments=3).write(0, SEGMENTS[0])
    payloads = FilePayloads(directory)
    assert payloads.partial_segment("csg_a", 0) == SEGMENTS[0]
    assert payloads.resume("csg_a", segments=3)[1] == 1


def test_a_segment_that_was_cut_short_is_cut_off(directory: Path) -> None:
    writer = FilePayloads(directory).begin("csg_a", segments=3)
    writer.write(0, SEGMENTS[0])
    writer.write(1, SEGMENTS[1])
    (working,) = (directory / "incoming").iterdir()
    os.truncate(working, working.stat().st_size - 1)
    payloads = FilePayloads(directory)
    with pytest.raises(IntegrityError):
        payloads.partial_segment("csg_a", 1)
    assert payloads.resume("csg_a", segments=3)[1] == 1
    assert working.stat().st_size == 3 * 32 + FULL


def test_going_back_cuts_the_file(directory: Path) -> None:
    writer = FilePayloads(directory).begin("csg_a", segments=3)
    for index, segment in enumerate(SEGMENTS):
        writer.write(index, segment)
    writer.keep(1)
    (working,) = (directory / "incoming").iterdir()
    assert working.stat().st_size == 3 * 32 + FULL


@pytest.mark.parametrize("when", ["write", "finish"])
@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "storage/disk-full"), (errno.EIO, "storage/disk-fails")])
def test_a_full_or_failing_disk_is_said_and_leaves_no_partial(
    directory: Path, monkeypatch: pytest.MonkeyPatch, when: str, number: int, code: str
) -> None:
    payloads = FilePayloads(directory)
    writer = payloads.begin("csg_a", segments=3)
    for index, segment in enumerate(SEGMENTS[:2]):
        writer.write(index, segment)

    def fail(*_args: object) -> int:
        raise OSError(number, os.strerror(number))

    if when == "write":
        monkeypatch.setattr("os.pwrite", fail)
        with pytest.raises(UnavailableError) as caught:
            writer.write(2, SEGMENTS[2])
    else:
        writer.write(2, SEGMENTS[2])
        monkeypatch.setattr("os.fsync", fail)
        with pytest.raises(UnavailableError) as caught:
            writer.finish(LIST)
    assert caught.value.code == code
    assert caught.value.remedy
    assert [file for file in directory.rglob("*") if file.is_file()] == []


@pytest.mark.source("DESIGN-7")
def test_file_and_directories_are_synced_before_the_address_is_known(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = FilePayloads(directory)
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", note)
    store_all(payloads)
    assert synced == ["csg_a.3", "payloads", ADDRESS[:2], "incoming"]


def test_content_changed_or_cut_on_disk_is_damage(directory: Path) -> None:
    payloads = FilePayloads(directory)
    store_all(payloads)
    stored = directory / ADDRESS[:2] / ADDRESS
    data = bytearray(stored.read_bytes())
    data[0] ^= 1
    stored.write_bytes(data[: 96 + FULL + 7])
    with pytest.raises(IntegrityError) as caught:
        payloads.segment_list(ADDRESS, segments=3)
    assert caught.value.code == "storage/payload-damaged"
    with pytest.raises(IntegrityError) as caught:
        payloads.segment(ADDRESS, 1, segments=3)
    assert caught.value.code == "storage/payload-missing"
    store_all(payloads, "csg_again")
    assert payloads.segment_list(ADDRESS, segments=3) == LIST
