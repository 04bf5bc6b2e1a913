"""The process is killed at the k-th call to its disk, for every k of every flow; started again, nothing is lost.

The node that is killed keeps everything in files; its partner lives on. What is on the disk then is copied, as a new
process finds it: no lock, no open file, no memory of the old one. The last k of each flow is one that is not reached.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from gsomia.agreements import NOTE, NoteSubject
from gsomia.audit import Event
from gsomia.envelope import SEGMENT_BYTES
from gsomia.exchange import Arrival, Delivery, Stage
from gsomia.flows.content import check_stored
from gsomia.flows.desk import shared_log
from gsomia.flows.prove import prove_subject
from gsomia.flows.records import ReceiptRecord, StatementRecord
from gsomia.ids import PartyCode
from gsomia.registry import Booking, CustodyEvent, CustodyKind, ItemRecord, ReadingSlip
from simulation.disk_world import DiskWorld, Made, Yard
from simulation.frail_disk import FrailDisks
from simulation.world import JPN, KOR, World

Act = Callable[[DiskWorld, Made], None]
After = Callable[[World, Made], None]

FEWEST, MOST = 10, 200
"""Calls to a disk in one flow."""
SHORT, LONG = b"image", bytes(SEGMENT_BYTES + 1)
CONTENTS = {"short": SHORT, "long": LONG}


def in_force(world: DiskWorld, _made: Made) -> None:
    world.begin()
    world.bring_into_force()
    world[JPN].bring_reader()
    assert world.cosign(JPN, KOR)
    assert world.cosign(KOR, JPN)


def signed(world: DiskWorld, _made: Made) -> None:
    world.begin()
    world.sign()


def holding(content: bytes) -> Act:
    def add(world: DiskWorld, made: Made) -> None:
        made.content, made.item = content, world[KOR].register(content).id

    return add


def release(world: DiskWorld, made: Made) -> None:
    made.consignment = world[KOR].release(made.item, JPN).delivery.consignment


def deliver(world: DiskWorld, _made: Made) -> None:
    world.deliver(KOR, JPN)


def book(world: DiskWorld, made: Made) -> None:
    world[JPN].book(made.item)


def answer(world: DiskWorld, _made: Made) -> None:
    world.deliver(JPN, KOR)


def read(world: DiskWorld, made: Made) -> None:
    for piece in world[JPN].read(made.item).content:
        made.shown += piece


def deliver_and_stop(world: DiskWorld, made: Made) -> None:
    """The end of the process is in order, if it is not cut: the write-ahead log is folded back."""
    deliver(world, made)
    world.disk_node(JPN).close()


def say_note(world: DiskWorld, _made: Made) -> None:
    world[KOR].note(NoteSubject.COMPLETION)


def cosign(world: DiskWorld, _made: Made) -> None:
    world.cosign(KOR, JPN)
    world.cosign(JPN, KOR)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """The story up to where each flow begins, once for every content."""
    with pytest.MonkeyPatch.context() as patch:
        disks = FrailDisks(patch)
        yard = Yard(tmp_path_factory.mktemp("yard"), disks)
        yard.store("in force", None, in_force)
        yard.store("signed", None, signed)
        yard.store("noted", "signed", say_note)
        for name, content in CONTENTS.items():
            yard.store(f"{name} registered", "in force", holding(content))
            yard.store(f"{name} released", f"{name} registered", release)
            yard.store(f"{name} delivered", f"{name} released", deliver)
            yard.store(f"{name} booked", f"{name} delivered", book)
            yard.store(f"{name} answered", f"{name} booked", answer)
        yield yard
        disks.close()


# --- what must hold after the restart, and once everything was repeated and said ----------------------------------


def sound(world: World, *searched: PartyCode) -> None:
    """Logs and records hold, nobody waits, each side's log is what the other saw, and every receipt proves."""
    for party in searched:
        assert world[party].problems() == []
        for item in world[party].every(ItemRecord):
            check_stored(world[party].desk, item)
    for party, other in ((KOR, JPN), (JPN, KOR)):
        assert world[party].queued(other) == 0
        assert world.cosign(party, other) or world.cosign(party, other)  # a witness that started again links up first
        for kept in world[party].every(ReceiptRecord):
            origin, index = shared_log(kept.party, party), kept.receipt.index
            entries = world[kept.party].memory.run(lambda tx, o=origin, i=index: tx.entries(o, start=i, limit=1))  # type: ignore[misc]
            assert [entry.leaf for entry in entries] == [kept.receipt.leaf]


def arrived_once(world: World, made: Made) -> None:
    leaves = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.ids.get("item") == made.item]
    received = sum(leaf.event is Event.DELIVERY_RECEIVED for leaf in leaves)
    assert (world[JPN].count(ItemRecord), world[JPN].count(Arrival), received) == (1, 1, 1)
    assert world[KOR].count(ReceiptRecord, reference=made.consignment) == 1
    assert Stage.RECEIVED in world[KOR].stages(made.consignment)
    assert prove_subject(world[JPN].desk, made.item).origin == shared_log(JPN, KOR)


def after_registering(world: World, made: Made, content: bytes) -> None:
    node = world[KOR]
    done = node.every(ItemRecord)
    assert len(done) == node.count(Booking) == node.count(CustodyEvent) <= 1
    made.item = (done[0] if done else node.register(content)).id
    after_releasing(world, made)


def after_releasing(world: World, made: Made) -> None:
    node = world[KOR]
    released = [event for event in node.every(CustodyEvent) if event.kind is CustodyKind.RELEASED]
    deliveries = node.every(Delivery)
    assert len(released) == len(deliveries) == node.queued(JPN) <= 1
    made.consignment = deliveries[0].consignment if deliveries else node.release(made.item, JPN).delivery.consignment
    after_delivering(world, made)


def after_delivering(world: World, made: Made) -> None:
    if world[KOR].count(ReceiptRecord, reference=made.consignment):
        assert world[JPN].count(ItemRecord) == 1, "what was acknowledged is there"
    assert world[JPN].count(ItemRecord) == world[JPN].count(Arrival)
    world.settle()
    arrived_once(world, made)


def after_booking(world: World, made: Made) -> None:
    node = world[JPN]
    if not node.count(Booking, item=made.item):
        assert node.queued(KOR) == 0
        node.book(made.item)
    after_answering(world, made)


def after_answering(world: World, made: Made) -> None:
    world.settle()
    assert world[JPN].count(Booking, item=made.item) == 1
    receipted = [event for event in world[KOR].every(CustodyEvent) if event.kind is CustodyKind.RECEIPTED]
    assert len(receipted) == 1
    assert Stage.RECEIPTED in world[KOR].stages(made.consignment)
    arrived_once(world, made)


def after_reading(world: World, made: Made) -> None:
    slips = world[JPN].count(ReadingSlip)
    assert slips or not made.shown, "what was shown has its slip"
    assert b"".join(world[JPN].read(made.item).content) == made.content
    assert world[JPN].count(ReadingSlip) == slips + 1
    world.settle()
    assert world[KOR].stages(made.consignment)[-1] is Stage.OPENED
    arrived_once(world, made)


def after_a_note(world: World, _made: Made) -> None:
    def notes(party: PartyCode) -> int:
        direction = "own" if party == KOR else "heard"
        statements = world[party].every(StatementRecord)
        return sum(one.kind == NOTE and one.direction == direction for one in statements)

    said = notes(KOR)
    assert said <= 1
    if not said:
        world[KOR].note(NoteSubject.COMPLETION)
    world.settle()
    world[JPN].note(NoteSubject.COMPLETION)
    world.settle()
    assert (notes(KOR), notes(JPN)) == (1, 1)
    assert (world[KOR].state(), world[JPN].state()) == ("IN_FORCE", "IN_FORCE")
    assert world[KOR].in_force_from() == world[JPN].in_force_from()


# --- the flows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Flow:
    """From where it begins, who is killed, in which act, and what is checked after."""

    begins: str
    where: PartyCode
    act: Act
    after: After


def registering(name: str) -> tuple[Act, After]:
    content = CONTENTS[name]

    def after(world: World, made: Made) -> None:
        made.content = content
        after_registering(world, made, content)

    return holding(content), after


def flows() -> Iterator[tuple[str, Flow]]:
    """Every flow of the table; content in files only where a file is written or read."""
    steps: tuple[tuple[str, str, PartyCode, Act, After, tuple[str, ...]], ...] = (
        ("release", "registered", KOR, release, after_releasing, ("short", "long")),
        ("deliver-sender", "released", KOR, deliver, after_delivering, ("short", "long")),
        ("deliver-recipient", "released", JPN, deliver, after_delivering, ("short", "long")),
        ("book", "delivered", JPN, book, after_booking, ("short",)),
        ("answer-recipient", "booked", JPN, answer, after_answering, ("short",)),
        ("answer-sender", "booked", KOR, answer, after_answering, ("short",)),
        ("read", "answered", JPN, read, after_reading, ("short", "long")),
    )
    for name in CONTENTS:
        act, after = registering(name)
        yield f"register-{name}", Flow(begins="in force", where=KOR, act=act, after=after)
    for what, begins, where, act, after, names in steps:
        for name in names:
            yield f"{what}-{name}", Flow(begins=f"{name} {begins}", where=where, act=act, after=after)
    yield "note-said", Flow(begins="signed", where=KOR, act=say_note, after=after_a_note)
    yield "note-delivered-sender", Flow(begins="noted", where=KOR, act=deliver, after=after_a_note)
    yield "note-delivered-recipient", Flow(begins="noted", where=JPN, act=deliver, after=after_a_note)
    for party in (KOR, JPN):
        yield f"cosign-{party}", Flow(begins="short delivered", where=party, act=cosign, after=after_delivering)
    yield "stop", Flow(begins="short released", where=JPN, act=deliver_and_stop, after=after_delivering)


FLOWS = dict(flows())


def is_killed(yard: Yard, flow: Flow, *, at: int, torn: bool = False) -> bool:
    """Play a flow with its process killed at call `at`; whether it was reached."""
    world, made = yard.copy(flow.begins, counted=flow.where)
    disk = world.disks[flow.where]
    disk.fail(at, torn=torn)
    try:
        flow.act(world, made)
    except BaseException:
        if not disk.dead:
            raise
    killed = disk.dead
    assert killed or len(disk.calls) > FEWEST
    world.kill(flow.where)
    flow.after(world, made)
    sound(world, *((flow.where,) if killed else (KOR, JPN)))
    world.close()
    shutil.rmtree(world.directory)
    return killed


@pytest.mark.source("DESIGN-2", "DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize("name", FLOWS)
def test_a_process_killed_at_any_call_to_its_disk_goes_on_where_it_was(yard: Yard, name: str) -> None:
    assert any(not is_killed(yard, FLOWS[name], at=at) for at in range(1, MOST))


@pytest.mark.source("DESIGN-2", "DESIGN-6", "DESIGN-7")
@pytest.mark.parametrize("name", ["register-long", "deliver-recipient-long", "deliver-recipient-short"])
def test_a_process_killed_half_way_through_a_write_goes_on_where_it_was(yard: Yard, name: str) -> None:
    assert any(not is_killed(yard, FLOWS[name], at=at, torn=True) for at in range(1, MOST))
