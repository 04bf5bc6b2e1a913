"""The partner's door of a simulated node, open on a loopback socket, and partners that call it."""

import asyncio
import io
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass

import aiohttp

from gsomia import canon
from gsomia.api import Limits, PartnerDoor
from gsomia.exchange import LinkUp, Refusal
from gsomia.flows.linkup import answer_link
from gsomia.flows.parties import partners
from gsomia.ids import PartyCode
from gsomia.transport import Identity, client_context, server_context
from simulation.world import JPN, KOR, SimNode, World, identity


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


@dataclass
class Opened:
    """A door that is open."""

    door: PartnerDoor
    node: SimNode
    port: int
    executor: ThreadPoolExecutor

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def ask(self, method: str, path: str, body: bytes = b"", *, by: PartyCode = KOR) -> Answer:
        """One request of a partner."""
        context = client_context(tls(by), pinned=identity(self.node.party).descriptor.tls_certificate)
        connector = aiohttp.TCPConnector(ssl=context)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, f"https://{self.address}{path}", data=io.BytesIO(body)) as response,
        ):
            return Answer(response.status, await response.read())

    async def line(self, *, by: PartyCode = KOR) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of a partner, for bytes that no HTTP library would send."""
        context = client_context(tls(by), pinned=identity(self.node.party).descriptor.tls_certificate)
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname="x")

    async def raw(self, data: bytes) -> bytes:
        """What such bytes are answered with."""
        reader, writer = await self.line()
        writer.write(data)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(65536), 10)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
        return answer


def tls(party: PartyCode) -> Identity:
    known = identity(party)
    return Identity(certificate=known.descriptor.tls_certificate, seed=known.keys.tls_seed)


def no_claim(party: PartyCode) -> bytes:
    """A link-up of a partner that has seen nothing of us."""
    seen = LinkUp(party=party, protocol=1, ready=True, epoch=1, opened=None, cosigned=None, seen=None, act=None)
    return canon.encode(seen)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def opened(
    node: SimNode, *, limits: Limits | None = None, lane: Callable[[], asyncio.Protocol] | None = None
) -> AsyncIterator[Opened]:
    def context() -> ssl.SSLContext:
        pinned = [known.descriptor.tls_certificate for known in partners(node.desk)]
        return server_context(tls(node.party), pinned=pinned)

    with ThreadPoolExecutor(4) as executor:
        door = PartnerDoor(
            node.desk,
            intake=node.intake,
            context=context,
            executor=executor,
            descriptor_number=lambda: 1,
            limits=limits,
            lane=lane,
        )
        port = free_port()
        await door.open("127.0.0.1", port)
        for known in partners(node.desk):  # as each partner's worker does first
            answer_link(node.desk, known.code, no_claim(known.code))
        await asyncio.sleep(0)
        try:
            yield Opened(door=door, node=node, port=port, executor=executor)
        finally:
            await door.close()


def at_door(world: World, act: Callable[[Opened], Awaitable[object]], *, limits: Limits | None = None) -> None:
    """Act at Tokyo's open door."""

    async def run() -> None:
        async with opened(world[JPN], limits=limits) as door:
            await act(door)

    asyncio.run(run())


def refused(answer: Answer) -> Refusal:
    """A refusal across the border: a code and a correlation id, nothing else."""
    told = canon.decode(answer.body, Refusal)
    assert answer.status == 422
    assert set(canon.plain(told)) == {"code", "correlation_id", "recorded"}
    return told
