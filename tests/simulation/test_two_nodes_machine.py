"""Whatever people and the post office may do, in any order, between two nodes: what must hold holds after each step."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from gsomia.errors import NodeError, RefusedError
from gsomia.exchange import Arrival, Delivery, Stage
from gsomia.flows.desk import shared_log
from gsomia.flows.records import DecisionRecord
from gsomia.ids import ItemId
from gsomia.policy import Verdict
from gsomia.registry import Booking, CustodyEvent, ItemRecord, ReadingSlip, RegisterError
from simulation.world import JPN, KOR, PURPOSE, TOPIC, Fault, SimNode, world_in_force

SECRETS = tuple(b"secret text number %d" % number for number in range(4))
sides = st.sampled_from([(KOR, JPN), (JPN, KOR)])


class TwoNodes(RuleBasedStateMachine):
    """Seoul and Tokyo."""

    items = Bundle("items")

    def __init__(self) -> None:
        super().__init__()
        self.world = world_in_force()
        self.contents: dict[ItemId, tuple[str, bytes]] = {}
        for node in self.world.nodes.values():
            node.bring_reader()

    @initialize(target=items, side=sides, content=st.sampled_from(SECRETS))
    def first(self, side: tuple[str, str], content: bytes) -> ItemId:
        return self._register(side, content)

    @rule(target=items, side=sides, content=st.sampled_from(SECRETS))
    def register(self, side: tuple[str, str], content: bytes) -> ItemId:
        return self._register(side, content)

    def _register(self, side: tuple[str, str], content: bytes) -> ItemId:
        node = self.world[KOR if side[0] == KOR else JPN]
        item = node.register(content).id
        self.contents[item] = (node.party, content)
        return item

    @rule(item=items)
    def release(self, item: ItemId) -> None:
        owner = KOR if self.contents[item][0] == KOR else JPN
        self.world[owner].release(item, JPN if owner == KOR else KOR)

    @rule(item=items)
    def release_what_is_not_ours(self, item: ItemId) -> None:
        other = self._other(item)
        try:
            other.release(item, KOR if other.party == JPN else JPN)
        except NodeError:
            return
        raise AssertionError(item)

    @rule(side=sides, faults=st.lists(st.sampled_from(Fault), max_size=3), last_first=st.booleans())
    def deliver(self, side: tuple[str, str], faults: list[Fault], last_first: bool) -> None:  # noqa: FBT001  drawn
        sender, to = (KOR, JPN) if side[0] == KOR else (JPN, KOR)
        rows = self.world.due(sender, to)
        for number, (row, outgoing) in enumerate(reversed(rows) if last_first else rows):
            self.world.carry(sender, to, row, outgoing, *faults[number : number + 1])

    @rule(seconds=st.sampled_from([1, 61, 3600]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(side=sides)
    def restart(self, side: tuple[str, str]) -> None:
        self.world[KOR if side[0] == KOR else JPN].restart()

    @rule(item=items)
    def book(self, item: ItemId) -> None:
        node = self._other(item)
        arrived, booked = node.count(ItemRecord, id=item), node.count(Booking, item=item)
        try:
            node.book(item)
        except NodeError:
            assert not arrived or booked
        else:
            assert (arrived, booked) == (1, 0)

    @rule(item=items)
    def book_an_own_item(self, item: ItemId) -> None:
        owner = self.world[KOR if self.contents[item][0] == KOR else JPN]
        try:
            owner.book(item)
        except RegisterError:
            return
        raise AssertionError(item)

    @rule(item=items)
    def read(self, item: ItemId) -> None:
        node = self._other(item)
        booked, slips = node.count(Booking, item=item), node.count(ReadingSlip, item=item)
        try:
            reading = node.read(item)
        except RefusedError:
            assert not booked
            assert node.count(ReadingSlip, item=item) == slips
        except NodeError:
            assert not node.count(ItemRecord, id=item)
        else:
            assert b"".join(reading.content) == self.contents[item][1]
            assert (booked, node.count(ReadingSlip, item=item)) == (1, slips + 1)

    @rule(side=sides, fault=st.sampled_from(Fault))
    def cosign(self, side: tuple[str, str], fault: Fault) -> None:
        owner, witness = (KOR, JPN) if side[0] == KOR else (JPN, KOR)
        if fault is not Fault.DOUBLED:  # a second time is answered 409: its own test
            self.world.cosign(owner, witness, fault)

    def _other(self, item: ItemId) -> SimNode:
        return self.world[JPN if self.contents[item][0] == KOR else KOR]

    @invariant()
    def every_delivery_rests_on_a_permit(self) -> None:
        for node in self.world.nodes.values():
            for delivery in node.every(Delivery):
                decision = node.every(DecisionRecord, id=delivery.decision)[0]
                assert decision.decision.verdict is Verdict.PERMIT
                assert decision.item == delivery.item

    @invariant()
    def a_register_holds_an_item_once(self) -> None:
        for node in self.world.nodes.values():
            held = [record.id for record in node.every(ItemRecord)]
            assert len(held) == len(set(held))
            assert len(held) == len({booking.item for booking in node.every(Booking)} | set(held))

    @invariant()
    def nothing_arrived_that_was_not_sent(self) -> None:
        for sender, to in ((KOR, JPN), (JPN, KOR)):
            sent = {delivery.consignment: delivery.manifest for delivery in self.world[sender].every(Delivery)}
            for arrival in self.world[to].every(Arrival):
                assert sent[arrival.consignment] == arrival.manifest
            for consignment in sent:
                proven = set(self.world[sender].stages(consignment)) & {Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED}
                assert not proven or self.world[to].count(Arrival, consignment=consignment) == 1

    @invariant()
    def logs_and_records_hold(self) -> None:
        for node in self.world.nodes.values():
            assert node.problems() == []

    @invariant()
    def shared_logs_tell_no_content_topic_or_purpose(self) -> None:
        for owner, partner in ((KOR, JPN), (JPN, KOR)):
            origin = shared_log(owner, partner)
            told = self.world[owner].text(origin)
            for word in (b"secret text", TOPIC.encode(), PURPOSE.encode(), b"KOR-2", b"JPN-2"):
                assert word not in told

    def teardown(self) -> None:
        self.world.settle(rounds=40)
        for sender, to in ((KOR, JPN), (JPN, KOR)):
            for delivery in self.world[sender].every(Delivery):
                assert self.world[to].count(ItemRecord, id=delivery.item) == 1
                assert self.world[sender].count(CustodyEvent, item=delivery.item) >= 1


TestTwoNodes = TwoNodes.TestCase
TestTwoNodes.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
