"""How fast a node releases: 4 KiB items, from the decision to the recipient's proof, verified and recorded.

A release is: decision on facts of the record, re-sealing, the hybrid signature, the durable queue entry, mutual TLS,
the recipient's verification and durable acceptance, its proof, and the durable record of that proof at the sender.
Items are registered before the clock starts.
"""

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.measure import Result, rounded
from bench.pair import JPN, PURPOSE, Sender, open_sender, prepare
from gsomia.audit import Event
from gsomia.demo.stage import Stage
from gsomia.exchange import DeliveryStage
from gsomia.exchange import Stage as Delivered
from gsomia.flows.decide import ask_release
from gsomia.flows.facts import release_facts
from gsomia.flows.ledger import share
from gsomia.flows.ports import Tx
from gsomia.flows.register import register_item
from gsomia.flows.release import release_item
from gsomia.ids import ItemId
from gsomia.parties import HybridSigner, Strength
from gsomia.policy import decide_release

ITEM_BYTES = 4096
IN_FLIGHT = 16
ROUNDS = 5
PER_ROUND = 160
SINGLES = 60
DECISIONS = 5_000
APPENDS = 4_000
APPEND_THREADS = 16
IDLE_S = 2.0


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            _idle(stage, result)
            # As at a served node, in a thread that no signal interrupts.
            with open_sender(stage) as sender, ThreadPoolExecutor(1) as pool:
                for part in (_releases, _decisions, _appends):
                    pool.submit(part, sender, result).result()
            _floor(Path(directory), result)
        finally:
            stage.stop_all()
    return result


def _register(sender: Sender, count: int) -> list[ItemId]:
    content = bytes(range(256)) * (ITEM_BYTES // 256)
    desk, actor = sender.node.desk, sender.registrar
    return [
        register_item(
            desk, actor, [content], content_bytes=ITEM_BYTES, level="KOR-2", purpose=PURPOSE, topic="BENCH"
        ).item.id
        for _ in range(count)
    ]


def _release(sender: Sender, item: ItemId) -> str:
    consignment = release_item(sender.node.desk, sender.releaser, item, to=JPN).delivery.consignment
    sender.wait(consignment)
    return consignment


def _timed_release(sender: Sender, item: ItemId) -> float:
    started = time.perf_counter()
    consignment = _release(sender, item)
    elapsed = (time.perf_counter() - started) * 1000
    _check_received(sender, [consignment])
    return elapsed


def _check_received(sender: Sender, consignments: list[str]) -> None:
    for consignment in consignments:
        latest = sender.node.desk.store.run(partial(_latest_stage, consignment=consignment))
        if latest is None or latest.stage is not Delivered.RECEIVED:
            msg = f"{consignment} was not received"
            raise RuntimeError(msg)


def _latest_stage(tx: Tx, *, consignment: str) -> DeliveryStage | None:
    return tx.latest(DeliveryStage, consignment=consignment)


def _releases(sender: Sender, result: Result) -> None:
    for item in _register(sender, 10):
        _release(sender, item)
    rates = []
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for _ in range(ROUNDS):
            items = _register(sender, PER_ROUND)
            started = time.perf_counter()
            consignments = list(pool.map(lambda item: _release(sender, item), items))
            rates.append(PER_ROUND / (time.perf_counter() - started))
            _check_received(sender, consignments)
    result.rounds("releases_per_s", rates)
    medians, every = [], []
    for _ in range(ROUNDS):
        samples = [_timed_release(sender, item) for item in _register(sender, SINGLES // ROUNDS)]
        medians.append(statistics.median(samples))
        every += samples
    result.rounds("release_p50_ms", medians)
    result.samples["release_ms"] = every


def _decisions(sender: Sender, result: Result) -> None:
    desk = sender.node.desk
    item = _register(sender, 1)[0]
    person = sender.releaser.person
    facts, agreement = desk.store.run(
        lambda tx: release_facts(tx, desk, item, to=JPN, decider=person, authority=None, now=desk.clock())
    )
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(DECISIONS // ROUNDS):
            decide_release(facts, agreement=agreement, policies=desk.policies)
        rates.append(DECISIONS / ROUNDS / (time.perf_counter() - started))
    result.rounds("decisions_per_s", rates)
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(DECISIONS // ROUNDS // 5):
            desk.store.run(lambda tx: ask_release(tx, desk, item, to=JPN, decider=person, authority=None))
        rates.append(DECISIONS / ROUNDS / 5 / (time.perf_counter() - started))
    result.rounds("decisions_with_facts_per_s", rates)


def _appends(sender: Sender, result: Result) -> None:
    desk = sender.node.desk

    def append(_: int) -> None:
        desk.store.run(lambda tx: share(tx, desk, JPN, event=Event.ITEM_REGISTERED, subject="bench"))

    rates = []
    with ThreadPoolExecutor(APPEND_THREADS) as pool:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            list(pool.map(append, range(APPENDS // ROUNDS)))
            rates.append(APPENDS / ROUNDS / (time.perf_counter() - started))
    result.rounds("audit_appends_per_s", rates)


def _floor(directory: Path, result: Result) -> None:
    """What the machine gives in the same run: one hybrid signature, one durable write. Other figures lean on both."""
    signer = HybridSigner.from_seed(bytes(64), Strength.STATEMENT)
    signing, syncing = [], []
    with (directory / "floor").open("wb") as file:
        for _ in range(SINGLES):
            started = time.perf_counter()
            signer.sign(b"floor")
            signing.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            file.write(bytes(1024))
            file.flush()
            os.fdatasync(file.fileno())
            syncing.append((time.perf_counter() - started) * 1000)
    result.rounds("hybrid_sign_ms", _medians(signing))
    result.rounds("fdatasync_ms", _medians(syncing))
    result.ratios["release_p50_vs_sign"] = rounded(result.figures["release_p50_ms"] / result.figures["hybrid_sign_ms"])


def _medians(samples: list[float]) -> list[float]:
    size = len(samples) // ROUNDS
    return [statistics.median(samples[at : at + size]) for at in range(0, size * ROUNDS, size)]


def _idle(stage: Stage, result: Result) -> None:
    ready, resident = [], []
    for _ in range(3):
        ready.append(stage.serve("KOR").ready_s)
        time.sleep(IDLE_S)
        process = stage.nodes["KOR"].process
        status = Path(f"/proc/{process.pid}/status").read_text() if process else ""
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        resident.append(kib / 1024)
        stage.stop("KOR")
    result.rounds("ready_s", ready)
    result.rounds("idle_rss_mib", resident)
