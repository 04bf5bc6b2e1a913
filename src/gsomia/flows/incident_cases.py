"""Enter a case, and find what it is about: what the register knows is taken from it.

Source: F-17, G17-1, A-12.
"""

from collections.abc import Iterable

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    MAX_CONCERNED,
    CallEntry,
    CaseEntry,
    IncidentCase,
    IncidentSubject,
    MessageEntry,
    SubjectKind,
)
from gsomia.flows.case_file import enter_entry
from gsomia.flows.custody import copy_line, move_copy
from gsomia.flows.desk import Desk
from gsomia.flows.facts import get_item
from gsomia.flows.incident_addressees import roots_of
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Concerned
from gsomia.ids import CopyId, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.registry import (
    MOVES,
    Container,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    IncidentMark,
    ItemRecord,
    Package,
    Suspicion,
)

_SUBJECTS = {
    Suspicion.LINE_NOT_ACCREDITED: SubjectKind.CALL,
    Suspicion.LEVEL_NOT_STATED: SubjectKind.CALL,
    Suspicion.HEARD_UNCLEARED: SubjectKind.ITEM,
}


def subject_of(tx: Tx, mark: IncidentMark) -> IncidentSubject:
    """What a mark is on, as the register knows it; a number that it does not know is taken as a reference."""
    kind = _SUBJECTS.get(mark.what)
    if kind is None:
        known = (
            (SubjectKind.CONTAINER, tx.latest(Container, id=mark.subject)),
            (SubjectKind.PACKAGE, tx.latest(Package, number=mark.subject)),
            (SubjectKind.ITEM, tx.latest(ItemRecord, id=mark.subject)),
        )
        kind = next((kind for kind, record in known if record is not None), SubjectKind.CALL)
    return IncidentSubject(kind=kind, id=mark.subject)


def party_of(tx: Tx, subject: IncidentSubject) -> PartyCode | None:
    """With whom words on the hotline were exchanged, as the watch log has it; of anything else the items tell.

    Raises:
        LocalError: the watch log holds nothing of that reference.
    """
    if subject.kind is not SubjectKind.CALL:
        return None
    said = tx.latest(MessageEntry, message=subject.id) or tx.latest(CallEntry, call=subject.id)
    if said is None:
        raise LocalError("flows/unknown-message", f"the watch log holds no `{subject.id}`", remedy="see `hotline log`")
    return said.party


def last_intact(tx: Tx, concerned: Concerned, *, discovered: Instant) -> Instant:
    """When all was last seen in order, if nobody says: when the first of the items came."""
    return min((get_item(tx, item).at for item in concerned), default=discovered)


def within_one_case(concerned: Concerned) -> tuple[ItemId, ...]:
    """The items of one case.

    Raises:
        RefusedError: more than one report can tell.
    """
    if len(concerned) > MAX_CONCERNED:
        raise RefusedError(
            "flows/incident-too-wide",
            f"`{len(concerned)}` items are concerned, more than `{MAX_CONCERNED}`",
            remedy="open one for each container or person, or narrow the time: `--intact`, `--discovered`",
            clauses=("F-17",),
        )
    return tuple(sorted(concerned))


def instruments_of(tx: Tx, items: Iterable[ItemId]) -> tuple[InstrumentId, ...]:
    """Under which instruments items came here, or what they were derived from."""
    origins = (root.origin for item in items for root in roots_of(tx, item))
    return tuple(sorted({origin.instrument for origin in origins if origin is not None}))


def can_be_lost(tx: Tx, item: ItemId, copy: CopyId) -> bool:
    """Whether a copy is where the ledger can have it as lost from: here, or on its way."""
    line = tx.line(CopyLine, item=item, copy=copy)
    return line is not None and line.place in MOVES[CustodyKind.LOST]


def enter_case(
    tx: Tx,
    desk: Desk,
    case: IncidentCase,
    *,
    mark: IncidentMark | None,
    opened: CaseEntry | None,
    late: bool = False,
) -> None:
    """Enter a case with its first entry and, if a copy is lost, where the ledger has it; once.

    Args:
        tx: the unit.
        desk: ours.
        case: the case.
        mark: a mark that the record showed by itself and that stands nowhere yet.
        opened: its first entry; None if the case stands in the record.
        late: whether it comes from the spare journal. The case stands then even if the copy came to another place
            since, from where nothing is lost.
    """
    if opened is None or tx.latest(IncidentCase, id=case.id) is not None:
        return
    if mark is not None and not any(one == mark for one in tx.every(IncidentMark, subject=mark.subject)):
        enter(tx, desk, mark, event=Event.INCIDENT_MARKED, subject=mark.subject, what=mark.what)
    event = Event.INCIDENT_REPORTED_LATE if late else Event.INCIDENT_OPENED
    enter(tx, desk, case, event=event, subject=case.id, what=case.what)
    enter_entry(tx, desk, opened)
    if case.lost and case.subject.copy is not None:
        item = case.items[0]
        if late and not can_be_lost(tx, item, case.subject.copy):
            return
        lost = CustodyEvent(
            item=item,
            copy=case.subject.copy,
            kind=CustodyKind.LOST,
            custodian=copy_line(tx, item, case.subject.copy).custodian,
            by=case.by,
            at=desk.clock(),
        )
        move_copy(tx, desk, lost)
