"""The frames of a lane: four bytes of length, big-endian, then one msgpack array whose first member says what it is.

A lane is one long-lived mutual TLS stream that the warning side opens. It carries warnings and tallies one way, and
acknowledgements and receipts the other; a partner's own warnings come on the lane that the partner opens.

    sender    HELLO ──────────► recipient         an epoch begins: hybrid-signed, fresh keys, nonce
              ◄────────── ANSWER                  the same from the other side, with its half of the secret
              BEGIN ──────────►                   the sender's half; from here on both sides have the keys
              DATA DATA DATA ─►                   sealed warnings; the sequence number is the nonce
              ◄─────────── ACK                    sealed: which sequence numbers are durable
              TALLY ──────────►  each second      hybrid-signed: epoch, first, last, running digest
              ◄─────── RECEIPT                    the same tally, hybrid-signed by the recipient
              BEAT ───────────►  ◄───── ECHO      the line is alive; what the clocks say
              ◄──────── REFUSAL                   one frame was not taken: its code
              CLOSING ────────►  ◄─── CLOSING     this lane ends, with a code

A frame that is too large is skipped by its length and refused like any other; only a length that no frame could have
ends the connection.

Source: design 6 (the fast lane).
"""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from gsomia.warning.errors import LaneClosedError, LaneError

MAX_FRAME_BYTES: Final = 32 << 10
"""Hellos are the largest: two hybrid keys and a hybrid signature."""
MAX_SKIPPED_BYTES: Final = 1 << 20
"""A frame that says it is larger than this is none: the stream is of no more use."""
LANE_PROTOCOL: Final = "gsomia-lane/1"
"""How the caller asks for it in the TLS handshake (ALPN); without, the door speaks HTTP."""
_LENGTH_BYTES: Final = 4

Epoch = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Sequence = Annotated[int, Meta(ge=1, le=1 << 20)]
LaneMicros = Annotated[int, Meta(ge=0, le=2**62)]
Statement = Annotated[bytes, Meta(max_length=MAX_FRAME_BYTES)]


class Hello(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """A `LaneHello`, as a statement."""

    statement: Statement


class Answer(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2):
    """A `LaneAnswer`, as a statement."""

    statement: Statement


class Begin(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=3):
    """The sender's half of the secret of an epoch, wrapped for the recipient's fresh key."""

    epoch: Epoch
    wrapped: Annotated[bytes, Meta(max_length=4096)]


class Data(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=4):
    """A sealed warning."""

    epoch: Epoch
    sequence: Sequence
    sealed: Annotated[bytes, Meta(max_length=4096)]


class Ack(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=5):
    """Sealed: pairs of first and last sequence number that are durable at the recipient."""

    epoch: Epoch
    sequence: Sequence
    sealed: Annotated[bytes, Meta(max_length=16_384)]


class Tally(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=6):
    """A `LaneTally`, as a statement."""

    statement: Statement


class Receipt(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=7):
    """A `LaneReceipt`, as a statement."""

    statement: Statement


class Beat(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=8):
    """I am here, and my clock says so."""

    said_us: LaneMicros


class Echo(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=9):
    """I heard your beat, by my clock then, and say so now."""

    beat_us: LaneMicros
    heard_us: LaneMicros
    said_us: LaneMicros


class Refusal(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=10):
    """A frame was not taken: its code, and which one; reasons do not cross the border."""

    epoch: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    sequence: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    code: Annotated[str, Meta(max_length=80)]


class Closing(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=11):
    """This lane ends."""

    code: Annotated[str, Meta(max_length=80)]


Frame = Hello | Answer | Begin | Data | Ack | Tally | Receipt | Beat | Echo | Refusal | Closing
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Frame)


def print_frame(frame: Frame) -> bytes:
    """The bytes of one frame."""
    body = _ENCODER.encode(frame)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class FrameReader:
    """Cuts the bytes of a lane into frames."""

    def __init__(self) -> None:
        self._waiting = b""
        self._skipping = 0

    def feed(self, untrusted: bytes) -> Iterator[Frame | LaneError]:
        """The frames that are whole now; in the place of one that is not taken, why.

        Raises:
            LaneClosedError: the length is one that no frame has; the stream is of no more use.

        Trust: on return a frame's shape is known, nothing else.
        """
        if self._skipping:
            skipped = min(self._skipping, len(untrusted))
            self._skipping -= skipped
            untrusted = untrusted[skipped:]
        data, at = self._waiting + untrusted if self._waiting else untrusted, 0
        while len(data) - at >= _LENGTH_BYTES:
            size = int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
            start = at + _LENGTH_BYTES
            if size > MAX_FRAME_BYTES:
                if size > MAX_SKIPPED_BYTES:
                    self._waiting = b""
                    raise LaneClosedError("warning/not-a-lane", f"a frame of `{size}` bytes")
                here = min(size, len(data) - start)
                self._skipping = size - here
                at = start + here
                yield LaneError("warning/frame-too-large", f"a frame of `{size}` bytes")
                continue
            if len(data) - start < size:
                break
            at = start + size
            try:
                yield _DECODER.decode(data[start:at])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield LaneError("warning/frame-malformed", "a frame that does not read")
        self._waiting = data[at:]
