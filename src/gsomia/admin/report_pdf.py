"""The yearly report on paper: figures by line, its digest, and room for a signature.

Source: F-23.
"""

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4

from gsomia import canon
from gsomia.admin.sheet_pdf import Sheet
from gsomia.registry import yearly

ROW_PT, CELL_PT, SMALL_PT = 15.0, 9.0, 7.0
_AT = (0.0, 110.0, 260.0, 400.0)
"""Where the columns stand, from the margin."""


def print_report(rows: Sequence[Sequence[str]], report: yearly.YearlyReport) -> bytes:
    """The report as it is printed; the same report gives the same bytes.

    Raises:
        LocalError: a character has no font.
    """
    sheet = Sheet(A4, title=f"yearly report {report.year}")
    sheet.write(f"{report.party} {report.year}: {report.since} to {report.until}")
    sheet.write(f"{report.events} custody events, digest {canon.digest(report)}", size=SMALL_PT)
    for row in rows:
        if sheet.room < 3 * ROW_PT:
            sheet.turn()
        sheet.write_columns(dict(zip(_AT, row, strict=True)), size=CELL_PT, line=ROW_PT)
    sheet.skip()
    sheet.write(f"signature: {'.' * 60}", size=CELL_PT)
    return sheet.done()
