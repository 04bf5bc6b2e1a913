import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.labels import LabelError, LabelUseError, Place, mark, party_name, protection, side_by_side, simple_label
from strategies.labels import JPN, KOR, NOW, labels, modest, policies

LABEL = simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=("JPN",), caveats=("NO-COPY",))


@pytest.mark.source("EQ-4")
@pytest.mark.parametrize(
    ("place", "language", "text"),
    [
        (Place.PAGE, "ko", "군사Ⅱ급비밀//HANDLING NO-COPY//REL TO JPN, KOR"),
        (Place.PAGE, "en", "군사Ⅱ급비밀 [GUNSA II-KUP BI MIL]//HANDLING NO-COPY//REL TO JPN, KOR"),
        (Place.PORTION, "ko", "(군사Ⅱ급비밀//HANDLING NO-COPY//REL TO JPN, KOR)"),
    ],
)
def test_the_native_mark_comes_first_in_every_language(place: Place, language: str, text: str) -> None:
    assert mark(LABEL, policy=KOR, place=place, language=language) == text


@modest
@given(data=st.data(), place=st.sampled_from(Place), language=st.sampled_from(["en", "ja", "ko", "fr"]))
def test_labels_for_different_readers_never_print_alike(data: st.DataObject, place: Place, language: str) -> None:
    policy = data.draw(policies)
    a, b = data.draw(labels(policy)), data.draw(labels(policy))
    printed = [mark(label, policy=policy, place=place, language=language) for label in (a, b)]
    protected = [protection(label, policy=policy) for label in (a, b)]
    assert (printed[0] == printed[1]) == (protected[0] == protected[1])


@pytest.mark.source("A-07", "EQ-4", "G4-2")
def test_two_marks_stand_side_by_side_and_neither_replaces_the_other() -> None:
    marks = side_by_side(LABEL, originator_policy=KOR, own_policy=JPN, own_mark="JPN-2-TOKUTEI", language="ja")
    assert marks.originator_mark.encode() == "군사Ⅱ급비밀".encode()
    assert (marks.originator_name, marks.own_mark) == ("大韓民国", "特定秘密")
    assert "군사Ⅱ급비밀" in marks.originator_marking


@pytest.mark.source("A-06")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "own mark pending"), ("ja", "指定区分未定"), ("fr", "own mark pending")]
)
def test_an_item_not_yet_booked_says_so(language: str, words: str) -> None:
    marks = side_by_side(LABEL, originator_policy=KOR, own_policy=JPN, own_mark=None, language=language)
    assert marks.own_mark == words


@pytest.mark.source("G4-2")
def test_an_own_mark_that_is_not_ours_is_refused() -> None:
    with pytest.raises(LabelUseError):
        side_by_side(LABEL, originator_policy=KOR, own_policy=JPN, own_mark="KOR-2", language="ja")


def test_a_label_of_another_policy_is_not_printed() -> None:
    with pytest.raises(LabelError):
        mark(LABEL, policy=JPN, place=Place.PAGE, language="ja")


def test_a_party_is_named_in_the_readers_language_or_its_own() -> None:
    assert tuple(party_name(JPN, language=spoken) for spoken in ("en", "ko", "fr")) == ("Japan", "일본국", "日本国")
