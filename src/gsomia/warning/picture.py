"""The picture a duty officer sees: one line for each event, from whatever order the messages came in.

A picture is a fold over arrivals. The same arrivals give the same picture in any order and however often each comes:
what is last is decided by sequence number, never by arrival. A cancelled event stays, as cancelled, and nothing said
later brings it back. A mark beside one message (UNRECORDED, UNCONFIRMED …) stands on the whole line until it goes.
REAL, EXERCISE and TEST never share an event, and every line says which it is.

Source: design 2 (marked UNRECORDED in red), design 6 (the fast lane).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar, cast

from gsomia.ids import PartyCode
from gsomia.warning.desk import Mark, Marked
from gsomia.warning.messages import (
    Basis,
    Cancellation,
    CancelReason,
    Character,
    End,
    EventId,
    ImpactArea,
    LaunchReport,
    Message,
    MessageId,
    Outcome,
    TrackUpdate,
)

STALE_AFTER_S: Final = 120
"""An event of which nothing was heard for so long is shown as stale."""
_MICRO: Final = 1_000_000


class EventState(StrEnum):
    """What became of an event."""

    FLYING = "FLYING"
    STALE = "STALE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKey:
    """One event of one originator in one world."""

    originator: PartyCode
    event: EventId
    character: Character


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message as it came to the desk.

    Args:
        message: what was said.
        marks: what must stand beside it.
    """

    message: Message
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What is known of one event; each part is the newest of its kind, by sequence."""

    launch: Message | None = None
    track: Message | None = None
    area: Message | None = None
    end: Message | None = None
    cancellation: Message | None = None
    marks: Mapping[MessageId, frozenset[Mark]] = field(default_factory=dict)
    """For each message heard of, what stands beside it still."""
    tracks: frozenset[MessageId] = frozenset()


Picture = Mapping[EventKey, EventView]
EMPTY: Final[Picture] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event as a line. Positions are microdegrees and metres; None where nothing was said."""

    key: EventKey
    state: EventState
    ended: Outcome | None
    cancelled: CancelReason | None
    launch: LaunchReport | None
    track: TrackUpdate | None
    area: ImpactArea | None
    derived: bool
    confidence_pct: int | None
    age_s: int
    heard: int
    superseded: int
    marks: tuple[Mark, ...]
    complete: bool
    """False while there is a track or an end without its launch report: it is missing, or still on its way."""


def add(picture: Picture, arrival: Heard) -> Picture:
    """The picture with one more arrival; the same one twice changes nothing."""
    message = arrival.message
    key = EventKey(originator=message.originator, event=message.event, character=message.character)
    view = picture.get(key, EventView())
    marks = arrival.marks & view.marks.get(message.message, arrival.marks)
    return {**picture, key: replace(_say(view, message), marks={**view.marks, message.message: marks})}


def mark(picture: Picture, told: Marked) -> Picture:
    """The picture after a mark came to a message, or went; of a message it does not have it says nothing."""
    for key, view in picture.items():
        marks = view.marks.get(cast("MessageId", told.message))
        if marks is not None and key.originator == told.originator:
            changed = marks | {told.mark} if told.on else marks - {told.mark}
            return {**picture, key: replace(view, marks={**view.marks, cast("MessageId", told.message): changed})}
    return picture


def fold(arrivals: Iterable[Heard]) -> Picture:
    """The picture that arrivals make, whatever their order."""
    picture = EMPTY
    for arrival in arrivals:
        picture = add(picture, arrival)
    return picture


def rows(picture: Picture, *, now_us: int) -> tuple[Row, ...]:
    """Every event as a line: the real before the others, the flying before those over, newest first."""
    order = list(EventState)
    shown = [_row(key, view, now_us) for key, view in picture.items()]
    return tuple(
        sorted(
            shown,
            key=lambda row: (
                row.key.character is not Character.REAL,
                order.index(row.state),
                row.age_s,
                row.key.originator,
                row.key.event,
            ),
        )
    )


def characters(picture: Picture) -> tuple[Character, ...]:
    """Which worlds the picture speaks of: what stands in its banner."""
    present = {key.character for key in picture}
    return tuple(character for character in Character if character in present)


def _say(view: EventView, message: Message) -> EventView:
    match message.body:
        case LaunchReport():
            return replace(view, launch=_later(view.launch, message))
        case TrackUpdate():
            return replace(view, track=_later(view.track, message), tracks=view.tracks | {message.message})
        case ImpactArea():
            return replace(view, area=_later(view.area, message))
        case End():
            return replace(view, end=_later(view.end, message))
        case Cancellation():
            return replace(view, cancellation=_later(view.cancellation, message))


def _later(known: Message | None, message: Message) -> Message:
    if known is None or (message.sequence, message.message) > (known.sequence, known.message):
        return message
    return known


def _row(key: EventKey, view: EventView, now_us: int) -> Row:
    said = [one for one in (view.launch, view.track, view.area, view.end, view.cancellation) if one is not None]
    age_s = max(0, now_us - max(one.at_us for one in said)) // _MICRO
    launch, track = _body(view.launch, LaunchReport), _body(view.track, TrackUpdate)
    area, end = _body(view.area, ImpactArea), _body(view.end, End)
    cancellation = _body(view.cancellation, Cancellation)
    if cancellation is not None:
        state = EventState.CANCELLED
    elif end is not None:
        state = EventState.ENDED
    else:
        state = EventState.STALE if age_s >= STALE_AFTER_S else EventState.FLYING
    newest = track or area or launch
    return Row(
        key=key,
        state=state,
        ended=end.outcome if end else None,
        cancelled=cancellation.reason if cancellation else None,
        launch=launch,
        track=track,
        area=area,
        derived=newest is not None and newest.basis is Basis.DERIVED,
        confidence_pct=newest.confidence_pct if newest else None,
        age_s=age_s,
        heard=len(view.marks),
        superseded=max(0, len(view.tracks) - 1),
        marks=tuple(one for one in Mark if any(one in marks for marks in view.marks.values())),
        complete=launch is not None or cancellation is not None,
    )


T = TypeVar("T")


def _body(message: Message | None, kind: type[T]) -> T | None:
    return message.body if message is not None and isinstance(message.body, kind) else None
