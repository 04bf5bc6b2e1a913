"""May this item go to that party?"""

from collections.abc import Mapping

from gsomia import canon
from gsomia.agreements import Agreement
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.labels import Label, LabelRefusal, Policy, Translated, translate
from gsomia.policy import rules
from gsomia.policy.assurance import assurance_is_acknowledged
from gsomia.policy.consent import Wanted, consent_covers
from gsomia.policy.decision import Decision, Finding, Reason, conclude
from gsomia.policy.request import GivenFacts, InstrumentFacts, OnwardFacts, ReleaseFacts

OBLIGATIONS = (
    "mark-before-access",
    "protect-as-own-equivalent",
    "no-third-party-without-consent",
    "use-for-purpose-only",
)
"""What a permit binds the recipient to (G4-2, G6-1, G6-3, G6-4)."""


def decide_release(
    facts: ReleaseFacts,
    *,
    agreement: Agreement | None,
    policies: Mapping[PartyCode, Policy],
    digest: HexDigest | None = None,
) -> Decision:
    """Decide a release. Never raises for "no"; every rule is asked, so that every reason is known.

    Args:
        facts: everything the rules read.
        agreement: the version that `facts.instrument` names; None if there is none.
        policies: national label policies by party.
        digest: of the facts, if the caller has spelled them already.

    Source: G1-2, G4-1 to G4-5, G6-1, G7-5, G10-2, G12-11, F-14.
    """
    level, translated = _level(facts, agreement, policies)
    rank = translated.rank if translated else 99
    findings = [
        rules.instrument_allows(facts.instrument, allowed=bool(facts.instrument and facts.instrument.release)),
        rules.both_are_parties(facts),
        rules.item_is_ours(facts),
        rules.is_still_held(facts),
        *level,
        rules.level_is_shared(
            level=facts.label.classification,
            opened=agreement is not None and agreement.opens(facts.label.classification),
        ),
        rules.authority_is_named(facts),
        rules.recipient_authority_is_named(facts),
        rules.decider_may_release(facts),
        rules.decider_is_another(facts),
        rules.is_cleared(facts.decider, level=facts.label.classification, now=facts.now),
        rules.purpose_is_stated(facts),
        rules.label_admits_recipient(facts),
        rules.control_officer_is_named(facts),
        rules.channel_is_accredited(facts, rank=rank),
        assurance_is_acknowledged(facts, levels=levels_at_least(policies.get(facts.to), rank)),
    ]
    return conclude(findings, facts=digest or canon.digest(facts), obligations=OBLIGATIONS)


def decide_onward(
    facts: OnwardFacts,
    *,
    agreement: Agreement | None,
    policies: Mapping[PartyCode, Policy],
    digest: HexDigest | None = None,
) -> Decision:
    """Decide whether an item of another originator may go on to a third party. Silence is no.

    Args:
        facts: everything the rules read.
        agreement: the version that `facts.instrument` names; None if there is none.
        policies: national label policies by party.
        digest: of the facts, if the caller has spelled them already.

    Source: G6-1, G4-6, A-08, TR-4, TR-5, labels law 9 (mappings are never composed).
    """
    level, _ = _level(facts, agreement, policies)
    findings = [
        rules.instrument_allows(facts.instrument, allowed=_carries(facts.instrument)),
        rules.both_are_parties(facts),
        consent_covers(facts.consent, wanted_onward(facts), withdrawn=facts.withdrawn),
        *made_of_one(facts),
        rules.is_still_held(facts),
        *level,
    ]
    return conclude(
        findings, facts=digest or canon.digest(facts), obligations=(*OBLIGATIONS, "originator-keeps-control")
    )


def wanted_onward(facts: OnwardFacts) -> Wanted:
    """What a consent has to cover: of a derived item, the item its originator gave, at the level of what was made.

    Source: G6-1, G4-6.
    """
    (given,) = facts.given[:1] or (
        GivenFacts(item=facts.item, manifest=facts.manifest, label=facts.label, label_digest=facts.label_digest),
    )
    return Wanted(
        originator=facts.originator,
        holder=facts.us,
        recipient=facts.to,
        item=given.item,
        manifest=given.manifest,
        label=given.label_digest,
        level=facts.label.classification,
        topic=facts.topic,
        topics=None,
        instrument=facts.instrument.id if facts.instrument else None,
        purpose=facts.purpose,
        now=facts.now,
    )


def made_of_one(facts: OnwardFacts) -> list[Finding]:
    """What was made here goes on under the consent for what it was made from, if that is one item and no lower.

    Source: G6-1, G4-6, G15-4.
    """
    if not facts.given:
        return []
    levels = {given.label.classification for given in facts.given}
    return [
        rules.finding(
            holds=len(facts.given) == 1 and levels == {facts.label.classification},
            code="consent-for-a-part",
            clause="G6-1",
            yes="made from the one item that the consent names, at its level",
            no="made from several items, or with more than the consent names: ask for consent to each of them",
        )
    ]


def _carries(instrument: InstrumentFacts | None) -> bool:
    # Passing on is a new provision under the instrument with the third party: one that has ended carries nothing.
    return bool(instrument and instrument.onward and instrument.release)


def _level(
    facts: ReleaseFacts | OnwardFacts, agreement: Agreement | None, policies: Mapping[PartyCode, Policy]
) -> tuple[list[Finding], Translated | None]:
    return read_level(facts.label, agreement, facts.instrument, policies, to=facts.to, now=facts.now)


def read_level(
    label: Label,
    agreement: Agreement | None,
    instrument: InstrumentFacts | None,
    policies: Mapping[PartyCode, Policy],
    *,
    to: PartyCode,
    now: Instant,
) -> tuple[list[Finding], Translated | None]:
    """What the agreement's own table makes of the originator's label for a recipient, and whether the ceiling holds.

    The ceiling is that of the instrument as its arrangements leave it; the table is that of the text the facts name.

    Source: G4-3, G4-4, G5-2, EQ-2, TR-7, law 9 (never composed, never lower).
    """
    from_policy, to_policy = policies.get(label.originator), policies.get(to)
    is_named = instrument is not None and agreement is not None and agreement.digest == instrument.agreement
    if not is_named or instrument is None or agreement is None or from_policy is None or to_policy is None:
        unknown = Reason(code="level-unknown", clause="EQ-2", text="the level cannot be read through any agreement")
        return [Finding(holds=False, reason=unknown)], None
    result = translate(label, table=agreement.table, from_policy=from_policy, to_policy=to_policy, now=now)
    if isinstance(result, LabelRefusal):
        return [Finding(holds=False, reason=Reason(code=result.code, clause=result.clause, text=result.text))], None
    in_table = Reason(code="level-in-table", clause="G4-3", text="the level stands in the agreement's table")
    ceiling = rules.finding(
        holds=from_policy.classification(label.classification).rank <= min(agreement.terms.ceiling, instrument.ceiling),
        code="above-ceiling",
        clause="G4-4",
        yes="the level lies within the ceiling",
        no="the level lies above the agreement's ceiling",
    )
    return [Finding(holds=True, reason=in_table), ceiling], result


def levels_at_least(policy: Policy | None, rank: int) -> tuple[str, ...]:
    """The levels of a party that protect at least so much."""
    return tuple(c.id for c in policy.classifications if c.rank >= rank and not c.obsolete) if policy else ()
