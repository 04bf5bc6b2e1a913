"""The few algorithms, named and versioned: one suite, chosen by name, refused when unknown.

`gsomia-1`: content in AES-256-GCM segments of 1 MiB (STREAM construction), keys by HKDF-SHA256, the content key wrapped
by HPKE `MLKEM768_X25519` + HKDF-SHA256 + AES-256-GCM. The library draws its own randomness inside HPKE, so sealed bytes
are not reproducible; opening is tested with fixed vectors, sealing by round trip.

    >>> keys = derive_keys(bytes(32), bytes(32))
    >>> open_segment(keys, seal_segment(keys, b"content", index=0, last=True), index=0, last=True)
    b'content'
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gsomia.envelope.errors import OpenError, SegmentError
from gsomia.parties import Opener, SealingKey

SUITE: Final = "gsomia-1"
SEGMENT_BYTES = 1 << 20
"""Plaintext bytes of every segment but the last."""
TAG_BYTES = 16
KEY_BYTES = 32

_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentKeys:
    """What one content key gives under one header: separate keys for separate uses, and a commitment to the key."""

    header: bytes
    segments: AESGCM
    sealed_part: AESGCM
    commitment: bytes

    def __repr__(self) -> str:
        return "ContentKeys(...)"


def derive_keys(content_key: bytes, header_digest: bytes) -> ContentKeys:
    """Separate keys from one content key, bound to one header.

    Args:
        content_key: 32 fresh random bytes.
        header_digest: SHA-256 of the canonical header, 32 bytes; becomes the salt and every segment's associated data.

    Source: RFC 5869; the commitment makes AES-GCM key-committing (design 4).
    """
    return ContentKeys(
        header=header_digest,
        segments=AESGCM(_hkdf(content_key, header_digest, b"segments")),
        sealed_part=AESGCM(_hkdf(content_key, header_digest, b"sealed part")),
        commitment=_hkdf(content_key, header_digest, b"commitment"),
    )


def wrap(content_key: bytes, recipient: SealingKey, header_digest: bytes) -> bytes:
    """The content key for the holder of `recipient`, bound to the header.

    Source: RFC 9180 single-shot base mode; the library takes no associated data, so the header goes into `info`.
    """
    return _HPKE.encrypt(content_key, recipient.load(), info=b"gsomia-1 content key\x00" + header_digest)


def unwrap(wrapped: bytes, opener: Opener, header_digest: bytes) -> bytes:
    """The content key, in memory. Unwrapping is not reading.

    Raises:
        OpenError: wrapped for another key or another header, or changed.
    """
    try:
        content_key = _HPKE.decrypt(wrapped, opener.private, info=b"gsomia-1 content key\x00" + header_digest)
    except (InvalidTag, ValueError) as cause:
        raise OpenError("envelope/does-not-open", "the envelope does not open") from cause
    if len(content_key) != KEY_BYTES:
        raise OpenError("envelope/does-not-open", "the envelope does not open")
    return content_key


def seal_segment(keys: ContentKeys, plaintext: bytes, *, index: int, last: bool) -> bytes:
    """One sealed segment, `TAG_BYTES` longer than `plaintext`. Releases the interpreter lock."""
    return keys.segments.encrypt(_nonce(index, last=last), plaintext, keys.header)


def open_segment(keys: ContentKeys, sealed: bytes, *, index: int, last: bool) -> bytes:
    """The plaintext of one segment.

    Raises:
        SegmentError: not segment `index` of this header, cut short, or changed.
    """
    try:
        return keys.segments.decrypt(_nonce(index, last=last), sealed, keys.header)
    except (InvalidTag, ValueError) as cause:
        raise SegmentError("envelope/segment-does-not-open", f"segment `{index}` does not open") from cause


def seal_part(keys: ContentKeys, plaintext: bytes) -> bytes:
    """The small sealed part; its key is used once, so the nonce is fixed."""
    return keys.sealed_part.encrypt(bytes(12), plaintext, keys.header)


def open_part(keys: ContentKeys, sealed: bytes) -> bytes:
    """The plaintext of the sealed part.

    Raises:
        OpenError: changed, or of another header.
    """
    try:
        return keys.sealed_part.decrypt(bytes(12), sealed, keys.header)
    except (InvalidTag, ValueError) as cause:
        raise OpenError("envelope/does-not-open", "the envelope does not open") from cause


def _nonce(index: int, *, last: bool) -> bytes:
    # STREAM: a counter and a last-segment flag; segments cannot be cut, swapped or appended unseen.
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _hkdf(content_key: bytes, header_digest: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=header_digest, info=b"gsomia-1 " + use).derive(content_key)
