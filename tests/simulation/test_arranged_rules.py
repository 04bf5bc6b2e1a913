"""What a supplementary arrangement tightens is what counts: the ceiling of a release, and the length of the clocks."""

from dataclasses import replace

import pytest

from gsomia.agreements import NoteSubject, Rule
from gsomia.errors import RefusedError
from gsomia.exchange import Stage
from gsomia.flows import agree, hotline_lines, warn
from gsomia.flows.cases import open_incident
from gsomia.flows.house_clocks import HOUSE, HouseClocks
from gsomia.flows.incident_clocks import notice_hours
from gsomia.flows.incidents import is_overdue_taken_up, marks_due, overdue_mark
from gsomia.flows.notes import give_note
from gsomia.flows.packages import trace_dispatches
from gsomia.flows.records import RefusalRecord
from gsomia.flows.stages import stage_of
from gsomia.flows.standing import get_agreement, rules_at
from gsomia.flows.worklist import duties_at
from gsomia.ids import InstrumentId, PartyCode
from gsomia.policy import Clock
from gsomia.registry import Due, ItemRecord
from gsomia.warning import AuthorisationRecord, LaneClosedError
from simulation import relay_world, visits, warn_world
from simulation.arrange import sign as sign_arrangement
from simulation.incidents import raise_incident
from simulation.world import JPN, KOR, KR_JP, SECRET, USA, Fault, SimNode, World, world_in_force

DAY = 86_400
CONFIDENTIAL = {KOR: "KOR-3", JPN: "JPN-3"}


@pytest.fixture
def world() -> World:
    return world_in_force()


def sign(world: World, party: PartyCode, rules: dict[str, int], *, instrument: InstrumentId = KR_JP) -> None:
    """One side signs, and the other hears of it."""
    sign_arrangement(world, party, rules, instrument=instrument)
    world.settle()


def arrange(world: World, **rules: int) -> None:
    for party in (KOR, JPN):
        sign(world, party, rules)
    world.wait(1)


def denied(node: SimNode, level: str, to: PartyCode) -> str:
    item = node.register(b"image", level=level).id
    with pytest.raises(RefusedError) as raised:
        node.release(item, to)
    return raised.value.code


# --- the ceiling -----------------------------------------------------------------------------------------------


@pytest.mark.source("G5-1", "G5-2", "G4-4")
@pytest.mark.parametrize(("sender", "to"), [(KOR, JPN), (JPN, KOR)])
def test_above_the_ceiling_of_an_arrangement_nothing_is_released(
    world: World, sender: PartyCode, to: PartyCode
) -> None:
    arrange(world, ceiling=2)
    assert denied(world[sender], SECRET[sender], to) == "policy/above-ceiling"
    lower = world[sender].release(world[sender].register(b"map", level=CONFIDENTIAL[sender]).id, to)
    world.settle()
    assert world[sender].stages(lower.delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("G5-1", "G5-2")
def test_one_signature_is_no_arrangement(world: World) -> None:
    sign(world, KOR, {"ceiling": 2})
    world[KOR].release(world[KOR].register(b"image").id, JPN)


@pytest.mark.source("G5-1", "G5-2")
@pytest.mark.parametrize("apart", [0, 1], ids=["in-one-second", "apart"])
def test_an_arrangement_that_waits_for_the_other_side_outlives_the_signing_of_another(world: World, apart: int) -> None:
    sign(world, KOR, {"ceiling": 2})
    world.wait(apart)
    for party in (JPN, KOR):
        sign(world, party, {"receipt_days": 3})
    world.wait(apart)
    sign(world, JPN, {"ceiling": 2})
    world.wait(1)
    node = world[KOR]
    text = node.memory.run(lambda tx: get_agreement(tx, KR_JP, digest=None))
    told = node.memory.run(lambda tx: rules_at(tx, text, at=node.clock()))
    assert (told[Rule.CEILING], told[Rule.RECEIPT_DAYS]) == (2, 3)
    assert denied(world[JPN], SECRET[JPN], KOR) == "policy/above-ceiling"


@pytest.mark.source("G5-2", "A-24")
def test_what_was_decided_before_it_took_effect_arrives(world: World) -> None:
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    for row, outgoing in world.due(KOR, JPN):
        world.carry(KOR, JPN, row, outgoing, Fault.LOST)
    arrange(world, ceiling=2)
    world.settle()
    assert world[JPN].count(ItemRecord, id=released.item) == 1


@pytest.mark.source("G5-2", "G4-4")
def test_a_sender_that_does_not_keep_to_it_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    arrange(world, ceiling=2)
    with monkeypatch.context() as hostile:
        hostile.setattr(
            "gsomia.flows.facts.rules_of", lambda _tx, agreement, _stands: {Rule.CEILING: agreement.terms.ceiling}
        )
        delivery = world[KOR].release(world[KOR].register(b"image").id, JPN).delivery
    world.settle()
    stage = world[KOR].memory.run(lambda tx: stage_of(tx, delivery))
    assert (stage.stage, stage.code) == (Stage.REFUSED, "policy/above-ceiling")
    assert world[JPN].count(ItemRecord, id=delivery.item) == 0


@pytest.mark.source("G5-2", "TR-8")
def test_a_hub_that_does_not_keep_to_the_feeders_ceiling_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = relay_world.relay_world()
    released = relay_world.to_hub(world)
    relay_world.consent_to(world, released)
    for party in (USA, JPN):
        sign(world, party, {"ceiling": 2}, instrument=relay_world.JP_US)
    world.wait(1)
    with pytest.raises(RefusedError) as raised:
        relay_world.forward(world, released.item)
    assert raised.value.code == "policy/second-leg-closed"
    world.wait(1)
    with monkeypatch.context() as hostile:
        hostile.setattr(
            "gsomia.flows.facts.rules_of", lambda _tx, agreement, _stands: {Rule.CEILING: agreement.terms.ceiling}
        )
        relay_world.forward(world, released.item)
        for row, outgoing in world.due(USA, JPN):
            world.carry(USA, JPN, row, outgoing)
    assert world[JPN].count(ItemRecord, id=released.item) == 0
    assert world[JPN].every(RefusalRecord)[-1].code == "policy/above-ceiling"


@pytest.mark.source("G5-2", "G4-4", "A-32")
def test_no_words_above_it_are_said_over_the_line(world: World) -> None:
    node = world[KOR]

    def check(level: str) -> None:
        node.memory.run(
            lambda tx: hotline_lines.require_line(
                tx, node.desk, to=JPN, level=level, instrument=KR_JP, now=node.clock()
            )
        )

    check(SECRET[KOR])
    arrange(world, ceiling=2)
    check(CONFIDENTIAL[KOR])
    with pytest.raises(RefusedError) as raised:
        check(SECRET[KOR])
    assert raised.value.code == "flows/level-not-covered"


@pytest.mark.source("G5-2", "G8-5")
def test_nothing_above_it_is_shown_at_a_visit(world: World) -> None:
    image = world[KOR].register(b"image").id
    visit = visits.bring_visit(world)
    visits.show(world, visit, image)
    arrange(world, ceiling=2)
    with pytest.raises(RefusedError) as raised:
        visits.show(world, visit, image)
    assert raised.value.code == "policy/above-ceiling"


# --- the clocks ------------------------------------------------------------------------------------------------


def waiting(world: World) -> None:
    """An item of Seoul's that Tokyo received, and whose registrar does not sign."""
    world.send(b"image")


def traced(world: World) -> list[Due]:
    return [one.due for one in trace_dispatches(world[KOR].desk)]  # oldest first


def due_of(node: SimNode, clock: Clock) -> list[int]:
    """How many days each duty of a clock gives."""
    duties = node.memory.run(lambda tx: duties_at(tx, node.desk, node.clock()))
    dated = [(duty.since, duty.due) for duty in duties if duty.clock is clock]
    return sorted((due.epoch_s - since.epoch_s) // DAY for since, due in dated if due is not None)


@pytest.mark.source("G5-2", "A-12", "F-15")
def test_a_receipt_is_awaited_as_long_as_the_arrangement_says(world: World) -> None:
    waiting(world)
    world.wait(1)
    arrange(world, receipt_days=3, tracer_days=5)
    waiting(world)
    assert due_of(world[KOR], Clock.RECEIPT) == [3, 10]  # what left before keeps its clock
    assert due_of(world[JPN], Clock.BOOKING) == [3, 10]
    world.wait(4 * DAY)
    assert traced(world) == [Due.YOUNG, Due.TRACER]
    assert due_of(world[KOR], Clock.UNRECEIPTED) == [5]
    world.wait(2 * DAY)
    assert traced(world) == [Due.YOUNG, Due.INCIDENT]
    node = world[KOR]
    assert len(list(node.memory.run(lambda tx: list(marks_due(tx, node.desk, node.clock()))))) == 1


@pytest.mark.source("G5-2", "A-12")
@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.CEILING])
def test_every_clock_an_arrangement_may_set_is_the_one_that_runs(world: World, rule: Rule) -> None:
    node = world[KOR]

    def length() -> int:
        return node.memory.run(lambda tx: HouseClocks(tx, node.desk).length(KR_JP, rule, since=node.clock()))

    text = node.memory.run(lambda tx: get_agreement(tx, KR_JP, digest=None))
    assert length() == getattr(text.house_rules, rule)
    arrange(world, **{rule: 2})
    assert length() == 2
    told = node.memory.run(lambda tx: rules_at(tx, text, at=node.clock()))
    assert told[rule] == 2  # and it is what `agreement status` shows


@pytest.mark.source("G5-2", "A-12")
def test_a_text_that_is_only_proposed_moves_no_clock(world: World) -> None:
    node = world[KOR]
    arrange(world, receipt_days=3)
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
    world.settle()
    world.wait(500 * DAY)  # it has ended: what moves now moves under a text that has ended, too

    def length() -> int:
        return node.memory.run(lambda tx: HouseClocks(tx, node.desk).length(KR_JP, Rule.RECEIPT_DAYS, since=since))

    since = node.clock()
    assert length() == 3
    text = world.agreement(version=2)
    proposed = replace(text, house_rules=replace(text.house_rules, receipt_days=300, incident_notice_hours=300))
    agree.propose(node.desk, node.actor("liaison"), proposed, our_fingerprint=node.identity.record.fingerprint)
    assert length() == 3


@pytest.mark.source("G5-2", "A-12")
def test_the_clock_of_an_incident_keeps_the_length_it_began_with(world: World) -> None:
    released = world.send(b"image")
    world[JPN].book(released.item)
    incident = raise_incident(world, released.item).case
    node = world[JPN]
    before = node.memory.run(lambda tx: notice_hours(tx, node.desk, incident))
    world.wait(3 * 3600)
    arrange(world, incident_notice_hours=2)
    assert node.memory.run(lambda tx: notice_hours(tx, node.desk, incident)) == before == 24
    later = raise_incident(world, released.item, words="another sheet of it is not there").case
    assert node.memory.run(lambda tx: notice_hours(tx, node.desk, later)) == 2


@pytest.mark.source("G5-2", "F-15")
def test_a_case_that_was_opened_by_the_clock_of_the_house_is_not_opened_again(world: World) -> None:
    waiting(world)
    node = world[KOR]
    (line,) = trace_dispatches(node.desk)
    mark = overdue_mark(node.desk, line.number, sent=line.sent, days=30)

    def taken_up(days: int) -> bool:
        return node.memory.run(lambda tx: is_overdue_taken_up(tx, node.desk, line.number, sent=line.sent, days=days))

    assert not taken_up(5)
    world.wait(30 * DAY)
    open_incident(node.desk, node.actor("registrar"), words="nobody signed", mark=mark.digest)
    assert taken_up(5)
    assert taken_up(30)


@pytest.mark.source("A-12")
def test_what_no_agreement_governs_runs_by_the_rules_of_the_house(world: World) -> None:
    node = world[KOR]
    with_none = node.memory.run(
        lambda tx: [HouseClocks(tx, node.desk).length(None, rule, since=node.clock()) for rule in HOUSE]
    )
    assert with_none == [10, 30, 7, 24]


@pytest.mark.source("G5-2", "G4-4")
def test_no_warning_above_it_is_authorised_and_a_lane_decided_before_ends(world: World) -> None:
    warn_world.arrange(world)
    before = warn_world.authorise(world)
    node = world[KOR]
    decided = next(one for one in node.every(AuthorisationRecord) if one.digest == before).authorisation

    def closed() -> LaneClosedError | None:
        return node.memory.run(lambda tx: warn.closed_by(tx, node.desk, decided, now=node.clock()))

    assert closed() is None
    world.wait(1)
    arrange(world, ceiling=2)
    why = closed()
    assert why is not None
    assert why.code == "warning/above-ceiling"
    with pytest.raises(RefusedError) as raised:
        warn_world.authorise(world)
    assert raised.value.code == "flows/level-not-covered"
