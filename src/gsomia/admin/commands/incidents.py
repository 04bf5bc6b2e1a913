"""`incident`: raise one, tell its originator, look into it, see how far it reached, and end it."""

from collections.abc import Iterable

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.exchange import Account, CaseEntry, CaseMoment, IncidentSubject, ReportStage, SubjectKind
from gsomia.flows import cases, incident_view
from gsomia.flows.case_file import get_case
from gsomia.flows.cases import Raised
from gsomia.flows.incident_clocks import incident_clocks
from gsomia.flows.incident_radius import ask_radius
from gsomia.flows.incident_reports import OFFICES, acknowledge_report
from gsomia.flows.incidents import marks_due
from gsomia.flows.ports import Tx
from gsomia.flows.radius import Window
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office
from gsomia.registry import IncidentMark, Suspicion

ANYONE = (*OFFICES, *(office for office in Office if office not in OFFICES))
INCIDENT = Param(name="incident", help="incident id", positional=True, required=True)
WORDS = Param(name="words", help="what happened or was found; it stays here", required=True)
RESULT_WORDS = Param(
    name="words",
    help="told word for word to every originator, in the final report: offices and procedures, no persons",
    required=True,
)
TIMES = (
    Param(name="intact", help="when all was last seen in order; since the first of the items came if left out"),
    Param(name="discovered", help="when it was discovered; the clock counts from here, not from the entry"),
)
SUBJECT = (
    Param(name="item", help="about an item, or with --copy about one copy of it"),
    Param(name="copy", help="the copy"),
    Param(name="container", help="about a container"),
    Param(name="package", help="about a package"),
    Param(name="person", help="about a person of ours"),
    Param(name="facility", help="about a facility"),
    Param(name="call", help="about words on the hotline, by their reference", free=True),
)
ACCOUNT = ("search", "cause", "responsible", "reply", "damage")


def _open(call: Call) -> Document:
    what = call.maybe("what") or Suspicion.LOSS
    if what not in set(Suspicion):
        raise LocalError(
            "admin/unknown-suspicion", "there is no such suspicion", remedy="one of: " + ", ".join(Suspicion)
        )
    mark = call.maybe("from")
    subject = _subject(call)
    if (mark is None) is (subject is None):
        raise LocalError(
            "admin/one-subject",
            "it is about one thing, or taken from a mark",
            remedy="`--item …`, or `--from MARK`",
        )
    raised = cases.open_incident(
        call.desk,
        call.actor(*ANYONE),
        words=call.text("words"),
        subject=subject,
        what=Suspicion(what),
        mark=call.word("digest", mark) if mark else None,
        discovered=_time(call, "discovered"),
        intact=_time(call, "intact"),
        lost=bool(call.maybe("lost")),
    )
    return {**_raised(raised), "items": list(raised.case.items), "discovered": str(raised.case.discovered)}


def _report(call: Call) -> Document:
    stage = call.text("stage")
    if stage not in set(ReportStage):
        raise LocalError("admin/unknown-stage", "there is no such report", remedy=_one_of(ReportStage))
    facts = {"narrative": call.text("words"), **{name: call.maybe(name) for name in ACCOUNT}}
    raised = cases.report_incident(
        call.desk,
        call.actor(*OFFICES),
        call.text("incident"),
        stage=ReportStage(stage),
        account=canon.check(facts, Account),
        to=call.maybe("to"),
    )
    return _raised(raised)


def _entry(call: Call, what: CaseMoment) -> Document:
    return _entered(
        cases.enter_in_case(call.desk, call.actor(*OFFICES), call.text("incident"), what, words=call.text("words"))
    )


def _investigate(call: Call) -> Document:
    return _entry(call, CaseMoment.INVESTIGATION)


def _finding(call: Call) -> Document:
    return _entry(call, CaseMoment.FINDING)


def _measure(call: Call) -> Document:
    return _entry(call, CaseMoment.MEASURE)


def _note(call: Call) -> Document:
    return _entry(call, CaseMoment.NOTED)


def _found(call: Call) -> Document:
    return _entered(
        cases.find_again(
            call.desk, call.actor(*OFFICES), call.text("incident"), copy=call.maybe("copy"), words=call.text("words")
        )
    )


def _close(call: Call) -> Document:
    return _entered(
        cases.close_incident(call.desk, call.actor(*OFFICES), call.text("incident"), words=call.text("words"))
    )


def _acknowledge(call: Call) -> Document:
    made = acknowledge_report(call.desk, call.actor(*OFFICES), call.text("incident"))
    return {"incident": made.incident, "to": made.to, "serial": made.serial, "report": made.report}


def _ask(call: Call) -> Document:
    made = ask_radius(call.desk, call.actor(*OFFICES), call.text("incident"), to=call.text("to"))
    return {"incident": made.incident, "question": made.id, "to": made.to, "items": list(made.items)}


def _radius(call: Call) -> Document:
    subject, incident = _subject(call), call.maybe("incident")
    now = call.desk.clock()
    if (incident is None) is (subject is None):
        raise LocalError("admin/one-subject", "a radius is of one thing", remedy="`--item …`, or an incident's id")
    window = Window(intact=_time(call, "intact") or Instant(0), discovered=_time(call, "discovered") or now)
    if incident is not None:
        case = call.desk.store.run(lambda tx: get_case(tx, incident))
        subject, window = case.subject, Window(intact=case.intact, discovered=case.discovered)
    if subject is None:
        msg = "one of the two is given"
        raise RuntimeError(msg)
    return incident_view.radius_document(call.desk, subject, window)


def _show(call: Call) -> Document:
    return incident_view.show_incident(call.desk, call.text("incident"))


def _list(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        clocks = incident_clocks(tx, call.desk, now)
        return {
            "incidents": incident_view.list_incidents(tx),
            "duties": [incident_view.clock_document(one, now) for one in clocks],
        }

    return call.desk.store.run(read)


def _marks(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        due = marks_due(tx, call.desk, call.desk.clock())
        waiting = {mark.digest for mark in due}
        every = {mark.digest: mark for mark in (*tx.every(IncidentMark), *due)}
        return {
            "incidents": [
                {**canon.plain(mark), "mark": digest, "due": digest in waiting} for digest, mark in every.items()
            ]
        }

    return call.desk.store.run(read)


def _subject(call: Call) -> IncidentSubject | None:
    kinds = [kind for kind in SubjectKind if kind is not SubjectKind.COPY and call.maybe(kind.value)]
    if not kinds:
        return None
    if len(kinds) > 1:
        raise LocalError("admin/one-subject", "an incident is about one thing", remedy="open one for each")
    kind, copy = kinds[0], call.maybe("copy")
    if copy is not None and kind is SubjectKind.ITEM:
        return IncidentSubject(kind=SubjectKind.COPY, id=call.text("item"), copy=copy)
    return IncidentSubject(kind=kind, id=call.text(kind.value))


def _one_of(kind: Iterable[str]) -> str:
    return "one of: " + ", ".join(kind)


def _time(call: Call, name: str) -> Instant | None:
    text = call.maybe(name)
    return read_instant(text) if text else None


def _raised(raised: Raised) -> Document:
    return {
        "incident": raised.case.id,
        "told": [{"to": one.to, "stage": one.stage.value, "serial": one.serial} for one in raised.reports],
        "recorded": raised.recorded,
        "state": "open" if raised.recorded else "open, UNRECORDED",
    }


def _entered(entry: CaseEntry) -> Document:
    return {
        "incident": entry.incident,
        "number": entry.number,
        "what": entry.what.value,
        "commitment": entry.commitment,
        "at": str(entry.at),
    }


COMMANDS = (
    Command(
        name="incident open",
        help="raise an incident; suspicion is enough, and an officer tells at once, without the words",
        run=_open,
        params=(
            *SUBJECT,
            Param(name="from", help="a mark that it takes up, as `incident marks` prints it"),
            Param(name="what", help="one of: " + ", ".join(Suspicion)),
            WORDS,
            *TIMES,
            Param(name="lost", help="the copy cannot be found: the ledger has it as lost", kind="flag"),
        ),
        acts=True,
    ),
    Command(
        name="incident report",
        help="tell the originator: first, interim or final; what the register knows is filled in (F-17)",
        run=_report,
        params=(
            INCIDENT,
            Param(name="stage", help="first, interim or final", required=True),
            Param(name="to", help="the addressee, if there are several"),
            Param(name="words", help="the narrative; offices and procedures, no persons", required=True),
            Param(name="search", help="the search that was made"),
            Param(name="cause", help="the cause"),
            Param(name="responsible", help="the office or procedure responsible"),
            Param(name="reply", help="what they reply"),
            Param(name="damage", help="the damage as it is estimated"),
        ),
        acts=True,
    ),
    Command(
        name="incident investigate",
        help="open the investigation: who looks into what",
        run=_investigate,
        params=(INCIDENT, WORDS),
        acts=True,
    ),
    Command(
        name="incident finding",
        help="enter what was found",
        run=_finding,
        params=(INCIDENT, RESULT_WORDS),
        acts=True,
    ),
    Command(
        name="incident measure",
        help="enter a measure against repetition",
        run=_measure,
        params=(INCIDENT, RESULT_WORDS),
        acts=True,
    ),
    Command(
        name="incident note",
        help="enter a note in a case, ours or a partner's; the other side learns that there is one",
        run=_note,
        params=(INCIDENT, WORDS),
        acts=True,
    ),
    Command(
        name="incident found",
        help="enter that what was missing is found; the case goes on to its closing notice",
        run=_found,
        params=(INCIDENT, Param(name="copy", help="which copy"), WORDS),
        acts=True,
    ),
    Command(
        name="incident close",
        help="close a case: investigated, measures taken, and every originator told of both",
        run=_close,
        params=(INCIDENT, WORDS),
        acts=True,
    ),
    Command(
        name="incident acknowledge",
        help="acknowledge the oldest report of a partner that nobody acknowledged",
        run=_acknowledge,
        params=(INCIDENT,),
        acts=True,
    ),
    Command(
        name="incident ask",
        help="ask a partner how far our own items reached there; its node answers in numbers",
        run=_ask,
        params=(INCIDENT, Param(name="to", help="the holder", required=True)),
        acts=True,
    ),
    Command(
        name="incident radius",
        help="what something reached here: copies, derived items, readers, hands, places, onward releases",
        run=_radius,
        params=(Param(name="incident", help="incident id, or one of the rest", positional=True), *SUBJECT, *TIMES),
        keys=False,
    ),
    Command(
        name="incident show",
        help="an incident, its reports and duties, and the time line of both sides",
        run=_show,
        params=(INCIDENT,),
        keys=False,
    ),
    Command(name="incident list", help="every incident, and what is due about each", run=_list, keys=False),
    Command(
        name="incident marks",
        help="what was seen that may be an incident, and what waits",
        run=_marks,
        keys=False,
    ),
)
