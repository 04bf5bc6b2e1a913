"""What an act would do, day by day, without doing it: the same engine, one act more.

What is simulated equals what the later real act does, because nothing else derives a state than this engine.
"""

from dataclasses import dataclass

from gsomia.agreements.course import Change, Moment
from gsomia.agreements.follow import History, Refused, follow
from gsomia.agreements.lifecycle import FUNCTIONS
from gsomia.agreements.standing import Standing, standing_at
from gsomia.instants import Instant

HORIZON_DAYS = 1830
"""How far ahead the calendar is run: five years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What becomes of one function of the instrument.

    Attributes:
        function: which one.
        now: whether it is allowed right after the act.
        stops: from when it is not, if it stops by itself.
    """

    function: str
    now: bool
    stops: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The instrument before and after the act, and every change the calendar then brings."""

    act: Moment
    refused: Refused | None
    before: Standing
    after: Standing
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]


def simulate_act(history: History, act: Moment) -> Simulation:
    """Put `act` behind what had been done by its instant, and let five years pass.

    Args:
        history: the instrument's course; acts after `act` are left out.
        act: the act, counting from its instant.

    Source: design 5 (simulated for a future one), T16 to T20.
    """
    profile = history.profile
    earlier = [moment for moment in history.acts if moment.at <= act.at]
    then = follow(profile, [*earlier, act], amended=history.amended)
    horizon = act.at.plus(days=HORIZON_DAYS)
    changes = tuple(change for change in then.changes_until(horizon) if change.at >= act.at)
    after = standing_at(*then.reached(act.at), at=act.at)
    refused = next((one for one in then.refused if one.moment.id == act.id), None)
    known = follow(profile, earlier, amended=history.amended)
    stops = {name: _stops(then, name, changes) if getattr(after.allowed, name) else None for name in FUNCTIONS}
    return Simulation(
        act=act,
        refused=refused,
        before=standing_at(*known.reached(act.at), at=act.at),
        after=after,
        changes=changes,
        effects=tuple(
            Effect(function=name, now=bool(getattr(after.allowed, name)), stops=stops[name]) for name in FUNCTIONS
        ),
    )


def _stops(then: History, name: str, changes: tuple[Change, ...]) -> Instant | None:
    for change in changes:
        if change.act is None and not getattr(standing_at(*then.reached(change.at), at=change.at).allowed, name):
            return change.at
    return None
