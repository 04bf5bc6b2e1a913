"""The published history, line by line: what happened and who did it. States are derived, never read from it.

A line that is no legal event is kept as it is and moves nothing. One that the law does not allow is kept too, with the
clause against it. Names are taken as the sources spell them, garbled or not, and where sources contradict one another
every version stays.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gsomia.agreements.course import Change, Moment
from gsomia.agreements.dates import notice_days, term_of
from gsomia.agreements.domestic import Step, StepReport, StepStatus
from gsomia.agreements.errors import HistoryError
from gsomia.agreements.follow import History, follow
from gsomia.agreements.lifecycle import NON_LEGAL, TABLES, Event
from gsomia.agreements.profile import JPN, KOR, PAST, USA, Profile
from gsomia.agreements.refusal import Refusal
from gsomia.agreements.standing import Standing, standing_at
from gsomia.errors import NodeError
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant

MAX_HISTORY_BYTES = 8 << 20
_ACTORS: Mapping[str, tuple[PartyCode, ...]] = {
    "KR": (KOR,),
    "KOR": (KOR,),
    "JP": (JPN,),
    "JPN": (JPN,),
    "US": (USA,),
    "USA": (USA,),
    "both": (JPN, KOR),
    "three": (JPN, KOR, USA),
}
_NOTE_EVENTS = (Event.GIVE_NOTICE, Event.SUSPEND_NOTICE, Event.REVIVE_NOTICE)
_NAMES = ("withdraws", "names", "notes")
"""Fields in which a line may name the earlier notes it withdraws, by line number or by date."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ODD_BASE = 0xDC00
_ODD = re.compile("[\udc80-\udcff]")
_ALL = re.compile(r"\b(both|each|all|every)\b", re.IGNORECASE)
_ONE = re.compile(r"\b(one|only|single|first)\b", re.IGNORECASE)
_POSITIONS = (("contest", "contests"), ("not accept", "contests"), ("accept", "accepts"), ("understand", "understands"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of history: the fields the replay uses, and the whole of it as given."""

    n: int
    at: Instant
    instrument: str
    actor: str
    event: str
    given: Mapping[str, Any]

    @property
    def words(self) -> str:
        """What the line says in words."""
        return str(self.given.get("note", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that moved nothing, and why."""

    line: Line
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A whole history: every instrument's course, and what became of each line."""

    lines: tuple[Line, ...]
    courses: Mapping[str, History]
    refused: tuple[RefusedLine, ...]

    @property
    def kept(self) -> tuple[Line, ...]:
        """Lines that are no legal event: kept, and moving nothing (A-28)."""
        return tuple(line for line in self.lines if line.event in NON_LEGAL)

    @property
    def waiting(self) -> tuple[Line, ...]:
        """Lines of one party that need another's over the same digest, and have none."""
        ids = {moment.id for history in self.courses.values() for moment in history.waiting}
        return tuple(line for line in self.lines if str(line.n) in ids)

    @property
    def changes(self) -> tuple[tuple[str, Change], ...]:
        """Every change of every instrument, in order."""
        every = [(name, change) for name, history in self.courses.items() for change in history.changes]
        return tuple(sorted(every, key=lambda one: one[1].at))

    def standing(self, instrument: str, *, at: Instant) -> Standing:
        """Where an instrument stands at an instant.

        Raises:
            HistoryError: the history speaks of no such instrument.
        """
        history = self.courses.get(instrument)
        if history is None:
            raise HistoryError(
                "agreements/unknown-instrument",
                f"no instrument `{instrument[:60]}` is in this history",
                remedy="one of: " + ", ".join(sorted(self.courses)),
                clauses=("G1-1",),
            )
        return standing_at(*history.reached(at), at=at)


def parse_history(untrusted: bytes) -> tuple[Line, ...]:
    """The lines of a history file, one JSON object each.

    Raises:
        HistoryError: a line is no object, or lacks what the replay needs.

    Trust: hostile on entry; on return the lines have a known shape, and say whatever they say.
    Source: lifecycle, The real history.
    """
    if len(untrusted) > MAX_HISTORY_BYTES:
        raise HistoryError("agreements/history-too-large", f"a history has at most `{MAX_HISTORY_BYTES}` bytes")
    # What is no text in the file stays visible as escapes: names survive as given, garbled or not.
    text = _ODD.sub(lambda odd: f"\\\\x{ord(odd[0]) - _ODD_BASE:02x}", untrusted.decode("utf-8", "surrogateescape"))
    return tuple(_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def replay(lines: Sequence[Line]) -> Replay:
    """Put every line to the machine of its instrument, in order of effect and then of number.

    Source: lifecycle 3.3, A-28.
    """
    refused: list[RefusedLine] = []
    moments: dict[str, list[Moment]] = {}
    taken: set[int] = set()
    ordered = sorted(lines, key=lambda line: (line.at, line.n))
    for line in ordered:
        profile = PAST.get(line.instrument)
        refusal = _refuse(line, profile, taken)
        taken.add(line.n)
        if refusal is not None:
            refused.append(RefusedLine(line=line, refusal=refusal))
        elif profile is not None:
            moments.setdefault(line.instrument, []).append(_moment(line, ordered))
    known = [name for name in PAST if name in moments]
    courses = {name: follow(PAST[name], moments[name]) for name in known}
    by_id = {str(line.n): line for line in ordered}
    refused += [
        RefusedLine(line=by_id[one.moment.id], refusal=one.refusal)
        for history in courses.values()
        for one in history.refused
    ]
    return Replay(
        lines=tuple(ordered),
        courses=courses,
        refused=tuple(sorted(refused, key=lambda one: (one.line.at, one.line.n))),
    )


def _line(number: int, text: str) -> Line:
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError as cause:
        raise _broken(number, "no JSON") from cause
    if not isinstance(given, dict):
        raise _broken(number, "no object")
    n, instrument, actor, event = (given.get(name) for name in ("n", "instr", "actor", "event"))
    if not isinstance(n, int) or not all(isinstance(one, str) for one in (instrument, actor, event)):
        raise _broken(number, "`n`, `instr`, `actor` or `event` is missing")
    try:
        at = read_instant(str(given.get("eff") or given.get("date")))
    except NodeError as cause:
        raise _broken(number, "neither `eff` nor `date` is an instant") from cause
    return Line(n=n, at=at, instrument=str(instrument), actor=str(actor), event=str(event), given=given)


def _broken(number: int, why: str) -> HistoryError:
    return HistoryError(
        "agreements/history-malformed",
        f"line `{number}` of the history does not read: {why}",
        remedy="one JSON object a line, with `n`, `eff`, `instr`, `actor` and `event`",
    )


def _refuse(line: Line, profile: Profile | None, taken: set[int]) -> Refusal | None:
    if line.event not in set(Event):
        return Refusal(code="unknown-event", clause="T01", text=f"`{line.event[:40]}` is no event of the table")
    if line.n in taken:
        return Refusal(code="line-twice", clause="T01", text=f"line `{line.n}` stands twice")
    if line.event in NON_LEGAL:
        return None
    rows = (row for table in TABLES.values() for (_, event), row in table.items() if event == line.event)
    clause = next((row.clause for row in rows), "T01")
    if profile is None:
        return Refusal(
            code="unknown-instrument", clause="G1-1", text=f"no instrument `{line.instrument[:60]}` is known"
        )
    if line.actor not in _ACTORS:
        return Refusal(code="not-a-party", clause=clause, text=f"`{line.actor[:60]}` is no party of it")
    return _refuse_steps(line)


def _refuse_steps(line: Line) -> Refusal | None:
    for step in line.given.get("steps") or ():
        words = step if isinstance(step, dict) else {}
        if words.get("step") not in set(Step) or words.get("status") not in set(StepStatus):
            return Refusal(code="unknown-step", clause="T07a", text="a step of the domestic procedure is not known")
        if _ACTORS.get(str(words.get("party")), _ACTORS[line.actor]) != _ACTORS[line.actor]:
            return Refusal(code="not-their-step", clause="T07a", text="a party reports its own steps only")
    return None


def _moment(line: Line, lines: Sequence[Line]) -> Moment:
    event = Event(line.event)
    return Moment(
        id=str(line.n),
        event=event,
        parties=_ACTORS.get(line.actor, ()),
        at=line.at,
        order=line.n,
        number=_number(line),
        names=_named(line, lines) if event is Event.WITHDRAW_NOTICE else (),
        steps=tuple(_step(line, words) for words in line.given.get("steps") or ()),
        position=_position(line) if event is Event.SUSPEND_NOTICE else None,
        words=line.words or None,
    )


def _number(line: Line) -> str:
    """Notes of the history have no published numbers: they go by line and day."""
    return f"{line.n}/{line.at.local_date()}"


def _step(line: Line, words: Mapping[str, Any]) -> StepReport:
    status = StepStatus(words["status"])
    skipped = status is StepStatus.SKIPPED
    return StepReport(
        step=Step(words["step"]),
        status=status,
        reason=str(words.get("reason") or line.words or "no reason in the sources") if skipped else None,
        by=str(words.get("approver") or words.get("by") or "not named in the sources") if skipped else None,
    )


def _position(line: Line) -> str | None:
    given = line.given.get("position")
    if isinstance(given, str):
        return given
    text = line.words.lower()
    return next((position for word, position in _POSITIONS if word in text), None)


def _named(line: Line, lines: Sequence[Line]) -> tuple[str, ...]:
    """The earlier notes that a withdrawal names: by a field of the line, by their days, or as all of them."""
    earlier = [
        one
        for one in lines
        if one.instrument == line.instrument
        and one.actor == line.actor
        and one.event in _NOTE_EVENTS
        and (one.at, one.n) < (line.at, line.n)
    ]
    listed = next((line.given[name] for name in _NAMES if isinstance(line.given.get(name), list)), None)
    if listed is not None:
        wanted = {str(one) for one in listed}
        return tuple(_number(one) for one in earlier if wanted & {str(one.n), str(one.at.local_date()), _number(one)})
    days = set(_DAY.findall(line.words))
    if days:
        return tuple(_number(one) for one in earlier if str(one.at.local_date()) in days)
    if _ONE.search(line.words):
        return tuple(_number(one) for one in earlier[:1])
    return tuple(_number(one) for one in earlier) if _ALL.search(line.words) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A matter on which sources contradict one another: every version, with its sources. None is preferred here."""

    matter: str
    versions: tuple[tuple[str, str], ...]
    lines: tuple[int, ...]


_TERM_3 = term_of(read_instant("2016-11-23T12:00+09:00"), 3, years=1)
_DAYS = notice_days(_TERM_3, days=PAST["GSOMIA-KR-JP"].notice_days)
CONFLICTS = (
    Conflict(
        matter="minutes before the ceremony of 2012-06-29 at which signature was put off",
        versions=(("20", "UPI"), ("50", "Seoul press"), ("up to 60", "AP")),
        lines=(14,),
    ),
    Conflict(
        matter="date of the trilateral arrangement",
        versions=(("2014-12-28", "Washington"), ("2014-12-29", "Seoul and Tokyo")),
        lines=(18,),
    ),
    Conflict(
        matter="how many partners Korea has such pacts with",
        versions=(("counts differ between ministries, papers and years", "KOOK, KRLIST"),),
        lines=(),
    ),
    Conflict(
        matter="last day for a notice in 2019",
        versions=(
            (str(_DAYS.clear), "NEWS1"),
            (str(_DAYS.last), "YNA, NHK"),
            (str(_DAYS.contested), "arithmetic from 23 November"),
        ),
        lines=(37,),
    ),
    Conflict(
        matter="how many exchanges took place",
        versions=(("22 to the end of 2018", "a blog"), ("29 to October 2019", "the press")),
        lines=(35,),
    ),
    Conflict(
        matter="who proposed first",
        versions=(("Korea, 1989", "SEOUL"), ("Japan, October 2010", "iamfreeman.tistory")),
        lines=(1, 4),
    ),
)
"""Kept, not resolved.

Source: lifecycle, The real history (Conflicts).
"""
