"""Segments in a row in one request: each is taken on its own, and what came whole before a cut is kept."""

from collections.abc import AsyncIterator

import pytest

from api.door import Opened, at_door, refused, tls
from gsomia import canon
from gsomia.envelope import SEGMENT_BYTES
from gsomia.exchange import Reply
from gsomia.flows import consign
from gsomia.registry import ItemRecord
from gsomia.transport import Link, client_context
from simulation.world import JPN, KOR, World, identity, world_in_force

COUNT = 4


def offered(world: World) -> tuple[consign.ConsignmentToSend, str, list[bytes]]:
    """An item of four segments, its address, and its segments."""
    released = world[KOR].release(world[KOR].register(bytes((COUNT - 1) * SEGMENT_BYTES + 7)).id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    sealed = [consign.read_segment(sending, index) for index in range(COUNT)]
    return sending, f"/v1/consignments/{released.delivery.consignment}/segments", sealed


def next_segment(body: bytes) -> int | None:
    progress = canon.decode(body, Reply).progress
    return progress.next_segment if progress else None


@pytest.mark.source("DESIGN-6")
def test_a_whole_item_comes_in_one_request() -> None:
    world = world_in_force()
    sending, path, sealed = offered(world)

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        answer = await door.ask("PUT", f"{path}/0", b"".join(sealed))
        assert canon.decode(answer.body, Reply).accepted is not None

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 1


@pytest.mark.source("DESIGN-6")
def test_the_link_sends_a_run_from_where_the_partner_is() -> None:
    world = world_in_force()
    sending, _, sealed = offered(world)

    async def pieces() -> AsyncIterator[bytes]:
        for one in sealed[1:]:
            yield one

    async def act(door: Opened) -> None:
        context = client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
        async with Link(party="JPN", address=door.address, context=context) as link:
            await link.offer(sending.offer)
            consignment = sending.delivery.consignment
            first = await door.ask("PUT", f"/v1/consignments/{consignment}/segments/0", sealed[0])
            assert next_segment(first.body) == 1
            reply = await link.segments(consignment, 1, pieces(), size=sum(map(len, sealed[1:])))
        assert reply.accepted is not None

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_what_came_whole_before_a_cut_is_kept() -> None:
    world = world_in_force()
    sending, path, sealed = offered(world)

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        _, writer = await door.line()
        run = b"".join(sealed)
        head = f"PUT {path}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(run)}\r\n\r\n"
        writer.write(head.encode() + run[: 2 * len(sealed[0]) + 5])
        await writer.drain()
        while next_segment((await door.ask("POST", "/v1/consignments", sending.offer)).body) != 2:
            pass  # the door is still taking the second
        writer.close()
        await writer.wait_closed()
        rest = await door.ask("PUT", f"{path}/2", b"".join(sealed[2:]))
        assert canon.decode(rest.body, Reply).accepted is not None

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 1


@pytest.mark.source("DESIGN-6")
def test_a_false_segment_in_a_run_is_refused_and_those_before_it_stay() -> None:
    world = world_in_force()
    sending, path, sealed = offered(world)
    false = [sealed[0], bytes([sealed[1][0] ^ 1]) + sealed[1][1:], *sealed[2:]]

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        assert refused(await door.ask("PUT", f"{path}/0", b"".join(false))).code == "envelope/segment-differs"
        assert next_segment((await door.ask("POST", "/v1/consignments", sending.offer)).body) == 1

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 0


@pytest.mark.source("DESIGN-6")
def test_a_run_from_elsewhere_is_answered_with_where_to_go_on() -> None:
    world = world_in_force()
    sending, path, sealed = offered(world)

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        assert next_segment((await door.ask("PUT", f"{path}/1", b"".join(sealed[1:]))).body) == 0

    at_door(world, act)
