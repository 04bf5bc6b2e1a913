"""Let a person read: decide, prove the stored content, write the slip, and only then open it.

1. Decide on facts of this moment; a denial is recorded and ends here.
2. Every stored segment hashes as its list says, and the list is the one the register names.
3. The reading slip, signed by the reader, and the access entries are durable.
4. Content is opened segment by segment; its digest is the one the originator committed to. Before each segment it is
   asked whether the reader still may: what ended meanwhile stops the reading there, and the log says so.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import IntegrityError, RefusedError
from gsomia.exchange import Arrival, AssurancePersonAnswered, MessageKind, Outgoing
from gsomia.flows.clock import require_clock
from gsomia.flows.content import check_stored, content_of, open_stored
from gsomia.flows.custody import copy_line
from gsomia.flows.decide import Answer, ask_access, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import entry_reference
from gsomia.flows.parties import is_disowned
from gsomia.flows.people import require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.release import refuse_unless_permitted
from gsomia.flows.soundness import require_sound
from gsomia.ids import CopyId, DecisionId, HexDigest, ItemId, new_decision_id
from gsomia.parties import Departure, sign_act
from gsomia.policy import Verdict
from gsomia.registry import (
    FIRST_COPY,
    SLIP,
    ClearanceChange,
    ClearanceGrant,
    DestructionConfirmed,
    EntryEnded,
    ItemRecord,
    Place,
    ReadingSlip,
    ReadingStopped,
    RegisterError,
    Regraded,
    Slip,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading that is on record: the slip's digest, and the content to be shown."""

    item: ItemRecord
    slip: HexDigest
    content_bytes: int
    content: Iterator[bytes]


def read_item(desk: Desk, actor: Actor, item: ItemId, *, purpose: str) -> Reading:
    """Open an item for a named reader.

    Raises:
        RefusedError: a rule says no; the denial is recorded.
        IntegrityError: what is stored is not what was received; nothing is shown, no slip is written.

    While `content` is read it raises RefusedError as soon as the reader no longer may.

    Source: G7-2, G7-6, F-07, design 4 ("only `flows/read` shows content to a person").
    """
    require_own_key(desk, actor)
    content_of(desk.store.run(lambda tx: get_item(tx, item)))
    decision_id = new_decision_id(desk.entropy)

    # (1) decide; a denial is recorded at once
    def first(tx: Tx) -> tuple[Answer, ItemRecord]:
        require_sound(tx, desk)
        require_clock(tx, desk)
        check_counts(tx, item)
        answer = ask_access(tx, desk, item, reader=actor.person, purpose=purpose)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="access", item=item, by=actor.person)
        return answer, get_item(tx, item)

    answer, record = desk.store.run(first)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    # (2) what is stored still hashes
    check_stored(desk, record)

    # (3) on record before anything is shown
    def second(tx: Tx) -> tuple[Answer, HexDigest | None]:
        again = ask_access(tx, desk, item, reader=actor.person, purpose=purpose)
        record_decision(tx, desk, again, decision_id=decision_id, question="access", item=item, by=actor.person)
        if again.decision.verdict is Verdict.DENY:
            return again, None
        return again, _write_slip(tx, desk, actor, record, FIRST_COPY, decision=decision_id, purpose=purpose)

    again, slip = desk.store.run(second)
    refuse_unless_permitted(again.decision, decision_id=decision_id)
    if slip is None:
        msg = "a permitted reading has a slip"
        raise RuntimeError(msg)
    if record.origin is not None:
        desk.said(record.origin.sender)

    # (4) open
    def content() -> Iterator[bytes]:
        plain, watch = hashlib.sha256(), _Watch(desk, actor, item, purpose=purpose, slip=slip)
        pieces = open_stored(desk, record)
        for shown in range(content_of(record).segments):
            watch.go_on(shown)
            piece = next(pieces)
            plain.update(piece)
            yield piece
        if plain.hexdigest() != record.content_digest:
            raise IntegrityError(
                "flows/content-differs",
                f"the content of `{item}` is not what its originator committed to",
                remedy="do not use what was written; ask the sender to release the item again",
            )

    return Reading(item=record, slip=slip, content_bytes=content_of(record).content_bytes, content=content())


def fill_slip(desk: Desk, actor: Actor, item: ItemId, *, copy: CopyId, purpose: str) -> HexDigest:
    """The reading slip of a copy that is no sealed content, filled before it is read; the slip's digest.

    The copy must be held here and out of its container: what is locked away is read by nobody.

    Raises:
        RefusedError: a rule says no, and the denial is recorded; or the item is read by opening it.
        RegisterError: the copy is not there to be read.

    Source: F-07, G7-2, LEDGER-5.
    """
    require_own_key(desk, actor)
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> tuple[Answer, HexDigest | None]:
        require_sound(tx, desk)
        require_clock(tx, desk)
        record, line = get_item(tx, item), copy_line(tx, item, copy)
        if record.holding is not None and copy == FIRST_COPY:
            raise RefusedError(
                "flows/read-by-opening",
                f"the first copy of `{item}` is sealed content",
                remedy="`item read --out FILE` writes the slip and opens it",
                clauses=("G2-3",),
            )
        if line.place is not Place.HELD or line.container is not None:
            where = f"in container `{line.container}`" if line.container else line.place
            raise RegisterError(
                "registry/copy-is-elsewhere",
                f"copy {copy} of `{item}` is {where} and cannot be read",
                remedy="take it out first: `item take-out`",
                clauses=("F-07",),
            )
        answer = ask_access(tx, desk, item, reader=actor.person, purpose=purpose)
        record_decision(tx, desk, answer, decision_id=decision_id, question="access", item=item, by=actor.person)
        if answer.decision.verdict is Verdict.DENY:
            return answer, None
        return answer, _write_slip(tx, desk, actor, record, copy, decision=decision_id, purpose=purpose)

    answer, slip = desk.store.run(unit)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    if slip is None:
        msg = "a permitted reading has a slip"
        raise RuntimeError(msg)
    return slip


class _Watch:
    """Whether an open reading may go on: asked before each segment, decided anew when anything may have changed.

    What is written about the reader is counted each time, so that a withdrawal stops the very next segment; what runs
    out by the clock changes from one second to the next, so once a second everything is asked again.

    Source: G7-6.
    """

    def __init__(self, desk: Desk, actor: Actor, item: ItemId, *, purpose: str, slip: HexDigest) -> None:
        self._desk = desk
        self._actor = actor
        self._item = item
        self._purpose = purpose
        self._slip = slip
        self._seen: tuple[object, ...] = ()

    def go_on(self, shown: int) -> None:
        """Let the next segment be shown.

        Raises:
            RefusedError: the reader no longer may; it is on record.
        """
        decision_id = new_decision_id(self._desk.entropy)
        stopped = self._desk.store.run(lambda tx: self._look(tx, decision_id, shown))
        if stopped is not None:
            reasons = stopped.decision.reasons
            raise RefusedError(
                "flows/reading-stopped",
                f"the reading of `{self._item}` was stopped after `{shown}` segments: "
                + "; ".join(reason.text for reason in reasons),
                remedy=f"see `gsomia decide replay {decision_id}` for the facts",
                clauses=tuple(dict.fromkeys(["G7-6", *(reason.clause for reason in reasons)])),
                evidence={"correlation_id": decision_id},
            )

    def _look(self, tx: Tx, decision_id: DecisionId, shown: int) -> Answer | None:
        desk, reader = self._desk, self._actor.person
        about = (ClearanceChange, ClearanceGrant, EntryEnded, Departure)
        counted = [tx.count(kind, person=reader) for kind in about]
        ended = (tx.count(DestructionConfirmed, item=self._item), tx.count(Regraded, item=self._item))
        seen = (desk.clock(), tx.count(AssurancePersonAnswered, party=desk.party), *counted, *ended)
        if seen == self._seen:
            return None
        answer = ask_access(tx, desk, self._item, reader=reader, purpose=self._purpose)
        if answer.decision.verdict is Verdict.PERMIT:
            self._seen = seen
            return None
        record_decision(tx, desk, answer, decision_id=decision_id, question="access", item=self._item, by=reader)
        stop = ReadingStopped(
            item=self._item, reader=reader, slip=self._slip, decision=decision_id, segments=shown, at=desk.clock()
        )
        enter(tx, desk, stop, event=Event.ACCESS_STOPPED, subject=self._item, decision=decision_id)
        return answer


def check_counts(tx: Tx, item: ItemId) -> None:
    """Hold that what an item's standing here rests on still counts, once its sender revoked a key.

    Raises:
        RefusedError: its release, or the notice behind its level, was signed by a revoked key and not covered before.

    Source: design 4 (an earlier signature counts only if a cosigned checkpoint covers it before the revocation).
    """
    arrivals = tx.every(Arrival, item=item)
    if arrivals and all(is_disowned(tx, arrival.manifest) for arrival in arrivals):
        raise RefusedError(
            "flows/release-disowned",
            f"the release of `{item}` was signed by a key that its sender revoked",
            remedy="ask the sender to release the item again",
            clauses=("DESIGN-4",),
        )
    order = tx.latest(Regraded, item=item)
    if order is not None and is_disowned(tx, order.notice):
        raise RefusedError(
            "flows/notice-disowned",
            f"the level of `{item}` rests on a notice signed by a key that its originator revoked",
            remedy="ask the originator for another notice",
            clauses=("DESIGN-4", "G4-7"),
        )


def _write_slip(
    tx: Tx, desk: Desk, actor: Actor, record: ItemRecord, copy: CopyId, *, decision: DecisionId, purpose: str
) -> HexDigest:
    now = desk.clock()
    slip = Slip(
        item=record.id,
        copy=copy,
        reader=actor.person,
        purpose=purpose,
        decision=decision,
        content_digest=record.content_digest,
        at=now,
    )
    kept = ReadingSlip(item=record.id, reader=actor.person, slip=sign_act(slip, kind=SLIP, hand=actor.hand), at=now)
    digest = enter(tx, desk, kept, event=Event.ACCESS_GRANTED, subject=record.id, decision=decision)
    origin = record.origin
    if origin is not None and record.holding is not None:
        index = share(
            tx,
            desk,
            origin.sender,
            event=Event.DELIVERY_OPENED,
            subject=record.id,
            digest=origin.manifest,
            consignment=origin.consignment,
            item=record.id,
        )
        tx.enqueue(
            Outgoing(
                partner=origin.sender,
                kind=MessageKind.STAGE,
                reference=entry_reference(tx, desk, origin.sender, index),
                attempts=0,
                not_before=now,
            )
        )
    return digest
