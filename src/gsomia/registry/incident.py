"""Marks of a possible incident: set at once by whoever or whatever sees it, never taken away.

A mark starts the clock of the incident report (F-17); it is no report, and no place of a copy.

Source: G12-9, F-15, F-17, LEDGER-1 (an incident is a flag, not a place).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import PartyCode, PersonId
from gsomia.instants import Instant


class Suspicion(StrEnum):
    """What was seen."""

    SEALS_DIFFER = "seals-differ"
    CONTENTS_DIFFER = "contents-differ"
    CHAIN_GAP = "chain-gap"
    HEARD_UNCLEARED = "heard-uncleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMark:
    """A mark on a container, a package or an item.

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
