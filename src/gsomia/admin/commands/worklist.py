"""`worklist`: what is due, for whom, until when; `registry report`: the figures of a year from the ledger."""

from dataclasses import fields
from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.admin.commands.day_zero import write_new
from gsomia.admin.tables import print_csv
from gsomia.errors import LocalError
from gsomia.flows import yearly_report
from gsomia.flows.worklist import list_worklist
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office
from gsomia.policy import Basis, Duty, DutyState
from gsomia.registry import yearly

YEAR = Param(name="year", kind="number", help="which year, of Seoul and Tokyo", required=True)


def _worklist(call: Call) -> Document:
    now = read_instant(call.text("on")) if call.maybe("on") else call.desk.clock()
    duties = list_worklist(
        call.desk,
        now=now,
        offices=frozenset(map(_office, call.many("role"))) or None,
        person=check_word("person", call.person) if call.person else None,
        facility=call.maybe("facility"),
    )
    states = [duty.state(now) for duty in duties]
    return {
        "at": str(now),
        **{str(state): states.count(state) for state in DutyState},
        "duties": [_duty(duty, now=now) for duty in duties],
    }


def _office(text: str) -> Office:
    try:
        return Office(text)
    except ValueError as cause:
        raise LocalError(
            "admin/not-an-office", f"`{text[:40]}` is no office", remedy=f"one of {', '.join(Office)}"
        ) from cause


def _duty(duty: Duty, *, now: Instant) -> Document:
    rule = duty.rule
    return {
        "state": duty.state(now),
        "due": str(duty.due) if duty.due else None,
        "what": duty.clock,
        "subject": duty.subject,
        "clause": rule.clause,
        "basis": rule.basis,
        "limit": rule.limit if rule.basis is not Basis.HOUSE else f"{rule.limit} ({rule.basis})",
        "party": duty.party,
        "facility": duty.facility,
        "roles": [] if duty.person else list(duty.offices),
        "person": duty.person,
        "since": str(duty.since),
        "do": f"gsomia {duty.command}",
    }


def _report(call: Call) -> Document:
    report = yearly_report.draw_report(call.desk, year=call.text("year"))
    told = _told(call, report)
    if call.maybe("out"):
        _write(Path(call.text("out")), report)
        told["file"] = call.text("out")
    return told


def _issue(call: Call) -> Document:
    issued = yearly_report.issue_report(call.desk, call.actor(*yearly_report.OFFICES), year=call.text("year"))
    return _told(call, issued.act.body)


def _told(call: Call, report: yearly.YearlyReport) -> Document:
    return {
        "party": report.party,
        "year": report.year,
        "since": str(report.since),
        "until": str(report.until),
        "over": report.over,
        "digest": canon.digest(report),
        "events": report.events,
        "balances": all(line.balances for line in report.held),
        "held": [canon.plain(line) for line in report.held],
        "partners": [canon.plain(line) for line in report.partners],
        "disclosed": report.disclosed,
        "incidents": report.incidents,
        "musters": report.musters,
        "issued": [
            {"digest": one.digest, "until": str(one.act.body.until), "at": str(one.at)}
            for one in yearly_report.issued_reports(call.desk, year=report.year)
        ],
    }


def _write(out: Path, report: yearly.YearlyReport) -> None:
    if out.suffix == ".csv":
        write_new(out, print_csv(report_rows(report)))
    elif out.suffix == ".pdf":
        from gsomia.admin.report_pdf import print_report  # noqa: PLC0415  every command would pay for it

        write_new(out, print_report(report_rows(report), report))
    else:
        raise LocalError(
            "admin/not-a-report", f"`{out.name}` is neither CSV nor PDF", remedy="name the file .csv or .pdf"
        )


def report_rows(report: yearly.YearlyReport) -> list[list[str]]:
    """The report as rows: whose, level, figure, count; figures of nought are left out.

    Source: F-23.
    """
    rows = [["whose", "level", "figure", "count"]]
    lines: tuple[yearly.HeldLine | yearly.PartnerLine, ...] = (*report.held, *report.partners)
    for line in lines:
        names = [one.name for one in fields(line)]
        whose, level, *figures = names
        part = "with " if isinstance(line, yearly.PartnerLine) else "of "
        rows += [
            [part + str(getattr(line, whose)), str(getattr(line, level)), name, str(getattr(line, name))]
            for name in figures
            if getattr(line, name) or name.startswith("held")
        ]
    for name in ("disclosed", "incidents", "musters"):
        rows.append(["", "", name, str(getattr(report, name))])
    return rows


COMMANDS = (
    Command(
        name="worklist",
        help="what is due, nearest deadline first, with its limit and the command that does it",
        run=_worklist,
        params=(
            Param(
                name="role",
                help="only what this office may do; repeatable; with --as, the person's if left out",
                many=True,
            ),
            Param(name="facility", help="only what is to be done there, or anywhere"),
            Param(name="on", help="as it will be at this day or time if nobody acts; now if left out"),
        ),
        keys=False,
    ),
    Command(
        name="registry report",
        help="the yearly report, from the ledger alone; CSV or PDF with --out",
        run=_report,
        params=(YEAR, Param(name="out", kind="path", help="a new file, .csv or .pdf")),
        keys=False,
    ),
    Command(
        name="registry issue-report",
        help="sign the yearly report as it is drawn now, and enter it",
        run=_issue,
        params=(YEAR,),
        acts=True,
        keys=False,
    ),
)
