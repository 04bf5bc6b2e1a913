"""What a dispatch is due, derived from when it left and what came back; nothing is stored.

The days are house rules, not the treaty's.

Source: G12-5, F-15, A-12, LEDGER-4.
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.policy import incident_due, receipt_due


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


def due(*, sent: Instant, receipted: bool, now: Instant) -> Due:
    """What a dispatch is due at `now`."""
    if receipted:
        return Due.NOTHING
    if now >= incident_due(sent):
        return Due.INCIDENT
    return Due.TRACER if now >= receipt_due(sent) else Due.YOUNG


def trace(*, number: str, to: PartyCode, sent: Instant, receipted: bool, now: Instant) -> Traced:
    """A dispatch with its age."""
    age = max(0, (now.epoch_s - sent.epoch_s) // 86_400)
    return Traced(number=number, to=to, sent=sent, age_days=age, due=due(sent=sent, receipted=receipted, now=now))
