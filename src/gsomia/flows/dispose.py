"""Destroy an item for good: two persons decide, the storage key goes, the certificate says what it could not reach.

1. The first person proposes, and lists every copy; a second one, with another key, confirms that very list.
2. The decision is on record, signed by both; from here on the item is neither read nor released.
3. The storage key is destroyed with the master key above it, then the sealed content.
4. The certificate is on record, and the sender of the item is told.

# CRASH: after step 2 the next start of the node goes on with step 3; before it, the item is still there, untouched.

Source: G13-1, G13-3, G13-4, F-16, design 4 (Destruction).
"""

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import RefusedError, UnavailableError
from gsomia.exchange import Delivery, Stage
from gsomia.flows.custody import move_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_carried_over, is_held
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import BackupRecord
from gsomia.flows.say import say
from gsomia.flows.second import require_another, wait_for_second
from gsomia.flows.spare import keep_unrecorded
from gsomia.flows.stages import stage_of
from gsomia.flows.went import went_there
from gsomia.ids import CopyId, HexDigest, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act, Office, SignatureError, Statement, sign_act, sign_statement, verify_act
from gsomia.policy import proposal_ends
from gsomia.registry import (
    DESTRUCTION,
    FIRST_COPY,
    MOVES,
    NO_DESTROY,
    ORDER,
    Beyond,
    Booking,
    CopyEnd,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Destruction,
    DestructionAct,
    DestructionConfirmed,
    DestructionOrder,
    DestructionProposal,
    Form,
    ItemDestroyed,
    ItemRecord,
    Method,
    OnHold,
    Place,
    ReadingSlip,
    RegisterError,
    Unreached,
)

OFFICES = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
"""Who may propose or confirm a destruction."""
MAX_COPIES = 10_000
"""Copies of one item that are looked at."""


_ALONE = (CopyEnd(copy=FIRST_COPY, method=Method.STORAGE_KEY, serials=()),)
"""How what lies on hold ends: there are no copies of it, and never were."""


def destroy_item(
    desk: Desk,
    actor: Actor,
    item: ItemId,
    *,
    copies: tuple[CopyId, ...] = (),
    method: Method | None = None,
    place: str | None = None,
    serials: tuple[str, ...] = (),
    emergency: bool = False,
) -> ItemDestroyed:
    """Propose the destruction of our copies of an item, or confirm what another person proposed.

    Args:
        desk: ours, unlocked.
        actor: a control or security officer.
        item: of the register.
        copies: which; every copy we hold if none is named.
        method: how copies that are no sealed content are destroyed.
        place: where, as a code of the register.
        serials: serial numbers of equipment.
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
        record = _ours(tx, item)
        _check(tx, desk, record, emergency=emergency)
        proposal = None if emergency else open_destruction(tx, item, now=now)
        if emergency or proposal is not None:
            return proposal
        ends = _ends(tx, record, copies, method=method, serials=serials, by=actor.person)
        order = DestructionOrder(
            item=item,
            content_digest=record.content_digest,
            party=desk.party,
            copies=ends,
            place=place,
            at=now,
        )
        made = DestructionProposal(
            item=item, by=actor.person, order=sign_act(order, kind=ORDER, hand=actor.hand), at=now
        )
        enter(tx, desk, made, event=Event.ITEM_DESTRUCTION_PROPOSED, subject=item)
        return None

    proposal = desk.store.run(first)
    if not emergency:
        _require_second(proposal, actor, item=item)

    def read(tx: Tx) -> Destruction:
        record = _ours(tx, item)
        if proposal is not None:
            order = proposal.order.body
            return _certificate(tx, desk, record, copies=order.copies, place=order.place, order=proposal.order, at=now)
        ends = _ends_at_once(tx, record, method)
        return _certificate(tx, desk, record, copies=ends, place=place, order=None, at=now)

    act = sign_act(desk.store.run(read), kind=DESTRUCTION, hand=actor.hand)

    # (2) decided, and on record before anything is touched
    def second(tx: Tx) -> None:
        record = _ours(tx, item)
        _check(tx, desk, record, emergency=emergency)
        if not emergency:
            _require_listed(tx, record, act.body.copies, by=None)
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
        certified = tx.every(ItemDestroyed, party=desk.party)
        gone = {one.item for one in certified if one.act.body.is_whole}
        done = {canon.digest(one.act) for one in certified}
        decided = [one.item for one in tx.every(DestructionConfirmed) if canon.digest(one.act) not in done]
        back = [item for item in sorted(gone) if desk.unlocked.storage_keys.has(item)]
        return [*dict.fromkeys([*decided, *back])]

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
    if (body.party, body.to) != (sender, desk.party) or not went_there(tx, body, sender):
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
    ordered = (signed.item, signed.party, signed.copies, signed.place)
    if ordered != (act.body.item, act.body.party, act.body.copies, act.body.place):
        raise SignatureError("parties/two-persons-required", "the two persons signed for different copies")


def enter_destroyed(tx: Tx, desk: Desk, act: DestructionAct, *, at: Instant) -> ItemDestroyed:
    """Enter that copies are gone, once."""
    body = act.body
    known = next((one for one in tx.every(ItemDestroyed, item=body.item, party=body.party) if one.act == act), None)
    if known is not None:
        return known
    record = ItemDestroyed(item=body.item, party=body.party, act=act, at=at)
    enter(tx, desk, record, event=Event.ITEM_DESTROYED, subject=body.item, party=body.party)
    for copy in _gone(tx, desk, body):
        custody = CustodyEvent(
            item=body.item,
            copy=copy,
            kind=CustodyKind.DESTROYED,
            custodian=body.party,
            consignment=body.consignment,
            at=at,
        )
        move_copy(tx, desk, custody)
    return record


def _gone(tx: Tx, desk: Desk, body: Destruction) -> list[CopyId]:
    """The copies of our register that a certificate ends: ours as listed; a partner's all, once its item is gone."""
    lines = tx.lines(CopyLine, limit=MAX_COPIES, item=body.item)
    listed = {end.copy for end in body.copies}
    may = MOVES[CustodyKind.DESTROYED]
    return [
        line.copy
        for line in lines
        if line.place in may
        and (
            line.copy in listed
            if body.party == desk.party
            else body.is_whole
            and line.counterpart == body.party
            and line.made is not CustodyKind.RECEIVED
            and line.place is not Place.HELD
        )
    ]


def _unrecorded(desk: Desk, actor: Actor, act: DestructionAct) -> ItemDestroyed:
    """The log cannot take it, and it may not wait: into the spare journal, then key and content (G13-4, design 2)."""
    keep_unrecorded(desk, actor.person, act)
    destroy_content(desk, act.body.item)
    return ItemDestroyed(item=act.body.item, party=desk.party, act=act, at=act.body.at)


def _ours(tx: Tx, item: ItemId) -> ItemRecord | OnHold:
    """Our copy of an item: of the register, or on hold."""
    late = tx.latest(OnHold, id=item)
    return get_item(tx, item) if late is None else late


def _check(tx: Tx, desk: Desk, record: ItemRecord | OnHold, *, emergency: bool) -> None:
    if not is_held(tx, desk.party, record):
        raise RefusedError(
            "flows/destroyed-before", f"`{record.id}` is destroyed", remedy="see `item show`", clauses=("G13-1",)
        )
    if emergency or isinstance(record, OnHold):  # what is on hold goes, whatever its caveats
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
        if stage_of(tx, delivery).stage in {Stage.QUEUED, Stage.SENDING}:
            raise RefusedError(
                "flows/delivery-under-way",
                f"a copy of `{record.id}` is on its way to `{delivery.to}`",
                remedy="wait until it is received or refused: no copy may be left out",
                clauses=("G13-1",),
            )


def _by_number(copy: CopyId) -> tuple[int, str]:
    return len(copy), copy


def open_destruction(tx: Tx, item: ItemId, *, now: Instant) -> DestructionProposal | None:
    """What a first person signed about an item and a second one may still confirm."""
    proposal = tx.latest(DestructionProposal, item=item)
    if proposal is None or now >= proposal_ends(proposal.at):
        return None
    confirmed = tx.latest(DestructionConfirmed, item=item)
    return None if confirmed is not None and confirmed.act.body.order == proposal.order else proposal


def _ends(
    tx: Tx,
    record: ItemRecord | OnHold,
    copies: tuple[CopyId, ...],
    *,
    method: Method | None,
    serials: tuple[str, ...],
    by: PersonId,
) -> tuple[CopyEnd, ...]:
    """The list that the first person signs: every copy we hold, or the ones named."""
    if isinstance(record, OnHold):
        return _ALONE
    held = {line.copy: line for line in copies_here(tx, record, Place.HELD)}
    named = tuple(sorted(set(copies) or held, key=_by_number))
    if unknown := [copy for copy in named if copy not in held]:
        raise RegisterError(
            "registry/copy-not-held",
            f"copy {', '.join(unknown)} of `{record.id}` is not held here",
            remedy="see `item show`",
            clauses=("G13-1",),
        )
    ends = tuple(
        CopyEnd(copy=copy, method=_method(record, held[copy], method), serials=serials if copy == FIRST_COPY else ())
        for copy in named
    )
    _require_listed(tx, record, ends, by=by)
    return ends


def _ends_at_once(tx: Tx, record: ItemRecord | OnHold, method: Method | None) -> tuple[CopyEnd, ...]:
    """The list of an emergency: whatever is here."""
    if isinstance(record, OnHold):
        return _ALONE
    return tuple(
        CopyEnd(copy=line.copy, method=_method(record, line, method or Method.BURNED))
        for line in copies_here(tx, record, Place.HELD, Place.ARRIVED)
    )


def _require_listed(tx: Tx, record: ItemRecord | OnHold, ends: tuple[CopyEnd, ...], *, by: PersonId | None) -> None:
    """Hold a list against the register: an unlisted copy blocks the end of the item (G13-1)."""
    if isinstance(record, OnHold):
        return
    lines = {line.copy: line for line in copies_here(tx, record, Place.HELD, Place.IN_TRANSIT)}
    listed = {end.copy for end in ends}
    left = sorted(lines.keys() - listed, key=_by_number)
    if FIRST_COPY in listed and left:
        raise RefusedError(
            "flows/unlisted-copy",
            f"copy {', '.join(left)} of `{record.id}` is not on the list",
            remedy="list every copy, or destroy the others first",
            clauses=("G13-1", "F-16"),
        )
    elsewhere = [copy for copy in sorted(listed) if copy not in lines or lines[copy].place is not Place.HELD]
    others = [
        line
        for copy, line in sorted(lines.items())
        if by is not None and copy in listed - {FIRST_COPY} and line.holder not in {None, by}
    ]
    if elsewhere or others:
        raise RefusedError(
            "flows/copy-with-another",
            f"copy {', '.join([*elsewhere, *(f'{line.copy} (`{line.holder}`)' for line in others)])}"
            f" of `{record.id}` is not at hand",
            remedy="have it handed over or locked away first",
            clauses=("G13-1", "F-05"),
        )


def copies_here(tx: Tx, record: ItemRecord | OnHold, *places: Place) -> list[CopyLine]:
    """Our copies of an item in these places; what went as a consignment is its recipient's."""
    lines = tx.lines(CopyLine, limit=MAX_COPIES, item=record.id)
    return [line for line in lines if line.place in places and line.made is not CustodyKind.RELEASED]


def _method(record: ItemRecord, line: CopyLine, given: Method | None) -> Method:
    if record.form is Form.ELECTRONIC and line.copy == FIRST_COPY:
        return Method.STORAGE_KEY
    if given is None or given is Method.STORAGE_KEY:
        raise RefusedError(
            "flows/method-required",
            f"copy {line.copy} of `{record.id}` has no storage key: say how it is destroyed",
            remedy=f"one of {', '.join(method for method in Method if method is not Method.STORAGE_KEY)}",
            clauses=("G13-1", "F-16"),
        )
    return given


def _require_second(proposal: DestructionProposal | None, actor: Actor, *, item: ItemId) -> None:
    if proposal is None:
        raise wait_for_second(f"the destruction of `{item}` is proposed", clause="G13-1")
    require_another(actor, first=proposal.by, key=proposal.order.by.key, clause="G13-1")


def _certificate(
    tx: Tx,
    desk: Desk,
    record: ItemRecord | OnHold,
    *,
    copies: tuple[CopyEnd, ...],
    place: str | None,
    order: Act[DestructionOrder] | None,
    at: Instant,
) -> Destruction:
    origin = record.origin
    return Destruction(
        item=record.id,
        instrument=origin.instrument if origin else None,
        consignment=origin.consignment if origin else None,
        manifest=origin.manifest if origin else None,
        party=desk.party,
        to=origin.sender if origin else None,
        copies=copies,
        place=place,
        emergency=order is None,
        order=order,
        beyond=tuple(_beyond(tx, record, at)),
        at=at,
    )


def _beyond(tx: Tx, record: ItemRecord | OnHold, now: Instant) -> list[Beyond]:
    found = []
    if record.origin is not None:
        found.append(Beyond(what=Unreached.SENDERS_COPY, until=None))
    if tx.count(Delivery, item=record.id):
        found.append(Beyond(what=Unreached.RECIPIENTS_COPIES, until=None))
    days = {backup.until.epoch_s for backup in tx.every(BackupRecord) if backup.until > now and backup.at >= record.at}
    found += [Beyond(what=Unreached.BACKUP, until=Instant(day)) for day in sorted(days)[-128:]]
    if tx.count(ReadingSlip, item=record.id):
        found.append(Beyond(what=Unreached.READ_COPIES, until=None))
    if copies_here(tx, record, Place.LOST):
        found.append(Beyond(what=Unreached.LOST_COPIES, until=None))
    always = (Unreached.MEDIA, Unreached.SNAPSHOTS, Unreached.MEMORY)
    return [*found, *(Beyond(what=what, until=None) for what in always)]


def destroy_content(desk: Desk, item: ItemId) -> None:
    """The key, then the content it opened; what has particulars only has neither."""

    def held(tx: Tx) -> set[HexDigest]:
        copies: list[ItemRecord | OnHold] = [*tx.every(ItemRecord, id=item), *tx.every(OnHold, id=item)]
        holdings = (one.holding for one in copies)
        return {holding.segment_list for holding in holdings if holding is not None}

    addresses = desk.store.run(held)
    if addresses:
        desk.unlocked.storage_keys.destroy(item)
    for address in addresses:
        desk.payloads.discard(address)


def _finish(desk: Desk, item: ItemId) -> ItemDestroyed:
    def read(tx: Tx) -> tuple[DestructionConfirmed | None, ItemDestroyed | None]:
        certified = tx.every(ItemDestroyed, item=item, party=desk.party)
        decided = tx.latest(DestructionConfirmed, item=item)
        done = next((one for one in certified if decided is None or one.act == decided.act), None)
        return decided, done

    # (3) nothing opens it any more
    decided, certified = desk.store.run(read)
    if decided is None or decided.act.body.is_whole:
        destroy_content(desk, item)
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
        # The sender's register knows no transmittal of what came on paper before day zero: its node would refuse this.
        if to is not None and not is_carried_over(tx, item):
            say(tx, desk, statement, kind=DESTRUCTION, to=to, subject=item)
        return record

    done = desk.store.run(certify)
    if to is not None:
        desk.said(to)
    return done
