"""Day zero: an existing paper register comes into this one, in one unit, all of it or nothing.

1. The file was not imported before, and whoever imports it is the control officer of its facility.
2. Every line matches, or the officer says that the others stay on paper; which ones is part of what is signed.
3. Items keep the paper's control numbers. Each copy is in a hand or a container at once, by a line of the ledger.

Source: F-01, F-05, G6-7, G10-2, LEDGER-1, LEDGER-2.
"""

from dataclasses import dataclass
from typing import cast

from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.custody import begin_copy, copy_line, show_item
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.paper_match import Matched, facility_of, match_register
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.standing import standing
from gsomia.flows.tenure import control_appointments
from gsomia.ids import FacilityId, HexDigest, PersonId, new_consignment_id
from gsomia.instants import Instant
from gsomia.parties import Office, sign_act
from gsomia.registry import (
    IMPORT,
    Booking,
    CarriedOver,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    LeftLine,
    Origin,
    PaperCopy,
    PaperImport,
    PaperImportRecord,
    PaperRegister,
    Place,
    RegisterError,
    Unmatched,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayZero:
    """What a paper register comes to here; `record` is None for a dry run."""

    facility: FacilityId
    paper: PaperRegister
    matched: tuple[Matched, ...]
    unmatched: tuple[Unmatched, ...]
    record: PaperImportRecord | None

    @property
    def copies(self) -> int:
        """How many copies match."""
        return sum(len(one.paper.copies) for one in self.matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What a label says of a copy: its number, and both marks.

    Source: F-01, A-07.
    """

    control_no: str
    copy: str
    of: int | None
    mark: str
    own_mark: str


def try_import(desk: Desk, paper: PaperRegister, *, facility: FacilityId | None, officer: PersonId | None) -> DayZero:
    """What an import would come to now; nothing is written.

    Raises:
        LocalError: it is not said whose register it is.
    """

    def read(tx: Tx) -> DayZero:
        now = desk.clock()
        where = facility_of(tx, facility, officer=officer, now=now)
        matched, unmatched = match_register(tx, desk, paper, facility=where, now=now)
        return DayZero(facility=where, paper=paper, matched=matched, unmatched=unmatched, record=None)

    return desk.store.run(read)


def import_register(
    desk: Desk,
    actor: Actor,
    paper: PaperRegister,
    *,
    file: HexDigest,
    facility: FacilityId | None,
    leave_unmatched: bool,
) -> DayZero:
    """Enter what a paper register says, and sign for what was entered and what was left.

    Args:
        desk: ours.
        actor: the control officer of the facility.
        paper: as it was read.
        file: the digest of the file.
        facility: whose register it is; the actor's if None.
        leave_unmatched: lines without a match stay on paper, and are listed in what is signed.

    Raises:
        RegisterError: imported before; a line matches nothing and is not left; or no line matches.
        RefusedError: the actor is no control officer of the facility.

    Source: F-01, G6-7, G10-2.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")

    def unit(tx: Tx) -> DayZero:
        now = desk.clock()
        where = facility_of(tx, facility, officer=actor.person, now=now)
        _require_officer(tx, actor, where, now=now)
        # (1) one file once
        if tx.latest(PaperImportRecord, file=file) is not None:
            raise RegisterError(
                "registry/imported-before",
                f"this file was imported already: `{file[:16]}`",
                remedy="put lines that were left on paper into a file of their own",
                clauses=("G6-7",),
            )
        # (2) every line, or every one but those that are left
        matched, unmatched = match_register(tx, desk, paper, facility=where, now=now)
        _require_matches(matched, unmatched, leave=leave_unmatched)
        # (3) CRASH: one unit; before it ends there is nothing of the file here, after it there is all of it.
        for one in matched:
            _enter_item(tx, desk, actor, one, file=file, facility=where, now=now)
        record = _sign(actor, paper, matched, unmatched, file=file, facility=where, now=now)
        enter(tx, desk, record, event=Event.PAPER_IMPORTED, subject=file, facility=where)
        return DayZero(facility=where, paper=paper, matched=matched, unmatched=unmatched, record=record)

    return desk.store.run(unit)


def labels_of(desk: Desk, file: HexDigest) -> tuple[Labelled, ...]:
    """What stands on the labels of an import's copies that are here still, in the order of the file.

    Raises:
        RegisterError: there is no such import.
    """

    def read(tx: Tx) -> tuple[Labelled, ...]:
        if tx.latest(PaperImportRecord, file=file) is None:
            raise RegisterError(
                "registry/no-such-import", f"no file `{file[:16]}` was imported", remedy="see `registry imports`"
            )
        return tuple(label for one in tx.every(CarriedOver, file=file) for label in _labels(tx, desk, one))

    return desk.store.run(read)


def list_imports(desk: Desk) -> list[PaperImportRecord]:
    """Every import, with the lines that were left on paper."""
    return desk.store.run(lambda tx: tx.every(PaperImportRecord))


def _labels(tx: Tx, desk: Desk, carried: CarriedOver) -> list[Labelled]:
    record, booking = tx.latest(ItemRecord, id=carried.item), tx.latest(Booking, item=carried.item)
    if record is None or booking is None:
        msg = "an item is carried over with its booking"
        raise RuntimeError(msg)
    events = tx.every(CustodyEvent, item=carried.item)
    return [
        Labelled(
            control_no=booking.control_no,
            copy=event.copy,
            of=carried.of,
            mark=record.label.mark,
            own_mark=desk.policy.classification(booking.own_mark).mark,
        )
        for event in events
        if event.kind is CustodyKind.CARRIED_OVER
        and copy_line(tx, event.item, event.copy).place in {Place.HELD, Place.IN_TRANSIT}
    ]


def _require_officer(tx: Tx, actor: Actor, facility: FacilityId, *, now: Instant) -> None:
    held = control_appointments(tx, actor.person)
    if not any(one.line.facility == facility and one.valid.covers(now) for one in held):
        raise RefusedError(
            "flows/another-facility",
            f"`{actor.person}` is not the current control officer of `{facility}`",
            remedy="let its control officer do it, or appoint one: gsomia facility appoint",
            clauses=("G10-2",),
        )


def _require_matches(matched: tuple[Matched, ...], unmatched: tuple[Unmatched, ...], *, leave: bool) -> None:
    if unmatched and not leave:
        first = unmatched[0]
        raise RegisterError(
            "registry/lines-unmatched",
            f"{len(unmatched)} lines match nothing; the first: line {first.line}, column `{first.column}`: {first.why}",
            remedy="see them all with `--dry-run`, name what they mean with `--map`, or `--leave-unmatched`",
            clauses=("G6-7", first.clause),
        )
    if not matched:
        raise RegisterError(
            "registry/nothing-to-import", "no line of the file can be entered", remedy="see them with `--dry-run`"
        )


def _enter_item(
    tx: Tx, desk: Desk, actor: Actor, one: Matched, *, file: HexDigest, facility: FacilityId, now: Instant
) -> None:
    paper = one.paper
    record = ItemRecord(
        id=one.item,
        originator=paper.originator,
        label=one.label,
        form=paper.form,
        topic=paper.topic,
        purpose=paper.purpose,
        content_digest=paper.matter.digest,
        holding=None,
        matter=paper.matter,
        registrar=actor.person if one.agreement is None else None,
        facility=facility,
        origin=_origin(tx, desk, one, file=file, now=now),
        at=now,
    )
    booking = Booking(
        item=one.item,
        own_mark=one.own_mark,
        rank=one.rank,
        basis="carried over from the paper register",
        control_no=paper.control_no,
        officer=actor.person,
        facility=facility,
        at=now,
    )
    carried = CarriedOver(
        file=file,
        item=one.item,
        control_no=paper.control_no,
        document_no=paper.document_no,
        lines=paper.lines,
        of=paper.copies[0].of,
    )
    enter(tx, desk, record, event=Event.ITEM_REGISTERED, subject=one.item)
    enter(tx, desk, booking, event=Event.ITEM_BOOKED, subject=one.item)
    enter(tx, desk, carried, event=Event.ITEM_CARRIED_OVER, subject=one.item, file=file)
    for copy in paper.copies:
        begin_copy(tx, desk, _custody(desk, record, copy, actor=actor, facility=facility), originator=paper.originator)
    show_item(tx, record, booking)


def _origin(tx: Tx, desk: Desk, one: Matched, *, file: HexDigest, now: Instant) -> Origin | None:
    if one.agreement is None:
        return None
    stands = standing(tx, one.agreement, at=now, desk=desk)
    return Origin(
        sender=one.paper.originator,
        instrument=one.agreement.id,
        agreement=one.agreement.digest,
        state=f"{stands.state} ({stands.banner})" if stands.banner else stands.state,
        consignment=new_consignment_id(desk.entropy),
        manifest=file,
    )


def _custody(desk: Desk, record: ItemRecord, copy: PaperCopy, *, actor: Actor, facility: FacilityId) -> CustodyEvent:
    origin = record.origin
    return CustodyEvent(
        item=record.id,
        copy=copy.copy,
        kind=CustodyKind.CARRIED_OVER,
        custodian=desk.party,
        facility=facility,
        by=actor.person,
        to=cast("PersonId | None", copy.holder),
        container=copy.place,
        instrument=origin.instrument if origin else None,
        counterpart=origin.sender if origin else None,
        consignment=origin.consignment if origin else None,
        at=record.at,
    )


def _sign(
    actor: Actor,
    paper: PaperRegister,
    matched: tuple[Matched, ...],
    unmatched: tuple[Unmatched, ...],
    *,
    file: HexDigest,
    facility: FacilityId,
    now: Instant,
) -> PaperImportRecord:
    body = PaperImport(
        file=file,
        facility=facility,
        rows=paper.rows,
        items=len(matched),
        copies=sum(len(one.paper.copies) for one in matched),
        left=tuple(LeftLine(line=one.line, column=one.column, why=one.why) for one in unmatched),
        dropped=paper.dropped,
        at=now,
    )
    return PaperImportRecord(file=file, facility=facility, act=sign_act(body, kind=IMPORT, hand=actor.hand), at=now)
