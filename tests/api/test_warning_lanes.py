"""A lane over real sockets: Seoul warns Tokyo through Tokyo's own door, under mutual TLS."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from api.door import tls
from api.lane_pair import Pair, between, pair, points, until
from contracts.samples import seeded
from gsomia.errors import UnavailableError
from gsomia.flows import warn
from gsomia.flows.records import RefusalRecord
from gsomia.transport import lane_context, lane_taker
from gsomia.warning import (
    Character,
    Denied,
    FrameReader,
    LaneCount,
    LaneOut,
    LaneSession,
    LateWarning,
    Mark,
    Message,
    SourceRefused,
    Taken,
    TrackUpdate,
    lane_frames,
    print_frame,
    say_hello,
    sign_warning,
    take_answer,
)
from simulation.warn_world import warned_world
from simulation.world import JPN, KOR, identity
from strategies.lanes import naming, track

pytestmark = pytest.mark.enable_socket
LANE_TO_JPN = (JPN, "GSOMIA-KR-JP")
LANE_FROM_KOR = (KOR, "GSOMIA-KR-JP")


@pytest.mark.source("DESIGN-6")
def test_what_seoul_says_is_on_tokyos_desk_once_confirmed_and_receipted() -> None:
    async def act(made: Pair) -> None:
        said = points(20)
        answers = [made.kor.say(message) for message in said]
        assert [type(await one) for one in answers] == [Taken] * 20
        await until(lambda: made.kor.lane()["messages"] == 20)
        assert made.jpn.watcher.messages == said
        assert {one.marks for one in made.jpn.watcher.shown} == {()}
        assert made.kor.lane()["digest"] == made.jpn.lane()["digest"]
        await until(lambda: made.world[KOR].count(LaneCount) == 2)
        assert made.world[JPN].count(LaneCount) == 2
        assert made.jpn.watcher.marked == []
        assert [one.open for one in made.world[JPN].every(LaneSession)] == [True]

    between(act)


@pytest.mark.source("DESIGN-6")
def test_after_cuts_in_the_middle_nothing_is_lost_and_nothing_is_shown_twice() -> None:
    async def act(made: Pair) -> None:
        said = points(120)
        for number, message in enumerate(said):
            made.kor.say(message)
            if number % 40 == 20:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                for taker in list(made.jpn.lanes._takers.values()):
                    assert taker.transport is not None
                    taker.transport.abort()
                await made.up()
        await until(lambda: made.kor.lane()["messages"] == 120)
        shown = [message.message for message in made.jpn.watcher.messages]
        assert sorted(shown) == sorted(message.message for message in said)
        assert made.kor.lane()["digest"] == made.jpn.lane()["digest"]
        assert made.kor.lane()["sessions"] >= 3
        assert "warning/link-lost" in made.kor.watcher.codes | made.jpn.watcher.codes

    between(act)


@pytest.mark.source("DESIGN-6")
def test_a_node_that_starts_again_brings_over_what_it_still_owes() -> None:
    async def act(made: Pair) -> None:
        made.kor.address = ("127.0.0.1", 1)  # nobody listens there
        for taker in list(made.jpn.lanes._takers.values()):
            taker.hang_up("warning/test")
        await until(lambda: not made.kor.lane()["up"])
        said = points(5)
        for message in said:
            assert isinstance(await made.kor.say(message), Taken)
        await made.kor.lanes.close()
        made.kor.address = ("127.0.0.1", made.door.port)
        made.kor.open()
        await until(lambda: len(made.jpn.watcher.shown) == 5)
        assert made.jpn.watcher.messages == said

    between(act)


@pytest.mark.source("DESIGN-2")
def test_while_the_record_is_down_a_source_is_denied_and_an_authentic_warning_is_shown_unrecorded() -> None:
    async def act(made: Pair) -> None:
        made.jpn.journal.broken = UnavailableError("storage/disk-full", "full", remedy="")
        first, second = points(2)
        await made.kor.say(first)
        await until(lambda: len(made.jpn.watcher.shown) == 1)
        assert made.jpn.watcher.shown[0].marks == (Mark.UNRECORDED,)
        await until(lambda: made.kor.lane()["messages"] == 1)  # it is kept in reserved room, so it is acknowledged
        assert made.jpn.floor.stats()["unrecorded"] == 1
        made.kor.journal.broken = UnavailableError("storage/disk-full", "full", remedy="")
        denied = await made.kor.say(second)
        assert isinstance(denied, Denied)
        assert denied.code == "warning/record-down"
        made.jpn.journal.broken = made.kor.journal.broken = None
        await until(lambda: made.jpn.floor.stats()["unrecorded"] == 0 and made.kor.floor.stats()["recorded"])
        assert made.world[JPN].count(LateWarning) == 1
        assert made.jpn.watcher.marked[-1].on is False
        assert isinstance(await made.kor.say(second), Taken)
        await until(lambda: len(made.jpn.watcher.shown) == 2)

    between(act)


@pytest.mark.source("RELAY-5.4", "G5-1")
def test_one_act_ends_the_lane_within_a_second() -> None:
    async def act(made: Pair) -> None:
        loop = asyncio.get_running_loop()
        node = made.world[KOR]
        started = loop.time()
        await loop.run_in_executor(made.kor.executor, lambda: warn.stop(node.desk, node.actor("releaser"), None))
        await until(lambda: not made.kor.lane()["up"] and not made.jpn.lane()["up"])
        assert loop.time() - started < 1.0
        denied = await made.kor.say(points(1)[0])
        assert isinstance(denied, Denied)
        assert denied.code == "warning/no-lane"
        await until(lambda: any(one.code == "warning/authorisation-stopped" for one in node.every(LaneSession)))

    between(act)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (track(1, level="KOR-3"), "warning/not-authorised"),
        (track(1, originator=JPN, level="JPN-2-TOKUTEI"), "warning/not-ours"),
    ],
)
def test_a_source_is_denied_what_the_decision_does_not_cover(message: Message, code: str) -> None:
    async def act(made: Pair) -> None:
        denied = await made.kor.say(message)
        assert isinstance(denied, Denied)
        assert denied.code == code
        assert isinstance(await made.kor.say(track(2, event=2)), Taken)

    between(act)


@pytest.mark.source("DESIGN-2", "DESIGN-6")
def test_what_a_local_source_says_in_vain_is_entered_once_a_minute_with_its_count() -> None:
    async def act(made: Pair) -> None:
        floor, node = made.kor.floor, made.world[KOR]

        def entered() -> list[tuple[str, str, str]]:
            return [(one.subject, one.code, one.message) for one in node.every(RefusalRecord)]

        radar = SourceRefused(source="radar-1", code="warning/too-fast", count=1)
        floor.refusals.count(radar)
        await until(lambda: len(entered()) == 1)
        for _ in range(1_000):
            floor.refusals.count(radar)
        floor.refusals.count(SourceRefused(source="radar-1", code="warning/out-of-scope", count=2))
        await until(lambda: len(entered()) == 2)
        made.kor.clock.ahead_us += 60_000_000
        await until(lambda: len(entered()) == 3)
        floor.refusals.count(radar)
        floor.close()
        said = "times, source `radar-1` was not listened to"
        assert entered() == [
            ("source radar-1", "warning/too-fast", f"1 {said}"),
            ("source radar-1", "warning/out-of-scope", f"2 {said}"),
            ("source radar-1", "warning/too-fast", f"1000 {said}"),
            ("source radar-1", "warning/too-fast", f"1 {said}"),
        ]

    between(act)


def test_a_source_cannot_say_a_message_twice_nor_follow_a_missile_faster_than_a_warning() -> None:
    async def act(made: Pair) -> None:
        first, soon = track(1, event=1), track(2, event=1)
        assert isinstance(await made.kor.say(first), Taken)
        for message, code in ((first, "warning/said-before"), (soon, "warning/too-fast")):
            denied = await made.kor.say(message)
            assert isinstance(denied, Denied)
            assert denied.code == code

    between(act)


@pytest.mark.source("DESIGN-6")
def test_a_clock_an_hour_wrong_is_seen_and_marked_and_refuses_nothing() -> None:
    async def act(made: Pair) -> None:
        made.kor.clock.ahead_us = 3_600_000_000
        await until(lambda: abs(made.jpn.lane()["offset_us"] - 3_600_000_000) < 1_000_000)
        await made.kor.say(track(1, event=1))
        await until(lambda: len(made.jpn.watcher.shown) == 1)
        assert Mark.CLOCK_APART in made.jpn.watcher.shown[0].marks

    between(act)


# --- a partner that does not keep to the protocol -----------------------------------------------------


@dataclass
class Hostile:
    """Seoul's keys in the hands of somebody who writes what no node would."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    digest: str
    epoch: int = 4_000_000_000

    async def send(self, *frames: lane_frames.Frame) -> None:
        self.writer.write(b"".join(map(print_frame, frames)))
        await self.writer.drain()

    async def hello(self, *, epoch: int | None = None, digest: str | None = None) -> Any:
        signer = identity(KOR).keys.lane
        opening = say_hello(
            sender=KOR,
            recipient=JPN,
            instrument="GSOMIA-KR-JP",  # type: ignore[arg-type]
            authorisation=digest or self.digest,  # type: ignore[arg-type]
            epoch=epoch or self.epoch,
            entropy=seeded("hostile"),
            signer=signer,
        )
        await self.send(lane_frames.Hello(statement=opening.statement.envelope))
        return opening

    async def begin(self) -> Any:
        opening = await self.hello()
        answer = await self.next(lane_frames.Answer)
        start, wrapped = take_answer(
            answer.statement, opening=opening, key=identity(JPN).keys.lane.public, entropy=seeded("half")
        )
        await self.send(lane_frames.Begin(epoch=start.number, wrapped=wrapped))
        return start

    async def next(self, kind: type[Any]) -> Any:
        """The next frame of a kind, whatever else comes before it."""
        reader = FrameReader()
        async with asyncio.timeout(10):
            while True:
                data = await self.reader.read(65_536)
                for frame in reader.feed(data):
                    if isinstance(frame, kind):
                        return frame
                if not data:
                    msg = f"no {kind.__name__} came"
                    raise ConnectionError(msg)


def attacked(act: Callable[[Pair, Hostile], Awaitable[None]]) -> None:
    async def run() -> None:
        world = warned_world()
        async with pair(world) as made:
            await made.up()
            digest = made.kor.floor.law.own[0].digest
            await made.kor.lanes.close()
            context = lane_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", made.door.port, ssl=context, server_hostname="x"
            )
            try:
                await act(made, Hostile(reader, writer, digest))
            finally:
                writer.close()
                with suppress(ConnectionError, ssl.SSLError):
                    await writer.wait_closed()
                made.kor.open()

    asyncio.run(run())


@pytest.mark.source("DESIGN-6", "DESIGN-2")
def test_forged_replayed_reordered_and_oversized_frames_are_refused_or_marked_and_the_stream_stays_up() -> None:
    async def act(made: Pair, hostile: Hostile) -> None:
        start = await hostile.begin()
        out = LaneOut(sender=KOR, recipient=JPN, instrument="GSOMIA-KR-JP")  # type: ignore[arg-type]
        out.start_epoch(start, now_us=0)
        for number in range(4):
            message = track(number, event=number)
            named = naming(message, serial=number + 1, authorisation=bytes.fromhex(hostile.digest))
            by = identity(KOR).keys.lane if number != 1 else identity(JPN).keys.lane
            out.put(sign_warning(message, named, signer=by))
        good, forged, third, fourth = out.frames(room=10)
        garbled = lane_frames.Data(epoch=start.number, sequence=77, sealed=bytes(200))
        await hostile.send(good, good, garbled, forged, fourth, third)
        hostile.writer.write((40_000).to_bytes(4, "big") + bytes(40_000) + b"\x00\x00\x00\x01\xc0")
        await hostile.send(lane_frames.Beat(said_us=1))
        await until(lambda: len(made.jpn.watcher.shown) == 3)
        codes = made.jpn.watcher.codes
        assert {"warning/replayed", "warning/forged", "warning/out-of-order"} <= codes
        await until(lambda: {"warning/frame-too-large", "warning/frame-malformed"} <= made.jpn.watcher.codes)
        marks = [one.marks for one in made.jpn.watcher.shown]
        assert marks == [(), (Mark.OUT_OF_ORDER,), (Mark.OUT_OF_ORDER,)]
        assert made.jpn.lane()["up"]
        await until(lambda: len(made.world[JPN].every(RefusalRecord)) >= 4)

    attacked(act)


def test_a_hello_under_a_decision_that_was_not_heard_or_an_old_epoch_opens_no_lane() -> None:
    async def act(made: Pair, hostile: Hostile) -> None:
        await hostile.hello(digest="ab" * 32)
        closing = await hostile.next(lane_frames.Closing)
        assert closing.code == "warning/authorisation-unknown"
        assert made.jpn.lane()["up"] is False

    attacked(act)


def test_an_epoch_that_was_used_begins_no_second_time() -> None:
    async def act(_made: Pair, hostile: Hostile) -> None:
        await hostile.hello(epoch=1)
        assert (await hostile.next(lane_frames.Closing)).code == "warning/epoch-old"

    attacked(act)


@pytest.mark.source("DESIGN-6")
def test_what_is_never_tallied_is_marked_unconfirmed_and_stays_on_the_desk() -> None:
    async def act(made: Pair, hostile: Hostile) -> None:
        start = await hostile.begin()
        out = LaneOut(sender=KOR, recipient=JPN, instrument="GSOMIA-KR-JP")  # type: ignore[arg-type]
        out.start_epoch(start, now_us=0)
        message = track(1, event=1)
        named = naming(message, authorisation=bytes.fromhex(hostile.digest))
        out.put(sign_warning(message, named, signer=identity(KOR).keys.lane))
        await hostile.send(*out.frames(room=1))
        await until(lambda: len(made.jpn.watcher.shown) == 1)
        await until(lambda: [one.mark for one in made.jpn.watcher.marked if one.on] == [Mark.UNCONFIRMED])

    attacked(act)


def test_a_partner_that_says_nothing_is_given_up_in_less_than_three_seconds() -> None:
    async def act(made: Pair, hostile: Hostile) -> None:
        loop = asyncio.get_running_loop()
        await hostile.begin()
        await until(lambda: made.jpn.lane()["up"])
        started = loop.time()
        await until(lambda: not made.jpn.lane()["up"])
        assert loop.time() - started < 3.0

    attacked(act)


def test_a_partner_that_does_not_read_holds_up_nobody_and_old_track_points_give_way() -> None:
    async def act(made: Pair) -> None:
        line = made.kor.lanes._callers[LANE_TO_JPN][0]._line  # type: ignore[index]
        assert line is not None
        line.pause_writing()
        for second in range(1, 400):
            message = track(second, event=1, sequence=second)
            body = message.body
            assert isinstance(body, TrackUpdate)
            assert isinstance(await made.kor.say(message), Taken)
        assert made.kor.lane()["superseded"] > 0
        line.resume_writing()
        await until(lambda: made.kor.lane()["waiting"] == made.kor.lane()["on_the_way"] == 0)
        last = made.jpn.watcher.messages[-1]
        assert (last.sequence, last.character) == (399, Character.TEST)
        superseded = made.kor.lane()["superseded"]
        assert len(made.jpn.watcher.shown) == 399 - superseded
        assert made.kor.lane()["messages"] == made.jpn.lane()["messages"]

    between(act)


def test_a_partner_has_a_share_of_lanes_and_must_begin_each_before_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_taker, "MAX_LANES", 2)
    monkeypatch.setattr(lane_taker, "HELLO_S", 0.3)

    async def act(made: Pair, hostile: Hostile) -> None:
        closing = await hostile.next(lane_frames.Closing)
        assert closing.code == "warning/no-hello"
        context = lane_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
        lines = [
            await asyncio.open_connection("127.0.0.1", made.door.port, ssl=context, server_hostname="x")
            for _ in range(3)
        ]
        with suppress(ConnectionError):
            assert await asyncio.wait_for(lines[2][0].read(), 5) == b""
        for _, writer in lines:
            writer.close()
        await until(lambda: not made.jpn.floor.callers)

    attacked(act)
