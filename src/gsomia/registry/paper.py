"""An existing paper register, row by row: what each line says, or why it says too little; nothing is guessed.

1. The first row whose headings name a control number and a level is the heading; an unknown heading is refused.
2. Titles and remarks are dropped where they stand. They reach no value here.
3. Rows with one control number are the copies of one item, and agree in everything but copy, holder and place.
4. What cannot be read is listed with line, column and reason; if one copy of an item is, all of them are.

Source: F-01, G2-3, G6-7.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gsomia import canon
from gsomia.agreements import Purpose
from gsomia.ids import InstrumentId, PartyCode, RegisterCode, Topic
from gsomia.instants import Instant
from gsomia.registry.errors import RegisterError
from gsomia.registry.matter import NEEDS, Form, Matter, check_matter
from gsomia.registry.paper_reasons import Unmatched, Why
from gsomia.registry.paper_words import DROPPED, NEEDED, Column, column_of, form_of, read_copy, read_day

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 5_000, 64, 1_000
"""One file is entered in one unit: a larger register comes in several files, for example one a year."""
HEADING_ROWS = 20
"""So far down a sheet may have words of its own before the heading."""
MAX_NUMBER = 64
MAX_PIECES = 64
MAX_DIGITS = 6

_NONE = frozenset({"", "-", "없음", "なし", "無", "영구", "無期限", "none", "permanent"})
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCopy:
    """Where a line says that one copy is.

    Args:
        line: the row of the file, counted from 1.
        copy: its number.
        of: how many there are in all, if the line says so.
        holder: who has it in hand.
        place: the container in which it lies.
    """

    line: int
    copy: str
    of: int | None
    holder: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperItem:
    """What the lines of one control number say alike, and its copies."""

    control_no: str
    document_no: str | None
    level: str
    own_mark: str | None
    originator: PartyCode
    instrument: InstrumentId | None
    form: Form
    matter: Matter
    topic: str
    purpose: str
    caveats: tuple[str, ...]
    day: Instant
    review: Instant | None
    copies: tuple[PaperCopy, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """The rows it comes from."""
        return tuple(copy.line for copy in self.copies)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRegister:
    """What a file says.

    Args:
        rows: how many it has below its heading that are not blank.
        items: what could be read.
        unmatched: what could not, and why, by line.
        dropped: columns that were there and are stored nowhere.
    """

    rows: int
    items: tuple[PaperItem, ...]
    unmatched: tuple[Unmatched, ...]
    dropped: tuple[Column, ...]


class _Unreadable(Exception):  # noqa: N818  never leaves this module
    def __init__(self, column: Column, why: Why) -> None:
        super().__init__(why)
        self.column, self.why = column, why


def read_register(rows: Sequence[Sequence[str]], *, names: Mapping[str, str]) -> PaperRegister:
    """What the rows of a sheet say.

    Args:
        rows: text, the heading among the first of them.
        names: what to read instead of a heading or a cell that says exactly this.

    Raises:
        RegisterError: no heading, an unknown or doubled one, or one too few; too many rows or columns.

    Trust: nothing of `rows` is believed; what comes back is well formed, and matches nothing at the node yet.
    Source: F-01, G6-7.
    """
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        raise RegisterError(
            "registry/paper-too-large",
            f"the sheet has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns",
            remedy="import it in parts, for example one file a year",
        )
    at, columns = _heading(rows, names)
    found: dict[str, list[tuple[PaperItem, PaperCopy]]] = {}
    unmatched: list[Unmatched] = []
    broken: set[str] = set()
    count = 0
    for line, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = _cells(row, columns, names)
        if not any(cells.values()):
            continue
        count += 1
        try:
            item, copy = _item(cells), _copy(line, cells)
            found.setdefault(item.control_no, []).append((item, copy))
        except _Unreadable as wrong:
            unmatched.append(_unmatched(line, wrong.column, cells, wrong.why))
            broken.add(cells.get(Column.CONTROL_NO, ""))
    items = []
    for number, lines in found.items():
        disagrees = _disagreement(lines)
        if disagrees is None and number not in broken:
            items.append(replace(lines[0][0], copies=tuple(copy for _, copy in lines)))
            continue
        line, column, why = disagrees or (0, Column.CONTROL_NO, Why.WITH_ANOTHER_LINE)
        for _, copy in lines:
            reason = why if copy.line == line else Why.WITH_ANOTHER_LINE
            where = column if copy.line == line else Column.CONTROL_NO
            unmatched.append(Unmatched(line=copy.line, column=where, value=number, why=reason))
    return PaperRegister(
        rows=count,
        items=tuple(items),
        unmatched=tuple(sorted(unmatched, key=lambda one: one.line)),
        dropped=tuple(sorted(DROPPED & set(columns.values()))),
    )


def _heading(rows: Sequence[Sequence[str]], names: Mapping[str, str]) -> tuple[int, dict[int, Column]]:
    for at, row in enumerate(rows[:HEADING_ROWS]):
        headings = {place: _named(cell, names) for place, cell in enumerate(row) if cell.strip()}
        columns = {place: column_of(heading) for place, heading in headings.items()}
        if {Column.CONTROL_NO, Column.LEVEL} <= set(columns.values()):
            return at, _checked(headings, columns)
    raise RegisterError(
        "registry/no-heading",
        f"none of the first {HEADING_ROWS} rows is the heading of a control register",
        remedy="its headings name at least the control number and the level, in Korean, Japanese or English",
        clauses=("F-01",),
    )


def _checked(headings: Mapping[int, str], columns: Mapping[int, Column | None]) -> dict[int, Column]:
    unknown = [headings[place] for place, column in columns.items() if column is None]
    if unknown:
        raise RegisterError(
            "registry/unknown-column",
            f"the heading `{unknown[0][:40]}` is none of a control register",
            remedy="say which column it is, or that it is dropped: `--map HEADING=remarks`",
            clauses=("F-01",),
        )
    known = {place: column for place, column in columns.items() if column is not None}
    named = [column for column in known.values() if column not in DROPPED]
    if len(named) != len(set(named)):
        twice = next(column for column in named if named.count(column) > 1)
        raise RegisterError(
            "registry/column-twice", f"two headings name the column `{twice}`", remedy="rename one", clauses=("F-01",)
        )
    missing = [column for column in NEEDED if column not in named]
    if missing:
        raise RegisterError(
            "registry/column-missing",
            f"the register has no column `{missing[0]}`",
            remedy="add it: without it no line says what the control register asks for",
            clauses=("F-01",),
        )
    return known


def _named(text: str, names: Mapping[str, str]) -> str:
    plain = unicodedata.normalize("NFC", text).strip()
    return names.get(plain, plain)


def _cells(row: Sequence[str], columns: Mapping[int, Column], names: Mapping[str, str]) -> dict[Column, str]:
    # Titles and remarks end here.
    return {
        column: _named(row[place], names) if place < len(row) else ""
        for place, column in columns.items()
        if column not in DROPPED
    }


def _unmatched(line: int, column: Column, cells: Mapping[Column, str], why: Why) -> Unmatched:
    return Unmatched(line=line, column=column, value=cells.get(column, "")[:80], why=why)


def _item(cells: Mapping[Column, str]) -> PaperItem:
    form = form_of(_needed(cells, Column.FORM))
    if form is None:
        raise _Unreadable(Column.FORM, Why.UNKNOWN_FORM)
    if form is Form.ELECTRONIC:
        raise _Unreadable(Column.FORM, Why.ELECTRONIC)
    review = cells.get(Column.DISPOSAL, "")
    return PaperItem(
        control_no=_number(cells, Column.CONTROL_NO),
        document_no=_number(cells, Column.DOCUMENT_NO) if cells.get(Column.DOCUMENT_NO) else None,
        level=_needed(cells, Column.LEVEL),
        own_mark=cells.get(Column.OWN_MARK) or None,
        originator=_checked_word(cells, Column.ORIGINATOR, PartyCode),
        instrument=_checked_word(cells, Column.INSTRUMENT, InstrumentId) if cells.get(Column.INSTRUMENT) else None,
        form=form,
        matter=_matter(cells, form),
        topic=_checked_word(cells, Column.TOPIC, Topic),
        purpose=_checked_word(cells, Column.PURPOSE, Purpose),
        caveats=_pieces(cells.get(Column.CAVEATS, "")),
        day=_day(cells, Column.DAY),
        review=None if review.casefold() in _NONE else _day(cells, Column.DISPOSAL),
    )


def _matter(cells: Mapping[Column, str], form: Form) -> Matter:
    pages = cells.get(Column.PAGES, "")
    if pages and not (pages.isascii() and pages.isdigit() and len(pages) <= MAX_DIGITS):
        raise _Unreadable(Column.PAGES, Why.MALFORMED)
    serials = _pieces(cells.get(Column.SERIALS, ""))
    if len(serials) > MAX_PIECES or not all(_is(piece, RegisterCode) for piece in serials):
        raise _Unreadable(Column.SERIALS, Why.MALFORMED)
    media = _checked_word(cells, Column.MEDIA, RegisterCode) if cells.get(Column.MEDIA) else None
    reference = _checked_word(cells, Column.DOCUMENT_NO, RegisterCode) if "reference" in NEEDS[form] else None
    matter = Matter(pages=int(pages) if pages else None, media=media, serials=serials, reference=reference)
    try:
        return check_matter(matter, form=form)
    except RegisterError as wrong:
        column = {"pages": Column.PAGES, "media": Column.MEDIA, "serials": Column.SERIALS}.get(NEEDS[form][0])
        raise _Unreadable(column or Column.FORM, Why.OTHER_PARTICULARS) from wrong


def _copy(line: int, cells: Mapping[Column, str]) -> PaperCopy:
    text = cells.get(Column.COPY, "")
    said = read_copy(text) if text else (1, 1)
    if said is None:
        raise _Unreadable(Column.COPY, Why.MALFORMED)
    copy, of = said
    if copy < 1 or (of is not None and copy > of):
        raise _Unreadable(Column.COPY, Why.MALFORMED)
    quantity = cells.get(Column.QUANTITY, "")
    pieces = len(_pieces(cells.get(Column.SERIALS, "")))
    if quantity and quantity not in {"1", str(of), str(pieces)}:
        raise _Unreadable(Column.QUANTITY, Why.QUANTITY)
    holder, place = cells.get(Column.HOLDER) or None, cells.get(Column.PLACE) or None
    if (holder is None) == (place is None):
        raise _Unreadable(Column.PLACE, Why.NOWHERE)
    return PaperCopy(line=line, copy=str(copy), of=of, holder=holder, place=place)


def _disagreement(lines: Iterable[tuple[PaperItem, PaperCopy]]) -> tuple[int, Column, Why] | None:
    """The first line that does not go with those of its control number before it."""
    seen: set[str] = set()
    first: tuple[PaperItem, PaperCopy] | None = None
    for item, copy in lines:
        first = first or (item, copy)
        if copy.copy in seen:
            return copy.line, Column.COPY, Why.COPY_TWICE
        seen.add(copy.copy)
        if item != first[0] or copy.of != first[1].of:
            return copy.line, Column.CONTROL_NO, Why.COPIES_DISAGREE
    return None


def _needed(cells: Mapping[Column, str], column: Column) -> str:
    text = cells.get(column, "")
    if not text:
        raise _Unreadable(column, Why.MISSING)
    if len(text) > MAX_CELL:
        raise _Unreadable(column, Why.MALFORMED)
    return text


def _number(cells: Mapping[Column, str], column: Column) -> str:
    """A number as an office writes it; one that a spreadsheet would take for a formula is none."""
    text = _needed(cells, column)
    if len(text) > MAX_NUMBER or not text.isprintable() or text.startswith(_FORMULA):
        raise _Unreadable(column, Why.MALFORMED)
    return text


def _checked_word(cells: Mapping[Column, str], column: Column, kind: Any) -> Any:  # noqa: ANN401  of the type asked for
    text = _needed(cells, column)
    if not _is(text, kind):
        raise _Unreadable(column, Why.MALFORMED)
    return text


def _is(text: str, kind: Any) -> bool:  # noqa: ANN401  a type expression
    try:
        canon.check(text, kind)
    except canon.CanonError:
        return False
    return True


def _day(cells: Mapping[Column, str], column: Column) -> Instant:
    day = read_day(_needed(cells, column))
    if day is None:
        raise _Unreadable(column, Why.MALFORMED)
    return day


def _pieces(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").replace("、", " ").split()))
