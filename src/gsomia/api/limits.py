"""What one partner may have of the door at once: its share, so that the next partner is not delayed.

A connection, a request under way and the bytes of a body are all bounded for each partner, and every wait has an end.
What goes beyond is refused; `api.app` has it recorded.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from gsomia import canon
from gsomia.envelope import MAX_INLINE_BYTES, MAX_RELAY_BYTES, MAX_TOGETHER_BYTES, RUN_SEGMENTS
from gsomia.errors import PartnerError, UnavailableError
from gsomia.exchange import ShareError
from gsomia.ids import PartyCode

MAX_STATEMENT_BYTES = canon.MAX_STATEMENT_BYTES
"""Statements, stages and questions of a witness are canonical values or notes; no parser reads more."""
BODY_BYTES = {
    "/v1/consignments": MAX_RELAY_BYTES + MAX_INLINE_BYTES,
    "/v1/consignments/together": MAX_TOGETHER_BYTES,
}
"""The largest body at an address; elsewhere `MAX_STATEMENT_BYTES`."""
SEGMENTS = "/v1/consignments/{consignment}/segments/{index}"
"""Where a body is a run of segments, taken one by one."""
MAX_RUN_BYTES = RUN_SEGMENTS * MAX_INLINE_BYTES
"""Of one run; at most two segments of it are in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, how many, how long.

    Source: design 6 (Declared sizes and open transfers are capped per partner).
    """

    handshake_s: float = 10
    handshakes: int = 64
    """Handshakes under way at once; more wait in the listen queue."""
    handshakes_of_one_address: int = 32
    """More are closed at once. A partner's worker opens at most 16 connections together."""
    connections: int = 48
    """Open connections of one partner: its worker keeps 16 (`transport.https`), twice over, and its commands."""
    requests: int = 16
    """Requests of one partner being read or worked on; the others wait, and no other partner's behind them."""
    rides: int = 4
    """Of them, requests with several offers worked on: each may cost as much as all of its offers, twice over."""
    body_s: float = 60
    """A body is here in so long, as our own worker gives up sending after it (`transport.https`)."""
    idle_s: float = 330
    """Until the next request's head is here, from the handshake or the last answer on; partners keep lines for 300."""


class Line(asyncio.Protocol):
    """One connection: counted while it lasts, closed when it keeps us waiting; everything else is aiohttp's.

    Args:
        inner: aiohttp's protocol, which does the talking.
        limits: how long the other side may take.
        opened: told the certificate when the handshake is done; whether the line may stay.
        closed: told the certificate when the line is gone.
    """

    def __init__(
        self,
        inner: asyncio.Protocol,
        *,
        limits: Limits,
        opened: Callable[["Line", bytes | None], bool],
        closed: Callable[["Line", bytes | None], None],
    ) -> None:
        self.inner = inner
        self._limits = limits
        self._opened = opened
        self._closed = closed
        self._certificate: bytes | None = None
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stays = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done: within the partner's share, or closed at once."""
        tls = transport.get_extra_info("ssl_object")
        self._certificate = tls.getpeercert(binary_form=True) if tls else None
        self._transport = cast("asyncio.Transport", transport)
        self._stays = self._opened(self, self._certificate)
        if not self._stays:
            self._abort()
            return
        self.inner.connection_made(transport)
        self.expect_request()

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        if self._stays:
            self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self.inner.eof_received() if self._stays else None

    def pause_writing(self) -> None:
        """Pass on."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on, and give the place back."""
        self.hold()
        if self._stays:
            self._stays = False
            self.inner.connection_lost(exc)
            self._closed(self, self._certificate)

    def hold(self) -> None:
        """A request is being worked on: the wait is ours."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def expect_request(self) -> None:
        """The answer is given: it must be read, and the next request's head be here, before long."""
        self.hold()
        if self._stays:
            self._timer = asyncio.get_running_loop().call_later(self._limits.idle_s, self._abort)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Shares:
    """What each partner has of the door now."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.shaking: Counter[str] = Counter()
        self._lines: Counter[bytes | None] = Counter()
        self._requests: dict[PartyCode, asyncio.Semaphore] = {}
        self._rides: dict[PartyCode, asyncio.Semaphore] = {}

    def take_line(self, certificate: bytes | None) -> bool:
        """One more connection of a partner, unless it has all it may."""
        if self._lines[certificate] >= self.limits.connections:
            return False
        self._lines[certificate] += 1
        return True

    def give_back(self, certificate: bytes | None) -> None:
        """A connection ended."""
        self._lines[certificate] -= 1
        self._lines += Counter()  # forget who has none

    def requests_of(self, sender: PartyCode) -> asyncio.Semaphore:
        """The places of a partner's requests."""
        return self._requests.setdefault(sender, asyncio.Semaphore(self.limits.requests))

    def rides_of(self, sender: PartyCode) -> asyncio.Semaphore:
        """The places of those of them that carry several offers."""
        return self._rides.setdefault(sender, asyncio.Semaphore(self.limits.rides))


async def read_body(request: web.Request, limits: Limits) -> bytes:
    """The whole body, if it is as small and as quick as its address allows; nothing yet of a run of segments.

    Raises:
        PartnerError: it is larger; no more than the limit was kept of it.
        ShareError: it was not here in time.
    """
    resource = request.match_info.route.resource
    address = resource.canonical if resource else ""
    if address == SEGMENTS:
        return b""
    largest = BODY_BYTES.get(address, MAX_STATEMENT_BYTES)
    if (request.content_length or 0) > largest:
        raise _too_large(largest)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_s):
            async for part in request.content.iter_any():
                size += len(part)
                if size > largest:
                    raise _too_large(largest)
                parts.append(part)
    except TimeoutError as cause:
        raise _too_slow(limits) from cause
    return b"".join(parts)


def run_bytes(request: web.Request) -> int:
    """How many bytes of segments the request declares.

    Raises:
        PartnerError: more than a run has, or none while some come.
    """
    declared = request.content_length or 0
    if not declared and request.can_read_body:
        raise PartnerError("api/run-undeclared", "a run of segments says how long it is")
    if declared > MAX_RUN_BYTES:
        raise _too_large(MAX_RUN_BYTES)
    return declared


async def read_exactly(request: web.Request, size: int, limits: Limits) -> bytes:
    """The next `size` bytes of a body, if they are as quick as a body must be.

    Raises:
        UnavailableError: the line was cut.
        ShareError: they were not here in time.
    """
    if not size:
        return b""
    try:
        async with asyncio.timeout(limits.body_s):
            return await request.content.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError) as cause:
        raise UnavailableError("api/run-cut", "the run of segments ended early", remedy="offer it again") from cause
    except TimeoutError as cause:
        raise _too_slow(limits) from cause


def _too_slow(limits: Limits) -> ShareError:
    return ShareError("api/too-slow", f"a body was not here in `{limits.body_s}` seconds", remedy="look at the line")


def _too_large(largest: int) -> PartnerError:
    return PartnerError("api/too-large", f"a body of more than the `{largest}` bytes that are read at its address")
