"""Release an item of ours to a partner: decide, seal, sign, queue. Nothing is sent here.

1. Decide, on facts read in one unit; a denial is recorded at once and ends here.
2. Seal our stored content for the recipient, segment by segment, for the list of its digests; the segments themselves
   are sealed again as they go, from the same key.
3. Sign the manifest: the one hybrid signature of a release.
4. Decide again in the writing unit, on the facts of that moment; record the decision, and queue delivery, custody and
   entries with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gsomia.audit import Event
from gsomia.envelope import (
    RELEASE_DECISION,
    SUITE,
    BorderDecision,
    Header,
    Holding,
    KeyedParty,
    SealedEnvelope,
    SealedPart,
    begin_sealing,
    finish_sealing,
    hold_sealed,
    label_commitment,
    print_offer,
    segment_count,
)
from gsomia.errors import RefusedError, UnavailableError
from gsomia.exchange import AssuranceWithdrawn, Delivery, DeliveryStage, Relayed, Stage, queue
from gsomia.flows.at_hand import AtHand, keep_at_hand
from gsomia.flows.clock import require_clock
from gsomia.flows.content import content_of, list_sealed_again
from gsomia.flows.custody import begin_copy
from gsomia.flows.decide import Answer, ask_release, ask_release_again, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter, share
from gsomia.flows.levels import label_now
from gsomia.flows.parties import partner
from gsomia.flows.people import require_own_key_in
from gsomia.flows.ports import Tx
from gsomia.flows.records import DecisionRecord
from gsomia.flows.soundness import require_sound
from gsomia.ids import DecisionId, ItemId, PartyCode, PersonId, new_consignment_id, new_decision_id
from gsomia.parties import Act, PinnedParty, sign_act
from gsomia.policy import Decision, Permit, ReleaseFacts, Verdict
from gsomia.registry import CustodyEvent, CustodyKind, ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release that is durably queued."""

    item: ItemId
    delivery: Delivery
    stage: Stage


def release_item(desk: Desk, actor: Actor, item: ItemId, *, to: PartyCode, authority: str | None = None) -> Released:
    """Release `item` to `to`, if every rule permits.

    Args:
        desk: ours, unlocked.
        actor: the releasing authority.
        item: an item of our own.
        to: the recipient.
        authority: the competent authority on whose behalf; our lead one if None.

    Raises:
        RefusedError: a rule says no; the denial is recorded.
        LocalError: unknown item, party or person.

    Source: G1-2, F-14, design 4 (Budget per release), design 6.
    """
    decision_id = new_decision_id(desk.entropy)

    # (1) decide; a denial is recorded at once
    def first(tx: Tx) -> tuple[Answer, ItemRecord]:
        require_own_key_in(tx, actor)
        record = get_item(tx, item)
        content_of(record)
        require_sound(tx, desk, to=to)
        require_clock(tx, desk)
        answer = ask_release(tx, desk, item, to=to, decider=actor.person, authority=authority)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="release", item=item, by=actor.person)
        return answer, replace(record, label=label_now(tx, desk, record))

    answer, record = desk.store.run(first, reads=True)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    recipient = partner(desk, to)
    # (2) and (3) seal and sign
    signed = sign_decision(answer, decision_id, actor)
    sealed, holding, only = _reseal(desk, record, recipient, signed)
    delivery = Delivery(
        consignment=sealed.envelope.header.consignment,
        item=item,
        to=to,
        instrument=sealed.envelope.header.instrument,
        agreement=sealed.envelope.header.agreement,
        decision=decision_id,
        manifest=sealed.statement.digest,
        header=sealed.envelope.header_bytes,
        statement=sealed.envelope.statement,
        sealed_part=sealed.envelope.sealed_part,
        holding=holding,
        at=desk.clock(),
    )

    # (4) decide again and queue. INVARIANT (written before said): the worker reads only what this unit committed.
    def second(tx: Tx) -> Decision:
        if label_now(tx, desk, get_item(tx, item)) != record.label:
            raise UnavailableError(
                "flows/level-changed", f"the level of `{item}` changed meanwhile", remedy="repeat the release"
            )
        again = ask_release_again(tx, desk, answer, item, to=to, decider=actor.person, authority=authority)
        if again.verdict is Verdict.PERMIT:
            require_signing_key(desk, sealed.envelope.header.sender.key)
            record_decision(tx, desk, answer, decision_id=decision_id, question="release", item=item, by=actor.person)
            tx.put_segment_list(sealed.envelope.segment_list)
            queue_delivery(tx, desk, delivery, actor, permit=Permit(again), originator=desk.party)
            if only is not None:
                envelope = sealed.envelope
                keep_at_hand(desk, AtHand(header=envelope.header, offer=print_offer(envelope), content=only))
            return again
        changed = ask_release(tx, desk, item, to=to, decider=actor.person, authority=authority)
        record_decision(tx, desk, changed, decision_id=decision_id, question="release", item=item, by=actor.person)
        return changed.decision

    refuse_unless_permitted(desk.store.run(second), decision_id=decision_id)
    desk.consigned(to)
    return Released(item=item, delivery=delivery, stage=Stage.QUEUED)


def why_unassured(tx: Tx, desk: Desk, delivery: Delivery) -> RefusedError | None:
    """Why what waits to be sent for the first time may not go: the recipient took back the assurance it rests on.

    Asked only once the recipient withdrew any. What was on its way is the recipient's already, perhaps.

    Source: G7-5, design 6 (a message is repeated until it is acknowledged or its agreement forbids it).
    """
    if isinstance(delivery.relayed, Relayed):  # asked by the rules of the relay
        return None
    return why_assurance_ended(
        tx,
        delivery,
        ask=lambda by: ask_release(tx, desk, delivery.item, to=delivery.to, decider=by, authority=None).decision,
    )


def why_assurance_ended(tx: Tx, delivery: Delivery, *, ask: Callable[[PersonId], Decision]) -> RefusedError | None:
    """Why `delivery` may not go for the first time, if what is decided now fails for want of an assurance.

    Args:
        tx: the unit.
        delivery: queued.
        ask: what would be decided now, for who decided it then.
    """
    if tx.count(AssuranceWithdrawn, party=delivery.to) == 0:
        return None
    last = tx.latest(DeliveryStage, consignment=delivery.consignment)
    decided = tx.latest(DecisionRecord, id=delivery.decision)
    if decided is None or (last is not None and last.stage is not Stage.QUEUED):
        return None
    try:
        decision = ask(decided.by)
    except RefusedError:  # declassified meanwhile: no assurance is asked for what is not classified
        return None
    against = [reason for reason in decision.reasons if reason.clause == "G7-5"]
    if decision.verdict is Verdict.PERMIT or not against:
        return None
    return RefusedError(
        "flows/assurance-ended", against[0].text, remedy="release it again on a new one", clauses=("G7-5",)
    )


def require_signing_key(desk: Desk, used: str) -> None:
    """Hold, in the writing unit, that what was signed for it was signed with the statement key that still is ours.

    Raises:
        UnavailableError: our keys changed meanwhile; behind the change the recipient would refuse it.

    Source: design 4 (Rotation).
    """
    if used != desk.unlocked.keys.statement.public.key_ids[0]:
        raise UnavailableError("flows/keys-changed", "our keys changed since it was signed", remedy="repeat it")


def refuse_unless_permitted(decision: Decision, *, decision_id: DecisionId, act: str | None = None) -> None:
    """Turn a denial into the error a flow ends with.

    Args:
        decision: what was decided.
        decision_id: under which it is recorded.
        act: the clause of the act itself, where that is not a reading or a release; it is named first.

    Raises:
        RefusedError: with every clause; the first reason speaks.
    """
    if decision.verdict is not Verdict.PERMIT:
        first = decision.reasons[0]
        raise RefusedError(
            f"policy/{first.code}",
            "; ".join(reason.text for reason in decision.reasons),
            remedy=f"see `gsomia decide replay {decision_id}` for the facts",
            clauses=tuple(dict.fromkeys([*([act] if act else []), *(reason.clause for reason in decision.reasons)])),
            evidence={"correlation_id": decision_id},
        )


def sign_decision(answer: Answer, decision_id: DecisionId, actor: Actor) -> Act[BorderDecision]:
    """A permitted release as the other side may see it, signed by who decided."""
    facts = answer.facts
    if not isinstance(facts, ReleaseFacts) or facts.instrument is None:
        msg = "a permitted release has release facts and an instrument"
        raise TypeError(msg)
    border = BorderDecision(
        id=decision_id,
        instrument=facts.instrument.id,
        agreement=facts.instrument.agreement,
        item=facts.item,
        to=facts.to,
        level=facts.label.classification,
        purpose=facts.purpose,
        authority=facts.authority,
        at=facts.now,
        rules_version=answer.decision.rules_version,
    )
    return sign_act(border, kind=RELEASE_DECISION, hand=actor.hand)


def _reseal(
    desk: Desk, record: ItemRecord, recipient: PinnedParty, decision: Act[BorderDecision]
) -> tuple[SealedEnvelope, Holding, bytes | None]:
    """The envelope, how its content is held here, and its only segment if there is but one."""
    keys = desk.unlocked.keys
    holding = content_of(record)
    salts = desk.entropy(32)
    part = SealedPart(
        label=record.label,
        label_salt=salts[:16],
        topic=record.topic,
        decision=decision,
        content_digest=record.content_digest,
        content_salt=salts[16:],
    )
    header = Header(
        suite=SUITE,
        instrument=decision.body.instrument,
        agreement=decision.body.agreement,
        sender=KeyedParty(party=desk.party, key=keys.statement.public.key_ids[0]),
        recipient=KeyedParty(party=recipient.code, key=recipient.descriptor.sealing.key_id),
        item=record.id,
        consignment=new_consignment_id(desk.entropy),
        label_commitment=label_commitment(record.label, part.label_salt),
        content_bytes=holding.content_bytes,
        segments=segment_count(holding.content_bytes),
    )
    sealing = begin_sealing(header, recipient=recipient.descriptor.sealing, entropy=desk.entropy)
    segment_list, only = list_sealed_again(desk, record, keys=sealing.keys)
    held = hold_sealed(
        sealing,
        segment_list=segment_list,
        storage_key=desk.unlocked.storage_keys.get(record.id),
        entropy=desk.entropy,
    )
    envelope = finish_sealing(sealing, part=part, segment_list=segment_list, signer=keys.statement)
    return envelope, held, only


def queue_delivery(
    tx: Tx, desk: Desk, delivery: Delivery, actor: Actor, *, permit: Permit, originator: PartyCode
) -> None:
    """Write down a permitted delivery with the copy it makes, and queue it, all in the caller's unit.

    Args:
        tx: the unit.
        desk: ours.
        delivery: sealed for its recipient.
        actor: who decided.
        permit: the decision of this moment.
        originator: whose item it is.
    """
    custody = CustodyEvent(
        item=delivery.item,
        kind=CustodyKind.RELEASED,
        copy=delivery.consignment,
        instrument=delivery.instrument,
        counterpart=delivery.to,
        custodian=desk.party,  # until the recipient's registrar has signed
        by=actor.person,
        consignment=delivery.consignment,
        at=delivery.at,
    )
    enter(tx, desk, delivery, event=Event.DELIVERY_QUEUED, subject=delivery.item, consignment=delivery.consignment)
    begin_copy(tx, desk, custody, originator=originator)
    share(
        tx,
        desk,
        delivery.to,
        event=Event.DELIVERY_QUEUED,
        subject=delivery.item,
        digest=delivery.manifest,
        consignment=delivery.consignment,
        item=delivery.item,
    )
    tx.enqueue(queue(delivery, permit=permit))
