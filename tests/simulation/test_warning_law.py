"""What a warning lane rests on: a named authority's decision, an arrangement, an instrument; each can end it."""

from typing import cast

import pytest

from gsomia.agreements import NoteSubject
from gsomia.errors import LocalError, NodeError, PartnerError, RefusedError
from gsomia.flows import agree, warn
from gsomia.flows.lane import enter_late_warnings, keep_unrecorded, record_count, record_session, unrecorded_warnings
from gsomia.ids import sha256_hex
from gsomia.parties import say_act, sign_statement
from gsomia.storage import MemorySpareJournal
from gsomia.warning import (
    AUTHORISATION,
    STOP,
    TALLY,
    AuthorisationRecord,
    AuthorisationStop,
    LaneCount,
    LaneTally,
    LateWarning,
    StopRecord,
    UnrecordedWarning,
)
from simulation.fragile_store import FragileStore
from simulation.warn_world import arrange, authorise, scope, warned_world
from simulation.world import JPN, KOR, KR_JP, World, world_in_force
from strategies.lanes import INSTRUMENT, warned


def closed(world: World) -> tuple[str | None, str | None]:
    """Why the lane is closed, as Seoul and as Tokyo see it."""
    (own,) = warn.lane_law(world[KOR].desk).own
    (heard,) = warn.lane_law(world[JPN].desk).heard.values()
    codes = [one.closed.code if one.closed else None for one in (own, heard)]
    return codes[0], codes[1]


@pytest.mark.source("G5-1", "RELAY-5.4")
def test_both_ends_know_the_decision_and_both_say_that_it_counts() -> None:
    assert closed(warned_world()) == (None, None)


@pytest.mark.source("G5-1")
@pytest.mark.parametrize("words", [None, "receipts between the registries"])
def test_without_an_arrangement_for_warnings_nothing_direct_is_authorised(words: str | None) -> None:
    world = world_in_force()
    if words:
        arrange(world, words=words)
    with pytest.raises(RefusedError) as caught:
        authorise(world)
    assert caught.value.code == "flows/warnings-not-arranged"
    assert world[KOR].count(AuthorisationRecord) == 0


@pytest.mark.source("G2-5")
def test_only_a_named_authority_of_ours_decides() -> None:
    world = world_in_force()
    arrange(world)
    for authority in ("kor-dapa", "jpn-mod"):
        with pytest.raises(RefusedError) as caught:
            authorise(world, authority=authority)
        assert caught.value.code == "flows/authority-not-named"


@pytest.mark.source("G4-4")
@pytest.mark.parametrize("levels", [(), ("KOR-1",), ("JPN-3",)])
def test_a_level_outside_the_instrument_is_never_authorised(levels: tuple[str, ...]) -> None:
    world = world_in_force()
    arrange(world)
    with pytest.raises(RefusedError) as caught:
        authorise(world, levels=levels)
    assert caught.value.code == "flows/level-not-covered"


def test_only_a_releasing_authority_decides_and_only_for_days_to_come() -> None:
    world = world_in_force()
    arrange(world)
    node = world[KOR]
    with pytest.raises(RefusedError):
        warn.authorise(node.desk, node.actor("registrar"), instrument=KR_JP, authority="kor-mnd", scope=scope())
    with pytest.raises(LocalError):
        authorise(world, until=node.desk.clock())


@pytest.mark.source("RELAY-5.4")
def test_one_act_stops_it_here_at_once_and_at_the_partner_when_it_is_heard() -> None:
    world = warned_world()
    node = world[KOR]
    warn.stop(node.desk, node.actor("releaser"), None)
    assert closed(world) == ("warning/authorisation-stopped", None)
    world.settle()
    assert closed(world) == ("warning/authorisation-stopped", "warning/authorisation-stopped")
    assert world[JPN].count(StopRecord) == 1
    with pytest.raises(LocalError):
        warn.stop(node.desk, node.actor("releaser"), None)


@pytest.mark.source("T20", "G5-1")
def test_when_the_pact_ends_the_lane_is_closed_in_that_second_on_both_sides() -> None:
    world = warned_world()
    node = world[KOR]
    agree.give_note(
        node.desk,
        node.actor("liaison"),
        instrument=KR_JP,
        number="KR-NV-2019-0001",
        subject=NoteSubject.TERMINATION,
    )
    world.settle()
    assert closed(world) == (None, None)  # under notice it binds
    world.wait(400 * 86_400)
    assert closed(world) == ("warning/instrument-closed", "warning/instrument-closed")


def test_a_decision_expires_by_itself() -> None:
    world = world_in_force()
    arrange(world)
    authorise(world, until=world[KOR].desk.clock().plus(days=1))
    world.wait(86_400)
    assert closed(world) == ("warning/authorisation-expired", "warning/authorisation-expired")


def test_a_partner_cannot_stop_a_decision_of_ours_nor_decide_for_us() -> None:
    world = warned_world()
    (record,) = world[KOR].every(AuthorisationRecord)
    desk, now, key = world[KOR].desk, world[KOR].desk.clock(), world[JPN].desk.unlocked.keys.statement
    hand = world[JPN].actor("releaser").hand
    decided = say_act(record.authorisation, kind=AUTHORISATION, hand=hand, signer=key)
    stopped = say_act(
        AuthorisationStop(authorisation=record.digest, party=JPN, at=now), kind=STOP, hand=hand, signer=key
    )
    with pytest.raises(PartnerError):
        desk.store.run(lambda tx: warn.hear_authorisation(tx, desk, JPN, decided, now))
    with pytest.raises(PartnerError):
        desk.store.run(lambda tx: warn.hear_stop(tx, desk, JPN, stopped, now))
    assert closed(world) == (None, None)


@pytest.mark.source("DESIGN-6", "RELAY-5.4")
def test_sessions_and_tallies_stand_in_both_logs_of_the_record() -> None:
    world = warned_world()
    desk = world[KOR].desk
    (record,) = world[KOR].every(AuthorisationRecord)
    record_session(desk, JPN, incoming=False, instrument=KR_JP, authorisation=record.digest, ended=None)
    record_session(desk, JPN, incoming=False, instrument=KR_JP, authorisation=record.digest, ended="warning/link-lost")
    tally = LaneTally(
        sender=KOR, recipient=JPN, instrument=KR_JP, epoch=1, first=1, last=2, running=sha256_hex(b""), again=0
    )
    statement = sign_statement(tally, kind=TALLY, signer=desk.unlocked.keys.lane)
    record_count(desk, JPN, statement, by=KOR)
    record_count(desk, JPN, statement, by=KOR)
    assert world[KOR].count(LaneCount) == 1
    assert world[KOR].problems() == []
    told = [leaf.event for leaf in world[KOR].leaves("gsomia/kor/shared/jpn")][-3:]
    assert told == ["warning:lane:opened", "warning:lane:ended", "warning:tallied"]


@pytest.mark.source("DESIGN-2")
def test_what_was_shown_unrecorded_is_entered_once_when_the_log_returns() -> None:
    node = world_in_force()[JPN]
    spare = MemorySpareJournal()
    shown = tuple(
        UnrecordedWarning(lane=KOR, instrument=INSTRUMENT, raw=warned(number).raw, shown_us=7) for number in range(3)
    )
    keep_unrecorded(node.desk, spare, shown[:2])
    keep_unrecorded(node.desk, spare, shown[2:])
    cast("FragileStore", node.desk.store).fail(1)
    with pytest.raises(NodeError):
        enter_late_warnings(node.desk, spare)
    assert unrecorded_warnings(node.desk, spare) == list(shown)
    entries = spare.entries()
    assert enter_late_warnings(node.desk, spare) == list(shown)
    assert [one.digest for one in node.every(LateWarning)] == [sha256_hex(one.raw) for one in shown]
    for entry in entries:  # as after a crash between entering and clearing
        spare.append(entry)
    enter_late_warnings(node.desk, spare)
    assert node.count(LateWarning) == 3
    assert spare.entries() == []


def test_a_spare_journal_that_somebody_else_wrote_is_not_entered() -> None:
    world = world_in_force()
    spare = MemorySpareJournal()
    keep_unrecorded(world[KOR].desk, spare, ())
    with pytest.raises(PartnerError):
        enter_late_warnings(world[JPN].desk, spare)
