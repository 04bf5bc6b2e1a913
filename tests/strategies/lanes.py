"""Lanes without sockets: two ends of an epoch, warnings to bring over, and the decisions they rest on."""

import hashlib
from functools import cache
from typing import Any

from contracts.samples import NOW, seeded
from gsomia.ids import HexDigest, InstrumentId
from gsomia.warning import (
    EVERY_FIELD,
    TOPIC,
    Basis,
    Character,
    EpochStart,
    Kind,
    LaneIn,
    LaneOut,
    Message,
    Naming,
    PreAuthorisation,
    ProvenWarning,
    TrackUpdate,
    Way,
    answer_hello,
    begin_epoch,
    new_event_id,
    new_message_id,
    print_message,
    say_hello,
    sign_warning,
    take_answer,
)
from strategies.parties import SEOUL, TOKYO, House

INSTRUMENT: InstrumentId = "GSOMIA-KR-JP"  # type: ignore[assignment]
DIGEST: HexDigest = hashlib.sha256(b"a decision").hexdigest()  # type: ignore[assignment]
NOW_US = NOW.epoch_s * 1_000_000


def decided(**other: Any) -> PreAuthorisation:
    """What Seoul lets cross to Tokyo."""
    facts: dict[str, Any] = {
        "way": Way.DIRECT,
        "instrument": INSTRUMENT,
        "agreement": DIGEST,
        "arrangement": DIGEST,
        "authority": "kor-mnd",
        "party": SEOUL.code,
        "to": TOKYO.code,
        "onward": (),
        "originators": (SEOUL.code,),
        "topics": (TOPIC,),
        "kinds": tuple(Kind),
        "characters": tuple(Character),
        "levels": ("KOR-2",),
        "fields": EVERY_FIELD,
        "until": NOW.plus(days=30),
        "at": NOW,
    }
    return PreAuthorisation(**(facts | other))


def track(number: int, *, event: int = 0, sequence: int = 1, **other: Any) -> Message:
    """A track point; the same numbers are the same point."""
    seen = NOW_US + sequence * 1_000_000
    facts: dict[str, Any] = {
        "message": new_message_id(seeded(f"message {number}")),
        "event": new_event_id(seeded(f"event {event}")),
        "sequence": sequence,
        "at_us": seen,
        "originator": SEOUL.code,
        "level": "KOR-2",
        "topic": TOPIC,
        "character": Character.TEST,
        "body": TrackUpdate(
            latitude_udeg=39_000_000,
            longitude_udeg=127_000_000,
            height_m=40_000,
            bearing_cdeg=9_000,
            seen_at_us=seen,
            confidence_pct=80,
            basis=Basis.OBSERVED,
        ),
    }
    return Message(**(facts | other))


def naming(message: Message, *, serial: int = 1, **other: Any) -> Naming:
    facts: dict[str, Any] = {
        "originator": message.originator,
        "keys": 1,
        "instrument": INSTRUMENT,
        "authorisation": bytes.fromhex(DIGEST),
        "serial": serial,
        "message": print_message(message),
    }
    return Naming(**(facts | other))


@cache
def warned(number: int, *, by: House = SEOUL, event: int | None = None, sequence: int = 1) -> ProvenWarning:
    """A signed track point of Seoul."""
    message = track(number, event=number if event is None else event, sequence=sequence)
    return sign_warning(message, naming(message, serial=number + 1), signer=by.lane)


@cache
def shake_hands(epoch: int, *, seed: str = "") -> tuple[EpochStart, EpochStart]:
    """An epoch as both ends have it."""
    draw = seeded(f"epoch {epoch} {seed}")
    opening = say_hello(
        sender=SEOUL.code,
        recipient=TOKYO.code,
        instrument=INSTRUMENT,
        authorisation=DIGEST,
        epoch=epoch,
        entropy=draw,
        signer=SEOUL.lane,
    )
    answered = answer_hello(opening.statement, entropy=draw, signer=TOKYO.lane)
    start, wrapped = take_answer(answered.statement.envelope, opening=opening, key=TOKYO.lane.public, entropy=draw)
    return start, begin_epoch(answered, wrapped)


def lane_out() -> LaneOut:
    return LaneOut(sender=SEOUL.code, recipient=TOKYO.code, instrument=INSTRUMENT)


def lane_in() -> LaneIn:
    return LaneIn(sender=SEOUL.code, recipient=TOKYO.code, instrument=INSTRUMENT)
