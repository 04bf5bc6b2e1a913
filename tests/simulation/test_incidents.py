"""Incidents over two and three nodes: who raises them, who is told what and when, and what it takes to end one."""

import itertools

import pytest

from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import (
    RESULT,
    Account,
    CaseMoment,
    IncidentCase,
    IncidentReported,
    IncidentSubject,
    RadiusAnswered,
    ReportStage,
    SubjectKind,
)
from gsomia.flows import cases
from gsomia.flows.case_file import open_incidents
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.incident_clocks import IncidentDuty
from gsomia.flows.incident_radius import ask_radius
from gsomia.flows.incident_view import list_incidents, show_incident
from gsomia.flows.incidents import mark_incident, marks_due
from gsomia.flows.radius import Window
from gsomia.flows.records import RefusalRecord
from gsomia.flows.worklist import list_worklist
from gsomia.flows.yearly_report import draw_report
from gsomia.ids import IncidentId, ItemId, PartyCode, new_incident_id
from gsomia.instants import Instant
from gsomia.policy import Clock, DutyState
from gsomia.registry import FIRST_COPY, CopyLine, IncidentMark, Place, Suspicion
from simulation.incidents import (
    FULL,
    acknowledge,
    clocks,
    close,
    enter,
    given,
    investigate,
    raise_incident,
    refused,
    report,
    shared_lines,
)
from simulation.test_copies_and_derived_items import copy, derive
from simulation.world import JPN, KOR, KR_JP, Fault, World, world_in_force

HOUR, DAY = 3600, 86_400
TRICKS = [(one, two) for one, two in itertools.product(Fault, repeat=2) if one is not two or one is Fault.LOST]


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


def states(world: World, at: PartyCode, clock: Clock) -> list[DutyState]:
    """How the duties of one clock stand on the worklist."""
    node = world[at]
    return [one.state(node.clock()) for one in list_worklist(node.desk, now=node.clock()) if one.clock is clock]


def still_open(world: World, at: PartyCode) -> int:
    return world[at].memory.run(lambda tx: open_incidents(tx, world[at].desk, KR_JP))


# a case from its first suspicion to its end ---------------------------------------------------------------------------


@pytest.mark.source("G17-1", "G17-2", "G17-3", "F-17", "A-35", "A-36")
def test_an_incident_is_told_looked_into_and_ended_and_both_sides_print_the_same_lines(world: World) -> None:
    item = given(world)
    world[JPN].read(item)
    made = derive(world[JPN], item).item.id
    opened = raise_incident(world, item, lost=True)
    incident = opened.case.id
    world.settle()
    (heard,) = world[KOR].every(IncidentReported, incident=incident)
    (told,) = heard.report.items
    assert (told.item, told.mark, told.copies, told.place) == (item, "KOR-2", (FIRST_COPY,), Place.LOST)
    assert (told.extent.readers, told.extent.readings, told.extent.derived) == (1, 2, (made,))
    assert b"analyst" not in world[KOR].text(private_log(KOR))
    assert "analyst" not in str(heard.report)
    line = world[JPN].memory.run(lambda tx: tx.line(CopyLine, item=item, copy=FIRST_COPY))
    assert line is not None
    assert line.place is Place.LOST
    assert [still_open(world, one) for one in (KOR, JPN)] == [1, 1]

    assert states(world, KOR, Clock.INCIDENT_ANSWER) == [DutyState.OPEN]
    acknowledge(world, incident, at=KOR)
    assert states(world, KOR, Clock.INCIDENT_ANSWER) == []
    enter(world, incident, CaseMoment.NOTED, at=KOR, words="Seoul's own thoughts")
    # no end before the investigation, its finding and a measure
    assert refused(close, world, incident) == ("flows/not-investigated", ("G17-2", "G17-3"))
    assert refused(report, world, incident, ReportStage.FINAL) == ("flows/not-investigated", ("G17-2", "G17-3"))
    assert refused(enter, world, incident, CaseMoment.FINDING) == ("flows/not-investigated", ("G17-2",))
    investigate(world, incident)
    assert refused(close, world, incident) == ("flows/result-not-told", ("G17-3", "A-13"))
    report(world, incident, ReportStage.INTERIM)
    assert refused(report, world, incident, ReportStage.FINAL, account=Account(narrative="ended")) == (
        "flows/report-incomplete",
        ("G17-4",),
    )
    report(world, incident, ReportStage.FINAL)
    assert refused(report, world, incident, ReportStage.INTERIM) == ("flows/report-out-of-order", ("F-17",))
    close(world, incident)
    world.settle()
    for _ in range(2):
        acknowledge(world, incident, at=KOR)
    world.settle()
    with pytest.raises(LocalError, match="acknowledged"):
        acknowledge(world, incident, at=KOR)

    last = world[KOR].every(IncidentReported, incident=incident)[-1].report
    assert [one.words for one in last.opened] == ["words of a finding", "words of a measure"]
    ours = shared_lines(world, JPN, incident, other=KOR)
    assert ours == shared_lines(world, KOR, incident, other=JPN)
    assert {line["what"] for line in ours} >= {
        "opened",
        "investigation-opened",
        "noted",
        "report-final",
        "acknowledged",
    }
    for at, secret in ((KOR, "the copy is not in its place"), (JPN, "Seoul's own thoughts")):
        lines = show_incident(world[at].desk, incident)["timeline"]
        assert secret not in str([line["own"] for line in lines])
    assert [line["own"]["words"] for line in show_incident(world[KOR].desk, incident)["timeline"] if line["own"]] == [
        "Seoul's own thoughts"
    ]
    shared = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.event is Event.INCIDENT_TOLD]
    assert [leaf.code for leaf in shared] == ["opened", "investigation-opened", "finding", "measure"]
    assert {one["state"] for at in (KOR, JPN) for one in world[at].memory.run(list_incidents)} == {
        "closed",
        "result told",
    }
    assert [still_open(world, one) for one in (KOR, JPN)] == [0, 0]
    assert clocks(world, JPN) == clocks(world, KOR) == {}
    assert world[JPN].problems() == world[KOR].problems() == []


@pytest.mark.source("A-13", "G17-1")
def test_what_is_found_again_within_the_hour_is_told_and_ended_like_any_other(world: World) -> None:
    item = given(world)
    incident = raise_incident(world, item, lost=True).case.id
    world.wait(HOUR // 2)
    node = world[JPN]
    cases.find_again(node.desk, node.actor("registrar"), incident, copy=None, words="behind the shelf")
    line = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=FIRST_COPY))
    assert line is not None
    assert (line.place, line.holder) == (Place.HELD, node.actor("registrar").person)
    assert refused(close, world, incident) == ("flows/not-investigated", ("G17-2", "G17-3"))
    investigate(world, incident)
    report(world, incident, ReportStage.FINAL)
    close(world, incident)
    world.settle()
    assert [one.report.stage for one in world[KOR].every(IncidentReported)] == [ReportStage.FIRST, ReportStage.FINAL]
    with pytest.raises(LocalError, match="was closed"):
        enter(world, incident, CaseMoment.NOTED)


@pytest.mark.source("A-35", "G17-1", "G17-3")
def test_of_the_words_of_a_case_only_findings_and_measures_cross_the_border(world: World) -> None:
    incident = raise_incident(world, given(world), words="secret: opening").case.id
    for what in (CaseMoment.NOTED, CaseMoment.INVESTIGATION, CaseMoment.FINDING, CaseMoment.MEASURE):
        enter(world, incident, what, words=f"{'told' if what in RESULT else 'secret'}: {what}")
    report(world, incident, ReportStage.FINAL)
    node = world[JPN]
    cases.close_incident(node.desk, node.actor("security"), incident, words="secret: end")
    world.settle()
    first, last = world[KOR].every(IncidentReported, incident=incident)
    assert first.report.account == Account(narrative="suspected: loss; an account follows")
    assert [one.words for one in last.report.opened] == ["told: finding", "told: measure"]
    assert "secret" not in str(first) + str(last)


@pytest.mark.source("A-12", "G17-1", "G17-5")
def test_the_clock_of_the_first_notice_runs_from_the_discovery_and_not_from_the_entry(world: World) -> None:
    item = given(world)
    discovered = world[JPN].clock()
    world.wait(2 * HOUR)
    raised = raise_incident(world, item, by="analyst", discovered=discovered)
    assert draw_report(world[JPN].desk, year=2026).incidents == 1  # opened without a mark
    assert raised.reports == ()  # a reader raises it; an officer tells
    assert clocks(world, JPN)[IncidentDuty.FIRST_NOTICE] == (discovered, True, False)
    assert states(world, JPN, Clock.INCIDENT_NOTICE) == [DutyState.ALARM]
    assert refused(
        cases.report_incident,
        world[JPN].desk,
        world[JPN].actor("analyst"),
        raised.case.id,
        stage=ReportStage.FIRST,
        account=FULL,
    ) == ("flows/office-required", ("G17-1",))
    world.wait(22 * HOUR)
    assert clocks(world, JPN)[IncidentDuty.FIRST_NOTICE] == (discovered, True, True)
    assert states(world, JPN, Clock.INCIDENT_NOTICE) == [DutyState.OVERDUE]
    report(world, raised.case.id, ReportStage.FIRST)
    assert IncidentDuty.FIRST_NOTICE not in clocks(world, JPN)
    assert states(world, JPN, Clock.INCIDENT_NOTICE) == []
    assert states(world, JPN, Clock.INCIDENT_RESULT) == [DutyState.OPEN]
    with pytest.raises(LocalError, match="before now"):
        raise_incident(world, item, discovered=world[JPN].clock().plus(seconds=1))


@pytest.mark.source("F-15", "F-20", "A-12", "A-32")
def test_marks_and_late_dispatches_are_due_to_be_opened_on_the_clock_of_their_seeing(world: World) -> None:
    item = world.send(b"never booked").item
    node = world[JPN]
    node.memory.run(lambda tx: mark_incident(tx, node.desk, item, what=Suspicion.HEARD_UNCLEARED, by=None, party=KOR))
    (mark,) = node.memory.run(lambda tx: marks_due(tx, node.desk, node.clock()))
    world.wait(HOUR)
    assert clocks(world, JPN)[IncidentDuty.OPEN] == (mark.at, True, False)
    assert states(world, JPN, Clock.INCIDENT_MARK) == [DutyState.ALARM]
    assert draw_report(node.desk, year=2026).incidents == 1
    case = raise_incident(world, item, subject=None, mark=mark.digest, discovered=node.clock()).case
    assert draw_report(node.desk, year=2026).incidents == 1  # the case takes the mark up
    assert (case.discovered, case.what, case.items) == (mark.at, Suspicion.HEARD_UNCLEARED, (item,))
    assert node.memory.run(lambda tx: marks_due(tx, node.desk, node.clock())) == []
    assert states(world, JPN, Clock.INCIDENT_MARK) == []
    with pytest.raises(LocalError, match="no mark"):
        raise_incident(world, item, subject=None, mark=mark.digest)
    # seen again while the case is open, it is the same mark
    again = node.memory.run(
        lambda tx: mark_incident(tx, node.desk, item, what=Suspicion.HEARD_UNCLEARED, by=None, party=KOR)
    )
    assert again == mark
    # the dispatch whose receipt never came marks itself on its thirtieth day
    kor = world[KOR]
    assert kor.memory.run(lambda tx: marks_due(tx, kor.desk, kor.clock())) == []
    world.wait(31 * DAY)
    (late,) = kor.memory.run(lambda tx: marks_due(tx, kor.desk, kor.clock()))
    assert late.what is Suspicion.RECEIPT_OVERDUE
    assert late.at < kor.clock()
    assert (states(world, KOR, Clock.UNRECEIPTED), states(world, KOR, Clock.INCIDENT_MARK)) == ([DutyState.OVERDUE], [])
    opened = cases.open_incident(kor.desk, kor.actor("registrar"), words="no receipt", mark=late.digest)
    assert opened.reports == ()  # it is our own item: nobody is told
    assert kor.every(IncidentMark) == [late]
    assert kor.memory.run(lambda tx: marks_due(tx, kor.desk, kor.clock())) == []
    assert states(world, KOR, Clock.UNRECEIPTED) == []


@pytest.mark.source("G17-1", "F-17")
@pytest.mark.parametrize(
    "kind", [SubjectKind.CONTAINER, SubjectKind.PERSON, SubjectKind.FACILITY, SubjectKind.PACKAGE, SubjectKind.CALL]
)
def test_no_incident_is_opened_about_what_the_register_does_not_know(world: World, kind: SubjectKind) -> None:
    with pytest.raises(LocalError, match="`NOWHERE-1`"):
        raise_incident(world, given(world), subject=IncidentSubject(kind=kind, id="NOWHERE-1"))
    assert world[JPN].count(IncidentCase) == 0


# what crosses ---------------------------------------------------------------------------------------------------------


@pytest.mark.source("F-17", "A-35", "LEDGER-6")
def test_an_originator_asks_and_is_answered_in_numbers_about_its_own_items_alone(world: World) -> None:
    item = given(world)
    ours = world[JPN].register(b"Tokyo's own")
    copy(world[JPN], item)
    made = derive(world[JPN], item).item.id
    incident = raise_incident(world, item).case.id
    world.settle()
    kor = world[KOR]
    asked = ask_radius(kor.desk, kor.actor("registrar"), incident, to=JPN)
    world.settle()
    (answered,) = kor.every(RadiusAnswered)
    (extent,) = answered.answer.found
    assert (asked.items, extent.known, extent.copies, extent.derived) == ((item,), True, 3, (made,))
    assert "analyst" not in str(answered)
    with pytest.raises(LocalError, match="no item of ours"):
        ask_radius(world[JPN].desk, world[JPN].actor("registrar"), incident, to=KOR)
    assert shared_lines(world, KOR, incident, other=JPN) == shared_lines(world, JPN, incident, other=KOR)
    # an item of ours that the asker names is answered like one that is not there
    own = cases.open_incident(
        kor.desk,
        kor.actor("registrar"),
        words="as well",
        subject=IncidentSubject(kind=SubjectKind.ITEM, id=item),
    ).case
    assert [one.to for one in kor.every(IncidentReported, incident=own.id, direction="own")] == []
    assert ours.id not in str(answered)


@pytest.mark.source("F-17", "A-35")
def test_questions_cannot_be_narrowed_down_to_single_readings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item, other = given(world), given(world, b"another")
    incident = raise_incident(world, item).case.id
    kor, now = world[KOR], world[JPN].clock()

    def answers(*items: ItemId, about: IncidentId, intact: Instant, discovered: Instant) -> bool:
        before, window = kor.count(RadiusAnswered), Window(intact=intact, discovered=discovered)
        with monkeypatch.context() as patched:
            patched.setattr("gsomia.flows.incident_radius._ours", lambda *_: (items, window))
            patched.setattr("gsomia.flows.incident_radius.min", lambda one, _: one, raising=False)
            ask_radius(kor.desk, kor.actor("registrar"), about, to=JPN)
        world.settle()
        return kor.count(RadiusAnswered) > before

    day = {"intact": now.plus(days=-2), "discovered": now}
    assert answers(item, about=incident, **day)
    assert answers(item, about=incident, **day)
    assert not answers(item, about=incident, intact=now.plus(days=-3), discovered=now)
    fresh = [new_incident_id(kor.entropy) for _ in range(9)]
    assert not answers(other, about=fresh[0], intact=now.plus(days=-1, seconds=1), discovered=now)
    assert not answers(other, about=fresh[0], intact=now, discovered=world[JPN].clock().plus(days=1))
    assert [answers(item, about=one, **day) for one in fresh[:7]] == [True] * 6 + [False]
    assert answers(other, about=fresh[8], **day)
    codes = {one.code for one in kor.every(RefusalRecord)}
    assert codes == {"exchange/asked-too-often"}


@pytest.mark.source("G17-1", "A-13")
@pytest.mark.parametrize("faults", TRICKS)
def test_lost_doubled_and_late_messages_change_nothing(world: World, faults: tuple[Fault, ...]) -> None:
    item = given(world)
    incident = raise_incident(world, item).case.id
    investigate(world, incident)
    report(world, incident, ReportStage.FINAL)
    carry(world, JPN, KOR, faults)
    for _ in range(2):
        acknowledge(world, incident, at=KOR)
    ask_radius(world[KOR].desk, world[KOR].actor("security"), incident, to=JPN)
    carry(world, KOR, JPN, faults)
    assert {one.report.serial for one in world[KOR].every(IncidentReported, direction="heard")} == {1, 2}
    assert all(one["acknowledged"] for one in show_incident(world[JPN].desk, incident)["reports"])
    assert world[KOR].count(RadiusAnswered) == world[JPN].count(RadiusAnswered) == 1
    assert shared_lines(world, KOR, incident, other=JPN) == shared_lines(world, JPN, incident, other=KOR)
    assert world[JPN].problems() == world[KOR].problems() == []


def carry(world: World, sender: PartyCode, to: PartyCode, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        world.deliver(sender, to, fault)
        world.wait(61)
    world.settle()
