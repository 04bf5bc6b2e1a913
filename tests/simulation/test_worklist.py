"""What the rule calls late is what the worklist calls overdue, at every instant, and what was done is gone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from gsomia.agreements import LawEntry, LawText, law_change_due
from gsomia.errors import LocalError, RefusedError, WaitingError
from gsomia.exchange import AlarmCode, Precedence
from gsomia.flows import meetings
from gsomia.flows.balance import balance_with
from gsomia.flows.contractor_release import ask_contractor
from gsomia.flows.dispose import destroy_item, open_destruction
from gsomia.flows.handover import hand_over
from gsomia.flows.hotline_alarms import alarms_now
from gsomia.flows.hotline_calls import note_disclosure
from gsomia.flows.law import enter_law
from gsomia.flows.levels import count_open
from gsomia.flows.packages import trace_dispatches
from gsomia.flows.ports import Tx
from gsomia.flows.purposes import list_purposes, open_purpose
from gsomia.flows.regrade import regrade_item
from gsomia.flows.remark import mark_done
from gsomia.flows.tenure import clearance_of, require_site
from gsomia.flows.worklist import duties_at, list_worklist
from gsomia.flows.yearly_report import draw_report, issue_report, issued_reports
from gsomia.ids import ItemId, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import ClearanceStanding
from gsomia.parties import Office, verify_act
from gsomia.policy import Clock, Duty, DutyState, Verdict
from gsomia.registry import (
    FIRST_COPY,
    ChannelAccreditation,
    CopyLine,
    Due,
    FollowUp,
    LevelNotice,
    Place,
    PurposeDeed,
    RegisterError,
    yearly,
)
from simulation.hotline import DUTY, manned_world, read_back, say
from simulation.test_contractors import MELCO, bring_contractor
from simulation.visits import FIRST, acknowledge, advise, approve, ask_and_settle
from simulation.world import JPN, KOR, PURPOSE, REGISTRY, START, UNTIL, SimNode, World

NOTICE = "KR-LC-2026-0007"
REVIEW_DUE = {ClearanceStanding.EXPIRED, ClearanceStanding.REVIEW_DUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Two nodes with something open of many kinds."""

    world: World
    arrived: ItemId
    booked: ItemId
    doomed: ItemId
    said: str
    law: str
    now: Instant


@pytest.fixture(scope="module")
def played() -> Scene:
    """For tests that leave it as it is."""
    return play()


def play() -> Scene:
    world = manned_world()
    kor, jpn = world[KOR], world[JPN]
    for node in (kor, jpn):
        node.bring_reader()
    open_purpose(
        jpn.desk,
        jpn.actor("registrar"),
        code=PURPOSE,
        text="tests of the year",
        ends="the report is delivered",
        blanket=False,
        review=START.plus(days=100),
    )
    booked, doomed = world.send(b"booked").item, world.send(b"doomed").item
    for item in (booked, doomed):
        jpn.book(item)
    world.settle()
    arrived = world.send(b"arrived").item
    bring_contractor(jpn)
    visit = ask_and_settle(world)
    asked = say(world, KOR, Precedence.PRIORITY)
    world.settle()
    note_disclosure(jpn.desk, jpn.actor(DUTY), asked.digest, level="JPN-3")
    meetings.hold_meeting(
        kor.desk,
        kor.actor("liaison"),
        number="M-1",
        with_=JPN,
        agenda="exchange",
        outcome="agreed",
        held=kor.clock(),
        commitments=(meetings.Undertaken(text="send the list", owner="liaison", due=START.plus(days=50)),),
    )
    law = enter_law(
        kor.desk, kor.actor("security"), text=_text(kor), replaces=None, affects_protection=True, levels=False
    )
    regrade_item(kor.desk, kor.actor("releaser"), booked, to="KOR-3", number=NOTICE)
    world.settle()
    with pytest.raises(WaitingError):
        destroy_item(jpn.desk, jpn.actor("registrar"), doomed)
    with pytest.raises(WaitingError):
        hand_over(jpn.desk, jpn.actor("registrar"), booked, copy=FIRST_COPY, to=jpn.actor("analyst").person)
    assert visit
    return Scene(
        world=world, arrived=arrived, booked=booked, doomed=doomed, said=asked.digest, law=law.id, now=kor.clock()
    )


def _text(node: SimNode) -> LawText:
    return LawText(title="Secrets Act", reference="Act 1", valid=Validity(start=node.clock()))


def listed(node: SimNode, *clocks: Clock) -> list[Duty]:
    return [duty for duty in list_worklist(node.desk, now=node.clock()) if not clocks or duty.clock in clocks]


def every_duty(node: SimNode) -> list[Duty]:
    return node.memory.run(lambda tx: duties_at(tx, node.desk, UNTIL.plus(days=-1)))


def open_marks(node: SimNode) -> int:
    notice = node.every(LevelNotice)[-1].statement
    return node.memory.run(lambda tx: count_open(tx, notice)[1])


def overdue(node: SimNode, clock: Clock) -> set[str]:
    now = node.clock()
    return {duty.subject for duty in listed(node, clock) if duty.state(now) is DutyState.OVERDUE}


def read(node: SimNode, unit: Callable[[Tx], set[str]]) -> set[str]:
    return node.memory.run(unit)


def alarmed(node: SimNode, code: AlarmCode) -> set[str]:
    alarms = node.memory.run(lambda tx: alarms_now(tx, node.desk, now=node.clock()))
    return {alarm.reference for alarm in alarms if alarm.code is code}


def uncleared(node: SimNode) -> set[str]:
    persons = ("releaser", "analyst")
    found = node.memory.run(lambda tx: {one: clearance_of(tx, cast("PersonId", one)) for one in persons})
    return {one for one, held in found.items() if held is not None and held.standing(node.clock()) in REVIEW_DUE}


def site_closed(node: SimNode) -> set[str]:
    try:
        node.memory.run(lambda tx: require_site(tx, node.desk, REGISTRY, rank=1, now=node.clock()))
    except RefusedError:
        return {REGISTRY}
    return set()


def channels_over(node: SimNode) -> set[str]:
    return {one.channel for one in node.every(ChannelAccreditation) if not one.valid.covers(node.clock())}


def purposes_over(node: SimNode) -> set[str]:
    standing = node.memory.run(lambda tx: list_purposes(tx, node.desk, now=node.clock()))
    return {one.line.code for one in standing if one.ended and one.line.deed is not PurposeDeed.CLOSED}


def undisposed(node: SimNode) -> set[str]:
    standing = node.memory.run(lambda tx: list_purposes(tx, node.desk, now=node.clock()))
    return {one.line.code for one in standing if one.due is not None and one.due <= node.clock()}


def follow_ups_late(node: SimNode) -> set[str]:
    def unit(tx: Tx) -> set[str]:
        abouts = {one.about for one in tx.every(FollowUp)}
        every = ((about, one) for about in abouts for one in meetings.follow_ups(tx, about, now=node.clock()))
        return {f"{about}/{one.number}" for about, one in every if one.state == "overdue"}

    return read(node, unit)


def traced(node: SimNode, *what: Due) -> set[str]:
    return {one.number for one in trace_dispatches(node.desk) if one.due in what}


def unsigned(node: SimNode) -> set[str]:
    partner = KOR if node.party == JPN else JPN
    return {item for one in balance_with(node.desk, partner, at=node.clock()) for item in one.overdue}


def denied(node: SimNode, item: ItemId, code: str) -> bool:
    answer = node.memory.run(lambda tx: ask_contractor(tx, node.desk, item, to=MELCO, purpose=PURPOSE))
    found = answer.decision
    return found.verdict is Verdict.DENY and any(reason.code == code for reason in found.reasons)


def check_instant(scene: Scene, now: Instant) -> None:
    for node in scene.world.nodes.values():
        node.clock.now = now
    kor, jpn = scene.world[KOR], scene.world[JPN]
    for node in (kor, jpn):
        late: dict[Clock, set[str]] = {
            Clock.RECEIPT: traced(node, Due.TRACER, Due.INCIDENT),
            Clock.UNRECEIPTED: traced(node, Due.INCIDENT),
            Clock.CLEARANCE: uncleared(node),
            Clock.FACILITY: site_closed(node),
            Clock.CHANNEL: channels_over(node),
            Clock.PURPOSE_REVIEW: purposes_over(node),
            Clock.DISPOSITION: undisposed(node),
            Clock.FOLLOW_UP: follow_ups_late(node),
            Clock.HOTLINE_ANSWER: alarmed(node, AlarmCode.NOT_ACKNOWLEDGED),
            Clock.HOTLINE_READ_BACK: alarmed(node, AlarmCode.NOT_READ_BACK),
            Clock.HOTLINE_FORM: alarmed(node, AlarmCode.DISCLOSURE_LATE),
        }
        assert {clock: overdue(node, clock) for clock in late} == late, now
        assert bool(overdue(node, Clock.HOTLINE_WATCH)) is bool(alarmed(node, AlarmCode.DESK_UNMANNED))
    assert overdue(jpn, Clock.BOOKING) == unsigned(jpn)
    assert (MELCO in overdue(jpn, Clock.INSPECTION)) is denied(jpn, scene.booked, "contractor-inspection-overdue")
    assert bool(overdue(jpn, Clock.MEASURE)) is denied(jpn, scene.booked, "contractor-registry")
    waits = jpn.memory.run(lambda tx: open_destruction(tx, scene.doomed, now=now)) is not None
    assert bool(listed(jpn, Clock.DESTRUCTION)) is waits  # nobody is late: from then on it is signed anew
    due = law_change_due(kor.every(LawEntry)[0])
    assert due is not None
    assert overdue(kor, Clock.LAW_CHANGE) == ({scene.law} if due <= now else set())


@pytest.mark.source("A-12", "F-15", "G6-8", "G6-9", "G7-4", "G10-1", "G12-10", "G16-7", "G18-2", "A-32", "LEDGER-4")
def test_what_a_rule_calls_late_is_what_the_worklist_calls_overdue_at_every_instant(played: Scene) -> None:
    world = played.world
    deadlines: set[int] = set()
    for node in world.nodes.values():
        deadlines |= {duty.due.epoch_s for duty in every_duty(node) if duty.due is not None}
    assert len(deadlines) > 10
    deadlines |= {played.now.plus(days=days).epoch_s for days in (7, 10, 30, 130)}
    probes = [Instant(deadline + step) for deadline in sorted(deadlines) for step in (-1, 0)]
    try:
        for now in (played.now, *probes):
            check_instant(played, now)
    finally:
        for node in world.nodes.values():
            node.clock.now = played.now


@pytest.mark.source("A-12", "DESIGN-10")
def test_each_office_sees_what_it_may_do_and_nobody_reads_a_title(played: Scene) -> None:
    jpn = played.world[JPN]
    now = jpn.clock()

    def seen(*offices: Office, person: str | None = None) -> set[Clock]:
        found = list_worklist(
            jpn.desk,
            now=now,
            offices=frozenset(offices) or None,
            person=cast("PersonId", person) if person else None,
        )
        return {duty.clock for duty in found}

    registrar = seen(Office.CONTROL_OFFICER)
    assert {Clock.BOOKING, Clock.DESTRUCTION, Clock.REMARKING} <= registrar
    assert Clock.HOTLINE_FORM not in registrar
    assert {Clock.HOTLINE_ANSWER, Clock.HOTLINE_FORM, Clock.HOTLINE_READ_BACK} <= seen(person=DUTY)
    assert Clock.HAND_OVER in seen(person="analyst")
    assert Clock.HAND_OVER not in seen(person="registrar")  # only who is to take it signs
    ours = [*listed(jpn), *listed(played.world[KOR])]
    assert not any(
        word in f"{duty.subject} {duty.command}" for duty in ours for word in ("list", "exchange", "Secrets")
    )


@pytest.mark.source("A-12", "F-05", "F-10", "G13-1", "G12-5", "A-32", "G1-3", "G8-2", "G8-3")
def test_what_was_done_or_has_lapsed_is_no_longer_on_the_list() -> None:
    played = play()
    world = played.world
    kor, jpn = world[KOR], world[JPN]
    assert {duty.subject for duty in listed(jpn, Clock.BOOKING)} == {played.arrived}
    jpn.book(played.arrived)
    world.settle()
    assert listed(jpn, Clock.BOOKING) == []
    assert listed(kor, Clock.RECEIPT) == []
    hand_over(jpn.desk, jpn.actor("analyst"), played.booked, copy=FIRST_COPY, to=jpn.actor("analyst").person)
    assert listed(jpn, Clock.HAND_OVER) == []
    (waits,) = listed(kor, Clock.REMARKING)
    assert (waits.subject, waits.due) == (played.booked, kor.clock().plus(days=7))
    for node in (kor, jpn):
        assert len(listed(node, Clock.REMARKING)) == 1
        mark_done(node.desk, node.actor("registrar"), played.booked, (FIRST_COPY,))
        assert listed(node, Clock.REMARKING) == []
        assert open_marks(node) == 0
    destroy_item(jpn.desk, jpn.actor("security"), played.doomed)
    assert listed(jpn, Clock.DESTRUCTION) == []
    assert read_back(world, played.said)  # type: ignore[arg-type]
    world.settle()
    for node in (kor, jpn):
        assert listed(node, Clock.HOTLINE_ANSWER, Clock.HOTLINE_READ_BACK) == []
    (visit,) = [duty.subject for duty in listed(kor, Clock.VISIT_DECISION)]
    for act, clock in ((approve, Clock.VISIT_ADVICE), (advise, Clock.VISIT_ACKNOWLEDGED)):
        cast("Callable[[World, str], None]", act)(world, visit)
        (duty,) = listed(kor, Clock.VISIT_DECISION, Clock.VISIT_ADVICE, Clock.VISIT_ACKNOWLEDGED)
        assert (duty.clock, duty.due) == (clock, FIRST)
    acknowledge(world, visit)  # type: ignore[arg-type]
    assert listed(kor, Clock.VISIT_DECISION, Clock.VISIT_ADVICE, Clock.VISIT_ACKNOWLEDGED) == []
    _lapses(jpn, played.arrived)
    for node in (kor, jpn):
        assert node.problems() == []  # the lines of what waits are derived again


def _lapses(node: SimNode, item: ItemId) -> None:
    """An offer waits for nobody once its copy is destroyed."""
    analyst = node.actor("analyst")
    with pytest.raises(WaitingError):
        hand_over(node.desk, node.actor("registrar"), item, copy=FIRST_COPY, to=analyst.person)
    assert len(listed(node, Clock.HAND_OVER)) == 1
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    destroy_item(node.desk, node.actor("security"), item)
    assert listed(node, Clock.HAND_OVER) == []
    with pytest.raises(RegisterError):
        hand_over(node.desk, analyst, item, copy=FIRST_COPY, to=analyst.person)


@pytest.mark.source("F-23", "LEDGER-1")
def test_the_yearly_report_says_what_the_register_holds_and_is_signed_by_who_issues_it(played: Scene) -> None:
    for node in played.world.nodes.values():
        report = draw_report(node.desk, year=2026)
        assert report == draw_report(node.desk, year=2026)
        assert all(line.balances for line in report.held)
        held = node.memory.run(lambda tx: tx.tally(CopyLine, by=("originator",), place=Place.HELD))
        counted: dict[str, int] = {}
        for line in report.held:
            if line.held_after:
                counted[line.originator] = counted.get(line.originator, 0) + line.held_after
        assert counted == {str(originator): number for (originator,), number in held.items()}
        issued = issue_report(node.desk, node.actor("registrar"), year=2026)
        assert verify_act(issued.act, kind=yearly.YEARLY_REPORT) == report
        assert issued_reports(node.desk, year=2026) == [issued]
        with pytest.raises(RefusedError):
            issue_report(node.desk, node.actor("releaser"), year=2026)
    kor, jpn = (draw_report(played.world[party].desk, year=2026) for party in (KOR, JPN))
    assert sum(one.sent for one in kor.partners) == 3
    assert sum(one.received for one in jpn.partners) == sum(one.signed_for for one in kor.partners)


@pytest.mark.source("F-23", "A-24")
def test_a_past_year_keeps_its_figures_when_the_clock_goes_on(played: Scene) -> None:
    jpn = played.world[JPN]
    jpn.clock.now = yearly.year_bounds(2026)[1]
    report = draw_report(jpn.desk, year=2026)
    assert report.over
    jpn.clock.now = jpn.clock.now.plus(days=30)
    assert draw_report(jpn.desk, year=2026) == report
    later = draw_report(jpn.desk, year=2027)
    assert [line.held_before for line in later.held] == [line.held_after for line in report.held if line.held_after]
    with pytest.raises(LocalError):
        draw_report(jpn.desk, year=2028)
    jpn.clock.now = played.now
