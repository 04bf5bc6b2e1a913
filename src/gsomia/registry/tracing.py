"""What a dispatch is due, derived from when it left and what came back; nothing is stored.

The days are house rules, not the treaty's; an agreement or an arrangement under it may set others.

Source: G12-5, F-15, A-12, LEDGER-4.
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.policy import INCIDENT_DAYS, TRACER_DAYS, incident_due, receipt_due


class Due(StrEnum):
    """What a dispatch is due."""

    NOTHING = "nothing"
    """It is receipted, or has ended otherwise."""
    YOUNG = "awaiting-receipt"
    TRACER = "tracer"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A dispatch, and what it is due."""

    number: str
    to: PartyCode
    sent: Instant
    age_days: int
    due: Due


def due(
    *,
    sent: Instant,
    receipted: bool,
    now: Instant,
    receipt_days: int = TRACER_DAYS,
    tracer_days: int = INCIDENT_DAYS,
) -> Due:
    """What a dispatch is due at `now`.

    Args:
        sent: when it left.
        receipted: whether the receipt came back.
        now: the instant asked about.
        receipt_days: after so many the partner is asked.
        tracer_days: after so many an incident is opened.
    """
    if receipted:
        return Due.NOTHING
    if now >= incident_due(sent, days=tracer_days):
        return Due.INCIDENT
    return Due.TRACER if now >= receipt_due(sent, days=receipt_days) else Due.YOUNG


def trace(
    *,
    number: str,
    to: PartyCode,
    sent: Instant,
    now: Instant,
    receipt_days: int = TRACER_DAYS,
    tracer_days: int = INCIDENT_DAYS,
) -> Traced:
    """A dispatch that awaits its receipt, with its age; the rest as for `due`."""
    what = due(sent=sent, receipted=False, now=now, receipt_days=receipt_days, tracer_days=tracer_days)
    return Traced(number=number, to=to, sent=sent, age_days=max(0, (now.epoch_s - sent.epoch_s) // 86_400), due=what)
