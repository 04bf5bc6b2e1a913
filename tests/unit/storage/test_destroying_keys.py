"""Destroying an item's key: wherever it is cut, the key is there or gone for good, and no other key is lost."""

import errno
import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from contracts.samples import item, seeded
from gsomia.errors import IntegrityError, UnavailableError
from gsomia.storage import (
    FileKeyring,
    FileStorageKeys,
    NodeSecrets,
    PassphraseCost,
    create_storage_keys,
    write_secrets,
)
from simulation.sim_node import KOR

CHEAP = PassphraseCost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = b"of the node"
CALLS = ("fsync", "pwrite", "link", "unlink", "replace", "open")
MOST = 200


class CutError(BaseException):
    """The machine stops here."""


def made(directory: Path) -> dict[int, bytes]:
    secrets = NodeSecrets.generate(KOR, entropy=seeded("secrets"))
    write_secrets(directory / "identity.keys", secrets, passphrase=PASSPHRASE, entropy=seeded("id"), cost=CHEAP)
    create_storage_keys(directory / "storage.keys", master_key=secrets.master, entropy=seeded("sk"))
    keys = opened(directory)
    return {number: keys.create(item(number)) for number in range(1, 6)}


def opened(directory: Path, seed: str = "keys") -> FileStorageKeys:
    ring = FileKeyring(directory / "identity.keys", passphrase=PASSPHRASE, entropy=seeded(seed + "id"))
    return FileStorageKeys(
        directory / "storage.keys", master_key=ring.master, entropy=seeded(seed), reseal=ring.replace_master
    )


def held(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


@pytest.mark.source("DESIGN-4")
def test_a_destroyed_key_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    before = made(tmp_path)
    keys = opened(tmp_path)
    keys.destroy(item(3))
    for again in (keys, opened(tmp_path)):
        assert {n: again.get(item(n)) for n in before if n != 3} == {n: k for n, k in before.items() if n != 3}
        with pytest.raises(IntegrityError) as caught:
            again.get(item(3))
        assert caught.value.code == "storage/no-storage-key"
    assert {path.name for path in tmp_path.iterdir()} <= {"identity.keys", "storage.keys", "storage.keys.reserve"}


@pytest.mark.source("DESIGN-4")
def test_the_old_master_key_opens_nothing_any_more(tmp_path: Path) -> None:
    made(tmp_path)
    secrets = FileKeyring(tmp_path / "identity.keys", passphrase=PASSPHRASE, entropy=seeded("x"))
    old = (tmp_path / "storage.keys").read_bytes()
    opened(tmp_path).destroy(item(3))
    with pytest.raises(IntegrityError):
        FileStorageKeys(tmp_path / "storage.keys", master_key=secrets.master, entropy=seeded("x"))
    after = FileKeyring(tmp_path / "identity.keys", passphrase=PASSPHRASE, entropy=seeded("x"))
    assert after.master != secrets.master
    (tmp_path / "storage.keys").write_bytes(old)  # somebody kept a copy
    with pytest.raises(IntegrityError):
        opened(tmp_path)


@pytest.mark.source("DESIGN-4")
def test_nothing_of_the_old_files_is_left_in_the_directory(tmp_path: Path) -> None:
    made(tmp_path)
    old = [(tmp_path / name).read_bytes() for name in ("identity.keys", "storage.keys")]
    opened(tmp_path).destroy(item(3))
    left = held(tmp_path)
    assert old[0][-64:] not in left
    assert all(old[1][at : at + 48] not in left for at in range(60, len(old[1]) - 48, 48))


def test_the_old_files_are_overwritten_before_they_lose_their_name(tmp_path: Path) -> None:
    made(tmp_path)
    os.link(tmp_path / "storage.keys", tmp_path / "watch-storage")
    os.link(tmp_path / "identity.keys", tmp_path / "watch-identity")
    opened(tmp_path).destroy(item(3))
    for name in ("watch-storage", "watch-identity"):
        assert set((tmp_path / name).read_bytes()) == {0}


def test_keys_are_made_and_destroyed_after_a_destruction(tmp_path: Path) -> None:
    made(tmp_path)
    keys = opened(tmp_path)
    keys.destroy(item(1))
    seventh = keys.create(item(7))
    keys.destroy(item(2))
    keys.destroy(item(2))
    assert opened(tmp_path).get(item(7)) == keys.get(item(7)) == seventh
    assert not keys.has(item(2))


@pytest.mark.source("DESIGN-2", "DESIGN-4")
def test_a_full_disk_does_not_keep_a_key_from_being_destroyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made(tmp_path)
    keys = opened(tmp_path)
    most = sum(path.stat().st_size for path in tmp_path.iterdir())
    real = os.pwrite

    def scarce(descriptor: int, data: bytes, offset: int) -> int:
        used = sum(path.stat().st_size for path in tmp_path.iterdir())
        grows = max(0, offset + len(data) - os.fstat(descriptor).st_size)
        if used + grows > most:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data, offset)

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", scarce)
        with pytest.raises(UnavailableError):
            keys.create(item(9))
        keys.destroy(item(3))
    assert not opened(tmp_path).has(item(3))
    assert opened(tmp_path).get(item(1)) == before[1]


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("power", [False, True], ids=["disk fails", "power cut"])
def test_wherever_it_is_cut_the_key_is_there_or_gone_and_no_other_is_lost(
    tmp_path: Path,
    power: bool,  # noqa: FBT001  a case of the table
    after: bool,  # noqa: FBT001  the same
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = set()
    for at in range(1, MOST):
        directory = tmp_path / f"cut-{at}"
        directory.mkdir()
        before = made(directory)
        keys = opened(directory)
        with monkeypatch.context() as patch:
            count = _cut(patch, at, after=after, power=power)
            with suppress(UnavailableError, OSError, CutError):
                keys.destroy(item(3))
            reached = next(count) > at
        if not power:  # the same process goes on
            eighth = keys.create(item(8))
            assert opened(directory, "again").get(item(8)) == eighth
            keys.destroy(item(3))
            assert not keys.has(item(3))
        again = opened(directory, "again")
        states.add(again.has(item(3)))
        assert {n: again.get(item(n)) for n in before if n != 3} == {n: k for n, k in before.items() if n != 3}
        left = {path.name for path in directory.iterdir() if not path.name.startswith(".")}
        assert left <= {"identity.keys", "storage.keys", "storage.keys.reserve"}
        if not reached:
            assert at > 10
            assert states == ({False, True} if power else {False})
            return
    pytest.fail("a destruction of so many steps was not meant")


def _cut(patch: pytest.MonkeyPatch, at: int, *, after: bool, power: bool) -> "itertools.count[int]":
    """Let the `at`th call to the disk fail; the counter says how many there were."""
    count = itertools.count(1)
    kind: type[BaseException] = CutError if power else OSError

    def broken(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            number = next(count)
            if number == at and not after:
                raise kind(5, "the disk fails")
            result = real(*args, **kwargs)
            if number == at:
                raise kind(5, "the disk fails")
            return result

        return call

    for name in CALLS:
        patch.setattr(f"os.{name}", broken(getattr(os, name)))
    return count
