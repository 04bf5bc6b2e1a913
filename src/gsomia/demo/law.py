"""The step about the law at home: a change that affects protection is told before it is closed, and told on request."""

from pathlib import Path

import msgspec

from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, register_count


def _notified(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    reference = f"Act No. {int(stage.seeded('law', 2).hex(), 16)}"
    words = ["Military Secret Protection Act", "--reference", reference, "--begins", "2026-01-01"]
    law = str(stage.done("KOR", "law", "add", *words, "--affects-protection", by="security")["law"])
    evidence.entry("KOR", law)
    _close_refused(stage, evidence, law)
    number = f"KR-LAW-{stage.seeded('law note', 3).hex().upper()}"
    note = ["--number", number, "--subject", "law-change", "--words", reference]
    stage.done("KOR", "agreement", "note", KR_JP, *note, by="liaison")
    closed = stage.done("KOR", "law", "close", law, "--note", number, by="security")
    permitted = closed["notified"] == [{"instrument": KR_JP, "note": number}]
    evidence.control = {"changed": f"note {number} was sent", "outcome": {"permitted": permitted, "state": "closed"}}
    evidence.check(permitted, f"closed once note {number} was sent")
    stage.until(lambda: number in _notes(stage, "JPN"), "the note about the law reaches Tokyo")
    _told(stage, evidence, reference)


def _close_refused(stage: Stage, evidence: Evidence, law: str) -> None:
    before = register_count(stage, "JPN")
    said = stage.call("KOR", "law", "close", law, by="security")
    clauses = said.document.get("error", {}).get("clauses", [])
    evidence.refusal = {
        "exit": said.exit,
        "code": said.code,
        "clause": "G3-2",
        "clauses": clauses,
        "register_before": before,
        "register_after": register_count(stage, "JPN"),
    }
    evidence.check(said.exit == REFUSED and "G3-2" in clauses, f"not closed while nobody was told: {said.code}")


def _told(stage: Stage, evidence: Evidence, reference: str) -> None:
    request = str(stage.done("JPN", "law", "request", "--instrument", KR_JP, "--to", "KOR", by="liaison")["request"])
    stage.until(lambda: _request(stage, "KOR", request) is not None, "the request reaches Seoul")
    waiting = _request(stage, "KOR", request) or {}
    evidence.check(
        (waiting.get("state"), waiting.get("days")) == ("open", 0), "asked for its law; open for 0 days so far"
    )
    stage.done("KOR", "law", "answer", request, by="liaison")
    stage.until(lambda: (_request(stage, "JPN", request) or {}).get("state") == "answered", "the answer reaches Tokyo")
    answer = _request(stage, "JPN", request) or {}
    evidence.file(_keep(stage, answer))
    evidence.check(reference in [text["reference"] for text in answer["texts"]], f"answered with {reference}")
    evidence.entry("JPN", request)


def _notes(stage: Stage, party: str) -> set[str]:
    return {act["note"] for act in stage.done(party, "agreement", "show", KR_JP)["acts"]}


def _request(stage: Stage, party: str, request: str) -> Document | None:
    requests: list[Document] = stage.done(party, "law", "list")["requests"]
    return next((one for one in requests if one["request"] == request), None)


def _keep(stage: Stage, answer: Document) -> Path:
    path = stage.directory / "made" / "law-answer.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    return path


STEPS = (
    Step(
        id="law-change-notified",
        title="a change of law is told before it is closed, and the law in force on request",
        clauses=("G3-1", "G3-2", "F-25"),
        play=_notified,
    ),
)
