"""Desks of the hotline by name, and who has the watch at ours.

A desk is named to a partner by a signed statement, so that both sides know where a message goes and which numbers to
dial when the link is down. Only who has the watch at a desk speaks and acknowledges for it.

Source: relay 5.4.
"""

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    HOTLINE_DESK,
    DeskName,
    DeskNotice,
    ExchangeError,
    HotlineDesk,
    MessageEntry,
    Precedence,
    WatchTurn,
    who_has_the_watch,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hotline_facts import message_facts
from gsomia.flows.ledger import enter, share
from gsomia.flows.parties import partner
from gsomia.flows.people import get_person, require_office
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.ids import PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.parties import Act, Office, Statement, say_act

FIRST = Precedence.FLASH.rank + 1
"""A desk is named before anything is said from or to it."""
MAX_HANDED_OVER = 1000


def name_desk(
    desk: Desk,
    actor: Actor,
    *,
    name: DeskName,
    to: PartyCode,
    titles: tuple[str, str, str],
    numbers: tuple[str, ...],
    until: Instant | None,
) -> Statement[Act[DeskNotice]]:
    """Name a desk of ours to a partner, or name it anew: with its title in three languages and its numbers.

    Raises:
        LocalError: the partner is not pinned, or something is no name or number.
        RefusedError: not a security officer's act.

    Source: relay 5.4.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="A-32")
    partner(desk, to)
    now = desk.clock()
    facts = {
        "party": desk.party,
        "to": to,
        "desk": name,
        "title_ko": titles[0],
        "title_ja": titles[1],
        "title_en": titles[2],
        "numbers": list(numbers),
        "valid": Validity(start=now, until=until),
    }
    try:
        notice = canon.check(facts, DeskNotice)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-a-desk",
            "that is no desk of the hotline",
            remedy="a short name like `mnd-ops`, titles of up to 80 characters, numbers as they are dialled",
        ) from cause
    statement = say_act(notice, kind=HOTLINE_DESK, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_desk(tx, desk, notice, now)
        say(tx, desk, statement, kind=HOTLINE_DESK, to=to, subject=statement.digest, urgency=FIRST)

    desk.store.run(unit)
    desk.said(to)
    return statement


def hear_desk(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[DeskNotice]], now: Instant) -> None:
    """A partner names a desk of its own to us.

    Raises:
        ExchangeError: it names another's desk, or names it to another.
    """
    notice = statement.value.body
    if (notice.party, notice.to) != (sender, desk.party):
        raise ExchangeError("exchange/not-between-us", "it is not about the sender and us")
    enter_desk(tx, desk, notice, now)


def enter_desk(tx: Tx, desk: Desk, notice: DeskNotice, now: Instant) -> None:
    """Enter a desk, ours or a partner's; the last notice counts."""
    peer = notice.to if notice.party == desk.party else notice.party
    record = HotlineDesk(desk=notice.desk, owner=notice.party, peer=peer, notice=notice, at=now)
    enter(tx, desk, record, event=Event.HOTLINE_DESK_NAMED, subject=notice.desk, owner=notice.party)


def find_desk(tx: Tx, *, name: DeskName, owner: PartyCode, peer: PartyCode, now: Instant) -> HotlineDesk | None:
    """A desk that is named between two parties at `now`."""
    found = tx.latest(HotlineDesk, desk=name, owner=owner, peer=peer)
    return found if found is not None and found.notice.valid.covers(now) else None


def require_desk(tx: Tx, *, name: DeskName, owner: PartyCode, peer: PartyCode, now: Instant) -> HotlineDesk:
    """A desk that is named between us and a partner.

    Raises:
        LocalError: it is not, or no longer.
    """
    found = find_desk(tx, name=name, owner=owner, peer=peer, now=now)
    if found is None:
        raise LocalError(
            "flows/unknown-desk",
            f"{owner} has no hotline desk `{name[:40]}` between us and the partner",
            remedy="see `hotline desks`; a desk of ours is named with `hotline desk`",
        )
    return found


def plan_watch(desk: Desk, actor: Actor, *, name: DeskName, person: PersonId, valid: Validity) -> WatchTurn:
    """Give a duty officer the watch at a desk of ours, from a time until a time.

    Raises:
        LocalError: no such desk or person, or not a duty officer.
        RefusedError: not a security officer's act.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="A-32")
    if Office.DUTY_OFFICER not in get_person(desk, person).offices:
        raise LocalError(
            "flows/office-not-held",
            f"`{person}` was not entered with the office `duty-officer`",
            remedy="enter people with their offices: `gsomia person add --office …`",
        )
    now = desk.clock()

    def unit(tx: Tx) -> WatchTurn:
        _require_own(tx, desk, name)
        turn = WatchTurn(desk=name, person=person, valid=valid, relieves=None, open=(), by=actor.person, at=now)
        _enter_turn(tx, desk, turn)
        return turn

    return desk.store.run(unit)


def relieve(desk: Desk, actor: Actor, *, name: DeskName, until: Instant) -> WatchTurn:
    """Take over the watch at a desk of ours; the record says who was relieved and which messages were open.

    Raises:
        LocalError: no such desk, or the watch would end before it begins.
        RefusedError: not a duty officer.
    """
    require_office(desk, actor, Office.DUTY_OFFICER, clause="A-32")
    now = desk.clock()
    if until <= now:
        raise LocalError("flows/watch-over", "the watch would end before it begins", remedy="give a later time")

    def unit(tx: Tx) -> WatchTurn:
        _require_own(tx, desk, name)
        mine = [
            entry
            for entry in tx.every(MessageEntry)
            if name == (entry.head.from_desk if entry.direction == "own" else entry.head.to_desk)
        ]
        waiting = [entry.message for entry in mine if message_facts(tx, entry).is_open()]
        turn = WatchTurn(
            desk=name,
            person=actor.person,
            valid=Validity(start=now, until=until),
            relieves=who_has_the_watch(tx.every(WatchTurn, desk=name), now=now),
            open=tuple(waiting[-MAX_HANDED_OVER:]),
            by=actor.person,
            at=now,
        )
        _enter_turn(tx, desk, turn)
        return turn

    return desk.store.run(unit)


def require_watch(tx: Tx, actor: Actor, *, name: DeskName, now: Instant) -> None:
    """Refuse to speak for a desk at which another has the watch.

    Raises:
        RefusedError: the person has not.

    Source: relay 5.4.
    """
    if who_has_the_watch(tx.every(WatchTurn, desk=name), now=now) != actor.person:
        raise RefusedError(
            "flows/not-on-watch",
            f"`{actor.person}` does not have the watch at `{name}`",
            remedy="take it over: `gsomia hotline relieve DESK --until …`",
            clauses=("A-32",),
        )


def _require_own(tx: Tx, desk: Desk, name: DeskName) -> None:
    if tx.latest(HotlineDesk, desk=name, owner=desk.party) is None:
        raise LocalError(
            "flows/unknown-desk", f"there is no hotline desk `{name[:40]}` of ours", remedy="name it: `hotline desk`"
        )


def _enter_turn(tx: Tx, desk: Desk, turn: WatchTurn) -> None:
    digest = enter(tx, desk, turn, event=Event.HOTLINE_WATCH_TAKEN, subject=turn.desk)
    for peer in sorted({one.peer for one in tx.every(HotlineDesk, desk=turn.desk, owner=desk.party)}):
        share(tx, desk, peer, event=Event.HOTLINE_WATCH_TAKEN, subject=turn.desk, watch=turn.desk, record=digest)
