"""The life of an instrument as a table: what moves its state, who may, under which clause, and what each state allows.

Before signature the recorded acts of named bodies move the state; from signature on only notes and the calendar do
(A-28). What the press, a summit or a ministry's letter says is kept and moves nothing. Guards stand in `guards`, the
calendar in `course`; an event without a row for the state is refused.

The state is derived, never stored: the same acts give every party the same state at any instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gsomia.agreements.profile import Machine


class State(StrEnum):
    """States of an instrument.

    Source: lifecycle 3.1.
    """

    NONE = "NONE"
    PROPOSED = "PROPOSED"
    EXPLORATION_AGREED = "EXPLORATION_AGREED"
    NEGOTIATING = "NEGOTIATING"
    TEXT_AGREED = "TEXT_AGREED"
    INITIALLED = "INITIALLED"
    CLEARING = "CLEARING"
    CLEARED = "CLEARED"
    SIGN_POSTPONED = "SIGN_POSTPONED"
    SHELVED = "SHELVED"
    SIGNED = "SIGNED"
    IN_FORCE = "IN_FORCE"
    NOTICE_GIVEN = "NOTICE_GIVEN"
    NOTICE_SUSPENDED = "NOTICE_SUSPENDED"
    TERMINATED = "TERMINATED"
    READY = "READY"
    ACTIVE = "ACTIVE"


class Event(StrEnum):
    """What happens to an instrument.

    Source: lifecycle 3.3.
    """

    PROPOSE = "propose"
    DECLINE = "decline"
    AGREE_TO_EXPLORE = "agree_to_explore"
    OPEN_TALKS = "open_talks"
    AGREE_TEXT = "agree_text"
    INITIAL = "initial"
    REOPEN_TEXT = "reopen_text"
    DOMESTIC_START = "domestic_start"
    DOMESTIC_STEP = "domestic_step"
    DOMESTIC_REFUSED = "domestic_refused"
    DOMESTIC_DONE = "domestic_done"
    POSTPONE = "postpone"
    RESCHEDULE = "reschedule"
    SHELVE = "shelve"
    RESUME_TALKS = "resume_talks"
    SIGN = "sign"
    NOTIFY_COMPLETED = "notify_completed"
    ENTER_INTO_FORCE = "enter_into_force"
    AUTO_EXTEND = "auto_extend"
    EXPIRE = "expire"
    ANNIVERSARY_CONTESTED = "anniversary_contested"
    GIVE_NOTICE = "give_notice"
    SUSPEND_NOTICE = "suspend_notice"
    TAKE_POSITION = "take_position"
    REVIVE_NOTICE = "revive_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    TERMINATE = "terminate"
    AMEND = "amend"
    ARRANGE = "arrange"
    LAW_CHANGE = "law_change"
    DISPUTE_OPEN = "dispute_open"
    DISPUTE_CLOSE = "dispute_close"
    ACTIVATE = "activate"
    ANNOUNCE_INTENT = "announce_intent"
    POLITICAL_DECLARATION = "political_declaration"
    INTERNAL_REQUEST = "internal_request"
    PRESS_STATEMENT = "press_statement"
    MEETING = "meeting"
    EXCHANGE = "exchange"
    CONTEXT = "context"


NON_LEGAL = frozenset(
    {
        Event.ANNOUNCE_INTENT,
        Event.POLITICAL_DECLARATION,
        Event.INTERNAL_REQUEST,
        Event.PRESS_STATEMENT,
        Event.MEETING,
        Event.EXCHANGE,
        Event.CONTEXT,
    }
)
"""Stored and shown; they move nothing, in whatever state (A-28)."""


class Who(StrEnum):
    """Whose act it is."""

    EITHER = "either"
    BOTH = "both"
    """Every party, over the same digest."""
    DERIVED = "derived"
    """Nobody's: the machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    to: State
    clause: str
    who: Who


def _row(to: State, clause: str, who: Who = Who.EITHER) -> Row:
    return Row(to=to, clause=clause, who=who)


_S, _E = State, Event
_BEFORE_SIGNATURE = (_S.NEGOTIATING, _S.TEXT_AGREED, _S.INITIALLED, _S.CLEARING, _S.CLEARED, _S.SIGN_POSTPONED)
IN_FORCE = (_S.IN_FORCE, _S.NOTICE_GIVEN, _S.NOTICE_SUSPENDED)
"""States in which the instrument binds."""

_LIVE: dict[tuple[State, Event], Row] = {
    (_S.IN_FORCE, _E.AUTO_EXTEND): _row(_S.IN_FORCE, "T15", Who.DERIVED),
    (_S.IN_FORCE, _E.EXPIRE): _row(_S.TERMINATED, "T20", Who.DERIVED),
    (_S.NOTICE_GIVEN, _E.EXPIRE): _row(_S.TERMINATED, "T20", Who.DERIVED),
    (_S.NOTICE_SUSPENDED, _E.EXPIRE): _row(_S.TERMINATED, "T20", Who.DERIVED),
    (_S.NOTICE_SUSPENDED, _E.ANNIVERSARY_CONTESTED): _row(_S.NOTICE_SUSPENDED, "T15a", Who.DERIVED),
    (_S.NOTICE_GIVEN, _E.ANNIVERSARY_CONTESTED): _row(_S.NOTICE_GIVEN, "T15a", Who.DERIVED),
    (_S.IN_FORCE, _E.GIVE_NOTICE): _row(_S.NOTICE_GIVEN, "T16"),
    (_S.NOTICE_SUSPENDED, _E.GIVE_NOTICE): _row(_S.NOTICE_GIVEN, "T16"),
    (_S.NOTICE_GIVEN, _E.GIVE_NOTICE): _row(_S.NOTICE_GIVEN, "T16"),  # notices are kept per party
    (_S.NOTICE_GIVEN, _E.SUSPEND_NOTICE): _row(_S.NOTICE_SUSPENDED, "T17"),
    (_S.NOTICE_SUSPENDED, _E.SUSPEND_NOTICE): _row(_S.NOTICE_SUSPENDED, "T17"),
    (_S.NOTICE_SUSPENDED, _E.TAKE_POSITION): _row(_S.NOTICE_SUSPENDED, "T17"),
    (_S.NOTICE_GIVEN, _E.TAKE_POSITION): _row(_S.NOTICE_GIVEN, "T17"),
    (_S.NOTICE_SUSPENDED, _E.REVIVE_NOTICE): _row(_S.NOTICE_GIVEN, "T18"),
    (_S.NOTICE_GIVEN, _E.REVIVE_NOTICE): _row(_S.NOTICE_GIVEN, "T18"),
    (_S.NOTICE_GIVEN, _E.WITHDRAW_NOTICE): _row(_S.IN_FORCE, "T19"),
    (_S.NOTICE_SUSPENDED, _E.WITHDRAW_NOTICE): _row(_S.IN_FORCE, "T19"),
    (_S.NOTICE_GIVEN, _E.TERMINATE): _row(_S.TERMINATED, "T20", Who.DERIVED),
    **{(state, _E.AMEND): _row(state, "T21", Who.BOTH) for state in IN_FORCE},
    **{(state, _E.LAW_CHANGE): _row(state, "G3-2") for state in (*IN_FORCE, _S.TERMINATED)},
    **{
        (state, event): _row(state, "T22")
        for state in (*IN_FORCE, _S.TERMINATED)
        for event in (_E.DISPUTE_OPEN, _E.DISPUTE_CLOSE)
    },
    (_S.IN_FORCE, _E.ARRANGE): _row(_S.IN_FORCE, "G5-1", Who.BOTH),
    (_S.TERMINATED, _E.PROPOSE): _row(_S.PROPOSED, "T23"),
}

TRANSITIONS: Mapping[tuple[State, Event], Row] = MappingProxyType(
    {
        (_S.NONE, _E.PROPOSE): _row(_S.PROPOSED, "T01"),
        (_S.SHELVED, _E.PROPOSE): _row(_S.SHELVED, "T01"),
        (_S.PROPOSED, _E.DECLINE): _row(_S.NONE, "T02"),
        (_S.SHELVED, _E.DECLINE): _row(_S.SHELVED, "T02"),
        (_S.PROPOSED, _E.AGREE_TO_EXPLORE): _row(_S.EXPLORATION_AGREED, "T03", Who.BOTH),
        (_S.NONE, _E.AGREE_TO_EXPLORE): _row(_S.EXPLORATION_AGREED, "T03", Who.BOTH),
        (_S.EXPLORATION_AGREED, _E.OPEN_TALKS): _row(_S.NEGOTIATING, "T04", Who.BOTH),
        (_S.NEGOTIATING, _E.AGREE_TEXT): _row(_S.TEXT_AGREED, "T05", Who.BOTH),
        (_S.TEXT_AGREED, _E.INITIAL): _row(_S.INITIALLED, "T06", Who.BOTH),
        (_S.INITIALLED, _E.INITIAL): _row(_S.INITIALLED, "T06a", Who.BOTH),
        **{
            (state, _E.REOPEN_TEXT): _row(_S.NEGOTIATING, "T06b", Who.BOTH)
            for state in (_S.TEXT_AGREED, _S.INITIALLED, _S.CLEARING)
        },
        (_S.TEXT_AGREED, _E.DOMESTIC_START): _row(_S.CLEARING, "T07"),
        (_S.INITIALLED, _E.DOMESTIC_START): _row(_S.CLEARING, "T07"),
        (_S.CLEARING, _E.DOMESTIC_START): _row(_S.CLEARING, "T07a"),  # the other party begins
        (_S.CLEARING, _E.DOMESTIC_STEP): _row(_S.CLEARING, "T07a"),
        (_S.CLEARING, _E.DOMESTIC_REFUSED): _row(_S.SHELVED, "T07b"),
        (_S.CLEARING, _E.DOMESTIC_DONE): _row(_S.CLEARED, "T08", Who.DERIVED),
        (_S.CLEARED, _E.POSTPONE): _row(_S.SIGN_POSTPONED, "T09"),
        (_S.SIGN_POSTPONED, _E.RESCHEDULE): _row(_S.CLEARED, "T09a", Who.BOTH),
        **{(state, _E.SHELVE): _row(_S.SHELVED, "T10") for state in _BEFORE_SIGNATURE},
        (_S.SHELVED, _E.RESUME_TALKS): _row(_S.NEGOTIATING, "T11", Who.BOTH),
        (_S.SIGN_POSTPONED, _E.RESUME_TALKS): _row(_S.NEGOTIATING, "T11", Who.BOTH),
        (_S.CLEARED, _E.SIGN): _row(_S.SIGNED, "T12", Who.BOTH),
        (_S.PROPOSED, _E.SIGN): _row(_S.SIGNED, "T12", Who.BOTH),  # a whole text, made elsewhere: see `guards`
        (_S.SIGNED, _E.NOTIFY_COMPLETED): _row(_S.SIGNED, "T13"),
        (_S.SIGNED, _E.ENTER_INTO_FORCE): _row(_S.IN_FORCE, "T14", Who.DERIVED),
        **_LIVE,
    }
)
"""The table of a treaty."""

ARRANGEMENT: Mapping[tuple[State, Event], Row] = MappingProxyType(
    {
        (_S.NONE, _E.PROPOSE): _row(_S.PROPOSED, "T01"),
        (_S.NONE, _E.OPEN_TALKS): _row(_S.NEGOTIATING, "T04", Who.BOTH),
        (_S.PROPOSED, _E.OPEN_TALKS): _row(_S.NEGOTIATING, "T04", Who.BOTH),
        (_S.NEGOTIATING, _E.SIGN): _row(_S.IN_FORCE, "T12", Who.BOTH),
        (_S.PROPOSED, _E.SIGN): _row(_S.IN_FORCE, "T12", Who.BOTH),
        **_LIVE,
    }
)
"""An arrangement that is effective on signature and binds nobody in law."""

DATA_LINK: Mapping[tuple[State, Event], Row] = MappingProxyType(
    {
        (_S.NONE, _E.AGREE_TEXT): _row(_S.READY, "T05", Who.BOTH),
        (_S.READY, _E.ACTIVATE): _row(_S.ACTIVE, "T14", Who.BOTH),
    }
)
"""A mechanism that is made ready and then activated."""

TABLES: Mapping[Machine, Mapping[tuple[State, Event], Row]] = MappingProxyType(
    {Machine.TREATY: TRANSITIONS, Machine.ARRANGEMENT: ARRANGEMENT, Machine.DATA_LINK: DATA_LINK}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a state allows. In TERMINATED, `receive` holds for what was dispatched before the end (A-03).

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


FUNCTIONS = tuple(Allowed.__dataclass_fields__)

_NOTHING = Allowed(
    release=False, receive=False, access=False, dispose=False, incident=False, onward=False, visit=False, arrange=False
)
_EVERYTHING = Allowed(
    release=True, receive=True, access=True, dispose=True, incident=True, onward=True, visit=True, arrange=True
)
_UNDER_NOTICE = Allowed(
    release=True, receive=True, access=True, dispose=True, incident=True, onward=True, visit=True, arrange=False
)
SURVIVING = Allowed(
    release=False, receive=True, access=True, dispose=True, incident=True, onward=True, visit=False, arrange=False
)
"""What outlives the instrument, without end (G21-5)."""

MATRIX: Mapping[State, Allowed] = MappingProxyType(
    {
        **dict.fromkeys(State, _NOTHING),
        State.IN_FORCE: _EVERYTHING,
        State.NOTICE_GIVEN: _UNDER_NOTICE,
        State.NOTICE_SUSPENDED: _UNDER_NOTICE,
        State.TERMINATED: SURVIVING,
        State.ACTIVE: _EVERYTHING,
    }
)
