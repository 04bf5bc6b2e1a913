"""What is due about incidents, with its clock: each duty from when it began, in house-rule limits.

The clock of a first notice runs from the discovery. What the house rules give no figure for has no deadline here: it is
due at once and stays due.

Source: A-12, A-13, G17-1 to G17-3, G17-5, F-17.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gsomia.agreements import Rule
from gsomia.exchange import (
    ANSWER_DAYS,
    NOTICE_ALARM_S,
    NOTICE_HOURS,
    CaseEntry,
    CaseMoment,
    IncidentCase,
    IncidentReported,
)
from gsomia.flows.case_file import acknowledged, entries_of, is_result_told, told_reports
from gsomia.flows.desk import Desk
from gsomia.flows.house_clocks import HouseClocks
from gsomia.flows.incident_addressees import addressees
from gsomia.flows.incidents import is_closed, marks_due
from gsomia.flows.ports import Tx
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.registry import IncidentMark


class IncidentDuty(StrEnum):
    """What is due."""

    OPEN = "open-incident"
    FIRST_NOTICE = "first-notice"
    INVESTIGATE = "investigate"
    FINAL_REPORT = "final-report"
    CLOSE = "close-incident"
    ACKNOWLEDGE = "acknowledge-report"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClock:
    """One open duty.

    Args:
        duty: what is due.
        reference: of the incident, or of the mark by digest.
        party: to whom, or from whom it came.
        since: from when the clock runs.
        alarm: when it is alarmed inside; None if never.
        due: by when; None if no house rule gives a figure.
        clause: why.
    """

    duty: IncidentDuty
    reference: str
    party: PartyCode | None
    since: Instant
    alarm: Instant | None
    due: Instant | None
    clause: str

    def is_alarmed(self, now: Instant) -> bool:
        """Whether the alarm rings."""
        return self.alarm is not None and now >= self.alarm

    def is_late(self, now: Instant) -> bool:
        """Whether the limit has passed."""
        return self.due is not None and now >= self.due


def incident_clocks(tx: Tx, desk: Desk, now: Instant) -> list[IncidentClock]:
    """Every open duty about incidents, the most pressing first; what has no limit comes last.

    Source: A-12.
    """
    found = [*_marks(tx, desk, now), *_cases(tx, desk), *_answers(tx)]
    return sorted(found, key=lambda one: (one.due is None, (one.due or one.since).epoch_s, one.duty, one.reference))


def notice_hours(tx: Tx, desk: Desk, case: IncidentCase) -> int:
    """Within how many hours the first notice is due: the tightest of the agreements under which the items came.

    Source: A-12.
    """
    clocks = HouseClocks(tx, desk)
    hours = [clocks.length(one, Rule.INCIDENT_NOTICE_HOURS, since=case.discovered) for one in case.instruments]
    return min([NOTICE_HOURS, *hours])


def mark_clock(mark: IncidentMark) -> IncidentClock:
    """The clock of a mark that no case has taken up: it runs from when it was set.

    Source: G17-5, A-12.
    """
    return IncidentClock(
        duty=IncidentDuty.OPEN,
        reference=mark.digest,
        party=mark.party,
        since=mark.at,
        alarm=mark.at.plus(seconds=NOTICE_ALARM_S),
        due=mark.at.plus(seconds=NOTICE_HOURS * 3600),
        clause="G17-5",
    )


def _marks(tx: Tx, desk: Desk, now: Instant) -> Iterator[IncidentClock]:
    yield from map(mark_clock, marks_due(tx, desk, now))


def _cases(tx: Tx, desk: Desk) -> Iterator[IncidentClock]:
    for case in tx.every(IncidentCase):
        if is_closed(tx, case.id):
            continue
        entries = entries_of(tx, case.id)
        moments = {one.what for one in entries}
        waiting = []
        for one in addressees(tx, desk.party, case):
            if not told_reports(tx, case.id, to=one.party):
                yield _notice(tx, desk, case, one.party)
            elif not is_result_told(tx, case.id, to=one.party):
                waiting.append(one.party)
        if CaseMoment.INVESTIGATION not in moments:
            yield _plain(case, IncidentDuty.INVESTIGATE, None, clause="G17-2")
            continue
        yield from (_plain(case, IncidentDuty.FINAL_REPORT, party, clause="G17-3") for party in waiting)
        yield _plain(case, IncidentDuty.CLOSE, None, clause="G17-3", entries=entries)


def _notice(tx: Tx, desk: Desk, case: IncidentCase, party: PartyCode) -> IncidentClock:
    return IncidentClock(
        duty=IncidentDuty.FIRST_NOTICE,
        reference=case.id,
        party=party,
        since=case.discovered,
        alarm=case.discovered.plus(seconds=NOTICE_ALARM_S),
        due=case.discovered.plus(seconds=notice_hours(tx, desk, case) * 3600),
        clause="G17-1",
    )


def _plain(
    case: IncidentCase,
    duty: IncidentDuty,
    party: PartyCode | None,
    *,
    clause: str,
    entries: list[CaseEntry] | None = None,
) -> IncidentClock:
    since = entries[-1].at if entries else case.discovered
    return IncidentClock(duty=duty, reference=case.id, party=party, since=since, alarm=None, due=None, clause=clause)


def _answers(tx: Tx) -> Iterator[IncidentClock]:
    for one in tx.every(IncidentReported, direction="heard"):
        if acknowledged(tx, one) is None:
            yield IncidentClock(
                duty=IncidentDuty.ACKNOWLEDGE,
                reference=one.incident,
                party=one.party,
                since=one.at,
                alarm=None,
                due=one.at.plus(days=ANSWER_DAYS),
                clause="G17-3",
            )
