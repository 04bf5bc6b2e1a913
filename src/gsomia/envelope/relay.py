"""An item on its way through a hub: the originator's envelope untouched, the content key wrapped anew.

    magic (8) | relay statement | relay part | the originator's offer, byte for byte

The hub signs its own manifest over a header that binds the originator's manifest, both instruments of its leg, the
recipient's key and a consignment id of its own. Its mark, its custody and the originator's consent lie in a relay part
that is sealed under a key of its own, derived from the content key: no level or purpose stands in clear.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia import canon
from gsomia.envelope import suite
from gsomia.envelope.errors import EnvelopeError, OpenError, WireError
from gsomia.envelope.header import Header, KeyedParty, Manifest
from gsomia.envelope.open import UnwrappedEnvelope, open_with_key
from gsomia.envelope.verify import VerifiedEnvelope, verify_envelope
from gsomia.envelope.wire import ReceivedEnvelope, parse_offer, print_offer, print_parts
from gsomia.ids import ConsignmentId, DecisionId, HexDigest, InstrumentId, ItemId, PartyCode, sha256_hex
from gsomia.instants import Instant
from gsomia.labels import ClassificationId
from gsomia.parties import (
    Act,
    Descriptor,
    Office,
    Opener,
    SealingKey,
    Signer,
    Statement,
    claimed_payload,
    sign_statement,
    verify_act,
    verify_statement,
)

RELAY = "relay"
"""Statement kind of a hub's manifest."""
RELAY_DECISION = "relay-decision"
"""What the hub's releasing authority signs personally."""
MAGIC = b"gsomia1r"
MAX_STATEMENT_BYTES = 64 << 10
MAX_PART_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayHeader:
    """What is fixed before the key is wrapped again; its digest binds key and relay part.

    Attributes:
        instrument: the relay arrangement.
        feeder: the agreement of the hub's leg.
        manifest: the originator's, by digest.
        topics: the version of the table of topics that the hub went by.
    """

    suite: Literal["gsomia-1"]
    instrument: InstrumentId
    agreement: HexDigest
    feeder: InstrumentId
    feeder_agreement: HexDigest
    hub: KeyedParty
    recipient: KeyedParty
    originator: PartyCode
    item: ItemId
    manifest: HexDigest
    consignment: ConsignmentId
    topics: Annotated[int, Meta(ge=1, le=2**31)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayManifest:
    """What the hub signs."""

    header: RelayHeader
    wrapped: Annotated[bytes, Meta(max_length=4096)]
    part: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayDecision:
    """The hub's decision as the recipient may see it: which authority, under which rules; no name and no reason.

    Source: TISA paragraphs 5 and 6, F-14.
    """

    id: DecisionId
    instrument: InstrumentId
    feeder: InstrumentId
    item: ItemId
    to: PartyCode
    authority: str
    at: Instant
    rules_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayPart:
    """What the hub adds, sealed: its own mark beside the originator's, its custody, and the originator's consent.

    Attributes:
        hub_mark: the hub's equivalent level, as its registrar booked the item.
        consent: the originator's statement, byte for byte.
        received: when the item arrived at the hub.
        booked: when the hub's registrar took custody.
        decision: a person's; its time is when the hub passed the item on.

    Source: relay 5.2 steps 3, 4 and 6, A-07.
    """

    hub_mark: ClassificationId
    consent: Annotated[bytes, Meta(max_length=32 << 10)]
    received: Instant
    booked: Instant
    decision: Act[RelayDecision]

    def __post_init__(self) -> None:
        """Refuse custody that runs backwards.

        Raises:
            ValueError: it does.
        """
        if not self.received <= self.booked <= self.decision.body.at:
            raise ValueError("the hub's custody runs backwards")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRelay:
    """A relayed offer whose frame has the right shape. Nothing in it is believed yet."""

    statement: bytes
    part: bytes
    offer: ReceivedEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRelay:
    """The hub's manifest and the originator's envelope, each proven under its own signer's keys."""

    statement: Statement[RelayManifest]
    part: bytes
    verified: VerifiedEnvelope

    @property
    def header(self) -> RelayHeader:
        """What the hub bound together."""
        return self.statement.value.header


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRelay:
    """A verified relay with its key in memory, its proven sealed part, and what the hub added."""

    relay: VerifiedRelay
    unwrapped: UnwrappedEnvelope
    part: RelayPart


def is_relay(untrusted: bytes) -> bool:
    """Whether the bytes start as a relayed offer does; decides only which parser reads them."""
    return untrusted.startswith(MAGIC)


def print_relay(relay: ReceivedRelay) -> bytes:
    """The frame of a relayed envelope, without segments."""
    parts = (relay.statement, relay.part)
    return MAGIC + print_parts(parts) + print_offer(relay.offer)


def parse_relay(untrusted: bytes) -> tuple[ReceivedRelay, bytes]:
    """Split a relayed offer into the hub's parts, the originator's envelope, and inline segment bytes.

    Raises:
        WireError: wrong magic, a part too long or cut short, or the offer inside is none.
        CanonError: the header of the offer inside is not canonical.

    Trust: hostile on entry; on return shapes and sizes agree, nothing else is known.
    """
    if not is_relay(untrusted):
        raise WireError("envelope/not-a-relay", "the bytes do not start as a relayed offer does")
    at = len(MAGIC)
    parts: list[bytes] = []
    for cap in (MAX_STATEMENT_BYTES, MAX_PART_BYTES):
        length = int.from_bytes(untrusted[at : at + 4], "big")
        if len(untrusted) < at + 4 or length > cap or len(untrusted) < at + 4 + length:
            raise WireError("envelope/frame-broken", "a part of the relayed offer is cut short or too long")
        parts.append(untrusted[at + 4 : at + 4 + length])
        at += 4 + length
    offer, inline = parse_offer(untrusted[at:])
    return ReceivedRelay(statement=parts[0], part=parts[1], offer=offer), inline


def claimed_consignment(untrusted: bytes) -> tuple[ConsignmentId, Header]:
    """Which consignment an offer claims to be, direct or relayed, and the header of its content. Nothing is proven.

    Raises:
        WireError, CanonError: it is no offer.
    """
    if not is_relay(untrusted):
        header = parse_offer(untrusted)[0].header
        return header.consignment, header
    relay, _ = parse_relay(untrusted)
    return read_manifest(relay).header.consignment, relay.offer.header


def read_manifest(relay: ReceivedRelay) -> RelayManifest:
    """What the hub's statement claims; decides only which keys it is held against.

    Raises:
        CanonError: malformed.
    """
    return canon.decode(claimed_payload(relay.statement), RelayManifest)


def seal_relay(
    header: RelayHeader, *, content_key: bytes, recipient: SealingKey, part: RelayPart, signer: Signer
) -> tuple[Statement[RelayManifest], bytes]:
    """Wrap the content key for the recipient, seal what the hub adds, and sign: no content is opened.

    Args:
        header: names the recipient's key and the originator's manifest.
        content_key: in memory only.
        recipient: the sealing key the header names.
        part: what the hub adds.
        signer: the hub's statement key.

    Returns:
        The statement, and the sealed relay part.

    Source: design 6 (The relay).
    """
    digest = hashlib.sha256(canon.encode(header)).digest()
    sealed = suite.seal_part(suite.derive_keys(content_key, digest), canon.encode(part))
    manifest = RelayManifest(header=header, wrapped=suite.wrap(content_key, recipient, digest), part=sha256_hex(sealed))
    return sign_statement(manifest, kind=RELAY, signer=signer), sealed


def verify_relay(
    received: ReceivedRelay,
    *,
    hub: Descriptor,
    originator: Descriptor,
    recipient: PartyCode,
    our_keys: Collection[str],
) -> VerifiedRelay:
    """Prove that `hub` passes on to us what `originator` released to it.

    1. The hub's manifest carries both signatures of its current statement key, and names it.
    2. It names us, and a sealing key we hold.
    3. It covers the relay part.
    4. The envelope inside is the originator's, released to the hub: the whole ladder of `verify_envelope`.
    5. The hub's header is about that envelope: its manifest, its item, its originator.

    Args:
        received: shapes agree; nothing else is known.
        hub: the descriptor of the party at the other end of the connection.
        originator: the descriptor that was introduced and confirmed for the originator.
        recipient: our own code.
        our_keys: ids of the sealing keys we can open with.

    Raises:
        CanonError: a statement is malformed.
        SignatureError: step 1, or the originator's signature of step 4.
        EnvelopeError: any other step.

    Trust: on return the outer parts are the hub's word and the inner ones the originator's. What is sealed is unproven.
    Source: design 6 (The recipient verifies both).
    """
    # (1) the hub we are connected to
    statement = verify_statement(received.statement, accepts={RELAY: RelayManifest}, key=hub.statement)
    manifest, header = statement.value, statement.value.header
    if header.hub != KeyedParty(party=hub.party, key=hub.statement.key_ids[0]):
        raise EnvelopeError("envelope/sender-mismatch", "the relay names another hub, or a key that is not current")
    # (2) addressed to us
    if header.recipient.party != recipient or header.recipient.key not in our_keys:
        raise EnvelopeError("envelope/not-for-us", "the relay names another recipient or a key we do not hold")
    # (3) what it adds
    if manifest.part != sha256_hex(received.part):
        raise EnvelopeError("envelope/relay-part-differs", "the relay part is not the one the hub's manifest covers")
    # (4) the originator's envelope, as it was released to the hub
    inner = received.offer.header.recipient.key
    verified = verify_envelope(received.offer, sender=originator, recipient=hub.party, our_keys={inner})
    # (5) about the same
    about = (header.originator, header.item, header.manifest)
    if about != (verified.header.sender.party, verified.header.item, verified.statement.digest):
        raise EnvelopeError("envelope/relay-of-another", "the hub's manifest is about another release")
    return VerifiedRelay(statement=statement, part=received.part, verified=verified)


def open_relay(relay: VerifiedRelay, *, opener: Opener) -> OpenedRelay:
    """Unwrap the content key, prove it and the originator's sealed part, and open what the hub added.

    1. The wrapped key opens with ours, under the hub's header.
    2. It is the key the originator committed to, and the originator's part holds: all of `open_with_key`.
    3. The relay part opens and is canonical.
    4. A person of the hub decided, as a releasing authority, about this item, leg and recipient.

    Raises:
        OpenError: any step; seen from outside they look alike.
        SignatureError: a personal signature is false.

    Trust: on return label and release are the originator's word, mark and custody the hub's. No content was opened.
    """
    header, manifest = relay.header, relay.statement.value
    # (1) unwrap
    digest = hashlib.sha256(canon.encode(header)).digest()
    content_key = suite.unwrap(manifest.wrapped, opener, digest)
    # (2) the originator's commitment
    unwrapped = open_with_key(relay.verified, content_key=content_key)
    # (3) what the hub added
    part = _open_part(relay.part, content_key=content_key, digest=digest)
    # (4) a person's act
    decision = part.decision.body
    about = (decision.instrument, decision.feeder, decision.item, decision.to)
    if about != (header.instrument, header.feeder, header.item, header.recipient.party):
        raise OpenError("envelope/decision-of-another", "the hub's decision is not about this item")
    verify_act(part.decision, kind=RELAY_DECISION)
    if part.decision.by.office is not Office.RELEASING_AUTHORITY:
        raise OpenError("envelope/decider-without-office", "the hub's decision is not a releasing authority's")
    return OpenedRelay(relay=relay, unwrapped=unwrapped, part=part)


def open_relay_part(relay: ReceivedRelay, *, content_key: bytes) -> RelayPart:
    """What the hub added to a relay, for whoever holds the content key; nothing is proven of it.

    Raises:
        CanonError, OpenError: it does not open.
    """
    digest = hashlib.sha256(canon.encode(read_manifest(relay).header)).digest()
    return _open_part(relay.part, content_key=content_key, digest=digest)


def unwrap_key(offer: ReceivedEnvelope, *, opener: Opener) -> bytes:
    """The content key of an offer that is sealed for `opener`; nothing is proven of it.

    Raises:
        CanonError, OpenError: it does not open.
    """
    manifest = canon.decode(claimed_payload(offer.statement), Manifest)
    digest = hashlib.sha256(offer.header_bytes).digest()
    ours = next((key.wrapped for key in manifest.keys if key.key == opener.public.key_id), b"")
    return suite.unwrap(ours, opener, digest)


def _open_part(sealed: bytes, *, content_key: bytes, digest: bytes) -> RelayPart:
    try:
        return canon.decode(suite.open_part(suite.derive_keys(content_key, digest), sealed), RelayPart)
    except canon.CanonError as cause:
        raise OpenError("envelope/does-not-open", "the envelope does not open") from cause
