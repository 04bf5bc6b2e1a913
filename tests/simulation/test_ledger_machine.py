"""The eight invariants of the ledger, held after every step of two nodes whose messages are lost, doubled and late.

Everything that moves a copy may happen in any order, also after the agreement has ended. What is refused changes
nothing; what is done leaves both registers as the law wants them.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from gsomia import canon
from gsomia.agreements import NoteSubject
from gsomia.errors import NodeError, WaitingError
from gsomia.exchange import Delivery
from gsomia.flows.agree import give_note
from gsomia.flows.balance import balance_with
from gsomia.flows.custody import begin_copy
from gsomia.flows.dispose import destroy_item
from gsomia.flows.give_back import return_item, take_back
from gsomia.flows.records import DecisionRecord
from gsomia.ids import HexDigest, ItemId
from gsomia.policy import TRACER_DAYS, Verdict
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    ItemReturn,
    Method,
    Place,
    ReadingSlip,
    ReturnAnswer,
    draw_balance,
)
from simulation.world import JPN, KOR, KR_JP, Fault, SimNode, world_in_force

DAY = 86_400
SIDES = ((KOR, JPN), (JPN, KOR))
sides = st.sampled_from(SIDES)
acting = st.sampled_from([("registrar", "security"), ("security", "registrar")])
DONE: Counter[str] = Counter()
"""What was done or refused, over all runs of the machine."""
MADE = (CustodyKind.REGISTERED, CustodyKind.COPIED, CustodyKind.RELEASED)


def find(node: SimNode, item: ItemId, copy: str) -> CopyLine | None:
    return node.desk.store.run(lambda tx: tx.line(CopyLine, item=item, copy=copy))


def copies(node: SimNode, item: ItemId) -> list[CopyLine]:
    return node.desk.store.run(lambda tx: tx.lines(CopyLine, limit=99, item=item))


class Ledger(RuleBasedStateMachine):
    """Two registers under one agreement."""

    items = Bundle("items")

    def __init__(self) -> None:
        super().__init__()
        self.world = world_in_force()
        self.owner: dict[ItemId, SimNode] = {}
        self.ended = False
        self.known: dict[str, list[HexDigest]] = {}
        for node in self.world.nodes.values():
            node.bring_reader()

    @initialize(target=items, known=st.lists(sides, min_size=2, max_size=4))
    def first(self, known: list[tuple[str, str]]) -> "MultipleResults[ItemId]":
        """Items that are looked after at the other side already, and one that nobody sent."""
        sent = [self._register(side) for side in known]
        for item in sent:
            self.release(item)
        self.world.settle(rounds=40)
        for item in sent:
            self.book(item)
        return multiple(*sent, self._register(known[0]))

    @rule(target=items, side=sides)
    def register(self, side: tuple[str, str]) -> ItemId:
        return self._register(side)

    def _register(self, side: tuple[str, str]) -> ItemId:
        node = self.world[KOR if side[0] == KOR else JPN]
        item = node.register(b"content %d" % len(self.owner)).id
        self.owner[item] = node
        return item

    def _node(self, item: ItemId, *, owner: bool) -> SimNode:
        node = self.owner[item]
        return node if owner else self.world[JPN if node.party == KOR else KOR]

    def _try(self, what: str, act: Callable[[], object]) -> bool:
        """Whether it was done; what is refused changes nothing."""
        before = {node.party: node.count(CustodyEvent) for node in self.world.nodes.values()}
        try:
            act()
        except WaitingError:
            return False
        except NodeError as error:
            DONE[error.code] += 1
            assert before == {node.party: node.count(CustodyEvent) for node in self.world.nodes.values()}
            return False
        DONE[what] += 1
        return True

    @rule(item=items)
    def release(self, item: ItemId) -> None:
        owner = self._node(item, owner=True)
        done = self._try("release", lambda: owner.release(item, self._node(item, owner=False).party))
        assert not (done and self.ended)  # LEDGER-7, G21-5: nothing new goes

    @rule(item=items)
    def book(self, item: ItemId) -> None:
        self._try("book", lambda: self._node(item, owner=False).book(item))

    @rule(item=items)
    def read(self, item: ItemId) -> None:
        self._try("read", lambda: b"".join(self._node(item, owner=False).read(item).content))

    @rule(item=items, owner=st.booleans(), number=st.sampled_from(["2", "3"]))
    def make_a_copy(self, item: ItemId, owner: bool, number: str) -> None:  # noqa: FBT001  drawn
        node = self._node(item, owner=owner)
        first = find(node, item, "1")
        if first is None or first.place is not Place.HELD or find(node, item, number) is not None:
            return
        event = CustodyEvent(
            item=item,
            copy=number,
            kind=CustodyKind.COPIED,
            custodian=node.party,
            by=node.actor("registrar").person,
            at=node.desk.clock(),
        )
        node.desk.store.run(lambda tx: begin_copy(tx, node.desk, event, originator=self.owner[item].party))

    @rule(item=items, owner=st.booleans(), by=acting, copies=st.sampled_from([(), (), ("2",), ("1",)]))
    def destroy(self, item: ItemId, owner: bool, by: tuple[str, ...], copies: tuple[str, ...]) -> None:  # noqa: FBT001  drawn
        node = self._node(item, owner=owner)
        for person in by:
            self._destroy(node, item, person, copies)

    def _destroy(self, node: SimNode, item: ItemId, person: str, copies: tuple[str, ...]) -> None:
        self._try(
            "destroy", lambda: destroy_item(node.desk, node.actor(person), item, copies=copies, method=Method.SHREDDED)
        )

    @rule(item=items, by=acting)
    def give_back(self, item: ItemId, by: tuple[str, ...]) -> None:
        node = self._node(item, owner=False)
        for person in by:
            self._give_back(node, item, person)

    def _give_back(self, node: SimNode, item: ItemId, person: str) -> None:
        self._try("give_back", lambda: return_item(node.desk, node.actor(person), item))

    @rule(taken=st.booleans())
    def answer_returns(self, taken: bool) -> None:  # noqa: FBT001  drawn
        """Whatever was given back to either side is answered."""
        for owner in self.world.nodes.values():
            for waiting in owner.every(ItemReturn):
                if waiting.party != owner.party and not owner.count(ReturnAnswer, returned=waiting.digest):
                    self._answer(owner, waiting, taken=taken)

    def _answer(self, owner: SimNode, waiting: ItemReturn, *, taken: bool) -> None:
        officer = owner.actor("registrar")
        self._try("answer", lambda: take_back(owner.desk, officer, waiting.item, of=waiting.party, taken=taken))

    @rule()
    def everything_comes_through(self) -> None:
        self.world.settle(rounds=40)

    @rule(side=sides, faults=st.lists(st.sampled_from(Fault), max_size=3))
    def deliver(self, side: tuple[str, str], faults: list[Fault]) -> None:
        sender, to = SIDES[0] if side[0] == KOR else SIDES[1]
        for number, (row, outgoing) in enumerate(self.world.due(sender, to)):
            DONE["carried"] += 1
            self.world.carry(sender, to, row, outgoing, *faults[number : number + 1])

    @rule(seconds=st.sampled_from([61, 3600, 11 * DAY]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(side=sides)
    def restart(self, side: tuple[str, str]) -> None:
        self.world[KOR if side[0] == KOR else JPN].restart()

    @rule()
    def the_agreement_ends(self) -> None:
        if self.ended:
            return
        node = self.world[KOR]
        give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
        self.world.settle(rounds=40)
        self.world.wait(400 * DAY)
        self.ended = True

    @invariant()
    def received_and_made_are_all_somewhere(self) -> None:  # LEDGER-1
        for node in self.world.nodes.values():
            kinds = Counter(event.kind for event in node.every(CustodyEvent))
            places = Counter(line.place for line in self._lines(node) if line.place is not Place.ARRIVED)
            assert kinds[CustodyKind.BOOKED] + sum(kinds[kind] for kind in MADE) == places.total()

    @invariant()
    def every_copy_has_one_custodian_and_one_place(self) -> None:  # LEDGER-2
        for node in self.world.nodes.values():
            lines = self._lines(node)
            assert len({(line.item, line.copy) for line in lines}) == len(lines)
            for line in lines:
                in_hand = line.holder is not None
                assert in_hand is (line.place is Place.HELD and line.container is None)
        for sender, to in SIDES:  # across the border custody passes at the signed receipt
            for line in self._lines(self.world[sender]):
                if line.made is CustodyKind.RELEASED and line.place is Place.HANDED_ON:
                    theirs = find(self.world[to], line.item, "1")
                    assert theirs is not None
                    assert theirs.place not in {Place.ARRIVED, Place.IN_TRANSIT} or theirs.custodian == to
                    assert self.world[to].count(Booking, item=line.item) == 1

    @invariant()
    def no_record_is_changed_or_lost(self) -> None:  # LEDGER-3
        for node in self.world.nodes.values():
            now = [canon.digest(event) for event in node.every(CustodyEvent)]
            before = self.known.get(node.party, [])
            assert now[: len(before)] == before
            self.known[node.party] = now

    @invariant()
    def a_dispatch_without_receipt_is_young_or_listed(self) -> None:  # LEDGER-4
        for us, them in SIDES:
            node = self.world[us]
            limit = node.desk.clock().plus(days=-TRACER_DAYS)
            late = {
                line.item
                for line in self._lines(node)
                if line.place in {Place.IN_TRANSIT, Place.ARRIVED} and line.counterpart == them and line.at <= limit
            }
            assert {item for one in balance_with(node.desk, them) for item in one.overdue} == late

    @invariant()
    def every_reading_has_its_slip_and_its_permit(self) -> None:  # LEDGER-5
        for node in self.world.nodes.values():
            granted = {
                record.id: record
                for record in node.every(DecisionRecord, question="access")
                if record.decision.verdict is Verdict.PERMIT
            }
            slips = node.every(ReadingSlip)
            assert len(slips) == len(granted)
            for slip in slips:
                decision = granted[slip.slip.body.decision]
                codes = {reason.code for reason in decision.decision.reasons}
                assert {"not-cleared", "not-on-roster", "another-purpose"} <= codes
                assert (decision.item, decision.by) == (slip.item, slip.reader)

    @invariant()
    def no_level_falls_below_that_of_the_originator(self) -> None:  # LEDGER-6
        for node in self.world.nodes.values():
            records = {record.id: record for record in node.every(ItemRecord)}
            for booking in node.every(Booking):
                record = records[booking.item]
                table = {"KOR-2": 3, "JPN-2-GOKUHI": 3, "JPN-2-TOKUTEI": 3, "KOR-3": 2, "JPN-3": 2}
                assert table[booking.own_mark] >= table[record.label.classification]

    def _check_records(self) -> None:
        for node in self.world.nodes.values():  # the whole record: too dear after every step
            assert node.problems() == []

    def _lines(self, node: SimNode) -> list[CopyLine]:
        return [line for item in {record.id for record in node.every(ItemRecord)} for line in copies(node, item)]

    def teardown(self) -> None:  # LEDGER-8
        self._check_records()
        self.world.settle(rounds=60)
        self._check_records()
        drawn = []
        for us, them in SIDES:
            drawn.append(draw_balance(self._lines(self.world[us]), us=us, partner=them, instrument=KR_JP))
            for delivery in self.world[us].every(Delivery):
                assert (
                    self.world[them].count(ItemRecord, id=delivery.item) >= 1
                )  # content fetched again is entered again
        assert drawn[0] == drawn[1]


@pytest.mark.source(*(f"LEDGER-{number}" for number in range(1, 9)))
def test_the_ledgers_invariants_hold_after_every_step() -> None:
    DONE.clear()
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=16,
            stateful_step_count=40,
            derandomize=True,
            phases=[Phase.generate],  # to shrink such a walk ends in a timeout that tells nothing
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that was refused everything would hold every invariant.
    done = {name: DONE[name] for name in ("release", "book", "read", "destroy", "give_back", "answer")}
    assert all(done.values()), done
