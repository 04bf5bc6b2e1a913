"""What the watch log comes to: derived from records and the clock alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.exchange import (
    ALARMS,
    HOUSE_RULES,
    PROGRESS,
    AlarmCode,
    DisclosureForm,
    DisclosureOpened,
    Matter,
    MessageFacts,
    MessageProgress,
    Outcome,
    Precedence,
    Texts,
    WatchTurn,
    digest_words,
    disclosure_alarm,
    is_read_back,
    message_alarms,
    number_alarms,
    planned_calls,
    repeat_text,
    repeat_words,
    who_has_the_watch,
)
from gsomia.ids import PersonId
from gsomia.instants import Instant, Validity
from strategies.hotline import (
    DUTY,
    JPN,
    START,
    acknowledgement,
    entry,
    message_facts,
    moments,
    plan,
    precedences,
    salts,
    seen_text,
    texts,
)


def codes(facts: MessageFacts, now: Instant) -> set[AlarmCode]:
    return {alarm.code for alarm in message_alarms(facts, now=now)}


# --- read-back ---------------------------------------------------------------------------------------------------


@given(texts())
def test_the_text_in_any_language_or_its_words_read_it_back(given_texts: Texts) -> None:
    for text in given_texts.entered.values():
        assert is_read_back(repeat_text(f"  {text}\n", salt=given_texts.salt), given_texts)
    spoken = "  ".join(digest_words(given_texts)).lower()
    assert is_read_back(repeat_words(spoken, salt=given_texts.salt), given_texts)


@given(texts(), seen_text)
def test_anything_else_does_not(given_texts: Texts, other: str) -> None:
    same = " ".join(other.split()) in {" ".join(text.split()) for text in given_texts.entered.values()}
    assert is_read_back(repeat_text(other, salt=given_texts.salt), given_texts) is same


@given(texts(), salts)
def test_a_read_back_counts_for_the_text_it_was_salted_with_alone(given_texts: Texts, salt: bytes) -> None:
    text = next(iter(given_texts.entered.values()))
    assert is_read_back(repeat_text(text, salt=salt), given_texts) is (salt == given_texts.salt)


@given(texts(), st.sampled_from(["ko", "ja", "en"]), seen_text)
def test_one_character_more_changes_the_words(given_texts: Texts, language: str, more: str) -> None:
    longer = replace(given_texts, **{language: (getattr(given_texts, language) or "") + more})  # type: ignore[arg-type]
    assert digest_words(longer) != digest_words(given_texts)


@pytest.mark.source("A-32")
@given(texts())
def test_texts_are_kept_exactly_as_they_were_entered(given_texts: Texts) -> None:
    assert canon.decode(canon.encode(given_texts), Texts) == given_texts


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "a\u202eb", "a\tb", "a\rb", "x" * 4001])
def test_a_text_that_shows_nothing_or_another_thing_is_refused(text: str) -> None:
    with pytest.raises(CanonError):
        canon.check({"ko": text, "ja": None, "en": None, "salt": bytes(16)}, Texts)


def test_a_message_without_words_is_refused() -> None:
    with pytest.raises(CanonError):
        canon.check({"ko": None, "ja": None, "en": None, "salt": bytes(16)}, Texts)


# --- timers ------------------------------------------------------------------------------------------------------


@pytest.mark.source("A-12")
@given(message_facts(), moments, moments)
def test_an_alarm_once_due_stays_due_while_nothing_new_is_recorded(
    facts: MessageFacts, one: Instant, other: Instant
) -> None:
    earlier, later = sorted((one, other), key=lambda at: at.epoch_s)
    assert codes(facts, earlier) <= codes(facts, later)


@given(message_facts(), moments)
def test_what_was_read_back_rightly_is_never_alarmed(facts: MessageFacts, now: Instant) -> None:
    right = acknowledgement(facts.entry.message, at=now, right=True)
    after = replace(facts, acknowledgements=[*facts.acknowledgements, right])
    assert after.progress is MessageProgress.READ_BACK
    assert codes(after, now.plus(days=400)) == set()
    assert not after.is_open()


@pytest.mark.source("A-12")
@given(precedences, st.booleans())
def test_timers_run_out_exactly_at_the_limit_of_the_precedence(precedence: Precedence, delivered: bool) -> None:  # noqa: FBT001  a drawn fact
    facts = MessageFacts(entry=entry(precedence=precedence), acknowledgements=(), delivered=delivered)
    limit = HOUSE_RULES.limit(precedence)
    acknowledge = START.plus(seconds=limit.acknowledge_s)
    assert codes(facts, acknowledge.plus(seconds=-1)) == set()
    assert AlarmCode.NOT_ACKNOWLEDGED in codes(facts, acknowledge)
    assert (AlarmCode.NOT_DELIVERED in codes(facts, acknowledge)) is not delivered
    if limit.read_back_s is None:
        assert AlarmCode.NOT_READ_BACK not in codes(facts, START.plus(days=400))
    else:
        read_back = START.plus(seconds=limit.read_back_s)
        assert AlarmCode.NOT_READ_BACK not in codes(facts, read_back.plus(seconds=-1))
        assert AlarmCode.NOT_READ_BACK in codes(facts, read_back)


@pytest.mark.source("A-12")
def test_the_more_urgent_is_to_be_answered_sooner() -> None:
    limits = [HOUSE_RULES.limit(one).acknowledge_s for one in Precedence]
    assert limits == sorted(limits, reverse=True)


@given(message_facts(), st.sampled_from([None, True, False]), moments)
def test_progress_goes_only_where_the_table_allows(facts: MessageFacts, right: bool | None, at: Instant) -> None:  # noqa: FBT001  a drawn fact
    before = facts.progress
    more = acknowledgement(facts.entry.message, at=at, right=right)
    after = replace(facts, acknowledgements=[*facts.acknowledgements, more]).progress
    assert after is before or after in PROGRESS[before]


@given(message_facts())
def test_a_wrong_read_back_is_alarmed_until_a_right_one(facts: MessageFacts) -> None:
    wrong = facts.progress is MessageProgress.READ_BACK_WRONG
    assert (AlarmCode.READ_BACK_DIFFERS in codes(facts, START)) is wrong


def test_every_alarm_has_a_meaning() -> None:
    assert set(ALARMS) == set(AlarmCode)


# --- numbers -----------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 40), unique=True, min_size=1), st.integers(0, 600))
def test_missing_numbers_are_those_below_a_heard_one_once_it_is_old_enough(numbers: list[int], wait_s: int) -> None:
    heard = [entry(number=number) for number in numbers]
    named = {alarm.reference for alarm in number_alarms(JPN, heard, now=START.plus(seconds=wait_s))}
    missing = set(range(1, max(numbers))) - set(numbers)
    due = missing if wait_s >= HOUSE_RULES.gap_s else set()
    assert named == {f"JPN-{number}" for number in sorted(due)[:32]}


def test_a_number_far_ahead_names_few() -> None:
    far = [entry(number=2**50)]
    assert len(list(number_alarms(JPN, far, now=START.plus(days=1)))) == 32


# --- test calls --------------------------------------------------------------------------------------------------


@given(st.integers(60, 4000), st.integers(60, 4000), st.lists(st.integers(0, 20_000), max_size=8), moments)
def test_each_due_test_call_is_answered_waiting_or_shown_as_missed(
    every_s: int, within_s: int, made_s: list[int], now: Instant
) -> None:
    made = [
        MessageFacts(
            entry=entry(
                number=number,
                at=START.plus(seconds=s),
                precedence=Precedence.ROUTINE,
                direction="own",
                matter=Matter.TEST,
            ),
            acknowledgements=[acknowledgement(entry().message, at=START.plus(seconds=s), right=None)],
            delivered=True,
        )
        for number, s in enumerate(made_s, start=1)
    ]
    calls = planned_calls(plan(every_s=every_s, within_s=within_s), made, now=now)
    assert len(calls) == min(64, (now.epoch_s - START.epoch_s) // every_s + 1)
    for call in calls:
        end = call.due.plus(seconds=min(within_s, every_s))
        inside = any(call.due <= facts.entry.at < end for facts in made)
        expected = Outcome.ANSWERED if inside else Outcome.WAITING if now < end else Outcome.MISSED
        assert call.outcome is expected


def test_no_test_call_is_due_before_the_first() -> None:
    assert planned_calls(plan(every_s=60, within_s=60), [], now=START.plus(seconds=-1)) == []


def test_a_message_that_is_no_test_answers_no_plan() -> None:
    plain = MessageFacts(entry=entry(direction="own"), acknowledgements=(), delivered=True)
    (call,) = planned_calls(plan(every_s=3600, within_s=60), [plain], now=START.plus(seconds=60))
    assert call.outcome is Outcome.MISSED


def test_a_test_call_that_nobody_answers_is_told_from_one_that_was_not_made() -> None:
    facts = MessageFacts(
        entry=entry(direction="own", precedence=Precedence.ROUTINE, matter=Matter.TEST),
        acknowledgements=(),
        delivered=True,
    )
    late = START.plus(seconds=HOUSE_RULES.limit(Precedence.ROUTINE).acknowledge_s)
    made = plan(every_s=31_622_400, within_s=60)
    outcomes = [planned_calls(made, [facts], now=now)[0].outcome for now in (late.plus(seconds=-1), late)]
    assert outcomes == [Outcome.WAITING, Outcome.NOT_ANSWERED]


# --- watches and forms -------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 100)), max_size=6), st.integers(0, 220))
def test_the_last_turn_entered_that_covers_the_time_has_the_watch(spans: list[tuple[int, int]], at_s: int) -> None:
    now = START.plus(seconds=at_s)
    turns = [
        WatchTurn(
            desk="ours",
            person=canon.check(f"officer-{index}", PersonId),
            valid=Validity(start=START.plus(seconds=start), until=START.plus(seconds=start + length)),
            relieves=None,
            open=(),
            by=DUTY,
            at=START,
        )
        for index, (start, length) in enumerate(spans)
    ]
    covering = [turn.person for turn in turns if turn.valid.covers(now)]
    assert who_has_the_watch(turns, now=now) == (covering[-1] if covering else None)


@pytest.mark.source("A-32", "G2-4")
@pytest.mark.parametrize("missing", ["spoke", "heard", "content"])
def test_a_form_with_a_part_missing_stays_incomplete_and_is_alarmed_after_the_hour(missing: str) -> None:
    opened = DisclosureOpened(
        reference="KOR-HC-000001",
        party=JPN,
        level="KOR-2",
        accredited=True,
        due=START.plus(seconds=HOUSE_RULES.disclosure_s),
        at=START,
    )
    whole = DisclosureForm(
        reference=opened.reference,
        spoke=("one",),
        heard=("another",),
        level="KOR-2",
        line="mnd-ops",
        content="M-1",
        note_taken=True,
        by=DUTY,
        at=START,
    )
    empty: object = "" if missing == "content" else ()
    part = replace(whole, **{missing: empty})  # type: ignore[arg-type]
    assert (whole.complete, part.complete) == (True, False)
    assert HOUSE_RULES.disclosure_s == 3600
    for form, late in ((None, True), (part, True), (whole, False)):
        assert disclosure_alarm(opened, form, now=opened.due.plus(seconds=-1)) is None
        assert (disclosure_alarm(opened, form, now=opened.due) is not None) is late
