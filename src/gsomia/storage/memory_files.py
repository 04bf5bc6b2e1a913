"""Payloads and storage keys in memory, for tests and rehearsals. They pass the contract of the files."""

import threading
from collections.abc import Callable, Sequence

from gsomia.envelope import KEY_BYTES
from gsomia.errors import UnavailableError
from gsomia.flows.ports import Tx
from gsomia.ids import Entropy, HexDigest, ItemId, sha256_hex
from gsomia.storage.item_keys import check_item, no_storage_key
from gsomia.storage.payloads import (
    FULL_BYTES,
    check_address,
    check_list,
    check_name,
    check_segment,
    check_whole,
    missing,
    superseded,
)

FREE_BYTES = 1 << 40


class MemoryPayloads:
    """Sealed content in a dict."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stored: dict[HexDigest, tuple[bytes, list[bytes]]] = {}
        self._unfinished: dict[str, MemoryPayloadWriter] = {}

    def begin(self, name: str, *, segments: int) -> "MemoryPayloadWriter":
        """Start anew under a working `name`."""
        check_name(name, segments=segments)
        return self._writer(name, segments, [])

    def resume(self, name: str, *, segments: int) -> tuple["MemoryPayloadWriter", int]:
        """Go on under `name`: the writer, and how many whole segments of full size it already has (0 if none)."""
        check_name(name, segments=segments)
        before = self._unfinished.get(name)
        same = before is not None and before.segments == segments
        held = [sealed for sealed in before.held if len(sealed) == FULL_BYTES] if before and same else []
        return self._writer(name, segments, held), len(held)

    def partial_segment(self, name: str, index: int) -> bytes:
        """A segment that an unfinished `name` already has.

        Raises:
            IntegrityError: it has no such segment.
        """
        check_name(name, segments=index + 1)
        before = self._unfinished.get(name)
        if before is None or index >= len(before.held):
            raise missing(name, index)
        return before.held[index]

    def has(self, address: HexDigest, *, tx: Tx | None = None) -> bool:  # noqa: ARG002  no unit is needed
        """Whether content is stored there."""
        check_address(address)
        return address in self._stored

    def segment_list(self, address: HexDigest, *, segments: int) -> bytes:
        """The list stored with the content: 32 bytes a segment.

        Raises:
            IntegrityError: it is gone or does not hash to its address.
        """
        listed, held = self._content(address)
        return check_list(listed if len(held) == segments else b"", address)

    def segment(self, address: HexDigest, index: int, *, segments: int) -> bytes:
        """Sealed segment `index`.

        Raises:
            IntegrityError: it is gone.
        """
        if not 0 <= index < segments:
            msg = "no such segment"
            raise ValueError(msg)
        _, held = self._content(address)
        if index >= len(held):
            raise missing(address, index)
        return held[index]

    def free_bytes(self) -> int:
        """How much room there is: enough."""
        return FREE_BYTES

    def _content(self, address: HexDigest) -> tuple[bytes, list[bytes]]:
        check_address(address)
        if address not in self._stored:
            raise missing(address, 0)
        return self._stored[address]

    def _writer(self, name: str, segments: int, held: list[bytes]) -> "MemoryPayloadWriter":
        with self._guard:
            writer = MemoryPayloadWriter(self, name, segments, held)
            self._unfinished[name] = writer
            return writer

    def discard(self, address: HexDigest) -> None:
        """Take content away."""
        with self._guard:
            self._stored.pop(address, None)

    def check_current(self, name: str, writer: "MemoryPayloadWriter") -> None:
        """Hold that `writer` is the last one that began or resumed `name`."""
        if self._unfinished.get(name) is not writer:
            raise superseded(name)

    def keep(self, name: str, address: HexDigest, segment_list: bytes, held: list[bytes]) -> None:
        """Store finished content."""
        with self._guard:
            self._stored[address] = (segment_list, held)
            del self._unfinished[name]

    def forget(self, name: str) -> None:
        """Drop unfinished content."""
        with self._guard:
            del self._unfinished[name]


class MemoryPayloadWriter:
    """Sealed content on its way into the dict."""

    def __init__(self, store: MemoryPayloads, name: str, segments: int, held: list[bytes]) -> None:
        self._store = store
        self._name = name
        self.segments = segments
        self.held = held

    def write(self, index: int, sealed: bytes) -> None:
        """Keep sealed segment `index`; segments come in order, all of full size but the last."""
        check_segment(index, sealed, following=len(self.held), segments=self.segments)
        self._store.check_current(self._name, self)
        self.held.append(bytes(sealed))

    def keep(self, count: int) -> None:
        """Go back to the first `count` segments."""
        if count < len(self.held):
            self._store.check_current(self._name, self)
            del self.held[count:]

    def finish(self, segment_list: bytes) -> HexDigest:
        """Keep the content under the digest of its list, and return that address."""
        check_whole(segment_list, held=len(self.held), segments=self.segments)
        self._store.check_current(self._name, self)
        address = sha256_hex(segment_list)
        self._store.keep(self._name, address, segment_list, self.held)
        return address

    def finish_with(self, segment_list: bytes) -> Callable[[Tx], None]:
        """The same; nothing is left to the unit."""
        self.finish(segment_list)
        return lambda _tx: None

    def abandon(self) -> None:
        """Forget what was written."""
        try:
            self._store.check_current(self._name, self)
        except UnavailableError:
            return
        self._store.forget(self._name)


class MemoryStorageKeys:
    """Per-item storage keys in a dict."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._guard = threading.Lock()
        self._keys: dict[ItemId, bytes] = {}

    def create(self, item: ItemId) -> bytes:
        """A key for an item; an item that has one already keeps it."""
        check_item(item)
        with self._guard:
            return self._keys.setdefault(item, self._entropy(KEY_BYTES))

    def create_all(self, items: Sequence[ItemId]) -> list[bytes]:
        """As `create`, of several items."""
        return [self.create(item) for item in items]

    def has(self, item: ItemId) -> bool:
        """Whether an item has a key."""
        return item in self._keys

    def destroy(self, item: ItemId) -> None:
        """Destroy the key of an item."""
        with self._guard:
            self._keys.pop(item, None)

    def get(self, item: ItemId) -> bytes:
        """The key of an item.

        Raises:
            IntegrityError: there is none.
        """
        key = self._keys.get(item)
        if key is None:
            raise no_storage_key(item)
        return key

    def __repr__(self) -> str:
        return "MemoryStorageKeys(...)"
