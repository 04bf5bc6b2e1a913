"""Exercise parties: their code is one that no government has, so nothing they say can pass for real.

A party that trains has the code of its government with `X` before it: `XKOR`. The code stands in the party's record
(and so in its fingerprint), its descriptor and certificate, every log's origin, every level's id and every statement
that names a party; whoever reads any of these sees an exercise. A real party and an exercise party never pin one
another, stand in no agreement together and exchange nothing.

    >>> exercise_code("KOR")
    'XKOR'
    >>> is_exercise("XKOR"), is_exercise("KOR"), is_exercise("NATO")
    (True, False, False)

Source: ADR 0033.
"""

import re
from collections.abc import Iterable
from typing import Final, cast

from gsomia.ids import PartyCode
from gsomia.parties.errors import ExerciseError

EXERCISE: Final = "EXERCISE"
"""The word that stands before a name and a mark, in every language."""
_EXERCISE_CODE = re.compile(r"X[A-Z]{3}")
_GOVERNMENT = re.compile(r"[A-Z]{3}")


def is_exercise(code: str) -> bool:
    """Whether a party exists for training only."""
    return _EXERCISE_CODE.fullmatch(code) is not None


def exercise_code(code: str) -> PartyCode:
    """The code under which a government trains.

    Raises:
        ExerciseError: only a government with a code of three letters can.
    """
    if not _GOVERNMENT.fullmatch(code):
        raise ExerciseError(
            "parties/no-exercise-code",
            f"`{code[:8]}` has no exercise code",
            remedy="give the government's code of three letters, for example KOR",
        )
    return cast("PartyCode", f"X{code}")


def played_code(code: PartyCode) -> PartyCode:
    """The government that an exercise party plays; any other code as it is."""
    return cast("PartyCode", code[1:]) if is_exercise(code) else code


def check_one_world(codes: Iterable[str]) -> None:
    """Hold that all of these parties are real, or that all of them train.

    Raises:
        ExerciseError: they are mixed.

    Source: ADR 0033.
    """
    listed = sorted(set(codes))
    training = [code for code in listed if is_exercise(code)]
    if training and len(training) != len(listed):
        real = next(code for code in listed if not is_exercise(code))
        raise ExerciseError(
            "parties/exercise-does-not-mix",
            f"`{training[0]}` exists for exercises only and `{real}` is real",
            remedy="exercise with exercise parties: `gsomia init --exercise` on both sides",
        )
