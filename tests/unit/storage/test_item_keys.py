import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contracts.samples import item, seeded
from gsomia.errors import IntegrityError, LocalError, UnavailableError
from gsomia.storage import FileStorageKeys, create_storage_keys

MASTER = b"m" * 32
RECORD_BYTES = 98


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "storage.keys"
    create_storage_keys(path, master_key=MASTER, entropy=seeded("new"))
    return path


def opened(path: Path, *, seed: str = "opened") -> FileStorageKeys:
    return FileStorageKeys(path, master_key=MASTER, entropy=seeded(seed))


def filled(path: Path, count: int) -> dict[int, bytes]:
    keys = opened(path)
    return {number: keys.create(item(number)) for number in range(count)}


def test_keys_are_found_again_after_a_restart_and_the_file_goes_on(path: Path) -> None:
    made = filled(path, 3)
    keys = opened(path, seed="later")
    assert {number: keys.get(item(number)) for number in made} == made
    fourth = keys.create(item(3))
    assert opened(path).get(item(3)) == fourth


def test_the_file_is_the_owners_and_shows_no_key(path: Path) -> None:
    made = filled(path, 3)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not any(key in path.read_bytes() for key in made.values())


def test_a_key_file_is_never_made_over_another_nor_quietly_made_anew(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalError) as refused:
        create_storage_keys(path, master_key=MASTER, entropy=seeded("again"))
    assert refused.value.code == "storage/file-exists"
    with pytest.raises(IntegrityError) as missing:
        opened(tmp_path / "gone.keys")
    assert missing.value.code == "storage/storage-keys-missing"


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("kept", [0, 1, 50, RECORD_BYTES - 1])
def test_a_last_record_torn_by_a_crash_is_cut_off(path: Path, kept: int) -> None:
    made = filled(path, 3)
    whole = path.stat().st_size
    os.truncate(path, whole - RECORD_BYTES + kept)
    keys = opened(path, seed="later")
    assert [keys.get(item(number)) for number in (0, 1)] == [made[0], made[1]]
    with pytest.raises(IntegrityError):
        keys.get(item(2))
    assert path.stat().st_size == whole - RECORD_BYTES
    again = keys.create(item(2))
    assert opened(path).get(item(2)) == again


def test_a_last_record_whose_bytes_never_reached_the_disk_is_cut_off(path: Path) -> None:
    made = filled(path, 3)
    data = path.read_bytes()
    path.write_bytes(data[:-RECORD_BYTES] + bytes(RECORD_BYTES))
    assert opened(path).get(item(1)) == made[1]
    assert path.read_bytes() == data[:-RECORD_BYTES]


@pytest.mark.source("DESIGN-4")
def test_a_batch_torn_in_its_middle_is_cut_off_whole_because_nobody_was_told(path: Path) -> None:
    filled(path, 1)
    keys = opened(path, seed="batch")
    with keys._writing, ThreadPoolExecutor(4) as pool:  # everyone waits, so that all share one batch
        waiting = [pool.submit(keys.create, item(number)) for number in range(10, 14)]
        while len(keys._gathering.keys) < 4:
            pass
        keys._write(keys._gathering)
        keys._writing.release()
        assert len({future.result() for future in waiting}) == 4
        keys._writing.acquire()
    data = bytearray(path.read_bytes())
    assert len(opened(path)._keys) == 5
    data[-3 * RECORD_BYTES + 60] ^= 1
    path.write_bytes(data)
    assert len(opened(path)._keys) == 2


@pytest.mark.parametrize("offset", [0, 21, 30, 45, 50, 80, 88, 100, 140])
def test_damage_before_the_last_batch_is_damage(path: Path, offset: int) -> None:
    filled(path, 3)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        opened(path)
    assert caught.value.code == "storage/storage-keys-damaged"
    assert path.read_bytes() == data


def test_another_master_key_opens_nothing_and_changes_nothing(path: Path) -> None:
    filled(path, 1)
    data = path.read_bytes()
    with pytest.raises(IntegrityError):
        FileStorageKeys(path, master_key=bytes(32), entropy=seeded("x"))
    assert path.read_bytes() == data


def test_keys_that_are_asked_for_together_share_one_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = opened(path)
    syncs: list[int] = []
    monkeypatch.setattr("os.fsync", syncs.append)
    keys._writing.acquire()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(keys.create, item(number)) for number in range(8)]
        while len(keys._gathering.keys) < 8:
            pass
        keys._writing.release()
        assert len({future.result() for future in waiting}) == 8
    assert len(syncs) == 1


def test_a_full_disk_is_said_and_the_next_key_is_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled(path, 2)
    keys = opened(path, seed="full")
    before = path.read_bytes()

    def no_room(descriptor: int, data: bytes, offset: int) -> int:
        os.lseek(descriptor, offset, os.SEEK_SET)
        os.write(descriptor, bytes(data)[:40])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", no_room)
        with pytest.raises(UnavailableError) as caught:
            keys.create(item(7))
    assert caught.value.code == "storage/disk-full"
    assert path.read_bytes() == before
    with pytest.raises(IntegrityError):
        keys.get(item(7))
    seventh = keys.create(item(7))
    reopened = opened(path)
    assert (reopened.get(item(1)), reopened.get(item(7))) == (made[1], seventh)
