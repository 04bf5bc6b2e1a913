"""Marks of a possible incident: set at once by whoever or whatever sees it, never taken away.

A mark starts the clock of the incident report (F-17) when it is seen; it is no report, and no place of a copy. What is
opened on it is a case (`exchange.incident_case`).

Source: G12-9, A-32, F-15, F-17, LEDGER-1 (an incident is a flag, not a place).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.ids import HexDigest, PartyCode, PersonId
from gsomia.instants import Instant


class Suspicion(StrEnum):
    """What was seen."""

    SEALS_DIFFER = "seals-differ"
    CONTENTS_DIFFER = "contents-differ"
    CHAIN_GAP = "chain-gap"
    HEARD_UNCLEARED = "heard-uncleared"
    LINE_NOT_ACCREDITED = "line-not-accredited"
    """Classified words were said on a line that may not carry them (A-32)."""
    LEVEL_NOT_STATED = "level-not-stated"
    """The same, and nobody knows of which level of ours."""
    RECEIPT_OVERDUE = "receipt-overdue"
    """A dispatch whose receipt never came (F-15)."""
    LOSS = "loss"
    COMPROMISE = "compromise"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMark:
    """A mark on a container, a package, an item, a dispatch or a call. Its clock starts when it was seen.

    Args:
        subject: its id or number.
        what: was seen.
        by: who saw it; None if the record itself shows it.
        party: whose items are concerned, if it is known.
        at: when it was seen.
    """

    subject: Annotated[str, Meta(min_length=1, max_length=80)]
    what: Suspicion
    by: PersonId | None
    party: PartyCode | None
    at: Instant

    @property
    def digest(self) -> HexDigest:
        """By which it is taken up."""
        return canon.digest(self)
