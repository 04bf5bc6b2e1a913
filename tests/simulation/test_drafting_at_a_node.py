"""Commands that run anywhere, at a node: its agreement and its acts are what notes and claims are held to."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gsomia.admin import COMMANDS, Bench, Call, Outcome, run_command
from gsomia.agreements import ActRecord
from simulation.sim_node import SimNode
from simulation.world import KOR, World, world_in_force

NOTE = {"instrument": "GSOMIA-KR-JP", "by": "KOR", "number": "KR-NV-2027-1"}


@pytest.fixture(scope="module")
def world() -> World:
    """In force since 2026-11-23."""
    return world_in_force()


def run(node: SimNode, command: str, **args: Any) -> Outcome:
    call = Call(bench=cast("Bench", SimpleNamespace(desk=node.desk)), args=args)
    return run_command(COMMANDS[command], call)


@pytest.mark.source("A-01", "G21-4", "A-24")
@pytest.mark.parametrize(("day", "leaves"), [("2027-08-24", 0), ("2027-08-25", 3)])
def test_the_term_of_the_nodes_own_agreement_sets_the_last_day(world: World, day: str, leaves: int) -> None:
    outcome = run(world[KOR], "agreement draft-note", **NOTE, subject="termination", date=day)
    assert outcome.exit == leaves
    if not leaves:
        assert outcome.document["deadline"]["last_day_in_force"] == "2027-11-22"
        assert "22 November 2027" in outcome.document["texts"]["en"]


@pytest.mark.source("T13")
def test_what_is_in_force_needs_no_completion(world: World) -> None:
    outcome = run(world[KOR], "agreement draft-note", **NOTE, subject="completion", date="2027-01-01")
    assert (outcome.exit, outcome.document["error"]["code"]) == (3, "agreements/in-force-already")


@pytest.mark.source("A-11")
def test_drafting_says_and_writes_nothing(world: World) -> None:
    node = world[KOR]
    before = (node.every(ActRecord), node.sizes())
    outcome = run(node, "agreement draft-note", **NOTE, subject="termination", date="2027-08-01")
    assert (outcome.document["sent"], (node.every(ActRecord), node.sizes())) == (False, before)


@pytest.mark.source("A-28")
def test_without_a_history_claims_are_held_against_the_nodes_acts(world: World) -> None:
    compared = run(world[KOR], "source compare").document
    found = {one["claim"]: one for one in compared["claims"]}
    assert (found["S3-03"]["verdict"], found["S3-03"]["by"][0][:12]) == ("contradicts", "GSOMIA-KR-JP")
    assert found["S0-07"]["verdict"] == "agrees"
    assert found["S2-09"]["verdict"] == "unknown"
