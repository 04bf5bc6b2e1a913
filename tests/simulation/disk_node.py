"""A node of the simulation that keeps everything in files."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gsomia.flows.content import content_of
from gsomia.flows.intake import Intake
from gsomia.flows.rotate import own_descriptors
from gsomia.ids import ItemId, PartyCode
from gsomia.node.bench import LocalNode
from gsomia.node.health import verify
from gsomia.registry import ItemRecord
from gsomia.storage import (
    FilePayloads,
    FileStorageKeys,
    MemoryPayloads,
    MemoryStore,
    RowPayloads,
    SqliteStore,
    create_storage_keys,
)
from simulation.fragile_store import FragileStore
from simulation.sim_node import SimNode, seeded
from simulation.world import JPN, KOR, World


class DiskNode(SimNode):
    """A node that keeps everything in files: record, content and storage keys.

    Args:
        party: whose.
        directory: where; what lies there is opened.
        rows: whether short content is kept in the record, as a real node keeps it.
        vfs: through which SQLite reaches its files.
        draw: names what it draws, so that two runs on copies of one directory draw different values.
    """

    def __init__(
        self, party: PartyCode, directory: Path, *, rows: bool = False, vfs: str | None = None, draw: str = "first"
    ) -> None:
        super().__init__(party)
        self.directory, self.rows, self.vfs = directory, rows, vfs
        self.entropy = seeded(f"entropy of {party} on disk, {draw}")
        keys = directory / "storage.keys"
        if not keys.exists():
            create_storage_keys(keys, master_key=self.identity.secrets.master, entropy=self.entropy)
        self.open()

    def open(self) -> None:
        """Open what lies in the files."""
        store = SqliteStore(self.directory / "node.db", vfs=self.vfs)
        self.memory = cast("MemoryStore", store)
        self.fragile = FragileStore(self.memory)
        files = FilePayloads(self.directory / "payloads")
        self.payloads = cast("MemoryPayloads", RowPayloads(store, files) if self.rows else files)
        keys = FileStorageKeys(
            self.directory / "storage.keys", master_key=self.identity.secrets.master, entropy=self.entropy
        )
        self.storage_keys = cast("Any", keys)
        self.desk = self._open()
        self.intake = Intake(self.desk)

    def close(self) -> None:
        """Close the files."""
        self.memory.close()

    def payload(self, item: ItemId) -> Path:
        """The file of an item's content."""
        address = content_of(self.every(ItemRecord, id=item)[0]).segment_list
        return self.directory / "payloads" / address[:2] / address

    def verify(self) -> dict[str, Any]:
        """As `gsomia audit verify` does."""
        node = SimpleNamespace(
            store=self.memory,
            desk=self.desk,
            first=self.first,
            own_descriptors=lambda: own_descriptors(self.desk, self.first),
        )
        return verify(cast("LocalNode", node))


def world_with_tokyo_on_disk(directory: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Seoul in memory and Tokyo in files, the agreement in force."""

    def make(party: PartyCode) -> SimNode:
        return DiskNode(party, directory) if party == JPN else SimNode(party)

    monkeypatch.setattr("simulation.world.SimNode", make)
    made = World(KOR, JPN)
    made.bring_into_force()
    return made
