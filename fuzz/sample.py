"""What the first inputs of the harnesses have in common: two parties, a day, one item, and bytes that are counted."""

from typing import cast

from gsomia.ids import (
    ConsignmentId,
    ItemId,
    PartyCode,
)
from gsomia.instants import Instant

NOW = Instant.parse("2026-11-23T00:00:00Z")
KOR, JPN = cast("PartyCode", "KOR"), cast("PartyCode", "JPN")
ITEM, CONSIGNMENT = cast("ItemId", "itm_" + "a" * 26), cast("ConsignmentId", "csg_" + "a" * 26)


def counted(count: int) -> bytes:
    """Entropy that is the same each time."""
    return bytes(range(count % 256)) if count < 256 else bytes(count)  # noqa: PLR2004  a byte
