"""One process owns a node: whoever holds the exclusive lock on `node.lock`.

The kernel gives the lock back when the process ends, however it ends, so a crash never leaves a node locked.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from gsomia.errors import UnavailableError
from gsomia.storage.durable import OWNER_ONLY


class NodeLock:
    """The exclusive lock on a node's directory, taken on construction and held until `release`.

    Args:
        path: `DIR/node.lock`; made if it is not there.

    Raises:
        UnavailableError: another process owns the node.

    Source: design 7, "One process owns a node".
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            self.release()
            raise UnavailableError(
                "storage/node-owned",
                f"another process owns the node in `{path.parent}`",
                remedy="stop it, or let it finish, then repeat the command",
            ) from cause

    def release(self) -> None:
        """Give the node back; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
