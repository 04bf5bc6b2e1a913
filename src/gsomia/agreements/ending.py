"""When an instrument ended, by facts of whatever record: its notes, taken by the engine, and the calendar.

Source: T16 to T20, A-01, A-02, G21-4.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from gsomia.agreements.course import Course, Moment, advance, begin_force, running_end
from gsomia.agreements.facts import Fact, force_begins
from gsomia.agreements.follow import apply_act
from gsomia.agreements.lifecycle import Event, State
from gsomia.agreements.profile import Machine, Profile
from gsomia.agreements.refusal import Refusal
from gsomia.ids import InstrumentId, PartyCode
from gsomia.instants import Instant

_NOTICES = frozenset({Event.GIVE_NOTICE, Event.SUSPEND_NOTICE, Event.REVIVE_NOTICE, Event.WITHDRAW_NOTICE})


def ended_by_notes(
    facts: Sequence[Fact], instrument: str, *, parties: Iterable[str], term_years: int, notice_days: int
) -> Instant | None:
    """When an instrument ended, or will by a notice that runs; None while nothing ended it.

    Facts may leave out how an instrument was made, so the engine begins where it came into force. A notice that came
    late, or that was suspended or withdrawn before the term was over, ends nothing. One that was revived ends the first
    term that it precedes by the full days again: the later of the two readings. A withdrawal is taken to name every
    note that stands, for a fact does not say which it named.

    Source: T16 to T20, A-01, A-02, G21-4.
    """
    profile = Profile(
        instrument=cast("InstrumentId", instrument),
        parties=tuple(cast("PartyCode", party) for party in parties),
        machine=Machine.TREATY,
        binding=True,
        term_years=term_years,
        renewal="automatic",
        notice_days=notice_days,
        past=True,
    )
    force = force_begins(facts, instrument, parties=profile.parties)
    if force is None:
        return None
    course, _ = begin_force(Course(state=State.SIGNED), profile, at=force, act=None, by=profile.parties)
    notes = (one for one in facts if one.instr == instrument and one.event in _NOTICES and one.eff >= force)
    for fact in sorted(notes, key=lambda one: (one.eff, one.n)):
        course, _ = advance(course, profile, until=fact.eff)
        moved = apply_act(course, profile, _moment(fact, course))
        if not isinstance(moved, Refusal):
            course, _ = moved
    return running_end(course) if course.state in {State.NOTICE_GIVEN, State.TERMINATED} else None


def _moment(fact: Fact, course: Course) -> Moment:
    party = cast("PartyCode", fact.actor)
    notice = course.notice_of(party)
    return Moment(
        id=str(fact.n),
        event=Event(fact.event),
        parties=(party,),
        at=fact.eff,
        number=fact.note if fact.prec == "received" and fact.note else None,
        names=notice.notes if notice else (),
    )
