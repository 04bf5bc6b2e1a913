"""The hotline between two nodes: a message once in each watch log, read back, alarmed, and by codes in both logs."""

import itertools
from base64 import b64decode
from contextlib import suppress
from typing import Any

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.envelope import ShortSealed, seal_short
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.exchange import (
    HOTLINE_MESSAGE,
    AlarmCode,
    HotlineAlarm,
    HotlineMessage,
    Matter,
    MessageEntry,
    MessageHead,
    Precedence,
)
from gsomia.flows import hotline, hotline_answers, hotline_desks, rotate
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.hotline_alarms import note_alarms
from gsomia.flows.records import RefusalRecord, StatementRecord
from gsomia.flows.say import say as queue_statement
from gsomia.ids import PartyCode
from gsomia.parties import say_act
from simulation.hotline import (
    DUTY,
    OTHER,
    OURS,
    RELIEF,
    codes_of,
    manned_world,
    progress_of,
    read_back,
    say,
    to_say,
    words_of,
)
from simulation.world import JPN, KOR, KR_JP, UNTIL, Fault, World

SECRET_WORDS = "the words that no log may hold"


@pytest.fixture
def world() -> World:
    return manned_world()


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
    assert (refused.value.code, "A-32" in refused.value.clauses) == ("flows/level-not-stated", True)
    assert world[KOR].count(MessageEntry) == 0
    assert say(world).value.body.head.number == 1


@pytest.mark.source("A-11", "A-28")
def test_a_diplomatic_note_is_no_hotline_message(world: World) -> None:
    node = world[KOR]
    with pytest.raises(RefusedError) as refused:
        hotline.send_message(node.desk, node.actor(DUTY), to_say(KOR, matter=Matter.DIPLOMATIC_NOTE))
    assert (refused.value.code, refused.value.clauses) == ("flows/note-not-by-hotline", ("A-11", "A-28"))
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
    with pytest.raises(RefusedError) as relieved:
        hotline.send_message(node.desk, node.actor(DUTY), to_say(KOR))
    assert relieved.value.code == "flows/not-on-watch"
    assert node.count(MessageEntry) == node.queued(JPN) == 1


@pytest.mark.source("A-32")
def test_who_was_relieved_while_the_words_were_sealed_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = world[KOR]

    def relieved(*args: Any, **kwargs: Any) -> ShortSealed:
        world.wait(1)
        hotline_desks.relieve(node.desk, node.actor(RELIEF), name=OURS[KOR], until=UNTIL)
        return seal_short(*args, **kwargs)

    monkeypatch.setattr("gsomia.flows.hotline.seal_short", relieved)
    with pytest.raises(RefusedError) as refused:
        say(world)
    assert refused.value.code == "flows/not-on-watch"
    assert node.count(MessageEntry) == node.queued(JPN) == 0


@pytest.mark.parametrize("before", [0, 1], ids=["first", "after-another"])
def test_a_number_that_another_desk_of_ours_took_meanwhile_is_drawn_again(
    world: World, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    seal = seal_short

    def quicker(*args: Any, **kwargs: Any) -> ShortSealed:
        monkeypatch.setattr("gsomia.flows.hotline.seal_short", seal)
        say(world)
        return seal(*args, **kwargs)

    for _ in range(before):
        say(world)
    monkeypatch.setattr("gsomia.flows.hotline.seal_short", quicker)
    assert say(world).value.body.head.number == before + 2
    assert say(world).value.body.head.number == before + 3
    assert sorted(one.number for one in world[KOR].every(MessageEntry)) == list(range(1, before + 4))


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
    hotline_answers.acknowledge_message(world[JPN].desk, world[JPN].actor(DUTY), said.digest, form=None)
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
    entered = hotline_answers.acknowledge_message(
        node.desk, node.actor(DUTY), said.digest, form="text", repeated=spoken
    )
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
