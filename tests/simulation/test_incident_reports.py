"""Reports of incidents: to whom and about what over one line and over a relay, and which ones are refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import (
    CaseEntry,
    CaseMoment,
    ChainIncident,
    IncidentReported,
    IncidentSubject,
    NoticeKind,
    ReportStage,
    SubjectKind,
)
from gsomia.flows import cases
from gsomia.flows.case_file import lines_so_far
from gsomia.flows.chain import say_notice
from gsomia.flows.desk import shared_log
from gsomia.flows.incident_clocks import IncidentDuty
from gsomia.flows.incident_view import show_incident
from gsomia.flows.logs import close_logs
from gsomia.flows.relay_records import ChainNoticeRecord
from gsomia.ids import HexDigest
from gsomia.parties import Office
from gsomia.registry import DerivedKind, Suspicion
from simulation.incidents import (
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
from simulation.relay_world import bring_reader, relay_world, relayed
from simulation.test_copies_and_derived_items import derive
from simulation.world import JPN, KOR, KR_JP, USA, World, world_in_force


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


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
