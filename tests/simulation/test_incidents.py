"""Incidents over two and three nodes: who raises them, who is told what and when, and what it takes to end one."""

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.exchange import (
    RESULT,
    Account,
    CaseEntry,
    CaseMoment,
    ChainIncident,
    IncidentCase,
    IncidentReported,
    IncidentSubject,
    NoticeKind,
    RadiusAnswered,
    Reply,
    ReportStage,
    SubjectKind,
)
from gsomia.flows import cases
from gsomia.flows.case_file import lines_so_far, open_incidents
from gsomia.flows.chain import say_notice
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.incident_clocks import IncidentDuty, incident_clocks
from gsomia.flows.incident_radius import ask_radius
from gsomia.flows.incident_view import list_incidents, show_incident
from gsomia.flows.incidents import mark_incident, marks_due
from gsomia.flows.logs import close_logs
from gsomia.flows.radius import Window
from gsomia.flows.records import RefusalRecord
from gsomia.flows.relay_records import ChainNoticeRecord
from gsomia.flows.spare import enter_unrecorded, try_to_enter, unrecorded, waits
from gsomia.flows.worklist import list_worklist
from gsomia.ids import HexDigest, IncidentId, ItemId, PartyCode, new_incident_id
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.policy import Clock, DutyState
from gsomia.registry import FIRST_COPY, CopyLine, DerivedKind, IncidentMark, Place, Suspicion
from gsomia.transport import Worker
from simulation.incidents import (
    FULL,
    acknowledge,
    close,
    enter,
    investigate,
    raise_incident,
    report,
    shared_lines,
)
from simulation.relay_world import bring_reader, relay_world, relayed
from simulation.test_copies_and_derived_items import copy, derive
from simulation.world import JPN, KOR, KR_JP, USA, Fault, World, world_in_force

HOUR, DAY = 3600, 86_400
TRICKS = [(one, two) for one, two in itertools.product(Fault, repeat=2) if one is not two or one is Fault.LOST]


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


def given(world: World, content: bytes = b"a report") -> ItemId:
    """An item that Seoul released and Tokyo booked."""
    item = world.send(content).item
    world[JPN].book(item)
    world.settle()
    return item


def clocks(world: World, at: PartyCode) -> dict[str, tuple[Any, bool, bool]]:
    node = world[at]
    found = node.memory.run(lambda tx: incident_clocks(tx, node.desk, node.clock()))
    return {one.duty: (one.since, one.is_alarmed(node.clock()), one.is_late(node.clock())) for one in found}


def states(world: World, at: PartyCode, clock: Clock) -> list[DutyState]:
    """How the duties of one clock stand on the worklist."""
    node = world[at]
    return [one.state(node.clock()) for one in list_worklist(node.desk, now=node.clock()) if one.clock is clock]


def still_open(world: World, at: PartyCode) -> int:
    return world[at].memory.run(lambda tx: open_incidents(tx, world[at].desk, KR_JP))


def refused(act: Any, *args: Any, **words: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RefusedError) as raised:
        act(*args, **words)
    assert raised.value.remedy
    return raised.value.code, raised.value.clauses


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
    case = raise_incident(world, item, subject=None, mark=mark.digest, discovered=node.clock()).case
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


@pytest.mark.source("TR-12", "G17-1")
def test_over_a_relay_the_hub_is_told_and_through_it_the_originator() -> None:
    world = relay_world()
    _, second = relayed(world)
    world[JPN].book(second.item)
    world.settle()
    incident = raise_incident(world, second.item).case.id
    world.settle()
    told = {one: world[one].every(IncidentReported, incident=incident, direction="heard") for one in (KOR, USA)}
    assert [(one, len(reports), reports[0].party) for one, reports in told.items()] == [(KOR, 1, JPN), (USA, 1, JPN)]
    assert world[USA].count(ChainNoticeRecord) == 1
    investigate(world, incident)
    with pytest.raises(LocalError, match="is told: USA, KOR"):
        report(world, incident, ReportStage.FINAL)
    for to in (USA, KOR):
        report(world, incident, ReportStage.FINAL, to=to)
    world.settle()
    for at in (KOR, USA):
        for _ in range(2):
            acknowledge(world, incident, at=at)
    world.settle()
    close(world, incident)
    assert all(one["acknowledged"] for one in show_incident(world[JPN].desk, incident)["reports"])
    for at in (KOR, USA):
        assert shared_lines(world, at, incident, other=JPN) == shared_lines(world, JPN, incident, other=at)
        assert world[at].problems() == []


@pytest.mark.source("G17-1", "G17-4", "A-35", "LEDGER-6")
def test_a_derived_item_is_told_by_what_it_goes_back_to_and_never_by_ids_of_ours(world: World) -> None:
    item, other = given(world), given(world, b"another")
    node = world[JPN]
    ours = node.register(b"Tokyo's own").id
    first = derive(node, item, other, ours, kind=DerivedKind.EXTRACT).item.id
    last = derive(node, first).item.id
    raised = raise_incident(world, last, subject=IncidentSubject(kind=SubjectKind.ITEM, id=last))
    world.settle()
    (heard,) = world[KOR].every(IncidentReported)
    assert [(one.item, set(one.parents)) for one in heard.report.items] == [(last, {item, other})]
    assert raised.case.instruments == (KR_JP,)


@pytest.mark.source("G17-1", "TR-12", "LEDGER-6")
def test_what_was_derived_from_a_relayed_item_is_told_to_the_hub_and_through_it_to_the_originator() -> None:
    world = relay_world()
    _, second = relayed(world)
    world[JPN].book(second.item)
    world.settle()
    bring_reader(world, JPN)
    made = derive(world[JPN], derive(world[JPN], second.item).item.id).item.id
    incident = raise_incident(world, made, subject=IncidentSubject(kind=SubjectKind.ITEM, id=made)).case.id
    world.settle()
    for at in (KOR, USA):
        (heard,) = world[at].every(IncidentReported, incident=incident, direction="heard")
        assert [(one.item, one.parents) for one in heard.report.items] == [(made, (second.item,))]


@pytest.mark.source("TR-12", "G17-1", "F-17")
def test_over_a_relay_only_who_runs_a_case_reports_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = relay_world()
    _, second = relayed(world)
    world[JPN].book(second.item)
    world.settle()
    node = world[JPN]
    with monkeypatch.context() as patched:
        patched.setattr("gsomia.flows.cases.OFFICES", tuple(Office))
        raised = raise_incident(world, second.item, by="releaser")
    world.settle()
    assert sorted(one.to for one in raised.reports) == [KOR, USA]
    assert (world[KOR].count(IncidentReported), world[USA].count(IncidentReported)) == (0, 0)
    (report_to,) = (one for one in raised.reports if one.to == KOR)
    with pytest.raises(LocalError, match="spell a report"):
        say_notice(
            node.desk,
            node.actor("releaser"),
            second.item,
            to=KOR,
            kind=NoticeKind.INCIDENT,
            body=canon.encode(ChainIncident(report=report_to)),
        )


@pytest.mark.source("G17-1", "A-35")
def test_each_originator_is_told_of_its_own_items_only() -> None:
    world = relay_world(direct=True)
    _, second = relayed(world)
    world[JPN].book(second.item)
    theirs = world.send(b"of Seoul, straight").item
    world[JPN].book(theirs)
    hub = world[USA].register(b"of Washington's")
    world[USA].release(hub.id, JPN)
    world.settle()
    world[JPN].book(hub.id)
    world.settle()
    node = world[JPN]
    raised = cases.open_incident(
        node.desk,
        node.actor("registrar"),
        words="the officer is gone",
        subject=IncidentSubject(kind=SubjectKind.PERSON, id="registrar"),
        what=Suspicion.COMPROMISE,
    )
    by_party = {one.to: {item.item for item in one.items} for one in raised.reports}
    assert by_party[KOR] == {theirs, second.item}
    assert theirs not in by_party[USA]
    assert second.item in by_party[USA]
    assert all("officer" not in one.account.narrative for one in raised.reports)


# bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.source("G17-2", "G17-3")
def test_a_report_that_ends_an_incident_without_an_investigation_is_refused_by_the_other_side_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = given(world)
    incident = raise_incident(world, item).case.id
    world.settle()
    monkeypatch.setattr("gsomia.flows.incident_reports.report_obstacles", lambda *_, **__: ())
    report(world, incident, ReportStage.FINAL)
    monkeypatch.undo()
    world.settle()
    assert [one.report.stage for one in world[KOR].every(IncidentReported, incident=incident)] == [ReportStage.FIRST]
    refusals = [leaf.code for leaf in world[KOR].leaves(shared_log(KOR, JPN)) if leaf.event is Event.INTAKE_REFUSED]
    assert refusals == ["exchange/report-incomplete"]
    # what was refused tells nothing: the result is still due, and so is its report
    investigate(world, incident)
    assert IncidentDuty.FINAL_REPORT in clocks(world, JPN)
    assert refused(close, world, incident) == ("flows/result-not-told", ("G17-3", "A-13"))
    report(world, incident, ReportStage.FINAL)
    assert IncidentDuty.FINAL_REPORT not in clocks(world, JPN)
    world.settle()
    assert [one.report.serial for one in world[KOR].every(IncidentReported, incident=incident)] == [1, 3]
    assert shared_lines(world, KOR, incident, other=JPN) == shared_lines(world, JPN, incident, other=KOR)


@pytest.mark.source("G17-1", "G17-3")
def test_a_first_notice_that_was_refused_is_due_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item = given(world)
    monkeypatch.setattr("gsomia.flows.incident_reports._concerns_us", lambda *_: False)
    incident = raise_incident(world, item).case.id
    world.settle()
    monkeypatch.undo()
    assert world[KOR].count(IncidentReported) == 0
    assert IncidentDuty.FIRST_NOTICE in clocks(world, JPN)
    assert [one["refused"] for one in show_incident(world[JPN].desk, incident)["reports"]] == ["exchange/not-its-items"]
    report(world, incident, ReportStage.FIRST)
    world.settle()
    assert [one.report.stage for one in world[KOR].every(IncidentReported)] == [ReportStage.FIRST]
    assert IncidentDuty.FIRST_NOTICE not in clocks(world, JPN)


@pytest.mark.source("G17-3", "A-13")
def test_what_is_entered_after_the_final_report_is_told_in_one_more_before_the_end(world: World) -> None:
    incident = raise_incident(world, given(world)).case.id
    investigate(world, incident)
    report(world, incident, ReportStage.FINAL)
    assert refused(report, world, incident, ReportStage.FINAL) == ("flows/report-out-of-order", ("F-17",))
    enter(world, incident, CaseMoment.NOTED)  # no part of the result
    assert refused(report, world, incident, ReportStage.FINAL) == ("flows/report-out-of-order", ("F-17",))
    enter(world, incident, CaseMoment.FINDING, words="and another")
    assert IncidentDuty.FINAL_REPORT in clocks(world, JPN)
    assert refused(close, world, incident) == ("flows/result-not-told", ("G17-3", "A-13"))
    assert refused(report, world, incident, ReportStage.INTERIM) == ("flows/report-out-of-order", ("F-17",))
    report(world, incident, ReportStage.FINAL)
    close(world, incident)
    world.settle()
    last = world[KOR].every(IncidentReported, incident=incident)[-1].report
    assert [one.words for one in last.opened] == ["words of a finding", "words of a measure", "and another"]


@pytest.mark.source("F-17", "G17-3")
def test_a_line_that_is_told_otherwise_than_before_is_refused_by_either_side(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def otherwise(act: Callable[[], object]) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(
                "gsomia.flows.incident_reports.lines_so_far",
                lambda tx, one: tuple(
                    replace(line, commitment=cast("HexDigest", "0" * 64)) for line in lines_so_far(tx, one)
                ),
            )
            act()
        world.settle()

    incident = raise_incident(world, given(world)).case.id
    world.settle()
    enter(world, incident, CaseMoment.NOTED, at=KOR)
    acknowledge(world, incident, at=KOR)
    otherwise(lambda: report(world, incident, ReportStage.INTERIM))
    report(world, incident, ReportStage.INTERIM)
    world.settle()
    otherwise(lambda: acknowledge(world, incident, at=KOR))
    for at, other in ((KOR, JPN), (JPN, KOR)):
        codes = [leaf.code for leaf in world[at].leaves(shared_log(at, other)) if leaf.event is Event.INTAKE_REFUSED]
        assert codes == ["exchange/lines-changed"]
    assert [one.report.serial for one in world[KOR].every(IncidentReported)] == [1, 3]


@pytest.mark.source("F-17", "G17-3", "DESIGN-4")
def test_a_restored_node_uses_no_number_again_that_it_told(world: World) -> None:
    incident = raise_incident(world, given(world)).case.id
    world.settle()
    node, older = world[JPN], world[JPN].copy_record()
    enter(world, incident, CaseMoment.NOTED, words="before the restore")
    report(world, incident, ReportStage.INTERIM)
    world.settle()
    node.set_back(older)
    node.memory.run(lambda tx: close_logs(tx, node.desk, shown={}))
    world.link_up(JPN, KOR)
    world.settle()
    investigate(world, incident)
    assert [one.number for one in node.every(CaseEntry, incident=incident)] == [1, 3, 4, 5]
    report(world, incident, ReportStage.FINAL)
    world.settle()
    assert [one.report.serial for one in world[KOR].every(IncidentReported)] == [1, 2, 3]
    close(world, incident)


# the record takes nothing ---------------------------------------------------------------------------------------------


@pytest.mark.source("DESIGN-2", "G17-1")
def test_the_first_notice_goes_out_when_the_record_cannot_take_it_and_is_entered_later(world: World) -> None:
    item = given(world)
    node = world[JPN]
    node.fragile.fail(4)  # the unit that would enter the case
    raised = raise_incident(world, item, lost=True)
    assert (raised.recorded, node.count(IncidentCase)) == (False, 0)
    assert len(unrecorded(node.desk)) == 1
    world.deliver(JPN, KOR)
    (heard,) = world[KOR].every(IncidentReported)
    assert heard.incident == raised.case.id
    kept = node.spare.entries()
    node.restart()
    assert enter_unrecorded(node.desk) == 1
    assert (enter_unrecorded(node.desk), unrecorded(node.desk)) == (0, [])
    for entry in kept:  # the power went before the journal was cleared
        node.spare.append(entry)
    assert (enter_unrecorded(node.desk), node.count(IncidentCase), node.count(IncidentReported)) == (1, 1, 1)
    world.settle()
    assert world[KOR].count(IncidentReported) == 1
    assert Event.INCIDENT_REPORTED_LATE in [leaf.event for leaf in node.leaves(private_log(JPN))]
    investigate(world, raised.case.id)
    report(world, raised.case.id, ReportStage.FINAL)
    world.settle()
    assert shared_lines(world, KOR, raised.case.id, other=JPN) == shared_lines(world, JPN, raised.case.id, other=KOR)
    assert node.problems() == world[KOR].problems() == []


@pytest.mark.source("DESIGN-2", "G17-1")
def test_an_entry_of_the_spare_journal_that_cannot_be_entered_holds_up_no_other(world: World) -> None:
    item = given(world)
    node = world[JPN]
    for words in ("", "  ", "x" * 501):  # what the journal could not read back is not kept
        with pytest.raises(LocalError, match="from 1 to 500"):
            raise_incident(world, item, words=words)
    assert unrecorded(node.desk) == []
    node.spare.append(b"not of our key")
    raised = []
    for _ in range(2):  # both see the copy as held: neither stands in the record
        node.fragile.fail(4)
        raised.append(raise_incident(world, item, lost=True))
    assert [one.recorded for one in raised] == [False, False]
    world.deliver(JPN, KOR)
    assert {one.incident for one in world[KOR].every(IncidentReported)} == {one.case.id for one in raised}
    node.restart()
    with pytest.raises(NodeError):
        enter_unrecorded(node.desk)
    try_to_enter(node.desk)  # as the start does it
    assert {one.id for one in node.every(IncidentCase)} == {one.case.id for one in raised}
    assert len(node.spare.entries()) == 3
    world.settle()
    line = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=FIRST_COPY))
    assert line is not None
    assert line.place is Place.LOST
    assert node.problems() == world[KOR].problems() == []


@pytest.mark.source("DESIGN-2", "G17-1")
def test_a_notice_kept_while_others_are_entered_stays_until_it_is_entered_itself(world: World) -> None:
    item = given(world)
    node = world[JPN]
    node.fragile.fail(4)
    first = raise_incident(world, item).case.id
    second: list[str] = []

    def meanwhile() -> None:
        node.fragile.then = None
        node.fragile.fail(4)
        second.append(raise_incident(world, item).case.id)

    node.fragile.then = (node.fragile.runs + 1, meanwhile)  # right after the unit that enters the first
    enter_unrecorded(node.desk)
    assert [one.id for one in node.every(IncidentCase)] == [first]
    assert waits(node.desk)
    try_to_enter(node.desk)
    assert [one.id for one in node.every(IncidentCase)] == [first, *second]
    assert not waits(node.desk)
    assert unrecorded(node.desk) == []


@pytest.mark.source("DESIGN-2", "G17-1")
def test_the_worker_says_a_first_notice_from_the_spare_journal_once_and_then_enters_it(world: World) -> None:
    item = given(world)
    node = world[JPN]
    node.fragile.fail(4)
    incident = raise_incident(world, item).case.id
    said: list[bytes] = []

    class Line:
        async def statement(self, envelope: bytes) -> Reply:
            said.append(envelope)
            return world.links[JPN, KOR].statement(envelope)

    async def one_turn() -> None:
        with ThreadPoolExecutor(1) as executor:
            worker = Worker(node.desk, KOR, link=cast("Any", Line()), executor=executor)
            worker._linked = True  # the pair is linked up; the line here answers statements only
            node.fragile.fail(1)  # the record still takes nothing
            await worker._say_unrecorded()
            assert (len(said), len(unrecorded(node.desk))) == (1, 1)
            await worker._say_unrecorded()

    asyncio.run(one_turn())
    assert (len(said), unrecorded(node.desk), node.count(IncidentCase)) == (1, [], 1)
    world.settle()
    assert [one.incident for one in world[KOR].every(IncidentReported)] == [incident]
