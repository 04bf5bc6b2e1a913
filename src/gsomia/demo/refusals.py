"""The steps in which the node says no: each refusal on record, without effect, and permitted once one fact changes."""

from collections.abc import Callable

from gsomia.demo import cast
from gsomia.demo.exchange import JP_US, KR_JP, make_report, received, register
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import Evidence, Step, Story, refused
from gsomia.demo.stranger import forge_offer

STRANGER = "ZZZ"


def _read(story: Story, reader: str) -> Said:
    stage, item = story.stage, story.made["image"]["item"]
    out = stage.directory / "read" / f"{reader}.tif"
    return stage.call("JPN", "item", "read", item, "--purpose", story.purpose, "--out", str(out), by=reader)


def _reading_permitted(story: Story, reader: str) -> Document:
    said = _read(story, reader)
    return {"permitted": said.exit == 0, "digest": said.document.get("digest"), "slip": said.document.get("slip")}


def _reading_refused(
    story: Story, evidence: Evidence, reader: str, *, clause: str, change: Callable[[], None], changed: str
) -> None:
    def control() -> Document:
        change()
        return _reading_permitted(story, reader)

    refused(
        evidence,
        lambda: _read(story, reader),
        at="JPN",
        recipient="JPN",
        clause=clause,
        control=control,
        changed=changed,
    )


def _uncleared(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["image"]["item"]
    cast.bring_reader(stage, "JPN", "newcomer", instrument=KR_JP, cleared=False)
    cast.give_duty(stage, "JPN", "newcomer", item)
    _reading_refused(
        story,
        evidence,
        "newcomer",
        clause="G7-2",
        change=lambda: cast.clear(stage, "JPN", "newcomer", level="JPN-1"),
        changed="the reader is cleared",
    )


def _no_need_to_know(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["image"]["item"]
    cast.bring_reader(stage, "JPN", "curious", instrument=KR_JP)
    _reading_refused(
        story,
        evidence,
        "curious",
        clause="G7-2",
        change=lambda: cast.give_duty(stage, "JPN", "curious", item),
        changed="the reader's duty needs the item",
    )


def _rank(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["image"]["item"]
    cast.bring_reader(stage, "JPN", "general", instrument=KR_JP, rank="General, four stars")
    _reading_refused(
        story,
        evidence,
        "general",
        clause="G7-1",
        change=lambda: cast.give_duty(stage, "JPN", "general", item),
        changed="the general's duty needs the item (the rank is the same)",
    )


def _release(stage: Stage, party: str, item: str, to: str, *words: str) -> Said:
    return stage.call(party, "item", "release", item, "--to", to, "--wait", "30", *words, by="releaser")


def _release_permitted(stage: Stage, party: str, item: str, to: str, *words: str) -> Document:
    said = _release(stage, party, item, to, *words)
    state = said.document.get("state")
    return {"permitted": said.exit == 0 and state == "received-by-node", "state": state, "item": item}


def _level_one(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    top = register(story, "KOR", make_report(story, "top.txt"), level="군사Ⅰ급비밀")["item"]
    other = register(story, "JPN", make_report(story, "kimitsu.txt"), level="機密")["item"]
    said = _release(stage, "JPN", other, "KOR")
    evidence.check("G4-4" in said.document.get("error", {}).get("clauses", []), "機密 to Korea is refused too")

    def control() -> Document:
        second = register(story, "KOR", make_report(story, "top.txt"), level="군사Ⅱ급비밀")["item"]
        return _release_permitted(stage, "KOR", second, "JPN")

    refused(
        evidence,
        lambda: _release(stage, "KOR", top, "JPN"),
        at="KOR",
        recipient="JPN",
        clause="G4-4",
        control=control,
        changed="the level is 군사Ⅱ급비밀",
    )


def _third_party(story: Story, evidence: Evidence) -> None:
    stage, made = story.stage, story.made["image"]
    item = made["item"]
    alone = stage.done("JPN", "decide", "onward", item, "--to", "USA")
    evidence.check(alone["decision"] == "deny", "onward without consent: deny")
    consent = stage.directory / "consent-usa.json"

    def control() -> Document:
        words = ["--holder", "JPN", "--to", "USA", "--manifest", made["manifest"], "--instrument", JP_US]
        words += ["--purpose", story.purpose, "--until", cast.UNTIL, "--out", str(consent)]
        stage.done("KOR", "consent", "grant", item, *words, by="releaser")
        evidence.file(consent)
        decided = stage.done("JPN", "decide", "onward", item, "--to", "USA", "--consent", str(consent))
        return {"permitted": decided["decision"] == "permit", "decision": decided["decision"]}

    refused(
        evidence,
        lambda: _release(stage, "JPN", item, "USA"),
        at="JPN",
        recipient="USA",
        clause="G6-1",
        control=control,
        changed="Korea consented in writing to this item, recipient and purpose",
    )
    other = story.made["report"]["item"]
    decided = stage.done("JPN", "decide", "onward", other, "--to", "USA", "--consent", str(consent))
    evidence.check(decided["decision"] == "deny", "the same consent does not cover another item")


def _no_assurance(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    purpose = f"OTHER-{story.stage.challenge.hex()[:6].upper()}"
    item = register(story, "KOR", make_report(story, "other.txt"), level="KOR-2", purpose=purpose)["item"]

    def control() -> Document:
        cast.assure(stage, "JPN", "KOR", instrument=KR_JP, authority="jpn-mod", level="JPN-2-TOKUTEI", purpose=purpose)
        return _release_permitted(stage, "KOR", item, "JPN")

    refused(
        evidence,
        lambda: _release(stage, "KOR", item, "JPN"),
        at="KOR",
        recipient="JPN",
        clause="G7-5",
        control=control,
        changed="Japan assured this purpose and Korea acknowledged",
    )


def _no_ca_note(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item = register(story, "KOR", make_report(story, "dapa.txt"), level="KOR-3")["item"]
    authority = ("--authority", "kor-dapa")

    def control() -> Document:
        cast.note(stage, "KOR", KR_JP, "KR-NV-2016-0102", "--subject", "ca-named", *authority)
        stage.until(lambda: received(stage, "KOR", KR_JP, "KR-NV-2016-0102"), "Japan received the naming note")
        return _release_permitted(stage, "KOR", item, "JPN", *authority)

    refused(
        evidence,
        lambda: _release(stage, "KOR", item, "JPN", *authority),
        at="KOR",
        recipient="JPN",
        clause="G2-5",
        control=control,
        changed="the note that names the authority was received",
    )


def _stranger(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    stage.add(STRANGER, "A stranger")
    pin = ["party", "pin", str(stage.directory / "JPN.pin.json"), "--fingerprint", story.made["prints"]["JPN"]]
    stage.done(STRANGER, *pin)
    stage.until(lambda: all(link["cosigned"] == link["log"] for link in _links(stage)), "Japan's logs are cosigned")
    before, sizes = _strangers(stage), _sizes(stage)
    said = stage.call(STRANGER, "link", "test", "JPN")
    evidence.check(said.exit == 5, f"the stranger does not get in: {said.code}")  # noqa: PLR2004  partner not reached
    stage.until(lambda: _strangers(stage) > before, "Japan counted the stranger")
    after = _strangers(stage)
    evidence.check(after > before, f"strangers counted: {before} before, {after} after")
    evidence.check(_sizes(stage) == sizes, "no log entry was written for it")
    hello = stage.done("KOR", "link", "test", "JPN")
    evidence.check(hello["reached"], "the pinned partner connects")

    agreement = stage.done("JPN", "agreement", "status", "--instrument", KR_JP)["digest"]
    offer, consignment = forge_offer(
        (stage.directory / "JPN.pin.json").read_bytes(),
        stranger=STRANGER,
        instrument=KR_JP,
        agreement=agreement,
        seed=stage.seeded,
    )
    forged = stage.directory / "made" / "stranger.offer"
    forged.write_bytes(offer)
    evidence.file(forged)
    count = int(stage.done("JPN", "item", "list")["count"])
    said = stage.call("KOR", "link", "offer", "JPN", str(forged))
    evidence.check(
        said.document.get("code") == "envelope/sender-mismatch", "its signed item over Korea's line: refused"
    )
    after_count = int(stage.done("JPN", "item", "list")["count"])
    evidence.check(after_count == count, "nothing was registered")
    evidence.entry("JPN", consignment)
    evidence.refusal = {
        "exit": said.exit,
        "code": said.document.get("code"),
        "clause": "G9-1",
        "strangers_before": before,
        "strangers_after": after,
        "register_before": count,
        "register_after": after_count,
    }
    evidence.control = {"changed": "the caller is the pinned partner", "outcome": {"permitted": True, **hello}}


def _links(stage: Stage) -> list[Document]:
    return list(stage.call("JPN", "doctor").document["links"])


def _strangers(stage: Stage) -> int:
    return int(stage.call("JPN", "doctor").document["strangers_refused"])


def _sizes(stage: Stage) -> list[tuple[str, int]]:
    return [(log["origin"], log["size"]) for log in stage.done("JPN", "audit", "verify")["logs"]]


STEPS = (
    Step(id="refused-uncleared", title="no clearance, no reading", clauses=("G7-2", "G2-6"), play=_uncleared),
    Step(
        id="refused-no-need-to-know",
        title="cleared and listed, but no duty needs it",
        clauses=("G7-2",),
        play=_no_need_to_know,
    ),
    Step(id="refused-rank", title="four stars are not a need-to-know", clauses=("G7-1", "G7-2"), play=_rank),
    Step(
        id="refused-level-one", title="the top level stays outside the pact", clauses=("G4-4", "EQ-2"), play=_level_one
    ),
    Step(
        id="refused-third-party",
        title="Japan may not pass it to the United States alone",
        clauses=("G6-1", "A-08"),
        play=_third_party,
    ),
    Step(id="refused-no-assurance", title="nothing without an assurance", clauses=("G7-5",), play=_no_assurance),
    Step(id="refused-no-ca-note", title="a body without a note cannot release", clauses=("G2-5",), play=_no_ca_note),
    Step(id="refused-stranger", title="strangers stay outside", clauses=("G9-1",), play=_stranger),
)
