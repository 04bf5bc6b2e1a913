"""Gather, inside one unit, what a relay and a choice of route rest on."""

from gsomia import canon
from gsomia.agreements import Agreement, Consent
from gsomia.flows.consents import choose_consent
from gsomia.flows.desk import Desk
from gsomia.flows.facts import agreement_between, get_item, instrument_facts, is_withdrawn, leg_facts
from gsomia.flows.levels import label_now
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.relay_records import KeptEnvelope
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.labels import LabelRefusal, translate
from gsomia.policy import (
    InstrumentFacts,
    RelayFacts,
    RelayTermsFacts,
    RouteFacts,
    Wanted,
)
from gsomia.registry import Booking, ItemRecord


def relay_between(tx: Tx, desk: Desk, originator: PartyCode, recipient: PartyCode, *, at: Instant) -> Agreement | None:
    """The relay arrangement whose two ends these are: one in force if there is one, else the last known.

    Source: TR-1, TR-14.
    """
    ids = dict.fromkeys(
        record.instrument for record in tx.every(AgreementRecord) if _joins(record.text, originator, recipient)
    )
    known = [current_agreement(tx, one, at=at, desk=desk) for one in ids]
    open_now = [one for one in known if standing(tx, one, at=at, desk=desk).allowed.release]
    chosen = open_now or known
    return chosen[-1] if chosen else None


def terms_facts(
    tx: Tx, desk: Desk, relay: Agreement | None, item: ItemRecord, *, to: PartyCode, at: Instant
) -> RelayTermsFacts | None:
    """What of a relay's text matters to an item on its way to `to`."""
    stands = instrument_facts(tx, desk, relay, at)
    if relay is None or relay.relays is None or stands is None:
        return None
    terms = relay.relays
    return RelayTermsFacts(
        instrument=stands,
        hub=terms.hub,
        first_feeder=terms.feeder_of(item.originator),
        second_feeder=terms.feeder_of(to),
        topics=terms.topics.version,
        carried=terms.topics.carries(item.topic),
        opened=relay.opens(item.label.classification),
    )


def relay_facts(
    tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode, decider: PersonId, authority: str | None, now: Instant
) -> tuple[RelayFacts, Agreement | None, bytes | None]:
    """What passing an item on rests on, the relay's text, and the consent chosen for it as the originator said it."""
    record = get_item(tx, item)
    relay = relay_between(tx, desk, record.originator, to, at=now)
    terms = terms_facts(tx, desk, relay, record, to=to, at=now)
    second = known_text(tx, desk, terms.second_feeder if terms else None, at=now)
    first = known_text(tx, desk, terms.first_feeder if terms else None, at=now)
    came_by = record.origin is not None and terms is not None and record.origin.instrument == terms.first_feeder
    consent, envelope = _choose_consent(tx, desk, record, terms, to=to, now=now)
    booking = tx.latest(Booking, item=item)
    kept = record.origin and tx.latest(KeptEnvelope, consignment=record.origin.consignment)
    facts = RelayFacts(
        leg=leg_facts(tx, desk, record, second, to=to, decider=decider, authority=authority, now=now),
        relay=terms,
        first=instrument_facts(tx, desk, first, now) if came_by else None,
        manifest=record.origin.manifest if record.origin else None,
        label_digest=canon.digest(label_now(tx, desk, record)),
        topic=record.topic,
        own_mark=booking.own_mark if booking else None,
        kept=kept is not None,
        consent=consent,
        withdrawn=consent is not None and is_withdrawn(tx, consent),
    )
    return facts, relay, envelope


def route_facts(tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode, at: Instant) -> RouteFacts:
    """What a choice of route rests on, at an instant, on what the record says today."""
    record = get_item(tx, item)
    level = label_now(tx, desk, record).classification
    direct = agreement_between(tx, desk.party, to, at=at, desk=desk)
    relay = relay_between(tx, desk, desk.party, to, at=at)
    terms = terms_facts(tx, desk, relay, record, to=to, at=at)
    return RouteFacts(
        now=at,
        us=desk.party,
        to=to,
        item=item,
        originator=record.originator,
        level=level,
        rank=desk.policies[record.originator].classification(level).rank,
        topic=record.topic,
        direct=instrument_facts(tx, desk, direct, at),
        direct_lists=_lists(tx, desk, direct, record, to=to),
        relay=terms,
        relay_lists=_lists(tx, desk, relay, record, to=to),
        first=_feeder(tx, desk, terms.first_feeder if terms else None, at=at),
        second=_feeder(tx, desk, terms.second_feeder if terms else None, at=at),
    )


def known_text(tx: Tx, desk: Desk, instrument: InstrumentId | None, *, at: Instant) -> Agreement | None:
    """The text of an instrument that counts; None if this node knows none."""
    if instrument is None or tx.latest(AgreementRecord, instrument=instrument) is None:
        return None
    return current_agreement(tx, instrument, at=at, desk=desk)


def is_hub_of(tx: Tx, desk: Desk, feeder: InstrumentId) -> bool:
    """Whether a relay this node knows has us as its hub and reaches an end over this feeder."""
    count = tx.count(AgreementRecord)
    known = desk.memo.get("feeders of our relays")
    if not isinstance(known, tuple) or known[0] != count:  # read once while no text is added
        relays = (record.text.relays for record in tx.every(AgreementRecord))
        ours = [relay for relay in relays if relay is not None and relay.hub == desk.party]
        known = count, frozenset(one.instrument for relay in ours for one in relay.feeders)
        desk.memo["feeders of our relays"] = known
    return feeder in known[1]


def _joins(text: Agreement, originator: PartyCode, recipient: PartyCode) -> bool:
    relay = text.relays
    if relay is None or originator == recipient:
        return False
    return relay.feeder_of(originator) is not None and relay.feeder_of(recipient) is not None


def _feeder(tx: Tx, desk: Desk, instrument: InstrumentId | None, *, at: Instant) -> InstrumentFacts | None:
    return instrument_facts(tx, desk, known_text(tx, desk, instrument, at=at), at)


def _lists(tx: Tx, desk: Desk, agreement: Agreement | None, record: ItemRecord, *, to: PartyCode) -> bool:
    to_policy = desk.policies.get(to)
    if agreement is None or to_policy is None:
        return False
    result = translate(
        label_now(tx, desk, record),
        table=agreement.table,
        from_policy=desk.policies[record.originator],
        to_policy=to_policy,
        now=record.label.created_at,
    )
    return not isinstance(result, LabelRefusal)


def _choose_consent(
    tx: Tx, desk: Desk, record: ItemRecord, terms: RelayTermsFacts | None, *, to: PartyCode, now: Instant
) -> tuple[Consent | None, bytes | None]:
    if terms is None or record.origin is None:
        return None, None
    label = label_now(tx, desk, record)
    wanted = Wanted(
        originator=record.originator,
        holder=desk.party,
        recipient=to,
        item=record.id,
        manifest=record.origin.manifest,
        label=canon.digest(label),
        level=label.classification,
        topic=record.topic,
        topics=terms.topics,
        instrument=terms.instrument.id,
        purpose=record.purpose,
        now=now,
    )
    return choose_consent(tx, record, wanted, recipient=to, instrument=terms.instrument.id)
