"""The levels of a party that trains: those of the government it plays, under its own code and marked EXERCISE.

No id and no mark of an exercise policy is one of a real policy, so nothing that is labelled in an exercise reads as
real, on a page or in a decision, and no table can set one beside the other.

Source: ADR 0033.
"""

from collections.abc import Iterable
from dataclasses import replace

from gsomia.labels.policy_file import Classification, Policy, Tag
from gsomia.parties import EXERCISE, exercise_code


def exercise_policy(policy: Policy, *, governments: Iterable[str]) -> Policy:
    """The policy of the exercise party that plays the party of `policy`.

    Args:
        policy: of a government.
        governments: codes that stand as values in tags, such as those a release is limited to.

    Raises:
        ExerciseError: the party is no government.
    """
    known = frozenset(governments)
    return replace(
        policy,
        party=exercise_code(policy.party),
        names=tuple(replace(name, text=f"{EXERCISE} {name.text}") for name in policy.names),
        classifications=tuple(_level(level) for level in policy.classifications),
        tags=tuple(_tag(tag, known) for tag in policy.tags),
    )


def _level(level: Classification) -> Classification:
    return replace(level, id=f"X{level.id}", mark=f"{EXERCISE} {level.mark}", reading=f"{EXERCISE} {level.reading}")


def _tag(tag: Tag, governments: frozenset[str]) -> Tag:
    values = (exercise_code(value) if value in governments else value for value in tag.values)
    return replace(tag, values=tuple(sorted(values)))
