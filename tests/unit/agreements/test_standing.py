"""Where an instrument stands follows from received acts and the calendar, and from nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gsomia.agreements import (
    TRANSITIONS,
    ActRecord,
    Event,
    Moment,
    NoteSubject,
    Standing,
    State,
    follow,
    named_authorities,
    parse_document,
    profile_of,
    standing_of,
)
from gsomia.agreements.lifecycle import MATRIX
from gsomia.instants import Instant, start_of_day
from strategies.agreements import AGREEMENT, JP, KR, SIDES, altered, day, history, note, propose, sign
from strategies.labels import modest, party

FORCE = day("2016-11-23T10:00:00+09:00")
OTHER_TEXT = parse_document(altered("notice_days = 90", "notice_days = 30"))


def at(acts: list[ActRecord], when: Instant) -> Standing:
    return standing_of(AGREEMENT, acts, at=when)


def state(acts: list[ActRecord], when: Instant = FORCE) -> State:
    return at(acts, when).state


# --- up to force ----------------------------------------------------------------------------


@pytest.mark.source("T01", "T12", "T13", "T14")
def test_each_act_moves_the_state_as_the_table_says() -> None:
    acts = history(FORCE)
    reached = [state(acts[:count]) for count in range(len(acts) + 1)]
    assert reached == [
        State.NONE,
        State.PROPOSED,
        State.PROPOSED,
        State.SIGNED,
        State.SIGNED,
        State.IN_FORCE,
    ]


@pytest.mark.source("G21-1", "T13", "T14")
@pytest.mark.parametrize("silent", SIDES)
def test_one_note_alone_never_gives_force(silent: str) -> None:
    acts = [act for act in history(FORCE) if act.note is None or act.party != silent]
    for later in (0, 400, 4000):
        standing = at(acts, FORCE.plus(days=later))
        assert (standing.state, standing.in_force_from, standing.term) == (State.SIGNED, None, None)


@pytest.mark.source("G21-1", "T13")
def test_two_notes_of_one_side_are_one_note() -> None:
    acts = [*history(FORCE)[:-1], note(KR, FORCE, number="KR-2016-99")]
    assert state(acts) is State.SIGNED


@pytest.mark.source("T12")
@pytest.mark.parametrize("silent", SIDES)
def test_one_signature_alone_signs_nothing(silent: str) -> None:
    acts = [act for act in history(FORCE) if act.kind != "agreement-signature" or act.party != silent]
    assert state(acts) is State.PROPOSED


@pytest.mark.source("A-24", "T14")
@pytest.mark.parametrize(("first", "second"), [(KR, JP), (JP, KR)])
def test_force_begins_at_the_instant_the_later_note_is_received(first: str, second: str) -> None:
    earlier, later = (KR, JP) if first == KR else (JP, KR)
    acts = [*history(FORCE)[:3], note(earlier, FORCE.plus(days=-9)), note(later, FORCE)]
    assert second == later
    assert state(acts, FORCE.plus(seconds=-1)) is State.SIGNED
    assert at(acts, FORCE).in_force_from == at(acts, FORCE.plus(days=3000)).in_force_from == FORCE


@pytest.mark.source("A-24")
def test_nothing_is_allowed_before_the_instant_and_release_from_it() -> None:
    before, from_then = at(history(FORCE), FORCE.plus(seconds=-1)).allowed, at(history(FORCE), FORCE).allowed
    assert not any((before.release, before.receive, before.access, before.onward, before.visit, before.arrange))
    assert all((from_then.release, from_then.receive, from_then.access, from_then.onward))


@pytest.mark.source("A-24")
def test_a_note_counts_from_when_it_is_received_not_from_when_it_was_sent() -> None:
    unheard = [*history(FORCE)[:-1], replace(history(FORCE)[-1], received=None)]
    assert state(unheard, FORCE.plus(days=1000)) is State.SIGNED
    slow = [*history(FORCE)[:-1], note(JP, FORCE.plus(days=40), sent=FORCE)]
    assert at(slow, FORCE.plus(days=39)).state is State.SIGNED
    assert at(slow, FORCE.plus(days=40)).in_force_from == FORCE.plus(days=40)


@pytest.mark.source("T12")
def test_signatures_over_two_digests_never_sign() -> None:
    acts = history(FORCE)
    acts[2] = sign(JP, FORCE.plus(days=-19), text=OTHER_TEXT)
    assert AGREEMENT.id == OTHER_TEXT.id
    for text in (AGREEMENT, OTHER_TEXT):
        assert standing_of(text, acts, at=FORCE.plus(days=1000)).state in {State.NONE, State.PROPOSED}


@pytest.mark.source("T12", "T13")
def test_notes_over_another_digest_count_for_nothing() -> None:
    acts = [*history(FORCE)[:-1], note(JP, FORCE, text=OTHER_TEXT)]
    assert state(acts, FORCE.plus(days=1000)) is State.SIGNED


def test_acts_of_a_stranger_count_for_nothing() -> None:
    stranger = party("USA")
    acts = [replace(act, party=stranger) if act.party == JP else act for act in history(FORCE)]
    assert state(acts, FORCE.plus(days=1000)) is State.PROPOSED


@pytest.mark.source("T13", "T14")
def test_no_force_before_signature_even_if_both_notes_came_earlier() -> None:
    signed = FORCE.plus(days=5)
    acts = [propose(KR, FORCE.plus(days=-30)), note(KR, FORCE), note(JP, FORCE), sign(KR, signed), sign(JP, signed)]
    assert state(acts, signed.plus(seconds=-1)) is State.PROPOSED
    since = at(acts, signed).in_force_from
    assert since is None or since >= signed


def test_naming_an_authority_is_not_completion() -> None:
    named = [
        note(side, FORCE, subject=NoteSubject.AUTHORITY_NAMED, authority="kor-mnd", number="KR-2016-41")
        for side in SIDES
    ]
    assert state([*history(FORCE)[:3], *named], FORCE.plus(days=1)) is State.SIGNED


@pytest.mark.source("T01")
def test_nothing_is_signed_that_was_not_proposed() -> None:
    assert state(history(FORCE)[1:], FORCE.plus(days=1)) is State.NONE


@pytest.mark.source("T01", "T12")
def test_acts_that_come_again_or_late_change_nothing() -> None:
    acts = history(FORCE)
    later = FORCE.plus(days=3)
    again = [propose(JP, later), sign(KR, later), note(KR, later), note(JP, later), sign(JP, later)]
    assert at([*acts, *again], later.plus(days=1)) == at(acts, later.plus(days=1))


@pytest.mark.source("T01", "T12", "T13", "T14")
def test_acts_of_one_second_give_one_state_in_whatever_order_they_are_listed() -> None:
    acts = [propose(KR, FORCE), sign(KR, FORCE), sign(JP, FORCE), note(KR, FORCE), note(JP, FORCE)]
    standings = {at(list(order), FORCE) for order in permutations(acts)}
    assert [(standing.state, standing.in_force_from) for standing in standings] == [(State.IN_FORCE, FORCE)]


@pytest.mark.source("T01", "T12")
def test_a_signature_in_the_second_of_its_proposal_counts_however_the_parties_list_them() -> None:
    first = [sign(KR, FORCE), propose(KR, FORCE), sign(JP, FORCE)]
    assert {state(list(order)) for order in permutations(first)} == {State.SIGNED}


# --- properties -----------------------------------------------------------------------------

hours = st.integers(0, 400)
act_makers = st.sampled_from([propose, sign, note])
scattered = st.lists(st.tuples(act_makers, st.sampled_from(SIDES), hours), max_size=9)
crowded = st.lists(st.tuples(act_makers, st.sampled_from(SIDES), st.integers(0, 2)), max_size=9)
"""Acts of so few instants that many of them fall into one second."""


def made(drawn: list[tuple[object, str, int]]) -> list[ActRecord]:
    return [make(side, Instant(hour * 3600)) for make, side, hour in drawn]  # type: ignore[operator]


@pytest.mark.source("T12", "T13", "T14")
@given(scattered | crowded, st.randoms(use_true_random=False), hours)
@modest
def test_the_state_does_not_depend_on_the_order_in_which_acts_are_listed(
    drawn: list[tuple[object, str, int]], random: object, hour: int
) -> None:
    acts, mixed = made(drawn), made(drawn)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    chains = {side: iter([act for act in acts if act.party == side]) for side in SIDES}
    mixed = [next(chains[act.party]) for act in mixed]  # each party's own acts are chained, and keep their order
    assert at(acts, Instant(hour * 3600)) == at(mixed, Instant(hour * 3600))


@given(scattered, hours)
@modest
def test_what_has_not_happened_yet_changes_nothing(drawn: list[tuple[object, str, int]], hour: int) -> None:
    now = Instant(hour * 3600)
    heard = [act for act in made(drawn) if act.received is not None and act.received <= now]
    assert at(made(drawn), now) == at(heard, now)


@given(scattered, hours, hours)
@modest
def test_the_state_never_goes_back(drawn: list[tuple[object, str, int]], hour: int, more: int) -> None:
    order = [State.NONE, State.PROPOSED, State.SIGNED, State.IN_FORCE]
    now, later = (at(made(drawn), Instant(3600 * h)).state for h in (hour, hour + more))
    assert order.index(now) <= order.index(later)


@pytest.mark.source("G21-1")
@given(scattered, hours)
@modest
def test_force_needs_a_proposal_both_signatures_and_both_notes(drawn: list[tuple[object, str, int]], hour: int) -> None:
    now = Instant(3600 * hour)
    standing = at(made(drawn), now)
    by_then = [(make, side) for make, side, when in drawn if when <= hour]
    needed = [(make, side) for make in (sign, note) for side in SIDES]
    whole = all(act in by_then for act in needed) and any(make is propose for make, _ in by_then)
    assert standing.state is not State.IN_FORCE or whole
    assert standing.allowed.release == (standing.state is State.IN_FORCE)


def test_the_table_leads_to_every_state_of_a_treaty_and_to_no_other() -> None:
    reached = {row.to for row in TRANSITIONS.values()} | {State.NONE}
    assert reached == set(State) - {State.READY, State.ACTIVE}
    assert set(MATRIX) == set(State)
    assert {start for start, event in TRANSITIONS if event is Event.SIGN} == {State.PROPOSED, State.CLEARED}


@pytest.mark.parametrize("event", [event for event in Event if "FORCE" in event.name or "TERMINATE" in event.name])
def test_events_the_calendar_makes_are_not_for_parties_to_send(event: Event) -> None:
    derived = [Moment(id=side, event=event, parties=(side,), at=FORCE) for side in SIDES]
    course = follow(profile_of(AGREEMENT), derived)
    assert course.reached(FORCE)[0].state is State.NONE
    assert {one.refusal.code for one in course.refused} == {"derived-not-said"}


# --- terms ----------------------------------------------------------------------------------


@pytest.mark.source("T15", "G21-3", "A-24")
@pytest.mark.parametrize(
    ("when", "term", "ends"),
    [
        ("2016-11-23T10:00:00+09:00", 1, "2017-11-23"),
        ("2017-11-22T23:59:59+09:00", 1, "2017-11-23"),
        ("2017-11-23T00:00:00+09:00", 2, "2018-11-23"),
        ("2017-11-23T09:59:59+09:00", 2, "2018-11-23"),
        ("2018-11-22T23:59:59+09:00", 2, "2018-11-23"),
        ("2023-03-21T00:00:00+09:00", 7, "2023-11-23"),
        ("2023-11-23T00:00:00+09:00", 8, "2024-11-23"),
    ],
)
def test_silence_extends_by_a_year_in_whole_local_days(when: str, term: int, ends: str) -> None:
    standing = at(history(FORCE), day(when))
    assert (standing.state, standing.term, standing.ends) == (State.IN_FORCE, term, day(ends))
    assert standing.in_force_from == standing.since == FORCE


@pytest.mark.source("T15", "A-24")
def test_the_day_force_begins_is_the_local_one() -> None:
    late = day("2016-11-22T23:30:00+09:00")
    assert at(history(late), late).ends == day("2017-11-22")
    early = day("2016-11-23T00:30:00+09:00")
    assert at(history(early), early).ends == day("2017-11-23")


@pytest.mark.source("T15")
@pytest.mark.parametrize(
    ("when", "term", "ends"),
    [
        ("2020-02-29T09:00:00+09:00", 1, "2021-03-01"),
        ("2021-02-28T23:59:59+09:00", 1, "2021-03-01"),
        ("2021-03-01T00:00:00+09:00", 2, "2022-03-01"),
        ("2023-03-01T00:00:00+09:00", 4, "2024-02-29"),
        ("2024-02-28T23:59:59+09:00", 4, "2024-02-29"),
        ("2024-02-29T00:00:00+09:00", 5, "2025-03-01"),
    ],
)
def test_a_term_from_the_29th_of_february_loses_no_day(when: str, term: int, ends: str) -> None:
    leap = day("2020-02-29T09:00:00+09:00")
    standing = at(history(leap), day(when))
    assert (standing.term, standing.ends) == (term, day(ends))


@pytest.mark.source("T15")
@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31)), st.integers(0, 86_399), st.integers(0, 9000))
@modest
def test_terms_follow_one_another_without_gap_or_overlap(first: date, second: int, later: int) -> None:
    force = start_of_day(first).plus(seconds=second)
    now = force.plus(days=later)
    standing = at(history(force), now)
    assert standing.ends is not None
    assert standing.term is not None
    assert now < standing.ends
    following = at(history(force), standing.ends)
    assert following.term == standing.term + 1
    last = at(history(force), standing.ends.plus(seconds=-1))
    assert (last.term, last.ends) == (standing.term, standing.ends)
    assert standing.ends == start_of_day(standing.ends.local_date())


@pytest.mark.source("T15")
def test_a_longer_term_is_counted_in_its_years() -> None:
    text = parse_document(altered("term_years = 1", "term_years = 5"))
    acts = [replace(act, agreement=text.digest) for act in history(FORCE)]
    standing = standing_of(text, acts, at=FORCE.plus(days=1900))
    assert (standing.term, standing.ends) == (2, day("2026-11-23"))


# --- authorities ----------------------------------------------------------------------------


def named(when: Instant, **changes: object) -> list[str]:
    facts = {
        "by": KR,
        "received": FORCE,
        "subject": NoteSubject.AUTHORITY_NAMED,
        "authority": "kor-mnd",
        "number": "KR-2016-41",
    } | changes
    by, received = facts.pop("by"), facts.pop("received")
    return [a.id for a in named_authorities(AGREEMENT, [note(by, received, **facts)], at=when)]  # type: ignore[arg-type]


@pytest.mark.source("G2-5")
def test_an_authority_counts_from_the_receipt_of_the_note_that_names_it() -> None:
    assert named(FORCE) == ["kor-mnd"]
    assert named(FORCE.plus(seconds=-1)) == []
    assert named(FORCE.plus(days=999), received=None) == []
    assert named_authorities(AGREEMENT, history(FORCE), at=FORCE) == ()


@pytest.mark.source("G2-5")
@pytest.mark.parametrize(
    "changes",
    [
        {"number": "KR-2016-42"},
        {"number": "KR-2016-4"},
        {"authority": "jpn-mod"},
        {"authority": "kor-spy"},
        {"by": JP},
        {"text": OTHER_TEXT},
    ],
)
def test_a_note_of_another_number_party_body_or_text_names_nobody(changes: dict[str, object]) -> None:
    assert named(FORCE.plus(days=1), **changes) == []


@given(st.integers(-5, 5))
def test_days_are_counted_alike_whatever_the_hour(offset: int) -> None:
    assume(offset != 0)
    moved = FORCE.plus(days=offset)
    assert at(history(moved), moved).ends == start_of_day(moved.local_date() + timedelta(days=365))
