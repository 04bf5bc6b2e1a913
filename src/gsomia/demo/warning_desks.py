"""The warning steps at the ends of a lane: a salvo from source to desk, TAK clients, and training that never mixes."""

from pathlib import Path

import msgspec

from gsomia.demo import cast
from gsomia.demo.floor import Beside, TakClient, open_lane, write_certificates
from gsomia.demo.stage import Document, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused, register_count

SALVO = ("--on", "2026-03-14", "--speed", "100")
SALVO_MESSAGES = 72
"""Twelve launches, at a hundredth of their time: a report, three track points, an area and an end each."""
DRILL = ("--on", "2019-05-09", "--speed", "1000")
DRILL_MESSAGES = 8
EVENT = (
    '<event version="2.0" uid="{uid}" type="{type}" time="{time}" start="{time}" stale="{stale}" how="m-g">'
    '<point lat="39.200" lon="125.673" hae="80000.0" ce="9999999.0" le="9999999.0"/><detail/></event>'
)


def _salvo(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    decision = open_lane(stage)
    run = stage.seeded("salvo").hex()
    with (
        Beside(stage, "JPN", "warn", "watch", "--messages", str(SALVO_MESSAGES), "--seconds", "40") as tokyo,
        Beside(stage, "KOR", "warn", "watch", "--messages", str(SALVO_MESSAGES), "--seconds", "40") as seoul,
    ):
        said = stage.done("KOR", "warn", "replay", *SALVO, "--run", run)
        shown = {"KOR": seoul.ended(), "JPN": tokyo.ended()}
    evidence.check(said["launches"] == 12, "twelve missiles of 14 March 2026, launched in one instant")  # noqa: PLR2004  the salvo
    evidence.check(said["character"] == "TEST", "a real node replays as TEST, never as REAL")
    evidence.check(said["taken"] == said["messages"] == SALVO_MESSAGES, f"{SALVO_MESSAGES} messages are on record")
    for party, picture in shown.items():
        events = picture["events"]
        evidence.check(picture["digest"] == said["digest"], f"the desk in {party} saw exactly the bytes that were said")
        evidence.check({one["state"] for one in events} == {"ENDED"}, f"{len(events)} events ended on it")
        evidence.check({one["character"] for one in events} == {"TEST"}, "every line says TEST")
        evidence.check(all("UNRECORDED" not in one["marks"] for one in events), "and none is UNRECORDED")
        evidence.file(_keep(stage, f"salvo-{party}.json", picture))
    evidence.check(shown["JPN"]["routes"] == {"DIRECT": SALVO_MESSAGES}, "all came directly")
    evidence.figures |= {"messages": SALVO_MESSAGES, "delay_p50_ms": shown["JPN"]["delay_ms"]["p50"]}
    evidence.entry("KOR", decision)


def _cot(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    decision = open_lane(stage)
    folders = {party: _tak(stage, party) for party in ("KOR", "JPN")}
    with (
        Beside(stage, "KOR", "warn", "cot", str(folders["KOR"] / "cot.toml")) as seoul,
        Beside(stage, "JPN", "warn", "cot", str(folders["JPN"] / "cot.toml")) as tokyo,
        TakClient(folders["KOR"], "radar", port=_port(seoul)) as radar,
        TakClient(folders["JPN"], "map", port=_port(tokyo)) as screen,
    ):
        uid = f"radar.{stage.seeded('track', 4).hex()}"
        before = register_count(stage, "JPN")
        radar.say(_event(uid, cot="t-k"))  # the same event, as the tasking of a strike
        radar.say(_event(uid, cot="a-h-A-W-M"))
        shown = screen.hear()
        carried = {"KOR": seoul.stop(), "JPN": tokyo.stop()}
    evidence.file(_write(stage, "cot-shown.xml", shown))
    evidence.check(b'type="a-h-A-W-M"' in shown, "a track of Korea's radar reached a map in Japan as a track")
    evidence.check(b'opex="s-GSOMIA"' in shown and b'access="TEST KOR-2"' in shown, "marked TEST, at Korea's level")
    evidence.check(b'ce="9999999.0"' in shown, "and nothing is said of its accuracy")
    code = "warning/out-of-scope"
    evidence.refusal = {
        "exit": None,
        "code": code,
        "clause": "DESIGN-1",
        "register_before": before,
        "register_after": register_count(stage, "JPN"),
    }
    evidence.check(carried["KOR"]["refused"] == {code: 1}, "the same event as a tasking was refused, and counted")
    evidence.control = {"changed": "the type is a track", "outcome": {"permitted": carried["KOR"]["taken"] == 1}}
    evidence.check(carried["KOR"]["taken"] == 1, "permitted once the type is a track")
    evidence.check(carried["JPN"]["connected"] == 1, "the map was known by its certificate")
    for party, document in carried.items():
        evidence.file(_keep(stage, f"cot-{party}.json", document))
    evidence.entry("KOR", decision)


def _exercise(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for played in ("KOR", "JPN"):
        stage.add(f"X{played}", cast.NAMES[played], playing=played)
    files = {party: _export(stage, party) for party in ("KOR", "JPN", "XKOR", "XJPN")}

    def pin(at: str, them: str) -> tuple[str, ...]:
        path, fingerprint = files[them]
        return at, "party", "pin", str(path), "--fingerprint", fingerprint

    refused(
        evidence,
        lambda: stage.call(*pin("JPN", "XKOR")),
        at="JPN",
        recipient="JPN",
        clause="DESIGN-4",
        control=lambda: {"permitted": stage.done(*pin("XJPN", "XKOR"))["party"] == "XKOR"},
        changed="Japan trains too",
    )
    before = register_count(stage, "XJPN")
    said = stage.call(*pin("XJPN", "KOR"))
    evidence.check(
        said.exit == REFUSED and said.code == "flows/exercise-does-not-mix", "nor does training pin the real"
    )
    evidence.check(register_count(stage, "XJPN") == before, "and nothing changed there")
    evidence.entry("XJPN", said.document["error"]["correlation_id"])
    evidence.check(stage.done(*pin("KOR", "JPN"))["party"] == "JPN", "two real parties deal as before")
    stage.serve("XKOR")
    try:
        with Beside(stage, "XKOR", "warn", "watch", "--messages", str(DRILL_MESSAGES), "--seconds", "40") as desk:
            drill = stage.done("XKOR", "warn", "replay", *DRILL)
            picture = desk.ended()
    finally:
        stage.stop("XKOR")
    evidence.check(drill["character"] == "EXERCISE", "launches of May 2019 are replayed as training")
    evidence.check(picture["characters"] == ["EXERCISE"], "and the desk shows EXERCISE on every line")
    evidence.check(picture["digest"] == drill["digest"], "exactly the bytes that were said")
    evidence.file(_keep(stage, "drill.json", picture))
    for path, _ in files.values():
        evidence.file(path)


def _export(stage: Stage, party: str) -> tuple[Path, str]:
    path = stage.directory / f"{party}.again.json"
    said = stage.done(party, "party", "export", "--out", str(path))
    return path, str(said["fingerprint"])


def _tak(stage: Stage, party: str) -> Path:
    folder = stage.directory / "tak" / party
    write_certificates(stage, folder, "bridge", "radar", "map")
    level = cast.SECRET[party]
    speaks = f'speaks = {{ character = "TEST", level = "{level}", sensor = "GROUND_RADAR", confidence_pct = 90 }}'
    (folder / "cot.toml").write_text(
        'listen = "127.0.0.1:0"\ncertificate = "bridge.pem"\nkey = "bridge.key"\n'
        f'[[client]]\nname = "radar"\ncertificate = "radar.pem"\nsees = false\n{speaks}\n'
        '[[client]]\nname = "map"\ncertificate = "map.pem"\nsees = true\n'
    )
    return folder


def _port(bridge: Beside) -> int:
    return int(bridge.said.rpartition(" ")[2])


def _event(uid: str, *, cot: str) -> bytes:
    time, stale = "2026-03-14T04:24:05Z", "2026-03-14T04:26:05Z"
    return EVENT.format(uid=uid, type=cot, time=time, stale=stale).encode()


def _write(stage: Stage, name: str, data: bytes) -> Path:
    path = stage.directory / "made" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def _keep(stage: Stage, name: str, document: Document) -> Path:
    return _write(stage, name, msgspec.json.format(msgspec.json.encode(document), indent=2))


STEPS = (
    Step(
        id="warning-salvo",
        title="twelve missiles at once, from a source in Korea to a desk in Japan",
        clauses=("RELAY-5.4", "G5-1"),
        play=_salvo,
    ),
    Step(
        id="warning-cot",
        title="a TAK client's track crosses to a TAK client; its tasking does not",
        clauses=("DESIGN-1", "RELAY-5.4"),
        play=_cot,
    ),
    Step(
        id="exercise-does-not-mix",
        title="a node for training and a real one refuse each other",
        clauses=("DESIGN-4",),
        play=_exercise,
    ),
)
