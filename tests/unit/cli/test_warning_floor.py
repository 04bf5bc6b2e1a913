from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from rich.console import Console

from gsomia.cli.floor import Floor, messages_digest
from gsomia.cli.main import run
from gsomia.cli.picture import line, render
from gsomia.errors import LocalError
from gsomia.warning import (
    Alarm,
    Heard,
    Link,
    Mark,
    Marked,
    Message,
    Route,
    Shown,
    WarningUseError,
    fold,
    print_message,
    rows,
)
from strategies.warning import NOW_US, heard, messages
from unit.cli.floor import FakeFloor, floor_at

SALVO = ["--on", "2026-03-14", "--speed", "1000"]
"""Twelve missiles in a quarter of a second."""


def play(floor: FakeFloor, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run(["warn", "replay", "--node", str(floor.directory), "--json", *words])
    return code, msgspec.json.decode(capsys.readouterr().out)


def test_a_salvo_of_twelve_is_said_whole_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with floor_at(tmp_path) as floor:
        code, said = play(floor, capsys, *SALVO, "--run", "00" * 16)
    assert code == 0
    assert (said["launches"], said["messages"], said["taken"], said["denied"]) == (12, 48, 48, [])
    assert (said["character"], said["to"]) == ("TEST", ["JPN"])
    assert said["digest"] == messages_digest(floor.heard)
    assert len({message.event for message in floor.heard}) == 12


def test_a_node_that_trains_replays_as_exercise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with floor_at(tmp_path, party="XKOR") as floor:
        code, said = play(floor, capsys, *SALVO)
    assert (code, said["character"]) == (0, "EXERCISE")
    assert {(message.originator, message.level) for message in floor.heard} == {("XKOR", "XKOR-2")}


def test_what_the_node_denies_ends_with_the_code_of_a_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with floor_at(tmp_path, denies="warning/not-authorised") as floor:
        code, said = play(floor, capsys, *SALVO)
    assert code == 3
    assert said["denied"] == [{"code": "warning/not-authorised", "count": 48}]
    assert (said["taken"], said["clauses"], said["digest"]) == (0, ["G5-1"], messages_digest([]))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--on", "2026-03-15"], "warning/no-launch-that-day"),
        (["--speed", "0"], "warning/replay-speed"),
        (["--level", "JPN-3"], "labels/unknown-classification"),
        (["--run", "00"], "cli/not-a-run"),
        (["/nowhere/launches.jsonl"], "cli/not-readable"),
    ],
)
def test_a_replay_that_cannot_be_is_refused_before_anything_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    with floor_at(tmp_path) as floor:
        with pytest.raises((LocalError, WarningUseError)) as refused:
            play(floor, capsys, *words)
        assert floor.heard == []
    assert refused.value.code == code


def test_without_a_served_node_there_is_no_floor(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(LocalError) as refused:
        run(["warn", "watch", "--node", str(tmp_path), "--json"])
    assert refused.value.code == "admin/not-served"


@pytest.mark.parametrize("as_json", [True, False])
def test_a_desk_sees_what_the_source_said(tmp_path: Path, capfd: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    words = ["warn", "watch", "--node", str(tmp_path), "--messages", "48", "--seconds", "60"]
    with floor_at(tmp_path, marks=(Mark.UNRECORDED,)) as floor, ThreadPoolExecutor(1) as desk:
        watching = desk.submit(run, [*words, "--json"] if as_json else words)
        assert floor.watching.wait(10)
        run(["warn", "replay", "--node", str(tmp_path), "--json", *SALVO])
        assert watching.result(60) == 0
    out = capfd.readouterr().out
    if as_json:
        start = out.index('{\n  "characters"')
        shown = msgspec.json.decode(out[start : out.index("\n}\n", start) + 2])
        assert shown["messages"] == 48
        assert shown["digest"] == messages_digest(floor.heard)
        assert [event["state"] for event in shown["events"]] == ["ENDED"] * 12
        assert {tuple(event["marks"]) for event in shown["events"]} == {("UNRECORDED",)}
        assert shown["delay_ms"] == {"p50": 1.5, "max": 1.5}
    else:
        lines = [text for text in out.splitlines() if " | " in text]
        assert lines
        assert all(text.startswith(" TEST ") and "UNRECORDED" in text for text in lines)


# the picture in words -----------------------------------------------------------------------------------------


def drawn(arrivals: list[Heard], *, links: list[Link] | None = None, alarms: list[Alarm] | None = None) -> str:
    console = Console(file=StringIO(), width=400, force_terminal=False)
    picture = fold(arrivals)
    console.print(render(picture, links=links or [], alarms=alarms or [], now_us=NOW_US))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@settings(deadline=None)
@given(heard())
def test_every_event_is_drawn_with_its_world_and_what_must_not_be_overlooked(arrivals: list[Heard]) -> None:
    text = drawn(arrivals)
    for row in rows(fold(arrivals), now_us=NOW_US):
        spelled = line(row)
        assert f" {row.key.character.value} " in spelled
        assert (row.cancelled is not None) is ("CANCELLED" in spelled)
        assert all(mark.value in spelled for mark in row.marks)
        drawn_line = next(one for one in text.splitlines() if row.key.event[4:10] in one and row.key.originator in one)
        assert drawn_line
        if row.key.character.value != "REAL":
            assert f"{row.key.character.value} - NOT REAL" in text


@settings(deadline=None)
@given(messages())
def test_a_lane_that_is_down_and_an_alarm_are_drawn(message: Message) -> None:
    down = Link(party="JPN", incoming=True, instrument="MWDS", up=False, round_trip_us=0, offset_us=0)
    alarm = Alarm(code="warning/link-lost", party="JPN", text="nothing heard for 3 s", at_us=NOW_US)
    text = drawn([Heard(message=message, marks=frozenset())], links=[down], alarms=[alarm])
    assert "lane from JPN under MWDS: DOWN" in text
    assert "ALARM JPN warning/link-lost" in text


@given(messages())
def test_a_floor_takes_marks_links_and_alarms_into_its_document(message: Message) -> None:
    floor = Floor()
    floor.hear(
        Shown(
            message=print_message(message),
            originator=message.originator,
            via="USA",
            route=Route.HUB,
            instrument="MWDS",
            marks=(Mark.UNRECORDED, Mark.STALE),
            received_us=message.at_us + 2_000,
        )
    )
    floor.hear(Marked(message=message.message, originator=message.originator, mark=Mark.UNRECORDED, on=False))
    floor.hear(Link(party="USA", incoming=True, instrument="MWDS", up=True, round_trip_us=900, offset_us=-3))
    floor.hear(Alarm(code="warning/clock", party="USA", text="an hour off", at_us=NOW_US))
    shown = floor.document(NOW_US)
    assert shown["events"][0]["marks"] == ["STALE"]
    assert (shown["routes"], shown["links"][0]["up"], shown["alarms"][0]["party"]) == ({"HUB": 1}, True, "USA")
