"""The stage of the demo: nodes as separate processes, spoken to only through the installed program.

Every call is `gsomia … --json` in a process of its own; what a step shows was printed by a node or computed from files
that lie in the demo's directory afterwards.
"""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

READY_TIMEOUT_S = 30
CALL_TIMEOUT_S = 120
SETTLE_TIMEOUT_S = 30
POLL_S = 0.1

Document = dict[str, Any]


class Unexpected(Exception):  # noqa: N818  a check of the demo did not hold
    """Something the story needs did not happen."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of the program came to."""

    exit: int
    document: Document

    @property
    def code(self) -> str | None:
        """The error code, if it is an error."""
        error = self.document.get("error")
        return str(error["code"]) if error else None


@dataclass(slots=True)
class Node:
    """A node's directory and, while it is served, its process."""

    party: str
    directory: Path
    port: int
    passphrase: str
    persons: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None
    ready_s: float = 0.0

    @property
    def address(self) -> str:
        """Where its partner door listens."""
        return f"127.0.0.1:{self.port}"


class Stage:
    """The demo's directory, its nodes, and the program that drives them."""

    def __init__(self, directory: Path, *, challenge: bytes) -> None:
        self.directory = directory
        self.challenge = challenge
        self.nodes: dict[str, Node] = {}
        self.proofs = directory / "proofs"
        self.proofs.mkdir(parents=True)
        self._program = Path(sys.executable).with_name("gsomia")

    def seeded(self, what: str, count: int = 16) -> bytes:
        """Bytes that follow from the challenge alone."""
        return hashlib.shake_256(b"gsomia demo\x00" + self.challenge + what.encode()).digest(count)

    def add(self, party: str, name: str, *, playing: str | None = None) -> Node:
        """Make a node with `gsomia init`; one for training plays a government."""
        node = Node(
            party=party,
            directory=self.directory / party,
            port=_free_port(),
            passphrase=self.seeded(f"node {party}").hex(),
        )
        self.nodes[party] = node
        words = ["init", str(node.directory), "--party", playing or party, "--name", name, "--listen", node.address]
        words += ["--exercise"] if playing else []
        self._run([*words, "--passphrase-fd", "@"], [node.passphrase])
        return node

    def serve(self, party: str) -> Node:
        """Start a node's process and wait until it says that it is ready."""
        node = self.nodes[party]
        started = time.monotonic()
        with _secret(node.passphrase) as descriptor:
            node.process = subprocess.Popen(  # noqa: S603  our own program
                [self._program, "serve", str(node.directory), "--passphrase-fd", str(descriptor), "--json"],
                stdout=subprocess.PIPE,
                stderr=(self.directory / f"{party}.log").open("a"),
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
                text=True,
            )
        lines: list[str] = []
        with ThreadPoolExecutor(1) as reader:
            output = node.process.stdout
            while output and (not lines or lines[-1] != "}\n"):
                line = reader.submit(output.readline).result(timeout=READY_TIMEOUT_S)
                if not line:
                    raise Unexpected(f"{party} did not start: {''.join(lines)}")
                lines.append(line)
        node.ready_s = time.monotonic() - started
        return node

    def stop(self, party: str) -> None:
        """Ask a node's process to end, and wait for it."""
        node = self.nodes[party]
        if node.process is not None:
            node.process.terminate()
            node.process.wait(timeout=READY_TIMEOUT_S)
            if node.process.stdout:
                node.process.stdout.close()
            node.process = None

    def kill(self, party: str) -> tuple[int, int]:
        """End a node's process at once with SIGKILL; its id, and the status it left.

        Raises:
            Unexpected: it is not served.
        """
        process = self.nodes[party].process
        if process is None:
            raise Unexpected(f"{party} is not served")
        process.kill()
        status = process.wait(timeout=READY_TIMEOUT_S)
        self.stop(party)
        return process.pid, status

    def backup(self, party: str, out: Path) -> Document:
        """Back a served node up, under a passphrase of the backup's own."""
        node = self.nodes[party]
        words = ["backup", "--out", str(out), "--keep-until", "2030-01-01", "--node", str(node.directory)]
        said = self._run([*words, "--backup-passphrase-fd", "@"], [self.seeded(f"backup {out.name}").hex()])
        if said.exit != 0:
            raise Unexpected(f"{party}: backup: {said.document}")
        return said.document

    def restore(self, party: str, source: Path) -> Document:
        """Restore a node from a backup onto its directory, which must be gone."""
        node = self.nodes[party]
        words = ["restore", str(source), str(node.directory), "--backup-passphrase-fd", "@", "--passphrase-fd", "@"]
        said = self._run(words, [self.seeded(f"backup {source.name}").hex(), node.passphrase])
        if said.exit != 0:
            raise Unexpected(f"{party}: restore: {said.document}")
        return said.document

    def stop_all(self) -> None:
        """Stop every node that still runs."""
        for party in self.nodes:
            self.stop(party)

    def call(self, party: str, *words: str, by: str | None = None, secret: str | None = None) -> Said:
        """One command on a node, by a person if `by` is given; `secret` opens a file that is no person's."""
        node = self.nodes[party]
        line, secrets = [*words, "--node", str(node.directory)], []
        if by is not None:
            line += ["--as", by, "--person-passphrase-fd", "@"]
            secrets.append(node.persons[by])
        if secret is not None:
            line += ["--person-passphrase-fd", "@"]
            secrets.append(secret)
        if node.process is None and node.passphrase:
            line += ["--passphrase-fd", "@"]
            secrets.append(node.passphrase)
        return self._run(line, secrets)

    def alone(self, *words: str) -> Said:
        """One command that asks nothing of a node."""
        return self._run(list(words), [])

    def done(self, party: str, *words: str, by: str | None = None, secret: str | None = None) -> Document:
        """A command that must succeed; its document."""
        said = self.call(party, *words, by=by, secret=secret)
        if said.exit != 0:
            raise Unexpected(f"{party}: gsomia {' '.join(words)} came to {said.exit}: {said.document}")
        return said.document

    def add_person(self, party: str, person: str, *words: str) -> None:
        """Enter a person, who chooses a passphrase."""
        node = self.nodes[party]
        node.persons[person] = self.seeded(f"person {party} {person}").hex()
        line = ["person", "add", person, *words, "--node", str(node.directory), "--person-passphrase-fd", "@"]
        said = self._run(line, [node.persons[person]])
        if said.exit != 0:
            raise Unexpected(f"{party}: person {person}: {said.document}")

    def until(self, check: Callable[[], bool], what: str) -> None:
        """Wait until a node reached a state that its worker brings about."""
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while not check():
            if time.monotonic() > deadline:
                raise Unexpected(f"not in time: {what}")
            time.sleep(POLL_S)

    def write_passphrases(self) -> None:
        """Leave the throw-away passphrases behind, so that anyone can go on using the nodes."""
        document = {party: {"node": node.passphrase, "persons": node.persons} for party, node in self.nodes.items()}
        path = self.directory / "passphrases.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
        path.chmod(0o600)

    def _run(self, words: Sequence[str], secrets: Sequence[str]) -> Said:
        opened = [_secret(secret) for secret in secrets]
        try:
            numbers = iter([str(one.descriptor) for one in opened])
            line = [next(numbers) if word == "@" else word for word in words]
            ended = subprocess.run(  # noqa: S603  our own program
                [self._program, *line, "--json"],
                capture_output=True,
                pass_fds=[one.descriptor for one in opened],
                stdin=subprocess.DEVNULL,
                timeout=CALL_TIMEOUT_S,
                check=False,
            )
        finally:
            for one in opened:
                one.close()
        try:
            return Said(ended.returncode, msgspec.json.decode(ended.stdout))
        except msgspec.DecodeError as cause:
            raise Unexpected(f"gsomia {' '.join(words)} printed no document: {ended.stderr.decode()}") from cause


class _secret:  # noqa: N801  used as a function
    """A passphrase on a pipe, readable once through its descriptor."""

    def __init__(self, passphrase: str) -> None:
        self.descriptor, writing = os.pipe()
        os.write(writing, passphrase.encode() + b"\n")
        os.close(writing)

    def close(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> int:
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        self.close()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def file_sha256(path: Path) -> str:
    """The digest of a file that lies in the demo's directory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
