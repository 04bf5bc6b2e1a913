"""Records of the relay: what the hub keeps to pass on, whom the recipient believes, what came back along the chain."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from gsomia.agreements import ConsentRequest, DenialCode
from gsomia.envelope import RelayPart
from gsomia.exchange import ChainNotice, RelayReport
from gsomia.flows.records import Direction
from gsomia.ids import ConsignmentId, Count, HexDigest, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import PinFile


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEnvelope:
    """The clear parts of an envelope that may go on, as they came; the segments lie in the payload store.

    Source: design 6 (manifest, ciphertext and consent travel unchanged).
    """

    consignment: ConsignmentId
    item: ItemId
    header: bytes
    statement: bytes
    sealed_part: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionRecord:
    """A hub introduced an originator's keys, or we did; they count once the identities are confirmed."""

    statement: HexDigest
    direction: Direction
    originator: PartyCode
    hub: PartyCode
    fingerprint: HexDigest
    number: Count
    counts_from: Count
    keys: PinFile
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginatorConfirmed:
    """A person compared the fingerprint of an introduced originator over another channel than the hub's."""

    originator: PartyCode
    fingerprint: HexDigest
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn:
    """An originator took a consent back, given or heard; custody of what was passed on does not change.

    Attributes:
        statement: that says so; a record of before it was kept has none.
    """

    consent: HexDigest
    serial: str
    originator: PartyCode
    at: Instant
    statement: HexDigest | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsked:
    """A holder asked for a consent, asked or heard."""

    request: HexDigest
    item: ItemId
    asked: ConsentRequest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDenied:
    """An originator said no to a request, given or heard.

    Attributes:
        code: the term that is not agreed to, if one was named.
        statement: that says so; a record of before it was kept has none.
    """

    request: HexDigest
    item: ItemId
    originator: PartyCode
    at: Instant
    code: DenialCode | UnsetType = UNSET
    statement: HexDigest | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayArrival:
    """An item came through a hub: what the hub signed and added, and the originator's manifest, byte for byte.

    Source: relay 5.2 step 7 (chain of custody of three).
    """

    consignment: ConsignmentId
    item: ItemId
    hub: PartyCode
    originator: PartyCode
    relay: HexDigest
    manifest: HexDigest
    statement: bytes
    originators_statement: bytes
    part: RelayPart
    decided: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReportRecord:
    """The hub reported on an item, ours or as we reported it; `proven` if the recipient's own signature was checked."""

    item: ItemId
    recipient: PartyCode
    direction: Direction
    report: RelayReport
    proven: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNoticeRecord:
    """A notice along the chain: said by us, carried by us as hub, or heard."""

    notice_digest: HexDigest
    item: ItemId
    author: PartyCode
    to: PartyCode
    notice: ChainNotice
    envelope: bytes
    at: Instant
