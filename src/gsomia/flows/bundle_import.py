"""Go through what a partner wrote to media: the ladders of the line, and the answers recorded for the way back.

1. The file was read once, whole; its seal is the partner's and covers every byte.
2. Gone through before? Nothing changes.
3. Each answer settles what it answers; each statement, envelope and proof passes the same ladder as on the line.
4. What each came to is recorded, to be sent back in the next bundle.

Source: design 6 (Air gap).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gsomia import canon
from gsomia.audit import Event, InclusionReceipt
from gsomia.envelope import Header, claimed_consignment
from gsomia.errors import IntegrityError, NodeError, UnavailableError
from gsomia.exchange import (
    BundleAnswer,
    BundleSeal,
    Delivery,
    Frame,
    FrameKind,
    MessageKind,
    Outgoing,
    Refusal,
    Reply,
    Tally,
    verify_seal,
)
from gsomia.flows import consign, dispatch
from gsomia.flows.desk import Desk
from gsomia.flows.hear import hear_statement
from gsomia.flows.intake import Intake
from gsomia.flows.ledger import enter
from gsomia.flows.parties import key_sets
from gsomia.flows.ports import Tx
from gsomia.flows.records import BundleAnswerRecord, BundleRecord
from gsomia.flows.refuse import record_refusal
from gsomia.flows.rotate import FAR_S, MANY, verify_heard
from gsomia.ids import ConsignmentId, PartyCode
from gsomia.parties import (
    KEY_CHANGE,
    HybridKey,
    Statement,
    claimed_digest,
    read_kind,
    read_own,
    signed_by,
)


@dataclass(slots=True)
class Import:
    """What came of a bundle."""

    sender: PartyCode
    number: int
    repeated: bool = False
    statements: int = 0
    items: int = 0
    refused: int = 0
    settled: int = 0
    unproven: int = 0
    answers: list[BundleAnswerRecord] = field(default_factory=list)


def prove_bundle(desk: Desk, untrusted: bytes, *, tally: Tally, changes: Iterable[bytes]) -> Statement[BundleSeal]:
    """Prove whose bundle it is, from its seal and a first reading of all its frames.

    Args:
        desk: ours.
        untrusted: the seal.
        tally: of every frame before it.
        changes: changes of keys among the frames: a bundle may be sealed with keys that it introduces itself.

    Raises:
        CanonError, SignatureError, ExchangeError, LocalError: it is no whole bundle of a pinned partner for us.
    """
    sender = read_own(untrusted, BundleSeal).sender  # a claim; it chooses whose keys are tried
    sets, named = key_sets(desk, sender), signed_by(untrusted)
    keys = [one.descriptor.statement for one in sets.counting]
    for change in changes:
        if named not in [key.key_ids for key in keys]:
            keys += _introduced(desk, sender, change)
    key = next((key for key in keys if key.key_ids == named), keys[0])
    return verify_seal(untrusted, tally=tally, sender=sender, recipient=desk.party, key=key)


def take_bundle(desk: Desk, intake: Intake, proven: Statement[BundleSeal], frames: Iterable[Frame]) -> Import:
    """Go through the frames of a proven bundle, once.

    Raises:
        UnavailableError: not now; what was done stays done, and going through it again goes on from there.
    """
    seal = proven.value
    done = Import(sender=seal.sender, number=seal.number)

    def known(tx: Tx) -> bool:
        return tx.latest(BundleRecord, digest=seal.digest, party=seal.sender, direction="heard") is not None

    if desk.store.run(known):
        done.repeated = True
        return done
    _Taking(desk, intake, done).every(frames)

    def unit(tx: Tx) -> None:
        if known(tx):
            return
        record = BundleRecord(
            party=seal.sender,
            direction="heard",
            number=seal.number,
            digest=seal.digest,
            seen=seal.seen,
            answers=0,
            at=desk.clock(),
        )
        enter(tx, desk, record, event=Event.BUNDLE_IMPORTED, subject=seal.digest, sender=seal.sender)
        for answer in done.answers:
            enter(tx, desk, answer, event=Event.BUNDLE_ANSWERED, subject=answer.reference, sender=seal.sender)

    # CRASH: everything is taken and not yet noted: going through it again gives the old answers.
    desk.store.run(unit)
    return done


def _introduced(desk: Desk, sender: PartyCode, change: bytes) -> list[HybridKey]:
    try:
        return [verify_heard(desk, sender, change).descriptor.statement]
    except NodeError:  # no change that holds introduces nothing; it is refused and recorded in its turn
        return []


class _Taking:
    """One going through."""

    def __init__(self, desk: Desk, intake: Intake, done: Import) -> None:
        self._desk = desk
        self._intake = intake
        self._done = done
        self._offer: tuple[bytes, ConsignmentId, Header] | None = None
        self._next = 0
        self._wanted = False

    def every(self, frames: Iterable[Frame]) -> None:
        """Every frame, in order."""
        rows = self._queued()
        for frame in frames:
            match frame.kind:
                case FrameKind.ANSWER:
                    self._settle(canon.decode(frame.body, BundleAnswer), rows)
                case FrameKind.STATEMENT:
                    self._statement(frame.body)
                case FrameKind.STAGE:
                    self._stage(frame.body)
                case FrameKind.OFFER:
                    self._begin(frame.body)
                case FrameKind.SEGMENT:
                    self._segment(frame.body)
                case FrameKind.SEAL:
                    return

    def _queued(self) -> dict[tuple[MessageKind, str], tuple[int, Outgoing]]:
        later = self._desk.clock().plus(seconds=FAR_S)
        rows = self._desk.store.run(lambda tx: tx.due(self._done.sender, now=later, limit=MANY))
        return {(outgoing.kind, outgoing.reference): (row, outgoing) for row, outgoing in rows}

    def _settle(self, answer: BundleAnswer, rows: dict[tuple[MessageKind, str], tuple[int, Outgoing]]) -> None:
        queued = rows.pop((answer.kind, answer.reference), None)
        if queued is None:
            return  # its receipt came back before, by this way or another
        try:
            self._settle_row(answer, *queued)
            self._done.settled += 1
        except (UnavailableError, IntegrityError):
            raise
        except NodeError:  # a receipt that proves nothing: what it was for stays queued
            self._done.unproven += 1

    def _settle_row(self, answer: BundleAnswer, row: int, outgoing: Outgoing) -> None:
        desk, sender = self._desk, self._done.sender
        accepted = answer.reply.accepted if answer.reply else None
        if answer.kind is MessageKind.CONSIGNMENT:
            delivery = desk.store.run(lambda tx: tx.latest(Delivery, consignment=answer.reference))
            if delivery is not None and answer.refusal is not None:
                consign.settle_refused(desk, row, delivery, answer.refusal)
            elif delivery is not None and accepted is not None:
                consign.settle_consignment(desk, row, delivery, accepted.receipt)
        elif answer.refusal is not None:
            dispatch.settle_statement_refused(desk, row, sender, outgoing, answer.refusal)
        elif answer.kind is MessageKind.STAGE:
            dispatch.settle(desk, row)
        elif accepted is not None:
            dispatch.settle_statement(desk, row, sender, answer.reference, accepted.receipt)

    def _statement(self, body: bytes) -> None:
        reference = claimed_digest(body)
        self._answer(MessageKind.STATEMENT, reference, lambda: hear_statement(self._desk, self._done.sender, body))
        self._done.statements += 1

    def _stage(self, body: bytes) -> None:
        def act() -> Reply:
            dispatch.hear_stage(self._desk, self._done.sender, body)
            return Reply(progress=None, accepted=None)

        self._answer(MessageKind.STAGE, str(canon.decode(body, InclusionReceipt).index), act)

    def _begin(self, offer: bytes) -> None:
        consignment, header = claimed_consignment(offer)
        self._offer, self._next, self._wanted = (offer, consignment, header), 0, True
        if header.segments > 1:
            self._take(lambda: self._intake.offer(self._done.sender, offer))

    def _segment(self, sealed: bytes) -> None:
        if self._offer is None:
            msg = "the tally held: segments follow their offer"
            raise RuntimeError(msg)
        offer, consignment, header = self._offer
        index, self._next = self._next, self._next + 1
        sender = self._done.sender
        if self._wanted and header.segments == 1:
            self._take(lambda: self._intake.offer(sender, offer + sealed))
        elif self._wanted:
            self._take(lambda: self._intake.segment(sender, consignment, index, sealed))

    def _take(self, act: Callable[[], Reply]) -> None:
        if self._offer is None:
            return
        consignment = self._offer[1]
        reply = self._answer(MessageKind.CONSIGNMENT, consignment, act)
        if reply is None or reply.accepted is not None:
            self._wanted = False  # what follows of it changes nothing
            self._done.items += reply is not None

    def _answer(self, kind: MessageKind, reference: str, act: Callable[[], Reply]) -> Reply | None:
        """What the act came to, kept for the way back unless it only asks for more; None if it was refused."""
        try:
            reply = act()
        except (UnavailableError, IntegrityError):
            raise
        except NodeError as error:
            refusal = record_refusal(self._desk, self._done.sender, error, subject=reference)
            self._done.refused += 1
            self._note(kind, reference, refusal=refusal)
            return None
        if reply.progress is None:
            self._note(kind, reference, index=reply.accepted.receipt.index if reply.accepted else None)
        return reply

    def _note(
        self, kind: MessageKind, reference: str, *, index: int | None = None, refusal: Refusal | None = None
    ) -> None:
        kept = BundleAnswerRecord(
            party=self._done.sender,
            kind=kind,
            reference=reference,
            index=index,
            refusal=refusal,
            at=self._desk.clock(),
        )
        self._done.answers.append(kept)


def is_key_change(untrusted: bytes) -> bool:
    """Whether a statement in a bundle claims to change keys."""
    return read_kind(untrusted) == KEY_CHANGE
