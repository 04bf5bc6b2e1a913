"""An agreement file is read word for word, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import Agreement, DocumentError, ThirdPartyRule, parse_document
from gsomia.labels import check_table
from strategies.agreements import AGREEMENT, JP, KR, SAMPLE, altered, edited_documents
from strategies.labels import POLICIES, modest


def refused(untrusted: bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse_document(untrusted)
    return caught.value


def parts() -> list[str]:
    """The file cut into its tables."""
    return ["[" + part for part in ("\n" + SAMPLE).split("\n[")[1:]]


@pytest.mark.source("STYLE-3.1", "G4-3")
def test_the_sample_reads_as_it_is_written() -> None:
    assert [(party.code, party.name) for party in AGREEMENT.parties] == [("JPN", "Japan"), ("KOR", "Republic of Korea")]
    assert [row.of("JPN") for row in AGREEMENT.table.rows] == [("JPN-2-GOKUHI", "JPN-2-TOKUTEI"), ("JPN-3",)]
    assert [(row.rank, row.word, row.of("KOR")) for row in AGREEMENT.table.rows] == [
        (3, "SECRET", ("KOR-2",)),
        (2, "CONFIDENTIAL", ("KOR-3",)),
    ]
    assert (AGREEMENT.terms.notice_days, AGREEMENT.terms.term_years, AGREEMENT.terms.ceiling) == (90, 1, 3)
    assert AGREEMENT.terms.third_party is ThirdPartyRule.ORIGINATOR_CONSENT
    house = AGREEMENT.house_rules
    clocks = (house.receipt_days, house.tracer_days, house.level_change_days, house.incident_notice_hours)
    assert clocks == (10, 30, 7, 24)


@pytest.mark.source("EQ-3")
def test_the_samples_table_fits_the_national_policies() -> None:
    assert check_table(AGREEMENT.table, policies={code: POLICIES[code] for code in (KR, JP)}) == ()


def test_an_agreement_crosses_the_border_as_canonical_json() -> None:
    assert canon.decode(canon.encode(AGREEMENT), Agreement) == AGREEMENT


def test_each_party_has_its_authorities() -> None:
    assert [a.id for a in AGREEMENT.authorities_of(KR)] == ["kor-dapa", "kor-mnd"]
    assert [a.id for a in AGREEMENT.authorities_of(JP)] == ["jpn-mod"]
    assert AGREEMENT.has_party(KR)
    assert not AGREEMENT.has_party(next(code for code in POLICIES if code not in (KR, JP)))


@pytest.mark.source("T12")
@given(st.permutations(parts()))
@modest
def test_order_of_parts_does_not_change_what_is_signed(shuffled: list[str]) -> None:
    assert parse_document("\n".join(shuffled).encode()).digest == AGREEMENT.digest


@pytest.mark.source("T12")
@pytest.mark.parametrize(
    "layout",
    [
        SAMPLE.replace("\n", "  # a remark\n"),
        "\n\n" + SAMPLE,
        SAMPLE.replace(" = ", "=").replace("\n", "\r\n"),
        SAMPLE.replace('["JPN-2-GOKUHI", "JPN-2-TOKUTEI"]', '[\n "JPN-2-TOKUTEI",\n "JPN-2-GOKUHI",\n]'),
        SAMPLE.replace('"Japan"', "'Japan'"),
    ],
)
def test_comments_and_layout_do_not_change_what_is_signed(layout: str) -> None:
    assert layout != SAMPLE
    assert parse_document(layout.encode()).digest == AGREEMENT.digest


CHANGES = [
    ('"GSOMIA-KR-JP"', '"GSOMIA-KR-JP-2"'),
    ("version = 1", "version = 2"),
    ("Protection of", "Protection Of"),
    ("binding = true", "binding = false"),
    ("term_years = 1", "term_years = 2"),
    ("notice_days = 90", "notice_days = 91"),
    ("ceiling = 3", "ceiling = 4"),
    ('language = "en"', 'language = "ko"'),
    ("receipt_days = 10", "receipt_days = 11"),
    ("tracer_days = 30", "tracer_days = 31"),
    ("level_change_days = 7", "level_change_days = 8"),
    ("incident_notice_hours = 24", "incident_notice_hours = 25"),
    ('name = "Japan"', 'name = "JAPAN"'),
    ('fingerprint = "', 'fingerprint = "' + "0" * 64 + '" # '),
    ('id = "kor-mnd"', 'id = "kor-mod"'),
    ("National Defense", "National Defence"),
    ("KR-2016-41", "KR-2016-43"),
    ('word = "SECRET"', 'word = "GEHEIM"'),
    (', "JPN-2-TOKUTEI"]', "]"),
]


@pytest.mark.source("T12")
@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_any_word_changes_what_is_signed(old: str, new: str) -> None:
    assert parse_document(altered(old, new)).digest != AGREEMENT.digest


def test_no_two_changes_are_signed_alike() -> None:
    digests = {parse_document(altered(old, new)).digest for old, new in CHANGES}
    assert len(digests) == len(CHANGES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[terms]", "secret_protocol = 1\n[terms]"),
        ("version = 1", "version = 1\nparties = []"),
        ("version = 1", "version = 1\ntable = { rows = [] }"),
        ("version = 1", "version = 1\nhouse_rules = {}"),
        ("version = 1", 'version = 1\ndigest = "x"'),
        ("[terms]", "[annex]\nx = 1\n[terms]"),
        ("notice_days = 90", "notice_days = 90\ngrace_days = 3"),
        ("receipt_days = 10", "receipt_days = 10\nreceipt_hours = 3"),
        ('name = "Japan"', 'name = "Japan"\ncapital = "Tokyo"'),
        ("lead = true", "lead = true\ndeputy = true"),
        ("rank = 3", 'rank = 3\nnote = "x"'),
        ("rank = 3", 'rank = 3\nremark = ["JPN-3"]'),
    ],
)
def test_a_word_that_is_not_understood_is_refused(old: str, new: str) -> None:
    refused(altered(old, new))


@pytest.mark.source("T12")
@pytest.mark.parametrize("word", ["parties", "authorities", "table", "terms", "house_rules", "subtitle"])
def test_the_instrument_has_an_id_a_version_and_a_title_and_nothing_more(word: str) -> None:
    assert f"unknown part `{word}`" in refused(altered("version = 1", f"version = 1\n{word} = 1")).message


@pytest.mark.source("G4-3", "EQ-5")
@pytest.mark.parametrize(
    "listed",
    [
        '"JPN-3"', "3", "true", '{ id = "JPN-3" }', "[3]", '[["JPN-3"]]', '["JPN-3", 3]',
        '["KOR-3"]', '["JPN-3", "KOR-3"]', '["JPN"]', '["3"]', '["jpn-3"]', '["XJPN-3"]', '["JPNX-3"]',
    ],
)  # fmt: skip
def test_levels_are_a_list_of_ids_that_begin_with_their_partys_code(listed: str) -> None:
    message = refused(altered('JPN = ["JPN-3"]', f"JPN = {listed}")).message
    assert "list of ids" in message or "begins with `JPN-`" in message


@pytest.mark.source("G2-5", "F-25")
def test_one_note_names_one_authority() -> None:
    assert "one note" in refused(altered("KR-2016-42", "KR-2016-41")).message
    assert parse_document(altered("KR-2016-42", "JP-2016-107")).digest != AGREEMENT.digest  # numbers are a party's own


@pytest.mark.source("A-12")
@pytest.mark.parametrize(
    ("word", "least", "most"),
    [
        ("receipt_days = 10", 1, 3660),
        ("tracer_days = 30", 1, 3660),
        ("level_change_days = 7", 1, 3660),
        ("incident_notice_hours = 24", 1, 720),
    ],
)
def test_a_house_rule_is_a_time_that_can_be_kept(word: str, least: int, most: int) -> None:
    name = word.partition(" ")[0]
    for kept in (least, most):
        rules = parse_document(altered(word, f"{name} = {kept}")).house_rules
        assert getattr(rules, name) == kept
    for odd in (least - 1, most + 1, -1, 2**53):
        refused(altered(word, f"{name} = {odd}"))


@pytest.mark.source("T12")
def test_asking_for_a_digest_changes_nothing_that_is_signed() -> None:
    asked, untouched = parse_document(SAMPLE.encode()), parse_document(SAMPLE.encode())
    assert (asked.digest, asked.table.version) == (AGREEMENT.digest, AGREEMENT.table.version)
    assert canon.encode(asked) == canon.encode(untouched)
    assert asked == untouched


@pytest.mark.parametrize("line", [line for line in SAMPLE.splitlines() if " = " in line])
def test_a_missing_word_is_refused(line: str) -> None:
    kept = SAMPLE.splitlines()
    kept.remove(line)
    refused("\n".join(kept).encode())


@pytest.mark.parametrize("part", range(len(parts())))
def test_a_missing_part_is_refused(part: int) -> None:
    kept = [text for index, text in enumerate(parts()) if index != part]
    missing = parts()[part]
    if "kor-dapa" in missing or "rank" in missing:  # a second authority or a level row may be absent
        assert parse_document("\n".join(kept).encode()).digest != AGREEMENT.digest
    else:
        refused("\n".join(kept).encode())


@pytest.mark.source("G21-3")
def test_a_text_without_terms_renews_nothing_by_itself() -> None:
    open_ended = SAMPLE.replace("term_years = 1", "term_years = 0")
    assert "renewal" in refused(open_ended.encode()).message
    terms = parse_document(open_ended.replace('"automatic"', '"none"').encode()).terms
    assert (terms.term_years, terms.renewal) == (0, "none")


@pytest.mark.source("A-21")
@pytest.mark.parametrize(("old", "new"), [("lead = false", "lead = true"), ("lead = true", "lead = false")])
def test_each_party_has_exactly_one_lead_authority(old: str, new: str) -> None:
    assert "exactly one lead" in refused(altered(old, new)).message


def test_a_party_without_an_authority_is_refused() -> None:
    assert "lead" in refused(altered('party = "JPN"', 'party = "KOR"')).message


@pytest.mark.source("G2-5")
def test_an_authority_of_no_party_is_refused() -> None:
    assert "no party" in refused(altered('party = "KOR"\nname = "Defense', 'party = "USA"\nname = "Defense')).message


@pytest.mark.source("G4-4")
def test_a_level_above_the_ceiling_is_refused() -> None:
    assert "ceiling" in refused(altered("ceiling = 3", "ceiling = 2")).message
    top = SAMPLE + '[[level]]\nrank = 4\nword = "TOP SECRET"\nKOR = ["KOR-1"]\nJPN = ["JPN-1"]\n'
    assert "ceiling" in refused(top.encode()).message
    assert parse_document(top.replace("ceiling = 3", "ceiling = 4").encode()).terms.ceiling == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('JPN = ["JPN-3"]\n', ""),
        ('JPN = ["JPN-3"]', "JPN = []"),
        ('JPN = ["JPN-3"]', 'JPN = "JPN-3"'),
        ('JPN = ["JPN-3"]', 'JPN = ["JPN-3", "JPN-3"]'),
        ('JPN = ["JPN-3"]', 'JPN = ["秘"]'),
        ("rank = 2", "rank = 3"),
        ("rank = 2", "rank = 0"),
        ("rank = 2", "rank = 2.0"),
        ("rank = 2", "rank = true"),
        ('word = "SECRET"', 'word = ""'),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(old: str, new: str) -> None:
    refused(altered(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "JPN"', 'code = "KOR"'),
        ('code = "JPN"', 'code = "jpn"'),
        ('id = "kor-dapa"', 'id = "kor-mnd"'),
        ('id = "kor-dapa"', 'id = "KOR"'),
        ('fingerprint = "', 'fingerprint = "x'),
        ('named_by = "KR-2016-41"', 'named_by = "by telephone"'),
        ("notice_days = 90", "notice_days = -1"),
        ("notice_days = 90", "notice_days = 3661"),
        ("notice_days = 90", 'notice_days = "90"'),
        ("term_years = 1", "term_years = 0"),
        ("ceiling = 3", "ceiling = 5"),
        ('renewal = "automatic"', 'renewal = "manual"'),
        ('third_party = "originator-consent"', 'third_party = "free"'),
        ("version = 1", "version = 0"),
        ("binding = true", "binding = 1"),
        ('title = "', 'title = "" # "'),
    ],
)
def test_a_word_of_the_wrong_kind_is_refused(old: str, new: str) -> None:
    refused(altered(old, new))


def test_a_file_beyond_the_cap_is_refused_unread() -> None:
    assert refused(b"#" * ((256 << 10) + 1)).code == "agreements/document-too-large"
    assert parse_document(SAMPLE.encode().ljust(256 << 10, b"\n")) == AGREEMENT


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
@modest
def test_any_bytes_are_refused_by_the_rooms_error(untrusted: bytes) -> None:
    refused(untrusted)


@pytest.mark.parametrize(
    "odd",
    [b"a = " + b"[" * 5000 + b"]" * 5000, b"a = " + b"9" * 5000, b"level = 1", b"\xef\xbb\xbf", b"a.b.c = 1\na = 2"],
)
def test_hostile_toml_is_refused_by_the_rooms_error(odd: bytes) -> None:
    refused(odd)
    refused(SAMPLE.encode() + b"\n" + odd)


@given(edited_documents())
@modest
def test_any_edited_file_is_an_agreement_or_refused(untrusted: bytes) -> None:
    try:
        agreement = parse_document(untrusted)
    except DocumentError:
        return
    assert canon.decode(canon.encode(agreement), Agreement) == agreement
