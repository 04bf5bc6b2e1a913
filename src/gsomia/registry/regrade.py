"""A change of level: the originator's notice, the order it becomes at each holder, and what was carried out.

The originator's label is kept for ever as it came. What an item's level is now follows from the notices beside it, each
signed, each numbered within the item; nothing else changes a level, and there is no role that may.

Source: F-10, G4-1, G4-7, G6-8, X-7, A-37, LEDGER-6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import CopyId, Count, HexDigest, ItemId, PartyCode, PersonId, RegisterCode
from gsomia.instants import Instant
from gsomia.labels import ClassificationId
from gsomia.parties import Act

LEVEL_CHANGE = "level-change"
LEVEL_REPORT = "level-report"
DECLASSIFIED = "DECLASSIFIED"
"""How a register shows an item that has no level any more."""
UNKNOWN_RANK = 99
"""The rank of what cannot be read through the table: nobody is cleared for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """What the originator signs. It names nobody it goes to, so that it can be carried on as it is.

    Args:
        number: the originator's notice number.
        serial: counts the notices about this item, from 1; the highest one counts, whatever came first.
        originator: whose item it is.
        item: which one.
        old: its level until now, under the originator's policy; None if it had none any more.
        new: its level from now on; None declassifies it.
        effective: from when.

    Source: F-10, G6-8.
    """

    number: RegisterCode
    serial: Annotated[int, Meta(ge=1, le=2**31)]
    originator: PartyCode
    item: ItemId
    old: ClassificationId | None
    new: ClassificationId | None
    effective: Instant


LevelChangeAct = Act[LevelChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReport:
    """How far a holder is with a notice: so many copies concerned, so many not yet marked again.

    Args:
        notice: the digest of the originator's statement.
        number: its number.
        item: which item it is about.
        party: who reports.
        to: to whom.
        serial: counts the reports about this notice; the highest one counts.
        affected: copies, translations and extracts that the order named.
        open: those of them that still bear the old mark.
        at: when.

    Source: F-10, G6-8.
    """

    notice: HexDigest
    number: RegisterCode
    item: ItemId
    party: PartyCode
    to: PartyCode
    serial: Count
    affected: Count
    open: Count
    at: Instant


LevelReportAct = Act[LevelReport]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelNotice:
    """A notice as the register keeps it, ours or heard; it may be heard before the item it is about arrives."""

    item: ItemId
    number: RegisterCode
    statement: HexDigest
    change: LevelChange
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Regraded:
    """An item has another level here from now on: the order to mark its copies again.

    Args:
        item: ours, received, or derived here.
        notice: the statement behind it.
        number: of that notice.
        new: the level under the originator's policy; None if declassified.
        stated: the level the originator stated for a derived item of its own, over what its parents ask; else None.
        own_mark: our own mark; None until an officer chose, or for what is declassified.
        rank: to protect it by.
        copies: those that bear the old mark.
        basis: why this mark.
        by: who chose it; None if the table left no choice.
        at: when.

    Source: F-10, G6-8, LEDGER-6.
    """

    item: ItemId
    notice: HexDigest
    number: RegisterCode
    new: ClassificationId | None
    stated: ClassificationId | None
    own_mark: ClassificationId | None
    rank: Count
    copies: tuple[CopyId, ...]
    basis: str
    by: PersonId | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked:
    """A copy bears the new mark: a notice is carried out on it, and by whom."""

    item: ItemId
    copy: CopyId
    notice: HexDigest
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReported:
    """A report as the register keeps it."""

    notice: HexDigest
    party: PartyCode
    report: LevelReport
    at: Instant


def latest_notice(notices: Iterable[LevelNotice]) -> LevelNotice | None:
    """The notice that counts, in whatever order they came."""
    return max(notices, key=lambda notice: notice.change.serial, default=None)


def latest_report(reports: Iterable[LevelReported]) -> LevelReport | None:
    """A party's last word about a notice, in whatever order its reports came."""
    return max((one.report for one in reports), key=lambda report: report.serial, default=None)
