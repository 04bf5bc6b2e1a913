"""Write to media what waits for a partner: answers to its earlier bundles, then everything queued for it, in order.

What was exported stays queued until its receipt comes back, by any way. Going through what a partner wrote is
`flows/bundle_import.py`.

Source: design 6 (Air gap).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import UnavailableError
from gsomia.exchange import (
    BUNDLE,
    Accepted,
    BundleAnswer,
    BundleSeal,
    Frame,
    FrameKind,
    MessageKind,
    Outgoing,
    Reply,
    Tally,
)
from gsomia.flows import consign, dispatch
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.ledger import enter
from gsomia.flows.parties import partner
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import BundleAnswerRecord, BundleRecord
from gsomia.flows.rotate import FAR_S, MANY
from gsomia.ids import PartyCode
from gsomia.parties import (
    sign_statement,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What goes into the next bundle for a partner; only references are held, content is read as it is written."""

    to: PartyCode
    number: int
    seen: int
    answers: tuple[BundleAnswerRecord, ...]
    answers_ever: int
    rows: tuple[tuple[int, Outgoing], ...]


def begin_export(desk: Desk, to: PartyCode) -> Export:
    """Say what the next bundle for a partner holds.

    Raises:
        LocalError: nobody pinned it.
    """
    partner(desk, to)

    def unit(tx: Tx) -> Export:
        heard = tx.every(BundleRecord, party=to, direction="heard")
        own = tx.every(BundleRecord, party=to, direction="own")
        last = max(heard, key=lambda one: one.number, default=None)
        # The partner says which of our bundles it has seen: the answers in those need not travel again.
        told = [one.answers for one in own if last is not None and one.number <= last.seen]
        answers = tx.every(BundleAnswerRecord, party=to)
        return Export(
            to=to,
            number=len(own) + 1,
            seen=last.number if last else 0,
            answers=tuple(answers[max(told, default=0) :]),
            answers_ever=len(answers),
            rows=tuple(tx.due(to, now=desk.clock().plus(seconds=FAR_S), limit=MANY)),
        )

    return desk.store.run(unit)


def export_frames(desk: Desk, export: Export) -> Iterator[Frame]:
    """The frames of a bundle, one at a time; attempts are recorded as for the line."""
    for answer in export.answers:
        yield Frame(FrameKind.ANSWER, canon.encode(_answer(desk, answer)))
    for _, outgoing in export.rows:
        match outgoing.kind:
            case MessageKind.STATEMENT:
                yield Frame(FrameKind.STATEMENT, dispatch.statement_to_send(desk, outgoing.reference))
            case MessageKind.STAGE:
                yield Frame(FrameKind.STAGE, dispatch.stage_to_send(desk, export.to, outgoing.reference))
            case MessageKind.CONSIGNMENT:
                sending = consign.begin_consignment(desk, outgoing.reference)
                yield Frame(FrameKind.OFFER, sending.offer)
                for index in range(sending.header.segments):
                    yield Frame(FrameKind.SEGMENT, consign.read_segment(sending, index))


def close_export(desk: Desk, export: Export, tally: Tally) -> bytes:
    """Seal a bundle: its record is durable before the seal exists on the medium.

    Raises:
        UnavailableError: another bundle for the partner was closed, or our keys changed meanwhile.

    # CRASH: a bundle without its seal is refused by whoever reads it; the number is not used again.
    """
    now = desk.clock()
    signer = desk.unlocked.keys.statement
    seal = BundleSeal(
        sender=desk.party,
        recipient=export.to,
        number=export.number,
        seen=export.seen,
        frames=tally.frames,
        size=tally.size,
        digest=tally.finish(),
        at=now,
    )
    envelope = sign_statement(seal, kind=BUNDLE, signer=signer).envelope

    def unit(tx: Tx) -> None:
        own = tx.count(BundleRecord, party=export.to, direction="own")
        if own + 1 != export.number or desk.unlocked.keys.statement is not signer:
            raise UnavailableError("flows/bundle-overtaken", "another bundle came between", remedy="export it again")
        record = BundleRecord(
            party=export.to,
            direction="own",
            number=export.number,
            digest=seal.digest,
            seen=export.seen,
            answers=export.answers_ever,
            at=now,
        )
        enter(tx, desk, record, event=Event.BUNDLE_EXPORTED, subject=seal.digest, to=export.to)

    desk.store.run(unit)
    return envelope


def _answer(desk: Desk, kept: BundleAnswerRecord) -> BundleAnswer:
    """An answer as it travels: its receipt is proven anew, under the log key that the partner knows."""
    if kept.refusal is not None:
        return BundleAnswer(kind=kept.kind, reference=kept.reference, reply=None, refusal=kept.refusal)
    accepted = None
    if kept.index is not None:
        accepted = Accepted(receipt=prove_entry(desk, shared_log(desk.party, kept.party), kept.index))
    reply = Reply(progress=None, accepted=accepted)
    return BundleAnswer(kind=kept.kind, reference=kept.reference, reply=reply, refusal=None)
