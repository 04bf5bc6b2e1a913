"""A worker that is told to end while it is woken ends."""

import asyncio

import pytest

from gsomia.transport.worker import _pause


@pytest.mark.parametrize("steps", range(5))
def test_a_pause_that_is_cancelled_as_it_is_woken_is_cancelled(steps: int) -> None:
    async def end() -> bool:
        wake = asyncio.Event()
        pausing = asyncio.create_task(_pause(wake, 30))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        wake.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        told = pausing.cancel()
        await asyncio.wait([pausing])
        return pausing.cancelled() == told  # what was over already could not be told

    assert asyncio.run(end())
