"""Who comes to answer for a facility counts with who answered for it, or the change waits."""

import pytest

from gsomia.errors import RefusedError, WaitingError
from gsomia.flows import officers
from gsomia.flows.leaving import change_clearance
from gsomia.flows.muster import close_muster, fill_sheet, start_muster
from gsomia.flows.officers import ForcedChange
from gsomia.flows.tenure import principals_of
from gsomia.flows.worklist import list_worklist
from gsomia.labels import ClearanceStatus
from gsomia.parties import Appointment, Office
from gsomia.policy import Clock
from gsomia.registry import Muster
from simulation.paper import bring_in, usual
from simulation.tenure import add, appoint, who
from simulation.test_musters import COPIES
from simulation.world import KOR, REGISTRY, UNTIL, SimNode, world_in_force


@pytest.fixture
def node() -> SimNode:
    """A facility with three copies on its shelves, and somebody who is to take it over."""
    made = world_in_force()[KOR]
    made.bring_reader()
    bring_in(made, usual())
    add(made, "successor", Office.CONTROL_OFFICER)
    return made


def due_after_change(node: SimNode) -> list[str]:
    return [one.subject for one in list_worklist(node.desk, now=node.clock()) if one.clock is Clock.FORCED_MUSTER]


def refused(node: SimNode, person: str = "successor", *, emergency: str | None = None) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RefusedError) as raised:
        force(node, person, reason=emergency) if emergency else appoint(node, person)
    return raised.value.code, raised.value.clauses


def force(node: SimNode, person: str, *, reason: str) -> Appointment:
    return officers.appoint(
        node.desk,
        node.actor("security"),
        facility=REGISTRY,
        person=who(node, person),
        office=Office.CONTROL_OFFICER,
        until=UNTIL,
        emergency=reason,
    )


def count(node: SimNode, *signers: str) -> None:
    """A full muster, signed by these."""
    state = start_muster(node.desk, node.actor("registrar"), facility=REGISTRY)
    marks = tuple((*copy, True, None) for copy in COPIES)
    fill_sheet(node.desk, node.actor("registrar"), state.muster.id, marks)
    for signer in signers:
        try:
            close_muster(node.desk, node.actor(signer), state.muster.id)
        except WaitingError:
            continue


@pytest.mark.source("F-21", "G10-2")
def test_a_change_of_officer_waits_for_a_full_muster_of_both_without_an_unexplained_copy(node: SimNode) -> None:
    blocked = ("flows/muster-before-change", ("F-21", "G10-2"))
    assert refused(node) == blocked
    count(node, "registrar", "security")
    assert refused(node) == blocked  # the one who comes has not signed
    count(node, "successor", "security")
    assert refused(node) == blocked  # nor the one who leaves
    count(node, "registrar", "successor")
    assert node.count(Appointment, facility=REGISTRY) == 1
    appoint(node, "successor")
    assert node.memory.run(lambda tx: principals_of(tx, REGISTRY, now=node.clock())) == ("registrar", "successor")
    appoint(node, "registrar")  # whoever answers for it already needs none
    assert node.problems() == []


@pytest.mark.source("F-21")
def test_an_open_or_old_muster_lets_nobody_take_over(node: SimNode) -> None:
    start_muster(node.desk, node.actor("registrar"), facility=REGISTRY)
    assert refused(node)[0] == "flows/muster-before-change"
    fill_sheet(
        node.desk,
        node.actor("registrar"),
        node.every(Muster)[-1].id,
        tuple((*copy, True, None) for copy in COPIES),
    )
    with pytest.raises(WaitingError):
        close_muster(node.desk, node.actor("registrar"), node.every(Muster)[-1].id)
    close_muster(node.desk, node.actor("successor"), node.every(Muster)[-1].id)
    node.clock.now = node.clock().plus(days=officers.CHANGE_MUSTER_DAYS)
    assert refused(node)[0] == "flows/muster-before-change"


@pytest.mark.source("F-21", "G10-2")
def test_in_an_emergency_the_change_is_on_record_and_the_muster_is_due(node: SimNode) -> None:
    node.clear("registrar", level="KOR-2")
    assert refused(node, emergency="order 7")[0] == "flows/no-emergency"
    change_clearance(
        node.desk,
        node.actor("security"),
        person=who(node, "registrar"),
        status=ClearanceStatus.SUSPENDED,
        basis="order 7",
    )
    force(node, "successor", reason="order 7")
    forced = node.memory.run(lambda tx: officers.muster_due(tx, REGISTRY))
    assert forced is not None
    assert (forced.person, forced.reason, node.count(ForcedChange)) == ("successor", "order 7", 1)
    assert due_after_change(node) == [REGISTRY]
    count(node, "successor", "security")
    assert node.memory.run(lambda tx: officers.muster_due(tx, REGISTRY)) is None
    assert due_after_change(node) == []
    count(node, "registrar", "security")
    assert due_after_change(node) == []  # a later one that others signed does not make it due again


@pytest.mark.source("F-21", "G10-2")
def test_a_muster_that_both_signed_counts_whoever_signs_a_later_one(node: SimNode) -> None:
    count(node, "registrar", "successor")
    count(node, "registrar", "security")
    appoint(node, "successor")
    assert node.memory.run(lambda tx: principals_of(tx, REGISTRY, now=node.clock())) == ("registrar", "successor")
