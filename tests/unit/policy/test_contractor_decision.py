"""All fifteen conditions hold at every depth of subcontract, or nobody there has the item."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.policy import ContractorFacts, Verdict, decide_contractor
from strategies.agreements import JP
from strategies.contractors import BREAKS, broken_chains, chain
from strategies.policy import OTHER_PURPOSE

FIFTEEN = {f"G16-{number}" for number in range(1, 16)}


def denied(facts: ContractorFacts) -> dict[str, str]:
    decision = decide_contractor(facts)
    assert decision.verdict is Verdict.DENY
    return {reason.clause: reason.text for reason in decision.reasons}


@pytest.mark.source("G16-16")
@given(depth=st.integers(1, 8))
def test_a_chain_in_order_is_permitted_with_a_reason_for_each_condition_at_each_depth(depth: int) -> None:
    decision = decide_contractor(chain(depth))
    assert decision.verdict is Verdict.PERMIT
    for clause in FIFTEEN:
        assert sum(reason.clause == clause for reason in decision.reasons) == depth


@pytest.mark.source("G16-16", *sorted(FIFTEEN))
@given(case=broken_chains())
def test_one_condition_broken_at_any_depth_denies_and_says_which_and_where(
    case: tuple[ContractorFacts, str, int],
) -> None:
    facts, clause, at = case
    assert facts.chain[at].contractor in denied(facts)[clause]


@pytest.mark.source(*sorted(FIFTEEN))
def test_every_one_of_the_fifteen_has_a_way_to_break_it() -> None:
    assert {clause for clause, _ in BREAKS.values()} >= FIFTEEN


@pytest.mark.source("G16-3")
@pytest.mark.parametrize("name", [name for name, (clause, _) in BREAKS.items() if clause == "G16-3"])
def test_one_uncleared_name_blocks_the_whole_list(name: str) -> None:
    facts = chain(1)
    told = denied(replace(facts, chain=(BREAKS[name][1](facts.chain[0]),)))["G16-3"]
    assert ("leader" in told, "worker" in told or "nobody" in told) == (False, True)


@pytest.mark.source("G16-16")
def test_without_a_contract_nobody_has_the_item() -> None:
    assert "G16-16" in denied(chain(0))


@pytest.mark.source("G6-4", "G6-9", "G13-1", "G21-1")
def test_the_item_itself_must_allow_it() -> None:
    facts = chain(1)
    assert set(denied(replace(facts, purpose=OTHER_PURPOSE))) >= {"G6-4"}
    assert set(denied(replace(facts, purpose_ended=True))) == {"G6-4"}
    assert set(denied(replace(facts, held=False))) == {"G13-1"}
    assert set(denied(replace(facts, instrument=None))) == {"G1-1"}
    assert decide_contractor(replace(facts, instrument=None, originator=JP)).verdict is Verdict.PERMIT


@pytest.mark.source("DESIGN-5")
@given(case=broken_chains())
def test_the_facts_read_back_as_they_were_written(case: tuple[ContractorFacts, str, int]) -> None:
    assert canon.decode(canon.encode(case[0]), ContractorFacts) == case[0]
