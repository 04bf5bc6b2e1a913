"""Threads for the segments of large content: sealing, opening and hashing give the interpreter back while they work.

Source: design 3 (an adapter runs them in threads).
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")

AHEAD = 6
"""Segments in work or waiting for the reader: at most so many, in and out, are in memory (12 MiB a stream)."""


class SegmentThreads:
    """As many threads as there are cores, shared by all streams."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="segment")

    def __call__(self, act: Callable[[A], R], inputs: Iterable[A], /) -> Iterator[R]:
        """As `map`; inputs are drawn in the caller's thread, a few ahead of the results."""
        waiting: deque[Future[R]] = deque()
        try:
            for one in inputs:
                waiting.append(self._pool.submit(act, one))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """Finish and end the threads."""
        self._pool.shutdown(cancel_futures=True)
