"""Numbered copies of an item: as many as the purpose needs, each under the marks and controls of the item itself.

1. Whoever copies may read: the same decision, on the facts of this moment.
2. What the originator forbids is not copied; beyond the limit another person approves first.
3. Order, record, custody of each copy and log entries commit in one unit. To write the content to a file is to make a
   copy of it (A-19): the slip comes first, then the copy, then the bytes.

Source: F-08, G14-1 to G14-4, A-19, X-5.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, WaitingError
from gsomia.flows.clock import require_clock
from gsomia.flows.custody import begin_copy
from gsomia.flows.decide import ask_access, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.levels import MAX_COPIES, governing, label_at, level_of
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.read import check_counts, read_item
from gsomia.flows.release import refuse_unless_permitted
from gsomia.flows.soundness import require_sound
from gsomia.ids import CopyId, HexDigest, ItemId, PersonId, RegisterCode, new_decision_id
from gsomia.labels import TOP_RANK
from gsomia.parties import Act, Office, sign_act
from gsomia.policy import Decision, Verdict
from gsomia.registry import (
    COPY_APPROVAL,
    COPY_LIMIT,
    COPY_ORDER,
    MAX_ORDERED,
    NO_COPY,
    Booking,
    CopyApproval,
    CopyApproved,
    CopyLimit,
    CopyLine,
    CopyOrder,
    CopyRecord,
    CopyRequest,
    CustodyEvent,
    CustodyKind,
    Place,
)

LIMIT_SCOPE = "item"
APPROVERS = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Copies that are on record; with the content, if it is to be written to a file."""

    record: CopyRecord
    of: int
    control_no: str
    content: Iterator[bytes] | None


def copy_item(
    desk: Desk, actor: Actor, item: ItemId, *, count: int, reason: str, purpose: str, machine: str, export: bool = False
) -> Copied:
    """Make numbered copies of an item, or, with `export`, one copy whose content is handed out to be saved.

    Args:
        desk: ours, unlocked.
        actor: the copier; each copy is in their hand.
        item: what is copied.
        count: how many.
        reason: why so many.
        purpose: for which use.
        machine: on which machine.
        export: hand out the content of the one copy.

    Raises:
        RefusedError: a rule says no, or the originator forbids copies; it is recorded.
        WaitingError: it goes beyond the limit, and waits for another person's approval.

    Source: F-08, G14-1 to G14-4, A-19.
    """
    require_own_key(desk, actor)
    if export and count != 1:
        raise LocalError("flows/one-file-one-copy", "a file is one copy", remedy="leave `--count` out")
    refuse_forbidden(desk, item)
    order = _order(desk, actor, item, count=count, reason=reason, purpose=purpose, machine=machine)
    act = sign_act(order, kind=COPY_ORDER, hand=actor.hand)
    _decide(desk, actor, item, purpose=purpose)
    approved = _approval(desk, act)
    content = read_item(desk, actor, item, purpose=purpose).content if export else None
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> tuple[Decision, Copied | None]:
        again = ask_access(tx, desk, item, reader=actor.person, purpose=purpose)
        record_decision(tx, desk, again, decision_id=decision_id, question="access", item=item, by=actor.person)
        if again.decision.verdict is Verdict.DENY:
            return again.decision, None
        return again.decision, _make(tx, desk, act, approved, content)

    decision, made = desk.store.run(unit)
    refuse_unless_permitted(decision, decision_id=decision_id)
    if made is None:
        msg = "a permitted copy is made"
        raise RuntimeError(msg)
    return made


def approve_copies(desk: Desk, actor: Actor, order: HexDigest) -> CopyApproved:
    """Approve an order that goes beyond the limit; the copier then repeats it.

    Raises:
        LocalError: no such order waits.
        RefusedError: the copier approves nothing of their own.

    Source: G14-3.
    """
    require_office(desk, actor, *APPROVERS, clause="G14-3")
    now = desk.clock()

    def unit(tx: Tx) -> CopyApproved:
        request = tx.latest(CopyRequest, order=order)
        if request is None or tx.latest(CopyApproved, order=order) is not None:
            raise LocalError("flows/no-such-order", f"no order `{order}` waits", remedy="see `item show`")
        if request.act.body.copier == actor.person or request.act.by.key == actor.hand.signer.public:
            raise RefusedError(
                "flows/own-order",
                f"`{actor.person}` ordered these copies and cannot approve them",
                remedy="another officer, with a key of their own, approves",
                clauses=("G14-3",),
            )
        body = CopyApproval(order=order, item=request.item, approver=actor.person, at=now)
        approved = CopyApproved(
            order=order, item=request.item, act=sign_act(body, kind=COPY_APPROVAL, hand=actor.hand), at=now
        )
        enter(tx, desk, approved, event=Event.ITEM_COPY_APPROVED, subject=request.item, order=order)
        return approved

    return desk.store.run(unit)


def set_copy_limit(desk: Desk, actor: Actor, *, limit: int) -> CopyLimit:
    """Set how many numbered copies of an item are made without approval.

    Source: G14-3.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G14-3")
    record = CopyLimit(scope=LIMIT_SCOPE, limit=limit, by=actor.person, at=desk.clock())
    desk.store.run(lambda tx: enter(tx, desk, record, event=Event.RULE_CHANGED, subject="copy-limit"))
    return record


def refuse_forbidden(desk: Desk, item: ItemId) -> None:
    """Refuse to copy what the originator forbids to copy.

    Raises:
        RefusedError: it bears the caveat, or stands at the top level and is another's.

    Source: G14-4, X-5.
    """
    refuse_top_level(desk, item)
    if desk.store.run(lambda tx: get_item(tx, item)).label.has_caveat(NO_COPY):
        raise RefusedError(
            "flows/copying-forbidden",
            f"the originator forbids copies of `{item}`",
            remedy="ask the originator in writing",
            clauses=("G14-4",),
        )


def refuse_top_level(desk: Desk, item: ItemId) -> None:
    """Refuse to make anything of another's item at the top level.

    Raises:
        RefusedError: it stands there.

    Source: X-5.
    """

    def is_top(tx: Tx) -> bool:
        record = get_item(tx, item)
        return record.originator != desk.party and level_of(tx, record).rank == TOP_RANK

    if desk.store.run(is_top):
        raise RefusedError(
            "flows/top-level",
            f"`{item}` stands at the top level: nothing is made of it without its originator's consent",
            remedy="ask the originator in writing",
            clauses=("X-5",),
        )


def _order(desk: Desk, actor: Actor, item: ItemId, *, count: int, reason: str, purpose: str, machine: str) -> CopyOrder:
    order = CopyOrder(
        id=desk.entropy(16).hex(),
        item=item,
        count=count,
        reason=reason,
        purpose=purpose,
        machine=machine,
        copier=actor.person,
        at=desk.clock(),
    )
    try:
        return canon.check(order, CopyOrder)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-an-order",
            "that is no order of copies",
            remedy=f"1 to {MAX_ORDERED} copies, a reason, a machine in capital letters, digits and hyphens",
        ) from cause


def _decide(desk: Desk, actor: Actor, item: ItemId, *, purpose: str) -> None:
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> Decision:
        require_sound(tx, desk)
        require_clock(tx, desk)
        check_counts(tx, item)
        answer = ask_access(tx, desk, item, reader=actor.person, purpose=purpose)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="access", item=item, by=actor.person)
        return answer.decision

    refuse_unless_permitted(desk.store.run(unit), decision_id=decision_id)


def _approval(desk: Desk, act: Act[CopyOrder]) -> CopyApproved | None:
    """The approval an order rests on; None within the limit.

    Raises:
        WaitingError: there is none yet; the order is kept.
    """
    body, digest = act.body, canon.digest(act)

    def unit(tx: Tx) -> tuple[bool, CopyApproved | None, HexDigest]:
        limit = tx.latest(CopyLimit, scope=LIMIT_SCOPE)
        if _count_made(tx, body.item) + body.count <= (limit.limit if limit else COPY_LIMIT):
            return True, None, digest
        for request in tx.every(CopyRequest, item=body.item):
            if _same_order(request.act.body, body) and not _is_used(tx, request.order):
                return False, tx.latest(CopyApproved, order=request.order), request.order
        request = CopyRequest(order=digest, item=body.item, act=act, at=desk.clock())
        enter(tx, desk, request, event=Event.ITEM_COPY_ORDERED, subject=body.item, order=digest)
        return False, None, digest

    within, approved, order = desk.store.run(unit)
    if within or approved is not None:
        return approved
    raise WaitingError(
        "flows/copies-to-approve",
        f"`{body.count}` copies go beyond the limit; order `{order}` waits for another person",
        remedy="an officer approves: gsomia item approve ORDER; then repeat the command",
        clauses=("G14-3",),
        evidence={"correlation_id": order},
    )


def _same_order(one: CopyOrder, other: CopyOrder) -> bool:
    def asked(order: CopyOrder) -> tuple[int, str, str, RegisterCode, PersonId]:
        return order.count, order.reason, order.purpose, order.machine, order.copier

    return asked(one) == asked(other)


def waiting_orders(tx: Tx) -> list[CopyRequest]:
    """The orders beyond the limit that nobody approved.

    Source: G14-3.
    """
    return [one for one in tx.every(CopyRequest) if tx.latest(CopyApproved, order=one.order) is None]


def _is_used(tx: Tx, order: HexDigest) -> bool:
    return tx.latest(CopyRecord, order=order) is not None


def _count_made(tx: Tx, item: ItemId) -> int:
    gone = {Place.DESTROYED, Place.RETURNED}
    lines = tx.lines(CopyLine, limit=MAX_COPIES, item=item)
    return sum(line.made is CustodyKind.COPIED and line.place not in gone for line in lines)


def _make(
    tx: Tx, desk: Desk, act: Act[CopyOrder], approved: CopyApproved | None, content: Iterator[bytes] | None
) -> Copied:
    body, now = act.body, desk.clock()
    record, booking = get_item(tx, body.item), tx.latest(Booking, item=body.item)
    if booking is None:
        msg = "what may be read is booked"
        raise RuntimeError(msg)
    level, origin = level_of(tx, record), governing(tx, record)
    # Copy 1 is the item as it came; the counter goes on where the last copy ended, and no number comes twice.
    copies: tuple[CopyId, ...] = tuple(str(tx.number(f"copy-{body.item}") + 1) for _ in range(body.count))
    label = record.label
    if level.classification is not None:
        label = label_at(label, level.classification, policy=desk.policies[record.originator])
    made = CopyRecord(
        item=body.item,
        order=approved.order if approved else canon.digest(act),
        act=act,
        approver=approved.act.body.approver if approved else None,
        label=label,
        own_mark=level.own_mark,
        copies=copies,
        exported=content is not None,
        at=now,
    )
    enter(tx, desk, made, event=Event.ITEM_COPIED, subject=body.item, order=made.order)
    for copy in copies:
        event = CustodyEvent(
            item=body.item,
            copy=copy,
            kind=CustodyKind.COPIED,
            custodian=desk.party,
            facility=booking.facility,
            by=body.copier,
            instrument=origin.instrument if origin else None,
            at=now,
        )
        begin_copy(tx, desk, event, originator=record.originator)
    return Copied(record=made, of=int(copies[-1]), control_no=booking.control_no, content=content)
