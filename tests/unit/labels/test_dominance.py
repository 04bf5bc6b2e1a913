from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gsomia.labels import (
    ANY,
    LabelError,
    LabelRefusal,
    Policy,
    Protection,
    join,
    lacks,
    leq,
    meet,
    permits,
    protection,
    rollup,
    simple_label,
)
from strategies.labels import JPN, KOR, NOW, clearances, invented_policies, labels, modest, policies

any_policy = st.one_of(policies, invented_policies())


@st.composite
def some(draw: st.DrawFn, count: int, of: st.SearchStrategy[Policy]) -> tuple[Policy, list[Protection]]:
    policy = draw(of)
    return policy, [protection(draw(labels(policy)), policy=policy) for _ in range(count)]


def both(left: Protection, right: Protection, policy: Policy) -> tuple[Protection, Protection]:
    upper, lower = join(left, right, policy=policy), meet(left, right, policy=policy)
    assume(isinstance(upper, Protection) and isinstance(lower, Protection))
    assert isinstance(upper, Protection)
    assert isinstance(lower, Protection)
    return upper, lower


@modest
@given(some(3, any_policy))
def test_dominance_is_a_partial_order(drawn: tuple[Policy, list[Protection]]) -> None:
    _, (a, b, c) = drawn
    assert leq(a, a)
    assert a == b or not (leq(a, b) and leq(b, a))
    assert leq(a, c) or not (leq(a, b) and leq(b, c))


@modest
@given(some(3, any_policy))
def test_join_is_the_least_upper_and_meet_the_greatest_lower_bound(drawn: tuple[Policy, list[Protection]]) -> None:
    policy, (a, b, c) = drawn
    upper, lower = both(a, b, policy)
    assert leq(a, upper)
    assert leq(b, upper)
    assert leq(upper, c) or not (leq(a, c) and leq(b, c))
    assert leq(lower, a)
    assert leq(lower, b)
    assert leq(c, lower) or not (leq(c, a) and leq(c, b))


@modest
@given(some(3, policies))
def test_join_and_meet_are_a_lattice_in_the_policies_of_the_house(drawn: tuple[Policy, list[Protection]]) -> None:
    policy, (a, b, c) = drawn
    upper, lower = both(a, b, policy)
    assert (upper, lower) == both(b, a, policy)
    assert (a, a) == both(a, a, policy)
    assert a == both(a, upper, policy)[1]
    assert a == both(a, lower, policy)[0]
    assert both(upper, c, policy)[0] == both(a, both(b, c, policy)[0], policy)[0]
    assert both(lower, c, policy)[1] == both(a, both(b, c, policy)[1], policy)[1]


@modest
@given(st.data())
def test_who_may_read_the_stronger_may_read_the_weaker(data: st.DataObject) -> None:
    policy = data.draw(any_policy)
    a, b = data.draw(labels(policy)), data.draw(labels(policy))
    assume(leq(protection(a, policy=policy), protection(b, policy=policy)))
    clearance = data.draw(clearances(policy))
    may = permits(b, clearance=clearance, policy=policy, now=NOW)
    assert not may or permits(a, clearance=clearance, policy=policy, now=NOW)


@pytest.mark.source("G4-6")
@modest
@given(st.data())
def test_who_may_read_the_whole_may_read_every_portion(data: st.DataObject) -> None:
    policy = data.draw(any_policy)
    portions = data.draw(st.lists(labels(policy), min_size=1, max_size=4))
    whole = rollup(portions, policy=policy)
    assume(isinstance(whole, Protection))
    assert isinstance(whole, Protection)
    clearance = data.draw(clearances(policy))
    may = not lacks(clearance, needed=whole)
    assert not may or all(permits(portion, clearance=clearance, policy=policy, now=NOW) for portion in portions)
    assert all(leq(protection(portion, policy=policy), whole) for portion in portions)


@pytest.mark.source("A-14")
def test_a_whole_of_portions_for_different_readers_is_for_nobody() -> None:
    ours = simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=("JPN",))
    theirs = simple_label(KOR, "KOR-3", created_at=NOW, releasable_to=())
    whole = rollup([ours, theirs], policy=KOR)
    assert isinstance(whole, Protection)
    assert (("Releasable To", frozenset()),) == whole.permissive
    assert whole.classification == "KOR-2"


def test_silence_means_the_owner_and_not_everyone() -> None:
    silent = protection(simple_label(KOR, "KOR-2", created_at=NOW), policy=KOR)
    everyone = protection(simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=ANY), policy=KOR)
    assert (("Releasable To", frozenset({"KOR"})),) == silent.permissive
    assert leq(everyone, silent)
    assert not leq(silent, everyone)


@pytest.mark.source("A-06")
def test_two_levels_of_one_rank_are_not_comparable_and_lie_under_the_next() -> None:
    gokuhi, tokutei = (protection(simple_label(JPN, mark, created_at=NOW), policy=JPN) for mark in ("極秘", "特定秘密"))
    assert not leq(gokuhi, tokutei)
    assert not leq(tokutei, gokuhi)
    upper, lower = join(gokuhi, tokutei, policy=JPN), meet(gokuhi, tokutei, policy=JPN)
    assert isinstance(upper, Protection)
    assert isinstance(lower, Protection)
    assert (upper.classification, lower.classification) == ("JPN-1", "JPN-3")


@pytest.mark.source("EQ-5")
def test_levels_of_two_policies_are_never_compared() -> None:
    korean = protection(simple_label(KOR, "KOR-3", created_at=NOW), policy=KOR)
    japanese = protection(simple_label(JPN, "JPN-1", created_at=NOW), policy=JPN)
    assert not leq(korean, japanese)
    assert isinstance(join(korean, japanese, policy=KOR), LabelRefusal)
    assert isinstance(meet(japanese, japanese, policy=KOR), LabelRefusal)
    with pytest.raises(LabelError):
        protection(simple_label(JPN, "JPN-3", created_at=NOW), policy=KOR)


@pytest.mark.source("A-06")
def test_a_whole_that_no_one_level_covers_is_left_to_an_officer() -> None:
    headless = replace(JPN, classifications=JPN.classifications[1:])
    parts = [simple_label(headless, mark, created_at=NOW) for mark in ("秘", "極秘", "特定秘密")]
    refused = rollup(parts, policy=headless)
    assert isinstance(refused, LabelRefusal)
    assert refused.code == "levels-incomparable"
