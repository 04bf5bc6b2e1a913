"""What our register has of everything that went between a partner and us: the rows of a joint inventory.

What a paper register had before day zero is left out, as in the balance: the partner has no transmittal of it. So is
what a hub passed on for us: the hub's register has it, not the other end's.

Source: A-34, A-36, LEDGER-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from gsomia import canon
from gsomia.audit import Event
from gsomia.exchange import Arrival, Delivery, Row, Stands, Tree
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.logs import epochs_of
from gsomia.flows.packages import lines_where
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.registry import Between, CopyLine, CustodyKind, ItemLine, stands_between

PAGE = 5_000
_LEFT_OUT = frozenset({CustodyKind.CARRIED_OVER, CustodyKind.FORWARDED})
_MOST_ALIVE = (Between.HELD, Between.LOST, Between.RETURNED, Between.DESTROYED, Between.UNDER_WAY)
"""An item of which several copies went stands as its most living one does."""

_Sent = tuple[PartyCode, ItemId]


_DELIVERED = b'"delivery:'
_COVERING = frozenset({Event.DELIVERY_QUEUED, Event.DELIVERY_RECEIVED})


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
    sent: dict[_Sent, list[tuple[CopyLine, Between]]] = {}
    for line in lines_where(tx, counterpart=other):
        found = None if line.made in _LEFT_OUT else _stands(line, other=other, us=desk.party)
        if found is not None:
            sent.setdefault((found[0], line.item), []).append((line, found[1]))
    marks = _marks(tx, desk, other)
    manifests = _manifests(tx, desk, other)
    for (sender, item), lines in sent.items():
        first = min((line for line, _ in lines), key=lambda line: (line.since, line.copy))
        number = _number(first)
        yield Row(
            sender=sender,
            item=item,
            number=number,
            stands=Stands(min((state for _, state in lines), key=_MOST_ALIVE.index).value),
            manifest=manifests.get(number) or (_manifest(tx, number) if first.package is None else None),
            mark=marks.get(item) or _mark(tx, item),
            copies=sum(_number(line) == number for line, _ in lines),
        )


def draw_tree(tx: Tx, desk: Desk, other: PartyCode) -> Tree:
    """Our roster as it is now."""
    return Tree(draw_rows(tx, desk, other))


def keep_tree(desk: Desk, other: PartyCode, digest: HexDigest, tree: Tree) -> None:
    """Keep the tree of a roster at hand while it is compared; one for each partner."""
    desk.memo[_memo(other)] = (digest, tree)


def drop_tree(desk: Desk, other: PartyCode) -> None:
    """Let it go."""
    desk.memo.pop(_memo(other), None)


def kept_tree(tx: Tx, desk: Desk, other: PartyCode, digest: HexDigest, *, root: HexDigest) -> Tree | None:
    """The tree of a roster; drawn again if this process has not kept it. None if the register has moved since."""
    kept = cast("tuple[HexDigest, Tree] | None", desk.memo.get(_memo(other)))
    if kept is not None and kept[0] == digest:
        return kept[1]
    tree = draw_tree(tx, desk, other)
    if tree.root != root:
        return None
    keep_tree(desk, other, digest, tree)
    return tree


def _memo(other: PartyCode) -> str:
    return f"inventory/{other}"


def _stands(line: CopyLine, *, other: PartyCode, us: PartyCode) -> tuple[PartyCode, Between] | None:
    if line.package is None and line.consignment is None:
        return None
    return stands_between(made=line.made, place=line.place, custodian=line.custodian, counterpart=other, us=us)


def _number(line: CopyLine) -> str:
    return line.package or line.consignment or "-"


def _marks(tx: Tx, desk: Desk, other: PartyCode) -> dict[ItemId, str]:
    """The originator's classification in effect, of what came from the partner and of what is ours."""
    marks: dict[ItemId, str] = {}
    for equals in ({"sender": other}, {"originator": desk.party}):
        last: ItemLine | None = None
        while page := tx.lines(ItemLine, limit=PAGE, after=last, **equals):
            marks.update((line.item, line.mark) for line in page)
            last = page[-1]
    return marks


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
