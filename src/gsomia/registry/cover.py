"""The two covers of a package: what stands on each label, and what must not.

The inner cover bears the level and the organisational address of the addressee, no more. The outer one bears both
organisational addresses and the registry number, and no sign of a level in any language.

Source: G12-1 to G12-3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gsomia.ids import RegisterCode
from gsomia.labels import fold, tells_level
from gsomia.registry.errors import RegisterError

SHORTEST_WORD = 4
"""Shorter parts of a topic or purpose code are no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerCover:
    """The label of the inner cover."""

    mark: str
    addressee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OuterCover:
    """The label of the outer cover; `number` stands in its QR code too."""

    addressee: str
    sender: str
    number: RegisterCode

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything that is printed on it."""
        return (self.addressee, self.sender, self.number)


def inner_cover(*, mark: str, addressee: str, content_words: Iterable[str], level_words: Iterable[str]) -> InnerCover:
    """The inner label: level and address only.

    Args:
        mark: of the highest level in the package.
        addressee: the organisational address.
        content_words: the words of the topics and purposes inside.
        level_words: every word that tells a level; the address holds none.

    Raises:
        RegisterError: the address says something of the content, or of a level.

    Source: G12-2.
    """
    _refuse_levels(addressee, level_words)
    said = set(fold(addressee).split())
    for word in content_words:
        if len(word) >= SHORTEST_WORD and fold(word) in said:
            raise RegisterError(
                "registry/cover-tells-content",
                "the address on a cover says something of what is inside",
                remedy="an organisational address only: no topic, no purpose, no title",
                clauses=("G12-2",),
            )
    return InnerCover(mark=mark, addressee=addressee)


def outer_cover(*, addressee: str, sender: str, number: RegisterCode, level_words: Iterable[str]) -> OuterCover:
    """The outer label: both addresses and the registry number, with no sign of a level.

    Raises:
        RegisterError: something on it tells a level, in whatever language.

    Source: G12-3.
    """
    words = frozenset(level_words)
    cover = OuterCover(addressee=addressee, sender=sender, number=number)
    for line in cover.lines:
        _refuse_levels(line, words)
    return cover


def _refuse_levels(text: str, words: Iterable[str]) -> None:
    if tells_level(text, words=words) is not None:
        raise RegisterError(
            "registry/cover-tells-level",
            "an address on a cover holds a word that tells a level",
            remedy="write the organisational address without it; see the table of levels",
            clauses=("G12-3",),
        )
