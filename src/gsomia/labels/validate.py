"""Does a label make sense under the policy it names? Every problem is found; what is unknown is never passed over.

Source: labels 3, 7 (validate) and law 10.
"""

from collections.abc import Iterator

from gsomia.labels.errors import LabelRefusal
from gsomia.labels.label import Category, Label
from gsomia.labels.policy_file import Absent, Policy, TagKind


def validate(label: Label, *, policy: Policy) -> tuple[LabelRefusal, ...]:
    """Everything that does not hold between a label and `policy`; empty when all does.

    1. The label names this policy and this version, and was made while the version held.
    2. Its level is one of the policy's, and its mark is that level's, byte for byte.
    3. Its tags and values are the policy's, each of the kind the policy says.

    Source: law 10 (unknown policy, class, tag, value or version is a refusal), EQ-4, EQ-5.
    """
    # (1) this policy, this version
    if label.policy != policy.party:
        return (_no("policy-unknown", "EQ-5", f"a label under `{label.policy}`'s policy is not read by another's"),)
    if label.policy_version != policy.version:
        return (
            _no("policy-version-unknown", "EQ-5", f"version `{label.policy_version}` of the policy is not at hand"),
        )
    return (*_problems(label, policy),)


def unknown_caveats(label: Label, *, policy: Policy) -> tuple[LabelRefusal, ...]:
    """The caveats of a label that `policy` has no word for, or takes as another kind.

    Source: law 10, EQ-8.
    """
    kinds = ((TagKind.RESTRICTIVE, label.restrictive), (TagKind.PERMISSIVE, label.permissive))
    found = [_unknown(category, kind, policy) for kind, categories in kinds for category in categories]
    return tuple(refusal for refusal in found if refusal is not None)


def is_releasable_to(label: Label, party: str, *, policy: Policy) -> bool:
    """Whether every owner-only tag of the originator's policy names `party`; silence means the owner alone.

    Source: EQ-8, labels 7 (OWNER_ONLY).
    """
    named = {category.tag: category for category in label.permissive}
    tags = [tag.name for tag in policy.tags if tag.absent is Absent.OWNER_ONLY]
    return party == label.originator or (bool(tags) and all(tag in named and named[tag].has(party) for tag in tags))


def _problems(label: Label, policy: Policy) -> Iterator[LabelRefusal]:
    if not policy.valid.covers(label.created_at):
        yield _no("policy-not-in-force", "EQ-1", "the policy did not hold when the label was made")
    # (2) its level and mark
    level = policy.find(label.classification)
    if level is None or level.id != label.classification:
        yield _no("classification-unknown", "EQ-5", f"`{policy.party}` has no level `{label.classification}`")
    elif level.mark != label.mark:
        yield _no("mark-differs", "EQ-4", f"the mark is not the one of `{level.id}`")
    # (3) its tags and values
    yield from unknown_caveats(label, policy=policy)


def _unknown(category: Category, kind: TagKind, policy: Policy) -> LabelRefusal | None:
    tag = policy.tag(category.tag)
    if tag is None:
        return _no("tag-unknown", "EQ-8", f"`{policy.party}` has no tag `{category.tag}`")
    if tag.kind is not kind:
        return _no("tag-of-another-kind", "EQ-8", f"`{category.tag}` is not {kind.value.lower()} for `{policy.party}`")
    strangers = sorted(set(category.values) - set(tag.values)) if isinstance(category.values, tuple) else []
    if strangers:
        return _no("value-unknown", "EQ-8", f"`{policy.party}` has no `{strangers[0]}` under `{category.tag}`")
    return None


def _no(code: str, clause: str, text: str) -> LabelRefusal:
    return LabelRefusal(code=code, clause=clause, text=text)
