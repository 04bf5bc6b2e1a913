"""An assurance carries a release while acknowledged, unexpired, high enough, neither withdrawn nor replaced."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import Acknowledgement
from gsomia.exchange import PersonAnswer, last_answer
from gsomia.ids import sha256_hex
from gsomia.instants import Validity
from gsomia.policy import AssuranceFacts, AssuranceStanding, Decision, Verdict, assurance_standing, decide_release
from strategies.agreements import AGREEMENT, JP, KR
from strategies.labels import NOW, POLICIES
from strategies.policy import ASSURANCE_DIGEST, FUTURE, OTHER_PURPOSE, PAST, RELEASE, YEAR, assured, own_label

OTHER = sha256_hex(b"another assurance")


def decide(*assurances: AssuranceFacts, **changes: Any) -> Decision:
    facts = replace(RELEASE, assurances=assurances, **changes)
    return decide_release(facts, agreement=AGREEMENT, policies=POLICIES)


def codes(decision: Decision) -> list[str]:
    assert decision.verdict is Verdict.DENY
    assert all(reason.clause == "G7-5" for reason in decision.reasons)
    return [reason.code for reason in decision.reasons]


def unacknowledged() -> AssuranceFacts:
    return replace(assured(), acknowledgement=None)


@pytest.mark.source("G7-5", "F-24")
@pytest.mark.parametrize(
    ("known", "code"),
    [
        ((), "no-assurance"),
        ((assured(purpose=OTHER_PURPOSE),), "no-assurance"),
        ((unacknowledged(),), "assurance-not-acknowledged"),
        ((assured(valid=PAST),), "assurance-expired"),
        ((assured(valid=FUTURE),), "assurance-not-yet"),
        ((assured(withdrawn=True),), "assurance-withdrawn"),
        ((replace(unacknowledged(), withdrawn=True),), "assurance-withdrawn"),
        ((assured(superseded=True),), "assurance-superseded"),
        ((assured(level="JPN-3"),), "assurance-too-low"),
        ((assured(withdrawn=True), assured(OTHER, valid=PAST)), "assurance-expired"),
    ],
)
def test_a_refusal_says_what_stands_in_the_way_of_the_last_assurance(
    known: tuple[AssuranceFacts, ...], code: str
) -> None:
    assert codes(decide(*known)) == [code]


@pytest.mark.source("G7-5")
def test_an_ended_assurance_tells_whom_to_ask_for_a_new_one() -> None:
    (reason,) = decide(assured(valid=PAST)).reasons
    assert f"{JP} ended on {NOW}: ask it for a new one" in reason.text


@pytest.mark.source("G7-5")
def test_an_assurance_ends_at_the_instant_it_names_and_not_before() -> None:
    until = NOW.plus(seconds=60)
    short = assured(valid=Validity(start=NOW, until=until))
    assert decide(short, now=until.plus(seconds=-1)).verdict is Verdict.PERMIT
    assert codes(decide(short, now=until)) == ["assurance-expired"]


@pytest.mark.source("G7-5", "G6-8")
def test_a_level_raised_above_what_is_assured_is_not_released() -> None:
    low = assured(level="JPN-3")
    assert decide(low, label=own_label("KOR-3")).verdict is Verdict.PERMIT
    assert codes(decide(low, label=own_label("KOR-2"))) == ["assurance-too-low"]


@pytest.mark.source("G7-5")
@given(st.permutations([assured(), assured(OTHER, withdrawn=True), replace(assured(OTHER), acknowledgement=None)]))
def test_one_that_stands_is_enough_whatever_became_of_the_others(known: list[AssuranceFacts]) -> None:
    assert decide(*known).verdict is Verdict.PERMIT


@pytest.mark.source("G7-5", "F-24")
@given(
    st.fixed_dictionaries({"withdrawn": st.booleans(), "superseded": st.booleans()}),
    st.sampled_from([assured().acknowledgement, None]),
    st.sampled_from([YEAR, PAST, Validity(start=NOW)]),
)
def test_only_one_standing_carries_and_no_later_act_gives_it_back(
    became: dict[str, Any], acknowledgement: Acknowledgement | None, valid: Validity
) -> None:
    known = replace(assured(valid=valid, **became), acknowledgement=acknowledgement)
    stands = assurance_standing(known, now=NOW)
    carries = acknowledgement is not None and not any(became.values()) and valid.covers(NOW)
    assert (stands is AssuranceStanding.ACKNOWLEDGED) is carries
    assert (decide(known).verdict is Verdict.PERMIT) is carries
    assert (stands is AssuranceStanding.WITHDRAWN) is became["withdrawn"]


@pytest.mark.source("A-22")
@given(st.lists(st.booleans(), max_size=5), st.data())
def test_the_last_answer_about_a_person_counts_in_whatever_order_they_came(
    said: list[bool], data: st.DataObject
) -> None:
    answers = [
        PersonAnswer(assurance=ASSURANCE_DIGEST, number=1, party=KR, to=JP, turn=turn, declined=declined, at=NOW)
        for turn, declined in enumerate(said, start=1)
    ]
    other = PersonAnswer(assurance=ASSURANCE_DIGEST, number=2, party=KR, to=JP, turn=9, declined=True, at=NOW)
    counted = last_answer(data.draw(st.permutations([*answers, other])), 1)
    assert (counted.declined if counted else None) == (said[-1] if said else None)
