"""Destroy an item for good: two persons decide, the storage key goes, the certificate says what it could not reach.

1. The first person proposes; a second one, with another key, confirms.
2. The decision is on record, signed by both; from here on the item is neither read nor released.
3. The storage key is destroyed with the master key above it, then the sealed content.
4. The certificate is on record, and the sender of the item is told.

# CRASH: after step 2 the next start of the node goes on with step 3; before it, the item is still there, untouched.

Source: G13-1, G13-3, G13-4, F-16, design 4 (Destruction).
"""

from gsomia.audit import Event
from gsomia.errors import RefusedError, UnavailableError, WaitingError
from gsomia.exchange import Delivery, DeliveryStage, Stage
from gsomia.flows.custody import move_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_held
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import BackupRecord
from gsomia.flows.say import say
from gsomia.flows.spare import keep_unrecorded
from gsomia.ids import CopyId, HexDigest, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, SignatureError, Statement, sign_act, sign_statement, verify_act
from gsomia.registry import (
    DESTRUCTION,
    FIRST_COPY,
    NO_DESTROY,
    ORDER,
    PROPOSAL_DAYS,
    Beyond,
    Booking,
    CustodyEvent,
    CustodyKind,
    Destruction,
    DestructionAct,
    DestructionConfirmed,
    DestructionOrder,
    DestructionProposal,
    ItemDestroyed,
    ItemRecord,
    ReadingSlip,
    RegisterError,
    Unreached,
)

OFFICES = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
"""Who may propose or confirm a destruction."""


def destroy_item(desk: Desk, actor: Actor, item: ItemId, *, emergency: bool = False) -> ItemDestroyed:
    """Propose the destruction of our copy of an item, or confirm what another person proposed.

    Args:
        desk: ours, unlocked.
        actor: a control or security officer.
        item: of the register.
        emergency: one person alone, at once; the originator is told as soon as may be (G13-4).

    Raises:
        WaitingError: it is proposed, and waits for a second person.
        RefusedError: a rule says no.
        UnavailableError: the disk is full or fails; once it was decided, the next start finishes it.
    """
    require_office(desk, actor, *OFFICES, clause="G13-1")
    now = desk.clock()

    # (1) proposed by one, confirmed by another
    def first(tx: Tx) -> DestructionProposal | None:
        record = get_item(tx, item)
        _check(tx, desk, record, emergency=emergency)
        proposal = tx.latest(DestructionProposal, item=item)
        if emergency or (proposal is not None and now < proposal.at.plus(days=PROPOSAL_DAYS)):
            return proposal
        order = DestructionOrder(item=item, content_digest=record.content_digest, party=desk.party, at=now)
        made = DestructionProposal(
            item=item, by=actor.person, order=sign_act(order, kind=ORDER, hand=actor.hand), at=now
        )
        enter(tx, desk, made, event=Event.ITEM_DESTRUCTION_PROPOSED, subject=item)
        return None

    proposal = desk.store.run(first)
    if proposal is None and not emergency:
        raise WaitingError(
            "flows/second-person",
            f"the destruction of `{item}` is proposed; a second person has to confirm it",
            remedy=f"within {PROPOSAL_DAYS} days another officer types the same command",
            clauses=("G13-1",),
        )
    if proposal is not None and not emergency:
        _require_another(proposal, actor)

    def read(tx: Tx) -> Destruction:
        order = None if emergency or proposal is None else proposal.order
        return _certificate(tx, desk, get_item(tx, item), order=order, at=now)

    act = sign_act(desk.store.run(read), kind=DESTRUCTION, hand=actor.hand)

    # (2) decided, and on record before anything is touched
    def second(tx: Tx) -> None:
        _check(tx, desk, get_item(tx, item), emergency=emergency)
        decided = DestructionConfirmed(item=item, by=actor.person, act=act, at=now)
        enter(tx, desk, decided, event=Event.ITEM_DESTRUCTION_ORDERED, subject=item)

    try:
        desk.store.run(second)
    except UnavailableError:
        if not emergency:
            raise
        return _unrecorded(desk, actor, act)
    # (3) key and content, then (4) the certificate
    return _finish(desk, item)


def finish_destructions(desk: Desk) -> int:
    """Go on with what was decided and not finished, and destroy again what came back with an older key file."""

    def read(tx: Tx) -> list[ItemId]:
        gone = {one.item for one in tx.every(ItemDestroyed, party=desk.party)}
        decided = [one.item for one in tx.every(DestructionConfirmed)]
        back = [item for item in sorted(gone) if desk.unlocked.storage_keys.has(item)]
        return [*dict.fromkeys([*(item for item in decided if item not in gone), *back])]

    left = desk.store.run(read)
    for item in left:
        _finish(desk, item)
    return len(left)


def hear_destruction(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Destruction]], now: Instant
) -> None:
    """A partner destroyed what we had released to it.

    Raises:
        LocalError: no delivery of ours is meant.
        SignatureError: it is not signed by two persons.

    Source: G13-1, F-16.
    """
    body = statement.value.body
    delivery = tx.latest(Delivery, consignment=body.consignment, to=sender)
    ours = None if delivery is None else (delivery.item, delivery.manifest, delivery.instrument, sender, desk.party)
    if ours != (body.item, body.manifest, body.instrument, body.party, body.to):
        raise RegisterError("registry/destruction-of-another", "it is about no delivery of ours to the sender")
    verify_two_persons(statement.value)
    enter_destroyed(tx, desk, statement.value, at=now)


def verify_two_persons(act: DestructionAct) -> None:
    """Prove that two persons ordered a destruction, unless it was an emergency.

    Raises:
        SignatureError: they did not.

    Source: G13-1 (same person in both roles fails).
    """
    order = act.body.order
    if order is None and act.body.emergency:
        return
    if order is None or order.by.key == act.by.key or order.by.office not in OFFICES:
        raise SignatureError("parties/two-persons-required", "a destruction is the act of two persons")
    signed = verify_act(order, kind=ORDER)
    if (signed.item, signed.party) != (act.body.item, act.body.party):
        raise SignatureError("parties/two-persons-required", "the two persons signed for different items")


def enter_destroyed(tx: Tx, desk: Desk, act: DestructionAct, *, at: Instant) -> ItemDestroyed:
    """Enter that a copy is gone, once."""
    body = act.body
    known = tx.latest(ItemDestroyed, item=body.item, party=body.party)
    if known is not None:
        return known
    record = ItemDestroyed(item=body.item, party=body.party, act=act, at=at)
    enter(tx, desk, record, event=Event.ITEM_DESTROYED, subject=body.item, party=body.party)
    custody = CustodyEvent(
        item=body.item,
        copy=_copy_of(desk, body),
        kind=CustodyKind.DESTROYED,
        custodian=body.party,
        consignment=body.consignment,
        at=at,
    )
    move_copy(tx, desk, custody)
    return record


def _copy_of(desk: Desk, body: Destruction) -> CopyId:
    """Which of the copies in our register is gone: our own, or the one that went as a consignment."""
    if body.party == desk.party or body.consignment is None:
        return FIRST_COPY
    return str(body.consignment)


def _unrecorded(desk: Desk, actor: Actor, act: DestructionAct) -> ItemDestroyed:
    """The log cannot take it, and it may not wait: into the spare journal, then key and content (G13-4, design 2)."""
    keep_unrecorded(desk, actor.person, act)
    _destroy_copy(desk, act.body.item)
    return ItemDestroyed(item=act.body.item, party=desk.party, act=act, at=act.body.at)


def _check(tx: Tx, desk: Desk, record: ItemRecord, *, emergency: bool) -> None:
    if not is_held(tx, desk.party, record.id):
        raise RefusedError(
            "flows/destroyed-before", f"`{record.id}` is destroyed", remedy="see `item show`", clauses=("G13-1",)
        )
    if emergency:
        return
    if record.label.has_caveat(NO_DESTROY):
        raise RefusedError(
            "flows/destruction-forbidden",
            f"the originator forbids the destruction of `{record.id}`",
            remedy="return it to the originator",
            clauses=("G13-3",),
        )
    if record.origin is not None and tx.latest(Booking, item=record.id) is None:
        raise RefusedError(
            "flows/not-booked", f"`{record.id}` is not booked yet", remedy="book it first", clauses=("G13-1", "A-04")
        )
    for delivery in tx.every(Delivery, item=record.id):
        stage = tx.latest(DeliveryStage, consignment=delivery.consignment)
        if stage is not None and stage.stage in {Stage.QUEUED, Stage.SENDING}:
            raise RefusedError(
                "flows/delivery-under-way",
                f"a copy of `{record.id}` is on its way to `{delivery.to}`",
                remedy="wait until it is received or refused: no copy may be left out",
                clauses=("G13-1",),
            )


def _require_another(proposal: DestructionProposal, actor: Actor) -> None:
    if proposal.by == actor.person or proposal.order.by.key == actor.hand.signer.public:
        raise RefusedError(
            "flows/same-person",
            f"`{actor.person}` proposed this destruction and cannot confirm it",
            remedy="another officer, with a key of their own, confirms it",
            clauses=("G13-1",),
        )


def _certificate(
    tx: Tx, desk: Desk, record: ItemRecord, *, order: Act[DestructionOrder] | None, at: Instant
) -> Destruction:
    origin = record.origin
    return Destruction(
        item=record.id,
        instrument=origin.instrument if origin else None,
        consignment=origin.consignment if origin else None,
        manifest=origin.manifest if origin else None,
        party=desk.party,
        to=origin.sender if origin else None,
        method="storage-key",
        emergency=order is None,
        order=order,
        beyond=tuple(_beyond(tx, record, at)),
        at=at,
    )


def _beyond(tx: Tx, record: ItemRecord, now: Instant) -> list[Beyond]:
    found = []
    if record.origin is not None:
        found.append(Beyond(what=Unreached.SENDERS_COPY, until=None))
    if tx.count(Delivery, item=record.id):
        found.append(Beyond(what=Unreached.RECIPIENTS_COPIES, until=None))
    days = {backup.until.epoch_s for backup in tx.every(BackupRecord) if backup.until > now and backup.at >= record.at}
    found += [Beyond(what=Unreached.BACKUP, until=Instant(day)) for day in sorted(days)[-128:]]
    if tx.count(ReadingSlip, item=record.id):
        found.append(Beyond(what=Unreached.READ_COPIES, until=None))
    always = (Unreached.MEDIA, Unreached.SNAPSHOTS, Unreached.MEMORY)
    return [*found, *(Beyond(what=what, until=None) for what in always)]


def _destroy_copy(desk: Desk, item: ItemId) -> None:
    """The key, then the content it opened."""
    desk.unlocked.storage_keys.destroy(item)

    def addresses(tx: Tx) -> set[HexDigest]:
        return {record.holding.segment_list for record in tx.every(ItemRecord, id=item)}

    for address in desk.store.run(addresses):
        desk.payloads.discard(address)


def _finish(desk: Desk, item: ItemId) -> ItemDestroyed:
    # (3) nothing opens it any more
    _destroy_copy(desk, item)
    decided = desk.store.run(lambda tx: tx.latest(DestructionConfirmed, item=item))
    certified = desk.store.run(lambda tx: tx.latest(ItemDestroyed, item=item, party=desk.party))
    if certified is not None or decided is None:
        if certified is None:
            msg = "an item is finished that somebody decided to destroy"
            raise RuntimeError(msg)
        return certified
    # (4) the certificate
    act, to = decided.act, decided.act.body.to
    statement = sign_statement(act, kind=DESTRUCTION, signer=desk.unlocked.keys.statement)

    def certify(tx: Tx) -> ItemDestroyed:
        record = enter_destroyed(tx, desk, act, at=desk.clock())
        if to is not None:
            say(tx, desk, statement, kind=DESTRUCTION, to=to, subject=item)
        return record

    done = desk.store.run(certify)
    if to is not None:
        desk.said(to)
    return done
