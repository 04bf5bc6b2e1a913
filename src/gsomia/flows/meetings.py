"""Meetings and talks with a partner, and what follows: findings of security visits, commitments of meetings.

A follow-up has an owner and a day and stays open until somebody shows that it was carried out.

Source: G18-1, G18-2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    VisitAsked,
    VisitKind,
    VisitState,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.parties import partner
from gsomia.flows.people import reference, require_office
from gsomia.flows.ports import Tx
from gsomia.flows.visits import visit_now
from gsomia.ids import PartyCode, VisitId
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.registry import FollowUp, FollowUpDone, Meeting

OFFICES = (Office.SECURITY_OFFICER, Office.LIAISON_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaken:
    """What somebody is to do by a day."""

    text: str
    owner: str
    due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpNow:
    """A follow-up as it stands: open, overdue, or done."""

    number: int
    line: FollowUp
    state: str


def hold_meeting(
    desk: Desk,
    actor: Actor,
    *,
    number: str,
    with_: PartyCode,
    agenda: str,
    outcome: str,
    held: Instant,
    commitments: Sequence[Undertaken],
) -> Meeting:
    """Enter a meeting that was held, with what was undertaken in it.

    Raises:
        LocalError: its number is taken, or it lies in the future.

    Source: G18-1, G18-2.
    """
    require_office(desk, actor, *OFFICES, clause="G18-1")
    partner(desk, with_)
    now = desk.clock()
    if held > now:
        raise LocalError("flows/not-held-yet", "a meeting is entered once it was held", remedy="")
    meeting = Meeting(number=number, partner=with_, agenda=agenda, outcome=outcome, held=held, by=actor.person, at=now)

    def unit(tx: Tx) -> Meeting:
        if tx.latest(Meeting, number=number) is not None:
            raise LocalError("flows/meeting-exists", f"there is already a meeting `{number}`", remedy="")
        enter(tx, desk, meeting, event=Event.MEETING_ENTERED, subject=number, partner=with_)
        for one in commitments:
            _open(tx, desk, actor, about=number, one=one, now=now)
        return meeting

    return desk.store.run(unit)


def add_finding(desk: Desk, actor: Actor, visit: VisitId, found: Undertaken) -> FollowUp:
    """Enter what a security visit found; it opens a task with an owner and a day.

    Raises:
        LocalError: no such visit.
        RefusedError: it is no security visit, or was not approved: no other visit has findings.

    Source: G18-1, G18-2.
    """
    require_office(desk, actor, *OFFICES, clause="G18-2")

    def unit(tx: Tx) -> FollowUp:
        asked = tx.latest(VisitAsked, id=visit)
        if asked is None:
            raise LocalError("flows/unknown-visit", f"there is no such visit `{visit}`", remedy="see `visit list`")
        if asked.request.kind is not VisitKind.SECURITY or visit_now(tx, asked).state is not VisitState.APPROVED:
            raise RefusedError(
                "flows/no-security-visit",
                f"`{visit}` is no approved security visit",
                remedy="a security visit is asked for as such, after consultation: `--kind security`",
                clauses=("G18-1",),
            )
        return _open(tx, desk, actor, about=visit, one=found, now=desk.clock())

    return desk.store.run(unit)


def finish_follow_up(desk: Desk, actor: Actor, *, about: str, number: int, document: str) -> FollowUpDone:
    """Enter that a follow-up was carried out, with the number of the document that shows it.

    Raises:
        LocalError: there is no such open follow-up.

    Source: G18-2.
    """
    require_office(desk, actor, *OFFICES, clause="G18-2")
    now = desk.clock()
    done = FollowUpDone(
        about=about, number=number, reference=reference(document, what="document"), by=actor.person, at=now
    )

    def unit(tx: Tx) -> FollowUpDone:
        if not any(one.number == number and one.state != "done" for one in follow_ups(tx, about, now=now)):
            raise LocalError(
                "flows/no-open-follow-up", f"`{about}` has no open follow-up {number}", remedy="see `meeting list`"
            )
        enter(tx, desk, done, event=Event.FOLLOW_UP, subject=about)
        return done

    return desk.store.run(unit)


def follow_ups(tx: Tx, about: str, *, now: Instant) -> list[FollowUpNow]:
    """What follows from a visit or a meeting, and how it stands.

    Source: G18-2.
    """
    done = {one.number for one in tx.every(FollowUpDone, about=about)}
    return [
        FollowUpNow(
            number=number,
            line=line,
            state="done" if number in done else "overdue" if line.due <= now else "open",
        )
        for number, line in enumerate(tx.every(FollowUp, about=about), start=1)
    ]


def _open(tx: Tx, desk: Desk, actor: Actor, *, about: str, one: Undertaken, now: Instant) -> FollowUp:
    line = FollowUp(
        about=about,
        text=one.text,
        owner=reference(one.owner, what="owner"),
        due=one.due,
        by=actor.person,
        at=now,
    )
    enter(tx, desk, line, event=Event.FOLLOW_UP, subject=about)
    return line
