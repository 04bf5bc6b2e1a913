"""Copies, derivations, changes of level in any order, over a line that loses, doubles and delays: both registers agree.

Whatever happened, once everything is heard and every copy marked again, each item has the same level on both sides,
nothing is open, and each side knows of the other that nothing is.
"""

from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from gsomia.errors import NodeError
from gsomia.flows.copying import set_copy_limit
from gsomia.flows.levels import Level, level_of, open_copies
from gsomia.flows.ports import Tx
from gsomia.flows.regrade import regrade_item
from gsomia.flows.remark import choose_mark, mark_done, standing_of
from gsomia.ids import ItemId, PartyCode
from gsomia.registry import Booking, Derivation, DerivedKind, ItemRecord, LevelNotice, Regraded, latest_notice
from simulation.test_copies_and_derived_items import copy, derive
from simulation.world import JPN, KOR, SECRET, Fault, SimNode, world_in_force

LEVELS = {KOR: ("KOR-2", "KOR-3", "DECLASSIFIED"), JPN: ("JPN-2-TOKUTEI", "JPN-3", "DECLASSIFIED")}
sides = st.sampled_from([KOR, JPN])


def other(party: PartyCode) -> PartyCode:
    return JPN if party == KOR else KOR


class Regrading(RuleBasedStateMachine):
    """Seoul and Tokyo; each has released one item to the other before anything else happens."""

    items = Bundle("items")

    def __init__(self) -> None:
        super().__init__()
        self.world = world_in_force()
        self.numbers = count(1)
        for node in self.world.nodes.values():
            node.bring_reader()
            set_copy_limit(node.desk, node.actor("security"), limit=1000)

    @initialize(target=items, side=sides)
    def first(self, side: PartyCode) -> ItemId:
        return self._send(side)

    @rule(target=items, side=sides)
    def send(self, side: PartyCode) -> ItemId:
        return self._send(side)

    def _send(self, side: PartyCode) -> ItemId:
        node = self.world[side]
        item = node.register(b"text").id
        node.release(item, other(side))
        return item

    @rule(target=items, side=sides, parent=items, second=items)
    def derive(self, side: PartyCode, parent: ItemId, second: ItemId) -> ItemId:
        parents = (parent,) if parent == second else (parent, second)
        try:
            return derive(self.world[side], *parents, kind=DerivedKind.EXTRACT).item.id
        except NodeError:  # not there, not booked, two categories
            return parent

    @rule(side=sides, item=items)
    def copy(self, side: PartyCode, item: ItemId) -> None:
        self._try(lambda: copy(self.world[side], item))

    @rule(item=items, side=sides)
    def book(self, item: ItemId, side: PartyCode) -> None:
        self._book(self.world[side], item)

    def _book(self, node: SimNode, item: ItemId) -> None:
        for mark in {KOR: ("KOR-2", "KOR-3"), JPN: ("JPN-2-TOKUTEI", "JPN-3")}[node.party]:
            if self._try(lambda mark=mark: node.book(item, mark=mark)):
                return

    @rule(side=sides, item=items, choice=st.integers(0, 2))
    def regrade(self, side: PartyCode, item: ItemId, choice: int) -> None:
        node = self.world[side]
        records = node.every(ItemRecord, id=item)
        ours = bool(records) and records[0].originator == side
        number = f"{side}-LC-{next(self.numbers)}"
        done = self._try(
            lambda: regrade_item(node.desk, node.actor("releaser"), item, to=LEVELS[side][choice], number=number)
        )
        assert ours or not done

    @rule(side=sides, faults=st.lists(st.sampled_from(Fault), max_size=3), last_first=st.booleans())
    def deliver(self, side: PartyCode, faults: list[Fault], last_first: bool) -> None:  # noqa: FBT001  drawn
        rows = self.world.due(side, other(side))
        for place, (row, outgoing) in enumerate(reversed(rows) if last_first else rows):
            self.world.carry(side, other(side), row, outgoing, *faults[place : place + 1])

    @rule(seconds=st.sampled_from([1, 61]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(side=sides, item=items)
    def mark_one(self, side: PartyCode, item: ItemId) -> None:
        open_ones = self._open(self.world[side], item)
        if open_ones:
            self._try(lambda: self._mark(self.world[side], item, open_ones[:1]))

    @rule(side=sides)
    def restart(self, side: PartyCode) -> None:
        self.world[side].restart()

    @invariant()
    def no_derived_item_stands_below_a_parent(self) -> None:
        for node in self.world.nodes.values():
            for derivation in node.every(Derivation):
                parents = [self._level(node, parent).rank for parent in derivation.parents]
                assert self._level(node, derivation.item).rank >= max(parents)

    @invariant()
    def records_and_lines_hold(self) -> None:
        for node in self.world.nodes.values():
            assert node.problems() == []

    def teardown(self) -> None:
        self.world.settle(rounds=60)
        for node in self.world.nodes.values():
            for record in node.every(ItemRecord):
                if not node.count(Booking, item=record.id):
                    self._book(node, record.id)
        self.world.settle(rounds=60)
        for node in self.world.nodes.values():
            for item in [record.id for record in node.every(ItemRecord)]:
                self._finish(node, item)
        self.world.settle(rounds=60)
        for node in self.world.nodes.values():
            assert [item for item in self._items(node) if self._open(node, item)] == []
            for notice in node.every(LevelNotice):
                self._check_agreed(node, notice)

    def _check_agreed(self, node: SimNode, notice: LevelNotice) -> None:
        there = self.world[other(node.party)]
        if not there.count(ItemRecord, id=notice.item):
            return
        assert self._level(node, notice.item).classification == self._level(there, notice.item).classification
        if latest_notice(node.every(LevelNotice, item=notice.item)) != notice:
            return
        said = node.memory.run(lambda tx: standing_of(tx, node.desk, notice))
        assert {party: report.open for party, report in said.items() if report} == dict.fromkeys(said, 0)

    def _finish(self, node: SimNode, item: ItemId) -> None:
        level = self._level(node, item)
        if level.own_mark is None and level.classification is not None:
            mark = SECRET[node.party]
            self._try(lambda: choose_mark(node.desk, node.actor("registrar"), item, mark=mark, basis="teardown"))
        open_ones = self._open(node, item)
        if open_ones:
            self._mark(node, item, open_ones)

    def _mark(self, node: SimNode, item: ItemId, copies: tuple[str, ...]) -> None:
        mark_done(node.desk, node.actor("registrar"), item, copies)

    def _items(self, node: SimNode) -> list[ItemId]:
        return [record.id for record in node.every(ItemRecord)]

    def _open(self, node: SimNode, item: ItemId) -> tuple[str, ...]:
        def read(tx: Tx) -> tuple[str, ...]:
            orders = {order.notice: order for order in tx.every(Regraded, item=item)}.values()
            return tuple(dict.fromkeys(copy for order in orders for copy in open_copies(tx, order)))

        return node.memory.run(read)

    def _level(self, node: SimNode, item: ItemId) -> Level:
        return node.memory.run(lambda tx: level_of(tx, tx.every(ItemRecord, id=item)[-1]))

    def _try(self, act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except NodeError:
            return False
        return True


TestRegrading = Regrading.TestCase
TestRegrading.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
