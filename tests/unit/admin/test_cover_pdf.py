"""The labels on paper say what the covers say, in three scripts, and the outer page holds no sign of a level."""

import io

import pytest
from pypdf import PdfReader

from gsomia.admin.cover_pdf import print_inner, print_outer
from gsomia.errors import LocalError
from gsomia.labels import tells_level
from gsomia.registry import InnerCover, OuterCover
from unit.registry.test_covers import WORDS

NUMBER = "KOR-JPN-2026-000001"
OUTER = OuterCover(
    addressee="防衛省 情報本部, 東京都新宿区市谷本村町5-1, Japan",
    sender="국방부 국방정보본부, 서울특별시",
    number=NUMBER,
)
INNER = InnerCover(mark="군사Ⅱ급비밀", addressee="防衛省 情報本部")


def text_of(data: bytes) -> str:
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) == 1
    metadata = " ".join(str(value) for value in (reader.metadata or {}).values())
    return reader.pages[0].extract_text() + "\n" + metadata


def packed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.source("G12-3")
def test_the_outer_page_opens_and_holds_no_level_in_any_language() -> None:
    text = text_of(print_outer(OUTER))
    assert tells_level(text, words=WORDS) is None
    for line in OUTER.lines:
        assert packed(line) in packed(text)


@pytest.mark.source("G12-2")
def test_the_inner_page_bears_the_mark_and_the_address() -> None:
    text = packed(text_of(print_inner(INNER)))
    assert text.startswith(packed(INNER.mark + INNER.addressee))


@pytest.mark.source("G12-3")
def test_the_outer_page_has_a_code_that_the_inner_one_has_not() -> None:
    outer = PdfReader(io.BytesIO(print_outer(OUTER))).pages[0].get_contents()
    inner = PdfReader(io.BytesIO(print_inner(INNER))).pages[0].get_contents()
    assert outer is not None
    assert inner is not None
    squares = [data.get_data().count(b" re") for data in (outer, inner)]
    assert squares[0] > 100  # the modules of a QR code are rectangles
    assert squares[1] == 0


def test_the_same_cover_prints_to_the_same_bytes() -> None:
    assert print_outer(OUTER) == print_outer(OUTER)


def test_a_character_without_a_font_is_refused_and_never_printed_as_a_box() -> None:
    with pytest.raises(LocalError, match=r"U\+0E01"):
        print_outer(OuterCover(addressee="ก", sender="Seoul", number=NUMBER))
