"""The spare journal keeps what the log cannot take, inside room it has already; what a crash cut is no entry."""

import errno
import os
from pathlib import Path

import pytest

from gsomia.errors import UnavailableError
from gsomia.storage import FileSpareJournal, MemorySpareJournal
from gsomia.storage.spare_journal import RESERVED_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spare.journal"


@pytest.mark.source("DESIGN-2")
def test_what_is_kept_is_found_again_in_order(path: Path) -> None:
    journal = FileSpareJournal(path)
    for entry in (b"one", b"two", b"x" * 5000):
        journal.append(entry)
    assert journal.entries() == FileSpareJournal(path).entries() == [b"one", b"two", b"x" * 5000]


@pytest.mark.source("DESIGN-2")
def test_the_file_never_grows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FileSpareJournal(path)
    real = os.pwrite

    def full(descriptor: int, data: bytes, offset: int) -> int:
        if offset + len(data) > RESERVED_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data, offset)

    monkeypatch.setattr("os.pwrite", full)
    for _ in range(104):
        journal.append(b"y" * 10_000)
    with pytest.raises(UnavailableError) as raised:
        journal.append(b"y" * 10_000)
    assert raised.value.code == "storage/spare-journal-full"
    assert path.stat().st_size == RESERVED_BYTES
    assert len(journal.entries()) == 104
    journal.clear(journal.entries())
    assert journal.entries() == []
    assert path.read_bytes() == bytes(RESERVED_BYTES)
    journal.append(b"again")
    assert journal.entries() == [b"again"]


@pytest.mark.source("DESIGN-2")
def test_only_what_was_entered_is_forgotten(path: Path) -> None:
    for journal in (FileSpareJournal(path), MemorySpareJournal()):
        journal.append(b"entered")
        entered = journal.entries()
        journal.append(b"kept while that was entered")
        journal.clear(entered)
        assert journal.entries() == [b"entered", b"kept while that was entered"]
        journal.clear(journal.entries())
        assert journal.entries() == []


@pytest.mark.source("DESIGN-7")
@pytest.mark.parametrize("cut", [1, 4, 20, 36, 38])
def test_an_entry_that_a_crash_cut_is_none_and_is_written_over(path: Path, cut: int) -> None:
    journal = FileSpareJournal(path)
    journal.append(b"whole")
    before = path.read_bytes()
    journal.append(b"abc")
    after = path.read_bytes()
    start = 36 + len(b"whole")
    path.write_bytes(after[: start + cut] + before[start + cut :])
    assert FileSpareJournal(path).entries() == [b"whole"]
    journal.append(b"next")
    assert journal.entries() == [b"whole", b"next"]
