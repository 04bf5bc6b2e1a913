"""The warning steps' stagehands: programs that run beside the nodes, a lane that is open, TAK clients."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from gsomia import canon
from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Stage, Unexpected
from gsomia.ids import PartyCode
from gsomia.parties import build_certificate, tls_private_pem

TIMEOUT_S = 60
ARRANGED = "WARNING-DATA: launch warnings between the duty rooms"
SIDES = ("KOR", "JPN")


def open_lane(stage: Stage) -> str:
    """Direct warnings from Korea to Japan: arranged by both, decided beforehand by Korea's authority; the decision."""
    found = [one for one in stage.done("KOR", "warn", "list")["authorisations"] if one["party"] == "KOR"]
    running = [one for one in found if one["way"] == "direct" and one["closed"] is None]
    if not running:
        arranged = ["--event", "arrange", "--body", "defence-ministry", "--words", ARRANGED]
        for party in SIDES:
            stage.done(party, "agreement", "act", KR_JP, *arranged, "--rule", "receipt_days=10", by="liaison")
        words = ["--to", "JPN", "--instrument", KR_JP, "--authority", "kor-mnd", "--level", "KOR-2"]
        words += ["--until", cast.UNTIL]
        decided: list[Document] = []

        def authorise() -> bool:
            said = stage.call("KOR", "warn", "authorise", *words, by="releaser")
            decided.append(said.document)
            return said.exit == 0

        stage.until(authorise, "the arrangement took effect, and Korea's authority decided")
        running = [decided[-1]]
    stage.until(lambda: _is_up(stage), "the lane to Japan runs")
    return str(running[0]["authorisation"])


def _is_up(stage: Stage) -> bool:
    lanes = stage.done("KOR", "warn", "stats")["lanes"]
    return any(lane["up"] and lane["party"] == "JPN" and not lane["incoming"] for lane in lanes)


class Beside:
    """A program that runs beside a node until it is told to stop; `--json` documents come when it ends.

    Args:
        stage: where.
        party: at whose node.
        words: of the command.
    """

    def __init__(self, stage: Stage, party: str, *words: str) -> None:
        program = Path(sys.executable).with_name("gsomia")
        node = stage.nodes[party].directory
        self._words = " ".join(words)
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [program, *words, "--node", str(node), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        with ThreadPoolExecutor(1) as reader:
            output = self._process.stderr
            self.said = reader.submit(output.readline).result(timeout=TIMEOUT_S).strip() if output else ""
        if not self.said or self._process.poll() is not None:
            self.close()
            raise Unexpected(f"gsomia {self._words} did not start: {self.said}")

    def ended(self) -> Document:
        """Wait until it ends by itself; its document.

        Raises:
            Unexpected: it printed none, or did not end in time.
        """
        try:
            out, problems = self._process.communicate(timeout=TIMEOUT_S)
            return msgspec.json.decode(out, type=dict)
        except subprocess.TimeoutExpired as cause:
            raise Unexpected(f"gsomia {self._words} did not end in time") from cause
        except msgspec.DecodeError as cause:
            raise Unexpected(f"gsomia {self._words} printed no document: {problems}") from cause

    def stop(self) -> Document:
        """Tell it to end; its document."""
        self._process.send_signal(signal.SIGINT)
        return self.ended()

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class TakClient:
    """A TAK client: a pinned certificate, and XML one event after another.

    Args:
        folder: where the certificates are.
        name: of the client.
        port: of the bridge.
    """

    def __init__(self, folder: Path, name: str, *, port: int) -> None:
        context = ssl.create_default_context(cafile=str(folder / "bridge.pem"))
        context.check_hostname = False
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self._line = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S))
        self._waiting = b""

    def say(self, event: bytes) -> None:
        """Send an event."""
        self._line.sendall(event)

    def hear(self) -> bytes:
        """The next event that is shown; empty once the line ended."""
        while b"</event>" not in self._waiting:
            data = self._line.recv(4096)
            if not data:
                return b""
            self._waiting += data
        event, _, self._waiting = self._waiting.partition(b"</event>")
        return event.strip() + b"</event>"

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_certificates(stage: Stage, folder: Path, *names: str) -> None:
    """A certificate and key for each, made from the challenge."""
    folder.mkdir(parents=True)
    for name in names:
        seed = stage.seeded(f"tak {folder.name} {name}", 32)
        certificate = build_certificate(party=canon.check("TAK", PartyCode), seed=seed)
        (folder / f"{name}.pem").write_text(ssl.DER_cert_to_PEM_cert(certificate))
        with os.fdopen(os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(tls_private_pem(seed))
