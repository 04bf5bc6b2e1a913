"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import agreements, dealings, decisions, drafting, family, items, people, record, sources

COMMANDS: MappingProxyType[str, Command] = MappingProxyType(
    {
        command.name: command
        for group in (agreements, drafting, family, sources, people, dealings, decisions, items, record)
        for command in group.COMMANDS
    }
)
