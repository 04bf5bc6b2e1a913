"""Packages between two nodes: covers, seals, lists and receipts, whatever the post does with the statements."""

from dataclasses import replace
from typing import cast

import pytest

from gsomia.errors import NodeError, RefusedError, WaitingError
from gsomia.flows import people
from gsomia.flows.couriers import certify_courier, change_hands, declare, plan_shipment
from gsomia.flows.covers import approve_covers
from gsomia.flows.desk import Actor
from gsomia.flows.handover import hand_over
from gsomia.flows.packages import make_package, send_package, trace_dispatches
from gsomia.flows.parcels import name_representative, open_package, receipt_package, receive_package
from gsomia.flows.reconcile import differences_with, reconcile
from gsomia.flows.records import RefusalRecord
from gsomia.flows.register import register_matter
from gsomia.ids import ItemId, PersonId
from gsomia.labels import level_words
from gsomia.parties import Hand, Office, Person, say_act
from gsomia.registry import (
    FIRST_COPY,
    PACKAGE_RECEIPT,
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Due,
    Form,
    IncidentMark,
    ItemRecord,
    JourneyMoment,
    Known,
    Leg,
    Matter,
    Package,
    PackageEvent,
    PackageReceipt,
    Place,
    RegisterError,
    Route,
    Suspicion,
    Transmittal,
)
from simulation.world import (
    JPN,
    KOR,
    KR_JP,
    PURPOSE,
    SECRET,
    TOPIC,
    UNTIL,
    Fault,
    SimNode,
    World,
    hand,
    policies,
    world_in_force,
)
from unit.registry.test_covers import ADDRESSES, TABLE

ENVOY, COURIER = cast("PersonId", "envoy"), cast("PersonId", "courier")
OUTER, INNER = ("S-101", "S-102"), ("S-201",)
WORDS = level_words(TABLE, policies=policies().values())


@pytest.fixture
def world() -> World:
    made = world_in_force()
    add_envoy(made[JPN])
    name_representative(made[JPN].desk, made[JPN].actor("security"), ENVOY, to=KOR, until=UNTIL)
    made.settle()
    return made


def add_envoy(node: SimNode, name: PersonId = ENVOY) -> None:
    office = Office.DESIGNATED_REPRESENTATIVE
    known = Person(
        id=name,
        name=name,
        rank="",
        official=True,
        nationalities=(node.party,),
        employer=node.party,
        offices=(office,),
        key=hand(node.party, name, office).signer.public,
        at=node.clock(),
    )
    people.add_person(node.desk, known)


def envoy(node: SimNode, name: PersonId = ENVOY) -> Actor:
    actor = node.actor(name)
    return replace(actor, hand=Hand(office=Office.DESIGNATED_REPRESENTATIVE, signer=actor.hand.signer))


def enter(node: SimNode, form: Form = Form.DOCUMENTARY, *, pages: int = 12, level: str | None = None) -> ItemId:
    matter = Matter(pages=pages) if form is Form.DOCUMENTARY else Matter(serials=("R-001", "R-002"))
    return register_matter(
        node.desk,
        node.actor("registrar"),
        form=form,
        matter=matter,
        level=level or SECRET[node.party],
        purpose=PURPOSE,
        topic=TOPIC,
    ).item.id


def approve(world: World, item: ItemId) -> None:
    approve_covers(world[KOR].desk, world[KOR].actor("releaser"), item, to=JPN)


def pack(
    world: World,
    *items: ItemId,
    route: Route = Route.POUCH,
    outer: tuple[str, ...] = OUTER,
    inner: tuple[str, ...] = INNER,
    addressee: str = ADDRESSES[2],
) -> str:
    node = world[KOR]
    covers = make_package(
        node.desk,
        node.actor("registrar"),
        to=JPN,
        copies=tuple((item, FIRST_COPY) for item in items),
        sender=ADDRESSES[0],
        addressee=addressee,
        route=route,
        outer_seals=outer,
        inner_seals=inner,
        level_words=WORDS,
    )
    return covers.package.number


def send(world: World, number: str) -> Transmittal:
    return send_package(world[KOR].desk, world[KOR].actor("registrar"), number)


def packed(world: World, *items: ItemId) -> str:
    """Approved, packed and sent."""
    for item in items:
        approve(world, item)
    number = pack(world, *items)
    send(world, number)
    return number


def receive(world: World, number: str, *, seals: tuple[str, ...] = OUTER) -> PackageEvent:
    return receive_package(world[JPN].desk, envoy(world[JPN]), number, sender=KOR, seals=seals)


def unpack(
    world: World, number: str, found: dict[tuple[ItemId, str], int], *, seals: tuple[str, ...] = INNER
) -> tuple[ItemId, ...]:
    node = world[JPN]
    return open_package(node.desk, node.actor("registrar"), number, sender=KOR, seals=seals, found=found)


def sign(world: World, number: str) -> None:
    receipt_package(world[JPN].desk, envoy(world[JPN]), number, sender=KOR)


def take(world: World, number: str, *items: ItemId, count: int = 12) -> None:
    """Received, opened, booked and receipted."""
    receive(world, number)
    for item in unpack(world, number, {(item, FIRST_COPY): count for item in items}):
        if not world[JPN].every(Booking, item=item):
            world[JPN].book(item)
    sign(world, number)


def line(node: SimNode, item: ItemId, copy: str = FIRST_COPY) -> CopyLine:
    found = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=copy))
    assert found is not None
    return found


def legs(node: SimNode, number: str) -> list[Leg]:
    return [event.leg for event in node.every(PackageEvent, number=number)]


def marks(node: SimNode) -> list[tuple[str, Suspicion]]:
    return [(mark.subject, mark.what) for mark in node.every(IncidentMark)]


# the way there and back ----------------------------------------------------------------------------------------------


@pytest.mark.source("F-03", "F-04", "G9-2", "G12-1", "G12-5", "A-04", "LEDGER-2")
def test_a_package_goes_in_covers_and_custody_passes_at_the_signed_receipt(world: World) -> None:
    items = [enter(world[KOR]), enter(world[KOR])]
    number = packed(world, *items)
    world.settle()
    assert {line(world[KOR], item).place for item in items} == {Place.IN_TRANSIT}
    assert [line(world[KOR], item).custodian for item in items] == [KOR, KOR]
    assert world[JPN].every(ItemRecord) == []  # told of, and not here
    receive(world, number)
    assert set(unpack(world, number, {(item, FIRST_COPY): 12 for item in items})) == set(items)
    assert {line(world[JPN], item).custodian for item in items} == {KOR}
    for item in items:
        world[JPN].book(item)
    assert {line(world[JPN], item).place for item in items} == {Place.ARRIVED}
    world.wait(90)
    sign(world, number)
    world.wait(3600)
    world.settle()
    for item in items:
        ours, theirs = line(world[KOR], item), line(world[JPN], item)
        assert (ours.place, ours.custodian, theirs.place, theirs.custodian) == (Place.HANDED_ON, JPN, Place.HELD, JPN)
        passed = [world[party].every(CustodyEvent, item=item)[-1] for party in (KOR, JPN)]
        assert [event.kind for event in passed] == [CustodyKind.RECEIPTED, CustodyKind.BOOKED]
        assert passed[0].at == passed[1].at
    assert legs(world[KOR], number) == [Leg.MADE, Leg.SENT, Leg.RECEIPTED]
    assert legs(world[JPN], number) == [Leg.TOLD, Leg.ARRIVED, Leg.OPENED, Leg.RECEIPTED]
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6", "LEDGER-2", "LEDGER-8")
@pytest.mark.parametrize("there", Fault, ids=lambda fault: f"list {fault.value}")
@pytest.mark.parametrize("back", Fault, ids=lambda fault: f"receipt {fault.value}")
def test_statements_that_are_lost_doubled_or_late_change_nothing_in_the_end(
    world: World, there: Fault, back: Fault
) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.deliver(KOR, JPN, there)
    if there is Fault.LOST:
        with pytest.raises(NodeError, match="is known here"):  # the package stands there and its list has not come
            receive(world, number)
    world.settle()
    take(world, number, item)
    world.deliver(JPN, KOR, back)
    world.settle()
    assert (line(world[KOR], item).place, line(world[JPN], item).place) == (Place.HANDED_ON, Place.HELD)
    assert (len(world[JPN].every(ItemRecord)), len(world[JPN].every(Package))) == (1, 1)
    assert [event.kind for event in world[KOR].every(CustodyEvent, item=item)].count(CustodyKind.RECEIPTED) == 1
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("F-03", "F-01")
def test_the_item_carries_the_originators_mark_and_the_number_it_came_under(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    take(world, number, item)
    record = world[JPN].every(ItemRecord, id=item)[0]
    assert (record.originator, record.label.mark, record.matter) == (KOR, "군사Ⅱ급비밀", Matter(pages=12))
    assert record.origin is not None
    assert (record.origin.package, record.origin.instrument) == (number, KR_JP)


# what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.source("F-14", "G1-2")
def test_nothing_is_packed_without_a_decision_in_hand_and_old_decisions_lapse(world: World) -> None:
    item = enter(world[KOR])
    with pytest.raises(RefusedError) as refused:
        pack(world, item)
    assert refused.value.clauses == ("F-14", "G1-2")
    approve(world, item)
    world.wait(31 * 86_400)
    with pytest.raises(RefusedError, match="nobody decided"):
        pack(world, item)


@pytest.mark.source("F-14", "G7-6")
def test_a_decision_that_would_be_another_today_holds_the_package_back(world: World) -> None:
    item = enter(world[KOR])
    approve(world, item)
    number = pack(world, item)
    world[KOR].clear("releaser", level="KOR-3")
    with pytest.raises(RefusedError, match="no clearance"):
        send(world, number)
    assert line(world[KOR], item).place is Place.HELD


@pytest.mark.source("G12-1")
@pytest.mark.parametrize(("outer", "inner"), [((), INNER), (OUTER, ())])
def test_a_package_has_two_covers_under_seals(world: World, outer: tuple[str, ...], inner: tuple[str, ...]) -> None:
    item = enter(world[KOR])
    approve(world, item)
    with pytest.raises(RegisterError) as refused:
        pack(world, item, outer=outer, inner=inner)
    assert refused.value.clauses == ("G12-1",)


@pytest.mark.source("G12-2", "G12-3")
@pytest.mark.parametrize("addressee", ["Secret Desk, Tokyo", "防衛省 機密室", "Missile Analysis Office, Tokyo"])
def test_an_address_that_betrays_level_or_content_is_refused(world: World, addressee: str) -> None:
    item = enter(world[KOR])
    approve(world, item)
    with pytest.raises(RegisterError, match="on a cover"):
        pack(world, item, addressee=addressee)
    assert world[KOR].every(Package) == []


@pytest.mark.source("G9-2", "G12-1")
def test_only_who_has_the_copies_in_hand_packs_them_and_a_copy_goes_once(world: World) -> None:
    node = world[KOR]
    item = enter(node)
    approve(world, item)
    first, second = pack(world, item), pack(world, item)
    send(world, first)
    with pytest.raises(RegisterError):
        send(world, second)
    with pytest.raises(RegisterError, match="sent before"):
        send(world, first)
    other = enter(node)
    approve(world, other)
    node.bring_reader()
    with pytest.raises(WaitingError):
        hand_over(node.desk, node.actor("registrar"), other, copy=FIRST_COPY, to=cast("PersonId", "analyst"))
    hand_over(node.desk, node.actor("analyst"), other, copy=FIRST_COPY, to=cast("PersonId", "analyst"))
    with pytest.raises(RegisterError, match="not in the hand"):
        pack(world, other)


@pytest.mark.source("G9-3")
def test_a_hand_over_to_somebody_who_is_no_designated_representative_fails(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    with pytest.raises(RefusedError) as refused:
        receive_package(world[JPN].desk, world[JPN].actor("registrar"), number, sender=KOR, seals=OUTER)
    assert refused.value.clauses == ("G9-3",)
    assert legs(world[JPN], number) == [Leg.TOLD]


@pytest.mark.source("G9-3", "A-04")
def test_a_receipt_signed_with_a_key_that_was_never_named_passes_no_custody(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    take(world, number, item)
    stranger = hand(JPN, "stranger", Office.DESIGNATED_REPRESENTATIVE)
    receipt = canon_receipt(world, number)
    forged = say_act(receipt, kind=PACKAGE_RECEIPT, hand=stranger, signer=world[JPN].desk.unlocked.keys.statement)
    with pytest.raises(NodeError):
        world.links[JPN, KOR].statement(forged.envelope)
    assert line(world[KOR], item).place is Place.IN_TRANSIT
    assert world[KOR].every(RefusalRecord)[-1].code == "exchange/no-representative"


def canon_receipt(world: World, number: str) -> PackageReceipt:
    sent = world[KOR].every(PackageEvent, number=number, leg=Leg.SENT)[0]
    assert sent.evidence is not None
    return PackageReceipt(
        number=number,
        transmittal=sent.evidence,
        party=JPN,
        to=KOR,
        copies=1,
        seals_intact=True,
        at=world[JPN].clock(),
    )


# what differs on arrival ---------------------------------------------------------------------------------------------


@pytest.mark.source("F-04", "G12-5", "F-17")
def test_outer_seals_that_differ_mark_an_incident_before_anything_is_opened(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    with pytest.raises(RefusedError, match="outer seals"):
        receive(world, number, seals=("S-101", "S-999"))
    assert marks(world[JPN]) == [(number, Suspicion.SEALS_DIFFER)]
    with pytest.raises(RegisterError, match="stays closed"):
        unpack(world, number, {(item, FIRST_COPY): 12})
    assert world[JPN].every(ItemRecord) == []


@pytest.mark.source("F-03", "F-04", "F-17")
@pytest.mark.parametrize("what", ["page", "copy", "stranger", "inner-seal"])
def test_contents_that_are_not_as_listed_mark_an_incident_and_get_no_receipt(world: World, what: str) -> None:
    items = [enter(world[KOR]), enter(world[KOR])]
    number = packed(world, *items)
    world.settle()
    receive(world, number)
    found: dict[tuple[ItemId, str], int] = {(item, FIRST_COPY): 12 for item in items}
    seals = INNER
    match what:
        case "page":
            found[items[0], FIRST_COPY] = 11
        case "copy":
            del found[items[1], FIRST_COPY]
        case "stranger":
            found[items[0], "2"] = 12
        case _:
            seals = ("S-777",)
    with pytest.raises(RefusedError):
        unpack(world, number, found, seals=seals)
    expected = Suspicion.SEALS_DIFFER if what == "inner-seal" else Suspicion.CONTENTS_DIFFER
    assert marks(world[JPN]) == [(number, expected)]
    assert world[JPN].every(ItemRecord) == []
    with pytest.raises(RegisterError):
        sign(world, number)


@pytest.mark.source("G4-2", "F-04")
def test_no_receipt_is_signed_before_every_item_is_booked(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    receive(world, number)
    unpack(world, number, {(item, FIRST_COPY): 12})
    with pytest.raises(RegisterError, match="not booked"):
        sign(world, number)
    world[JPN].book(item)
    sign(world, number)


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
