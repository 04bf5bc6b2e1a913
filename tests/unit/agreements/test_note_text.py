"""The words of a note, and what it must name."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import (
    DRAFTED,
    Draft,
    DraftError,
    DraftSubject,
    EarlierNote,
    NoteSubject,
    Wordings,
    check_names,
    draft_note,
    notes_standing,
)
from gsomia.instants import read_instant
from strategies.knowledge import FACTS, FAMILY, INSTRUMENT, fact, history
from strategies.labels import modest

KOREA = Wordings(en="Republic of Korea", ko="대한민국", ja="大韓民国")
JAPAN = Wordings(en="Japan", ko="일본국", ja="日本国")
MINISTRY = Wordings(
    en="Ministry of Foreign Affairs of the Republic of Korea", ko="대한민국 외교부", ja="大韓民国外交部"
)
AUTHORITY = Wordings(en="Ministry of National Defense", ko="국방부", ja="国防部")
NOTICE = EarlierNote(subject=NoteSubject.TERMINATION, day=date(2019, 8, 23), number=None)
SUSPENSION = EarlierNote(subject=NoteSubject.SUSPENSION, day=date(2019, 11, 22), number="KR-NV-2019-2")
BOTH = (NOTICE, SUSPENSION)
PROFILE = FAMILY.profile(INSTRUMENT)


def draft(subject: DraftSubject, **members: object) -> Draft:
    assert PROFILE is not None
    plain: dict[str, object] = {
        "subject": subject,
        "by": KOREA,
        "to": JAPAN,
        "ministry": MINISTRY,
        "number": "KR-NV-1",
        "day": date(2023, 3, 21),
        "title": PROFILE.title,
        "signed": date(2016, 11, 23),
    }
    return Draft(**{**plain, **members})  # type: ignore[arg-type]


def texts(subject: DraftSubject, **members: object) -> tuple[str, str, str]:
    written = draft_note(draft(subject, **members))
    return written.en, written.ko, written.ja


@pytest.mark.source("T19")
def test_the_two_notes_of_2019_stand_until_the_withdrawal_of_2023() -> None:
    def on(day: str) -> list[str]:
        return [note.name for note in notes_standing(FACTS, INSTRUMENT, party="KOR", at=read_instant(day))]

    assert on("2019-08-22") == []
    assert on("2019-08-24") == ["termination of 2019-08-23"]
    assert on("2023-03-20") == ["termination of 2019-08-23", "suspension of 2019-11-22"]
    assert on("2023-03-22") == []
    assert notes_standing(FACTS, INSTRUMENT, party="JPN", at=read_instant("2020-01-01")) == ()


@pytest.mark.source("T18")
def test_a_revived_notice_stands_without_its_suspension() -> None:
    facts = history(
        fact(1, "give_notice", "2019-08-23"),
        fact(2, "suspend_notice", "2019-11-22"),
        fact(3, "revive_notice", "2020-10-01"),
    )
    standing = notes_standing(facts, INSTRUMENT, party="KOR", at=read_instant("2020-10-02"))
    assert [note.subject for note in standing] == [NoteSubject.TERMINATION]


@pytest.mark.source("T19")
@pytest.mark.parametrize("names", [[], ["2019-08-23"], ["KR-NV-2019-2"]])
def test_a_withdrawal_that_leaves_a_note_standing_is_not_written(names: list[str]) -> None:
    with pytest.raises(DraftError, match="missing") as caught:
        check_names(NoteSubject.WITHDRAWAL, names, standing=BOTH)
    assert (caught.value.code, caught.value.clauses) == ("agreements/earlier-note-unnamed", ("T19",))


@pytest.mark.source("T19")
@pytest.mark.parametrize("second", ["2019-11-22", "KR-NV-2019-2"])
def test_a_withdrawal_names_each_earlier_note_by_day_or_number(second: str) -> None:
    assert check_names(NoteSubject.WITHDRAWAL, ["2019-08-23", second], standing=BOTH) == BOTH


@pytest.mark.source("T16", "T17", "T19", "F-25")
@pytest.mark.parametrize(
    ("subject", "names", "standing", "code"),
    [
        (NoteSubject.WITHDRAWAL, [], (), "earlier-note-unnamed"),
        (NoteSubject.WITHDRAWAL, ["2019-08-22"], BOTH, "no-such-note"),
        (NoteSubject.SUSPENSION, [], (), "nothing-to-suspend"),
        (NoteSubject.SUSPENSION, [], BOTH, "nothing-to-suspend"),
        (NoteSubject.TERMINATION, ["2019-08-23"], BOTH, "names-nothing"),
        (NoteSubject.COMPLETION, ["2019-08-23"], BOTH, "names-nothing"),
        (NoteSubject.TERMINATION, [], (NOTICE,), "notice-running"),
    ],
)
def test_a_note_that_would_not_do_what_it_is_for_is_not_written(
    subject: DraftSubject, names: list[str], standing: tuple[EarlierNote, ...], code: str
) -> None:
    with pytest.raises(DraftError) as caught:
        check_names(subject, names, standing=standing)
    assert caught.value.code == f"agreements/{code}"


@pytest.mark.source("T16")
def test_a_new_notice_may_follow_a_suspended_one() -> None:
    assert check_names(NoteSubject.TERMINATION, [], standing=BOTH) == ()


@pytest.mark.source("T17")
def test_a_suspension_names_the_notice_it_suspends() -> None:
    assert check_names(NoteSubject.SUSPENSION, [], standing=(NOTICE,)) == (NOTICE,)


@pytest.mark.source("T19")
@modest
@given(st.sets(st.dates(date(2017, 1, 1), date(2030, 1, 1)), min_size=1, max_size=6), st.data())
def test_exactly_the_withdrawals_that_name_every_standing_note_are_written(
    days: set[date], data: st.DataObject
) -> None:
    standing = tuple(EarlierNote(subject=NoteSubject.TERMINATION, day=day, number=None) for day in sorted(days))
    named = data.draw(st.lists(st.sampled_from(sorted(days)), max_size=8))
    if set(named) == days:
        assert check_names(NoteSubject.WITHDRAWAL, [str(day) for day in named], standing=standing) == standing
    else:
        with pytest.raises(DraftError):
            check_names(NoteSubject.WITHDRAWAL, [str(day) for day in named], standing=standing)


@pytest.mark.source("F-25", "A-38", "DECISIONS-8.1")
@pytest.mark.parametrize(
    ("subject", "members", "words"),
    [
        (
            NoteSubject.TERMINATION,
            {"article": "21(3)", "last_day": date(2023, 11, 22)},
            (
                ("diplomatic channel", "Article 21(3)", "classified military information", "22 November 2023"),
                ("외교경로", "제21조3항", "군사비밀정보", "2023년 11월 22일"),
                ("外交上の経路", "第21条3項", "秘密軍事情報", "2023年11月22日"),
            ),
        ),
        (
            NoteSubject.SUSPENSION,
            {"names": (NOTICE,), "condition": Wordings(en="any time", ko="언제라도", ja="いつでも")},
            (("23 August 2019", "any time"), ("2019년 8월 23일", "언제라도"), ("2019年8月23日", "いつでも")),
        ),
        (
            NoteSubject.WITHDRAWAL,
            {"names": BOTH},
            (
                ("23 August 2019", "No. KR-NV-2019-2 dated 22 November 2019", "withdraws"),
                ("2019년 8월 23일", "2019년 11월 22일", "철회"),
                ("2019年8月23日", "2019年11月22日", "撤回"),
            ),
        ),
        (
            NoteSubject.COMPLETION,
            {"article": "21(1)"},
            (("Article 21(1)", "entry into force"), ("제21조1항", "발효"), ("第21条1項", "効力発生")),
        ),
        (
            NoteSubject.AUTHORITY_NAMED,
            {"authority": AUTHORITY},
            (
                ("competent authority", "Ministry of National Defense"),
                ("권한 있는 당국", "국방부"),
                ("権限のある当局", "国防部"),
            ),
        ),
    ],
)
def test_each_note_says_its_matter_in_three_languages(
    subject: DraftSubject, members: dict[str, object], words: tuple[tuple[str, ...], ...]
) -> None:
    for text, wanted in zip(texts(subject, **members), words, strict=True):
        assert [word for word in wanted if word not in text] == []


@pytest.mark.source("A-38")
@pytest.mark.parametrize("subject", DRAFTED)
def test_every_note_has_its_number_and_its_instrument_and_nothing_left_open(subject: DraftSubject) -> None:
    members: dict[str, object] = {"authority": AUTHORITY} if subject is NoteSubject.AUTHORITY_NAMED else {}
    assert PROFILE is not None
    title = PROFILE.title
    assert isinstance(title, Wordings)
    for text, name in zip(texts(subject, names=BOTH, **members), (title.en, title.ko, title.ja), strict=True):
        assert name in text
        assert "KR-NV-1" in text
        assert "{" not in text
        assert "None" not in text


def test_republics_have_an_article_and_korean_particles_follow_the_sound() -> None:
    english, korean, _ = texts(NoteSubject.COMPLETION)
    _, japans, _ = texts(
        NoteSubject.COMPLETION, ministry=Wordings(en="Ministry", ko="일본국 외무성", ja="日本国外務省")
    )
    assert "requirements of the Republic of Korea" in english
    assert "외교부는" in korean
    assert "외무성은" in japans


@pytest.mark.source("G2-5")
@pytest.mark.parametrize(
    ("subject", "authority"), [(NoteSubject.AUTHORITY_NAMED, None), (NoteSubject.COMPLETION, AUTHORITY)]
)
def test_a_note_names_an_authority_exactly_when_that_is_its_subject(
    subject: DraftSubject, authority: Wordings | None
) -> None:
    with pytest.raises(DraftError, match="exactly when"):
        draft_note(draft(subject, authority=authority))


def test_words_that_nobody_sees_do_not_get_into_a_note() -> None:
    with pytest.raises(ValueError, match="cannot be seen"):
        Wordings(en="Ministry\u200b", ko="부", ja="省")
