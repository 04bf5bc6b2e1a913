"""A paper register is read as it stands: in three languages, in any order of columns, and never guessed at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.registry import (
    REMEDIES,
    Column,
    Form,
    PaperItem,
    PaperRegister,
    RegisterError,
    Why,
    read_register,
)
from gsomia.registry.paper_words import COLUMNS, column_of, read_copy, read_day

HEADINGS = {
    "ko": "관리번호 수량 문서번호 비밀등급 자국등급 형태 제목 사본번호 예고문 취급자 "
    "보관장소 비고 제공국 협정 목적 주제 취급제한 쪽수 접수일",
    "ja": "管理番号 数量 文書番号 秘密区分 指定区分 形態 件名 部番号 保存期間 取扱者 "
    "保管場所 備考 提供国 協定 目的 主題 取扱制限 頁数 受領日",
    "en": "control-no quantity document-no level own-mark form title copy disposal handler place remarks "
    "originator instrument purpose topic caveats pages received-on",
}
ROW = {
    Column.CONTROL_NO: "국방-24-103",
    Column.QUANTITY: "1",
    Column.DOCUMENT_NO: "정보-7",
    Column.LEVEL: "特定秘密",
    Column.OWN_MARK: "군사Ⅱ급비밀",
    Column.FORM: "문서",
    Column.TITLE: "미사일 배치 계획",
    Column.COPY: "1/2",
    Column.DISPOSAL: "2034.12.31",
    Column.HOLDER: "kim",
    Column.PLACE: "",
    Column.REMARKS: "배치 계획 참조",
    Column.ORIGINATOR: "JPN",
    Column.INSTRUMENT: "GSOMIA-KR-JP",
    Column.PURPOSE: "DPRK-MISSILE-ANALYSIS",
    Column.TOPIC: "DPRK-MISSILE",
    Column.CAVEATS: "",
    Column.PAGES: "12",
    Column.DAY: "2024년 3월 5일",
}


def row(**changed: str) -> list[str]:
    return [changed.get(column.name.lower(), text) for column, text in ROW.items()]


def read(*rows: list[str], language: str = "ko", **names: str) -> PaperRegister:
    return read_register([HEADINGS[language].split(), *rows], names=names)


def one(register: PaperRegister) -> PaperItem:
    assert register.unmatched == ()
    (item,) = register.items
    return item


def why(register: PaperRegister) -> list[tuple[int, Column, Why]]:
    return [(wrong.line, wrong.column, wrong.why) for wrong in register.unmatched]


@pytest.mark.source("F-01")
@pytest.mark.parametrize("language", HEADINGS)
def test_the_columns_of_the_control_register_are_known_in_three_languages(language: str) -> None:
    item = one(read(row(), language=language))
    assert (item.control_no, item.form, item.matter.pages) == ("국방-24-103", Form.DOCUMENTARY, 12)
    assert (item.copies[0].copy, item.copies[0].of, item.copies[0].holder) == ("1", 2, "kim")
    assert (str(item.day), str(item.review)) == ("2024-03-04T15:00:00Z", "2034-12-30T15:00:00Z")


@pytest.mark.source("F-01")
@given(st.permutations(range(len(ROW))), st.integers(0, 3), st.integers(0, 4))
def test_the_order_of_columns_and_blank_rows_change_nothing(order: list[int], above: int, blanks: int) -> None:
    headings = HEADINGS["ko"].split()
    sheet = [
        *[["비밀관리기록부"]] * above,
        [headings[place] for place in order],
        *[[""]] * blanks,
        [row()[place] for place in order],
    ]
    register = read_register(sheet, names={})
    assert (register.rows, register.items[0].lines) == (1, (above + blanks + 2,))
    assert register.items[0].control_no == "국방-24-103"


@pytest.mark.source("F-01")
def test_titles_and_remarks_are_dropped_and_said_to_be() -> None:
    register = read(row(), row(control_no="", title="미사일", remarks="미사일"))
    assert register.dropped == (Column.REMARKS, Column.TITLE)
    assert "배치" not in repr(register)
    assert "미사일" not in repr(register)


@pytest.mark.source("G6-7")
def test_rows_of_one_control_number_are_copies_of_one_item() -> None:
    item = one(read(row(), row(copy="2/2", holder="", place="SAFE-1")))
    assert [(copy.copy, copy.holder, copy.place) for copy in item.copies] == [("1", "kim", None), ("2", None, "SAFE-1")]
    assert item.lines == (2, 3)


@pytest.mark.source("F-01", "G6-7")
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"copy": "2/2", "pages": "13"}, [(2, Why.WITH_ANOTHER_LINE), (3, Why.COPIES_DISAGREE)]),
        ({"copy": "2/3"}, [(2, Why.WITH_ANOTHER_LINE), (3, Why.COPIES_DISAGREE)]),
        ({"copy": "1/2"}, [(2, Why.WITH_ANOTHER_LINE), (3, Why.COPY_TWICE)]),
        ({"copy": "2/2", "form": "papyrus"}, [(2, Why.WITH_ANOTHER_LINE), (3, Why.UNKNOWN_FORM)]),
    ],
    ids=["other particulars", "other count", "same copy", "unreadable"],
)
def test_copies_that_do_not_go_together_are_unmatched_together(
    second: dict[str, str], expected: list[tuple[int, Why]]
) -> None:
    register = read(row(), row(**second), row(control_no="국방-24-104", copy="1"))
    assert [(line, reason) for line, _, reason in why(register)] == expected
    assert [item.control_no for item in register.items] == ["국방-24-104"]


@pytest.mark.source("F-01", "G2-3", "LEDGER-2")
@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"control_no": ""}, Column.CONTROL_NO, Why.MISSING),
        ({"control_no": "=1+1"}, Column.CONTROL_NO, Why.MALFORMED),
        ({"control_no": "9" * 65}, Column.CONTROL_NO, Why.MALFORMED),
        ({"form": "전자"}, Column.FORM, Why.ELECTRONIC),
        ({"form": "장비"}, Column.SERIALS, Why.OTHER_PARTICULARS),
        ({"pages": "열두"}, Column.PAGES, Why.MALFORMED),
        ({"pages": ""}, Column.PAGES, Why.OTHER_PARTICULARS),
        ({"quantity": "3"}, Column.QUANTITY, Why.QUANTITY),
        ({"copy": "3/2"}, Column.COPY, Why.MALFORMED),
        ({"copy": "0"}, Column.COPY, Why.MALFORMED),
        ({"day": "2024-02-30"}, Column.DAY, Why.MALFORMED),
        ({"disposal": "전쟁 종료시"}, Column.DISPOSAL, Why.MALFORMED),
        ({"originator": "일본"}, Column.ORIGINATOR, Why.MALFORMED),
        ({"topic": "미사일"}, Column.TOPIC, Why.MALFORMED),
        ({"holder": ""}, Column.PLACE, Why.NOWHERE),
        ({"place": "SAFE-1"}, Column.PLACE, Why.NOWHERE),
    ],
)
def test_a_line_that_says_too_little_is_listed_with_column_and_reason(
    changed: dict[str, str], column: Column, reason: Why
) -> None:
    register = read(row(**changed))
    assert (why(register), register.items) == ([(2, column, reason)], ())


def test_every_reason_has_a_clause_and_a_remedy() -> None:
    assert set(REMEDIES) == set(Why)
    assert all(clause and remedy for clause, remedy in REMEDIES.values())


@pytest.mark.source("F-01")
def test_a_text_can_be_named_as_what_it_means_in_cells_and_headings() -> None:
    headings = [*HEADINGS["ko"].split(), "등기"]
    names = {"일본": "JPN", "김 소령": "kim", "등기": "remarks"}
    register = read_register([headings, [*row(originator="일본", holder="김 소령"), "x"]], names=names)
    assert (one(register).originator, register.items[0].copies[0].holder) == ("JPN", "kim")


@pytest.mark.source("F-01")
@pytest.mark.parametrize(
    ("headings", "code"),
    [
        ([], "registry/no-heading"),
        (["제목", "쪽수"], "registry/no-heading"),
        ([*HEADINGS["ko"].split(), "등기"], "registry/unknown-column"),
        ([*HEADINGS["ko"].split(), "管理番号"], "registry/column-twice"),
        (["관리번호", "비밀등급"], "registry/column-missing"),
    ],
)
def test_a_heading_that_is_not_understood_stops_the_import(headings: list[str], code: str) -> None:
    with pytest.raises(RegisterError) as raised:
        read_register([headings, row()], names={})
    assert raised.value.code == code


@pytest.mark.source("F-01")
def test_a_sheet_of_too_many_rows_is_refused_unread() -> None:
    with pytest.raises(RegisterError) as raised:
        read_register([[]] * 5_001, names={})
    assert raised.value.code == "registry/paper-too-large"


@given(st.lists(st.lists(st.text(max_size=30) | st.sampled_from([*COLUMNS, *ROW.values()]), max_size=22), max_size=8))
def test_any_rows_are_read_or_refused(rows: list[list[str]]) -> None:
    for sheet in (rows, [HEADINGS["en"].split(), *rows]):
        try:
            register = read_register(sheet, names={})
        except RegisterError:
            continue
        lines = {line for item in register.items for line in item.lines}
        left = {wrong.line for wrong in register.unmatched}
        assert lines.isdisjoint(left)
        assert len(lines | left) == register.rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/2", (1, 2)),
        ("2 of 3", (2, 3)),
        ("3부 중 2", (2, 3)),
        ("3部のうち第2号", (2, 3)),
        ("第4号", (4, None)),
        ("x", None),
    ],
)
def test_a_copy_is_read_as_offices_write_it(text: str, expected: Any) -> None:
    assert read_copy(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2019-05-01",
        "2019.5.1.",
        "2019/05/01",
        "2019年5月1日",
        "２０１９年５月１日",
        "2019년 5월 1일",
        "令和元年5月1日",
        "R1.5.1",
    ],
)
def test_a_day_is_read_as_offices_write_it(text: str) -> None:
    assert str(read_day(text)) == "2019-04-30T15:00:00Z"


@given(st.text(max_size=20))
def test_a_heading_names_one_column_or_none_whatever_its_spacing(text: str) -> None:
    assert column_of(text) == column_of(f" {text}. ")
