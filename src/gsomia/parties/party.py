"""A party, the two identities that are pinned for it, and the numbered descriptor of the keys it works with."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.parties.keys import HybridKey, SealingKey

Name = Annotated[str, Meta(min_length=1, max_length=200)]
"""Words for people; never compared, never in a log leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRecord:
    """Who a party is, for as long as an agreement names it: its working and its offline recovery identity."""

    code: PartyCode
    name: Name
    working: HybridKey
    recovery: HybridKey

    @property
    def fingerprint(self) -> HexDigest:
        """What the two governments compare by hand, and what an agreement file pins."""
        return canon.digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """The keys a party works with now, signed by its working identity. A higher number replaces a lower one."""

    party: PartyCode
    number: Annotated[int, Meta(ge=1, le=2**31)]
    issued: Instant
    address: Annotated[str, Meta(pattern="^[a-z0-9.-]+:[0-9]{1,5}\\Z", max_length=200)]
    statement: HybridKey
    log: HybridKey
    cosigner: HybridKey
    lane: HybridKey
    sealing: SealingKey
    tls_certificate: Annotated[bytes, Meta(min_length=1, max_length=4096)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinFile:
    """What `party export` writes and `party pin` reads."""

    record: PartyRecord
    descriptor: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedParty:
    """A party this node deals with: identities confirmed by a person, descriptor verified under them."""

    record: PartyRecord
    descriptor: Descriptor
    pinned_by: str
    at: Instant

    @property
    def code(self) -> PartyCode:
        """The party's code."""
        return self.record.code
