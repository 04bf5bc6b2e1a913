"""The steps about contractors and visits: one uncleared name blocks a list, and only the host permits a visit."""

from datetime import UTC, datetime, timedelta

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Said
from gsomia.demo.steps import Evidence, Step, Story, refused

FIRM, BELOW = "prime", "below"
MEASURES = ("registry", "storage", "transmission", "destruction", "reproduction", "translation")
LEVEL = cast.TOP["JPN"]
AUTHORITIES = {"KOR": "kor-mnd", "JPN": "jpn-mod"}
VISITORS = ("Sato Hanako;1980-01-01;Tokyo", "Ito Taro;1985-05-05;Osaka")


def _contractor(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["image"]["item"]
    _bring_firm(story, FIRM)
    _bring_firm(story, BELOW, "--above", FIRM)
    stage.done("JPN", *_listed(story, FIRM, "newcomer"), by="security")

    def control() -> Document:
        stage.done("JPN", "contractor", "person", FIRM, "--person", "newcomer", "--end", by="security")
        said = _release(story)
        return {"permitted": said.exit == 0, **said.document}

    refused(
        evidence,
        lambda: _release(story),
        at="JPN",
        recipient="JPN",
        clause="G16-6",
        control=control,
        changed="the name that was not briefed is off the list of the contractor above",
    )
    decision = stage.done("JPN", "decide", "contractor", item, "--to", BELOW, "--purpose", story.purpose)
    clauses = [reason["clause"] for reason in decision["reasons"]]
    evidence.check(
        all(clauses.count(f"G16-{number}") == len((FIRM, BELOW)) for number in range(1, 16)),
        "all fifteen conditions have their reason at both depths",
    )
    evidence.entry("JPN", evidence.control["outcome"]["decision"] if evidence.control else "")


def _bring_firm(story: Story, firm: str, *words: str) -> None:
    stage = story.stage

    def done(verb: str, *more: str) -> None:
        stage.done("JPN", "contractor", verb, firm, *more, by="security")

    done("add", "--document", f"C-{firm}", *words)
    done("clear", "--document", f"FSC-{firm}", "--level", LEVEL, "--until", cast.UNTIL)
    stage.done("JPN", *_listed(story, firm, "engineer"), by="security")
    done("brief", "--person", "engineer", "--document", "NDA-1")
    done("inspect", "--document", "I-1", "--kind", "initial", "--next", cast.UNTIL)
    done("appoint", "--person", "engineer", "--document", "A-1", "--until", cast.UNTIL)
    for measure in MEASURES:
        done("measure", "--document", "M-1", "--measure", measure, "--level", LEVEL, "--review", cast.UNTIL)


def _listed(story: Story, firm: str, person: str) -> list[str]:
    words = ["--level", LEVEL, "--basis", f"PSC-{person}", "--until", cast.UNTIL, "--duty", story.purpose]
    return ["contractor", "person", firm, "--person", person, *words]


def _release(story: Story) -> Said:
    item = story.made["image"]["item"]
    return story.stage.call(
        "JPN", "contractor", "release", item, "--to", BELOW, "--purpose", story.purpose, by="releaser"
    )


def _visit(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["image"]["item"]
    form = _form(story)
    at = form.index("--programme")
    lacking = stage.call("JPN", "visit", "request", *form[:at], *form[at + 2 :], by="security")
    error = lacking.document.get("error", {})
    evidence.check(
        lacking.code == "flows/visit-incomplete" and error["clauses"] == ["G8-6"], f"element 8 is missing: {error}"
    )
    visit = str(stage.done("JPN", "visit", "request", *form, by="security")["visit"])
    stage.until(lambda: _state(story, "KOR", visit) == "requested", "Korea has Japan's request")
    refused(
        evidence,
        lambda: _approve(story, "JPN", visit),
        at="JPN",
        recipient="JPN",
        clause="G8-2",
        control=lambda: {"permitted": _approve(story, "KOR", visit).exit == 0},
        changed="the host decides",
    )
    stage.until(lambda: _state(story, "JPN", visit) == "approved", "Japan shows it approved")
    there = [visit, "--facility", cast.FACILITY]
    early = stage.call("KOR", "visit", "open", *there, by="registrar")
    evidence.check(early.code == "flows/advice-not-acknowledged", f"it does not open unadvised: {early.code}")
    stage.done("KOR", "visit", "advise", *there, "--scope", "one image", "--contact", "registrar", by="security")
    stage.done("KOR", "visit", "acknowledge", *there, by="registrar")
    stage.done("KOR", "visit", "open", *there, by="registrar")
    show = ["visit", "disclose", *there, "--item", item, "--how", "visual"]
    both = stage.call("KOR", *show, by="releaser")
    evidence.check(
        both.code == "flows/visit-beyond-ceiling", f"one visitor is not cleared so high, so not to both: {both.code}"
    )
    shown = stage.done("KOR", *show, "--visitor-number", "1", by="releaser")
    evidence.check(list(shown["visitors"]) == [1], f"shown to visitor 1 at {shown['level']}")
    stage.done("JPN", "visit", "withdraw", visit, "--visitor-number", "1", by="security")
    stage.until(lambda: _withdrawn(story, visit), "Korea knows that visitor 1 is cleared no longer")
    late = stage.call("KOR", *show, "--visitor-number", "1", by="releaser")
    evidence.check(late.code == "flows/visitor-not-received", f"nothing more is shown: {late.code}")
    stage.done("KOR", "visit", "close", *there, by="registrar")
    for party in ("KOR", "JPN"):
        evidence.entry(party, visit)


def _form(story: Story) -> list[str]:
    today = datetime.now(UTC).date()  # noqa: TID251  a demo plays today
    form = ["--to", "KOR", "--document", f"JP-RFV-{story.stage.challenge.hex()[:6].upper()}", "--instrument", KR_JP]
    form += ["--authority", AUTHORITIES["JPN"], "--at", cast.FACILITY]
    form += ["--from", str(today), "--until", str(today + timedelta(days=2)), "--kind", "emergency", "--waive"]
    form += ["--topic", "DPRK-MISSILE", "--purpose", story.purpose, "--justification", "compared on the spot"]
    form += ["--level", cast.SECRET["JPN"], "--programme", "TRILATERAL-1"]
    for who, level in zip(VISITORS, (cast.SECRET["JPN"], "JPN-3"), strict=True):
        form += ["--visitor", f"{who};{level};ID-1;JPN;analyst"]
    return [*form, "--officer", "officer of the ministry", "--certified", "--approval", "JP-CA-1"]


def _approve(story: Story, party: str, visit: str) -> Said:
    words = ["--authority", AUTHORITIES[party], "--ceiling", cast.SECRET[party], "--waive"]
    return story.stage.call(party, "visit", "approve", visit, *words, by="security")


def _line(story: Story, party: str, visit: str) -> Document:
    lines = story.stage.done(party, "visit", "list")["visits"]
    return next((line for line in lines if line["visit"] == visit), {"state": None})


def _state(story: Story, party: str, visit: str) -> str:
    return str(_line(story, party, visit)["state"])


def _withdrawn(story: Story, visit: str) -> bool:
    return bool(_line(story, "KOR", visit)["form"]["visitors"][0]["withdrawn"])


STEPS = (
    Step(
        id="contractor",
        title="a subcontractor has the image only when nobody above it fails one of the fifteen conditions",
        clauses=("G16-1", "G16-6", "G16-16"),
        play=_contractor,
    ),
    Step(
        id="visit",
        title="only the host permits a visit; shown is what lies within visit, clearance and item",
        clauses=("G7-6", "G8-2", "G8-3", "G8-5", "G8-6", "G8-7"),
        play=_visit,
    ),
)
