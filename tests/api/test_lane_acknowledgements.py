"""What the warned side acknowledges, and when: only what is on record, and only on the connection in use."""

import asyncio
from typing import Any, cast

import pytest

from api.test_warnings_by_hub import floor, in_loop
from contracts.samples import seeded
from gsomia.flows.warn import LaneLaw, StandingDecision
from gsomia.storage import MemoryLaneJournal
from gsomia.transport import Floor
from gsomia.transport.lane_taker import LaneTaker
from gsomia.warning import (
    FrameReader,
    LaneName,
    LaneOut,
    answer_hello,
    lane_frames,
    lane_state,
    read_entry,
    say_hello,
    sign_warning,
    take_answer,
)
from simulation.world import JPN, World
from strategies.lanes import DIGEST, INSTRUMENT, NOW_US, decided, lane_out, naming, track, warned
from strategies.parties import SEOUL, TOKYO

FROM_SEOUL: LaneName = (SEOUL.code, INSTRUMENT)


class Wire(asyncio.Transport):
    """A connection that keeps what is written: every acknowledgement that leaves here."""

    def __init__(self) -> None:
        super().__init__()
        self.acks: list[lane_frames.Ack] = []
        self._reader = FrameReader()

    def write(self, data: Any) -> None:
        self.acks += [frame for frame in self._reader.feed(bytes(data)) if isinstance(frame, lane_frames.Ack)]

    def close(self) -> None:
        """Closed in good order; what ends it comes later."""


def tokyo(world: World) -> Floor:
    made = floor(world, JPN, own=(), heard=())
    made.law = LaneLaw(
        own=(),
        heard={DIGEST: StandingDecision(digest=DIGEST, authorisation=decided(), closed=None)},
        keys={(SEOUL.code, 1): SEOUL.lane.public},
        current={},
        certificates=frozenset(),
    )
    made.recorder.begin()
    return made


def call(made: Floor, takers: dict[LaneName, LaneTaker], out: LaneOut, *, epoch: int) -> tuple[LaneTaker, Wire]:
    """Seoul calls and begins an epoch."""
    draw, wire, taker = seeded(f"epoch {epoch}"), Wire(), LaneTaker(made, takers)
    opening = say_hello(
        sender=SEOUL.code,
        recipient=TOKYO.code,
        instrument=INSTRUMENT,
        authorisation=DIGEST,
        epoch=epoch,
        entropy=draw,
        signer=SEOUL.lane,
    )
    answered = answer_hello(opening.statement, entropy=draw, signer=TOKYO.lane)
    start, wrapped = take_answer(answered.statement.envelope, opening=opening, key=TOKYO.lane.public, entropy=draw)
    taker.lane, taker._answered, taker._transport = FROM_SEOUL, answered, wire
    taker.take(lane_frames.Begin(epoch=epoch, wrapped=wrapped))
    out.start_epoch(start, now_us=NOW_US)
    return taker, wire


@pytest.mark.source("DESIGN-2", "DESIGN-6")
def test_a_refused_warning_is_acknowledged_only_once_its_refusal_is_on_record() -> None:
    async def act(world: World) -> None:
        made, out = tokyo(world), lane_out()
        journal = cast("MemoryLaneJournal", made.recorder._journal)
        taker, wire = call(made, {}, out, epoch=1)
        message = track(2, event=2)
        out.put(sign_warning(message, naming(message, serial=3, instrument="MWDS"), signer=SEOUL.lane))
        (frame,) = out.frames(room=1)
        taker.take(frame)
        taker._acknowledge()  # as the timer of an earlier commit does
        assert not any(isinstance(read_entry(one), lane_state.NotTaken) for one in journal.durable)
        assert wire.acks == []
        taker._acked_s = 0.0  # long ago
        made.recorder._commit()
        assert any(isinstance(read_entry(one), lane_state.NotTaken) for one in journal.durable)
        assert [one.message for ack in wire.acks for one in out.acknowledge(ack)] == [message]

    in_loop(act)


@pytest.mark.source("DESIGN-6")
def test_a_connection_that_gave_way_acknowledges_nothing_of_the_next_epoch() -> None:
    async def act(world: World) -> None:
        made, out = tokyo(world), lane_out()
        takers: dict[LaneName, LaneTaker] = {}
        first, before = call(made, takers, out, epoch=1)
        second, wire = call(made, takers, out, epoch=2)
        assert first._acknowledge_soon not in made.after_commit
        out.put(warned(1))
        (frame,) = out.frames(room=1)
        second.take(frame)
        await asyncio.sleep(0)
        assert before.acks == []
        assert [one for ack in wire.acks for one in out.acknowledge(ack)] == [warned(1)]

    in_loop(act)
