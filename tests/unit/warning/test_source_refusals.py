"""However much a source says in vain, the record grows slowly, and no refusal goes uncounted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.warning import SourceRefusals, SourceRefused
from gsomia.warning.source_refusals import EVERY_US, MAX_KNOWN, OTHERS
from strategies.labels import modest

WORDS = st.builds(
    SourceRefused,
    source=st.sampled_from(["radar-1", "radar-2"]),
    code=st.sampled_from(["warning/too-fast", "warning/out-of-scope"]),
    count=st.integers(1, 1_000),
)


@pytest.mark.source("DESIGN-6")
@given(st.lists(st.tuples(WORDS, st.integers(0, EVERY_US), st.booleans()), max_size=60))
@modest
def test_one_entry_a_minute_for_a_source_and_code_and_every_refusal_is_counted_once(
    said: list[tuple[SourceRefused, int, bool]],
) -> None:
    refusals, now_us, taken = SourceRefusals(), 0, 0
    entered: dict[tuple[str, str], int] = {}
    for word, later_us, is_taken in said:
        now_us += later_us
        refusals.count(word)
        for one in refusals.due(now_us=now_us):
            key = (one.source, one.code)
            assert now_us - entered.get(key, -EVERY_US) >= EVERY_US
            entered[key] = now_us
            if is_taken:
                taken += one.count
            else:
                refusals.put_back([one])
    assert taken + sum(one.count for one in refusals.rest()) == sum(word.count for word, _, _ in said)
    assert refusals.rest() == []


def test_with_too_many_sources_the_rest_is_counted_under_one_name() -> None:
    refusals = SourceRefusals()
    for number in range(MAX_KNOWN + 9):
        refusals.count(SourceRefused(source=f"radar-{number}", code="warning/too-fast", count=1))
    due = refusals.due(now_us=0)
    assert len(due) == MAX_KNOWN + 1
    assert (due[-1].source, due[-1].code, due[-1].count) == (*OTHERS, 9)
    refusals.count(SourceRefused(source="radar-0", code="warning/too-fast", count=1))
    refusals.count(SourceRefused(source="radar-new", code="warning/too-fast", count=1))
    assert refusals.due(now_us=1) == []
    assert {one.source for one in refusals.due(now_us=EVERY_US)} == {"radar-0", "others"}
