"""One item's way over a hub as this node can tell it: who held it when, what was proven, and how long it took.

Times are shown, never judged: sharing is voluntary, so no figure here is a fault of anybody (TR-3, TR-10).
"""

from dataclasses import dataclass

from gsomia.exchange import Arrival, Delivery, Relayed, Stage
from gsomia.flows.desk import Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ports import Tx
from gsomia.flows.relay_records import ChainNoticeRecord, RelayArrival, RelayReportRecord
from gsomia.flows.stages import stages_of
from gsomia.ids import ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.registry import Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An item's way over one hub to one recipient.

    Attributes:
        transmitted: when the originator decided to release it to the hub; None where that is not known here.
        hub_mark: the hub's own mark beside the originator's, where it is known here.
        receipted: when the recipient's registrar signed.
        proven: whether that signature was checked here.
        stage: the last stage known.
        delay_s: from the first transmittal to the last receipt.
        hub_dwell_s: how much of it the item lay at the hub.

    Source: TR-10, relay 5.2 step 8.
    """

    originator: PartyCode
    hub: PartyCode
    recipient: PartyCode
    transmitted: Instant | None
    received: Instant
    forwarded: Instant
    receipted: Instant | None
    proven: bool
    hub_mark: str | None
    stage: str
    code: str | None
    delay_s: int | None
    hub_dwell_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Every way over a hub that this node knows of an item, and every notice along it."""

    legs: tuple[Leg, ...]
    notices: tuple[ChainNoticeRecord, ...]
    arrivals: tuple[Arrival, ...]


def chain_of(tx: Tx, desk: Desk, item: ItemId) -> Chain:
    """The chain of an item as an originator, a hub or a recipient knows it.

    Raises:
        LocalError: unknown item.
    """
    record = get_item(tx, item)
    booking = tx.latest(Booking, item=item)
    legs: list[Leg | None] = [_reported(tx, report) for report in _last_reports(tx, item)]
    legs += [_forwarded(tx, desk, one, booking) for one in tx.every(Delivery, item=item)]
    legs += [_arrived(desk, one, booking) for one in tx.every(RelayArrival, item=item)]
    arrivals = {one.consignment: one for one in tx.every(Arrival, item=record.id)}
    return Chain(
        legs=tuple(leg for leg in legs if leg is not None),
        notices=tuple(tx.every(ChainNoticeRecord, item=item)),
        arrivals=tuple(arrivals.values()),
    )


def _last_reports(tx: Tx, item: ItemId) -> list[RelayReportRecord]:
    last: dict[str, RelayReportRecord] = {}
    order = list(Stage)
    for one in tx.every(RelayReportRecord, item=item, direction="heard"):
        known = last.get(one.report.relay)
        if known is None or order.index(one.report.stage) >= order.index(known.report.stage):
            last[one.report.relay] = one
    return list(last.values())


def _reported(tx: Tx, last: RelayReportRecord) -> Leg:
    report = last.report
    given = [one for one in tx.every(Delivery, item=report.item, to=report.hub) if one.manifest == report.manifest]
    receipts = [
        one
        for one in tx.every(RelayReportRecord, item=report.item, direction="heard")
        if one.report.relay == report.relay and one.report.stage is Stage.RECEIPTED
    ]
    receipted = receipts[-1].report.reached if receipts else None
    transmitted = given[0].at if given else None
    return Leg(
        originator=report.originator,
        hub=report.hub,
        recipient=report.recipient,
        transmitted=transmitted,
        received=report.received,
        forwarded=report.forwarded,
        receipted=receipted,
        proven=any(one.proven for one in receipts),
        hub_mark=None,
        stage=report.stage,
        code=report.code,
        delay_s=_between(transmitted, receipted),
        hub_dwell_s=report.forwarded.epoch_s - report.received.epoch_s,
    )


def _forwarded(tx: Tx, desk: Desk, delivery: Delivery, booking: Booking | None) -> Leg | None:
    relayed = delivery.relayed
    if not isinstance(relayed, Relayed):
        return None
    stages = stages_of(tx, delivery)
    own = tx.every(RelayReportRecord, item=delivery.item, direction="own")
    receipts = [
        one.report for one in own if one.report.relay == delivery.manifest and one.report.stage is Stage.RECEIPTED
    ]
    return Leg(
        originator=relayed.originator,
        hub=desk.party,
        recipient=delivery.to,
        transmitted=None,
        received=relayed.received,
        forwarded=delivery.at,
        receipted=receipts[-1].reached if receipts else None,
        proven=bool(receipts),
        hub_mark=booking.own_mark if booking else None,
        stage=stages[-1].stage,
        code=stages[-1].code,
        delay_s=None,
        hub_dwell_s=delivery.at.epoch_s - relayed.received.epoch_s,
    )


def _arrived(desk: Desk, arrival: RelayArrival, booking: Booking | None) -> Leg:
    forwarded = arrival.part.decision.body.at
    receipted = booking.at if booking else None
    return Leg(
        originator=arrival.originator,
        hub=arrival.hub,
        recipient=desk.party,
        transmitted=arrival.decided,
        received=arrival.part.received,
        forwarded=forwarded,
        receipted=receipted,
        proven=booking is not None,
        hub_mark=arrival.part.hub_mark,
        stage=Stage.RECEIPTED if booking else Stage.RECEIVED,
        code=None,
        delay_s=_between(arrival.decided, receipted),
        hub_dwell_s=forwarded.epoch_s - arrival.part.received.epoch_s,
    )


def _between(start: Instant | None, end: Instant | None) -> int | None:
    return end.epoch_s - start.epoch_s if start and end else None
