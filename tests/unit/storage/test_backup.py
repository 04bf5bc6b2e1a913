"""A backup brings back exactly what was put in, or nothing at all; it never holds a storage key."""

import io
import tarfile
from functools import partial
from pathlib import Path

import apsw
import pytest

from contracts.samples import leaf, seeded, stage
from gsomia.errors import IntegrityError, LocalError
from gsomia.exchange import DeliveryStage
from gsomia.flows.ports import Tx
from gsomia.storage import PassphraseCost, SqliteStore, read_backup, write_backup
from gsomia.storage.backup import _HEADER, PIECE_BYTES, _Sealing

CHEAP = PassphraseCost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = b"of the backup"
ADDRESS = "ab" + "0" * 62


def files(tmp_path: Path, sizes: dict[str, int]) -> dict[str, Path]:
    made = {}
    for name, size in sizes.items():
        path = tmp_path / "from" / name.replace("/", "_")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(seeded(name)(size))
        made[name] = path
    return made


def back_up(tmp_path: Path, sizes: dict[str, int]) -> Path:
    out = tmp_path / "backup"
    write_backup(out, files(tmp_path, sizes).items(), passphrase=PASSPHRASE, entropy=seeded("x"), cost=CHEAP)
    return out


@pytest.mark.source("A-18")
@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 512, PIECE_BYTES, 3 * PIECE_BYTES + 7])
def test_what_was_backed_up_comes_back_byte_for_byte(tmp_path: Path, size: int) -> None:
    sizes = {"node.db": size, f"payloads/ab/{ADDRESS}": 100, "keys/persons/kim-analyst.keys": 7}
    out = back_up(tmp_path, sizes)
    assert read_backup(out, tmp_path / "to", passphrase=PASSPHRASE) == 3
    for name, path in files(tmp_path, sizes).items():
        assert (tmp_path / "to" / name).read_bytes() == path.read_bytes()


@pytest.mark.source("A-18")
def test_a_backup_shows_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    out = back_up(tmp_path, {"node.db": 4096})
    held = out.read_bytes()
    assert b"node.db" not in held
    assert seeded("node.db")(4096)[:16] not in held


@pytest.mark.source("A-18", "RFC 9106")
def test_a_backup_does_not_open_with_another_passphrase(tmp_path: Path) -> None:
    out = back_up(tmp_path, {"node.db": 10})
    with pytest.raises(LocalError) as raised:
        read_backup(out, tmp_path / "to", passphrase=b"another")
    assert raised.value.code == "storage/wrong-passphrase"


@pytest.mark.source("A-18")
def test_a_backup_that_is_cut_or_longer_or_swapped_is_refused(tmp_path: Path) -> None:
    out = back_up(tmp_path, {"node.db": 3 * PIECE_BYTES})
    whole = out.read_bytes()
    sealed = PIECE_BYTES + 16
    first = _HEADER.size
    hurt = {
        "cut at a piece": whole[: first + 2 * sealed],
        "cut inside a piece": whole[:-10],
        "longer": whole + b"x",
        "swapped": whole[:first]
        + whole[first + sealed : first + 2 * sealed]
        + whole[first : first + sealed]
        + whole[first + 2 * sealed :],
        "one bit": whole[: first + sealed + 5] + bytes([whole[first + sealed + 5] ^ 1]) + whole[first + sealed + 6 :],
        "header": whole[:18] + b"\x01" + whole[19:],
        "empty": b"",
    }
    for number, (what, data) in enumerate(hurt.items()):
        out.write_bytes(data)
        with pytest.raises((IntegrityError, LocalError)):
            read_backup(out, tmp_path / f"to{number}", passphrase=PASSPHRASE)
        assert what


@pytest.mark.parametrize("name", ["../evil", "keys/storage.keys", "/etc/passwd", "node.db/../x", "payloads/ab/cd"])
def test_only_files_of_a_node_are_written(tmp_path: Path, name: str) -> None:
    out = tmp_path / "backup"
    with out.open("wb") as file:
        sealing = _Sealing(file, passphrase=PASSPHRASE, entropy=seeded("x"), cost=CHEAP)
        with tarfile.open(fileobj=sealing, mode="w|") as tar:
            entry = tarfile.TarInfo(name)
            entry.size = 1
            tar.addfile(entry, io.BytesIO(b"x"))
        sealing.finish()
    with pytest.raises(IntegrityError) as raised:
        read_backup(out, tmp_path / "to", passphrase=PASSPHRASE)
    assert raised.value.code == "storage/backup-damaged"


def test_a_backup_never_overwrites_a_file(tmp_path: Path) -> None:
    out = back_up(tmp_path, {"node.db": 10})
    before = out.read_bytes()
    with pytest.raises(LocalError):
        back_up(tmp_path, {"node.db": 10})
    assert out.read_bytes() == before


def write_one(number: int, tx: Tx) -> None:
    tx.add(stage(number))
    tx.append("gsomia/kor/private", leaf(number), subject="x")


@pytest.mark.source("DESIGN-7")
def test_a_copy_of_the_record_is_one_consistent_state_though_units_go_on(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "node.db")
    for number in range(1, 200):
        store.run(partial(write_one, number))
    store.copy_to(tmp_path / "copy.db")
    store.run(lambda tx: tx.add(stage(500)))
    store.close()
    copy = SqliteStore(tmp_path / "copy.db")
    assert copy.run(lambda tx: (tx.count(DeliveryStage), tx.head("gsomia/kor/private").frontier.size)) == (199, 199)
    assert copy.check_records() == []
    copy.close()
    assert apsw.Connection(str(tmp_path / "copy.db")).pragma("integrity_check") == "ok"
