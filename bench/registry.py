"""How fast the register answers at full size: a hundred thousand items, a million custody events.

Half of the items are our own, with a copy at the partner; half are the partner's. Records and lines are written as the
flows write them, without the log entries that name them: no question that is measured reads the log. Each question is
put through what its command runs, for items drawn at random. Beside them stands the same register a tenth as large, so
that a cost that grows with the register shows.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bench import regrade
from bench.measure import Result
from bench.pair import JPN, PURPOSE, Sender, prepare
from gsomia import canon
from gsomia.admin import COMMANDS, Call
from gsomia.agreements import Agreement
from gsomia.demo.exchange import KR_JP
from gsomia.flows.balance import balance_with
from gsomia.flows.ports import Tx
from gsomia.flows.register import register_item
from gsomia.flows.search import search_register
from gsomia.flows.standing import current_agreement
from gsomia.ids import InstrumentId, ItemId, PersonId, new_consignment_id, new_item_id
from gsomia.labels import simple_label
from gsomia.node import LocalNode
from gsomia.registry import (
    FIRST_COPY,
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    Origin,
    begin,
    follow,
    item_line,
)

A = TypeVar("A")

ITEMS = 100_000
HAND_OVERS = 7
"""With registering, releasing and receipting, or receiving and booking, ten events an item."""
BATCH = 1_000
ASKED = 200
ROUNDS = 5
HANDS: tuple[PersonId, ...] = tuple(canon.check(f"officer-{number}", PersonId) for number in range(400))


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            kor = stage.nodes["KOR"]
            with LocalNode(kor.directory, passphrase=kor.passphrase.encode()) as node:
                filled = Filled(node, Sender(node, persons=kor.persons))
                filled.to(ITEMS // 10)
                _measure(node, filled.items, result, "_tenth")
                filled.to(ITEMS)
                _measure(node, filled.items, result, "")
        finally:
            stage.stop_all()
    regraded = regrade.run()
    result.figures |= regraded.figures
    result.spread |= regraded.spread
    result.samples |= regraded.samples
    return result


def _measure(node: LocalNode, items: list[ItemId], result: Result, suffix: str) -> None:
    draw = random.Random(5)
    page = COMMANDS["item show"].run
    call = Call(bench=node, args={})
    asked = [draw.choice(items) for _ in range(ASKED)]
    result.rounds(f"item_ms{suffix}", _each(lambda item: page(replace(call, args={"item": item})), asked))
    searches: list[dict[str, str]] = [
        *({"holder": str(draw.choice(HANDS))} for _ in range(ASKED // 4)),
        *({"container": f"SAFE-{draw.randrange(1000)}"} for _ in range(ASKED // 4)),
        *({"control_no": _control_no(draw.randrange(len(items)))} for _ in range(ASKED // 4)),
        *({"own_mark": "KOR-2", "originator": "JPN", "place": "held"} for _ in range(ASKED // 4)),
    ]
    result.rounds(f"search_ms{suffix}", _each(lambda by: search_register(node.desk, by, limit=100), searches))
    result.rounds(f"balance_ms{suffix}", _each(lambda _: balance_with(node.desk, JPN), range(ROUNDS)))


def _each(act: Callable[[A], object], inputs: Iterable[A]) -> Iterator[float]:
    for one in inputs:
        started = time.perf_counter()
        act(one)
        yield (time.perf_counter() - started) * 1000


class Filled:
    """A register that is filled as far as it is asked to be."""

    def __init__(self, node: LocalNode, sender: Sender) -> None:
        self._node = node
        self._draw = random.Random(4)
        self._item = register_item(
            node.desk,
            sender.registrar,
            [b"x" * 4096],
            content_bytes=4096,
            level="KOR-2",
            purpose=PURPOSE,
            topic="DPRK-MISSILE",
        )
        self._label = simple_label(node.desk.policies[JPN], "JPN-2-TOKUTEI", created_at=self._item.item.at)
        self.items: list[ItemId] = []

    def to(self, items: int) -> None:
        """Enter more items, until there are so many."""
        agreement = self._node.store.run(
            lambda tx: current_agreement(tx, canon.check(KR_JP, InstrumentId), at=self._item.item.at)
        )
        while len(self.items) < items:
            self._node.store.run(lambda tx: self._enter(tx, agreement))

    def _enter(self, tx: Tx, agreement: Agreement) -> None:
        for _ in range(BATCH):
            number = len(self.items)
            item = new_item_id(self._draw.randbytes)
            record, events = (self._received if number % 2 else self._own)(item, agreement)
            booking: Booking = replace(self._item.booking, item=item, control_no=_control_no(number))
            tx.add(record)
            tx.add(booking)
            tx.put_line(item_line(record, booking))
            lines: dict[str, CopyLine] = {}
            for event in events:
                tx.add(event)
                line = lines.get(event.copy)
                lines[event.copy] = follow(line, event) if line else begin(event, originator=record.originator)
            for line in lines.values():
                tx.put_line(line)
            self.items.append(item)

    def _own(self, item: ItemId, agreement: Agreement) -> tuple[ItemRecord, list[CustodyEvent]]:
        us, at = self._node.desk.party, self._item.item.at
        record = replace(self._item.item, id=item)
        sent = CustodyEvent(
            item=item,
            copy=new_consignment_id(self._draw.randbytes),
            kind=CustodyKind.RELEASED,
            custodian=us,
            instrument=agreement.id,
            counterpart=JPN,
            at=at,
        )
        events = [
            self._first(item, CustodyKind.REGISTERED),
            *self._hands(item, self._item.booking.officer),
            sent,
            replace(sent, kind=CustodyKind.RECEIPTED, custodian=JPN),
        ]
        return record, events

    def _received(self, item: ItemId, agreement: Agreement) -> tuple[ItemRecord, list[CustodyEvent]]:
        consignment = new_consignment_id(self._draw.randbytes)
        origin = Origin(
            sender=JPN,
            instrument=agreement.id,
            agreement=agreement.digest,
            state="IN_FORCE",
            consignment=consignment,
            manifest=agreement.digest,
        )
        record = replace(self._item.item, id=item, originator=JPN, origin=origin, label=self._label)
        came = CustodyEvent(
            item=item,
            copy=FIRST_COPY,
            kind=CustodyKind.RECEIVED,
            custodian=JPN,
            instrument=agreement.id,
            counterpart=JPN,
            consignment=consignment,
            at=record.at,
        )
        events = [came, self._first(item, CustodyKind.BOOKED), *self._hands(item, self._item.booking.officer)]
        return record, [*events, self._locked(item, events[-1])]

    def _first(self, item: ItemId, kind: CustodyKind) -> CustodyEvent:
        return CustodyEvent(
            item=item,
            copy=FIRST_COPY,
            kind=kind,
            custodian=self._node.desk.party,
            facility=self._item.booking.facility,
            by=self._item.booking.officer,
            at=self._item.item.at,
        )

    def _hands(self, item: ItemId, holder: PersonId) -> Iterator[CustodyEvent]:
        for _ in range(HAND_OVERS):
            to = self._draw.choice([hand for hand in self._draw.sample(HANDS, 2) if hand != holder])
            yield replace(self._first(item, CustodyKind.HANDED_OVER), by=holder, to=to)
            holder = to

    def _locked(self, item: ItemId, last: CustodyEvent) -> CustodyEvent:
        box = f"SAFE-{self._draw.randrange(1000)}"
        return replace(self._first(item, CustodyKind.STORED), by=last.to, container=box)


def _control_no(number: int) -> str:
    return f"KOR-GSOMIA-KR-JP-2026-{number:06d}"
