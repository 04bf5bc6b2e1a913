"""Musters and spot checks: expected from the ledger, seen at the shelves, closed by two persons.

1. What is expected is every copy that the ledger has in the facility; sealed content is proven by fsck, not by eye.
2. Whoever saw copies, or explains why they did not, signs for it; an unlisted copy is no line of the sheet.
3. Nothing is closed while a copy is unexplained, and two different persons sign the same result.

Source: F-21, LEDGER-1, LEDGER-2, G10-2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_known, require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.second import require_another, wait_for_second
from gsomia.ids import FacilityId, PersonId, RegisterCode
from gsomia.instants import SEOUL_AND_TOKYO, Instant
from gsomia.parties import Office, sign_act
from gsomia.policy import proposal_ends
from gsomia.registry import (
    CLOSING,
    FIRST_COPY,
    MOST_MARKS,
    MUSTER,
    PER_PAGE,
    SHEET,
    CopyKey,
    CopyLine,
    Expected,
    Extent,
    FilledSheet,
    Form,
    Found,
    ItemLine,
    MarkRow,
    Muster,
    MusterClosing,
    MusterMark,
    MusterPage,
    MusterResult,
    MusterSheet,
    MusterStart,
    Place,
    RegisterError,
    SheetLine,
    read_sheet,
    spot,
    sum_up,
)

OFFICES = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
MOST_DRAWN = 1_000
"""Copies of one spot check."""
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterState:
    """A muster as it stands.

    Args:
        muster: as it began.
        draw: of a spot check, what it drew with; None of a full one.
        lines: how each expected copy stands.
        signed: who signed the last result; with two of them it is closed.
        closed: when; None while it is open.
    """

    muster: Muster
    draw: spot.SpotDraw | None
    lines: tuple[SheetLine, ...]
    signed: tuple[str, ...]
    closed: Instant | None

    @property
    def counts(self) -> dict[Found, int]:
        """How many copies stand how."""
        return sum_up(self.lines)


def start_muster(desk: Desk, actor: Actor, *, facility: FacilityId) -> MusterState:
    """Begin a full muster of a facility: write down what is expected, and sign for the list.

    Raises:
        RegisterError: one is open there.
        LocalError: no such facility.
        RefusedError: the actor is no control or security officer.

    Source: F-21.
    """
    require_office(desk, actor, *OFFICES, clause="G10-2")

    def unit(tx: Tx) -> MusterState:
        _require_none_open(tx, facility)
        return _begin(tx, desk, actor, facility=facility, number=_number(tx, desk), draw=None)

    return desk.store.run(unit)


def start_spot_check(desk: Desk, actor: Actor, *, facility: FacilityId, size: int = spot.SPOT_COPIES) -> MusterState:
    """Begin a spot check: enter the seed of the draw, then take the list, and sign for it.

    # CRASH: between the two units a seed is on record without a check; the next check of the facility uses that one.

    Raises:
        RegisterError: a muster is open there.
        LocalError: no such facility, or no such number of copies is drawn.
        RefusedError: the actor is no control or security officer.

    Source: F-21 (the random draw is stored).
    """
    require_office(desk, actor, *OFFICES, clause="F-21")
    if not 1 <= size <= MOST_DRAWN:
        raise LocalError(
            "flows/not-a-sample", f"a spot check takes 1 to {MOST_DRAWN} copies", remedy="give a number in between"
        )

    def seeded(tx: Tx) -> spot.SpotDraw:
        _require_none_open(tx, facility)
        left = tx.latest(spot.SpotDraw, facility=facility)
        if left is not None and tx.latest(Muster, id=left.muster) is None:
            return left
        draw = spot.SpotDraw(
            muster=_number(tx, desk),
            facility=facility,
            size=size,
            seed=desk.entropy(32),
            by=actor.person,
            at=desk.clock(),
        )
        enter(tx, desk, draw, event=Event.MUSTER_DRAWN, subject=draw.muster, facility=facility)
        return draw

    draw = desk.store.run(seeded)

    def unit(tx: Tx) -> MusterState:
        _require_none_open(tx, facility)
        return _begin(tx, desk, actor, facility=facility, number=draw.muster, draw=draw)

    return desk.store.run(unit)


def fill_sheet(desk: Desk, actor: Actor, muster: RegisterCode, marks: tuple[MarkRow, ...]) -> MusterState:
    """Sign for copies that were seen, or explain why they were not.

    Args:
        desk: ours.
        actor: who stood at the shelves.
        muster: which.
        marks: control number or item, copy, seen, explanation.

    Raises:
        RegisterError: it is closed, or a copy is not on its list.

    Source: F-21.
    """
    require_own_key(desk, actor)
    if not marks:
        raise LocalError(
            "flows/nothing-marked", "no copy was seen or explained", remedy="name copies, or a filled file"
        )

    def unit(tx: Tx) -> MusterState:
        known, now = _open(tx, muster), desk.clock()
        listed = _by_name(tx, muster)
        filled = [_mark(listed, mark, muster) for mark in marks]
        for first in range(0, len(filled), MOST_MARKS):
            body = FilledSheet(muster=muster, marks=tuple(filled[first : first + MOST_MARKS]), at=now)
            sheet = MusterSheet(muster=muster, by=actor.person, act=sign_act(body, kind=SHEET, hand=actor.hand), at=now)
            enter(tx, desk, sheet, event=Event.MUSTER_SHEET, subject=muster)
        return _state(tx, known)

    return desk.store.run(unit)


def close_muster(desk: Desk, actor: Actor, muster: RegisterCode) -> MusterState:
    """Sign the result of a muster as the first person, or close it as the second.

    Raises:
        WaitingError: the first person has signed.
        RegisterError: a copy is unexplained, or it is closed.
        RefusedError: the same person twice, or no officer.

    Source: F-21 (discrepancies explained, signed by two).
    """
    require_office(desk, actor, *OFFICES, clause="F-21")

    def unit(tx: Tx) -> MusterState | None:
        known, now = _open(tx, muster), desk.clock()
        state = _state(tx, known)
        _require_explained(state)
        result = _result(state, now)
        first = _first_signature(tx, result, now)
        if first is not None:
            require_another(actor, first=first.by, key=first.act.by.key, clause="F-21")
            result = first.act.body
        act = sign_act(result, kind=CLOSING, hand=actor.hand)
        signed = MusterClosing(muster=muster, by=actor.person, act=act, at=now)
        enter(tx, desk, signed, event=Event.MUSTER_SIGNED, subject=muster)
        return None if first is None else _state(tx, known)

    state = desk.store.run(unit)
    if state is None:
        raise wait_for_second(f"the result of muster `{muster}` is signed", clause="F-21")
    return state


def muster_state(desk: Desk, muster: RegisterCode) -> MusterState:
    """A muster as it stands.

    Raises:
        LocalError: there is none of that number.
    """
    return desk.store.run(lambda tx: _state(tx, _known(tx, muster)))


def closed_full_musters(tx: Tx, facility: FacilityId) -> Iterator[tuple[Muster, frozenset[PersonId]]]:
    """The closed full musters of a facility, the last one first, each with the two who signed it."""
    for muster in reversed(tx.every(Muster, facility=facility)):
        if muster.act.body.extent is Extent.FULL and _closed(tx, muster.id) is not None:
            yield muster, frozenset(one.by for one in tx.every(MusterClosing, muster=muster.id)[-2:])


def has_shelves(tx: Tx, facility: FacilityId) -> bool:
    """Whether the ledger has any copy there that a muster would take."""
    return next(_expected(tx, facility), None) is not None


def _require_none_open(tx: Tx, facility: FacilityId) -> None:
    require_known(tx, facility=facility, persons=())
    before = tx.latest(Muster, facility=facility)
    if before is not None and _closed(tx, before.id) is None:
        raise RegisterError(
            "registry/muster-open",
            f"muster `{before.id}` of `{facility}` is open",
            remedy="close it first: `muster close`",
            clauses=("F-21",),
        )


def _number(tx: Tx, desk: Desk) -> RegisterCode:
    year = datetime.fromtimestamp(desk.clock().epoch_s, SEOUL_AND_TOKYO).year
    return f"MUS-{year}-{tx.number(f'muster-{year}'):04d}"


def _begin(
    tx: Tx, desk: Desk, actor: Actor, *, facility: FacilityId, number: RegisterCode, draw: spot.SpotDraw | None
) -> MusterState:
    now, listed = desk.clock(), tuple(_expected(tx, facility))
    start = MusterStart(
        muster=number,
        facility=facility,
        extent=Extent.FULL if draw is None else Extent.SPOT,
        copies=len(listed) if draw is None else min(len(listed), draw.size),
        list_digest=canon.digest(listed),
        at=now,
    )
    for page, first in enumerate(range(0, len(listed), PER_PAGE)):
        part = MusterPage(muster=number, page=page, expected=listed[first : first + PER_PAGE])
        enter(tx, desk, part, event=Event.MUSTER_LISTED, subject=number)
    made = Muster(
        id=number, facility=facility, by=actor.person, act=sign_act(start, kind=MUSTER, hand=actor.hand), at=now
    )
    enter(tx, desk, made, event=Event.MUSTER_BEGUN, subject=number, facility=facility)
    return _state(tx, made)


def closing_of(tx: Tx, muster: RegisterCode) -> MusterClosing | None:
    """The second signature of a muster that is closed.

    Source: F-21.
    """
    return _closed(tx, muster)


def _expected(tx: Tx, facility: FacilityId) -> Iterator[Expected]:
    last: CopyLine | None = None
    item: ItemLine | None = None
    while page := tx.lines(CopyLine, limit=PAGE, after=last, facility=facility, place=Place.HELD):
        for line in page:
            if item is None or item.item != line.item:
                item = tx.line(ItemLine, item=line.item)
            if item is None or (item.form is Form.ELECTRONIC and line.copy == FIRST_COPY):
                continue  # sealed content lies at the node, in no hand and on no shelf
            yield Expected(
                item=line.item,
                copy=line.copy,
                control_no=item.control_no or line.item,
                holder=line.holder,
                container=line.container,
            )
        last = page[-1]


def _known(tx: Tx, muster: RegisterCode) -> Muster:
    known = tx.latest(Muster, id=muster)
    if known is None:
        raise LocalError("flows/unknown-muster", f"there is no muster `{muster}` here", remedy="see `muster start`")
    return known


def _open(tx: Tx, muster: RegisterCode) -> Muster:
    known = _known(tx, muster)
    if _closed(tx, muster) is not None:
        raise RegisterError(
            "registry/muster-closed",
            f"muster `{muster}` is closed",
            remedy="what was found later belongs into the next one",
            clauses=("F-21",),
        )
    return known


def _closed(tx: Tx, muster: RegisterCode) -> MusterClosing | None:
    signed = tx.every(MusterClosing, muster=muster)
    pair = signed[-2:]
    return pair[1] if len(pair) == 2 and pair[0].act.body == pair[1].act.body else None  # noqa: PLR2004  two persons


def _list(tx: Tx, muster: RegisterCode) -> Iterator[Expected]:
    """The copies that a muster takes: the whole list, or those that the stored draw gives."""
    listed = [one for page in tx.every(MusterPage, muster=muster) for one in page.expected]
    draw = tx.latest(spot.SpotDraw, muster=muster)
    if draw is None:
        yield from listed
        return
    drawn = spot.draw_sample((_named(one) for one in listed), seed=draw.seed, size=draw.size)
    yield from (one for one in listed if _named(one) in drawn)


def _named(one: Expected) -> str:
    return f"{one.item} {one.copy}"


def _by_name(tx: Tx, muster: RegisterCode) -> dict[tuple[str, str], Expected]:
    named: dict[tuple[str, str], Expected] = {}
    for one in _list(tx, muster):
        named[one.control_no, one.copy] = named[one.item, one.copy] = one
    return named


def _mark(listed: dict[tuple[str, str], Expected], mark: MarkRow, muster: RegisterCode) -> MusterMark:
    number, copy, seen, words = mark
    one = listed.get((number, copy))
    if one is None:
        raise RegisterError(
            "registry/not-on-sheet",
            f"copy {copy[:20]} of `{number[:64]}` is not on the list of muster `{muster}`",
            remedy="what came since is counted by the next one; what the ledger has elsewhere is an incident",
            clauses=("F-21",),
        )
    return MusterMark(item=one.item, copy=one.copy, seen=seen, words=words)


def _state(tx: Tx, muster: Muster) -> MusterState:
    expected = tuple(_list(tx, muster.id))
    lines: dict[CopyKey, CopyLine] = {}
    for one in expected:
        line = tx.line(CopyLine, item=one.item, copy=one.copy)
        if line is not None:
            lines[one.item, one.copy] = line
    closed = _closed(tx, muster.id)
    last = tx.every(MusterClosing, muster=muster.id)[-2 if closed else -1 :]
    return MusterState(
        muster=muster,
        draw=tx.latest(spot.SpotDraw, muster=muster.id),
        lines=read_sheet(expected, tx.every(MusterSheet, muster=muster.id), lines=lines, began=muster.at),
        signed=tuple(one.by for one in last),
        closed=closed.at if closed else None,
    )


def _require_explained(state: MusterState) -> None:
    left = [line.expected for line in state.lines if line.found is Found.UNEXPLAINED]
    if left:
        named = ", ".join(f"{one.control_no}:{one.copy}" for one in left[:5])
        raise RegisterError(
            "registry/muster-unexplained",
            f"{len(left)} of {len(state.lines)} copies are neither seen nor explained: {named}",
            remedy="see them, or say why not: `muster explain`",
            clauses=("F-21",),
        )


def _result(state: MusterState, now: Instant) -> MusterResult:
    start, counts = state.muster.act.body, state.counts
    return MusterResult(
        muster=state.muster.id,
        facility=state.muster.facility,
        list_digest=start.list_digest,
        seen=counts[Found.SEEN],
        explained=counts[Found.EXPLAINED],
        moved=counts[Found.MOVED],
        at=now,
    )


def _first_signature(tx: Tx, result: MusterResult, now: Instant) -> MusterClosing | None:
    """What another person signed before, if the counts are the same still."""
    last = tx.latest(MusterClosing, muster=result.muster)
    if last is None or now >= proposal_ends(last.at):
        return None
    body = last.act.body
    same = (body.seen, body.explained, body.moved) == (result.seen, result.explained, result.moved)
    return last if same else None
