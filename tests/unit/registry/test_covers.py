"""No label tells a level in any language, and the inner one tells nothing but the level and the address."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.labels import Policy, fold, level_words, parse_policy, read_national_levels, tells_level
from gsomia.registry import RegisterError, inner_cover, outer_cover

ROOM = files("gsomia.labels")
TABLE = ROOM.joinpath("levels.csv").read_bytes()
POLICIES: list[Policy] = [
    parse_policy(file.read_bytes()) for file in ROOM.joinpath("policies").iterdir() if file.name.endswith(".toml")
]
WORDS = level_words(TABLE, policies=POLICIES)
MARKS = sorted(
    {level.mark for row in read_national_levels(TABLE) for level in row.levels}
    | {also for row in read_national_levels(TABLE) for level in row.levels for also in level.also}
    | {level.mark for policy in POLICIES for level in policy.classifications}
    | {level.id for policy in POLICIES for level in policy.classifications}
    | {level.reading for policy in POLICIES for level in policy.classifications}
    | {"Confidentiel Défense", "RESTRICTED", "Confidential", "Protected", "Diffusion Restreinte"}
)
ADDRESSES = (
    "Ministry of National Defense, Defense Intelligence Agency, Seoul",
    "국방부 국방정보본부, 서울특별시 용산구",
    "防衛省 情報本部, 東京都新宿区市谷本村町5-1",
    "Secretariat of the Information Security Committee, Building C, Tokyo",
)
NUMBER = "KOR-JPN-2026-000001"
around = st.sampled_from(["", "Ministry of Defence, ", "国防 ", "국방부 "])


def outer(address: str) -> None:
    outer_cover(addressee=address, sender=ADDRESSES[0], number=NUMBER, level_words=WORDS)


@pytest.mark.source("G12-3")
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_organisational_address_stands_on_the_outer_cover(address: str) -> None:
    cover = outer_cover(addressee=address, sender=ADDRESSES[0], number=NUMBER, level_words=WORDS)
    assert cover.lines == (address, ADDRESSES[0], NUMBER)


@pytest.mark.source("G12-3")
@pytest.mark.parametrize("mark", MARKS)
def test_no_level_of_any_country_stands_on_the_outer_cover(mark: str) -> None:
    for text in (mark, mark.lower(), f"Ministry of Defence ({mark}), Seoul", f"{mark}; room 4"):
        with pytest.raises(RegisterError) as refused:
            outer(text)
        assert (refused.value.code, refused.value.clauses) == ("registry/cover-tells-level", ("G12-3",))


@pytest.mark.source("G12-3")
@given(around, st.sampled_from(sorted(WORDS)), around)
def test_a_level_word_is_found_whatever_stands_around_it(before: str, word: str, after: str) -> None:
    text = f"{before} {word.upper()} {after}"
    assert tells_level(text, words=WORDS) is not None
    for swap in (0, 1):
        lines = [text, ADDRESSES[1]]
        with pytest.raises(RegisterError):
            outer_cover(addressee=lines[swap], sender=lines[1 - swap], number=NUMBER, level_words=WORDS)


@pytest.mark.source("G12-3")
@given(st.text(min_size=1, max_size=60))
def test_whatever_is_accepted_holds_no_level_word(address: str) -> None:
    try:
        cover = outer_cover(addressee=address, sender=ADDRESSES[0], number=NUMBER, level_words=WORDS)
    except RegisterError:
        return
    for line in cover.lines:
        assert tells_level(line, words=WORDS) is None


@pytest.mark.source("G12-3")
@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(ord(one) + 0xFEE0) for one in "SECRET"),
        "Très Secret",
        "tres secret",
        "秘書室",
        "군사 Ⅱ급 비밀",
        "군사II급비밀",
        "top-secret",
        "Sécret",
    ],
)
def test_width_accents_spaces_and_hyphens_hide_no_level(text: str) -> None:
    assert tells_level(text, words=WORDS) is not None


@given(st.text(max_size=40))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.source("G12-2")
def test_the_inner_cover_bears_level_and_address_and_nothing_of_the_content() -> None:
    words = ("DPRK", "MISSILE", "ANALYSIS")
    cover = inner_cover(mark="군사Ⅱ급비밀", addressee=ADDRESSES[2], content_words=words, level_words=WORDS)
    assert (cover.mark, cover.addressee) == ("군사Ⅱ급비밀", ADDRESSES[2])
    for address in ("Missile Analysis Office, Tokyo", "missile desk"):
        with pytest.raises(RegisterError) as refused:
            inner_cover(mark="군사Ⅱ급비밀", addressee=address, content_words=words, level_words=WORDS)
        assert refused.value.clauses == ("G12-2",)
