"""The steps in which a node is lost and restored, and an item is destroyed for good."""

from pathlib import Path
from typing import Any

from gsomia.demo.exchange import make_report, register
from gsomia.demo.stage import Document, Stage, file_sha256
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused, register_count

WAITING = 4
SAMPLE_BYTES = 64
SECOND = 2


def _restored_node(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    backup = stage.directory / "made" / "JPN.backup"
    made = stage.backup("JPN", backup)
    evidence.check(evidence.file(backup) == made["sha256"], f"backed up while serving: {made['bytes']} bytes")
    before = register_count(stage, "JPN")
    item = register(story, "KOR", make_report(story, "after-the-backup.txt"), level="KOR-2")
    sent = stage.done("KOR", "item", "release", item["item"], "--to", "JPN", "--wait", "30", by="releaser")
    evidence.check(sent["state"] == "received-by-node", "an item arrives after the backup")
    stage.until(lambda: _cosigned(stage, "JPN", "KOR"), "Korea cosigned what Japan's log says of it")
    size = _log(stage, "JPN", "KOR")["log"]
    pid = stage.nodes["JPN"].process
    stage.kill("JPN")
    lost = stage.directory / "JPN-lost"
    stage.nodes["JPN"].directory.rename(lost)
    restored = stage.restore("JPN", backup)
    evidence.check("gsomia/jpn/shared/kor" in restored["waits_for"], "restored: every log is closed until link-up")
    refused_act = stage.call(
        "JPN", "item", "book", item["item"], "--mark", "JPN-2-TOKUTEI", "--basis", "x", by="registrar"
    )
    evidence.check(refused_act.exit != 0, f"it does nothing meanwhile: {refused_act.code}")
    evidence.check(register_count(stage, "JPN") == before, f"its register is back at {before}")
    node = stage.serve("JPN")
    evidence.check(node.process is not None and node.process is not pid, "a new process serves the restored node")
    stage.until(lambda: not any(link["closed"] for link in _links(stage, "JPN")), "Japan linked up with its partners")
    stage.until(lambda: register_count(stage, "JPN") == before + 1, "what came after the backup is delivered again")
    here = _log(stage, "JPN", "KOR")
    evidence.check(here["epoch"] == SECOND, "Japan's log goes on under epoch 2")
    logs = {log["origin"]: log for log in stage.done("JPN", "audit", "verify")["logs"]}
    old = logs["gsomia/jpn/shared/kor"]
    evidence.check(
        old["closed"] and old["size"] < size, f"the old one stays as it was: {old['size']} of {size} entries"
    )
    stage.until(
        lambda: _cosigned(stage, "JPN", "KOR"), "Korea cosigns the new epoch, which names the head it witnessed"
    )
    image = story.made["image"]
    stage.until(lambda: _reads(story, image, "restored") == image["digest"], "content lost with its keys came again")
    evidence.file(stage.directory / "read" / "restored-image")
    proof = evidence.entry("JPN", item["item"])
    evidence.check(proof["origin"] == "gsomia/jpn/shared/kor/2", "the item it got back stands in the new epoch")


def _destroyed_for_good(story: Story, evidence: Evidence) -> None:
    stage, item = story.stage, story.made["report"]["item"]
    directory = stage.nodes["JPN"].directory
    sealed = _sealed_content(story, item)
    evidence.check(sealed in _every_byte(directory), "Japan holds the sealed content")
    keys = [file_sha256(directory / "keys" / name) for name in ("identity.keys", "storage.keys")]
    first = stage.call("JPN", "item", "destroy", item, by="registrar")
    evidence.check(first.exit == WAITING, "a first person proposes it: exit code 4")
    same = stage.call("JPN", "item", "destroy", item, by="registrar")
    evidence.check(
        same.exit == REFUSED and same.code == "flows/same-person", "the same person cannot confirm it (G13-1)"
    )
    done = stage.done("JPN", "item", "destroy", item, by="security")
    evidence.check(done["persons"] == SECOND, "a second person confirms it, and it is destroyed")
    beyond = [one["what"] for one in done["beyond"]]
    evidence.check(
        {"senders-copy", "backup", "media"} <= set(beyond), f"out of reach: {', '.join(sorted(set(beyond)))}"
    )
    evidence.check(sealed not in _every_byte(directory), "no file of the node holds a piece of it any more")
    after = [evidence.file(directory / "keys" / name) for name in ("identity.keys", "storage.keys")]
    evidence.check(not set(keys) & set(after), "key file and master key are others now")
    stage.until(lambda: _told(stage, item), "Korea has Japan's certificate")
    image = story.made["image"]
    refused(
        evidence,
        lambda: stage.call(
            "JPN", "item", "read", item, *_words(story, stage.directory / "read" / "gone"), by="analyst"
        ),
        at="JPN",
        recipient="JPN",
        clause="G13-1",
        control=lambda: {"permitted": _reads(story, image, "control") == image["digest"]},
        changed="the item is one that is still held",
    )
    evidence.entry("KOR", item)


def _sealed_content(story: Story, item: str) -> bytes:
    """The end of the sealed content of a short item, as Korea sent it and Japan keeps it."""
    stage, out = story.stage, story.stage.directory / "made" / "destroyed.offer"
    delivery = stage.done("KOR", "item", "show", item)["deliveries"][0]["delivery"]
    stage.done("KOR", "link", "take", delivery, "--out", str(out))
    return out.read_bytes()[-SAMPLE_BYTES:]


def _every_byte(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def _words(story: Story, out: Path) -> list[str]:
    return ["--purpose", story.purpose, "--out", str(out)]


def _reads(story: Story, made: dict[str, Any], name: str) -> str | None:
    """The digest of what is read, or None if it cannot be read yet."""
    out = story.stage.directory / "read" / f"{name}-image"
    said = story.stage.call("JPN", "item", "read", made["item"], *_words(story, out), by="analyst")
    return file_sha256(out) if said.exit == 0 else None


def _links(stage: Stage, party: str) -> list[Document]:
    return list(stage.call(party, "doctor").document["links"])


def _log(stage: Stage, party: str, partner: str) -> Document:
    return next(link for link in _links(stage, party) if link["partner"] == partner)


def _cosigned(stage: Stage, party: str, partner: str) -> bool:
    link = _log(stage, party, partner)
    return bool(link["queued"] == 0 and link["log"] == link["cosigned"])


def _told(stage: Stage, item: str) -> bool:
    return any(one["party"] == "JPN" for one in stage.done("KOR", "item", "show", item)["destroyed"])


STEPS = (
    Step(
        id="restored-node",
        title="a node lost after its backup comes back, fetches what it missed, and forks nothing",
        clauses=("A-18", "G6-7"),
        play=_restored_node,
    ),
    Step(
        id="destroyed-for-good",
        title="two persons destroy an item: key, content and every way to read it",
        clauses=("G13-1", "F-16", "G13-5"),
        play=_destroyed_for_good,
    ),
)
