"""Register an item of our own, and book one that arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gsomia.audit import Event
from gsomia.envelope import begin_holding, finish_holding, segment_count
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import Arrival
from gsomia.flows.agree import get_agreement
from gsomia.flows.codes import check_codes
from gsomia.flows.content import store_sealed
from gsomia.flows.custody import begin_copy, move_copy, show_item
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import control_facility, get_item
from gsomia.flows.ledger import enter, share
from gsomia.flows.levels import label_at
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import ArrivalSigned
from gsomia.flows.remark import enter_level_at_booking, notice_ahead, report_at_booking, say_reports
from gsomia.flows.say import say
from gsomia.flows.tenure import require_site
from gsomia.ids import ConsignmentId, FacilityId, HexDigest, InstrumentId, ItemId, PartyCode, new_item_id
from gsomia.instants import SEOUL_AND_TOKYO, Instant
from gsomia.labels import Label, LabelRefusal, check_own_mark, simple_label, translate
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import (
    FIRST_COPY,
    RECEIPT,
    Booking,
    CustodyEvent,
    CustodyKind,
    Form,
    ItemRecord,
    LevelNotice,
    Matter,
    Origin,
    RegisterError,
    RegistrarReceipt,
    check_matter,
    control_number,
)

SPARE_BYTES = 64 << 20
"""Disk that registering and receiving leave free, for the record and for what must never wait (design 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """An item that was entered."""

    item: ItemRecord
    booking: Booking


def register_item(
    desk: Desk,
    actor: Actor,
    content: Iterable[bytes],
    *,
    content_bytes: int,
    level: str,
    purpose: str,
    topic: str,
    caveats: tuple[str, ...] = (),
    releasable_to: tuple[str, ...] | None = None,
) -> Registered:
    """Enter an item of our own: sealed at rest under a key of its own, marked with our own level.

    Args:
        desk: ours, unlocked.
        actor: the control officer of a facility.
        content: plaintext pieces of `SEGMENT_BYTES`, the last one shorter; `content_bytes` in all.
        content_bytes: declared size; what comes must match.
        level: an id or a mark of our own policy, for example `KOR-2`.
        purpose: the code of what it may be used for.
        topic: a code both sides know; never a title.
        caveats: originator's caveats such as `NO-COPY`.
        releasable_to: the only parties it may go to; None leaves that to each release decision.

    Raises:
        LabelError: no such level or caveat.
        RefusedError: the actor is no control officer, or the facility is not accredited for the level.
        UnavailableError: the disk is too full.

    Source: F-01, G6-7, G4-1, G10-1, G10-2.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    now = desk.clock()
    label = _own_label(desk, level, topic, purpose, caveats=caveats, releasable_to=releasable_to, now=now)
    rank = desk.policy.classification(label.classification).rank
    facility = desk.store.run(lambda tx: _own_facility(tx, desk, actor, rank=rank, now=now))
    room_for(desk, content_bytes)
    item = new_item_id(desk.entropy)
    storage_key = desk.unlocked.storage_keys.create(item)
    sealing = begin_holding(item, content_bytes=content_bytes, entropy=desk.entropy)
    sealed = store_sealed(
        desk,
        item,
        pieces_or_none(content),
        keys=sealing.keys,
        segments=segment_count(content_bytes),
        check=partial(unchanged, content_bytes),
    )
    record = ItemRecord(
        id=item,
        originator=desk.party,
        label=label,
        form=Form.ELECTRONIC,
        topic=topic,
        purpose=purpose,
        content_digest=sealed.content_digest,
        holding=finish_holding(
            sealing, segment_list=sealed.segment_list, storage_key=storage_key, entropy=desk.entropy
        ),
        matter=None,
        registrar=actor.person,
        facility=facility,
        origin=None,
        at=now,
    )
    return desk.store.run(lambda tx: _enter_own(tx, desk, actor, record))


def register_matter(
    desk: Desk,
    actor: Actor,
    *,
    form: Form,
    matter: Matter,
    level: str,
    purpose: str,
    topic: str,
    caveats: tuple[str, ...] = (),
    releasable_to: tuple[str, ...] | None = None,
) -> Registered:
    """Enter an item of our own that has no sealed content: paper, a carrier, hardware, know-how, the spoken word.

    Args:
        desk: ours.
        actor: the control officer of a facility.
        form: any of the seven but electronic.
        matter: its particulars, those that the form needs and no others.
        level: an id or a mark of our own policy.
        purpose: the code of what it may be used for.
        topic: a code both sides know; never a title.
        caveats: originator's caveats.
        releasable_to: the only parties it may go to.

    Raises:
        RegisterError: other particulars than the form needs; keying material, which has a register of its own.
        LabelError: no such level or caveat.
        RefusedError: the actor is no control officer.

    Source: G2-3, G2-4, G11-2, F-01, G4-1, G10-2.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    now = desk.clock()
    label = _own_label(desk, level, topic, purpose, caveats=caveats, releasable_to=releasable_to, now=now)
    rank = desk.policy.classification(label.classification).rank
    record = ItemRecord(
        id=new_item_id(desk.entropy),
        originator=desk.party,
        label=label,
        form=form,
        topic=topic,
        purpose=purpose,
        content_digest=check_matter(matter, form=form).digest,
        holding=None,
        matter=matter,
        registrar=actor.person,
        facility=desk.store.run(lambda tx: _own_facility(tx, desk, actor, rank=rank, now=now)),
        origin=None,
        at=now,
    )
    return desk.store.run(lambda tx: _enter_own(tx, desk, actor, record))


def _enter_own(tx: Tx, desk: Desk, actor: Actor, record: ItemRecord) -> Registered:
    level, now = record.label.classification, record.at
    rank = desk.policy.classification(level).rank
    booking = Booking(
        item=record.id,
        own_mark=level,
        rank=rank,
        basis="originated here",
        control_no=next_control_number(tx, desk, None, now),
        officer=actor.person,
        facility=_own_facility(tx, desk, actor, rank=rank, now=now),
        at=now,
    )
    enter(tx, desk, record, event=Event.ITEM_REGISTERED, subject=record.id)
    enter(tx, desk, booking, event=Event.ITEM_BOOKED, subject=record.id)
    begin_copy(tx, desk, _custody(desk, record, CustodyKind.REGISTERED, booking=booking), originator=desk.party)
    show_item(tx, record, booking)
    return Registered(item=record, booking=booking)


def _own_label(
    desk: Desk,
    level: str,
    topic: str,
    purpose: str,
    *,
    caveats: tuple[str, ...],
    releasable_to: tuple[str, ...] | None,
    now: Instant,
) -> Label:
    check_codes(topic, purpose)
    return simple_label(
        desk.policy,
        desk.policy.classification(level).id,
        created_at=now,
        releasable_to=releasable_to,
        caveats=caveats,
    )


def book_item(desk: Desk, actor: Actor, item: ItemId, *, mark: str, basis: str) -> Booking:
    """Enter an item that arrived under our own mark, and say the registrar's receipt to whoever sent it.

    An item that came again, by another route, is booked once; booking it again under the same mark signs for the rest.

    Category and basis are the officer's act: the software proposes nothing where the table leaves a choice.
    What came in a package is receipted with the package.

    Raises:
        RegisterError: booked before, or the mark is not one the agreement's table allows for the originator's.
        RefusedError: the actor is no control officer, or the facility is not accredited for the level.

    Source: G4-2, A-04, A-06, A-07, F-01, F-04, G10-1, G10-2.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    now = desk.clock()
    record, ahead = desk.store.run(lambda tx: (get_item(tx, item), notice_ahead(tx, item)))
    origin = record.origin
    if origin is None:
        raise RegisterError("registry/own-item", "an own item is booked when it is registered", remedy="")
    chosen = _chosen_mark(desk, record, origin, ahead, mark=mark)
    arrivals = desk.store.run(lambda tx: _unsigned_arrivals(tx, record))
    receipts = [
        say_act(_receipt(desk, item, one, now), kind=RECEIPT, hand=actor.hand, signer=desk.unlocked.keys.statement)
        for one in arrivals
    ]
    reports = report_at_booking(desk, actor, ahead, now=now) if ahead else ()

    def unit(tx: Tx) -> Booking:
        if notice_ahead(tx, item) != ahead:
            raise UnavailableError("flows/register-changed", "the register changed meanwhile", remedy="repeat it")
        booked = _booked(tx, item, chosen, again=bool(arrivals))
        rank = desk.policy.classification(chosen).rank
        booking = booked or Booking(
            item=item,
            own_mark=chosen,
            rank=rank,
            basis=basis,
            control_no=next_control_number(tx, desk, origin.instrument, now),
            officer=actor.person,
            facility=_own_facility(tx, desk, actor, rank=rank, now=now),
            at=now,
        )
        if booked is None:
            enter(tx, desk, booking, event=Event.ITEM_BOOKED, subject=item)
            if ahead is not None:
                enter_level_at_booking(tx, desk, record, booking, ahead)
            if origin.package is None:  # else the receipt for the package passes custody (F-04, G9-3)
                move_copy(tx, desk, _custody(desk, record, CustodyKind.BOOKED, booking=booking))
            show_item(tx, record, booking)
        for one, statement in zip(arrivals, receipts, strict=True):
            _sign_for(tx, desk, item, one, statement, first=one.consignment == origin.consignment)
        if booked is None:
            say_reports(tx, desk, reports, at=now)
        return booking

    booking = desk.store.run(unit)
    for one in arrivals:
        desk.said(one.sender)
    return booking


def _booked(tx: Tx, item: ItemId, chosen: str, *, again: bool) -> Booking | None:
    """The booking that stands, if what came again is to be signed for under the same mark."""
    booked = tx.latest(Booking, item=item)
    if booked is not None and (booked.own_mark != chosen or not again):
        raise RegisterError("registry/booked-before", f"`{item}` is booked already", remedy="see `item show`")
    return booked


def _chosen_mark(desk: Desk, record: ItemRecord, origin: Origin, ahead: LevelNotice | None, *, mark: str) -> str:
    """Our own mark as the officer chose it, if the agreement's table allows it for the originator's."""
    # TR-7: what came through a hub is read by the relay's own table, never by composing those of the two feeders.
    named = origin.relay or origin
    agreement = desk.store.run(lambda tx: get_agreement(tx, named.instrument, digest=named.agreement))
    translated = translate(
        _label_to_book(desk, record, ahead),
        table=agreement.table,
        from_policy=desk.policies[record.originator],
        to_policy=desk.policy,
        now=origin_time(record),
    )
    if isinstance(translated, LabelRefusal):
        raise RefusedError(
            f"policy/{translated.code}",
            translated.text,
            remedy="the item was received under a table that does not give it a level: ask the sender",
            clauses=(translated.clause,),
        )
    chosen = desk.policy.classification(mark).id
    if isinstance(check_own_mark(translated, chosen), LabelRefusal):
        raise RegisterError(
            "registry/mark-not-allowed",
            f"`{mark}` does not correspond to the originator's mark under `{agreement.id}`",
            remedy="the table allows: " + ", ".join(translated.allowed),
            clauses=("G4-2", "A-06"),
        )
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsigned:
    """How an item came once, for which no registrar of ours has signed yet."""

    sender: PartyCode
    instrument: InstrumentId
    consignment: ConsignmentId
    manifest: HexDigest


def _unsigned_arrivals(tx: Tx, record: ItemRecord) -> list[_Unsigned]:
    """Every arrival of an item for which no registrar has signed, by whichever route: each sender gets a receipt.

    What was heard has no arrival but its register line; what came in covers is receipted with its package.

    Source: TR-11, F-04.
    """
    origin = record.origin
    came: list[Origin | Arrival] = [] if origin is None or origin.package is not None else [origin]
    latest = {
        one.consignment: _Unsigned(
            sender=one.sender,
            instrument=one.instrument if isinstance(one, Origin) else _instrument_of(one),
            consignment=one.consignment,
            manifest=one.manifest,
        )
        for one in came + list[Origin | Arrival](tx.every(Arrival, item=record.id))
    }
    signed = {one.consignment for one in tx.every(ArrivalSigned, item=record.id)}
    if origin is not None and tx.latest(Booking, item=record.id) is not None:
        signed.add(origin.consignment)
    return [one for one in latest.values() if one.consignment not in signed]


def _instrument_of(arrival: Arrival) -> InstrumentId:
    if not isinstance(arrival.instrument, str):
        msg = "an arrival names the instrument it came under"
        raise TypeError(msg)
    return arrival.instrument


def _receipt(desk: Desk, item: ItemId, came: _Unsigned, now: Instant) -> RegistrarReceipt:
    return RegistrarReceipt(
        item=item,
        instrument=came.instrument,
        consignment=came.consignment,
        manifest=came.manifest,
        party=desk.party,
        to=came.sender,
        seals_intact=True,
        at=now,
    )


def _sign_for(
    tx: Tx, desk: Desk, item: ItemId, came: _Unsigned, statement: Statement[Act[RegistrarReceipt]], *, first: bool
) -> None:
    if not first:  # the booking itself signs for the first
        signed = ArrivalSigned(
            consignment=came.consignment, item=item, statement=statement.digest, at=statement.value.body.at
        )
        enter(tx, desk, signed, event=Event.DELIVERY_RECEIPTED, subject=item, consignment=came.consignment)
    share(
        tx,
        desk,
        came.sender,
        event=Event.DELIVERY_RECEIPTED,
        subject=item,
        digest=came.manifest,
        consignment=came.consignment,
        item=item,
    )
    say(tx, desk, statement, kind=RECEIPT, to=came.sender, subject=item)


def room_for(desk: Desk, content_bytes: int) -> None:
    """Refuse early what would fill the disk.

    Raises:
        UnavailableError: too little room.
    """
    free = desk.payloads.free_bytes()
    if free < content_bytes + SPARE_BYTES:
        raise UnavailableError(
            "flows/disk-full",
            f"`{content_bytes}` bytes are to be stored and `{free}` are free",
            remedy=f"free disk space: {SPARE_BYTES >> 20} MiB stay reserved for the record",
        )


def origin_time(record: ItemRecord) -> Instant:
    """When the label of an item was put on; the table of that day applies (EQ-1)."""
    return record.label.created_at


def _label_to_book(desk: Desk, record: ItemRecord, ahead: LevelNotice | None) -> Label:
    # What was declassified before it arrived is booked as it came, and is declassified in the same unit.
    if ahead is None or ahead.change.new is None:
        return record.label
    return label_at(record.label, ahead.change.new, policy=desk.policies[record.originator])


def unchanged(announced: int, _digest: HexDigest, count: int) -> None:
    """Hold content against its announced size.

    Raises:
        LocalError: it changed while it was read.
    """
    if count != announced:
        raise LocalError(
            "flows/file-changed", "the file changed while it was read", remedy="register it again when it is at rest"
        )


def pieces_or_none(content: Iterable[bytes]) -> Iterable[bytes]:
    """The pieces of content; an empty item is one empty segment: one code path from 0 bytes up."""
    first = True
    for piece in content:
        first = False
        yield piece
    if first:
        yield b""


def _own_facility(tx: Tx, desk: Desk, actor: Actor, *, rank: int, now: Instant) -> FacilityId:
    facility = control_facility(tx, actor.person, now=now)
    if facility is None:
        raise RefusedError(
            "flows/no-control-officer",
            f"`{actor.person}` is not the current control officer of any facility",
            remedy="appoint one: gsomia facility appoint",
            clauses=("G10-2",),
        )
    require_site(tx, desk, facility, rank=rank, now=now)
    return facility


def next_control_number(tx: Tx, desk: Desk, instrument: InstrumentId | None, now: Instant) -> str:
    """The next control number of an instrument, or of what is our own."""
    year = datetime.fromtimestamp(now.epoch_s, SEOUL_AND_TOKYO).year
    running = tx.number(f"control-{instrument or 'own'}-{year}")
    return control_number(party=desk.party, instrument=instrument, year=year, running=running)


def _custody(desk: Desk, record: ItemRecord, kind: CustodyKind, *, booking: Booking) -> CustodyEvent:
    return CustodyEvent(
        item=record.id,
        copy=FIRST_COPY,
        kind=kind,
        custodian=desk.party,
        facility=booking.facility,
        by=booking.officer,
        consignment=record.origin.consignment if record.origin else None,
        instrument=record.origin.instrument if record.origin else None,
        counterpart=record.origin.sender if record.origin else None,
        at=booking.at,
    )
