"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    alerts,
    bundles,
    contractors,
    dealings,
    decisions,
    derived,
    drafting,
    endings,
    facilities,
    family,
    hotline,
    hotline_watch,
    items,
    keys,
    law,
    lifecycle,
    people,
    purposes,
    record,
    requests,
    sources,
    visits,
    warnings,
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
            facilities,
            dealings,
            requests,
            contractors,
            visits,
            decisions,
            items,
            derived,
            purposes,
            endings,
            record,
            keys,
            bundles,
            warnings,
            alerts,
            hotline,
            hotline_watch,
        )
        for command in group.COMMANDS
    }
)
