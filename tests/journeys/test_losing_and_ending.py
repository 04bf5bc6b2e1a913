"""What an operator types when a machine is lost, and what two officers type when an item is to end."""

from pathlib import Path

import pytest

from journeys.program import PASSPHRASE, add_person, copy, free_port, gsomia, init, served

pytestmark = pytest.mark.slow

BACKUP = "of the backup"
LEVEL = ("--level", "KOR-2", "--purpose", "DPRK-MISSILE-ANALYSIS", "--topic", "DPRK-MISSILE")
KEEP = ("--keep-until", "2035-01-01")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with two officers and a registry."""
    directory = tmp_path_factory.mktemp("nodes") / "KOR"
    assert init(directory, "KOR").exit == 0
    for person, office in (("security", "security-officer"), ("registrar", "control-officer")):
        assert add_person(directory, person, "--office", office).exit == 0
    assert gsomia("facility", "add", "registry", "--node", directory).exit == 0
    appoint = ("facility", "appoint", "registry", "--person", "registrar", "--node", directory)
    assert gsomia(*appoint, person="security").exit == 0
    accredit = ("facility", "accredit", "registry", "--number", "F-1", "--level", "KOR-1", "--review", "2035-01-01")
    assert gsomia(*accredit, "--node", directory, person="security").exit == 0
    return directory


@pytest.fixture
def item(node: Path, tmp_path: Path) -> str:
    """An item of our own."""
    report = tmp_path / "report.txt"
    report.write_text("a report")
    words = ("item", "register", report, *LEVEL, "--node", node)
    return str(gsomia(*words, passphrase=PASSPHRASE, person="registrar").document["item"])


@pytest.mark.source("A-18", "DESIGN-4")
def test_a_node_is_backed_up_while_it_serves_and_restored_on_an_empty_directory(
    node: Path, item: str, tmp_path: Path
) -> None:
    with served(node):
        made = gsomia("backup", "--out", tmp_path / "b", *KEEP, "--node", node, backup=BACKUP)
    assert made.exit == 0
    again = tmp_path / "again"
    restored = gsomia("restore", tmp_path / "b", again, passphrase=PASSPHRASE, backup=BACKUP)
    assert (restored.exit, restored.document["waits_for"]) == (0, [])  # it has no partner to wait for
    assert item in [one["item"] for one in gsomia("item", "list", "--node", again).document["items"]]
    assert gsomia("audit", "verify", "--node", again).exit == 0
    origins = [log["origin"] for log in gsomia("audit", "verify", "--node", again).document["logs"]]
    assert origins == ["gsomia/kor/private", "gsomia/kor/private/2"]


@pytest.mark.source("DESIGN-5")
def test_a_restored_node_waits_for_its_partners_and_does_nothing(node: Path, tmp_path: Path) -> None:
    assert init(tmp_path / "JPN", "JPN", port=free_port()).exit == 0
    told = gsomia("party", "export", "--out", tmp_path / "pin", "--node", tmp_path / "JPN").document
    node = copy(node, tmp_path / "KOR")
    pin = ("party", "pin", tmp_path / "pin", "--fingerprint", told["fingerprint"], "--node", node)
    assert gsomia(*pin).exit == 0
    assert gsomia("backup", "--out", tmp_path / "b", *KEEP, "--node", node, backup=BACKUP).exit == 0
    again = tmp_path / "again"
    restored = gsomia("restore", tmp_path / "b", again, passphrase=PASSPHRASE, backup=BACKUP)
    assert restored.document["waits_for"] == ["gsomia/kor/private", "gsomia/kor/shared/jpn"]
    (tmp_path / "report.txt").write_text("a report")
    words = ("item", "register", tmp_path / "report.txt", *LEVEL, "--node", again)
    refused = gsomia(*words, passphrase=PASSPHRASE, person="registrar")
    assert (refused.exit, refused.code) == (75, "flows/log-closed")
    doctor = gsomia("doctor", again)
    assert (doctor.exit, {c["name"]: c["ok"] for c in doctor.document["checks"]}["logs-open"]) == (1, False)


def test_a_restore_that_fails_leaves_the_directory_empty(node: Path, tmp_path: Path) -> None:
    assert gsomia("backup", "--out", tmp_path / "b", *KEEP, "--node", node, backup=BACKUP).exit == 0
    failed = gsomia("restore", tmp_path / "b", tmp_path / "again", passphrase=PASSPHRASE, backup="another")
    assert (failed.exit, failed.code) == (2, "storage/wrong-passphrase")
    assert list((tmp_path / "again").iterdir()) == []
    failed = gsomia("restore", tmp_path / "b", tmp_path / "again", passphrase="another", backup=BACKUP)
    assert (failed.exit, failed.code) == (2, "storage/wrong-passphrase")
    assert list((tmp_path / "again").iterdir()) == []


@pytest.mark.source("G13-1", "F-16")
def test_two_officers_destroy_an_item(node: Path, item: str) -> None:
    words = ("item", "destroy", item, "--node", node)
    first = gsomia(*words, passphrase=PASSPHRASE, person="registrar")
    assert (first.exit, first.code) == (4, "flows/second-person")
    same = gsomia(*words, passphrase=PASSPHRASE, person="registrar")
    assert (same.exit, same.document["error"]["clauses"]) == (3, ["G13-1"])
    done = gsomia(*words, passphrase=PASSPHRASE, person="security")
    assert (done.exit, done.document["state"], done.document["persons"]) == (0, "destroyed", 2)
    again = gsomia(*words, passphrase=PASSPHRASE, person="security")
    assert (again.exit, again.code) == (3, "flows/destroyed-before")
    shown = gsomia("item", "show", item, "--node", node).document
    assert (shown["held"], shown["destroyed"][0]["certificate"]) == (False, done.document["certificate"])
    assert gsomia("audit", "verify", "--node", node).exit == 0


@pytest.mark.source("DESIGN-2")
def test_a_log_that_holds_gets_no_new_epoch(node: Path) -> None:
    words = ("audit", "new-epoch", "gsomia/kor/private", "--node", node)
    ended = gsomia(*words, passphrase=PASSPHRASE, person="security")
    assert (ended.exit, ended.code) == (2, "flows/log-holds")
