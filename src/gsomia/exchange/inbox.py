"""Intake: duplicates, conflicts, caps. Ids count within one sender."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import UNSET, UnsetType

from gsomia.exchange.errors import ExchangeError, ShareError
from gsomia.ids import ConsignmentId, Count, HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant

MAX_OPEN_TRANSFERS = 64
"""Unfinished consignments a partner may have here at once."""
MAX_DECLARED_BYTES = 64 << 30
"""What a partner may declare in one consignment."""
MAX_OPEN_BYTES = 128 << 30
"""What all its unfinished consignments may declare together: two of the largest."""
IDLE_TRANSFER_S = 900
"""A transfer in which nothing came for so long makes room for a new one of the same partner. The longest pause between
two attempts of an honest sender is a minute."""


class Judgement(StrEnum):
    """What an offer is to us."""

    NEW = "new"
    CONTINUED = "continued"
    ALREADY_RECEIVED = "already-received"
    ON_HOLD = "on-hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A consignment a partner has begun to send: verified and opened by intake, not yet all here."""

    consignment: ConsignmentId
    sender: PartyCode
    item: ItemId
    manifest: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A consignment was received whole, under an instrument; its log index and result never change.

    Source: G12-5, design 6.
    """

    consignment: ConsignmentId
    sender: PartyCode
    item: ItemId
    manifest: HexDigest
    log_index: Count
    at: Instant
    instrument: InstrumentId | UnsetType = UNSET


def judge_offer(
    *,
    consignment: ConsignmentId,
    manifest: HexDigest,
    transfer: Transfer | None,
    arrival: Arrival | None,
    on_hold: HexDigest | None = None,
) -> Judgement:
    """New, continued or already here. The same id with another manifest is refused and recorded.

    Args:
        consignment: its id.
        manifest: what is offered under it.
        transfer: what was begun under it.
        arrival: what was received under it.
        on_hold: the manifest of what came under it after the end (A-03).

    Raises:
        ExchangeError: the sender reused a consignment id.
    """
    before = on_hold or (arrival.manifest if arrival else None) or (transfer.manifest if transfer else None)
    if before is not None and before != manifest:
        raise ExchangeError(
            "exchange/id-reused",
            f"consignment `{consignment}` came before with another manifest",
            evidence={"first": before, "second": manifest},
        )
    if on_hold is not None:
        return Judgement.ON_HOLD
    if arrival is not None:
        return Judgement.ALREADY_RECEIVED
    return Judgement.CONTINUED if transfer is not None else Judgement.NEW


def check_caps(*, content_bytes: int, open_transfers: int, open_bytes: int) -> None:
    """Bound what a partner may have open here.

    Args:
        content_bytes: what the new consignment declares.
        open_transfers: how many of the partner's are unfinished here.
        open_bytes: what those declare together.

    Raises:
        ExchangeError: too large, now and later.
        ShareError: too much for now.

    Source: design 6 (Declared sizes and open transfers are capped per partner).
    """
    if content_bytes > MAX_DECLARED_BYTES:
        raise ExchangeError("exchange/declared-too-large", f"at most `{MAX_DECLARED_BYTES}` bytes in one consignment")
    if open_transfers >= MAX_OPEN_TRANSFERS:
        raise ShareError(
            "exchange/too-many-open",
            f"at most `{MAX_OPEN_TRANSFERS}` unfinished consignments",
            remedy="finish one before beginning another",
        )
    if open_bytes + content_bytes > MAX_OPEN_BYTES:
        raise ShareError(
            "exchange/too-much-open",
            f"unfinished consignments declare at most `{MAX_OPEN_BYTES}` bytes together",
            remedy="finish one before beginning another",
        )
