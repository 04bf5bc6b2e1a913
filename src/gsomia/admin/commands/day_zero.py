"""`registry import`, `registry imports`, `registry labels`: an existing paper register comes into this one."""

from pathlib import Path

from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.admin.tables import Rows, Table, read_table
from gsomia.errors import LocalError
from gsomia.flows import day_zero
from gsomia.flows.day_zero import DayZero
from gsomia.flows.paper_match import Matched
from gsomia.parties import Office
from gsomia.registry import PaperImportRecord, RegisterError, Unmatched, read_register

LISTED = 200
"""So many items of an import are shown one by one; lines without a match are all shown."""


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        LocalError: it is, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-written", f"`{path}` cannot be written: {cause.strerror}", remedy="choose a new file name"
        ) from cause


def _import(call: Call) -> Document:
    names = _names(call.many("map"))
    table = read_table(Path(call.text("file")), fits=lambda rows: _reads(rows, names))
    paper = read_register(table.rows, names=names)
    facility = call.maybe("facility")
    if call.maybe("dry_run"):
        officer = check_word("person", call.person) if call.person else None
        return _told(table, day_zero.try_import(call.desk, paper, facility=facility, officer=officer))
    done = day_zero.import_register(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        paper,
        file=table.digest,
        facility=facility,
        leave_unmatched=bool(call.maybe("leave_unmatched")),
    )
    return _told(table, done)


def _reads(rows: Rows, names: dict[str, str]) -> bool:
    """Whether a register's heading stands there; what else is wrong is better said than taken for another encoding."""
    try:
        read_register(rows, names=names)
    except RegisterError as wrong:
        return wrong.code != "registry/no-heading"
    return True


def _names(given: tuple[str, ...]) -> dict[str, str]:
    names = {}
    for one in given:
        text, sign, code = one.rpartition("=")
        if not sign or not text.strip():
            raise LocalError(
                "admin/not-a-name", f"`{one[:60]}` names nothing", remedy="for example --map '김 소령=kim-analyst'"
            )
        names[text.strip()] = code.strip()
    return names


def _told(table: Table, done: DayZero) -> Document:
    return {
        "import": table.digest,
        "read_as": table.encoding,
        "facility": done.facility,
        "rows": done.paper.rows,
        "items": len(done.matched),
        "copies": done.copies,
        "matched": [_matched(one) for one in done.matched[:LISTED]],
        "unmatched": [_unmatched(one) for one in done.unmatched],
        "dropped": list(done.paper.dropped),
        "state": "imported" if done.record else "dry run: nothing was written",
    }


def _matched(one: Matched) -> Document:
    return {
        "control_no": one.paper.control_no,
        "lines": list(one.paper.lines),
        "copies": [copy.copy for copy in one.paper.copies],
        "originator": one.paper.originator,
        "form": one.paper.form,
        "own_mark": one.own_mark,
        "instrument": one.agreement.id if one.agreement else None,
    }


def _unmatched(one: Unmatched) -> Document:
    return {
        "line": one.line,
        "column": one.column,
        "value": one.value,
        "reason": one.why,
        "clause": one.clause,
        "remedy": one.remedy,
    }


def _imports(call: Call) -> Document:
    return {"imports": [_import_document(one) for one in day_zero.list_imports(call.desk)]}


def _import_document(record: PaperImportRecord) -> Document:
    body = record.act.body
    return {
        "import": record.file,
        "facility": record.facility,
        "rows": body.rows,
        "items": body.items,
        "copies": body.copies,
        "left": [{"line": one.line, "column": one.column, "reason": one.why} for one in body.left],
        "dropped": list(body.dropped),
        "at": str(record.at),
    }


def _labels(call: Call) -> Document:
    from gsomia.admin.register_pdf import print_labels  # noqa: PLC0415  every command would pay for it

    labels = day_zero.labels_of(call.desk, call.text("import"))
    out = Path(call.text("out"))
    write_new(out, print_labels(labels))
    return {"import": call.text("import"), "labels": len(labels), "file": str(out)}


COMMANDS = (
    Command(
        name="registry import",
        help="carry a paper register over, CSV or XLSX: all of it in one unit, or nothing",
        run=_import,
        params=(
            Param(name="file", help="the register", kind="path", positional=True, required=True),
            Param(name="dry_run", kind="flag", help="say what matches and what does not, and write nothing"),
            Param(name="map", help="TEXT=CODE: what a cell or a heading that says TEXT means; repeatable", many=True),
            Param(name="leave_unmatched", kind="flag", help="lines without a match stay on paper, and are listed"),
            Param(name="facility", help="whose register it is; that of whoever acts if left out"),
        ),
        acts=True,
    ),
    Command(name="registry imports", help="imports, and the lines left on paper", run=_imports, keys=False),
    Command(
        name="registry labels",
        help="print a label for each copy of an import, as PDF",
        run=_labels,
        params=(
            Param(name="import", help="the digest that `registry import` printed", required=True),
            Param(name="out", kind="path", help="a new file", required=True),
        ),
        keys=False,
    ),
)
