"""An offer as it crosses: a strict binary frame around the parts of an envelope.

    magic (8) | header | statement | sealed part | segment list | first segments, if they are few

Each of the four parts is a 4-byte big-endian length and that many bytes. What follows the list is sealed segment
content from segment 0 on; the rest is sent segment by segment.

Short offers ride together: magic (8), then each as a 4-byte big-endian length and that many bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gsomia import canon
from gsomia.envelope.errors import WireError
from gsomia.envelope.header import Header

MAGIC = b"gsomia1\n"
MAGIC_TOGETHER = b"gsomia+\n"
DIGEST_BYTES = 32
MAX_HEADER_BYTES = 4 << 10
MAX_STATEMENT_BYTES = 64 << 10
MAX_SEALED_PART_BYTES = 64 << 10
MAX_SEGMENTS = 1 << 17
"""128 Ki segments: items of up to 128 GiB."""
MAX_INLINE_BYTES = (1 << 20) + 16
"""One segment may ride with the offer."""
RUN_SEGMENTS = 64
"""So many may come in a row in one request after it; what a cut loses is the last one, not the run."""

_CAPS = (MAX_HEADER_BYTES, MAX_STATEMENT_BYTES, MAX_SEALED_PART_BYTES, MAX_SEGMENTS * DIGEST_BYTES)
MAX_OFFER_BYTES = len(MAGIC) + sum(4 + cap for cap in _CAPS)
MAX_RELAY_BYTES = len(MAGIC) + 2 * (4 + (64 << 10)) + MAX_OFFER_BYTES
"""With what a hub puts before an offer: see `envelope.relay`."""
MAX_TOGETHER = 16
"""Offers that ride together."""
MAX_RIDING_BYTES = 128 << 10
"""Of one of them, with its content."""
MAX_TOGETHER_BYTES = len(MAGIC_TOGETHER) + MAX_TOGETHER * (4 + MAX_RIDING_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEnvelope:
    """An offer whose frame and header have the right shape. Nothing in it is believed yet."""

    header: Header
    header_bytes: bytes
    statement: bytes
    sealed_part: bytes
    segment_list: bytes


def print_offer(envelope: ReceivedEnvelope) -> bytes:
    """The frame of an envelope, without segments."""
    parts = (envelope.header_bytes, envelope.statement, envelope.sealed_part, envelope.segment_list)
    return MAGIC + print_parts(parts)


def print_parts(parts: Iterable[bytes]) -> bytes:
    """Parts one after another, each behind its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def parse_offer(untrusted: bytes) -> tuple[ReceivedEnvelope, bytes]:
    """Split a frame into its parts and the inline segment bytes that follow.

    Raises:
        WireError: wrong magic, a part too long, cut short, a list that does not fit the header, or too much inline.
        CanonError: the header is not canonical.

    Trust: hostile on entry; on return shapes and sizes agree, nothing else is known.
    """
    if not untrusted.startswith(MAGIC):
        raise WireError("envelope/not-an-offer", "the bytes do not start as an offer does")
    at = len(MAGIC)
    parts: list[bytes] = []
    for cap in _CAPS:
        length = int.from_bytes(untrusted[at : at + 4], "big")
        if len(untrusted) < at + 4 or length > cap or len(untrusted) < at + 4 + length:
            raise WireError("envelope/frame-broken", "a part of the offer is cut short or too long")
        parts.append(untrusted[at + 4 : at + 4 + length])
        at += 4 + length
    header = canon.decode(parts[0], Header)
    if header.segments > MAX_SEGMENTS or len(parts[3]) != header.segments * DIGEST_BYTES:
        raise WireError("envelope/list-does-not-fit", "the segment list does not fit the header")
    inline = untrusted[at:]
    if len(inline) > MAX_INLINE_BYTES:
        raise WireError("envelope/too-much-inline", "only one segment may ride with the offer")
    envelope = ReceivedEnvelope(
        header=header, header_bytes=parts[0], statement=parts[1], sealed_part=parts[2], segment_list=parts[3]
    )
    return envelope, inline


def print_together(offers: Sequence[bytes]) -> bytes:
    """The frame of several offers, each with its content inline."""
    return MAGIC_TOGETHER + print_parts(offers)


def are_together(untrusted: bytes) -> bool:
    """Whether bytes claim to be offers that ride together."""
    return untrusted.startswith(MAGIC_TOGETHER)


def parse_together(untrusted: bytes) -> list[bytes]:
    """Split a frame into the offers that ride in it; nothing is known of any.

    Raises:
        WireError: wrong magic, none, too many, or one that is empty, cut short or too long.
    """
    if not are_together(untrusted):
        raise WireError("envelope/not-offers", "the bytes do not start as offers that ride together do")
    at, offers = len(MAGIC_TOGETHER), list[bytes]()
    while at < len(untrusted):
        length = int.from_bytes(untrusted[at : at + 4], "big")
        if not 0 < length <= min(len(untrusted) - at - 4, MAX_RIDING_BYTES) or len(offers) == MAX_TOGETHER:
            raise WireError(
                "envelope/frame-broken", "an offer is empty, cut short or too long, or too many ride together"
            )
        offers.append(untrusted[at + 4 : at + 4 + length])
        at += 4 + length
    if not offers:
        raise WireError("envelope/frame-broken", "no offer rides in the frame")
    return offers
