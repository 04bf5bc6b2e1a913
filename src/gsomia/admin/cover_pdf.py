"""The labels of a package on paper: one page for each cover, ready to print.

Korean and Japanese are set in the fonts that every PDF reader brings for them; nothing is embedded and nothing fetched.
A character that none of the fonts has is refused, never printed as a box. The files say nothing of what is inside.

Source: G12-2, G12-3; the registry number stands in a QR code on the outer cover.
"""

import io
import unicodedata

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from gsomia.errors import LocalError
from gsomia.registry import InnerCover, OuterCover

LATIN, KOREAN, JAPANESE = "Helvetica", "HYSMyeongJo-Medium", "HeiseiMin-W3"
MARGIN_PT, LINE_PT, TEXT_PT, MARK_PT, QR_PT = 36.0, 20.0, 14.0, 30.0, 96.0
_MAX_LATIN = 0xFF


def print_inner(cover: InnerCover) -> bytes:
    """The label of the inner cover: level above, address below.

    Raises:
        LocalError: a character has no font.
    """
    sheet = _Sheet()
    sheet.write(cover.mark, size=MARK_PT, centred=True)
    sheet.skip()
    sheet.write_all(cover.addressee)
    return sheet.done()


def print_outer(cover: OuterCover) -> bytes:
    """The label of the outer cover: both addresses, the number, and the number as a QR code.

    Raises:
        LocalError: a character has no font.
    """
    sheet = _Sheet()
    sheet.write_all(cover.addressee)
    sheet.skip()
    sheet.write_all(cover.sender, size=TEXT_PT - 3)
    sheet.skip()
    sheet.write(cover.number)
    sheet.code(cover.number)
    return sheet.done()


class _Sheet:
    """A page that is written from the top."""

    def __init__(self) -> None:
        for font in (KOREAN, JAPANESE):
            pdfmetrics.registerFont(UnicodeCIDFont(font))
        self._file = io.BytesIO()
        self._width, self._height = landscape(A5)
        self._canvas = Canvas(self._file, pagesize=(self._width, self._height), invariant=1)
        self._canvas.setTitle("label")
        self._y = self._height - MARGIN_PT

    def skip(self) -> None:
        self._y -= LINE_PT

    def write_all(self, text: str, *, size: float = TEXT_PT) -> None:
        for line in text.replace(", ", ",\n").splitlines():
            self.write(line, size=size)

    def write(self, text: str, *, size: float = TEXT_PT, centred: bool = False) -> None:
        runs = _runs(text)
        width = sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in runs)
        self._y -= max(LINE_PT, size * 1.3)
        x = (self._width - width) / 2 if centred else MARGIN_PT
        for font, piece in runs:
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, self._y, piece)
            x += pdfmetrics.stringWidth(piece, font, size)

    def code(self, text: str) -> None:
        widget = QrCodeWidget(text, barWidth=QR_PT, barHeight=QR_PT)
        drawing = Drawing(QR_PT, QR_PT)
        drawing.add(widget)
        renderPDF.draw(drawing, self._canvas, self._width - MARGIN_PT - QR_PT, MARGIN_PT)

    def done(self) -> bytes:
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()


def _runs(text: str) -> list[tuple[str, str]]:
    """A text in pieces of one font each."""
    runs: list[tuple[str, str]] = []
    for one in text:
        font = _font(one)
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + one)
        else:
            runs.append((font, one))
    return runs


def _font(one: str) -> str:
    name = unicodedata.name(one, "")
    if ord(one) <= _MAX_LATIN and one.isprintable():
        return LATIN
    if name.startswith(("HANGUL", "ROMAN NUMERAL")):
        return KOREAN
    if name.startswith(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")):
        return JAPANESE
    raise LocalError(
        "admin/cannot-print",
        f"no font here has `U+{ord(one):04X}`, which stands on a label",
        remedy="write the address in Latin, Korean or Japanese letters",
    )
