"""What duty officers type: two served nodes, a message read back, a level that was not stated, the sheet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.program import PASSPHRASE, add_person, free_port, gsomia, init, served

pytestmark = pytest.mark.slow

DESKS = {"KOR": "mnd-ops", "JPN": "mod-ops"}
OTHER = {"KOR": "JPN", "JPN": "KOR"}
UNTIL = ("--until", "2035-01-01")
WAITS = ("--wait", "30")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Two served nodes that know one another, each with a manned desk."""
    top = tmp_path_factory.mktemp("hotline")
    made = {party: top / party for party in DESKS}
    told: dict[str, str] = {}
    for party, node in made.items():
        assert init(node, party, port=free_port()).exit == 0
        for person, office in (("security", "security-officer"), ("duty", "duty-officer")):
            assert add_person(node, person, "--office", office).exit == 0
        exported = gsomia("party", "export", "--out", top / f"{party}.pin", "--node", node)
        told[party] = str(exported.document["fingerprint"])
    for party, other in OTHER.items():
        pin = ("party", "pin", top / f"{other}.pin", "--fingerprint", told[other], "--node", made[party])
        assert gsomia(*pin).exit == 0
        desk = ("hotline", "desk", DESKS[party], "--to", other, "--title-en", f"{party} desk", "--dial", "+00 1999")
        assert gsomia(*desk, "--node", made[party], passphrase=PASSPHRASE, person="security").exit == 0
        watch = ("hotline", "watch", DESKS[party], "--person", "duty", *UNTIL, "--node", made[party])
        assert gsomia(*watch, person="security").exit == 0
    with served(made["KOR"]), served(made["JPN"]):
        for node in made.values():
            wait_for(lambda node=node: len(log_of(node, "desks", key="desks")) == len(DESKS))
        yield made


def log_of(node: Path, *words: str, key: str) -> Any:
    return gsomia("hotline", *words, "--node", node).document[key]


def wait_for(done: Any) -> None:
    assert any(done() for _ in range(100))  # each asks the program, which takes its time


def send(node: Path, party: str, *words: str, precedence: str = "FLASH") -> Any:
    between = ("--to", OTHER[party], "--from-desk", DESKS[party], "--to-desk", DESKS[OTHER[party]])
    return gsomia("hotline", "send", *between, "--precedence", precedence, *words, "--node", node, person="duty")


@pytest.mark.source("A-32", "A-12")
def test_a_message_is_seen_at_once_read_back_and_compared(nodes: dict[str, Path]) -> None:
    texts = {"ko": "항공기 2대", "ja": "航空機2機", "en": "Two  aircraft"}
    cursor = str(log_of(nodes["JPN"], "log", key="cursor"))
    said = send(nodes["KOR"], "KOR", "--level", "UNCLASSIFIED", *(w for k, v in texts.items() for w in (f"--{k}", v)))
    assert said.exit == 0
    came = log_of(nodes["JPN"], "log", "--after", cursor, *WAITS, key="messages")[-1]
    assert (came["message"], came["level"], came["precedence"]) == (said.document["message"], "UNCLASSIFIED", "FLASH")
    assert came["words"] == texts
    wrong = ("hotline", "ack", came["message"], "--text", "Three aircraft", "--node", nodes["JPN"])
    assert gsomia(*wrong, person="duty").document["right"] is False
    right = ("hotline", "ack", came["message"], "--words", came["digest_words"], "--node", nodes["JPN"])
    assert gsomia(*right, person="duty").document["right"] is True
    wait_for(lambda: progress_at(nodes["KOR"], came["message"]) == "read-back")
    assert [gsomia("audit", "verify", "--node", node).exit for node in nodes.values()] == [0, 0]


def progress_at(node: Path, message: str) -> str:
    return str(next(one["progress"] for one in log_of(node, "log", key="messages") if one["message"] == message))


@pytest.mark.source("A-32", "A-11", "A-28")
@pytest.mark.parametrize(
    ("words", "code", "clause"),
    [
        (("--en", "no level"), "flows/level-not-stated", "A-32"),
        (("--level", "UNCLASSIFIED", "--matter", "diplomatic-note", "--en", "n"), "flows/note-not-by-hotline", "A-11"),
        (("--level", "KOR-2", "--instrument", "GSOMIA-KR-JP", "--en", "s"), "flows/line-not-accredited", "A-32"),
    ],
    ids=["no level", "a note", "classified words on a plain line"],
)
def test_what_may_not_be_said_leaves_with_exit_code_three(
    nodes: dict[str, Path], words: tuple[str, ...], code: str, clause: str
) -> None:
    before = log_of(nodes["KOR"], "log", key="count")
    ended = send(nodes["KOR"], "KOR", *words)
    assert (ended.exit, ended.code) == (3, code)
    assert clause in ended.document["error"]["clauses"]
    assert log_of(nodes["KOR"], "log", key="count") == before


def test_the_sheet_is_written_once_and_holds_the_numbers(nodes: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "sheet.txt"
    words = ("hotline", "sheet", "JPN", "--out", out, "--node", nodes["KOR"])
    assert gsomia(*words).exit == 0
    assert "+00 1999" in out.read_text(encoding="utf-8")
    again = gsomia(*words)
    assert (again.exit, again.code) == (2, "admin/not-written")


def test_a_wrong_precedence_or_office_is_told(nodes: dict[str, Path]) -> None:
    ended = send(nodes["KOR"], "KOR", "--level", "UNCLASSIFIED", "--en", "x", precedence="URGENT")
    assert (ended.exit, ended.code) == (2, "admin/not-a-word")
    watch = ("hotline", "watch", DESKS["KOR"], "--person", "security", *UNTIL, "--node", nodes["KOR"])
    assert gsomia(*watch, person="security").code == "flows/office-not-held"
