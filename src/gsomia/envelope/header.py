"""What an envelope says in clear, what it signs, and what it keeps sealed.

The *header* is fixed before sealing and holds only ids, commitments and sizes. The *manifest*, signed after sealing, is
the payload of the release statement. The *sealed part* carries label, topic, decision and salts; intake may open it.
No title, level, purpose or name stands in clear.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia import canon
from gsomia.envelope.suite import SEGMENT_BYTES, TAG_BYTES
from gsomia.ids import ConsignmentId, DecisionId, HexDigest, InstrumentId, ItemId, PartyCode, Topic, sha256_hex
from gsomia.instants import Instant
from gsomia.labels import Label
from gsomia.parties import Act

RELEASE = "release"
"""Statement kind of a manifest."""
RELEASE_DECISION = "release-decision"
"""What a releasing authority signs personally."""

KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{32}\\Z")]
Salt = Annotated[bytes, Meta(min_length=16, max_length=16)]
MAX_CONTENT_BYTES = 1 << 44
"""16 TiB; what a partner may really send is capped far lower by the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedParty:
    """A party and the key of its descriptor that was used."""

    party: PartyCode
    key: KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is fixed before sealing; its digest is bound into every key and every segment.

    Invariant (sizes agree): `segments` is what `content_bytes` needs; an empty item is one empty segment.
    """

    suite: Literal["gsomia-1"]
    instrument: InstrumentId
    agreement: HexDigest
    sender: KeyedParty
    recipient: KeyedParty
    item: ItemId
    consignment: ConsignmentId
    label_commitment: HexDigest
    content_bytes: Annotated[int, Meta(ge=0, le=MAX_CONTENT_BYTES)]
    segments: Annotated[int, Meta(ge=1)]

    def __post_init__(self) -> None:
        """Refuse sizes that do not agree.

        Raises:
            ValueError: they do not.
        """
        if self.segments != segment_count(self.content_bytes):
            msg = "segments and content_bytes do not agree"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """The content key for one recipient key."""

    key: KeyId
    wrapped: Annotated[bytes, Meta(max_length=4096)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the releasing party signs: everything about a release, by digest."""

    header: HexDigest
    decision: DecisionId
    decision_digest: HexDigest
    keys: Annotated[tuple[WrappedKey, ...], Meta(min_length=1, max_length=8)]
    key_commitment: HexDigest
    segments: Annotated[int, Meta(ge=1)]
    segment_list: HexDigest
    sealed_part: HexDigest
    content_commitment: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderDecision:
    """The release decision as the other side may see it: which authority, under which rules; no name and no reason.

    Source: G1-2, F-14.
    """

    id: DecisionId
    instrument: InstrumentId
    agreement: HexDigest
    item: ItemId
    to: PartyCode
    level: str
    purpose: str
    authority: str
    at: Instant
    rules_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """What intake may know before anyone reads."""

    label: Label
    label_salt: Salt
    topic: Topic
    decision: Act[BorderDecision]
    content_digest: HexDigest
    content_salt: Salt


def segment_count(content_bytes: int) -> int:
    """How many segments so much content takes; at least one."""
    return max(1, -(-content_bytes // SEGMENT_BYTES))


def sealed_segment_bytes(header: Header, index: int) -> int:
    """How many bytes sealed segment `index` has."""
    last = header.segments - 1
    plain = SEGMENT_BYTES if index < last else header.content_bytes - last * SEGMENT_BYTES
    return plain + TAG_BYTES


def sealed_content_bytes(header: Header) -> int:
    """How many bytes all sealed segments have together."""
    return header.content_bytes + header.segments * TAG_BYTES


def label_commitment(label: Label, salt: bytes) -> HexDigest:
    """Commits to a label without telling it."""
    return sha256_hex(b"gsomia/label\x00" + salt + canon.encode(label))


def content_commitment(content_digest: str, salt: bytes) -> HexDigest:
    """Commits to the plaintext's digest without telling it."""
    return sha256_hex(b"gsomia/content\x00" + salt + bytes.fromhex(content_digest))


def decision_digest(act: Act[BorderDecision]) -> HexDigest:
    """What the manifest says of the decision; the random decision id keeps it from being guessed."""
    return canon.digest(act)
