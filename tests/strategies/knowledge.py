"""What happened, what is told of it, and small texts of our own; as values for tests."""

from datetime import date
from importlib.resources import files

import msgspec
from hypothesis import strategies as st

from gsomia.agreements import (
    Claim,
    Compared,
    Fact,
    Family,
    KnownCount,
    Precision,
    Saying,
    ToldDate,
    compare,
    ended_by_notes,
    parse_facts,
    parse_family,
)
from gsomia.ids import sha256_hex
from gsomia.instants import Instant
from gsomia.labels import read_national_levels
from strategies.labels import LEVELS_FILE

INSTRUMENT = "GSOMIA-KR-JP"
PARTIES = ("KOR", "JPN")
HISTORY = files("gsomia.demo").joinpath("data", "history.jsonl").read_bytes()
FACTS = parse_facts(HISTORY)
FAMILY: Family = parse_family(files("gsomia.agreements").joinpath("family.toml").read_bytes())
ROWS = read_national_levels(LEVELS_FILE.read_bytes())
TEXT = b"On Tuesday the pact was scrapped, said Jen Yiwei.\n"

days = st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 12, 31))


def fact(number: int, event: str, day: str, *, actor: str = "KR", instr: str = INSTRUMENT, at: str = "00:00") -> bytes:
    """A line of a history file."""
    return msgspec.json.encode(
        {
            "n": number,
            "date": day,
            "eff": f"{day}T{at}+09:00",
            "prec": "day",
            "instr": instr,
            "actor": actor,
            "event": event,
            "note": "",
            "src": ["test"],
            "conf": "A",
        }
    )


def history(*lines: bytes) -> tuple[Fact, ...]:
    return parse_facts(b"\n".join(lines))


IN_FORCE = (
    fact(1, "sign", "2016-11-23", actor="both"),
    fact(2, "notify_completed", "2016-11-23"),
    fact(3, "notify_completed", "2016-11-23", actor="JP"),
)


def end_of(facts: tuple[Fact, ...] | list[Fact], instrument: str = INSTRUMENT) -> Instant | None:
    return ended_by_notes(facts, instrument, parties=PARTIES, term_years=1, notice_days=90)


def claim(says: str, told: str, **members: object) -> Claim:
    plain: dict[str, object] = {
        "id": "T-01",
        "document": sha256_hex(TEXT),
        "start": 0,
        "end": 10,
        "told": ToldDate(text=told, precision=Precision.AS_TOLD),
        "subject": INSTRUMENT,
        "actor": "KOR",
        "says": Saying(says),
        "gist": "something-is-told",
        "planned": False,
    }
    return Claim(**{**plain, **members})  # type: ignore[arg-type]


def compared(one: Claim, facts: tuple[Fact, ...] = FACTS, counts: tuple[KnownCount, ...] = FAMILY.counts) -> Compared:
    return compare(one, facts=facts, counts=counts, end_of=lambda mine, name: end_of(list(mine), name))
