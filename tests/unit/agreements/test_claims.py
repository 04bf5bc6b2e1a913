"""What texts say, held against what happened: six traps, and no claim ever moves a state."""

from contextlib import suppress
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import (
    Claim,
    ClaimError,
    Comparison,
    KnownCount,
    check_spans,
    claims_of,
    parse_claims,
    profile_facts,
)
from gsomia.agreements.claims import MAX_TEXT_BYTES, Counted, PrintedName
from gsomia.agreements.told_date import Precision, Stamp, ToldDate, Zone
from gsomia.ids import sha256_hex
from strategies.knowledge import FACTS, FAMILY, IN_FORCE, TEXT, claim, compared, end_of, fact, history
from strategies.labels import modest

SHIPPED = {one.id: one for one in parse_claims(files("gsomia.agreements").joinpath("claims.jsonl").read_bytes())}
DEMO = files("gsomia.demo").joinpath("data")
DEMO_CLAIMS = parse_claims(DEMO.joinpath("claims-demo.jsonl").read_bytes())
NOTES_OF_2019 = ("GSOMIA-KR-JP #37 2019-08-23 give_notice", "GSOMIA-KR-JP #38 2019-11-22 suspend_notice")


def said(*ids: str) -> list[Claim]:
    return [SHIPPED[one] for one in ids]


# --- six traps ---------------------------------------------------------------------------------


@pytest.mark.source("SYSTEM-1.6")
def test_trap_1_a_text_stamped_a_year_later_is_compared_by_what_it_tells_of() -> None:
    resumed = SHIPPED["S0-06"]
    assert isinstance(resumed.published, Stamp)
    assert (resumed.published.local, resumed.told.text) == ("2017-11-19", "2016-10-27")
    assert compared(resumed).by == ("GSOMIA-KR-JP #24 2016-10-27 resume_talks",)


@pytest.mark.source("SYSTEM-1.6")
def test_trap_2_weekdays_of_an_undated_text_are_inferred_and_say_so() -> None:
    cabinet, expected = said("S1-03", "S1-04")
    assert not isinstance(cabinet.published, Stamp)
    assert (cabinet.told.text, expected.told.text) == ("2012-06-26", "2012-06-29")
    assert cabinet.is_inferred
    assert expected.planned
    assert [compared(one).verdict for one in (cabinet, expected)] == [Comparison.AGREES, Comparison.AGREES]


@pytest.mark.source("SYSTEM-1.6", "A-28", "T17", "T09")
def test_trap_3_scrapped_is_contradicted_by_what_was_done() -> None:
    later, earlier = (compared(one) for one in said("S2-09", "S3-05"))
    assert (later.verdict, later.by) == (Comparison.CONTRADICTS, NOTES_OF_2019)
    assert {"T16", "T17", "A-28"} <= set(later.clauses)
    assert earlier.verdict is Comparison.CONTRADICTS
    assert earlier.by == ("GSOMIA-KR-JP #14 2012-06-29 postpone", "GSOMIA-KR-JP #16 2012 shelve")


@pytest.mark.source("SYSTEM-1.6")
def test_trap_4_counts_of_other_days_and_rules_stand_side_by_side() -> None:
    for one in said("S1-06", "S3-09"):
        found = compared(one)
        assert found.verdict is Comparison.UNKNOWN
        assert len(found.by) == len(FAMILY.counts) - 1


@pytest.mark.source("SYSTEM-1.6")
def test_trap_5_garbled_names_stand_as_printed_beside_whom_they_mean() -> None:
    names = {one.id: one.name for one in SHIPPED.values() if isinstance(one.name, PrintedName)}
    assert names["S0-05"] == PrintedName(raw="Jian Yiwei", record="JPN-CHIEF-CABINET-SECRETARY-2016")
    assert names["S0-03"] == PrintedName(raw="Kimi Jungshiaki")
    assert names["S4-02"] == PrintedName(raw="Gen Natakani", record="JPN-DEFENCE-MINISTER-2016")
    known = {holder.id for holder in FAMILY.holders}
    assert {name.record for name in names.values() if isinstance(name.record, str)} <= known


@pytest.mark.source("SYSTEM-1.6")
def test_trap_6_every_stamp_has_its_zone_and_one_moment() -> None:
    zones = {one.id[:2]: one.published.zone for one in SHIPPED.values() if isinstance(one.published, Stamp)}
    assert zones == {"S0": Zone.BEIJING, "S2": Zone.INDIA, "S3": Zone.UTC, "S4": Zone.KST}
    assert {one.told.zone for one in SHIPPED.values() if one.id.startswith("S4")} == {Zone.SINGAPORE}


# --- comparing ---------------------------------------------------------------------------------


@pytest.mark.source("T20", "G21-4")
def test_an_end_agrees_only_when_a_notice_ran_its_term_out() -> None:
    notice = fact(4, "give_notice", "2019-08-23")
    suspended = fact(5, "suspend_notice", "2019-11-22", at="18:00")
    ended = compared(claim("end", "2019"), history(*IN_FORCE, notice))
    stopped = compared(claim("end", "2019"), history(*IN_FORCE, notice, suspended))
    late = compared(claim("end", "2019"), history(*IN_FORCE, fact(4, "give_notice", "2019-08-25")))
    assert [one.verdict for one in (ended, stopped, late)] == [
        Comparison.AGREES,
        Comparison.CONTRADICTS,
        Comparison.CONTRADICTS,
    ]


@pytest.mark.source("G21-3")
def test_an_end_of_what_simply_ran_on_is_contradicted_by_its_force() -> None:
    found = compared(claim("end", "2018"), history(*IN_FORCE))
    assert (found.verdict, len(found.by)) == (Comparison.CONTRADICTS, 3)


def test_an_end_before_anything_happened_is_unknown() -> None:
    assert compared(claim("end", "1990"), history(*IN_FORCE)).verdict is Comparison.UNKNOWN


@pytest.mark.source("A-28")
@pytest.mark.parametrize(
    ("says", "told", "members", "verdict"),
    [
        ("withdraw_notice", "2023-03", {}, Comparison.AGREES),
        ("withdraw_notice", "2023-03-17", {}, Comparison.CONTRADICTS),
        ("internal_request", "2023-03-17", {}, Comparison.AGREES),
        ("meeting", "2016-11-02", {"actor": "both"}, Comparison.UNKNOWN),
        ("propose", "2016-06-04", {"actor": "JPN"}, Comparison.AGREES),
        ("propose", "2016-06-04", {"actor": "USA"}, Comparison.UNKNOWN),
        ("sign", "2016", {"actor": "both"}, Comparison.AGREES),
        ("sign", "2012", {"actor": "both"}, Comparison.CONTRADICTS),
        ("domestic_step", "2012-06-26", {"step": "D4"}, Comparison.AGREES),
        ("domestic_step", "2012-06-26", {"step": "D3"}, Comparison.UNKNOWN),
        ("domestic_step", "2012-06-26", {}, Comparison.UNKNOWN),
        ("context", "2019", {}, Comparison.UNKNOWN),
        ("concluded", "2016", {"subject": "GSOMIA-JP-IN"}, Comparison.UNKNOWN),
    ],
)
def test_an_event_is_found_by_instrument_actor_and_days(
    says: str, told: str, members: dict[str, object], verdict: Comparison
) -> None:
    assert compared(claim(says, told, **members)).verdict is verdict


@pytest.mark.source("OBLIGATIONS-2.23")
def test_sister_pacts_are_found_in_the_profiles() -> None:
    facts = (*FACTS, *profile_facts(FAMILY))
    by_then = compared(claim("concluded", "2016", subject="GSOMIA-JP-IN"), facts)
    too_early = compared(claim("concluded", "2006", subject="GSOMIA-JP-US"), facts)
    assert (by_then.verdict, too_early.verdict) == (Comparison.AGREES, Comparison.CONTRADICTS)


def test_an_act_known_from_the_same_text_alone_is_no_second_witness() -> None:
    assert "alone" in compared(SHIPPED["S4-02"]).reason
    assert "alone" not in compared(SHIPPED["S4-01"]).reason


@pytest.mark.source("SYSTEM-1.6")
@pytest.mark.parametrize(("value", "verdict"), [(24, Comparison.AGREES), (25, Comparison.CONTRADICTS)])
def test_a_count_is_held_against_the_same_day_and_rule_only(value: int, verdict: Comparison) -> None:
    counted = Counted(value=value, as_of="2012-06", rule="states")
    counts = (
        KnownCount(value=24, as_of="2012-06", rule="states", source="another"),
        KnownCount(value=31, as_of="2012-06", rule="treaties", source="another"),
    )
    assert compared(claim("count", "2012-06", count=counted), FACTS, counts).verdict is verdict


@pytest.mark.source("A-28")
@modest
@given(order=st.permutations(FACTS), one=st.sampled_from(sorted(SHIPPED)))
def test_the_order_in_which_facts_are_told_changes_no_verdict(order: list, one: str) -> None:  # type: ignore[type-arg]
    assert compared(SHIPPED[one], tuple(order)) == compared(SHIPPED[one])


@pytest.mark.source("A-28")
@modest
@given(chosen=st.lists(st.sampled_from(FACTS), unique=True), one=st.sampled_from(sorted(SHIPPED)))
def test_every_verdict_but_unknown_names_what_it_rests_on(chosen: list, one: str) -> None:  # type: ignore[type-arg]
    found = compared(SHIPPED[one], tuple(chosen))
    assert (found.verdict is Comparison.UNKNOWN) or found.by
    assert (found.verdict is not Comparison.CONTRADICTS) or found.clauses


def test_what_happened_is_not_changed_by_what_is_said_of_it() -> None:
    before = end_of(FACTS)
    for one in SHIPPED.values():
        compared(one)
    assert end_of(FACTS) == before


# --- the file ----------------------------------------------------------------------------------


@pytest.mark.source("SYSTEM-1.6")
def test_the_five_texts_are_all_coded_and_named_by_digest() -> None:
    documents = {one.id[:2]: one.document for one in SHIPPED.values()}
    assert sorted(documents) == ["S0", "S1", "S2", "S3", "S4"]
    assert len(set(documents.values())) == 5


def test_no_sentence_of_a_text_stands_in_a_claim() -> None:
    longest = max(len(str(name.raw).split()) for one in SHIPPED.values() if isinstance(name := one.name, PrintedName))
    assert longest <= 3


@pytest.mark.parametrize("name", ["repost-2017", "undated-2012", "feed-2023", "wire-2016", "singapore-2016"])
def test_the_claims_of_the_demo_stand_where_they_say(name: str) -> None:
    text = DEMO.joinpath("texts", f"{name}.txt").read_bytes()
    assert check_spans(DEMO_CLAIMS, text) == len(claims_of(DEMO_CLAIMS, sha256_hex(text))) > 0


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"end": len(TEXT) + 1}, "outside"),
        ({"start": len(TEXT) - 1, "end": len(TEXT)}, "on nothing"),
        ({"name": PrintedName(raw="Jian Yiwei")}, "name"),
        ({"word": "scrapped"}, "word"),
    ],
)
def test_a_span_that_does_not_hold_what_it_says_is_refused(members: dict[str, object], why: str) -> None:
    with pytest.raises(ClaimError, match=why):
        check_spans([claim("end", "2019", **members)], TEXT)


def test_a_span_that_holds_its_word_and_its_name_is_counted() -> None:
    good = claim("end", "2019", end=len(TEXT), word="scrapped", name=PrintedName(raw="Jen Yiwei"))
    assert check_spans([good], TEXT) == 1


def test_claims_of_another_text_are_not_held_against_this_one() -> None:
    assert check_spans([claim("end", "2019", end=10_000)], TEXT + b" ") == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"\xff", "agreements/text-not-utf8"), (b"a" * (MAX_TEXT_BYTES + 1), "agreements/text-too-large")],
)
def test_what_is_no_text_is_not_read(text: bytes, code: str) -> None:
    with pytest.raises(ClaimError) as caught:
        check_spans([], text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "members",
    [
        {"start": 4, "end": 4},
        {"says": "count"},
        {"count": Counted(value=1, as_of="2012", rule="states")},
        {"published": Stamp(local="2018-12-31", zone=Zone.KST)},
    ],
)
def test_a_claim_that_cannot_have_been_printed_so_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"a |printed"):
        claim(**{"says": "end", "told": "2019", **members})  # type: ignore[arg-type]


def test_a_plan_may_lie_after_the_printing() -> None:
    stamp = Stamp(local="2018-12-31", zone=Zone.KST)
    told = ToldDate(text="2019-02", precision=Precision.AS_TOLD)
    assert replace(claim("sign", "2018"), published=stamp, planned=True, told=told).planned


def test_an_id_that_stands_twice_is_refused() -> None:
    line = canon.encode(claim("end", "2019"))
    with pytest.raises(ClaimError, match="twice"):
        parse_claims(line + b"\n" + line + b"\n")


@modest
@given(one=st.sampled_from(sorted(SHIPPED)), data=st.data())
def test_any_damage_to_a_line_is_refused_or_is_another_claim(one: str, data: st.DataObject) -> None:
    line = bytearray(canon.encode(SHIPPED[one]))
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = parse_claims(bytes(line))
    except ClaimError:
        return
    assert found != (SHIPPED[one],)


@modest
@given(st.binary(max_size=200))
def test_any_bytes_are_claims_or_a_claim_error(data: bytes) -> None:
    with suppress(ClaimError):
        assert all(isinstance(one, Claim) for one in parse_claims(data))
