"""Copies and derived items at a node: who may make them, what they bear, and what the originator forbids."""

import dataclasses
from typing import cast

import pytest

from gsomia.errors import NodeError, RefusedError, WaitingError
from gsomia.flows import people
from gsomia.flows.copying import approve_copies, copy_item, set_copy_limit
from gsomia.flows.derive import Derived, Making, accredit_system, derive_item
from gsomia.flows.register import register_item
from gsomia.flows.yearly_report import draw_report
from gsomia.ids import HexDigest, ItemId
from gsomia.instants import Validity
from gsomia.registry import (
    CopyLine,
    CopyRecord,
    CustodyKind,
    Derivation,
    DerivedKind,
    ItemRecord,
    Place,
    ReadingSlip,
    RegisterError,
    joined_caveats,
)
from simulation.world import (
    JPN,
    KOR,
    KR_JP,
    PURPOSE,
    REGISTRY,
    SECRET,
    TOPIC,
    UNTIL,
    SimNode,
    World,
    pieces,
    world_in_force,
)


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


def send(world: World, content: bytes = b"a report", *, level: str = "KOR-2", caveats: tuple[str, ...] = ()) -> ItemId:
    """An item that Seoul registered and Tokyo booked."""
    kor = world[KOR]
    item = register_item(
        kor.desk,
        kor.actor("registrar"),
        pieces(content),
        content_bytes=len(content),
        level=level,
        purpose=PURPOSE,
        topic=TOPIC,
        caveats=caveats,
    ).item.id
    kor.release(item, JPN)
    world.settle()
    world[JPN].book(item, mark="JPN-2-TOKUTEI" if level == "KOR-2" else "JPN-3")
    world.settle()
    return item


def let_read(node: SimNode, person: str) -> None:
    """An officer who is cleared, on the roster, and whose duty is the purpose."""
    known, security = node.actor(person).person, node.actor("security")
    node.clear(person, level=SECRET[node.party])
    level = SECRET[node.party]
    people.put_on_roster(
        node.desk, security, facility=REGISTRY, person=known, instrument=KR_JP, level=level, until=UNTIL
    )
    people.grant_duty(node.desk, security, person=known, item=None, purpose=PURPOSE, until=UNTIL)


def order_of(waiting: WaitingError) -> HexDigest:
    """The order that waits."""
    return cast("HexDigest", waiting.evidence["correlation_id"])


def copy(node: SimNode, item: ItemId, count: int = 1, *, by: str = "analyst", purpose: str = PURPOSE) -> CopyRecord:
    return copy_item(
        node.desk, node.actor(by), item, count=count, reason="two desks", purpose=purpose, machine="COPIER-7"
    ).record


def derive(
    node: SimNode,
    *parents: ItemId,
    kind: DerivedKind = DerivedKind.TRANSLATION,
    by: str = "analyst",
    level: str | None = None,
    language: str | None = "ja",
    system: str | None = None,
    content: bytes = b"words in another language",
) -> Derived:
    making = Making(
        kind=kind,
        parents=parents,
        purpose=PURPOSE,
        level=level,
        language=language if kind in {DerivedKind.TRANSLATION, DerivedKind.MACHINE_TRANSLATION} else None,
        system=system,
    )
    return derive_item(node.desk, node.actor(by), pieces(content), content_bytes=len(content), making=making)


def lines(node: SimNode, item: ItemId) -> list[CopyLine]:
    return node.memory.run(lambda tx: tx.lines(CopyLine, limit=100, item=item))


@pytest.mark.source("G14-1", "G14-2", "F-08", "LEDGER-1")
def test_copies_are_numbered_bear_every_mark_and_stand_in_the_register_one_by_one(world: World) -> None:
    item = send(world, caveats=("NO-DESTROY",))
    node = world[JPN]
    made = copy(node, item, 2)
    assert made.copies == ("2", "3")
    original = node.every(ItemRecord, id=item)[0]
    assert made.label == original.label
    assert made.own_mark == "JPN-2-TOKUTEI"
    here = lines(node, item)
    assert [line.copy for line in here] == ["1", "2", "3"]
    assert {(line.place, line.custodian, line.originator) for line in here} == {(Place.HELD, JPN, KOR)}
    assert [line.holder for line in here[1:]] == ["analyst", "analyst"]
    assert [line.made for line in here[1:]] == [CustodyKind.COPIED] * 2
    assert {line.instrument for line in here} == {here[0].instrument} != {None}
    assert node.problems() == []


@pytest.mark.source("G14-2", "G7-2")
def test_a_copy_asks_what_a_reading_asks(world: World) -> None:
    item = send(world)
    node = world[JPN]
    node.bring_reader("stranger", cleared=False)
    with pytest.raises(RefusedError) as refused:
        copy(node, item, by="stranger")
    assert refused.value.code == "policy/not-cleared"
    with pytest.raises(RefusedError) as other:
        copy(node, item, purpose="SOMETHING-ELSE")
    assert other.value.code == "policy/another-purpose"
    assert node.count(CopyRecord) == 0
    assert len(lines(node, item)) == 1


@pytest.mark.source("G14-3")
def test_copies_beyond_the_limit_wait_for_another_person(world: World) -> None:
    item = send(world)
    node = world[JPN]
    with pytest.raises(WaitingError) as waiting:
        copy(node, item, 3)
    order = order_of(waiting.value)
    with pytest.raises(WaitingError) as again:
        copy(node, item, 3)
    assert order_of(again.value) == order
    with pytest.raises(RefusedError):  # the analyst holds no office for it
        approve_copies(node.desk, node.actor("analyst"), order)
    approve_copies(node.desk, node.actor("security"), order)
    made = copy(node, item, 3)
    assert (made.order, made.approver, len(made.copies)) == (order, "security", 3)
    with pytest.raises(WaitingError) as next_order:  # an approval is used once
        copy(node, item, 3)
    assert order_of(next_order.value) != order


@pytest.mark.source("G14-3")
def test_nobody_approves_their_own_order(world: World) -> None:
    item = send(world)
    node = world[JPN]
    let_read(node, "registrar")
    with pytest.raises(WaitingError) as waiting:
        copy(node, item, 3, by="registrar")
    with pytest.raises(RefusedError) as refused:
        approve_copies(node.desk, node.actor("registrar"), order_of(waiting.value))
    assert (refused.value.code, refused.value.clauses) == ("flows/own-order", ("G14-3",))


@pytest.mark.source("G14-3")
def test_the_limit_is_the_nodes_own(world: World) -> None:
    item = send(world)
    node = world[JPN]
    set_copy_limit(node.desk, node.actor("security"), limit=0)
    with pytest.raises(WaitingError):
        copy(node, item, 1)
    set_copy_limit(node.desk, node.actor("security"), limit=1)
    assert copy(node, item, 1).approver is None


@pytest.mark.source("G14-4")
def test_what_the_originator_forbids_to_copy_is_not_copied(world: World) -> None:
    item = send(world, caveats=("NO-COPY",))
    node = world[JPN]
    for act in (lambda: copy(node, item), lambda: derive(node, item, kind=DerivedKind.EXTRACT)):
        with pytest.raises(RefusedError) as refused:
            act()
        assert (refused.value.code, refused.value.clauses) == ("flows/copying-forbidden", ("G14-4",))
    translated = derive(node, item).item
    assert translated.label.has_caveat("NO-COPY")
    with pytest.raises(RefusedError):
        copy(node, translated.id)


@pytest.mark.source("A-19")
def test_what_is_written_to_a_file_is_a_copy_with_a_slip_before_the_bytes(world: World) -> None:
    item = send(world, b"the content")
    node = world[JPN]
    done = copy_item(
        node.desk,
        node.actor("analyst"),
        item,
        count=1,
        reason="for the file",
        purpose=PURPOSE,
        machine="NODE",
        export=True,
    )
    assert done.record.exported
    assert node.count(ReadingSlip, item=item) == 1
    assert done.content is not None
    assert b"".join(done.content) == b"the content"


@pytest.mark.source("G15-1", "G4-6", "F-09", "G15-4")
def test_a_translation_stays_the_originators_and_is_linked_to_what_it_was_made_from(world: World) -> None:
    item = send(world)
    node = world[JPN]
    made = derive(node, item)
    assert (made.item.originator, made.item.origin, made.item.label.classification) == (KOR, None, "KOR-2")
    assert made.booking.own_mark == "JPN-2-TOKUTEI"
    assert made.booking.control_no.startswith("JPN-GSOMIA-KR-JP-")
    assert (made.derivation.parents, made.derivation.author) == ((item,), "analyst")
    (line,) = lines(node, made.item.id)
    assert (line.originator, line.custodian, line.holder) == (KOR, JPN, "analyst")
    assert line.instrument == node.every(ItemRecord, id=item)[0].origin.instrument  # type: ignore[union-attr]
    assert b"".join(node.read(made.item.id).content) == b"words in another language"
    world.settle()
    assert node.problems() == []


@pytest.mark.source("G15-1")
def test_an_uncleared_translator_cannot_begin(world: World) -> None:
    item = send(world)
    node = world[JPN]
    node.bring_reader("stranger", cleared=False)
    before = node.count(ItemRecord)
    with pytest.raises(RefusedError) as refused:
        derive(node, item, by="stranger")
    assert (refused.value.code, refused.value.clauses[0]) == ("policy/not-cleared", "G15-1")
    assert (node.count(ItemRecord), node.count(Derivation)) == (before, 0)


@pytest.mark.source("G15-3")
@pytest.mark.parametrize(("language", "words"), [("ja", "秘密軍事情報"), ("ko", "군사비밀정보"), ("en", "classified")])
def test_a_translation_says_in_its_language_whose_material_it_holds(world: World, language: str, words: str) -> None:
    item = send(world)
    note = derive(world[JPN], item, language=language).derivation.note
    assert note is not None
    assert words in note
    names = {name.language: name.text for name in world[JPN].desk.policies[KOR].names}
    assert names[language] in note


@pytest.mark.source("G15-3")
def test_a_language_without_a_note_gets_no_translation(world: World) -> None:
    item = send(world)
    with pytest.raises(RegisterError) as refused:
        derive(world[JPN], item, language="fr")
    assert (refused.value.code, refused.value.clauses) == ("registry/no-language-note", ("G15-3",))


@pytest.mark.source("A-20")
def test_a_machine_translates_only_on_an_accredited_system_up_to_its_level(world: World) -> None:
    high, low = send(world), send(world, b"less", level="KOR-3")
    node = world[JPN]
    machine = DerivedKind.MACHINE_TRANSLATION
    with pytest.raises(RefusedError) as refused:
        derive(node, low, kind=machine, system="MT-1")
    assert refused.value.clauses == ("A-20", "G15-1")
    valid = Validity(start=node.clock(), until=UNTIL)
    accredit_system(node.desk, node.actor("security"), system="MT-1", number="A-1", level="JPN-3", valid=valid)
    assert derive(node, low, kind=machine, system="MT-1").derivation.author == "analyst"
    with pytest.raises(RefusedError):
        derive(node, high, kind=machine, system="MT-1")


@pytest.mark.source("G4-6", "LEDGER-6", "A-14")
def test_a_work_stands_as_high_as_its_highest_part_and_never_lower_than_a_parent(world: World) -> None:
    high, low = send(world), send(world, b"less", level="KOR-3")
    node = world[JPN]
    both = derive(node, low, high, kind=DerivedKind.EXTRACT)
    assert (both.item.label.classification, both.booking.own_mark) == ("KOR-2", "JPN-2-TOKUTEI")
    with pytest.raises(RegisterError) as refused:
        derive(node, high, kind=DerivedKind.EXTRACT, level="JPN-3")
    assert (refused.value.code, refused.value.clauses) == ("registry/lower-than-parent", ("G4-6", "LEDGER-6"))
    own = node.register(b"our own view", level="JPN-2-TOKUTEI").id
    mixed = derive(node, low, own, kind=DerivedKind.EXTRACT)
    assert (mixed.item.originator, mixed.item.label.classification) == (KOR, "KOR-3")
    assert mixed.booking.own_mark == "JPN-2-TOKUTEI"


@pytest.mark.source("G6-1", "G4-6")
def test_what_was_made_of_a_partners_item_is_not_released_as_our_own(world: World) -> None:
    item = send(world)
    node = world[JPN]
    mixed = derive(node, item, node.register(b"our own view").id, kind=DerivedKind.EXTRACT).item
    with pytest.raises(RefusedError) as refused:
        node.release(mixed.id, KOR)
    assert "G6-1" in refused.value.clauses


@pytest.mark.source("A-14", "A-15")
def test_own_portions_of_a_mixed_work_are_ours_once_another_officer_said_so(world: World) -> None:
    item = send(world)
    node = world[JPN]
    plain, mixed = derive(node, item).item, derive(node, item, kind=DerivedKind.EXTRACT, level="JPN-2-TOKUTEI").item
    with pytest.raises(RefusedError):  # the author is no control officer
        derive(node, mixed.id, kind=DerivedKind.OWN_PORTIONS)
    let_read(node, "registrar")
    with pytest.raises(RegisterError) as refused:
        derive(node, plain.id, kind=DerivedKind.OWN_PORTIONS, by="registrar")
    assert refused.value.code == "registry/no-own-portions"
    own = derive(node, mixed.id, kind=DerivedKind.OWN_PORTIONS, by="registrar")
    assert (own.item.originator, own.item.label.classification) == (JPN, "JPN-2-TOKUTEI")
    made = [(one.originator, one.translated, one.extracted) for one in draw_report(node.desk, year=2026).held]
    assert made == [(JPN, 0, 0), (KOR, 1, 1)]  # what is ours alone was extracted from nothing


@pytest.mark.source("LEDGER-1")
def test_a_derived_item_that_is_refused_leaves_nothing_in_the_register(world: World) -> None:
    item = send(world)
    node = world[JPN]
    before = node.count(ItemRecord), node.count(Derivation)
    for parents, level in (((), None), ((item, item), None), ((item,), "JPN-3")):
        with pytest.raises(NodeError):
            derive(node, *parents, level=level)
    assert (node.count(ItemRecord), node.count(Derivation)) == before


@pytest.mark.source("EQ-8", "A-14")
def test_joined_caveats_hold_every_restriction_and_only_the_common_releasability(world: World) -> None:
    kor = world[KOR]
    made = [
        register_item(
            kor.desk,
            kor.actor("registrar"),
            pieces(b"x"),
            content_bytes=1,
            level="KOR-3",
            purpose=PURPOSE,
            topic=TOPIC,
            caveats=caveats,
            releasable_to=to,
        ).item.label
        for caveats, to in ((("NO-COPY",), ("JPN", "USA")), (("NO-DESTROY",), ("JPN",)))
    ]
    restrictive, permissive = joined_caveats(made)
    whole = dataclasses.replace(made[0], restrictive=restrictive, permissive=permissive)
    assert whole.has_caveat("NO-COPY")
    assert whole.has_caveat("NO-DESTROY")
    assert [category.values for category in permissive] == [("JPN", "KOR")]
    silent = dataclasses.replace(made[0], permissive=())
    assert joined_caveats([silent, made[1]])[1] == ()
