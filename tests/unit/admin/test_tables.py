"""Tables come in as text within limits; what computes, links, hides or bursts is refused before it is read."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from gsomia.admin.tables import MAX_BYTES, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS, MAX_UNPACKED, parse_table, print_csv
from gsomia.errors import LocalError

SHEET = "xl/worksheets/sheet1.xml"


def workbook(fill: Callable[[Workbook], object] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["관리번호", "受領日"])
    sheet.append(["R-1", date(2024, 3, 5)])
    if fill:
        fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes], **added: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in added.items():
            new.writestr(name, content)
    return out.getvalue()


WHOLE = workbook()


def same(_name: str, content: bytes) -> bytes:
    return content


def rows(data: bytes, *, fits: bool = True) -> list[list[str]]:
    return parse_table(data, fits=lambda _rows: fits).rows


def refused(data: bytes) -> str:
    with pytest.raises(LocalError) as raised:
        rows(data)
    return raised.value.code


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=6), max_size=6
    )
)
def test_what_is_printed_as_csv_reads_back(table: list[list[str]]) -> None:
    def trimmed(row: list[str]) -> list[str]:
        while row and not row[-1]:
            row = row[:-1]
        return row

    expected = [trimmed(row) for row in table]
    while expected and not expected[-1]:
        expected.pop()
    assert rows(print_csv(table)) == expected


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "관리번호,受領日\n"),
        ("utf-8-sig", "관리번호,受領日\n"),
        ("cp949", "관리번호,똠방각하\n"),
        ("cp932", "管理番号,ｶﾅ\n"),
    ],
)
def test_csv_is_read_in_the_encoding_that_fits(encoding: str, text: str) -> None:
    table = parse_table(text.encode(encoding), fits=lambda found: found[0][0] in {"관리번호", "管理番号"})
    assert table.rows == [text.strip().split(",")]
    assert table.encoding == encoding.removesuffix("-sig")


def test_csv_that_reads_in_two_encodings_is_not_guessed_at() -> None:
    data = "管理番号".encode("cp932")
    assert refused(data) == "admin/encoding-unclear"
    with pytest.raises(LocalError):
        rows(data, fits=False)


def test_a_workbook_is_read_as_text_with_days_and_whole_numbers() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.append([12.0, 1.5, datetime(2024, 3, 5), True])  # noqa: DTZ001  a sheet's day has no zone

    assert rows(workbook(fill)) == [["관리번호", "受領日"], ["R-1", "2024-03-05"], ["12", "1.5", "2024-03-05", "True"]]


def test_a_formula_is_refused_for_nobody_knows_what_it_came_to() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["C2"] = "=A2"

    assert refused(workbook(fill)) == "admin/formula-in-table"


def test_a_second_sheet_with_text_is_refused_even_a_hidden_one() -> None:
    def fill(book: Workbook) -> None:
        other = book.create_sheet("old")
        other.append(["R-2"])
        other.sheet_state = "hidden"

    assert refused(workbook(fill)) == "admin/no-table"
    assert rows(workbook(lambda book: book.create_sheet("empty")))[0] == ["관리번호", "受領日"]


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/a.bin"])
def test_macros_links_and_embedded_files_are_refused(part: str) -> None:
    assert refused(repacked(workbook(), same, **{part: b"x"})) == "admin/active-workbook"


def test_an_archive_that_bursts_is_refused_by_what_it_declares_and_by_what_comes() -> None:
    bomb = repacked(workbook(), same, **{"xl/media/zeros.bin": bytes(MAX_UNPACKED)})
    assert len(bomb) < MAX_BYTES
    assert refused(bomb) == "admin/table-too-large"
    # The same archive, saying in its directory that the part is small.
    small = bomb.replace(MAX_UNPACKED.to_bytes(4, "little"), (9).to_bytes(4, "little"))
    assert small != bomb
    assert refused(small) == "admin/no-table"


@pytest.mark.parametrize(
    "before",
    [b'<!DOCTYPE a [<!ENTITY b "bb">]>', b" " * 65_530 + b'<!DOCTYPE a [<!ENTITY b "bb">]>'],
    ids=["at once", "across pieces"],
)
def test_markup_that_declares_entities_is_refused(before: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        return before + content if name == SHEET else content

    assert refused(repacked(workbook(), change)) == "admin/no-table"


def test_markup_in_another_encoding_is_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.decode().encode("utf-16") if name == SHEET else content

    assert refused(repacked(workbook(), change)) == "admin/no-table"


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    def change(name: str, content: bytes) -> bytes:
        return (
            content.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"') if name == SHEET else content
        )

    data = repacked(workbook(), change)
    assert rows(data) == rows(workbook())


@pytest.mark.parametrize(
    "data",
    [
        bytes(MAX_BYTES + 1),
        b"a\n" * (MAX_TABLE_ROWS + 1),
        b"a," * MAX_TABLE_COLUMNS + b"a",
        b"a" * 1_001,
    ],
    ids=["bytes", "rows", "columns", "cell"],
)
def test_too_much_is_refused(data: bytes) -> None:
    assert refused(data) == "admin/table-too-large"


@given(st.binary(max_size=300), st.integers(0, 6_000), st.sampled_from([b"", b"PK\x03\x04"]))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int, head: bytes) -> None:
    for data in (head + noise, WHOLE[:at] + noise + WHOLE[at + len(noise) :]):
        try:
            parse_table(data, fits=lambda _rows: True)
        except LocalError:
            continue
