"""The public table of national levels, row by row, with where each row was read; knowledge, not yet permission.

Rows read from a treaty, a law (T) or the European Union's appendix (E) may be used. Every other row waits until a
named official confirms it with a source. A mark is looked up inside one row only.

Source: levels 6.3, EQ-5, EQ-6.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
from msgspec import Meta

from gsomia.ids import PartyCode
from gsomia.instants import Instant, Validity
from gsomia.labels.errors import LabelError, LabelRefusal
from gsomia.labels.label import MarkText
from gsomia.labels.policy_file import TOP_RANK, Classification, Policy, Rank, Wording
from gsomia.labels.spelling import check_text

MAX_TABLE_BYTES = 256 << 10
_COLUMNS = ["code", "name", "pact_with", "top_secret", "secret", "confidential", "restricted", "source", "note"]
_FIRST_LEVEL = _COLUMNS.index("top_secret")
_CODE = re.compile(r"[A-Z]{2,4}")
_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)')
_NO_LEVEL = {"", "—", "to confirm", "footnote"}
_PROVEN = re.compile(r"[TE](?: \([A-Za-z0-9 ]+\))?")
_WITH_READING = re.compile(r"([^\x00-\x7f]+(?: [^\x00-\x7f]+)*) ([A-Za-z][A-Za-z ]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalLevel:
    """A level as the table gives it: the mark, and what else is written for the same level."""

    rank: Rank
    mark: MarkText
    also: tuple[MarkText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Who vouches for a row, and by which source.

    Source: EQ-6.
    """

    official: Annotated[str, Meta(min_length=1, max_length=200)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalLevels:
    """One row: a country or body, its levels, where they were read, and who has confirmed them."""

    code: str
    name: str
    pact_with: str
    """With whom it has a pact, as the table writes it: `K` for Korea, `J` for Japan, later ones in brackets."""
    levels: tuple[NationalLevel, ...]
    source: str
    confirmed_by: Confirmation | None

    @property
    def requires_confirmation(self) -> bool:
        """Whether any part of the row was read elsewhere than in a treaty, a law or the European appendix.

        Source: EQ-6.
        """
        tags = re.split(r"[,;] ", self.source)
        return self.confirmed_by is None and not all(_PROVEN.fullmatch(tag) for tag in tags)

    def rank_of(self, mark: str) -> int | None:
        """The rank of exactly this mark in this country; what it means elsewhere is not asked.

        Source: EQ-5.
        """
        return next((level.rank for level in self.levels if mark == level.mark or mark in level.also), None)


def read_national_levels(untrusted: bytes) -> tuple[NationalLevels, ...]:
    """The rows of the table of levels, none of them confirmed.

    A cell in brackets, or one that says nothing certain, gives no level: a retired level needs its own instrument.

    Raises:
        LabelError: not the table's columns, a broken line, a country twice, or a mark with a second spelling.

    Source: levels 6.3.
    """
    if len(untrusted) > MAX_TABLE_BYTES:
        raise _broken("too large")
    try:
        header, *lines = untrusted.decode().splitlines()
        if list(_fields(header)) != _COLUMNS:
            raise _broken("other columns")
        rows = tuple(_row(list(_fields(line))) for line in lines)
    except ValueError as cause:
        raise _broken(str(cause)) from cause
    if len({row.code for row in rows}) != len(rows):
        raise _broken("a country stands twice")
    return rows


def confirm(levels: NationalLevels, *, official: str, source: str, at: Instant) -> NationalLevels:
    """The row as a named official vouches for it.

    Raises:
        ValueError: no name or no source.

    Source: EQ-6.
    """
    if not official.strip() or not source.strip():
        raise ValueError("a confirmation names an official and a source")
    return replace(levels, confirmed_by=Confirmation(official=official, source=source, at=at))


def policy_of(levels: NationalLevels, *, valid: Validity) -> Policy | LabelRefusal:
    """A policy without caveats for live use of a row, or why there is none.

    Source: EQ-6.
    """
    if levels.requires_confirmation:
        return LabelRefusal(
            code="levels-not-confirmed", clause="EQ-6", text=f"no official has confirmed the levels of `{levels.code}`"
        )
    if not levels.levels:
        return LabelRefusal(code="levels-unknown", clause="EQ-6", text=f"no levels of `{levels.code}` are known")
    counts: dict[int, int] = {}
    found: list[Classification] = []
    for level in levels.levels:
        counts[level.rank] = counts.get(level.rank, 0) + 1
        found.append(
            Classification(
                id=f"{levels.code}-{level.rank}-{counts[level.rank]}",
                rank=level.rank,
                mark=level.mark,
                reading=level.also[-1] if level.also else level.mark,
                source=levels.source if levels.confirmed_by is None else levels.confirmed_by.source,
                obsolete=False,
            )
        )
    try:
        return Policy(
            party=msgspec.convert(levels.code, PartyCode),
            language="en",
            version=1,
            valid=valid,
            names=(Wording(language="en", text=levels.name),),
            classifications=tuple(found),
            tags=(),
        )
    except ValueError as cause:
        return LabelRefusal(code="levels-unreadable", clause="EQ-6", text=f"`{levels.code}` makes no policy: {cause}")


def _fields(line: str) -> Iterator[str]:
    position = 0
    while position <= len(line):
        found = _FIELD.match(line, position)
        if found is None:
            raise ValueError("a broken line")
        quoted, plain = found.groups()
        yield plain if quoted is None else quoted.replace('""', '"')
        if found.end() == len(line) and not found.group().endswith(","):
            return
        position = found.end()


def _row(fields: list[str]) -> NationalLevels:
    if len(fields) != len(_COLUMNS) or not _CODE.fullmatch(fields[0]):
        raise ValueError("a line without its columns or code")
    check_text(fields[1])
    cells = enumerate(fields[_FIRST_LEVEL : _FIRST_LEVEL + TOP_RANK])
    levels = tuple(level for column, cell in cells for level in _levels(TOP_RANK - column, cell))
    marks = [mark for level in levels for mark in {level.mark, *level.also}]
    if len(set(marks)) != len(marks):
        raise ValueError("a mark stands twice in one country")
    return NationalLevels(
        code=fields[0], name=fields[1], pact_with=fields[2], levels=levels, source=fields[-2], confirmed_by=None
    )


def _levels(rank: int, cell: str) -> Iterator[NationalLevel]:
    if cell in _NO_LEVEL or "(" in cell:
        return
    for words in cell.split(", "):
        check_text(words)
        with_reading = _WITH_READING.fullmatch(words)
        mark, also = (with_reading[1], (with_reading[2],)) if with_reading else (words, tuple(words.split(" / ")))
        yield NationalLevel(rank=rank, mark=mark, also=also if also != (mark,) else ())


def _broken(why: str) -> LabelError:
    return LabelError("labels/levels-malformed", f"the table of levels does not read: {why[:200]}")
