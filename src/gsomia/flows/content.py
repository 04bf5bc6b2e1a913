"""Plain pieces into the payload store, sealed: the one loop that registering and releasing share."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gsomia.envelope import (
    SEGMENT_BYTES,
    ContentKeys,
    OpenError,
    SegmentError,
    open_holding,
    open_segment,
    seal_segment,
)
from gsomia.errors import IntegrityError
from gsomia.flows.desk import Desk
from gsomia.ids import HexDigest, hex_digest
from gsomia.registry import ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Content that is durably stored, sealed: its list, its address, and what the plaintext was."""

    segment_list: bytes
    address: HexDigest
    content_digest: HexDigest
    content_bytes: int


def store_sealed(
    desk: Desk,
    name: str,
    pieces: Iterable[bytes],
    *,
    keys: ContentKeys,
    segments: int,
    check: Callable[[HexDigest, int], None],
) -> Sealed:
    """Seal `pieces` one by one into the payload store; nothing is kept if anything fails.

    Args:
        desk: ours.
        name: working name, an item or consignment id.
        pieces: plaintext of `SEGMENT_BYTES` each, the last one shorter; an empty item is one empty piece.
        keys: of the header they are sealed under.
        segments: how many pieces were announced.
        check: raises if digest and size of the plaintext are not what they must be.
    """
    writer = desk.payloads.begin(name, segments=segments)
    try:
        digests, plain, count = [], hashlib.sha256(), 0
        for index, piece in enumerate(pieces):
            if index >= segments or len(piece) > SEGMENT_BYTES or (index < segments - 1 and len(piece) < SEGMENT_BYTES):
                count = -1
                break
            sealed = seal_segment(keys, piece, index=index, last=index == segments - 1)
            writer.write(index, sealed)
            digests.append(hashlib.sha256(sealed).digest())
            plain.update(piece)
            count += len(piece)
        digest = hex_digest(plain.digest())
        check(digest, count if len(digests) == segments else -1)  # -1: not as many pieces as were announced
        segment_list = b"".join(digests)
        address = writer.finish(segment_list)
    except BaseException:
        writer.abandon()
        raise
    return Sealed(segment_list=segment_list, address=address, content_digest=digest, content_bytes=count)


def open_stored(desk: Desk, record: ItemRecord) -> Iterator[bytes]:
    """The plaintext pieces of an item at rest.

    Raises:
        IntegrityError: what is stored is not what was stored.
    """
    holding = record.holding
    try:
        keys = open_holding(holding, storage_key=desk.unlocked.storage_keys.get(record.id))
    except OpenError as cause:
        raise IntegrityError(
            "flows/stored-key-damaged",
            f"the key that the record holds of `{record.id}` does not open",
            remedy="stop the node and run `gsomia audit verify`; get the content again from its source",
        ) from cause
    last = holding.segments - 1
    for index in range(holding.segments):
        held = desk.payloads.segment(holding.segment_list, index, segments=holding.segments)
        try:
            yield open_segment(keys, held, index=index, last=index == last)
        except SegmentError as cause:
            raise IntegrityError(
                "flows/stored-content-damaged",
                f"segment `{index}` of `{record.id}` is not what was stored",
                remedy="take the disk out of use, run `gsomia doctor`, get the content again from its source",
            ) from cause
