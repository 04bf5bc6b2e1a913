"""What is made from items: numbered copies, and derived items such as translations and extracts.

A copy is the item once more: it has no label of its own. A derived item is an item whose parents are linked; its
originator stays that of the foreign parents, its level is never below theirs.

Source: F-08, F-09, G4-6, G14-1 to G14-4, G15-1 to G15-4, A-14, A-20, LEDGER-6.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements import Purpose
from gsomia.ids import CopyId, Count, HexDigest, ItemId, PersonId, RegisterCode
from gsomia.instants import Instant, Validity
from gsomia.labels import Category, ClassificationId, Label, Wildcard
from gsomia.parties import Act

COPY_ORDER = "copy-order"
COPY_APPROVAL = "copy-approval"
COPY_LIMIT = 2
"""So many numbered copies of an item are made without asking anybody, unless the node says otherwise (G14-3)."""
MAX_ORDERED = 1000
NO_COPY = "NO-COPY"
"""The originator's caveat that forbids copying (G14-4)."""
Reason = Annotated[str, Meta(min_length=1, max_length=400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOrder:
    """What the copier signs: so many copies, why, for which purpose, on which machine.

    Source: F-08, G14-1, G14-3.
    """

    id: Annotated[str, Meta(pattern="^[0-9a-f]{32}\\Z")]
    item: ItemId
    count: Annotated[int, Meta(ge=1, le=MAX_ORDERED)]
    reason: Reason
    purpose: Purpose
    machine: RegisterCode
    copier: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyApproval:
    """What another person signs when an order goes beyond the limit.

    Source: G14-3.
    """

    order: HexDigest
    item: ItemId
    approver: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRequest:
    """An order beyond the limit waits for another person."""

    order: HexDigest
    item: ItemId
    act: Act[CopyOrder]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyApproved:
    """Another person approved an order."""

    order: HexDigest
    item: ItemId
    act: Act[CopyApproval]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRecord:
    """The record of copies: who made which, on whose approval, under which marks.

    Args:
        item: the source.
        order: digest of the order.
        act: the order.
        approver: who approved it; None within the limit.
        label: the label of every copy, bit for bit that of the item.
        own_mark: our own mark on every copy.
        copies: their numbers.
        exported: whether the content was written to a file (A-19).
        at: when.

    Source: F-08, G14-1, G14-2, A-19.
    """

    item: ItemId
    order: HexDigest
    act: Act[CopyOrder]
    approver: PersonId | None
    label: Label
    own_mark: ClassificationId | None
    copies: tuple[CopyId, ...]
    exported: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLimit:
    """How many numbered copies of an item this node makes without approval, from now on.

    Source: G14-3.
    """

    scope: str
    limit: Count
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemAccreditation:
    """A system may translate items up to a level, until a day.

    Source: A-20.
    """

    system: RegisterCode
    number: str
    level: ClassificationId
    valid: Validity
    by: PersonId
    at: Instant


class DerivedKind(StrEnum):
    """How an item was made from others.

    Source: G4-6, G15-4, A-14, A-20.
    """

    TRANSLATION = "translation"
    MACHINE_TRANSLATION = "machine-translation"
    EXTRACT = "extract"
    OWN_PORTIONS = "own-portions"
    """The portions of a mixed work that hold nothing of another's (A-14)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Where a derived item comes from: the record of translations, and of extracts.

    Args:
        item: the derived one.
        kind: how it was made.
        parents: what it was made from.
        own_level: the level, under our own policy, of own material in it; None if there is none.
        author: who made it, cleared for every parent.
        language: into which it was translated.
        note: what a translation says in its language.
        system: on which accredited system a machine translated.
        at: when.

    Source: F-09, G4-6, G15-1, G15-3, A-14, A-20.
    """

    item: ItemId
    kind: DerivedKind
    parents: Annotated[tuple[ItemId, ...], Meta(min_length=1, max_length=64)]
    own_level: ClassificationId | None
    author: PersonId
    language: str | None
    note: str | None
    system: RegisterCode | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFrom:
    """One link from a parent to what was made from it; own portions are not linked: a notice does not reach them."""

    parent: ItemId
    item: ItemId


def joined_caveats(labels: Sequence[Label]) -> tuple[tuple[Category, ...], tuple[Category, ...]]:
    """The caveats of a work made from several: all restrictive ones, and whom every part may go to.

    Where one part is silent about a permissive tag, the owner alone is meant; the whole is then silent too.

    Source: labels 1.2 (roll-up), EQ-8, A-14.
    """
    restrictive: dict[str, set[str]] = {}
    for label in labels:
        for category in label.restrictive:
            restrictive.setdefault(category.tag, set()).update(_named(category))
    return (
        tuple(Category(tag=tag, values=tuple(sorted(values))) for tag, values in sorted(restrictive.items())),
        tuple(_permissive(labels)),
    )


def _permissive(labels: Sequence[Label]) -> Iterable[Category]:
    for tag in sorted({category.tag for label in labels for category in label.permissive}):
        found = [category for label in labels for category in label.permissive if category.tag == tag]
        if len(found) < len(labels):
            continue
        limits = [set(_named(category)) for category in found if not isinstance(category.values, Wildcard)]
        if not limits:
            yield found[0]
        else:
            yield Category(tag=tag, values=tuple(sorted(set.intersection(*limits))))


def _named(category: Category) -> tuple[str, ...]:
    return () if isinstance(category.values, Wildcard) else category.values
