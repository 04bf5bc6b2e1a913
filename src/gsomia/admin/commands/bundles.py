"""`bundle`: carry by hand what waits for a partner, and go through what it sent on media."""

from gsomia.admin.command import Call, Command, Document, Param


def _export(call: Call) -> Document:
    return call.bench.bundle_export(call.text("to"), call.text("out"))


def _import(call: Call) -> Document:
    return call.bench.bundle_import(call.text("file"))


COMMANDS = (
    Command(
        name="bundle export",
        help="write everything that waits for a partner to a file for the courier; it stays queued until receipted",
        run=_export,
        params=(
            Param(name="to", help="the partner's code", required=True),
            Param(name="out", kind="path", help="a new file", required=True),
        ),
    ),
    Command(
        name="bundle import",
        help="go through a partner's bundle; a second time changes nothing",
        run=_import,
        params=(Param(name="file", kind="path", help="the bundle", positional=True, required=True),),
    ),
)
