"""Classified words, calls, test calls, watches and the sheet: what is due, what is alarmed, what is shown to whom."""

import pytest

from gsomia.agreements import NoteSubject
from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.exchange import (
    AlarmCode,
    DisclosureForm,
    DisclosureOpened,
    IncidentSubject,
    Precedence,
    SubjectKind,
    WatchTurn,
)
from gsomia.flows import hotline_calls, hotline_desks, hotline_lines, hotline_view
from gsomia.flows.cases import open_incident
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Validity
from gsomia.registry import IncidentMark, Suspicion
from simulation.hotline import (
    DUTY,
    OTHER,
    OURS,
    RELIEF,
    codes_of,
    manned_world,
    read_back,
    say,
    words_of,
)
from simulation.world import JPN, KOR, KR_JP, SECRET, UNTIL, World

SECRET_WORDS = "the words that no log may hold"


@pytest.fixture
def world() -> World:
    return manned_world()


# --- classified words --------------------------------------------------------------------------------------------


@pytest.mark.source("A-32", "G12-11")
def test_classified_words_are_refused_on_a_line_that_is_not_accredited_for_them(world: World) -> None:
    with pytest.raises(RefusedError) as refused:
        say(world, level="KOR-1", instrument=KR_JP)
    assert (refused.value.code, "A-32" in refused.value.clauses) == ("flows/line-not-accredited", True)


@pytest.mark.source("A-32", "G2-4")
def test_classified_words_on_an_accredited_line_make_the_form_due_on_both_sides(world: World) -> None:
    said = say(world, level="KOR-2", instrument=KR_JP)
    world.settle()
    for party in (KOR, JPN):
        (opened,) = world[party].every(DisclosureOpened, reference=said.digest)
        assert opened.accredited
        assert opened.due == opened.at.plus(seconds=3600)
        assert world[party].count(IncidentMark) == 0
    world.wait(3600)
    assert AlarmCode.DISCLOSURE_LATE in codes_of(world, JPN, said.digest)


@pytest.mark.source("A-32")
def test_classified_words_heard_on_a_line_we_have_not_accredited_make_an_incident_due() -> None:
    world = World(KOR, JPN)
    world.sign()
    for subject in (NoteSubject.COMPLETION, NoteSubject.AUTHORITY_NAMED):
        for party in (KOR, JPN):
            world[party].note(subject)
        world.settle()
    world[KOR].accredit(JPN)
    manned_world(world)
    said = say(world, level="KOR-2", instrument=KR_JP)
    world.settle()
    (mark,) = world[JPN].every(IncidentMark)
    assert (mark.subject, mark.what, mark.party) == (said.digest, Suspicion.LINE_NOT_ACCREDITED, KOR)
    assert world[KOR].count(IncidentMark) == 0


@pytest.mark.source("G2-4", "F-13")
def test_a_form_without_who_heard_it_stays_incomplete_and_alarmed(world: World) -> None:
    said = say(world, level="KOR-2", instrument=KR_JP)
    node = world[KOR]

    def form(heard: tuple[str, ...]) -> DisclosureForm:
        return DisclosureForm(
            reference=said.digest,
            spoke=("duty",),
            heard=heard,
            level=SECRET[KOR],
            line="mnd-ops to mod-ops",
            content="M-1",
            note_taken=False,
            by=DUTY,
            at=node.clock(),
        )

    assert not hotline_lines.book_disclosure(node.desk, node.actor(DUTY), form(())).complete
    world.wait(3600)
    assert AlarmCode.DISCLOSURE_LATE in codes_of(world, KOR, said.digest)
    assert hotline_lines.book_disclosure(node.desk, node.actor(DUTY), form(("their duty officer",))).complete
    assert AlarmCode.DISCLOSURE_LATE not in codes_of(world, KOR, said.digest)


@pytest.mark.source("G7-2", "F-07")
def test_classified_words_are_shown_to_a_cleared_officer_on_watch_after_it_was_written(world: World) -> None:
    said = say(world, level="KOR-2", instrument=KR_JP)
    world.settle()
    node = world[JPN]
    with pytest.raises(RefusedError) as refused:
        hotline_view.show_message(node.desk, node.actor(DUTY), said.digest)
    assert refused.value.code == "flows/not-cleared-for-words"
    assert hotline_view.watch_log(node.desk, last=5)["messages"][0]["words"] is None
    node.clear(DUTY, level="JPN-1")
    shown = hotline_view.show_message(node.desk, node.actor(DUTY), said.digest)
    assert shown["words"] == words_of(world, JPN, said.digest)
    events = [leaf.event for leaf in node.leaves(private_log(JPN))]
    assert events.count(Event.HOTLINE_WORDS_SHOWN) == 1


# --- calls, tests, watches ---------------------------------------------------------------------------------------


def spoken(world: World, **changed: object) -> hotline_calls.Spoken:
    now = world[KOR].clock()
    facts: dict[str, object] = {
        "party": JPN,
        "our_desk": OURS[KOR],
        "their_desk": OURS[JPN],
        "callers": ("our duty officer", "their duty officer"),
        "subject": "air traffic",
        "level": "UNCLASSIFIED",
        "classified": False,
        "began": now.plus(seconds=-60),
        "ended": now,
    }
    return hotline_calls.Spoken(**{**facts, **changed})  # type: ignore[arg-type]


@pytest.mark.source("A-32", "G2-4")
@pytest.mark.parametrize(
    ("changed", "form", "cause"),
    [
        ({}, 0, None),
        ({"level": "KOR-2"}, 1, None),
        ({"level": "KOR-1", "classified": True}, 1, Suspicion.LINE_NOT_ACCREDITED),
        ({"level": "", "classified": True}, 1, Suspicion.LEVEL_NOT_STATED),
    ],
    ids=["plain", "accredited", "above the line", "no level stated"],
)
def test_a_call_is_logged_and_classified_words_in_it_make_what_is_due_due(
    world: World, changed: dict[str, object], form: int, cause: Suspicion | None
) -> None:
    node = world[KOR]
    call = hotline_calls.log_call(node.desk, node.actor(DUTY), spoken(world, **changed))
    assert node.count(DisclosureOpened, reference=call.call) == form
    assert [mark.what for mark in node.every(IncidentMark, subject=call.call)] == ([cause] if cause else [])
    shared = [leaf for leaf in node.leaves(shared_log(KOR, JPN)) if leaf.event is Event.HOTLINE_CALL_LOGGED]
    assert [leaf.ids for leaf in shared] == [{"call": call.call}]
    assert b"air traffic" not in node.text(private_log(KOR)) + node.text(shared_log(KOR, JPN))


@pytest.mark.source("G17-1", "A-32")
def test_an_incident_about_a_call_is_told_to_the_party_it_was_with(world: World) -> None:
    node = world[KOR]
    call = hotline_calls.log_call(node.desk, node.actor(DUTY), spoken(world, level="KOR-2")).call
    subject = IncidentSubject(kind=SubjectKind.CALL, id=call)
    raised = open_incident(node.desk, node.actor("security"), words="it was overheard", subject=subject)
    assert (raised.case.party, [one.to for one in raised.reports]) == (JPN, [JPN])


@pytest.mark.source("A-32")
def test_a_call_in_which_nobody_stated_a_level_is_not_logged_as_one_without_classified_words(world: World) -> None:
    node = world[KOR]
    with pytest.raises(RefusedError) as refused:
        hotline_calls.log_call(node.desk, node.actor(DUTY), spoken(world, level=""))
    assert refused.value.code == "flows/level-not-stated"


@pytest.mark.source("A-32")
def test_words_that_slipped_into_an_unclassified_message_open_the_form_once(world: World) -> None:
    said = say(world)
    node = world[KOR]
    for _ in range(2):
        hotline_calls.note_disclosure(node.desk, node.actor(DUTY), said.digest, level="KOR-1")
    assert node.count(DisclosureOpened, reference=said.digest) == 1
    assert node.count(IncidentMark, subject=said.digest) == 1


def planned(world: World, party: PartyCode, *, incoming: bool) -> HexDigest:
    node = world[party]
    return hotline_calls.plan_tests(
        node.desk,
        node.actor("security"),
        party=OTHER[party],
        our_desk=OURS[party],
        their_desk=OURS[OTHER[party]],
        incoming=incoming,
        precedence=Precedence.ROUTINE,
        first=node.clock(),
        every_s=3600,
        within_s=600,
    ).plan


def test_planned_test_calls_are_answered_or_missed_as_both_sides_see_them(world: World) -> None:
    plan = planned(world, KOR, incoming=False)
    planned(world, JPN, incoming=True)
    message = hotline_calls.make_test(world[KOR].desk, world[KOR].actor(DUTY), plan)
    world.settle()
    assert read_back(world, message)
    world.settle()
    world.wait(3600 + 600)
    for party in (KOR, JPN):
        node = world[party]
        (shown,) = hotline_view.watch_log(node.desk, last=0)["tests"]
        assert [call["outcome"] for call in shown["calls"]] == ["answered", "missed"]
        codes = [alarm.code for alarm in note_alarms(node.desk)]
        assert codes == [AlarmCode.TEST_MISSED]


def test_who_takes_over_the_watch_is_told_what_is_open(world: World) -> None:
    first, second = say(world), say(world, precedence=Precedence.ROUTINE)
    world.settle()
    read_back(world, second.digest)
    world.settle()
    turn = hotline_desks.relieve(world[JPN].desk, world[JPN].actor(RELIEF), name=OURS[JPN], until=UNTIL)
    assert (turn.relieves, turn.open) == (DUTY, (first.digest,))
    assert [one.person for one in world[JPN].every(WatchTurn, desk=OURS[JPN])] == [DUTY, RELIEF]
    shared = [leaf for leaf in world[JPN].leaves(shared_log(JPN, KOR)) if leaf.event is Event.HOTLINE_WATCH_TAKEN]
    assert RELIEF not in str(shared[-1].ids)


def test_a_desk_at_which_nobody_has_the_watch_is_alarmed() -> None:
    world = manned_world()
    node = world[KOR]
    short = Validity(start=node.clock(), until=node.clock().plus(seconds=60))
    hotline_desks.plan_watch(node.desk, node.actor("security"), name=OURS[KOR], person=RELIEF, valid=short)
    assert note_alarms(node.desk) == []
    ended = manned_world(World(KOR, JPN))
    hotline_desks.name_desk(
        ended[KOR].desk,
        ended[KOR].actor("security"),
        name="second",
        to=JPN,
        titles=("", "", "second"),
        numbers=(),
        until=None,
    )
    assert [alarm.code for alarm in note_alarms(ended[KOR].desk)] == [AlarmCode.DESK_UNMANNED]


def test_the_sheet_names_desks_numbers_and_last_messages_and_no_words(world: World) -> None:
    say(world, en=SECRET_WORDS)
    world.settle()
    say(world, sender=JPN)
    sheet = hotline_view.fallback_sheet(world[KOR].desk, JPN)
    for wanted in ("mnd-ops", "mod-ops", "+82 2 000 0000", "last number KOR to JPN: 1", "READ BACK", "복창", "復唱"):
        assert wanted in sheet
    assert "last number JPN to KOR: 0" in sheet
    assert SECRET_WORDS not in sheet
