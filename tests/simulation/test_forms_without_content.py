"""Paper, carriers, hardware and the spoken word: entered, read and refused on paths of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from gsomia.agreements import NoteSubject
from gsomia.errors import NodeError, RefusedError, WaitingError
from gsomia.flows import assured_persons
from gsomia.flows.disclose import attend, disclose_item, list_disclosures
from gsomia.flows.dispose import destroy_item
from gsomia.flows.read import fill_slip
from gsomia.flows.records import AssuranceRecord, DecisionRecord
from gsomia.flows.register import register_matter
from gsomia.flows.yearly_report import draw_report
from gsomia.ids import ItemId, PersonId, VisitId
from gsomia.policy import Way
from gsomia.registry import (
    FIRST_COPY,
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Disclosure,
    Form,
    IncidentMark,
    ItemRecord,
    Matter,
    Method,
    Place,
    ReadingSlip,
    RegisterError,
    Shown,
    Suspicion,
    VisitDisclosure,
)
from simulation.world import JPN, KOR, PURPOSE, REGISTRY, SECRET, TOPIC, USA, Fault, SimNode, World, world_in_force

ANALYST = cast("PersonId", "analyst")
PLACE = "Ministry of Defence, Ichigaya, room 402"
BRIEFING = Matter(reference="NOTE-2026-14")


@pytest.fixture
def world() -> World:
    return world_in_force()


def enter(
    node: SimNode, form: Form, matter: Matter, *, level: str | None = None, purpose: str = PURPOSE, topic: str = TOPIC
) -> ItemId:
    return register_matter(
        node.desk,
        node.actor("registrar"),
        form=form,
        matter=matter,
        level=level or SECRET[node.party],
        purpose=purpose,
        topic=topic,
    ).item.id


def disclose(world: World, item: ItemId, *, way: Way = Way.TOGETHER, speaker: str = "liaison") -> Disclosure:
    return disclose_item(
        world[KOR].desk,
        world[KOR].actor("releaser"),
        item,
        to=JPN,
        speaker=cast("PersonId", speaker),
        way=way,
        place=PLACE,
    )


def heard(world: World, item: ItemId, *names: str, note_taken: bool = True) -> Disclosure:
    persons = tuple(cast("PersonId", name) for name in names)
    return attend(world[JPN].desk, world[JPN].actor("registrar"), item, heard=persons, note_taken=note_taken)


def line(node: SimNode, item: ItemId, copy: str = FIRST_COPY) -> CopyLine:
    found = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=copy))
    assert found is not None
    return found


FORMS = {
    Form.DOCUMENTARY: Matter(pages=12),
    Form.MAGNETIC: Matter(media="TAPE-7"),
    Form.ORAL: BRIEFING,
    Form.VISUAL: BRIEFING,
    Form.EQUIPMENT: Matter(serials=("R-001",)),
    Form.TECHNOLOGY: Matter(reference="SPEC-4"),
}


@pytest.mark.source("G2-3", "F-01")
@pytest.mark.parametrize("form", FORMS)
def test_an_item_of_any_form_stands_in_the_register_with_its_particulars(world: World, form: Form) -> None:
    node = world[KOR]
    item = enter(node, form, FORMS[form])
    record = node.every(ItemRecord, id=item)[0]
    assert (record.form, record.matter, record.holding) == (form, FORMS[form], None)
    assert record.content_digest == FORMS[form].digest
    assert node.every(Booking, item=item)[0].control_no.startswith("KOR-OWN-")
    assert line(node, item).place is Place.HELD
    assert node.problems() == []


@pytest.mark.source("G2-3")
@pytest.mark.parametrize(
    "act",
    [
        lambda node, item: node.release(item, JPN),
        lambda node, item: node.read(item),
    ],
    ids=["release", "read"],
)
def test_what_has_no_sealed_content_is_not_treated_as_if_it_had(
    world: World, act: Callable[[SimNode, ItemId], object]
) -> None:
    node = world[KOR]
    node.bring_reader()
    item = enter(node, Form.DOCUMENTARY, Matter(pages=12))
    with pytest.raises(RefusedError) as refused:
        act(node, item)
    assert (refused.value.code, refused.value.clauses) == ("flows/no-sealed-content", ("G2-3",))
    assert refused.value.remedy


@pytest.mark.source("G13-1", "F-16")
def test_what_has_no_content_ends_by_another_method_and_the_originator_is_told(world: World) -> None:
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    said = disclose(world, item)
    world.settle()
    world[JPN].book(item)
    world.settle()
    with pytest.raises(WaitingError):
        destroy_item(world[JPN].desk, world[JPN].actor("registrar"), item, method=Method.SHREDDED)
    done = destroy_item(world[JPN].desk, world[JPN].actor("security"), item)
    assert [end.method for end in done.act.body.copies] == [Method.SHREDDED]
    world.settle()
    assert line(world[KOR], item, said.number).place is Place.DESTROYED
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("G11-2")
@pytest.mark.parametrize("topic", ["CRYPTO", "KEYMAT-2026", "LINK-COMSEC"])
def test_keying_material_is_refused_in_the_register_of_documents(world: World, topic: str) -> None:
    with pytest.raises(RegisterError) as refused:
        enter(world[KOR], Form.DOCUMENTARY, Matter(pages=1), topic=topic)
    assert (refused.value.code, refused.value.clauses) == ("registry/keying-material", ("G11-2",))


@pytest.mark.source("F-07", "G7-2", "LEDGER-5")
def test_the_slip_of_a_paper_copy_is_filled_before_it_is_read(world: World) -> None:
    node = world[KOR]
    node.bring_reader()
    item = enter(node, Form.DOCUMENTARY, Matter(pages=12))
    slip = fill_slip(node.desk, node.actor("analyst"), item, copy=FIRST_COPY, purpose=PURPOSE)
    (kept,) = node.every(ReadingSlip, item=item)
    assert (kept.reader, kept.slip.body.copy, kept.slip.body.purpose) == (ANALYST, FIRST_COPY, PURPOSE)
    assert slip
    with pytest.raises(RefusedError) as refused:
        fill_slip(node.desk, node.actor("liaison"), item, copy=FIRST_COPY, purpose=PURPOSE)
    assert "G7-2" in refused.value.clauses
    assert len(node.every(ReadingSlip, item=item)) == 1


@pytest.mark.source("F-07", "G2-3")
def test_sealed_content_is_read_by_opening_it_not_by_a_slip_alone(world: World) -> None:
    node = world[KOR]
    node.bring_reader()
    item = node.register(b"a report").id
    with pytest.raises(RefusedError, match="sealed content"):
        fill_slip(node.desk, node.actor("analyst"), item, copy=FIRST_COPY, purpose=PURPOSE)
    assert node.every(ReadingSlip) == []


# oral and visual -------------------------------------------------------------------------------------------------


@pytest.mark.source("G2-4", "G7-5", "F-13", "A-04", "A-35")
@pytest.mark.parametrize("form", [Form.ORAL, Form.VISUAL])
def test_a_disclosure_is_booked_by_both_sides_and_custody_passes_with_the_receipt(world: World, form: Form) -> None:
    world[JPN].bring_reader()
    item = enter(world[KOR], form, BRIEFING)
    said = disclose(world, item)
    assert [one.is_complete for one in list_disclosures(world[KOR].desk)] == [False]
    world.settle()
    record = world[JPN].every(ItemRecord, id=item)[0]
    assert (record.originator, record.form, record.holding) == (KOR, form, None)
    assert (line(world[JPN], item).place, line(world[KOR], item, said.number).place) == (
        Place.ARRIVED,
        Place.IN_TRANSIT,
    )
    booking = world[JPN].book(item)
    heard(world, item, "analyst")
    world.settle()
    assert line(world[KOR], item, said.number).place is Place.HANDED_ON
    passed = world[KOR].every(CustodyEvent, item=item)[-1]
    assert (passed.kind, passed.custodian, passed.at) == (CustodyKind.RECEIPTED, JPN, booking.at)
    ours, theirs = list_disclosures(world[KOR].desk)[0], list_disclosures(world[JPN].desk)[0]
    assert (ours.number, ours.notice, ours.hearers, ours.note_taken) == (theirs.number, theirs.notice, 1, True)
    assert (ours.speaker, ours.heard, theirs.speaker, theirs.heard) == ("liaison", (), None, (ANALYST,))
    assert (ours.is_complete, theirs.is_complete) == (True, True)
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("G2-4")
def test_a_disclosure_without_attendance_stays_incomplete_on_both_sides(world: World) -> None:
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    disclose(world, item)
    world.settle()
    world[JPN].book(item)
    world.wait(90 * 86_400)
    world.settle()
    for party in (KOR, JPN):
        assert [one.is_complete for one in list_disclosures(world[party].desk)] == [False]
    with pytest.raises(RegisterError, match="names who heard"):
        heard(world, item)


@pytest.mark.source("G7-5", "F-14")
def test_a_talk_without_an_assurance_for_its_purpose_is_refused_and_nobody_hears_of_it(world: World) -> None:
    item = enter(world[KOR], Form.ORAL, BRIEFING, purpose="OTHER-PURPOSE")
    with pytest.raises(RefusedError) as refused:
        disclose(world, item)
    assert refused.value.clauses == ("G7-5",)
    world.settle()
    assert (world[KOR].every(Disclosure), world[JPN].every(ItemRecord)) == ([], [])
    assert world[KOR].every(DecisionRecord, item=item)[-1].decision.verdict == "deny"


@pytest.mark.source("G4-4", "G6-1")
def test_a_talk_above_the_ceiling_or_to_a_third_party_is_refused(world: World) -> None:
    top = enter(world[KOR], Form.ORAL, BRIEFING, level="KOR-1")
    with pytest.raises(RefusedError) as refused:
        disclose(world, top)
    assert "G4-4" in refused.value.clauses
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    with pytest.raises(RefusedError) as third:
        disclose_item(
            world[KOR].desk,
            world[KOR].actor("releaser"),
            item,
            to=USA,
            speaker=cast("PersonId", "liaison"),
            way=Way.TOGETHER,
            place=PLACE,
        )
    assert "G6-1" in third.value.clauses


@pytest.mark.source("A-32", "G12-11")
def test_a_line_needs_its_accreditation_and_a_meeting_does_not() -> None:
    world = World(KOR, JPN)
    world.sign()
    world_ready(world)
    item, other = (enter(world[KOR], Form.ORAL, BRIEFING) for _ in range(2))
    with pytest.raises(RefusedError) as refused:
        disclose(world, item, way=Way.LINE)
    assert refused.value.clauses == ("G12-11",)
    assert disclose(world, other).number
    world[KOR].accredit(JPN)
    assert disclose(world, item, way=Way.LINE).number


def world_ready(world: World) -> None:
    """In force and assured, with no channel accredited."""

    for subject in (NoteSubject.COMPLETION, NoteSubject.AUTHORITY_NAMED):
        for party in (KOR, JPN):
            world[party].note(subject)
        world.settle()
    digest = world[JPN].assure(KOR)
    world.settle()
    world[KOR].acknowledge(digest)
    world.settle()


@pytest.mark.source("G2-4", "DESIGN-6")
@pytest.mark.parametrize("fault", Fault)
def test_a_notice_that_is_lost_doubled_or_unanswered_is_booked_once(world: World, fault: Fault) -> None:
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    disclose(world, item)
    world.deliver(KOR, JPN, fault)
    world.settle()
    assert len(world[JPN].every(ItemRecord, id=item)) == 1
    assert len(world[JPN].every(Disclosure, item=item)) == 1
    assert line(world[JPN], item).place is Place.ARRIVED


@pytest.mark.source("G2-4", "G7-2", "F-13")
def test_somebody_uncleared_who_heard_it_is_entered_and_an_incident_is_marked(world: World) -> None:
    world[JPN].bring_reader("newcomer", cleared=False)
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    disclose(world, item)
    world.settle()
    world[JPN].book(item)
    assert heard(world, item, "newcomer").heard == ("newcomer",)
    assert [(mark.subject, mark.what) for mark in world[JPN].every(IncidentMark)] == [(item, Suspicion.HEARD_UNCLEARED)]


@pytest.mark.source("G2-4", "A-22", "F-13")
def test_somebody_the_originator_declined_who_heard_it_is_entered_and_an_incident_is_marked(world: World) -> None:
    kor, jpn = world[KOR], world[JPN]
    jpn.bring_reader()
    (digest,) = (one.digest for one in jpn.every(AssuranceRecord, party=JPN))
    assured_persons.name_person(jpn.desk, jpn.actor("security"), digest, ANALYST)
    world.settle()
    talks = [enter(kor, Form.ORAL, BRIEFING) for _ in range(2)]
    for item, declined in zip(talks, (False, True), strict=True):
        disclose(world, item)
        world.settle()
        jpn.book(item)
        if declined:
            assured_persons.answer_person(kor.desk, kor.actor("releaser"), digest, 1, declined=True)
            world.settle()
        assert heard(world, item, ANALYST).heard == (ANALYST,)
    marks = [(mark.subject, mark.what) for mark in jpn.every(IncidentMark)]
    assert marks == [(talks[1], Suspicion.HEARD_UNCLEARED)]


@pytest.mark.source("F-23", "F-13", "G8-5")
def test_the_year_counts_each_disclosure_of_ours_once_and_none_of_a_partners(world: World) -> None:
    kor, jpn = world[KOR], world[JPN]
    jpn.bring_reader()
    item = enter(kor, Form.ORAL, BRIEFING)
    number = disclose(world, item).number
    world.settle()
    jpn.book(item)
    heard(world, item, ANALYST)
    world.settle()
    assert (kor.count(Disclosure), jpn.count(Disclosure)) == (2, 2)  # at the notice and at the attendance
    shown = VisitDisclosure(
        visit=cast("VisitId", "vis_fsewlztjfnfsgsmo3w7jmtjrnu"),
        facility=REGISTRY,
        item=item,
        level="KOR-2",
        visitors=(1,),
        how=Shown.ORAL,
        notes=False,
        record=None,
        by=kor.actor("releaser").person,
        at=kor.clock(),
    )
    of_the_talk = replace(shown, record=number)  # and one that was shown without a signed notice
    kor.memory.run(lambda tx: [tx.add(one) for one in (of_the_talk, shown)])
    assert [draw_report(node.desk, year=2026).disclosed for node in (kor, jpn)] == [2, 0]


@pytest.mark.source("G2-3", "G2-4")
def test_only_what_is_said_or_shown_is_disclosed_and_each_talk_once(world: World) -> None:
    paper = enter(world[KOR], Form.DOCUMENTARY, Matter(pages=3))
    with pytest.raises(RegisterError, match="neither said nor shown"):
        disclose(world, paper)
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    disclose(world, item)
    with pytest.raises(NodeError) as refused:
        disclose(world, item)
    assert refused.value.code == "registry/disclosed-before"


@pytest.mark.source("F-14")
def test_the_registrar_of_a_talk_does_not_decide_it(world: World) -> None:
    item = enter(world[KOR], Form.ORAL, BRIEFING)
    with pytest.raises(RefusedError) as refused:
        disclose_item(
            world[KOR].desk,
            world[KOR].actor("registrar"),
            item,
            to=JPN,
            speaker=cast("PersonId", "liaison"),
            way=Way.TOGETHER,
            place=PLACE,
        )
    assert {"F-14", "G1-2"} <= set(refused.value.clauses)
