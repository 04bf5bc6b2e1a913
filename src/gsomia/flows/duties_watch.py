"""What is due at the desks of the hotline: answers, read-backs, forms, test calls, reliefs.

Source: relay 5.4, A-12, A-32.
"""

from collections.abc import Iterator

from gsomia.exchange import (
    DisclosureForm,
    DisclosureOpened,
    HotlineDesk,
    MessageEntry,
    Outcome,
    WatchTurn,
    acknowledgement_due,
    call_window_ends,
    manned_until,
    read_back_due,
    watch_alarm,
)
from gsomia.flows.desk import Desk
from gsomia.flows.hotline_alarms import calls_of_plans
from gsomia.flows.hotline_facts import message_facts
from gsomia.flows.ports import Tx
from gsomia.instants import Instant
from gsomia.policy import Clock, Duty


def messages(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Messages that are to be acknowledged or read back, by our desk or the partner's.

    Source: relay 5.4, A-12.
    """
    for entry in tx.every(MessageEntry):
        facts = message_facts(tx, entry)
        heard = entry.direction == "heard"
        command = f"hotline ack {entry.message}" if heard else f"hotline show {entry.message}"
        for clock, due in (
            (Clock.HOTLINE_ANSWER, acknowledgement_due(facts)),
            (Clock.HOTLINE_READ_BACK, read_back_due(facts)),
        ):
            if due is not None:
                yield Duty(
                    clock=clock, subject=entry.message, since=entry.at, due=due, command=command, party=entry.party
                )


def forms(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Forms on classified words that were said, not complete yet.

    Source: A-32, G2-4.
    """
    for opened in tx.every(DisclosureOpened):
        form = tx.latest(DisclosureForm, reference=opened.reference)
        if form is None or not form.complete:
            yield Duty(
                clock=Clock.HOTLINE_FORM,
                subject=opened.reference,
                since=opened.at,
                due=opened.due,
                command=f"hotline form {opened.reference} --level {opened.level} --line LINE",
                party=opened.party,
            )


def tests(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """Planned test calls of ours whose window is open and that nobody made.

    Source: relay 5.4.
    """
    for plan, calls in calls_of_plans(tx, now=now):
        for call in calls:
            if plan.direction == "own" and call.outcome is Outcome.WAITING and call.message is None:
                yield Duty(
                    clock=Clock.HOTLINE_TEST,
                    subject=plan.plan,
                    since=call.due,
                    due=call_window_ends(plan, call.due),
                    command=f"hotline test {plan.plan}",
                    party=plan.party,
                )


def watches(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Desks of ours that are unmanned, and those whose last planned watch ends.

    Source: relay 5.4, A-12.
    """
    for named in {(one.desk, one.peer): one for one in tx.every(HotlineDesk, owner=desk.party)}.values():
        turns = tx.every(WatchTurn, desk=named.desk)
        unmanned = watch_alarm(named, turns, now=now)
        due = unmanned.since if unmanned is not None else manned_until(turns, now=now)
        if due is not None and named.notice.valid.covers(now):
            yield Duty(
                clock=Clock.HOTLINE_WATCH,
                subject=f"{named.desk}/{named.peer}",
                since=named.at,
                due=due,
                command=f"hotline watch {named.desk} --person PERSON --until TIME",
                party=named.peer,
            )


SOURCES = (messages, forms, tests, watches)
"""One function for each kind of thing that may be due at a desk of the hotline."""
