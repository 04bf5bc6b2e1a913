"""Gather, inside one unit, the facts a decision rests on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from gsomia import canon
from gsomia.agreements import ActRecord, Agreement, Consent, Rule
from gsomia.errors import LocalError
from gsomia.exchange import AssurancePerson, AssurancePersonAnswered, AssuranceWithdrawn, PersonAnswer, last_answer
from gsomia.flows.desk import Desk
from gsomia.flows.levels import given_as, givens_of, governing, label_now, level_of
from gsomia.flows.parties import is_disowned
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AgreementRecord, AssuranceRecord, DisownedRecord
from gsomia.flows.relay_records import ConsentWithdrawn
from gsomia.flows.standing import named_now, rules_of, standing
from gsomia.flows.tenure import clearance_of, control_appointments, entries_of, principals_of, site_of
from gsomia.ids import FacilityId, HexDigest, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Facility, Person
from gsomia.policy import (
    AccessFacts,
    AssuranceFacts,
    ChannelFacts,
    DutyFacts,
    GivenFacts,
    InstrumentFacts,
    OnwardFacts,
    OtherPurposeFacts,
    PersonFacts,
    PurposeFacts,
    ReleaseFacts,
    RosterFacts,
    ThirdPartyFacts,
    Way,
)
from gsomia.registry import (
    Booking,
    CarriedOver,
    ChannelAccreditation,
    DestructionConfirmed,
    DutyGrant,
    ItemDestroyed,
    ItemRecord,
    ItemReturn,
    NationalityConsent,
    OnHold,
    PurposeAnswered,
    PurposeDeed,
    PurposeLine,
    ReturnAnswer,
    RosterLine,
)


def get_item(tx: Tx, item: ItemId) -> ItemRecord:
    """An item of the register.

    Raises:
        LocalError: unknown.
    """
    record = tx.latest(ItemRecord, id=item)
    if record is None:
        raise LocalError("flows/unknown-item", f"there is no item `{item}` here", remedy="see `gsomia item list`")
    return record


def is_gone(tx: Tx, us: PartyCode, item: ItemId) -> bool:
    """Whether somebody destroyed an item here, or decided to."""
    decided = tx.latest(DestructionConfirmed, item=item)
    gone = tx.latest(ItemDestroyed, item=item, party=us)
    return (decided is not None and decided.act.body.is_whole) or (gone is not None and gone.act.body.is_whole)


def is_held(tx: Tx, us: PartyCode, record: ItemRecord | OnHold) -> bool:
    """Whether an item is here to be used: nobody destroyed it or decided to, and it is not on its way back."""
    item = record.id
    if is_gone(tx, us, item):
        return False
    if record.origin is None:
        return True
    given_back = tx.latest(ItemReturn, item=item, party=us)
    if given_back is None:
        return True
    answer = tx.latest(ReturnAnswer, item=item, returned=given_back.digest)
    return answer is not None and not answer.act.body.taken


def is_carried_over(tx: Tx, item: ItemId) -> bool:
    """Whether an item came on paper before day zero, so that no partner's register says how."""
    return tx.latest(CarriedOver, item=item) is not None


def release_facts(
    tx: Tx,
    desk: Desk,
    item: ItemId,
    *,
    to: PartyCode,
    decider: PersonId,
    authority: str | None,
    now: Instant,
    way: Way = Way.SEALED,
) -> tuple[ReleaseFacts, Agreement | None]:
    """What a release decision rests on, and the agreement it is taken under.

    Args:
        tx: the unit.
        desk: ours.
        item: to be released.
        to: the intended recipient.
        decider: who decides.
        authority: the competent authority that releases; our lead one under the agreement if None.
        now: the instant of the decision.
        way: how it is to go.
    """
    record = get_item(tx, item)
    agreement = agreement_between(tx, desk.party, to, at=now, desk=desk)
    facts = leg_facts(tx, desk, record, agreement, to=to, decider=decider, authority=authority, now=now, way=way)
    return facts, agreement


def leg_facts(
    tx: Tx,
    desk: Desk,
    record: ItemRecord,
    agreement: Agreement | None,
    *,
    to: PartyCode,
    decider: PersonId,
    authority: str | None,
    now: Instant,
    way: Way = Way.SEALED,
) -> ReleaseFacts:
    """What bears on giving an item to a party under a given instrument."""
    if authority is None and agreement is not None:
        authority = next((a.id for a in agreement.authorities_of(desk.party) if a.lead), None)
    return ReleaseFacts(
        now=now,
        us=desk.party,
        to=to,
        way=way,
        item=record.id,
        held=is_held(tx, desk.party, record),
        originator=record.originator,
        registrar=record.registrar or decider,
        label=label_now(tx, desk, record),
        purpose=record.purpose,
        authority=authority or "none",
        instrument=instrument_facts(tx, desk, agreement, now),
        decider=person_facts(tx, decider),
        control_officer=control_officer(tx, now=now),
        channels=tuple(
            ChannelFacts(channel=c.channel, ceiling=desk.policy.classification(c.level).rank, valid=c.valid)
            for c in tx.every(ChannelAccreditation, channel=to)
        ),
        assurances=_assurances(tx, desk, to),
    )


def access_facts(tx: Tx, desk: Desk, item: ItemId, *, reader: PersonId, purpose: str, now: Instant) -> AccessFacts:
    """What an access decision rests on."""
    record = get_item(tx, item)
    booking, level = tx.latest(Booking, item=item), level_of(tx, record)
    facts = facts_on_entry(
        tx,
        desk,
        item,
        originator=record.originator,
        own_mark=level.own_mark,
        own_rank=level.rank,
        purpose=record.purpose,
        facility=booking.facility if booking else None,
        agreement=agreement_of(tx, record),
        reader=reader,
        now=now,
    )
    return replace(
        facts,
        held=is_held(tx, desk.party, record),
        declassified=booking is not None and (level.classification, level.own_mark) == (None, None),
        purpose=purpose,
        purposes=tuple(purposes_of(tx, {record.purpose, purpose})),
        other_purposes=tuple(
            OtherPurposeFacts(purpose=answer.body.purpose, valid=answer.body.valid)
            for answer in tx.every(PurposeAnswered, item=given_as(tx, record).id)
            if answer.body.valid is not None and not is_disowned(tx, answer.statement)
        ),
    )


def facts_on_entry(
    tx: Tx,
    desk: Desk,
    item: ItemId,
    *,
    originator: PartyCode,
    own_mark: str | None,
    own_rank: int,
    purpose: str,
    facility: FacilityId | None,
    agreement: Agreement | None,
    reader: PersonId,
    now: Instant,
) -> AccessFacts:
    """What an access decision rests on about an item that is being entered: held, and needed for its own purpose."""
    return AccessFacts(
        now=now,
        us=desk.party,
        item=item,
        held=True,
        originator=originator,
        own_mark=own_mark,
        own_rank=own_rank,
        item_purpose=purpose,
        purpose=purpose,
        facility=facility,
        site=site_of(tx, desk, facility) if facility else None,
        instrument=instrument_facts(tx, desk, agreement, now),
        reader=person_facts(tx, reader),
        duties=tuple(
            DutyFacts(person=reader, item=duty.line.item, purpose=duty.line.purpose, valid=duty.valid)
            for duty in entries_of(tx, DutyGrant, reader)
        ),
        roster=roster_facts(tx, desk, reader),
        third_party=tuple(
            ThirdPartyFacts(
                person=reader, originator=given.originator, item=given.item, purpose=given.purpose, valid=given.valid
            )
            for given in tx.every(NationalityConsent, person=reader)
        ),
        purposes=tuple(purposes_of(tx, {purpose})),
        declined=is_declined(tx, desk.party, reader, originator=originator),
    )


def purposes_of(tx: Tx, codes: set[str]) -> Iterator[PurposeFacts]:
    """How purposes stand that somebody opened here.

    Source: G6-9, A-16.
    """
    for code in sorted(codes):
        line = tx.latest(PurposeLine, code=code)
        if line is not None:
            yield PurposeFacts(
                code=code, closed=line.deed is PurposeDeed.CLOSED, blanket=line.blanket, review_at=line.review_at
            )


def onward_facts(
    tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode, consent: Consent | None, now: Instant
) -> tuple[OnwardFacts, Agreement | None]:
    """What an onward decision rests on, and the agreement with the third party."""
    record = get_item(tx, item)
    label = label_now(tx, desk, record)
    agreement = agreement_between(tx, desk.party, to, at=now, desk=desk)
    givens = () if record.origin else givens_of(tx, record)
    facts = OnwardFacts(
        now=now,
        us=desk.party,
        to=to,
        item=item,
        held=is_held(tx, desk.party, record),
        manifest=record.origin.manifest if record.origin else None,
        originator=record.originator,
        label=label,
        label_digest=canon.digest(label),
        # a standing consent is about the topic of what was given, not of what it was made part of
        topic=givens[0].topic if givens else record.topic,
        purpose=record.purpose,
        instrument=instrument_facts(tx, desk, agreement, now),
        consent=consent,
        withdrawn=consent is not None and is_withdrawn(tx, consent),
        given=tuple(_given(tx, desk, one) for one in givens),
    )
    return facts, agreement


def instrument_of(tx: Tx, desk: Desk, record: ItemRecord, now: Instant) -> InstrumentFacts | None:
    """How the instrument stands under which an item came; None for our own.

    Source: G1-1, G21-1.
    """
    return instrument_facts(tx, desk, agreement_of(tx, record), now)


def is_withdrawn(tx: Tx, consent: Consent) -> bool:
    """Whether the originator took a consent back."""
    taken = tx.every(ConsentWithdrawn, serial=consent.serial)
    return any(one.originator == consent.originator for one in taken)


def agreement_between(
    tx: Tx, us: PartyCode, them: PartyCode, *, at: Instant, desk: Desk | None = None
) -> Agreement | None:
    """The instrument that binds both: one in force if there is one, else one that was, else the last known.

    A relay has no direct route, so it never counts as one (TR-1).
    """
    known = [
        record.text
        for record in tx.every(AgreementRecord)
        if record.text.has_party(us) and record.text.has_party(them) and us != them and record.text.relays is None
    ]
    if len(known) == 1:
        return known[0]
    allowed = [(agreement, standing(tx, agreement, at=at, desk=desk).allowed) for agreement in known]
    in_force = [agreement for agreement, what in allowed if what.release]
    ended = [agreement for agreement, what in allowed if what.access]
    chosen = in_force or ended or known
    return chosen[-1] if chosen else None


def control_facility(tx: Tx, officer: PersonId, *, now: Instant) -> FacilityId | None:
    """The facility a control officer answers for now; a deputy stands in only while there is one to stand in for.

    Source: G10-2.
    """
    for held in reversed(control_appointments(tx, officer)):
        if held.valid.covers(now) and (not held.line.deputy or principals_of(tx, held.line.facility, now=now)):
            return held.line.facility
    return None


def control_officer(tx: Tx, *, now: Instant) -> PersonId | None:
    """A control officer of ours who is in post; without one nothing is released or received.

    Source: G10-2.
    """
    for facility in tx.every(Facility):
        for person in principals_of(tx, facility.id, now=now):
            return person
    return None


def agreement_of(tx: Tx, record: ItemRecord) -> Agreement | None:
    """The text under which an item came, or what it was made from did.

    Source: G21-5.
    """
    origin = governing(tx, record)
    if origin is None:
        return None
    known = tx.latest(AgreementRecord, instrument=origin.instrument, agreement=origin.agreement)
    return known.text if known else None


def instrument_facts(tx: Tx, desk: Desk, agreement: Agreement | None, now: Instant) -> InstrumentFacts | None:
    """Where an instrument stands at `now`, and what of it matters to a decision."""
    if agreement is None:
        return None
    last = tx.latest(ActRecord, instrument=agreement.id)
    # Derived once a second while no act is added: units are one after another, so the memo is never behind the record.
    basis = (tx.count(ActRecord, instrument=agreement.id), tx.count(DisownedRecord), last, now)
    known = desk.memo.get(agreement.digest)
    if isinstance(known, tuple) and known[0] == basis:
        return cast("InstrumentFacts", known[1])
    stands = standing(tx, agreement, at=now, desk=desk)
    facts = InstrumentFacts(
        id=agreement.id,
        agreement=agreement.digest,
        state=f"{stands.state} ({stands.banner})" if stands.banner else stands.state,
        parties=tuple(party.code for party in agreement.parties),
        release=stands.allowed.release,
        onward=stands.allowed.onward,
        access=stands.allowed.access,
        ceiling=rules_of(tx, agreement, stands)[Rule.CEILING],
        named=named_now(tx, agreement, at=now),
    )
    desk.memo[agreement.digest] = (basis, facts)
    return facts


def roster_facts(tx: Tx, desk: Desk, person: PersonId) -> tuple[RosterFacts, ...]:
    """On which registries of persons somebody stands."""
    return tuple(
        RosterFacts(
            facility=held.line.facility,
            person=person,
            instrument=held.line.instrument,
            ceiling=desk.policy.classification(held.line.level).rank,
            valid=held.valid,
        )
        for held in entries_of(tx, RosterLine, person)
    )


def person_facts(tx: Tx, person: PersonId) -> PersonFacts:
    """Who somebody is, as the rules read it.

    Raises:
        LocalError: unknown.
    """
    known = tx.latest(Person, id=person)
    if known is None:
        raise LocalError("flows/unknown-person", f"there is no person `{person}` at this node", remedy="")
    clearance = clearance_of(tx, person)
    return PersonFacts(
        id=known.id,
        official=known.official,
        rank=known.rank,
        nationalities=known.nationalities,
        employer=known.employer_country,
        offices=known.offices,
        clearances=(clearance,) if clearance else (),
    )


def _assurances(tx: Tx, desk: Desk, party: PartyCode) -> tuple[AssuranceFacts, ...]:
    every = tx.every(AssuranceRecord, party=party)
    renewed = renewals(every)
    return tuple(
        assurance_facts(tx, known, renewed=renewed)
        for known in every
        if known.assurance.to == desk.party and not is_disowned(tx, known.digest)
    )


Renewals = Mapping[tuple[PartyCode, HexDigest], list[AssuranceRecord]]
"""Assurances by who gave them and which one of theirs they renew."""


def renewals(among: Iterable[AssuranceRecord]) -> Renewals:
    """Which of some assurances renew which."""
    found: dict[tuple[PartyCode, HexDigest], list[AssuranceRecord]] = {}
    for one in among:
        if isinstance(one.assurance.replaces, str):
            found.setdefault((one.party, one.assurance.replaces), []).append(one)
    return found


def assurance_facts(tx: Tx, known: AssuranceRecord, *, renewed: Renewals) -> AssuranceFacts:
    """An assurance, ours or a partner's, with what became of it; `renewed` are the renewals of all that its giver gave.

    Source: G7-5, F-24.
    """
    acknowledged = _acknowledged(tx, known)
    return AssuranceFacts(
        digest=known.digest,
        assurance=known.assurance,
        acknowledgement=acknowledged.acknowledgement if acknowledged else None,
        withdrawn=any(
            not is_disowned(tx, one.statement)
            for one in tx.every(AssuranceWithdrawn, assurance=known.digest, party=known.party)
        ),
        superseded=any(
            _acknowledged(tx, one) is not None and not is_disowned(tx, one.digest)
            for one in renewed.get((known.party, known.digest), ())
        ),
    )


def _acknowledged(tx: Tx, known: AssuranceRecord) -> AcknowledgementRecord | None:
    return tx.latest(AcknowledgementRecord, assurance=known.digest, party=known.assurance.to)


def answer_about(tx: Tx, named: AssurancePerson) -> PersonAnswer | None:
    """What the originator last said about a person put forward; what a revoked key signed does not count.

    Source: A-22.
    """
    answers = tx.every(AssurancePersonAnswered, assurance=named.assurance, party=named.party)
    return last_answer((one.answer for one in answers if not is_disowned(tx, one.statement)), number=named.named.number)


def is_declined(tx: Tx, us: PartyCode, person: PersonId, *, originator: PartyCode) -> bool:
    """Whether an originator declined a person of ours, under whichever assurance they were put forward.

    The name decides too: after a restore nothing else says whom a number meant, and a namesake waits for an answer.

    Source: A-22, G7-5.
    """
    if tx.count(AssurancePersonAnswered, party=us) == 0:
        return False
    known = tx.latest(Person, id=person)
    for one in tx.every(AssurancePerson, party=us):
        meant = one.person == person or (known is not None and one.named.name == known.name)
        if meant and one.named.to == originator:
            answer = answer_about(tx, one)
            if answer is not None and answer.declined:
                return True
    return False


def _given(tx: Tx, desk: Desk, record: ItemRecord) -> GivenFacts:
    label = label_now(tx, desk, record)
    return GivenFacts(
        item=record.id,
        manifest=record.origin.manifest if record.origin else None,
        label=label,
        label_digest=canon.digest(label),
    )
