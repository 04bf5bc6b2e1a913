"""`muster`: every copy that should be in a facility is seen or explained, and two persons sign for it."""

from pathlib import Path

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.day_zero import write_new
from gsomia.admin.tables import print_csv, read_table
from gsomia.errors import LocalError
from gsomia.flows import muster
from gsomia.flows.muster import OFFICES, MusterState
from gsomia.parties import Office
from gsomia.registry import Found, MarkRow, RegisterError, SheetLine, read_marks, sheet_rows, spot

MUSTER = Param(name="muster", help="its number, as `muster start` printed it", positional=True, required=True)
COPIES = Param(name="copies", help="NUMBER:COPY, by control number or item; the first copy if only NUMBER", many=True)


def _start(call: Call) -> Document:
    return _told(muster.start_muster(call.desk, call.actor(*OFFICES), facility=call.text("facility")))


def _spot(call: Call) -> Document:
    size = call.args.get("copies")
    return _told(
        muster.start_spot_check(
            call.desk,
            call.actor(*OFFICES),
            facility=call.text("facility"),
            size=spot.SPOT_COPIES if size is None else int(size),
        )
    )


def _sheet(call: Call) -> Document:
    state = muster.muster_state(call.desk, call.text("muster"))
    out = Path(call.text("out"))
    if out.suffix == ".csv":
        data = print_csv(sheet_rows(state.lines))
    elif out.suffix == ".pdf":
        from gsomia.admin.register_pdf import print_muster  # noqa: PLC0415  every command would pay for it

        data = print_muster(state)
    else:
        raise LocalError(
            "admin/not-a-sheet", f"`{out.name}` is neither CSV nor PDF", remedy="name the file .csv or .pdf"
        )
    write_new(out, data)
    return {"muster": state.muster.id, "lines": len(state.lines), "file": str(out)}


def _see(call: Call) -> Document:
    marks: tuple[MarkRow, ...] = tuple((*_copy(text), True, None) for text in call.many("copies"))
    if call.maybe("file"):
        table = read_table(Path(call.text("file")), fits=_reads)
        marks += read_marks(table.rows)
    return _told(_fill(call, marks))


def _explain(call: Call) -> Document:
    return _told(_fill(call, tuple((*_copy(text), False, call.text("words")) for text in call.many("copies"))))


def _fill(call: Call, marks: tuple[MarkRow, ...]) -> MusterState:
    return muster.fill_sheet(call.desk, call.actor(*OFFICES, Office.READER), call.text("muster"), marks)


def _close(call: Call) -> Document:
    return _told(muster.close_muster(call.desk, call.actor(*OFFICES), call.text("muster")))


def _show(call: Call) -> Document:
    state = muster.muster_state(call.desk, call.text("muster"))
    return {**_told(state), "lines": [_line(line) for line in state.lines]}


def _copy(text: str) -> tuple[str, str]:
    number, sign, copy = text.rpartition(":")
    return (number, copy) if sign else (text, "1")


def _reads(rows: list[list[str]]) -> bool:
    try:
        read_marks(rows)
    except RegisterError as wrong:
        return wrong.code != "registry/no-sheet"
    return True


def _told(state: MusterState) -> Document:
    start = state.muster.act.body
    open_lines = [line for line in state.lines if line.found is Found.UNEXPLAINED]
    return {
        "muster": state.muster.id,
        "facility": state.muster.facility,
        "extent": start.extent,
        "draw": _draw(state.draw),
        "list": start.list_digest,
        "expected": start.copies,
        **{str(found): count for found, count in state.counts.items()},
        "open": [_line(line) for line in open_lines[:200]],
        "signed": list(state.signed),
        "closed": str(state.closed) if state.closed else None,
        "at": str(state.muster.at),
    }


def _draw(draw: spot.SpotDraw | None) -> Document | None:
    """What anyone needs to draw the same copies again from the stored list."""
    if draw is None:
        return None
    return {"seed": draw.seed.hex(), "size": draw.size, "by": draw.by, "at": str(draw.at)}


def _line(line: SheetLine) -> Document:
    one = line.expected
    return {
        "control_no": one.control_no,
        "copy": one.copy,
        "item": one.item,
        "holder": one.holder,
        "container": one.container,
        "found": line.found,
        "by": line.by,
        "words": line.words,
    }


COMMANDS = (
    Command(
        name="muster start",
        help="begin a full muster of a facility: the list of what is expected is signed",
        run=_start,
        params=(Param(name="facility", help="which", required=True),),
        acts=True,
    ),
    Command(
        name="muster spot",
        help="begin a spot check: copies drawn at random, by a seed that is stored before the list is taken",
        run=_spot,
        params=(
            Param(name="facility", help="which", required=True),
            Param(name="copies", kind="number", help=f"how many; {spot.SPOT_COPIES} if left out"),
        ),
        acts=True,
    ),
    Command(
        name="muster sheet",
        help="write the inventory sheet, to be filled in away from the machine",
        run=_sheet,
        params=(MUSTER, Param(name="out", kind="path", help="a new file, .csv or .pdf", required=True)),
        keys=False,
    ),
    Command(
        name="muster see",
        help="sign for copies that were seen, one by one or from a filled sheet",
        run=_see,
        params=(MUSTER, COPIES, Param(name="file", kind="path", help="a filled sheet, CSV or XLSX")),
        acts=True,
    ),
    Command(
        name="muster explain",
        help="say why copies were not seen",
        run=_explain,
        params=(
            MUSTER,
            Param(name="copies", help="NUMBER:COPY; repeatable", many=True, required=True),
            Param(name="words", help="unclassified; at most 200 characters", required=True),
        ),
        acts=True,
    ),
    Command(
        name="muster close",
        help="sign the result; the second of two persons closes it, when nothing is unexplained",
        run=_close,
        params=(MUSTER,),
        acts=True,
    ),
    Command(name="muster show", help="how each expected copy stands", run=_show, params=(MUSTER,), keys=False),
)
