"""What an officer types to draft a note, to look at the family of pacts, and to hold texts against the notes."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import icalendar
import msgspec
import pytest

from journeys.program import PASSPHRASE, add_person, gsomia, init

pytestmark = pytest.mark.slow
DATA = files("gsomia.demo").joinpath("data")
FEED = DATA.joinpath("texts", "feed-2023.txt").read_bytes()
KR_JP = "GSOMIA-KR-JP"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.jsonl"
    path.write_bytes(DATA.joinpath("history.jsonl").read_bytes())
    return path


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("claims") / "claims.jsonl"
    path.write_bytes(DATA.joinpath("claims-demo.jsonl").read_bytes())
    return path


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("nodes") / "KOR"
    assert init(directory, "KOR").exit == 0
    for person, office in (("security", "security-officer"), ("liaison", "liaison-officer")):
        assert add_person(directory, person, "--office", office).exit == 0
    return directory


def draft(subject: str, day: str, history: Path, *words: str | Path) -> Any:
    line = ("agreement", "draft-note", KR_JP, "--subject", subject, "--by", "KOR", "--number", "KR-NV-1")
    return gsomia(*line, "--date", day, "--history", history, *words)


@pytest.mark.source("A-01", "G21-4", "T16")
def test_a_notice_of_2019_is_written_with_its_last_hours_and_its_calendar(history: Path, tmp_path: Path) -> None:
    out, calendar = tmp_path / "note.txt", tmp_path / "note.ics"
    ended = draft("termination", "2019-08-23", history, "--out", out, "--calendar", calendar)
    assert ended.exit == 0
    told = ended.document["deadline"]
    assert [(one["last_day"], one["decides"]) for one in told["counts"]] == [
        ("2019-08-23", False),
        ("2019-08-24", True),
        ("2019-08-25", False),
    ]
    assert [(one["city"], one["day"], one["hour"]) for one in told["capitals"]] == [
        ("Seoul", "2019-08-24", "24:00"),
        ("Tokyo", "2019-08-24", "24:00"),
    ]
    assert (told["warn_from"], told["warning"]) == ("2019-08-01", "days left for a notice: 1")
    assert [text in out.read_text() for text in ended.document["texts"].values()] == [True, True, True]
    read = icalendar.Calendar.from_ical(calendar.read_bytes())
    assert len(read.walk("VEVENT")) == 6
    again = draft("termination", "2019-08-23", history, "--out", out)
    assert (again.exit, again.code) == (2, "admin/file-not-written")


@pytest.mark.source("A-01", "T13", "T17", "T19")
@pytest.mark.parametrize(
    ("subject", "day", "words", "code"),
    [
        ("termination", "2019-08-25", (), "agreements/notice-not-in-time"),
        ("withdrawal", "2023-03-21", ("--names", "2019-08-23"), "agreements/earlier-note-unnamed"),
        ("suspension", "2023-03-25", (), "agreements/nothing-to-suspend"),
        ("completion", "2018-01-01", (), "agreements/in-force-already"),
        ("ca-named", "2018-01-01", (), "agreements/authority-needed"),
    ],
)
def test_a_note_that_would_not_hold_is_refused_with_its_clause(
    history: Path, subject: str, day: str, words: tuple[str, ...], code: str
) -> None:
    ended = draft(subject, day, history, *words)
    assert (ended.exit, ended.code) == (3, code)
    assert ended.document["error"]["clauses"]


@pytest.mark.source("T20")
def test_after_the_end_there_is_nothing_left_to_end(history: Path, tmp_path: Path) -> None:
    lines = [line for line in history.read_bytes().splitlines() if b"suspend_notice" not in line]
    ended_in_2019 = tmp_path / "ended.jsonl"
    ended_in_2019.write_bytes(b"\n".join(line for line in lines if b"withdraw_notice" not in line))
    ended = draft("termination", "2020-05-01", ended_in_2019)
    assert (ended.exit, ended.code) == (3, "agreements/ended-already")


@pytest.mark.source("T19")
def test_the_withdrawal_of_2023_names_both_notes(history: Path) -> None:
    names = ("--names", "2019-08-23", "--names", "2019-11-22", "--received", "2023-03-21T10:00:00+09:00")
    ended = draft("withdrawal", "2023-03-21", history, *names)
    # The history holds the withdrawal itself at that instant; a minute before, both notes still stood.
    assert (ended.exit, ended.code) == (3, "agreements/no-such-note")
    ended = draft("withdrawal", "2023-03-21", history, *names[:4], "--received", "2023-03-21T09:59:00+09:00")
    assert ended.document["names"] == ["termination of 2019-08-23", "suspension of 2019-11-22"]


@pytest.mark.source("T17", "G2-5")
def test_conditions_and_authorities_come_in_three_languages(history: Path) -> None:
    authority = ("--authority", "Ministry of National Defense", "--authority-ko", "국방부")
    ended = draft("ca-named", "2017-01-01", history, *authority)
    assert (ended.exit, ended.code) == (2, "admin/not-in-three-languages")
    ended = draft("ca-named", "2017-01-01", history, *authority, "--authority-ja", "国防部")
    assert "국방부" in ended.document["texts"]["ko"]
    condition = ("--condition", "may be ended", "--condition-ko", "종료 가능", "--condition-ja", "終了できる")
    ended = draft("suspension", "2019-11-22", history, *condition)
    assert "may be ended" in ended.document["texts"]["en"]


@pytest.mark.source("DESIGN-10")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("GSOMIA-KR-JP", "--by", "USA"), "admin/not-between"),
        (("GSOMIA-XX-YY", "--by", "KOR"), "admin/unknown-instrument"),
        (("GSOMIA-KR-AU", "--by", "KOR"), "admin/no-names"),
    ],
)
def test_a_note_is_between_parties_that_are_known(words: tuple[str, ...], code: str) -> None:
    line = ("agreement", "draft-note", *words, "--subject", "completion", "--number", "KR-NV-1", "--date", "2008-01-01")
    ended = gsomia(*line)
    assert (ended.exit, ended.code) == (2, code)


@pytest.mark.source("EQ-6", "LEVELS-6.3")
def test_the_family_is_listed_and_shown_without_a_node() -> None:
    listed = gsomia("family", "list").document
    locked = {one["instrument"]: one["locked"] for one in listed["instruments"]}
    assert (locked["GSOMIA-KR-PL"], locked["GSOMIA-KR-RO"], locked["GSOMIA-KR-JP"]) == (False, True, False)
    assert len(listed["counts"]) == 8
    shown = gsomia("family", "show", "ACSA-KR-JP").document
    assert (shown["in_force_from"], shown["acts"][-1]["event"]) == (None, "postpone")
    assert gsomia("family", "show", "GSOMIA-KR-XX").code == "admin/unknown-instrument"
    assert gsomia("family", "list", as_json=False).exit == 0


@pytest.mark.source("EQ-5", "EQ-6")
def test_a_country_is_locked_until_an_official_confirms_it(node: Path) -> None:
    mapped = ("family", "map", "Secret", "--country", "ROU", "--node", node)
    before = gsomia(*mapped)
    assert (before.exit, before.document["error"]["clauses"]) == (3, ["EQ-6"])
    confirm = ("family", "confirm", "ROU", "--basis", "law 182 of 2002", "--node", node)
    assert gsomia(*confirm, passphrase=PASSPHRASE, person="liaison").code == "flows/office-required"
    confirmed = gsomia(*confirm, passphrase=PASSPHRASE, person="security")
    assert confirmed.document["source"] == "law 182 of 2002"
    assert [one["id"] for one in gsomia(*mapped).document["own"]] == ["KOR-3"]
    listed = gsomia("family", "list", "--node", node).document["instruments"]
    assert next(one["locked"] for one in listed if one["instrument"] == "GSOMIA-KR-RO") is False


@pytest.mark.source("T14")
def test_supplies_are_refused_and_a_node_is_needed_to_ask_in_earnest(node: Path) -> None:
    order = ("family", "order", "ACSA-KR-JP", "--goods", "FUEL")
    ended = gsomia(*order, "--node", node, person="liaison")
    assert (ended.exit, ended.code) == (3, "agreements/nothing-in-force")
    assert ended.document["error"]["correlation_id"].startswith("fam_")
    assert gsomia(*order).code == "admin/needs-a-node"


@pytest.mark.source("A-28", "SYSTEM-1.6")
def test_scrapped_in_2019_is_contradicted_by_the_notes(node: Path, claims: Path, history: Path, tmp_path: Path) -> None:
    text = tmp_path / "feed.txt"
    text.write_bytes(FEED)
    add = ("source", "add", text, "--claims", claims, "--node", node)
    first, again = (gsomia(*add, person="liaison").document for _ in range(2))
    assert (first, first["claims"]) == (again, 2)
    compare = ("source", "compare", "--claims", claims, "--history", history)
    compared = gsomia(*compare, "--node", node).document
    found = {one["claim"]: one for one in compared["claims"]}["D2-02"]
    assert (found["verdict"], [act.split()[2] for act in found["by"]]) == ("contradicts", ["2019-08-23", "2019-11-22"])
    kept = {one["source"]: (one["kept"], one["spans_checked"]) for one in compared["sources"]}
    assert kept[first["source"]] == (True, 2)
    one = gsomia(*compare, "--source", first["source"]).document
    assert [claim["claim"] for claim in one["claims"]] == ["D2-01", "D2-02"]
    assert gsomia("audit", "verify", "--node", node).document["ok"]


@pytest.mark.source("SYSTEM-1.6")
def test_the_claims_that_ship_are_compared_with_any_history(history: Path, tmp_path: Path) -> None:
    compared = gsomia("source", "compare", "--history", history).document
    assert compared["counts"] == {"agrees": 29, "contradicts": 4, "unknown": 16}
    ended = tmp_path / "ended.jsonl"
    lines = [
        line for line in history.read_bytes().splitlines() if msgspec.json.decode(line)["event"] != "suspend_notice"
    ]
    ended.write_bytes(b"\n".join(lines))
    found = {one["claim"]: one for one in gsomia("source", "compare", "--history", ended).document["claims"]}
    assert (found["S2-09"]["verdict"], found["S2-09"]["clauses"]) == ("agrees", ["T20"])


@pytest.mark.source("DESIGN-10")
def test_claims_need_something_to_be_held_against(tmp_path: Path) -> None:
    assert gsomia("source", "compare").code == "admin/no-facts"
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}\n")
    assert gsomia("source", "compare", "--history", broken).code == "agreements/facts-malformed"
    assert gsomia("source", "compare", "--claims", broken, "--history", broken).code == "agreements/claims-malformed"
