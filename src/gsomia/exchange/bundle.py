"""A bundle on media: the statements, envelopes and answers that would have crossed the line, in one signed file.

    magic (15) | frame* | seal
    frame = kind (1) | length (4, big-endian) | that many bytes

An offer is followed by its sealed segments, all of them and in order. The seal, a statement of the sender, comes last
and covers every byte before it; nothing in a bundle is acted on before its seal verified. Everything inside is proven
again by the same ladders as on the line: the seal only keeps a damaged or strange file from being begun.

Source: design 6 (Air gap).
"""

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.audit import InclusionReceipt
from gsomia.envelope import MAX_INLINE_BYTES, MAX_RELAY_BYTES, is_relay, parse_offer, parse_relay
from gsomia.exchange.errors import ExchangeError
from gsomia.exchange.messages import Refusal, Reply
from gsomia.exchange.outbox import MessageKind
from gsomia.ids import Count, HexDigest, PartyCode, hex_digest
from gsomia.instants import Instant
from gsomia.parties import HybridKey, Statement, read_kind, verify_statement

BUNDLE = "bundle"
"""Statement kind of a bundle's seal."""
MAGIC = b"gsomia-bundle1\n"
HEAD_BYTES = 5
MAX_FRAMES = 1 << 24
MAX_BUNDLE_BYTES = 1 << 42
"""4 TiB: more than any medium a courier carries today."""


class FrameKind(Enum):
    """What a frame holds, and how long it may be."""

    OFFER = (b"O", MAX_RELAY_BYTES)
    SEGMENT = (b"G", MAX_INLINE_BYTES)
    STATEMENT = (b"S", canon.MAX_STATEMENT_BYTES)
    STAGE = (b"P", 256 << 10)
    ANSWER = (b"A", 256 << 10)
    SEAL = (b"Z", 64 << 10)

    @property
    def mark(self) -> bytes:
        """The byte that begins it."""
        return self.value[0]

    @property
    def cap(self) -> int:
        """The most bytes it may have."""
        return self.value[1]


_KINDS = {kind.mark: kind for kind in FrameKind}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; nothing in it is proven."""

    kind: FrameKind
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleAnswer:
    """What came of something in an earlier bundle: exactly one of reply and refusal.

    `reference` is what the sender's queue calls it: a consignment, a statement's digest, a log index.
    """

    kind: MessageKind
    reference: Annotated[str, Meta(min_length=1, max_length=80)]
    reply: Reply | None
    refusal: Refusal | None

    def __post_init__(self) -> None:
        """Refuse an answer that says both or nothing.

        Raises:
            ValueError: it does.
        """
        if (self.reply is None) is (self.refusal is None):
            msg = "an answer is a reply or a refusal"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSeal:
    """What the sender says of a bundle: for whom, which one, and the digest of every byte before the seal.

    `seen` is the highest number of the recipient's bundles that the sender has gone through.
    """

    sender: PartyCode
    recipient: PartyCode
    number: Annotated[int, Meta(ge=1, le=2**31)]
    seen: Count
    frames: Count
    size: Count
    digest: HexDigest
    at: Instant


@dataclass(slots=True)
class Tally:
    """Counts and hashes a bundle's frames as they pass, and holds their order.

    Invariant (segments follow their offer): an offer of n segments is followed by exactly n segment frames.
    """

    frames: int = 0
    size: int = len(MAGIC)
    _hash: "hashlib._Hash" = field(default_factory=lambda: hashlib.sha256(MAGIC), repr=False)
    _segments_due: int = 0

    def take(self, frame: Frame) -> None:
        """Count one frame before the seal.

        Raises:
            ExchangeError: it may not stand here, or there are too many.
            WireError, CanonError, SignatureError: it has not the shape of its kind.
        """
        if (frame.kind is FrameKind.SEGMENT) is not (self._segments_due > 0) or frame.kind is FrameKind.SEAL:
            raise _broken("a frame that may not stand where it does")
        if frame.kind is FrameKind.SEGMENT:
            self._segments_due -= 1
        elif frame.kind is FrameKind.OFFER:
            relayed, inline = parse_relay(frame.body) if is_relay(frame.body) else (None, b"")
            received, inline = (relayed.offer, inline) if relayed else parse_offer(frame.body)
            if inline:
                raise _broken("an offer with content behind it")
            self._segments_due = received.header.segments
        elif frame.kind is FrameKind.ANSWER:
            canon.decode(frame.body, BundleAnswer)
        elif frame.kind is FrameKind.STAGE:
            canon.decode(frame.body, InclusionReceipt)
        elif frame.kind is FrameKind.STATEMENT:
            read_kind(frame.body)
        self.frames += 1
        self.size += HEAD_BYTES + len(frame.body)
        if self.frames > MAX_FRAMES or self.size > MAX_BUNDLE_BYTES:
            raise _broken("more than a bundle may hold")
        self._hash.update(print_frame(frame))

    def finish(self) -> HexDigest:
        """The digest of everything before the seal.

        Raises:
            ExchangeError: segments are missing.
        """
        if self._segments_due:
            raise _broken("segments of an offer are missing")
        return hex_digest(self._hash.digest())


def print_frame(frame: Frame) -> bytes:
    """A frame as it lies on the medium.

    Raises:
        ValueError: longer than its kind may be: a mistake of ours.
    """
    if len(frame.body) > frame.kind.cap:
        msg = "a frame longer than its kind may be"
        raise ValueError(msg)
    return frame.kind.mark + len(frame.body).to_bytes(4, "big") + frame.body


def parse_magic(untrusted: bytes) -> None:
    """Refuse a file that does not begin as a bundle does.

    Raises:
        ExchangeError: it does not.
    """
    if untrusted != MAGIC:
        raise ExchangeError("exchange/not-a-bundle", "the file does not begin as a bundle does")


def parse_head(untrusted: bytes) -> tuple[FrameKind, int]:
    """Kind and length of the next frame, before a byte of it is read.

    Raises:
        ExchangeError: cut short, of an unknown kind, or longer than its kind may be.
    """
    kind = _KINDS.get(untrusted[:1])
    length = int.from_bytes(untrusted[1:HEAD_BYTES], "big")
    if len(untrusted) != HEAD_BYTES or kind is None or length > kind.cap:
        raise _broken("a frame that is cut short, unknown or too long")
    return kind, length


def verify_seal(
    untrusted: bytes, *, tally: Tally, sender: PartyCode, recipient: PartyCode, key: HybridKey
) -> Statement[BundleSeal]:
    """Prove that `sender` made this bundle for us.

    1. Its statement key signed the seal.
    2. The seal names both of us.
    3. It covers exactly the frames that were read.

    Raises:
        CanonError, SignatureError: step 1.
        ExchangeError: step 2 or 3.

    Trust: on return the file is the one the sender closed; what it holds is proven piece by piece.
    Source: design 6 (Air gap).
    """
    # (1) signed
    statement = verify_statement(untrusted, accepts={BUNDLE: BundleSeal}, key=key)
    seal = statement.value
    # (2) between us
    if (seal.sender, seal.recipient) != (sender, recipient):
        raise ExchangeError("exchange/bundle-of-another", "the bundle is from another party, or for another")
    # (3) over these bytes
    if (seal.frames, seal.size, seal.digest) != (tally.frames, tally.size, tally.finish()):
        raise ExchangeError(
            "exchange/bundle-differs",
            "the bundle is not the one that was sealed",
            remedy="ask the partner for it again",
            evidence={"sealed": seal.digest},
        )
    return statement


def _broken(what: str) -> ExchangeError:
    return ExchangeError("exchange/bundle-broken", what, remedy="ask the partner for the bundle again")
