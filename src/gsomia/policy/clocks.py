"""Every clock that this product runs: its limit and where that comes from, who may act, and the act that stops it.

The treaty says "promptly" and gives few figures. A figure of ours is a house rule and is printed as one, never as
treaty; a day that a document names is that document's.

Here too are the deadlines that have no room of their own. A rule that enforces a clock and the worklist that shows it
call the same function.

Source: A-12, registry 7.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gsomia.instants import Instant
from gsomia.parties import Office

TRACER_DAYS = 10
"""After so long without a receipt the partner is asked (house rule A-12)."""
INCIDENT_DAYS = 30
"""After so long an incident is opened (house rule A-12)."""
DISPOSITION_DAYS = 30
"""So long after a purpose ended what it was given for is returned or destroyed, or the purpose renewed (A-17)."""
LEVEL_CHANGE_DAYS = 7
"""So long copies may wait to be marked again, unless the instrument says otherwise (house rule A-12)."""
FULL_MUSTER_DAYS = 183
"""A full inventory is due so long after the last one was closed: half-yearly (F-21)."""
PROPOSAL_DAYS = 7
"""So long what a first person signed waits for the second."""
APPROVAL_DAYS = 30
"""So long a decision stays in hand before the item must be packed (house rule)."""
_HOUR, _DAY = 3_600, 86_400


class Basis(StrEnum):
    """Where a limit comes from, as it is printed.

    Source: A-12 (printed as house rules, not treaty).
    """

    TREATY = "treaty"
    HOUSE = "house rule A-12"
    DOCUMENT = "day of the document"
    NONE = "no clock"


class Clock(StrEnum):
    """The closed set of clocks; each has a source of duties, and a test that says so."""

    RECEIPT = "receipt"
    UNRECEIPTED = "unreceipted-dispatch"
    BOOKING = "booking"
    HAND_OVER = "hand-over"
    REMARKING = "re-marking"
    COPY_APPROVAL = "copy-approval"
    COVER_APPROVAL = "packing"
    PURPOSE_REVIEW = "purpose-review"
    DISPOSITION = "disposition"
    DESTRUCTION = "destruction-second-person"
    RETURN = "return-second-person"
    RETURN_ANSWER = "return-answer"
    MUSTER_CLOSING = "muster-second-person"
    MUSTER_OPEN = "muster-open"
    FULL_MUSTER = "full-muster"
    LOG_EPOCH = "log-epoch-second-person"
    CONTRADICTION = "partner-log-convicted"
    BACKUP = "backup-kept-until"
    CLEARANCE = "clearance"
    ENTRY = "entry-ends"
    NATIONALITY = "third-nationality-consent"
    FACILITY = "facility-accreditation"
    CHANNEL = "channel-accreditation"
    SYSTEM = "system-accreditation"
    REPRESENTATIVE = "representative"
    PRE_AUTHORISATION = "warning-authorisation"
    ASSURANCE = "assurance-acknowledgement"
    ASSURANCE_ENDS = "assurance-ends"
    CONSENT_ASKED = "consent-asked"
    CONSENT_ENDS = "consent-ends"
    PURPOSE_ASKED = "purpose-asked"
    REQUEST = "information-request"
    LAW_REQUEST = "law-request"
    LAW_CHANGE = "law-change"
    LEVELS_REVIEW = "levels-review"
    SIGNING = "signature-awaited"
    VISIT_DECISION = "visit-decision"
    VISIT_ADVICE = "visit-advice"
    VISIT_ACKNOWLEDGED = "visit-acknowledgement"
    VISIT_CLOSING = "visit-closing"
    FOLLOW_UP = "follow-up"
    INSPECTION = "contractor-inspection"
    FINDING = "contractor-finding"
    SITE_CLEARANCE = "contractor-clearance"
    LISTED_CLEARANCE = "contractor-person"
    MEASURE = "contractor-measure"
    CONTRACTOR_OFFICER = "contractor-appointment"
    HOTLINE_ANSWER = "hotline-acknowledgement"
    HOTLINE_READ_BACK = "hotline-read-back"
    HOTLINE_FORM = "hotline-form"
    HOTLINE_TEST = "hotline-test"
    HOTLINE_WATCH = "hotline-watch"
    INCIDENT_MARK = "incident-mark"
    INCIDENT_NOTICE = "incident-first-notice"
    INCIDENT_RESULT = "incident-result"
    INCIDENT_ANSWER = "incident-acknowledgement"
    INVENTORY = "inventory-difference"
    FORCED_MUSTER = "muster-after-change"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """What a clock means.

    Args:
        clause: the rule behind it.
        limit: its length, in words.
        basis: where that length comes from.
        offices: who may do what stops it.
        alarm_s: so long before the deadline it is alarmed.
        ahead_days: so long before the deadline it is listed; None from the beginning.
        lapses: whether it is over at its deadline: what it was for ends by itself, and nobody is late.
    """

    clause: str
    limit: str
    basis: Basis
    offices: tuple[Office, ...]
    alarm_s: int = 0
    ahead_days: int | None = None
    lapses: bool = False


_REGISTRY = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
_SECURITY = (Office.SECURITY_OFFICER,)
_RELEASE = (Office.RELEASING_AUTHORITY,)
_LIAISON = (Office.LIAISON_OFFICER,)
_WATCH = (Office.DUTY_OFFICER,)


def _house(clause: str, limit: str, offices: tuple[Office, ...], *, alarm_s: int = 3 * _DAY) -> ClockRule:
    return ClockRule(clause=clause, limit=limit, basis=Basis.HOUSE, offices=offices, alarm_s=alarm_s)


def _second(clause: str, offices: tuple[Office, ...]) -> ClockRule:
    limit = f"{PROPOSAL_DAYS} days for the second person"
    return ClockRule(clause=clause, limit=limit, basis=Basis.HOUSE, offices=offices, alarm_s=2 * _DAY, lapses=True)


def _named_day(
    clause: str, limit: str, offices: tuple[Office, ...], *, ahead_days: int | None = 30, lapses: bool = False
) -> ClockRule:
    return ClockRule(
        clause=clause,
        limit=limit,
        basis=Basis.DOCUMENT,
        offices=offices,
        alarm_s=7 * _DAY,
        ahead_days=ahead_days,
        lapses=lapses,
    )


def _whenever(clause: str, limit: str, offices: tuple[Office, ...]) -> ClockRule:
    return ClockRule(clause=clause, limit=limit, basis=Basis.NONE, offices=offices)


CLOCKS: Mapping[Clock, ClockRule] = MappingProxyType(
    {
        Clock.RECEIPT: _house("G12-5", "10 days until a tracer, or as the instrument says", _REGISTRY),
        Clock.UNRECEIPTED: _house(
            "F-15", "30 days until an incident, or as the instrument says", _REGISTRY, alarm_s=10 * _DAY
        ),
        Clock.BOOKING: _house(
            "G12-5", "10 days until the signed receipt, or as the instrument says", (Office.CONTROL_OFFICER,)
        ),
        Clock.HAND_OVER: _whenever("F-05", "none: the copy stays the giver's", tuple(Office)),
        Clock.REMARKING: _house("G6-8", "7 days, or as the instrument says", (Office.CONTROL_OFFICER,)),
        Clock.COPY_APPROVAL: _whenever("G14-3", "none: nothing is copied before", (*_REGISTRY, *_RELEASE)),
        Clock.COVER_APPROVAL: ClockRule(
            clause="F-14",
            limit=f"{APPROVAL_DAYS} days from the decision",
            basis=Basis.HOUSE,
            offices=(Office.CONTROL_OFFICER,),
            alarm_s=7 * _DAY,
            lapses=True,
        ),
        Clock.PURPOSE_REVIEW: _named_day("A-16", "the review day of the purpose", _REGISTRY),
        Clock.DISPOSITION: _house("G6-9", "30 days from the end of the purpose", _REGISTRY, alarm_s=7 * _DAY),
        Clock.DESTRUCTION: _second("G13-1", _REGISTRY),
        Clock.RETURN: _second("G13-3", _REGISTRY),
        Clock.RETURN_ANSWER: _whenever("G6-9", "none: the item stays the holder's to keep", (Office.CONTROL_OFFICER,)),
        Clock.MUSTER_CLOSING: _second("F-21", _REGISTRY),
        Clock.MUSTER_OPEN: _whenever("F-21", "none: until every copy is seen or explained", _REGISTRY),
        Clock.FULL_MUSTER: ClockRule(
            clause="F-21",
            limit=f"{FULL_MUSTER_DAYS} days from the last full inventory",
            basis=Basis.HOUSE,
            offices=_REGISTRY,
            alarm_s=14 * _DAY,
            ahead_days=30,
        ),
        Clock.LOG_EPOCH: _second("G6-7", _REGISTRY),
        Clock.CONTRADICTION: _whenever(
            "DESIGN-5", "none: nothing is released to the partner before two officers lift it", _REGISTRY
        ),
        Clock.BACKUP: _named_day("A-18", "until when the backup is kept", _SECURITY, lapses=True),
        Clock.CLEARANCE: _named_day("G7-4", "the review or the end of the clearance", _SECURITY, ahead_days=60),
        Clock.ENTRY: _named_day("G10-2", "the last day of the entry", _REGISTRY, lapses=True),
        Clock.NATIONALITY: _named_day("A-09", "the originator's document", _SECURITY, lapses=True),
        Clock.FACILITY: _named_day("G10-1", "the review of the accreditation", _SECURITY, ahead_days=60),
        Clock.CHANNEL: _named_day("G12-10", "the end of the accreditation", _SECURITY, ahead_days=60),
        Clock.SYSTEM: _named_day("A-20", "the end of the accreditation", _SECURITY, ahead_days=60),
        Clock.REPRESENTATIVE: _named_day("G9-3", "the end of the appointment", _SECURITY, lapses=True),
        Clock.PRE_AUTHORISATION: _named_day("G5-1", "the end of the pre-authorisation", _RELEASE, lapses=True),
        Clock.ASSURANCE: _named_day(
            "G7-5", "the end of the assurance", (*_RELEASE, *_SECURITY), ahead_days=None, lapses=True
        ),
        Clock.ASSURANCE_ENDS: _named_day("G7-5", "the end of the assurance", _SECURITY, lapses=True),
        Clock.CONSENT_ASKED: _whenever("G6-1", "none: no answer is no consent", _RELEASE),
        Clock.CONSENT_ENDS: _named_day("G6-1", "the end of the consent", _RELEASE, ahead_days=14, lapses=True),
        Clock.PURPOSE_ASKED: _named_day("G6-4", "the day it is asked for", _RELEASE, ahead_days=None, lapses=True),
        Clock.REQUEST: _whenever("G1-3", "none: nobody is obliged to answer", _RELEASE),
        Clock.LAW_REQUEST: _whenever("G3-1", "none: its age is counted", _LIAISON),
        Clock.LAW_CHANGE: _house("G3-2", "30 days until every partner was sent a note", _SECURITY, alarm_s=7 * _DAY),
        Clock.LEVELS_REVIEW: _whenever("G3-3", "none: the law is not closed before", _SECURITY),
        Clock.SIGNING: _whenever("G21-1", "none: nothing is in force before", _LIAISON),
        Clock.VISIT_DECISION: _named_day("G8-2", "the first day of the visit", _SECURITY, ahead_days=None),
        Clock.VISIT_ADVICE: _named_day("G8-3", "the first day of the visit", _SECURITY, ahead_days=None),
        Clock.VISIT_ACKNOWLEDGED: _named_day(
            "G8-3", "the first day of the visit", (Office.CONTROL_OFFICER,), ahead_days=None
        ),
        Clock.VISIT_CLOSING: _named_day(
            "G8-5", "the last day of the visit", (Office.CONTROL_OFFICER,), ahead_days=None
        ),
        Clock.FOLLOW_UP: _named_day("G18-2", "the day undertaken", (*_SECURITY, *_LIAISON), ahead_days=None),
        Clock.INSPECTION: _named_day("G16-7", "the next inspection", _SECURITY, ahead_days=60),
        Clock.FINDING: _named_day("F-19", "the day set for the finding", _SECURITY, ahead_days=None),
        Clock.SITE_CLEARANCE: _named_day("G16-2", "the end of the facility clearance", _SECURITY, ahead_days=60),
        Clock.LISTED_CLEARANCE: _named_day("G16-5", "the review or end of the clearance", _SECURITY, ahead_days=60),
        Clock.MEASURE: _named_day("G16-11", "the review of the measure", _SECURITY, ahead_days=60),
        Clock.CONTRACTOR_OFFICER: _named_day("G16-10", "the end of the appointment", _SECURITY, lapses=True),
        Clock.HOTLINE_ANSWER: _house("A-12", "by precedence: 60 s to 6 h", _WATCH, alarm_s=30),
        Clock.HOTLINE_READ_BACK: _house("A-12", "by precedence: 120 s to 1 h", _WATCH, alarm_s=60),
        Clock.HOTLINE_FORM: _house("A-32", "1 hour", _WATCH, alarm_s=900),
        Clock.HOTLINE_TEST: ClockRule(
            clause="A-12",
            limit="the window of the plan",
            basis=Basis.HOUSE,
            offices=_WATCH,
            alarm_s=900,
            lapses=True,  # a test that was missed stays alarmed; it is made no more
        ),
        Clock.HOTLINE_WATCH: _house("A-12", "at every minute", _WATCH),
        Clock.INCIDENT_MARK: _house("G17-5", "24 hours from when it was seen", _REGISTRY, alarm_s=23 * _HOUR),
        Clock.INCIDENT_NOTICE: _house(
            "G17-1", "24 hours from the discovery, or as the agreement says", _REGISTRY, alarm_s=23 * _HOUR
        ),
        Clock.INCIDENT_RESULT: _whenever("G17-3", "none: the case is not closed before", _REGISTRY),
        Clock.INCIDENT_ANSWER: _house("G17-3", "10 days until the acknowledgement", _REGISTRY),
        Clock.INVENTORY: _whenever("F-21", "none: the difference stands until it is explained", _REGISTRY),
        Clock.FORCED_MUSTER: _house("F-21", "at once", _REGISTRY),
    }
)
"""What each clock means."""


def proposal_ends(signed: Instant) -> Instant:
    """Until when what a first person signed waits for the second; from then on it has to be signed anew.

    Source: G13-1, F-21.
    """
    return signed.plus(days=PROPOSAL_DAYS)


def packing_ends(decided: Instant) -> Instant:
    """Until when an item that was decided on may be packed.

    Source: F-14.
    """
    return decided.plus(days=APPROVAL_DAYS)


def full_muster_due(last: Instant) -> Instant:
    """When the next full inventory of a facility is due; `last` is when the one before was closed, or the place opened.

    Source: F-21 (half-yearly, 100 %).
    """
    return last.plus(days=FULL_MUSTER_DAYS)


def receipt_due(sent: Instant, *, days: int = TRACER_DAYS) -> Instant:
    """When a signature for what was sent, or for what arrived, is late, and the partner is asked.

    Source: G12-5, A-12.
    """
    return sent.plus(days=days)


def incident_due(sent: Instant, *, days: int = INCIDENT_DAYS) -> Instant:
    """When an incident is opened about a dispatch that nobody signed for.

    Source: F-15, A-12.
    """
    return sent.plus(days=days)


def disposition_due(ended: Instant) -> Instant:
    """By when what was given for a purpose that ended is returned or destroyed, or the purpose renewed.

    Source: G6-9, A-17.
    """
    return ended.plus(days=DISPOSITION_DAYS)


def remarking_due(ordered: Instant, *, days: int = LEVEL_CHANGE_DAYS) -> Instant:
    """By when every copy bears the new mark.

    Source: F-10, G6-8, A-12.
    """
    return ordered.plus(days=days)
