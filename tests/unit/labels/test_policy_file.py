import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.labels import LabelError, LabelUseError, Policy, next_higher, parse_policy
from strategies.labels import JPN, KOR, POLICIES, USA, modest, policies, policy_bytes

GOOD = policy_bytes("KOR").decode()


@pytest.mark.source("EQ-5")
def test_a_level_is_found_by_id_or_by_exact_mark() -> None:
    assert KOR.classification("KOR-2") is KOR.classification("군사Ⅱ급비밀")
    assert JPN.classification("JPN-2-TOKUTEI") is JPN.classification("特定秘密")


@pytest.mark.source("EQ-5")
@pytest.mark.parametrize("text", ["Secret", "secret", "SECRET ", "KOR-2", "군사II급비밀", "비밀", "S", ""])
def test_a_mark_that_is_not_exactly_ours_finds_nothing(text: str) -> None:
    assert USA.find(text) is None
    with pytest.raises(LabelUseError):
        USA.classification(text)


@pytest.mark.source("EQ-5")
def test_no_mark_of_one_party_is_found_in_another_policy() -> None:
    for policy in POLICIES.values():
        others = [level for other in POLICIES.values() if other is not policy for level in other.classifications]
        assert [None] * 2 * len(others) == [policy.find(t) for level in others for t in (level.id, level.mark)]


@pytest.mark.source("G4-1", "G4-4", "G4-5")
def test_ranks_are_those_of_the_two_parties_and_the_hub() -> None:
    assert [KOR.classification(m).rank for m in ("군사Ⅰ급비밀", "군사Ⅱ급비밀", "군사Ⅲ급비밀", "대외비")] == [4, 3, 2, 1]
    assert [JPN.classification(m).rank for m in ("機密", "極秘", "特定秘密", "秘", "取扱注意")] == [4, 3, 3, 2, 1]
    assert [USA.classification(m).rank for m in ("TOP SECRET", "SECRET", "CONFIDENTIAL")] == [4, 3, 2]


@pytest.mark.source("X-1")
def test_the_next_higher_level_skips_ranks_a_party_lacks() -> None:
    assert [level.id for level in next_higher(USA, 1)] == ["USA-C"]
    assert [level.id for level in next_higher(JPN, 2)] == ["JPN-2-GOKUHI", "JPN-2-TOKUTEI"]
    assert next_higher(KOR, 4) == ()


def test_a_policy_survives_canonical_json() -> None:
    for policy in POLICIES.values():
        assert policy == canon.decode(canon.encode(policy), Policy)


def test_layout_and_order_of_a_file_do_not_matter() -> None:
    start, end = GOOD.index("\n[[classification]]"), GOOD.index("\n[[tag]]")
    head, *levels = GOOD[start:end].split("[[classification]]")
    turned = (
        GOOD[:start] + head + "".join("[[classification]]" + level + "\n" for level in reversed(levels)) + GOOD[end:]
    )
    plain = "\n".join(line for line in turned.splitlines() if not line.startswith("#"))
    assert turned != GOOD
    assert parse_policy(plain.encode()) == KOR


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", ""),
        ("version = 1", "version = 0"),
        ("version = 1", "version = 1.0"),
        ("version = 1", "version = true"),
        ("version = 1", "version = 1\nversion = 1"),
        ("version = 1", "version = 1\nextra = 1"),
        ('source = "KRMSA"', 'source = "KRMSA"\nextra = 1'),
        ('source = "KRMSA"', ""),
        ("rank = 4", "rank = 5"),
        ("rank = 4", 'rank = "4"'),
        ('party = "KOR"', 'party = "KR"'),
        ('party = "KOR"', 'party = "\u041aOR"'),
        ('party = "KOR"', 'party = "JPN"'),
        ('id = "KOR-3"', 'id = "KOR-2"'),
        ('id = "KOR-3"', 'id = "JPN-3"'),
        ('id = "KOR-3"', 'id = "KOR-3\\n"'),
        ("군사Ⅲ급비밀", "군사Ⅱ급비밀"),
        ("군사Ⅲ급비밀", "KOR-2"),
        ("군사Ⅲ급비밀", "군사\u200bⅡ급비밀"),
        ("군사Ⅲ급비밀", "\u1100\u116e\u11ab사Ⅲ급비밀"),
        ("군사Ⅲ급비밀", "군사//급비밀"),
        ("군사Ⅲ급비밀", ""),
        ("1970-01-01T00:00:00Z", "1970-01-01"),
        ("1970-01-01T00:00:00Z", "1970-01-01T09:00:00+09:00"),
        ('"1970-01-01T00:00:00Z"', "1970-01-01T00:00:00Z"),
        ('kind = "RESTRICTIVE"', 'kind = "restrictive"'),
        ('absent = "OWNER_ONLY"', ""),
        ('values = ["JPN", "KOR", "USA"]', 'values = ["JPN", "USA"]'),
        ('values = ["JPN", "KOR", "USA"]', 'values = ["JPN", "JPN", "KOR"]'),
        ('values = ["JPN", "KOR", "USA"]', 'values = ["ANY", "KOR"]'),
        ('values = ["JPN", "KOR", "USA"]', "values = []"),
        ('marking = "REL TO"', 'marking = "HANDLING"'),
        ("[names]", "[[names]]"),
        ("[[classification]]", "[classification]"),
    ],
)
def test_a_policy_that_could_be_misread_is_refused(old: str, new: str) -> None:
    changed = GOOD.replace(old, new, 1)
    assert changed != GOOD
    with pytest.raises(LabelError):
        parse_policy(changed.encode())


def test_a_policy_too_large_is_refused_unread() -> None:
    with pytest.raises(LabelError, match="at most"):
        parse_policy(GOOD.encode() + b"#" * (64 << 10))


@modest
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_policy_or_a_label_error(data: bytes) -> None:
    with pytest.raises(LabelError):
        parse_policy(data)


@modest
@given(data=st.data(), policy=policies)
def test_a_damaged_policy_is_read_whole_or_refused(data: st.DataObject, policy: Policy) -> None:
    good = policy_bytes(policy.party)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 40)))
    junk = st.one_of(st.binary(max_size=8), st.sampled_from([b"[[", b"nan", b"-1", b'"', b"{}", b"1979-05-27"]))
    try:
        read = parse_policy(good[:start] + data.draw(junk) + good[end:])
    except LabelError:
        return
    assert read == canon.decode(canon.encode(read), Policy)


@pytest.mark.parametrize("text", ["a = " + "[" * 3000, "a = 1" + "0" * 5000, "x." * 3000 + "y = 1", "a = nan"])
def test_a_policy_made_to_exhaust_the_reader_is_refused(text: str) -> None:
    with pytest.raises(LabelError):
        parse_policy(text.encode())
