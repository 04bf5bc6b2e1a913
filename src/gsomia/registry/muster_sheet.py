"""The inventory sheet as a table: written for the shelves, and read back as it was filled in.

    >>> read_marks([["Control No.", "Copy", "Seen", "사유"], ["R-1", "1", "○", ""], ["R-2", "2", "", "at repair"]])
    (('R-1', '1', True, None), ('R-2', '2', False, 'at repair'))

Source: F-21 (control no. · expected place · seen yes/no · signature · explanation).
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from gsomia.registry.errors import RegisterError
from gsomia.registry.muster import Found, SheetLine
from gsomia.registry.paper_words import fold

HEADINGS = ("control no", "copy", "expected place", "seen", "explanation", "item")
NUMBER, COPY, PLACE, SEEN, WORDS, ITEM = range(len(HEADINGS))
_WORDS: Mapping[str, int] = MappingProxyType(
    {
        fold(word): column
        for column, words in (
            (NUMBER, "control no|control number|관리번호|管理番号"),
            (COPY, "copy|copy no|사본|사본번호|部番号|写し番号"),
            (PLACE, "expected place|place|보관장소|保管場所"),
            (SEEN, "seen|확인|현물확인|確認|現物確認"),
            (WORDS, "explanation|사유|설명|理由|説明"),
            (ITEM, "item"),
        )
        for word in words.split("|")
    }
)
_YES = frozenset({"yes", "y", "1", "o", "○", "◯", "✓", "seen", "예", "확인", "はい", "有", "済"})
_NO = frozenset({"", "no", "n", "0", "아니오", "いいえ", "無", "x"})
MAX_WORDS = 200

MarkRow = tuple[str, str, bool, str | None]
"""Control number, copy, seen, explanation."""


def sheet_rows(lines: Iterable[SheetLine]) -> list[list[str]]:
    """The sheet of a muster, its heading first."""
    return [list(HEADINGS), *(_row(line) for line in lines)]


def _row(line: SheetLine) -> list[str]:
    one = line.expected
    seen = {Found.SEEN: "yes", Found.UNEXPLAINED: ""}.get(line.found, "no")
    return [one.control_no, one.copy, one.container or one.holder or "", seen, line.words or "", one.item]


def read_marks(rows: Sequence[Sequence[str]]) -> tuple[MarkRow, ...]:
    """What was filled in; lines with neither a yes nor an explanation are left open.

    Raises:
        RegisterError: other headings, or a cell under `seen` that says neither yes nor no.

    Trust: whether there are such copies is not known yet.
    Source: F-21.
    """
    columns = {_WORDS[fold(cell)]: place for place, cell in enumerate(rows[0]) if fold(cell) in _WORDS} if rows else {}
    if not {NUMBER, COPY, SEEN} <= columns.keys():
        raise RegisterError(
            "registry/no-sheet",
            "the first row is not the heading of an inventory sheet",
            remedy="fill in the file that `muster sheet` writes, and keep its headings",
            clauses=("F-21",),
        )
    found: list[MarkRow] = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {column: row[place].strip() if place < len(row) else "" for column, place in columns.items()}
        said, words = cells[SEEN].casefold(), cells.get(WORDS, "")
        if said not in _YES | _NO or len(words) > MAX_WORDS or not words.isprintable():
            raise RegisterError(
                "registry/unreadable-mark",
                f"line {number} of the sheet says neither yes nor no, or explains in more than {MAX_WORDS} characters",
                remedy="write yes or no under `seen`, and a short explanation",
                clauses=("F-21",),
            )
        if said in _YES or words:
            found.append((cells[NUMBER], cells[COPY], said in _YES, words or None))
    return tuple(found)
