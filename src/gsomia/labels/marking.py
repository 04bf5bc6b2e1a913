"""What a human sees: the originator's mark in its own script, caveats after it, and our own mark at its side.

A marking is made from the label and the policy, never read back: decisions are made from labels. Two labels that
admit different readers never print the same words in one policy, place and language.

    군사Ⅱ급비밀//HANDLING NO-COPY//REL TO JPN, KOR                          on a Korean page
    (군사Ⅱ급비밀 [GUNSA II-KUP BI MIL]//REL TO JPN, KOR)                    before a portion, for an English reader

Source: EQ-4, G4-2, A-07, labels 7 (law 12).
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.labels.dominance import Admitted, protection
from gsomia.labels.errors import LabelUseError
from gsomia.labels.label import Label, Wildcard
from gsomia.labels.policy_file import Classification, Policy, TagKind

_PENDING = {"en": "own mark pending", "ja": "指定区分未定", "ko": "자국 등급 미정"}
"""Words for an item that no officer has booked yet (A-06)."""
_NOBODY = "NONE"


class Place(StrEnum):
    """Where a marking stands."""

    PAGE = "page"
    PORTION = "portion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What stands on a received item, side by side; neither replaces the other.

    Invariant (as it came): `originator_mark` is the label's text, byte for byte.
    Source: G4-2, EQ-4, A-07.
    """

    originator_name: str
    originator_mark: str
    originator_marking: str
    own_mark: str


def mark(label: Label, *, policy: Policy, place: Place, language: str) -> str:
    """The words of a label on paper or screen.

    Raises:
        LabelError: the label does not hold under `policy`.

    Source: labels 1.3 (markingData), law 12.
    """
    shown = protection(label, policy=policy)
    parts = [_level(policy.classification(shown.classification), policy=policy, language=language)]
    for tag in policy.tags:
        if tag.kind is TagKind.RESTRICTIVE:
            values = sorted(value for name, value in shown.restrictive if name == tag.name)
            parts += [f"{tag.marking} {', '.join(values)}"] if values else []
        else:
            parts += [f"{tag.marking} {_words(dict(shown.permissive)[tag.name])}"]
    text = "//".join(parts)
    return f"({text})" if place is Place.PORTION else text


def side_by_side(
    label: Label, *, originator_policy: Policy, own_policy: Policy, own_mark: str | None, language: str
) -> Marks:
    """The originator's name and mark, and our own corresponding mark, or that it is pending.

    Args:
        label: the originator's, as it came.
        originator_policy: what the label is read by.
        own_policy: ours.
        own_mark: the id an officer booked; None while category and basis are open.
        language: of the reader.

    Raises:
        LabelError: the label does not hold under `originator_policy`.
        LabelUseError: `own_mark` is no level of ours.

    Source: G4-2, A-06, A-07.
    """
    pending = _PENDING.get(language, _PENDING["en"])
    return Marks(
        originator_name=party_name(originator_policy, language=language),
        originator_mark=label.mark,
        originator_marking=mark(label, policy=originator_policy, place=Place.PAGE, language=language),
        own_mark=pending
        if own_mark is None
        else _level(own_policy.classification(own_mark), policy=own_policy, language=language),
    )


def party_name(policy: Policy, *, language: str) -> str:
    """A party's name for a reader of `language`; in the party's own language if there is none.

    Raises:
        LabelUseError: the policy names its party in neither.
    """
    names = {name.language: name.text for name in policy.names}
    found = names.get(language) or names.get(policy.language)
    if found is None:
        raise LabelUseError("labels/no-name", f"`{policy.party}` has no name in `{language}`")
    return found


def _level(level: Classification, *, policy: Policy, language: str) -> str:
    at_home = language == policy.language or level.reading == level.mark
    return level.mark if at_home else f"{level.mark} [{level.reading}]"


def _words(admitted: Admitted) -> str:
    if isinstance(admitted, Wildcard):
        return admitted.value
    return ", ".join(sorted(admitted)) or _NOBODY
