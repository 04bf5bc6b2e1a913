"""Pages that are printed: lines from the top, in Latin, Korean and Japanese letters, and QR codes.

Korean and Japanese are set in the fonts that every PDF reader brings for them; nothing is embedded and nothing fetched.
A character that none of the fonts has is refused, never printed as a box.
"""

import io
import unicodedata

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from gsomia.errors import LocalError

LATIN, KOREAN, JAPANESE = "Helvetica", "HYSMyeongJo-Medium", "HeiseiMin-W3"
MARGIN_PT, LINE_PT, TEXT_PT = 36.0, 20.0, 14.0
GAP_PT = 4.0
_MAX_LATIN = 0xFF


class Sheet:
    """A page that is written from the top, and the pages after it."""

    def __init__(self, size: tuple[float, float], *, title: str, margin: float = MARGIN_PT) -> None:
        for font in (KOREAN, JAPANESE):
            pdfmetrics.registerFont(UnicodeCIDFont(font))
        self._file = io.BytesIO()
        self._width, self._height = size
        self._margin = margin
        self._canvas = Canvas(self._file, pagesize=size, invariant=1)
        self._canvas.setTitle(title)
        self._y = self._height - margin

    @property
    def room(self) -> float:
        """How much is left of the page below the last line."""
        return self._y - self._margin

    def skip(self) -> None:
        """Leave a line free."""
        self._y -= LINE_PT

    def turn(self) -> None:
        """Go on on a new page."""
        self._canvas.showPage()
        self._y = self._height - self._margin

    def write_all(self, text: str, *, size: float = TEXT_PT) -> None:
        """Write a text, a line for each of its parts between commas.

        Raises:
            LocalError: a character has no font.
        """
        for line in text.replace(", ", ",\n").splitlines():
            self.write(line, size=size)

    def write(self, text: str, *, size: float = TEXT_PT, centred: bool = False, line: float = LINE_PT) -> None:
        """Write one line, smaller if it is wider than the page.

        Raises:
            LocalError: a character has no font.
        """
        self._y -= max(line, size * 1.3)
        runs = _runs(text)
        size = _fitting(runs, size, self._width - 2 * self._margin)
        width = _width(runs, size)
        self._draw(runs, (self._width - width) / 2 if centred else self._margin, size=size)

    def write_columns(self, cells: dict[float, str], *, size: float, line: float) -> None:
        """Write one line of a table, each cell at its distance from the margin and as small as its column needs.

        Raises:
            LocalError: a character has no font.
        """
        self._y -= line
        ends = [*list(cells)[1:], self._width - 2 * self._margin]
        for (distance, text), end in zip(cells.items(), ends, strict=True):
            runs = _runs(text)
            self._draw(runs, self._margin + distance, size=_fitting(runs, size, end - distance - GAP_PT))

    def _draw(self, runs: list[tuple[str, str]], x: float, *, size: float) -> None:
        for font, piece in runs:
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, self._y, piece)
            x += pdfmetrics.stringWidth(piece, font, size)

    def code(self, text: str, *, size: float) -> None:
        """A QR code in the lower right corner of the page."""
        drawing = Drawing(size, size)
        drawing.add(QrCodeWidget(text, barWidth=size, barHeight=size))
        renderPDF.draw(drawing, self._canvas, self._width - self._margin - size, self._margin)

    def done(self) -> bytes:
        """The file."""
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()


def _width(runs: list[tuple[str, str]], size: float) -> float:
    return float(sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in runs))


def _fitting(runs: list[tuple[str, str]], size: float, room: float) -> float:
    width = _width(runs, size)
    return size if width <= room else size * room / width


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
