"""Which warnings came before, over whatever route: the message id is the sameness, the serial the bound.

An originator's serials count up. The last `REMEMBERED` message ids of each originator are kept; what is older than all
of them is taken for a replay, so that a hub which hands on an old authentic warning shows nothing.

Source: design 6 (Sameness over two routes is the originator's signed item id; Replay is judged by ... not by time).
"""

from collections import OrderedDict
from enum import Enum
from typing import Final

REMEMBERED: Final = 1 << 16


class Sameness(Enum):
    """What a proven warning is to us."""

    NEW = "new"
    SAME = "came before, on this or another route"
    TOO_OLD = "older than everything that is remembered of its originator"


class SeenWarnings:
    """What came of each originator."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, int]] = {}
        self._floor: dict[str, int] = {}

    def judge(self, originator: str, message: str, serial: int) -> Sameness:
        """Whether it came before; changes nothing."""
        if message in self._seen.get(originator, ()):
            return Sameness.SAME
        return Sameness.TOO_OLD if serial <= self._floor.get(originator, 0) else Sameness.NEW

    def add(self, originator: str, message: str, serial: int) -> None:
        """It came."""
        known = self._seen.setdefault(originator, OrderedDict())
        known[message] = serial
        if len(known) > REMEMBERED:
            _, oldest = known.popitem(last=False)
            self._floor[originator] = max(oldest, self._floor.get(originator, 0))

    def discard(self, originator: str, message: str) -> None:
        """It could not be kept, and will come again."""
        self._seen.get(originator, OrderedDict()).pop(message, None)

    def kept(self) -> dict[str, tuple[int, list[tuple[str, int]]]]:
        """Everything, for the record: by originator the floor, and the messages with their serials."""
        return {one: (self._floor.get(one, 0), list(known.items())) for one, known in self._seen.items()}

    def restore(self, kept: dict[str, tuple[int, list[tuple[str, int]]]]) -> None:
        """Everything again."""
        for one, (floor, known) in kept.items():
            self._floor[one] = floor
            self._seen[one] = OrderedDict(known)
