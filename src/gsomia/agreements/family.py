"""The family: the pacts that Korea and Japan have with others, as instruments with their parameters and levels.

Knowledge, not permission: an instrument of the family can be looked at, and `mark_reading` reads a partner's mark
through it. What carries items is an agreement signed by both nodes.

Source: obligations 2.23, levels 6.3, EQ-6.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gsomia import canon
from gsomia.agreements.comparison import KnownCount
from gsomia.agreements.errors import DocumentError
from gsomia.agreements.facts import Fact
from gsomia.agreements.note_text import Wordings
from gsomia.agreements.told_date import ToldText, days_of
from gsomia.ids import InstrumentId
from gsomia.instants import Instant, start_of_day
from gsomia.labels import TOP_RANK, NationalLevels

MAX_FAMILY_BYTES = 128 << 10
_OWN = {"K": "KOR", "J": "JPN"}
_KEYS = {"code", "profile", "count", "holder"}

CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2,4}\\Z")]


class PactKind(StrEnum):
    """What sort of instrument it is."""

    TREATY = "treaty"
    ARRANGEMENT = "arrangement"
    CROSS_SERVICING = "cross-servicing"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class PactProfile:
    """The parameters of one instrument, as far as they are known; what is left out is not known.

    Source: obligations 2.23.
    """

    id: InstrumentId
    between: Annotated[tuple[CountryCode, ...], Meta(min_length=2, max_length=3)]
    kind: PactKind
    binding: bool
    signed: ToldText | UnsetType = UNSET
    in_force: ToldText | UnsetType = UNSET
    ceiling: Annotated[int, Meta(ge=1, le=TOP_RANK)] | UnsetType = UNSET
    term_years: Annotated[int, Meta(ge=1, le=50)] | UnsetType = UNSET
    notice_days: Annotated[int, Meta(ge=1, le=3660)] | UnsetType = UNSET
    notice_article: str | UnsetType = UNSET
    completion_article: str | UnsetType = UNSET
    title: Wordings | UnsetType = UNSET
    own_table: bool | UnsetType = UNSET
    """Whether the instrument's own table of levels was read, so that neither side's row needs confirming."""
    note: str | UnsetType = UNSET
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHolder:
    """Who a printed name means: an office and its holder at the time, acting in office only."""

    id: str
    name: str
    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is known of the instruments besides the table of levels."""

    codes: dict[str, str]
    profiles: tuple[PactProfile, ...]
    counts: tuple[KnownCount, ...]
    holders: tuple[OfficeHolder, ...]

    def profile(self, instrument: str) -> PactProfile | None:
        """The profile of an instrument, if there is one."""
        return next((one for one in self.profiles if one.id == instrument), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pact:
    """One instrument of the family, and the partner's row of the table of levels."""

    id: InstrumentId
    own: str
    partner: str
    profile: PactProfile | None
    row: NationalLevels
    since: str | None

    @property
    def locked(self) -> bool:
        """Whether the partner's levels wait for an official to confirm them.

        Source: EQ-6.
        """
        read = self.profile is not None and self.profile.own_table is True
        return not read and (self.row.requires_confirmation or not self.row.levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDecision:
    """That somebody asked to use an instrument of the family, and what came of it.

    Source: EQ-5, EQ-6, T14.
    """

    id: Annotated[str, Meta(pattern="^fam_[a-z2-7]{26}\\Z")]
    question: Literal["map", "order"]
    subject: Annotated[str, Meta(max_length=60)]
    permitted: bool
    code: str | None
    clause: str | None
    by: str
    at: Instant


def parse_family(untrusted: bytes) -> Family:
    """The family file, read whole.

    Raises:
        DocumentError: not TOML, an unknown part, a member missing or of the wrong kind, an instrument twice.

    Source: obligations 2.23.
    """
    if len(untrusted) > MAX_FAMILY_BYTES:
        raise _broken("too large")
    try:
        family = canon.decode(canon.encode(_assemble(tomllib.loads(untrusted.decode()))), Family)
        for profile in family.profiles:
            _check_dates(profile)
    except canon.CanonError as cause:
        raise _broken(cause.message) from cause
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as cause:
        raise _broken(str(cause)) from cause
    ids = [one.id for one in family.profiles] + [one.id for one in family.holders]
    if len(set(ids)) != len(ids):
        raise _broken("an id stands twice")
    return family


def pacts_of(family: Family, rows: Iterable[NationalLevels]) -> tuple[Pact, ...]:
    """Every pact of Korea and of Japan in the table of levels, by id.

    Source: levels 6.3.
    """
    found = []
    for row in rows:
        for letter, since in _partners(row.pact_with):
            instrument = _instrument(family, _OWN[letter], row.code)
            found.append(
                Pact(
                    id=msgspec.convert(instrument, InstrumentId),
                    own=_OWN[letter],
                    partner=row.code,
                    profile=family.profile(instrument),
                    row=row,
                    since=since,
                )
            )
    return tuple(sorted(found, key=lambda pact: (pact.id, pact.own)))


def profile_facts(family: Family) -> tuple[Fact, ...]:
    """What the profiles say about signatures, as facts beside a history.

    Source: obligations 2.23.
    """
    return tuple(
        Fact(
            n=number,
            date=str(profile.signed or profile.in_force),
            eff=start_of_day(days_of(str(profile.signed or profile.in_force)).last),
            prec="profile",
            instr=profile.id,
            actor="both",
            event="sign",
            note="",
            steps=(),
            src=(profile.source,),
            conf="B",
        )
        for number, profile in enumerate(family.profiles, 1)
        if profile.kind is not PactKind.DRAFT and (profile.signed or profile.in_force)
    )


def _partners(cell: str) -> Iterable[tuple[str, str | None]]:
    outside, _, bracket = cell.partition(" (")
    for letter in outside.split():
        yield letter, None
    if bracket:
        letter, _, year = bracket.removesuffix(")").partition(" ")
        yield letter, year


def _instrument(family: Family, own: str, partner: str) -> str:
    pair = sorted((own, partner), key=lambda code: (code != "KOR", code != "JPN"))
    return "GSOMIA-" + "-".join(family.codes.get(code.lower(), code) for code in pair)


def _check_dates(profile: PactProfile) -> None:
    for text in (profile.signed, profile.in_force):
        if isinstance(text, str):
            days_of(text)


def _assemble(raw: dict[str, Any]) -> dict[str, Any]:
    unknown = set(raw) - _KEYS
    if unknown:
        raise ValueError(f"unknown part `{min(unknown)}`")
    return {
        "codes": raw["code"],
        "profiles": raw["profile"],
        "counts": raw["count"],
        "holders": raw["holder"],
    }


def _broken(why: str) -> DocumentError:
    return DocumentError("agreements/family-malformed", f"the family file does not read: {why[:200]}")
