"""The node's directory: the record in SQLite or in memory, sealed payloads, keys at rest, and the lock on it all."""

from gsomia.storage.backup import BackupFile, read_backup, write_backup
from gsomia.storage.checkpoints import CheckpointKeeper
from gsomia.storage.durable import write_new
from gsomia.storage.fsck import StoredRecord
from gsomia.storage.identity_keys import (
    NodeSecrets,
    create_person,
    create_recovery,
    read_secrets,
    unlock_person,
    unlock_recovery,
    write_secrets,
)
from gsomia.storage.item_keys import FileStorageKeys, create_storage_keys
from gsomia.storage.key_sets import FileKeyring, MemoryKeyring
from gsomia.storage.keyring_file import DEFAULT_COST, PassphraseCost, read_sealed, write_sealed
from gsomia.storage.kinds import KINDS, key_values
from gsomia.storage.lane_journal import FileLaneJournal, MemoryLaneJournal
from gsomia.storage.lock import NodeLock
from gsomia.storage.memory import MemoryStore
from gsomia.storage.memory_files import MemoryPayloads, MemoryStorageKeys
from gsomia.storage.payloads import FilePayloads
from gsomia.storage.small_payloads import RowPayloads
from gsomia.storage.spare_journal import FileSpareJournal, MemorySpareJournal
from gsomia.storage.sqlite import SqliteStore

__all__ = [
    "DEFAULT_COST",
    "KINDS",
    "BackupFile",
    "CheckpointKeeper",
    "FileKeyring",
    "FileLaneJournal",
    "FilePayloads",
    "FileSpareJournal",
    "FileStorageKeys",
    "MemoryKeyring",
    "MemoryLaneJournal",
    "MemoryPayloads",
    "MemorySpareJournal",
    "MemoryStorageKeys",
    "MemoryStore",
    "NodeLock",
    "NodeSecrets",
    "PassphraseCost",
    "RowPayloads",
    "SqliteStore",
    "StoredRecord",
    "create_person",
    "create_recovery",
    "create_storage_keys",
    "key_values",
    "read_backup",
    "read_sealed",
    "read_secrets",
    "unlock_person",
    "unlock_recovery",
    "write_backup",
    "write_new",
    "write_sealed",
    "write_secrets",
]
