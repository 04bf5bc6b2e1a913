"""The hotline between two nodes: a message once in each watch log, read back, alarmed, and by codes in both logs."""

import itertools
from base64 import b64decode
from contextlib import suppress

import pytest

from gsomia import canon
from gsomia.agreements import NoteSubject
from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.exchange import (
    HOTLINE_MESSAGE,
    AlarmCode,
    DisclosureForm,
    DisclosureOpened,
    HotlineAlarm,
    HotlineMessage,
    IncidentDue,
    Matter,
    MessageEntry,
    MessageHead,
    Precedence,
    WatchTurn,
    digest_words,
)
from gsomia.flows import hotline, hotline_calls, hotline_desks, hotline_lines, hotline_view, rotate
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.flows.hotline_facts import open_words, stored_message
from gsomia.flows.records import RefusalRecord, StatementRecord
from gsomia.flows.say import say as queue_statement
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Validity
from gsomia.parties import say_act
from simulation.hotline import (
    DUTY,
    OTHER,
    OURS,
    RELIEF,
    codes_of,
    entry_of,
    manned_world,
    progress_of,
    say,
    to_say,
    words_of,
)
from simulation.world import JPN, KOR, KR_JP, SECRET, UNTIL, Fault, World

SECRET_WORDS = "the words that no log may hold"


@pytest.fixture
def world() -> World:
    return manned_world()


def read_back(world: World, message: HexDigest, *, party: PartyCode = JPN, words: str | None = None) -> bool | None:
    node = world[party]
    entry = entry_of(world, party, message)
    texts = open_words(node.desk, node.desk.store.run(lambda tx: stored_message(tx, entry)))
    said = " ".join(digest_words(texts)) if words is None else words
    return hotline.acknowledge_message(node.desk, node.actor(DUTY), entry.message, form="words", repeated=said).right


# --- once, whatever happens on the way --------------------------------------------------------------------------


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("faults", list(itertools.product(Fault, repeat=2)), ids=lambda f: "+".join(o.name for o in f))
def test_a_message_stands_once_in_each_watch_log_whatever_happens_on_the_way(
    world: World, faults: tuple[Fault, ...]
) -> None:
    said = say(world)
    for fault in faults:
        world.deliver(KOR, JPN, fault)
        world.wait(61)
    world.settle()
    assert [world[party].count(MessageEntry, message=said.digest) for party in (KOR, JPN)] == [1, 1]
    leaves = [leaf for leaf in world[JPN].leaves(private_log(JPN)) if leaf.event is Event.HOTLINE_MESSAGE_ENTERED]
    assert len(leaves) == 1
    assert progress_of(world, KOR, said.digest) == "delivered"
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("fault", Fault)
def test_a_read_back_stands_once_on_both_sides_whatever_happens_on_the_way(world: World, fault: Fault) -> None:
    said = say(world)
    world.settle()
    assert read_back(world, said.digest)
    world.deliver(JPN, KOR, fault)
    world.settle()
    assert [progress_of(world, party, said.digest) for party in (KOR, JPN)] == ["read-back", "read-back"]
    right = [leaf for leaf in world[KOR].leaves(private_log(KOR)) if leaf.event is Event.HOTLINE_READ_BACK_RIGHT]
    assert len(right) == 1


@pytest.mark.source("DESIGN-6")
def test_an_acknowledgement_may_overtake_the_receipt_of_its_message(world: World) -> None:
    said = say(world)
    world.deliver(KOR, JPN, Fault.REPLY_LOST)
    read_back(world, said.digest)
    world.deliver(JPN, KOR)
    assert progress_of(world, KOR, said.digest) == "read-back"
    world.settle()
    assert progress_of(world, KOR, said.digest) == "read-back"


# --- what is said ------------------------------------------------------------------------------------------------


@pytest.mark.source("A-32")
def test_texts_arrive_side_by_side_exactly_as_they_were_entered(world: World) -> None:
    entered = {"ko": "가  나\n다", "ja": "ア  イ", "en": " Two  aircraft. "}
    said = say(world, ko=entered["ko"], ja=entered["ja"], en=entered["en"])
    world.settle()
    assert words_of(world, JPN, said.digest) == entered
    assert words_of(world, KOR, said.digest) == entered


@pytest.mark.source("A-32")
def test_no_word_of_a_message_stands_in_any_log_or_in_the_record_in_clear(world: World) -> None:
    said = say(world, en=SECRET_WORDS)
    world.settle()
    read_back(world, said.digest)
    world.settle()
    for party, other in OTHER.items():
        for origin in (private_log(party), shared_log(party, other)):
            assert SECRET_WORDS.encode() not in world[party].text(origin)
        for record in world[party].every(StatementRecord):
            assert SECRET_WORDS.encode() not in b64decode(canon.decode_any(record.envelope)["payload"])


@pytest.mark.source("A-32")
def test_a_message_without_a_stated_level_is_refused(world: World) -> None:
    with pytest.raises(RefusedError, match="level") as refused:
        say(world, level="")
    assert (refused.value.code, "A-32" in refused.value.clauses) == ("exchange/level-not-stated", True)
    assert world[KOR].count(MessageEntry) == 0
    assert say(world).value.body.head.number == 1


@pytest.mark.source("A-11", "A-28")
def test_a_diplomatic_note_is_no_hotline_message(world: World) -> None:
    node = world[KOR]
    with pytest.raises(RefusedError) as refused:
        hotline.send_message(node.desk, node.actor(DUTY), to_say(KOR, matter=Matter.DIPLOMATIC_NOTE))
    assert (refused.value.code, refused.value.clauses) == ("exchange/note-not-by-hotline", ("A-11", "A-28"))
    assert node.count(MessageEntry) == 0


@pytest.mark.source("A-28", "G21-4")
def test_whatever_is_said_over_the_hotline_moves_no_agreement(world: World) -> None:
    before = len([one for one in world[JPN].every(StatementRecord) if one.kind == "note"])
    said = say(world, en="KR-NV-2019-0823: we hereby give notice of termination of the agreement.")
    world.settle()
    assert progress_of(world, JPN, said.digest) == "delivered"
    assert len([one for one in world[JPN].every(StatementRecord) if one.kind == "note"]) == before
    assert world.send(b"still released").delivery is not None


def forged(world: World, **changed: object) -> None:
    """A statement as a partner's changed program would say it: signed, sealed, and against the rules."""
    node = world[KOR]
    good = say(world)
    world.settle()
    facts = {**canon.plain(good.value.body.head), "number": 2, **changed}
    head = canon.check(facts, MessageHead)
    body = HotlineMessage(head=head, words=good.value.body.words)
    statement = say_act(
        body, kind=HOTLINE_MESSAGE, hand=node.actor(DUTY).hand, signer=node.desk.unlocked.keys.statement
    )
    node.desk.store.run(
        lambda tx: queue_statement(tx, node.desk, statement, kind=HOTLINE_MESSAGE, to=JPN, subject=statement.digest)
    )
    world.settle()


@pytest.mark.source("A-32", "A-11", "A-28", "DESIGN-6")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"level": ""}, "exchange/level-not-stated"),
        ({"matter": "diplomatic-note"}, "exchange/note-not-by-hotline"),
        ({"sender": "USA"}, "exchange/not-between-us"),
        ({"to": "USA"}, "exchange/not-between-us"),
        ({"to_desk": "nowhere"}, "exchange/unknown-desk"),
        ({"from_desk": "nowhere"}, "exchange/unknown-desk"),
        ({"number": 1, "precedence": "ROUTINE"}, "exchange/number-used"),
        ({"number": 5000}, "exchange/number-too-far"),
        ({"precedence": "IMMEDIATE"}, "envelope/does-not-open"),
    ],
    ids=str,
)
def test_the_door_refuses_what_no_desk_may_say(world: World, changed: dict[str, object], code: str) -> None:
    forged(world, **changed)
    assert [one.code for one in world[JPN].every(RefusalRecord)] == [code]
    assert world[JPN].count(MessageEntry) == 1
    assert [one.code for one in world[KOR].every(RefusalRecord)] == [code]


@pytest.mark.source("A-32")
def test_only_who_has_the_watch_speaks_for_a_desk(world: World) -> None:
    node = world[KOR]
    with pytest.raises(RefusedError) as refused:
        hotline.send_message(node.desk, node.actor(RELIEF), to_say(KOR))
    assert refused.value.code == "flows/not-on-watch"
    hotline_desks.relieve(node.desk, node.actor(RELIEF), name=OURS[KOR], until=UNTIL)
    assert hotline.send_message(node.desk, node.actor(RELIEF), to_say(KOR)).value.body.head.number == 1
    with pytest.raises(RefusedError):
        hotline.send_message(node.desk, node.actor(DUTY), to_say(KOR))


def test_a_desk_that_is_not_named_is_not_spoken_to(world: World) -> None:
    with pytest.raises(LocalError) as wrong:
        say(world, to_desk="nowhere")
    assert wrong.value.code == "flows/unknown-desk"


# --- read-back and timers ----------------------------------------------------------------------------------------


@pytest.mark.source("A-12")
def test_a_desk_that_never_reads_back_is_alarmed_with_a_code_in_both_logs(world: World) -> None:
    said = say(world)
    world.settle()
    assert codes_of(world, KOR, said.digest) == set()
    world.wait(120)
    for party, other in OTHER.items():
        note_alarms(world[party].desk)
        note_alarms(world[party].desk)
        codes = [alarm.code for alarm in world[party].every(HotlineAlarm, reference=said.digest)]
        assert sorted(codes) == ["exchange/not-acknowledged", "exchange/not-read-back"]
        shared = [leaf for leaf in world[party].leaves(shared_log(party, other)) if leaf.event is Event.HOTLINE_ALARMED]
        assert sorted(str(leaf.code) for leaf in shared) == sorted(codes)


@pytest.mark.source("A-12")
def test_an_acknowledgement_without_a_read_back_leaves_the_read_back_due(world: World) -> None:
    said = say(world)
    world.settle()
    hotline.acknowledge_message(world[JPN].desk, world[JPN].actor(DUTY), said.digest, form=None)
    world.settle()
    world.wait(120)
    assert codes_of(world, KOR, said.digest) == {AlarmCode.NOT_READ_BACK}
    assert read_back(world, said.digest)
    world.settle()
    assert codes_of(world, KOR, said.digest) == codes_of(world, JPN, said.digest) == set()


@pytest.mark.source("A-12")
def test_a_read_back_that_differs_is_alarmed_on_both_sides_and_a_right_one_ends_it(world: World) -> None:
    said = say(world)
    world.settle()
    assert read_back(world, said.digest, words="ALFA ALFA ALFA ALFA ALFA ALFA") is False
    world.settle()
    for party, other in OTHER.items():
        assert codes_of(world, party, said.digest) == {AlarmCode.READ_BACK_DIFFERS}
        shared = [leaf for leaf in world[party].leaves(shared_log(party, other)) if leaf.event is Event.HOTLINE_ALARMED]
        assert [leaf.code for leaf in shared] == ["exchange/read-back-differs"]
    assert read_back(world, said.digest)
    world.settle()
    assert [codes_of(world, party, said.digest) for party in (KOR, JPN)] == [set(), set()]
    assert len(world[KOR].every(HotlineAlarm, reference=said.digest)) == 1


@pytest.mark.source("A-12")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_text_is_read_back_in_any_language_it_was_entered_in(world: World, language: str) -> None:
    said = say(world)
    world.settle()
    text = words_of(world, JPN, said.digest)[language]
    node = world[JPN]
    spoken = "  " + text.replace(" ", "\n ")
    entered = hotline.acknowledge_message(node.desk, node.actor(DUTY), said.digest, form="text", repeated=spoken)
    assert entered.right is True


@pytest.mark.source("A-12")
def test_a_message_that_does_not_get_through_is_alarmed_at_the_sender(world: World) -> None:
    said = say(world)
    world.wait(60)
    assert codes_of(world, KOR, said.digest) == {AlarmCode.NOT_DELIVERED, AlarmCode.NOT_ACKNOWLEDGED}


# --- order -------------------------------------------------------------------------------------------------------


def order_due(world: World) -> list[str]:
    said = {one.digest: one.kind for one in world[KOR].every(StatementRecord, direction="own")}
    heads = {one.message: one.head.precedence.value for one in world[KOR].every(MessageEntry)}
    return [heads.get(one.reference, said.get(one.reference, "")) for _, one in world.due(KOR, JPN)]  # type: ignore[call-overload]


def test_flash_goes_before_the_rest_and_ties_go_by_number(world: World) -> None:
    world[KOR].assure(JPN)
    first = [say(world, precedence=one) for one in Precedence]
    second = [say(world, precedence=one) for one in Precedence]
    due = [outgoing.reference for _, outgoing in world.due(KOR, JPN)]
    expected = [one.digest for pair in zip(reversed(first), reversed(second), strict=True) for one in pair]
    assert due[:-1] == expected
    assert order_due(world)[-1] == "assurance"
    world.settle()
    heard = [entry.number for entry in world[JPN].every(MessageEntry)]
    assert heard == [4, 8, 3, 7, 2, 6, 1, 5]


@pytest.mark.source("DESIGN-4")
def test_no_message_overtakes_a_change_of_keys_and_no_change_a_message(world: World) -> None:
    node = world[KOR]
    before = say(world, precedence=Precedence.ROUTINE)
    rotate.rotate(node.desk, node.first)
    after = say(world)
    kinds = order_due(world)
    assert kinds == ["ROUTINE", "key-change", "FLASH"]
    world.settle()
    assert [world[JPN].count(MessageEntry, message=one.digest) for one in (before, after)] == [1, 1]
    assert world[JPN].every(RefusalRecord) == []
    assert words_of(world, JPN, before.digest) == words_of(world, KOR, before.digest)


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
        assert world[party].count(IncidentDue) == 0
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
    (due,) = world[JPN].every(IncidentDue)
    assert (due.reference, due.cause, due.clause) == (said.digest, "exchange/line-not-accredited", "A-32")
    assert world[KOR].count(IncidentDue) == 0


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
        ({"level": "KOR-1", "classified": True}, 1, "exchange/line-not-accredited"),
        ({"level": "", "classified": True}, 1, "exchange/level-not-stated"),
    ],
    ids=["plain", "accredited", "above the line", "no level stated"],
)
def test_a_call_is_logged_and_classified_words_in_it_make_what_is_due_due(
    world: World, changed: dict[str, object], form: int, cause: str | None
) -> None:
    node = world[KOR]
    call = hotline_calls.log_call(node.desk, node.actor(DUTY), spoken(world, **changed))
    assert node.count(DisclosureOpened, reference=call.call) == form
    assert [due.cause for due in node.every(IncidentDue, reference=call.call)] == ([cause] if cause else [])
    shared = [leaf for leaf in node.leaves(shared_log(KOR, JPN)) if leaf.event is Event.HOTLINE_CALL_LOGGED]
    assert [leaf.ids for leaf in shared] == [{"call": call.call}]
    assert b"air traffic" not in node.text(private_log(KOR)) + node.text(shared_log(KOR, JPN))


@pytest.mark.source("A-32")
def test_a_call_in_which_nobody_stated_a_level_is_not_logged_as_one_without_classified_words(world: World) -> None:
    node = world[KOR]
    with pytest.raises(RefusedError) as refused:
        hotline_calls.log_call(node.desk, node.actor(DUTY), spoken(world, level=""))
    assert refused.value.code == "exchange/level-not-stated"


@pytest.mark.source("A-32")
def test_words_that_slipped_into_an_unclassified_message_open_the_form_once(world: World) -> None:
    said = say(world)
    node = world[KOR]
    for _ in range(2):
        hotline_calls.note_disclosure(node.desk, node.actor(DUTY), said.digest, level="KOR-1")
    assert node.count(DisclosureOpened, reference=said.digest) == 1
    assert node.count(IncidentDue, reference=said.digest) == 1


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


# --- numbers, and a node that was set back -----------------------------------------------------------------------


def test_a_message_that_is_withheld_is_alarmed_by_its_number(world: World) -> None:
    withheld = say(world, precedence=Precedence.ROUTINE)
    say(world)
    row, outgoing = next((r, o) for r, o in world.due(KOR, JPN) if o.reference != withheld.digest)
    world.carry(KOR, JPN, row, outgoing)
    assert codes_of(world, JPN, "KOR-1") == set()
    world.wait(300)
    assert codes_of(world, JPN, "KOR-1") == {AlarmCode.NUMBER_MISSING}
    world.settle()
    assert codes_of(world, JPN, "KOR-1") == set()


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("party", [KOR, JPN])
def test_a_node_that_was_set_back_has_its_watch_log_again(world: World, party: PartyCode) -> None:
    older = world[party].copy_record()
    said = say(world)
    world.settle()
    read_back(world, said.digest)
    world.settle()
    world[party].set_back(older)
    world.settle()
    for sender, to in ((KOR, JPN), (JPN, KOR)):
        world.link_up(sender, to)
    world.settle()
    assert progress_of(world, party, said.digest) == "read-back"
    assert words_of(world, party, said.digest) == words_of(world, OTHER[party], said.digest)
    assert say(world).value.body.head.number == 2


@pytest.mark.source("DESIGN-2")
@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("side", [KOR, JPN])
def test_a_disk_that_fails_at_any_unit_loses_no_message_and_doubles_none(
    world: World, at: int, side: PartyCode
) -> None:
    world[side].fragile.fail(at)
    try:
        digest = say(world).digest
    except NodeError:
        digest = say(world).digest
    with suppress(NodeError):
        world.deliver(KOR, JPN)
    world[side].fragile.fail(0)
    world.settle()
    assert [world[party].count(MessageEntry, message=digest) for party in (KOR, JPN)] == [1, 1]
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


def test_without_an_agreement_in_force_the_hotline_still_carries_unclassified_words() -> None:
    world = manned_world(World(KOR, JPN))
    said = say(world)
    world.settle()
    assert progress_of(world, JPN, said.digest) == "delivered"
    assert world[KOR].queued(JPN) == 0
    with pytest.raises(NodeError):
        say(world, level="KOR-2", instrument=KR_JP)
