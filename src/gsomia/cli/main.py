"""`gsomia`: parse the words, find the node, run the command, print one document.

A command on a node first tries the node's lock: if it is free, the node is opened in this process for that command; if
it is taken, the same command goes over the admin socket. Both run the same flow and print the same JSON.
"""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from gsomia.cli.parser import WrongUse, build_parser, parse
from gsomia.cli.passphrases import read_passphrase
from gsomia.cli.progress import shown_progress
from gsomia.cli.served import ask_node, call_at_once, read_secrets
from gsomia.cli.show import show_error, show_outcome
from gsomia.cli.words import Parsed
from gsomia.errors import LocalError, NodeError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run `gsomia` and leave with its exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    try:
        code = run(words)
    except WrongUse as wrong:
        error = LocalError("cli/wrong-use", wrong.message, remedy="see `gsomia --help`")
        code = show_error(error, as_json=as_json)
    except NodeError as error:
        code = show_error(error, as_json=as_json)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # Nobody reads what we print; what was done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    Raises:
        NodeError: it did not come to a document of its own.
        WrongUse: the words make no command.
    """
    at_once = call_at_once(words)
    if at_once is not None:
        return show_outcome(at_once.document, exit_code=at_once.exit, as_json="--json" in words)
    from gsomia.cli import special  # noqa: PLC0415  the whole table, which a served node spares us

    parsed = parse(build_parser(words), words)
    if parsed.name in special.COMMANDS:
        return special.COMMANDS[parsed.name](parsed)
    outcome = _on_node(parsed)
    return show_outcome(outcome.document, exit_code=outcome.exit, as_json=parsed.as_json)


def _on_node(parsed: Parsed) -> Any:  # noqa: ANN401  `Outcome`, imported late
    from gsomia.admin import COMMANDS, Call, run_command  # noqa: PLC0415  the same

    directory = parsed.node
    command = COMMANDS[parsed.name]
    if directory is None:
        return run_command(command, Call.without_node(parsed.args))
    person_passphrase = read_secrets(parsed, command.params, acts=command.acts)
    outcome = ask_node(parsed, person_passphrase)
    if outcome is not None:
        return outcome  # else a socket left behind by a process that died; the lock decides
    from gsomia.node import LocalNode  # noqa: PLC0415

    passphrase = None
    if parsed.passphrase_fd is not None or (command.keys and sys.stdin.isatty()):
        passphrase = read_passphrase(parsed.passphrase_fd, prompt=f"passphrase of the node in {directory}: ")
    with LocalNode(directory, passphrase=passphrase) as node:
        call = Call(bench=node, args=parsed.args, person=parsed.person, person_passphrase=person_passphrase)
        with shown_progress() as progress:
            return run_command(command, call if progress is None else replace(call, progress=progress))
