"""Supplementary arrangements, signed by one side or by both."""

from collections.abc import Mapping

from gsomia.agreements import Body, DeedKind, Override, Rule
from gsomia.flows.deeds import DeedText, do_deed
from gsomia.ids import InstrumentId, PartyCode
from simulation.world import KR_JP, World


def sign(
    world: World,
    party: PartyCode,
    rules: Mapping[str, int],
    *,
    words: str = "tighter",
    instrument: InstrumentId = KR_JP,
) -> None:
    """One side signs an arrangement that sets these rules."""
    node = world[party]
    do_deed(
        node.desk,
        node.actor("liaison"),
        instrument=instrument,
        kind=DeedKind.ARRANGE,
        body=Body.DEFENCE_MINISTRY,
        says=DeedText(
            rules=tuple(Override(rule=Rule(rule), value=value) for rule, value in rules.items()), words=words
        ),
        our_fingerprint=node.identity.record.fingerprint,
    )
