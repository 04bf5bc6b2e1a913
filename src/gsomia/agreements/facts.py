"""What happened and who did it, one dated fact a line; no state, no opinion.

Facts come from a history file, from the acts a node holds, or from the family's profiles; whoever compares or derives
asks the same three things of each: which instrument, which event, which days.

Source: lifecycle 3.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gsomia.agreements.errors import DocumentError
from gsomia.agreements.standing import ActRecord
from gsomia.agreements.told_date import Days, days_of
from gsomia.errors import NodeError
from gsomia.ids import Count, InstrumentId
from gsomia.instants import Instant, read_instant

MAX_FACTS_BYTES = 4 << 20
_KEYS = {"n", "date", "eff", "prec", "instr", "actor", "event", "note", "src", "conf"}
_OPTIONAL = {"steps"}
_SIDES = MappingProxyType({"KR": "KOR", "JP": "JPN", "US": "USA"})
"""History files name governments by two letters."""
EVERYONE = frozenset({"both", "three"})
"""Actors that stand for every party of the instrument."""

_Line = Annotated[str, Meta(min_length=1, max_length=400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactStep:
    """A step of a domestic procedure, and how it stands."""

    party: str
    step: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to an instrument. `eff` is the instant it counts from, `date` the text of its source."""

    n: Count
    date: _Line
    eff: Instant
    prec: str
    instr: InstrumentId
    actor: _Line
    event: _Line
    note: str
    steps: tuple[FactStep, ...]
    src: tuple[_Line, ...]
    conf: Literal["A", "B", "C", "I"]

    @property
    def days(self) -> Days:
        """The days on which it may have happened."""
        return days_of(self.date)

    @property
    def name(self) -> str:
        """How it is quoted: instrument, number in its file, date and event."""
        return f"{self.instr} #{self.n} {self.date} {self.event}"

    def is_by(self, actor: str) -> bool:
        """Whether `actor` did it, alone or with the others."""
        return self.actor == actor or self.actor in EVERYONE or actor in EVERYONE

    def did(self, party: str, step: str) -> bool:
        """Whether a domestic step of a party was done."""
        return any(one.party == party and one.step == step and one.status == "done" for one in self.steps)


def parse_facts(untrusted: bytes) -> tuple[Fact, ...]:
    """The facts of a history file, in its order.

    Raises:
        DocumentError: too large, a line that is no fact, an unknown member, a date that does not exist.

    Trust: hostile on entry; on return the lines are well formed, and as true as their sources.
    """
    if len(untrusted) > MAX_FACTS_BYTES:
        raise _broken("too large")
    facts = []
    for number, line in enumerate(untrusted.splitlines(), 1):
        try:
            facts.append(_fact(msgspec.json.decode(line)))
        except (msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
            raise _broken(f"line {number}: {(str(cause) or 'no fact').splitlines()[0]}") from cause
        except NodeError as cause:
            raise _broken(f"line {number}: {cause.message}") from cause
    return tuple(facts)


def facts_of_acts(acts: Iterable[ActRecord]) -> tuple[Fact, ...]:
    """The acts a node holds as facts; what was not received has not happened yet.

    Source: T01, T12, T13, A-24.
    """
    heard = sorted(
        (act for act in acts if act.received is not None), key=lambda act: (act.received or act.sent, act.statement)
    )
    facts = []
    for number, act in enumerate(heard, 1):
        event = _ACTS.get(act.kind) or (_NOTES.get(act.note.subject) if act.note else None)
        if event is None or act.received is None:
            continue
        facts.append(
            Fact(
                n=number,
                date=act.received.local_date().isoformat(),
                eff=act.received,
                prec="received",
                instr=act.instrument,
                actor=act.party,
                event=event,
                note=act.note.number if act.note else "",
                steps=(),
                src=(act.statement,),
                conf="A",
            )
        )
    return tuple(facts)


def force_begins(facts: Iterable[Fact], instrument: str, *, parties: Iterable[str]) -> Instant | None:
    """When an instrument came into force: both signed, and the later of the notes of completion.

    Source: T12, T13, T14, G21-1.
    """
    mine = [fact for fact in facts if fact.instr == instrument]
    found = []
    for event in ("sign", "notify_completed"):
        for party in parties:
            done = [fact.eff for fact in mine if fact.event == event and fact.is_by(party)]
            if not done:
                return None
            found.append(min(done))
    return max(found)


def day_of(fact: Fact) -> date:
    """The day in Seoul and Tokyo from which a fact counts."""
    return fact.eff.local_date()


_ACTS = MappingProxyType({"agreement-proposal": "propose", "agreement-signature": "sign"})
_NOTES = MappingProxyType(
    {
        "completion": "notify_completed",
        "termination": "give_notice",
        "suspension": "suspend_notice",
        "revival": "revive_notice",
        "withdrawal": "withdraw_notice",
    }
)
"""Which event a note of a subject is.  Source: F-25."""


def _fact(raw: dict[str, Any]) -> Fact:
    unknown = set(raw) - _KEYS - _OPTIONAL
    if unknown or _KEYS - set(raw):
        raise ValueError(f"other members than a fact has: {', '.join(sorted(unknown | (_KEYS - set(raw))))}")
    raw["actor"] = _SIDES.get(raw["actor"], raw["actor"])
    raw.setdefault("steps", [])
    for step in raw["steps"]:
        step["party"] = _SIDES.get(step["party"], step["party"])
    fact = msgspec.convert(raw, Fact, dec_hook=_from_text)
    days_of(fact.date)
    return fact


def _from_text(kind: type, value: object) -> object:
    if kind is Instant and isinstance(value, str):
        return read_instant(value)
    raise TypeError("an instant is text")


def _broken(why: str) -> DocumentError:
    return DocumentError(
        "agreements/facts-malformed",
        f"the history file does not read: {why[:200]}",
        remedy="one JSON object a line, with the members " + ", ".join(sorted(_KEYS)),
    )
