"""How fast a gibibyte becomes safe: sealed at rest, sent node to node, opened again; beside gpg and pyrage.

Every side of a comparison reads the same incompressible file from a warm cache, writes its result to the same disk and
ends with fdatasync. Before each act a file of the same size is written and removed: on a machine that borrows its
memory page by page, pages that nothing used before cost more than the sealing, and whoever writes over a file of its
own would have them for nothing. Sending counts from the call that releases to the recipient's proof, verified and on
record here: sealing for the partner, mutual TLS, verification and durable storage there.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measure import Result, rounded
from bench.pair import JPN, PURPOSE, Sender, open_sender, prepare
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.flows.content import check_stored, open_stored
from gsomia.flows.ledger import share
from gsomia.flows.register import register_item
from gsomia.flows.release import release_item
from gsomia.node.health import verify
from gsomia.registry import ItemRecord

MIB = 1024
ROUNDS = 3
ENTRIES = 100_000
ENTRIES_PER_UNIT = 500
PEERS = Path(__file__).parent / "peers"
_AGE = """
import os, sys, time, pyrage
act, source, target = sys.argv[1:4]
key = pyrage.x25519.Identity.generate() if act == "key" else pyrage.x25519.Identity.from_str(sys.argv[4])
if act == "key":
    print(key)
else:
    started = time.perf_counter()
    if act == "seal":
        pyrage.encrypt_file(source, target, [key.to_public()])
    else:
        pyrage.decrypt_file(source, target, [key])
    descriptor = os.open(target, os.O_RDONLY)
    os.fdatasync(descriptor)
    print(time.perf_counter() - started)
"""


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as name:
        directory = Path(name)
        source = directory / "source"
        _fill(source)
        stage = prepare(directory / "nodes")
        try:
            with open_sender(stage) as sender:
                _ours(sender, source, directory, result)
                _verify(sender, result)
        finally:
            stage.stop_all()
        _against(result, "gpg", *_gpg(source, directory))
        _against(result, "pyrage", *_pyrage(source, directory))
    return result


def _ours(sender: Sender, source: Path, directory: Path, result: Result) -> None:
    seals, sends, opens = [], [], []
    for _ in range(ROUNDS):
        _borrow(directory)
        started = time.perf_counter()
        item = _register(sender, source)
        seals.append(time.perf_counter() - started)
        _borrow(directory)
        started = time.perf_counter()
        sender.wait(release_item(sender.node.desk, sender.releaser, item.id, to=JPN).delivery.consignment)
        sends.append(time.perf_counter() - started)
        _borrow(directory)
        opens.append(_timed(lambda item=item: _open(sender, item, directory / "opened")))  # type: ignore[misc]
    result.rounds("file_1gib_s", sends)
    result.rounds("file_mib_per_s", [MIB / seconds for seconds in sends])
    result.rounds("file_seal_s", seals)
    result.rounds("file_open_s", opens)


def _register(sender: Sender, source: Path) -> ItemRecord:
    with source.open("rb") as file:

        def pieces() -> Iterator[bytes]:
            while piece := file.read(SEGMENT_BYTES):
                yield piece

        return register_item(
            sender.node.desk,
            sender.registrar,
            pieces(),
            content_bytes=MIB << 20,
            level="KOR-2",
            purpose=PURPOSE,
            topic="BENCH",
        ).item


def _open(sender: Sender, item: ItemRecord, target: Path) -> None:
    """What a reading does between slip and file: every stored digest first, then the content."""
    check_stored(sender.node.desk, item)
    with target.open("wb") as file:
        for piece in open_stored(sender.node.desk, item):
            file.write(piece)
        file.flush()
        os.fdatasync(file.fileno())


def _verify(sender: Sender, result: Result) -> None:
    desk = sender.node.desk
    for _ in range(ENTRIES // ENTRIES_PER_UNIT):
        desk.store.run(
            lambda tx: [
                share(tx, desk, JPN, event=Event.ITEM_REGISTERED, subject="bench") for _ in range(ENTRIES_PER_UNIT)
            ]
        )
    times = [_timed(lambda: verify(sender.node)) for _ in range(ROUNDS)]
    result.rounds("audit_verify_100k_s", times)


def _gpg(source: Path, directory: Path) -> tuple[list[float], list[float]]:
    home = directory / "gpg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--yes", "--trust-model", "always"]
    subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "bench", "rsa3072", "encr"], check=True)
    sealed, opened = directory / "sealed.gpg", directory / "opened.gpg"
    options = ["--compress-algo", "none", "--cipher-algo", "AES256"]
    seal = [*gpg, *options, "--recipient", "bench", "--output", str(sealed), "--encrypt", str(source)]
    unseal = [*gpg, "--output", str(opened), "--decrypt", str(sealed)]
    try:
        return [_tool(seal, sealed) for _ in range(ROUNDS)], [_tool(unseal, opened) for _ in range(ROUNDS)]
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
        sealed.unlink()
        opened.unlink()


def _tool(words: list[str], target: Path) -> float:
    _borrow(target.parent)

    def act() -> None:
        subprocess.run(words, check=True)
        descriptor = os.open(target, os.O_RDONLY)
        os.fdatasync(descriptor)
        os.close(descriptor)

    return _timed(act)


def _pyrage(source: Path, directory: Path) -> tuple[list[float], list[float]]:
    python = PEERS / ".venv" / "bin" / "python"
    sealed, opened = directory / "sealed.age", directory / "opened.age"

    def age(*words: str) -> str:
        _borrow(directory)
        done = subprocess.run([python, "-c", _AGE, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    key = age("key", "-", "-")
    seals = [float(age("seal", str(source), str(sealed), key)) for _ in range(ROUNDS)]
    return seals, [float(age("open", str(sealed), str(opened), key)) for _ in range(ROUNDS)]


def _against(result: Result, peer: str, seals: list[float], opens: list[float]) -> None:
    for act, times in (("seal", seals), ("open", opens)):
        result.rounds(f"{peer}_{act}_s", times)
        ours = result.figures[f"file_{act}_s"]
        result.ratios[f"file_{act}_vs_{peer}"] = rounded(result.figures[f"{peer}_{act}_s"] / ours)


def _borrow(directory: Path) -> None:
    """Leave as many free pages behind as the next act takes, already lent to this machine."""
    scratch = directory / "scratch"
    with scratch.open("wb") as file:
        for _ in range(MIB):
            file.write(bytes(1 << 20))
        file.flush()
        os.fdatasync(file.fileno())
    scratch.unlink()


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _fill(source: Path) -> None:
    if shutil.which("gpg") is None:
        msg = "the peer gpg is missing: apt-get install gnupg"
        raise RuntimeError(msg)
    with source.open("wb") as file:
        for _ in range(MIB):
            file.write(os.urandom(1 << 20))
