"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    bundles,
    dealings,
    decisions,
    drafting,
    endings,
    facilities,
    family,
    items,
    keys,
    lifecycle,
    people,
    record,
    requests,
    sources,
)

COMMANDS: MappingProxyType[str, Command] = MappingProxyType(
    {
        command.name: command
        for group in (
            agreements,
            lifecycle,
            drafting,
            family,
            sources,
            people,
            facilities,
            dealings,
            requests,
            decisions,
            items,
            endings,
            record,
            keys,
            bundles,
        )
        for command in group.COMMANDS
    }
)
