"""Tables that people keep, CSV and XLSX, as rows of text: read whole, under limits, and never guessed at.

1. A file is at most `MAX_BYTES`; an archive at most `MAX_UNPACKED` unpacked, as declared and as it comes.
2. CSV is UTF-8, else CP949 or CP932: the only one that fits, or none. Two that fit are refused.
3. In XLSX nothing is computed: a formula is refused, and so are macros, links to other files and what is embedded.

Source: F-01 (a register of paper is carried over as it stands, or not at all).
"""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from gsomia.errors import LocalError
from gsomia.ids import HexDigest, sha256_hex

MAX_BYTES = 8 << 20
MAX_UNPACKED = 32 << 20
MAX_PARTS = 256
MAX_TABLE_ROWS, MAX_TABLE_COLUMNS, MAX_TEXT = 6_000, 64, 1_000
BLANK_ROWS = 100_000
"""Rows without text do not count, so many of them."""
ENCODINGS = ("cp949", "cp932")
"""What offices in Seoul and Tokyo save as, if it is not UTF-8."""

_ZIP = b"PK\x03\x04"
_PIECE = 1 << 16
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNPACKING = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)
_REFUSED_PARTS = (
    "vbaproject",
    "externallink",
    "embeddings",
    "activex",
    "connections",
    "querytable",
    "customui",
    "macro",
)

Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was read.

    Args:
        rows: text; blank rows are there, so that a row's place is its line.
        digest: of the file.
        encoding: how it was read.
    """

    rows: Rows
    digest: HexDigest
    encoding: str


def read_table(path: Path, *, fits: Callable[[Rows], bool]) -> Table:
    """The rows of a file.

    Args:
        path: of the file.
        fits: whether rows are a table of the kind that is wanted; asked where the text alone leaves two encodings.

    Raises:
        LocalError: it cannot be read, is too large, or is no table that is read here.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-read",
            f"`{path}` cannot be read: {cause.strerror}",
            remedy="check the path and its permissions",
        ) from cause
    return parse_table(data, fits=fits)


def parse_table(untrusted: bytes, *, fits: Callable[[Rows], bool]) -> Table:
    """The rows of a CSV or XLSX file.

    Raises:
        LocalError: it is too large, or is no table that is read here.

    Trust: the rows are text within the limits, and nothing else is known of them.
    """
    if len(untrusted) > MAX_BYTES:
        raise _too_large(f"the file has more than {MAX_BYTES} bytes")
    if untrusted.startswith(_ZIP):
        return Table(rows=_read_xlsx(untrusted), digest=sha256_hex(untrusted), encoding="xlsx")
    encoding, rows = _read_csv(untrusted, fits)
    return Table(rows=rows, digest=sha256_hex(untrusted), encoding=encoding)


def print_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV with a byte order mark, which spreadsheets take for UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _read_csv(untrusted: bytes, fits: Callable[[Rows], bool]) -> tuple[str, Rows]:
    text = _decoded(untrusted, "utf-8-sig")
    if text is not None:
        return "utf-8", _split(text)
    found = [(encoding, _split(text)) for encoding in ENCODINGS if (text := _decoded(untrusted, encoding)) is not None]
    fitting = [one for one in found if fits(one[1])]
    if len(found) == 1 or len(fitting) == 1:
        return (fitting or found)[0]
    raise LocalError(
        "admin/encoding-unclear",
        "the file is not UTF-8, and reads as none or both of CP949 and CP932",
        remedy="save it as CSV in UTF-8",
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _split(text: str) -> Rows:
    try:
        return list(_within_limits(csv.reader(io.StringIO(text, newline=""), strict=True)))
    except csv.Error as cause:
        raise _no_table(f"it is no CSV: {cause}") from cause


def _within_limits(rows: Iterator[Sequence[str]]) -> Iterator[list[str]]:
    told = 0
    blank: list[list[str]] = []
    for count, row in enumerate(rows, start=1):
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        if count > BLANK_ROWS or len(cells) > MAX_TABLE_COLUMNS or any(len(cell) > MAX_TEXT for cell in cells):
            raise _too_large(
                f"a table has at most {MAX_TABLE_ROWS} rows, {MAX_TABLE_COLUMNS} columns, {MAX_TEXT} characters a cell"
            )
        if not cells:
            blank.append(cells)
            continue
        told += len(blank) + 1
        if told > MAX_TABLE_ROWS:
            raise _too_large(f"a table has at most {MAX_TABLE_ROWS} rows")
        yield from blank
        blank.clear()
        yield cells


def _read_xlsx(untrusted: bytes) -> Rows:
    _check_archive(untrusted)
    from openpyxl import load_workbook  # noqa: PLC0415  every command would pay for it

    try:
        book = load_workbook(io.BytesIO(untrusted), read_only=True, keep_links=False)
        sheets = [rows for sheet in book.worksheets if (rows := list(_within_limits(_sheet_rows(sheet))))]
    except LocalError:
        raise
    except Exception as cause:
        raise _no_table("its workbook does not read") from cause
    if len(sheets) != 1:
        raise _no_table(f"it has {len(sheets)} sheets with text, hidden ones too, where there is one")
    return sheets[0]


def _check_archive(untrusted: bytes) -> None:
    """Refuse what is no plain workbook before anything of it is parsed (1 and 3)."""
    try:
        with zipfile.ZipFile(io.BytesIO(untrusted)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise _too_large(f"the workbook unpacks to more than {MAX_UNPACKED} bytes or {MAX_PARTS} parts")
            if len({part.filename for part in parts}) != len(parts):
                raise _no_table("a part of it stands there twice")
            left = MAX_UNPACKED
            for part in parts:
                left -= _check_part(archive, part, left=left)
    except _UNPACKING as cause:
        raise _no_table("its archive does not unpack") from cause


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, left: int) -> int:
    """How large a part really is; markup that declares entities, or hides in another encoding, is refused."""
    name = part.filename.casefold()
    if any(word in name for word in _REFUSED_PARTS) or name.startswith("/") or ".." in name:
        raise LocalError(
            "admin/active-workbook",
            "the workbook has macros, links to other files, or something embedded",
            remedy="save its register alone as CSV in UTF-8, or as a plain workbook",
        )
    if part.compress_type not in _METHODS:
        raise _no_table("a part of it is packed as no workbook is")
    size, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > left:
                raise _too_large(f"the workbook unpacks to more than {MAX_UNPACKED} bytes")
            if b"<!" in tail + piece and (b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece):
                raise _no_table("it declares a document type")
            if name.endswith((".xml", ".rels")) and size == len(piece) and b"\0" in piece[:64]:
                raise _no_table("a part of it is not UTF-8")
            tail = piece[-16:]
    return size


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:  # noqa: ANN401  openpyxl has several kinds of sheet
    sheet.reset_dimensions()  # what a sheet says of its own size is not believed
    for row in sheet.iter_rows():
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "n") == "f":
        raise LocalError(
            "admin/formula-in-table",
            f"cell {getattr(cell, 'coordinate', '?')} is a formula: what it comes to is not known here",
            remedy="paste the values in place of the formulas",
        )
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _too_large(why: str) -> LocalError:
    return LocalError("admin/table-too-large", why, remedy="import it in parts, for example one file a year")


def _no_table(why: str) -> LocalError:
    return LocalError(
        "admin/no-table", f"the file is no table that is read here: {why}", remedy="save it as CSV in UTF-8"
    )
