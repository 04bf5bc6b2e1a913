"""A parsed command line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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
