"""Sets of keys in a node's key file: drawn, kept, chosen by number, and whole after a crash."""

from pathlib import Path

import pytest

from contracts.samples import KOR, seeded
from gsomia.errors import IntegrityError, LocalError, UnavailableError
from gsomia.storage import FileKeyring, NodeSecrets, PassphraseCost, create_recovery, write_secrets
from gsomia.storage.keyring_file import MAX_FILE_BYTES

WEAK = PassphraseCost(memory_kib=8, iterations=1, lanes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "identity.keys"
    secrets = NodeSecrets.generate(KOR, entropy=seeded("node"))
    write_secrets(path, secrets, passphrase=b"node", entropy=seeded("seal"), cost=WEAK)
    return path


def opened(path: Path, seed: str = "later") -> FileKeyring:
    return FileKeyring(path, passphrase=b"node", entropy=seeded(seed))


def test_a_set_that_was_drawn_is_there_after_a_restart_and_not_in_use(path: Path) -> None:
    drawn = opened(path).draw(2)
    again = opened(path)
    assert again.current.number == 1
    assert [keys.number for keys in again.every()] == [1]
    again.use(2)
    assert again.current.statement.public == drawn.statement.public
    assert [keys.number for keys in again.every()] == [1, 2]


@pytest.mark.source("DESIGN-4")
def test_every_key_of_a_set_is_new_but_the_working_identity_and_the_master_key(path: Path) -> None:
    keyring = opened(path)
    first, second = keyring.current, keyring.draw(2)
    assert first.working.public == second.working.public
    fresh = [(keys.statement.public, keys.log.public, keys.cosigner.public, keys.tls_seed) for keys in (first, second)]
    assert not set(fresh[0]) & set(fresh[1])
    assert first.opener.public != second.opener.public
    keyring.use(2)
    assert keyring.draw_identity(3).working.public != first.working.public
    assert opened(path).master == keyring.master


@pytest.mark.source("DESIGN-4")
def test_what_was_sealed_to_an_earlier_set_still_opens(path: Path) -> None:
    keyring = opened(path)
    first = keyring.current.opener.public.key_id
    second = keyring.draw(2).opener.public.key_id
    assert keyring.opener(second) is None  # not in use yet
    keyring.use(2)
    assert keyring.opener(first) is not None
    assert keyring.opener(second) is not None
    assert keyring.opener("0" * 32) is None


def test_a_set_that_never_came_into_use_is_replaced(path: Path) -> None:
    lost = opened(path).draw(2)
    keyring = opened(path, "other")
    drawn = keyring.draw(2)
    assert drawn.statement.public != lost.statement.public
    again = opened(path)
    again.use(2)
    assert again.current.statement.public == drawn.statement.public


def test_a_set_that_the_file_does_not_hold_is_never_used(path: Path) -> None:
    with pytest.raises(IntegrityError) as caught:
        opened(path).use(2)
    assert caught.value.code == "storage/keys-missing"


@pytest.mark.source("DESIGN-4", "DESIGN-7")
@pytest.mark.parametrize("call", ["open", "pwrite", "fsync", "link"])
def test_a_draw_that_fails_at_any_write_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    keyring, before = opened(path), path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(f"gsomia.storage.durable.os.{call}", fail)
        with pytest.raises(UnavailableError):
            keyring.draw(2)
    assert path.read_bytes() == before
    assert keyring.current.number == 1
    assert list(path.parent.iterdir()) == [path]
    assert keyring.draw(2).number == 2


def test_another_passphrase_or_another_kind_of_file_opens_no_sets(path: Path, tmp_path: Path) -> None:
    opened(path).draw(2)
    with pytest.raises(LocalError):
        FileKeyring(path, passphrase=b"other", entropy=seeded("x"))
    create_recovery(tmp_path / "recovery.keys", passphrase=b"node", entropy=seeded("recovery"), cost=WEAK)
    with pytest.raises(IntegrityError) as caught:
        opened(tmp_path / "recovery.keys")
    assert caught.value.code == "storage/key-file-of-another-kind"


def test_a_full_key_file_is_read_and_one_more_set_is_refused(path: Path) -> None:
    keyring = opened(path)
    for number in range(2, 61):
        keyring.draw(number)
        keyring.use(number)
    assert path.stat().st_size <= MAX_FILE_BYTES
    assert len(opened(path)._keys) == 60
    with pytest.raises(IntegrityError) as caught:
        keyring.draw(61)
    assert caught.value.code == "storage/too-many-key-sets"


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_a_log_goes_over_to_a_new_key_when_its_reader_has_heard(path: Path) -> None:
    keyring = opened(path)
    first, second = keyring.current.log, keyring.draw(2).log
    keyring.hold_log("a", 1)
    keyring.use(2)
    assert (keyring.log_signer("a"), keyring.log_signer("b")) == (first, second)
    keyring.release_log("a")
    assert keyring.log_signer("a") is second


def test_a_keyring_shows_nothing(path: Path) -> None:
    assert repr(opened(path)) == "FileKeyring(1 sets)"
