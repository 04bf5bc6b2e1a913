"""The sealed hold: what was dispatched after its instrument had ended, and came here all the same.

It is no register line, so that nothing that books, reads, releases or counts items finds it. It lies sealed, with its
key among the storage keys, until two persons destroy both.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gsomia.envelope import Holding
from gsomia.ids import ConsignmentId, HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.registry.item import Origin

MAX_ON_HOLD = 32
"""Items of one partner that may lie on hold at once; two persons have to destroy each."""
MAX_ON_HOLD_BYTES = 64 << 20
"""What they may have together, so that a partner cannot fill the disk after the end. More is refused at the door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHold:
    """An item that lies on hold. Its label is not kept: nobody here will ever ask for it.

    Source: A-03.
    """

    id: ItemId
    content_digest: HexDigest
    holding: Holding
    origin: Origin
    at: Instant

    @property
    def sender(self) -> PartyCode:
        """Who dispatched it after the end."""
        return self.origin.sender

    @property
    def consignment(self) -> ConsignmentId:
        """As which it came."""
        return self.origin.consignment

    @property
    def instrument(self) -> InstrumentId:
        """Under which it was sent."""
        return self.origin.instrument


def has_room(on_hold: Iterable[OnHold], *, content_bytes: int, coming_bytes: int = 0) -> bool:
    """Whether another item of a partner may lie on hold beside those that do.

    Args:
        on_hold: the partner's that are not destroyed.
        content_bytes: what the new one declares.
        coming_bytes: what others of the partner declare that are not whole yet.

    Source: A-03; design 6 (Declared sizes and open transfers are capped per partner).
    """
    sizes = [one.holding.content_bytes for one in on_hold]
    return len(sizes) < MAX_ON_HOLD and sum(sizes) + coming_bytes + content_bytes <= MAX_ON_HOLD_BYTES
