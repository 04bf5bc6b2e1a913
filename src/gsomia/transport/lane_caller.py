"""The side that warns: it calls the partner, begins epochs, and brings what waits; when cut off, it calls again.

Source: design 6 (the fast lane).
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gsomia.errors import NodeError, PartnerError
from gsomia.flows.lane import record_count, record_session
from gsomia.flows.warn import StandingDecision
from gsomia.parties import HybridKey, choose_statement_key, sign_statement, verify_statement
from gsomia.transport.lane_floor import Floor
from gsomia.transport.lane_line import LaneLine
from gsomia.warning import (
    RECEIPT,
    TALLY,
    LaneClosedError,
    LaneError,
    LaneName,
    LaneOut,
    LaneReceipt,
    LaneTally,
    OpeningEpoch,
    lane_frames,
    lane_state,
    say_hello,
    take_answer,
)

LOG = logging.getLogger("gsomia.lane")
CONNECT_S = 5.0
ANSWER_US = 5_000_000
"""So long a hello may wait for its answer; then the connection is given up and another one made."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
FRAMES_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how a partner's door is called."""

    host: str
    port: int
    context: ssl.SSLContext
    server_name: str


class LaneCaller:
    """Keeps one lane of ours up.

    Args:
        floor: ours.
        lane: which.
        decision: the pre-authorisation that it runs under.
        partner_keys: the number of the partner's descriptor by which it is called.
        endpoint: where to call; asked anew before each call.
    """

    def __init__(
        self,
        floor: Floor,
        lane: LaneName,
        decision: StandingDecision,
        *,
        partner_keys: int | None,
        endpoint: Callable[[], Awaitable[Endpoint]],
    ) -> None:
        self.partner_keys = partner_keys
        self.floor, self.lane, self.decision = floor, lane, decision
        self._endpoint = endpoint
        self._line: _Calling | None = None
        self._tallies: asyncio.Queue[LaneTally] = asyncio.Queue()
        self._is_up = asyncio.Event()

    async def run(self) -> None:
        """Call, and call again, until cancelled."""
        telling = asyncio.create_task(self._tell_tallies())
        pause = FIRST_PAUSE_S
        try:
            while True:
                try:
                    await self._call()
                    if self._line is not None:
                        await self._line.ended
                        pause = FIRST_PAUSE_S if self._line.was_up else min(pause * 2, LONGEST_PAUSE_S)
                except (OSError, TimeoutError, NodeError) as error:  # not reached, or no key for it: told, tried again
                    LOG.debug("the lane to %s is not up: %s", self.lane[0], error)
                    pause = min(pause * 2, LONGEST_PAUSE_S)
                await asyncio.sleep(pause)
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling

    def stop(self, code: str) -> None:
        """Hang up with a code; whoever runs it cancels it."""
        if self._line is not None:
            self._line.hang_up(code)

    async def _call(self) -> None:
        loop = asyncio.get_running_loop()
        point = await self._endpoint()
        async with asyncio.timeout(CONNECT_S):
            _, line = await loop.create_connection(
                lambda: _Calling(self), point.host, point.port, ssl=point.context, server_hostname=point.server_name
            )
        self._line = line

    def tally(self, tally: LaneTally | None) -> None:
        """Let a tally be signed, entered and sent, in order."""
        if tally is not None:
            self._tallies.put_nowait(tally)

    def is_up(self, *, up: bool) -> None:
        """An epoch runs, or none does."""
        if up:
            self._is_up.set()
        else:
            self._is_up.clear()

    async def _tell_tallies(self) -> None:
        floor = self.floor
        while True:
            tally = await self._tallies.get()
            while True:
                try:
                    statement = await floor.background(
                        lambda tally=tally: sign_statement(  # type: ignore[misc]
                            tally, kind=TALLY, signer=floor.desk.unlocked.keys.lane
                        )
                    )
                    await floor.background(
                        lambda statement=statement: record_count(  # type: ignore[misc]
                            floor.desk, self.lane[0], statement, by=floor.us
                        )
                    )
                    break
                except NodeError as error:  # law 1: not said before it is written
                    LOG.warning("a tally waits for the record: %s", error.code)
                    await asyncio.sleep(LONGEST_PAUSE_S)
            await self._is_up.wait()
            if self._line is not None:
                self._line.send(lane_frames.Tally(statement=statement.envelope))


class _Calling(LaneLine):
    """The connection of a `LaneCaller`."""

    def __init__(self, caller: LaneCaller) -> None:
        super().__init__(caller.floor, incoming=False)
        self.lane: LaneName = caller.lane
        self.was_up = False
        self._caller = caller
        self._opening: OpeningEpoch | None = None
        self._begun_us = 0
        self._out: LaneOut = caller.floor.out(caller.lane)

    def connected(self) -> None:
        """Begin an epoch."""
        self._begin()

    def disconnected(self, *, was_up: bool) -> None:
        """What was not acknowledged waits for the next connection."""
        floor, caller = self.floor, self._caller
        if floor.bringers.get(self.lane) is self:
            del floor.bringers[self.lane]
            caller.is_up(up=False)
            caller.tally(self._out.end_epoch())
        if was_up:
            self._session(ended=self.code)

    def pump(self) -> None:
        """Seal and send what waits."""
        while self.up and not self.paused:
            frames = list(self._out.frames(room=FRAMES_AT_ONCE))
            if not frames:
                return
            self.send(*frames)

    def take(self, frame: lane_frames.Frame) -> None:
        """What the warned side says."""
        match frame:
            case lane_frames.Ack():
                self.floor.acknowledged(self.lane, self._out.acknowledge(frame))
                self.pump()
            case lane_frames.Answer():
                self._join(frame)
            case lane_frames.Receipt():
                self._receipt(frame.statement)
            case _:
                super().take(frame)

    def every_tick(self) -> None:
        """Tally each second, and renew the epoch in time."""
        now = self.floor.clock_us()
        if self._opening is not None and now - self._begun_us > ANSWER_US and self.transport is not None:
            self.transport.abort()
        if not self.up:
            return
        self._caller.tally(self._out.tally(now_us=now))
        if self._opening is None and self._out.must_renew(now_us=now):
            self._begin()

    def _begin(self) -> None:
        self._begun_us = self.floor.clock_us()
        floor, number = self.floor, self.floor.state.next_epoch(self.lane, now_us=self.floor.clock_us())
        self._opening = say_hello(
            sender=floor.us,
            recipient=self.lane[0],
            instrument=self.lane[1],
            authorisation=self._caller.decision.digest,
            epoch=number,
            entropy=floor.desk.entropy,
            signer=floor.desk.unlocked.keys.lane,
        )
        envelope = self._opening.statement.envelope
        floor.recorder.record(
            lane_state.EpochOut(lane=self.lane, number=number),
            done=lambda: self.send(lane_frames.Hello(statement=envelope)),
            failed=lambda error: self.hang_up(error.code),
        )

    def _join(self, frame: lane_frames.Answer) -> None:
        opening, self._opening = self._opening, None
        if opening is None:
            raise LaneError("warning/frame-not-expected", "an answer to no hello")
        floor = self.floor
        keys = _lane_keys(floor, self.lane)
        key = choose_statement_key(frame.statement, keys=keys)
        start, wrapped = take_answer(frame.statement, opening=opening, key=key, entropy=floor.desk.entropy)
        self.send(lane_frames.Begin(epoch=start.number, wrapped=wrapped))
        self._caller.tally(self._out.start_epoch(start, now_us=floor.clock_us()))
        link = floor.picture.link(self.lane, incoming=False)
        link.epoch = start.number
        if not self.up:
            self.up = self.was_up = link.up = True
            link.sessions += 1
            floor.bringers[self.lane] = self
            self._caller.is_up(up=True)
            floor.picture.moved(self.lane, incoming=False)
            self._session(ended=None)
        self.pump()

    def _receipt(self, untrusted: bytes) -> None:
        floor, lane = self.floor, self.lane

        def check() -> None:
            key = choose_statement_key(untrusted, keys=_lane_keys(floor, lane))
            statement = verify_statement(untrusted, accepts={RECEIPT: LaneReceipt}, key=key)
            if (statement.value.sender, statement.value.recipient) != (floor.us, lane[0]):
                raise LaneError("warning/tally-of-another", "a receipt of another lane")
            record_count(floor.desk, lane[0], statement, by=lane[0])

        def checked(task: "asyncio.Future[None]") -> None:
            error = None if task.cancelled() else task.exception()
            if isinstance(error, PartnerError):
                floor.refused(lane, error, incoming=False)

        floor.in_background(check).add_done_callback(checked)

    def _session(self, *, ended: str | None) -> None:
        floor, lane, digest = self.floor, self.lane, self._caller.decision.digest
        floor.in_background(
            lambda: record_session(
                floor.desk, lane[0], incoming=False, instrument=lane[1], authorisation=digest, ended=ended
            )
        )


def _lane_keys(floor: Floor, lane: LaneName) -> list[HybridKey]:
    keys = [key for (party, _), key in floor.law.keys.items() if party == lane[0]]
    if not keys:
        raise LaneClosedError("warning/no-key", f"no lane key of `{lane[0]}` counts now")
    return keys
