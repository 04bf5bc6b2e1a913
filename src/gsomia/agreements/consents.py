"""What an originator says to passing its information on: asked, granted, denied, withdrawn.

One token serves a third party of the pact and the relay alike. It is signed by the originator only, and whoever the
information goes on to verifies it too; the holder can neither make one nor stretch one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gsomia.agreements.acts import Purpose
from gsomia.agreements.relay import TopicsVersion
from gsomia.ids import HexDigest, InstrumentId, ItemId, PartyCode, Topic
from gsomia.instants import Instant, Validity
from gsomia.labels import ClassificationId
from gsomia.parties import Act

CONSENT = "consent"
CONSENT_WITHDRAWAL = "consent-withdrawal"
CONSENT_REQUEST = "consent-request"
CONSENT_DENIAL = "consent-denial"

Serial = Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9-]{1,40}\\Z")]
Instruments = Annotated[tuple[InstrumentId, ...], Meta(min_length=1, max_length=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingScope:
    """What a standing consent covers: one topic at one level; for a relay, by one version of its table of topics.

    Source: design 6 (Standing consent names topic and level).
    """

    topic: Topic
    topics: TopicsVersion | None
    level: ClassificationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The originator's prior written approval to pass information on to one third party, for one purpose, until a day.

    It is for one item, named with the manifest it was released under and with its label, or standing, for a topic at a
    level.

    Source: G6-1, F-18, TR-5.
    """

    serial: Serial
    originator: PartyCode
    holder: PartyCode
    recipient: PartyCode
    item: ItemId | None
    manifest: HexDigest | None
    label: HexDigest | None
    instruments: Instruments
    purpose: Purpose
    valid: Validity
    standing: StandingScope | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse what is neither for one item nor standing, or both.

        Raises:
            ValueError: it is so.
        """
        bound = [part is not None for part in (self.item, self.manifest, self.label)]
        if any(bound) != all(bound) or all(bound) == isinstance(self.standing, StandingScope):
            raise ValueError("a consent is for one item with manifest and label, or standing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawal:
    """The originator takes a consent back: nothing more is passed on under it. What was passed on stays protected.

    Source: design 6 (Withdrawal stops forwarding, not custody).
    """

    consent: HexDigest
    serial: Serial
    originator: PartyCode
    holder: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """A holder asks the originator. Silence is no, and nobody counts how long it lasts.

    Source: G6-1, TR-3, TR-5.
    """

    originator: PartyCode
    holder: PartyCode
    recipient: PartyCode
    item: ItemId
    manifest: HexDigest
    instruments: Instruments
    purpose: Purpose
    at: Instant


class DenialCode(StrEnum):
    """Which term of a request the originator does not agree to. A code, never a ground: a holder may ask otherwise.

    Source: F-18, design 6 (across the border go codes, never reasons).
    """

    ITEM = "item"
    RECIPIENT = "recipient"
    PURPOSE = "purpose"
    LEVEL = "level"
    INSTRUMENT = "instrument"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDenial:
    """The originator says no to a request; across the border goes at most a code.

    Source: G6-1, F-18, design 6.
    """

    request: HexDigest
    originator: PartyCode
    holder: PartyCode
    at: Instant
    code: DenialCode | UnsetType = UNSET


ConsentAct = Act[Consent]
ConsentWithdrawalAct = Act[ConsentWithdrawal]
ConsentRequestAct = Act[ConsentRequest]
ConsentDenialAct = Act[ConsentDenial]
