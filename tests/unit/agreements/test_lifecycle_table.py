"""Every event in every state: what the table or a condition does not allow is refused and changes nothing."""

from dataclasses import replace as with_fields
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from gsomia.agreements import (
    COMPETENT,
    NON_LEGAL,
    PAST,
    TRANSITIONS,
    Course,
    Event,
    Moment,
    Procedure,
    Profile,
    Refusal,
    State,
    Step,
    StepReport,
    StepStatus,
    Who,
    apply_act,
    follow,
    profile_of,
)
from gsomia.agreements.lifecycle import FUNCTIONS, IN_FORCE, MATRIX, TABLES
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant
from strategies.agreements import AGREEMENT, JP, KR, SIDES
from strategies.labels import modest

PROFILE = profile_of(AGREEMENT)
START = read_instant("2016-01-01T10:00")
CLAUSES = {row.clause for table in TABLES.values() for row in table.values()}


def act(event: Event, *parties: PartyCode, day: int, **fields: object) -> Moment:
    body = min(COMPETENT.get(event, frozenset()), default=None)
    words = {"id": f"{event}-{day}-{'-'.join(parties)}", "text": "t1", "body": body, **fields}
    return Moment(event=event, parties=parties, at=START.plus(days=day), **words)  # type: ignore[arg-type]


def steps(*names: Step) -> tuple[StepReport, ...]:
    return tuple(StepReport(step=name, status=StepStatus.NOT_APPLICABLE, reason=None, by=None) for name in names)


def cleared(party: PartyCode, day: int) -> list[Moment]:
    """Every step of a party, each reported by the body for it."""
    bodies = {
        Step.D1: "defence-ministry", Step.D2: "legislation-office", Step.D3: "vice-ministers", Step.D4: "cabinet",
        Step.D5: "head-of-state", Step.D6: "foreign-ministry", Step.PARLIAMENT: "parliament",
    }  # fmt: skip
    made = [
        act(Event.DOMESTIC_STEP, party, day=day, order=number, steps=steps(step), body=body, id=f"{party}{step}")
        for number, (step, body) in enumerate(bodies.items())
    ]
    return [replace(made[0], event=Event.DOMESTIC_START), *made[1:]]


ROUND = [
    act(Event.PROPOSE, KR, day=0),
    act(Event.AGREE_TO_EXPLORE, *SIDES, day=1),
    act(Event.OPEN_TALKS, *SIDES, day=2),
    act(Event.AGREE_TEXT, *SIDES, day=3),
    act(Event.INITIAL, *SIDES, day=4),
    *cleared(KR, 5),
    *cleared(JP, 6),
]
SIGNED = [*ROUND, act(Event.SIGN, *SIDES, day=8)]
FORCE = [
    *SIGNED,
    act(Event.NOTIFY_COMPLETED, KR, day=9, number="K1"),
    act(Event.NOTIFY_COMPLETED, JP, day=10, number="J1"),
]
NOTICED = [*FORCE, act(Event.GIVE_NOTICE, KR, day=100, number="K2")]
SUSPENDED = [*NOTICED, act(Event.SUSPEND_NOTICE, KR, day=200, number="K3")]
PATHS: dict[State, list[Moment]] = {
    State.NONE: [],
    State.PROPOSED: ROUND[:1],
    State.EXPLORATION_AGREED: ROUND[:2],
    State.NEGOTIATING: ROUND[:3],
    State.TEXT_AGREED: ROUND[:4],
    State.INITIALLED: ROUND[:5],
    State.CLEARING: ROUND[:8],
    State.CLEARED: ROUND,
    State.SIGN_POSTPONED: [*ROUND, act(Event.POSTPONE, KR, day=7)],
    State.SHELVED: [*ROUND, act(Event.SHELVE, KR, day=7)],
    State.SIGNED: SIGNED,
    State.IN_FORCE: FORCE,
    State.NOTICE_GIVEN: NOTICED,
    State.NOTICE_SUSPENDED: SUSPENDED,
    State.TERMINATED: NOTICED,
}
LATER = {State.TERMINATED: START.plus(days=500)}


def course_in(state: State) -> tuple[Course, Instant]:
    """A course that came to `state` by real acts, and an instant at which it is there."""
    path = PATHS[state]
    at = LATER.get(state, path[-1].at if path else START).plus(seconds=60)
    history = follow(PROFILE, path)
    assert history.refused == ()
    course, _ = history.reached(at)
    assert course.state is state
    return course, at


@pytest.mark.source("LIFECYCLE-3.1", "LIFECYCLE-3.3")
@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", PATHS)
def test_an_event_without_a_line_is_refused_with_a_clause_and_changes_nothing(state: State, event: Event) -> None:
    course, at = course_in(state)
    moment = replace(act(event, KR, day=0), at=at)
    result = apply_act(course, PROFILE, moment)
    row = TRANSITIONS.get((state, event))
    if event in NON_LEGAL:
        assert result == (course, ())
    elif row is None or row.who is Who.DERIVED:
        assert isinstance(result, Refusal)
        assert result.clause in CLAUSES
    elif not isinstance(result, Refusal) and row.who is Who.BOTH:
        assert (result[0].state, result[1]) == (state, ())  # one side's word waits
        assert result[0].pending
    elif not isinstance(result, Refusal):
        assert result[1][0].clause == row.clause
    before = course_in(state)[0]
    assert course == before


@pytest.mark.source("LIFECYCLE-3.3")
@pytest.mark.parametrize("stranger", ["USA", ""])
@pytest.mark.parametrize("event", sorted(set(Event) - NON_LEGAL))
@pytest.mark.parametrize("state", PATHS)
def test_an_act_of_nobody_or_of_a_stranger_is_refused_in_every_state(state: State, event: Event, stranger: str) -> None:
    course, at = course_in(state)
    parties = (cast("PartyCode", stranger),) if stranger else ()
    result = apply_act(course, PROFILE, replace(act(event, *parties, day=0), at=at))
    assert isinstance(result, Refusal)
    assert result.code == "not-a-party"


@pytest.mark.source("A-28", "LIFECYCLE-3.3")
@pytest.mark.parametrize("event", sorted(COMPETENT))
def test_an_act_by_a_body_that_is_not_for_it_is_refused(event: Event) -> None:
    tried = 0
    for (state, known), row in TRANSITIONS.items():
        if known is event:
            course, at = course_in(state)
            wrong = replace(act(event, *SIDES[: 2 if row.who is Who.BOTH else 1], day=0), at=at, body="parliament")
            result = apply_act(course, PROFILE, wrong)
            assert isinstance(result, Refusal)
            assert (result.code, result.clause) == ("wrong-body", row.clause)
            tried += 1
    assert tried


@pytest.mark.source("T05", "T06", "T06a", "T12", "T21")
@pytest.mark.parametrize("event", sorted({event for (_, event), row in TRANSITIONS.items() if row.who is Who.BOTH}))
def test_an_act_of_all_needs_one_matter_signed_by_all(event: Event) -> None:
    state = next(
        state
        for state, known in TRANSITIONS
        if known is event and not (event is Event.SIGN and state is State.PROPOSED)
    )
    course, at = course_in(state)
    text = "t2" if event is Event.AMEND or state is State.INITIALLED else "t1"
    mine = replace(act(event, KR, day=0, matter="m1", text=text), at=at)
    first = apply_act(course, PROFILE, mine)
    assert not isinstance(first, Refusal)
    assert first[0].state is state
    other = apply_act(first[0], PROFILE, replace(mine, parties=(JP,), matter="m2"))
    assert not isinstance(other, Refusal)
    assert other[1] == ()  # another digest moves nothing
    again = apply_act(first[0], PROFILE, mine)
    assert isinstance(again, Refusal)
    assert again.code == "said-before"
    both = apply_act(first[0], PROFILE, replace(mine, parties=(JP,)))
    assert not isinstance(both, Refusal)
    assert both[1][0].by == PROFILE.parties


@pytest.mark.source("T12")
def test_a_text_that_was_not_approved_is_not_signed() -> None:
    course, at = course_in(State.CLEARED)
    result = apply_act(course, PROFILE, replace(act(Event.SIGN, *SIDES, day=0, text="t9"), at=at))
    assert isinstance(result, Refusal)
    assert (result.code, result.clause) == ("another-text", "T12")
    course, at = course_in(State.PROPOSED)  # proposed in words, without a text
    result = apply_act(course, PROFILE, replace(act(Event.SIGN, *SIDES, day=0), at=at))
    assert isinstance(result, Refusal)
    assert result.code == "nothing-approved"


@pytest.mark.source("T06a")
def test_initialling_again_voids_the_earlier_digest() -> None:
    course, at = course_in(State.INITIALLED)
    same = apply_act(course, PROFILE, replace(act(Event.INITIAL, *SIDES, day=0), at=at))
    assert isinstance(same, Refusal)
    again = apply_act(course, PROFILE, replace(act(Event.INITIAL, *SIDES, day=0, text="t2"), at=at))
    assert not isinstance(again, Refusal)
    assert again[0].approved_text == "t2"


@pytest.mark.source("T06b", "T10", "T11", "T07b", "A-27")
@pytest.mark.parametrize("event", [Event.REOPEN_TEXT, Event.SHELVE, Event.DOMESTIC_REFUSED])
def test_approvals_lapse_with_their_round(event: Event) -> None:
    course, at = course_in(State.CLEARING)
    parties = SIDES if event is Event.REOPEN_TEXT else (KR,)
    result = apply_act(course, PROFILE, replace(act(event, *parties, day=0), at=at))
    assert not isinstance(result, Refusal)
    assert (result[0].procedures, len(result[0].lapsed)) == ((), 1)


@pytest.mark.source("T07a", "T08", "LIFECYCLE-3.2")
@pytest.mark.parametrize(
    ("step", "status", "reason", "by", "code"),
    [
        (Step.D1, StepStatus.SKIPPED, None, "minister", "skip-without-reason"),
        (Step.D1, StepStatus.SKIPPED, "haste", None, "skip-without-reason"),
        (Step.D1, StepStatus.UNKNOWN, None, None, "step-unknown"),
        (Step.D2, StepStatus.DONE, None, None, "step-out-of-order"),
        (Step.D1, StepStatus.NOT_REQUIRED, "x", "y", "step-is-required"),
        (Step.PARLIAMENT, StepStatus.NOT_REQUIRED, None, None, "skip-without-reason"),
    ],
)
def test_a_step_is_taken_in_order_and_never_skipped_in_silence(
    step: Step, status: StepStatus, reason: str | None, by: str | None, code: str
) -> None:
    course, at = course_in(State.INITIALLED)
    bodies = {Step.D1: "defence-ministry", Step.D2: "legislation-office", Step.PARLIAMENT: "cabinet"}
    report = StepReport(step=step, status=status, reason=reason, by=by)
    moment = replace(act(Event.DOMESTIC_START, KR, day=0, steps=(report,), body=bodies[step]), at=at)
    result = apply_act(course, PROFILE, moment)
    assert isinstance(result, Refusal)
    assert result.code == code
    whole = with_fields(report, status=StepStatus.SKIPPED, reason="haste", by="minister")
    if step is Step.D1:
        skipped = apply_act(course, PROFILE, replace(moment, steps=(whole,)))
        assert not isinstance(skipped, Refusal)
        assert skipped[0].procedure(KR).skipped == (whole,)


@pytest.mark.source("T08", "LIFECYCLE-3.2")
def test_signature_waits_for_parliament_to_be_said_not_required_by_somebody() -> None:
    without = [moment for moment in ROUND if not any(step.step is Step.PARLIAMENT for step in moment.steps)]
    assert follow(PROFILE, without).reached(START.plus(days=7))[0].state is State.CLEARING
    assert follow(PROFILE, ROUND).reached(START.plus(days=7))[0].state is State.CLEARED


@pytest.mark.source("T16", "T17", "T18", "T19", "T20")
@pytest.mark.parametrize("event", [Event.SUSPEND_NOTICE, Event.REVIVE_NOTICE, Event.WITHDRAW_NOTICE])
@pytest.mark.parametrize("state", [State.NOTICE_GIVEN, State.NOTICE_SUSPENDED])
def test_only_the_notifier_acts_on_its_notice(state: State, event: Event) -> None:
    course, at = course_in(state)
    result = apply_act(course, PROFILE, replace(act(event, JP, day=0, names=("K2", "K3")), at=at))
    assert isinstance(result, Refusal)
    assert result.code in {"not-the-notifier", "not-in-this-state"}


@pytest.mark.source("T16")
def test_notices_are_kept_per_party_and_each_is_withdrawn_by_itself() -> None:
    both = [*SUSPENDED, act(Event.GIVE_NOTICE, JP, day=230, number="J2")]
    course, _ = follow(PROFILE, both).reached(START.plus(days=240))
    assert (course.state, {notice.party for notice in course.notices}) == (State.NOTICE_GIVEN, {KR, JP})
    back = [*both, act(Event.WITHDRAW_NOTICE, JP, day=250, number="J3", names=("J2",))]
    course, _ = follow(PROFILE, back).reached(START.plus(days=251))
    assert (course.state, [notice.party for notice in course.notices]) == (State.NOTICE_SUSPENDED, [KR])
    ended, _ = follow(PROFILE, both).reached(START.plus(days=400))
    assert ended.state is State.TERMINATED


@pytest.mark.source("T17")
def test_the_other_sides_position_on_a_suspension_is_kept() -> None:
    said = [*SUSPENDED, act(Event.TAKE_POSITION, JP, day=201, position="contests")]
    course, _ = follow(PROFILE, said).reached(START.plus(days=202))
    assert course.notices[0].position == "contests"
    own = follow(PROFILE, [*SUSPENDED, act(Event.TAKE_POSITION, KR, day=201, position="accepts")])
    assert [one.refusal.code for one in own.refused] == ["nothing-suspended"]


@pytest.mark.source("T22", "G20-1", "G20-2")
@pytest.mark.parametrize("state", [*IN_FORCE, State.TERMINATED])
def test_a_difference_opens_and_closes_and_switches_nothing_off(state: State) -> None:
    course, at = course_in(state)
    opened = apply_act(course, PROFILE, replace(act(Event.DISPUTE_OPEN, KR, day=0, number="K9"), at=at))
    assert not isinstance(opened, Refusal)
    assert (opened[0].state, opened[0].disputes) == (state, ("K9",))
    wrong = apply_act(opened[0], PROFILE, replace(act(Event.DISPUTE_CLOSE, JP, day=0, names=("K8",)), at=at))
    assert isinstance(wrong, Refusal)
    closed = apply_act(opened[0], PROFILE, replace(act(Event.DISPUTE_CLOSE, JP, day=0, names=("K9",)), at=at))
    assert not isinstance(closed, Refusal)
    assert (closed[0].state, closed[0].disputes) == (state, ())
    assert not {event for event in Event if "court" in event or "arbitr" in event}


@pytest.mark.source("G3-2", "G3-3", "A-37")
def test_a_law_that_renames_levels_opens_a_review_until_the_table_is_amended() -> None:
    course, at = course_in(State.IN_FORCE)
    law = apply_act(course, PROFILE, replace(act(Event.LAW_CHANGE, JP, day=0, number="J9", levels=True), at=at))
    assert not isinstance(law, Refusal)
    assert law[0].review == "J9"
    amended = apply_act(law[0], PROFILE, replace(act(Event.AMEND, *SIDES, day=0, text="t2"), at=at))
    assert not isinstance(amended, Refusal)
    assert (amended[0].review, amended[0].texts) == (None, ("t1", "t2"))


@pytest.mark.source("T23", "G21-5")
def test_after_the_end_a_new_proposal_leaves_the_old_duties_in_place() -> None:
    again = [*NOTICED, act(Event.PROPOSE, JP, day=500)]
    history = follow(PROFILE, again)
    assert history.refused == ()
    course, _ = history.reached(START.plus(days=501))
    assert (course.state, course.proposer) == (State.PROPOSED, JP)
    assert course.ended is not None


@pytest.mark.source("LIFECYCLE-3.6", "G21-5")
def test_the_matrix_is_the_one_of_the_specification() -> None:
    yes = {state: {name for name in FUNCTIONS if getattr(MATRIX[state], name)} for state in PATHS}
    assert yes[State.IN_FORCE] == set(FUNCTIONS)
    assert yes[State.NOTICE_GIVEN] == yes[State.NOTICE_SUSPENDED] == set(FUNCTIONS) - {"arrange"}
    assert yes[State.TERMINATED] == {"receive", "access", "dispose", "incident", "onward"}
    assert all(not yes[state] for state in PATHS if state not in {*IN_FORCE, State.TERMINATED})


events = st.sampled_from(sorted(set(Event) - NON_LEGAL))
drawn = st.lists(
    st.tuples(events, st.sampled_from([(KR,), (JP,), SIDES]), st.integers(0, 900)),
    max_size=12,
    unique_by=lambda one: one[2],
)


@pytest.mark.source("LIFECYCLE-3.3")
@given(drawn, st.integers(0, 2000), st.sampled_from([[], FORCE]))
@modest
def test_a_course_only_ever_moves_along_the_table(
    made: list[tuple[Event, tuple[PartyCode, ...], int]], day: int, start: list[Moment]
) -> None:
    acts = [act(event, *parties, day=when, number=f"N{i}") for i, (event, parties, when) in enumerate(made)]
    assume(not {one.id for one in start} & {one.id for one in acts})  # an act has one id, and an id one act
    history = follow(PROFILE, [*start, *acts])
    for change in history.changes_until(START.plus(days=day)):
        row = TRANSITIONS[change.before, change.event]
        assert row.clause == change.clause
        assert change.after is row.to or (change.event, change.after) in RESULTS
    ids = {one.moment.id for one in history.refused}
    without = [one for one in [*start, *acts] if one.id not in ids]
    assert follow(PROFILE, without).reached(START.plus(days=day)) == history.reached(START.plus(days=day))


RESULTS = {
    (Event.WITHDRAW_NOTICE, State.NOTICE_GIVEN),  # the other party's notice still runs
    (Event.WITHDRAW_NOTICE, State.NOTICE_SUSPENDED),
    (Event.SUSPEND_NOTICE, State.NOTICE_GIVEN),
}


@pytest.mark.source("G21-3")
@pytest.mark.parametrize("renewal", ["automatic", "none"])
@pytest.mark.parametrize("years", [1, 2, 5])
def test_one_engine_runs_any_profile(years: int, renewal: str) -> None:
    profile = with_fields(PROFILE, term_years=years, renewal=renewal, parties=(JP, KR, PAST["TISA"].parties[2]))  # type: ignore[arg-type]
    three = [
        replace(moment, parties=profile.parties if len(moment.parties) > 1 else moment.parties) for moment in FORCE
    ]
    third = profile.parties[2]
    whole = [*three[:-2], *(replace(m, id="u" + m.id, parties=(third,)) for m in cleared(third, 7)), *three[-2:]]
    early, _ = follow(profile, whole).reached(START.plus(days=20))
    assert early.state is State.SIGNED  # two of three notes
    last = act(Event.NOTIFY_COMPLETED, third, day=11, number="U1")
    history = follow(profile, [*whole, last])
    assert history.refused == ()
    force, _ = history.reached(START.plus(days=12))
    assert (force.state, force.term) == (State.IN_FORCE, 1)
    after, _ = history.reached(START.plus(days=years * 366 + 20))
    assert after.state is (State.IN_FORCE if renewal == "automatic" else State.TERMINATED)


@pytest.mark.source("G21-4")
def test_an_instrument_without_terms_ends_full_days_after_the_notice() -> None:
    profile = with_fields(PROFILE, term_years=0, renewal="none", notice_days=180)
    history = follow(profile, NOTICED)
    course, _ = history.reached(START.plus(days=101))
    assert (course.state, course.term) == (State.NOTICE_GIVEN, None)
    ends = course.notices[0].ends
    assert ends == read_instant("2016-10-08")  # received on 10 April; the 180th full day after it is 7 October
    assert history.reached(ends.plus(seconds=-1))[0].state is State.NOTICE_GIVEN
    assert history.reached(ends)[0].state is State.TERMINATED


def test_a_procedure_is_per_party() -> None:
    assert Procedure(party=KR).is_done(())
    assert not Procedure(party=KR).is_done((Step.D1,))
    profile: Profile = PAST["GSOMIA-KR-JP"]
    assert profile.steps(KR) != profile.steps(JP)
