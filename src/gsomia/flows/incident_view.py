"""What each side sees of an incident: one time line of both, with its own words, and of the other's the commitments.

The shared lines come from the signed statements alone, so that both sides print the same; what was not told yet, and
the words behind one's own lines, are shown to oneself.

Source: G17-1, G17-3, F-17, A-35, design 5.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from gsomia import canon
from gsomia.exchange import (
    CaseEntry,
    IncidentAcknowledged,
    IncidentCase,
    IncidentReported,
    IncidentSubject,
    RadiusAnswered,
    RadiusAsked,
    ReportStage,
    ToldLine,
)
from gsomia.flows.case_file import acknowledged, entries_of, refusal_of, told_only, unknown_incident
from gsomia.flows.desk import Desk
from gsomia.flows.incident_clocks import incident_clocks
from gsomia.flows.incidents import is_closed
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Radius, Seen, Window, blast_radius, concerned, require_known
from gsomia.ids import HexDigest, IncidentId, PartyCode
from gsomia.instants import Instant

Document = dict[str, Any]
Told = tuple[str, int, str, str, str]
"""When, number under its author, author, what, and the digest of what was signed or committed to."""


def list_incidents(tx: Tx) -> list[Document]:
    """Every incident this node knows, ours and partners', with where it stands."""
    ours = [
        {
            "incident": case.id,
            "where": "here",
            "party": None,
            "what": case.what,
            "discovered": str(case.discovered),
            "state": "closed" if is_closed(tx, case.id) else "open",
        }
        for case in tx.every(IncidentCase)
    ]
    heard: dict[IncidentId, IncidentReported] = {}
    for one in told_only(tx):
        known = heard.get(one.incident)
        if known is None or known.report.serial < one.report.serial:
            heard[one.incident] = one
    theirs = [
        {
            "incident": one.incident,
            "where": one.party,
            "party": one.party,
            "what": one.report.what,
            "discovered": str(one.report.discovered),
            "state": "result told" if one.report.stage is ReportStage.FINAL else "open",
        }
        for one in heard.values()
    ]
    return [*ours, *theirs]


def show_incident(desk: Desk, incident: IncidentId) -> Document:
    """An incident with its reports, duties, answers about its radius, and the time line of both sides.

    Raises:
        LocalError: neither side opened one of that id.
    """
    now = desk.clock()

    def read(tx: Tx) -> Document:
        case = tx.latest(IncidentCase, id=incident)
        reports = tx.every(IncidentReported, incident=incident)
        if case is None and not reports:
            raise unknown_incident(incident)
        found: Document = {"incident": incident, "where": "here" if case else reports[0].party}
        if case is not None:
            found |= {
                "state": "closed" if is_closed(tx, incident) else "open",
                "case": canon.plain(case),
            }
        else:
            last = max(reports, key=lambda one: one.report.serial).report
            found |= {"state": "result told" if last.stage is ReportStage.FINAL else "open", "case": None}
        return {
            **found,
            "reports": [_report(tx, one) for one in reports],
            "duties": [clock_document(one, now) for one in incident_clocks(tx, desk, now) if one.reference == incident],
            "elsewhere": [canon.plain(one.answer) for one in tx.every(RadiusAnswered, incident=incident)],
            "timeline": time_line(tx, desk.party, incident),
        }

    return desk.store.run(read)


def time_line(tx: Tx, us: PartyCode, incident: IncidentId) -> list[Document]:
    """Both sides' lines in one order; `shared` says with whom, `own` is ours alone."""
    own: dict[tuple[str, int], CaseEntry] = {(us, one.number): one for one in entries_of(tx, incident)}
    shared: dict[Told, set[PartyCode]] = {}
    for other, lines in _shared(tx, us, incident):
        for line in lines:
            shared.setdefault(line, set()).add(other)
    told = {(author, number) for _, number, author, _, _ in shared}
    hidden = [
        (str(one.at), one.number, us, one.what.value, one.commitment)
        for (_, number), one in own.items()
        if (us, number) not in told
    ]
    document = []
    for line in sorted([*shared, *hidden]):
        at, number, author, what, digest = line
        entry = own.get((author, number)) if number else None
        document.append(
            {
                "at": at,
                "party": author,
                "number": number,
                "what": what,
                "digest": digest,
                "shared": sorted(shared.get(line, ())),
                "own": {"by": entry.by, "words": entry.words} if entry else None,
            }
        )
    return document


def radius_document(desk: Desk, subject: IncidentSubject, window: Window) -> Document:
    """The blast radius of a subject at this side, named in full; for our own people only.

    Raises:
        LocalError: the register has no such thing.
    """

    def read(tx: Tx) -> tuple[dict[str, list[str]], Radius]:
        require_known(tx, subject)
        seen: Seen = {}
        met = concerned(tx, subject, window, seen=seen)
        radius = blast_radius(tx, sorted(met), window, seen=seen)
        return {item: sorted(copies) for item, copies in sorted(met.items())}, radius

    met, radius = desk.store.run(read)
    return {
        "subject": canon.plain(subject),
        "intact": str(window.intact),
        "discovered": str(window.discovered),
        "concerned": met,
        "derived": canon.plain(radius.derived),
        "copies": [
            {
                "item": line.item,
                "copy": line.copy,
                "place": line.place.value,
                "custodian": line.custodian,
                "holder": line.holder,
                "container": line.container,
            }
            for line in radius.copies
        ],
        "readers": canon.plain(radius.readers),
        "hands": canon.plain(radius.hands),
        "containers": canon.plain(radius.containers),
        "packages": canon.plain(radius.packages),
        "onward": canon.plain(radius.onward),
        "contractors": canon.plain(radius.contractors),
    }


def clock_document(clock: Any, now: Instant) -> Document:  # noqa: ANN401  an IncidentClock
    """A duty with its clock, as people read it."""
    return {
        **canon.plain(clock),
        "alarmed": clock.is_alarmed(now),
        "late": clock.is_late(now),
        "rule": "house rule A-12",
    }


def _report(tx: Tx, one: IncidentReported) -> Document:
    answer = acknowledged(tx, one)
    return {
        **canon.plain(one.report),
        "direction": one.direction,
        "statement": one.statement,
        "refused": refusal_of(tx, one.statement) if one.direction == "own" else None,
        "acknowledged": str(answer.acknowledgement.at) if answer else None,
    }


def _shared(tx: Tx, us: PartyCode, incident: IncidentId) -> Iterator[tuple[PartyCode, list[Told]]]:
    for one in tx.every(IncidentReported, incident=incident):
        report = one.report
        if one.direction == "own" and refusal_of(tx, one.statement) is not None:
            continue  # the other side has not got it
        first = _line(report.at, report.party, f"report-{report.stage}", one.statement)
        yield _other(us, report.party, report.to), [first, *_entered(report.party, report.lines)]
    for answer in tx.every(IncidentAcknowledged, incident=incident):
        said = answer.acknowledgement
        first = _line(said.at, said.party, "acknowledged", answer.statement)
        yield _other(us, said.party, said.to), [first, *_entered(said.party, said.lines)]
    for asked in tx.every(RadiusAsked, incident=incident):
        question = asked.question
        line = _line(question.at, question.party, "radius-asked", canon.digest(question))
        yield _other(us, question.party, question.to), [line]
    for known in tx.every(RadiusAnswered, incident=incident):
        reply = known.answer
        line = _line(reply.at, reply.party, "radius-answered", canon.digest(reply))
        yield _other(us, reply.party, reply.to), [line]


def _line(at: Instant, party: PartyCode, what: str, digest: HexDigest) -> Told:
    return str(at), 0, party, what, digest


def _entered(party: PartyCode, lines: Iterable[ToldLine]) -> list[Told]:
    return [(str(line.at), line.number, party, line.what.value, line.commitment) for line in lines]


def _other(us: PartyCode, party: PartyCode, to: PartyCode) -> PartyCode:
    return to if party == us else party
