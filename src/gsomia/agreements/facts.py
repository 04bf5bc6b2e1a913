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

from gsomia.agreements.agreement import Agreement
from gsomia.agreements.errors import DocumentError
from gsomia.agreements.lifecycle import TRANSITIONS, Event, Who
from gsomia.agreements.standing import ActRecord, moment_of
from gsomia.agreements.told_date import Days, days_of
from gsomia.errors import NodeError
from gsomia.ids import Count, InstrumentId, PartyCode
from gsomia.instants import Instant, read_instant

MAX_FACTS_BYTES = 4 << 20
_KEYS = {"n", "date", "eff", "prec", "instr", "actor", "event", "note", "src", "conf"}
_OPTIONAL = {"steps"}
_SIDES = MappingProxyType({"KR": "KOR", "JP": "JPN", "US": "USA"})
"""History files name governments by two letters."""
EVERYONE = frozenset({"both", "three", "all"})
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


def facts_of_acts(acts: Iterable[ActRecord], *, texts: Iterable[Agreement]) -> tuple[Fact, ...]:
    """The acts a node holds as facts; what was not received has not happened yet.

    What all parties agree on is one fact of all of them, once the last has said the same; each signs for itself (T12).

    Args:
        acts: as a node holds them, oldest first: within a second that is the order in which a party did them.
        texts: what they are about; the parties stand in them.

    Source: T01, T12, T13, A-24, A-28, F-25.
    """
    parties = {text.digest: {party.code for party in text.parties} for text in texts}
    said: dict[tuple[str, Event, str], set[PartyCode]] = {}
    facts = []
    for number, (received, act) in enumerate(_heard(acts), 1):
        moment = moment_of(act, at=received)
        if moment is None:
            continue
        actor: str = act.party
        if moment.event in _OF_ALL:
            together = said.setdefault((act.agreement, moment.event, moment.matter), set())
            together.add(act.party)
            if together != parties.get(act.agreement):
                continue
            actor = _ALL.get(len(together), "all")
            together.clear()
        facts.append(
            Fact(
                n=number,
                date=received.local_date().isoformat(),
                eff=received,
                prec="received",
                instr=act.instrument,
                actor=actor,
                event=moment.event,
                note=moment.number or "",
                steps=tuple(FactStep(party=act.party, step=one.step, status=one.status) for one in moment.steps),
                src=(act.statement,),
                conf="A",
            )
        )
    return tuple(facts)


def _heard(acts: Iterable[ActRecord]) -> list[tuple[Instant, ActRecord]]:
    heard = [(act.received, act) for act in acts if act.received is not None]
    return sorted(heard, key=lambda one: one[0])


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


_OF_ALL = frozenset(event for (_, event), row in TRANSITIONS.items() if row.who is Who.BOTH) - {Event.SIGN}
_ALL = MappingProxyType({2: "both", 3: "three"})
"""How history files name all parties of an instrument."""


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
