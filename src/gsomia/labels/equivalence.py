"""How one party's levels read in another's, under one version of one agreement and for as long as it says.

A row has a rank and lists, for each party, the levels that answer to it. A level is *sent* only by the row of its own
rank; a level of a higher rank may stand in a row as what a party without an equal protects with (X-1). So nothing is
ever lowered. Only the originator's own label is translated: a mapping is never composed, because a chain of lawful
steps would carry what no instrument lists.

Source: EQ-1 to EQ-8, A-06, levels 6.2 and 6.4, labels 7 (laws 7 to 10).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gsomia import canon
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.labels.errors import LabelRefusal
from gsomia.labels.label import ClassificationId, Label, LabelKind, MarkText, check_ascending
from gsomia.labels.policy_file import LOWEST_RANK, TOP_RANK, Classification, Policy, Rank
from gsomia.labels.validate import unknown_caveats, validate


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLevels:
    """The levels of one party in a row; more than one leaves the choice to an officer (A-06)."""

    party: PartyCode
    ids: Annotated[tuple[ClassificationId, ...], Meta(min_length=1, max_length=8)]

    def __post_init__(self) -> None:
        """Refuse a second spelling.

        Raises:
            ValueError: ids unsorted or doubled.
        """
        check_ascending(self.ids, what="levels of a party")


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceRow:
    """Levels that answer to one another, and the treaty's English word for them.

    Source: levels 6.2.
    """

    rank: Rank
    word: MarkText
    levels: Annotated[tuple[PartyLevels, ...], Meta(min_length=2, max_length=8)]

    def __post_init__(self) -> None:
        """Refuse a second spelling.

        Raises:
            ValueError: parties unsorted or doubled.
        """
        check_ascending([entry.party for entry in self.levels], what="parties of a row")

    def of(self, party: str) -> tuple[str, ...]:
        """The ids of `party` in this row; none if it has no part in it."""
        return next((entry.ids for entry in self.levels if entry.party == party), ())


@dataclass(frozen=True, kw_only=True)
class EquivalenceTable:
    """The table of one version of an agreement. Without slots, so that its digest is computed once.

    Without `valid` it holds as long as that version does, which the agreement's own state says.

    Invariant (one row a rank): rows stand from the highest rank down, each rank once.
    Source: EQ-1, EQ-2.
    """

    rows: Annotated[tuple[EquivalenceRow, ...], Meta(min_length=1, max_length=TOP_RANK)]
    valid: Validity | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a second spelling.

        Raises:
            ValueError: rows out of order or doubled.
        """
        check_ascending([str(TOP_RANK - row.rank) for row in self.rows], what="rows")

    @property
    def covers(self) -> tuple[str, ...]:
        """The parties whose labels the table reads."""
        return tuple(sorted({entry.party for row in self.rows for entry in row.levels}))

    @cached_property
    def version(self) -> HexDigest:
        """The digest that names this very table on every mark it gave."""
        return canon.digest(self)

    def row_of(self, rank: int) -> EquivalenceRow | None:
        """The row of a rank."""
        return next((row for row in self.rows if row.rank == rank), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """What a label may be marked with at the recipient. `rank` is the highest among `allowed`: protect by that.

    Source: EQ-3, A-06 (sealed under the stricter rules until an officer chose).
    """

    allowed: tuple[str, ...]
    rank: int
    word: str
    table: HexDigest

    @property
    def pending(self) -> bool:
        """Whether an officer of the recipient has yet to choose.

        Source: A-06.
        """
        return len(self.allowed) > 1


def translate(
    label: Label, *, table: EquivalenceTable, from_policy: Policy, to_policy: Policy, now: Instant
) -> Translated | LabelRefusal:
    """The recipient's levels for an originator's label, or why there are none. Never raises for "no".

    1. The label is the originator's own, not a mapped one.
    2. It holds under the originator's policy.
    3. Table and recipient's policy hold at `now`.
    4. The row of its rank lists its level.
    5. The row lists levels of the recipient, all of them known and in use.
    6. None of them ranks lower.
    7. The recipient has a word for every caveat.

    Whether the label is releasable to the recipient is another question: `is_releasable_to`.

    Source: G4-1, G4-3 to G4-5, EQ-1 to EQ-5, EQ-8, laws 7 to 11.
    """
    # (1) to (3)
    for refusal in (*_unreadable(label, from_policy, to_policy), *_out_of_force(table, to_policy, now)):
        return refusal
    # (4) listed in the row of its rank
    level = from_policy.classification(label.classification)
    row = table.row_of(level.rank)
    if row is None or level.id not in row.of(from_policy.party):
        return _not_listed(level, table, from_policy.party)
    # (5) and (6) levels of the recipient, none lower
    targets = _targets(row, level, to_policy)
    if isinstance(targets, LabelRefusal):
        return targets
    # (7) no caveat lost
    for refusal in unknown_caveats(label, policy=to_policy):
        return refusal
    return Translated(
        allowed=tuple(target.id for target in targets),
        rank=max(target.rank for target in targets),
        word=row.word,
        table=table.version,
    )


def check_own_mark(translated: Translated, chosen: str) -> str | LabelRefusal:
    """The level an officer chose for a received item, if the table allows it.

    Source: G4-2, A-06.
    """
    if chosen not in translated.allowed:
        return _no("own-mark-not-allowed", "G4-2", f"the table allows {', '.join(translated.allowed)}")
    return chosen


def check_table(table: EquivalenceTable, *, policies: Mapping[PartyCode, Policy]) -> tuple[LabelRefusal, ...]:
    """Every way in which a table contradicts the policies of the parties it covers; ask before anyone signs it.

    Every level is known and in use; none ranks lower than its row; a higher row never gives a lower level.

    Source: EQ-3, labels 3 (inverted equivalence), law 7.
    """
    missing = [party for party in table.covers if party not in policies]
    if missing:
        return tuple(_no("policy-unknown", "EQ-5", f"`{party}`'s policy is not at hand") for party in missing)
    return (*_contradictions(table, policies),)


def _contradictions(table: EquivalenceTable, policies: Mapping[PartyCode, Policy]) -> Iterator[LabelRefusal]:
    for party, policy in policies.items():
        ceiling = TOP_RANK
        for row in table.rows:
            found = {target: policy.find(target) for target in row.of(party)}
            for target, level in found.items():
                if level is None or level.id != target or level.obsolete:
                    yield _no("recipient-level-unknown", "EQ-5", f"`{party}` has no level `{target}` in use")
                elif level.rank < row.rank:
                    yield _no("would-lower", "EQ-3", f"`{target}` ranks lower than its row")
                elif level.rank > ceiling:
                    yield _no("not-monotone", "EQ-3", f"`{target}` ranks higher than a level of a higher row")
            ceiling = min([ceiling, *(level.rank for level in found.values() if level is not None)])


def _unreadable(label: Label, from_policy: Policy, to_policy: Policy) -> Iterator[LabelRefusal]:
    # (1) the originator's own words
    if label.kind is not LabelKind.ORIGINATOR:
        yield _no("label-is-mapped", "EQ-7", "only the originator's own label is read through a table")
    if from_policy.party == to_policy.party:
        yield _no("same-party", "EQ-1", "a table reads between two parties")
    # (2) that hold under its policy
    yield from validate(label, policy=from_policy)


def _out_of_force(table: EquivalenceTable, to_policy: Policy, now: Instant) -> Iterator[LabelRefusal]:
    # (3) at this instant
    if isinstance(table.valid, Validity) and not table.valid.covers(now):
        yield _no("table-not-in-force", "EQ-1", "the table of levels does not hold today")
    if not to_policy.valid.covers(now):
        yield _no("policy-not-in-force", "EQ-1", f"`{to_policy.party}`'s policy does not hold today")


def _targets(
    row: EquivalenceRow, level: Classification, to_policy: Policy
) -> tuple[Classification, ...] | LabelRefusal:
    # (5) known and in use
    targets = tuple((target, to_policy.find(target)) for target in row.of(to_policy.party))
    if not targets:
        return _no("recipient-not-in-table", "EQ-2", f"the table has no level of `{to_policy.party}` for `{level.id}`")
    known = tuple(found for target, found in targets if found is not None and found.id == target and not found.obsolete)
    if len(known) != len(targets):
        return _no("recipient-level-unknown", "EQ-5", f"`{to_policy.party}` has no such level in use as the table says")
    # (6) never lower
    if any(target.rank < level.rank for target in known):
        return _no("would-lower", "EQ-3", f"the table would protect `{level.id}` at a lower rank")
    return known


def _not_listed(level: Classification, table: EquivalenceTable, party: str) -> LabelRefusal:
    if any(level.id in row.of(party) for row in table.rows):
        return _no("would-lower", "EQ-3", f"the table lists `{level.id}` only in a row of another rank")
    clause = {TOP_RANK: "G4-4", LOWEST_RANK: "G4-5"}.get(level.rank, "EQ-2")
    return _no("level-not-in-table", clause, f"`{level.id}` is not in the agreement's table and cannot travel under it")


def _no(code: str, clause: str, text: str) -> LabelRefusal:
    return LabelRefusal(code=code, clause=clause, text=text)
