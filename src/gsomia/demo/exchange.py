"""The steps in which things go right: nodes up, agreement in force, release, marks, receipts, a reading."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

from gsomia.demo import cast
from gsomia.demo.stage import Document, Stage, file_sha256
from gsomia.demo.steps import Evidence, Step, Story

KR_JP = "GSOMIA-KR-JP"
JP_US = "GSOMIA-JP-US"
PARTIES = ("KOR", "JPN", "USA")


def _nodes_up(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(lambda party: stage.add(party, cast.NAMES[party]), PARTIES))
    for party in PARTIES:
        node = stage.serve(party)
        evidence.check(node.process is not None and node.process.poll() is None, f"{party} runs as its own process")
    evidence.check(
        len({node.process.pid for node in stage.nodes.values() if node.process}) == len(PARTIES), "three process ids"
    )
    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(lambda party: cast.bring_people(stage, party), PARTIES))
    story.made["prints"] = cast.pin_each_other(stage, PARTIES)
    for party in PARTIES:
        evidence.file(stage.directory / f"{party}.pin.json")
    evidence.figures["ready_s"] = round(max(node.ready_s for node in stage.nodes.values()), 3)


def _agreement_in_force(story: Story, evidence: Evidence) -> None:
    stage, prints = story.stage, story.made["prints"]
    texts = files("gsomia.demo").joinpath("data")
    for template, instrument, sides in (
        ("gsomia-kr-jp-2016.toml", KR_JP, ("KOR", "JPN")),
        ("gsomia-jp-us-demo.toml", JP_US, ("JPN", "USA")),
    ):
        chosen = {side: prints[side] for side in sides}
        text = texts.joinpath(template).read_bytes()
        file = cast.write_agreement(stage, text, name=template, prints=chosen)
        evidence.file(file)
        cast.sign_on_both_sides(stage, file, instrument, sides)
    evidence.check(cast.status(stage, "KOR", KR_JP) == "SIGNED", "signed by both, and not yet in force")
    cast.note(stage, "KOR", KR_JP, "KR-NV-2016-0110", "--subject", "completion")
    stage.until(lambda: received(stage, "KOR", KR_JP, "KR-NV-2016-0110"), "Japan received Korea's note")
    evidence.check(cast.status(stage, "JPN", KR_JP) == "SIGNED", "one note alone gives no force (G21-1)")
    cast.note(stage, "JPN", KR_JP, "JP-NV-2016-0210", "--subject", "completion")
    cast.note(stage, "JPN", JP_US, "JP-NV-2007-0310", "--subject", "completion")
    cast.note(stage, "USA", JP_US, "US-DN-2007-0410", "--subject", "completion")
    for party, instrument in (("KOR", KR_JP), ("JPN", KR_JP), ("JPN", JP_US), ("USA", JP_US)):
        stage.until(
            lambda party=party, instrument=instrument: cast.status(stage, party, instrument) == "IN_FORCE",  # type: ignore[misc]
            f"{party} sees {instrument} in force",
        )
    statuses = [stage.done(side, "agreement", "status", "--instrument", KR_JP) for side in ("KOR", "JPN")]
    evidence.check(
        statuses[0]["in_force_from"] == statuses[1]["in_force_from"], "both sides derive the same instant of force"
    )
    evidence.check(statuses[0]["digest"] == statuses[1]["digest"], "over the same digest")
    for party, instrument, number, authority in (
        ("KOR", KR_JP, "KR-NV-2016-0101", "kor-mnd"),
        ("JPN", KR_JP, "JP-NV-2016-0201", "jpn-mod"),
        ("JPN", JP_US, "JP-NV-2007-0301", "jpn-mod"),
        ("USA", JP_US, "US-DN-2007-0401", "usa-dod"),
    ):
        cast.note(stage, party, instrument, number, "--subject", "ca-named", "--authority", authority)
    stage.until(lambda: all_named(stage), "the naming notes were received on both sides")
    for party, channel in (("KOR", "JPN"), ("JPN", "KOR"), ("JPN", "USA")):
        words = ["--number", f"ACC-{party}-{channel}", "--level", cast.SECRET[party], "--until", cast.UNTIL]
        stage.done(party, "facility", "accredit", channel, *words, by="security")
    cast.assure(
        stage, "JPN", "KOR", instrument=KR_JP, authority="jpn-mod", level="JPN-2-TOKUTEI", purpose=story.purpose
    )
    cast.assure(stage, "KOR", "JPN", instrument=KR_JP, authority="kor-mnd", level="KOR-2", purpose=story.purpose)
    evidence.entry("KOR", KR_JP)
    evidence.entry("JPN", KR_JP)


def register(story: Story, party: str, path: Path, *, level: str, purpose: str | None = None) -> Document:
    """Register a file; its document."""
    words = ["--level", level, "--purpose", purpose or story.purpose, "--topic", "DPRK-MISSILE"]
    return story.stage.done(party, "item", "register", str(path), *words, by="registrar")


def make_report(story: Story, name: str) -> Path:
    """A text file made from the challenge, which stands in it."""
    path = story.stage.directory / "made" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"Report {name} of the demonstration.\nchallenge {story.stage.challenge.hex()}\n"
        f"{story.stage.seeded(name, 512).hex()}\n"
    )
    return path


def _direct_release(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    samples = stage.directory / "made"
    samples.mkdir(exist_ok=True)
    for name in ("landsat-rgb.tif", "i_3301h.ntf"):
        with files("gsomia.demo").joinpath("data", name).open("rb") as source, (samples / name).open("wb") as copy:
            shutil.copyfileobj(source, copy)
    plan = (
        ("image", "KOR", "JPN", samples / "landsat-rgb.tif", "KOR-2"),
        ("nitf", "JPN", "KOR", samples / "i_3301h.ntf", "JPN-3"),
        ("report", "KOR", "JPN", make_report(story, "report.txt"), "KOR-2"),
    )
    for key, sender, to, path, level in plan:
        item = register(story, sender, path, level=level)
        evidence.check(item["digest"] == evidence.file(path), f"{path.name} registered under its own digest")
        started = time.monotonic()
        released = stage.done(sender, "item", "release", item["item"], "--to", to, "--wait", "30", by="releaser")
        evidence.figures[f"{key}_s"] = round(time.monotonic() - started, 3)
        evidence.check(released["state"] == "received-by-node", f"{path.name}: {sender} to {to}, {released['state']}")
        evidence.entry(sender, released["item"])
        evidence.entry(to, released["item"])
        story.made[key] = {**released, "digest": item["digest"], "path": path, "from": sender, "to": to}
    evidence.check(stage.challenge.hex() in (samples / "report.txt").read_text(), "the challenge stands in the report")


def _marks(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    item = story.made["image"]["item"]
    before = stage.done("JPN", "item", "show", item)
    evidence.check(before["own_mark"] is None, "Japan's category is pending: nobody has read it (A-06)")
    evidence.check(before["originator_mark"]["mark"] == "군사Ⅱ급비밀", "the originator's mark is kept in its script")
    wrong = ["--mark", "JPN-3", "--basis", "too low"]
    low = stage.call("JPN", "item", "book", item, *wrong, by="registrar")
    evidence.check(low.code == "registry/mark-not-allowed", "a lower mark is refused (EQ-3)")
    for key, mark, basis in (
        ("image", "特定秘密", "Act 108 of 2013, defence"),
        ("report", "JPN-2-TOKUTEI", "Act 108 of 2013, defence"),
        ("nitf", "KOR-3", "Military Secret Protection Act"),
    ):
        made = story.made[key]
        booked = stage.done(made["to"], "item", "book", made["item"], "--mark", mark, "--basis", basis, by="registrar")
        made["control_no"] = booked["control_no"]
    after = stage.done("JPN", "item", "show", item)
    evidence.check(after["own_mark"]["id"] == "JPN-2-TOKUTEI", "the officer chose 特定秘密")
    evidence.check(after["originator_mark"]["mark"] == "군사Ⅱ급비밀", "both marks stand side by side (A-07)")
    evidence.check(after["control_no"].startswith("JPN-GSOMIA-KR-JP-"), f"booked as {after['control_no']}")
    evidence.entry("JPN", item)


def _receipts(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for key in ("image", "report", "nitf"):
        made = story.made[key]
        stage.until(
            lambda made=made: _state(stage, made) == "receipted-by-registrar",  # type: ignore[misc]
            f"{made['from']} received the registrar's receipt for {key}",
        )
        shown = stage.done(made["from"], "item", "show", made["item"])["deliveries"][0]
        stages = [one["stage"] for one in shown["stages"]]
        evidence.check(
            stages == ["queued", "sending", "received-by-node", "receipted-by-registrar"], f"{key}: {', '.join(stages)}"
        )
        evidence.check(
            shown["receipt"]["index"] >= 0, f"proven at index {shown['receipt']['index']} of the partner's log"
        )
        custody = stage.done(made["from"], "item", "show", made["item"])["custody"][-1]
        evidence.check(custody["custodian"] == made["to"], f"custody passed to {made['to']} (A-04)")
        evidence.entry(made["to"], made["item"])


def _cleared_read(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    cast.bring_reader(stage, "JPN", "analyst", instrument=KR_JP)
    for key in ("image", "report"):
        made = story.made[key]
        cast.give_duty(stage, "JPN", "analyst", made["item"])
        out = stage.directory / "read" / made["path"].name
        out.parent.mkdir(exist_ok=True)
        words = ["--purpose", story.purpose, "--out", str(out)]
        read = stage.done("JPN", "item", "read", made["item"], *words, by="analyst")
        evidence.check(evidence.file(out) == file_sha256(made["path"]), f"{out.name}: read equals registered")
        evidence.check(read["digest"] == made["digest"], "and equals the originator's commitment")
        slips = stage.done("JPN", "item", "show", made["item"])["slips"]
        evidence.check(slips[-1]["reader"] == "analyst", "the slip names the reader")
        evidence.entry("JPN", made["item"])
        stage.until(lambda made=made: _state(stage, made) == "opened-by-person", "Korea learned that it was opened")  # type: ignore[misc]
    evidence.check(
        stage.challenge.hex() in (stage.directory / "read" / "report.txt").read_text(), "the challenge came through"
    )


def all_named(stage: Stage) -> bool:
    """Whether the naming notes of both lead authorities are on record as received, on both sides."""
    notes = ("KR-NV-2016-0101", "JP-NV-2016-0201")
    return all(received(stage, side, KR_JP, number) for side in ("KOR", "JPN") for number in notes)


def _state(stage: Stage, made: Document) -> str:
    return str(stage.done(made["from"], "item", "show", made["item"])["deliveries"][0]["state"])


def received(stage: Stage, party: str, instrument: str, number: str) -> bool:
    """Whether a note is on record as received."""
    acts = stage.done(party, "agreement", "show", instrument)["acts"]
    return any(act["note"] == number and act["received"] for act in acts)


STEPS = (
    Step(id="nodes-up", title="three governments run a node each", clauses=("G2-5",), play=_nodes_up),
    Step(
        id="agreement-in-force",
        title="signed by both over one digest, in force at the later of two notes",
        clauses=("T01", "T12", "T13", "T14", "G21-1", "A-24", "G2-5", "G7-5", "G12-11"),
        play=_agreement_in_force,
    ),
    Step(
        id="direct-release",
        title="a satellite image to Japan, a NITF image to Korea",
        clauses=("G1-2", "F-14", "G12-10"),
        play=_direct_release,
    ),
    Step(
        id="marks",
        title="the recipient's own mark beside the originator's",
        clauses=("G4-1", "G4-2", "G4-3", "EQ-3", "EQ-4", "A-06", "A-07"),
        play=_marks,
    ),
    Step(
        id="receipts",
        title="proven by the partner's log, signed by its registrar",
        clauses=("G12-5", "A-04", "F-04"),
        play=_receipts,
    ),
    Step(
        id="cleared-read",
        title="a cleared official with a duty reads; the slip comes first",
        clauses=("G7-2", "G6-6", "F-07"),
        play=_cleared_read,
    ),
)
