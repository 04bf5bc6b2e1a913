"""A log that signed two heads which contradict each other: kept, judged by a third, and nothing goes to its party."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gsomia import canon
from gsomia.admin import COMMANDS, Bench, Call, Outcome, run_command
from gsomia.audit import (
    AddCheckpoint,
    Checkpoint,
    Contradiction,
    CosignStatus,
    EpochReason,
    Event,
    print_add_checkpoint,
    sign_checkpoint,
)
from gsomia.canon import CanonError
from gsomia.errors import IntegrityError, LocalError, PartnerError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows import cosign
from gsomia.flows.contradictions import convicted, find_contradiction, judge_contradiction
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.logs import root_at
from gsomia.flows.records import ContradictionRecord, EpochRecord
from gsomia.flows.soundness import propose_epoch
from gsomia.flows.worklist import list_worklist
from gsomia.parties import Office
from gsomia.policy import Clock
from gsomia.registry import ItemRecord
from simulation.world import JPN, KOR, USA, SimNode, World, world_in_force
from strategies.audit import flip

LOG = shared_log(KOR, JPN)


@pytest.fixture
def world() -> World:
    world = world_in_force(USA)
    world.send(b"image")
    world.cosign(KOR, JPN)
    return world


def another_history(*, longer_than: int) -> World:
    """The same nodes with the same keys, and another past."""
    other = World(KOR, JPN)
    other.wait(3600)
    other.bring_into_force()
    while other[KOR].sizes()[LOG] <= longer_than:
        other.send(b"x")
    return other


@pytest.fixture
def evil(world: World) -> SimNode:
    return another_history(longer_than=seen(world))[KOR]


def seen(world: World) -> int:
    witnessed = world[JPN].memory.run(lambda tx: tx.witnessed(LOG))
    assert witnessed is not None
    return witnessed[0]


def head(node: SimNode, size: int) -> bytes:
    """The node's log as it was with so many entries, signed anew."""
    root = node.memory.run(lambda tx: root_at(tx, LOG, size))
    return sign_checkpoint(
        Checkpoint(origin=LOG, size=size, root=root), signer=node.desk.unlocked.keys.log, at=node.clock()
    )


def show(world: World, evil: SimNode, *, old: int | None = None, size: int | None = None) -> CosignStatus:
    """The other history's head of the size that was witnessed; the answer."""
    size = seen(world) if size is None else size
    request = AddCheckpoint(old=size if old is None else old, proof=(), checkpoint=head(evil, size))
    decision, _ = cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(request))
    return decision.status


def kept(world: World) -> list[bool]:
    return [one.convicts for one in world[JPN].every(ContradictionRecord)]


def evidence(world: World) -> bytes:
    return canon.encode(find_contradiction(world[JPN].desk, LOG).shown)


def is_on_the_list(node: SimNode) -> bool:
    duties = list_worklist(node.desk, now=node.clock(), offices=frozenset({Office.SECURITY_OFFICER}))
    return any(duty.clock is Clock.CONTRADICTION and duty.subject == LOG for duty in duties)


@pytest.mark.source("DESIGN-2", "DESIGN-5")
@pytest.mark.parametrize("old", [None, 1], ids=["as-it-should-ask", "from-another-size"])
def test_nothing_is_released_to_a_partner_whose_log_is_convicted_and_receiving_goes_on(
    world: World, evil: SimNode, old: int | None
) -> None:
    own = world[JPN].register(b"ours")
    world[JPN].release(own.id, KOR)
    show(world, evil, old=old)
    assert kept(world) == [True]
    with pytest.raises(IntegrityError) as raised:
        world[JPN].release(own.id, KOR)
    assert (raised.value.code, raised.value.exit_code) == ("flows/partner-log-convicted", 70)
    more = world.send(b"more")
    assert world[KOR].stages(more.delivery.consignment)[-1] is Stage.RECEIVED
    assert world[JPN].count(ItemRecord, id=more.item) == 1
    assert is_on_the_list(world[JPN])
    world[JPN].restart()
    with pytest.raises(IntegrityError):
        world[JPN].release(own.id, KOR)
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-5")
def test_a_longer_history_is_convicted_by_the_proof_it_brings(world: World) -> None:
    while seen(world) & (seen(world) - 1) == 0:
        world.send(b"more")
        world.cosign(KOR, JPN)
    evil = another_history(longer_than=seen(world))[KOR]
    request = cosign.request_cosignature(evil.desk, JPN, seen=seen(world))
    assert request is not None
    decision, _ = cosign.witness(world[JPN].desk, KOR, request.request)
    assert decision.status is CosignStatus.INCONSISTENT
    assert kept(world) == [True]
    assert judge_contradiction(world[USA].desk, evidence(world)).judged.convicts


@pytest.mark.source("DESIGN-5")
def test_a_false_proof_convicts_nobody_and_stops_nothing(world: World) -> None:
    own = world[JPN].register(b"ours")
    before = seen(world)
    world.send(b"more")
    size = world[KOR].sizes()[LOG]
    request = AddCheckpoint(old=before, proof=(bytes(32),), checkpoint=head(world[KOR], size))
    for _ in range(3):
        decision, _ = cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(request))
        assert decision.status is CosignStatus.INCONSISTENT
    assert kept(world) == [False]
    assert not judge_contradiction(world[USA].desk, evidence(world)).judged.convicts
    assert not is_on_the_list(world[JPN])
    world[JPN].release(own.id, KOR)
    assert world.cosign(KOR, JPN)


@pytest.mark.source("DESIGN-5", "DESIGN-6")
def test_a_partner_that_contradicts_itself_again_and_again_does_not_make_the_record_grow(
    world: World, evil: SimNode
) -> None:
    show(world, evil)
    sizes = world[JPN].sizes()
    for _ in range(3):
        assert show(world, evil) is CosignStatus.INCONSISTENT
    assert (kept(world), world[JPN].sizes()) == ([True], sizes)


@pytest.mark.source("DESIGN-5")
def test_anybody_who_pinned_the_party_can_judge_what_is_shown(world: World, evil: SimNode) -> None:
    show(world, evil)
    for judge in (USA, JPN, KOR):  # the accused, too
        judgement = judge_contradiction(world[judge].desk, evidence(world))
        assert (judgement.party, judgement.log, judgement.judged.convicts) == (KOR, LOG, True)
        assert not judgement.revoked
        assert judgement.judged.newer.checkpoint.root == evil.memory.run(lambda tx: root_at(tx, LOG, seen(world)))


@pytest.mark.source("DESIGN-5")
def test_a_third_believes_nothing_that_the_log_did_not_sign(world: World, evil: SimNode) -> None:
    show(world, evil)
    shown = find_contradiction(world[JPN].desk, LOG).shown
    made_up = replace(shown, newer=flip(shown.newer, -3))
    with pytest.raises(PartnerError):
        judge_contradiction(world[USA].desk, canon.encode(made_up))
    with pytest.raises(CanonError):
        judge_contradiction(world[USA].desk, evidence(world)[:-1])
    stranger = World(USA, JPN)  # which never pinned Korea
    with pytest.raises(LocalError) as raised:
        judge_contradiction(stranger[USA].desk, evidence(world))
    assert raised.value.code == "flows/log-of-a-stranger"


@pytest.mark.source("DESIGN-5")
def test_of_a_log_that_only_grew_there_is_nothing_to_show(world: World) -> None:
    with pytest.raises(LocalError) as raised:
        find_contradiction(world[JPN].desk, LOG)
    assert raised.value.code == "flows/no-contradiction"


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_two_officers_of_the_accused_open_the_next_epoch_on_that_evidence_and_release_goes_on(
    world: World, evil: SimNode
) -> None:
    own, theirs = world[JPN].register(b"ours"), world[KOR].register(b"theirs")
    show(world, evil)
    file = evidence(world)
    with pytest.raises(LocalError) as holds:
        propose_epoch(world[KOR].desk, world[KOR].actor("security"), LOG)
    assert holds.value.code == "flows/log-holds"
    with pytest.raises(WaitingError):
        propose_epoch(world[KOR].desk, world[KOR].actor("security"), LOG, evidence=file)
    with pytest.raises(IntegrityError):  # convicted, it releases nothing itself
        world[KOR].release(theirs.id, JPN)
    propose_epoch(world[KOR].desk, world[KOR].actor("registrar"), LOG)
    world.link_up(KOR, JPN)
    assert world[JPN].every(EpochRecord, log=LOG)[-1].reason is EpochReason.BROKEN
    assert not is_on_the_list(world[JPN])
    world[JPN].release(own.id, KOR)
    world[KOR].release(theirs.id, JPN)
    world.settle()
    assert kept(world) == [True]  # and it stays on record
    assert world[KOR].problems() == world[JPN].problems() == []


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("log", [private_log(KOR), shared_log(KOR, USA)])
def test_evidence_against_one_log_ends_no_other(world: World, evil: SimNode, log: str) -> None:
    show(world, evil)
    with pytest.raises(LocalError) as raised:
        propose_epoch(world[KOR].desk, world[KOR].actor("security"), log, evidence=evidence(world))
    assert raised.value.code == "flows/not-convicted"
    with pytest.raises(LocalError):
        propose_epoch(world[JPN].desk, world[JPN].actor("security"), log, evidence=evidence(world))


@pytest.mark.source("DESIGN-5")
def test_what_shows_nothing_ends_no_log(world: World) -> None:
    size = seen(world)
    nothing = Contradiction(older=head(world[KOR], size), newer=head(world[KOR], world[KOR].sizes()[LOG]))
    with pytest.raises(LocalError) as raised:
        propose_epoch(world[KOR].desk, world[KOR].actor("security"), LOG, evidence=canon.encode(nothing))
    assert raised.value.code == "flows/not-convicted"
    world[KOR].release(world[KOR].register(b"theirs").id, JPN)


@pytest.mark.source("DESIGN-5")
def test_the_log_says_that_it_was_convicted_and_by_what(world: World, evil: SimNode) -> None:
    show(world, evil)
    (entry,) = [leaf for leaf in world[JPN].leaves(private_log(JPN)) if leaf.event is Event.LOG_CONTRADICTED]
    assert entry.digest == canon.digest(world[JPN].every(ContradictionRecord)[0])
    assert world[JPN].memory.run(lambda tx: convicted(tx, world[JPN].desk)) == world[JPN].every(ContradictionRecord)


def run(node: SimNode, command: str, *, person: str | None = None, **args: str) -> Outcome:
    bench = SimpleNamespace(desk=node.desk, unlock_person=lambda known, _: node.actor(known).hand.signer)
    return run_command(
        COMMANDS[command], Call(bench=cast("Bench", bench), args=args, person=person, person_passphrase=b"")
    )


@pytest.mark.source("DESIGN-5", "DESIGN-10")
def test_evidence_goes_from_one_government_to_the_others_in_a_file(world: World, evil: SimNode, tmp_path: Path) -> None:
    show(world, evil)
    (listed,) = run(world[JPN], "audit contradictions").document["contradictions"]
    assert (listed["log"], listed["party"], listed["convicts"]) == (LOG, KOR, True)
    file = str(tmp_path / "heads")
    assert run(world[JPN], "audit evidence", log=LOG, out=file).exit == 0
    assert run(world[JPN], "audit evidence", log=LOG, out=file).exit == 2  # nothing is written over
    judged = run(world[USA], "audit judge", file=file)
    assert (judged.exit, judged.document["convicts"], judged.document["party"]) == (0, True, KOR)
    assert [one["size"] for one in judged.document["heads"]] == [seen(world)] * 2
    assert judged.document["heads"][0]["root"] != judged.document["heads"][1]["root"]
    first = run(world[KOR], "audit new-epoch", person="security", log=LOG, evidence=file)
    second = run(world[KOR], "audit new-epoch", person="registrar", log=LOG)
    assert (first.exit, second.exit) == (4, 0)


@pytest.mark.source("DESIGN-5", "DESIGN-10")
def test_a_judgement_that_nothing_is_shown_leaves_with_another_code(world: World, tmp_path: Path) -> None:
    size = seen(world)
    file = tmp_path / "heads"
    file.write_bytes(canon.encode(Contradiction(older=head(world[KOR], size), newer=head(world[KOR], size))))
    judged = run(world[USA], "audit judge", file=str(file))
    assert (judged.exit, judged.document["convicts"]) == (1, False)
