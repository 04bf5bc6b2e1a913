"""A node that comes back with an older record notices, does nothing, fetches what it missed, and never forks a log."""

import pytest

from gsomia import canon
from gsomia.agreements import ActRecord
from gsomia.audit import (
    EpochReason,
)
from gsomia.errors import IntegrityError, NodeError, UnavailableError
from gsomia.exchange import Arrival, Delivery, LinkUp, Stage
from gsomia.flows import linkup
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.epoch import sign_epoch
from gsomia.flows.linkup import Standing
from gsomia.flows.logs import close_logs, closed_logs, current_log, partner_log_of
from gsomia.flows.records import EpochRecord, ReceiptRecord, RefusalRecord, StatementRecord
from gsomia.ids import PartyCode
from gsomia.registry import ItemRecord
from gsomia.transport import PartnerRefusedError
from simulation.world import JPN, KOR, USA, PowerCut, SimNode, World, world_in_force

LOG = shared_log(JPN, KOR)
MOST = 60


@pytest.fixture
def world() -> World:
    world = world_in_force()
    cosign_all(world)
    return world


def cosign_all(world: World) -> None:
    for owner, witness in world.links:
        world.cosign(owner, witness)


def current(node: SimNode, log: str) -> str:
    return node.memory.run(lambda tx: current_log(tx, log))


def closed(node: SimNode) -> list[str]:
    return node.memory.run(closed_logs)


def mark_restored(node: SimNode) -> None:
    """What `restore` does to the record before the node first runs."""
    node.memory.run(lambda tx: close_logs(tx, node.desk, shown={}))


def holds(world: World) -> bool:
    return [problem for node in world.nodes.values() for problem in node.problems()] == []


@pytest.mark.source("DESIGN-5")
def test_a_node_that_was_set_back_opens_a_new_epoch_from_the_head_its_partner_witnessed(world: World) -> None:
    older = world[JPN].copy_record()
    world.send(b"image")
    cosign_all(world)
    witnessed = world[KOR].memory.run(lambda tx: tx.witnessed(LOG))
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    opened = world[JPN].every(EpochRecord, log=LOG)[-1]
    assert witnessed is not None
    assert (opened.epoch, opened.closed_size, opened.reason) == (2, witnessed[0], EpochReason.BEHIND)
    assert world[KOR].every(EpochRecord, log=LOG)[-1] == opened
    assert current(world[JPN], LOG) == LOG + "/2"
    assert current(world[JPN], private_log(JPN)) == private_log(JPN) + "/2"
    assert closed(world[JPN]) == []


@pytest.mark.source("DESIGN-5")
def test_the_old_log_is_never_appended_to_again(world: World) -> None:
    older = world[JPN].copy_record()
    world.send(b"image")
    cosign_all(world)
    world[JPN].set_back(older)
    before = world[JPN].sizes()
    world.link_up(JPN, KOR)
    world.settle()
    world[JPN].book(world.send(b"another").item)
    world.settle()
    cosign_all(world)
    after = world[JPN].sizes()
    assert {origin: after[origin] for origin in before} == before
    assert after[LOG + "/2"] > 0
    assert holds(world)


@pytest.mark.source("DESIGN-5")
def test_what_was_delivered_and_lost_is_delivered_again_and_registered_once(world: World) -> None:
    older = world[JPN].copy_record()
    released = world.send(b"image")
    cosign_all(world)
    world[JPN].set_back(older)
    assert world[JPN].count(ItemRecord, id=released.item) == 0
    world.link_up(JPN, KOR)
    world.settle()
    assert world[JPN].count(ItemRecord, id=released.item) == 1
    assert world[JPN].count(Arrival, item=released.item) == 1
    world[JPN].bring_reader()
    world[JPN].book(released.item)
    assert b"".join(world[JPN].read(released.item).content) == b"image"
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.OPENED
    assert holds(world)


@pytest.mark.source("DESIGN-5", "A-24")
def test_lost_acts_of_both_sides_come_back_and_both_derive_the_same_instant_of_force() -> None:
    world = World(KOR, JPN)
    older = world[JPN].copy_record()
    world.bring_into_force()
    acts = {act.statement for act in world[JPN].every(ActRecord)}
    force = world[KOR].in_force_from()
    world.wait(1000)
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    assert {act.statement for act in world[JPN].every(ActRecord)} == acts
    assert world[JPN].state() == world[KOR].state() == "IN_FORCE"
    assert world[JPN].in_force_from() == force
    assert holds(world)


@pytest.mark.source("DESIGN-5", "DESIGN-2")
def test_a_node_that_is_behind_does_nothing_before_it_has_linked_up(world: World) -> None:
    own = world[JPN].register(b"ours")
    released = world.send(b"image")
    world[JPN].bring_reader()
    older = world[JPN].copy_record()
    world.send(b"another")
    cosign_all(world)
    world[JPN].set_back(older)
    mark_restored(world[JPN])
    sizes = world[JPN].sizes()
    for act in (
        lambda: world[JPN].release(own.id, KOR),
        lambda: world[JPN].register(b"more"),
        lambda: world[JPN].book(released.item),
        lambda: world[JPN].read(released.item),
    ):
        with pytest.raises(UnavailableError) as raised:
            act()
        assert raised.value.code == "flows/log-closed"
    assert world[JPN].sizes() == sizes


@pytest.mark.source("DESIGN-5")
def test_a_partner_is_not_heard_before_link_up(world: World) -> None:
    older = world[JPN].copy_record()
    world.send(b"image")
    cosign_all(world)
    world[JPN].set_back(older)
    sizes = world[JPN].sizes()
    released = world[KOR].release(world[KOR].register(b"next").id, JPN)
    world.deliver(KOR, JPN)  # its worker believes that the line is still up
    assert world[JPN].sizes() == sizes
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert closed(world[JPN]) == []


@pytest.mark.source("DESIGN-5")
def test_an_act_that_no_cosigned_head_covers_yet_gives_a_set_back_away(world: World) -> None:
    older = world[JPN].copy_record()
    world.wait(5)
    world[JPN].assure(KOR)
    world.settle()
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    assert world[JPN].every(EpochRecord, log=LOG)[-1].epoch == 2
    said = [record for record in world[JPN].every(StatementRecord, direction="own") if record.kind == "assurance"]
    assert len(said) == 2


@pytest.mark.source("DESIGN-5")
def test_a_receipt_that_no_cosigned_head_covers_yet_gives_a_set_back_away(world: World) -> None:
    older = world[JPN].copy_record()
    world.send(b"image")
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    assert world[JPN].every(EpochRecord, log=LOG)[-1].epoch == 2


@pytest.mark.source("DESIGN-5")
def test_a_node_that_lost_nothing_keeps_its_log(world: World) -> None:
    world.send(b"image")
    cosign_all(world)
    for party in (KOR, JPN):
        world[party].restart()
    world.link_up(JPN, KOR)
    world.link_up(KOR, JPN)
    assert world[JPN].count(EpochRecord) == world[KOR].count(EpochRecord) == 0


@pytest.mark.source("DESIGN-5")
def test_entries_made_between_the_set_back_and_link_up_never_contradict_what_the_partner_saw(world: World) -> None:
    older = world[JPN].copy_record()
    for content in (b"one", b"two"):
        world.send(content)
    cosign_all(world)
    world[JPN].set_back(older)
    own = world[JPN].register(b"ours")  # nobody has told it yet
    released = world[JPN].release(own.id, KOR)
    world.settle()
    assert world[KOR].count(Arrival, item=own.id) == 1
    assert world[JPN].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    cosign_all(world)
    assert world[KOR].count(RefusalRecord) == 0
    assert world[KOR].memory.run(lambda tx: tx.witnessed(LOG + "/2")) is not None
    assert holds(world)


@pytest.mark.source("DESIGN-5")
def test_a_restored_node_always_opens_a_new_epoch_even_if_it_lost_nothing(world: World) -> None:
    record = world[JPN].copy_record()
    world[JPN].set_back(record)
    mark_restored(world[JPN])
    world.link_up(JPN, KOR)
    opened = world[JPN].every(EpochRecord, log=LOG)[-1]
    assert (opened.epoch, opened.reason) == (2, EpochReason.RESTORED)
    assert closed(world[JPN]) == []


@pytest.mark.source("DESIGN-5")
def test_a_node_can_be_set_back_twice_even_to_before_its_first_epoch(world: World) -> None:
    older = world[JPN].copy_record()
    world.send(b"image")
    cosign_all(world)
    world[JPN].set_back(older)
    again = world[JPN].copy_record()
    world.settle()
    world.link_up(JPN, KOR)
    world.settle()
    cosign_all(world)
    world[JPN].set_back(again)
    world.link_up(JPN, KOR)
    world.settle()
    assert current(world[JPN], LOG) == LOG + "/3"
    assert [record.epoch for record in world[KOR].every(EpochRecord, log=LOG)] == [2, 3]
    released = world.send(b"after")
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert holds(world)


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_content_whose_storage_key_is_gone_is_fetched_again_from_the_partner(world: World) -> None:
    released = world.send(b"image")
    world[JPN].book(released.item)
    world[JPN].bring_reader()
    world.settle()
    own = world[JPN].register(b"ours")
    world[JPN].set_back(world[JPN].copy_record(), keys=False)
    mark_restored(world[JPN])
    world.link_up(JPN, KOR)
    assert world[KOR].queued(JPN) == 1
    with pytest.raises(IntegrityError) as raised:
        b"".join(world[JPN].read(released.item).content)
    assert raised.value.code == "storage/no-storage-key"
    world.settle()
    assert b"".join(world[JPN].read(released.item).content) == b"image"
    assert {arrival.consignment for arrival in world[JPN].every(Arrival)} == {released.delivery.consignment}
    assert not world[JPN].storage_keys.has(own.id)  # nobody else has it: lost
    world.settle()
    assert holds(world)


@pytest.mark.source("DESIGN-5")
def test_a_release_whose_register_line_is_lost_leaves_the_partners_proof(world: World) -> None:
    older = world[JPN].copy_record()
    released = world.send(b"ours", sender=JPN, to=KOR)
    cosign_all(world)
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    assert world[JPN].count(Delivery) == 0
    assert world[JPN].count(ReceiptRecord, reference=released.delivery.consignment) == 1
    assert holds(world)


@pytest.mark.source("DESIGN-5")
def test_each_partners_log_waits_for_its_own_link_up() -> None:
    world = world_in_force(USA)
    cosign_all(world)
    world[JPN].set_back(world[JPN].copy_record())
    mark_restored(world[JPN])
    world.link_up(JPN, KOR)
    assert closed(world[JPN]) == [shared_log(JPN, USA)]
    released = world.send(b"image")
    world[JPN].book(released.item)
    world.link_up(JPN, USA)
    assert closed(world[JPN]) == []
    assert holds(world)


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness")
def test_an_epoch_that_names_another_head_is_not_accepted(world: World) -> None:
    world.send(b"image")
    cosign_all(world)
    for closed_at in ((0, "e" * 64), (3, "a" * 64)):
        statement = world[JPN].memory.run(
            lambda tx, at=closed_at: sign_epoch(  # type: ignore[misc]
                tx, world[JPN].desk, LOG, to=KOR, epoch=2, closed=at, reason=EpochReason.BEHIND
            )
        )
        with pytest.raises(PartnerRefusedError) as raised:
            world.links[JPN, KOR].question("/v1/link/epoch", statement.envelope)
        assert raised.value.code == "flows/epoch-names-another-head"
    assert world[KOR].count(EpochRecord) == 0


@pytest.mark.source("DESIGN-5")
def test_the_closed_epoch_proves_nothing_beyond_the_head_that_was_named(world: World) -> None:
    cosign_all(world)
    older = world[JPN].copy_record()
    world.send(b"image")
    late = world[KOR].every(ReceiptRecord, party=JPN)[-1].receipt  # under a head that was never cosigned
    early = world[KOR].memory.run(lambda tx: tx.witnessed(LOG))
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    assert early is not None
    assert partner_log_of(world[KOR].desk, JPN, late.checkpoint) == LOG + "/2"
    assert partner_log_of(world[KOR].desk, JPN, early[1]) == LOG


@pytest.mark.source("DESIGN-5")
def test_a_partner_that_only_claims_to_have_seen_more_stops_nobody(world: World) -> None:
    cosign_all(world)
    theirs = world[KOR].desk.unlocked.checkpoints.cover(shared_log(KOR, JPN), size=1)
    boast = LinkUp(
        party=KOR, protocol=1, ready=True, epoch=7, opened=b"{}", cosigned=theirs, seen=b"nothing", act=b"{}"
    )
    assert linkup.judge_link(world[JPN].desk, KOR, canon.encode(boast)) is Standing.LINKED
    assert closed(world[JPN]) == []


@pytest.mark.source("DESIGN-5", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
@pytest.mark.parametrize("fragile", [JPN, KOR])
def test_recovery_that_is_cut_anywhere_starts_over_and_ends_in_one_epoch(power: bool, fragile: PartyCode) -> None:  # noqa: FBT001
    def play(at: int) -> bool:
        world = World(KOR, JPN)
        older = world[JPN].copy_record()
        world.bring_into_force()
        released = world.send(b"image")
        cosign_all(world)
        world[JPN].set_back(older)
        world[fragile].fragile.fail(at, cut_after=power)
        reached = False
        try:
            world.link_up(JPN, KOR)
        except (NodeError, PowerCut):
            reached = True
            world[fragile].restart()
        world[fragile].fragile.fail(0)
        world.link_up(JPN, KOR)
        world.settle()
        assert current(world[JPN], LOG) == LOG + "/2"
        assert [record.epoch for record in world[KOR].every(EpochRecord, log=LOG)] == [2]
        assert world[JPN].count(ItemRecord, id=released.item) == 1
        assert world[JPN].in_force_from() == world[KOR].in_force_from()
        digests = [record.digest for record in world[JPN].every(StatementRecord)]
        assert len(digests) == len(set(digests))
        assert holds(world)
        return reached

    assert next(at for at in range(1, MOST) if not play(at)) > 3


@pytest.mark.source("DESIGN-5")
def test_an_act_that_the_partner_cannot_list_does_not_set_a_node_back_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = world[JPN].copy_record()
    world.wait(5)
    world[JPN].assure(KOR)
    world.settle()
    world[JPN].set_back(older)
    monkeypatch.setattr("gsomia.flows.dealings._statements", lambda *_: [])
    world.link_up(JPN, KOR)
    assert current(world[JPN], LOG) == LOG + "/2"
    world[JPN].restart()
    world.link_up(JPN, KOR)
    assert current(world[JPN], LOG) == LOG + "/2"
