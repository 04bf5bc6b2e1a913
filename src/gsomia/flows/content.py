"""Content in pieces: into the store sealed, out of it, and sealed again for a partner. Constant memory at any size.

Pieces are worked on side by side (`Desk.ordered`); what must be one after another, the digest of the whole plaintext
and the writing, runs beside them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from gsomia.envelope import (
    SEGMENT_BYTES,
    ContentKeys,
    Holding,
    OpenError,
    SegmentError,
    open_holding,
    open_segment,
    seal_segment,
    verify_segment,
)
from gsomia.errors import IntegrityError, RefusedError
from gsomia.flows.desk import Desk, in_turn
from gsomia.flows.ports import Ordered
from gsomia.ids import HexDigest, hex_digest
from gsomia.registry import ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Content that is durably stored, sealed: its list, its address, and what the plaintext was."""

    segment_list: bytes
    address: HexDigest
    content_digest: HexDigest
    content_bytes: int


def content_of(record: ItemRecord) -> Holding:
    """How the sealed content of an item is held here.

    Raises:
        RefusedError: it has none; paper, hardware and the spoken word have paths of their own.

    Source: G2-3.
    """
    if record.holding is None:
        raise RefusedError(
            "flows/no-sealed-content",
            f"`{record.id}` is of form `{record.form}` and has no sealed content here",
            remedy="what is carried goes in covers (`package`), what is said or shown by `item disclose`",
            clauses=("G2-3",),
        )
    return record.holding


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
        name: working name, an item id.
        pieces: plaintext of `SEGMENT_BYTES` each, the last one shorter; an empty item is one empty piece.
        keys: of the header they are sealed under.
        segments: how many pieces were announced.
        check: raises if digest and size of the plaintext are not what they must be.
    """
    writer = desk.payloads.begin(name, segments=segments)
    counted = _Counted(pieces, segments=segments)
    try:
        digests: list[bytes] = []
        for index, (sealed, digest) in enumerate(_ordered(desk, segments)(partial(_seal, keys, segments), counted)):
            writer.write(index, sealed)
            digests.append(digest)
        # A count of -1 says: not as many pieces, or not of the sizes, that were announced.
        check(counted.digest, counted.count if len(digests) == segments else -1)
        segment_list = b"".join(digests)
        address = writer.finish(segment_list)
    except BaseException:
        writer.abandon()
        raise
    return Sealed(
        segment_list=segment_list, address=address, content_digest=counted.digest, content_bytes=counted.count
    )


def open_stored(desk: Desk, record: ItemRecord) -> Iterator[bytes]:
    """The plaintext pieces of an item at rest.

    Raises:
        IntegrityError: what is stored is not what was stored.
    """
    segments = content_of(record).segments
    return _ordered(desk, segments)(Stored(desk, record).open, range(segments))


def check_stored(desk: Desk, record: ItemRecord) -> None:
    """Prove that every stored segment of an item is the one its list names.

    Raises:
        IntegrityError: one is not.
    """
    holding = content_of(record)
    listed = desk.payloads.segment_list(holding.segment_list, segments=holding.segments)

    def check(index: int) -> None:
        held = desk.payloads.segment(holding.segment_list, index, segments=holding.segments)
        try:
            verify_segment(listed, held, index=index)
        except SegmentError as cause:
            raise _damaged(record, index) from cause

    for _ in _ordered(desk, holding.segments)(check, range(holding.segments)):
        pass


class Stored:
    """An item at rest, its content key in memory.

    Args:
        desk: ours, unlocked.
        record: the item.

    Raises:
        IntegrityError: its storage key is gone, or the key held of it does not open.
    """

    def __init__(self, desk: Desk, record: ItemRecord) -> None:
        self._payloads = desk.payloads
        self._record = record
        self._holding = content_of(record)
        self._keys = _open_key(desk, self._holding)

    def open(self, index: int) -> bytes:
        """The plaintext of one piece.

        Raises:
            IntegrityError: what is stored is not what was stored.
        """
        holding = self._holding
        held = self._payloads.segment(holding.segment_list, index, segments=holding.segments)
        try:
            return open_segment(self._keys, held, index=index, last=index == holding.segments - 1)
        except SegmentError as cause:
            raise _damaged(self._record, index) from cause

    def seal_again(self, keys: ContentKeys, index: int) -> bytes:
        """The same piece under the keys of a consignment: the same bytes whenever it is asked for."""
        return seal_segment(keys, self.open(index), index=index, last=index == self._holding.segments - 1)


class Lying:
    """An item at rest whose segments go on as they lie: sealed by its originator, opened by nobody here.

    Args:
        desk: ours.
        record: a received item.
    """

    def __init__(self, desk: Desk, record: ItemRecord) -> None:
        self._holding = holding = content_of(record)
        self._payloads, self._record = desk.payloads, record
        self._listed = desk.payloads.segment_list(holding.segment_list, segments=holding.segments)

    def segment(self, index: int) -> bytes:
        """One sealed segment.

        Raises:
            IntegrityError: what is stored is not what the originator's list names.
        """
        holding = self._holding
        held = self._payloads.segment(holding.segment_list, index, segments=holding.segments)
        try:
            verify_segment(self._listed, held, index=index)
        except SegmentError as cause:
            raise _damaged(self._record, index) from cause
        return held


def list_sealed_again(desk: Desk, record: ItemRecord, *, keys: ContentKeys) -> tuple[bytes, bytes | None]:
    """The segment list of an item as it will be sealed under `keys`, and its only segment; nothing is stored.

    Returns:
        The list, and the sealed segment if there is but one, else None.

    Raises:
        IntegrityError: what is stored is not what was registered.
    """
    stored, segments = Stored(desk, record), content_of(record).segments
    if segments == 1:
        only = stored.seal_again(keys, 0)
        return hashlib.sha256(only).digest(), only

    def digest(index: int) -> bytes:
        return hashlib.sha256(stored.seal_again(keys, index)).digest()

    return b"".join(desk.ordered(digest, range(segments))), None


def consignment_keys(desk: Desk, holding: Holding) -> ContentKeys:
    """The keys of a consignment of ours.

    Raises:
        IntegrityError: the item's storage key is gone: it was destroyed; or the key held does not open.
    """
    return _open_key(desk, holding)


class _Counted:
    """Numbered pieces on their way to be sealed, digested as they pass; it stops at the first that does not fit."""

    def __init__(self, pieces: Iterable[bytes], *, segments: int) -> None:
        self._pieces = pieces
        self._last = segments - 1
        self._plain = hashlib.sha256()
        self.count = 0

    @property
    def digest(self) -> HexDigest:
        """Of all plaintext that passed."""
        return hex_digest(self._plain.digest())

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for index, piece in enumerate(self._pieces):
            if index > self._last or len(piece) > SEGMENT_BYTES or (index < self._last and len(piece) < SEGMENT_BYTES):
                self.count = -1
                return
            yield index, piece  # it is being sealed while it is digested
            self._plain.update(piece)
            self.count += len(piece)


def _open_key(desk: Desk, holding: Holding) -> ContentKeys:
    try:
        return open_holding(holding, storage_key=desk.unlocked.storage_keys.get(holding.item))
    except OpenError as cause:
        raise IntegrityError(
            "flows/stored-key-damaged",
            f"the key that the record holds of `{holding.item}` does not open",
            remedy="stop the node and run `gsomia audit verify`; get the content again from its source",
        ) from cause


def _seal(keys: ContentKeys, segments: int, numbered: tuple[int, bytes]) -> tuple[bytes, bytes]:
    index, piece = numbered
    sealed = seal_segment(keys, piece, index=index, last=index == segments - 1)
    return sealed, hashlib.sha256(sealed).digest()


def _ordered(desk: Desk, segments: int) -> Ordered:
    return desk.ordered if segments > 1 else in_turn


def _damaged(record: ItemRecord, index: int) -> IntegrityError:
    return IntegrityError(
        "flows/stored-content-damaged",
        f"segment `{index}` of `{record.id}` is not what was stored",
        remedy="take the disk out of use, run `gsomia doctor`, get the content again from its source or its sender",
    )
