"""Group commit of the lanes' journal: what happens in one turn of the loop is durable by one sync, then it happens.

While the journal takes nothing, everything that waits is told so at once, and a new file is tried twice a second; its
head is the state that the lanes have by then.

Source: design 2 (law 1), design 6 (by group commit per loop turn).
"""

import asyncio
import logging
from collections.abc import Callable

from gsomia.errors import NodeError, UnavailableError
from gsomia.flows.journals import LaneJournal
from gsomia.warning import LaneState, lane_state, print_entry, read_entry

LOG = logging.getLogger("gsomia.lane")
SOFT_S = 0.02
"""Acknowledgements and the like need not be durable before anything else happens; so long they wait for company."""
RETRY_S = 0.5
"""So often the record is tried again while it takes nothing."""
MAX_JOURNAL_BYTES = 64 << 20
"""A larger file is ended, and the next one begun."""


class LaneRecorder:
    """What every lane of a node writes through.

    Args:
        journal: the lanes' record.
        state: what the records come to.
        went_down: told that the journal takes nothing.
        came_back: told that it does again.
        committed: called after each commit, whether it held or not.
    """

    def __init__(
        self,
        journal: LaneJournal,
        state: LaneState,
        *,
        went_down: Callable[[], None],
        came_back: Callable[[], None],
        committed: Callable[[], None],
    ) -> None:
        self.recorded = True
        self._journal, self._state = journal, state
        self._went_down, self._came_back, self._committed = went_down, came_back, committed
        self._due: list[tuple[lane_state.LaneEntry, Callable[[], None], Callable[[NodeError], None]]] = []
        self._soon = False
        self._was_read = False
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        """Bytes of the file in use."""
        return self._journal.size

    def begin(self) -> bool:
        """Begin a new file with the state at its head; whether that is durable.

        The first time, the state is that of the last file, and of what came while it could not be read.

        Raises:
            IntegrityError: the last file is not what was written.
        """
        try:
            if not self._was_read:
                self._read()
            self._journal.begin(print_entry(self._state.kept()))
        except UnavailableError as error:
            self._goes_down(error)
            return False
        return True

    def _read(self) -> None:
        before = LaneState()
        for record in self._journal.last():
            before.apply(read_entry(record))
        before.merge(self._state)
        self._state.apply(before.kept())
        self._was_read = True

    def close(self) -> None:
        """Write what waits, and end."""
        for timer in (self._timer, self._retry):
            if timer is not None:
                timer.cancel()
        if self.recorded and self._journal.waiting:
            self._commit()
        self._journal.close()

    def record(
        self, entry: lane_state.LaneEntry, *, done: Callable[[], None], failed: Callable[[NodeError], None]
    ) -> None:
        """Append to the journal; `done` once it is durable, `failed` if it cannot be."""
        if not self.recorded:
            asyncio.get_running_loop().call_soon(self._deny, failed)
            return
        self._journal.append(print_entry(entry))
        self._due.append((entry, done, failed))
        if not self._soon:
            self._soon = True
            asyncio.get_running_loop().call_soon(self._commit)

    def note(self, entry: lane_state.LaneEntry) -> None:
        """Append what nothing waits for."""
        self._state.apply(entry)
        if not self.recorded:
            return  # the head of the next file has it
        self._journal.append(print_entry(entry))
        if not self._soon and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOFT_S, self._commit)

    def _deny(self, failed: Callable[[NodeError], None]) -> None:
        failed(_down())
        self._committed()

    def _commit(self) -> None:
        self._soon = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due, self._due = self._due, []
        if self.recorded:
            try:
                self._journal.commit()
            except UnavailableError as cause:
                self._goes_down(cause)
        # CRASH: durable and not shown or sent; after the restart it is sent, and a partner's warning comes again.
        for entry, done, failed in due:
            if self.recorded:
                self._state.apply(entry)
                done()
            else:
                failed(_down())
        self._committed()
        if self.recorded and not self._journal.waiting and self._journal.size > MAX_JOURNAL_BYTES:
            self.begin()

    def _goes_down(self, error: UnavailableError) -> None:
        was_recorded, self.recorded = self.recorded, False
        if was_recorded:
            LOG.error("the lanes' record takes nothing: %s", error.code)
            self._went_down()
        self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._try_again)

    def _try_again(self) -> None:
        if self.begin():
            self.recorded = True
            self._came_back()


def _down() -> UnavailableError:
    return UnavailableError(
        "warning/record-down",
        "the lanes' record takes nothing, so nothing is said",
        remedy="free the disk that holds the node; it goes on by itself",
    )
