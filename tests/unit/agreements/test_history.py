"""The published history, replayed: every probe date, and what becomes of it once a line is changed."""

from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import CONFLICTS, NON_LEGAL, HistoryError, Replay, State, parse_history, replay
from gsomia.instants import Instant, read_instant
from strategies.labels import modest

GSOMIA = "GSOMIA-KR-JP"
BYTES = files("gsomia.demo").joinpath("data", "history.jsonl").read_bytes()
LINES: list[dict[str, Any]] = [msgspec.json.decode(line) for line in BYTES.splitlines()]
WHOLE = replay(parse_history(BYTES))
Change = Callable[[dict[str, Any]], dict[str, Any] | None]


def changed(changes: Mapping[int, Change], *more: dict[str, Any]) -> Replay:
    """The history with some lines changed, left out (None) or added."""
    kept = [changes[line["n"]](dict(line)) if line["n"] in changes else line for line in LINES]
    told = [line for line in [*kept, *more] if line is not None]
    return replay(parse_history(b"\n".join(msgspec.json.encode(line) for line in told)))


def gone(_line: dict[str, Any]) -> None:
    return None


def with_(**fields: Any) -> Change:
    return lambda line: {**line, **fields}


def state(replayed: Replay, when: str) -> tuple[State, int | None]:
    stands = replayed.standing(GSOMIA, at=read_instant(when))
    return stands.state, stands.term


def refused(replayed: Replay) -> dict[int, tuple[str, str]]:
    return {one.line.n: (one.refusal.code, one.refusal.clause) for one in replayed.refused}


# --- as it was ------------------------------------------------------------------------------------------------------


@pytest.mark.source("LIFECYCLE-3.3")
def test_every_line_is_taken() -> None:
    assert (len(WHOLE.lines), refused(WHOLE), WHOLE.waiting) == (48, {}, ())


@pytest.mark.source("LIFECYCLE-3.1", "T15", "T15a", "A-24", "A-25", "A-26", "A-28")
@pytest.mark.parametrize(
    ("when", "expected", "term"),
    [
        ("1988-06-01", State.NONE, None),
        ("2010-12-31", State.PROPOSED, None),
        ("2011-06-01", State.NEGOTIATING, None),
        ("2012-06-27T12:00+09:00", State.CLEARING, None),
        ("2012-06-29T12:00+09:00", State.CLEARED, None),
        ("2012-06-29T17:00+09:00", State.SIGN_POSTPONED, None),
        ("2016-06-05", State.SHELVED, None),
        ("2016-11-16", State.CLEARING, None),
        ("2016-11-23T11:59:59+09:00", State.SIGNED, None),
        ("2016-11-23T12:00+09:00", State.IN_FORCE, 1),
        ("2016-11-24", State.IN_FORCE, 1),
        ("2019-08-22T23:00+09:00", State.IN_FORCE, 3),
        ("2019-08-24", State.NOTICE_GIVEN, 3),
        ("2019-11-22T17:59+09:00", State.NOTICE_GIVEN, 3),
        ("2019-11-22T18:00+09:00", State.NOTICE_SUSPENDED, 3),
        ("2019-11-23", State.NOTICE_SUSPENDED, 4),
        ("2022-06-01", State.NOTICE_SUSPENDED, 6),
        ("2023-03-18", State.NOTICE_SUSPENDED, 7),
        ("2023-03-22", State.IN_FORCE, 7),
        ("2023-12-31", State.IN_FORCE, 8),
        ("2027-12-31", State.IN_FORCE, 12),
    ],
)
def test_the_state_on_each_probe_date(when: str, expected: State, term: int | None) -> None:
    assert state(WHOLE, when) == (expected, term)


@pytest.mark.parametrize(("name", "expected"), [("TISA", State.IN_FORCE), ("MWDS", State.ACTIVE)])
def test_the_other_two_instruments_follow_their_own_small_tables(name: str, expected: State) -> None:
    assert WHOLE.standing(name, at=read_instant("2023-12-31")).state is expected


@pytest.mark.parametrize(
    ("name", "when", "expected"),
    [
        ("TISA", "2014-05-30", State.NONE),
        ("TISA", "2014-06-01", State.NEGOTIATING),
        ("TISA", "2014-12-29", State.IN_FORCE),
        ("MWDS", "2023-11-11", State.NONE),
        ("MWDS", "2023-11-13", State.READY),
        ("MWDS", "2023-12-19", State.ACTIVE),
    ],
)
def test_the_small_tables_on_their_days(name: str, when: str, expected: State) -> None:
    assert WHOLE.standing(name, at=read_instant(when)).state is expected


@pytest.mark.source("G21-3", "G21-4")
def test_the_ends_of_term_and_notice() -> None:
    first = WHOLE.standing(GSOMIA, at=read_instant("2016-11-24"))
    assert first.ends == read_instant("2017-11-23")  # the last day is 22 November
    noticed = WHOLE.standing(GSOMIA, at=read_instant("2019-08-24"))
    assert (noticed.ends, noticed.banner) == (read_instant("2019-11-23"), "ends on 2019-11-22 24:00")


@pytest.mark.source("A-02", "A-25", "T15a")
def test_while_the_notice_is_suspended_both_readings_are_kept() -> None:
    stands = WHOLE.standing(GSOMIA, at=read_instant("2022-06-01"))
    assert stands.contested
    assert {(one.party, one.reading, one.earliest_end) for one in stands.readings} == {
        ("KOR", "any-time", read_instant("2022-06-01")),
        ("JPN", "fresh-notice", read_instant("2022-11-23")),
    }
    late = WHOLE.standing(GSOMIA, at=read_instant("2022-09-01"))  # too late for that term
    assert {one.earliest_end for one in late.readings if one.party == "JPN"} == {read_instant("2023-11-23")}


def test_before_and_after_nothing_is_contested() -> None:
    for when in ("2019-08-24", "2019-11-22T17:59", "2023-03-22"):
        stands = WHOLE.standing(GSOMIA, at=read_instant(when))
        assert (stands.contested, stands.readings) == (False, ())


@pytest.mark.source("A-28")
@pytest.mark.parametrize(
    "line", [line for line in LINES if line["event"] in NON_LEGAL], ids=lambda line: str(line["n"])
)
def test_what_is_no_legal_event_moves_nothing(line: dict[str, Any]) -> None:
    without = changed({line["n"]: gone})
    for name in WHOLE.courses:
        for when in (read_instant(line["eff"]), read_instant("2023-12-31")):
            assert WHOLE.standing(name, at=when) == without.standing(name, at=when)


@pytest.mark.source("LIFECYCLE-3.2")
def test_the_skipped_step_of_2012_is_kept_with_its_round() -> None:
    stands = WHOLE.standing(GSOMIA, at=read_instant("2012-06-27T12:00"))
    korea, japan = stands.course.procedure("KOR"), stands.course.procedure("JPN")  # type: ignore[arg-type]
    assert [report.step for report in korea.skipped] == ["D3"]
    assert korea.is_settled(korea.reports[-1].step)
    assert japan.reports == ()


@pytest.mark.source("A-27", "T11")
def test_approvals_of_2012_lapse_and_do_not_count_in_2016() -> None:
    resumed = WHOLE.standing(GSOMIA, at=read_instant("2016-10-28")).course
    assert (resumed.procedures, resumed.round) == ((), 2)
    assert {one.party for lapsed in resumed.lapsed for one in lapsed.procedures} == {"KOR", "JPN"}
    straight_on = changed(dict.fromkeys(range(25, 32), gone))
    assert refused(straight_on)[32] == ("not-in-this-state", "T12")
    assert state(straight_on, "2017-01-01") == (State.NEGOTIATING, None)


def test_conflicts_between_sources_are_kept() -> None:
    matters = " ".join(one.matter for one in CONFLICTS)
    for word in ("minutes", "trilateral", "partners", "notice", "exchanges", "first"):
        assert word in matters
    days = next(one for one in CONFLICTS if "notice" in one.matter)
    assert [says for says, _ in days.versions] == ["2019-08-23", "2019-08-24", "2019-08-25"]


def test_names_survive_as_they_are_given() -> None:
    garbled = "Kim T\ufffdae-y\u00ef\u00bf\u00bdng \u91d1\u6cf0\u69ae"
    again = changed({36: with_(note=garbled, who=garbled)})
    kept = next(line for line in again.lines if line.n == 36)
    assert (kept.words, kept.given["who"]) == (garbled, garbled)
    broken = BYTES.replace(b"Kim You-geun", b"Kim \xff\xfeYou-geun")
    assert "\\xff\\xfeYou-geun" in next(line for line in parse_history(broken) if line.n == 36).words


# --- as it was not ----------------------------------------------------------------------------------------------------


@pytest.mark.source("A-01", "G21-4", "T16")
@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2019-08-24T23:59:59+09:00", None),
        ("2019-08-25T00:00+09:00", ("notice-day-contested", "A-01")),
        ("2019-08-25T23:59+09:00", ("notice-day-contested", "A-01")),
        ("2019-08-26T00:00+09:00", ("notice-late", "G21-4")),
        ("2019-11-22T10:00+09:00", ("notice-late", "G21-4")),
    ],
)
def test_a_notice_a_day_late_is_refused_and_the_pact_goes_on(received: str, expected: tuple[str, str] | None) -> None:
    again = changed({37: with_(eff=received), 38: gone, 45: gone})
    assert refused(again).get(37) == expected
    in_december = (State.TERMINATED, None) if expected is None else (State.IN_FORCE, 4)
    assert state(again, "2019-12-01") == in_december


@pytest.mark.source("T20", "G21-4")
def test_without_the_suspension_it_ends_on_23_november_2019() -> None:
    again = changed({38: gone})
    assert state(again, "2019-11-22T23:59:59")[0] is State.NOTICE_GIVEN
    stands = again.standing(GSOMIA, at=read_instant("2019-11-23"))
    assert (stands.state, stands.ends) == (State.TERMINATED, read_instant("2019-11-23"))
    assert refused(again)[45] == ("not-in-this-state", "T19")


@pytest.mark.source("T19")
@pytest.mark.parametrize(
    "fields",
    [
        {"note": "note withdraws the note of 2019-08-23"},
        {"note": "note withdraws only one of the 2019 notes"},
        {"note": "note withdraws something"},
        {"withdraws": [37]},
        {"withdraws": ["2019-11-22"]},
        {"names": []},
    ],
)
def test_a_withdrawal_that_does_not_name_both_notes_is_refused(fields: dict[str, Any]) -> None:
    again = changed({45: with_(**fields)})
    assert refused(again) == {45: ("withdrawal-incomplete", "T19")}
    assert state(again, "2023-03-22") == (State.NOTICE_SUSPENDED, 7)


@pytest.mark.source("T19")
@pytest.mark.parametrize(
    "fields", [{"withdraws": [37, 38]}, {"note": "withdraws the notes of 2019-08-23 and 2019-11-22"}]
)
def test_a_withdrawal_that_names_both_is_taken(fields: dict[str, Any]) -> None:
    assert state(changed({45: with_(**fields)}), "2023-03-22") == (State.IN_FORCE, 7)


@pytest.mark.source("A-02", "T18", "T20")
def test_a_revived_notice_ends_with_the_later_of_two_readings() -> None:
    revival = {"n": 100, "eff": "2020-10-01T10:00+09:00", "instr": GSOMIA, "actor": "KR", "event": "revive_notice"}
    again = changed({45: gone}, revival)
    between = again.standing(GSOMIA, at=read_instant("2021-03-01"))
    assert (between.state, between.ends) == (State.NOTICE_GIVEN, read_instant("2021-11-23"))
    assert between.contested
    assert {(one.party, one.earliest_end) for one in between.readings} == {
        ("KOR", read_instant("2020-10-01T10:00")),
        ("JPN", read_instant("2021-11-23")),
    }
    assert between.allowed.release
    assert state(again, "2021-11-22T23:59:59")[0] is State.NOTICE_GIVEN
    assert state(again, "2021-11-23")[0] is State.TERMINATED


@pytest.mark.source("G21-1", "T13", "T14", "A-24")
@pytest.mark.parametrize("silent", [33, 34])
def test_one_note_gives_no_force_and_two_give_it_at_the_later(silent: int) -> None:
    assert state(changed({silent: gone}), "2019-01-01")[0] is State.SIGNED
    later = changed({silent: with_(eff="2016-12-01T09:30+09:00")})
    stands = later.standing(GSOMIA, at=read_instant("2016-12-02"))
    assert (stands.in_force_from, stands.ends) == (read_instant("2016-12-01T09:30"), read_instant("2017-12-01"))


@pytest.mark.source("T12", "T05", "T06")
@pytest.mark.parametrize("line", [6, 7, 8, 9, 24, 26, 27, 32])
def test_what_needs_both_moves_nothing_while_one_side_alone_did_it(line: int) -> None:
    again = changed({line: with_(actor="KR")})
    before = WHOLE.standing(GSOMIA, at=read_instant(LINES[line - 1]["eff"]).plus(seconds=-1)).state
    assert again.standing(GSOMIA, at=read_instant(LINES[line - 1]["eff"])).state is before
    assert line in {one.n for one in again.waiting}


@pytest.mark.source("T08", "T07a")
def test_signature_waits_for_a_step_that_nobody_took() -> None:
    again = changed({31: gone})
    assert refused(again)[32] == ("not-in-this-state", "T12")
    assert state(again, "2016-11-24")[0] is State.CLEARING
    out_of_order = changed({29: gone})
    assert refused(out_of_order)[30] == ("step-out-of-order", "T07a")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"instr": "GSOMIA-KR-XX"}, "unknown-instrument"),
        ({"actor": "FR"}, "not-a-party"),
        ({"actor": "JP"}, "not-the-notifier"),
        ({"event": "scrap"}, "unknown-event"),
        ({"event": "terminate"}, "derived-not-said"),
        ({"event": "sign"}, "one-side"),
        ({"n": 37}, "line-twice"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_clause(fields: dict[str, Any], code: str) -> None:
    again = changed({38: with_(**fields)})
    if code == "one-side":
        code = "not-in-this-state"
    (number,) = set(refused(again)) - {45}
    assert refused(again)[number][0] == code
    assert refused(again)[number][1]
    assert state(again, "2019-11-22T20:00") == (State.NOTICE_GIVEN, 3)


@pytest.mark.parametrize(
    "untrusted", [b"{", b"[]", b'{"n": 1}', b'{"n":1,"instr":"X","actor":"KR","event":"sign","eff":"soon"}', b"\xff"]
)
def test_a_file_that_does_not_read_is_refused_with_its_line(untrusted: bytes) -> None:
    with pytest.raises(HistoryError, match="line `2`"):
        parse_history(b"\n" + untrusted)


def test_an_instrument_the_history_does_not_speak_of_is_refused() -> None:
    with pytest.raises(HistoryError) as caught:
        WHOLE.standing("GSOMIA-KR-XX", at=Instant(0))
    assert caught.value.clauses == ("G1-1",)


@given(st.dates(min_value=date(1988, 1, 1), max_value=date(2027, 12, 31)), st.integers(0, 86_399))
@modest
def test_the_state_on_any_day_does_not_depend_on_what_came_later(day: date, second: int) -> None:
    at = read_instant(str(day)).plus(seconds=second)
    earlier = [line for line in WHOLE.lines if line.at <= at and line.instrument == GSOMIA]
    if any(line.event not in NON_LEGAL for line in earlier):
        assert replay(earlier).standing(GSOMIA, at=at) == WHOLE.standing(GSOMIA, at=at)


@given(st.permutations(LINES))
@modest
def test_the_order_of_lines_in_the_file_does_not_matter(shuffled: list[dict[str, Any]]) -> None:
    again = replay(parse_history(b"\n".join(map(msgspec.json.encode, shuffled))))
    assert again.changes == WHOLE.changes
