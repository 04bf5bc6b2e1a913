"""A late receipt becomes a tracer and then an incident; two registers agree or every difference has an age."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.policy import INCIDENT_DAYS, TRACER_DAYS
from gsomia.registry import Due, Known, ReconciledLine, Reconciliation, compare, due, trace

SENT = Instant(1_800_000_000)
KOR, JPN = cast("PartyCode", "KOR"), cast("PartyCode", "JPN")


@pytest.mark.source("F-15", "G12-5", "A-12", "LEDGER-4")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, Due.YOUNG),
        (TRACER_DAYS - 1, Due.YOUNG),
        (TRACER_DAYS, Due.TRACER),
        (INCIDENT_DAYS - 1, Due.TRACER),
        (INCIDENT_DAYS, Due.INCIDENT),
        (400, Due.INCIDENT),
    ],
)
def test_a_receipt_that_is_late_is_a_tracer_at_day_10_and_an_incident_at_day_30(days: int, expected: Due) -> None:
    now = SENT.plus(days=days)
    assert due(sent=SENT, receipted=False, now=now) is expected
    assert due(sent=SENT, receipted=True, now=now) is Due.NOTHING
    assert trace(number="KOR-JPN-2026-000001", to=JPN, sent=SENT, now=now).age_days == days


def line(number: int, state: Known, *, since: int = 0, sender: PartyCode = KOR) -> ReconciledLine:
    return ReconciledLine(number=f"N-{number}", sender=sender, state=state, since=SENT.plus(seconds=since))


def said(*lines: ReconciledLine, at: int = 1000, since: int = -1000) -> Reconciliation:
    return Reconciliation(party=JPN, to=KOR, since=SENT.plus(seconds=since), lines=lines, at=SENT.plus(seconds=at))


@pytest.mark.source("LEDGER-8", "A-34")
@given(st.lists(st.sampled_from(Known), max_size=20))
def test_registers_that_know_the_same_do_not_differ(states: list[Known]) -> None:
    lines = [line(number, state) for number, state in enumerate(states)]
    assert compare(lines, said(*lines), now=SENT.plus(days=1)) == ()


@pytest.mark.source("LEDGER-8")
@given(
    st.dictionaries(st.integers(0, 9), st.sampled_from(Known)),
    st.dictionaries(st.integers(0, 9), st.sampled_from(Known)),
)
def test_every_transmittal_agrees_or_is_listed_once_with_its_age(
    ours: dict[int, Known], theirs: dict[int, Known]
) -> None:
    found = compare(
        [line(number, state) for number, state in ours.items()],
        said(*(line(number, state) for number, state in theirs.items())),
        now=SENT.plus(days=3),
    )
    agree = {frozenset({Known.SENT, Known.ARRIVED}), *(frozenset({state}) for state in Known)}
    expected = {
        f"N-{number}"
        for number in ours.keys() | theirs.keys()
        if frozenset({ours.get(number), theirs.get(number)}) not in agree
    }
    assert {one.number for one in found} == expected
    assert len(found) == len(expected)
    assert {one.age_days for one in found} <= {3}


@pytest.mark.source("LEDGER-8")
def test_what_moved_after_their_list_was_drawn_up_is_not_compared_yet() -> None:
    assert compare([line(1, Known.SENT, since=2000)], said(), now=SENT.plus(days=1)) == ()
    assert len(compare([line(1, Known.SENT, since=500)], said(), now=SENT.plus(days=1))) == 1


@pytest.mark.source("LEDGER-8")
def test_what_was_settled_before_the_days_they_looked_at_needs_not_be_in_their_list() -> None:
    old = line(1, Known.RECEIPTED, since=-2000)
    assert compare([old], said(), now=SENT.plus(days=1)) == ()
    assert len(compare([line(1, Known.SENT, since=-2000)], said(), now=SENT.plus(days=1))) == 1
