"""The step in which the record is proven, and then damaged by one byte."""

import base64
import shutil
from dataclasses import replace
from pathlib import Path

from gsomia.demo.exchange import PARTIES
from gsomia.demo.stage import Document, Stage, Unexpected
from gsomia.demo.steps import Evidence, Step, Story


def _audit_verified(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for party in PARTIES:
        verified = _verified(stage, party)
        evidence.check(verified["ok"], f"{party}: {len(verified['logs'])} logs and every record hold")
        for log in _open_shared(verified):
            evidence.check(log["cosigned"] == log["size"], f"{log['origin']}: {log['size']} entries, all cosigned")
    proof = evidence.entry("JPN", story.made["image"]["item"])
    evidence.check(proof["index"] < proof["size"], "an entry is proven under a signed checkpoint")
    stage.stop_all()
    copy = stage.directory / "JPN-damaged"
    shutil.copytree(stage.nodes["JPN"].directory, copy, ignore=shutil.ignore_patterns("run", "keys"))
    offset = _flip_a_leaf(stage, copy / "node.db")
    stage.nodes["damaged"] = replace(stage.nodes["JPN"], directory=copy, process=None, passphrase="")
    said = stage.call("damaged", "audit", "verify")
    evidence.check(said.exit == 1 and said.document["ok"] is False, f"one byte changed at {offset}: verification fails")
    evidence.check(said.document["first_bad"] is not None, f"first bad entry: {said.document['first_bad']}")
    evidence.file(copy / "node.db")
    again = stage.call("JPN", "audit", "verify")
    evidence.check(again.exit == 0, "the original still verifies, stopped and without a passphrase")
    del stage.nodes["damaged"]


def _verified(stage: Stage, party: str) -> Document:
    """What `audit verify` says at a moment at which nothing waits for a cosignature: a lane still tallies by itself."""
    verified: Document = {}

    def all_cosigned() -> bool:
        verified.update(stage.done(party, "audit", "verify"))
        return not verified["ok"] or all(log["cosigned"] == log["size"] for log in _open_shared(verified))

    stage.until(all_cosigned, f"{party}'s logs are cosigned by its partners")
    return verified


def _open_shared(verified: Document) -> list[Document]:
    return [log for log in verified["logs"] if "/shared/" in log["origin"] and log["size"] and not log["closed"]]


def _flip_a_leaf(stage: Stage, database: Path) -> int:
    """Flip one bit, chosen by the challenge, inside a leaf that stands exactly once in the file.

    Not the last one of a log: that one is read before anything can be verified, and then the node does not open.
    """
    data = bytearray(database.read_bytes())
    for proof in sorted(stage.proofs.glob("JPN-*.tlog-proof")):
        path, checkpoint = proof.read_text().split("\n\n", 1)
        extra, index = path.split("\n")[1:3]
        last = int(checkpoint.split("\n")[1]) - 1
        leaf = base64.b64decode(extra.removeprefix("extra "))
        if data.count(leaf) == 1 and int(index.removeprefix("index ")) < last:
            offset = data.index(leaf) + stage.seeded("flip", 1)[0] % len(leaf)
            data[offset] ^= 1
            database.write_bytes(data)
            return offset
    raise Unexpected("no leaf stands exactly once in the database")


STEPS = (
    Step(
        id="audit-verified",
        title="every log proven, cosigned, and one changed byte found",
        clauses=("G6-7", "G9-2"),
        play=_audit_verified,
    ),
)
