"""Where items may lie and who answers for it; who is a third party; who leaves hands over first."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.errors import LocalError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows import leaving, people, vouch
from gsomia.flows.dispose import destroy_item
from gsomia.flows.register import book_item
from gsomia.flows.tenure import clearance_of, principals_of
from gsomia.ids import FacilityId, ItemId
from gsomia.labels import ClearanceStatus, LabelUseError
from gsomia.parties import Departure, Office
from gsomia.registry import (
    Booking,
    CopyLine,
    DutyGrant,
    EntryEnded,
    FacilityAccreditation,
    ItemRecord,
    NationalityConsent,
    RosterLine,
)
from simulation.tenure import (
    CONTENT,
    DAY,
    LEVEL,
    REVIEW,
    add,
    appoint,
    appoint_deputy,
    end_appointment,
    leave,
    refused,
    who,
)
from simulation.world import JPN, KOR, KR_JP, REGISTRY, UNTIL, USA, SimNode, World, world_in_force


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
        vouch.accredit_facility(
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
    vouch.agree_to_person(
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


@pytest.mark.source("F-05", "G6-7")
def test_who_has_a_copy_in_hand_hands_it_over_first(node: SimNode, item: ItemId) -> None:
    line = node.memory.run(lambda tx: tx.lines(CopyLine, limit=1, item=item))[0]
    held = replace(line, holder=who(node, "analyst"))
    node.memory.run(lambda tx: tx.put_line(held))
    error = refused(lambda: leave(node))
    assert (error.code, f"{item}/{held.copy}" in error.message) == ("flows/charges-held", True)
    node.memory.run(lambda tx: tx.put_line(replace(held, holder=who(node, "registrar"))))
    leave(node)


@pytest.mark.source("F-05")
def test_a_new_kind_of_charge_is_one_more_function(node: SimNode, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies(*_: object) -> Iterator[leaving.Charge]:
        yield leaving.Charge(what="copy", id="JPN-OWN-2026-000001-1")

    monkeypatch.setattr(leaving, "CHARGES", (*leaving.CHARGES, copies))
    assert "JPN-OWN-2026-000001-1" in refused(lambda: leave(node)).message
