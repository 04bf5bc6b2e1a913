"""Does an assurance of the recipient carry a release today? Decided from what was said about it, and the clock."""

from collections.abc import Iterable
from enum import StrEnum

from gsomia.instants import Instant
from gsomia.policy.decision import Finding
from gsomia.policy.request import AssuranceFacts, ReleaseFacts
from gsomia.policy.rules import finding


class AssuranceStanding(StrEnum):
    """How an assurance stands at an instant. Only an acknowledged one carries anything."""

    GIVEN = "given"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


def assurance_standing(known: AssuranceFacts, *, now: Instant) -> AssuranceStanding:
    """How an assurance stands, from the acts about it in whatever order they came.

    What was withdrawn stays so; what another one replaced is not used again; what ended waits for no acknowledgement.

    Source: G7-5, F-24.
    """
    until = known.assurance.valid.until
    if known.withdrawn:
        return AssuranceStanding.WITHDRAWN
    if known.superseded:
        return AssuranceStanding.SUPERSEDED
    if until is not None and until <= now:
        return AssuranceStanding.EXPIRED
    return AssuranceStanding.ACKNOWLEDGED if known.acknowledgement is not None else AssuranceStanding.GIVEN


def assurance_is_acknowledged(facts: ReleaseFacts, *, levels: Iterable[str]) -> Finding:
    """The recipient gave the three-part assurance for this purpose and at least this level, and we acknowledged it.

    If none carries the release, the last one given for the purpose says why.

    Args:
        facts: the assurances of the recipient.
        levels: the recipient's own levels that satisfy the item.

    Source: G7-5, F-24.
    """
    wanted = set(levels)
    about = [known for known in facts.assurances if _is_about(known, facts)]
    found = [_carries(known, facts, levels=wanted) for known in about]
    return next((one for one in found if one.holds), found[-1] if found else _none(facts))


def _none(facts: ReleaseFacts) -> Finding:
    return finding(
        holds=False,
        code="no-assurance",
        clause="G7-5",
        yes="",
        no=f"{facts.to} assured nothing for this purpose that was acknowledged: ask it for an assurance",
    )


def _carries(known: AssuranceFacts, facts: ReleaseFacts, *, levels: set[str]) -> Finding:
    standing = assurance_standing(known, now=facts.now)
    if standing is AssuranceStanding.EXPIRED:
        ended = f"the assurance of {facts.to} ended on {known.assurance.valid.until}: ask it for a new one"
        return finding(holds=False, code="assurance-expired", clause="G7-5", yes="", no=ended)
    if standing is AssuranceStanding.WITHDRAWN:
        taken = f"{facts.to} withdrew its assurance: ask it for a new one"
        return finding(holds=False, code="assurance-withdrawn", clause="G7-5", yes="", no=taken)
    if standing is AssuranceStanding.SUPERSEDED:
        renewed = f"{facts.to} replaced its assurance by another one, which does not cover this"
        return finding(holds=False, code="assurance-superseded", clause="G7-5", yes="", no=renewed)
    if not _is_ours(known, facts):
        waits = f"the assurance of {facts.to} was not acknowledged: acknowledge it first"
        return finding(holds=False, code="assurance-not-acknowledged", clause="G7-5", yes="", no=waits)
    if not known.assurance.valid.covers(facts.now):
        early = f"the assurance of {facts.to} begins on {known.assurance.valid.start}"
        return finding(holds=False, code="assurance-not-yet", clause="G7-5", yes="", no=early)
    return finding(
        holds=known.assurance.level in levels,
        code="assurance-too-low",
        clause="G7-5",
        yes="an acknowledged assurance covers level and purpose",
        no=f"{facts.to} assured `{known.assurance.level}`, which is lower than the item: ask it for a higher one",
    )


def _is_about(known: AssuranceFacts, facts: ReleaseFacts) -> bool:
    """Whether it is of the recipient to us, by a named authority, for the purpose and under the very text."""
    given, instrument = known.assurance, facts.instrument
    return (
        instrument is not None
        and (given.party, given.to) == (facts.to, facts.us)
        and (given.instrument, given.agreement) == (instrument.id, instrument.agreement)
        and any(a.id == given.authority and a.party == facts.to for a in instrument.named)
        and given.purpose == facts.purpose
    )


def _is_ours(known: AssuranceFacts, facts: ReleaseFacts) -> bool:
    said = known.acknowledgement
    return said is not None and (said.assurance, said.party, said.to) == (known.digest, facts.us, facts.to)
