"""How a desk watches warnings and a source says them: the words of `DIR/run/warn.sock`.

The socket has mode 0600 and the caller's uid is checked, as at the admin socket. Both sides write frames: four bytes of
length, big-endian, then one msgpack value of the types here, told apart by their `word`. A caller may do both things on
one connection, and as many callers as there are desks may watch.

- A *desk* says `Watch`. From then on it is sent every `Shown` warning (own ones too) and every `Marked`, `Alarm` and
  `Link`. A desk that does not read is cut off, and never holds up another.
- A *source* says `Submit` with the canonical bytes of a `Message` of our own party. It is answered, in order, with
  `Taken` once the record is durable and the frames are on their way, or with `Denied` and a code.
- A program that speaks for a source says `SourceRefused` when it did not pass on what that source said: it is entered
  in the record, once a minute for a source and code, and not answered.

    >>> frame = print_desk(Submit(message=b"..."))
    >>> DeskReader(ASKED).feed(frame[:3]), DeskReader(ASKED).feed(frame)
    ([], [Submit(message=b'...')])

`gsomia.admin.WarnDesk` is the blocking client for it.

Source: design 6 (the fast lane), design 2 (law 2).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from gsomia.warning.errors import WarningUseError
from gsomia.warning.messages import MAX_MESSAGE_BYTES

MAX_DESK_FRAME_BYTES: Final = 16 << 10
_LENGTH_BYTES: Final = 4

Code = Annotated[str, Meta(max_length=100)]


class Route(StrEnum):
    """On which way a warning came."""

    OWN = "OWN"
    """A source of ours said it."""
    DIRECT = "DIRECT"
    """From its originator, under the agreement with it."""
    HUB = "HUB"
    """Through the hub of the warning data mechanism."""


class Mark(StrEnum):
    """What must stand beside a warning on every desk."""

    UNRECORDED = "UNRECORDED"
    """Our record could not take it; it is in the spare journal. Shown in red (design 2)."""
    UNCONFIRMED = "UNCONFIRMED"
    """No tally of its sender covered it within two seconds (design 6)."""
    STALE = "STALE"
    """Its source said it long before it arrived, by the sender's clock as we estimate it."""
    CLOCK_APART = "CLOCK_APART"
    """The sender's clock differs from ours by more than a second; times beside it are the sender's."""
    OUT_OF_ORDER = "OUT_OF_ORDER"
    """A frame before it is missing or came later."""


class Watch(Struct, frozen=True, kw_only=True, tag="watch", tag_field="word"):
    """Show me what comes from now on."""


class Submit(Struct, frozen=True, kw_only=True, tag="submit", tag_field="word"):
    """Say this: the canonical bytes of a message of our own."""

    message: Annotated[bytes, Meta(max_length=MAX_MESSAGE_BYTES)]


class SourceRefused(Struct, frozen=True, kw_only=True, tag="source-refused", tag_field="word"):
    """Enter that a source was not listened to; said by who speaks for it, and not answered.

    Args:
        source: its name in the settings of the program that speaks for it.
        code: why.
        count: how often since it was last said.
    """

    source: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}\\Z")]
    code: Annotated[str, Meta(pattern="^[a-z]{1,20}/[a-z-]{1,60}\\Z")]
    count: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class Taken(Struct, frozen=True, kw_only=True, tag="taken", tag_field="word"):
    """It is on record and on its way.

    Args:
        message: its id.
        to: the partners whose lanes carry it, in order; empty if no lane is open to anyone.
    """

    message: str
    to: tuple[str, ...]


class Denied(Struct, frozen=True, kw_only=True, tag="denied", tag_field="word"):
    """It is not said."""

    code: Code
    text: str
    remedy: str
    clauses: tuple[str, ...]


class Shown(Struct, frozen=True, kw_only=True, tag="shown", tag_field="word"):
    """A warning for the picture.

    Args:
        message: canonical bytes, as `parse_message` reads them; proven to be its originator's.
        originator: whose it is.
        via: who handed it to us: the originator, the hub, or we ourselves.
        route: on which way.
        instrument: under which instrument it crossed; empty for our own.
        marks: of `Mark`.
        received_us: when it was durable here, by our clock.
    """

    message: bytes
    originator: str
    via: str
    route: Route
    instrument: str
    marks: tuple[Mark, ...]
    received_us: int


class Marked(Struct, frozen=True, kw_only=True, tag="marked", tag_field="word"):
    """A mark of a warning that was shown before came (`on`) or went."""

    message: str
    originator: str
    mark: Mark
    on: bool


class Alarm(Struct, frozen=True, kw_only=True, tag="alarm", tag_field="word"):
    """Something for the duty officer: a refusal, a lost link, a clock that is off."""

    code: Code
    party: str
    text: str
    at_us: int


class Link(Struct, frozen=True, kw_only=True, tag="link", tag_field="word"):
    """A lane went up or down, or was measured again.

    Args:
        party: the other end.
        incoming: whether the partner speaks on it.
        instrument: under which it runs.
        up: whether it runs.
        round_trip_us: there and back, the last one measured; 0 if none was.
        offset_us: the partner's clock minus ours, estimated.
    """

    party: str
    incoming: bool
    instrument: str
    up: bool
    round_trip_us: int
    offset_us: int


Asked = Watch | Submit | SourceRefused
Told = Taken | Denied | Shown | Marked | Alarm | Link
ASKED: Final[Any] = msgspec.msgpack.Decoder(Asked)
"""Reads what a caller says."""
TOLD: Final[Any] = msgspec.msgpack.Decoder(Told)
"""Reads what the node says."""

_ENCODER: Final = msgspec.msgpack.Encoder()
T = TypeVar("T")


def print_desk(word: Asked | Told) -> bytes:
    """One frame."""
    body = _ENCODER.encode(word)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class DeskReader(Generic[T]):
    """Cuts a stream of bytes into words.

    Args:
        decoder: `ASKED` or `TOLD`.
    """

    def __init__(self, decoder: "msgspec.msgpack.Decoder[T]") -> None:
        self._decoder = decoder
        self._waiting = b""

    def feed(self, untrusted: bytes) -> Sequence[T]:
        """The words that are whole now.

        Raises:
            WarningUseError: not a frame of this socket; the connection is of no more use.
        """
        data, at = self._waiting + untrusted if self._waiting else untrusted, 0
        found: list[T] = []
        while len(data) - at >= _LENGTH_BYTES:
            start = at + _LENGTH_BYTES
            size = int.from_bytes(data[at:start], "big")
            if size > MAX_DESK_FRAME_BYTES:
                raise WarningUseError("warning/desk-frame-too-large", f"a frame of `{size}` bytes at the desk's socket")
            if len(data) - start < size:
                break
            at = start + size
            try:
                found.append(self._decoder.decode(data[start:at]))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
                raise WarningUseError("warning/desk-frame-malformed", "not a word of the desk's socket") from cause
        self._waiting = data[at:]
        return found
