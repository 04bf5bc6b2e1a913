"""The muster: every copy that should be in a facility is seen or explained, and two persons sign for it.

1. What is expected is written down when the muster begins, and its digest signed; nobody shortens the list later.
2. A copy is *seen* by a person who signs for it, or *explained* in words, or has *moved* since by a line of its ledger.
3. Two different persons close it, over the same counts, and only when nothing is unexplained.

A full muster takes every copy of a facility; a spot check takes those of its list that a stored draw gives. A change of
control officer needs a full one that the leaving and the coming officer signed.

Source: F-21, LEDGER-1, LEDGER-2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import CopyId, Count, FacilityId, HexDigest, ItemId, PersonId, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Act
from gsomia.registry.lines import CopyLine

MUSTER, SHEET, CLOSING = "muster", "muster-sheet", "muster-closing"
PER_PAGE = 500
MOST_MARKS = 500

Explanation = Annotated[str, Meta(min_length=1, max_length=200)]
"""Unclassified words."""
CopyKey = tuple[ItemId, CopyId]


class Extent(StrEnum):
    """Which copies a muster takes."""

    FULL = "full"
    SPOT = "spot"
    """A few, drawn at random: see `registry.spot`."""


class Found(StrEnum):
    """How an expected copy stands in a muster."""

    SEEN = "seen"
    EXPLAINED = "explained"
    MOVED = "moved"
    """Since the muster began, by a line of its ledger."""
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A copy that should be there, and where the ledger has it.

    Source: F-21 (control no., expected place).
    """

    item: ItemId
    copy: CopyId
    control_no: str
    holder: PersonId | None
    container: RegisterCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterStart:
    """What whoever begins a muster signs: how many copies it takes, and the digest of the list they stand in."""

    muster: RegisterCode
    facility: FacilityId
    extent: Extent
    copies: Count
    list_digest: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Muster:
    """A muster as it was begun."""

    id: RegisterCode
    facility: FacilityId
    by: PersonId
    act: Act[MusterStart]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterPage:
    """A part of the list of what is expected."""

    muster: RegisterCode
    page: Count
    expected: Annotated[tuple[Expected, ...], Meta(max_length=PER_PAGE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterMark:
    """A line of the sheet as it was filled in: seen, or why not."""

    item: ItemId
    copy: CopyId
    seen: bool
    words: Explanation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSheet:
    """What a person signs for at the shelves.

    Source: F-21 (seen yes/no, signature, explanation).
    """

    muster: RegisterCode
    marks: Annotated[tuple[MusterMark, ...], Meta(min_length=1, max_length=MOST_MARKS)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterSheet:
    """A filled sheet as the register keeps it."""

    muster: RegisterCode
    by: PersonId
    act: Act[FilledSheet]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterResult:
    """What two persons sign: the same counts over the same list, each with their own key."""

    muster: RegisterCode
    facility: FacilityId
    list_digest: HexDigest
    seen: Count
    explained: Count
    moved: Count
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterClosing:
    """One of the two signatures under a result; a muster is closed when there are two under the same one."""

    muster: RegisterCode
    by: PersonId
    act: Act[MusterResult]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """How an expected copy stands: with the words, or the ledger's line that explains it."""

    expected: Expected
    found: Found
    by: PersonId | None
    words: str | None


def read_sheet(
    expected: Iterable[Expected],
    sheets: Iterable[MusterSheet],
    *,
    lines: Mapping[CopyKey, CopyLine],
    began: Instant,
) -> tuple[SheetLine, ...]:
    """How each expected copy stands; of several marks the last one counts, and seen stays seen.

    Args:
        expected: the list of the muster.
        sheets: what was filled in, in order.
        lines: where the ledger has those copies now.
        began: when the muster did.

    Source: F-21.
    """
    marks: dict[CopyKey, tuple[MusterMark, PersonId]] = {}
    for sheet in sheets:
        for mark in sheet.act.body.marks:
            before = marks.get((mark.item, mark.copy))
            if before is None or mark.seen or not before[0].seen:
                marks[mark.item, mark.copy] = (mark, sheet.by)
    return tuple(
        _line(one, marks.get((one.item, one.copy)), lines.get((one.item, one.copy)), began) for one in expected
    )


def _line(
    expected: Expected, mark: tuple[MusterMark, PersonId] | None, line: CopyLine | None, began: Instant
) -> SheetLine:
    if mark is not None and mark[0].seen:
        return SheetLine(expected=expected, found=Found.SEEN, by=mark[1], words=mark[0].words)
    if mark is not None and mark[0].words is not None:
        return SheetLine(expected=expected, found=Found.EXPLAINED, by=mark[1], words=mark[0].words)
    if line is not None and (line.at > began or (line.holder, line.container) != (expected.holder, expected.container)):
        where = line.container or line.holder or line.custodian
        return SheetLine(expected=expected, found=Found.MOVED, by=None, words=f"{line.place}: {where} since {line.at}")
    return SheetLine(expected=expected, found=Found.UNEXPLAINED, by=None, words=None)


def sum_up(lines: Iterable[SheetLine]) -> dict[Found, int]:
    """How many copies stand how."""
    counts = dict.fromkeys(Found, 0)
    for line in lines:
        counts[line.found] += 1
    return counts
