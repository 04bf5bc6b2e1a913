"""Receive what a hub passes on: the hub's word and the originator's, each proven under its own keys.

The originator's keys are those that the hub introduced and a person here confirmed; its consent is verified here too,
so that no hub can allow what only the originator can (TR-4). What is refused is recorded and changes nothing else.
"""

from gsomia import canon
from gsomia.agreements import CONSENT, ActError, Agreement, Consent, ConsentAct, Rule
from gsomia.audit import Event
from gsomia.envelope import (
    OpenedRelay,
    ReceivedRelay,
    RelayHeader,
    VerifiedRelay,
    read_manifest,
    verify_relay,
)
from gsomia.errors import RefusedError
from gsomia.flows.desk import Desk
from gsomia.flows.introduce import originators_keys
from gsomia.flows.ledger import enter
from gsomia.flows.parties import sender_of
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.relay_records import RelayArrival
from gsomia.flows.standing import require_ceiling, rules_at, standing, wait_for_receipts
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.labels import ClassificationId, LabelRefusal, translate
from gsomia.parties import (
    Descriptor,
    HybridKey,
    Office,
    Opener,
    SignatureError,
    claimed_digest,
    verify_act,
    verify_statement,
)
from gsomia.policy import Wanted, consent_covers, level_is_opened
from gsomia.registry import RelayOrigin

MAX_SKEW_S = 300
"""How far two nodes' clocks may lie apart."""


def prove_relay(desk: Desk, sender: PartyCode, received: ReceivedRelay, opener: Opener | None) -> VerifiedRelay:
    """Climb both ladders: the hub's under its current keys, the originator's under its confirmed ones.

    Raises:
        CanonError, SignatureError, EnvelopeError: see `verify_relay`.
        RefusedError: nobody here confirmed the originator.

    Source: design 6 (The relay).
    """
    claimed = read_manifest(received).header
    used = sender_of(desk, sender, key=claimed.hub.key, consignment=claimed.consignment)
    known = desk.store.run(lambda tx: originators_keys(tx, desk, claimed.originator, hub=sender))
    return verify_relay(
        received,
        hub=used.descriptor,
        originator=_choose(known, received.offer.header.sender.key),
        recipient=desk.party,
        our_keys={opener.public.key_id} if opener else frozenset(),
    )


def check_relayed(tx: Tx, desk: Desk, opened: OpenedRelay) -> Agreement:
    """The feeder a relayed item may come under, if it may come at all: asked before storing it and in that unit.

    1. The relay is one we signed, in force, with this hub between the originator and us.
    2. The hub went by the table of topics we signed, and the topic is in it.
    3. The feeder between the hub and us allows receiving.
    4. The relay's own table reads the originator's label for us, never lower, and the level may be relayed.
    5. The originator consented, by its own signature, to this item, hub, recipient, purpose and day.
    6. The hub decided no later than now.

    Raises:
        ActError, RefusedError, SignatureError: it may not.

    Source: relay 5.2 and 5.3 (TR-1, TR-2, TR-4 to TR-8), design 6 (Consent).
    """
    header, now = opened.relay.header, desk.clock()
    decided = opened.part.decision.body.at
    # (1) the arrangement
    relay = _known(tx, header.instrument, header.agreement)
    terms = relay.relays
    ends = terms is not None and all(terms.feeder_of(end) for end in (header.originator, desk.party))
    if terms is None or terms.hub != header.hub.party or not ends or header.originator == desk.party:
        raise _refused("not-the-hub", "TR-1", f"`{relay.id}` makes the sender no hub between the two")
    if terms.feeder_of(desk.party) != header.feeder:
        raise _refused("second-leg-closed", "TR-8", f"`{relay.id}` reaches us over another feeder")
    if not standing(tx, relay, at=decided, desk=desk).allowed.release:
        wait_for_receipts(tx, desk, relay)
        raise _refused("instrument-state", "TR-8", f"`{relay.id}` was not in force when the hub passed the item on")
    # (2) the topics
    _check_topic(opened, terms.topics.version, carried=terms.topics.carries(opened.unwrapped.part.topic))
    # (3) the leg
    feeder = _known(tx, header.feeder, header.feeder_agreement)
    if not feeder.has_party(header.hub.party) or not feeder.has_party(desk.party):
        raise ActError("agreements/unknown-text", "the relay names no feeder between us", clauses=("TR-8",))
    stands = standing(tx, feeder, at=now, desk=desk).allowed
    if not stands.receive or not standing(tx, feeder, at=decided, desk=desk).allowed.release:
        wait_for_receipts(tx, desk, feeder)
        raise _refused("second-leg-closed", "TR-8", f"`{feeder.id}` does not carry the second leg")
    # (5) the consent, then (4) the level, which a standing one opens less for
    standing_consent = _check_consent(tx, desk, opened, terms.topics.version, now=now)
    ceiling = rules_at(tx, relay, at=decided, desk=desk)[Rule.CEILING]
    rank = _check_level(desk, opened, relay, ceiling=ceiling, standing_consent=standing_consent)
    require_ceiling(tx, desk, feeder, rank=rank, at=decided)
    # (6) the hub's clock
    if decided > now.plus(seconds=MAX_SKEW_S):
        raise _refused("decided-ahead", "A-24", "the hub dates its decision in the future")
    return feeder


def relay_origin(opened: OpenedRelay) -> RelayOrigin:
    """How an item that came through a hub names its way on the register line."""
    header = opened.relay.header
    return RelayOrigin(
        instrument=header.instrument,
        agreement=header.agreement,
        manifest=header.manifest,
        consent=claimed_digest(opened.part.consent),
    )


def enter_relay_arrival(tx: Tx, desk: Desk, opened: OpenedRelay, *, at: Instant) -> None:
    """Keep what the hub signed and added, beside the originator's own statement: the chain of custody of three."""
    header: RelayHeader = opened.relay.header
    record = RelayArrival(
        consignment=header.consignment,
        item=header.item,
        hub=header.hub.party,
        originator=header.originator,
        relay=opened.relay.statement.digest,
        manifest=header.manifest,
        statement=opened.relay.statement.envelope,
        originators_statement=opened.relay.verified.statement.envelope,
        part=opened.part,
        decided=opened.unwrapped.part.decision.body.at,
        at=at,
    )
    enter(tx, desk, record, event=Event.RELAY_ARRIVED, subject=header.item, consignment=header.consignment)


def _known(tx: Tx, instrument: InstrumentId, digest: HexDigest) -> Agreement:
    record = tx.latest(AgreementRecord, instrument=instrument, agreement=digest)
    if record is None:
        raise ActError("agreements/unknown-text", "the relay names a text this node does not know", clauses=("TR-6",))
    return record.text


def _check_topic(opened: OpenedRelay, version: int, *, carried: bool) -> None:
    if opened.relay.header.topics != version:
        raise _refused(
            "topics-of-another-version",
            "TR-2",
            f"the hub went by version `{opened.relay.header.topics}` of the topics, we signed `{version}`",
        )
    if not carried:
        raise _refused("topic-out-of-scope", "TR-2", "the relay does not carry the item's topic")


def _check_level(desk: Desk, opened: OpenedRelay, relay: Agreement, *, ceiling: int, standing_consent: bool) -> int:
    label = opened.unwrapped.part.label
    policy = desk.policies.get(label.originator)
    if policy is None or label.originator != opened.relay.header.originator:
        raise _refused("label-of-another", "EQ-7", "the label is not the originator's own")
    result = translate(label, table=relay.table, from_policy=policy, to_policy=desk.policy, now=label.created_at)
    if isinstance(result, LabelRefusal):
        raise RefusedError(f"policy/{result.code}", result.text, clauses=(result.clause,))
    level: ClassificationId = label.classification
    rank = policy.classification(level).rank
    if not level_is_opened(level=level, rank=rank, opened=relay.opens(level), standing=standing_consent).holds:
        raise _refused("level-not-opened", "TR-6", f"`{level}` is not opened for the relay")
    if rank > ceiling:
        raise _refused("above-ceiling", "TR-6", "the level lies above the relay's ceiling")
    return rank


def _check_consent(tx: Tx, desk: Desk, opened: OpenedRelay, topics: int, *, now: Instant) -> bool:
    """Hold the consent against the originator's keys and against what came; whether it is a standing one."""
    header, part = opened.relay.header, opened.unwrapped.part
    consent = _verified_consent(tx, desk, opened)
    for at in (opened.part.decision.body.at, now):  # a hub that holds an item back gains nothing by an early date
        finding = consent_covers(
            consent,
            Wanted(
                originator=header.originator,
                holder=header.hub.party,
                recipient=desk.party,
                item=header.item,
                manifest=header.manifest,
                label=canon.digest(part.label),
                level=part.label.classification,
                topic=part.topic,
                topics=topics,
                instrument=header.instrument,
                purpose=part.decision.body.purpose,
                now=at,
            ),
            withdrawn=False,
        )
        if not finding.holds:
            reason = finding.reason
            raise RefusedError(f"policy/{reason.code}", reason.text, clauses=(reason.clause,))
    return consent.item is None


def _verified_consent(tx: Tx, desk: Desk, opened: OpenedRelay) -> Consent:
    header, envelope = opened.relay.header, opened.part.consent
    keys: list[HybridKey] = [
        one.statement for one in originators_keys(tx, desk, header.originator, hub=header.hub.party)
    ]
    wrong: Exception | None = None
    for key in keys:
        try:
            statement = verify_statement(envelope, accepts={CONSENT: ConsentAct}, key=key)
            consent = verify_act(statement.value, kind=CONSENT)
        except (SignatureError, canon.CanonError) as error:
            wrong = error
            continue
        if statement.value.by.office is not Office.RELEASING_AUTHORITY:
            raise SignatureError("parties/office-not-for-this", "a consent is not an act of that office")
        return consent
    raise RefusedError(
        "policy/consent-not-originators",
        f"the consent is not signed by `{header.originator}`: only the originator consents",
        clauses=("TR-4", "G6-1"),
    ) from wrong


def _choose(known: tuple[Descriptor, ...], key: str) -> Descriptor:
    """The originator's descriptor whose statement key the envelope names; the newest if none does."""
    return next((one for one in known if one.statement.key_ids[0] == key), known[0])


def _refused(code: str, clause: str, text: str) -> RefusedError:
    return RefusedError(f"policy/{code}", text, clauses=(clause,))
