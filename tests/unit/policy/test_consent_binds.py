"""A consent is for one item, one holder, one recipient: held to another it is none, and so is one for a part."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import sha256_hex
from gsomia.policy import Decision, GivenFacts, OnwardFacts, Verdict, decide_onward
from strategies.agreements import KR
from strategies.labels import POLICIES
from strategies.policy import FEEDER, ITEM, MANIFEST, ONWARD, OTHER_ITEM, OTHER_PURPOSE, PAST, US, own_label

DERIVED = OTHER_ITEM
PARENT = GivenFacts(item=ITEM, manifest=MANIFEST, label=ONWARD.label, label_digest=ONWARD.label_digest)
MADE = replace(ONWARD, item=DERIVED, manifest=None, given=(PARENT,))
"""A translation, made here, of the item that the consent names."""


def decide(facts: OnwardFacts, **consent: Any) -> Decision:
    given = facts.consent and replace(facts.consent, **consent)
    return decide_onward(replace(facts, consent=given), agreement=FEEDER, policies=POLICIES)


def codes(decision: Decision) -> set[str]:
    assert decision.verdict is Verdict.DENY
    return {reason.code for reason in decision.reasons}


@pytest.mark.source("G6-1", "TR-5", "F-18")
@pytest.mark.parametrize("facts", [ONWARD, MADE], ids=["the item", "made of it"])
def test_a_consent_for_another_item_carries_nothing(facts: OnwardFacts) -> None:
    assert decide(facts).verdict is Verdict.PERMIT
    assert codes(decide(facts, item=OTHER_ITEM)) == {"consent-does-not-cover"}


@pytest.mark.source("G6-1", "TR-5", "F-18")
@pytest.mark.parametrize("facts", [ONWARD, MADE], ids=["the item", "made of it"])
def test_a_consent_for_another_recipient_carries_nothing(facts: OnwardFacts) -> None:
    assert codes(decide(facts, recipient=KR)) == {"consent-does-not-cover"}


@pytest.mark.source("G6-1", "TR-5", "F-18")
@pytest.mark.parametrize("facts", [ONWARD, MADE], ids=["the item", "made of it"])
def test_a_consent_for_another_hub_carries_nothing(facts: OnwardFacts) -> None:
    assert codes(decide(facts, holder=US)) == {"consent-does-not-cover"}


@pytest.mark.source("G6-1", "F-18")
@given(
    st.sets(st.sampled_from(["item", "recipient", "holder", "originator", "purpose", "manifest", "valid"]), min_size=1),
    st.sampled_from([ONWARD, MADE]),
)
def test_no_two_errors_of_a_consent_make_one_that_covers(wrong: set[str], facts: OnwardFacts) -> None:
    others: dict[str, Any] = {
        "item": OTHER_ITEM,
        "recipient": KR,
        "holder": US,
        "originator": US,
        "purpose": OTHER_PURPOSE,
        "manifest": sha256_hex(b"another"),
        "valid": PAST,
    }
    assert codes(decide(facts, **{name: others[name] for name in wrong})) == {"consent-does-not-cover"}


@pytest.mark.source("G6-1", "G4-6", "G15-4")
def test_what_was_made_goes_on_under_the_consent_for_its_one_parent_at_its_level() -> None:
    assert decide(MADE).verdict is Verdict.PERMIT
    several = replace(MADE, given=(PARENT, replace(PARENT, item=DERIVED)))
    assert codes(decide(several)) == {"consent-for-a-part"}
    low = own_label("KOR-3", releasable_to=["JPN", "USA"])
    raised = replace(MADE, given=(replace(PARENT, label=low),))
    assert codes(decide(raised)) == {"consent-for-a-part"}


@pytest.mark.source("G6-1", "G4-6")
def test_a_consent_that_names_what_was_made_instead_of_its_parent_is_none() -> None:
    assert codes(decide(MADE, item=DERIVED)) == {"consent-does-not-cover"}
