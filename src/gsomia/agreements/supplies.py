"""Supplies under a cross-servicing agreement: an order needs one that is in force, and none ever was.

Source: T12 to T14, G21-1.
"""

from collections.abc import Sequence

from gsomia.agreements.facts import Fact, force_begins
from gsomia.agreements.family import PactProfile
from gsomia.instants import Instant
from gsomia.labels import LabelRefusal


def check_order(facts: Sequence[Fact], profile: PactProfile, *, at: Instant) -> LabelRefusal | None:
    """Why supplies cannot be ordered under an instrument, if they cannot.

    Args:
        facts: the instrument's own history, and the acts a node holds.
        profile: of the instrument.
        at: the instant of the order.

    Source: T12 to T14, G21-1.
    """
    force = force_begins(facts, profile.id, parties=profile.between)
    if force is not None and force <= at:
        return None
    heard = [fact for fact in facts if fact.instr == profile.id and fact.eff <= at]
    last = max(heard, key=lambda fact: (fact.eff, fact.n), default=None)
    return LabelRefusal(
        code="nothing-in-force",
        clause="T14",
        text=f"`{profile.id}` is not in force: last on record is {last.name if last else 'nothing'}",
    )
