"""Whether something of ours went to a partner as the consignment it names, whichever way it went.

Source: F-16, G13-1.
"""

from gsomia.exchange import Delivery
from gsomia.flows.ports import Tx
from gsomia.ids import PartyCode
from gsomia.registry import CustodyEvent, Destruction, Disclosure, Leg, PackageEvent


def went_there(tx: Tx, body: Destruction, sender: PartyCode) -> bool:
    """Whether an item went to the sender as the consignment that its certificate names: sealed, spoken or in covers."""
    about = (body.item, body.manifest, body.instrument)
    delivery = tx.latest(Delivery, consignment=body.consignment, to=sender)
    if delivery is not None:
        return about == (delivery.item, delivery.manifest, delivery.instrument)
    went = [
        event
        for event in tx.every(CustodyEvent, consignment=body.consignment, item=body.item)
        if event.counterpart == sender and event.instrument == body.instrument
    ]
    spoken = tx.latest(Disclosure, number=body.consignment)
    packages = {event.package for event in went if event.package is not None}
    notices = {spoken.notice} if spoken else set()
    for number in packages:
        sent = tx.latest(PackageEvent, number=number, leg=Leg.SENT)
        notices |= {sent.evidence} if sent is not None and sent.evidence is not None else set()
    return bool(went) and body.manifest in notices
