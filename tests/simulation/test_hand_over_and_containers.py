"""A copy changes hands when two persons have signed; what is locked away is reached by those who may, and logged."""

from typing import cast

import pytest

from gsomia.errors import NodeError, RefusedError, WaitingError
from gsomia.flows import people
from gsomia.flows.containers import (
    add_container,
    close_container,
    list_containers,
    open_container,
    store_copy,
    take_out_copy,
)
from gsomia.flows.handover import hand_over
from gsomia.flows.records import DecisionRecord
from gsomia.ids import ItemId, PersonId
from gsomia.registry import (
    FIRST_COPY,
    ContainerLine,
    CopyLine,
    HandOverLine,
    IncidentMark,
    Place,
    RegisterError,
    Suspicion,
)
from simulation.world import JPN, KOR, KR_JP, PURPOSE, REGISTRY, SECRET, UNTIL, SimNode, World, world_in_force

ANALYST, REGISTRAR, SECOND = (cast("PersonId", name) for name in ("analyst", "registrar", "second"))


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def node(world: World) -> SimNode:
    world[JPN].bring_reader()
    return world[JPN]


@pytest.fixture
def item(world: World, node: SimNode) -> ItemId:
    item = world.send(b"a report").item
    node.book(item)
    return item


def line(node: SimNode, item: ItemId) -> CopyLine:
    found = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=FIRST_COPY))
    assert found is not None
    return found


def hand(node: SimNode, item: ItemId, by: str, to: PersonId) -> HandOverLine:
    return hand_over(node.desk, node.actor(by), item, copy=FIRST_COPY, to=to)


def admit(node: SimNode, person: str, *, level: str) -> None:
    """Cleared and rostered for a level, with the duty that the purpose gives."""
    who = node.actor(person).person
    node.clear(person, level=level)
    people.put_on_roster(
        node.desk, node.actor("security"), facility=REGISTRY, person=who, instrument=KR_JP, level=level, until=UNTIL
    )
    people.grant_duty(node.desk, node.actor("security"), person=who, item=None, purpose=PURPOSE, until=UNTIL)


def safe(node: SimNode, *openers: PersonId, level: str | None = None, name: str = "SAFE-1") -> None:
    add_container(
        node.desk,
        node.actor("security"),
        container=name,
        facility=REGISTRY,
        ceiling=level or SECRET[node.party],
        openers=openers,
    )


@pytest.mark.source("F-05", "G9-2", "LEDGER-2")
def test_a_copy_is_the_givers_until_the_taker_has_signed(node: SimNode, item: ItemId) -> None:
    with pytest.raises(WaitingError) as waits:
        hand(node, item, "registrar", ANALYST)
    assert waits.value.exit_code == 4
    assert (line(node, item).holder, node.every(HandOverLine)) == (REGISTRAR, [])
    done = hand(node, item, "analyst", ANALYST)
    assert line(node, item).holder == ANALYST
    assert (done.given.by.key, done.taken.by.key) == (
        node.actor("registrar").hand.signer.public,
        node.actor("analyst").hand.signer.public,
    )
    assert done.given.body == done.taken.body
    assert node.problems() == []


@pytest.mark.source("F-05", "G9-2", "LEDGER-2")
def test_a_second_custodian_is_refused(node: SimNode, item: ItemId) -> None:
    admit(node, "registrar", level=SECRET[JPN])
    with pytest.raises(RegisterError, match="not in the hand of `analyst`") as refused:
        hand(node, item, "analyst", REGISTRAR)
    assert (refused.value.code, "G9-2" in refused.value.clauses) == ("registry/second-custodian", True)
    assert refused.value.remedy
    assert line(node, item).holder == REGISTRAR


@pytest.mark.source("F-05")
def test_a_hand_over_to_oneself_is_refused(node: SimNode, item: ItemId) -> None:
    admit(node, "registrar", level=SECRET[JPN])
    with pytest.raises(RegisterError) as refused:
        hand(node, item, "registrar", REGISTRAR)
    assert (refused.value.code, refused.value.clauses) == ("registry/handed-to-oneself", ("F-05",))
    assert refused.value.remedy


@pytest.mark.source("F-05", "G7-2")
def test_nobody_takes_over_what_they_may_not_know_and_the_denial_is_on_record(node: SimNode, item: ItemId) -> None:
    node.bring_reader("newcomer", cleared=False)
    with pytest.raises(RefusedError) as refused:
        hand(node, item, "registrar", cast("PersonId", "newcomer"))
    assert "G7-2" in refused.value.clauses
    denied = node.every(DecisionRecord, item=item)[-1]
    assert denied.id == refused.value.evidence["correlation_id"]


@pytest.mark.source("F-05", "G7-2", "G7-6")
def test_a_taker_who_may_not_know_it_any_more_does_not_get_it(node: SimNode, item: ItemId) -> None:
    with pytest.raises(WaitingError):
        hand(node, item, "registrar", ANALYST)
    node.clear("analyst", level=SECRET[JPN], until=node.clock().plus(seconds=1))
    node.clock.now = node.clock.now.plus(seconds=2)
    with pytest.raises(RefusedError):
        hand(node, item, "analyst", ANALYST)
    assert line(node, item).holder == REGISTRAR


@pytest.mark.source("F-05", "LEDGER-2")
def test_a_hand_over_is_taken_once_and_by_the_one_it_was_meant_for(node: SimNode, item: ItemId) -> None:
    node.bring_reader("other")
    with pytest.raises(RegisterError, match="nobody who has copy 1"):
        hand(node, item, "analyst", ANALYST)
    with pytest.raises(WaitingError):
        hand(node, item, "registrar", ANALYST)
    with pytest.raises(RegisterError, match="nobody who has copy 1"):
        hand(node, item, "other", cast("PersonId", "other"))
    hand(node, item, "analyst", ANALYST)
    with pytest.raises(WaitingError):
        hand(node, item, "analyst", cast("PersonId", "other"))
    hand(node, item, "other", cast("PersonId", "other"))
    with pytest.raises(RegisterError, match="nobody who has copy 1"):  # the first signature was used up
        hand(node, item, "analyst", ANALYST)


@pytest.mark.source("G11-1", "F-20", "LEDGER-2")
def test_a_copy_is_locked_away_and_taken_out_while_the_container_is_open(node: SimNode, item: ItemId) -> None:
    admit(node, "registrar", level=SECRET[JPN])
    safe(node, REGISTRAR, ANALYST)
    with pytest.raises(RegisterError, match="is closed"):
        store_copy(node.desk, node.actor("registrar"), item, copy=FIRST_COPY, container="SAFE-1")
    open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=(), remarks="")
    stored = store_copy(node.desk, node.actor("registrar"), item, copy=FIRST_COPY, container="SAFE-1")
    assert (stored.holder, stored.container, stored.place) == (None, "SAFE-1", Place.HELD)
    with pytest.raises(RegisterError, match="container `SAFE-1`"):
        hand(node, item, "registrar", ANALYST)
    close_container(node.desk, node.actor("registrar"), "SAFE-1", seals=("S-17",), remarks="")
    with pytest.raises(RegisterError, match="is closed"):
        take_out_copy(node.desk, node.actor("analyst"), item, copy=FIRST_COPY)
    opened = open_container(node.desk, node.actor("analyst"), "SAFE-1", seals=("S-17",), remarks="")
    assert opened.intact is True
    assert take_out_copy(node.desk, node.actor("analyst"), item, copy=FIRST_COPY).holder == ANALYST
    assert node.every(IncidentMark) == []
    assert node.problems() == []


@pytest.mark.source("F-20", "F-17", "LEDGER-1")
def test_seals_that_are_not_those_that_were_set_mark_an_incident_at_once(node: SimNode) -> None:
    admit(node, "registrar", level=SECRET[JPN])
    safe(node, REGISTRAR)
    open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=(), remarks="")
    with pytest.raises(RegisterError, match="under seals"):
        close_container(node.desk, node.actor("registrar"), "SAFE-1", seals=(), remarks="")
    close_container(node.desk, node.actor("registrar"), "SAFE-1", seals=("S-17", "S-18"), remarks="night")
    opened = open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=("S-17",), remarks="")
    assert opened.intact is False
    assert [(mark.subject, mark.what) for mark in node.every(IncidentMark)] == [("SAFE-1", Suspicion.SEALS_DIFFER)]


@pytest.mark.source("G11-1")
def test_a_list_with_somebody_unauthorised_on_it_is_flagged_and_they_do_not_open(node: SimNode) -> None:
    node.bring_reader("newcomer", cleared=False)
    newcomer = cast("PersonId", "newcomer")
    safe(node, ANALYST, newcomer)
    (state,) = list_containers(node.desk)
    assert state.flagged == {newcomer: ("not-cleared",)}
    with pytest.raises(RefusedError) as refused:
        open_container(node.desk, node.actor("newcomer"), "SAFE-1", seals=(), remarks="")
    assert "G11-1" in refused.value.clauses
    with pytest.raises(RefusedError, match="not on the list"):
        open_container(node.desk, node.actor("releaser"), "SAFE-1", seals=(), remarks="")
    node.clear("newcomer", level=SECRET[JPN])
    (state,) = list_containers(node.desk)
    assert state.flagged == {}


@pytest.mark.source("G11-1")
def test_nothing_goes_into_a_container_above_its_ceiling(node: SimNode, item: ItemId) -> None:
    admit(node, "registrar", level=SECRET[JPN])
    safe(node, REGISTRAR, level="JPN-3")
    open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=(), remarks="")
    with pytest.raises(RefusedError, match="whose ceiling is `JPN-3`"):
        store_copy(node.desk, node.actor("registrar"), item, copy=FIRST_COPY, container="SAFE-1")


@pytest.mark.source("F-20", "G11-1")
def test_a_container_of_the_top_level_is_opened_by_two_persons(node: SimNode) -> None:
    node.bring_reader("second")
    for person in ("registrar", "second"):
        admit(node, person, level="JPN-1")
    safe(node, REGISTRAR, SECOND, level="JPN-1")
    for _ in range(2):  # the same person twice is one person
        with pytest.raises(NodeError) as waits:
            open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=(), remarks="")
    assert waits.value.code == "flows/same-person"
    assert node.every(ContainerLine) == []
    opened = open_container(node.desk, node.actor("second"), "SAFE-1", seals=(), remarks="")
    assert (opened.by, opened.second, len(opened.entries)) == (REGISTRAR, SECOND, 2)
    close_container(node.desk, node.actor("second"), "SAFE-1", seals=("S-1",), remarks="")
    with pytest.raises(WaitingError):  # the first one's signature of before opens nothing again
        open_container(node.desk, node.actor("second"), "SAFE-1", seals=("S-1",), remarks="")
    node.clock.now = node.clock.now.plus(seconds=601)
    with pytest.raises(WaitingError):
        open_container(node.desk, node.actor("registrar"), "SAFE-1", seals=("S-1",), remarks="")


@pytest.mark.source("F-05")
def test_only_the_releasing_side_has_its_copy_and_the_copy_abroad_is_not_handed_over_here(world: World) -> None:
    released = world.send(b"a report")
    with pytest.raises(RegisterError, match="cannot be handed-over"):
        hand_over(
            world[KOR].desk,
            world[KOR].actor("registrar"),
            released.item,
            copy=released.delivery.consignment,
            to=cast("PersonId", "releaser"),
        )
