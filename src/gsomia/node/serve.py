"""Serve a node: the partner's door, the admin socket, and one worker for every partner."""

import asyncio
import logging
import signal
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import uvloop

from gsomia.admin import COMMANDS, AdminDoor
from gsomia.api import PartnerDoor
from gsomia.flows.intake import Intake
from gsomia.flows.parties import partners
from gsomia.ids import PartyCode
from gsomia.node.bench import LocalNode
from gsomia.node.health import scrub
from gsomia.parties import PinnedParty
from gsomia.transport import Link, Worker, client_context, server_context

LOG = logging.getLogger("gsomia.serve")
SCRUB_EVERY_S = 3600.0
THREADS = 24
SWITCH_S = 0.0005
"""How soon a thread that wants the interpreter gets it: units of work are short and many."""
ADMIN_THREADS = 8
"""Commands may wait for a partner; they never take the partners' threads."""


def serve_node(directory: Path, *, passphrase: bytes, ready: Callable[[LocalNode], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once every door is open.

    Raises:
        LocalError, UnavailableError, IntegrityError: the node cannot be opened, or its port is in use.
    """
    sys.setswitchinterval(SWITCH_S)
    with (
        LocalNode(directory, passphrase=passphrase) as node,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_Server(node).run(ready))


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(act)


class _Server:
    """A served node."""

    def __init__(self, node: LocalNode) -> None:
        self._node = node
        self._partners: dict[PartyCode, tuple[PinnedParty, Worker, Link, asyncio.Task[None]]] = {}
        self._context: tuple[tuple[bytes, ...], ssl.SSLContext] | None = None
        self._changed = asyncio.Event()

    async def run(self, ready: Callable[[LocalNode], None]) -> None:
        node, loop = self._node, asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with (
            ThreadPoolExecutor(THREADS, thread_name_prefix="flow") as flows,
            ThreadPoolExecutor(ADMIN_THREADS, thread_name_prefix="admin") as admin,
        ):
            door = PartnerDoor(
                node.desk,
                intake=Intake(node.desk),
                context=self._server_context,
                executor=flows,
                descriptor_number=node.descriptor.number,
            )
            await door.open(node.config.host, node.config.port)
            node.served = True
            node.strangers = lambda: door.strangers_refused
            node.said = lambda code: _soon(loop, partial(self._wake, code))
            local = AdminDoor(node, commands=dict(COMMANDS), executor=admin)
            await local.open(node.layout.socket)
            keeper = asyncio.create_task(self._keep_workers(flows))
            scrubber = asyncio.create_task(self._scrub(admin))
            try:
                ready(node)
                await stop.wait()
            finally:
                node.served = False
                await local.close()
                keeper.cancel()
                scrubber.cancel()
                await self._stop_workers()
                await door.close()
                node.layout.socket.unlink(missing_ok=True)

    async def _scrub(self, admin: ThreadPoolExecutor) -> None:
        """Look through every log again and again, in the background (design 2)."""
        while True:
            await asyncio.sleep(SCRUB_EVERY_S)
            bad = await asyncio.get_running_loop().run_in_executor(admin, scrub, self._node)
            for origin, first_bad in bad.items():
                LOG.error("the log %s does not hold from entry %d on: release and reading stop", origin, first_bad)

    def _server_context(self) -> ssl.SSLContext:
        pinned = tuple(known.descriptor.tls_certificate for known in partners(self._node.desk))
        if self._context is None or self._context[0] != pinned:
            self._context = (pinned, server_context(self._node.identity, pinned=pinned))
        return self._context[1]

    def _wake(self, code: PartyCode) -> None:
        known = self._partners.get(code)
        if known is None:
            self._changed.set()
        else:
            known[1].wake()

    async def _keep_workers(self, flows: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            for pinned in await loop.run_in_executor(flows, partners, self._node.desk):
                known = self._partners.get(pinned.code)
                if known is None or known[0] != pinned:
                    await self._stop_worker(pinned.code)
                    self._start_worker(pinned, flows)
            await self._changed.wait()

    def _start_worker(self, pinned: PinnedParty, flows: ThreadPoolExecutor) -> None:
        context = client_context(self._node.identity, pinned=pinned.descriptor.tls_certificate)
        link = Link(party=pinned.code, address=pinned.descriptor.address, context=context)
        worker = Worker(self._node.desk, pinned.code, link=link, executor=flows)
        self._partners[pinned.code] = (pinned, worker, link, asyncio.create_task(worker.run()))

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
