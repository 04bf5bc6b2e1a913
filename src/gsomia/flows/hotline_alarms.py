"""The alarms of the hotline: derived from the record and the clock, and entered once each, in both logs.

Deriving needs no timer, so an alarm that fell due while the node was down is seen at the first look. Each side enters
what its own record gives; both logs then show the same codes about the same messages.

Source: relay 5.4, A-12, A-32.
"""

from collections.abc import Iterator

from gsomia.audit import Event
from gsomia.exchange import (
    Alarm,
    CallPlan,
    DisclosureForm,
    DisclosureOpened,
    HotlineAlarm,
    HotlineDesk,
    MessageEntry,
    PlannedCall,
    WatchTurn,
    disclosure_alarm,
    message_alarms,
    number_alarms,
    plan_alarms,
    planned_calls,
    watch_alarm,
)
from gsomia.flows.desk import Desk
from gsomia.flows.hotline_facts import message_facts
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.ids import PartyCode
from gsomia.instants import Instant


def alarms_now(tx: Tx, desk: Desk, *, now: Instant) -> list[Alarm]:
    """Every alarm that holds at `now`, oldest first."""
    return sorted(_every(tx, desk, now), key=lambda alarm: (alarm.since, alarm.reference, alarm.code))


def note_alarms(desk: Desk) -> list[Alarm]:
    """Enter what is alarmed now and was not entered before; every alarm that holds now."""
    now = desk.clock()

    def unit(tx: Tx) -> list[Alarm]:
        alarms = alarms_now(tx, desk, now=now)
        for alarm in alarms:
            enter_alarm(tx, desk, alarm)
        return alarms

    return desk.store.run(unit)


def enter_alarm(tx: Tx, desk: Desk, alarm: Alarm) -> None:
    """Enter an alarm, once for a reference and a code: in the private log, and by code in the shared one."""
    if tx.latest(HotlineAlarm, reference=alarm.reference, code=alarm.code) is not None:
        return
    record = HotlineAlarm(
        reference=alarm.reference, code=alarm.code.value, party=alarm.party, since=alarm.since, at=desk.clock()
    )
    enter(tx, desk, record, event=Event.HOTLINE_ALARMED, subject=alarm.reference, code=alarm.code)
    share(
        tx,
        desk,
        alarm.party,
        event=Event.HOTLINE_ALARMED,
        subject=f"alarm-{alarm.reference}",  # a message's own digest finds the entry that proves its receipt
        code=alarm.code.value,
        reference=alarm.reference,
    )


def calls_of_plans(tx: Tx, *, now: Instant) -> list[tuple[CallPlan, list[PlannedCall]]]:
    """Every plan of test calls, and what became of each call."""
    facts = [message_facts(tx, entry) for entry in tx.every(MessageEntry)]
    return [(plan, planned_calls(plan, facts, now=now)) for plan in tx.every(CallPlan)]


def _every(tx: Tx, desk: Desk, now: Instant) -> Iterator[Alarm]:
    heard: dict[PartyCode, list[MessageEntry]] = {}
    for entry in tx.every(MessageEntry):
        yield from message_alarms(message_facts(tx, entry), now=now)
        if entry.direction == "heard":
            heard.setdefault(entry.party, []).append(entry)
    for party, entries in heard.items():
        yield from number_alarms(party, entries, now=now)
    for plan, calls in calls_of_plans(tx, now=now):
        yield from plan_alarms(plan, calls)
    for opened in tx.every(DisclosureOpened):
        late = disclosure_alarm(opened, tx.latest(DisclosureForm, reference=opened.reference), now=now)
        if late is not None:
            yield late
    named = {(one.desk, one.peer): one for one in tx.every(HotlineDesk, owner=desk.party)}
    for one in named.values():
        unmanned = watch_alarm(one, tx.every(WatchTurn, desk=one.desk), now=now)
        if unmanned is not None:
            yield unmanned
