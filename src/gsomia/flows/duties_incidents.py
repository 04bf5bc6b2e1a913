"""What is due about incidents and inventories: marks, notices, results, answers, differences, musters after a change.

Source: A-12, A-13, F-17, F-21, G17-1 to G17-5.
"""

from collections.abc import Iterator

from gsomia.flows.desk import Desk
from gsomia.flows.incident_clocks import IncidentDuty, incident_clocks, mark_clock
from gsomia.flows.incidents import marks_due
from gsomia.flows.minutes import open_differences
from gsomia.flows.officers import muster_due
from gsomia.flows.ports import Tx
from gsomia.instants import Instant
from gsomia.parties import Facility
from gsomia.policy import Clock, Duty
from gsomia.registry import Suspicion

_CLOCKS = {
    IncidentDuty.FIRST_NOTICE: Clock.INCIDENT_NOTICE,
    IncidentDuty.INVESTIGATE: Clock.INCIDENT_RESULT,
    IncidentDuty.FINAL_REPORT: Clock.INCIDENT_RESULT,
    IncidentDuty.CLOSE: Clock.INCIDENT_RESULT,
    IncidentDuty.ACKNOWLEDGE: Clock.INCIDENT_ANSWER,
}


def marks(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """What was seen and no case has taken up; a dispatch without a receipt is a duty of its own.

    Source: F-17, G17-5.
    """
    for mark in marks_due(tx, desk, now):
        if mark.what is not Suspicion.RECEIPT_OVERDUE:
            clock = mark_clock(mark)
            yield Duty(
                clock=Clock.INCIDENT_MARK,
                subject=mark.digest,
                since=clock.since,
                due=clock.due,
                command=f"incident open --from {mark.digest} --words WORDS",
                party=mark.party,
            )


def cases(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Notices and results that we owe, and reports that we have not acknowledged.

    Source: G17-1 to G17-3, A-12.
    """
    for one in incident_clocks(tx, desk, now):
        if one.duty is not IncidentDuty.OPEN:
            yield Duty(
                clock=_CLOCKS[one.duty],
                subject=one.reference,
                since=one.since,
                due=one.due,
                command=_command(one.duty, one.reference),
                party=one.party,
            )


def differences(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """What two registers differ in and nobody has explained.

    Source: F-21, LEDGER-8.
    """
    for state, left in open_differences(tx, desk):
        item = left.difference.item
        explain = f"inventory explain {state.inventory} --item {item} --words WORDS"
        yield Duty(
            clock=Clock.INVENTORY,
            subject=f"{state.inventory}/{item}",
            since=now,  # it is found anew each time both rosters are compared
            due=None,
            command=f"inventory open {state.partner}" if state.closed else explain,
        )


def forced_musters(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Places whose officer changed without a muster, because nobody before could sign one.

    Source: F-21, G10-2.
    """
    for facility in dict.fromkeys(one.id for one in tx.every(Facility)):
        forced = muster_due(tx, facility)
        if forced is not None:
            yield Duty(
                clock=Clock.FORCED_MUSTER,
                subject=facility,
                since=forced.at,
                due=forced.at,
                command=f"muster start --facility {facility}",
                facility=facility,
            )


def _command(duty: IncidentDuty, incident: str) -> str:
    match duty:
        case IncidentDuty.FIRST_NOTICE:
            return f"incident report {incident} --stage first --words WORDS"
        case IncidentDuty.INVESTIGATE:
            return f"incident investigate {incident} --words WORDS"
        case IncidentDuty.FINAL_REPORT:
            return f"incident report {incident} --stage final --words WORDS"
        case IncidentDuty.ACKNOWLEDGE:
            return f"incident acknowledge {incident}"
        case _:
            return f"incident close {incident}"


SOURCES = (marks, cases, differences, forced_musters)
