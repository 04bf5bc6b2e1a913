"""A store that fails where a test wants it to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gsomia.errors import UnavailableError
from gsomia.flows.ports import LogHead, Tx
from gsomia.storage import MemoryStore

T = TypeVar("T")


class PowerCut(BaseException):
    """The machine stops here; nothing that runs may catch it."""


@dataclass
class FragileStore:
    """A store that fails once, before or right after the unit number `at` from now on."""

    inner: MemoryStore
    at: int = 0
    cut_after: bool = False
    runs: int = 0
    then: tuple[int, Callable[[], None]] | None = None
    """After which unit something happens outside, and what."""

    def fail(self, at: int, *, cut_after: bool = False) -> None:
        """Fail at the `at`th unit from now: the disk is full before it, or the power is cut after it."""
        self.at, self.cut_after, self.runs = at, cut_after, 0

    def run(self, unit: Callable[[Tx], T], *, reads: bool = False) -> T:
        """Run a unit, unless this is the one."""
        self.runs += 1
        if self.runs == self.at and not self.cut_after:
            raise UnavailableError("storage/disk-full", "the disk is full", remedy="")
        result = self.inner.run(unit, reads=reads)
        if self.runs == self.at:
            raise PowerCut
        if self.then is not None and self.runs == self.then[0]:
            self.then[1]()
        return result

    def leaf_at_hand(self, origin: str, index: int) -> bytes:
        """The bytes of an entry."""
        return self.inner.leaf_at_hand(origin, index)

    def node_at_hand(self, origin: str, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        return self.inner.node_at_hand(origin, level, index)

    def durable_head(self, origin: str) -> LogHead:
        """Where a log stands."""
        return self.inner.durable_head(origin)

    def fold(self) -> None:
        """Fold what is inside."""
        self.inner.fold()

    def close(self) -> None:
        """Close what is inside."""
        self.inner.close()
