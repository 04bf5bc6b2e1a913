"""Book in what came whole: in one unit the register line, custody, the arrival and the entry that its receipt proves.

Everything was verified before (`flows.intake`); what the record says is asked again here, in the unit that writes.
"""

from collections.abc import Callable
from dataclasses import replace

from msgspec import UNSET

from gsomia.audit import Event
from gsomia.envelope import Holding
from gsomia.exchange import Arrival, Judgement, Transfer, judge_offer
from gsomia.flows.again import content_is_gone, fetch_again
from gsomia.flows.agree import standing
from gsomia.flows.content import content_of
from gsomia.flows.custody import begin_copy, move_copy, show_item
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.epoch import enter_anew
from gsomia.flows.hold import manifest_on_hold, put_on_hold
from gsomia.flows.incoming import Checked, Incoming, ProvenOffer, check_taken, keep_what_came
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import current_log, locate_entry
from gsomia.flows.ports import Tx
from gsomia.flows.relay_intake import relay_origin
from gsomia.ids import PartyCode
from gsomia.registry import FIRST_COPY, Booking, CustodyEvent, CustodyKind, Form, ItemRecord, OnHold, Origin

Place = tuple[str, int]
"""Origin of a log, and the index of an entry in it."""


def judge(tx: Tx, desk: Desk, sender: PartyCode, offer: Incoming | ProvenOffer) -> tuple[Judgement, Arrival | None]:
    """What an offer is here, and its arrival if it arrived."""
    arrival = tx.latest(Arrival, consignment=offer.consignment, sender=sender)
    transfer = tx.latest(Transfer, consignment=offer.consignment, sender=sender)
    judgement = judge_offer(
        consignment=offer.consignment,
        manifest=offer.manifest,
        transfer=transfer,
        arrival=arrival,
        on_hold=manifest_on_hold(tx, sender, offer.consignment),
    )
    if judgement is Judgement.ALREADY_RECEIVED and content_is_gone(tx, desk, offer.header.item):
        return Judgement.CONTINUED, arrival
    return judgement, arrival


def place_of(tx: Tx, desk: Desk, sender: PartyCode, arrival: Arrival) -> Place:
    """Where an arrival stands in the log that holds now; entered anew if that log began after it."""
    origin = locate_entry(tx, desk, sender, arrival.log_index, consignment=arrival.consignment)
    place = enter_anew(tx, desk, sender, origin, arrival.log_index)
    if place != (origin, arrival.log_index):
        again = replace(arrival, log_index=place[1])
        enter(tx, desk, again, event=Event.INTAKE_VERIFIED, subject=arrival.item, consignment=arrival.consignment)
    return place


def arrive(
    tx: Tx,
    desk: Desk,
    sender: PartyCode,
    incoming: Incoming,
    *,
    keep_content: Callable[[Tx], None],
    holding: Holding,
    checked: Checked | None,
) -> Place | None:
    """Enter what came whole, once; None if it was dispatched after the end and lies on hold.

    Args:
        tx: the unit.
        desk: ours.
        sender: whose door call it is.
        incoming: verified and opened as far as intake may.
        keep_content: stores the content in this unit, where it is not stored already.
        holding: under which key it is stored.
        checked: what was answered before it was stored.

    Raises:
        ActError, ExchangeError, RefusedError, UnavailableError: as `check_taken`.
    """
    now, part = desk.clock(), incoming.unwrapped.part
    keep_content(tx)
    judgement, arrival = judge(tx, desk, sender, incoming)
    if judgement is Judgement.ON_HOLD:
        return None
    if arrival is not None:
        fetch_again(tx, desk, holding)
        return place_of(tx, desk, sender, arrival)
    taken = check_taken(tx, desk, sender, incoming, before=checked)
    agreement = taken.agreement
    origin = Origin(
        sender=sender,
        instrument=agreement.id,
        agreement=agreement.digest,
        state=standing(tx, agreement, at=now, desk=desk).state,
        consignment=incoming.consignment,
        manifest=incoming.manifest,
        relay=relay_origin(incoming.relayed) if incoming.relayed else UNSET,
    )
    if taken.after_end:
        late = OnHold(
            id=incoming.header.item, content_digest=part.content_digest, holding=holding, origin=origin, at=now
        )
        put_on_hold(tx, desk, late)
        return None
    item = ItemRecord(
        id=incoming.header.item,
        originator=incoming.originator,
        label=part.label,
        form=Form.ELECTRONIC,
        topic=part.topic,
        purpose=part.decision.body.purpose,
        content_digest=part.content_digest,
        holding=holding,
        matter=None,
        registrar=None,
        facility=None,
        origin=origin,
        at=now,
    )
    keep_what_came(tx, desk, incoming, agreement, at=now)
    index = _accept(tx, desk, item, origin)
    return current_log(tx, shared_log(desk.party, sender)), index


def _accept(tx: Tx, desk: Desk, item: ItemRecord, origin: Origin) -> int:
    known = tx.latest(ItemRecord, id=item.id) is not None
    if not known:
        enter(tx, desk, item, event=Event.ITEM_REGISTERED, subject=item.id, consignment=origin.consignment)
        show_item(tx, item, None)
    else:
        fetch_again(tx, desk, content_of(item))
    booked = known and tx.latest(Booking, item=item.id) is not None
    custody = CustodyEvent(
        item=item.id,
        copy=FIRST_COPY,
        kind=CustodyKind.RECEIVED,
        instrument=origin.instrument,
        counterpart=origin.sender,
        # the sender's until our registrar has signed; a second arrival of what is booked changes nothing.
        custodian=desk.party if booked else origin.sender,
        consignment=origin.consignment,
        at=item.at,
    )
    if known:
        move_copy(tx, desk, custody)
    else:
        begin_copy(tx, desk, custody, originator=item.originator)
    index = share(
        tx,
        desk,
        origin.sender,
        event=Event.DELIVERY_RECEIVED,
        subject=item.id,
        digest=origin.manifest,
        consignment=origin.consignment,
        item=item.id,
    )
    arrival = Arrival(
        consignment=origin.consignment,
        sender=origin.sender,
        item=item.id,
        manifest=origin.manifest,
        log_index=index,
        at=item.at,
        instrument=origin.instrument,
    )
    enter(tx, desk, arrival, event=Event.INTAKE_VERIFIED, subject=item.id, consignment=origin.consignment)
    return index
