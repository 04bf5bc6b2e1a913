"""The storage key contract for each keeper; what the file owes besides is in `tests/unit/storage`."""

from pathlib import Path

import pytest

from contracts.samples import seeded
from contracts.storage_keys_contract import StorageKeysContract
from gsomia.flows.ports import StorageKeys
from gsomia.storage import FileStorageKeys, MemoryStorageKeys, create_storage_keys


class TestMemoryStorageKeys(StorageKeysContract):
    @pytest.fixture
    def keys(self) -> StorageKeys:
        return MemoryStorageKeys(seeded("memory"))


class TestFileStorageKeys(StorageKeysContract):
    @pytest.fixture
    def keys(self, tmp_path: Path) -> StorageKeys:
        path = tmp_path / "keys" / "storage.keys"
        create_storage_keys(path, master_key=bytes(32), entropy=seeded("file"))
        masters: list[bytes] = []  # what the identity file would hold
        return FileStorageKeys(path, master_key=bytes(32), entropy=seeded("keys"), reseal=masters.append)
