"""A change of level: the originator's notice, said to everybody who holds the item, and carried out on every copy.

1. Only the originator says it; there is no path by which a holder changes a level (G4-7, X-7).
2. In one unit the notice, the new levels here and the statements to the holders are written: for the item, and for each
   item of ours that was made from it and comes to another level.
3. A holder enters it as it is heard: the new level counts at once, each copy that bears the old mark is open.
4. An officer says of a copy that it bears the new mark; each side tells the other how many are still open.

Source: F-10, G6-8, G4-7, G15-4, X-7, A-37, LEDGER-6.
"""

from dataclasses import dataclass

from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import RefusedError, UnavailableError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.levels import (
    BY_NOTICE,
    Change,
    Level,
    check_not_below,
    derived_level,
    follow_change,
    level_of,
    order_remarking,
    read_through_table,
)
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.remark import holders_of
from gsomia.flows.say import say
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import (
    DECLASSIFIED,
    LEVEL_CHANGE,
    Booking,
    Derivation,
    ItemRecord,
    LevelChange,
    LevelNotice,
    RegisterError,
    latest_notice,
)

NOTICE_OFFICES = frozenset({Office.RELEASING_AUTHORITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """What a notice will do, read before it is signed."""

    changes: tuple[Change, ...]
    notices: tuple[LevelChange, ...]
    holders: tuple[tuple[PartyCode, ...], ...]


def regrade_item(desk: Desk, actor: Actor, item: ItemId, *, to: str, number: str) -> LevelNotice:
    """Give an item of ours another level, and tell everybody who holds it.

    Args:
        desk: ours, unlocked.
        actor: the releasing authority.
        item: an item of our own.
        to: the new level, an id or mark of our policy, or `DECLASSIFIED`.
        number: of the notice.

    Raises:
        RefusedError: the item is another's: only its originator's written notice changes its level.
        RegisterError: it has that level, the notice was given before, or a parent stands higher.
        UnavailableError: the register changed meanwhile; repeat it.

    Source: F-10, G4-7, G6-8, LEDGER-6.
    """
    require_office(desk, actor, *NOTICE_OFFICES, clause="G6-8")
    _require_ours(desk, item)
    level = None if to == DECLASSIFIED else desk.policy.classification(to).id
    now = desk.clock()
    planned = desk.store.run(lambda tx: _plan(tx, desk, item, level=level, number=number, now=now))
    said = [
        say_act(notice, kind=LEVEL_CHANGE, hand=actor.hand, signer=desk.unlocked.keys.statement)
        for notice in planned.notices
    ]

    def unit(tx: Tx) -> LevelNotice:
        if _plan(tx, desk, item, level=level, number=number, now=now) != planned:
            raise UnavailableError("flows/register-changed", "the register changed meanwhile", remedy="repeat it")
        own = {statement.value.body.item: statement for statement in said}
        first = enter_notice(tx, desk, said[0], at=now)
        for statement in said[1:]:
            enter_notice(tx, desk, statement, at=now)
        for change in planned.changes:
            behind = own.get(change.record.id, said[0])
            order_remarking(tx, desk, change, notice=behind.digest, number=number, basis=BY_NOTICE, by=actor.person)
        for statement, parties in zip(said, planned.holders, strict=True):
            for party in parties:
                say(tx, desk, statement, kind=LEVEL_CHANGE, to=party, subject=statement.value.body.item)
        return first

    notice = desk.store.run(unit)
    for party in sorted({party for parties in planned.holders for party in parties}):
        desk.said(party)
    return notice


def hear_level_change(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[LevelChange]], now: Instant
) -> None:
    """The originator of an item changed its level.

    Raises:
        ActError: it is not the originator who says so.

    Source: G4-7, G6-8, X-7.
    """
    change = statement.value.body
    if change.originator != sender:
        raise ActError("registry/notice-not-originators", "only the originator changes a level", clauses=("G4-7",))
    enter_level_change(tx, desk, statement, now)


def enter_level_change(tx: Tx, desk: Desk, statement: Statement[Act[LevelChange]], now: Instant) -> None:
    """Enter an originator's notice, whoever carried it here, and what it means for what we hold; once.

    Args:
        tx: the unit.
        desk: ours.
        statement: proven to be the originator's.
        now: when it was heard.

    Raises:
        ActError: the item is another originator's, or two notices bear one number.

    Source: F-10, G6-8.
    """
    change = statement.value.body
    if tx.latest(LevelNotice, statement=statement.digest) is not None:
        return
    record = tx.latest(ItemRecord, id=change.item)
    if record is not None and record.originator != change.originator:
        raise ActError("registry/notice-not-originators", "only the originator changes a level", clauses=("G4-7",))
    before = latest_notice(tx.every(LevelNotice, item=change.item))
    if any(known.change.serial == change.serial for known in tx.every(LevelNotice, item=change.item)):
        raise ActError("registry/notice-twice", "another notice of that number changed the level", clauses=("F-10",))
    enter_notice(tx, desk, statement, at=now)
    if record is None or (before is not None and before.change.serial > change.serial):
        return  # it waits for the item, or a later one came first
    if tx.latest(Booking, item=record.id) is not None:
        _carry_out(tx, desk, record, change, notice=statement.digest)


def enter_notice(tx: Tx, desk: Desk, statement: Statement[Act[LevelChange]], *, at: Instant) -> LevelNotice:
    """Keep a notice, ours or heard."""
    change = statement.value.body
    known = tx.latest(LevelNotice, statement=statement.digest)
    if known is not None:
        return known
    notice = LevelNotice(item=change.item, number=change.number, statement=statement.digest, change=change, at=at)
    enter(tx, desk, notice, event=Event.ITEM_LEVEL_NOTED, subject=change.item, number=change.number)
    return notice


def enter_own_again(tx: Tx, desk: Desk, statement: Statement[Act[LevelChange]], *, at: Instant) -> None:
    """Take back a notice of ours that our record lost, with what it means for what we hold."""
    change = statement.value.body
    if tx.latest(LevelNotice, statement=statement.digest) is not None:
        return
    enter_notice(tx, desk, statement, at=at)
    record = tx.latest(ItemRecord, id=change.item)
    if record is not None:
        _carry_out(tx, desk, record, change, notice=statement.digest)


def _require_ours(desk: Desk, item: ItemId) -> None:
    record = desk.store.run(lambda tx: get_item(tx, item))
    if record.originator == desk.party:
        return
    raise RefusedError(
        "flows/level-not-ours",
        f"`{item}` is {record.originator}'s: only its written notice changes the level",
        remedy="ask the originator in writing",
        clauses=("G4-7", "X-7"),
    )


def _plan(tx: Tx, desk: Desk, item: ItemId, *, level: str | None, number: str, now: Instant) -> _Planned:
    record = get_item(tx, item)
    if any(known.number == number for known in tx.every(LevelNotice, item=item)):
        raise RegisterError("registry/notice-given", f"notice `{number}` was given before", remedy="see `item show`")
    old, derivation = level_of(tx, record), tx.latest(Derivation, item=item)
    if old.classification == level:
        raise RegisterError("registry/same-level", f"`{item}` has that level already", remedy="see `item show`")
    if derivation is not None:
        new = _derived_at(tx, desk, derivation, level=level, held=old.own_mark)
    else:
        new, _ = read_through_table(tx, desk, record, level, held=old.own_mark)
    changes = follow_change(
        tx, desk, Change(record=record, old=old, new=new, stated=level if derivation is not None else None)
    )
    notices, holders = [], []
    for change in changes:
        parties = holders_of(tx, change.record.id) if change.record.originator == desk.party else ()
        if change is changes[0] or parties:
            notices.append(_notice(tx, desk, change, number=number, now=now))
            holders.append(parties)
    return _Planned(changes=tuple(changes), notices=tuple(notices), holders=tuple(holders))


def _derived_at(tx: Tx, desk: Desk, derivation: Derivation, *, level: str | None, held: str | None) -> Level:
    parents = tuple(level_of(tx, get_item(tx, parent)) for parent in derivation.parents)
    if level is not None:
        check_not_below(desk.policy.classification(level), parents)
    elif any(parent.rank for parent in parents):
        raise RegisterError(
            "registry/lower-than-parent",
            f"`{derivation.item}` cannot be declassified while a parent is classified",
            remedy="change the level of the parents first",
            clauses=("G4-6", "LEDGER-6"),
        )
    return derived_level(
        tx, desk, derivation, of=lambda parent: level_of(tx, get_item(tx, parent)), own=level, held=level or held
    )


def _notice(tx: Tx, desk: Desk, change: Change, *, number: str, now: Instant) -> LevelChange:
    last = latest_notice(tx.every(LevelNotice, item=change.record.id))
    return LevelChange(
        number=number,
        serial=last.change.serial + 1 if last else 1,
        originator=desk.party,
        item=change.record.id,
        old=change.old.classification,
        new=change.new.classification,
        effective=now,
    )


def _carry_out(tx: Tx, desk: Desk, record: ItemRecord, change: LevelChange, *, notice: HexDigest) -> None:
    old = level_of(tx, record)
    new, _ = read_through_table(tx, desk, record, change.new, held=old.own_mark)
    derivation = tx.latest(Derivation, item=record.id)
    stated = None if derivation is None else change.new
    for one in follow_change(tx, desk, Change(record=record, old=old, new=new, stated=stated)):
        order_remarking(tx, desk, one, notice=notice, number=change.number, basis=BY_NOTICE, by=None)
