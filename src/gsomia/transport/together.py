"""Runs an act over everything that came while the last runs were under way, instead of once for each.

Whoever comes first goes at once and alone; under load the runs grow with what waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Items handed in one by one and acted upon in runs, in the order in which they came.

    Args:
        group: where runs are tasks, so that none outlives its worker.
        act: acts upon all and returns what each came to, or raises and has acted upon none.
        runs: so many are under way at once.
        largest: items in one run.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        act: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        runs: int = 1,
        largest: int = 1 << 16,
    ) -> None:
        self._group = group
        self._act = act
        self._free = runs
        self._largest = largest
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []

    async def do(self, one: T) -> R:
        """Return what it came to once it was acted upon.

        Raises:
            Exception: what acting upon it alone raised.
        """
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, done))
        if self._free:
            self._free -= 1
            self._group.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                if not await self._settle(taken):  # one of them spoils it for all
                    for each in taken:
                        await self._settle([each])
        finally:
            self._free += 1

    async def _settle(self, taken: list[tuple[T, "asyncio.Future[R]"]]) -> bool:
        """Whether all of `taken` were told."""
        try:
            results = list(zip(taken, await self._act([one for one, _ in taken]), strict=True))
        except Exception as cause:  # noqa: BLE001  whatever it raises is its caller's
            if len(taken) > 1:
                return False
            if not taken[0][1].done():
                taken[0][1].set_exception(cause)
            return True
        for (_, done), result in results:
            if not done.done():  # its caller may have been cancelled
                done.set_result(result)
        return True
