"""Labels and inventory sheets open in another reader, and say numbers and marks and nothing else."""

import io
from typing import cast

import pytest
from pypdf import PdfReader

from gsomia.admin.register_pdf import print_labels, print_muster
from gsomia.errors import LocalError
from gsomia.flows.day_zero import Labelled
from gsomia.flows.muster import MusterState
from gsomia.ids import FacilityId, HexDigest, ItemId, PersonId, new_item_id
from gsomia.instants import Instant
from gsomia.parties import Hand, Office, PersonSigner, sign_act
from gsomia.registry import MUSTER, Expected, Extent, Found, Muster, MusterStart, SheetLine

NOW = Instant(1_800_000_000)
KIM = cast("PersonId", "kim")
VAULT = cast("FacilityId", "vault")
ITEM: ItemId = new_item_id(bytes)


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def labelled(number: str = "R-103", copy: str = "1") -> Labelled:
    return Labelled(control_no=number, copy=copy, of=2, mark="SECRET", own_mark="GEHEIM")


@pytest.mark.source("F-01", "A-07")
def test_each_copy_has_a_page_with_both_marks_its_number_and_a_code() -> None:
    data = print_labels([labelled(), labelled(copy="2")])
    first, second = pages(data)
    assert first.split() == ["GEHEIM", "SECRET", "R-103", "1/2"]
    assert second.split()[-1] == "2/2"
    squares = PdfReader(io.BytesIO(data)).pages[0].get_contents()
    assert squares is not None
    assert squares.get_data().count(b" re") > 100
    assert print_labels([labelled(), labelled(copy="2")]) == data


@pytest.mark.source("F-01")
def test_a_long_number_stays_on_its_label() -> None:
    (page,) = PdfReader(io.BytesIO(print_labels([labelled("W" * 64)]))).pages
    widest: list[float] = []
    page.extract_text(visitor_text=lambda text, _cm, tm, _font, size: widest.append(tm[4] + len(text.strip()) * size))
    assert max(widest) <= float(page.mediabox.width) * 1.1


def test_a_character_without_a_font_is_refused() -> None:
    with pytest.raises(LocalError) as raised:
        print_labels([labelled("R-ж")])
    assert raised.value.code == "admin/cannot-print"


@pytest.mark.source("F-21")
def test_a_long_inventory_sheet_goes_over_pages_and_lists_every_copy() -> None:
    start = MusterStart(
        muster="MUS-2026-0001",
        facility=VAULT,
        extent=Extent.FULL,
        copies=90,
        list_digest=cast("HexDigest", "0" * 64),
        at=NOW,
    )
    act = sign_act(start, kind=MUSTER, hand=Hand(Office.CONTROL_OFFICER, PersonSigner.from_seed(bytes(32))))
    lines = tuple(
        SheetLine(
            expected=Expected(item=ITEM, copy="1", control_no=f"R-{number:03}", holder=KIM, container=None),
            found=Found.UNEXPLAINED,
            by=None,
            words=None,
        )
        for number in range(90)
    )
    muster = Muster(id="MUS-2026-0001", facility=VAULT, by=KIM, act=act, at=NOW)
    printed = pages(print_muster(MusterState(draw=None, muster=muster, lines=lines, signed=(), closed=None)))
    assert len(printed) > 1
    assert [number for number in range(90) if f"R-{number:03}" not in " ".join(printed)] == []
    assert "MUS-2026-0001 vault" in printed[0]
