"""The pacts of two countries with others: a mark needs its country, levels need a source, supplies need a pact."""

from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import (
    DocumentError,
    LevelsConfirmation,
    Mapped,
    PactKind,
    apply_confirmations,
    check_order,
    look_alikes,
    map_mark,
    pacts_of,
    parse_facts,
    parse_family,
    profile_facts,
    row_digest,
)
from gsomia.instants import read_instant
from gsomia.labels import LabelRefusal, NationalLevels
from strategies.knowledge import FAMILY, ROWS, fact, history
from strategies.labels import NOW, POLICIES, modest, party

BY_CODE = {row.code: row for row in ROWS}
PACTS = pacts_of(FAMILY, ROWS)
ACSA = FAMILY.profile("ACSA-KR-JP")
ACSA_FACTS = parse_facts(files("gsomia.agreements").joinpath("acsa.jsonl").read_bytes())
SIGNED = (
    fact(1, "sign", "2012-07-01", actor="both", instr="ACSA-KR-JP"),
    fact(2, "notify_completed", "2012-07-02", instr="ACSA-KR-JP"),
    fact(3, "notify_completed", "2012-07-03", actor="JP", instr="ACSA-KR-JP"),
)


def confirmation(row: NationalLevels) -> LevelsConfirmation:
    return LevelsConfirmation(country=row.code, row=row_digest(row), official="Lee", source="note 7", at=NOW)


def read(
    mark: str, country: str | None, *, own: str = "KOR", rows: tuple[NationalLevels, ...] = ROWS
) -> Mapped | LabelRefusal:
    return map_mark(mark, country=country, own=POLICIES[party(own)], pacts=pacts_of(FAMILY, rows), rows=rows)


def clause(found: Mapped | LabelRefusal) -> str:
    assert isinstance(found, LabelRefusal)
    return found.clause


@pytest.mark.source("LEVELS-6.3", "OBLIGATIONS-2.23")
def test_every_pact_of_the_table_is_an_instrument() -> None:
    korean = {pact.partner for pact in PACTS if pact.own == "KOR"}
    japanese = {pact.partner for pact in PACTS if pact.own == "JPN"}
    assert len(korean) == 35
    assert japanese == {"KOR", "USA", "NATO", "GBR", "FRA", "DEU", "ITA", "AUS", "IND", "UKR", "CAN"}
    assert not {"TUR", "GEO", "EST", "EU"} & (korean | japanese)


def test_the_pact_between_the_two_is_one_instrument_read_from_either_side() -> None:
    assert [(pact.own, pact.partner) for pact in PACTS if pact.id == "GSOMIA-KR-JP"] == [("JPN", "KOR"), ("KOR", "JPN")]


@pytest.mark.source("OBLIGATIONS-2.23")
def test_profiles_belong_to_pacts_of_the_table_or_stand_apart() -> None:
    apart = {"GSOMIA-KR-JP-2012", "TISA", "ACSA-KR-JP"}
    assert {profile.id for profile in FAMILY.profiles} - {pact.id for pact in PACTS} == apart


@pytest.mark.source("EQ-6")
def test_rows_without_a_treaty_or_a_law_are_locked() -> None:
    locked = {pact.partner: pact.locked for pact in PACTS if pact.own == "KOR"}
    assert [code for code in ("POL", "ARE", "USA", "DEU", "ESP", "NOR", "JPN") if locked[code]] == []
    assert [code for code in ("ROU", "UKR", "UZB", "JOR", "NATO", "GBR", "NLD", "SWE") if not locked[code]] == []


@pytest.mark.source("EQ-5", "EQ-3")
@pytest.mark.parametrize(
    ("mark", "country", "own", "levels"),
    [
        ("TAJNE", "POL", "KOR", ("KOR-2",)),
        ("POUFNE", "POL", "KOR", ("KOR-3",)),
        ("مكتوم", "ARE", "KOR", ("KOR-3",)),
        ("SECRET", "USA", "KOR", ("KOR-2",)),
        ("TOP SECRET", "USA", "KOR", ("KOR-1",)),
        ("SECRET", "USA", "JPN", ("JPN-2-GOKUHI", "JPN-2-TOKUTEI")),
        ("RISERVATISSIMO", "ITA", "JPN", ("JPN-3",)),
        ("군사Ⅱ급비밀", "KOR", "JPN", ("JPN-2-GOKUHI", "JPN-2-TOKUTEI")),
        ("秘", "JPN", "KOR", ("KOR-3",)),
    ],
)
def test_a_mark_reads_with_its_country(mark: str, country: str, own: str, levels: tuple[str, ...]) -> None:
    found = read(mark, country, own=own)
    assert isinstance(found, Mapped)
    assert found.own == levels


@pytest.mark.source("EQ-2", "EQ-5", "EQ-6", "G4-4", "G4-5")
@pytest.mark.parametrize(
    ("mark", "country", "own", "expected"),
    [
        ("Secret", None, "KOR", "EQ-5"),
        ("SECRET", None, "KOR", "EQ-5"),
        ("Secret", "USA", "KOR", "EQ-5"),
        ("SECRETO", "POL", "KOR", "EQ-5"),
        ("Secret", "ROU", "KOR", "EQ-6"),
        ("مكتوم", "JOR", "KOR", "EQ-6"),
        ("Таємно", "UKR", "KOR", "EQ-6"),
        ("to confirm", "UZB", "KOR", "EQ-6"),
        ("Gizli", "TUR", "KOR", "EQ-2"),
        ("TAJNE", "POL", "JPN", "EQ-2"),
        ("군사Ⅰ급비밀", "KOR", "JPN", "G4-4"),
        ("ŚCIŚLE TAJNE", "POL", "KOR", "G4-4"),
        ("ZASTRZEŻONE", "POL", "KOR", "G4-5"),
    ],
)
def test_a_mark_that_does_not_read_is_refused_by_its_clause(
    mark: str, country: str | None, own: str, expected: str
) -> None:
    assert clause(read(mark, country, own=own)) == expected


@pytest.mark.source("EQ-5")
@pytest.mark.parametrize(
    ("mark", "places"),
    [
        ("secret", {("USA", 3), ("ROU", 2), ("BEL", 3), ("GBR", 3)}),
        ("secreto", {("ESP", 4), ("COL", 3)}),
        ("مكتوم", {("ARE", 2), ("JOR", 3)}),
        ("saidumlo", {("GEO", 2)}),
    ],
)
def test_look_alikes_are_named_with_the_rank_they_have_in_each_country(mark: str, places: set[tuple[str, int]]) -> None:
    assert places <= set(look_alikes(mark, ROWS))


@pytest.mark.source("EQ-5")
@modest
@given(st.sampled_from(ROWS), st.sampled_from(ROWS), st.data())
def test_no_mark_ever_reads_through_another_country(
    ours: NationalLevels, other: NationalLevels, data: st.DataObject
) -> None:
    confirmed = apply_confirmations(ROWS, [confirmation(row) for row in ROWS])
    marks = [level.mark for level in ours.levels] or ["SECRET"]
    mark = data.draw(st.sampled_from(marks))
    found = read(mark, other.code, rows=confirmed)
    if isinstance(found, Mapped):
        assert found.rank == other.rank_of(mark)


@pytest.mark.source("EQ-3", "X-1")
@modest
@given(st.sampled_from(ROWS), st.sampled_from(["KOR", "JPN"]), st.data())
def test_no_mark_is_ever_read_at_a_lower_rank(row: NationalLevels, own: str, data: st.DataObject) -> None:
    confirmed = apply_confirmations(ROWS, [confirmation(one) for one in ROWS])
    if not row.levels:
        return
    level = data.draw(st.sampled_from(row.levels))
    found = read(level.mark, row.code, own=own, rows=confirmed)
    if isinstance(found, Mapped):
        policy = POLICIES[party(own)]
        assert min(policy.classification(one).rank for one in found.own) >= level.rank


@pytest.mark.source("X-1", "EQ-3")
def test_without_an_equal_level_the_next_higher_protects() -> None:
    gap = replace(
        POLICIES[party("KOR")],
        classifications=tuple(one for one in POLICIES[party("KOR")].classifications if one.rank != 2),
    )
    found = map_mark("POUFNE", country="POL", own=gap, pacts=PACTS, rows=ROWS)
    assert isinstance(found, Mapped)
    assert found.own == ("KOR-2",)


@pytest.mark.source("EQ-6")
def test_a_confirmation_unlocks_exactly_the_row_it_was_given_for() -> None:
    romania = BY_CODE["ROU"]
    rows = apply_confirmations(ROWS, [confirmation(romania)])
    assert isinstance(read("Secret", "ROU", rows=rows), Mapped)
    assert {row.code for row in rows if row.confirmed_by is not None} == {"ROU"}
    changed = tuple(replace(row, source="W, again") if row.code == "ROU" else row for row in ROWS)
    assert clause(read("Secret", "ROU", rows=apply_confirmations(changed, [confirmation(romania)]))) == "EQ-6"


@pytest.mark.source("EQ-6")
def test_a_row_without_levels_stays_locked_whoever_vouches() -> None:
    rows = apply_confirmations(ROWS, [confirmation(BY_CODE["UZB"])])
    assert clause(read("to confirm", "UZB", rows=rows)) == "EQ-6"


@pytest.mark.source("G4-4")
def test_an_unknown_ceiling_excludes_the_top_and_a_known_one_is_kept() -> None:
    assert next(one for one in PACTS if one.id == "GSOMIA-KR-PL").profile is None
    assert clause(read("ŚCIŚLE TAJNE", "POL")) == "G4-4"
    assert isinstance(read("TOP SECRET", "USA"), Mapped)


@pytest.mark.source("T14", "G21-1")
def test_supplies_are_refused_because_nothing_is_in_force() -> None:
    assert ACSA is not None
    assert ACSA.kind is PactKind.CROSS_SERVICING
    found = check_order(ACSA_FACTS, ACSA, at=NOW)
    assert found is not None
    assert (found.clause, "2012-06 postpone" in found.text) == ("T14", True)


@pytest.mark.source("T14", "G21-1")
@pytest.mark.parametrize(
    ("lines", "at", "refused"),
    [
        (SIGNED, "2012-07-03", False),
        (SIGNED, "2012-07-02T23:59:59", True),
        (SIGNED[:2], "2030-01-01", True),
        (SIGNED[1:], "2030-01-01", True),
        ((), "2030-01-01", True),
    ],
)
def test_supplies_need_both_signatures_and_both_notes(lines: tuple[bytes, ...], at: str, refused: bool) -> None:  # noqa: FBT001  a case of the table
    assert ACSA is not None
    assert (check_order(history(*lines), ACSA, at=read_instant(at)) is not None) is refused


@pytest.mark.source("OBLIGATIONS-2.23")
def test_a_draft_was_never_signed_and_gives_no_fact() -> None:
    signed = {one.instr for one in profile_facts(FAMILY)}
    assert "GSOMIA-KR-JP-2012" not in signed
    assert "ACSA-KR-JP" not in signed
    assert {"TISA", "GSOMIA-JP-US", "GSOMIA-KR-AU"} <= signed


def test_the_family_file_reads_back_and_strange_parts_are_refused() -> None:
    data = files("gsomia.agreements").joinpath("family.toml").read_bytes()
    for damage in (
        data + b"\n[strange]\n",
        data.replace(b"GSOMIA-JP-US", b"GSOMIA-KR-US"),
        data.replace(b'"2007-08-10"', b'"2007-13-10"'),
        data.replace(b'"treaty"', b'"pact"'),
        data.replace(b"ceiling = 3", b"ceiling = 5"),
        b"\xff",
        b"a" * (1 << 20),
    ):
        with pytest.raises(DocumentError):
            parse_family(damage)
