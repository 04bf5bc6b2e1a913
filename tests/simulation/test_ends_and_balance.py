"""Copies end by two persons and a list without gaps; what is given back is signed for; both sign the balance."""

from collections.abc import Callable

import pytest

from gsomia.agreements import NoteSubject
from gsomia.errors import RefusedError, WaitingError
from gsomia.exchange import Stage
from gsomia.flows.agree import give_note
from gsomia.flows.balance import balance_with, sign_balance
from gsomia.flows.custody import begin_copy
from gsomia.flows.dispose import destroy_item
from gsomia.flows.give_back import finish_returns, return_item, take_back
from gsomia.flows.records import RefusalRecord
from gsomia.ids import ItemId, PartyCode
from gsomia.parties import Person, SignatureError, sign_act, sign_statement
from gsomia.registry import (
    DESTRUCTION,
    RETURN,
    Balance,
    BalanceRecord,
    Between,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Destruction,
    DestructionConfirmed,
    ItemDestroyed,
    ItemReturn,
    Method,
    Place,
    RegisterError,
)
from gsomia.transport import PartnerRefusedError
from simulation.world import JPN, KOR, KR_JP, Fault, SimNode, World, world_in_force

DAY = 86_400


@pytest.fixture
def world() -> World:
    return world_in_force()


def arrived(world: World, content: bytes = b"image") -> ItemId:
    item = world.send(content).item
    world[JPN].book(item)
    if not world[JPN].count(Person, id="analyst"):
        world[JPN].bring_reader()
    world.settle()
    return item


def printed(node: SimNode, item: ItemId, number: str, *, holder: str = "registrar") -> None:
    event = CustodyEvent(
        item=item,
        copy=number,
        kind=CustodyKind.COPIED,
        custodian=node.party,
        by=node.actor(holder).person,
        at=node.desk.clock(),
    )
    node.desk.store.run(lambda tx: begin_copy(tx, node.desk, event, originator=KOR))


def line(node: SimNode, item: ItemId, copy: str = "1") -> CopyLine:
    found = node.desk.store.run(lambda tx: tx.line(CopyLine, item=item, copy=copy))
    assert found is not None
    return found


def twice(act: Callable[[str], object]) -> object:
    with pytest.raises(WaitingError):
        act("registrar")
    return act("security")


def give_back(world: World, item: ItemId) -> None:
    twice(lambda person: return_item(world[JPN].desk, world[JPN].actor(person), item))
    world.settle()


@pytest.mark.source("G13-1", "F-16")
def test_an_unlisted_copy_blocks_the_end_of_the_item(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    printed(node, item, "2")
    with pytest.raises(RefusedError) as raised:
        destroy_item(node.desk, node.actor("registrar"), item, copies=("1",))
    assert (raised.value.code, raised.value.clauses) == ("flows/unlisted-copy", ("G13-1", "F-16"))
    with pytest.raises(RefusedError) as raised:
        destroy_item(node.desk, node.actor("registrar"), item)
    assert raised.value.code == "flows/method-required"
    done = twice(
        lambda person: destroy_item(node.desk, node.actor(person), item, method=Method.SHREDDED, place="SITE-1")
    )
    assert isinstance(done, ItemDestroyed)
    assert [(end.copy, end.method) for end in done.act.body.copies] == [
        ("1", Method.STORAGE_KEY),
        ("2", Method.SHREDDED),
    ]
    assert {line(node, item, copy).place for copy in "12"} == {Place.DESTROYED}
    world.settle()
    assert [*world[JPN].problems(), *world[KOR].problems()] == []


@pytest.mark.source("G13-1")
def test_a_copy_made_after_the_proposal_blocks_the_confirmation(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    with pytest.raises(WaitingError):
        destroy_item(node.desk, node.actor("registrar"), item)
    printed(node, item, "2")
    with pytest.raises(RefusedError) as raised:
        destroy_item(node.desk, node.actor("security"), item)
    assert raised.value.code == "flows/unlisted-copy"
    assert node.count(DestructionConfirmed) == 0
    assert node.storage_keys.has(item)


@pytest.mark.source("G13-1", "F-16")
def test_one_copy_of_several_can_end_and_the_item_stays_readable(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    for number in ("2", "3"):
        printed(node, item, number)
    twice(lambda person: destroy_item(node.desk, node.actor(person), item, copies=("2",), method=Method.BURNED))
    twice(lambda person: destroy_item(node.desk, node.actor(person), item, copies=("3",), method=Method.PULPED))
    assert b"".join(node.read(item).content) == b"image"
    assert [line(node, item, copy).place for copy in "123"] == [Place.HELD, Place.DESTROYED, Place.DESTROYED]
    world.settle()
    released = world[KOR].desk.store.run(lambda tx: tx.lines(CopyLine, limit=9, item=item, place=Place.HANDED_ON))
    assert len(released) == 1  # the partner's own copies are no lines of ours
    assert world[KOR].count(ItemDestroyed, item=item, party=JPN) == 2


@pytest.mark.source("G13-1", "F-05")
def test_a_copy_in_another_hand_is_handed_over_first(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    printed(node, item, "2", holder="analyst")
    with pytest.raises(RefusedError) as raised:
        destroy_item(node.desk, node.actor("registrar"), item, copies=("2",), method=Method.BURNED)
    assert raised.value.code == "flows/copy-with-another"
    with pytest.raises(RegisterError) as unknown:
        destroy_item(node.desk, node.actor("registrar"), item, copies=("7",), method=Method.BURNED)
    assert unknown.value.code == "registry/copy-not-held"


@pytest.mark.source("G13-1", "F-16")
def test_a_certificate_whose_two_persons_signed_for_different_copies_is_refused(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    printed(node, item, "2")
    done = twice(lambda person: destroy_item(node.desk, node.actor(person), item, copies=("2",), method=Method.BURNED))
    assert isinstance(done, ItemDestroyed)
    body = done.act.body
    other = Destruction(
        **{name: getattr(body, name) for name in Destruction.__dataclass_fields__ if name != "copies"},
        copies=(body.copies[0].__class__(copy="1", method=Method.STORAGE_KEY),),
    )
    act = sign_act(other, kind=DESTRUCTION, hand=node.actor("security").hand)
    statement = sign_statement(act, kind=DESTRUCTION, signer=node.desk.unlocked.keys.statement)
    with pytest.raises((PartnerRefusedError, SignatureError)) as raised:
        world.links[JPN, KOR].statement(statement.envelope)
    assert "two-persons" in str(raised.value.code)


@pytest.mark.source("G13-3", "G6-9", "A-04")
@pytest.mark.parametrize("fault", [Fault.NONE, Fault.DOUBLED, Fault.REPLY_LOST])
def test_what_is_given_back_is_the_originators_again_once_its_officer_signed(world: World, fault: Fault) -> None:
    item = arrived(world)
    twice(lambda person: return_item(world[JPN].desk, world[JPN].actor(person), item))
    world.deliver(JPN, KOR, fault)
    world.settle()
    assert line(world[JPN], item).place is Place.IN_TRANSIT
    with pytest.raises(RefusedError, match="destroyed"):
        world[JPN].read(item)
    assert world[JPN].storage_keys.has(item)  # until the originator has signed
    take_back(world[KOR].desk, world[KOR].actor("registrar"), item, of=JPN, taken=True)
    world.deliver(KOR, JPN, fault)
    world.settle()
    assert not world[JPN].storage_keys.has(item)
    sent = next(
        one for one in world[KOR].desk.store.run(lambda tx: tx.lines(CopyLine, limit=9, item=item)) if one.counterpart
    )
    assert (line(world[JPN], item).place, sent.place) == (Place.RETURNED, Place.RETURNED)
    assert (line(world[JPN], item).custodian, sent.custodian) == (KOR, KOR)
    assert [*world[JPN].problems(), *world[KOR].problems()] == []


@pytest.mark.source("G13-3", "A-04")
def test_a_return_that_is_declined_leaves_the_item_with_who_had_it(world: World) -> None:
    item = arrived(world)
    had_it = line(world[JPN], item).holder
    give_back(world, item)
    take_back(world[KOR].desk, world[KOR].actor("registrar"), item, of=JPN, taken=False)
    world.settle()
    back = line(world[JPN], item)
    assert (back.place, back.holder) == (Place.HELD, had_it)
    assert had_it is not None
    assert b"".join(world[JPN].read(item).content) == b"image"
    world.wait(60)
    give_back(world, item)  # and can be given back again
    assert world[JPN].count(ItemReturn, item=item) == 2


@pytest.mark.source("A-04", "G9-2")
def test_custody_is_not_taken_back_of_content_that_is_not_held(world: World) -> None:
    item = arrived(world)
    twice(lambda person: destroy_item(world[KOR].desk, world[KOR].actor(person), item))
    give_back(world, item)
    with pytest.raises(RegisterError) as raised:
        take_back(world[KOR].desk, world[KOR].actor("registrar"), item, of=JPN, taken=True)
    assert raised.value.code == "registry/content-not-here"
    assert world[JPN].storage_keys.has(item)


@pytest.mark.source("G13-1")
def test_a_return_is_the_act_of_two_persons_at_both_sides(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    with pytest.raises(WaitingError):
        return_item(node.desk, node.actor("registrar"), item)
    with pytest.raises(RefusedError) as raised:
        return_item(node.desk, node.actor("registrar"), item)
    assert raised.value.code == "flows/same-person"
    done = return_item(node.desk, node.actor("security"), item)
    alone = sign_act(done.act.body, kind=RETURN, hand=node.actor("registrar").hand)
    statement = sign_statement(alone, kind=RETURN, signer=node.desk.unlocked.keys.statement)
    with pytest.raises((PartnerRefusedError, SignatureError)) as refused:
        world.links[JPN, KOR].statement(statement.envelope)
    assert "two-persons" in str(refused.value.code)


@pytest.mark.source("DESIGN-4")
def test_a_key_that_comes_back_with_an_older_key_file_is_destroyed_again(world: World) -> None:
    item = arrived(world)
    node = world[JPN]
    give_back(world, item)
    take_back(world[KOR].desk, world[KOR].actor("registrar"), item, of=JPN, taken=True)
    world.settle()
    node.storage_keys.create(item)
    assert (finish_returns(node.desk), node.storage_keys.has(item)) == (1, False)
    assert finish_returns(node.desk) == 0


# The balance.


def duty(world: World, party: PartyCode, state: Between) -> tuple[int, int, int] | None:
    (found,) = balance_with(world[party].desk, JPN if party == KOR else KOR)
    return next(((one.transmittals, one.unproven, one.overdue) for one in found.duties if one.state is state), None)


@pytest.mark.source("A-36", "G12-5", "A-12")
def test_a_signature_that_does_not_come_is_overdue_on_both_sides_after_ten_days(world: World) -> None:
    world.send(b"image")
    assert duty(world, KOR, Between.UNDER_WAY) == duty(world, JPN, Between.UNDER_WAY) == (1, 1, 0)
    world.wait(10 * DAY + 1)
    assert duty(world, KOR, Between.UNDER_WAY) == duty(world, JPN, Between.UNDER_WAY) == (1, 1, 1)
    (found,) = balance_with(world[KOR].desk, JPN)
    assert len(found.overdue) == 1


@pytest.mark.source("A-36", "A-34", "LEDGER-8")
def test_both_registers_come_to_the_same_balance_and_both_sign_it(world: World) -> None:
    kept, gone, back = (arrived(world, name) for name in (b"one", b"two", b"three"))
    twice(lambda person: destroy_item(world[JPN].desk, world[JPN].actor(person), gone))
    give_back(world, back)
    take_back(world[KOR].desk, world[KOR].actor("registrar"), back, of=JPN, taken=True)
    world.settle()
    ours = sign_balance(world[JPN].desk, world[JPN].actor("registrar"), partner=KOR, instrument=KR_JP)
    world.settle()
    theirs = sign_balance(world[KOR].desk, world[KOR].actor("registrar"), partner=JPN, instrument=KR_JP)
    world.settle()
    assert ours.digest == theirs.digest
    balance: Balance = ours.act.body.balance
    assert [(one.sender, one.state, one.items) for one in balance.tallies] == [
        (KOR, Between.DESTROYED, 1),
        (KOR, Between.HELD, 1),
        (KOR, Between.RETURNED, 1),
    ]
    for party, other in ((KOR, JPN), (JPN, KOR)):
        (found,) = balance_with(world[party].desk, other)
        assert (set(found.signed), found.closed) == ({KOR, JPN}, False)
        assert world[party].count(BalanceRecord) == 2
    assert line(world[JPN], kept).place is Place.HELD


@pytest.mark.source("A-36", "LEDGER-8")
def test_a_balance_that_differs_is_not_signed_and_the_difference_is_said(world: World) -> None:
    item = arrived(world)
    sign_balance(world[JPN].desk, world[JPN].actor("registrar"), partner=KOR, instrument=KR_JP)
    world.settle()
    world.wait(60)
    twice(lambda person: destroy_item(world[JPN].desk, world[JPN].actor(person), item))
    world.settle()
    with pytest.raises(RegisterError) as raised:
        sign_balance(world[KOR].desk, world[KOR].actor("registrar"), partner=JPN, instrument=KR_JP)
    assert raised.value.code == "registry/balance-differs"
    assert "destroyed: 1 here, 0 at JPN" in raised.value.message


@pytest.mark.source("A-36", "LEDGER-8")
def test_nothing_is_signed_while_transmittals_are_under_way(world: World) -> None:
    world.send(b"image")
    with pytest.raises(RefusedError) as raised:
        sign_balance(world[KOR].desk, world[KOR].actor("registrar"), partner=JPN, instrument=KR_JP)
    assert raised.value.code == "flows/under-way"


@pytest.mark.source("A-36", "G21-5", "LEDGER-7")
def test_an_instrument_that_ended_is_closed_only_at_zero_and_by_both(world: World) -> None:
    item = arrived(world)
    node = world[KOR]
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
    world.settle()
    world.wait(400 * DAY)
    (found,) = balance_with(world[JPN].desk, KOR)
    assert (found.state, found.closed) == ("TERMINATED", False)
    assert [(one.state, one.clause) for one in found.duties] == [(Between.HELD, "G21-5")]
    twice(lambda person: destroy_item(world[JPN].desk, world[JPN].actor(person), item))
    world.settle()
    for party, other in ((JPN, KOR), (KOR, JPN)):
        (before,) = balance_with(world[party].desk, other)
        assert not before.closed
        sign_balance(world[party].desk, world[party].actor("registrar"), partner=other, instrument=KR_JP)
        world.settle()
    for party, other in ((JPN, KOR), (KOR, JPN)):
        (after,) = balance_with(world[party].desk, other)
        assert after.closed


@pytest.mark.source("G13-1")
def test_a_certificate_that_waits_is_shown_as_unproven(world: World) -> None:
    item = arrived(world)
    twice(lambda person: destroy_item(world[JPN].desk, world[JPN].actor(person), item))
    assert duty(world, JPN, Between.DESTROYED) == (1, 1, 0)
    world.settle()
    assert duty(world, JPN, Between.DESTROYED) == (1, 0, 0)


@pytest.mark.source("LEDGER-1", "LEDGER-8", "A-36")
@pytest.mark.parametrize("end", ["destroyed", "given back"])
def test_an_item_that_ended_at_the_other_side_does_not_begin_there_anew(world: World, end: str) -> None:
    item = arrived(world)
    if end == "destroyed":
        twice(lambda person: destroy_item(world[JPN].desk, world[JPN].actor(person), item))
    else:
        give_back(world, item)
        take_back(world[KOR].desk, world[KOR].actor("registrar"), item, of=JPN, taken=True)
    world.settle()
    again = world[KOR].release(item, JPN).delivery.consignment
    world.settle()
    assert world[KOR].stages(again)[-1] is Stage.REFUSED
    assert world[JPN].every(RefusalRecord)[-1].code == "exchange/ended-here"
    assert not world[JPN].storage_keys.has(item)
    assert [node.problems() for node in world.nodes.values()] == [[], []]
