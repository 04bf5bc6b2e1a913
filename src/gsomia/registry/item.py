"""Items held: where from, under which instrument, with which marks. Append-only: a correction is a new line."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from gsomia.agreements import Purpose
from gsomia.envelope import Holding
from gsomia.ids import (
    ConsignmentId,
    Count,
    FacilityId,
    HexDigest,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    RegisterCode,
    Topic,
)
from gsomia.instants import Instant
from gsomia.labels import Label
from gsomia.registry.matter import Form, Matter


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOrigin:
    """How an item came through a hub: by which arrangement, whose own table reads its label, and by which consent.

    Source: relay 5.2 step 7, TR-7.
    """

    instrument: InstrumentId
    agreement: HexDigest
    manifest: HexDigest
    consent: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How a received item came: through whom, under which instrument in which state, covered by which manifest.

    Of a relayed item the sender is the hub, and the instrument the feeder with it, which protects it (TR-9).
    What was heard or came in covers has the number of its disclosure or package as its consignment, and the signed
    notice or transmittal list as its manifest.

    Source: G1-1 (instrument, version and legal state stand on every register line).
    """

    sender: PartyCode
    instrument: InstrumentId
    agreement: HexDigest
    state: str
    consignment: ConsignmentId
    manifest: HexDigest
    relay: RelayOrigin | UnsetType = UNSET
    package: RegisterCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """A register line: an item exists here. The originator's label is kept for ever as it came.

    `content_digest` is that of the content, or of the particulars of an item that has none here.

    Invariant (own or received): `origin` is None for our own items, and only for them.
    Invariant (content or matter): an item has sealed content here, `holding`, or particulars, `matter`; never both.
    Source: F-01, G2-3, G4-1, EQ-4.
    """

    id: ItemId
    originator: PartyCode
    label: Label
    form: Form
    topic: Topic
    purpose: Purpose
    content_digest: HexDigest
    holding: Holding | None
    matter: Matter | None = None
    registrar: PersonId | None
    facility: FacilityId | None
    origin: Origin | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An officer enters an item under our own mark; category and basis are the officer's act.

    Source: G4-2, A-06, A-07, F-01, F-02.
    """

    item: ItemId
    own_mark: str
    rank: Count
    basis: str
    control_no: str
    officer: PersonId
    facility: FacilityId
    at: Instant


def control_number(*, party: PartyCode, instrument: InstrumentId | None, year: int, running: int) -> str:
    """The register's number for an item, for example `JPN-GSOMIA-KR-JP-2026-000017`.

    Source: G6-7, F-01.
    """
    return f"{party}-{instrument or 'OWN'}-{year}-{running:06d}"
