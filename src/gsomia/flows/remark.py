"""An order to mark copies again, carried out: which copies are open, who marked them, what each side tells the other.

Source: F-10, G6-8, A-06.
"""

from dataclasses import dataclass, replace

from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import Delivery, Stage
from gsomia.flows.custody import wait_no_more
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.levels import (
    Change,
    Level,
    count_open,
    derived_level,
    follow_change,
    level_of,
    open_copies,
    order_remarking,
    orders_of,
    own_part,
    read_through_table,
)
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.flows.say import say
from gsomia.flows.stages import stage_of
from gsomia.ids import CopyId, HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import (
    LEVEL_REPORT,
    Booking,
    Derivation,
    ItemRecord,
    LevelNotice,
    LevelReport,
    LevelReported,
    RegisterError,
    Regraded,
    Remarked,
    Waiting,
    latest_notice,
    latest_report,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    """Copies that bear the new mark, and what there is to say of it."""

    done: tuple[Remarked, ...]
    reports: tuple[LevelReport, ...]


def choose_mark(desk: Desk, actor: Actor, item: ItemId, *, mark: str, basis: str) -> Regraded:
    """Choose our own mark where the table leaves a choice after a change of level.

    Raises:
        RefusedError: nothing is open: a holder changes no mark (X-7).
        RegisterError: the table does not allow that mark.

    Source: A-06, G4-2, G4-7.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    chosen = desk.policy.classification(mark)

    def unit(tx: Tx) -> Regraded | None:
        record = get_item(tx, item)
        order, level = tx.latest(Regraded, item=item), level_of(tx, record)
        if order is None or level.own_mark is not None or level.classification is None:
            return None
        choices = _choices(tx, desk, record, order)
        if chosen.id not in choices:
            raise RegisterError(
                "registry/mark-not-allowed",
                f"`{chosen.id}` does not answer to the new level of `{item}`",
                remedy="the table allows: " + (", ".join(choices) or "none: return or destroy the item"),
                clauses=("G4-2", "A-06"),
            )
        new = Level(classification=level.classification, own_mark=chosen.id, rank=chosen.rank)
        first = Change(record=record, old=level, new=new, stated=order.stated)
        orders = [
            order_remarking(tx, desk, one, notice=order.notice, number=order.number, basis=basis, by=actor.person)
            for one in follow_change(tx, desk, first)
        ]
        return orders[0]

    done = desk.store.run(unit)
    if done is None:
        raise RefusedError(
            "flows/mark-not-open",
            f"no mark of `{item}` is open, and a holder changes none",
            remedy="ask the originator in writing",
            clauses=("G4-7", "X-7"),
        )
    return done


def mark_done(desk: Desk, actor: Actor, item: ItemId, copies: tuple[CopyId, ...]) -> tuple[LevelReport, ...]:
    """Say of copies that they bear the new mark, and tell the other side how many are still open.

    Raises:
        RegisterError: a copy is not open, or our own mark is not chosen yet.
        UnavailableError: the register changed meanwhile; repeat it.

    Source: F-10, G6-8.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    now = desk.clock()
    planned = desk.store.run(lambda tx: _mark(tx, desk, actor, item, copies, now))
    said = _sign(desk, actor, planned.reports)

    def unit(tx: Tx) -> None:
        if _mark(tx, desk, actor, item, copies, now) != planned:
            raise UnavailableError("flows/register-changed", "the register changed meanwhile", remedy="repeat it")
        for one in planned.done:
            enter(tx, desk, one, event=Event.ITEM_REMARKED, subject=one.item, copy=one.copy)
        for item_marked, notice in dict.fromkeys((one.item, one.notice) for one in planned.done):
            _settle_order(tx, item_marked, notice)
        say_reports(tx, desk, said, at=now)

    desk.store.run(unit)
    for report in planned.reports:
        desk.said(report.to)
    return planned.reports


def say_reports(tx: Tx, desk: Desk, said: tuple[Statement[Act[LevelReport]], ...], *, at: Instant) -> None:
    """Keep what we report, and say it, in the caller's unit."""
    for statement in said:
        body = statement.value.body
        enter_report(tx, desk, body, at=at)
        say(tx, desk, statement, kind=LEVEL_REPORT, to=body.to, subject=body.item)


def hear_level_report(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[LevelReport]], now: Instant
) -> None:
    """The other side says how far it is with a notice.

    Raises:
        ActError: it is not about a notice between us, or not by its sender.

    Source: F-10, G6-8.
    """
    body = statement.value.body
    notice = tx.latest(LevelNotice, statement=body.notice)
    about = (notice.item, notice.number) if notice else None
    if (body.party, body.to) != (sender, desk.party) or about != (body.item, body.number) or body.open > body.affected:
        raise ActError("registry/report-of-another", "the report is about no notice between us", clauses=("F-10",))
    enter_report(tx, desk, body, at=now)


def enter_report(tx: Tx, desk: Desk, body: LevelReport, *, at: Instant) -> None:
    """Keep a report, ours or heard."""
    record = LevelReported(notice=body.notice, party=body.party, report=body, at=at)
    enter(tx, desk, record, event=Event.LEVEL_REPORTED, subject=body.item, party=body.party)


def standing_of(tx: Tx, desk: Desk, notice: LevelNotice) -> dict[PartyCode, LevelReport | None]:
    """The last word of each other party about a notice; None if it has said nothing yet."""
    parties = told_of(tx, notice.statement) if notice.change.originator == desk.party else (notice.change.originator,)
    return {
        party: latest_report(tx.every(LevelReported, notice=notice.statement, party=party)) for party in sorted(parties)
    }


def notice_ahead(tx: Tx, item: ItemId) -> LevelNotice | None:
    """The notice that came before the item was booked, if one did."""
    return latest_notice(tx.every(LevelNotice, item=item))


def report_at_booking(
    desk: Desk, actor: Actor, notice: LevelNotice, *, now: Instant
) -> tuple[Statement[Act[LevelReport]], ...]:
    """What is said of a notice when its item is booked under the new mark: nothing bears the old one."""
    planned = desk.store.run(lambda tx: _reports(tx, desk, notice.statement, now))
    return _sign(desk, actor, tuple(replace(one, affected=0, open=0) for one in planned))


def enter_level_at_booking(tx: Tx, desk: Desk, record: ItemRecord, booking: Booking, notice: LevelNotice) -> None:
    """Enter the level at which an item is booked that a notice was ahead of.

    Source: F-10, G4-2.
    """
    declassified = notice.change.new is None
    order = Regraded(
        item=record.id,
        notice=notice.statement,
        number=notice.number,
        new=notice.change.new,
        stated=None,
        own_mark=None if declassified else booking.own_mark,
        rank=0 if declassified else booking.rank,
        copies=(),
        basis=booking.basis,
        by=booking.officer,
        at=booking.at,
    )
    enter(tx, desk, order, event=Event.ITEM_REGRADED, subject=record.id, number=notice.number)


def list_orders(tx: Tx, notice: HexDigest) -> list[tuple[Regraded, tuple[CopyId, ...]]]:
    """The orders a notice became here, with the copies that are open."""
    return [(order, open_copies(tx, order)) for order in orders_of(tx, notice)]


def get_notices(tx: Tx, number: str) -> list[LevelNotice]:
    """The notices of a number.

    Raises:
        LocalError: there is none.
    """
    found = tx.every(LevelNotice, number=number)
    if not found:
        raise LocalError("flows/unknown-notice", f"there is no notice `{number}` here", remedy="see `item show`")
    return found


def holders_of(tx: Tx, item: ItemId) -> tuple[PartyCode, ...]:
    """Everybody to whom the item went, or is on its way, unless it was refused."""
    found = set()
    for delivery in tx.every(Delivery, item=item):
        if stage_of(tx, delivery).stage is not Stage.REFUSED:
            found.add(delivery.to)
    return tuple(sorted(found))


def told_of(tx: Tx, notice: HexDigest) -> tuple[PartyCode, ...]:
    """Everybody to whom we said a notice of ours."""
    return tuple(sorted({one.party for one in tx.every(StatementRecord, digest=notice, direction="own")}))


def _mark(tx: Tx, desk: Desk, actor: Actor, item: ItemId, copies: tuple[CopyId, ...], now: Instant) -> _Marked:
    level = level_of(tx, get_item(tx, item))
    if level.own_mark is None and level.classification is not None:
        raise RegisterError(
            "registry/mark-open",
            f"our own mark of `{item}` is not chosen yet",
            remedy="choose it first: gsomia item regrade … --mark M --basis TEXT",
            clauses=("A-06",),
        )
    orders = {order.notice: order for order in tx.every(Regraded, item=item)}.values()
    waiting = {order.notice: set(open_copies(tx, order)) for order in orders}
    for copy in copies:
        if not any(copy in open_ones for open_ones in waiting.values()):
            raise RegisterError(
                "registry/copy-not-open",
                f"copy {copy} of `{item}` is not waiting to be marked again",
                remedy="see `item show`",
                clauses=("F-10",),
            )
    done = tuple(
        Remarked(item=item, copy=copy, notice=notice, by=actor.person, at=now)
        for notice, open_ones in waiting.items()
        for copy in dict.fromkeys(copies)
        if copy in open_ones
    )
    reports = []
    for notice in dict.fromkeys(one.notice for one in done):
        marked = sum(one.notice == notice for one in done)
        reports += [replace(one, open=one.open - marked) for one in _reports(tx, desk, notice, now)]
    return _Marked(done=done, reports=tuple(reports))


def _settle_order(tx: Tx, item: ItemId, notice: HexDigest) -> None:
    """Once every copy of an order bears the new mark, nobody waits for it."""
    order = tx.latest(Regraded, item=item, notice=notice)
    marked = {one.copy for one in tx.every(Remarked, notice=notice, item=item)}
    if order is not None and not set(order.copies) - marked:
        wait_no_more(tx, item, Waiting.REMARKING, notice)


def _reports(tx: Tx, desk: Desk, notice: HexDigest, now: Instant) -> list[LevelReport]:
    known = tx.latest(LevelNotice, statement=notice)
    if known is None:
        msg = "an order rests on a notice that is kept"
        raise RuntimeError(msg)
    affected, left = count_open(tx, notice)
    ours = known.change.originator == desk.party
    parties = told_of(tx, notice) if ours else (known.change.originator,)
    return [
        LevelReport(
            notice=notice,
            number=known.number,
            item=known.item,
            party=desk.party,
            to=party,
            serial=tx.count(LevelReported, notice=notice, party=desk.party) + 1,
            affected=affected,
            open=left,
            at=now,
        )
        for party in parties
    ]


def _sign(desk: Desk, actor: Actor, reports: tuple[LevelReport, ...]) -> tuple[Statement[Act[LevelReport]], ...]:
    signer = desk.unlocked.keys.statement
    return tuple(say_act(one, kind=LEVEL_REPORT, hand=actor.hand, signer=signer) for one in reports)


def _choices(tx: Tx, desk: Desk, record: ItemRecord, order: Regraded) -> tuple[str, ...]:
    derivation = tx.latest(Derivation, item=record.id)
    if derivation is None:
        return read_through_table(tx, desk, record, order.new, held=None)[0].choices
    stands = derived_level(
        tx,
        desk,
        derivation,
        of=lambda parent: level_of(tx, get_item(tx, parent)),
        own=own_part(tx, derivation),
        held=None,
    )
    return stands.choices
