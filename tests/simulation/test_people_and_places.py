"""Who may act at this minute and where: what ends stops at once, places are accredited, who leaves hands over."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError, RefusedError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows import leaving, people
from gsomia.flows.decide import replay
from gsomia.flows.desk import private_log
from gsomia.flows.dispose import destroy_item
from gsomia.flows.register import book_item
from gsomia.flows.tenure import clearance_of, principals_of, require_standing
from gsomia.ids import FacilityId, ItemId, PersonId
from gsomia.instants import Instant
from gsomia.labels import ClearanceStatus, LabelUseError
from gsomia.parties import Appointment, Departure, Office, Person
from gsomia.policy import Verdict
from gsomia.registry import (
    Booking,
    ClearanceChange,
    ClearanceGrant,
    DutyGrant,
    EntryEnded,
    FacilityAccreditation,
    ItemRecord,
    NationalityConsent,
    ReadingSlip,
    ReadingStopped,
    RosterLine,
)
from simulation.world import JPN, KOR, KR_JP, PURPOSE, REGISTRY, START, UNTIL, USA, SimNode, World, world_in_force

CONTENT = bytes(range(256)) * (3 * SEGMENT_BYTES // 256) + b"the end"
LEVEL = "JPN-2-TOKUTEI"
DAY = 86_400
REVIEW = START.plus(days=100)


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def node(world: World) -> SimNode:
    """Japan's node, with a reader."""
    world[JPN].bring_reader(cleared=False)
    world[JPN].clear("analyst", level=LEVEL, review_at=REVIEW)
    return world[JPN]


@pytest.fixture
def item(world: World, node: SimNode) -> ItemId:
    """An item of Korea's, in four segments, booked in Japan."""
    released = world.send(CONTENT)
    node.book(released.item)
    return released.item


def who(node: SimNode, person: str) -> PersonId:
    return node.actor(person).person


def change(node: SimNode, status: ClearanceStatus, person: str = "analyst", *, by: str = "security") -> ClearanceChange:
    return leaving.change_clearance(
        node.desk, node.actor(by), person=who(node, person), status=status, basis="PSC-2026-77"
    )


def withdraw(node: SimNode) -> None:
    change(node, ClearanceStatus.WITHDRAWN)


def suspend(node: SimNode) -> None:
    change(node, ClearanceStatus.SUSPENDED)


def end_duty(node: SimNode) -> None:
    leaving.end_duty(node.desk, node.actor("security"), person=who(node, "analyst"), item=None, purpose=PURPOSE)


def end_roster_line(node: SimNode) -> None:
    leaving.end_roster_line(
        node.desk, node.actor("registrar"), facility=REGISTRY, person=who(node, "analyst"), instrument=KR_JP
    )


def leave(node: SimNode, person: str = "analyst") -> Departure:
    return leaving.leave(node.desk, node.actor("security"), person=who(node, person))


def lapse(node: SimNode) -> None:
    """The clearance's review comes due."""
    node.clock.now = REVIEW


def add(node: SimNode, person: str, office: Office) -> None:
    """A person with an office of their own choosing."""
    node.add_person(person)
    known = node.every(Person, id=person)[-1]
    node.memory.run(lambda tx: tx.add(replace(known, offices=(office,))))


def appoint(node: SimNode, person: str, *, until: Instant | None = UNTIL) -> Appointment:
    return people.appoint(
        node.desk,
        node.actor("security"),
        facility=REGISTRY,
        person=who(node, person),
        office=Office.CONTROL_OFFICER,
        until=until,
    )


def appoint_deputy(node: SimNode, person: str) -> Appointment:
    return people.appoint_deputy(
        node.desk, node.actor("security"), facility=REGISTRY, person=who(node, person), until=UNTIL
    )


def end_appointment(node: SimNode, person: str = "registrar") -> None:
    leaving.end_appointment(
        node.desk, node.actor("security"), facility=REGISTRY, person=who(node, person), office=Office.CONTROL_OFFICER
    )


def refused(act: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as raised:
        act()
    return raised.value


# what is open stops ----------------------------------------------------------------------------------------------


@pytest.mark.source("G7-6", "G2-6", "F-07")
@pytest.mark.parametrize(
    ("act", "clause"),
    [
        (withdraw, "G7-6"),
        (suspend, "G7-6"),
        (end_duty, "G7-2"),
        (end_roster_line, "G6-6"),
        (leave, "G7-6"),
        (lapse, "G7-4"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("shown", [0, 1, 3])
def test_an_open_reading_stops_at_the_next_segment(
    node: SimNode, item: ItemId, act: Callable[[SimNode], object], clause: str, shown: int
) -> None:
    reading = node.read(item)
    pieces = iter(reading.content)
    seen = [next(pieces) for _ in range(shown)]
    act(node)
    error = refused(lambda: next(pieces))
    assert (error.code, "G7-6" in error.clauses, clause in error.clauses) == ("flows/reading-stopped", True, True)
    assert b"".join(seen) == CONTENT[: shown * SEGMENT_BYTES]
    assert list(pieces) == []
    stopped = node.every(ReadingStopped, item=item)
    assert [(one.slip, one.segments) for one in stopped] == [(reading.slip, shown)]
    events = [leaf.event for leaf in node.leaves(private_log(JPN))]
    assert events[-2:] == [Event.ACCESS_DENIED, Event.ACCESS_STOPPED]
    assert replay(node.desk, stopped[0].decision)[0].decision.verdict is Verdict.DENY
    assert node.problems() == []


@pytest.mark.source("G7-6")
@pytest.mark.parametrize("act", [withdraw, suspend, end_duty, end_roster_line, leave, lapse])
def test_what_ended_is_no_ground_for_a_later_reading(
    node: SimNode, item: ItemId, act: Callable[[SimNode], object]
) -> None:
    act(node)
    refused(lambda: node.read(item))
    assert node.count(ReadingSlip, item=item) == 0


@pytest.mark.source("G7-6")
def test_a_reading_of_somebody_else_goes_on(node: SimNode, item: ItemId) -> None:
    node.bring_reader("second")
    reading = node.read(item, "second")
    pieces = iter(reading.content)
    first = next(pieces)
    withdraw(node)
    assert b"".join([first, *pieces]) == CONTENT


@pytest.mark.source("G7-6", "G13-1")
def test_an_open_reading_stops_once_two_persons_decided_to_destroy_the_item(node: SimNode, item: ItemId) -> None:
    pieces = iter(node.read(item).content)
    next(pieces)
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    next(pieces)
    destroy_item(node.desk, node.actor("security"), item)
    assert "G13-1" in refused(lambda: next(pieces)).clauses


# clearances ------------------------------------------------------------------------------------------------------


@pytest.mark.source("G2-6", "G7-6")
def test_a_suspended_clearance_is_restored_and_reads_again(node: SimNode, item: ItemId) -> None:
    suspend(node)
    refused(lambda: node.read(item))
    change(node, ClearanceStatus.ACTIVE)
    assert b"".join(node.read(item).content) == CONTENT
    assert [one.status for one in node.every(ClearanceChange)] == ["suspended", "active"]
    assert node.count(ClearanceGrant, person="analyst") == 1


@pytest.mark.source("G7-3", "G7-6")
@pytest.mark.parametrize("status", [ClearanceStatus.ACTIVE, ClearanceStatus.SUSPENDED])
def test_a_withdrawn_clearance_comes_back_by_a_new_decision_only(
    node: SimNode, item: ItemId, status: ClearanceStatus
) -> None:
    withdraw(node)
    error = refused(lambda: change(node, status))
    assert (error.code, error.clauses) == ("flows/clearance-withdrawn", ("G7-3", "G7-6"))
    node.clear("analyst", level=LEVEL)
    assert b"".join(node.read(item).content) == CONTENT


@pytest.mark.source("G7-4")
def test_a_clearance_past_its_review_is_suspended_by_itself_and_not_restored(node: SimNode, item: ItemId) -> None:
    lapse(node)
    assert "G7-4" in refused(lambda: node.read(item)).clauses
    with pytest.raises(LocalError, match="already"):
        change(node, ClearanceStatus.ACTIVE)


@pytest.mark.source("G7-3")
@pytest.mark.parametrize("basis", ["", "  "])
def test_a_decision_about_a_clearance_without_a_basis_is_invalid(node: SimNode, basis: str) -> None:
    person = who(node, "analyst")
    with pytest.raises(LocalError, match="basis"):
        leaving.change_clearance(
            node.desk, node.actor("security"), person=person, status=ClearanceStatus.SUSPENDED, basis=basis
        )
    assert node.count(ClearanceChange) == 0


@pytest.mark.source("G7-3")
def test_nobody_decides_about_their_own_clearance(node: SimNode) -> None:
    assert refused(lambda: node.clear("security", level=LEVEL)).code == "flows/about-oneself"
    assert refused(lambda: change(node, ClearanceStatus.WITHDRAWN, "security")).clauses == ("G7-3",)


@pytest.mark.source("G7-3", "G2-6")
@pytest.mark.parametrize("person", ["registrar", "releaser", "liaison"])
def test_only_a_security_officer_decides_about_clearances(node: SimNode, person: str) -> None:
    assert refused(lambda: change(node, ClearanceStatus.WITHDRAWN, by=person)).clauses == ("G7-3",)


@pytest.mark.source("G2-6")
@pytest.mark.parametrize("until", [START, START.plus(days=-1)])
def test_an_expired_clearance_is_not_entered(node: SimNode, until: Instant) -> None:
    with pytest.raises((LocalError, LabelUseError)):
        node.clear("registrar", level=LEVEL, until=until)
    assert node.count(ClearanceGrant, person="registrar") == 0


@pytest.mark.source("G2-6", "G7-3")
def test_a_grant_names_the_body_that_decided(node: SimNode) -> None:
    assert [one.authority for one in node.every(ClearanceGrant, person="analyst")] == ["JPN"]


@pytest.mark.source("G7-2")
def test_nothing_begins_before_it_is_entered_or_ends_before_it_begins(node: SimNode) -> None:
    words: dict[str, Any] = {"person": who(node, "analyst"), "item": None, "purpose": PURPOSE}
    now = node.clock()
    for start, until in ((now.plus(seconds=-1), None), (now.plus(days=2), now.plus(days=1)), (None, now)):
        with pytest.raises(LocalError):
            people.grant_duty(node.desk, node.actor("security"), **words, start=start, until=until)
    assert node.count(DutyGrant, person="analyst") == 1


@pytest.mark.source("G7-2")
def test_a_duty_that_begins_tomorrow_is_none_today(world: World, node: SimNode, item: ItemId) -> None:
    end_duty(node)
    start = node.clock().plus(days=1)
    people.grant_duty(
        node.desk,
        node.actor("security"),
        person=who(node, "analyst"),
        item=item,
        purpose=None,
        until=UNTIL,
        start=start,
    )
    refused(lambda: node.read(item))
    world.wait(DAY)
    assert b"".join(node.read(item).content) == CONTENT


@pytest.mark.source("G7-2", "G6-6", "G10-2")
@pytest.mark.parametrize("act", [end_duty, end_roster_line, end_appointment])
def test_what_ended_is_not_ended_twice(node: SimNode, act: Callable[[SimNode], object]) -> None:
    act(node)
    with pytest.raises(LocalError, match="that holds"):
        act(node)
    assert node.count(EntryEnded) == 1


@pytest.mark.source("G7-2")
def test_a_duty_granted_again_in_the_same_second_holds(node: SimNode, item: ItemId) -> None:
    end_duty(node)
    people.grant_duty(
        node.desk, node.actor("security"), person=who(node, "analyst"), item=None, purpose=PURPOSE, until=UNTIL
    )
    assert b"".join(node.read(item).content) == CONTENT


# what other flows ask -------------------------------------------------------------------------------------------


def standing(node: SimNode, *, person: str = "analyst", level: str = LEVEL, at: Instant | None = None) -> Person:
    return node.memory.run(
        lambda tx: require_standing(tx, node.desk, person=who(node, person), level=level, at=at or node.clock())
    )


@pytest.mark.source("G7-2", "G7-6")
def test_a_cleared_official_may_act_at_this_minute(node: SimNode) -> None:
    assert standing(node).id == "analyst"
    assert standing(node, level="JPN-3").id == "analyst"
    assert standing(node, level="特定秘密").id == "analyst"


@pytest.mark.source("G7-6", "G7-4", "G2-6", "G7-2")
@pytest.mark.parametrize(
    ("act", "clause"),
    [(withdraw, "G7-6"), (suspend, "G7-6"), (leave, "G7-6"), (lapse, "G7-4")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_who_no_longer_may_act_is_told_by_which_clause(
    node: SimNode, act: Callable[[SimNode], object], clause: str
) -> None:
    act(node)
    assert refused(lambda: standing(node)).clauses == (clause,)


@pytest.mark.source("G7-2", "G2-6")
def test_a_lower_clearance_none_and_no_office_of_government_do_not_act(node: SimNode) -> None:
    node.add_person("contractor", official=False)
    node.clear("contractor", level=LEVEL)
    assert refused(lambda: standing(node, person="contractor")).clauses == ("G7-2",)
    assert refused(lambda: standing(node, person="registrar")).clauses == ("G7-2",)
    assert refused(lambda: standing(node, level="JPN-1")).clauses == ("G7-2",)
    node.clear("registrar", level=LEVEL, until=node.clock().plus(days=1))
    assert refused(lambda: standing(node, person="registrar", at=node.clock().plus(days=1))).clauses == ("G2-6",)
    with pytest.raises(LocalError, match="no person"):
        standing(node, person="nobody")


# places ----------------------------------------------------------------------------------------------------------


@pytest.mark.source("G10-2")
def test_a_facility_without_a_current_control_officer_books_nothing(world: World, node: SimNode) -> None:
    released = world.send(b"image")
    end_appointment(node)
    assert refused(lambda: node.book(released.item)).clauses == ("G10-2",)
    assert refused(lambda: node.register(b"ours")).clauses == ("G10-2",)
    assert node.count(Booking) == 0
    appoint(node, "registrar")
    node.book(released.item)


@pytest.mark.source("G10-2")
def test_without_a_control_officer_in_post_nothing_is_received_and_nothing_is_lost(world: World, node: SimNode) -> None:
    end_appointment(node)
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    world.deliver(KOR, JPN)
    assert (node.count(ItemRecord), world[KOR].stages(released.delivery.consignment)[-1]) == (0, Stage.SENDING)
    appoint(node, "registrar")
    world.settle()
    assert (node.count(ItemRecord), world[KOR].stages(released.delivery.consignment)[-1]) == (1, Stage.RECEIVED)


@pytest.mark.source("G10-2")
def test_an_appointment_that_ran_out_is_none(world: World, node: SimNode) -> None:
    end_appointment(node)
    appoint(node, "registrar", until=node.clock().plus(days=1))
    released = world.send(b"image")
    world.wait(DAY)
    assert refused(lambda: node.book(released.item)).clauses == ("G10-2",)


@pytest.mark.source("G10-2", "REGISTRY-7.1")
def test_a_deputy_stands_in_for_a_control_officer_who_is_in_post(world: World, node: SimNode) -> None:
    add(node, "deputy", Office.CONTROL_OFFICER)
    first, second = world.send(b"one").item, world.send(b"two").item
    appoint_deputy(node, "deputy")
    booking = book_as_deputy(node, first)
    assert (booking.officer, booking.facility) == ("deputy", REGISTRY)
    end_appointment(node)
    assert refused(lambda: book_as_deputy(node, second)).clauses == ("G10-2",)


def book_as_deputy(node: SimNode, item: ItemId) -> Booking:
    """Booked by the deputy's hand."""
    deputy = node.actor("deputy")
    hand = replace(deputy.hand, office=Office.CONTROL_OFFICER)
    return book_item(node.desk, replace(deputy, hand=hand), item, mark=LEVEL, basis="Act 108 of 2013, defence")


@pytest.mark.source("G10-2")
def test_nobody_stands_in_for_themselves(node: SimNode) -> None:
    assert refused(lambda: appoint_deputy(node, "registrar")).code == "flows/principal-and-deputy"
    add(node, "deputy", Office.CONTROL_OFFICER)
    appoint_deputy(node, "deputy")
    assert refused(lambda: appoint(node, "deputy")).clauses == ("G10-2",)
    assert node.memory.run(lambda tx: principals_of(tx, REGISTRY, now=node.clock())) == ("registrar",)


@pytest.mark.source("G10-1")
def test_an_item_above_the_facilitys_ceiling_is_not_booked_there(world: World, node: SimNode) -> None:
    released = world.send(b"image")
    node.accredit_facility(level="JPN-3")
    assert refused(lambda: node.book(released.item)).clauses == ("G10-1",)
    assert refused(lambda: node.register(b"ours", level="JPN-2-GOKUHI")).clauses == ("G10-1",)
    node.register(b"ours", level="JPN-3")
    node.accredit_facility(level=LEVEL)
    node.book(released.item)


@pytest.mark.source("G10-1")
def test_an_item_is_not_read_where_the_ceiling_was_lowered_or_the_review_is_due(
    world: World, node: SimNode, item: ItemId
) -> None:
    node.accredit_facility(level="JPN-3")
    assert refused(lambda: node.read(item)).clauses == ("G10-1",)
    node.accredit_facility(review_at=node.clock().plus(days=1))
    assert b"".join(node.read(item).content) == CONTENT
    world.wait(DAY)
    assert refused(lambda: node.read(item)).clauses == ("G10-1",)
    assert refused(lambda: node.register(b"ours")).clauses == ("G10-1",)


@pytest.mark.source("G10-1")
def test_a_review_lies_ahead_and_the_place_is_known(node: SimNode) -> None:
    before = node.count(FacilityAccreditation)
    with pytest.raises(LocalError, match="lies ahead"):
        node.accredit_facility(review_at=node.clock())
    with pytest.raises(LocalError, match="no facility"):
        people.accredit_facility(
            node.desk,
            node.actor("security"),
            facility=canon.check("annex", FacilityId),
            number="F-2",
            level=LEVEL,
            review_at=UNTIL,
        )
    with pytest.raises(LabelUseError):
        node.accredit_facility(level="KOR-2")
    assert node.count(FacilityAccreditation) == before


# third nationals -------------------------------------------------------------------------------------------------


@pytest.mark.source("A-09", "X-8", "G6-2")
@pytest.mark.parametrize("third", [{"nationality": USA}, {"employer": USA}], ids=["nationality", "employer"])
def test_a_third_national_reads_once_the_originators_written_agreement_is_on_record(
    world: World, node: SimNode, item: ItemId, third: dict[str, Any]
) -> None:
    node.add_person("guest", **third)
    security, guest = node.actor("security"), who(node, "guest")
    people.put_on_roster(
        node.desk, security, facility=REGISTRY, person=guest, instrument=KR_JP, level=LEVEL, until=UNTIL
    )
    people.grant_duty(node.desk, security, person=guest, item=item, purpose=None, until=UNTIL)
    node.clear("guest", level=LEVEL)
    assert refused(lambda: node.read(item, "guest")).clauses == ("G6-2",)
    people.agree_to_person(
        node.desk, security, person=guest, originator=KOR, item=item, purpose=None, number="KR-MND-77", until=None
    )
    assert b"".join(node.read(item, "guest").content) == CONTENT
    other = world.send(b"another").item
    node.book(other)
    people.grant_duty(node.desk, security, person=guest, item=other, purpose=None, until=UNTIL)
    assert refused(lambda: node.read(other, "guest")).clauses == ("G6-2",)
    assert node.count(NationalityConsent) == 1


# who leaves ------------------------------------------------------------------------------------------------------


@pytest.mark.source("F-05", "G6-7")
def test_who_alone_answers_for_a_facility_hands_over_first(node: SimNode) -> None:
    error = refused(lambda: leave(node, "registrar"))
    assert (error.code, error.clauses) == ("flows/charges-held", ("F-05", "G6-7"))
    assert (node.count(Departure), node.count(EntryEnded)) == (0, 0)
    add(node, "successor", Office.CONTROL_OFFICER)
    appoint_deputy(node, "successor")
    refused(lambda: leave(node, "registrar"))
    end_appointment(node, "successor")
    appoint(node, "successor")
    leave(node, "registrar")
    assert node.memory.run(lambda tx: principals_of(tx, REGISTRY, now=node.clock())) == ("successor",)


@pytest.mark.source("F-05", "G13-1")
def test_who_proposed_a_destruction_waits_until_it_is_decided(world: World, node: SimNode, item: ItemId) -> None:
    add(node, "second", Office.SECURITY_OFFICER)
    second = node.actor("second")
    acting = replace(second, hand=replace(second.hand, office=Office.SECURITY_OFFICER))
    with pytest.raises(WaitingError):
        destroy_item(node.desk, acting, item)
    assert refused(lambda: leave(node, "second")).code == "flows/charges-held"
    world.wait(8 * DAY)  # the proposal lapsed
    leave(node, "second")
    assert node.count(Departure) == 1


@pytest.mark.source("G7-6", "G6-6", "F-06")
def test_with_a_departure_everything_ends_and_the_key_acts_no_longer(node: SimNode, item: ItemId) -> None:
    leave(node)
    error = refused(lambda: node.read(item))
    assert (error.code, error.clauses) == ("flows/person-left", ("G7-6",))
    assert sorted(one.entry for one in node.every(EntryEnded, person="analyst")) == ["duty", "roster"]
    clearance = node.memory.run(lambda tx: clearance_of(tx, who(node, "analyst")))
    assert clearance is not None
    assert clearance.status is ClearanceStatus.WITHDRAWN
    assert (node.count(RosterLine, person="analyst"), node.count(DutyGrant, person="analyst")) == (1, 1)


@pytest.mark.source("G7-6")
def test_an_officer_who_left_does_nothing_any_more(node: SimNode) -> None:
    leave(node, "liaison")
    for act in (
        lambda: leave(node, "liaison"),
        lambda: node.clear("liaison", level=LEVEL),
        lambda: people.require_own_key(node.desk, node.actor("liaison")),
    ):
        assert refused(act).code == "flows/person-left"


@pytest.mark.source("F-05")
def test_nobody_records_their_own_departure(node: SimNode) -> None:
    assert refused(lambda: leave(node, "security")).code == "flows/about-oneself"
    with pytest.raises(LocalError, match="no person"):
        leave(node, "nobody")


@pytest.mark.source("F-05")
def test_a_new_kind_of_charge_is_one_more_function(node: SimNode, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies(*_: object) -> Iterator[leaving.Charge]:
        yield leaving.Charge(what="copy", id="JPN-OWN-2026-000001-1")

    monkeypatch.setattr(leaving, "CHARGES", (*leaving.CHARGES, copies))
    assert "JPN-OWN-2026-000001-1" in refused(lambda: leave(node)).message
