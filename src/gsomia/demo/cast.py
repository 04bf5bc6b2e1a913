"""Who is on stage: the people, facilities and channels of each node, and the acts that bring agreements into force."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gsomia.demo.stage import Stage

NAMES = {"KOR": "Republic of Korea", "JPN": "Japan", "USA": "United States of America"}
TOP = {"KOR": "KOR-1", "JPN": "JPN-1", "USA": "USA-TS"}
SECRET = {"KOR": "KOR-2", "JPN": "JPN-2-TOKUTEI", "USA": "USA-S"}
"""The level at which readers of each party are listed."""
UNTIL = "2035-01-01"
OFFICES = {
    "liaison": "liaison-officer",
    "security": "security-officer",
    "registrar": "control-officer",
    "releaser": "releasing-authority",
}
FACILITY = "registry"


def bring_people(stage: Stage, party: str) -> None:
    """The officers of a node, its registry, and the clearance of who decides."""
    for person, office in OFFICES.items():
        stage.add_person(party, person, "--office", office)
    stage.done(party, "facility", "add", FACILITY, "--name", f"Central registry of {NAMES[party]}")
    appoint = ["facility", "appoint", FACILITY, "--person", "registrar", "--until", UNTIL]
    stage.done(party, *appoint, by="security")
    accredit = ["facility", "accredit", FACILITY, "--number", f"FAC-{party}-1", "--level", TOP[party]]
    stage.done(party, *accredit, "--review", UNTIL, by="security")
    clear(stage, party, "releaser", level=TOP[party])


def bring_reader(
    stage: Stage, party: str, person: str, *, instrument: str, rank: str = "", cleared: bool = True
) -> None:
    """A reader on the registry's roster; cleared unless said otherwise, without any duty yet."""
    stage.add_person(party, person, "--office", "reader", *(["--rank", rank] if rank else []))
    roster = ["--facility", FACILITY, "--instrument", instrument, "--level", SECRET[party], "--until", UNTIL]
    stage.done(party, "person", "roster", person, *roster, by="security")
    if cleared:
        clear(stage, party, person, level=TOP[party])


def clear(stage: Stage, party: str, person: str, *, level: str) -> None:
    """Record a clearance."""
    words = ["--level", level, "--basis", f"PSC-{party}-{person}", "--until", UNTIL]
    stage.done(party, "person", "clear", person, *words, by="security")


def give_duty(stage: Stage, party: str, person: str, item: str) -> None:
    """A duty that needs one item."""
    stage.done(party, "person", "duty", person, "--item", item, "--until", UNTIL, by="security")


def fingerprints(stage: Stage, parties: tuple[str, ...]) -> dict[str, str]:
    """Each party's fingerprint as it is now; its pin file is kept in the demo's directory."""
    found = {}
    for party in parties:
        out = stage.directory / f"{party}.pin.json"
        out.unlink(missing_ok=True)
        found[party] = str(stage.done(party, "party", "export", "--out", str(out))["fingerprint"])
    return found


def pin_each_other(stage: Stage, parties: tuple[str, ...]) -> dict[str, str]:
    """Exchange pin files and compare fingerprints, as two governments would by another channel."""
    prints = fingerprints(stage, parties)
    for party in parties:
        for other in parties:
            if party != other:
                file = stage.directory / f"{other}.pin.json"
                stage.done(party, "party", "pin", str(file), "--fingerprint", prints[other])
    return prints


def write_agreement(stage: Stage, template: bytes, *, name: str, prints: dict[str, str]) -> Path:
    """The agreement file with the parties' fingerprints filled in."""
    text = template.decode()
    for party, fingerprint in prints.items():
        text = text.replace(f"@{party}@", fingerprint)
    path = stage.directory / name
    path.write_text(text)
    return path


def status(stage: Stage, party: str, instrument: str) -> str:
    """The state of an instrument as one node derives it."""
    return str(stage.done(party, "agreement", "status", "--instrument", instrument)["state"])


def sign_on_both_sides(stage: Stage, file: Path, instrument: str, sides: tuple[str, str]) -> None:
    """Proposed by one, signed by both over one digest."""
    first, second = sides
    stage.done(first, "agreement", "propose", str(file), by="liaison")
    stage.until(lambda: _knows(stage, second, instrument), f"{second} received the proposal")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda side: stage.done(side, "agreement", "sign", instrument, by="liaison"), sides))
    for side in sides:
        stage.until(lambda side=side: status(stage, side, instrument) == "SIGNED", f"{side} sees it signed")  # type: ignore[misc]


def note(stage: Stage, party: str, instrument: str, number: str, *words: str) -> None:
    """Send a diplomatic note."""
    stage.done(party, "agreement", "note", instrument, "--number", number, *words, by="liaison")


def _knows(stage: Stage, party: str, instrument: str) -> bool:
    known = stage.done(party, "agreement", "list")["agreements"]
    return any(one["instrument"] == instrument for one in known)


def assure(stage: Stage, giver: str, to: str, *, instrument: str, authority: str, level: str, purpose: str) -> str:
    """An assurance given by one side and acknowledged by the other."""
    words = ["--to", to, "--instrument", instrument, "--authority", authority, "--level", level]
    words += ["--purpose", purpose, "--persons", "3", "--until", UNTIL]
    digest = str(stage.done(giver, "assurance", "give", *words, by="security")["assurance"])
    stage.until(
        lambda: any(one["assurance"] == digest for one in stage.done(to, "assurance", "list")["assurances"]),
        f"{to} received the assurance",
    )
    stage.done(to, "assurance", "acknowledge", digest, by="releaser")
    return digest
