"""What is typed on a floor that trains, and what a releasing authority types to warn the public."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from gsomia.warning import Kind, print_message
from journeys.program import GSOMIA, PASSPHRASE, add_person, free_port, gsomia, init, served
from simulation.test_public_alert import area_message

pytestmark = pytest.mark.slow
DRILL = ("--on", "2019-05-09", "--speed", "1000")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that trains, and a real one."""
    directory = tmp_path_factory.mktemp("nodes")
    words = ("init", directory / "XKOR", "--exercise", "--party", "KOR", "--listen", f"127.0.0.1:{free_port()}")
    assert gsomia(*words, passphrase=PASSPHRASE).document["party"] == "XKOR"
    assert init(directory / "JPN", "JPN").exit == 0
    return directory


@pytest.mark.source("DESIGN-10")
def test_an_exercise_code_is_for_exercises_only(tmp_path: Path) -> None:
    real = gsomia("init", tmp_path / "x", "--party", "XKOR", "--listen", "127.0.0.1:7441", passphrase=PASSPHRASE)
    assert (real.exit, real.code) == (2, "config/exercise-code")


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(("us", "them"), [("JPN", "XKOR"), ("XKOR", "JPN")])
def test_training_and_the_real_refuse_each_other_and_the_refusal_can_be_proven(
    nodes: Path, tmp_path: Path, us: str, them: str
) -> None:
    said = gsomia("party", "export", "--out", tmp_path / "pin", "--node", nodes / them).document
    pinned = gsomia("party", "pin", tmp_path / "pin", "--fingerprint", said["fingerprint"], "--node", nodes / us)
    assert (pinned.exit, pinned.code) == (3, "flows/exercise-does-not-mix")
    correlation = pinned.document["error"]["correlation_id"]
    proven = gsomia(
        "audit", "prove", correlation, "--out", tmp_path / "proof", "--node", nodes / us, passphrase=PASSPHRASE
    )
    assert (proven.exit, proven.document["origin"]) == (0, f"gsomia/{us.lower()}/private")


def test_a_floor_trains_alone_and_every_line_says_exercise(nodes: Path) -> None:
    node = nodes / "XKOR"
    with served(node):
        words = [str(GSOMIA), "warn", "watch", "--node", str(node), "--messages", "8", "--seconds", "60", "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
            assert watching.stderr is not None
            assert watching.stderr.readline() == b"watching\n"
            said = gsomia("warn", "replay", *DRILL, "--node", node)
            shown = msgspec.json.decode(watching.communicate(timeout=60)[0])
    assert (said.exit, said.document["character"], said.document["to"]) == (0, "EXERCISE", [])
    assert shown["digest"] == said.document["digest"]
    assert [event["character"] for event in shown["events"]] == ["EXERCISE"] * 2


def test_a_real_floor_without_a_lane_is_told_that_nobody_is_warned(nodes: Path) -> None:
    with served(nodes / "JPN"):
        said = gsomia("warn", "replay", *DRILL, "--node", nodes / "JPN")
    assert said.exit == 3
    assert said.document["denied"] == [{"code": "warning/no-lane", "count": 8}]


@pytest.mark.source("G4-7", "CAP 1.2")
def test_the_public_is_warned_by_decision_and_not_without(nodes: Path, tmp_path: Path) -> None:
    node = nodes / "JPN"
    assert add_person(node, "releaser", "--office", "releasing-authority").exit == 0
    early = gsomia("warn", "cap", "0" * 64, "--out", tmp_path / "early.xml", "--node", node)
    assert (early.exit, early.code) == (3, "flows/not-lowered")
    message = area_message("JPN")
    assert message.kind is Kind.IMPACT_AREA
    (tmp_path / "message.json").write_bytes(print_message(message))
    words = ("warn", "downgrade", tmp_path / "message.json", "--authority", "jpn-mod", "--area", "Sea west of Honshu")
    texts = ("--headline", "en=Missile launch", "--instruction", "en=Take cover.", "--until", "2099-01-01")
    decided = gsomia(*words, *texts, "--node", node, passphrase=PASSPHRASE, person="releaser")
    assert decided.exit == 0, decided.document
    printed = gsomia("warn", "cap", decided.document["decision"], "--out", tmp_path / "alert.xml", "--node", node)
    assert printed.exit == 0
    assert b"<scope>Public</scope>" in (tmp_path / "alert.xml").read_bytes()
    wrong = ("--headline", "en=x", "--instruction", "ko=x", "--until", "2099-01-01")
    misfit = gsomia(*words, *wrong, "--node", node, passphrase=PASSPHRASE, person="releaser")
    assert (misfit.exit, misfit.code) == (2, "admin/texts-misfit")
