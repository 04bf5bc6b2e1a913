"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    bundles,
    dealings,
    decisions,
    derived,
    drafting,
    endings,
    family,
    items,
    keys,
    law,
    lifecycle,
    people,
    purposes,
    record,
    sources,
)

COMMANDS: MappingProxyType[str, Command] = MappingProxyType(
    {
        command.name: command
        for group in (
            agreements,
            lifecycle,
            drafting,
            law,
            family,
            sources,
            people,
            dealings,
            decisions,
            items,
            derived,
            purposes,
            endings,
            record,
            keys,
            bundles,
        )
        for command in group.COMMANDS
    }
)
