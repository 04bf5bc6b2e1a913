"""The local door: the command table, and the socket through which the command line reaches a running node.

The table imports every flow; who only asks a served node does not need it. So what stands behind the table is loaded
when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gsomia.admin.line import Ask, Outcome, Param, Progress, call_served, error_document, is_served

if TYPE_CHECKING:
    from gsomia.admin.command import Bench, Call, Command, Need, NoBench, run_command
    from gsomia.admin.commands import COMMANDS
    from gsomia.admin.socket import AdminDoor
    from gsomia.admin.warn_desk import WarnDesk

__all__ = [
    "COMMANDS",
    "AdminDoor",
    "Ask",
    "Bench",
    "Call",
    "Command",
    "Need",
    "NoBench",
    "Outcome",
    "Param",
    "Progress",
    "WarnDesk",
    "call_served",
    "error_document",
    "is_served",
    "run_command",
]

_BEHIND = {
    "COMMANDS": "commands",
    "AdminDoor": "socket",
    "WarnDesk": "warn_desk",
    **dict.fromkeys(("Bench", "Call", "Command", "Need", "NoBench", "run_command"), "command"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever is asked for
    """Load what stands behind the table."""
    if name not in _BEHIND:
        msg = f"no `{name}` at the local door"
        raise AttributeError(msg)
    return getattr(import_module(f"gsomia.admin.{_BEHIND[name]}"), name)
