"""The legal conditions of the table's lines: each says why an act cannot be, or that it can.

A condition reads the course, the profile and the act, and nothing else. Who may speak for a party before signature is a
table of bodies; from signature on it is the note, which the office for the diplomatic channel signs.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from gsomia.agreements.course import Course, Moment, Notice, current_term
from gsomia.agreements.dates import Timeliness, local_day, notice_days
from gsomia.agreements.domestic import Step
from gsomia.agreements.lifecycle import NON_LEGAL, TABLES, Event, Row, State, Who
from gsomia.agreements.profile import Machine, Profile
from gsomia.agreements.refusal import Refusal


class Body(StrEnum):
    """Bodies that act for a party before signature.

    Source: lifecycle 3.2, 3.3.
    """

    FOREIGN_MINISTRY = "foreign-ministry"
    DEFENCE_MINISTRY = "defence-ministry"
    MINISTERS = "ministers"
    DELEGATION = "delegation"
    LEGISLATION_OFFICE = "legislation-office"
    VICE_MINISTERS = "vice-ministers"
    CABINET = "cabinet"
    HEAD_OF_STATE = "head-of-state"
    PARLIAMENT = "parliament"


_GOVERNMENT = frozenset({Body.FOREIGN_MINISTRY, Body.DEFENCE_MINISTRY, Body.MINISTERS})
COMPETENT: Mapping[Event, frozenset[Body]] = MappingProxyType(
    {
        Event.DECLINE: _GOVERNMENT,
        Event.AGREE_TO_EXPLORE: frozenset({Body.MINISTERS}),
        Event.OPEN_TALKS: _GOVERNMENT | {Body.DELEGATION},
        Event.AGREE_TEXT: frozenset({Body.DELEGATION}),
        Event.INITIAL: frozenset({Body.DELEGATION}),
        Event.REOPEN_TEXT: frozenset({Body.DELEGATION}),
        Event.POSTPONE: _GOVERNMENT,
        Event.RESCHEDULE: _GOVERNMENT,
        Event.SHELVE: _GOVERNMENT,
        Event.RESUME_TALKS: _GOVERNMENT,
        Event.AMEND: frozenset({Body.FOREIGN_MINISTRY}),
        Event.ARRANGE: frozenset({Body.DEFENCE_MINISTRY}),
    }
)
"""Which bodies may do what; domestic steps have their own table."""
STEP_BODY: Mapping[Step, frozenset[Body]] = MappingProxyType(
    {
        Step.D1: frozenset({Body.DEFENCE_MINISTRY, Body.FOREIGN_MINISTRY}),
        Step.D2: frozenset({Body.LEGISLATION_OFFICE}),
        Step.D3: frozenset({Body.VICE_MINISTERS}),
        Step.D4: frozenset({Body.CABINET}),
        Step.D5: frozenset({Body.HEAD_OF_STATE}),
        Step.D6: frozenset({Body.FOREIGN_MINISTRY}),
        Step.PARLIAMENT: frozenset({Body.PARLIAMENT, Body.LEGISLATION_OFFICE, Body.CABINET}),
    }
)
_BOTH, _DERIVED = Who.BOTH, Who.DERIVED
_TAKE_POSITION, _SUSPEND = Event.TAKE_POSITION, Event.SUSPEND_NOTICE
_REVIVE, _WITHDRAW = Event.REVIVE_NOTICE, Event.WITHDRAW_NOTICE
"""Members asked for at every act, looked up once: finding one on its class costs more than comparing it."""
_DOMESTIC = (Event.DOMESTIC_START, Event.DOMESTIC_STEP)
_BODIES = frozenset({*COMPETENT, *_DOMESTIC})
"""Acts of which the body is asked."""


def find_row(course: Course, profile: Profile, moment: Moment) -> Row | Refusal:
    """The table's line for an act, or why there is none.

    Source: lifecycle 3.3.
    """
    who = moment.parties
    alone = len(who) == 1 and who[0] in profile.parties
    if not alone and not (who and set(profile.parties).issuperset(who)):
        return _no("not-a-party", "G21-1", f"{', '.join(who) or 'nobody'} is no party of it")
    table = TABLES[profile.machine]
    row = table.get((course.state, moment.event))
    if row is not None and row.who is not _DERIVED:
        return row
    clause, derived = _lines_of(profile.machine, moment.event)
    if derived:
        return _no("derived-not-said", clause, f"`{moment.event}` is what the machine derives, not an act")
    return _no("not-in-this-state", clause, f"`{moment.event}` has no place while the instrument is {course.state}")


@cache
def _lines_of(machine: Machine, event: Event) -> tuple[str, bool]:
    """The clause of an event's first line in a table, and whether the machine derives it."""
    known = [line for (_, one), line in TABLES[machine].items() if one is event]
    return known[0].clause if known else "T01", any(line.who is Who.DERIVED for line in known)


def judge_act(course: Course, profile: Profile, moment: Moment, row: Row) -> Refusal | None:
    """Why the act's legal condition does not hold, or None.

    Source: lifecycle 3.3 (Legal condition).
    """
    if row.who is not _BOTH and len(moment.parties) > 1:
        return _no("one-partys-act", row.clause, f"`{moment.event}` is the act of one party")
    refusal = _wrong_body(moment, row) if moment.event in _BODIES and not profile.past else None
    condition = None if refusal is not None else _CONDITIONS.get(moment.event)
    return refusal if condition is None else condition(course, profile, moment)


def is_non_legal(moment: Moment) -> bool:
    """Whether an act is only kept and shown.

    Source: A-28.
    """
    return moment.event in NON_LEGAL


def _wrong_body(moment: Moment, row: Row) -> Refusal | None:
    if moment.event in _DOMESTIC:
        for report in moment.steps:
            if moment.body not in STEP_BODY[report.step]:
                return _no("wrong-body", row.clause, f"{report.step} is not for `{moment.body}` to report")
        return None
    competent = COMPETENT.get(moment.event)
    if competent is not None and moment.body not in competent:
        return _no("wrong-body", row.clause, f"`{moment.event}` is not an act of `{moment.body}`")
    return None


def _decline(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if course.proposer is None or moment.party == course.proposer:
        return _no("not-the-addressee", "T02", "only the party that was asked declines")
    return None


def _agree_text(_course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if moment.open_points:
        return _no("points-open", "T05", f"a text with `{moment.open_points}` open points is not agreed")
    return None


def _initial(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if moment.text is None:
        return None
    if course.state is State.TEXT_AGREED and course.agreed_text not in {None, moment.text}:
        return _no("another-text", "T06", "what is initialled is not the text that was agreed")
    if course.state is State.INITIALLED and moment.text in course.initials:
        return _no("same-text", "T06a", "a text is initialled again only with another digest")
    return None


def _sign(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if course.state is State.PROPOSED and course.proposed_text is None:
        return _no("nothing-approved", "T12", "no whole text was proposed, and none was approved")
    approved = course.proposed_text if course.state is State.PROPOSED else course.approved_text
    if moment.text is not None and approved is not None and moment.text != approved:
        return _no("another-text", "T12", "the text to be signed is not the one that was approved")
    return None


def _completed(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if any(party == moment.party for party, _ in course.completed):
        return _no("completed-before", "T13", f"{moment.party} has noted its completion already")
    return None


def _give_notice(course: Course, profile: Profile, moment: Moment) -> Refusal | None:
    notice = course.notice_of(moment.party)
    if notice is not None and notice.suspended is None:
        return _no("notice-given-before", "T16", f"{moment.party}'s notice is running already")
    term = current_term(course, profile)
    if term is None:
        return None
    days = notice_days(term, days=profile.notice_days)
    received = max(local_day(moment.at, receiver) for receiver in profile.others(moment.party))
    timeliness = days.judge(received)
    if timeliness is Timeliness.IN_TIME:
        return None
    if timeliness is Timeliness.CONTESTED:
        return _no(
            "notice-day-contested",
            "A-01",
            f"{received} is a day one way of counting allows and another does not: the last safe day was {days.last}",
        )
    return _no("notice-late", "G21-4", f"received on {received}: the last day for a notice was {days.last}")


def _about_notice(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if moment.event is _TAKE_POSITION:
        foreign = [notice for notice in course.notices if notice.party != moment.party and notice.suspended is not None]
        return None if foreign else _no("nothing-suspended", "T17", "no other party's notice is suspended")
    notice = course.notice_of(moment.party)
    if notice is None:
        return _no("not-the-notifier", "T17", f"{moment.party} has no notice that stands: only the notifier acts on it")
    if moment.event is _SUSPEND and notice.suspended is not None:
        return _no("suspended-before", "T17", "the notice is suspended already")
    if moment.event is _REVIVE and notice.suspended is None:
        return _no("not-suspended", "T18", "the notice is not suspended")
    return _names_each(notice, moment) if moment.event is _WITHDRAW else None


def _names_each(notice: Notice, moment: Moment) -> Refusal | None:
    missing = [number for number in notice.notes if number not in moment.names]
    if missing:
        return _no(
            "withdrawal-incomplete", "T19", f"a withdrawal names each earlier note; missing: {', '.join(missing)}"
        )
    return None


def _amend(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if moment.text is not None and moment.text in course.texts:
        return _no("amended-before", "T21", "that text is or was the instrument's already")
    return None


def _close_dispute(course: Course, _profile: Profile, moment: Moment) -> Refusal | None:
    if not moment.names and course.disputes:
        return None
    unknown = [number for number in moment.names if number not in course.disputes]
    if unknown or not course.disputes:
        return _no("no-such-dispute", "T22", "no such difference is open")
    return None


def _no(code: str, clause: str, text: str) -> Refusal:
    return Refusal(code=code, clause=clause, text=text)


_CONDITIONS: Mapping[Event, Callable[[Course, Profile, Moment], Refusal | None]] = MappingProxyType(
    {
        Event.DECLINE: _decline,
        Event.AGREE_TEXT: _agree_text,
        Event.INITIAL: _initial,
        Event.SIGN: _sign,
        Event.NOTIFY_COMPLETED: _completed,
        Event.GIVE_NOTICE: _give_notice,
        Event.SUSPEND_NOTICE: _about_notice,
        Event.TAKE_POSITION: _about_notice,
        Event.REVIVE_NOTICE: _about_notice,
        Event.WITHDRAW_NOTICE: _about_notice,
        Event.AMEND: _amend,
        Event.DISPUTE_CLOSE: _close_dispute,
    }
)
"""What each act is held against besides the table; others need nothing more."""
