"""Two nodes for measurements: made and brought into agreement by the program, then driven inside the sending process.

The recipient is a process of its own, served as always. The sender is opened in this process with its worker running:
what is measured is the node and not the start of a command line.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import uvloop

from gsomia import canon
from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP, all_named
from gsomia.demo.stage import Stage
from gsomia.flows.desk import Actor
from gsomia.flows.parties import partner
from gsomia.ids import PartyCode, PersonId
from gsomia.node import LocalNode
from gsomia.node.serve import ready_interpreter
from gsomia.parties import Hand, Office
from gsomia.transport import Link, Worker, client_context

PURPOSE = "BENCHMARK"
SIDES = ("KOR", "JPN")
JPN: PartyCode = canon.check("JPN", PartyCode)


def prepare(directory: Path) -> Stage:
    """Two served nodes with the agreement in force, authorities named, channels accredited, assurance acknowledged."""
    stage = Stage(directory, challenge=b"bench")
    for party in SIDES:
        stage.add(party, cast.NAMES[party])
        stage.serve(party)
        cast.bring_people(stage, party)
    prints = cast.pin_each_other(stage, SIDES)
    name = "gsomia-kr-jp-2016.toml"
    text = files("gsomia.demo").joinpath("data", name).read_bytes()
    file = cast.write_agreement(stage, text, name=name, prints=prints)
    cast.sign_on_both_sides(stage, file, KR_JP, SIDES)
    for party, number in (("KOR", "KR-NV-2016-0110"), ("JPN", "JP-NV-2016-0210")):
        cast.note(stage, party, KR_JP, number, "--subject", "completion")
    for party in SIDES:
        stage.until(lambda party=party: cast.status(stage, party, KR_JP) == "IN_FORCE", "in force")  # type: ignore[misc]
    for party, number, authority in (("KOR", "KR-NV-2016-0101", "kor-mnd"), ("JPN", "JP-NV-2016-0201", "jpn-mod")):
        cast.note(stage, party, KR_JP, number, "--subject", "ca-named", "--authority", authority)
    words = ["--number", "ACC-BENCH", "--level", "KOR-2", "--until", cast.UNTIL]
    stage.done("KOR", "facility", "accredit", "JPN", *words, by="security")
    stage.until(lambda: all_named(stage), "the naming notes were received on both sides")
    cast.assure(stage, "JPN", "KOR", instrument=KR_JP, authority="jpn-mod", level="JPN-2-TOKUTEI", purpose=PURPOSE)
    stage.stop("KOR")
    return stage


class Sender:
    """The sending node, open in this process, its worker running in a loop of its own."""

    def __init__(self, node: LocalNode, *, persons: dict[str, str]) -> None:
        self.node = node
        self._waiting: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        node.settled = lambda consignment: self._event(consignment).set()
        self.registrar = self._actor(canon.check("registrar", PersonId), persons, Office.CONTROL_OFFICER)
        self.releaser = self._actor(canon.check("releaser", PersonId), persons, Office.RELEASING_AUTHORITY)

    def wait(self, consignment: str) -> None:
        """Until the recipient's proof is on record here."""
        if not self._event(consignment).wait(timeout=60):
            msg = f"{consignment} was not settled in a minute"
            raise TimeoutError(msg)
        self._waiting.pop(consignment)

    def _event(self, consignment: str) -> threading.Event:
        with self._lock:
            return self._waiting.setdefault(consignment, threading.Event())

    def _actor(self, person: PersonId, persons: dict[str, str], office: Office) -> Actor:
        signer = self.node.unlock_person(person, persons[person].encode())
        return Actor(person=person, hand=Hand(office, signer))


@contextmanager
def open_sender(stage: Stage, *, by: str = "KOR", to: PartyCode = JPN) -> Iterator[Sender]:
    """The sender with its worker for one recipient."""
    ready_interpreter()
    own = stage.nodes[by]
    with LocalNode(own.directory, passphrase=own.passphrase.encode()) as node, ThreadPoolExecutor(24) as executor:
        loop = uvloop.new_event_loop()
        started = threading.Event()

        async def work() -> None:
            pinned = partner(node.desk, to).descriptor
            context = client_context(node.identity, pinned=pinned.tls_certificate)
            async with Link(party=to, address=pinned.address, context=context) as link:
                worker = Worker(node.desk, to, link=link, executor=executor)
                node.said = lambda _code: worker.wake_speak()
                node.consigned = lambda _code: worker.wake_carry()
                started.set()
                await worker.run()

        task = loop.create_task(work())
        thread = threading.Thread(target=_run, args=(loop, task), daemon=True)
        thread.start()
        started.wait()
        try:
            yield Sender(node, persons=own.persons)
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()
