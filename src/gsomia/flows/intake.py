"""Receive what a partner releases to us: verify, open what intake may, store sealed, register, answer with a proof.

1. The frame parses; the ladder of `envelope.verify` holds against the connected partner's descriptor.
2. The same consignment before? The old answer; another manifest under its id is refused.
3. The envelope opens with our key and is what it commits to; no content is opened.
4. The agreement it names is one we both signed and its state allows receiving; the level stands in its table.
5. Segments are verified one by one before they are stored.
6. One unit writes register line, custody, arrival and both log entries; then the receipt is proven from the log.

What was dispatched after the end goes on hold instead (`flows.hold`), and is answered with a refusal.
What is refused is recorded with its code (`flows.refuse`) and changes nothing else.
"""

import threading
from dataclasses import dataclass, field, replace

from msgspec import UNSET

from gsomia.audit import Event
from gsomia.envelope import (
    SEGMENT_BYTES,
    hold_received,
    sealed_segment_bytes,
    verify_segment,
)
from gsomia.errors import NodeError, UnavailableError
from gsomia.exchange import (
    IDLE_TRANSFER_S,
    Accepted,
    Arrival,
    ExchangeError,
    Judgement,
    Progress,
    Reply,
    ShareError,
    Transfer,
    check_caps,
    judge_offer,
)
from gsomia.flows.again import content_is_gone, fetch_again
from gsomia.flows.agree import standing
from gsomia.flows.content import content_of
from gsomia.flows.custody import begin_copy, move_copy, show_item
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.epoch import enter_anew
from gsomia.flows.hold import manifest_on_hold, put_on_hold, say_on_hold
from gsomia.flows.incoming import (
    Checked,
    Incoming,
    ProvenOffer,
    check_coming,
    check_taken,
    keep_what_came,
    open_offer,
    prove_offer,
)
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import current_log, locate_entry
from gsomia.flows.ports import PayloadWriter, Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.refuse import record_refusal
from gsomia.flows.register import room_for
from gsomia.flows.relay_intake import relay_origin
from gsomia.ids import ConsignmentId, PartyCode
from gsomia.instants import Instant
from gsomia.registry import FIRST_COPY, Booking, CustodyEvent, CustodyKind, Form, ItemRecord, OnHold, Origin


@dataclass(slots=True)
class _Open:
    """A consignment being received by this process."""

    incoming: Incoming
    writer: PayloadWriter
    next_segment: int
    touched: Instant
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def declared(self) -> int:
        """How many bytes of content were announced."""
        return self.incoming.header.content_bytes

    @property
    def missing(self) -> int:
        """How many of them are not here yet."""
        return max(0, self.declared - self.next_segment * SEGMENT_BYTES)


class Intake:
    """The receiving side of a node: holds what is being received, keyed by sender and consignment."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: dict[tuple[PartyCode, ConsignmentId], _Open] = {}
        self._lock = threading.Lock()
        """Held for a look at `_open` only: no partner waits for what another one makes us do."""
        self._turns: dict[PartyCode, threading.Lock] = {}

    def offer(self, sender: PartyCode, untrusted: bytes) -> Reply:
        """Answer an offer: a receipt if everything is here, else from which segment on to send.

        Raises:
            PartnerError, RefusedError: the offer is not taken; nothing changed.
            UnavailableError: not now (disk full).
        """
        desk = self._desk
        # (1) shape, then the ladder
        proven, inline = prove_offer(desk, sender, untrusted)
        # (3) what intake may open, before one unit asks the record; what does not open may be known all the same
        opened = _opened_or_why(desk, sender, proven)
        coming = self._coming_bytes(sender, proven.consignment)

        def unit(tx: Tx) -> tuple[str, int] | tuple[Judgement, Incoming, Checked] | None:
            # (2) known before?
            judgement, arrival = _judge(tx, desk, sender, proven)
            if arrival is not None and judgement is Judgement.ALREADY_RECEIVED:
                return _place(tx, desk, sender, arrival)
            if judgement is Judgement.ON_HOLD:
                return None
            if isinstance(opened, NodeError):
                raise opened
            # (4) under an agreement that allows it
            return judgement, opened, check_coming(tx, desk, sender, opened, coming_bytes=coming)

        match desk.store.run(unit, reads=True):
            case None:
                raise say_on_hold(proven.header.instrument)
            case (str(origin), int(index)):
                return self._receipt((origin, index))
            case judgement, incoming, checked:
                return self._receive(sender, incoming, judgement, inline, checked)

    def _receive(
        self, sender: PartyCode, incoming: Incoming, judgement: Judgement, inline: bytes, checked: Checked
    ) -> Reply:
        # (5) store what came inline, or say where to go on
        if inline:
            return self._take_inline(sender, incoming, inline, checked)
        opened = self._begin(sender, incoming, judgement)
        return Reply(
            progress=Progress(consignment=incoming.consignment, next_segment=opened.next_segment), accepted=None
        )

    def segment(self, sender: PartyCode, consignment: ConsignmentId, index: int, sealed: bytes) -> Reply:
        """Take the next sealed segment of an open consignment; with the last one the answer is the receipt.

        Raises:
            SegmentError: it is not the segment the signed list names.
            ExchangeError: it has another size than the header says.
            UnavailableError: no such consignment is open here, or the disk is full: offer it again.
        """
        opened = self._opened(sender, consignment)
        with opened.lock:
            header = opened.incoming.header
            if index != opened.next_segment:
                return Reply(
                    progress=Progress(consignment=consignment, next_segment=opened.next_segment), accepted=None
                )
            _take(opened.incoming, opened.writer, index, sealed)
            opened.next_segment += 1
            opened.touched = self._desk.clock()
            if opened.next_segment < header.segments:
                return Reply(
                    progress=Progress(consignment=consignment, next_segment=opened.next_segment), accepted=None
                )
            try:
                return self._finish(sender, opened.incoming, opened.writer)
            finally:  # received, refused or not now: the next offer starts from what is on record
                with self._lock:
                    self._open.pop((sender, consignment), None)

    def _take_inline(self, sender: PartyCode, incoming: Incoming, inline: bytes, checked: Checked) -> Reply:
        header = incoming.header
        if header.segments != 1:
            raise ExchangeError("exchange/inline-too-long", "only an item of one segment rides with its offer")
        room_for(self._desk, header.content_bytes)
        writer = self._desk.payloads.begin(_name(sender, incoming.consignment), segments=1)
        try:
            _take(incoming, writer, 0, inline)
        except BaseException:
            writer.abandon()
            raise
        return self._finish(sender, incoming, writer, checked=checked)

    def _begin(self, sender: PartyCode, incoming: Incoming, judgement: Judgement) -> _Open:
        desk, header = self._desk, incoming.header
        key = (sender, incoming.consignment)
        with self._turn(sender):
            with self._lock:
                known = self._open.get(key)
            if known is not None:
                known.touched = desk.clock()
                return known
            self._give_up_idle(sender, header.content_bytes)
            with self._lock:
                missing = sum(one.missing for one in self._open.values())
            room_for(desk, header.content_bytes + missing)
            if judgement is Judgement.NEW:
                transfer = Transfer(
                    consignment=incoming.consignment,
                    sender=sender,
                    item=header.item,
                    manifest=incoming.manifest,
                    at=desk.clock(),
                )

                def unit(tx: Tx) -> None:
                    enter(tx, desk, transfer, event=Event.INTAKE_RECEIVED, subject=incoming.consignment, sender=sender)

                desk.store.run(unit)
            name = _name(sender, incoming.consignment)
            writer, whole = desk.payloads.resume(name, segments=header.segments)
            good = self._still_good(incoming, name, whole)
            writer.keep(good)
            opened = _Open(incoming=incoming, writer=writer, next_segment=good, touched=desk.clock())
            with self._lock:
                self._open[key] = opened
            return opened

    def _coming_bytes(self, sender: PartyCode, consignment: ConsignmentId) -> int:
        """What the partner's other unfinished transfers declare."""
        with self._lock:
            theirs = [one for (who, what), one in self._open.items() if who == sender and what != consignment]
        return sum(one.declared for one in theirs)

    def _turn(self, sender: PartyCode) -> threading.Lock:
        """Offers of one partner begin one after another; other partners have turns of their own."""
        with self._lock:
            return self._turns.setdefault(sender, threading.Lock())

    def _give_up_idle(self, sender: PartyCode, content_bytes: int) -> None:
        """Make room for a new transfer, if need be by giving up those of the partner that it left unfinished.

        Raises:
            ExchangeError, ShareError: there is no room for it in the partner's share.
        """
        while True:
            with self._lock:
                theirs = {key: one for key, one in self._open.items() if key[0] == sender}
            try:
                check_caps(
                    content_bytes=content_bytes,
                    open_transfers=len(theirs),
                    open_bytes=sum(one.declared for one in theirs.values()),
                )
            except ShareError:
                idle_since = self._desk.clock().plus(seconds=-IDLE_TRANSFER_S)
                idle = [key for key, one in theirs.items() if one.touched <= idle_since]
                if not idle:
                    raise
                self._give_up(min(idle, key=lambda key: theirs[key].touched))
            else:
                return

    def _give_up(self, key: tuple[PartyCode, ConsignmentId]) -> None:
        # CRASH: written before it is forgotten; dying in between leaves a file that the next offer builds upon.
        never = ExchangeError("exchange/never-finished", "the transfer was left unfinished and made room for another")
        record_refusal(self._desk, key[0], never, subject=key[1])
        with self._lock:
            opened = self._open.pop(key, None)
        if opened is not None:
            with opened.lock:
                opened.writer.abandon()

    def _still_good(self, incoming: Incoming, name: str, whole: int) -> int:
        # CRASH: what an unfinished file holds is proven again before it is built upon.
        for index in range(min(whole, incoming.header.segments - 1)):
            try:
                held = self._desk.payloads.partial_segment(name, index)
                verify_segment(incoming.unwrapped.verified.segment_list, held, index=index)
            except (NodeError, OSError):  # any doubt about a kept segment means: send it again
                return index
        return min(whole, incoming.header.segments - 1)

    def _opened(self, sender: PartyCode, consignment: ConsignmentId) -> _Open:
        with self._lock:
            opened = self._open.get((sender, consignment))
        if opened is None:
            # CRASH: what was open before this process started is offered again, and goes on where its file ends.
            raise UnavailableError("exchange/not-open", "no such consignment is open here", remedy="offer it again")
        return opened

    def _finish(
        self, sender: PartyCode, incoming: Incoming, writer: PayloadWriter, *, checked: Checked | None = None
    ) -> Reply:
        # (6) durable content and key first, then the unit that names them
        desk, verified = self._desk, incoming.unwrapped.verified
        keep_content = writer.finish_with(verified.segment_list)
        storage_key = desk.unlocked.storage_keys.create(verified.header.item)
        holding = hold_received(incoming.unwrapped, storage_key=storage_key, entropy=desk.entropy)
        now = desk.clock()

        def unit(tx: Tx) -> tuple[str, int] | None:
            keep_content(tx)
            judgement, arrival = _judge(tx, desk, sender, incoming)
            if judgement is Judgement.ON_HOLD:
                return None
            if arrival is not None:
                fetch_again(tx, desk, holding)
                return _place(tx, desk, sender, arrival)
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
            part = incoming.unwrapped.part
            if taken.after_end:
                late = OnHold(
                    id=verified.header.item, content_digest=part.content_digest, holding=holding, origin=origin, at=now
                )
                put_on_hold(tx, desk, late)
                return None
            item = ItemRecord(
                id=verified.header.item,
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

        place = desk.store.run(unit)
        if place is None:
            raise say_on_hold(verified.header.instrument)
        return self._receipt(place)

    def _receipt(self, place: tuple[str, int]) -> Reply:
        return Reply(progress=None, accepted=Accepted(receipt=prove_entry(self._desk, *place)))


def _opened_or_why(desk: Desk, sender: PartyCode, proven: ProvenOffer) -> Incoming | NodeError:
    try:
        return open_offer(desk, sender, proven)
    except NodeError as error:
        return error


def _take(incoming: Incoming, writer: PayloadWriter, index: int, sealed: bytes) -> None:
    verified = incoming.unwrapped.verified
    if len(sealed) != sealed_segment_bytes(verified.header, index):
        raise ExchangeError("exchange/segment-size", "the segment has another size than the header says")
    verify_segment(verified.segment_list, sealed, index=index)
    writer.write(index, sealed)


def _judge(tx: Tx, desk: Desk, sender: PartyCode, offer: Incoming | ProvenOffer) -> tuple[Judgement, Arrival | None]:
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


def _place(tx: Tx, desk: Desk, sender: PartyCode, arrival: Arrival) -> tuple[str, int]:
    origin = locate_entry(tx, desk, sender, arrival.log_index, consignment=arrival.consignment)
    place = enter_anew(tx, desk, sender, origin, arrival.log_index)
    if place != (origin, arrival.log_index):
        again = replace(arrival, log_index=place[1])
        enter(tx, desk, again, event=Event.INTAKE_VERIFIED, subject=arrival.item, consignment=arrival.consignment)
    return place


def _name(sender: PartyCode, consignment: ConsignmentId) -> str:
    """The working name of a transfer: ids count within one sender, on the disk too."""
    return f"{sender}-{consignment}"


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
