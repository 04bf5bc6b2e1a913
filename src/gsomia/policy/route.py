"""Which ways may an item of ours go to a party on a day, and which one is the default?

A choice, never a duty: nothing here or elsewhere counts what was not shared.
"""

from dataclasses import dataclass
from enum import StrEnum

from gsomia import canon
from gsomia.ids import HexDigest
from gsomia.policy import rules
from gsomia.policy.decision import RULES_VERSION, Finding, Reason
from gsomia.policy.relay import (
    ABOVE_SECRET,
    first_leg_is_open,
    hub_is_between,
    level_is_opened,
    second_leg_is_open,
    topic_is_carried,
)
from gsomia.policy.request import InstrumentFacts, RouteFacts


class Route(StrEnum):
    """A way from one party to another.

    Source: relay 5.4.
    """

    DIRECT = "direct"
    RELAY = "relay"
    WARNING = "warning-data"
    HOTLINE = "hotline"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAnswer:
    """Whether an item may go one way: every reason for it, or every one against."""

    route: Route
    lawful: bool
    instrument: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Every way with its reasons, and the one to take by default; None if no way is lawful."""

    answers: tuple[RouteAnswer, ...]
    recommended: Route | None
    facts: HexDigest
    rules_version: str


def decide_route(facts: RouteFacts) -> Routes:
    """The lawful ways of an item, with reasons.

    Direct is the default up to SECRET while the instrument between the two is in force; the relay for what is above, or
    when the direct way is closed. Consent, assurance and persons are asked when the item is released.

    Source: A-30, relay 5.4, TR-3, TR-14.
    """
    direct = _answer(Route.DIRECT, facts.direct, _direct(facts))
    relay = _answer(Route.RELAY, facts.relay.instrument if facts.relay else None, _relay(facts))
    answers = (direct, relay, *_not_for_items())
    preferred = (relay, direct) if facts.rank >= ABOVE_SECRET else (direct, relay)
    recommended = next((answer.route for answer in preferred if answer.lawful), None)
    return Routes(answers=answers, recommended=recommended, facts=canon.digest(facts), rules_version=RULES_VERSION)


def _direct(facts: RouteFacts) -> list[Finding]:
    return [
        _is_ours(facts),
        rules.instrument_allows(facts.direct, allowed=bool(facts.direct and facts.direct.release)),
        _listed(facts.direct_lists),
        rules.level_is_shared(level=facts.level, opened=False),
        rules.finding(
            holds=bool(facts.direct and facts.rank <= facts.direct.ceiling),
            code="above-ceiling",
            clause="G4-4",
            yes="the level lies within the ceiling",
            no="the level lies above the agreement's ceiling",
        ),
    ]


def _relay(facts: RouteFacts) -> list[Finding]:
    relay = facts.relay
    wanted = relay.second_feeder if relay else None
    second = (
        second_leg_is_open(facts.second, wanted, rank=facts.rank)
        if facts.second is not None or wanted is None
        else rules.finding(
            holds=True,
            code="second-leg-with-hub",
            clause="TR-8",
            yes=f"whether `{wanted}` is in force is the hub's to say: we are no party to it",
            no="",
        )
    )
    return [
        _is_ours(facts),
        rules.instrument_allows(relay.instrument if relay else None, allowed=bool(relay and relay.instrument.release)),
        hub_is_between(relay, hub=relay.hub) if relay else rules.instrument_allows(None, allowed=False),
        first_leg_is_open(facts.first, relay.first_feeder if relay else None, rank=facts.rank),
        second,
        topic_is_carried(relay, topic=facts.topic),
        _listed(facts.relay_lists),
        level_is_opened(level=facts.level, rank=facts.rank, opened=bool(relay and relay.opened), standing=False),
    ]


def _is_ours(facts: RouteFacts) -> Finding:
    return rules.finding(
        holds=facts.originator == facts.us,
        code="not-the-originator",
        clause="G6-1",
        yes="the item is our own",
        no=f"the item is {facts.originator}'s: only its originator chooses a route",
    )


def _listed(lists: bool) -> Finding:  # noqa: FBT001  a fact
    return rules.finding(
        holds=lists,
        code="level-not-in-table",
        clause="EQ-2",
        yes="the route's own table reads the level for the recipient",
        no="the route's own table has no level of the recipient for it",
    )


def _answer(route: Route, instrument: InstrumentFacts | None, findings: list[Finding]) -> RouteAnswer:
    against = tuple(finding.reason for finding in findings if not finding.holds)
    reasons = against or tuple(finding.reason for finding in findings)
    return RouteAnswer(
        route=route, lawful=not against, instrument=instrument.id if instrument else None, reasons=reasons
    )


def _not_for_items() -> tuple[RouteAnswer, RouteAnswer]:
    warning = Reason(
        code="carries-tracks", clause="A-30", text="carries launch point, flight path and impact point, never items"
    )
    hotline = Reason(
        code="carries-voice", clause="A-30", text="coordinates by voice and short messages, carries no item"
    )
    return (
        RouteAnswer(route=Route.WARNING, lawful=False, instrument="MWDS", reasons=(warning,)),
        RouteAnswer(route=Route.HOTLINE, lawful=False, instrument=None, reasons=(hotline,)),
    )
