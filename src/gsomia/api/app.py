"""The partner's door: mutual TLS, and the certificate decides who is calling.

Strangers fail the handshake; they are counted, not logged one by one. What a pinned partner sends is taken whole or
refused with a code, and every refusal is recorded. What one partner may ask for at once is bounded (`api.limits`).
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
from gsomia.api.fork import Fork
from gsomia.api.limits import Limits, Line, Shares, read_body, read_exactly, run_bytes
from gsomia.api.problem import answer, refusal, unavailable
from gsomia.audit import CosignStatus
from gsomia.envelope import MAX_INLINE_BYTES, are_together, claimed_consignment, is_relay, parse_together
from gsomia.errors import IntegrityError, NodeError, PartnerError, UnavailableError
from gsomia.exchange import Answer, Answers, Hello, Reply, ShareError
from gsomia.flows.cosign import witness
from gsomia.flows.dealings import deliver_again, give_statement, list_dealings
from gsomia.flows.desk import Desk
from gsomia.flows.dispatch import hear_stage
from gsomia.flows.hear import hear_statement
from gsomia.flows.intake import Intake
from gsomia.flows.linkup import answer_link, hear_epoch, require_link
from gsomia.flows.parties import caller, caller_at_hand, calling_certificates
from gsomia.flows.refuse import record_refusal, record_repeated
from gsomia.ids import ConsignmentId, PartyCode, sha256_hex
from gsomia.parties import PinnedParty

T = TypeVar("T")
LOG = logging.getLogger("gsomia.api")

READ_AHEAD_BYTES = 1 << 20
"""What a connection may hold here before the door reads it."""
ACCEPT_AGAIN_S = 0.1
"""After a socket could not be accepted (too many open files): the pause before the next."""
LAST_ANSWER_TIMEOUT_S = 5
"""So long a caller whose certificate is no longer taken may wait for the answer that is being made."""
BEFORE_LINK_UP = frozenset(
    {"/v1/hello", "/v1/link", "/v1/link/ask", "/v1/link/statement", "/v1/link/again", "/v1/link/epoch"}
)
"""What may be asked before both sides have shown what they saw last; the rest waits (design 5)."""
_CONSIGNMENT = re.compile(r"csg_[a-z2-7]{26}")
_PEER: web.RequestKey[PinnedParty] = web.RequestKey("peer", PinnedParty)
_BODY: web.RequestKey[bytes] = web.RequestKey("body", bytes)


class PartnerDoor:
    """Listens for pinned partners."""

    def __init__(
        self,
        desk: Desk,
        *,
        intake: Intake,
        context: Callable[[], ssl.SSLContext],
        executor: Executor,
        descriptor_number: Callable[[], int],
        limits: Limits | None = None,
        lane: Callable[[], asyncio.Protocol] | None = None,
    ) -> None:
        self._desk = desk
        self._lane = lane
        self._intake = intake
        self._context = context
        self._executor = executor
        self._number = descriptor_number
        self._shares = Shares(limits or Limits())
        self._handshakes = asyncio.Semaphore(self._shares.limits.handshakes)
        self._lines: dict[asyncio.BaseProtocol, Line] = {}
        self._runner: web.AppRunner | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self._recording: set[asyncio.Task[None]] = set()
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
        self._runner = web.AppRunner(
            self._app(),
            access_log=None,
            keepalive_timeout=self._shares.limits.idle_s,
            auto_decompress=False,
            read_bufsize=READ_AHEAD_BYTES,
        )
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
        await asyncio.gather(*self._recording, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def drop_strangers(self) -> None:
        """Close the connections of callers whose certificate is no longer taken, each when it has its last answer.

        Source: design 4 (Revocation closes connections at once); a request that comes later is refused by itself.
        """
        taken = await self._in_thread(partial(calling_certificates, self._desk))
        server = self._runner.server if self._runner else None
        dropped = []
        for connection in server.connections if server else ():
            tls = connection.transport.get_extra_info("ssl_object") if connection.transport else None
            if tls is not None and tls.getpeercert(binary_form=True) not in taken:
                dropped.append(connection.shutdown(LAST_ANSWER_TIMEOUT_S))
        await asyncio.gather(*dropped)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                await self._handshakes.acquire()
                try:
                    connection, address = await loop.sock_accept(listening)
                except OSError as cause:  # no descriptor left: those who are in go on, and the door stays open
                    LOG.warning("a caller could not be accepted: %s", cause.strerror)
                    self._handshakes.release()
                    await asyncio.sleep(ACCEPT_AGAIN_S)
                    continue
                task = asyncio.create_task(self._connect(connection, str(address[0])))
                self._connecting.add(task)
                task.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: socket.socket, address: str) -> None:
        loop, limits, shaking = asyncio.get_running_loop(), self._shares.limits, self._shares.shaking
        shaking[address] += 1
        try:
            if shaking[address] > limits.handshakes_of_one_address:
                self.strangers_refused += 1
                connection.close()
                return
            context = await self._in_thread(self._context)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = self._runner.server if self._runner else None
            if server is None:
                connection.close()
                return
            line = Line(server(), limits=limits, opened=self._opened, closed=self._closed)
            await loop.connect_accepted_socket(
                lambda: Fork(line, self._lane), connection, ssl=context, ssl_handshake_timeout=limits.handshake_s
            )
            self.partners_connected += 1
        except (OSError, TimeoutError):  # ssl.SSLError is an OSError: no pinned certificate, or no TLS at all
            self.strangers_refused += 1
            connection.close()
        finally:
            self._handshakes.release()
            shaking[address] -= 1
            if not shaking[address]:
                del shaking[address]

    def _opened(self, line: Line, certificate: bytes | None) -> bool:
        stays = self._shares.take_line(certificate)
        if stays:
            self._lines[line.inner] = line
        else:
            task = asyncio.create_task(self._record_crowd(certificate))
            self._recording.add(task)
            task.add_done_callback(self._recording.discard)
        return stays

    def _closed(self, line: Line, certificate: bytes | None) -> None:
        self._lines.pop(line.inner, None)
        self._shares.give_back(certificate)

    async def _record_crowd(self, certificate: bytes | None) -> None:
        peer = await self._in_thread(partial(caller, self._desk, certificate))
        if peer is not None:
            crowd = f"more than `{self._shares.limits.connections}` connections"
            await self._record_share(peer.code, ShareError("api/too-many-connections", crowd, remedy="close some"))

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/v1/hello", self._hello)
        app.router.add_post("/v1/consignments", self._consignment)
        app.router.add_post("/v1/consignments/together", self._consignments)
        app.router.add_put("/v1/consignments/{consignment}/segments/{index}", self._segments)
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
        line = self._lines.get(request.protocol)
        if line is not None:
            line.hold()
        try:
            tls = request.transport.get_extra_info("ssl_object") if request.transport else None
            certificate = tls.getpeercert(binary_form=True) if tls else None
            peer = caller_at_hand(self._desk, certificate)
            if peer is None:
                peer = await self._in_thread(partial(caller, self._desk, certificate))
            if peer is None:  # the descriptor changed since the handshake
                return web.Response(status=403)
            request[_PEER] = peer
            async with self._shares.requests_of(peer.code):
                return await self._handle(request, handler)
        finally:
            if line is not None:
                line.expect_request()

    async def _handle(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        sender = request[_PEER].code
        request[_BODY] = b""
        try:
            if request.path not in BEFORE_LINK_UP:
                require_link(self._desk, sender)
            request[_BODY] = await read_body(request, self._shares.limits)
            return await handler(request)
        except (UnavailableError, IntegrityError) as error:
            LOG.warning("%s from %s: %s", request.path, sender, error.code)
            if isinstance(error, ShareError):
                await self._record_share(sender, error)
            answered = unavailable(error)
        except NodeError as error:
            subject = request.match_info.get("consignment") or _subject(request[_BODY])
            answered = await self._refuse(sender, error, subject)
        if not request.content.is_eof():  # what we did not wait for is not read either
            answered.force_close()
        return answered

    async def _record_share(self, sender: PartyCode, error: ShareError) -> None:
        try:
            await self._in_thread(partial(record_repeated, self._desk, sender, error, subject=sender))
        except (UnavailableError, IntegrityError) as worse:
            LOG.warning("a refusal could not be recorded: %s", worse.code)

    async def _refuse(self, sender: PartyCode, error: NodeError, subject: str) -> web.Response:
        try:
            return refusal(await self._in_thread(partial(record_refusal, self._desk, sender, error, subject=subject)))
        except (UnavailableError, IntegrityError) as worse:  # law 2: what cannot be recorded is not said either
            LOG.warning("a refusal could not be recorded: %s", worse.code)
            return unavailable(worse)

    async def _hello(self, _request: web.Request) -> web.Response:
        return answer(Hello(party=self._desk.party, protocol=1, descriptor=self._number()))

    async def _consignment(self, request: web.Request) -> web.Response:
        return answer(await self._in_thread(partial(self._intake.offer, request[_PEER].code, request[_BODY])))

    async def _consignments(self, request: web.Request) -> web.Response:
        """Short consignments that ride together, each answered for itself."""
        sender, offers = request[_PEER].code, parse_together(request[_BODY])
        async with self._shares.rides_of(sender):
            taken = await self._in_thread(partial(self._intake.offer_together, sender, offers))
        told = [
            Answer(reply=one, refusal=None) if isinstance(one, Reply) else await self._why(sender, one, offer)
            for one, offer in zip(taken, offers, strict=True)
        ]
        return answer(Answers(answers=tuple(told)))

    async def _why(self, sender: PartyCode, error: NodeError, offer: bytes) -> Answer:
        """What a partner is told of an offer that is not taken: a recorded refusal, or nothing for now."""
        try:
            if not isinstance(error, UnavailableError | IntegrityError):
                act = partial(record_refusal, self._desk, sender, error, subject=_subject(offer))
                return Answer(reply=None, refusal=await self._in_thread(act))
        except (UnavailableError, IntegrityError) as worse:  # law 2: what cannot be recorded is not said either
            error = worse
        LOG.warning("an offer from %s is not taken now: %s", sender, error.code, exc_info=error.__cause__)
        if isinstance(error, ShareError):
            await self._record_share(sender, error)
        return Answer(reply=None, refusal=None)

    async def _segments(self, request: web.Request) -> web.Response:
        """Sealed segments in a row: each is verified and stored while the next one comes in."""
        consignment, first = request.match_info["consignment"], request.match_info["index"]
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", first):
            raise PartnerError("api/not-an-address", "no such segment can exist")
        known = canon.check(consignment, ConsignmentId)
        sender, index, left = request[_PEER].code, int(first), run_bytes(request)
        sealed = await self._exactly(request, left)
        while True:
            left -= len(sealed)
            taking = self._start(partial(self._intake.segment, sender, known, index, sealed))
            try:
                sealed = await self._exactly(request, left)
            finally:
                reply = await taking  # what came whole is kept, or refused first
            index += 1
            if not left or reply.progress is None or reply.progress.next_segment != index:
                return answer(reply)

    async def _exactly(self, request: web.Request, left: int) -> bytes:
        return await read_exactly(request, min(left, MAX_INLINE_BYTES), self._shares.limits)

    async def _statement(self, request: web.Request) -> web.Response:
        body = request[_BODY]
        return answer(await self._in_thread(partial(hear_statement, self._desk, request[_PEER].code, body)))

    async def _stage(self, request: web.Request) -> web.Response:
        body = request[_BODY]
        await self._in_thread(partial(hear_stage, self._desk, request[_PEER].code, body))
        return answer(Reply(progress=None, accepted=None))

    async def _witness(self, request: web.Request) -> web.Response:
        body = request[_BODY]
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
            told = await self._in_thread(partial(act, self._desk, request[_PEER].code, request[_BODY]))
            return web.Response(body=told, content_type="application/json")

        return handler

    async def _epoch(self, request: web.Request) -> web.Response:
        return answer(await self._in_thread(partial(hear_epoch, self._desk, request[_PEER].code, request[_BODY])))

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await self._start(act)

    def _start(self, act: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._executor, act)


def _subject(body: bytes) -> str:
    if are_together(body):  # the frame is broken: none of them was looked at
        return sha256_hex(body)
    if is_relay(body):
        try:
            return claimed_consignment(body)[0]
        except NodeError:  # no relay that reads: it is named by its digest
            return sha256_hex(body)
    found = _CONSIGNMENT.search(body[:8192].decode("latin-1"))
    return found.group() if found else sha256_hex(body)
