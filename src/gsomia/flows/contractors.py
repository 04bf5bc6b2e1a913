"""Keep the files of contractors: who enters what, and what the file says at an instant.

Whether an item may go there is asked in `flows/contractor_release`; nothing here opens anything.

Source: G16-1 to G16-9, G16-10 to G16-16, F-19, A-33.
"""

from collections.abc import Sequence

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import period, reference, require_office
from gsomia.flows.ports import Tx
from gsomia.ids import ContractorId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.labels import Clearance, ClearanceStatus
from gsomia.parties import Office
from gsomia.policy import Measure
from gsomia.registry import (
    MAX_DEPTH,
    Contractor,
    ContractorAppointment,
    ContractorBriefing,
    ContractorClearance,
    ContractorFindingClosed,
    ContractorInspection,
    ContractorMeasure,
    ContractorPerson,
    InspectionFinding,
    InspectionKind,
)

FileLine = (
    Contractor
    | ContractorAppointment
    | ContractorBriefing
    | ContractorClearance
    | ContractorFindingClosed
    | ContractorInspection
    | ContractorMeasure
    | ContractorPerson
)
"""What a contractor's file is made of."""


def add_contractor(
    desk: Desk,
    actor: Actor,
    *,
    contractor: ContractorId,
    name: str,
    country: PartyCode,
    contract: str,
    above: ContractorId | None,
) -> Contractor:
    """Enter a contract of ours with a firm, or a subcontract under another contractor.

    Raises:
        LocalError: the short name is taken, or nobody knows the one above.
        RefusedError: the chain would be longer than anybody can answer for.

    Source: G16-16.
    """
    line = Contractor(
        contractor=contractor,
        name=name,
        country=country,
        contract=reference(contract, what="contract"),
        above=above,
        by=actor.person,
        at=desk.clock(),
    )

    def check(tx: Tx) -> None:
        if tx.latest(Contractor, contractor=contractor) is not None:
            raise LocalError(
                "flows/contractor-exists", f"there is already a contractor `{contractor}`", remedy="choose another name"
            )
        if above is not None and len(chain_of(tx, above)) >= MAX_DEPTH:
            raise RefusedError(
                "flows/contract-chain-too-long",
                f"`{contractor}` would stand deeper than {MAX_DEPTH} contracts",
                remedy="let the contract higher up",
                clauses=("G16-16",),
            )

    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G16-2")

    def unit(tx: Tx) -> Contractor:
        check(tx)
        enter(tx, desk, line, event=Event.CONTRACTOR_CHANGED, subject=contractor)
        return line

    return desk.store.run(unit)


def clear_contractor(
    desk: Desk,
    actor: Actor,
    *,
    contractor: ContractorId,
    authority: PartyCode,
    number: str,
    level: str,
    until: Instant,
    status: ClearanceStatus,
) -> ContractorClearance:
    """Record a facility security clearance, or under the same number that it was suspended or withdrawn.

    Source: G16-2, A-33.
    """
    now = desk.clock()
    line = ContractorClearance(
        contractor=contractor,
        authority=authority,
        number=reference(number, what="clearance"),
        level=desk.policy.classification(level).id,
        valid=period(now, start=None, until=until),
        status=status,
        by=actor.person,
        at=now,
    )
    _file(desk, actor, line, clause="G16-2")
    return line


def list_person(
    desk: Desk,
    actor: Actor,
    *,
    contractor: ContractorId,
    person: PersonId,
    nationality: PartyCode,
    authority: PartyCode,
    clearance: Clearance,
    duties: Sequence[str],
    until: Instant | None,
) -> ContractorPerson:
    """Put a person on a contractor's list, or write their line anew.

    Source: G16-3, G16-4, G16-5, G16-8, A-35.
    """
    now = desk.clock()
    line = ContractorPerson(
        contractor=contractor,
        person=person,
        nationality=nationality,
        authority=authority,
        clearance=clearance,
        duties=tuple(dict.fromkeys(duties)),
        valid=period(now, start=None, until=until),
        listed=True,
        by=actor.person,
        at=now,
    )
    _file(desk, actor, line, clause="G16-3")
    return line


def unlist_person(desk: Desk, actor: Actor, *, contractor: ContractorId, person: PersonId) -> ContractorPerson:
    """Take a person off a contractor's list, from now on.

    Raises:
        LocalError: they do not stand on it.

    Source: G16-3, G7-6.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G16-3")

    def unit(tx: Tx) -> ContractorPerson:
        now = desk.clock()
        known = next((one for one in list_of(tx, contractor, now=now) if one.person == person), None)
        if known is None:
            raise _not_listed(contractor, person)
        line = ContractorPerson(
            contractor=contractor,
            person=person,
            nationality=known.nationality,
            authority=known.authority,
            clearance=known.clearance,
            duties=(),
            valid=known.valid,
            listed=False,
            by=actor.person,
            at=now,
        )
        enter(tx, desk, line, event=Event.CONTRACTOR_CHANGED, subject=contractor, person=person)
        return line

    return desk.store.run(unit)


def brief_person(
    desk: Desk, actor: Actor, *, contractor: ContractorId, person: PersonId, number: str
) -> ContractorBriefing:
    """Record that a person on the list signed what access means.

    Raises:
        LocalError: they do not stand on it.

    Source: G16-6.
    """
    line = ContractorBriefing(
        contractor=contractor,
        person=person,
        number=reference(number, what="briefing"),
        by=actor.person,
        at=desk.clock(),
    )

    def listed(tx: Tx) -> None:
        if all(one.person != person for one in list_of(tx, contractor, now=line.at)):
            raise _not_listed(contractor, person)

    desk.store.run(listed)
    _file(desk, actor, line, clause="G16-6")
    return line


def inspect_contractor(
    desk: Desk,
    actor: Actor,
    *,
    contractor: ContractorId,
    kind: InspectionKind,
    number: str,
    findings: Sequence[InspectionFinding],
    next_due: Instant,
) -> ContractorInspection:
    """Record an inspection with what it found and by when the next one has to be.

    Raises:
        RefusedError: a second first one, or a periodic one before the first.

    Source: G16-7, F-19.
    """
    now = desk.clock()
    period(now, start=None, until=next_due)
    line = ContractorInspection(
        contractor=contractor,
        kind=kind,
        number=reference(number, what="inspection"),
        findings=tuple(findings),
        next_due=next_due,
        by=actor.person,
        at=now,
    )

    def in_order(tx: Tx) -> None:
        known_contractor(tx, contractor)
        if (kind is InspectionKind.INITIAL) is bool(tx.count(ContractorInspection, contractor=contractor)):
            raise RefusedError(
                "flows/inspection-out-of-order",
                f"the first inspection of `{contractor}` is the initial one, and only the first",
                remedy="pass `--kind initial` for the first and `periodic` or `cause` after it",
                clauses=("G16-7",),
            )

    desk.store.run(in_order)
    _file(desk, actor, line, clause="G16-7")
    return line


def close_finding(
    desk: Desk, actor: Actor, *, contractor: ContractorId, inspection: int, finding: int, number: str
) -> ContractorFindingClosed:
    """Record that a finding was put right; `number` is of the document that shows it.

    Raises:
        LocalError: there is no such finding, or it is closed.

    Source: G16-7, F-19.
    """
    line = ContractorFindingClosed(
        contractor=contractor,
        inspection=inspection,
        finding=finding,
        number=reference(number, what="document"),
        by=actor.person,
        at=desk.clock(),
    )

    def is_open(tx: Tx) -> None:
        if (inspection, finding) not in {place for place, _ in open_findings(tx, contractor)}:
            raise LocalError(
                "flows/no-open-finding",
                f"inspection {inspection} of `{contractor}` has no open finding {finding}",
                remedy="see `gsomia contractor list`",
            )

    desk.store.run(is_open)
    _file(desk, actor, line, clause="G16-7")
    return line


def appoint_at_contractor(
    desk: Desk, actor: Actor, *, contractor: ContractorId, person: PersonId, number: str, until: Instant | None
) -> ContractorAppointment:
    """Record who at the contractor is responsible, with the authority for it.

    Source: G16-10.
    """
    now = desk.clock()
    line = ContractorAppointment(
        contractor=contractor,
        person=person,
        number=reference(number, what="appointment"),
        valid=period(now, start=None, until=until),
        by=actor.person,
        at=now,
    )
    _file(desk, actor, line, clause="G16-10")
    return line


def confirm_measure(
    desk: Desk,
    actor: Actor,
    *,
    contractor: ContractorId,
    measure: Measure,
    number: str,
    level: str,
    review_at: Instant,
) -> ContractorMeasure:
    """Record that a measure is in order at the contractor's facility, up to a level, until its review.

    Source: G16-9, G16-11 to G16-15.
    """
    now = desk.clock()
    period(now, start=None, until=review_at)
    line = ContractorMeasure(
        contractor=contractor,
        measure=measure,
        number=reference(number, what="document"),
        level=desk.policy.classification(level).id,
        review_at=review_at,
        by=actor.person,
        at=now,
    )
    _file(desk, actor, line, clause="G16-11")
    return line


def known_contractor(tx: Tx, contractor: ContractorId) -> Contractor:
    """A contractor of this node.

    Raises:
        LocalError: unknown.
    """
    found = tx.latest(Contractor, contractor=contractor)
    if found is None:
        raise LocalError(
            "flows/unknown-contractor",
            f"there is no contractor `{contractor}` at this node",
            remedy="see `gsomia contractor list`",
        )
    return found


def chain_of(tx: Tx, contractor: ContractorId) -> tuple[Contractor, ...]:
    """The contracts from our own down to a contractor.

    Raises:
        LocalError: unknown.

    Source: G16-16.
    """
    found = [known_contractor(tx, contractor)]
    while found[-1].above is not None:
        found.append(known_contractor(tx, found[-1].above))
    return tuple(reversed(found))


def list_of(tx: Tx, contractor: ContractorId, *, now: Instant) -> list[ContractorPerson]:
    """Who stands on a contractor's list now.

    Source: G16-3, G16-9.
    """
    lines = {one.person: one for one in tx.every(ContractorPerson, contractor=contractor)}
    return [one for one in lines.values() if one.listed and one.valid.covers(now)]


def open_findings(tx: Tx, contractor: ContractorId) -> list[tuple[tuple[int, int], InspectionFinding]]:
    """What inspections found and nobody closed, with its place: inspection and finding, counted from one.

    Source: G16-7, F-19.
    """
    closed = {(one.inspection, one.finding) for one in tx.every(ContractorFindingClosed, contractor=contractor)}
    return [
        ((number, place), finding)
        for number, one in enumerate(tx.every(ContractorInspection, contractor=contractor), start=1)
        for place, finding in enumerate(one.findings, start=1)
        if (number, place) not in closed
    ]


def _file(desk: Desk, actor: Actor, line: FileLine, *, clause: str) -> None:
    require_office(desk, actor, Office.SECURITY_OFFICER, clause=clause)

    def unit(tx: Tx) -> None:
        known_contractor(tx, line.contractor)
        enter(tx, desk, line, event=Event.CONTRACTOR_CHANGED, subject=line.contractor)

    desk.store.run(unit)


def _not_listed(contractor: ContractorId, person: PersonId) -> LocalError:
    return LocalError(
        "flows/not-on-the-list",
        f"`{person}` does not stand on the list of `{contractor}`",
        remedy="put them on it first: `gsomia contractor person`",
    )
