"""A log that does not verify stops release and reading, not receiving; two officers open its next epoch."""

from dataclasses import replace

import pytest

from gsomia.audit import EpochReason
from gsomia.errors import IntegrityError, LocalError, RefusedError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.logs import BROKEN, current_log
from gsomia.flows.records import EpochProposal, EpochRecord
from gsomia.flows.soundness import broken_logs, check_tails, finish_private_epoch, propose_epoch
from gsomia.registry import ItemRecord
from simulation.world import JPN, KOR, SimNode, World, world_in_force

LOG = shared_log(JPN, KOR)


@pytest.fixture
def world() -> World:
    world = world_in_force()
    world.cosign(JPN, KOR)
    world.cosign(KOR, JPN)
    return world


def damage(node: SimNode, log: str, index: int = -1, *, hash_too: bool = False) -> int:
    """One byte of an entry is another now."""
    entries = node.memory._state.logs[log].entries
    entry = entries[index]
    leaf = entry.leaf[:-3] + bytes([entry.leaf[-3] ^ 1]) + entry.leaf[-2:]
    entries[index] = replace(entry, leaf=leaf, leaf_hash=bytes(32) if hash_too else entry.leaf_hash)
    return entries[index].index


def new_epoch(node: SimNode, log: str) -> str:
    with pytest.raises(WaitingError):
        propose_epoch(node.desk, node.actor("security"), log)
    return propose_epoch(node.desk, node.actor("registrar"), log)


@pytest.mark.source("DESIGN-2")
@pytest.mark.parametrize("log", [LOG, private_log(JPN)])
@pytest.mark.parametrize("hash_too", [False, True])
def test_start_up_finds_what_does_not_hold_in_the_tail(world: World, log: str, hash_too: bool) -> None:  # noqa: FBT001
    world.send(b"image")
    index = damage(world[JPN], log, hash_too=hash_too)
    assert check_tails(world[JPN].desk) == {log: index}
    assert world[JPN].memory.run(broken_logs) == {log: index}


@pytest.mark.source("DESIGN-2")
def test_start_up_does_not_look_below_the_head_that_the_partner_cosigned(world: World) -> None:
    damage(world[JPN], LOG, 0)
    world.send(b"image")
    assert check_tails(world[JPN].desk) == {}


@pytest.mark.source("DESIGN-2")
def test_a_log_that_holds_is_not_marked(world: World) -> None:
    world.send(b"image")
    assert check_tails(world[JPN].desk) == check_tails(world[KOR].desk) == {}


@pytest.mark.source("DESIGN-2")
def test_release_and_reading_stop_and_receiving_goes_on(world: World) -> None:
    released = world.send(b"image")
    world[JPN].book(released.item)
    world[JPN].bring_reader()
    own = world[JPN].register(b"ours")
    damage(world[JPN], LOG)
    check_tails(world[JPN].desk)
    for act in (lambda: world[JPN].release(own.id, KOR), lambda: world[JPN].read(released.item)):
        with pytest.raises(IntegrityError) as raised:
            act()
        assert (raised.value.code, raised.value.exit_code) == ("flows/log-broken", 70)
    more = world.send(b"more")
    assert world[KOR].stages(more.delivery.consignment)[-1] is Stage.RECEIVED
    assert world[JPN].count(ItemRecord, id=more.item) == 1


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_two_officers_open_an_epoch_that_names_the_break_and_the_partner_accepts_it(world: World) -> None:
    own = world[JPN].register(b"ours")
    world.send(b"image")
    seen = world[KOR].memory.run(lambda tx: tx.witnessed(LOG))
    damage(world[JPN], LOG)
    check_tails(world[JPN].desk)
    new_epoch(world[JPN], LOG)
    world.link_up(JPN, KOR)
    opened = world[KOR].every(EpochRecord, log=LOG)[-1]
    assert seen is not None
    assert (opened.epoch, opened.reason, opened.closed_size) == (2, EpochReason.BROKEN, seen[0])
    assert world[JPN].memory.run(broken_logs) == {}
    released = world[JPN].release(own.id, KOR)
    world.settle()
    assert world[JPN].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert [proposal.by for proposal in world[JPN].every(EpochProposal)] == ["security", "registrar"]


@pytest.mark.source("DESIGN-2")
def test_the_private_log_goes_on_at_once(world: World) -> None:
    own = world[JPN].register(b"ours")
    damage(world[JPN], private_log(JPN))
    check_tails(world[JPN].desk)
    assert new_epoch(world[JPN], private_log(JPN)) == private_log(JPN) + "/2"
    released = world[JPN].release(own.id, KOR)
    world.settle()
    assert world[JPN].stages(released.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-2", "DESIGN-7")
def test_a_private_epoch_that_was_decided_and_cut_is_opened_at_the_next_start(world: World) -> None:
    log = private_log(JPN)
    world[JPN].memory.run(lambda tx: tx.put_witnessed(log, size=1, body=BROKEN))
    world[JPN].restart()
    finish_private_epoch(world[JPN].desk)
    assert world[JPN].memory.run(lambda tx: current_log(tx, log)) == log + "/2"
    world[JPN].register(b"ours")


@pytest.mark.source("DESIGN-2")
def test_one_officer_alone_opens_no_epoch(world: World) -> None:
    world.send(b"image")
    damage(world[JPN], LOG)
    check_tails(world[JPN].desk)
    node = world[JPN]
    with pytest.raises(WaitingError) as waiting:
        propose_epoch(node.desk, node.actor("security"), LOG)
    assert waiting.value.exit_code == 4
    with pytest.raises(RefusedError) as refused:
        propose_epoch(node.desk, node.actor("security"), LOG)
    assert refused.value.code == "flows/same-person"
    with pytest.raises(RefusedError):
        propose_epoch(node.desk, node.actor("releaser"), LOG)
    world.wait(7 * 86_400)
    with pytest.raises(WaitingError):
        propose_epoch(node.desk, node.actor("registrar"), LOG)
    assert broken_logs_of(node) == [LOG]


@pytest.mark.source("DESIGN-2")
@pytest.mark.parametrize("log", [LOG, "gsomia/jpn/shared/usa", "nothing"])
def test_a_log_that_holds_gets_no_new_epoch(world: World, log: str) -> None:
    with pytest.raises(LocalError) as raised:
        propose_epoch(world[JPN].desk, world[JPN].actor("security"), log)
    assert raised.value.code == "flows/log-holds"


def broken_logs_of(node: SimNode) -> list[str]:
    return sorted(node.memory.run(broken_logs))
