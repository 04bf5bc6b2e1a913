"""What is printed about an instrument: status, a whole history, a simulation, and what may be published."""

from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from gsomia.admin import COMMANDS, Bench, Call, NoBench, run_command
from gsomia.admin.commands.standings import public_document
from gsomia.agreements import parse_history, replay, standing_of
from gsomia.instants import read_instant
from strategies.agreements import AGREEMENT, SAMPLE, history

HISTORY = str(files("gsomia.demo").joinpath("data", "history.jsonl"))
FORCE = read_instant("2016-11-23T10:00")


def run(name: str, **args: Any) -> tuple[int, Any]:
    outcome = run_command(COMMANDS[name], Call(bench=cast("Bench", NoBench()), args=args))
    return outcome.exit, outcome.document


def changed(folder: Path, old: bytes, new: bytes) -> str:
    data = Path(HISTORY).read_bytes()
    assert data.count(old) == 1
    path = folder / "changed.jsonl"
    path.write_bytes(data.replace(old, new))
    return str(path)


@pytest.mark.source("DESIGN-10")
def test_status_of_a_history_prints_the_agreed_members_without_a_node() -> None:
    code, told = run("agreement status", instrument="GSOMIA-KR-JP", at="2019-08-24", history=HISTORY)
    assert code == 0
    members = ("instrument", "at", "state", "term", "contested", "readings", "allowed", "ends")
    assert {name: told[name] for name in members} == {
        "instrument": "GSOMIA-KR-JP",
        "at": "2019-08-23T15:00:00Z",
        "state": "NOTICE_GIVEN",
        "term": 3,
        "contested": False,
        "readings": [],
        "allowed": {
            "release": True, "receive": True, "access": True, "dispose": True,
            "incident": True, "onward": True, "visit": True, "arrange": False,
        },
        "ends": "2019-11-22T15:00:00Z",
    }  # fmt: skip


def test_an_unknown_instrument_is_refused_with_its_clause() -> None:
    code, told = run("agreement status", instrument="GSOMIA-KR-XX", at="2019-08-24", history=HISTORY)
    assert (code, told["error"]["clauses"]) == (2, ["G1-1"])


def test_a_question_that_needs_a_node_says_so() -> None:
    code, told = run("agreement status", instrument="GSOMIA-KR-JP")
    assert (code, told["error"]["code"]) == (2, "admin/needs-a-node")


@pytest.mark.source("A-28", "LIFECYCLE-3.3")
def test_the_replay_tells_every_line_and_every_conflict() -> None:
    code, told = run("agreement replay", file=HISTORY)
    assert (code, told["ok"], told["refused"], told["waiting"]) == (0, True, [], [])
    assert told["states"] == {"GSOMIA-KR-JP": "IN_FORCE", "TISA": "IN_FORCE", "MWDS": "ACTIVE"}
    assert told["sources"] == [msgspec.json.decode(line) for line in sorted_lines()]
    assert {one["n"] for one in told["moved_nothing"]} >= {36, 43, 44}
    assert [(one["step"], one["status"]) for one in told["skips"]] == [("D3", "skipped")]
    trilateral = next(row for row in told["transitions"] if row["instrument"] == "TISA" and row["event"] == "sign")
    assert trilateral["local"] == {"JPN": "2014-12-29", "KOR": "2014-12-29", "USA": "2014-12-28"}


def sorted_lines() -> list[bytes]:
    given = replay(parse_history(Path(HISTORY).read_bytes())).lines
    by_number = {msgspec.json.decode(line)["n"]: line for line in Path(HISTORY).read_bytes().splitlines()}
    return [by_number[line.n] for line in given]


@pytest.mark.source("T19")
def test_a_refused_line_is_told_with_code_and_clause_and_the_exit_says_so(tmp_path: Path) -> None:
    path = changed(tmp_path, b"note withdraws BOTH 2019 notes", b"note withdraws the note of 2019-08-23 only")
    code, told = run("agreement replay", file=path)
    assert (code, told["ok"]) == (1, False)
    assert [(one["n"], one["code"], one["clause"]) for one in told["refused"]] == [
        (45, "agreements/withdrawal-incomplete", "T19")
    ]


@pytest.mark.source("T16", "G21-4", "A-01")
@pytest.mark.parametrize(
    ("on", "accepted", "clause"),
    [
        ("2024-08-24T23:59:59", True, None),
        ("2024-08-25", False, "A-01"),
        ("2024-08-26", False, "G21-4"),
    ],
)
def test_a_simulated_notice_says_what_stops_what_goes_on_and_when(on: str, accepted: bool, clause: str | None) -> None:  # noqa: FBT001  a column
    words = {"event": "give_notice", "on": on, "by": "KOR", "history": HISTORY}
    code, told = run("agreement simulate", **words)
    assert (code, told["accepted"], told["touched"]) == (0, accepted, [])
    assert (told["refused"] or {}).get("clause") == clause
    if accepted:
        assert (told["ends"], told["last_day"]) == ("2024-11-22T15:00:00Z", "2024-11-22")
        assert {(one["function"], one["at"]) for one in told["stops"]} == {
            ("arrange", "2024-08-24T14:59:59Z"),
            ("release", "2024-11-22T15:00:00Z"),
            ("visit", "2024-11-22T15:00:00Z"),
        }
        assert set(told["continues"]) == {"receive", "access", "dispose", "incident", "onward"}


def test_what_is_no_act_is_not_simulated() -> None:
    for event in ("press_statement", "scrap"):
        code, _ = run("agreement simulate", event=event, on="2024-08-24", by="KOR", history=HISTORY)
        assert code == 2


@pytest.mark.source("T21")
def test_two_files_are_compared_in_words(tmp_path: Path) -> None:
    old, new = tmp_path / "a.toml", tmp_path / "b.toml"
    old.write_text(SAMPLE)
    new.write_text(SAMPLE.replace("notice_days = 90", "notice_days = 30"))
    code, told = run("agreement diff", a=str(old), b=str(new))
    assert (code, told["same"]) == (0, False)
    assert told["changes"] == ["terms: the notice period, in days: 90 becomes 30"]
    assert run("agreement diff", a=str(old), b=str(old))[1]["same"] is True


PUBLIC = {
    "instrument", "title", "version", "parties", "authorities", "binding", "term_years", "notice_days", "language",
    "levels", "state", "as_of", "in_force_from", "last_day_of_term", "notices", "making",
}  # fmt: skip


def test_the_public_page_holds_what_is_listed_and_nothing_else() -> None:
    stands = standing_of(AGREEMENT, history(FORCE), at=FORCE)
    told = public_document(AGREEMENT, stands, at=FORCE)
    assert set(told) == PUBLIC
    text = msgspec.json.encode(told).decode()
    secret = [
        *(party.fingerprint for party in AGREEMENT.parties),
        *(authority.named_by for authority in AGREEMENT.authorities),
        *(level for row in AGREEMENT.table.rows for cell in row.levels for level in cell.ids),
        AGREEMENT.digest,
    ]
    assert [word for word in secret if word in text] == []


@pytest.mark.source("A-01")
@pytest.mark.parametrize(
    ("when", "warned"), [("2024-07-31T23:59", False), ("2024-08-01", True), ("2024-08-25", True), ("2024-08-26", False)]
)
def test_the_last_day_for_a_notice_is_warned_of_from_the_first_of_august(when: str, warned: bool) -> None:  # noqa: FBT001  a column
    _, told = run("agreement status", instrument="GSOMIA-KR-JP", at=when, history=HISTORY)
    assert bool(told["warning"]) is warned
    assert told["last_day_for_notice"]["contested"] == "2024-08-25"
