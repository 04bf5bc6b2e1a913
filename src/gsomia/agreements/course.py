"""The course an instrument takes: acts in the order in which they count, and the calendar between them.

`advance` lets time pass, `apply_act` takes one act or says why not, `follow` does both for a whole list. Everything is
a value; nothing here knows where an act was recorded. A course of ten thousand acts is ten thousand courses, so these
values are made the cheap way: structs, not dataclasses, which the collector leaves alone, for none can come to hold
itself (ADR 0019).
"""

from msgspec import Struct
from msgspec.structs import replace

from gsomia.agreements.dates import Term, local_day, notice_days, term_of
from gsomia.agreements.domestic import Procedure, StepReport
from gsomia.agreements.lifecycle import IN_FORCE, Event, State
from gsomia.agreements.profile import Profile
from gsomia.ids import PartyCode
from gsomia.instants import Instant, start_of_day


class Moment(Struct, frozen=True, kw_only=True, gc=False):
    """An act at the instant from which it counts.

    Attributes:
        id: of the act: a statement's digest, or the number of a line of history.
        event: what was done.
        parties: whose act it is; more than one if a source reports it as everybody's.
        at: from when it counts: when the other side received it.
        order: within one instant.
        matter: what everybody must have signed alike for an act of all.
        number: of the note.
        names: the earlier notes it names.
        text: digest of the text it is about.
        steps: of a domestic procedure.
        body: who acted for the party.
        open_points: how many points of the text are open.
        position: the other side's position on a suspension.
        words: condition, reason or subject as the note has it.
        levels: whether a change of law renames levels.
        whole: whether the act carries a whole text.
    """

    id: str
    event: Event
    parties: tuple[PartyCode, ...]
    at: Instant
    order: int = 0
    matter: str = ""
    number: str | None = None
    names: tuple[str, ...] = ()
    text: str | None = None
    steps: tuple[StepReport, ...] = ()
    body: str | None = None
    open_points: int = 0
    position: str | None = None
    words: str | None = None
    levels: bool = False
    whole: bool = False

    @property
    def party(self) -> PartyCode:
        """The party, of an act that is one party's."""
        return self.parties[0]


class Notice(Struct, frozen=True, kw_only=True, gc=False):
    """One party's notice of termination with all that followed it.

    Attributes:
        party: the notifier.
        notes: numbers of every note about it that still stands; a withdrawal names each.
        received: when the other side had it.
        ends: when it takes effect; after a revival the later of the two readings.
        suspended: since when its effect is suspended.
        revived: when it was revived.
        condition: the words under which it was suspended.
        position: what the other side said to that.
    """

    party: PartyCode
    notes: tuple[str, ...]
    received: Instant
    ends: Instant
    suspended: Instant | None = None
    revived: Instant | None = None
    condition: str | None = None
    position: str | None = None


class Lapsed(Struct, frozen=True, kw_only=True, gc=False):
    """Approvals of a round that is over.

    Source: A-27, T11.
    """

    round: int
    at: Instant
    procedures: tuple[Procedure, ...]


class Course(Struct, frozen=True, kw_only=True, gc=False):
    """Where an instrument stands after some acts, and what the next ones will be held against."""

    state: State = State.NONE
    since: Instant | None = None
    proposer: PartyCode | None = None
    proposed_text: str | None = None
    agreed_text: str | None = None
    initials: tuple[str, ...] = ()
    """Every digest initialled in this round; the last one counts, the others are void."""
    procedures: tuple[Procedure, ...] = ()
    round: int = 1
    lapsed: tuple[Lapsed, ...] = ()
    pending: tuple[tuple[Event, str, tuple[PartyCode, ...]], ...] = ()
    signed_text: str | None = None
    completed: tuple[tuple[PartyCode, Instant], ...] = ()
    in_force_from: Instant | None = None
    term: int | None = None
    ends: Instant | None = None
    """The end of the term."""
    notices: tuple[Notice, ...] = ()
    texts: tuple[str, ...] = ()
    """The text signed, and every amended one after it."""
    disputes: tuple[str, ...] = ()
    arrangements: tuple[str, ...] = ()
    review: str | None = None
    """The note of a law that renamed levels, while the table waits for its review (G3-3)."""
    ended: Instant | None = None

    @property
    def approved_text(self) -> str | None:
        """The digest that approvals of this round are for."""
        return self.initials[-1] if self.initials else self.agreed_text

    def procedure(self, party: PartyCode) -> Procedure:
        """A party's domestic procedure in this round."""
        return next((one for one in self.procedures if one.party == party), Procedure(party=party))

    def notice_of(self, party: PartyCode) -> Notice | None:
        """A party's notice that stands."""
        for notice in self.notices:
            if notice.party == party:
                return notice
        return None


class Change(Struct, frozen=True, kw_only=True, gc=False):
    """The state or the term changed, or an act took effect."""

    at: Instant
    event: Event
    clause: str
    before: State
    after: State
    term: int | None
    by: tuple[PartyCode, ...]
    act: str | None


Moved = tuple[Course, tuple[Change, ...]]


def advance(course: Course, profile: Profile, *, until: Instant) -> Moved:
    """Let the calendar run until `until`, that instant included.

    Source: T15, T15a, T20, G21-3.
    """
    if course.state not in IN_FORCE:
        return course, ()
    changes: list[Change] = []
    while course.state in IN_FORCE:
        ends = _earliest(course.notices) if course.notices else None
        term_over = course.ends is not None and course.ends.epoch_s <= until.epoch_s
        if ends is not None and ends <= until and (course.ends is None or ends <= course.ends):
            course, change = _end(course, at=ends, event=Event.TERMINATE)
        elif term_over and course.ends is not None:
            course, change = _next_term(course, profile, at=course.ends)
        else:
            break
        changes.append(change)
    return course, tuple(changes)


def running_end(course: Course) -> Instant | None:
    """When the instrument ends or its term does, as things stand: the earliest notice that runs, else the term."""
    return course.ended or _earliest(course.notices) or course.ends


def _earliest(notices: tuple[Notice, ...]) -> Instant | None:
    earliest = None
    for notice in notices:
        if notice.suspended is None and (earliest is None or notice.ends < earliest):
            earliest = notice.ends
    return earliest


def fresh_end(course: Course, profile: Profile, *, at: Instant, receiver: PartyCode) -> Instant:
    """When a notice received at `at` takes effect if it must be in time for the end of a term.

    Source: A-02 (the reading that a fresh period is needed), T18.
    """
    if course.in_force_from is None or course.term is None or not profile.term_years:
        return open_end(at, profile, receiver=receiver)
    number = course.term
    while True:
        term = term_of(course.in_force_from, number, years=profile.term_years)
        if local_day(at, receiver) <= notice_days(term, days=profile.notice_days).last:
            return term.ends
        number += 1


def open_end(at: Instant, profile: Profile, *, receiver: PartyCode) -> Instant:
    """When a notice ends an instrument without terms: full days after the day it was received."""
    received = start_of_day(local_day(at, receiver))
    return received.plus(days=profile.notice_days + 1)


def current_term(course: Course, profile: Profile) -> Term | None:
    """The term that runs."""
    if course.in_force_from is None or course.term is None or not profile.term_years:
        return None
    return term_of(course.in_force_from, course.term, years=profile.term_years)


def begin_force(course: Course, profile: Profile, *, at: Instant, act: str | None, by: tuple[PartyCode, ...]) -> Moved:
    """The instrument enters into force.

    Source: T14, G21-1, A-24.
    """
    term = term_of(at, 1, years=profile.term_years) if profile.term_years else None
    number = term.number if term else None
    after = replace(
        course, state=State.IN_FORCE, since=at, in_force_from=at, term=number, ends=term.ends if term else None
    )
    change = Change(
        at=at,
        event=Event.ENTER_INTO_FORCE,
        clause="T14",
        before=course.state,
        after=after.state,
        term=number,
        by=by,
        act=act,
    )
    return after, (change,)


def _next_term(course: Course, profile: Profile, *, at: Instant) -> tuple[Course, Change]:
    if profile.renewal == "none":
        return _end(course, at=at, event=Event.EXPIRE)
    number = (course.term or 0) + 1
    force = course.in_force_from or at
    contested = course.state is not State.IN_FORCE
    change = Change(
        at=at,
        event=Event.ANNIVERSARY_CONTESTED if contested else Event.AUTO_EXTEND,
        clause="T15a" if contested else "T15",
        before=course.state,
        after=course.state,
        term=number,
        by=(),
        act=None,
    )
    return replace(course, term=number, ends=term_of(force, number, years=profile.term_years).ends), change


def _end(course: Course, *, at: Instant, event: Event) -> tuple[Course, Change]:
    change = Change(
        at=at, event=event, clause="T20", before=course.state, after=State.TERMINATED, term=course.term, by=(), act=None
    )
    after = replace(course, state=State.TERMINATED, since=at, term=None, ends=None, notices=(), pending=(), ended=at)
    return after, change
