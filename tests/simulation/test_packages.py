"""Packages between two nodes: covers, seals, lists and receipts, whatever the post does with the statements."""

from typing import cast

import pytest

from gsomia.errors import NodeError, RefusedError, WaitingError
from gsomia.flows.dispose import destroy_item
from gsomia.flows.handover import hand_over
from gsomia.flows.parcels import receive_package
from gsomia.flows.records import RefusalRecord
from gsomia.ids import ItemId, PersonId
from gsomia.parties import Office, say_act
from gsomia.registry import (
    FIRST_COPY,
    PACKAGE_RECEIPT,
    CustodyEvent,
    CustodyKind,
    ItemRecord,
    Leg,
    Matter,
    Method,
    Package,
    PackageEvent,
    PackageReceipt,
    Place,
    RegisterError,
    Suspicion,
)
from simulation.covers import (
    INNER,
    OUTER,
    approve,
    enter,
    legs,
    line,
    marks,
    pack,
    packed,
    receive,
    send,
    sign,
    take,
    unpack,
    world_of_covers,
)
from simulation.world import (
    JPN,
    KOR,
    KR_JP,
    Fault,
    World,
    hand,
)


@pytest.fixture
def world() -> World:
    return world_of_covers()


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


@pytest.mark.source("G13-1", "F-16", "LEDGER-1")
def test_the_end_of_what_came_in_covers_is_told_to_its_originator(world: World) -> None:
    item = enter(world[KOR])
    number = packed(world, item)
    world.settle()
    take(world, number, item)
    world.settle()
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item, method=Method.BURNED)
    destroy_item(world[JPN].desk, world[JPN].actor("security"), item)
    world.settle()
    assert (line(world[KOR], item).place, line(world[JPN], item).place) == (Place.DESTROYED, Place.DESTROYED)
    assert world[KOR].every(RefusalRecord) == []


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
