"""Labels as they are made: the originator's own, and the recipient's beside it.

Only the originator adds or removes caveats. The recipient's label carries them over unchanged, together with the
originator's name, so that silence about releasability still means the originator alone.

Source: G4-1, G4-2, EQ-8, A-07.
"""

from collections.abc import Sequence

from gsomia.instants import Instant
from gsomia.labels.equivalence import Translated, check_own_mark
from gsomia.labels.errors import LabelRefusal, LabelUseError
from gsomia.labels.label import Category, Label, LabelKind, Wildcard
from gsomia.labels.policy_file import Absent, Policy, TagKind


def simple_label(
    policy: Policy,
    classification_id: str,
    *,
    created_at: Instant,
    releasable_to: Sequence[str] | Wildcard | None = None,
    caveats: Sequence[str] = (),
) -> Label:
    """An originator's label: a level (id or mark), whom it may go to, and caveats such as `NO-COPY`.

    Args:
        policy: the originator's.
        classification_id: a level in use.
        created_at: when the originator wrote it.
        releasable_to: None is silence, the owner alone; an empty sequence is nobody; else the owner is added.
        caveats: values of restrictive tags, in any order.

    Raises:
        LabelUseError: the policy has no such level in use, party or caveat.

    Source: G4-1, EQ-8.
    """
    level = policy.classification(classification_id)
    if level.obsolete:
        raise LabelUseError("labels/classification-obsolete", f"`{level.id}` is no longer given (A-37)")
    permissive: list[Category] = []
    if releasable_to is not None:
        permissive.append(_releasable(policy, releasable_to))
    restrictive = [
        Category(tag=tag.name, values=tuple(value for value in tag.values if value in caveats))
        for tag in policy.tags
        if tag.kind is TagKind.RESTRICTIVE and set(tag.values) & set(caveats)
    ]
    strangers = set(caveats) - {value for category in restrictive for value in category.values}
    if strangers:
        raise LabelUseError("labels/unknown-caveat", f"`{policy.party}` has no caveat `{min(strangers)[:40]}`")
    return Label(
        kind=LabelKind.ORIGINATOR,
        policy=policy.party,
        policy_version=policy.version,
        classification=level.id,
        mark=level.mark,
        restrictive=tuple(restrictive),
        permissive=tuple(permissive),
        originator=policy.party,
        created_at=created_at,
    )


def own_label(
    original: Label, *, translated: Translated, chosen: str, policy: Policy, at: Instant
) -> Label | LabelRefusal:
    """The recipient's label for a received item: its own level, the originator's caveats as they came.

    Source: G4-2, EQ-8, A-06, A-07.
    """
    allowed = check_own_mark(translated, chosen)
    if isinstance(allowed, LabelRefusal):
        return allowed
    level = policy.find(allowed)
    if level is None:
        return LabelRefusal(code="policy-unknown", clause="EQ-5", text=f"`{policy.party}` has no level `{allowed}`")
    return Label(
        kind=LabelKind.ALTERNATIVE,
        policy=policy.party,
        policy_version=policy.version,
        classification=level.id,
        mark=level.mark,
        restrictive=original.restrictive,
        permissive=original.permissive,
        originator=original.originator,
        created_at=at,
    )


def check_caveats_kept(original: Label, other: Label) -> LabelRefusal | None:
    """None if `other` carries exactly the caveats of `original`; nobody but the originator changes them.

    Source: EQ-8, G14-1.
    """
    kept = (original.originator, original.restrictive, original.permissive)
    if kept != (other.originator, other.restrictive, other.permissive):
        return LabelRefusal(
            code="caveats-changed", clause="EQ-8", text="only the originator adds or removes caveats of its item"
        )
    return None


def _releasable(policy: Policy, to: Sequence[str] | Wildcard) -> Category:
    tag = next((tag for tag in policy.tags if tag.absent is Absent.OWNER_ONLY), None)
    if tag is None:
        raise LabelUseError("labels/no-releasability", f"`{policy.party}` has no tag that says whom an item may go to")
    if isinstance(to, Wildcard):
        return Category(tag=tag.name, values=to)
    strangers = set(to) - set(tag.values)
    if strangers:
        raise LabelUseError("labels/unknown-caveat", f"`{policy.party}` releases to no `{min(strangers)[:40]}`")
    return Category(tag=tag.name, values=tuple(sorted({*to, policy.party})) if to else ())
