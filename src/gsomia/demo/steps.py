"""What a step of the demo leaves behind: checks that held, and evidence that can be recomputed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gsomia.demo.stage import Document, Said, Stage, Unexpected, file_sha256

REFUSED = 3


@dataclass(slots=True)
class Evidence:
    """Paths and digests of real files, log indices, refusals with their controls; never prose alone."""

    stage: Stage
    files: list[Document] = field(default_factory=list)
    log: list[Document] = field(default_factory=list)
    refusal: Document | None = None
    control: Document | None = None
    kills: list[Document] = field(default_factory=list)
    figures: Document = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def file(self, path: Path) -> str:
        """Name a file by digest."""
        digest = file_sha256(path)
        self.files.append({"path": str(path.relative_to(self.stage.directory)), "sha256": digest})
        return digest

    def entry(self, party: str, subject: str) -> Document:
        """Have a node prove the entry about `subject`, and keep the proof as a file."""
        out = self.stage.proofs / f"{party}-{subject[:20]}-{len(self.log)}.tlog-proof"
        while out.exists():
            out = out.with_name("again-" + out.name)
        proof = self.stage.done(party, "audit", "prove", subject, "--out", str(out))
        self.log.append({"node": party, "origin": proof["origin"], "index": proof["index"]})
        self.file(out)
        return proof

    def check(self, holds: bool, what: str) -> None:  # noqa: FBT001  a fact
        """A check of the step.

        Raises:
            Unexpected: it does not hold.
        """
        if not holds:
            raise Unexpected(what)
        self.said.append(what)

    def document(self) -> Document:
        """As `--json` prints it: the members that apply."""
        every: Document = {
            "files": self.files,
            "log": self.log,
            "refusal": self.refusal,
            "control": self.control,
            "kills": self.kills,
            "figures": self.figures,
            "checks": self.said,
        }
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the story. Ids are stable."""

    id: str
    title: str
    clauses: tuple[str, ...]
    play: Callable[["Story", Evidence], None]


@dataclass(slots=True)
class Story:
    """What earlier steps made and later ones use."""

    stage: Stage
    purpose: str
    made: dict[str, Any] = field(default_factory=dict)


def play(step: Step, story: Story) -> Document:
    """Play one step; its document says whether every check held."""
    evidence = Evidence(story.stage)
    started = time.monotonic()
    problem = None
    try:
        step.play(story, evidence)
    except Exception as wrong:  # noqa: BLE001  whatever goes wrong is what the step shows
        problem = f"{type(wrong).__name__}: {wrong}"
    document: Document = {
        "id": step.id,
        "title": step.title,
        "ok": problem is None,
        "clauses": list(step.clauses),
        "evidence": evidence.document(),
        "seconds": round(time.monotonic() - started, 3),
    }
    if problem:
        document["problem"] = problem
    return document


def register_count(stage: Stage, party: str) -> int:
    """How many items a node's register holds."""
    return int(stage.done(party, "item", "list")["count"])


def refused(
    evidence: Evidence,
    act: Callable[[], Said],
    *,
    at: str,
    recipient: str,
    clause: str,
    control: Callable[[], Document],
    changed: str,
) -> None:
    """An act that must be refused by a clause, recorded, without effect; then the same act with one fact changed.

    Args:
        evidence: of the step.
        act: the act.
        at: the node that refuses and records.
        recipient: the node whose register must not change.
        clause: the clause that must stand behind the refusal.
        control: the same act with the one fact changed; what it came to.
        changed: which fact that is.
    """
    stage = evidence.stage
    before = register_count(stage, recipient)
    said = act()
    after = register_count(stage, recipient)
    error = said.document.get("error", {})
    evidence.refusal = {
        "exit": said.exit,
        "code": said.code,
        "clause": clause,
        "clauses": error.get("clauses", []),
        "register_before": before,
        "register_after": after,
    }
    evidence.check(said.exit == REFUSED, f"refused with exit code {said.exit}: {said.code}")
    evidence.check(clause in error.get("clauses", []), f"by clause {clause}")
    evidence.check(before == after, f"the register of {recipient} still counts {after}")
    evidence.entry(at, error["correlation_id"])
    evidence.control = {"changed": changed, "outcome": control()}
    evidence.check(bool(evidence.control["outcome"].get("permitted")), f"permitted once {changed}")
