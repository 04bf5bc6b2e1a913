"""What people do about an incident: raise it, tell the originator, look into it, and end it.

1. Anyone of ours who sees something raises it; suspicion is enough. Raised by a control or security officer, the first
   notice goes out in the same act. If the record takes nothing, it goes out all the same, UNRECORDED (law 2).
2. Control and security officers run the case: notes, investigation, findings, measures, reports.
3. Found again is no end: it is entered, told, and closed like any other (A-13).
4. It is closed when every originator has been told the result and the measures, and not before.

Source: G17-1 to G17-5, A-12, A-13, F-17, design 2.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import (
    CASE_SALT_BYTES,
    Account,
    CaseEntry,
    CaseMoment,
    IncidentCase,
    IncidentReport,
    IncidentReported,
    IncidentSubject,
    ReportStage,
    SubjectKind,
    lacks_result,
)
from gsomia.flows.case_file import (
    enter_entry,
    entries_of,
    is_result_told,
    new_entry,
    open_case,
    read_words,
    told_reports,
)
from gsomia.flows.custody import copy_line, move_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.incident_addressees import Addressee, addressees
from gsomia.flows.incident_cases import (
    can_be_lost,
    enter_case,
    instruments_of,
    last_intact,
    party_of,
    subject_of,
    within_one_case,
)
from gsomia.flows.incident_reports import (
    OFFICES,
    SignedReport,
    draft_report,
    enter_report,
    sign_report,
)
from gsomia.flows.incidents import find_mark
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Window, concerned, require_known
from gsomia.flows.spare import keep_notice
from gsomia.ids import CopyId, HexDigest, IncidentId, PartyCode, new_incident_id
from gsomia.instants import Instant
from gsomia.registry import CustodyEvent, CustodyKind, IncidentMark, Suspicion


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An incident was opened; `recorded` is False if the log took nothing and the notice goes out from elsewhere."""

    case: IncidentCase
    reports: tuple[IncidentReport, ...]
    recorded: bool


def open_incident(
    desk: Desk,
    actor: Actor,
    *,
    words: str,
    subject: IncidentSubject | None = None,
    what: Suspicion = Suspicion.LOSS,
    mark: HexDigest | None = None,
    discovered: Instant | None = None,
    intact: Instant | None = None,
    lost: bool = False,
) -> Raised:
    """Raise an incident on suspicion, from a mark or about one thing.

    Args:
        desk: ours.
        actor: anyone of ours; an officer for it tells the originators in the same act.
        words: the circumstances; they stay here.
        subject: what it is about; a mark says so itself.
        what: was seen; likewise.
        mark: the mark that it takes up, whose clock goes on.
        discovered: when; now if nobody says, and never later than the mark was set.
        intact: when all was last seen in order; if nobody says, since the first of the items came.
        lost: whether the copy cannot be found, so that the ledger says so.

    Raises:
        LocalError: no such thing, no such mark, a time that has not come, or no words or too many.
        RefusedError: more items than one case tells of.

    Source: G17-1, F-17, A-12, A-13.
    """
    person, now, words = require_own_key(desk, actor), desk.clock(), read_words(words)
    officer = bool(set(person.offices) & set(OFFICES)) and actor.hand.office in OFFICES

    def read(tx: Tx) -> tuple[IncidentCase, IncidentMark | None, tuple[Addressee, ...]]:
        seen = find_mark(tx, desk, mark, now) if mark else None
        about = subject_of(tx, seen) if seen else subject
        if about is None:
            raise LocalError(
                "flows/incident-about-nothing", "it is about nothing", remedy="name it, or a mark: `--from`"
            )
        require_known(tx, about)
        found_at = discovered or now
        if seen is not None:
            found_at = min(found_at, seen.at)
        since = Instant(0) if intact is None else intact
        _check_times(since, found_at, now)
        met = concerned(tx, about, Window(intact=since, discovered=found_at))
        items = within_one_case(met)
        case = IncidentCase(
            id=new_incident_id(desk.entropy),
            mark=mark,
            what=seen.what if seen else what,
            subject=about,
            party=seen.party if seen else party_of(tx, about),
            items=items,
            instruments=instruments_of(tx, items),
            lost=lost,
            intact=intact if intact is not None else min(found_at, last_intact(tx, met, discovered=found_at)),
            discovered=found_at,
            by=actor.person,
            at=now,
        )
        if lost:
            _check_can_be_lost(tx, case)
        return case, seen, addressees(tx, desk.party, case)

    case, seen, told = desk.store.run(read)
    opened = CaseEntry(
        incident=case.id,
        number=1,
        what=CaseMoment.OPENED,
        words=words,
        salt=desk.entropy(CASE_SALT_BYTES),
        by=actor.person,
        at=now,
    )
    account = Account(narrative=f"suspected: {case.what}; an account follows")  # never the words: they stay here
    signed = tuple(_first(desk, actor, case, one, account=account, now=now, opened=opened) for one in told if officer)

    def unit(tx: Tx) -> None:
        enter_case(tx, desk, case, mark=seen, opened=opened)
        for one in signed:
            enter_report(tx, desk, one)

    recorded = _or_unrecorded(desk, actor, case, unit, mark=seen, opened=opened, reports=signed)
    return Raised(case=case, reports=tuple(one.report for one in signed), recorded=recorded)


def report_incident(
    desk: Desk,
    actor: Actor,
    incident: IncidentId,
    *,
    stage: ReportStage,
    account: Account,
    to: PartyCode | None = None,
) -> Raised:
    """Report on a case to its originator: first, interim or final; each is told of its own items only.

    Args:
        desk: ours.
        actor: a control or security officer.
        incident: ours.
        stage: which report.
        account: what the person writes; of items of several originators, to one of them at a time.
        to: the addressee, if there are several.

    Raises:
        LocalError: no such case, nobody to tell, or several and none named.
        RefusedError: not the act of such an officer, or it lacks what a report of this stage must have.

    Source: G17-1, G17-3, G17-4, F-17.
    """
    require_office(desk, actor, *OFFICES, clause="G17-1")
    now = desk.clock()

    def read(tx: Tx) -> tuple[IncidentCase, Addressee, IncidentReport]:
        case = open_case(tx, incident)
        addressee = _addressee(addressees(tx, desk.party, case), incident, to)
        _check_order(tx, incident, addressee.party, stage)
        return case, addressee, draft_report(tx, desk, case, addressee, stage=stage, account=account, now=now)

    case, addressee, report = desk.store.run(read)
    signed = sign_report(desk, actor, report, addressee)

    def unit(tx: Tx) -> None:
        open_case(tx, incident)
        enter_report(tx, desk, signed)

    if stage is ReportStage.FIRST:
        recorded = _or_unrecorded(desk, actor, case, unit, mark=None, opened=None, reports=(signed,))
    else:
        desk.store.run(unit)
        recorded = True
        desk.said(signed.queue)
    return Raised(case=case, reports=(report,), recorded=recorded)


def enter_in_case(desk: Desk, actor: Actor, incident: IncidentId, what: CaseMoment, *, words: str) -> CaseEntry:
    """Enter a note, the opening of the investigation, a finding or a measure.

    The words of a finding or a measure are told word for word, to every originator, in the final report; the words of
    anything else stay here. At the originator's side notes are kept the same way, under the number of the case.

    Raises:
        LocalError: no such case, it was closed, or no words or too many.
        RefusedError: not the act of a control or security officer, or a finding before any investigation.

    Source: G17-2, G17-3, F-17.
    """
    require_office(desk, actor, *OFFICES, clause="G17-2")
    words = read_words(words)

    def unit(tx: Tx) -> CaseEntry:
        if what is not CaseMoment.NOTED or not _is_heard(tx, incident):
            open_case(tx, incident)
        if what is CaseMoment.FINDING and CaseMoment.INVESTIGATION not in _moments(entries_of(tx, incident)):
            raise _not_investigated(incident, (("G17-2", "an investigation"),))
        entry = new_entry(tx, desk, incident, what, words=words, by=actor.person, at=desk.clock())
        enter_entry(tx, desk, entry)
        return entry

    return desk.store.run(unit)


def find_again(desk: Desk, actor: Actor, incident: IncidentId, *, copy: CopyId | None, words: str) -> CaseEntry:
    """The copy was found: it is in the finder's hand, and the case goes on to its closing notice.

    Raises:
        LocalError: no such case, it was closed, or no words or too many.
        RefusedError: not the act of a control or security officer.
        RegisterError: the copy is not lost.

    Source: A-13, LEDGER-1.
    """
    require_office(desk, actor, *OFFICES, clause="A-13")
    words = read_words(words)

    def unit(tx: Tx) -> CaseEntry:
        case = open_case(tx, incident)
        which = copy or case.subject.copy
        if case.lost and which is not None:
            line = copy_line(tx, case.items[0], which)
            found = CustodyEvent(
                item=line.item,
                copy=line.copy,
                kind=CustodyKind.FOUND,
                custodian=desk.party,
                by=actor.person,
                at=desk.clock(),
            )
            move_copy(tx, desk, found)
        entry = new_entry(tx, desk, incident, CaseMoment.FOUND_AGAIN, words=words, by=actor.person, at=desk.clock())
        enter_entry(tx, desk, entry)
        return entry

    return desk.store.run(unit)


def close_incident(desk: Desk, actor: Actor, incident: IncidentId, *, words: str) -> CaseEntry:
    """Close a case: investigated, measures taken, and every originator told of both in a final report.

    Raises:
        LocalError: no such case, it was closed, or no words or too many.
        RefusedError: not the act of a control or security officer; no investigation, finding or measure; or an
            originator has no final report that it took, or none with all of the result.

    Source: G17-2, G17-3, A-13.
    """
    require_office(desk, actor, *OFFICES, clause="G17-3")
    words = read_words(words)

    def unit(tx: Tx) -> CaseEntry:
        case = open_case(tx, incident)
        lacking = lacks_result(_moments(entries_of(tx, incident)))
        if lacking:
            raise _not_investigated(incident, lacking)
        for one in addressees(tx, desk.party, case):
            if not is_result_told(tx, incident, to=one.party):
                raise RefusedError(
                    "flows/result-not-told",
                    f"`{one.party}` has no final report on `{incident}` with all that was entered as its result",
                    remedy=f"gsomia incident report {incident} --stage final --to {one.party}",
                    clauses=("G17-3", "A-13"),
                )
        entry = new_entry(tx, desk, incident, CaseMoment.CLOSED, words=words, by=actor.person, at=desk.clock())
        enter_entry(tx, desk, entry)
        return entry

    return desk.store.run(unit)


def _first(
    desk: Desk,
    actor: Actor,
    case: IncidentCase,
    to: Addressee,
    *,
    account: Account,
    now: Instant,
    opened: CaseEntry,
) -> SignedReport:
    def read(tx: Tx) -> IncidentReport:
        return draft_report(tx, desk, case, to, stage=ReportStage.FIRST, account=account, now=now, also=opened)

    return sign_report(desk, actor, desk.store.run(read), to)


def _or_unrecorded(
    desk: Desk,
    actor: Actor,
    case: IncidentCase,
    unit: Callable[[Tx], None],
    *,
    mark: IncidentMark | None,
    opened: CaseEntry | None,
    reports: tuple[SignedReport, ...],
) -> bool:
    """Enter and queue first notices; if the record takes nothing they are kept beside it and go out all the same."""
    recorded = True
    try:
        desk.store.run(unit)
    except UnavailableError:
        if not reports:
            raise
        keep_notice(desk, actor.person, case, mark=mark, opened=opened, reports=reports)
        recorded = False
    for one in reports:
        desk.said(one.queue)
    return recorded


def _check_times(intact: Instant, discovered: Instant, now: Instant) -> None:
    if not intact <= discovered <= now:
        raise LocalError(
            "flows/incident-times",
            "last seen intact comes before the discovery, and that before now",
            remedy="see `--intact` and `--discovered`",
        )


def _check_can_be_lost(tx: Tx, case: IncidentCase) -> None:
    copy = case.subject.copy
    if case.subject.kind is not SubjectKind.COPY or copy is None:
        raise LocalError("flows/nothing-to-lose", "only one copy is entered as lost", remedy="name it: `--copy`")
    if not can_be_lost(tx, case.items[0], copy):
        raise LocalError(
            "flows/nothing-to-lose",
            f"copy {copy} is neither here nor on its way",
            remedy="see `item show`",
        )


def _check_order(tx: Tx, incident: IncidentId, to: PartyCode, stage: ReportStage) -> None:
    said = {one.report.stage for one in told_reports(tx, incident, to=to)}
    ended = ReportStage.FINAL in said and (stage is not ReportStage.FINAL or is_result_told(tx, incident, to=to))
    if (stage is ReportStage.FIRST) is not (not said) or ended:
        raise RefusedError(
            "flows/report-out-of-order",
            f"`{to}` has {', '.join(sorted(said)) or 'no'} report on `{incident}`: no {stage} one now",
            remedy="first, then interim ones, and a final one in the end; one more if its result was added to",
            clauses=("F-17",),
        )


def _addressee(found: tuple[Addressee, ...], incident: IncidentId, to: PartyCode | None) -> Addressee:
    named = [one for one in found if to in {None, one.party}]
    if len(named) != 1:
        told = ", ".join(one.party for one in found) or "nobody: all is our own"
        raise LocalError(
            "flows/whom-to-tell",
            f"of `{incident}` is told: {told}",
            remedy="name one of them: `--to`" if found else "enter it in the case: `gsomia incident note`",
        )
    return named[0]


def _is_heard(tx: Tx, incident: IncidentId) -> bool:
    return tx.count(IncidentReported, incident=incident, direction="heard") > 0


def _moments(entries: Iterable[CaseEntry]) -> list[CaseMoment]:
    return [one.what for one in entries]


def _not_investigated(incident: IncidentId, lacking: tuple[tuple[str, str], ...]) -> RefusedError:
    return RefusedError(
        "flows/not-investigated",
        f"the incident `{incident}` lacks {', '.join(what for _, what in lacking)}",
        remedy="enter them: `gsomia incident investigate`, `incident finding`, `incident measure`",
        clauses=tuple(dict.fromkeys(clause for clause, _ in lacking)),
    )
