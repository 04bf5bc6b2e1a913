"""One link to one partner: requests over a kept-open connection, answers parsed strictly."""

import itertools
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from gsomia import canon
from gsomia.envelope import print_together
from gsomia.errors import NodeError, PartnerError, UnreachableError
from gsomia.exchange import Answer, Answers, Hello, Refusal, Reply

CONNECTIONS = 16
TIMEOUT_S = 60
MAX_ANSWER_BYTES = 256 << 10
_HTTP_OK = 200
_HTTP_CLIENT_ERROR = 400
_HTTP_CONFLICT = 409
_HTTP_SERVER_ERROR = 500
_HTTP_UNAVAILABLE = 503


class PartnerRefusedError(PartnerError):
    """The partner answered with a refusal code."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code, f"the partner refused: `{refusal.code}`")
        self.refusal = refusal


class SeenOtherError(PartnerError):
    """The partner cosigned another size of our log before; it says which."""

    def __init__(self, untrusted: bytes) -> None:
        super().__init__("transport/seen-other-size", "the partner saw our log at another size")
        if not re.fullmatch(rb"(0|[1-9][0-9]{0,15})\n", untrusted):
            raise PartnerError("transport/answer-malformed", "the partner's answer is no log size")
        self.size = int(untrusted)


class Link:
    """A partner's door as we call it.

    Args:
        party: who is there.
        address: where.
        context: our side of TLS, and the certificate the partner must show.
        server_name: which of its certificates we ask for; None asks for none.
        others: our side of TLS under other certificates of ours. While a change of our keys is on its way, the partner
            takes one of them, and which one we learn by trying: after a call that did not get through, the next.
        timeout_s: for one request and its answer.
    """

    def __init__(
        self,
        *,
        party: str,
        address: str,
        context: ssl.SSLContext,
        server_name: str | None = None,
        others: Sequence[ssl.SSLContext] = (),
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._party = party
        self._base = f"https://{address}"
        self._contexts = itertools.cycle((context, *others))
        self._context = next(self._contexts)
        self._server_name = server_name
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=300),
            timeout=aiohttp.ClientTimeout(total=timeout_s, connect=10),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def hello(self) -> Hello:
        """Ask who is there."""
        return canon.decode(await self._call("GET", "/v1/hello", b""), Hello)

    async def offer(self, body: bytes) -> Reply:
        """Offer a consignment, with its only segment behind it if it has one."""
        return await self._reply("POST", "/v1/consignments", body)

    async def offer_together(self, offers: Sequence[bytes]) -> list[Reply | NodeError]:
        """Offer short consignments, each with its only segment behind it; the answers in their order.

        Raises:
            UnreachableError, PartnerError: of all, as `offer`.
        """
        told = canon.decode(await self._call("POST", "/v1/consignments/together", print_together(offers)), Answers)
        if len(told.answers) != len(offers):
            raise PartnerError("transport/answers-missing", "the partner did not answer each offer")
        return [self._read(answer) for answer in told.answers]

    def _read(self, answer: Answer) -> Reply | NodeError:
        if answer.refusal is not None:
            return PartnerRefusedError(answer.refusal)
        return answer.reply or self._not_now(_HTTP_UNAVAILABLE)

    async def segments(self, consignment: str, first: int, sealed: AsyncIterator[bytes], *, size: int) -> Reply:
        """Send sealed segments in a row, `size` bytes in all, from segment `first` on."""
        path = f"/v1/consignments/{consignment}/segments/{first}"
        return canon.decode(await self._call("PUT", path, sealed, size=size), Reply)

    async def statement(self, envelope: bytes) -> Reply:
        """Say a statement."""
        return await self._reply("POST", "/v1/statements", envelope)

    async def stage(self, proof: bytes) -> Reply:
        """Prove that a stage was reached."""
        return await self._reply("POST", "/v1/stages", proof)

    async def question(self, path: str, body: bytes) -> bytes:
        """Ask one question of a link-up; the answer is what the flow reads."""
        return await self._call("POST", path, body)

    async def add_checkpoint(self, request: bytes) -> bytes:
        """Ask for a cosignature; the answer is the signature lines.

        Raises:
            SeenOtherError: it saw our log at another size; prove from there.

        Source: C2SP tlog-witness.
        """
        return await self._call("POST", "/v1/witness/add-checkpoint", request)

    async def _reply(self, method: str, path: str, body: bytes) -> Reply:
        return canon.decode(await self._call(method, path, body), Reply)

    async def _call(
        self, method: str, path: str, body: bytes | AsyncIterator[bytes], *, size: int | None = None
    ) -> bytes:
        """Send and read one answer.

        Raises:
            UnreachableError: nobody there, not the pinned partner, or no answer in time: say it again later.
            PartnerRefusedError: the partner refused with a code.
            PartnerError: the answer is longer than any answer is.
        """
        try:
            async with self._session.request(
                method,
                self._base + path,
                data=body,
                headers=None if size is None else {"Content-Length": str(size)},
                ssl=self._context,
                server_hostname=self._server_name,
                allow_redirects=False,  # what is meant for a partner goes to its pinned address and nowhere else
            ) as response:
                answer = await _whole(response.content)
                status = response.status
        except (aiohttp.ClientError, ssl.SSLError, OSError, TimeoutError) as cause:
            self._context = next(self._contexts)
            raise UnreachableError(
                "transport/not-reached",
                f"`{self._party}` was not reached at `{self._base[8:]}`: {type(cause).__name__}",
                remedy="what was said stays queued; check that the partner serves, the address and both pin files",
            ) from cause
        if status == _HTTP_OK:
            return answer
        if status == _HTTP_CONFLICT:
            raise SeenOtherError(answer)
        if _HTTP_CLIENT_ERROR <= status < _HTTP_SERVER_ERROR:
            raise PartnerRefusedError(canon.decode(answer, Refusal))
        raise self._not_now(status)

    def _not_now(self, status: int) -> UnreachableError:
        return UnreachableError(
            "transport/not-now", f"`{self._party}` cannot take it now (`{status}`)", remedy="it is repeated later"
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _whole(answer: aiohttp.StreamReader) -> bytes:
    whole = b""
    async for part in answer.iter_any():  # in time as a whole: the session counts from the request on
        whole += part
        if len(whole) > MAX_ANSWER_BYTES:
            raise PartnerError("transport/answer-too-large", f"an answer of more than `{MAX_ANSWER_BYTES}` bytes")
    return whole
