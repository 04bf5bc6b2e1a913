"""A change of law that affects protection is told to every partner before it is closed, and reviews what it renames."""

from collections.abc import Callable
from typing import Any

import pytest

from gsomia.agreements import (
    LAW_ANSWER,
    LAW_REQUEST,
    Agreement,
    Body,
    DeedKind,
    LawAnswer,
    LawAnswerRecord,
    LawClosed,
    LawEntry,
    LawRequest,
    LawRequestRecord,
    LawText,
    LevelsReview,
    NoteSubject,
)
from gsomia.errors import NodeError, RefusedError, UnavailableError
from gsomia.flows import agree
from gsomia.flows.law import close_law, enter_law, review_levels, reviews_of
from gsomia.flows.law_requests import Asked, answer_law, asked, request_law
from gsomia.flows.notes import NoteText, give_note
from gsomia.ids import HexDigest, LawId, PartyCode, new_law_id, sha256_hex
from gsomia.instants import Instant, Validity, read_instant
from gsomia.parties import Office, say_act
from gsomia.storage import KINDS
from gsomia.transport import PartnerRefusedError
from simulation.diplomacy import ENDS, deed, note
from simulation.world import JPN, KOR, KR_JP, START, Fault, PowerCut, SimNode, World, hand, seeded, world_in_force

DAY = 86_400
SECRETS = LawText(
    title="Military Secret Protection Act", reference="Act No. 6792", valid=Validity(start=read_instant("2004-01-01"))
)
AMENDED = LawText(
    title="Military Secret Protection Act", reference="Act No. 99999", valid=Validity(start=read_instant("2026-11-25"))
)


@pytest.fixture
def world() -> World:
    return world_in_force()


def add(node: SimNode, text: LawText = AMENDED, **flags: Any) -> LawEntry:
    return enter_law(node.desk, node.actor("security"), text, **flags)


def close(node: SimNode, law: LawId, *notes: str) -> LawClosed:
    return close_law(node.desk, node.actor("security"), law, notes=notes)


def open_reviews(node: SimNode, law: LawId) -> list[LevelsReview]:
    return [one for one in node.memory.run(lambda tx: reviews_of(tx, law)) if one.is_open]


# --- a flagged change closes with a note -------------------------------------------------------------------------


@pytest.mark.source("G3-2", "F-25")
def test_a_flagged_change_is_not_closed_without_a_note_that_was_sent(world: World) -> None:
    law = add(world[KOR], affects_protection=True).id
    for notes in ((), ("KR-L-1",)):
        with pytest.raises(RefusedError) as caught:
            close(world[KOR], law, *notes)
        assert (caught.value.code, caught.value.clauses) == ("flows/law-not-notified", ("G3-2", "F-25"))
    assert world[KOR].count(LawClosed) == 0
    note(world, KOR, NoteSubject.LAW_CHANGE, "KR-L-1", words="Act No. 99999")
    with pytest.raises(RefusedError):
        close(world[KOR], law, "KR-L-2")
    assert [(one.instrument, one.note) for one in close(world[KOR], law, "KR-L-1").notified] == [(KR_JP, "KR-L-1")]


@pytest.mark.source("G3-2")
@pytest.mark.parametrize("subject", [NoteSubject.TERMINATION, NoteSubject.DISPUTE_OPENED])
def test_a_note_of_another_subject_tells_of_no_change(world: World, subject: NoteSubject) -> None:
    law = add(world[KOR], affects_protection=True).id
    note(world, KOR, subject, "KR-L-1")
    with pytest.raises(RefusedError) as caught:
        close(world[KOR], law, "KR-L-1")
    assert caught.value.code == "flows/law-not-notified"


@pytest.mark.source("G3-2")
def test_the_partners_note_does_not_tell_of_our_law(world: World) -> None:
    law = add(world[KOR], affects_protection=True).id
    note(world, JPN, NoteSubject.LAW_CHANGE, "KR-L-1")
    with pytest.raises(RefusedError) as caught:
        close(world[KOR], law, "KR-L-1")
    assert caught.value.code == "flows/law-not-notified"


@pytest.mark.source("G3-2")
def test_a_note_that_waits_in_the_outbox_is_sent(world: World) -> None:
    law = add(world[KOR], affects_protection=True).id
    liaison = world[KOR].actor("liaison")
    give_note(
        world[KOR].desk,
        liaison,
        instrument=KR_JP,
        number="KR-L-1",
        subject=NoteSubject.LAW_CHANGE,
        says=NoteText(words="Act No. 99999"),
    )
    assert close(world[KOR], law, "KR-L-1").law == law


@pytest.mark.source("G3-2")
def test_a_change_that_is_not_flagged_closes_alone_and_once(world: World) -> None:
    law = add(world[KOR]).id
    assert close(world[KOR], law).notified == ()
    with pytest.raises(NodeError) as caught:
        close(world[KOR], law)
    assert caught.value.code == "flows/law-closed"


@pytest.mark.source("G3-2", "G21-5")
@pytest.mark.parametrize("days", [0, 400])
def test_what_outlives_the_instrument_is_told_of_too(world: World, days: int) -> None:
    note(world, KOR, NoteSubject.TERMINATION, "KR-1")
    for node in world.nodes.values():
        node.clock.now = ENDS.plus(days=days)
    law = add(world[KOR], affects_protection=True).id
    with pytest.raises(RefusedError):
        close(world[KOR], law)
    note(world, KOR, NoteSubject.LAW_CHANGE, "KR-L-1")
    assert [one.note for one in close(world[KOR], law, "KR-L-1").notified] == ["KR-L-1"]


@pytest.mark.source("G3-2", "T14")
def test_nobody_is_owed_a_note_before_an_instrument_binds() -> None:
    world = World(KOR, JPN)
    world.sign()
    assert close(world[KOR], add(world[KOR], affects_protection=True).id).notified == ()


@pytest.mark.source("G3-2")
@pytest.mark.parametrize("person", ["liaison", "registrar", "releaser"])
def test_only_a_security_officer_keeps_the_register(world: World, person: str) -> None:
    law = add(world[KOR]).id
    for act in (
        lambda: enter_law(world[KOR].desk, world[KOR].actor(person), AMENDED),
        lambda: close_law(world[KOR].desk, world[KOR].actor(person), law, notes=()),
        lambda: review_levels(world[KOR].desk, world[KOR].actor(person), law, instrument=KR_JP, stays="x"),
    ):
        with pytest.raises(RefusedError) as caught:
            act()
        assert caught.value.code == "flows/office-required"


def test_what_is_changed_has_to_be_there(world: World) -> None:
    unknown = new_law_id(seeded("never entered"))
    for act in (
        lambda: add(world[KOR], replaces=unknown),
        lambda: close(world[KOR], unknown),
        lambda: review_levels(world[KOR].desk, world[KOR].actor("security"), unknown, instrument=KR_JP, stays="x"),
    ):
        with pytest.raises(NodeError) as caught:
            act()
        assert caught.value.code == "flows/unknown-law"


# --- a change of levels reviews the table ------------------------------------------------------------------------


def with_another_table(world: World) -> Agreement:
    """The text of the world, with a table in which one category gave way to another."""
    text = world.agreement(version=2)
    row = text.table.rows[0]
    levels = tuple(type(one)(party=one.party, ids=one.ids[1:] if one.party == JPN else one.ids) for one in row.levels)
    table = type(text.table)(rows=(type(row)(rank=row.rank, word=row.word, levels=levels), *text.table.rows[1:]))
    return type(text)(**{**{name: getattr(text, name) for name in text.__dataclass_fields__}, "table": table})


def amend(world: World, text: Agreement) -> None:
    node = world[JPN]
    fingerprint = node.identity.record.fingerprint
    agree.propose(node.desk, node.actor("liaison"), text, our_fingerprint=fingerprint)
    world.settle()
    for party in (JPN, KOR):
        deed(world, party, DeedKind.AMEND, Body.FOREIGN_MINISTRY, text=text.digest)


@pytest.mark.source("G3-3", "EQ-1", "A-37")
def test_a_change_of_levels_opens_a_review_and_names_the_table_before_and_after(world: World) -> None:
    node = world[JPN]
    law = add(node, levels=True)
    assert law.affects_protection
    (review,) = open_reviews(node, law.id)
    assert (review.instrument, review.before.table) == (KR_JP, world.agreement().table.version)
    note(world, JPN, NoteSubject.LAW_CHANGE, "JP-L-1", levels=True)
    with pytest.raises(RefusedError) as caught:
        close(node, law.id, "JP-L-1")
    assert (caught.value.code, caught.value.clauses) == ("flows/review-open", ("G3-3",))
    world.wait(30 * DAY)
    text = with_another_table(world)
    amend(world, text)
    done = review_levels(node.desk, node.actor("security"), law.id, instrument=KR_JP)
    assert done.after is not None
    assert (done.after.agreement, done.after.table) == (text.digest, text.table.version)
    assert done.after.start > review.before.start
    assert close(node, law.id, "JP-L-1").law == law.id


@pytest.mark.source("G3-3")
@pytest.mark.parametrize("amended", [False, True])
def test_a_review_does_not_end_with_the_table_it_began_with(world: World, *, amended: bool) -> None:
    law = add(world[JPN], levels=True).id
    if amended:
        amend(world, world.agreement(version=2))  # another text, the same table
    with pytest.raises(RefusedError) as caught:
        review_levels(world[JPN].desk, world[JPN].actor("security"), law, instrument=KR_JP)
    assert (caught.value.code, caught.value.clauses[0]) == ("flows/table-unchanged", "G3-3")
    assert open_reviews(world[JPN], law)


@pytest.mark.source("G3-3")
def test_a_table_may_stay_for_a_reason_and_a_review_ends_once(world: World) -> None:
    node = world[JPN]
    law = add(node, levels=True).id
    done = review_levels(
        node.desk, node.actor("security"), law, instrument=KR_JP, stays="only a lower level is renamed"
    )
    assert (done.after, open_reviews(node, law)) == (None, [])
    with pytest.raises(NodeError) as caught:
        review_levels(node.desk, node.actor("security"), law, instrument=KR_JP, stays="again")
    assert caught.value.code == "flows/no-open-review"


@pytest.mark.source("G3-2", "G3-3")
def test_a_note_that_does_not_say_so_of_levels_does_not_tell_of_them(world: World) -> None:
    node = world[JPN]
    law = add(node, levels=True).id
    review_levels(node.desk, node.actor("security"), law, instrument=KR_JP, stays="only a lower level is renamed")
    note(world, JPN, NoteSubject.LAW_CHANGE, "JP-L-1")
    with pytest.raises(RefusedError) as caught:
        close(node, law, "JP-L-1")
    assert caught.value.code == "flows/law-not-notified"


# --- asked and told ----------------------------------------------------------------------------------------------


def ask(world: World, by: PartyCode = JPN, to: PartyCode = KOR) -> HexDigest:
    return request_law(world[by].desk, world[by].actor("liaison"), instrument=KR_JP, to=to)


def answer(world: World, request: HexDigest, by: PartyCode = KOR) -> LawAnswer:
    return answer_law(world[by].desk, world[by].actor("liaison"), request)


def known(node: SimNode, at: Instant | None = None) -> list[Asked]:
    return node.memory.run(lambda tx: asked(tx, at=at or node.clock()))


@pytest.mark.source("G3-1", "G1-3")
def test_on_request_the_law_in_force_is_told_with_dates_and_references(world: World) -> None:
    first = add(world[KOR], SECRETS)
    add(world[KOR], AMENDED, replaces=first.id)
    request = ask(world)
    world.settle()
    world.wait(9 * DAY)
    assert [(one.days, one.answer) for one in known(world[JPN])] == [(9, None)]
    assert [one.days for one in known(world[KOR])] == [9]
    told = answer(world, request)
    assert told.texts == (AMENDED,)
    world.settle()
    world.wait(20 * DAY)
    (mine,) = known(world[JPN])
    assert mine.answer is not None
    assert (mine.answer.answer, mine.days) == (told, 9)
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("G3-1")
def test_an_open_request_grows_older_by_the_day(world: World) -> None:
    ask(world)
    world.settle()
    at = world[JPN].clock()
    assert [known(world[JPN], at.plus(seconds=s))[0].days for s in (0, DAY - 1, DAY + 60, 40 * DAY + 60)] == [
        0,
        0,
        1,
        40,
    ]


@pytest.mark.source("G3-1")
def test_a_register_without_law_tells_nothing_and_the_request_stays_open(world: World) -> None:
    request = ask(world)
    world.settle()
    with pytest.raises(NodeError) as caught:
        answer(world, request)
    assert caught.value.code == "flows/no-law-to-tell"
    assert known(world[KOR])[0].answer is None


@pytest.mark.source("G3-1")
def test_one_request_is_open_at_a_time_and_one_answer_is_given(world: World) -> None:
    add(world[KOR], SECRETS)
    request = ask(world)
    with pytest.raises(RefusedError) as caught:
        ask(world)
    assert caught.value.code == "agreements/request-open"
    world.settle()
    answer(world, request)
    with pytest.raises(NodeError) as again:
        answer(world, request)
    assert again.value.code == "flows/answered-before"
    world.settle()
    with pytest.raises(UnavailableError):
        ask(world)
    world.wait(1)
    assert ask(world) != request


@pytest.mark.source("G3-1")
def test_nobody_is_asked_before_an_instrument_binds() -> None:
    world = World(KOR, JPN)
    world.sign()
    with pytest.raises(RefusedError) as caught:
        ask(world)
    assert caught.value.code == "agreements/does-not-bind"
    assert world[JPN].count(LawRequestRecord) == 0


@pytest.mark.source("G3-1", "DESIGN-6")
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.REPLY_LOST, Fault.DOUBLED])
def test_request_and_answer_are_heard_once_whatever_the_line_does(world: World, fault: Fault) -> None:
    add(world[KOR], SECRETS)
    request = ask(world)
    world.deliver(JPN, KOR, fault)
    world.settle()
    answer(world, request)
    world.deliver(KOR, JPN, fault)
    world.settle()
    for party in (KOR, JPN):
        assert (world[party].count(LawRequestRecord), world[party].count(LawAnswerRecord)) == (1, 1)


@pytest.mark.source("G3-1", "DESIGN-2")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_an_answer_is_given_whole_or_not_at_all(power: bool) -> None:  # noqa: FBT001  a case of the table
    for at in range(1, 9):
        world = world_in_force()
        add(world[KOR], SECRETS)
        request = ask(world)
        world.settle()
        world[KOR].fragile.fail(at, cut_after=power)
        try:
            answer(world, request)
        except (NodeError, PowerCut):
            world[KOR].restart()
            if not world[KOR].count(LawAnswerRecord):
                answer(world, request)
            world.settle()
            assert world[JPN].count(LawAnswerRecord) == world[KOR].count(LawAnswerRecord) == 1
        else:
            assert at > 2
            return
    msg = "a flow of so many units was not meant"
    raise AssertionError(msg)


@pytest.mark.source("G3-1", "DESIGN-5")
@pytest.mark.parametrize("lost", [KOR, JPN])
def test_a_node_that_was_set_back_fetches_request_and_answer(world: World, lost: PartyCode) -> None:
    add(world[KOR], SECRETS)
    older = world[lost].copy_record()
    request = ask(world)
    world.settle()
    answer(world, request)
    world.settle()
    cosign_all(world)
    before = [(one.request.request, one.request.at, one.answer is not None) for one in known(world[lost])]
    world[lost].set_back(older)
    world.link_up(lost, JPN if lost == KOR else KOR)
    world.settle()
    assert [(one.request.request, one.request.at, one.answer is not None) for one in known(world[lost])] == before
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


def cosign_all(world: World) -> None:
    for owner, witness in world.links:
        world.cosign(owner, witness)


# --- a hostile partner -------------------------------------------------------------------------------------------


def say(
    world: World, body: LawRequest | LawAnswer, kind: str, *, office: Office = Office.LIAISON_OFFICER
) -> str | None:
    """Said by Seoul's real keys and other software; the code of Tokyo's refusal."""
    before = {one: world[JPN].count(one) for one in KINDS if one.__name__ != "RefusalRecord"}
    statement = say_act(body, kind=kind, hand=hand(KOR, "liaison", office), signer=world[KOR].identity.keys.statement)
    try:
        world.links[KOR, JPN].statement(statement.envelope)
    except PartnerRefusedError as refused:
        assert {one: world[JPN].count(one) for one in before} == before
        return refused.code
    return None


def asking(**changed: Any) -> LawRequest:
    return LawRequest(**{"instrument": KR_JP, "party": KOR, "to": JPN, "at": START.plus(days=1), **changed})


@pytest.mark.source("G3-1", "DESIGN-6")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"party": JPN}, "agreements/not-addressed"),
        ({"to": KOR}, "agreements/not-addressed"),
        ({"instrument": "NOT-KNOWN"}, "flows/unknown-instrument"),
        ({"at": read_instant("2099-01-01")}, "agreements/dated-ahead"),
    ],
)
def test_a_request_that_is_not_what_it_should_be_changes_nothing(
    world: World, changed: dict[str, Any], code: str
) -> None:
    assert say(world, asking(**{"at": world[KOR].clock(), **changed}), LAW_REQUEST) == code


@pytest.mark.source("G3-1")
def test_a_partner_cannot_heap_up_requests_nor_ask_out_of_office(world: World) -> None:
    now = world[KOR].clock()
    assert say(world, asking(at=now), LAW_REQUEST, office=Office.READER) == "parties/office-not-for-this"
    assert say(world, asking(at=now), LAW_REQUEST) is None
    assert say(world, asking(at=now.plus(seconds=1)), LAW_REQUEST) == "agreements/request-open"


def answering(world: World, asked_for: HexDigest, **changed: Any) -> LawAnswer:
    given = {
        "request": asked_for,
        "instrument": KR_JP,
        "party": KOR,
        "to": JPN,
        "texts": (SECRETS,),
        "at": world[KOR].clock(),
    }
    return LawAnswer(**{**given, **changed})


@pytest.mark.source("G3-1")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda _asked: {"request": sha256_hex(b"never asked")},
        lambda _asked: {"instrument": "GSOMIA-KR-US"},
        lambda _asked: {"party": JPN},
        lambda _asked: {"to": KOR},
    ],
)
def test_an_answer_to_another_question_is_refused(world: World, spoil: Callable[[HexDigest], dict[str, Any]]) -> None:
    request = ask(world)
    world.settle()
    assert say(world, answering(world, request, **spoil(request)), LAW_ANSWER) == "agreements/no-such-request"
    assert say(world, answering(world, request), LAW_ANSWER) is None
    later = answering(world, request, at=world[KOR].clock().plus(seconds=1))
    assert say(world, later, LAW_ANSWER) == "agreements/answered-before"
