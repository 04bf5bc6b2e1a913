"""What a translation says in its own language: that it holds the originator's classified military information.

The terms are those of the signed texts: 군사비밀정보, 秘密軍事情報, classified military information (registry 8.1 of
the specification; treaty pages in Korean, Japanese and English). The sentences around them are ours. A language without
a sentence here gets no translation.

    >>> language_note("en", originator="Republic of Korea")
    'This translation contains classified military information of the originating Party, Republic of Korea.'

Source: G15-3, A-38.
"""

from types import MappingProxyType

from gsomia.registry.errors import RegisterError

NOTES = MappingProxyType(
    {
        "en": "This translation contains classified military information of the originating Party, {}.",
        "ja": "この翻訳は、{}から提供された秘密軍事情報を含む。",
        "ko": "이 번역물은 제공 당사자({})의 군사비밀정보를 포함한다.",
    }
)


def language_note(language: str, *, originator: str | None) -> str:
    """The note of a translation into `language`.

    Args:
        language: two letters.
        originator: the party's name in that language; None if it has none.

    Raises:
        RegisterError: there is no note in that language, or no name: such a translation is not issued.
    """
    sentence = NOTES.get(language)
    if sentence is None or originator is None:
        raise RegisterError(
            "registry/no-language-note",
            f"there is no note in `{language[:8]}` that says whose material a translation holds",
            remedy="translate into one of: " + ", ".join(sorted(NOTES)),
            clauses=("G15-3",),
        )
    return sentence.format(originator)
