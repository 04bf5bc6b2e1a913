"""The command table, in nouns and verbs."""

from types import MappingProxyType

from gsomia.admin.command import Command
from gsomia.admin.commands import (
    agreements,
    alerts,
    bundles,
    carriers,
    consents,
    contractors,
    custody,
    day_zero,
    dealings,
    decisions,
    derived,
    disclosures,
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
    muster,
    packages,
    people,
    purposes,
    record,
    relay,
    requests,
    sources,
    visits,
    warnings,
    worklist,
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
            consents,
            requests,
            contractors,
            visits,
            decisions,
            items,
            custody,
            disclosures,
            packages,
            carriers,
            derived,
            purposes,
            relay,
            endings,
            day_zero,
            muster,
            worklist,
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
