"""How soon a FLASH message stands at the other desk: from the duty officer's word to the partner's desk reading it.

What is timed: the rules on facts of the record, sealing for both sides, the person's and the party's signature, the
durable entry at the sender, mutual TLS, the recipient's verification, opening and durable entry, and the answer to a
desk that waits at its own node's admin socket. `flash_answered_p50_ms` is the same until the recipient's proof is on
record at the sender. The clock is one, because both nodes are on one machine.
"""

import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from bench.measure import Result
from bench.pair import JPN, Sender, open_sender, prepare
from gsomia.admin import Ask, call_served
from gsomia.demo import hotline as story
from gsomia.demo.stage import Stage
from gsomia.exchange import UNCLASSIFIED, Matter, Precedence
from gsomia.flows.desk import Actor
from gsomia.flows.hotline import ToSay, send_message
from gsomia.ids import PersonId
from gsomia.parties import Hand, Office

ROUNDS = 5
PER_ROUND = 24
WARM = 10
WORDS = (
    "아군 항공기 2대가 북쪽을 지납니다.",
    "味方航空機2機が北方を通過する。",
    "Two aircraft of ours pass north of the line.",
)


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            stage.serve("KOR")
            story.man_desks(stage)
            stage.stop("KOR")
            # As at a served node, in a thread that no signal interrupts.
            with open_sender(stage) as sender, ThreadPoolExecutor(1) as pool:
                pool.submit(_flashes, stage, sender, result).result()
        finally:
            stage.stop_all()
    return result


def _flashes(stage: Stage, sender: Sender, result: Result) -> None:
    desk = Desk(stage)
    seen, answered = [], []
    for _ in range(WARM):
        _flash(sender, desk, stage)
    for _ in range(ROUNDS):
        samples = [_flash(sender, desk, stage) for _ in range(PER_ROUND)]
        seen.append(statistics.median(one for one, _ in samples))
        answered.append(statistics.median(one for _, one in samples))
        result.samples.setdefault("flash_ms", []).extend(one for one, _ in samples)
    result.rounds("flash_p50_ms", seen)
    result.rounds("flash_answered_p50_ms", answered)


def _flash(sender: Sender, desk: "Desk", stage: Stage) -> tuple[float, float]:
    """Milliseconds until the other desk reads it, and until its node's proof is on record here."""
    desk.wait()
    node = sender.node
    person = cast("PersonId", story.DUTY)
    signer = node.unlock_person(person, stage.nodes["KOR"].persons[story.DUTY].encode())
    actor = Actor(person=person, hand=Hand(Office.DUTY_OFFICER, signer))
    said = ToSay(
        to=JPN,
        from_desk=story.DESKS["KOR"],
        to_desk=story.DESKS["JPN"],
        precedence=Precedence.FLASH,
        level=UNCLASSIFIED,
        matter=Matter.COORDINATION,
        ko=WORDS[0],
        ja=WORDS[1],
        en=WORDS[2],
    )
    told_at: SimpleQueue[tuple[str, float]] = SimpleQueue()
    node.settled = lambda digest: told_at.put((digest, time.perf_counter()))
    started = time.perf_counter()
    message = send_message(node.desk, actor, said).digest
    for _ in ("entered here", "proven by the recipient"):
        while (told := told_at.get(timeout=60))[0] != message:
            pass
    answered = told[1]
    document, at = desk.result()
    if message not in {one["message"] for one in document["messages"]}:
        raise RuntimeError("the other desk was told of another message")
    return (at - started) * 1000, (answered - started) * 1000


class Desk:
    """The other desk, waiting at its node's admin socket for what is new."""

    def __init__(self, stage: Stage) -> None:
        self._node = stage.nodes["JPN"].directory
        self._cursor = int(self._ask(last=0)["cursor"])
        self._thread: threading.Thread | None = None
        self._found: tuple[dict[str, Any], float] | None = None

    def wait(self) -> None:
        """Begin to wait; on return the node has the question."""
        self._found = None
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        time.sleep(0.05)  # the question is at the node before the clock starts

    def result(self) -> tuple[dict[str, Any], float]:
        """What came, and when."""
        if self._thread is not None:
            self._thread.join(timeout=60)
        if self._found is None:
            raise TimeoutError("nothing came to the other desk")
        return self._found

    def _follow(self) -> None:
        document = self._ask(after=self._cursor, wait=30)
        self._found = (document, time.perf_counter())
        self._cursor = int(document["cursor"])

    def _ask(self, **args: int) -> dict[str, Any]:
        outcome = call_served(
            self._node, Ask(command="hotline log", args=dict(args), person=None, person_passphrase=None)
        )
        if outcome is None or outcome.exit != 0:
            raise RuntimeError(f"the desk's node did not answer: {outcome}")
        return outcome.document
