"""What is left of an instrument that has ended: it is closed when nothing is.

`closed` is no legal state: the duties over what was given go on without end (G21-5), and so does the register, as long
as one item remains. It is counted from the record whenever it is asked.

Source: A-36, G21-5.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

from gsomia.exchange import Delivery, DeliveryStage, Stage
from gsomia.flows.desk import Desk
from gsomia.flows.facts import is_held
from gsomia.flows.hold import lying_on_hold
from gsomia.flows.ports import Tx
from gsomia.ids import InstrumentId, ItemId, PartyCode
from gsomia.registry import ItemDestroyed, ItemRecord

_ON_THE_WAY = frozenset({Stage.QUEUED, Stage.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What is left under an instrument, as this node knows it.

    Attributes:
        items_of: how many items of each party another one holds: partners' that are here, and ours that are there.
        on_the_way: deliveries of ours that were neither received nor refused.
        on_hold: what came after the end and is not destroyed.
    """

    items_of: Mapping[PartyCode, int]
    on_the_way: int
    on_hold: int

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left."""
        return not any((*self.items_of.values(), self.on_the_way, self.on_hold))


class _From(Struct, frozen=True):
    sender: PartyCode
    instrument: InstrumentId


class _Line(Struct, frozen=True):
    id: ItemId
    origin: _From | None


def remains_of(tx: Tx, desk: Desk, instrument: InstrumentId) -> Remains:
    """Count what is left under an instrument."""
    lines = {line.id: line.origin for line in tx.parts(ItemRecord, _Line) if line.origin is not None}
    here = Counter(
        origin.sender
        for item, origin in lines.items()
        if origin.instrument == instrument and is_held(tx, desk.party, item)
    )
    there, on_the_way = set(), 0
    for delivery in tx.every(Delivery):
        if delivery.instrument != instrument:
            continue
        stage = tx.latest(DeliveryStage, consignment=delivery.consignment)
        if stage is None or stage.stage in _ON_THE_WAY:
            on_the_way += 1
        elif stage.stage is not Stage.REFUSED and not tx.count(ItemDestroyed, item=delivery.item, party=delivery.to):
            there.add((delivery.item, delivery.to))
    return Remains(
        items_of={**here, desk.party: len(there)},
        on_the_way=on_the_way,
        on_hold=len(lying_on_hold(tx, desk, instrument=instrument)),
    )
