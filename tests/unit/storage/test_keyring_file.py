import struct
from pathlib import Path

import pytest

from contracts.samples import seeded
from gsomia.errors import IntegrityError, LocalError, NodeError
from gsomia.storage import DEFAULT_COST, PassphraseCost, read_sealed, write_sealed

WEAK = PassphraseCost(memory_kib=8, iterations=1, lanes=1)
SECRET = b"what must not be read"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "identity.keys"
    write_sealed(path, SECRET, passphrase=b"right", entropy=seeded("seal"), cost=WEAK)
    return path


def test_the_passphrase_opens_what_it_sealed(path: Path) -> None:
    assert read_sealed(path, passphrase=b"right") == SECRET
    assert SECRET not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["identity.keys"]


def test_another_passphrase_is_refused_with_a_remedy(path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        read_sealed(path, passphrase=b"wrong")
    assert caught.value.code == "storage/wrong-passphrase"
    assert "passphrase" in caught.value.remedy


@pytest.mark.source("DESIGN-4")
def test_a_byte_changed_anywhere_is_refused(path: Path) -> None:
    data = path.read_bytes()
    for offset in range(len(data)):
        changed = bytearray(data)
        changed[offset] ^= 1
        path.write_bytes(changed)
        with pytest.raises((LocalError, IntegrityError)):
            read_sealed(path, passphrase=b"right")


def test_a_file_cut_short_or_grown_is_refused(path: Path) -> None:
    data = path.read_bytes()
    for other in (b"", data[:10], data[:-1], data + b"x", data + bytes(1 << 16)):
        path.write_bytes(other)
        with pytest.raises(NodeError):
            read_sealed(path, passphrase=b"right")


@pytest.mark.parametrize("cost", [(1 << 19, 3, 4), (1 << 16, 1000, 4), (1 << 16, 3, 1000), (8, 1, 2), (0, 0, 0)])
def test_a_cost_nobody_writes_is_refused_before_it_is_paid(path: Path, cost: tuple[int, int, int]) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:21] + struct.pack(">III", *cost) + data[33:])
    with pytest.raises(IntegrityError) as caught:
        read_sealed(path, passphrase=b"right")
    assert caught.value.code == "storage/key-file-malformed"


def test_a_key_file_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(LocalError) as caught:
        write_sealed(path, b"other", passphrase=b"right", entropy=seeded("again"), cost=WEAK)
    assert caught.value.code == "storage/file-exists"
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["identity.keys"]


def test_an_empty_passphrase_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as empty:
        write_sealed(tmp_path / "a.keys", SECRET, passphrase=b"", entropy=seeded("x"), cost=WEAK)
    with pytest.raises(LocalError) as missing:
        read_sealed(tmp_path / "a.keys", passphrase=b"right")
    assert [empty.value.code, missing.value.code] == ["storage/empty-passphrase", "storage/no-key-file"]


def test_a_leftover_of_a_crash_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".identity.keys.new").write_bytes(b"half")
    path = tmp_path / "identity.keys"
    write_sealed(path, SECRET, passphrase=b"right", entropy=seeded("seal"), cost=WEAK)
    assert read_sealed(path, passphrase=b"right") == SECRET


def test_the_cost_that_is_written_without_asking_is_that_of_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "identity.keys"
    write_sealed(path, SECRET, passphrase=b"right", entropy=seeded("seal"))
    assert struct.unpack(">III", path.read_bytes()[21:33]) == (64 * 1024, 3, 4)
    assert read_sealed(path, passphrase=b"right") == SECRET
    assert DEFAULT_COST.memory_kib == 64 * 1024
