"""The yearly report on paper opens in another reader, and says every figure once."""

import io
from typing import cast

import pytest
from pypdf import PdfReader

from gsomia import canon
from gsomia.admin.commands.worklist import report_rows
from gsomia.admin.report_pdf import print_report
from gsomia.ids import PartyCode
from gsomia.registry import yearly

KOR, JPN = cast("PartyCode", "KOR"), cast("PartyCode", "JPN")
SINCE, UNTIL = yearly.year_bounds(2026)


def report(levels: int = 1) -> yearly.YearlyReport:
    nought = dict.fromkeys((*yearly.CAME.values(), *yearly.WENT.values(), "translated", "extracted"), 0)
    held = tuple(
        yearly.HeldLine(originator=JPN, level=f"L-{number}", held_before=4, held_after=11, **{**nought, "received": 7})
        for number in range(levels)
    )
    return yearly.YearlyReport(
        party=KOR,
        year=2026,
        since=SINCE,
        until=UNTIL,
        over=True,
        events=37,
        held=held,
        partners=(),
        disclosed=2,
        incidents=1,
        musters=3,
    )


@pytest.mark.source("F-23")
def test_a_printed_report_has_every_figure_and_the_digest_that_is_signed() -> None:
    made = report()
    assert made.held[0].balances
    data = print_report(report_rows(made), made)
    (page,) = PdfReader(io.BytesIO(data)).pages
    text = page.extract_text()
    assert canon.digest(made) in text
    for row in report_rows(made):
        assert row[2] in text
        assert row[3] in text
    assert print_report(report_rows(made), made) == data


@pytest.mark.source("F-23")
def test_a_long_report_goes_over_pages() -> None:
    made = report(levels=60)
    assert len(PdfReader(io.BytesIO(print_report(report_rows(made), made))).pages) > 1
    assert len(report_rows(made)) == 1 + 60 * 3 + 3
