"""All lanes of a served node: they follow the law of the record, which is asked four times a second.

When an instrument ends, a decision is stopped or expires, or a key is revoked, the lanes that rest on it are hung up
within that time, on both ends; every other lane goes on.

Source: design 2, relay 5.4; issue 8, point 2.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from gsomia.errors import NodeError
from gsomia.flows.warn import LaneLaw, lane_law
from gsomia.ids import PartyCode
from gsomia.transport.lane_caller import Endpoint, LaneCaller
from gsomia.transport.lane_floor import Floor
from gsomia.transport.lane_taker import LaneTaker
from gsomia.warning import LaneName

LOG = logging.getLogger("gsomia.lane")
FOLLOW_S = 0.25


class Lanes:
    """The lanes of a node.

    Args:
        floor: what they share.
        endpoint: how a partner's door is called.
    """

    def __init__(self, floor: Floor, *, endpoint: Callable[[PartyCode], Awaitable[Endpoint]]) -> None:
        self._floor = floor
        self._endpoint = endpoint
        self._callers: dict[LaneName, tuple[LaneCaller, asyncio.Task[None]]] = {}
        self._takers: dict[LaneName, LaneTaker] = {}
        self._following: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start."""
        self._floor.open()
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Hang up everywhere, and write what waits."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        for lane in list(self._callers):
            await self._stop(lane, "warning/node-ends")
        for taker in list(self._takers.values()):
            taker.hang_up("warning/node-ends")
        self._floor.close()

    def take(self) -> LaneTaker:
        """The protocol of a partner's connection on which it warns us."""
        return LaneTaker(self._floor, self._takers)

    async def _follow(self) -> None:
        while True:
            try:
                law = await self._floor.background(partial(lane_law, self._floor.desk))
            except NodeError as error:  # the store is locked or full: what ran goes on, and is asked again
                LOG.warning("the law of the lanes cannot be read: %s", error.code)
            else:
                await self._obey(law)
            self._floor.look_for_unconfirmed()
            self._floor.enter_refusals()
            await asyncio.sleep(FOLLOW_S)

    async def _obey(self, law: LaneLaw) -> None:
        self._floor.law = law
        open_now = self._floor.open_lanes()
        for lane, (caller, _) in list(self._callers.items()):
            decision = open_now.get(lane)
            if decision is None:
                closed = next((one.closed for one in law.own if one.digest == caller.decision.digest), None)
                await self._stop(lane, closed.code if closed else "warning/authorisation-unknown")
            elif decision.digest != caller.decision.digest:
                await self._stop(lane, "warning/decided-anew")
            elif law.current.get(lane[0]) != caller.partner_keys:
                await self._stop(lane, "warning/keys-changed")
        for taker in list(self._takers.values()):
            taker.check_law()
        for lane, decision in open_now.items():
            if lane not in self._callers:
                caller = LaneCaller(
                    self._floor,
                    lane,
                    decision,
                    partner_keys=law.current.get(lane[0]),
                    endpoint=partial(self._endpoint, lane[0]),
                )
                self._callers[lane] = (caller, asyncio.create_task(caller.run()))

    async def _stop(self, lane: LaneName, code: str) -> None:
        caller, task = self._callers.pop(lane)
        caller.stop(code)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
