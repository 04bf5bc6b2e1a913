"""Runs an act over everything that came while the last run was under way, instead of once for each.

Whoever comes first goes at once and alone; under load the runs grow with what waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """Items handed in one by one and acted upon in runs, in the order in which they came.

    Args:
        group: where runs are tasks, so that none outlives its worker.
        act: acts upon all, or raises and has acted upon none.
    """

    def __init__(self, group: asyncio.TaskGroup, act: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._group = group
        self._act = act
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._running = False

    async def do(self, one: T) -> None:
        """Return once it was acted upon.

        Raises:
            Exception: what acting upon it alone raised.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((one, done))
        if not self._running:
            self._running = True
            self._group.create_task(self._run())
        await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                if not await self._settle(taken):  # one of them spoils it for all
                    for each in taken:
                        await self._settle([each])
        finally:
            self._running = False

    async def _settle(self, taken: list[tuple[T, "asyncio.Future[None]"]]) -> bool:
        """Whether all of `taken` were told."""
        try:
            await self._act([one for one, _ in taken])
        except Exception as cause:  # noqa: BLE001  whatever it raises is its caller's
            if len(taken) > 1:
                return False
            if not taken[0][1].done():
                taken[0][1].set_exception(cause)
            return True
        for _, done in taken:
            if not done.done():  # its caller may have been cancelled
                done.set_result(None)
        return True
