"""The warning steps about the lanes themselves: direct, cut, without a record, by the hub, and when the pact changes.

Every message is said by `gsomia warn replay` and seen by `gsomia warn watch`, programs beside the served nodes.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import msgspec

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP, PARTIES
from gsomia.demo.floor import Beside, open_lane
from gsomia.demo.stage import Document, Stage, Unexpected
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, register_count

MWDS = "MWDS"
SALVO_DAY = "2026-03-14"
QUICK = ("--on", SALVO_DAY, "--speed", "100")
SALVO_MESSAGES = 72
CUT_SPEED = "60"
CUT_AFTER_S = 2.0
CUTS = 6
"""So often at most a node is cut off in the middle of a burst until that left something to repair."""


def _direct(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    decision = open_lane(stage)
    with Beside(stage, "JPN", "warn", "watch", "--messages", str(SALVO_MESSAGES), "--seconds", "40") as desk:
        before = register_count(stage, "JPN")
        denied = stage.call("KOR", "warn", "replay", *QUICK, "--level", "KOR-3")
        after = register_count(stage, "JPN")
        said = stage.done("KOR", "warn", "replay", *QUICK)
        seen = desk.ended()
    code = denied.document["denied"][0]["code"]
    evidence.refusal = {
        "exit": denied.exit,
        "code": code,
        "clause": "RELAY-5.4",
        "clauses": denied.document["clauses"],
        "register_before": before,
        "register_after": after,
    }
    evidence.check(denied.exit == REFUSED and denied.document["taken"] == 0, f"at another level: {code}")
    evidence.control = {"changed": "the level is the one decided on", "outcome": {"permitted": said["taken"] > 0}}
    evidence.check(seen["digest"] == said["digest"], "the desk in Japan saw exactly the bytes that were said")
    stage.until(lambda: _lane(stage, "KOR", "JPN")["messages"] >= SALVO_MESSAGES, "everything is acknowledged")
    ours, theirs = _lane(stage, "KOR", "JPN"), _lane(stage, "JPN", "KOR", incoming=True)
    evidence.check(ours["digest"] == theirs["digest"], f"both ends sum up the same {ours['messages']} frames")
    evidence.figures |= {"receipt_p50_us": ours["receipt_p50_us"], "round_trip_us": ours["round_trip_us"]}
    for party in ("KOR", "JPN"):
        evidence.entry(party, decision)
    evidence.file(_keep(stage, "lane-direct.json", {"KOR": ours, "JPN": theirs}))


def _cut(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    open_lane(stage)
    launches = _many(stage)
    evidence.file(launches)
    words = ("warn", "replay", str(launches), "--speed", CUT_SPEED)
    resent = _cut_off(stage, evidence, "JPN", words, lambda: int(_lane(stage, "KOR", "JPN")["resent"]))
    evidence.check(resent > 0, f"{resent} frames were on the line, and were sealed again in the next epoch")
    suppressed = _cut_off(
        stage, evidence, "KOR", words, lambda: int(_lane(stage, "JPN", "KOR", incoming=True)["suppressed"])
    )
    evidence.check(suppressed > 0, f"{suppressed} came a second time, and were shown once")
    ours, theirs = _lane(stage, "KOR", "JPN"), _lane(stage, "JPN", "KOR", incoming=True)
    evidence.check(ours["messages"] == theirs["messages"], f"{ours['messages']} sent, {theirs['messages']} received")
    evidence.check(ours["digest"] == theirs["digest"], "the digests over all of them are equal")
    evidence.figures |= {"resent": resent, "suppressed": suppressed, "messages": ours["messages"]}
    evidence.file(_keep(stage, "lane-cut.json", {"KOR": ours, "JPN": theirs}))


def _cut_off(stage: Stage, evidence: Evidence, party: str, words: tuple[str, ...], found: Callable[[], int]) -> int:
    """Kill a node in the middle of a burst and start it again, until something came of it; how much."""
    for _ in range(CUTS):
        before = _lane(stage, "KOR", "JPN")["messages"]
        with ThreadPoolExecutor(1) as beside:
            saying = beside.submit(stage.call, "KOR", *words)
            stage.until(lambda: _lane(stage, "KOR", "JPN")["messages"] > before, "the burst is under way")  # noqa: B023
            pid, status = stage.kill(party)
            evidence.kills.append({"node": party, "pid": pid, "status": status, "pid_after": _again(stage, party)})
            saying.result()
        _settled(stage)
        if found():
            break
    return found()


def _log_down(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    open_lane(stage)
    lane = stage.nodes["JPN"].directory / "lane"
    away = lane.with_name("lane.away")
    stage.stop("JPN")
    lane.rename(away)
    lane.write_bytes(b"")  # as when a disk did not come back: where the record belongs, nothing can be written
    stage.serve("JPN")
    saved = stage.directory / "made" / "unrecorded"
    watching = ["--messages", str(SALVO_MESSAGES), "--seconds", "40", "--save", str(saved)]
    try:
        with Beside(stage, "JPN", "warn", "watch", *watching) as desk:
            open_lane(stage)
            said = stage.done("KOR", "warn", "replay", *QUICK)
            seen = desk.ended()
            down = stage.done("JPN", "warn", "stats")
    finally:
        lane.unlink()
        away.rename(lane)
    evidence.check(not down["recorded"], "Japan's record could be written no more")
    marks = [set(one["marks"]) for one in seen["events"]]
    evidence.check(seen["digest"] == said["digest"], f"all {said['messages']} authentic warnings were shown even so")
    evidence.check(all("UNRECORDED" in one for one in marks), "each marked UNRECORDED")
    evidence.check(down["unrecorded"] > 0, f"{down['unrecorded']} kept in reserved room")
    stage.until(
        lambda: stage.done("JPN", "warn", "stats")["recorded"] and not stage.done("JPN", "warn", "stats")["unrecorded"],
        "the record is back and has them",
    )
    held = stage.done("JPN", "audit", "verify")
    evidence.check(held["ok"], "every log and record of Japan holds")
    shown = min(saved.iterdir())
    evidence.file(shown)
    evidence.entry("JPN", str(msgspec.json.decode(shown.read_bytes())["message"]))
    evidence.file(_keep(stage, "log-down.json", {"seen": seen, "stats": down}))


def open_hub(stage: Stage, prints: dict[str, str]) -> tuple[Path, str, str]:
    """Warnings from Korea through the United States to Japan: the text, Korea's decision, and the hub's."""
    text = files("gsomia.demo").joinpath("data", "mwds-demo.toml").read_bytes()
    file = cast.write_agreement(stage, text, name="mwds-demo.toml", prints=prints)
    stage.done("USA", "agreement", "propose", str(file), by="liaison")
    for party in PARTIES:
        stage.until(lambda party=party: _knows(stage, party), f"{party} knows the mechanism's text")  # type: ignore[misc]
    for party in PARTIES:
        stage.until(
            lambda party=party: stage.call(party, "agreement", "sign", MWDS, by="liaison").exit == 0,  # type: ignore[misc]
            f"{party} signs",
        )
    for party in PARTIES:
        stage.until(
            lambda party=party: cast.status(stage, party, MWDS) == "IN_FORCE",  # type: ignore[misc]
            f"{party} sees the mechanism running",
        )
    common = ["--instrument", MWDS, "--level", "KOR-2", "--until", cast.UNTIL, "--to", "JPN"]
    ours = stage.done("KOR", "warn", "authorise", *common, "--authority", "kor-mnd", "--via", "USA", by="releaser")
    hubs = stage.done("USA", "warn", "authorise", *common, "--authority", "usa-dod", "--of", "KOR", by="releaser")
    for party, other in (("KOR", "USA"), ("USA", "JPN")):
        stage.until(
            lambda party=party, other=other: _runs(stage, party, other),  # type: ignore[misc]
            f"the lane from {party} to {other} runs",
        )
    return file, str(ours["authorisation"]), str(hubs["authorisation"])


def _by_hub(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    file, ours, hubs = open_hub(stage, cast.fingerprints(stage, PARTIES))  # keys were recovered since the beginning
    evidence.file(file)
    before = _lane(stage, "JPN", "USA", incoming=True)
    with Beside(stage, "JPN", "warn", "watch", "--messages", str(SALVO_MESSAGES), "--seconds", "40") as desk:
        said = stage.done("KOR", "warn", "replay", *QUICK)
        seen = desk.ended()
    evidence.check(said["to"] == ["JPN", "USA"], "said once, under the agreement and under the mechanism")
    evidence.check(seen["digest"] == said["digest"], "seen once each in Japan, whichever way was faster")
    stage.until(lambda: _arrived(stage, "USA") >= SALVO_MESSAGES, "the hub's lane brought all of them too")
    by_hub = _lane(stage, "JPN", "USA", incoming=True)
    evidence.check(
        by_hub["refused"] == before["refused"], "with Korea's own signature, which Japan proved for every one"
    )
    evidence.figures |= {"by_hub_first": by_hub["messages"], "by_hub_second": by_hub["suppressed"]}
    evidence.entry("USA", hubs)
    evidence.entry("JPN", ours)
    evidence.file(_keep(stage, "lane-hub.json", by_hub))


def _follows(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    first = open_lane(stage)
    stage.done("KOR", "warn", "stop", "--authorisation", first, by="releaser")
    stopped = time.monotonic()
    stage.until(lambda: not _runs(stage, "KOR", "JPN"), "one act, and the direct lane is closed")
    evidence.figures["stopped_within_s"] = round(time.monotonic() - stopped, 3)
    evidence.check(evidence.figures["stopped_within_s"] < 1.0, "one act of Korea's, and the direct lane is closed")
    second = open_lane(stage)
    digest = _put_amendment(stage, evidence)
    amend = ["agreement", "act", KR_JP, "--event", "amend", "--body", "foreign-ministry", "--digest", digest]
    stage.done("KOR", *amend, by="liaison")
    evidence.check(_runs(stage, "KOR", "JPN"), "Korea alone changes nothing: the lane runs (G21-2)")
    with (
        ThreadPoolExecutor(1) as beside,
        Beside(stage, "JPN", "warn", "watch", "--messages", str(SALVO_MESSAGES), "--seconds", "60") as desk,
    ):
        saying = beside.submit(stage.done, "KOR", "warn", "replay", *QUICK)
        time.sleep(CUT_AFTER_S)
        stage.done("JPN", *amend, by="liaison")
        agreed = time.monotonic()
        stage.until(lambda: not _runs(stage, "KOR", "JPN"), "the text it rests on is over, and the lane is closed")
        evidence.figures["closed_within_s"] = round(time.monotonic() - agreed, 3)
        said, seen = saying.result(), desk.ended()
    evidence.check(evidence.figures["closed_within_s"] < 1.0, "both amend the pact: within a second the lane is closed")
    ended = [one for one in stage.done("KOR", "warn", "list")["authorisations"] if one["authorisation"] == second]
    evidence.check(ended[0]["closed"] == "warning/instrument-closed", f"for that reason: {ended[0]['closed']}")
    evidence.check(seen["digest"] == said["digest"], "in the middle of a salvo, and no warning was lost")
    evidence.check(seen["routes"].get("HUB", 0) > 0, f"the hub went on: {seen['routes']}")
    for party in ("KOR", "JPN"):
        evidence.entry(party, second)
    said = stage.done("KOR", "warn", "replay", *QUICK)
    evidence.check(said["to"] == ["USA"], "what is said now goes by the hub alone")
    evidence.file(_keep(stage, "lane-follows.json", {"seen": seen, "said": said}))


def _put_amendment(stage: Stage, evidence: Evidence) -> str:
    """Both sides know an amended text of the agreement, under today's identities; its digest."""
    text = files("gsomia.demo").joinpath("data", "gsomia-kr-jp-2016.toml").read_bytes()
    changed = text.replace(b"version = 1\n", b"version = 2\n", 1)
    prints = cast.fingerprints(stage, ("KOR", "JPN"))
    file = cast.write_agreement(stage, changed, name="gsomia-kr-jp-amended.toml", prints=prints)
    evidence.file(file)
    digest = str(stage.done("KOR", "agreement", "propose", str(file), by="liaison")["digest"])

    def is_known() -> bool:
        return any(one["digest"] == digest for one in stage.done("JPN", "agreement", "list")["agreements"])

    stage.until(is_known, "Japan knows the amended text")
    return digest


def _lane(stage: Stage, party: str, other: str, *, incoming: bool = False) -> Document:
    lanes = stage.done(party, "warn", "stats")["lanes"]
    found: Document = next((lane for lane in lanes if lane["party"] == other and lane["incoming"] is incoming), {})
    return found


def _runs(stage: Stage, party: str, other: str) -> bool:
    return bool(_lane(stage, party, other).get("up"))


def _arrived(stage: Stage, other: str) -> int:
    lane = _lane(stage, "JPN", other, incoming=True)
    return int(lane["messages"] + lane["suppressed"])


def _settled(stage: Stage) -> None:
    def over() -> bool:
        lane = _lane(stage, "KOR", "JPN")
        return bool(lane.get("up")) and lane["waiting"] == lane["on_the_way"] == 0

    stage.until(over, "the lane brought over everything it owed")


def _again(stage: Stage, party: str) -> int:
    process = stage.serve(party).process
    if process is None:
        raise Unexpected(f"{party} did not start again")
    return process.pid


def _knows(stage: Stage, party: str) -> bool:
    return any(one["instrument"] == MWDS for one in stage.done(party, "agreement", "list")["agreements"])


def _many(stage: Stage) -> Path:
    """The salvo of 14 March 2026 twenty times over, so that there is a burst to cut."""
    text = files("gsomia.warning").joinpath("missile-tests.jsonl").read_bytes()
    lines = [line for line in map(msgspec.json.decode, text.splitlines()) if line["date"] == SALVO_DAY]
    many = [line | {"salvo": number} for number, line in enumerate(lines * 20, start=1)]
    path = stage.directory / "made" / "many-launches.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n".join(map(msgspec.json.encode, many)) + b"\n")
    return path


def _keep(stage: Stage, name: str, document: Document) -> Path:
    path = stage.directory / "made" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
    return path


STEPS = (
    Step(
        id="warning-direct",
        title="a salvo of real launches crosses directly; another level does not",
        clauses=("G5-1", "RELAY-5.4", "DESIGN-6"),
        play=_direct,
    ),
    Step(
        id="warning-link-cut",
        title="both ends killed in a burst: nothing lost, nothing shown twice",
        clauses=("DESIGN-6",),
        play=_cut,
    ),
    Step(
        id="warning-log-down",
        title="no record can be written: warnings are shown UNRECORDED, and entered later",
        clauses=("DESIGN-2",),
        play=_log_down,
    ),
)
BY_HUB = (
    Step(
        id="warning-by-hub",
        title="the same salvo by the hub, with Korea's own signature",
        clauses=("RELAY-5.4", "G6-1", "DESIGN-6"),
        play=_by_hub,
    ),
    Step(
        id="warning-lane-follows-state",
        title="the direct lane ends with what it rests on; the hub goes on",
        clauses=("G5-1", "G21-2", "RELAY-5.4"),
        play=_follows,
    ),
)
