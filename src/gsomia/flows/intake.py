"""Receive what a partner releases to us: verify, open what intake may, store sealed, register, answer with a proof.

1. The frame parses; the ladder of `envelope.verify` holds against the connected partner's descriptor.
2. The same consignment before? The old answer; another manifest under its id is refused.
3. The envelope opens with our key and is what it commits to; no content is opened.
4. The agreement it names is one we both signed and its state allows receiving; the level stands in its table.
5. Segments are verified one by one before they are stored.
6. One unit enters it (`flows.arrive`); then the receipt is proven from the log.

What was dispatched after the end goes on hold instead (`flows.hold`), and is answered with a refusal.
What is refused is recorded with its code (`flows.refuse`) and changes nothing else.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from gsomia.audit import Event
from gsomia.envelope import (
    SEGMENT_BYTES,
    Header,
    hold_received,
    sealed_segment_bytes,
    verify_segment,
)
from gsomia.errors import NodeError, UnavailableError
from gsomia.exchange import (
    IDLE_TRANSFER_S,
    Accepted,
    ExchangeError,
    Judgement,
    Progress,
    Reply,
    ShareError,
    Transfer,
    check_caps,
)
from gsomia.flows.arrive import Place, arrive, judge, place_of
from gsomia.flows.desk import Desk
from gsomia.flows.hold import say_on_hold
from gsomia.flows.incoming import (
    Checked,
    Incoming,
    ProvenOffer,
    check_coming,
    open_offer,
    prove_offer,
)
from gsomia.flows.ledger import enter
from gsomia.flows.ports import PayloadWriter, Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.refuse import record_refusal
from gsomia.flows.register import room_for
from gsomia.ids import ConsignmentId, PartyCode
from gsomia.instants import Instant


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    """A proven offer, opened or why it does not open, and the segment bytes that came inline."""

    proven: ProvenOffer
    opened: Incoming | NodeError
    inline: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """An offer that may come and is not here yet."""

    judgement: Judgement
    incoming: Incoming
    inline: bytes
    checked: Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """A consignment whose last segment came; `checked` before, if it came in one piece."""

    incoming: Incoming
    writer: PayloadWriter
    checked: Checked | None


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
        offered = self._prove(sender, untrusted)
        asked = self._desk.store.run(lambda tx: self._ask(tx, sender, offered), reads=True)
        if not isinstance(asked, _Fresh):
            return self._reply(asked, offered.proven.header)
        # (5) store what came inline, or say where to go on
        if asked.inline:
            return self._take_inline(sender, [asked])[0]
        incoming = asked.incoming
        opened = self._begin(sender, incoming, asked.judgement)
        return Reply(
            progress=Progress(consignment=incoming.consignment, next_segment=opened.next_segment), accepted=None
        )

    def offer_together(self, sender: PartyCode, untrusted: Sequence[bytes]) -> list[Reply | NodeError]:
        """Answer short offers that rode together: all are taken in one unit, or else each as if it had come alone.

        Returns:
            For each the reply, or why it is not taken: what `offer` raises.
        """
        try:
            taken = self._take_together(sender, untrusted)
        except Exception:  # noqa: BLE001  one of them spoils it for all: what it is shows when each is taken alone
            taken = []
        return [*taken] or [self._alone(sender, one) for one in untrusted]

    def _take_together(self, sender: PartyCode, untrusted: Sequence[bytes]) -> list[Reply]:
        """As `offer`, of all; nothing if one of them comes in pieces, is there twice or is to lie on hold."""
        offered = [self._prove(sender, one) for one in untrusted]
        if not all(one.inline and one.proven.header.segments == 1 for one in offered):
            return []
        consignments, items = {one.proven.consignment for one in offered}, {one.proven.header.item for one in offered}
        if not len(consignments) == len(items) == len(offered):
            return []
        asked = self._desk.store.run(lambda tx: [self._ask(tx, sender, one) for one in offered], reads=True)
        fresh = [one for one in asked if isinstance(one, _Fresh)]
        if any(one.checked.taken.after_end for one in fresh):  # what the hold has no room for is not stored either
            return []
        taken = iter(self._take_inline(sender, fresh) if fresh else ())  # of a ride that is known whole, nothing
        return [
            next(taken) if isinstance(one, _Fresh) else self._reply(one, of.proven.header)
            for one, of in zip(asked, offered, strict=True)
        ]

    def _alone(self, sender: PartyCode, untrusted: bytes) -> Reply | NodeError:
        try:
            return self.offer(sender, untrusted)
        except NodeError as error:
            return error
        except Exception as cause:  # noqa: BLE001  a fault of ours with one must not keep its neighbours waiting
            failed = UnavailableError(
                "flows/offer-failed", "a fault of ours: it is not taken now", remedy="see the log"
            )
            failed.__cause__ = cause
            return failed

    def _prove(self, sender: PartyCode, untrusted: bytes) -> _Offered:
        # (1) shape, then the ladder
        proven, inline = prove_offer(self._desk, sender, untrusted)
        # (3) what intake may open, before one unit asks the record; what does not open may be known all the same
        opened = _opened_or_why(self._desk, sender, proven)
        return _Offered(proven=proven, opened=opened, inline=inline)

    def _ask(self, tx: Tx, sender: PartyCode, offered: _Offered) -> _Fresh | Place | None:
        """What is known of an offer, or that it may come; None if it is on hold."""
        proven, incoming = offered.proven, offered.opened
        # (2) known before?
        judgement, arrival = judge(tx, self._desk, sender, proven)
        if arrival is not None and judgement is Judgement.ALREADY_RECEIVED:
            return place_of(tx, self._desk, sender, arrival)
        if judgement is Judgement.ON_HOLD:
            return None
        if isinstance(incoming, NodeError):
            raise incoming
        # (4) under an agreement that allows it
        coming = self._coming_bytes(sender, proven.consignment)
        checked = check_coming(tx, self._desk, sender, incoming, coming_bytes=coming)
        return _Fresh(judgement=judgement, incoming=incoming, inline=offered.inline, checked=checked)

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
                return self._finish(sender, [_Whole(incoming=opened.incoming, writer=opened.writer, checked=None)])[0]
            finally:  # received, refused or not now: the next offer starts from what is on record
                with self._lock:
                    self._open.pop((sender, consignment), None)

    def _take_inline(self, sender: PartyCode, fresh: Sequence[_Fresh]) -> list[Reply]:
        if any(one.incoming.header.segments != 1 for one in fresh):
            raise ExchangeError("exchange/inline-too-long", "only an item of one segment rides with its offer")
        room_for(self._desk, sum(one.incoming.header.content_bytes for one in fresh))
        whole: list[_Whole] = []
        try:
            for one in fresh:
                writer = self._desk.payloads.begin(_name(sender, one.incoming.consignment), segments=1)
                whole.append(_Whole(incoming=one.incoming, writer=writer, checked=one.checked))
                _take(one.incoming, writer, 0, one.inline)
            return self._finish(sender, whole)
        except BaseException:
            for each in whole:
                each.writer.abandon()
            raise

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

    def _finish(self, sender: PartyCode, whole: Sequence[_Whole]) -> list[Reply]:
        # (6) durable content and keys first, then the unit that names them
        desk, incoming = self._desk, [one.incoming for one in whole]
        kept = [one.writer.finish_with(one.incoming.unwrapped.verified.segment_list) for one in whole]
        storage_keys = desk.unlocked.storage_keys.create_all([one.header.item for one in incoming])
        holdings = [
            hold_received(one.unwrapped, storage_key=key, entropy=desk.entropy)
            for one, key in zip(incoming, storage_keys, strict=True)
        ]

        def unit(tx: Tx) -> list[Place | None]:
            return [
                arrive(tx, desk, sender, one.incoming, keep_content=keep, holding=holding, checked=one.checked)
                for one, keep, holding in zip(whole, kept, holdings, strict=True)
            ]

        places = desk.store.run(unit)
        return [self._reply(place, one.header) for place, one in zip(places, incoming, strict=True)]

    def _reply(self, place: Place | None, header: Header) -> Reply:
        if place is None:
            raise say_on_hold(header.instrument)
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


def _name(sender: PartyCode, consignment: ConsignmentId) -> str:
    """The working name of a transfer: ids count within one sender, on the disk too."""
    return f"{sender}-{consignment}"
