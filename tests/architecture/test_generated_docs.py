"""Errors, audit events and states are documented exactly as the code has them."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "gsomia"
CODE = re.compile(r"[a-z]+/[a-z0-9-]+")


def run_tool(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    command = [sys.executable, str(root / "tools" / "docs.py"), "--check"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def documented() -> dict[str, list[str]]:
    """Every documented code, with the cells of its row."""
    rows = (line.strip("|").split(" | ") for line in (ROOT / "docs" / "errors.md").read_text().splitlines())
    return {row[0].strip(" `"): row[1:] for row in rows if CODE.fullmatch(row[0].strip(" `"))}


def raised() -> set[str]:
    """Every whole code that stands as the first argument of something called an error."""
    return {
        node.args[0].value
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and re.search(r"(Error|Refusal|super\(\)\.__init__)$", ast.unparse(node.func))
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and CODE.fullmatch(node.args[0].value)
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("src", "docs", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_documents_equal_what_the_code_prints() -> None:
    ran = run_tool(ROOT)
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, ""), "run `python tools/docs.py`"


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        (
            "labels/planted.py",
            'from gsomia.errors import LocalError\n\ndef f() -> None:\n    raise LocalError("labels/planted", "no")\n',
        ),
        (
            "labels/planted.py",
            "from gsomia.errors import LocalError\n\ndef f(x: str) -> None:\n    raise LocalError(x, 'no')\n",
        ),
    ],
    ids=["a code that is not documented", "a code that cannot be read from the text"],
)
def test_an_undocumented_error_code_is_found(copy: Path, place: str, planted: str) -> None:
    (copy / "src" / "gsomia" / place).write_text(planted)
    assert run_tool(copy).returncode == 1


def test_a_document_changed_by_hand_is_found(copy: Path) -> None:
    names = ["audit-events.md", "errors.md", "states/agreement.md", "states/delivery.md"]
    for name in names:
        document = copy / "docs" / name
        document.write_text(document.read_text() + "by hand\n")
    ran = run_tool(copy)
    told = [f"docs/{name} differs from the code" for name in names]
    assert (ran.returncode, sorted(ran.stdout.splitlines())) == (1, told)


def test_every_error_code_raised_is_documented() -> None:
    assert raised() - set(documented()) == set()


def test_no_documented_error_code_has_vanished_from_the_code() -> None:
    text = "\n".join(path.read_text() for path in SRC.rglob("*.py"))
    templates = [
        re.compile("([a-z0-9-]+)".join(re.escape(part) for part in re.split(r"\{[^{}]*\}", template)))
        for template in re.findall(r'f"([a-z]+/[a-z-]*\{[a-z_.]+\}[a-z-]*)"', text)
    ]

    def stands(code: str) -> bool:
        """Whether the code is written whole, or put together from a template and words that are."""
        found = [template.fullmatch(code) for template in templates]
        return f'"{code}"' in text or any(match and f'"{match[1]}"' in text for match in found)

    assert [code for code in documented() if not stands(code)] == []


def test_an_error_code_is_a_room_and_a_slug() -> None:
    places = {path.stem for path in SRC.iterdir()}
    assert [code for code in documented() if code.partition("/")[0] not in places] == []


def test_one_error_code_has_one_exit_code() -> None:
    assert [code for code, row in documented().items() if "<br>" in row[1]] == []


def test_messages_are_lower_case_and_without_full_stop() -> None:
    said = [(code, line) for code, row in documented().items() for line in row[2].strip().split("<br>") if line]
    acronyms = ("SQLite", "ASCII", "Ed25519")
    unmannered = [
        (code, line)
        for code, line in said
        if line.endswith(".") or (line[0].isupper() and not line.startswith(acronyms))
    ]
    assert unmannered == []


def test_every_state_table_has_one_diagram() -> None:
    assert {path.name for path in (ROOT / "docs" / "states").iterdir()} == {
        "agreement.md",
        "arrangement.md",
        "data-link.md",
        "delivery.md",
        "hotline.md",
    }
