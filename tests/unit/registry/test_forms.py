"""Seven forms, each with its own particulars; what is none of them is not entered."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.registry import NEEDS, Form, Matter, RegisterError, check_matter, parse_form

PARTICULARS: dict[str, Any] = {
    "pages": 12,
    "media": "TAPE-7",
    "serials": ("R-001", "R-002"),
    "reference": "NOTE-2026-14",
}
SEVEN = ["documentary", "electronic", "equipment", "magnetic", "oral", "technology", "visual"]


@pytest.mark.source("G2-3")
def test_there_are_seven_forms() -> None:
    assert sorted(Form) == SEVEN


@pytest.mark.source("G2-3")
@given(st.text(max_size=20).filter(lambda text: text not in SEVEN))
def test_an_unknown_form_fails(text: str) -> None:
    with pytest.raises(RegisterError) as refused:
        parse_form(text)
    assert (refused.value.code, refused.value.clauses) == ("registry/unknown-form", ("G2-3",))


@pytest.mark.source("G2-3")
@given(st.sampled_from(Form), st.sets(st.sampled_from(sorted(PARTICULARS))))
def test_a_form_takes_its_own_particulars_and_no_others(form: Form, given_names: set[str]) -> None:
    matter = Matter(**{name: PARTICULARS[name] for name in given_names})
    right = form is not Form.ELECTRONIC and given_names == set(NEEDS[form])
    act: Callable[[], Matter] = lambda: check_matter(matter, form=form)  # noqa: E731  one act, two outcomes
    if right:
        assert act() == matter
    else:
        with pytest.raises(RegisterError, match="is entered with"):
            act()


@pytest.mark.source("G2-3")
def test_nothing_is_no_page() -> None:
    for pages in (0, -1):
        with pytest.raises(RegisterError, match="pages"):
            check_matter(Matter(pages=pages), form=Form.DOCUMENTARY)
