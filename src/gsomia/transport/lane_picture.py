"""What desks are told: warnings, the marks beside them, alarms, and how the lanes are.

A mark is never taken off by time alone: UNRECORDED goes when the warning is entered, UNCONFIRMED when a tally covers
it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gsomia.ids import PartyCode
from gsomia.warning import Alarm, LaneName, Link, Mark, Marked, Message, Route, Shown, Told, print_desk

ALARM_AGAIN_S = 1.0
"""The same alarm about the same partner is told once in so long."""
STALE_US = 60_000_000
CLOCK_APART_US = 1_000_000

Key = tuple[str, str]
"""Originator and message id."""


class DeskLine(Protocol):
    """A desk that watches."""

    def show(self, frame: bytes) -> None:
        """Send it a word, or cut it off if it does not read."""
        ...


@dataclass(slots=True)
class LinkState:
    """How a lane is, for desks and `warn stats`."""

    up: bool = False
    epoch: int = 0
    round_trip_us: int = 0
    offset_us: int = 0
    sessions: int = 0
    suppressed: int = 0
    refused: int = 0


class Picture:
    """Everybody who watches at this node, and what stands beside the warnings they see.

    Args:
        clock_us: the time in microseconds.
    """

    def __init__(self, clock_us: Callable[[], int]) -> None:
        self.lines: set[DeskLine] = set()
        self.links: dict[tuple[bool, LaneName], LinkState] = {}
        self.marked: dict[Mark, set[Key]] = {Mark.UNRECORDED: set(), Mark.UNCONFIRMED: set()}
        self._clock_us = clock_us
        self._alarmed: dict[tuple[str, str], float] = {}

    def link(self, lane: LaneName, *, incoming: bool) -> LinkState:
        """How a lane is."""
        return self.links.setdefault((incoming, lane), LinkState())

    def tell(self, word: Told) -> None:
        """Tell every desk that watches."""
        if self.lines:
            frame = print_desk(word)
            for line in list(self.lines):
                line.show(frame)

    def alarm(self, code: str, party: PartyCode, text: str) -> None:
        """Tell the duty officer, once in a while."""
        now = asyncio.get_running_loop().time()
        if now - self._alarmed.get((code, party), -ALARM_AGAIN_S) >= ALARM_AGAIN_S:
            self._alarmed[code, party] = now
            self.tell(Alarm(code=code, party=party, text=text, at_us=self._clock_us()))

    def moved(self, lane: LaneName, *, incoming: bool) -> None:
        """A lane went up or down, or was measured."""
        state = self.link(lane, incoming=incoming)
        self.tell(
            Link(
                party=lane[0],
                incoming=incoming,
                instrument=lane[1],
                up=state.up,
                round_trip_us=state.round_trip_us,
                offset_us=state.offset_us,
            )
        )

    def mark(self, keys: list[Key], mark: Mark) -> None:
        """Put a mark beside warnings that are shown."""
        for originator, message in keys:
            self.marked[mark].add((originator, message))
            self.tell(Marked(message=message, originator=originator, mark=mark, on=True))

    def unmark(self, keys: list[Key], mark: Mark) -> None:
        """Take a mark off those that have it."""
        marked = self.marked[mark]
        for originator, message in keys:
            if (originator, message) in marked:
                marked.discard((originator, message))
                self.tell(Marked(message=message, originator=originator, mark=mark, on=False))

    def marks_of(self, message: Message, lane: LaneName, *, out_of_order: bool) -> tuple[Mark, ...]:
        """What must stand beside a warning from the first."""
        offset = self.link(lane, incoming=True).offset_us
        marks = [Mark.OUT_OF_ORDER] if out_of_order else []
        if abs(offset) > CLOCK_APART_US:
            marks.append(Mark.CLOCK_APART)
        if self._clock_us() + offset - message.at_us > STALE_US:
            marks.append(Mark.STALE)
        return tuple(marks)

    def show(
        self, canonical: bytes, message: Message, *, via: str, route: Route, instrument: str, marks: tuple[Mark, ...]
    ) -> None:
        """Show a warning."""
        if self.lines:
            self.tell(
                Shown(
                    message=canonical,
                    originator=message.originator,
                    via=via,
                    route=route,
                    instrument=instrument,
                    marks=marks,
                    received_us=self._clock_us(),
                )
            )
