"""Journals beside the record, as flows need them: the spare one and that of the lanes. Adapters are in `storage`."""

from collections.abc import Iterator, Sequence
from typing import Protocol


class SpareJournal(Protocol):
    """Room that is reserved for the acts which may not wait for the log."""

    def append(self, entry: bytes) -> None:
        """Keep an entry; durable on return, even on a full disk.

        Raises:
            UnavailableError: the reserved room is used up, or the disk fails.
        """
        ...

    def entries(self) -> list[bytes]:
        """Every entry that is kept, oldest first."""
        ...

    def clear(self, entered: Sequence[bytes]) -> None:
        """Forget what is kept if it is what stands in the log now; if something came to it meanwhile, all stays."""
        ...


class LaneJournal(Protocol):
    """The record of the warning lanes: appended by one thread, durable by the batch."""

    @property
    def waiting(self) -> bool:
        """Whether something was appended and is not durable yet."""
        ...

    @property
    def size(self) -> int:
        """Bytes of what was appended since the last head."""
        ...

    def last(self) -> Iterator[bytes]:
        """Every record from the last head on, oldest first.

        Raises:
            IntegrityError: it is not what was written.
            UnavailableError: it cannot be read now.
        """
        ...

    def begin(self, head: bytes) -> None:
        """Begin anew with a head; durable on return.

        Raises:
            UnavailableError: the disk is full or fails.
        """
        ...

    def append(self, record: bytes) -> None:
        """Let a record be part of the next commit."""
        ...

    def commit(self) -> None:
        """Make what was appended durable, all or nothing.

        Raises:
            UnavailableError: it is not on record; nothing is until a later `begin` succeeds.
        """
        ...

    def close(self) -> None:
        """Write no more."""
        ...
