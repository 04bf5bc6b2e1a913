"""Signs checkpoints over committed entries, stores them, then lets them be sent; one signature serves a batch.

Whoever waits while another signs finds itself covered. The tree that is signed is durable, and its checkpoint is before
anyone holds it.

Source: design 2 (law 1), design 4 (Budget per release).
"""

import threading
from collections import defaultdict
from collections.abc import Callable

from gsomia.audit import Checkpoint, sign_checkpoint
from gsomia.errors import IntegrityError
from gsomia.flows.ports import LogHead, Store
from gsomia.instants import Instant
from gsomia.parties import Signer


class CheckpointKeeper:
    """The checkpoints of a node's own logs.

    Args:
        store: where logs and checkpoints are kept.
        signer: whose key signs a log now; a partner's log goes over to a new key when the partner has heard of it.
        clock: the time a checkpoint carries; never before the last entry's.

    Invariant (one history): every checkpoint of a log is over a longer tree than the one before, and no size is signed
    twice, so no two of them can contradict each other.
    """

    def __init__(self, store: Store, *, signer: Callable[[str], Signer], clock: Callable[[], Instant]) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._guard = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._stored: dict[str, tuple[int, bytes, Signer]] = {}

    def cover(self, origin: str, *, size: int) -> bytes:
        """A stored checkpoint of one of our logs with at least `size` entries.

        Raises:
            ValueError: the log has no so many entries.
            IntegrityError: the log is shorter than what we signed before.
            UnavailableError: the store cannot keep the checkpoint; it was not shown to anyone.
        """
        stored = self._covering(origin, size)
        if stored is not None:
            return stored
        with self._guard:
            turn = self._turns[origin]
        with turn:
            return self._cover(origin, size)

    def _cover(self, origin: str, size: int) -> bytes:
        stored = self._covering(origin, size)
        if stored is not None:
            return stored  # covered while waiting

        known = self._stored.get(origin)
        last = known[:2] if known else self._store.run(lambda tx: tx.last_checkpoint(origin))
        head = self._store.durable_head(origin)
        due, signed = head.frontier.size, last[0] if last is not None else 0
        if due < signed:
            raise IntegrityError(
                "storage/log-behind-checkpoint",
                f"the log `{origin}` has `{due}` entries, and we signed `{signed}`",
                remedy="stop the node: its record was set back; open a new log epoch",
            )
        if due < size:
            msg = f"the log `{origin}` has {due} entries, not {size}"
            raise ValueError(msg)
        signer = self._signer(origin)
        if last is None or signed < due:
            last = due, self._sign(origin, head, signer)
        self._stored[origin] = (*last, signer)
        return last[1]

    def _covering(self, origin: str, size: int) -> bytes | None:
        stored = self._stored.get(origin)
        fits = stored is not None and stored[0] >= size and stored[2] is self._signer(origin)
        return stored[1] if stored is not None and fits else None

    def _sign(self, origin: str, head: LogHead, signer: Signer) -> bytes:
        now = self._clock()
        at = now if head.last_at is None or head.last_at <= now else head.last_at
        checkpoint = Checkpoint(origin=origin, size=head.frontier.size, root=head.frontier.root())
        body = sign_checkpoint(checkpoint, signer=signer, at=at)
        # CRASH: signed and not stored: nobody has seen it, and the next one is over the same or a longer tree.
        self._store.run(lambda tx: tx.put_checkpoint(origin, size=checkpoint.size, body=body))
        # INVARIANT (written before said): stored, now it may be sent.
        return body
