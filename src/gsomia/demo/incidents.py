"""The step about a loss: told within its clock, its reach found exactly, and no end before it is looked into."""

from datetime import UTC, datetime

from gsomia.demo import cast
from gsomia.demo.derived import TRANSLATOR, WAITING
from gsomia.demo.exchange import KR_JP, make_report
from gsomia.demo.stage import Document, Said
from gsomia.demo.steps import Evidence, Step, Story, refused
from gsomia.demo.visits import BELOW

SAFE, SEALS, OTHER = "SAFE-INC", ("S-901", "S-902"), "S-903"
BOOK = ("--mark", "JPN-2-TOKUTEI", "--basis", "Act 108 of 2013, defence")
ACCOUNT = {
    "search": "every room of the registry",
    "cause": "left out over night",
    "responsible": "the procedure for closing",
    "reply": "the procedure was not followed",
    "damage": "none that is known",
}


def _incident(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    made = _plant(story)
    item = made["item"]
    opened = stage.done(
        "JPN",
        *("incident", "open", "--item", item, "--copy", made["copy"], "--lost", "--words", "not there at the count"),
        by="registrar",
    )
    incident = str(opened["incident"])
    evidence.check(opened["told"] == [{"to": "KOR", "stage": "first", "serial": 1}], "the notice goes out in that act")
    stage.until(lambda: _knows(story, incident), "Seoul has the first notice")
    heard = _report(story, "KOR", incident)
    evidence.check(
        (heard["items"][0]["item"], heard["items"][0]["copies"], heard["items"][0]["place"])
        == (item, [made["copy"]], "lost"),
        "item, mark, copy and place are filled in from Tokyo's register (F-17)",
    )
    _radius(story, evidence, incident, made)
    stage.done("KOR", "incident", "acknowledge", incident, by="registrar")
    _seals(story, evidence, made)

    def control() -> Document:
        return _end(story, incident)

    refused(
        evidence,
        lambda: _close(story, incident),
        at="JPN",
        recipient="KOR",
        clause="G17-2",
        control=control,
        changed="it was investigated, measures were taken, and Seoul was told of both",
    )
    stage.until(lambda: _report(story, "KOR", incident)["stage"] == "final", "Seoul has the result")
    evidence.check(
        [one["words"] for one in _report(story, "KOR", incident)["opened"]] == ["it was left out", "two persons close"],
        "finding and measure are those that Tokyo had committed to (G17-3)",
    )
    stage.done("KOR", "incident", "acknowledge", incident, by="registrar")
    stage.until(lambda: _report(story, "JPN", incident)["acknowledged"] is not None, "the acknowledgement is kept")
    lines = [_shared(story, party, other, incident) for party, other in (("KOR", "JPN"), ("JPN", "KOR"))]
    evidence.check(lines[0] == lines[1], f"both sides print the same {len(lines[0])} lines")
    for party in ("KOR", "JPN"):
        evidence.entry(party, incident)


def _plant(story: Story) -> Document:
    """An item with copies, a reader, a hand-over, a translation and a contractor, as drawn; and one without."""
    stage, draw = story.stage, story.stage.seeded("incident", 2)
    item, innocent = (_provide(story, name) for name in ("to-be-lost.txt", "innocent.txt"))
    if TRANSLATOR not in stage.nodes["JPN"].persons:
        cast.bring_reader(stage, "JPN", TRANSLATOR, instrument=KR_JP)
    cast.clear(stage, "JPN", TRANSLATOR, level=cast.TOP["JPN"])
    cast.clear(stage, "JPN", "registrar", level=cast.TOP["JPN"])
    roster = ["--facility", cast.FACILITY, "--instrument", KR_JP, "--level", cast.SECRET["JPN"], "--until", cast.UNTIL]
    stage.done("JPN", "person", "roster", "registrar", *roster, by="security")
    for person in (TRANSLATOR, "registrar"):
        cast.give_duty(stage, "JPN", person, item)
    count = 1 + draw[0] % 2
    words = ["--count", str(count), "--reason", "for the shelf", "--purpose", story.purpose]
    copied = stage.done("JPN", "item", "copy", item, *words, by=TRANSLATOR)
    copies = [str(one["number"]).rsplit("/", 1)[1] for one in copied["copies"]]
    lost = copies[draw[1] % count]
    hand = ["item", "hand-over", item, "--copy", lost, "--person", "registrar"]
    said = stage.call("JPN", *hand, by=TRANSLATOR)
    if said.exit != WAITING:
        stage.done("JPN", *hand, by=TRANSLATOR)
    stage.done("JPN", *hand, by="registrar")
    path = stage.directory / "made" / "lost-translation.txt"
    path.write_text(f"失われた写しの翻訳。\nchallenge {stage.challenge.hex()}\n")
    line = ["--file", str(path), "--language", "ja", "--purpose", story.purpose]
    translation = str(stage.done("JPN", "item", "translate", item, *line, by=TRANSLATOR)["item"])
    release = ["contractor", "release", item, "--to", BELOW, "--purpose", story.purpose]
    stage.done("JPN", *release, by="releaser")
    return {"item": item, "innocent": innocent, "copy": lost, "copies": copies, "translation": translation}


def _provide(story: Story, name: str) -> str:
    stage, path = story.stage, make_report(story, name)
    line = ["--level", "KOR-2", "--purpose", story.purpose, "--topic", "DPRK-MISSILE"]
    item = str(stage.done("KOR", "item", "register", str(path), *line, by="registrar")["item"])
    stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")
    stage.done("JPN", "item", "book", item, *BOOK, by="registrar")
    return item


def _radius(story: Story, evidence: Evidence, incident: str, made: Document) -> None:
    """What each side finds is what was planted, and the innocent item is not in it."""
    stage, item = story.stage, made["item"]
    here = stage.done("JPN", "incident", "radius", incident)
    found = {
        "copies": sorted(one["copy"] for one in here["copies"] if one["item"] == item),
        "derived": [one["item"] for one in here["derived"]],
        "readers": sorted({one["person"] for one in here["readers"]}),
        "hands": [(one["copy"], one["giver"], one["taker"]) for one in here["hands"]],
        "contractors": [one["contractor"] for one in here["contractors"]],
    }
    planted = {
        "copies": sorted(["1", *made["copies"]]),
        "derived": [made["translation"]],
        "readers": [TRANSLATOR],
        "hands": [(made["copy"], TRANSLATOR, "registrar")],
        "contractors": [BELOW],
    }
    evidence.check(found == planted, f"Tokyo finds what was planted, and nothing else: {found}")
    evidence.check(made["innocent"] not in str(here), "the innocent item is not in the radius")
    stage.done("KOR", "incident", "ask", incident, "--to", "JPN", by="registrar")
    stage.until(lambda: bool(_show(story, "KOR", incident)["elsewhere"]), "Tokyo's node has answered")
    (told,) = _show(story, "KOR", incident)["elsewhere"][0]["found"]
    evidence.check(
        (told["readers"], told["derived"], told["contractors"], told["hand_overs"]) == (1, [made["translation"]], 1, 1),
        "Seoul is told numbers and the translation, which is its own; no name (A-35)",
    )
    evidence.check(TRANSLATOR not in str(_show(story, "KOR", incident)), "no reader's name crossed the border")
    there = stage.done("KOR", "incident", "radius", "--item", item)
    evidence.check(
        [one["to"] for one in there["onward"]] == ["JPN"], "Seoul's own side: released to Tokyo, nowhere else"
    )
    path = stage.directory / "made" / f"{incident}.radius.json"
    path.write_text(str({"tokyo": found, "seoul": told}))
    evidence.file(path)
    evidence.figures["copies"] = len(found["copies"])


def _seals(story: Story, evidence: Evidence, made: Document) -> None:
    """A container whose seals differ marks itself, and the case on it names what lay in it."""
    stage = story.stage
    add = ["--facility", cast.FACILITY, "--level", cast.SECRET["JPN"], "--opener", "registrar"]
    stage.done("JPN", "container", "add", SAFE, *add, by="security")
    stage.done("JPN", "container", "open", SAFE, by="registrar")
    stage.done("JPN", "item", "store", made["item"], "--into", SAFE, by="registrar")
    stage.done("JPN", "container", "close", SAFE, "--seal", SEALS[0], "--seal", SEALS[1], by="registrar")
    stage.done("JPN", "container", "open", SAFE, "--seal", SEALS[0], "--seal", OTHER, by="registrar")
    marks = stage.done("JPN", "incident", "marks")["incidents"]
    mark = next(one for one in marks if one["subject"] == SAFE)
    evidence.check(mark["due"], "seals that differ are due to be opened as an incident (F-20)")
    before = datetime.now(UTC).replace(microsecond=0).isoformat()  # noqa: TID251  told to the program
    words = ["incident", "open", "--from", mark["mark"], "--words", "another seal than was set"]
    case = stage.done("JPN", *words, by="security")
    evidence.check(case["discovered"] <= before.replace("+00:00", "Z"), "its clock runs from when it was seen (A-12)")
    evidence.check(case["items"] == [made["item"]], "it is about what lay in the container, and nothing else")
    second = str(case["incident"])
    stage.until(lambda: _knows(story, second), "Seoul is told of that too")
    _end(story, second)
    stage.until(lambda: _report(story, "KOR", second)["stage"] == "final", "and of its end")
    for _ in range(2):
        stage.done("KOR", "incident", "acknowledge", second, by="security")


def _end(story: Story, incident: str) -> Document:
    stage = story.stage
    for verb, words in (
        ("investigate", "the security officer asks everyone on the roster"),
        ("finding", "it was left out"),
        ("measure", "two persons close"),
    ):
        stage.done("JPN", "incident", verb, incident, "--words", words, by="security")
    line = ["--stage", "final", "--words", "searched, not found, and the closing changed"]
    for name, words in ACCOUNT.items():
        line += [f"--{name}", words]
    stage.done("JPN", "incident", "report", incident, *line, by="security")
    said = _close(story, incident)
    return {"permitted": said.exit == 0, **said.document}


def _close(story: Story, incident: str) -> Said:
    return story.stage.call("JPN", "incident", "close", incident, "--words", "all is done", by="security")


def _show(story: Story, party: str, incident: str) -> Document:
    return story.stage.done(party, "incident", "show", incident)


def _report(story: Story, party: str, incident: str) -> Document:
    reports = _show(story, party, incident)["reports"]
    last: Document = max(reports, key=lambda one: one["serial"])
    return last


def _shared(story: Story, party: str, other: str, incident: str) -> list[Document]:
    lines = _show(story, party, incident)["timeline"]
    return [
        {name: value for name, value in line.items() if name not in {"own", "shared"}}
        for line in lines
        if other in line["shared"]
    ]


def _knows(story: Story, incident: str) -> bool:
    known = story.stage.done("KOR", "incident", "list")["incidents"]
    return any(one["incident"] == incident for one in known)


STEPS = (
    Step(
        id="incident-and-blast-radius",
        title="a lost copy is told at once, its reach found at both sides, and it ends only when it was looked into",
        clauses=("G17-1", "G17-2", "G17-3", "F-17", "A-12", "A-35"),
        play=_incident,
    ),
)
