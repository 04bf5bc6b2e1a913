"""Two nodes live through notices, amendments and the end; each derives the same from what both recorded."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia.agreements import (
    DEED,
    NOTE,
    ActRecord,
    Body,
    Deed,
    DeedKind,
    Event,
    Moment,
    Note,
    NoteSubject,
    Override,
    Position,
    Rule,
    simulate_act,
)
from gsomia.errors import RefusedError
from gsomia.exchange import Stage
from gsomia.flows.acts import previous_act
from gsomia.flows.decide import ask_release
from gsomia.flows.facts import agreement_between
from gsomia.flows.notes import give_note
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.flows.standing import acts_of, current_agreement, instrument_of
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant
from gsomia.parties import say_act
from gsomia.policy import Verdict
from gsomia.registry import ItemRecord, OnHold
from gsomia.storage import KINDS
from gsomia.transport import PartnerRefusedError
from simulation.diplomacy import ENDS, note, stands, states
from simulation.forge import agreement_digest, forge_offer
from simulation.world import JPN, KOR, KR_JP, START, Fault, World, identity, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


def refused(world: World, by: PartyCode, subject: NoteSubject, **says: Any) -> RefusedError:
    before = {kind: world[by].count(kind) for kind in KINDS}
    with pytest.raises(RefusedError) as caught:
        note(world, by, subject, "XX-1", **says)
    assert {kind: world[by].count(kind) for kind in KINDS} == before
    return caught.value


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.source("T16", "T17", "T19", "F-25", "A-24")
def test_a_notice_is_given_suspended_and_withdrawn_on_both_sides_alike(world: World) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    assert states(world) == ("NOTICE_GIVEN", "NOTICE_GIVEN")
    assert stands(world[JPN]).ends == ENDS
    assert states(world, ENDS.plus(seconds=-1)) == ("NOTICE_GIVEN", "NOTICE_GIVEN")
    assert states(world, ENDS) == ("TERMINATED", "TERMINATED")
    note(world, KOR, NoteSubject.SUSPENSION, "KR-2", words="it may be ended at any time")
    note(world, JPN, NoteSubject.POSITION, "JP-1", position=Position.UNDERSTANDS)
    assert states(world, ENDS.plus(days=900)) == ("NOTICE_SUSPENDED", "NOTICE_SUSPENDED")
    assert stands(world[KOR]).course == stands(world[JPN]).course
    assert stands(world[KOR]).course.notices[0].position == "understands"
    told = refused(world, KOR, NoteSubject.WITHDRAWAL, names=("KR-1",))
    assert (told.code, told.clauses) == ("agreements/withdrawal-incomplete", ("T19",))
    note(world, KOR, NoteSubject.WITHDRAWAL, "KR-3", names=("KR-1", "KR-2"))
    assert states(world, ENDS.plus(days=900)) == ("IN_FORCE", "IN_FORCE")
    times = [(a.sent, a.received) for a in world[JPN].every(ActRecord) if a.note and a.note.number == "KR-3"]
    assert times
    assert all(sent <= received for sent, received in times if received is not None)


@pytest.mark.source("T18", "A-02")
def test_a_revived_notice_has_two_readings_on_both_nodes(world: World) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    note(world, KOR, NoteSubject.SUSPENSION, "KR-2")
    world.wait(400 * 86_400)
    note(world, KOR, NoteSubject.REVIVAL, "KR-3")
    seoul, tokyo = stands(world[KOR]), stands(world[JPN])
    assert seoul.readings == tokyo.readings
    assert {one.reading for one in seoul.readings} == {"any-time", "fresh-notice"}
    assert seoul.allowed.release
    assert states(world, max(one.earliest_end for one in seoul.readings)) == ("TERMINATED", "TERMINATED")


@pytest.mark.source("T16", "T17", "T19", "A-28")
@pytest.mark.parametrize(
    ("by", "subject", "code"),
    [
        (JPN, NoteSubject.SUSPENSION, "not-in-this-state"),
        (JPN, NoteSubject.WITHDRAWAL, "not-in-this-state"),
        (KOR, NoteSubject.REVIVAL, "not-in-this-state"),
        (KOR, NoteSubject.DISPUTE_CLOSED, "no-such-dispute"),
        (KOR, NoteSubject.COMPLETION, "not-signed"),
    ],
)
def test_a_note_out_of_order_is_not_sent(world: World, by: PartyCode, subject: NoteSubject, code: str) -> None:
    assert refused(world, by, subject).code == f"agreements/{code}"


@pytest.mark.source("A-01", "G21-4")
def test_a_notice_that_arrives_late_is_refused_by_the_receiver_whatever_its_date(world: World) -> None:
    deadline = read_instant("2027-08-25")  # first instant after the last day
    for node in world.nodes.values():
        node.clock.now = deadline.plus(seconds=-10)
    node = world[KOR]
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
    world.wait(3600)  # on its way past midnight
    world.settle()
    for side, other in ((JPN, KOR), (KOR, JPN)):  # who refused it, and who was refused
        kept = world[side].every(RefusalRecord)[-1]
        assert (kept.party, kept.code) == (other, "agreements/notice-day-contested")
    assert states(world) == ("IN_FORCE", "IN_FORCE")
    assert states(world, ENDS) == ("IN_FORCE", "IN_FORCE")
    for one in world.nodes.values():
        one.clock.now = read_instant("2028-01-10")
    note(world, KOR, NoteSubject.TERMINATION, "KR-2")  # the refused note is no link of the chain
    assert states(world) == ("NOTICE_GIVEN", "NOTICE_GIVEN")


# --- hostile acts -----------------------------------------------------------------------------------------------------


def forged(world: World, **changes: Any) -> str:
    """The code with which Korea refuses a note of Japan that its own program would not write."""
    node = world[JPN]

    def last(tx: Tx) -> Any:
        agreement = current_agreement(tx, KR_JP, at=node.clock())
        return agreement.digest, previous_act(tx, node.desk, agreement, KOR)

    digest, previous = node.memory.run(last)
    body = Note(
        number="JP-9", instrument=KR_JP, agreement=digest, party=JPN, to=KOR, subject=NoteSubject.TERMINATION,
        authority=None, names=(), words=None, position=None, levels=False, previous=previous, sent=node.clock(),
    )  # fmt: skip
    hand = node.actor("liaison").hand
    statement = say_act(replace(body, **changes), kind=NOTE, hand=hand, signer=node.identity.keys.statement)
    return offered(world, statement.envelope)


def offered(world: World, envelope: bytes) -> str:
    before = {kind: world[KOR].count(kind) for kind in KINDS if kind is not RefusalRecord}
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[JPN, KOR].statement(envelope)
    assert {kind: world[KOR].count(kind) for kind in KINDS if kind is not RefusalRecord} == before
    return caught.value.code


@pytest.mark.source("F-25", "A-24", "T16", "T17")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"previous": None}, "chain-broken"),
        ({"previous": "0" * 64}, "chain-broken"),
        ({"sent": START.plus(days=-400)}, "back-dated"),
        ({"sent": START.plus(days=400)}, "dated-ahead"),
        ({"party": KOR}, "not-addressed"),
        ({"to": JPN}, "not-addressed"),
        ({"agreement": "0" * 64}, "unknown-text"),
        ({"instrument": "GSOMIA-KR-XX"}, "unknown-text"),
        ({"subject": NoteSubject.SUSPENSION}, "not-in-this-state"),
        ({"subject": NoteSubject.COMPLETION}, "completed-before"),
    ],
)
def test_a_partners_note_that_cannot_be_is_refused_and_changes_nothing(
    world: World, changes: dict[str, Any], code: str
) -> None:
    assert forged(world, **changes) == f"agreements/{code}"
    assert states(world) == ("IN_FORCE", "IN_FORCE")


@pytest.mark.source("T05", "A-28", "G5-2", "T21")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": DeedKind.SHELVE}, "not-in-this-state"),
        ({"kind": DeedKind.AMEND, "body": Body.PARLIAMENT}, "wrong-body"),
        ({"kind": DeedKind.AMEND, "text": "0" * 64}, "unknown-text"),
        ({"kind": DeedKind.AMEND}, "amended-before"),
        ({"kind": DeedKind.ARRANGE, "body": Body.DEFENCE_MINISTRY}, "nothing-arranged"),
        (
            {
                "kind": DeedKind.ARRANGE,
                "body": Body.DEFENCE_MINISTRY,
                "rules": (Override(rule=Rule.RECEIPT_DAYS, value=11),),
            },
            "arrangement-loosens",
        ),
        ({"party": KOR}, "not-a-party"),
        ({"previous": None}, "chain-broken"),
    ],
)
def test_a_partners_deed_that_cannot_be_is_refused_and_changes_nothing(
    world: World, changes: dict[str, Any], code: str
) -> None:
    node = world[JPN]

    def make(tx: Tx) -> Deed:
        agreement = current_agreement(tx, KR_JP, at=node.clock())
        return Deed(
            kind=DeedKind.AMEND, instrument=KR_JP, agreement=agreement.digest, party=JPN, body=Body.FOREIGN_MINISTRY,
            text=agreement.digest, steps=(), rules=(), open_points=0, words=None,
            previous=previous_act(tx, node.desk, agreement, KOR), at=node.clock(),
        )  # fmt: skip

    body = replace(node.memory.run(make), **changes)
    statement = say_act(body, kind=DEED, hand=node.actor("liaison").hand, signer=node.identity.keys.statement)
    assert offered(world, statement.envelope) == f"agreements/{code}"


@pytest.mark.source("DESIGN-6")
def test_a_note_said_twice_is_one_note(world: World) -> None:
    node = world[KOR]
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
    world.deliver(KOR, JPN, Fault.DOUBLED)
    world.settle()
    assert len(stands(world[JPN]).course.notices) == 1
    assert len([a for a in world[JPN].every(ActRecord) if a.note and a.note.number == "KR-1"]) == 1


# --- what the state decides -------------------------------------------------------------------------------------------


@pytest.mark.source("LIFECYCLE-3.6", "G21-5", "T20")
def test_after_the_end_nothing_new_goes_and_what_was_given_stays_protected(world: World) -> None:
    world[JPN].bring_reader()
    item = world.send(b"image").item
    world[JPN].book(item)
    waiting = world[KOR].register(b"second").id
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=-1)
    assert world[KOR].release(waiting, JPN).stage is Stage.QUEUED
    world.settle()
    world.wait(1)
    for node in world.nodes.values():
        node.clock.now = max(node.clock.now, ENDS)
    with pytest.raises(RefusedError, match="TERMINATED") as caught:
        world[KOR].release(world[KOR].register(b"third").id, JPN)
    assert "G21-1" in caught.value.clauses
    with pytest.raises(RefusedError):
        world[JPN].assure(KOR)
    world[JPN].read(item)  # access goes on
    world[JPN].book(waiting)  # and so does the register


@pytest.mark.source("A-03")
def test_an_item_dispatched_before_the_end_is_received_after_it(world: World) -> None:
    item = world[KOR].register(b"image").id
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=-30)
    released = world[KOR].release(item, JPN)
    world.deliver(KOR, JPN, Fault.LOST)
    world.wait(7200)
    assert states(world) == ("TERMINATED", "TERMINATED")
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    assert world[JPN].count(ItemRecord, id=item) == 1


@pytest.mark.source("A-03", "G21-5")
@pytest.mark.parametrize(("seconds", "taken"), [(-1, True), (0, False), (5, False)])
def test_the_signed_decision_dates_the_dispatch_and_after_the_end_nothing_is_received(
    world: World, seconds: int, *, taken: bool
) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(seconds=10)
    world[KOR].clock.offset_s = seconds - 10  # what a program that does not ask its own rules would sign
    body = forge_offer(world[KOR], identity(JPN), agreement=agreement_digest(world[KOR]))
    world[KOR].clock.offset_s = 0
    others = [kind for kind in KINDS if kind not in {RefusalRecord, OnHold}]
    before = {kind: world[JPN].count(kind) for kind in others}
    if taken:
        assert world.links[KOR, JPN].offer(body).accepted is not None
        return
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[KOR, JPN].offer(body)
    assert caught.value.code == "policy/held-after-end"
    assert {kind: world[JPN].count(kind) for kind in others} == before


@pytest.mark.source("A-01", "G21-4", "T16", "T20")
def test_what_a_node_simulates_is_what_the_real_note_then_does(world: World) -> None:
    node = world[KOR]

    def ask(tx: Tx) -> Any:
        known = instrument_of(tx, KR_JP, desk=node.desk)
        history = known.history(known.current(at=node.clock()).digest, at=node.clock())
        act = Moment(id="simulated", event=Event.GIVE_NOTICE, parties=(KOR,), at=node.clock(), order=99, number="KR-1")
        return simulate_act(history, act)

    count = node.count(ActRecord)
    simulated = node.memory.run(ask)
    assert (node.count(ActRecord), states(world)) == (count, ("IN_FORCE", "IN_FORCE"))
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    real = stands(node)
    assert (simulated.after.state, simulated.after.ends) == (real.state, real.ends)
    assert simulated.after.allowed == real.allowed
    stops = {effect.function: effect.stops for effect in simulated.effects if effect.stops is not None}
    assert stops == {"release": ENDS, "visit": ENDS}
    for at in (ENDS.plus(seconds=-1), ENDS):
        allowed = stands(node, at).allowed
        assert allowed.release is (at < ENDS)
        assert allowed.access


@pytest.mark.source("F-14", "T20")
def test_a_release_decided_as_of_an_instant_changes_at_midnight_and_writes_nothing(world: World) -> None:
    node = world[KOR]
    item = node.register(b"image").id
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    before = node.sizes()

    def ask(at: Instant) -> Verdict:
        def read(tx: Tx) -> Verdict:
            answer = ask_release(
                tx, node.desk, item, to=JPN, decider=node.actor("releaser").person, authority=None, at=at
            )
            return answer.decision.verdict

        return node.memory.run(read)

    assert (ask(ENDS.plus(seconds=-1)), ask(ENDS)) == (Verdict.PERMIT, Verdict.DENY)
    assert node.sizes() == before


def test_the_record_of_acts_is_read_once_while_nothing_is_added(world: World) -> None:
    node = world[KOR]

    def same(tx: Tx) -> bool:
        first = instrument_of(tx, KR_JP, desk=node.desk)
        return first is instrument_of(tx, KR_JP, desk=node.desk)

    assert node.memory.run(same)
    first = node.memory.run(lambda tx: instrument_of(tx, KR_JP, desk=node.desk))
    note(world, JPN, NoteSubject.TERMINATION, "JP-1")
    assert node.memory.run(lambda tx: instrument_of(tx, KR_JP, desk=node.desk)) is not first
    found = node.memory.run(lambda tx: agreement_between(tx, KOR, JPN, at=node.clock(), desk=node.desk))
    assert found is not None
    assert len(node.memory.run(lambda tx: acts_of(tx, found))) >= 7
