"""Destroyed by two persons and gone for good: not read, not released, not fetched again; the sender is told."""

from dataclasses import replace

import pytest

from gsomia.audit import Event
from gsomia.errors import IntegrityError, NodeError, RefusedError, UnavailableError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows.content import content_of
from gsomia.flows.desk import Actor
from gsomia.flows.dispose import destroy_item, finish_destructions
from gsomia.flows.logs import close_logs
from gsomia.flows.records import BackupRecord, RefusalRecord
from gsomia.flows.register import register_item
from gsomia.flows.spare import enter_unrecorded, unrecorded
from gsomia.ids import ItemId
from gsomia.parties import sign_act, sign_statement
from gsomia.registry import (
    DESTRUCTION,
    CustodyEvent,
    CustodyKind,
    DestructionConfirmed,
    ItemDestroyed,
    ItemRecord,
    ReadingSlip,
    Unreached,
)
from gsomia.transport import PartnerRefusedError
from simulation.world import JPN, KOR, PURPOSE, SECRET, TOPIC, UNTIL, PowerCut, SimNode, World, pieces, world_in_force

MOST = 20


@pytest.fixture
def world() -> World:
    return world_in_force()


def arrived(world: World) -> ItemId:
    released = world.send(b"image")
    world[JPN].book(released.item)
    world[JPN].bring_reader()
    world.settle()
    return released.item


def destroy(node: SimNode, item: ItemId, *, first: str = "registrar", second: str = "security") -> ItemDestroyed:
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor(first), item)
    return destroy_item(node.desk, node.actor(second), item)


def gone(node: SimNode, item: ItemId) -> bool:
    lists = {content_of(record).segment_list for record in node.every(ItemRecord, id=item)}
    return not node.storage_keys.has(item) and not any(node.payloads.has(address) for address in lists)


@pytest.mark.source("G13-1", "F-16", "DESIGN-4")
def test_key_and_content_go_and_the_sender_is_told(world: World) -> None:
    item = arrived(world)
    done = destroy(world[JPN], item)
    assert gone(world[JPN], item)
    world.settle()
    assert [one.party for one in world[KOR].every(ItemDestroyed, item=item)] == [JPN]
    assert world[KOR].every(ItemDestroyed, item=item)[0].act == done.act
    assert world[KOR].every(CustodyEvent, item=item)[-1].kind is CustodyKind.DESTROYED
    assert [*world[JPN].problems(), *world[KOR].problems()] == []


@pytest.mark.source("G13-1")
def test_a_destroyed_item_is_not_read_and_an_own_one_not_released(world: World) -> None:
    item = arrived(world)
    destroy(world[JPN], item)
    with pytest.raises(RefusedError) as raised:
        world[JPN].read(item)
    assert (raised.value.code, raised.value.clauses[0]) == ("policy/item-destroyed", "G13-1")
    own = world[KOR].register(b"ours").id
    destroy(world[KOR], own)
    with pytest.raises(RefusedError) as raised:
        world[KOR].release(own, JPN)
    assert (raised.value.code, raised.value.clauses[0]) == ("policy/item-destroyed", "G13-1")


@pytest.mark.source("G13-1")
def test_one_person_alone_destroys_nothing(world: World) -> None:
    item = arrived(world)
    with pytest.raises(WaitingError) as waiting:
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item)
    assert waiting.value.exit_code == 4
    with pytest.raises(RefusedError) as raised:
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item)
    assert (raised.value.code, raised.value.clauses) == ("flows/same-person", ("G13-1",))
    assert b"".join(world[JPN].read(item).content) == b"image"


@pytest.mark.source("G13-1")
@pytest.mark.parametrize("person", ["analyst", "liaison", "releaser"])
def test_only_officers_of_the_register_destroy(world: World, person: str) -> None:
    item = arrived(world)
    with pytest.raises(RefusedError) as raised:
        destroy_item(world[JPN].desk, world[JPN].actor(person), item)
    assert raised.value.code == "flows/office-required"


def test_a_proposal_ends_after_a_week(world: World) -> None:
    item = arrived(world)
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item)
    world.wait(7 * 86_400)
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("security"), item)
    assert not gone(world[JPN], item)


@pytest.mark.source("G13-3")
def test_what_the_originator_forbids_to_destroy_is_not_destroyed(world: World) -> None:
    node = world[KOR]
    item = register_item(
        node.desk,
        node.actor("registrar"),
        pieces(b"x"),
        content_bytes=1,
        level=SECRET[KOR],
        purpose=PURPOSE,
        topic=TOPIC,
        caveats=("NO-DESTROY",),
    ).item
    with pytest.raises(RefusedError) as raised:
        destroy_item(node.desk, node.actor("registrar"), item.id)
    assert raised.value.clauses == ("G13-3",)


@pytest.mark.source("G13-1")
def test_no_copy_on_its_way_is_left_out(world: World) -> None:
    own = world[KOR].register(b"ours").id
    released = world[KOR].release(own, JPN)
    with pytest.raises(RefusedError) as raised:
        destroy_item(world[KOR].desk, world[KOR].actor("registrar"), own)
    assert raised.value.code == "flows/delivery-under-way"
    world.settle()
    destroy(world[KOR], own)
    assert gone(world[KOR], own)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-4", "A-18")
def test_the_certificate_names_what_it_cannot_reach(world: World) -> None:
    item = arrived(world)
    b"".join(world[JPN].read(item).content)
    backup = BackupRecord(id="bak_1", until=UNTIL, at=world[JPN].clock())
    world[JPN].memory.run(lambda tx: tx.add(backup))
    done = destroy(world[JPN], item)
    named = {(one.what, one.until) for one in done.act.body.beyond}
    assert named == {
        (Unreached.SENDERS_COPY, None),
        (Unreached.BACKUP, UNTIL),
        (Unreached.READ_COPIES, None),
        (Unreached.MEDIA, None),
        (Unreached.SNAPSHOTS, None),
        (Unreached.MEMORY, None),
    }


@pytest.mark.source("G13-5")
def test_a_destroyed_item_still_answers_who_read_it(world: World) -> None:
    item = arrived(world)
    b"".join(world[JPN].read(item).content)
    destroy(world[JPN], item)
    assert [slip.reader for slip in world[JPN].every(ReadingSlip, item=item)] == ["analyst"]


@pytest.mark.source("G13-4")
def test_in_an_emergency_one_person_destroys_at_once(world: World) -> None:
    item = arrived(world)
    done = destroy_item(world[JPN].desk, world[JPN].actor("security"), item, emergency=True)
    assert (done.act.body.emergency, done.act.body.order, gone(world[JPN], item)) == (True, None, True)
    world.settle()
    assert world[KOR].count(ItemDestroyed, item=item) == 1


@pytest.mark.source("G13-1")
def test_a_certificate_that_one_person_signed_twice_is_refused_by_the_sender(world: World) -> None:
    item = arrived(world)
    done = destroy(world[JPN], item)
    forged = replace(done.act, body=replace(done.act.body, order=None))
    node = world[JPN]
    alone = sign_act(forged.body, kind=DESTRUCTION, hand=node.actor("security").hand)
    statement = sign_statement(alone, kind=DESTRUCTION, signer=node.desk.unlocked.keys.statement)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[JPN, KOR].statement(statement.envelope)
    assert raised.value.code == "parties/two-persons-required"
    assert world[KOR].count(RefusalRecord, code=raised.value.code) == 1


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_a_restored_node_does_not_bring_back_what_was_destroyed(world: World) -> None:
    item = arrived(world)
    older, keys = world[JPN].copy_record(), dict(world[JPN].storage_keys._keys)
    destroy(world[JPN], item)
    world.settle()
    world[JPN].set_back(older)
    world[JPN].storage_keys._keys.update(keys)  # with an old key file, too
    world[JPN].memory.run(lambda tx: close_logs(tx, world[JPN].desk, shown={}))
    world.link_up(JPN, KOR)
    world.settle()
    assert gone(world[JPN], item)
    assert world[JPN].count(ItemDestroyed, item=item, party=JPN) == 1
    with pytest.raises(RefusedError):
        world[JPN].read(item)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-4", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_wherever_it_is_cut_the_item_is_still_there_or_gone_for_good(power: bool) -> None:  # noqa: FBT001
    seen = set()

    def play(at: int) -> bool:
        world = world_in_force()
        item = arrived(world)
        other = world.send(b"other").item
        node = world[JPN]
        with pytest.raises(WaitingError):
            destroy_item(node.desk, node.actor("registrar"), item)
        node.fragile.fail(at, cut_after=power)
        try:
            destroy_item(node.desk, node.actor("security"), item)
        except (UnavailableError, PowerCut):
            node.restart()
            decided = node.count(DestructionConfirmed, item=item) == 1
            finish_destructions(node.desk)
            seen.add(decided)
            assert gone(node, item) is decided
            if not decided:
                assert b"".join(node.read(item).content) == b"image"
                destroy_item(node.desk, node.actor("security"), item)
            reached = True
        else:
            reached = False
        node.fragile.fail(0)
        world.settle()
        assert gone(node, item)
        assert node.count(ItemDestroyed, item=item) == world[KOR].count(ItemDestroyed, item=item) == 1
        assert node.storage_keys.has(other)
        assert [*node.problems(), *world[KOR].problems()] == []
        return reached

    assert next(at for at in range(1, MOST) if not play(at)) > 3
    assert seen == {False, True}


def test_what_the_disk_kept_from_being_destroyed_is_destroyed_at_the_next_start(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    actor: Actor = node.actor("security")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node.storage_keys, "destroy", fail)
        with pytest.raises(UnavailableError):
            destroy_item(node.desk, actor, item)
    with pytest.raises(NodeError) as raised:
        node.read(item)
    assert raised.value.code == "policy/item-destroyed"
    assert finish_destructions(node.desk) == 1
    assert gone(node, item)
    with pytest.raises(IntegrityError):
        node.storage_keys.get(item)
    assert finish_destructions(node.desk) == 0


def fail(_item: ItemId) -> None:
    raise UnavailableError("storage/disk-fails", "the disk fails")


@pytest.mark.source("DESIGN-2", "G13-4")
def test_an_emergency_does_not_wait_for_a_closed_log_and_is_entered_when_it_opens(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    node.set_back(node.copy_record())
    node.memory.run(lambda tx: close_logs(tx, node.desk, shown={}))
    with pytest.raises(UnavailableError):
        destroy_item(node.desk, node.actor("security"), item)
    destroy_item(node.desk, node.actor("security"), item, emergency=True)
    assert gone(node, item)
    assert [one.by for one in unrecorded(node.desk)] == ["security"]
    assert node.count(ItemDestroyed, item=item) == 0
    world.link_up(JPN, KOR)
    world.settle()
    assert unrecorded(node.desk) == []
    assert gone(node, item)
    assert node.count(ItemDestroyed, item=item) == world[KOR].count(ItemDestroyed, item=item) == 1
    assert Event.ITEM_DESTRUCTION_ENTERED_LATE in [leaf.event for leaf in node.leaves("gsomia/jpn/private/2")]
    assert node.problems() == []


@pytest.mark.source("DESIGN-2", "G13-4")
@pytest.mark.parametrize("emergency", [True, False])
def test_on_a_full_disk_only_an_emergency_goes_on_unrecorded(world: World, emergency: bool) -> None:  # noqa: FBT001
    item = arrived(world)
    node = world[JPN]
    if not emergency:
        with pytest.raises(WaitingError):
            destroy_item(node.desk, node.actor("registrar"), item)
    node.fragile.fail(4)  # the unit that would enter the decision
    if emergency:
        destroy_item(node.desk, node.actor("security"), item, emergency=True)
    else:
        with pytest.raises(UnavailableError):
            destroy_item(node.desk, node.actor("security"), item)
    assert (gone(node, item), len(unrecorded(node.desk))) == (emergency, int(emergency))
    node.restart()
    assert enter_unrecorded(node.desk) == int(emergency)
    assert finish_destructions(node.desk) == int(emergency)
    assert enter_unrecorded(node.desk) == 0
    assert node.count(ItemDestroyed, item=item) == int(emergency)


@pytest.mark.source("DESIGN-2", "DESIGN-7")
def test_an_entry_of_the_spare_journal_that_this_node_did_not_sign_is_not_entered(world: World) -> None:
    world[JPN].spare.append(b"{}")
    with pytest.raises(NodeError):
        enter_unrecorded(world[JPN].desk)
    assert world[JPN].count(DestructionConfirmed) == 0
