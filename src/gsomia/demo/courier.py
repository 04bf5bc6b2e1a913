"""The step in which a courier carries what the line cannot: there with items, back with receipts, no node served."""

from pathlib import Path

from gsomia.demo.exchange import make_report, register
from gsomia.demo.steps import Evidence, Step, Story, register_count

LARGE_BYTES = 3 << 20
SEAL_BYTES = 16 << 10
"""More than the seal takes: the flipped byte is one of those it covers."""
RETRIES = "queued", "sending"


def _bundle_by_hand(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    stage.stop("JPN")
    items = {}
    for name in ("by-hand.txt", "by-hand.bin"):
        path = make_report(story, name)
        if name.endswith(".bin"):
            path.write_bytes(stage.seeded(name, LARGE_BYTES) + stage.challenge)
        evidence.file(path)
        item = register(story, "KOR", path, level="KOR-2")
        released = stage.done("KOR", "item", "release", item["item"], "--to", "JPN", by="releaser")
        evidence.check(released["state"] in RETRIES, f"{name}: released, and Japan is not reached")
        items[name] = item["item"]
    stage.stop("KOR")
    there, flipped, back = (stage.directory / name for name in ("there.bundle", "flipped.bundle", "back.bundle"))
    exported = stage.done("KOR", "bundle", "export", "--to", "JPN", "--out", str(there))
    evidence.file(there)
    evidence.check(exported["items"] >= len(items), f"{exported['items']} items and their segments on the medium")
    evidence.check(_queued(story) >= len(items), "all of it stays queued until receipts come back")
    _flip(story, evidence, there.read_bytes(), flipped)
    before = register_count(stage, "JPN")
    said = stage.call("JPN", "bundle", "import", str(flipped))
    after = register_count(stage, "JPN")
    evidence.check(said.exit == 1, f"one flipped byte: refused with {said.code}")
    evidence.check(before == after, f"nothing of it was taken: the register still counts {after}")
    evidence.refusal = {
        "exit": said.exit,
        "code": said.code,
        "clause": "DESIGN-6",
        "register_before": before,
        "register_after": after,
    }
    imported = stage.done("JPN", "bundle", "import", str(there))
    outcome = {"permitted": imported["items"] == exported["items"] and not imported["refused"], **imported}
    evidence.control = {"changed": "the byte is as it was sealed", "outcome": outcome}
    evidence.check(outcome["permitted"], f"the intact bundle is taken: {imported['items']} items")
    count = register_count(stage, "JPN")
    evidence.check(count == before + len(items), f"the register counts {count}")
    again = stage.done("JPN", "bundle", "import", str(there))
    logs = stage.done("JPN", "audit", "verify")["logs"]
    evidence.check(again["repeated"] and register_count(stage, "JPN") == count, "a second time changes nothing")
    third = stage.done("JPN", "bundle", "import", str(there))
    evidence.check(third["repeated"] and stage.done("JPN", "audit", "verify")["logs"] == logs, "not even a log entry")
    for item in items.values():
        words = ("--mark", "特定秘密", "--basis", "Act 108 of 2013, defence")
        stage.done("JPN", "item", "book", item, *words, by="registrar")
        evidence.entry("JPN", item)
    answers = stage.done("JPN", "bundle", "export", "--to", "KOR", "--out", str(back))
    evidence.file(back)
    settled = stage.done("KOR", "bundle", "import", str(back))
    evidence.check(settled["settled"] >= len(items), f"{answers['answers']} answers, {settled['settled']} settled")
    for name, item in items.items():
        shown = stage.done("KOR", "item", "show", item)
        state = shown["deliveries"][0]["state"]
        evidence.check(state == "receipted-by-registrar", f"{name}: {state}, and no line was used")
        evidence.check(shown["custody"][-1]["custodian"] == "JPN", "custody passed to Japan (A-04)")
    evidence.check(_queued(story) == 0, "nothing waits for Japan any more")
    evidence.figures["bundle_bytes"] = exported["bytes"]
    for party in ("KOR", "JPN"):
        stage.serve(party)


def _queued(story: Story) -> int:
    links = story.stage.call("KOR", "doctor").document["links"]
    return sum(int(link["queued"]) for link in links if link["partner"] == "JPN")


def _flip(story: Story, evidence: Evidence, data: bytes, flipped: Path) -> None:
    changed = bytearray(data)
    offset = int.from_bytes(story.stage.seeded("bundle flip", 8)) % (len(changed) - SEAL_BYTES)
    changed[offset] ^= 1
    flipped.write_bytes(changed)
    evidence.file(flipped)
    evidence.figures["flipped_at"] = offset


STEPS = (
    Step(
        id="bundle-by-hand",
        title="a courier's medium instead of a line: items there, receipts back",
        clauses=("DESIGN-6", "G12-5", "A-04"),
        play=_bundle_by_hand,
    ),
)
