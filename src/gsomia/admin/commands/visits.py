"""`visit` and `meeting`: ask for visits, decide on them, receive visitors; meetings, findings and commitments."""

from typing import Any

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.errors import LocalError
from gsomia.exchange import (
    RETENTION_DAYS,
    VisitKind,
)
from gsomia.flows import meetings, visit_days, visits
from gsomia.flows.ports import Tx
from gsomia.instants import Instant, Validity, read_instant
from gsomia.parties import Office
from gsomia.registry import Meeting, Shown, VisitAdvice, VisitDisclosure, VisitStep

VISIT = Param(name="visit", help="visit id", positional=True, required=True)
FACILITY = Param(name="facility", help="facility id", required=True)
AUTHORITY = Param(name="authority", help="our competent authority, as its note named it", required=True)
COLUMNS = ("name", "born", "birthplace", "level", "document", "nationality", "position")
MAX_DIGITS = 2
HIDDEN = frozenset({"name", "born", "birthplace", "document"})
"""What of a visitor is shown no longer once the retention has passed (A-35)."""


def _request(call: Call) -> Document:
    start, until = call.maybe("from"), call.maybe("until")
    form: dict[str, Any] = {
        "number": call.maybe("document"),
        "instrument": call.maybe("instrument"),
        "authority": call.maybe("authority"),
        "facilities": call.many("at"),
        "valid": Validity(start=read_instant(start), until=read_instant(until)) if start and until else None,
        "kind": call.maybe("kind"),
        "subject": call.maybe("topic"),
        "purpose": call.maybe("purpose"),
        "justification": call.maybe("justification"),
        "level": _level(call, call.maybe("level")),
        "programme": call.maybe("programme"),
        "visitors": tuple(_visitor(call, one) for one in call.many("visitor")),
        "security_officer": call.maybe("officer"),
        "certified": bool(call.maybe("certified")),
        "approval": call.maybe("approval"),
        "remarks": call.maybe("remarks"),
        "waived": bool(call.maybe("waive")),
        "amends": call.maybe("amends"),
        "consultation": call.maybe("consultation"),
        "agenda": call.maybe("agenda"),
    }
    made = visits.request_visit(call.desk, call.actor(visits.OFFICE), to=call.text("to"), form=form)
    return {"visit": made.id, "to": made.to, "kind": made.kind, "visitors": len(made.visitors)}


def _level(call: Call, level: str | None) -> str | None:
    return call.desk.policy.classification(level).id if level else None


def _visitor(call: Call, text: str) -> dict[str, str | None]:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != len(COLUMNS):
        raise LocalError(
            "admin/not-a-visitor",
            "a visitor has seven entries",
            remedy='write `--visitor "NAME;BORN;BIRTHPLACE;LEVEL;DOCUMENT;NATIONALITY;POSITION"`',
        )
    told: dict[str, str | None] = dict(zip(COLUMNS, parts, strict=True))
    return {**told, "level": _level(call, told["level"]) or ""}


def _approve(call: Call) -> Document:
    made = visits.approve_visit(
        call.desk,
        call.actor(visits.OFFICE),
        call.text("visit"),
        authority=call.text("authority"),
        ceiling=call.text("ceiling"),
        declined=_numbers(call, "without"),
        waived=bool(call.maybe("waive")),
    )
    return {"visit": made.visit, "state": "approved", "ceiling": made.ceiling, "without": list(made.declined)}


def _decline(call: Call) -> Document:
    made = visits.decline_visit(
        call.desk, call.actor(visits.OFFICE), call.text("visit"), authority=call.text("authority")
    )
    return {"visit": made.visit, "state": "declined"}


def _notify(call: Call) -> Document:
    numbers = _numbers(call, "visitor_number")
    if len(numbers) > 1 or bool(numbers) is bool(call.maybe("cancel")):
        raise LocalError(
            "admin/what-is-withdrawn",
            "one visitor is taken back, or the visit",
            remedy="pass `--visitor-number N`, or `--cancel`",
        )
    made = visits.notify_visit(
        call.desk, call.actor(visits.OFFICE), call.text("visit"), visitor=numbers[0] if numbers else None
    )
    return {"visit": made.visit, "visitor": made.visitor, "cancelled": made.visitor is None}


def _advise(call: Call) -> Document:
    made = visit_days.advise_facility(
        call.desk,
        call.actor(visits.OFFICE),
        call.text("visit"),
        facility=call.text("facility"),
        scope=call.text("scope"),
        contact=check_word("person", call.text("contact")),
    )
    return {**canon.plain(made)}


def _acknowledge(call: Call) -> Document:
    actor = call.actor(Office.CONTROL_OFFICER)
    made = visit_days.acknowledge_advice(call.desk, actor, call.text("visit"), facility=call.text("facility"))
    return {**canon.plain(made)}


def _open(call: Call) -> Document:
    actor = call.actor(Office.CONTROL_OFFICER)
    made = visit_days.open_visit(call.desk, actor, call.text("visit"), facility=call.text("facility"))
    return {**canon.plain(made)}


def _close(call: Call) -> Document:
    actor = call.actor(Office.CONTROL_OFFICER)
    made = visit_days.close_visit(call.desk, actor, call.text("visit"), facility=call.text("facility"))
    return {**canon.plain(made)}


def _disclose(call: Call) -> Document:
    how = call.text("how")
    if how not in set(Shown):
        raise LocalError("admin/unknown-way", "there is no such way", remedy="one of: " + ", ".join(Shown))
    made = visit_days.disclose(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        call.text("visit"),
        facility=call.text("facility"),
        item=call.text("item"),
        visitors=_numbers(call, "visitor_number"),
        how=Shown(how),
        notes=bool(call.maybe("notes")),
        record=call.maybe("delivery"),
    )
    return {**canon.plain(made)}


def _numbers(call: Call, name: str) -> tuple[int, ...]:
    given = call.many(name)
    if not all(one.isdecimal() and len(one) <= MAX_DIGITS for one in given):
        raise LocalError("admin/not-a-visitor-number", "a visitor is named by number", remedy="see `visit list`")
    return tuple(int(one) for one in given)


def _list(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        return {"visits": [_line(tx, one, now) for one in visits.list_visits(tx)]}

    return call.desk.store.run(read)


def _line(tx: Tx, one: visits.VisitNow, now: Instant) -> Document:
    request, visit = one.asked.request, one.asked.id
    until = request.valid.until
    past = until is not None and until.plus(days=RETENTION_DAYS) <= now
    form = canon.plain(request)
    for number, visitor in enumerate(form["visitors"], start=1):
        visitor["number"] = number
        visitor["withdrawn"] = number in one.withdrawn
        visitor["declined"] = one.answer is not None and number in one.answer.declined
        visitor.update(dict.fromkeys(HIDDEN) if past else {})
    return {
        "visit": visit,
        "state": one.state,
        "ceiling": one.answer.ceiling if one.answer else None,
        "refused": one.refused,
        "form": form,
        "advice": [canon.plain(line) for line in tx.every(VisitAdvice, visit=visit)],
        "steps": [canon.plain(line) for line in tx.every(VisitStep, visit=visit)],
        "disclosed": [canon.plain(line) for line in tx.every(VisitDisclosure, visit=visit)],
        "findings": _follow_ups(tx, visit, now),
    }


def _follow_ups(tx: Tx, about: str, now: Instant) -> list[Document]:
    return [
        {
            "number": one.number,
            "text": one.line.text,
            "owner": one.line.owner,
            "due": str(one.line.due),
            "state": one.state,
        }
        for one in meetings.follow_ups(tx, about, now=now)
    ]


def _undertaken(text: str) -> meetings.Undertaken:
    owner, _, rest = text.partition(",")
    due, _, words = rest.partition(",")
    if not owner.strip() or not words.strip():
        raise LocalError(
            "admin/not-undertaken",
            "what is undertaken has an owner, a day and a text",
            remedy="write `OWNER,DATE,TEXT`",
        )
    return meetings.Undertaken(text=words.strip(), owner=owner.strip(), due=read_instant(due))


def _finding(call: Call) -> Document:
    made = meetings.add_finding(
        call.desk, call.actor(*meetings.OFFICES), call.text("visit"), _undertaken(call.text("finding"))
    )
    return {"visit": made.about, "owner": made.owner, "due": str(made.due)}


def _hold(call: Call) -> Document:
    made = meetings.hold_meeting(
        call.desk,
        call.actor(*meetings.OFFICES),
        number=check_word("serial", call.text("meeting")),
        with_=call.text("partner"),
        agenda=call.text("agenda"),
        outcome=call.text("outcome"),
        held=read_instant(call.text("held")),
        commitments=[_undertaken(one) for one in call.many("commitment")],
    )
    return {"meeting": made.number, "partner": made.partner, "commitments": len(call.many("commitment"))}


def _done(call: Call) -> Document:
    number = call.text("follow_up")
    if not number.isdecimal():
        raise LocalError("admin/not-a-follow-up", "a follow-up is named by number", remedy="see `meeting list`")
    made = meetings.finish_follow_up(
        call.desk,
        call.actor(*meetings.OFFICES),
        about=call.text("about"),
        number=int(number),
        document=call.text("document"),
    )
    return {"about": made.about, "number": made.number, "state": "done"}


def _meetings(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        return {
            "meetings": [
                {**canon.plain(one), "commitments": _follow_ups(tx, one.number, now)} for one in tx.every(Meeting)
            ]
        }

    return call.desk.store.run(read)


COMMANDS = (
    Command(
        name="visit request",
        help="ask the host's authority for a visit; every element of the form is needed",
        run=_request,
        params=(
            Param(name="to", help="code of the host", required=True),
            Param(name="document", help="(1) number of the form"),
            Param(name="instrument", help="(1) instrument id"),
            Param(name="authority", help="(2) our competent authority, as its note named it"),
            Param(name="at", help="(3) facility to visit; repeatable", many=True),
            Param(name="from", help="(4) first day"),
            Param(name="until", help="(4) day from which it is over"),
            Param(name="kind", help="(5) " + ", ".join(VisitKind)),
            Param(name="topic", help="(6) topic code both sides know"),
            Param(name="purpose", help="(6) purpose code"),
            Param(name="justification", help="(6) why it has to be a visit"),
            Param(name="level", help="(7) highest level anticipated, of ours"),
            Param(name="programme", help="(8) contract or programme"),
            Param(
                name="visitor",
                help="(9) NAME;BORN;BIRTHPLACE;LEVEL;DOCUMENT;NATIONALITY;POSITION; repeatable",
                many=True,
            ),
            Param(name="officer", help="(10) our security officer for the visit"),
            Param(name="certified", kind="flag", help="(11) we certify clearances, purpose and protection"),
            Param(name="approval", help="(12) number of our authority's approval"),
            Param(name="remarks", help="(13) remarks"),
            Param(name="waive", kind="flag", help="our authority waives the lead time"),
            Param(name="amends", help="of an amendment: the visit it changes"),
            Param(name="consultation", help="of a security visit: reference to the prior consultation"),
            Param(name="agenda", help="of a security visit: its agenda"),
        ),
        acts=True,
    ),
    Command(
        name="visit approve",
        help="as the host, permit a visit up to a level of ours",
        run=_approve,
        params=(
            VISIT,
            AUTHORITY,
            Param(name="ceiling", help="highest level that may be disclosed, id or mark", required=True),
            Param(name="without", help="number of a visitor who is not received; repeatable", many=True),
            Param(name="waive", kind="flag", help="our authority waives the lead time too"),
        ),
        acts=True,
    ),
    Command(
        name="visit decline",
        help="as the host, decline a visit; it is on record, and no reason crosses",
        run=_decline,
        params=(VISIT, AUTHORITY),
        acts=True,
    ),
    Command(
        name="visit withdraw",
        help="tell the host that a visitor of ours is cleared no longer, or that nobody comes",
        run=_notify,
        params=(
            VISIT,
            Param(name="visitor_number", help="number of the visitor", many=True),
            Param(name="cancel", kind="flag", help="nobody comes"),
        ),
        acts=True,
    ),
    Command(
        name="visit advise",
        help="advise a facility of an approved visit",
        run=_advise,
        params=(
            VISIT,
            FACILITY,
            Param(name="scope", help="what the visit covers", required=True),
            Param(name="contact", help="short name of the person to ask", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="visit acknowledge",
        help="as control officer, acknowledge that the facility was advised",
        run=_acknowledge,
        params=(VISIT, FACILITY),
        acts=True,
        keys=False,
    ),
    Command(
        name="visit open",
        help="as control officer, receive the visitors",
        run=_open,
        params=(VISIT, FACILITY),
        acts=True,
        keys=False,
    ),
    Command(
        name="visit disclose",
        help="record that an item is disclosed to visitors, within visit, clearance and item",
        run=_disclose,
        params=(
            VISIT,
            FACILITY,
            Param(name="item", help="item id", required=True),
            Param(name="how", help="oral, visual or copy", required=True),
            Param(name="visitor_number", help="number of a visitor; repeatable; all present if left out", many=True),
            Param(name="notes", kind="flag", help="they took notes"),
            Param(name="delivery", help="number of the signed disclosure to their government, if one was made"),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="visit close",
        help="as control officer, enter that the visitors left",
        run=_close,
        params=(VISIT, FACILITY),
        acts=True,
        keys=False,
    ),
    Command(
        name="visit finding",
        help="enter a finding of a security visit, with owner and day",
        run=_finding,
        params=(VISIT, Param(name="finding", help="OWNER,DATE,TEXT", required=True)),
        acts=True,
        keys=False,
    ),
    Command(name="visit list", help="visits, ours and hosted, and what became of them", run=_list, keys=False),
    Command(
        name="meeting hold",
        help="enter a meeting that was held: agenda, outcome, commitments",
        run=_hold,
        params=(
            Param(name="meeting", help="number of the meeting", positional=True, required=True),
            Param(name="partner", help="code of the partner", required=True),
            Param(name="agenda", help="agenda", required=True),
            Param(name="outcome", help="outcome", required=True),
            Param(name="held", help="when it was held", required=True),
            Param(name="commitment", help="OWNER,DATE,TEXT; repeatable", many=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="meeting done",
        help="enter that a commitment of a meeting, or a finding of a visit, was carried out",
        run=_done,
        params=(
            Param(name="about", help="number of the meeting, or visit id", positional=True, required=True, free=True),
            Param(name="follow_up", help="number of the commitment or finding", required=True),
            Param(name="document", help="number of the document that shows it", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(name="meeting list", help="meetings, and what is still to be done", run=_meetings, keys=False),
)
