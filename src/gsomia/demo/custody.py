"""The steps about what is no file: words that are spoken, and equipment that travels under escort."""

from gsomia.demo import cast
from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Said, Stage
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, refused

PLACE = "Ministry of Defence, Ichigaya, room 402"
SEOUL = "국방부 국방정보본부, 서울특별시 용산구, Republic of Korea"
TOKYO = "防衛省 情報本部, 東京都新宿区市谷本村町5-1, Japan"
OUTER, INNER = ("S-101", "S-102"), ("S-201",)
ESCORT, ENVOY = "escort", "envoy"


def _oral_disclosure(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    purpose = f"BRIEFING-{stage.challenge.hex()[:6].upper()}"
    words = ["--form", "oral", "--about", "NOTE-2026-14", "--level", "KOR-2", "--topic", "DPRK-MISSILE"]
    item = stage.done("KOR", "item", "register", *words, "--purpose", purpose, by="registrar")["item"]
    evidence.check(_read(stage, item) == "flows/no-sealed-content", "what is spoken is not opened like a file (G2-3)")

    def control() -> Document:
        cast.assure(stage, "JPN", "KOR", instrument=KR_JP, authority="jpn-mod", level="JPN-2-TOKUTEI", purpose=purpose)
        said = _disclose(stage, item)
        return {"permitted": said.exit == 0, **said.document}

    refused(
        evidence,
        lambda: _disclose(stage, item),
        at="KOR",
        recipient="JPN",
        clause="G7-5",
        control=control,
        changed="Japan assured clearance, purpose and protection for this talk",
    )
    stage.until(lambda: _state(stage, "JPN", item) == "incomplete", "Japan heard the notice")
    evidence.check(
        _state(stage, "KOR", item) == "incomplete", "without attendance both sides list it incomplete (G2-4)"
    )
    shown = stage.done("JPN", "item", "show", item)
    evidence.check(shown["originator"] == "KOR" and shown["form"] == "oral", "Japan's register: Korea's, of form oral")
    book = ["--mark", "JPN-2-TOKUTEI", "--basis", "Act 108 of 2013, defence"]
    stage.done("JPN", "item", "book", item, *book, by="registrar")
    cast.clear(stage, "JPN", "liaison", level="JPN-1")
    heard = stage.done("JPN", "item", "attendance", item, "--heard", "liaison", "--note-taken", by="registrar")
    stage.until(lambda: _state(stage, "KOR", item) == "complete", "Korea heard how many attended")
    stage.until(lambda: _custodian(stage, "KOR", item) == "JPN", "Japan's registrar signed for it (A-04)")
    ours = next(one for one in _disclosures(stage, "KOR") if one["item"] == item)
    evidence.check(
        (ours["notice"], ours["hearers"], ours["heard"]) == (heard["notice"], 1, []),
        "both registers name one notice and one hearer; no name crossed the border (A-35)",
    )
    for party in ("KOR", "JPN"):
        evidence.entry(party, item)


def _disclose(stage: Stage, item: str) -> Said:
    words = ["--to", "JPN", "--speaker", "liaison", "--where", PLACE]
    return stage.call("KOR", "item", "disclose", item, *words, by="releaser")


def _read(stage: Stage, item: str) -> str | None:
    out = str(stage.directory / "read" / "spoken.txt")
    (stage.directory / "read").mkdir(exist_ok=True)
    return stage.call("KOR", "item", "read", item, "--purpose", "ANY", "--out", out, by="releaser").code


def _disclosures(stage: Stage, party: str) -> list[Document]:
    return list(stage.done(party, "item", "disclosures")["disclosures"])


def _state(stage: Stage, party: str, item: str) -> str | None:
    return next((str(one["state"]) for one in _disclosures(stage, party) if one["item"] == item), None)


def _custodian(stage: Stage, party: str, item: str) -> str:
    return str(stage.done(party, "item", "show", item)["copies"][-1]["custodian"])


def _equipment_courier(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    stage.add_person("KOR", ESCORT, "--office", "reader")
    cast.clear(stage, "KOR", ESCORT, level="KOR-2")
    stage.add_person("JPN", ENVOY, "--office", "designated-representative")
    stage.done("JPN", "package", "representative", ENVOY, "--partner", "KOR", "--until", cast.UNTIL, by="security")
    serial = f"R-{stage.challenge.hex()[:8].upper()}"
    words = ["--form", "equipment", "--serial", serial, "--level", "KOR-2", "--topic", "DPRK-MISSILE"]
    item = stage.done("KOR", "item", "register", *words, "--purpose", story.purpose, by="registrar")["item"]
    decided = stage.done("KOR", "item", "release", item, "--to", "JPN", by="releaser")
    evidence.check(decided["state"] == "to-be-packed", "decided like any release, and not sent (F-14)")
    told = _make(stage, item, "防衛省 機密室, Tokyo")
    evidence.check(told.code == "registry/cover-tells-level", "an address that tells a level is refused (G12-3)")
    made = _make(stage, item, TOKYO).document
    number = str(made["package"])
    labels = stage.done("KOR", "package", "label", number, "--out", str(stage.directory / "labels"))
    for name in labels["files"]:
        evidence.file(stage.directory / "labels" / name.rsplit("/", 1)[1])
    unplanned = stage.call("KOR", "package", "send", number, by="registrar")
    clauses = unplanned.document.get("error", {}).get("clauses", [])
    evidence.check(unplanned.exit == REFUSED and "G12-7" in clauses, "without plan, escort and notice nothing leaves")
    plan = ["--vehicle", "TRUCK-7", *_each("--seal", OUTER), "--escort", ESCORT, "--stop", "Seoul", "--stop", "Tokyo"]
    plan += ["--notice", "NC-2026-014", "--customs", "customs office Hakata"]
    stage.done("KOR", "package", "plan", number, *plan, by="security")
    stage.done("KOR", "package", "send", number, by="registrar")
    for giver, taker, place in (("KOR", "ESCORT-1", "Seoul"), ("ESCORT-1", "JPN", "Tokyo")):
        hands = ["--giver", giver, "--taker", taker, "--where", place, *_each("--seal", OUTER)]
        chain = stage.done("KOR", "package", "hands", number, *hands, by=ESCORT)["chain"]
    evidence.check([one["to"] for one in chain] == ["ESCORT-1", "JPN"], "a receipt at every hand, no gap (G12-9)")
    traced = {one["number"]: one["due"] for one in stage.done("KOR", "package", "trace")["dispatches"]}
    evidence.check(traced.get(number) == "awaiting-receipt", "Korea shows it as awaiting its receipt")
    stage.until(lambda: _leg(stage, "JPN", number) == "told", "Japan has the signed list")
    _arrival(story, evidence, number, item)
    stage.until(lambda: _leg(stage, "KOR", number) == "receipted", "the receipt is back in Seoul")
    evidence.check(_custodian(stage, "KOR", item) == "JPN", "custody passed at Japan's signed receipt (A-04)")
    evidence.check(not stage.done("KOR", "incident", "marks")["incidents"], "no gap, no seal broken: no incident")
    for party, other in (("KOR", "JPN"), ("JPN", "KOR")):
        stage.done(party, "registry", "reconcile", "--partner", other, by="registrar")
    stage.until(lambda: _listed(stage, number) == "agree", "both registers agree on the number (LEDGER-8)")
    for party in ("KOR", "JPN"):
        evidence.entry(party, number)


def _arrival(story: Story, evidence: Evidence, number: str, item: str) -> None:
    stage, whose = story.stage, ["--partner", "KOR"]
    wrong = stage.call("JPN", "package", "receive", number, *whose, *_each("--seal", OUTER), by="registrar")
    clauses = wrong.document.get("error", {}).get("clauses", [])
    evidence.check(wrong.exit == REFUSED and clauses == ["G9-3"], "nobody but the designated representative takes it")
    stage.done("JPN", "package", "receive", number, *whose, *_each("--seal", OUTER), by=ENVOY)
    found = ["--found", f"{item}:1=1", *_each("--seal", INNER)]
    opened = stage.done("JPN", "package", "open", number, *whose, *found, by="registrar")
    evidence.check(opened["to_book"] == [item], "seals first, then contents against the list (F-03)")
    book = ["--mark", "JPN-2-TOKUTEI", "--basis", "Act 108 of 2013, defence"]
    stage.done("JPN", "item", "book", item, *book, by="registrar")
    evidence.check(_custodian(stage, "JPN", item) == "KOR", "until the receipt is signed it is Korea's")
    stage.done("JPN", "package", "receipt", number, *whose, by=ENVOY)
    evidence.check(_custodian(stage, "JPN", item) == "JPN", "and Japan's from then on")


def _make(stage: Stage, item: str, addressee: str) -> Said:
    words = ["--to", "JPN", "--copies", item, "--from-address", SEOUL, "--to-address", addressee]
    words += ["--route", "government-freight", *_each("--outer-seal", OUTER), *_each("--inner-seal", INNER)]
    return stage.call("KOR", "package", "make", *words, by="registrar")


def _leg(stage: Stage, party: str, number: str) -> str | None:
    known = stage.done(party, "package", "list")["packages"]
    return next((str(one["state"]) for one in known if one["package"] == number), None)


def _listed(stage: Stage, number: str) -> str:
    for party, other in (("KOR", "JPN"), ("JPN", "KOR")):
        compared = stage.done(party, "registry", "differences", "--partner", other)
        if compared["their_list"] is None or any(one["number"] == number for one in compared["differences"]):
            return "differ"
    return "agree"


def _each(name: str, values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in (name, value)]


STEPS = (
    Step(
        id="oral-disclosure",
        title="a briefing is decided, noted and booked on both sides",
        clauses=("G2-4", "G7-5", "F-13", "A-04"),
        play=_oral_disclosure,
    ),
    Step(
        id="equipment-courier",
        title="equipment under escort, sealed covers, receipt back",
        clauses=("G12-1", "G12-3", "G12-7", "G12-9", "G9-3", "A-04", "LEDGER-8"),
        play=_equipment_courier,
    ),
)
