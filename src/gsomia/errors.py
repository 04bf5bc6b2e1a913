"""The trunk of the error tree: whose fault it is, a stable code, and what to do about it.

Leaves live in `<room>/errors.py`. Inside a node an error tells everything; across the border only `code` and a
correlation id travel. A parser raises its room's error and nothing else.

    >>> LocalError("flows/unknown-item", "there is no item `itm_x`", remedy="list them: `gsomia item list`").exit_code
    2
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class NodeError(Exception):
    """Anything a node refuses or cannot do.

    Args:
        code: stable, `room/slug`, listed in `docs/errors.md`.
        message: one line, lower case, values in backticks; ids and policy names only, never titles or content.
        remedy: what the reader can do about it.
        clauses: ids of the clauses of `docs/sources.md` that stand behind a refusal.
        evidence: what proves the failure (raw bytes, digests, checkpoints).
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: str = "",
        clauses: Sequence[str] = (),
        evidence: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.clauses = tuple(clauses)
        self.evidence = dict(evidence or {})


class LocalError(NodeError):
    """Our side asked for something that cannot be: the operator, the configuration or the caller."""

    exit_code = 2


class PartnerError(NodeError):
    """The other side broke the protocol or the agreement; recorded, and answered with the code alone."""

    exit_code = 1


class VerificationError(PartnerError):
    """A proof did not hold; the evidence is attached."""


class RefusedError(NodeError):
    """A decision said no; carries every reason's clause."""

    exit_code = 3


class WaitingError(NodeError):
    """The act needs a second person before it takes effect."""

    exit_code = 4


class UnreachableError(NodeError):
    """The partner was not reached; what was to be said stays queued."""

    exit_code = 5


class UnavailableError(NodeError):
    """This node cannot do it now (locked, disk full); the same call may succeed later."""

    exit_code = 75


class IntegrityError(NodeError):
    """Our own record does not hold; the node stops sealing and opening."""

    exit_code = 70
