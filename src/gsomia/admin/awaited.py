"""A command whose answer waits for something that the worker or a partner does; no thread waits with it."""

from collections.abc import Callable
from dataclasses import dataclass

from gsomia.admin.line import ANSWER_TIMEOUT_S, Document

LONGEST_WAIT_S = ANSWER_TIMEOUT_S // 2
"""No command waits longer: whoever asked hears of it before they give the node up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What a command answers once something came, or when the time is over.

    Args:
        look: whether it came, and the answer as it stands; asked again whenever something was settled.
        timeout_s: so long is waited, at most `LONGEST_WAIT_S`.
    """

    look: Callable[[], tuple[bool, Document]]
    timeout_s: float

    def __post_init__(self) -> None:
        """Hold the time within what is waited at all."""
        object.__setattr__(self, "timeout_s", min(max(0, self.timeout_s), LONGEST_WAIT_S))
