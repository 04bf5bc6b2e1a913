from pathlib import Path
from typing import cast

import pytest

from contracts.samples import KIM, KOR, LEE, seeded
from gsomia.errors import IntegrityError, LocalError
from gsomia.ids import PersonId
from gsomia.parties import verify_person
from gsomia.storage import (
    NodeSecrets,
    PassphraseCost,
    create_person,
    create_recovery,
    read_secrets,
    unlock_person,
    unlock_recovery,
    write_secrets,
)

WEAK = PassphraseCost(memory_kib=8, iterations=1, lanes=1)


def test_a_nodes_secrets_come_back_as_they_were(tmp_path: Path) -> None:
    secrets = NodeSecrets.generate(KOR, entropy=seeded("node"))
    path = tmp_path / "keys" / "identity.keys"
    write_secrets(path, secrets, passphrase=b"node", entropy=seeded("seal"), cost=WEAK)
    assert read_secrets(path, passphrase=b"node") == secrets


@pytest.mark.source("DESIGN-4")
def test_all_keys_of_a_node_differ(tmp_path: Path) -> None:
    secrets = NodeSecrets.generate(KOR, entropy=seeded("node"))
    keys = secrets.unlock()
    public = {key.public.fingerprint for key in (keys.working, keys.statement, keys.log, keys.cosigner)}
    assert len(public) == 4
    assert len({secrets.tls, secrets.master}) == 2
    recovery = create_recovery(tmp_path / "recovery.keys", passphrase=b"safe", entropy=seeded("recovery"), cost=WEAK)
    assert recovery.fingerprint not in public


def test_the_recovery_identity_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "recovery.keys"
    public = create_recovery(path, passphrase=b"safe", entropy=seeded("recovery"), cost=WEAK)
    signer = unlock_recovery(path, passphrase=b"safe")
    public.verify(b"message", signer.sign(b"message"))


def test_a_persons_key_opens_with_the_persons_passphrase_alone(tmp_path: Path) -> None:
    public = create_person(tmp_path / "persons", KIM, passphrase=b"kim", entropy=seeded("kim"), cost=WEAK)
    signer = unlock_person(tmp_path / "persons", KIM, passphrase=b"kim")
    verify_person(public, b"message", signer.sign(b"message"))
    with pytest.raises(LocalError) as caught:
        unlock_person(tmp_path / "persons", KIM, passphrase=b"lee")
    assert caught.value.code == "storage/wrong-passphrase"


def test_a_file_under_another_persons_name_is_refused(tmp_path: Path) -> None:
    create_person(tmp_path, KIM, passphrase=b"same", entropy=seeded("kim"), cost=WEAK)
    (tmp_path / "kim.keys").rename(tmp_path / "lee.keys")
    with pytest.raises(IntegrityError) as caught:
        unlock_person(tmp_path, LEE, passphrase=b"same")
    assert caught.value.code == "storage/key-file-of-another"


def test_a_file_of_another_kind_of_keys_is_refused(tmp_path: Path) -> None:
    create_recovery(tmp_path / "identity.keys", passphrase=b"same", entropy=seeded("recovery"), cost=WEAK)
    with pytest.raises(IntegrityError) as caught:
        read_secrets(tmp_path / "identity.keys", passphrase=b"same")
    assert caught.value.code == "storage/key-file-of-another-kind"


@pytest.mark.parametrize("name", ["../identity", "Kim", "", "k", "kim\n"])
def test_a_name_that_is_no_persons_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(LocalError) as caught:
        unlock_person(tmp_path, cast("PersonId", name), passphrase=b"x")
    assert caught.value.code == "storage/not-a-person"


def test_secrets_show_nothing() -> None:
    secrets = NodeSecrets.generate(KOR, entropy=seeded("node"))
    assert repr(secrets) == "NodeSecrets(...)"
    assert repr(secrets.unlock()) == "NodeKeys(...)"
