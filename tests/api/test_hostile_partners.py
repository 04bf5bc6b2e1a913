"""A pinned partner that asks for too much: bounded, refused, recorded, and the next partner is not delayed.

Every limit is real and only its size is changed; nothing here waits for a clock, only for what the door does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from api.door import Opened, at_door, free_port, no_claim, refused, tls
from gsomia import canon
from gsomia.api import Limits
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import PartnerError, UnreachableError
from gsomia.exchange import IDLE_TRANSFER_S, MAX_OPEN_TRANSFERS, Accepted, Reply, Stage
from gsomia.flows import consign
from gsomia.flows.desk import shared_log
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import RefusalRecord
from gsomia.flows.refuse import REPEATED_S
from gsomia.flows.release import Released
from gsomia.registry import ItemRecord
from gsomia.transport import Link, Worker, client_context, server_context
from simulation.world import JPN, KOR, USA, World, world_in_force

HELLO = b"GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n"
UNFINISHED = b"POST /v1/statements HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
SMALL = Limits(connections=4, requests=2, body_s=0.2, idle_s=30)


def codes(world: World) -> list[str]:
    return [record.code for record in world[JPN].every(RefusalRecord)]


async def closed(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes."""
    with suppress(ConnectionError, ssl.SSLError):
        return await reader.read()
    return b""


def long_item(world: World, segments: int = 2) -> Released:
    return world[KOR].release(world[KOR].register(bytes((segments - 1) * SEGMENT_BYTES + 1)).id, JPN)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    ("declared", "code"),
    [
        pytest.param(b"Content-Length: 9000000000", "api/too-large", id="declared"),
        pytest.param(b"Transfer-Encoding: chunked", "api/run-undeclared", id="undeclared"),
    ],
)
def test_more_than_an_address_takes_is_refused_unread_and_recorded(declared: bytes, code: str) -> None:
    world = world_in_force()
    head = b"PUT /v1/consignments/csg_" + b"a" * 26 + b"/segments/0 HTTP/1.1\r\nHost: x\r\n" + declared + b"\r\n\r\n"

    async def act(door: Opened) -> None:
        reader, writer = await door.line()
        writer.write(head)
        answer = await reader.readuntil(b"}")
        assert answer.startswith(b"HTTP/1.1 422")
        assert code.encode() in answer
        writer.close()

    at_door(world, act)
    assert codes(world) == [code]


@pytest.mark.source("DESIGN-6")
def test_a_body_in_a_compressed_encoding_is_not_unpacked() -> None:
    world = world_in_force()
    body = canon.encode({})

    async def act(door: Opened) -> None:
        line = b"POST /v1/statements HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n"
        answer = await door.raw(line % len(body) + b"Connection: close\r\n\r\n" + body)
        assert b"canon/malformed" in answer

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_more_segments_than_were_declared_are_not_taken() -> None:
    world = world_in_force()
    released = long_item(world)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    path = f"/v1/consignments/{released.delivery.consignment}/segments"
    sealed = consign.read_segment(sending, 0)

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        reply = canon.decode((await door.ask("PUT", f"{path}/2", sealed)).body, Reply)
        assert reply.progress is not None
        assert reply.progress.next_segment == 0
        told = refused(await door.ask("PUT", f"{path}/0", sealed + b"x"))
        assert told.code == "exchange/segment-size"
        reply = canon.decode((await door.ask("PUT", f"{path}/0", sealed)).body, Reply)
        assert reply.progress is not None
        assert reply.progress.next_segment == 1
        told = refused(await door.ask("PUT", f"{path}/1", sealed))
        assert told.code == "exchange/segment-size"

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 0


@pytest.mark.source("DESIGN-6")
def test_a_body_that_never_ends_is_given_up_recorded_once_and_the_line_closed() -> None:
    world = world_in_force()

    async def act(door: Opened) -> None:
        for _ in range(2):
            reader, writer = await door.line()
            writer.write(UNFINISHED)
            answer = await closed(reader)
            assert answer.startswith(b"HTTP/1.1 503")
            writer.close()

    at_door(world, act, limits=SMALL)
    assert codes(world) == ["api/too-slow"]
    leaf = world[JPN].leaves(shared_log(JPN, KOR))[-1]
    assert (leaf.event, leaf.code) == (Event.INTAKE_REFUSED, "api/too-slow")


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("said", [b"", b"G", HELLO[:-2], HELLO], ids=["nothing", "a-byte", "half-a-head", "an-answer"])
def test_a_line_on_which_no_request_comes_is_closed(said: bytes) -> None:
    world = world_in_force()

    async def act(door: Opened) -> None:
        reader, writer = await door.line()
        writer.write(said)
        answer = await closed(reader)
        assert (b"HTTP/1.1 200" in answer) is (said == HELLO)
        writer.close()

    at_door(world, act, limits=Limits(idle_s=0.2))


@pytest.mark.source("DESIGN-6")
def test_a_partner_has_so_many_lines_and_the_next_partner_comes_in_beside_them() -> None:
    world = world_in_force(USA)

    async def act(door: Opened) -> None:
        lines = [await door.line() for _ in range(SMALL.connections)]
        for _ in range(3):
            reader, writer = await door.line()
            with suppress(ConnectionError, ssl.SSLError):
                writer.write(HELLO)
                assert await closed(reader) == b""
            writer.close()
        assert (await door.ask("GET", "/v1/hello", by=USA)).status == 200
        reader, writer = lines[0]
        writer.write(HELLO)
        assert b"200 OK" in await reader.readuntil(b"\r\n")
        for _, writer in lines:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        assert (await door.ask("GET", "/v1/hello")).status == 200

    at_door(world, act, limits=SMALL)
    assert codes(world) == ["api/too-many-connections"]


@pytest.mark.source("DESIGN-6")
def test_a_partner_whose_requests_all_hang_does_not_delay_the_next_one() -> None:
    world = world_in_force(USA)
    limits = Limits(connections=20, requests=2, body_s=600, idle_s=600)

    async def act(door: Opened) -> None:
        lines = [await door.line() for _ in range(limits.connections)]
        for _, writer in lines:
            writer.write(UNFINISHED)
            await writer.drain()
        for _ in range(3):
            assert (await door.ask("GET", "/v1/hello", by=USA)).status == 200
            refused(await door.ask("POST", "/v1/statements", b"{}", by=USA))
        for _, writer in lines:
            writer.close()

    at_door(world, act, limits=limits)
    assert [record.party for record in world[JPN].every(RefusalRecord)] == [USA] * 3


@pytest.mark.source("DESIGN-6")
def test_handshakes_that_hang_take_only_the_share_of_their_address() -> None:
    world = world_in_force()
    limits = Limits(handshakes=3, handshakes_of_one_address=2, handshake_s=600)

    async def act(door: Opened) -> None:
        silent = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(2)]
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        assert await closed(reader) == b""
        assert door.door.strangers_refused == 1
        silent[0][1].transport.abort()
        silent[1][1].transport.abort()
        await at_rest(lambda: door.door.strangers_refused == 3)
        assert (await door.ask("GET", "/v1/hello")).status == 200
        writer.close()

    at_door(world, act, limits=limits)


async def at_rest(reached: Callable[[], bool]) -> None:
    """Let the loop go round until something in it has happened."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110  another thread brings it about
            await asyncio.sleep(0)


@pytest.mark.source("DESIGN-6")
def test_a_thousand_transfers_are_opened_up_to_the_cap_and_the_rest_is_not_now() -> None:
    world = world_in_force(USA)
    releases = [long_item(world) for _ in range(MAX_OPEN_TRANSFERS + 3)]
    offers = [consign.begin_consignment(world[KOR].desk, released.delivery.consignment).offer for released in releases]

    async def act(door: Opened) -> None:
        answers = [await door.ask("POST", "/v1/consignments", offer) for offer in offers]
        assert [answer.status for answer in answers] == [200] * MAX_OPEN_TRANSFERS + [503] * 3
        assert codes(world) == ["exchange/too-many-open"]
        world[JPN].clock.now = world[JPN].clock.now.plus(seconds=REPEATED_S)
        assert (await door.ask("POST", "/v1/consignments", offers[-1])).status == 503
        assert codes(world) == ["exchange/too-many-open"] * 2
        assert (await door.ask("POST", "/v1/consignments", offers[0])).status == 200
        world[JPN].clock.now = world[JPN].clock.now.plus(seconds=IDLE_TRANSFER_S - REPEATED_S)
        assert (await door.ask("POST", "/v1/consignments", offers[-1])).status == 200

    at_door(world, act)
    assert codes(world)[2:] == ["exchange/never-finished"]
    given_up = world[JPN].every(RefusalRecord)[-1].subject
    assert given_up == releases[1].delivery.consignment, "the first was continued, so the second waited longest"
    assert f"{KOR}-{given_up}" not in world[JPN].payloads._unfinished
    world.settle(rounds=3 * len(releases))
    assert all(world[KOR].stages(one.delivery.consignment)[-1] is Stage.RECEIVED for one in releases)
    assert world[JPN].problems() == []


@dataclass
class Partner:
    """A partner's door with software of its own: once linked, it answers every request with the bytes it was given."""

    answer: bytes = b""
    ends: bool = True
    port: int = field(default_factory=free_port)
    asked: list[bytes] = field(default_factory=list)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a request and say the answer."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split(b"\r\n", 1)[0])
            writer.write(http(no_claim(JPN)) if head.startswith(b"POST /v1/link ") else self.answer)
            await writer.drain()
            if not self.ends:
                await reader.read()
        writer.close()


@asynccontextmanager
async def dishonest(partner: Partner) -> AsyncIterator[Link]:
    """Seoul's link to Tokyo's door, behind which other software answers."""
    context = server_context(tls(JPN), pinned=[tls(KOR).certificate])
    async with AsyncExitStack() as stack:
        server = await asyncio.start_server(partner.hear, "127.0.0.1", partner.port, ssl=context)
        stack.push_async_callback(server.wait_closed)
        stack.callback(server.close)
        ours = client_context(tls(KOR), pinned=tls(JPN).certificate)
        address = f"127.0.0.1:{partner.port}"
        yield await stack.enter_async_context(Link(party=JPN, address=address, context=ours, timeout_s=0.5))


def http(body: bytes, status: bytes = b"200 OK", *, length: int | None = None) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body) if length is None else length, body)


def to_partner(partner: Partner, act: Callable[[Link], Awaitable[None]]) -> None:
    async def run() -> None:
        async with dishonest(partner) as link:
            await act(link)

    asyncio.run(run())


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    "answer", [b"", b"H", http(b"{", length=100), http(b"", b"302 Found\r\nLocation: http://127.0.0.1:1/")]
)
def test_an_answer_that_never_ends_or_points_elsewhere_is_not_now(answer: bytes) -> None:
    partner = Partner(answer=answer, ends=False)

    async def act(link: Link) -> None:
        with pytest.raises(UnreachableError):
            await link.hello()

    to_partner(partner, act)
    assert partner.asked == [b"GET /v1/hello HTTP/1.1"]


@pytest.mark.source("DESIGN-6")
def test_an_answer_that_is_longer_than_any_is_refused() -> None:
    async def act(link: Link) -> None:
        with pytest.raises(PartnerError) as caught:
            await link.hello()
        assert caught.value.code == "transport/answer-too-large"

    to_partner(Partner(answer=http(bytes(1 << 20))), act)


@pytest.mark.source("DESIGN-6")
def test_an_answer_in_many_pieces_is_read_whole() -> None:
    told = canon.encode({"party": "JPN", "protocol": 1, "descriptor": 7})
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in told) + b"0\r\n\r\n"

    async def act(link: Link) -> None:
        assert (await link.hello()).descriptor == 7

    to_partner(Partner(answer=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces), act)


def someone_elses(world: World) -> bytes:
    """Tokyo's true receipt for another item."""
    world.send(b"another item")
    log = shared_log(JPN, KOR)
    index = next(i for i, leaf in enumerate(world[JPN].leaves(log)) if leaf.event is Event.DELIVERY_RECEIVED)
    return canon.encode(Reply(progress=None, accepted=Accepted(receipt=prove_entry(world[JPN].desk, log, index))))


@pytest.mark.source("DESIGN-5", "DESIGN-6")
@pytest.mark.parametrize(
    ("make", "code"),
    [(someone_elses, "exchange/receipt-of-another"), (lambda _: b"{}", "canon/malformed")],
    ids=["someone-elses-receipt", "no-answer-of-the-protocol"],
)
def test_a_false_answer_is_recorded_once_believed_never_and_the_item_stays_queued(
    make: Callable[[World], bytes], code: str
) -> None:
    world = world_in_force()
    partner = Partner(answer=http(make(world)))
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)

    async def run() -> None:
        with ThreadPoolExecutor(2) as executor:
            async with dishonest(partner) as link:
                work = asyncio.create_task(Worker(world[KOR].desk, JPN, link=link, executor=executor).run())
                await at_rest(lambda: world[KOR].count(RefusalRecord) > 0)
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    asyncio.run(run())
    assert world[KOR].stages(released.delivery.consignment) == [Stage.QUEUED, Stage.SENDING]
    assert world[KOR].queued(JPN) == 1
    kept = world[KOR].every(RefusalRecord)
    assert {(one.party, one.code) for one in kept} == {(JPN, code)}
    assert world[KOR].problems() == []
