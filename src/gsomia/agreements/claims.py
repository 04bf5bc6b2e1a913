"""What texts say, coded by hand: each dated statement with where it stands, when it was printed and of when it tells.

A claim is somebody's statement about the world. It is kept, quoted and compared; it is never an act, and nothing in
this module can move the state of an instrument. Names stay as printed, however garbled, beside the record they mean.

Source: A-28, system 1.6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gsomia import canon
from gsomia.agreements.errors import ClaimError
from gsomia.agreements.told_date import Precision, Stamp, ToldDate, ToldText
from gsomia.ids import Count, HexDigest, PersonId, sha256_hex
from gsomia.instants import Instant

MAX_CLAIMS_BYTES = 1 << 20
MAX_TEXT_BYTES = 256 << 10
"""A news text is read and kept whole."""

ClaimId = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{0,11}-[0-9]{2,3}\\Z")]
Gist = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+){0,14}\\Z", max_length=120)]
"""Our own words for a statement, as a code; no sentence is copied."""
Subject = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9-]{2,40}\\Z")]


class Saying(StrEnum):
    """What a statement says happened: an event of an instrument's life, or one of the things that are none."""

    PROPOSE = "propose"
    DECLINE = "decline"
    AGREE_TO_EXPLORE = "agree_to_explore"
    OPEN_TALKS = "open_talks"
    RESUME_TALKS = "resume_talks"
    MEETING = "meeting"
    DOMESTIC_STEP = "domestic_step"
    POSTPONE = "postpone"
    SHELVE = "shelve"
    SIGN = "sign"
    GIVE_NOTICE = "give_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    POLITICAL_DECLARATION = "political_declaration"
    INTERNAL_REQUEST = "internal_request"
    CONCLUDED = "concluded"
    """That an instrument was concluded by then."""
    END = "end"
    """That an instrument ended, whatever word the text has for it."""
    COUNT = "count"
    """How many of something there are."""
    CONTEXT = "context"
    """Anything else: shown, never compared with acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedName:
    """A name exactly as a text prints it, and the office-holder's record it means, if that can be told."""

    raw: Annotated[str, Meta(min_length=1, max_length=120)]
    record: Annotated[str, Meta(pattern="^[A-Z]{3,4}(-[A-Z0-9]+)+\\Z", max_length=60)] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A number, the day it held on, and the rule it was counted by: numbers of two rules are never set against another.

    Source: levels 6.4, system 1.6.
    """

    value: Count
    as_of: ToldText
    rule: Gist


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of one text.

    Invariant (two dates): `published` is when it was printed, `told` of when it tells; a text that was printed on a
    known day tells of later days only as plans.
    """

    id: ClaimId
    document: HexDigest
    start: Count
    end: Count
    published: Stamp | UnsetType = UNSET
    told: ToldDate
    subject: Subject
    actor: Annotated[str, Meta(pattern="^([A-Z]{3,4}|both|three|others)\\Z")]
    says: Saying
    gist: Gist
    planned: bool
    step: Annotated[str, Meta(pattern="^D[1-7]\\Z")] | UnsetType = UNSET
    word: Annotated[str, Meta(pattern="^[a-z]{2,20}\\Z")] | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET
    count: Counted | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a claim that cannot have been printed so.

        Raises:
            ValueError: an empty span, a count without number, or a past that lies after the printing.
        """
        if not self.start < self.end:
            raise ValueError("a claim stands on at least one character")
        if (self.says is Saying.COUNT) is not isinstance(self.count, Counted):
            raise ValueError("a count has a number, and nothing else has")
        printed = self.published
        if isinstance(printed, Stamp) and not self.planned and self.told.days.first > printed.day:
            raise ValueError("what was printed cannot tell of a later day, except as a plan")

    @property
    def is_inferred(self) -> bool:
        """Whether its date is ours rather than the text's."""
        return self.told.precision is Precision.INFERRED


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """An unclassified text that a node keeps under the digest of its bytes.

    Source: system 1.6, F-14.
    """

    digest: HexDigest
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    text: bytes
    claims: Count
    by: PersonId
    at: Instant

    def __repr__(self) -> str:
        return f"SourceText({self.digest})"


def parse_claims(untrusted: bytes) -> tuple[Claim, ...]:
    """The claims of a file, one canonical JSON object a line.

    Raises:
        ClaimError: too large, a line that is no claim, an unknown member, or an id twice.

    Trust: hostile on entry; on return the claims are well formed. Whether they are true is what `compare` asks.
    """
    if len(untrusted) > MAX_CLAIMS_BYTES:
        raise _broken("too large")
    claims: list[Claim] = []
    for number, line in enumerate(untrusted.split(b"\n"), 1):
        if not line:
            continue
        try:
            claims.append(canon.decode(line, Claim))
        except canon.CanonError as cause:
            raise _broken(f"line {number}: {cause.message}") from cause
    if len({claim.id for claim in claims}) != len(claims):
        raise _broken("a claim's id stands twice")
    return tuple(claims)


def read_text(untrusted: bytes) -> str:
    """The characters of a source text; spans count them.

    Raises:
        ClaimError: too large, or not UTF-8.
    """
    if len(untrusted) > MAX_TEXT_BYTES:
        raise ClaimError("agreements/text-too-large", f"a source text has at most `{MAX_TEXT_BYTES}` bytes")
    try:
        return untrusted.decode()
    except UnicodeDecodeError as cause:
        raise ClaimError("agreements/text-not-utf8", "a source text is UTF-8") from cause


def claims_of(claims: Iterable[Claim], document: HexDigest) -> tuple[Claim, ...]:
    """The claims coded from one text."""
    return tuple(claim for claim in claims if claim.document == document)


def check_spans(claims: Iterable[Claim], text: bytes) -> int:
    """Hold the claims coded from exactly these bytes against them, and say how many there are.

    Each span lies inside the text and covers something; a name as printed, and a word, stand inside their span.

    Raises:
        ClaimError: a span lies outside, is blank, or lacks the name or the word it is said to hold.

    Source: system 1.6.
    """
    characters = read_text(text)
    mine = claims_of(claims, sha256_hex(text))
    for claim in mine:
        covered = characters[claim.start : claim.end]
        if claim.end > len(characters) or not covered.strip():
            raise _off(claim, "lies outside the text or on nothing")
        if isinstance(claim.name, PrintedName) and claim.name.raw not in covered:
            raise _off(claim, "does not hold the name as printed")
        if isinstance(claim.word, str) and claim.word not in covered.lower():
            raise _off(claim, "does not hold the word")
    return len(mine)


def _off(claim: Claim, why: str) -> ClaimError:
    return ClaimError(
        "agreements/span-off",
        f"the span of claim `{claim.id}` {why}",
        remedy="code the claim again from the text with this digest",
    )


def _broken(why: str) -> ClaimError:
    return ClaimError(
        "agreements/claims-malformed",
        f"the claims do not read: {why[:200]}",
        remedy="one claim a line, as in the claims that ship with the program",
    )
