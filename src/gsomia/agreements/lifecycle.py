"""The life of an instrument as a table: what moves its state, and what each state allows.

First form: the steps from a proposal to force and its yearly extension (T01, T12 to T15). Acts this table does not know
(talks, domestic procedure, notices of termination, suspension, withdrawal, amendment) are refused as unknown, so no
state is ever reached by an act that was not understood.

The state is derived, never stored: the same acts give every party the same state at any instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from gsomia.agreements.agreement import Agreement
from gsomia.ids import PartyCode
from gsomia.instants import Instant, start_of_day


class State(StrEnum):
    """States of an instrument that this form can reach.

    Source: lifecycle 3.1.
    """

    NONE = "NONE"
    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    IN_FORCE = "IN_FORCE"


class Event(StrEnum):
    """What happens to an instrument.

    Source: lifecycle 3.3.
    """

    PROPOSE = "propose"
    SIGN = "sign"
    NOTIFY_COMPLETED = "notify_completed"
    ENTER_INTO_FORCE = "enter_into_force"
    AUTO_EXTEND = "auto_extend"


TRANSITIONS = MappingProxyType(
    {
        (State.NONE, Event.PROPOSE): State.PROPOSED,  # T01
        (State.PROPOSED, Event.SIGN): State.SIGNED,  # T12, when every party signed the same digest
        (State.SIGNED, Event.NOTIFY_COMPLETED): State.SIGNED,  # T13
        (State.SIGNED, Event.ENTER_INTO_FORCE): State.IN_FORCE,  # T14, derived
        (State.IN_FORCE, Event.AUTO_EXTEND): State.IN_FORCE,  # T15, derived
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a state allows.

    Source: lifecycle 3.6.
    """

    release: bool
    receive: bool
    access: bool
    dispose: bool
    incident: bool
    onward: bool
    visit: bool
    arrange: bool


_NOTHING = Allowed(
    release=False, receive=False, access=False, dispose=False, incident=False, onward=False, visit=False, arrange=False
)
_EVERYTHING = Allowed(
    release=True, receive=True, access=True, dispose=True, incident=True, onward=True, visit=True, arrange=True
)
MATRIX = MappingProxyType(
    {State.NONE: _NOTHING, State.PROPOSED: _NOTHING, State.SIGNED: _NOTHING, State.IN_FORCE: _EVERYTHING}
)


_ORDER = tuple(Event)
"""Acts of one second are taken in the order of the table, so that every node derives the same state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened to an instrument, at the instant from which it counts."""

    event: Event
    party: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an instrument stands at an instant."""

    state: State
    since: Instant | None
    in_force_from: Instant | None
    term: int | None
    ends: Instant | None
    allowed: Allowed


def derive_standing(agreement: Agreement, moments: Iterable[Moment], *, at: Instant) -> Standing:
    """The state of `agreement` at `at`, from what had happened by then.

    Args:
        agreement: the version both sides signed or are about to.
        moments: recorded acts with the instant from which each counts (a note: when it was received).
        at: the instant asked about; later moments are ignored.

    Source: T01, T12, T13, T14, T15, G21-1, G21-3, A-24.
    """
    heard = sorted(
        (moment for moment in moments if moment.at <= at),
        key=lambda moment: (moment.at, _ORDER.index(moment.event), moment.party),
    )
    state, since = State.NONE, None
    parties = {party.code for party in agreement.parties}
    done: dict[Event, dict[PartyCode, Instant]] = {event: {} for event in Event}
    for moment in heard:
        if moment.party not in parties:
            continue
        done[moment.event].setdefault(moment.party, moment.at)
        reached = TRANSITIONS.get((state, moment.event))
        if moment.event in {Event.SIGN, Event.NOTIFY_COMPLETED} and set(done[moment.event]) != parties:
            reached = None  # one side alone moves nothing
        if reached is not None and reached is not state:
            state, since = reached, moment.at
    in_force_from = _force(done, parties) if state is State.SIGNED else None
    if in_force_from is None:
        return Standing(state=state, since=since, in_force_from=None, term=None, ends=None, allowed=MATRIX[state])
    state = TRANSITIONS[state, Event.ENTER_INTO_FORCE]
    term, ends = _term(in_force_from, at, agreement.terms.term_years)
    return Standing(
        state=state, since=in_force_from, in_force_from=in_force_from, term=term, ends=ends, allowed=MATRIX[state]
    )


def _force(done: dict[Event, dict[PartyCode, Instant]], parties: set[PartyCode]) -> Instant | None:
    # T14, G21-1: both notes exist; force begins at the later of the two, and never before signature.
    notes = done[Event.NOTIFY_COMPLETED]
    return max(*notes.values(), *done[Event.SIGN].values()) if set(notes) == parties else None


def _term(start: Instant, at: Instant, years: int) -> tuple[int, Instant]:
    # T15, A-24: terms are counted in whole local days from 00:00 of the day force began; the end is 24:00 of the last.
    first = start.local_date()
    term = 1
    while (ends := start_of_day(_anniversary(first, term * years))) <= at:
        term += 1
    return term, ends


def _anniversary(first: date, years: int) -> date:
    try:
        return first.replace(year=first.year + years)
    except ValueError:  # 29 February: the term has run out when that day would have begun
        return date(first.year + years, 3, 1)
