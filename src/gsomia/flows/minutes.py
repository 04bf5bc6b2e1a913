"""The end of a joint inventory: differences explained, and one set of minutes that a person of either side signs.

1. Minutes name both rosters; whoever signs says which rosters lie before them, and other ones are refused.
2. What nobody explained stands in the minutes as open. It blocks nothing, and does not go away.
3. With both signatures under one digest the inventory is closed.

Source: A-34, A-36, F-21, LEDGER-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    INVENTORY_EXPLANATION,
    INVENTORY_MINUTES,
    Comparison,
    DifferenceExplained,
    ExchangeError,
    InventoryExplanation,
    Minuted,
    Minutes,
    MinutesSigned,
    Opened,
    RosterDrawn,
    RosterOpened,
    SignedMinutes,
    compare_rosters,
    draw_up,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.inventory_roster import drop_tree
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.ids import HexDigest, ItemId, PartyCode, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act

OFFICE = Office.CONTROL_OFFICER
CLAUSES = ("A-34", "F-21")


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryNow:
    """A joint inventory as it stands here.

    Args:
        inventory: its number.
        partner: with whom.
        ours: our last roster; None if we have drawn none yet.
        theirs: the partner's last one.
        comparison: how far the two are compared; None while one is missing.
        minutes: as they stand now; None until everything is compared.
        signed: who signed minutes over these rosters with these very words.
        closed: both did.
    """

    inventory: RegisterCode
    partner: PartyCode
    ours: RosterDrawn | None
    theirs: RosterDrawn | None
    comparison: Comparison | None
    minutes: Minutes | None
    signed: tuple[PartyCode, ...]
    closed: bool

    @property
    def unexplained(self) -> tuple[Minuted, ...]:
        """The differences that nobody explained."""
        return tuple(one for one in self.minutes.differences if not one.explained) if self.minutes else ()


def inventory_now(tx: Tx, desk: Desk, inventory: RegisterCode) -> InventoryNow:
    """A joint inventory as it stands.

    Raises:
        LocalError: there is none of that number.
    """
    drawn = tx.every(RosterDrawn, inventory=inventory)
    if not drawn:
        raise LocalError(
            "flows/unknown-inventory", f"there is no joint inventory `{inventory}` here", remedy="see `inventory list`"
        )
    other = drawn[0].roster.to if drawn[0].party == desk.party else drawn[0].party
    agreed = _agreed(tx, desk, inventory)
    if agreed is not None:  # one side may have drawn again before it heard the other sign
        drawn = [one for one in drawn if one.digest in agreed.rosters]
    ours, theirs = (_last(drawn, party) for party in (desk.party, other))
    comparison, minutes = (Comparison.COMPARED, agreed) if agreed is not None else (None, None)
    if agreed is None and ours is not None and theirs is not None:
        comparison, found = compare_rosters((desk.party, opened_of(tx, ours)), (other, opened_of(tx, theirs)))
        if comparison is Comparison.COMPARED:
            minutes = draw_up(
                inventory=inventory,
                rosters={one.party: (one.digest, one.roster.entries) for one in (ours, theirs)},
                differences=found,
                explained=[one.explanation for one in tx.every(DifferenceExplained, inventory=inventory)],
            )
    digest = canon.digest(minutes) if minutes else None
    signed = tx.every(MinutesSigned, inventory=inventory)
    by = {one.party for one in signed if one.digest == digest}
    return InventoryNow(
        inventory=inventory,
        partner=other,
        ours=ours,
        theirs=theirs,
        comparison=comparison,
        minutes=minutes,
        signed=tuple(sorted(by)),
        closed=agreed is not None,
    )


def digest_of_minutes(state: InventoryNow) -> HexDigest | None:
    """Under which digest the minutes are signed as they stand now."""
    return canon.digest(state.minutes) if state.minutes else None


def opened_of(tx: Tx, drawn: RosterDrawn) -> Opened:
    """Everything that is open of a roster; each was held against it before it was entered."""
    openings = [one.opening for one in tx.every(RosterOpened, roster=drawn.digest)]
    return Opened(
        root=drawn.roster.root,
        nodes={node.path: node for one in openings for node in one.nodes},
        buckets={bucket.path: bucket for one in openings for bucket in one.buckets},
    )


def list_inventories(tx: Tx, desk: Desk) -> Iterator[InventoryNow]:
    """Every joint inventory, oldest first."""
    for inventory in dict.fromkeys(one.inventory for one in tx.every(RosterDrawn)):
        yield inventory_now(tx, desk, inventory)


def open_differences(tx: Tx, desk: Desk) -> list[tuple[InventoryNow, Minuted]]:
    """What no side has explained: for whoever takes it up as an incident or has it as work.

    Of the last joint inventory with each partner that was compared: it shows again what an earlier one left open.

    Source: F-21, LEDGER-8.
    """
    begun: dict[RegisterCode, PartyCode] = {}
    for one in tx.every(RosterDrawn):
        begun.setdefault(one.inventory, one.roster.to if one.party == desk.party else one.party)
    last: dict[PartyCode, InventoryNow] = {}
    for inventory, other in reversed(begun.items()):
        if other not in last:
            state = inventory_now(tx, desk, inventory)
            if state.minutes is not None:
                last[other] = state
    return [(state, left) for state in last.values() for left in state.unexplained]


def is_closed_inventory(tx: Tx, desk: Desk, inventory: RegisterCode) -> bool:
    """Whether a person of either side signed the same minutes."""
    return _agreed(tx, desk, inventory) is not None


def explain_difference(
    desk: Desk, actor: Actor, inventory: RegisterCode, *, item: ItemId, words: str
) -> InventoryExplanation:
    """Say why the registers differ over an item; both sides' minutes have it.

    Raises:
        LocalError: there is no such difference.
        RefusedError: the minutes are signed by both.

    Source: F-21 (discrepancies explained).
    """
    require_office(desk, actor, OFFICE, clause="F-21")
    now = desk.clock()

    def read(tx: Tx) -> tuple[PartyCode, PartyCode]:
        state = inventory_now(tx, desk, inventory)
        _require_open(state)
        found = [one.difference for one in (state.minutes.differences if state.minutes else ())]
        senders = [one.sender for one in found if one.item == item]
        if not senders:
            raise LocalError(
                "flows/no-such-difference",
                f"the registers do not differ over `{item}` in `{inventory}`",
                remedy="see `inventory show`",
            )
        return state.partner, senders[0]

    other, sender = desk.store.run(read)
    facts = {"inventory": inventory, "party": desk.party, "to": other, "sender": sender, "item": item}
    try:
        body = canon.check({**facts, "words": words.strip(), "at": now}, InventoryExplanation)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-an-explanation", "an explanation is 1 to 200 characters", remedy="unclassified, in a line"
        ) from cause
    statement = say_act(body, kind=INVENTORY_EXPLANATION, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        read(tx)
        enter_explanation(tx, desk, statement, now)
        say(tx, desk, statement, kind=INVENTORY_EXPLANATION, to=other, subject=inventory)

    desk.store.run(unit)
    desk.said(other)
    return body


def sign_minutes(desk: Desk, actor: Actor, inventory: RegisterCode, *, rosters: tuple[HexDigest, ...]) -> MinutesSigned:
    """Sign the minutes over the two rosters that lie before the officer.

    Args:
        desk: ours.
        actor: a control officer.
        inventory: which.
        rosters: the digests of both, as the officer read them.

    Raises:
        RefusedError: they are not the agreed ones, not everything is compared, or the partner signed other minutes.

    Source: A-36, F-21.
    """
    require_office(desk, actor, OFFICE, clause="A-36")
    now = desk.clock()

    def read(tx: Tx) -> InventoryNow:
        state = inventory_now(tx, desk, inventory)
        _require_open(state)
        agreed = {one.digest for one in (state.ours, state.theirs) if one is not None}
        if set(rosters) != agreed:
            raise RefusedError(
                "flows/minutes-over-other-rosters",
                "the minutes would be over other rosters than the last one of either side",
                remedy="read the inventory again, and sign over what it shows: `inventory show`",
                clauses=CLAUSES,
            )
        if state.minutes is None:
            raise RefusedError(
                "flows/not-compared",
                f"the rosters are not compared: {state.comparison or 'one is missing'}",
                remedy="draw both; with too many differences, reconcile by number first: `registry reconcile`",
                clauses=CLAUSES,
            )
        theirs = tx.latest(MinutesSigned, inventory=inventory, party=state.partner)
        over = theirs.act.body.minutes if theirs else None
        if over is not None and set(over.rosters) == agreed and over != state.minutes:
            raise RefusedError(
                "flows/minutes-differ",
                f"the minutes that `{state.partner}` signed have other explanations than ours",
                remedy="let the explanations be heard, and have both sign again",
                clauses=CLAUSES,
            )
        return state

    state = desk.store.run(read)
    if state.minutes is None:
        msg = "what is read above is compared"
        raise RuntimeError(msg)
    body = SignedMinutes(minutes=state.minutes, party=desk.party, to=state.partner, at=now)
    statement = say_act(body, kind=INVENTORY_MINUTES, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> MinutesSigned:
        read(tx)
        made = enter_minutes(tx, desk, statement, now)
        say(tx, desk, statement, kind=INVENTORY_MINUTES, to=state.partner, subject=inventory)
        return made

    made = desk.store.run(unit)
    desk.said(state.partner)
    return made


def hear_explanation(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[InventoryExplanation]], now: Instant
) -> None:
    """A partner explains a difference.

    Raises:
        ExchangeError: it is not about an open inventory between the two.
    """
    body = statement.value.body
    drawn = tx.latest(RosterDrawn, inventory=body.inventory, party=sender)
    if (body.party, body.to) != (sender, desk.party) or drawn is None or is_closed_inventory(tx, desk, body.inventory):
        raise ExchangeError("exchange/inventory-unknown", "there is no such open inventory between the two")
    enter_explanation(tx, desk, statement, now)


def hear_minutes(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[SignedMinutes]], now: Instant) -> None:
    """A partner signed minutes. They count once our officer signs the same, or at once if one has.

    Raises:
        ExchangeError: they are over other rosters than the last one of either side, or have other differences.

    Source: A-36, F-21.
    """
    body = statement.value.body
    minutes = body.minutes
    drawn = tx.latest(RosterDrawn, inventory=minutes.inventory, party=sender)
    if (body.party, body.to) != (sender, desk.party) or drawn is None:
        raise ExchangeError("exchange/inventory-unknown", "there is no such open inventory between the two")
    signed = tx.every(MinutesSigned, inventory=minutes.inventory, party=desk.party)
    if any(one.digest == canon.digest(minutes) for one in signed):
        enter_minutes(tx, desk, statement, now)  # whatever was drawn while they were on their way
        return
    state = inventory_now(tx, desk, minutes.inventory)
    agreed = {one.party: one.digest for one in (state.ours, state.theirs) if one is not None}
    if dict(zip(minutes.parties, minutes.rosters, strict=True)) != agreed:
        raise ExchangeError(
            "exchange/minutes-over-other-rosters",
            "the minutes are over other rosters than the last one of either side",
            remedy="read the inventory again, and sign over what it shows",
            clauses=CLAUSES,
        )
    known = None if state.minutes is None else [one.difference for one in state.minutes.differences]
    if known != [one.difference for one in minutes.differences]:
        raise ExchangeError(
            "exchange/minutes-differ", "the minutes have other differences than the rosters show", clauses=CLAUSES
        )
    enter_minutes(tx, desk, statement, now)


def enter_explanation(tx: Tx, desk: Desk, statement: Statement[Act[InventoryExplanation]], at: Instant) -> None:
    """Enter an explanation, ours or a partner's, once."""
    body = statement.value.body
    if any(one.explanation == body for one in tx.every(DifferenceExplained, inventory=body.inventory)):
        return
    made = DifferenceExplained(inventory=body.inventory, party=body.party, explanation=body, at=at)
    enter(tx, desk, made, event=Event.INVENTORY_EXPLAINED, subject=body.inventory, party=body.party)


def enter_minutes(tx: Tx, desk: Desk, statement: Statement[Act[SignedMinutes]], at: Instant) -> MinutesSigned:
    """Enter minutes that one side signed, once."""
    body = statement.value.body
    for one in tx.every(MinutesSigned, inventory=body.minutes.inventory, party=body.party):
        if one.act.body == body:
            return one
    made = MinutesSigned(
        inventory=body.minutes.inventory,
        party=body.party,
        digest=canon.digest(body.minutes),
        act=statement.value,
        at=at,
    )
    enter(tx, desk, made, event=Event.INVENTORY_SIGNED, subject=made.inventory, party=made.party)
    if is_closed_inventory(tx, desk, made.inventory):
        drop_tree(desk, made.inventory)
    return made


def _agreed(tx: Tx, desk: Desk, inventory: RegisterCode) -> Minutes | None:
    """The minutes that a person of either side signed; None while there are none."""
    signed = tx.every(MinutesSigned, inventory=inventory)
    ours = {one.digest for one in signed if one.party == desk.party}
    return next((one.act.body.minutes for one in signed if one.party != desk.party and one.digest in ours), None)


def _require_open(state: InventoryNow) -> None:
    if state.closed:
        raise RefusedError(
            "flows/inventory-closed",
            f"the minutes of `{state.inventory}` are signed by both sides",
            remedy="what is found later belongs into the next one: `inventory open`",
            clauses=("F-21",),
        )


def _last(drawn: list[RosterDrawn], party: PartyCode) -> RosterDrawn | None:
    return next((one for one in reversed(drawn) if one.party == party), None)
