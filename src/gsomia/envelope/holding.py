"""How a node holds content at rest: sealed segments as they came, the content key wrapped under a per-item storage key.

An own item is sealed under a holding header of its own, so one code path opens everything. Destroying the storage key
destroys the content.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from gsomia import canon
from gsomia.envelope import suite
from gsomia.envelope.errors import OpenError
from gsomia.envelope.open import UnwrappedEnvelope
from gsomia.envelope.seal import Sealing
from gsomia.envelope.suite import ContentKeys
from gsomia.ids import Count, Entropy, HexDigest, ItemId, hex_digest, sha256_hex

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What must be known, besides the storage key, to open content at rest. Its address is the digest of its list."""

    item: ItemId
    header: HexDigest
    content_bytes: Count
    segments: Count
    segment_list: HexDigest
    wrapped: Annotated[bytes, Meta(min_length=60, max_length=60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _HoldingHeader:
    suite: Literal["gsomia-1"]
    item: ItemId
    content_bytes: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSealing:
    """An own item being sealed for the store."""

    item: ItemId
    content_bytes: Count
    header: HexDigest
    content_key: bytes
    keys: ContentKeys

    def __repr__(self) -> str:
        return "OwnSealing(...)"


def begin_holding(item: ItemId, *, content_bytes: int, entropy: Entropy) -> OwnSealing:
    """Draw a content key for an own item of `content_bytes`."""
    header = hashlib.sha256(
        canon.encode(_HoldingHeader(suite="gsomia-1", item=item, content_bytes=content_bytes))
    ).digest()
    content_key = entropy(suite.KEY_BYTES)
    return OwnSealing(
        item=item,
        content_bytes=content_bytes,
        header=hex_digest(header),
        content_key=content_key,
        keys=suite.derive_keys(content_key, header),
    )


def finish_holding(sealing: OwnSealing, *, segment_list: bytes, storage_key: bytes, entropy: Entropy) -> Holding:
    """Wrap the content key of an own item whose segments are sealed."""
    return Holding(
        item=sealing.item,
        header=sealing.header,
        content_bytes=sealing.content_bytes,
        segments=len(segment_list) // 32,
        segment_list=sha256_hex(segment_list),
        wrapped=_wrap(sealing.content_key, storage_key, sealing.item, sealing.header, entropy),
    )


def hold_received(unwrapped: UnwrappedEnvelope, *, storage_key: bytes, entropy: Entropy) -> Holding:
    """Re-wrap the content key of a received item; its segments stay sealed as they came."""
    header, manifest = unwrapped.verified.header, unwrapped.verified.manifest
    return Holding(
        item=header.item,
        header=manifest.header,
        content_bytes=header.content_bytes,
        segments=header.segments,
        segment_list=manifest.segment_list,
        wrapped=_wrap(unwrapped.content_key, storage_key, header.item, manifest.header, entropy),
    )


def hold_sealed(sealing: Sealing, *, segment_list: bytes, storage_key: bytes, entropy: Entropy) -> Holding:
    """Keep the content key of a consignment of ours under its item's storage key.

    The same content under the same key gives the same segments, so they need not be stored twice: whoever sends them
    seals them again from the item.
    """
    header = sha256_hex(sealing.header_bytes)
    return Holding(
        item=sealing.header.item,
        header=header,
        content_bytes=sealing.header.content_bytes,
        segments=sealing.header.segments,
        segment_list=sha256_hex(segment_list),
        wrapped=_wrap(sealing.content_key, storage_key, sealing.header.item, header, entropy),
    )


def open_holding(holding: Holding, *, storage_key: bytes) -> ContentKeys:
    """The keys that open the segments of `holding`.

    Raises:
        OpenError: the storage key is another item's, or the wrapped key was changed.
    """
    return suite.derive_keys(held_key(holding, storage_key=storage_key), bytes.fromhex(holding.header))


def held_key(holding: Holding, *, storage_key: bytes) -> bytes:
    """The content key itself, in memory: only to wrap it again for another recipient of the same sealed segments.

    Raises:
        OpenError: the storage key is another item's, or the wrapped key was changed.
    """
    nonce, sealed = holding.wrapped[:NONCE_BYTES], holding.wrapped[NONCE_BYTES:]
    try:
        return AESGCM(storage_key).decrypt(nonce, sealed, _bound(holding.item, holding.header))
    except InvalidTag as cause:
        raise OpenError("envelope/holding-does-not-open", "the held content key does not open") from cause


def _wrap(content_key: bytes, storage_key: bytes, item: ItemId, header: HexDigest, entropy: Entropy) -> bytes:
    nonce = entropy(NONCE_BYTES)
    return nonce + AESGCM(storage_key).encrypt(nonce, content_key, _bound(item, header))


def _bound(item: ItemId, header: HexDigest) -> bytes:
    return b"gsomia-1 holding\x00" + item.encode() + b"\x00" + header.encode()
