"""Every clause that code or tests name is one of ours, and none of ours is forgotten."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "gsomia"
TOOL = ROOT / "tools" / "trace.py"
CLAUSE = re.compile(r"G\d+-\d+|T\d\d[a-z]?|EQ-\d+|A-\d\d|TR-\d+|X-\d+|F-\d\d")
PER_ARTICLE = (3, 6, 3, 7, 3, 9, 6, 7, 4, 2, 2, 12, 5, 4, 4, 16, 5, 2, 1, 2, 5)
"""How many obligations each of the twenty-one articles has."""


def trace(root: Path) -> Any:
    command = [sys.executable, str(TOOL), "--json", "--root", str(root)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def traced() -> Any:
    return trace(ROOT)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository of one clause series, one module and one test."""
    for folder in ("docs", "src/gsomia", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    rows = "".join(f"| G1-{number} | something | article 1 (read) |\n" for number in range(1, 6))
    (tmp_path / "docs" / "sources.md").write_text(f"# Sources\n\n| id | what | origin |\n|---|---|---|\n{rows}")
    (tmp_path / "src" / "gsomia" / "room.py").write_text('"""A room.\n\nSource: G1-1 to G1-3.\n"""\n')
    (tmp_path / "tests" / "test_room.py").write_text(
        'import pytest\n\n@pytest.mark.source("G1-2", "G1-4")\ndef test_x() -> None: ...\n'
    )
    return tmp_path


def test_every_id_named_in_code_or_tests_is_a_row_of_the_sources(traced: Any) -> None:
    assert traced["unresolved"] == {}


def test_every_clause_that_a_refusal_carries_is_a_row_of_the_sources(traced: Any) -> None:
    carried = {
        node.value
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CLAUSE.fullmatch(node.value)
    }
    assert carried
    assert carried - {clause["id"] for clause in traced["clauses"]} == set()


def test_no_clause_is_left_out_of_the_sources(traced: Any) -> None:
    letters = ("06a", "06b", "07a", "07b", "09a", "15a")
    expected = {
        *(f"G{article}-{number}" for article, count in enumerate(PER_ARTICLE, 1) for number in range(1, count + 1)),
        *(f"T{number:02}" for number in range(1, 24)),
        *(f"T{number}" for number in letters),
        *(f"EQ-{number}" for number in range(1, 9)),
        *(f"A-{number:02}" for number in range(1, 39)),
        *(f"TR-{number}" for number in range(1, 15)),
        *(f"X-{number}" for number in range(1, 16)),
        *(f"F-{number:02}" for number in range(1, 26)),
    }
    listed = {clause["id"] for clause in traced["clauses"] if CLAUSE.fullmatch(clause["id"])}
    assert listed == expected


def test_counts_add_up(traced: Any) -> None:
    counts = traced["counts"]
    assert counts["clauses"] == sum(count for name, count in counts.items() if name != "clauses")


def test_a_range_names_every_clause_in_it_and_gaps_are_told_apart(small: Path) -> None:
    report = trace(small)
    assert report["gaps"] == {"code only": ["G1-1", "G1-3"], "test only": ["G1-4"], "open": ["G1-5"]}
    assert report["clauses"][1]["tests"] == ["test_room::test_x"]


def test_an_id_without_a_row_is_reported_with_who_names_it(small: Path) -> None:
    (small / "src" / "gsomia" / "other.py").write_text('"""Another.\n\nSource: G1-9, a law of ours.\n"""\n')
    (small / "tests" / "test_other.py").write_text('import pytest\npytestmark = pytest.mark.source("no id at all")\n')
    assert trace(small)["unresolved"] == {"G1-9": ["other"], "no id at all": ["test_other"]}


def test_the_last_line_counts_the_clauses() -> None:
    printed = subprocess.run([sys.executable, TOOL], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"clauses \d+: traced \d+, code only \d+, test only \d+, open \d+", printed.splitlines()[-1])
