"""An item of Seoul's is lost in Tokyo, and what both sides do about it."""

from typing import Any

import pytest

from gsomia.errors import RefusedError
from gsomia.exchange import Account, CaseMoment, IncidentSubject, ReportStage, SubjectKind
from gsomia.flows import cases
from gsomia.flows.incident_clocks import incident_clocks
from gsomia.flows.incident_reports import acknowledge_report
from gsomia.flows.incident_view import show_incident
from gsomia.ids import IncidentId, ItemId, PartyCode
from gsomia.registry import FIRST_COPY
from simulation.world import JPN, World

FULL = Account(
    narrative="not in its place at the count",
    search="every room of the registry",
    cause="left out over night",
    responsible="the procedure for closing",
    reply="the procedure was not followed",
    damage="none that is known",
)


def lost_copy(item: ItemId) -> IncidentSubject:
    return IncidentSubject(kind=SubjectKind.COPY, id=item, copy=FIRST_COPY)


def raise_incident(
    world: World, item: ItemId, *, at: PartyCode = JPN, by: str = "registrar", **more: Any
) -> cases.Raised:
    """Somebody in Tokyo does not find a copy."""
    node = world[at]
    told: dict[str, Any] = {"words": "the copy is not in its place", "subject": lost_copy(item), **more}
    return cases.open_incident(node.desk, node.actor(by), **told)


def report(world: World, incident: IncidentId, stage: ReportStage, *, at: PartyCode = JPN, **more: Any) -> cases.Raised:
    node = world[at]
    told: dict[str, Any] = {"account": FULL, **more}
    return cases.report_incident(node.desk, node.actor("registrar"), incident, stage=stage, **told)


def enter(
    world: World, incident: IncidentId, what: CaseMoment, *, at: PartyCode = JPN, words: str = "as it was"
) -> None:
    node = world[at]
    cases.enter_in_case(node.desk, node.actor("security"), incident, what, words=words)


def investigate(world: World, incident: IncidentId, *, at: PartyCode = JPN) -> None:
    for what in (CaseMoment.INVESTIGATION, CaseMoment.FINDING, CaseMoment.MEASURE):
        enter(world, incident, what, at=at, words=f"words of a {what}")


def acknowledge(world: World, incident: IncidentId, *, at: PartyCode) -> None:
    acknowledge_report(world[at].desk, world[at].actor("security"), incident)


def close(world: World, incident: IncidentId, *, at: PartyCode = JPN) -> None:
    cases.close_incident(world[at].desk, world[at].actor("security"), incident, words="all is done")


def shared_lines(world: World, at: PartyCode, incident: IncidentId, *, other: PartyCode) -> list[dict[str, Any]]:
    """What a side prints as shared with the other: without what is its own."""
    lines = show_incident(world[at].desk, incident)["timeline"]
    return [
        {key: value for key, value in line.items() if key not in {"own", "shared"}}
        for line in lines
        if other in line["shared"]
    ]


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


def refused(act: Any, *args: Any, **words: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RefusedError) as raised:
        act(*args, **words)
    assert raised.value.remedy
    return raised.value.code, raised.value.clauses
