"""The steps about assurances and consents: nothing before it is acknowledged, and nothing to a third party unasked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from gsomia.demo import cast
from gsomia.demo.exchange import JP_US, KR_JP, make_report, register
from gsomia.demo.stage import Document, Said
from gsomia.demo.steps import Evidence, Step, Story, refused

SOON, LATER = 20, 40
"""Days until the step's assurance or consent ends, and a day after that."""
SHORT_S = 4
ELSEWHERE, NO_PACT = "AUS", "GSOMIA-JP-AU"


def _assurance(story: Story, evidence: Evidence) -> None:
    stage, purpose = story.stage, f"ASSURED-{story.stage.challenge.hex()[:6].upper()}"
    items = [
        str(register(story, "KOR", make_report(story, f"assured-{n}.txt"), level="KOR-2", purpose=purpose)["item"])
        for n in (1, 2)
    ]
    first = _give(story, purpose)

    def control() -> Document:
        stage.done("KOR", "assurance", "acknowledge", first, by="releaser")
        return _released(_release(story, items[0]))

    refused(
        evidence,
        lambda: _release(story, items[0]),
        at="KOR",
        recipient="JPN",
        clause="G7-5",
        control=control,
        changed="Korea acknowledged the assurance",
    )
    _person(story, evidence, first, items[0])
    late = stage.done("KOR", "decide", "release", items[1], "--to", "JPN", "--at", _day(LATER), "--decider", "releaser")
    codes = [reason["code"] for reason in late["reasons"]]
    evidence.check((late["decision"], codes) == ("deny", ["assurance-expired"]), f"after its end: {codes}")
    stage.done("JPN", "assurance", "withdraw", first, by="security")
    stage.until(lambda: _state(story, "KOR", first) == "withdrawn", "Korea heard that Japan withdrew it")
    evidence.check(_state(story, "JPN", first) == "withdrawn", "both sides list it as withdrawn")
    stopped = _release(story, items[1])
    evidence.check(stopped.code == "policy/assurance-withdrawn", f"nothing more is released on it: {stopped.code}")
    read = stage.done("JPN", "decide", "access", items[0], "--reader", "assigned", "--purpose", purpose)
    evidence.check(read["decision"] == "permit", "what was given before stays, protected as before")
    second = _give(story, purpose)
    stage.done("KOR", "assurance", "acknowledge", second, by="releaser")
    again = _released(_release(story, items[1]))
    evidence.check(bool(again["permitted"]), "a fresh one opens it again")
    for party, subject in (("JPN", first), ("KOR", first), ("KOR", second), ("JPN", items[1])):
        evidence.entry(party, subject)


def _give(story: Story, purpose: str) -> str:
    words = ["--to", "KOR", "--instrument", KR_JP, "--authority", "jpn-mod", "--level", cast.SECRET["JPN"]]
    words += ["--purpose", purpose, "--persons", "2", "--until", _day(SOON)]
    digest = str(story.stage.done("JPN", "assurance", "give", *words, by="security")["assurance"])
    story.stage.until(lambda: _state(story, "KOR", digest) == "given", "Korea received the assurance")
    return digest


def _person(story: Story, evidence: Evidence, digest: str, item: str) -> None:
    """One person is put forward by name and declined; every other one reads on."""
    stage = story.stage
    booked = ["--mark", cast.SECRET["JPN"], "--basis", "Act 108 of 2013, defence"]
    stage.done("JPN", "item", "book", item, *booked, by="registrar")
    for reader in ("assigned", "declined"):
        cast.bring_reader(stage, "JPN", reader, instrument=KR_JP)
        cast.give_duty(stage, "JPN", reader, item)
    named = stage.done("JPN", "assurance", "name", digest, "--person", "declined", by="security")
    number = ["--person-number", str(named["person_number"])]
    stage.until(lambda: bool(_shown(story, "KOR", digest)["named"]), "Korea knows the one person by name")
    stage.done("KOR", "assurance", "decline", digest, *number, by="releaser")
    stage.until(lambda: bool(_shown(story, "JPN", digest)["declined"]), "Japan heard that Korea declines the person")
    purpose = str(_shown(story, "JPN", digest)["purpose"])
    told = {
        reader: stage.done("JPN", "decide", "access", item, "--reader", reader, "--purpose", purpose)
        for reader in ("assigned", "declined")
    }
    clauses = [reason["clause"] for reason in told["declined"]["reasons"]]
    evidence.check(
        (told["declined"]["decision"], clauses) == ("deny", ["A-22"]), f"the declined person reads nothing: {clauses}"
    )
    evidence.check(told["assigned"]["decision"] == "permit", "the other one, whom no name crossed for, reads")
    stage.done("KOR", "assurance", "accept", digest, *number, by="releaser")
    stage.until(lambda: not _shown(story, "JPN", digest)["declined"], "Japan heard that Korea declines nobody any more")
    again = stage.done("JPN", "decide", "access", item, "--reader", "declined", "--purpose", purpose)
    evidence.check(again["decision"] == "permit", "accepted, the person reads")


def _release(story: Story, item: str) -> Said:
    return story.stage.call("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")


def _released(said: Said) -> Document:
    state = said.document.get("state")
    return {"permitted": said.exit == 0 and state == "received-by-node", "state": state}


def _shown(story: Story, party: str, digest: str) -> Document:
    return story.stage.done(party, "assurance", "show", digest)


def _state(story: Story, party: str, digest: str) -> str | None:
    lines = story.stage.done(party, "assurance", "list")["assurances"]
    return next((str(line["state"]) for line in lines if line["assurance"] == digest), None)


def _day(days: int) -> str:
    return str(datetime.now(UTC).date() + timedelta(days=days))  # noqa: TID251  a demo plays today


def _third_party_consent(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item = str(register(story, "KOR", make_report(story, "third-party.txt"), level="KOR-2")["item"])
    manifest = str(stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")["manifest"])
    asked, elsewhere = _ask(story, item, "USA", JP_US), _ask(story, item, ELSEWHERE, NO_PACT)
    stage.until(lambda: {asked, elsewhere} <= _requests(story, "KOR"), "Korea heard both requests")
    stage.done("KOR", "consent", "deny", elsewhere, "--code", "recipient", by="releaser")
    moment = datetime.now(UTC) + timedelta(seconds=SHORT_S)  # noqa: TID251  a demo plays now
    short = _grant(story, item, manifest, until=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    stage.until(
        lambda: "consent-does-not-cover" in _codes(_onward(story, item, "USA")), "the first consent came and ended"
    )
    file = stage.directory / "consent-third-party.json"
    granted: list[str] = []

    def control() -> Document:
        granted.append(_grant(story, item, manifest, until=_day(SOON), out=file))
        decided = _onward(story, item, "USA")
        return {"permitted": decided["decision"] == "permit", "decision": decided["decision"]}

    refused(
        evidence,
        lambda: stage.call("JPN", "item", "release", item, "--to", "USA", by="releaser"),
        at="JPN",
        recipient="USA",
        clause="G6-1",
        control=control,
        changed="Korea's consent to this item and recipient was heard",
    )
    evidence.file(file)
    denied = _codes(_onward(story, item, ELSEWHERE, "--consent", str(file)))
    evidence.check("consent-does-not-cover" in denied, f"for {ELSEWHERE} it is no consent: {denied}")
    late = _codes(_onward(story, item, "USA", "--at", _day(LATER)))
    evidence.check(late == ["consent-does-not-cover"], f"after its end: {late}")
    stage.done("KOR", "consent", "withdraw", granted[0], by="releaser")
    stage.until(lambda: _codes(_onward(story, item, "USA")) == ["consent-withdrawn"], "taken back, it carries nothing")
    what = _compare(story, evidence, "JPN", short)
    evidence.check(
        sorted(what) == sorted(["asked", "granted", "expired", "granted", "withdrawn"]), f"for USA: {', '.join(what)}"
    )
    what = _compare(story, evidence, "JPN", elsewhere)
    evidence.check(what == ["asked", "denied"], f"for {ELSEWHERE}: {', '.join(what)}")
    held = stage.done("USA", "consent", "list")["consents"]
    relayed = str(next(one["consent"] for one in held if one["item"] and one["recipient"] == "JPN"))
    what = _compare(story, evidence, "USA", relayed)
    evidence.check("used" in what, f"over the hub: {', '.join(what)}")
    for party in ("KOR", "JPN"):
        evidence.entry(party, item)


def _ask(story: Story, item: str, recipient: str, instrument: str) -> str:
    words = ["consent", "request", item, "--to", recipient, "--instrument", instrument]
    return str(story.stage.done("JPN", *words, by="releaser")["request"])


def _requests(story: Story, party: str) -> set[str]:
    return {str(one["request"]) for one in story.stage.done(party, "consent", "list")["requests"]}


def _grant(story: Story, item: str, manifest: str, *, until: str, out: Path | None = None) -> str:
    stage = story.stage
    words = ["--holder", "JPN", "--to", "USA", "--manifest", manifest, "--instrument", JP_US]
    words += ["--purpose", story.purpose, "--until", until, *(["--out", str(out)] if out else [])]
    digest = str(stage.done("KOR", "consent", "grant", item, *words, by="releaser")["consent"])
    stage.until(
        lambda: any(one["consent"] == digest for one in stage.done("JPN", "consent", "list")["consents"]),
        "Japan heard the consent",
    )
    return digest


def _onward(story: Story, item: str, to: str, *words: str) -> Document:
    return story.stage.done("JPN", "decide", "onward", item, "--to", to, *words)


def _codes(decided: Document) -> list[str]:
    return [str(reason["code"]) for reason in decided["reasons"]] if decided["decision"] == "deny" else []


def _compare(story: Story, evidence: Evidence, holder: str, reference: str) -> list[str]:
    """The history as both sides print it, kept as files; what happened, in order."""
    told = {}
    for party in ("KOR", holder):

        def proven(party: str = party) -> bool:
            told[party] = story.stage.done(party, "consent", "show", reference)
            return all(line["log"] or line["what"] == "expired" for line in told[party]["history"])

        story.stage.until(proven, f"every line of the history is proven at {party}")
        path = story.stage.directory / f"history-{party}-{reference[:12]}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(told[party]), indent=2))
        evidence.file(path)
    evidence.check(told["KOR"] == told[holder], f"KOR and {holder} print one history")
    return [str(line["what"]) for line in told["KOR"]["history"]]


STEPS = (
    Step(
        id="assurance",
        title="nothing before it is acknowledged, nothing after it is withdrawn, and not to whom Korea declines",
        clauses=("G7-5", "F-24", "A-22", "A-35"),
        play=_assurance,
    ),
    Step(
        id="third-party-consent",
        title="Korea consents to one recipient, denies another, and both sides print the same history",
        clauses=("G6-1", "F-18", "A-08", "TR-5"),
        play=_third_party_consent,
    ),
)
