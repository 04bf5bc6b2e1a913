from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.labels import ANY, Category, Label, LabelKind, Wildcard, check_text, simple_label, validate
from strategies.labels import JPN, KOR, NOW, POLICIES, RELEASABLE_TO, labels, modest, policies

SECRET = simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=("JPN",), caveats=("ORCON", "NO-COPY"))


@pytest.mark.source("EQ-4", "G4-1")
@modest
@given(policies.flatmap(labels))
def test_a_label_survives_canonical_json_to_the_byte(label: Label) -> None:
    data = canon.encode(label)
    read = canon.decode(data, Label)
    assert label == read
    assert data == canon.encode(read)
    assert label.mark.encode() == read.mark.encode()


@pytest.mark.source("EQ-8")
def test_anyone_someone_and_nobody_are_three_spellings() -> None:
    spelled = {canon.encode(Category(tag=RELEASABLE_TO, values=values)) for values in (ANY, ("JPN", "KOR"), ())}
    assert len(spelled) == 3
    assert {canon.decode(data, Category).values for data in spelled} == {ANY, ("JPN", "KOR"), ()}
    assert isinstance(canon.decode(b'{"tag":"Handling","values":"ANY"}', Category).values, Wildcard)


@pytest.mark.parametrize(
    "data",
    [
        b'{"tag":"Releasable To","values":["KOR","JPN"]}',
        b'{"tag":"Releasable To","values":["JPN","JPN"]}',
        b'{"tag":"Releasable To","values":[""]}',
        b'{"tag":"Releasable To","values":["J PN"]}',
        b'{"tag":"Releasable To","values":["jpn"]}',
        b'{"tag":"Releasable To","values":"any"}',
        b'{"tag":"Releasable To","values":null}',
        b'{"tag":"Releasable  To","values":["JPN"]}',
        b'{"extra":1,"tag":"Releasable To","values":["JPN"]}',
    ],
)
def test_a_category_with_a_second_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(canon.CanonError):
        canon.decode(data, Category)


@pytest.mark.parametrize(
    "change",
    [
        {"restrictive": (Category(tag="Handling", values=()),)},
        {"restrictive": (Category(tag="Handling", values=ANY),)},
        {"restrictive": SECRET.restrictive * 2},
        {"permissive": SECRET.restrictive},
        {"permissive": SECRET.permissive * 2},
        {"originator": JPN.party},
        {"mark": "군사\u200bⅡ급비밀"},
        {"review_at": NOW},
    ],
)
def test_a_label_no_originator_can_mean_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(SECRET, **change)


@pytest.mark.source("EQ-4")
@pytest.mark.parametrize(
    "text",
    [
        "",
        " SECRET",
        "SECRET ",
        "TOP  SECRET",
        "TOP\u00a0SECRET",
        "SEC\u200bRET",
        "SECRET\n",
        "SECRET\u202e",
        "군사\u3164급",
        "군사Ⅱ급비밀\ufe0f",
        "\u1100\u1161",
        "\ufa0c",
        "SE\u0421RET",
        "\uff33\uff25\uff23\uff32\uff25\uff34",
        "X" * 201,
    ],
)
def test_text_with_a_second_look_or_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_text(text)


@pytest.mark.source("EQ-5")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy": JPN.party, "kind": LabelKind.ALTERNATIVE}, "policy-unknown"),
        ({"policy_version": 2}, "policy-version-unknown"),
        ({"classification": "KOR-4"}, "classification-unknown"),
        ({"mark": "군사Ⅲ급비밀"}, "mark-differs"),
        ({"mark": "군사II급비밀"}, "mark-differs"),
        ({"restrictive": (Category(tag="Handled", values=("ORCON",)),)}, "tag-unknown"),
        ({"restrictive": (Category(tag="Handling", values=("NO-PRINT",)),)}, "value-unknown"),
        ({"permissive": (Category(tag=RELEASABLE_TO, values=("PRK",)),)}, "value-unknown"),
        ({"permissive": (Category(tag="Handling", values=("ORCON",)),), "restrictive": ()}, "tag-of-another-kind"),
    ],
)
def test_what_the_policy_does_not_know_is_a_problem(change: dict[str, Any], code: str) -> None:
    assert code in [problem.code for problem in validate(replace(SECRET, **change), policy=KOR)]


@pytest.mark.source("EQ-1")
def test_a_label_older_than_its_policy_is_a_problem() -> None:
    label = simple_label(JPN, "JPN-3", created_at=JPN.valid.start.plus(seconds=-1))
    assert [problem.code for problem in validate(label, policy=JPN)] == ["policy-not-in-force"]


@modest
@given(st.data())
def test_a_label_holds_under_its_own_policy_only(data: st.DataObject) -> None:
    policy = data.draw(policies)
    label = data.draw(labels(policy))
    assert [policy.party] == [code for code, other in POLICIES.items() if not validate(label, policy=other)]
