"""The steps about the end: destroyed by two persons, given back, and what survives the end of an agreement."""

from gsomia.demo.exchange import KR_JP, make_report
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused

SIDES = (("KOR", "JPN"), ("JPN", "KOR"))
WAITING = 4
MARKS = {"KOR-2": "JPN-2-TOKUTEI", "KOR-3": "JPN-3"}
"""Japan's own mark for what comes from Korea, as the table has it (A-06)."""


def _arrived(story: Story, name: str, *words: str) -> str:
    """An item of Korea's that Japan received and booked."""
    stage = story.stage
    line = ["--level", "KOR-2", "--purpose", story.purpose, "--topic", "DPRK-MISSILE", *words]
    item = str(stage.done("KOR", "item", "register", str(make_report(story, name)), *line, by="registrar")["item"])
    stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")
    _book(stage, item)
    stage.until(lambda: _line(stage, "KOR", item)["state"] == "receipted-by-registrar", "Korea has the receipt")
    return item


def _book(stage: Stage, item: str, *, level: str = "KOR-2") -> None:
    stage.done("JPN", "item", "book", item, "--mark", MARKS[level], "--basis", "Act 108 of 2013", by="registrar")


def _line(stage: Stage, party: str, item: str) -> Document:
    return dict(stage.done(party, "item", "show", item)["deliveries"][0])


def _end(stage: Stage, verb: str, item: str, by: str) -> Said:
    return stage.call("JPN", "item", verb, item, by=by)


def _two_persons(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item = _arrived(story, "to-destroy.txt")
    first = _end(stage, "destroy", item, "registrar")
    evidence.check(first.exit == WAITING, f"one person proposes, and the program waits for a second: {first.code}")

    def control() -> Document:
        second = _end(stage, "destroy", item, "security")
        return {"permitted": second.exit == 0, **second.document}

    refused(
        evidence,
        lambda: _end(stage, "destroy", item, "registrar"),
        at="JPN",
        recipient="JPN",
        clause="G13-1",
        control=control,
        changed="another person, with a key of their own, confirms",
    )
    certificate = stage.done("JPN", "item", "show", item)["destroyed"][0]
    ends = [(end["copy"], end["method"]) for end in certificate["copies"]]
    evidence.check((certificate["persons"], ends) == (2, [("1", "storage-key")]), f"certificate: copies {ends}")
    evidence.check(bool(certificate["beyond"]), f"it names {len(certificate['beyond'])} things it cannot reach")
    stage.until(lambda: bool(stage.done("KOR", "item", "show", item)["destroyed"]), "Korea heard of it")
    kept = stage.done("KOR", "item", "show", item)["destroyed"][0]
    evidence.check(kept["certificate"] == certificate["certificate"], "Korea keeps the same certificate")
    evidence.entry("JPN", item)
    evidence.entry("KOR", item)
    _given_back(story, evidence)


def _given_back(story: Story, evidence: Evidence) -> None:
    """What may not be destroyed goes back: two persons give, the originator signs, then the key is gone."""
    stage = story.stage
    item = _arrived(story, "to-return.txt", "--caveat", "NO-DESTROY")
    forbidden = _end(stage, "destroy", item, "registrar")
    clauses = forbidden.document.get("error", {}).get("clauses", [])
    evidence.check("G13-3" in clauses, f"what Korea forbids to destroy is not destroyed: {forbidden.code}")
    _end(stage, "return", item, "registrar")
    second = _end(stage, "return", item, "security")
    evidence.check(second.exit == 0, "two persons give it back")
    take = ["item", "take-back", item, "--party", "JPN"]
    stage.until(lambda: stage.call("KOR", *take, by="registrar").exit == 0, "Korea's officer signed for it")
    place = "returned"
    stage.until(lambda: _place(stage, item) == place, "Japan has the signature")
    evidence.check(_place(stage, item) == place, "Japan's copy is returned, and its key destroyed")
    out = stage.directory / "read" / "returned.txt"
    words = ["item", "read", item, "--purpose", story.purpose, "--out", str(out)]
    read = stage.call("JPN", *words, by="analyst")
    evidence.check(read.exit == REFUSED, f"and nobody reads it there: {read.code}")
    evidence.entry("KOR", item)


def _place(stage: Stage, item: str) -> str:
    return str(stage.done("JPN", "item", "show", item)["copies"][0]["place"])


def _balance(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for item in stage.done("JPN", "item", "list")["items"]:
        if item["control_no"] is None:
            _book(stage, item["item"], level=item["originator_mark"]["id"])
    for item in stage.done("KOR", "item", "list")["items"]:
        if item["control_no"] is None:
            mark = ["--mark", "KOR-3", "--basis", "Military Secret Protection Act"]
            stage.done("KOR", "item", "book", item["item"], *mark, by="registrar")
    ends = story.made["ends"]
    words = ["registry", "balance", "{}", "--instrument", KR_JP, "--at", ends]
    stage.until(lambda: not _under_way(stage), "every receipt is back")
    told = {
        party: stage.done(party, *(other if word == "{}" else word for word in words))["instruments"][0]
        for party, other in SIDES
    }
    evidence.check(
        {one["state"] for one in told.values()} == {"TERMINATED"}, f"at {ends} the agreement has ended, on both nodes"
    )
    evidence.check(told["KOR"]["duties"] == told["JPN"]["duties"], "both registers come to the same duties")
    held = {duty["of"]: duty for duty in told["KOR"]["duties"] if duty["state"] == "held"}
    for sender, duty in sorted(held.items()):
        evidence.check(
            duty["clause"] == "G21-5", f"{duty['party']} protects {duty['transmittals']} of {sender}'s (G21-5)"
        )
    evidence.check(not any(one["closed"] for one in told.values()), "the instrument is not closed while one is held")
    sign = ["registry", "sign-balance", "{}", "--instrument", KR_JP]
    digests = {}
    for party, other in SIDES:
        line = [other if word == "{}" else word for word in sign]
        signed = stage.done(party, *line, by="registrar")
        digests[party] = signed["balance"]
        stage.until(lambda other=other, party=party: party in _signed(stage, other, party), f"{other} heard it")  # type: ignore[misc]
    evidence.check(digests["KOR"] == digests["JPN"], "both sign one balance, over one digest")
    evidence.check(_signed(stage, "KOR", "JPN") == ["JPN", "KOR"], "and both signatures are on record")
    evidence.entry("KOR", digests["KOR"])
    evidence.entry("JPN", digests["JPN"])


def _under_way(stage: Stage) -> bool:
    told = [stage.done(party, "registry", "balance", other)["instruments"] for party, other in SIDES]
    return any(duty["state"] == "under-way" for side in told for one in side for duty in one["duties"])


def _signed(stage: Stage, party: str, other: str) -> list[str]:
    return sorted(stage.done(party, "registry", "balance", other, "--instrument", KR_JP)["instruments"][0]["signed"])


TWO_PERSONS = Step(
    id="destruction-two-persons",
    title="destroyed by two persons, or given back; the originator holds the proof",
    clauses=("G13-1", "G13-3", "F-16", "G6-9"),
    play=_two_persons,
)
BALANCE = Step(
    id="balance-after-termination",
    title="what each still holds of the other's, and both sign it",
    clauses=("A-36", "G21-5", "LEDGER-7", "LEDGER-8"),
    play=_balance,
)
