"""Take acts one by one: the row, the condition, what all must sign, what changes.

follow(profile, moments) -> History       every snapshot, every change, every refusal
apply_act(course, profile, moment)        one act, for a flow that asks before it writes
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType

from msgspec.structs import replace

from gsomia.agreements.course import (
    Change,
    Course,
    Lapsed,
    Moment,
    Moved,
    Notice,
    advance,
    begin_force,
    fresh_end,
    open_end,
)
from gsomia.agreements.domestic import take_steps
from gsomia.agreements.guards import find_row, is_non_legal, judge_act
from gsomia.agreements.lifecycle import NON_LEGAL, Event, Row, State, Who
from gsomia.agreements.profile import USA, Profile
from gsomia.agreements.refusal import Refusal
from gsomia.ids import PartyCode
from gsomia.instants import Instant

_ORDER = {event: index for index, event in enumerate(Event)}
"""Acts of one second are taken in the order of the table, so that every node derives the same state."""
_NONE: Mapping[str, Profile] = MappingProxyType({})
_EARLY = frozenset({Event.SIGN, Event.NOTIFY_COMPLETED})
"""Acts that may reach one side before what they build on: they count from when that does."""
_BOTH = Who.BOTH
_CLEARING, _SIGNED, _IN_FORCE = State.CLEARING, State.SIGNED, State.IN_FORCE
_NOTICE_GIVEN, _NOTICE_SUSPENDED = State.NOTICE_GIVEN, State.NOTICE_SUSPENDED
_SIGN, _AMEND, _TAKE_POSITION = Event.SIGN, Event.AMEND, Event.TAKE_POSITION
_WITHDRAW, _SUSPEND = Event.WITHDRAW_NOTICE, Event.SUSPEND_NOTICE
"""Members asked for at every act, looked up once: finding one on its class costs more than comparing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An act that moved nothing."""

    moment: Moment
    refusal: Refusal


@dataclass(frozen=True, kw_only=True)
class History:
    """A whole course: what it was after each act. Without slots, so that its index is made once."""

    points: tuple[tuple[Instant, Course, Profile], ...]
    profile: Profile
    """The one it began with; an amendment can bring another."""
    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]
    acts: tuple[Moment, ...]
    """Every act, in the order in which they count."""
    amended: Mapping[str, Profile]
    """Profiles of the texts that an amendment can bring."""
    waiting: tuple[Moment, ...]
    """Acts of one party that need another's over the same digest, and have none yet."""

    @cached_property
    def _instants(self) -> list[int]:
        return [at.epoch_s for at, _, _ in self.points]

    def reached(self, at: Instant) -> tuple[Course, Profile]:
        """The course at an instant (the last snapshot, and the calendar since) and the profile it runs under."""
        place = bisect_right(self._instants, at.epoch_s)
        if not place:
            return Course(), self.profile
        _, course, profile = self.points[place - 1]
        return advance(course, profile, until=at)[0], profile

    def changes_until(self, at: Instant) -> tuple[Change, ...]:
        """Every change until an instant, the calendar's after the last act included."""
        last, course, profile = self.points[-1] if self.points else (at, Course(), self.profile)
        after = advance(course, profile, until=at)[1] if last <= at else ()
        return tuple(change for change in (*self.changes, *after) if change.at <= at)


def apply_act(course: Course, profile: Profile, moment: Moment) -> Moved | Refusal:
    """One act on a course that the calendar has brought to the act's instant, or why it moves nothing.

    Source: lifecycle 3.3.
    """
    if moment.event in NON_LEGAL:
        return course, ()
    row = find_row(course, profile, moment)
    if isinstance(row, Refusal):
        return row
    refusal = judge_act(course, profile, moment, row)
    if refusal is not None:
        return refusal
    if row.who is _BOTH:
        joined = _joined(course, profile, moment, row)
        if isinstance(joined, Refusal | tuple):
            return joined
        course = joined
    changed = _effect(course, profile, moment, row)
    if isinstance(changed, Refusal):
        return changed
    change = Change(
        at=moment.at,
        event=moment.event,
        clause=row.clause,
        before=course.state,
        after=changed.state,
        term=changed.term,
        by=profile.parties if row.who is _BOTH else moment.parties,
        act=moment.id,
    )
    after, derived = _derive(changed, profile, moment)
    return after, (change, *derived)


def follow(profile: Profile, moments: Iterable[Moment], *, amended: Mapping[str, Profile] = _NONE) -> History:
    """The whole course that acts give an instrument. Acts that move nothing are told, and change nothing.

    Args:
        profile: of the instrument.
        moments: its acts, in any order.
        amended: the profiles of texts that an amendment can bring, by digest.

    Source: lifecycle 3.3, A-28.
    """
    keyed = [((m.at.epoch_s, m.order, _ORDER[m.event], m.parties, m.id), m) for m in moments]
    keyed.sort(key=_place)
    walk = _Walk(profile, amended)
    ordered = [moment for _, moment in keyed]
    first = 0
    for after, moment in enumerate(ordered, 1):
        if after == len(ordered) or ordered[after].at != moment.at:
            walk.take_instant(ordered[first:after])
            first = after
    return History(
        profile=profile,
        points=tuple(walk.points),
        changes=tuple(walk.changes),
        refused=tuple(walk.refused),
        acts=tuple(ordered),
        amended=amended,
        waiting=tuple(moment for moment in ordered if moment in walk.early or moment in walk.said),
    )


_place = itemgetter(0)


class _Walk:
    """A course on its way, act by act."""

    def __init__(self, profile: Profile, amended: Mapping[str, Profile]) -> None:
        self.profile, self._amended = profile, amended
        self._course = Course()
        self.points: list[tuple[Instant, Course, Profile]] = []
        self.changes: list[Change] = []
        self.refused: list[Refused] = []
        self.early: list[Moment] = []
        self.said: list[Moment] = []

    def take_instant(self, acts: list[Moment]) -> None:
        """Every act of one instant, in the order in which they can have happened.

        INVARIANT (same state on both sides): a party's own acts keep their order; between parties the table's order
        decides, among acts that can be. Both nodes know the same acts, so both take them in the same order.
        """
        at = acts[0].at
        self._course, passed = advance(self._course, self.profile, until=at)
        self.changes += passed
        if len(acts) == 1 or self.profile.past:
            for moment in acts:
                self._take(moment, apply_act(self._course, self.profile, moment))
        else:
            self._merge(acts)
        self.points.append((at, self._course, self.profile))

    def _merge(self, acts: list[Moment]) -> None:
        queues: dict[tuple[PartyCode, ...], list[Moment]] = {}
        for moment in acts:
            queues.setdefault(moment.parties, []).append(moment)
        while queues:
            heads = sorted((queue[0] for queue in queues.values()), key=lambda m: (_ORDER[m.event], m.parties))
            results = ((head, apply_act(self._course, self.profile, head)) for head in heads)
            able = next(((head, result) for head, result in results if not isinstance(result, Refusal)), None)
            head, result = able or (heads[0], apply_act(self._course, self.profile, heads[0]))
            queues[head.parties].pop(0)
            if not queues[head.parties]:
                del queues[head.parties]
            self._take(head, result)

    def _take(self, moment: Moment, result: Moved | Refusal) -> None:
        if isinstance(result, Refusal):
            # Clocks differ, so an act may be recorded before the one it answers; it counts from when that one does.
            if moment.event in _EARLY and not self.profile.past and result.code == "not-in-this-state":
                self.early.append(moment)
            else:
                self.refused.append(Refused(moment=moment, refusal=result))
            return
        self._course = result[0]
        self.changes += result[1]
        if self.said or not result[1]:
            self.said = _still_waiting(self.said, moment, moved=bool(result[1]))
        if moment.event is _AMEND and self._course.texts:
            self.profile = self._amended.get(self._course.texts[-1], self.profile)
        if self.early and result[1]:
            self._retry(moment.at)

    def _retry(self, at: Instant) -> None:
        waiting = sorted(self.early, key=lambda m: (_ORDER[m.event], m.parties, m.at, m.id))
        for moment in waiting:
            result = apply_act(self._course, self.profile, replace(moment, at=at))
            if not isinstance(result, Refusal):
                self.early.remove(moment)
                self._course = result[0]
                self.changes += result[1]
                self._retry(at)
                return


def _still_waiting(said: list[Moment], moment: Moment, *, moved: bool) -> list[Moment]:
    """What one party has said and another has not, after `moment`."""
    if moved and len(moment.parties) == 1:
        joined = (moment.event, _matter(moment))
        return [one for one in said if (one.event, _matter(one)) != joined] if said else said
    return said if moved or is_non_legal(moment) else [*said, moment]


def _matter(moment: Moment) -> str:
    return moment.matter or moment.text or ""


def _joined(course: Course, profile: Profile, moment: Moment, row: Row) -> Course | Moved | Refusal:
    """The course once every party has said the same, else with this one's word kept."""
    if set(moment.parties) == set(profile.parties):
        return _without_pending(course, moment)
    matter = _matter(moment)
    said = next((who for event, what, who in course.pending if (event, what) == (moment.event, matter)), ())
    if set(moment.parties) & set(said):
        return Refusal(
            code="said-before", clause=row.clause, text=f"{moment.party} has said `{moment.event}` to that already"
        )
    together = tuple(sorted((*said, *moment.parties)))
    if set(together) == set(profile.parties):
        return _without_pending(course, moment)
    kept = [one for one in course.pending if (one[0], one[1]) != (moment.event, matter)]
    return replace(course, pending=tuple(sorted((*kept, (moment.event, matter, together))))), ()


def _without_pending(course: Course, moment: Moment) -> Course:
    # What was said about another digest of the same act is void once one digest is agreed. Arrangements stand side by
    # side: the signing of one leaves the others as they are.
    if not course.pending:
        return course
    beside = _matter(moment) if moment.event is Event.ARRANGE else None
    left = (one for one in course.pending if one[0] is not moment.event or (beside is not None and one[1] != beside))
    return replace(course, pending=tuple(left))


def _effect(course: Course, profile: Profile, moment: Moment, row: Row) -> Course | Refusal:
    if row.to is not course.state:
        course = replace(course, state=row.to, since=moment.at, pending=())
    effect = _EFFECTS.get(moment.event)
    return course if effect is None else effect(course, profile, moment)


def _text_agreed(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, agreed_text=moment.text or moment.id, initials=())


def _initialled(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, initials=(*course.initials, moment.text or moment.id))


def _shelved(course: Course, _profile: Profile, moment: Moment) -> Course:
    return _lapse(course, at=moment.at)


def _talks_again(course: Course, _profile: Profile, moment: Moment) -> Course:
    lapsed = _lapse(course, at=moment.at)
    return replace(lapsed, round=lapsed.round + 1, agreed_text=None, initials=())


def _signed(course: Course, _profile: Profile, moment: Moment) -> Course:
    text = moment.text or course.approved_text or course.proposed_text or moment.id
    return replace(course, signed_text=text, texts=(text,))


def _completed(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, completed=tuple(sorted((*course.completed, (moment.party, moment.at)))))


def _amended(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, texts=(*course.texts, moment.text or moment.id), review=None)


def _arranged(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, arrangements=(*course.arrangements, moment.matter or moment.id))


def _law_changed(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, review=moment.number or moment.id) if moment.levels else course


def _dispute_opened(course: Course, _profile: Profile, moment: Moment) -> Course:
    return replace(course, disputes=(*course.disputes, moment.number or moment.id))


def _dispute_closed(course: Course, _profile: Profile, moment: Moment) -> Course:
    closed = set(moment.names) or set(course.disputes)
    return replace(course, disputes=tuple(one for one in course.disputes if one not in closed))


def _notice_given(course: Course, profile: Profile, moment: Moment) -> Course:
    return _with_notice(course, _given(course, profile, moment), at=moment.at)


def _proposed(course: Course, _profile: Profile, moment: Moment) -> Course:
    text = moment.text if moment.whole else None
    if course.ended is not None and course.state is State.PROPOSED:  # T23: a new treaty; the duties of the old one stay
        return Course(
            state=State.PROPOSED, since=moment.at, proposer=moment.party, proposed_text=text, ended=course.ended
        )
    return replace(course, proposer=moment.party, proposed_text=text)


def _domestic(course: Course, profile: Profile, moment: Moment) -> Course | Refusal:
    steps = profile.steps(moment.party)
    taken = take_steps(course.procedure(moment.party), moment.steps, steps=steps, past=profile.past)
    if isinstance(taken, Refusal):
        return taken
    if not moment.steps:
        return Refusal(code="no-step", clause="T07", text="a domestic act reports at least one step")
    others = tuple(one for one in course.procedures if one.party != moment.party)
    return replace(course, procedures=tuple(sorted((*others, taken), key=lambda one: one.party)))


def _lapse(course: Course, *, at: Instant) -> Course:
    # approvals belong to their round; the text may be used again, they may not.
    if not course.procedures:
        return course
    lapsed = Lapsed(round=course.round, at=at, procedures=course.procedures)
    return replace(course, procedures=(), lapsed=(*course.lapsed, lapsed))


def _derive(course: Course, profile: Profile, moment: Moment) -> Moved:
    if course.state is _CLEARING and _all_cleared(course, profile):
        after = replace(course, state=State.CLEARED, since=moment.at)
        return after, (_derived(course, after, moment, Event.DOMESTIC_DONE, "T08"),)
    if course.state is _SIGNED and {party for party, _ in course.completed} == set(profile.parties):
        return begin_force(course, profile, at=moment.at, act=moment.id, by=profile.parties)
    if moment.event is _SIGN and course.state is _IN_FORCE:  # an arrangement: effective on signature
        return begin_force(course, profile, at=moment.at, act=moment.id, by=profile.parties)
    return course, ()


def _all_cleared(course: Course, profile: Profile) -> bool:
    return all(course.procedure(party).is_done(profile.steps(party)) for party in profile.parties)


def _derived(before: Course, after: Course, moment: Moment, event: Event, clause: str) -> Change:
    return Change(
        at=moment.at,
        event=event,
        clause=clause,
        before=before.state,
        after=after.state,
        term=after.term,
        by=(),
        act=None,
    )


def _given(course: Course, profile: Profile, moment: Moment) -> Notice:
    earlier = course.notice_of(moment.party)
    receiver = _last_receiver(profile, moment.party)
    ends = course.ends if course.ends is not None else open_end(moment.at, profile, receiver=receiver)
    return Notice(
        party=moment.party,
        notes=(*(earlier.notes if earlier else ()), moment.number or moment.id),
        received=moment.at,
        ends=ends,
    )


def _noticed(course: Course, profile: Profile, moment: Moment) -> Course:
    if moment.event is _TAKE_POSITION:
        notices = tuple(
            replace(notice, position=moment.position) if notice.party != moment.party and notice.suspended else notice
            for notice in course.notices
        )
        return replace(course, notices=notices)
    notice = course.notice_of(moment.party)
    if notice is None:
        msg = "a condition of the table holds that the notice stands"
        raise RuntimeError(msg)
    if moment.event is _WITHDRAW:
        return _with_notice(course, None, at=moment.at, party=moment.party)
    notes = (*notice.notes, moment.number or moment.id)
    if moment.event is _SUSPEND:
        suspended = replace(notice, notes=notes, suspended=moment.at, condition=moment.words, position=moment.position)
        return _with_notice(course, suspended, at=moment.at)
    # T18, A-02: one reading ends at once, the other needs a fresh period; nothing stops before the later of the two.
    later = fresh_end(course, profile, at=moment.at, receiver=_last_receiver(profile, moment.party))
    revived = replace(notice, notes=notes, suspended=None, revived=moment.at, ends=later)
    return _with_notice(course, revived, at=moment.at)


def _with_notice(course: Course, notice: Notice | None, *, at: Instant, party: PartyCode | None = None) -> Course:
    whose = notice.party if notice else party
    others = tuple(one for one in course.notices if one.party != whose)
    notices = (*others, notice) if notice else others
    state = _IN_FORCE
    if any(one.suspended is None for one in notices):
        state = _NOTICE_GIVEN
    elif notices:
        state = _NOTICE_SUSPENDED
    return replace(course, notices=notices, state=state, since=at)


def _last_receiver(profile: Profile, party: PartyCode) -> PartyCode:
    others = profile.others(party)
    return USA if USA in others else others[0]  # Washington's day ends last


_EFFECTS: Mapping[Event, Callable[[Course, Profile, Moment], Course | Refusal]] = MappingProxyType(
    {
        Event.PROPOSE: _proposed,
        Event.AGREE_TEXT: _text_agreed,
        Event.INITIAL: _initialled,
        Event.DOMESTIC_START: _domestic,
        Event.DOMESTIC_STEP: _domestic,
        Event.DOMESTIC_REFUSED: _shelved,
        Event.SHELVE: _shelved,
        Event.REOPEN_TEXT: _talks_again,
        Event.RESUME_TALKS: _talks_again,
        Event.SIGN: _signed,
        Event.NOTIFY_COMPLETED: _completed,
        Event.GIVE_NOTICE: _notice_given,
        Event.SUSPEND_NOTICE: _noticed,
        Event.TAKE_POSITION: _noticed,
        Event.REVIVE_NOTICE: _noticed,
        Event.WITHDRAW_NOTICE: _noticed,
        Event.AMEND: _amended,
        Event.ARRANGE: _arranged,
        Event.LAW_CHANGE: _law_changed,
        Event.DISPUTE_OPEN: _dispute_opened,
        Event.DISPUTE_CLOSE: _dispute_closed,
    }
)
"""What an act changes besides the state."""
