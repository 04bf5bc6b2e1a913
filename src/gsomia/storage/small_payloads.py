"""Sealed content of one short segment, kept in the record's database; longer content goes to the files below it.

A file of a few KiB costs three syncs of its own. A row costs a share of the commit that its neighbours need anyway, and
is durable, like a file, before the unit that names it is begun.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from gsomia.envelope import TAG_BYTES
from gsomia.flows.ports import Payloads, PayloadWriter, SmallPayload, Store, Tx
from gsomia.ids import HexDigest, sha256_hex
from gsomia.storage.payloads import check_address, check_list, check_name, check_segment, check_whole

MAX_SMALL_BYTES = 64 << 10
"""A longer segment is a file. Rows of this size still fit the write-ahead log well (`bench release`)."""
MAX_AT_HAND = 256
"""Rows kept in memory (16 MiB at most): what was just stored is sent or proven at once."""


class RowPayloads:
    """A payload store over another one: short content in rows, the rest below.

    Args:
        store: the record; each stored content is a unit of its own.
        files: where longer content goes.

    Source: design 7, "Every payload is fsynced, file and directory, before the unit that names it".
    """

    def __init__(self, store: Store, files: Payloads) -> None:
        self._store = store
        self._files = files
        self._guard = threading.Lock()
        self._at_hand: OrderedDict[HexDigest, SmallPayload] = OrderedDict()

    def begin(self, name: str, *, segments: int) -> PayloadWriter:
        """Start anew under a working `name`."""
        check_name(name, segments=segments)
        return RowWriter(self, name) if segments == 1 else self._files.begin(name, segments=segments)

    def resume(self, name: str, *, segments: int) -> tuple[PayloadWriter, int]:
        """Go on under `name`: the writer, and how many whole segments it already has; one segment has no half way."""
        return (self.begin(name, segments=1), 0) if segments == 1 else self._files.resume(name, segments=segments)

    def partial_segment(self, name: str, index: int) -> bytes:
        """A segment that an unfinished `name` already has."""
        return self._files.partial_segment(name, index)

    def has(self, address: HexDigest, *, tx: Tx | None = None) -> bool:
        """Whether content is stored there; inside a unit, the unit's `tx` is handed in."""
        row = self._row(address) if tx is None else tx.small(address)
        return row is not None or self._files.has(address)

    def segment_list(self, address: HexDigest, *, segments: int) -> bytes:
        """The list stored with the content: 32 bytes a segment.

        Raises:
            IntegrityError: it is gone or does not hash to its address.
        """
        row = self._row(address) if segments == 1 else None
        return check_list(row.digest, address) if row else self._files.segment_list(address, segments=segments)

    def segment(self, address: HexDigest, index: int, *, segments: int) -> bytes:
        """Sealed segment `index`.

        Raises:
            IntegrityError: it is gone.
        """
        row = self._row(address) if (index, segments) == (0, 1) else None
        return row.sealed if row else self._files.segment(address, index, segments=segments)

    def discard(self, address: HexDigest) -> None:
        """Take content away; durable on return, with no byte of it left; nothing happens if there is none."""
        with self._guard:
            self._at_hand.pop(address, None)
        if self._store.run(lambda tx: tx.drop_small(address)):
            self._store.fold()
        self._files.discard(address)

    def free_bytes(self) -> int:
        """How much room the disk has."""
        return self._files.free_bytes()

    def below(self, name: str) -> PayloadWriter:
        """A writer of the store below, for a segment that is too long for a row."""
        return self._files.begin(name, segments=1)

    def keep(self, address: HexDigest, small: SmallPayload) -> None:
        """Store content; durable on return."""
        self._store.run(lambda tx: tx.put_small(address, small))
        self._remember(address, small)

    def _row(self, address: HexDigest) -> SmallPayload | None:
        check_address(address)
        with self._guard:
            known = self._at_hand.get(address)
        if known is None:
            known = self._store.run(lambda tx: tx.small(address))
            if known is not None:
                self._remember(address, known)
        return known

    def _remember(self, address: HexDigest, small: SmallPayload) -> None:
        with self._guard:
            self._at_hand[address] = small
            if len(self._at_hand) > MAX_AT_HAND:
                self._at_hand.popitem(last=False)


class RowWriter:
    """Content of one segment on its way into a row, or below if it turns out long."""

    def __init__(self, rows: RowPayloads, name: str) -> None:
        self._rows = rows
        self._name = name
        self._sealed: bytes | None = None
        self._below: PayloadWriter | None = None

    def write(self, index: int, sealed: bytes) -> None:
        """Keep the only segment.

        Raises:
            ValueError: another index, or a size it cannot have.
        """
        check_segment(index, sealed, following=int(self._sealed is not None), segments=1)
        self._sealed = sealed
        if len(sealed) > MAX_SMALL_BYTES + TAG_BYTES:
            self._below = self._rows.below(self._name)
            self._below.write(0, sealed)

    def keep(self, count: int) -> None:
        """Go back to the first `count` segments of those it has."""
        if count == 0:
            self._sealed = None

    def finish(self, segment_list: bytes) -> HexDigest:
        """Make the content durable under the digest of its list, and return that address.

        Raises:
            ValueError: the segment is missing, or the list is of another length.
            UnavailableError: the disk is full.
        """
        if self._below is not None:
            return self._below.finish(segment_list)
        address, small = self._whole(segment_list)
        self._rows.keep(address, small)
        return address

    def finish_with(self, segment_list: bytes) -> Callable[[Tx], None]:
        """As `finish`; the row is left to the unit that names the content: one commit instead of two.

        Raises:
            ValueError, UnavailableError: as `finish`.
        """
        if self._below is not None:
            return self._below.finish_with(segment_list)
        address, small = self._whole(segment_list)
        return lambda tx: tx.put_small(address, small)

    def _whole(self, segment_list: bytes) -> tuple[HexDigest, SmallPayload]:
        check_whole(segment_list, held=int(self._sealed is not None), segments=1)
        return sha256_hex(segment_list), SmallPayload(digest=segment_list, sealed=self._sealed or b"")

    def abandon(self) -> None:
        """Forget what was written."""
        self._sealed = None
        if self._below is not None:
            self._below.abandon()
