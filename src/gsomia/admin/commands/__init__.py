"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    bundles,
    consents,
    dealings,
    decisions,
    drafting,
    endings,
    family,
    items,
    keys,
    lifecycle,
    people,
    record,
    relay,
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
            dealings,
            consents,
            decisions,
            items,
            relay,
            endings,
            record,
            keys,
            bundles,
        )
        for command in group.COMMANDS
    }
)
