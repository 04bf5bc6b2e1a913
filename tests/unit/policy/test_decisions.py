"""What is true of every decision: it never raises, knows no luck, and less knowledge never permits more."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import Agreement
from gsomia.policy import (
    RULES_VERSION,
    AccessFacts,
    Decision,
    OnwardFacts,
    Permit,
    ReleaseFacts,
    Verdict,
    decide_access,
    decide_onward,
    decide_release,
)
from gsomia.policy.decision import Finding, Reason, conclude
from strategies.agreements import AGREEMENT
from strategies.labels import POLICIES, modest
from strategies.policy import (
    ACCESS,
    FEEDER,
    ONWARD,
    RELEASE,
    access_facts,
    assurances,
    duties,
    onward_facts,
    persons,
    release_facts,
    roster,
    some,
)

Facts = ReleaseFacts | AccessFacts | OnwardFacts
near_release = st.builds(
    replace, st.just(RELEASE), assurances=assurances.map(lambda more: (*RELEASE.assurances, *more))
)
near_access = st.builds(
    replace,
    st.just(ACCESS),
    duties=duties.map(lambda more: (*ACCESS.duties, *more)),
    roster=roster.map(lambda more: (*ACCESS.roster, *more)),
)
any_facts = release_facts | access_facts | onward_facts | st.sampled_from([RELEASE, ACCESS, ONWARD])
any_release = release_facts | near_release | st.builds(replace, st.just(RELEASE), decider=persons)
any_access = access_facts | near_access | st.builds(replace, st.just(ACCESS), reader=persons)


def decide(facts: Facts, agreement: Agreement | None = AGREEMENT) -> Decision:
    match facts:
        case ReleaseFacts():
            return decide_release(facts, agreement=agreement, policies=POLICIES)
        case AccessFacts():
            return decide_access(facts)
        case OnwardFacts():
            return decide_onward(facts, agreement=FEEDER if agreement else None, policies=POLICIES)


def permits(facts: Facts) -> bool:
    return decide(facts).verdict is Verdict.PERMIT


@pytest.mark.source("DESIGN-8")
@given(any_facts, st.booleans())
@modest
def test_a_decision_never_raises_and_always_says_why(facts: Facts, known: bool) -> None:  # noqa: FBT001  drawn
    decision = decide(facts, AGREEMENT if known else None)
    assert decision.reasons
    assert decision.rules_version == RULES_VERSION
    assert bool(decision.obligations) == (decision.verdict is Verdict.PERMIT)
    assert all(reason.code and reason.clause and reason.text for reason in decision.reasons)


@pytest.mark.source("DESIGN-5")
@given(any_facts)
@modest
def test_the_same_facts_give_the_same_decision_and_its_digest_names_them(facts: Facts) -> None:
    again = canon.decode(canon.encode(facts), type(facts))
    assert again == facts
    assert decide(again) == decide(facts)
    assert decide(facts).facts == canon.digest(facts)


@pytest.mark.source("DESIGN-5")
@given(any_facts)
@modest
def test_a_decision_survives_the_record(facts: Facts) -> None:
    decision = decide(facts)
    assert canon.decode(canon.encode(decision), Decision) == decision


def thinner(values: tuple[Any, ...], data: st.DataObject) -> tuple[Any, ...]:
    return data.draw(some(values))


@pytest.mark.source("DESIGN-3", "G7-5", "G12-11", "G2-5")
@given(any_release, st.data())
@modest
def test_knowing_less_never_permits_a_release(facts: ReleaseFacts, data: st.DataObject) -> None:
    instrument = facts.instrument and replace(facts.instrument, named=thinner(facts.instrument.named, data))
    less = replace(
        facts,
        instrument=data.draw(st.sampled_from([instrument, None])),
        decider=replace(
            facts.decider,
            clearances=thinner(facts.decider.clearances, data),
            offices=thinner(facts.decider.offices, data),
        ),
        channels=thinner(facts.channels, data),
        assurances=thinner(facts.assurances, data),
        control_officer=data.draw(st.sampled_from([facts.control_officer, None])),
    )
    assert permits(facts) or not permits(less)


@pytest.mark.source("DESIGN-3", "G7-2", "G6-6")
@given(any_access, st.data())
@modest
def test_knowing_less_never_permits_a_reading(facts: AccessFacts, data: st.DataObject) -> None:
    less = replace(
        facts,
        own_mark=data.draw(st.sampled_from([facts.own_mark, None])),
        facility=data.draw(st.sampled_from([facts.facility, None])),
        instrument=data.draw(st.sampled_from([facts.instrument, None])),
        reader=replace(facts.reader, clearances=thinner(facts.reader.clearances, data)),
        duties=thinner(facts.duties, data),
        roster=thinner(facts.roster, data),
    )
    assert permits(facts) or not permits(less)


@pytest.mark.source("DESIGN-3", "G6-1")
@given(onward_facts | st.just(ONWARD), st.data())
@modest
def test_knowing_less_never_permits_a_passing_on(facts: OnwardFacts, data: st.DataObject) -> None:
    less = replace(
        facts,
        consent=data.draw(st.sampled_from([facts.consent, None])),
        manifest=data.draw(st.sampled_from([facts.manifest, None])),
        instrument=data.draw(st.sampled_from([facts.instrument, None])),
    )
    assert permits(facts) or not permits(less)


@pytest.mark.source("G7-1")
@given(any_release, any_access, st.sampled_from(["", "general", "minister"]))
@modest
def test_rank_decides_nothing(release: ReleaseFacts, access: AccessFacts, rank: str) -> None:
    promoted = replace(release, decider=replace(release.decider, rank=rank))
    assert decide(promoted).verdict is decide(release).verdict
    raised = replace(access, reader=replace(access.reader, rank=rank))
    assert decide(raised).verdict is decide(access).verdict


@pytest.mark.source("G6-1")
@given(onward_facts)
@modest
def test_nothing_goes_on_without_consent(facts: OnwardFacts) -> None:
    decision = decide(replace(facts, consent=None))
    assert decision.verdict is Verdict.DENY
    assert "G6-1" in {reason.clause for reason in decision.reasons}


# --- permits --------------------------------------------------------------------------------


@pytest.mark.source("DESIGN-8")
@pytest.mark.parametrize(
    "facts", [replace(RELEASE, purpose=""), replace(ACCESS, duties=()), replace(ONWARD, consent=None)]
)
def test_a_permit_cannot_be_made_from_a_denial(facts: Facts) -> None:
    with pytest.raises(ValueError, match="permits"):
        Permit(decide(facts))


@pytest.mark.parametrize("facts", [RELEASE, ACCESS, ONWARD])
def test_a_permit_carries_the_decision_it_rests_on(facts: Facts) -> None:
    decision = decide(facts)
    assert Permit(decision).decision is decision


def test_a_decision_cannot_be_changed_afterwards() -> None:
    denied = decide(replace(RELEASE, purpose=""))
    with pytest.raises(FrozenInstanceError):
        denied.verdict = Verdict.PERMIT  # type: ignore[misc]


def findings(*holds: bool) -> Iterator[Finding]:
    return (Finding(holds=held, reason=Reason(code=f"c{i}", clause=f"G-{i}", text="t")) for i, held in enumerate(holds))


@pytest.mark.source("DESIGN-8")
@given(st.lists(st.booleans(), max_size=6))
@modest
def test_every_rule_must_hold_and_no_rules_are_no_permit(holds: list[bool]) -> None:
    decision = conclude(findings(*holds), facts=canon.digest({}), obligations=("o",))
    assert (decision.verdict is Verdict.PERMIT) == (bool(holds) and all(holds))
    against = {f"c{i}" for i, held in enumerate(holds) if not held}
    assert {reason.code for reason in decision.reasons} == (against or {f"c{i}" for i, _ in enumerate(holds)})
