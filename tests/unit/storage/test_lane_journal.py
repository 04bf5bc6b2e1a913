"""The lanes' journal: cut anywhere it gives whole batches, damaged it says so, after a failure it begins anew."""

import os
from pathlib import Path

import pytest

from contracts.samples import seeded
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.flows.ports import StorageKeys
from gsomia.storage import FileLaneJournal
from gsomia.storage.memory_files import MemoryStorageKeys

BATCHES = [[b"head"], [b"one", b"two"], [b"three" * 50]]


def journal(directory: Path, keys: StorageKeys | None = None, *, seed: str = "journal") -> FileLaneJournal:
    return FileLaneJournal(directory / "lane", keys=keys or MemoryStorageKeys(seeded("k")), entropy=seeded(seed))


def written(directory: Path, keys: StorageKeys) -> Path:
    one = journal(directory, keys)
    one.begin(BATCHES[0][0])
    for batch in BATCHES[1:]:
        for record in batch:
            one.append(record)
        one.commit()
    one.close()
    return next((directory / "lane").iterdir())


def test_what_was_committed_is_read_back_in_order(tmp_path: Path) -> None:
    keys = MemoryStorageKeys(seeded("k"))
    written(tmp_path, keys)
    assert list(journal(tmp_path, keys).last()) == [record for batch in BATCHES for record in batch]


def test_a_file_cut_at_any_byte_gives_the_whole_batches_before_the_cut(tmp_path: Path) -> None:
    keys = MemoryStorageKeys(seeded("k"))
    path = written(tmp_path, keys)
    data = path.read_bytes()
    told = set()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        told.add(tuple(journal(tmp_path, keys).last()))
    flat = [tuple(r for batch in BATCHES[:n] for r in batch) for n in range(len(BATCHES) + 1)]
    assert told == set(flat)


def test_a_changed_byte_before_the_last_batch_is_damage_and_never_silence(tmp_path: Path) -> None:
    keys = MemoryStorageKeys(seeded("k"))
    path = written(tmp_path, keys)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        list(journal(tmp_path, keys).last())
    assert caught.value.code == "storage/lane-journal-damaged"


def test_nothing_of_it_lies_readable_on_the_disk(tmp_path: Path) -> None:
    path = written(tmp_path, MemoryStorageKeys(seeded("k")))
    assert b"three" not in path.read_bytes()


def test_a_new_file_whose_head_was_cut_does_not_count(tmp_path: Path) -> None:
    keys = MemoryStorageKeys(seeded("k"))
    written(tmp_path, keys)
    second = journal(tmp_path, keys, seed="second")
    second.begin(b"new head")
    second.close()
    newest = max((tmp_path / "lane").iterdir())
    assert list(journal(tmp_path, keys).last()) == [b"new head"]
    newest.write_bytes(newest.read_bytes()[:-1])
    assert next(journal(tmp_path, keys).last()) == b"head"


@pytest.mark.source("DESIGN-2")
def test_after_a_failed_sync_nothing_is_taken_until_a_new_file_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = MemoryStorageKeys(seeded("k"))
    one = journal(tmp_path, keys)
    one.begin(b"head")

    def fails(_descriptor: int) -> None:
        raise OSError(5, "input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fails)
        one.append(b"lost")
        with pytest.raises(UnavailableError):
            one.commit()
    one.append(b"still lost")
    with pytest.raises(UnavailableError):
        one.commit()
    one.begin(b"head again")
    one.append(b"kept")
    one.commit()
    assert list(journal(tmp_path, keys).last()) == [b"head again", b"kept"]
