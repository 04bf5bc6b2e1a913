"""How far a command is, told over the socket of a served node and shown on a terminal."""

import asyncio
import io
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from gsomia.admin import AdminDoor, Ask, Bench, Call, Command, Outcome, call_served
from gsomia.cli.progress import shown_progress

TOTAL = 1 << 20
STEP = 1 << 10


def work(call: Call) -> dict[str, object]:
    for done in range(STEP, TOTAL + STEP, STEP):
        call.progress(done, TOTAL)
    return {"done": TOTAL}


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def ask(path: Path, executor: ThreadPoolExecutor, *, progress: bool) -> tuple[Outcome | None, list[tuple[int, int]]]:
    """Ask a door that is opened for it."""
    told: list[tuple[int, int]] = []
    command = Command(name="work", help="", run=work)
    asked = Ask(command="work", args={}, person=None, person_passphrase=None, progress=progress)

    async def played() -> Outcome | None:
        door = AdminDoor(cast("Bench", None), commands={"work": command}, executor=executor)
        (path / "run").mkdir()
        await door.open(path / "run" / "admin.sock")
        try:
            return await asyncio.to_thread(
                call_served, path, asked, progress=lambda done, total: told.append((done, total))
            )
        finally:
            await door.close()

    return asyncio.run(played()), told


@pytest.mark.source("DESIGN-10")
def test_a_served_node_tells_how_far_it_is_in_few_frames_and_then_the_outcome(
    tmp_path: Path, executor: ThreadPoolExecutor
) -> None:
    outcome, told = ask(tmp_path, executor, progress=True)
    assert outcome == Outcome(exit=0, document={"done": TOTAL})
    assert told == sorted(set(told))
    assert told[-1] == (TOTAL, TOTAL)
    assert 90 <= len(told) <= 101


@pytest.mark.source("DESIGN-10")
def test_whoever_does_not_ask_is_told_the_outcome_alone(tmp_path: Path, executor: ThreadPoolExecutor) -> None:
    outcome, told = ask(tmp_path, executor, progress=False)
    assert outcome == Outcome(exit=0, document={"done": TOTAL})
    assert told == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.source("DESIGN-10")
def test_a_bar_is_shown_on_standard_error_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress() as progress:
        assert progress is not None
        progress(TOTAL // 2, TOTAL)
    assert "MiB" in cast("Terminal", sys.stderr).getvalue()


@pytest.mark.source("DESIGN-10")
def test_nothing_is_shown_on_a_terminal_by_a_command_that_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with shown_progress():
        pass
    assert cast("Terminal", sys.stderr).getvalue() == ""


@pytest.mark.source("DESIGN-10")
def test_nothing_is_shown_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with shown_progress() as progress:
        assert progress is None
