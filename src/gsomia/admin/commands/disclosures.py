"""`item disclose`, `item attendance`, `item disclosures`: what is said or shown to the other side, booked by both."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.decisions import ITEM
from gsomia.errors import LocalError
from gsomia.flows.disclose import attend, disclose_item, list_disclosures
from gsomia.parties import Office
from gsomia.policy import Way
from gsomia.registry import Disclosure


def _disclose(call: Call) -> Document:
    place, line = call.maybe("where"), call.maybe("line")
    if (place is None) == (line is None):
        raise LocalError(
            "admin/place-or-line", "a disclosure has a place or a line", remedy="pass `--where TEXT` or `--line TEXT`"
        )
    done = disclose_item(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        call.text("item"),
        to=call.text("to"),
        speaker=call.text("speaker"),
        way=Way.LINE if line else Way.TOGETHER,
        place=place or line,
        authority=call.maybe("authority"),
    )
    return _document(done)


def _attendance(call: Call) -> Document:
    done = attend(
        call.desk,
        call.actor(Office.CONTROL_OFFICER, Office.SECURITY_OFFICER),
        call.text("item"),
        heard=call.few("heard", most=1000),
        note_taken=bool(call.maybe("note_taken")),
    )
    return _document(done)


def _disclosures(call: Call) -> Document:
    every = list_disclosures(call.desk)
    return {
        "disclosures": [_document(one) for one in every],
        "incomplete": sum(not one.is_complete for one in every),
    }


def _document(one: Disclosure) -> Document:
    return {
        "disclosure": one.number,
        "item": one.item,
        "from": one.party,
        "to": one.to,
        "state": "complete" if one.is_complete else "incomplete",
        "form": one.form,
        "announced": one.announced,
        "place": one.place,
        "speaker": one.speaker,
        "heard": list(one.heard),
        "hearers": one.hearers,
        "note_taken": one.note_taken,
        "at": str(one.at),
        "notice": one.notice,
    }


COMMANDS = (
    Command(
        name="item disclose",
        help="decide that an oral or visual item is disclosed to a partner; the notice comes first",
        run=_disclose,
        params=(
            ITEM,
            Param(name="to", help="the hearing party's code", required=True),
            Param(name="speaker", help="who of ours speaks or shows it", required=True),
            Param(name="where", help="in which place, if both sides are in one place; unclassified"),
            Param(name="line", help="over which accredited line"),
            Param(name="authority", help="on behalf of which competent authority; the lead one if left out"),
        ),
        acts=True,
    ),
    Command(
        name="item attendance",
        help="enter who of our people heard what a partner disclosed, and tell it how many",
        run=_attendance,
        params=(
            ITEM,
            Param(name="heard", help="who heard it; repeatable", many=True, required=True),
            Param(name="note_taken", kind="flag", help="a note was taken"),
        ),
        acts=True,
    ),
    Command(
        name="item disclosures",
        help="what was said or shown, ours and partners'; incomplete first",
        run=_disclosures,
        keys=False,
    ),
)
