"""The local door: the command table, and the socket through which the command line reaches a running node."""

from gsomia.admin.command import (
    Bench,
    Call,
    Command,
    Need,
    NoBench,
    Outcome,
    Param,
    Progress,
    error_document,
    run_command,
)
from gsomia.admin.commands import COMMANDS
from gsomia.admin.socket import AdminDoor, Ask, call_served
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
    "run_command",
]
