"""The watch log at an instant: how far each message is, which timers ran out, which tests were missed.

Everything here is derived from records and `now`. Nothing sleeps and nothing is stored, so who looks a day later sees
the same alarms as who looked at once. The limits are house rules, printed as such, never as treaty (A-12).

    >>> HOUSE_RULES.limit(Precedence.FLASH)
    Limit(acknowledge_s=60, read_back_s=120)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gsomia.exchange.hotline import Matter, Precedence
from gsomia.exchange.hotline_log import (
    AcknowledgementEntry,
    CallPlan,
    DisclosureForm,
    DisclosureOpened,
    HotlineDesk,
    MessageEntry,
    WatchTurn,
)
from gsomia.ids import PartyCode, PersonId
from gsomia.instants import Instant

MAX_SLOTS = 64
"""How many test calls of a plan are looked back at."""
MAX_GAPS = 32
"""How many missing numbers are named."""


class Progress(StrEnum):
    """How far a message is, as both sides derive it."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    READ_BACK = "read-back"
    READ_BACK_WRONG = "read-back-wrong"
    REFUSED = "refused"


PROGRESS: Mapping[Progress, frozenset[Progress]] = MappingProxyType(
    {
        # An acknowledgement may overtake the receipt of the message itself.
        Progress.QUEUED: frozenset(Progress) - {Progress.QUEUED},
        Progress.DELIVERED: frozenset({Progress.ACKNOWLEDGED, Progress.READ_BACK, Progress.READ_BACK_WRONG}),
        Progress.ACKNOWLEDGED: frozenset({Progress.READ_BACK, Progress.READ_BACK_WRONG}),
        Progress.READ_BACK_WRONG: frozenset({Progress.READ_BACK}),
        Progress.READ_BACK: frozenset[Progress](),
        Progress.REFUSED: frozenset[Progress](),
    }
)
"""A right read-back is final; a wrong one waits for a right one."""


class AlarmCode(StrEnum):
    """Why a desk is called. Stable, like the codes of errors."""

    NOT_DELIVERED = "exchange/not-delivered"
    NOT_ACKNOWLEDGED = "exchange/not-acknowledged"
    NOT_READ_BACK = "exchange/not-read-back"
    READ_BACK_DIFFERS = "exchange/read-back-differs"
    REFUSED = "exchange/hotline-refused"
    NUMBER_MISSING = "exchange/number-missing"
    TEST_MISSED = "exchange/test-missed"
    TEST_NOT_ANSWERED = "exchange/test-not-answered"
    DISCLOSURE_LATE = "exchange/disclosure-form-late"
    DESK_UNMANNED = "exchange/desk-unmanned"


ALARMS: Mapping[AlarmCode, str] = MappingProxyType(
    {
        AlarmCode.NOT_DELIVERED: "the partner's node has not proven that it holds the message",
        AlarmCode.NOT_ACKNOWLEDGED: "the receiving desk has not acknowledged the message in time",
        AlarmCode.NOT_READ_BACK: "the receiving desk has not read the message back in time",
        AlarmCode.READ_BACK_DIFFERS: "what was read back is not the text",
        AlarmCode.REFUSED: "the partner refused the message, with a code",
        AlarmCode.NUMBER_MISSING: "a message with a lower number has not come",
        AlarmCode.TEST_MISSED: "a planned test call was not made",
        AlarmCode.TEST_NOT_ANSWERED: "a test call was made and not answered in time",
        AlarmCode.DISCLOSURE_LATE: "the form on classified words that were said is not complete in time",
        AlarmCode.DESK_UNMANNED: "nobody has the watch at a desk of ours",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Seconds from a message's entry in the log until it is to be acknowledged, and read back (None: need not be)."""

    acknowledge_s: int
    read_back_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineRules:
    """House rules of the watch.

    Source: A-12, A-32 (the form within the hour).
    """

    limits: Mapping[Precedence, Limit] = field(
        default_factory=lambda: MappingProxyType(
            {
                Precedence.FLASH: Limit(acknowledge_s=60, read_back_s=120),
                Precedence.IMMEDIATE: Limit(acknowledge_s=300, read_back_s=600),
                Precedence.PRIORITY: Limit(acknowledge_s=1800, read_back_s=3600),
                Precedence.ROUTINE: Limit(acknowledge_s=21_600, read_back_s=None),
            }
        )
    )
    disclosure_s: int = 3600
    gap_s: int = 300

    def limit(self, precedence: Precedence) -> Limit:
        """What holds for a precedence."""
        return self.limits[precedence]


HOUSE_RULES = HotlineRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A reason to look, with the instant from which it holds."""

    reference: str
    code: AlarmCode
    party: PartyCode
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """One message of the log and what came of it, oldest acknowledgement first.

    `delivered`: our own message is proven to be held by the partner's node; one we heard is.
    """

    entry: MessageEntry
    acknowledgements: Sequence[AcknowledgementEntry]
    delivered: bool
    refused: str | None = None

    @property
    def progress(self) -> Progress:
        """How far it is.

        Invariant (right is final): once read back rightly, nothing later takes that away.
        """
        answers = [one.right for one in self.acknowledgements]
        if True in answers:
            return Progress.READ_BACK
        if False in answers:
            return Progress.READ_BACK_WRONG
        if answers:
            return Progress.ACKNOWLEDGED
        if self.refused is not None:
            return Progress.REFUSED
        return Progress.DELIVERED if self.delivered else Progress.QUEUED

    def is_open(self, rules: HotlineRules = HOUSE_RULES) -> bool:
        """Whether a watch that ends has to hand it over."""
        if self.progress is Progress.ACKNOWLEDGED:
            return rules.limit(self.entry.head.precedence).read_back_s is not None
        return self.progress not in {Progress.READ_BACK, Progress.REFUSED}


def acknowledgement_due(facts: MessageFacts, *, rules: HotlineRules = HOUSE_RULES) -> Instant | None:
    """Until when a message is to be acknowledged; None if nobody waits for that.

    Source: relay 5.4, A-12.
    """
    entry = facts.entry
    if facts.progress not in {Progress.QUEUED, Progress.DELIVERED}:
        return None
    return entry.at.plus(seconds=rules.limit(entry.head.precedence).acknowledge_s)


def read_back_due(facts: MessageFacts, *, rules: HotlineRules = HOUSE_RULES) -> Instant | None:
    """Until when a message is to be read back; None if nobody waits for that.

    Source: relay 5.4, A-12.
    """
    limit = rules.limit(facts.entry.head.precedence).read_back_s
    if limit is None or facts.progress in {Progress.READ_BACK, Progress.REFUSED}:
        return None
    return facts.entry.at.plus(seconds=limit)


def call_window_ends(plan: CallPlan, due: Instant) -> Instant:
    """Until when a planned test call may be made.

    Source: relay 5.4.
    """
    return due.plus(seconds=min(plan.within_s, plan.every_s))


def message_alarms(facts: MessageFacts, *, now: Instant, rules: HotlineRules = HOUSE_RULES) -> Iterator[Alarm]:
    """What is wrong with one message at `now`; both sides derive the same codes, from their own entry times.

    Source: relay 5.4, A-12.
    """
    entry, progress = facts.entry, facts.progress

    def alarm(code: AlarmCode, since: Instant) -> Alarm:
        return Alarm(reference=entry.message, code=code, party=entry.party, since=since)

    if progress is Progress.REFUSED:
        yield alarm(AlarmCode.REFUSED, entry.at)
        return
    acknowledge = acknowledgement_due(facts, rules=rules)
    if acknowledge is not None and now >= acknowledge:
        if progress is Progress.QUEUED:
            yield alarm(AlarmCode.NOT_DELIVERED, acknowledge)
        yield alarm(AlarmCode.NOT_ACKNOWLEDGED, acknowledge)
    if progress is Progress.READ_BACK_WRONG:
        yield alarm(AlarmCode.READ_BACK_DIFFERS, next(a.at for a in facts.acknowledgements if a.right is False))
    read_back = read_back_due(facts, rules=rules)
    if read_back is not None and now >= read_back:
        yield alarm(AlarmCode.NOT_READ_BACK, read_back)


def number_alarms(
    party: PartyCode, heard: Iterable[MessageEntry], *, now: Instant, rules: HotlineRules = HOUSE_RULES
) -> Iterator[Alarm]:
    """Numbers that a partner left out, once a later one has been here for a while: withheld, or lost for good."""
    first_seen: dict[int, Instant] = {}
    for entry in heard:
        first_seen.setdefault(entry.number, entry.at)
    named, last = 0, 0
    for number in sorted(first_seen):
        since = first_seen[number].plus(seconds=rules.gap_s)
        if now >= since:
            for missing in range(last + 1, min(number, last + 1 + MAX_GAPS - named)):
                named += 1
                yield Alarm(reference=f"{party}-{missing}", code=AlarmCode.NUMBER_MISSING, party=party, since=since)
        last = number


class Outcome(StrEnum):
    """What became of one planned test call."""

    ANSWERED = "answered"
    WAITING = "waiting"
    NOT_ANSWERED = "not-answered"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One test call of a plan: when it was due, and what became of it."""

    due: Instant
    outcome: Outcome
    message: str | None


def planned_calls(
    plan: CallPlan, messages: Iterable[MessageFacts], *, now: Instant, rules: HotlineRules = HOUSE_RULES
) -> list[PlannedCall]:
    """Every test call of a plan that was due by `now` (the last `MAX_SLOTS`), oldest first; a missed one stays shown.

    A call answers the due time in whose window it was entered: from the due time until `within_s` later, and never
    beyond the next due time.
    """
    if now < plan.first:
        return []
    last = (now.epoch_s - plan.first.epoch_s) // plan.every_s
    made = [facts for facts in messages if _is_test_of(plan, facts)]
    return [
        _planned_call(plan, plan.first.plus(seconds=slot * plan.every_s), made, now=now, rules=rules)
        for slot in range(max(0, last + 1 - MAX_SLOTS), last + 1)
    ]


def _is_test_of(plan: CallPlan, facts: MessageFacts) -> bool:
    entry = facts.entry
    desks = (entry.head.from_desk, entry.head.to_desk)
    wanted = (plan.our_desk, plan.their_desk) if plan.direction == "own" else (plan.their_desk, plan.our_desk)
    same = (entry.party, entry.direction, desks) == (plan.party, plan.direction, wanted)
    return same and entry.head.matter is Matter.TEST


def _planned_call(
    plan: CallPlan, due: Instant, made: Sequence[MessageFacts], *, now: Instant, rules: HotlineRules
) -> PlannedCall:
    end = call_window_ends(plan, due)
    calls = [facts for facts in made if due <= facts.entry.at < end]
    if not calls:
        return PlannedCall(due=due, outcome=Outcome.WAITING if now < end else Outcome.MISSED, message=None)
    answered = next((f for f in calls if f.progress in {Progress.ACKNOWLEDGED, Progress.READ_BACK}), None)
    if answered is not None:
        return PlannedCall(due=due, outcome=Outcome.ANSWERED, message=answered.entry.message)
    late = calls[-1].entry.at.plus(seconds=rules.limit(plan.precedence).acknowledge_s)
    outcome = Outcome.WAITING if now < late else Outcome.NOT_ANSWERED
    return PlannedCall(due=due, outcome=outcome, message=calls[-1].entry.message)


def plan_alarms(plan: CallPlan, calls: Iterable[PlannedCall]) -> Iterator[Alarm]:
    """Test calls that were not made, or not answered."""
    codes = {Outcome.MISSED: AlarmCode.TEST_MISSED, Outcome.NOT_ANSWERED: AlarmCode.TEST_NOT_ANSWERED}
    for call in calls:
        if call.outcome in codes:
            reference = f"{plan.plan[:16]}-{call.due}"
            yield Alarm(reference=reference, code=codes[call.outcome], party=plan.party, since=call.due)


def disclosure_alarm(opened: DisclosureOpened, form: DisclosureForm | None, *, now: Instant) -> Alarm | None:
    """A form that is not complete in time; a complete one that came late is no longer alarmed.

    Source: A-32, G2-4 ("stays incomplete").
    """
    if (form is not None and form.complete) or now < opened.due:
        return None
    return Alarm(reference=opened.reference, code=AlarmCode.DISCLOSURE_LATE, party=opened.party, since=opened.due)


def who_has_the_watch(turns: Sequence[WatchTurn], *, now: Instant) -> PersonId | None:
    """Who has the watch at a desk, by its turns in the order they were entered: the last that covers `now`."""
    return next((turn.person for turn in reversed(turns) if turn.valid.covers(now)), None)


def manned_until(turns: Sequence[WatchTurn], *, now: Instant) -> Instant | None:
    """Until when a desk that is manned now stays so by its turns; None if there is no end, or nobody has the watch."""
    end, at = None, now
    while True:
        turn = next((turn for turn in reversed(turns) if turn.valid.covers(at)), None)
        if turn is None:
            return end
        if turn.valid.until is None:
            return None
        end = at = turn.valid.until


def watch_alarm(desk: HotlineDesk, turns: Sequence[WatchTurn], *, now: Instant) -> Alarm | None:
    """A desk of ours that is named to a partner, and at which nobody has the watch."""
    if not desk.notice.valid.covers(now) or who_has_the_watch(turns, now=now) is not None:
        return None
    ends = [turn.valid.until for turn in turns if turn.valid.until is not None and turn.valid.until <= now]
    since = max([desk.at, *ends])
    return Alarm(
        reference=f"{desk.owner}-{desk.desk}-{since}", code=AlarmCode.DESK_UNMANNED, party=desk.peer, since=since
    )
