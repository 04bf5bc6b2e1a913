"""Who carries a package: the courier of a journey by hand, the plan of a shipment, the chain of changes of hands.

Source: F-22, G7-6, G9-4, G12-7, G12-9, G12-12.
"""

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import person_facts
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.ids import PersonId, RegisterCode
from gsomia.instants import Instant, Validity
from gsomia.labels import TOP_RANK
from gsomia.parties import Office, sign_act
from gsomia.registry import (
    CHANGE_OF_HANDS,
    COURIER,
    DECLARATION,
    ChangeOfHands,
    CourierCertificate,
    CourierDeclaration,
    CourierTask,
    Declared,
    HandsChanged,
    JourneyMoment,
    Leg,
    Package,
    PackageEvent,
    RegisterError,
    ShipmentPlan,
    Suspicion,
    follows,
    seals_intact,
)


def certify_courier(
    desk: Desk,
    actor: Actor,
    package: RegisterCode,
    *,
    courier: PersonId,
    passport: RegisterCode,
    ceiling: str,
    urgency: str,
    stops: tuple[str, ...],
    carriers: tuple[str, ...],
    customs: str,
    until: Instant,
) -> CourierCertificate:
    """Certify a courier for one package and one journey, because no other way would do.

    Args:
        desk: ours.
        actor: a security officer.
        package: that is made and not sent.
        courier: an official of ours, cleared for the ceiling.
        passport: its number.
        ceiling: the highest level the courier may carry; never the top level.
        urgency: why neither pouch nor channel would do.
        stops: the journey plan.
        carriers: flights, trains, vehicles.
        customs: the note for the customs of each border.
        until: when the certificate ends.

    Raises:
        RefusedError: the top level, a package above the ceiling, or a courier who is not cleared for it.

    Source: F-22, G9-4.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G9-4")
    now = desk.clock()
    level = desk.policy.classification(ceiling)

    def unit(tx: Tx) -> CourierCertificate:
        known = _own(tx, desk, package)
        if level.rank >= TOP_RANK or _rank(desk, known) > level.rank:
            raise RefusedError(
                "flows/above-courier-ceiling",
                f"package `{package}` is not carried by hand up to `{level.id}`",
                remedy="the top level never goes by hand; else certify for the level of the package",
                clauses=("G9-4",),
            )
        number = f"{desk.party}-CC-{now.local_date().year}-{tx.number('courier'):06d}"
        task = CourierTask(
            number=number,
            package=package,
            courier=courier,
            passport=passport,
            ceiling=level.id,
            urgency=urgency,
            stops=stops,
            carriers=carriers,
            customs=customs,
            seals=known.list.outer_seals,
            valid=Validity(start=now, until=until),
        )
        _require_cleared(tx, desk, task)
        certificate = CourierCertificate(
            number=number,
            package=package,
            courier=courier,
            act=sign_act(task, kind=COURIER, hand=actor.hand),
            at=now,
        )
        enter(tx, desk, certificate, event=Event.COURIER_CERTIFIED, subject=package, certificate=number)
        return certificate

    return desk.store.run(unit)


def declare(
    desk: Desk, actor: Actor, package: RegisterCode, *, moment: JourneyMoment, seals: tuple[RegisterCode, ...]
) -> CourierDeclaration:
    """The courier's own declaration, before the journey and after it; other seals than certified mark an incident.

    Raises:
        RefusedError: the actor is not the courier.
        RegisterError: there is no certificate, or the other declaration comes first.

    Source: F-22.
    """
    require_own_key(desk, actor)
    now = desk.clock()

    def unit(tx: Tx) -> CourierDeclaration:
        task = _task(tx, package)
        if task.courier != actor.person:
            raise RefusedError(
                "flows/not-the-courier",
                f"`{actor.person}` is not the courier of package `{package}`",
                remedy=f"`{task.courier}` declares",
                clauses=("F-22",),
            )
        if moment is JourneyMoment.AFTER and _declared(tx, task, JourneyMoment.BEFORE) is None:
            raise RegisterError(
                "registry/declared-out-of-turn",
                "a courier declares before the journey, then after it",
                remedy="`package declare --before` comes first",
                clauses=("F-22",),
            )
        body = Declared(number=task.number, moment=moment, seals=seals, at=now)
        done = CourierDeclaration(
            number=task.number, moment=moment, act=sign_act(body, kind=DECLARATION, hand=actor.hand), at=now
        )
        enter(tx, desk, done, event=Event.COURIER_DECLARED, subject=package, moment=moment)
        if not seals_intact(found=seals, set_before=task.seals):
            mark_incident(tx, desk, package, what=Suspicion.SEALS_DIFFER, by=actor.person, party=desk.party)
        return done

    return desk.store.run(unit)


def plan_shipment(
    desk: Desk,
    actor: Actor,
    package: RegisterCode,
    *,
    vehicle: RegisterCode,
    seals: tuple[RegisterCode, ...],
    escorts: tuple[PersonId, ...],
    stops: tuple[str, ...],
    notice: RegisterCode,
    customs: str,
) -> ShipmentPlan:
    """Enter how equipment travels: vehicle, seals, escorts, way, and the notice of consignment.

    Raises:
        RegisterError: no seals or no escort.
        RefusedError: the top level, or an escort who is not cleared for what is in it.

    Source: G12-7, G12-12.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G12-7")
    if not seals or not escorts:
        raise RegisterError(
            "registry/unwatched-shipment",
            "equipment travels under seals and under escort",
            remedy="name them: `--seal`, `--escort`",
            clauses=("G12-7",),
        )

    def unit(tx: Tx) -> ShipmentPlan:
        known = _own(tx, desk, package)
        if _rank(desk, known) >= TOP_RANK:
            raise RefusedError(
                "flows/top-level-freight",
                "equipment of the top level does not go as freight",
                remedy="the two authorities agree on its transport in each case",
                clauses=("G12-12",),
            )
        for escort in escorts:
            _require_person(tx, desk, escort, level=_level(desk, known), clause="G12-7")
        plan = ShipmentPlan(
            package=package,
            vehicle=vehicle,
            seals=seals,
            escorts=escorts,
            stops=stops,
            notice=notice,
            customs=customs,
            by=actor.person,
            at=desk.clock(),
        )
        enter(tx, desk, plan, event=Event.SHIPMENT_PLANNED, subject=package)
        return plan

    return desk.store.run(unit)


def change_hands(
    desk: Desk,
    actor: Actor,
    package: RegisterCode,
    *,
    giver: RegisterCode,
    taker: RegisterCode,
    place: str,
    seals: tuple[RegisterCode, ...],
) -> ChangeOfHands:
    """A receipt each time equipment changes hands; one that does not follow the last is entered, and is a gap.

    Raises:
        RegisterError: the package is not on its way, or carries no equipment.

    Source: G12-9.
    """
    require_own_key(desk, actor)
    now = desk.clock()

    def unit(tx: Tx) -> ChangeOfHands:
        known = _own(tx, desk, package)
        sent = tx.latest(PackageEvent, number=package, leg=Leg.SENT)
        plan = tx.latest(ShipmentPlan, package=package)
        if sent is None or plan is None:
            raise RegisterError(
                "registry/not-on-its-way",
                f"package `{package}` is no shipment on its way",
                remedy="`package plan`, then `package send`",
                clauses=("G12-9",),
            )
        body = HandsChanged(package=package, giver=giver, taker=taker, place=place, seals=seals, at=now)
        done = ChangeOfHands(
            package=package, taker=taker, act=sign_act(body, kind=CHANGE_OF_HANDS, hand=actor.hand), at=now
        )
        if not follows(changes_of_hands(tx, package), body, sender=known.party):
            mark_incident(tx, desk, package, what=Suspicion.CHAIN_GAP, by=actor.person, party=desk.party)
        if not seals_intact(found=seals, set_before=plan.seals):
            mark_incident(tx, desk, package, what=Suspicion.SEALS_DIFFER, by=actor.person, party=desk.party)
        enter(tx, desk, done, event=Event.HANDS_CHANGED, subject=package)
        return done

    return desk.store.run(unit)


def changes_of_hands(tx: Tx, package: RegisterCode) -> tuple[ChangeOfHands, ...]:
    """The chain of receipts of a shipment, oldest first."""
    return tuple(tx.every(ChangeOfHands, package=package))


def require_courier(tx: Tx, desk: Desk, package: Package) -> None:
    """Refuse a journey by hand without a certificate that holds now, or before the courier has declared.

    Raises:
        RefusedError: there is none.

    Source: G9-4, G7-6 (a clearance withdrawn ends the task).
    """
    task = _task(tx, package.number)
    if not task.valid.covers(desk.clock()) or _declared(tx, task, JourneyMoment.BEFORE) is None:
        raise RefusedError(
            "flows/courier-not-ready",
            f"the certificate for package `{package.number}` is out of date, or its courier has not declared",
            remedy="`package courier`, then `package declare --before`",
            clauses=("G9-4", "F-22"),
        )
    _require_cleared(tx, desk, task)


def require_plan(tx: Tx, desk: Desk, package: Package) -> None:
    """Refuse a shipment of equipment without vehicle, seals, escorts and notice.

    Raises:
        RefusedError: there is no plan, or an escort is no longer cleared.

    Source: G12-7, G12-12.
    """
    plan = tx.latest(ShipmentPlan, package=package.number)
    if plan is None:
        raise RefusedError(
            "flows/no-shipment-plan",
            f"package `{package.number}` holds equipment and has no plan, escort or notice of consignment",
            remedy="a security officer plans it: `package plan`",
            clauses=("G12-7", "G12-12"),
        )
    for escort in plan.escorts:
        _require_person(tx, desk, escort, level=_level(desk, package), clause="G12-7")


def _own(tx: Tx, desk: Desk, number: RegisterCode) -> Package:
    known = tx.latest(Package, number=number, party=desk.party)
    if known is None:
        raise LocalError("flows/unknown-package", f"we made no package `{number}`", remedy="see `gsomia package list`")
    return known


def _task(tx: Tx, package: RegisterCode) -> CourierTask:
    known = tx.latest(CourierCertificate, package=package)
    if known is None:
        raise RefusedError(
            "flows/no-courier-certificate",
            f"nobody is certified to carry package `{package}` by hand",
            remedy="a security officer certifies, case by case: `package courier`",
            clauses=("G9-4", "F-22"),
        )
    return known.act.body


def _declared(tx: Tx, task: CourierTask, moment: JourneyMoment) -> CourierDeclaration | None:
    return tx.latest(CourierDeclaration, number=task.number, moment=moment)


def _rank(desk: Desk, package: Package) -> int:
    return max(desk.policy.classification(one.label.classification).rank for one in package.list.packed)


def _level(desk: Desk, package: Package) -> str:
    levels = [desk.policy.classification(one.label.classification) for one in package.list.packed]
    return max(levels, key=lambda level: level.rank).id


def _require_cleared(tx: Tx, desk: Desk, task: CourierTask) -> None:
    _require_person(tx, desk, task.courier, level=task.ceiling, clause="G9-4")


def _require_person(tx: Tx, desk: Desk, person: PersonId, *, level: str, clause: str) -> None:
    facts = person_facts(tx, person)
    cleared = any(
        level in clearance.classifications and clearance.is_effective(desk.clock()) for clearance in facts.clearances
    )
    if not facts.official or not cleared or set(facts.nationalities) != {desk.party}:
        raise RefusedError(
            "flows/carrier-not-cleared",
            f"`{person}` is no official of ours who is cleared for `{level}` today",
            remedy="name somebody who is, or have the clearance looked at: `person clear`",
            clauses=(clause, "G7-2", "G7-6"),
        )
