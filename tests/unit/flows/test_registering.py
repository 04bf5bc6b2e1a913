"""What can be entered in the register, by whom, and what happens if the file is another than announced."""

from typing import Any

import pytest

from gsomia.admin.command import check_word
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError, NodeError, RefusedError, UnavailableError
from gsomia.flows.officers import appoint
from gsomia.flows.people import add_facility, add_person, get_person, grant_duty, put_on_roster
from gsomia.flows.prove import prove_subject
from gsomia.flows.register import SPARE_BYTES, register_item, room_for
from gsomia.flows.release import release_item
from gsomia.labels import LabelUseError
from gsomia.parties import Facility, Office
from gsomia.registry import Booking, ItemRecord
from simulation.world import JPN, KOR, KR_JP, PURPOSE, REGISTRY, TOPIC, World, pieces, world_in_force


@pytest.fixture
def world() -> World:
    return World(KOR, JPN)


def register(world: World, content: bytes, *, size: int | None = None, **changes: Any) -> ItemRecord:
    facts: dict[str, Any] = {"level": "KOR-2", "purpose": PURPOSE, "topic": TOPIC, **changes}
    size = len(content) if size is None else size
    person = facts.pop("person", "registrar")
    return register_item(world[KOR].desk, world[KOR].actor(person), pieces(content), content_bytes=size, **facts).item


@pytest.mark.source("F-01", "G6-7")
def test_control_numbers_run_without_gaps(world: World) -> None:
    for content in (b"a", b"b"):
        register(world, content)
    with pytest.raises(LocalError):
        register(world, b"short", size=9)
    register(world, b"c")
    numbers = [booking.control_no for booking in world[KOR].every(Booking)]
    assert numbers == [f"KOR-OWN-2026-{number:06d}" for number in (1, 2, 3)]


@pytest.mark.source("G10-2")
@pytest.mark.parametrize("person", ["security", "releaser", "liaison"])
def test_only_a_control_officer_registers(world: World, person: str) -> None:
    with pytest.raises(RefusedError) as raised:
        register(world, b"x", person=person)
    assert raised.value.clauses == ("G10-2",)
    assert world[KOR].count(ItemRecord) == 0


@pytest.mark.source("F-01")
@pytest.mark.parametrize("size", [6, 4, 0, SEGMENT_BYTES])
def test_a_file_that_became_another_while_it_was_read_is_not_entered(world: World, size: int) -> None:
    with pytest.raises(LocalError, match="changed while it was read"):
        register(world, b"12345", size=size)
    assert world[KOR].count(ItemRecord) == 0
    assert world[KOR].payloads._stored == {}


@pytest.mark.source("F-01")
def test_a_file_that_grew_by_a_segment_is_told_like_any_other(world: World) -> None:
    with pytest.raises(LocalError, match="changed while it was read"):
        register(world, bytes(SEGMENT_BYTES + 5), size=SEGMENT_BYTES)


@pytest.mark.source("F-01")
def test_a_file_that_shrank_by_a_segment_is_told_like_any_other(world: World) -> None:
    with pytest.raises(LocalError, match="changed while it was read"):
        register(world, b"12345", size=SEGMENT_BYTES + 1)


@pytest.mark.source("EQ-5", "LAW-10")
@pytest.mark.parametrize("level", ["KOR-9", "JPN-3", "", "SECRET"])
def test_an_unknown_level_is_refused(world: World, level: str) -> None:
    with pytest.raises((LabelUseError, NodeError)):
        register(world, b"x", level=level)
    assert world[KOR].count(ItemRecord) == 0


@pytest.mark.source("DESIGN-2")
def test_disk_is_kept_free_for_the_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world[KOR].payloads), "free_bytes", lambda _self: SPARE_BYTES + 9)
    room_for(world[KOR].desk, 9)
    with pytest.raises(UnavailableError, match="are free"):
        room_for(world[KOR].desk, 10)


@pytest.mark.source("F-14")
def test_who_registered_does_not_release() -> None:
    world = world_in_force()
    item = world[KOR].register(b"x")
    with pytest.raises(RefusedError, match="releasing authority"):
        release_item(world[KOR].desk, world[KOR].actor("registrar"), item.id, to=JPN)


@pytest.mark.source("G6-7")
def test_a_topic_too_long_to_travel_is_refused_when_registered() -> None:
    with pytest.raises(LocalError) as caught:
        check_word("topic", "T" * 65)
    assert caught.value.code == "admin/not-a-word"
    with pytest.raises(LocalError, match="codes"):
        register(world_in_force(), b"x", topic="T" * 65)
    assert check_word("topic", "T" * 64) == "T" * 64


@pytest.mark.source("DESIGN-4")
def test_a_person_is_entered_once(world: World) -> None:
    known = get_person(world[KOR].desk, world[KOR].actor("registrar").person)
    with pytest.raises(LocalError, match="already a person"):
        add_person(world[KOR].desk, known)


@pytest.mark.source("G10-1")
def test_a_facility_is_entered_once(world: World) -> None:
    with pytest.raises(LocalError, match="already a facility"):
        add_facility(world[KOR].desk, Facility(id=REGISTRY, name="again", at=world[KOR].clock()))


@pytest.mark.source("G10-2")
def test_nobody_is_appointed_to_an_office_they_do_not_hold(world: World) -> None:
    desk, security = world[KOR].desk, world[KOR].actor("security")
    with pytest.raises(LocalError, match="not entered with the office"):
        appoint(
            desk,
            security,
            facility=REGISTRY,
            person=world[KOR].actor("liaison").person,
            office=Office.CONTROL_OFFICER,
            until=None,
        )


@pytest.mark.source("G7-2")
@pytest.mark.parametrize("both", [True, False])
def test_a_duty_is_for_an_item_or_for_a_purpose(world: World, both: bool) -> None:  # noqa: FBT001  a case
    item = register(world, b"x").id if both else None
    with pytest.raises(LocalError, match="an item or a purpose"):
        grant_duty(
            world[KOR].desk,
            world[KOR].actor("security"),
            person=world[KOR].actor("liaison").person,
            item=item,
            purpose=PURPOSE if both else None,
            until=None,
        )


@pytest.mark.source("G6-6")
def test_a_roster_line_names_a_known_person_and_place(world: World) -> None:
    with pytest.raises(LocalError, match="no person"):
        put_on_roster(
            world[KOR].desk,
            world[KOR].actor("security"),
            facility=REGISTRY,
            person=world[KOR].actor("nobody").person,
            instrument=KR_JP,
            level="KOR-2",
            until=None,
        )


@pytest.mark.source("DESIGN-5")
def test_what_no_log_names_is_not_proven(world: World) -> None:
    with pytest.raises(LocalError, match="no log entry"):
        prove_subject(world[KOR].desk, "itm_nothing")
    item = register(world, b"x").id
    assert prove_subject(world[KOR].desk, item).origin == "gsomia/kor/private"
