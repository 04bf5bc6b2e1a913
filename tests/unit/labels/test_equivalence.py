from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.instants import Instant, Validity
from gsomia.labels import (
    Category,
    EquivalenceTable,
    Label,
    LabelKind,
    LabelRefusal,
    Policy,
    Translated,
    check_own_mark,
    check_table,
    confirm,
    leq,
    own_label,
    policy_of,
    protection,
    read_national_levels,
    simple_label,
    translate,
)
from strategies.labels import (
    JPN,
    KOR,
    LEVELS_FILE,
    NOW,
    POLICIES,
    TREATY,
    USA,
    full_table,
    invented_policies,
    labels,
    modest,
    table,
)


def say(policy: Policy, level: str) -> Label:
    return simple_label(policy, level, created_at=NOW)


def read(label: Label, to: Policy, by: EquivalenceTable = TREATY) -> Translated | LabelRefusal:
    return translate(label, table=by, from_policy=POLICIES[label.policy], to_policy=to, now=NOW)


def refusal(label: Label, to: Policy, by: EquivalenceTable = TREATY) -> tuple[str, str]:
    result = read(label, to, by)
    assert isinstance(result, LabelRefusal)
    return result.code, result.clause


@pytest.mark.source("G4-3")
@pytest.mark.parametrize(
    ("policy", "mark", "to", "allowed", "word"),
    [
        (KOR, "군사Ⅱ급비밀", JPN, ("JPN-2-GOKUHI", "JPN-2-TOKUTEI"), "SECRET"),
        (KOR, "군사Ⅲ급비밀", JPN, ("JPN-3",), "CONFIDENTIAL"),
        (JPN, "極秘", KOR, ("KOR-2",), "SECRET"),
        (JPN, "特定秘密", KOR, ("KOR-2",), "SECRET"),
        (JPN, "秘", KOR, ("KOR-3",), "CONFIDENTIAL"),
    ],
)
def test_the_treaty_table_is_read_as_signed(
    policy: Policy, mark: str, to: Policy, allowed: tuple[str, ...], word: str
) -> None:
    result = read(say(policy, mark), to)
    assert isinstance(result, Translated)
    assert (allowed, word, TREATY.version) == (result.allowed, result.word, result.table)
    assert result.rank == policy.classification(mark).rank


@pytest.mark.source("A-06")
def test_a_korean_secret_arrives_with_its_category_pending() -> None:
    secret, confidential = read(say(KOR, "KOR-2"), JPN), read(say(KOR, "KOR-3"), JPN)
    assert isinstance(secret, Translated)
    assert isinstance(confidential, Translated)
    assert (secret.pending, confidential.pending) == (True, False)


@pytest.mark.source("A-06", "G4-2")
def test_an_officer_chooses_among_what_the_table_allows_and_nothing_else() -> None:
    result = read(say(KOR, "KOR-2"), JPN)
    assert isinstance(result, Translated)
    assert check_own_mark(result, "JPN-2-TOKUTEI") == "JPN-2-TOKUTEI"
    for chosen in ("JPN-3", "JPN-1", "KOR-2", "極秘"):
        assert isinstance(check_own_mark(result, chosen), LabelRefusal)


@pytest.mark.source("EQ-2", "G4-4")
@pytest.mark.parametrize(("policy", "mark", "to"), [(KOR, "군사Ⅰ급비밀", JPN), (JPN, "機密", KOR)])
def test_the_top_level_is_outside_the_treaty(policy: Policy, mark: str, to: Policy) -> None:
    assert refusal(say(policy, mark), to) == ("level-not-in-table", "G4-4")


@pytest.mark.source("EQ-2", "G4-5", "A-05")
@pytest.mark.parametrize(("policy", "mark", "to"), [(KOR, "대외비", JPN), (JPN, "取扱注意", KOR)])
def test_what_is_below_confidential_is_not_classified_military_information(
    policy: Policy, mark: str, to: Policy
) -> None:
    assert refusal(say(policy, mark), to) == ("level-not-in-table", "G4-5")


@pytest.mark.source("EQ-2")
def test_a_level_or_a_party_the_table_does_not_name_does_not_travel() -> None:
    only_confidential = EquivalenceTable(rows=TREATY.rows[1:])
    assert refusal(say(KOR, "KOR-2"), JPN, only_confidential) == ("level-not-in-table", "EQ-2")
    assert refusal(say(KOR, "KOR-2"), USA) == ("recipient-not-in-table", "EQ-2")
    assert refusal(say(USA, "SECRET"), KOR) == ("level-not-in-table", "EQ-2")
    assert refusal(say(KOR, "KOR-2"), KOR) == ("same-party", "EQ-1")


@pytest.mark.source("EQ-1")
def test_the_same_two_countries_on_two_dates_have_two_answers() -> None:
    day = Instant.parse("2021-07-01T00:00:00Z")
    before = replace(TREATY, valid=Validity(start=Instant(0), until=day))
    after = replace(EquivalenceTable(rows=TREATY.rows[:1]), valid=Validity(start=day))
    label = simple_label(KOR, "KOR-3", created_at=day.plus(days=-10))
    answers = [
        [
            isinstance(translate(label, table=t, from_policy=KOR, to_policy=JPN, now=now), Translated)
            for t in (before, after)
        ]
        for now in (day.plus(seconds=-1), day)
    ]
    assert answers == [[True, False], [False, False]]
    assert len({before.version, after.version, TREATY.version}) == 3


@pytest.mark.source("EQ-1")
def test_a_recipient_policy_out_of_force_reads_nothing() -> None:
    expired = replace(JPN, valid=Validity(start=JPN.valid.start, until=NOW))
    assert refusal(say(KOR, "KOR-3"), expired) == ("policy-not-in-force", "EQ-1")


@pytest.mark.source("EQ-5")
def test_a_label_its_own_policy_does_not_know_is_not_read() -> None:
    label = say(KOR, "KOR-2")
    assert refusal(replace(label, policy_version=9), JPN) == ("policy-version-unknown", "EQ-5")
    assert refusal(replace(label, classification="KOR-7"), JPN) == ("classification-unknown", "EQ-5")
    assert refusal(replace(label, mark="Secret"), JPN) == ("mark-differs", "EQ-4")
    strange = replace(label, restrictive=(Category(tag="Handling", values=("NO-PRINT",)),))
    assert refusal(strange, JPN) == ("value-unknown", "EQ-8")


@pytest.mark.source("EQ-8")
def test_a_caveat_the_recipient_has_no_word_for_stops_the_item() -> None:
    tag = replace(JPN.tags[0], values=("NO-COPY", "ORCON"))
    poorer = replace(JPN, tags=(tag, JPN.tags[1]))
    label = simple_label(KOR, "KOR-3", created_at=NOW, caveats=("NO-DESTROY",))
    assert refusal(label, poorer) == ("value-unknown", "EQ-8")
    assert refusal(label, replace(JPN, tags=())) == ("tag-unknown", "EQ-8")


@pytest.mark.source("EQ-7")
def test_a_mapped_label_is_never_mapped_again() -> None:
    original = say(KOR, "KOR-2")
    translated = read(original, JPN)
    assert isinstance(translated, Translated)
    own = own_label(original, translated=translated, chosen="JPN-2-GOKUHI", policy=JPN, at=NOW)
    assert isinstance(own, Label)
    assert refusal(own, KOR) == ("label-is-mapped", "EQ-7")
    assert refusal(replace(original, kind=LabelKind.METADATA), JPN) == ("label-is-mapped", "EQ-7")


@pytest.mark.source("EQ-7", "G6-1")
def test_no_chain_of_tables_carries_what_the_direct_one_refuses() -> None:
    """The path KOR, USA, JPN passed Level I in the prototype."""
    korea_usa, usa_japan = full_table(KOR, USA), full_table(USA, JPN)
    original = say(KOR, "KOR-1")
    assert isinstance(read(original, JPN), LabelRefusal)
    first = read(original, USA, korea_usa)
    assert isinstance(first, Translated)
    at_hub = own_label(original, translated=first, chosen="USA-TS", policy=USA, at=NOW)
    assert isinstance(at_hub, Label)
    assert refusal(at_hub, JPN, usa_japan) == ("label-is-mapped", "EQ-7")


@pytest.mark.source("EQ-3")
def test_an_inverted_table_is_found_before_signing_and_refused_in_use() -> None:
    inverted = table(
        (3, "SECRET", {"KOR": ["KOR-2"], "JPN": ["JPN-3"]}), (2, "C", {"KOR": ["KOR-3"], "JPN": ["JPN-1"]})
    )
    assert {"would-lower", "not-monotone"} == {found.code for found in check_table(inverted, policies=POLICIES)}
    assert refusal(say(KOR, "KOR-2"), JPN, inverted) == ("would-lower", "EQ-3")
    assert refusal(say(JPN, "JPN-3"), KOR, inverted) == ("would-lower", "EQ-3")
    assert refusal(say(JPN, "JPN-1"), KOR, inverted) == ("would-lower", "EQ-3")


@pytest.mark.source("EQ-3", "EQ-5")
def test_the_signed_table_contradicts_no_policy_and_an_invented_level_is_found() -> None:
    assert check_table(TREATY, policies=POLICIES) == ()
    codes = [found.code for found in check_table(TREATY, policies={KOR.party: KOR})]
    assert codes == ["policy-unknown"]
    invented = table((3, "SECRET", {"KOR": ["KOR-2"], "JPN": ["JPN-9"]}))
    assert [found.code for found in check_table(invented, policies=POLICIES)] == ["recipient-level-unknown"]
    assert refusal(say(KOR, "KOR-2"), JPN, invented) == ("recipient-level-unknown", "EQ-5")


@pytest.mark.source("X-1")
def test_without_an_equal_level_the_next_higher_protects() -> None:
    result = read(say(KOR, "대외비"), USA, full_table(KOR, USA))
    assert isinstance(result, Translated)
    assert (result.allowed, result.rank) == (("USA-C",), 2)
    back = read(say(USA, "USA-C"), KOR, full_table(KOR, USA))
    assert isinstance(back, Translated)
    assert back.allowed == ("KOR-3",)


@pytest.mark.source("EQ-3", "EQ-6")
def test_no_pair_of_countries_lowers_any_level() -> None:
    valid = Validity(start=Instant(0))
    rows = read_national_levels(LEVELS_FILE.read_bytes())
    made = [policy_of(confirm(row, official="Kim", source="note 1", at=NOW), valid=valid) for row in rows]
    nations = [policy for policy in made if isinstance(policy, Policy)]
    assert len(nations) == 38  # forty rows, less the European Union (no party code) and Uzbekistan (no levels)
    for here, there in permutations(nations, 2):
        by = full_table(here, there)
        assert check_table(by, policies={here.party: here, there.party: there}) == ()
        for level in here.classifications:
            result = translate(say(here, level.id), table=by, from_policy=here, to_policy=there, now=NOW)
            if isinstance(result, Translated):
                assert min(there.classification(target).rank for target in result.allowed) >= level.rank


policy_pairs = st.one_of(
    st.sampled_from([(KOR, JPN), (JPN, KOR), (KOR, USA), (USA, KOR), (JPN, USA), (USA, JPN)]),
    st.tuples(invented_policies("XXA"), invented_policies("XXB")),
)


@pytest.mark.source("EQ-3", "EQ-7")
@modest
@given(pair=policy_pairs, data=st.data())
def test_there_and_back_may_raise_and_never_lowers(pair: tuple[Policy, Policy], data: st.DataObject) -> None:
    here, there = pair
    by = full_table(here, there)
    level = data.draw(st.sampled_from(here.classifications))
    out = translate(say(here, level.id), table=by, from_policy=here, to_policy=there, now=NOW)
    assume(isinstance(out, Translated))
    assert isinstance(out, Translated)
    for target in out.allowed:
        back = translate(say(there, target), table=by, from_policy=there, to_policy=here, now=NOW)
        if isinstance(back, Translated):
            assert min(here.classification(final).rank for final in back.allowed) >= level.rank


@pytest.mark.source("EQ-3")
@modest
@given(policy_pairs)
def test_a_stronger_level_is_never_read_as_a_weaker_one(pair: tuple[Policy, Policy]) -> None:
    here, there = pair
    by = full_table(here, there)
    said = [say(here, level.id) for level in here.classifications]
    for low, high in permutations(said, 2):
        if leq(protection(low, policy=here), protection(high, policy=here)):
            lower, higher = (translate(x, table=by, from_policy=here, to_policy=there, now=NOW) for x in (low, high))
            if isinstance(lower, Translated) and isinstance(higher, Translated):
                assert lower.rank <= min(there.classification(target).rank for target in higher.allowed)


@modest
@given(data=st.data(), ranks=st.lists(st.integers(1, 4), unique=True, min_size=1))
def test_any_table_keeps_or_raises_whatever_it_says(data: st.DataObject, ranks: list[int]) -> None:
    ids = {policy.party: [level.id for level in policy.classifications] for policy in (KOR, JPN)}
    by = table(
        *(
            (
                rank,
                "W",
                {p: data.draw(st.lists(st.sampled_from(ids[p]), min_size=1, unique=True)) for p in ids},
            )
            for rank in sorted(ranks, reverse=True)
        )
    )
    label = data.draw(labels(KOR))
    result = read(label, JPN, by)
    if isinstance(result, Translated):
        rank = KOR.classification(label.classification).rank
        assert all(JPN.classification(target).rank >= rank for target in result.allowed)


def test_a_table_survives_canonical_json_with_and_without_dates() -> None:
    dated = replace(TREATY, valid=Validity(start=NOW))
    for by in (TREATY, dated):
        assert by == canon.decode(canon.encode(by), EquivalenceTable)
    assert b"valid" not in canon.encode(TREATY)
    assert TREATY.covers == ("JPN", "KOR")


@pytest.mark.parametrize(
    "data",
    [
        b'{"rows":[]}',
        canon.encode(TREATY).replace(b'"rank":2', b'"rank":3'),
        canon.encode(TREATY).replace(b'"rank":2', b'"rank":4'),
        canon.encode(TREATY).replace(b'"JPN-2-GOKUHI","JPN-2-TOKUTEI"', b'"JPN-2-TOKUTEI","JPN-2-GOKUHI"'),
        canon.encode(TREATY).replace(b'"party":"KOR"', b'"party":"JPN"'),
        canon.encode(TREATY)[:-1] + b',"valid":null}',
    ],
)
def test_a_table_with_a_second_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(canon.CanonError):
        canon.decode(data, EquivalenceTable)
