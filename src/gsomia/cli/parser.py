"""The words of the command line, from the command table: nothing is declared twice."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gsomia import __version__
from gsomia.admin import Param
from gsomia.cli.words import Parsed, named_node

if TYPE_CHECKING:
    from gsomia.admin import Command


class WrongUse(Exception):  # noqa: N818  said by argparse, told as an error document
    """The words make no command."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Parser(argparse.ArgumentParser):
    """Raises what argparse would print."""

    def error(self, message: str) -> NoReturn:
        """Say it as an error document does."""
        raise WrongUse(f"{self.prog}: {message}")


def build_parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of every command; if `words` begin with a noun that there is, of the commands of that noun alone."""
    from gsomia.admin import COMMANDS  # noqa: PLC0415  it imports every flow
    from gsomia.cli.special import DESCRIPTIONS, add_arguments  # noqa: PLC0415  the same

    parser = Parser(
        prog="gsomia",
        description="A node that exchanges classified military information under a signed agreement.",
        epilog="Every command takes --json. Passphrases come by descriptor: --passphrase-fd N.",
    )
    parser.add_argument("--version", action="version", version=f"gsomia {__version__}")
    nouns = parser.add_subparsers(dest="noun", required=True, metavar="COMMAND", parser_class=Parser)
    groups: dict[str, argparse._SubParsersAction[Parser]] = {}
    named = {name.partition(" ")[0] for name in (*DESCRIPTIONS, *COMMANDS)}.intersection(words[:1])
    for name, description in DESCRIPTIONS.items():
        noun, _, verb = name.partition(" ")
        if named and noun not in named:
            continue
        add = _verbs(nouns, groups, noun).add_parser if verb else nouns.add_parser
        special = add(verb or noun, help=description, description=description)
        special.set_defaults(command=name)
        special.add_argument("--json", action="store_true", help="print exactly one JSON document")
        add_arguments(name, special)
    for command in COMMANDS.values():
        noun, _, verb = command.name.partition(" ")
        if named and noun not in named:
            continue
        if not verb:
            only = nouns.add_parser(noun, help=command.help, description=command.help)
            add_command(only, command.name, command.params)
            continue
        verb_parser = _verbs(nouns, groups, noun).add_parser(verb, help=command.help, description=command.help)
        add_command(verb_parser, command.name, command.params)
    return parser


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> Parsed:
    """The command that the words make.

    Raises:
        WrongUse: none.
        LocalError: no node was named.
    """
    from gsomia.admin import COMMANDS  # noqa: PLC0415  it imports every flow
    from gsomia.cli.special import DESCRIPTIONS  # noqa: PLC0415  the same

    found = vars(parser.parse_args(words))
    name = found["command"]
    command = COMMANDS.get(name)
    if command is None or name in DESCRIPTIONS:
        return Parsed(name=name, args=found, node=Path(), as_json=found["json"])
    args = given(command.params, found)
    return said(name, args, found, node=_node(command, args, found["node"] or found.get("directory")))


def given(params: Sequence[Param], found: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a command, paths made absolute: the node runs somewhere else."""
    return {param.name: _value(param, found[param.name]) for param in params}


def said(name: str, args: dict[str, Any], found: Mapping[str, Any], *, node: Path | None) -> Parsed:
    """A command as it was said."""
    return Parsed(
        name=name,
        args=args,
        node=node,
        as_json=found["json"],
        person=found["acting"],
        passphrase_fd=found["passphrase_fd"],
        person_passphrase_fd=found["person_passphrase_fd"],
    )


def _verbs(
    nouns: "argparse._SubParsersAction[Parser]", groups: dict[str, "argparse._SubParsersAction[Parser]"], noun: str
) -> "argparse._SubParsersAction[Parser]":
    if noun not in groups:
        group = nouns.add_parser(noun, help=f"{noun}: see `gsomia {noun} --help`")
        groups[noun] = group.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)
    return groups[noun]


def add_command(parser: argparse.ArgumentParser, name: str, params: Sequence[Param]) -> None:
    """The arguments of one command."""
    parser.set_defaults(command=name)
    if name == "doctor":
        parser.add_argument("directory", nargs="?", help="the node's directory")
    for param in params:
        _add_param(parser, param)
    parser.add_argument("--node", metavar="DIR", help="the node's directory (or GSOMIA_NODE)")
    parser.add_argument("--as", dest="acting", metavar="PERSON", help="who acts")
    parser.add_argument("--passphrase-fd", type=int, metavar="N", help="descriptor with the node's passphrase")
    parser.add_argument("--person-passphrase-fd", type=int, metavar="N", help="descriptor with the person's")
    parser.add_argument("--json", action="store_true", help="print exactly one JSON document")


def _add_param(parser: argparse.ArgumentParser, param: Param) -> None:
    if param.positional:
        nargs = None if param.required else "?"
        parser.add_argument(param.name, metavar=param.name.upper(), help=param.help, nargs=nargs)
        return
    flag = "--" + param.name.replace("_", "-")
    options: dict[str, Any] = {"dest": param.name, "help": param.help, "required": param.required}
    if param.kind == "secret":
        parser.add_argument(f"{flag}-fd", type=int, metavar="N", dest=param.name, help=param.help)
    elif param.kind == "flag":
        parser.add_argument(flag, action="store_true", dest=param.name, help=param.help)
    elif param.many:
        parser.add_argument(flag, action="append", metavar=param.name.upper(), default=[], **options)
    else:
        kind = int if param.kind == "number" else str
        parser.add_argument(flag, type=kind, metavar=param.name.upper(), **options)


def _value(param: Param, value: Any) -> Any:  # noqa: ANN401  an argument of any kind
    return str(Path(value).absolute()) if param.kind == "path" and value is not None else value


def _node(command: "Command", args: Mapping[str, Any], named: str | None) -> Path | None:
    from gsomia.admin import Need  # noqa: PLC0415  the table is here by now

    need = command.need(args)
    if need is Need.NOTHING or (need is Need.IF_NAMED and not (named or os.environ.get("GSOMIA_NODE"))):
        return None
    return named_node(named)
