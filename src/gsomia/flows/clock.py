"""A clock that jumped: what depends on a date waits until it is right again; everything else goes on.

The order of the record is the log's index, and the time of entries never runs backwards, so a wrong clock breaks
nothing that is recorded. But a release, a reading or an act under an agreement is allowed by the date.

Source: design 2 (degraded), design 5 (a larger step of the clock holds only acts that depend on a date).
"""

from gsomia.errors import UnavailableError
from gsomia.flows.desk import Desk, private_log
from gsomia.flows.logs import current_log
from gsomia.flows.ports import Tx

MAX_STEP_S = 300
"""A smaller step is drift, as partners' clocks have it too."""


def clock_step_s(tx: Tx, desk: Desk) -> int:
    """By how many seconds the clock is off: behind the last entry, or stepped either way since the node was opened."""
    last = tx.head(current_log(tx, private_log(desk.party))).last_at
    behind = max(0, last.epoch_s - desk.clock().epoch_s) if last is not None else 0
    return max(behind, abs(desk.clock_step()))


def require_clock(tx: Tx, desk: Desk) -> None:
    """Hold an act that depends on the date while the clock is off.

    Raises:
        UnavailableError: it is.
    """
    step = clock_step_s(tx, desk)
    if step > MAX_STEP_S:
        raise UnavailableError(
            "flows/clock-stepped",
            f"the clock is off by `{step}` seconds: nothing that depends on the date is done",
            remedy="set the clock; if it is right now and was wrong before, start the node again",
        )
