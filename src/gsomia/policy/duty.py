"""The worklist: every open duty with its deadline, who may do it, and whether the limit is treaty or a house rule.

1. A duty is derived from records and an instant; nothing is stored and nothing sleeps.
2. Its deadline is computed by the very function that the rule asks which enforces it: what the rule calls late is
   overdue here, and nothing else is.
3. Subjects are ids and codes. No title, no person's name and no content stands in a worklist.

    >>> from gsomia.policy.clocks import Clock
    >>> duty = Duty(clock=Clock.RECEIPT, subject="csg_1", since=Instant(0), due=Instant(10), command="package trace")
    >>> [duty.state(Instant(at)) for at in (9, 10)]
    [<DutyState.ALARM: 'alarm'>, <DutyState.OVERDUE: 'overdue'>]

Source: registry 7.2 (08:15, worklist sorted by duty deadline), A-12.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gsomia.ids import FacilityId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.policy.clocks import CLOCKS, Clock, ClockRule


class DutyState(StrEnum):
    """How a duty stands at an instant."""

    OPEN = "open"
    ALARM = "alarm"
    """Its deadline is near."""
    OVERDUE = "overdue"
    """The rule that enforces it calls it late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing to be done.

    Args:
        clock: which clock runs.
        subject: what it is about, by id.
        since: from when it is a duty.
        due: its deadline; None if nothing ends it but the act.
        command: what does it, with the subject filled in.
        party: the partner it concerns.
        facility: ours, where it is to be done; None if anywhere.
        person: who alone may do it; None if everybody in office.
        instead: who may do it, if it is not those that the clock names.

    Source: registry 7.2, A-12.
    """

    clock: Clock
    subject: str
    since: Instant
    due: Instant | None
    command: str
    party: PartyCode | None = None
    facility: FacilityId | None = None
    person: PersonId | None = None
    instead: tuple[Office, ...] = ()

    @property
    def rule(self) -> ClockRule:
        """What its clock means."""
        return CLOCKS[self.clock]

    @property
    def offices(self) -> tuple[Office, ...]:
        """Who may do it."""
        return self.instead or self.rule.offices

    def state(self, now: Instant) -> DutyState:
        """How it stands: late from its deadline on, that instant included."""
        if self.due is None:
            return DutyState.OPEN
        if now >= self.due:
            return DutyState.OVERDUE
        return DutyState.ALARM if now >= self.due.plus(seconds=-self.rule.alarm_s) else DutyState.OPEN

    def is_shown(self, now: Instant) -> bool:
        """Whether it stands on the worklist: not long before its deadline, and not once what it was for has lapsed."""
        rule = self.rule
        if self.due is None:
            return True
        if rule.lapses and now >= self.due:
            return False
        return rule.ahead_days is None or now >= self.due.plus(days=-rule.ahead_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whose duties are asked for; None leaves a side open."""

    offices: frozenset[Office] | None = None
    person: PersonId | None = None
    facility: FacilityId | None = None

    def takes(self, duty: Duty) -> bool:
        """Whether a duty is among them: by office, or by name where only one person may act."""
        if self.facility is not None and duty.facility not in {None, self.facility}:
            return False
        if duty.person is not None and self.person is not None:
            return duty.person == self.person
        return self.offices is None or bool(self.offices & set(duty.offices))


def worklist(duties: Iterable[Duty], *, now: Instant, wanted: Asker | None = None) -> list[Duty]:
    """Those that stand on the worklist of whoever asks, the nearest deadline first; without a deadline, last.

    Source: registry 7.2 (worklist sorted by duty deadline).
    """
    asked = wanted or Asker()
    shown = {duty for duty in duties if duty.is_shown(now) and asked.takes(duty)}
    return sorted(shown, key=_place)


def _place(duty: Duty) -> tuple[bool, int, str, str, str]:
    due = duty.due
    return due is None, due.epoch_s if due else duty.since.epoch_s, duty.clock, duty.subject, duty.command
