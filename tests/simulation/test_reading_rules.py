"""Who may open what: marks first, clearance, duty and purpose; every denial on record, damage shown before any slip."""

from functools import partial

import pytest

from gsomia.envelope import SegmentError
from gsomia.errors import IntegrityError, RefusedError
from gsomia.flows.content import content_of
from gsomia.flows.desk import Actor
from gsomia.flows.records import DecisionRecord
from gsomia.flows.register import book_item
from gsomia.ids import ItemId
from gsomia.labels import LabelUseError
from gsomia.parties import Office
from gsomia.registry import Booking, ItemRecord, ReadingSlip, RegisterError
from simulation.world import JPN, KOR, START, World, flip, hand, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def item(world: World) -> ItemId:
    return world.send(b"image").item


def denied(world: World, item: ItemId, person: str, *, purpose: str = "DPRK-MISSILE-ANALYSIS") -> set[str]:
    """The codes of a denial that must be on record, without a slip."""
    with pytest.raises(RefusedError):
        world[JPN].read(item, person, purpose=purpose)
    decision = world[JPN].every(DecisionRecord, item=item)[-1].decision
    assert (decision.verdict, world[JPN].count(ReadingSlip, item=item)) == ("deny", 0)
    return {reason.code for reason in decision.reasons}


@pytest.mark.source("G4-2", "A-06")
def test_nobody_reads_before_the_item_is_booked(world: World, item: ItemId) -> None:
    world[JPN].bring_reader()
    assert "not-booked" in denied(world, item, "analyst")


@pytest.mark.source("G7-2")
def test_an_uncleared_reader_is_denied(world: World, item: ItemId) -> None:
    world[JPN].bring_reader(cleared=False)
    world[JPN].book(item)
    assert denied(world, item, "analyst") == {"not-cleared"}


@pytest.mark.source("G7-1")
def test_rank_without_clearance_opens_nothing(world: World, item: ItemId) -> None:
    world[JPN].bring_reader("general", cleared=False, rank="General")
    world[JPN].book(item)
    assert denied(world, item, "general") == {"not-cleared", "rank-gives-nothing"}


@pytest.mark.source("G6-4")
def test_another_purpose_is_denied(world: World, item: ItemId) -> None:
    world[JPN].bring_reader()
    world[JPN].book(item)
    assert denied(world, item, "analyst", purpose="TRADE-STATISTICS") == {"another-purpose"}


@pytest.mark.source("G6-6")
def test_a_person_without_duty_or_roster_line_is_denied(world: World, item: ItemId) -> None:
    world[JPN].add_person("clerk")
    world[JPN].clear("clerk", level="JPN-2-TOKUTEI")
    world[JPN].book(item)
    assert denied(world, item, "clerk") == {"no-need-to-know", "not-on-roster"}


@pytest.mark.source("G7-6", "G2-6")
def test_a_clearance_that_ran_out_opens_nothing(world: World, item: ItemId) -> None:
    world[JPN].bring_reader(cleared=False)
    world[JPN].clear("analyst", level="JPN-2-TOKUTEI", until=START.plus(days=1))
    world[JPN].book(item)
    assert next(world[JPN].read(item).content) == b"image"
    world.wait(86_400)
    with pytest.raises(RefusedError, match="clearance"):
        world[JPN].read(item)


@pytest.mark.source("A-07")
def test_an_item_is_booked_once(world: World, item: ItemId) -> None:
    world[JPN].book(item, mark="JPN-2-GOKUHI")
    with pytest.raises(RegisterError, match="booked already"):
        world[JPN].book(item)
    assert [booking.own_mark for booking in world[JPN].every(Booking, item=item)] == ["JPN-2-GOKUHI"]


@pytest.mark.source("EQ-3", "G4-2")
@pytest.mark.parametrize("mark", ["JPN-3", "JPN-1"])
def test_a_mark_the_table_does_not_give_is_refused(world: World, item: ItemId, mark: str) -> None:
    with pytest.raises(RegisterError, match="does not correspond"):
        world[JPN].book(item, mark=mark)
    assert (world[JPN].count(Booking, item=item), world[JPN].queued(KOR)) == (0, 0)


@pytest.mark.source("EQ-5")
def test_a_mark_of_another_country_is_no_own_mark(world: World, item: ItemId) -> None:
    with pytest.raises(LabelUseError):
        world[JPN].book(item, mark="KOR-2")


@pytest.mark.source("DESIGN-4", "F-07")
def test_a_damaged_segment_is_found_before_a_slip_is_written(world: World, item: ItemId) -> None:
    world[JPN].bring_reader()
    world[JPN].book(item)
    holding = content_of(world[JPN].every(ItemRecord, id=item)[0])
    flip(world[JPN].payloads, holding.segment_list, 0)
    decisions = world[JPN].count(DecisionRecord)
    with pytest.raises(IntegrityError, match="not what was stored"):
        world[JPN].read(item)
    assert (world[JPN].count(ReadingSlip), world[JPN].count(DecisionRecord)) == (0, decisions)


@pytest.mark.source("DESIGN-4")
def test_damaged_content_of_ours_is_not_released(world: World) -> None:
    own = world[KOR].register(b"image")
    flip(world[KOR].payloads, content_of(own).segment_list, 0)
    with pytest.raises((IntegrityError, SegmentError)):
        world[KOR].release(own.id, JPN)
    assert world[KOR].queued(JPN) == 0


@pytest.mark.source("STYLE-3.6")
def test_damaged_content_of_ours_is_our_own_fault(world: World) -> None:
    own = world[KOR].register(b"image")
    flip(world[KOR].payloads, content_of(own).segment_list, 0)
    with pytest.raises(IntegrityError):
        world[KOR].release(own.id, JPN)


@pytest.mark.source("F-14", "DESIGN-5")
def test_a_denial_between_deciding_and_opening_is_on_record(world: World, item: ItemId) -> None:
    world[JPN].bring_reader(cleared=False)
    world[JPN].clear("analyst", level="JPN-2-TOKUTEI", until=START.plus(days=1))
    world[JPN].book(item)
    before = world[JPN].count(DecisionRecord)
    world[JPN].fragile.then = (1, partial(setattr, world[JPN].clock, "now", START.plus(days=2)))
    world[JPN].fragile.runs = 0
    with pytest.raises(RefusedError):
        world[JPN].read(item)
    assert world[JPN].count(DecisionRecord) == before + 1


@pytest.mark.source("DESIGN-4")
def test_a_hand_with_another_key_than_the_persons_is_refused(world: World) -> None:
    item = world.send(b"image").item
    stranger = Actor(person=world[JPN].actor("registrar").person, hand=hand(JPN, "stranger", Office.CONTROL_OFFICER))
    with pytest.raises(RefusedError):
        book_item(world[JPN].desk, stranger, item, mark="JPN-2-TOKUTEI", basis="none")
