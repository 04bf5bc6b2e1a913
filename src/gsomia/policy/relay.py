"""May the hub pass this item on? The arrangement's rules, beside those of the feeder that carries the second leg."""

from collections.abc import Mapping

from gsomia import canon
from gsomia.agreements import Agreement
from gsomia.ids import HexDigest, PartyCode
from gsomia.labels import Label, Policy
from gsomia.policy import rules
from gsomia.policy.assurance import assurance_is_acknowledged
from gsomia.policy.consent import Wanted, consent_covers, is_standing
from gsomia.policy.decision import Decision, Finding, conclude
from gsomia.policy.release import OBLIGATIONS, levels_at_least, read_level
from gsomia.policy.request import InstrumentFacts, RelayFacts, RelayTermsFacts

ABOVE_SECRET = 4
"""The rank that a relay carries only by three things at once: its table, the originator's rule, consent per item."""


def decide_relay(
    facts: RelayFacts,
    *,
    agreement: Agreement | None,
    policies: Mapping[PartyCode, Policy],
    digest: HexDigest | None = None,
) -> Decision:
    """Decide whether we pass an item on. Never raises for "no"; every rule is asked.

    Args:
        facts: everything the rules read.
        agreement: the relay's text that `facts.relay` names; None if there is none.
        policies: national label policies by party.
        digest: of the facts, if the caller has spelled them already.

    Source: relay 5.2 and 5.3 (TR-1 to TR-8), G1-2, G2-5, G4-2, G7-5, G12-11.
    """
    leg, relay = facts.leg, facts.relay
    instrument = relay.instrument if relay else None
    text = agreement if agreement is not None and instrument and agreement.digest == instrument.agreement else None
    level, translated = read_level(leg.label, text, instrument, policies, to=leg.to, now=leg.now)
    rank = translated.rank if translated else 99
    own_rank = _rank(leg.label, policies)
    findings = [
        *relay_findings(facts, leg.label, rank=own_rank),
        *level,
        rules.is_still_held(leg),
        _is_booked(facts),
        _envelope_is_kept(facts),
        rules.label_admits_recipient(leg),
        rules.purpose_is_stated(leg),
        rules.decider_may_release(leg),
        rules.is_cleared(leg.decider, level=facts.own_mark, now=leg.now),
        rules.authority_is_named(leg),
        rules.recipient_authority_is_named(leg),
        rules.control_officer_is_named(leg),
        rules.channel_is_accredited(leg, rank=rank),
        assurance_is_acknowledged(leg, levels=levels_at_least(policies.get(leg.to), rank)),
    ]
    return conclude(
        findings, facts=digest or canon.digest(facts), obligations=(*OBLIGATIONS, "originator-keeps-control")
    )


def relay_findings(facts: RelayFacts, label: Label, *, rank: int) -> list[Finding]:
    """The arrangement's own rules: hub, both feeders, topic, level, consent."""
    leg, relay = facts.leg, facts.relay
    return [
        rules.instrument_allows(relay.instrument if relay else None, allowed=bool(relay and relay.instrument.release)),
        hub_is_between(relay, hub=leg.us),
        first_leg_is_open(facts.first, relay.first_feeder if relay else None, rank=rank),
        second_leg_is_open(leg.instrument, relay.second_feeder if relay else None, rank=rank),
        topic_is_carried(relay, topic=facts.topic),
        level_is_opened(
            level=label.classification,
            rank=rank,
            opened=bool(relay and relay.opened),
            standing=is_standing(facts.consent),
        ),
        consent_covers(
            facts.consent,
            Wanted(
                originator=leg.originator,
                holder=leg.us,
                recipient=leg.to,
                item=leg.item,
                manifest=facts.manifest,
                label=facts.label_digest,
                level=label.classification,
                topic=facts.topic,
                topics=relay.topics if relay else None,
                instrument=relay.instrument.id if relay else None,
                purpose=leg.purpose,
                now=leg.now,
            ),
            withdrawn=facts.withdrawn,
        ),
    ]


def hub_is_between(relay: RelayTermsFacts | None, *, hub: PartyCode) -> Finding:
    """A relay goes from one end over its hub to another end, never directly.

    Source: TR-1.
    """
    ends = relay is not None and relay.first_feeder is not None and relay.second_feeder is not None
    return rules.finding(
        holds=relay is not None and relay.hub == hub and ends and relay.first_feeder != relay.second_feeder,
        code="not-the-hub",
        clause="TR-1",
        yes=f"{hub} is the hub between the two",
        no=f"{hub} is no hub between the two: a relay has no direct route",
    )


def first_leg_is_open(feeder: InstrumentFacts | None, wanted: str | None, *, rank: int) -> Finding:
    """The originator's leg is carried under its feeder, in force and up to its ceiling; without it the leg is closed.

    Source: TR-8, relay 5.2 step 2.
    """
    return rules.finding(
        holds=_is_open(feeder, wanted, rank=rank),
        code="first-leg-closed",
        clause="TR-8",
        yes=f"the first leg is open: {_stands(feeder)}",
        no=f"the first leg is closed: {_stands(feeder)}, or the level lies above its ceiling",
    )


def second_leg_is_open(feeder: InstrumentFacts | None, wanted: str | None, *, rank: int) -> Finding:
    """The recipient's leg, by the same rule.

    Source: TR-8, relay 5.2 step 6.
    """
    return rules.finding(
        holds=_is_open(feeder, wanted, rank=rank),
        code="second-leg-closed",
        clause="TR-8",
        yes=f"the second leg is open: {_stands(feeder)}",
        no=f"the second leg is closed: {_stands(feeder)}, or the level lies above its ceiling",
    )


def topic_is_carried(relay: RelayTermsFacts | None, *, topic: str) -> Finding:
    """Only what the table of topics names, of nuclear and missile threats; unknown topics are out.

    Source: TR-2.
    """
    return rules.finding(
        holds=relay is not None and relay.carried,
        code="topic-out-of-scope",
        clause="TR-2",
        yes=f"the relay carries `{topic}`",
        no=f"the relay does not carry `{topic}`",
    )


def level_is_opened(*, level: str, rank: int, opened: bool, standing: bool) -> Finding:
    """Above SECRET a level needs its party's own rule and a consent for the very item; SECRET and below do not.

    Source: TR-6.
    """
    above = rank >= ABOVE_SECRET or level in rules.KEPT_AT_HOME
    return rules.finding(
        holds=not above or (opened and not standing),
        code="level-not-opened",
        clause="TR-6",
        yes="the level may be relayed",
        no=f"`{level}` is relayed only if its party's own rule opens it, and by consent for the very item",
    )


def _is_open(feeder: InstrumentFacts | None, wanted: str | None, *, rank: int) -> bool:
    return feeder is not None and feeder.id == wanted and feeder.release and rank <= feeder.ceiling


def _stands(feeder: InstrumentFacts | None) -> str:
    return f"{feeder.id} is {feeder.state}" if feeder else "no feeder agreement is known"


def _is_booked(facts: RelayFacts) -> Finding:
    return rules.finding(
        holds=facts.own_mark is not None,
        code="not-booked",
        clause="G4-2",
        yes="booked under our own mark",
        no="the item has not been booked: the hub's own mark comes first",
    )


def _envelope_is_kept(facts: RelayFacts) -> Finding:
    return rules.finding(
        holds=facts.kept,
        code="envelope-not-kept",
        clause="TR-5",
        yes="the originator's envelope is as it came",
        no="the item came before we were the hub of its relay: its originator releases it again",
    )


def _rank(label: Label, policies: Mapping[PartyCode, Policy]) -> int:
    policy = policies.get(label.originator)
    level = policy.find(label.classification) if policy else None
    return level.rank if level else 99
