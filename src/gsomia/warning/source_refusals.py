"""What local sources said in vain, counted until it may be entered in the record: once a minute for a source and code.

A source that says nothing else all day fills no log. Once `MAX_KNOWN` sources and codes are known, the rest is counted
under one name.

    >>> refusals = SourceRefusals()
    >>> for _ in range(3):
    ...     refusals.count(SourceRefused(source="radar-1", code="warning/too-fast", count=1))
    >>> refusals.due(now_us=0)
    [SourceRefused(source='radar-1', code='warning/too-fast', count=3)]

Source: design 2 (law 2), design 6 ("capped per partner"); ADR 0034.
"""

from collections.abc import Sequence
from typing import Final

from gsomia.warning.desk import SourceRefused

EVERY_US: Final = 60_000_000
MAX_KNOWN: Final = 256
OTHERS: Final = ("others", "warning/source-refused")


class SourceRefusals:
    """Counts by source and code."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], int] = {}
        self._next_us: dict[tuple[str, str], int] = {}

    def count(self, word: SourceRefused) -> None:
        """A source said something that was not taken, so often."""
        key = (word.source, word.code)
        if key not in self._waiting and key not in self._next_us and len(self._waiting | self._next_us) >= MAX_KNOWN:
            key = OTHERS
        self._waiting[key] = self._waiting.get(key, 0) + word.count

    def due(self, *, now_us: int) -> list[SourceRefused]:
        """What may be entered now; the rest waits for its minute."""
        self._next_us = {key: at for key, at in self._next_us.items() if at > now_us}
        found = [key for key in self._waiting if key not in self._next_us]
        self._next_us.update(dict.fromkeys(found, now_us + EVERY_US))
        return [SourceRefused(source=key[0], code=key[1], count=self._waiting.pop(key)) for key in found]

    def rest(self) -> list[SourceRefused]:
        """Everything that waits, for a node that ends."""
        waiting, self._waiting = self._waiting, {}
        return [SourceRefused(source=key[0], code=key[1], count=count) for key, count in waiting.items()]

    def put_back(self, words: Sequence[SourceRefused]) -> None:
        """The record did not take these: they wait for the next minute."""
        for word in words:
            key = (word.source, word.code)
            self._waiting[key] = self._waiting.get(key, 0) + word.count
