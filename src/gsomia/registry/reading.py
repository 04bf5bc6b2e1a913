"""A reading that ended before its last piece, because its reader no longer may."""

from dataclasses import dataclass

from gsomia.ids import Count, DecisionId, HexDigest, ItemId, PersonId
from gsomia.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingStopped:
    """An open reading was stopped; the denial behind it is a decision of its own.

    Args:
        item: what was read.
        reader: by whom.
        slip: the slip under which it was opened.
        decision: the denial that ended it.
        segments: how many pieces had been shown.
        at: when.

    Source: G7-6, F-07.
    """

    item: ItemId
    reader: PersonId
    slip: HexDigest
    decision: DecisionId
    segments: Count
    at: Instant
