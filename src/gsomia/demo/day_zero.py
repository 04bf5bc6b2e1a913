"""The step of day zero: a register that was on paper comes in, gets its labels, and is mustered by two persons."""

import csv
import io
from pathlib import Path

from openpyxl import Workbook

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused, register_count

VAULT, KEEPER, SAFE = "vault", "keeper", "SAFE-7"
WAITING = 4
TITLE = "북부 기지 배치 계획"
KOREAN = (
    *("관리번호", "문서번호", "비밀등급", "자국등급", "형태", "제목", "사본번호", "예고문", "취급자", "보관장소"),
    *("제공국", "협정", "목적", "주제", "쪽수", "접수일", "비고"),
)
JAPANESE = (
    *("管理番号", "文書番号", "秘密区分", "指定区分", "形態", "件名", "部番号", "保存期間", "取扱者", "保管場所"),
    *("提供国", "協定", "目的", "主題", "枚数", "受領日", "備考"),
)
NAMES = ("--map", "김 소령=keeper", "--map", "철제함 7=SAFE-7")


def _day_zero(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for party in ("KOR", "JPN"):
        _open_vault(stage, party)
    paper = _korean(story)
    evidence.file(paper)
    counted = register_count(stage, "KOR")
    tried = stage.done("KOR", "registry", "import", str(paper), "--dry-run", "--facility", VAULT)
    left = {one["line"]: (one["column"], one["reason"]) for one in tried["unmatched"]}
    evidence.check(
        left
        == {
            2: ("holder", "unknown-person"),
            3: ("control-no", "with-another-line"),
            4: ("holder", "unknown-person"),
            5: ("form", "unknown-form"),
        },
        "the dry run lists each line without a match, with column and reason",
    )
    evidence.check(tried["read_as"] == "cp949", "the file is read as offices in Seoul save it")
    evidence.check(register_count(stage, "KOR") == counted, "and nothing is written")

    def control() -> Document:
        done = _import(stage, "KOR", paper, *NAMES, "--leave-unmatched").document
        story.made["paper"] = done
        return {"permitted": done.get("state") == "imported", **done}

    refused(
        evidence,
        lambda: _import(stage, "KOR", paper, *NAMES),
        at="KOR",
        recipient="KOR",
        clause="G6-7",
        control=control,
        changed="the control officer signs that line 5 stays on paper",
    )
    made = story.made["paper"]
    evidence.check((made["items"], made["copies"]) == (2, 3), "two items in three copies, by the paper's own numbers")
    evidence.check(sorted(made["dropped"]) == ["remarks", "title"], "titles and remarks are dropped, and said to be")
    again = _import(stage, "KOR", paper, *NAMES, "--leave-unmatched")
    evidence.check(again.code == "registry/imported-before", "the same file does not come in twice")
    evidence.entry("KOR", made["import"])
    _labels(story, evidence, made["import"])
    _balance(stage, evidence)
    _muster(story, evidence)
    _workbook(story, evidence)


def _open_vault(stage: Stage, party: str) -> None:
    """A facility of its own with its control officer, and a container."""
    stage.add_person(party, KEEPER, "--office", "control-officer")
    stage.done(party, "facility", "add", VAULT, "--name", f"Vault of {cast.NAMES[party]}")
    appoint = ["facility", "appoint", VAULT, "--person", KEEPER, "--until", cast.UNTIL]
    stage.done(party, *appoint, by="security")
    accredit = ["facility", "accredit", VAULT, "--number", f"FAC-{party}-7", "--level", cast.TOP[party]]
    stage.done(party, *accredit, "--review", cast.UNTIL, by="security")
    words = ["--facility", VAULT, "--level", cast.SECRET[party], "--opener", KEEPER]
    stage.done(party, "container", "add", SAFE, *words, by="security")


def _korean(story: Story) -> Path:
    """A Korean register as CSV in CP949; its numbers come from the challenge."""
    stage = story.stage
    first, second, third = (f"국방-{stage.seeded(name, 2).hex()}-{name}" for name in ("가", "나", "다"))
    received = ("JPN", KR_JP, story.purpose, "DPRK-MISSILE", "12", "2024년 3월 5일", "북부")
    rows = [
        KOREAN,
        (first, "정보-7", "特定秘密", "군사Ⅱ급비밀", "문서", TITLE, "1/2", "2034.12.31", "김 소령", "", *received),
        (first, "정보-7", "特定秘密", "군사Ⅱ급비밀", "문서", TITLE, "2/2", "2034.12.31", "", "철제함 7", *received),
        (second, "", "군사Ⅲ급비밀", "", "문서", TITLE, "1/1", "", "김 소령", "", *_own(story)),
        (third, "", "군사Ⅲ급비밀", "", "두루마리", TITLE, "1/1", "", "김 소령", "", *_own(story)),
    ]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path = stage.directory / "made" / "register-kor.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(out.getvalue().encode("cp949"))
    return path


def _own(story: Story) -> tuple[str, ...]:
    return ("KOR", "", story.purpose, "DPRK-MISSILE", "3", "2024.3.6", "")


def _import(stage: Stage, party: str, paper: Path, *words: str) -> Said:
    return stage.call(party, "registry", "import", str(paper), *words, by=KEEPER)


def _labels(story: Story, evidence: Evidence, digest: str) -> None:
    stage = story.stage
    out = stage.directory / "made" / "labels-kor.pdf"
    printed = stage.done("KOR", "registry", "labels", "--import", digest, "--out", str(out))
    evidence.check(printed["labels"] == 3, "a label for each copy, with both marks and a QR code")  # noqa: PLR2004
    evidence.file(out)


def _balance(stage: Stage, evidence: Evidence) -> None:
    told = stage.done("KOR", "registry", "balance", "JPN", "--instrument", KR_JP)["instruments"][0]
    held = [duty for duty in told["duties"] if (duty["party"], duty["state"]) == ("KOR", "held")]
    evidence.check(bool(held), "what came on paper is looked after like what was received (G6-3)")


def _muster(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    begun = stage.done("KOR", "muster", "start", "--facility", VAULT, by=KEEPER)
    number = begun["muster"]
    evidence.check(begun["expected"] == 3, "the first muster expects each copy")  # noqa: PLR2004
    sheet = stage.directory / "made" / "muster.csv"
    stage.done("KOR", "muster", "sheet", number, "--out", str(sheet))
    stage.done("KOR", "muster", "sheet", number, "--out", str(sheet.with_suffix(".pdf")))
    rows = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"), newline="")))
    missing = next(row for row in rows[1:] if row[2] == SAFE)
    for row in rows[1:]:
        row[3] = "" if row == missing else "예"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    filled = sheet.with_name("muster-filled.csv")
    filled.write_text(out.getvalue(), "utf-8-sig", newline="")
    stage.done("KOR", "muster", "see", number, "--file", str(filled), by=KEEPER)
    early = stage.call("KOR", "muster", "close", number, by=KEEPER)
    clauses = early.document.get("error", {}).get("clauses", [])
    evidence.check(early.exit == REFUSED and clauses == ["F-21"], f"one copy missing: not closed ({early.code})")
    copy = f"{missing[0]}:{missing[1]}"
    stage.done("KOR", "muster", "explain", number, "--copies", copy, "--words", "at the bindery, slip 14", by=KEEPER)
    first = stage.call("KOR", "muster", "close", number, by=KEEPER)
    evidence.check(first.exit == WAITING, "explained, and signed by the first person")
    alone = stage.call("KOR", "muster", "close", number, by=KEEPER)
    evidence.check(alone.code == "flows/same-person", "who is not the second one")
    closed = stage.done("KOR", "muster", "close", number, by="security")
    evidence.check(
        (closed["seen"], closed["explained"], closed["unexplained"], closed["signed"])
        == (2, 1, 0, [KEEPER, "security"]),
        "closed by two persons: two seen, one explained",
    )
    for path in (sheet, sheet.with_suffix(".pdf"), filled):
        evidence.file(path)
    evidence.entry("KOR", number)


def _workbook(story: Story, evidence: Evidence) -> None:
    """A Japanese register as a workbook; its numbers come from the challenge."""
    stage = story.stage
    book = Workbook()
    sheet = book.active
    if sheet is None:
        msg = "a new workbook has a sheet"
        raise RuntimeError(msg)
    sheet.append(["機密文書管理簿"])
    sheet.append(list(JAPANESE))
    number = f"防情第{int.from_bytes(stage.seeded('number', 2), 'big')}号"
    cells = (number, "情報-3", "군사Ⅱ급비밀", "特定秘密", "文書", "配備計画", "1/1", "", "", "金庫7")
    sheet.append([*cells, "KOR", KR_JP, story.purpose, "DPRK-MISSILE", 8, "令和6年3月7日", ""])
    path = stage.directory / "made" / "register-jpn.xlsx"
    book.save(path)
    evidence.file(path)
    done = _import(stage, "JPN", path, "--map", "金庫7=SAFE-7").document
    evidence.check(done.get("copies") == 1 and done["read_as"] == "xlsx", "Japan's register comes in as a workbook")
    found = stage.done("JPN", "registry", "search", "--control-no", number)["items"]
    evidence.check(found[0]["copies"][0]["container"] == SAFE, f"{number} lies in {SAFE}")
    evidence.entry("JPN", done["import"])


STEPS = (
    Step(
        id="day-zero-import",
        title="a paper register comes in, line by line, and is mustered by two persons",
        clauses=("F-01", "F-21", "G6-7", "G6-3", "G4-2", "LEDGER-2"),
        play=_day_zero,
    ),
)
