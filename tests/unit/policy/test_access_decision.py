"""Official, duty, clearance, roster, nationality, purpose and mark are all required; rank gives nothing."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia.instants import Instant, Validity
from gsomia.policy import AccessFacts, Decision, OtherPurposeFacts, PurposeFacts, Verdict, decide_access
from strategies.agreements import JP, KR
from strategies.labels import JPN, KOR, NOW
from strategies.policy import (
    ACCESS,
    AGREED,
    DUTY,
    FEEDER,
    FUTURE,
    ITEM,
    LINE,
    OTHER_ITEM,
    OTHER_PURPOSE,
    PAST,
    SITE,
    SUSPENDED,
    US,
    WITHDRAWN,
    cleared,
    facility,
    instrument,
    person,
    reader,
)

FAR = NOW.plus(days=3000)


def clauses(facts: AccessFacts) -> set[str]:
    decision = decide_access(facts)
    assert decision.verdict is Verdict.DENY
    return {reason.clause for reason in decision.reasons}


def permitted(facts: AccessFacts) -> Decision:
    decision = decide_access(facts)
    assert decision.verdict is Verdict.PERMIT
    return decision


def duty(**changes: Any) -> dict[str, Any]:
    return {"duties": (replace(DUTY, **changes),)}


def line(**changes: Any) -> dict[str, Any]:
    return {"roster": (replace(LINE, **changes),)}


def holding(level: str, **changes: Any) -> dict[str, Any]:
    return reader(clearances=(cleared(JPN, level, **changes),))


@pytest.mark.source("G4-2", "G6-6", "G7-2")
def test_a_reading_for_which_every_clause_holds_is_permitted() -> None:
    assert permitted(ACCESS).obligations == ("slip-before-reading", "view-is-not-a-copy")


@pytest.mark.source("G2-6", "G4-2", "G6-2", "G6-4", "G6-6", "G7-2", "G7-4", "G7-6", "G10-1", "G21-1", "A-09", "A-22")
@pytest.mark.parametrize(
    ("clause", "flip"),
    [
        pytest.param("G21-1", instrument(access=False, state="SIGNED"), id="not in force"),
        pytest.param("G6-2", reader(nationalities=(JP, US)), id="dual national"),
        pytest.param("G6-2", reader(nationalities=(US,)), id="third national"),
        pytest.param("G6-2", reader(nationalities=()), id="of no known nationality"),
        pytest.param("G6-2", reader(nationalities=(JP, KR)), id="the originator's national too"),
        pytest.param("G6-4", {"purpose": OTHER_PURPOSE}, id="another purpose"),
        pytest.param("G6-6", {"roster": ()}, id="not on the roster"),
        pytest.param("G6-6", line(valid=PAST), id="roster line ended"),
        pytest.param("G6-6", line(valid=FUTURE), id="roster line not begun"),
        pytest.param("G6-6", line(ceiling=2), id="roster line lower"),
        pytest.param("G6-6", line(facility=facility("yokota")), id="another facility's roster"),
        pytest.param("G6-6", line(person=person("suzuki")), id="another person's line"),
        pytest.param("G6-6", line(instrument=FEEDER.id), id="another instrument's line"),
        pytest.param("G6-6", {"facility": facility("yokota")}, id="item elsewhere"),
        pytest.param("G6-6", {"facility": None}, id="item nowhere"),
        pytest.param("G6-2", reader(employer=US), id="employed by a third country"),
        pytest.param("G6-2", reader(employer=KR), id="employed by the originator"),
        pytest.param("G6-2", reader(employer=None), id="employed by nobody knows whom"),
        pytest.param("A-22", {"declined": True}, id="declined by the originator"),
        pytest.param("G10-1", {"site": None}, id="place not accredited"),
        pytest.param("G10-1", {"site": replace(SITE, ceiling=2)}, id="place accredited lower"),
        pytest.param("G10-1", {"site": replace(SITE, review_at=NOW)}, id="place past its review"),
        pytest.param("G7-2", reader(official=False), id="no official"),
        pytest.param("G7-2", {"duties": ()}, id="no duty"),
        pytest.param("G7-2", duty(valid=PAST), id="duty ended"),
        pytest.param("G7-2", duty(valid=FUTURE), id="duty not begun"),
        pytest.param("G7-2", duty(purpose=OTHER_PURPOSE), id="duty of another purpose"),
        pytest.param("G7-2", duty(item=OTHER_ITEM), id="duty of another item"),
        pytest.param("G7-2", duty(item=None, purpose=None), id="duty of nothing"),
        pytest.param("G7-2", duty(person=person("suzuki")), id="another person's duty"),
        pytest.param("G7-2", reader(clearances=()), id="no clearance"),
        pytest.param("G2-6", holding("JPN-2-TOKUTEI", valid=PAST), id="clearance expired"),
        pytest.param("G7-4", holding("JPN-2-TOKUTEI", review_at=NOW), id="clearance past review"),
        pytest.param("G7-6", holding("JPN-2-TOKUTEI", status=SUSPENDED), id="clearance suspended"),
        pytest.param("G7-6", holding("JPN-2-TOKUTEI", status=WITHDRAWN), id="clearance withdrawn"),
        pytest.param("G7-2", holding("JPN-3"), id="clearance lower"),
        pytest.param("G7-2", holding("JPN-2-GOKUHI"), id="clearance for the other category"),
        pytest.param("G7-2", reader(clearances=(cleared(KOR, "KOR-2"),)), id="the originator's clearance"),
    ],
)
def test_one_fact_taken_away_denies_with_exactly_its_clause(clause: str, flip: dict[str, Any]) -> None:
    assert clauses(replace(ACCESS, **flip)) == {clause}


@pytest.mark.source("G4-2", "A-06")
def test_nobody_reads_before_the_item_carries_our_own_mark() -> None:
    assert clauses(replace(ACCESS, own_mark=None)) == {"G4-2", "G7-2"}
    assert "G4-2" in clauses(replace(ACCESS, own_mark=None, own_rank=99, facility=None))


@pytest.mark.source("G1-1")
def test_a_received_item_under_no_instrument_is_not_read() -> None:
    assert "G1-1" in clauses(replace(ACCESS, instrument=None))


@pytest.mark.source("G7-1")
@pytest.mark.parametrize("rank", ["general", "minister", "prime minister"])
@pytest.mark.parametrize("lacking", [{"duties": ()}, {"roster": ()}, reader(clearances=()), reader(official=False)])
def test_rank_alone_gives_nobody_access(rank: str, lacking: dict[str, Any]) -> None:
    facts = replace(ACCESS, **lacking)
    assert "G7-1" in clauses(replace(facts, reader=replace(facts.reader, rank=rank)))


@pytest.mark.source("G7-1")
def test_rank_takes_nothing_from_whom_duty_and_clearance_admit() -> None:
    permitted(replace(ACCESS, **reader(rank="general")))


@pytest.mark.source("G7-2")
def test_a_duty_for_the_very_item_is_enough() -> None:
    permitted(replace(ACCESS, **duty(item=ITEM, purpose=None)))


@pytest.mark.source("G6-2")
def test_our_own_items_follow_the_same_rules_without_an_instrument() -> None:
    own = replace(
        ACCESS, us=KR, originator=KR, own_mark="KOR-2", instrument=None,
        **reader(nationalities=(KR,), employer=KR, clearances=(cleared(KOR, "KOR-2"),)),
    )  # fmt: skip
    permitted(own)
    assert clauses(replace(own, duties=())) == {"G7-2"}
    assert clauses(replace(own, roster=())) == {"G6-6"}
    assert clauses(replace(own, reader=replace(own.reader, nationalities=(KR, US)))) == {"G6-2"}


THIRD = [
    pytest.param(reader(nationalities=(JP, US)), id="dual national"),
    pytest.param(reader(nationalities=(US,), employer=US), id="liaison officer"),
    pytest.param(reader(employer=US), id="employed by a third country"),
]


@pytest.mark.source("A-09", "X-8", "G6-2")
@pytest.mark.parametrize("third", THIRD)
def test_a_third_national_reads_what_the_originator_agreed_to_in_writing(third: dict[str, Any]) -> None:
    permitted(replace(ACCESS, **third, third_party=(AGREED,)))
    permitted(replace(ACCESS, **third, third_party=(replace(AGREED, item=ITEM, purpose=None),)))


@pytest.mark.source("A-09", "X-8")
@pytest.mark.parametrize("third", THIRD)
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"person": person("suzuki")}, id="another person"),
        pytest.param({"originator": US}, id="another originator"),
        pytest.param({"originator": JP}, id="our own word"),
        pytest.param({"item": OTHER_ITEM}, id="another item"),
        pytest.param({"purpose": OTHER_PURPOSE}, id="another purpose"),
        pytest.param({"item": None, "purpose": None}, id="nothing"),
        pytest.param({"valid": PAST}, id="ended"),
        pytest.param({"valid": FUTURE}, id="not begun"),
    ],
)
def test_an_agreement_to_something_else_admits_no_third_national(
    third: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert clauses(replace(ACCESS, **third, third_party=(replace(AGREED, **changes),))) == {"G6-2"}


def test_two_half_lines_or_duties_do_not_make_one() -> None:
    lines = (replace(LINE, ceiling=2), replace(LINE, valid=PAST), replace(LINE, facility=facility("yokota")))
    assert clauses(replace(ACCESS, roster=lines)) == {"G6-6"}
    duties = (replace(DUTY, valid=PAST), replace(DUTY, person=person("suzuki")))
    assert clauses(replace(ACCESS, duties=duties)) == {"G7-2"}


def purposes(*, closed: bool = False, blanket: bool = False, review_at: Instant = FAR) -> dict[str, Any]:
    stands = PurposeFacts(code=ACCESS.purpose, closed=closed, blanket=blanket, review_at=review_at)
    return {"purposes": (stands,)}


def agreed(purpose: str, *, until: Instant = FAR, start: Instant = NOW) -> dict[str, Any]:
    return {"other_purposes": (OtherPurposeFacts(purpose=purpose, valid=Validity(start=start, until=until)),)}


@pytest.mark.source("G6-9", "A-17")
@pytest.mark.parametrize("ended", [purposes(closed=True), purposes(review_at=NOW)])
def test_a_purpose_that_ended_lets_nobody_read(ended: dict[str, Any]) -> None:
    assert clauses(replace(ACCESS, **ended)) == {"G6-9"}
    permitted(replace(ACCESS, **purposes(review_at=NOW.plus(seconds=1))))


@pytest.mark.source("A-16")
def test_a_blanket_purpose_needs_the_originators_consent_for_anothers_item_only() -> None:
    blanket = replace(ACCESS, **purposes(blanket=True))
    assert clauses(blanket) == {"A-16"}
    permitted(replace(blanket, **agreed(ACCESS.purpose)))
    permitted(replace(blanket, originator=blanket.us))


@pytest.mark.source("G6-4")
def test_another_purpose_is_permitted_for_so_long_as_the_originator_agreed_to_that_one() -> None:
    other = replace(ACCESS, purpose="SOMETHING-ELSE")
    assert clauses(other) == {"G6-4"}
    permitted(replace(other, **agreed("SOMETHING-ELSE")))
    assert clauses(replace(other, **agreed("A-THIRD-THING"))) == {"G6-4"}
    assert clauses(replace(other, **agreed("SOMETHING-ELSE", start=FAR, until=FAR.plus(days=1)))) == {"G6-4"}


@pytest.mark.source("G6-8")
def test_what_is_declassified_asks_for_no_clearance_and_for_everything_else() -> None:
    item = replace(ACCESS, own_mark=None, own_rank=0, declassified=True, **reader(clearances=()))
    permitted(item)
    assert clauses(replace(item, declassified=False)) >= {"G4-2", "G7-2"}
    assert clauses(replace(item, duties=())) == {"G7-2"}
