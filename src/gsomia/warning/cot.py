"""Cursor-on-Target events: the XML that TAK clients read and write, for warnings, tracks and their cancellation alone.

Here events are read; `cot_print` writes them. Three types are read and nothing else: a tasking is refused as out of
scope, whatever it says.

What is read is hostile: one element of at most 8 KiB of UTF-8, no document type, no entity, no processing instruction.
Positions are rounded to our grid, and no accuracy is ever printed or kept.

    >>> split_events(b"<?xml version='1.0'?><event/><event></event><ev")
    ([b"<?xml version='1.0'?><event/>", b'<event></event>'], b'<ev')

Source: design 1 (Cursor-on-Target accepts only warning, track and cancel types); ADR 0034.
"""

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gsomia.labels import ClassificationId
from gsomia.warning.errors import WarningMessageError
from gsomia.warning.messages import (
    FULL_CIRCLE_CDEG,
    GRID_UDEG,
    HEIGHT_STEP_M,
    MAX_HEIGHT_M,
    Basis,
    Body,
    Cancellation,
    CancelReason,
    Character,
    EventId,
    LaunchReport,
    Micros,
    Sensor,
    TrackUpdate,
    is_out_of_scope,
    new_event_id,
    on_grid,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_COT_BYTES: Final = 8 << 10
MAX_ELEMENTS: Final = 64
ECHO: Final = "gsomia."
"""What our own events' ids begin with: one that comes back is not taken for news."""

TRACK_TYPE: Final = "a-h-A-W-M"
ALERT_TYPE: Final = "b-a-o-c"
CANCEL_TYPE: Final = "b-a-o-can"
_TRACK = re.compile(r"a-[a-z]-A-W-M(-[A-Z]){0,4}")
_TASKING = re.compile(r"t(-.*)?")
OPEX: Final = {Character.REAL: "o", Character.EXERCISE: "e", Character.TEST: "s"}
"""Operation, exercise, simulation: what the schema has. A name may follow after a hyphen."""
_UID = re.compile(r"[\x21-\x7e]{1,100}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,16})?([eE][+-]?[0-9]{1,2})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
_END = re.compile(rb"</event\s*>|<event\b[^<>]*/>")
_ATTRIBUTES: Final = frozenset(
    {"version", "uid", "type", "time", "start", "stale", "how", "opex", "qos", "access", "caveat", "releasableTo"}
)


class CotKind(StrEnum):
    """The three types that are taken."""

    ALERT = "ALERT"
    TRACK = "TRACK"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CotEvent:
    """An event as read: shape and type known, nothing else proven. Positions are on our grid already.

    Args:
        kind: of the three.
        uid: the sender's name for the object.
        time_us: when it was said, by the sender's clock.
        start_us: from when it holds.
        latitude_udeg: of the point.
        longitude_udeg: of the point.
        height_m: of the point; None if the sender does not know it.
        bearing_cdeg: of the track, if given.
        character: what `opex` says; None if it says nothing.
    """

    kind: CotKind
    uid: str
    time_us: Micros
    start_us: Micros
    latitude_udeg: int
    longitude_udeg: int
    height_m: int | None
    bearing_cdeg: int | None
    character: Character | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CotSource:
    """A configured sender: what its pinned certificate stands for.

    Args:
        name: ours for it.
        character: in which world it speaks.
        level: of what it says, one of ours.
        sensor: what kind of sensor it is.
        confidence_pct: how far its reports are believed; Cursor-on-Target has no word for it.
    """

    name: str
    character: Character
    level: ClassificationId
    sensor: Sensor
    confidence_pct: int


def split_events(waiting: bytes) -> tuple[list[bytes], bytes]:
    """Cut a stream into whole events and the rest that is not whole yet; nothing is parsed.

    Raises:
        WarningMessageError: an event, or the rest, is longer than any may be.
    """
    events, start = [], 0
    for end in _END.finditer(waiting):
        if end.end() - start > MAX_COT_BYTES:
            raise _too_large()
        events.append(waiting[start : end.end()].strip())
        start = end.end()
    rest = waiting[start:].lstrip()
    if len(rest) > MAX_COT_BYTES:
        raise _too_large()
    return events, rest


def parse_cot(untrusted: bytes) -> CotEvent:
    """The warning, track or cancellation that the XML spells.

    1. Small enough, UTF-8, no document type and no entity.
    2. One element `event`, version 2.0, with attributes of the schema; one `point`, at most one `detail`.
    3. Of a type that is taken, and without a word of fire control, tasking or targeting.
    4. Times and numbers that are ones.

    Raises:
        WarningMessageError: it is none; nothing else is ever raised.

    Trust: hostile on entry; on return shape and type are known, not who said it.
    Source: design 1 (out of scope).
    """
    # (1) no more than plain XML
    if len(untrusted) > MAX_COT_BYTES:
        raise _too_large()
    root = _parse(untrusted)
    # (2) the one shape
    children = [child.tag for child in root]
    if root.tag != "event" or sorted(children) not in (["detail", "point"], ["point"]):
        raise _malformed("one `event` with one `point` and at most one `detail`")
    if set(root.attrib) - _ATTRIBUTES or root.get("version") != "2.0":
        raise _malformed("an attribute that version 2.0 does not have, or another version")
    # (3) a type that is taken
    kind = _kind(root.get("type", ""))
    elements = list(root.iter())
    if len(elements) > MAX_ELEMENTS:
        raise _malformed(f"more than `{MAX_ELEMENTS}` elements")
    _check_words(elements)
    # (4) times and numbers
    uid, point = root.get("uid", ""), root.find("point")
    if not _UID.fullmatch(uid) or point is None:
        raise _malformed("a `uid` of up to a hundred visible characters")
    latitude, longitude = _number(point, "lat", 90), _number(point, "lon", 180)
    height = _number(point, "hae", 1e9)
    track = root.find("detail/track")
    course = _number(track, "course", 360) if track is not None and "course" in track.attrib else None
    return CotEvent(
        kind=kind,
        uid=uid,
        time_us=_instant(root, "time"),
        start_us=_instant(root, "start"),
        latitude_udeg=on_grid(latitude * 1_000_000, step=GRID_UDEG),
        longitude_udeg=on_grid(longitude * 1_000_000, step=GRID_UDEG),
        height_m=on_grid(max(0.0, height), step=HEIGHT_STEP_M) if height < MAX_HEIGHT_M - HEIGHT_STEP_M else None,
        bearing_cdeg=None if course is None else round(course * 100) % FULL_CIRCLE_CDEG,
        character=_character(root.get("opex")),
    )


def event_of(source: CotSource, uid: str) -> EventId:
    """The event that a source's object is: the same object is the same event, after a restart too."""
    digest = hashlib.sha256(b"gsomia cot\0" + source.name.encode() + b"\0" + uid.encode()).digest()
    return new_event_id(lambda count: digest[:count])


def body_of(event: CotEvent, *, source: CotSource) -> Body:
    """What a configured source said, as one of our messages says it.

    Raises:
        WarningMessageError: it is our own event come back, speaks of another world than the source may, or is a track
            without a height.
    """
    if event.uid.startswith(ECHO):
        raise WarningMessageError("warning/cot-echo", "our own event came back")
    if event.character not in {None, source.character}:
        raise WarningMessageError(
            "warning/worlds-mixed",
            f"the source `{source.name}` says `{source.character.value}` only",
            remedy="set `opex` of the client, or configure a source of the other character",
        )
    match event.kind:
        case CotKind.ALERT:
            return LaunchReport(
                latitude_udeg=event.latitude_udeg,
                longitude_udeg=event.longitude_udeg,
                launched_at_us=event.start_us,
                bearing_cdeg=event.bearing_cdeg,
                confidence_pct=source.confidence_pct,
                sensor=source.sensor,
                basis=Basis.OBSERVED,
            )
        case CotKind.TRACK:
            if event.height_m is None:
                raise _malformed("a track without a height")
            return TrackUpdate(
                latitude_udeg=event.latitude_udeg,
                longitude_udeg=event.longitude_udeg,
                height_m=event.height_m,
                bearing_cdeg=event.bearing_cdeg,
                seen_at_us=event.start_us,
                confidence_pct=source.confidence_pct,
                basis=Basis.OBSERVED,
            )
        case CotKind.CANCEL:
            return Cancellation(reason=CancelReason.FALSE_ALARM)


def _parse(untrusted: bytes) -> "_Element":
    from lxml import etree  # noqa: PLC0415  libxml2 is loaded only where XML is read or written

    # A parser for each event: lxml's keep a dictionary of every name they ever saw.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!DOCTYPE" in untrusted or b"<!ENTITY" in untrusted:
        raise _malformed("a document type or an entity")
    try:
        untrusted.decode()
        root = etree.fromstring(untrusted, parser)
    except (etree.XMLSyntaxError, UnicodeDecodeError, ValueError) as cause:
        raise _malformed("not well-formed XML in UTF-8") from cause
    if root.getroottree().docinfo.doctype or any(not isinstance(one.tag, str) for one in root.iter()):
        raise _malformed("a document type or an entity")
    return root


def _kind(cot: str) -> CotKind:
    if cot == ALERT_TYPE:
        return CotKind.ALERT
    if cot == CANCEL_TYPE:
        return CotKind.CANCEL
    if _TRACK.fullmatch(cot):
        return CotKind.TRACK
    if _TASKING.fullmatch(cot):
        raise WarningMessageError("warning/out-of-scope", "a tasking has no place on this lane", clauses=("DESIGN-1",))
    raise WarningMessageError(
        "warning/cot-type-not-taken",
        f"`{ascii(cot)[1:31]}` is no warning, track or cancellation",
        remedy=f"types taken: {ALERT_TYPE}, {TRACK_TYPE}, {CANCEL_TYPE}",
        clauses=("DESIGN-1",),
    )


def _check_words(elements: "list[_Element]") -> None:
    for element in elements:
        for word in (str(element.tag), *(str(name) for name in element.attrib)):
            if is_out_of_scope(word.rpartition("}")[2]):
                raise WarningMessageError(
                    "warning/out-of-scope", f"`{ascii(word)[1:41]}` has no place in a warning", clauses=("DESIGN-1",)
                )


def _character(opex: str | None) -> Character | None:
    if opex is None:
        return None
    first = opex.partition("-")[0]
    found = next((character for character, letter in OPEX.items() if letter == first), None)
    if found is None:
        raise _malformed("an `opex` that is no operation, exercise or simulation")
    return found


def _number(element: "_Element", name: str, limit: float) -> float:
    text = element.get(name, "")
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not abs(value) <= limit:
        raise _malformed(f"`{name}` is no number within its bounds")
    return value


def _instant(root: "_Element", name: str) -> int:
    text = root.get(name, "")
    if not _TIME.fullmatch(text):
        raise _malformed(f"`{name}` is no time in UTC")
    whole, _, fraction = text[:-1].partition(".")
    try:
        seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    except (ValueError, OverflowError) as cause:
        raise _malformed(f"`{name}` is no time in UTC") from cause
    if seconds < 0:
        raise _malformed(f"`{name}` is no time in UTC")
    return seconds * 1_000_000 + int((fraction + "000000")[:6])


def _malformed(why: str) -> WarningMessageError:
    return WarningMessageError("warning/cot-malformed", f"not an event this node reads: {why}")


def _too_large() -> WarningMessageError:
    return WarningMessageError("warning/cot-too-large", f"an event of more than `{MAX_COT_BYTES}` bytes")
