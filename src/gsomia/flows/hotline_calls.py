"""Voice calls and test calls: a call is carried elsewhere and logged here; a test is a message that a plan asks for.

Source: relay 5.4 (voice; log note afterwards; time, callers, subject, CMI yes or no), A-32.
"""

from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    UNCLASSIFIED,
    CallEntry,
    CallPlan,
    DeskName,
    Matter,
    MessageEntry,
    Precedence,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hotline import ToSay, send_message
from gsomia.flows.hotline_desks import require_desk
from gsomia.flows.hotline_lines import line_level, open_disclosure
from gsomia.flows.ledger import enter, share
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Office

OFFICERS = (Office.DUTY_OFFICER, Office.SECURITY_OFFICER)
TEST_WORDS = ("시험 통화입니다. 복창 바랍니다.", "試験通話です。復唱願います。", "This is a test call. Read back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A voice call as the duty officer tells it. `level` is empty if nobody stated one."""

    party: PartyCode
    our_desk: DeskName
    their_desk: DeskName
    callers: tuple[str, ...]
    subject: str
    level: str
    classified: bool
    began: Instant
    ended: Instant


def log_call(desk: Desk, actor: Actor, spoken: Spoken) -> CallEntry:
    """Log a voice call; classified words in it make the form due, and on a line that may not carry them an incident.

    Raises:
        LocalError: a desk that is not named, times that cannot be, a level that is none.
        RefusedError: not a duty officer; or no level stated and nothing classified said, which nobody can know (A-32).

    Source: relay 5.4, A-32, G2-4.
    """
    require_office(desk, actor, *OFFICERS, clause="A-32")
    now = desk.clock()
    if not spoken.began <= spoken.ended <= now:
        raise LocalError("flows/call-times", "a call begins, then ends, and is logged afterwards", remedy="")
    if spoken.level not in {"", UNCLASSIFIED}:
        desk.policy.classification(spoken.level)
    if not spoken.level and not spoken.classified:
        raise RefusedError(
            "flows/level-not-stated",
            "the level is stated before anything else",
            remedy="`--level UNCLASSIFIED` if it was stated; `--classified` if classified words were said without one",
            clauses=("A-32",),
        )

    def unit(tx: Tx) -> CallEntry:
        require_desk(tx, name=spoken.our_desk, owner=desk.party, peer=spoken.party, now=now)
        require_desk(tx, name=spoken.their_desk, owner=spoken.party, peer=spoken.party, now=now)
        entry = _call(desk, actor, spoken, number=tx.number("hotline-call"), now=now)
        enter(tx, desk, entry, event=Event.HOTLINE_CALL_LOGGED, subject=entry.call)
        share(tx, desk, spoken.party, event=Event.HOTLINE_CALL_LOGGED, subject=entry.call, call=entry.call)
        if entry.classified:
            _disclosed(tx, desk, entry.call, party=spoken.party, level=spoken.level, now=now)
        return entry

    return desk.store.run(unit)


def note_disclosure(desk: Desk, actor: Actor, reference: str, *, level: str) -> None:
    """Classified words slipped into a message or a call that was stated to hold none: open the form now.

    Raises:
        LocalError: no such message or call, or no such level.

    Source: A-32.
    """
    require_office(desk, actor, *OFFICERS, clause="A-32")
    if level:
        desk.policy.classification(level)
    now = desk.clock()

    def unit(tx: Tx) -> None:
        said = tx.latest(MessageEntry, message=reference) or tx.latest(CallEntry, call=reference)
        if said is None:
            raise LocalError(
                "flows/unknown-message", f"the watch log holds no `{reference[:80]}`", remedy="see `hotline log`"
            )
        _disclosed(tx, desk, reference, party=said.party, level=level, now=now)

    desk.store.run(unit)


def plan_tests(
    desk: Desk,
    actor: Actor,
    *,
    party: PartyCode,
    our_desk: DeskName,
    their_desk: DeskName,
    incoming: bool,
    precedence: Precedence,
    first: Instant,
    every_s: int,
    within_s: int,
) -> CallPlan:
    """Plan test calls, ours or those that the other side is to make; what was not made in time stays shown as missed.

    Raises:
        LocalError: a desk that is not named, or spans that cannot be.
    """
    require_office(desk, actor, *OFFICERS, clause="A-32")
    now = desk.clock()
    facts = {
        "party": party,
        "direction": "heard" if incoming else "own",
        "our_desk": our_desk,
        "their_desk": their_desk,
        "precedence": precedence,
        "first": first,
        "every_s": every_s,
        "within_s": within_s,
        "by": actor.person,
        "at": now,
    }
    try:
        plan = canon.check({**facts, "plan": canon.digest(facts)}, CallPlan)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-a-plan",
            "that is no plan of test calls",
            remedy="every 60 seconds at most and once a year at least, within 60 seconds to a day",
        ) from cause

    def unit(tx: Tx) -> CallPlan:
        require_desk(tx, name=our_desk, owner=desk.party, peer=party, now=now)
        require_desk(tx, name=their_desk, owner=party, peer=party, now=now)
        enter(tx, desk, plan, event=Event.HOTLINE_TEST_PLANNED, subject=plan.plan)
        return plan

    return desk.store.run(unit)


def make_test(desk: Desk, actor: Actor, plan: HexDigest) -> HexDigest:
    """Make the test call that a plan of ours asks for; the message it is.

    Raises:
        LocalError: no such plan of ours.
        RefusedError: as `send_message`.
    """
    found = desk.store.run(lambda tx: tx.latest(CallPlan, plan=plan))
    if found is None or found.direction != "own":
        raise LocalError(
            "flows/unknown-plan", "there is no such plan of test calls of ours", remedy="see `hotline log`"
        )
    ko, ja, en = TEST_WORDS
    said = ToSay(
        to=found.party,
        from_desk=found.our_desk,
        to_desk=found.their_desk,
        precedence=found.precedence,
        level=UNCLASSIFIED,
        matter=Matter.TEST,
        ko=ko,
        ja=ja,
        en=en,
        plan=found.plan,
    )
    return send_message(desk, actor, said).digest


def _disclosed(tx: Tx, desk: Desk, reference: str, *, party: PartyCode, level: str, now: Instant) -> None:
    found = line_level(tx, desk, partner=party, party=desk.party, level=level, instrument=None)
    open_disclosure(tx, desk, reference=reference, party=party, level=level, accredited=found.accredited, now=now)


def _call(desk: Desk, actor: Actor, spoken: Spoken, *, number: int, now: Instant) -> CallEntry:
    facts = {
        "call": f"{desk.party}-HC-{number:06d}",
        "party": spoken.party,
        "our_desk": spoken.our_desk,
        "their_desk": spoken.their_desk,
        "callers": list(spoken.callers),
        "subject": spoken.subject,
        "level": spoken.level,
        "classified": spoken.classified or spoken.level not in {"", UNCLASSIFIED},
        "began": spoken.began,
        "ended": spoken.ended,
        "by": actor.person,
        "at": now,
    }
    try:
        return canon.check(facts, CallEntry)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-a-call", "that is no entry of the call log", remedy="callers and a subject, a line each"
        ) from cause
