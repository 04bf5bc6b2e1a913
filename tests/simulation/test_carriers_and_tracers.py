"""Who carries a package, what a late receipt is due, and two registers compared by number."""

import pytest

from gsomia.errors import RefusedError
from gsomia.flows.couriers import certify_courier, change_hands, declare, plan_shipment
from gsomia.flows.packages import trace_dispatches
from gsomia.flows.reconcile import differences_with, reconcile
from gsomia.ids import PersonId
from gsomia.registry import (
    Due,
    Form,
    JourneyMoment,
    Known,
    Place,
    RegisterError,
    Route,
    Suspicion,
)
from simulation.covers import COURIER, OUTER, approve, enter, line, marks, pack, packed, send, take, world_of_covers
from simulation.world import (
    JPN,
    KOR,
    World,
)


@pytest.fixture
def world() -> World:
    return world_of_covers()


# who carries it ------------------------------------------------------------------------------------------------------


def add_carrier(world: World, name: PersonId = COURIER) -> None:
    world[KOR].add_person(name)
    world[KOR].clear(name, level="KOR-1")


def certify(world: World, number: str, *, ceiling: str = "KOR-2", courier: PersonId = COURIER) -> None:
    certify_courier(
        world[KOR].desk,
        world[KOR].actor("security"),
        number,
        courier=courier,
        passport="M12345678",
        ceiling=ceiling,
        urgency="the pouch leaves in three days",
        stops=("Seoul", "Tokyo"),
        carriers=("KE-703",),
        customs="official mail, not to be opened",
        until=world[KOR].clock().plus(days=2),
    )


@pytest.mark.source("F-22", "G9-4", "G7-6")
def test_carrying_by_hand_needs_a_certificate_a_cleared_courier_and_a_declaration(world: World) -> None:
    add_carrier(world)
    item = enter(world[KOR])
    approve(world, item)
    number = pack(world, item, route=Route.HAND)
    with pytest.raises(RefusedError) as refused:
        send(world, number)
    assert refused.value.clauses == ("G9-4", "F-22")
    for ceiling in ("KOR-1", "KOR-3"):  # the top level never by hand, a lower one than the package not at all
        with pytest.raises(RefusedError, match="not carried by hand"):
            certify(world, number, ceiling=ceiling)
    certify(world, number)
    with pytest.raises(RefusedError, match="has not declared"):
        send(world, number)
    declare(world[KOR].desk, world[KOR].actor("courier"), number, moment=JourneyMoment.BEFORE, seals=OUTER)
    world[KOR].clear("courier", level="KOR-3")
    with pytest.raises(RefusedError, match="cleared for `KOR-2`"):
        send(world, number)
    world[KOR].clear("courier", level="KOR-2")
    world.wait(3 * 86_400)
    with pytest.raises(RefusedError, match="out of date"):
        send(world, number)
    certify(world, number)
    declare(world[KOR].desk, world[KOR].actor("courier"), number, moment=JourneyMoment.BEFORE, seals=OUTER)
    send(world, number)
    world.settle()
    take(world, number, item)
    world.settle()
    declare(world[KOR].desk, world[KOR].actor("courier"), number, moment=JourneyMoment.AFTER, seals=OUTER)
    assert marks(world[KOR]) == []


@pytest.mark.source("F-22")
def test_only_the_courier_declares_and_before_comes_first(world: World) -> None:
    add_carrier(world)
    item = enter(world[KOR])
    approve(world, item)
    number = pack(world, item, route=Route.HAND)
    certify(world, number)
    with pytest.raises(RefusedError, match="is not the courier"):
        declare(world[KOR].desk, world[KOR].actor("registrar"), number, moment=JourneyMoment.BEFORE, seals=OUTER)
    with pytest.raises(RegisterError, match="before the journey"):
        declare(world[KOR].desk, world[KOR].actor("courier"), number, moment=JourneyMoment.AFTER, seals=OUTER)
    declare(world[KOR].desk, world[KOR].actor("courier"), number, moment=JourneyMoment.BEFORE, seals=("S-1",))
    assert marks(world[KOR]) == [(number, Suspicion.SEALS_DIFFER)]


def plan(world: World, number: str) -> None:
    plan_shipment(
        world[KOR].desk,
        world[KOR].actor("security"),
        number,
        vehicle="TRUCK-7",
        seals=OUTER,
        escorts=(COURIER,),
        stops=("Seoul", "Busan", "Hakata", "Tokyo"),
        notice="NC-2026-014",
        customs="customs office Hakata",
    )


def hands(world: World, number: str, giver: str, taker: str, *, seals: tuple[str, ...] = OUTER) -> None:
    change_hands(
        world[KOR].desk, world[KOR].actor("courier"), number, giver=giver, taker=taker, place="Busan", seals=seals
    )


@pytest.mark.source("G12-7", "G12-9", "G12-12")
def test_equipment_travels_under_a_plan_and_a_chain_of_receipts_that_comes_back(world: World) -> None:
    add_carrier(world)
    item = enter(world[KOR], Form.EQUIPMENT)
    approve(world, item)
    number = pack(world, item, route=Route.FREIGHT)
    with pytest.raises(RefusedError) as refused:
        send(world, number)
    assert refused.value.clauses == ("G12-7", "G12-12")
    plan(world, number)
    send(world, number)
    world.settle()
    for giver, taker in ((KOR, "ESCORT-1"), ("ESCORT-1", "SHIP-2"), ("SHIP-2", "JPN")):
        hands(world, number, giver, taker)
    take(world, number, item, count=2)
    world.settle()
    assert line(world[KOR], item).place is Place.HANDED_ON
    assert marks(world[KOR]) == []


@pytest.mark.source("G12-9", "F-17")
@pytest.mark.parametrize("chain", [[], [("KOR", "ESCORT-1"), ("SHIP-2", "JPN")], [("KOR", "ESCORT-1")]])
def test_a_gap_in_the_chain_opens_a_report_of_loss(world: World, chain: list[tuple[str, str]]) -> None:
    add_carrier(world)
    item = enter(world[KOR], Form.EQUIPMENT)
    approve(world, item)
    number = pack(world, item, route=Route.FREIGHT)
    plan(world, number)
    send(world, number)
    world.settle()
    for giver, taker in chain:
        hands(world, number, giver, taker)
    take(world, number, item, count=2)
    world.settle()
    assert marks(world[KOR]) == [(number, Suspicion.CHAIN_GAP)]
    assert line(world[KOR], item).place is Place.HANDED_ON  # an incident is a flag, not a place


@pytest.mark.source("G12-7")
def test_a_shipment_without_seals_or_escort_is_refused(world: World) -> None:
    item = enter(world[KOR], Form.EQUIPMENT)
    approve(world, item)
    number = pack(world, item, route=Route.FREIGHT)
    with pytest.raises(RegisterError) as refused:
        plan_shipment(
            world[KOR].desk,
            world[KOR].actor("security"),
            number,
            vehicle="TRUCK-7",
            seals=OUTER,
            escorts=(),
            stops=("Seoul",),
            notice="NC-1",
            customs="none",
        )
    assert refused.value.clauses == ("G12-7",)


# late receipts and the daily reconciliation --------------------------------------------------------------------------


@pytest.mark.source("F-15", "A-12", "LEDGER-4")
def test_every_dispatch_has_a_receipt_or_is_traced_by_its_age(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    released = world.send(b"a report")
    assert {one.number: one.due for one in trace_dispatches(world[KOR].desk)} == {
        number: Due.YOUNG,
        released.delivery.consignment: Due.YOUNG,
    }
    world.wait(10 * 86_400)
    assert {one.due for one in trace_dispatches(world[KOR].desk)} == {Due.TRACER}
    world.settle()
    take(world, number, item)
    world.settle()
    world.wait(20 * 86_400)
    (late,) = trace_dispatches(world[KOR].desk)
    assert (late.number, late.due, late.age_days) == (released.delivery.consignment, Due.INCIDENT, 30)


def compare_registers(world: World) -> None:
    for party, other in ((KOR, JPN), (JPN, KOR)):
        reconcile(world[party].desk, world[party].actor("registrar"), other=other)


@pytest.mark.source("A-34", "LEDGER-8")
def test_registers_agree_once_all_is_delivered_and_until_then_differences_have_an_age(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    released = world.send(b"a report")
    world.settle()
    world.wait(2 * 86_400)
    compare_registers(world)
    world.settle()
    _, differences = differences_with(world[KOR].desk, JPN)
    assert [(one.number, one.ours, one.theirs, one.age_days) for one in differences] == [(number, Known.SENT, None, 2)]
    take(world, number, item)
    world[JPN].book(released.item)
    world.wait(86_400)
    compare_registers(world)  # said while the receipts are still on their way
    world.settle()
    _, differences = differences_with(world[JPN].desk, KOR)
    assert {(one.ours, one.theirs, one.age_days) for one in differences} == {(Known.RECEIPTED, Known.SENT, 1)}
    world.wait(1)
    compare_registers(world)
    world.settle()
    numbers = {(number, Known.RECEIPTED), (released.delivery.consignment, Known.RECEIPTED)}
    for party, other in ((KOR, JPN), (JPN, KOR)):
        heard, differences = differences_with(world[party].desk, other)
        assert heard is not None
        assert {(one.number, one.state) for one in heard.lines} == numbers
        assert differences == ()


@pytest.mark.source("A-34", "A-35")
def test_a_reconciliation_says_numbers_and_states_and_nothing_else(world: World) -> None:
    item = enter(world[KOR])
    packed(world, item)
    world.settle()
    done = reconcile(world[KOR].desk, world[KOR].actor("registrar"), other=JPN)
    assert done.said is not None
    assert [set(one.__dataclass_fields__) for one in done.said.lines] == [{"number", "sender", "state", "since"}]
