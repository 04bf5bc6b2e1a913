"""How a copy ends: destroyed or returned by two persons, with a certificate that lists it.

An electronic copy is destroyed with its storage key, paper and equipment by hand. What lies outside this node's reach
is named, never passed over.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.ids import ConsignmentId, CopyId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Act
from gsomia.registry.lines import FIRST_COPY

DESTRUCTION = "destruction"
ORDER = "destruction-order"
UNRECORDED = "unrecorded-destruction"
RETURN = "return"
RETURN_ORDER = "return-order"
TAKE_BACK = "take-back"
NO_DESTROY = "NO-DESTROY"
"""The originator's caveat that forbids destruction (G13-3)."""


class Method(StrEnum):
    """How a copy is destroyed so that nothing of it can be reconstructed.

    Source: G13-1, G13-2.
    """

    STORAGE_KEY = "storage-key"
    """The key that opens the sealed content is destroyed, with the master key above it."""
    BURNED = "burned"
    SHREDDED = "shredded"
    PULPED = "pulped"
    DISINTEGRATED = "disintegrated"
    DEFORMED = "deformed"
    """Equipment: beyond recognition and reconstruction."""


class Unreached(StrEnum):
    """What a destruction at this node cannot reach."""

    SENDERS_COPY = "senders-copy"
    RECIPIENTS_COPIES = "recipients-copies"
    BACKUP = "backup"
    READ_COPIES = "read-copies"
    MEDIA = "media"
    SNAPSHOTS = "snapshots"
    MEMORY = "memory"
    LOST_COPIES = "lost-copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """One thing out of reach, and until when, if a day is known on which it ends."""

    what: Unreached
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEnd:
    """One copy on a certificate, and how it ends; serial numbers for equipment.

    Source: F-16, G13-1, G13-2.
    """

    copy: CopyId
    method: Method
    serials: Annotated[tuple[RegisterCode, ...], Meta(max_length=32)] = ()


Copies = Annotated[tuple[CopyEnd, ...], Meta(min_length=1, max_length=1024)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionOrder:
    """What the first person signs: these very copies are to be destroyed."""

    item: ItemId
    content_digest: HexDigest
    party: PartyCode
    copies: Copies
    place: RegisterCode | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """The certificate, signed by the second person around the first one's order.

    Args:
        item: whose copies were destroyed.
        instrument: under which it came; None for an item of our own.
        consignment: as which it came; None likewise.
        manifest: of that consignment.
        party: who destroyed it.
        to: whom the certificate is said to.
        copies: which copies, and how; with the first one among them, the whole item.
        place: where, as a code of the register.
        emergency: one person alone, because there was no time (G13-4).
        order: the first person's; None in an emergency.
        beyond: what it could not reach.
        at: when it was ordered.

    Source: F-16, G13-1, G13-2, G13-4, design 4 (Destruction).
    """

    item: ItemId
    instrument: InstrumentId | None
    consignment: ConsignmentId | None
    manifest: HexDigest | None
    party: PartyCode
    to: PartyCode | None
    copies: Copies
    place: RegisterCode | None
    emergency: bool
    order: Act[DestructionOrder] | None
    beyond: Annotated[tuple[Beyond, ...], Meta(max_length=256)]
    at: Instant

    @property
    def is_whole(self) -> bool:
        """Whether the copy the item came as is among them: then it ends the item here."""
        return any(end.copy == FIRST_COPY for end in self.copies)


DestructionAct = Act[Destruction]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionProposal:
    """A first person proposed it; it waits for a second one."""

    item: ItemId
    by: PersonId
    order: Act[DestructionOrder]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionConfirmed:
    """It is decided: from here on the item is neither read nor released, and what a crash cut is finished."""

    item: ItemId
    by: PersonId
    act: DestructionAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedDestruction:
    """An emergency destruction that the log could not take, as the spare journal keeps it: UNRECORDED until it does."""

    by: PersonId
    act: DestructionAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDestroyed:
    """A copy is gone, here or at a partner, with its certificate. The register line and its slips stay (G13-5)."""

    item: ItemId
    party: PartyCode
    act: DestructionAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder:
    """What the first person signs: this item is to go back to whom it came from."""

    item: ItemId
    content_digest: HexDigest
    party: PartyCode
    to: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """An item is given back: signed by the second person around the first one's order.

    The content does not travel again: the originator says that it holds the very same, and takes custody back; then
    our key is destroyed.

    Source: G6-9, G13-3, A-17.
    """

    item: ItemId
    instrument: InstrumentId
    consignment: ConsignmentId
    manifest: HexDigest
    party: PartyCode
    to: PartyCode
    content_digest: HexDigest
    order: Act[ReturnOrder]
    at: Instant


ReturnAct = Act[Return]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """The originator's officer signs for what is given back: custody passes at `at`; or declines, and it stays there.

    Args:
        item: as in the return.
        returned: digest of the return it answers.
        party: the originator.
        to: who gave it back.
        taken: whether custody passes.
        at: when.

    Source: A-04, F-04, G13-3.
    """

    item: ItemId
    returned: HexDigest
    party: PartyCode
    to: PartyCode
    taken: bool
    at: Instant


TakeBackAct = Act[TakeBack]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnProposal:
    """A first person proposed to return it; it waits for a second one."""

    item: ItemId
    by: PersonId
    order: Act[ReturnOrder]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReturn:
    """An item is given back, by us or to us; `digest` is that of the act. It is under way until it is answered."""

    item: ItemId
    party: PartyCode
    digest: HexDigest
    act: ReturnAct
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAnswer:
    """A return was answered, by us or to us."""

    item: ItemId
    returned: HexDigest
    act: TakeBackAct
    at: Instant
