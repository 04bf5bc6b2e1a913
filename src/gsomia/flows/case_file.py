"""What a node has on an incident: its own case or a partner's, the entries, what was told to whom, what is still open.

Source: G17-1 to G17-3, A-36, F-17.
"""

from gsomia import canon
from gsomia.agreements import Words
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import (
    CASE_SALT_BYTES,
    RESULT,
    CaseEntry,
    CaseMoment,
    IncidentAcknowledged,
    IncidentCase,
    IncidentReported,
    OpenedLine,
    ReportStage,
    ToldLine,
)
from gsomia.flows.desk import Desk
from gsomia.flows.incidents import is_closed
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.ids import HexDigest, IncidentId, InstrumentId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.registry import CopyLine


def get_case(tx: Tx, incident: IncidentId) -> IncidentCase:
    """A case of ours.

    Raises:
        LocalError: we opened none of that id.
    """
    case = tx.latest(IncidentCase, id=incident)
    if case is None:
        raise unknown_incident(incident)
    return case


def open_case(tx: Tx, incident: IncidentId) -> IncidentCase:
    """A case of ours that was not closed.

    Raises:
        LocalError: we opened none of that id, or it was closed.
    """
    case = get_case(tx, incident)
    if is_closed(tx, incident):
        raise LocalError(
            "flows/incident-closed",
            f"the incident `{incident}` was closed",
            remedy="what is seen from now on is an incident of its own: `gsomia incident open`",
        )
    return case


def unknown_incident(incident: IncidentId) -> LocalError:
    """There is no such incident."""
    return LocalError(
        "flows/unknown-incident", f"there is no such incident `{incident}`", remedy="see `gsomia incident list`"
    )


def entries_of(tx: Tx, incident: IncidentId) -> list[CaseEntry]:
    """What our people entered in a case, in the order of the numbers."""
    return tx.every(CaseEntry, incident=incident)


def read_words(text: str) -> str:
    """The words of an entry, as the record can take them and the spare journal can keep them.

    Raises:
        LocalError: there are none, or too many.
    """
    try:
        words: str = canon.check(text.strip(), Words)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/incident-words",
            "the words of an entry have from 1 to 500 characters",
            remedy="say it shorter, or in several entries: `gsomia incident note`",
        ) from cause
    return words


def new_entry(
    tx: Tx, desk: Desk, incident: IncidentId, what: CaseMoment, *, words: str, by: PersonId, at: Instant
) -> CaseEntry:
    """The next entry in a case, not yet entered; no number that was told is used again, even if the entry was lost."""
    used = [one.number for one in entries_of(tx, incident)]
    used += [one.number for one in told_lines(tx, desk.party, incident)]
    return CaseEntry(
        incident=incident,
        number=max(used, default=0) + 1,
        what=what,
        words=words,
        salt=desk.entropy(CASE_SALT_BYTES),
        by=by,
        at=at,
    )


def enter_entry(tx: Tx, desk: Desk, entry: CaseEntry) -> None:
    """Enter it; the log names it by number and code."""
    number = f"{entry.number}"
    enter(tx, desk, entry, event=Event.INCIDENT_ENTERED, subject=entry.incident, what=entry.what, number=number)


def heard_reports(tx: Tx, incident: IncidentId) -> list[IncidentReported]:
    """Reports a partner made to us, in the order in which it numbered them."""
    return sorted(tx.every(IncidentReported, incident=incident, direction="heard"), key=lambda one: one.report.serial)


def own_reports(tx: Tx, incident: IncidentId, *, to: PartyCode) -> list[IncidentReported]:
    """Reports of ours to one party, in their order."""
    return tx.every(IncidentReported, incident=incident, direction="own", to=to)


def refusal_of(tx: Tx, statement: HexDigest) -> str | None:
    """The code with which a report of ours was refused, by its addressee or by the hub."""
    refusal = tx.latest(RefusalRecord, subject=statement)
    return refusal.code if refusal else None


def told_reports(tx: Tx, incident: IncidentId, *, to: PartyCode) -> list[IncidentReported]:
    """Reports of ours to one party that were not refused: what was refused tells nothing.

    Source: G17-1, G17-3.
    """
    return [one for one in own_reports(tx, incident, to=to) if refusal_of(tx, one.statement) is None]


def is_result_told(tx: Tx, incident: IncidentId, *, to: PartyCode) -> bool:
    """Whether a party has a final report, with every finding and measure and with what was found again.

    Source: G17-3, A-13.
    """
    finals = [one.report for one in told_reports(tx, incident, to=to) if one.report.stage is ReportStage.FINAL]
    told = {line.number for report in finals for line in report.lines}
    due = {one.number for one in entries_of(tx, incident) if one.what in {*RESULT, CaseMoment.FOUND_AGAIN}}
    return bool(finals) and due <= told


def told_lines(tx: Tx, author: PartyCode, incident: IncidentId, *, to: PartyCode | None = None) -> list[ToldLine]:
    """The entries of one side of which it told a party, or anyone: in reports and in acknowledgements."""
    reports = tx.every(IncidentReported, incident=incident, party=author)
    answers = tx.every(IncidentAcknowledged, incident=incident, party=author)
    said = (
        *((one.to, one.report.lines) for one in reports),
        *((one.to, one.acknowledgement.lines) for one in answers),
    )
    return [line for addressee, lines in said if to in {None, addressee} for line in lines]


def lines_so_far(tx: Tx, incident: IncidentId) -> tuple[ToldLine, ...]:
    """Every entry of ours, as the other side is told of it."""
    return tuple(as_told(one) for one in entries_of(tx, incident))


def as_told(entry: CaseEntry) -> ToldLine:
    """An entry as the other side is told of it."""
    return ToldLine(number=entry.number, what=entry.what, commitment=entry.commitment, at=entry.at)


def results(tx: Tx, incident: IncidentId) -> tuple[OpenedLine, ...]:
    """Findings and measures, in full, as each originator is told of them in the end; of anything else no words cross.

    Source: G17-3.
    """
    return tuple(
        OpenedLine(number=one.number, what=one.what, words=one.words, salt=one.salt)
        for one in entries_of(tx, incident)
        if one.what in RESULT
    )


def acknowledged(tx: Tx, reported: IncidentReported) -> IncidentAcknowledged | None:
    """The acknowledgement of a report, if it came."""
    answers = tx.every(IncidentAcknowledged, incident=reported.incident, party=reported.to)
    return next((one for one in answers if one.acknowledgement.report == reported.statement), None)


def open_incidents(tx: Tx, desk: Desk, instrument: InstrumentId) -> int:
    """How many incidents under an instrument are open: ours not closed, a partner's without its final report.

    An incident that names no instrument is counted under each: nothing shows that it is about another.

    Source: A-36.
    """
    ours = [
        case
        for case in tx.every(IncidentCase)
        if (not case.instruments or instrument in case.instruments) and not is_closed(tx, case.id)
    ]
    told: dict[IncidentId, list[IncidentReported]] = {}
    for one in told_only(tx):
        told.setdefault(one.incident, []).append(one)
    theirs = [
        reports
        for reports in told.values()
        if all(one.report.stage is not ReportStage.FINAL for one in reports)
        and any(_is_under(tx, desk, one, instrument) for one in reports)
    ]
    return len(ours) + len(theirs)


def told_only(tx: Tx) -> list[IncidentReported]:
    """Reports on incidents of which this node has no case: a partner's, or ours if the record lost it."""
    return [one for one in tx.every(IncidentReported) if tx.latest(IncidentCase, id=one.incident) is None]


def _is_under(tx: Tx, desk: Desk, reported: IncidentReported, instrument: InstrumentId) -> bool:
    items = [item for one in reported.report.items for item in (one.item, *one.parents)]
    lines = [line for item in items for line in tx.lines(CopyLine, limit=100, item=item)]
    under = {line.instrument for line in lines if line.instrument is not None and line.custodian != desk.party}
    return not under or instrument in under
