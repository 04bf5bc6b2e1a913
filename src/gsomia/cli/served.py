"""The short way to a served node: it has the command table, so this process need not load it to ask.

`commands.json` is printed from the table by `tools/docs.py` and says how each command is spelled. Whatever is not
plainly a command for a node that is served takes the long way, which says what is wrong in the same words as ever.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from gsomia.admin import Ask, Outcome, Param, call_served, is_served
from gsomia.cli.parser import Parser, WrongUse, add_command, given, said
from gsomia.cli.passphrases import read_passphrase
from gsomia.cli.progress import shown_progress
from gsomia.cli.words import Parsed, named_node
from gsomia.errors import LocalError


class Spelled(msgspec.Struct, frozen=True, kw_only=True):
    """How a command that is always run at a node is spelled."""

    acts: bool
    params: tuple[Param, ...]


def call_at_once(words: Sequence[str]) -> Outcome | None:
    """The answer of the served node to a command; None if this is no such command, or nobody serves."""
    spelled = msgspec.json.decode(files("gsomia.cli").joinpath("commands.json").read_bytes(), type=dict[str, Spelled])
    name = next((one for one in (" ".join(words[:2]), *words[:1]) if one in spelled), None)
    if name is None or "--help" in words or "-h" in words:
        return None
    command = spelled[name]
    parser = Parser(prog=f"gsomia {name}", allow_abbrev=True)
    add_command(parser, name, command.params)
    try:
        found = vars(parser.parse_args(words[len(name.split()) :]))
        node = named_node(found["node"] or found.get("directory"))
    except (WrongUse, LocalError):
        return None
    parsed = said(name, given(command.params, found), found, node=node)
    if not is_served(node):
        return None
    return ask_node(parsed, read_secrets(parsed, command.params, acts=command.acts))


def read_secrets(parsed: Parsed, params: Sequence[Param], *, acts: bool) -> bytes | None:
    """Read the passphrases that a command was given; that of the person who acts, if there is one."""
    person_passphrase = None
    if parsed.person_passphrase_fd is not None or (acts and parsed.person):
        person_passphrase = read_passphrase(parsed.person_passphrase_fd, prompt=f"passphrase of {parsed.person}: ")
    for param in params:
        if param.kind == "secret":
            parsed.args[param.name] = read_passphrase(parsed.args[param.name], prompt=f"{param.name}: ").hex()
    return person_passphrase


def ask_node(parsed: Parsed, person_passphrase: bytes | None) -> Outcome | None:
    """Ask the node that serves a directory; None if none does."""
    with shown_progress() as progress:
        ask = Ask(
            command=parsed.name,
            args=parsed.args,
            person=parsed.person,
            person_passphrase=person_passphrase,
            progress=progress is not None,
        )
        return call_served(parsed.node or Path(), ask, progress=progress)
