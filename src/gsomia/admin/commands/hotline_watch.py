"""`hotline`: desks and watches, test calls, and the form on classified words that were said."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.hotline import BETWEEN, TO, precedence
from gsomia.admin.commands.people import UNTIL, until
from gsomia.errors import LocalError
from gsomia.exchange import DisclosureForm
from gsomia.flows import hotline_calls, hotline_desks, hotline_lines, hotline_view
from gsomia.instants import Validity, read_instant
from gsomia.parties import Office

DESK = Param(name="desk", help="short name of the desk", positional=True, required=True)
REFERENCE = Param(name="reference", help="the message or the call", positional=True, required=True)


def _desk(call: Call) -> Document:
    titles = tuple(str(call.maybe(f"title_{language}") or "") for language in ("ko", "ja", "en"))
    statement = hotline_desks.name_desk(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        name=call.text("desk"),
        to=call.text("to"),
        titles=(titles[0], titles[1], titles[2]),
        numbers=call.many("dial"),
        until=until(call),
    )
    return {"desk": call.text("desk"), "to": call.text("to"), "statement": statement.digest}


def _desks(call: Call) -> Document:
    now = call.desk.clock()
    return {"desks": call.desk.store.run(lambda tx: hotline_view.desks_of(tx, now=now))}


def _watch(call: Call) -> Document:
    start = call.maybe("since")
    turn = hotline_desks.plan_watch(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        name=call.text("desk"),
        person=call.text("person"),
        valid=Validity(start=read_instant(start) if start else call.desk.clock(), until=until(call)),
    )
    return {"desk": turn.desk, "person": turn.person, **canon.plain(turn.valid)}


def _relieve(call: Call) -> Document:
    end = until(call)
    if end is None:
        raise LocalError("admin/no-end", "a watch has an end", remedy="pass `--until TIME`")
    turn = hotline_desks.relieve(call.desk, call.actor(Office.DUTY_OFFICER), name=call.text("desk"), until=end)
    return {"desk": turn.desk, "person": turn.person, "relieves": turn.relieves, "open": list(turn.open)}


def _plan(call: Call) -> Document:
    first = call.maybe("first")
    plan = hotline_calls.plan_tests(
        call.desk,
        call.actor(*hotline_calls.OFFICERS),
        party=call.text("to"),
        our_desk=call.text("from_desk"),
        their_desk=call.text("to_desk"),
        incoming=bool(call.maybe("incoming")),
        precedence=precedence(call),
        first=read_instant(first) if first else call.desk.clock(),
        every_s=call.text("every"),
        within_s=call.text("within"),
    )
    return {"plan": plan.plan, "first": str(plan.first), "every_s": plan.every_s, "within_s": plan.within_s}


def _test(call: Call) -> Document:
    message = hotline_calls.make_test(call.desk, call.actor(Office.DUTY_OFFICER), call.text("plan"))
    return {"plan": call.text("plan"), "message": message}


def _disclosed(call: Call) -> Document:
    level = call.maybe("level") or ""
    own = call.desk.policy.classification(level).id if level else ""
    actor = call.actor(*hotline_calls.OFFICERS)
    hotline_calls.note_disclosure(call.desk, actor, call.text("reference"), level=own)
    return {"reference": call.text("reference"), "form_due": True}


def _form(call: Call) -> Document:
    facts: dict[str, object] = {
        "reference": call.text("reference"),
        "spoke": list(call.many("spoke")),
        "heard": list(call.many("heard")),
        "level": call.desk.policy.classification(call.text("level")).id,
        "line": call.text("line"),
        "content": call.maybe("content") or "",
        "note_taken": bool(call.maybe("note_taken")),
        "by": call.person or "",
        "at": call.desk.clock(),
    }
    actor = call.actor(Office.DUTY_OFFICER, Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)
    try:
        form = canon.check(facts, DisclosureForm)
    except canon.CanonError as cause:
        raise LocalError(
            "admin/not-a-form", "that is no such form", remedy="names and references, a line each"
        ) from cause
    booked = hotline_lines.book_disclosure(call.desk, actor, form)
    return {"reference": booked.reference, "complete": booked.complete}


COMMANDS = (
    Command(
        name="hotline desk",
        help="name a desk of ours to a partner, with its titles and numbers",
        run=_desk,
        params=(
            DESK,
            TO,
            Param(name="title_ko", help="its title in Korean"),
            Param(name="title_ja", help="its title in Japanese"),
            Param(name="title_en", help="its title in English"),
            Param(name="dial", help="a number to dial when the link is down; repeatable", many=True),
            UNTIL,
        ),
        acts=True,
    ),
    Command(name="hotline desks", help="named desks, and who has the watch at ours", run=_desks, keys=False),
    Command(
        name="hotline watch",
        help="give a duty officer the watch at a desk of ours",
        run=_watch,
        params=(
            DESK,
            Param(name="person", help="who", required=True),
            Param(name="since", help="from when; now if left out"),
            Param(name="until", help="until when", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="hotline relieve",
        help="take over the watch at a desk of ours, with what is open",
        run=_relieve,
        params=(DESK, Param(name="until", help="until when", required=True)),
        acts=True,
        keys=False,
    ),
    Command(
        name="hotline plan",
        help="plan test calls, ours or those the other side is to make",
        run=_plan,
        params=(
            TO,
            *BETWEEN,
            Param(name="incoming", kind="flag", help="the other side makes them"),
            Param(name="precedence", help="ROUTINE, PRIORITY, IMMEDIATE or FLASH", required=True),
            Param(name="first", help="when the first is due; now if left out"),
            Param(name="every", kind="number", help="seconds from one to the next", required=True),
            Param(name="within", kind="number", help="seconds that one may be late", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="hotline test",
        help="make the test call that a plan asks for",
        run=_test,
        params=(Param(name="plan", help="the plan, as `hotline plan` printed it", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="hotline disclosed",
        help="classified words slipped into a message or call: open the form",
        run=_disclosed,
        params=(REFERENCE, Param(name="level", help="of what was said, if it is known; a level of ours")),
        acts=True,
        keys=False,
    ),
    Command(
        name="hotline form",
        help="fill in the form on classified words that were said",
        run=_form,
        params=(
            REFERENCE,
            Param(name="spoke", help="who spoke, one line each; repeatable", many=True),
            Param(
                name="heard",
                help="who heard it; repeatable; without it the form stays incomplete",
                many=True,
                free=True,
            ),
            Param(name="level", help="of what was said; a level of ours", required=True),
            Param(name="line", help="over which line, or where", required=True),
            Param(name="content", help="reference to what was said, never the words"),
            Param(name="note_taken", kind="flag", help="a note was taken"),
        ),
        acts=True,
        keys=False,
    ),
)
