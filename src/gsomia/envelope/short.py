"""A few words sealed to several parties inside a statement: what a hotline message carries.

The content key is fresh for each message and wrapped for every reader, the sender included, so that both sides open the
same statement for as long as they keep it. The digest of the head goes into every wrap and into the associated data:
words cannot be moved under another head.

Source: design 4 (HPKE, key commitment); RFC 9180.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.envelope.errors import OpenError
from gsomia.envelope.header import WrappedKey
from gsomia.envelope.suite import KEY_BYTES, derive_keys, open_part, seal_part, unwrap, wrap
from gsomia.ids import Entropy, HexDigest
from gsomia.parties import Opener, SealingKey

MAX_SHORT_BYTES = 64 << 10
"""Sealed words of one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortSealed:
    """Words sealed under a head; `commitment` is to the content key (design 4)."""

    wrapped: Annotated[tuple[WrappedKey, ...], Meta(min_length=1, max_length=4)]
    commitment: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    sealed: Annotated[bytes, Meta(max_length=MAX_SHORT_BYTES)]


def seal_short(plaintext: bytes, *, head: HexDigest, readers: Sequence[SealingKey], entropy: Entropy) -> ShortSealed:
    """Seal `plaintext` for every reader, bound to the digest of a head.

    Raises:
        ValueError: longer than a statement carries.
    """
    if len(plaintext) > MAX_SHORT_BYTES - 16:
        msg = "too long for words inside a statement"
        raise ValueError(msg)
    bound, content_key = bytes.fromhex(head), entropy(KEY_BYTES)
    keys = derive_keys(content_key, bound)
    return ShortSealed(
        wrapped=tuple(WrappedKey(key=one.key_id, wrapped=wrap(content_key, one, bound)) for one in readers),
        commitment=keys.commitment,
        sealed=seal_part(keys, plaintext),
    )


def open_short(short: ShortSealed, *, head: HexDigest, opener: Opener) -> bytes:
    """The words, for the holder of one of the keys they were sealed for.

    Raises:
        OpenError: sealed for others or under another head, or changed; all look alike.

    Trust: who sealed it is not proven here; the statement around it must have verified.
    """
    bound = bytes.fromhex(head)
    mine = next((one for one in short.wrapped if one.key == opener.public.key_id), None)
    if mine is None:
        raise OpenError("envelope/does-not-open", "the envelope does not open")
    keys = derive_keys(unwrap(mine.wrapped, opener, bound), bound)
    if keys.commitment != short.commitment:
        raise OpenError("envelope/does-not-open", "the envelope does not open")
    return open_part(keys, short.sealed)
