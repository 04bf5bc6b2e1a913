"""What is left of an instrument that has ended: it is closed when nothing is.

`closed` is no legal state: the duties over what was given go on without end (G21-5), and so does the register, as long
as one item remains. It is counted from the record whenever it is asked.

Source: A-36, G21-5.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from gsomia.flows.case_file import open_incidents
from gsomia.flows.desk import Desk
from gsomia.flows.hold import lying_on_hold
from gsomia.flows.ports import Tx
from gsomia.ids import InstrumentId, PartyCode
from gsomia.registry import CopyLine, Place

_LEFT: Mapping[Place, str] = MappingProxyType(
    {
        Place.ARRIVED: "held",
        Place.HELD: "held",
        Place.HANDED_ON: "held",
        Place.IN_TRANSIT: "on-the-way",
        Place.LOST: "lost",
    }
)
"""How a copy is counted by where it stands; what was given back or destroyed is not left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """How many copies are left under an instrument, as this node knows it.

    Attributes:
        held_of: each party's that another party holds: partners' that are here, and ours that are there.
        on_the_way: sent, and receipted by nobody yet; what lies on hold at a partner is among them.
        lost: neither found again nor certified as gone.
        on_hold: what came here after the end and is not destroyed.
        incidents: open ones that may be under it.
    """

    held_of: Mapping[PartyCode, int]
    on_the_way: int
    lost: int
    on_hold: int
    incidents: int

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left."""
        return not any((*self.held_of.values(), self.on_the_way, self.lost, self.on_hold, self.incidents))


def remains_of(tx: Tx, desk: Desk, instrument: InstrumentId, *, parties: Iterable[PartyCode]) -> Remains:
    """Count what is left under an instrument between us and its other parties."""
    held: Counter[PartyCode] = Counter()
    others: Counter[str] = Counter()
    for party in set(parties) - {desk.party}:
        tally = tx.tally(CopyLine, by=("instrument", "originator", "place"), counterpart=party)
        for (under, originator, place), count in tally.items():
            how = _LEFT.get(Place(str(place))) if under == instrument else None
            if how == "held":
                held[cast("PartyCode", originator)] += count
            elif how is not None:
                others[how] += count
    return Remains(
        held_of=held,
        on_the_way=others["on-the-way"],
        lost=others["lost"],
        on_hold=len(lying_on_hold(tx, desk, instrument=instrument)),
        incidents=open_incidents(tx, desk, instrument),
    )
