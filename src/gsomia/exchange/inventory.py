"""The joint inventory: two registers compared by proof, so that only what differs crosses the line.

1. Each side commits to its roster: every item that went between the two, in a tree of digests whose root it signs.
2. Equal roots are equal rosters, and nothing more is said. Where digests differ, each side opens its own tree below:
   root, branch, bucket. At most three openings each way, whatever the size; their length follows the differences.
3. An opening must hash to the digest that its own roster committed to, so nobody changes a roster by opening it.
4. Minutes name both rosters and every difference; the same bytes are signed by a person of either side.

Source: A-34, A-36, F-21, LEDGER-8.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.exchange.inventory_tree import ROWS_EACH, Bucket, LoggedRow, Node, Opened, Stands, Word, differing
from gsomia.ids import Count, HexDigest, ItemId, PartyCode, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Act

INVENTORY_ROSTER = "inventory-roster"
INVENTORY_OPENING = "inventory-opening"
INVENTORY_EXPLANATION = "inventory-explanation"
INVENTORY_MINUTES = "inventory-minutes"

NODES_EACH = 16
"""Nodes in one opening: so that it is well within what one statement may be long. With rows there are fewer."""
MOST_DIFFERING = 500
"""Buckets: two registers that differ in more are reconciled by number first, and no partner has everything opened."""
ROSTERS_EACH = 64
"""Rosters of one side in one joint inventory."""
OPENINGS_EACH = 256
"""Openings of one roster against another: what two registers of some ten million rows need."""
MOST_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """How far a shared log was."""

    origin: str
    size: Count
    root: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What one side commits to: everything that went between the two, as its register has it at a place of the log.

    Args:
        inventory: of which joint inventory.
        party: whose register.
        to: the other side.
        number: the how manieth of this side; a later one takes the place of the earlier.
        entries: how many rows.
        root: of the tree over them.
        log: the log of `party` shared with `to`, as it was.
        seen: the head of the other one that `party` had seen last; None if it saw none yet.
        at: when it was drawn.

    Source: A-34, A-36.
    """

    inventory: RegisterCode
    party: PartyCode
    to: PartyCode
    number: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    entries: Count
    root: HexDigest
    log: LogHead
    seen: LogHead | None
    at: Instant


RosterAct = Act[Roster]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one side shows of its tree, below digests that differ. A node's statement: a person signed the root.

    Args:
        inventory: of which joint inventory.
        party: whose tree.
        to: the other side.
        roster: the digest of the roster it opens.
        against: that of the other side's, with which it was compared.
        nodes: root and branches.
        buckets: rows.
    """

    inventory: RegisterCode
    party: PartyCode
    to: PartyCode
    roster: HexDigest
    against: HexDigest
    nodes: Annotated[tuple[Node, ...], Meta(max_length=NODES_EACH)]
    buckets: Annotated[tuple[Bucket, ...], Meta(max_length=ROWS_EACH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryExplanation:
    """Why the registers differ over an item, as one side says it. Unclassified words."""

    inventory: RegisterCode
    party: PartyCode
    to: PartyCode
    sender: PartyCode
    item: ItemId
    words: Annotated[str, Meta(min_length=1, max_length=MOST_WORDS)]
    at: Instant


InventoryExplanationAct = Act[InventoryExplanation]


class Differs(StrEnum):
    """How two registers differ over an item."""

    UNKNOWN = "unknown-to-one"
    RECEIPT = "receipt-missing"
    """One side has it under way still, the other signed for it or has the signature."""
    ENDED = "ended-on-one-side"
    NUMBER = "number-differs"
    MANIFEST = "manifest-differs"
    MARK = "mark-differs"
    COPIES = "copies-differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOf:
    """What one side's register says, and the entry of its log that shows it; None where it knows nothing."""

    party: PartyCode
    says: Word | None
    number: Word | None
    log: str | None
    index: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One way in which two registers differ over an item; the sides in the order of their codes."""

    sender: PartyCode
    item: ItemId
    kind: Differs
    sides: tuple[SaidOf, SaidOf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Who explained a difference, and how."""

    party: PartyCode
    words: Annotated[str, Meta(min_length=1, max_length=MOST_WORDS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minuted:
    """A difference as the minutes have it; without an explanation it stays open."""

    difference: Discrepancy
    explained: tuple[Explained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """What both sides sign: the same bytes.

    Args:
        inventory: of which joint inventory.
        parties: the two, sorted.
        rosters: the digests of their rosters, in that order.
        entries: how many rows each has.
        differences: every one, sorted.

    Source: A-36, F-21.
    """

    inventory: RegisterCode
    parties: tuple[PartyCode, PartyCode]
    rosters: tuple[HexDigest, HexDigest]
    entries: tuple[Count, Count]
    differences: tuple[Minuted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMinutes:
    """What one side says: these are the minutes."""

    minutes: Minutes
    party: PartyCode
    to: PartyCode
    at: Instant


SignedMinutesAct = Act[SignedMinutes]


class Comparison(StrEnum):
    """How far a comparison is."""

    COMPARING = "comparing"
    COMPARED = "compared"
    TOO_MANY = "too-many-differences"


def compare_rosters(
    left: tuple[PartyCode, Opened], right: tuple[PartyCode, Opened]
) -> tuple[Comparison, tuple[Discrepancy, ...]]:
    """Where two rosters differ, from what both sides opened: the same on both sides, whoever computes it.

    Args:
        left: a party, and what is open of its roster.
        right: the other.

    Source: A-34, LEDGER-8.
    """
    (first, a), (second, b) = sorted((left, right), key=lambda side: side[0])
    paths: set[str] = set()
    for path in _below(a, b, ""):
        if path is None:
            return Comparison.COMPARING, ()
        for bucket in _below(a, b, path):
            if bucket is None:
                return Comparison.COMPARING, ()
            paths.add(bucket)
    if len(paths) > MOST_DIFFERING:
        return Comparison.TOO_MANY, ()
    found: list[Discrepancy] = []
    for path in sorted(paths):
        if any(side.committed(path) is not None and path not in side.buckets for side in (a, b)):
            return Comparison.COMPARING, ()
        rows = [
            {(one.row.sender, one.row.item): one for one in side.buckets[path].rows} if path in side.buckets else {}
            for side in (a, b)
        ]
        for key in sorted(rows[0].keys() | rows[1].keys()):
            found += _differences(first, rows[0].get(key), second, rows[1].get(key))
    return Comparison.COMPARED, tuple(sorted(found, key=lambda one: (one.sender, one.item, one.kind)))


def _below(a: Opened, b: Opened, path: str) -> Iterator[str | None]:
    """Paths below a node that differ; None if a side has one there and has not opened it."""
    if a.committed(path) == b.committed(path):
        return
    if any(side.committed(path) is not None and path not in side.nodes for side in (a, b)):
        yield None
        return
    yield from differing(a.nodes.get(path), b.nodes.get(path))


def _differences(
    first: PartyCode, a: LoggedRow | None, second: PartyCode, b: LoggedRow | None
) -> Iterator[Discrepancy]:
    one = a or b
    if one is None:
        return

    def told(kind: Differs, left: str | None, right: str | None) -> Discrepancy:
        return Discrepancy(
            sender=one.row.sender,
            item=one.row.item,
            kind=kind,
            sides=(_said(first, a, left), _said(second, b, right)),
        )

    if a is None or b is None:
        yield told(Differs.UNKNOWN, a.row.stands if a else None, b.row.stands if b else None)
        return
    if a.row.stands is not b.row.stands:
        way = Stands.UNDER_WAY in {a.row.stands, b.row.stands}
        yield told(Differs.RECEIPT if way else Differs.ENDED, a.row.stands, b.row.stands)
    for kind, left, right in (
        (Differs.NUMBER, a.row.number, b.row.number),
        (Differs.MANIFEST, a.row.manifest, b.row.manifest),
        (Differs.MARK, a.row.mark, b.row.mark),
        (Differs.COPIES, str(a.row.copies), str(b.row.copies)),
    ):
        if left != right:
            yield told(kind, left, right)


def _said(party: PartyCode, row: LoggedRow | None, says: str | None) -> SaidOf:
    return SaidOf(
        party=party,
        says=says,
        number=row.row.number if row else None,
        log=row.log if row else None,
        index=row.index if row else None,
    )


def draw_up(
    *,
    inventory: RegisterCode,
    rosters: Mapping[PartyCode, tuple[HexDigest, int]],
    differences: Iterable[Discrepancy],
    explained: Iterable[InventoryExplanation],
) -> Minutes:
    """The minutes over two rosters: the same on both sides once both heard every explanation.

    Args:
        inventory: of which joint inventory.
        rosters: of each party, digest and number of rows.
        differences: every one.
        explained: what either side said of them; of several by one side about an item, the last counts.

    Source: A-36, F-21.
    """
    words: dict[tuple[PartyCode, ItemId], dict[PartyCode, str]] = {}
    for one in explained:
        words.setdefault((one.sender, one.item), {})[one.party] = one.words
    first, second = sorted(rosters)
    return Minutes(
        inventory=inventory,
        parties=(first, second),
        rosters=(rosters[first][0], rosters[second][0]),
        entries=(rosters[first][1], rosters[second][1]),
        differences=tuple(
            Minuted(
                difference=one,
                explained=tuple(
                    Explained(party=party, words=said)
                    for party, said in sorted(words.get((one.sender, one.item), {}).items())
                ),
            )
            for one in differences
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDrawn:
    """A roster, ours or a partner's."""

    inventory: RegisterCode
    party: PartyCode
    digest: HexDigest
    roster: Roster
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterOpened:
    """An opening, ours or a partner's."""

    roster: HexDigest
    against: HexDigest
    opening: Opening
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceExplained:
    """An explanation, ours or a partner's."""

    inventory: RegisterCode
    party: PartyCode
    explanation: InventoryExplanation
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesSigned:
    """Minutes that one side signed; with both under one digest the inventory is closed."""

    inventory: RegisterCode
    party: PartyCode
    digest: HexDigest
    act: SignedMinutesAct
    at: Instant
