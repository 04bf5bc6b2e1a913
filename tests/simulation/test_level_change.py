"""A change of level reaches everything that was made of an item, on both sides, and only its originator can say it."""

import pytest

from gsomia.agreements import ActError
from gsomia.errors import NodeError, RefusedError
from gsomia.flows import rotate
from gsomia.flows.custody import move_copy
from gsomia.flows.levels import Level, level_of, open_copies, orders_of
from gsomia.flows.ports import Tx
from gsomia.flows.regrade import hear_level_change, regrade_item
from gsomia.flows.remark import choose_mark, mark_done, standing_of
from gsomia.flows.say import say
from gsomia.ids import ItemId, PartyCode
from gsomia.parties import say_act
from gsomia.registry import (
    LEVEL_CHANGE,
    CustodyEvent,
    CustodyKind,
    DerivedKind,
    ItemLine,
    ItemRecord,
    LevelChange,
    LevelNotice,
    RegisterError,
    Regraded,
    latest_notice,
)
from simulation.test_copies_and_derived_items import copy, derive, send
from simulation.world import JPN, KOR, SimNode, World, world_in_force

TO_CONFIDENTIAL = "KR-LC-2026-0001"


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


def regrade(node: SimNode, item: ItemId, to: str, *, number: str = TO_CONFIDENTIAL) -> LevelNotice:
    return regrade_item(node.desk, node.actor("releaser"), item, to=to, number=number)


def level(node: SimNode, item: ItemId) -> Level:
    return node.memory.run(lambda tx: level_of(tx, tx.every(ItemRecord, id=item)[-1]))


def open_here(node: SimNode, item: ItemId) -> tuple[str, ...]:
    def read(tx: Tx) -> tuple[str, ...]:
        orders = {order.notice: order for order in tx.every(Regraded, item=item)}.values()
        return tuple(copy for order in orders for copy in open_copies(tx, order))

    return node.memory.run(read)


def told(node: SimNode, item: ItemId) -> dict[str, tuple[int, int] | None]:
    """What the other side said about the last notice: affected, open."""

    def read(tx: Tx) -> dict[str, tuple[int, int] | None]:
        notice = latest_notice(tx.every(LevelNotice, item=item))
        assert notice is not None
        found = standing_of(tx, node.desk, notice)
        return {party: (said.affected, said.open) if said else None for party, said in found.items()}

    return node.memory.run(read)


def mark(node: SimNode, item: ItemId, *copies: str) -> None:
    mark_done(node.desk, node.actor("registrar"), item, copies)


@pytest.mark.source("G6-8", "F-10", "G15-4", "G4-1")
def test_one_notice_opens_every_copy_and_translation_on_both_sides_until_each_is_marked(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    copy(jpn, item, 2)
    copy(kor, item, 1)
    translation = derive(jpn, item).item.id
    copy(jpn, translation, 1)
    original = jpn.every(ItemRecord, id=item)[0].label
    regrade(kor, item, "KOR-3")
    assert level(kor, item).own_mark == "KOR-3"
    world.settle()
    assert (level(jpn, item).classification, level(jpn, item).own_mark) == ("KOR-3", "JPN-3")
    assert (level(jpn, translation).classification, level(jpn, translation).own_mark) == ("KOR-3", "JPN-3")
    assert jpn.every(ItemRecord, id=item)[-1].label == original  # kept for ever as it came
    assert (open_here(kor, item), open_here(jpn, item)) == (("1", "2"), ("1", "2", "3"))
    assert open_here(jpn, translation) == ("1", "2")
    assert told(kor, item) == {"JPN": None}
    mark(jpn, item, "1", "2")
    world.settle()
    assert told(kor, item) == {"JPN": (5, 3)}
    mark(jpn, item, "3")
    mark(jpn, translation, "1", "2")
    mark(kor, item, "1", "2")
    world.settle()
    assert told(kor, item) == {"JPN": (5, 0)}
    assert told(jpn, item) == {"KOR": (2, 0)}
    for node in (kor, jpn):
        assert (open_here(node, item), node.problems()) == ((), [])


@pytest.mark.source("G4-7", "X-7", "G6-8")
def test_the_recipient_edits_no_level(world: World) -> None:
    item = send(world)
    jpn = world[JPN]
    for act in (
        lambda: regrade(jpn, item, "JPN-3"),
        lambda: choose_mark(jpn.desk, jpn.actor("registrar"), item, mark="JPN-3", basis="we think so"),
    ):
        with pytest.raises(RefusedError) as refused:
            act()
        assert set(refused.value.clauses) == {"G4-7", "X-7"}
    assert level(jpn, item).own_mark == "JPN-2-TOKUTEI"
    assert jpn.count(Regraded) == jpn.count(LevelNotice) == 0


@pytest.mark.source("G4-7", "X-7")
def test_a_notice_of_somebody_else_changes_nothing(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    change = LevelChange(
        number="JP-1", serial=1, originator=JPN, item=item, old="KOR-2", new="KOR-3", effective=jpn.clock()
    )
    forged = say_act(
        change, kind=LEVEL_CHANGE, hand=jpn.actor("releaser").hand, signer=jpn.desk.unlocked.keys.statement
    )
    jpn.desk.store.run(lambda tx: say(tx, jpn.desk, forged, kind=LEVEL_CHANGE, to=KOR, subject=item))
    world.settle()
    assert level(kor, item).classification == "KOR-2"
    assert kor.count(LevelNotice) == 0
    with pytest.raises(ActError):
        kor.desk.store.run(lambda tx: hear_level_change(tx, kor.desk, JPN, forged, kor.clock()))


@pytest.mark.source("G6-8", "G7-2")
def test_an_upgrade_counts_at_once_for_who_is_not_cleared(world: World) -> None:
    item = send(world, level="KOR-3")
    kor, jpn = world[KOR], world[JPN]
    jpn.bring_reader("junior", cleared=False)
    jpn.clear("junior", level="JPN-3")
    jpn.read(item, "junior")
    translation = derive(jpn, item, by="junior").item.id
    regrade(kor, item, "KOR-2")
    world.settle()
    assert level(jpn, item).own_mark is None  # 極秘 or 特定秘密: an officer's act
    for one in (item, translation):
        with pytest.raises(RefusedError) as refused:
            jpn.read(one)
        assert "G4-2" in refused.value.clauses
    with pytest.raises(RegisterError):
        mark(jpn, item, "1")
    with pytest.raises(RegisterError):
        choose_mark(jpn.desk, jpn.actor("registrar"), item, mark="JPN-3", basis="too low")
    choose_mark(jpn.desk, jpn.actor("registrar"), item, mark="JPN-2-TOKUTEI", basis="Act 108 of 2013")
    assert level(jpn, translation).own_mark == "JPN-2-TOKUTEI"
    for one in (item, translation):
        with pytest.raises(RefusedError) as refused:
            jpn.read(one, "junior")
        assert refused.value.code == "policy/not-cleared"
        jpn.read(one)
        mark(jpn, one, "1")
    world.settle()
    assert told(kor, item) == {"JPN": (2, 0)}
    assert jpn.problems() == []


@pytest.mark.source("G6-8", "G4-1", "A-37")
def test_what_is_released_after_a_change_bears_the_new_level(world: World) -> None:
    kor, jpn = world[KOR], world[JPN]
    item = kor.register(b"to be lowered first").id
    regrade(kor, item, "KOR-3")
    kor.release(item, JPN)
    world.settle()
    jpn.book(item, mark="JPN-3")
    assert (level(jpn, item).classification, level(kor, item).classification) == ("KOR-3", "KOR-3")
    regrade(kor, item, "KOR-2", number="KR-LC-2026-0002")
    world.settle()
    assert level(jpn, item).classification == "KOR-2"


@pytest.mark.source("G6-8", "G4-2")
def test_a_notice_that_comes_before_the_item_is_booked_counts_when_it_is(world: World) -> None:
    kor, jpn = world[KOR], world[JPN]
    item = kor.register(b"overtaken").id
    kor.release(item, JPN)
    regrade(kor, item, "KOR-3")
    rows = world.due(KOR, JPN)
    for row, outgoing in reversed(rows):  # the notice first
        world.carry(KOR, JPN, row, outgoing)
    world.settle()
    with pytest.raises(RegisterError):
        jpn.book(item, mark="JPN-2-TOKUTEI")
    assert jpn.book(item, mark="JPN-3").own_mark == "JPN-3"
    world.settle()
    assert (level(jpn, item).classification, level(jpn, item).own_mark) == ("KOR-3", "JPN-3")
    assert (told(kor, item), jpn.problems()) == ({"JPN": (0, 0)}, [])


@pytest.mark.source("G6-8", "G4-5")
def test_what_is_declassified_needs_no_clearance_and_travels_no_more(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    regrade(kor, item, "DECLASSIFIED")
    world.settle()
    jpn.bring_reader("clerk", cleared=False)
    jpn.read(item, "clerk")
    assert (level(jpn, item).classification, level(jpn, item).rank) == (None, 0)
    with pytest.raises(RefusedError) as refused:
        kor.release(item, JPN)
    assert refused.value.code == "flows/declassified"
    mark(jpn, item, "1")
    world.settle()
    assert told(kor, item) == {"JPN": (1, 0)}
    assert (kor.problems(), jpn.problems()) == ([], [])


@pytest.mark.source("LEDGER-6", "G4-6")
def test_a_derived_item_never_falls_below_another_parent(world: World) -> None:
    first, second = send(world), send(world, b"another")
    kor, jpn = world[KOR], world[JPN]
    both = derive(jpn, first, second, kind=DerivedKind.EXTRACT).item.id
    regrade(kor, first, "KOR-3")
    world.settle()
    assert level(jpn, both).classification == "KOR-2"
    assert open_here(jpn, both) == ()
    regrade(kor, second, "KOR-3", number="KR-LC-2026-0002")
    world.settle()
    assert level(jpn, both).classification == "KOR-3"
    assert open_here(jpn, both) == ("1",)


@pytest.mark.source("LEDGER-6", "G6-8")
def test_an_originators_own_translation_follows_and_its_holders_are_told(world: World) -> None:
    kor, jpn = world[KOR], world[JPN]
    item = kor.register(b"a Korean text").id
    translation = derive(kor, item, language="en").item
    assert (translation.originator, translation.label.classification) == (KOR, "KOR-2")
    kor.release(translation.id, JPN)
    world.settle()
    jpn.book(translation.id)
    with pytest.raises(RegisterError) as refused:
        regrade(kor, translation.id, "KOR-3")
    assert refused.value.clauses == ("G4-6", "LEDGER-6")
    regrade(kor, item, "KOR-3")
    world.settle()
    assert level(kor, translation.id).classification == level(jpn, translation.id).classification == "KOR-3"
    assert level(jpn, translation.id).own_mark == "JPN-3"
    assert jpn.count(LevelNotice, item=item) == 0  # it never had that one
    regrade(kor, translation.id, "KOR-2", number="KR-LC-2026-0002")
    world.settle()
    assert level(jpn, translation.id).classification == "KOR-2"
    regrade(kor, item, "DECLASSIFIED", number="KR-LC-2026-0003")
    assert level(kor, translation.id).classification == "KOR-2"  # stated for itself


@pytest.mark.source("G6-8", "EQ-3")
def test_a_level_beyond_the_instrument_stops_reading_at_the_holder(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    regrade(kor, item, "KOR-1")
    world.settle()
    with pytest.raises(RefusedError):
        jpn.read(item)
    with pytest.raises(RegisterError):
        choose_mark(jpn.desk, jpn.actor("registrar"), item, mark="JPN-1", basis="as high as it goes")
    with pytest.raises(RefusedError):
        kor.release(item, JPN)


@pytest.mark.source("F-10")
def test_a_notice_is_given_once_and_changes_something(world: World) -> None:
    item = send(world)
    kor = world[KOR]
    for to, number in (("KOR-2", "KR-1"), ("NO-SUCH", "KR-2")):
        with pytest.raises(NodeError):
            regrade(kor, item, to, number=number)
    regrade(kor, item, "KOR-3")
    with pytest.raises(RegisterError) as refused:
        regrade(kor, item, "KOR-2")
    assert refused.value.code == "registry/notice-given"
    with pytest.raises(RegisterError):
        mark(kor, item, "9")
    with pytest.raises(RefusedError):  # an act of the releasing authority
        regrade_item(kor.desk, kor.actor("registrar"), item, to="KOR-2", number="KR-3")


@pytest.mark.source("G6-8", "LEDGER-1")
def test_a_copy_that_is_destroyed_is_no_longer_open(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    copy(jpn, item, 1)
    regrade(kor, item, "KOR-3")
    world.settle()
    gone = CustodyEvent(item=item, copy="2", kind=CustodyKind.DESTROYED, custodian=JPN, at=jpn.clock())
    jpn.desk.store.run(lambda tx: move_copy(tx, jpn.desk, gone))
    assert open_here(jpn, item) == ("1",)
    notice = jpn.every(LevelNotice, item=item)[0].statement
    assert [order.copies for order in jpn.memory.run(lambda tx: orders_of(tx, notice))] == [("1", "2")]


@pytest.mark.source("F-01", "G6-8")
def test_the_register_line_shows_the_level_of_now(world: World) -> None:
    item = send(world)
    jpn = world[JPN]
    regrade(world[KOR], item, "KOR-3")
    world.settle()
    line = jpn.memory.run(lambda tx: tx.line(ItemLine, item=item))
    assert line is not None
    assert (line.mark, line.own_mark) == ("KOR-3", "JPN-3")


@pytest.mark.source("DESIGN-4", "G4-7")
def test_a_level_that_rests_on_a_notice_of_a_revoked_key_lets_nobody_read_until_another_notice(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    translation = derive(jpn, item).item.id
    world.cosign(JPN, KOR)
    regrade(kor, item, "KOR-3")  # Seoul has not cosigned the log in which Tokyo heard it
    world.settle()
    rotate.revoke(kor.desk, kor.first, recovery=None)
    world.settle()
    for act in (lambda: jpn.read(item), lambda: jpn.read(translation), lambda: copy(jpn, item)):
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.code == "flows/notice-disowned"
    regrade(kor, item, "KOR-2", number="KR-LC-2026-0002")
    world.settle()
    choose_mark(jpn.desk, jpn.actor("registrar"), item, mark="JPN-2-TOKUTEI", basis="Act 108 of 2013")
    jpn.read(item)
    jpn.read(translation)


@pytest.mark.source("DESIGN-5", "G6-8")
@pytest.mark.parametrize(("party", "other"), [(JPN, KOR), (KOR, JPN)])
def test_a_node_that_was_set_back_gets_the_notice_back(world: World, party: PartyCode, other: PartyCode) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    cosign_both(world)
    before = world[party].copy_record()
    regrade(kor, item, "KOR-3")
    world.settle()
    mark(jpn, item, "1")
    world.settle()
    cosign_both(world)
    world[party].set_back(before)
    world.link_up(party, other)
    world.settle()
    assert level(kor, item).classification == level(jpn, item).classification == "KOR-3"
    assert told(kor, item) == {"JPN": (1, 0)}
    assert (kor.problems(), jpn.problems()) == ([], [])


def cosign_both(world: World) -> None:
    world.cosign(KOR, JPN)
    world.cosign(JPN, KOR)
