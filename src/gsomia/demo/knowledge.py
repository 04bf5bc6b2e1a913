"""The steps about what is only known or told: a mark needs its country, supplies need a pact, a text moves nothing."""

import shutil
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused

ACSA = "ACSA-KR-JP"
TEXTS = ("repost-2017.txt", "undated-2012.txt", "feed-2023.txt", "wire-2016.txt", "singapore-2016.txt")


def _mapping(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    polish = stage.done("KOR", "family", "map", "TAJNE", "--country", "POL")
    evidence.check(_own(polish) == "KOR-2", "TAJNE of Poland, read from a treaty: 군사Ⅱ급비밀")
    emirati = stage.done("KOR", "family", "map", "مكتوم", "--country", "ARE")
    evidence.check(_own(emirati) == "KOR-3", "مكتوم of the United Arab Emirates: 군사Ⅲ급비밀")
    american = stage.done("KOR", "family", "map", "SECRET", "--country", "USA")
    evidence.check(_own(american) == "KOR-2", "SECRET of the United States: 군사Ⅱ급비밀")
    for mark, country, clause in (
        ("Secret", None, "EQ-5"),
        ("Secret", "USA", "EQ-5"),
        ("مكتوم", "JOR", "EQ-6"),
        ("Таємно", "UKR", "EQ-6"),
        ("to confirm", "UZB", "EQ-6"),
    ):
        said = stage.call("KOR", "family", "map", mark, *(["--country", country] if country else []))
        error = said.document.get("error", {})
        evidence.check(
            said.exit == REFUSED and error["clauses"] == [clause],
            f"{mark}, {country or 'without a country'}: refused by {clause}",
        )

    def control() -> Document:
        basis = f"note of {stage.challenge.hex()} on the levels of Romania"
        confirmed = stage.done("KOR", "family", "confirm", "ROU", "--basis", basis, by="security")
        mapped = stage.done("KOR", "family", "map", "Secret", "--country", "ROU")
        evidence.entry("KOR", confirmed["statement"])
        return {"permitted": _own(mapped) == "KOR-3", "confirmed_by": confirmed["official"], "mapped": mapped["own"]}

    refused(
        evidence,
        lambda: stage.call("KOR", "family", "map", "Secret", "--country", "ROU"),
        at="KOR",
        recipient="KOR",
        clause="EQ-6",
        control=control,
        changed="a security officer confirmed Romania's levels by a source",
    )


def _own(mapped: Document) -> str:
    return ",".join(level["id"] for level in mapped["own"])


def _acsa(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    shown = stage.done("KOR", "family", "show", ACSA)
    evidence.check(shown["in_force_from"] is None, "the supply pact never came into force")
    evidence.check(shown["acts"][-1]["event"] == "postpone", "the last act on record put its signing off")
    order = ("family", "order", ACSA, "--goods", "FUEL")
    history = stage.directory / "made" / "acsa-as-if-signed.jsonl"
    history.write_bytes(b"\n".join(_as_if_signed()))
    evidence.file(history)
    refused(
        evidence,
        lambda: stage.call("KOR", *order, by="liaison"),
        at="KOR",
        recipient="KOR",
        clause="T14",
        control=lambda: stage.done("KOR", *order, "--history", str(history)),
        changed="both had signed it and noted completion (asked of another history)",
    )
    half = stage.directory / "made" / "acsa-one-note.jsonl"
    half.write_bytes(b"\n".join(_as_if_signed()[:-1]))
    said = stage.call("KOR", *order, "--history", str(half))
    evidence.check(said.exit == REFUSED, "with one note alone it is refused as well (G21-1)")


def _as_if_signed() -> list[bytes]:
    acts = (
        ("sign", "both", "2012-07-01"),
        ("notify_completed", "KR", "2012-07-02"),
        ("notify_completed", "JP", "2012-07-03"),
    )
    return [
        msgspec.json.encode(
            {
                "n": number,
                "date": day,
                "eff": f"{day}T00:00+09:00",
                "prec": "day",
                "instr": ACSA,
                "actor": actor,
                "event": event,
                "note": "invented for the demonstration",
                "src": ["demo"],
                "conf": "I",
            }
        )
        for number, (event, actor, day) in enumerate(acts, 1)
    ]


def _sources(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    made = stage.directory / "made"
    data = files("gsomia.demo").joinpath("data")
    names = [*(f"texts/{name}" for name in TEXTS), "claims-demo.jsonl", "history.jsonl"]
    paths = [_copied(data.joinpath(*name.split("/")), made / Path(name).name) for name in names]
    *texts, claims, history = paths
    before = _standing(stage)
    told = ["--claims", str(claims)]
    for text in texts:
        digest = evidence.file(text)
        kept = stage.done("KOR", "source", "add", str(text), *told, by="registrar")
        evidence.check(
            kept["source"] == digest and kept["claims"] > 0, f"{text.name} kept, {kept['claims']} claims fit"
        )
    evidence.entry("KOR", digest)
    changed = made / "feed-changed.txt"
    changed.write_text((made / "feed-2023.txt").read_text() + stage.challenge.hex())
    evidence.file(changed)
    other = stage.done("KOR", "source", "add", str(changed), *told, by="registrar")
    evidence.check(other["claims"] == 0, "no claim passes for one about a changed text")

    ours = _compared(stage, *told, "--history", str(history))
    _check_wrong_words(evidence, ours, end="D2-02", earlier="D3-03")
    evidence.check(ours["D0-01"]["published"][:4] == "2017" and ours["D0-01"]["told"][:4] == "2016", "two dates kept")
    evidence.check(ours["D0-03"]["name"] == "Jen Yiwei", "a garbled name stands as printed, beside whom it means")
    evidence.check(ours["D1-01"]["precision"] == "inferred", "a weekday of an undated text is inferred")
    evidence.check(ours["D3-04"]["verdict"] == "agrees", "32 is held against the same day and rule alone")
    evidence.check(ours["D2-02"]["published_utc"] == "2023-03-19T03:12:00Z", "08:42 in India is 03:12 UTC")

    shipped = _compared(stage, "--history", str(history))
    _check_wrong_words(evidence, shipped, end="S2-09", earlier="S3-05")
    verdicts = [one["verdict"] for one in shipped.values()]
    for verdict in ("agrees", "contradicts", "unknown"):
        evidence.figures[verdict] = verdicts.count(verdict)
    evidence.check(_standing(stage) == before, "texts and claims moved nothing")


def _copied(source: Traversable, to: Path) -> Path:
    with source.open("rb") as text, to.open("wb") as copy:
        shutil.copyfileobj(text, copy)
    return to


def _check_wrong_words(evidence: Evidence, found: dict[str, Document], *, end: str, earlier: str) -> None:
    told = found[end]
    evidence.check(
        told["verdict"] == "contradicts"
        and [act.split(" ", 2)[2] for act in told["by"]] == ["2019-08-23 give_notice", "2019-11-22 suspend_notice"],
        f"{end}: ended in 2019? contradicted by the notes of 2019-08-23 and 2019-11-22",
    )
    told = found[earlier]
    evidence.check(
        told["verdict"] == "contradicts" and told["by"][0].endswith("2012-06-29 postpone"),
        f"{earlier}: ended in 2012? contradicted: signature was put off, the text kept",
    )


def _compared(stage: Stage, *words: str) -> dict[str, Document]:
    compared = stage.done("KOR", "source", "compare", *words)
    return {one["claim"]: one for one in compared["claims"]}


def _standing(stage: Stage) -> Document:
    standing = stage.done("KOR", "agreement", "status", "--instrument", KR_JP, "--at", "2035-01-01")
    return {**standing, "acts": len(stage.done("KOR", "agreement", "show", KR_JP)["acts"])}


STEPS = (
    Step(
        id="mapping-by-country",
        title="a mark means something only with its country, once somebody vouched for it",
        clauses=("EQ-5", "EQ-6", "EQ-3"),
        play=_mapping,
    ),
    Step(
        id="acsa-not-in-force",
        title="no fuel under a pact that was never signed",
        clauses=("T14", "G21-1"),
        play=_acsa,
    ),
    Step(
        id="sources-read",
        title="what texts say is compared with the notes, and moves nothing",
        clauses=("A-28", "T16", "T17"),
        play=_sources,
    ),
)
