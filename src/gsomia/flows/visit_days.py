"""What the host does about a visit: advise the facility, acknowledge, open, disclose, close.

1. The facility is advised of the approved visit: subject, scope, highest level, visitors.
2. Its control officer acknowledges; without that the visit does not open.
3. While it is open, each disclosure is asked anew: visit, visitors, item and instrument as they stand in the unit that
   records it. What ended meanwhile, a clearance taken back above all, stops it there.

Source: G8-3, G8-5, G7-6, F-12, F-13.
"""

from collections.abc import Callable, Sequence

from gsomia.agreements import Agreement
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    VisitAsked,
    VisitRequest,
    VisitState,
    present,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import control_facility, get_item, is_held
from gsomia.flows.ledger import enter
from gsomia.flows.levels import label_now, level_of
from gsomia.flows.people import known_facility, known_person, require_office, require_office_at
from gsomia.flows.ports import Tx
from gsomia.flows.soundness import require_sound
from gsomia.flows.standing import get_agreement, require_ceiling, standing
from gsomia.flows.tenure import require_site
from gsomia.flows.visits import OFFICE, VisitNow, hosted
from gsomia.ids import ConsignmentId, FacilityId, ItemId, PersonId, VisitId
from gsomia.instants import Instant
from gsomia.labels import LabelRefusal, translate
from gsomia.parties import Office
from gsomia.registry import Disclosure, ItemRecord, Shown, VisitAdvice, VisitDisclosure, VisitStage, VisitStep


def advise_facility(
    desk: Desk, actor: Actor, visit: VisitId, *, facility: FacilityId, scope: str, contact: PersonId
) -> VisitAdvice:
    """Advise a facility of a visit that was approved.

    Raises:
        RefusedError: it is not approved, or does not go to that facility.

    Source: G8-3, F-12.
    """
    require_office(desk, actor, OFFICE, clause="G8-3")

    def unit(tx: Tx) -> VisitAdvice:
        known = hosted(tx, desk.party, visit)
        ceiling = _approved(known)
        known_facility(tx, facility)
        known_person(tx, contact)
        if facility not in known.asked.request.facilities:
            raise RefusedError(
                "flows/visit-elsewhere",
                f"the visit does not go to `{facility}`",
                remedy="advise the facilities it was asked for; another one is an amendment",
                clauses=("G8-3",),
            )
        advice = VisitAdvice(
            visit=visit,
            facility=facility,
            subject=known.asked.request.subject,
            scope=scope,
            level=ceiling,
            visitors=_present(known),
            contact=contact,
            by=actor.person,
            at=desk.clock(),
        )
        enter(tx, desk, advice, event=Event.VISIT_ADVISED, subject=visit, facility=facility)
        return advice

    return desk.store.run(unit)


def acknowledge_advice(desk: Desk, actor: Actor, visit: VisitId, *, facility: FacilityId) -> VisitStep:
    """Acknowledge, as the control officer of the facility, that it was advised.

    Raises:
        RefusedError: the actor does not answer for the facility, or it was not advised.

    Source: G8-3.
    """

    def check(tx: Tx, _known: VisitNow) -> None:
        if tx.latest(VisitAdvice, visit=visit, facility=facility) is None:
            raise RefusedError(
                "flows/not-advised",
                f"`{facility}` was not advised of the visit",
                remedy="advise it first: `gsomia visit advise`",
                clauses=("G8-3",),
            )

    return _step(desk, actor, visit, facility, VisitStage.ACKNOWLEDGED, check)


def open_visit(desk: Desk, actor: Actor, visit: VisitId, *, facility: FacilityId) -> VisitStep:
    """Receive the visitors: the visit is open at the facility.

    Raises:
        RefusedError: not approved, not acknowledged, not within its days, or nobody of it may be received.

    Source: G8-2, G8-3, G7-6.
    """

    def check(tx: Tx, known: VisitNow) -> None:
        _approved(known)
        _within(known.asked.request, desk.clock())
        acknowledged = tx.latest(VisitStep, visit=visit, facility=facility, stage=VisitStage.ACKNOWLEDGED)
        advice = tx.latest(VisitAdvice, visit=visit, facility=facility)
        if acknowledged is None or advice is None or acknowledged.at < advice.at:
            raise RefusedError(
                "flows/advice-not-acknowledged",
                f"`{facility}` has not acknowledged the last advice",
                remedy="its control officer acknowledges first: `gsomia visit acknowledge`",
                clauses=("G8-3",),
            )
        _someone(known)

    return _step(desk, actor, visit, facility, VisitStage.OPENED, check)


def close_visit(desk: Desk, actor: Actor, visit: VisitId, *, facility: FacilityId) -> VisitStep:
    """The visitors left the facility.

    Source: G8-5.
    """
    return _step(desk, actor, visit, facility, VisitStage.CLOSED, lambda tx, _known: _require_open(tx, visit, facility))


def disclose(
    desk: Desk,
    actor: Actor,
    visit: VisitId,
    *,
    facility: FacilityId,
    item: ItemId,
    visitors: Sequence[int],
    how: Shown,
    notes: bool,
    record: ConsignmentId | None = None,
) -> VisitDisclosure:
    """Record that an item is disclosed to visitors; only what lies within visit, clearance and item is.

    Args:
        desk: ours.
        actor: a releasing authority.
        visit: which, open at the facility.
        facility: where.
        item: of our own, or of the visitors' own government.
        visitors: by number; everybody present if empty.
        how: orally, to see, or as a copy.
        notes: whether they took notes.
        record: the signed disclosure of the item to their government, if one was made.

    Raises:
        RefusedError: it is not, and nothing is disclosed.

    Source: G8-5, F-13, G7-6, G6-1, G21-1.
    """

    def unit(tx: Tx) -> VisitDisclosure:
        require_office_at(tx, actor, Office.RELEASING_AUTHORITY, clause="G8-5")
        known, now = hosted(tx, desk.party, visit), desk.clock()
        require_sound(tx, desk, to=known.asked.party)
        ceiling = _approved(known)
        _within(known.asked.request, now)
        _require_open(tx, visit, facility)
        shown_to = tuple(dict.fromkeys(visitors)) or _someone(known)
        gone = set(shown_to) - set(_someone(known))
        if gone:
            raise _nobody(f"visitor {min(gone)} is declined, withdrawn, or does not belong to the visit")
        held = get_item(tx, item)
        _require_disclosure(tx, record, item, request=known.asked.request)
        level = _may_be_shown(tx, desk, known, held, facility=facility, ceiling=ceiling, visitors=shown_to, now=now)
        disclosure = VisitDisclosure(
            visit=visit,
            facility=facility,
            item=item,
            level=level,
            visitors=shown_to,
            how=how,
            notes=notes,
            record=record,
            by=actor.person,
            at=now,
        )
        enter(tx, desk, disclosure, event=Event.VISIT_DISCLOSED, subject=visit, item=item)
        return disclosure

    return desk.store.run(unit)


def _require_disclosure(tx: Tx, number: ConsignmentId | None, item: ItemId, *, request: VisitRequest) -> None:
    """Hold that a signed disclosure that is named is of this item, to the visitors' government.

    Raises:
        LocalError: it is not.

    Source: F-13.
    """
    if number is None:
        return
    known = tx.latest(Disclosure, number=number)
    if known is None or (known.item, known.to) != (item, request.party):
        raise LocalError(
            "flows/not-that-disclosure",
            f"`{number}` is no disclosure of that item to `{request.party}`",
            remedy="see `gsomia item show ITEM`",
        )


def _may_be_shown(
    tx: Tx,
    desk: Desk,
    known: VisitNow,
    record: ItemRecord,
    *,
    facility: FacilityId,
    ceiling: str,
    visitors: Sequence[int],
    now: Instant,
) -> str:
    """The level at which an item may be shown to these visitors.

    1. The instrument carries it, and it is ours to show.
    2. It lies within the ceiling of the visit.
    3. It lies within each visitor's clearance, through the table of the instrument.

    Raises:
        RefusedError: it may not.
    """
    request = known.asked.request
    # (1) carried, held, and nobody else's
    agreement = get_agreement(tx, request.instrument, digest=request.agreement)
    if not standing(tx, agreement, at=now, desk=desk).allowed.release:
        raise _beyond("the instrument does not carry it now", "G21-1")
    if not is_held(tx, desk.party, record):
        raise _beyond("the item is not held here", "G13-1")
    if record.originator not in (desk.party, request.party):
        raise _beyond("the item is a third party's", "G6-1")
    if record.purpose != request.purpose:
        raise _beyond("the item serves another purpose than the visit", "G6-4")
    # (2) the visit
    level = level_of(tx, record)
    if level.own_mark is None:
        raise _beyond("the item has no mark of ours yet", "G4-2")
    require_site(tx, desk, facility, rank=level.rank, now=now)
    if level.rank > desk.policy.classification(ceiling).rank:
        raise _beyond("the item lies above the ceiling of the visit", "G8-5")
    # (3) each visitor
    theirs, needed = desk.policies[request.party], _rank_for_them(tx, desk, record, request, agreement, now)
    for number in visitors:
        cleared = theirs.find(request.visitors[number - 1].level)
        if cleared is None or cleared.rank < needed:
            raise _beyond(f"the item lies above the clearance of visitor {number}", "G8-5")
    return level.own_mark


def _rank_for_them(
    tx: Tx, desk: Desk, record: ItemRecord, request: VisitRequest, agreement: Agreement, now: Instant
) -> int:
    """The rank that a visitor's clearance has to reach, through the table of the instrument.

    Raises:
        RefusedError: the table gives none.

    Source: G8-5, A-22.
    """
    label, theirs = label_now(tx, desk, record), desk.policies[request.party]
    if record.originator == request.party:
        return theirs.classification(label.classification).rank
    result = translate(label, table=agreement.table, from_policy=desk.policy, to_policy=theirs, now=now)
    if isinstance(result, LabelRefusal):
        raise _beyond(result.text, result.clause)
    rank = desk.policy.classification(label.classification).rank
    require_ceiling(tx, desk, agreement, rank=rank, at=now)
    return result.rank


def _step(
    desk: Desk,
    actor: Actor,
    visit: VisitId,
    facility: FacilityId,
    stage: VisitStage,
    check: Callable[[Tx, VisitNow], None],
) -> VisitStep:
    def unit(tx: Tx) -> VisitStep:
        require_office_at(tx, actor, Office.CONTROL_OFFICER, clause="G8-3")
        if control_facility(tx, actor.person, now=desk.clock()) != facility:
            raise RefusedError(
                "flows/not-their-facility",
                f"`{actor.person}` does not answer for `{facility}`",
                remedy="let its control officer do it",
                clauses=("G8-3", "G10-2"),
            )
        check(tx, hosted(tx, desk.party, visit))
        step = VisitStep(visit=visit, facility=facility, stage=stage, by=actor.person, at=desk.clock())
        enter(tx, desk, step, event=Event.VISIT_STEP, subject=visit, facility=facility, stage=stage)
        return step

    return desk.store.run(unit)


def _require_open(tx: Tx, visit: VisitId, facility: FacilityId) -> None:
    last = tx.latest(VisitStep, visit=visit, facility=facility)
    if last is None or last.stage is not VisitStage.OPENED:
        raise RefusedError(
            "flows/visit-not-open",
            f"the visit is not open at `{facility}`",
            remedy="its control officer opens it: `gsomia visit open`",
            clauses=("G8-3",),
        )


def _approved(known: VisitNow) -> str:
    if known.state is not VisitState.APPROVED or known.answer is None or known.answer.ceiling is None:
        raise RefusedError(
            "flows/visit-not-approved",
            f"the visit is {known.state}",
            remedy="the host decides first: `gsomia visit approve`",
            clauses=("G8-2",),
        )
    return known.answer.ceiling


def _within(request: VisitRequest, now: Instant) -> None:
    if not request.valid.covers(now):
        raise RefusedError(
            "flows/visit-out-of-days",
            "the visit is not today",
            remedy="other days are asked for as an amendment",
            clauses=("G8-6",),
        )


def _present(known: VisitNow) -> tuple[int, ...]:
    asked: VisitAsked = known.asked
    return present(asked.request, known.answer, known.withdrawn) if known.answer else ()


def _someone(known: VisitNow) -> tuple[int, ...]:
    found = _present(known)
    if not found:
        raise _nobody("nobody of the visit may be received")
    return found


def _nobody(why: str) -> RefusedError:
    return RefusedError(
        "flows/visitor-not-received",
        why,
        remedy="see `gsomia visit list`; another visitor is an amendment",
        clauses=("G7-6", "G8-5"),
    )


def _beyond(why: str, clause: str) -> RefusedError:
    return RefusedError(
        "flows/visit-beyond-ceiling",
        f"nothing is disclosed: {why}",
        remedy="show what lies within visit, clearance and item",
        clauses=(clause,) if clause == "G8-5" else (clause, "G8-5"),
    )
