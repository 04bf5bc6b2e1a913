"""The facts a decision rests on, all passed in. They are canonical values: their digest is what a decision names."""

from dataclasses import dataclass
from enum import StrEnum

from gsomia.agreements import Acknowledgement, Assurance, Authority, Consent
from gsomia.ids import Count, FacilityId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId, Topic
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance, Label
from gsomia.parties import Office


class Way(StrEnum):
    """How an item goes to the other side.

    Source: G2-3, G9-1, G12-10.
    """

    SEALED = "sealed"
    """As an envelope, from node to node."""
    LINE = "line"
    """Spoken or shown over a line."""
    TOGETHER = "together"
    """Spoken or shown with both sides in one place."""
    COVERS = "covers"
    """Carried, in two covers or as freight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """Who acts. `rank` is recorded and read by no rule that permits; `employer` is the employer's country."""

    id: PersonId
    official: bool
    rank: str
    nationalities: tuple[PartyCode, ...]
    employer: PartyCode | None
    offices: tuple[Office, ...]
    clearances: tuple[Clearance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentFacts:
    """Where an instrument stands at the instant of the decision, and what of it matters."""

    id: InstrumentId
    agreement: HexDigest
    state: str
    parties: tuple[PartyCode, ...]
    release: bool
    onward: bool
    access: bool
    ceiling: Count
    named: tuple[Authority, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """An accredited way to a partner.

    Source: G12-10, G12-11.
    """

    channel: str
    ceiling: Count
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceFacts:
    """An assurance the partner gave, and what became of it.

    Attributes:
        withdrawn: whether the partner took it back.
        superseded: whether we acknowledged another one that replaces it.
    """

    digest: HexDigest
    assurance: Assurance
    acknowledgement: Acknowledgement | None
    withdrawn: bool = False
    superseded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """May this item of ours go to that party?"""

    now: Instant
    us: PartyCode
    to: PartyCode
    way: Way = Way.SEALED
    item: ItemId
    held: bool
    originator: PartyCode
    registrar: PersonId
    label: Label
    purpose: str
    authority: str
    instrument: InstrumentFacts | None
    decider: PersonFacts
    control_officer: PersonId | None
    channels: tuple[ChannelFacts, ...]
    assurances: tuple[AssuranceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """A need-to-know: this person's duty needs this item, or every item of a purpose.

    Source: G7-2.
    """

    person: PersonId
    item: ItemId | None
    purpose: str | None
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFacts:
    """A line of a facility's registry of persons.

    Source: G6-6.
    """

    facility: FacilityId
    person: PersonId
    instrument: InstrumentId
    ceiling: Count
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeFacts:
    """How a purpose stands at this node; one that nobody opened here is only the code that an item came with.

    Source: G6-9, A-16.
    """

    code: str
    closed: bool
    blanket: bool
    review_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """The facility where an item lies: up to which of our ranks it is accredited, and until which review.

    Source: G10-1.
    """

    facility: FacilityId
    ceiling: Count
    review_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPurposeFacts:
    """The originator agreed in writing to use the item for this purpose, for so long.

    Source: G6-4.
    """

    purpose: str
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyFacts:
    """An originator's written agreement to a person of a third nationality or employer.

    Source: A-09, X-8.
    """

    person: PersonId
    originator: PartyCode
    item: ItemId | None
    purpose: str | None
    valid: Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """May this person read this item for this purpose?

    Attributes:
        declined: whether the originator declined the reader.
    """

    now: Instant
    us: PartyCode
    item: ItemId
    held: bool
    originator: PartyCode
    own_mark: str | None
    own_rank: Count
    item_purpose: str
    purpose: str
    facility: FacilityId | None
    site: SiteFacts | None
    instrument: InstrumentFacts | None
    reader: PersonFacts
    duties: tuple[DutyFacts, ...]
    roster: tuple[RosterFacts, ...]
    third_party: tuple[ThirdPartyFacts, ...]
    declassified: bool = False
    purposes: tuple[PurposeFacts, ...] = ()
    other_purposes: tuple[OtherPurposeFacts, ...] = ()
    declined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFacts:
    """An item of an originator from which something was made here: what a consent of the originator names."""

    item: ItemId
    manifest: HexDigest | None
    label: Label
    label_digest: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardFacts:
    """May an item we hold for its originator go on to a third party?

    Attributes:
        withdrawn: whether the originator took the consent back.
        given: of a derived item, what it was made from, as its originator knows it.
    """

    now: Instant
    us: PartyCode
    to: PartyCode
    item: ItemId
    held: bool
    manifest: HexDigest | None
    originator: PartyCode
    label: Label
    label_digest: HexDigest
    topic: Topic
    purpose: str
    instrument: InstrumentFacts | None
    consent: Consent | None
    withdrawn: bool
    given: tuple[GivenFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTermsFacts:
    """What of a relay's text matters to one item on its way from its originator to one end."""

    instrument: InstrumentFacts
    hub: PartyCode
    first_feeder: InstrumentId | None
    second_feeder: InstrumentId | None
    topics: Count
    carried: bool
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFacts:
    """May we, the hub, pass this item on to the other end?

    Attributes:
        leg: the release of the second leg, under the feeder with the recipient, as any release.
        relay: the arrangement; None if none names us the hub between the two.
        first: the feeder it came under, as it stands now.
        manifest: the originator's.
        own_mark: the mark our registrar gave it; None before.
        kept: whether the originator's envelope is still as it came.
    """

    leg: ReleaseFacts
    relay: RelayTermsFacts | None
    first: InstrumentFacts | None
    manifest: HexDigest | None
    label_digest: HexDigest
    topic: Topic
    own_mark: str | None
    kept: bool
    consent: Consent | None
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """Which ways an item of ours may lawfully go to a party on a day.

    Attributes:
        direct: the instrument between the two, as it stands on the day.
        direct_lists: whether its table reads the item's label for the recipient.
        relay: the arrangement over a hub, as it stands on the day.
        relay_lists: whether its own table reads the label for the recipient.
        first: the feeder with the hub.
        second: the feeder between hub and recipient; None if it is not known here.
    """

    now: Instant
    us: PartyCode
    to: PartyCode
    item: ItemId
    originator: PartyCode
    level: str
    rank: Count
    topic: Topic
    direct: InstrumentFacts | None
    direct_lists: bool
    relay: RelayTermsFacts | None
    relay_lists: bool
    first: InstrumentFacts | None
    second: InstrumentFacts | None
