"""What officers do about people and places at a simulated node."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import RefusedError
from gsomia.flows import leaving, officers
from gsomia.ids import PersonId
from gsomia.instants import Instant
from gsomia.labels import ClearanceStatus
from gsomia.parties import Appointment, Departure, Office, Person
from gsomia.registry import (
    ClearanceChange,
)
from simulation.world import KR_JP, PURPOSE, REGISTRY, START, UNTIL, SimNode

CONTENT = bytes(range(256)) * (3 * SEGMENT_BYTES // 256) + b"the end"
LEVEL = "JPN-2-TOKUTEI"
DAY = 86_400
REVIEW = START.plus(days=100)


def who(node: SimNode, person: str) -> PersonId:
    return node.actor(person).person


def change(node: SimNode, status: ClearanceStatus, person: str = "analyst", *, by: str = "security") -> ClearanceChange:
    return leaving.change_clearance(
        node.desk, node.actor(by), person=who(node, person), status=status, basis="PSC-2026-77"
    )


def withdraw(node: SimNode) -> None:
    change(node, ClearanceStatus.WITHDRAWN)


def suspend(node: SimNode) -> None:
    change(node, ClearanceStatus.SUSPENDED)


def end_duty(node: SimNode) -> None:
    leaving.end_duty(node.desk, node.actor("security"), person=who(node, "analyst"), item=None, purpose=PURPOSE)


def end_roster_line(node: SimNode) -> None:
    leaving.end_roster_line(
        node.desk, node.actor("registrar"), facility=REGISTRY, person=who(node, "analyst"), instrument=KR_JP
    )


def leave(node: SimNode, person: str = "analyst") -> Departure:
    return leaving.leave(node.desk, node.actor("security"), person=who(node, person))


def lapse(node: SimNode) -> None:
    """The clearance's review comes due."""
    node.clock.now = REVIEW


def add(node: SimNode, person: str, office: Office) -> None:
    """A person with an office of their own choosing."""
    node.add_person(person)
    known = node.every(Person, id=person)[-1]
    node.memory.run(lambda tx: tx.add(replace(known, offices=(office,))))


def appoint(node: SimNode, person: str, *, until: Instant | None = UNTIL) -> Appointment:
    return officers.appoint(
        node.desk,
        node.actor("security"),
        facility=REGISTRY,
        person=who(node, person),
        office=Office.CONTROL_OFFICER,
        until=until,
    )


def appoint_deputy(node: SimNode, person: str) -> Appointment:
    return officers.appoint_deputy(
        node.desk, node.actor("security"), facility=REGISTRY, person=who(node, person), until=UNTIL
    )


def end_appointment(node: SimNode, person: str = "registrar") -> None:
    leaving.end_appointment(
        node.desk, node.actor("security"), facility=REGISTRY, person=who(node, person), office=Office.CONTROL_OFFICER
    )


def refused(act: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as raised:
        act()
    return raised.value
