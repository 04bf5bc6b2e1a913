"""The installed program, run in a process of its own, with passphrases on pipes."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

GSOMIA = Path(sys.executable).with_name("gsomia")
PASSPHRASE = "of the node"
PERSON_PASSPHRASE = "of the person"


@dataclass(frozen=True)
class Ended:
    """What one run of the program came to."""

    exit: int
    out: bytes
    err: str

    @property
    def document(self) -> Any:
        """The one document on standard output; anything beside it fails the test."""
        return msgspec.json.decode(self.out)

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.document["error"]["code"])


@contextmanager
def secret(text: str) -> Iterator[int]:
    """A descriptor that a passphrase is read from."""
    reading, writing = os.pipe()
    os.write(writing, text.encode() + b"\n")
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def gsomia(
    *words: str | Path,
    passphrase: str | None = None,
    person: str | None = None,
    person_passphrase: str = PERSON_PASSPHRASE,
    backup: str | None = None,
    as_json: bool = True,
) -> Ended:
    """Run the program; `person` acts, or is the new person of `person add`; `backup` is a backup's passphrase."""
    with ExitStack() as stack:
        line: list[str] = [str(GSOMIA), *map(str, words)]
        descriptors = []
        if passphrase is not None:
            descriptors.append(stack.enter_context(secret(passphrase)))
            line += ["--passphrase-fd", str(descriptors[-1])]
        if person is not None:
            descriptors.append(stack.enter_context(secret(person_passphrase)))
            line += ["--as", person, "--person-passphrase-fd", str(descriptors[-1])]
        if backup is not None:
            descriptors.append(stack.enter_context(secret(backup)))
            line += ["--backup-passphrase-fd", str(descriptors[-1])]
        ended = subprocess.run(
            [*line, *(["--json"] if as_json else [])],
            capture_output=True,
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
            env={name: value for name, value in os.environ.items() if name != "GSOMIA_NODE"},
        )
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode())


def init(directory: Path, party: str, *, port: int | None = None) -> Ended:
    """Make a node."""
    listen = f"127.0.0.1:{port or free_port()}"
    return gsomia("init", directory, "--party", party, "--listen", listen, passphrase=PASSPHRASE)


def add_person(node: Path, person: str, *words: str) -> Ended:
    """Enter a person."""
    return gsomia("person", "add", person, *words, "--node", node, person=person)


@contextmanager
def served(directory: Path) -> Iterator[None]:
    """The node in a process of its own, until the block ends."""
    with secret(PASSPHRASE) as descriptor:
        process = subprocess.Popen(
            [str(GSOMIA), "serve", str(directory), "--passphrase-fd", str(descriptor), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor],
        )
    try:
        assert process.stdout is not None
        lines = b""
        while not lines.endswith(b"}\n"):
            line = process.stdout.readline()
            assert line, "the node did not start"
            lines += line
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def copy(node: Path, to: Path) -> Path:
    """The same node in another place."""
    return Path(shutil.copytree(node, to))


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def printed(run: Sequence[Ended]) -> list[tuple[int, bytes]]:
    """Exit codes and documents, to be compared."""
    return [(ended.exit, ended.out) for ended in run]
