"""Bundles on media between nodes that no line joins: everything crosses, twice changes nothing, damage is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError, PartnerError, UnavailableError
from gsomia.exchange import BUNDLE_MAGIC, ExchangeError, Frame, FrameKind, MessageKind, Stage, Tally, print_frame
from gsomia.flows import rotate
from gsomia.flows.bundle_export import begin_export, close_export, export_frames
from gsomia.flows.bundle_import import Import, is_key_change, prove_bundle, take_bundle
from gsomia.flows.parties import partner
from gsomia.flows.records import BundleRecord, RefusalRecord
from gsomia.ids import PartyCode
from gsomia.registry import ItemRecord
from gsomia.transport import open_bundle, read_first, read_frames, write_bundle
from simulation.world import JPN, KOR, USA, PowerCut, SimNode, World, world_in_force

SMALL, LARGE = b"image", bytes(2 * SEGMENT_BYTES + 5)


def export(node: SimNode, to: PartyCode, file: Path) -> Path:
    chosen = begin_export(node.desk, to)
    write_bundle(file, export_frames(node.desk, chosen), seal=lambda tally: close_export(node.desk, chosen, tally))
    return file


def bring(node: SimNode, file: Path) -> Import:
    with open_bundle(file) as opened:
        first = read_first(opened, is_change=is_key_change)
        proven = prove_bundle(node.desk, first.seal, tally=first.tally, changes=first.changes)
        return take_bundle(node.desk, node.intake, proven, read_frames(opened))


def holds(world: World) -> bool:
    return [*world[KOR].problems(), *world[JPN].problems()] == []


def state(node: SimNode) -> object:
    return (node.sizes(), node.queued(KOR), node.queued(JPN), node.count(ItemRecord), node.count(BundleRecord))


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.mark.source("DESIGN-6")
def test_items_of_any_size_cross_by_hand_and_receipts_come_back(world: World, tmp_path: Path) -> None:
    released = [world[KOR].release(world[KOR].register(content).id, JPN) for content in (SMALL, LARGE, b"")]
    done = bring(world[JPN], export(world[KOR], JPN, tmp_path / "there"))
    assert (done.items, done.refused) == (3, 0)
    assert world[KOR].queued(JPN) == 3  # until the receipts are here
    for one in released:
        world[JPN].book(one.item)
    back = bring(world[KOR], export(world[JPN], KOR, tmp_path / "back"))
    assert (back.settled, back.statements, back.unproven) == (3, 3, 0)
    assert world[KOR].queued(JPN) == 0
    assert {world[KOR].stages(one.delivery.consignment)[-1] for one in released} == {Stage.RECEIPTED}
    bring(world[JPN], export(world[KOR], JPN, tmp_path / "third"))
    assert world[JPN].queued(KOR) == 0
    assert holds(world)


@pytest.mark.source("DESIGN-6")
def test_a_whole_agreement_is_brought_into_force_by_hand(tmp_path: Path) -> None:
    line, hand = world_in_force(), World(KOR, JPN)
    number = iter(range(1000))

    def by_hand(*, rounds: int = 12) -> None:
        del rounds
        for _ in range(2):
            for sender, to in ((KOR, JPN), (JPN, KOR)):
                bring(hand[to], export(hand[sender], to, tmp_path / f"{next(number)}"))

    hand.settle = by_hand  # type: ignore[method-assign]
    hand.bring_into_force()
    assert hand[KOR].state() == hand[JPN].state() == line[KOR].state() == "IN_FORCE"
    assert holds(hand)


@pytest.mark.source("DESIGN-6")
def test_importing_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    world[KOR].release(world[KOR].register(LARGE).id, JPN)
    file = export(world[KOR], JPN, tmp_path / "there")
    assert not bring(world[JPN], file).repeated
    before = state(world[JPN])
    assert bring(world[JPN], file).repeated
    assert state(world[JPN]) == before
    answers = export(world[JPN], KOR, tmp_path / "back")
    bring(world[KOR], answers)
    before = state(world[KOR])
    assert bring(world[KOR], answers).repeated
    assert state(world[KOR]) == before


@pytest.mark.source("DESIGN-6")
def test_what_crossed_by_line_too_is_one_item(world: World, tmp_path: Path) -> None:
    released = world[KOR].release(world[KOR].register(LARGE).id, JPN)
    file = export(world[KOR], JPN, tmp_path / "there")
    world.settle()
    assert bring(world[JPN], file).items == 1
    assert world[JPN].count(ItemRecord, id=released.item) == 1
    assert bring(world[KOR], export(world[JPN], KOR, tmp_path / "back")).settled == 0
    assert holds(world)


@pytest.mark.source("DESIGN-6")
def test_answers_are_sent_until_the_other_side_has_seen_them(world: World, tmp_path: Path) -> None:
    world[KOR].release(world[KOR].register(SMALL).id, JPN)
    bring(world[JPN], export(world[KOR], JPN, tmp_path / "1"))
    export(world[JPN], KOR, tmp_path / "lost")
    again = export(world[JPN], KOR, tmp_path / "2")
    assert len(begin_export(world[JPN].desk, KOR).answers) == 1
    assert bring(world[KOR], again).settled == 1
    bring(world[JPN], export(world[KOR], JPN, tmp_path / "3"))
    assert begin_export(world[JPN].desk, KOR).answers == ()


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("where", [0, 20, 3000, -1])
def test_a_flipped_byte_is_refused_before_anything_is_done(world: World, tmp_path: Path, where: int) -> None:
    world[KOR].release(world[KOR].register(LARGE).id, JPN)
    file = export(world[KOR], JPN, tmp_path / "there")
    data = bytearray(file.read_bytes())
    data[where] ^= 1
    (tmp_path / "flipped").write_bytes(data)
    before = state(world[JPN])
    with pytest.raises(PartnerError):
        bring(world[JPN], tmp_path / "flipped")
    assert state(world[JPN]) == before
    assert bring(world[JPN], file).items == 1


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("cut", [1, 40, 5000])
def test_a_bundle_that_is_cut_short_or_longer_is_refused(world: World, tmp_path: Path, cut: int) -> None:
    world[KOR].release(world[KOR].register(SMALL).id, JPN)
    whole = export(world[KOR], JPN, tmp_path / "there").read_bytes()
    for name, data in (("short", whole[:-cut]), ("long", whole + bytes(cut))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PartnerError):
            bring(world[JPN], tmp_path / name)


@pytest.mark.source("DESIGN-6")
def test_a_bundle_for_another_or_from_a_stranger_is_refused(tmp_path: Path) -> None:
    world = world_in_force(USA)
    world[KOR].release(world[KOR].register(SMALL).id, JPN)
    file = export(world[KOR], JPN, tmp_path / "there")
    with pytest.raises(ExchangeError) as caught:
        bring(world[USA], file)
    assert caught.value.code == "exchange/bundle-of-another"
    alone = SimNode(USA)
    with pytest.raises(LocalError) as unknown:
        bring(alone, file)
    assert unknown.value.code == "flows/unknown-partner"


@pytest.mark.source("DESIGN-6")
def test_a_refusal_comes_back_and_ends_the_delivery(world: World, tmp_path: Path) -> None:
    released = world[KOR].release(world[KOR].register(SMALL).id, JPN)
    file = export(world[KOR], JPN, tmp_path / "there")
    rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
    revocation = next(one for one in world.due(KOR, JPN) if one[1].kind is MessageKind.STATEMENT)
    world.carry(KOR, JPN, *revocation)  # it goes ahead by line; the item in the bundle was signed with a revoked key
    later = export(world[KOR], JPN, tmp_path / "later")
    with pytest.raises(PartnerError):
        bring(world[JPN], file)  # sealed with a revoked key
    assert bring(world[JPN], later).refused == 1
    bring(world[KOR], export(world[JPN], KOR, tmp_path / "back"))
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.REFUSED
    assert world[JPN].count(RefusalRecord) == 1


@pytest.mark.source("DESIGN-6", "DESIGN-4")
@pytest.mark.parametrize("revoking", [False, True], ids=["rotation", "revocation"])
def test_a_change_of_keys_crosses_by_hand(world: World, tmp_path: Path, revoking: bool) -> None:  # noqa: FBT001  a case
    world.cosign(JPN, KOR)
    if revoking:
        rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
    else:
        rotate.rotate(world[KOR].desk, world[KOR].first)
    released = world[KOR].release(world[KOR].register(SMALL).id, JPN)
    done = bring(world[JPN], export(world[KOR], JPN, tmp_path / "there"))
    assert (done.items, done.refused) == (1, 0)
    assert partner(world[JPN].desk, KOR).descriptor.number == 2
    bring(world[KOR], export(world[JPN], KOR, tmp_path / "back"))
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert holds(world)


@pytest.mark.source("DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_an_import_that_is_cut_is_repeated_and_each_item_is_there_once(tmp_path: Path, power: bool) -> None:  # noqa: FBT001  a case
    for at in range(1, 60):
        world = world_in_force()
        released = [world[KOR].release(world[KOR].register(content).id, JPN) for content in (SMALL, LARGE)]
        file = export(world[KOR], JPN, tmp_path / f"there-{at}")
        world[JPN].fragile.fail(at, cut_after=power)
        cut = True
        try:
            bring(world[JPN], file)
            cut = False
        except (UnavailableError, PowerCut):
            world[JPN].restart()
        world[JPN].fragile.fail(0)
        bring(world[JPN], file)
        assert [world[JPN].count(ItemRecord, id=one.item) for one in released] == [1, 1]
        assert world[JPN].count(BundleRecord) == 1
        assert bring(world[KOR], export(world[JPN], KOR, tmp_path / f"back-{at}")).settled == 2
        assert holds(world)
        if not cut:
            assert at > 6
            return


@pytest.mark.source("DESIGN-6", "DESIGN-2")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_an_export_that_is_cut_leaves_no_bundle(tmp_path: Path, power: bool) -> None:  # noqa: FBT001  a case
    for at in range(1, 60):
        world = world_in_force()
        world[KOR].release(world[KOR].register(SMALL).id, JPN)
        world[KOR].fragile.fail(at, cut_after=power)
        file = tmp_path / f"there-{at}"
        try:
            export(world[KOR], JPN, file)
        except (UnavailableError, PowerCut):
            world[KOR].restart()
            assert not file.exists()
            assert bring(world[JPN], export(world[KOR], JPN, file)).items == 1
            continue
        assert at > 2
        return


def test_a_bundle_is_never_written_over_a_file(world: World, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"precious")
    with pytest.raises(LocalError):
        export(world[KOR], JPN, tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == b"precious"
    assert world[KOR].count(BundleRecord) <= 1


@pytest.mark.source("DESIGN-6")
@settings(max_examples=200)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_a_bundle_or_a_partners_fault(data: bytes, begun: bool) -> None:  # noqa: FBT001  drawn
    file = io.BytesIO((BUNDLE_MAGIC if begun else b"") + data)
    with pytest.raises(PartnerError):  # so few bytes are never a whole one
        read_first(file, is_change=is_key_change)


@pytest.mark.source("DESIGN-6")
@given(st.lists(st.sampled_from(list(FrameKind)), max_size=8))
def test_segments_stand_behind_an_offer_or_nowhere(kinds: list[FrameKind]) -> None:
    def take() -> None:
        tally = Tally()
        for kind in [*kinds, FrameKind.SEGMENT]:
            tally.take(Frame(kind, b"x"))

    with pytest.raises(PartnerError):
        take()


def test_a_frame_longer_than_its_kind_may_be_is_neither_written_nor_read() -> None:
    with pytest.raises(ValueError, match="longer"):
        print_frame(Frame(FrameKind.SEAL, bytes(FrameKind.SEAL.cap + 1)))
    head = FrameKind.SEAL.mark + (FrameKind.SEAL.cap + 1).to_bytes(4, "big")
    with pytest.raises(ExchangeError):
        list(read_frames(io.BytesIO(BUNDLE_MAGIC + head)))
