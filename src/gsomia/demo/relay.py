"""The steps over the hub: an item that goes through the United States with Korea's consent, and what stays behind.

Korea and Japan have no line to each other in these steps but the pact's own; what goes through the hub is proven by
Japan under the keys that the hub introduced and that Japan's officer compared with Korea over another channel.
"""

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from gsomia.demo import cast
from gsomia.demo.exchange import JP_US, KR_JP, make_report, received
from gsomia.demo.hostile_hub import forge_consent
from gsomia.demo.stage import Document, Said, Stage, file_sha256
from gsomia.demo.steps import Evidence, Step, Story, refused, register_count
from gsomia.envelope import parse_relay, print_relay

KR_US, TISA = "GSOMIA-KR-US", "TISA"
PARTIES = ("JPN", "KOR", "USA")
PARTNER_FAULT = 1


def bring_relay(story: Story, evidence: Evidence) -> None:
    """The other feeder and the arrangement in force, keys introduced and confirmed; once."""
    stage, prints = story.stage, story.made["prints"]
    texts = files("gsomia.demo").joinpath("data")
    for name, instrument, sides in (
        ("gsomia-kr-us-demo.toml", KR_US, ("KOR", "USA")),
        ("tisa-demo.toml", TISA, PARTIES),
    ):
        text = texts.joinpath(name).read_bytes()
        file = cast.write_agreement(stage, text, name=name, prints={side: prints[side] for side in sides})
        evidence.file(file)
        _sign(stage, file, instrument, sides)
    for party, number in (("KOR", "KR-NV-1987-0110"), ("USA", "US-DN-1987-0210")):
        cast.note(stage, party, KR_US, number, "--subject", "completion")
    for party in ("KOR", "USA"):
        _until_state(stage, party, KR_US, "IN_FORCE")
    for party, number, authority in (("KOR", "KR-NV-1987-0101", "kor-mnd"), ("USA", "US-DN-1987-0201", "usa-dod")):
        cast.note(stage, party, KR_US, number, "--subject", "ca-named", "--authority", authority)
        other = "USA" if party == "KOR" else "KOR"
        stage.until(lambda other=other, number=number: received(stage, other, KR_US, number), "named")  # type: ignore[misc]
    for party, channel in (("KOR", "USA"), ("USA", "JPN")):
        words = ["--number", f"ACC-{party}-{channel}", "--level", cast.SECRET[party], "--until", cast.UNTIL]
        stage.done(party, "facility", "accredit", channel, *words, by="security")
    purpose = story.purpose
    cast.assure(stage, "USA", "KOR", instrument=KR_US, authority="usa-dod", level="USA-S", purpose=purpose)
    cast.assure(stage, "JPN", "USA", instrument=JP_US, authority="jpn-mod", level="JPN-2-TOKUTEI", purpose=purpose)
    pin = str(stage.directory / "KOR.pin.json")
    stage.done("USA", "relay", "introduce", pin, "--to", "JPN", "--feeder", JP_US, by="security")
    stage.done(
        "USA",
        "relay",
        "introduce",
        str(stage.directory / "JPN.pin.json"),
        "--to",
        "KOR",
        "--feeder",
        KR_US,
        by="security",
    )
    for party, originator in (("JPN", "KOR"), ("KOR", "JPN")):
        stage.until(lambda party=party: bool(_originators(stage, party)), f"{party} heard the introduction")  # type: ignore[misc]
        wrong = stage.call(party, "relay", "confirm", originator, "--fingerprint", prints["USA"], by="security")
        evidence.check(wrong.code == "parties/fingerprint-differs", f"{party}: another fingerprint is not confirmed")
        stage.done(party, "relay", "confirm", originator, "--fingerprint", prints[originator], by="security")
        evidence.check(_originators(stage, party)[0]["confirmed"], f"{party} confirmed {originator}'s fingerprint")


def _relay_tisa(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    bring_relay(story, evidence)
    path = make_report(story, "relayed.txt")
    first = _to_hub(story, path)
    item = first["item"]
    consent = _consent(story, first, out=stage.directory / "consent-tisa.json")
    evidence.file(stage.directory / "consent-tisa.json")
    started = time.monotonic()
    second = _forward(story, item)
    evidence.figures["second_leg_s"] = round(time.monotonic() - started, 3)
    evidence.check(second["state"] == "received-by-node", f"the hub passes it on: {second['state']}")
    _book(stage, "JPN", item, "特定秘密")
    stage.until(lambda: _leg(stage, "KOR", item)["stage"] == "receipted-by-registrar", "Korea learned of the receipt")
    legs = {party: _leg(stage, party, item) for party in ("KOR", "USA", "JPN")}
    evidence.check(
        all((leg["originator"], leg["hub"], leg["recipient"]) == ("KOR", "USA", "JPN") for leg in legs.values()),
        "three registers, one chain: Korea over the United States to Japan",
    )
    evidence.check(legs["KOR"]["proven"], "Korea checked the signature of Japan's own registrar")
    evidence.check(legs["JPN"]["hub_mark"] == "USA-S", "the hub's mark stands beside the originator's")
    shown = stage.done("JPN", "item", "show", item)
    evidence.check(shown["originator"] == "KOR", "registered as Korea's, via the United States")
    evidence.check(shown["originator_mark"]["mark"] == "군사Ⅱ급비밀", "with Korea's mark as it was (A-07)")
    evidence.check(shown["own_mark"]["id"] == "JPN-2-TOKUTEI", "read by the relay's own table, never composed (TR-7)")
    evidence.figures["delay_s"] = legs["KOR"]["delay_s"]
    evidence.figures["hub_dwell_s"] = legs["KOR"]["hub_dwell_s"]
    cast.bring_reader(stage, "JPN", "relay-reader", instrument=JP_US)
    cast.give_duty(stage, "JPN", "relay-reader", item)
    out = stage.directory / "read" / "relayed.txt"
    out.parent.mkdir(exist_ok=True)
    stage.done("JPN", "item", "read", item, "--purpose", story.purpose, "--out", str(out), by="relay-reader")
    evidence.check(evidence.file(out) == file_sha256(path), "what Japan reads is what Korea registered")
    slips = stage.done("USA", "item", "show", item)["slips"]
    evidence.check(slips == [], "nobody at the hub opened it")
    evidence.check(bool(consent), "by Korea's own signed consent")
    story.made["relayed"] = {**first, "second": second["delivery"], "path": path}
    for party in ("KOR", "USA", "JPN"):
        evidence.entry(party, item)


def _level_one(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    top = _register(story, make_report(story, "relay-top.txt"), level="군사Ⅰ급비밀")["item"]
    for to in ("USA", "JPN"):
        said = stage.call("KOR", "item", "release", top, "--to", to, by="releaser")
        evidence.check(said.code is not None and said.exit != 0, f"level one to {to}: {said.code}")
    routes = stage.done("KOR", "route", top, "--to", "JPN")
    evidence.check(routes["recommended"] is None, "no route is lawful for it")
    closed = {reason["code"] for answer in routes["routes"] for reason in answer["reasons"]}
    evidence.check({"level-kept-at-home", "level-not-opened"} <= closed, "refused direct and by relay (TR-6)")

    def control() -> Document:
        first = _to_hub(story, make_report(story, "relay-second.txt"))
        _consent(story, first)
        return _permitted(_forward(story, first["item"]))

    refused(
        evidence,
        lambda: stage.call("KOR", "item", "release", top, "--to", "USA", by="releaser"),
        at="KOR",
        recipient="JPN",
        clause="TR-6",
        control=control,
        changed="the level is 군사Ⅱ급비밀",
    )


def _out_of_scope(story: Story, evidence: Evidence) -> None:
    first = _to_hub(story, make_report(story, "cyber.txt"), topic="DPRK-CYBER")
    _consent(story, first)

    def control() -> Document:
        other = _to_hub(story, make_report(story, "slbm.txt"), topic="DPRK-SLBM")
        _consent(story, other)
        return _permitted(_forward(story, other["item"]))

    _hub_refuses(
        story, evidence, first["item"], clause="TR-2", control=control, changed="the topic is DPRK-SLBM, a missile"
    )


def _no_consent(story: Story, evidence: Evidence) -> None:
    first = _to_hub(story, make_report(story, "unasked.txt"))

    def control() -> Document:
        _consent(story, first)
        return _permitted(_forward(story, first["item"]))

    _hub_refuses(story, evidence, first["item"], clause="G6-1", control=control, changed="Korea consented in writing")


def _forged_consent(story: Story, evidence: Evidence) -> None:
    stage, made = story.stage, story.made["relayed"]
    first_leg, true = stage.directory / "made" / "first-leg.offer", stage.directory / "made" / "second-leg.offer"
    stage.done("KOR", "link", "take", made["delivery"], "--out", str(first_leg))
    stage.done("USA", "link", "take", made["second"], "--out", str(true))
    hub = stage.nodes["USA"]
    offer, consignment = forge_consent(
        directory=hub.directory,
        passphrase=hub.passphrase,
        first_leg=first_leg.read_bytes(),
        relayed=true.read_bytes(),
        recipient=(stage.directory / "JPN.pin.json").read_bytes(),
        seed=stage.seeded,
    )
    forged = stage.directory / "made" / "forged-consent.offer"
    forged.write_bytes(offer)
    evidence.file(forged)
    evidence.file(true)
    _offered(
        evidence,
        forged,
        consignment,
        code="policy/consent-not-originators",
        clause="TR-4",
        control=lambda: {
            "permitted": bool(stage.done("USA", "link", "offer", "JPN", str(true))["accepted"]),
            "delivery": made["second"],
        },
        changed="the consent is the one that Korea signed",
    )


def _content_swapped(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    firsts = [_to_hub(story, make_report(story, name)) for name in ("swap-a.txt", "swap-b.txt")]
    for first in firsts:
        _consent(story, first)
    stage.stop("USA")  # nobody carries what the hub passes on now: the bytes stay in its outbox
    taken: list[tuple[Path, str]] = []
    for first in firsts:
        second = _forward(story, first["item"], wait="0")
        path = stage.directory / "made" / f"{second['delivery']}.offer"
        stage.done("USA", "link", "take", second["delivery"], "--out", str(path))
        taken.append((path, second["delivery"]))
    (true, _), (_, other) = (parse_relay(path.read_bytes()) for path, _ in taken)
    swapped = stage.directory / "made" / "content-swapped.offer"
    swapped.write_bytes(print_relay(true) + other)
    evidence.file(swapped)
    _offered(
        evidence,
        swapped,
        taken[0][1],
        code="envelope/segment-differs",
        clause="DESIGN-6",
        control=lambda: {
            "permitted": bool(stage.done("USA", "link", "offer", "JPN", str(taken[0][0]))["accepted"]),
            "delivery": taken[0][1],
        },
        changed="the content is Korea's own",
    )
    stage.serve("USA")


def _after_termination(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    before = cast.status(stage, "KOR", KR_JP)
    number = "KR-NV-2026-0901"
    cast.note(stage, "KOR", KR_JP, number, "--subject", "termination")
    stage.until(lambda: received(stage, "JPN", KR_JP, number), "Japan received the notice of termination")
    ends = stage.done("KOR", "agreement", "status", "--instrument", KR_JP)["ends"]
    state = stage.done("KOR", "agreement", "status", "--instrument", KR_JP, "--at", ends)["state"]
    evidence.check(state == "TERMINATED", f"from {ends} the pact between the two is {state}")
    items = {
        topic: _register(story, make_report(story, f"after-{topic}.txt"), topic=topic)["item"]
        for topic in ("DPRK-MISSILE", "DPRK-CYBER")
    }
    routes = {topic: stage.done("KOR", "route", item, "--to", "JPN", "--at", ends) for topic, item in items.items()}
    lawful = {
        topic: [answer["route"] for answer in told["routes"] if answer["lawful"]] for topic, told in routes.items()
    }
    evidence.check(lawful == {"DPRK-MISSILE": ["relay"], "DPRK-CYBER": []}, f"after the end: {lawful} (TR-14)")
    evidence.check(routes["DPRK-MISSILE"]["recommended"] == "relay", "the relay is offered for what is in scope only")
    now = stage.done("KOR", "route", items["DPRK-MISSILE"], "--to", "JPN")
    evidence.check(now["recommended"] == "direct", "until then direct is the default (A-30)")
    first = _release_to_hub(story, items["DPRK-MISSILE"])
    _consent(story, first)
    second = _forward(story, first["item"])
    evidence.check(second["state"] == "received-by-node", "the relay asks nothing of the pact")
    evidence.entry("JPN", first["item"])
    cast.note(stage, "KOR", KR_JP, "KR-NV-2026-0902", "--subject", "withdrawal", "--names", number)
    stage.until(lambda: cast.status(stage, "JPN", KR_JP) == before, "the notice is withdrawn")


def _two_routes(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    first = _to_hub(story, make_report(story, "two-routes.txt"))
    item = first["item"]
    _consent(story, first)
    before = register_count(stage, "JPN")
    direct = stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "30", by="releaser")
    evidence.check(direct["state"] == "received-by-node", "first directly")
    evidence.check(_forward(story, item)["state"] == "received-by-node", "then over the hub")
    evidence.check(register_count(stage, "JPN") == before + 1, "one line in Japan's register (TR-11)")
    arrivals = stage.done("JPN", "relay", "show", item)["arrivals"]
    evidence.check([one["from"] for one in arrivals] == ["KOR", "USA"], "with two arrivals")
    _book(stage, "JPN", item, "特定秘密")
    stage.until(
        lambda: _leg(stage, "KOR", item)["stage"] == "receipted-by-registrar",
        "both senders have the registrar's receipt",
    )
    shown = stage.done("KOR", "item", "show", item)["deliveries"]
    stage.until(
        lambda: any(
            one["to"] == "JPN" and one["state"] == "receipted-by-registrar"
            for one in stage.done("KOR", "item", "show", item)["deliveries"]
        ),
        "the direct delivery is receipted",
    )
    evidence.check({one["to"] for one in shown} == {"USA", "JPN"}, "one item, two deliveries at Korea")
    evidence.entry("JPN", item)


# --- what the steps share ----------------------------------------------------------------------------------------


def _sign(stage: Stage, file: Path, instrument: str, sides: tuple[str, ...]) -> None:
    first = sides[0]
    stage.done(first, "agreement", "propose", str(file), by="liaison")
    for side in sides:
        stage.until(lambda side=side: _knows(stage, side, instrument), f"{side} received the proposal")  # type: ignore[misc]
    for side in sides:
        stage.done(side, "agreement", "sign", instrument, by="liaison")
    state = "IN_FORCE" if instrument == TISA else "SIGNED"  # an arrangement is effective on signature
    for side in sides:
        _until_state(stage, side, instrument, state)


def _knows(stage: Stage, party: str, instrument: str) -> bool:
    known = stage.done(party, "agreement", "list")["agreements"]
    return any(one["instrument"] == instrument for one in known)


def _until_state(stage: Stage, party: str, instrument: str, state: str) -> None:
    stage.until(lambda: cast.status(stage, party, instrument) == state, f"{party} sees {instrument} {state}")


def _originators(stage: Stage, party: str) -> list[Document]:
    known = stage.done(party, "relay", "originators")["originators"]
    return [one for one in known if one["direction"] == "heard"]


def _register(story: Story, path: Path, *, level: str = "KOR-2", topic: str = "DPRK-MISSILE") -> Document:
    words = ["--level", level, "--purpose", story.purpose, "--topic", topic]
    return story.stage.done("KOR", "item", "register", str(path), *words, by="registrar")


def _to_hub(story: Story, path: Path, *, topic: str = "DPRK-MISSILE") -> Document:
    return _release_to_hub(story, _register(story, path, topic=topic)["item"])


def _release_to_hub(story: Story, item: str) -> Document:
    stage = story.stage
    released = stage.done("KOR", "item", "release", item, "--to", "USA", "--wait", "30", by="releaser")
    _book(stage, "USA", item, "USA-S")
    return released


def _book(stage: Stage, party: str, item: str, mark: str) -> None:
    stage.done(party, "item", "book", item, "--mark", mark, "--basis", "foreign government information", by="registrar")


def _consent(story: Story, first: Document, *, out: Path | None = None) -> str:
    """Korea's consent to one item, heard at the hub."""
    stage = story.stage
    words = ["--holder", "USA", "--to", "JPN", "--manifest", first["manifest"], "--instrument", TISA]
    words += ["--purpose", story.purpose, "--until", cast.UNTIL, *(["--out", str(out)] if out else [])]
    digest = str(stage.done("KOR", "consent", "grant", first["item"], *words, by="releaser")["consent"])
    stage.until(
        lambda: any(one["consent"] == digest for one in stage.done("USA", "consent", "list")["consents"]),
        "the hub heard the consent",
    )
    return digest


def _forward(story: Story, item: str, *, wait: str = "30") -> Document:
    return story.stage.done("USA", "relay", "forward", item, "--to", "JPN", "--wait", wait, by="releaser")


def _permitted(second: Document) -> Document:
    return {"permitted": second["state"] == "received-by-node", "state": second["state"], "item": second["item"]}


def _leg(stage: Stage, party: str, item: str) -> Document:
    legs: list[Document] = stage.done(party, "relay", "show", item)["legs"]
    return legs[-1] if legs else {"stage": None}


def _hub_refuses(
    story: Story, evidence: Evidence, item: str, *, clause: str, control: Callable[[], Document], changed: str
) -> None:
    def act() -> Said:
        return story.stage.call("USA", "relay", "forward", item, "--to", "JPN", by="releaser")

    refused(evidence, act, at="USA", recipient="JPN", clause=clause, control=control, changed=changed)


def _offered(
    evidence: Evidence,
    offer: Path,
    consignment: str,
    *,
    code: str,
    clause: str,
    control: Callable[[], Document],
    changed: str,
) -> None:
    """What a hostile hub offers over its own pinned line: refused by the recipient, on record, without effect."""
    stage = evidence.stage
    before = register_count(stage, "JPN")
    said = stage.call("USA", "link", "offer", "JPN", str(offer))
    found, after = said.document.get("code"), register_count(stage, "JPN")
    evidence.check((said.exit, found) == (PARTNER_FAULT, code), f"refused by Japan with {found}")
    evidence.check(before == after, f"Japan's register still counts {after}")
    evidence.refusal = {
        "exit": said.exit,
        "code": found,
        "clause": clause,
        "register_before": before,
        "register_after": after,
    }
    evidence.entry("JPN", consignment)
    evidence.control = {"changed": changed, "outcome": control()}
    evidence.check(bool(evidence.control["outcome"]["permitted"]), f"taken once {changed}")


STEPS = (
    Step(
        id="relay-tisa",
        title="a missile item over the United States, by Korea's consent",
        clauses=("TR-5", "TR-7", "TR-10", "A-04", "A-07"),
        play=_relay_tisa,
    ),
    Step(
        id="relay-level-one-refused",
        title="Korea's top level goes by no route",
        clauses=("TR-6", "G4-4"),
        play=_level_one,
    ),
    Step(id="relay-out-of-scope", title="cyber is no missile", clauses=("TR-2",), play=_out_of_scope),
    Step(id="relay-no-consent", title="silence is no", clauses=("TR-5", "G6-1"), play=_no_consent),
    Step(
        id="relay-forged-consent",
        title="the hub cannot consent for Korea",
        clauses=("TR-4", "G6-1"),
        play=_forged_consent,
    ),
    Step(
        id="relay-content-swapped",
        title="the hub cannot change what Korea sealed",
        clauses=("DESIGN-6",),
        play=_content_swapped,
    ),
    Step(
        id="relay-after-termination",
        title="the pact ends, the relay stays, for what is in scope",
        clauses=("TR-14", "A-30"),
        play=_after_termination,
    ),
    Step(id="same-item-two-routes", title="one item, two arrivals", clauses=("TR-11",), play=_two_routes),
)
