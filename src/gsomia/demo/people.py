"""The steps about people and questions: a clearance withdrawn while its holder reads, a request that is declined.

The reading that is stopped is of the gibibyte that came before: the clearance is withdrawn once the node has written
the first of it, and the reading stops at the next segment.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.killing import LARGE_MIB, MIB, WATCH_S, WATCH_TIMEOUT_S
from gsomia.demo.stage import Document, Said, Stage, Unexpected
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused, register_count

READER = "watcher"
SIDES = ("KOR", "JPN")


def _clearance_withdrawn(story: Story, evidence: Evidence) -> None:
    stage, large, image = story.stage, story.made["large"], story.made["image"]["item"]
    cast.bring_reader(stage, "JPN", READER, instrument=KR_JP)
    for item in (large, image):
        cast.give_duty(stage, "JPN", READER, item)
    out = stage.directory / "read" / "withdrawn.bin"
    partial = out.with_name(out.name + ".part")
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(_read, story, large, out)
        _watch(partial, reading)
        basis = f"PSC-JPN-{stage.challenge.hex()[:6].upper()}"
        stage.done("JPN", "person", "withdraw", READER, "--basis", basis, by="security")
        said = reading.result()
    error = said.document.get("error", {})
    evidence.check(
        said.exit == REFUSED and said.code == "flows/reading-stopped" and "G7-6" in error["clauses"],
        f"the reading that was open stopped: {said.code}, exit {said.exit}",
    )
    evidence.check(not out.exists() and not partial.exists(), "nothing of it is left where it was written")
    stop = stage.done("JPN", "item", "show", large)["stopped"][-1]
    evidence.check(
        stop["reader"] == READER and 0 < stop["segments"] < LARGE_MIB,
        f"on record: stopped after {stop['segments']} of {LARGE_MIB} segments",
    )
    evidence.entry("JPN", error["correlation_id"])
    evidence.check(_standing(stage, READER) == "withdrawn", "Japan's list of people shows it withdrawn")
    again = stage.call("JPN", "person", "restore", READER, "--basis", basis, by="security")
    evidence.check(
        again.code == "flows/clearance-withdrawn", "it is not restored: only a new decision grants one (G7-3)"
    )

    def control() -> Document:
        cast.clear(stage, "JPN", READER, level=cast.TOP["JPN"])
        read = _read(story, image, stage.directory / "read" / "cleared-anew.tif")
        return {"permitted": read.exit == 0, "digest": read.document.get("digest"), "slip": read.document.get("slip")}

    refused(
        evidence,
        lambda: _read(story, image, stage.directory / "read" / "after-withdrawal.tif"),
        at="JPN",
        recipient="JPN",
        clause="G7-6",
        control=control,
        changed="a new decision cleared the reader",
    )


def _read(story: Story, item: str, out: Path) -> Said:
    words = ["--purpose", story.purpose, "--out", str(out)]
    return story.stage.call("JPN", "item", "read", item, *words, by=READER)


def _watch(partial: Path, reading: "Future[Said]") -> None:
    """Wait until the first segment has been shown."""
    deadline = time.monotonic() + WATCH_TIMEOUT_S
    while not partial.exists() or partial.stat().st_size < MIB:
        if reading.done() or time.monotonic() > deadline:
            how = reading.result().document if reading.done() else "nothing was shown"
            raise Unexpected(f"the reading was not met half way: {how}")
        time.sleep(WATCH_S)


def _standing(stage: Stage, person: str) -> str:
    people = stage.done("JPN", "person", "list")["people"]
    return next(str(one["standing"]) for one in people if one["person"] == person)


def _request_declined(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    first, second = _ask(story, "--needed-by", "2030-01-01"), _ask(story)
    stage.until(lambda: _state(stage, "KOR", second) == "open", "Korea has Japan's two requests")
    declined = stage.done("KOR", "request", "decline", first, by="releaser")
    evidence.check(set(declined) == {"request", "state"}, "declined, and there is nowhere to put a reason")
    stage.until(lambda: _state(stage, "JPN", first) == "declined", "Japan shows it declined")
    evidence.check(_state(stage, "KOR", first) == "declined", "both sides show it declined")
    for party in SIDES:
        stage.until(lambda party=party: _queued(stage, party) == 0, f"{party} has nothing left to say about it")  # type: ignore[misc]
        line = _line(stage, party, first)
        evidence.check(line["delivery"] is None and line["refused"] is None, f"{party}: closed, and nothing is owed")
        evidence.entry(party, first)
    delivery = story.made["image"]["delivery"]
    before = register_count(stage, "JPN")
    late = stage.call("KOR", "request", "answer", first, "--delivery", delivery, by="releaser")
    error = late.document.get("error", {})
    evidence.check(late.exit == REFUSED and "G1-3" in error["clauses"], f"a closed request stays closed: {late.code}")
    evidence.refusal = {
        "exit": late.exit,
        "code": late.code,
        "clause": "G1-3",
        "clauses": error["clauses"],
        "register_before": before,
        "register_after": register_count(stage, "JPN"),
    }
    evidence.check(evidence.refusal["register_after"] == before, f"the register of JPN still counts {before}")
    answered = stage.done("KOR", "request", "answer", second, "--delivery", delivery, by="releaser")
    stage.until(lambda: _state(stage, "JPN", second) == "answered", "Japan shows the other one answered")
    evidence.check(
        _line(stage, "JPN", second)["item"] == story.made["image"]["item"], "by the item that the delivery brought"
    )
    evidence.entry("JPN", second)
    evidence.control = {"changed": "the request is open", "outcome": {"permitted": True, **answered}}


def _ask(story: Story, *words: str) -> str:
    line = ["--to", "KOR", "--instrument", KR_JP, "--topic", "DPRK-MISSILE", "--purpose", story.purpose, *words]
    return str(story.stage.done("JPN", "request", "make", *line, by="liaison")["request"])


def _line(stage: Stage, party: str, request: str) -> Document:
    lines = stage.done(party, "request", "list")["requests"]
    return next((line for line in lines if line["request"] == request), {"state": None})


def _state(stage: Stage, party: str, request: str) -> str:
    return str(_line(stage, party, request)["state"])


def _queued(stage: Stage, party: str) -> int:
    links = stage.call(party, "doctor").document["links"]
    return sum(int(link["queued"]) for link in links)


STEPS = (
    Step(
        id="request-declined",
        title="Japan asks, Korea declines: no reason, no clock; the next question is answered",
        clauses=("G1-2", "G1-3"),
        play=_request_declined,
    ),
    Step(
        id="clearance-withdrawn",
        title="a clearance withdrawn in mid-reading: it stops at the next segment, and nothing is read after",
        clauses=("G7-6", "G7-3", "G2-6"),
        play=_clearance_withdrawn,
    ),
)
