"""How fast a blast radius is found at full size, from an item, a copy, a container and a person."""

import random
import time
from dataclasses import replace

from bench.measure import Result
from bench.registry import HANDS
from gsomia import canon
from gsomia.demo import cast
from gsomia.exchange import IncidentSubject, SubjectKind
from gsomia.flows.incident_view import radius_document
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Window
from gsomia.ids import FacilityId, ItemId, RegisterCode
from gsomia.instants import Instant
from gsomia.node import LocalNode
from gsomia.parties import Person
from gsomia.registry import FIRST_COPY, Container

ASKED = 60
SAFES = 1_000
FACILITY = canon.check(cast.FACILITY, FacilityId)


def measure_blast(node: LocalNode, items: list[ItemId], result: Result, suffix: str) -> None:
    """Radii of subjects drawn at random; a person is the widest, with every item that was ever in their hand."""
    draw = random.Random(6)
    window = Window(intact=Instant(0), discovered=node.desk.clock())
    narrow = [
        *(IncidentSubject(kind=SubjectKind.ITEM, id=draw.choice(items)) for _ in range(ASKED)),
        *(IncidentSubject(kind=SubjectKind.COPY, id=draw.choice(items), copy=FIRST_COPY) for _ in range(ASKED)),
        *(IncidentSubject(kind=SubjectKind.CONTAINER, id=f"SAFE-{draw.randrange(SAFES)}") for _ in range(ASKED)),
    ]
    result.rounds(f"blast_ms{suffix}", (_timed(node, one, window) for one in narrow))
    persons = [IncidentSubject(kind=SubjectKind.PERSON, id=str(hand)) for hand in draw.sample(HANDS, 3)]
    result.rounds(f"blast_person_ms{suffix}", (_timed(node, one, window) for one in persons))


def name_subjects(node: LocalNode) -> None:
    """Enter the containers and people that the filled register speaks of: what is unknown has no radius."""

    def unit(tx: Tx) -> None:
        someone = tx.every(Person)[0]
        for hand in HANDS:
            tx.add(replace(someone, id=hand))
        for number in range(SAFES):
            safe = canon.check(f"SAFE-{number}", RegisterCode)
            at, by = node.desk.clock(), someone.id
            tx.add(Container(id=safe, facility=FACILITY, ceiling="KOR-2", openers=(by,), by=by, at=at))

    node.desk.store.run(unit)


def _timed(node: LocalNode, subject: IncidentSubject, window: Window) -> float:
    started = time.perf_counter()
    radius_document(node.desk, subject, window)
    return (time.perf_counter() - started) * 1000
