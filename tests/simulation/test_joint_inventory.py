"""Two registers are compared by proof: every difference is found and nothing else, whatever happens on the way."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.errors import RefusedError
from gsomia.exchange import (
    INVENTORY_MINUTES,
    INVENTORY_OPENING,
    INVENTORY_ROSTER,
    ROSTERS_EACH,
    Comparison,
    Differs,
    LogHead,
    Minutes,
    MinutesSigned,
    Opening,
    Roster,
    RosterDrawn,
    RosterOpened,
    SignedMinutes,
)
from gsomia.flows import inventory, inventory_roster, minutes
from gsomia.flows.desk import shared_log
from gsomia.flows.minutes import InventoryNow
from gsomia.flows.records import RefusalRecord, StatementRecord
from gsomia.flows.worklist import list_worklist
from gsomia.ids import ItemId, PartyCode
from gsomia.parties import read_own, say_act, sign_statement
from gsomia.policy import Clock
from gsomia.registry import CopyLine, ItemLine, Place
from gsomia.transport import PartnerRefusedError
from simulation.sim_node import LONGEST_WAIT_S
from simulation.world import JPN, KOR, Fault, SimNode, World, world_in_force


@pytest.fixture
def world() -> World:
    """Four items went from Korea to Japan, and are booked there."""
    made = world_in_force()
    for number in range(4):
        item = made.send(f"image {number}".encode()).item
        made[JPN].book(item)
    made.settle()
    return made


def officer(node: SimNode) -> Any:
    return node.actor("registrar")


def begin(world: World, *, faults: tuple[Fault, ...] = (), by: PartyCode = KOR) -> str:
    """One side opens, the other draws; every message on the way has its fault first."""
    other = JPN if by == KOR else KOR
    number = inventory.open_inventory(world[by].desk, officer(world[by]), to=other).inventory
    carry(world, by, other, faults)
    inventory.draw_roster(world[other].desk, officer(world[other]), number)
    carry(world, other, by, faults)
    return number


def carry(world: World, sender: PartyCode, to: PartyCode, faults: tuple[Fault, ...] = ()) -> None:
    for fault in faults:
        world.deliver(sender, to, fault)
        world.wait(LONGEST_WAIT_S)
    world.settle()


def now(world: World, party: PartyCode, number: str) -> InventoryNow:
    return world[party].memory.run(lambda tx: minutes.inventory_now(tx, world[party].desk, number))


def items(node: SimNode) -> list[ItemId]:
    return [line.item for line in node.memory.run(lambda tx: tx.lines(ItemLine, limit=99, originator=KOR))]


def plant(node: SimNode, item: ItemId, **changes: Any) -> None:
    """A fault in the store of one node: a line says something else than its records."""

    def unit(tx: Any) -> None:
        for line in tx.lines(CopyLine, limit=9, item=item):
            if line.counterpart is not None:
                tx.put_line(replace(line, **changes))

    node.memory.run(unit)


def plant_mark(node: SimNode, item: ItemId, mark: str) -> None:
    node.memory.run(lambda tx: tx.put_line(replace(line(tx, item), mark=mark)))


def line(tx: Any, item: ItemId) -> ItemLine:
    found = tx.line(ItemLine, item=item)
    assert isinstance(found, ItemLine)
    return found


def logged(node: SimNode, log: str, item: ItemId) -> int | None:
    return node.memory.run(lambda tx: tx.find(log, subject=item))


def differing(node: SimNode) -> list[str]:
    """What the worklist has of unexplained differences."""
    return [one.subject for one in list_worklist(node.desk, now=node.clock()) if one.clock is Clock.INVENTORY]


def kinds(state: InventoryNow) -> list[tuple[ItemId, Differs]]:
    assert state.minutes is not None
    return [(one.difference.item, one.difference.kind) for one in state.minutes.differences]


def sign(world: World, party: PartyCode, number: str, *, rosters: tuple[Any, ...] | None = None) -> MinutesSigned:
    state = now(world, party, number)
    assert state.ours is not None
    assert state.theirs is not None
    over = rosters or (state.ours.digest, state.theirs.digest)
    return minutes.sign_minutes(world[party].desk, officer(world[party]), number, rosters=over)


def refused(act: Any, *args: Any, **words: Any) -> RefusedError:
    with pytest.raises(RefusedError) as raised:
        act(*args, **words)
    return raised.value


@pytest.mark.source("A-34", "LEDGER-8", "F-21")
def test_equal_registers_show_nothing_and_open_nothing(world: World) -> None:
    number = begin(world)
    for party in (KOR, JPN):
        state = now(world, party, number)
        assert (state.comparison, kinds(state)) == (Comparison.COMPARED, [])
        assert state.ours is not None
        assert state.ours.roster.entries == 4
        assert world[party].count(RosterOpened) == 0
    sign(world, KOR, number)
    world.settle()
    sign(world, JPN, number)
    world.settle()
    for party in (KOR, JPN):
        state = now(world, party, number)
        assert (state.signed, state.closed) == ((JPN, KOR), True)
        assert world[party].problems() == []
    assert refused(inventory.draw_roster, world[KOR].desk, officer(world[KOR]), number).code == "flows/inventory-closed"


@pytest.mark.source("A-34", "A-36", "LEDGER-8")
@pytest.mark.parametrize("faults", list(itertools.product(Fault, repeat=2))[::3], ids=str)
def test_every_planted_difference_is_found_and_nothing_else(world: World, faults: tuple[Fault, ...]) -> None:
    one, two, three, _ = sorted(items(world[KOR]))
    plant(world[JPN], one, place=Place.DESTROYED)
    plant(world[KOR], two, place=Place.IN_TRANSIT)
    plant_mark(world[JPN], three, "KOR-3")
    number = begin(world, faults=faults)
    expected = [(one, Differs.ENDED), (two, Differs.RECEIPT), (three, Differs.MARK)]
    first, second = (now(world, party, number) for party in (KOR, JPN))
    assert kinds(first) == kinds(second) == expected
    assert first.minutes == second.minutes
    # A roster that is drawn again, by either side, is compared again.
    for party, other in ((KOR, JPN), (JPN, KOR)):
        world.wait(61)
        inventory.draw_roster(world[party].desk, officer(world[party]), number)
        carry(world, party, other, faults)
        assert [kinds(now(world, side, number)) for side in (KOR, JPN)] == [expected, expected]
    assert first.minutes is not None
    # Each side's word stands beside the entry of its log that shows it.
    for minuted in first.minutes.differences:
        for side in minuted.difference.sides:
            assert side.log is not None
            assert logged(world[side.party], side.log, minuted.difference.item) == side.index


@pytest.mark.source("F-21", "A-34")
def test_what_one_register_does_not_know_is_found_explained_and_minuted_by_both(world: World) -> None:
    lost = sorted(items(world[KOR]))[1]
    plant(world[JPN], lost, counterpart=None)
    number = begin(world)
    assert kinds(now(world, KOR, number)) == [(lost, Differs.UNKNOWN)]
    left = world[KOR].memory.run(lambda tx: minutes.open_differences(tx, world[KOR].desk))
    assert [(one.inventory, two.difference.item) for one, two in left] == [(number, lost)]
    assert differing(world[KOR]) == [f"{number}/{lost}"]
    minutes.explain_difference(
        world[JPN].desk, officer(world[JPN]), number, item=lost, words="entered under another partner"
    )
    signed_before = sign(world, KOR, number)  # Japan's explanation is not heard yet
    world.settle()
    assert now(world, KOR, number).unexplained == ()
    assert differing(world[KOR]) == []
    assert refused(sign, world, JPN, number).code == "flows/minutes-differ"
    again = sign(world, KOR, number)
    world.settle()
    assert sign(world, JPN, number).digest == again.digest != signed_before.digest
    world.settle()
    assert [now(world, party, number).closed for party in (KOR, JPN)] == [True, True]


@pytest.mark.source("A-34", "F-21", "A-36")
def test_minutes_over_different_rosters_are_refused(world: World) -> None:
    number = begin(world)
    old = now(world, JPN, number)
    assert old.ours is not None
    assert old.theirs is not None
    before = (old.ours.digest, old.theirs.digest)
    world.wait(61)
    inventory.draw_roster(world[KOR].desk, officer(world[KOR]), number)
    world.settle()
    error = refused(sign, world, JPN, number, rosters=before)
    assert (error.code, error.clauses) == ("flows/minutes-over-other-rosters", ("A-34", "F-21"))
    assert "inventory show" in error.remedy
    assert world[JPN].count(MinutesSigned) == 0
    # And a partner that signs over them all the same is not heard.
    assert old.minutes is not None
    assert said(world, old.minutes) == "exchange/minutes-over-other-rosters"
    assert world[JPN].count(MinutesSigned) == 0
    sign(world, JPN, number)


@pytest.mark.source("A-34", "F-21")
def test_a_roster_drawn_while_the_other_signature_is_on_its_way_keeps_nothing_open(world: World) -> None:
    plant(world[JPN], min(items(world[KOR])), place=Place.DESTROYED)
    number = begin(world)
    signed = sign(world, KOR, number)
    world.settle()
    sign(world, JPN, number)  # closed in Japan, and not heard yet in Korea
    world.wait(61)
    inventory.draw_roster(world[KOR].desk, officer(world[KOR]), number)
    world.settle()
    for party in (KOR, JPN):
        state = now(world, party, number)
        assert (state.closed, state.signed, state.minutes) == (True, (JPN, KOR), signed.act.body.minutes)
        assert [one.digest for one in (state.ours, state.theirs) if one] == list(
            signed.act.body.minutes.rosters if party == JPN else reversed(signed.act.body.minutes.rosters)
        )


def scans(monkeypatch: pytest.MonkeyPatch) -> list[PartyCode]:
    """Whose register is read for a roster, from now on."""
    read: list[PartyCode] = []
    drawing = inventory_roster.draw_tree

    def counted(tx: Any, desk: Any, other: PartyCode) -> Any:
        read.append(desk.party)
        return drawing(tx, desk, other)

    monkeypatch.setattr(inventory_roster, "draw_tree", counted)
    return read


@pytest.mark.source("A-34")
def test_a_partner_that_repeats_itself_makes_us_read_the_register_once_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, *_ = sorted(items(world[KOR]))
    plant(world[JPN], one, place=Place.DESTROYED)
    number = begin(world)
    heard = [
        record.envelope
        for record in world[JPN].every(StatementRecord, direction="heard")
        if record.kind in {INVENTORY_ROSTER, INVENTORY_OPENING}
    ]
    assert len(heard) == 3
    read = scans(monkeypatch)

    def repeat() -> list[PartyCode]:
        read.clear()
        for envelope in heard * 2:
            world.links[KOR, JPN].statement(envelope)
        return list(read)

    assert repeat() == []
    world[JPN].restart()  # what it drew is not kept any more
    world.link_up(JPN, KOR)
    assert [repeat(), repeat()] == [[JPN], []]
    plant(world[JPN], two, place=Place.DESTROYED)
    world[JPN].restart()  # and the register has moved on
    world.link_up(JPN, KOR)
    assert [repeat(), repeat()] == [[JPN], []]
    for party in (KOR, JPN):
        sign(world, party, number)
        world.settle()
    world[JPN].restart()
    world.link_up(JPN, KOR)
    assert repeat() == []  # closed: nothing is opened any more


@pytest.mark.source("A-34", "F-21")
def test_rosters_and_openings_of_one_inventory_are_limited_on_both_sides(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(world[JPN], min(items(world[KOR])), place=Place.DESTROYED)
    number = begin(world)
    drawn = world[KOR].every(RosterDrawn, party=KOR)[-1].roster
    assert said(world, replace(drawn, number=ROSTERS_EACH + 1)) == "exchange/too-many-rosters"
    opened = world[KOR].every(RosterOpened)[0].opening
    assert opened.party == KOR
    monkeypatch.setattr(inventory, "OPENINGS_EACH", world[JPN].count(RosterOpened, roster=opened.roster))
    assert said(world, replace(opened, nodes=())) == "exchange/too-many-openings"
    # Our own side keeps the limit as well, and the next inventory can begin all the same.
    monkeypatch.setattr(inventory, "ROSTERS_EACH", 1)
    error = refused(inventory.draw_roster, world[KOR].desk, officer(world[KOR]), number)
    assert error.code == "flows/too-many-rosters"
    assert inventory.open_inventory(world[KOR].desk, officer(world[KOR]), to=JPN).inventory != number


@pytest.mark.source("F-21", "LEDGER-8")
def test_the_last_inventory_that_was_compared_says_what_is_unexplained(world: World) -> None:
    lost = sorted(items(world[KOR]))[1]
    plant(world[JPN], lost, counterpart=None)
    first = begin(world)
    for party in (KOR, JPN):
        sign(world, party, first)
        world.settle()
    duties = [one for one in list_worklist(world[KOR].desk, now=world[KOR].clock()) if one.clock is Clock.INVENTORY]
    assert [(one.subject, one.command) for one in duties] == [(f"{first}/{lost}", f"inventory open {JPN}")]
    world.wait(61)
    second = begin(world)
    assert differing(world[KOR]) == [f"{second}/{lost}"]
    minutes.explain_difference(world[KOR].desk, officer(world[KOR]), second, item=lost, words="sent by hand")
    assert differing(world[KOR]) == []


def said(world: World, body: Minutes | Roster | Opening) -> str:
    """What Japan's door says to a statement that Korea's keys signed, whatever Korea's program would say."""
    keys = world[KOR].desk.unlocked.keys.statement
    if isinstance(body, Opening):
        envelope = sign_statement(body, kind=INVENTORY_OPENING, signer=keys).envelope
    elif isinstance(body, Roster):
        mine = officer(world[KOR]).hand
        envelope = say_act(body, kind=INVENTORY_ROSTER, hand=mine, signer=keys).envelope
    else:
        signed = SignedMinutes(minutes=body, party=KOR, to=JPN, at=world[KOR].clock())
        mine = officer(world[KOR]).hand
        envelope = say_act(signed, kind=INVENTORY_MINUTES, hand=mine, signer=keys).envelope
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[KOR, JPN].statement(envelope)
    assert world[JPN].every(RefusalRecord)[-1].code == raised.value.code
    return raised.value.code


@pytest.mark.source("A-34")
def test_a_partner_that_changes_its_roster_by_opening_it_is_refused_and_recorded(world: World) -> None:
    one, *_ = sorted(items(world[KOR]))
    plant(world[JPN], one, place=Place.DESTROYED)
    number = begin(world)
    heard = [
        read_own(record.envelope, Opening)
        for record in world[JPN].every(StatementRecord, direction="heard")
        if record.kind == INVENTORY_OPENING
    ]
    root, bucket = heard  # Korea began, as it heard the second roster; Japan answered in between
    assert [(len(one.nodes), len(one.buckets)) for one in heard] == [(1, 0), (1, 1)]
    row = bucket.buckets[0].rows[0]
    other = replace(row, row=replace(row.row, mark="KOR-1"))
    changes = [
        replace(bucket, buckets=(replace(bucket.buckets[0], rows=(other,)),)),
        replace(bucket, buckets=(replace(bucket.buckets[0], rows=()),)),
        replace(bucket, nodes=(replace(bucket.nodes[0], children=()),)),
        replace(root, nodes=(replace(root.nodes[0], children=root.nodes[0].children[1:]),)),
    ]
    assert {said(world, changed) for changed in changes} == {"exchange/opening-does-not-hold"}
    assert said(world, replace(root, roster=root.against)) == "exchange/opening-of-no-roster"
    state = now(world, JPN, number)
    assert kinds(state) == [(one, Differs.ENDED)]
    # A roster that skips a number, or names a head of Japan's log that is none, is refused as well.
    drawn = world[KOR].every(RosterDrawn, party=KOR)[-1].roster
    assert said(world, replace(drawn, number=5)) == "exchange/inventory-out-of-order"
    head = LogHead(origin=shared_log(JPN, KOR), size=1, root=canon.digest("another log"))
    assert said(world, replace(drawn, number=2, seen=head)) == "exchange/roster-over-another-log"


@pytest.mark.source("A-34", "F-21")
def test_nothing_is_drawn_while_the_other_side_has_not_heard_everything(world: World) -> None:
    world[KOR].release(world[KOR].register(b"on its way").id, JPN)
    error = refused(inventory.open_inventory, world[KOR].desk, officer(world[KOR]), to=JPN)
    assert error.code == "flows/not-all-heard"
    world.settle()
    number = begin(world)
    assert kinds(now(world, JPN, number)) == []
    assert refused(begin, world).code == "flows/inventory-open"


def set_back(world: World, record: Any) -> None:
    """Japan comes up with an older record, and links up with Korea."""
    for owner, witness in world.links:
        world.cosign(owner, witness)
    world[JPN].set_back(record)
    world.link_up(JPN, KOR)
    world.settle()


@pytest.mark.source("DESIGN-5", "A-34", "F-21")
def test_an_inventory_that_was_closed_before_a_restore_is_closed_after_it(world: World) -> None:
    lost = sorted(items(world[KOR]))[1]
    plant(world[JPN], lost, counterpart=None)
    older = world[JPN].copy_record()
    number = begin(world, by=JPN)
    minutes.explain_difference(world[KOR].desk, officer(world[KOR]), number, item=lost, words="sent by hand")
    world.settle()
    for party in (JPN, KOR):
        sign(world, party, number)
        world.settle()
    before, openings = now(world, KOR, number), world[JPN].count(RosterOpened)
    set_back(world, older)
    after = now(world, JPN, number)
    assert (after.closed, after.signed, after.minutes) == (True, before.signed, before.minutes)
    assert world[JPN].count(RosterOpened) == openings == world[KOR].count(RosterOpened)
    following = inventory.open_inventory(world[JPN].desk, officer(world[JPN]), to=KOR).inventory
    assert following != number
    world.settle()
    assert now(world, KOR, following).theirs is not None
    assert world[KOR].problems() == []


@pytest.mark.source("DESIGN-5", "A-34")
def test_a_roster_whose_receipt_was_lost_is_entered_once_and_can_be_drawn_again(world: World) -> None:
    number = inventory.open_inventory(world[KOR].desk, officer(world[KOR]), to=JPN).inventory
    world.settle()
    inventory.draw_roster(world[JPN].desk, officer(world[JPN]), number)
    older = world[JPN].copy_record()
    world.settle()
    set_back(world, older)
    assert world[JPN].count(RosterDrawn, inventory=number, party=JPN) == 1
    world.wait(61)
    assert inventory.draw_roster(world[JPN].desk, officer(world[JPN]), number).roster.number == 2
    world.settle()
    state = now(world, KOR, number)
    assert state.theirs is not None
    assert state.theirs.roster.number == 2
