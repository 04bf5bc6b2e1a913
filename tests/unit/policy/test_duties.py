"""A worklist is sorted by deadline, asks by office, and calls late what is late, at that very second."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import FacilityId, PersonId
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.policy import CLOCKS, Asker, Basis, Clock, Duty, DutyState, worklist

NOON = 1_800_000_000
SEOUL, BUSAN = cast("FacilityId", "seoul"), cast("FacilityId", "busan")
KIM = cast("PersonId", "kim")
DAY = 86_400


def duty(
    clock: Clock = Clock.BOOKING,
    *,
    due: int | None = 0,
    subject: str = "itm_1",
    facility: FacilityId | None = None,
    person: PersonId | None = None,
) -> Duty:
    return Duty(
        clock=clock,
        subject=subject,
        since=Instant(NOON - 400 * DAY),
        due=None if due is None else Instant(NOON + due),
        command="item show itm_1",
        facility=facility,
        person=person,
    )


duties = st.builds(
    duty,
    st.sampled_from(Clock),
    due=st.none() | st.integers(-200 * DAY, 200 * DAY),
    subject=st.sampled_from(("a", "b")),
    facility=st.sampled_from((None, SEOUL, BUSAN)),
    person=st.sampled_from((None, KIM)),
)


@pytest.mark.source("A-12")
def test_every_clock_says_its_limit_where_that_comes_from_and_who_may_act() -> None:
    assert set(CLOCKS) == set(Clock)
    for rule in CLOCKS.values():
        assert rule.limit
        assert rule.offices
        assert rule.alarm_s >= 0
    assert {clock for clock, rule in CLOCKS.items() if rule.basis is Basis.TREATY} == set()  # the treaty has no figures


@pytest.mark.source("A-12", "REGISTRY-7.2")
@given(st.lists(duties, max_size=12), st.integers(-300 * DAY, 300 * DAY))
def test_a_worklist_is_sorted_by_deadline_with_what_has_none_at_the_end(found: list[Duty], at: int) -> None:
    now = Instant(NOON + at)
    listed = worklist(found, now=now)
    due = [one.due.epoch_s if one.due else None for one in listed]
    dated = [one for one in due if one is not None]
    assert due == [*sorted(dated), *([None] * (len(due) - len(dated)))]
    assert set(listed) == {one for one in found if one.is_shown(now)}


@pytest.mark.source("A-12")
@given(duties, st.integers(-300 * DAY, 300 * DAY))
def test_a_duty_is_overdue_from_its_deadline_on_and_never_before(one: Duty, at: int) -> None:
    now = Instant(NOON + at)
    late = one.due is not None and now >= one.due
    assert (one.state(now) is DutyState.OVERDUE) is late
    if late and not one.rule.lapses:
        assert one.is_shown(now)  # nothing that is late is left out
    if late and one.rule.lapses:
        assert not one.is_shown(now)  # nor is anybody late for what has ended by itself


def test_an_alarm_comes_before_the_deadline_by_as_much_as_the_clock_says() -> None:
    alarm_s = CLOCKS[Clock.BOOKING].alarm_s
    one = duty(Clock.BOOKING, due=0)
    assert one.state(Instant(NOON - alarm_s - 1)) is DutyState.OPEN
    assert one.state(Instant(NOON - alarm_s)) is DutyState.ALARM
    assert one.state(Instant(NOON - 1)) is DutyState.ALARM


def test_each_office_is_asked_only_for_what_it_may_do_and_a_person_for_what_only_they_may() -> None:
    booking, expiry = duty(Clock.BOOKING), duty(Clock.CLEARANCE)
    taking = duty(Clock.HAND_OVER, due=None, person=KIM)
    now = Instant(NOON)

    def asked(**of: object) -> list[Duty]:
        return worklist([booking, expiry, taking], now=now, wanted=Asker(**of))  # type: ignore[arg-type]

    assert asked(offices=frozenset({Office.CONTROL_OFFICER}), person=cast("PersonId", "lee")) == [booking]
    assert asked(offices=frozenset({Office.SECURITY_OFFICER}), person=KIM) == [expiry, taking]
    assert asked(offices=frozenset({Office.READER}), person=KIM) == [taking]


def test_a_facility_is_asked_for_what_is_to_be_done_there_or_anywhere() -> None:
    here, there, anywhere = duty(facility=SEOUL), duty(facility=BUSAN), duty(subject="itm_9")
    assert worklist([here, there, anywhere], now=Instant(NOON), wanted=Asker(facility=SEOUL)) == [here, anywhere]
