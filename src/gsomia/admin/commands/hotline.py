"""`hotline`: say, acknowledge, log, and look at what was said between named desks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from gsomia.admin.awaited import Awaited
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.exchange import Matter, Precedence
from gsomia.flows import hotline, hotline_answers, hotline_calls, hotline_view
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.instants import read_instant
from gsomia.parties import Office

T = TypeVar("T")
LONGEST_WAIT_S = 60
SHOWN = 20
TO = Param(name="to", help="the partner's code", required=True)
MESSAGE = Param(
    name="message", help="the message, by its digest as `hotline log` prints it", positional=True, required=True
)
LEVEL = Param(name="level", help="stated first: UNCLASSIFIED, or a level of ours")
LANGUAGES = ("ko", "ja", "en")


def precedence(call: Call) -> Precedence:
    """The `--precedence` of a command.

    Raises:
        LocalError: unknown.
    """
    return _one_of(call.text("precedence"), {one.value: one for one in Precedence}, what="precedence")


def _one_of(word: str, known: Mapping[str, T], *, what: str) -> T:
    if word not in known:
        raise LocalError("admin/not-a-word", f"`{word[:60]}` is no `{what}`", remedy="one of: " + ", ".join(known))
    return known[word]


def _send(call: Call) -> Document:
    matter = call.maybe("matter") or Matter.COORDINATION.value
    said = hotline.send_message(
        call.desk,
        call.actor(Office.DUTY_OFFICER),
        hotline.ToSay(
            to=call.text("to"),
            from_desk=call.text("from_desk"),
            to_desk=call.text("to_desk"),
            precedence=precedence(call),
            level=_level(call),
            matter=_one_of(matter, {one.value: one for one in Matter}, what="matter"),
            ko=call.maybe("ko"),
            ja=call.maybe("ja"),
            en=call.maybe("en"),
            instrument=call.maybe("instrument"),
        ),
    )
    head = said.value.body.head
    return {"message": said.digest, "number": head.number, "precedence": head.precedence.value, "level": head.level}


def _level(call: Call) -> str:
    level = str(call.maybe("level") or "")
    own = call.desk.policy.find(level)
    return own.id if own else level


def _ack(call: Call) -> Document:
    words, text = call.maybe("words"), call.maybe("text")
    if words and text:
        raise LocalError("admin/wrong-use", "a message is read back by its text or by its words", remedy="give one")
    form: Literal["text", "words"] | None = "words" if words else "text" if text else None
    entry = hotline_answers.acknowledge_message(
        call.desk, call.actor(Office.DUTY_OFFICER), call.text("message"), form=form, repeated=words or text or ""
    )
    return {"message": entry.message, "read_back": form, "right": entry.right, "at": str(entry.at)}


def _show(call: Call) -> Document:
    return hotline_view.show_message(call.desk, call.actor(Office.DUTY_OFFICER), call.text("message"))


def _log(call: Call) -> Document | Awaited:
    after = call.maybe("after")
    if after is None:
        last = call.maybe("last")
        return hotline_view.watch_log(call.desk, last=SHOWN if last is None else max(0, last))

    def look() -> tuple[bool, Document]:
        found = hotline_view.new_messages(call.desk, after=after)
        return found["cursor"] > after, found

    return Awaited(look=look, timeout_s=min(LONGEST_WAIT_S, call.maybe("wait") or 0))


def _alarms(call: Call) -> Document:
    alarms = note_alarms(call.desk)
    return {
        "alarms": [
            {"reference": one.reference, "code": one.code.value, "party": one.party, "since": str(one.since)}
            for one in alarms
        ]
    }


def _call(call: Call) -> Document:
    entry = hotline_calls.log_call(
        call.desk,
        call.actor(*hotline_calls.OFFICERS),
        hotline_calls.Spoken(
            party=call.text("to"),
            our_desk=call.text("from_desk"),
            their_desk=call.text("to_desk"),
            callers=call.many("caller"),
            subject=call.text("subject"),
            level=_level(call),
            classified=bool(call.maybe("classified")),
            began=read_instant(call.text("began")),
            ended=read_instant(call.text("ended")),
        ),
    )
    return {"call": entry.call, "classified": entry.classified, "form_due": entry.classified}


def _sheet(call: Call) -> Document:
    text = hotline_view.fallback_sheet(call.desk, call.text("partner"))
    out = call.maybe("out")
    if out:
        try:
            with Path(out).open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as cause:
            raise LocalError(
                "admin/not-written", f"`{out}` cannot be written: {cause.strerror}", remedy="name a new file"
            ) from cause
    return {"partner": call.text("partner"), "file": out, "text": text}


WORDS = tuple(
    Param(name=name, help=f"the text in {language}, kept exactly as entered")
    for name, language in zip(LANGUAGES, ("Korean", "Japanese", "English"), strict=True)
)
BETWEEN = (
    Param(name="from_desk", help="our desk", required=True),
    Param(name="to_desk", help="the partner's desk", required=True),
)
COMMANDS = (
    Command(
        name="hotline send",
        help="say a message to a desk of a partner",
        run=_send,
        params=(
            TO,
            *BETWEEN,
            Param(name="precedence", help="ROUTINE, PRIORITY, IMMEDIATE or FLASH", required=True),
            LEVEL,
            Param(name="matter", help="coordination if left out"),
            Param(name="instrument", help="instrument under which classified words are said"),
            *WORDS,
        ),
        acts=True,
    ),
    Command(
        name="hotline ack",
        help="acknowledge a message; with --words or --text, read it back",
        run=_ack,
        params=(
            MESSAGE,
            Param(name="words", help="the digest words as you read them"),
            Param(name="text", help="the text in one of its languages as you read it"),
        ),
        acts=True,
    ),
    Command(
        name="hotline show",
        help="the words of a message, and the digest words to read back",
        run=_show,
        params=(MESSAGE,),
        acts=True,
    ),
    Command(
        name="hotline log",
        help="the watch log; with --after, what is new since, as soon as it comes",
        run=_log,
        params=(
            Param(name="last", kind="number", help=f"how many messages; {SHOWN} if left out"),
            Param(name="after", kind="number", help="the cursor that an earlier call printed"),
            Param(name="wait", kind="number", help=f"seconds to wait for something new, at most {LONGEST_WAIT_S}"),
        ),
        keys=False,
    ),
    Command(name="hotline alarms", help="what is alarmed now; entered in the log once each", run=_alarms, keys=False),
    Command(
        name="hotline call",
        help="log a voice call",
        run=_call,
        params=(
            TO,
            *BETWEEN,
            Param(name="caller", help="who spoke, one line each; repeatable", many=True, required=True),
            Param(name="subject", help="what about: a heading, never content", required=True),
            LEVEL,
            Param(name="classified", kind="flag", help="classified words were said"),
            Param(name="began", help="when it began", required=True),
            Param(name="ended", help="when it ended", required=True),
        ),
        acts=True,
        keys=False,
    ),
    Command(
        name="hotline sheet",
        help="the sheet to print for when the link is down: desks, numbers, words to say, last message numbers",
        run=_sheet,
        params=(
            Param(name="partner", help="the partner's code", positional=True, required=True),
            Param(name="out", kind="path", help="new file to write it to"),
        ),
        keys=False,
    ),
)
