"""Short consignments between their release and their first attempt: sealed once, and not again from the item.

Only ciphertext for its recipient is kept, and only in memory: what is not at hand is read and sealed again.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

from gsomia.envelope import MAX_RIDING_BYTES, Header
from gsomia.flows.desk import Desk

MAX_AT_HAND = 64
"""Consignments at hand, for all partners together; the oldest goes first."""
_MEMO = "consignments at hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """A consignment of one segment as it goes over the wire.

    Args:
        header: of its envelope.
        offer: the frame without segments.
        content: its only segment, sealed.
    """

    header: Header
    offer: bytes
    content: bytes


def keep_at_hand(desk: Desk, ready: AtHand) -> None:
    """Keep a consignment that was just queued, if it is short; it need not be kept."""
    if len(ready.offer) + len(ready.content) > MAX_RIDING_BYTES:
        return
    kept = _kept(desk)
    kept[ready.header.consignment] = ready
    if len(kept) > MAX_AT_HAND:
        kept.popitem(last=False)


def take_at_hand(desk: Desk, consignment: str) -> AtHand | None:
    """The same consignment, once; None if it is not at hand."""
    return _kept(desk).pop(consignment, None)


def _kept(desk: Desk) -> OrderedDict[str, AtHand]:
    return cast("OrderedDict[str, AtHand]", desk.memo.setdefault(_MEMO, OrderedDict()))
