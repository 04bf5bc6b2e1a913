"""What an operator types and reads: the installed program in processes of its own."""

import socket
from pathlib import Path

import msgspec
import pytest

from journeys.program import (
    GSOMIA,
    PASSPHRASE,
    Ended,
    add_person,
    copy,
    free_port,
    gsomia,
    init,
    printed,
    served,
)

pytestmark = pytest.mark.slow
ITEM = "itm_" + "a" * 26


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    directory = tmp_path_factory.mktemp("nodes") / "KOR"
    return directory, init(directory, "KOR")


@pytest.fixture(scope="module")
def node(made: tuple[Path, Ended]) -> Path:
    """A node with its officers and a registry; tests that damage it take a copy."""
    directory = made[0]
    for person, office in (("security", "security-officer"), ("registrar", "control-officer")):
        assert add_person(directory, person, "--office", office).exit == 0
    assert gsomia("facility", "add", "registry", "--node", directory).exit == 0
    appoint = ("facility", "appoint", "registry", "--person", "registrar", "--node", directory)
    assert gsomia(*appoint, person="security").exit == 0
    accredit = ("facility", "accredit", "registry", "--number", "F-1", "--level", "KOR-1", "--review", "2035-01-01")
    assert gsomia(*accredit, "--node", directory, person="security").exit == 0
    return directory


@pytest.fixture(scope="module")
def partner(node: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A partner that is pinned and not there."""
    folder = tmp_path_factory.mktemp("partner")
    assert init(folder / "JPN", "JPN").exit == 0
    told = gsomia("party", "export", "--out", folder / "pin.json", "--node", folder / "JPN").document
    pin = ("party", "pin", folder / "pin.json", "--fingerprint", told["fingerprint"], "--node", node)
    assert gsomia(*pin).exit == 0
    return "JPN"


@pytest.mark.source("DESIGN-10")
def test_the_program_is_installed_beside_the_interpreter() -> None:
    assert GSOMIA.is_file()


@pytest.mark.source("DESIGN-10", "DESIGN-7")
def test_init_makes_a_node_and_says_what_comes_next(made: tuple[Path, Ended]) -> None:
    directory, ended = made
    assert (ended.exit, ended.document["party"], ended.document["node"]) == (0, "KOR", str(directory))
    assert "recovery" in ended.document["next"]
    for name in ("node.db", "payloads", "keys/identity.keys", "keys/storage.keys", "run"):
        assert (directory / name).exists()
    assert directory.stat().st_mode & 0o077 == 0


@pytest.mark.source("DESIGN-10")
def test_init_leaves_a_directory_that_holds_something_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    ended = init(tmp_path, "KOR")
    assert (ended.exit, ended.code) == (2, "node/not-empty")
    assert [entry.name for entry in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize("below", ["", "deeper"])
def test_init_where_a_file_stands_is_said_and_changes_nothing(tmp_path: Path, below: str) -> None:
    file = tmp_path / "taken"
    file.write_text("mine")
    ended = init(file / below, "KOR")
    assert (ended.exit, ended.code) == (75, "node/not-written")
    assert file.read_text() == "mine"


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    "words", [("--party", "korea"), ("--party", "KOR", "--listen", "nowhere")], ids=["party", "listen"]
)
def test_init_with_settings_that_do_not_do_makes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = gsomia("init", tmp_path / "node", *words, passphrase=PASSPHRASE)
    assert (ended.exit, ended.code) == (2, "config/malformed")
    assert not (tmp_path / "node").exists()


@pytest.mark.source("DESIGN-10", "DESIGN-4")
def test_a_wrong_passphrase_opens_nothing(node: Path) -> None:
    ended = gsomia("audit", "prove", "KOR", "--node", node, passphrase="guess")
    assert (ended.exit, ended.code.partition("/")[0]) == (2, "storage")
    assert "guess" not in ended.out.decode() + ended.err


@pytest.mark.source("DESIGN-10", "DESIGN-4")
def test_a_wrong_personal_passphrase_acts_for_nobody(node: Path) -> None:
    appoint = ("facility", "appoint", "registry", "--person", "registrar", "--node", node)
    ended = gsomia(*appoint, person="security", person_passphrase="guess")
    assert (ended.exit, ended.code.partition("/")[0]) == (2, "storage")


@pytest.mark.source("DESIGN-10")
def test_without_a_passphrase_what_needs_keys_says_so(node: Path) -> None:
    ended = gsomia("audit", "prove", "KOR", "--node", node)
    assert (ended.exit, ended.code) == (2, "flows/locked")


@pytest.mark.source("DESIGN-10")
def test_no_node_named(tmp_path: Path) -> None:
    ended = gsomia("item", "list")
    assert (ended.exit, ended.code) == (2, "cli/which-node")
    for place in (tmp_path, tmp_path / "absent", Path("/dev/null")):
        assert (gsomia("item", "list", "--node", place).exit, gsomia("doctor", place).code) == (2, "node/not-a-node")


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("item", "show", ITEM), 2, "flows/unknown-item"),
        (("item", "show", "itm_x"), 2, "admin/not-a-word"),
        (("agreement", "status", "--instrument", "GSOMIA-KR-JP"), 2, "flows/unknown-instrument"),
        (("agreement", "status", "--instrument", "GSOMIA-KR-JP", "--at", "yesterday"), 2, "instants/not-a-time"),
        (("party", "pin", "/nowhere/pin.json", "--fingerprint", "0" * 64), 2, "admin/file-not-read"),
        (("party", "pin", "/etc", "--fingerprint", "0" * 64), 2, "admin/file-not-read"),
        (("facility", "add", "Registry"), 2, "admin/not-a-word"),
        (("item", "fly"), 2, "cli/wrong-use"),
        (("item", "list", "--colour"), 2, "cli/wrong-use"),
        (("item",), 2, "cli/wrong-use"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_wrong_use_is_one_document_and_its_exit_code(
    node: Path, words: tuple[str, ...], exit_code: int, code: str
) -> None:
    ended = gsomia(*words, "--node", node)
    assert (ended.exit, ended.code) == (exit_code, code)
    assert set(ended.document["error"]) == {"code", "message", "remedy", "clauses", "correlation_id"}


@pytest.mark.source("DESIGN-10", "G10-2")
def test_a_rule_that_refuses_exits_with_3_and_its_clause(node: Path) -> None:
    appoint = ("facility", "appoint", "registry", "--person", "registrar", "--node", node)
    ended = gsomia(*appoint, person="registrar")
    assert (ended.exit, ended.code, ended.document["error"]["clauses"]) == (3, "flows/office-required", ["G10-2"])


@pytest.mark.source("DESIGN-10", "DESIGN-6")
def test_a_partner_that_is_not_there_exits_with_5(node: Path, partner: str) -> None:
    ended = gsomia("link", "test", partner, "--node", node, passphrase=PASSPHRASE)
    assert (ended.exit, ended.code) == (5, "transport/not-reached")


@pytest.mark.source("DESIGN-10")
def test_without_json_errors_go_to_standard_error_with_what_to_do(node: Path) -> None:
    ended = gsomia("item", "show", ITEM, "--node", node, as_json=False)
    assert (ended.exit, ended.out) == (2, b"")
    assert "flows/unknown-item" in ended.err
    assert "what to do" in ended.err


@pytest.mark.source("DESIGN-10")
def test_without_json_people_get_words(node: Path) -> None:
    ended = gsomia("person", "list", "--node", node, as_json=False)
    assert ended.exit == 0
    assert b"security-officer" in ended.out or b"security" in ended.out
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(ended.out)


@pytest.mark.source("DESIGN-10")
def test_help_needs_no_node() -> None:
    ended = gsomia("item", "register", "--help", as_json=False)
    assert (ended.exit, b"--purpose" in ended.out) == (0, True)


@pytest.mark.source("DESIGN-10")
def test_doctor_finds_a_new_node_well(node: Path) -> None:
    ended = gsomia("doctor", node)
    assert (ended.exit, ended.document["ok"], ended.document["served"]) == (0, True, False)
    assert {check["name"] for check in ended.document["checks"]} >= {"record", "directory", "disk"}


@pytest.mark.source("DESIGN-10", "DESIGN-5")
def test_audit_verify_needs_no_passphrase(node: Path) -> None:
    ended = gsomia("audit", "verify", "--node", node)
    assert (ended.exit, ended.document["ok"], ended.document["first_bad"]) == (0, True, None)
    assert ended.document["logs"][0]["origin"] == "gsomia/kor/private"


@pytest.mark.source("DESIGN-5", "DESIGN-10", "G6-7")
@pytest.mark.parametrize("mark", [b'"event":"node:initialised"', b'"event":"person:added"'], ids=["first", "later"])
def test_a_byte_flipped_in_the_record_is_found(node: Path, tmp_path: Path, mark: bytes) -> None:
    directory = copy(node, tmp_path / "KOR")
    data = bytearray((directory / "node.db").read_bytes())
    at = data.index(mark) + len(mark) - 3
    data[at] ^= 1
    (directory / "node.db").write_bytes(data)
    ended = gsomia("audit", "verify", "--node", directory)
    assert (ended.exit, ended.document["ok"]) == (1, False)
    assert ended.document["first_bad"]["origin"] == "gsomia/kor/private"


@pytest.mark.source("DESIGN-5", "DESIGN-10")
def test_a_byte_flipped_in_a_kept_document_is_found(node: Path, tmp_path: Path) -> None:
    directory = copy(node, tmp_path / "KOR")
    data = (directory / "node.db").read_bytes()
    (directory / "node.db").write_bytes(data.replace(b'"employer":"KOR"', b'"employer":"KOS"', 1))
    ended = gsomia("audit", "verify", "--node", directory)
    assert (ended.exit, ended.document["ok"]) == (1, False)
    assert ended.document["records"]


@pytest.mark.source("DESIGN-7", "DESIGN-10")
def test_served_or_not_the_same_command_prints_the_same(node: Path, partner: str) -> None:
    lines: list[tuple[str, ...]] = [
        ("item", "list"),
        ("item", "show", ITEM),
        ("person", "list"),
        ("facility", "list"),
        ("party", "list"),
        ("party", "export"),
        ("agreement", "list"),
        ("assurance", "list"),
        ("consent", "list"),
        ("facility", "add", "registry"),
    ]
    alone = [gsomia(*words, "--node", node) for words in lines]
    with served(node):
        through = [gsomia(*words, "--node", node) for words in lines]
        second = gsomia("serve", node, passphrase=PASSPHRASE)
        well = gsomia("doctor", node)
        verified = gsomia("audit", "verify", "--node", node)
        prove = gsomia("audit", "prove", "KOR", "--node", node)
        mode = (node / "run" / "admin.sock").stat().st_mode & 0o777
    assert partner
    assert printed(through) == printed(alone)
    assert (second.exit, second.code) == (75, "storage/node-owned")
    assert (verified.exit, verified.document["ok"], verified.document["first_bad"]) == (0, True, None)
    assert (well.exit, well.document["served"], prove.exit, mode) == (0, True, 0, 0o600)
    assert not (node / "run" / "admin.sock").exists()


@pytest.mark.source("DESIGN-7")
def test_a_socket_left_behind_by_a_process_that_died_is_no_obstacle(node: Path, tmp_path: Path) -> None:
    directory = copy(node, tmp_path / "K")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(directory / "run" / "admin.sock"))
    assert gsomia("item", "list", "--node", directory).exit == 0
    with served(directory):
        assert gsomia("item", "list", "--node", directory).exit == 0


@pytest.mark.source("DESIGN-10")
def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        assert init(tmp_path / "KOR", "KOR", port=taken.getsockname()[1]).exit == 0
        ended = gsomia("serve", tmp_path / "KOR", passphrase=PASSPHRASE)
    assert (ended.exit, ended.code) == (75, "api/address-in-use")


@pytest.mark.source("DESIGN-10", "F-01")
def test_an_item_is_registered_listed_shown_and_proven(node: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("words that stay inside")
    words = ("--level", "KOR-2", "--purpose", "DPRK-MISSILE-ANALYSIS", "--node", node)
    registered = gsomia("item", "register", report, *words, passphrase=PASSPHRASE, person="registrar")
    assert registered.exit == 0
    assert set(registered.document) >= {"item", "digest", "mark", "control_no"}
    item = registered.document["item"]
    assert gsomia("item", "show", item, "--node", node).document["item"] == item
    proof = tmp_path / "proof"
    proven = gsomia("audit", "prove", item, "--out", proof, "--node", node, passphrase=PASSPHRASE)
    assert (proven.exit, proof.read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")) == (0, True)
    again = gsomia("audit", "prove", item, "--out", proof, "--node", node, passphrase=PASSPHRASE)
    assert (again.exit, again.code) == (2, "admin/file-not-written")
    for path in node.rglob("*"):
        assert not path.is_file() or b"words that stay inside" not in path.read_bytes()


@pytest.mark.source("DESIGN-10")
def test_a_file_that_cannot_be_read_is_no_item(node: Path, tmp_path: Path) -> None:
    words = ("--level", "KOR-2", "--purpose", "DPRK-MISSILE-ANALYSIS", "--node", node)
    for path in (tmp_path, tmp_path / "absent"):
        ended = gsomia("item", "register", path, *words, passphrase=PASSPHRASE, person="registrar")
        assert (ended.exit, ended.code) == (2, "admin/file-not-read")


@pytest.mark.source("DESIGN-10")
def test_only_a_delivery_that_exists_is_taken_out_of_the_outbox(node: Path, tmp_path: Path) -> None:
    out = tmp_path / "taken.offer"
    ended = gsomia("link", "take", "csg_" + "a" * 26, "--out", out, "--node", node, passphrase=PASSPHRASE)
    assert (ended.exit, ended.code, out.exists()) == (2, "admin/unknown-delivery", False)
