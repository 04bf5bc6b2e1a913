"""Documents for people: tables and sentences; with `--json`, exactly the document."""

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from gsomia.admin import error_document
from gsomia.errors import NodeError

if TYPE_CHECKING:
    from rich.table import Table

MAX_CELL = 60


def show_outcome(document: dict[str, Any], *, exit_code: int, as_json: bool) -> int:
    """Print a document and return the exit code."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    elif "error" in document:
        _say_error(document["error"])
    else:
        _say(document)
    return exit_code


def show_error(error: NodeError, *, as_json: bool) -> int:
    """Print an error and return its exit code."""
    return show_outcome(error_document(error), exit_code=error.exit_code, as_json=as_json)


def _say_error(error: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415  programs ask with --json and need no tables

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    clauses = f" [{', '.join(error['clauses'])}]" if error["clauses"] else ""
    console.print(f"{error['code']}: {error['message']}{clauses}", markup=False)
    if error["remedy"]:
        console.print(f"  what to do: {error['remedy']}", markup=False)


def _say(document: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415  the same

    console = Console(highlight=False, soft_wrap=True)
    for name, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.print(f"{name}:", markup=False)
            console.print(_table(value))
        elif isinstance(value, dict):
            console.print(f"{name}:", markup=False)
            for inner, one in value.items():
                console.print(f"  {inner}: {_cell(one)}", markup=False)
        else:
            console.print(f"{name}: {_cell(value)}", markup=False)


def _table(rows: list[dict[str, Any]]) -> "Table":
    from rich.table import Table  # noqa: PLC0415  the same

    columns = [name for name in rows[0] if not isinstance(rows[0][name], dict | list) or rows[0][name] == []]
    table = Table(show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        style = "bold red" if row.get("status") == "skipped" else None  # a step that was left out is never quiet
        table.add_row(*(_cell(row.get(column))[:MAX_CELL] for column in columns), style=style)
    return table


def _cell(value: Any) -> str:  # noqa: ANN401  anything a document holds
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_cell(one) for one in value) or "-"
    if isinstance(value, dict):
        return "; ".join(f"{name} {_cell(one)}" for name, one in value.items())
    return str(value)
