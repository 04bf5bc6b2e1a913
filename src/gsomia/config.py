"""A node's settings, parsed and checked: `node.toml` in its directory."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from gsomia import canon
from gsomia.errors import LocalError
from gsomia.ids import PartyCode
from gsomia.parties import EXERCISE, exercise_code, is_exercise

_LISTEN = re.compile(r"([a-z0-9.-]{1,200}):([0-9]{1,5})")
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """What a node needs to know before it opens its record."""

    party: PartyCode
    name: str
    listen: str

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port to listen on."""
        return int(self.listen.rpartition(":")[2])


def parse_config(text: str) -> NodeConfig:
    """Read `node.toml`.

    Raises:
        LocalError: not TOML, a setting missing, unknown or out of range.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise _broken(str(cause)) from cause
    if set(raw) != {"party", "name", "listen"}:
        raise _broken("it needs exactly `party`, `name` and `listen`")
    return check_config(party=raw["party"], name=raw["name"], listen=raw["listen"])


def check_config(*, party: Any, name: Any, listen: Any) -> NodeConfig:  # noqa: ANN401  settings come from outside
    """Settings that a node can run with.

    Raises:
        LocalError: they are not.
    """
    try:
        code = canon.check(party, PartyCode)
    except canon.CanonError as cause:
        raise _broken("`party` is three or four capital letters, for example KOR") from cause
    if not isinstance(name, str) or not name.strip() or '"' in name or "\\" in name or not name.isprintable():
        raise _broken("`name` is a printable name without quotes")
    match = _LISTEN.fullmatch(listen) if isinstance(listen, str) else None
    if match is None or not 0 < int(match[2]) <= _MAX_PORT:
        raise _broken("`listen` is host:port, for example 127.0.0.1:7441")
    return NodeConfig(party=code, name=name, listen=listen)


def check_party(party: str, *, name: str | None, exercise: bool) -> tuple[str, str]:
    """The code and the name under which a new node's party stands: an exercise says so in both.

    Raises:
        LocalError: an exercise party's code without an exercise.
        ExerciseError: no government's code.

    Source: ADR 0033.
    """
    if exercise:
        code = exercise_code(party)
        return code, f"{EXERCISE} {name or party}"
    if is_exercise(party):
        raise LocalError(
            "config/exercise-code",
            f"`{party}` is the code of an exercise party",
            remedy=f"for training: gsomia init --exercise --party {party[1:]}",
        )
    return party, name or party


def print_config(config: NodeConfig) -> str:
    """The text of `node.toml`."""
    return f'party = "{config.party}"\nname = "{config.name}"\nlisten = "{config.listen}"\n'


def _broken(why: str) -> LocalError:
    return LocalError("config/malformed", f"the node's settings do not read: {why}", remedy="mend `node.toml`")
