"""A party's label policy, read from TOML that an officer can read; refused unless every word of it is understood.

A level is found by its id or by the exact text of its mark, and only inside one party's policy: "Secret" is one thing
in Bucharest and another in Washington. Two levels may share a rank (極秘 and 特定秘密 do); then neither is above the
other.

Source: labels 1.3 and 7 (Policy), EQ-5.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from gsomia import canon
from gsomia.ids import PartyCode
from gsomia.instants import Validity
from gsomia.labels.errors import LabelError, LabelUseError
from gsomia.labels.label import ClassificationId, MarkText, TagName, ValueId, check_ascending
from gsomia.labels.spelling import check_text

MAX_POLICY_BYTES = 64 << 10
"""A policy is read whole; the three of this house have two kilobytes each."""
TOP_RANK = 4
"""TOP SECRET and its equals."""
LOWEST_RANK = 1
"""RESTRICTED and its equals: handled with care, not classified military information (A-05)."""

_KEYS = {"party", "language", "version", "valid_from", "valid_until", "names", "classification", "tag"}
_RESERVED = {"ANY", "NONE"}
"""What a marking prints for everyone and for nobody, hence no value's name."""

Language = Annotated[str, Meta(pattern="^[a-z]{2}\\Z")]
Rank = Annotated[int, Meta(ge=LOWEST_RANK, le=TOP_RANK)]


class TagKind(StrEnum):
    """What a tag asks of a reader: all of its values, or at least one."""

    RESTRICTIVE = "RESTRICTIVE"
    PERMISSIVE = "PERMISSIVE"


class Absent(StrEnum):
    """What it means that a label does not name a tag."""

    UNRESTRICTED = "UNRESTRICTED"
    OWNER_ONLY = "OWNER_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A name in one language."""

    language: Language
    text: MarkText


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A level. `reading` is the mark in Latin letters, for those who cannot read its script."""

    id: ClassificationId
    rank: Rank
    mark: MarkText
    reading: MarkText
    source: MarkText
    obsolete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A family of caveats. `marking` is what stands before its values on a page."""

    name: TagName
    kind: TagKind
    absent: Absent
    marking: Annotated[str, Meta(pattern="^[A-Z]+( [A-Z]+)*\\Z", max_length=40)]
    values: Annotated[tuple[ValueId, ...], Meta(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one party's policy, immutable.

    Invariant (one meaning): no id and no mark stands twice, in any combination; every id carries the party's code.
    """

    party: PartyCode
    language: Language
    version: Annotated[int, Meta(ge=1, le=2**31)]
    valid: Validity
    names: Annotated[tuple[Wording, ...], Meta(min_length=1, max_length=16)]
    classifications: Annotated[tuple[Classification, ...], Meta(min_length=1, max_length=32)]
    tags: Annotated[tuple[Tag, ...], Meta(max_length=16)]

    def __post_init__(self) -> None:
        """Refuse a policy that could be read in two ways.

        Raises:
            ValueError: it could.
        """
        check_ascending([name.language for name in self.names], what="names")
        check_ascending([f"{TOP_RANK - level.rank} {level.id}" for level in self.classifications], what="levels")
        check_ascending([tag.name for tag in self.tags], what="tags")
        for level in self.classifications:
            _check_classification(level, self.party)
        spelled = [text for level in self.classifications for text in (level.id, level.mark)]
        if len(set(spelled)) != len(spelled):
            raise ValueError("an id or a mark stands twice")
        if len({tag.marking for tag in self.tags}) != len(self.tags):
            raise ValueError("two tags print alike")
        for tag in self.tags:
            _check_tag(tag, self.party)

    def find(self, text: str) -> Classification | None:
        """The level whose id or whose mark is exactly `text`, if this party has one.

        Source: EQ-5.
        """
        return next((level for level in self.classifications if text in {level.id, level.mark}), None)

    def classification(self, text: str) -> Classification:
        """The level whose id or whose mark is exactly `text`.

        Raises:
            LabelUseError: this party has no such level, whatever other parties have.

        Source: EQ-5.
        """
        found = self.find(text)
        if found is None:
            raise LabelUseError(
                "labels/unknown-classification",
                f"`{self.party}` has no level `{text[:40]}`",
                remedy=f"use one of {', '.join(level.id for level in self.classifications)}",
            )
        return found

    def tag(self, name: str) -> Tag | None:
        """The tag of that name, if this party has one."""
        return next((tag for tag in self.tags if tag.name == name), None)


def parse_policy(untrusted: bytes) -> Policy:
    """The policy that the TOML bytes spell.

    Raises:
        LabelError: too large, not TOML, a field missing, unknown or of the wrong kind, text with a second spelling or
            invisible characters, or a policy that could be read in two ways.

    Trust: hostile on entry; on return the policy is well formed, nobody has signed it.
    Source: labels 3.
    """
    if len(untrusted) > MAX_POLICY_BYTES:
        raise LabelError("labels/policy-too-large", f"a policy file has at most `{MAX_POLICY_BYTES}` bytes")
    try:
        raw = tomllib.loads(untrusted.decode())
        _check_words(raw)
        return canon.decode(canon.encode(_assemble(raw)), Policy)
    except canon.CanonError as cause:
        raise _broken(cause.message) from cause
    except KeyError as cause:
        raise _broken(f"{cause} is missing") from cause
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as cause:
        raise _broken(str(cause)) from cause


def next_higher(policy: Policy, rank: int) -> tuple[Classification, ...]:
    """The levels in use on the nearest rank above `rank`; none at the top.

    Source: X-1, EQ-3 (no equal level: protect at the next higher one).
    """
    above = [level for level in policy.classifications if level.rank > rank and not level.obsolete]
    nearest = min((level.rank for level in above), default=None)
    return tuple(level for level in above if level.rank == nearest)


def _check_classification(level: Classification, party: str) -> None:
    if not level.id.startswith(f"{party}-"):
        raise ValueError("a level's id starts with its party's code")
    for text in (level.mark, level.reading, level.source):
        check_text(text)
    if any(separator in level.mark + level.reading for separator in ("//", "(", ")")):
        raise ValueError("a mark holds no `//` and no brackets: they part a marking")


def _check_tag(tag: Tag, party: str) -> None:
    check_ascending(tag.values, what="values of a tag")
    if _RESERVED & set(tag.values):
        raise ValueError("`ANY` and `NONE` are no values")
    if tag.absent is Absent.OWNER_ONLY and (tag.kind is not TagKind.PERMISSIVE or party not in tag.values):
        raise ValueError("owner-only is for permissive tags that list the owner")


def _check_words(value: object) -> None:
    match value:
        case str():
            check_text(value)
        case bool() | int():
            pass
        case list():
            for member in value:
                _check_words(member)
        case dict():
            for key, member in value.items():
                check_text(key)
                _check_words(member)
        case _:
            raise ValueError("a policy holds text, whole numbers, yes and no; an instant is written as text")


def _assemble(raw: dict[str, Any]) -> dict[str, Any]:
    unknown = set(raw) - _KEYS
    if unknown:
        raise ValueError(f"unknown part `{min(unknown)}`")
    levels = [{"obsolete": False, **row} for row in raw["classification"]]
    return {
        "party": raw["party"],
        "language": raw["language"],
        "version": raw["version"],
        "valid": {"start": raw["valid_from"], "until": raw.get("valid_until")},
        "names": [{"language": language, "text": text} for language, text in sorted(raw["names"].items())],
        "classifications": sorted(levels, key=lambda row: (-row["rank"], row["id"])),
        "tags": sorted(
            ({**tag, "values": sorted(tag["values"])} for tag in raw.get("tag", [])), key=lambda tag: tag["name"]
        ),
    }


def _broken(why: str) -> LabelError:
    return LabelError(
        "labels/policy-malformed",
        f"the policy file does not read: {why[:200]}",
        remedy="compare it with the files in `gsomia/labels/policies`",
    )
