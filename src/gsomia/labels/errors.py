"""What can be wrong with policies and labels, and what a refusal says when it is a value.

Reading bytes raises. Deciding does not: a "no" is a `LabelRefusal`, whose code and clause become a decision's reason.
"""

from dataclasses import dataclass

from gsomia.errors import LocalError, PartnerError


class LabelError(PartnerError):
    """A policy, a level table or a label from outside does not hold together."""


class LabelUseError(LocalError):
    """Our side asked for a level, a caveat or a clearance that our policy does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRefusal:
    """Why the answer is no: a stable slug, the clause behind it, and one line for a person of this node."""

    code: str
    clause: str
    text: str
