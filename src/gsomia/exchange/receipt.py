"""Receipts as log entries: what the sender expects in the recipient's shared log, and the check that it is there."""

from collections.abc import Mapping, Sequence

from gsomia import canon
from gsomia.audit import Event, InclusionReceipt, Leaf, SignedCheckpoint, choose_key, verify_receipt
from gsomia.exchange.errors import ExchangeError
from gsomia.ids import HexDigest
from gsomia.parties import HybridKey


def check_receipt(
    receipt: InclusionReceipt,
    *,
    origin: str,
    keys: Sequence[HybridKey],
    events: frozenset[Event],
    ids: Mapping[str, str],
    digest: str,
) -> tuple[Leaf, SignedCheckpoint]:
    """Prove that the recipient durably recorded what we sent; `keys` are those that may sign its log, newest first.

    1. The leaf is included under a checkpoint of the recipient's shared log with us.
    2. The leaf names one of the expected events.
    3. It names the digest and the ids we sent.

    Raises:
        AuditError: step 1, malformed.
        VerificationError: step 1, the proof or a signature does not hold.
        ExchangeError: step 2 or 3: someone else's receipt.

    Source: design 5 (A delivery receipt is a log entry).
    """
    # (1) proven under a signed checkpoint
    key = choose_key(receipt.checkpoint, origin=origin, keys=keys)
    leaf, checkpoint = verify_receipt(receipt, origin=origin, key=key)
    # (2) and (3) about what we sent
    if leaf.event not in events or leaf.digest != digest or any(leaf.ids.get(k) != v for k, v in ids.items()):
        raise ExchangeError("exchange/receipt-of-another", "the receipt is about something else")
    return leaf, checkpoint


def receipt_digest(receipt: InclusionReceipt) -> HexDigest:
    """How a receipt is named as evidence."""
    return canon.digest(receipt)
