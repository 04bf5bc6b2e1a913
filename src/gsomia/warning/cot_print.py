"""Cursor-on-Target, written: what a TAK client is shown of a warning.

A launch report and an impact area are alerts, a track point is a missile in flight, an end and a cancellation take the
alert back. Every event says REAL, EXERCISE or TEST in `opex`, in its access mark, its call sign and its remarks, and of
its accuracy that nothing is said.

Source: design 1 (Cursor-on-Target accepts only warning, track and cancel types); ADR 0034.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from gsomia.warning.cot import ALERT_TYPE, CANCEL_TYPE, ECHO, OPEX, TRACK_TYPE
from gsomia.warning.desk import Mark
from gsomia.warning.messages import (
    Basis,
    Cancellation,
    Character,
    End,
    ImpactArea,
    LaunchReport,
    Message,
    TrackUpdate,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

STALE_AFTER_US: Final = 120_000_000
UNKNOWN_ERROR: Final = "9999999.0"
"""How Cursor-on-Target says that nothing is said of the accuracy."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US: Final = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""


def print_cot(message: Message, *, place: LaunchReport | None = None, marks: Sequence[Mark] = ()) -> bytes:
    """A message as one event for TAK clients.

    Args:
        message: what was said.
        place: the launch report of the event, for messages that have no place of their own; without it they stand at
            the launch point 0, 0, and say so.
        marks: what stands beside it on every desk; written before everything else that is remarked.
    """
    from lxml import etree  # noqa: PLC0415  libxml2 is loaded only where XML is read or written

    body = message.body
    start_us, stale_us = message.at_us, message.at_us + STALE_AFTER_US
    at: LaunchReport | TrackUpdate | ImpactArea | None
    match body:
        case LaunchReport():
            part, cot, at, start_us = "L", ALERT_TYPE, body, body.launched_at_us
        case TrackUpdate():
            part, cot, at, start_us = "T", TRACK_TYPE, body, body.seen_at_us
        case ImpactArea():
            part, cot, at, stale_us = "A", ALERT_TYPE, body, max(stale_us, body.until_us)
        case End() | Cancellation():
            part, cot, at = "L", CANCEL_TYPE, place
    root = etree.Element(
        "event",
        {
            "version": "2.0",
            "uid": f"{ECHO}{message.originator}.{message.character.value}.{message.event}.{part}",
            "type": cot,
            "time": _text(message.at_us),
            "start": _text(start_us),
            "stale": _text(max(stale_us, start_us)),
            "how": "m-p" if isinstance(body, TrackUpdate | ImpactArea) and body.basis is Basis.DERIVED else "m-r",
            "opex": f"{OPEX[message.character]}-GSOMIA",
            "access": _marked(message, message.level),
        },
    )
    latitude, longitude = (at.latitude_udeg, at.longitude_udeg) if at is not None else (0, 0)
    etree.SubElement(
        root,
        "point",
        {
            "lat": f"{latitude / 1e6:.3f}",
            "lon": f"{longitude / 1e6:.3f}",
            "hae": f"{body.height_m if isinstance(body, TrackUpdate) else 0}.0",
            "ce": UNKNOWN_ERROR,
            "le": UNKNOWN_ERROR,
        },
    )
    _detail(root, message, placed=at is not None, marks=marks)
    return etree.tostring(root, encoding="utf-8")


def _detail(root: "_Element", message: Message, *, placed: bool, marks: Sequence[Mark]) -> None:
    from lxml import etree  # noqa: PLC0415  libxml2 is loaded only where XML is read or written

    detail, body = etree.SubElement(root, "detail"), message.body
    words = f"{message.originator} {message.kind.value.replace('_', ' ').lower()} {message.event[4:10]}"
    etree.SubElement(detail, "contact", {"callsign": _marked(message, words)})
    remarks = etree.SubElement(detail, "remarks")
    beside = "".join(f"{mark.value}: " for mark in marks)
    remarks.text = _marked(message, beside + _remarks(message, placed=placed))
    if isinstance(body, TrackUpdate) and body.bearing_cdeg is not None:
        etree.SubElement(detail, "track", {"course": f"{body.bearing_cdeg / 100:.2f}"})
    if isinstance(body, ImpactArea):
        shape = etree.SubElement(detail, "shape")
        sizes = {"major": f"{body.along_m}.0", "minor": f"{body.across_m}.0", "angle": f"{body.bearing_cdeg / 100:.2f}"}
        etree.SubElement(shape, "ellipse", sizes)
    if isinstance(body, End | Cancellation):
        etree.SubElement(detail, "emergency", {"cancel": "true"}).text = words
    elif isinstance(body, LaunchReport):
        etree.SubElement(detail, "emergency", {"type": "Custom"}).text = _marked(message, words)
    facts = {
        "message": message.message,
        "event": message.event,
        "sequence": str(message.sequence),
        "originator": message.originator,
        "level": message.level,
        "character": message.character.value,
        "kind": message.kind.value,
    }
    etree.SubElement(detail, "gsomia", facts)


def _remarks(message: Message, *, placed: bool) -> str:
    match message.body:
        case LaunchReport() as body:
            said = f"missile launch, confidence {body.confidence_pct} percent"
        case TrackUpdate() | ImpactArea() as body:
            what = "track point" if isinstance(body, TrackUpdate) else "expected impact area"
            said = f"{what}, {body.basis.value.lower()}, confidence {body.confidence_pct} percent"
        case End() as body:
            said = f"over: {body.outcome.value.replace('_', ' ').lower()}"
        case Cancellation() as body:
            said = f"CANCELLED: {body.reason.value.replace('_', ' ').lower()}"
    return said if placed else f"{said}; no place is known"


def _marked(message: Message, words: str) -> str:
    return words if message.character is Character.REAL else f"{message.character.value} {words}"


def _text(at_us: int) -> str:
    at = _EPOCH + timedelta(microseconds=min(at_us, _LAST_US))
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
