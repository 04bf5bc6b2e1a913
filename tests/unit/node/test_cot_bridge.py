"""The bridge as a process, a TAK client of another project (`pytak`) on one side, a warning floor on the other."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from configparser import ConfigParser
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
import pytak
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from gsomia.errors import LocalError
from gsomia.node.cot_settings import read_cot_settings
from gsomia.warning import Character, Kind
from unit.cli.floor import FakeFloor, floor_at

# pytak sets options of TLS that Python would rather see set otherwise.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.OP_NO_:DeprecationWarning")
GSOMIA = Path(sys.executable).with_name("gsomia")
SPEAKS = 'speaks = { character = "TEST", level = "KOR-2", sensor = "GROUND_RADAR", confidence_pct = 90 }'
TIMEOUT_S = 30


def certify(folder: Path, name: str) -> None:
    """A self-signed certificate of the kind TAK authorities issue, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@dataclass
class Bridge:
    """A bridge that runs."""

    folder: Path
    floor: FakeFloor
    process: subprocess.Popen[bytes]
    port: int
    document: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[tuple[Any, Any]]:
        """A pytak client under a certificate: its receiver and its transmitter."""
        config = ConfigParser()
        config["pytak"] = {
            "COT_URL": f"tls://127.0.0.1:{self.port}",
            "PYTAK_TLS_CLIENT_CERT": str(self.folder / f"{name}.pem"),
            "PYTAK_TLS_CLIENT_KEY": str(self.folder / f"{name}.key"),
            "PYTAK_TLS_CLIENT_CAFILE": str(self.folder / "bridge.pem"),
        }
        reader, writer = await pytak.protocol_factory(config["pytak"])
        try:
            yield (
                pytak.RXWorker(asyncio.Queue(), config["pytak"], reader),
                pytak.TXWorker(asyncio.Queue(), config["pytak"], writer),
            )
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def stop(self) -> dict[str, Any]:
        """End it; what it says it carried."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=TIMEOUT_S)
        self.document = msgspec.json.decode(out)
        return self.document


@contextmanager
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    node, folder = tmp_path / "node", tmp_path / "tak"
    node.mkdir()
    folder.mkdir()
    for name in ("bridge", "radar", "map", "stranger"):
        certify(folder, name)
    settings = (
        'listen = "127.0.0.1:0"\ncertificate = "bridge.pem"\nkey = "bridge.key"\n'
        f'[[client]]\nname = "radar"\ncertificate = "radar.pem"\nsees = false\n{SPEAKS}\n'
        '[[client]]\nname = "map"\ncertificate = "map.pem"\nsees = true\n'
    )
    (folder / "cot.toml").write_text(settings)
    with floor_at(node) as floor:
        words = [str(word) for word in (GSOMIA, "warn", "cot", folder / "cot.toml", "--node", node, "--json")]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ})
        try:
            assert process.stderr is not None
            said = process.stderr.readline().decode()
            assert said.startswith("listening on port "), said
            assert floor.watching.wait(TIMEOUT_S)
            yield Bridge(folder=folder, floor=floor, process=process, port=int(said.split()[-1]))
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(TIMEOUT_S)
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def track(uid: str = "radar.7", **changed: Any) -> bytes:
    """An event as pytak makes it."""
    point = {"lat": 39.2, "lon": 125.673, "ce": 10, "hae": 80_000, "le": 10}
    made = pytak.gen_cot(**{**point, "uid": uid, "stale": 60, "cot_type": "a-h-A-W-M", **changed})
    assert made is not None
    return bytes(made)


async def until(done: Callable[[], bool]) -> None:
    """Wait for something another thread or process brings about."""
    async with asyncio.timeout(TIMEOUT_S):
        while not done():  # noqa: ASYNC110  nothing to wait on across threads
            await asyncio.sleep(0.01)


def with_bridge(tmp_path: Path, act: Callable[[Bridge], Awaitable[None]]) -> dict[str, Any]:
    with bridge(tmp_path) as running:

        async def run() -> None:
            await act(running)

        asyncio.run(run())
        return running.stop()


@pytest.mark.source("DESIGN-1")
def test_what_a_configured_source_says_becomes_a_message_and_what_it_may_not_say_does_not(tmp_path: Path) -> None:
    async def act(running: Bridge) -> None:
        async with running.client("radar") as (_, radar):
            await radar.send_data(track(cot_type="t-k"))
            await radar.send_data(track(cot_type="a-f-G-U-C"))
            await radar.send_data(b"<!DOCTYPE x []>" + track())
            await radar.send_data(track())
            await until(lambda: len(running.floor.heard) == 1)
            await radar.send_data(track())  # a second point within a second
            await radar.send_data(track(cot_type="b-a-o-can"))
            await until(lambda: len(running.floor.heard) == 2)

        first, second = running.floor.heard
        assert [message.kind for message in running.floor.heard] == [Kind.TRACK, Kind.CANCELLATION]
        assert (first.originator, first.level, first.character) == ("KOR", "KOR-2", Character.TEST)
        assert (first.event, first.sequence < second.sequence) == (second.event, True)

    told: list[FakeFloor] = []

    async def noted(running: Bridge) -> None:
        told.append(running.floor)
        await act(running)

    carried = with_bridge(tmp_path, noted)
    assert (carried["taken"], carried["connected"], carried["strangers"]) == (2, 1, 0)
    assert told[0].refused == {("radar", code): count for code, count in carried["refused"].items()}
    assert carried["refused"] == {
        "warning/out-of-scope": 1,
        "warning/cot-type-not-taken": 1,
        "warning/cot-malformed": 1,
        "warning/too-fast": 1,
    }


def test_what_the_floor_shows_reaches_who_may_see_it_and_nobody_else(tmp_path: Path) -> None:
    async def act(running: Bridge) -> None:
        async with running.client("map") as (screen, map_says), running.client("radar") as (_, radar):
            await map_says.send_data(track("map.1"))  # it is shown, it does not speak
            await radar.send_data(track("radar.9"))
            shown = etree.fromstring(await asyncio.wait_for(screen.readcot(), TIMEOUT_S))
            await until(lambda: len(running.floor.heard) == 1)
        assert (shown.get("type"), shown.get("opex")) == ("a-h-A-W-M", "s-GSOMIA")
        facts = shown.find("detail/gsomia")
        assert facts is not None
        assert facts.get("message") == running.floor.heard[0].message
        assert facts.get("character") == "TEST"

    assert with_bridge(tmp_path, act)["taken"] == 1


def test_a_stranger_does_not_come_in_and_the_door_stays_open(tmp_path: Path) -> None:
    async def act(running: Bridge) -> None:
        answered = b"nothing yet"
        with suppress(OSError):
            async with running.client("stranger") as (screen, stranger):
                await stranger.send_data(track())
                answered = await asyncio.wait_for(screen.reader.read(), TIMEOUT_S)
        assert answered in {b"", b"nothing yet"}
        assert running.floor.heard == []
        async with running.client("radar") as (_, radar):
            await radar.send_data(track("radar.after"))
            await until(lambda: len(running.floor.heard) == 1)

    carried = with_bridge(tmp_path, act)
    assert (carried["taken"], carried["connected"]) == (1, 1)


def test_a_stream_that_cannot_be_cut_is_ended_and_the_others_stay(tmp_path: Path) -> None:
    async def act(running: Bridge) -> None:
        async with running.client("map"), running.client("radar") as (screen, radar):
            with suppress(OSError):
                await radar.send_data(b"<event " + b"x" * 20_000)
                assert not await asyncio.wait_for(screen.reader.read(), TIMEOUT_S)
        async with running.client("radar") as (_, radar):
            await radar.send_data(track())
            await until(lambda: len(running.floor.heard) == 1)

    carried = with_bridge(tmp_path, act)
    assert carried["cut"] == {"warning/cot-too-large": 1}


# settings -----------------------------------------------------------------------------------------------------


def settings(folder: Path, text: str) -> LocalError:
    (folder / "cot.toml").write_text('certificate = "a.pem"\nkey = "a.key"\n' + text)
    with pytest.raises(LocalError) as refused:
        read_cot_settings(folder / "cot.toml")
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "more = 1",
        '[[client]]\nname = "a"\ncertificate = "gone.pem"\nsees = true',
        '[[client]]\nname = "one"\ncertificate = "a.key"\nsees = true',
        '[[client]]\nname = "one"\ncertificate = "a.pem"\nsees = true\naddress = "127.0.0.1:1"',
        '[[server]]\nname = "one"\ncertificate = "a.pem"\nsees = true',
        '[[client]]\nname = "one"\ncertificate = "a.pem"\nsees = true\n' * 2,
        f'[[client]]\nname = "one"\ncertificate = "a.pem"\nsees = true\n{SPEAKS.replace("TEST", "MAYBE")}',
    ],
)
def test_settings_that_do_not_read_are_refused(tmp_path: Path, text: str) -> None:
    certify(tmp_path, "a")
    assert settings(tmp_path, text).code == "node/cot-settings"


def test_a_source_has_no_character_of_its_own_accord(tmp_path: Path) -> None:
    certify(tmp_path, "a")
    unsaid = SPEAKS.replace('character = "TEST", ', "")
    told = settings(tmp_path, f'[[client]]\nname = "one"\ncertificate = "a.pem"\nsees = true\n{unsaid}')
    assert "character" in told.message
