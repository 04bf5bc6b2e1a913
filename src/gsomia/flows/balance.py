"""What each side holds of the other's, which duty binds it, and a balance that both sign.

Source: A-34, A-36, G21-5, LEDGER-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from gsomia import canon
from gsomia.agreements import Rule
from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.exchange import MessageKind
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.house_clocks import HouseClocks
from gsomia.flows.ledger import enter
from gsomia.flows.parties import partner as known_partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.flows.say import say
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.policy import receipt_due
from gsomia.registry import (
    BALANCE,
    DESTRUCTION,
    RETURN,
    TAKE_BACK,
    Balance,
    BalanceRecord,
    Between,
    CopyLine,
    CustodyKind,
    Place,
    RegisterError,
    SignedBalance,
    draw_balance,
    stands_between,
)

MAX_LISTED = 200
"""Overdue items that are named; all of them are counted."""
PAGE = 2_000

_CAME = frozenset({CustodyKind.RECEIVED, CustodyKind.CARRIED_OVER})
_PROVEN_BY = {Between.DESTROYED: frozenset({DESTRUCTION}), Between.RETURNED: frozenset({RETURN, TAKE_BACK})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What binds a party for so many transmittals of the other's, and how many of them lack their proof or are late.

    Args:
        party: whom it binds.
        sender: whose transmittals.
        state: how they stand.
        clause: the rule that binds.
        transmittals: how many.
        unproven: how many of them have no acknowledged proof yet; what came on paper before day zero never has one.
        overdue: how many are past the day by which it was due.
    """

    party: PartyCode
    sender: PartyCode
    state: Between
    clause: str
    transmittals: int
    unproven: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentBalance:
    """What stands between us and a partner under one instrument.

    Args:
        instrument: which.
        state: its legal state now.
        duties: by party and state.
        overdue: the items that are late, oldest first, at most `MAX_LISTED`.
        signed: who signed a balance over it last: both, if it is the same one.
        closed: the instrument has ended, nothing is left to look after, and both signed that (A-36).
    """

    instrument: InstrumentId
    state: str
    duties: tuple[Duty, ...]
    overdue: tuple[ItemId, ...]
    signed: tuple[PartyCode, ...]
    closed: bool


def balance_with(desk: Desk, partner: PartyCode, *, at: Instant | None = None) -> tuple[InstrumentBalance, ...]:
    """What each side holds of the other's, by instrument; costs what its answer is long.

    Args:
        desk: ours.
        partner: the other side.
        at: as if it were then: which duty binds, what is overdue; now if None.

    Raises:
        LocalError: no such partner.

    Source: A-36, G21-5, G12-5, G6-9.
    """
    known_partner(desk, partner)

    def read(tx: Tx) -> tuple[InstrumentBalance, ...]:
        now = at or desk.clock()
        late = _late(tx, desk, partner, now=now)
        queued = _queued(tx, partner)
        counted: dict[InstrumentId, dict[tuple[PartyCode, Between], int]] = {}
        carried: dict[InstrumentId, dict[tuple[PartyCode, Between], int]] = {}
        tallied = tx.tally(CopyLine, by=("instrument", "made", "place", "custodian"), counterpart=partner)
        for (instrument, made, place, custodian), copies in tallied.items():
            found = stands_between(
                made=CustodyKind(str(made)),
                place=Place(str(place)),
                custodian=cast("PartyCode", custodian),
                counterpart=partner,
                us=desk.party,
            )
            if found is not None and instrument is not None:
                of = counted.setdefault(cast("InstrumentId", instrument), {})
                of[found] = of.get(found, 0) + copies
                if made == CustodyKind.CARRIED_OVER:
                    paper = carried.setdefault(cast("InstrumentId", instrument), {})
                    paper[found] = paper.get(found, 0) + copies
        return tuple(
            _of_instrument(
                tx,
                desk,
                partner,
                instrument,
                counts,
                carried=carried.get(instrument, {}),
                late=late,
                queued=queued,
                now=now,
            )
            for instrument, counts in sorted(counted.items())
        )

    return desk.store.run(read)


def sign_balance(desk: Desk, actor: Actor, *, partner: PartyCode, instrument: InstrumentId) -> BalanceRecord:
    """Sign the balance as our register has it; if the partner signed one, only if it is the same.

    Raises:
        RegisterError: the partner signed another balance; how they differ is said.
        RefusedError: the actor is no control officer; or something is under way still.

    Source: A-36.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="A-36")
    known_partner(desk, partner)
    now = desk.clock()
    balance = desk.store.run(lambda tx: _draw(tx, desk, partner, instrument))
    body = SignedBalance(balance=balance, party=desk.party, to=partner, at=now)
    statement = say_act(body, kind=BALANCE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> BalanceRecord:
        current_agreement(tx, instrument, at=now, desk=desk)
        under_way = tx.lines(CopyLine, limit=PAGE, place=Place.IN_TRANSIT, counterpart=partner)
        if any(line.instrument == instrument for line in under_way):
            raise RefusedError(
                "flows/under-way",
                f"transmittals to or from `{partner}` are under way",
                remedy="sign when each is signed for: see `registry balance`",
                clauses=("A-36", "LEDGER-8"),
            )
        theirs = tx.latest(BalanceRecord, instrument=instrument, partner=partner, party=partner)
        ours = tx.latest(BalanceRecord, instrument=instrument, partner=partner, party=desk.party)
        if theirs is not None and theirs.digest != canon.digest(balance) and (ours is None or ours.at < theirs.at):
            raise _differs(balance, theirs.act.body.balance, partner=partner)
        record = _record(tx, desk, statement, partner=partner, at=now)
        say(tx, desk, statement, kind=BALANCE, to=partner, subject=record.digest)
        return record

    record = desk.store.run(unit)
    desk.said(partner)
    return record


def hear_balance(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[SignedBalance]], now: Instant) -> None:
    """A partner signed the balance as its register has it. It changes nothing here until our officer signs the same.

    Raises:
        LocalError: it is not about the two of us.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party) or set(body.balance.parties) != {sender, desk.party}:
        raise RegisterError("registry/balance-of-others", "it is no balance between the sender and us")
    current_agreement(tx, body.balance.instrument, at=now, desk=desk)
    _record(tx, desk, statement, partner=sender, at=now)


def enter_own_balance(tx: Tx, desk: Desk, statement: Statement[Act[SignedBalance]], at: Instant) -> None:
    """Enter again what we signed before a restore."""
    _record(tx, desk, statement, partner=statement.value.body.to, at=at)


def _record(
    tx: Tx, desk: Desk, statement: Statement[Act[SignedBalance]], *, partner: PartyCode, at: Instant
) -> BalanceRecord:
    body = statement.value.body
    record = BalanceRecord(
        digest=canon.digest(body.balance),
        instrument=body.balance.instrument,
        party=body.party,
        partner=partner,
        act=statement.value,
        at=at,
    )
    enter(tx, desk, record, event=Event.BALANCE_SIGNED, subject=record.digest, party=body.party)
    return record


def _draw(tx: Tx, desk: Desk, partner: PartyCode, instrument: InstrumentId) -> Balance:
    return draw_balance(_lines(tx, partner), us=desk.party, partner=partner, instrument=instrument)


def _lines(tx: Tx, partner: PartyCode) -> Iterator[CopyLine]:
    last: CopyLine | None = None
    while page := tx.lines(CopyLine, limit=PAGE, after=last, counterpart=partner):
        yield from page
        last = page[-1]


def _of_instrument(
    tx: Tx,
    desk: Desk,
    partner: PartyCode,
    instrument: InstrumentId,
    counts: dict[tuple[PartyCode, Between], int],
    *,
    carried: dict[tuple[PartyCode, Between], int],
    late: list[CopyLine],
    queued: dict[str, int],
    now: Instant,
) -> InstrumentBalance:
    stands = standing(tx, current_agreement(tx, instrument, at=now, desk=desk), at=now, desk=desk)
    mine = [line for line in late if line.instrument == instrument]
    duties = []
    for (sender, state), transmittals in sorted(counts.items()):
        recipient = partner if sender == desk.party else desk.party
        unproven = 0
        if recipient == desk.party and state in _PROVEN_BY:
            paper = carried.get((sender, state), 0)  # its end is proven on paper alone, outside both nodes
            unproven = paper + min(transmittals - paper, sum(queued.get(kind, 0) for kind in _PROVEN_BY[state]))
        ours = (sender == desk.party) if state is Between.UNDER_WAY else None
        overdue = sum((line.made not in _CAME) is ours for line in mine) if ours is not None else 0
        duties.append(
            Duty(
                party=recipient,
                sender=sender,
                state=state,
                clause=_clause(state, ended=not stands.allowed.release),
                transmittals=transmittals,
                unproven=transmittals if state is Between.UNDER_WAY else unproven,
                overdue=overdue,
            )
        )
    signed = _signed(tx, desk, partner, instrument)
    left = sum(duty.transmittals for duty in duties if duty.state in {Between.HELD, Between.UNDER_WAY, Between.LOST})
    ended = stands.allowed.access and not stands.allowed.release and stands.state == "TERMINATED"
    return InstrumentBalance(
        instrument=instrument,
        state=stands.state,
        duties=tuple(duties),
        overdue=tuple(line.item for line in mine[:MAX_LISTED]),
        signed=signed,
        closed=ended and left == 0 and len(signed) == len({desk.party, partner}),
    )


def _clause(state: Between, *, ended: bool) -> str:
    match state:
        case Between.UNDER_WAY:
            return "G12-5"
        case Between.HELD:
            return "G21-5" if ended else "G6-3"
        case Between.RETURNED | Between.DESTROYED:
            return "G6-9"
        case Between.LOST:
            return "G17-1"


def _signed(tx: Tx, desk: Desk, partner: PartyCode, instrument: InstrumentId) -> tuple[PartyCode, ...]:
    last = [
        record
        for party in sorted((desk.party, partner))
        if (record := tx.latest(BalanceRecord, instrument=instrument, partner=partner, party=party)) is not None
    ]
    if not last:
        return ()
    newest = max(last, key=lambda record: record.at.epoch_s)
    return tuple(record.party for record in last if record.digest == newest.digest)


def _late(tx: Tx, desk: Desk, partner: PartyCode, *, now: Instant) -> list[CopyLine]:
    """What waits for a signature longer than the house rule allows, oldest first."""
    waiting = [
        *tx.lines(CopyLine, limit=PAGE, place=Place.IN_TRANSIT, counterpart=partner),
        *tx.lines(CopyLine, limit=PAGE, place=Place.ARRIVED, counterpart=partner),
    ]
    clocks = HouseClocks(tx, desk)
    late = [line for line in waiting if now >= receipt_due(line.at, days=clocks.days(line, Rule.RECEIPT_DAYS))]
    return sorted(late, key=lambda line: line.at.epoch_s)


def _queued(tx: Tx, partner: PartyCode) -> dict[str, int]:
    """Statements to the partner that it has not acknowledged, by kind."""
    kinds: dict[str, int] = {}
    for _, outgoing in tx.due(partner, now=_FAR, limit=PAGE):
        if outgoing.kind is MessageKind.STATEMENT:
            record = tx.latest(StatementRecord, digest=outgoing.reference, direction="own")
            if record is not None:
                kinds[record.kind] = kinds.get(record.kind, 0) + 1
    return kinds


_FAR = Instant(2**33)


def _differs(ours: Balance, theirs: Balance, *, partner: PartyCode) -> RegisterError:
    left = {(one.sender, one.state): one.items for one in ours.tallies}
    right = {(one.sender, one.state): one.items for one in theirs.tallies}
    found = [
        f"from {sender} {state}: {left.get((sender, state), 0)} here, {right.get((sender, state), 0)} at {partner}"
        for sender, state in sorted(left.keys() | right.keys())
        if left.get((sender, state)) != right.get((sender, state))
    ]
    return RegisterError(
        "registry/balance-differs",
        f"the balance that `{partner}` signed is not ours: {'; '.join(found) or 'the same counts of other items'}",
        remedy="compare by transmittal number, clear each difference, and have both sign again",
        clauses=("A-36", "LEDGER-8"),
    )
