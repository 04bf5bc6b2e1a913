"""A log that signed two heads which contradict each other: kept, judged by a third, and nothing goes to its party."""

from collections.abc import Callable
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
    Event,
    NoteLine,
    log_keys,
    print_add_checkpoint,
    sign_checkpoint,
)
from gsomia.audit.note import print_lines
from gsomia.canon import CanonError
from gsomia.errors import LocalError, PartnerError, RefusedError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows import cosign
from gsomia.flows.contradictions import (
    MAX_UNPROVEN,
    convicted,
    find_contradiction,
    judge_contradiction,
    lift_conviction,
)
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.hotline_lines import require_line
from gsomia.flows.logs import close_logs, root_at
from gsomia.flows.records import ContradictionRecord, ConvictionLifted, EpochRecord
from gsomia.flows.rotate import revoke, rotate
from gsomia.flows.stages import stage_of
from gsomia.flows.worklist import list_worklist
from gsomia.parties import HybridKey, Office
from gsomia.policy import Clock
from gsomia.registry import Form, ItemRecord
from simulation import covers, relay_world, visits
from simulation.convict import contradiction, convict
from simulation.test_forms_without_content import BRIEFING, disclose, enter
from simulation.world import JPN, KOR, KR_JP, USA, SimNode, World, world_in_force
from strategies.audit import flip

LOG = shared_log(KOR, JPN)


@pytest.fixture
def world() -> World:
    world = world_in_force(USA)
    world.send(b"image")
    world.cosign(KOR, JPN)
    return world


def another_history(*, longer_than: int, after_s: int = 3600) -> World:
    """The same nodes with the same keys, and another past."""
    other = World(KOR, JPN)
    other.wait(after_s)
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
    show(world, evil, old=old)
    assert kept(world) == [True]
    with pytest.raises(RefusedError) as raised:
        world[JPN].release(own.id, KOR)
    assert (raised.value.code, raised.value.exit_code) == ("flows/partner-log-convicted", 3)
    more = world.send(b"more")
    assert world[KOR].stages(more.delivery.consignment)[-1] is Stage.RECEIVED
    assert world[JPN].count(ItemRecord, id=more.item) == 1
    assert is_on_the_list(world[JPN])
    world[JPN].restart()
    with pytest.raises(RefusedError):
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


def lift(node: SimNode, person: str, log: str = LOG) -> None:
    lift_conviction(node.desk, node.actor(person), log, basis="KR-NV-2026-0901")


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_two_officers_of_ours_release_again_and_what_they_answered_for_stays_on_record(
    world: World, evil: SimNode
) -> None:
    own = world[JPN].register(b"ours")
    show(world, evil)
    with pytest.raises(WaitingError):
        lift(world[JPN], "security")
    with pytest.raises(RefusedError) as another:
        lift_conviction(world[JPN].desk, world[JPN].actor("registrar"), LOG, basis="KR-NV-2026-0902")
    assert another.value.code == "flows/another-basis"
    with pytest.raises(RefusedError) as same:
        lift(world[JPN], "security")
    assert same.value.code == "flows/same-person"
    with pytest.raises(RefusedError):  # one alone is not enough
        world[JPN].release(own.id, KOR)
    lift(world[JPN], "registrar")
    world[JPN].release(own.id, KOR)
    world.settle()
    assert not is_on_the_list(world[JPN])
    show(world, evil)  # the same head once more tells nothing new
    world[JPN].release(world[JPN].register(b"more").id, KOR)
    honest = AddCheckpoint(old=seen(world), proof=(), checkpoint=head(world[KOR], seen(world)))
    cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(honest))  # nor does the one it contradicted
    world[JPN].release(world[JPN].register(b"and more").id, KOR)
    assert kept(world) == [True]
    assert [one.confirms for one in world[JPN].every(ConvictionLifted)] == [False, True]
    assert world[JPN].problems() == []


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_a_first_officers_word_lasts_seven_days_and_other_offices_have_none(world: World, evil: SimNode) -> None:
    show(world, evil)
    with pytest.raises(WaitingError):
        lift(world[JPN], "security")
    world.wait(7 * 86_400)
    with pytest.raises(WaitingError):
        lift(world[JPN], "registrar")
    with pytest.raises(RefusedError):
        lift(world[JPN], "releaser")
    assert is_on_the_list(world[JPN])


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("log", [LOG, shared_log(USA, JPN), private_log(JPN)])
def test_where_nothing_convicts_there_is_nothing_to_lift(world: World, log: str) -> None:
    with pytest.raises(LocalError) as raised:
        lift(world[JPN], "security", log)
    assert raised.value.code == "flows/not-convicted"


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_no_epoch_that_the_accused_opens_lifts_it(world: World, evil: SimNode) -> None:
    own = world[JPN].register(b"ours")
    show(world, evil)
    node = world[KOR]
    node.memory.run(lambda tx: close_logs(tx, node.desk, shown={}))
    node.restart()
    world.link_up(KOR, JPN)
    assert world[JPN].every(EpochRecord, log=LOG)
    with pytest.raises(RefusedError):
        world[JPN].release(own.id, KOR)


@pytest.mark.source("DESIGN-2", "DESIGN-5", "DESIGN-6")
def test_what_waits_for_a_partner_that_is_convicted_meanwhile_does_not_go(world: World, evil: SimNode) -> None:
    waiting = world[JPN].release(world[JPN].register(b"ours").id, KOR).delivery
    show(world, evil)
    world.settle()
    stage = world[JPN].memory.run(lambda tx: stage_of(tx, waiting))
    assert (stage.stage, stage.code) == (Stage.STOPPED, "flows/partner-log-convicted")
    assert world[KOR].count(ItemRecord, id=waiting.item) == 0


@pytest.mark.source("DESIGN-5")
def test_a_second_head_of_a_size_that_was_refused_before_convicts(world: World) -> None:
    evil = another_history(longer_than=seen(world) + 40)[KOR]
    world.send(b"more")
    cosign.request_cosignature(world[KOR].desk, JPN)  # the honest head that comes next
    size = world[KOR].sizes()[LOG]
    false = AddCheckpoint(old=seen(world), proof=(bytes(32),), checkpoint=head(evil, size))
    cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(false))
    assert kept(world) == [False]
    assert world.cosign(KOR, JPN)
    assert seen(world) == size
    assert kept(world) == [False, True]
    assert judge_contradiction(world[USA].desk, evidence(world)).judged.convicts


@pytest.mark.source("DESIGN-5")
def test_two_heads_of_one_size_convict_though_both_were_refused(world: World) -> None:
    size = seen(world) + 3
    for past in (3600, 7200):
        evil = another_history(longer_than=size, after_s=past)[KOR]
        false = AddCheckpoint(old=seen(world), proof=(bytes(32),), checkpoint=head(evil, size))
        cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(false))
    assert kept(world) == [False, False, True]


@pytest.mark.source("DESIGN-5", "DESIGN-6")
def test_what_shows_nothing_is_kept_up_to_a_number_a_day(world: World) -> None:
    evil = another_history(longer_than=seen(world) + 2 * MAX_UNPROVEN)[KOR]
    for day in range(2):
        for step in range(1, MAX_UNPROVEN + 2):
            size = seen(world) + day * MAX_UNPROVEN + step
            false = AddCheckpoint(old=seen(world), proof=(bytes(32),), checkpoint=head(evil, size))
            cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(false))
        assert len(kept(world)) == (day + 1) * MAX_UNPROVEN
        world.wait(86_400)


def lines_of_no_meaning(key: HybridKey) -> bytes:
    """Signature lines that name a key of the log, and that it never made."""
    ed25519, mldsa = log_keys(LOG, key)
    return print_lines(
        (
            NoteLine(name=LOG, key_id=ed25519.key_id, signature=b"x" * 64),
            NoteLine(name=LOG, key_id=mldsa.key_id, signature=bytes(8) + b"x" * 2420),
        )
    )


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_lines_that_name_an_older_key_save_no_log_from_conviction(world: World) -> None:
    evil = another_history(longer_than=seen(world) + 40)[KOR]
    older = world[KOR].desk.unlocked.keys.log.public
    rotate(world[KOR].desk, world[KOR].first)
    world.settle()
    world.cosign(KOR, JPN)
    size, signer = seen(world), world[KOR].desk.unlocked.keys.log
    root = evil.memory.run(lambda tx: root_at(tx, LOG, size))
    body = sign_checkpoint(Checkpoint(origin=LOG, size=size, root=root), signer=signer, at=world[KOR].clock())
    request = AddCheckpoint(old=size, proof=(), checkpoint=body + lines_of_no_meaning(older))
    decision, _ = cosign.witness(world[JPN].desk, KOR, print_add_checkpoint(request))
    assert decision.status is CosignStatus.INCONSISTENT
    assert kept(world) == [True]


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_lines_that_name_an_older_key_do_not_block_the_witness(world: World) -> None:
    older = world[KOR].desk.unlocked.keys.log.public
    rotate(world[KOR].desk, world[KOR].first)
    world.settle()
    world.cosign(KOR, JPN)
    world.send(b"more")
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    decision, _ = cosign.witness(world[JPN].desk, KOR, request.request + lines_of_no_meaning(older))
    assert decision.status is CosignStatus.COSIGN
    world.send(b"and more")
    assert world.cosign(KOR, JPN)


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_a_judgement_says_that_a_key_was_revoked_also_where_it_was_ours(world: World) -> None:
    file = canon.encode(contradiction(LOG, KOR, world[KOR]))
    before = [judge_contradiction(world[judge].desk, file).revoked for judge in (JPN, USA, KOR)]
    revoke(world[KOR].desk, world[KOR].first, recovery=None)
    world.settle()
    after = [judge_contradiction(world[judge].desk, file) for judge in (JPN, USA, KOR)]
    assert before == [False] * 3
    assert [one.revoked for one in after] == [True] * 3
    assert all(one.judged.convicts for one in after)  # a thief's heads are in the log's name, too


@pytest.mark.source("DESIGN-5")
def test_the_log_says_that_it_was_convicted_and_by_what(world: World, evil: SimNode) -> None:
    show(world, evil)
    (entry,) = [leaf for leaf in world[JPN].leaves(private_log(JPN)) if leaf.event is Event.LOG_CONTRADICTED]
    assert entry.digest == canon.digest(world[JPN].every(ContradictionRecord)[0])
    assert world[JPN].memory.run(convicted) == world[JPN].every(ContradictionRecord)


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
    first = run(world[JPN], "audit lift", person="security", log=LOG, basis="KR-NV-2026-0901")
    second = run(world[JPN], "audit lift", person="registrar", log=LOG, basis="KR-NV-2026-0901")
    assert (first.exit, second.exit) == (4, 0)
    (listed,) = run(world[JPN], "audit contradictions").document["contradictions"]
    assert listed["lifted"]


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize("basis", ["", "x" * 201])
def test_a_basis_of_no_fitting_length_is_refused_as_any_other_word(world: World, evil: SimNode, basis: str) -> None:
    show(world, evil)
    assert run(world[JPN], "audit lift", person="security", log=LOG, basis=basis).exit == 2
    assert world[JPN].every(ConvictionLifted) == []


@pytest.mark.source("DESIGN-5", "DESIGN-10")
def test_a_judgement_that_nothing_is_shown_leaves_with_another_code(world: World, tmp_path: Path) -> None:
    size = seen(world)
    file = tmp_path / "heads"
    file.write_bytes(canon.encode(Contradiction(older=head(world[KOR], size), newer=head(world[KOR], size))))
    judged = run(world[USA], "audit judge", file=str(file))
    assert (judged.exit, judged.document["convicts"]) == (1, False)


# --- every way out ---------------------------------------------------------------------------------------------


def stopped(act: Callable[[], object]) -> None:
    with pytest.raises(RefusedError) as raised:
        act()
    assert raised.value.code == "flows/partner-log-convicted"


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_nothing_is_decided_for_covers_and_no_package_leaves() -> None:
    world = covers.world_of_covers()
    item, other = covers.enter(world[KOR]), covers.enter(world[KOR])
    covers.approve(world, item)
    number = covers.pack(world, item)
    convict(world[KOR], JPN)
    stopped(lambda: covers.approve(world, other))
    stopped(lambda: covers.send(world, number))


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_nothing_is_relayed_to_it() -> None:
    world = relay_world.relay_world()
    released = relay_world.to_hub(world)
    relay_world.consent_to(world, released)
    world.settle()
    convict(world[USA], JPN)
    stopped(lambda: relay_world.forward(world, released.item))


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_nothing_is_said_or_shown_to_it() -> None:
    world = world_in_force()
    briefing, image = enter(world[KOR], Form.ORAL, BRIEFING), world[KOR].register(b"image").id
    visit = visits.bring_visit(world)
    convict(world[KOR], JPN)
    stopped(lambda: disclose(world, briefing))
    stopped(lambda: visits.show(world, visit, image))
    stopped(lambda: classified_words(world))


def classified_words(world: World) -> None:
    node = world[KOR]
    node.memory.run(lambda tx: require_line(tx, node.desk, to=JPN, level="KOR-2", instrument=KR_JP, now=node.clock()))
