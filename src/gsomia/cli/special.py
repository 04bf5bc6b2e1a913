"""Commands that make or are a process of their own: `init`, `serve`, `demo`, and those of the warning floor."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from gsomia.cli import warn
from gsomia.cli.passphrases import read_passphrase
from gsomia.cli.show import show_outcome
from gsomia.cli.words import Parsed

DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "init": "make a node in a directory",
        "restore": "make a node again from a backup, in an empty directory",
        "serve": "run the node in a directory until SIGTERM",
        "demo": "three nodes and the whole story, on loopback",
        **warn.DESCRIPTIONS,
    }
)


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The arguments of one of these commands."""
    if name in warn.DESCRIPTIONS:
        warn.add_arguments(name, parser)
        return
    if name == "demo":
        parser.add_argument("--dir", metavar="DIR", help="new directory (default: a new one under .demo/)")
        parser.add_argument("--serve", action="store_true", help="keep the nodes up afterwards")
        parser.add_argument("--challenge", metavar="HEX", help="seeds files, purposes and cuts; random if left out")
        return
    if name == "restore":
        parser.add_argument("file", metavar="FILE", help="the backup")
        parser.add_argument("--backup-passphrase-fd", type=int, metavar="N", help="descriptor with the backup's")
        parser.add_argument("--storage-keys", metavar="FILE", help="the node's key file, if it was kept apart")
    parser.add_argument("directory", metavar="DIR", help="the node's directory")
    parser.add_argument("--passphrase-fd", type=int, metavar="N", help="descriptor with the node's passphrase")
    if name == "init":
        parser.add_argument(
            "--exercise",
            action="store_true",
            help="for training only: its party is X and the code, and meets no real one",
        )
        parser.add_argument("--party", required=True, metavar="CODE", help="the party's code, for example KOR")
        parser.add_argument("--name", metavar="NAME", help="the party's name; its code if left out")
        parser.add_argument(
            "--listen", default="127.0.0.1:7441", metavar="HOST:PORT", help="the partner door's address"
        )


def _init(parsed: Parsed) -> int:
    from gsomia.config import check_config, check_party  # noqa: PLC0415  a heavy import only where it is used
    from gsomia.node import create_node  # noqa: PLC0415  the same
    from gsomia.parties import is_exercise  # noqa: PLC0415  the same

    args = parsed.args
    party, name = check_party(args["party"], name=args["name"], exercise=args["exercise"])
    config = check_config(party=party, name=name, listen=args["listen"])
    directory = Path(args["directory"]).absolute()
    passphrase = read_passphrase(args["passphrase_fd"], prompt=f"new passphrase for the node in {directory}: ")
    pin_file = create_node(directory, config, passphrase=passphrase)
    document = {
        "node": str(directory),
        "party": config.party,
        "exercise": is_exercise(config.party),
        "listen": config.listen,
        "fingerprint": pin_file.record.fingerprint,
        "recovery": str(directory / "keys" / "recovery.keys"),
        "next": "move the recovery key off this machine, then `gsomia party export`",
    }
    return show_outcome(document, exit_code=0, as_json=parsed.as_json)


def _serve(parsed: Parsed) -> int:
    from gsomia.node import LocalNode, serve_node  # noqa: PLC0415  a heavy import only where it is used

    directory = Path(parsed.args["directory"]).absolute()
    passphrase = read_passphrase(parsed.args["passphrase_fd"], prompt=f"passphrase of the node in {directory}: ")

    def ready(node: LocalNode) -> None:
        document = {"ready": True, "party": node.config.party, "listen": node.config.listen, "node": str(directory)}
        show_outcome(document, exit_code=0, as_json=parsed.as_json)
        sys.stdout.flush()

    serve_node(directory, passphrase=passphrase, ready=ready)
    return 0


def _restore(parsed: Parsed) -> int:
    from gsomia.node import restore  # noqa: PLC0415  a heavy import only where it is used

    args = parsed.args
    backup_passphrase = read_passphrase(args["backup_passphrase_fd"], prompt="passphrase of the backup: ")
    passphrase = read_passphrase(args["passphrase_fd"], prompt="passphrase of the node that was backed up: ")
    document = restore(
        Path(args["file"]).absolute(),
        Path(args["directory"]).absolute(),
        backup_passphrase=backup_passphrase,
        passphrase=passphrase,
        storage_keys=Path(args["storage_keys"]).absolute() if args["storage_keys"] else None,
    )
    return show_outcome(document, exit_code=0, as_json=parsed.as_json)


def _demo(parsed: Parsed) -> int:
    from gsomia.demo import run_demo  # noqa: PLC0415  a heavy import only where it is used

    args = parsed.args
    return run_demo(
        directory=Path(args["dir"]).absolute() if args["dir"] else None,
        challenge=args["challenge"],
        keep_serving=args["serve"],
        as_json=parsed.as_json,
    )


COMMANDS: Mapping[str, Callable[[Parsed], int]] = MappingProxyType(
    {"init": _init, "restore": _restore, "serve": _serve, "demo": _demo, **warn.COMMANDS}
)
