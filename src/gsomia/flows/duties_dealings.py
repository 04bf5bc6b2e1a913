"""What is due between governments: assurances, consents, requests, law, signatures, visits and what follows from them.

Source: registry 7.2, A-12, G1-3, G3-1, G3-2, G6-1, G7-5, G8-2, G8-3, G18-2.
"""

from collections.abc import Iterator
from dataclasses import replace

from gsomia.agreements import SIGNATURE, LawEntry, RequestState, State, law_change_due
from gsomia.exchange import VisitAsked, VisitState
from gsomia.flows.desk import Desk
from gsomia.flows.facts import assurance_facts, is_withdrawn, renewals
from gsomia.flows.law import closing_of, reviews_of
from gsomia.flows.law_requests import asked as law_asked
from gsomia.flows.meetings import follow_ups
from gsomia.flows.parties import is_disowned
from gsomia.flows.ports import Tx
from gsomia.flows.purposes import list_requests as purposes_asked
from gsomia.flows.records import AgreementRecord, AssuranceRecord, ConsentRecord
from gsomia.flows.relay_records import ConsentAsked, ConsentDenied
from gsomia.flows.requests import list_requests
from gsomia.flows.standing import acts_of, current_agreement, instrument_of
from gsomia.flows.visits import VisitNow, list_visits
from gsomia.flows.warn import running_decisions
from gsomia.instants import Instant
from gsomia.policy import AssuranceStanding, Clock, Duty, assurance_standing
from gsomia.registry import FollowUp, VisitAdvice, VisitStage, VisitStep


def assurances(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Assurances of partners that nobody acknowledged, and ours that come to their end, for each purpose and level.

    Source: G7-5, F-24.
    """
    given = {}
    every = tx.every(AssuranceRecord)
    renewed = renewals(every)
    for one in every:
        if is_disowned(tx, one.digest):
            continue
        said = one.assurance
        stands = assurance_standing(assurance_facts(tx, one, renewed=renewed), now=now)
        if one.party == desk.party:
            if stands not in {AssuranceStanding.WITHDRAWN, AssuranceStanding.SUPERSEDED}:
                given[said.to, one.instrument, said.purpose, said.level] = one
        elif stands is AssuranceStanding.GIVEN:
            yield Duty(
                clock=Clock.ASSURANCE,
                subject=one.digest,
                since=one.at,
                due=said.valid.until,
                command=f"assurance acknowledge {one.digest}",
                party=one.party,
            )
    for (to, instrument, purpose, level), one in given.items():
        if one.assurance.valid.until is not None:
            words = f"--to {to} --instrument {instrument} --authority {one.assurance.authority}"
            yield Duty(
                clock=Clock.ASSURANCE_ENDS,
                subject=one.digest,
                since=one.at,
                due=one.assurance.valid.until,
                command=f"assurance give {words} --level {level} --purpose {purpose} --until DAY",
                party=to,
            )


def consents(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Consents that a holder asked of us, and consents we hold that come to their end.

    Source: G6-1, A-08.
    """
    for one in tx.every(ConsentAsked):
        wanted = one.asked
        if wanted.originator != desk.party or tx.latest(ConsentDenied, request=one.request) is not None:
            continue
        granted = (
            (known.consent.holder, known.consent.recipient) == (wanted.holder, wanted.recipient) and known.at >= one.at
            for known in tx.every(ConsentRecord, item=one.item)
        )
        if not any(granted):
            yield Duty(
                clock=Clock.CONSENT_ASKED,
                subject=one.request,
                since=one.at,
                due=None,
                command=f"consent deny {one.request}, or consent grant {one.item}",
                party=wanted.holder,
            )
    for held in tx.every(ConsentRecord):
        consent = held.consent
        if consent.holder == desk.party and consent.valid.until is not None and not is_withdrawn(tx, consent):
            words = f"--item {held.item} --to {consent.recipient} --instrument {consent.instruments[0]}"
            yield Duty(
                clock=Clock.CONSENT_ENDS,
                subject=held.digest,
                since=held.at,
                due=consent.valid.until,
                command=f"consent request {words}",
                party=consent.originator,
            )


def requests(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """What partners ask of us: information (no clock), another purpose, our law.

    Source: G1-3, G3-1, G6-4.
    """
    for one in list_requests(tx):
        if one.state is RequestState.OPEN and one.asked.party != desk.party:
            yield Duty(
                clock=Clock.REQUEST,
                subject=one.asked.id,
                since=one.asked.at,
                due=None,
                command=f"request answer {one.asked.id} --delivery CONSIGNMENT, or request decline {one.asked.id}",
                party=one.asked.party,
            )
    for purpose, answer in purposes_asked(tx):
        if answer is None and purpose.body.originator == desk.party:
            yield Duty(
                clock=Clock.PURPOSE_ASKED,
                subject=purpose.request,
                since=purpose.at,
                due=purpose.body.until,
                command=f"purpose grant {purpose.request}, or purpose refuse {purpose.request}",
                party=purpose.body.holder,
            )
    for law in law_asked(tx, at=now):
        if law.request.to == desk.party and law.answer is None and law.code is None:
            yield Duty(
                clock=Clock.LAW_REQUEST,
                subject=law.request.request,
                since=law.request.at,
                due=None,
                command=f"law answer {law.request.request}",
                party=law.request.party,
            )


def laws(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Changes of our law of which partners were not told, and tables of levels that wait for their review.

    Source: G3-2, G3-3, A-12.
    """
    for entry in tx.every(LawEntry):
        if closing_of(tx, entry.id) is not None:
            continue
        for review in reviews_of(tx, entry.id):
            if review.is_open:
                yield Duty(
                    clock=Clock.LEVELS_REVIEW,
                    subject=f"{entry.id}/{review.instrument}",
                    since=review.at,
                    due=None,
                    command=f"law review {entry.id} --instrument {review.instrument}",
                )
        due = law_change_due(entry)
        if due is not None:
            yield Duty(
                clock=Clock.LAW_CHANGE,
                subject=entry.id,
                since=entry.at,
                due=due,
                command=f"law close {entry.id} --note NUMBER",
            )


def instruments(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Signatures, notes of completion and acts of two sides that wait for ours.

    Source: T12, T13, G21-1, lifecycle 3.3.
    """
    for instrument in {one.instrument: one for one in tx.every(AgreementRecord) if one.text.has_party(desk.party)}:
        agreement = current_agreement(tx, instrument, at=now, desk=desk)
        course, _ = instrument_of(tx, instrument, desk=desk).reached(agreement.digest, at=now)
        awaited = []
        if course.state in {State.PROPOSED, State.CLEARED}:
            signed = any(act.kind == SIGNATURE and act.party == desk.party for act in acts_of(tx, agreement))
            awaited += [] if signed else [f"agreement sign {instrument}"]
        if course.state is State.SIGNED and all(party != desk.party for party, _at in course.completed):
            awaited.append(f"agreement note {instrument} --number N --subject completion")
        awaited += [
            f"agreement act {instrument} --event {event}"
            for event, _matter, parties in course.pending
            if desk.party not in parties
        ]
        for command in awaited:
            since = course.since or now
            yield Duty(clock=Clock.SIGNING, subject=instrument, since=since, due=None, command=command)


def visits(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Visits here that wait for a decision, an advice, its acknowledgement or their end.

    Source: G8-2, G8-3, G8-5.
    """
    for known in list_visits(tx):
        asked, days = known.asked, known.asked.request.valid
        over = days.until is not None and days.until <= now
        if asked.party == desk.party:
            continue
        if known.state is VisitState.REQUESTED and not over:
            yield _visit(asked, Clock.VISIT_DECISION, f"visit approve {asked.id} --authority A --ceiling L")
        elif known.state is VisitState.APPROVED:
            yield from _at_facilities(tx, known, over=over)


def _at_facilities(tx: Tx, known: VisitNow, *, over: bool) -> Iterator[Duty]:
    asked = known.asked
    for facility in asked.request.facilities:
        there = f"{asked.id} --facility {facility}"
        advice = tx.latest(VisitAdvice, visit=asked.id, facility=facility)
        last = tx.latest(VisitStep, visit=asked.id, facility=facility)
        acknowledged = tx.latest(VisitStep, visit=asked.id, facility=facility, stage=VisitStage.ACKNOWLEDGED)
        if last is not None and last.stage is VisitStage.OPENED:
            yield replace(_visit(asked, Clock.VISIT_CLOSING, f"visit close {there}"), facility=facility)
        elif over or (last is not None and last.stage is VisitStage.CLOSED):
            continue
        elif advice is None:
            command = f"visit advise {there} --scope TEXT --contact PERSON"
            yield replace(_visit(asked, Clock.VISIT_ADVICE, command), facility=facility)
        elif acknowledged is None or acknowledged.at < advice.at:
            yield replace(_visit(asked, Clock.VISIT_ACKNOWLEDGED, f"visit acknowledge {there}"), facility=facility)


def _visit(asked: VisitAsked, clock: Clock, command: str) -> Duty:
    days = asked.request.valid
    due = days.until if clock is Clock.VISIT_CLOSING else days.start
    return Duty(clock=clock, subject=asked.id, since=asked.at, due=due, command=command, party=asked.party)


def follow_ups_open(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """Findings of security visits and commitments of meetings that nobody has carried out.

    Source: G18-1, G18-2.
    """
    for about in {one.about: one for one in tx.every(FollowUp)}:
        for one in follow_ups(tx, about, now=now):
            if one.state != "done":
                yield Duty(
                    clock=Clock.FOLLOW_UP,
                    subject=f"{about}/{one.number}",
                    since=one.line.at,
                    due=one.line.due,
                    command=f"meeting done {about} --follow-up {one.number} --document N",
                )


def lanes(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Standing decisions on warnings that come to their end.

    Source: G5-1, relay 5.4.
    """
    for one in running_decisions(tx, desk):
        decided = one.authorisation
        words = f"--to {decided.to} --instrument {decided.instrument} --authority {decided.authority}"
        yield Duty(
            clock=Clock.PRE_AUTHORISATION,
            subject=one.digest,
            since=decided.at,
            due=decided.until,
            command=f"warn authorise {words} --level L --until DAY",
            party=decided.to,
        )


SOURCES = (assurances, consents, requests, laws, instruments, visits, follow_ups_open, lanes)
"""One function for each kind of thing that may be due between governments."""
