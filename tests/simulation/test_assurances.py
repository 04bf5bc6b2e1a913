"""Assurances between two nodes: both see the same standing, and who is declined reads nothing of the originator."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError, NodeError, RefusedError, UnavailableError
from gsomia.exchange import (
    ASSURANCE_PERSON,
    ASSURANCE_PERSON_ANSWER,
    ASSURANCE_WITHDRAWAL,
    AssurancePerson,
    AssurancePersonAnswered,
    AssuranceWithdrawal,
    AssuranceWithdrawn,
    PersonAnswer,
    PersonNamed,
    Stage,
)
from gsomia.flows import assure, assured_persons
from gsomia.flows.decide import Answer, Question, ask_access, ask_onward, ask_release, record_decision, replay
from gsomia.flows.desk import private_log
from gsomia.flows.ports import Tx
from gsomia.flows.records import AssuranceRecord, DisownedRecord, StatementRecord
from gsomia.flows.worklist import duties_at
from gsomia.flows.yearly_report import draw_report
from gsomia.ids import HexDigest, ItemId, PartyCode, new_decision_id, sha256_hex
from gsomia.parties import Act, verify_statement
from gsomia.policy import AssuranceStanding, Clock, Verdict
from gsomia.registry import ItemRecord
from gsomia.transport import PartnerRefusedError
from simulation.sim_node import AUTHORITY
from simulation.test_hostile_statements import said
from simulation.test_set_back import cosign_all
from simulation.world import JPN, KOR, KR_JP, PURPOSE, SECRET, UNTIL, USA, Fault, SimNode, World, world_in_force

P2 = "DPRK-SATELLITE"


@pytest.fixture
def world() -> World:
    return world_in_force()


def give(node: SimNode, to: PartyCode, **changes: Any) -> HexDigest:
    words: dict[str, Any] = {
        "instrument": KR_JP,
        "authority": AUTHORITY[node.party],
        "persons": 2,
        "level": SECRET[node.party],
        "purpose": P2,
        "until": UNTIL,
        **changes,
    }
    return assure.give_assurance(node.desk, node.actor("security"), to=to, **words)


def withdraw(node: SimNode, digest: HexDigest) -> None:
    assure.withdraw_assurance(node.desk, node.actor("security"), digest)


def standing(world: World, digest: HexDigest) -> AssuranceStanding:
    """How it stands on both sides, which is the same."""

    def at(node: SimNode) -> AssuranceStanding:
        (record,) = node.every(AssuranceRecord, digest=digest)
        return node.memory.run(lambda tx: assure.standing_of(tx, record, now=node.clock()))

    found = {at(world[KOR]), at(world[JPN])}
    assert len(found) == 1
    return found.pop()


def why_not(world: World, item: ItemId) -> set[str]:
    """With which codes Korea refuses to release an item to Japan now; none if it may."""
    node = world[KOR]
    decider = node.actor("releaser").person
    told = node.memory.run(lambda tx: ask_release(tx, node.desk, item, to=JPN, decider=decider, authority=None))
    return {reason.code for reason in told.decision.reasons} if told.decision.verdict is Verdict.DENY else set()


def refusal(act: Callable[[], object], kind: type[NodeError] = RefusedError) -> str:
    with pytest.raises(kind) as refused:
        act()
    return refused.value.code


@pytest.mark.source("G7-5", "F-24")
def test_nothing_is_provided_on_an_assurance_that_is_open_replaced_withdrawn_or_ended(world: World) -> None:
    item = world[KOR].register(b"image", purpose=P2).id
    first = give(world[JPN], KOR, level="JPN-3")
    world.settle()
    assert (standing(world, first), why_not(world, item)) == ("given", {"assurance-not-acknowledged"})
    world[KOR].acknowledge(first)
    world.settle()
    assert (standing(world, first), why_not(world, item)) == ("acknowledged", {"assurance-too-low"})
    second = give(world[JPN], KOR, replaces=first, until=world[JPN].clock().plus(days=30))
    world.settle()
    assert standing(world, first) == "acknowledged"  # no gap: it stands until the new one is acknowledged
    world[KOR].acknowledge(second)
    world.settle()
    assert (standing(world, first), standing(world, second), why_not(world, item)) == (
        "superseded",
        "acknowledged",
        set(),
    )
    world.wait(30 * 86400)
    assert (standing(world, second), why_not(world, item)) == ("expired", {"assurance-expired"})
    assert refusal(lambda: world[KOR].release(item, JPN)) == "policy/assurance-expired"
    assert refusal(lambda: world[KOR].acknowledge(second)) == "flows/assurance-ended"
    third = give(world[JPN], KOR, replaces=second)
    world.settle()
    world[KOR].acknowledge(third)
    world.settle()
    assert world[KOR].release(item, JPN).stage is Stage.QUEUED
    world.settle()
    withdraw(world[JPN], third)
    world.settle()
    assert (standing(world, third), why_not(world, item)) == ("withdrawn", {"assurance-withdrawn"})
    assert refusal(lambda: withdraw(world[JPN], third), LocalError) == "flows/unknown-assurance"
    assert refusal(lambda: give(world[JPN], KOR, replaces=third), LocalError) == "flows/unknown-assurance"
    assert world[JPN].count(ItemRecord, id=item) == 1
    assert world[KOR].problems() == world[JPN].problems() == []


@pytest.mark.source("G7-5")
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.REPLY_LOST, Fault.DOUBLED])
def test_an_assurance_withdrawn_before_it_was_acknowledged_is_not_acknowledged(world: World, fault: Fault) -> None:
    digest = give(world[JPN], KOR)
    withdraw(world[JPN], digest)
    world.deliver(JPN, KOR, fault)
    world.settle()
    assert standing(world, digest) == "withdrawn"
    assert refusal(lambda: world[KOR].acknowledge(digest)) == "flows/assurance-ended"
    assert world[KOR].count(AssuranceWithdrawn) == 1


@pytest.mark.source("G7-5")
def test_a_withdrawal_stops_what_waits_and_takes_nothing_back(world: World) -> None:
    (digest,) = (one.digest for one in world[KOR].every(AssuranceRecord, party=JPN))
    done = world.send(b"before")
    world[JPN].book(done.item)
    world.settle()
    waiting = world[KOR].release(world[KOR].register(b"after").id, JPN)
    withdraw(world[JPN], digest)
    world.deliver(JPN, KOR)
    world.settle()
    assert world[KOR].stages(waiting.delivery.consignment) == [Stage.QUEUED, Stage.STOPPED]
    assert world[JPN].count(ItemRecord, id=waiting.item) == 0
    world[JPN].bring_reader()
    assert b"".join(world[JPN].read(done.item).content) == b"before"
    world.settle()
    world.wait(1)
    fresh = world[JPN].assure(KOR)
    world.settle()
    world[KOR].acknowledge(fresh)
    world.settle()
    world[KOR].release(waiting.item, JPN)
    world.settle()
    assert world[JPN].count(ItemRecord, id=waiting.item) == 1
    (line,) = draw_report(world[KOR].desk, year=2026).partners
    assert (line.sent, line.refused) == (2, 0)  # what was stopped before it went is neither
    assert world[KOR].problems() == world[JPN].problems() == []


def due(node: SimNode, clock: Clock) -> dict[str, str]:
    """What the worklist has of assurances: its subject, and the command that does it."""
    every = node.memory.run(lambda tx: duties_at(tx, node.desk, node.clock()))
    return {one.subject: one.command for one in every if one.clock is clock}


@pytest.mark.source("G7-5", "F-24", "A-12")
def test_the_worklist_has_the_assurances_that_somebody_can_act_on_each_for_its_purpose_and_level(
    world: World,
) -> None:
    giver, taker = world[JPN], world[KOR]
    (before,) = (one.digest for one in giver.every(AssuranceRecord, party=JPN))
    assert due(taker, Clock.ASSURANCE) == {}
    low, high, other = give(giver, KOR, level="JPN-3"), give(giver, KOR), give(giver, KOR, purpose="DPRK-SUBMARINE")
    world.settle()
    assert set(due(taker, Clock.ASSURANCE)) == {low, high, other}
    ends = due(giver, Clock.ASSURANCE_ENDS)
    assert set(ends) == {before, low, high, other}
    assert f"--level JPN-3 --purpose {P2}" in ends[low]
    withdraw(giver, low)
    taker.acknowledge(high)
    world.settle()
    world.wait(1)
    renewed = give(giver, KOR, replaces=high, until=giver.clock().plus(days=30))
    world.settle()
    assert set(due(taker, Clock.ASSURANCE)) == {other, renewed}
    taker.acknowledge(renewed)
    world.settle()
    assert set(due(taker, Clock.ASSURANCE)) == {other}
    assert set(due(giver, Clock.ASSURANCE_ENDS)) == {before, renewed, other}
    taker.memory.run(lambda tx: tx.add(DisownedRecord(reference=other, party=JPN, number=1, at=taker.clock())))
    assert due(taker, Clock.ASSURANCE) == {}  # what a revoked key signed waits for nobody
    world.wait(30 * 86400)
    assert renewed in due(giver, Clock.ASSURANCE_ENDS)  # until it is renewed or taken back


def as_before(value: Any) -> Any:
    """Canonical facts as they were recorded before they said what became of an assurance or a person."""
    if isinstance(value, dict):
        since = {"withdrawn", "superseded", "declined", "given"} if "consent" not in value else {"given"}
        return {key: as_before(one) for key, one in value.items() if key not in since}
    return [as_before(one) for one in value] if isinstance(value, list) else value


@pytest.mark.source("F-14", "DESIGN-5")
def test_a_decision_of_before_a_fact_was_asked_for_is_replayed_on_what_it_recorded(world: World) -> None:
    released = world.send(b"image")
    world[JPN].book(released.item)
    world[JPN].bring_reader()
    sender, holder = world[KOR], world[JPN]
    decider, reader = sender.actor("releaser").person, holder.actor("analyst").person

    def unit(node: SimNode, question: Question, ask: Callable[[Tx], Answer]) -> None:
        decision_id = new_decision_id(node.desk.entropy)

        def enter(tx: Tx) -> None:
            answer = ask(tx)
            spelled = canon.encode(as_before(canon.decode_any(answer.spelled)))
            assert spelled != answer.spelled
            decision = replace(answer.decision, facts=sha256_hex(spelled))
            old = replace(answer, spelled=spelled, decision=decision)
            record_decision(tx, node.desk, old, decision_id=decision_id, question=question, item=item, by=by)

        item, by = released.item, node.actor("releaser").person
        node.memory.run(enter)
        record, again = replay(node.desk, decision_id)
        assert again == record.decision
        assert again.verdict is (Verdict.DENY if question == "onward" else Verdict.PERMIT)

    item = released.item
    unit(sender, "release", lambda tx: ask_release(tx, sender.desk, item, to=JPN, decider=decider, authority=None))
    unit(holder, "access", lambda tx: ask_access(tx, holder.desk, item, reader=reader, purpose=PURPOSE))
    unit(holder, "onward", lambda tx: ask_onward(tx, holder.desk, item, to=USA, consent=None))


# persons ---------------------------------------------------------------------------------------------------------


def decline(world: World, digest: HexDigest, number: int = 1, *, declined: bool = True) -> None:
    node = world[KOR]
    assured_persons.answer_person(node.desk, node.actor("releaser"), digest, number, declined=declined)
    world.settle()


def name(world: World, digest: HexDigest, person: str) -> PersonNamed:
    node = world[JPN]
    made = assured_persons.name_person(node.desk, node.actor("security"), digest, node.actor(person).person)
    world.settle()
    return made


def denied(node: SimNode, item: ItemId, person: str = "analyst") -> set[str]:
    """By which clauses a reader may not read; none if they may."""
    reader = node.actor(person).person
    told = node.memory.run(lambda tx: ask_access(tx, node.desk, item, reader=reader, purpose=PURPOSE)).decision
    return {reason.clause for reason in told.reasons} if told.verdict is Verdict.DENY else set()


@pytest.fixture
def assured(world: World) -> tuple[HexDigest, ItemId]:
    """Japan's assurance, and an item of Korea's in two segments, booked there, with two readers."""
    (digest,) = (one.digest for one in world[KOR].every(AssuranceRecord, party=JPN))
    released = world.send(bytes(SEGMENT_BYTES + 1))
    world[JPN].book(released.item)
    for reader in ("analyst", "colleague"):
        world[JPN].bring_reader(reader)
    return digest, released.item


@pytest.mark.source("A-22", "A-35", "G7-5", "G7-6", "F-24")
def test_a_declined_person_reads_nothing_of_the_originator_until_accepted(
    world: World, assured: tuple[HexDigest, ItemId]
) -> None:
    digest, item = assured
    own = world[JPN].register(b"our own", level="JPN-3")
    made = name(world, digest, "analyst")
    assert (made.number, made.name) == (1, "analyst of JPN")
    assert name(world, digest, "analyst") == made
    assert denied(world[JPN], item) == set()
    reading = iter(world[JPN].read(item).content)
    next(reading)
    decline(world, digest)
    assert refusal(lambda: next(reading)) == "flows/reading-stopped"
    assert denied(world[JPN], item) == {"A-22"}
    assert refusal(lambda: world[JPN].read(item)) == "policy/person-declined"
    assert denied(world[JPN], item, "colleague") == set()
    assert "A-22" not in denied(world[JPN], own.id)
    assert refusal(lambda: decline(world, digest)) == "flows/person-answered"
    # no list of staff crosses: the one name that a form needed, and no reason with the answer
    heard = b"".join(one.envelope for one in world[KOR].every(StatementRecord, direction="heard"))
    assert b"colleague" not in heard
    assert world[KOR].count(AssurancePerson) == 1
    decline(world, digest, declined=False)
    assert denied(world[JPN], item) == set()
    events = [leaf.event for leaf in world[JPN].leaves(private_log(JPN))]
    assert events.count(Event.ASSURANCE_PERSON_DECLINED) == events.count(Event.ASSURANCE_PERSON_ACCEPTED) == 1
    assert world[KOR].problems() == world[JPN].problems() == []


@pytest.mark.source("A-22", "DESIGN-5")
def test_a_decline_holds_after_a_restore_by_the_name_that_crossed(
    world: World, assured: tuple[HexDigest, ItemId]
) -> None:
    digest, item = assured
    cosign_all(world)
    older = world[JPN].copy_record()
    name(world, digest, "analyst")
    decline(world, digest)
    cosign_all(world)
    world[JPN].set_back(older)
    world.link_up(JPN, KOR)
    world.settle()
    assert [one.person for one in world[JPN].every(AssurancePerson)] == [None]
    assert denied(world[JPN], item) == {"A-22"}
    assert denied(world[JPN], item, "colleague") == set()


@pytest.mark.source("G7-5", "F-24")
def test_only_a_cleared_official_within_the_number_is_put_forward_and_only_while_it_stands(world: World) -> None:
    node = world[JPN]
    digest = give(node, KOR, persons=1)
    world.settle()
    node.bring_reader("analyst")
    node.bring_reader("colleague")
    node.bring_reader("newcomer", cleared=False)
    assert refusal(lambda: name(world, digest, "newcomer")) == "flows/person-not-assured"
    name(world, digest, "analyst")
    assert refusal(lambda: name(world, digest, "colleague")) == "flows/more-than-assured"
    assert refusal(lambda: decline(world, digest, 2), LocalError) == "flows/unknown-assured-person"
    withdraw(node, digest)
    world.settle()
    assert refusal(lambda: name(world, digest, "analyst")) == "flows/assurance-ended"


@pytest.mark.source("A-22", "F-24")
def test_a_number_of_an_assurance_is_one_person_however_two_acts_meet(
    world: World, assured: tuple[HexDigest, ItemId]
) -> None:
    node, (digest, _) = world[JPN], assured

    def meanwhile() -> None:
        node.fragile.then = None
        name(world, digest, "colleague")

    node.fragile.runs, node.fragile.then = 0, (2, meanwhile)  # after the number was chosen
    assert refusal(lambda: name(world, digest, "analyst"), UnavailableError) == "flows/register-changed"
    name(world, digest, "analyst")
    known = node.every(AssurancePerson)
    assert sorted((one.named.number, str(one.person)) for one in known) == [(1, "colleague"), (2, "analyst")]
    # what comes back at a link-up and is here is entered once
    (said_once,) = (one for one in node.every(StatementRecord) if one.digest == known[0].statement)
    statement = verify_statement(
        said_once.envelope,
        accepts={ASSURANCE_PERSON: Act[PersonNamed]},
        key=node.identity.keys.statement.public,
    )
    node.memory.run(lambda tx: assured_persons.enter_person(tx, node.desk, statement, node.clock()))
    assert node.count(AssurancePerson) == 2


def of_korea(digest: HexDigest, world: World) -> dict[str, tuple[Any, str, str]]:
    """What Japan says of an assurance that is not its own, or beyond it, with the code that refuses it."""
    at, ours = world[KOR].clock(), world[KOR].every(AssuranceRecord, party=KOR)[0].digest
    given: dict[str, Any] = {"party": JPN, "to": KOR, "at": at}
    answer: dict[str, Any] = {**given, "number": 1, "turn": 1, "declined": False}
    unknown, beyond = "agreements/unknown-assurance", "agreements/person-not-assured"
    return {
        "withdraws ours": (
            AssuranceWithdrawal(assurance=ours, instrument=KR_JP, **given),
            ASSURANCE_WITHDRAWAL,
            unknown,
        ),
        "withdraws for another": (
            AssuranceWithdrawal(assurance=digest, instrument=KR_JP, party=USA, to=KOR, at=at),
            ASSURANCE_WITHDRAWAL,
            unknown,
        ),
        "names under ours": (PersonNamed(assurance=ours, number=1, name="Sato", **given), ASSURANCE_PERSON, unknown),
        "names beyond": (PersonNamed(assurance=digest, number=4, name="Sato", **given), ASSURANCE_PERSON, beyond),
        "accepts its own": (PersonAnswer(assurance=digest, **answer), ASSURANCE_PERSON_ANSWER, beyond),
        "answers for nobody": (PersonAnswer(assurance=ours, **answer), ASSURANCE_PERSON_ANSWER, beyond),
    }


@pytest.mark.source("G7-5", "A-22")
def test_nobody_withdraws_names_or_answers_for_another(world: World) -> None:
    (digest,) = (one.digest for one in world[KOR].every(AssuranceRecord, party=JPN))
    kinds = (AssuranceWithdrawn, AssurancePerson, AssurancePersonAnswered)
    for case, (body, kind, code) in of_korea(digest, world).items():
        with pytest.raises(PartnerRefusedError) as refused:
            world.links[JPN, KOR].statement(said(world, JPN, body, kind))
        assert refused.value.refusal.code == code, case
        assert [world[KOR].count(one) for one in kinds] == [0, 0, 0], case
