"""Certificates change on a real loopback socket: both are taken during a change, and a revoked one is cut off."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from api.door import free_port
from gsomia.api import PartnerDoor
from gsomia.audit import Event
from gsomia.errors import UnreachableError
from gsomia.exchange import MessageKind
from gsomia.flows import rotate
from gsomia.flows.desk import private_log
from gsomia.flows.dispatch import due, settle_statement, statement_to_send
from gsomia.flows.parties import calling_certificates, partner
from gsomia.flows.records import LinkSwitch
from gsomia.parties import Descriptor
from gsomia.transport import Identity, Link, client_context, server_context, server_name
from simulation.world import JPN, KOR, SimNode, World, world_in_force


def own(node: SimNode) -> tuple[Descriptor, ...]:
    return rotate.own_descriptors(node.desk, node.first)


def tls(node: SimNode, number: int) -> Identity:
    seeds = {keys.number: keys.tls_seed for keys in node.keyring.every()}
    descriptor = next(one for one in own(node) if one.number == number)
    return Identity(certificate=descriptor.tls_certificate, seed=seeds[number])


def link(door: "Served", *, shown: int, asked: int, others: tuple[int, ...] = ()) -> Link:
    """Seoul's link to Tokyo's door, under one of Seoul's certificates, asking for one of Tokyo's."""
    pinned = next(one for one in own(door.world[JPN]) if one.number == asked).tls_certificate
    contexts = [client_context(tls(door.world[KOR], number), pinned=pinned) for number in (shown, *others)]
    return Link(
        party=JPN,
        address=f"127.0.0.1:{door.port}",
        context=contexts[0],
        others=contexts[1:],
        server_name=server_name(JPN, asked),
    )


class Served:
    """Tokyo's door, with contexts made as a served node makes them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = free_port()

    def context(self) -> ssl.SSLContext:
        node = self.world[JPN]
        first, current = rotate.first_counting(node.desk), node.keyring.current.number
        others = {server_name(JPN, one.number): tls(node, one.number) for one in own(node) if one.number >= first}
        return server_context(tls(node, current), pinned=calling_certificates(node.desk), others=others)

    def run(self, act: Callable[["Served", PartnerDoor], Awaitable[None]]) -> None:
        async def serve() -> None:
            node = self.world[JPN]
            with ThreadPoolExecutor(4) as executor:
                door = PartnerDoor(
                    node.desk,
                    intake=node.intake,
                    context=self.context,
                    executor=executor,
                    descriptor_number=lambda: node.keyring.current.number,
                )
                await door.open("127.0.0.1", self.port)
                try:
                    await act(self, door)
                finally:
                    await door.close()

        asyncio.run(serve())


async def tell(world: World, line: Link) -> None:
    """Seoul says its change over the line, and Tokyo's receipt settles it."""
    row, outgoing = next(one for one in due(world[KOR].desk, JPN, limit=9) if one[1].kind is MessageKind.STATEMENT)
    reply = await line.statement(statement_to_send(world[KOR].desk, outgoing.reference))
    assert reply.accepted is not None
    settle_statement(world[KOR].desk, row, JPN, outgoing.reference, reply.accepted.receipt)


@pytest.mark.source("DESIGN-4", "DESIGN-6", "RFC 8446")
def test_during_a_change_both_certificates_are_taken_and_after_the_new_one_was_seen_only_that() -> None:
    async def act(door: Served, _door: PartnerDoor) -> None:
        world = door.world
        rotate.rotate(world[KOR].desk, world[KOR].first)
        async with link(door, shown=2, asked=1) as too_early:
            with pytest.raises(UnreachableError):
                await too_early.hello()
        async with link(door, shown=1, asked=1) as line:
            await tell(world, line)
            assert partner(world[JPN].desk, KOR).descriptor.number == 2
            assert (await line.hello()).party == JPN  # the open connection goes on
        async with link(door, shown=1, asked=1) as again:
            assert (await again.hello()).party == JPN  # its receipt might have been lost
        async with link(door, shown=2, asked=1) as new:
            assert (await new.hello()).party == JPN
        async with link(door, shown=1, asked=1) as old:
            with pytest.raises(UnreachableError):
                await old.hello()

    world = world_in_force()
    Served(world).run(act)
    assert world[JPN].count(LinkSwitch) == 1
    assert Event.LINK_SWITCHED in {leaf.event for leaf in world[JPN].leaves(private_log(JPN))}
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-6", "RFC 8446")
def test_a_caller_that_has_not_heard_of_our_change_asks_for_the_certificate_it_knows() -> None:
    async def act(door: Served, _door: PartnerDoor) -> None:
        async with link(door, shown=1, asked=1) as line:
            rotate.rotate(door.world[JPN].desk, door.world[JPN].first)
            assert (await line.hello()).descriptor == 2
        for asked in (1, 2):
            async with link(door, shown=1, asked=asked) as line:
                assert (await line.hello()).descriptor == 2

    Served(world_in_force()).run(act)


@pytest.mark.source("DESIGN-4")
def test_a_revoked_certificate_of_ours_is_shown_to_nobody() -> None:
    async def act(door: Served, _door: PartnerDoor) -> None:
        rotate.revoke(door.world[JPN].desk, door.world[JPN].first, recovery=None)
        async with link(door, shown=1, asked=1) as line:
            with pytest.raises(UnreachableError):
                await line.hello()
        async with link(door, shown=1, asked=2) as line:
            assert (await line.hello()).descriptor == 2

    Served(world_in_force()).run(act)


@pytest.mark.source("DESIGN-4")
def test_a_revocation_closes_the_connections_of_the_revoked_certificate() -> None:
    async def act(door: Served, served: PartnerDoor) -> None:
        world = door.world
        context = client_context(tls(world[KOR], 1), pinned=own(world[JPN])[0].tls_certificate)
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=context, server_hostname="x")
        writer.write(b"GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
        async with link(door, shown=1, asked=1) as line:
            await tell(world, line)
        await served.drop_strangers()
        assert await asyncio.wait_for(_rest(reader), 10)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        async with link(door, shown=1, asked=1) as old:
            with pytest.raises(UnreachableError):
                await old.hello()

    Served(world_in_force()).run(act)


@pytest.mark.source("DESIGN-4")
def test_a_link_that_is_refused_under_one_certificate_tries_the_next() -> None:
    async def act(door: Served, _door: PartnerDoor) -> None:
        world = door.world
        rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
        async with link(door, shown=1, asked=1) as line:
            await tell(world, line)
        async with link(door, shown=1, asked=1, others=(2,)) as line:
            with pytest.raises(UnreachableError):
                await line.hello()
            assert (await line.hello()).party == JPN

    Served(world_in_force()).run(act)


async def _rest(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends, after whatever was on its way."""
    with suppress(OSError):
        while await reader.read(4096):
            pass
    return True
