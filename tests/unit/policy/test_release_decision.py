"""A release is permitted when every clause holds; take one fact away and exactly its clause says no."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia.agreements import Acknowledgement, Agreement
from gsomia.ids import sha256_hex
from gsomia.labels import EquivalenceTable, Label, LabelKind, simple_label
from gsomia.parties import Office
from gsomia.policy import AssuranceFacts, ChannelFacts, Decision, ReleaseFacts, Verdict, decide_release
from strategies.agreements import AGREEMENT, INSTRUMENT, JP, KR
from strategies.labels import JPN, KOR, NOW, POLICIES
from strategies.policy import (
    ASSURANCE_DIGEST,
    FEEDER,
    FUTURE,
    ITEM,
    OTHER_PURPOSE,
    PAST,
    RELEASE,
    SUSPENDED,
    US,
    WITHDRAWN,
    YEAR,
    assured,
    cleared,
    decider,
    instrument,
    own_label,
    person,
)

KOR_MND, KOR_DAPA, JPN_MOD = (
    next(a for a in AGREEMENT.authorities if a.id == name) for name in ("kor-mnd", "kor-dapa", "jpn-mod")
)


def decide(facts: ReleaseFacts, **world: Any) -> Decision:
    return decide_release(facts, **{"agreement": AGREEMENT, "policies": POLICIES, **world})


def clauses(decision: Decision) -> set[str]:
    assert decision.verdict is Verdict.DENY
    return {reason.clause for reason in decision.reasons}


def channel(**changes: Any) -> dict[str, Any]:
    return {"channels": (replace(ChannelFacts(channel=JP, ceiling=3, valid=YEAR), **changes),)}


def assurance(**changes: Any) -> dict[str, Any]:
    return {"assurances": (assured(**changes),)}


ACKNOWLEDGED = Acknowledgement(assurance=ASSURANCE_DIGEST, instrument=INSTRUMENT, party=KR, to=JP, at=NOW)


def under(agreement: Agreement) -> ReleaseFacts:
    """The release with every fact about `agreement`, as if both sides had signed that text."""
    facts: dict[str, Any] = {**instrument(agreement=agreement.digest), **assurance(agreement=agreement.digest)}
    return replace(RELEASE, **facts)


def acknowledged(acknowledgement: Acknowledgement | None) -> dict[str, Any]:
    return {"assurances": (replace(assured(), acknowledgement=acknowledgement),)}


@pytest.mark.source("G1-2", "G4-1", "G4-3", "G7-5")
def test_a_release_for_which_every_clause_holds_is_permitted() -> None:
    decision = decide(RELEASE)
    assert decision.verdict is Verdict.PERMIT
    assert decision.obligations
    asked = {reason.clause for reason in decision.reasons}
    assert asked >= {"G21-1", "G6-1", "G4-3", "G4-4", "G2-5", "G1-2", "F-14", "G6-4", "EQ-8", "G10-2", "G12-11", "G7-5"}


@pytest.mark.parametrize(
    ("clause", "flip"),
    [
        pytest.param("G21-1", instrument(release=False, state="SIGNED"), id="not in force"),
        pytest.param("G2-5", instrument(named=(KOR_DAPA, JPN_MOD)), id="own authority not named"),
        pytest.param("G2-5", instrument(named=(replace(KOR_MND, party=JP), JPN_MOD)), id="another's authority"),
        pytest.param("G2-5", {"authority": "kor-dsc"}, id="unknown authority"),
        pytest.param("G2-5", {"authority": "jpn-mod"}, id="partner's authority as ours"),
        pytest.param("G6-1", instrument(parties=(KR, US)), id="third party"),
        pytest.param("G6-4", {"purpose": "", **assurance(purpose="")}, id="no purpose"),
        pytest.param("G1-2", decider(offices=()), id="decider without office"),
        pytest.param(
            "G1-2",
            decider(offices=tuple(o for o in Office if o is not Office.RELEASING_AUTHORITY)),
            id="every other office",
        ),
        pytest.param("G1-2", decider(official=False), id="decider no official"),
        pytest.param("F-14", {"registrar": RELEASE.decider.id}, id="decider is registrar"),
        pytest.param("G7-2", decider(clearances=()), id="decider not cleared"),
        pytest.param("G7-2", decider(clearances=(cleared(KOR, "KOR-3"),)), id="decider cleared lower"),
        pytest.param("G2-6", decider(clearances=(cleared(KOR, "KOR-2", valid=PAST),)), id="decider expired"),
        pytest.param("G7-4", decider(clearances=(cleared(KOR, "KOR-2", review_at=NOW),)), id="decider past review"),
        pytest.param("G7-6", decider(clearances=(cleared(KOR, "KOR-2", status=SUSPENDED),)), id="decider suspended"),
        pytest.param("G7-2", decider(clearances=(cleared(JPN, "JPN-1"),)), id="decider cleared elsewhere"),
        pytest.param("G10-2", {"control_officer": None}, id="no control officer"),
        pytest.param("EQ-8", {"label": own_label("KOR-2", releasable_to=["USA"])}, id="releasable to others"),
        pytest.param("EQ-8", {"label": own_label("KOR-2", releasable_to=[])}, id="releasable to nobody"),
        pytest.param("G12-11", {"channels": ()}, id="no channel"),
        pytest.param("G12-11", channel(valid=PAST), id="accreditation expired"),
        pytest.param("G12-11", channel(valid=FUTURE), id="accreditation not yet"),
        pytest.param("G12-11", channel(ceiling=2), id="channel lower"),
        pytest.param("G12-11", channel(channel=US), id="channel to another"),
        pytest.param("G7-5", {"assurances": ()}, id="no assurance"),
        pytest.param("G7-5", acknowledged(None), id="assurance unacknowledged"),
        pytest.param(
            "G7-5",
            acknowledged(Acknowledgement(assurance=sha256_hex(b"x"), instrument=INSTRUMENT, party=KR, to=JP, at=NOW)),
            id="another assurance acknowledged",
        ),
        pytest.param("G7-5", acknowledged(replace(ACKNOWLEDGED, party=JP, to=KR)), id="acknowledged by its own giver"),
        pytest.param("G7-5", acknowledged(replace(ACKNOWLEDGED, party=US)), id="acknowledged by another"),
        pytest.param("G7-5", acknowledged(replace(ACKNOWLEDGED, to=US)), id="acknowledged to another"),
        pytest.param("G7-5", assurance(valid=PAST), id="assurance expired"),
        pytest.param("G7-5", assurance(withdrawn=True), id="assurance withdrawn"),
        pytest.param("G7-5", assurance(superseded=True), id="assurance superseded"),
        pytest.param("G7-5", assurance(valid=FUTURE), id="assurance not yet"),
        pytest.param("G7-5", assurance(level="JPN-3"), id="assurance lower"),
        pytest.param("G7-5", assurance(level="JPN-TORIATSUKAI"), id="assurance lowest"),
        pytest.param("G7-5", assurance(level="SECRET"), id="assurance in a word"),
        pytest.param("G7-5", assurance(purpose=OTHER_PURPOSE), id="assurance for another purpose"),
        pytest.param("G7-5", assurance(instrument="GSOMIA-JP-US"), id="assurance under another instrument"),
        pytest.param("G7-5", assurance(agreement=FEEDER.digest), id="assurance under another version"),
        pytest.param("G7-5", assurance(authority="jpn-spy"), id="assurance by an authority nobody named"),
        pytest.param("G7-5", assurance(authority="kor-mnd"), id="assurance by our own authority"),
        pytest.param("G7-5", assurance(party=US), id="assurance of another"),
        pytest.param("G7-5", assurance(to=US), id="assurance to another"),
        pytest.param("G7-5", {"purpose": OTHER_PURPOSE}, id="another purpose"),
    ],
)
@pytest.mark.source("G2-5", "G6-1", "G6-4", "G7-5", "G10-2", "G12-11", "G1-2", "F-14", "G21-1", "G7-2", "EQ-8")
def test_one_fact_taken_away_denies_with_exactly_its_clause(clause: str, flip: dict[str, Any]) -> None:
    denied = decide(replace(RELEASE, **flip))
    assert clauses(denied) == {clause}
    assert denied.obligations == ()


def from_japan(mark: str) -> dict[str, Any]:
    return {
        "us": JP,
        "to": KR,
        "originator": JP,
        "authority": "jpn-mod",
        "label": simple_label(JPN, mark, created_at=NOW),
    }


@pytest.mark.source("G4-4")
@pytest.mark.parametrize("flip", [{"label": own_label("KOR-1")}, from_japan("機密")])
def test_the_top_level_is_outside_the_treaty(flip: dict[str, Any]) -> None:
    assert "G4-4" in clauses(decide(replace(RELEASE, **flip)))


@pytest.mark.source("G4-5", "A-05")
@pytest.mark.parametrize("flip", [{"label": own_label("KOR-DAEOEBI")}, from_japan("取扱注意")])
def test_what_is_below_confidential_is_not_classified_military_information(flip: dict[str, Any]) -> None:
    assert "G4-5" in clauses(decide(replace(RELEASE, **flip)))


@pytest.mark.source("G4-4")
def test_a_level_above_the_ceiling_of_the_terms_is_denied_even_if_a_table_lists_it() -> None:
    lower = replace(AGREEMENT, terms=replace(AGREEMENT.terms, ceiling=2))
    assert clauses(decide(under(lower), agreement=lower)) == {"G4-4"}


@pytest.mark.source("G4-4", "G5-2")
def test_a_level_above_the_ceiling_that_an_arrangement_left_is_denied() -> None:
    told = decide(replace(RELEASE, **instrument(ceiling=2)))
    assert clauses(told) == {"G4-4"}
    assert "above-ceiling" in {reason.code for reason in told.reasons}


@pytest.mark.source("G2-5", "G7-5")
def test_a_partner_none_of_whose_authorities_is_named_can_assure_nothing_either() -> None:
    assert clauses(decide(replace(RELEASE, **instrument(named=(KOR_MND, KOR_DAPA))))) == {"G2-5", "G7-5"}


@pytest.mark.source("EQ-1", "EQ-2")
def test_no_level_is_read_through_another_version_than_the_one_in_force() -> None:
    later = replace(AGREEMENT, version=2)
    for facts, agreement in ((RELEASE, later), (under(later), AGREEMENT)):
        told = decide(facts, agreement=agreement)
        assert "EQ-2" in clauses(told)
        assert "level-unknown" in {reason.code for reason in told.reasons}
    assert decide(under(later), agreement=later).verdict is Verdict.PERMIT


@pytest.mark.source("G1-1")
def test_a_release_under_no_instrument_is_denied() -> None:
    found = clauses(decide(replace(RELEASE, instrument=None), agreement=None))
    assert {"G1-1", "EQ-2"} <= found


@pytest.mark.source("EQ-1", "EQ-2")
def test_the_level_is_read_through_the_instruments_own_table() -> None:
    only_confidential = replace(AGREEMENT, table=EquivalenceTable(rows=AGREEMENT.table.rows[1:]))
    told = decide(under(only_confidential), agreement=only_confidential)
    assert clauses(told) == {"EQ-2", "G12-11", "G7-5"}
    assert "level-not-in-table" in {reason.code for reason in told.reasons}
    assert "EQ-2" in clauses(decide(RELEASE, policies={KR: KOR}))
    assert "EQ-2" in clauses(decide(RELEASE, policies={JP: JPN}))


@pytest.mark.source("EQ-4", "EQ-5", "EQ-7")
@pytest.mark.parametrize(
    "change",
    [{"mark": "군사Ⅲ급비밀"}, {"classification": "KOR-9"}, {"policy_version": 2}, {"kind": LabelKind.ALTERNATIVE}],
)
def test_a_label_that_does_not_hold_is_not_read(change: dict[str, Any]) -> None:
    odd: Label = replace(RELEASE.label, **change)
    assert {"EQ-4", "EQ-5", "EQ-7"} & clauses(decide(replace(RELEASE, label=odd)))


@pytest.mark.source("G7-5")
@pytest.mark.parametrize("level", ["JPN-2-GOKUHI", "JPN-2-TOKUTEI", "JPN-1"])
def test_an_assurance_for_the_level_or_more_is_enough(level: str) -> None:
    assert decide(replace(RELEASE, **assurance(level=level))).verdict is Verdict.PERMIT


@pytest.mark.source("G7-5", "G3-3")
def test_an_assurance_for_a_level_no_longer_in_use_is_none() -> None:
    today = tuple(replace(c, obsolete=c.id == "JPN-1") for c in JPN.classifications)
    policies = {**POLICIES, JP: replace(JPN, classifications=today)}
    assert clauses(decide(replace(RELEASE, **assurance(level="JPN-1")), policies=policies)) == {"G7-5"}
    assert decide(RELEASE, policies=policies).verdict is Verdict.PERMIT


@pytest.mark.source("G7-5")
def test_two_half_assurances_do_not_make_one() -> None:
    halves: tuple[AssuranceFacts, ...] = (assured(level="JPN-3"), assured(purpose=OTHER_PURPOSE), assured(valid=PAST))
    assert clauses(decide(replace(RELEASE, assurances=halves))) == {"G7-5"}


@pytest.mark.source("G12-11")
def test_two_half_accreditations_do_not_make_one() -> None:
    low = ChannelFacts(channel=JP, ceiling=2, valid=YEAR)
    halves = (low, replace(low, ceiling=4, valid=PAST), replace(low, ceiling=4, channel=US))
    assert clauses(decide(replace(RELEASE, channels=halves))) == {"G12-11"}


@pytest.mark.source("G7-1", "G1-2")
@pytest.mark.parametrize("rank", ["", "general", "minister"])
def test_rank_changes_nothing_about_a_release(rank: str) -> None:
    assert decide(replace(RELEASE, **decider(rank=rank))).verdict is Verdict.PERMIT
    assert clauses(decide(replace(RELEASE, **decider(rank=rank, offices=())))) == {"G1-2"}


@pytest.mark.source("G6-1", "A-08")
def test_nothing_is_released_to_oneself_or_to_a_stranger() -> None:
    assert "G6-1" in clauses(decide(replace(RELEASE, to=KR)))
    assert "G6-1" in clauses(decide(replace(RELEASE, to=US)))


@pytest.mark.source("G6-1")
def test_an_item_of_another_is_not_ours_to_release() -> None:
    theirs = replace(RELEASE, originator=JP, label=simple_label(JPN, "JPN-2-GOKUHI", created_at=NOW))
    assert "G6-1" in clauses(decide(theirs))
    told = {reason.code for reason in decide(replace(RELEASE, originator=US)).reasons}
    assert "not-the-originator" in told


def test_every_failing_rule_is_told_at_once() -> None:
    flips: dict[str, Any] = {"purpose": "", "control_officer": None, "channels": (), "registrar": RELEASE.decider.id}
    assert clauses(decide(replace(RELEASE, **flips))) == {"G6-4", "G10-2", "G12-11", "F-14", "G7-5"}


def test_a_withdrawn_clearance_is_none() -> None:
    gone = decider(clearances=(cleared(KOR, "KOR-2", status=WITHDRAWN),))
    assert clauses(decide(replace(RELEASE, **gone))) == {"G7-6"}


def test_which_item_and_which_registrar_do_not_matter_otherwise() -> None:
    assert decide(replace(RELEASE, item=ITEM, registrar=person("choi"))).verdict is Verdict.PERMIT
