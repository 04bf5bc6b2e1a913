"""How fast a hub passes on: 4 KiB items, from its decision to the recipient's proof, verified and recorded.

A relay is: decision on facts of the record, the content key wrapped again, the hub's hybrid signature, the durable
queue entry, mutual TLS, the recipient's proof of hub, originator and consent, its durable acceptance, and the record of
its answer with the report to the originator. Items lie booked at the hub, under a standing consent, before the clock
starts. Direct releases of the hub's own items to the same recipient are measured beside it, in the same run.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.measure import Result, rounded
from bench.pair import JPN, Sender, open_sender
from gsomia import canon
from gsomia.demo import cast, exchange, relay
from gsomia.demo.stage import Stage
from gsomia.demo.steps import Evidence, Story
from gsomia.flows.register import book_item, register_item
from gsomia.flows.relay import relay_item
from gsomia.flows.release import Released, release_item
from gsomia.ids import ItemId, PartyCode

ITEM_BYTES = 4096
IN_FLIGHT = 16
ROUNDS = 5
PER_ROUND = 60
SINGLES = 50
PURPOSE, TOPIC = "BENCHMARK", "DPRK-MISSILE"
USA: PartyCode = canon.check("USA", PartyCode)
CONTENT = bytes(range(256)) * (ITEM_BYTES // 256)


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = Stage(Path(directory), challenge=b"bench")
        try:
            _prepare(stage)
            items = _given_to_hub(stage, PER_ROUND * ROUNDS + SINGLES + IN_FLIGHT)
            stage.stop("USA")
            with open_sender(stage, by="USA", to=JPN) as hub:
                _measure(hub, items, result)
        finally:
            stage.stop_all()
    return result


def _prepare(stage: Stage) -> None:
    story = Story(stage=stage, purpose=PURPOSE)
    for step in exchange.STEPS[:2]:
        step.play(story, Evidence(stage))
    relay.bring_relay(story, Evidence(stage))
    words = ["--topic", TOPIC, "--level", "KOR-2", "--holder", "USA", "--to", "JPN", "--instrument", relay.TISA]
    words += ["--purpose", PURPOSE, "--until", cast.UNTIL]
    stage.done("KOR", "consent", "grant", *words, by="releaser")
    stage.until(lambda: bool(stage.done("USA", "consent", "list")["consents"]), "the hub heard the standing consent")


def _given_to_hub(stage: Stage, count: int) -> list[ItemId]:
    """Items of Korea's that lie at the hub, not yet booked."""
    stage.stop("KOR")
    with open_sender(stage, by="KOR", to=USA) as sender, ThreadPoolExecutor(IN_FLIGHT) as pool:
        items = _registered(sender, count, level="KOR-2")
        list(
            pool.map(
                lambda item: _done(sender, lambda: release_item(sender.node.desk, sender.releaser, item, to=USA)), items
            )
        )
    return items


def _registered(sender: Sender, count: int, *, level: str) -> list[ItemId]:
    desk, actor = sender.node.desk, sender.registrar
    return [
        register_item(
            desk, actor, [CONTENT], content_bytes=ITEM_BYTES, level=level, purpose=PURPOSE, topic=TOPIC
        ).item.id
        for _ in range(count)
    ]


def _done(sender: Sender, act: Callable[[], Released]) -> float:
    started = time.perf_counter()
    sender.wait(act().delivery.consignment)
    return (time.perf_counter() - started) * 1000


def _measure(hub: Sender, items: list[ItemId], result: Result) -> None:
    desk = hub.node.desk
    for item in items:
        book_item(desk, hub.registrar, item, mark="USA-S", basis="foreign government information")

    def forward(item: ItemId) -> float:
        return _done(hub, lambda: relay_item(desk, hub.releaser, item, to=JPN))

    left = iter(items)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(forward, [next(left) for _ in range(IN_FLIGHT)]))
        rates = []
        for _ in range(ROUNDS):
            batch = [next(left) for _ in range(PER_ROUND)]
            started = time.perf_counter()
            list(pool.map(forward, batch))
            rates.append(PER_ROUND / (time.perf_counter() - started))
    result.rounds("relay_per_s", rates)
    relayed, direct = [], []
    for _ in range(ROUNDS):
        relayed.append(statistics.median([forward(next(left)) for _ in range(SINGLES // ROUNDS)]))
        own = _registered(hub, SINGLES // ROUNDS, level="USA-S")
        direct.append(
            statistics.median(
                [_done(hub, lambda item=item: release_item(desk, hub.releaser, item, to=JPN)) for item in own]  # type: ignore[misc]
            )
        )
    result.rounds("relay_p50_ms", relayed)
    result.rounds("direct_p50_ms", direct)
    result.ratios["relay_p50_vs_direct"] = rounded(result.figures["relay_p50_ms"] / result.figures["direct_p50_ms"])
