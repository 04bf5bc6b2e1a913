"""Requests for information over two nodes: both sides show the same end whatever happens on the way; no clock runs."""

import itertools
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import (
    REQUEST,
    REQUEST_ANSWER,
    REQUEST_WITHDRAWAL,
    InformationAnswer,
    InformationAnswered,
    InformationAsked,
    InformationRequest,
    NoteSubject,
    Outcome,
    RequestState,
    RequestWithdrawal,
    state_of,
)
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import private_log
from gsomia.flows.notes import give_note
from gsomia.flows.requests import (
    RequestNow,
    answer_request,
    decline_request,
    list_requests,
    make_request,
    withdraw_request,
)
from gsomia.ids import ConsignmentId, PartyCode, RequestId, new_consignment_id, new_request_id
from gsomia.instants import Instant
from gsomia.parties import Office, say_act
from gsomia.transport import PartnerRefusedError
from simulation.forge import agreement_digest
from simulation.world import JPN, KOR, KR_JP, PURPOSE, START, TOPIC, USA, Fault, World, hand, seeded, world_in_force

TRICKS = list(itertools.product(Fault, repeat=2))
NEEDED = START.plus(days=3)


@pytest.fixture
def world() -> World:
    return world_in_force()


def ask(world: World, *, purpose: str = PURPOSE, needed_by: Instant | None = None) -> RequestId:
    """Japan asks Korea."""
    node = world[JPN]
    return make_request(
        node.desk,
        node.actor("liaison"),
        to=KOR,
        instrument=KR_JP,
        subject=TOPIC,
        purpose=purpose,
        needed_by=needed_by,
    ).id


def decline(world: World, request: RequestId) -> InformationAnswer:
    return decline_request(world[KOR].desk, world[KOR].actor("releaser"), request)


def answer(world: World, request: RequestId, consignment: ConsignmentId) -> InformationAnswer:
    return answer_request(world[KOR].desk, world[KOR].actor("releaser"), request, consignment=consignment)


def withdraw(world: World, request: RequestId) -> None:
    withdraw_request(world[JPN].desk, world[JPN].actor("liaison"), request)


def shown(world: World, party: PartyCode) -> list[RequestNow]:
    return world[party].memory.run(list_requests)


def states(world: World) -> list[tuple[PartyCode, str]]:
    return [(party, one.state) for party in (JPN, KOR) for one in shown(world, party)]


def both(state: RequestState) -> list[tuple[PartyCode, str]]:
    return [(JPN, state), (KOR, state)]


def carry(world: World, sender: PartyCode, to: PartyCode, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        world.deliver(sender, to, fault)
        world.wait(61)
    world.settle()


@pytest.mark.source("G1-3", "G1-2")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
def test_a_declined_request_closes_on_both_sides_whatever_happens_on_the_way(
    world: World, faults: tuple[Fault, ...]
) -> None:
    request = ask(world)
    carry(world, JPN, KOR, faults)
    assert states(world) == both(RequestState.OPEN)
    decline(world, request)
    carry(world, KOR, JPN, faults)
    assert states(world) == both(RequestState.DECLINED)
    assert (world[JPN].count(InformationAsked), world[JPN].count(InformationAnswered)) == (1, 1)
    assert (world[KOR].count(InformationAsked), world[KOR].count(InformationAnswered)) == (1, 1)
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("G1-3")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
def test_an_answer_names_its_delivery_on_both_sides_whatever_happens_on_the_way(
    world: World, faults: tuple[Fault, ...]
) -> None:
    request = ask(world)
    world.settle()
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    answer(world, request, released.delivery.consignment)
    carry(world, KOR, JPN, faults)
    assert states(world) == both(RequestState.ANSWERED)
    answers = [one.answer for party in (JPN, KOR) for one in shown(world, party)]
    assert {one.consignment for one in answers if one} == {released.delivery.consignment}


@pytest.mark.source("G1-3")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
@pytest.mark.parametrize("first", [JPN, KOR])
def test_where_a_withdrawal_crosses_an_answer_the_answer_stands_on_both_sides(
    world: World, faults: tuple[Fault, ...], first: PartyCode
) -> None:
    request = ask(world)
    world.settle()
    withdraw(world, request)
    decline(world, request)
    carry(world, first, JPN if first == KOR else KOR, faults)
    assert states(world) == both(RequestState.DECLINED)


@pytest.mark.source("G1-3")
def test_a_withdrawn_request_is_closed_on_both_sides(world: World) -> None:
    request = ask(world)
    world.settle()
    withdraw(world, request)
    world.settle()
    assert states(world) == both(RequestState.WITHDRAWN)
    with pytest.raises(RefusedError) as raised:
        decline(world, request)
    assert (raised.value.code, raised.value.clauses) == ("flows/request-closed", ("G1-3",))


@pytest.mark.source("G1-3")
@given(
    answered=st.none() | st.sampled_from(Outcome),
    withdrawn=st.booleans(),
)
def test_the_state_of_a_request_does_not_depend_on_the_order_of_what_was_heard(
    answered: Outcome | None,
    withdrawn: bool,  # noqa: FBT001  a case
) -> None:
    given_ = None if answered is None else an_answer(outcome=answered)
    expected = answered or (RequestState.WITHDRAWN if withdrawn else RequestState.OPEN)
    assert state_of(answer=given_, withdrawn=withdrawn).value == expected.value


@pytest.mark.source("G1-3")
def test_a_declined_request_starts_no_clock_and_no_count(world: World) -> None:
    decline(world, ask_and_settle(world, needed_by=NEEDED))
    world.settle()
    sizes = {party: world[party].sizes() for party in (JPN, KOR)}
    before = states(world)
    for _ in range(3):  # past the day it would have been welcome, a year, another
        world.wait(366 * 86_400)
        world.settle()
        assert states(world) == before == both(RequestState.DECLINED)
    assert {party: world[party].sizes() for party in (JPN, KOR)} == sizes
    assert [world[party].queued(other) for party, other in world.links] == [0, 0]


@pytest.mark.source("G1-3")
def test_an_open_request_past_the_day_it_was_needed_is_open_and_nothing_else(world: World) -> None:
    request = ask_and_settle(world, needed_by=NEEDED)
    before = world[KOR].sizes()
    world.wait(400 * 86_400)
    assert states(world) == both(RequestState.OPEN)
    assert world[KOR].sizes() == before
    decline(world, request)
    assert shown(world, KOR)[0].state is RequestState.DECLINED


@pytest.mark.source("G1-3")
def test_there_is_nowhere_to_put_a_reason(world: World) -> None:
    decline(world, ask_and_settle(world))
    world.settle()
    told = canon.plain(world[JPN].every(InformationAnswered)[0].answer)
    assert set(told) == {"request", "party", "to", "outcome", "consignment", "at"}
    with pytest.raises(canon.CanonError):
        canon.decode(canon.encode({**told, "reason": "none of yours"}), InformationAnswer)


@pytest.mark.source("G1-3", "G1-2")
@pytest.mark.parametrize(("outcome", "named"), [(Outcome.ANSWERED, False), (Outcome.DECLINED, True)])
def test_an_answer_names_a_delivery_and_a_refusal_names_none(outcome: Outcome, named: bool) -> None:  # noqa: FBT001
    consignment = new_consignment_id(seeded("some"))
    with pytest.raises(ValueError, match="names its delivery"):
        an_answer(outcome=outcome, consignment=consignment if named else None)


@pytest.mark.source("G1-2", "G6-4")
def test_a_delivery_for_another_purpose_answers_another_question(world: World) -> None:
    request = ask_and_settle(world, purpose="TRADE-STATISTICS")
    released = world.send(b"image")
    with pytest.raises(RefusedError) as raised:
        answer(world, request, released.delivery.consignment)
    assert (raised.value.code, "G6-4" in raised.value.clauses) == ("flows/not-an-answer", True)
    with pytest.raises(LocalError):
        answer(world, request, new_consignment_id(seeded("none")))
    assert world[KOR].count(InformationAnswered) == 0


@pytest.mark.source("G1-3")
def test_a_request_is_closed_once(world: World) -> None:
    request = ask_and_settle(world)
    decline(world, request)
    released = world.send(b"image")
    with pytest.raises(RefusedError, match="it is closed"):
        decline(world, request)
    with pytest.raises(RefusedError, match="it is closed"):
        answer(world, request, released.delivery.consignment)
    with pytest.raises(RefusedError, match="it is closed"):
        withdraw(world, request)
    assert states(world) == both(RequestState.DECLINED)


@pytest.mark.source("G1-3")
@pytest.mark.parametrize("person", ["registrar", "security"])
def test_only_who_decides_on_releases_declines_and_only_who_may_ask_asks(world: World, person: str) -> None:
    request = ask_and_settle(world)
    with pytest.raises(RefusedError, match="does not hold the office"):
        decline_request(world[KOR].desk, world[KOR].actor(person), request)
    with pytest.raises(RefusedError, match="does not hold the office"):
        withdraw_request(world[JPN].desk, world[JPN].actor(person), request)


@pytest.mark.source("G1-3")
def test_who_asked_does_not_answer_and_who_was_asked_does_not_withdraw(world: World) -> None:
    request = ask_and_settle(world)
    with pytest.raises(LocalError, match="no such request"):
        decline_request(world[JPN].desk, world[JPN].actor("releaser"), request)
    with pytest.raises(LocalError, match="no such request"):
        withdraw_request(world[KOR].desk, world[KOR].actor("liaison"), request)


@pytest.mark.source("G21-1", "G21-5")
def test_nobody_asks_under_an_instrument_that_is_not_in_force() -> None:
    world = World(KOR, JPN)
    world.sign()
    with pytest.raises(RefusedError, match="not in force"):
        ask(world)
    assert world[JPN].count(InformationAsked) == 0


@pytest.mark.source("G21-5", "G1-3")
def test_a_request_is_declined_after_the_instrument_has_ended(world: World) -> None:
    request = ask_and_settle(world)
    for party in (KOR, JPN):
        assert world[party].state() == "IN_FORCE"
    node = world[KOR]
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number="KR-1", subject=NoteSubject.TERMINATION)
    world.settle()
    world.wait(2 * 366 * 86_400)
    assert world[KOR].state() == "TERMINATED"
    with pytest.raises(RefusedError, match="not in force"):
        ask(world)
    decline(world, request)
    world.settle()
    assert states(world) == both(RequestState.DECLINED)


@pytest.mark.source("DESIGN-5", "G1-3")
@pytest.mark.parametrize("lost", [JPN, KOR])
def test_a_node_that_was_set_back_gets_its_requests_back(world: World, lost: PartyCode) -> None:
    for owner, witness in world.links:
        world.cosign(owner, witness)
    older = world[lost].copy_record()
    first, second = ask_and_settle(world), ask_and_settle(world)
    decline(world, first)
    withdraw(world, second)
    world.settle()
    expected = {party: {one.asked.id: one.state for one in shown(world, party)} for party in (JPN, KOR)}
    for owner, witness in world.links:
        world.cosign(owner, witness)
    world[lost].set_back(older)
    assert shown(world, lost) == []
    world.link_up(lost, KOR if lost == JPN else JPN)
    world.settle()
    assert {one.asked.id: one.state for one in shown(world, lost)} == expected[lost]
    assert set(expected[lost].values()) == {RequestState.DECLINED, RequestState.WITHDRAWN}


# what a hostile partner may try ---------------------------------------------------------------------------------


def a_request(world: World, **changes: Any) -> InformationRequest:
    request = InformationRequest(
        id=new_request_id(seeded("hostile")),
        instrument=KR_JP,
        agreement=agreement_digest(world[KOR]),
        party=JPN,
        to=KOR,
        subject=TOPIC,
        purpose=PURPOSE,
        needed_by=None,
        at=START,
    )
    return replace(request, **changes)


def an_answer(**changes: Any) -> InformationAnswer:
    facts: dict[str, Any] = {
        "request": new_request_id(seeded("hostile")),
        "party": KOR,
        "to": JPN,
        "outcome": Outcome.DECLINED,
        "at": START,
        **changes,
    }
    named = new_consignment_id(seeded("some")) if facts["outcome"] is Outcome.ANSWERED else None
    return InformationAnswer(**{"consignment": named, **facts})


def refused(world: World, by: PartyCode, to: PartyCode, body: Any, kind: str) -> str:
    """The code with which a statement with two valid signatures is refused, and nothing is changed."""
    office = Office.RELEASING_AUTHORITY
    statement = say_act(body, kind=kind, hand=hand(by, "somebody", office), signer=world[by].identity.keys.statement)
    before = states(world)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[by, to].statement(statement.envelope)
    assert states(world) == before
    return raised.value.code


@pytest.mark.source("G1-3", "DESIGN-6")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"party": USA}, "agreements/not-addressed"),
        ({"to": USA}, "agreements/not-addressed"),
        ({"instrument": "GSOMIA-JP-US"}, "flows/unknown-instrument"),
        ({"agreement": "0" * 64}, "flows/unknown-instrument"),
    ],
    ids=str,
)
def test_a_request_in_anothers_name_or_under_no_instrument_is_not_heard(
    world: World, changes: dict[str, Any], code: str
) -> None:
    assert refused(world, JPN, KOR, a_request(world, **changes), REQUEST) == code


@pytest.mark.source("G1-3", "DESIGN-6")
def test_a_request_id_is_used_once(world: World) -> None:
    request = ask_and_settle(world)
    assert refused(world, JPN, KOR, a_request(world, id=request), REQUEST) == "agreements/request-id-reused"


@pytest.mark.source("G1-3")
def test_an_answer_to_a_question_nobody_asked_is_not_heard(world: World) -> None:
    assert refused(world, KOR, JPN, an_answer(), REQUEST_ANSWER) == "agreements/unknown-request"
    request = ask_and_settle(world)
    assert refused(world, JPN, KOR, an_answer(request=request, party=JPN, to=KOR), REQUEST_ANSWER) == (
        "agreements/unknown-request"
    )
    decline(world, request)
    world.settle()
    assert refused(world, KOR, JPN, an_answer(request=request, at=START.plus(seconds=1)), REQUEST_ANSWER) == (
        "agreements/request-closed"
    )


@pytest.mark.source("G1-3")
def test_nobody_withdraws_anothers_request(world: World) -> None:
    request = ask_and_settle(world)
    body = RequestWithdrawal(request=request, party=KOR, to=JPN, at=START)
    assert refused(world, KOR, JPN, body, REQUEST_WITHDRAWAL) == "agreements/unknown-request"


@pytest.mark.source("G1-3", "DESIGN-4")
@pytest.mark.parametrize("subject", ["the third launch site", "A", "SITE 7", ""])
def test_a_subject_is_a_code_and_cannot_carry_a_sentence(world: World, subject: str) -> None:
    with pytest.raises(canon.CanonError):
        canon.decode(msgspec.json.encode({**canon.plain(a_request(world)), "subject": subject}), InformationRequest)


@pytest.mark.source("DESIGN-5")
def test_each_step_of_a_request_stands_in_the_log(world: World) -> None:
    decline(world, ask_and_settle(world))
    world.settle()
    for party in (JPN, KOR):
        events = [leaf.event for leaf in world[party].leaves(private_log(party))]
        assert [event for event in events if event.startswith("request:")] == ["request:made", "request:declined"]


def ask_and_settle(world: World, **words: Any) -> RequestId:
    request = ask(world, **words)
    world.settle()
    return request
