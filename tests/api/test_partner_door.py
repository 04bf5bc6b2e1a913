"""The partner's door on a real loopback socket with mutual TLS: who gets in, and what any bytes come to."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.door import Answer, Opened, at_door, no_claim, refused, tls
from gsomia import canon
from gsomia.audit import AddCheckpoint, InclusionReceipt, print_add_checkpoint
from gsomia.envelope import MAX_INLINE_BYTES, MAX_RELAY_BYTES, MAX_TOGETHER, SEGMENT_BYTES, print_together
from gsomia.errors import UnavailableError, UnreachableError
from gsomia.exchange import Answers, Hello, LinkUp, Reply
from gsomia.flows import consign
from gsomia.flows.linkup import forget_link
from gsomia.flows.records import RefusalRecord
from gsomia.ids import sha256_hex
from gsomia.registry import ItemRecord
from gsomia.storage import KINDS
from gsomia.transport import Link, PartnerRefusedError, client_context
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, USA, World, identity, world_in_force

POSTS = ("/v1/consignments", "/v1/consignments/together", "/v1/statements", "/v1/stages", "/v1/witness/add-checkpoint")
SEGMENT = "/v1/consignments/csg_" + "a" * 26 + "/segments/0"
TOO_MUCH = MAX_RELAY_BYTES + MAX_INLINE_BYTES + 1


@pytest.fixture(scope="module")
def world() -> World:
    return world_in_force()


@pytest.mark.source("DESIGN-6", "RFC 8446")
def test_a_pinned_partner_is_greeted(world: World) -> None:
    async def act(door: Opened) -> None:
        context = client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
        async with Link(party="JPN", address=door.address, context=context) as link:
            assert await link.hello() == Hello(party="JPN", protocol=1, descriptor=1)
        assert (door.door.partners_connected, door.door.strangers_refused) == (1, 0)

    at_door(world, act)


async def shaken(door: Opened, context: ssl.SSLContext) -> bool:
    """Whether a caller with this context gets an answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=context, server_hostname="x")
    except OSError:
        return False
    try:
        writer.write(b"GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n")
        return bool(await asyncio.wait_for(reader.read(1), 10))
    except OSError:
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def without_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def of_a_stranger() -> ssl.SSLContext:
    return client_context(tls(USA), pinned=identity(JPN).descriptor.tls_certificate)


def of_an_older_tls() -> ssl.SSLContext:
    context = client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@pytest.mark.source("DESIGN-6", "RFC 8446", "DESIGN-2")
@pytest.mark.parametrize("make", [without_certificate, of_a_stranger, of_an_older_tls])
def test_a_stranger_fails_the_handshake_and_is_counted(world: World, make: Callable[[], ssl.SSLContext]) -> None:
    sizes = world[JPN].sizes()

    async def act(door: Opened) -> None:
        assert not await shaken(door, make())
        assert (door.door.strangers_refused, door.door.partners_connected) == (1, 0)
        assert await shaken(door, client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate))

    at_door(world, act)
    assert world[JPN].sizes() == sizes


@pytest.mark.source("DESIGN-2")
def test_someone_who_speaks_no_tls_is_counted(world: World) -> None:
    async def act(door: Opened) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /v1/hello HTTP/1.1\r\n\r\n")
        with suppress(ConnectionError):
            assert b"HTTP" not in await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert door.door.strangers_refused == 1

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_a_caller_accepts_no_other_node_at_the_address(world: World) -> None:
    async def act(door: Opened) -> None:
        context = client_context(tls(KOR), pinned=identity(USA).descriptor.tls_certificate)
        async with Link(party="USA", address=door.address, context=context) as link:
            with pytest.raises(UnreachableError):
                await link.hello()

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_an_address_in_use_is_said(world: World) -> None:
    async def act(door: Opened) -> None:
        with pytest.raises(UnavailableError, match="cannot listen"):
            await door.door.open("127.0.0.1", door.port)

    at_door(world, act)


@pytest.mark.source("DESIGN-6", "G12-5")
def test_an_offer_over_the_wire_is_accepted_twice_with_one_receipt() -> None:
    world = world_in_force()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))

    async def act(door: Opened) -> None:
        answers = [await door.ask("POST", "/v1/consignments", body) for _ in range(2)]
        replies = [canon.decode(answer.body, Reply) for answer in answers]
        assert [answer.status for answer in answers] == [200, 200]
        assert replies[0] == replies[1]

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 1


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_offers_that_ride_together_are_answered_each_for_itself_and_refusals_are_recorded() -> None:
    world = world_in_force()
    agreement = agreement_digest(world[KOR])
    good = [forge_offer(world[KOR], identity(JPN), agreement=agreement, seed=f"n{number}") for number in range(2)]
    body = print_together([good[0], b"hostile", good[1]])

    async def act(door: Opened) -> None:
        answer = await door.ask("POST", "/v1/consignments/together", body)
        first, second, third = canon.decode(answer.body, Answers).answers
        assert (answer.status, first.refusal, second.reply, third.refusal) == (200, None, None, None)
        assert second.refusal is not None
        (kept,) = world[JPN].every(RefusalRecord)
        assert (second.refusal.code, second.refusal.correlation_id) == (kept.code, kept.correlation_id)
        assert kept.subject == sha256_hex(b"hostile")
        for body_alone, told in zip(good, (first, third), strict=True):
            again = canon.decode((await door.ask("POST", "/v1/consignments", body_alone)).body, Reply)
            assert told.reply is not None
            assert told.reply.accepted is not None
            assert again.accepted is not None
            assert told.reply.accepted.receipt.leaf == again.accepted.receipt.leaf
        crowd = print_together([good[0]] * (MAX_TOGETHER + 1))
        refused(await door.ask("POST", "/v1/consignments/together", crowd))
        assert world[JPN].every(RefusalRecord)[-1].subject == sha256_hex(crowd)  # no consignment was refused

    at_door(world, act)
    assert world[JPN].count(ItemRecord) == 2


@pytest.mark.source("STYLE-3.6", "DESIGN-2")
def test_what_cannot_be_recorded_is_neither_taken_nor_refused(world: World) -> None:
    offers = [b"hostile", b"hostile too"]

    async def act(door: Opened) -> None:
        world[JPN].fragile.fail(1)
        context = client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
        async with Link(party="JPN", address=door.address, context=context) as link:
            first, second = await link.offer_together(offers)
        assert isinstance(first, UnreachableError)
        assert isinstance(second, PartnerRefusedError)

    at_door(world, act)


HOSTILE = {
    "nothing": b"",
    "a-brace": b"{",
    "empty-object": b"{}",
    "null": b"null",
    "number": b"1e999",
    "deep": b"[" * 20_000,
    "not-utf8": b"\xff\xfe\x00",
    "magic-only": b"gsomia1\n",
    "magic-long": b"gsomia1\n" + b"\xff" * 16,
    "magic-zero": b"gsomia1\n" + bytes(16),
    "statement-shape": b'{"payload":"","payloadType":"application/vnd.gsomia.note.v1+json","signatures":[]}',
    "receipt-shape": canon.encode(InclusionReceipt(leaf=b"{}", index=0, proof=(), checkpoint=b"")),
    "checkpoint-shape": print_add_checkpoint(
        AddCheckpoint(old=0, proof=(), checkpoint=b"gsomia/kor/shared/jpn\n0\n\n")
    ),
    "old-huge": b"old 99999999999999999999\n\nx",
    "one-mebibyte": bytes(1 << 20),
}


@pytest.mark.source("STYLE-3.6", "DESIGN-6", "LAW-10")
@pytest.mark.parametrize("path", POSTS)
def test_hostile_bytes_are_refused_recorded_and_change_nothing(path: str) -> None:
    world = world_in_force()
    before = {kind: world[JPN].count(kind) for kind in KINDS if kind is not RefusalRecord}

    async def act(door: Opened) -> None:
        for number, body in enumerate(HOSTILE.values(), 1):
            told = refused(await door.ask("POST", path, body))
            kept = world[JPN].every(RefusalRecord)
            assert (kept[-1].code, kept[-1].correlation_id, len(kept)) == (told.code, told.correlation_id, number)

    at_door(world, act)
    assert {kind: world[JPN].count(kind) for kind in before} == before
    assert world[JPN].problems() == []


@pytest.mark.source("STYLE-3.6", "LAW-10")
@settings(max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    bodies=st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=200).map(lambda tail: b"gsomia1\n" + tail),
            st.binary(max_size=100).map(lambda tail: b"old 0\n\n" + tail),
        ),
        min_size=len(POSTS),
        max_size=len(POSTS),
    )
)
def test_any_bytes_at_any_path_come_to_a_refusal(world: World, bodies: list[bytes]) -> None:
    async def act(door: Opened) -> None:
        for path, body in zip(POSTS, bodies, strict=True):
            refused(await door.ask("POST", path, body))

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_a_segment_of_nothing_that_is_open_is_not_now_offer_it_again(world: World) -> None:
    recorded = world[JPN].count(RefusalRecord)

    async def act(door: Opened) -> None:
        for body in HOSTILE.values():
            assert await door.ask("PUT", SEGMENT, body) == Answer(503, b"")

    at_door(world, act)
    assert world[JPN].count(RefusalRecord) == recorded


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_hostile_segments_of_an_open_consignment_are_refused_and_the_true_ones_taken() -> None:
    world = world_in_force()
    released = world[KOR].release(world[KOR].register(bytes(SEGMENT_BYTES + 1)).id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    path = f"/v1/consignments/{released.delivery.consignment}/segments"

    async def act(door: Opened) -> None:
        await door.ask("POST", "/v1/consignments", sending.offer)
        for body in HOSTILE.values():
            refused(await door.ask("PUT", f"{path}/0", body))
        for index in range(2):
            sealed = consign.read_segment(sending, index)
            answer = await door.ask("PUT", f"{path}/{index}", sealed)
        assert canon.decode(answer.body, Reply).accepted is not None

    at_door(world, act)
    assert (world[JPN].count(ItemRecord), world[JPN].count(RefusalRecord)) == (1, len(HOSTILE))


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v2/hello"),
        ("DELETE", "/v1/consignments"),
        ("POST", "/v1/hello"),
        ("PUT", "/v1/consignments/x/segments/"),
        ("GET", "/v1/../etc/passwd"),
    ],
)
def test_there_is_nothing_at_other_addresses(world: World, method: str, path: str) -> None:
    async def act(door: Opened) -> None:
        assert (await door.ask(method, path)).status in {404, 405}

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("index", ["-1", "01", "1e3", "%31%30x", "9999999999", "٣"])
@pytest.mark.parametrize("consignment", ["csg_" + "a" * 26, "x", "csg_" + "A" * 26, "%00", "a" * 5000, "é"])
def test_segments_that_cannot_exist_are_refused(world: World, consignment: str, index: str) -> None:
    async def act(door: Opened) -> None:
        refused(await door.ask("PUT", f"/v1/consignments/{consignment}/segments/{index}", b"x"))

    at_door(world, act)


@pytest.mark.source("STYLE-3.6")
def test_an_address_that_is_no_text_is_refused_too(world: World) -> None:
    async def act(door: Opened) -> None:
        line = b"PUT /v1/consignments/\xff\xfe/segments/0 HTTP/1.1\r\n"
        head = line + b"Host: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        answer = await door.raw(head)
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("path", POSTS)
def test_too_large_a_body_is_cut_off_and_recorded(world: World, path: str) -> None:
    async def act(door: Opened) -> None:
        told = refused(await door.ask("POST", path, bytes(TOO_MUCH)))
        assert told.code == "api/too-large"
        assert world[JPN].every(RefusalRecord)[-1].correlation_id == told.correlation_id

    at_door(world, act)


@pytest.mark.source("STYLE-3.6", "G12-6", "DESIGN-6")
def test_a_refusal_carries_no_reason_level_purpose_or_name() -> None:
    world = world_in_force()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]), level="KOR-1")

    async def act(door: Opened) -> None:
        answer = await door.ask("POST", "/v1/consignments", body)
        told = refused(answer)
        assert told.code == "policy/level-not-in-table"
        inside = world[JPN].every(RefusalRecord)[-1].message.encode()
        for word in (inside, b"KOR-1", b"DPRK", b"G4", b"Government"):
            assert word not in answer.body

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_our_own_trouble_is_not_now_and_not_recorded_as_the_partners() -> None:
    world = world_in_force()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))

    async def act(door: Opened) -> None:
        await door.ask("GET", "/v1/hello")
        world[JPN].fragile.fail(1)
        answer = await door.ask("POST", "/v1/consignments", body)
        assert (answer.status, answer.body) == (503, b"")
        assert (await door.ask("POST", "/v1/consignments", body)).status == 200

    at_door(world, act)
    assert world[JPN].count(RefusalRecord) == 0


@pytest.mark.source("DESIGN-6")
def test_a_refusal_that_cannot_be_recorded_is_not_now() -> None:
    world = world_in_force()

    async def act(door: Opened) -> None:
        await door.ask("GET", "/v1/hello")
        world[JPN].fragile.fail(1)
        assert (await door.ask("POST", "/v1/stages", b"{}")).status == 503

    at_door(world, act)


@pytest.mark.source("DESIGN-6")
def test_the_certificate_decides_who_is_calling() -> None:
    world = world_in_force(USA)
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))

    async def act(door: Opened) -> None:
        told = refused(await door.ask("POST", "/v1/consignments", body, by=USA))
        assert told.code == "envelope/sender-mismatch"

    at_door(world, act)
    assert world[JPN].every(RefusalRecord)[-1].party == USA


@pytest.mark.source("DESIGN-6")
def test_the_link_tells_a_refusal_from_not_now() -> None:
    world = world_in_force()
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))

    async def act(door: Opened) -> None:
        context = client_context(tls(KOR), pinned=identity(JPN).descriptor.tls_certificate)
        async with Link(party="JPN", address=door.address, context=context) as link:
            with pytest.raises(PartnerRefusedError, match="not-an-offer"):
                await link.offer(b"nothing")
            world[JPN].fragile.fail(1)
            with pytest.raises(UnreachableError, match="503"):
                await link.offer(body)
            assert (await link.offer(body)).accepted is not None

    at_door(world, act)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_taken_from_a_partner_before_link_up(world: World, path: str) -> None:
    sizes = world[JPN].sizes()

    async def act(door: Opened) -> None:
        forget_link(world[JPN].desk, KOR)
        assert (await door.ask("POST", path, b"{}")).status == 503
        linked = await door.ask("POST", "/v1/link", no_claim(KOR))
        assert linked.status == 200
        assert canon.decode(linked.body, LinkUp).party == JPN
        assert (await door.ask("POST", path, b"{}")).status != 503

    before = world[JPN].count(RefusalRecord)
    at_door(world, act)
    assert world[JPN].count(RefusalRecord) == before + 1
    assert world[JPN].sizes() != sizes  # the refusal is on record once the line is up


@pytest.mark.source("DESIGN-5")
def test_a_partner_that_speaks_for_another_is_not_linked(world: World) -> None:
    async def act(door: Opened) -> None:
        told = refused(await door.ask("POST", "/v1/link", no_claim(USA)))
        assert told.code == "exchange/link-of-another"

    at_door(world, act)
