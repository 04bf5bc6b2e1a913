"""The family: the pacts that Korea and Japan have with others, as instruments with their parameters and levels.

Knowledge, not permission: an instrument of the family can be looked at, and a mark can be read through it, once the
partner's levels rest on a treaty or a law, or a named official has confirmed them. What carries items is an agreement
signed by both nodes. A mark is read together with its country or not at all.

Source: obligations 2.23, levels 6.3 and 6.4, EQ-2, EQ-3, EQ-5, EQ-6, A-05.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from gsomia.ids import HexDigest, InstrumentId, PersonId
from gsomia.instants import Instant, start_of_day
from gsomia.labels import TOP_RANK, LabelRefusal, NationalLevels, Policy, confirm, next_higher
from gsomia.parties import Act, Name

CONFIRMATION = "levels-confirmation"
LOWEST_COVERED = 2
"""Rank of CONFIDENTIAL: what lies below is no classified military information (A-05)."""
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
class Profile:
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
    profiles: tuple[Profile, ...]
    counts: tuple[KnownCount, ...]
    holders: tuple[OfficeHolder, ...]

    def profile(self, instrument: str) -> Profile | None:
        """The profile of an instrument, if there is one."""
        return next((one for one in self.profiles if one.id == instrument), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pact:
    """One instrument of the family, and the partner's row of the table of levels."""

    id: InstrumentId
    own: str
    partner: str
    profile: Profile | None
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
class LevelsConfirmation:
    """A named official vouches for one row of the table of levels, exactly as it stands, by a source.

    Source: EQ-6.
    """

    country: CountryCode
    row: HexDigest
    official: Name
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    at: Instant


ConfirmationAct = Act[LevelsConfirmation]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationRecord:
    """A confirmation as the node keeps it, with the statement that signs it."""

    country: CountryCode
    statement: HexDigest
    confirmation: LevelsConfirmation
    by: PersonId


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """How a partner's mark reads in our levels under one instrument: protect by the highest of them.

    Source: EQ-3, A-06.
    """

    pact: Pact
    mark: str
    rank: int
    own: tuple[str, ...]


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


def row_digest(row: NationalLevels) -> HexDigest:
    """What a confirmation is bound to: the row as the table has it."""
    return canon.digest(replace(row, confirmed_by=None))


def apply_confirmations(
    rows: Iterable[NationalLevels], confirmations: Iterable[LevelsConfirmation]
) -> tuple[NationalLevels, ...]:
    """The rows, confirmed where an official vouched for exactly this row; a changed row waits again.

    Source: EQ-6.
    """
    given = {(one.country, one.row): one for one in confirmations}
    applied = []
    for row in rows:
        found = given.get((row.code, row_digest(row)))
        applied.append(
            confirm(row, official=found.official, source=found.source, at=found.at) if found is not None else row
        )
    return tuple(applied)


def look_alikes(mark: str, rows: Iterable[NationalLevels]) -> tuple[tuple[str, int], ...]:
    """Every country that has a mark spelled like this, capitals aside, with the rank it has there.

    Source: EQ-5.
    """
    wanted = mark.casefold()
    return tuple(
        (row.code, level.rank)
        for row in rows
        for level in row.levels
        if wanted in {word.casefold() for word in (level.mark, *level.also)}
    )


def map_mark(
    mark: str, *, country: str | None, own: Policy, pacts: Sequence[Pact], rows: Sequence[NationalLevels]
) -> Mapped | LabelRefusal:
    """How a mark of another country reads in our levels, or why it does not. Never raises for "no".

    1. A country is named: the word alone means nothing.
    2. There is a pact with it.
    3. Its levels rest on a treaty, a law, or an official's word.
    4. That country has exactly this mark.
    5. The rank lies under the pact's ceiling and is not below what pacts cover; an unknown ceiling excludes the top.
    6. We have a level of that rank, or a higher one.

    Source: EQ-2, EQ-3, EQ-5, EQ-6, G4-4, G4-5, X-1.
    """
    pact = next((one for one in pacts if one.own == own.party and one.partner == country), None)
    # (1) to (5)
    for refusal in _unreadable(mark, country, pact, rows, own.party):
        return refusal
    if pact is None:
        raise TypeError("a readable mark has a pact")
    rank = pact.row.rank_of(mark) or TOP_RANK
    # (6) never lower
    levels = tuple(level for level in own.classifications if level.rank == rank and not level.obsolete)
    levels = levels or next_higher(own, rank)
    if not levels:
        return _no("no-level-as-high", "EQ-3", f"`{own.party}` has no level of rank {rank} or above")
    return Mapped(pact=pact, mark=mark, rank=rank, own=tuple(level.id for level in levels))


def _unreadable(
    mark: str, country: str | None, pact: Pact | None, rows: Sequence[NationalLevels], own: str
) -> Iterator[LabelRefusal]:
    # (1) the word alone
    if country is None:
        places = ", ".join(f"{code} at rank {rank}" for code, rank in look_alikes(mark, rows)) or "nowhere"
        yield _no(
            "mark-without-country", "EQ-5", f"a mark means something only with its country; it stands in {places}"
        )
    # (2) a pact with that country
    elif pact is None:
        yield _no("no-pact", "EQ-2", f"`{own}` has no pact with `{country}`")
    # (3) whose levels are confirmed
    elif pact.locked:
        yield _no("levels-not-confirmed", "EQ-6", f"no official has confirmed the levels of `{country}`")
    else:
        rank = pact.row.rank_of(mark)
        ceiling = pact.profile.ceiling if pact.profile is not None else UNSET
        # (4) which has exactly this mark
        if rank is None:
            yield _no("mark-unknown", "EQ-5", f"`{country}` has no such mark, whatever other countries have")
        # (5) within the pact
        elif rank > (ceiling if isinstance(ceiling, int) else TOP_RANK - 1):
            yield _no("above-ceiling", "G4-4", f"rank {rank} lies above what `{pact.id}` is known to cover")
        elif rank < LOWEST_COVERED:
            yield _no("below-table", "G4-5", f"rank {rank} lies below what pacts cover")


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


def _check_dates(profile: Profile) -> None:
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


def _no(code: str, clause: str, text: str) -> LabelRefusal:
    return LabelRefusal(code=code, clause=clause, text=text)


def _broken(why: str) -> DocumentError:
    return DocumentError("agreements/family-malformed", f"the family file does not read: {why[:200]}")
