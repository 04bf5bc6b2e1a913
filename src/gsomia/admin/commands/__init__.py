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
    hotline,
    hotline_watch,
    items,
    keys,
    law,
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
            law,
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
            hotline,
            hotline_watch,
        )
        for command in group.COMMANDS
    }
)
