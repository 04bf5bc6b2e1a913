"""What our register has of everything that went between a partner and us: the rows of a joint inventory.

What a paper register had before day zero is left out, as in the balance: the partner has no transmittal of it. So is
what a hub passed on for us: the hub's register has it, not the other end's.

Source: A-34, A-36, LEDGER-8.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from gsomia import canon
from gsomia.audit import Event
from gsomia.exchange import Arrival, Delivery, Roster, Stands, Tree
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.logs import epochs_of
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, PartyCode, RegisterCode
from gsomia.registry import Between, CopyLine, CustodyKind, ItemLine, Place, stands_between

PAGE = 1_000
"""Entries of a log: few enough that what is made of them is gone before the collector looks again."""
_LEFT_OUT = frozenset({CustodyKind.CARRIED_OVER, CustodyKind.FORWARDED})
_MOST_ALIVE = (Between.HELD, Between.LOST, Between.RETURNED, Between.DESTROYED, Between.UNDER_WAY)
"""An item of which several copies went stands as its most living one does."""
_WORDS = {state: Stands(state.value).value for state in Between}

_COLUMNS = ("item", "copy", "made", "place", "custodian", "consignment", "package", "since")
"""Of a copy's line, what is needed here."""
_Columns = tuple[str, str, str, str, str, str | None, str | None, int]

_DELIVERED = b'"delivery:'
_COVERING = frozenset({Event.DELIVERY_QUEUED.value, Event.DELIVERY_RECEIVED.value})

_Sent = tuple[int, str, str, bool, Between]
"""A copy that went: since when, which, under which number, whether in no package, and how it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consigned:
    """Of the ids of a log entry, what is needed here."""

    consignment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Of a log entry about a delivery, what is needed here."""

    event: str
    ids: Consigned
    digest: HexDigest | None


def draw_lines(tx: Tx, desk: Desk, other: PartyCode) -> Iterator[str]:
    """One row for each item that went from one of the two to the other, as `Row.line` has it.

    Source: A-34, LEDGER-8.
    """
    sent: dict[tuple[PartyCode, str], _Sent] = {}
    several: dict[tuple[PartyCode, str], list[_Sent]] = {}
    stood: dict[tuple[str, str, str], tuple[PartyCode, Between] | None] = {}
    # Read as rows and not as lines: a hundred thousand of them are read for one roster, and few stand differently.
    read = cast("Iterable[_Columns]", tx.tally(CopyLine, by=_COLUMNS, counterpart=other))
    for item, copy, made, place, custodian, consignment, package, since in read:
        number = package or consignment
        if number is None:
            continue
        how = (made, place, custodian)
        if how not in stood:
            stood[how] = _stands(*how, other=other, us=desk.party)
        found = stood[how]
        if found is None:
            continue
        key, one = (found[0], item), (since, copy, number, package is None, found[1])
        if sent.setdefault(key, one) is not one:
            several.setdefault(key, [sent[key]]).append(one)
    marks = _marks(tx, desk, other)
    manifests = _manifests(tx, desk, other)
    for key, one in sent.items():
        copies = several.get(key)
        _, _, number, loose, stands = one if copies is None else min(copies)
        count = 1
        if copies is not None:
            stands = min((state for *_, state in copies), key=_MOST_ALIVE.index)
            count = sum(under == number for _, _, under, _, _ in copies)
        sender, item = key
        manifest = manifests.get(number) or (_manifest(tx, number) if loose else None) or "-"
        mark = marks.get(item) or _mark(tx, item)
        yield f"{sender} {item} {number} {_WORDS[stands]} {manifest} {mark} {count}"


def draw_tree(tx: Tx, desk: Desk, other: PartyCode) -> Tree:
    """Our roster as it is now."""
    return Tree(draw_lines(tx, desk, other))


def _stands(
    made: str, place: str, custodian: str, *, other: PartyCode, us: PartyCode
) -> tuple[PartyCode, Between] | None:
    kind = CustodyKind(made)
    if kind in _LEFT_OUT:
        return None
    custody = cast("PartyCode", custodian)
    return stands_between(made=kind, place=Place(place), custodian=custody, counterpart=other, us=us)


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


def _marks(tx: Tx, desk: Desk, other: PartyCode) -> dict[str, str]:
    """The originator's classification in effect, of what came from the partner and of what is ours."""
    found = [
        *tx.tally(ItemLine, by=("item", "mark"), sender=other),
        *tx.tally(ItemLine, by=("item", "mark"), originator=desk.party),
    ]
    return {str(item): str(mark) for item, mark in found}


def _mark(tx: Tx, item: str) -> str:
    line = tx.line(ItemLine, item=item)
    return line.mark if line is not None else "-"


def _manifests(tx: Tx, desk: Desk, other: PartyCode) -> dict[str, HexDigest]:
    """What covered each consignment, as our log shared with the partner has it: a delivery's own record is long."""
    covered: dict[str, HexDigest] = {}
    for origin in epochs_of(tx, shared_log(desk.party, other)):
        at = 0
        while page := tx.entries(origin, start=at, limit=PAGE):
            # All of a page at once: one by one it takes as long as everything else.
            about = b",".join(entry.leaf for entry in page if _DELIVERED in entry.leaf)
            for leaf in canon.read_back(b"[%b]" % about, list[Covered]):
                if leaf.event in _COVERING and leaf.digest is not None:
                    covered.setdefault(leaf.ids.consignment, leaf.digest)
            at += len(page)
    return covered


def _manifest(tx: Tx, number: str) -> HexDigest | None:
    """Of a consignment that our log does not have any more, after a restore; None of what did not go sealed."""
    known = tx.latest(Delivery, consignment=number) or tx.latest(Arrival, consignment=number)
    return known.manifest if known is not None else None
