"""The hub introduces an originator's verification keys to the party at the other end, under the feeder with it."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, PinFile

INTRODUCTION = "originator-introduction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Who an originator is and which keys it works with, as the hub has pinned them; believed once a person confirms.

    Attributes:
        feeder: the agreement between hub and addressee that names the originator as one the hub introduces.
        keys: the originator's identities and its descriptor, which its working identity signed.
        counts_from: descriptors with a lower number count no longer.

    Source: design 6 (The relay).
    """

    hub: PartyCode
    to: PartyCode
    originator: PartyCode
    feeder: InstrumentId
    agreement: HexDigest
    keys: PinFile
    counts_from: Annotated[int, Meta(ge=1, le=2**31)]
    at: Instant


IntroductionAct = Act[Introduction]
