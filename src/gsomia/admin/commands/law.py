"""`law`: the home register of law, what is left to do about its changes, and what partners ask and tell."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.agreements import LawEntry, LawText, LevelsReview, TableVersion, law_in_force
from gsomia.flows import law, law_requests
from gsomia.flows.ports import Tx
from gsomia.instants import Validity, read_instant
from gsomia.parties import Office

LAW = Param(name="law", help="the entry, as `law list` prints it", positional=True, required=True)
INSTRUMENT = Param(name="instrument", help="instrument id", required=True)


def _add(call: Call) -> Document:
    until = call.maybe("until")
    text = LawText(
        title=call.text("title"),
        reference=call.text("reference"),
        valid=Validity(start=read_instant(call.text("begins")), until=read_instant(until) if until else None),
    )
    entry = law.enter_law(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        text,
        replaces=call.maybe("replaces"),
        affects_protection=bool(call.maybe("affects_protection")),
        levels=bool(call.maybe("touches_levels")),
    )
    return call.desk.store.run(lambda tx: _entry(tx, entry))


def _review(call: Call) -> Document:
    done = law.review_levels(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        call.text("law"),
        instrument=call.text("instrument"),
        stays=call.maybe("stays"),
    )
    return {"law": done.law, **_review_document(done)}


def _close(call: Call) -> Document:
    closed = law.close_law(call.desk, call.actor(Office.SECURITY_OFFICER), call.text("law"), notes=call.many("note"))
    return {"law": closed.law, "state": "closed", "notified": canon.plain(closed.notified), "at": str(closed.at)}


def _list(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        entries = tx.every(LawEntry)
        return {
            "law": [_entry(tx, entry) for entry in entries],
            "in_force": [canon.plain(text) for text in law_in_force(entries, at=now)],
            "requests": [_request(one) for one in law_requests.asked(tx, at=now)],
        }

    return call.desk.store.run(read)


def _ask(call: Call) -> Document:
    request = law_requests.request_law(
        call.desk, call.actor(Office.LIAISON_OFFICER), instrument=call.text("instrument"), to=call.text("to")
    )
    return {"request": request, "instrument": call.text("instrument"), "to": call.text("to"), "state": "open"}


def _answer(call: Call) -> Document:
    answer = law_requests.answer_law(call.desk, call.actor(Office.LIAISON_OFFICER), call.text("request"))
    return {"request": answer.request, "to": answer.to, "texts": canon.plain(answer.texts), "state": "answered"}


def _entry(tx: Tx, entry: LawEntry) -> Document:
    closed = law.closing_of(tx, entry.id)
    return {
        "law": entry.id,
        "text": canon.plain(entry.text),
        "replaces": entry.replaces,
        "affects_protection": entry.affects_protection,
        "touches_levels": entry.levels,
        "entered": str(entry.at),
        "state": "closed" if closed else "open",
        "notified": canon.plain(closed.notified) if closed else [],
        "reviews": [_review_document(review) for review in law.reviews_of(tx, entry.id)],
    }


def _review_document(review: LevelsReview) -> Document:
    return {
        "instrument": review.instrument,
        "before": _version(review.before),
        "after": _version(review.after) if review.after else None,
        "reason": review.reason,
        "state": "open" if review.is_open else "ended",
    }


def _version(version: TableVersion) -> Document:
    return {"agreement": version.agreement, "table": version.table, "valid_from": str(version.start)}


def _request(one: law_requests.Asked) -> Document:
    state = "answered" if one.answer else "refused" if one.code else "open"
    return {
        "request": one.request.request,
        "instrument": one.request.instrument,
        "by": one.request.party,
        "to": one.request.to,
        "asked": str(one.request.at),
        "state": state,
        "days": one.days,
        "answered": str(one.answer.at) if one.answer else None,
        "texts": canon.plain(one.answer.answer.texts) if one.answer else [],
        "code": one.code,
    }


COMMANDS = (
    Command(
        name="law add",
        help="enter a text of our law on protection, or a change of one",
        run=_add,
        params=(
            Param(name="title", help="its name", positional=True, required=True),
            Param(name="reference", help="where it is found: number, promulgation", required=True),
            Param(name="begins", help="the day from which it is in force", required=True),
            Param(name="until", help="the day from which it no longer is, if that is known"),
            Param(name="replaces", help="the entry it changes or takes the place of"),
            Param(
                name="affects_protection",
                kind="flag",
                help="it changes the protection of what partners sent: it closes only once a note told them",
            ),
            Param(name="touches_levels", kind="flag", help="it renames levels: the tables are reviewed too"),
        ),
        acts=True,
    ),
    Command(
        name="law review",
        help="end the review of an instrument's table of levels: it was amended, or stays for a reason",
        run=_review,
        params=(LAW, INSTRUMENT, Param(name="stays", help="why the table stays as it is")),
        acts=True,
    ),
    Command(
        name="law close",
        help="nothing is left to do about a change: every partner was sent a note, every review has ended",
        run=_close,
        params=(LAW, Param(name="note", help="number of a note of subject law-change; repeatable", many=True)),
        acts=True,
    ),
    Command(name="law list", help="the register, what is in force, and requests with their age", run=_list, keys=False),
    Command(
        name="law request",
        help="ask a partner for its law in force on protection",
        run=_ask,
        params=(INSTRUMENT, Param(name="to", help="the partner's code", required=True)),
        acts=True,
    ),
    Command(
        name="law answer",
        help="tell a partner that asked our law in force, as the register has it",
        run=_answer,
        params=(Param(name="request", help="the request, as `law list` prints it", positional=True, required=True),),
        acts=True,
    ),
)
