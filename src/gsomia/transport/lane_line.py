"""What both ends of a lane's connection have in common: frames, the heartbeat, and the clock of the other end.

Each end beats twice a second and answers the other's beats; who hears nothing for two seconds gives the connection up,
so that a lost link is seen in less than three. Round trip and the difference of the clocks are estimated from each
answer, as the time protocol does; nothing is ever refused by a clock.

Source: design 6 (heartbeats; replay is judged by epoch and sequence, not by time), RFC 5905 (section 8).
"""

import asyncio
import logging
from typing import cast

from gsomia.errors import NodeError, PartnerError
from gsomia.transport.lane_floor import Floor
from gsomia.warning import FrameReader, LaneClosedError, LaneError, LaneName, lane_frames, print_frame

LOG = logging.getLogger("gsomia.lane")
TICK_S = 0.1
BEAT_S = 0.5
LOST_S = 2.0
WRITE_BUFFER_BYTES = 1 << 20
"""A partner that does not read is sent no more than this; the rest waits here, where it can give way."""


class LaneLine(asyncio.Protocol):
    """One end of a connection.

    Args:
        floor: ours.
        incoming: whether the partner warns on it.
    """

    def __init__(self, floor: Floor, *, incoming: bool) -> None:
        self.floor = floor
        self.incoming = incoming
        self.lane: LaneName | None = None
        self.up = False
        self.paused = False
        self.code = "warning/link-lost"
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard_s = self._beat_s = 0.0

    # --- what the loop calls --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._heard_s = asyncio.get_running_loop().time()
        self.connected()
        self._tick()

    def data_received(self, data: bytes) -> None:
        """Frames, or parts of them."""
        self._heard_s = asyncio.get_running_loop().time()
        try:
            for frame in self._reader.feed(data):
                if isinstance(frame, LaneError):
                    self.refuse(frame, epoch=0, sequence=0)
                else:
                    self._take(frame)
                if self._transport is None:
                    return
        except LaneClosedError as error:
            self.close(error)

    def pause_writing(self) -> None:
        """The partner does not read."""
        self.paused = True

    def resume_writing(self) -> None:
        """It reads again."""
        self.paused = False
        self.pump()

    def connection_lost(self, _cause: Exception | None) -> None:
        """The connection is gone."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        was_up, self.up = self.up, False
        if self.lane is not None:
            self.floor.picture.link(self.lane, incoming=self.incoming).up = False
            if was_up:
                self.floor.picture.moved(self.lane, incoming=self.incoming)
                if self.code == "warning/link-lost":
                    self.floor.picture.alarm(self.code, self.lane[0], f"the lane under {self.lane[1]} is cut")
        self.disconnected(was_up=was_up)
        if not self.ended.done():
            self.ended.set_result(None)

    # --- what each end does ---------------------------------------------------------------------

    def connected(self) -> None:
        """The connection is there."""

    def disconnected(self, *, was_up: bool) -> None:
        """It is gone."""

    def pump(self) -> None:
        """Send what waits."""

    def take(self, frame: lane_frames.Frame) -> None:
        """A frame of this end's part of the protocol.

        Raises:
            PartnerError: it is not taken.
        """
        raise LaneError("warning/frame-not-expected", f"a `{type(frame).__name__}` where none is expected")

    def every_tick(self) -> None:
        """Ten times a second."""

    # --- what both ends need --------------------------------------------------------------------

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection while it is there."""
        return self._transport

    def send(self, *frames: lane_frames.Frame) -> None:
        """Write frames in one piece."""
        if self._transport is not None and frames:
            self._transport.write(b"".join(map(print_frame, frames)))

    def refuse(self, error: NodeError, *, epoch: int, sequence: int, digest: bytes = b"") -> None:
        """Do not take one frame, and go on."""
        if self.lane is not None:
            self.floor.refused(self.lane, error, incoming=self.incoming, digest=digest)
        self.send(lane_frames.Refusal(epoch=epoch, sequence=sequence, code=error.code))

    def close(self, error: NodeError) -> None:
        """End the lane with a code."""
        self.code = error.code
        if self.lane is not None:
            self.floor.refused(self.lane, error, incoming=self.incoming)
        self.hang_up(error.code)

    def hang_up(self, code: str) -> None:
        """End the lane in good order."""
        self.code = code
        self.send(lane_frames.Closing(code=code))
        if self._transport is not None:
            self._transport.close()

    def _take(self, frame: lane_frames.Frame) -> None:
        try:
            match frame:
                case lane_frames.Beat():
                    now = self.floor.clock_us()
                    self.send(lane_frames.Echo(beat_us=frame.said_us, heard_us=now, said_us=self.floor.clock_us()))
                case lane_frames.Echo():
                    self._measure(frame)
                case lane_frames.Refusal():
                    self._refused(frame)
                case lane_frames.Closing():
                    self.code = frame.code
                    if self._transport is not None:
                        self._transport.close()
                case _:
                    self.take(frame)
        except LaneClosedError as error:
            self.close(error)
        except PartnerError as error:
            self.refuse(error, epoch=getattr(frame, "epoch", 0), sequence=getattr(frame, "sequence", 0))

    def _refused(self, frame: lane_frames.Refusal) -> None:
        if self.lane is not None:
            self.floor.picture.link(self.lane, incoming=self.incoming).refused += 1
            self.floor.picture.alarm(frame.code, self.lane[0], f"{self.lane[0]} did not take frame {frame.sequence}")

    def _measure(self, echo: lane_frames.Echo) -> None:
        now = self.floor.clock_us()
        round_trip = (now - echo.beat_us) - (echo.said_us - echo.heard_us)
        if self.lane is None or round_trip < 0:
            return
        link = self.floor.picture.link(self.lane, incoming=self.incoming)
        link.round_trip_us = round_trip
        link.offset_us = ((echo.heard_us - echo.beat_us) + (echo.said_us - now)) // 2
        self.floor.picture.moved(self.lane, incoming=self.incoming)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        if self._transport is None:
            return
        now = loop.time()
        if now - self._heard_s > LOST_S:
            self._transport.abort()
            return
        if now - self._beat_s >= BEAT_S:
            self._beat_s = now
            self.send(lane_frames.Beat(said_us=self.floor.clock_us()))
        self._timer = loop.call_later(TICK_S, self._tick)
        self.every_tick()
