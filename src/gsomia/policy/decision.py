"""A decision is a value: permit or deny, with every reason, and the facts it rests on.

It can be shown to an auditor, replayed for any past day and simulated for a future one. `exchange.outbox` takes a
`Permit`, so a release without a decision cannot be written down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gsomia.ids import HexDigest

RULES_VERSION = "2026-11f"
"""Changes whenever a rule may decide differently; every decision records it."""


class Verdict(StrEnum):
    """Yes or no. Unknown is no."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one rule found: a stable code, the clause behind it, and one line for a person."""

    code: str
    clause: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's answer."""

    holds: bool
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict of all rules of one question on one set of facts."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    obligations: tuple[str, ...]
    facts: HexDigest
    rules_version: str


class Permit:
    """Proof that a decision said yes; only `permit` makes one."""

    __slots__ = ("decision",)

    def __init__(self, decision: Decision) -> None:
        if decision.verdict is not Verdict.PERMIT:
            msg = "a permit needs a decision that permits"
            raise ValueError(msg)
        self.decision = decision


def conclude(findings: Iterable[Finding], *, facts: HexDigest, obligations: tuple[str, ...]) -> Decision:
    """Permit if every rule holds, else deny with every reason against. Obligations bind only a permit."""
    found = tuple(findings)
    against = tuple(finding.reason for finding in found if not finding.holds)
    if against or not found:
        return Decision(verdict=Verdict.DENY, reasons=against, obligations=(), facts=facts, rules_version=RULES_VERSION)
    return Decision(
        verdict=Verdict.PERMIT,
        reasons=tuple(finding.reason for finding in found),
        obligations=obligations,
        facts=facts,
        rules_version=RULES_VERSION,
    )
