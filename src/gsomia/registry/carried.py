"""Day zero: what is on record of a paper register that was carried over into this one.

The file itself is not kept, for it may hold titles; its digest is, with the lines that were left on paper.

Source: F-01, G6-7, A-36.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import Count, FacilityId, HexDigest, ItemId
from gsomia.instants import Instant
from gsomia.parties import Act
from gsomia.registry.paper import MAX_ROWS
from gsomia.registry.paper_reasons import Why
from gsomia.registry.paper_words import Column

IMPORT = "paper-import"

PaperNumber = Annotated[str, Meta(min_length=1, max_length=64)]
Lines = Annotated[tuple[Count, ...], Meta(min_length=1, max_length=MAX_ROWS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftLine:
    """A line that stays on paper alone: where and why, without what it says."""

    line: Count
    column: Column
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperImport:
    """What the control officer signs for.

    Args:
        file: the digest of the file as it was read.
        facility: whose register it was.
        rows: how many lines it had.
        items: how many came of them.
        copies: how many copies.
        left: the lines that were not entered.
        dropped: columns that are stored nowhere.
        at: when.
    """

    file: HexDigest
    facility: FacilityId
    rows: Count
    items: Count
    copies: Count
    left: Annotated[tuple[LeftLine, ...], Meta(max_length=MAX_ROWS)]
    dropped: tuple[Column, ...]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperImportRecord:
    """An import as the register keeps it; one for each file.

    Source: F-01.
    """

    file: HexDigest
    facility: FacilityId
    act: Act[PaperImport]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOver:
    """From which lines of which file an item comes.

    Args:
        file: the digest of the file.
        item: as it is here.
        control_no: the paper's own; it is kept.
        document_no: the originator's, if the paper had one.
        lines: the rows of its copies.
        of: how many copies there are in all, if the paper said so.
    """

    file: HexDigest
    item: ItemId
    control_no: PaperNumber
    document_no: PaperNumber | None
    lines: Lines
    of: Count | None
