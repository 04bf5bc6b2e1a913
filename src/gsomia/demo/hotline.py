"""The step in which two desks speak: level first, read back, alarmed if not; what slipped into a call is booked."""

from datetime import UTC, datetime, timedelta

from gsomia.demo import cast
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import Evidence, Step, Story, refused

DUTY = "duty"
RELIEF = "relief"
DESKS = {"KOR": "mnd-ops", "JPN": "mod-ops"}
TITLES = {
    "KOR": ("국방부 작전상황실", "韓国国防部 作戦室", "MND operations desk"),
    "JPN": ("일본 방위성 운용실", "防衛省 運用室", "MOD operations desk"),
}
NUMBERS = {"KOR": "+82 2 0000 1999", "JPN": "+81 3 0000 1999"}
OTHER = {"KOR": "JPN", "JPN": "KOR"}
KR_JP = "GSOMIA-KR-JP"


def man_desks(stage: Stage) -> None:
    """A desk on each side, named to the other, with a duty officer on watch."""
    for party, other in OTHER.items():
        for person in (DUTY, RELIEF):
            stage.add_person(party, person, "--office", "duty-officer")
        ko, ja, en = TITLES[party]
        titles = ["--title-ko", ko, "--title-ja", ja, "--title-en", en]
        words = ["--to", other, *titles, "--dial", NUMBERS[party]]
        stage.done(party, "hotline", "desk", DESKS[party], *words, by="security")
        watch = ["hotline", "watch", DESKS[party], "--person", DUTY, "--until", cast.UNTIL]
        stage.done(party, *watch, by="security")
    stage.until(
        lambda: all(
            {one["desk"] for one in stage.done(p, "hotline", "desks")["desks"]} == set(DESKS.values()) for p in OTHER
        ),
        "each side knows the other's desk",
    )


def _between(sender: str) -> list[str]:
    return ["--to", OTHER[sender], "--from-desk", DESKS[sender], "--to-desk", DESKS[OTHER[sender]]]


def _hotline(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    man_desks(stage)
    flash = _said_and_read_back(story, evidence)
    _read_back_wrong(story, evidence)
    _watch_and_tests(story, evidence)
    _call_with_classified_words(story, evidence)
    sheet = stage.directory / "made" / "hotline-sheet.txt"
    sheet.parent.mkdir(exist_ok=True)
    stage.done("KOR", "hotline", "sheet", "JPN", "--out", str(sheet))
    evidence.file(sheet)
    text = sheet.read_text(encoding="utf-8")
    evidence.check(NUMBERS["JPN"] in text and "復唱" in text, "the fallback sheet names numbers and words to say")
    note = _send(stage, "--level", "UNCLASSIFIED", "--matter", "diplomatic-note", "--en", "We give notice.")
    evidence.check(note.code == "flows/note-not-by-hotline", "a diplomatic note is no hotline message (A-11, A-28)")
    evidence.check(
        cast.status(stage, "JPN", KR_JP) == cast.status(stage, "KOR", KR_JP), "and nothing said moved the agreement"
    )
    refused(
        evidence,
        lambda: _send(stage, "--en", "no level stated"),
        at="KOR",
        recipient="JPN",
        clause="A-32",
        control=lambda: _permitted(_send(stage, "--level", "UNCLASSIFIED", "--en", "the level stated first")),
        changed="the level is stated first",
    )
    for party in OTHER:
        evidence.entry(party, flash)


def _send(stage: Stage, *words: str, sender: str = "KOR") -> Said:
    line = ["hotline", "send", *_between(sender), "--precedence", "FLASH", *words]
    return stage.call(sender, *line, by=DUTY)


def _permitted(said: Said) -> Document:
    return {**said.document, "permitted": said.exit == 0}


def _message_at(stage: Stage, party: str, message: str) -> Document | None:
    found = stage.done(party, "hotline", "log")["messages"]
    return next((one for one in found if one["message"] == message), None)


def _said_and_read_back(story: Story, evidence: Evidence) -> str:
    stage = story.stage
    texts = {
        "ko": f"훈련 {stage.challenge.hex()}: 항공기 2대가 북상합니다.",
        "ja": f"訓練 {stage.challenge.hex()}:航空機2機が北上する。",
        "en": f"Exercise {stage.challenge.hex()}: two aircraft going north.",
    }
    words = [word for language, text in texts.items() for word in (f"--{language}", text)]
    cursor = int(stage.done("JPN", "hotline", "log", "--last", "0")["cursor"])
    said = _send(stage, "--level", "UNCLASSIFIED", *words)
    evidence.check(said.exit == 0, "Korea's duty officer says a FLASH message, the level stated first")
    message = str(said.document["message"])
    came = stage.done("JPN", "hotline", "log", "--after", str(cursor), "--wait", "30")["messages"][-1]
    evidence.check(came["message"] == message and came["precedence"] == "FLASH", "it stands at Japan's desk")
    evidence.check(came["words"] == texts, "in three languages, exactly as entered")
    read = stage.done("JPN", "hotline", "ack", message, "--words", came["digest_words"], by=DUTY)
    evidence.check(read["right"] is True, f"Japan reads back {came['digest_words']}")
    stage.until(lambda: (_message_at(stage, "KOR", message) or {}).get("progress") == "read-back", "Korea heard it")
    return message


def _read_back_wrong(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    said = _send(stage, "--level", "UNCLASSIFIED", "--en", "Turn to channel three.", sender="JPN")
    message = str(said.document["message"])
    stage.until(lambda: _message_at(stage, "KOR", message) is not None, "Korea's desk has it")
    wrong = stage.done("KOR", "hotline", "ack", message, "--text", "Turn to channel four.", by=DUTY)
    evidence.check(wrong["right"] is False, "Korea reads back another channel")

    def alarmed(party: str) -> bool:
        alarms = stage.done(party, "hotline", "alarms")["alarms"]
        return {"exchange/read-back-differs"} == {one["code"] for one in alarms if one["reference"] == message}

    stage.until(lambda: all(alarmed(party) for party in OTHER), "both sides are alarmed: exchange/read-back-differs")
    for party in OTHER:
        evidence.entry(party, f"alarm-{message}")
    stage.done("KOR", "hotline", "ack", message, "--text", "Turn to channel three.", by=DUTY)
    stage.until(lambda: not stage.done("JPN", "hotline", "alarms")["alarms"], "a right read-back ends the alarm")


def _watch_and_tests(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    day_before = (datetime.now(UTC) - timedelta(hours=24, minutes=5)).isoformat()  # noqa: TID251  told to the program
    plan = ["--precedence", "ROUTINE", "--every", "86400", "--within", "3600", "--first", day_before]
    planned = stage.done("KOR", "hotline", "plan", *_between("KOR"), *plan, by="security")
    test = stage.done("KOR", "hotline", "test", planned["plan"], by=DUTY)
    stage.until(lambda: _message_at(stage, "JPN", test["message"]) is not None, "the test call is at Japan's desk")
    relieved = stage.done("JPN", "hotline", "relieve", DESKS["JPN"], "--until", cast.UNTIL, by=RELIEF)
    evidence.check(
        relieved["relieves"] == DUTY and test["message"] in relieved["open"],
        "Japan's watch is handed over with what is open",
    )
    stage.done("JPN", "hotline", "ack", test["message"], by=RELIEF)

    def outcomes() -> list[str]:
        return [call["outcome"] for call in stage.done("KOR", "hotline", "log")["tests"][0]["calls"]]

    stage.until(
        lambda: outcomes() == ["missed", "answered"], "yesterday's test call is shown as missed, today's answered"
    )
    evidence.check(outcomes() == ["missed", "answered"], f"test calls: {', '.join(outcomes())}")
    evidence.entry("KOR", planned["plan"])


def _call_with_classified_words(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  told to the program
    times = ["--began", (now - timedelta(minutes=2)).isoformat(), "--ended", (now - timedelta(minutes=1)).isoformat()]
    callers = ["--caller", "our duty officer", "--caller", "their duty officer", "--subject", "air traffic"]
    words = [*_between("KOR"), *callers, *times, "--classified", "--level", "KOR-1"]
    call = stage.done("KOR", "hotline", "call", *words, by=DUTY)["call"]
    log = stage.done("KOR", "hotline", "log")
    opened = next(one for one in log["disclosures"] if one["reference"] == call)
    evidence.check(opened["state"] == "due", f"classified words in {call}: the form is due by {opened['due']} (A-32)")
    due = next(one for one in log["incidents_due"] if one["reference"] == call)
    evidence.check(due["what"] == "line-not-accredited", "the line is not accredited for it: an incident is due")
    form = ["--spoke", "our duty officer", "--heard", "their duty officer", "--level", "KOR-1"]
    more = ["--line", "mnd-ops to mod-ops", "--content", f"{call}/1"]
    booked = stage.done("KOR", "hotline", "form", call, *form, *more, by=DUTY)
    evidence.check(booked["complete"], "who spoke, who heard, level and line are booked (G2-4)")
    evidence.entry("KOR", f"disclosure-{call}")


STEPS = (
    Step(
        id="hotline",
        title="two desks speak: level first, read back, alarmed if not",
        clauses=("A-32", "A-11", "A-12", "A-28", "G2-4", "F-13"),
        play=_hotline,
    ),
)
