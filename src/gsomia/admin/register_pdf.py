"""Labels for what lies in the registry, and the inventory sheet: they may bear a level, and never a title.

Source: F-01, F-21, A-07 (both marks side by side).
"""

from collections.abc import Iterable

from reportlab.lib.pagesizes import A4, A7, landscape

from gsomia.admin.sheet_pdf import Sheet
from gsomia.flows.day_zero import Labelled
from gsomia.flows.muster import MusterState
from gsomia.registry import sheet_rows

LABEL_MARGIN_PT, MARK_PT, NUMBER_PT, LABEL_QR_PT = 14.0, 18.0, 11.0, 72.0
ROW_PT, CELL_PT = 18.0, 9.0
_AT = (0.0, 190.0, 225.0, 330.0, 365.0)
"""Where the columns of the inventory sheet stand, from the margin."""


def print_labels(labels: Iterable[Labelled]) -> bytes:
    """One label for each copy, a page each: both marks, control number and copy, and the number as a QR code.

    Raises:
        LocalError: a character has no font.
    """
    sheet = Sheet(landscape(A7), title="labels", margin=LABEL_MARGIN_PT)
    for count, label in enumerate(labels):
        if count:
            sheet.turn()
        sheet.write(label.own_mark, size=MARK_PT)
        if label.mark != label.own_mark:
            sheet.write(label.mark, size=NUMBER_PT)
        sheet.write(label.control_no, size=NUMBER_PT)
        sheet.write(f"{label.copy}/{label.of}" if label.of else label.copy, size=NUMBER_PT)
        sheet.code(label.control_no, size=LABEL_QR_PT)
    return sheet.done()


def print_muster(state: MusterState) -> bytes:
    """The inventory sheet of a muster, to be filled in at the shelves.

    Raises:
        LocalError: a character has no font.
    """
    sheet = Sheet(A4, title="inventory sheet")
    sheet.write(f"{state.muster.id} {state.muster.facility} {state.muster.at}")
    for row in sheet_rows(state.lines):
        if sheet.room < 3 * ROW_PT:
            sheet.turn()
        sheet.write_columns(dict(zip(_AT, row[: len(_AT)], strict=True)), size=CELL_PT, line=ROW_PT)
    sheet.skip()
    sheet.write(f"signature: {'.' * 60}", size=CELL_PT)
    return sheet.done()
