"""Whatever two desks, their post office and the clock may do, in any order: what the hotline promises holds."""

from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from gsomia.errors import NodeError
from gsomia.exchange import HOUSE_RULES, AcknowledgementEntry, AlarmCode, HotlineAlarm, MessageEntry, Precedence
from gsomia.flows import hotline_answers
from gsomia.flows.desk import shared_log
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.ids import HexDigest, PartyCode
from simulation.hotline import DUTY, OTHER, codes_of, manned_world, progress_of, say, words_of
from simulation.world import JPN, KOR, Fault, World

SECRET = "a word that no log may hold"
sides = st.sampled_from([KOR, JPN])
faults = st.lists(st.sampled_from(Fault), max_size=3)


class TwoDesks(RuleBasedStateMachine):
    """A desk in Seoul and one in Tokyo, manned all the time."""

    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.world = manned_world(World(KOR, JPN))
        self.said: dict[HexDigest, PartyCode] = {}

    @initialize(target=messages)
    def first(self) -> HexDigest:
        return self._say(KOR, Precedence.FLASH)

    @rule(target=messages, side=sides, precedence=st.sampled_from(list(Precedence)))
    def say(self, side: PartyCode, precedence: Precedence) -> HexDigest:
        return self._say(side, precedence)

    def _say(self, side: PartyCode, precedence: Precedence) -> HexDigest:
        digest = say(self.world, side, precedence, en=SECRET).digest
        self.said[digest] = side
        return digest

    @rule(side=sides, met=faults)
    def deliver(self, side: PartyCode, met: list[Fault]) -> None:
        for number, (row, outgoing) in enumerate(self.world.due(side, OTHER[side])):
            self.world.carry(side, OTHER[side], row, outgoing, *met[number : number + 1])

    @rule(message=messages, way=st.sampled_from(["none", "right", "wrong"]))
    def acknowledge(self, message: HexDigest, way: str) -> None:
        reader = OTHER[self.said[message]]
        node = self.world[reader]
        if node.count(MessageEntry, message=message) == 0:
            return
        text = words_of(self.world, reader, message)["en"] if way == "right" else "another text"
        form = None if way == "none" else "text"
        entered = hotline_answers.acknowledge_message(node.desk, node.actor(DUTY), message, form=form, repeated=text)  # type: ignore[arg-type]
        assert entered.right is {"none": None, "right": True, "wrong": False}[way]

    @rule(seconds=st.sampled_from([1, 61, 121, 3600]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(side=sides)
    def look(self, side: PartyCode) -> None:
        note_alarms(self.world[side].desk)

    @rule(side=sides)
    def restart(self, side: PartyCode) -> None:
        self.world[side].restart()

    @rule(side=sides, at=st.integers(1, 6))
    def disk_fails(self, side: PartyCode, at: int) -> None:
        self.world[side].fragile.fail(at)
        with suppress(NodeError):
            self.world.deliver(KOR, JPN)
        with suppress(NodeError):
            self.world.deliver(JPN, KOR)
        self.world[side].fragile.fail(0)

    @invariant()
    def each_message_stands_at_most_once_in_each_log(self) -> None:
        for message, sender in self.said.items():
            assert self.world[sender].count(MessageEntry, message=message) == 1
            assert self.world[OTHER[sender]].count(MessageEntry, message=message) <= 1

    @invariant()
    def own_numbers_have_no_gaps(self) -> None:
        for side in (KOR, JPN):
            numbers = [entry.number for entry in self.world[side].every(MessageEntry, direction="own")]
            assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def a_desk_that_never_reads_back_is_alarmed_in_time(self) -> None:
        for message, sender in self.said.items():
            node = self.world[sender]
            (entry,) = node.every(MessageEntry, message=message)
            limit = HOUSE_RULES.limit(entry.head.precedence).read_back_s
            right = any(one.right for one in node.every(AcknowledgementEntry, message=message))
            late = limit is not None and node.clock() >= entry.at.plus(seconds=limit)
            alarmed = AlarmCode.NOT_READ_BACK in codes_of(self.world, sender, message)
            assert alarmed is (late and not right)

    @invariant()
    def an_alarm_is_entered_once(self) -> None:
        for side in (KOR, JPN):
            entered = [(one.reference, one.code) for one in self.world[side].every(HotlineAlarm)]
            assert len(entered) == len(set(entered))

    @invariant()
    def no_word_stands_in_a_shared_log(self) -> None:
        for side in (KOR, JPN):
            assert SECRET.encode() not in self.world[side].text(shared_log(side, OTHER[side]))

    def teardown(self) -> None:
        self.world.settle(rounds=40)
        for message in self.said:
            both = {progress_of(self.world, side, message) for side in (KOR, JPN)}
            assert len(both) == 1
        for side in (KOR, JPN):
            assert self.world[side].problems() == []


TestTwoDesks = TwoDesks.TestCase
TestTwoDesks.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
