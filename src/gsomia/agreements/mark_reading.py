"""Read another country's mark in our levels: with its country or not at all, and only where somebody vouches for it.

A row of the table of levels may be used if it rests on a treaty or a law, or once a named official has confirmed
exactly this row by a source.

Source: levels 6.4, EQ-2, EQ-3, EQ-5, EQ-6, A-05.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import UNSET, Meta

from gsomia import canon
from gsomia.agreements.family import CountryCode, Pact
from gsomia.ids import HexDigest, PersonId
from gsomia.instants import Instant
from gsomia.labels import TOP_RANK, LabelRefusal, NationalLevels, Policy, confirm, next_higher
from gsomia.parties import Act, Name

CONFIRMATION = "levels-confirmation"
LOWEST_COVERED = 2
"""Rank of CONFIDENTIAL: what lies below is no classified military information (A-05)."""


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
class Mapped:
    """How a partner's mark reads in our levels under one instrument: protect by the highest of them.

    Source: EQ-3, A-06.
    """

    pact: Pact
    mark: str
    rank: int
    own: tuple[str, ...]


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


def _no(code: str, clause: str, text: str) -> LabelRefusal:
    return LabelRefusal(code=code, clause=clause, text=text)
