"""The conversation between two nodes, without sockets: messages, outbox, inbox, receipts."""

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
    "IDLE_TRANSFER_S",
    "MAX_DECLARED_BYTES",
    "MAX_OPEN_BYTES",
    "MAX_OPEN_TRANSFERS",
    "TRANSITIONS",
    "Accepted",
    "Arrival",
    "Delivery",
    "DeliveryError",
    "DeliveryStage",
    "ExchangeError",
    "Hello",
    "Judgement",
    "MessageKind",
    "Outgoing",
    "Progress",
    "Refusal",
    "Reply",
    "ShareError",
    "Stage",
    "Transfer",
    "advance",
    "check_caps",
    "check_receipt",
    "judge_offer",
    "queue",
    "receipt_digest",
]
