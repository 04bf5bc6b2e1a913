"""Where a log stands, and the one rule about it that every store keeps."""

from gsomia.audit import Frontier, Leaf
from gsomia.flows.ports import LogHead

EMPTY = LogHead(frontier=Frontier(), last_at=None)
"""A log without entries."""


def check_time(leaf: Leaf, head: LogHead) -> None:
    """Hold that entry time does not run backwards.

    Raises:
        ValueError: the leaf is older than the last entry.

    Source: design 5, "entry time never runs backwards".
    """
    if head.last_at is not None and leaf.at < head.last_at:
        msg = "an entry older than the one before it"
        raise ValueError(msg)
