"""How fast a warning crosses: from a source's write at one node to a desk's callback at the other.

Two served nodes, each a process of its own, and this process between them: it is the source at the one socket and the
desk at the other, so that one clock measures both. Strict: durable at the sender before the frame leaves, and at the
recipient before it is shown; signed by the originator and sealed under the epoch's key.

The floor is measured in the same run: what no way of doing this could save.
"""

import asyncio
import contextlib
import hashlib
import os
import ssl
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast as cast_transport

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench import taky
from bench.measure import Result, rounded
from bench.pair import JPN, SIDES, prepare
from gsomia import canon
from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Stage
from gsomia.demo.warning_lanes import open_hub
from gsomia.ids import PartyCode
from gsomia.parties import build_certificate
from gsomia.transport import Identity, client_context, server_context
from gsomia.warning import (
    TOLD,
    TOPIC,
    Basis,
    Character,
    Denied,
    DeskReader,
    Message,
    Shown,
    Submit,
    Taken,
    Told,
    TrackUpdate,
    Watch,
    new_event_id,
    new_message_id,
    parse_message,
    print_cot,
    print_desk,
    print_message,
)

KOR = canon.check("KOR", PartyCode)
SECONDS = float(os.environ.get("GSOMIA_BENCH_WARNING_S", "60"))
"""How long a thousand a second are sent."""
AT_100_S = min(SECONDS, 10.0)
HUB_RATE = 100
"""Three nodes on two cores: at this rate the hub is compared with the direct lane."""
TAKY_S = AT_100_S
BORNE = 0.95
"""A relay bears a rate if so much of it comes out at the other end while it lasts."""
IDLE_S = 5.0
IDLE_ROUNDS = max(3, int(SECONDS / 5))
DESKS = 50
FRAME_BYTES = 2048
FLOOR_ROUNDS = 300
ARRANGED = "WARNING-DATA: launch warnings between the duty rooms"


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            stage.serve("KOR")
            arrange(stage)
            _floor(Path(directory), result)
            uvloop.run(_measure(stage, result))
            uvloop.run(_unsigned_relay(result))
            by_hub(stage)
            uvloop.run(_hub(stage, result))
        finally:
            stage.stop_all()
    _taky(result)
    return result


def arrange(stage: Stage) -> None:
    """Both sides arrange direct warnings, and Korea's authority decides what may cross."""
    words = ["--event", "arrange", "--body", "defence-ministry", "--rule", "receipt_days=10", "--words", ARRANGED]
    for party in SIDES:
        stage.done(party, "agreement", "act", KR_JP, *words, by="liaison")
    authorise(stage)


def authorise(stage: Stage) -> None:
    words = ["--to", "JPN", "--instrument", KR_JP, "--authority", "kor-mnd", "--level", "KOR-2", "--until", cast.UNTIL]
    stage.until(
        lambda: stage.call("KOR", "warn", "authorise", *words, by="releaser").exit == 0, "the arrangement took effect"
    )
    stage.until(lambda: _is_up(stage), "the lane runs")


def by_hub(stage: Stage) -> None:
    """The hub comes up, and the direct lane is stopped, so that warnings go by the hub alone."""
    stage.add("USA", cast.NAMES["USA"])
    stage.serve("USA")
    cast.bring_people(stage, "USA")
    prints = cast.pin_each_other(stage, ("KOR", "JPN", "USA"))
    stage.done("KOR", "warn", "stop", by="releaser")
    open_hub(stage, prints)


async def _hub(stage: Stage, result: Result) -> None:
    sent = Sent()
    desk = await _connect(stage, "JPN", sent, desk=True)
    end = await _connect(stage, "KOR", sent, desk=False)
    await asyncio.sleep(0.2)
    await _send(end, sent, Source(), rate=HUB_RATE, seconds=AT_100_S)
    await _settle(sent)
    desk.transport.close()
    end.transport.close()
    result.samples["hub_ms"] = sent.latencies()
    result.figures["hub_p50_vs_direct"] = rounded(statistics.median(sent.latencies()) / result.figures["p50_ms_at_100"])
    result.figures["lost"] += len(sent.submitted) - len(sent.shown)


def _is_up(stage: Stage) -> bool:
    return any(lane["up"] for lane in stage.done("JPN", "warn", "stats")["lanes"])


@dataclass(slots=True)
class Sent:
    """What one run came to."""

    submitted: dict[str, float] = field(default_factory=dict)
    taken: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    doubled: int = 0

    def latencies(self) -> list[float]:
        return [(at - self.submitted[key]) * 1000 for key, at in self.shown.items() if key in self.submitted]


class _End(asyncio.Protocol):
    """A desk or a source, as a program at the node's socket is."""

    def __init__(self, sent: Sent, *, desk: bool) -> None:
        self._sent, self._desk = sent, desk
        self._reader: DeskReader[Told] = DeskReader(TOLD)
        self.last = 0.0
        self.seen: dict[str, float] = {}
        self.heard = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast_transport("asyncio.Transport", transport)
        if self._desk:
            self.transport.write(print_desk(Watch()))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.heard.set()
        for word in self._reader.feed(data):
            if isinstance(word, Shown):
                now = time.perf_counter()
                key = _id_of(word.message)
                if key in self._sent.shown and key not in self.seen:
                    self.last = now
                if key in self.seen:
                    self._sent.doubled += 1
                self.seen[key] = now
                self._sent.shown.setdefault(key, now)
            elif isinstance(word, Taken):
                self._sent.taken[word.message] = now
            elif isinstance(word, Denied):
                raise RuntimeError(word)  # noqa: TRY004  an answer of the node, not a wrong argument


def _id_of(message: bytes) -> str:
    at = message.index(b'"message":"') + 11
    return message[at : at + 30].decode()


class Source:
    """Makes track points, each of an event of its own second, so that no rate is passed."""

    def __init__(self) -> None:
        self._events = [new_event_id(os.urandom) for _ in range(8_192)]
        self._count = 0

    def next(self) -> tuple[str, bytes]:
        at = self._count
        self._count += 1
        now = time.time_ns() // 1000
        round_, event = divmod(at, len(self._events))
        message = Message(
            message=new_message_id(os.urandom),
            event=self._events[event],
            sequence=round_ + 1,
            at_us=now,
            originator=KOR,
            level="KOR-2",
            topic=TOPIC,
            character=Character.TEST,
            body=TrackUpdate(
                latitude_udeg=39_000_000,
                longitude_udeg=127_000_000,
                height_m=40_000,
                bearing_cdeg=9_000,
                seen_at_us=now + round_ * 1_000_000,
                confidence_pct=80,
                basis=Basis.OBSERVED,
            ),
        )
        return message.message, print_message(message)


async def _connect(stage: Stage, party: str, sent: Sent, *, desk: bool) -> _End:
    path = stage.nodes[party].directory / "run" / "warn.sock"
    _, end = await asyncio.get_running_loop().create_unix_connection(lambda: _End(sent, desk=desk), str(path))
    return end


async def _send(end: _End, sent: Sent, source: Source, *, rate: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    messages = [source.next() for _ in range(int(rate * seconds))]
    started = loop.time()
    for number, (key, message) in enumerate(messages):
        wait = started + number / rate - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        frame = print_desk(Submit(message=message))
        sent.submitted[key] = time.perf_counter()
        end.transport.write(frame)


async def _settle(sent: Sent, *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while len(sent.shown) < len(sent.submitted) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def _measure(stage: Stage, result: Result) -> None:
    source = Source()
    lost = doubled = 0
    every: list[Sent] = []

    async def once(*, rate: float, seconds: float, desks: int = 1) -> tuple[Sent, list[_End]]:
        sent = Sent()
        ends = [await _connect(stage, "JPN", sent, desk=True) for _ in range(desks)]
        end = await _connect(stage, "KOR", sent, desk=False)
        await asyncio.sleep(0.2)
        await _send(end, sent, source, rate=rate, seconds=seconds)
        await _settle(sent)
        for one in (*ends, end):
            one.transport.close()
        every.append(sent)
        return sent, ends

    await once(rate=200, seconds=2.0)
    _percentiles(result, "at_100", (await once(rate=100, seconds=AT_100_S))[0].latencies())
    fast, _ = await once(rate=1000, seconds=SECONDS)
    _percentiles(result, "at_1000", fast.latencies())
    receipts = [(fast.taken[key] - at) * 1000 for key, at in fast.submitted.items() if key in fast.taken]
    result.samples["taken_ms"] = receipts
    await _idle(stage, result, source, every)
    await _saturate(stage, result, source, every)
    await _desks(result, once)
    lost = sum(len(sent.submitted) - len(sent.shown) for sent in every)
    doubled = sum(sent.doubled for sent in every)
    result.figures |= {"lost": lost, "doubled": doubled}
    stats = stage.done("KOR", "warn", "stats")
    result.figures["receipt_p50_ms"] = rounded(
        next(lane for lane in stats["lanes"] if not lane["incoming"])["receipt_p50_us"] / 1000
    )
    result.ratios["p50_vs_floor_at_1000"] = rounded(result.figures["p50_ms_at_1000"] / result.figures["floor_ms"])


async def _idle(stage: Stage, result: Result, source: Source, every: list[Sent]) -> None:
    sent = Sent()
    desk = await _connect(stage, "JPN", sent, desk=True)
    end = await _connect(stage, "KOR", sent, desk=False)
    for _ in range(IDLE_ROUNDS):
        await asyncio.sleep(IDLE_S)
        key, message = source.next()
        sent.submitted[key] = time.perf_counter()
        end.transport.write(print_desk(Submit(message=message)))
    await _settle(sent)
    result.figures["first_after_idle_p99_ms"] = rounded(_quantile(sent.latencies(), 0.99))
    result.samples["first_after_idle_ms"] = sent.latencies()
    every.append(sent)
    desk.transport.close()
    end.transport.close()


async def _saturate(stage: Stage, result: Result, source: Source, every: list[Sent]) -> None:
    """As many as cross while a bounded number is under way."""
    sent, count, window = Sent(), 12_000, 512
    desk = await _connect(stage, "JPN", sent, desk=True)
    end = await _connect(stage, "KOR", sent, desk=False)
    messages = [source.next() for _ in range(count)]
    frames = [(key, print_desk(Submit(message=message))) for key, message in messages]
    started = time.perf_counter()
    for key, frame in frames:
        while len(sent.submitted) - len(sent.shown) >= window:
            desk.heard.clear()  # asleep until the desk hears more: this process takes no processor from the nodes
            await desk.heard.wait()
        sent.submitted[key] = time.perf_counter()
        end.transport.write(frame)
    await _settle(sent)
    took = max(sent.shown.values()) - started
    result.figures["saturation_per_s"] = rounded(len(sent.shown) / took)
    every.append(sent)
    desk.transport.close()
    end.transport.close()


async def _desks(result: Result, once: "object") -> None:
    sent, ends = await once(rate=50, seconds=4.0, desks=DESKS)  # type: ignore[operator]
    spreads = []
    for key, first in sent.shown.items():
        times = [end.seen[key] for end in ends if key in end.seen]
        if len(times) == DESKS:
            spreads.append((max(times) - first) * 1000)
    result.figures["desks50_last_ms"] = rounded(_quantile(spreads, 0.99))
    result.samples["desks50_last_ms"] = spreads


def _percentiles(result: Result, key: str, samples: list[float]) -> None:
    result.figures[f"p50_ms_{key}"] = rounded(statistics.median(samples))
    result.figures[f"p99_ms_{key}"] = rounded(_quantile(samples, 0.99))
    result.samples[f"ms_{key}"] = samples


def _quantile(samples: list[float], q: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))]


# --- what no way of doing this could save ------------------------------------------------------------


def _floor(directory: Path, result: Result) -> None:
    """Two fdatasync of 1 KiB, one TLS echo of 2 KiB, one signature and its verification, one seal and open of 2 KiB."""
    syncs, crypto = [], []
    key, aead, message = Ed25519PrivateKey.generate(), AESGCM(bytes(32)), os.urandom(FRAME_BYTES)
    public = key.public_key()
    descriptor = os.open(directory / "floor", os.O_WRONLY | os.O_CREAT)
    try:
        for number in range(FLOOR_ROUNDS):
            started = time.perf_counter()
            for half in range(2):
                os.pwrite(descriptor, bytes(1024), (2 * number + half) * 1024)
                os.fdatasync(descriptor)
            syncs.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            public.verify(key.sign(message), message)
            aead.decrypt(number.to_bytes(12, "big"), aead.encrypt(number.to_bytes(12, "big"), message, None), None)
            crypto.append((time.perf_counter() - started) * 1000)
            time.sleep(0.001)
    finally:
        os.close(descriptor)
    echoes = uvloop.run(_echoes())
    parts = {"syncs": syncs, "echo": echoes, "crypto": crypto}
    result.samples["floor_ms"] = parts
    result.figures["floor_ms"] = rounded(sum(statistics.median(part) for part in parts.values()))


@contextlib.contextmanager
def _contexts() -> Iterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    seeds = [hashlib.sha256(name).digest() for name in (b"a", b"b")]
    certificates = [build_certificate(party=party, seed=seed) for party, seed in zip((KOR, JPN), seeds, strict=True)]
    identities = [Identity(certificate=c, seed=s) for c, s in zip(certificates, seeds, strict=True)]
    yield (
        server_context(identities[0], pinned=[certificates[1]]),
        client_context(identities[1], pinned=certificates[0]),
    )


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast_transport("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class _Caller(asyncio.Protocol):
    def __init__(self) -> None:
        self.back: asyncio.Future[None] | None = None
        self._got = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast_transport("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._got += len(data)
        if self._got >= FRAME_BYTES and self.back is not None:
            self._got = 0
            self.back.set_result(None)


async def _echoes() -> list[float]:
    loop = asyncio.get_running_loop()
    with _contexts() as (server, client):
        listening = await loop.create_server(_Echo, "127.0.0.1", 0, ssl=server)
        port = listening.sockets[0].getsockname()[1]
        _, caller = await loop.create_connection(_Caller, "127.0.0.1", port, ssl=client)
        samples = []
        for _ in range(FLOOR_ROUNDS):
            caller.back = loop.create_future()
            started = time.perf_counter()
            caller.transport.write(bytes(FRAME_BYTES))
            await caller.back
            samples.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.001)
        caller.transport.close()
        listening.close()
        await asyncio.sleep(0.05)
        return samples


def _taky(result: Result) -> None:
    """The same track points as Cursor-on-Target through taky, at the same rate: the highest of ours that it bears.

    `taky_rate_per_s` says at which rate both medians were taken.
    """
    reached = {}
    for rate, key in ((1000, "p50_ms_at_1000"), (100, "p50_ms_at_100")):
        source = Source()
        messages = [source.next()[1] for _ in range(int(rate * TAKY_S))]
        relayed = taky.relay([print_cot(parse_message(message)) for message in messages], rate=rate)
        reached[str(rate)] = rounded(relayed.reached_per_s)
        if relayed.reached_per_s >= rate * BORNE or rate == 100:
            median = statistics.median(relayed.latencies_ms)
            result.figures |= {"taky_rate_per_s": rate, "taky_p50_ms": rounded(median)}
            result.ratios["p50_vs_taky"] = rounded(result.figures[key] / median)
            result.samples["taky_ms"] = relayed.latencies_ms
            break
    result.samples["taky_reached_per_s"] = reached


async def _unsigned_relay(result: Result) -> None:
    """The same frames over TLS with nothing signed, sealed or recorded: half of there and back."""
    samples = [one / 2 for one in await _echoes()]
    result.samples["unsigned_relay_ms"] = samples
    result.ratios["p50_vs_unsigned_relay"] = rounded(result.figures["p50_ms_at_1000"] / statistics.median(samples))
