"""Which texts of law hold on a day, and since when a table does."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import LawEntry, LawText, days_open, law_in_force
from gsomia.ids import LawId, PersonId, new_law_id
from gsomia.instants import Instant, Validity, start_of_day
from strategies.labels import NOW, modest

LEE = msgspec.convert("lee", PersonId)


def law_id(number: int) -> LawId:
    return new_law_id(lambda size: bytes([number]) * size)


def day(number: int) -> Instant:
    return start_of_day(date.fromordinal(736_000 + number))


def entry(number: int, *, begins: int, ends: int | None = None, replaces: int | None = None) -> LawEntry:
    return LawEntry(
        id=law_id(number),
        text=LawText(
            title=f"Act {number}",
            reference=f"No. {number}",
            valid=Validity(start=day(begins), until=None if ends is None else day(ends)),
        ),
        replaces=None if replaces is None else law_id(replaces),
        affects_protection=False,
        levels=False,
        by=LEE,
        at=NOW,
    )


@pytest.mark.source("G3-1")
@pytest.mark.parametrize(("on", "titles"), [(0, []), (1, ["Act 1"]), (4, ["Act 1"]), (5, ["Act 2"]), (9, ["Act 2"])])
def test_a_text_holds_until_the_one_that_takes_its_place_begins(on: int, titles: list[str]) -> None:
    entries = [entry(1, begins=1), entry(2, begins=5, replaces=1)]
    assert [text.title for text in law_in_force(entries, at=day(on))] == titles


@pytest.mark.source("G3-1")
def test_a_text_with_an_end_holds_up_to_it() -> None:
    entries = [entry(1, begins=1, ends=3)]
    assert [len(law_in_force(entries, at=day(on))) for on in (0, 1, 2, 3)] == [0, 1, 1, 0]


@pytest.mark.source("G3-1")
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8), st.integers(0, 12))
@modest
def test_of_a_chain_of_changes_exactly_one_holds_once_the_first_has_begun(
    chain: list[tuple[int, int]], on: int
) -> None:
    begins = sorted(start for start, _ in chain)
    entries = [entry(n, begins=start, replaces=n - 1 if n else None) for n, start in enumerate(begins)]
    held = law_in_force(entries, at=day(on))
    assert len(held) == (1 if begins and begins[0] <= on else 0)
    if held:
        assert held[0].title == f"Act {max(n for n, start in enumerate(begins) if start <= on)}"


@pytest.mark.source("G3-3")
def test_a_change_of_levels_that_is_not_flagged_does_not_read() -> None:
    doc = canon.encode(entry(1, begins=1)).replace(b'"levels":false', b'"levels":true')
    with pytest.raises(canon.CanonError):
        canon.decode(doc, LawEntry)


@pytest.mark.source("G3-1")
@given(st.integers(0, 1 << 31), st.integers(-(1 << 20), 1 << 31))
@modest
def test_the_ageing_counter_counts_whole_days_and_never_backwards(since: int, later: int) -> None:
    days = days_open(since=Instant(since), at=Instant(since + later))
    assert days == max(0, later // 86_400)
