"""A parsed command line, and the node that it names."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gsomia.errors import LocalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What the words said. Paths are absolute: a served node has another working directory."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)
    node: Path | None
    as_json: bool
    person: str | None = None
    passphrase_fd: int | None = None
    person_passphrase_fd: int | None = None


def named_node(given: str | None) -> Path:
    """The directory of the node a command is about.

    Raises:
        LocalError: none was named.
    """
    chosen = given or os.environ.get("GSOMIA_NODE")
    if not chosen:
        raise LocalError("cli/which-node", "no node was named", remedy="pass `--node DIR` or set GSOMIA_NODE")
    return Path(chosen).absolute()
