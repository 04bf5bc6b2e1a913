"""The hub passes an item on: decide, wrap the content key again, sign what we add, queue. No content is opened.

1. Decide, on facts read in one unit; a denial is recorded at once and ends here.
2. Take the originator's envelope as it came, and the content key in memory.
3. Wrap the key for the recipient, seal mark, custody and consent beside it, and sign: one hybrid signature.
4. Decide again in the writing unit; record the decision, and queue delivery, custody and entries with it.

What the originator signed and sealed is not touched, so the recipient proves it as if it had come directly.
"""

from dataclasses import dataclass

from gsomia import canon
from gsomia.agreements import Agreement
from gsomia.envelope import (
    RELAY_DECISION,
    SUITE,
    KeyedParty,
    RelayDecision,
    RelayHeader,
    RelayManifest,
    RelayPart,
    held_key,
    seal_relay,
)
from gsomia.errors import RefusedError
from gsomia.exchange import Arrival, Delivery, Relayed, Stage
from gsomia.flows.clock import require_clock
from gsomia.flows.content import content_of
from gsomia.flows.decide import Answer, record_decision, stands
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_withdrawn
from gsomia.flows.parties import partner
from gsomia.flows.people import require_own_key_in
from gsomia.flows.ports import Tx
from gsomia.flows.records import ConsentRecord
from gsomia.flows.relay_facts import relay_between, relay_facts
from gsomia.flows.relay_records import KeptEnvelope
from gsomia.flows.release import (
    Released,
    queue_delivery,
    refuse_unless_permitted,
    require_signing_key,
    why_assurance_ended,
)
from gsomia.flows.soundness import require_sound
from gsomia.flows.standing import get_agreement, standing
from gsomia.ids import (
    ConsignmentId,
    DecisionId,
    ItemId,
    PartyCode,
    PersonId,
    new_consignment_id,
    new_decision_id,
    sha256_hex,
)
from gsomia.instants import Instant
from gsomia.parties import Statement, claimed_digest, sign_act
from gsomia.policy import Decision, InstrumentFacts, Permit, RelayFacts, Verdict, decide_relay
from gsomia.registry import Booking, ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the hub holds of an item it may pass on, read in one unit."""

    item: ItemRecord
    kept: KeptEnvelope
    booking: Booking
    received: Instant


def relay_item(desk: Desk, actor: Actor, item: ItemId, *, to: PartyCode, authority: str | None = None) -> Released:
    """Pass `item` on to the other end of its relay, if every rule permits.

    Args:
        desk: the hub's, unlocked.
        actor: the hub's releasing authority.
        item: an item of another originator.
        to: the other end.
        authority: the competent authority on whose behalf; our lead one under the second feeder if None.

    Raises:
        RefusedError: a rule says no; the denial is recorded.
        LocalError: unknown item, party or person.

    Source: relay 5.2 steps 4 to 6, TR-4, TR-5, design 6 (The relay).
    """
    decision_id = new_decision_id(desk.entropy)

    # (1) decide; a denial is recorded at once
    def first(tx: Tx) -> tuple[Answer, bytes | None, _Held | None]:
        require_own_key_in(tx, actor)
        require_sound(tx, desk, to=to)
        require_clock(tx, desk)
        answer, consent = ask_relay(tx, desk, item, to=to, actor=actor, authority=authority)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="relay", item=item, by=actor.person)
            return answer, None, None
        return answer, consent, _held(tx, item)

    answer, consent, held = desk.store.run(first)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    if held is None or consent is None or not isinstance(answer.facts, RelayFacts):
        msg = "what a relay was permitted on is there"
        raise RuntimeError(msg)
    # (2) and (3) the key in memory, wrapped again
    statement, part, consignment = _seal(desk, actor, answer, answer.facts, held, consent, decision_id=decision_id)
    header = statement.value.header
    holding = content_of(held.item)
    delivery = Delivery(
        consignment=consignment,
        item=item,
        to=to,
        instrument=header.feeder,
        agreement=header.feeder_agreement,
        decision=decision_id,
        manifest=statement.digest,
        header=held.kept.header,
        statement=held.kept.statement,
        sealed_part=held.kept.sealed_part,
        holding=holding,
        at=desk.clock(),
        relayed=Relayed(
            statement=statement.envelope,
            part=part,
            originator=held.item.originator,
            manifest=header.manifest,
            received=held.received,
            consent=claimed_digest(consent),
        ),
    )
    segments = desk.payloads.segment_list(holding.segment_list, segments=holding.segments)

    # (4) decide again and queue. INVARIANT (written before said): the worker reads only what this unit committed.
    def second(tx: Tx) -> Answer:
        said, permitted = answer, stands(tx, desk, answer)
        if not permitted:
            again, same = ask_relay(tx, desk, item, to=to, actor=actor, authority=authority)
            permitted = again.decision.verdict is Verdict.PERMIT and same == consent
            said = answer if permitted else again
        record_decision(tx, desk, said, decision_id=decision_id, question="relay", item=item, by=actor.person)
        if permitted:
            require_signing_key(desk, header.hub.key)
            tx.put_segment_list(segments)
            queue_delivery(tx, desk, delivery, actor, permit=Permit(answer.decision), originator=held.item.originator)
        return said

    refuse_unless_permitted(desk.store.run(second).decision, decision_id=decision_id)
    desk.consigned(to)
    return Released(item=item, delivery=delivery, stage=Stage.QUEUED)


def why_closed(tx: Tx, desk: Desk, delivery: Delivery) -> RefusedError | None:
    """Why a queued relay may go out no more: its consent or its leg is gone. Asked before every attempt.

    One that waits to be sent for the first time also rests on the recipient's assurance.

    Source: TR-5, TR-8, G7-5, design 6 (a message is repeated until its agreement forbids it; withdrawal stops
        forwarding).
    """
    relayed, now = delivery.relayed, desk.clock()
    if not isinstance(relayed, Relayed):
        return None
    consent = tx.latest(ConsentRecord, digest=relayed.consent)
    if consent is None or is_withdrawn(tx, consent.consent):
        return RefusedError("policy/consent-withdrawn", "the originator took its consent back", clauses=("G6-1",))
    if not consent.consent.valid.covers(now):
        return RefusedError("policy/consent-does-not-cover", "the originator's consent has ended", clauses=("TR-5",))
    feeder = get_agreement(tx, delivery.instrument, digest=delivery.agreement)
    relay = relay_between(tx, desk, relayed.originator, delivery.to, at=now)
    for text in (feeder, relay):
        if text is None or not standing(tx, text, at=now, desk=desk).allowed.release:
            return RefusedError("policy/second-leg-closed", "the second leg is in force no more", clauses=("TR-8",))

    def ask(decider: PersonId) -> Decision:
        to = delivery.to
        facts, text, _ = relay_facts(tx, desk, delivery.item, to=to, decider=decider, authority=None, now=now)
        return decide_relay(facts, agreement=text, policies=desk.policies)

    return why_assurance_ended(tx, delivery, ask=ask)


def ask_relay(
    tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode, actor: Actor, authority: str | None
) -> tuple[Answer, bytes | None]:
    """Would passing an item on be permitted now, and on which consent?"""
    now = desk.clock()
    tx.note()
    facts, agreement, consent = relay_facts(tx, desk, item, to=to, decider=actor.person, authority=authority, now=now)
    noted = tx.noted()
    spelled, _ = canon.spell(facts)
    decision = decide_relay(facts, agreement=agreement, policies=desk.policies, digest=sha256_hex(spelled))
    return Answer(decision=decision, facts=facts, agreement=agreement, spelled=spelled, at=now, noted=noted), consent


def _held(tx: Tx, item: ItemId) -> _Held | None:
    record = get_item(tx, item)
    if record.origin is None:
        return None
    consignment = record.origin.consignment
    kept = tx.latest(KeptEnvelope, consignment=consignment)
    booking = tx.latest(Booking, item=item)
    arrivals = tx.every(Arrival, consignment=consignment, sender=record.origin.sender)
    if kept is None or booking is None or not arrivals:
        return None
    return _Held(item=record, kept=kept, booking=booking, received=arrivals[0].at)


def _seal(
    desk: Desk,
    actor: Actor,
    answer: Answer,
    facts: RelayFacts,
    held: _Held,
    consent: bytes,
    *,
    decision_id: DecisionId,
) -> tuple[Statement[RelayManifest], bytes, ConsignmentId]:
    relay, feeder = _legs(answer.agreement, facts)
    keys, recipient = desk.unlocked.keys, partner(desk, facts.leg.to)
    decision = RelayDecision(
        id=decision_id,
        instrument=relay.id,
        feeder=feeder.id,
        item=held.item.id,
        to=facts.leg.to,
        authority=facts.leg.authority,
        at=facts.leg.now,
        rules_version=answer.decision.rules_version,
    )
    part = RelayPart(
        hub_mark=held.booking.own_mark,
        consent=consent,
        received=held.received,
        booked=held.booking.at,
        decision=sign_act(decision, kind=RELAY_DECISION, hand=actor.hand),
    )
    consignment = new_consignment_id(desk.entropy)
    header = RelayHeader(
        suite=SUITE,
        instrument=relay.id,
        agreement=relay.digest,
        feeder=feeder.id,
        feeder_agreement=feeder.agreement,
        hub=KeyedParty(party=desk.party, key=keys.statement.public.key_ids[0]),
        recipient=KeyedParty(party=recipient.code, key=recipient.descriptor.sealing.key_id),
        originator=held.item.originator,
        item=held.item.id,
        manifest=claimed_digest(held.kept.statement),
        consignment=consignment,
        topics=facts.relay.topics if facts.relay else 1,
    )
    content_key = held_key(content_of(held.item), storage_key=desk.unlocked.storage_keys.get(held.item.id))
    statement, sealed = seal_relay(
        header, content_key=content_key, recipient=recipient.descriptor.sealing, part=part, signer=keys.statement
    )
    return statement, sealed, consignment


def _legs(agreement: Agreement | None, facts: RelayFacts) -> tuple[Agreement, InstrumentFacts]:
    if agreement is None or facts.leg.instrument is None:
        raise RefusedError("flows/no-relay", "no relay joins the two", clauses=("TR-1",))
    return agreement, facts.leg.instrument
