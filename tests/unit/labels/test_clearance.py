from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.instants import Validity
from gsomia.labels import (
    ANY,
    Category,
    Clearance,
    ClearanceStanding,
    ClearanceStatus,
    Label,
    LabelUseError,
    Policy,
    check_clearance,
    clearance_upto,
    obstacles,
    permits,
    simple_label,
)
from strategies.labels import JPN, KOR, NOW, RELEASABLE_TO, clearances, labels, modest, policies

VALID = Validity(start=NOW.plus(days=-100), until=NOW.plus(days=100))
REVIEW = NOW.plus(days=50)
SECRET = simple_label(KOR, "KOR-2", created_at=NOW)


def cleared(policy: Policy, level: str, *caveats: str) -> Clearance:
    return clearance_upto(policy, level, valid=VALID, basis="PSC-2026-1", review_at=REVIEW, caveats=caveats)


@pytest.mark.source("G7-2")
def test_a_clearance_reaches_its_level_and_every_lower_one_and_no_higher() -> None:
    holder = cleared(KOR, "군사Ⅱ급비밀")
    reached = [
        level.id
        for level in KOR.classifications
        if permits(simple_label(KOR, level.id, created_at=NOW), clearance=holder, policy=KOR, now=NOW)
    ]
    assert reached == ["KOR-2", "KOR-3", "KOR-DAEOEBI"]


@pytest.mark.source("A-06")
def test_a_clearance_for_gokuhi_is_none_for_tokutei() -> None:
    holder = cleared(JPN, "極秘")
    assert permits(simple_label(JPN, "極秘", created_at=NOW), clearance=holder, policy=JPN, now=NOW)
    assert not permits(simple_label(JPN, "特定秘密", created_at=NOW), clearance=holder, policy=JPN, now=NOW)


@pytest.mark.source("G2-6", "G7-4", "G7-6")
@given(
    status=st.sampled_from(ClearanceStatus),
    start=st.integers(-3, 3),
    lasts=st.none() | st.integers(-2, 6),
    review=st.integers(1, 6),
)
def test_a_clearance_counts_exactly_while_it_stands_valid(
    status: ClearanceStatus, start: int, lasts: int | None, review: int
) -> None:
    begins = NOW.plus(seconds=start)
    valid = Validity(start=begins, until=None if lasts is None else begins.plus(seconds=lasts))
    held = replace(cleared(KOR, "KOR-2"), valid=valid, review_at=begins.plus(seconds=review), status=status)
    assert held.is_effective(NOW) is (held.standing(NOW) is ClearanceStanding.VALID)
    if status is not ClearanceStatus.ACTIVE:
        assert held.standing(NOW).value == status.value


@pytest.mark.source("G7-4", "G7-6")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": ClearanceStatus.SUSPENDED}, "clearance-not-active"),
        ({"status": ClearanceStatus.WITHDRAWN}, "clearance-not-active"),
        ({"valid": Validity(start=NOW.plus(days=-9), until=NOW)}, "clearance-not-valid"),
        ({"valid": Validity(start=NOW.plus(seconds=1))}, "clearance-not-valid"),
        ({"review_at": NOW}, "clearance-review-due"),
    ],
)
def test_a_clearance_out_of_standing_counts_for_nothing(change: dict[str, Any], code: str) -> None:
    holder = replace(cleared(KOR, "KOR-1"), **change)
    assert not holder.is_effective(NOW)
    assert [code] == [found.code for found in obstacles(SECRET, clearance=holder, policy=KOR, now=NOW)]


@pytest.mark.source("G7-4")
def test_a_clearance_is_judged_at_the_instant_asked() -> None:
    holder = cleared(KOR, "KOR-2")
    assert [holder.is_effective(at) for at in (VALID.start.plus(seconds=-1), VALID.start, NOW, REVIEW)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.source("G7-3")
@pytest.mark.parametrize(("basis", "review"), [("", REVIEW), (" ", REVIEW), ("PSC-1", VALID.start)])
def test_a_clearance_without_basis_or_review_is_refused(basis: str, review: Any) -> None:
    with pytest.raises(LabelUseError) as refused:
        clearance_upto(KOR, "KOR-2", valid=VALID, basis=basis, review_at=review)
    assert refused.value.clauses == ("G7-3",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"classifications": ("KOR-1",)}, "clearance-not-down-closed"),
        ({"classifications": ("KOR-2", "KOR-DAEOEBI")}, "clearance-not-down-closed"),
        ({"classifications": ("KOR-2", "KOR-9")}, "clearance-level-unknown"),
        ({"party": JPN.party}, "clearance-of-another"),
    ],
)
def test_a_clearance_with_gaps_or_strange_levels_permits_nothing(change: dict[str, Any], code: str) -> None:
    holder = replace(cleared(KOR, "KOR-2"), **change)
    assert [code] == [found.code for found in check_clearance(holder, policy=KOR)]
    assert not permits(SECRET, clearance=holder, policy=KOR, now=NOW)


@pytest.mark.source("G2-6")
def test_a_clearance_of_one_party_opens_no_label_of_another() -> None:
    codes = [found.code for found in obstacles(SECRET, clearance=cleared(JPN, "JPN-1"), policy=KOR, now=NOW)]
    assert codes == ["clearance-of-another"]


@pytest.mark.source("EQ-8")
def test_every_restrictive_caveat_must_be_held_and_one_admission_is_enough() -> None:
    label = simple_label(KOR, "KOR-3", created_at=NOW, releasable_to=("JPN",), caveats=("ORCON", "NO-COPY"))
    assert permits(label, clearance=cleared(KOR, "KOR-3", "NO-COPY", "ORCON"), policy=KOR, now=NOW)
    assert not permits(label, clearance=cleared(KOR, "KOR-3", "NO-COPY"), policy=KOR, now=NOW)


@pytest.mark.source("EQ-8")
def test_an_item_releasable_to_nobody_is_read_by_nobody() -> None:
    label = simple_label(KOR, "KOR-3", created_at=NOW, releasable_to=())
    holder = cleared(KOR, "KOR-1")
    assert [found.code for found in obstacles(label, clearance=holder, policy=KOR, now=NOW)] == ["not-admitted"]


@modest
@given(policies.flatmap(clearances))
def test_a_clearance_survives_canonical_json(clearance: Clearance) -> None:
    assert clearance == canon.decode(canon.encode(clearance), Clearance)


def with_restrictive(label: Label, policy: Policy, value: str) -> Label:
    tag = policy.tags[0]
    held = {v for category in label.restrictive for v in category.values} | {value}
    return replace(label, restrictive=(Category(tag=tag.name, values=tuple(sorted(held))),))


@pytest.mark.source("EQ-8")
@modest
@given(st.data())
def test_a_further_caveat_never_turns_no_into_yes(data: st.DataObject) -> None:
    policy = data.draw(policies)
    label, clearance = data.draw(labels(policy)), data.draw(clearances(policy))
    assume(not permits(label, clearance=clearance, policy=policy, now=NOW))
    more = with_restrictive(label, policy, data.draw(st.sampled_from([*policy.tags[0].values, "UNHEARD-OF"])))
    assert not permits(more, clearance=clearance, policy=policy, now=NOW)


@pytest.mark.source("EQ-8")
@modest
@given(st.data())
def test_a_withdrawn_admission_never_turns_no_into_yes(data: st.DataObject) -> None:
    policy = data.draw(policies)
    label, clearance = data.draw(labels(policy)), data.draw(clearances(policy))
    assume(not permits(label, clearance=clearance, policy=policy, now=NOW))
    admitted = next((category.values for category in label.permissive), (policy.party,))
    assume(isinstance(admitted, tuple) and admitted)
    fewer = tuple(value for value in admitted if value != data.draw(st.sampled_from(list(admitted))))
    narrowed = replace(label, permissive=(Category(tag=RELEASABLE_TO, values=fewer),))
    assert not permits(narrowed, clearance=clearance, policy=policy, now=NOW)


@pytest.mark.source("G7-2")
@modest
@given(st.data())
def test_a_smaller_clearance_never_turns_no_into_yes(data: st.DataObject) -> None:
    policy = data.draw(policies)
    label, clearance = data.draw(labels(policy)), data.draw(clearances(policy))
    assume(not permits(label, clearance=clearance, policy=policy, now=NOW))
    kept = data.draw(st.integers(0, len(clearance.categories)))
    levels = data.draw(st.lists(st.sampled_from(clearance.classifications), unique=True, min_size=1))
    smaller = replace(clearance, categories=clearance.categories[:kept], classifications=tuple(sorted(levels)))
    assert not permits(label, clearance=smaller, policy=policy, now=NOW)


@pytest.mark.source("EQ-8")
def test_a_clearance_names_what_it_holds_and_only_caveats_there_are() -> None:
    with pytest.raises(ValueError, match="names what it holds"):
        replace(cleared(KOR, "KOR-2"), categories=(Category(tag=RELEASABLE_TO, values=ANY),))
    with pytest.raises(LabelUseError):
        cleared(KOR, "KOR-2", "NO-PRINT")
