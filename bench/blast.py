"""How fast a blast radius is found at full size, from an item, a copy, a container and a person."""

import random
import time

from bench.measure import Result
from bench.registry import HANDS
from gsomia.exchange import IncidentSubject, SubjectKind
from gsomia.flows.incident_view import radius_document
from gsomia.flows.radius import Window
from gsomia.ids import ItemId
from gsomia.instants import Instant
from gsomia.node import LocalNode
from gsomia.registry import FIRST_COPY

ASKED = 60


def measure_blast(node: LocalNode, items: list[ItemId], result: Result, suffix: str) -> None:
    """Radii of subjects drawn at random; a person is the widest, with every item that was ever in their hand."""
    draw = random.Random(6)
    window = Window(intact=Instant(0), discovered=node.desk.clock())
    narrow = [
        *(IncidentSubject(kind=SubjectKind.ITEM, id=draw.choice(items)) for _ in range(ASKED)),
        *(IncidentSubject(kind=SubjectKind.COPY, id=draw.choice(items), copy=FIRST_COPY) for _ in range(ASKED)),
        *(IncidentSubject(kind=SubjectKind.CONTAINER, id=f"SAFE-{draw.randrange(1000)}") for _ in range(ASKED)),
    ]
    result.rounds(f"blast_ms{suffix}", (_timed(node, one, window) for one in narrow))
    persons = [IncidentSubject(kind=SubjectKind.PERSON, id=str(hand)) for hand in draw.sample(HANDS, 3)]
    result.rounds(f"blast_person_ms{suffix}", (_timed(node, one, window) for one in persons))


def _timed(node: LocalNode, subject: IncidentSubject, window: Window) -> float:
    started = time.perf_counter()
    radius_document(node.desk, subject, window)
    return (time.perf_counter() - started) * 1000
