"""Open an item to a contractor: decide on the whole chain of contracts, record the decision, then the release.

A release says that the list may have access from this decision on; handing over a numbered copy is an act of the
ledger. The decision rests on the files as they stand in the unit that writes it: a person who comes later, an
inspection that falls due, is a new question.

Source: G16-1 to G16-9, G16-10 to G16-16, F-14.
"""

from collections.abc import Sequence

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.contractors import chain_of, list_of, open_findings
from gsomia.flows.decide import Answer, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, instrument_of, is_held, purposes_of
from gsomia.flows.ledger import enter
from gsomia.flows.levels import level_of
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.soundness import require_sound
from gsomia.ids import ContractorId, ItemId, PersonId, new_decision_id
from gsomia.instants import Instant
from gsomia.labels import ClearanceStatus
from gsomia.parties import Office
from gsomia.policy import (
    ContractFacts,
    ContractorFacts,
    ListedFacts,
    Measure,
    MeasureFacts,
    SiteClearanceFacts,
    Verdict,
    decide_contractor,
)
from gsomia.registry import (
    Contractor,
    ContractorAppointment,
    ContractorBriefing,
    ContractorClearance,
    ContractorInspection,
    ContractorMeasure,
    ContractorPerson,
    ContractorReleased,
)


def ask_contractor(
    tx: Tx, desk: Desk, item: ItemId, *, to: ContractorId, purpose: str, persons: Sequence[PersonId] = ()
) -> Answer:
    """May an item be opened to a contractor's whole list, or to those of it who are named?

    Args:
        tx: the unit.
        desk: ours.
        item: which.
        to: the contractor.
        purpose: what it would be used for.
        persons: named instead of the whole list; whoever is on no list has no clearance that anybody knows of.

    Raises:
        LocalError: unknown item or contractor.
    """
    now, record = desk.clock(), get_item(tx, item)
    level, ended = level_of(tx, record), purposes_of(tx, {purpose})
    chain = chain_of(tx, to)
    facts = ContractorFacts(
        now=now,
        us=desk.party,
        item=item,
        held=is_held(tx, desk.party, record),
        originator=record.originator,
        own_mark=level.own_mark,
        own_rank=level.rank,
        item_purpose=record.purpose,
        purpose=purpose,
        purpose_ended=any(one.closed or one.review_at <= now for one in ended),
        instrument=instrument_of(tx, desk, record, now),
        chain=tuple(
            _contract(tx, desk, one, named=tuple(persons) if one.contractor == to else (), now=now) for one in chain
        ),
    )
    return Answer(decision=decide_contractor(facts), facts=facts, agreement=None, spelled=canon.encode(facts))


def release_to_contractor(
    desk: Desk, actor: Actor, item: ItemId, *, to: ContractorId, purpose: str, persons: Sequence[PersonId] = ()
) -> ContractorReleased:
    """Open an item to a contractor, if every condition holds for every contract of the chain.

    Raises:
        RefusedError: one does not; the denial is on record with every reason.

    Source: G16-1 to G16-9, G16-10 to G16-16.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G16-1")
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> tuple[Answer, ContractorReleased | None]:
        require_sound(tx, desk)
        answer = ask_contractor(tx, desk, item, to=to, purpose=purpose, persons=persons)
        record_decision(tx, desk, answer, decision_id=decision_id, question="contractor", item=item, by=actor.person)
        if answer.decision.verdict is Verdict.DENY:
            return answer, None
        listed = list_of(tx, to, now=desk.clock())
        released = ContractorReleased(
            contractor=to,
            item=item,
            purpose=purpose,
            decision=decision_id,
            persons=tuple(persons) or tuple(one.person for one in listed),
            by=actor.person,
            at=desk.clock(),
        )
        enter(tx, desk, released, event=Event.CONTRACTOR_RELEASED, subject=item, contractor=to, decision=decision_id)
        return answer, released

    answer, released = desk.store.run(unit)
    if released is None:
        reasons = answer.decision.reasons
        raise RefusedError(
            "flows/contractor-denied",
            f"{reasons[0].text}" + (f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""),
            remedy=f"see every reason: `gsomia decide replay {decision_id}`",
            clauses=tuple(dict.fromkeys(reason.clause for reason in reasons)),
            evidence={"decision": decision_id},
        )
    return released


def _contract(
    tx: Tx, desk: Desk, contractor: Contractor, *, named: tuple[PersonId, ...], now: Instant
) -> ContractFacts:
    known = contractor.contractor
    inspections = tx.every(ContractorInspection, contractor=known)
    measures = {one.measure: one for one in tx.every(ContractorMeasure, contractor=known)}
    listed = {one.person: one for one in list_of(tx, known, now=now)}
    return ContractFacts(
        contractor=known,
        country=contractor.country,
        site=_site(tx, desk, known),
        inspected_at=inspections[-1].at if inspections else None,
        next_inspection=inspections[-1].next_due if inspections else None,
        overdue=sum(finding.due <= now for _, finding in open_findings(tx, known)),
        responsible=tuple(
            one.person for one in tx.every(ContractorAppointment, contractor=known) if one.valid.covers(now)
        ),
        measures=tuple(
            MeasureFacts(
                measure=measure,
                ceiling=desk.policy.classification(measures[measure].level).rank,
                review_at=measures[measure].review_at,
            )
            for measure in Measure
            if measure in measures
        ),
        persons=tuple(_listed(tx, known, person, listed.get(person)) for person in named or listed),
    )


def _site(tx: Tx, desk: Desk, contractor: ContractorId) -> SiteClearanceFacts | None:
    known = tx.latest(ContractorClearance, contractor=contractor)
    if known is None:
        return None
    return SiteClearanceFacts(
        authority=known.authority,
        ceiling=desk.policy.classification(known.level).rank,
        valid=known.valid,
        active=known.status is ClearanceStatus.ACTIVE,
    )


def _listed(tx: Tx, contractor: ContractorId, person: PersonId, line: ContractorPerson | None) -> ListedFacts:
    briefed = tx.latest(ContractorBriefing, contractor=contractor, person=person)
    return ListedFacts(
        person=person,
        nationality=line.nationality if line else None,
        authority=line.authority if line else None,
        clearance=line.clearance if line else None,
        briefed_at=briefed.at if briefed and line else None,
        duties=line.duties if line else (),
    )
