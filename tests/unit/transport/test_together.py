"""Acting upon what came while the last run was under way: in order, each told of its own fate."""

import asyncio
from collections.abc import Sequence

import pytest

from gsomia.transport.together import Together


class Acts:
    """What was acted upon in each run; a run waits until it is let go, and refuses what is negative."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.began, self.go = asyncio.Event(), asyncio.Event()

    async def act(self, ones: Sequence[int]) -> Sequence[int]:
        self.runs.append(list(ones))
        self.began.set()
        await self.go.wait()
        if min(ones) < 0:
            raise ValueError(min(ones))
        return [10 * one for one in ones]


async def play(ones: Sequence[int], *, runs: int = 1, largest: int = 100) -> tuple[list[list[int]], list[int | str]]:
    """Runs, and what became of each: ten times the number, or what it raised."""
    acts = Acts()
    async with asyncio.TaskGroup() as group:
        together = Together(group, acts.act, runs=runs, largest=largest)
        waiting = [asyncio.ensure_future(together.do(ones[0]))]
        await acts.began.wait()
        waiting += [asyncio.ensure_future(together.do(one)) for one in ones[1:]]
        await asyncio.sleep(0)
        acts.go.set()
        told = await asyncio.gather(*waiting, return_exceptions=True)
    return acts.runs, [one if isinstance(one, int) else str(one) for one in told]


def test_the_first_goes_alone_and_the_others_together_in_order() -> None:
    assert asyncio.run(play([1, 2, 3, 4])) == ([[1], [2, 3, 4]], [10, 20, 30, 40])


def test_as_many_runs_as_may_be_are_under_way_and_none_is_larger_than_it_may_be() -> None:
    runs, told = asyncio.run(play([1, 2, 3, 4, 5, 6], runs=2, largest=2))
    assert sorted(runs) == [[1], [2, 3], [4, 5], [6]]
    assert told == [10, 20, 30, 40, 50, 60]


def test_one_that_fails_fails_alone() -> None:
    runs, told = asyncio.run(play([1, 2, -3, 4]))
    assert runs == [[1], [2, -3, 4], [2], [-3], [4]]
    assert told == [10, 20, "-3", 40]


def test_it_goes_on_after_a_failure_and_after_a_pause() -> None:
    async def twice() -> list[list[int]]:
        acts = Acts()
        acts.go.set()
        async with asyncio.TaskGroup() as group:
            together = Together(group, acts.act)
            with pytest.raises(ValueError, match="-1"):
                await together.do(-1)
            await together.do(2)
        return acts.runs

    assert asyncio.run(twice()) == [[-1], [2]]


def test_whoever_gave_up_waiting_holds_nobody_up() -> None:
    async def cancelled() -> list[list[int]]:
        acts = Acts()
        async with asyncio.TaskGroup() as group:
            together = Together(group, acts.act)
            first = asyncio.ensure_future(together.do(1))
            await acts.began.wait()
            second = asyncio.ensure_future(together.do(2))
            await asyncio.sleep(0)
            second.cancel()
            acts.go.set()
            await first
            await together.do(3)
        return acts.runs

    runs = asyncio.run(cancelled())
    assert runs[0] == [1]
    assert [one for run in runs for one in run] == [1, 2, 3]
