"""The making of a text act by act, its amendment and arrangements under it, on two nodes."""

import pytest

from gsomia.agreements import (
    Body,
    DeedKind,
    NoteSubject,
    Override,
    Rule,
    Step,
    StepReport,
    StepStatus,
)
from gsomia.errors import RefusedError
from gsomia.exchange import Stage
from gsomia.flows import agree
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import PartyCode
from simulation.diplomacy import ENDS, both, deed, note, stands, states
from simulation.world import JPN, KOR, KR_JP, SimNode, World, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


# --- the making, live -------------------------------------------------------------------------------------------------

BODIES = {
    Step.D1: Body.DEFENCE_MINISTRY,
    Step.D2: Body.LEGISLATION_OFFICE,
    Step.D3: Body.VICE_MINISTERS,
    Step.D4: Body.CABINET,
    Step.D5: Body.HEAD_OF_STATE,
    Step.D6: Body.FOREIGN_MINISTRY,
    Step.PARLIAMENT: Body.CABINET,
}


def clear(world: World, party: PartyCode) -> None:
    for step, body in BODIES.items():
        first = stands(world[party]).state != "CLEARING"
        kind = DeedKind.DOMESTIC_START if first else DeedKind.DOMESTIC_STEP
        status = StepStatus.NOT_REQUIRED if step is Step.PARLIAMENT else StepStatus.DONE
        words = "no new burden on the budget or law" if step is Step.PARLIAMENT else None
        report = StepReport(step=step, status=status, reason=words, by="the cabinet" if words else None)
        deed(world, party, kind, body, steps=(report,))


def test_the_whole_making_is_recorded_act_by_act_and_ends_in_signature() -> None:
    world = World(KOR, JPN)
    world.propose()
    world.settle()
    both(world, DeedKind.AGREE_TO_EXPLORE, Body.MINISTERS)
    both(world, DeedKind.OPEN_TALKS, Body.DELEGATION)
    both(world, DeedKind.AGREE_TEXT, Body.DELEGATION)
    deed(world, KOR, DeedKind.INITIAL, Body.DELEGATION)
    assert states(world) == ("TEXT_AGREED", "TEXT_AGREED")
    deed(world, JPN, DeedKind.INITIAL, Body.DELEGATION)
    assert states(world) == ("INITIALLED", "INITIALLED")
    clear(world, KOR)
    assert states(world) == ("CLEARING", "CLEARING")
    with pytest.raises(RefusedError, match="only a proposed or a cleared text"):
        sign(world, KOR)
    clear(world, JPN)
    assert states(world) == ("CLEARED", "CLEARED")
    for party in (KOR, JPN):
        sign(world, party)
        world.settle()
    assert states(world) == ("SIGNED", "SIGNED")


def sign(world: World, party: PartyCode) -> None:
    node = world[party]
    agree.sign(node.desk, node.actor("liaison"), KR_JP, digest=None, our_fingerprint=node.identity.record.fingerprint)


@pytest.mark.source("T10", "T11", "A-27")
def test_approvals_of_a_shelved_round_are_not_used_again() -> None:
    world = World(KOR, JPN)
    world.propose()
    world.settle()
    both(world, DeedKind.AGREE_TO_EXPLORE, Body.MINISTERS)
    both(world, DeedKind.OPEN_TALKS, Body.DELEGATION)
    both(world, DeedKind.AGREE_TEXT, Body.DELEGATION)
    clear(world, KOR)
    deed(world, JPN, DeedKind.SHELVE, Body.FOREIGN_MINISTRY, words="no date for resumption")
    assert states(world) == ("SHELVED", "SHELVED")
    both(world, DeedKind.RESUME_TALKS, Body.FOREIGN_MINISTRY)
    both(world, DeedKind.AGREE_TEXT, Body.DELEGATION)
    clear(world, JPN)
    assert states(world) == ("CLEARING", "CLEARING")
    assert len(stands(world[JPN]).course.lapsed) == 1


# --- arrangements and amendments --------------------------------------------------------------------------------------


@pytest.mark.source("G5-1", "G5-2", "G5-3")
def test_an_arrangement_of_both_tightens_and_none_can_loosen(world: World) -> None:
    tighter = (Override(rule=Rule.RECEIPT_DAYS, value=5),)
    deed(world, KOR, DeedKind.ARRANGE, Body.DEFENCE_MINISTRY, rules=tighter, words="receipts")
    assert stands(world[JPN]).course.arrangements == ()
    deed(world, JPN, DeedKind.ARRANGE, Body.DEFENCE_MINISTRY, rules=tighter, words="receipts")
    assert len(stands(world[KOR]).course.arrangements) == 1
    with pytest.raises(RefusedError, match="never loosen"):
        deed(world, KOR, DeedKind.ARRANGE, Body.DEFENCE_MINISTRY, rules=(Override(rule=Rule.RECEIPT_DAYS, value=11),))
    note(world, JPN, NoteSubject.TERMINATION, "JP-1")
    with pytest.raises(RefusedError, match="NOTICE_GIVEN"):
        deed(world, KOR, DeedKind.ARRANGE, Body.DEFENCE_MINISTRY, rules=tighter, words="more")


@pytest.mark.source("T21", "G21-2", "A-37")
def test_an_amendment_of_both_carries_the_instrument_on_under_the_new_text(world: World) -> None:
    old = world.agreement()
    arrived = world.send(b"before").item
    world.propose(JPN, version=2)
    world.settle()
    new = world.agreement(version=2)
    deed(world, JPN, DeedKind.AMEND, Body.FOREIGN_MINISTRY, text=new.digest)
    assert current(world[KOR]) == old.digest
    deed(world, KOR, DeedKind.AMEND, Body.FOREIGN_MINISTRY, text=new.digest)
    for party in (KOR, JPN):
        assert current(world[party]) == new.digest
        now = stands(world[party])
        assert (now.state, now.term, now.ends) == ("IN_FORCE", 1, ENDS)
        assert not world[party].memory.run(lambda tx: standing(tx, old, at=world[KOR].clock())).allowed.release
        assert world[party].memory.run(lambda tx: standing(tx, old, at=world[KOR].clock())).allowed.access
    world[JPN].bring_reader()
    world[JPN].book(arrived)
    world[JPN].read(arrived)
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    assert states(world, ENDS) == ("TERMINATED", "TERMINATED")


def current(node: SimNode) -> str:
    return node.memory.run(lambda tx: current_agreement(tx, KR_JP, at=node.clock()).digest)


@pytest.mark.source("T22", "G20-2")
def test_a_difference_is_talked_out_and_stops_nothing(world: World) -> None:
    note(world, JPN, NoteSubject.DISPUTE_OPENED, "JP-1", words="article 6, purpose")
    assert stands(world[KOR]).course.disputes == ("JP-1",)
    assert world.send(b"image").stage is Stage.QUEUED
    note(world, KOR, NoteSubject.DISPUTE_CLOSED, "KR-1", names=("JP-1",))
    assert stands(world[JPN]).course.disputes == ()
