"""Print which clause has code, which has a test, and which has neither.

    python tools/trace.py           the matrix, one line a clause, then the gaps
    python tools/trace.py --json    the same as one JSON document

Clauses are the rows of `docs/sources.md`. Code answers to a clause by naming it under `Source:` in a docstring, a test
by `@pytest.mark.source("G6-1")`. Both may name ranges ("G4-1 to G4-5", "laws 7 to 11") and sections ("RFC 9162 section
2.1", "design 5"). An id that no row defines is `unresolved`.
"""
# ruff: noqa: A005  named after `make trace`; nothing here is imported

import argparse
import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = "Pages"
"""The section of `docs/sources.md` whose rows resolve and are not counted as clauses."""

_ROW = re.compile(r"\| (?P<id>[^|`]+?) \| (?P<text>[^|]+?) \| (?P<origin>[^|]+?) \|")
_SECTION = re.compile(
    r"^ *Source: *(?P<text>.*?)(?=\n *\n|\n *[A-Z][A-Za-z]+(?: \([^)]*\))?:|\Z)", re.DOTALL | re.MULTILINE
)
_CLAUSE = re.compile(r"\b(?P<series>G\d+-|T|EQ-|A-|TR-|X-|F-)(?P<number>\d+)(?P<letter>[a-z]?)\b")
_STANDARD = re.compile(r"\b(?:RFC \d{4}|DSSE|CAP 1\.2)\b")
_C2SP = re.compile(r"\b(?:signed-note|tlog-[a-z]+)\b")
_PAREN = r"(?:\s*\([^()]*\))?"
_NUMBER = r"(?:\d+(?:\.\d+)?|[A-D])\b(?!-)"
_PAGE = re.compile(
    rf"\b(?P<page>decisions|design|labels|levels|lifecycle|obligations|registry|relay|stack|style|system|laws?)[ -]"
    rf"(?P<numbers>(?:(?:law|laws) )?{_NUMBER}{_PAREN}(?:(?:, | and | to |, and ){_NUMBER}{_PAREN})*)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Clause:
    """A row of `docs/sources.md`, and what answers to it."""

    id: str
    text: str
    origin: str
    page: bool
    code: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


# --- reading -------------------------------------------------------------------------------


def read_clauses(text: str) -> dict[str, Clause]:
    """Every clause that `docs/sources.md` defines, in its order."""
    clauses: dict[str, Clause] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        row = _ROW.fullmatch(line)
        if row is None or row["id"] == "id":
            continue
        if row["id"] in clauses:
            raise SystemExit(f"docs/sources.md defines `{row['id']}` twice")
        clauses[row["id"]] = Clause(id=row["id"], text=row["text"], origin=row["origin"], page=heading == PAGES)
    return clauses


def read_ids(text: str) -> list[str]:
    """The ids that a piece of text names, ranges written out."""
    text = re.sub(r'"[^"]*"', "", text)
    text = re.sub(r"(design \d+)\s*\([^()]*\)", r"\1", text)  # "design 2 (law 1)": a law of the design, not of labels
    found = [*_page_ids(text), *_clause_ids(text)]
    found += [match[0] for match in _STANDARD.finditer(text)]
    found += [f"C2SP {match[0]}" for match in _C2SP.finditer(text)]
    return list(dict.fromkeys(found))


def _clause_ids(text: str) -> Iterator[str]:
    """`G4-1`, and every number of `G4-1 to G4-5`."""
    previous: re.Match[str] | None = None
    for match in _CLAUSE.finditer(text):
        if previous and text[previous.end() : match.start()] == " to " and previous["series"] == match["series"]:
            width = len(match["number"])
            for number in range(int(previous["number"]) + 1, int(match["number"])):
                yield f"{match['series']}{number:0{width}}"
        yield match[0]
        previous = match


def _page_ids(text: str) -> Iterator[str]:
    """`labels 1.2 and 7` as LABELS-1.2 and LABELS-7, `laws 7 to 11` as LAW-7 and so on."""
    for match in _PAGE.finditer(text):
        words = match["numbers"]
        yield from _page_ids(" ".join(re.findall(r"\(([^()]*)\)", words)))
        page = "LAW" if match["page"].lower().startswith("law") or words.startswith("law") else match["page"].upper()
        previous, last = None, 0
        for number in re.finditer(_NUMBER, re.sub(r"\([^()]*\)", lambda hidden: " " * len(hidden[0]), words)):
            if previous is not None and words[last : number.start()].endswith(" to "):
                yield from (f"{page}-{between}" for between in range(previous + 1, int(number[0])))
            yield f"{page}-{number[0]}"
            previous, last = (int(number[0]) if number[0].isdigit() else None), number.end()


def read_code(path: Path, *, inside: Path) -> Iterator[tuple[str, str]]:
    """Every id named under `Source:` in a file's docstrings, with the place that names it."""
    module = str(path.relative_to(inside).with_suffix("")).removesuffix("/__init__")
    for name, node in _named(ast.parse(path.read_text())):
        docstring = ast.get_docstring(node)
        for section in _SECTION.finditer(docstring or ""):
            for found in read_ids(section["text"]):
                yield found, f"{module}.{name}" if name else module


def _named(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, prefix: str = ""
) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    yield prefix, node
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _named(child, f"{prefix}.{child.name}" if prefix else child.name)


def read_tests(path: Path, *, inside: Path) -> Iterator[tuple[str, str]]:
    """Every id named by `pytest.mark.source` in a file, with the test (or the class, or the file) that carries it."""
    module = str(path.relative_to(inside).with_suffix(""))
    tree = ast.parse(path.read_text())
    owners = {id(call): name for name, node in _named(tree) for call in _marks(node)}  # the innermost comes last
    for call in _marks(tree):
        for word in call.args:
            if not (isinstance(word, ast.Constant) and isinstance(word.value, str)):
                continue
            place = f"{module}::{owners[id(call)]}" if owners[id(call)] else module
            yield from ((found, place) for found in read_ids(word.value) or [word.value])


def _marks(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and ast.unparse(child.func).endswith("mark.source"):
            yield child


def collect(root: Path) -> tuple[dict[str, Clause], dict[str, list[str]]]:
    """Every clause with what answers to it; and the ids that no clause defines, with who names them."""
    clauses = read_clauses((root / "docs" / "sources.md").read_text())
    unresolved: dict[str, list[str]] = defaultdict(list)
    source, tests = root / "src" / "gsomia", root / "tests"
    for path in sorted(source.rglob("*.py")):
        for found, place in read_code(path, inside=source):
            _note(clauses, unresolved, found, place, kind="code")
    for path in sorted(tests.rglob("*.py")):
        for found, place in read_tests(path, inside=tests):
            _note(clauses, unresolved, found, place, kind="tests")
    return clauses, dict(unresolved)


def _note(
    clauses: Mapping[str, Clause], unresolved: Mapping[str, list[str]], found: str, place: str, *, kind: str
) -> None:
    places: list[str] = getattr(clauses[found], kind) if found in clauses else unresolved[found]
    if place not in places:
        places.append(place)


# --- printing ------------------------------------------------------------------------------


def gaps(clauses: Iterable[Clause]) -> dict[str, list[str]]:
    """Clause ids by how far they are held."""
    found: dict[str, list[str]] = {"traced": [], "code only": [], "test only": [], "open": []}
    for clause in clauses:
        match bool(clause.code), bool(clause.tests):
            case True, True:
                found["traced"].append(clause.id)
            case True, False:
                found["code only"].append(clause.id)
            case False, True:
                found["test only"].append(clause.id)
            case _:
                found["open"].append(clause.id)
    return found


def compact(ids: Sequence[str]) -> str:
    """Neighbours drawn together: `G8-1..7 F-08..13`."""
    groups: list[list[tuple[str, str]]] = []
    for one in ids:
        series, number = re.fullmatch(r"(.*?)(\d*[a-z]?)", one, re.DOTALL).groups()  # type: ignore[union-attr]
        last = groups[-1][-1] if groups else ("", "")
        follows = last[0] == series and last[1].isdigit() and number.isdigit() and int(number) == int(last[1]) + 1
        if follows:
            groups[-1].append((series, number))
        else:
            groups.append([(series, number)])
    spans = ["".join(group[0]) + (f"..{group[-1][1]}" if len(group) > 1 else "") for group in groups]
    lines = [" ".join(line) for _, line in groupby(spans, key=lambda span: re.split(r"[-\d ]", span)[0])]
    return "\n".join(f"  {line}" for line in lines)


def print_matrix(clauses: Mapping[str, Clause], unresolved: Mapping[str, Sequence[str]]) -> str:
    """The whole report."""
    counted = [clause for clause in clauses.values() if not clause.page]
    lines = [_line(clause) for clause in clauses.values() if clause.code or clause.tests]
    found = gaps(counted)
    for name, title in (
        ("code only", "code, and no test"),
        ("test only", "a test, and no code"),
        ("open", "neither code nor test"),
    ):
        if found[name]:
            lines += ["", f"{title} ({len(found[name])}):", compact(found[name])]
    if unresolved:
        lines += ["", f"named, and not in docs/sources.md ({len(unresolved)}):"]
        lines += [f"  {one}: {', '.join(places)}" for one, places in sorted(unresolved.items())]
    counts = ", ".join(f"{name} {len(ids)}" for name, ids in found.items())
    return "\n".join([*lines, "", f"clauses {len(counted)}: {counts}"])


def _line(clause: Clause) -> str:
    code, tests = ", ".join(clause.code) or "-", ", ".join(clause.tests) or "-"
    return f"{clause.id:<20} code: {code}  tests: {tests}"


def document(clauses: Mapping[str, Clause], unresolved: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The report for programs."""
    counted = [clause for clause in clauses.values() if not clause.page]
    return {
        "clauses": [
            {"id": one.id, "text": one.text, "origin": one.origin, "code": one.code, "tests": one.tests}
            for one in counted
        ],
        "pages": [{"id": one.id, "code": one.code, "tests": one.tests} for one in clauses.values() if one.page],
        "counts": {"clauses": len(counted), **{name: len(ids) for name, ids in gaps(counted).items()}},
        "gaps": {name: ids for name, ids in gaps(counted).items() if name != "traced"},
        "unresolved": unresolved,
    }


def main(arguments: Sequence[str]) -> int:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description="which clause has code, which has a test")
    parser.add_argument("--json", action="store_true", help="print exactly one JSON document")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this one)")
    chosen = parser.parse_args(arguments)
    clauses, unresolved = collect(chosen.root)
    if chosen.json:
        print(json.dumps(document(clauses, unresolved), ensure_ascii=False, indent=1))
    else:
        print(print_matrix(clauses, unresolved))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
