"""Two simulated nodes in files, of which one may be killed, and their directories at points of a story."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from gsomia.ids import ConsignmentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.storage import SqliteStore
from simulation.disk_node import DiskNode
from simulation.frail_disk import VFS, FrailDisk, FrailDisks
from simulation.world import JPN, KOR, Link, PowerCut, SimNode, World

T = TypeVar("T")

NO_ITEM, NO_CONSIGNMENT = cast("ItemId", ""), cast("ConsignmentId", "")


@dataclass
class KilledLink(Link):
    """A link one end of which may be dead: the dead say nothing, and nobody is answered by them."""

    disks: dict[PartyCode, FrailDisk] = field(default_factory=dict)

    def _call(self, act: Callable[[], T], body: bytes, *, link: bool = True) -> T:
        self._alive(self.sender)
        return super()._call(act, body, link=link)

    def _door(self, act: Callable[[], T], body: bytes, *, link: bool) -> T:
        try:
            return super()._door(act, body, link=link)
        finally:
            self._alive(self.to)

    def _alive(self, node: SimNode) -> None:
        disk = self.disks.get(node.party)
        if disk is not None and disk.dead:
            raise PowerCut


class DiskWorld(World):
    """Seoul and Tokyo, both in files; the calls to the disk of one of them may be counted."""

    def __init__(self, directory: Path, *, draw: str, counted: PartyCode | None, disks: FrailDisks) -> None:
        self.directory, self.draw = directory, draw
        self.disks: dict[PartyCode, FrailDisk] = {}
        self.nodes: dict[PartyCode, SimNode] = {}
        for party in (KOR, JPN):
            if party == counted:
                self.disks[party] = disks.watch(directory / party)
            self.open(party, where=party)

    def open(self, party: PartyCode, *, where: str) -> None:
        """Open a node's directory with objects that know nothing."""
        directory = self.directory / where
        directory.mkdir(exist_ok=True)
        vfs = VFS if party in self.disks else None
        draw = f"{self.draw} {where}"
        now = [node.clock.now for node in self.nodes.values()]
        self.nodes[party] = DiskNode(party, directory, rows=True, vfs=vfs, draw=draw)
        if vfs is None:
            # The process is what ends here, not the machine: what is synced or not makes no difference to a copy.
            store = cast("SqliteStore", self.nodes[party].memory)
            store.run(lambda _tx: store._database.execute("PRAGMA synchronous = OFF").fetchall())
        for instant in now:
            self.nodes[party].clock.now = instant
        pairs = ((KOR, JPN), (JPN, KOR))
        if len(self.nodes) == len(pairs):
            self.links = {
                (one, two): KilledLink(self.nodes[one], self.nodes[two], disks=self.disks) for one, two in pairs
            }

    def disk_node(self, party: PartyCode) -> DiskNode:
        node = self.nodes[party]
        assert isinstance(node, DiskNode)
        return node

    def close(self) -> None:
        for party in self.nodes:
            self.disk_node(party).close()

    def begin(self) -> None:
        """People, pins, and whatever a test adds."""
        for node in self.nodes.values():
            node.bring_people()
        for one, two in self.links:
            self.pin(one, two)

    def kill(self, party: PartyCode) -> None:
        """Start a killed node again, on a copy of what its disk held when it stopped."""
        old = self.disk_node(party)
        where = f"{party}-again"
        shutil.copytree(old.directory, self.directory / where, ignore=shutil.ignore_patterns("*-shm"))
        self.disks.pop(party).stop_counting()
        old.close()  # the old objects are let go of; what they do now reaches the old directory only
        self.open(party, where=where)


@dataclass
class Made:
    """What was made before the flow, and what the flow showed."""

    content: bytes = b""
    item: ItemId = NO_ITEM
    consignment: ConsignmentId = NO_CONSIGNMENT
    shown: bytes = b""


@dataclass(frozen=True)
class Stored:
    """Two nodes' directories at some point of the story, to be copied for every k."""

    directory: Path
    now: Instant
    made: Made


class Yard:
    """Where the directories lie."""

    def __init__(self, root: Path, disks: FrailDisks) -> None:
        self.root, self.disks = root, disks
        self.stored: dict[str, Stored] = {}
        self.copies = 0

    def store(self, name: str, begun: str | None, add: Callable[[DiskWorld, Made], None]) -> None:
        """Play on from an earlier point (None: from nothing), and keep what lies on the disks then."""
        world, made = self.copy(begun) if begun else (self._new(None), Made())
        add(world, made)
        world.close()
        self.stored[name] = Stored(world.directory, world[KOR].clock.now, made)

    def copy(self, name: str, *, counted: PartyCode | None = None) -> tuple[DiskWorld, Made]:
        """Both nodes as they were at that point, opened."""
        stored = self.stored[name]
        world = self._new(stored.directory, counted=counted)
        for node in world.nodes.values():
            node.clock.now = stored.now
        return world, Made(**vars(stored.made))

    def _new(self, of: Path | None, *, counted: PartyCode | None = None) -> DiskWorld:
        self.copies += 1
        directory = self.root / f"{self.copies}"
        if of is None:
            directory.mkdir()
        else:
            shutil.copytree(of, directory)
        return DiskWorld(directory, draw=f"copy {self.copies}", counted=counted, disks=self.disks)
