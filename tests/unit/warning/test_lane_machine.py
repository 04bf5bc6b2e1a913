"""One lane under cuts, losses of answers, reordering and replays: nothing is lost, nothing is shown twice."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gsomia.warning import LaneError, LaneTally, OpenedFrame, ProvenWarning, Sameness, SeenWarnings, read_signed
from gsomia.warning.lane_frames import Ack, Data
from gsomia.warning.lane_out import BACK_PRESSURE
from strategies.lanes import NOW_US, lane_in, lane_out, shake_hands, warned


class Lane(RuleBasedStateMachine):
    """Seoul's end, Tokyo's end, and what is on the line between them."""

    def __init__(self) -> None:
        super().__init__()
        self.out, self.into = lane_out(), lane_in()
        self.seen = SeenWarnings()
        self.epoch = 0
        self.now = NOW_US
        self.line: list[Data] = []
        self.old: list[Data] = []
        self.tallies: list[LaneTally] = []
        self.put: list[str] = []
        self.shown: list[str] = []
        self.gave_way: list[str] = []
        self.acknowledged: list[str] = []
        self.not_durable: list[tuple[OpenedFrame, ProvenWarning]] = []

    @rule(event=st.integers(0, 3))
    def say(self, event: int) -> None:
        number = len(self.put)
        warning = warned(number, event=event, sequence=number + 1)
        self.put.append(warning.message.message)
        gone = self.out.put(warning)
        if gone is not None:
            self.gave_way.append(gone.message.message)

    @precondition(lambda self: self.epoch)
    @rule(room=st.integers(1, 5))
    def send(self, room: int) -> None:
        self.line += self.out.frames(room=room)

    @rule()
    def begin_an_epoch(self) -> None:
        """On a fresh connection or the same one; what was on the line of the old epoch may still come."""
        self.epoch += 1
        ours, theirs = shake_hands(self.epoch)
        tally = self.out.start_epoch(ours, now_us=self.now)
        self.into.start_epoch(theirs)
        if tally is not None:
            self.tallies.append(tally)

    @precondition(lambda self: self.epoch)
    @rule()
    def cut(self) -> None:
        """Whatever was on the line is gone, and frames Tokyo had not made durable go with it."""
        tally = self.out.end_epoch()
        if tally is not None:
            self.tallies.append(tally)
        self.into.end_epoch()
        self.old += self.line
        self.line.clear()
        for _, warning in self.not_durable:
            self.seen.discard(*warning.key)
        self.not_durable.clear()

    @precondition(lambda self: self.line)
    @rule(at=st.integers(0, 8))
    def arrive(self, at: int) -> None:
        self._take(self.line.pop(at % len(self.line)))

    @precondition(lambda self: self.old)
    @rule(at=st.integers(0, 8))
    def replay(self, at: int) -> None:
        """Somebody on the line sends an old frame again: it never opens."""
        frame = self.old[at % len(self.old)]
        try:
            self.into.open(frame, now_us=self.now)
        except LaneError as error:
            assert error.code in {"warning/replayed", "warning/epoch-not-in-use"}  # noqa: PT017
        else:
            raise AssertionError(frame)

    @rule()
    def commit(self) -> None:
        for opened, warning in self.not_durable:
            self.into.durable(opened)
            if warning.message.message not in self.shown:
                self.shown.append(warning.message.message)
            self.into.shown(opened, warning.key)
        self.not_durable.clear()

    @rule(lost=st.booleans())
    def answer(self, lost: bool) -> None:  # noqa: FBT001
        ack = self.into.ack()
        if ack is None or lost:
            return
        self.acknowledged += [one.message.message for one in self.out.acknowledge(ack)]
        self._refuse_again(ack)

    def _refuse_again(self, ack: Ack) -> None:
        try:
            self.out.acknowledge(ack)
        except LaneError as error:
            assert error.code == "warning/replayed"  # noqa: PT017
        else:
            raise AssertionError(ack)

    def _take(self, frame: Data) -> None:
        try:
            opened = self.into.open(frame, now_us=self.now)
        except LaneError as error:
            assert error.code == "warning/epoch-not-in-use"  # noqa: PT017  it was on the line when the epoch ended
            return
        self.old.append(frame)
        naming = read_signed(opened.raw).naming
        warning = next(one for one in self.out_warnings() if one.raw == opened.raw)
        same = self.seen.judge(*warning.key, naming.serial)
        assert same is not Sameness.TOO_OLD
        if same is Sameness.SAME:
            self.into.durable(opened)
            return
        self.seen.add(*warning.key, naming.serial)
        self.not_durable.append((opened, warning))

    def out_warnings(self) -> list[ProvenWarning]:
        # Signing is deterministic, so what is under way can be made again from its number.
        return [*self.out.unacknowledged()]

    @invariant()
    def everything_is_in_one_place(self) -> None:
        owed = [one.message.message for one in self.out.unacknowledged()]
        assert sorted([*owed, *self.acknowledged, *self.gave_way]) == sorted(self.put)

    @invariant()
    def nothing_is_shown_twice(self) -> None:
        assert len(set(self.shown)) == len(self.shown)

    @invariant()
    def only_what_is_durable_is_acknowledged(self) -> None:
        assert set(self.acknowledged) <= set(self.shown)

    @invariant()
    def nothing_gives_way_without_back_pressure(self) -> None:
        assert not self.gave_way or len(self.put) > BACK_PRESSURE

    def teardown(self) -> None:
        """However it stood: one good epoch brings everything over."""
        self.cut() if self.epoch else None
        self.begin_an_epoch()
        self.line += self.out.frames(room=10_000)
        while self.line:
            self._take(self.line.pop(0))
        self.commit()
        self.answer(lost=False)
        assert sorted(self.shown) == sorted(set(self.put) - set(self.gave_way))
        assert list(self.out.unacknowledged()) == []


TestLane = Lane.TestCase
TestLane.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
