"""What is due about people, places and contractors: clearances, entries, accreditations, inspections, findings.

Source: registry 7.2 (08:15, expired clearances; monthly, registry of persons and accreditations), G7-4, G10-1, G16-7.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from gsomia.flows.contractors import list_of, open_findings
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.flows.tenure import every_clearance, every_entry
from gsomia.instants import Instant, Validity
from gsomia.labels import ClearanceStatus
from gsomia.parties import Appointment
from gsomia.policy import Clock, Duty
from gsomia.registry import (
    ChannelAccreditation,
    Contractor,
    ContractorAppointment,
    ContractorClearance,
    ContractorInspection,
    ContractorMeasure,
    DutyGrant,
    FacilityAccreditation,
    NationalityConsent,
    RepresentativeRecord,
    RosterLine,
    SystemAccreditation,
)


class _Valid(Protocol):
    @property
    def valid(self) -> Validity: ...

    @property
    def at(self) -> Instant: ...


T = TypeVar("T")
V = TypeVar("V", bound=_Valid)


def clearances(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Clearances that come to their review or their end; what is suspended or withdrawn is no longer waited for.

    Source: G2-6, G7-3, G7-4.
    """
    for person, clearance in every_clearance(tx).items():
        if clearance.status is ClearanceStatus.ACTIVE:
            yield Duty(
                clock=Clock.CLEARANCE,
                subject=person,
                since=clearance.valid.start,
                due=clearance.counts_until,
                command=f"person clear {person} --level L --basis TEXT",
            )


def entries(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Duties, roster lines and appointments that come to their last day.

    Source: G7-2, G6-6, G10-2, F-06.
    """
    for duty in every_entry(tx, DutyGrant):
        words = f"--item {duty.line.item}" if duty.line.item else f"--purpose {duty.line.purpose}"
        yield from _ends(duty.line.person, duty.valid, f"person duty {duty.line.person} {words} --until DAY")
    for line in every_entry(tx, RosterLine):
        words = f"--facility {line.line.facility} --instrument {line.line.instrument} --level {line.line.level}"
        yield from _ends(line.line.person, line.valid, f"person roster {line.line.person} {words} --until DAY")
    for post in every_entry(tx, Appointment):
        words = f"--person {post.line.person} --office {post.line.office} --until DAY"
        yield from _ends(post.line.person, post.valid, f"facility appoint {post.line.facility} {words}")


def nationalities(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Originators' agreements to persons of a third nationality that come to their end.

    Source: A-09, X-8.
    """
    for one in _last(tx.every(NationalityConsent), lambda one: (one.person, one.originator, one.item, one.purpose)):
        words = f"--item {one.item}" if one.item else f"--purpose {one.purpose}"
        command = f"person agree {one.person} --originator {one.originator} --document NUMBER {words} --until DAY"
        yield from _until(Clock.NATIONALITY, one.person, one, command)


def accreditations(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Facilities, channels and translating systems whose accreditation comes to its review or its end.

    Source: G10-1, G12-10, G12-11, A-20.
    """
    for place in _last(tx.every(FacilityAccreditation), lambda one: one.facility):
        yield Duty(
            clock=Clock.FACILITY,
            subject=place.facility,
            since=place.at,
            due=place.review_at,
            command=f"facility accredit {place.facility} --number N --level {place.level} --review DAY",
            facility=place.facility,
        )
    for channel in _last(tx.every(ChannelAccreditation), lambda one: one.channel):
        command = f"facility accredit {channel.channel} --number N --level {channel.level} --until DAY"
        yield from _until(Clock.CHANNEL, channel.channel, channel, command)
    for system in _last(tx.every(SystemAccreditation), lambda one: one.system):
        command = f"facility accredit-system {system.system} --number N --level {system.level} --until DAY"
        yield from _until(Clock.SYSTEM, system.system, system, command)


def representatives(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Our representatives at a partner whose appointment comes to its end.

    Source: G9-3.
    """
    ours = [one for one in tx.every(RepresentativeRecord) if one.party == desk.party and one.person is not None]
    for one in _last(ours, lambda one: (one.person, one.to)):
        command = f"package representative {one.person} --partner {one.to} --until DAY"
        yield from _until(Clock.REPRESENTATIVE, str(one.person), one, command)


def contractors(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """What comes due in the files of contractors; most of it blocks every release there once it is late.

    Source: G16-2, G16-5, G16-7, G16-10 to G16-16, F-19.
    """
    for firm in {one.contractor: one for one in tx.every(Contractor)}:
        inspected = tx.latest(ContractorInspection, contractor=firm)
        if inspected is not None:
            yield Duty(
                clock=Clock.INSPECTION,
                subject=firm,
                since=inspected.at,
                due=inspected.next_due,
                command=f"contractor inspect {firm} --document N --kind periodic --next DAY",
            )
        for (inspection, number), finding in open_findings(tx, firm):
            yield Duty(
                clock=Clock.FINDING,
                subject=f"{firm}/{inspection}.{number}",
                since=now,
                due=finding.due,
                command=f"contractor close {firm} --finding {inspection}.{number} --document N",
            )
        cleared = tx.latest(ContractorClearance, contractor=firm)
        if cleared is not None and cleared.status is ClearanceStatus.ACTIVE:
            command = f"contractor clear {firm} --document N --level {cleared.level} --until DAY"
            yield from _until(Clock.SITE_CLEARANCE, firm, cleared, command)
        for listed in list_of(tx, firm, now=now):
            if listed.clearance.status is ClearanceStatus.ACTIVE:
                yield Duty(
                    clock=Clock.LISTED_CLEARANCE,
                    subject=f"{firm}/{listed.person}",
                    since=listed.at,
                    due=listed.clearance.counts_until,
                    command=f"contractor person {firm} --person {listed.person} --level L --basis TEXT --until DAY",
                )
        for measure in _last(tx.every(ContractorMeasure, contractor=firm), lambda one: one.measure):
            words = f"--measure {measure.measure} --level {measure.level} --document N --review DAY"
            yield Duty(
                clock=Clock.MEASURE,
                subject=f"{firm}/{measure.measure}",
                since=measure.at,
                due=measure.review_at,
                command=f"contractor measure {firm} {words}",
            )
        for officer in _last(tx.every(ContractorAppointment, contractor=firm), lambda one: one.person):
            command = f"contractor appoint {firm} --person {officer.person} --document N --until DAY"
            yield from _until(Clock.CONTRACTOR_OFFICER, f"{firm}/{officer.person}", officer, command)


def _last(lines: Iterable[T], key: Callable[[T], object]) -> Iterator[T]:
    """The last line about each thing, which counts."""
    yield from {key(line): line for line in lines}.values()


def _ends(person: str, valid: Validity, command: str) -> Iterator[Duty]:
    if valid.until is not None:
        yield Duty(clock=Clock.ENTRY, subject=person, since=valid.start, due=valid.until, command=command)


def _until(clock: Clock, subject: str, line: _Valid, command: str) -> Iterator[Duty]:
    if line.valid.until is not None:
        yield Duty(clock=clock, subject=subject, since=line.at, due=line.valid.until, command=command)


SOURCES = (clearances, entries, nationalities, accreditations, representatives, contractors)
"""One function for each kind of thing that may be due about people, places and contractors."""
