"""Two registers compared by number: each side says numbers and states only, and every difference has an age.

Nobody sees the other's ledger. What moved after the other side drew up its list is not compared yet.

Source: A-34, LEDGER-8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act
from gsomia.registry.lines import CopyLine, Place

RECONCILIATION = "reconciliation"
MOST_LINES = 5000
"""So many transmittals fit into one list; further ones wait for a narrower one."""

Number = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,80}\\Z")]


class Known(StrEnum):
    """How far a transmittal is, as one side knows it."""

    SENT = "sent"
    ARRIVED = "arrived"
    RECEIPTED = "receipted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledLine:
    """One transmittal: who sent it, how far it is, and since when that side knows of it."""

    number: Number
    sender: PartyCode
    state: Known
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What one side says to the other: its transmittals that are open or moved since a day.

    Source: A-34.
    """

    party: PartyCode
    to: PartyCode
    since: Instant
    lines: Annotated[tuple[ReconciledLine, ...], Meta(max_length=MOST_LINES)]
    at: Instant


ReconciliationAct = Act[Reconciliation]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRecord:
    """A list of ours or of a partner's, as it was said."""

    party: PartyCode
    to: PartyCode
    list: Reconciliation
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A transmittal on which the registers do not agree; None where one side does not know it."""

    number: str
    sender: PartyCode
    ours: Known | None
    theirs: Known | None
    since: Instant
    age_days: int


def number_of(line: CopyLine) -> str | None:
    """The number under which a copy went or came."""
    return line.package or line.consignment


def state_of(line: CopyLine, *, us: PartyCode) -> tuple[PartyCode, Known] | None:
    """Who sent a copy that crossed the border, and how far it is; None if it never did, or was refused.

    What ended after it was received counts as receipted: the end has its own proofs. What was carried over from paper
    has no number that the other side knows.
    """
    if line.counterpart is None or number_of(line) is None or line.made == "carried-over":
        return None
    if line.made == "received":
        return line.counterpart, Known.ARRIVED if line.place is Place.ARRIVED else Known.RECEIPTED
    if line.place is Place.DESTROYED and line.custodian == us:
        return None  # a consignment that the recipient refused
    return us, Known.SENT if line.place is Place.IN_TRANSIT else Known.RECEIPTED


def reconcile_lines(copies: Iterable[CopyLine], *, us: PartyCode, since: Instant) -> tuple[ReconciledLine, ...]:
    """One line for each transmittal that is open or moved since a day; of several copies in one, the last to follow."""
    order = list(Known)
    found: dict[tuple[str, PartyCode], ReconciledLine] = {}
    for copy in copies:
        stands, number = state_of(copy, us=us), number_of(copy)
        if stands is None or number is None:
            continue
        sender, state = stands
        if state is Known.RECEIPTED and copy.at < since:
            continue
        known = found.get((number, sender))
        if known is None or order.index(state) < order.index(known.state):
            found[number, sender] = ReconciledLine(number=number, sender=sender, state=state, since=copy.at)
    return tuple(sorted(found.values(), key=lambda line: (line.sender, line.number)))


def compare(ours: Iterable[ReconciledLine], theirs: Reconciliation, *, now: Instant) -> tuple[Difference, ...]:
    """Where two registers differ, as of the moment the other side drew up its list.

    Args:
        ours: every transmittal with that party that we know, not only the recent ones.
        theirs: the last list heard of it.
        now: from when ages are counted.
    """
    mine = {(line.sender, line.number): line for line in ours}
    other = {(line.sender, line.number): line for line in theirs.lines}
    found = []
    for key in sorted(mine.keys() | other.keys()):
        a, b = mine.get(key), other.get(key)
        if a is not None and (a.since > theirs.at or (b is None and not _must_be_known(a, theirs))):
            continue
        states = (a.state if a else None, b.state if b else None)
        if _agree(*states):
            continue
        since = max(line.since for line in (a, b) if line is not None)  # they differ since the later step
        age = max(0, (now.epoch_s - since.epoch_s) // 86_400)
        found.append(
            Difference(number=key[1], sender=key[0], ours=states[0], theirs=states[1], since=since, age_days=age)
        )
    return tuple(found)


def _must_be_known(line: ReconciledLine, theirs: Reconciliation) -> bool:
    # What was settled before the window they looked at is not in their list, and needs not be.
    return line.state is not Known.RECEIPTED or line.since >= theirs.since


def _agree(ours: Known | None, theirs: Known | None) -> bool:
    return ours is theirs or {ours, theirs} == {Known.SENT, Known.ARRIVED}
