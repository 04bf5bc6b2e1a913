"""Items are used for what they were given for: another use needs the originator's word, and a purpose ends."""

import pytest

from gsomia.agreements import ActError
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.flows import people
from gsomia.flows.purposes import (
    PurposeStanding,
    answer_purpose,
    ask_purpose,
    close_purpose,
    hear_purpose_answer,
    hear_purpose_request,
    list_purposes,
    open_purpose,
    renew_purpose,
)
from gsomia.ids import HexDigest, ItemId
from gsomia.instants import Validity
from gsomia.parties import say_act
from gsomia.policy import DISPOSITION_DAYS
from gsomia.registry import (
    PURPOSE_ANSWER,
    PURPOSE_REQUEST,
    PurposeAnswer,
    PurposeAnswered,
    PurposeAsked,
    PurposeRequest,
    RegisterError,
)
from simulation.test_copies_and_derived_items import derive, send
from simulation.world import JPN, KOR, PURPOSE, UNTIL, SimNode, World, world_in_force

OTHER = "TRAINING-OF-ANALYSTS"
DAY_S = 86_400


@pytest.fixture
def world() -> World:
    world = world_in_force()
    for node in world.nodes.values():
        node.bring_reader()
    return world


def enter(node: SimNode, *, code: str = PURPOSE, days: int = 100, blanket: bool = False) -> None:
    open_purpose(
        node.desk,
        node.actor("registrar"),
        code=code,
        text="missile tests of the coming year",
        ends="the report is delivered",
        blanket=blanket,
        review=node.clock().plus(days=days),
    )


def standing(node: SimNode, code: str = PURPOSE) -> PurposeStanding:
    found = node.memory.run(lambda tx: list_purposes(tx, node.desk, now=node.clock()))
    return next(one for one in found if one.line.code == code)


def ask(node: SimNode, item: ItemId, *, purpose: str = OTHER) -> HexDigest:
    return ask_purpose(
        node.desk,
        node.actor("registrar"),
        item,
        purpose=purpose,
        text="a course in spring",
        until=node.clock().plus(days=30),
    )


def answer(node: SimNode, request: HexDigest, *, granted: bool) -> None:
    answer_purpose(node.desk, node.actor("releaser"), request, granted=granted)


def refused_reading(node: SimNode, item: ItemId, *, purpose: str = PURPOSE) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RefusedError) as refused:
        node.read(item, purpose=purpose)
    return refused.value.code, refused.value.clauses


@pytest.mark.source("G6-9", "A-17")
def test_what_was_given_for_a_closed_purpose_is_not_read_until_it_is_renewed(world: World) -> None:
    item = send(world)
    jpn = world[JPN]
    enter(jpn)
    jpn.read(item)
    close_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE)
    assert refused_reading(jpn, item) == ("policy/purpose-ended", ("G6-9",))
    ended = standing(jpn)
    assert (ended.items, ended.due) == ((item,), jpn.clock().plus(days=DISPOSITION_DAYS))
    renew_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE, review=jpn.clock().plus(days=50))
    jpn.read(item)
    assert (standing(jpn).due, standing(jpn).ended) == (None, None)


@pytest.mark.source("G6-9", "A-16")
def test_a_purpose_past_its_review_has_ended(world: World) -> None:
    item = send(world)
    jpn = world[JPN]
    enter(jpn, days=10)
    world.wait(9 * DAY_S)
    jpn.read(item)
    world.wait(1 * DAY_S)
    assert refused_reading(jpn, item)[0] == "policy/purpose-ended"
    assert standing(jpn).due is not None


@pytest.mark.source("G6-9")
def test_a_closed_purpose_reaches_what_was_derived(world: World) -> None:
    item = send(world)
    jpn = world[JPN]
    translation = derive(jpn, item).item.id
    enter(jpn)
    close_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE)
    assert refused_reading(jpn, translation)[0] == "policy/purpose-ended"
    assert set(standing(jpn).items) == {item, translation}


@pytest.mark.source("G6-4", "A-11")
def test_another_purpose_needs_the_originators_word_and_only_until_its_day(world: World) -> None:
    item, other = send(world), send(world, b"another")
    kor, jpn = world[KOR], world[JPN]
    for one in (item, other):
        people.grant_duty(
            jpn.desk, jpn.actor("security"), person=jpn.actor("analyst").person, item=one, purpose=None, until=UNTIL
        )
    assert refused_reading(jpn, item, purpose=OTHER) == ("policy/another-purpose", ("G6-4",))
    request = ask(jpn, item)
    world.settle()
    assert refused_reading(jpn, item, purpose=OTHER)[0] == "policy/another-purpose"
    answer(kor, request, granted=True)
    world.settle()
    jpn.read(item, purpose=OTHER)
    assert refused_reading(jpn, other, purpose=OTHER)[0] == "policy/another-purpose"  # bound to the item
    assert refused_reading(jpn, item, purpose="STILL-ANOTHER")[0] == "policy/another-purpose"
    translation = derive(jpn, item).item.id
    jpn.read(translation, purpose=OTHER)  # what was made of it is used as it may be
    world.wait(31 * DAY_S)
    assert refused_reading(jpn, item, purpose=OTHER)[0] == "policy/another-purpose"


@pytest.mark.source("G6-4")
def test_what_the_originator_refuses_stays_refused_and_is_answered_once(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    request = ask(jpn, item)
    world.settle()
    with pytest.raises(RefusedError):  # an act of the releasing authority
        answer_purpose(kor.desk, kor.actor("registrar"), request, granted=True)
    answer(kor, request, granted=False)
    with pytest.raises(RegisterError):
        answer(kor, request, granted=True)
    with pytest.raises(LocalError):  # nobody answers for the originator
        answer(jpn, request, granted=True)
    world.settle()
    assert refused_reading(jpn, item, purpose=OTHER)[0] == "policy/another-purpose"
    assert [one.body.valid for one in jpn.every(PurposeAnswered)] == [None]


@pytest.mark.source("A-16")
def test_a_blanket_purpose_needs_the_originators_consent_and_a_renewal_every_year(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    with pytest.raises(RegisterError) as refused:
        enter(jpn, blanket=True, days=400)
    assert refused.value.code == "registry/review-day"
    enter(jpn, blanket=True, days=365)
    assert refused_reading(jpn, item) == ("policy/blanket-purpose", ("A-16",))
    request = ask(jpn, item, purpose=PURPOSE)
    world.settle()
    answer(kor, request, granted=True)
    world.settle()
    jpn.read(item)
    own = jpn.register(b"our own").id
    jpn.read(own)


@pytest.mark.source("G6-4")
def test_a_purpose_is_opened_once_and_closed_once(world: World) -> None:
    jpn = world[JPN]
    for act in (
        lambda: close_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE),
        lambda: renew_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE, review=UNTIL),
        lambda: enter(jpn, days=0),
    ):
        with pytest.raises(NodeError):
            act()
    enter(jpn)
    with pytest.raises(RegisterError):
        enter(jpn)
    close_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE)
    with pytest.raises(RegisterError):
        close_purpose(jpn.desk, jpn.actor("registrar"), code=PURPOSE)


@pytest.mark.source("G6-4")
def test_requests_and_answers_of_others_are_not_heard(world: World) -> None:
    item = send(world)
    kor, jpn = world[KOR], world[JPN]
    mine = kor.register(b"never given").id
    now, sign = jpn.clock(), jpn.desk.unlocked.keys.statement
    body = PurposeRequest(
        item=mine, originator=KOR, holder=JPN, purpose=OTHER, text="no", until=now.plus(days=1), at=now
    )
    asked = say_act(body, kind=PURPOSE_REQUEST, hand=jpn.actor("registrar").hand, signer=sign)
    with pytest.raises(ActError):
        kor.desk.store.run(lambda tx: hear_purpose_request(tx, kor.desk, JPN, asked, now))
    request = ask(jpn, item)
    world.settle()
    granted = PurposeAnswer(
        request=request,
        item=item,
        originator=KOR,
        holder=JPN,
        purpose="SOMETHING-WIDER",
        valid=Validity(start=now, until=UNTIL),
        at=now,
    )
    wider = say_act(
        granted, kind=PURPOSE_ANSWER, hand=kor.actor("releaser").hand, signer=kor.desk.unlocked.keys.statement
    )
    with pytest.raises(ActError):
        jpn.desk.store.run(lambda tx: hear_purpose_answer(tx, jpn.desk, KOR, wider, now))
    assert (kor.count(PurposeAsked), jpn.count(PurposeAnswered)) == (1, 0)
