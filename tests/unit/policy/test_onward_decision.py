"""An item of another goes on only with its originator's prior written consent to exactly that."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.ids import PartyCode, sha256_hex
from gsomia.policy import Decision, OnwardFacts, Verdict, decide_onward
from strategies.agreements import AGREEMENT, INSTRUMENT, JP, KR
from strategies.labels import POLICIES
from strategies.policy import (
    CONSENT,
    FEEDER,
    FEEDER_FACTS,
    FUTURE,
    ONWARD,
    OTHER_ITEM,
    OTHER_PURPOSE,
    PAST,
    US,
    own_label,
)


def decide(facts: OnwardFacts, **world: Any) -> Decision:
    return decide_onward(facts, **{"agreement": FEEDER, "policies": POLICIES, **world})


def clauses(decision: Decision) -> set[str]:
    assert decision.verdict is Verdict.DENY
    return {reason.clause for reason in decision.reasons}


def consent(**changes: Any) -> dict[str, Any]:
    return {"consent": replace(CONSENT, **changes)}


@pytest.mark.source("G6-1", "TR-5")
def test_an_item_goes_on_when_the_originator_consented_to_exactly_that() -> None:
    decision = decide(ONWARD)
    assert decision.verdict is Verdict.PERMIT
    assert "originator-keeps-control" in decision.obligations


@pytest.mark.source("G6-1", "A-08", "F-18", "TR-5", "G21-1")
@pytest.mark.parametrize(
    ("clause", "flip"),
    [
        pytest.param("G6-1", {"consent": None}, id="no consent"),
        pytest.param("G6-1", consent(valid=PAST), id="consent expired"),
        pytest.param("G6-1", consent(valid=FUTURE), id="consent not yet"),
        pytest.param("G6-1", consent(item=OTHER_ITEM), id="another item"),
        pytest.param("G6-1", consent(recipient=KR), id="another recipient"),
        pytest.param("G6-1", consent(holder=US), id="another holder"),
        pytest.param("G6-1", consent(originator=JP), id="another originator"),
        pytest.param("G6-1", consent(originator=US), id="the recipient's own consent"),
        pytest.param("G6-1", consent(purpose=OTHER_PURPOSE), id="another purpose"),
        pytest.param("G6-1", consent(instruments=(INSTRUMENT,)), id="another instrument"),
        pytest.param("G6-1", consent(manifest=sha256_hex(b"x")), id="another manifest"),
        pytest.param("G6-1", consent(label=canon.digest(own_label("KOR-3"))), id="another label"),
        pytest.param("G6-1", {"manifest": None}, id="item without manifest"),
        pytest.param("G6-1", {"purpose": OTHER_PURPOSE}, id="item of another purpose"),
        pytest.param("G6-1", {"label_digest": sha256_hex(b"x")}, id="label changed since"),
        pytest.param("G21-1", {"instrument": replace(FEEDER_FACTS, onward=False, state="SIGNED")}, id="not in force"),
        pytest.param(
            "G21-1", {"instrument": replace(FEEDER_FACTS, release=False, state="TERMINATED")}, id="ended: nothing new"
        ),
    ],
)
def test_one_fact_taken_away_denies_with_exactly_its_clause(clause: str, flip: dict[str, Any]) -> None:
    assert clauses(decide(replace(ONWARD, **flip))) == {clause}


@pytest.mark.source("G6-1", "A-08")
@pytest.mark.parametrize("parties", [(), (JP,), (US,), (JP, KR), (KR, US)])
def test_no_consent_lets_an_item_go_on_to_who_is_not_bound_by_the_instrument(parties: tuple[PartyCode, ...]) -> None:
    told = decide(replace(ONWARD, instrument=replace(FEEDER_FACTS, parties=parties)))
    assert clauses(told) == {"G6-1"}
    assert [reason.code for reason in told.reasons] == ["not-a-party"]


@pytest.mark.source("G1-1", "G6-1")
def test_silence_is_no() -> None:
    assert {"G1-1", "G6-1", "EQ-2"} <= clauses(decide(replace(ONWARD, instrument=None, consent=None), agreement=None))


@pytest.mark.source("EQ-1", "EQ-2", "TR-4")
def test_a_table_that_does_not_read_the_originators_levels_carries_nothing_on() -> None:
    without = tuple(
        replace(row, levels=tuple(entry for entry in row.levels if entry.party != KR)) for row in FEEDER.table.rows
    )
    for text in (replace(FEEDER, table=replace(FEEDER.table, rows=without)), AGREEMENT):
        told = decide(replace(ONWARD, instrument=replace(FEEDER_FACTS, agreement=text.digest)), agreement=text)
        assert clauses(told) == {"EQ-2"}
        assert "level-unknown" not in {reason.code for reason in told.reasons}


@pytest.mark.source("EQ-1", "EQ-2")
def test_no_level_is_read_through_another_version_than_the_one_in_force() -> None:
    told = decide(ONWARD, agreement=replace(FEEDER, version=2))
    assert clauses(told) == {"EQ-2"}
    assert "level-unknown" in {reason.code for reason in told.reasons}


@pytest.mark.source("EQ-7")
def test_the_level_is_read_from_the_originators_label_never_from_a_mapped_one() -> None:
    assert decide(replace(ONWARD, label=own_label("KOR-1"))).verdict is Verdict.DENY
    assert "G4-4" in clauses(decide(replace(ONWARD, label=own_label("KOR-1"))))
