"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    bundles,
    carriers,
    custody,
    day_zero,
    dealings,
    decisions,
    disclosures,
    drafting,
    endings,
    family,
    items,
    keys,
    lifecycle,
    muster,
    packages,
    people,
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
            family,
            sources,
            people,
            dealings,
            decisions,
            items,
            custody,
            disclosures,
            packages,
            carriers,
            endings,
            day_zero,
            muster,
            record,
            keys,
            bundles,
        )
        for command in group.COMMANDS
    }
)
