"""What the documents tell people to type exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsomia.admin import COMMANDS
from gsomia.cli.special import DESCRIPTIONS

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {*COMMANDS, *DESCRIPTIONS}
NOUNS = {name.partition(" ")[0] for name in KNOWN}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WORD = re.compile(r"[a-z]+")


def lines(path: Path) -> Iterator[str]:
    """What follows `gsomia ` at the start of a line, behind a prompt and the program's folder or not."""
    for line in path.read_text().splitlines():
        match = re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?gsomia (?P<words>.+)", line)
        if match:
            yield match["words"]


def quoted(path: Path) -> Iterator[str]:
    """What stands between backticks and begins as a command does, with or without the program's name."""
    for phrase in re.findall(r"`([^`]+)`", path.read_text()):
        words = phrase.removeprefix("gsomia ")
        first, _, rest = words.partition(" ")
        if first in NOUNS and (phrase != words or WORD.match(rest)):
            yield words


def is_known(words: str) -> bool:
    """Whether the words begin with a command."""
    first, second, *_ = [*words.split(), "", ""]
    return first in KNOWN or f"{first} {second}" in KNOWN


def is_noun_alone(words: str) -> bool:
    """A whole group of commands may be named in a sentence."""
    return words in NOUNS


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_named_in_documents_exist(path: Path) -> None:
    assert [words for words in lines(path) if not is_known(words)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_quoted_in_sentences_and_remedies_exist(path: Path) -> None:
    assert [words for words in quoted(path) if not (is_known(words) or is_noun_alone(words))] == []


def test_a_command_that_does_not_exist_is_not_known() -> None:
    assert not is_known("item launch ITEM")
