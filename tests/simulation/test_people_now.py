"""Who may act at this minute: what ends stops what is open, at once, and is no ground for anything later."""

from collections.abc import Callable
from typing import Any

import pytest

from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError, WaitingError
from gsomia.flows import leaving, people
from gsomia.flows.decide import replay
from gsomia.flows.desk import private_log
from gsomia.flows.dispose import destroy_item
from gsomia.flows.tenure import require_standing
from gsomia.ids import ItemId
from gsomia.instants import Instant
from gsomia.labels import ClearanceStatus, LabelUseError
from gsomia.parties import Person
from gsomia.policy import Verdict
from gsomia.registry import (
    ClearanceChange,
    ClearanceGrant,
    DutyGrant,
    EntryEnded,
    ReadingSlip,
    ReadingStopped,
)
from simulation.tenure import (
    CONTENT,
    DAY,
    LEVEL,
    REVIEW,
    change,
    end_appointment,
    end_duty,
    end_roster_line,
    lapse,
    leave,
    refused,
    suspend,
    who,
    withdraw,
)
from simulation.world import JPN, PURPOSE, START, UNTIL, SimNode, World, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def node(world: World) -> SimNode:
    """Japan's node, with a reader."""
    world[JPN].bring_reader(cleared=False)
    world[JPN].clear("analyst", level=LEVEL, review_at=REVIEW)
    return world[JPN]


@pytest.fixture
def item(world: World, node: SimNode) -> ItemId:
    """An item of Korea's, in four segments, booked in Japan."""
    released = world.send(CONTENT)
    node.book(released.item)
    return released.item


# what is open stops ----------------------------------------------------------------------------------------------


@pytest.mark.source("G7-6", "G2-6", "F-07")
@pytest.mark.parametrize(
    ("act", "clause"),
    [
        (withdraw, "G7-6"),
        (suspend, "G7-6"),
        (end_duty, "G7-2"),
        (end_roster_line, "G6-6"),
        (leave, "G7-6"),
        (lapse, "G7-4"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("shown", [0, 1, 3])
def test_an_open_reading_stops_at_the_next_segment(
    node: SimNode, item: ItemId, act: Callable[[SimNode], object], clause: str, shown: int
) -> None:
    reading = node.read(item)
    pieces = iter(reading.content)
    seen = [next(pieces) for _ in range(shown)]
    act(node)
    error = refused(lambda: next(pieces))
    assert (error.code, "G7-6" in error.clauses, clause in error.clauses) == ("flows/reading-stopped", True, True)
    assert b"".join(seen) == CONTENT[: shown * SEGMENT_BYTES]
    assert list(pieces) == []
    stopped = node.every(ReadingStopped, item=item)
    assert [(one.slip, one.segments) for one in stopped] == [(reading.slip, shown)]
    events = [leaf.event for leaf in node.leaves(private_log(JPN))]
    assert events[-2:] == [Event.ACCESS_DENIED, Event.ACCESS_STOPPED]
    assert replay(node.desk, stopped[0].decision)[0].decision.verdict is Verdict.DENY
    assert node.problems() == []


@pytest.mark.source("G7-6")
@pytest.mark.parametrize("act", [withdraw, suspend, end_duty, end_roster_line, leave, lapse])
def test_what_ended_is_no_ground_for_a_later_reading(
    node: SimNode, item: ItemId, act: Callable[[SimNode], object]
) -> None:
    act(node)
    refused(lambda: node.read(item))
    assert node.count(ReadingSlip, item=item) == 0


@pytest.mark.source("G7-6")
def test_a_reading_of_somebody_else_goes_on(node: SimNode, item: ItemId) -> None:
    node.bring_reader("second")
    reading = node.read(item, "second")
    pieces = iter(reading.content)
    first = next(pieces)
    withdraw(node)
    assert b"".join([first, *pieces]) == CONTENT


@pytest.mark.source("G7-6", "G13-1")
def test_an_open_reading_stops_once_two_persons_decided_to_destroy_the_item(node: SimNode, item: ItemId) -> None:
    pieces = iter(node.read(item).content)
    next(pieces)
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    next(pieces)
    destroy_item(node.desk, node.actor("security"), item)
    assert "G13-1" in refused(lambda: next(pieces)).clauses


# clearances ------------------------------------------------------------------------------------------------------


@pytest.mark.source("G2-6", "G7-6")
def test_a_suspended_clearance_is_restored_and_reads_again(node: SimNode, item: ItemId) -> None:
    suspend(node)
    refused(lambda: node.read(item))
    change(node, ClearanceStatus.ACTIVE)
    assert b"".join(node.read(item).content) == CONTENT
    assert [one.status for one in node.every(ClearanceChange)] == ["suspended", "active"]
    assert node.count(ClearanceGrant, person="analyst") == 1


@pytest.mark.source("G7-3", "G7-6")
@pytest.mark.parametrize("status", [ClearanceStatus.ACTIVE, ClearanceStatus.SUSPENDED])
def test_a_withdrawn_clearance_comes_back_by_a_new_decision_only(
    node: SimNode, item: ItemId, status: ClearanceStatus
) -> None:
    withdraw(node)
    error = refused(lambda: change(node, status))
    assert (error.code, error.clauses) == ("flows/clearance-withdrawn", ("G7-3", "G7-6"))
    node.clear("analyst", level=LEVEL)
    assert b"".join(node.read(item).content) == CONTENT


@pytest.mark.source("G7-4")
def test_a_clearance_past_its_review_is_suspended_by_itself_and_not_restored(node: SimNode, item: ItemId) -> None:
    lapse(node)
    assert "G7-4" in refused(lambda: node.read(item)).clauses
    with pytest.raises(LocalError, match="already"):
        change(node, ClearanceStatus.ACTIVE)


@pytest.mark.source("G7-3")
@pytest.mark.parametrize("basis", ["", "  ", "x" * 201])
def test_a_decision_about_a_clearance_without_a_basis_is_invalid(node: SimNode, basis: str) -> None:
    person = who(node, "analyst")
    with pytest.raises(LocalError, match="basis"):
        leaving.change_clearance(
            node.desk, node.actor("security"), person=person, status=ClearanceStatus.SUSPENDED, basis=basis
        )
    assert node.count(ClearanceChange) == 0


@pytest.mark.source("G7-3")
def test_nobody_decides_about_their_own_clearance(node: SimNode) -> None:
    assert refused(lambda: node.clear("security", level=LEVEL)).code == "flows/about-oneself"
    assert refused(lambda: change(node, ClearanceStatus.WITHDRAWN, "security")).clauses == ("G7-3",)


@pytest.mark.source("G7-3", "G2-6")
@pytest.mark.parametrize("person", ["registrar", "releaser", "liaison"])
def test_only_a_security_officer_decides_about_clearances(node: SimNode, person: str) -> None:
    assert refused(lambda: change(node, ClearanceStatus.WITHDRAWN, by=person)).clauses == ("G7-3",)


@pytest.mark.source("G2-6")
@pytest.mark.parametrize("until", [START, START.plus(days=-1)])
def test_an_expired_clearance_is_not_entered(node: SimNode, until: Instant) -> None:
    with pytest.raises((LocalError, LabelUseError)):
        node.clear("registrar", level=LEVEL, until=until)
    assert node.count(ClearanceGrant, person="registrar") == 0


@pytest.mark.source("G2-6", "G7-3")
def test_a_grant_names_the_body_that_decided(node: SimNode) -> None:
    assert [one.authority for one in node.every(ClearanceGrant, person="analyst")] == ["JPN"]


@pytest.mark.source("G7-2")
def test_nothing_begins_before_it_is_entered_or_ends_before_it_begins(node: SimNode) -> None:
    words: dict[str, Any] = {"person": who(node, "analyst"), "item": None, "purpose": PURPOSE}
    now = node.clock()
    for start, until in ((now.plus(seconds=-1), None), (now.plus(days=2), now.plus(days=1)), (None, now)):
        with pytest.raises(LocalError):
            people.grant_duty(node.desk, node.actor("security"), **words, start=start, until=until)
    assert node.count(DutyGrant, person="analyst") == 1


@pytest.mark.source("G7-2")
def test_a_duty_that_begins_tomorrow_is_none_today(world: World, node: SimNode, item: ItemId) -> None:
    end_duty(node)
    start = node.clock().plus(days=1)
    people.grant_duty(
        node.desk,
        node.actor("security"),
        person=who(node, "analyst"),
        item=item,
        purpose=None,
        until=UNTIL,
        start=start,
    )
    refused(lambda: node.read(item))
    world.wait(DAY)
    assert b"".join(node.read(item).content) == CONTENT


@pytest.mark.source("G7-2", "G6-6", "G10-2")
@pytest.mark.parametrize("act", [end_duty, end_roster_line, end_appointment])
def test_what_ended_is_not_ended_twice(node: SimNode, act: Callable[[SimNode], object]) -> None:
    act(node)
    with pytest.raises(LocalError, match="that holds"):
        act(node)
    assert node.count(EntryEnded) == 1


@pytest.mark.source("G7-2")
def test_a_duty_granted_again_in_the_same_second_holds(node: SimNode, item: ItemId) -> None:
    end_duty(node)
    people.grant_duty(
        node.desk, node.actor("security"), person=who(node, "analyst"), item=None, purpose=PURPOSE, until=UNTIL
    )
    assert b"".join(node.read(item).content) == CONTENT


# what other flows ask -------------------------------------------------------------------------------------------


def standing(node: SimNode, *, person: str = "analyst", level: str = LEVEL, at: Instant | None = None) -> Person:
    return node.memory.run(
        lambda tx: require_standing(tx, node.desk, person=who(node, person), level=level, at=at or node.clock())
    )


@pytest.mark.source("G7-2", "G7-6")
def test_a_cleared_official_may_act_at_this_minute(node: SimNode) -> None:
    assert standing(node).id == "analyst"
    assert standing(node, level="JPN-3").id == "analyst"
    assert standing(node, level="特定秘密").id == "analyst"


@pytest.mark.source("G7-6", "G7-4", "G2-6", "G7-2")
@pytest.mark.parametrize(
    ("act", "clause"),
    [(withdraw, "G7-6"), (suspend, "G7-6"), (leave, "G7-6"), (lapse, "G7-4")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_who_no_longer_may_act_is_told_by_which_clause(
    node: SimNode, act: Callable[[SimNode], object], clause: str
) -> None:
    act(node)
    assert refused(lambda: standing(node)).clauses == (clause,)


@pytest.mark.source("G7-2", "G2-6")
def test_a_lower_clearance_none_and_no_office_of_government_do_not_act(node: SimNode) -> None:
    node.add_person("contractor", official=False)
    node.clear("contractor", level=LEVEL)
    assert refused(lambda: standing(node, person="contractor")).clauses == ("G7-2",)
    assert refused(lambda: standing(node, person="registrar")).clauses == ("G7-2",)
    assert refused(lambda: standing(node, level="JPN-1")).clauses == ("G7-2",)
    node.clear("registrar", level=LEVEL, until=node.clock().plus(days=1))
    assert refused(lambda: standing(node, person="registrar", at=node.clock().plus(days=1))).clauses == ("G2-6",)
    with pytest.raises(LocalError, match="no person"):
        standing(node, person="nobody")
