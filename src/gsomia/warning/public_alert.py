"""A public alert: what a releasing authority decided that everybody may know of an event, and CAP 1.2 made of it alone.

The decision is the source: it holds every word, the area and the times that the public reads, and names the message it
lowers by digest. Nothing else of the event is in reach of `print_cap`, so no launch point, track or sensor can slip
through. The area is a circle around the expected impact, coarser than the warning's.

Source: G4-7 (only the originator changes a level), F-10; ADR 0034.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta

from gsomia.agreements import AuthorityId
from gsomia.ids import DecisionId, HexDigest, PartyCode
from gsomia.instants import SEOUL_AND_TOKYO, Instant
from gsomia.labels import ClassificationId
from gsomia.warning.errors import WarningUseError
from gsomia.warning.messages import (
    Cancellation,
    Character,
    ConfidencePct,
    End,
    EventId,
    ImpactArea,
    Kind,
    LatitudeUdeg,
    LongitudeUdeg,
    Message,
    on_grid,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PUBLIC_ALERT: Final = "public-alert"
"""Statement kind of the decision."""
CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
AREA_GRID_UDEG: Final = 100_000
"""A tenth of a degree: about eleven kilometres."""
RADIUS_STEP_KM: Final = 10
LIKELY_PCT: Final = 50
OBSERVED_PCT: Final = 90

Headline = Annotated[str, Meta(min_length=1, max_length=160)]
Instruction = Annotated[str, Meta(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicText:
    """What the public reads in one language."""

    language: Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?\\Z")]
    headline: Headline
    instruction: Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicArea:
    """Where the public is warned: a circle."""

    latitude_udeg: LatitudeUdeg
    longitude_udeg: LongitudeUdeg
    radius_km: Annotated[int, Meta(ge=RADIUS_STEP_KM, le=3_000)]
    name: Headline


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAlert:
    """The decision that an event of ours is made public, in these words and no others.

    Args:
        id: of the decision.
        party: whose warning it was, and who decides.
        event: about which missile.
        kind: of the message that is lowered: an impact area warns, an end or a cancellation gives the all-clear.
        message: digest of its canonical bytes.
        from_level: the level it had.
        character: real, exercise or test.
        authority: the releasing authority that decided.
        confidence_pct: of the impact area.
        area: where.
        texts: in which words, one for each language.
        replaces: the decision whose alert this one updates or cancels.
        at: when it was decided.
        until: from when the alert no longer holds.
    """

    id: DecisionId
    party: PartyCode
    event: EventId
    kind: Kind
    message: HexDigest
    from_level: ClassificationId
    character: Character
    authority: AuthorityId
    confidence_pct: ConfidencePct
    area: PublicArea
    texts: Annotated[tuple[PublicText, ...], Meta(min_length=1, max_length=8)]
    replaces: HexDigest | None
    at: Instant
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAlertRecord:
    """The decision as it was said and recorded."""

    digest: HexDigest
    event: EventId
    alert: PublicAlert
    envelope: bytes
    at: Instant


def area_of(message: Message, *, name: str, replaced: PublicAlert | None) -> tuple[PublicArea, ConfidencePct]:
    """The circle that a public alert is about, and how sure it is.

    An end or a cancellation is about the place of the alert it takes back.

    Raises:
        WarningUseError: the message says no place that the public can be warned of.
    """
    if isinstance(message.body, ImpactArea):
        body = message.body
        radius_km = math.ceil(max(body.along_m, body.across_m) / 1_000 / RADIUS_STEP_KM) * RADIUS_STEP_KM
        area = PublicArea(
            latitude_udeg=on_grid(body.latitude_udeg, step=AREA_GRID_UDEG),
            longitude_udeg=on_grid(body.longitude_udeg, step=AREA_GRID_UDEG),
            radius_km=radius_km + RADIUS_STEP_KM,  # the centre moved by up to eight kilometres
            name=name,
        )
        return area, body.confidence_pct
    if isinstance(message.body, End | Cancellation) and replaced is not None:
        return replaced.area, replaced.confidence_pct
    raise WarningUseError(
        "warning/no-public-area",
        "the public is warned of an expected impact area, or told that an alert is over",
        remedy="name an impact area; or an end or cancellation, with the decision that it takes back",
    )


def print_cap(alert: PublicAlert, *, replaced: PublicAlert | None) -> bytes:
    """The alert as a CAP 1.2 message for everybody.

    Args:
        alert: the decision.
        replaced: the decision it names as replaced, if it names one.

    Source: CAP 1.2.
    """
    from lxml import etree  # noqa: PLC0415  libxml2 is loaded only where XML is read or written

    root = etree.Element(f"{{{CAP}}}alert", nsmap={None: CAP})
    over = alert.kind in {Kind.END, Kind.CANCELLATION}
    kind = "Alert" if replaced is None else ("Cancel" if over else "Update")
    status = {Character.REAL: "Actual", Character.EXERCISE: "Exercise", Character.TEST: "Test"}[alert.character]
    _say(
        root,
        ("identifier", _identifier(alert)),
        ("sender", _sender(alert)),
        ("sent", _text(alert.at)),
        ("status", status),
        ("msgType", kind),
        ("scope", "Public"),
    )
    if alert.character is not Character.REAL:
        _say(root, ("note", f"{alert.character.value} - NOT REAL"))
    if replaced is not None:
        _say(root, ("references", f"{_sender(replaced)},{_identifier(replaced)},{_text(replaced.at)}"))
    _say(root, ("incidents", alert.event))
    for text in alert.texts:
        _info(root, alert, text, over=over)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def check_cap(xml: bytes, *, schema: bytes) -> None:
    """Hold an alert to the structure of the standard.

    Args:
        xml: what is about to go out.
        schema: the XML schema of CAP 1.2.

    Raises:
        WarningUseError: it does not hold.

    Source: CAP 1.2.
    """
    from lxml import etree  # noqa: PLC0415  the same

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        structure = etree.XMLSchema(etree.fromstring(schema, parser))
        structure.assertValid(etree.fromstring(xml, parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, etree.DocumentInvalid) as cause:
        raise WarningUseError(
            "warning/cap-malformed", f"the alert is no CAP 1.2: {str(cause).splitlines()[0][:160]}"
        ) from cause


def _info(root: "_Element", alert: PublicAlert, text: PublicText, *, over: bool) -> None:
    from lxml import etree  # noqa: PLC0415  the same

    info = etree.SubElement(root, f"{{{CAP}}}info")
    warned = "Likely" if alert.confidence_pct >= LIKELY_PCT else "Possible"
    _say(
        info,
        ("language", text.language),
        ("category", "Security"),
        ("category", "Safety"),
        ("event", _marked(alert, "Missile launch")),
        ("responseType", "AllClear" if over else "Shelter"),
        ("urgency", "Past" if over else "Immediate"),
        ("severity", "Unknown" if over else "Extreme"),
        ("certainty", "Observed" if over or alert.confidence_pct >= OBSERVED_PCT else warned),
        ("effective", _text(alert.at)),
        ("expires", _text(alert.until)),
        ("senderName", _marked(alert, f"{alert.party} {alert.authority}")),
        ("headline", _marked(alert, text.headline)),
        ("instruction", _marked(alert, text.instruction)),
    )
    area = etree.SubElement(info, f"{{{CAP}}}area")
    north, east = alert.area.latitude_udeg / 1e6, alert.area.longitude_udeg / 1e6
    _say(area, ("areaDesc", alert.area.name), ("circle", f"{north:.1f},{east:.1f} {alert.area.radius_km}"))


def _say(parent: "_Element", *members: tuple[str, str]) -> None:
    from lxml import etree  # noqa: PLC0415  the same

    for name, words in members:
        etree.SubElement(parent, f"{{{CAP}}}{name}").text = words


def _marked(alert: PublicAlert, words: str) -> str:
    return words if alert.character is Character.REAL else f"{alert.character.value}: {words}"


def _identifier(alert: PublicAlert) -> str:
    return f"gsomia-{alert.party.lower()}-{alert.id}"


def _sender(alert: PublicAlert) -> str:
    return f"{alert.authority}.{alert.party.lower()}"


def _text(at: Instant) -> str:
    return datetime.fromtimestamp(at.epoch_s, UTC).astimezone(SEOUL_AND_TOKYO).isoformat()


def check_texts(texts: Sequence[PublicText]) -> None:
    """Hold that every language has one text, in words that can be printed.

    Raises:
        WarningUseError: they do not.
    """
    languages = [text.language for text in texts]
    words = [word for text in texts for word in (text.headline, text.instruction)]
    if len(set(languages)) != len(languages) or not all(word.isprintable() and word.strip() for word in words):
        raise WarningUseError(
            "warning/public-text",
            "each language has one headline and one instruction, on one line each",
            remedy="give `--headline en=…` and `--instruction en=…` once for each language",
        )
