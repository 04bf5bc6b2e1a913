"""May this person read this item for this purpose?"""

from gsomia import canon
from gsomia.ids import HexDigest
from gsomia.policy import rules
from gsomia.policy.decision import Decision, conclude
from gsomia.policy.request import AccessFacts

OBLIGATIONS = ("slip-before-reading", "view-is-not-a-copy")
"""What a permit binds the reader and the node to (F-07, A-19)."""


def decide_access(facts: AccessFacts, *, digest: HexDigest | None = None) -> Decision:
    """Decide a reading. Official, duty, clearance, roster and an accredited place are all required; rank gives nothing.

    Our own items need no instrument: national law governs them, and the same rules.

    Args:
        facts: everything the rules read.
        digest: of the facts, if the caller has spelled them already.

    Source: G4-2, G6-2, G6-4, G6-6, G6-9, G7-1, G7-2, G7-6, G10-1, A-16, A-22.
    """
    ours = facts.originator == facts.us
    governed = rules.instrument_allows(facts.instrument, allowed=bool(facts.instrument and facts.instrument.access))
    findings = [
        *([] if ours else [governed]),
        rules.is_still_held(facts),
        rules.is_booked(facts),
        rules.is_official(facts),
        *([] if facts.declassified else [rules.is_cleared(facts.reader, level=facts.own_mark, now=facts.now)]),
        rules.duty_needs_it(facts),
        rules.is_on_roster(facts),
        rules.site_is_accredited(facts),
        rules.nationality_is_ours(facts),
        rules.employer_is_ours(facts),
        *([] if ours else [rules.person_is_not_declined(facts)]),
        rules.purpose_is_the_given_one(facts),
        rules.purpose_is_open(facts),
        rules.blanket_purpose_is_agreed(facts),
    ]
    findings.append(rules.rank_gives_nothing(facts, findings))
    return conclude(findings, facts=digest or canon.digest(facts), obligations=OBLIGATIONS)
