"""`decide`: ask with reasons, without acting; replay a decision of a past day."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, check_word
from gsomia.admin.commands.agreements import read_small
from gsomia.errors import LocalError
from gsomia.flows import decide
from gsomia.flows.facts import get_item
from gsomia.flows.ports import Tx
from gsomia.ids import PersonId
from gsomia.instants import read_instant
from gsomia.policy import Decision

ITEM = Param(name="item", help="item id", positional=True, required=True)


def decision_document(decision: Decision) -> Document:
    """A decision as it is printed.

    Source: design 10.
    """
    return {
        "decision": decision.verdict,
        "reasons": [canon.plain(reason) for reason in decision.reasons],
        "obligations": list(decision.obligations),
        "rules_version": decision.rules_version,
    }


def answer_document(answer: decide.Answer) -> Document:
    """A decision with its facts."""
    return {**decision_document(answer.decision), "facts": canon.plain(answer.facts)}


def _release(call: Call) -> Document:
    decider = call.maybe("decider") or call.person
    asked = call.maybe("at")

    def read(tx: Tx) -> decide.Answer:
        return decide.ask_release(
            tx,
            call.desk,
            call.text("item"),
            to=call.text("to"),
            decider=_named(decider),
            authority=call.maybe("authority"),
            at=read_instant(asked) if asked else None,
        )

    return answer_document(call.desk.store.run(read))


def _access(call: Call) -> Document:
    def read(tx: Tx) -> decide.Answer:
        return decide.ask_access(
            tx, call.desk, call.text("item"), reader=call.text("reader"), purpose=call.text("purpose")
        )

    return answer_document(call.desk.store.run(read))


def _onward(call: Call) -> Document:
    item = call.text("item")
    file, asked = call.maybe("consent"), call.maybe("at")
    originator = call.desk.store.run(lambda tx: get_item(tx, item).originator)
    consent = decide.verify_consent(call.desk, read_small(file), originator=originator) if file else None

    def read(tx: Tx) -> decide.Answer:
        at = read_instant(asked) if asked else None
        return decide.ask_onward(tx, call.desk, item, to=call.text("to"), consent=consent, at=at)

    return answer_document(call.desk.store.run(read))


def _replay(call: Call) -> Document:
    record, again = decide.replay(call.desk, call.text("decision"))
    return {
        **decision_document(again),
        "question": record.question,
        "item": record.item,
        "at": str(record.at),
        "recorded": decision_document(record.decision),
        "same": again == record.decision,
        "facts": canon.plain(canon.decode_any(record.facts)),
    }


def _named(person: str | None) -> PersonId:
    if person is None:
        raise LocalError("admin/who-decides", "a release is decided by somebody", remedy="pass `--decider PERSON`")
    word: PersonId = check_word("person", person)
    return word


COMMANDS = (
    Command(
        name="decide release",
        help="may this item go to that party?",
        run=_release,
        params=(
            ITEM,
            Param(name="to", help="the recipient's code", required=True),
            Param(name="decider", help="who would decide; the acting person if left out"),
            Param(name="authority", help="on behalf of which competent authority"),
            Param(name="at", help="decide as of that date or time, on what the record says today; now if left out"),
        ),
        keys=False,
    ),
    Command(
        name="decide access",
        help="may this person read this item for this purpose?",
        run=_access,
        params=(
            ITEM,
            Param(name="reader", help="short name of the person", required=True),
            Param(name="purpose", help="purpose code", required=True),
        ),
        keys=False,
    ),
    Command(
        name="decide onward",
        help="may an item we hold for its originator go on to a third party?",
        run=_onward,
        params=(
            ITEM,
            Param(name="to", help="the third party's code", required=True),
            Param(name="consent", kind="path", help="the originator's signed consent; what it said to us if left out"),
            Param(name="at", help="decide as of that date or time, on what the record says today; now if left out"),
        ),
        keys=False,
    ),
    Command(
        name="decide replay",
        help="decide again on the facts recorded with a past decision",
        run=_replay,
        params=(Param(name="decision", help="decision id", positional=True, required=True),),
        keys=False,
    ),
)
