"""The balance between two registers: what each side holds of the other's, and a statement both sign over it.

Both sides see one item between them in the same word once every message is delivered: the sender from what went as
consignments, the recipient from what it received. So the list of those words is the same list on both sides, and its
digest can be signed by both without either showing its register.

Source: A-34, A-36, LEDGER-8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.ids import Count, HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act
from gsomia.registry.custody import CustodyKind
from gsomia.registry.lines import CopyLine, Place

BALANCE = "balance"


class Between(StrEnum):
    """How an item stands between sender and recipient, in words both can know."""

    UNDER_WAY = "under-way"
    """Released, and not signed for."""
    HELD = "held"
    """Signed for; the recipient looks after it."""
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


_OF_SENDER = {
    Place.IN_TRANSIT: Between.UNDER_WAY,
    Place.HANDED_ON: Between.HELD,
    Place.RETURNED: Between.RETURNED,
    Place.DESTROYED: Between.DESTROYED,
    Place.LOST: Between.LOST,
}
_OF_RECIPIENT = {
    Place.ARRIVED: Between.UNDER_WAY,
    Place.HELD: Between.HELD,
    Place.IN_TRANSIT: Between.HELD,  # on its way back it is the recipient's until the originator has signed
    Place.HANDED_ON: Between.HELD,
    Place.RETURNED: Between.RETURNED,
    Place.DESTROYED: Between.DESTROYED,
    Place.LOST: Between.LOST,
}
_MOST_ALIVE = (Between.HELD, Between.LOST, Between.RETURNED, Between.DESTROYED, Between.UNDER_WAY)
"""An item that went twice stands as its most living copy does; what is under way says nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """How many items stand so, in one direction."""

    sender: PartyCode
    state: Between
    items: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The statement that both sides sign: the same bytes, so the same digest.

    Args:
        instrument: under which the items went.
        parties: the two, sorted.
        list_digest: over every item that was signed for, and how it stands; see `digest_of`.
        tallies: how many stand so, both directions, sorted; what is under way is left out.

    Source: A-36.
    """

    instrument: InstrumentId
    parties: tuple[PartyCode, PartyCode]
    list_digest: HexDigest
    tallies: Annotated[tuple[Tallied, ...], Meta(max_length=16)]

    @property
    def held(self) -> int:
        """Items that one side still looks after for the other."""
        return sum(tally.items for tally in self.tallies if tally.state in {Between.HELD, Between.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBalance:
    """What a party says: this is the balance as our register has it."""

    balance: Balance
    party: PartyCode
    to: PartyCode
    at: Instant


SignedBalanceAct = Act[SignedBalance]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRecord:
    """A balance that was signed, by us or by the partner; with both, it is closed."""

    digest: HexDigest
    instrument: InstrumentId
    party: PartyCode
    partner: PartyCode
    act: SignedBalanceAct
    at: Instant


def stands_between(
    *, made: CustodyKind, place: Place, custodian: PartyCode, counterpart: PartyCode | None, us: PartyCode
) -> tuple[PartyCode, Between] | None:
    """Who sent a copy to whom, and how it stands between the two; None if it says nothing to the other side.

    Copies that were made and stay here are ours to count. What a paper register had of the other side's is looked after
    like what was received (G6-3, G21-5).
    """
    if counterpart is None:
        return None
    if made in {CustodyKind.RECEIVED, CustodyKind.CARRIED_OVER}:
        return counterpart, _OF_RECIPIENT[place]
    if place is Place.HELD or (place is Place.DESTROYED and custodian == us):
        return None  # it stays here, or was refused and never became the recipient's
    return us, _OF_SENDER[place]


def draw_balance(lines: Iterable[CopyLine], *, us: PartyCode, partner: PartyCode, instrument: InstrumentId) -> Balance:
    """The balance under an instrument, from every line between us and a partner.

    What came on paper before day zero is left out: the partner's register has no transmittal of it to compare with.

    Source: A-36, LEDGER-8.
    """
    stands: dict[tuple[PartyCode, ItemId], Between] = {}
    for line in lines:
        if (line.counterpart, line.instrument) != (partner, instrument) or line.made is CustodyKind.CARRIED_OVER:
            continue
        found = stands_between(made=line.made, place=line.place, custodian=line.custodian, counterpart=partner, us=us)
        if found is not None:
            sender, state = found
            before = stands.get((sender, line.item), Between.UNDER_WAY)
            stands[sender, line.item] = min(before, state, key=_MOST_ALIVE.index)
    settled = {key: state for key, state in stands.items() if state is not Between.UNDER_WAY}
    counted: dict[tuple[PartyCode, Between], int] = {}
    for (sender, _), state in settled.items():
        counted[sender, state] = counted.get((sender, state), 0) + 1
    first, second = sorted((us, partner))
    return Balance(
        instrument=instrument,
        parties=(first, second),
        list_digest=digest_of(settled),
        tallies=tuple(
            Tallied(sender=sender, state=state, items=items) for (sender, state), items in sorted(counted.items())
        ),
    )


def digest_of(stands: Mapping[tuple[PartyCode, ItemId], Between]) -> HexDigest:
    """SHA-256 over the canonical list of `sender item state`, sorted."""
    return canon.digest([f"{sender} {item} {state}" for (sender, item), state in sorted(stands.items())])
