"""The joint inventory with a partner: rosters drawn, and opened where they differ until both know how.

1. A control officer of either side draws a roster and signs its root; the other side's draws one in return.
2. The nodes open their trees to each other by themselves, below what differs: whoever hears the second roster begins,
   and each opening is answered by the next. Nobody is asked for anything, so nobody is made to show what does not
   differ; what does not hang under a signed root is refused, and on record.
3. A roster is drawn again as often as it takes; the last of each side counts. How it ends is in `flows/minutes`.

What moves while two rosters are drawn may show as a difference; nothing is lost by it: draw again, and it is gone.

Source: A-34, A-36, F-21, LEDGER-8.
"""

from dataclasses import dataclass
from datetime import datetime

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    INVENTORY_OPENING,
    INVENTORY_ROSTER,
    MOST_DIFFERING,
    NODES_EACH,
    OPENINGS_EACH,
    ROSTERS_EACH,
    ROWS_EACH,
    Bucket,
    ExchangeError,
    LoggedRow,
    LogHead,
    Node,
    Opening,
    Roster,
    RosterDrawn,
    RosterOpened,
    Row,
    Tree,
    open_further,
    to_open,
)
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.desk import Actor, Desk, shared_log
from gsomia.flows.inventory_roster import draw_tree, keep_tree, kept_tree
from gsomia.flows.ledger import enter
from gsomia.flows.logs import current_log, epochs_of, locate_shared, partner_log, root_at, witnessed_head
from gsomia.flows.minutes import is_closed_inventory, opened_of
from gsomia.flows.parties import partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.flows.say import say
from gsomia.ids import PartyCode, RegisterCode, hex_digest
from gsomia.instants import SEOUL_AND_TOKYO, Instant
from gsomia.parties import Act, Office, Statement, say_act, sign_statement

OFFICE = Office.CONTROL_OFFICER
BUCKET_PATH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    inventory: RegisterCode
    number: int
    tree: Tree
    log: LogHead
    seen: LogHead | None


def open_inventory(desk: Desk, actor: Actor, *, to: PartyCode) -> RosterDrawn:
    """Begin a joint inventory with a partner: draw our roster and say it.

    Raises:
        RefusedError: one with that partner is open, or something we said is not acknowledged yet.

    Source: A-34, F-21.
    """
    partner(desk, to)
    return _draw(desk, actor, to, inventory=None)


def draw_roster(desk: Desk, actor: Actor, inventory: RegisterCode) -> RosterDrawn:
    """Draw our roster of a joint inventory that either side began; a later one takes the place of an earlier.

    Raises:
        LocalError: there is none of that number.
        RefusedError: it is closed, or something we said is not acknowledged yet.

    Source: A-34, F-21.
    """
    return _draw(desk, actor, partner_of(desk, inventory), inventory=inventory)


def _draw(desk: Desk, actor: Actor, to: PartyCode, *, inventory: RegisterCode | None) -> RosterDrawn:
    require_office(desk, actor, OFFICE, clause="A-34")
    theirs, now = partner_log(desk, to), desk.clock()

    def read(tx: Tx) -> _Drawn:
        if tx.queued(to):
            raise RefusedError(
                "flows/not-all-heard",
                f"something we said is not acknowledged by `{to}` yet: it would show as a difference",
                remedy="wait until the line has carried it: see `gsomia doctor`",
                clauses=("A-34", "LEDGER-8"),
            )
        known = inventory or _new_number(tx, desk, to, now)
        if inventory is not None and is_closed_inventory(tx, desk, inventory):
            raise RefusedError(
                "flows/inventory-closed",
                f"the minutes of `{inventory}` are signed by both sides",
                remedy="what is found later belongs into the next one: `inventory open`",
                clauses=("F-21",),
            )
        if inventory is not None and _is_spent(tx, inventory, desk.party):
            raise RefusedError(
                "flows/too-many-rosters",
                f"our roster of `{inventory}` was drawn {ROSTERS_EACH} times",
                remedy="sign its minutes, or begin the next one: `inventory sign`, `inventory open`",
                clauses=("F-21",),
            )
        origin = current_log(tx, shared_log(desk.party, to))
        size = tx.head(origin).frontier.size
        seen = tx.witnessed(theirs)
        their_size, their_root = witnessed_head(seen)
        return _Drawn(
            inventory=known,
            number=tx.count(RosterDrawn, inventory=known, party=desk.party) + 1,
            tree=draw_tree(tx, desk, to),
            log=LogHead(origin=origin, size=size, root=hex_digest(root_at(tx, origin, size))),
            seen=LogHead(origin=theirs, size=their_size, root=their_root) if seen else None,
        )

    drawn = desk.store.run(read)
    body = Roster(
        inventory=drawn.inventory,
        party=desk.party,
        to=to,
        number=drawn.number,
        entries=drawn.tree.entries,
        root=drawn.tree.root,
        log=drawn.log,
        seen=drawn.seen,
        at=now,
    )
    statement = say_act(body, kind=INVENTORY_ROSTER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> RosterDrawn:
        made = enter_roster(tx, desk, statement, now)
        say(tx, desk, statement, kind=INVENTORY_ROSTER, to=to, subject=body.inventory)
        keep_tree(desk, body.inventory, made.digest, drawn.tree)  # before anything can be compared with it
        return made

    made = desk.store.run(unit)
    desk.said(to)
    return made


def enter_roster(tx: Tx, desk: Desk, statement: Statement[Act[Roster]], at: Instant) -> RosterDrawn:
    """Enter a roster, ours or a partner's, once."""
    body = statement.value.body
    known = tx.latest(RosterDrawn, digest=canon.digest(body), party=body.party)
    if known is not None:
        return known
    made = RosterDrawn(inventory=body.inventory, party=body.party, digest=canon.digest(body), roster=body, at=at)
    enter(tx, desk, made, event=Event.INVENTORY_DRAWN, subject=body.inventory, party=body.party)
    return made


def hear_roster(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Roster]], now: Instant) -> None:
    """A partner drew its roster of a joint inventory.

    Raises:
        ExchangeError: it is not to us, out of order, too many, of a closed inventory, or over a log that is not ours.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party) or body.at > now.plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/not-addressed", "the roster is not the sender's to us, or of a day to come")
    known = next(iter(tx.every(RosterDrawn, inventory=body.inventory)), None)
    if known is None:
        begun = body.inventory.startswith(f"{sender}-{desk.party}-")
    else:
        begun = {known.roster.party, known.roster.to} == {sender, desk.party}
    number = tx.count(RosterDrawn, inventory=body.inventory, party=sender) + 1
    if body.number > ROSTERS_EACH:
        raise ExchangeError(
            "exchange/too-many-rosters",
            f"a side draws at most {ROSTERS_EACH} rosters of an inventory",
            clauses=("A-34",),
        )
    if not begun or body.number != number or is_closed_inventory(tx, desk, body.inventory):
        raise ExchangeError(
            "exchange/inventory-out-of-order",
            "the roster is of no inventory between the two, of a closed one, or not the next one",
            clauses=("A-34",),
        )
    if body.seen is not None and not _is_ours(tx, desk, sender, body.seen):
        raise ExchangeError(
            "exchange/roster-over-another-log",
            "the roster names a head of our log that our log does not have",
            clauses=("A-34",),
        )
    enter_roster(tx, desk, statement, now)


def hear_opening(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Opening], now: Instant) -> None:
    """A partner opens its roster where it differs from ours.

    Raises:
        ExchangeError: it opens no roster of the sender's, comes after too many, or does not hash to what that roster
            committed to.

    Source: A-34.
    """
    body = statement.value
    theirs = tx.latest(RosterDrawn, digest=body.roster, party=sender)
    ours = tx.latest(RosterDrawn, digest=body.against, party=desk.party)
    named = {one.inventory if one else None for one in (ours, theirs)} == {body.inventory}
    if (body.party, body.to) != (sender, desk.party) or theirs is None or ours is None or not named:
        raise ExchangeError(
            "exchange/opening-of-no-roster", "what is opened is no roster that the sender said", clauses=("A-34",)
        )
    if sum(one.against == body.against for one in tx.every(RosterOpened, roster=body.roster)) >= OPENINGS_EACH:
        raise ExchangeError(
            "exchange/too-many-openings",
            f"a roster is opened against another at most {OPENINGS_EACH} times",
            clauses=("A-34",),
        )
    if open_further(opened_of(tx, theirs), body.nodes, body.buckets) is None:
        raise ExchangeError(
            "exchange/opening-does-not-hold",
            "what was opened is not what the roster committed to: it was changed after it was signed",
            clauses=("A-34",),
            evidence={"roster": body.roster, "opening": statement.digest},
        )
    enter_opening(tx, desk, body, now)


def enter_opening(tx: Tx, desk: Desk, body: Opening, at: Instant) -> None:
    """Enter an opening, ours or a partner's, once."""
    if any(one.opening == body for one in tx.every(RosterOpened, roster=body.roster)):
        return
    made = RosterOpened(roster=body.roster, against=body.against, opening=body, at=at)
    enter(tx, desk, made, event=Event.INVENTORY_OPENED, subject=body.inventory, party=body.party)


def follow_roster(desk: Desk, sender: PartyCode, statement: Statement[Act[Roster]]) -> None:
    """Open ours below what differs, now that both rosters are known."""
    open_what_differs(desk, sender, statement.value.body.inventory)


def follow_opening(desk: Desk, sender: PartyCode, statement: Statement[Opening]) -> None:
    """Open ours further, below what was opened."""
    open_what_differs(desk, sender, statement.value.inventory)


def open_what_differs(desk: Desk, other: PartyCode, inventory: RegisterCode) -> None:
    """Say what of our roster is to be opened next; said before, it is not said again.

    # CRASH: each opening is queued in the unit that enters it; what was not entered is found again by the next message,
    and the partner's is answered only after this, so it comes again.
    """
    for body in desk.store.run(lambda tx: _next_openings(tx, desk, other, inventory)):
        statement = sign_statement(body, kind=INVENTORY_OPENING, signer=desk.unlocked.keys.statement)

        def unit(tx: Tx, statement: Statement[Opening] = statement) -> None:
            enter_opening(tx, desk, statement.value, desk.clock())
            if tx.latest(StatementRecord, digest=statement.digest, direction="own", party=other) is None:
                say(tx, desk, statement, kind=INVENTORY_OPENING, to=other, subject=inventory)

        desk.store.run(unit)
        desk.said(other)


def partner_of(desk: Desk, inventory: RegisterCode) -> PartyCode:
    """With whom a joint inventory is.

    Raises:
        LocalError: there is none of that number.
    """
    first = desk.store.run(lambda tx: next(iter(tx.every(RosterDrawn, inventory=inventory)), None))
    if first is None:
        raise LocalError(
            "flows/unknown-inventory", f"there is no joint inventory `{inventory}` here", remedy="see `inventory list`"
        )
    return first.roster.to if first.party == desk.party else first.party


def _new_number(tx: Tx, desk: Desk, to: PartyCode, now: Instant) -> RegisterCode:
    for known in dict.fromkeys(one.inventory for one in tx.every(RosterDrawn) if to in {one.party, one.roster.to}):
        if not is_closed_inventory(tx, desk, known) and not _is_spent(tx, known, desk.party):
            raise RefusedError(
                "flows/inventory-open",
                f"the joint inventory `{known}` with `{to}` is open",
                remedy="draw its roster again, or sign its minutes: `inventory draw`, `inventory sign`",
                clauses=("F-21",),
            )
    year = datetime.fromtimestamp(now.epoch_s, SEOUL_AND_TOKYO).year

    def following() -> RegisterCode:
        return f"{desk.party}-{to}-{year}-{tx.number(f'inventory-{to}-{year}'):04d}"

    number = following()
    while tx.latest(RosterDrawn, inventory=number) is not None:  # used before a restore set the counter back
        number = following()
    return number


def _is_spent(tx: Tx, inventory: RegisterCode, party: PartyCode) -> bool:
    return tx.count(RosterDrawn, inventory=inventory, party=party) >= ROSTERS_EACH


def _is_ours(tx: Tx, desk: Desk, sender: PartyCode, head: LogHead) -> bool:
    if head.origin not in epochs_of(tx, shared_log(desk.party, sender)):
        return False
    size = tx.head(head.origin).frontier.size
    return head.size <= size and hex_digest(root_at(tx, head.origin, head.size)) == head.root


def _next_openings(tx: Tx, desk: Desk, other: PartyCode, inventory: RegisterCode) -> list[Opening]:
    ours = tx.latest(RosterDrawn, inventory=inventory, party=desk.party)
    theirs = tx.latest(RosterDrawn, inventory=inventory, party=other)
    if ours is None or theirs is None or ours.roster.root == theirs.roster.root:
        return []
    if is_closed_inventory(tx, desk, inventory):
        return []
    tree = kept_tree(tx, desk, other, ours.roster, digest=ours.digest)
    if tree is None:
        return []  # the register moved on and this process has not kept the roster: it is drawn again
    said = [one.opening for one in tx.every(RosterOpened, roster=ours.digest) if one.against == theirs.digest]
    nodes_said = {node.path for one in said for node in one.nodes}
    buckets_said = {bucket.path for one in said for bucket in one.buckets}
    wanted = list(to_open(tree, opened_of(tx, theirs)))
    opened = (tree.node(path) for path in wanted if len(path) < BUCKET_PATH and path not in nodes_said)
    nodes = [node for node in opened if node is not None]
    paths = [path for path in wanted if len(path) == BUCKET_PATH]
    if len(buckets_said | set(paths)) > MOST_DIFFERING:
        paths = []  # too many to be shown one by one: reconciled by number first
    buckets = [_bucket(tx, desk, other, path, tree.rows(path)) for path in paths if path not in buckets_said]
    return [
        Opening(
            inventory=inventory,
            party=desk.party,
            to=other,
            roster=ours.digest,
            against=theirs.digest,
            nodes=tuple(one for one in part if isinstance(one, Node)),
            buckets=tuple(one for one in part if isinstance(one, Bucket)),
        )
        for part in _parts([*nodes, *buckets])
    ]


def _parts(opened: list[Node | Bucket]) -> list[list[Node | Bucket]]:
    """What fits into one statement each, parents before what hangs under them."""
    parts: list[list[Node | Bucket]] = []
    room = 0
    for one in sorted(opened, key=lambda one: one.path):
        weight = ROWS_EACH // NODES_EACH if isinstance(one, Node) else len(one.rows)
        if weight > room:
            parts.append([])
            room = ROWS_EACH
        parts[-1].append(one)
        room -= weight
    return parts


def _bucket(tx: Tx, desk: Desk, other: PartyCode, path: str, rows: list[Row]) -> Bucket:
    logged = []
    for row in rows:
        place = locate_shared(tx, desk, other, subject=row.item)
        logged.append(LoggedRow(row=row, log=place[0] if place else None, index=place[1] if place else None))
    return Bucket(path=path, rows=tuple(logged))
