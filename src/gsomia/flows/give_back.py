"""Give an item back to whom it came from: two persons decide, the originator signs for it, then our key is destroyed.

1. The first person proposes; a second one, with another key, confirms. From here on the item is not used.
2. The return is said to the originator. Its officer takes custody back, if it holds the very same content, or declines.
3. Taken back: our copy is no copy any more, and its storage key is destroyed. Declined: it is ours to look after again.

# CRASH: between the answer and the key, the next start of the node destroys the key.

Source: G6-9, G13-3, A-04, A-17.
"""

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.exchange import Delivery
from gsomia.flows.content import content_of
from gsomia.flows.custody import let_wait, move_copy, wait_no_more
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.dispose import MAX_COPIES, OFFICES, copies_here, destroy_content
from gsomia.flows.facts import get_item, is_held
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.flows.second import require_another, wait_for_second
from gsomia.ids import ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act, Office, SignatureError, Statement, say_act, sign_act, sign_statement, verify_act
from gsomia.policy import proposal_ends
from gsomia.registry import (
    FIRST_COPY,
    RETURN,
    RETURN_ORDER,
    TAKE_BACK,
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    ItemReturn,
    Origin,
    Place,
    RegisterError,
    Return,
    ReturnAct,
    ReturnAnswer,
    ReturnOrder,
    ReturnProposal,
    TakeBack,
    Waiting,
)


def return_item(desk: Desk, actor: Actor, item: ItemId) -> ItemReturn:
    """Propose to give an item back, or confirm what another person proposed.

    Raises:
        WaitingError: it is proposed, and waits for a second person.
        RefusedError: a rule says no.

    Source: G6-9, G13-3.
    """
    require_office(desk, actor, *OFFICES, clause="G13-1")
    now = desk.clock()

    def first(tx: Tx) -> ReturnProposal | None:
        record, origin = _returnable(tx, desk, item)
        proposal = open_return(tx, desk, item, now=now)
        if proposal is not None:
            return proposal
        order = ReturnOrder(item=item, content_digest=record.content_digest, party=desk.party, to=origin.sender, at=now)
        made = ReturnProposal(
            item=item, by=actor.person, order=sign_act(order, kind=RETURN_ORDER, hand=actor.hand), at=now
        )
        enter(tx, desk, made, event=Event.ITEM_RETURN_PROPOSED, subject=item)
        return None

    proposal = desk.store.run(first)
    if proposal is None:
        raise wait_for_second(f"the return of `{item}` is proposed", clause="G13-1")
    require_another(actor, first=proposal.by, key=proposal.order.by.key, clause="G13-1")
    order = proposal.order

    def read(tx: Tx) -> Return:
        record, origin = _returnable(tx, desk, item)
        return Return(
            item=item,
            instrument=origin.instrument,
            consignment=origin.consignment,
            manifest=origin.manifest,
            party=desk.party,
            to=origin.sender,
            content_digest=record.content_digest,
            order=order,
            at=now,
        )

    body = desk.store.run(read)
    act = sign_act(body, kind=RETURN, hand=actor.hand)
    statement = sign_statement(act, kind=RETURN, signer=desk.unlocked.keys.statement)

    def second(tx: Tx) -> ItemReturn:
        _returnable(tx, desk, item)
        made = enter_return(tx, desk, act, at=now)
        say(tx, desk, statement, kind=RETURN, to=body.to, subject=item)
        return made

    done = desk.store.run(second)
    desk.said(body.to)
    return done


def open_return(tx: Tx, desk: Desk, item: ItemId, *, now: Instant) -> ReturnProposal | None:
    """What a first person signed about giving an item back and a second one may still confirm.

    Source: G13-3.
    """
    proposal = tx.latest(ReturnProposal, item=item)
    if proposal is None or now >= proposal_ends(proposal.at) or _is_used(tx, desk, proposal):
        return None
    return proposal


def take_back(desk: Desk, actor: Actor, item: ItemId, *, of: PartyCode, taken: bool) -> ReturnAnswer:
    """Sign for an item of ours that a partner gives back, or decline it.

    Raises:
        RegisterError: no return of that party waits; or we do not hold the content any more.
        RefusedError: the actor is no control officer.

    Source: A-04, F-04, G13-3.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G10-2")
    now = desk.clock()

    def read(tx: Tx) -> ItemReturn:
        waiting = tx.latest(ItemReturn, item=item, party=of)
        if waiting is None or tx.latest(ReturnAnswer, returned=waiting.digest) is not None:
            raise RegisterError("registry/no-return-waits", f"`{of}` gives back no `{item}`", remedy="see `item show`")
        record = get_item(tx, item)
        same = record.content_digest == waiting.act.body.content_digest
        if taken and not (same and is_held(tx, desk.party, record)):
            raise RegisterError(
                "registry/content-not-here",
                f"we do not hold the content of `{item}`: custody cannot pass",
                remedy="decline it, and let it come back on media in covers",
                clauses=("G9-2", "A-04"),
            )
        return waiting

    waiting = desk.store.run(read)
    body = TakeBack(item=item, returned=waiting.digest, party=desk.party, to=of, taken=taken, at=now)
    statement = say_act(body, kind=TAKE_BACK, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> ReturnAnswer:
        read(tx)
        answer = enter_answer(tx, desk, statement.value, at=now)
        say(tx, desk, statement, kind=TAKE_BACK, to=of, subject=item)
        return answer

    answer = desk.store.run(unit)
    desk.said(of)
    return answer


def finish_returns(desk: Desk) -> int:
    """Destroy the keys of what was taken back, also those that came back with an older key file."""

    def read(tx: Tx) -> list[ItemId]:
        mine = {one.digest: one.item for one in tx.every(ItemReturn, party=desk.party)}
        taken = [answer.returned for answer in tx.every(ReturnAnswer) if answer.act.body.taken]
        return [mine[digest] for digest in taken if digest in mine]

    left = [item for item in desk.store.run(read) if desk.unlocked.storage_keys.has(item)]
    for item in left:
        destroy_content(desk, item)
    return len(left)


def hear_return(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Return]], now: Instant) -> None:
    """A partner gives back what we had released to it; our officer signs for it or declines.

    Raises:
        LocalError: no delivery of ours is meant.
        SignatureError: it is not signed by two persons.
    """
    body = statement.value.body
    delivery = tx.latest(Delivery, consignment=body.consignment, to=sender)
    ours = None if delivery is None else (delivery.item, delivery.manifest, delivery.instrument, sender, desk.party)
    if ours != (body.item, body.manifest, body.instrument, body.party, body.to):
        raise RegisterError("registry/return-of-another", "it is about no delivery of ours to the sender")
    signed = verify_act(body.order, kind=RETURN_ORDER)
    if body.order.by.key == statement.value.by.key or body.order.by.office not in OFFICES:
        raise SignatureError("parties/two-persons-required", "a return is the act of two persons")
    if (signed.item, signed.party, signed.to) != (body.item, body.party, body.to):
        raise SignatureError("parties/two-persons-required", "the two persons signed for different items")
    enter_return(tx, desk, statement.value, at=now)


def hear_take_back(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[TakeBack]], now: Instant) -> None:
    """The originator answered a return of ours.

    Raises:
        LocalError: we gave nothing of the kind back.
    """
    body = statement.value.body
    mine = tx.latest(ItemReturn, item=body.item, party=desk.party)
    if mine is None or (mine.digest, mine.act.body.to, body.party, body.to) != (
        body.returned,
        sender,
        sender,
        desk.party,
    ):
        raise RegisterError("registry/answer-to-another", "it answers no return of ours to the sender")
    enter_answer(tx, desk, statement.value, at=now)


def enter_return(tx: Tx, desk: Desk, act: ReturnAct, *, at: Instant) -> ItemReturn:
    """Enter that an item is on its way back, once; if it is ours to send, its copy is in transit."""
    body, digest = act.body, canon.digest(act)
    known = tx.latest(ItemReturn, digest=digest)
    if known is not None:
        return known
    record = ItemReturn(item=body.item, party=body.party, digest=digest, act=act, at=at)
    enter(tx, desk, record, event=Event.ITEM_RETURN_ORDERED, subject=body.item, party=body.party)
    let_wait(tx, body.item, Waiting.RETURN, digest, since=at)
    if tx.latest(ReturnAnswer, returned=digest) is not None:  # a node that was set back may hear the answer first
        wait_no_more(tx, body.item, Waiting.RETURN, digest)
    if body.party == desk.party:
        _move(tx, desk, body, CustodyKind.DISPATCHED, custodian=desk.party, at=at)
    return record


def enter_answer(tx: Tx, desk: Desk, act: Act[TakeBack], *, at: Instant) -> ReturnAnswer:
    """Enter what became of a return, once."""
    body = act.body
    known = tx.latest(ReturnAnswer, returned=body.returned, item=body.item)
    if known is not None:
        return known
    answer = ReturnAnswer(item=body.item, returned=body.returned, act=act, at=at)
    enter(tx, desk, answer, event=Event.ITEM_RETURN_ANSWERED, subject=body.item)
    wait_no_more(tx, body.item, Waiting.RETURN, body.returned)
    given = tx.latest(ItemReturn, digest=body.returned)
    if given is not None and body.taken:
        _move(tx, desk, given.act.body, CustodyKind.RETURNED, custodian=body.party, at=body.at)
    elif given is not None and given.party == desk.party:
        _move(tx, desk, given.act.body, CustodyKind.CAME_BACK, custodian=desk.party, at=body.at)
    return answer


def _returnable(tx: Tx, desk: Desk, item: ItemId) -> tuple[ItemRecord, Origin]:
    record = get_item(tx, item)
    content_of(record)  # what is carried cannot be given back by a statement alone
    if record.origin is None:
        raise RegisterError(
            "registry/own-item", f"`{item}` is our own: there is nobody to return it to", remedy="", clauses=("G6-9",)
        )
    if not is_held(tx, desk.party, record):
        raise RefusedError(
            "flows/not-held", f"`{item}` is destroyed, or on its way back", remedy="see `item show`", clauses=("G6-9",)
        )
    if tx.latest(Booking, item=item) is None:
        raise RefusedError(
            "flows/not-booked", f"`{item}` is not booked yet", remedy="book it first", clauses=("G9-2", "A-04")
        )
    left = [line.copy for line in copies_here(tx, record, Place.HELD, Place.IN_TRANSIT) if line.copy != FIRST_COPY]
    if left:
        raise RefusedError(
            "flows/unlisted-copy",
            f"copy {', '.join(left)} of `{item}` would be left behind",
            remedy="destroy it, or send it back in covers first",
            clauses=("G13-1",),
        )
    return record, record.origin


def _is_used(tx: Tx, desk: Desk, proposal: ReturnProposal) -> bool:
    given = tx.latest(ItemReturn, item=proposal.item, party=desk.party)
    return given is not None and given.act.body.order == proposal.order


def _move(tx: Tx, desk: Desk, body: Return, kind: CustodyKind, *, custodian: PartyCode, at: Instant) -> None:
    """Our copy, if we give it back; else what went to the partner as consignments, all of them."""
    lines = tx.lines(CopyLine, limit=MAX_COPIES, item=body.item)
    ours = body.party == desk.party
    for line in lines:
        meant = line.copy == FIRST_COPY if ours else (line.counterpart, line.place) == (body.party, Place.HANDED_ON)
        if meant:
            event = CustodyEvent(
                item=line.item,
                copy=line.copy,
                kind=kind,
                custodian=custodian,
                by=line.holder if kind is CustodyKind.DISPATCHED else None,
                to=_who_sent(tx, line) if ours and kind is CustodyKind.CAME_BACK else None,
                consignment=body.consignment,
                at=at,
            )
            move_copy(tx, desk, event)


def _who_sent(tx: Tx, line: CopyLine) -> PersonId | None:
    """In whose hand a copy is that comes back: who had it when it went, or, out of a container, who proposed that."""
    sent = [one.by for one in tx.every(CustodyEvent, item=line.item) if one.kind is CustodyKind.DISPATCHED]
    proposal = tx.latest(ReturnProposal, item=line.item)
    return sent[-1] if sent and sent[-1] else proposal.by if proposal is not None else None
