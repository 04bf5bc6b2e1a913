"""Every word that tells a level, in any language of the table and of the policies: what no outer cover may show.

The comparison is blind to case, accents, width and punctuation. In scripts without spaces a word counts wherever its
characters stand together, so an address with 秘書室 is refused as well: better a renamed office than a sign of a level.

Source: G12-3, levels 6.3.
"""

import csv
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from gsomia.labels.errors import LabelError
from gsomia.labels.national_levels import MAX_TABLE_BYTES
from gsomia.labels.policy_file import Policy

STEMS = (
    "비밀",
    "기밀",
    "급비",
    "대외비",
    "秘",
    "機密",
    "取扱注意",
    "classified",
    "confidential",
    "protected",
    "restricted",
    "secret",
)
"""What the levels of the two parties and of their allies have in common, whatever stands around it."""
_COLUMNS = ("top_secret", "secret", "confidential", "restricted")
_NO_LEVEL = {"", "—", "to confirm", "footnote"}
_SHORTEST_LATIN = 3
_UNSPACED = ("HANGUL", "CJK", "HIRAGANA", "KATAKANA")


def level_words(table: bytes, *, policies: Iterable[Policy]) -> frozenset[str]:
    """Every name of a level in the table, retired ones too, and every id, mark and reading of the policies; folded.

    Raises:
        LabelError: the table does not read.
    """
    if len(table) > MAX_TABLE_BYTES:
        raise LabelError("labels/levels-malformed", "the table of levels does not read: too large")
    try:
        rows = list(csv.DictReader(table.decode().splitlines()))
        cells = [row[column] for row in rows for column in _COLUMNS]
    except (ValueError, KeyError, csv.Error) as cause:
        raise LabelError("labels/levels-malformed", "the table of levels does not read: other columns") from cause
    found = [fold(piece) for cell in cells if cell not in _NO_LEVEL for piece in (cell, *_pieces(cell))]
    words = {word for word in found if _is_unspaced(word) or len(word) >= _SHORTEST_LATIN}
    for policy in policies:
        words |= {fold(text) for level in policy.classifications for text in (level.id, level.mark, level.reading)}
    return frozenset(words | {fold(stem) for stem in STEMS})


def tells_level(text: str, *, words: Iterable[str]) -> str | None:
    """The first word of `words` that stands in a text, or None.

    Source: G12-3.
    """
    folded = fold(text)
    spaced, packed = f" {folded} ", folded.replace(" ", "")
    for word in sorted(words):
        if (word.replace(" ", "") in packed) if _is_unspaced(word) else (f" {word} " in spaced):
            return word
    return None


def fold(text: str) -> str:
    """A text without case, accents, width and punctuation: what a reader takes for the same word."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    whole = unicodedata.normalize("NFKC", bare)  # Hangul syllables are whole again
    return " ".join("".join(one if one.isalnum() else " " for one in whole).split())


def _pieces(cell: str) -> list[str]:
    for sign in ",;/()":
        cell = cell.replace(sign, "\n")
    pieces = [piece.strip() for piece in cell.splitlines() if piece.strip() and piece.strip() not in _NO_LEVEL]
    # A mark and its reading in Latin letters stand in one cell: each is a sign of the level by itself.
    runs = (" ".join(run) for piece in pieces for _, run in groupby(piece.split(), key=_is_latin))
    return [*pieces, *runs]


def _is_latin(word: str) -> bool:
    return all(unicodedata.name(one, "").startswith("LATIN") for one in word if one.isalpha())


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.name(one, "").startswith(_UNSPACED) for one in word)
