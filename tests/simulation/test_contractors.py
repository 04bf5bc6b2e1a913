"""Contractors at a node: files kept by officers, releases decided on them, and what falls due stops new releases."""

from typing import cast

import pytest

from gsomia.errors import LocalError, RefusedError
from gsomia.flows import contractors
from gsomia.flows.contractor_release import ask_contractor, release_to_contractor
from gsomia.flows.decide import replay
from gsomia.flows.records import DecisionRecord
from gsomia.ids import ContractorId, ItemId, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance, ClearanceStatus, clearance_upto
from gsomia.policy import Measure, Verdict
from gsomia.registry import (
    MAX_DEPTH,
    ContractorReleased,
    InspectionFinding,
    InspectionKind,
)
from simulation.world import JPN, KOR, PURPOSE, SECRET, START, UNTIL, SimNode, World, world_in_force

MELCO, SUB = cast("ContractorId", "melco"), cast("ContractorId", "kamakura")
SATO, ITO = cast("PersonId", "sato"), cast("PersonId", "ito")
NEXT = START.plus(days=365)
DUE = START.plus(days=30)
LEVEL = SECRET[JPN]


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def node(world: World) -> SimNode:
    return world[JPN]


@pytest.fixture
def item(world: World) -> ItemId:
    """An item that came from Korea and is booked."""
    item = world.send(b"image").delivery.item
    world[JPN].book(item)
    return item


def clearance(node: SimNode, *, status: ClearanceStatus = ClearanceStatus.ACTIVE) -> Clearance:
    valid = Validity(start=node.clock(), until=UNTIL)
    return clearance_upto(
        node.desk.policy, LEVEL, valid=valid, basis="PSC-1", review_at=UNTIL.plus(days=-1), status=status
    )


def put_on_list(
    node: SimNode, firm: ContractorId, person: PersonId, *, status: ClearanceStatus = ClearanceStatus.ACTIVE
) -> None:
    contractors.list_person(
        node.desk,
        node.actor("security"),
        contractor=firm,
        person=person,
        nationality=JPN,
        authority=JPN,
        clearance=clearance(node, status=status),
        duties=(PURPOSE,),
        until=UNTIL,
    )


def brief(node: SimNode, firm: ContractorId, person: PersonId) -> None:
    contractors.brief_person(node.desk, node.actor("security"), contractor=firm, person=person, number="NDA-1")


def add(node: SimNode, firm: ContractorId, above: ContractorId | None = None) -> None:
    contractors.add_contractor(
        node.desk,
        node.actor("security"),
        contractor=firm,
        name=f"{firm} K.K.",
        country=JPN,
        contract=f"C-{firm}",
        above=above,
    )


def inspect(
    node: SimNode,
    firm: ContractorId,
    kind: InspectionKind,
    *findings: InspectionFinding,
    next_due: Instant = NEXT,
) -> None:
    contractors.inspect_contractor(
        node.desk,
        node.actor("security"),
        contractor=firm,
        kind=kind,
        number="I-1",
        findings=findings,
        next_due=next_due,
    )


def bring_contractor(node: SimNode, firm: ContractorId = MELCO, above: ContractorId | None = None) -> None:
    """A contractor whose file is in order, with two names on its list."""
    desk, security = node.desk, node.actor("security")
    add(node, firm, above)
    contractors.clear_contractor(
        desk,
        security,
        contractor=firm,
        authority=JPN,
        number="FSC-1",
        level=LEVEL,
        until=UNTIL,
        status=ClearanceStatus.ACTIVE,
    )
    for person in (SATO, ITO):
        put_on_list(node, firm, person)
        brief(node, firm, person)
    inspect(node, firm, InspectionKind.INITIAL)
    contractors.appoint_at_contractor(desk, security, contractor=firm, person=SATO, number="A-1", until=UNTIL)
    for measure in Measure:
        contractors.confirm_measure(
            desk, security, contractor=firm, measure=measure, number="M-1", level=LEVEL, review_at=UNTIL
        )


def release(
    node: SimNode, item: ItemId, firm: ContractorId = MELCO, *persons: PersonId, by: str = "releaser"
) -> ContractorReleased:
    return release_to_contractor(node.desk, node.actor(by), item, to=firm, purpose=PURPOSE, persons=persons)


def refusal(node: SimNode, item: ItemId, firm: ContractorId = MELCO, *persons: PersonId) -> set[str]:
    """The clauses with which a release is refused; nothing is opened."""
    before = node.count(ContractorReleased)
    with pytest.raises(RefusedError) as raised:
        release(node, item, firm, *persons)
    assert (raised.value.code, node.count(ContractorReleased)) == ("flows/contractor-denied", before)
    return set(raised.value.clauses)


@pytest.mark.source("G16-16", "G16-1", "G16-2")
def test_an_item_is_opened_to_a_contractor_whose_file_is_in_order(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    released = release(node, item)
    assert released.persons == (SATO, ITO)
    record, again = replay(node.desk, released.decision)
    assert (record.question, again) == ("contractor", record.decision)
    assert node.problems() == []


@pytest.mark.source("G16-16")
def test_a_subcontractor_has_an_item_only_if_every_contractor_above_it_may(node: SimNode, item: ItemId) -> None:
    add(node, MELCO)
    bring_contractor(node, SUB, above=MELCO)
    assert {f"G16-{number}" for number in range(1, 16)} <= refusal(node, item, SUB)
    assert node.every(DecisionRecord)[-1].decision.verdict is Verdict.DENY


@pytest.mark.source("G16-16")
def test_a_subcontractor_in_order_under_a_contractor_in_order_has_the_item(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    bring_contractor(node, SUB, above=MELCO)
    assert release(node, item, SUB).contractor == SUB


@pytest.mark.source("G16-16")
def test_a_chain_of_subcontracts_has_an_end(node: SimNode) -> None:
    above: ContractorId | None = None
    for number in range(MAX_DEPTH):
        firm = cast("ContractorId", f"firm-{number}")
        add(node, firm, above)
        above = firm
    with pytest.raises(RefusedError, match="deeper than"):
        add(node, MELCO, above)
    with pytest.raises(LocalError, match="there is no contractor"):
        add(node, MELCO, SUB)


@pytest.mark.source("G16-3")
def test_one_name_whose_clearance_is_withdrawn_blocks_the_whole_list_until_it_is_off(
    node: SimNode, item: ItemId
) -> None:
    bring_contractor(node)
    put_on_list(node, MELCO, ITO, status=ClearanceStatus.WITHDRAWN)
    assert refusal(node, item) == {"G16-3"}
    contractors.unlist_person(node.desk, node.actor("security"), contractor=MELCO, person=ITO)
    assert release(node, item).persons == (SATO,)


@pytest.mark.source("G16-1", "G16-3")
def test_a_director_who_is_on_no_list_has_nothing_by_post(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    assert {"G16-1", "G16-3", "G16-6", "G16-8"} <= refusal(node, item, MELCO, cast("PersonId", "director"))


@pytest.mark.source("G16-6")
def test_nobody_has_access_before_the_briefing(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    put_on_list(node, MELCO, cast("PersonId", "new-hand"))
    assert refusal(node, item) == {"G16-6"}
    brief(node, MELCO, cast("PersonId", "new-hand"))
    assert len(release(node, item).persons) == 3
    with pytest.raises(LocalError, match="does not stand on the list"):
        brief(node, MELCO, cast("PersonId", "stranger"))


@pytest.mark.source("G16-7", "F-19")
def test_an_inspection_that_falls_due_suspends_new_releases_until_it_is_made(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    node.clock.now = NEXT.plus(seconds=-1)
    release(node, item)
    node.clock.now = NEXT
    assert refusal(node, item) == {"G16-7"}
    inspect(node, MELCO, InspectionKind.PERIODIC, next_due=NEXT.plus(days=365))
    release(node, item)


@pytest.mark.source("G16-7", "F-19")
def test_a_finding_past_its_day_suspends_new_releases_until_it_is_closed(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    inspect(node, MELCO, InspectionKind.CAUSE, InspectionFinding(text="a lock is broken", owner=SATO, due=DUE))
    release(node, item)
    node.clock.now = DUE
    assert refusal(node, item) == {"G16-7"}
    security = node.actor("security")
    with pytest.raises(LocalError, match="no open finding"):
        contractors.close_finding(node.desk, security, contractor=MELCO, inspection=1, finding=1, number="R-1")
    contractors.close_finding(node.desk, security, contractor=MELCO, inspection=2, finding=1, number="R-1")
    release(node, item)


@pytest.mark.source("G16-7")
def test_the_first_inspection_is_the_initial_one_and_no_other_is(node: SimNode) -> None:
    add(node, MELCO)
    with pytest.raises(RefusedError, match="initial"):
        inspect(node, MELCO, InspectionKind.PERIODIC)
    inspect(node, MELCO, InspectionKind.INITIAL)
    with pytest.raises(RefusedError, match="initial"):
        inspect(node, MELCO, InspectionKind.INITIAL)


@pytest.mark.source("G16-2", "A-33")
def test_a_facility_clearance_of_the_other_government_does_not_count(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    contractors.clear_contractor(
        node.desk,
        node.actor("security"),
        contractor=MELCO,
        authority=KOR,
        number="FSC-9",
        level=LEVEL,
        until=UNTIL,
        status=ClearanceStatus.ACTIVE,
    )
    assert refusal(node, item) == {"G16-2"}


@pytest.mark.source("G16-1", "G16-2")
def test_files_are_a_security_officers_and_releases_a_releasing_authoritys(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    with pytest.raises(RefusedError, match="does not hold the office"):
        release(node, item, by="security")
    with pytest.raises(RefusedError, match="does not hold the office"):
        contractors.confirm_measure(
            node.desk,
            node.actor("releaser"),
            contractor=MELCO,
            measure=Measure.STORAGE,
            number="M-2",
            level=LEVEL,
            review_at=UNTIL,
        )


@pytest.mark.source("G16-1")
def test_asking_writes_nothing(node: SimNode, item: ItemId) -> None:
    bring_contractor(node)
    before = node.sizes()
    answer = node.memory.run(lambda tx: ask_contractor(tx, node.desk, item, to=MELCO, purpose=PURPOSE))
    assert (answer.decision.verdict, node.sizes()) == (Verdict.PERMIT, before)
