"""The partner's door: mutual TLS, and the certificate decides who is calling.

Strangers fail the handshake; they are counted, not logged one by one. What a pinned partner sends is taken whole or
refused with a code, and every refusal is recorded.
"""

import asyncio
import contextlib
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from aiohttp import web

from gsomia import canon
from gsomia.api.problem import answer, refusal, unavailable
from gsomia.audit import CosignStatus
from gsomia.envelope import MAX_INLINE_BYTES, MAX_OFFER_BYTES
from gsomia.errors import IntegrityError, NodeError, PartnerError, UnavailableError
from gsomia.exchange import Hello, Reply
from gsomia.flows.cosign import witness
from gsomia.flows.dealings import deliver_again, give_statement, list_dealings
from gsomia.flows.desk import Desk
from gsomia.flows.dispatch import hear_stage
from gsomia.flows.hear import hear_statement
from gsomia.flows.intake import Intake
from gsomia.flows.linkup import answer_link, hear_epoch, require_link
from gsomia.flows.parties import partners
from gsomia.flows.refuse import record_refusal
from gsomia.ids import ConsignmentId, PartyCode, sha256_hex
from gsomia.parties import PinnedParty

T = TypeVar("T")
LOG = logging.getLogger("gsomia.api")

HANDSHAKE_TIMEOUT_S = 10
MAX_HANDSHAKES = 64
"""Handshakes under way at once; more wait in the listen queue."""
BEFORE_LINK_UP = frozenset(
    {"/v1/hello", "/v1/link", "/v1/link/ask", "/v1/link/statement", "/v1/link/again", "/v1/link/epoch"}
)
"""What may be asked before both sides have shown what they saw last; the rest waits (design 5)."""
_CONSIGNMENT = re.compile(r"csg_[a-z2-7]{26}")
_PEER: web.RequestKey[PinnedParty] = web.RequestKey("peer", PinnedParty)


class PartnerDoor:
    """Listens for pinned partners."""

    def __init__(
        self,
        desk: Desk,
        *,
        intake: Intake,
        context: Callable[[], ssl.SSLContext],
        executor: Executor,
        descriptor_number: int,
    ) -> None:
        self._desk = desk
        self._intake = intake
        self._context = context
        self._executor = executor
        self._number = descriptor_number
        self._handshakes = asyncio.Semaphore(MAX_HANDSHAKES)
        self._runner: web.AppRunner | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self.strangers_refused = 0
        self.partners_connected = 0

    async def open(self, host: str, port: int) -> None:
        """Start listening.

        Raises:
            UnavailableError: the address is in use or not ours.
        """
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(128)
            listening.settimeout(0)
        except OSError as cause:
            listening.close()
            raise UnavailableError(
                "api/address-in-use",
                f"cannot listen on `{host}:{port}`: {cause.strerror}",
                remedy="stop what uses the port, or change `listen` in the node's `node.toml`",
            ) from cause
        self._runner = web.AppRunner(self._app(), access_log=None, keepalive_timeout=330)
        await self._runner.setup()
        self._accepting = asyncio.create_task(self._accept(listening))

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._accepting is not None:
            self._accepting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._accepting
        for task in list(self._connecting):
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                await self._handshakes.acquire()
                connection, _ = await loop.sock_accept(listening)
                task = asyncio.create_task(self._connect(connection))
                self._connecting.add(task)
                task.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            context = await self._in_thread(self._context)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = self._runner.server if self._runner else None
            if server is None:
                connection.close()
                return
            await loop.connect_accepted_socket(
                server, connection, ssl=context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S
            )
            self.partners_connected += 1
        except (OSError, TimeoutError):  # ssl.SSLError is an OSError: no pinned certificate, or no TLS at all
            self.strangers_refused += 1
            connection.close()
        finally:
            self._handshakes.release()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_OFFER_BYTES + MAX_INLINE_BYTES, middlewares=[self._guard])
        app.router.add_get("/v1/hello", self._hello)
        app.router.add_post("/v1/consignments", self._consignment)
        app.router.add_put("/v1/consignments/{consignment}/segments/{index}", self._segment)
        app.router.add_post("/v1/statements", self._statement)
        app.router.add_post("/v1/stages", self._stage)
        app.router.add_post("/v1/witness/add-checkpoint", self._witness)
        app.router.add_post("/v1/link", self._plain(answer_link))
        app.router.add_post("/v1/link/ask", self._plain(list_dealings))
        app.router.add_post("/v1/link/statement", self._plain(give_statement))
        app.router.add_post("/v1/link/again", self._plain(deliver_again))
        app.router.add_post("/v1/link/epoch", self._epoch)
        return app

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        tls = request.transport.get_extra_info("ssl_object") if request.transport else None
        certificate = tls.getpeercert(binary_form=True) if tls else None
        peer = await self._in_thread(partial(self._who, certificate))
        if peer is None:  # the descriptor changed since the handshake
            return web.Response(status=403)
        request[_PEER] = peer
        sender = peer.code
        try:
            if request.path not in BEFORE_LINK_UP:
                require_link(self._desk, sender)
            return await handler(request)
        except (UnavailableError, IntegrityError) as error:
            LOG.warning("%s from %s: %s", request.path, sender, error.code)
            return unavailable(error)
        except NodeError as error:
            body = await request.read()  # read before, and kept by the request
            subject = request.match_info.get("consignment") or _subject(body)
            return await self._refuse(sender, error, subject)

    async def _refuse(self, sender: PartyCode, error: NodeError, subject: str) -> web.Response:
        try:
            return refusal(await self._in_thread(partial(record_refusal, self._desk, sender, error, subject=subject)))
        except (UnavailableError, IntegrityError) as worse:  # law 2: what cannot be recorded is not said either
            LOG.warning("a refusal could not be recorded: %s", worse.code)
            return unavailable(worse)

    def _who(self, certificate: bytes | None) -> PinnedParty | None:
        for pinned in partners(self._desk):
            if pinned.descriptor.tls_certificate == certificate:
                return pinned
        return None

    async def _hello(self, _request: web.Request) -> web.Response:
        return answer(Hello(party=self._desk.party, protocol=1, descriptor=self._number))

    async def _consignment(self, request: web.Request) -> web.Response:
        body = await request.read()
        return answer(await self._in_thread(partial(self._intake.offer, request[_PEER].code, body)))

    async def _segment(self, request: web.Request) -> web.Response:
        consignment, index = request.match_info["consignment"], request.match_info["index"]
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", index):
            raise PartnerError("api/not-an-address", "no such segment can exist")
        known = canon.check(consignment, ConsignmentId)
        sealed = await request.read()
        return answer(
            await self._in_thread(partial(self._intake.segment, request[_PEER].code, known, int(index), sealed))
        )

    async def _statement(self, request: web.Request) -> web.Response:
        body = await request.read()
        return answer(await self._in_thread(partial(hear_statement, self._desk, request[_PEER].code, body)))

    async def _stage(self, request: web.Request) -> web.Response:
        body = await request.read()
        await self._in_thread(partial(hear_stage, self._desk, request[_PEER].code, body))
        return answer(Reply(progress=None, accepted=None))

    async def _witness(self, request: web.Request) -> web.Response:
        body = await request.read()
        decision, told = await self._in_thread(partial(witness, self._desk, request[_PEER].code, body))
        if decision.status is CosignStatus.OTHER_SIZE:
            return web.Response(status=decision.status, body=told, content_type="text/x.tlog.size")
        if decision.signed is None:
            raise decision.error or PartnerError("api/not-cosigned", f"answered `{decision.status.value}`")
        return web.Response(body=told, content_type="text/plain")

    def _plain(
        self, act: Callable[[Desk, PartyCode, bytes], bytes]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            told = await self._in_thread(partial(act, self._desk, request[_PEER].code, body))
            return web.Response(body=told, content_type="application/json")

        return handler

    async def _epoch(self, request: web.Request) -> web.Response:
        body = await request.read()
        return answer(await self._in_thread(partial(hear_epoch, self._desk, request[_PEER].code, body)))

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, act)


def _subject(body: bytes) -> str:
    found = _CONSIGNMENT.search(body[:8192].decode("latin-1"))
    return found.group() if found else sha256_hex(body)
