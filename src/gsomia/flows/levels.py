"""What level an item has now, and what a change of it means for everything that was made from it.

1. The level of a received item is that of its label, or of the notice with the highest number about it; our own mark
   is what the table of the item's own agreement gives for it (A-37), chosen by an officer where that leaves a choice.
2. A derived item stands as high as the highest of its parents and of what is its own; so it follows each change of a
   parent, and never falls below another one.
3. Whoever is not cleared for the new level reads no more from the same unit on; a copy that bears the old mark is open
   until somebody marked it again.

Source: G4-1, G4-6, G6-8, A-14, A-37, LEDGER-6.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.custody import let_wait, show_item
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.ids import CopyId, HexDigest, ItemId, PartyCode, PersonId
from gsomia.labels import Classification, Label, LabelRefusal, Policy, Translated, translate
from gsomia.registry import (
    UNKNOWN_RANK,
    Booking,
    CopyLine,
    Derivation,
    DerivedFrom,
    ItemRecord,
    LevelNotice,
    Origin,
    Place,
    RegisterError,
    Regraded,
    Remarked,
    Waiting,
    latest_notice,
)

MAX_COPIES = 1 << 20
BY_NOTICE = "the originator's notice"
_GONE = frozenset({Place.RETURNED, Place.DESTROYED, Place.HANDED_ON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Where an item stands now.

    Args:
        classification: under the originator's policy; None if it is declassified.
        own_mark: our own; None while an officer has yet to choose, and for what is declassified.
        rank: to protect it by.
        choices: what the officer may choose from.
    """

    classification: str | None
    own_mark: str | None
    rank: int
    choices: tuple[str, ...] = ()


def level_of(tx: Tx, record: ItemRecord) -> Level:
    """The level of an item as the register stands in this unit."""
    regraded, booking = tx.latest(Regraded, item=record.id), tx.latest(Booking, item=record.id)
    if regraded is not None:
        return Level(classification=regraded.new, own_mark=regraded.own_mark, rank=regraded.rank)
    if booking is not None:
        return Level(classification=record.label.classification, own_mark=booking.own_mark, rank=booking.rank)
    noticed = latest_notice(tx.every(LevelNotice, item=record.id))
    known = noticed.change.new if noticed else record.label.classification
    return Level(classification=known, own_mark=None, rank=UNKNOWN_RANK)


def label_at(label: Label, level: str | None, *, policy: Policy) -> Label:
    """An originator's label with another level of its policy; mark and level change, nothing else does.

    Raises:
        RefusedError: there is no level any more.
    """
    if level == label.classification:
        return label
    if level is None:
        raise RefusedError(
            "flows/declassified",
            "the item is declassified: it is no classified military information any more",
            remedy="what is not classified travels outside the instrument",
            clauses=("G4-5",),
        )
    found = policy.classification(level)
    return replace(label, classification=found.id, mark=found.mark)


def label_now(tx: Tx, desk: Desk, record: ItemRecord) -> Label:
    """The label of an item at the level it has now.

    Raises:
        RefusedError: the item is declassified.
    """
    return label_at(record.label, level_of(tx, record).classification, policy=desk.policies[record.originator])


def governing(tx: Tx, record: ItemRecord) -> Origin | None:
    """How an item came, or, if it was derived here, how the first of its foreign parents did.

    Source: G1-1, G4-6.
    """
    if record.origin is not None:
        return record.origin
    derivation = tx.latest(Derivation, item=record.id)
    for parent in derivation.parents if derivation else ():
        known = tx.latest(ItemRecord, id=parent)
        found = governing(tx, known) if known is not None and known.originator == record.originator else None
        if found is not None:
            return found
    return None


def given_as(tx: Tx, record: ItemRecord) -> ItemRecord:
    """The item that its originator knows: itself, or the first foreign parent of what was derived here."""
    derivation = tx.latest(Derivation, item=record.id) if record.origin is None else None
    for parent in derivation.parents if derivation else ():
        known = tx.latest(ItemRecord, id=parent)
        if known is not None and known.originator == record.originator and governing(tx, known) is not None:
            return given_as(tx, known)
    return record


def givens_of(tx: Tx, record: ItemRecord) -> tuple[ItemRecord, ...]:
    """Every item of its originator's from which an item was made here, each once; none if it came as it is.

    Source: G4-6, G6-1.
    """
    found: dict[ItemId, ItemRecord] = {}
    derivation = tx.latest(Derivation, item=record.id) if record.origin is None else None
    for parent in derivation.parents if derivation else ():
        known = tx.latest(ItemRecord, id=parent)
        if known is not None and known.originator == record.originator:
            found |= {one.id: one for one in ((known,) if known.origin else givens_of(tx, known))}
    return tuple(found.values())


def read_through_table(
    tx: Tx, desk: Desk, record: ItemRecord, level: str | None, *, held: str | None
) -> tuple[Level, Translated | LabelRefusal | None]:
    """What a level of an item that is not derived means under our own policy.

    Args:
        tx: the unit.
        desk: ours.
        record: the item.
        level: under its originator's policy.
        held: our own mark until now, which stays where the table allows it.

    Source: A-06, A-37 (the table of the item's own agreement), EQ-3.
    """
    if level is None:
        return Level(classification=None, own_mark=None, rank=0), None
    if record.originator == desk.party:
        found = desk.policy.classification(level)
        return Level(classification=found.id, own_mark=found.id, rank=found.rank), None
    origin = record.origin
    known = tx.latest(AgreementRecord, instrument=origin.instrument, agreement=origin.agreement) if origin else None
    policy = desk.policies[record.originator]
    if known is None or policy.find(level) is None:
        return Level(classification=level, own_mark=None, rank=UNKNOWN_RANK), None
    label = label_at(record.label, level, policy=policy)
    result = translate(label, table=known.text.table, from_policy=policy, to_policy=desk.policy, now=label.created_at)
    if isinstance(result, LabelRefusal):
        # Beyond the instrument: nobody here may read it; it goes back, or is destroyed.
        return Level(classification=level, own_mark=None, rank=UNKNOWN_RANK), result
    mark = result.allowed[0] if not result.pending else held if held in result.allowed else None
    rank = desk.policy.classification(mark).rank if mark else result.rank
    return Level(classification=level, own_mark=mark, rank=rank, choices=result.allowed), result


def rolled_up(
    desk: Desk, originator: PartyCode, levels: tuple[Level, ...], *, own: str | None, held: str | None
) -> Level:
    """The level of a work made from parts: the highest of them, own part included.

    Args:
        desk: ours.
        originator: whose work it is.
        levels: of the parents.
        own: the level of own material, under our own policy.
        held: our own mark until now; of two marks of one rank it stays.

    Source: G4-6, A-14, LEDGER-6.
    """
    policy = desk.policies[originator]
    # A level of our own parents is no word of the originator's policy; it counts in our own mark.
    named = [found for one in levels if one.classification and (found := policy.find(one.classification))]
    ours = [desk.policy.classification(one.own_mark) for one in levels if one.own_mark is not None]
    if own is not None:
        found = desk.policy.classification(own)
        ours.append(found)
        named += [found] if originator == desk.party else []
    top = max(named, key=lambda one: one.rank, default=None)
    rank = max([*(one.rank for one in levels), *(one.rank for one in ours)], default=0)
    choices = tuple(sorted({one.id for one in ours if one.rank == rank}))
    mark = held if held in choices else choices[0] if len(choices) == 1 else None
    if any(one.own_mark is None and one.classification is not None for one in levels):
        mark, choices = None, ()  # a parent is open: so is what was made of it
    level = mark if originator == desk.party and mark is not None else top.id if top else None
    return Level(classification=level, own_mark=mark, rank=rank, choices=choices)


def derived_level(
    tx: Tx, desk: Desk, derivation: Derivation, *, of: Callable[[ItemId], Level], own: str | None, held: str | None
) -> Level:
    """What a derived item's level is, if its parents stand as `of` says."""
    record = _record(tx, derivation.item)
    return rolled_up(desk, record.originator, tuple(of(parent) for parent in derivation.parents), own=own, held=held)


def own_part(tx: Tx, derivation: Derivation) -> str | None:
    """The level of what is own in a derived item, or what its originator stated for it since."""
    regraded = tx.latest(Regraded, item=derivation.item)
    return regraded.stated if regraded is not None else derivation.own_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item and the level it comes to."""

    record: ItemRecord
    old: Level
    new: Level
    stated: str | None


def follow_change(tx: Tx, desk: Desk, first: Change) -> list[Change]:
    """Everything whose level changes because one item's does, that item first, parents before what was made of them.

    Source: G15-4, LEDGER-6.
    """
    known = {first.record.id: first.new}
    changes = [first]

    def of(item: ItemId) -> Level:
        found = known.get(item)
        return found if found is not None else level_of(tx, _record(tx, item))

    for item in _descendants(tx, first.record.id):
        derivation = tx.latest(Derivation, item=item)
        if derivation is None:
            continue
        record, own = _record(tx, item), own_part(tx, derivation)
        old = level_of(tx, record)
        new = derived_level(tx, desk, derivation, of=of, own=own, held=old.own_mark)
        known[item] = new
        if (new.classification, new.own_mark, new.rank) != (old.classification, old.own_mark, old.rank):
            changes.append(Change(record=record, old=old, new=new, stated=own))
    return changes


def order_remarking(
    tx: Tx, desk: Desk, change: Change, *, notice: HexDigest, number: str, basis: str, by: PersonId | None
) -> Regraded:
    """Enter an item's new level with the copies that still bear the old mark; it counts at once.

    Source: F-10, G6-8.
    """
    item = change.record.id
    before = tx.latest(Regraded, item=item, notice=notice)
    copies = before.copies if before is not None else tuple(bearing_marks(tx, desk, item))
    order = Regraded(
        item=item,
        notice=notice,
        number=number,
        new=change.new.classification,
        stated=change.stated,
        own_mark=change.new.own_mark,
        rank=change.new.rank,
        copies=copies,
        basis=basis,
        by=by,
        at=desk.clock(),
    )
    enter(tx, desk, order, event=Event.ITEM_REGRADED, subject=item, number=number)
    if copies and before is None:
        let_wait(tx, item, Waiting.REMARKING, notice, since=order.at)
    show_item(tx, change.record, tx.latest(Booking, item=item))
    return order


def bearing_marks(tx: Tx, desk: Desk, item: ItemId) -> Iterator[CopyId]:
    """The copies of an item that are ours to mark: in our custody, wherever they are."""
    for line in tx.lines(CopyLine, limit=MAX_COPIES, item=item):
        if line.custodian == desk.party and line.place not in _GONE and not _is_abroad(line):
            yield line.copy


def open_copies(tx: Tx, order: Regraded) -> tuple[CopyId, ...]:
    """The copies of an order that nobody has marked again; what is destroyed or gone is no longer open."""
    if not order.copies:
        return ()
    done = {one.copy for one in tx.every(Remarked, notice=order.notice, item=order.item)}
    here = {line.copy for line in tx.lines(CopyLine, limit=MAX_COPIES, item=order.item) if line.place is Place.HELD}
    return tuple(copy for copy in order.copies if copy in here and copy not in done)


def orders_of(tx: Tx, notice: HexDigest) -> list[Regraded]:
    """The orders a notice became here, the last one for each item."""
    return list({order.item: order for order in tx.every(Regraded, notice=notice)}.values())


def count_open(tx: Tx, notice: HexDigest) -> tuple[int, int]:
    """How many copies a notice concerns here, and how many of them are open."""
    orders = orders_of(tx, notice)
    return sum(len(order.copies) for order in orders), sum(len(open_copies(tx, order)) for order in orders)


def check_not_below(level: Classification, parents: tuple[Level, ...]) -> None:
    """Hold a level that was stated for a derived item against its parents.

    Raises:
        RegisterError: it is lower than one of them.

    Source: G4-6, LEDGER-6.
    """
    highest = max((one.rank for one in parents), default=0)
    if level.rank < highest:
        raise RegisterError(
            "registry/lower-than-parent",
            f"`{level.id}` is lower than a parent of the item",
            remedy="a derived item stands at least as high as everything it was made from",
            clauses=("G4-6", "LEDGER-6"),
        )


def _is_abroad(line: CopyLine) -> bool:
    # A consignment under way carries what it was sealed with; the notice follows it.
    return line.place is Place.IN_TRANSIT and line.copy.startswith("csg_")


def _descendants(tx: Tx, item: ItemId) -> list[ItemId]:
    """All that was made from an item, parents before children."""
    found: dict[ItemId, None] = {}
    path = [(item, iter(tx.every(DerivedFrom, parent=item)))]
    while path:
        at, children = path[-1]
        for child in islice(children, 1):
            if child.item not in found:
                path.append((child.item, iter(tx.every(DerivedFrom, parent=child.item))))
            break
        else:
            path.pop()
            if at != item:
                found[at] = None
    return list(reversed(found))


def _record(tx: Tx, item: ItemId) -> ItemRecord:
    record = tx.latest(ItemRecord, id=item)
    if record is None:
        msg = f"a link names `{item}`, which is not in the register"
        raise RuntimeError(msg)
    return record
