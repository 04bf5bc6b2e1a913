"""What a source says on the warning lane: a launch, its track, where it may come down, its end, or that it was none.

One *event* is one missile, and its id is the track's id; twelve missiles at once are twelve events. Numbers are
integers with the unit in the name; instants are microseconds since the epoch. `character` says whether the message is
real, exercise or test: it has no default, stands in every message and on every line and output made from one.

A warning tells people where to look and when to take cover. It never aims a weapon: positions lie on a grid of a
hundred metres and heights on steps of a hundred, a track has at most one point a second, an impact area is never
smaller than a circle of five kilometres, and there is no word for a covariance, a velocity, an interceptor or a target.
Bytes that have one are refused by name (`warning/out-of-scope`).

    >>> message = Message(
    ...     message="wmg_" + "a" * 26, event="evt_" + "a" * 26, sequence=1, at_us=1_773_460_000_000_000,
    ...     originator="KOR", level="KOR-2", topic=TOPIC, character=Character.TEST,
    ...     body=End(outcome=Outcome.TRACK_LOST, seen_at_us=1_773_460_000_000_000),
    ... )
    >>> parse_message(print_message(message)) == message
    True

Source: design 1 (out of scope), design 6 (the fast lane), relay 5.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, NewType, assert_never

import msgspec
from msgspec import Meta, Struct

from gsomia import canon
from gsomia.ids import Entropy, PartyCode, Topic, new_id
from gsomia.labels import ClassificationId
from gsomia.parties import is_exercise
from gsomia.warning.errors import WarningMessageError

TOPIC: Final[Topic] = "DPRK-MISSILE-LAUNCH"
"""The only topic of the lane: neither other launches nor other subjects travel on it."""
MAX_MESSAGE_BYTES: Final = 2048
GRID_UDEG: Final = 1_000
"""Positions are multiples of it: about 110 metres of latitude."""
HEIGHT_STEP_M: Final = 100
MIN_TRACK_INTERVAL_US: Final = 1_000_000
"""Two track points of one event are at least so far apart in source time."""
MIN_AREA_RADIUS_M: Final = 5_000
AREA_STEP_M: Final = 100
FULL_CIRCLE_CDEG: Final = 36_000
MAX_LATITUDE_UDEG: Final = 90_000_000
MAX_LONGITUDE_UDEG: Final = 180_000_000
MAX_HEIGHT_M: Final = 10_000_000
MAX_RADIUS_M: Final = 2_000_000

_MessageId = NewType("_MessageId", str)
_EventId = NewType("_EventId", str)

MessageId = Annotated[_MessageId, Meta(pattern="^wmg_[a-z2-7]{26}\\Z")]
EventId = Annotated[_EventId, Meta(pattern="^evt_[a-z2-7]{26}\\Z")]
"""One missile; also the id of its track."""
SequenceNumber = Annotated[int, Meta(ge=1, le=2**31)]
Micros = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""Microseconds since 1970-01-01T00:00:00Z."""
LatitudeUdeg = Annotated[int, Meta(ge=-MAX_LATITUDE_UDEG, le=MAX_LATITUDE_UDEG)]
LongitudeUdeg = Annotated[int, Meta(ge=-MAX_LONGITUDE_UDEG, le=MAX_LONGITUDE_UDEG)]
BearingCdeg = Annotated[int, Meta(ge=0, le=FULL_CIRCLE_CDEG - 1)]
"""Hundredths of a degree, clockwise from true north."""
ConfidencePct = Annotated[int, Meta(ge=0, le=100)]
HeightM = Annotated[int, Meta(ge=0, le=MAX_HEIGHT_M)]
RadiusM = Annotated[int, Meta(ge=MIN_AREA_RADIUS_M, le=MAX_RADIUS_M)]


class Character(StrEnum):
    """Whether a message speaks of the world."""

    REAL = "REAL"
    EXERCISE = "EXERCISE"
    TEST = "TEST"


class Kind(StrEnum):
    """What a message is; the tag of its body."""

    LAUNCH = "LAUNCH"
    TRACK = "TRACK"
    IMPACT_AREA = "IMPACT_AREA"
    END = "END"
    CANCELLATION = "CANCELLATION"


class Sensor(StrEnum):
    """What kind of sensor saw it; never which one."""

    SPACE_INFRARED = "SPACE_INFRARED"
    GROUND_RADAR = "GROUND_RADAR"
    SEA_RADAR = "SEA_RADAR"
    AIR_RADAR = "AIR_RADAR"
    OTHER = "OTHER"


class Basis(StrEnum):
    """Whether a position was seen or computed from other facts."""

    OBSERVED = "OBSERVED"
    DERIVED = "DERIVED"


class Outcome(StrEnum):
    """How an event ended."""

    IMPACT_SEA = "IMPACT_SEA"
    IMPACT_LAND = "IMPACT_LAND"
    BROKE_UP = "BROKE_UP"
    ORBIT = "ORBIT"
    TRACK_LOST = "TRACK_LOST"
    UNKNOWN = "UNKNOWN"


class CancelReason(StrEnum):
    """Why an event is taken back."""

    FALSE_ALARM = "FALSE_ALARM"
    DUPLICATE = "DUPLICATE"
    SENT_IN_ERROR = "SENT_IN_ERROR"


class LaunchReport(Struct, frozen=True, kw_only=True, tag="LAUNCH", tag_field="kind"):
    """A launch was seen."""

    latitude_udeg: LatitudeUdeg
    longitude_udeg: LongitudeUdeg
    launched_at_us: Micros
    bearing_cdeg: BearingCdeg | None
    confidence_pct: ConfidencePct
    sensor: Sensor
    basis: Basis


class TrackUpdate(Struct, frozen=True, kw_only=True, tag="TRACK", tag_field="kind"):
    """Where the missile was at `seen_at_us`; a newer one of the same event supersedes it."""

    latitude_udeg: LatitudeUdeg
    longitude_udeg: LongitudeUdeg
    height_m: HeightM
    bearing_cdeg: BearingCdeg | None
    seen_at_us: Micros
    confidence_pct: ConfidencePct
    basis: Basis


class ImpactArea(Struct, frozen=True, kw_only=True, tag="IMPACT_AREA", tag_field="kind"):
    """The ellipse in which it is expected to come down, and between when."""

    latitude_udeg: LatitudeUdeg
    longitude_udeg: LongitudeUdeg
    along_m: RadiusM
    across_m: RadiusM
    bearing_cdeg: BearingCdeg
    from_us: Micros
    until_us: Micros
    confidence_pct: ConfidencePct
    basis: Basis


class End(Struct, frozen=True, kw_only=True, tag="END", tag_field="kind"):
    """The event is over."""

    outcome: Outcome
    seen_at_us: Micros


class Cancellation(Struct, frozen=True, kw_only=True, tag="CANCELLATION", tag_field="kind"):
    """The whole event is taken back: it was none, or it has another id."""

    reason: CancelReason


Body = LaunchReport | TrackUpdate | ImpactArea | End | Cancellation


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a source about one event.

    Args:
        message: stays the same over every hop, route and re-sealing; what duplicates are known by.
        event: the missile.
        sequence: of the message within the event, as its source counts.
        at_us: when the source said it.
        originator: whose message it is, over every hop; an exercise party has a code of its own.
        level: the originator's.
        topic: `TOPIC`.
        character: real, exercise or test.
        body: what is said.
    """

    message: MessageId
    event: EventId
    sequence: SequenceNumber
    at_us: Micros
    originator: PartyCode
    level: ClassificationId
    topic: Topic
    character: Character
    body: Body

    @property
    def kind(self) -> Kind:
        """What it is."""
        match self.body:
            case LaunchReport():
                return Kind.LAUNCH
            case TrackUpdate():
                return Kind.TRACK
            case ImpactArea():
                return Kind.IMPACT_AREA
            case End():
                return Kind.END
            case Cancellation():
                return Kind.CANCELLATION
            case _:
                assert_never(self.body)


SUPERSEDED_BY: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.LAUNCH: frozenset(),
    Kind.TRACK: frozenset({Kind.TRACK}),
    Kind.IMPACT_AREA: frozenset(),
    Kind.END: frozenset(),
    Kind.CANCELLATION: frozenset(),
}
"""What a waiting message of a kind may give way to, if the newer one is of the same event. All others are delivered."""


def characters_of(party: PartyCode) -> tuple[Character, ...]:
    """What a party may say of the world.

    Source: ADR 0033.
    """
    return (Character.EXERCISE if is_exercise(party) else Character.REAL, Character.TEST)


def is_superseded(waiting: Message, *, by: Message) -> bool:
    """Whether `waiting` may be left unsent because `by` says the same more newly."""
    return (
        by.kind in SUPERSEDED_BY[waiting.kind]
        and (by.originator, by.event, by.character) == (waiting.originator, waiting.event, waiting.character)
        and by.sequence > waiting.sequence
    )


def new_message_id(entropy: Entropy) -> MessageId:
    """A fresh message id."""
    return _MessageId(new_id("wmg", entropy))


def new_event_id(entropy: Entropy) -> EventId:
    """A fresh event id."""
    return _EventId(new_id("evt", entropy))


def print_message(message: Message) -> bytes:
    """The canonical bytes of a message: what is signed, sealed and counted.

    Raises:
        WarningMessageError: it says more than a warning may.
    """
    check_message(message)
    return canon.encode(message)


def parse_message(untrusted: bytes) -> Message:
    """The message whose canonical form is exactly `untrusted`, if it is a warning and no more.

    Raises:
        WarningMessageError: too large, malformed, out of scope, of another topic, or too precise.

    Trust: on return its shape and scope are known, not who said it.
    Source: design 1 (out of scope, refused by schema), relay 5.4.
    """
    if len(untrusted) > MAX_MESSAGE_BYTES:
        raise WarningMessageError("warning/too-large", f"a warning of more than `{MAX_MESSAGE_BYTES}` bytes")
    try:
        message = canon.decode(untrusted, Message)
    except canon.CanonError as cause:
        word = _word_out_of_scope(untrusted)
        if word is not None:
            raise WarningMessageError(
                "warning/out-of-scope", f"`{word}` has no place in a warning", clauses=("DESIGN-1",)
            ) from cause
        raise WarningMessageError("warning/malformed", f"not a warning: {cause.message}") from cause
    check_message(message)
    return message


def check_message(message: Message) -> None:
    """Hold a message to the topic, the world and the precision of a warning.

    Raises:
        WarningMessageError: another topic, an exercise party that speaks of the world or a real one that exercises,
            another party's level, a position off the grid, or a window that ends before it begins.

    Source: ADR 0033.
    """
    if message.topic != TOPIC:
        raise WarningMessageError(
            "warning/topic-out-of-scope", f"the lane carries `{TOPIC}` and nothing else", clauses=("RELAY-5.4",)
        )
    if message.character not in characters_of(message.originator):
        raise WarningMessageError(
            "warning/worlds-mixed",
            f"`{message.originator}` cannot say what is `{message.character.value}`",
            remedy="real parties say REAL or TEST, exercise parties EXERCISE or TEST",
        )
    if message.level.partition("-")[0] != message.originator:
        raise WarningMessageError("warning/level-of-another", "the level is not one of the originator's")
    body = message.body
    if isinstance(body, LaunchReport | TrackUpdate | ImpactArea):
        _check_grid(body.latitude_udeg, step=GRID_UDEG, of="latitude")
        _check_grid(body.longitude_udeg, step=GRID_UDEG, of="longitude")
    if isinstance(body, TrackUpdate):
        _check_grid(body.height_m, step=HEIGHT_STEP_M, of="height")
    if isinstance(body, ImpactArea):
        _check_grid(body.along_m, step=AREA_STEP_M, of="radius")
        _check_grid(body.across_m, step=AREA_STEP_M, of="radius")
        if body.until_us < body.from_us:
            raise WarningMessageError("warning/malformed", "a window of time that ends before it begins")


def check_rate(message: Message, *, last: Message | None) -> None:
    """Hold a source to one track point a second of one event: more would follow a missile, not warn of it.

    Args:
        message: about to be said, or just received.
        last: the track point of the same event before it, if there was one.

    Raises:
        WarningMessageError: it comes too soon after `last`.

    Source: design 1 (out of scope).
    """
    if not isinstance(message.body, TrackUpdate) or last is None or not isinstance(last.body, TrackUpdate):
        return
    if last.event == message.event and abs(message.body.seen_at_us - last.body.seen_at_us) < MIN_TRACK_INTERVAL_US:
        raise WarningMessageError(
            "warning/too-fast", "track points of one event less than a second apart", clauses=("DESIGN-1",)
        )


def on_grid(value: float, *, step: int) -> int:
    """The nearest multiple of `step`."""
    return round(value / step) * step


def is_out_of_scope(word: str) -> bool:
    """Whether a name is a word of fire control, tasking or targeting, alone or as a part.

    Source: design 1 (out of scope).
    """
    lowered = word.lower()
    return lowered in _OUT_OF_SCOPE or not _OUT_OF_SCOPE.isdisjoint(lowered.split("_"))


_OUT_OF_SCOPE: Final = frozenset(
    {
        "accuracy_m",
        "aimpoint",
        "acceleration",
        "covariance",
        "engagement",
        "interceptor",
        "nomination",
        "strike",
        "target",
        "tasking",
        "track_quality",
        "velocity",
        "weapon",
    }
)
"""Words of fire control, tasking and targeting: refused by name, so that the refusal says why."""


def _check_grid(value: int, *, step: int, of: str) -> None:
    if value % step:
        raise WarningMessageError(
            "warning/too-precise", f"a {of} that is no multiple of `{step}`", clauses=("DESIGN-1",)
        )


def _word_out_of_scope(untrusted: bytes) -> str | None:
    """Which forbidden word the bytes have as a name or kind; None if they do not even read as JSON."""
    try:
        waiting = [canon.decode_any(untrusted)]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            words = [*one, one.get("kind")]
            for word in words:
                if isinstance(word, str) and is_out_of_scope(word):
                    return word[:40]
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return None
