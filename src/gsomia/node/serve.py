"""Serve a node: the partner's door, the admin socket, and one worker for every partner."""

import asyncio
import gc
import logging
import signal
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvloop

from gsomia.admin import COMMANDS, AdminDoor
from gsomia.api import PartnerDoor
from gsomia.errors import NodeError
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.flows.parties import calling_certificates, partners
from gsomia.flows.rotate import first_counting, number_known_to
from gsomia.ids import PartyCode
from gsomia.node.bench import LocalNode
from gsomia.node.health import scrub
from gsomia.node.layout import system_clock_us
from gsomia.parties import PinnedParty
from gsomia.storage import FileLaneJournal, FileSpareJournal
from gsomia.transport import DeskDoor, Floor, Lanes, Link, Worker, server_context, server_name

LOG = logging.getLogger("gsomia.serve")
SCRUB_EVERY_S = 3600.0
WATCH_EVERY_S = 10.0
THREADS = 24
SWITCH_S = 0.0005
"""How soon a thread that wants the interpreter gets it: units of work are short and many."""
YOUNG_VALUES = 20_000
"""Values made before the collector looks for cycles among them; values here hardly ever have any."""
LANE_THREADS = 4
"""For what lanes enter in the record beside the loop; never held up by partners or commands."""
ADMIN_THREADS = 8
"""Commands never take the partners' threads; one that waits for a partner takes none (`admin.awaited`)."""


def ready_interpreter() -> None:
    """Ready the interpreter for a process that serves a node: many short units, many values that live briefly."""
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what was made until now stays
    gc.set_threshold(YOUNG_VALUES)


def serve_node(directory: Path, *, passphrase: bytes, ready: Callable[[LocalNode], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once every door is open.

    Raises:
        LocalError, UnavailableError, IntegrityError: the node cannot be opened, or its port is in use.
    """
    ready_interpreter()
    with (
        LocalNode(directory, passphrase=passphrase) as node,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_Server(node).run(ready))


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(act)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a link to a partner rests on: its keys, and under which of ours it knows us."""

    pinned: PinnedParty
    known: int
    current: int


class _Server:
    """A served node."""

    def __init__(self, node: LocalNode) -> None:
        self._node = node
        self._partners: dict[PartyCode, tuple[_Terms, Worker, Link, asyncio.Task[None]]] = {}
        self._context: tuple[tuple[tuple[bytes, ...], int], ssl.SSLContext] | None = None
        self._dropping: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def run(self, ready: Callable[[LocalNode], None]) -> None:
        node, loop = self._node, asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with (
            ThreadPoolExecutor(THREADS, thread_name_prefix="flow") as flows,
            ThreadPoolExecutor(ADMIN_THREADS, thread_name_prefix="admin") as admin,
            ThreadPoolExecutor(LANE_THREADS, thread_name_prefix="lane") as warnings,
        ):
            door = PartnerDoor(
                node.desk,
                intake=node.intake,
                context=self._server_context,
                executor=flows,
                descriptor_number=lambda: node.desk.unlocked.keys.number,
                lane=lambda: lanes.take(),  # noqa: PLW0108  made a few lines below
            )
            floor = Floor(
                node.desk,
                journal=FileLaneJournal(
                    node.layout.lane, keys=node.desk.unlocked.storage_keys, entropy=node.desk.entropy
                ),
                spare=FileSpareJournal(node.layout.lane_spare),
                clock_us=system_clock_us,
                background=lambda act: loop.run_in_executor(warnings, act),
            )
            lanes = Lanes(
                floor, endpoint=lambda code: loop.run_in_executor(warnings, partial(node.lane_endpoint, code))
            )
            lanes.open()
            await door.open(node.config.host, node.config.port)
            node.served = True
            node.strangers = lambda: door.strangers_refused
            node.keys_changed = lambda: _soon(loop, partial(self._follow_keys, door))
            node.said = lambda code: self._wake(loop, code, Worker.wake_speak)
            node.consigned = lambda code: self._wake(loop, code, Worker.wake_carry)
            local = AdminDoor(node, commands=dict(COMMANDS), executor=admin)
            await local.open(node.layout.socket)
            node.floor = floor
            desks = DeskDoor(floor)
            await desks.open(node.layout.warn_socket)
            keeper = asyncio.create_task(self._keep_workers(flows))
            # What the start made lives as long as the process: the collector need not walk through it again.
            gc.collect()
            gc.freeze()
            scrubber = asyncio.create_task(self._scrub(admin))
            watcher = asyncio.create_task(self._watch(flows))
            try:
                ready(node)
                await stop.wait()
            finally:
                node.served = False
                await desks.close()
                await lanes.close()
                await local.close()
                keeper.cancel()
                scrubber.cancel()
                watcher.cancel()
                await self._stop_workers()
                await door.close()
                node.layout.socket.unlink(missing_ok=True)
                node.layout.warn_socket.unlink(missing_ok=True)

    async def _scrub(self, admin: ThreadPoolExecutor) -> None:
        """Look through every log again and again, in the background (design 2)."""
        while True:
            await asyncio.sleep(SCRUB_EVERY_S)
            bad = await asyncio.get_running_loop().run_in_executor(admin, scrub, self._node)
            for origin, first_bad in bad.items():
                LOG.error("the log %s does not hold from entry %d on: release and reading stop", origin, first_bad)

    async def _watch(self, flows: ThreadPoolExecutor) -> None:
        """Enter the alarms of the hotline as they fall due; what they are is derived, never counted here."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            try:
                await asyncio.get_running_loop().run_in_executor(flows, note_alarms, self._node.desk)
            except NodeError as error:  # a full disk or a closed log: they are derived again at the next look
                LOG.warning("alarms of the hotline could not be entered: %s", error.code)

    def _server_context(self) -> ssl.SSLContext:
        desk = self._node.desk
        current = desk.unlocked.keys.number
        basis = (calling_certificates(desk), current)
        if self._context is None or self._context[0] != basis:
            identities, first = self._node.identities(), first_counting(desk)
            others = {
                server_name(desk.party, number): identity for number, identity in identities.items() if number >= first
            }
            self._context = (basis, server_context(identities[current], pinned=basis[0], others=others))
        return self._context[1]

    def _follow_keys(self, door: PartnerDoor) -> None:
        self._changed.set()
        task = asyncio.get_running_loop().create_task(door.drop_strangers())
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)

    def _wake(self, loop: asyncio.AbstractEventLoop, code: PartyCode, wake: Callable[[Worker], None]) -> None:
        known = self._partners.get(code)
        if known is None:
            _soon(loop, self._changed.set)
        else:
            wake(known[1])

    async def _keep_workers(self, flows: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            for terms in await loop.run_in_executor(flows, self._terms):
                code = terms.pinned.code
                known = self._partners.get(code)
                if known is None or known[0] != terms:
                    await self._stop_worker(code)
                    self._start_worker(terms, flows)
            await self._changed.wait()

    def _terms(self) -> list[_Terms]:
        desk = self._node.desk
        return [
            _Terms(pinned=pinned, known=number_known_to(desk, pinned.code), current=desk.unlocked.keys.number)
            for pinned in partners(desk)
        ]

    def _start_worker(self, terms: _Terms, flows: ThreadPoolExecutor) -> None:
        code = terms.pinned.code
        link = self._node.open_link(terms.pinned)
        worker = Worker(self._node.desk, code, link=link, executor=flows)
        self._partners[code] = (terms, worker, link, asyncio.create_task(worker.run()))

    async def _stop_worker(self, code: PartyCode) -> None:
        known = self._partners.pop(code, None)
        if known is not None:
            _, _, link, task = known
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await link.close()

    async def _stop_workers(self) -> None:
        for code in list(self._partners):
            await self._stop_worker(code)
