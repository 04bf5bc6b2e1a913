r"""How a mark may be written: one spelling, nothing invisible, no look-alikes. Wrong text is refused, never repaired.

    >>> check_text("군사Ⅱ급비밀")
    >>> check_text("SEC\u200bRET")
    Traceback (most recent call last):
    ValueError: a character that cannot be seen

Source: labels 3 (what the XSD lets through), EQ-4.
"""

import unicodedata
from functools import lru_cache

MAX_TEXT = 200
"""Characters in a mark or a name."""
MAX_KNOWN = 1024
"""Accepted texts that are remembered: the few marks of a policy are read again with every item."""

_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_UNSEEN_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Hangul fillers and others that print nothing although Unicode counts them as letters, marks or symbols."""
_DISGUISED = {"FULLWIDTH", "HALFWIDTH", "MATHEMATICAL", "VARIATION"}
_ALIKE = {"LATIN", "CYRILLIC", "GREEK"}
"""Scripts whose letters pass for one another."""


def check_text(text: str) -> None:
    """Accept the one spelling of a text that people will read and programs will compare.

    Raises:
        ValueError: empty or too long, not NFC, invisible or disguised characters, loose spaces, or a word that mixes
            scripts whose letters look alike.
    """
    _check(text)


@lru_cache(maxsize=MAX_KNOWN)
def _check(text: str) -> None:
    if not 0 < len(text) <= MAX_TEXT:
        raise ValueError(f"a text has 1 to {MAX_TEXT} characters")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("a text that is not in normalisation form C")
    if any(_is_unseen(character) for character in text):
        raise ValueError("a character that cannot be seen")
    if text != text.strip(" ") or "  " in text:
        raise ValueError("a space at an end or a double space")
    for word in text.split(" "):
        scripts = {_script(character) for character in word}
        if scripts & _DISGUISED or len(scripts & _ALIKE) > 1:
            raise ValueError("letters that pass for others")


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    blank = category == "Zs" and character != " "
    return blank or category in _UNSEEN_CATEGORIES or character in _UNSEEN_LETTERS


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0]
