"""What was dispatched after the end lies sealed and is nobody's to use; two persons destroy it, the sender is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gsomia.agreements import NoteSubject
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import NodeError, RefusedError, UnavailableError, WaitingError
from gsomia.exchange import Arrival, DeliveryStage, Stage
from gsomia.flows import consign
from gsomia.flows.decide import ask_access
from gsomia.flows.desk import shared_log
from gsomia.flows.dispose import destroy_item, finish_destructions
from gsomia.flows.hold import lying_on_hold
from gsomia.flows.records import RefusalRecord
from gsomia.flows.release import Released
from gsomia.ids import ItemId, PartyCode
from gsomia.policy import rules
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    DestructionConfirmed,
    ItemDestroyed,
    ItemRecord,
    OnHold,
    Place,
    ReadingSlip,
    Unreached,
    hold,
)
from gsomia.transport import PartnerRefusedError
from simulation.diplomacy import ENDS, note
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, PURPOSE, Fault, PowerCut, SimNode, World, identity, world_in_force

SHORT, LONG = b"image", bytes(2 * SEGMENT_BYTES + 5)
MOST = 40


@contextmanager
def a_program_that_does_not_ask() -> Iterator[None]:
    """A sender whose software releases although the instrument has ended."""
    asked = rules.instrument_allows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "instrument_allows", lambda facts, **_: asked(facts, allowed=True))
        yield


def after_the_end() -> World:
    world = world_in_force()
    world[JPN].bring_reader()
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=10)
    return world


@pytest.fixture
def world() -> World:
    return after_the_end()


def release_late(world: World, content: bytes = SHORT) -> Released:
    item = world[KOR].register(content)
    with a_program_that_does_not_ask():
        return world[KOR].release(item.id, JPN)


def send_late(world: World, content: bytes = SHORT) -> Released:
    released = release_late(world, content)
    world.settle()
    return released


def on_hold(node: SimNode) -> list[OnHold]:
    return node.memory.run(lambda tx: lying_on_hold(tx, node.desk))


def destroy(node: SimNode, item: ItemId) -> ItemDestroyed:
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    return destroy_item(node.desk, node.actor("security"), item)


def last_code(world: World, released: Released) -> str | None:
    return world[KOR].every(DeliveryStage, consignment=released.delivery.consignment)[-1].code


def holds(world: World) -> bool:
    return [*world[KOR].problems(), *world[JPN].problems()] == []


# --- it is taken, and is nothing but sealed bytes ----------------------------------------------------------------


@pytest.mark.source("A-03", "G21-5")
@pytest.mark.parametrize("content", [SHORT, LONG], ids=["one-segment", "three-segments"])
def test_it_lies_sealed_and_the_sender_is_told_with_a_code(world: World, content: bytes) -> None:
    released = send_late(world, content)
    (held,) = on_hold(world[JPN])
    assert (held.id, held.sender, held.origin.manifest) == (released.item, KOR, released.delivery.manifest)
    assert held.origin.state == "TERMINATED"
    assert world[JPN].storage_keys.has(released.item)
    assert world[JPN].payloads.has(held.holding.segment_list)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.REFUSED
    assert world[JPN].every(RefusalRecord)[-1].code == "policy/held-after-end"
    assert holds(world)


@pytest.mark.source("A-03", "A-04", "G12-5")
def test_it_is_not_received_and_no_custody_passes(world: World) -> None:
    item = send_late(world).item
    for kind in (ItemRecord, CustodyEvent, Booking, Arrival):
        assert not [one for one in world[JPN].every(kind) if getattr(one, "id", getattr(one, "item", None)) == item]
    leaves = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.ids.get("item") == item]
    assert not [leaf for leaf in leaves if leaf.event is Event.DELIVERY_RECEIVED]


def book(node: SimNode, item: ItemId) -> None:
    node.book(item)


def read(node: SimNode, item: ItemId) -> None:
    node.read(item)


def release(node: SimNode, item: ItemId) -> None:
    node.release(item, KOR)


def ask(node: SimNode, item: ItemId) -> None:
    node.memory.run(lambda tx: ask_access(tx, node.desk, item, reader=node.actor("analyst").person, purpose=PURPOSE))


@pytest.mark.source("A-03", "G7-2")
@pytest.mark.parametrize("act", [book, read, release, ask])
def test_nobody_books_reads_or_releases_it_and_no_slip_is_written(
    world: World, act: Callable[[SimNode, ItemId], None]
) -> None:
    item = send_late(world).item
    with pytest.raises(NodeError) as caught:
        act(world[JPN], item)
    assert caught.value.code == "flows/unknown-item"
    assert world[JPN].count(ReadingSlip) == world[JPN].count(Booking, item=item) == 0


# --- it is destroyed, and the sender has the certificate ---------------------------------------------------------


@pytest.mark.source("A-03", "G13-1", "F-16")
@pytest.mark.parametrize("content", [SHORT, LONG], ids=["one-segment", "three-segments"])
def test_two_persons_destroy_key_and_bytes_and_the_sender_gets_the_certificate(world: World, content: bytes) -> None:
    item = send_late(world, content).item
    address = on_hold(world[JPN])[0].holding.segment_list
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item)
    with pytest.raises(RefusedError) as caught:
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item)
    assert caught.value.code == "flows/same-person"
    assert world[JPN].storage_keys.has(item)
    done = destroy_item(world[JPN].desk, world[JPN].actor("security"), item)
    assert not world[JPN].storage_keys.has(item)
    assert not world[JPN].payloads.has(address)
    assert done.act.body.beyond[0].what is Unreached.SENDERS_COPY
    assert on_hold(world[JPN]) == []
    world.settle()
    assert [one.act for one in world[KOR].every(ItemDestroyed, item=item)] == [done.act]
    assert world[JPN].count(CustodyEvent, item=item) == 0
    assert place_of_copy(world, item) is Place.DESTROYED
    assert holds(world)


def place_of_copy(world: World, item: ItemId) -> Place:
    """Where the copy that went to Tokyo stands, as Seoul's register has it."""
    (line,) = world[KOR].memory.run(lambda tx: tx.lines(CopyLine, counterpart=JPN, item=item, limit=9))
    return line.place


@pytest.mark.source("A-03", "A-36", "LEDGER-1")
def test_the_senders_register_has_it_on_its_way_until_the_certificate_comes(world: World) -> None:
    item = send_late(world).item
    assert place_of_copy(world, item) is Place.IN_TRANSIT
    destroy(world[JPN], item)
    assert place_of_copy(world, item) is Place.IN_TRANSIT
    world.settle()
    assert place_of_copy(world, item) is Place.DESTROYED


@pytest.mark.source("A-03", "G13-1")
def test_what_the_sender_keeps_is_untouched(world: World) -> None:
    item = send_late(world).item
    destroy(world[JPN], item)
    world.settle()
    assert world[KOR].storage_keys.has(item)
    assert world[KOR].count(ItemDestroyed, item=item, party=KOR) == 0


# --- offered again -----------------------------------------------------------------------------------------------


@pytest.mark.source("A-03", "DESIGN-6")
@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.DOUBLED])
@pytest.mark.parametrize("content", [SHORT, LONG], ids=["one-segment", "three-segments"])
def test_offered_again_it_has_the_same_answer_and_lies_there_once(world: World, content: bytes, fault: Fault) -> None:
    released = release_late(world, content)
    world.deliver(KOR, JPN, fault)
    world.settle()
    assert world[JPN].count(OnHold) == 1
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.REFUSED
    destroy(world[JPN], released.item)
    world.settle()
    with pytest.raises(PartnerRefusedError) as caught:
        offer_again(world, released)
    assert caught.value.code == "policy/held-after-end"
    assert not world[JPN].storage_keys.has(released.item)


def offer_again(world: World, released: Released) -> None:
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    world.links[KOR, JPN].offer(sending.offer + sending.inline)


@pytest.mark.source("A-03")
def test_an_item_that_lies_on_hold_or_is_here_already_comes_no_second_time(world: World) -> None:
    offer = late_offer(world, seed="one")
    refused(world, offer, "policy/held-after-end")
    item = on_hold(world[JPN])[0].id
    refused(world, late_offer(world, seed="two", item=item), "policy/dispatched-after-end")
    world[KOR].clock.offset_s = -60
    in_time = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]), item=item, seed="three")
    world[KOR].clock.offset_s = 0
    refused(world, in_time, "policy/item-on-hold")
    assert world[JPN].count(OnHold) == 1
    assert world[JPN].count(ItemRecord, id=item) == 0


@pytest.mark.source("A-03")
def test_an_item_that_was_rightly_received_does_not_go_on_hold() -> None:
    world = world_in_force()
    item = world.send(SHORT).item
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=10)
    refused(world, late_offer(world, seed="again", item=item), "policy/dispatched-after-end")
    assert world[JPN].count(OnHold) == 0
    assert world[JPN].storage_keys.has(item)


@pytest.mark.source("A-03", "DESIGN-5")
def test_a_node_that_was_set_back_knows_what_it_destroyed_and_takes_it_no_second_time(world: World) -> None:
    for owner, witness in world.links:
        world.cosign(owner, witness)
    older = world[JPN].copy_record()
    released = send_late(world)
    destroy(world[JPN], released.item)
    world.settle()
    for owner, witness in world.links:
        world.cosign(owner, witness)
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    world.settle()
    assert world[JPN].count(OnHold) == 0
    assert world[JPN].count(ItemDestroyed, item=released.item, party=JPN) == 1
    with pytest.raises(PartnerRefusedError) as caught:
        offer_again(world, released)
    assert caught.value.code == "policy/dispatched-after-end"
    assert not world[JPN].storage_keys.has(released.item)
    assert holds(world)


# --- a hostile partner -------------------------------------------------------------------------------------------


def late_offer(world: World, *, seed: str, content: bytes = SHORT, item: ItemId | None = None) -> bytes:
    return forge_offer(
        world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]), content=content, item=item, seed=seed
    )


def refused(world: World, offer: bytes, code: str) -> None:
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[KOR, JPN].offer(offer)
    assert caught.value.code == code


@pytest.mark.source("A-03", "DESIGN-6")
def test_a_partner_cannot_fill_the_hold_with_many_items(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "MAX_ON_HOLD", 3)
    for number in range(3):
        refused(world, late_offer(world, seed=f"n{number}"), "policy/held-after-end")
    stored = len(world[JPN].payloads._stored)
    refused(world, late_offer(world, seed="n3"), "policy/dispatched-after-end")
    assert (world[JPN].count(OnHold), len(world[JPN].payloads._stored)) == (3, stored)
    destroy(world[JPN], on_hold(world[JPN])[0].id)
    refused(world, late_offer(world, seed="n4"), "policy/held-after-end")


@pytest.mark.source("A-03", "DESIGN-6")
def test_a_partner_cannot_fill_the_hold_with_large_items(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "MAX_ON_HOLD_BYTES", len(LONG) + len(SHORT))
    send_late(world, LONG)
    second = send_late(world, LONG)
    assert [one.holding.content_bytes for one in on_hold(world[JPN])] == [len(LONG)]
    assert last_code(world, second) == "policy/dispatched-after-end"
    send_late(world, SHORT)
    assert len(on_hold(world[JPN])) == 2


@pytest.mark.source("A-03", "DESIGN-6")
def test_what_is_still_coming_counts_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "MAX_ON_HOLD_BYTES", len(LONG) + len(SHORT))
    release_late(world, LONG)
    world.deliver(KOR, JPN, Fault.NONE, Fault.LOST)  # the first segment is lost: the transfer stays open
    refused(world, late_offer(world, seed="large", content=bytes(len(SHORT) + 1)), "policy/dispatched-after-end")
    refused(world, late_offer(world, seed="small", content=SHORT), "policy/held-after-end")
    world.settle()
    assert len(on_hold(world[JPN])) == 2


# --- the disk is full, or the power is cut, at every unit --------------------------------------------------------


def until_it_does_not_fail(play: Callable[[World, int], bool]) -> int:
    for at in range(1, MOST):
        if not play(after_the_end(), at):
            return at - 1
    msg = "a flow of so many units was not meant"
    raise AssertionError(msg)


@pytest.mark.source("A-03", "DESIGN-2", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
@pytest.mark.parametrize("where", [KOR, JPN])
def test_it_lies_on_hold_once_wherever_its_delivery_is_cut(where: PartyCode, power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        released = release_late(world, LONG)
        world[where].fragile.fail(at, cut_after=power)
        try:
            world.deliver(KOR, JPN)
        except PowerCut:
            world[where].restart()
        except UnavailableError:  # at the sender: its worker goes on
            pass
        reached = world[where].fragile.runs >= at or world[where].fragile.at == 0
        world[where].fragile.fail(0)
        world.wait(61)
        world.settle()
        assert [one.id for one in on_hold(world[JPN])] == [released.item]
        assert world[JPN].count(OnHold) == 1
        assert world[JPN].count(ItemRecord, id=released.item) == 0
        assert last_code(world, released) == "policy/held-after-end"
        assert holds(world)
        return reached

    assert until_it_does_not_fail(play) >= 3


@pytest.mark.source("A-03", "G13-1", "DESIGN-2", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_its_destruction_is_finished_wherever_it_is_cut(power: bool) -> None:  # noqa: FBT001  a case of the table
    def play(world: World, at: int) -> bool:
        item, node = send_late(world).item, world[JPN]
        with pytest.raises(WaitingError):
            destroy_item(node.desk, node.actor("registrar"), item)
        node.fragile.fail(at, cut_after=power)
        try:
            destroy_item(node.desk, node.actor("security"), item)
        except (UnavailableError, PowerCut):
            node.restart()
            node.fragile.fail(0)
            if node.count(DestructionConfirmed, item=item):
                finish_destructions(node.desk)
            else:
                destroy_item(node.desk, node.actor("security"), item)
            world.settle()
            assert not node.storage_keys.has(item)
            assert node.count(ItemDestroyed, item=item) == world[KOR].count(ItemDestroyed, item=item) == 1
            assert on_hold(node) == []
            assert holds(world)
            return True
        return False

    assert until_it_does_not_fail(play) >= 2
