"""The labels of a package on paper: one page for each cover, ready to print.

The files say nothing of what is inside.

Source: G12-2, G12-3; the registry number stands in a QR code on the outer cover.
"""

from reportlab.lib.pagesizes import A5, landscape

from gsomia.admin.sheet_pdf import TEXT_PT, Sheet
from gsomia.registry import InnerCover, OuterCover

MARK_PT, QR_PT = 30.0, 96.0


def print_inner(cover: InnerCover) -> bytes:
    """The label of the inner cover: level above, address below.

    Raises:
        LocalError: a character has no font.
    """
    sheet = Sheet(landscape(A5), title="label")
    sheet.write(cover.mark, size=MARK_PT, centred=True)
    sheet.skip()
    sheet.write_all(cover.addressee)
    return sheet.done()


def print_outer(cover: OuterCover) -> bytes:
    """The label of the outer cover: both addresses, the number, and the number as a QR code.

    Raises:
        LocalError: a character has no font.
    """
    sheet = Sheet(landscape(A5), title="label")
    sheet.write_all(cover.addressee)
    sheet.skip()
    sheet.write_all(cover.sender, size=TEXT_PT - 3)
    sheet.skip()
    sheet.write(cover.number)
    sheet.code(cover.number, size=QR_PT)
    return sheet.done()
