"""The conversation between two nodes, without sockets: messages, outbox, inbox, receipts."""

from gsomia.exchange.bundle import (
    BUNDLE,
    BundleAnswer,
    BundleSeal,
    Frame,
    FrameKind,
    Tally,
    parse_head,
    parse_magic,
    print_frame,
    verify_seal,
)
from gsomia.exchange.bundle import HEAD_BYTES as BUNDLE_HEAD_BYTES
from gsomia.exchange.bundle import MAGIC as BUNDLE_MAGIC
from gsomia.exchange.errors import DeliveryError, ExchangeError, ShareError
from gsomia.exchange.inbox import (
    IDLE_TRANSFER_S,
    MAX_DECLARED_BYTES,
    MAX_OPEN_BYTES,
    MAX_OPEN_TRANSFERS,
    Arrival,
    Judgement,
    Transfer,
    check_caps,
    judge_offer,
)
from gsomia.exchange.messages import Accepted, Hello, Progress, Refusal, Reply
from gsomia.exchange.outbox import (
    TRANSITIONS,
    Delivery,
    DeliveryStage,
    MessageKind,
    Outgoing,
    Stage,
    advance,
    queue,
)
from gsomia.exchange.receipt import check_receipt, receipt_digest

__all__ = [
    "BUNDLE",
    "BUNDLE_HEAD_BYTES",
    "BUNDLE_MAGIC",
    "IDLE_TRANSFER_S",
    "MAX_DECLARED_BYTES",
    "MAX_OPEN_BYTES",
    "MAX_OPEN_TRANSFERS",
    "TRANSITIONS",
    "Accepted",
    "Arrival",
    "BundleAnswer",
    "BundleSeal",
    "Delivery",
    "DeliveryError",
    "DeliveryStage",
    "ExchangeError",
    "Frame",
    "FrameKind",
    "Hello",
    "Judgement",
    "MessageKind",
    "Outgoing",
    "Progress",
    "Refusal",
    "Reply",
    "ShareError",
    "Stage",
    "Tally",
    "Transfer",
    "advance",
    "check_caps",
    "check_receipt",
    "judge_offer",
    "parse_head",
    "parse_magic",
    "print_frame",
    "queue",
    "receipt_digest",
    "verify_seal",
]
