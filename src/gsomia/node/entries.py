"""A log read in pieces while it is checked, so that others are served between."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gsomia.flows.ports import LoggedEntry, Tx

if TYPE_CHECKING:
    from gsomia.node.bench import LocalNode

BATCH = 2_000
"""Entries read in one unit."""


def read_entries(node: "LocalNode", origin: str, size: int, *, start: int = 0) -> Iterator[LoggedEntry]:
    """The entries of a log from `start` on, up to `size` of them in all."""
    for piece in range(start, size, BATCH):

        def read(tx: Tx, start: int = piece) -> list[LoggedEntry]:
            return tx.entries(origin, start=start, limit=min(BATCH, size - start))

        yield from node.store.run(read)
