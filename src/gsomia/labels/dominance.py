"""Which of two labels protects more, and what protects both; only ever inside one policy.

What counts is a label's *protection*: level, restrictive values, and for each permissive tag whom it lets in, with
silence spelled out (nobody but the owner, or everyone, as the policy says). Protections of one policy form a lattice:
a higher rank, more restrictive values and fewer permissive ones protect more. Two levels of one rank are not
comparable; both lie under the next higher level, where there is exactly one.

Known gap: two labels that nobody can read may be equal in meaning and still not be ordered. That errs to the safe side.

Source: labels 7 (dominance, roll-up, laws 1 to 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gsomia.ids import PartyCode
from gsomia.labels.errors import LabelError, LabelRefusal
from gsomia.labels.label import ANY, Label, Wildcard
from gsomia.labels.policy_file import Absent, Policy, TagKind
from gsomia.labels.validate import validate

Admitted = frozenset[str] | Wildcard
"""Whom a permissive tag lets in: these, or anyone. The empty set is nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What of a label decides who may read. Two labels with one protection are read by the same people.

    Invariant (silence spelled out): `permissive` has a line for every permissive tag of the policy, in its order.
    """

    policy: PartyCode
    version: int
    classification: str
    rank: int
    restrictive: frozenset[tuple[str, str]]
    permissive: tuple[tuple[str, Admitted], ...]


def protection(label: Label, *, policy: Policy) -> Protection:
    """What `label` protects with, under its own policy.

    Raises:
        LabelError: the label does not hold under `policy`; ask `validate` first to answer without raising.

    Source: labels 7 (replace "absent" by the owner before comparing).
    """
    problems = validate(label, policy=policy)
    if problems:
        raise LabelError(
            "labels/label-invalid", problems[0].text, clauses=sorted({problem.clause for problem in problems})
        )
    named = {category.tag: category.values for category in label.permissive}
    permissive: list[tuple[str, Admitted]] = []
    for tag in policy.tags:
        if tag.kind is TagKind.PERMISSIVE:
            silence: Admitted = frozenset({label.originator}) if tag.absent is Absent.OWNER_ONLY else ANY
            values = named.get(tag.name)
            spelled = frozenset(values) if isinstance(values, tuple) else values
            permissive.append((tag.name, silence if spelled is None else spelled))
    return Protection(
        policy=policy.party,
        version=policy.version,
        classification=label.classification,
        rank=policy.classification(label.classification).rank,
        restrictive=frozenset(
            (category.tag, value)
            for category in label.restrictive
            if isinstance(category.values, tuple)
            for value in category.values
        ),
        permissive=tuple(permissive),
    )


def leq(lower: Protection, upper: Protection) -> bool:
    """Whether `upper` protects at least as much as `lower`, in every respect.

    Source: labels 7, laws 1 and 2.
    """
    return (
        _same_policy(lower, upper)
        and (lower.classification == upper.classification or lower.rank < upper.rank)
        and lower.restrictive <= upper.restrictive
        and all(
            wide is ANY or (narrow is not ANY and narrow <= wide)
            for (_, wide), (_, narrow) in zip(lower.permissive, upper.permissive, strict=True)
        )
    )


def join(left: Protection, right: Protection, *, policy: Policy) -> Protection | LabelRefusal:
    """The least protection that is enough for both: higher level, all restrictive values, only common permissive ones.

    Source: labels 1.2 (roll-up), law 1.
    """
    if not _same_policy(left, right) or left.policy != policy.party:
        return _incomparable()
    higher = left if left.rank >= right.rank else right
    level: tuple[str, int] | None = (higher.classification, higher.rank)
    if left.rank == right.rank and left.classification != right.classification:
        level = _only_level(policy, min((c.rank for c in policy.classifications if c.rank > left.rank), default=0))
    if level is None:
        return _incomparable()
    return _with(
        left,
        level=level,
        restrictive=left.restrictive | right.restrictive,
        admitted=[_common(a, b) for (_, a), (_, b) in zip(left.permissive, right.permissive, strict=True)],
    )


def meet(left: Protection, right: Protection, *, policy: Policy) -> Protection | LabelRefusal:
    """The greatest protection that both have. Never a ground for lowering a label.

    Source: law 1.
    """
    if not _same_policy(left, right) or left.policy != policy.party:
        return _incomparable()
    lower = left if left.rank <= right.rank else right
    level: tuple[str, int] | None = (lower.classification, lower.rank)
    if left.rank == right.rank and left.classification != right.classification:
        level = _only_level(policy, max((c.rank for c in policy.classifications if c.rank < left.rank), default=0))
    if level is None:
        return _incomparable()
    return _with(
        left,
        level=level,
        restrictive=left.restrictive & right.restrictive,
        admitted=[_either(a, b) for (_, a), (_, b) in zip(left.permissive, right.permissive, strict=True)],
    )


def rollup(labels: Sequence[Label], *, policy: Policy) -> Protection | LabelRefusal:
    """What the whole needs when its portions carry `labels`.

    The whole may be readable by nobody although each portion is by someone; an officer then splits it (A-14).

    Raises:
        LabelError: a label does not hold under `policy`.
        ValueError: no labels.

    Source: labels 1.2 (roll-up), law 4, G4-6.
    """
    whole, *others = (protection(label, policy=policy) for label in labels)
    for part in others:
        joined = join(whole, part, policy=policy)
        if isinstance(joined, LabelRefusal):
            return joined
        whole = joined
    return whole


def _same_policy(left: Protection, right: Protection) -> bool:
    return (left.policy, left.version) == (right.policy, right.version)


def _only_level(policy: Policy, rank: int) -> tuple[str, int] | None:
    found = [(level.id, level.rank) for level in policy.classifications if level.rank == rank]
    return found[0] if len(found) == 1 else None


def _common(left: Admitted, right: Admitted) -> Admitted:
    if isinstance(left, Wildcard):
        return right
    return left if isinstance(right, Wildcard) else left & right


def _either(left: Admitted, right: Admitted) -> Admitted:
    if isinstance(left, Wildcard) or isinstance(right, Wildcard):
        return ANY
    return left | right


def _with(
    like: Protection, *, level: tuple[str, int], restrictive: frozenset[tuple[str, str]], admitted: list[Admitted]
) -> Protection:
    return Protection(
        policy=like.policy,
        version=like.version,
        classification=level[0],
        rank=level[1],
        restrictive=restrictive,
        permissive=tuple((tag, who) for (tag, _), who in zip(like.permissive, admitted, strict=True)),
    )


def _incomparable() -> LabelRefusal:
    return LabelRefusal(
        code="levels-incomparable", clause="EQ-5", text="no one level of one policy stands over or under both"
    )
