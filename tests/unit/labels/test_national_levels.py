from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.instants import Instant, Validity
from gsomia.labels import LabelError, LabelRefusal, LabelUseError, Policy, confirm, policy_of, read_national_levels
from strategies.labels import LEVELS_FILE, NOW, POLICIES, modest

TABLE = LEVELS_FILE.read_bytes()
ROWS = {row.code: row for row in read_national_levels(TABLE)}
VALID = Validity(start=Instant(0))


def live(code: str) -> Policy:
    policy = policy_of(confirm(ROWS[code], official="Lee", source="note 7", at=NOW), valid=VALID)
    assert isinstance(policy, Policy)
    return policy


def test_all_forty_rows_are_read() -> None:
    assert len(ROWS) == 40


@pytest.mark.source("EQ-5")
@pytest.mark.parametrize(
    ("mark", "ranks"),
    [
        ("Secret", {"ROU": 2, "BEL": 3, "USA": None, "GBR": None}),
        ("SECRET", {"USA": 3, "GBR": 3, "ROU": None, "KOR": None}),
        ("SECRETO", {"ESP": 4, "COL": None}),
        ("Secreto", {"COL": 3, "ESP": None}),
        ("مكتوم", {"ARE": 2, "JOR": 3}),
        ("سري", {"ARE": 3, "JOR": 2}),
        ("Saudi Secret", {"SAU": 2, "USA": None}),
        ("Saidumlo", {"GEO": 2}),
        ("Geheim", {"BEL": 3, "DEU": None}),
        ("CONFIDENTIAL", {"USA": 2, "GBR": None, "AUS": None, "IND": 2}),
    ],
)
def test_a_mark_means_what_its_own_country_says(mark: str, ranks: dict[str, int | None]) -> None:
    assert ranks == {code: ROWS[code].rank_of(mark) for code in ranks}


@pytest.mark.source("EQ-5")
def test_secret_of_romania_is_never_found_in_the_american_policy() -> None:
    romanian, american = live("ROU"), live("USA")
    assert romanian.classification("Secret").rank == 2
    assert american.find("Secret") is None
    with pytest.raises(LabelUseError):
        american.classification("Secret")


@pytest.mark.source("G4-1")
@pytest.mark.parametrize("code", ["KOR", "JPN", "USA"])
def test_the_policies_of_the_house_take_their_marks_exactly_from_the_table(code: str) -> None:
    policy = next(policy for policy in POLICIES.values() if policy.party == code)
    ours = sorted((level.rank, level.mark) for level in policy.classifications)
    assert ours == sorted((level.rank, level.mark) for level in ROWS[code].levels)


@pytest.mark.source("EQ-6")
@pytest.mark.parametrize("code", ["UKR", "UZB", "RUS", "GBR", "NATO", "NLD", "SWE", "ROU", "JPN"])
def test_a_row_not_read_from_a_treaty_waits_for_a_named_official(code: str) -> None:
    assert ROWS[code].requires_confirmation
    refused = policy_of(ROWS[code], valid=VALID)
    assert isinstance(refused, LabelRefusal)
    assert refused.clause == "EQ-6"


@pytest.mark.source("EQ-6")
@pytest.mark.parametrize("code", ["KOR", "USA", "DEU", "ESP", "DNK", "NOR", "ARE"])
def test_a_row_read_from_a_treaty_may_be_used(code: str) -> None:
    assert isinstance(policy_of(ROWS[code], valid=VALID), Policy)


@pytest.mark.source("EQ-6")
def test_a_confirmation_names_official_and_source_and_becomes_the_source() -> None:
    for official, source in (("", "note 7"), ("Lee", " ")):
        with pytest.raises(ValueError, match="official"):
            confirm(ROWS["UKR"], official=official, source=source, at=NOW)
    assert {level.source for level in live("UKR").classifications} == {"note 7"}


@pytest.mark.source("EQ-6")
def test_levels_nobody_knows_stay_unknown_when_confirmed() -> None:
    confirmed = confirm(ROWS["UZB"], official="Lee", source="note 7", at=NOW)
    assert isinstance(policy_of(confirmed, valid=VALID), LabelRefusal)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code,name", "name,code"),
        ("\nKOR,", "\nKOR,,"),
        ("\nKOR,", "\nkor,"),
        ("\nUSA,", "\nKOR,"),
        ("TOP SECRET", "TOP\u200bSECRET"),
        ('"極秘, 特定秘密"', '"極秘, 特定秘密'),
        ("군사Ⅲ급비밀", "군사Ⅱ급비밀"),
    ],
)
def test_a_table_that_could_be_misread_is_refused(old: str, new: str) -> None:
    text = TABLE.decode()
    assert old in text
    with pytest.raises(LabelError):
        read_national_levels(text.replace(old, new, 1).encode())


@modest
@given(st.binary(max_size=100), st.integers(0, len(TABLE)))
def test_any_bytes_are_a_table_or_a_label_error(junk: bytes, at: int) -> None:
    for data in (junk, TABLE[:at] + junk + TABLE[at:]):
        with suppress(LabelError):
            rows = read_national_levels(data)
            assert len({row.code for row in rows}) == len(rows)
