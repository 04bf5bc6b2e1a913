"""The same warnings as Cursor-on-Target events through `taky`, a TAK server of another project, over TLS.

It relays and records nothing: no signature, no seal, no disk. It runs in the peers' own environment and in a process of
its own; sender and receiver are in this one, so that one clock measures both.

    relayed = relay(events, rate=100.0)
    relayed.latencies_ms                 # from write to read, one for each event
    relayed.reached_per_s                # less than was asked for if it did not keep up
"""

import asyncio
import contextlib
import hashlib
import os
import re
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gsomia import canon
from gsomia.ids import PartyCode
from gsomia.parties import build_certificate
from gsomia.warning import Replay, parse_launches, plan_replay, print_cot

PYTHON = Path(__file__).parent / "peers" / ".venv" / "bin" / "python"
START_S = 30.0
START_US = 1_790_000_000_000_000
_READ_BYTES = 1 << 16
_MESSAGE = re.compile(rb'message="(wmg_[a-z2-7]{26})"')
_SETTINGS = """[taky]
bind_ip = 127.0.0.1
root_dir = .
[cot_server]
port = {port}
mon_ip = 127.0.0.1
mon_port = {mon_port}
max_persist_ttl = 0
[ssl]
enabled = true
client_cert_required = true
cert = taky.pem
key = taky.key
ca = client.pem
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """What a run came to: for each event the milliseconds from write to read, and how many a second got through."""

    latencies_ms: list[float]
    reached_per_s: float


def relay(events: Sequence[bytes], *, rate: float) -> Relayed:
    """Send events through taky at so many a second.

    Events are told apart by the message id that ours carry in their detail.
    """
    with _served() as (port, directory):
        return asyncio.run(_relay(events, rate=rate, port=port, directory=directory))


def sample_events(count: int, *, run: bytes = bytes(16)) -> list[bytes]:
    """So many different events of replays: what the warning bench sends as messages."""
    launches = parse_launches(files("gsomia.warning").joinpath("missile-tests.jsonl").read_bytes())
    events: list[bytes] = []
    while len(events) < count:
        run = hashlib.sha256(run).digest()[:16]
        plan = Replay(run=run, start_us=START_US, speed=1, originator=_code("KOR"), level="KOR-2")
        events += [print_cot(message) for message in plan_replay(launches, replay=plan)]
    return events[:count]


async def _relay(events: Sequence[bytes], *, rate: float, port: int, directory: Path) -> Relayed:
    context = _context(directory)
    reader, receiver = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    _, sender = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    written: dict[bytes, float] = {}
    read: dict[bytes, float] = {}
    missing, all_read = {_name(event) for event in events}, asyncio.Event()
    listening = asyncio.create_task(_read(reader, read, missing, all_read))
    (first,) = sample_events(1, run=b"until it is heard")
    async with asyncio.timeout(START_S):
        while not read:  # a receiver hears nothing before the server has taken up its line
            sender.write(first)
            await asyncio.sleep(0.1)
    started = time.perf_counter()
    for number, event in enumerate(events):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        written[_name(event)] = time.perf_counter()
        sender.write(event)
    async with asyncio.timeout(START_S):
        await all_read.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    for line in (sender, receiver):
        line.close()
        with contextlib.suppress(OSError):
            await line.wait_closed()
    took = max(read[name] for name in written) - started
    return Relayed(
        latencies_ms=[(read[name] - at) * 1000 for name, at in written.items()], reached_per_s=len(events) / took
    )


async def _read(
    reader: asyncio.StreamReader, read: dict[bytes, float], missing: set[bytes], all_read: asyncio.Event
) -> None:
    waiting = b""
    while data := await reader.read(_READ_BYTES):
        at = time.perf_counter()
        *whole, waiting = (waiting + data).split(b"</event>")
        for event in whole:
            read.setdefault(_name(event), at)
            missing.discard(_name(event))
        if not missing:
            all_read.set()


def _name(event: bytes) -> bytes:
    found = _MESSAGE.search(event)
    if found is None:
        raise RuntimeError("an event without its message's id")
    return found[1]


@contextmanager
def _served() -> Iterator[tuple[int, Path]]:
    with tempfile.TemporaryDirectory(prefix="gsomia-taky-") as name:
        directory = Path(name)
        for who in ("taky", "client"):
            _certify(directory, who)
        port = _free_port()
        (directory / "taky.conf").write_text(_SETTINGS.format(port=port, mon_port=_free_port()))
        words = [str(PYTHON), "-W", "ignore", "-m", "taky.cot", "-l", "warning", "-c", str(directory / "taky.conf")]
        process = subprocess.Popen(words, cwd=directory, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            _wait_for(port, process)
            yield port, directory
        finally:
            process.terminate()
            try:
                process.wait(timeout=START_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.perf_counter() + START_S
    while time.perf_counter() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("taky did not start: make bench/peers/.venv/.installed")


def _context(directory: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(directory / "taky.pem"))
    context.check_hostname = False
    context.load_cert_chain(directory / "client.pem", directory / "client.key")
    return context


def _certify(directory: Path, who: str) -> None:
    seed = hashlib.sha256(who.encode()).digest()
    der = build_certificate(party=_code("TAKY"), seed=seed)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    (directory / f"{who}.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
    (directory / f"{who}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _code(text: str) -> PartyCode:
    return canon.check(text, PartyCode)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
