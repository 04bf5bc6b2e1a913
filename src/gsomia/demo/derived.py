"""The steps about what is made of an item: copies and a translation, and a change of level that reaches each one."""

import time

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP, make_report
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused

WAITING = 4
TRANSLATOR = "translator"


def _provide(story: Story, name: str, *words: str) -> str:
    """An item that Seoul registered and released, and Tokyo booked."""
    stage = story.stage
    path = make_report(story, name)
    line = ["--level", "KOR-2", "--purpose", story.purpose, "--topic", "DPRK-MISSILE", *words]
    item = str(stage.done("KOR", "item", "register", str(path), *line, by="registrar")["item"])
    stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")
    book = ["--mark", "JPN-2-TOKUTEI", "--basis", "Act 108 of 2013, defence"]
    stage.done("JPN", "item", "book", item, *book, by="registrar")
    cast.give_duty(stage, "JPN", "analyst", item)
    return item


def _copy(story: Story, item: str, *words: str) -> Said:
    line = ["--reason", "two desks", "--purpose", story.purpose, *words]
    return story.stage.call("JPN", "item", "copy", item, *line, by="analyst")


def _translate(story: Story, item: str, *, language: str = "ja") -> Said:
    path = story.stage.directory / "made" / "translation.txt"
    path.write_text(f"実演のための翻訳。\nchallenge {story.stage.challenge.hex()}\n")
    words = ["--file", str(path), "--language", language, "--purpose", story.purpose]
    return story.stage.call("JPN", "item", "translate", item, *words, by=TRANSLATOR)


def _copies_and_translation(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item = _provide(story, "to-be-copied.txt", "--caveat", "NO-DESTROY")
    forbidden = _provide(story, "not-to-be-copied.txt", "--caveat", "NO-COPY")
    _numbered_copies(story, evidence, item)
    denied = _copy(story, forbidden)
    clauses = denied.document.get("error", {}).get("clauses", [])
    evidence.check((denied.exit, clauses) == (REFUSED, ["G14-4"]), "NO-COPY: no copy is made (G14-4)")
    evidence.entry("JPN", denied.document["error"]["correlation_id"])

    cast.bring_reader(stage, "JPN", TRANSLATOR, instrument=KR_JP, cleared=False)
    cast.give_duty(stage, "JPN", TRANSLATOR, item)
    made: Document = {}

    def control() -> Document:
        cast.clear(stage, "JPN", TRANSLATOR, level="JPN-2-TOKUTEI")
        said = _translate(story, item)
        made.update(said.document)
        return {"permitted": said.exit == 0, "item": said.document.get("item"), "note": said.document.get("note")}

    refused(
        evidence,
        lambda: _translate(story, item),
        at="JPN",
        recipient="JPN",
        clause="G15-1",
        control=control,
        changed="the translator is cleared",
    )
    evidence.check(made["originator"] == "KOR" and made["parents"] == [item], "Korea's still, linked to its source")
    evidence.check("秘密軍事情報" in made["note"] and "大韓民国" in made["note"], f"its note: {made['note']}")
    evidence.check(
        _translate(story, item, language="fr").code == "registry/no-language-note", "no note, no translation"
    )
    released = stage.call("JPN", "item", "release", made["item"], "--to", "USA", "--wait", "0", by="releaser")
    evidence.check(
        "G6-1" in released.document.get("error", {}).get("clauses", []), "Japan does not pass the translation on (G6-1)"
    )
    evidence.entry("JPN", made["item"])
    story.made["derived"] = {"item": item, "translation": made["item"]}


def _numbered_copies(story: Story, evidence: Evidence, item: str) -> None:
    stage = story.stage
    out = stage.directory / "read" / "saved-copy.txt"
    out.parent.mkdir(exist_ok=True)
    saved = _copy(story, item, "--out", str(out))
    evidence.check(saved.exit == 0 and evidence.file(out) != "", "a file that is saved is a copy of its own (A-19)")
    waiting = _copy(story, item, "--count", "3")
    evidence.check(waiting.exit == WAITING, "three more go beyond the limit: another person approves (G14-3)")
    stage.done("JPN", "item", "approve", waiting.document["error"]["correlation_id"], by="security")
    copied = _copy(story, item, "--count", "3").document
    numbers = [one["number"] for one in copied["copies"]]
    evidence.check(copied["approver"] == "security", f"made by analyst, approved by security: {', '.join(numbers)}")
    evidence.check(
        (copied["mark"], copied["own_mark"], copied["caveats"]) == ("KOR-2", "JPN-2-TOKUTEI", ["NO-DESTROY"]),
        "each bears both marks and the caveat (G14-1)",
    )
    shown = stage.done("JPN", "item", "show", item)["copies"]
    evidence.check(
        [one["copy"] for one in shown] == ["1", "2", "3", "4", "5"], "the register holds five copies (G14-2)"
    )


def _level(stage: Stage, party: str, item: str) -> Document:
    document: Document = stage.done(party, "item", "show", item)["level"]
    return document


def _open(stage: Stage, party: str, item: str, other: str) -> int | None:
    said = _level(stage, party, item)["notices"][-1]["parties"].get(other)
    return None if said is None else int(said["open"])


def _regrade(stage: Stage, party: str, item: str, *words: str, by: str = "registrar") -> Said:
    return stage.call(party, "item", "regrade", item, *words, by=by)


def _level_change(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item, translation = story.made["derived"]["item"], story.made["derived"]["translation"]
    number = f"KR-LC-{stage.challenge.hex()[:6].upper()}"
    started = time.monotonic()

    def control() -> Document:
        said = _regrade(stage, "KOR", item, "--to", "KOR-3", "--notice", number, by="releaser")
        return {"permitted": said.exit == 0, "level": said.document.get("level"), "notice": number}

    refused(
        evidence,
        lambda: _regrade(stage, "JPN", item, "--to", "JPN-3", "--notice", "JP-LC-1", by="releaser"),
        at="JPN",
        recipient="JPN",
        clause="G4-7",
        control=control,
        changed="the originator says it, in a signed notice",
    )
    stage.until(lambda: _level(stage, "JPN", item)["level"] == "KOR-3", "Japan heard the notice")
    evidence.figures["heard_s"] = round(time.monotonic() - started, 3)
    here = _level(stage, "JPN", item)
    notice = here["notices"][-1]
    evidence.check(here["own_mark"] == "JPN-3", "the item is 秘 now, by the table of its own day (A-37)")
    evidence.check(_level(stage, "JPN", translation)["own_mark"] == "JPN-3", "and so is its translation (G15-4)")
    kept = stage.done("JPN", "item", "show", item)["originator_mark"]["mark"]
    evidence.check(kept == "군사Ⅱ급비밀", "the mark it came with is kept as text (G4-1)")
    evidence.check((notice["affected"], notice["open"]) == (6, 6), "five copies and a translation bear the old mark")
    _regrade(stage, "JPN", item, "--done", "2", "--done", "3")
    stage.until(lambda: _open(stage, "KOR", item, "JPN") == 4, "Korea sees four open in Japan")  # noqa: PLR2004  6 - 2
    for one in (item, translation):
        _regrade(stage, "JPN", one, "--done", "all")
    _regrade(stage, "KOR", item, "--done", "all")
    stage.until(lambda: _open(stage, "KOR", item, "JPN") == 0, "Korea sees none open in Japan")
    stage.until(lambda: _open(stage, "JPN", item, "KOR") == 0, "Japan sees none open in Korea")
    evidence.check(
        [_level(stage, party, item)["notices"][-1]["open"] for party in ("KOR", "JPN")] == [0, 0],
        "nothing is open on either side, and each knows it of the other",
    )
    evidence.entry("KOR", item)
    evidence.entry("JPN", item)


STEPS = (
    Step(
        id="copies-and-translation",
        title="numbered copies, one saved file, a translation with its note",
        clauses=("G14-1", "G14-2", "G14-3", "G14-4", "G15-1", "G15-3", "G4-6", "G6-1", "A-19"),
        play=_copies_and_translation,
    ),
    Step(
        id="level-change-everywhere",
        title="one notice reaches every copy and translation on both sides",
        clauses=("G6-8", "G4-7", "G4-1", "G15-4", "X-7", "A-37", "F-10"),
        play=_level_change,
    ),
)
