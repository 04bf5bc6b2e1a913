"""What an item's label says: whose policy, which level under which mark, which caveats, from whom and since when.

A label is a value with exactly one spelling: tuples are sorted and hold nothing twice, and the originator's mark is
kept as the text it was. Values are identifiers of a policy, never display strings; what a label means is decided
together with that policy (`validate`, `dominance`).

    >>> Category(tag="Releasable To", values=("JPN", "KOR")).has("JPN")
    True
    >>> Category(tag="Releasable To", values=()).has("JPN")
    False

Source: labels 1.2 and 7, EQ-4, EQ-8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.labels.spelling import MAX_TEXT, check_text

ClassificationId = Annotated[str, Meta(pattern="^[A-Z]{3,4}-[A-Z0-9]+(-[A-Z0-9]+)*\\Z", max_length=40)]
"""A level of one policy: the policy's party, then a slug."""
TagName = Annotated[str, Meta(pattern="^[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)*\\Z", max_length=40)]
ValueId = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*\\Z", max_length=40)]
MarkText = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
"""A mark in its own script; matched exactly, inside one party's policy."""


class LabelKind(StrEnum):
    """Whose words a label is.

    Source: labels 1.2 (root elements of 4774).
    """

    ORIGINATOR = "originator"
    ALTERNATIVE = "alternative"
    METADATA = "metadata"


class Wildcard(StrEnum):
    """Anyone at all; not the same as naming every value, and the opposite of naming none."""

    ANY = "ANY"


ANY: Final = Wildcard.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """The values of one tag; `ANY` only for permissive tags, an empty tuple there means nobody.

    Invariant (one spelling): values are sorted and none stands twice.
    """

    tag: TagName
    values: Annotated[tuple[ValueId, ...], Meta(max_length=256)] | Wildcard

    def __post_init__(self) -> None:
        """Refuse a second spelling.

        Raises:
            ValueError: values unsorted or doubled.
        """
        if not isinstance(self.values, Wildcard):
            check_ascending(self.values, what="values of a tag")

    def has(self, value: str) -> bool:
        """Whether the tag names `value`."""
        return isinstance(self.values, Wildcard) or value in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A confidentiality label.

    Invariant (one spelling): categories are sorted by tag, no tag stands twice or in both kinds, a restrictive tag
    names at least one value.
    Invariant (own words): an `ORIGINATOR` label is written under the originator's own policy.
    Source: labels 1.2, EQ-4 (`mark` is the originator's text, byte for byte), EQ-8 (caveats beside the level).
    """

    kind: LabelKind
    policy: PartyCode
    policy_version: Annotated[int, Meta(ge=1, le=2**31)]
    classification: ClassificationId
    mark: MarkText
    restrictive: Annotated[tuple[Category, ...], Meta(max_length=16)]
    permissive: Annotated[tuple[Category, ...], Meta(max_length=16)]
    originator: PartyCode
    created_at: Instant
    review_at: Instant | None = None

    def __post_init__(self) -> None:
        """Refuse what no originator can mean.

        Raises:
            ValueError: an invariant does not hold.
        """
        check_text(self.mark)
        check_ascending([category.tag for category in self.restrictive], what="restrictive tags")
        check_ascending([category.tag for category in self.permissive], what="permissive tags")
        if {category.tag for category in self.restrictive} & {category.tag for category in self.permissive}:
            raise ValueError("one tag both restrictive and permissive")
        if any(isinstance(category.values, Wildcard) or not category.values for category in self.restrictive):
            raise ValueError("a restrictive tag names its values")
        if self.kind is LabelKind.ORIGINATOR and self.originator != self.policy:
            raise ValueError("an originator labels under its own policy")
        if self.review_at is not None and self.review_at <= self.created_at:
            raise ValueError("a review before the label was made")

    def has_caveat(self, value: str) -> bool:
        """Whether a restrictive tag names `value`, for example `NO-COPY`.

        Source: EQ-8, G13-3, G14-4.
        """
        return any(category.has(value) for category in self.restrictive)


def check_ascending(values: Sequence[str], *, what: str) -> None:
    """Hold the one spelling of a set.

    Raises:
        ValueError: unsorted, or something twice.
    """
    if list(values) != sorted(set(values)):
        raise ValueError(f"{what} are sorted and none stands twice")
