"""How fast the worklist of a full register is: a hundred thousand items, a million custody events, hundreds of duties.

Beside the register of `bench.registry` there are the dispatches that nobody signed for, the arrivals that nobody booked
and the clearances of four hundred people; half of them come to their review within the month. Beside it stands the same
register a tenth as large, with the same duties: the list costs what it shows.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import replace

from bench.measure import Result
from bench.pair import JPN
from bench.registry import HANDS, Filled
from gsomia.admin import COMMANDS, Call, run_command
from gsomia.flows.ports import Tx
from gsomia.ids import new_consignment_id
from gsomia.instants import Validity
from gsomia.labels import clearance_upto
from gsomia.node import LocalNode
from gsomia.registry import FIRST_COPY, ClearanceGrant, CopyLine, Place

OPEN = 200
"""Dispatches without a receipt, and arrivals without a booking."""
ROUNDS = 50


def bring_duties(node: LocalNode, filled: Filled) -> None:
    """Leave duties open in a register."""
    node.store.run(lambda tx: _open(tx, node, filled))


def measure_worklist(node: LocalNode, result: Result, suffix: str) -> None:
    """The whole command, as an officer types it."""
    result.rounds(f"worklist_ms{suffix}", _rounds(node))
    result.figures[f"worklist_duties{suffix}"] = len(_ask(node))


def _ask(node: LocalNode) -> list[object]:
    return list(run_command(COMMANDS["worklist"], Call(bench=node, args={})).document["duties"])


def _rounds(node: LocalNode) -> Iterator[float]:
    for _ in range(ROUNDS):
        started = time.perf_counter()
        _ask(node)
        yield (time.perf_counter() - started) * 1000


def _open(tx: Tx, node: LocalNode, filled: Filled) -> None:
    draw, now = random.Random(7), node.desk.clock()
    for number, item in enumerate(filled.items[: 2 * OPEN]):
        line = tx.line(CopyLine, item=item, copy=FIRST_COPY)
        if line is None:
            raise RuntimeError(item)
        sent = now.plus(days=-draw.randrange(40))
        moved = replace(
            line,
            place=Place.ARRIVED if number % 2 else Place.IN_TRANSIT,
            counterpart=JPN,
            consignment=new_consignment_id(draw.randbytes),
            holder=None,
            container=None,
            at=sent,
        )
        tx.put_line(moved)
    for number, person in enumerate(HANDS):
        until = now.plus(days=20 if number % 2 else 700)
        clearance = clearance_upto(
            node.desk.policy, "KOR-2", valid=Validity(start=now, until=until), basis=f"PSC-{number}", review_at=until
        )
        tx.add(ClearanceGrant(person=person, clearance=clearance, by=person, at=now))
