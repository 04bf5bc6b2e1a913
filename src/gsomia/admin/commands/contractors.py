"""`contractor`: the files of contractors and subcontractors, and opening an item to one."""

from enum import StrEnum
from typing import TypeVar

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.admin.commands.decisions import ITEM, answer_document
from gsomia.admin.commands.people import UNTIL, until
from gsomia.errors import LocalError
from gsomia.flows import contractor_release, contractors
from gsomia.flows.ports import Tx
from gsomia.instants import Instant, Validity, read_instant
from gsomia.labels import ClearanceStatus, clearance_upto
from gsomia.parties import Office
from gsomia.policy import Measure
from gsomia.registry import (
    Contractor,
    ContractorAppointment,
    ContractorBriefing,
    ContractorClearance,
    ContractorInspection,
    ContractorMeasure,
    ContractorReleased,
    InspectionFinding,
    InspectionKind,
)

W = TypeVar("W", bound=StrEnum)
CONTRACTOR = Param(name="contractor", help="short name of the contractor", positional=True, required=True)
TO = Param(name="to", help="short name of the contractor", required=True, free=True)
PERSON = Param(name="person", help="short name of the person", required=True)
LISTED = Param(name="listed", help="somebody on its list; repeatable; the whole list if left out", many=True)
PURPOSE = Param(name="purpose", help="purpose code", required=True)
NUMBER = Param(name="document", help="number of the document", required=True)
LEVEL = Param(name="level", help="highest level, id or mark", required=True)
STATUS = Param(name="status", help="active if left out; suspended or withdrawn")
AUTHORITY = Param(name="authority", help="code of the government that decided; ours if left out")


def _add(call: Call) -> Document:
    above = call.maybe("above")
    made = contractors.add_contractor(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        name=call.maybe("name") or call.text("contractor"),
        country=check_word("party", call.maybe("nation") or call.desk.party),
        contract=call.text("document"),
        above=check_word("contractor", above) if above else None,
    )
    return {"contractor": made.contractor, "above": made.above, "contract": made.contract}


def _clear(call: Call) -> Document:
    made = contractors.clear_contractor(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        authority=check_word("party", call.maybe("authority") or call.desk.party),
        number=call.text("document"),
        level=call.text("level"),
        until=_end(call),
        status=_word(ClearanceStatus, call.maybe("status") or "active", what="status"),
    )
    return {"contractor": made.contractor, "level": made.level, "authority": made.authority, "status": made.status}


def _person(call: Call) -> Document:
    actor = call.actor(Office.SECURITY_OFFICER)
    contractor, person = call.text("contractor"), call.text("person")
    if call.maybe("end"):
        contractors.unlist_person(call.desk, actor, contractor=contractor, person=person)
        return {"contractor": contractor, "person": person, "ended": True}
    if call.maybe("level") is None or call.maybe("basis") is None:
        raise LocalError(
            "admin/no-clearance", "a person on the list has a clearance", remedy="pass `--level` and `--basis`"
        )
    end, review = _end(call), call.maybe("review")
    made = contractors.list_person(
        call.desk,
        actor,
        contractor=contractor,
        person=person,
        nationality=check_word("party", call.maybe("nation") or call.desk.party),
        authority=check_word("party", call.maybe("authority") or call.desk.party),
        clearance=clearance_upto(
            call.desk.policy,
            call.text("level"),
            valid=Validity(start=call.desk.clock(), until=end),
            basis=call.text("basis"),
            review_at=read_instant(review) if review else end,
            status=_word(ClearanceStatus, call.maybe("status") or "active", what="status"),
        ),
        duties=[check_word("purpose", one) for one in call.many("duty")],
        until=end,
    )
    return {"contractor": made.contractor, "person": made.person, "duties": list(made.duties)}


def _brief(call: Call) -> Document:
    made = contractors.brief_person(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        person=call.text("person"),
        number=call.text("document"),
    )
    return {"contractor": made.contractor, "person": made.person, "briefing": made.number}


def _inspect(call: Call) -> Document:
    made = contractors.inspect_contractor(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        kind=_word(InspectionKind, call.text("kind"), what="kind of inspection"),
        number=call.text("document"),
        findings=[_finding(one) for one in call.many("finding")],
        next_due=read_instant(call.text("next")),
    )
    return {"contractor": made.contractor, "next": str(made.next_due), "findings": len(made.findings)}


def _finding(text: str) -> InspectionFinding:
    owner, _, rest = text.partition(",")
    due, _, words = rest.partition(",")
    try:
        return canon.check({"owner": owner, "due": read_instant(due), "text": words.strip()}, InspectionFinding)
    except canon.CanonError as cause:
        raise LocalError(
            "admin/not-a-finding",
            "a finding has an owner, a day and a text",
            remedy="write `--finding OWNER,DATE,TEXT`",
        ) from cause


def _close(call: Call) -> Document:
    place = call.text("finding")
    inspection, _, finding = place.partition(".")
    if not (inspection.isdecimal() and finding.isdecimal()):
        raise LocalError("admin/not-a-place", "that is no finding", remedy="write `--finding INSPECTION.FINDING`")
    made = contractors.close_finding(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        inspection=int(inspection),
        finding=int(finding),
        number=call.text("document"),
    )
    return {"contractor": made.contractor, "closed": place}


def _appoint(call: Call) -> Document:
    made = contractors.appoint_at_contractor(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        person=call.text("person"),
        number=call.text("document"),
        until=until(call),
    )
    return {"contractor": made.contractor, "person": made.person}


def _measure(call: Call) -> Document:
    made = contractors.confirm_measure(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        contractor=call.text("contractor"),
        measure=_word(Measure, call.text("measure"), what="measure"),
        number=call.text("document"),
        level=call.text("level"),
        review_at=read_instant(call.text("review")),
    )
    return {"contractor": made.contractor, "measure": made.measure, "level": made.level}


def _decide(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return answer_document(
            contractor_release.ask_contractor(
                tx,
                call.desk,
                call.text("item"),
                to=check_word("contractor", call.text("to")),
                purpose=call.text("purpose"),
                persons=[check_word("person", one) for one in call.many("listed")],
            )
        )

    return call.desk.store.run(read)


def _release(call: Call) -> Document:
    made = contractor_release.release_to_contractor(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        call.text("item"),
        to=check_word("contractor", call.text("to")),
        purpose=call.text("purpose"),
        persons=[check_word("person", one) for one in call.many("listed")],
    )
    return {
        "item": made.item,
        "contractor": made.contractor,
        "decision": made.decision,
        "persons": list(made.persons),
    }


def _list(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        return {"contractors": [_line(tx, one, now) for one in tx.every(Contractor)]}

    return call.desk.store.run(read)


def _line(tx: Tx, one: Contractor, now: Instant) -> Document:
    known = one.contractor
    clearance = tx.latest(ContractorClearance, contractor=known)
    inspection = tx.latest(ContractorInspection, contractor=known)
    return {
        **canon.plain(one),
        "depth": len(contractors.chain_of(tx, known)),
        "clearance": canon.plain(clearance) if clearance else None,
        "persons": [
            {
                **canon.plain(person),
                "standing": person.clearance.standing(now),
                "briefed": tx.latest(ContractorBriefing, contractor=known, person=person.person) is not None,
            }
            for person in contractors.list_of(tx, known, now=now)
        ],
        "next_inspection": str(inspection.next_due) if inspection else None,
        "overdue": inspection is None or inspection.next_due <= now,
        "open_findings": [
            {"finding": f"{place[0]}.{place[1]}", "overdue": finding.due <= now, **canon.plain(finding)}
            for place, finding in contractors.open_findings(tx, known)
        ],
        "responsible": [
            canon.plain(held) for held in tx.every(ContractorAppointment, contractor=known) if held.valid.covers(now)
        ],
        "measures": [
            canon.plain(line)
            for line in {line.measure: line for line in tx.every(ContractorMeasure, contractor=known)}.values()
        ],
        "released": [canon.plain(line) for line in tx.every(ContractorReleased, contractor=known)],
    }


def _end(call: Call) -> Instant:
    end = until(call)
    if end is None:
        raise LocalError("admin/no-expiry", "a clearance has an end", remedy="pass `--until DATE`")
    return end


def _word(kind: type[W], word: str, *, what: str) -> W:
    known = {str(one.value): one for one in kind}
    if word not in known:
        raise LocalError(
            "admin/unknown-word", f"there is no {what} `{word[:60]}`", remedy="one of: " + ", ".join(known)
        )
    return known[word]


COMMANDS = (
    Command(
        name="contractor add",
        help="enter a contract of ours, or a subcontract under another contractor",
        run=_add,
        params=(
            CONTRACTOR,
            NUMBER,
            Param(name="name", help="the firm"),
            Param(name="nation", help="code of the country where the firm is at home; ours if left out"),
            Param(name="above", help="whose subcontractor it is"),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor clear",
        help="record a facility security clearance, or that it was suspended or withdrawn",
        run=_clear,
        params=(CONTRACTOR, NUMBER, LEVEL, UNTIL, AUTHORITY, STATUS),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor person",
        help="put a person on a contractor's list, write their line anew, or take them off it",
        run=_person,
        params=(
            CONTRACTOR,
            PERSON,
            Param(name="level", help="highest level, id or mark"),
            Param(name="basis", help="reference to the decision, never the file"),
            Param(name="review", help="date of the next review; the end if left out"),
            Param(name="duty", help="purpose code the person's duty is for; repeatable", many=True),
            Param(name="nation", help="code of the person's nationality; ours if left out"),
            Param(name="end", kind="flag", help="take the person off the list, now"),
            UNTIL,
            AUTHORITY,
            STATUS,
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor brief",
        help="record that a person on the list signed what access means",
        run=_brief,
        params=(CONTRACTOR, PERSON, NUMBER),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor inspect",
        help="record a security inspection, what it found, and by when the next one has to be",
        run=_inspect,
        params=(
            CONTRACTOR,
            NUMBER,
            Param(name="kind", help="initial, periodic or cause", required=True),
            Param(name="next", help="date by which the next one has to be", required=True),
            Param(name="finding", help="OWNER,DATE,TEXT; repeatable", many=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor close",
        help="record that a finding was put right",
        run=_close,
        params=(CONTRACTOR, NUMBER, Param(name="finding", help="INSPECTION.FINDING as listed", required=True)),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor appoint",
        help="record who at the contractor is responsible",
        run=_appoint,
        params=(CONTRACTOR, PERSON, NUMBER, UNTIL),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor measure",
        help="record that a measure is in order at the contractor's facility until its review",
        run=_measure,
        params=(
            CONTRACTOR,
            NUMBER,
            Param(name="measure", help=", ".join(Measure), required=True),
            LEVEL,
            Param(name="review", help="date of the next review", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="contractor release",
        help="open an item to a contractor, if all fifteen conditions hold at every depth",
        run=_release,
        params=(ITEM, TO, PURPOSE, LISTED),
        acts=True,
        keys=False,
    ),
    Command(
        name="decide contractor",
        help="may this item be opened to that contractor?",
        run=_decide,
        params=(ITEM, TO, PURPOSE, LISTED),
        keys=False,
    ),
    Command(name="contractor list", help="contractors, and how their files stand today", run=_list, keys=False),
)
