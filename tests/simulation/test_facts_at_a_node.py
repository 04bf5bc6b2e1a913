"""What two nodes lived through, as facts: what claims are held against, and what the drafter stands on."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gsomia import canon
from gsomia.admin import COMMANDS, Bench, Call, run_command
from gsomia.agreements import Body, DeedKind, Fact, NoteSubject, Position, Step, StepReport, StepStatus, ended_by_notes
from gsomia.flows.standing import current_agreement, facts_about, facts_held
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant
from simulation.diplomacy import ENDS, both, deed, note, stands
from simulation.world import JPN, KOR, KR_JP, SimNode, World, world_in_force
from strategies.knowledge import claim

NOTICE, SUSPENDED, WITHDRAWN = "2027-08-23T15:30", "2027-11-22T18:00", "2028-03-21T10:00"


@pytest.fixture
def world() -> World:
    return world_in_force()


def wait_until(world: World, time: str) -> None:
    world.wait(read_instant(time).epoch_s - max(node.clock().epoch_s for node in world.nodes.values()))


def facts(node: SimNode) -> tuple[Fact, ...]:
    return node.memory.run(facts_held)


def events(node: SimNode) -> list[tuple[str, str, str]]:
    return [(one.event, one.actor, one.note) for one in facts(node)]


def end_by_facts(node: SimNode) -> Instant | None:
    now = node.clock()
    known = node.memory.run(lambda tx: facts_about(tx, current_agreement(tx, KR_JP, at=now)))
    return ended_by_notes(known, KR_JP, parties=(KOR, JPN), term_years=1, notice_days=90)


def scrapped(node: SimNode, directory: Path, told: str) -> tuple[str, list[str], list[str]]:
    """What the node's record says of "scrapped" at that time: the verdict, the events and the clauses behind it."""
    path = directory / "claims.jsonl"
    path.write_bytes(canon.encode(claim("end", told)) + b"\n")
    call = Call(bench=cast("Bench", SimpleNamespace(desk=node.desk)), args={"claims": str(path)})
    (found,) = run_command(COMMANDS["source compare"], call).document["claims"]
    return found["verdict"], [by.rpartition(" ")[2] for by in found["by"]], found["clauses"]


@pytest.mark.source("A-28", "T16", "T17", "T19", "G21-4")
def test_scrapped_is_contradicted_by_the_notes_that_two_nodes_exchanged(world: World, tmp_path: Path) -> None:
    assert scrapped(world[JPN], tmp_path, "2027")[:2] == (
        "contradicts",
        ["sign", "sign", "notify_completed", "notify_completed"],
    )
    wait_until(world, NOTICE)
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        assert scrapped(node, tmp_path, "2027-08") == ("contradicts", ["give_notice"], ["G21-4", "T16", "A-28"])
        assert scrapped(node, tmp_path, "2027-11")[:2] == ("agrees", ["give_notice"])
        assert end_by_facts(node) == ENDS
    wait_until(world, SUSPENDED)
    note(world, KOR, NoteSubject.SUSPENSION, "KR-2", words="it may be ended at any time")
    for node in world.nodes.values():
        assert scrapped(node, tmp_path, "2027-11") == ("contradicts", ["suspend_notice"], ["T17", "A-28"])
        assert scrapped(node, tmp_path, "2027")[1] == ["give_notice", "suspend_notice"]
    note(world, JPN, NoteSubject.POSITION, "JP-1", position=Position.UNDERSTANDS)
    wait_until(world, WITHDRAWN)
    note(world, KOR, NoteSubject.WITHDRAWAL, "KR-3", names=("KR-1", "KR-2"))
    for node in world.nodes.values():
        assert scrapped(node, tmp_path, "2028-03") == ("contradicts", ["withdraw_notice"], ["T19", "A-28"])
        assert end_by_facts(node) is None
        assert events(node)[-4:] == [
            ("give_notice", "KOR", "KR-1"),
            ("suspend_notice", "KOR", "KR-2"),
            ("take_position", "JPN", "JP-1"),
            ("withdraw_notice", "KOR", "KR-3"),
        ]


@pytest.mark.source("T18", "T20", "A-02")
@pytest.mark.parametrize("days", [0, 30, 90, 400])
def test_facts_end_an_agreement_when_the_nodes_course_does(world: World, days: int) -> None:
    wait_until(world, NOTICE)
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    note(world, KOR, NoteSubject.SUSPENSION, "KR-2")  # in the same second: their order is the party's own
    world.wait(timedelta(days=days) // timedelta(seconds=1))
    note(world, KOR, NoteSubject.REVIVAL, "KR-3")
    note(world, JPN, NoteSubject.DISPUTE_OPENED, "JP-1", words="whether a fresh period is needed")
    for node in world.nodes.values():
        end = end_by_facts(node)
        assert end is not None
        assert (stands(node, end.plus(seconds=-1)).state, stands(node, end).state) == ("NOTICE_GIVEN", "TERMINATED")


@pytest.mark.source("A-28", "T03", "T05", "T07a")
def test_deeds_are_facts_and_what_all_agree_on_is_one_fact_of_all() -> None:
    world = World(KOR, JPN)
    world.propose()
    world.settle()
    deed(world, KOR, DeedKind.AGREE_TO_EXPLORE, Body.MINISTERS)
    assert events(world[JPN]) == [("propose", "KOR", "")]
    deed(world, JPN, DeedKind.AGREE_TO_EXPLORE, Body.MINISTERS)
    both(world, DeedKind.OPEN_TALKS, Body.DELEGATION)
    both(world, DeedKind.AGREE_TEXT, Body.DELEGATION)
    start(world, KOR)
    for node in world.nodes.values():
        assert events(node) == [
            ("propose", "KOR", ""),
            ("agree_to_explore", "both", ""),
            ("open_talks", "both", ""),
            ("agree_text", "both", ""),
            ("domestic_start", "KOR", ""),
        ]
        last = facts(node)[-1]
        assert last.did(KOR, "D1")
        assert not last.did(JPN, "D1")


def start(world: World, party: PartyCode) -> None:
    report = StepReport(step=Step.D1, status=StepStatus.DONE, reason=None, by=None)
    deed(world, party, DeedKind.DOMESTIC_START, Body.DEFENCE_MINISTRY, steps=(report,))
