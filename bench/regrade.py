"""How fast a change of level reaches what was made of an item: one notice over 100 copies of derived items.

A change is: the plan over everything derived, the hybrid signature of the notice, and one durable unit with the notice,
an order for each item, its register line and log entries. The unit commits before the clock stops.
"""

import tempfile
import time
from pathlib import Path

from bench.measure import Result
from gsomia import canon
from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Stage
from gsomia.flows import people
from gsomia.flows.copying import copy_item, set_copy_limit
from gsomia.flows.derive import Making, derive_item
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.levels import count_open
from gsomia.flows.register import register_item
from gsomia.flows.regrade import regrade_item
from gsomia.ids import FacilityId, HexDigest, InstrumentId, ItemId, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import clearance_upto
from gsomia.node import LocalNode
from gsomia.parties import Hand, Office
from gsomia.registry import DerivedKind

DERIVED = 20
COPIES_EACH = 5
ROUNDS = 10
PURPOSE = "BENCHMARK"
LEVELS = ("KOR-3", "KOR-2")
UNTIL = Instant.parse("2035-01-01T00:00:00Z")


def run() -> Result:
    """The figure alone, on a node of its own."""
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = Stage(Path(directory), challenge=b"bench")
        made = stage.add("KOR", cast.NAMES["KOR"])
        stage.serve("KOR")
        cast.bring_people(stage, "KOR")
        stage.stop("KOR")
        with LocalNode(made.directory, passphrase=made.passphrase.encode()) as node:

            def actor(person: str, office: Office) -> Actor:
                known = canon.check(person, PersonId)
                return Actor(person=known, hand=Hand(office, node.unlock_person(known, made.persons[person].encode())))

            item = prepare(
                node.desk,
                registrar=actor("registrar", Office.CONTROL_OFFICER),
                security=actor("security", Office.SECURITY_OFFICER),
            )
            measure(node.desk, item, releaser=actor("releaser", Office.RELEASING_AUTHORITY), result=result)
    return result


def prepare(desk: Desk, *, registrar: Actor, security: Actor) -> ItemId:
    """An item of KOR with `DERIVED` items made from it, `COPIES_EACH` copies of each."""
    cleared = clearance_upto(
        desk.policy, "KOR-2", valid=Validity(start=desk.clock(), until=UNTIL), basis="PSC-BENCH", review_at=UNTIL
    )
    people.clear_person(desk, security, person=registrar.person, clearance=cleared)
    people.put_on_roster(
        desk,
        security,
        facility=canon.check(cast.FACILITY, FacilityId),
        person=registrar.person,
        instrument=canon.check(KR_JP, InstrumentId),
        level="KOR-2",
        until=UNTIL,
    )
    people.grant_duty(desk, security, person=registrar.person, item=None, purpose=PURPOSE, until=UNTIL)
    set_copy_limit(desk, security, limit=COPIES_EACH)
    item = register_item(
        desk, registrar, [b"benchmark"], content_bytes=9, level="KOR-2", purpose=PURPOSE, topic="BENCH"
    ).item.id
    for _ in range(DERIVED):
        making = Making(kind=DerivedKind.EXTRACT, parents=(item,), purpose=PURPOSE)
        derived = derive_item(desk, registrar, [b"extract"], content_bytes=7, making=making).item.id
        copy_item(desk, registrar, derived, count=COPIES_EACH - 1, reason="benchmark", purpose=PURPOSE, machine="BENCH")
    return item


def measure(desk: Desk, item: ItemId, *, releaser: Actor, result: Result) -> None:
    """Change the level of a prepared item again and again."""
    samples = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        notice = regrade_item(desk, releaser, item, to=LEVELS[number % 2], number=f"BENCH-{number}")
        samples.append((time.perf_counter() - started) * 1000)
        _check_reached(desk, notice.statement)
    result.rounds("regrade_ms", samples)


def _check_reached(desk: Desk, notice: HexDigest) -> None:
    affected, _ = desk.store.run(lambda tx: count_open(tx, notice))
    if affected != DERIVED * COPIES_EACH + 1:
        msg = f"the notice reached {affected} copies"
        raise RuntimeError(msg)
