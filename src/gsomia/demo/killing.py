"""The steps in which size and sudden ends do no harm: nodes killed in mid-transfer, and a file of a gibibyte.

A node is killed with SIGKILL once the bytes that lie in the receiver's `payloads/incoming` reach a point that follows
from the challenge. What the receiver writes afterwards is counted by the system: less than the whole file, or the
transfer did not go on where it was cut.
"""

import hashlib
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from gsomia.demo import cast
from gsomia.demo.exchange import register
from gsomia.demo.stage import Document, Said, Stage, Unexpected, file_sha256
from gsomia.demo.steps import Evidence, Step, Story, register_count

MIB = 1 << 20
CUT_MIB = 128
"""Of a file whose transfer is cut: long enough to be met half way."""
LARGE_MIB = 1024
MOST_MEMORY_MIB = 200
"""Peak resident memory of a node, design 7."""
AGAIN_BYTES = 16 * MIB
"""A receiver writes what was cut within a segment again, its record, and its write-ahead log (8 MiB) when it starts;
never so much more than what was missing. A fifth of the file at least was there before the cut, and is more than this.
"""
COPIES = 6
"""Times the size of a file that must be free for it: made, sealed at both ends, on its way, and read."""
WATCH_S = 0.001
WATCH_TIMEOUT_S = 60
LEVEL, MARK, BASIS = "KOR-2", "JPN-2-TOKUTEI", "Act 108 of 2013, defence"


@contextmanager
def _made(story: Story, name: str, mib: int) -> Iterator[tuple[Path, str]]:
    """A file that follows from the challenge, and its digest; one block in memory at a time. Removed in the end."""
    path = story.stage.directory / "made" / name
    path.parent.mkdir(exist_ok=True)
    seed, whole = story.stage.seeded(name, 32), hashlib.sha256()
    try:
        with path.open("wb") as file:
            for number in range(mib):
                block = hashlib.shake_256(seed + number.to_bytes(4, "big")).digest(MIB)
                whole.update(block)
                file.write(block)
        yield path, whole.hexdigest()
    finally:
        path.unlink(missing_ok=True)


# --- killed in mid-transfer --------------------------------------------------------------------------------------


def _survives_kill(story: Story, evidence: Evidence) -> None:
    for party in ("JPN", "KOR"):
        with _made(story, f"cut-at-{party}.bin", CUT_MIB) as (path, digest):
            evidence.kills.append(_cut(story, evidence, party, path=path, digest=digest))


def _cut(story: Story, evidence: Evidence, party: str, *, path: Path, digest: str) -> Document:
    stage = story.stage
    item = str(register(story, "KOR", path, level=LEVEL)["item"])
    count = register_count(stage, "JPN")
    size = path.stat().st_size
    cut_at = size // 5 + int.from_bytes(stage.seeded(f"cut {party}", 4), "big") % (size * 2 // 5)
    with ThreadPoolExecutor(1) as aside:
        words = ["item", "release", item, "--to", "JPN", "--wait", "0"]
        releasing = aside.submit(stage.call, "KOR", *words, by="releaser")
        _watch(stage, cut_at, releasing)
        before, status = stage.kill(party)
        releasing.result()
    evidence.check(status == -signal.SIGKILL, f"{party}, process {before}, ended by SIGKILL")
    received = _incoming(stage)
    evidence.check(0 < received < size, f"{received} of {size} bytes had been received when {party} was killed")
    evidence.check(register_count(stage, "JPN") == count, f"JPN's register still counts {count}")
    written = _written(stage, "JPN") if party != "JPN" else 0
    after = stage.serve(party).process
    if after is None or after.pid == before:
        raise Unexpected(f"{party} is no new process")
    stage.until(lambda: _state(stage, item) == "received-by-node", f"the transfer cut at {party} comes to its receipt")
    written = _written(stage, "JPN") - written
    evidence.check(
        written < size - received + AGAIN_BYTES, f"it went on where it was cut: {written} bytes were written after"
    )
    evidence.check(register_count(stage, "JPN") == count + 1, "exactly one item was registered")
    deliveries = stage.done("KOR", "item", "show", item)["deliveries"]
    evidence.check(len(deliveries) == 1, "by one delivery")
    read = _read(story, evidence, item, path.name)
    evidence.check(read["digest"] == digest == read["read"], f"{path.name} read equals what was registered")
    evidence.entry("JPN", item)
    evidence.entry("KOR", item)
    for node in ("KOR", "JPN"):
        evidence.check(bool(stage.done(node, "audit", "verify")["ok"]), f"every log and record of {node} holds")
    return {
        "killed": party,
        "item": item,
        "signal": "SIGKILL",
        "pid_before": before,
        "pid_after": after.pid,
        "bytes": size,
        "cut_at": cut_at,
        "received_at_kill": received,
        "written_after": written,
        "register_before": count,
        "register_after": count + 1,
        "digest": digest,
    }


def _watch(stage: Stage, cut_at: int, releasing: "Future[Said]") -> None:
    """Wait until so much has been received."""
    deadline = time.monotonic() + WATCH_TIMEOUT_S
    while _incoming(stage) < cut_at:
        if time.monotonic() > deadline:
            how = releasing.result() if releasing.done() else "not released"
            raise Unexpected(f"the transfer was not met half way: {how}")
        time.sleep(WATCH_S)


def _incoming(stage: Stage) -> int:
    """Bytes that JPN has of what is on its way to it."""
    known = 0
    for path in (stage.nodes["JPN"].directory / "payloads" / "incoming").iterdir():
        try:
            known += path.stat().st_size
        except FileNotFoundError:
            continue  # it became whole meanwhile
    return known


def _written(stage: Stage, party: str) -> int:
    """Bytes that a node's process wrote, as the system counts them."""
    return int(_of_process(stage, party, "io", "wchar"))


def _of_process(stage: Stage, party: str, file: str, name: str) -> str:
    process = stage.nodes[party].process
    if process is None:
        raise Unexpected(f"{party} is not served")
    lines = Path(f"/proc/{process.pid}/{file}").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


def _state(stage: Stage, item: str) -> str:
    return str(stage.done("KOR", "item", "show", item)["deliveries"][0]["state"])


def _read(story: Story, evidence: Evidence, item: str, name: str) -> Document:
    """Book an item, read it, and remove what was read; what the command printed, and the digest of the file."""
    stage = story.stage
    stage.done("JPN", "item", "book", item, "--mark", MARK, "--basis", BASIS, by="registrar")
    cast.give_duty(stage, "JPN", "analyst", item)
    out = stage.directory / "read" / name
    out.parent.mkdir(exist_ok=True)
    started = time.monotonic()
    read = stage.done("JPN", "item", "read", item, "--purpose", story.purpose, "--out", str(out), by="analyst")
    seconds = time.monotonic() - started
    digest = file_sha256(out)
    evidence.check(read["bytes"] == out.stat().st_size, f"{name}: {read['bytes']} bytes read by analyst")
    out.unlink()
    return {**read, "read": digest, "seconds": seconds}


# --- a gibibyte --------------------------------------------------------------------------------------------------


def _large_file(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    free_mib = shutil.disk_usage(stage.directory).free // MIB
    evidence.check(free_mib > COPIES * LARGE_MIB, f"{free_mib} MiB of disk are free, {COPIES * LARGE_MIB} are enough")
    with _made(story, "large.bin", LARGE_MIB) as (path, digest):
        _pass_on(story, evidence, path=path, digest=digest)
    for party in ("KOR", "JPN"):
        peak = int(_of_process(stage, party, "status", "VmHWM")) / 1024
        evidence.figures[f"{party.lower()}_peak_mib"] = round(peak, 1)
        evidence.check(peak < MOST_MEMORY_MIB, f"{party} never held more than {peak:.0f} MiB of memory")
    evidence.figures["mib"] = LARGE_MIB


def _pass_on(story: Story, evidence: Evidence, *, path: Path, digest: str) -> None:
    stage = story.stage
    count = register_count(stage, "JPN")
    started = time.monotonic()
    registered = register(story, "KOR", path, level=LEVEL)
    _speed(evidence, "register", time.monotonic() - started)
    evidence.check(registered["digest"] == digest, f"{LARGE_MIB} MiB registered under their own digest")
    item = story.made["large"] = str(registered["item"])
    started = time.monotonic()
    released = stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "60", by="releaser")
    _speed(evidence, "deliver", time.monotonic() - started)
    evidence.check(released["state"] == "received-by-node", "released, sealed, sent, verified and proven")
    evidence.check(register_count(stage, "JPN") == count + 1, "exactly one item was registered")
    read = _read(story, evidence, item, path.name)
    _speed(evidence, "read", read["seconds"])
    evidence.check(read["digest"] == digest == read["read"], "what was read equals what was registered")
    evidence.entry("JPN", item)


def _speed(evidence: Evidence, what: str, seconds: float) -> None:
    evidence.figures[f"{what}_s"] = round(seconds, 3)
    evidence.figures[f"{what}_mib_per_s"] = round(LARGE_MIB / seconds, 1)


STEPS = (
    Step(
        id="survives-kill",
        title="receiver, then sender, killed in mid-transfer; each transfer goes on where it was cut",
        clauses=("DESIGN-2", "DESIGN-6"),
        play=_survives_kill,
    ),
    Step(
        id="large-file",
        title="a gibibyte from register to reader in constant memory",
        clauses=("DESIGN-7",),
        play=_large_file,
    ),
)
