"""Words to commands, passphrases from descriptors."""

import os
from pathlib import Path

import pytest

from gsomia.admin import COMMANDS, Call, Need
from gsomia.cli.parser import WrongUse, build_parser, parse
from gsomia.cli.passphrases import MAX_PASSPHRASE_BYTES, read_passphrase
from gsomia.errors import LocalError


@pytest.mark.source("DESIGN-10")
def test_every_command_of_the_table_can_be_typed() -> None:
    whole = build_parser()
    for name, command in COMMANDS.items():
        words = name.split()
        for param in command.params:
            if param.positional:
                words.append("1")
            elif param.required:
                words += [f"--{param.name.replace('_', '-')}", "1"]
        words += ["--node", "/n", "--json"]
        parsed = parse(build_parser(words), words)
        assert parsed == parse(whole, words)
        node = None if command.need(parsed.args) is Need.NOTHING else Path("/n")
        assert (parsed.name, parsed.node, parsed.as_json) == (name, node, True)
        assert set(parsed.args) == {param.name for param in command.params}


@pytest.mark.source("DESIGN-10")
def test_paths_become_absolute_since_a_served_node_stands_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["item", "register", "report.txt", "--level", "KOR-2", "--purpose", "P", "--node", "n"]
    parsed = parse(build_parser(), words)
    assert (parsed.args["file"], parsed.node) == (str(tmp_path / "report.txt"), tmp_path / "n")


@pytest.mark.source("DESIGN-10")
def test_the_environment_names_the_node_if_the_words_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSOMIA_NODE", "/from/env")
    assert parse(build_parser(), ["item", "list"]).node == Path("/from/env")
    assert parse(build_parser(), ["item", "list", "--node", "/given"]).node == Path("/given")
    monkeypatch.delenv("GSOMIA_NODE")
    with pytest.raises(LocalError, match="no node was named"):
        parse(build_parser(), ["item", "list"])


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize("words", [[], ["item"], ["nothing"], ["item", "show"], ["item", "list", "--x"], ["init", "d"]])
def test_words_that_make_no_command(words: list[str]) -> None:
    for parser in (build_parser(), build_parser(words)):
        with pytest.raises(WrongUse):
            parse(parser, words)


def passphrase_of(data: bytes) -> bytes:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return read_passphrase(reading, prompt="")


@pytest.mark.source("DESIGN-4", "DESIGN-10")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"open\n", b"open"),
        (b"open", b"open"),
        (b"open\r\n", b"open"),
        (b" open \nmore", b" open "),
        (b"\xec\x95\x94", b"\xec\x95\x94"),
    ],
)
def test_a_passphrase_is_one_line_without_its_end(data: bytes, expected: bytes) -> None:
    assert passphrase_of(data) == expected


@pytest.mark.source("DESIGN-4", "DESIGN-10")
@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"x" * (MAX_PASSPHRASE_BYTES + 1)])
def test_an_empty_or_endless_passphrase_is_refused(data: bytes) -> None:
    with pytest.raises(LocalError, match="empty or too long"):
        passphrase_of(data)


@pytest.mark.source("DESIGN-10")
def test_a_descriptor_that_is_not_open_is_said() -> None:
    with pytest.raises(LocalError, match="cannot be read"):
        read_passphrase(987, prompt="")


@pytest.mark.source("DESIGN-10")
def test_commands_about_files_alone_need_no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GSOMIA_NODE", raising=False)
    assert parse(build_parser(), ["family", "list"]).node is None
    with pytest.raises(LocalError, match="no node was named"):
        parse(build_parser(), ["family", "map", "TAJNE"])


@pytest.mark.source("DESIGN-10")
def test_what_needs_a_node_after_all_says_so() -> None:
    call = Call.without_node({})
    assert not call.at_node
    with pytest.raises(LocalError, match="needs a node"):
        call.desk.party.lower()
