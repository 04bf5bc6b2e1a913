"""First notices of incidents when the record takes nothing: kept, told all the same, and entered later."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, UnavailableError
from gsomia.exchange import (
    IncidentCase,
    IncidentReported,
    Reply,
    ReportStage,
)
from gsomia.flows.desk import private_log
from gsomia.flows.spare import enter_unrecorded, try_to_enter, unrecorded, waits
from gsomia.registry import FIRST_COPY, CopyLine, Place
from gsomia.transport import Worker
from simulation.incidents import (
    given,
    investigate,
    raise_incident,
    report,
    shared_lines,
)
from simulation.world import JPN, KOR, World, world_in_force


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


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
def test_a_notice_that_replaces_a_refused_one_is_said_from_the_record_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = given(world)
    node = world[JPN]
    with monkeypatch.context() as patched:
        patched.setattr("gsomia.flows.incident_reports._concerns_us", lambda *_: False)
        incident = raise_incident(world, item).case.id
        world.settle()
    node.fragile.fail(3)  # the unit that would enter the report
    assert not report(world, incident, ReportStage.FIRST).recorded
    node.restart()
    try_to_enter(node.desk)  # before anything was said from the spare journal
    world.settle()
    assert [one.report.serial for one in world[KOR].every(IncidentReported)] == [2]


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


@pytest.mark.source("DESIGN-2")
def test_a_journal_that_cannot_be_read_now_is_not_taken_for_an_empty_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> list[bytes]:
        raise UnavailableError("storage/disk-failed", "the disk fails", remedy="")

    node = world[JPN]
    node.spare.append(b"kept before this start")
    node.restart()
    with monkeypatch.context() as patched:
        patched.setattr(node.spare, "entries", fails)
        with pytest.raises(UnavailableError):
            waits(node.desk)
    assert waits(node.desk)
