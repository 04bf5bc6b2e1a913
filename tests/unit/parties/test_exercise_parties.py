import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.parties import ExerciseError, check_one_world, exercise_code, is_exercise, played_code

GOVERNMENTS = st.from_regex(r"[A-Z]{3}", fullmatch=True)
ORGANISATIONS = st.from_regex(r"[A-WYZ][A-Z]{3}", fullmatch=True)
REAL = GOVERNMENTS | ORGANISATIONS


@given(GOVERNMENTS)
def test_the_exercise_code_is_no_governments_and_says_whom_it_plays(code: str) -> None:
    training = exercise_code(code)
    assert is_exercise(training)
    assert not is_exercise(code)
    assert played_code(training) == code


@given(ORGANISATIONS | GOVERNMENTS.map(exercise_code))
def test_only_a_government_has_an_exercise_code(code: str) -> None:
    with pytest.raises(ExerciseError) as refused:
        exercise_code(code)
    assert refused.value.code == "parties/no-exercise-code"


@given(st.sets(REAL, min_size=1), st.sets(GOVERNMENTS.map(exercise_code), min_size=1))
def test_real_and_exercise_parties_never_stand_together(real: set[str], training: set[str]) -> None:
    check_one_world(real)
    check_one_world(training)
    with pytest.raises(ExerciseError) as refused:
        check_one_world(real | training)
    assert refused.value.code == "parties/exercise-does-not-mix"
