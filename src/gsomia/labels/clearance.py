"""What a person is cleared for under the law of one party: levels, caveats, until when, on which ground.

A clearance holds a *set* of levels, and the set must be down-closed: every level of a lower rank belongs to it. Only
then does "protects at least as much" carry over to "may read" (law 2). Levels of equal rank stand for themselves: who
is cleared for 極秘 is not thereby cleared for 特定秘密.

A clearance gives nobody access (G7-1); it is one of the conditions.

Source: labels 1.2 (access rule), 1.4 and 7 (Clearance), G7-2 to G7-4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import PartyCode
from gsomia.instants import Instant, Validity
from gsomia.labels.dominance import Protection, protection
from gsomia.labels.errors import LabelRefusal, LabelUseError
from gsomia.labels.label import Category, ClassificationId, Label, Wildcard, check_ascending
from gsomia.labels.policy_file import Absent, Policy
from gsomia.labels.validate import validate


class ClearanceStatus(StrEnum):
    """Whether the granting authority lets it count.

    Source: G7-4, G7-6.
    """

    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class ClearanceStanding(StrEnum):
    """What a clearance comes to at an instant: the authority's word, its dates and its review together.

    Source: G2-6, G7-4, G7-6.
    """

    VALID = "valid"
    NOT_YET = "not-yet"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVIEW_DUE = "review-due"
    """Past its review, which suspends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A personnel security clearance. `basis` refers to the decision, never to the file behind it.

    Invariant (grounded): there is a basis, and the review lies after the start.
    Source: G7-3 (without basis reference invalid), G7-4 (past its review suspended).
    """

    party: PartyCode
    classifications: Annotated[tuple[ClassificationId, ...], Meta(min_length=1, max_length=32)]
    categories: Annotated[tuple[Category, ...], Meta(max_length=16)]
    valid: Validity
    basis: Annotated[str, Meta(min_length=1, max_length=200)]
    review_at: Instant
    status: ClearanceStatus

    def __post_init__(self) -> None:
        """Refuse a clearance without ground or with a second spelling.

        Raises:
            ValueError: an invariant does not hold.
        """
        check_ascending(self.classifications, what="levels")
        check_ascending([category.tag for category in self.categories], what="tags")
        if any(isinstance(category.values, Wildcard) for category in self.categories):
            raise ValueError("a clearance names what it holds")
        if not self.classifications or not self.basis.strip():
            raise ValueError("a clearance has levels and a basis")
        if self.review_at <= self.valid.start:
            raise ValueError("a review before the clearance starts")

    def is_effective(self, now: Instant) -> bool:
        """Whether it counts at `now`: active, valid, and its review not yet due.

        Source: G7-4, law 11.
        """
        return not any(_standing(self, now))

    @property
    def counts_until(self) -> Instant:
        """When it counts no longer by itself: at its review, or at its end if that comes first.

        Source: G2-6, G7-4.
        """
        until = self.valid.until
        return self.review_at if until is None or self.review_at < until else until

    def standing(self, now: Instant) -> ClearanceStanding:
        """How it stands at `now`; it counts if it is valid, and only then.

        Source: G2-6, G7-4, G7-6.
        """
        if self.status is not ClearanceStatus.ACTIVE:
            suspended = self.status is ClearanceStatus.SUSPENDED
            return ClearanceStanding.SUSPENDED if suspended else ClearanceStanding.WITHDRAWN
        if not self.valid.covers(now):
            return ClearanceStanding.NOT_YET if now < self.valid.start else ClearanceStanding.EXPIRED
        return ClearanceStanding.REVIEW_DUE if self.review_at <= now else ClearanceStanding.VALID


def clearance_upto(
    policy: Policy,
    level: str,
    *,
    valid: Validity,
    basis: str,
    review_at: Instant,
    caveats: Sequence[str] = (),
    status: ClearanceStatus = ClearanceStatus.ACTIVE,
) -> Clearance:
    """A clearance for `level` (id or mark), every lower rank, the named caveats, and the party's own releasability.

    Raises:
        LabelUseError: the policy has no such level or caveat, or the basis or the dates do not do.

    Source: labels 7 (`upto` builds down-closed sets).
    """
    top = policy.classification(level)
    known = {value for tag in policy.tags if tag.absent is not Absent.OWNER_ONLY for value in tag.values}
    strangers = sorted(set(caveats) - known)
    if strangers:
        raise LabelUseError("labels/unknown-caveat", f"`{policy.party}` has no caveat `{strangers[0]}`")
    held = {
        tag.name: (policy.party,)
        if tag.absent is Absent.OWNER_ONLY
        else tuple(value for value in tag.values if value in caveats)
        for tag in policy.tags
    }
    try:
        return Clearance(
            party=policy.party,
            classifications=tuple(sorted(c.id for c in policy.classifications if c.rank < top.rank or c is top)),
            categories=tuple(Category(tag=name, values=values) for name, values in sorted(held.items()) if values),
            valid=valid,
            basis=basis,
            review_at=review_at,
            status=status,
        )
    except ValueError as cause:
        raise LabelUseError(
            "labels/clearance-without-ground",
            f"no clearance: {cause}",
            remedy="name the decision it rests on and a review after its start",
            clauses=("G7-3",),
        ) from cause


def check_clearance(clearance: Clearance, *, policy: Policy) -> tuple[LabelRefusal, ...]:
    """What does not hold between a clearance and its party's policy: unknown levels, gaps below.

    Source: law 2 (validate clearances for down-closure), law 10.
    """
    if clearance.party != policy.party:
        return (_no("clearance-of-another", "G2-6", "a clearance counts under its own party's policy only"),)
    held = set(clearance.classifications)
    known = {level.id: level.rank for level in policy.classifications}
    if held - set(known):
        return (_no("clearance-level-unknown", "EQ-5", f"`{policy.party}` has no level `{min(held - set(known))}`"),)
    top = max(known[level] for level in held)
    gaps = sorted(level for level, rank in known.items() if rank < top and level not in held)
    if gaps:
        return (_no("clearance-not-down-closed", "G7-2", f"the clearance skips `{gaps[0]}`"),)
    return ()


def lacks(clearance: Clearance, *, needed: Protection) -> tuple[LabelRefusal, ...]:
    """What of a protection the clearance does not hold, its dates and standing aside.

    Restrictive: all of the values. Permissive: at least one; nobody, if the tag admits nobody.

    Source: labels 1.2 (access rule).
    """
    return (*_lacks(clearance, needed),)


def obstacles(label: Label, *, clearance: Clearance, policy: Policy, now: Instant) -> tuple[LabelRefusal, ...]:
    """Everything that keeps this clearance from this label at `now`; empty when nothing does.

    Source: labels 1.2, G7-2, G7-4, laws 10 and 11.
    """
    broken = (*validate(label, policy=policy), *check_clearance(clearance, policy=policy), *_standing(clearance, now))
    return broken or lacks(clearance, needed=protection(label, policy=policy))


def permits(label: Label, *, clearance: Clearance, policy: Policy, now: Instant) -> bool:
    """Whether the clearance reaches the label at `now`. Need-to-know and office are asked elsewhere.

    Source: labels 7, G7-1.
    """
    return not obstacles(label, clearance=clearance, policy=policy, now=now)


def _standing(clearance: Clearance, now: Instant) -> Iterator[LabelRefusal]:
    if clearance.status is not ClearanceStatus.ACTIVE:
        yield _no("clearance-not-active", "G7-6", f"the clearance is {clearance.status}")
    if not clearance.valid.covers(now):
        yield _no("clearance-not-valid", "G7-2", "the clearance is not valid today")
    if clearance.review_at <= now:
        yield _no("clearance-review-due", "G7-4", "the clearance is past its review and counts as suspended")


def _lacks(clearance: Clearance, needed: Protection) -> Iterator[LabelRefusal]:
    held = {category.tag: frozenset(category.values) for category in clearance.categories}
    if clearance.party != needed.policy or needed.classification not in clearance.classifications:
        yield _no("not-cleared", "G7-2", f"not cleared for `{needed.classification}`")
    if any(value not in held.get(tag, ()) for tag, value in needed.restrictive):
        yield _no("caveat-not-held", "EQ-8", "a caveat of the item is not part of the clearance")
    for tag, admitted in needed.permissive:
        if not isinstance(admitted, Wildcard) and not admitted & held.get(tag, frozenset()):
            yield _no("not-admitted", "EQ-8", f"`{tag}` does not admit the holder")


def _no(code: str, clause: str, text: str) -> LabelRefusal:
    return LabelRefusal(code=code, clause=clause, text=text)
