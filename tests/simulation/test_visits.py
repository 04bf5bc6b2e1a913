"""Visits over two nodes: who asks, who decides, what is shown, and what stops it, whatever happens on the way."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    VISIT_ANSWER,
    VISIT_NOTICE,
    VISIT_REQUEST,
    VisitAnswer,
    VisitAnswered,
    VisitAsked,
    VisitKind,
    VisitNotice,
    VisitNoticed,
    Visitor,
    VisitState,
)
from gsomia.flows import meetings
from gsomia.flows.meetings import Undertaken
from gsomia.flows.visits import ELEMENTS, list_visits, request_visit
from gsomia.ids import PartyCode, VisitId
from gsomia.instants import Validity
from gsomia.parties import Office, say_act
from gsomia.registry import Form, Matter, VisitDisclosure, VisitStep
from gsomia.transport import PartnerRefusedError
from simulation.sim_node import AUTHORITY, TOP
from simulation.test_forms_without_content import disclose as said_to_them
from simulation.test_forms_without_content import enter
from simulation.visits import (
    DAY,
    FIRST,
    LAST,
    acknowledge,
    advise,
    approve,
    ask,
    ask_and_settle,
    both,
    bring_visit,
    decline,
    form,
    leave,
    move_to,
    notify,
    receive,
    show,
    states,
    visitor,
)
from simulation.world import (
    JPN,
    KOR,
    START,
    USA,
    Fault,
    World,
    hand,
    world_in_force,
)

TRICKS = list(itertools.product(Fault, repeat=2))


@pytest.fixture
def world() -> World:
    return world_in_force()


def carry(world: World, sender: PartyCode, to: PartyCode, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        world.deliver(sender, to, fault)
        world.wait(61)
    world.settle()


def refused(act: Any, *args: Any, **words: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RefusedError) as raised:
        act(*args, **words)
    return raised.value.code, raised.value.clauses


# the request ----------------------------------------------------------------------------------------------------


@pytest.mark.source("G8-6", "F-11")
@pytest.mark.parametrize("name", ELEMENTS)
def test_a_request_with_a_missing_element_is_returned(world: World, name: str) -> None:
    node = world[JPN]
    given = {field: value for field, value in form().items() if field != name}
    for told in (given, {**given, name: None}):
        code = refused(request_visit, node.desk, node.actor("security"), to=KOR, form=told)
        assert code == ("flows/visit-incomplete", ("G8-6",))
    assert node.count(VisitAsked) == 0


@pytest.mark.source("G8-1", "G8-6", "A-35")
@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "because"},
        {"visitors": ({"name": "One", "level": "JPN-3"},)},
        {"visitors": tuple(visitor(n) for n in range(33))},
        {"basis_of_clearance": "a background check"},
        {"approval": "   "},
    ],
)
def test_what_the_form_does_not_ask_or_not_so_is_returned(world: World, changes: dict[str, Any]) -> None:
    assert refused(ask, world, **changes) == ("flows/visit-incomplete", ("G8-6",))


@pytest.mark.source("G8-6", "G18-1")
@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"valid": Validity(start=FIRST, until=FIRST.plus(days=31))}, "G8-6"),
        ({"valid": Validity(start=FIRST), "kind": VisitKind.RECURRING}, "G8-6"),
        ({"valid": Validity(start=FIRST, until=FIRST.plus(days=367)), "kind": VisitKind.RECURRING}, "G8-6"),
        ({"kind": VisitKind.AMENDMENT}, "G8-6"),
        ({"kind": VisitKind.SECURITY}, "G18-1"),
        ({"agenda": "procedures"}, "G18-1"),
    ],
    ids=str,
)
def test_each_kind_of_visit_has_its_limits(world: World, changes: dict[str, Any], clause: str) -> None:
    with pytest.raises(RefusedError) as raised:
        ask(world, **changes)
    assert raised.value.clauses == (clause,)


@pytest.mark.source("G2-5", "G8-4")
def test_an_authority_that_no_note_named_asks_for_nothing(world: World) -> None:
    code, clauses = refused(ask, world, authority="jpn-fishery-agency")
    assert (code, clauses) == ("agreements/authority-not-named", ("G2-5",))


@pytest.mark.source("G8-4")
def test_only_a_security_officer_asks_or_decides(world: World) -> None:
    node = world[JPN]
    code, _ = refused(request_visit, node.desk, node.actor("releaser"), to=KOR, form=form())
    assert code == "flows/office-required"


# the decision ---------------------------------------------------------------------------------------------------


@pytest.mark.source("G8-2")
def test_a_visit_approved_by_the_visiting_side_is_refused(world: World) -> None:
    visit = ask_and_settle(world)
    assert refused(approve, world, visit, by=JPN) == ("flows/not-the-host", ("G8-2",))
    assert states(world) == both(VisitState.REQUESTED)


@pytest.mark.source("G8-2", "A-23")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
@pytest.mark.parametrize("act", [approve, decline])
def test_both_sides_show_the_same_decision_whatever_happens_on_the_way(
    world: World, faults: tuple[Fault, ...], act: Any
) -> None:
    visit = ask(world).id
    carry(world, JPN, KOR, faults)
    act(world, visit)
    carry(world, KOR, JPN, faults)
    assert states(world) == both(VisitState.APPROVED if act is approve else VisitState.DECLINED)
    assert [world[party].count(VisitAsked) for party in (JPN, KOR)] == [1, 1]
    assert [world[party].count(VisitAnswered) for party in (JPN, KOR)] == [1, 1]
    assert [*world[KOR].problems(), *world[JPN].problems()] == []


@pytest.mark.source("G7-6", "G8-2")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
@pytest.mark.parametrize("first", [JPN, KOR])
def test_where_a_cancellation_crosses_the_decision_nobody_comes(
    world: World, faults: tuple[Fault, ...], first: PartyCode
) -> None:
    visit = ask_and_settle(world)
    notify(world, visit)
    approve(world, visit)
    carry(world, first, JPN if first == KOR else KOR, faults)
    assert states(world) == both(VisitState.CANCELLED)


@pytest.mark.source("G8-7")
def test_a_late_request_needs_a_waiver_by_both_authorities(world: World) -> None:
    soon = Validity(start=START.plus(days=5), until=START.plus(days=6))
    assert refused(ask, world, valid=soon) == ("agreements/visit-late", ("G8-7",))
    visit = ask_and_settle(world, valid=soon, waived=True, kind=VisitKind.EMERGENCY)
    assert refused(approve, world, visit) == ("flows/visit-late", ("G8-7",))
    approve(world, visit, waived=True)
    world.settle()
    assert states(world) == both(VisitState.APPROVED)


@pytest.mark.source("G8-2")
def test_a_visit_is_decided_once(world: World) -> None:
    visit = ask_and_settle(world)
    decline(world, visit)
    assert refused(approve, world, visit) == ("flows/visit-decided", ("G8-2",))


@pytest.mark.source("G8-6")
def test_an_approved_amendment_takes_the_place_of_the_visit(world: World) -> None:
    visit = ask_and_settle(world)
    approve(world, visit)
    later = ask_and_settle(world, kind=VisitKind.AMENDMENT, amends=visit, visitors=(visitor(3),))
    assert states(world) == both(VisitState.APPROVED, VisitState.REQUESTED)
    approve(world, later)
    world.settle()
    assert states(world) == both(VisitState.AMENDED, VisitState.APPROVED)
    assert refused(advise, world, visit) == ("flows/visit-not-approved", ("G8-2",))


# the day --------------------------------------------------------------------------------------------------------


@pytest.mark.source("G8-3", "F-12")
def test_a_visit_does_not_open_before_the_facility_acknowledged_the_advice(world: World) -> None:
    visit = ask_and_settle(world)
    assert refused(advise, world, visit) == ("flows/visit-not-approved", ("G8-2",))
    approve(world, visit)
    move_to(world, FIRST)
    assert refused(acknowledge, world, visit) == ("flows/not-advised", ("G8-3",))
    advise(world, visit)
    assert refused(receive, world, visit) == ("flows/advice-not-acknowledged", ("G8-3",))
    assert refused(acknowledge, world, visit, by="security")[0] == "flows/office-required"
    acknowledge(world, visit)
    receive(world, visit)
    assert world[KOR].count(VisitStep) == 2


@pytest.mark.source("G8-3")
def test_advice_that_was_given_anew_is_acknowledged_anew(world: World) -> None:
    visit = ask_and_settle(world)
    approve(world, visit)
    advise(world, visit)
    acknowledge(world, visit)
    move_to(world, FIRST)
    advise(world, visit)
    assert refused(receive, world, visit) == ("flows/advice-not-acknowledged", ("G8-3",))


@pytest.mark.source("G8-6")
@pytest.mark.parametrize("day", [FIRST.plus(seconds=-1), LAST])
def test_a_visit_opens_on_its_days_only(world: World, day: Any) -> None:
    visit = ask_and_settle(world)
    approve(world, visit)
    advise(world, visit)
    acknowledge(world, visit)
    move_to(world, day)
    assert refused(receive, world, visit) == ("flows/visit-out-of-days", ("G8-6",))


@pytest.mark.source("G8-5", "F-13")
def test_an_item_within_visit_and_clearance_is_shown_and_listed(world: World) -> None:
    item = world[KOR].register(b"image").id
    visit = bring_visit(world)
    shown = show(world, visit, item)
    assert (shown.visitors, shown.item) == ((1, 2), item)
    leave(world, visit)
    assert refused(show, world, visit, item) == ("flows/visit-not-open", ("G8-3",))
    assert world[KOR].count(VisitDisclosure) == 1
    assert world[KOR].problems() == []


@pytest.mark.source("F-13", "G2-4")
def test_what_was_said_at_a_visit_names_the_signed_disclosure_of_that_item_and_no_other(world: World) -> None:
    spoken, other = (enter(world[KOR], Form.ORAL, Matter(reference=f"NOTE-{number}")) for number in (1, 2))
    visit = bring_visit(world)
    said = said_to_them(world, spoken)
    assert show(world, visit, spoken, record=said.number).record == said.number
    with pytest.raises(LocalError, match="no disclosure of that item"):
        show(world, visit, other, record=said.number)
    assert world[KOR].count(VisitDisclosure) == 1


@pytest.mark.source("G8-5")
def test_an_item_above_the_ceiling_of_the_visit_is_not_shown(world: World) -> None:
    item = world[KOR].register(b"image").id
    visit = bring_visit(world, ceiling="KOR-3")
    assert refused(show, world, visit, item) == ("flows/visit-beyond-ceiling", ("G8-5",))


@pytest.mark.source("G8-5")
def test_an_item_above_one_visitors_clearance_is_shown_to_the_others_only(world: World) -> None:
    item = world[KOR].register(b"image").id
    visit = bring_visit(world, visitors=(visitor(1), visitor(2, level="JPN-3")))
    assert refused(show, world, visit, item) == ("flows/visit-beyond-ceiling", ("G8-5",))
    assert show(world, visit, item, 1).visitors == (1,)


@pytest.mark.source("G8-5", "G4-4")
def test_an_item_above_the_table_of_the_instrument_is_not_shown(world: World) -> None:
    item = world[KOR].register(b"image", level=TOP[KOR]).id
    visit = bring_visit(world, ceiling=TOP[KOR], visitors=(visitor(1, level=TOP[JPN]),))
    code, clauses = refused(show, world, visit, item)
    assert (code, "G8-5" in clauses) == ("flows/visit-beyond-ceiling", True)


@pytest.mark.source("G6-4", "G8-1")
def test_an_item_for_another_purpose_is_not_shown(world: World) -> None:
    item = world[KOR].register(b"image", purpose="TRADE-STATISTICS").id
    visit = bring_visit(world)
    assert refused(show, world, visit, item) == ("flows/visit-beyond-ceiling", ("G6-4", "G8-5"))


@pytest.mark.source("G7-6", "G8-5")
@pytest.mark.parametrize("faults", TRICKS, ids=lambda f: "+".join(one.name for one in f))
def test_a_visitor_whose_clearance_is_taken_back_is_shown_nothing_more(world: World, faults: tuple[Fault, ...]) -> None:
    item = world[KOR].register(b"image").id
    visit = bring_visit(world)
    show(world, visit, item)
    notify(world, visit, visitor=2)
    carry(world, JPN, KOR, faults)
    assert world[KOR].count(VisitNoticed) == 1
    assert refused(show, world, visit, item, 2) == ("flows/visitor-not-received", ("G7-6", "G8-5"))
    assert show(world, visit, item).visitors == (1,)
    notify(world, visit, visitor=1)
    world.settle()
    assert refused(show, world, visit, item) == ("flows/visitor-not-received", ("G7-6", "G8-5"))


@pytest.mark.source("G7-6")
def test_a_visit_that_is_called_off_while_it_is_open_stops(world: World) -> None:
    item = world[KOR].register(b"image").id
    visit = bring_visit(world)
    notify(world, visit)
    world.settle()
    assert refused(show, world, visit, item) == ("flows/visit-not-approved", ("G8-2",))


@pytest.mark.source("A-22")
def test_a_visitor_whom_the_host_declined_is_not_received(world: World) -> None:
    visit = ask_and_settle(world)
    approve(world, visit, declined=(1, 2))
    advise(world, visit)
    acknowledge(world, visit)
    move_to(world, FIRST)
    assert refused(receive, world, visit) == ("flows/visitor-not-received", ("G7-6", "G8-5"))


@pytest.mark.source("A-35")
def test_no_ground_for_a_clearance_crosses(world: World) -> None:
    ask_and_settle(world)
    [asked] = world[KOR].every(VisitAsked)
    told = canon.plain(asked.request)["visitors"][0]
    assert set(told) == {"name", "born", "birthplace", "level", "document", "nationality", "position"}
    with pytest.raises(canon.CanonError):
        canon.check({**told, "basis": "what was found"}, Visitor)


# security visits and meetings -----------------------------------------------------------------------------------


@pytest.mark.source("G18-1", "G18-2")
def test_a_finding_of_a_security_visit_is_a_task_with_owner_and_day(world: World) -> None:
    visit = ask_and_settle(world, kind=VisitKind.SECURITY, consultation="JP-KR-2026-7", agenda="storage and registries")
    approve(world, visit)
    node = world[KOR]
    found = Undertaken(text="the log of a container has gaps", owner="registrar", due=START.plus(days=60))
    meetings.add_finding(node.desk, node.actor("security"), visit, found)

    def lines() -> list[str]:
        return [one.state for one in node.memory.run(lambda tx: meetings.follow_ups(tx, visit, now=node.clock()))]

    assert lines() == ["open"]
    world.wait(61 * DAY)
    assert lines() == ["overdue"]
    meetings.finish_follow_up(node.desk, node.actor("security"), about=visit, number=1, document="R-1")
    assert lines() == ["done"]
    with pytest.raises(LocalError, match="no open follow-up"):
        meetings.finish_follow_up(node.desk, node.actor("security"), about=visit, number=1, document="R-1")


@pytest.mark.source("G18-1")
def test_the_approval_of_an_ordinary_visit_makes_no_security_visit(world: World) -> None:
    visit = ask_and_settle(world)
    approve(world, visit)
    node = world[KOR]
    found = Undertaken(text="a gap", owner="registrar", due=LAST)
    code, clauses = refused(meetings.add_finding, node.desk, node.actor("security"), visit, found)
    assert (code, clauses) == ("flows/no-security-visit", ("G18-1",))


@pytest.mark.source("G18-1", "G18-2")
def test_a_meeting_is_entered_with_what_was_undertaken_in_it(world: World) -> None:
    node = world[KOR]
    words: dict[str, Any] = {
        "number": "M-2026-1",
        "with_": JPN,
        "agenda": "procedures",
        "outcome": "agreed on a new form",
        "commitments": [Undertaken(text="send the form", owner="liaison", due=FIRST)],
    }
    meetings.hold_meeting(node.desk, node.actor("liaison"), held=START, **words)
    [line] = node.memory.run(lambda tx: meetings.follow_ups(tx, "M-2026-1", now=node.clock()))
    assert (line.number, line.line.owner, line.state) == (1, "liaison", "open")
    with pytest.raises(LocalError, match="already a meeting"):
        meetings.hold_meeting(node.desk, node.actor("liaison"), held=START, **words)
    with pytest.raises(LocalError, match="once it was held"):
        meetings.hold_meeting(node.desk, node.actor("liaison"), held=LAST, **words)


# what is lost, and what a hostile partner may try ----------------------------------------------------------------


@pytest.mark.source("DESIGN-5", "G8-2")
@pytest.mark.parametrize("lost", [JPN, KOR])
def test_a_node_that_was_set_back_gets_its_visits_back(world: World, lost: PartyCode) -> None:
    for owner, witness in world.links:
        world.cosign(owner, witness)
    older = world[lost].copy_record()
    first, second = ask_and_settle(world), ask_and_settle(world)
    approve(world, first)
    notify(world, second)
    world.settle()
    expected = states(world)
    for owner, witness in world.links:
        world.cosign(owner, witness)
    world[lost].set_back(older)
    assert world[lost].memory.run(list_visits) == []
    world.link_up(lost, KOR if lost == JPN else JPN)
    world.settle()
    assert sorted(states(world)) == sorted(expected)


def heard(world: World, by: PartyCode, to: PartyCode, body: Any, kind: str) -> str:
    """The code with which a statement with two valid signatures is refused, and nothing is changed."""
    office = Office.SECURITY_OFFICER
    statement = say_act(body, kind=kind, hand=hand(by, "somebody", office), signer=world[by].identity.keys.statement)
    before = states(world)
    with pytest.raises(PartnerRefusedError) as raised:
        world.links[by, to].statement(statement.envelope)
    assert states(world) == before
    return raised.value.code


def an_answer(visit: VisitId, **changes: Any) -> VisitAnswer:
    facts: dict[str, Any] = {
        "visit": visit,
        "party": KOR,
        "to": JPN,
        "authority": AUTHORITY[KOR],
        "ceiling": "KOR-2",
        "declined": (),
        "waived": False,
        "at": START,
        **changes,
    }
    return VisitAnswer(**facts)


@pytest.mark.source("G8-2")
def test_a_visiting_government_that_says_it_approved_is_not_heard(world: World) -> None:
    visit = ask_and_settle(world)
    body = an_answer(visit, party=JPN, to=KOR, authority=AUTHORITY[JPN], ceiling="JPN-2-TOKUTEI")
    assert heard(world, JPN, KOR, body, VISIT_ANSWER) == "agreements/unknown-visit"
    assert heard(world, KOR, JPN, an_answer(visit, authority="kor-nobody"), VISIT_ANSWER) == (
        "agreements/authority-not-named"
    )


@pytest.mark.source("G8-4", "G8-6", "G2-5")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"party": USA}, "agreements/not-addressed"),
        ({"to": USA}, "agreements/not-addressed"),
        ({"authority": "jpn-fishery-agency"}, "agreements/authority-not-named"),
        ({"valid": Validity(start=FIRST, until=FIRST.plus(days=99))}, "agreements/visit-does-not-hold"),
        ({"valid": Validity(start=START.plus(days=3), until=START.plus(days=4))}, "agreements/visit-late"),
        ({}, "agreements/visit-id-reused"),
    ],
    ids=str,
)
def test_a_request_that_does_not_hold_is_not_heard(world: World, changes: dict[str, Any], code: str) -> None:
    asked = ask(world)
    world.settle()
    body = replace(asked, **changes, at=START.plus(seconds=1))
    if changes and "party" not in changes and "to" not in changes:
        other = "vis_" + "b" * 26
        body = replace(body, id=other)  # type: ignore[arg-type]
    assert heard(world, JPN, KOR, body, VISIT_REQUEST) == code


@pytest.mark.source("G7-6")
def test_nobody_takes_back_anothers_visitor(world: World) -> None:
    visit = ask_and_settle(world)
    body = VisitNotice(visit=visit, party=KOR, to=JPN, visitor=1, at=START)
    assert heard(world, KOR, JPN, body, VISIT_NOTICE) == "agreements/unknown-visit"
    body = VisitNotice(visit=visit, party=JPN, to=KOR, visitor=3, at=START)
    assert heard(world, JPN, KOR, body, VISIT_NOTICE) == "agreements/unknown-visit"
