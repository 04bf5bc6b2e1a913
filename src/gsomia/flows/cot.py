"""TAK clients at the warning floor: what a configured one says becomes a message, what the floor shows becomes events.

An event becomes a message only under the name of a source that somebody configured; who that is, its pinned
certificate said before. The message is ours: our party's, at the source's level, in the source's world.

Source: design 1 (Cursor-on-Target accepts only warning, track and cancel types); ADR 0034.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gsomia.ids import Entropy, PartyCode
from gsomia.warning import (
    TOPIC,
    CotSource,
    EventId,
    EventKey,
    Kind,
    LaunchReport,
    Mark,
    Message,
    Micros,
    body_of,
    check_message,
    check_rate,
    event_of,
    new_message_id,
    parse_cot,
    print_cot,
)

K = TypeVar("K")
V = TypeVar("V")
MAX_REMEMBERED: Final = 10_000
"""Events of which the last word, or the launch report, is kept in mind."""
_COUNT_FROM_S: Final = 1_735_689_600
"""2025-01-01T00:00:00Z: a source's sequence starts at the seconds since, so that it rises over a restart too."""


@dataclass(slots=True)
class CotFloor:
    """What is remembered between events. It is used by one thread.

    Args:
        party: ours.
        clock_us: our clock.
        entropy: for message ids.
    """

    party: PartyCode
    clock_us: Callable[[], Micros]
    entropy: Entropy
    _last: OrderedDict[EventId, Message] = field(default_factory=OrderedDict)
    _tracks: OrderedDict[EventId, Message] = field(default_factory=OrderedDict)
    _launches: OrderedDict[EventKey, LaunchReport] = field(default_factory=OrderedDict)

    def admit(self, source: CotSource, untrusted: bytes) -> Message:
        """The message that an event of this source is; nothing is remembered of one that is refused.

        Raises:
            WarningMessageError: no event that is taken, not in the source's world, or too soon after the last.

        Trust: `untrusted` is hostile; the source's certificate was proven before.
        """
        event = parse_cot(untrusted)
        body = body_of(event, source=source)
        id_of_event = event_of(source, event.uid)
        now_us = self.clock_us()
        last = self._last.get(id_of_event)
        message = Message(
            message=new_message_id(self.entropy),
            event=id_of_event,
            sequence=max(now_us // 1_000_000 - _COUNT_FROM_S, last.sequence if last else 0) + 1,
            at_us=now_us,
            originator=self.party,
            level=source.level,
            topic=TOPIC,
            character=source.character,
            body=body,
        )
        check_message(message)
        check_rate(message, last=self._tracks.get(id_of_event))
        _remember(self._last, id_of_event, message)
        if message.kind is Kind.TRACK:
            _remember(self._tracks, id_of_event, message)
        return message

    def show(self, message: Message, *, marks: Sequence[Mark] = ()) -> bytes:
        """The event that TAK clients are shown, with its marks; a cancellation stands where the launch was reported."""
        key = EventKey(originator=message.originator, event=message.event, character=message.character)
        if isinstance(message.body, LaunchReport):
            _remember(self._launches, key, message.body)
        return print_cot(message, place=self._launches.get(key), marks=marks)


def _remember(kept: "OrderedDict[K, V]", key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MAX_REMEMBERED:
        kept.popitem(last=False)
