"""How fast two registers of 100,000 shared transmittals find one difference, and how long 10,000 copies take to muster.

Both registers hold the same transmittals, half from either side, written as the flows write their lines and the entries
of the log they share; what names them in the private logs is left out, as nothing that is measured reads it.
`reconcile_s` is the slower of the two rosters, which each node draws on a machine of its own, and then every statement
of both, signed, recorded and answered, until both sides show the difference. `muster_s` is the list of 10,000 copies,
the filled sheet, both signatures, and the joint report of that register.
"""

import random
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.measure import Result
from bench.pair import JPN, PURPOSE, prepare
from gsomia import canon
from gsomia.audit import Event
from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Stage
from gsomia.errors import WaitingError
from gsomia.exchange import Comparison
from gsomia.flows import inventory, minutes, muster
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hear import hear_statement
from gsomia.flows.ledger import share
from gsomia.flows.minutes import InventoryNow
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.ids import (
    ConsignmentId,
    FacilityId,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    RegisterCode,
    new_consignment_id,
    new_item_id,
)
from gsomia.instants import Instant
from gsomia.node import LocalNode
from gsomia.parties import Hand, Office
from gsomia.registry import FIRST_COPY, CopyLine, CustodyKind, Form, ItemLine, Place

SHARED = 100_000
COPIES = 10_000
ROUNDS = 3
BATCH = 2_000
KOR: PartyCode = canon.check("KOR", PartyCode)
FACILITY = canon.check(cast.FACILITY, FacilityId)
OFFICER = canon.check("registrar", PersonId)
SECOND = canon.check("security", PersonId)


def run() -> Result:
    """Both figures, on two nodes of their own."""
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        stage.stop_all()
        with _node(stage, "KOR") as kor, _node(stage, "JPN") as jpn:
            pair = Pair(stage, kor, jpn)
            pair.fill(SHARED)
            result.rounds("reconcile_s", [pair.reconcile() for _ in range(ROUNDS)])
            pair.shelve(COPIES)
            result.rounds("muster_s", [pair.muster() for _ in range(ROUNDS)])
    return result


def _node(stage: Stage, party: str) -> LocalNode:
    made = stage.nodes[party]
    return LocalNode(made.directory, passphrase=made.passphrase.encode())


class Pair:
    """Two nodes open in this process; what one says is handed to the other's door."""

    def __init__(self, stage: Stage, kor: LocalNode, jpn: LocalNode) -> None:
        self._nodes = {KOR: kor, JPN: jpn}
        self._persons = {party: stage.nodes[party].persons for party in (KOR, JPN)}
        self._draw = random.Random(7)
        self._shared: list[ItemId] = []
        self._number = ""
        self._actors: dict[tuple[str, str], Actor] = {}
        for party in (KOR, JPN):
            self._actor(party, OFFICER)
        self._actor(KOR, SECOND, Office.SECURITY_OFFICER)

    def fill(self, items: int) -> None:
        """Give both registers the same transmittals."""
        for start in range(0, items, BATCH):
            batch = [
                (number, new_item_id(self._draw.randbytes), new_consignment_id(self._draw.randbytes))
                for number in range(start, start + BATCH)
            ]
            for party in (KOR, JPN):
                node = self._nodes[party]
                self._enter_all(node, batch)
            self._shared += [item for _, item, _ in batch]

    def _enter_all(self, node: LocalNode, batch: list[tuple[int, ItemId, ConsignmentId]]) -> None:
        def unit(tx: Tx) -> None:
            for number, item, consignment in batch:
                self._enter(tx, node, number, item, consignment)

        node.store.run(unit)

    def _enter(self, tx: Tx, node: LocalNode, number: int, item: ItemId, consignment: ConsignmentId) -> None:
        us = node.desk.party
        sender, to = (KOR, JPN) if number % 2 else (JPN, KOR)
        ours = us == sender
        at = Instant(node.desk.clock().epoch_s - 86_400)
        line = ItemLine(
            item=item,
            control_no=f"{us}-{number:06d}",
            originator=sender,
            sender=None if ours else sender,
            instrument=canon.check(KR_JP, InstrumentId),
            mark=cast.SECRET[sender],
            own_mark=cast.SECRET[us],
            rank=2,
            form=Form.ELECTRONIC,
            topic="BENCH",
            purpose=PURPOSE,
            facility=FACILITY,
            at=at,
        )
        tx.put_line(line)
        tx.put_line(
            CopyLine(
                item=item,
                copy=consignment if ours else FIRST_COPY,
                originator=sender,
                instrument=line.instrument,
                counterpart=to if ours else sender,
                made=CustodyKind.RELEASED if ours else CustodyKind.RECEIVED,
                place=Place.HANDED_ON if ours else Place.HELD,
                custodian=to,
                facility=FACILITY,
                holder=None if ours else OFFICER,
                container=None,
                consignment=consignment,
                package=None,
                since=at,
                at=at,
            )
        )
        share(
            tx,
            node.desk,
            to if ours else sender,
            event=Event.DELIVERY_QUEUED if ours else Event.DELIVERY_RECEIVED,
            subject=item,
            digest=canon.digest(consignment),
            consignment=consignment,
            item=item,
        )
        share(
            tx,
            node.desk,
            to if ours else sender,
            event=Event.STATEMENT_RECEIVED if ours else Event.STATEMENT_ISSUED,
            subject=f"{item}/receipt",
            digest=canon.digest(item),
            kind="registrar-receipt",
        )

    def reconcile(self) -> float:
        """Seconds until both sides show the one difference that was planted."""
        item = self._draw.choice(self._shared)
        self._mark(item, "KOR-4")
        kor, jpn = self._nodes[KOR].desk, self._nodes[JPN].desk
        begun = time.perf_counter()
        number = self._number or inventory.open_inventory(kor, self._actor(KOR, OFFICER), to=JPN).inventory
        if self._number:
            inventory.draw_roster(kor, self._actor(KOR, OFFICER), number)
        drawn = time.perf_counter()
        self._carry()
        heard = time.perf_counter()
        inventory.draw_roster(jpn, self._actor(JPN, OFFICER), number)
        drawn_too = time.perf_counter()
        self._carry()
        told = [_now(desk, number) for desk in (kor, jpn)]
        ended = time.perf_counter()
        for state in told:
            found = [one.difference.item for one in state.minutes.differences] if state.minutes else None
            if state.comparison is not Comparison.COMPARED or found != [item]:
                msg = f"one difference was planted, at {item}; {state.comparison}, {found}"
                raise RuntimeError(msg)
        self._number = number
        self._mark(item, "")
        return max(drawn - begun, drawn_too - heard) + (heard - drawn) + (ended - drawn_too)

    def _mark(self, item: ItemId, mark: str) -> None:
        def unit(tx: Tx) -> None:
            line = tx.line(ItemLine, item=item)
            if line is not None:
                tx.put_line(replace(line, mark=mark or cast.SECRET[line.originator]))

        self._nodes[JPN].store.run(unit)

    def _carry(self) -> None:
        """Hand over everything that is due, until neither has anything to say."""
        while any([self._say(KOR, JPN), self._say(JPN, KOR)]):
            pass

    def _say(self, sender: PartyCode, to: PartyCode) -> int:
        ours, theirs = self._nodes[sender], self._nodes[to].desk
        due = ours.store.run(lambda tx: tx.due(to, now=ours.desk.clock().plus(days=1), limit=100))
        for row, outgoing in due:
            envelope = ours.store.run(partial(_said, digest=outgoing.reference))
            if envelope is not None:
                hear_statement(theirs, sender, envelope)
            ours.store.run(partial(_settle, row=row))
        return len(due)

    def shelve(self, copies: int) -> None:
        """Put paper copies on the shelves of Korea's facility."""
        node = self._nodes[KOR]
        at = Instant(node.desk.clock().epoch_s - 86_400)
        first = node.store.run(lambda tx: tx.line(ItemLine, item=self._shared[1]))
        if first is None:
            msg = "the register was filled"
            raise RuntimeError(msg)

        def unit(tx: Tx) -> None:
            for number in range(copies):
                item = new_item_id(self._draw.randbytes)
                paper = replace(
                    first, item=item, control_no=f"P-{number:06d}", sender=None, form=Form.DOCUMENTARY, at=at
                )
                tx.put_line(replace(paper, instrument=None))
                tx.put_line(
                    CopyLine(
                        item=item,
                        copy=FIRST_COPY,
                        originator=KOR,
                        instrument=None,
                        counterpart=None,
                        made=CustodyKind.REGISTERED,
                        place=Place.HELD,
                        custodian=KOR,
                        facility=FACILITY,
                        holder=OFFICER,
                        container=None,
                        consignment=None,
                        package=None,
                        since=at,
                        at=at,
                    )
                )

        node.store.run(unit)

    def muster(self) -> float:
        """Seconds from the list to the second signature, and to the joint report."""
        desk = self._nodes[KOR].desk
        begun = time.perf_counter()
        state = muster.start_muster(desk, self._actor(KOR, OFFICER), facility=FACILITY)
        marks = tuple((one.expected.control_no, one.expected.copy, True, None) for one in state.lines)
        muster.fill_sheet(desk, self._actor(KOR, OFFICER), state.muster.id, marks)
        try:
            muster.close_muster(desk, self._actor(KOR, OFFICER), state.muster.id)
        except WaitingError:
            closed = muster.close_muster(desk, self._actor(KOR, SECOND, Office.SECURITY_OFFICER), state.muster.id)
        report = desk.store.run(lambda tx: minutes.inventory_now(tx, desk, self._number))
        seconds = time.perf_counter() - begun
        if len(closed.lines) != COPIES or closed.closed is None or report.minutes is None:
            msg = f"{len(closed.lines)} copies were mustered"
            raise RuntimeError(msg)
        return seconds

    def _actor(self, party: PartyCode, person: PersonId, office: Office = Office.CONTROL_OFFICER) -> Actor:
        known = self._actors.get((party, person))
        if known is None:
            secret = self._persons[party][person].encode()
            known = Actor(person=person, hand=Hand(office, self._nodes[party].unlock_person(person, secret)))
            self._actors[party, person] = known
        return known


def _now(desk: Desk, number: RegisterCode) -> InventoryNow:
    return desk.store.run(lambda tx: minutes.inventory_now(tx, desk, number))


def _said(tx: Tx, *, digest: str) -> bytes | None:
    record = tx.latest(StatementRecord, digest=digest, direction="own")
    return record.envelope if record else None


def _settle(tx: Tx, *, row: int) -> None:
    tx.settle(row)
