"""What our register has of everything that went between a partner and us: the rows of a joint inventory.

What a paper register had before day zero is left out, as in the balance: the partner has no transmittal of it. So is
what a hub passed on for us: the hub's register has it, not the other end's.

Source: A-34, A-36, LEDGER-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from gsomia import canon
from gsomia.audit import Event
from gsomia.exchange import Arrival, Delivery, Roster, Row, Stands, Tree
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.logs import epochs_of
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, ItemId, PartyCode, RegisterCode
from gsomia.registry import Between, CopyLine, CustodyKind, ItemLine, Place, stands_between

PAGE = 5_000
_LEFT_OUT = frozenset({CustodyKind.CARRIED_OVER, CustodyKind.FORWARDED})
_MOST_ALIVE = (Between.HELD, Between.LOST, Between.RETURNED, Between.DESTROYED, Between.UNDER_WAY)
"""An item of which several copies went stands as its most living one does."""

_Sent = tuple[PartyCode, ItemId]


_DELIVERED = b'"delivery:'
_COVERING = frozenset({Event.DELIVERY_QUEUED, Event.DELIVERY_RECEIVED})


class _Copy(NamedTuple):
    """Of a copy's line, what is needed here."""

    item: str
    copy: str
    made: str
    place: str
    custodian: str
    consignment: str | None
    package: str | None
    since: int

    @property
    def number(self) -> str:
        """Under which it went or came."""
        return self.package or self.consignment or "-"


_COLUMNS = _Copy._fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Of a log entry about a delivery, what is needed here."""

    event: str
    ids: dict[str, str]
    digest: HexDigest | None


def draw_rows(tx: Tx, desk: Desk, other: PartyCode) -> Iterator[Row]:
    """One row for each item that went from one of the two to the other.

    Source: A-34, LEDGER-8.
    """
    sent: dict[_Sent, list[tuple[_Copy, Between]]] = {}
    # Read as rows and not as lines: a hundred thousand of them are read for one roster.
    for row in tx.tally(CopyLine, by=_COLUMNS, counterpart=other):
        copy = _Copy._make(cast("tuple[Any, ...]", row))
        made = CustodyKind(copy.made)
        if made in _LEFT_OUT or (copy.package is None and copy.consignment is None):
            continue
        found = stands_between(
            made=made,
            place=Place(copy.place),
            custodian=cast("PartyCode", copy.custodian),
            counterpart=other,
            us=desk.party,
        )
        if found is not None:
            sent.setdefault((found[0], cast("ItemId", copy.item)), []).append((copy, found[1]))
    marks = _marks(tx, desk, other)
    manifests = _manifests(tx, desk, other)
    for (sender, item), lines in sent.items():
        first = min((copy for copy, _ in lines), key=lambda copy: (copy.since, copy.copy))
        number = first.number
        yield Row(
            sender=sender,
            item=item,
            number=number,
            stands=Stands(min((state for _, state in lines), key=_MOST_ALIVE.index).value),
            manifest=manifests.get(number) or (_manifest(tx, number) if first.package is None else None),
            mark=marks.get(item) or _mark(tx, item),
            copies=sum(copy.number == number for copy, _ in lines),
        )


def draw_tree(tx: Tx, desk: Desk, other: PartyCode) -> Tree:
    """Our roster as it is now."""
    return Tree(draw_rows(tx, desk, other))


def keep_tree(desk: Desk, inventory: RegisterCode, digest: HexDigest, tree: Tree | None) -> None:
    """Keep the tree of our last roster of an inventory at hand while it is compared; None: it is gone for good."""
    desk.memo[_memo(inventory)] = (digest, tree)


def drop_tree(desk: Desk, inventory: RegisterCode) -> None:
    """Let it go."""
    desk.memo.pop(_memo(inventory), None)


def kept_tree(tx: Tx, desk: Desk, other: PartyCode, drawn: Roster, *, digest: HexDigest) -> Tree | None:
    """The tree of a roster; drawn again if this process has not kept it. None if the register has moved since.

    Once only, whatever comes of it: a partner that repeats itself does not make us read the register again.
    """
    kept = cast("tuple[HexDigest, Tree | None] | None", desk.memo.get(_memo(drawn.inventory)))
    if kept is not None and kept[0] == digest:
        return kept[1]
    tree = draw_tree(tx, desk, other)
    keep_tree(desk, drawn.inventory, digest, tree if tree.root == drawn.root else None)
    return tree if tree.root == drawn.root else None


def _memo(inventory: RegisterCode) -> str:
    return f"inventory/{inventory}"


def _marks(tx: Tx, desk: Desk, other: PartyCode) -> dict[ItemId, str]:
    """The originator's classification in effect, of what came from the partner and of what is ours."""
    found = [
        *tx.tally(ItemLine, by=("item", "mark"), sender=other),
        *tx.tally(ItemLine, by=("item", "mark"), originator=desk.party),
    ]
    return {cast("ItemId", item): str(mark) for item, mark in found}


def _mark(tx: Tx, item: ItemId) -> str:
    line = tx.line(ItemLine, item=item)
    return line.mark if line is not None else "-"


def _manifests(tx: Tx, desk: Desk, other: PartyCode) -> dict[str, HexDigest]:
    """What covered each consignment, as our log shared with the partner has it: a delivery's own record is long."""
    covered: dict[str, HexDigest] = {}
    for origin in epochs_of(tx, shared_log(desk.party, other)):
        at = 0
        while page := tx.entries(origin, start=at, limit=PAGE):
            for entry in page:
                if _DELIVERED in entry.leaf:
                    leaf = canon.read_back(entry.leaf, Covered)
                    if leaf.event in _COVERING and leaf.digest is not None:
                        covered.setdefault(leaf.ids.get("consignment", ""), leaf.digest)
            at += len(page)
    return covered


def _manifest(tx: Tx, number: str) -> HexDigest | None:
    """Of a consignment that our log does not have any more, after a restore; None of what did not go sealed."""
    known = tx.latest(Delivery, consignment=number) or tx.latest(Arrival, consignment=number)
    return known.manifest if known is not None else None
