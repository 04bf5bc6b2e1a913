"""The admin socket is a door like any other: a command takes exactly the arguments it declares."""

from typing import Any

import pytest

from gsomia.admin import COMMANDS, Command, Param
from gsomia.admin.command import Call, check_args, check_word, run_command
from gsomia.errors import IntegrityError, LocalError, NodeError, RefusedError, UnavailableError

COMMAND = Command(
    name="item test",
    help="",
    run=lambda call: {"args": dict(call.args)},
    params=(
        Param(name="item", help="", positional=True, required=True),
        Param(name="wait", help="", kind="number"),
        Param(name="caveat", help="", many=True),
        Param(name="quiet", help="", kind="flag"),
    ),
)
ITEM = "itm_" + "a" * 26


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    "args",
    [
        {"item": ITEM},
        {"item": ITEM, "wait": 3, "caveat": ["NO-COPY"], "quiet": True},
        {"item": ITEM, "wait": None, "caveat": []},
    ],
)
def test_declared_arguments_are_taken(args: dict[str, Any]) -> None:
    check_args(COMMAND, args)


@pytest.mark.source("DESIGN-10", "LAW-10")
@pytest.mark.parametrize(
    "args",
    [
        {},
        {"item": None},
        {"item": ITEM, "other": 1},
        {"item": 3},
        {"item": [ITEM]},
        {"item": "itm_x"},
        {"item": ITEM + "\n"},
        {"item": ITEM, "wait": "3"},
        {"item": ITEM, "caveat": "NO-COPY"},
        {"item": ITEM, "caveat": [1]},
        {"item": ITEM, "quiet": "yes"},
    ],
    ids=str,
)
def test_anything_else_is_refused(args: dict[str, Any]) -> None:
    with pytest.raises(LocalError):
        check_args(COMMAND, args)


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(LocalError, 2), (RefusedError, 3), (UnavailableError, 75), (IntegrityError, 70)],
)
def test_an_error_becomes_a_document_and_its_exit_code(error: type[NodeError], exit_code: int) -> None:
    def run(_call: Call) -> dict[str, Any]:
        raise error("flows/some-code", "message", remedy="remedy", clauses=("G1-1",))

    bench: Any = None
    outcome = run_command(Command(name="x", help="", run=run), Call(bench=bench, args={}))
    assert outcome.exit == exit_code
    assert outcome.document == {
        "error": {
            "code": "flows/some-code",
            "message": "message",
            "remedy": "remedy",
            "clauses": ["G1-1"],
            "correlation_id": None,
        }
    }


@pytest.mark.source("DESIGN-10")
def test_every_command_has_a_name_help_and_parameters_with_help() -> None:
    for name, command in COMMANDS.items():
        assert (name, bool(command.help)) == (command.name, True)
        assert [param.name for param in command.params if not param.help] == []
        assert len({param.name for param in command.params}) == len(command.params)


@pytest.mark.source("DESIGN-10")
def test_a_personal_passphrase_is_not_shown() -> None:
    bench: Any = None
    assert "hush" not in repr(Call(bench=bench, args={}, person="kim", person_passphrase=b"hush"))


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("person", "Kim"),
        ("person", "k"),
        ("to", "japan"),
        ("purpose", "ab"),
        ("fingerprint", "0" * 63),
    ],
)
def test_words_of_the_wrong_form_are_refused(name: str, word: str) -> None:
    with pytest.raises(LocalError, match=f"no `{name}`"):
        check_word(name, word)
