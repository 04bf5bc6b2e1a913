"""A module is read in one sitting."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 500
EXCEPTIONS: Mapping[str, str] = {}
"""Longer files, each with its reason. May only shrink."""


def sizes() -> dict[str, int]:
    return {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for folder in ("src", "tests", "tools", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if ".venv" not in path.parts  # the peers' environment, once it is made
    }


def test_no_module_is_longer_than_one_sitting() -> None:
    assert {name: lines for name, lines in sizes().items() if lines > MAX_LINES and name not in EXCEPTIONS} == {}


def test_an_exception_that_is_no_longer_needed_is_taken_off_the_list() -> None:
    measured = sizes()
    assert [name for name in EXCEPTIONS if measured.get(name, 0) <= MAX_LINES] == []
